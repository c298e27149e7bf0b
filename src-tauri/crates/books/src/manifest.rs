//! What stands beside an exported file so that anyone can check it later: period, totals, hash, the position of the
//! till's journal, and an Ed25519 signature over all of it.
//!
//! What is signed is [`DOMAIN`] followed by the manifest as compact JSON (no spaces, keys in the order of the file,
//! UTF-8 unescaped) without its `signature`. Another machine needs the public key alone.

use std::path::{Path, PathBuf};

use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey};
use serde::Serialize;
use serde_json::{Map, Value};

use crate::BooksError;
use crate::atomic_file::{hex, unhex};
use crate::totals::{Totals, decimal};

/// Put before what is signed, so that a signature for one purpose is none for another.
pub const DOMAIN: &str = "tillbook manifest v1\n";

/// Everything about a file but its signature. The order of fields is the order that is signed.
#[derive(Debug, Clone, Serialize)]
pub struct Manifest {
    /// `tillbook.transactions`
    pub schema: &'static str,
    /// Version of the columns.
    pub schema_version: u32,
    /// `spreadsheet-safe`: text that looks like a formula has a `'` before it.
    pub flavour: &'static str,
    /// `tillbook` and its version.
    pub made_by: String,
    /// When it was made, ISO 8601, UTC.
    pub made_at: String,
    /// Name of the file, without its folder.
    pub file: String,
    /// Its length.
    pub bytes: u64,
    /// Its SHA-256, hex.
    pub sha256: String,
    /// Rows without the heading.
    pub rows: u64,
    /// The heading.
    pub columns: Vec<&'static str>,
    /// What it covers.
    pub period: PeriodNote,
    /// What its columns add up to.
    pub totals: Vec<TotalNote>,
    /// Where it comes from.
    pub source: SourceNote,
}

/// The span of the file, half-open.
#[derive(Debug, Clone, Serialize)]
pub struct PeriodNote {
    /// First business day.
    pub from: String,
    /// Business day after the last; not part of the file.
    pub to: String,
    /// First instant, UTC.
    pub from_utc: String,
    /// First instant that is not part of it, UTC.
    pub to_utc: String,
    /// IANA name of the shop's time zone.
    pub time_zone: String,
}

/// Control totals of one currency, in the file's major units.
#[derive(Debug, Clone, Serialize)]
pub struct TotalNote {
    /// Lower-case code.
    pub currency: String,
    /// Rows in it.
    pub rows: u64,
    /// Sum of gross.
    pub gross: String,
    /// Sum of fees.
    pub fee: String,
    /// Sum of net.
    pub net: String,
}

/// Where the rows come from and how much of it was known.
#[derive(Debug, Clone, Serialize)]
pub struct SourceNote {
    /// `practice`, `test` or `live`.
    pub mode: String,
    /// `acct_…`, once known.
    pub account: Option<String>,
    /// This till.
    pub till_id: String,
    /// Shop as set up.
    pub shop: Option<String>,
    /// Stripe's records are complete up to here, ISO 8601, UTC; none if that was never reached.
    pub mirror_complete_to: Option<String>,
    /// Entries in the till's journal when the file was made.
    pub journal_seq: i64,
    /// Code of the last of them, hex.
    pub journal_head: String,
    /// Whether the last of them tells of this file; not where another window held the till.
    pub journaled: bool,
}

impl TotalNote {
    /// One note for each currency.
    pub fn all(totals: &Totals) -> Vec<TotalNote> {
        totals
            .iter()
            .map(|(currency, total)| TotalNote {
                currency: currency.code().to_owned(),
                rows: total.rows,
                gross: decimal(total.gross_minor, currency),
                fee: decimal(total.fee_minor, currency),
                net: decimal(total.net_minor, currency),
            })
            .collect()
    }
}

impl Manifest {
    /// The text of the manifest file, signed with the key of this seed.
    pub fn signed(&self, seed: &[u8; 32]) -> Result<String, serde_json::Error> {
        let key = SigningKey::from_bytes(seed);
        let mut whole = serde_json::to_value(self)?;
        if let Value::Object(fields) = &mut whole {
            fields.insert("public_key".to_owned(), Value::String(hex(key.verifying_key().as_bytes())));
            let signature = key.sign(&signed_bytes(fields)?);
            fields.insert("signature".to_owned(), Value::String(hex(&signature.to_bytes())));
        }
        let mut text = serde_json::to_string_pretty(&whole)?;
        text.push('\n');
        Ok(text)
    }
}

/// The public key, hex, if the signature over these fields is good.
pub fn signer_of(fields: &Map<String, Value>) -> Option<String> {
    let public_key = fields.get("public_key")?.as_str()?;
    let signature: [u8; 64] = unhex(fields.get("signature")?.as_str()?)?;
    let mut unsigned = fields.clone();
    unsigned.shift_remove("signature");
    let key = VerifyingKey::from_bytes(&unhex(public_key)?).ok()?;
    key.verify_strict(&signed_bytes(&unsigned).ok()?, &Signature::from_bytes(&signature)).ok()?;
    Some(public_key.to_owned())
}

fn signed_bytes(fields: &Map<String, Value>) -> Result<Vec<u8>, serde_json::Error> {
    let mut bytes = DOMAIN.as_bytes().to_vec();
    serde_json::to_writer(&mut bytes, fields)?;
    Ok(bytes)
}

/// Where the manifest of a file stands: `march.csv` has `march.csv.manifest.json`.
pub fn manifest_path(file: &Path) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(".manifest.json");
    PathBuf::from(name)
}

/// Reads a manifest.
pub fn read_manifest(path: &Path) -> Result<Map<String, Value>, BooksError> {
    let text = std::fs::read_to_string(path).map_err(BooksError::read(path))?;
    let problem = |problem: String| BooksError::Manifest { path: path.to_owned(), problem };
    match serde_json::from_str(&text) {
        Ok(Value::Object(fields)) => Ok(fields),
        Ok(_) => Err(problem("it is JSON, but not an object".to_owned())),
        Err(error) => Err(problem(error.to_string())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tillbook_money::Currency;

    fn sample() -> Manifest {
        let mut totals = Totals::default();
        totals.add("txn_1", Currency::parse("usd").unwrap(), 1_240, 66, 1_174).unwrap();
        Manifest {
            schema: "tillbook.transactions",
            schema_version: 1,
            flavour: "spreadsheet-safe",
            made_by: "tillbook 0.1.0".to_owned(),
            made_at: "2026-12-01T09:00:00Z".to_owned(),
            file: "november é.csv".to_owned(),
            bytes: 3,
            sha256: "ba78".to_owned(),
            rows: 1,
            columns: crate::sheet::COLUMNS.to_vec(),
            period: PeriodNote {
                from: "2026-11-01".to_owned(),
                to: "2026-12-01".to_owned(),
                from_utc: "2026-11-01T04:00:00Z".to_owned(),
                to_utc: "2026-12-01T05:00:00Z".to_owned(),
                time_zone: "America/New_York".to_owned(),
            },
            totals: TotalNote::all(&totals),
            source: SourceNote {
                mode: "practice".to_owned(),
                account: None,
                till_id: "0197".to_owned(),
                shop: None,
                mirror_complete_to: None,
                journal_seq: 4,
                journal_head: "00".to_owned(),
                journaled: true,
            },
        }
    }

    fn fields(text: &str) -> Map<String, Value> {
        serde_json::from_str(text).unwrap()
    }

    #[test]
    fn a_signature_holds_until_anything_changes() {
        let text = sample().signed(&[7; 32]).unwrap();
        let good = fields(&text);
        assert_eq!(signer_of(&good).as_deref(), good["public_key"].as_str());
        for (key, value) in &good {
            let mut changed = good.clone();
            changed[key] = match value {
                Value::String(text) if key == "signature" => {
                    Value::String(text.replace('a', "b").replace('1', "2"))
                }
                Value::String(text) => Value::String(format!("{text} ")),
                Value::Number(_) => Value::from(99),
                Value::Array(_) => Value::Array(Vec::new()),
                _ => Value::Null,
            };
            assert_eq!(signer_of(&changed), None, "{key}");
        }
        let mut reordered = good.clone();
        let rows = reordered.shift_remove("rows").unwrap();
        reordered.insert("rows".to_owned(), rows);
        assert_eq!(signer_of(&reordered), None);
    }

    #[test]
    fn another_key_cannot_pose_as_the_first() {
        let mut forged = fields(&sample().signed(&[8; 32]).unwrap());
        forged["public_key"] = fields(&sample().signed(&[7; 32]).unwrap())["public_key"].clone();
        assert_eq!(signer_of(&forged), None);
    }

    #[test]
    fn the_manifest_stands_beside_its_file() {
        assert_eq!(manifest_path(Path::new("/a/march.csv")), Path::new("/a/march.csv.manifest.json"));
    }
}
