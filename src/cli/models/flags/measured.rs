//! How good what was said of a file is, where the truth is known.

use super::{FlagsArgs, read};
use crate::cli::format::{Cell, Grid};
use crate::engine::api::Refusal;
use crate::insight::anomaly::file::{self, Label};
use crate::insight::anomaly::measure::{Measures, OfKind, Scored, Silences, Window, share};
use crate::insight::anomaly::silence::Silence;
use crate::insight::anomaly::{Flag, Order};

/// What is known to be wrong.
pub struct Truth {
    labels: Option<Vec<Label>>,
    windows: Option<Vec<Window>>,
}

const COLUMNS: [&str; 9] = [
    "what",
    "orders",
    "incidents",
    "precision",
    "recall",
    "case_precision",
    "case_recall",
    "named",
    "false_a_week",
];

impl Truth {
    /// What the files say that are named.
    pub fn read(args: &FlagsArgs) -> Result<Self, Refusal> {
        let labels = args.truth.as_deref().map(|path| read(path, file::labels)).transpose()?;
        let windows = args.feeds_truth.as_deref().map(|path| read(path, file::windows));
        Ok(Self { labels, windows: windows.transpose()? })
    }

    /// Whether anything is known.
    pub fn is_any(&self) -> bool {
        self.labels.is_some() || self.windows.is_some()
    }

    /// A row for all orders, one a kind, and one for feeds, of what came from a time on. Orders are all,
    /// in the order of their arrival.
    pub fn grid(&self, flags: &[Flag], silences: &[Silence], orders: &[Order], since: i64) -> Grid {
        let mut grid = Grid::new(&COLUMNS);
        if let Some(labels) = &self.labels {
            let those = flags.iter().filter(|flag| flag.at >= since);
            let scored: Vec<Scored<'_>> = those.map(Scored::from).collect();
            let measures = Measures::of(&scored, labels);
            grid.push(of_all(&measures));
            measures.kinds.iter().for_each(|kind| grid.push(of_kind(kind)));
        }
        if let Some(windows) = &self.windows {
            grid.push(of_feeds(&Silences::of(silences, windows, orders, since)));
        }
        grid
    }
}

fn rate(value: f64) -> Cell {
    Cell::number(format!("{value:.3}"))
}

fn of_all(measures: &Measures) -> Vec<Cell> {
    let named = Some(measures.named()).filter(|(_, all)| *all > 0);
    vec![
        Cell::text("all"),
        Cell::number(measures.wrong),
        Cell::number(measures.incidents),
        rate(measures.by_orders.average_precision),
        rate(measures.recall()),
        rate(measures.by_cases.average_precision),
        rate(measures.recall_by_cases()),
        Cell::or_unknown(named, |named| rate(share(named))),
        Cell::Unknown,
    ]
}

fn of_kind(kind: &OfKind) -> Vec<Cell> {
    let named = kind.named.filter(|(_, all)| *all > 0);
    vec![
        Cell::text(&kind.kind),
        Cell::number(kind.orders),
        Cell::number(kind.incidents),
        Cell::Unknown,
        rate(share((kind.found, kind.incidents))),
        Cell::Unknown,
        rate(share((kind.found_by_cases, kind.incidents))),
        Cell::or_unknown(named, |named| rate(share(named))),
        Cell::Unknown,
    ]
}

fn of_feeds(silences: &Silences) -> Vec<Cell> {
    let known = Some((silences.in_time, silences.knowable)).filter(|(_, all)| *all > 0);
    vec![
        Cell::text("silent feeds"),
        Cell::Unknown,
        Cell::number(silences.knowable),
        Cell::Unknown,
        Cell::or_unknown(known, |known| rate(share(known))),
        Cell::Unknown,
        Cell::Unknown,
        Cell::Unknown,
        Cell::number(format!("{:.2}", silences.false_a_week)),
    ]
}
