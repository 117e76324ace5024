//! What a panel's series are: a description and a category for each, as files hold it.

use super::PanelError;
use std::collections::HashMap;
use std::path::Path;

/// Descriptions and categories by series.
#[derive(Debug, Clone, Default)]
pub struct Items {
    of: HashMap<String, Item>,
}

/// One item.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Item {
    /// What it is, in words.
    pub description: String,
    /// Its category; empty where unknown.
    pub category: String,
}

impl Items {
    /// Reads `series_id,description[,category]`, plain or gzip by the file's ending.
    pub fn read(path: &Path) -> Result<Self, PanelError> {
        let file = path.display().to_string();
        let failed = |source| PanelError::File { file: file.clone(), source };
        let opened = std::fs::File::open(path).map_err(failed)?;
        let unpacked: Box<dyn std::io::Read> = if path.extension().is_some_and(|end| end == "gz") {
            Box::new(flate2::read::MultiGzDecoder::new(opened))
        } else {
            Box::new(opened)
        };
        let wrong =
            |line: u64, reason: String| PanelError::Row { file: file.clone(), line, reason };
        let mut reader = csv::ReaderBuilder::new().flexible(false).from_reader(unpacked);
        let header = reader.headers().map_err(|error| wrong(1, error.to_string()))?.clone();
        let column = |name: &str| header.iter().position(|column| column.trim() == name);
        let needed = |name: &str| {
            column(name).ok_or_else(|| wrong(1, format!("there is no column “{name}”")))
        };
        let (series, description) = (needed("series_id")?, needed("description")?);
        let category = column("category");
        let mut items = Self::default();
        for record in reader.records() {
            let record = record.map_err(|error| {
                wrong(error.position().map_or(0, csv::Position::line), error.to_string())
            })?;
            let item = Item {
                description: record[description].trim().to_owned(),
                category: category
                    .map_or_else(String::new, |place| record[place].trim().to_owned()),
            };
            items.of.insert(record[series].to_owned(), item);
        }
        Ok(items)
    }

    /// What a series is.
    pub fn get(&self, series: &str) -> Option<&Item> {
        self.of.get(series)
    }

    /// Adds what a series is.
    pub fn insert(&mut self, series: String, item: Item) {
        self.of.insert(series, item);
    }
}
