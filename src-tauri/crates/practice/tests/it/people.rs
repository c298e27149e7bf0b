//! Customers and the cards they keep.

use crate::shop::Shop;

#[tokio::test]
async fn a_customer_lives_changes_and_is_deleted() {
    let shop = Shop::start();
    let mark = shop.newest_event().await;
    let made = shop
        .post(
            "/v1/customers",
            &[
                ("name", "Nia"),
                ("email", "nia@example.com"),
                ("metadata[user_id]", "u1"),
                ("metadata[x]", "y"),
            ],
        )
        .await
        .ok();
    let path = format!("/v1/customers/{}", made.id());
    let changed =
        shop.post(&path, &[("name", ""), ("metadata[x]", ""), ("address[city]", "Rome")]).await.ok();
    assert!(changed.json["name"].is_null());
    assert_eq!(changed.json["metadata"], serde_json::json!({"user_id": "u1"}));
    assert_eq!(changed.text("/address/city"), "Rome");
    shop.post("/v1/customers", &[("email", "nobody")]).await.refused(400, "email_invalid", "email");
    let gone = shop.delete(&path).await.ok();
    assert_eq!(gone.json["deleted"], true);
    assert_eq!(shop.get(&path).await.ok().json["deleted"], true);
    shop.post(&path, &[("name", "x")]).await.refused(404, "resource_missing", "id");
    shop.post("/v1/payment_intents", &[("amount", "500"), ("currency", "usd"), ("customer", &made.id())])
        .await
        .refused(400, "resource_missing", "customer");
    let wanted = if mark.is_empty() { vec![] } else { shop.events_after(&mark).await };
    assert_eq!(wanted, ["customer.created", "customer.updated", "customer.deleted"]);
}

#[tokio::test]
async fn lists_are_paged_by_cursor_in_both_directions() {
    let shop = Shop::start();
    for name in ["a", "b", "c", "d", "e"] {
        shop.post("/v1/customers", &[("name", name)]).await.ok();
    }
    let ids = |reply: &crate::shop::Reply| -> Vec<String> {
        reply.json["data"]
            .as_array()
            .expect("a list")
            .iter()
            .map(|row| row["id"].as_str().unwrap_or("").to_owned())
            .collect()
    };
    let all = shop.get("/v1/customers?limit=100").await.ok();
    let ids_all = ids(&all);
    assert_eq!((ids_all.len(), all.json["has_more"].as_bool()), (17, Some(false)));
    let mut walked = Vec::new();
    let mut after = String::new();
    loop {
        let page = shop.get(&format!("/v1/customers?limit=4{after}")).await.ok();
        walked.extend(ids(&page));
        if page.json["has_more"] == false {
            break;
        }
        after = format!("&starting_after={}", walked.last().expect("not empty"));
    }
    assert_eq!(walked, ids_all);
    let newer = shop.get(&format!("/v1/customers?limit=3&ending_before={}", ids_all[9])).await.ok();
    assert_eq!((ids(&newer), newer.json["has_more"].as_bool()), (ids_all[6..9].to_vec(), Some(true)));
    assert_eq!(shop.get("/v1/customers").await.ok().json["data"].as_array().map(Vec::len), Some(10));
    let now = crate::shop::NOW_S;
    let today = shop.get(&format!("/v1/customers?limit=100&created[gte]={now}")).await.ok();
    assert_eq!(ids(&today).len(), 5);
    shop.get("/v1/customers?limit=101").await.refused(400, "parameter_invalid_integer", "limit");
    shop.get("/v1/customers?limit=0").await.refused(400, "parameter_invalid_integer", "limit");
    shop.get("/v1/customers?starting_after=cus_none").await.refused(
        400,
        "resource_missing",
        "starting_after",
    );
    let both = format!("/v1/customers?starting_after={0}&ending_before={0}", ids_all[0]);
    assert_eq!(shop.get(&both).await.status, 400);
    let found = shop.get("/v1/customers?email=ada.whitcombe%40example.com").await.ok();
    assert_eq!(found.text("/data/0/name"), "Ada Whitcombe");
}

#[tokio::test]
async fn search_lags_behind() {
    let shop = Shop::start();
    let made = shop.post("/v1/customers", &[("name", "Zed Quill"), ("metadata[plan]", "gold")]).await.ok();
    let query = "/v1/customers/search?query=name~%22quill%22%20AND%20metadata%5B%22plan%22%5D%3A%22gold%22";
    assert_eq!(shop.get(query).await.ok().json["data"], serde_json::json!([]));
    shop.clock.advance_ms(20_000);
    assert_eq!(shop.get(query).await.ok().text("/data/0/id"), made.id());
    assert_eq!(shop.get("/v1/customers/search?query=nonsense").await.status, 400);
}

#[tokio::test]
async fn cards_are_attached_listed_and_detached() {
    let shop = Shop::start();
    let customer = shop.post("/v1/customers", &[("name", "Nia")]).await.ok().id();
    let card = shop.post("/v1/payment_methods/pm_card_visa/attach", &[("customer", &customer)]).await.ok();
    assert_eq!((card.text("/customer"), card.text("/card/last4")), (customer.as_str(), "4242"));
    shop.post("/v1/payment_methods/pm_card_visa_chargeDeclined/attach", &[("customer", &customer)])
        .await
        .refused(402, "card_declined", "");
    let list = shop.get(&format!("/v1/customers/{customer}/payment_methods")).await.ok();
    assert_eq!(list.json["data"].as_array().map(Vec::len), Some(1));
    let list = shop.get(&format!("/v1/payment_methods?customer={customer}&type=card")).await.ok();
    assert_eq!(list.text("/data/0/id"), card.id());
    shop.get(&format!("/v1/customers/{customer}/payment_methods/{}", card.id())).await.ok();
    let path = format!("/v1/payment_methods/{}", card.id());
    shop.post(&path, &[("metadata[a]", "b"), ("billing_details[name]", "Nia N"), ("card[exp_month]", "5")])
        .await
        .ok();
    shop.get(&path).await.ok();
    shop.post(
        &format!("/v1/customers/{customer}"),
        &[("invoice_settings[default_payment_method]", &card.id())],
    )
    .await
    .ok();
    shop.post(&format!("{path}/detach"), &[]).await.ok();
    let reply = shop
        .post(
            "/v1/payment_intents",
            &[("amount", "500"), ("currency", "usd"), ("payment_method", &card.id())],
        )
        .await;
    assert_eq!((reply.status, reply.text("/error/param")), (400, "payment_method"));
    let customer = shop
        .get(&format!("/v1/customers/{customer}?expand[]=invoice_settings.default_payment_method"))
        .await
        .ok();
    assert!(customer.json["invoice_settings"]["default_payment_method"].is_null());
    let typed = shop
        .post(
            "/v1/payment_methods",
            &[
                ("type", "card"),
                ("card[number]", "4242424242424242"),
                ("card[exp_month]", "12"),
                ("card[exp_year]", "2031"),
                ("card[cvc]", "123"),
            ],
        )
        .await
        .ok();
    assert_eq!(typed.text("/card/brand"), "visa");
    let wrong = |name: &'static str, value: &'static str| {
        let mut form = vec![
            ("type", "card"),
            ("card[number]", "4242424242424242"),
            ("card[exp_month]", "12"),
            ("card[exp_year]", "2031"),
            ("card[cvc]", "123"),
        ];
        form.iter_mut().filter(|(known, _)| *known == name).for_each(|pair| pair.1 = value);
        let shop = &shop;
        async move { shop.post("/v1/payment_methods", &form).await }
    };
    wrong("card[number]", "4242424242424241").await.refused(402, "incorrect_number", "card[number]");
    wrong("card[exp_month]", "13").await.refused(402, "invalid_expiry_month", "card[exp_month]");
    wrong("card[exp_year]", "2001").await.refused(402, "invalid_expiry_year", "card[exp_year]");
    wrong("card[cvc]", "99").await.refused(402, "invalid_cvc", "card[cvc]");
}
