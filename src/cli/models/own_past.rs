//! `stockdeck backtest policy` of the store's own past, which the owner replays.

use super::PlaceArgs;
use super::progress::Line;
use crate::cli::args::Format;
use crate::cli::ask::{odd_answer, print};
use crate::cli::format::{Cell, Grid};
use crate::cli::place::{Intent, Place};
use crate::cli::{attach, block_on, jobs};
use crate::engine::BACKTEST;
use crate::engine::api::{Action, Backtest, Outcome, Refusal, Work};

/// Has the owner replay so many weeks, and shows how far it has come. Ctrl-C cancels it.
pub(super) fn own_past(place: &PlaceArgs, weeks: u16, format: Format) -> Result<(), Refusal> {
    let place = Place::find(place, Intent::Ask)?;
    let mut line = Line::new();
    let outcome = block_on(async {
        let mut client = attach(&place).await?;
        let show = |works: &[Work]| {
            if let Some(work) = works.iter().find(|work| &*work.progress.what == BACKTEST) {
                line.show(&listed(work));
            }
        };
        let outcome = client.act(Action::Backtest(weeks), show, jobs::interrupted()).await;
        outcome.map_err(Refusal::from)
    })??;
    line.end();
    let Outcome::Backtested(done) = outcome else { return Err(odd_answer()) };
    print(&table(&done), format)?;
    if format == Format::Table {
        done.assumed().iter().for_each(|sentence| eprintln!("{sentence}"));
    }
    Ok(())
}

fn listed(work: &Work) -> String {
    let left = work.eta_s.map(|seconds| format!(", {seconds} s left")).unwrap_or_default();
    match work.progress.total {
        Some(total) if total > 0 => format!("{} %{left}", 100 * work.progress.done / total),
        _ => "reading the past".to_owned(),
    }
}

fn table(done: &Backtest) -> Grid {
    let mut grid = Grid::new(&[
        "policy",
        "fill_units",
        "units_lost",
        "stockout_item_days",
        "avg_stock_value",
        "total",
        "holding",
        "lost",
        "line",
        "orders",
        "order_lines",
        "currency",
        "from",
        "to",
    ]);
    let money = |value: f64| Cell::number(format!("{value:.2}"));
    for one in &done.policies {
        grid.push(vec![
            Cell::text(&one.policy),
            Cell::number(format!("{:.4}", one.fill)),
            money(one.units_lost),
            Cell::number(one.stockout_days),
            money(one.stock_value),
            money(one.total()),
            money(one.holding),
            money(one.lost),
            money(one.line),
            Cell::number(one.orders),
            Cell::number(one.lines),
            Cell::text(done.currency.code()),
            Cell::text(done.window.0),
            Cell::text(done.window.1),
        ]);
    }
    grid
}
