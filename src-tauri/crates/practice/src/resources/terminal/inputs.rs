//! What a reader asks a customer besides a card: texts, numbers, choices. Nobody is there to type, so that the answers are
//! always the same.

use serde_json::{Value, json};

use super::actions::{begin, end, ready, time_out, working};
use super::readers::at_path;
use crate::api::error::ApiError;
use crate::api::params::{set, text};
use crate::api::route::Answer;
use crate::world::World;
use crate::world::call::Call;

/// A reader shows at most so many, one after the other.
const MOST: usize = 5;

pub(super) fn collect(call: &mut Call<'_>) -> Result<Answer, ApiError> {
    let reader = ready(call)?;
    let sent = call.params.list("inputs").to_vec();
    if sent.is_empty() || sent.len() > MOST {
        let message = format!("You must ask for between 1 and {MOST} inputs.");
        return Err(ApiError::invalid(message).param("inputs"));
    }
    let inputs: Vec<Value> =
        sent.iter().enumerate().map(|(index, input)| asked(index, input)).collect::<Result<_, _>>()?;
    let metadata = call.params.metadata()?;
    Ok(begin(call, reader, "collect_inputs", json!({ "inputs": inputs, "metadata": metadata })).into())
}

/// One input as the reader keeps it, not yet answered.
fn asked(index: usize, sent: &Value) -> Result<Value, ApiError> {
    let kind = text(sent, "type").to_owned();
    let words = &sent["custom_text"];
    let mut input = json!({
        "custom_text": {
            "description": words["description"], "skip_button": words["skip_button"],
            "submit_button": words["submit_button"], "title": words["title"],
        },
        "required": sent["required"].as_bool().unwrap_or(false),
        "toggles": null,
        "type": kind,
    });
    let answer = match kind.as_str() {
        "email" | "numeric" | "phone" | "text" => json!({ "value": null }),
        "selection" => json!({ "choices": choices(index, sent)?, "id": null, "text": null }),
        _ => {
            let message = "The practice reader takes no signatures: there are no files to keep them in.";
            return Err(ApiError::invalid(message).param(&format!("inputs[{index}][type]")));
        }
    };
    set(&mut input, &kind, answer);
    if let Some(toggles) = sent["toggles"].as_array() {
        let toggles: Vec<Value> = toggles
            .iter()
            .map(|toggle| {
                json!({
                    "default_value": toggle["default_value"], "description": toggle["description"],
                    "title": toggle["title"], "value": null,
                })
            })
            .collect();
        set(&mut input, "toggles", json!(toggles));
    }
    Ok(input)
}

fn choices(index: usize, sent: &Value) -> Result<Vec<Value>, ApiError> {
    let choices = sent["selection"]["choices"].as_array().filter(|choices| !choices.is_empty());
    let choices =
        choices.ok_or_else(|| ApiError::required(&format!("inputs[{index}][selection][choices]")))?;
    let choice =
        |choice: &Value| json!({ "id": choice["id"], "style": choice["style"], "text": choice["text"] });
    Ok(choices.iter().map(choice).collect())
}

fn waiting(call: &Call<'_>) -> Result<Value, ApiError> {
    let reader = at_path(call)?;
    if working(&reader) && reader["action"]["type"] == "collect_inputs" {
        return Ok(reader);
    }
    let message = "Reader is not collecting inputs.";
    Err(ApiError::state("terminal_reader_invalid_action", message).param("reader"))
}

pub(super) fn succeed(call: &mut Call<'_>) -> Result<Answer, ApiError> {
    let reader = waiting(call)?;
    let skips = call.params.str("skip_non_required_inputs") == Some("all");
    Ok(fill_in(call.world, reader, skips).into())
}

pub(super) fn run_out(call: &mut Call<'_>) -> Result<Answer, ApiError> {
    let reader = waiting(call)?;
    time_out(call.world, text(&reader, "id")).map(Answer::from)
}

/// The customer answers everything, or what is required alone.
pub(super) fn fill_in(world: &mut World, mut reader: Value, skips: bool) -> Value {
    for input in reader["action"]["collect_inputs"]["inputs"].as_array_mut().into_iter().flatten() {
        let skipped = skips && input["required"] != true;
        set(input, "skipped", skipped);
        if skipped {
            continue;
        }
        let kind = text(input, "type").to_owned();
        let chosen = input["selection"]["choices"][0].clone();
        match kind.as_str() {
            "email" => set(&mut input["email"], "value", "customer@example.com"),
            "numeric" => set(&mut input["numeric"], "value", "1234"),
            "phone" => set(&mut input["phone"], "value", "+15555550100"),
            "text" => set(&mut input["text"], "value", "Thank you"),
            _ => {
                set(&mut input["selection"], "id", chosen["id"].clone());
                set(&mut input["selection"], "text", chosen["text"].clone());
            }
        }
        for toggle in input["toggles"].as_array_mut().into_iter().flatten() {
            let value = toggle["default_value"].as_str().unwrap_or("disabled").to_owned();
            set(toggle, "value", value);
        }
    }
    end(world, &mut reader, None);
    reader
}
