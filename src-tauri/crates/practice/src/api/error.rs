//! Stripe's errors: one shape, whatever went wrong.

use serde_json::{Map, Value, json};

/// An answer that is an error.
#[derive(Debug, Clone)]
pub(crate) struct ApiError {
    pub status: u16,
    /// `type`, `code`, `message`, `param` and whatever else belongs to this one.
    pub fields: Map<String, Value>,
    /// Whether what the call changed before it failed stays (a refused charge leaves its payment open).
    pub keeps: bool,
    /// Whether the outcome is kept under the idempotency key: not where the parameters were refused before any work.
    pub executed: bool,
}

impl ApiError {
    fn new(status: u16, kind: &str, message: impl Into<String>) -> Self {
        let mut fields = Map::new();
        fields.insert("message".to_owned(), Value::String(message.into()));
        fields.insert("type".to_owned(), Value::String(kind.to_owned()));
        Self { status, fields, keeps: false, executed: false }
    }

    /// 400 `invalid_request_error`.
    pub(crate) fn invalid(message: impl Into<String>) -> Self {
        Self::new(400, "invalid_request_error", message)
    }

    /// 400 `idempotency_error`, which has no code.
    pub(crate) fn idempotency(message: impl Into<String>) -> Self {
        Self::new(400, "idempotency_error", message)
    }

    /// Another status of `invalid_request_error`.
    pub(crate) fn status(status: u16, message: impl Into<String>) -> Self {
        Self::new(status, "invalid_request_error", message)
    }

    /// 5xx `api_error`.
    pub(crate) fn broken(status: u16, message: impl Into<String>) -> Self {
        let mut error = Self::new(status, "api_error", message);
        error.executed = true;
        error
    }

    /// 402 `card_error`; what was done until then stays.
    pub(crate) fn card(code: &str, message: impl Into<String>) -> Self {
        let mut error = Self::new(402, "card_error", message).code(code);
        error.keeps = true;
        error.executed = true;
        error
    }

    /// 404 for an id in the path: `No such customer: 'cus_1'`.
    pub(crate) fn missing(noun: &str, id: &str, param: &str) -> Self {
        let mut error =
            Self::status(404, format!("No such {noun}: '{id}'")).code("resource_missing").param(param);
        error.executed = true;
        error
    }

    /// 400 for an id in a parameter.
    pub(crate) fn no_such(noun: &str, id: &str, param: &str) -> Self {
        Self::invalid(format!("No such {noun}: '{id}'")).code("resource_missing").param(param)
    }

    /// 400 `parameter_missing`.
    pub(crate) fn required(param: &str) -> Self {
        Self::invalid(format!("Missing required param: {param}.")).code("parameter_missing").param(param)
    }

    /// 400 for an object in the wrong state; some of Stripe's have no code.
    pub(crate) fn state(code: &str, message: impl Into<String>) -> Self {
        let mut error = Self::invalid(message);
        error.executed = true;
        if code.is_empty() { error } else { error.code(code) }
    }

    /// Adds `code` and the page that explains it.
    pub(crate) fn code(mut self, code: &str) -> Self {
        self.fields.insert("code".to_owned(), Value::String(code.to_owned()));
        let page = format!("https://stripe.com/docs/error-codes/{}", code.replace('_', "-"));
        self.fields.insert("doc_url".to_owned(), Value::String(page));
        self
    }

    /// Adds `param`.
    pub(crate) fn param(self, param: &str) -> Self {
        self.with("param", json!(param))
    }

    /// Adds any other member; nothing where the value is null.
    pub(crate) fn with(mut self, name: &str, value: Value) -> Self {
        if !value.is_null() {
            self.fields.insert(name.to_owned(), value);
        }
        self
    }

    /// The body Stripe sends, naming the request.
    pub(crate) fn body(&self, account: &str, request_id: &str) -> Value {
        let mut fields = self.fields.clone();
        let log = format!("https://dashboard.stripe.com/{account}/test/workbench/logs?object={request_id}");
        fields.insert("request_log_url".to_owned(), Value::String(log));
        json!({ "error": fields })
    }
}
