//! The long shelf of a shop on demand: products beyond the first forty and their prices, rendered when somebody looks.

use serde_json::json;

use super::catalogue::{ITEMS, check_digit};
use super::numbers::Ids;
use super::template::{Template, gap};
use crate::api::params::set;
use crate::resources::{prices, products};
use crate::world::ids::mix;
use crate::world::table::Generated;

const MADE_OF: [&str; 16] = [
    "Linen", "Cedar", "Copper", "Paper", "Wool", "Slate", "Cotton", "Brass", "Willow", "Amber", "Ink",
    "Marble", "Rye", "Maple", "Salt", "Clover",
];
const THING: [&str; 16] = [
    "Notebook",
    "Candle",
    "Mug",
    "Atlas",
    "Puzzle",
    "Postcard",
    "Pencil Case",
    "Tea Towel",
    "Novel",
    "Cookbook",
    "Map",
    "Print",
    "Bookend",
    "Journal",
    "Coaster",
    "Tin",
];
const DAY: i64 = 86_400;

/// Products (or their prices) that are made when somebody looks.
#[derive(Debug)]
pub(super) struct Stock {
    prices: bool,
    count: u64,
    born: i64,
    seed: u64,
    product_ids: Ids,
    price_ids: Ids,
    template: Template,
}

impl Stock {
    pub(super) fn new(prices: bool, products: u64, born: i64, seed: u64) -> Self {
        let first = u64::try_from(ITEMS.len()).unwrap_or(0);
        let mut product = products::blank("", 0, "");
        for name in ["id", "created", "updated", "name", "default_price"] {
            set(&mut product, name, gap(name));
        }
        set(&mut product, "type", "good");
        set(
            &mut product,
            "metadata",
            json!({ "category": gap("category"), "sku": gap("sku"), "barcode": gap("barcode"), "colour": gap("colour") }),
        );
        let mut price = prices::blank("", 0, "", "usd", 0);
        for name in ["id", "created", "product", "unit_amount", "unit_amount_decimal", "lookup_key"] {
            set(&mut price, name, gap(name));
        }
        set(&mut price, "tax_behavior", "exclusive");
        Self {
            prices,
            count: products.saturating_sub(first),
            born,
            seed: mix(seed ^ 0x570c),
            product_ids: Ids::new("prod", 14, seed),
            price_ids: Ids::new("price", 24, seed),
            template: Template::new(if prices { &price } else { &product }),
        }
    }

    fn amount(&self, index: u64) -> i64 {
        i64::try_from(20 + mix(self.seed ^ index) % 480).unwrap_or(20) * 10
    }

    /// From `item-000041` on: the start shop's own come before.
    fn lookup_key(index: u64) -> String {
        format!("item-{:06}", index + 41)
    }

    fn barcode(&self, index: u64) -> String {
        let first = format!("21{:010}", index + 41);
        let last = check_digit(&first);
        format!("{first}{last}")
    }

    fn write(&self, index: u64, name: &str, out: &mut String) {
        let item = ITEMS.get(usize::try_from(index % 40).unwrap_or(0));
        let word = |words: &'static [&'static str; 16], from: u64| {
            usize::try_from(from % 16).ok().and_then(|place| words.get(place)).copied().unwrap_or("")
        };
        let text = match name {
            "created" | "updated" => return out.push_str(&self.created(index).to_string()),
            "unit_amount" => return out.push_str(&self.amount(index).to_string()),
            "id" => self.id(index),
            "unit_amount_decimal" => self.amount(index).to_string(),
            "product" => self.product_ids.id(index),
            "default_price" => self.price_ids.id(index),
            "lookup_key" => Self::lookup_key(index),
            "name" => {
                let chance = mix(self.seed ^ !index);
                format!("{} {} {}", word(&MADE_OF, chance), word(&THING, chance / 16), index + 41)
            }
            "category" => item.map_or("", |item| item.category).to_owned(),
            "colour" => item.map_or("", |item| item.colour).to_owned(),
            "sku" => format!("GEN-{:06}", index + 41),
            "barcode" => self.barcode(index),
            _ => return out.push_str("null"),
        };
        out.push('"');
        out.push_str(&text);
        out.push('"');
    }
}

impl Generated for Stock {
    fn len(&self) -> u64 {
        self.count
    }

    fn created(&self, index: u64) -> i64 {
        self.born - 300 * DAY + i64::try_from(index).unwrap_or(0)
    }

    fn id(&self, index: u64) -> String {
        if self.prices { self.price_ids.id(index) } else { self.product_ids.id(index) }
    }

    fn find(&self, id: &str) -> Option<u64> {
        let ids = if self.prices { &self.price_ids } else { &self.product_ids };
        ids.number(id).filter(|index| *index < self.count)
    }

    fn render(&self, index: u64, _now_s: i64) -> String {
        self.template.fill(|name, out| self.write(index, name, out))
    }

    fn key(&self, index: u64, name: &str) -> Option<String> {
        match name {
            "active" => Some("true".to_owned()),
            "currency" => Some("usd".to_owned()),
            "type" => Some("one_time".to_owned()),
            "lookup_key" => Some(Self::lookup_key(index)),
            "product" => Some(self.product_ids.id(index)),
            "id" => Some(self.id(index)),
            _ => Some(String::new()),
        }
    }

    fn find_by(&self, name: &str, value: &str) -> Option<Vec<u64>> {
        let found = match name {
            "lookup_key" => value
                .strip_prefix("item-")
                .filter(|digits| digits.len() == 6)
                .and_then(|digits| digits.parse::<u64>().ok())
                .and_then(|number| number.checked_sub(41)),
            "product" => self.product_ids.number(value),
            "id" => self.find(value),
            _ => return None,
        };
        Some(found.filter(|index| *index < self.count).into_iter().collect())
    }
}
