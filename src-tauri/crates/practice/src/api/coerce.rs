//! Text becomes typed parameters, or Stripe's refusal: nothing unknown and nothing of the wrong type goes further.

use serde_json::{Map, Number, Value};

use super::error::ApiError;
use super::spec::{Field, Kind, Shape};

/// Gives every parameter the type its operation says; `''` becomes null where it unsets.
pub(crate) fn coerce(fields: &[Field], given: &Map<String, Value>) -> Result<Map<String, Value>, ApiError> {
    object(fields, given, "")
}

fn named(prefix: &str, name: &str) -> String {
    if prefix.is_empty() { name.to_owned() } else { format!("{prefix}[{name}]") }
}

fn object(
    fields: &[Field],
    given: &Map<String, Value>,
    prefix: &str,
) -> Result<Map<String, Value>, ApiError> {
    let unknown: Vec<String> = given
        .keys()
        .filter(|key| !fields.iter().any(|field| field.name == key.as_str()))
        .map(|key| named(prefix, key))
        .collect();
    if let Some(first) = unknown.first() {
        let plural = if unknown.len() == 1 { "" } else { "s" };
        let message = format!("Received unknown parameter{plural}: {}", unknown.join(", "));
        return Err(ApiError::invalid(message).code("parameter_unknown").param(first));
    }
    let mut out = Map::new();
    for field in fields {
        let path = named(prefix, field.name);
        match given.get(field.name) {
            Some(value) => {
                let value = any(field, &field.shape, value, &path)?;
                out.insert(field.name.to_owned(), value);
            }
            None if field.required => return Err(ApiError::required(&path)),
            None => {}
        }
    }
    Ok(out)
}

fn any(field: &Field, shape: &Shape, given: &Value, path: &str) -> Result<Value, ApiError> {
    if given.as_str() == Some("") {
        let text = shape.kinds.iter().any(|kind| matches!(kind, Kind::Text(_)));
        if shape.unset || (text && !field.required) {
            return Ok(Value::Null);
        }
        let message = format!(
            "You passed an empty string for '{path}'. We assume empty values are an attempt to unset a parameter; however \
             '{path}' cannot be unset. You should remove '{path}' from your request or supply a non-empty value."
        );
        return Err(ApiError::invalid(message).code("parameter_invalid_empty").param(path));
    }
    let mut refused = None;
    for kind in &shape.kinds {
        match one(field, kind, given, path) {
            Ok(value) => return Ok(value),
            // The branch that fits the form of what came says best what is wrong with it.
            Err(error) if refused.is_none() || fits(kind, given) => refused = Some(error),
            Err(_) => {}
        }
    }
    Err(refused.unwrap_or_else(|| ApiError::invalid(format!("Invalid value for {path}")).param(path)))
}

fn fits(kind: &Kind, given: &Value) -> bool {
    matches!(kind, Kind::Object | Kind::Map(_) | Kind::List(_)) == given.is_object()
}

fn one(field: &Field, kind: &Kind, given: &Value, path: &str) -> Result<Value, ApiError> {
    match (kind, given) {
        (Kind::Object, Value::Object(inner)) => object(&field.children, inner, path).map(Value::Object),
        (Kind::Map(each), Value::Object(inner)) => map(field, each, inner, path),
        (Kind::List(each), Value::Object(inner)) => list(field, each, inner, path),
        (Kind::Object | Kind::Map(_), _) => Err(ApiError::invalid("Invalid object").param(path)),
        (Kind::List(_), _) => Err(ApiError::invalid("Invalid array").param(path)),
        (_, Value::String(text)) => scalar(kind, text, path),
        (_, other) => Err(ApiError::invalid(format!("Invalid string: {other}")).param(path)),
    }
}

fn map(field: &Field, each: &Kind, given: &Map<String, Value>, path: &str) -> Result<Value, ApiError> {
    let mut out = Map::new();
    for (key, value) in given {
        let inner = named(path, key);
        // An empty value unsets one key of the map: it is kept for whoever merges it.
        let value = if value.as_str() == Some("") { value.clone() } else { one(field, each, value, &inner)? };
        out.insert(key.clone(), value);
    }
    Ok(Value::Object(out))
}

fn list(field: &Field, each: &Shape, given: &Map<String, Value>, path: &str) -> Result<Value, ApiError> {
    let mut items: Vec<(usize, &Value)> = Vec::with_capacity(given.len());
    for (index, value) in given {
        let index = index.parse().map_err(|_| ApiError::invalid("Invalid array").param(path))?;
        items.push((index, value));
    }
    items.sort_by_key(|(index, _)| *index);
    let inner =
        Field { name: field.name, required: true, shape: each.clone(), children: field.children.clone() };
    let items: Result<Vec<Value>, ApiError> = items
        .into_iter()
        .map(|(index, value)| any(&inner, each, value, &format!("{path}[{index}]")))
        .collect();
    items.map(Value::Array)
}

fn scalar(kind: &Kind, text: &str, path: &str) -> Result<Value, ApiError> {
    let integer = || {
        let message = format!("Invalid integer: {text}");
        ApiError::invalid(message).code("parameter_invalid_integer").param(path)
    };
    let decimal = || ApiError::invalid(format!("Invalid decimal: {text}")).param(path);
    match kind {
        Kind::Integer | Kind::Time => text.parse::<i64>().map(Value::from).map_err(|_| integer()),
        Kind::Number => text.parse::<Number>().map(Value::Number).map_err(|_| decimal()),
        Kind::Decimal if is_decimal(text) => Ok(Value::from(text)),
        Kind::Decimal => Err(decimal()),
        Kind::Boolean => match text {
            "true" => Ok(Value::Bool(true)),
            "false" => Ok(Value::Bool(false)),
            _ => Err(ApiError::invalid(format!("Invalid boolean: {text}")).param(path)),
        },
        Kind::OneOf { values, .. } if values.contains(&text) => Ok(Value::from(text)),
        Kind::OneOf { values, .. } => {
            Err(ApiError::invalid(format!("Invalid {path}: must be one of {}", spoken(values))).param(path))
        }
        Kind::Text(Some(most)) if text.chars().count() > *most => {
            let message = format!("Invalid string: {}...; must be at most {most} characters", head(text));
            Err(ApiError::invalid(message).param(path))
        }
        _ => Ok(Value::from(text)),
    }
}

fn is_decimal(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let (whole, part) = digits.split_once('.').unwrap_or((digits, "0"));
    [whole, part].iter().all(|half| !half.is_empty() && half.bytes().all(|byte| byte.is_ascii_digit()))
}

fn head(text: &str) -> String {
    text.chars().take(10).collect()
}

fn spoken(values: &[&str]) -> String {
    match values {
        [] => String::new(),
        [only] => (*only).to_owned(),
        [first, second] => format!("{first} or {second}"),
        [rest @ .., last] => format!("{}, or {last}", rest.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::super::{form, spec};
    use super::*;
    use serde_json::json;

    fn read(operation: &str, form: &str) -> Result<Value, (String, String)> {
        let given = form::parse(form.as_bytes()).expect("a well-formed form");
        let fields = spec::fields_of(operation).expect("an operation of Stripe's");
        coerce(fields, &given).map(Value::Object).map_err(|error| {
            let text = |name: &str| error.fields.get(name).and_then(Value::as_str).unwrap_or("").to_owned();
            (text("code"), text("param"))
        })
    }

    #[test]
    fn values_get_their_types() {
        let value = read(
            "POST /v1/payment_intents",
            "amount=100&currency=usd&confirm=true&metadata[a]=1&metadata[b]=&off_session=one_off&expand[0]=customer",
        );
        let wanted = json!({"amount": 100, "currency": "usd", "confirm": true, "expand": ["customer"], "metadata": {"a": "1", "b": ""}, "off_session": "one_off"});
        assert_eq!(value, Ok(wanted));
        assert_eq!(read("GET /v1/customers", "created=5"), Ok(json!({"created": 5})));
        assert_eq!(read("GET /v1/customers", "created[gte]=5"), Ok(json!({"created": {"gte": 5}})));
    }

    #[test]
    fn refusals_name_code_and_parameter() {
        let refused = |form: &str| read("POST /v1/payment_intents", form).expect_err("is wrong");
        let pair = |code: &str, param: &str| (code.to_owned(), param.to_owned());
        assert_eq!(refused("currency=usd"), pair("parameter_missing", "amount"));
        assert_eq!(refused("amount=1.5&currency=usd"), pair("parameter_invalid_integer", "amount"));
        assert_eq!(refused("amount=&currency=usd"), pair("parameter_invalid_empty", "amount"));
        assert_eq!(refused("amount=1&currency=usd&colour=red"), pair("parameter_unknown", "colour"));
        assert_eq!(
            refused("amount=1&currency=usd&shipping[name]=a&shipping[address][street]=b"),
            pair("parameter_unknown", "shipping[address][street]")
        );
        assert_eq!(refused("amount=1&currency=usd&confirm=yes"), pair("", "confirm"));
        assert_eq!(refused("amount=1&currency=usd&capture_method=later"), pair("", "capture_method"));
        assert_eq!(refused("amount=1&currency[a]=usd"), pair("", "currency"));
        assert_eq!(refused("amount=1&currency=usd&metadata=x"), pair("", "metadata"));
    }
}
