//! How long 50,000 SKU-sites take to be planned, given the quantiles of their demand: each line by itself, on all
//! cores as the owner does it, then all with one another (suppliers' minima, budget, room). Then how long it takes
//! after one order: its line anew, with the lines that go to the same supplier for the same site, and
//! with all lines, as the owner does it whenever the plan is asked for.
//! Not timed is what the owner does around that in a store of as many: it looks up what is known of the
//! lines that changed (stock, forecast, what was sold today), holds the drafts against those before, and
//! copies the list of lines, not the lines, where somebody still looks at the plan before.
//! Beside it the level that TSB finds for the same items from their days. `cargo bench --bench plan`.

mod measure;

use measure::report;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rayon::prelude::*;
use std::collections::BTreeMap;
use std::hint::black_box;
use std::time::Instant;
use stockdeck::demand::Known;
use stockdeck::domain::*;
use stockdeck::insight::forecast::Packed;
use stockdeck::model::{LEVEL_COUNT, LEVELS};
use stockdeck::plan::backtest::{self, Classic, Policy, Replay, Review, Seen};
use stockdeck::plan::inventory::LotRule;
use stockdeck::plan::replenish::{
    Ahead, Calendar, Coming, Costs, ItemTerms, LeadTime, Limits, Planned, Service, Shortage,
    Situation, SupplierTerms, Unforecast, propose, together,
};

const LINES: usize = 50_000;
const SUPPLIERS: usize = 200;
const SITES: usize = 3;
/// Items that TSB is timed on, and the days that it sees.
const FEW: usize = 2_000;
const DAYS: usize = 120;
const BAR_S: f64 = 2.0;
const BAR_MS: f64 = 5.0;
const ROUNDS: usize = 7;

fn main() {
    report::machine();
    report::head("50,000 SKU-sites of 200 suppliers, 28 days of quantiles each");
    let mut rng = ChaCha8Rng::seed_from_u64(5);
    let suppliers: Vec<SupplierTerms> = (0..SUPPLIERS).map(|n| supplier(n, &mut rng)).collect();
    let mut all: Vec<Situation> = (0..LINES).map(|n| situation(n, &suppliers, &mut rng)).collect();
    let limits = Limits::default();

    let began = Instant::now();
    let mut plan = alone(&all);
    let lines = began.elapsed().as_secs_f64();
    together(&mut plan, &limits, &BTreeMap::new());
    let whole = began.elapsed().as_secs_f64();
    let ordered = plan.iter().filter(|line| line.proposal.qty.is_positive()).count();
    drop(plan);
    report::line("lines by themselves", lines, "s", None);
    report::line("with one another, too", whole, "s", Some(BAR_S));
    report::line("lines to be ordered", ordered as f64, "", None);

    let of_tsb = tsb(&mut rng);
    report::line("TSB's levels of as many items", of_tsb * LINES as f64, "s", None);
    report::line("a plan / TSB's levels", whole / (of_tsb * LINES as f64), "times", None);

    let (mut after, mut after_all) = (Vec::new(), Vec::new());
    for round in 0..ROUNDS {
        let ordered = round * 7_001 % LINES;
        let (to, at) = (ordered % SUPPLIERS, ordered % SITES);
        let due = all[ordered].today.plus(14);
        all[ordered].coming.push(Coming {
            po: Some(PoNumber::new(format!("PO-{round:06}"))),
            due: Some(due),
            qty: Qty::units(96),
        });
        let of_order: Vec<Situation> = all
            .iter()
            .enumerate()
            .filter(|(n, _)| n % SUPPLIERS == to && n % SITES == at)
            .map(|(_, at)| at.clone())
            .collect();
        let mut known = alone(&of_order);
        let began = Instant::now();
        let anew = propose(&all[ordered]).unwrap();
        let place = known.iter().position(|line| line.at.sku == all[ordered].sku).unwrap();
        known[place].proposal = anew;
        together(&mut known, &limits, &BTreeMap::new());
        after.push(began.elapsed().as_secs_f64() * 1_000.0);
        black_box(&known);

        let mut known = alone(&all);
        let began = Instant::now();
        known[ordered].proposal = propose(&all[ordered]).unwrap();
        together(&mut known, &limits, &BTreeMap::new());
        after_all.push(began.elapsed().as_secs_f64() * 1_000.0);
        black_box(&known);
    }
    let worst = |times: &[f64]| report::percentile(times, 1.0);
    report::line("after one order, its supplier's lines", worst(&after), "ms", Some(BAR_MS));
    report::line("after one order, with all lines", worst(&after_all), "ms", Some(BAR_MS));
}

fn alone(all: &[Situation]) -> Vec<Planned<'_>> {
    let planned = |at| Planned::alone(at, propose(at).unwrap());
    all.par_iter().map(planned).collect()
}

fn supplier(n: usize, rng: &mut ChaCha8Rng) -> SupplierTerms {
    let stated: u16 = rng.random_range(4..45);
    let took: Vec<u16> = (0..20).map(|_| stated + rng.random_range(0..10)).collect();
    SupplierTerms {
        id: SupplierId::new(format!("S{n}")),
        name: format!("Supplier {n}").into(),
        lead: LeadTime::of(Some(stated), &took),
        calendar: Calendar { review_weekday: Some((n % 5) as u8), closures: Vec::new() },
        min_order: Money::parse("500.00", Currency::GBP),
    }
}

fn situation(n: usize, suppliers: &[SupplierTerms], rng: &mut ChaCha8Rng) -> Situation {
    let today = Day::from_number(20_500);
    let daily = rng.random_range(0.02..12.0_f32);
    let spread = rng.random_range(0.3..1.5_f32);
    let step = |day: usize| -> [f32; LEVEL_COUNT] {
        let days = (day + 1) as f32;
        let wide = spread / days.sqrt();
        std::array::from_fn(|at| (daily * days * (1.0 + wide * (LEVELS[at] - 0.5) * 2.0)).max(0.0))
    };
    let totals = Packed::of(&(0..28).map(step).collect::<Vec<_>>());
    let cost = rng.random_range(80..4_000);
    let price = |e4| Some(UnitPrice { e4, currency: Currency::GBP });
    Situation {
        sku: Sku::new(format!("SKU-{n:05}")),
        site: SiteId::new(["A", "B", "C"][n % SITES]),
        today,
        on_hand: Some(Qty::units(rng.random_range(0..300))),
        committed: Qty::units(rng.random_range(0..5)),
        sold: Qty::ZERO,
        coming: Vec::new(),
        ahead: Some(Ahead { first: today, totals, age_days: 0 }),
        item: ItemTerms {
            pack: Some(Qty::units([1, 6, 12, 24][n % 4])),
            moq: Some(Qty::units(12)),
            cost: price(cost * 100),
            price: price(cost * 220),
            ..ItemTerms::default()
        },
        supplier: Some(suppliers[n % SUPPLIERS].clone()),
        service: Service::Cost,
        costs: Costs::default(),
        shortage: Shortage::default(),
        one_offs: Vec::new(),
        new_for: None,
        unforecast: Unforecast::NotYet,
        batches: Vec::new(),
    }
}

/// Seconds in which TSB finds the level of an item.
fn tsb(rng: &mut ChaCha8Rng) -> f64 {
    let lot = LotRule::new(Qty::ZERO, Qty::units(1), None).unwrap();
    let item = |_| backtest::Item {
        sku: String::new(),
        supplier: 0,
        unit_cost: 2.0,
        hold: 0.0014,
        lost: 3.0,
        lot,
        initial_stock: 0.0,
    };
    let replay = Replay {
        items: (0..FEW).map(item).collect(),
        suppliers: vec![backtest::Supplier {
            code: String::new(),
            lead_mean: 20.0,
            lead_sd: 4.0,
            review_weekday: 0,
        }],
        ..Replay::default()
    };
    let mut days = || -> Vec<f32> {
        let daily = rng.random_range(0.02..12.0_f32);
        (0..DAYS).map(|_| (rng.random_range(0.0..2.0_f32) * daily).round()).collect()
    };
    let units: Vec<Vec<f32>> = (0..FEW).map(|_| days()).collect();
    let known = units.iter().map(|days| vec![Known::All; days.len()]).collect();
    let seen = Seen { units, known };
    let (items, positions): (Vec<usize>, _) = ((0..FEW).collect(), vec![0.0; FEW]);
    let review =
        Review { day: DAYS - 1, supplier: 0, items: &items, seen: &seen, positions: &positions };
    let began = Instant::now();
    black_box(Classic::Tsb.on(&replay).order_up_to(&review).unwrap());
    began.elapsed().as_secs_f64() / FEW as f64
}
