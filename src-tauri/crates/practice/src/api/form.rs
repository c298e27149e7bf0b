//! Form bodies and query strings: `a[0][b]=c` becomes a tree whose leaves are text.

use serde_json::{Map, Value};

use super::error::ApiError;

/// More bytes than any of Stripe's calls needs.
pub(crate) const MOST_BYTES: usize = 4 * 1024 * 1024;
const MOST_PAIRS: usize = 20_000;
const MOST_DEEP: usize = 16;

/// Reads a form or a query string.
pub(crate) fn parse(text: &[u8]) -> Result<Map<String, Value>, ApiError> {
    let mut tree = Map::new();
    let mut pairs = 0_usize;
    for pair in text.split(|&byte| byte == b'&').filter(|pair| !pair.is_empty()) {
        pairs += 1;
        if pairs > MOST_PAIRS {
            return Err(ApiError::invalid("Invalid request: too many parameters."));
        }
        let mut halves = pair.splitn(2, |&byte| byte == b'=');
        let name = decode(halves.next().unwrap_or_default())?;
        let value = decode(halves.next().unwrap_or_default())?;
        put(&mut tree, &steps(&name)?, value, &name)?;
    }
    Ok(tree)
}

fn decode(text: &[u8]) -> Result<String, ApiError> {
    let mut out = Vec::with_capacity(text.len());
    let mut bytes = text.iter();
    while let Some(&byte) = bytes.next() {
        match byte {
            b'+' => out.push(b' '),
            b'%' => match (bytes.next().and_then(hex), bytes.next().and_then(hex)) {
                (Some(high), Some(low)) => out.push(high * 16 + low),
                _ => {
                    return Err(ApiError::invalid(
                        "Invalid request: a percent sign is not followed by two digits.",
                    ));
                }
            },
            other => out.push(other),
        }
    }
    String::from_utf8(out).map_err(|_| ApiError::invalid("Invalid request: parameters must be UTF-8."))
}

fn hex(byte: &u8) -> Option<u8> {
    char::from(*byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}

/// `a[0][b]` as `a`, `0`, `b`.
fn steps(name: &str) -> Result<Vec<&str>, ApiError> {
    let Some((first, rest)) = name.split_once('[') else { return Ok(vec![name]) };
    let rest =
        rest.strip_suffix(']').ok_or_else(|| ApiError::invalid(format!("Invalid parameter name: {name}")))?;
    let mut steps = vec![first];
    steps.extend(rest.split("]["));
    if steps.len() > MOST_DEEP {
        return Err(ApiError::invalid("Invalid request: parameters are nested too deeply.").param(first));
    }
    Ok(steps)
}

fn put(tree: &mut Map<String, Value>, steps: &[&str], value: String, name: &str) -> Result<(), ApiError> {
    let Some((&first, rest)) = steps.split_first() else { return Ok(()) };
    // `a[]=x` goes behind what is there.
    let key = if first.is_empty() { tree.len().to_string() } else { first.to_owned() };
    if rest.is_empty() {
        tree.insert(key, Value::String(value));
        return Ok(());
    }
    match tree.entry(key).or_insert_with(|| Value::Object(Map::new())) {
        Value::Object(inner) => put(inner, rest, value, name),
        _ => {
            Err(ApiError::invalid(format!("Invalid request: {name} is both a value and a list."))
                .param(first))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn brackets_become_a_tree() {
        let tree = parse(b"a=1&b[c][0]=x+y&b[c][1]=%C3%A9&d[]=p&d[]=q&e=").expect("well formed");
        assert_eq!(
            Value::Object(tree),
            json!({"a": "1", "b": {"c": {"0": "x y", "1": "é"}}, "d": {"0": "p", "1": "q"}, "e": ""})
        );
    }

    #[test]
    fn what_is_malformed_is_refused() {
        let deep = format!("a{}=1", "[b]".repeat(40));
        for bad in [deep.as_bytes(), b"a=%zz", b"a=%ff", b"a=1&a[b]=2", b"a[b=1"] {
            let error = parse(bad).expect_err("is malformed");
            assert_eq!(error.status, 400);
        }
    }
}
