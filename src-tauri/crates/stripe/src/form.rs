//! Parameters as an ordered tree, and the one way they become bytes.
//!
//! Stripe's forms nest with brackets (`items[0][price]=…`). The official SDKs percent-encode names and values, write a
//! space as `+`, and leave `[` and `]` as they are; this does the same, byte for byte (`tests/vectors`).

use std::fmt::Write as _;

use serde::Serialize;
use serde_json::{Map, Value};

/// Parameters of a request, in the order they were given.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Form(Map<String, Value>);

impl Form {
    /// No parameters.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a parameter, or replaces the one of that name. A null says nothing and is left out when encoding.
    pub fn push(&mut self, name: &str, value: impl Into<Value>) -> &mut Self {
        self.0.insert(name.to_owned(), value.into());
        self
    }

    /// [`push`](Self::push) for building in one expression.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.push(name, value);
        self
    }

    /// Adds all parameters of another form behind these.
    pub(crate) fn extend(&mut self, other: Self) {
        self.0.extend(other.0);
    }

    /// The fields of a struct, in their order; `None` is left out.
    pub(crate) fn of(params: &impl Serialize) -> Self {
        // A parameter struct of this crate serialises into an object of plain values; anything else has no parameters.
        match serde_json::to_value(params) {
            Ok(Value::Object(map)) => Self(map),
            _ => Self::default(),
        }
    }

    /// The parameter of that name.
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.0.get(name)
    }

    /// Whether nothing would be sent.
    pub fn is_empty(&self) -> bool {
        self.encode().is_empty()
    }

    /// The bytes of the body or of the query.
    pub fn encode(&self) -> String {
        let mut out = String::new();
        let mut name = String::new();
        for (key, value) in &self.0 {
            encode_text(key, &mut name);
            encode_value(value, &mut name, &mut out);
            name.clear();
        }
        out
    }
}

impl From<Value> for Form {
    /// Takes an object's fields; any other value has no parameters.
    fn from(value: Value) -> Self {
        match value {
            Value::Object(map) => Self(map),
            _ => Self::default(),
        }
    }
}

fn encode_value(value: &Value, name: &mut String, out: &mut String) {
    let length = name.len();
    match value {
        Value::Null => {}
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                // Writing to a String cannot fail.
                let _ = write!(name, "[{index}]");
                encode_value(item, name, out);
                name.truncate(length);
            }
        }
        Value::Object(fields) => {
            for (key, field) in fields {
                name.push('[');
                encode_text(key, name);
                name.push(']');
                encode_value(field, name, out);
                name.truncate(length);
            }
        }
        Value::Bool(flag) => pair(name, if *flag { "true" } else { "false" }, out),
        Value::Number(number) => pair(name, &number.to_string(), out),
        Value::String(text) => pair(name, text, out),
    }
}

fn pair(name: &str, value: &str, out: &mut String) {
    if !out.is_empty() {
        out.push('&');
    }
    out.push_str(name);
    out.push('=');
    encode_text(value, out);
}

fn encode_text(text: &str, out: &mut String) {
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'_' | b'.' | b'-' | b'~' | b'[' | b']' => {
                out.push(char::from(byte));
            }
            b' ' => out.push('+'),
            _ => {
                let _ = write!(out, "%{byte:02X}");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn every_vector_of_the_official_sdk() {
        let vectors: Vec<Value> =
            serde_json::from_str(include_str!("../tests/vectors/form_encoding.json")).unwrap();
        assert!(vectors.len() >= 21);
        for vector in vectors {
            let form = Form::from(vector["params"].clone());
            assert_eq!(form.encode(), vector["encoded"].as_str().unwrap(), "{}", vector["params"]);
        }
    }

    #[test]
    fn order_is_kept_and_the_last_of_a_name_wins() {
        let form = Form::new().with("b", 1).with("a", "x").with("b", 2);
        assert_eq!(form.encode(), "b=2&a=x");
    }

    #[test]
    fn nothing_can_smuggle_another_parameter_in() {
        let form = Form::from(json!({"metadata": {"a]=1&amount": "x&amount=1\r\n"}, "n": "é\u{0}"}));
        assert_eq!(form.encode(), "metadata[a]%3D1%26amount]=x%26amount%3D1%0D%0A&n=%C3%A9%00");
    }

    #[test]
    fn nulls_and_empty_branches_say_nothing() {
        assert!(Form::from(json!({"a": null, "b": [], "c": {"d": null}})).is_empty());
        assert_eq!(Form::from(json!({"a": [null, "x"]})).encode(), "a[1]=x");
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_one_value_under_one_name(name in "[a-z_]{1,12}", value in "\\PC*", other in "\\PC*") {
            let encoded = Form::from(json!({name.clone(): value.clone(), "z": {"k": other.clone()}})).encode();
            let pairs: Vec<(String, String)> =
                reqwest::Url::parse(&format!("http://x/?{encoded}")).unwrap().query_pairs().into_owned().collect();
            let mut expected = vec![(name, value), ("z[k]".to_owned(), other)];
            if expected[0].0 == "z" {
                expected.remove(0);
            }
            proptest::prop_assert_eq!(pairs, expected);
        }
    }
}
