//! Every command with every role: what the table allows is not refused for the right, what it does not allow is.

use tillbook_mirror::Certificate;
use tillbook_till::view::{FindInput, RefundReason, Right, Role, SalesQuery};
use tillbook_till::{Approver, Code, LineInput, RefundAsked, Signed, Till, TillError, rights_of};

use crate::shop::{PIN, Shop};

type Command =
    (&'static str, Right, Box<dyn Fn(&Till, &Signed, &tokio::runtime::Runtime) -> Result<(), TillError>>);

fn refund_asked(approver: Option<Approver>) -> RefundAsked {
    RefundAsked {
        sale_id: "none".to_owned(),
        amount_minor: None,
        reason: RefundReason::RequestedByCustomer,
        detail: None,
        approver,
    }
}

/// A command, the right it names, and a way to call it. A new command belongs in here.
macro_rules! commands {
    ($($name:literal needs $right:ident: |$till:ident, $by:ident, $run:ident| $call:expr;)+) => {
        vec![$(($name, Right::$right, Box::new(
            #[allow(unused_variables)]
            |$till: &Till, $by: &Signed, $run: &tokio::runtime::Runtime| $call.map(|_| ())
        ) as _)),+]
    };
}

fn commands() -> Vec<Command> {
    commands! {
        "catalogue" needs Sell: |till, by, run| till.catalogue(by, "", None, 0, 10);
        "categories" needs Sell: |till, by, run| till.categories(by);
        "item" needs Sell: |till, by, run| till.item(by, "price_0");
        "scan" needs Sell: |till, by, run| till.scan(by, "nothing");
        "sale_current" needs Sell: |till, by, run| till.sale_current(by);
        "sale_add" needs Sell: |till, by, run| till.sale_add(by, "none", 1);
        "sale_ring_up" needs Sell: |till, by, run| till.sale_ring_up(by, &[LineInput { price_id: "none".to_owned(), quantity: 1 }]);
        "sale_set_quantity" needs Sell: |till, by, run| till.sale_set_quantity(by, "none", 1);
        "sale_void" needs Sell: |till, by, run| till.sale_void(by);
        "sale_void_of" needs Sell: |till, by, run| till.sale_void_of(by, "none");
        "sale_park" needs Sell: |till, by, run| till.sale_park(by);
        "sale_parked" needs Sell: |till, by, run| till.sale_parked(by);
        "sale_resume" needs Sell: |till, by, run| till.sale_resume(by, "none");
        "pay_cash" needs TakePayment: |till, by, run| till.pay_cash(by, "none", 1);
        "readers" needs TakePayment: |till, by, run| till.readers(by);
        "pay_card_start" needs TakePayment: |till, by, run| till.pay_card_start(by, "none", None);
        "pay_card_part_start" needs TakePayment: |till, by, run| till.pay_card_part_start(by, "none", 1, None);
        "payment_try_again" needs TakePayment: |till, by, run| till.payment_try_again(by, "none");
        "payment_cancel" needs TakePayment: |till, by, run| run.block_on(till.payment_cancel(by, "none"));
        "sale" needs SeeSales: |till, by, run| till.sale(by, "none");
        "sales" needs SeeSales: |till, by, run| till.sales(by, &SalesQuery::default());
        "find" needs SeeSales: |till, by, run| till.find(by, &FindInput { text: String::new(), kind: None, limit: 1 });
        "record" needs SeeSales: |till, by, run| till.record(by, "none");
        "refund" needs Refund: |till, by, run| run.block_on(till.refund(by, &refund_asked(None)));
        "may_export" needs Export: |till, by, run| till.may_export(by);
        "note_export" needs Export: |till, by, run| till.note_export(by, serde_json::Map::new());
        "journal_check" needs Verify: |till, by, run| till.journal_check(by);
        "may_sync" needs Sync: |till, by, run| till.may_sync(by);
        "may_certify" needs Verify: |till, by, run| till.may_certify(by);
        "may_check_all" needs Administer: |till, by, run| till.may_check_all(by);
        "note_certificate" needs Verify: |till, by, run| till.note_certificate(by, &Certificate::default());
        "note_full_check" needs Administer: |till, by, run| till.note_full_check(by, 12);
        "note_hurry" needs Administer: |till, by, run| till.note_hurry(by);
        "pause_copy" needs Administer: |till, by, run| till.pause_copy(by);
        "go_on_with_copy" needs Administer: |till, by, run| till.go_on_with_copy(by);
        "receiver_on" needs Administer: |till, by, run| till.receiver_on(by, 4242, "whsec_0123456789abcdef");
        "receiver_off" needs Administer: |till, by, run| till.receiver_off(by);
        "staff_add" needs Administer: |till, by, run| till.staff_add(by, "Bob", Role::Cashier, PIN);
    }
}

#[test]
fn every_command_asks_for_its_right() {
    let (shop, _) = Shop::alone();
    let run = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let nobody = shop.house.till.unattended();
    for (name, right, call) in commands() {
        for (by, role) in
            [(&shop.ada, Role::Manager), (&shop.bob, Role::Cashier), (&shop.eve, Role::Accountant)]
        {
            let answer = call(&shop.house.till, by, &run);
            let refused = matches!(&answer, Err(TillError::NotAllowed { .. }));
            assert_eq!(refused, !rights_of(role).contains(&right), "{name} by {role:?}: {answer:?}");
        }
        let answer = call(&shop.house.till, &nobody, &run);
        let refused = matches!(&answer, Err(TillError::SignedOut));
        assert_eq!(refused, !nobody.rights().contains(&right), "{name} by nobody: {answer:?}");
    }
}

#[test]
fn a_cashier_refunds_with_a_manager_s_pin_and_both_are_remembered() {
    let (shop, _) = Shop::alone();
    let run = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let till = &shop.house.till;
    let sale = till.sale_add(&shop.bob, "price_0", 1).unwrap();
    till.pay_cash(&shop.bob, &sale.id, 250).unwrap();
    let ask = |staff: &str, pin: &str| RefundAsked {
        sale_id: sale.id.clone(),
        ..refund_asked(Some(Approver { staff: staff.to_owned(), pin: pin.to_owned() }))
    };
    let wrong = run.block_on(till.refund(&shop.bob, &ask("Ada", "0000"))).unwrap_err();
    assert_eq!(wrong.code(), Code::PinWrong);
    let powerless = run.block_on(till.refund(&shop.bob, &ask("Bob", PIN))).unwrap_err();
    assert_eq!(powerless.code(), Code::NotAllowed);
    let accountant = run.block_on(till.refund(&shop.eve, &ask("Ada", PIN))).unwrap_err();
    assert_eq!(accountant.code(), Code::NotAllowed);
    let sale = run.block_on(till.refund(&shop.bob, &ask("Ada", PIN))).unwrap();
    assert_eq!((sale.refunds[0].refunded_by.as_str(), sale.refunds[0].approved_by.as_str()), ("Bob", "Ada"));
}

#[test]
fn somebody_of_another_till_is_nobody_here() {
    let (here, _) = Shop::alone();
    let (elsewhere, _) = Shop::alone();
    let refused = here.house.till.sale_current(&elsewhere.ada).unwrap_err();
    assert_eq!(refused.code(), Code::SignedOut);
}
