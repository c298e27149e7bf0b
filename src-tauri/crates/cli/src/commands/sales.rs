//! `tillbook sales`: every sale, newest first.

use std::io::{self, BufWriter, Write};

use tillbook_till::view::SalesQuery;

use crate::args::Common;
use crate::context;
use crate::failure::Failure;
use crate::output::{Exit, Output};
use crate::sale_view::{sale_json, sale_text};

const PAGE: u32 = 200;

/// Prints sale by sale as they are read, so that a long history needs no memory.
pub fn run(common: &Common, out: Output) -> Result<Exit, Failure> {
    let house = context::open_to_read(common)?;
    let reader = house.till.unattended();
    let mut query = SalesQuery { limit: PAGE, ..SalesQuery::default() };
    let mut page = house.till.sales(&reader, &query)?;
    let mut stdout = BufWriter::new(io::stdout().lock());
    let mut print = |text: &str| stdout.write_all(text.as_bytes()).is_ok();
    // Nobody reads any more (`| head`): the rest need not be read either.
    let mut heard = !out.json || print("{\"sales\":[");
    let mut first = true;
    while heard {
        for row in &page.rows {
            let sale = house.till.sale(&reader, &row.id)?;
            heard = match (out.json, first) {
                (true, true) => print(&sale_json(&sale).to_string()),
                (true, false) => print(",") && print(&sale_json(&sale).to_string()),
                (false, _) => print(&sale_text(&sale)),
            };
            first = false;
        }
        match page.next_cursor.take() {
            Some(cursor) => query.cursor = Some(cursor),
            None => break,
        }
        page = house.till.sales(&reader, &query)?;
    }
    if out.json {
        print("]}\n");
    } else if first {
        print("There are no sales yet.\n");
    }
    let _ = stdout.flush();
    Ok(Exit::Done)
}
