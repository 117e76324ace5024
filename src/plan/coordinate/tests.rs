use super::*;
use crate::domain::{Ask, Currency, Day, Money, PoNumber, Qty, SiteId, Sku, SupplierId, UnitPrice};
use crate::insight::forecast::Packed;
use crate::model::{LEVEL_COUNT, LEVELS};
use crate::plan::replenish::{
    Ahead, Calendar, Coming, Costs, ItemTerms, LeadTime, Proposal, Service, Shortage, Situation,
    SupplierTerms, Unforecast, propose,
};
use proptest::prelude::*;

fn day(text: &str) -> Day {
    Day::parse(text).unwrap()
}

fn pounds(text: &str) -> UnitPrice {
    UnitPrice::parse(text, Currency::GBP).unwrap()
}

fn money(text: &str) -> Money {
    Money::parse(text, Currency::GBP).unwrap()
}

/// Totals of `daily` units a day, each quantile 0.5 to 1.5 times the mean.
fn ahead(daily: f32) -> Ahead {
    let step = |day: usize| -> [f32; LEVEL_COUNT] {
        let mean = daily * (day + 1) as f32;
        std::array::from_fn(|level| mean * (0.5 + LEVELS[level]))
    };
    let totals = Packed::of(&(0..28).map(step).collect::<Vec<_>>());
    Ahead { first: day("2026-11-26"), totals, age_days: 0 }
}

/// A Thursday; the supplier takes 14 days and is ordered from on Thursdays.
fn at(site: &str, on_hand: i64, daily: f32) -> Situation {
    Situation {
        sku: Sku::new("MUG"),
        site: SiteId::new(site),
        today: day("2026-11-26"),
        on_hand: Some(Qty::units(on_hand)),
        committed: Qty::ZERO,
        sold: Qty::ZERO,
        coming: Vec::new(),
        ahead: Some(ahead(daily)),
        item: ItemTerms {
            cost: Some(pounds("2.00")),
            price: Some(pounds("5.00")),
            ..ItemTerms::default()
        },
        supplier: Some(SupplierTerms {
            id: SupplierId::new("acme"),
            name: "Acme".into(),
            lead: Some(LeadTime::certain(14)),
            calendar: Calendar { review_weekday: Some(3), closures: Vec::new() },
            min_order: None,
        }),
        service: Service::Cycle(0.9),
        shortage: Shortage::default(),
        costs: Costs::default(),
        one_offs: Vec::new(),
        new_for: None,
        unforecast: Unforecast::NotYet,
        batches: Vec::new(),
    }
}

fn line(po: &str, qty: i64, due: &str) -> Inbound {
    Inbound {
        po: PoNumber::new(po),
        line: 1,
        qty: Qty::units(qty),
        due: Some(day(due)),
        cost: Some(pounds("2.00")),
        has_come: false,
    }
}

fn only(at: &Situation, lines: &[Inbound]) -> InboundProposal {
    let found = inbound(at, lines);
    assert_eq!(found.len(), 1, "{found:?}");
    found.into_iter().next().unwrap()
}

fn terms() -> TransferTerms {
    TransferTerms { days: 2, per_order: money("5.00"), per_unit: pounds("0.05") }
}

fn planned(sites: &[Situation]) -> Vec<Proposal> {
    sites.iter().map(|at| propose(at).unwrap()).collect()
}

fn lines<'a>(sites: &'a [Situation], proposals: &'a [Proposal]) -> Vec<SiteLine<'a>> {
    sites.iter().zip(proposals).map(|(at, proposal)| SiteLine { at, proposal }).collect()
}

#[test]
fn what_is_needed_before_it_is_due_is_wanted_sooner() {
    // Ten a day: 60 last six days at the mean, and 4 days where 1.4 times as many sell.
    let found = only(&at("main", 60, 10.0), &[line("PO-1", 200, "2026-12-15")]);
    assert_eq!(found.ask, Ask::Expedite { by: day("2026-11-30") });
    assert_eq!((found.why, found.has), (Why::RunsOut, Qty::units(60)));
    assert!(found.risk_now > 0.99 && found.risk_then < 0.15, "{found:?}");
    assert!((100.0..135.0).contains(&found.short_saved), "{}", found.short_saved);
    let words = found.reason();
    assert!(words.contains("60 at main run out about 2026-12-02"), "{words}");
    // What was sold of today's forecast leaves a fraction, which nobody has on a shelf.
    let owed = Situation {
        committed: Qty::units(200),
        sold: Qty::units(9),
        ahead: Some(ahead(4.433)),
        ..at("YORK", 60, 10.0)
    };
    let words = only(&owed, &[line("PO-1", 400, "2026-12-15")]).reason();
    assert!(words.starts_with("136 short at YORK, and it is due on 2026-12-15"), "{words}");
    let by_weight = Situation { on_hand: Some(Qty::milli(60_500)), ..at("YORK", 60, 10.0) };
    let words = only(&by_weight, &[line("PO-1", 400, "2026-12-15")]).reason();
    assert!(words.starts_with("60.5 at YORK run out"), "{words}");
    assert!(words.contains("99 % likely before it is due on 2026-12-15"), "{words}");
    assert!(found.effect().contains("chance to run short 99 % → "), "{}", found.effect());
}

#[test]
fn what_comes_in_time_and_is_needed_soon_stays_as_it_is() {
    assert_eq!(inbound(&at("main", 100, 10.0), &[line("PO-1", 200, "2026-12-03")]), []);
    // What the first line brings is there for the second.
    let both = [line("PO-1", 200, "2026-12-03"), line("PO-2", 200, "2026-12-15")];
    assert_eq!(inbound(&at("main", 100, 10.0), &both), []);
}

#[test]
fn what_was_due_and_is_missing_is_asked_for() {
    let found = only(&at("main", 20, 10.0), &[line("PO-1", 200, "2026-11-20")]);
    assert_eq!((found.why, found.ask), (Why::Late, Ask::Expedite { by: day("2026-11-27") }));
    assert!(found.reason().contains("due on 2026-11-20 and has not come"), "{}", found.reason());
}

#[test]
fn what_is_needed_long_after_it_is_due_is_wanted_later_and_frees_its_money() {
    // 1.45 times ten a day reach 900 on the 62nd day.
    let found = only(&at("main", 900, 10.0), &[line("PO-1", 100, "2026-12-10")]);
    let Ask::Defer { until } = found.ask else { panic!("{found:?}") };
    assert!((day("2027-01-15")..day("2027-02-10")).contains(&until), "{until}");
    assert_eq!(found.frees, Some(money("200.00")));
    assert_eq!(found.frees_days, until.number() - day("2026-12-10").number());
    assert!(found.risk_then < 0.06, "{}", found.risk_then);
    assert!(found.effect().starts_with("frees 200.00 GBP for"), "{}", found.effect());
}

#[test]
fn what_is_never_needed_is_called_off_unless_it_has_begun_to_come() {
    let rich = at("main", 9_000, 10.0);
    let found = only(&rich, &[line("PO-1", 100, "2026-12-20")]);
    assert_eq!((found.ask, found.why), (Ask::Cancel, Why::Never));
    assert_eq!(found.frees, Some(money("200.00")));
    let begun = Inbound { has_come: true, ..line("PO-1", 100, "2026-12-20") };
    let later = only(&rich, &[begun]);
    assert!(matches!(later.ask, Ask::Defer { .. }), "{later:?}");
    let about_to_come = line("PO-1", 100, "2026-11-27");
    assert_eq!(inbound(&rich, &[about_to_come]), [], "it is on the lorry");
}

#[test]
fn what_ends_before_it_would_be_needed_is_called_off() {
    let mut ending = at("main", 300, 10.0);
    ending.item.ends = Some(day("2026-12-10"));
    let found = only(&ending, &[line("PO-1", 100, "2026-12-05")]);
    let last = day("2026-12-10");
    assert_eq!((found.ask, found.why), (Ask::Cancel, Why::Ends { last }));
    assert!(found.reason().contains("sold to 2026-12-10 only"), "{}", found.reason());
}

#[test]
fn what_does_not_fit_into_the_building_is_wanted_when_it_does() {
    let mut full = at("main", 280, 10.0);
    full.item.most = Some(Qty::units(300));
    let found = only(&full, &[line("PO-1", 150, "2026-12-03")]);
    let most = Qty::units(300);
    assert_eq!(found.why, Why::NoRoom { most });
    // 130 have to be sold first, ten a day.
    let Ask::Defer { until } = found.ask else { panic!("{found:?}") };
    assert!((day("2026-12-08")..=day("2026-12-11")).contains(&until), "{until}");
}

#[test]
fn nothing_is_said_of_what_nobody_knows() {
    let lines = [line("PO-1", 100, "2026-12-20")];
    let unknown = Situation { on_hand: None, ..at("main", 0, 10.0) };
    assert_eq!(inbound(&unknown, &lines), []);
    let unforecast = Situation { ahead: None, ..at("main", 10, 10.0) };
    assert_eq!(inbound(&unforecast, &lines), []);
    let undated = Inbound { due: None, ..line("PO-1", 100, "2026-12-20") };
    assert_eq!(inbound(&at("main", 0, 10.0), &[undated]), []);
}

#[test]
fn a_site_with_plenty_sends_before_another_buys() {
    let sites = [at("north", 30, 10.0), at("south", 2_000, 10.0), at("east", 25, 10.0)];
    let proposals = planned(&sites);
    let found = transfers(&lines(&sites, &proposals), &terms());
    assert_eq!(found.len(), 2, "{found:?}");
    let first = &found[0];
    assert_eq!(
        (first.from.as_str(), first.to.as_str()),
        ("south", "east"),
        "the more urgent first"
    );
    assert_eq!(first.arrives, day("2026-11-28"));
    // 294 are wanted there, 25 are there.
    assert_eq!(first.qty, Qty::units(269));
    assert_eq!(first.cost, money("18.45"));
    assert_eq!(first.buys, proposals[2].qty);
    assert!(first.risk_then < first.risk_now, "{first:?}");
    let words = first.reason();
    assert!(
        words.contains("south has 2000 and keeps") && words.contains("east would buy 269"),
        "{words}"
    );
    assert_eq!(transfers(&lines(&sites, &proposals), &terms()), found, "the same again");
}

#[test]
fn a_second_giver_saves_only_what_the_first_leaves_short() {
    // Each giver can spare some of what the third needs, and neither all of it.
    let sites = [at("east", 30, 10.0), at("north", 400, 10.0), at("south", 395, 10.0)];
    let proposals = planned(&sites);
    let found = transfers(&lines(&sites, &proposals), &terms());
    let [first, second] = &found[..] else { panic!("{found:?}") };
    assert_eq!((first.from.as_str(), second.from.as_str()), ("north", "south"));
    assert_eq!(second.risk_now, first.risk_then, "the first is there already");
    let alone = [sites[0].clone(), sites[2].clone()];
    let by_itself =
        transfers(&lines(&alone, &[proposals[0].clone(), proposals[2].clone()]), &terms());
    assert!(second.short_saved < by_itself[0].short_saved, "{second:?} {by_itself:?}");
    // Ten a day are short from the fourth day until the order comes, at most.
    let days = f64::from(first.buys_due.number() - first.arrives.number());
    assert!(first.short_saved + second.short_saved < 10.0 * days + 30.0, "{found:?}");
}

#[test]
fn what_costs_more_than_it_saves_is_not_sent() {
    let sites = [at("north", 30, 10.0), at("south", 2_000, 10.0)];
    let proposals = planned(&sites);
    let dear = TransferTerms { per_order: money("5000.00"), ..terms() };
    assert_eq!(transfers(&lines(&sites, &proposals), &dear), []);
    let euros = Currency::parse("EUR").unwrap();
    let other = TransferTerms { per_order: Money { minor: 500, currency: euros }, ..terms() };
    assert_eq!(transfers(&lines(&sites, &proposals), &other), [], "no rate is known");
}

#[test]
fn what_is_on_its_way_to_a_giver_is_not_given() {
    let mut poor = at("south", 300, 10.0);
    poor.coming = vec![Coming { po: Some("PO-1".into()), due: None, qty: Qty::units(5_000) }];
    let sites = [at("north", 30, 10.0), poor];
    let proposals = planned(&sites);
    assert_eq!(transfers(&lines(&sites, &proposals), &terms()), []);
}

#[test]
fn expected_orders_follow_the_forecast_and_are_the_same_again() {
    let sites = [at("north", 90, 10.0), at("south", 400, 4.0)];
    let proposals = planned(&sites);
    let all = || sites.iter().zip(&proposals).map(|(at, proposal)| (at, Some(proposal)));
    let told = expected(all(), day("2026-11-26"));
    assert_eq!(told, expected(all(), day("2026-11-26")));
    assert_eq!(told.suppliers.len(), WEEKS);
    let first = &told.suppliers[0];
    assert_eq!(first.from, day("2026-11-23"), "weeks begin on Mondays");
    // What is proposed today is ordered in every course.
    let today = proposals[0].qty.to_f64();
    assert_eq!((first.units.low, first.units.high), (today, today));
    assert_eq!(first.value.unwrap()[0], money(&format!("{:.2}", 2.0 * today)));
    // Ten and four a day over 13 weeks less what is there, and what is held at the end more.
    let all_weeks: f64 = told.suppliers.iter().map(|week| week.units.mean).sum();
    let sold = 14.0 * 91.0;
    assert!((sold - 490.0..sold + 500.0).contains(&all_weeks), "{all_weeks}");
    for week in &told.suppliers {
        assert!(week.units.low <= week.units.mean.max(week.units.high), "{week:?}");
    }
    assert!(told.suppliers[6].units.low < told.suppliers[6].units.high, "a range later on");
    let of_skus: f64 = told.skus.iter().map(|week| week.units.mean).sum();
    assert!((of_skus - all_weeks).abs() < 1e-6, "SKUs add up to their supplier");
}

#[test]
fn what_ends_is_expected_to_be_ordered_no_more_and_what_cannot_be_planned_is_counted() {
    let mut ending = at("north", 90, 10.0);
    ending.item.ends = Some(day("2026-12-31"));
    let proposal = propose(&ending).unwrap();
    let unknown = Situation { on_hand: None, ..at("south", 0, 4.0) };
    let told = expected([(&ending, Some(&proposal)), (&unknown, None)], day("2026-11-26"));
    assert_eq!(told.left_out, 1);
    let late = told.suppliers.iter().filter(|week| week.from >= day("2026-12-21"));
    assert!(late.clone().count() > 5 && late.clone().all(|week| week.units.mean == 0.0));
}

#[test]
fn packs_and_minima_hold_in_what_is_expected() {
    let mut packed = at("north", 90, 10.0);
    packed.item.pack = Some(Qty::units(24));
    packed.item.moq = Some(Qty::units(480));
    let proposal = propose(&packed).unwrap();
    let told = expected([(&packed, Some(&proposal))], day("2026-11-26"));
    for week in &told.suppliers {
        for units in [week.units.low, week.units.high] {
            assert!(units == 0.0 || (units >= 480.0 && units % 24.0 == 0.0), "{week:?}");
        }
    }
}

proptest! {
    #[test]
    fn no_site_sends_more_than_it_has_or_than_leaves_it_safe(
        stocks in proptest::collection::vec((0..3_000_i64, 0..40_u8, 0..60_i64), 2..5),
        per_order in 0..50_i64,
    ) {
        let sites: Vec<Situation> = stocks
            .iter()
            .zip(["a", "b", "c", "d"])
            .map(|((on_hand, daily, committed), site)| Situation {
                committed: Qty::units(*committed),
                ..at(site, *on_hand, f32::from(*daily) / 2.0)
            })
            .collect();
        let proposals = planned(&sites);
        let lines = lines(&sites, &proposals);
        let terms = TransferTerms { per_order: Money { minor: per_order * 100, ..money("1.00") }, ..terms() };
        let found = transfers(&lines, &terms);
        for line in &lines {
            let site = &line.at.site;
            let leaves: Qty = found.iter().filter(|one| one.from == *site).map(|one| one.qty).sum();
            let comes: Qty = found.iter().filter(|one| one.to == *site).map(|one| one.qty).sum();
            let spare = spare(*line).map_or(Qty::ZERO, |spare| spare.qty);
            prop_assert!(leaves <= spare, "{} leave {}, {} to spare", leaves, site, spare);
            let free = line.at.on_hand.unwrap() - line.at.committed;
            prop_assert!(leaves <= free.at_least_zero());
            prop_assert!(comes <= line.proposal.qty.at_least_zero());
            prop_assert!(leaves.is_zero() || comes.is_zero(), "{} sends and takes", site);
            if leaves.is_positive() {
                let kept = (free - leaves).to_f64();
                let demand = line.at.ahead.as_ref().unwrap().within(21);
                prop_assert!(demand.at_most(kept) >= 0.979, "{} keeps {}", site, kept);
            }
        }
        prop_assert!(found.iter().all(|one| one.qty.is_positive() && one.worth > 0.0));
    }
}
