//! The window's TypeScript types are written from the Rust ones and committed, so that the UI builds without Rust.
//! `make types` writes them; this test says when the committed ones are out of date.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use tillbook_till::view;
use ts_rs::{Config, ExportError, TS};

use crate::{inputs, sync_view, wire};

fn committed() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../ui/src/lib/backend/types")
}

/// Every type that a command takes or answers; what they are made of comes with them.
fn export(config: &Config) -> Result<(), ExportError> {
    wire::AppState::export_all(config)?;
    wire::SetUpInput::export_all(config)?;
    wire::RefundInput::export_all(config)?;
    wire::CommandError::export_all(config)?;
    inputs::SignInInput::export_all(config)?;
    inputs::StaffAddInput::export_all(config)?;
    inputs::CatalogueInput::export_all(config)?;
    inputs::ScanInput::export_all(config)?;
    inputs::SaleAddInput::export_all(config)?;
    inputs::SaleSetQuantityInput::export_all(config)?;
    inputs::SaleInput::export_all(config)?;
    inputs::PayCashInput::export_all(config)?;
    inputs::PayCardInput::export_all(config)?;
    inputs::AttemptInput::export_all(config)?;
    inputs::PracticeTapInput::export_all(config)?;
    inputs::PracticeCard::export_all(config)?;
    inputs::ExportInput::export_all(config)?;
    inputs::ReceiverInput::export_all(config)?;
    inputs::Changed::export_all(config)?;
    sync_view::SyncDetails::export_all(config)?;
    view::Category::export_all(config)?;
    view::CataloguePage::export_all(config)?;
    view::ScanOutcome::export_all(config)?;
    view::Sale::export_all(config)?;
    view::SalesQuery::export_all(config)?;
    view::SalesPage::export_all(config)?;
    view::FindInput::export_all(config)?;
    view::FindPage::export_all(config)?;
    view::RecordInput::export_all(config)?;
    view::RecordView::export_all(config)?;
    view::ParkedSale::export_all(config)?;
    view::Reader::export_all(config)?;
    view::SyncView::export_all(config)?;
    view::ExportedFile::export_all(config)?;
    view::NoticeCode::export_all(config)?;
    view::Reason::export_all(config)?;
    view::JournalCheck::export_all(config)
}

fn files(folder: &Path, under: &Path, found: &mut BTreeMap<PathBuf, String>) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    for entry in entries {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files(&path, under, found);
        } else if path.extension().is_some_and(|extension| extension == "ts") {
            let name = path.strip_prefix(under).unwrap().to_owned();
            found.insert(name, std::fs::read_to_string(&path).unwrap());
        }
    }
}

fn all(folder: &Path) -> BTreeMap<PathBuf, String> {
    let mut found = BTreeMap::new();
    files(folder, folder, &mut found);
    found.remove(Path::new("index.ts"));
    found
}

#[test]
fn the_committed_types_are_the_ones_the_program_speaks() {
    let scratch = std::env::temp_dir().join(format!("tillbook-types-{}", std::process::id()));
    let _ = std::fs::remove_dir_all(&scratch);
    export(&Config::new().with_large_int("number").with_out_dir(&scratch)).unwrap();
    let now = all(&scratch);
    if std::env::var_os("TILLBOOK_WRITE_TYPES").is_some() {
        let _ = std::fs::remove_dir_all(committed());
        export(&Config::new().with_large_int("number").with_out_dir(committed())).unwrap();
    }
    let before = all(&committed());
    for (name, text) in &now {
        assert_eq!(before.get(name), Some(text), "{} is out of date: run `make types`", name.display());
    }
    for name in before.keys() {
        assert!(now.contains_key(name), "{} is no longer made: run `make types`", name.display());
    }
}
