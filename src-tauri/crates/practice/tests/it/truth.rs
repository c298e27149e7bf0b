//! Stripe's own description as the judge of every answer.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Mutex, OnceLock};

use jsonschema::Validator;
use serde_json::{Map, Value, json};

/// The file that notes the operations that were valid.
pub const NOTES: &str = "PRACTICE_OPERATIONS";

/// The description and what was built from it.
pub struct Truth {
    document: Value,
    validators: Mutex<HashMap<String, &'static Validator>>,
}

/// `None`, said once, where `STRIPE_OPENAPI` is not set.
pub fn truth() -> Option<&'static Truth> {
    static TRUTH: OnceLock<Option<Truth>> = OnceLock::new();
    TRUTH
        .get_or_init(|| {
            let Some(path) = std::env::var("STRIPE_OPENAPI").ok().filter(|path| !path.is_empty()) else {
                println!("STRIPE_OPENAPI is not set: answers are not validated (skipped)");
                return None;
            };
            let text = std::fs::read_to_string(&path).expect("STRIPE_OPENAPI names a readable file");
            let document: Value = serde_json::from_str(&text).expect("STRIPE_OPENAPI is JSON");
            Some(Truth { document, validators: Mutex::default() })
        })
        .as_ref()
}

impl Truth {
    /// Checks an answer; panics with what is wrong.
    pub fn check(&self, method: &str, path: &str, status: u16, body: &Value) {
        let (template, schema) = if status == 200 {
            match self.operation(method, path) {
                Some(found) => found,
                None => panic!("{method} {path} answered 200 but Stripe has no such operation"),
            }
        } else {
            (String::new(), json!({ "$ref": "#/components/schemas/error" }))
        };
        let key = if status == 200 { format!("{method} {template}") } else { "error".to_owned() };
        let validator = self.validator(&key, &schema);
        let wrong: Vec<String> = validator
            .iter_errors(body)
            .map(|error| format!("  at {}: {}", error.instance_path(), brief(&error.to_string())))
            .collect();
        let mut extra = Vec::new();
        self.strict(&schema, body, "", &mut extra);
        assert!(
            wrong.is_empty() && extra.is_empty(),
            "{method} {path} → {status}\n{}\n{}\n{}",
            wrong.join("\n"),
            extra.join("\n"),
            brief(&body.to_string())
        );
        if status == 200 {
            note(&key);
        }
    }

    fn operation(&self, method: &str, path: &str) -> Option<(String, Value)> {
        let paths = self.document["paths"].as_object()?;
        let method = method.to_lowercase();
        let fits = |template: &str| {
            let (mut left, mut right) = (template.split('/'), path.split('/'));
            loop {
                match (left.next(), right.next()) {
                    (None, None) => return true,
                    (Some(left), Some(right)) if left == right || left.starts_with('{') => {}
                    _ => return false,
                }
            }
        };
        let mut found: Vec<&String> = paths
            .keys()
            .filter(|template| fits(template) && paths[*template].get(&method).is_some())
            .collect();
        found.sort_by_key(|template| template.matches('{').count());
        let template = found.first()?;
        let schema = &paths[*template][&method]["responses"]["200"]["content"]["application/json"]["schema"];
        Some(((*template).clone(), schema.clone()))
    }

    fn validator(&self, key: &str, schema: &Value) -> &'static Validator {
        let mut validators = self.validators.lock().expect("no test panics in here");
        validators.entry(key.to_owned()).or_insert_with(|| {
            let mut needed = Map::new();
            self.gather(schema, &mut needed);
            let mut root = plain(schema);
            root["components"] = json!({ "schemas": needed });
            let built = jsonschema::validator_for(&root).expect("the description is a schema");
            Box::leak(Box::new(built))
        })
    }

    /// The schemas another reaches, in plain JSON Schema.
    fn gather(&self, schema: &Value, needed: &mut Map<String, Value>) {
        match schema {
            Value::Object(members) => {
                if let Some(name) =
                    members.get("$ref").and_then(Value::as_str).and_then(|path| path.rsplit('/').next())
                    && !needed.contains_key(name)
                {
                    let target = &self.document["components"]["schemas"][name];
                    needed.insert(name.to_owned(), plain(target));
                    self.gather(target, needed);
                }
                members
                    .iter()
                    .filter(|(name, _)| *name != "x-expansionResources")
                    .for_each(|(_, inner)| self.gather(inner, needed));
            }
            Value::Array(items) => items.iter().for_each(|item| self.gather(item, needed)),
            _ => {}
        }
    }

    /// What JSON Schema does not say: members the description does not know, and members that are always there though
    /// they may be null.
    fn strict(&self, schema: &Value, value: &Value, at: &str, wrong: &mut Vec<String>) {
        if let Some(name) = schema["$ref"].as_str().and_then(|path| path.rsplit('/').next()) {
            if let (Some(present), Some(members)) =
                (self.document["x-present-nullable"][name].as_array(), value.as_object())
            {
                for member in
                    present.iter().filter_map(Value::as_str).filter(|member| !members.contains_key(*member))
                {
                    wrong.push(format!("  at {at}: {member} of {name} is missing"));
                }
            }
            return self.strict(&self.document["components"]["schemas"][name], value, at, wrong);
        }
        if let Some(branches) = schema["anyOf"].as_array() {
            let object = value["object"].as_str();
            let fitting = branches.iter().find(|branch| match (value, object) {
                (Value::Object(_), Some(object)) => {
                    let gone = branch["$ref"].as_str().is_some_and(|path| path.contains("/deleted_"));
                    gone == (value["deleted"] == true)
                        && self.object_name(branch).is_none_or(|name| name == object)
                }
                (Value::Object(_), None) => branch.get("$ref").is_some() || branch["type"] == "object",
                _ => false,
            });
            return fitting.map_or((), |branch| self.strict(branch, value, at, wrong));
        }
        match value {
            Value::Object(members) => {
                let Some(known) = schema["properties"].as_object() else { return };
                for (name, inner) in members {
                    match known.get(name) {
                        Some(schema) => self.strict(schema, inner, &format!("{at}/{name}"), wrong),
                        None if known.is_empty() => {}
                        None => wrong.push(format!("  at {at}: {name} is unknown to the description")),
                    }
                }
            }
            Value::Array(items) => items.iter().enumerate().for_each(|(place, item)| {
                self.strict(&schema["items"], item, &format!("{at}/{place}"), wrong)
            }),
            _ => {}
        }
    }

    fn object_name(&self, branch: &Value) -> Option<String> {
        let name = branch["$ref"].as_str()?.rsplit('/').next()?;
        let schema = &self.document["components"]["schemas"][name];
        Some(schema["properties"]["object"]["enum"][0].as_str()?.to_owned())
    }

    /// Every operation of the description.
    pub fn operations(&self) -> BTreeSet<String> {
        let paths = self.document["paths"].as_object().into_iter().flatten();
        paths
            .flat_map(|(path, methods)| {
                methods
                    .as_object()
                    .into_iter()
                    .flatten()
                    .map(move |(method, _)| format!("{} {path}", method.to_uppercase()))
            })
            .collect()
    }
}

/// Notes an operation whose answer was valid, where somebody asked for notes.
fn note(operation: &str) {
    use std::io::Write;
    let Ok(path) = std::env::var(NOTES) else { return };
    let mut file = std::fs::OpenOptions::new().create(true).append(true).open(path).expect("the notes");
    file.write_all(format!("{operation}\n").as_bytes()).expect("written");
}

fn brief(text: &str) -> String {
    text.chars().take(600).collect()
}

/// OpenAPI 3's `nullable` in JSON Schema's words.
fn plain(schema: &Value) -> Value {
    match schema {
        Value::Object(members) => {
            let mut out = Map::new();
            for (name, inner) in members {
                if name.starts_with("x-") || name == "nullable" || name == "description" || name == "format" {
                    continue;
                }
                // An open list of values is a recommendation.
                if name == "enum" && members.get("x-stripeBypassValidation") == Some(&Value::Bool(true)) {
                    continue;
                }
                out.insert(name.clone(), plain(inner));
            }
            if members.get("nullable") == Some(&Value::Bool(true)) {
                return json!({ "anyOf": [Value::Object(out), { "type": "null" }] });
            }
            Value::Object(out)
        }
        Value::Array(items) => Value::Array(items.iter().map(plain).collect()),
        other => other.clone(),
    }
}
