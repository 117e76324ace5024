//! Commands that ask the owner and print its answer.

use super::args::{Format, PageArgs};
use super::format::Grid;
use super::grids;
use crate::demand::SeriesKey;
use crate::domain::{Day, OrderNo, Sku, Timestamp, Zone};
use crate::engine::api::*;
use crate::orders::filter::{self, Fields};
use crate::owner::client::Client;
use std::io::{self, Write};

/// Rows that are fetched at once.
const CHUNK: usize = 2_000;
/// Series of daily demand that are fetched at once.
const SERIES: usize = 500;

/// Rows that a table for people shows where nobody says how many.
const TABLE_ROWS: usize = 100;

/// Which rows of a table somebody wants, and how they are printed.
pub struct PageWish {
    /// Which; all of them may be more than one answer holds.
    pub page: PageOf,
    /// How.
    pub format: Format,
}

impl PageWish {
    /// From the arguments: people get the first rows and hear how many there are, programs get all.
    ///
    /// The filter is read here already: one that is not typed to its end would let every row pass.
    pub fn of(args: PageArgs, fields: &'static Fields) -> Result<Self, Refusal> {
        // What times mean is the owner's to say; whether a term is whole does not depend on it.
        filter::parse_whole(&args.filter, fields, Timestamp::wall_now(), &Zone::utc())
            .map_err(|error| Refusal::usage(format!("--filter: {error}")))?;
        let format = args.format.format;
        let all = if format == Format::Table { TABLE_ROWS } else { usize::MAX };
        let page = PageOf {
            filter: args.filter,
            sort: args.sort,
            descending: !args.ascending,
            offset: args.offset,
            limit: args.limit.unwrap_or(all),
        };
        Ok(PageWish { page, format })
    }
}

/// Prints rows of a table as they come, in parts, so that no answer grows without bound.
pub async fn table<T>(
    client: &mut Client,
    wish: PageWish,
    question: impl Fn(PageOf) -> Query,
    rows_of: impl Fn(Answer) -> Option<Rows<T>>,
    grid: impl Fn(&[T]) -> Grid,
) -> Result<(), Refusal> {
    let PageWish { page, format } = wish;
    let mut printer = Printer::new(format);
    let mut shown = 0;
    loop {
        let limit = CHUNK.min(page.limit - shown);
        let wanted = PageOf { offset: page.offset + shown, limit, ..page.clone() };
        let answer = client.ask(question(wanted)).await?;
        let part = rows_of(answer).ok_or_else(odd_answer)?;
        shown += part.rows.len();
        let more = printer.part(grid(&part.rows))?;
        let last = part.rows.is_empty() || part.offset + part.rows.len() >= part.total;
        if last || shown >= page.limit || !more {
            printer.end()?;
            if format == Format::Table && shown < part.total {
                eprintln!("{shown} of {}; --limit and --offset show others", part.total);
            }
            return Ok(());
        }
    }
}

/// Prints one order, a row a line.
pub async fn order(client: &mut Client, which: OrderRef, format: Format) -> Result<(), Refusal> {
    let number = which.number.clone();
    match client.ask(Query::Order(which)).await? {
        Answer::Order(Some(detail)) => print(&grids::order_lines(&detail), format),
        Answer::Order(None) => Err(Refusal::failed(format!(
            "no order {number}; `stockdeck orders --filter {number}` finds similar ones"
        ))),
        _ => Err(odd_answer()),
    }
}

/// Prints one SKU: its positions and its demand. CSV has one table only, which is the demand;
/// `stock --filter sku:SKU --format csv` has the positions.
pub async fn sku(client: &mut Client, sku: Sku, days: u32, format: Format) -> Result<(), Refusal> {
    match client.ask(Query::Sku(sku.clone(), days)).await? {
        Answer::Sku(Some(detail)) => {
            let (positions, demand) = (grids::stock(&detail.sites), grids::sku_demand(&detail));
            match format {
                Format::Table => {
                    print(&positions, format)?;
                    print_line("")?;
                    print(&demand, format)
                }
                Format::Csv => print(&demand, format),
                Format::Json => {
                    let all = [("positions", &positions), ("demand", &demand)];
                    print_object(("sku", detail.product.sku.as_str()), &all)
                }
            }
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
    from: Option<Day>,
    to: Option<Day>,
    format: Format,
) -> Result<(), Refusal> {
    let mut printer = Printer::new(format);
    let mut after = None;
    loop {
        let question = Query::Demand { from, to, after, take: SERIES };
        let Answer::Demand(series) = client.ask(question).await? else {
            return Err(odd_answer());
        };
        after = series.last().map(|one| SeriesKey { sku: one.sku.clone(), site: one.site.clone() });
        let last = series.is_empty();
        if !printer.part(grids::demand(&series))? || last {
            return printer.end();
        }
    }
}

/// Prints a grid that comes in parts. A table waits for all of them, since its columns are as wide
/// as their widest cell.
struct Printer {
    format: Format,
    parts: usize,
    kept: Option<Grid>,
}

impl Printer {
    fn new(format: Format) -> Self {
        Printer { format, parts: 0, kept: None }
    }

    /// `false`: nobody reads on.
    fn part(&mut self, grid: Grid) -> Result<bool, Refusal> {
        self.parts += 1;
        if self.format == Format::Table {
            match &mut self.kept {
                Some(kept) => kept.extend(grid),
                None => self.kept = Some(grid),
            }
            return Ok(true);
        }
        let mut out = io::BufWriter::new(io::stdout().lock());
        still_read(
            grid.print_part(self.format, self.parts == 1, &mut out).and_then(|()| out.flush()),
        )
    }

    fn end(self) -> Result<(), Refusal> {
        let mut out = io::BufWriter::new(io::stdout().lock());
        written(match self.kept {
            Some(grid) => grid.print(self.format, &mut out).and_then(|()| out.flush()),
            None => Grid::print_end(self.format, &mut out).and_then(|()| out.flush()),
        })
    }
}

/// Prints what is known of something as one JSON object: what it is and its name, then each grid under
/// its own.
pub fn print_object((what, name): (&str, &str), grids: &[(&str, &Grid)]) -> Result<(), Refusal> {
    let mut out = io::BufWriter::new(io::stdout().lock());
    let mut object = || -> io::Result<()> {
        write!(out, "{{\n\"{what}\": {}", serde_json::Value::from(name))?;
        for (name, grid) in grids {
            let mut rows = Vec::new();
            grid.print(Format::Json, &mut rows)?;
            write!(out, ",\n\"{name}\": ")?;
            out.write_all(rows.trim_ascii_end())?;
        }
        writeln!(out, "\n}}")?;
        out.flush()
    };
    written(object())
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
    still_read(result).map(|_| ())
}

/// The same; whether somebody still reads.
fn still_read(result: io::Result<()>) -> Result<bool, Refusal> {
    match result {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(false),
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
