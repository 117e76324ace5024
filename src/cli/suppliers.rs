//! `stockdeck suppliers`: what suppliers' orders say of them.

use super::args::Format;
use super::ask::{self, odd_answer};
use super::format::{Cell, Grid};
use crate::domain::SupplierId;
use crate::engine::api::{Answer, ExpectedLead, Query, Refusal, SupplierCard};
use crate::insight::scorecard::Score;
use crate::owner::client::Client;

/// Lists all, or shows one, lane by lane.
pub async fn run(
    client: &mut Client,
    named: Option<SupplierId>,
    format: Format,
) -> Result<(), Refusal> {
    let cards = match &named {
        None => match client.ask(Query::Suppliers).await? {
            Answer::Suppliers(cards) => cards,
            _ => return Err(odd_answer()),
        },
        Some(supplier) => match client.ask(Query::Supplier(supplier.clone())).await? {
            Answer::Supplier(Some(card)) => vec![*card],
            Answer::Supplier(None) => {
                return Err(Refusal::failed(format!(
                    "no supplier {supplier}; `stockdeck suppliers` lists them"
                )));
            }
            _ => return Err(odd_answer()),
        },
    };
    let mut grid = Grid::new(&[
        "supplier",
        "name",
        "site",
        "done",
        "open",
        "overdue",
        "on_time",
        "in_full",
        "on_time_in_full",
        "bias",
        "spread",
        "trend",
        "took",
        "stated",
        "expected",
        "low",
        "high",
        "waited_for",
    ]);
    for card in &cards {
        grid.push(row(card, None, &card.score, card.expected));
        let lanes = card.lanes.iter().filter(|_| named.is_some());
        for lane in lanes {
            grid.push(row(card, Some(lane.site.as_str()), &lane.score, lane.expected));
        }
    }
    ask::print(&grid, format)
}

/// A supplier's row, or that of its lane to a site.
fn row(
    card: &SupplierCard,
    site: Option<&str>,
    score: &Score,
    expected: Option<ExpectedLead>,
) -> Vec<Cell> {
    let share = |value| Cell::or_unknown(value, |share: f64| Cell::number(format!("{share:.3}")));
    let days = |value| Cell::or_unknown(value, |days: f64| Cell::number(format!("{days:.1}")));
    vec![
        Cell::text(&card.supplier),
        Cell::text(&card.name),
        Cell::or_unknown(site, Cell::text),
        Cell::number(score.done),
        Cell::number(score.open),
        Cell::number(score.overdue),
        share(score.on_time),
        share(score.in_full),
        share(score.on_time_in_full),
        days(score.bias),
        days(score.spread),
        days(score.trend),
        days(score.took),
        Cell::or_unknown(card.stated, Cell::number),
        days(expected.map(|lead| lead.mean)),
        Cell::or_unknown(expected.map(|lead| lead.low), Cell::number),
        Cell::or_unknown(expected.map(|lead| lead.high), Cell::number),
        Cell::or_unknown(expected.map(|lead| lead.waiting), Cell::number),
    ]
}
