//! What a supplier's least order value does to the lines of an order.

use super::*;

/// MUG is short, BOWL lasts for a good while, and their supplier takes no order below 600.00.
fn order() -> [Situation; 2] {
    let mut at = situation();
    if let Some(supplier) = &mut at.supplier {
        supplier.min_order = Some(money("600.00"));
    }
    [at.clone(), other(&at, "BOWL", 320)]
}

fn key() -> (SupplierId, SiteId) {
    (SupplierId::new("acme"), SiteId::new("main"))
}

/// The situation once so many of it are approved.
fn approved(at: &Situation, qty: Qty) -> Situation {
    let mut after = at.clone();
    after.coming.push(Coming { po: None, due: None, qty });
    after
}

fn together_with(lines: &mut [Planned<'_>], decided: &[(&str, Qty)]) {
    let of = |(value, _): &(&str, Qty)| money(value).minor;
    let minor = decided.iter().map(of).sum();
    let decided = match decided {
        [] => Decided::new(),
        _ => [(key(), Money { minor, currency: Currency::GBP })].into(),
    };
    together(lines, &Limits::default(), &decided);
}

#[test]
fn what_was_raised_stays_so_while_the_rest_of_its_order_is_approved() {
    let [mug, bowl] = order();
    let situations = [mug, bowl];
    let mut lines = planned(&situations);
    together_with(&mut lines, &[]);
    let before: Vec<Proposal> = lines.into_iter().map(|line| line.proposal).collect();
    assert!(before.iter().all(|line| line.qty.is_positive()), "both are parts of the order");
    for (first, rest) in [(0, 1), (1, 0)] {
        let mut after = situations.clone();
        after[first] = approved(&situations[first], before[first].qty);
        let value = before[first].with.value.unwrap().to_string();
        let mut lines = planned(&after);
        together_with(&mut lines, &[(&value, before[first].qty)]);
        assert_eq!(lines[first].proposal.qty, Qty::ZERO, "approved once");
        assert_eq!(lines[rest].proposal.checksum(), before[rest].checksum());
        assert_eq!(lines[rest].waits_for, None);
    }
}

#[test]
fn an_order_of_which_a_part_is_approved_waits_for_nothing() {
    let mut at = situation();
    at.on_hand = Some(Qty::units(300));
    if let Some(supplier) = &mut at.supplier {
        supplier.min_order = Some(money("1000.00"));
    }
    let situations = [at];
    let mut lines = planned(&situations);
    together_with(&mut lines, &[]);
    assert_eq!(lines[0].waits_for, Some(money("992.00")), "four of them can wait");
    let mut lines = planned(&situations);
    together_with(&mut lines, &[("20.00", Qty::units(10))]);
    assert_eq!((lines[0].proposal.qty, lines[0].waits_for), (Qty::units(490), None));
    let filled = |step: &Step| step.source == Source::Minimum { least: money("1000.00") };
    assert!(lines[0].proposal.why.iter().any(filled), "{:?}", lines[0].proposal.why);
}

#[test]
fn what_cannot_reach_the_minimum_is_not_raised() {
    let [mug, mut bowl] = order();
    bowl.item.ends = Some(day("2026-12-31"));
    bowl.on_hand = Some(Qty::units(360));
    let mut mug = mug;
    mug.item.most = Some(Qty::units(150));
    let situations = [mug, bowl];
    let alone: Vec<Qty> = planned(&situations).iter().map(|line| line.proposal.qty).collect();
    let mut lines = planned(&situations);
    together_with(&mut lines, &[]);
    let after: Vec<Qty> = lines.iter().map(|line| line.proposal.qty).collect();
    assert_eq!(after, alone);
    assert!(lines.iter().all(|line| sum(&line.proposal) == line.proposal.qty));
}

fn shown(lines: &[Planned<'_>]) -> Vec<(Qty, Option<Money>)> {
    lines.iter().map(|line| (line.proposal.qty, line.waits_for)).collect()
}

#[test]
fn an_order_that_is_cut_below_the_minimum_waits_and_leaves_the_money_to_others() {
    let [mug, bowl] = order();
    let mut jug = other(&mug, "JUG", 20);
    if let Some(supplier) = &mut jug.supplier {
        (supplier.id, supplier.min_order) = (SupplierId::new("zenith"), None);
    }
    let situations = [mug, bowl, jug];
    let alone: Vec<Qty> = planned(&situations).iter().map(|line| line.proposal.qty).collect();
    assert_eq!(alone, [Qty::units(204), Qty::ZERO, Qty::units(284)]);
    let with = |limits: Limits| {
        let mut lines = planned(&situations);
        together(&mut lines, &limits, &Decided::new());
        assert!(lines.iter().all(|line| sum(&line.proposal) == line.proposal.qty));
        shown(&lines)
    };
    let budget =
        |text| Limits { budget: [(Currency::GBP, money(text))].into(), ..Limits::default() };
    let room = |units| Limits {
        storage: [(SiteId::new("main"), Qty::units(units))].into(),
        ..Limits::default()
    };
    let waits = [(alone[0], Some(money("192.00"))), (Qty::ZERO, None), (alone[2], None)];
    assert_eq!(with(budget("1100.00")), waits, "600.00 and 568.00 are too much together");
    assert_eq!(with(room(900)), waits, "410 are there: 300 and 284 more are too many");
    for enough in [budget("1200.00"), room(1_000)] {
        let lines = with(enough);
        assert!(lines[0].0 + lines[1].0 >= Qty::units(300) && lines[0].1.is_none(), "{lines:?}");
    }
}

#[test]
fn what_misses_a_lower_price_when_it_is_cut_is_paid_at_the_higher_one() {
    let mut at = situation();
    at.item.cost = Some(pounds("5.00"));
    at.item.breaks = vec![PriceBreak { from: Qty::units(100), cost: pounds("4.50") }];
    let situations = [at];
    let bought = |left: &str| {
        let mut lines = planned(&situations);
        assert_eq!(lines[0].proposal.qty, Qty::units(204));
        let budget = [(Currency::GBP, money(left))].into();
        together(&mut lines, &Limits { budget, ..Limits::default() }, &Decided::new());
        let line = &lines[0].proposal;
        assert_eq!(sum(line), line.qty);
        (line.qty, line.with.value.unwrap())
    };
    assert_eq!(bought("400.00"), (Qty::units(80), money("400.00")), "88 cost 440.00");
    assert_eq!(bought("460.00"), (Qty::units(102), money("459.00")));
    assert_eq!(bought("4.00"), (Qty::ZERO, money("0.00")));
}

#[test]
fn a_minimum_leaves_the_lead_time_and_the_days_of_an_order_as_they_are() {
    let mut usual = situation();
    usual.on_hand = Some(Qty::units(200));
    let plain = propose(&usual).unwrap();
    assert_eq!((plain.order, plain.due), (day("2026-11-26"), day("2026-12-10")));
    assert!(plain.qty.is_positive() && plain.qty < Qty::units(150), "{}", plain.qty);
    let least = |at: &mut Situation, text: &str| {
        at.supplier.as_mut().unwrap().min_order = Some(money(text));
    };
    let (mut moq, mut filled, mut waits) = (usual.clone(), usual.clone(), usual.clone());
    moq.item.moq = Some(Qty::units(900));
    least(&mut filled, "500.00");
    filled.on_hand = Some(Qty::units(60));
    least(&mut waits, "100000.00");
    for (at, what) in [(moq, "minimum"), (filled, "fills up"), (waits, "waits")] {
        let situations = [at];
        let mut lines = planned(&situations);
        together_with(&mut lines, &[]);
        let line = &lines[0];
        let raised = |source: &Source| match what {
            "minimum" => matches!(source, Source::Moq { .. }),
            _ => matches!(source, Source::Minimum { .. }),
        };
        let is_raised = line.proposal.why.iter().any(|step| raised(&step.source));
        assert_eq!(
            (is_raised, line.waits_for.is_some()),
            (what != "waits", what == "waits"),
            "{what}"
        );
        let told = (line.proposal.order, line.proposal.due, line.proposal.lead_days);
        assert_eq!(told, (plain.order, plain.due, plain.lead_days), "{what}");
    }
}
