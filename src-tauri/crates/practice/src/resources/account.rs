//! The account: a small US company that may charge and be paid out.

use serde_json::{Value, json};

use super::Resource;
use crate::api::error::ApiError;
use crate::api::route::{Answer, get};
use crate::world::World;
use crate::world::call::Call;
use crate::world::kind::FACT;

pub(crate) const RESOURCE: Resource = Resource::new("account", &[], &[get("/v1/account", retrieve)]);

fn retrieve(call: &mut Call<'_>) -> Result<Answer, ApiError> {
    Ok(object(call.world).into())
}

fn requirements() -> Value {
    json!({
        "alternatives": [], "current_deadline": null, "currently_due": [], "disabled_reason": null, "errors": [],
        "eventually_due": [], "past_due": [], "pending_verification": [],
    })
}

/// The account as it is answered.
pub(crate) fn object(world: &World) -> Value {
    let id = &world.identity.account;
    let created = world.look(FACT, "shop").and_then(|shop| shop["created"].as_i64()).unwrap_or(0);
    json!({
        "id": id,
        "object": "account",
        "business_profile": {
            "annual_revenue": null, "estimated_worker_count": null, "mcc": "5942",
            "minority_owned_business_designation": null, "name": "Lantern Books & Coffee", "product_description": null,
            "support_address": null, "support_email": "hello@lantern.example", "support_phone": null, "support_url": null,
            "url": "https://lantern.example", "specified_commercial_transactions_act_url": null,
        },
        "business_type": "company",
        "capabilities": { "card_payments": "active", "transfers": "active" },
        "charges_enabled": true,
        "controller": { "type": "account" },
        "country": "US",
        "created": created,
        "default_currency": "usd",
        "details_submitted": true,
        "email": "owner@lantern.example",
        "external_accounts": {
            "object": "list", "data": [], "has_more": false, "url": format!("/v1/accounts/{id}/external_accounts"),
        },
        "future_requirements": requirements(),
        "groups": null,
        "metadata": {},
        "payouts_enabled": true,
        "requirements": requirements(),
        "settings": {
            "bacs_debit_payments": { "display_name": null, "service_user_number": null },
            "branding": { "icon": null, "logo": null, "primary_color": null, "secondary_color": null },
            "card_issuing": { "tos_acceptance": { "date": null, "ip": null } },
            "card_payments": {
                "decline_on": { "avs_failure": false, "cvc_failure": false }, "statement_descriptor_prefix": "LANTERN",
                "statement_descriptor_prefix_kana": null, "statement_descriptor_prefix_kanji": null,
            },
            "dashboard": { "display_name": "Lantern Books & Coffee", "timezone": "America/New_York" },
            "invoices": { "default_account_tax_ids": null, "hosted_payment_method_save": null },
            "payments": {
                "statement_descriptor": "LANTERN BOOKS", "statement_descriptor_kana": null,
                "statement_descriptor_kanji": null, "statement_descriptor_prefix_kana": null,
                "statement_descriptor_prefix_kanji": null,
            },
            "payouts": {
                "debit_negative_balances": true, "schedule": { "delay_days": 2, "interval": "daily" },
                "statement_descriptor": null,
            },
            "sepa_debit_payments": {},
        },
        "tos_acceptance": { "date": created, "ip": null, "user_agent": null },
        "type": "standard",
    })
}
