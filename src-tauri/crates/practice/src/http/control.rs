//! The practice Stripe's own switches, under `/_practice/`: none of them is Stripe's.

use axum::body::Body;
use axum::http::Response;

use super::auth::{self, Caller};
use super::exchange::{Asked, Server};
use super::serve;
use crate::api::error::ApiError;

/// Answers a call of a switch; only the secret key may touch them.
pub(crate) fn answer(server: &Server, asked: &Asked) -> Response<Body> {
    let outcome = {
        let inside = server.lock();
        auth::caller(asked.authorization.as_deref(), &inside.world.identity)
    };
    let error = match outcome {
        Ok(Caller::Secret) => ApiError::status(404, format!("There is no switch at {}.", asked.path)),
        Ok(Caller::Publishable) => auth::secret_needed(),
        Err(error) => error,
    };
    serve::answer(server.refuse(&error), None)
}
