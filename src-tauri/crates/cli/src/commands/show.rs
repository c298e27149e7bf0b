//! `tillbook show ID`: one of Stripe's objects as it is mirrored.

use serde_json::json;
use tillbook_mirror::Shown;

use crate::args::Common;
use crate::context;
use crate::failure::Failure;
use crate::output::{Exit, line};

/// Prints the object itself, with and without `--json`.
pub fn run(common: &Common, id: &str) -> Result<Exit, Failure> {
    let house = context::open_to_read(common)?;
    match house.mirror.show(id)? {
        Some(Shown::Object(json)) => line(&json),
        Some(Shown::Tombstone { id, object }) => {
            line(&json!({"id": id, "object": object, "deleted": true}).to_string());
        }
        None => {
            return Err(Failure::not_done("not_found", format!("no record {id} is here"))
                .next("Look whether the id is mistyped: upper and lower case differ, and Stripe's ids begin with pi_, ch_, cus_ and the like. If it is right and new at Stripe, tillbook sync brings it."));
        }
    }
    Ok(Exit::Done)
}
