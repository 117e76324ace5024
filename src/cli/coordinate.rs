//! `stockdeck coordinate`: inbound goods against need, transfers between own sites, and what is expected to
//! be ordered.

use super::args::PageArgs;
use super::ask::{self, PageWish, odd_answer};
use super::decide;
use super::format::{Cell, Grid};
use super::ready::Ready;
use super::until::Until;
use crate::domain::*;
use crate::engine::api::*;
use crate::engine::{COORDINATION, EXPECTED};
use crate::owner::client::Client;
use crate::tui::target::Target;
use clap::Subcommand;

/// Rows that are looked through for a key.
const ALL: usize = 1_000_000;

/// `coordinate …`
#[derive(Subcommand, Debug)]
pub enum CoordinateCommand {
    /// List proposals to expedite, defer or cancel what is on order, and to transfer between own sites
    List {
        /// Which rows, and how they are printed.
        #[command(flatten)]
        page: PageArgs,
    },
    /// What is expected to be ordered by supplier, SKU and week, with ranges: to be shared with suppliers
    ///
    /// The plan is rolled forward 13 weeks on 200 courses of demand that are drawn from the forecast's
    /// quantiles; `low` and `high` are the 10th and 90th percentile of what is ordered in the week.
    Expected {
        /// Only this supplier's
        #[arg(long, value_name = "ID")]
        supplier: Option<String>,
        /// All SKUs of a supplier together
        #[arg(long)]
        totals: bool,
        /// Which rows, and how they are printed.
        #[command(flatten)]
        page: PageArgs,
    },
    /// Accept a proposal as it stands now: the supplier is asked, or the goods are sent
    Accept {
        /// Its key, as `coordinate list` prints it
        key: String,
    },
    /// Turn a proposal down, with a reason
    Reject {
        /// Its key, as `coordinate list` prints it
        key: String,
        /// Why
        #[arg(long)]
        reason: String,
        /// Until which day, or for how many days [default: until it has become another one]
        #[arg(long, value_name = "DATE|DAYS")]
        until: Option<String>,
    },
    /// Put a proposal off
    Snooze {
        /// Its key, as `coordinate list` prints it
        key: String,
        /// The first day on which it is proposed again, or in how many days
        #[arg(long, value_name = "DATE|DAYS")]
        until: String,
    },
}

/// What is asked or decided.
pub enum Coordinated {
    /// List proposals.
    List(PageWish),
    /// List what is expected to be ordered, by SKU or by supplier.
    Expected(bool, PageWish),
    /// Accept a proposal.
    Accept(String),
    /// Turn one down, or put it off.
    TurnDown(String, Option<Until>, Option<String>),
}

impl CoordinateCommand {
    /// Understands the command.
    pub fn ready(self) -> Result<Ready, Refusal> {
        Ok(Ready::Coordinate(match self {
            Self::List { page } => Coordinated::List(PageWish::of(page, &COORDINATION)?),
            Self::Expected { supplier, totals, mut page } => {
                if let Some(id) = supplier {
                    if id.contains('"') {
                        return Err(Refusal::usage(format!("no supplier can be called {id}")));
                    }
                    page.filter = format!("{} supplier:\"{id}\"", page.filter).trim().to_owned();
                }
                Coordinated::Expected(!totals, PageWish::of(page, &EXPECTED)?)
            }
            Self::Accept { key } => Coordinated::Accept(key),
            Self::Reject { key, reason, until } => {
                let until = until.as_deref().map(Until::parse).transpose()?;
                Coordinated::TurnDown(key, until, Some(reason))
            }
            Self::Snooze { key, until } => {
                let until = Until::parse(&until)?;
                Coordinated::TurnDown(key, Some(until), None)
            }
        }))
    }
}

/// Does it through the owner.
pub async fn run(client: &mut Client, job: Coordinated) -> Result<(), Refusal> {
    match job {
        Coordinated::List(page) => {
            let rows = |answer| match answer {
                Answer::Coordination(rows) => Some(rows),
                _ => None,
            };
            ask::table(client, page, Query::Coordination, rows, list).await
        }
        Coordinated::Expected(by_sku, page) => {
            let rows = |answer| match answer {
                Answer::Expected(rows) => Some(rows),
                _ => None,
            };
            let question = |page| Query::Expected { by_sku, page };
            ask::table(client, page, question, rows, expected).await
        }
        Coordinated::Accept(key) => {
            let (measure, saw) = proposed(client, &key).await?;
            decide::record(client, measure.accept(), Some(saw)).await.map(drop)
        }
        Coordinated::TurnDown(key, until, reason) => {
            let (measure, saw) = proposed(client, &key).await?;
            let until = match until {
                Some(until) => Some(until.day(client).await?),
                None => None,
            };
            decide::record(client, Decision::TurnDown { measure, until, reason }, Some(saw))
                .await
                .map(drop)
        }
    }
}

/// The proposal of a key, and how it stands.
async fn proposed(client: &mut Client, key: &str) -> Result<(Measure, String), Refusal> {
    let page = PageOf { limit: ALL, ..PageOf::default() };
    let Answer::Coordination(rows) = client.ask(Query::Coordination(page)).await? else {
        return Err(odd_answer());
    };
    let row = rows.rows.into_iter().find(|row| *row.key == *key).ok_or_else(|| {
        let told = "nothing is proposed under it now; `stockdeck coordinate list` shows the keys";
        Refusal::usage(format!("{key}: {told}"))
    })?;
    match Target::from(&row) {
        Target { measure: Some(Ok(measure)), saw, .. } => Ok((*measure, saw)),
        Target { measure: Some(Err(why)), .. } => Err(Refusal::usage(format!("{key}: {why}"))),
        _ => Err(odd_answer()),
    }
}

/// Proposals, a row each.
fn list(rows: &[CoordinationRow]) -> Grid {
    let mut grid = Grid::new(&[
        "key",
        "kind",
        "state",
        "sku",
        "name",
        "from",
        "site",
        "po",
        "line",
        "qty",
        "due",
        "wanted",
        "cost",
        "frees",
        "worth",
        "currency",
        "risk_now",
        "risk_then",
        "why",
        "effect",
        "note",
    ]);
    for row in rows {
        let (line, wanted, cost) = match &row.measure {
            Some(Measure::Line(line)) => (Some(line.line), line.ask.day(), None),
            Some(Measure::Transfer(goods)) => (None, Some(goods.due), goods.cost),
            None => (None, None, None),
        };
        let (risks, frees) = match row.figures.as_deref() {
            Some(Figured::Line(line)) => (Some((line.risk_now, line.risk_then)), line.frees),
            Some(Figured::Transfer(goods)) => (Some((goods.risk_now, goods.risk_then)), None),
            None => (None, None),
        };
        let chance = |risk: f64| Cell::number(format!("{risk:.3}"));
        grid.push(vec![
            Cell::text(&row.key),
            Cell::text(row.measure.as_ref().map_or("unknown", Measure::word)),
            Cell::text(row.state.word()),
            Cell::text(&row.sku),
            Cell::text(&row.name),
            Cell::text(&row.from),
            Cell::text(&row.site),
            Cell::or_unknown(row.po.as_ref(), Cell::text),
            Cell::or_unknown(line, Cell::number),
            Cell::number(row.qty),
            Cell::or_unknown(row.due, Cell::text),
            Cell::or_unknown(wanted, Cell::text),
            Cell::or_unknown(cost, Cell::number),
            Cell::or_unknown(frees, Cell::number),
            Cell::or_unknown(row.worth(), |worth| Cell::number(format!("{worth:.2}"))),
            Cell::or_unknown(cost.or(frees).map(|money| money.currency), Cell::text),
            Cell::or_unknown(risks, |(now, _)| chance(now)),
            Cell::or_unknown(risks, |(_, then)| chance(then)),
            Cell::text(&row.why),
            Cell::text(&row.effect),
            Cell::text(&row.note),
        ]);
    }
    grid
}

/// What is expected to be ordered, a row a week.
fn expected(rows: &[ExpectedRow]) -> Grid {
    let mut grid = Grid::new(&[
        "supplier",
        "supplier_name",
        "sku",
        "name",
        "week",
        "expected",
        "low",
        "high",
        "value",
        "value_low",
        "value_high",
        "currency",
    ]);
    for ExpectedRow { week, supplier_name, name } in rows {
        let units = |units: f64| Cell::number(format!("{units:.1}"));
        let value = |at: usize| Cell::or_unknown(week.value.map(|all| all[at]), Cell::number);
        grid.push(vec![
            Cell::text(&week.supplier),
            Cell::text(supplier_name),
            Cell::or_unknown(week.sku.as_ref(), Cell::text),
            Cell::text(name),
            Cell::text(week.from),
            units(week.units.mean),
            units(week.units.low),
            units(week.units.high),
            value(0),
            value(1),
            value(2),
            Cell::or_unknown(week.value.map(|[mean, ..]| mean.currency), Cell::text),
        ]);
    }
    grid
}
