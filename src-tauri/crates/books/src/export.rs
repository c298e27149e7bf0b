//! Makes the transactions file: rows, hash, journal entry, signed manifest, in this order.

use std::path::Path;

use jiff::Timestamp;
use serde_json::{Map, json};
use tillbook_store::Mode;
use tillbook_till::view::{ExportTotal, ExportedFile};
use tillbook_till::{House, Signed};

use crate::atomic_file::{AtomicFile, Written};
use crate::manifest::{Manifest, PeriodNote, SourceNote, TotalNote, manifest_path};
use crate::sheet::{COLUMNS, SCHEMA_VERSION, Sheet};
use crate::signing::signing_seed;
use crate::sources::write_rows;
use crate::totals::Totals;
use crate::{BooksError, Period};

/// The zone of days before a shop is set up.
const NO_SHOP_ZONE: &str = "UTC";

/// A file that was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exported {
    /// What staff see of it.
    pub file: ExportedFile,
    /// IANA name of the zone its days are in.
    pub time_zone: String,
    /// Whether the journal tells of it; not where another window holds the till.
    pub journaled: bool,
}

/// Writes every movement of money of the business days `[from_day, to_day)` (`YYYY-MM-DD`) to `out`, and its manifest
/// beside it. What stood there is replaced, once the new file is whole. Before the shop is set up anybody may who can
/// open the folder; afterwards the right to export is asked for.
pub fn export_transactions(
    house: &House,
    by: &Signed,
    from_day: &str,
    to_day: &str,
    out: &Path,
) -> Result<Exported, BooksError> {
    house.till.may_export(by)?;
    spare_the_tills_own(house.folder.path(), out)?;
    let shop = house.till.shop()?;
    let period = Period::new(from_day, to_day, shop.as_ref().map_or(NO_SHOP_ZONE, |shop| &shop.time_zone))?;
    let seed = signing_seed(house)?;

    let complete_to = house.mirror.status()?.complete_to;
    let file = AtomicFile::create(out).map_err(BooksError::write(out))?;
    let mut sheet = Sheet::begin(file, period.zone().clone(), out)?;
    write_rows(house, &period, &mut sheet)?;
    let (file, totals) = sheet.finish()?;
    let written = file.commit().map_err(BooksError::write(out))?;

    let noted = house.till.note_export(by, what_was_made(out, &period, &totals, &written))?;
    let journaled = noted.is_some();
    let journal = match noted {
        Some(position) => position,
        None => house.till.journal_position()?,
    };
    let source = SourceNote {
        mode: mode_word(house.identity.mode).to_owned(),
        account: house.folder.identity()?.and_then(|identity| identity.account),
        till_id: house.identity.till_id.clone(),
        shop: shop.map(|shop| shop.name),
        mirror_complete_to: complete_to
            .and_then(|second| Timestamp::from_second(second).ok())
            .map(|at| at.to_string()),
        journal_seq: journal.seq,
        journal_head: journal.head,
        journaled,
    };
    let manifest = manifest_of(journal.at_ms, out, &period, &totals, &written, source)?;
    let manifest_file = manifest_path(out);
    write_manifest(&manifest, &seed, &manifest_file)?;
    Ok(Exported {
        file: ExportedFile {
            path: out.display().to_string(),
            manifest_path: manifest_file.display().to_string(),
            rows: totals.rows(),
            sha256: written.sha256,
            totals: totals
                .iter()
                .map(|(currency, total)| ExportTotal {
                    currency: currency.code().to_owned(),
                    gross_minor: total.gross_minor,
                    fee_minor: total.fee_minor,
                    net_minor: total.net_minor,
                })
                .collect(),
        },
        time_zone: period.zone_name().to_owned(),
        journaled,
    })
}

/// What lies in the data folder is the till itself. A slip in the name must not cost a shop its journal, so that only
/// tables may be written there, which the till's own files never are.
fn spare_the_tills_own(folder: &Path, out: &Path) -> Result<(), BooksError> {
    let parent = out.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let real = std::fs::canonicalize(out)
        .or_else(|_| std::fs::canonicalize(parent).map(|p| p.join(out.file_name().unwrap_or_default())));
    let (Ok(real), Ok(folder)) = (real, std::fs::canonicalize(folder)) else { return Ok(()) };
    let is_table = real.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("csv"));
    if real.starts_with(folder) && !is_table {
        let why =
            "inside the data folder a file must end in .csv, so that none of the till's own is replaced";
        return Err(BooksError::write(out)(std::io::Error::other(why)));
    }
    Ok(())
}

/// For the journal: enough to recognise the file by.
fn what_was_made(
    out: &Path,
    period: &Period,
    totals: &Totals,
    written: &Written,
) -> Map<String, serde_json::Value> {
    let mut data = Map::new();
    data.insert("report".to_owned(), json!("transactions"));
    data.insert("file".to_owned(), json!(file_name(out)));
    data.insert("from".to_owned(), json!(period.from_day().to_string()));
    data.insert("to".to_owned(), json!(period.to_day().to_string()));
    data.insert("rows".to_owned(), json!(totals.rows()));
    data.insert("sha256".to_owned(), json!(written.sha256));
    data
}

fn manifest_of(
    made_at_ms: i64,
    out: &Path,
    period: &Period,
    totals: &Totals,
    written: &Written,
    source: SourceNote,
) -> Result<Manifest, BooksError> {
    let instant = |at_ms: i64, what: &str| {
        Timestamp::from_millisecond(at_ms)
            .map(|at| at.to_string())
            .map_err(|_| BooksError::Time { id: what.to_owned() })
    };
    Ok(Manifest {
        schema: "tillbook.transactions",
        schema_version: SCHEMA_VERSION,
        flavour: "spreadsheet-safe",
        made_by: concat!("tillbook ", env!("CARGO_PKG_VERSION")).to_owned(),
        made_at: instant(made_at_ms, "now")?,
        file: file_name(out),
        bytes: written.bytes,
        sha256: written.sha256.clone(),
        rows: totals.rows(),
        columns: COLUMNS.to_vec(),
        period: PeriodNote {
            from: period.from_day().to_string(),
            to: period.to_day().to_string(),
            from_utc: instant(period.from_ms(), "the first day")?,
            to_utc: instant(period.to_ms(), "the last day")?,
            time_zone: period.zone_name().to_owned(),
        },
        totals: TotalNote::all(totals),
        source,
    })
}

fn write_manifest(manifest: &Manifest, seed: &[u8; 32], place: &Path) -> Result<(), BooksError> {
    use std::io::Write as _;
    let failed = BooksError::write(place);
    let written = || -> std::io::Result<()> {
        let mut file = AtomicFile::create(place)?;
        file.write_all(manifest.signed(seed)?.as_bytes())?;
        file.commit()?;
        Ok(())
    };
    written().map_err(failed)
}

fn mode_word(mode: Mode) -> &'static str {
    match mode {
        Mode::Practice => "practice",
        Mode::Test => "test",
        Mode::Live => "live",
    }
}

fn file_name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}
