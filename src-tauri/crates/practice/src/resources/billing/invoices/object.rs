//! An invoice as it is answered, and what it comes to.

use serde_json::{Value, json};

use super::INVOICE;
use crate::api::params::{int, set, text};
use crate::resources::billing::lines;
use crate::resources::customers::CUSTOMER;
use crate::world::World;

/// A draft without a line.
pub(crate) fn blank(world: &mut World, customer: &Value, currency: &str, reason: &str) -> Value {
    let (id, now) = (world.id(INVOICE), world.now());
    let mut invoice = json!({
        "id": id,
        "object": "invoice",
        "account_country": "US",
        "account_name": "Lantern Books",
        "account_tax_ids": null,
        "amount_due": 0,
        "amount_overpaid": 0,
        "amount_paid": 0,
        "amount_paid_off_stripe": 0,
        "amount_remaining": 0,
        "amount_shipping": 0,
        "application": null,
        "attempt_count": 0,
        "attempted": false,
        "auto_advance": false,
        "automatic_tax": { "disabled_reason": null, "enabled": false, "liability": null, "provider": null, "status": null },
        "automatically_finalizes_at": null,
        "billing_reason": reason,
        "collection_method": "charge_automatically",
        "created": now,
        "currency": currency,
        "custom_fields": null,
        "default_payment_method": null,
        "default_source": null,
        "default_tax_rates": [],
        "description": null,
        "discounts": [],
        "due_date": null,
        "effective_at": null,
        "ending_balance": null,
        "footer": null,
        "from_invoice": null,
        "hosted_invoice_url": null,
        "invoice_pdf": null,
        "issuer": { "type": "self" },
        "last_finalization_error": null,
        "latest_revision": null,
        "lines": { "object": "list", "data": [], "has_more": false, "url": format!("/v1/invoices/{id}/lines") },
        "livemode": false,
        "metadata": {},
        "next_payment_attempt": null,
        "number": null,
        "on_behalf_of": null,
        "parent": null,
        "payment_settings": { "default_mandate": null, "payment_method_options": null, "payment_method_types": null },
        "period_end": now,
        "period_start": now,
        "post_payment_credit_notes_amount": 0,
        "pre_payment_credit_notes_amount": 0,
        "receipt_number": null,
        "rendering": null,
        "shipping_cost": null,
        "shipping_details": null,
        "starting_balance": 0,
        "statement_descriptor": null,
        "status": "draft",
        "status_transitions": { "finalized_at": null, "marked_uncollectible_at": null, "paid_at": null, "voided_at": null },
        "subtotal": 0,
        "subtotal_excluding_tax": 0,
        "total": 0,
        "total_discount_amounts": [],
        "total_excluding_tax": 0,
        "total_pretax_credit_amounts": [],
        "total_taxes": [],
        "webhooks_delivered_at": now,
    });
    addressed(&mut invoice, customer);
    invoice
}

/// Whom an invoice is for, as the customer was when it was made.
fn addressed(invoice: &mut Value, customer: &Value) {
    set(invoice, "customer", customer["id"].clone());
    set(invoice, "customer_account", Value::Null);
    set(invoice, "customer_tax_ids", json!([]));
    set(invoice, "test_clock", customer["test_clock"].clone());
    for name in ["address", "email", "name", "phone", "shipping", "tax_exempt"] {
        set(invoice, &format!("customer_{name}"), customer[name].clone());
    }
}

/// The customer of an invoice.
pub(crate) fn customer_of(world: &World, invoice: &Value) -> Value {
    world.look(CUSTOMER, text(invoice, "customer")).unwrap_or(Value::Null)
}

/// What is to be paid once the customer's balance is taken into account, and what is left of the balance then.
fn against_balance(total: i64, balance: i64, currency: &str) -> (i64, i64) {
    let sum = total + balance;
    match sum {
        due if due <= 0 => (0, due),
        // Too little to charge is owed until the next invoice.
        due if due < crate::facts::minimum(currency) => (0, due),
        due => (due, 0),
    }
}

/// Reckons a draft anew.
pub(crate) fn reckon(world: &mut World, invoice: &mut Value) -> i64 {
    lines::reckon(world, invoice);
    let balance = int(&customer_of(world, invoice), "balance");
    let (due, ending) = against_balance(int(invoice, "total"), balance, text(invoice, "currency"));
    set(invoice, "starting_balance", balance);
    set(invoice, "amount_due", due);
    set(invoice, "amount_remaining", due);
    ending
}

#[cfg(test)]
mod tests {
    use super::against_balance;

    #[test]
    fn a_balance_is_used_up_or_grows() {
        assert_eq!(against_balance(2000, -500, "usd"), (1500, 0));
        assert_eq!(against_balance(2000, -5000, "usd"), (0, -3000));
        assert_eq!(against_balance(-700, 0, "usd"), (0, -700));
        assert_eq!(against_balance(20, 0, "usd"), (0, 20));
        assert_eq!(against_balance(1000, 300, "usd"), (1300, 0));
    }
}
