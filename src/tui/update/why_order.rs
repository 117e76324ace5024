//! Why a quantity is proposed: its derivation, line by line, adding up to it.

use super::super::layers::{Why, WhyLine};
use super::super::screens::sureness;
use super::super::theme::Glyphs;
use super::super::words;
use super::why::{note, step};
use crate::domain::Qty;
use crate::engine::api::{Plan, ReorderRow};
use crate::plan::replenish::{Cap, Effect, Proposal, Service, Source, Step};

/// Why a row of the reorder table says what it does.
pub fn of_reorder(row: &ReorderRow, glyphs: &Glyphs) -> Why {
    match &row.plan {
        Plan::Blocked(blocked) => Why {
            title: format!("Why: {} at {} cannot be planned", row.stock.sku, row.stock.site),
            lines: vec![note(format!("It cannot be planned: {blocked}."))],
            top: 0,
        },
        Plan::Proposed(line) => {
            let qty = words::qty(line.qty);
            let mut lines = derivation(line, glyphs);
            if let Some(lacking) = row.waits_for {
                lines.push(note(format!(
                    "The order lacks {} to the least value that the supplier takes, and waits for more \
                     lines: to fill it up now would cost more than what runs short meanwhile, or go \
                     beyond the budget, the room, or what sells.",
                    words::price(lacking, glyphs)
                )));
            }
            lines.extend(meaning(line, glyphs));
            lines.extend(row.transfers.iter().map(|one| {
                let (from, qty, reason) = (&one.from, one.qty, one.reason());
                note(format!("{from} could send {qty}: {reason}; {}. C decides.", one.effect()))
            }));
            lines.push(step(
                "forecast",
                sureness(row.confidence),
                "by how far apart its likely outcomes are, beside those of the other lines",
            ));
            Why {
                title: format!("Why {qty}: {} at {}", row.stock.sku, row.stock.site),
                lines,
                top: 0,
            }
        }
    }
}

/// The steps, each with a running sum where levels are reached.
fn derivation(line: &Proposal, glyphs: &Glyphs) -> Vec<WhyLine> {
    let mut lines = Vec::new();
    let mut sum = Qty::ZERO;
    let mut levelled = false;
    for one in &line.why {
        let takes_off = matches!(one.source, Source::OnHand);
        if takes_off && !levelled {
            lines.push(step("= to have", words::qty(sum), "on hand and on order after ordering"));
            levelled = true;
        }
        sum += one.units;
        let (what, from) = told(one, glyphs);
        lines.push(step(what, signed(one.units), from));
    }
    lines.push(step("= order", words::qty(line.qty), "units"));
    lines.extend(line.one_offs.iter().map(|one| {
        note(format!(
            "One order of {} on {} is far beyond the others and not expected again: {} of it are left out \
             of the demand that is forecast from.",
            words::qty(one.units),
            words::full_date(one.day),
            words::qty(one.beyond)
        ))
    }));
    lines.extend(line.notes.iter().map(|one| note(one.to_string())));
    lines
}

fn signed(units: Qty) -> String {
    let sign = if units.is_positive() { "+" } else { "" };
    format!("{sign}{}", words::qty(units))
}

/// What a step is, and where its number comes from.
fn told(one: &Step, glyphs: &Glyphs) -> (&'static str, String) {
    match &one.source {
        Source::Demand { days, lead, lead_sd, review } => (
            "demand",
            format!(
                "expected in {days:.0} days: until the next order after this one has come (every \
                 {review:.0} d, lead time {lead:.0} d, give or take {lead_sd:.1})"
            ),
        ),
        Source::Safety { service, wanted } => (
            "safety stock",
            format!("so that it is enough {:.1} times of 100; {}", 100.0 * service, asked(*wanted)),
        ),
        Source::Cycle => ("for longer", "cheaper than to order again so soon".into()),
        Source::ShelfLife { days } => ("keeps", format!("{days} days: no more than sells by then")),
        Source::Ending { last } => {
            ("ends", format!("on {}: no more than sells by then", words::full_date(*last)))
        }
        Source::Storage { most } => ("room", format!("the site may hold {}", words::qty(*most))),
        Source::OnHand => ("on hand", "on the shelf already".into()),
        Source::Committed => ("promised", "to customers, out of it".into()),
        Source::Sold => ("sold today", "of what is expected of today".into()),
        Source::OnOrder { by } => {
            let by: Vec<_> = by.iter().map(ToString::to_string).collect();
            ("on order", format!("still to come by {}", by.join(", ")))
        }
        Source::Approved => ("approved", "and not placed yet".into()),
        Source::NotYet { point } => {
            ("not yet", format!("an order is due below {}", words::qty(*point)))
        }
        Source::Moq { moq } => {
            ("minimum", format!("the supplier sells {} at least", words::qty(*moq)))
        }
        Source::Pack { pack } => ("whole packs", format!("of {}", words::qty(*pack))),
        Source::Break { from, cost } => {
            let from = words::qty(*from);
            ("lower price", format!("{cost} each from {from} on: all of it costs no more"))
        }
        Source::Minimum { least } => (
            "fills up",
            format!(
                "the order to {}, the least that the supplier takes",
                words::price(*least, glyphs)
            ),
        ),
        Source::Person => ("by hand", "instead of what follows".into()),
        Source::Capped { by: Cap::Budget } => {
            ("budget", "is used up by lines that run short sooner".into())
        }
        Source::Capped { by: Cap::Storage } => {
            ("room", "is used up by lines that run short sooner".into())
        }
    }
}

fn asked(wanted: Service) -> String {
    match wanted {
        Service::Cost => "as sure as a lost sale costs more than holding a unit".into(),
        Service::Cycle(level) => format!("{:.1} are asked for", 100.0 * level),
        Service::Fill(share) => format!("{:.1} % of demand is to be served at once", 100.0 * share),
    }
}

/// What ordering means, and what not ordering does.
fn meaning(line: &Proposal, glyphs: &Glyphs) -> Vec<WhyLine> {
    let day = |effect: &Effect| match effect.lasts_until {
        Some(day) => format!("stock is expected to last to {}", words::full_date(day)),
        None => "stock lasts for a year or longer".into(),
    };
    let percent = |effect: &Effect| format!("{:.0} %", 100.0 * effect.risk);
    let mut lines = vec![
        step(
            "until it comes",
            format!("{:.0} %", 100.0 * line.risk_before),
            "chance that it runs short before, which this order cannot help",
        ),
        step(
            "not ordered",
            percent(&line.without),
            format!(
                "chance that it runs short before the next order comes; {}",
                day(&line.without)
            ),
        ),
        step("ordered", percent(&line.with), format!("the same; {}", day(&line.with))),
    ];
    let come = format!(
        "ordered on {}, comes about {}",
        words::full_date(line.order),
        words::full_date(line.due)
    );
    lines.push(match (line.with.value, line.cost) {
        (Some(value), Some(cost)) => {
            let sum = format!("{} x {cost}; {come}", words::qty(line.qty));
            step("costs", words::price(value, glyphs), sum)
        }
        _ => step("costs", "unknown", format!("nobody has said what a unit costs; {come}")),
    });
    lines
}
