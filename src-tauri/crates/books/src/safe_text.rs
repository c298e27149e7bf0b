//! Text that a spreadsheet must not run. A customer or product named `=HYPERLINK(…)` would be executed when an
//! accountant opens the file; a leading `'` makes it text. Only text columns pass through here: amounts are written as
//! plain numbers, so that a refund's minus sign survives.

use std::borrow::Cow;

/// `text` as it may stand in a text column: prefixed with `'` when a spreadsheet would read it as a formula, also
/// behind leading spaces and in full-width forms; NUL, which many readers of CSV refuse, is replaced.
pub fn neutralise(text: &str) -> Cow<'_, str> {
    let starts_formula = text.trim_start_matches([' ', '\u{a0}', '\u{3000}']).starts_with(is_trigger);
    let has_nul = text.contains('\0');
    if !starts_formula && !has_nul {
        return Cow::Borrowed(text);
    }
    let mut safe = String::with_capacity(text.len().saturating_add(1));
    if starts_formula {
        safe.push('\'');
    }
    safe.extend(text.chars().map(|c| if c == '\0' { char::REPLACEMENT_CHARACTER } else { c }));
    Cow::Owned(safe)
}

fn is_trigger(c: char) -> bool {
    matches!(c, '=' | '+' | '-' | '@' | '\t' | '\r' | '\n' | '＝' | '＋' | '－' | '＠')
}

#[cfg(test)]
mod tests {
    use super::neutralise;

    #[test]
    fn every_way_to_start_a_formula_is_disarmed() {
        for bad in [
            "=1+1",
            "+1",
            "-1",
            "@SUM(A1)",
            "\t=1",
            "\r=1",
            "\n=1",
            "  =1",
            "\u{a0}=1",
            "\u{3000}=1",
            "＝1",
            "＋1",
            "－1",
            "＠x",
        ] {
            assert_eq!(neutralise(bad), format!("'{bad}"), "{bad:?}");
        }
    }

    #[test]
    fn ordinary_text_is_left_as_it_is() {
        for good in ["", "  ", "Espresso = good", "ch_1-2", "a\n=b", "'=1", "12.40", "Ünïcode"] {
            assert_eq!(neutralise(good), good);
        }
    }

    #[test]
    fn nul_does_not_reach_the_file() {
        assert_eq!(neutralise("a\0b"), "a\u{fffd}b");
        assert_eq!(neutralise("=\0"), "'=\u{fffd}");
    }
}
