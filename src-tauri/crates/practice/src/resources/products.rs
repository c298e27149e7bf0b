//! Products.

use serde_json::{Value, json};

use super::Resource;
use super::prices::{self, PRICE};
use crate::api::error::ApiError;
use crate::api::params::{Params, set, text};
use crate::api::route::{Answer, delete, get, post};
use crate::world::World;
use crate::world::call::Call;
use crate::world::kind::Kind;
use crate::world::list::Filter;

pub(crate) const PRODUCT: &Kind = &Kind::new("product", "prod", "product", "/v1/products")
    .indexed(&["id", "active", "shippable", "url"])
    .id_length(14);

pub(crate) const RESOURCE: Resource = Resource::new(
    "products",
    &[PRODUCT],
    &[
        get("/v1/products", list),
        post("/v1/products", create),
        get("/v1/products/search", search),
        get("/v1/products/{id}", retrieve),
        post("/v1/products/{id}", update),
        delete("/v1/products/{id}", remove),
    ],
);

/// A product with a name.
pub(crate) fn blank(id: &str, now: i64, name: &str) -> Value {
    json!({
        "id": id,
        "object": "product",
        "active": true,
        "created": now,
        "default_price": null,
        "description": null,
        "images": [],
        "livemode": false,
        "marketing_features": [],
        "metadata": {},
        "name": name,
        "package_dimensions": null,
        "shippable": null,
        "statement_descriptor": null,
        "tax_code": null,
        "tax_details": null,
        "type": "service",
        "unit_label": null,
        "updated": now,
        "url": null,
    })
}

const PLAIN: &[&str] = &[
    "active",
    "description",
    "images",
    "marketing_features",
    "name",
    "package_dimensions",
    "shippable",
    "statement_descriptor",
    "tax_code",
    "unit_label",
    "url",
];

fn fill(params: &Params, product: &mut Value) -> Result<(), ApiError> {
    params.copy(product, PLAIN);
    for name in ["images", "marketing_features"] {
        if product[name].is_null() {
            set(product, name, json!([]));
        }
    }
    params.merge_metadata(product)
}

/// A new product from these parameters; also what `product_data` becomes.
pub(crate) fn make(world: &mut World, params: &Params) -> Result<Value, ApiError> {
    let id = match params.owned("id") {
        Some(id) if world.look(PRODUCT, &id).is_some() => {
            let message = "Product already exists.";
            return Err(ApiError::invalid(message).code("resource_already_exists").param("id"));
        }
        Some(id) => id,
        None => world.id(PRODUCT),
    };
    let mut product = blank(&id, world.now(), params.str("name").unwrap_or_default());
    fill(params, &mut product)?;
    Ok(product)
}

fn create(call: &mut Call<'_>) -> Result<Answer, ApiError> {
    let mut product = make(call.world, &call.params)?;
    set(&mut product, "type", call.params.get("type").cloned().unwrap_or_else(|| json!("service")));
    call.world.create(PRODUCT, &product, "product.created");
    if let Some(data) = call.params.get("default_price_data").and_then(Value::as_object) {
        let mut data = data.clone();
        data.insert("product".to_owned(), product["id"].clone());
        let price = prices::make(call.world, &Params(data), "default_price_data")?;
        call.world.create(PRICE, &price, "price.created");
        set(&mut product, "default_price", price["id"].clone());
        call.world.update(PRODUCT, &product, "product.updated");
    }
    Ok(product.into())
}

fn retrieve(call: &mut Call<'_>) -> Result<Answer, ApiError> {
    call.object(PRODUCT, "id", "id").map(Answer::from)
}

fn update(call: &mut Call<'_>) -> Result<Answer, ApiError> {
    let before = call.object(PRODUCT, "id", "id")?;
    let mut product = before.clone();
    fill(&call.params, &mut product)?;
    if let Some(price) = call.reference(PRICE, "default_price")? {
        if price["product"] != product["id"] {
            let message =
                format!("The price specified does not belong to the product {}.", text(&product, "id"));
            return Err(ApiError::invalid(message).param("default_price"));
        }
        set(&mut product, "default_price", price["id"].clone());
    }
    if product != before {
        set(&mut product, "updated", call.now());
    }
    call.world.update(PRODUCT, &product, "product.updated");
    Ok(product.into())
}

fn remove(call: &mut Call<'_>) -> Result<Answer, ApiError> {
    let product = call.object(PRODUCT, "id", "id")?;
    let filter = Filter::default().is("product", text(&product, "id"));
    if !call.world.all(PRICE, &filter, 1).is_empty() {
        let message = "This product cannot be deleted because it has one or more user-created prices.";
        return Err(ApiError::state("", message).param("id"));
    }
    Ok(call.world.bury(PRODUCT, &product, "product.deleted").into())
}

fn list(call: &mut Call<'_>) -> Result<Answer, ApiError> {
    let params = &call.params;
    let filter = Filter::default()
        .sent(params, "active")
        .sent(params, "shippable")
        .sent(params, "url")
        .sent_as(params, "ids", "id");
    call.page(PRODUCT, &filter)
}

fn search(call: &mut Call<'_>) -> Result<Answer, ApiError> {
    call.search(PRODUCT, &["active", "description", "name", "shippable", "url"])
}
