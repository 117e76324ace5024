//! Overrides of the forecast: set by a person, laid over what the model says, over by themselves,
//! measured.

use super::forecasts::{pass, rows, selling, sold};
use super::*;
use crate::engine::api::{ForecastRow, Outcome, OverrideRow, PageOf, SiteForecast};
use crate::engine::forecasts::Maker;
use crate::insight::forecast::Stage;

fn expect(house: &House, sku: &str, expects: Expectation, days: (i32, i32)) -> u64 {
    let first = house.first_ahead();
    let decision = Decision::Override {
        sku: sku.into(),
        site: None,
        from: first.plus(days.0),
        to: first.plus(days.1),
        expects,
        reason: "fair".into(),
        model: Vec::new(),
    };
    match house.decide(ann(), decision, "28 d 126").unwrap() {
        Outcome::Journalled(seq) => seq,
        other => panic!("{other:?}"),
    }
}

fn row(house: &House, sku: &str) -> ForecastRow {
    rows(house, "")[&Sku::new(sku)].clone()
}

fn by_day(house: &House, sku: &str) -> SiteForecast {
    let Answer::Sku(Some(sku)) = ask(house, Query::Sku(sku.into(), 30)) else { panic!("no SKU") };
    sku.forecasts[0].as_deref().unwrap().clone()
}

fn listed(house: &House, filter: &str) -> Vec<OverrideRow> {
    let page = PageOf { filter: filter.into(), limit: 50, ..PageOf::default() };
    match ask(house, Query::Overrides(page)) {
        Answer::Overrides(rows) => rows.rows,
        other => panic!("{other:?}"),
    }
}

fn near(a: f32, b: f32, share: f32) -> bool {
    (a - b).abs() <= share * b.abs()
}

#[test]
fn an_override_stands_before_the_models_own_forecast_and_never_in_it() {
    let folder = tempfile::tempdir().unwrap();
    let house = selling(folder.path());
    tell(&house, at(1), vec![on_hand("S8", 150, at(0))]);
    let mut maker = Maker::default();
    pass(&house, &mut maker);
    let (before, days_before) = (row(&house, "S8"), by_day(&house, "S8"));
    let risk = |row: &ForecastRow| row.lasts.as_ref().unwrap().risk;
    let seq = expect(&house, "S8", Expectation::Percent(100), (0, 27));

    let after = row(&house, "S8");
    assert!(near(after.median, 2.0 * before.median, 0.02), "{} {}", before.median, after.median);
    assert!(risk(&after) > risk(&before), "twice as much is asked for");
    let changed = after.overridden.as_ref().unwrap();
    assert_eq!((changed.own.median, &changed.own.lasts), (before.median, &before.lasts));
    let by = &changed.by[0];
    assert_eq!((by.entry, &*by.who, &*by.reason), (seq, "ann", "fair"));
    assert_eq!(by.until, house.first_ahead().plus(27));
    assert_eq!(rows(&house, "is:overridden").len(), 1);

    let days = by_day(&house, "S8");
    let own = days.own.as_ref().unwrap();
    assert_eq!((&own.days, &own.totals), (&days_before.days, &days_before.totals));
    assert!(near(days.days[3][10], 2.0 * own.days[3][10], 0.01));
    assert!(days.left[9] < days_before.left[9]);
    assert_eq!(pass(&house, &mut maker), 0, "no forecast is another one for it");

    house.undo(ann(), Some(seq)).unwrap();
    assert_eq!(row(&house, "S8"), before);
    assert_eq!(listed(&house, "")[0].stage, Stage::Withdrawn);
    house.undo(ann(), None).unwrap_err();
    house.undo(ann(), Some(seq + 1)).unwrap();
    assert_eq!(row(&house, "S8"), after, "the undo was undone");
}

#[test]
fn an_override_is_of_the_journal_and_survives_the_store() {
    let folder = tempfile::tempdir().unwrap();
    let house = selling(folder.path());
    pass(&house, &mut Maker::default());
    let gone = expect(&house, "S2", Expectation::Units(Qty::units(70)), (2, 8));
    expect(&house, "S3", Expectation::Percent(-50), (0, 4));
    let end = Decision::EndOverride { over: gone, sku: "".into(), from: None, before: None };
    house.decide(ann(), end, "").unwrap();
    let before = listed(&house, "");
    assert_eq!(
        before.iter().map(|row| row.stage).collect::<Vec<_>>(),
        [Stage::InForce, Stage::Withdrawn]
    );
    drop(house);
    assert_eq!(listed(&super::house(folder.path()), ""), before);
    std::fs::remove_dir_all(folder.path().join("store")).unwrap();
    assert_eq!(listed(&super::house(folder.path()), ""), before);
}

#[test]
fn an_override_ends_by_itself_and_tells_what_it_was_worth() {
    let folder = tempfile::tempdir().unwrap();
    let house = selling(folder.path());
    pass(&house, &mut Maker::default());
    // S8 sells 9 every other day, so some 18 in four days.
    expect(&house, "S8", Expectation::Units(Qty::units(60)), (0, 3));
    let set = listed(&house, "is:on").remove(0);
    assert!((9.0..36.0).contains(&set.model) && near(set.person, 60.0, 0.001), "{set:?}");
    assert_eq!(set.value, None);

    // Days pass: 20 more sell on two of them, then there is nothing to sell on a whole one.
    let days = |days: i64| at(days * 24 * 60);
    house.sim.as_ref().unwrap().advance_to(days(1));
    tell(&house, days(1), vec![sold("a", "S8", 20, 0), sold("b", "S8", 20, -1)]);
    house.sim.as_ref().unwrap().advance_to(days(2));
    tell(&house, at(36 * 60), vec![on_hand("S8", 0, at(35 * 60))]);
    house.sim.as_ref().unwrap().advance_to(days(4));
    tell(&house, days(4), vec![sold("other", "S1", 1, -4)]);
    house.forecast_bell.look();
    pass(&house, &mut Maker::default());

    assert_eq!(row(&house, "S8").overridden, None, "its last day is over");
    assert!(listed(&house, "is:on").is_empty());
    let over = listed(&house, "is:over").remove(0);
    let value = over.value.unwrap();
    assert_eq!((value.sold, value.missing), (49.0, 2), "9 of them before it was set: {value:?}");
    assert!(value.model < set.model && value.person < 60.0, "days without stock are left out");
    assert!(value.units() > 0.0, "it came nearer than the model: {value:?}");
    let Answer::Sku(Some(sku)) = ask(&house, Query::Sku("S8".into(), 30)) else { panic!("no SKU") };
    assert_eq!(sku.overrides[0].value, Some(value), "and says so on the SKU's page");
}

#[test]
fn within_a_long_lead_time_an_override_counts_on_its_own_days() {
    let folder = tempfile::tempdir().unwrap();
    let house = selling(folder.path());
    let supplier = Supplier {
        id: "FAR".into(),
        name: "Far away".into(),
        lead_time_days: Some(90),
        review_weekday: None,
        min_order: None,
    };
    let product = Product { supplier: Some("FAR".into()), ..Product::bare("S8".into()) };
    let records = [Record::Supplier(supplier), Record::Product(product)];
    tell(&house, at(1), records.into_iter().chain([on_hand("S8", 500, at(0))]).collect());
    pass(&house, &mut Maker::default());
    let before = row(&house, "S8");
    let lead = |row: &ForecastRow| row.lasts.as_ref().unwrap().lead.clone().unwrap();
    let more = |row: &ForecastRow| (lead(row).median - lead(&before).median) / before.daily;

    // A week at four times as much is three weeks more in 90 days, and not 90 days at that rate.
    let week = expect(&house, "S8", Expectation::Percent(300), (21, 27));
    let after = row(&house, "S8");
    assert!((15.0..28.0).contains(&more(&after)), "{} days more", more(&after));
    assert!(lead(&after).risk > lead(&before).risk);
    house.undo(ann(), Some(week)).unwrap();

    // What lies beyond the forecast's own days counts in the lead time alone.
    expect(&house, "S8", Expectation::Percent(100), (40, 60));
    let after = row(&house, "S8");
    assert_eq!((after.median, after.high), (before.median, before.high));
    assert!((15.0..28.0).contains(&more(&after)), "{} days more", more(&after));
    let own = after.overridden.as_ref().unwrap();
    assert_eq!(own.own.lasts, before.lasts);
    // And what begins after it counts in neither.
    expect(&house, "S8", Expectation::Percent(900), (90, 100));
    assert_eq!(row(&house, "S8"), after);
}
