//! Stripe's search: `name:"Ada" AND metadata["plan"]:"gold"`, over what was changed long enough ago.

use serde_json::{Value, json};

use super::call::Call;
use super::kind::Kind;
use super::list;
use super::table::{Place, key_of};
use crate::api::error::ApiError;
use crate::api::route::Answer;

/// Search is not read-after-write: what is younger than this is not found yet.
const LAG_SECONDS: i64 = 16;

#[derive(Debug, PartialEq)]
struct Clause {
    negated: bool,
    field: String,
    sign: &'static str,
    value: String,
}

#[derive(Debug, PartialEq)]
struct Query {
    clauses: Vec<Clause>,
    any: bool,
}

fn refused(text: &str) -> ApiError {
    let message = format!(
        "We were unable to parse your search query: {text}. Try using the format `metadata[\"key\"]:\"value\"` to query for \
         metadata or key: \"value\" to query for other fields."
    );
    ApiError::invalid(message).param("query")
}

/// Splits at spaces outside quotes.
fn words(text: &str) -> Vec<String> {
    let (mut words, mut word, mut quote) = (Vec::new(), String::new(), None);
    for sign in text.chars() {
        match quote {
            Some(open) if sign == open => quote = None,
            None if sign == '"' || sign == '\'' => quote = Some(sign),
            None if sign.is_whitespace() => {
                if !word.is_empty() {
                    words.push(std::mem::take(&mut word));
                }
                continue;
            }
            _ => {}
        }
        word.push(sign);
    }
    if !word.is_empty() {
        words.push(word);
    }
    words
}

fn parse(text: &str) -> Result<Query, ApiError> {
    let mut query = Query { clauses: Vec::new(), any: false };
    let (mut and, mut or) = (false, false);
    for word in words(text) {
        match word.to_ascii_lowercase().as_str() {
            "and" => and = true,
            "or" => or = true,
            _ => query.clauses.push(clause(&word).ok_or_else(|| refused(text))?),
        }
    }
    if query.clauses.is_empty() || (and && or) {
        return Err(refused(text));
    }
    query.any = or;
    Ok(query)
}

fn clause(word: &str) -> Option<Clause> {
    let (negated, word) = word.strip_prefix('-').map_or((false, word), |rest| (true, rest));
    // Inside metadata["…"] a colon or a greater-than belongs to the key.
    let from = word.find(']').unwrap_or(0);
    let at = word.get(from..)?.find([':', '~', '>', '<'])? + from;
    let (field, rest) = word.split_at_checked(at)?;
    let sign = [">=", "<=", ":", "~", ">", "<"].into_iter().find(|sign| rest.starts_with(sign))?;
    let value = rest.get(sign.len()..)?.trim_matches(['"', '\'']).to_owned();
    let field = match field.strip_prefix("metadata[") {
        Some(key) => format!("metadata.{}", key.trim_end_matches(']').trim_matches(['"', '\''])),
        None => field.to_owned(),
    };
    (!field.is_empty()).then_some(Clause { negated, field, sign, value })
}

impl Clause {
    fn holds(&self, object: &Value) -> bool {
        let found = key_of(object, &self.field);
        let truth = match self.sign {
            ":" if self.value == "null" => found.is_empty(),
            ":" => found.eq_ignore_ascii_case(&self.value),
            "~" => found.to_lowercase().contains(&self.value.to_lowercase()),
            sign => compares(sign, &found, &self.value),
        };
        truth != self.negated
    }
}

fn compares(sign: &str, found: &str, value: &str) -> bool {
    let (Ok(found), Ok(value)) = (found.parse::<i64>(), value.parse::<i64>()) else { return false };
    match sign {
        ">" => found > value,
        "<" => found < value,
        ">=" => found >= value,
        _ => found <= value,
    }
}

impl Query {
    fn takes(&self, object: &Value) -> bool {
        if self.any {
            self.clauses.iter().any(|clause| clause.holds(object))
        } else {
            self.clauses.iter().all(|clause| clause.holds(object))
        }
    }
}

impl Call<'_> {
    /// A page of search results; `fields` are those that can be searched besides `created` and metadata.
    pub(crate) fn search(&self, kind: &Kind, fields: &[&str]) -> Result<Answer, ApiError> {
        let query = parse(self.params.need("query")?)?;
        for clause in &query.clauses {
            let known = clause.field == "created"
                || clause.field.starts_with("metadata.")
                || fields.contains(&clause.field.as_str());
            if !known {
                let message =
                    format!("Field `{}` is an unsupported search field for resource.", clause.field);
                return Err(ApiError::invalid(message).param("query"));
            }
        }
        let limit = list::limit(&self.params)?;
        let skip: usize = match self.params.str("page") {
            Some(page) => page.parse().map_err(|_| ApiError::invalid("Invalid page token.").param("page"))?,
            None => 0,
        };
        let mut found = self.matching(kind, &query, skip, limit + 1);
        let more = found.len() > limit;
        found.truncate(limit);
        let next = if more { json!((skip + limit).to_string()) } else { Value::Null };
        Ok(Answer::Object(json!({
            "object": "search_result", "data": found, "has_more": more, "next_page": next, "url": self.path,
        })))
    }

    fn matching(&self, kind: &Kind, query: &Query, skip: usize, most: usize) -> Vec<Value> {
        let Some(table) = self.world.table(kind) else { return Vec::new() };
        let until = self.now().saturating_sub(LAG_SECONDS);
        table
            .walk(None, true, (i64::MIN, until), None)
            .filter_map(|place| match (table.row_at(place), place) {
                (Some((_, row)), _) if row.deleted || row.touched > until => None,
                (Some((_, row)), _) => serde_json::from_str(&row.json).ok(),
                (None, Place::Generated(index)) => {
                    table.past().and_then(|past| serde_json::from_str(&past.render(index, self.now())).ok())
                }
                (None, Place::Stored(..)) => None,
            })
            .filter(|object| query.takes(object))
            .skip(skip)
            .take(most)
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn queries_are_read_and_hold() {
        let object =
            json!({"name": "Ada Lovelace", "amount": 120, "metadata": {"a:b": "x y"}, "email": null});
        let holds = |text: &str| parse(text).map(|query| query.takes(&object)).ok();
        assert_eq!(holds("name~\"love\" AND amount>100"), Some(true));
        assert_eq!(holds("name:\"ada\" OR amount>=120"), Some(true));
        assert_eq!(holds("metadata[\"a:b\"]:\"x y\""), Some(true));
        assert_eq!(holds("-email:null"), Some(false));
        assert_eq!(holds("name"), None);
        assert_eq!(holds("a:1 AND b:2 OR c:3"), None);
        assert_eq!(holds(""), None);
    }
}
