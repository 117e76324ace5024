//! Orders and labels from CSV, and what is said of them as CSV.
//!
//! Columns of orders, one row for each line, the lines of an order next to each other:
//! `order_id, ts, kind (sale|return), feed, customer_id (empty = guest), bill_country, ship_country,
//! address, sku, qty, unit_price`. Labels: `order_id, type, incident`. Times in which a feed's orders did
//! not come: `feed, from, to`.

use super::measure::Window;
use super::order::{Kind, Line, Order};
use super::silence::Silence;
use super::watch::Flag;
use jiff::civil::DateTime;
use std::collections::HashMap;
use std::io::{self, Write};
use std::sync::Arc;

/// A row that is not as it should be.
#[derive(Debug, thiserror::Error)]
#[error("row {row}: {what}")]
pub struct RowError {
    /// Counted from 1 after the header.
    pub row: usize,
    /// What is wrong with it.
    pub what: String,
}

impl RowError {
    /// Of a place counted from 0.
    fn new(place: usize, what: impl Into<String>) -> Self {
        Self { row: place + 1, what: what.into() }
    }

    fn of(place: usize, error: &csv::Error) -> Self {
        match error.kind() {
            csv::ErrorKind::Deserialize { err, .. } => Self::new(place, err.to_string()),
            _ => Self::new(place, error.to_string()),
        }
    }
}

#[derive(Debug, serde::Deserialize)]
struct Row {
    order_id: String,
    ts: String,
    kind: String,
    feed: String,
    customer_id: String,
    bill_country: String,
    ship_country: String,
    address: String,
    sku: String,
    qty: f64,
    unit_price: f64,
}

/// A label: what an order turned out to be.
#[derive(Debug, Clone, PartialEq, Eq, serde::Deserialize)]
pub struct Label {
    /// The order.
    pub order_id: String,
    /// What it was.
    #[serde(rename = "type")]
    pub kind: String,
    /// Which event it was part of.
    pub incident: String,
}

/// Seconds since 1970-01-01T00:00 on the wall clock: `2011-06-01T09:30:00`, or a day for its start.
pub fn seconds(time: &str) -> Option<i64> {
    let time: DateTime = time.trim().parse().ok()?;
    let zero = jiff::civil::date(1970, 1, 1).at(0, 0, 0, 0);
    Some(time.duration_since(zero).as_secs())
}

/// The same back as `2011-06-01T09:30:00`.
pub fn written(at: i64) -> String {
    let zero = jiff::civil::date(1970, 1, 1).at(0, 0, 0, 0);
    match zero.checked_add(jiff::SignedDuration::from_secs(at)) {
        Ok(time) => time.strftime("%Y-%m-%dT%H:%M:%S").to_string(),
        Err(_) => format!("{at}"),
    }
}

/// One string for every occurrence of an id.
#[derive(Default)]
struct Pool(HashMap<String, Arc<str>>);

impl Pool {
    fn of(&mut self, text: String) -> Arc<str> {
        if let Some(known) = self.0.get(&text) {
            return Arc::clone(known);
        }
        let shared: Arc<str> = Arc::from(text.as_str());
        self.0.insert(text, Arc::clone(&shared));
        shared
    }

    fn some(&mut self, text: String) -> Option<Arc<str>> {
        if text.is_empty() { None } else { Some(self.of(text)) }
    }
}

/// Reads orders in the order of the text.
pub fn orders(text: &str) -> Result<Vec<Order>, RowError> {
    let mut pool = Pool::default();
    let mut orders: Vec<Order> = Vec::new();
    for (place, row) in csv::Reader::from_reader(text.as_bytes()).deserialize::<Row>().enumerate() {
        let row = row.map_err(|error| RowError::of(place, &error))?;
        let (sku, qty, price) = (pool.of(row.sku), row.qty, row.unit_price);
        let line = Line { sku, qty, price, list: None };
        if let Some(last) = orders.last_mut().filter(|last| *last.id == *row.order_id) {
            last.lines.push(line);
            continue;
        }
        let kind = match row.kind.as_str() {
            "sale" => Kind::Sale,
            "return" => Kind::Return,
            other => {
                let what = format!("its kind is sale or return, not {other:?}");
                return Err(RowError::new(place, what));
            }
        };
        let no_time = || RowError::new(place, format!("{:?} is no time", row.ts));
        orders.push(Order {
            id: pool.of(row.order_id),
            at: seconds(&row.ts).ok_or_else(no_time)?,
            kind,
            feed: pool.of(row.feed),
            customer: pool.some(row.customer_id),
            account: None,
            bill: pool.of(row.bill_country),
            ship: pool.of(row.ship_country),
            address: pool.some(row.address),
            elsewhere: false,
            note: None,
            lines: vec![line],
        });
    }
    Ok(orders)
}

/// What kept a row from being written, its kind kept.
fn unwritten(error: csv::Error) -> io::Error {
    match error.into_kind() {
        csv::ErrorKind::Io(error) => error,
        other => io::Error::other(format!("{other:?}")),
    }
}

/// Writes `order_id,score,case_id,reasons`, the reasons separated by `; `, in the order given.
pub fn write_flags(out: impl Write, flags: &[Flag]) -> io::Result<()> {
    let mut rows = csv::Writer::from_writer(out);
    rows.write_record(["order_id", "score", "case_id", "reasons"]).map_err(unwritten)?;
    for flag in flags {
        let reasons: Vec<&str> = flag.reasons.iter().map(|one| one.text.as_str()).collect();
        let (score, case) = (format!("{:.9}", flag.score), flag.case.to_string());
        rows.write_record([&*flag.order, &score, &case, &reasons.join("; ")]).map_err(unwritten)?;
    }
    rows.flush()
}

/// Writes `feed,raised_at,cleared_at,expected,seen`; a silence that lasts has no `cleared_at`.
pub fn write_silences(out: impl Write, silences: &[Silence]) -> io::Result<()> {
    let mut rows = csv::Writer::from_writer(out);
    rows.write_record(["feed", "raised_at", "cleared_at", "expected", "seen"])
        .map_err(unwritten)?;
    for silence in silences {
        let cleared = silence.cleared.map(written).unwrap_or_default();
        let (expected, seen) = (format!("{:.2}", silence.expected), silence.seen.to_string());
        let row = [&*silence.feed, &written(silence.raised), &cleared, &expected, &seen];
        rows.write_record(row).map_err(unwritten)?;
    }
    rows.flush()
}

/// Reads times in which a feed's orders did not come.
pub fn windows(text: &str) -> Result<Vec<Window>, RowError> {
    #[derive(serde::Deserialize)]
    struct Row {
        feed: String,
        from: String,
        to: String,
    }
    let rows = csv::Reader::from_reader(text.as_bytes()).into_deserialize::<Row>().enumerate();
    rows.map(|(place, row)| {
        let Row { feed, from, to } = row.map_err(|error| RowError::of(place, &error))?;
        let time = |text: &str| {
            seconds(text).ok_or_else(|| RowError::new(place, format!("{text:?} is no time")))
        };
        Ok(Window { from: time(&from)?, to: time(&to)?, feed })
    })
    .collect()
}

/// Reads labels.
pub fn labels(text: &str) -> Result<Vec<Label>, RowError> {
    let rows = csv::Reader::from_reader(text.as_bytes()).into_deserialize::<Label>().enumerate();
    rows.map(|(place, row)| row.map_err(|error| RowError::of(place, &error))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_go_there_and_back() {
        let at = seconds("2011-06-01T09:30:00").unwrap();
        assert_eq!(written(at), "2011-06-01T09:30:00");
        assert_eq!(seconds("2011-06-01 09:30:00"), Some(at));
        assert_eq!(seconds("yesterday"), None);
    }

    #[test]
    fn times_of_silence_are_read() {
        let text = "feed,from,to,orders_lost\nweb,2011-06-17 09:00:00,2011-06-17 13:00:00,16\n";
        let [window] = &windows(text).unwrap()[..] else { panic!("one") };
        assert_eq!((&*window.feed, window.to - window.from), ("web", 4 * 3_600));
        let error = windows(&text.replace("13:00", "noon")).unwrap_err().to_string();
        assert!(error.contains("row 1") && error.contains("noon"), "{error}");
    }

    #[test]
    fn lines_next_to_each_other_are_an_order_and_a_wrong_row_is_named() {
        let head = "order_id,ts,kind,feed,customer_id,bill_country,ship_country,address,sku,qty,unit_price\n";
        let read = |rows: &str| orders(&format!("{head}{rows}"));
        let rows = "a,2011-06-01T09:30:00,sale,web,,Home,Home,A1,one,2,1.5\n\
                    a,2011-06-01T09:30:00,sale,web,,Home,Home,A1,two,1,2.5\n\
                    b,2011-06-01T09:31:00,return,web,c,Home,Home,A2,one,1,1.5\n";
        let all = read(rows).unwrap();
        assert_eq!((all.len(), all[0].lines.len(), all[1].kind), (2, 2, Kind::Return));
        assert_eq!((all[0].customer.as_deref(), all[0].value()), (None, 5.5));
        let gift = "a,2011-06-01T09:30:00,gift,web,,H,H,A,one,2,1\n";
        for (row, word) in [(gift, "gift"), (&gift.replace("one,2", "one,two"), "float")] {
            let error = read(row).unwrap_err().to_string();
            assert!(error.contains("row 1") && error.contains(word), "{error}");
        }
    }
}
