//! A plan that is brought up to date step by step is the one that is made from nothing.

use super::forecasts::{pass, sold};
use super::reorders::supplied;
use super::*;
use crate::demand::SeriesKey;
use crate::desk::buying::Powers;
use crate::engine::api::Plan;
use crate::engine::forecasts::Maker;
use crate::engine::planning::{OrderPlan, Planner};
use crate::feed::FeedState;
use crate::plan::replenish::{Blocked, Limits, Note, Proposal, Value};

/// Asserts that the plan is what a planner makes that remembers nothing; the plan.
fn as_from_nothing(house: &House, after: &str) -> Arc<OrderPlan> {
    let plan = house.planner.plan(house).unwrap();
    let fresh = Planner::default();
    fresh.set_up(house.planner.rules());
    let anew = fresh.plan(house).unwrap();
    assert_eq!(plan.lines.len(), anew.lines.len(), "after {after}");
    for (series, line) in &anew.lines {
        assert_eq!(plan.lines.get(series), Some(line), "after {after}");
    }
    plan
}

fn supplier(min_order: &str) -> Record {
    Record::Supplier(Supplier {
        id: "ACME".into(),
        name: "Acme".into(),
        lead_time_days: Some(6),
        review_weekday: None,
        min_order: Money::parse(min_order, Currency::GBP),
    })
}

fn quantity(plan: &OrderPlan, sku: &str) -> Option<Qty> {
    Some(plan.proposal(&sku.into(), &SiteId::main())?.suggestion.qty)
}

fn blocked(house: &House, sku: &str) -> Option<Blocked> {
    let plan = as_from_nothing(house, "a change of what never sold");
    let series = SeriesKey { sku: sku.into(), site: SiteId::main() };
    match &plan.lines.get(&series)?.plan {
        Plan::Blocked(blocked) => Some(blocked.clone()),
        Plan::Proposed(_) => None,
    }
}

/// So many units within three weeks.
fn expected(house: &House, sku: &str, units: i64) -> Decision {
    let first = house.first_ahead();
    Decision::Override {
        sku: sku.into(),
        site: None,
        from: first,
        to: first.plus(20),
        expects: Expectation::Units(Qty::units(units)),
        reason: "fair".into(),
        model: Vec::new(),
    }
}

fn approve(house: &House, plan: &OrderPlan, sku: &str) {
    let suggestion = plan.proposal(&sku.into(), &SiteId::main()).unwrap().suggestion;
    let line = Approval {
        sku: sku.into(),
        site: SiteId::main(),
        supplier: None,
        qty: suggestion.qty,
        cost: None,
        due: None,
        suggested: Some(suggestion),
    };
    house.decide(ann(), Decision::Approve(line), "").unwrap();
}

#[test]
fn whatever_changes_the_plan_is_the_one_that_is_made_from_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let house = supplied(dir.path());
    let limits = [Limits::default(), {
        let budget = Money::parse("500", Currency::GBP).unwrap();
        Limits { budget: [(Currency::GBP, budget)].into(), ..Limits::default() }
    }];
    for (round, limits) in (0..).zip(limits) {
        let rules = crate::config::Reorders { limits, ..house.planner.rules() };
        house.planner.set_up(rules);
        let now = at(10 + 60 * round);
        let plan = as_from_nothing(&house, "new rules");
        assert!(quantity(&plan, "S8").is_some(), "something is to be ordered");

        // Stock: of one, of the last one, of none, and of less than none.
        for (later, units) in (0..).zip([1, 90, 0, -3, 25]) {
            let now = now + Span::minutes(later);
            tell(&house, now, vec![on_hand("S8", units, now), on_hand("S5", units / 2, now)]);
            as_from_nothing(&house, "a count");
        }
        let now = now + Span::minutes(10);
        // Orders of today: a shipped one, an open one, the same cancelled.
        tell(&house, now, vec![sold(&format!("now-{round}"), "S8", 5, 0)]);
        as_from_nothing(&house, "a sale");
        for status in [OrderStatus::Open, OrderStatus::Cancelled] {
            let mut record = order(&format!("big-{round}"), "S5", 40, status);
            record.updated_at = at(-100 + i64::from(status == OrderStatus::Cancelled));
            tell(&house, now, vec![Record::Order(record)]);
            as_from_nothing(&house, "an order");
        }
        // A minimum ties the lines of a supplier to each other; approving one takes its part.
        let without = as_from_nothing(&house, "the same");
        tell(&house, now, vec![supplier("2000")]);
        let bound = as_from_nothing(&house, "a minimum");
        assert_ne!(bound.lines, without.lines);
        approve(&house, &bound, "S8");
        let approved = as_from_nothing(&house, "an approval");
        assert_eq!(quantity(&approved, "S8"), None);
        house.undo(ann(), None).unwrap();
        let undone = as_from_nothing(&house, "an approval undone");
        assert!(quantity(&undone, "S8").is_some());
        approve(&house, &undone, "S8");
        house.sim.as_ref().unwrap().advance_to(house.clock.now() + Span::minutes(11));
        house.place_next().unwrap().unwrap();
        as_from_nothing(&house, "an order placed");
        let po = house.purchasing.read().orders().next_back().unwrap().number.clone();
        house.decide(ann(), Decision::CancelOrder { po, reason: "late".into() }, "").unwrap();
        as_from_nothing(&house, "an order called off");
        // A file that says nothing of it leaves a minimum as it is.
        tell(&house, now, vec![supplier("0")]);
        as_from_nothing(&house, "no minimum");
        // What a pack is worth knowing, and what has another supplier by now.
        for pack in [6, 12, 0] {
            let product = Product {
                pack: Some(Qty::units(pack)),
                supplier: Some("ACME".into()),
                cost: UnitPrice::parse("2.50", Currency::GBP),
                ..Product::bare("S4".into())
            };
            tell(&house, now, vec![Record::Product(product)]);
            as_from_nothing(&house, "a product");
        }
        // What never sold, came, and is expected to sell by somebody's word alone.
        let never = format!("NEVER{round}");
        let product =
            Product { supplier: Some("ACME".into()), ..Product::bare(never.as_str().into()) };
        tell(&house, now, vec![Record::Product(product), on_hand(&never, 0, now)]);
        assert_eq!(blocked(&house, &never), Some(Blocked::NeverSold));
        let then = now + Span::minutes(1);
        tell(&house, then, vec![on_hand(&never, 7, then)]);
        assert_eq!(blocked(&house, &never), None);
        let then = now + Span::minutes(2);
        tell(&house, then, vec![on_hand(&never, 0, then)]);
        assert_eq!(blocked(&house, &never), Some(Blocked::NeverSold));
        house.decide(ann(), expected(&house, &never, 90), "").unwrap();
        let planned = as_from_nothing(&house, "a word about what never sold");
        assert!(quantity(&planned, &never).is_some());
        // What a person expects.
        house.decide(ann(), expected(&house, "S7", 9_000), "").unwrap();
        as_from_nothing(&house, "an override");
        house.undo(ann(), None).unwrap();
        as_from_nothing(&house, "an override undone");
        // A day goes by, and what was never forecast is.
        house.sim.as_ref().unwrap().advance_to(house.clock.now() + Span::days(1));
        as_from_nothing(&house, "midnight");
        let sales =
            (1..20).map(|days| sold(&format!("n{round}-{days}"), &format!("NEW{round}"), 3, days));
        tell(&house, house.clock.now(), sales.collect());
        house.forecast_bell.look();
        pass(&house, &mut Maker::default());
        as_from_nothing(&house, "new forecasts");
    }
}

#[test]
fn what_touches_one_line_leaves_the_others_as_they_are() {
    let dir = tempfile::tempdir().unwrap();
    let house = supplied(dir.path());
    as_from_nothing(&house, "nothing");
    // What was taken for changed is looked at once more when a change has been told to all.
    house.changed();
    let before = as_from_nothing(&house, "nothing again");
    tell(&house, at(3), vec![on_hand("S8", 3, at(2))]);
    let after = house.planner.plan(&house).unwrap();
    for (series, line) in &before.lines {
        let same = Arc::ptr_eq(&line.at, &after.lines[series].at);
        assert_eq!(same, series.sku.as_str() != "S8", "{}", series.sku);
        let is_of_order = line.at.supplier.is_some();
        let shared = Arc::ptr_eq(line, &after.lines[series]);
        assert!(is_of_order || shared, "{} is copied with every change", series.sku);
    }
    // Nothing has changed: it is the very plan that there is.
    assert!(Arc::ptr_eq(&after, &house.planner.plan(&house).unwrap()));
}

#[test]
fn what_is_forecast_later_on_the_same_day_gets_its_class_then() {
    let dir = tempfile::tempdir().unwrap();
    let house = supplied(dir.path());
    as_from_nothing(&house, "nothing");
    let sales = (1..120).map(|days| sold(&format!("n{days}"), "NEW", 30, days));
    tell(&house, at(3), sales.collect());
    pass(&house, &mut Maker::default());
    let plan = as_from_nothing(&house, "a history that came late");
    let class = |sku: &str| {
        let series = SeriesKey { sku: sku.into(), site: SiteId::main() };
        plan.lines[&series].class.to_string()
    };
    assert_eq!(class("NEW"), "AX", "it makes most of the turnover");
    assert_ne!(class("S1"), "AX", "so that others make less of it");
}

#[test]
fn what_sells_in_another_currency_does_not_make_the_others_small() {
    let dir = tempfile::tempdir().unwrap();
    let house = supplied(dir.path());
    let class = || {
        let plan = as_from_nothing(&house, "prices");
        plan.lines[&SeriesKey { sku: "S8".into(), site: SiteId::main() }].class
    };
    let before = class();
    assert_eq!(before.value, Value::A, "it sells most");
    let price = UnitPrice::parse("90000", Currency::parse("JPY").unwrap());
    tell(&house, at(3), vec![Record::Product(Product { price, ..Product::bare("S0".into()) })]);
    house.sim.as_ref().unwrap().advance_to(house.clock.now() + Span::days(1));
    assert_eq!(class(), before);
}

#[test]
fn what_a_feed_in_trouble_has_not_told_makes_the_plan_old_and_then_stops_it() {
    let dir = tempfile::tempdir().unwrap();
    let mut house = supplied(dir.path());
    let shop = Arc::get_mut(&mut house).unwrap();
    shop.kind = StoreKind::Live;
    may_by_itself(&house, Powers::ALL);
    let feed = FeedId::from("shop");
    house.board.register(&feed, "woocommerce", std::time::Duration::from_secs(60));
    let plan_of = |house: &House| {
        let plan = as_from_nothing(house, "a day");
        plan.lines[&SeriesKey { sku: "S8".into(), site: SiteId::main() }].plan.clone()
    };
    let down = FeedState::Retrying { attempts: 3, reason: "it is down".into() };
    house.board.state(&feed, down);
    let old = |line: &Proposal| {
        let note = |note: &Note| matches!(note, Note::OldForecast { .. }).then_some(*note);
        line.notes.iter().find_map(note)
    };
    let Plan::Proposed(today) = plan_of(&house) else { panic!("nothing is missing yet") };
    assert_eq!(old(&today), None);
    let clock = house.sim.clone().unwrap();
    clock.advance_to(clock.now() + Span::days(2));
    let Plan::Proposed(later) = plan_of(&house) else { panic!("two days are borne with") };
    assert_eq!(old(&later), Some(Note::OldForecast { days: 2 }));
    assert_eq!(house.approve_by_itself().unwrap(), 0, "on old figures a person decides");
    clock.advance_to(clock.now() + Span::days(8));
    let Plan::Blocked(blocked) = plan_of(&house) else { panic!("ten days are too many") };
    assert_eq!(blocked, Blocked::StaleForecast { days: 10 });
    // It is there again, and has nothing to tell.
    house.board.state(&feed, FeedState::Live);
    house.forecast_bell.look();
    pass(&house, &mut Maker::default());
    let Plan::Proposed(again) = plan_of(&house) else { panic!("all is told") };
    assert_eq!(old(&again), None);
    assert!(house.approve_by_itself().unwrap() > 0);
}

#[test]
fn a_live_store_whose_data_ended_long_ago_approves_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let mut house = supplied(dir.path());
    Arc::get_mut(&mut house).unwrap().kind = StoreKind::Live;
    let clock = house.sim.clone().unwrap();
    clock.advance_to(clock.now() + Span::days(40));
    house.forecast_bell.look();
    pass(&house, &mut Maker::default());
    let plan = as_from_nothing(&house, "forty days without a sale");
    let line = &plan.lines[&SeriesKey { sku: "S8".into(), site: SiteId::main() }];
    let Plan::Blocked(blocked) = &line.plan else { panic!("{:?}", line.plan) };
    assert_eq!(*blocked, Blocked::StaleForecast { days: 39 });
    let said = blocked.to_string();
    assert!(said.contains("39 days old") && said.contains("import newer orders"), "{said}");
    let line = Approval {
        sku: "S8".into(),
        site: SiteId::main(),
        supplier: None,
        qty: Qty::units(24),
        cost: None,
        due: None,
        suggested: None,
    };
    let refused = house.decide(ann(), Decision::Approve(line), "").unwrap_err().message;
    assert!(refused.contains("39 days old"), "{refused}");
}

#[test]
fn forecasts_are_made_anew_by_the_spread_as_soon_as_it_was_measured() {
    use crate::insight::forecast::{KeptSpread, Spread, Spreads};
    let dir = tempfile::tempdir().unwrap();
    let (house, mut maker) = (supplied(dir.path()), Maker::default());
    let look = |maker: &mut Maker| {
        house.forecast_bell.look();
        pass(&house, maker);
        let forecasts = house.forecasts.read();
        let (_, ahead) = forecasts.iter().next().unwrap();
        (ahead.totals.clone(), ahead.model.fingerprint.clone())
    };
    let (narrow, model) = look(&mut maker);
    let wider = serde_json::to_string(&Spread::default()).unwrap().replace("1.0", "1.5");
    let spread: Spread = serde_json::from_str(&wider).unwrap();
    let store = house.store().unwrap();
    let mut write = store.write();
    write.put::<Spreads>(&(), &KeptSpread { model, since: house.today(), spread }).unwrap();
    write.commit().unwrap();
    let (wide, _) = look(&mut maker);
    let last = wide.len() - 1;
    assert!(wide.at(last, 13) > 1.1 * narrow.at(last, 13), "not only after a restart");
    assert_eq!(wide, look(&mut Maker::default()).0, "nor is it another one after that");
}

#[test]
fn what_runs_short_is_measured_of_one_model_and_tells_nothing_of_another() {
    use crate::engine::forecasts::Shortages;
    use crate::insight::forecast::{KeptSpread, Spread, Spreads};
    use crate::plan::replenish::Shortage;
    let dir = tempfile::tempdir().unwrap();
    let house = supplied(dir.path());
    let measured: Shortage =
        serde_json::from_str("[0.001, 0.002, 0.004, 0.01, 0.02, 0.04, 0.1]").unwrap();
    let found = |model: &str| {
        let store = house.store().unwrap();
        let mut write = store.write();
        let (since, spread) = (house.today(), Spread::default());
        write.put::<Shortages>(&(), &measured).unwrap();
        write.put::<Spreads>(&(), &KeptSpread { model: model.into(), since, spread }).unwrap();
        write.commit().unwrap();
        house.forecast_bell.look();
        pass(&house, &mut Maker::default());
        house.planner.shortage()
    };
    let model = {
        let forecasts = house.forecasts.read();
        let (_, ahead) = forecasts.iter().next().unwrap();
        ahead.model.fingerprint.to_string()
    };
    assert_eq!(found(&model), measured);
    assert_eq!(found("another"), Shortage::default());
}
