//! Payment links: a page that begins a new checkout session for everybody who opens it.

use serde_json::{Value, json};

use super::items;
use super::page::frame;
use super::session;
use crate::api::error::ApiError;
use crate::api::params::{Params, int, set, text};
use crate::api::route::{Answer, get, post};
use crate::http::pages::{Page, PageReply, Visit, escaped};
use crate::resources::Resource;
use crate::world::World;
use crate::world::call::Call;
use crate::world::kind::{FACT, Kind};
use crate::world::list::Filter;

pub(crate) const PAYMENT_LINK: &Kind =
    &Kind::new("payment_link", "plink", "payment link", "/v1/payment_links").indexed(&["active"]);

pub(crate) const RESOURCE: Resource = Resource::new(
    "payment_links",
    &[PAYMENT_LINK],
    &[
        get("/v1/payment_links", list),
        post("/v1/payment_links", create),
        get("/v1/payment_links/{payment_link}", retrieve),
        post("/v1/payment_links/{payment_link}", update),
        get("/v1/payment_links/{payment_link}/line_items", line_items),
    ],
);

pub(super) const PAGES: &[Page] = &[Page { method: "GET", path: "/b/{link}", run: follow }];

fn create(call: &mut Call<'_>) -> Result<Answer, ApiError> {
    let params = call.params.clone();
    let items = items::read(call.world, &params)?;
    if items.is_empty() {
        return Err(ApiError::required("line_items"));
    }
    let (_, currency) = items::total(&items)?;
    let id = call.world.id(PAYMENT_LINK);
    let url = format!("{}/b/{id}", call.world.identity.base_url);
    let mut link = object(&id, &url, &currency, items::recurs(&items));
    fill(&params, &mut link)?;
    items::keep(call.world, &id, &items);
    keep_params(call.world, &id, &params);
    call.world.create(PAYMENT_LINK, &link, "payment_link.created");
    Ok(link.into())
}

fn object(id: &str, url: &str, currency: &str, recurs: bool) -> Value {
    json!({
        "id": id, "object": "payment_link", "active": true,
        "after_completion": { "hosted_confirmation": { "custom_message": null }, "type": "hosted_confirmation" },
        "allow_promotion_codes": false, "application": null, "application_fee_amount": null, "application_fee_percent": null,
        "automatic_tax": { "enabled": false, "liability": null }, "billing_address_collection": "auto",
        "consent_collection": null, "currency": currency, "custom_fields": [],
        "custom_text": {
            "after_submit": null, "shipping_address": null, "submit": null, "terms_of_service_acceptance": null,
        },
        "customer_creation": if recurs { "always" } else { "if_required" }, "inactive_message": null,
        "invoice_creation": null, "livemode": false, "managed_payments": null, "metadata": {}, "on_behalf_of": null,
        "payment_intent_data": null, "payment_method_collection": "always", "payment_method_options": null,
        "payment_method_types": null, "phone_number_collection": { "enabled": false }, "restrictions": null,
        "shipping_address_collection": null, "shipping_options": [], "submit_type": "auto", "subscription_data": null,
        "tax_id_collection": { "enabled": false, "required": "never" }, "transfer_data": null, "url": url,
    })
}

fn fill(params: &Params, link: &mut Value) -> Result<(), ApiError> {
    params.copy(
        link,
        &[
            "active",
            "allow_promotion_codes",
            "customer_creation",
            "inactive_message",
            "submit_type",
            "payment_method_types",
        ],
    );
    if let Some(url) = params.str("after_completion.redirect.url") {
        set(link, "after_completion", json!({ "redirect": { "url": url }, "type": "redirect" }));
    } else if let Some(words) = params.str("after_completion.hosted_confirmation.custom_message") {
        set(&mut link["after_completion"]["hosted_confirmation"], "custom_message", words);
    }
    if let Some(most) = params.int("restrictions.completed_sessions.limit") {
        set(link, "restrictions", json!({ "completed_sessions": { "count": 0, "limit": most } }));
    }
    if let Some(data) = params.get("payment_intent_data") {
        let mut told = json!({ "metadata": data.get("metadata").cloned().unwrap_or_else(|| json!({})) });
        for name in [
            "capture_method",
            "description",
            "setup_future_usage",
            "statement_descriptor",
            "statement_descriptor_suffix",
            "transfer_group",
        ] {
            set(&mut told, name, data.get(name).cloned().unwrap_or(Value::Null));
        }
        set(link, "payment_intent_data", told);
    }
    params.merge_metadata(link)
}

fn fact(link: &str) -> String {
    format!("link {link}")
}

/// What its sessions are made with.
fn keep_params(world: &mut World, id: &str, params: &Params) {
    let mut data = json!({ "id": fact(id), "object": "_fact", "created": world.now() });
    for name in ["payment_intent_data", "subscription_data"] {
        set(&mut data, name, params.value(name));
    }
    world.put(FACT, &data);
}

fn retrieve(call: &mut Call<'_>) -> Result<Answer, ApiError> {
    call.object(PAYMENT_LINK, "payment_link", "payment_link").map(Answer::from)
}

fn update(call: &mut Call<'_>) -> Result<Answer, ApiError> {
    let mut link = call.object(PAYMENT_LINK, "payment_link", "payment_link")?;
    fill(&call.params, &mut link)?;
    call.world.update(PAYMENT_LINK, &link, "payment_link.updated");
    Ok(link.into())
}

fn line_items(call: &mut Call<'_>) -> Result<Answer, ApiError> {
    let link = call.object(PAYMENT_LINK, "payment_link", "payment_link")?;
    items::page(call, text(&link, "id")).map(Answer::Object)
}

fn list(call: &mut Call<'_>) -> Result<Answer, ApiError> {
    let active = call.params.bool("active");
    let mut filter = Filter::default();
    if let Some(active) = active {
        filter = filter.is("active", &active.to_string());
    }
    call.page(PAYMENT_LINK, &filter)
}

/// One more session of this link was paid.
pub(super) fn count(world: &mut World, id: &str) {
    let Some(mut link) = world.get(PAYMENT_LINK, id) else { return };
    let restriction = &mut link["restrictions"]["completed_sessions"];
    if !restriction.is_object() {
        return;
    }
    let (done, most) = (int(restriction, "count") + 1, int(restriction, "limit"));
    set(restriction, "count", done);
    if done >= most {
        set(&mut link, "active", false);
    }
    world.update(PAYMENT_LINK, &link, "payment_link.updated");
}

fn follow(world: &mut World, visit: &Visit) -> PageReply {
    let refuse =
        |words: &str| PageReply::html(404, frame("Checkout", &format!("<h1>{}</h1>", escaped(words))));
    let Some(link) = world.get(PAYMENT_LINK, visit.part("link")) else {
        return refuse("This payment link does not exist.");
    };
    if link["active"] != true {
        return refuse(link["inactive_message"].as_str().unwrap_or("This payment link is no longer active."));
    }
    let id = text(&link, "id").to_owned();
    let mut params = serde_json::Map::new();
    let kept = world.look(FACT, &fact(&id)).unwrap_or(Value::Null);
    for name in ["payment_intent_data", "subscription_data"] {
        if kept[name].is_object() {
            params.insert(name.to_owned(), kept[name].clone());
        }
    }
    params.insert("metadata".to_owned(), link["metadata"].clone());
    params.insert("customer_creation".to_owned(), link["customer_creation"].clone());
    if let Some(url) = link["after_completion"]["redirect"]["url"].as_str() {
        params.insert("success_url".to_owned(), json!(url));
    }
    let items = items::of(world, &id);
    match session::open(world, &Params(params), &items, Some(&id)) {
        Ok(session) => PageReply::go_to(format!("/c/pay/{}", text(&session, "id"))),
        Err(_) => refuse("This payment link cannot be used now."),
    }
}
