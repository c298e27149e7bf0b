//! Products, prices and their lookup keys.

use crate::shop::Shop;

#[tokio::test]
async fn prices_are_found_by_lookup_key_and_hand_it_over() {
    let shop = Shop::start();
    let found = shop
        .get("/v1/prices?lookup_keys[0]=flat-white&lookup_keys[1]=brass-pen&expand[]=data.product")
        .await
        .ok();
    assert_eq!(found.json["data"].as_array().map(Vec::len), Some(2));
    assert!(!found.text("/data/0/product/metadata/barcode").is_empty());
    let old = shop.get("/v1/prices?lookup_keys[0]=flat-white").await.ok();
    let product = old.text("/data/0/product").to_owned();
    let taken = [
        ("product", product.as_str()),
        ("currency", "usd"),
        ("unit_amount", "470"),
        ("lookup_key", "flat-white"),
    ];
    shop.post("/v1/prices", &taken).await.refused(400, "", "lookup_key");
    let mut form = taken.to_vec();
    form.push(("transfer_lookup_key", "true"));
    let fresh = shop.post("/v1/prices", &form).await.ok();
    let now = shop.get("/v1/prices?lookup_keys[0]=flat-white").await.ok();
    assert_eq!(
        (now.text("/data/0/id"), now.json["data"].as_array().map(Vec::len)),
        (fresh.id().as_str(), Some(1))
    );
    let before =
        shop.get(&format!("/v1/prices/{}?expand[]=currency_options", old.text("/data/0/id"))).await.ok();
    assert!(before.json["lookup_key"].is_null());
    shop.post(
        &format!("/v1/prices/{}", fresh.id()),
        &[("active", "false"), ("nickname", "old"), ("metadata[a]", "b")],
    )
    .await
    .ok();
    let keys: Vec<String> = (0..11).map(|n| format!("lookup_keys[{n}]=k{n}")).collect();
    assert_eq!(shop.get(&format!("/v1/prices?{}", keys.join("&"))).await.status, 400);
    shop.clock.advance_ms(60_000);
    let query = "/v1/prices/search?query=active%3A%22true%22%20AND%20lookup_key%3A%22brass-pen%22";
    assert_eq!(shop.get(query).await.ok().json["data"].as_array().map(Vec::len), Some(1));
}

#[tokio::test]
async fn a_product_is_made_with_its_price_changed_and_deleted_when_it_has_none() {
    let shop = Shop::start();
    let made = shop
        .post(
            "/v1/products",
            &[
                ("name", "Lamp"),
                ("default_price_data[currency]", "usd"),
                ("default_price_data[unit_amount]", "4200"),
                ("metadata[sku]", "L-1"),
                ("expand[]", "default_price"),
            ],
        )
        .await
        .ok();
    assert_eq!(made.json["default_price"]["unit_amount"], 4200);
    let path = format!("/v1/products/{}", made.id());
    shop.clock.advance_ms(2000);
    let changed =
        shop.post(&path, &[("name", "Lamp, brass"), ("active", "false"), ("metadata[sku]", "")]).await.ok();
    assert_ne!(changed.json["updated"], changed.json["created"]);
    assert_eq!(shop.delete(&path).await.status, 400);
    let bare = shop.post("/v1/products", &[("id", "lamp_2"), ("name", "Lamp 2")]).await.ok();
    shop.post("/v1/products", &[("id", "lamp_2"), ("name", "Lamp 2")]).await.refused(
        400,
        "resource_already_exists",
        "id",
    );
    assert_eq!(shop.delete(&format!("/v1/products/{}", bare.id())).await.ok().json["deleted"], true);
    shop.get("/v1/products/lamp_2").await.refused(404, "resource_missing", "id");
    let inactive = shop.get("/v1/products?active=false").await.ok();
    assert_eq!(inactive.json["data"].as_array().map(Vec::len), Some(1));
    let two = format!("/v1/products?ids[0]={}&ids[1]=none", made.id());
    assert_eq!(shop.get(&two).await.ok().json["data"].as_array().map(Vec::len), Some(1));
    shop.clock.advance_ms(60_000);
    shop.get("/v1/products/search?query=name~%22lamp%22").await.ok();
    shop.post("/v1/prices", &[("currency", "usd"), ("unit_amount", "-1"), ("product", &made.id())])
        .await
        .refused(400, "parameter_invalid_integer", "unit_amount");
    let monthly = [
        ("currency", "usd"),
        ("unit_amount", "900"),
        ("product_data[name]", "Club"),
        ("recurring[interval]", "month"),
    ];
    assert_eq!(shop.post("/v1/prices", &monthly).await.ok().text("/type"), "recurring");
}
