//! The catalogue of resources: which lists Stripe has, and which of their fields get a column. The tables themselves are
//! in the store's `migrations/mirror`; a test holds the two together.

mod billing;
mod payments;
mod record;
mod shop;

use crate::kind::{Kind, KindId};

/// `account`
pub const ACCOUNT: KindId = KindId(0);
/// `product`
pub const PRODUCT: KindId = KindId(1);
/// `price`
pub const PRICE: KindId = KindId(2);
/// `terminal.location`
pub const LOCATION: KindId = KindId(3);
/// `terminal.reader`
pub const READER: KindId = KindId(4);
/// `tax_rate`
pub const TAX_RATE: KindId = KindId(5);
/// `coupon`
pub const COUPON: KindId = KindId(6);
/// `promotion_code`
pub const PROMOTION_CODE: KindId = KindId(7);
/// `customer`
pub const CUSTOMER: KindId = KindId(8);
/// `payment_intent`
pub const PAYMENT_INTENT: KindId = KindId(9);
/// `charge`
pub const CHARGE: KindId = KindId(10);
/// `refund`
pub const REFUND: KindId = KindId(11);
/// `balance_transaction`
pub const BALANCE_TRANSACTION: KindId = KindId(12);
/// `dispute`
pub const DISPUTE: KindId = KindId(13);
/// `payout`
pub const PAYOUT: KindId = KindId(14);
/// `checkout.session`
pub const CHECKOUT_SESSION: KindId = KindId(15);
/// `payment_link`
pub const PAYMENT_LINK: KindId = KindId(16);
/// `subscription`
pub const SUBSCRIPTION: KindId = KindId(17);
/// `subscription_item`
pub const SUBSCRIPTION_ITEM: KindId = KindId(18);
/// `invoice`
pub const INVOICE: KindId = KindId(19);
/// `line_item`
pub const INVOICE_LINE: KindId = KindId(20);
/// `invoice_payment`
pub const INVOICE_PAYMENT: KindId = KindId(21);
/// `invoiceitem`
pub const INVOICE_ITEM: KindId = KindId(22);
/// `credit_note`
pub const CREDIT_NOTE: KindId = KindId(23);
/// `setup_intent`
pub const SETUP_INTENT: KindId = KindId(24);
/// `payment_method`
pub const PAYMENT_METHOD: KindId = KindId(25);
/// `event`
pub const EVENT: KindId = KindId(26);
/// `anything else`
pub const OTHER: KindId = KindId(27);

/// Every kind, in the order of the constants above. The last one takes what is known to none of the others.
pub const ALL: &[Kind] = &[
    shop::ACCOUNT,
    shop::PRODUCT,
    shop::PRICE,
    shop::LOCATION,
    shop::READER,
    shop::TAX_RATE,
    shop::COUPON,
    shop::PROMOTION_CODE,
    shop::CUSTOMER,
    payments::PAYMENT_INTENT,
    payments::CHARGE,
    payments::REFUND,
    payments::BALANCE_TRANSACTION,
    payments::DISPUTE,
    payments::PAYOUT,
    payments::CHECKOUT_SESSION,
    payments::PAYMENT_LINK,
    billing::SUBSCRIPTION,
    billing::SUBSCRIPTION_ITEM,
    billing::INVOICE,
    billing::INVOICE_LINE,
    billing::INVOICE_PAYMENT,
    billing::INVOICE_ITEM,
    billing::CREDIT_NOTE,
    payments::SETUP_INTENT,
    payments::PAYMENT_METHOD,
    record::EVENT,
    record::OTHER,
];
