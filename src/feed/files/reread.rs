//! A row that could not be understood, kept with its headings and read again by itself.

use super::dates::DateOrder;
use super::input::Input;
use super::preset::Preset;
use super::reader::{Desk, ReadOptions};
use super::rows::Rows;
use super::survey::Survey;
use super::text::decode;
use crate::domain::{Currency, Private, Record, Zone};
use crate::feed::reread::Reread;
use csv::ByteRecord;
use serde::{Deserialize, Serialize};
use std::path::Path;

/// How a row was read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HowRow {
    /// The preset.
    pub preset: Box<str>,
    /// (our field, their column) over it.
    pub columns: Vec<(Box<str>, Box<str>)>,
    /// The zone of times without one.
    pub zone: Box<str>,
    /// The currency where no column tells it.
    pub currency: Option<Currency>,
    /// Whether the file wrote the month before the day.
    pub month_first: bool,
    /// Whether its numbers have a decimal comma.
    pub decimal_comma: bool,
}

/// A row as a file of its own: its headings, then the row.
pub(super) fn text(headings: &[String], row: &ByteRecord) -> String {
    let mut writer = csv::WriterBuilder::new().flexible(true).from_writer(Vec::new());
    // Writing to memory fails only where memory ends.
    let _ = writer.write_record(headings);
    let _ = writer.write_record(row.iter().map(|field| decode(field).into_owned()));
    writer
        .into_inner()
        .map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
        .unwrap_or_default()
}

/// What the row says now.
pub fn reread(
    text: &str,
    how: &HowRow,
    with: &Reread<'_>,
) -> Result<(Vec<Record>, Private), String> {
    let name = with.preset.unwrap_or(&how.preset);
    let preset = Preset::named(name).map_err(|error| error.to_string())?;
    let mut mapping = if *name == *how.preset { how.columns.clone() } else { Vec::new() };
    mapping.extend_from_slice(with.columns);
    let input = Input::of_text(text);
    let mut rows = Rows::of(Path::new("the row"), input, preset, &mapping)
        .map_err(|error| error.to_string())?;
    let zone = Zone::named(&how.zone).unwrap_or_default();
    let options = ReadOptions {
        currency: how.currency,
        asked: with.asked,
        ..ReadOptions::new(with.feed.clone(), with.pseudonyms.clone())
    };
    let order = if how.month_first { DateOrder::MonthFirst } else { DateOrder::DayFirst };
    let found = Survey::of_row(how.decimal_comma, order);
    let mut desk = Desk::new(&rows.layout, &options, preset, zone, &found);
    let (mut records, mut row) = (Vec::new(), ByteRecord::new());
    while let Some(at) = rows.next(&mut row).map_err(|error| error.to_string())? {
        match at.problem {
            Some(problem) => return Err(problem),
            None => desk.take(&row, &mut records)?,
        }
    }
    desk.close(&mut records);
    match records.is_empty() {
        true => Err("there is nothing in it; let the feed read it again".into()),
        false => Ok((records, desk.take_private())),
    }
}
