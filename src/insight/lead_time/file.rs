//! Deliveries from CSV.
//!
//! The columns are those of the SCMS delivery history: `id, country, fulfill_via, shipment_mode,
//! pq_first_sent_to_client_date, po_sent_to_vendor_date, scheduled_delivery_date,
//! delivered_to_client_date, delivery_recorded_date, vendor`; others are not read. A delivery without
//! `delivered_to_client_date` has not come.

use super::Delivery;
use crate::domain::Day;
use std::collections::HashSet;
use std::io::{self, Write};
use std::sync::Arc;

/// Days of notice that are alike.
const NOTICE: i32 = 60;
/// So many times that, and more, are alike too.
const MOST_NOTICE: i32 = 5;

/// Why a file cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// A column is missing, or it is no CSV.
    #[error("{0}")]
    Csv(#[from] csv::Error),
    /// It has no deliveries.
    #[error("it holds no deliveries")]
    Empty,
}

/// A row with a date that cannot be right.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bad {
    /// Counted from 1 after the header.
    pub row: usize,
    /// The delivery.
    pub id: Box<str>,
    /// What is wrong, and what was done.
    pub what: String,
}

/// What a file holds.
#[derive(Clone, Debug, Default)]
pub struct Read {
    /// Deliveries that were promised for a day, in the file's order.
    pub deliveries: Vec<Delivery>,
    /// Rows with dates that cannot be right.
    pub bad: Vec<Bad>,
}

#[derive(serde::Deserialize)]
struct Row {
    id: String,
    country: String,
    fulfill_via: String,
    shipment_mode: String,
    pq_first_sent_to_client_date: String,
    po_sent_to_vendor_date: String,
    scheduled_delivery_date: String,
    delivered_to_client_date: String,
    #[serde(default)]
    delivery_recorded_date: String,
    vendor: String,
}

/// Reads deliveries. A row that names no day of promise is left out, one that does not say when it came
/// is taken as one that has not come, and of one that came before it was ordered the day of the order is
/// not believed; all of them are named.
pub fn read(text: &str) -> Result<Read, FileError> {
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let (mut read, mut names) = (Read::default(), HashSet::new());
    for (place, row) in reader.deserialize().enumerate() {
        let row: Row = row?;
        if let Err(what) = read.take(&row, &mut names) {
            read.bad.push(Bad { row: place + 1, id: row.id.into(), what });
        }
    }
    if read.deliveries.is_empty() && read.bad.is_empty() {
        return Err(FileError::Empty);
    }
    Ok(read)
}

impl Read {
    /// Takes a row; `Err` says what is wrong with it.
    fn take(&mut self, row: &Row, names: &mut HashSet<Arc<str>>) -> Result<(), String> {
        let scheduled = Day::parse(&row.scheduled_delivery_date).ok_or_else(|| {
            let text = &row.scheduled_delivery_date;
            format!("\"{text}\" is no scheduled day; left out")
        })?;
        let (delivered, trouble) = match day(&row.delivered_to_client_date) {
            Ok(delivered) => (delivered, None),
            Err(text) => (None, Some(format!("delivered on \"{text}\"; taken as not delivered"))),
        };
        // One that does not say when it was written down was so on the day.
        let recorded = day(&row.delivery_recorded_date).unwrap_or_default();
        // Days that were not captured hold a word that says so.
        let asked = Day::parse(&row.po_sent_to_vendor_date)
            .or_else(|| Day::parse(&row.pq_first_sent_to_client_date));
        let early = asked.zip(delivered).filter(|(asked, delivered)| delivered < asked);
        let trouble = trouble.or(early.map(|(asked, delivered)| {
            format!(
                "delivered on {delivered}, ordered on {asked}; the day of the order is not used"
            )
        }));
        let asked = asked.filter(|_| early.is_none());
        let notice = asked.map_or_else(String::new, |asked| {
            let days = scheduled.number() - asked.number();
            (days / NOTICE).clamp(0, MOST_NOTICE).to_string()
        });
        let mut place = String::new();
        let lane = format!("{}\u{1e}{}", row.country, row.shipment_mode);
        let path = [&row.fulfill_via, &row.vendor, &lane, &notice].map(|part| {
            place.push('\u{1f}');
            place.push_str(part);
            kept(names, &place)
        });
        let batch = format!("{}\u{1f}{}\u{1f}{}", row.vendor, row.country, scheduled.number());
        self.deliveries.push(Delivery {
            id: row.id.as_str().into(),
            vendor: kept(names, &row.vendor),
            path,
            scheduled,
            delivered,
            recorded,
            batch: kept(names, &batch),
        });
        trouble.map_or(Ok(()), Err)
    }
}

/// A day, or none where the text is empty.
fn day(text: &str) -> Result<Option<Day>, &str> {
    let text = text.trim();
    if text.is_empty() { Ok(None) } else { Day::parse(text).map(Some).ok_or(text) }
}

/// A name, held once.
fn kept(names: &mut HashSet<Arc<str>>, name: &str) -> Arc<str> {
    if let Some(known) = names.get(name) {
        return Arc::clone(known);
    }
    let new: Arc<str> = name.into();
    names.insert(Arc::clone(&new));
    new
}

/// Writes `id, q0.1, …`, one row for each delivery.
pub fn write<'a>(
    out: &mut impl Write,
    levels: &[f64],
    rows: impl IntoIterator<Item = (&'a str, &'a [i32])>,
) -> io::Result<()> {
    let mut out = csv::Writer::from_writer(out);
    let names = levels.iter().map(|level| format!("q{level}"));
    out.write_record(std::iter::once("id".to_owned()).chain(names))?;
    for (id, days) in rows {
        let days = days.iter().map(i32::to_string);
        out.write_record(std::iter::once(id.to_owned()).chain(days))?;
    }
    out.flush()
}
