//! What an event says was there before: the members that changed, with their old values.

use serde_json::{Map, Value};

/// The old values of everything that differs, `None` where nothing does.
pub(crate) fn previous(before: &Value, after: &Value) -> Option<Value> {
    let (before, after) = (before.as_object()?, after.as_object()?);
    let mut changed = Map::new();
    for (name, now) in after {
        let was = before.get(name).unwrap_or(&Value::Null);
        if was == now {
            continue;
        }
        let nested = if was.is_object() && now.is_object() { previous(was, now) } else { None };
        changed.insert(name.clone(), nested.unwrap_or_else(|| was.clone()));
    }
    for (name, was) in before {
        if !after.contains_key(name) {
            changed.insert(name.clone(), was.clone());
        }
    }
    (!changed.is_empty()).then_some(Value::Object(changed))
}

#[cfg(test)]
mod tests {
    use super::previous;
    use serde_json::json;

    #[test]
    fn only_what_changed_is_told_nested_ones_by_member() {
        let before = json!({"name": "a", "metadata": {"k": "1", "gone": "x"}, "same": 1});
        let after = json!({"name": "b", "metadata": {"k": "2", "new": "y"}, "same": 1});
        let wanted = json!({"name": "a", "metadata": {"k": "1", "new": null, "gone": "x"}});
        assert_eq!(previous(&before, &after), Some(wanted));
        assert_eq!(previous(&after, &after), None);
    }
}
