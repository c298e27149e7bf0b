//! Reading typed parameters, and copying them into objects the way Stripe does.

use serde_json::{Map, Value, json};

use super::error::ApiError;

/// The parameters of one call, already of their right types; null is "unset this".
#[derive(Debug, Default, Clone)]
pub(crate) struct Params(pub Map<String, Value>);

impl Params {
    /// A parameter by name, nested with dots: `recurring.interval`. An unset one counts as absent.
    pub(crate) fn get(&self, path: &str) -> Option<&Value> {
        let mut steps = path.split('.');
        let first = self.0.get(steps.next()?)?;
        steps.try_fold(first, |value, step| value.get(step)).filter(|value| !value.is_null())
    }

    pub(crate) fn str(&self, path: &str) -> Option<&str> {
        self.get(path).and_then(Value::as_str)
    }

    pub(crate) fn owned(&self, path: &str) -> Option<String> {
        self.str(path).map(str::to_owned)
    }

    pub(crate) fn int(&self, path: &str) -> Option<i64> {
        self.get(path).and_then(Value::as_i64)
    }

    pub(crate) fn bool(&self, path: &str) -> Option<bool> {
        self.get(path).and_then(Value::as_bool)
    }

    pub(crate) fn list(&self, path: &str) -> &[Value] {
        self.get(path).and_then(Value::as_array).map_or(&[], Vec::as_slice)
    }

    /// Was it sent, be it to unset?
    pub(crate) fn sent(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    /// The value as JSON, null where it was not sent.
    pub(crate) fn value(&self, path: &str) -> Value {
        self.get(path).cloned().unwrap_or(Value::Null)
    }

    /// An amount that must not be negative.
    pub(crate) fn amount(&self, path: &str) -> Result<Option<i64>, ApiError> {
        match self.int(path) {
            Some(amount) if amount < 0 => {
                let message = "This value must be greater than or equal to 0.";
                Err(ApiError::invalid(message).code("parameter_invalid_integer").param(&bracketed(path)))
            }
            other => Ok(other),
        }
    }

    /// A currency Stripe supports, in lower case.
    pub(crate) fn currency(&self, path: &str) -> Result<Option<String>, ApiError> {
        let Some(given) = self.str(path) else { return Ok(None) };
        let code = given.to_ascii_lowercase();
        if crate::facts::is_currency(&code) {
            return Ok(Some(code));
        }
        let known = crate::facts::CURRENCIES.join(", ");
        let message =
            format!("Invalid currency: {given}. Stripe currently supports these currencies: {known}");
        Err(ApiError::invalid(message).param(&bracketed(path)))
    }

    /// Copies what was sent into `object`, name by name; an unset one becomes null.
    pub(crate) fn copy(&self, object: &mut Value, names: &[&str]) {
        for name in names {
            if let Some(value) = self.0.get(*name) {
                set(object, name, value.clone());
            }
        }
    }

    /// Merges `metadata` into the object's: `''` for a key unsets it, `''` for all of it empties it.
    pub(crate) fn merge_metadata(&self, object: &mut Value) -> Result<(), ApiError> {
        let Some(sent) = self.0.get("metadata") else { return Ok(()) };
        let merged = merged_metadata(object.get("metadata"), sent, "metadata")?;
        set(object, "metadata", merged);
        Ok(())
    }

    /// `metadata` of a new object.
    pub(crate) fn metadata(&self) -> Result<Value, ApiError> {
        match self.0.get("metadata") {
            Some(sent) => merged_metadata(None, sent, "metadata"),
            None => Ok(json!({})),
        }
    }

    /// What `expand[]` asks for.
    pub(crate) fn expand(&self) -> Vec<&str> {
        self.list("expand").iter().filter_map(Value::as_str).collect()
    }

    /// A required object id or name.
    pub(crate) fn need(&self, path: &str) -> Result<&str, ApiError> {
        self.str(path).ok_or_else(|| ApiError::required(&bracketed(path)))
    }
}

fn bracketed(path: &str) -> String {
    let mut steps = path.split('.');
    let first = steps.next().unwrap_or_default().to_owned();
    steps.fold(first, |name, step| format!("{name}[{step}]"))
}

/// Stripe's metadata rules: 50 keys of 40 characters without brackets, values of 500.
pub(crate) fn merged_metadata(before: Option<&Value>, sent: &Value, param: &str) -> Result<Value, ApiError> {
    let mut merged = before.and_then(Value::as_object).cloned().unwrap_or_default();
    let Some(sent) = sent.as_object() else { return Ok(json!({})) };
    for (key, value) in sent {
        let value = value.as_str().unwrap_or_default();
        if value.is_empty() {
            merged.shift_remove(key);
            continue;
        }
        if key.chars().count() > 40 {
            let message = format!("Metadata keys can be at most 40 characters long. Key: {key}");
            return Err(ApiError::invalid(message).param(param));
        }
        if value.chars().count() > 500 {
            let message = format!(
                "Metadata values must be at most 500 characters, but you passed in a value that is {} characters. Invalid key: {key}",
                value.chars().count()
            );
            return Err(ApiError::invalid(message).param(&format!("{param}[{key}]")));
        }
        merged.insert(key.clone(), json!(value));
    }
    if merged.len() > 50 {
        return Err(ApiError::invalid("You can only set up to 50 metadata keys.").param(param));
    }
    Ok(Value::Object(merged))
}

/// Sets a member of an object, whatever was there.
pub(crate) fn set(object: &mut Value, name: &str, value: impl Into<Value>) {
    if let Some(members) = object.as_object_mut() {
        members.insert(name.to_owned(), value.into());
    }
}

/// A text member, empty where there is none.
pub(crate) fn text<'a>(object: &'a Value, name: &str) -> &'a str {
    object.get(name).and_then(Value::as_str).unwrap_or("")
}

/// A whole-number member, 0 where there is none.
pub(crate) fn int(object: &Value, name: &str) -> i64 {
    object.get(name).and_then(Value::as_i64).unwrap_or(0)
}

/// An address as Stripe answers it: all six members, whatever was sent.
pub(crate) fn address(sent: Option<&Value>) -> Value {
    let Some(sent) = sent.filter(|sent| sent.is_object()) else { return Value::Null };
    let mut out = Map::new();
    for name in ["city", "country", "line1", "line2", "postal_code", "state"] {
        out.insert(name.to_owned(), sent.get(name).cloned().unwrap_or(Value::Null));
    }
    Value::Object(out)
}

/// Billing or shipping details with their address completed.
pub(crate) fn with_address(sent: Option<&Value>, names: &[&str]) -> Value {
    let mut out = Map::new();
    out.insert(
        "address".to_owned(),
        address(Some(sent.and_then(|sent| sent.get("address")).unwrap_or(&json!({})))),
    );
    for name in names {
        out.insert((*name).to_owned(), sent.and_then(|sent| sent.get(*name)).cloned().unwrap_or(Value::Null));
    }
    Value::Object(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn metadata_is_merged_unset_and_limited() {
        let before = json!({"a": "1", "b": "2"});
        let merged = merged_metadata(Some(&before), &json!({"a": "", "c": "3"}), "metadata");
        assert_eq!(merged.ok(), Some(json!({"b": "2", "c": "3"})));
        assert_eq!(merged_metadata(Some(&before), &Value::Null, "metadata").ok(), Some(json!({})));
        assert!(merged_metadata(None, &json!({"k".repeat(41): "v"}), "metadata").is_err());
        assert!(merged_metadata(None, &json!({"k": "v".repeat(501)}), "metadata").is_err());
        let many: Map<String, Value> = (0..51).map(|n| (n.to_string(), json!("v"))).collect();
        assert!(merged_metadata(None, &Value::Object(many), "metadata").is_err());
    }
}
