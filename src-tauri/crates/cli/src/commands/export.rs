//! `tillbook export`: a file for the accountant.

use serde_json::json;
use tillbook_till::{House, Signed};

use crate::args::{Common, ExportArgs, FormatArg, ReportArg};
use crate::context;
use crate::failure::Failure;
use crate::output::{Exit, Output};
use crate::sale_view::amount_text;

/// Writes the file and its manifest. The journal tells of it where it can be written; beside an open window the file is
/// made all the same, and its manifest says so.
pub fn run(common: &Common, args: &ExportArgs, out: Output) -> Result<Exit, Failure> {
    let (ReportArg::Transactions, FormatArg::Csv) = (args.report, args.format);
    tillbook_books::Period::new(&args.from, &args.to, "UTC")?;
    let house = context::open_local(common)?;
    let by = who(common, &house)?;
    let exported = tillbook_books::export_transactions(&house, &by, &args.from, &args.to, &args.out)?;
    let file = &exported.file;
    let mut text =
        format!("{} rows from {} to {} (not included) in {}", file.rows, args.from, args.to, file.path);
    for total in &file.totals {
        text.push_str(&format!(
            "\n  gross {}, fees {}, net {}",
            amount_text(total.gross_minor, &total.currency),
            amount_text(total.fee_minor, &total.currency),
            amount_text(total.net_minor, &total.currency)
        ));
    }
    text.push_str(&format!("\n  SHA-256 {}\n  signed manifest in {}", file.sha256, file.manifest_path));
    out.answer(
        &json!({
            "path": file.path,
            "manifest_path": file.manifest_path,
            "rows": file.rows,
            "sha256": file.sha256,
            "totals": file.totals,
            "from": args.from,
            "to": args.to,
            "time_zone": exported.time_zone,
            "journaled": exported.journaled,
        }),
        &text,
    );
    Ok(Exit::Done)
}

/// Before the shop is set up there is nobody to sign in.
fn who(common: &Common, house: &House) -> Result<Signed, Failure> {
    if house.till.shop()?.is_none() {
        return Ok(house.till.unattended());
    }
    context::sign_in(common, house)
}
