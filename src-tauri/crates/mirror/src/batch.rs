//! A page of Stripe's objects, ready to be stored: raw JSON packed, columns taken out. Everything of a page lies in a few
//! buffers, so that a batch costs few allocations and crosses to the writer as one value.

use tillbook_store::Database;

use crate::MirrorError;
use crate::kind::{Holds, KindId, Want};
use crate::kinds;
use crate::raw::{Dictionaries, Press};
use crate::scan::{NotJson, Scanner, Spot, unescape};

/// A piece of a buffer.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Span {
    start: usize,
    end: usize,
}

/// The value of a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cell {
    Null,
    Int(i64),
    Text(Span),
}

/// An object.
#[derive(Debug, Clone)]
pub(crate) struct Row {
    pub(crate) kind: KindId,
    pub(crate) created: i64,
    pub(crate) deleted: bool,
    id: Span,
    raw: Span,
    cells: Span,
    /// `data.object` of an event, in the batch's news.
    pub(crate) news: Option<usize>,
    /// The objects inside it that have a table of their own, in the batch's nested rows.
    nested: Span,
    /// Whether those are all there are.
    pub(crate) nested_whole: bool,
}

/// A value that has no usable id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Rejected {
    pub(crate) kind: KindId,
    pub(crate) reason: &'static str,
    pub(crate) raw: Vec<u8>,
}

/// Objects, in the order they were given.
#[derive(Debug, Default)]
pub(crate) struct Batch {
    text: String,
    blob: Vec<u8>,
    cells: Vec<Cell>,
    pub(crate) rows: Vec<Row>,
    /// The objects inside the events of `rows`.
    pub(crate) news: Vec<Row>,
    nested: Vec<Row>,
    pub(crate) rejected: Vec<Rejected>,
}

impl Batch {
    pub(crate) fn text(&self, span: Span) -> &str {
        self.text.get(span.start..span.end).unwrap_or_default()
    }

    pub(crate) fn id(&self, row: &Row) -> &str {
        self.text(row.id)
    }

    pub(crate) fn raw(&self, row: &Row) -> &[u8] {
        self.blob.get(row.raw.start..row.raw.end).unwrap_or_default()
    }

    pub(crate) fn cells(&self, row: &Row) -> &[Cell] {
        self.cells.get(row.cells.start..row.cells.end).unwrap_or_default()
    }

    /// The objects inside a row that have a table of their own.
    pub(crate) fn nested(&self, row: &Row) -> &[Row] {
        self.nested.get(row.nested.start..row.nested.end).unwrap_or_default()
    }

    /// The text of a column, by its name.
    pub(crate) fn column(&self, row: &Row, name: &str) -> Option<&str> {
        let index = row.kind.kind().columns.iter().position(|column| column.name == name)?;
        match self.cells(row).get(index)? {
            Cell::Text(span) => Some(self.text(*span)),
            _ => None,
        }
    }

    fn push_text(&mut self, text: &[u8]) -> Span {
        let start = self.text.len();
        unescape(text, &mut self.text);
        Span { start, end: self.text.len() }
    }
}

/// What a page says beside its objects.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct PageEnd {
    pub(crate) has_more: bool,
    /// `data` was there.
    pub(crate) is_list: bool,
}

/// What a page shows at a glance.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Glance {
    /// The id of its first object.
    pub(crate) first: Option<String>,
    pub(crate) end: PageEnd,
}

/// Checks that a page is JSON and tells what the next request needs.
pub(crate) fn glance(body: &[u8]) -> Result<Glance, NotJson> {
    let mut scanner = Scanner::new(utf8(body)?);
    let mut seen = Glance::default();
    let (mut out, mut spots) = (Vec::new(), Vec::new());
    scanner.members(|scanner, name| {
        out.clear();
        spots.clear();
        if name == b"data" && scanner.next_token() == Some(b'[') {
            seen.end.is_list = true;
            return scanner.elements(|scanner| {
                out.clear();
                spots.clear();
                scanner.value(Some(kinds::OTHER.places()), &mut out, &mut spots)?;
                let id =
                    spots.iter().find(|spot| spot.want == Want::Id && out.get(spot.start) == Some(&b'"'));
                if let (None, Some(spot)) = (&seen.first, id) {
                    let mut first = String::new();
                    unescape(&out[spot.start + 1..spot.end - 1], &mut first);
                    seen.first = Some(first);
                }
                Ok(())
            });
        }
        scanner.value(None, &mut out, &mut spots)?;
        seen.end.has_more |= name == b"has_more" && out == b"true";
        Ok(())
    })?;
    scanner.finish()?;
    Ok(seen)
}

/// Where dictionaries are kept and made.
#[derive(Clone, Copy)]
pub(crate) struct Shelf<'a> {
    pub(crate) dictionaries: &'a Dictionaries,
    pub(crate) database: &'a Database,
}

/// Turns JSON into batches. Keeps its buffers between pages.
#[derive(Default)]
pub(crate) struct Packer {
    press: Press,
    buffer: Vec<u8>,
    spots: Vec<Spot>,
    found: Vec<Found>,
}

/// A scanned object that waits for its dictionary.
struct Found {
    kind: KindId,
    text: Span,
    spots: Span,
}

impl Packer {
    fn clear(&mut self) {
        self.buffer.clear();
        self.spots.clear();
        self.found.clear();
    }

    /// A page of a list. `news` says whether the objects inside events are wanted too.
    pub(crate) fn page(
        &mut self,
        shelf: Shelf<'_>,
        body: &[u8],
        kind: KindId,
        news: bool,
    ) -> Result<(Batch, PageEnd), MirrorError> {
        self.clear();
        let text = utf8(body)?;
        let mut end = PageEnd::default();
        let mut more = Vec::new();
        let mut scanner = Scanner::new(text);
        let (buffer, spots, found) = (&mut self.buffer, &mut self.spots, &mut self.found);
        scanner.members(|scanner, name| match name {
            b"data" if scanner.next_token() == Some(b'[') => {
                end.is_list = true;
                scanner.elements(|scanner| scan_one(scanner, kind, buffer, spots, found))
            }
            _ => {
                more.clear();
                let mut none = Vec::new();
                scanner.value(None, &mut more, &mut none)?;
                end.has_more |= name == b"has_more" && more == b"true";
                Ok(())
            }
        })?;
        scanner.finish()?;
        Ok((self.finish(shelf, news)?, end))
    }

    /// One object, of whatever kind it says it is; `kind` where it does not say.
    pub(crate) fn object(
        &mut self,
        shelf: Shelf<'_>,
        body: &[u8],
        kind: KindId,
    ) -> Result<Batch, MirrorError> {
        self.clear();
        let text = utf8(body)?;
        let kind = object_of(text)?.map_or(kind, |object| KindId::of_object(&object));
        let mut scanner = Scanner::new(text);
        scan_one(&mut scanner, kind, &mut self.buffer, &mut self.spots, &mut self.found)?;
        scanner.finish()?;
        self.finish(shelf, kind == kinds::EVENT)
    }

    fn finish(&mut self, shelf: Shelf<'_>, news: bool) -> Result<Batch, MirrorError> {
        let mut batch = Batch::default();
        let found = std::mem::take(&mut self.found);
        let dictionary = match found.first() {
            Some(first) => {
                let samples: Vec<&[u8]> =
                    found.iter().map(|one| &self.buffer[one.text.start..one.text.end]).collect();
                shelf.dictionaries.for_kind(shelf.database, first.kind, &samples)?
            }
            None => None,
        };
        for one in &found {
            let text = &self.buffer[one.text.start..one.text.end];
            let spots = &self.spots[one.spots.start..one.spots.end];
            let from = batch.blob.len();
            self.press.pack(dictionary.as_deref(), text, &mut batch.blob)?;
            let raw = Span { start: from, end: batch.blob.len() };
            let Some(mut row) = row_of(&mut batch, one, &self.buffer, spots, raw) else { continue };
            for spot in spots {
                let inner = &self.buffer[spot.start..spot.end];
                match spot.want {
                    Want::News if news => row.news = one_news(shelf, &mut self.press, inner, &mut batch)?,
                    Want::Nested => nested(shelf, &mut self.press, inner, &mut row, &mut batch)?,
                    _ => {}
                }
            }
            batch.rows.push(row);
        }
        self.found = found;
        Ok(batch)
    }
}

fn utf8(body: &[u8]) -> Result<&str, NotJson> {
    std::str::from_utf8(body).map_err(|error| NotJson { at: error.valid_up_to() })
}

/// The member `object` of a text, without looking at the rest.
fn object_of(text: &str) -> Result<Option<String>, NotJson> {
    let mut scanner = Scanner::new(text);
    if scanner.next_token() != Some(b'{') {
        return Ok(None);
    }
    let (mut out, mut spots) = (Vec::new(), Vec::new());
    let mut object = None;
    scanner.members(|scanner, name| {
        out.clear();
        scanner.value(None, &mut out, &mut spots)?;
        if name == b"object" && out.first() == Some(&b'"') {
            let mut said = String::new();
            unescape(&out[1..out.len() - 1], &mut said);
            object = Some(said);
        }
        Ok(())
    })?;
    Ok(object)
}

fn scan_one(
    scanner: &mut Scanner<'_>,
    kind: KindId,
    buffer: &mut Vec<u8>,
    spots: &mut Vec<Spot>,
    found: &mut Vec<Found>,
) -> Result<(), NotJson> {
    let (text_from, spots_from) = (buffer.len(), spots.len());
    scanner.value(Some(kind.places()), buffer, spots)?;
    found.push(Found {
        kind,
        text: Span { start: text_from, end: buffer.len() },
        spots: Span { start: spots_from, end: spots.len() },
    });
    Ok(())
}

/// Takes the columns out. An object without a usable id is kept among the rejected.
fn row_of(batch: &mut Batch, one: &Found, buffer: &[u8], spots: &[Spot], raw: Span) -> Option<Row> {
    let columns = one.kind.kind().columns;
    let from = batch.cells.len();
    batch.cells.resize(from + columns.len(), Cell::Null);
    let mut row = Row {
        kind: one.kind,
        created: 0,
        deleted: false,
        id: Span::default(),
        raw,
        cells: Span { start: from, end: from + columns.len() },
        news: None,
        nested: Span::default(),
        nested_whole: false,
    };
    let mut has_id = false;
    for spot in spots {
        let value = &buffer[spot.start..spot.end];
        match spot.want {
            Want::Id if value.first() == Some(&b'"') => {
                row.id = batch.push_text(&value[1..value.len() - 1]);
                has_id = is_usable(batch.text(row.id));
            }
            Want::Created => row.created = integer(value).unwrap_or(0),
            Want::Deleted => row.deleted = value == b"true",
            Want::Column(index) => {
                let Some(column) = columns.get(usize::from(index)) else { continue };
                let cell = cell_of(batch, column.holds, value);
                if cell != Cell::Null {
                    batch.cells[from + usize::from(index)] = cell;
                }
            }
            _ => {}
        }
    }
    if has_id {
        return Some(row);
    }
    batch.cells.truncate(from);
    let reason = if buffer.get(one.text.start) == Some(&b'{') { "no_id" } else { "not_an_object" };
    batch.rejected.push(Rejected { kind: one.kind, reason, raw: batch.blob[raw.start..raw.end].to_vec() });
    None
}

/// An id that can be a key: text that a URL can carry and a person can read.
fn is_usable(id: &str) -> bool {
    !id.is_empty() && id.len() <= 255 && !id.contains('\u{FFFD}') && !id.chars().any(char::is_control)
}

fn integer(value: &[u8]) -> Option<i64> {
    std::str::from_utf8(value).ok()?.parse().ok()
}

fn cell_of(batch: &mut Batch, holds: Holds, value: &[u8]) -> Cell {
    match (holds, value.first()) {
        (Holds::Text | Holds::Number, Some(b'"')) => Cell::Text(batch.push_text(&value[1..value.len() - 1])),
        (Holds::Number, Some(b'-' | b'0'..=b'9')) => Cell::Text(batch.push_text(value)),
        (Holds::Text, Some(b'{')) => id_inside(batch, value),
        (Holds::Int, _) => integer(value).map_or(Cell::Null, Cell::Int),
        (Holds::Flag, Some(b't')) => Cell::Int(1),
        (Holds::Flag, Some(b'f')) => Cell::Int(0),
        _ => Cell::Null,
    }
}

/// Of an expanded object its id.
fn id_inside(batch: &mut Batch, value: &[u8]) -> Cell {
    let Ok(text) = std::str::from_utf8(value) else { return Cell::Null };
    let (mut out, mut spots) = (Vec::new(), Vec::new());
    if Scanner::new(text).value(Some(kinds::OTHER.places()), &mut out, &mut spots).is_err() {
        return Cell::Null;
    }
    spots
        .iter()
        .filter(|spot| spot.want == Want::Id && out.get(spot.start) == Some(&b'"'))
        .map(|spot| Cell::Text(batch.push_text(&out[spot.start + 1..spot.end - 1])))
        .next_back()
        .unwrap_or(Cell::Null)
}

/// The object inside an event. What has no id (an upcoming invoice, a balance) stays inside its event.
fn one_news(
    shelf: Shelf<'_>,
    press: &mut Press,
    value: &[u8],
    batch: &mut Batch,
) -> Result<Option<usize>, MirrorError> {
    let rejected = batch.rejected.len();
    let row = inner_row(shelf, press, value, None, batch)?;
    batch.rejected.truncate(rejected);
    Ok(row.map(|row| {
        batch.news.push(row);
        batch.news.len() - 1
    }))
}

fn inner_row(
    shelf: Shelf<'_>,
    press: &mut Press,
    value: &[u8],
    kind: Option<KindId>,
    batch: &mut Batch,
) -> Result<Option<Row>, MirrorError> {
    let text = utf8(value)?;
    let kind = match kind {
        Some(kind) => kind,
        None => object_of(text)?.map_or(kinds::OTHER, |object| KindId::of_object(&object)),
    };
    let (mut buffer, mut spots, mut found) = (Vec::with_capacity(value.len()), Vec::new(), Vec::new());
    scan_one(&mut Scanner::new(text), kind, &mut buffer, &mut spots, &mut found)?;
    let Some(one) = found.first() else { return Ok(None) };
    let dictionary = shelf.dictionaries.for_kind(shelf.database, kind, &[])?;
    let from = batch.blob.len();
    press.pack(dictionary.as_deref(), &buffer, &mut batch.blob)?;
    let raw = Span { start: from, end: batch.blob.len() };
    let Some(mut row) = row_of(batch, one, &buffer, &spots, raw) else { return Ok(None) };
    for spot in spots.iter().filter(|spot| spot.want == Want::Nested) {
        nested(shelf, press, &buffer[spot.start..spot.end], &mut row, batch)?;
    }
    Ok(Some(row))
}

/// The objects of a nested list, and whether those are all.
fn nested(
    shelf: Shelf<'_>,
    press: &mut Press,
    value: &[u8],
    parent: &mut Row,
    batch: &mut Batch,
) -> Result<(), MirrorError> {
    let Some((_, kind)) = parent.kind.nested() else { return Ok(()) };
    if value.first() != Some(&b'{') {
        return Ok(());
    }
    let mut scanner = Scanner::new(utf8(value)?);
    let mut elements: Vec<Vec<u8>> = Vec::new();
    let (mut other, mut spots) = (Vec::new(), Vec::new());
    let mut has_more = false;
    scanner.members(|scanner, name| {
        if name == b"data" && scanner.next_token() == Some(b'[') {
            return scanner.elements(|scanner| {
                let mut one = Vec::new();
                scanner.value(None, &mut one, &mut spots)?;
                elements.push(one);
                Ok(())
            });
        }
        other.clear();
        scanner.value(None, &mut other, &mut spots)?;
        has_more |= name == b"has_more" && other == b"true";
        Ok(())
    })?;
    parent.nested.start = batch.nested.len();
    for element in &elements {
        if let Some(row) = inner_row(shelf, press, element, Some(kind), batch)? {
            batch.nested.push(row);
        }
    }
    parent.nested.end = batch.nested.len();
    parent.nested_whole = !has_more;
    Ok(())
}
