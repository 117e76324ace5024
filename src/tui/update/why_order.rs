//! Why a quantity is proposed: its derivation, line by line, adding up to it.

use super::super::layers::{Why, WhyLine};
use super::super::screens::sureness;
use super::super::theme::Glyphs;
use super::super::words;
use super::why::{note, step};
use crate::domain::Qty;
use crate::engine::api::{LeadSource, Plan, ReorderRow, Sources};
use crate::plan::replenish::{Cap, Effect, LIKELY, OnItsWay, Proposal, Service, Source, Step};

/// Why a row of the reorder table says what it does; `said`: who says what is on the shelf, and when.
pub fn of_reorder(row: &ReorderRow, said: &str, glyphs: &Glyphs) -> Why {
    match &row.plan {
        Plan::Blocked(blocked) => Why {
            title: format!("Why: {} at {} cannot be planned", row.stock.sku, row.stock.site),
            lines: vec![note(format!("It cannot be planned: {blocked}."))],
            top: 0,
        },
        Plan::Proposed(line) => {
            let qty = words::qty(line.qty);
            let mut lines = derivation(line, said, glyphs);
            if let Some(lacking) = row.waits_for {
                lines.push(note(format!(
                    "The order lacks {} to the least value that the supplier takes, and waits for more \
                     lines: to fill it up now would cost more than what runs short meanwhile, or go \
                     beyond the budget, the room, or what sells.",
                    words::price(lacking, glyphs)
                )));
            }
            lines.extend(demand(line));
            lines.extend(sources(&row.sources, line));
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
fn derivation(line: &Proposal, said: &str, glyphs: &Glyphs) -> Vec<WhyLine> {
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
        let (what, from) = told(one, said, glyphs);
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
fn told(one: &Step, said: &str, glyphs: &Glyphs) -> (&'static str, String) {
    match &one.source {
        Source::Demand { days, lead, lead_sd, review } => (
            "demand",
            format!(
                "expected in {days:.0} days: until the next order after this one has come (every \
                 {review:.0} d, lead time {lead:.0} d, give or take {lead_sd:.1})"
            ),
        ),
        Source::Safety { service, wanted, planned } => {
            let asked = asked(*wanted);
            let by_experience = planned.map_or(String::new(), |planned| {
                format!(
                    ", for which {:.0} % may be planned short: so this store's last weeks went",
                    100.0 * planned
                )
            });
            let enough = 100.0 * service;
            (
                "safety stock",
                format!("so that it is enough {enough:.1} times of 100; {asked}{by_experience}"),
            )
        }
        Source::Cycle => ("for longer", "cheaper than to order again so soon".into()),
        Source::New { days } => {
            ("while new", format!("no more than is expected to sell in {days} days"))
        }
        Source::ShelfLife { days } => ("keeps", format!("{days} days: no more than sells by then")),
        Source::Ending { last } => {
            ("ends", format!("on {}: no more than sells by then", words::full_date(*last)))
        }
        Source::Least { least } => {
            ("least stock", format!("at least {} are to be there or on order", words::qty(*least)))
        }
        Source::Storage { most } => ("room", format!("the site may hold {}", words::qty(*most))),
        Source::OnHand => ("on hand", format!("on the shelf already, by {said}")),
        Source::Spoils { until } => {
            ("spoils", format!("by {} before it is expected to sell", words::full_date(*until)))
        }
        Source::Committed => ("promised", "to customers, out of it".into()),
        Source::Sold => ("sold today", "of what is expected of today".into()),
        Source::OnOrder { by } => {
            let by: Vec<String> = by.iter().map(on_its_way).collect();
            ("on order", format!("still to come: {}", by.join(", ")))
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

/// `48 by PO-1042 on 2 Dec 2026`.
fn on_its_way(one: &OnItsWay) -> String {
    let day = one.due.map_or("on a day that nobody has said".into(), |due| {
        format!("on {}", words::full_date(due))
    });
    format!("{} by {} {day}", words::qty(one.qty), one.po)
}

/// Demand until the next order has come, by how likely it is.
fn demand(line: &Proposal) -> Vec<WhyLine> {
    let told = |(chance, units): (f64, f64)| {
        let from = match (100.0 * chance).round() {
            50.0 => "half of the time demand until the next order has come is no more".into(),
            percent => format!("{percent:.0} times of 100 it is no more"),
        };
        step("demand to", words::rough(units), from)
    };
    LIKELY.into_iter().zip(line.likely).map(told).collect()
}

/// Which model and which deliveries tell what the arithmetic goes by.
fn sources(of: &Sources, line: &Proposal) -> Vec<WhyLine> {
    let mut lines = Vec::new();
    match &of.forecast {
        Some((model, origin)) => lines.push(step(
            "forecast by",
            model.to_string(),
            format!("from what sold to {}", words::full_date(*origin)),
        )),
        None => lines.push(step("forecast by", "nobody", "no model forecasts it")),
    }
    if !of.expected_by.is_empty() {
        let entries: Vec<String> = of.expected_by.iter().map(u64::to_string).collect();
        let from = "what people expect instead, laid over it";
        lines.push(step("entry", entries.join(", "), from));
    }
    lines.extend(
        of.lead
            .as_ref()
            .map(|lead| step("lead time", format!("{:.0} d", line.lead_days), lead_from(lead))),
    );
    lines
}

/// `from 23 deliveries, 2 orders that are overdue, and the 10 d that the supplier states`.
fn lead_from(lead: &LeadSource) -> String {
    let of = |n: u32, one: &str, many: &str| (n > 0).then(|| words::plural(n.into(), one, many));
    let parts = [
        of(lead.deliveries, "delivery", "deliveries"),
        of(lead.waiting, "order that is overdue", "orders that are overdue"),
        lead.stated.map(|days| format!("the {days} d that the supplier states")),
    ];
    format!("from {}", parts.into_iter().flatten().collect::<Vec<_>>().join(", "))
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
    let approved = line.approved();
    let there = match approved.is_positive() {
        true => {
            format!("what is there and coming, the {} approved among it,", words::qty(approved))
        }
        false => "what is there and coming".into(),
    };
    let mut lines = vec![
        step(
            "before it comes",
            format!("{:.0} %", 100.0 * line.risk_before),
            "chance that it runs short before this order can come: nothing ordered now changes that",
        ),
        step(
            "without it",
            percent(&line.without),
            format!(
                "chance that {there} does not last until the order after this one comes; {}",
                day(&line.without)
            ),
        ),
        step(
            "with it",
            percent(&line.with),
            format!("the same with this order; {}", day(&line.with)),
        ),
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

#[cfg(test)]
mod tests {
    use super::super::super::sample::reorders::{plain, reorder_rows};
    use super::super::super::theme::Glyphs;
    use super::*;
    use crate::domain::{Currency, Money, PoNumber};
    use crate::plan::replenish::{
        Coming, Decided, ItemTerms, Limits, Planned, Situation, propose, together,
    };

    /// The row of a situation, as it is planned by itself within limits.
    fn row(at: &Situation, limits: &Limits) -> ReorderRow {
        let proposal = propose(at).unwrap();
        let mut planned = vec![Planned::alone(at, proposal)];
        together(&mut planned, limits, &Decided::new());
        let proposal = planned.remove(0).proposal;
        ReorderRow { plan: Plan::Proposed(Box::new(proposal)), ..reorder_rows(1).remove(0) }
    }

    fn units(figure: &str) -> Qty {
        Qty::parse(&figure.replace(['+', ','], "")).unwrap()
    }

    /// Adds up what is shown of a row as its reader would; the names of the lines that were added.
    fn added_up(row: &ReorderRow) -> Vec<String> {
        let why = of_reorder(row, "the shop", Glyphs::of(true));
        let (mut sum, mut names) = (Qty::ZERO, Vec::new());
        for line in &why.lines {
            let WhyLine::Step(what, figure, _) = line else { continue };
            match what.as_str() {
                "= to have" => assert_eq!(sum, units(figure), "{why:?}"),
                "= order" => {
                    let qty = row.plan.proposal().unwrap().qty;
                    assert_eq!((sum, units(figure)), (qty, qty), "{why:?}");
                    assert!(why.title.starts_with(&format!("Why {figure}: ")), "{}", why.title);
                    return names;
                }
                name => {
                    sum += units(figure);
                    names.push(name.to_owned());
                }
            }
        }
        panic!("no quantity is shown: {why:?}");
    }

    #[test]
    fn the_lines_that_are_shown_add_up_to_the_quantity_that_is_shown() {
        let item = |item: ItemTerms, units: i64| {
            let at = plain(0, units);
            let item = ItemTerms { cost: at.item.cost, price: at.item.price, ..item };
            Situation { item, ..at }
        };
        let n = |n: i64| Some(Qty::units(n));
        let free = Limits::default();
        let budget = Money { minor: 10_000, currency: Currency::GBP };
        let poor = Limits { budget: [(Currency::GBP, budget)].into(), ..Limits::default() };
        let coming = Coming { po: Some(PoNumber::new("PO-7")), due: None, qty: Qty::units(9) };
        let on_order = Situation {
            coming: vec![coming],
            committed: Qty::units(4),
            ..item(ItemTerms { pack: n(24), ..ItemTerms::default() }, 31)
        };
        for (at, limits, line) in [
            (item(ItemTerms::default(), 17), &free, "safety stock"),
            (item(ItemTerms { pack: n(24), ..ItemTerms::default() }, 17), &free, "whole packs"),
            (item(ItemTerms { moq: n(1_500), ..ItemTerms::default() }, 17), &free, "minimum"),
            (item(ItemTerms { most: n(40), ..ItemTerms::default() }, 17), &free, "room"),
            (item(ItemTerms { least: n(900), ..ItemTerms::default() }, 17), &free, "least stock"),
            (item(ItemTerms::default(), 5_000), &free, "not yet"),
            (item(ItemTerms { pack: n(6), ..ItemTerms::default() }, 17), &poor, "budget"),
            (on_order, &free, "on order"),
        ] {
            let names = added_up(&row(&at, limits));
            assert!(names.iter().any(|name| name == line), "{line}: {names:?}");
        }
        let rows = reorder_rows(48);
        let proposed: Vec<_> = rows.iter().filter(|row| row.plan.proposal().is_some()).collect();
        assert!(proposed.len() > 10);
        proposed.into_iter().for_each(|row| drop(added_up(row)));
    }

    #[test]
    fn each_number_says_where_it_comes_from_and_demand_is_told_by_chance() {
        let rows = reorder_rows(24);
        let row = rows.iter().find(|row| {
            let why = row.plan.proposal().map(|line| &line.why);
            let on_order = |step: &Step| matches!(step.source, Source::OnOrder { .. });
            why.is_some_and(|why| why.iter().any(on_order))
        });
        let why = of_reorder(row.unwrap(), "shop (fresh) of 08:12", Glyphs::of(true));
        let told = |name: &str| -> Vec<(String, String)> {
            let line = |line: &WhyLine| match line {
                WhyLine::Step(what, figure, from) if what == name => {
                    Some((figure.clone(), from.clone()))
                }
                _ => None,
            };
            why.lines.iter().filter_map(line).collect()
        };
        assert!(told("on hand")[0].1.contains("shop (fresh) of 08:12"));
        assert!(told("on order")[0].1.contains("by PO-1042 on "), "{:?}", told("on order"));
        assert_eq!(told("forecast by")[0].0, "v0007");
        assert!(told("lead time")[0].1.contains("4 deliveries"), "{:?}", told("lead time"));
        let demand: Vec<f64> = told("demand to")
            .iter()
            .map(|(units, _)| units.replace(',', "").parse().unwrap())
            .collect();
        assert!(demand.len() == 5 && demand.is_sorted() && demand[4] > demand[0], "{demand:?}");
    }
}
