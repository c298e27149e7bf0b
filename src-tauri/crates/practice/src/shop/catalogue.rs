//! What the start shop sells: a book shop with a coffee bar. Amounts are whole ten cents, so that no sum of them ends in
//! one of the amounts that steer a simulated reader into a decline.

/// Something on the shelf.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Item {
    pub name: &'static str,
    pub lookup_key: &'static str,
    pub amount: i64,
    pub category: &'static str,
    pub sku: &'static str,
    /// A valid EAN-13; books carry their ISBN.
    pub barcode: &'static str,
    pub colour: &'static str,
}

const fn item(
    name: &'static str,
    lookup_key: &'static str,
    amount: i64,
    category: &'static str,
    sku: &'static str,
    barcode: &'static str,
    colour: &'static str,
) -> Item {
    Item { name, lookup_key, amount, category, sku, barcode, colour }
}

#[rustfmt::skip]
pub(crate) const ITEMS: &[Item] = &[
    item("Flat White", "flat-white", 450, "Coffee", "COF-001", "2004500011175", "#7B4B2A"),
    item("Cappuccino", "cappuccino", 420, "Coffee", "COF-002", "2004500022348", "#7B4B2A"),
    item("Espresso", "espresso", 300, "Coffee", "COF-003", "2004500033511", "#7B4B2A"),
    item("Filter Coffee", "filter-coffee", 280, "Coffee", "COF-004", "2004500044685", "#7B4B2A"),
    item("Oat Latte", "oat-latte", 490, "Coffee", "COF-005", "2004500055858", "#7B4B2A"),
    item("Iced Coffee", "iced-coffee", 440, "Coffee", "COF-006", "2004500067028", "#7B4B2A"),
    item("Mocha", "mocha", 480, "Coffee", "COF-007", "2004500078192", "#7B4B2A"),
    item("Earl Grey Pot", "earl-grey-pot", 380, "Tea & Chocolate", "TEA-008", "2004500089365", "#3F7D58"),
    item("Green Sencha Pot", "green-sencha-pot", 390, "Tea & Chocolate", "TEA-009", "2004500100534", "#3F7D58"),
    item("Mint Tea", "mint-tea", 350, "Tea & Chocolate", "TEA-010", "2004500111707", "#3F7D58"),
    item("Chai Latte", "chai-latte", 460, "Tea & Chocolate", "TEA-011", "2004500122871", "#3F7D58"),
    item("Hot Chocolate", "hot-chocolate", 430, "Tea & Chocolate", "TEA-012", "2004500134041", "#3F7D58"),
    item("Butter Croissant", "butter-croissant", 340, "Bakery", "BAK-013", "2004500145214", "#C98A2B"),
    item("Cinnamon Roll", "cinnamon-roll", 390, "Bakery", "BAK-014", "2004500156388", "#C98A2B"),
    item("Banana Bread Slice", "banana-bread-slice", 360, "Bakery", "BAK-015", "2004500167551", "#C98A2B"),
    item("Blueberry Muffin", "blueberry-muffin", 370, "Bakery", "BAK-016", "2004500178724", "#C98A2B"),
    item("Almond Biscotti", "almond-biscotti", 220, "Bakery", "BAK-017", "2004500189898", "#C98A2B"),
    item("Cheese Scone", "cheese-scone", 350, "Bakery", "BAK-018", "2004500201064", "#C98A2B"),
    item("Lemon Tart", "lemon-tart", 480, "Bakery", "BAK-019", "2004500212237", "#C98A2B"),
    item("The Lantern Keeper", "the-lantern-keeper", 1800, "Fiction", "FIC-020", "9781917027403", "#2F5D8A"),
    item("Salt and Cedar", "salt-and-cedar", 1690, "Fiction", "FIC-021", "9781917028776", "#2F5D8A"),
    item("A House of Small Hours", "a-house-of-small-hours", 1950, "Fiction", "FIC-022", "9781917030144", "#2F5D8A"),
    item("The Ferryman's Ledger", "the-ferrymans-ledger", 1600, "Fiction", "FIC-023", "9781917031516", "#2F5D8A"),
    item("Winter in Marrow Street", "winter-in-marrow-street", 1720, "Fiction", "FIC-024", "9781917032889", "#2F5D8A"),
    item("Nine Letters Home", "nine-letters-home", 1480, "Fiction", "FIC-025", "9781917034258", "#2F5D8A"),
    item("The Glass Orchard", "the-glass-orchard", 2200, "Fiction", "FIC-026", "9781917035620", "#2F5D8A"),
    item("The Fox Who Counted Stars", "the-fox-who-counted-stars", 1290, "Children", "KID-027", "9781917036993", "#B4473C"),
    item("Mabel and the Moon Bus", "mabel-and-the-moon-bus", 1190, "Children", "KID-028", "9781917038362", "#B4473C"),
    item("Ten Sleepy Whales", "ten-sleepy-whales", 990, "Children", "KID-029", "9781917039734", "#B4473C"),
    item("The Paper Dragon", "the-paper-dragon", 1340, "Children", "KID-030", "9781917041102", "#B4473C"),
    item("A Pocketful of Puddles", "a-pocketful-of-puddles", 1090, "Children", "KID-031", "9781917042475", "#B4473C"),
    item("Where Does Tuesday Go?", "where-does-tuesday-go", 1240, "Children", "KID-032", "9781917043847", "#B4473C"),
    item("Dotted Notebook A5", "dotted-notebook-a5", 1250, "Stationery & Gifts", "GIF-033", "2004500368613", "#6B4E8F"),
    item("Brass Pen", "brass-pen", 2800, "Stationery & Gifts", "GIF-034", "2004500379787", "#6B4E8F"),
    item("Greeting Card", "greeting-card", 420, "Stationery & Gifts", "GIF-035", "2004500390959", "#6B4E8F"),
    item("Canvas Tote Bag", "canvas-tote-bag", 1500, "Stationery & Gifts", "GIF-036", "2004500402126", "#6B4E8F"),
    item("Enamel Mug", "enamel-mug", 1600, "Stationery & Gifts", "GIF-037", "2004500413290", "#6B4E8F"),
    item("Beans 250 g, House Blend", "beans-250g-house-blend", 1390, "Stationery & Gifts", "GIF-038", "2004500424463", "#6B4E8F"),
    item("Gift Wrapping", "gift-wrapping", 200, "Stationery & Gifts", "GIF-039", "2004500435636", "#6B4E8F"),
    item("Bookmark Set", "bookmark-set", 650, "Stationery & Gifts", "GIF-040", "2004500446809", "#6B4E8F"),
];

/// The check digit of an EAN-13 whose first twelve digits these are.
pub(crate) fn check_digit(first: &str) -> u32 {
    let sum: u32 = first
        .chars()
        .filter_map(|digit| digit.to_digit(10))
        .enumerate()
        .map(|(place, digit)| if place % 2 == 1 { digit * 3 } else { digit })
        .sum();
    (10 - sum % 10) % 10
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn barcodes_are_valid_and_everything_is_told_apart() {
        let mut seen = HashSet::new();
        let mut categories = HashSet::new();
        for item in ITEMS {
            let (first, last) = item.barcode.split_at(12);
            assert_eq!(last, check_digit(first).to_string(), "{}", item.name);
            assert!(seen.insert(item.lookup_key) && seen.insert(item.sku) && seen.insert(item.barcode));
            assert_eq!(item.amount % 10, 0);
            categories.insert(item.category);
        }
        assert_eq!((ITEMS.len(), categories.len()), (40, 6));
    }
}
