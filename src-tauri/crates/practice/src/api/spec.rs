//! What every operation takes: Stripe's parameters as small indented tables (one file per resource, derived from its
//! published API description), read when an operation is first called.
//!
//! A line is `name type`; `!` after the name is "required", `?` after the type is "`''` unsets it". Types are `str`
//! with an optional length, `int`, `num`, `dec`, `bool`, `time`, `{a,b}` (one of; `~` leaves it open), `[x]`, `map<x>`,
//! `obj`, `x|y`; `@n` names a list written once at the top of its file. Children are one space deeper.

use std::collections::HashMap;
use std::sync::OnceLock;

const FILES: &[&str] = &[
    include_str!("params/account.txt"),
    include_str!("params/balance.txt"),
    include_str!("params/balance_transactions.txt"),
    include_str!("params/charges.txt"),
    include_str!("params/checkout.txt"),
    include_str!("params/coupons.txt"),
    include_str!("params/credit_notes.txt"),
    include_str!("params/customers.txt"),
    include_str!("params/disputes.txt"),
    include_str!("params/events.txt"),
    include_str!("params/invoice_payments.txt"),
    include_str!("params/invoiceitems.txt"),
    include_str!("params/invoices.txt"),
    include_str!("params/payment_intents.txt"),
    include_str!("params/payment_links.txt"),
    include_str!("params/payment_methods.txt"),
    include_str!("params/payouts.txt"),
    include_str!("params/prices.txt"),
    include_str!("params/products.txt"),
    include_str!("params/promotion_codes.txt"),
    include_str!("params/refunds.txt"),
    include_str!("params/reporting.txt"),
    include_str!("params/setup_intents.txt"),
    include_str!("params/subscription_items.txt"),
    include_str!("params/subscriptions.txt"),
    include_str!("params/tax_rates.txt"),
    include_str!("params/terminal.txt"),
    include_str!("params/test_helpers.txt"),
    include_str!("params/webhook_endpoints.txt"),
];

/// One kind of value a parameter may have.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Kind {
    Text(Option<usize>),
    Integer,
    Number,
    Decimal,
    Boolean,
    Time,
    OneOf { values: Vec<&'static str>, open: bool },
    Object,
    Map(Box<Kind>),
    List(Box<Shape>),
}

/// Every kind a parameter may have, and whether `''` unsets it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Shape {
    pub kinds: Vec<Kind>,
    pub unset: bool,
}

/// A parameter.
#[derive(Debug, Clone)]
pub(crate) struct Field {
    pub name: &'static str,
    pub required: bool,
    pub shape: Shape,
    pub children: Vec<Field>,
}

struct Operation {
    lines: Vec<&'static str>,
    aliases: HashMap<&'static str, &'static str>,
    fields: OnceLock<Vec<Field>>,
}

fn operations() -> &'static HashMap<&'static str, Operation> {
    static OPERATIONS: OnceLock<HashMap<&'static str, Operation>> = OnceLock::new();
    OPERATIONS.get_or_init(|| FILES.iter().flat_map(|text| split(text)).collect())
}

fn split(text: &'static str) -> Vec<(&'static str, Operation)> {
    let mut aliases = HashMap::new();
    let mut found: Vec<(&'static str, Operation)> = Vec::new();
    for line in text.lines() {
        if line.starts_with('@') {
            if let Some((name, list)) = line.split_once(' ') {
                aliases.insert(name, list);
            }
        } else if line.starts_with(' ') {
            if let Some((_, operation)) = found.last_mut() {
                operation.lines.push(line);
            }
        } else {
            let aliases = aliases.clone();
            found.push((line, Operation { lines: Vec::new(), aliases, fields: OnceLock::new() }));
        }
    }
    found
}

/// The parameters of `"POST /v1/payment_intents"`; `None` where Stripe has no such operation.
pub(crate) fn fields_of(operation: &str) -> Option<&'static [Field]> {
    let operation = operations().get(operation)?;
    let fields = operation.fields.get_or_init(|| {
        let mut at = 0;
        block(&operation.lines, &mut at, 1, &operation.aliases)
    });
    Some(fields)
}

/// How many operations the description has.
#[cfg(test)]
pub(crate) fn known() -> Vec<&'static str> {
    operations().keys().copied().collect()
}

fn block(
    lines: &[&'static str],
    at: &mut usize,
    depth: usize,
    aliases: &HashMap<&'static str, &'static str>,
) -> Vec<Field> {
    let mut fields = Vec::new();
    while let Some(line) = lines.get(*at) {
        let indent = line.len() - line.trim_start().len();
        if indent < depth {
            break;
        }
        *at += 1;
        let Some((name, kind)) = line.trim_start().split_once(' ') else { continue };
        let (name, required) = name.strip_suffix('!').map_or((name, false), |name| (name, true));
        let children = block(lines, at, depth + 1, aliases);
        fields.push(Field { name, required, shape: shape(kind, aliases), children });
    }
    fields
}

fn shape(text: &'static str, aliases: &HashMap<&'static str, &'static str>) -> Shape {
    let (text, unset) = text.strip_suffix('?').map_or((text, false), |text| (text, true));
    let mut kinds = Vec::new();
    let (mut depth, mut start) = (0_i32, 0);
    for (place, sign) in text.char_indices() {
        match sign {
            '[' | '{' | '<' => depth += 1,
            ']' | '}' | '>' => depth -= 1,
            '|' if depth == 0 => {
                kinds.extend(text.get(start..place).and_then(|part| kind(part, aliases)));
                start = place + 1;
            }
            _ => {}
        }
    }
    kinds.extend(text.get(start..).and_then(|part| kind(part, aliases)));
    Shape { kinds, unset }
}

fn kind(text: &'static str, aliases: &HashMap<&'static str, &'static str>) -> Option<Kind> {
    let (named, open) = text.strip_suffix('~').map_or((text, false), |text| (text, true));
    let list = aliases.get(named).copied().unwrap_or(named);
    if let Some(values) = list.strip_prefix('{').and_then(|list| list.strip_suffix('}')) {
        return Some(Kind::OneOf { values: values.split(',').collect(), open });
    }
    if let Some(inner) = text.strip_prefix('[').and_then(|text| text.strip_suffix(']')) {
        return Some(Kind::List(Box::new(shape(inner, aliases))));
    }
    if let Some(inner) = text.strip_prefix("map<").and_then(|text| text.strip_suffix('>')) {
        return kind(inner, aliases).map(|inner| Kind::Map(Box::new(inner)));
    }
    match text {
        "int" => Some(Kind::Integer),
        "num" => Some(Kind::Number),
        "dec" => Some(Kind::Decimal),
        "bool" => Some(Kind::Boolean),
        "time" => Some(Kind::Time),
        "obj" => Some(Kind::Object),
        "" => None,
        other => Some(Kind::Text(other.strip_prefix("str").and_then(|length| length.parse().ok()))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_operation_of_the_description_can_be_read() {
        let known = known();
        assert!(known.len() > 170, "{}", known.len());
        for operation in known {
            let fields = fields_of(operation).expect("listed above");
            assert!(
                fields.iter().all(|field| !field.name.is_empty() && !field.shape.kinds.is_empty()),
                "{operation}"
            );
        }
    }

    #[test]
    fn nested_required_and_unsettable_parameters_are_told_apart() {
        let fields = fields_of("POST /v1/payment_intents").expect("served");
        let named = |name: &str| fields.iter().find(|field| field.name == name).expect("is a parameter");
        assert!(named("amount").required);
        assert_eq!(named("metadata").shape.kinds, vec![Kind::Map(Box::new(Kind::Text(None)))]);
        let shipping = named("shipping");
        assert!(shipping.children.iter().any(|child| child.name == "address" && child.required));
        assert!(fields_of("POST /v1/nothing").is_none());
    }
}
