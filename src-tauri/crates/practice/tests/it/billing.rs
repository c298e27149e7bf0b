//! Tax rates, coupons, invoice items, invoices and credit notes.

use serde_json::Value;

use crate::shop::Shop;

/// A customer whose default card is this one.
pub async fn customer(shop: &Shop, card: &str, extra: &[(&str, &str)]) -> String {
    let customer = shop
        .post("/v1/customers", &[&[("email", "ada@example.com"), ("name", "Ada")], extra].concat())
        .await
        .ok()
        .id();
    if !card.is_empty() {
        let method = shop
            .post(&format!("/v1/payment_methods/{card}/attach"), &[("customer", &customer)])
            .await
            .ok()
            .id();
        let default = [("invoice_settings[default_payment_method]", method.as_str())];
        shop.post(&format!("/v1/customers/{customer}"), &default).await.ok();
    }
    customer
}

/// A whole number, and one that nothing is where there is none.
fn number(json: &Value, pointer: &str) -> i64 {
    json.pointer(pointer).and_then(Value::as_i64).unwrap_or(i64::MIN)
}

async fn item(shop: &Shop, customer: &str, amount: &str, extra: &[(&str, &str)]) -> String {
    let form =
        [&[("customer", customer), ("amount", amount), ("currency", "usd"), ("description", "Work")], extra]
            .concat();
    shop.post("/v1/invoiceitems", &form).await.ok().id()
}

/// A draft with one pending item of so much.
async fn draft(shop: &Shop, customer: &str, amount: &str, extra: &[(&str, &str)]) -> String {
    item(shop, customer, amount, &[]).await;
    let form = [&[("customer", customer), ("pending_invoice_items_behavior", "include")], extra].concat();
    shop.post("/v1/invoices", &form).await.ok().id()
}

#[tokio::test]
async fn tax_rates_are_made_and_kept_in_bounds() {
    let shop = Shop::start();
    let form = [
        ("display_name", "VAT"),
        ("inclusive", "false"),
        ("percentage", "19.5"),
        ("country", "DE"),
        ("tax_type", "vat"),
    ];
    let rate = shop.post("/v1/tax_rates", &form).await.ok();
    assert_eq!(rate.json["percentage"].to_string(), "19.5");
    let path = format!("/v1/tax_rates/{}", rate.id());
    let mark = shop.newest_event().await;
    assert_eq!(
        shop.post(&path, &[("active", "false"), ("metadata[a]", "b")]).await.ok().json["active"],
        false
    );
    assert_eq!(shop.events_after(&mark).await, ["tax_rate.updated"]);
    assert_eq!(shop.get(&path).await.ok().text("/metadata/a"), "b");
    assert_eq!(shop.get("/v1/tax_rates?active=true").await.ok().json["data"], serde_json::json!([]));
    shop.post("/v1/tax_rates", &[("display_name", "x"), ("inclusive", "true"), ("percentage", "101")])
        .await
        .refused(400, "", "percentage");
    shop.post("/v1/tax_rates", &[("display_name", "x"), ("inclusive", "true")]).await.refused(
        400,
        "parameter_missing",
        "percentage",
    );
    shop.get("/v1/tax_rates/txr_none").await.refused(404, "resource_missing", "tax_rate");
}

#[tokio::test]
async fn coupons_say_one_thing_and_run_out() {
    let shop = Shop::start();
    let both = [("percent_off", "10"), ("amount_off", "5"), ("currency", "usd")];
    shop.post("/v1/coupons", &both).await.refused(400, "parameters_exclusive", "percent_off");
    shop.post("/v1/coupons", &[("duration", "once")]).await.refused(400, "parameter_missing", "percent_off");
    shop.post("/v1/coupons", &[("amount_off", "5")]).await.refused(400, "parameter_missing", "currency");
    shop.post("/v1/coupons", &[("percent_off", "101")]).await.refused(400, "", "percent_off");
    shop.post("/v1/coupons", &[("percent_off", "1"), ("duration", "repeating")]).await.refused(
        400,
        "",
        "duration_in_months",
    );
    let coupon = shop
        .post("/v1/coupons", &[("id", "TEA"), ("percent_off", "25.5"), ("max_redemptions", "1")])
        .await
        .ok();
    assert_eq!((coupon.text("/duration"), coupon.id().as_str()), ("once", "TEA"));
    shop.post("/v1/coupons", &[("id", "TEA"), ("percent_off", "5")]).await.refused(
        400,
        "resource_already_exists",
        "id",
    );
    let code = shop
        .post(
            "/v1/promotion_codes",
            &[("promotion[type]", "coupon"), ("promotion[coupon]", "TEA"), ("code", "FALL20")],
        )
        .await
        .ok();
    assert_eq!(
        shop.get("/v1/promotion_codes?code=fall20&expand[]=data.promotion.coupon")
            .await
            .ok()
            .text("/data/0/promotion/coupon/id"),
        "TEA"
    );
    let again = [("promotion[type]", "coupon"), ("promotion[coupon]", "TEA"), ("code", "fall20")];
    shop.post("/v1/promotion_codes", &again).await.refused(400, "", "code");
    let customer = customer(&shop, "pm_card_visa", &[]).await;
    let invoice = draft(&shop, &customer, "1000", &[("discounts[0][promotion_code]", &code.id())]).await;
    let shown = shop.get(&format!("/v1/invoices/{invoice}?expand[]=discounts.source.coupon")).await.ok();
    assert_eq!(
        (number(&shown.json, "/total"), number(&shown.json, "/total_discount_amounts/0/amount")),
        (745, 255)
    );
    assert_eq!(shown.text("/discounts/0/source/coupon/id"), "TEA");
    assert_eq!(shop.get(&format!("/v1/promotion_codes/{}", code.id())).await.ok().json["times_redeemed"], 1);
    assert_eq!(shop.post("/v1/coupons/TEA", &[("name", "Tea time")]).await.ok().text("/name"), "Tea time");
    let used = shop.get("/v1/coupons/TEA").await.ok();
    assert_eq!((number(&used.json, "/times_redeemed"), used.json["valid"].as_bool()), (1, Some(false)));
    let other = draft(&shop, &customer, "500", &[]).await;
    let path = format!("/v1/invoices/{other}");
    shop.post(&path, &[("discounts[0][coupon]", "TEA")]).await.refused(
        400,
        "coupon_expired",
        "discounts[0][coupon]",
    );
    assert_eq!(shop.delete("/v1/coupons/TEA").await.ok().json["deleted"], true);
    let kept = shop.post(&format!("/v1/invoices/{invoice}"), &[("description", "Thanks")]).await.ok();
    assert_eq!(number(&kept.json, "/total"), 745, "a discount outlives its coupon");
    shop.get("/v1/coupons/TEA").await.refused(404, "resource_missing", "coupon");
    assert_eq!(
        shop.post(&format!("/v1/promotion_codes/{}", code.id()), &[("active", "false")]).await.ok().json["active"],
        false
    );
    assert_eq!(shop.get("/v1/coupons").await.ok().json["data"], serde_json::json!([]));
}

#[tokio::test]
async fn a_coupon_ends_when_it_said_it_would() {
    let shop = Shop::start();
    let by = (crate::shop::NOW_S + 60).to_string();
    shop.post(
        "/v1/coupons",
        &[("id", "SOON"), ("amount_off", "100"), ("currency", "usd"), ("redeem_by", &by)],
    )
    .await
    .ok();
    shop.clock.advance_ms(61_000);
    assert_eq!(shop.get("/v1/coupons/SOON").await.ok().json["valid"], false);
}

#[tokio::test]
async fn a_draft_is_reckoned_finalized_and_paid() {
    let shop = Shop::start();
    let customer = customer(&shop, "pm_card_visa", &[]).await;
    let rate = |inclusive: &'static str, percent: &'static str| {
        let shop = &shop;
        async move {
            let form = [("display_name", "Tax"), ("inclusive", inclusive), ("percentage", percent)];
            shop.post("/v1/tax_rates", &form).await.ok().id()
        }
    };
    let (on_top, within) = (rate("false", "10").await, rate("true", "25").await);
    shop.post("/v1/coupons", &[("id", "OFF"), ("amount_off", "300"), ("currency", "usd")]).await.ok();
    item(&shop, &customer, "2000", &[("tax_rates[0]", &on_top)]).await;
    let second = item(&shop, &customer, "1000", &[]).await;
    assert_eq!(
        shop.get(&format!("/v1/invoiceitems?customer={customer}&pending=true")).await.ok().json["data"]
            .as_array()
            .map(Vec::len),
        Some(2)
    );
    let mark = shop.newest_event().await;
    let form = [
        ("customer", customer.as_str()),
        ("pending_invoice_items_behavior", "include"),
        ("default_tax_rates[0]", &within),
        ("discounts[0][coupon]", "OFF"),
    ];
    let invoice = shop.post("/v1/invoices", &form).await.ok();
    assert_eq!(shop.events_after(&mark).await, ["coupon.updated", "invoice.created"]);
    // 3000 less 300, shared 200 and 100; 10 % on 1800; a fifth of 900 is within.
    assert_eq!((number(&invoice.json, "/subtotal"), number(&invoice.json, "/total")), (3000, 2880));
    let tax = |place: usize| number(&invoice.json, &format!("/total_taxes/{place}/amount"));
    assert_eq!((tax(0), tax(1)), (180, 180));
    let path = format!("/v1/invoices/{}", invoice.id());
    let lines = shop.get(&format!("{path}/lines?limit=1")).await.ok();
    assert_eq!(lines.json["has_more"], true);
    shop.post(&format!("/v1/invoiceitems/{second}"), &[("quantity", "3")]).await.ok();
    assert_eq!(number(&shop.get(&format!("/v1/invoiceitems/{second}")).await.ok().json, "/amount"), 3000);
    assert_eq!(number(&shop.get(&path).await.ok().json, "/subtotal"), 5000);
    assert_eq!(shop.delete(&format!("/v1/invoiceitems/{second}")).await.ok().json["deleted"], true);
    assert_eq!(number(&shop.get(&path).await.ok().json, "/total"), 1870);
    let open = shop.post(&format!("{path}/finalize"), &[]).await.ok();
    assert_eq!((open.text("/status"), number(&open.json, "/amount_remaining")), ("open", 1870));
    assert!(
        open.text("/number").ends_with("-0001")
            && open.text("/hosted_invoice_url").starts_with(&shop.running.base_url)
    );
    shop.post(&format!("{path}/finalize"), &[]).await.refused(400, "invoice_not_editable", "");
    shop.post(&path, &[("description", "late")]).await.refused(400, "invoice_not_editable", "");
    let mark = shop.newest_event().await;
    let paid = shop
        .post(&format!("{path}/pay"), &[("expand[0]", "payments.data.payment.payment_intent")])
        .await
        .ok();
    assert_eq!((paid.text("/status"), number(&paid.json, "/amount_paid")), ("paid", 1870));
    assert_eq!(paid.text("/payments/data/0/payment/payment_intent/status"), "succeeded");
    let told = shop.events_after(&mark).await;
    for name in [
        "invoice_payment.paid",
        "invoice.updated",
        "invoice.paid",
        "invoice.payment_succeeded",
        "payment_intent.succeeded",
    ] {
        assert!(told.iter().any(|found| found == name), "{name} is missing from {told:?}");
    }
    assert_eq!(shop.post(&format!("{path}/pay"), &[]).await.status, 400);
    let payments = shop.get(&format!("/v1/invoice_payments?invoice={}&status=paid", invoice.id())).await.ok();
    assert_eq!(
        shop.get(&format!("/v1/invoiceitems?invoice={}", invoice.id())).await.ok().json["data"]
            .as_array()
            .map(Vec::len),
        Some(1)
    );
    shop.clock.advance_ms(20_000);
    let found = shop.get(&format!("/v1/invoices/search?query=customer%3A%22{customer}%22")).await.ok();
    assert_eq!(found.text("/data/0/id"), invoice.id());
    let payment = payments.text("/data/0/id").to_owned();
    assert_eq!(shop.get(&format!("/v1/invoice_payments/{payment}")).await.ok().text("/status"), "paid");
    assert_eq!(
        shop.get(&format!("/v1/invoices?customer={customer}&status=paid")).await.ok().json["data"]
            .as_array()
            .map(Vec::len),
        Some(1)
    );
}

#[tokio::test]
async fn an_invoice_may_not_be_payable() {
    let shop = Shop::start();
    let owner = customer(&shop, "pm_card_chargeCustomerFail", &[]).await;
    let invoice = draft(&shop, &owner, "1500", &[]).await;
    let path = format!("/v1/invoices/{invoice}");
    let declined = shop.post(&format!("{path}/pay"), &[]).await.refused(402, "card_declined", "");
    assert_eq!(declined.text("/error/payment_intent/status"), "requires_payment_method");
    let open = shop.get(&path).await.ok();
    assert_eq!((open.text("/status"), number(&open.json, "/attempt_count")), ("open", 1));
    assert_eq!(shop.get(&format!("/v1/customers/{owner}")).await.ok().json["delinquent"], true);
    // Another card that asks its owner first.
    let asks = shop
        .post("/v1/payment_methods/pm_card_authenticationRequired/attach", &[("customer", &owner)])
        .await
        .ok()
        .id();
    shop.post(&format!("{path}/pay"), &[("payment_method", &asks)]).await.refused(
        402,
        "authentication_required",
        "",
    );
    let asked =
        shop.post(&format!("{path}/pay"), &[("payment_method", &asks), ("off_session", "false")]).await;
    let asked = asked.refused(402, "invoice_payment_intent_requires_action", "");
    let intent = asked.text("/error/payment_intent/id").to_owned();
    let secret = shop.get(&format!("{path}?expand[]=confirmation_secret")).await.ok();
    assert!(secret.text("/confirmation_secret/client_secret").starts_with(&intent));
    let mark = shop.newest_event().await;
    let pass =
        shop.request(reqwest::Method::POST, &format!("/_practice/payments/{intent}")).body("outcome=pass");
    assert_eq!(shop.send(pass).await.status, 200);
    assert_eq!(shop.get(&path).await.ok().text("/status"), "paid", "authenticating pays the invoice");
    assert!(shop.events_after(&mark).await.contains(&"invoice.paid".to_owned()));
    let bare = customer(&shop, "", &[]).await;
    let invoice = draft(&shop, &bare, "1500", &[]).await;
    shop.post(&format!("/v1/invoices/{invoice}/pay"), &[]).await.refused(400, "resource_missing", "");
    let foreign = [("payment_method", asks.as_str())];
    shop.post(&format!("/v1/invoices/{invoice}/pay"), &foreign).await.refused(
        400,
        "resource_missing",
        "payment_method",
    );
    shop.post("/v1/invoices", &[("customer", "cus_none")]).await.refused(400, "resource_missing", "customer");
    shop.get("/v1/invoices/in_none").await.refused(404, "resource_missing", "invoice");
}

#[tokio::test]
async fn invoices_end_in_other_ways_too() {
    let shop = Shop::start();
    let owner = customer(&shop, "", &[]).await;
    let sent =
        draft(&shop, &owner, "1500", &[("collection_method", "send_invoice"), ("days_until_due", "7")]).await;
    let mark = shop.newest_event().await;
    let open = shop.post(&format!("/v1/invoices/{sent}/send"), &[]).await.ok();
    assert_eq!(
        (open.text("/status"), number(&open.json, "/due_date")),
        ("open", crate::shop::NOW_S + 7 * 86_400)
    );
    assert!(shop.events_after(&mark).await.contains(&"invoice.sent".to_owned()));
    let mark = shop.newest_event().await;
    shop.clock.advance_ms(8 * 86_400_000);
    shop.get("/v1/invoices").await.ok();
    assert_eq!(shop.events_after(&mark).await, ["invoice.overdue"]);
    let path = format!("/v1/invoices/{sent}");
    assert_eq!(
        shop.post(&format!("{path}/mark_uncollectible"), &[]).await.ok().text("/status"),
        "uncollectible"
    );
    let void = shop.post(&format!("{path}/void"), &[]).await.ok();
    assert_eq!(void.text("/status"), "void");
    assert_eq!(shop.post(&format!("{path}/pay"), &[]).await.status, 400);
    let payments = shop
        .get(&format!("/v1/invoice_payments?invoice={sent}&expand[]=data.payment.payment_intent"))
        .await
        .ok();
    assert_eq!(
        (payments.text("/data/0/status"), payments.text("/data/0/payment/payment_intent/status")),
        ("canceled", "canceled")
    );
    let cash = draft(&shop, &owner, "900", &[]).await;
    let paid = shop.post(&format!("/v1/invoices/{cash}/pay"), &[("paid_out_of_band", "true")]).await.ok();
    assert_eq!((paid.text("/status"), number(&paid.json, "/amount_paid_off_stripe")), ("paid", 900));
    let thrown = draft(&shop, &owner, "800", &[]).await;
    assert_eq!(shop.delete(&format!("/v1/invoices/{thrown}")).await.ok().json["deleted"], true);
    assert_eq!(shop.delete(&format!("/v1/invoices/{cash}")).await.status, 400);
    // The item waits again, and a preview shows it without taking it.
    let preview = shop.post("/v1/invoices/create_preview", &[("customer", &owner)]).await.ok();
    assert_eq!((number(&preview.json, "/total"), preview.text("/status")), (800, "draft"));
    assert_eq!(
        shop.get(&format!("/v1/invoiceitems?customer={owner}&pending=true")).await.ok().json["data"]
            .as_array()
            .map(Vec::len),
        Some(1)
    );
    // Money the shop owes is taken off first.
    shop.post(&format!("/v1/customers/{owner}"), &[("balance", "-1000")]).await.ok();
    let free = shop
        .post("/v1/invoices", &[("customer", &owner), ("pending_invoice_items_behavior", "include")])
        .await
        .ok();
    let free = shop.post(&format!("/v1/invoices/{}/finalize", free.id()), &[]).await.ok();
    assert_eq!(
        (free.text("/status"), number(&free.json, "/amount_due"), number(&free.json, "/ending_balance")),
        ("paid", 0, -200)
    );
    assert_eq!(number(&shop.get(&format!("/v1/customers/{owner}")).await.ok().json, "/balance"), -200);
    let late = [("customer", owner.as_str()), ("days_until_due", "3")];
    shop.post("/v1/invoices", &late).await.refused(400, "", "days_until_due");
    shop.post("/v1/invoices", &[("customer", &owner), ("collection_method", "send_invoice")])
        .await
        .refused(400, "", "due_date");
}

#[tokio::test]
async fn a_draft_that_advances_collects_itself() {
    let shop = Shop::start();
    let owner = customer(&shop, "pm_card_visa", &[]).await;
    let invoice = draft(&shop, &owner, "1500", &[("auto_advance", "true")]).await;
    shop.clock.advance_ms(3_601_000);
    let paid = shop.get(&format!("/v1/invoices/{invoice}")).await.ok();
    assert_eq!((paid.text("/status"), number(&paid.json, "/attempt_count")), ("paid", 1));
}

#[tokio::test]
async fn credit_notes_reduce_or_give_back() {
    let shop = Shop::start();
    let owner = customer(&shop, "pm_card_visa", &[]).await;
    let invoice = draft(&shop, &owner, "3000", &[]).await;
    let path = format!("/v1/invoices/{invoice}");
    shop.post("/v1/credit_notes", &[("invoice", &invoice), ("amount", "1")])
        .await
        .refused(400, "", "invoice");
    shop.post(&format!("{path}/finalize"), &[]).await.ok();
    let line = shop.get(&path).await.ok().text("/lines/data/0/id").to_owned();
    shop.post("/v1/credit_notes", &[("invoice", &invoice), ("amount", "3001")])
        .await
        .refused(400, "", "amount");
    let preview = format!(
        "/v1/credit_notes/preview?invoice={invoice}&lines[0][type]=invoice_line_item&lines[0][invoice_line_item]={line}&lines[0][amount]=500"
    );
    assert_eq!(number(&shop.get(&preview).await.ok().json, "/total"), 500);
    let lines = preview.replace("preview?", "preview/lines?");
    assert_eq!(shop.get(&lines).await.ok().text("/data/0/invoice_line_item"), line);
    let form = [
        ("invoice", invoice.as_str()),
        ("lines[0][type]", "invoice_line_item"),
        ("lines[0][invoice_line_item]", &line),
        ("lines[0][amount]", "500"),
        ("reason", "order_change"),
    ];
    let note = shop.post("/v1/credit_notes", &form).await.ok();
    assert_eq!((note.text("/type"), note.text("/status")), ("pre_payment", "issued"));
    assert_eq!(number(&shop.get(&path).await.ok().json, "/amount_remaining"), 2500);
    let of_note = format!("/v1/credit_notes/{}", note.id());
    assert_eq!(
        shop.get(&format!("{of_note}/lines")).await.ok().json["data"].as_array().map(Vec::len),
        Some(1)
    );
    assert_eq!(shop.post(&of_note, &[("memo", "Sorry")]).await.ok().text("/memo"), "Sorry");
    assert_eq!(shop.post(&format!("{of_note}/void"), &[]).await.ok().text("/status"), "void");
    assert_eq!(shop.post(&format!("{path}/pay"), &[]).await.ok().json["amount_paid"], 3000);
    let short = [("invoice", invoice.as_str()), ("amount", "1000"), ("refund_amount", "600")];
    shop.post("/v1/credit_notes", &short).await.refused(400, "", "amount");
    let given = [&short[..], &[("credit_amount", "400")]].concat();
    let given = shop.post("/v1/credit_notes", &given).await.ok();
    assert_eq!(number(&given.json, "/refunds/0/amount_refunded"), 600);
    assert_eq!(number(&shop.get(&format!("/v1/customers/{owner}")).await.ok().json, "/balance"), -400);
    assert_eq!(number(&shop.get(&path).await.ok().json, "/post_payment_credit_notes_amount"), 1000);
    assert_eq!(shop.post(&format!("/v1/credit_notes/{}/void", given.id()), &[]).await.status, 400);
    assert_eq!(
        shop.get(&format!("/v1/credit_notes?invoice={invoice}")).await.ok().json["data"]
            .as_array()
            .map(Vec::len),
        Some(2)
    );
    assert_eq!(shop.get(&of_note).await.ok().id(), note.id());
}

#[tokio::test]
async fn an_invoice_has_a_page_to_pay_it_on() {
    let shop = Shop::start();
    let owner = customer(&shop, "", &[]).await;
    let invoice = draft(&shop, &owner, "1500", &[("description", "<b>Tea</b>")]).await;
    let open = shop.post(&format!("/v1/invoices/{invoice}/finalize"), &[]).await.ok();
    let url = open.text("/hosted_invoice_url");
    let page = reqwest::get(url).await.expect("a page").text().await.expect("its text");
    assert!(page.contains("$15.00") && page.contains(open.text("/number")) && page.contains("&lt;b&gt;Tea"));
    let pay = |card: &'static str| {
        reqwest::Client::new()
            .post(url)
            .header("content-type", "application/x-www-form-urlencoded")
            .body(format!("card={card}"))
            .send()
    };
    let declined = pay("pm_card_visa_chargeDeclined").await.expect("a page").text().await.expect("its text");
    assert!(declined.contains("Your card was declined."));
    let paid = pay("pm_card_visa").await.expect("a page").text().await.expect("its text");
    assert!(paid.contains("paid"));
    assert_eq!(shop.get(&format!("/v1/invoices/{invoice}")).await.ok().text("/status"), "paid");
    let pdf = reqwest::get(open.text("/invoice_pdf")).await.expect("an answer");
    assert_eq!(pdf.status(), 200);
    assert!(pdf.text().await.expect("its text").starts_with("%PDF-1.4"));
    assert_eq!(
        reqwest::get(format!("{}/_practice/invoices/in_none", shop.running.base_url))
            .await
            .expect("an answer")
            .status(),
        404
    );
}
