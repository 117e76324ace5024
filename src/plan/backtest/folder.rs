//! Reads a replay from a folder of files: `panel.csv.gz`, `items.csv`, `suppliers.csv`, `leadtimes.csv` and
//! `window.txt`.

use super::replay::{Costs, Item, Replay, Supplier};
use crate::domain::Qty;
use crate::plan::inventory::LotRule;
use jiff::civil::Date;
use std::collections::HashMap;
use std::fs::File;
use std::io::Read;
use std::path::Path;

/// The longest time that is replayed with its history: forty years of days.
const MOST_DAYS: i32 = 15_000;

/// Why a folder could not be read.
#[derive(Debug, thiserror::Error)]
pub enum FolderError {
    /// A file could not be read.
    #[error("{file}: {source}")]
    File {
        /// The file.
        file: String,
        /// What the system said.
        source: std::io::Error,
    },
    /// A line is wrong.
    #[error("{file}, line {line}, {field}: {reason}")]
    Line {
        /// The file.
        file: String,
        /// The line, counted from 1.
        line: u64,
        /// The field.
        field: String,
        /// What is wrong with it.
        reason: String,
    },
}

/// Reads a folder.
pub fn read(folder: &Path) -> Result<Replay, FolderError> {
    let (suppliers, supplier_of) = suppliers(&folder.join("suppliers.csv"))?;
    let (items, item_of) = items(&folder.join("items.csv"), &supplier_of)?;
    let (from, to) = window(&folder.join("window.txt"))?;
    let panel = panel(&folder.join("panel.csv.gz"), &item_of)?;
    let first = panel.iter().map(|(_, date, _)| *date).chain([from]).min().unwrap_or(from);
    let day = |date: Date| usize::try_from(days_between(first, date)).unwrap_or(0);
    let mut demand = vec![vec![0.0; day(to) + 1]; items.len()];
    for (item, date, qty) in panel {
        // What comes after the last day is not replayed.
        if let Some(units) = demand[item].get_mut(day(date)) {
            *units += qty;
        }
    }
    let mut lead_days = HashMap::new();
    for (supplier, date, days) in lead_times(&folder.join("leadtimes.csv"), &supplier_of)? {
        if date >= first {
            lead_days.insert((supplier, day(date)), days);
        }
    }
    let window = day(from)..day(to) + 1;
    let (known, costs) = (Vec::new(), Costs::default());
    Ok(Replay { items, suppliers, first, demand, known, window, lead_days, costs })
}

fn days_between(from: Date, to: Date) -> i32 {
    from.until(to).map_or(0, |span| span.get_days())
}

type Places = HashMap<String, usize>;

fn suppliers(path: &Path) -> Result<(Vec<Supplier>, Places), FolderError> {
    let (mut all, mut places) = (Vec::new(), Places::new());
    Table::open(path)?.each(|row| {
        let code = row.new_name("supplier", &places)?;
        let weekday = row.number("review_weekday", 0.0)?;
        if weekday > 6.0 || weekday.fract() != 0.0 {
            return Err(row.wrong("review_weekday", "it is a whole number from 0, Monday, to 6"));
        }
        places.insert(code.clone(), all.len());
        all.push(Supplier {
            code,
            lead_mean: row.number("lt_mean", 0.0)?,
            lead_sd: row.number("lt_sd", 0.0)?,
            review_weekday: weekday as u8,
        });
        Ok(())
    })?;
    Ok((all, places))
}

fn items(path: &Path, suppliers: &Places) -> Result<(Vec<Item>, Places), FolderError> {
    let (mut all, mut places) = (Vec::new(), Places::new());
    Table::open(path)?.each(|row| {
        let sku = row.new_name("sku", &places)?;
        let lot = LotRule::new(row.qty("moq")?, row.qty("pack")?, None);
        let lot = lot.map_err(|error| row.wrong("pack", error.to_string()))?;
        places.insert(sku.clone(), all.len());
        all.push(Item {
            sku,
            supplier: row.place("supplier", suppliers, "suppliers.csv")?,
            unit_cost: row.number("unit_cost", 0.0)?,
            hold: row.number("hold_per_unit_day", 0.0)?,
            lost: row.number("lost_per_unit", 0.0)?,
            lot,
            initial_stock: row.number("initial_stock", 0.0)?,
        });
        Ok(())
    })?;
    Ok((all, places))
}

fn panel(path: &Path, items: &Places) -> Result<Vec<(usize, Date, f32)>, FolderError> {
    let mut all = Vec::new();
    Table::open(path)?.each(|row| {
        let item = row.place("sku", items, "items.csv")?;
        all.push((item, row.date("date")?, row.number("qty", 0.0)? as f32));
        Ok(())
    })?;
    Ok(all)
}

fn lead_times(path: &Path, suppliers: &Places) -> Result<Vec<(usize, Date, u16)>, FolderError> {
    let mut all = Vec::new();
    Table::open(path)?.each(|row| {
        let supplier = row.place("supplier", suppliers, "suppliers.csv")?;
        let days = row.number("lead_days", 1.0)?;
        if days > f64::from(u16::MAX) || days.fract() != 0.0 {
            return Err(row.wrong("lead_days", "it is a whole number of days"));
        }
        all.push((supplier, row.date("order_date")?, days as u16));
        Ok(())
    })?;
    Ok(all)
}

/// The first and the last day, with a space between them.
fn window(path: &Path) -> Result<(Date, Date), FolderError> {
    let file = path.display().to_string();
    let text = std::fs::read_to_string(path)
        .map_err(|source| FolderError::File { file: file.clone(), source })?;
    let wrong = |reason: &str| FolderError::Line {
        file: file.clone(),
        line: 1,
        field: "window".into(),
        reason: reason.into(),
    };
    let dates: Vec<Date> = text
        .split_whitespace()
        .map(|word| word.parse().map_err(|_| wrong("dates are written YYYY-MM-DD")))
        .collect::<Result<_, _>>()?;
    match dates[..] {
        [from, to] if from <= to && days_between(from, to) < MOST_DAYS => Ok((from, to)),
        [_, _] => Err(wrong("its first day comes before its last, at most forty years")),
        _ => Err(wrong("two dates are needed, the first and the last day")),
    }
}

/// A CSV file with a header, plain or gzip by its ending.
struct Table {
    file: String,
    reader: csv::Reader<Box<dyn Read>>,
    header: csv::StringRecord,
}

impl Table {
    fn open(path: &Path) -> Result<Self, FolderError> {
        let file = path.display().to_string();
        let opened =
            File::open(path).map_err(|source| FolderError::File { file: file.clone(), source })?;
        let from: Box<dyn Read> = if path.extension().is_some_and(|ending| ending == "gz") {
            Box::new(flate2::read::MultiGzDecoder::new(opened))
        } else {
            Box::new(opened)
        };
        let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(from);
        let header = reader.headers().cloned().map_err(|error| broken(&file, &error))?;
        Ok(Self { file, reader, header })
    }

    /// Hands every row on.
    fn each(
        mut self,
        mut take: impl FnMut(Row<'_>) -> Result<(), FolderError>,
    ) -> Result<(), FolderError> {
        let mut record = csv::StringRecord::new();
        while self.reader.read_record(&mut record).map_err(|error| broken(&self.file, &error))? {
            let line = record.position().map_or(0, csv::Position::line);
            take(Row { file: &self.file, header: &self.header, record: &record, line })?;
        }
        Ok(())
    }
}

fn broken(file: &str, error: &csv::Error) -> FolderError {
    FolderError::Line {
        file: file.to_owned(),
        line: error.position().map_or(1, csv::Position::line),
        field: "the line".into(),
        reason: error.to_string(),
    }
}

struct Row<'a> {
    file: &'a str,
    header: &'a csv::StringRecord,
    record: &'a csv::StringRecord,
    line: u64,
}

impl Row<'_> {
    fn wrong(&self, field: &str, reason: impl Into<String>) -> FolderError {
        FolderError::Line {
            file: self.file.to_owned(),
            line: self.line,
            field: field.to_owned(),
            reason: reason.into(),
        }
    }

    fn text(&self, field: &str) -> Result<&str, FolderError> {
        let place = self.header.iter().position(|name| name.trim() == field);
        let place = place.ok_or_else(|| self.wrong(field, "there is no such column"))?;
        self.record.get(place).map(str::trim).ok_or_else(|| self.wrong(field, "it is missing"))
    }

    /// A number that is not below `least`.
    fn number(&self, field: &str, least: f64) -> Result<f64, FolderError> {
        let text = self.text(field)?;
        match text.parse::<f64>() {
            Ok(number) if number.is_finite() && number >= least => Ok(number),
            Ok(number) if number.is_finite() => {
                Err(self.wrong(field, format!("{number} is below {least}")))
            }
            _ => Err(self.wrong(field, format!("“{text}” is no number"))),
        }
    }

    fn qty(&self, field: &str) -> Result<Qty, FolderError> {
        let text = self.text(field)?;
        Qty::parse(text).ok_or_else(|| self.wrong(field, format!("“{text}” is no quantity")))
    }

    fn date(&self, field: &str) -> Result<Date, FolderError> {
        let text = self.text(field)?;
        text.parse().map_err(|_| self.wrong(field, format!("“{text}” is no date: YYYY-MM-DD")))
    }

    /// A name that no line before had.
    fn new_name(&self, field: &str, before: &Places) -> Result<String, FolderError> {
        let name = self.text(field)?;
        if name.is_empty() || before.contains_key(name) {
            return Err(self.wrong(field, format!("“{name}” is empty or was there before")));
        }
        Ok(name.to_owned())
    }

    /// The place of a name that another file tells of.
    fn place(&self, field: &str, of: &Places, told_by: &str) -> Result<usize, FolderError> {
        let name = self.text(field)?;
        let place = of.get(name).copied();
        place.ok_or_else(|| self.wrong(field, format!("“{name}” is not in {told_by}")))
    }
}
