//! A panel: many series over the same steps, as files hold it.

use super::Frequency;
use jiff::civil::Date;
use std::collections::{HashMap, HashSet};
use std::io::Read;
use std::path::Path;

/// Many series over the same steps, zero-filled from each one's first row to the panel's last step.
#[derive(Debug, Clone)]
pub struct Panel {
    /// Names of the series, in the order of their first rows.
    pub series: Vec<String>,
    /// Length of a step.
    pub frequency: Frequency,
    /// The first step's date.
    pub first: Date,
    /// How many steps there are.
    pub steps: usize,
    /// Demand of each series at each step; NaN before its first row and where it was not available.
    pub demand: Vec<Vec<f32>>,
    /// Whether each series was promoted at each step; empty without such a column.
    pub promotion: Vec<Vec<f32>>,
    /// Price of each series at each step, NaN where unknown; empty without such a column.
    pub price: Vec<Vec<f32>>,
    /// Rows of the file that came again for a series and date, and were added up.
    pub doubled: usize,
}

/// Why a panel could not be read.
#[derive(Debug, thiserror::Error)]
pub enum PanelError {
    /// The file could not be opened.
    #[error("{file}: {source}; name a CSV file that can be read, or - for standard input")]
    File {
        /// The file.
        file: String,
        /// What the system said.
        source: std::io::Error,
    },
    /// The rows do not go together.
    #[error("{file}: {reason}")]
    Whole {
        /// The file.
        file: String,
        /// What is wrong and how to mend it.
        reason: String,
    },
    /// A row or the header is wrong.
    #[error("{file}, line {line}: {reason}")]
    Row {
        /// The file.
        file: String,
        /// The line, counted from 1.
        line: u64,
        /// What is wrong and how to mend it.
        reason: String,
    },
}

/// One row as it stands in the file.
struct Row {
    series: usize,
    date: Date,
    demand: f32,
    promotion: f32,
    price: f32,
}

/// Where the columns stand.
struct Columns {
    series: usize,
    date: usize,
    demand: usize,
    promotion: Option<usize>,
    price: Option<usize>,
    available: Option<usize>,
}

/// Longest span of a panel in steps: forty years of days.
const MOST_STEPS: usize = 15_000;
/// Most series times steps: 800 MB of demand.
const MOST_CELLS: usize = 200_000_000;
/// Most units of a row: beyond them numbers of single precision are of no use.
const MOST_UNITS: f32 = 1e12;

impl Panel {
    /// Reads `series_id,date,qty[,price][,promo][,available]`, plain or gzip by the file's ending;
    /// `-` is standard input. Rows of the same series and date add up.
    pub fn read(path: &Path, frequency: Frequency) -> Result<Self, PanelError> {
        let file = path.display().to_string();
        let failed = |source| PanelError::File { file: file.clone(), source };
        if file == "-" {
            return Self::from_csv("standard input", std::io::stdin().lock(), frequency);
        }
        let opened = std::fs::File::open(path).map_err(failed)?;
        if path.extension().is_some_and(|ending| ending == "gz") {
            Self::from_csv(&file, flate2::read::MultiGzDecoder::new(opened), frequency)
        } else {
            Self::from_csv(&file, opened, frequency)
        }
    }

    /// The same from any reader; `file` names it in errors.
    pub fn from_csv(file: &str, from: impl Read, frequency: Frequency) -> Result<Self, PanelError> {
        let wrong =
            |line: u64, reason: String| PanelError::Row { file: file.to_owned(), line, reason };
        let mut reader = csv::ReaderBuilder::new().flexible(false).from_reader(from);
        let header = reader.headers().map_err(|error| wrong(1, error.to_string()))?.clone();
        let columns = Columns::of(&header).map_err(|reason| wrong(1, reason))?;
        let mut numbers: HashMap<String, usize> = HashMap::new();
        let (mut series, mut rows) = (Vec::new(), Vec::new());
        let mut record = csv::StringRecord::new();
        loop {
            let more = reader.read_record(&mut record);
            let line = record.position().map_or(0, csv::Position::line);
            match more {
                Ok(true) => {}
                Ok(false) => break,
                Err(error) => return Err(wrong(line, error.to_string())),
            }
            let name = &record[columns.series];
            let number = match numbers.get(name) {
                Some(&number) => number,
                None => {
                    numbers.insert(name.to_owned(), series.len());
                    series.push(name.to_owned());
                    series.len() - 1
                }
            };
            rows.push(columns.row(&record, number).map_err(|reason| wrong(line, reason))?);
        }
        let Some(first) = rows.iter().map(|row| row.date).min() else {
            return Err(wrong(1, "there is no row below the header".to_owned()));
        };
        let whole = |reason| PanelError::Whole { file: file.to_owned(), reason };
        Self::of_rows(series, rows, first, frequency, &columns).map_err(whole)
    }

    fn of_rows(
        series: Vec<String>,
        rows: Vec<Row>,
        first: Date,
        frequency: Frequency,
        columns: &Columns,
    ) -> Result<Self, String> {
        let at = |date: Date| frequency.steps_between(first, date) as usize;
        let steps = rows.iter().map(|row| at(row.date)).max().unwrap_or(0) + 1;
        if steps > MOST_STEPS {
            let last = rows.iter().map(|row| row.date).max().unwrap_or(first);
            return Err(format!(
                "the dates span {steps} steps, from {first} to {last}, and {MOST_STEPS} are the most; \
                 mend the date that is far from the others"
            ));
        }
        let cells = series.len() * steps;
        if cells > MOST_CELLS {
            let last = rows.iter().map(|row| row.date).max().unwrap_or(first);
            return Err(format!(
                "{} series over {steps} steps, from {first} to {last}, are {cells} numbers, and {MOST_CELLS} \
                 are the most: look for a mistyped year, or split the file by series",
                series.len()
            ));
        }
        let mut begin = vec![steps; series.len()];
        for row in &rows {
            begin[row.series] = begin[row.series].min(at(row.date));
        }
        let from = |fill: f32| -> Vec<Vec<f32>> {
            begin
                .iter()
                .map(|&begin| {
                    let mut values = vec![f32::NAN; begin];
                    values.resize(steps, fill);
                    values
                })
                .collect()
        };
        let mut panel = Self {
            demand: from(0.0),
            promotion: if columns.promotion.is_some() { from(0.0) } else { Vec::new() },
            price: if columns.price.is_some() { from(f32::NAN) } else { Vec::new() },
            series,
            frequency,
            first,
            steps,
            doubled: 0,
        };
        let mut met = HashSet::with_capacity(rows.len());
        for row in rows {
            panel.doubled += usize::from(!met.insert((row.series, row.date)));
            let step = at(row.date);
            panel.demand[row.series][step] += row.demand;
            if let Some(values) = panel.promotion.get_mut(row.series) {
                values[step] = row.promotion;
            }
            if let Some(values) = panel.price.get_mut(row.series) {
                values[step] = row.price;
            }
        }
        Ok(panel)
    }

    /// A panel of daily series, each from its first day on; `None` if there are none.
    pub fn of_series(all: impl Iterator<Item = (String, Date, Vec<f32>)>) -> Option<Self> {
        let all: Vec<(String, Date, Vec<f32>)> = all.collect();
        let first = all.iter().map(|(_, date, _)| *date).min()?;
        let frequency = Frequency::Day;
        let begin = |date: Date| usize::try_from(frequency.steps_between(first, date)).ok();
        let steps =
            all.iter().filter_map(|(_, date, units)| Some(begin(*date)? + units.len())).max()?;
        let (mut series, mut demand) = (Vec::new(), Vec::new());
        for (name, date, units) in all {
            let mut values = vec![f32::NAN; begin(date)?];
            values.extend(units);
            values.resize(steps, 0.0);
            series.push(name);
            demand.push(values);
        }
        let (promotion, price) = (Vec::new(), Vec::new());
        Some(Self { series, frequency, first, steps, demand, promotion, price, doubled: 0 })
    }

    /// Date of a step.
    pub fn date(&self, step: usize) -> Option<Date> {
        self.frequency.after(self.first, i64::try_from(step).ok()?)
    }

    /// Steps up to and including a date, if the panel has any before it.
    pub fn steps_until(&self, date: Date) -> Option<usize> {
        let steps = self.frequency.steps_between(self.first, date) + 1;
        usize::try_from(steps).ok().filter(|steps| *steps > 0).map(|steps| steps.min(self.steps))
    }

    /// Forgets everything after a date, and a week or month that ends after it as well.
    pub fn cut(&mut self, until: Date) {
        let reaching = self.steps_until(until).unwrap_or(0);
        let whole = reaching > 0 && self.last_day_of(reaching - 1).is_some_and(|day| day <= until);
        self.keep(if whole { reaching } else { reaching.saturating_sub(1) });
    }

    /// The last day of a step.
    pub fn last_day_of(&self, step: usize) -> Option<Date> {
        self.date(step + 1)?.yesterday().ok()
    }

    /// Forgets everything after the first `steps` steps.
    pub fn keep(&mut self, steps: usize) {
        self.steps = steps.min(self.steps);
        for values in [&mut self.demand, &mut self.promotion, &mut self.price] {
            values.iter_mut().for_each(|values| values.truncate(steps));
        }
    }
}

impl Columns {
    fn of(header: &csv::StringRecord) -> Result<Self, String> {
        if header.iter().all(|column| column.trim().is_empty()) {
            return Err("it is empty; the first line is to be series_id,date,qty".to_owned());
        }
        let find = |name: &str| header.iter().position(|column| column.trim() == name);
        let needed = |name: &str| {
            find(name).ok_or_else(|| {
                let found: Vec<&str> = header.iter().collect();
                format!("there is no column “{name}” (found: {})", found.join(", "))
            })
        };
        Ok(Self {
            series: needed("series_id")?,
            date: needed("date")?,
            demand: needed("qty")?,
            promotion: find("promo"),
            price: find("price"),
            available: find("available"),
        })
    }

    fn row(&self, record: &csv::StringRecord, series: usize) -> Result<Row, String> {
        let number = |column: usize, name: &str| -> Result<f32, String> {
            let text = record[column].trim();
            let value = text.parse::<f32>().ok().filter(|value| value.is_finite());
            value.ok_or_else(|| format!("{name} “{text}” is no number"))
        };
        let optional = |column: Option<usize>, name: &str, missing: f32| match column {
            Some(column) if !record[column].trim().is_empty() => number(column, name),
            _ => Ok(missing),
        };
        let date = record[self.date].trim();
        let demand = number(self.demand, "qty")?;
        if demand < 0.0 {
            return Err(format!("qty {demand} is below 0: demand is what was asked for"));
        }
        if demand > MOST_UNITS {
            return Err(format!("qty {demand} is too much: {MOST_UNITS} units are the most"));
        }
        let available = optional(self.available, "available", 1.0)?;
        Ok(Row {
            series,
            date: date.parse().map_err(|_| format!("date “{date}” is none: YYYY-MM-DD"))?,
            demand: if available == 0.0 { f32::NAN } else { demand },
            promotion: optional(self.promotion, "promo", 0.0)?,
            price: optional(self.price, "price", f32::NAN)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str, frequency: Frequency) -> Result<Panel, String> {
        Panel::from_csv("file", text.as_bytes(), frequency).map_err(|error| error.to_string())
    }

    #[test]
    fn a_week_or_month_that_ends_after_a_date_is_not_of_the_time_before_it() {
        let until = |frequency: Frequency, date: &str| {
            let text = "series_id,date,qty\na,2011-06-01,1\na,2011-08-01,3\n";
            let mut panel = read(text, frequency).unwrap();
            panel.cut(date.parse().unwrap());
            panel.steps
        };
        assert_eq!(until(Frequency::Month, "2011-08-01"), 2);
        assert_eq!(until(Frequency::Month, "2011-08-30"), 2);
        assert_eq!(until(Frequency::Month, "2011-08-31"), 3);
        assert_eq!(until(Frequency::Month, "2011-06-29"), 0);
        // Weeks from Wednesday, 1 June, on.
        assert_eq!(until(Frequency::Week, "2011-06-13"), 1);
        assert_eq!(until(Frequency::Week, "2011-06-14"), 2);
        assert_eq!(until(Frequency::Day, "2011-06-13"), 13);
        assert_eq!(until(Frequency::Day, "2011-05-31"), 0);
    }

    #[test]
    fn what_is_too_much_is_refused_with_its_line_or_its_reason() {
        let refused =
            read("series_id,date,qty\na,2011-06-01,1\na,2011-06-02,1e30\n", Frequency::Day);
        let reason = refused.unwrap_err();
        assert!(reason.contains("line 3") && reason.contains("is too much"), "{reason}");
        let mut text = String::from("series_id,date,qty\n");
        for series in 0..20_000 {
            text.push_str(&format!("s{series},2011-06-01,1\n"));
        }
        text.push_str("s0,1981-06-01,1\n");
        let reason = read(&text, Frequency::Day).unwrap_err();
        assert!(reason.contains("from 1981-06-01 to 2011-06-01"), "{reason}");
    }
}
