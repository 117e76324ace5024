//! How good forecasts were: issued once, scored when their days are over, looked back on where nothing
//! was issued; and which model makes them.

use super::forecasts::{SKUS, pass, rows, selling, sold};
use super::*;
use crate::engine::api::{ModelAccuracy, ModelsReport};
use crate::engine::forecasts::Maker;
use crate::feed::FeedState;
use crate::insight::accuracy::{IssuedForecasts, Made, Rounds};
use crate::model::Weights;
use crate::model::registry::{self, Registry};

const BOLT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/chronos_bolt");

/// Lets `days` pass since the beginning, on each of which SKU n sells n + 1 units every other day.
fn live_on(house: &House, from: i64, days: i64) {
    let mut records = Vec::new();
    for day in from..from + days {
        for sku in (0..SKUS as i64).filter(|sku| (sku + day) % 2 == 0) {
            records.push(sold(&format!("{sku}+{day}"), &format!("S{sku}"), sku + 1, -day));
        }
    }
    let now = at((from + days) * 24 * 60);
    house.sim.as_ref().unwrap().advance_to(now);
    tell(house, now, records);
    house.forecast_bell.look();
}

fn report(house: &House) -> ModelsReport {
    match ask(house, Query::Models) {
        Answer::Models(report) => *report,
        other => panic!("{other:?}"),
    }
}

fn accuracy(house: &House, made: Made) -> Option<ModelAccuracy> {
    report(house).accuracy.into_iter().find(|one| one.made == made)
}

fn look_back(house: &Arc<House>, maker: &mut Maker) -> usize {
    let weak = Arc::downgrade(house);
    (0..100).take_while(|_| maker.look_back(&weak).unwrap()).count()
}

#[test]
fn what_was_issued_is_scored_as_its_days_end_and_then_let_go() {
    let folder = tempfile::tempdir().unwrap();
    let house = selling(folder.path());
    let mut maker = Maker::default();
    pass(&house, &mut maker);
    assert_eq!(accuracy(&house, Made::Before), None, "nothing is over yet");
    let issued = || house.store().unwrap().count::<IssuedForecasts>().unwrap();
    assert_eq!(issued(), SKUS);
    let first = |house: &House| {
        let store = house.store().unwrap();
        store.scan::<IssuedForecasts>(..).map(Result::unwrap).next().unwrap()
    };
    let said = first(&house);

    // An order of the past that comes late changes the forecast, and not what was issued.
    tell(&house, at(5), vec![sold("late", "S0", 300, 1)]);
    assert_eq!(pass(&house, &mut maker), 1);
    live_on(&house, 0, 1);
    assert_eq!(pass(&house, &mut maker), SKUS);
    assert_eq!((issued(), first(&house)), (SKUS, said), "the week is issued once");

    live_on(&house, 1, 6);
    pass(&house, &mut maker);
    let week = accuracy(&house, Made::Before).unwrap();
    let all = &week.classes[0];
    assert_eq!((week.weeks, all.class, all.overall.days), (1, None, 7 * SKUS as u64));
    let total = all.overall.totals[0].as_ref().unwrap();
    assert_eq!((total.count, &all.overall.totals[2]), (SKUS as u64, &None));
    assert!(all.overall.wql.unwrap() > 0.0 && all.overall.added().is_some());
    assert_eq!(issued(), 2 * SKUS, "the next week is issued, and this one has more to say");

    live_on(&house, 7, 21);
    pass(&house, &mut maker);
    let over = accuracy(&house, Made::Before).unwrap();
    let total = over.classes[0].overall.totals[2].as_ref().unwrap();
    assert_eq!(total.count, SKUS as u64);
    assert!(total.bias.abs() < 0.6, "{total:?}");
    let series = &rows(&house, "")[&Sku::new("S4")];
    let known = series.accuracy.unwrap();
    assert_eq!((known.made, known.weeks), (Made::Before, 2));
    assert_eq!(rows(&house, "off:>0").len(), SKUS);

    let before = report(&house);
    drop(house);
    let house = super::house(folder.path());
    house.sim.as_ref().unwrap().advance_to(at(28 * 24 * 60));
    pass(&house, &mut Maker::default());
    assert_eq!(report(&house).accuracy, before.accuracy, "kept over a start");
    let left = house.store().unwrap();
    let origins = left.scan::<IssuedForecasts>(..).map(|record| record.unwrap().0.0);
    let first_origin = at(0).day(&Zone::utc()).plus(-1);
    assert!({ origins }.all(|origin| origin > first_origin), "what is scored in full is let go");
}

#[test]
fn days_without_stock_are_not_scored_as_days_without_demand() {
    let folder = tempfile::tempdir().unwrap();
    let house = selling(folder.path());
    let mut maker = Maker::default();
    pass(&house, &mut maker);
    // Of S8 the last one is sold on the second day.
    let out = at(24 * 60 + 600);
    live_on(&house, 0, 2);
    tell(&house, out, vec![on_hand("S8", 0, out)]);
    let now = at(8 * 24 * 60);
    house.sim.as_ref().unwrap().advance_to(now);
    let others = (2..8).flat_map(|day| {
        (0..SKUS as i64 - 1)
            .map(move |sku| sold(&format!("{sku}+{day}"), &format!("S{sku}"), 1, -day))
    });
    tell(&house, now, others.collect());
    house.forecast_bell.look();
    pass(&house, &mut maker);
    let all = accuracy(&house, Made::Before).unwrap().classes[0].overall.clone();
    let known = all.days - 7 * (SKUS as u64 - 1);
    assert!((1..=3).contains(&known), "{known} days of S8");
    assert_eq!(all.totals[0].as_ref().unwrap().count, SKUS as u64 - 1, "its total is not known");
}

#[test]
fn a_week_is_issued_whatever_the_name_of_the_model_that_made_it() {
    let folder = tempfile::tempdir().unwrap();
    let house = selling(folder.path());
    pass(&house, &mut Maker::default());
    // The owner was killed before it had issued anything, and the weights have another name by now.
    let store = house.store().unwrap();
    let mut write = store.write();
    for record in store.scan::<Rounds>(..) {
        write.delete::<Rounds>(&record.unwrap().0);
    }
    for record in store.scan::<IssuedForecasts>(..) {
        write.delete::<IssuedForecasts>(&record.unwrap().0);
    }
    write.commit().unwrap();
    let weights = crate::model::shipped().unwrap();
    registry::write(&folder.path().join("models/again"), &weights, None).unwrap();
    Registry::of(folder.path()).use_version("again").unwrap();
    house.forecast_bell.anew();
    assert_eq!(pass(&house, &mut Maker::default()), 0, "nothing is forecast anew");
    assert_eq!(store.count::<IssuedForecasts>().unwrap(), SKUS);
}

#[test]
fn days_that_no_feed_has_told_of_yet_are_not_scored() {
    let folder = tempfile::tempdir().unwrap();
    let house = selling(folder.path());
    let mut maker = Maker::default();
    pass(&house, &mut maker);
    let first = house.first_ahead();
    let feed = FeedId::from("shop");
    house.board.register(&feed, "woocommerce", std::time::Duration::from_secs(60));
    let down = FeedState::Retrying { attempts: 3, reason: "it is down".into() };
    house.board.state(&feed, down);
    let clock = house.sim.as_ref().unwrap();
    clock.advance_to(at(9 * 24 * 60));
    house.forecast_bell.look();
    assert_eq!(pass(&house, &mut maker), 0, "the days since are not known");
    assert_eq!((house.first_ahead(), accuracy(&house, Made::Before)), (first, None));

    // It is there again, and has not said anything yet.
    house.board.state(&feed, FeedState::Live);
    house.forecast_bell.look();
    assert_eq!(pass(&house, &mut maker), SKUS);
    assert_eq!(accuracy(&house, Made::Before), None, "nine days without any order are none");
    live_on(&house, 0, 9);
    pass(&house, &mut maker);
    let all = accuracy(&house, Made::Before).unwrap().classes[0].overall.clone();
    assert_eq!(all.days, 7 * SKUS as u64);
    let total = all.totals[0].as_ref().unwrap();
    assert!(total.bias.abs() < 0.6, "{total:?}");
}

#[test]
fn a_new_store_looks_back_and_never_mixes_that_with_what_was_issued() {
    let folder = tempfile::tempdir().unwrap();
    let house = selling(folder.path());
    let mut maker = Maker::default();
    pass(&house, &mut maker);
    assert_eq!(look_back(&house, &mut maker), 12);
    assert_eq!(look_back(&house, &mut maker), 0, "once is enough");
    let back = accuracy(&house, Made::Afterwards).unwrap();
    assert_eq!((back.weeks, &*back.model), (12, "shipped"));
    let all = &back.classes[0].overall;
    assert!(all.added().unwrap() > 0.0, "better than last week again: {all:?}");
    assert!(back.classes.len() > 1, "by class too");
    let per_class: u64 = back.classes[1..].iter().map(|class| class.overall.days).sum();
    assert_eq!(per_class, all.days);
    assert_eq!(accuracy(&house, Made::Before), None);
    let known = rows(&house, "")[&Sku::new("S4")].accuracy.unwrap();
    assert_eq!(known.made, Made::Afterwards);

    live_on(&house, 0, 7);
    pass(&house, &mut maker);
    assert_eq!(accuracy(&house, Made::Afterwards).unwrap(), back);
    assert_eq!(accuracy(&house, Made::Before).unwrap().weeks, 1);
    let known = rows(&house, "")[&Sku::new("S4")].accuracy.unwrap();
    assert_eq!((known.made, known.weeks), (Made::Before, 1));
}

#[test]
fn a_model_does_not_look_back_on_days_that_it_learnt_from() {
    let folder = tempfile::tempdir().unwrap();
    let house = selling(folder.path());
    let mut weights = Weights::fresh(5).unwrap();
    weights.origin.seen_until = Some(house.today().plus(-40).civil());
    registry::write(&folder.path().join("models/v0001"), &weights, None).unwrap();
    Registry::of(folder.path()).use_version("v0001").unwrap();
    let mut maker = Maker::default();
    pass(&house, &mut maker);
    let weeks = look_back(&house, &mut maker);
    assert!((1..=2).contains(&weeks), "{weeks} weeks between 40 and 28 days ago");
}

#[test]
fn another_model_is_used_from_the_console_and_rolled_back() {
    let folder = tempfile::tempdir().unwrap();
    let house = selling(folder.path());
    let registry = Registry::of(folder.path());
    registry.add(Path::new(BOLT), "bolt").unwrap();
    assert!(registry.add(Path::new(BOLT), "bolt").is_err(), "its name is taken");
    std::fs::create_dir(folder.path().join("models/photos")).unwrap();
    std::fs::create_dir(folder.path().join("models/v0007")).unwrap();
    std::fs::write(folder.path().join("models/v0007/model.safetensors"), "torn").unwrap();
    let mut maker = Maker::default();
    pass(&house, &mut maker);
    let by_own = rows(&house, "");

    assert!(house.use_model(ann(), "v0009", "").unwrap_err().usage);
    assert!(house.use_model(ann(), "v0007", "").is_err());
    house.use_model(ann(), "bolt", "").unwrap();
    let told = report(&house);
    assert_eq!(told.forecasts, (0, SKUS as u64), "none is by it until the next pass");
    assert_eq!(pass(&house, &mut maker), SKUS);
    let by_bolt = rows(&house, "");
    for (sku, row) in &by_bolt {
        assert_eq!(&*row.model, "bolt");
        assert!(row.daily > 0.0 && row.daily != by_own[sku].daily, "{sku}");
    }
    let told = report(&house);
    let names: Vec<_> = told.versions.iter().map(|version| &*version.name).collect();
    assert_eq!(names, ["shipped", "bolt", "v0007"]);
    assert_eq!(told.in_use().unwrap().about.as_ref().unwrap().kind.name(), "Chronos-Bolt");
    assert!(told.versions[2].about.is_err(), "named, and no reason to fail");
    assert_eq!(told.before.as_deref(), Some("shipped"));
    assert_eq!(told.foreign, [Box::from("photos")]);
    assert_ne!(
        told.versions[0].about.as_ref().unwrap().fingerprint,
        told.versions[1].about.as_ref().unwrap().fingerprint
    );

    assert!(house.use_model(ann(), "bolt", "").unwrap_err().message.contains("in use already"));

    // The journal keeps who changed it, and undoing goes back.
    let last = house.journal.lock().entry(1).unwrap().unwrap();
    assert_eq!(last.decision.summary(), "bolt in place of shipped");
    assert_eq!(&*last.actor.user, "ann");
    house.undo(ann(), None).unwrap();
    assert_eq!(pass(&house, &mut maker), SKUS);
    assert_eq!(rows(&house, ""), by_own);
}

#[test]
fn a_new_sku_is_forecast_from_what_is_like_it() {
    let folder = tempfile::tempdir().unwrap();
    let house = selling(folder.path());
    let named = |sku: &str, name: &str| {
        Record::Product(Product { name: Some(name.into()), ..Product::bare(sku.into()) })
    };
    let mut records = Vec::new();
    for n in 0..12 {
        let (name, units) =
            if n < 6 { ("red garden lantern", 40) } else { ("silver napkin ring", 1) };
        records.push(named(&format!("K{n}"), &format!("{name} {n}")));
        for days_ago in 0..100 {
            let number = format!("k{n}-{days_ago}");
            records.push(sold(&number, &format!("K{n}"), units, days_ago));
        }
    }
    for (sku, name) in [("NEWL", "blue garden lantern"), ("NEWR", "golden napkin ring")] {
        records.push(named(sku, name));
        records.push(sold(&format!("first-{sku}"), sku, 3, 2));
    }
    tell(&house, at(1), records);
    pass(&house, &mut Maker::default());
    let rows = rows(&house, "");
    let (lantern, ring) = (rows[&Sku::new("NEWL")].daily, rows[&Sku::new("NEWR")].daily);
    assert!(lantern > 1.5 * ring, "{lantern} of a lantern, {ring} of a ring");
}
