//! `stockdeck demo watch`: simulated shops in which things go wrong, and what the watches of stock, demand
//! and feeds say of them: which of it they found, how soon, and how often they spoke of nothing.

mod orders;
mod shop;

use super::args::{Format, FormatArgs};
use super::ask::print;
use super::format::{Cell, Grid};
use crate::domain::{CaseSubject, Sku, Span, Timestamp, Zone};
use crate::engine::api::Refusal;
use crate::feed::demo::{Config, IncidentKind, Truth};
use crate::insight::anomaly::Raised;
use crate::insight::monitor::RULES;
use crate::model::{Forecaster, shipped};
use clap::Args;
use shop::Shop;
use std::collections::BTreeMap;

/// `demo watch`
#[derive(Args, Debug)]
pub struct WatchArgs {
    /// Seeds of the shops; may be repeated
    #[arg(long = "seed", value_name = "N", default_values_t = [21, 22, 23, 24])]
    seeds: Vec<u64>,
    /// Days that each is watched, after its history
    #[arg(long, default_value_t = 56, value_parser = clap::value_parser!(u16).range(14..=400))]
    days: u16,
    /// SKUs of each
    #[arg(long, default_value_t = 300, value_parser = clap::value_parser!(u16).range(90..=5_000))]
    skus: u16,
    /// Orders a day of each
    #[arg(long, default_value_t = 120, value_parser = clap::value_parser!(u16).range(10..=2_000))]
    orders: u16,
    /// Without incidents: all that is said is a false alarm
    #[arg(long)]
    clean: bool,
    /// Also score the orders, by rules and a network fitted to those before, which takes minutes
    #[arg(long)]
    with_orders: bool,
    /// Name what was missed and what was said of nothing
    #[arg(long)]
    each: bool,
    /// How it is printed.
    #[command(flatten)]
    format: FormatArgs,
}

/// Days of history that each shop has before it is watched.
const HISTORY: i32 = 300;
/// The first shop's present; that of each other is so many days later, so that all seasons are seen.
const BEGIN: &str = "2026-01-12T00:00:00Z";
const APART: i64 = 76;
/// Something is found if it is said while it lasts, or so long after.
const LATE: Span = Span::days(3);
/// A cost that is mended is told as another jump where only the wrong one was known.
const MENDED: Span = Span::days(1);
/// A cause explains what is said of demand so long after it began.
const EXPLAINS: Span = Span::days(28);

/// What is to be found, and by which rule.
struct Wrong {
    rule: &'static str,
    kind: &'static str,
    sku: Option<Sku>,
    from: Timestamp,
    until: Timestamp,
    /// Whether it is counted among what has to be found, or only explains what was said.
    counts: bool,
}

/// What was said once, and when first.
struct Said {
    raised: Raised,
    at: Timestamp,
}

#[derive(Default)]
struct Tally {
    wrong: usize,
    found: usize,
    hours: Vec<f64>,
}

/// What came of all shops: by kind, and by rule cases that were right and cases of nothing.
#[derive(Default)]
struct Outcome {
    kinds: BTreeMap<&'static str, Tally>,
    rules: BTreeMap<Box<str>, (usize, usize)>,
}

/// Plays the shops and prints a row for each kind, then one for each rule.
pub fn watch(args: &WatchArgs) -> Result<(), Refusal> {
    let mut outcome = rehearse(args)?;
    let weeks = args.seeds.len() as f64 * f64::from(args.days) / 7.0;
    print(&grid(&mut outcome, weeks), args.format.format)?;
    if args.format.format == Format::Table {
        eprintln!(
            "{weeks:.0} weeks of {} shops of {} SKUs and {} orders a day; of a rule, found counts cases that were right",
            args.seeds.len(),
            args.skus,
            args.orders
        );
    }
    Ok(())
}

fn rehearse(args: &WatchArgs) -> Result<Outcome, Refusal> {
    let network = shipped().and_then(|weights| weights.network()).map_err(failed)?;
    let threads = std::thread::available_parallelism().map_or(1, |count| count.get());
    let forecaster = Forecaster::new(network).on_threads(threads);
    let mut outcome = Outcome::default();
    for (number, seed) in args.seeds.iter().enumerate() {
        let begin = Timestamp::parse(BEGIN, &Zone::utc()).unwrap_or_default();
        let config = Config {
            history_days: HISTORY,
            skus: usize::from(args.skus),
            orders_per_day: f64::from(args.orders),
            incidents: !args.clean,
            ..Config::new(*seed, begin + Span::days(APART * number as i64))
        };
        let mut shop = Shop::new(config, args.with_orders);
        let (said, from) = play(&mut shop, &forecaster, args).map_err(failed)?;
        let wrong = wrongs(&shop.truth(), from, shop.today().start(shop.zone()));
        score(&wrong, &said, &mut outcome, args.each.then_some(*seed));
        if args.with_orders {
            for (kind, wrong, found) in
                orders::found(&shop, i64::from(args.days)).map_err(failed)?
            {
                let tally = outcome.kinds.entry(kind).or_default();
                (tally.wrong, tally.found) = (tally.wrong + wrong, tally.found + found);
            }
        }
    }
    Ok(outcome)
}

fn failed(error: impl std::fmt::Display) -> Refusal {
    Refusal::failed(error.to_string())
}

fn grid(outcome: &mut Outcome, weeks: f64) -> Grid {
    let mut grid =
        Grid::new(&["kind or rule", "happened", "found", "median_hours", "false_a_week"]);
    let nothing = || Cell::text(String::new());
    for (kind, of) in &mut outcome.kinds {
        of.hours.sort_by(f64::total_cmp);
        let median = of.hours.get(of.hours.len() / 2).map_or(String::new(), |h| format!("{h:.0}"));
        let [happened, found] = [of.wrong, of.found].map(|n| Cell::number(n as u64));
        let row =
            vec![Cell::text((*kind).to_owned()), happened, found, Cell::text(median), nothing()];
        grid.push(row);
    }
    for rule in RULES {
        let (right, wrong) = outcome.rules.get(rule.name).copied().unwrap_or_default();
        grid.push(vec![
            Cell::text(format!("rule {}", rule.name)),
            nothing(),
            Cell::number(right as u64),
            nothing(),
            Cell::text(format!("{:.2}", wrong as f64 / weeks)),
        ]);
    }
    grid
}

fn play(
    shop: &mut Shop,
    forecaster: &Forecaster,
    args: &WatchArgs,
) -> Result<(Vec<Said>, Timestamp), crate::model::ModelError> {
    let from = shop.today().start(shop.zone());
    let mut said: Vec<Said> = Vec::new();
    for day in 0..args.days {
        let raised = shop.day(forecaster)?;
        let at = shop.today().start(shop.zone());
        // The watches have to have seen a week before they can say anything.
        if day < 8 {
            continue;
        }
        for raised in raised {
            let same = |known: &&Said| {
                known.raised.rule == raised.rule
                    && known.raised.subject == raised.subject
                    && at.since(known.at) < Span::days(60)
                    && (known.raised.since - Span::days(1)..=known.raised.since + Span::days(1))
                        .contains(&raised.since)
            };
            if !said.iter().any(|known| same(&known)) {
                said.push(Said { raised, at });
            }
        }
    }
    Ok((said, from + Span::days(9)))
}

/// All that went wrong in time to be seen.
fn wrongs(truth: &Truth, from: Timestamp, end: Timestamp) -> Vec<Wrong> {
    let mut all: Vec<Wrong> = Vec::new();
    for of in &truth.incidents {
        let rule = match of.kind {
            IncidentKind::PhantomStock => "phantom-stock",
            IncidentKind::Shrinkage => "shrinkage",
            IncidentKind::NegativeStock => "negative-stock",
            IncidentKind::CostJump => "cost-jump",
            IncidentKind::CurrencyChange => "unit-change",
            IncidentKind::SchemaDrift => "schema-drift",
            _ => continue,
        };
        let until = of.until.unwrap_or(end);
        let enough = of.orders.len() >= 4 || of.sku.is_some();
        let counts = of.at >= from && until + Span::days(1) <= end && enough;
        let kind = of.kind.word();
        all.push(Wrong { rule, kind, sku: of.sku.clone(), from: of.at, until, counts });
        if of.kind == IncidentKind::PhantomStock {
            all.push(Wrong {
                rule: "demand",
                kind,
                sku: of.sku.clone(),
                from: of.at,
                until: until + EXPLAINS,
                counts: false,
            });
        }
    }
    for shift in &truth.shifts {
        all.push(Wrong {
            rule: "demand",
            kind: "level-shift",
            sku: shift.sku.clone(),
            from: shift.at,
            until: shift.at + EXPLAINS,
            counts: shift.at >= from && shift.at + Span::days(14) <= end,
        });
    }
    for promotion in &truth.promotions {
        for sku in &promotion.skus {
            all.push(Wrong {
                rule: "demand",
                kind: "promotion",
                sku: Some(sku.clone()),
                from: promotion.from,
                until: promotion.until + Span::days(10),
                counts: false,
            });
        }
    }
    all
}

fn matches(wrong: &Wrong, said: &Said) -> bool {
    let sku = match &said.raised.subject {
        CaseSubject::Sku(sku, _) => Some(sku),
        _ => None,
    };
    let about = wrong.sku.is_none() || wrong.sku.as_ref() == sku;
    let when = said.at >= wrong.from && said.at <= wrong.until + LATE
        || said.raised.since >= wrong.from && said.raised.since <= wrong.until + MENDED;
    *said.raised.rule == *wrong.rule && about && when
}

fn score(wrong: &[Wrong], said: &[Said], outcome: &mut Outcome, each: Option<u64>) {
    let Outcome { kinds, rules } = outcome;
    for of in wrong.iter().filter(|of| of.counts) {
        let tally = kinds.entry(of.kind).or_default();
        tally.wrong += 1;
        let first = said.iter().filter(|said| matches(of, said)).map(|said| said.at).min();
        match first {
            Some(at) => {
                tally.found += 1;
                tally.hours.push(at.since(of.from).as_seconds() as f64 / 3_600.0);
            }
            None if each.is_some() => {
                let sku = of.sku.as_ref().map_or("", |sku| sku.as_str());
                eprintln!("missed: {} {sku} {} to {}", of.kind, of.from, of.until);
            }
            None => {}
        }
    }
    for one in said {
        let right = wrong.iter().any(|of| matches(of, one));
        let (good, bad) = rules.entry(one.raised.rule.clone()).or_default();
        *(if right { good } else { bad }) += 1;
        if let Some(seed) = each.filter(|_| !right) {
            let reasons = one.raised.reasons.join("; ");
            eprintln!("seed {seed}: {} of nothing, {}: {reasons}", one.raised.subject, one.at);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::args::Cli;
    use clap::Parser;

    fn rehearsed(arguments: &[&str]) -> Outcome {
        let all = ["stockdeck", "demo", "watch"].iter().chain(arguments);
        let cli = Cli::try_parse_from(all).unwrap();
        let Some(crate::cli::args::Command::Demo { command }) = cli.command else { panic!() };
        let crate::cli::args::DemoCommand::Watch(args) = command else { panic!() };
        rehearse(&args).unwrap()
    }

    #[test]
    fn what_goes_wrong_in_a_small_shop_is_found_and_a_clean_one_is_left_alone() {
        let size = ["--seed", "1", "--days", "35", "--skus", "90", "--orders", "60"];
        let outcome = rehearsed(&size);
        let all: (usize, usize) =
            outcome.kinds.values().fold((0, 0), |sum, of| (sum.0 + of.wrong, sum.1 + of.found));
        assert!(all.0 >= 2 && 2 * all.1 >= all.0, "{} of {}", all.1, all.0);
        let jumps = &outcome.kinds["cost-jump"];
        assert_eq!(jumps.found, jumps.wrong, "costs are told as they are");
        let clean = rehearsed(&[&size[..], &["--clean"]].concat());
        let said: usize = clean.rules.values().map(|(_, of_nothing)| of_nothing).sum();
        assert!(said <= 5, "{:?}", clean.rules);
    }
}
