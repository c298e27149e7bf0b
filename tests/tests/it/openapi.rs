//! Stripe's API description, as a judge of requests and answers. It is not part of the repository: `STRIPE_OPENAPI`
//! says where it is.

use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap};

use jsonschema::error::ValidationErrorKind;
use jsonschema::{ValidationError, Validator};
use serde_json::{Map, Value, json};

use crate::proxy::Exchange;

pub struct Description {
    document: Value,
    requests: Value,
    answers: Value,
    /// One for each thing that is judged; making one takes longer than judging.
    judges: RefCell<HashMap<String, Validator>>,
}

impl Description {
    /// None, with words, where there is no description to hold anything against.
    pub fn find() -> Option<Self> {
        let Some(path) = std::env::var_os("STRIPE_OPENAPI").filter(|path| !path.is_empty()) else {
            println!("skipped: STRIPE_OPENAPI does not say where Stripe's API description is");
            return None;
        };
        let text =
            std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let document: Value = serde_json::from_str(&text).unwrap();
        let schemas = &document["components"]["schemas"];
        Some(Self {
            answers: translated(schemas, &answer_schema),
            requests: translated(schemas, &request_schema),
            document,
            judges: RefCell::default(),
        })
    }

    /// Everything about this exchange that the description does not allow.
    pub fn complaints(&self, exchange: &Exchange) -> Vec<String> {
        let what = format!("{} {}", exchange.method, exchange.path);
        let Some(operation) = self.operation(exchange) else {
            return vec![format!("{what}: no such operation")];
        };
        let mut found = Vec::new();
        let asked = if exchange.method == "POST" {
            let form = "application/x-www-form-urlencoded";
            &operation["requestBody"]["content"][form]["schema"]
        } else {
            &query_schema(operation)
        };
        let asked = || root(&translated(asked, &request_schema), &self.requests);
        found.extend(self.judge(&format!("{what}/ request"), asked, &tree(&exchange.parameters)));

        let status = exchange.status.to_string();
        let answers = &operation["responses"];
        let answer =
            &answers.get(&status).unwrap_or(&answers["default"])["content"]["application/json"]["schema"];
        let answer = || root(&translated(answer, &answer_schema), &self.answers);
        let body = serde_json::from_str(&exchange.answer).unwrap();
        found.extend(self.judge(&format!("{what}/ answer {}", exchange.status), answer, &body));
        found
    }

    /// What is wrong with a value, in front of it what it is.
    fn judge(&self, what: &str, schema: impl FnOnce() -> Value, value: &Value) -> Vec<String> {
        let kind: Vec<&str> = what.split('/').map(|part| if is_id(part) { "{id}" } else { part }).collect();
        let mut judges = self.judges.borrow_mut();
        let judge =
            judges.entry(kind.join("/")).or_insert_with(|| jsonschema::validator_for(&schema()).unwrap());
        let mut errors: Vec<String> = judge.iter_errors(value).flat_map(|error| reasons(&error)).collect();
        // The same fault in every row of a list is one fault.
        errors.sort();
        errors.dedup();
        errors.iter().map(|error| format!("{what}{error}")).collect()
    }

    fn operation(&self, exchange: &Exchange) -> Option<&Value> {
        let asked: Vec<&str> = exchange.path.split('/').collect();
        let fits = |template: &str| {
            let wanted: Vec<&str> = template.split('/').collect();
            wanted.len() == asked.len()
                && wanted.iter().zip(&asked).all(|(want, is)| want.starts_with('{') || want == is)
        };
        // A path spelt out goes before one with a parameter.
        let paths = self.document["paths"].as_object()?;
        let found = paths.get(&exchange.path).or_else(|| {
            paths
                .iter()
                .filter(|(path, _)| fits(path))
                .min_by_key(|(path, _)| path.matches('{').count())
                .map(|it| it.1)
        })?;
        found.get(exchange.method.to_lowercase())
    }
}

/// `pi_3NrX…`: an id in a path, not a name.
fn is_id(part: &str) -> bool {
    part.split_once('_').is_some_and(|(kind, rest)| kind.len() <= 5 && rest.len() >= 14)
}

/// A schema that can stand alone: what it points at goes with it.
fn root(schema: &Value, components: &Value) -> Value {
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "components": { "schemas": components },
        "allOf": [schema],
    })
}

/// Why, rather than "none of these": of the schemas that a value might have followed, the one it came closest to.
fn reasons(error: &ValidationError<'_>) -> Vec<String> {
    if let ValidationErrorKind::AnyOf { context } | ValidationErrorKind::OneOfNotValid { context } =
        error.kind()
    {
        let told = context.iter().map(|branch| branch.iter().flat_map(reasons).collect::<Vec<_>>());
        // A branch that fails at the value itself (an id where an object is) was not meant.
        let depth = |reason: &String| reason.split(':').next().unwrap_or_default().matches('/').count();
        let meant =
            told.max_by_key(|branch| (branch.iter().map(depth).min(), std::cmp::Reverse(branch.len())));
        if let Some(meant) = meant.filter(|meant| !meant.is_empty()) {
            return meant;
        }
    }
    let place = error.instance_path().to_string();
    let place: Vec<&str> =
        place.split('/').map(|part| if part.parse::<usize>().is_ok() { "*" } else { part }).collect();
    let mut words = error.to_string();
    words.truncate(words.char_indices().nth(300).map_or(words.len(), |(end, _)| end));
    vec![format!(" {}: {words}", place.join("/"))]
}

/// A query's schema out of the list of parameters.
fn query_schema(operation: &Value) -> Value {
    let mut properties = Map::new();
    for parameter in operation["parameters"].as_array().into_iter().flatten() {
        if parameter["in"] == "query" {
            let name = parameter["name"].as_str().unwrap().to_owned();
            properties.insert(name, parameter["schema"].clone());
        }
    }
    json!({ "type": "object", "properties": properties, "additionalProperties": false })
}

/// Applies a change to a schema and every schema inside it.
fn translated(schema: &Value, change: &dyn Fn(&mut Map<String, Value>)) -> Value {
    match schema {
        Value::Object(members) => {
            let mut members: Map<String, Value> =
                members.iter().map(|(name, inner)| (name.clone(), translated(inner, change))).collect();
            change(&mut members);
            if members.remove("nullable") == Some(Value::Bool(true)) {
                return json!({ "anyOf": [members, { "type": "null" }] });
            }
            Value::Object(members)
        }
        Value::Array(items) => items.iter().map(|item| translated(item, change)).collect(),
        other => other.clone(),
    }
}

/// Values of an open enumeration that are not known yet are allowed.
fn answer_schema(schema: &mut Map<String, Value>) {
    if schema.get("x-stripeBypassValidation") == Some(&Value::Bool(true)) {
        schema.remove("enum");
    }
    schema.remove("format");
}

/// In a form everything is a string, and a name that is not known is refused.
fn request_schema(schema: &mut Map<String, Value>) {
    answer_schema(schema);
    let pattern = match schema.get("type").and_then(Value::as_str) {
        Some("integer") => "^-?[0-9]+$",
        Some("number") => "^-?[0-9]+(\\.[0-9]+)?$",
        Some("boolean") => "^(true|false)$",
        Some("object") => {
            if schema.contains_key("properties") && !schema.contains_key("additionalProperties") {
                schema.insert("additionalProperties".to_owned(), json!(false));
            }
            return;
        }
        _ => return,
    };
    for own in ["minimum", "maximum", "enum", "multipleOf"] {
        schema.remove(own);
    }
    schema.insert("type".to_owned(), json!("string"));
    schema.insert("pattern".to_owned(), json!(pattern));
}

/// What grows out of `a[b][0]=c&…`: objects, lists and strings.
#[derive(Default)]
struct Branch {
    text: Option<String>,
    under: BTreeMap<String, Branch>,
}

/// The tree of parameters of an encoded form.
pub fn tree(encoded: &str) -> Value {
    let mut root = Branch::default();
    for pair in encoded.split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let name = decoded(name);
        let mut place = &mut root;
        for part in name.split('[').map(|part| part.trim_end_matches(']')) {
            place = place.under.entry(part.to_owned()).or_default();
        }
        place.text = Some(decoded(value));
    }
    let tree = grown(root);
    if tree == json!("") || tree == json!([]) { json!({}) } else { tree }
}

fn grown(branch: Branch) -> Value {
    if branch.under.is_empty() {
        return Value::String(branch.text.unwrap_or_default());
    }
    if branch.under.keys().all(|name| name.parse::<usize>().is_ok()) {
        let mut items: Vec<(usize, Value)> =
            branch.under.into_iter().map(|(name, inner)| (name.parse().unwrap(), grown(inner))).collect();
        items.sort_by_key(|(place, _)| *place);
        return items.into_iter().map(|(_, item)| item).collect();
    }
    branch.under.into_iter().map(|(name, inner)| (name, grown(inner))).collect::<Map<_, _>>().into()
}

fn decoded(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        match bytes[at] {
            b'+' => out.push(b' '),
            b'%' => {
                out.push(u8::from_str_radix(&text[at + 1..at + 3], 16).unwrap());
                at += 2;
            }
            other => out.push(other),
        }
        at += 1;
    }
    String::from_utf8(out).unwrap()
}

#[test]
fn a_form_grows_into_its_tree() {
    let grown = tree("amount=1500&metadata[note]=a+b%26c&types[0]=card&types[1]=link&created[gte]=5");
    let wanted = json!({
        "amount": "1500", "created": { "gte": "5" }, "metadata": { "note": "a b&c" }, "types": ["card", "link"],
    });
    assert_eq!(grown, wanted);
}

#[test]
fn the_judge_sees_what_stripe_would_refuse() {
    let Some(description) = Description::find() else { return };
    let exchange = |parameters: &str, answer: &str| Exchange {
        method: "POST".to_owned(),
        path: "/v1/payment_intents".to_owned(),
        parameters: parameters.to_owned(),
        idempotency_key: None,
        version: None,
        status: 400,
        answer: answer.to_owned(),
    };
    let fine = r#"{"error":{"type":"invalid_request_error","message":"No."}}"#;
    let good = description.complaints(&exchange("amount=100&currency=usd&metadata[a]=b", fine));
    assert!(good.is_empty(), "{good:?}");
    for (parameters, answer) in [
        ("amount=100&currency=usd&shoe_size=42", fine),
        ("amount=much&currency=usd", fine),
        ("amount=100&currency=usd", r#"{"error":{"type":"a_new_one"}}"#),
    ] {
        let complaints = description.complaints(&exchange(parameters, answer));
        assert!(!complaints.is_empty(), "{parameters} {answer}");
    }
}
