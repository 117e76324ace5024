//! Commands that ask the owner and print its answer.

use super::args::{Format, PageArgs};
use super::format::Grid;
use super::grids;
use crate::domain::{Day, OrderNo, Sku};
use crate::engine::api::*;
use crate::owner::client::Client;
use std::io::{self, Write};

/// Rows that are fetched at once.
const CHUNK: usize = 2_000;

/// Prints a page of a table, fetched in chunks so that no answer grows without bound.
pub async fn table<T>(
    client: &mut Client,
    page: &PageArgs,
    question: impl Fn(PageOf) -> Query,
    rows_of: impl Fn(Answer) -> Option<Rows<T>>,
    grid: impl Fn(&[T]) -> Grid,
) -> Result<(), Refusal> {
    let mut rows = Vec::new();
    while rows.len() < page.limit {
        let wanted = PageOf {
            filter: page.filter.clone(),
            sort: page.sort.clone(),
            descending: !page.ascending,
            offset: page.offset + rows.len(),
            limit: CHUNK.min(page.limit - rows.len()),
        };
        let answer = client.ask(question(wanted)).await?;
        let part = rows_of(answer).ok_or_else(odd_answer)?;
        let last = part.rows.is_empty() || part.offset + part.rows.len() >= part.total;
        rows.extend(part.rows);
        if last {
            break;
        }
    }
    print(&grid(&rows), page.format.format)
}

/// Prints one order, a row a line.
pub async fn order(client: &mut Client, number: &str, format: Format) -> Result<(), Refusal> {
    let which = OrderRef::parse(number);
    match client.ask(Query::Order(which)).await? {
        Answer::Order(Some(detail)) => print(&grids::order_lines(&detail), format),
        Answer::Order(None) => Err(Refusal::failed(format!(
            "no order {number}; `stockdeck orders --filter {number}` finds similar ones"
        ))),
        _ => Err(odd_answer()),
    }
}

/// Prints one SKU: its positions, and in the table format its demand as well.
pub async fn sku(client: &mut Client, sku: &str, days: u32, format: Format) -> Result<(), Refusal> {
    match client.ask(Query::Sku(Sku::new(sku), days)).await? {
        Answer::Sku(Some(detail)) => {
            if format == Format::Table {
                print(&grids::stock(&detail.sites), format)?;
                print_line("")?;
            }
            print(&grids::sku_demand(&detail), format)
        }
        Answer::Sku(None) => Err(Refusal::failed(format!(
            "no SKU {sku}; `stockdeck stock --filter {sku}` finds similar ones"
        ))),
        _ => Err(odd_answer()),
    }
}

/// Prints daily demand, series after series, as it comes.
pub async fn demand(
    client: &mut Client,
    from: Option<&str>,
    to: Option<&str>,
    format: Format,
) -> Result<(), Refusal> {
    let day = |flag: &str, text: Option<&str>| match text {
        None => Ok(None),
        Some(text) => Day::parse(text).map(Some).ok_or_else(|| {
            Refusal::usage(format!("{flag} {text}: not a date; write it like 2026-03-01"))
        }),
    };
    let (from, to) = (day("--from", from)?, day("--to", to)?);
    let mut all = Vec::new();
    let mut skip = 0;
    loop {
        let question = Query::Demand { from, to, skip, take: 500 };
        let Answer::Demand(series) = client.ask(question).await? else {
            return Err(odd_answer());
        };
        skip += series.len();
        let last = series.is_empty();
        if format == Format::Csv {
            print_csv_part(&grids::demand(&series), skip == series.len())?;
        } else {
            all.extend(series);
        }
        if last {
            break;
        }
    }
    if format == Format::Csv { Ok(()) } else { print(&grids::demand(&all), format) }
}

fn print_csv_part(grid: &Grid, first: bool) -> Result<(), Refusal> {
    let mut text = Vec::new();
    written(grid.print(Format::Csv, &mut text))?;
    let header = if first { 0 } else { text.iter().position(|b| *b == b'\n').map_or(0, |i| i + 1) };
    written(io::stdout().lock().write_all(&text[header..]))
}

/// Prints a grid.
pub fn print(grid: &Grid, format: Format) -> Result<(), Refusal> {
    let mut out = io::BufWriter::new(io::stdout().lock());
    written(grid.print(format, &mut out).and_then(|()| out.flush()))
}

/// Prints a line.
pub fn print_line(text: &str) -> Result<(), Refusal> {
    written(writeln!(io::stdout().lock(), "{text}"))
}

/// A reader that went away (`| head`) is no failure.
fn written(result: io::Result<()>) -> Result<(), Refusal> {
    match result {
        Ok(()) => Ok(()),
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        Err(error) => Err(Refusal::failed(format!("cannot write the output: {error}"))),
    }
}

/// The owner answered something else than what was asked.
pub fn odd_answer() -> Refusal {
    Refusal::failed("the owner's answer does not fit the question; are two versions in use?")
}

impl OrderRef {
    /// Reads `feed/number` or `number`.
    pub fn parse(text: &str) -> Self {
        match text.split_once('/') {
            Some((feed, number)) => OrderRef { feed: Some(feed.into()), number: number.into() },
            None => OrderRef { feed: None, number: OrderNo::new(text) },
        }
    }
}
