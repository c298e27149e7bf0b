//! Objects of the past are written by filling gaps in a text that was rendered once: a page of a hundred costs what
//! copying it costs.

use serde_json::{Value, json};

#[derive(Debug)]
enum Piece {
    Text(String),
    Gap(String),
}

/// A rendered object with gaps.
#[derive(Debug)]
pub(super) struct Template(Vec<Piece>);

/// What stands in an object where a gap is to be.
pub(super) fn gap(name: &str) -> Value {
    json!(format!("@@{name}@@"))
}

impl Template {
    pub(super) fn new(object: &Value) -> Self {
        let text = object.to_string();
        let mut pieces = Vec::new();
        let mut rest = text.as_str();
        while let Some((before, after)) = rest.split_once("\"@@") {
            let Some((name, behind)) = after.split_once("@@\"") else { break };
            pieces.push(Piece::Text(before.to_owned()));
            pieces.push(Piece::Gap(name.to_owned()));
            rest = behind;
        }
        pieces.push(Piece::Text(rest.to_owned()));
        Self(pieces)
    }

    /// The object with JSON put into every gap.
    pub(super) fn fill(&self, mut put: impl FnMut(&str, &mut String)) -> String {
        let mut out = String::with_capacity(2600);
        for piece in &self.0 {
            match piece {
                Piece::Text(text) => out.push_str(text),
                Piece::Gap(name) => put(name, &mut out),
            }
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gaps_take_any_json() {
        let template = Template::new(&json!({"a": gap("n"), "b": {"c": gap("s")}, "d": 1}));
        let filled = template.fill(|name, out| out.push_str(if name == "n" { "5" } else { "\"x\"" }));
        assert_eq!(filled, r#"{"a":5,"b":{"c":"x"},"d":1}"#);
    }
}
