//! Checks an exported file against the manifest beside it: nothing but the two files is needed, on any machine.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use serde::Serialize;
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};
use tillbook_money::Currency;

use crate::BooksError;
use crate::atomic_file::hex;
use crate::manifest::{TotalNote, manifest_path, read_manifest, signer_of};
use crate::totals::{Totals, minor_of};

/// What a check of a file found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FileCheck {
    /// No problem was found.
    pub intact: bool,
    /// The file.
    pub file: String,
    /// Its manifest.
    pub manifest: String,
    /// Rows counted in the file.
    pub rows: u64,
    /// SHA-256 of the file as it is, hex.
    pub sha256: String,
    /// Totals recomputed from the file, in its major units.
    pub totals: Vec<FileTotal>,
    /// Whose signature it bears, if that is good: the public key, hex.
    pub public_key: Option<String>,
    /// What is wrong, in words.
    pub problems: Vec<String>,
}

/// A total as recomputed from a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FileTotal {
    /// Lower-case code.
    pub currency: String,
    /// Sum of gross.
    pub gross: String,
    /// Sum of fees.
    pub fee: String,
    /// Sum of net.
    pub net: String,
}

/// Checks `file` (or the file whose manifest it is). With `expected_key` the signature must be by that public key:
/// without it, a forger could sign with a key of their own, so the caller should show the key that was found.
pub fn verify_file(file: &Path, expected_key: Option<&str>) -> Result<FileCheck, BooksError> {
    let file = of_manifest(file);
    let manifest = manifest_path(&file);
    let fields = read_manifest(&manifest)?;
    let mut problems = Vec::new();

    let public_key = signer_of(&fields);
    match (&public_key, expected_key) {
        (None, _) => problems
            .push("the manifest's signature is not good: it was changed after it was signed".to_owned()),
        (Some(found), Some(expected)) if !found.eq_ignore_ascii_case(expected) => {
            problems.push(format!("it is signed by {found}, not by {expected}"));
        }
        _ => {}
    }
    let content = read_content(&file, &mut problems)?;
    compare(&fields, &content, &mut problems);
    Ok(FileCheck {
        intact: problems.is_empty(),
        file: file.display().to_string(),
        manifest: manifest.display().to_string(),
        rows: content.totals.rows(),
        totals: TotalNote::all(&content.totals)
            .into_iter()
            .map(|t| FileTotal { currency: t.currency, gross: t.gross, fee: t.fee, net: t.net })
            .collect(),
        sha256: content.sha256,
        public_key,
        problems,
    })
}

fn of_manifest(given: &Path) -> PathBuf {
    let name = given.to_string_lossy();
    name.strip_suffix(".manifest.json").map_or_else(|| given.to_owned(), PathBuf::from)
}

struct Content {
    sha256: String,
    bytes: u64,
    totals: Totals,
}

fn compare(manifest: &Map<String, Value>, content: &Content, problems: &mut Vec<String>) {
    let text = |key: &str| manifest.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
    let number = |key: &str| manifest.get(key).and_then(Value::as_u64);
    if text("sha256") != content.sha256 {
        problems.push(format!("its SHA-256 is {}, the manifest says {}", content.sha256, text("sha256")));
    }
    if number("bytes") != Some(content.bytes) {
        problems.push(format!("it has {} bytes, the manifest says {}", content.bytes, said(number("bytes"))));
    }
    if number("rows") != Some(content.totals.rows()) {
        problems.push(format!(
            "it has {} rows, the manifest says {}",
            content.totals.rows(),
            said(number("rows"))
        ));
    }
    let recomputed = serde_json::to_value(TotalNote::all(&content.totals)).unwrap_or_default();
    if manifest.get("totals") != Some(&recomputed) {
        problems.push("its columns do not add up to the manifest's totals".to_owned());
    }
}

fn said(number: Option<u64>) -> String {
    number.map_or_else(|| "nothing".to_owned(), |n| n.to_string())
}

/// Reads the file once: hash, rows, totals. Stops adding up at the first row that is wrong, but hashes to the end.
fn read_content(path: &Path, problems: &mut Vec<String>) -> Result<Content, BooksError> {
    let failed = BooksError::read(path);
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) => return Err(failed(error)),
    };
    let mut hashing = HashingReader { inner: file, sha256: Sha256::new(), bytes: 0 };
    let mut totals = Totals::default();
    if let Err(problem) = add_up(&mut hashing, &mut totals) {
        problems.push(problem);
    }
    io::copy(&mut hashing, &mut io::sink()).map_err(failed)?;
    Ok(Content { sha256: hex(&hashing.sha256.finalize()), bytes: hashing.bytes, totals })
}

fn add_up(file: &mut HashingReader<File>, totals: &mut Totals) -> Result<(), String> {
    let mut reader = csv::ReaderBuilder::new().buffer_capacity(256 * 1024).from_reader(file);
    let heading = reader.headers().map_err(|error| error.to_string())?.clone();
    let column = |name: &str| {
        heading.iter().position(|c| c == name).ok_or_else(|| format!("it has no column {name:?}"))
    };
    let (id, currency, gross, fee, net) =
        (column("id")?, column("currency")?, column("gross")?, column("fee")?, column("net")?);
    let mut row = csv::StringRecord::new();
    while reader.read_record(&mut row).map_err(|error| error.to_string())? {
        let field = |index: usize| row.get(index).unwrap_or_default();
        let place = || format!("row {} ({})", totals.rows().saturating_add(1), field(id));
        let currency =
            Currency::parse(field(currency)).map_err(|_| format!("{} has no currency", place()))?;
        let amount = |index: usize| {
            minor_of(field(index), currency)
                .ok_or_else(|| format!("{}: {:?} is no amount", place(), field(index)))
        };
        let (gross, fee, net) = (amount(gross)?, amount(fee)?, amount(net)?);
        totals.add(field(id), currency, gross, fee, net).map_err(|error| error.to_string())?;
    }
    Ok(())
}

struct HashingReader<R> {
    inner: R,
    sha256: Sha256,
    bytes: u64,
}

impl<R: Read> Read for HashingReader<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        self.sha256.update(buffer.get(..read).unwrap_or_default());
        self.bytes = self.bytes.saturating_add(u64::try_from(read).unwrap_or(u64::MAX));
        Ok(read)
    }
}
