//! Readers: registered by a simulated code, online until somebody pulls the plug.

use serde_json::{Value, json};

use super::locations::LOCATION;
use super::{actions, inputs, present};
use crate::api::error::ApiError;
use crate::api::params::{set, text};
use crate::api::route::{Answer, delete, get, post};
use crate::resources::Resource;
use crate::world::World;
use crate::world::call::Call;
use crate::world::kind::{FACT, Kind};
use crate::world::list::Filter;

pub(crate) const READER: &Kind = &Kind::new("terminal.reader", "tmr", "reader", "/v1/terminal/readers")
    .indexed(&["device_type", "location", "serial_number", "status"])
    .epitaph(&["device_type", "serial_number"]);

pub(crate) const RESOURCE: Resource = Resource::new(
    "readers",
    &[READER],
    &[
        get("/v1/terminal/readers", list),
        post("/v1/terminal/readers", create),
        get("/v1/terminal/readers/{reader}", retrieve),
        post("/v1/terminal/readers/{reader}", update),
        delete("/v1/terminal/readers/{reader}", remove),
        post("/v1/terminal/readers/{reader}/cancel_action", actions::cancel),
        post("/v1/terminal/readers/{reader}/process_payment_intent", actions::process_payment_intent),
        post("/v1/terminal/readers/{id}/collect_payment_method", actions::collect_payment_method),
        post("/v1/terminal/readers/{id}/confirm_payment_intent", actions::confirm_payment_intent),
        post("/v1/terminal/readers/{reader}/refund_payment", actions::refund_payment),
        post("/v1/terminal/readers/{reader}/set_reader_display", actions::set_reader_display),
        post("/v1/terminal/readers/{id}/collect_inputs", inputs::collect),
        post("/v1/test_helpers/terminal/readers/{reader}/present_payment_method", present::present),
        post("/v1/test_helpers/terminal/readers/{id}/succeed_input_collection", inputs::succeed),
        post("/v1/test_helpers/terminal/readers/{id}/timeout_input_collection", inputs::run_out),
    ],
)
.task(actions::task);

/// A registered reader of this device type.
pub(crate) fn make(world: &mut World, device: &str, label: &str, location: &str) -> Value {
    let serial = format!(
        "{:03}-{:03}-{:03}",
        world.chance.below(1000),
        world.chance.below(1000),
        world.chance.below(1000)
    );
    json!({
        "id": world.id(READER),
        "object": "terminal.reader",
        "action": null,
        "device_sw_version": "2.31.1.0",
        "device_type": device,
        "ip_address": "127.0.0.1",
        "label": label,
        "last_seen_at": world.now() * 1000,
        "livemode": false,
        "location": location,
        "metadata": {},
        "serial_number": serial,
        "status": "online",
    })
}

/// Stripe's codes for simulated readers.
fn device(code: &str) -> Option<&'static str> {
    match code {
        "simulated-wpe" => Some("simulated_wisepos_e"),
        "simulated-s700" => Some("simulated_stripe_s700"),
        "simulated-s710" => Some("simulated_stripe_s710"),
        _ => None,
    }
}

fn create(call: &mut Call<'_>) -> Result<Answer, ApiError> {
    let params = call.params.clone();
    let code = params.need("registration_code")?;
    let Some(device) = device(code) else {
        let message = "Invalid registration code. The practice account registers simulated readers alone: simulated-wpe, \
                       simulated-s700 or simulated-s710.";
        return Err(ApiError::invalid(message).param("registration_code"));
    };
    let location = call.reference(LOCATION, "location")?.ok_or_else(|| ApiError::required("location"))?;
    let mut reader = make(call.world, device, "", text(&location, "id"));
    let label = params.owned("label").unwrap_or_else(|| text(&reader, "serial_number").to_owned());
    set(&mut reader, "label", label);
    params.merge_metadata(&mut reader)?;
    call.world.put(READER, &reader);
    Ok(reader.into())
}

/// The reader a path names; an online one was seen just now.
pub(super) fn at_path(call: &Call<'_>) -> Result<Value, ApiError> {
    let part = if call.part("reader").is_empty() { "id" } else { "reader" };
    call.object(READER, part, "reader")
}

fn retrieve(call: &mut Call<'_>) -> Result<Answer, ApiError> {
    let id = call.part("reader");
    // As it was last told of: a list, an event and this answer agree.
    let reader = call.world.look(READER, id).ok_or_else(|| ApiError::missing("reader", id, "reader"))?;
    Ok(reader.into())
}

fn update(call: &mut Call<'_>) -> Result<Answer, ApiError> {
    let mut reader = at_path(call)?;
    if call.params.sent("label") {
        let label = call.params.owned("label").unwrap_or_else(|| text(&reader, "serial_number").to_owned());
        set(&mut reader, "label", label);
    }
    call.params.merge_metadata(&mut reader)?;
    call.world.put(READER, &reader);
    Ok(reader.into())
}

fn remove(call: &mut Call<'_>) -> Result<Answer, ApiError> {
    let reader = at_path(call)?;
    Ok(call.world.bury(READER, &reader, "").into())
}

fn list(call: &mut Call<'_>) -> Result<Answer, ApiError> {
    let params = &call.params;
    let filter = Filter::default()
        .sent(params, "device_type")
        .sent(params, "location")
        .sent(params, "serial_number")
        .sent(params, "status");
    call.page(READER, &filter)
}

/// Pulls a reader's plug, or puts it back.
pub(crate) fn set_online(world: &mut World, id: &str, online: bool) -> Result<Value, ApiError> {
    let mut reader = world.at_path(READER, id, "reader")?;
    set(&mut reader, "status", if online { "online" } else { "offline" });
    set(&mut reader, "last_seen_at", world.now() * 1000);
    world.put(READER, &reader);
    Ok(reader)
}

/// Makes a reader answer "busy" until it is told otherwise: somebody is in its settings.
pub(crate) fn set_busy(world: &mut World, id: &str, busy: bool) -> Result<Value, ApiError> {
    let reader = world.at_path(READER, id, "reader")?;
    let fact = format!("busy:{id}");
    if busy {
        world.put(FACT, &json!({ "id": fact, "object": FACT.object }));
    } else {
        world.forget(FACT, &fact);
    }
    Ok(reader)
}

/// The customer gives up at the reader.
pub(crate) fn customer_cancels(world: &mut World, id: &str) -> Result<Value, ApiError> {
    let mut reader = world.at_path(READER, id, "reader")?;
    if actions::working(&reader) {
        actions::end(
            world,
            &mut reader,
            Some(("customer_canceled", "The customer canceled the payment at the reader.")),
        );
    }
    Ok(reader)
}

pub(super) fn is_busy(world: &World, id: &str) -> bool {
    world.look(FACT, &format!("busy:{id}")).is_some()
}
