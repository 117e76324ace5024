//! Cases, rules, mutes, the past and what networks learnt, as the command prints them.

use crate::cli::args::Format;
use crate::cli::ask::{self, print_line};
use crate::cli::format::{Cell, Grid};
use crate::domain::*;
use crate::engine::api::*;

/// Cases, a row each.
pub fn list(rows: &[CaseRow]) -> Grid {
    let mut grid = Grid::new(&[
        "case",
        "state",
        "severity",
        "at_stake",
        "currency",
        "what",
        "cause",
        "reason",
        "since",
        "latest",
        "within",
        "orders",
        "undecided",
        "stoppable",
        "assigned",
        "snoozed_until",
        "last",
        "last_by",
    ]);
    rows.iter().for_each(|row| grid.push(cells(row)));
    grid
}

fn cells(row: &CaseRow) -> Vec<Cell> {
    vec![
        Cell::text(row.case),
        Cell::text(row.state.word()),
        Cell::number(format!("{:.3}", row.severity)),
        Cell::number(row.at_stake),
        Cell::text(row.at_stake.currency),
        Cell::text(&row.what),
        Cell::text(&row.cause),
        Cell::text(&row.reason),
        Cell::text(row.since),
        Cell::text(row.latest),
        Cell::or_unknown(row.within, Cell::text),
        Cell::number(row.orders),
        Cell::number(row.undecided),
        Cell::number(row.stoppable),
        Cell::or_unknown(row.assigned.as_ref(), Cell::text),
        Cell::or_unknown(row.snoozed_until, Cell::text),
        Cell::or_unknown(row.last.as_ref(), |last| Cell::text(last.act.verb())),
        Cell::or_unknown(row.last.as_ref(), |last| Cell::text(&last.who)),
    ]
}

pub fn show(detail: &CaseDetail, format: Format) -> Result<(), Refusal> {
    if let Some(account) = detail.account {
        eprintln!(
            "orders came by its account under more than one name; `stockdeck flags past --account \
             {account}` lists them"
        );
    }
    let (orders, reasons) = (orders(detail), reasons(detail));
    let (history, similar) = (deeds(&detail.history), similar(detail));
    match format {
        Format::Table => {
            ask::print(&list(std::slice::from_ref(&detail.row)), format)?;
            for grid in [&orders, &reasons, &history, &similar] {
                if !grid.is_empty() {
                    print_line("")?;
                    ask::print(grid, format)?;
                }
            }
            Ok(())
        }
        // CSV has one table only, which is the orders, or of other cases the reasons.
        Format::Csv if orders.is_empty() => ask::print(&reasons, format),
        Format::Csv => ask::print(&orders, format),
        Format::Json => {
            let case = list(std::slice::from_ref(&detail.row));
            let all = [
                ("case", &case),
                ("orders", &orders),
                ("reasons", &reasons),
                ("history", &history),
                ("similar", &similar),
            ];
            ask::print_object(("id", &detail.row.case.to_string()), &all)
        }
    }
}

fn orders(detail: &CaseDetail) -> Grid {
    let mut grid = Grid::new(&[
        "order",
        "feed",
        "status",
        "placed_at",
        "customer",
        "total",
        "currency",
        "score",
        "at_stake",
        "reasons",
        "verdict",
        "by",
        "told",
    ]);
    for row in &detail.orders {
        let reasons: Vec<&str> = row.reasons.iter().map(|reason| &*reason.text).collect();
        grid.push(vec![
            Cell::text(&row.order.key.number),
            Cell::text(&row.order.key.feed),
            Cell::text(row.order.status.word()),
            Cell::text(row.order.placed_at),
            Cell::or_unknown(row.order.customer.as_ref(), Cell::text),
            Cell::number(row.order.total),
            Cell::text(row.order.total.currency),
            Cell::number(format!("{:.3}", row.score)),
            Cell::number(row.at_stake),
            Cell::text(reasons.join("; ")),
            Cell::or_unknown(row.verdict.as_ref(), |verdict| Cell::text(verdict.act.verb())),
            Cell::or_unknown(row.verdict.as_ref(), |verdict| Cell::text(&verdict.who)),
            Cell::or_unknown(row.told.as_ref(), Cell::text),
        ]);
    }
    grid
}

fn reasons(detail: &CaseDetail) -> Grid {
    let mut grid = Grid::new(&["rule", "reason", "sku", "cost", "currency", "muted"]);
    for reason in &detail.reasons {
        grid.push(vec![
            Cell::text(&reason.rule),
            Cell::text(&reason.text),
            Cell::or_unknown(reason.sku.as_ref(), Cell::text),
            Cell::number(reason.cost),
            Cell::text(reason.cost.currency),
            Cell::Flag(reason.muted),
        ]);
    }
    grid
}

/// What a decision says beside its verb: a note, a word to who comes next, whose it is, until when.
fn words(act: &CaseAct) -> Option<String> {
    match act {
        CaseAct::Note(text) | CaseAct::HandOver(text) => Some(text.clone()),
        CaseAct::Assign(to) => Some(to.as_deref().unwrap_or("nobody").to_owned()),
        CaseAct::Snooze(until) => Some(until.to_string()),
        _ => None,
    }
}

fn deeds(all: &[CaseDeed]) -> Grid {
    let mut grid = Grid::new(&["entry", "at", "who", "decision", "orders", "words", "taken_back"]);
    for deed in all {
        let words = words(&deed.act);
        grid.push(vec![
            Cell::number(deed.entry),
            Cell::text(deed.at),
            Cell::text(&deed.who),
            Cell::text(deed.act.verb()),
            Cell::number(deed.orders),
            Cell::or_unknown(words, Cell::text),
            Cell::Flag(deed.taken_back),
        ]);
    }
    grid
}

fn similar(detail: &CaseDetail) -> Grid {
    let mut grid = Grid::new(&["similar", "likeness", "what", "cause", "since", "ended", "by"]);
    for one in &detail.similar {
        grid.push(vec![
            Cell::text(one.case),
            Cell::number(format!("{:.2}", one.likeness)),
            Cell::text(&one.what),
            Cell::text(&one.cause),
            Cell::text(one.since),
            Cell::text(endings(&one.endings)),
            Cell::text(&one.ended.who),
        ]);
    }
    grid
}

/// `cancel 5, release 1`; one verb alone where all orders ended alike.
fn endings(all: &[(CaseAct, u32)]) -> String {
    match all {
        [(only, _)] => only.verb().to_owned(),
        many => {
            let one = |(act, orders): &(CaseAct, u32)| format!("{} {orders}", act.verb());
            many.iter().map(one).collect::<Vec<_>>().join(", ")
        }
    }
}

pub fn mutes(rows: &[MuteRow]) -> Grid {
    let mut grid = Grid::new(&["entry", "rule", "of", "until", "on", "who", "at", "reason"]);
    for row in rows {
        grid.push(vec![
            Cell::number(row.entry),
            Cell::text(&row.rule),
            Cell::text(&row.of),
            Cell::text(row.until),
            Cell::Flag(row.on),
            Cell::text(&row.who),
            Cell::text(row.at),
            Cell::text(&row.reason),
        ]);
    }
    grid
}

pub fn rules(rows: &[RuleRow]) -> Grid {
    let mut grid = Grid::new(&[
        "rule",
        "kind",
        "on",
        "flagged_28d",
        "right_to_ask",
        "decided",
        "mutes",
        "threshold",
        "unit",
        "about",
    ]);
    for row in rows {
        grid.push(vec![
            Cell::text(&row.rule),
            Cell::text(row.kind.word()),
            Cell::Flag(row.on),
            Cell::number(row.spoke),
            Cell::number(row.right.0),
            Cell::number(row.right.1),
            Cell::number(row.mutes),
            Cell::number(row.threshold),
            Cell::text(&row.unit),
            Cell::text(&row.about),
        ]);
    }
    grid
}

pub fn tested(test: &RuleTest) -> Grid {
    let mut grid = Grid::new(&[
        "rule",
        "threshold",
        "from",
        "looked_at",
        "spoke",
        "a_week",
        "flagged",
        "decided_wrong",
        "decided_right",
        "latest",
    ]);
    let latest = match test.kind {
        CaseKind::Order => {
            test.latest.iter().map(OrderKey::to_string).collect::<Vec<_>>().join(" ")
        }
        _ => test.cases.join("; "),
    };
    grid.push(vec![
        Cell::text(&test.rule),
        Cell::number(test.threshold),
        Cell::text(test.from),
        Cell::number(test.looked_at),
        Cell::number(test.spoke),
        Cell::number(format!("{:.1}", test.a_week)),
        Cell::number(test.flagged),
        Cell::number(test.decided.0),
        Cell::number(test.decided.1),
        Cell::text(latest),
    ]);
    grid
}

pub fn show_past(past: &FlagPast, format: Format) -> Result<(), Refusal> {
    let mut newest = Grid::new(&[
        "order",
        "feed",
        "placed_at",
        "status",
        "units",
        "total",
        "currency",
        "score",
        "case",
    ]);
    for OrderOfPast { order, units, score, case } in &past.newest {
        newest.push(vec![
            Cell::text(&order.key.number),
            Cell::text(&order.key.feed),
            Cell::text(order.placed_at),
            Cell::text(order.status.word()),
            Cell::number(units),
            Cell::number(order.total),
            Cell::text(order.total.currency),
            Cell::or_unknown(*score, |score| Cell::number(format!("{score:.3}"))),
            Cell::or_unknown(*case, Cell::text),
        ]);
    }
    if format == Format::Table {
        let first = past.first.map_or(String::new(), |first| format!(" since {first}"));
        let (middle, large) = past.usual_units;
        eprintln!(
            "{} orders{first}; usual units {middle:.0}, a tenth has over {large:.0}",
            past.orders
        );
    }
    ask::print(&newest, format)
}

pub fn show_learning(learning: &FlagLearning, format: Format) -> Result<(), Refusal> {
    let mut versions =
        Grid::new(&["version", "in_use", "made", "orders", "decisions", "before", "after"]);
    for one in &learning.versions {
        let share = |part: fn((f32, f32)) -> f32| {
            Cell::or_unknown(one.better, |better| Cell::number(format!("{:.3}", part(better))))
        };
        versions.push(vec![
            Cell::number(one.version),
            Cell::Flag(one.in_use),
            Cell::text(one.made),
            Cell::number(one.orders),
            Cell::number(one.decisions),
            share(|better| better.0),
            share(|better| better.1),
        ]);
    }
    let mut weeks = Grid::new(&["week", "raised", "right_to_ask", "false_alarms", "precision"]);
    for week in &learning.weeks {
        weeks.push(vec![
            Cell::text(week.monday),
            Cell::number(week.raised),
            Cell::number(week.wrong),
            Cell::number(week.right),
            Cell::or_unknown(week.precision(), |share| Cell::number(format!("{share:.3}"))),
        ]);
    }
    let scoring = match learning.scoring {
        Scoring::Reading => "reading",
        Scoring::Rules { .. } => "rules",
        Scoring::Network(_) => "network",
    };
    match format {
        Format::Table => {
            let scoring = match learning.scoring {
                Scoring::Reading => "past orders are still being read".to_owned(),
                Scoring::Rules { have, need } => {
                    format!("rules alone score; {have} orders so far, about {need} are needed")
                }
                Scoring::Network(version) => format!("version {version} scores"),
            };
            let (wrong, right) = learning.decided;
            eprintln!("{scoring}; {wrong} orders decided wrong, {right} right");
            if let Some(last) = &learning.last {
                eprintln!("{last}");
            }
            ask::print(&versions, format)?;
            print_line("")?;
            ask::print(&weeks, format)
        }
        Format::Csv => ask::print(&weeks, format),
        Format::Json => {
            ask::print_object(("scoring", scoring), &[("versions", &versions), ("weeks", &weeks)])
        }
    }
}

pub fn show_handover(handover: &Handover, format: Format) -> Result<(), Refusal> {
    let mut decided = Grid::new(&[
        "entry",
        "at",
        "who",
        "decision",
        "words",
        "orders",
        "case",
        "what",
        "state",
        "taken_back",
    ]);
    for (row, deed) in &handover.decided {
        decided.push(vec![
            Cell::number(deed.entry),
            Cell::text(deed.at),
            Cell::text(&deed.who),
            Cell::text(deed.act.verb()),
            Cell::or_unknown(words(&deed.act), Cell::text),
            Cell::number(deed.orders),
            Cell::text(row.case),
            Cell::text(&row.what),
            Cell::text(row.state.word()),
            Cell::Flag(deed.taken_back),
        ]);
    }
    let mut by = Grid::new(&["who", "decisions"]);
    for (who, count) in &handover.by {
        by.push(vec![Cell::text(who), Cell::number(count)]);
    }
    let mut rules = Grid::new(&["entry", "at", "who", "decision"]);
    for deed in &handover.rules {
        rules.push(vec![
            Cell::number(deed.entry),
            Cell::text(deed.at),
            Cell::text(&deed.who),
            Cell::text(&deed.what),
        ]);
    }
    let (opened, open) = (list(&handover.opened), list(&handover.open));
    let lapsed = list(&handover.lapsed);
    let parts = [
        ("opened", &opened),
        ("decided", &decided),
        ("open", &open),
        ("over, undecided", &lapsed),
        ("by", &by),
        ("rules", &rules),
    ];
    match format {
        Format::Table => {
            print_line(&format!("from {} to {}", handover.since, handover.until))?;
            for (name, grid) in parts {
                let count = grid.len();
                print_line(&format!("\n{name}: {count}"))?;
                if count > 0 {
                    ask::print(grid, format)?;
                }
            }
            Ok(())
        }
        Format::Csv => ask::print(&decided, format),
        Format::Json => ask::print_object(("since", &handover.since.to_string()), &parts),
    }
}
