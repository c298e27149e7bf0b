//! Stripe's own description of its API, where the environment names it (`STRIPE_OPENAPI`).

use std::path::PathBuf;

use serde_json::{Map, Value, json};

/// The description, or `None` with a word about it.
pub fn load() -> Option<Value> {
    let Some(path) = std::env::var_os("STRIPE_OPENAPI") else {
        println!("skipped: STRIPE_OPENAPI does not name Stripe's API description");
        return None;
    };
    Some(serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap())
}

/// Stripe's example objects: `STRIPE_FIXTURES`, or what lies beside the description.
pub fn fixtures() -> Option<Map<String, Value>> {
    let beside = || {
        let path = PathBuf::from(std::env::var_os("STRIPE_OPENAPI")?).with_file_name("fixtures3-subset.json");
        path.exists().then_some(path)
    };
    let Some(path) = std::env::var_os("STRIPE_FIXTURES").map(PathBuf::from).or_else(beside) else {
        println!("skipped: neither STRIPE_FIXTURES nor STRIPE_OPENAPI leads to Stripe's example objects");
        return None;
    };
    let file: Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    Some(file["resources"].as_object().unwrap().clone())
}

/// The template that a path is an instance of; literal segments win over parameters.
pub fn template<'a>(description: &'a Value, method: &str, path: &str) -> Option<&'a str> {
    let parts: Vec<&str> = path.split('/').collect();
    description["paths"]
        .as_object()
        .unwrap()
        .iter()
        .filter(|(_, operations)| operations.get(method).is_some())
        .map(|(template, _)| template.as_str())
        .filter(|template| {
            let wanted: Vec<&str> = template.split('/').collect();
            wanted.len() == parts.len()
                && wanted.iter().zip(&parts).all(|(w, p)| w.starts_with('{') || w == p)
        })
        .min_by_key(|template| template.matches('{').count())
}

/// The schema of what an operation takes: the form of a POST, the query of the others.
pub fn parameters(operation: &Value, method: &str) -> Value {
    let form = operation["requestBody"]["content"]["application/x-www-form-urlencoded"]["schema"].clone();
    let has_fields = form["properties"].as_object().is_some_and(|fields| !fields.is_empty());
    if method == "post" || has_fields {
        return if form.is_null() { json!({"type": "object", "additionalProperties": false}) } else { form };
    }
    let fields: Map<String, Value> = operation["parameters"]
        .as_array()
        .into_iter()
        .flatten()
        .filter(|parameter| parameter["in"] == "query")
        .map(|parameter| (parameter["name"].as_str().unwrap().to_owned(), parameter["schema"].clone()))
        .collect();
    json!({"type": "object", "properties": fields, "additionalProperties": false})
}

/// A form, decoded again: text at the leaves, objects (with numbers for keys where it was an array) in between.
pub fn decode(form: &str) -> Value {
    let mut root = Value::Object(Map::new());
    for pair in form.split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap();
        let mut place = &mut root;
        for key in name.split(['[', ']']).filter(|key| !key.is_empty()) {
            place = place
                .as_object_mut()
                .unwrap_or_else(|| panic!("{name} is a value and a branch"))
                .entry(unescape(key))
                .or_insert_with(|| Value::Object(Map::new()));
        }
        *place = Value::String(unescape(value));
    }
    root
}

fn unescape(text: &str) -> String {
    let mut out = Vec::new();
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        out.push(match byte {
            b'+' => b' ',
            b'%' => {
                let hex = [bytes.next().unwrap(), bytes.next().unwrap()];
                u8::from_str_radix(std::str::from_utf8(&hex).unwrap(), 16).unwrap()
            }
            other => other,
        });
    }
    String::from_utf8(out).unwrap()
}

/// Gives the texts of a form the types that the schema asks for, as Stripe does.
pub fn coerce(value: &Value, schema: &Value) -> Value {
    if let Some(branches) = schema["anyOf"].as_array() {
        return branches
            .iter()
            .map(|branch| (coerce(value, branch), branch))
            .find(|(coerced, branch)| jsonschema::is_valid(branch, coerced))
            .map_or_else(|| value.clone(), |(coerced, _)| coerced);
    }
    match (schema["type"].as_str(), value) {
        (Some("object"), Value::Object(fields)) => Value::Object(
            fields
                .iter()
                .map(|(name, field)| {
                    let known = &schema["properties"][name];
                    let schema = if known.is_null() { &schema["additionalProperties"] } else { known };
                    (name.clone(), coerce(field, schema))
                })
                .collect(),
        ),
        (Some("array"), Value::Object(items)) => {
            Value::Array(items.values().map(|item| coerce(item, &schema["items"])).collect())
        }
        (Some("integer"), Value::String(text)) => {
            text.parse::<i64>().map_or_else(|_| value.clone(), Value::from)
        }
        (Some("number"), Value::String(text)) => {
            text.parse::<f64>().map_or_else(|_| value.clone(), Value::from)
        }
        (Some("boolean"), Value::String(text)) => {
            text.parse::<bool>().map_or_else(|_| value.clone(), Value::from)
        }
        _ => value.clone(),
    }
}
