//! One text for one value: keys sorted, no spaces, integers only. What is signed must not depend on a library's mood.

use std::fmt::Write as _;

use serde_json::Value;

/// The canonical text of a value.
pub(crate) fn canonical(value: &Value) -> String {
    let mut text = String::with_capacity(256);
    write_value(&mut text, value);
    text
}

fn write_value(text: &mut String, value: &Value) {
    match value {
        Value::Object(map) => {
            let mut keys: Vec<&String> = map.keys().collect();
            keys.sort_unstable();
            text.push('{');
            for (place, key) in keys.into_iter().enumerate() {
                if place > 0 {
                    text.push(',');
                }
                write_text(text, key);
                text.push(':');
                write_value(text, map.get(key).unwrap_or(&Value::Null));
            }
            text.push('}');
        }
        Value::Array(items) => {
            text.push('[');
            for (place, item) in items.iter().enumerate() {
                if place > 0 {
                    text.push(',');
                }
                write_value(text, item);
            }
            text.push(']');
        }
        Value::String(string) => write_text(text, string),
        Value::Null => text.push_str("null"),
        Value::Bool(true) => text.push_str("true"),
        Value::Bool(false) => text.push_str("false"),
        Value::Number(number) => {
            let _ = write!(text, "{number}");
        }
    }
}

/// RFC 8785's escapes: the short ones, `\u00xx` for the other controls, everything else as it is.
fn write_text(text: &mut String, string: &str) {
    text.push('"');
    for character in string.chars() {
        match character {
            '"' => text.push_str("\\\""),
            '\\' => text.push_str("\\\\"),
            '\u{8}' => text.push_str("\\b"),
            '\t' => text.push_str("\\t"),
            '\n' => text.push_str("\\n"),
            '\u{c}' => text.push_str("\\f"),
            '\r' => text.push_str("\\r"),
            control if u32::from(control) < 0x20 => {
                let _ = write!(text, "\\u{:04x}", u32::from(control));
            }
            plain => text.push(plain),
        }
    }
    text.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn order_of_keys_does_not_matter_and_text_is_exact() {
        let a = canonical(&json!({ "b": [1, null, true], "a": { "z": "é\"\n\u{1}", "y": -5 } }));
        let b = canonical(&json!({ "a": { "y": -5, "z": "é\"\n\u{1}" }, "b": [1, null, true] }));
        assert_eq!(a, b);
        assert_eq!(a, "{\"a\":{\"y\":-5,\"z\":\"é\\\"\\n\\u0001\"},\"b\":[1,null,true]}");
        assert_eq!(serde_json::from_str::<serde_json::Value>(&a).unwrap()["a"]["z"], "é\"\n\u{1}");
    }
}
