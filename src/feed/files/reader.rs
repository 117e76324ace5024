//! A file as pages with cursors.
//!
//! Invariant: the same file read with the same rules gives the same pages in the same order, so
//! that "n pages done" is a place to go on from. A cursor of another content or other rules starts
//! over; what it then repeats is known to the ledger already.

use super::dates::{DateOrder, Dates};
use super::master::{MasterBook, RowView};
use super::orders::{OrderBook, Rules};
use super::preset::{Field, Layout, Preset, RowKind};
use super::reread::{self, HowRow};
use super::rows::Rows;
use super::survey::{Survey, number_hash, survey};
use super::text::decode;
use super::{Mapping, input, permanent, usage};
use crate::domain::text::clean;
use crate::domain::{
    Currency, Cursor, FeedId, Page, Private, Progress, Record, Reject, Site, SiteId, Timestamp,
    Zone,
};
use crate::feed::FeedError;
use crate::feed::pseudonym::Pseudonyms;
use crate::feed::reread::How;
use csv::ByteRecord;
use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};
use std::collections::VecDeque;
use std::path::Path;
use std::sync::Arc;

/// Records and rejects of a page; a page may be longer by what one row brings.
pub const PAGE: usize = 1_000;
/// Rows that are tried before a file counts as nothing like its preset.
const PROBED: usize = 1_000;
/// Changes whenever the pages of one file would come out differently.
const PAGING: u32 = 1;

/// What a file is read with, besides its preset.
#[derive(Clone)]
pub struct ReadOptions {
    /// The feed that records belong to.
    pub feed: FeedId,
    /// Turns customers into pseudonyms.
    pub pseudonyms: Arc<Pseudonyms>,
    /// Zone of times without one, where the preset does not know it.
    pub zone: Option<Zone>,
    /// Currency where neither a column nor the preset tells it.
    pub currency: Option<Currency>,
    /// Which of day and month comes first; `None`: what the file says.
    pub date_order: Option<DateOrder>,
    /// Where an earlier reading stopped.
    pub from: Option<Cursor>,
    /// Domain time at which this reading began: of two files that date an order alike, the one that
    /// is read later counts.
    pub asked: Timestamp,
}

impl ReadOptions {
    /// With what the preset itself knows, from the beginning, as of no moment.
    pub fn new(feed: FeedId, pseudonyms: Arc<Pseudonyms>) -> Self {
        ReadOptions {
            feed,
            pseudonyms,
            zone: None,
            currency: None,
            date_order: None,
            from: None,
            asked: Timestamp::default(),
        }
    }
}

/// How far a file has been read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct FileCursor {
    /// The file's content and the rules it is read with.
    pub file: String,
    /// Pages that are durable.
    pub pages: u64,
    /// Whether that is all of them.
    pub done: bool,
    /// Records on those pages.
    #[serde(default)]
    pub records: u64,
}

/// Opens a file and learns what the whole of it says. Blocks: call it where blocking is fine.
///
/// A file that is nothing like the preset is an error here, before any page.
pub fn read_job(
    path: &Path,
    preset: &str,
    columns: &Mapping,
    options: ReadOptions,
) -> Result<Reader, FeedError> {
    let preset = Preset::named(preset)?;
    // What a preset knows of its files holds wherever they are read.
    let zone = preset.zone.and_then(Zone::named).or_else(|| options.zone.clone());
    let zone = zone.unwrap_or_default();
    let file = fingerprint(path, preset, columns, &options, &zone)?;
    let reached = options
        .from
        .as_ref()
        .and_then(|cursor| serde_json::from_str::<FileCursor>(&cursor.0).ok())
        .filter(|cursor| cursor.file == file);
    let rows = Rows::open(path, preset, columns)?;
    if let Some(cursor) = reached.as_ref().filter(|cursor| cursor.done) {
        return Ok(Reader::finished(rows, file, &options, preset, zone, cursor.records));
    }
    let found = survey(path, preset, columns, options.date_order)?;
    probe(path, preset, columns, &options, &zone, &found)?;
    let skip = reached.map_or(0, |cursor| cursor.pages);
    Ok(Reader::new(rows, file, &options, preset, zone, found, path, columns, skip))
}

fn fingerprint(
    path: &Path,
    preset: &Preset,
    columns: &Mapping,
    options: &ReadOptions,
    zone: &Zone,
) -> Result<String, FeedError> {
    let rules = format!(
        "{PAGING}|{}|{columns:?}|{}|{:?}|{:?}",
        preset.name,
        zone.name(),
        options.currency,
        options.date_order
    );
    Ok(format!("{}-{:08x}", input::identity(path)?, crc32fast::hash(rules.as_bytes())))
}

fn probe(
    path: &Path,
    preset: &'static Preset,
    columns: &Mapping,
    options: &ReadOptions,
    zone: &Zone,
    found: &Survey,
) -> Result<(), FeedError> {
    let rows = Rows::open(path, preset, columns)?;
    let mut desk = Desk::new(&rows.layout, options, preset, zone.clone(), found);
    let (mut rows, mut row, mut ignored) = (rows, ByteRecord::new(), Vec::new());
    let mut first: Option<(u64, String)> = None;
    let mut tried = 0;
    while tried < PROBED
        && let Some(at) = rows.next(&mut row)?
    {
        tried += 1;
        let problem = match at.problem {
            Some(problem) => problem,
            None => match desk.take(&row, &mut ignored) {
                Ok(()) => return Ok(()),
                Err(problem) => problem,
            },
        };
        first.get_or_insert((at.line, problem));
    }
    let Some((line, problem)) = first else { return Ok(()) };
    let name = input::short_name(path);
    Err(usage(format!(
        "none of the first {tried} rows of {name} can be read with preset `{}`; line {line}: \
         {problem}",
        preset.name
    )))
}

/// Turns rows into records.
pub(super) struct Desk {
    pub layout: Layout,
    kind: RowKind,
    dates: Dates,
    rules: Option<Rules>,
    orders: Option<OrderBook>,
    master: MasterBook,
}

impl Desk {
    pub fn new(
        layout: &Layout,
        options: &ReadOptions,
        preset: &Preset,
        zone: Zone,
        found: &Survey,
    ) -> Self {
        let rules = Rules {
            feed: options.feed.clone(),
            pseudonyms: options.pseudonyms.clone(),
            zone: zone.clone(),
            currency: preset.currency.or(options.currency),
            decimal_comma: found.decimal_comma,
            online_retail: preset.online_retail,
            asked: options.asked,
        };
        let dates = Dates::new(zone, found.date_order);
        let (rules, orders) = match preset.rows {
            RowKind::Orders => (None, Some(OrderBook::new(rules))),
            _ => (Some(rules), None),
        };
        let (layout, kind, master) = (layout.clone(), preset.rows, MasterBook::default());
        Desk { layout, kind, dates, rules, orders, master }
    }
    pub fn take(&mut self, row: &ByteRecord, into: &mut impl Extend<Record>) -> Result<(), String> {
        if let Some(orders) = &mut self.orders {
            return orders.take(&self.layout, row, &mut self.dates);
        }
        let Some(rules) = &self.rules else { return Ok(()) };
        let view = RowView { layout: &self.layout, row, rules };
        self.master.take(self.kind, &view, &mut self.dates, into)
    }
    pub fn take_private(&mut self) -> Private {
        self.orders.as_mut().map(OrderBook::take_private).unwrap_or_default()
    }
    pub fn close(&mut self, into: &mut impl Extend<Record>) {
        if let Some(orders) = &mut self.orders {
            orders.close_all(into);
        }
        self.master.close(into);
    }
}

/// The pages of one file.
pub struct Reader {
    rows: Rows,
    desk: Desk,
    row: ByteRecord,
    row_number: u64,
    last_row: FxHashMap<u64, u64>,
    waiting: VecDeque<Record>,
    feed: FeedId,
    pseudonyms: Arc<Pseudonyms>,
    asked: Timestamp,
    name: String,
    file: String,
    pages: u64,
    skip: u64,
    records: u64,
    known: u64,
    how: HowRow,
    ended: bool,
    finished: bool,
}

impl Reader {
    #[allow(clippy::too_many_arguments)]
    fn new(
        rows: Rows,
        file: String,
        options: &ReadOptions,
        preset: &Preset,
        zone: Zone,
        found: Survey,
        path: &Path,
        columns: &Mapping,
        skip: u64,
    ) -> Self {
        let mut waiting = VecDeque::new();
        if preset.online_retail {
            let (id, name, zone) = (SiteId::main(), "main".into(), zone.name().into());
            waiting.push_back(Record::Site(Site { id, name, zone }));
        }
        let how = HowRow {
            preset: preset.name.into(),
            columns: columns.to_vec(),
            zone: zone.name().into(),
            currency: options.currency,
            month_first: found.date_order == DateOrder::MonthFirst,
            decimal_comma: found.decimal_comma,
        };
        let desk = Desk::new(&rows.layout, options, preset, zone, &found);
        waiting.extend(found.products);
        Reader {
            rows,
            desk,
            row: ByteRecord::new(),
            row_number: 0,
            last_row: found.last_row,
            waiting,
            feed: options.feed.clone(),
            pseudonyms: options.pseudonyms.clone(),
            asked: options.asked,
            name: input::short_name(path),
            file,
            pages: 0,
            skip,
            records: 0,
            known: 0,
            how,
            ended: false,
            finished: false,
        }
    }
    fn finished(
        rows: Rows,
        file: String,
        options: &ReadOptions,
        preset: &Preset,
        zone: Zone,
        known: u64,
    ) -> Self {
        let nothing = Survey::of_row(false, DateOrder::DayFirst);
        let path = Path::new("");
        let mut reader = Reader::new(rows, file, options, preset, zone, nothing, path, &[], 0);
        reader.finished = true;
        reader.known = known;
        reader
    }
    /// Records that an earlier reading of the same file handed over, so that this one does not.
    pub fn known(&self) -> u64 {
        self.known
    }
    /// Whether the page that was handed over last is the last one.
    pub fn is_finished(&self) -> bool {
        self.finished
    }
    /// The identity of what is read: content and rules.
    pub fn identity(&self) -> &str {
        &self.file
    }

    fn page(&mut self) -> Result<Page, FeedError> {
        let mut records = Vec::with_capacity(PAGE);
        let mut rejects = Vec::new();
        loop {
            while records.len() < PAGE
                && let Some(record) = self.waiting.pop_front()
            {
                records.push(record);
            }
            if records.len() + rejects.len() >= PAGE || self.ended {
                break;
            }
            match self.rows.next(&mut self.row)? {
                None => {
                    self.ended = true;
                    self.desk.close(&mut self.waiting);
                }
                Some(at) => {
                    let whole = at.problem.is_none();
                    let taken = match at.problem {
                        Some(problem) => Err(problem),
                        None => self.desk.take(&self.row, &mut self.waiting),
                    };
                    if let Err(problem) = taken {
                        rejects.push(self.reject(at.line, problem, whole));
                    }
                    self.close_ended_order();
                    self.row_number += 1;
                }
            }
        }
        self.pages += 1;
        self.records += records.len() as u64;
        self.finished = self.ended && self.waiting.is_empty();
        let cursor = FileCursor {
            file: self.file.clone(),
            pages: self.pages,
            done: self.finished,
            records: self.records,
        };
        let cursor = serde_json::to_string(&cursor).map_err(|e| permanent(e.to_string()))?;
        Ok(Page {
            feed: self.feed.clone(),
            asked: self.asked,
            records,
            rejects,
            private: self.desk.take_private(),
            cursor: Some(Cursor(cursor.into())),
            progress: Some(Progress {
                what: format!("reading {}", self.name).into(),
                done: self.rows.done(),
                total: Some(self.rows.total),
            }),
        })
    }

    fn close_ended_order(&mut self) {
        let Some(orders) = &mut self.desk.orders else { return };
        let number = self.desk.layout.get(&self.row, Field::OrderId);
        if self.last_row.get(&number_hash(number)) == Some(&self.row_number) {
            orders.close(number, &mut self.waiting);
        }
    }

    /// Of a row without its due number of fields only the first is shown: the others may hold anything.
    fn reject(&self, line: u64, reason: String, whole: bool) -> Reject {
        let mut shown = excerpt(&self.row, &self.desk.layout);
        if !whole {
            shown.truncate(shown.find(',').unwrap_or(shown.len()));
        }
        let person = self.desk.layout.get(&self.row, Field::Customer);
        let person = match person {
            b"" => self.desk.layout.get(&self.row, Field::Email),
            person => person,
        };
        // A row of another width may have anything there.
        let customer = whole.then(|| self.pseudonyms.of(&decode(person))).flatten();
        let text = reread::text(&self.rows.headings, &self.row);
        Reject {
            id: 0,
            place: format!("{}:{line}", self.name).into(),
            reason: reason.into(),
            excerpt: shown.into(),
            raw: How::Row(self.how.clone()).raw(&text, customer),
        }
    }
}

/// The row as text, without what identifies a person: only columns that the preset reads are shown.
pub(super) fn excerpt(row: &ByteRecord, layout: &Layout) -> String {
    let private = Field::ALL.iter().filter(|f| f.is_private()).map(|f| layout.place(*f));
    let private: Vec<_> = private.collect();
    let read: Vec<usize> = Field::ALL.iter().filter_map(|f| layout.place(*f)).collect();
    let fields = row.iter().take(40).enumerate().map(|(k, field)| {
        if field.is_empty() {
            String::new()
        } else if private.contains(&Some(k)) || !read.contains(&k) {
            "***".to_owned()
        } else {
            clean(&super::text::decode(field)).chars().take(60).collect()
        }
    });
    let text: Vec<String> = fields.collect();
    text.join(",").chars().take(300).collect()
}

impl Iterator for Reader {
    type Item = Result<Page, FeedError>;

    fn next(&mut self) -> Option<Self::Item> {
        while !self.finished {
            match self.page() {
                // Pages that are durable already are read again only to get past them.
                Ok(_) if self.pages <= self.skip => self.known = self.records,
                Ok(page) => return Some(Ok(page)),
                Err(error) => {
                    self.finished = true;
                    return Some(Err(error));
                }
            }
        }
        None
    }
}
