//! The transactions file: its columns and how a row is written. RFC 4180 (CRLF, quotes doubled), UTF-8, times in
//! ISO 8601, amounts in signed decimal major units. Names and order of columns are the schema: changing one raises
//! [`SCHEMA_VERSION`].

use std::io::Write;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use jiff::tz::{Offset, TimeZone};
use tillbook_money::Currency;

use crate::BooksError;
use crate::safe_text::neutralise;
use crate::totals::{Totals, decimal};

/// Raised with every change of [`COLUMNS`] or of what they mean.
pub const SCHEMA_VERSION: u32 = 1;

/// The heading.
pub const COLUMNS: [&str; 22] = [
    "row_no",
    "id",
    "created",
    "created_utc",
    "available_on",
    "type",
    "reporting_category",
    "currency",
    "gross",
    "fee",
    "net",
    "description",
    "source_id",
    "charge_id",
    "payment_intent_id",
    "sale_id",
    "receipt_no",
    "business_date",
    "staff",
    "tender",
    "card_brand",
    "last4",
];

/// One movement of money.
#[derive(Debug, Default, Clone, Copy)]
pub struct Row<'a> {
    /// `txn_…`, or the attempt's id for cash.
    pub id: &'a str,
    /// Seconds since 1970.
    pub created_s: i64,
    /// When Stripe pays it out, seconds since 1970.
    pub available_on_s: Option<i64>,
    /// Stripe's type of the balance transaction, or `cash_payment`, `cash_refund`.
    pub kind: &'a str,
    /// Stripe's reporting category.
    pub reporting_category: &'a str,
    /// Lower-case code.
    pub currency: &'a str,
    /// Minor units, negative where money went out.
    pub gross_minor: i64,
    /// Minor units.
    pub fee_minor: i64,
    /// Minor units.
    pub net_minor: i64,
    /// Free text of whoever made it.
    pub description: &'a str,
    /// What moved the money: `ch_…`, `re_…`, `po_…`.
    pub source_id: &'a str,
    /// `ch_…`
    pub charge_id: &'a str,
    /// `pi_…`
    pub payment_intent_id: &'a str,
    /// The till's sale.
    pub sale_id: &'a str,
    /// The number on its receipt.
    pub receipt_no: Option<i64>,
    /// Who took the money or gave it back.
    pub staff: &'a str,
    /// `cash` or `card`.
    pub tender: &'a str,
    /// `visa`
    pub card_brand: &'a str,
    /// Last four digits.
    pub last4: &'a str,
}

/// Writes rows and adds them up.
pub struct Sheet<W: Write> {
    csv: csv::Writer<W>,
    zone: TimeZone,
    place: PathBuf,
    totals: Totals,
    scratch: String,
}

impl<W: Write> Sheet<W> {
    /// Writes the heading. Local times and business days are those of `zone`; `place` is named in errors.
    pub fn begin(out: W, zone: TimeZone, place: &Path) -> Result<Sheet<W>, BooksError> {
        let mut csv = csv::WriterBuilder::new()
            .terminator(csv::Terminator::CRLF)
            .buffer_capacity(256 * 1024)
            .from_writer(out);
        csv.write_record(COLUMNS).map_err(|error| BooksError::write(place)(error.into()))?;
        Ok(Sheet { csv, zone, place: place.to_owned(), totals: Totals::default(), scratch: String::new() })
    }

    /// Writes one row.
    pub fn write(&mut self, row: &Row<'_>) -> Result<(), BooksError> {
        let currency = Currency::parse(row.currency)
            .map_err(|_| BooksError::Currency { id: row.id.to_owned(), currency: row.currency.to_owned() })?;
        let impossible = |_| BooksError::Time { id: row.id.to_owned() };
        let created = Timestamp::from_second(row.created_s).map_err(impossible)?;
        let available_on = row.available_on_s.map(Timestamp::from_second).transpose().map_err(impossible)?;
        self.totals.add(row.id, currency, row.gross_minor, row.fee_minor, row.net_minor)?;
        self.fields(row, currency, created, available_on)
            .map_err(|error| BooksError::write(&self.place)(error.into()))
    }

    fn fields(
        &mut self,
        row: &Row<'_>,
        currency: Currency,
        created: Timestamp,
        available_on: Option<Timestamp>,
    ) -> Result<(), csv::Error> {
        let offset = self.zone.to_offset(created);
        self.number(Some(self.totals.rows()))?;
        self.text(row.id)?;
        self.display(Some(created.display_with_offset(offset)))?;
        self.display(Some(created))?;
        self.display(available_on.map(|at| Offset::UTC.to_datetime(at).date()))?;
        self.text(row.kind)?;
        self.text(row.reporting_category)?;
        self.text(currency.code())?;
        for amount_minor in [row.gross_minor, row.fee_minor, row.net_minor] {
            self.csv.write_field(decimal(amount_minor, currency))?;
        }
        for text in [row.description, row.source_id, row.charge_id, row.payment_intent_id, row.sale_id] {
            self.text(text)?;
        }
        self.number(row.receipt_no.and_then(|number| u64::try_from(number).ok()))?;
        self.display(Some(offset.to_datetime(created).date()))?;
        for text in [row.staff, row.tender, row.card_brand, row.last4] {
            self.text(text)?;
        }
        self.csv.write_record(None::<&[u8]>)
    }

    /// Ends the file: the writer and what its columns add up to.
    pub fn finish(self) -> Result<(W, Totals), BooksError> {
        let out =
            self.csv.into_inner().map_err(|error| BooksError::write(&self.place)(error.into_error()))?;
        Ok((out, self.totals))
    }

    fn text(&mut self, text: &str) -> Result<(), csv::Error> {
        self.csv.write_field(neutralise(text).as_bytes())
    }

    fn number(&mut self, number: Option<u64>) -> Result<(), csv::Error> {
        self.display(number)
    }

    /// Numbers and times, which need no neutralising; nothing where there is none.
    fn display(&mut self, value: Option<impl std::fmt::Display>) -> Result<(), csv::Error> {
        use std::fmt::Write as _;
        self.scratch.clear();
        if let Some(value) = value {
            // Writing to a String cannot fail.
            let _ = write!(self.scratch, "{value}");
        }
        self.csv.write_field(&self.scratch)
    }
}

#[cfg(test)]
mod tests {
    use super::{COLUMNS, Row, Sheet};
    use jiff::tz::TimeZone;
    use std::path::Path;

    fn sheet(rows: &[Row<'_>]) -> String {
        let zone = TimeZone::get("America/New_York").unwrap();
        let mut sheet = Sheet::begin(Vec::new(), zone, Path::new("a.csv")).unwrap();
        for row in rows {
            sheet.write(row).unwrap();
        }
        String::from_utf8(sheet.finish().unwrap().0).unwrap()
    }

    fn sale() -> Row<'static> {
        Row {
            id: "txn_1",
            created_s: 1_793_511_000, // 2026-11-01T05:30:00Z: the first of the two half past ones
            available_on_s: Some(1_793_664_000),
            kind: "charge",
            reporting_category: "charge",
            currency: "usd",
            gross_minor: 1_240,
            fee_minor: 66,
            net_minor: 1_174,
            description: "Beans, \"dark\"\n1 kg",
            source_id: "ch_1",
            charge_id: "ch_1",
            payment_intent_id: "pi_1",
            sale_id: "0197",
            receipt_no: Some(7),
            staff: "Ada",
            tender: "card",
            card_brand: "visa",
            last4: "4242",
        }
    }

    #[test]
    fn a_row_is_written_as_the_schema_says() {
        let text = sheet(&[sale()]);
        let (heading, row) = text.split_once("\r\n").unwrap();
        assert_eq!(heading, COLUMNS.join(","));
        assert_eq!(
            row,
            "1,txn_1,2026-11-01T01:30:00-04:00,2026-11-01T05:30:00Z,2026-11-03,charge,charge,usd,12.40,0.66,11.74,\
             \"Beans, \"\"dark\"\"\n1 kg\",ch_1,ch_1,pi_1,0197,7,2026-11-01,Ada,card,visa,4242\r\n"
        );
    }

    #[test]
    fn the_hour_that_comes_twice_is_told_apart_and_the_day_is_the_shops() {
        let second = Row { created_s: 1_793_514_600, ..sale() };
        assert!(sheet(&[second]).contains("2026-11-01T01:30:00-05:00,2026-11-01T06:30:00Z"));
        let late = Row { created_s: 1_793_503_800, ..sale() }; // 03:30 UTC
        assert!(sheet(&[late]).contains(",2026-10-31,Ada"));
    }

    #[test]
    fn formulas_are_disarmed_in_text_and_never_in_amounts() {
        let refund = Row {
            gross_minor: -1_240,
            fee_minor: 0,
            net_minor: -1_240,
            description: "=HYPERLINK(\"http://x\")",
            staff: "@ada",
            ..sale()
        };
        let text = sheet(&[refund]);
        assert!(text.contains(",-12.40,0.00,-12.40,"), "{text}");
        assert!(text.contains("\"'=HYPERLINK(\"\"http://x\"\")\""), "{text}");
        assert!(text.contains(",'@ada,"), "{text}");
    }

    #[test]
    fn what_is_not_known_is_an_empty_field_and_every_row_has_every_column() {
        let bare = Row {
            id: "a",
            kind: "payout",
            currency: "jpy",
            gross_minor: -500,
            net_minor: -500,
            ..Row::default()
        };
        let text = sheet(&[bare, sale()]);
        let mut reader = csv::ReaderBuilder::new().from_reader(text.as_bytes());
        let rows: Vec<_> = reader.records().map(Result::unwrap).collect();
        assert_eq!(rows.len(), 2);
        assert_eq!((&rows[0][8], &rows[0][9], &rows[0][16], &rows[1][0]), ("-500", "0", "", "2"));
    }
}
