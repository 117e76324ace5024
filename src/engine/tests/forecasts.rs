//! Forecasts: made when they are due, kept, and made anew for what has changed.

use super::*;
use crate::engine::api::{ForecastRow, GroupBy, PageOf, TotalRow};
use crate::engine::forecasts::Maker;
use crate::model::Weights;
use crate::model::registry::{self, Registry};
use std::collections::BTreeMap;

/// SKUs that sell.
pub(super) const SKUS: usize = 9;

/// Forecasts what is due; how many that were.
pub(super) fn pass(house: &Arc<House>, maker: &mut Maker) -> usize {
    maker.pass(&Arc::downgrade(house), &house.forecast_bell.take()).unwrap()
}

pub(super) fn sold(number: &str, sku: &str, units: i64, days_ago: i64) -> Record {
    let placed_at = at(-120 - days_ago * 24 * 60);
    let order = order(number, sku, units, OrderStatus::Shipped);
    Record::Order(Order { placed_at, shipped_at: Some(placed_at), updated_at: placed_at, ..order })
}

/// A house in which SKU n sells n + 1 units every other day for four months up to now; and one that
/// was last sold a year ago.
pub(super) fn selling(dir: &Path) -> Arc<House> {
    let house = house(dir);
    let mut records = vec![sold("old", "GONE", 40, 365)];
    for sku in 0..SKUS {
        // On each day some sell, so that the shop is open on all.
        for days_ago in (sku % 2..120).step_by(2) {
            let number = format!("{sku}-{days_ago}");
            records.push(sold(&number, &format!("S{sku}"), sku as i64 + 1, days_ago as i64));
        }
    }
    tell(&house, at(0), records);
    house
}

pub(super) fn rows(house: &House, filter: &str) -> BTreeMap<Sku, ForecastRow> {
    let page = PageOf { filter: filter.into(), limit: 50, ..PageOf::default() };
    match ask(house, Query::Forecasts(page)) {
        Answer::Forecasts(rows) => {
            rows.rows.into_iter().map(|row| (row.stock.sku.clone(), row)).collect()
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn what_sells_is_forecast_and_only_what_changed_is_forecast_anew() {
    let folder = tempfile::tempdir().unwrap();
    let house = selling(folder.path());
    let mut maker = Maker::default();
    assert_eq!(pass(&house, &mut maker), SKUS, "and not what sold a year ago");
    let first = rows(&house, "");
    assert_eq!(first.len(), SKUS);
    let today = house.today();
    for (n, row) in first.values().enumerate() {
        assert_eq!((row.first, row.old), (today, false));
        let usual = 14.0 * (n + 1) as f32;
        let near = row.daily * 28.0 / usual;
        assert!(
            (0.5..2.0).contains(&near),
            "{usual} units as a rule, {} expected",
            row.daily * 28.0
        );
        assert!(row.median <= row.high);
    }
    assert_eq!(pass(&house, &mut maker), 0);

    tell(&house, at(5), vec![sold("today", "S3", 5, 0)]);
    assert!(rows(&house, "is:old").is_empty());
    assert_eq!(pass(&house, &mut maker), 0, "today is not over");
    tell(&house, at(6), vec![sold("late", "S3", 500, 1)]);
    let old = rows(&house, "is:old");
    assert_eq!(old.keys().collect::<Vec<_>>(), [&Sku::new("S3")], "its forecast did not know that");
    assert_eq!(old[&Sku::new("S3")].first, today);
    assert_eq!(pass(&house, &mut maker), 1, "an order of yesterday that came late");
    assert!(rows(&house, "is:old").is_empty());
    let second = rows(&house, "");
    assert!(second[&Sku::new("S3")].daily > first[&Sku::new("S3")].daily);
    assert_eq!(second[&Sku::new("S4")], first[&Sku::new("S4")]);

    house.sim.as_ref().unwrap().advance_to(at(24 * 60));
    house.forecast_bell.look();
    assert_eq!(pass(&house, &mut maker), SKUS, "a new day");
    assert!(rows(&house, "").values().all(|row| row.first == today.plus(1)));
}

#[test]
fn forecasts_survive_a_start_and_are_old_until_another_model_has_made_them() {
    let folder = tempfile::tempdir().unwrap();
    let house = selling(folder.path());
    assert_eq!(pass(&house, &mut Maker::default()), SKUS);
    let before = rows(&house, "");
    drop(house);

    let house = super::house(folder.path());
    let mut maker = Maker::default();
    assert_eq!(pass(&house, &mut maker), 0, "nothing has changed");
    assert_eq!(rows(&house, ""), before);

    let other = Weights::fresh(5).unwrap();
    let models = folder.path().join("models");
    registry::write(&models.join("v0001"), &other, None).unwrap();
    let registry = Registry::of(folder.path());
    registry.use_version("v0001").unwrap();
    house.forecast_bell.look();
    assert_eq!(pass(&house, &mut maker), SKUS);
    let after = rows(&house, "");
    assert!(after.values().all(|row| &*row.model == "v0001" && !row.old));

    // Of a model that cannot be read nothing comes, and what was known stays.
    registry.use_version("shipped").unwrap();
    std::fs::write(models.join("v0001/model.safetensors"), b"broken").unwrap();
    std::fs::write(models.join("current"), b"v0001").unwrap();
    house.forecast_bell.anew();
    let failed = Maker::default().pass(&Arc::downgrade(&house), &house.forecast_bell.take());
    let sentence = failed.unwrap_err().to_string();
    assert!(sentence.contains("models use shipped"), "{sentence}");
    let known = rows(&house, "is:old");
    assert_eq!(known.len(), SKUS);
    assert_eq!(known[&Sku::new("S0")].median, after[&Sku::new("S0")].median);
}

#[test]
fn days_without_stock_are_missing_and_not_days_without_demand() {
    let folder = tempfile::tempdir().unwrap();
    let house = selling(folder.path());
    // Both sell 4 a day until they sold their last one 30 days ago; of the one it is known why.
    let records = ["OUT", "DEAD"].into_iter().flat_map(|sku| {
        (30..120).map(move |days_ago| sold(&format!("{sku}-{days_ago}"), sku, 4, days_ago))
    });
    tell(&house, at(1), records.collect());
    let then = at(-29 * 24 * 60);
    tell(&house, then, vec![on_hand("OUT", 0, then)]);
    pass(&house, &mut Maker::default());
    let rows = rows(&house, "");
    let daily = |sku: &str| rows[&Sku::new(sku)].daily;
    assert!(daily("OUT") > 2.0, "{} a day", daily("OUT"));
    assert!(daily("OUT") > 1.4 * daily("DEAD"), "{} and {}", daily("OUT"), daily("DEAD"));
}

#[test]
fn days_that_sold_out_are_forecast_by_what_would_have_been_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    let house = selling(folder.path());
    // Both sold 4 a day, and 2 a day for four weeks; of the one it is known that its shelf was empty from
    // ten in the morning on.
    let both = |days_ago: i64| {
        let units = if days_ago < 28 { 2 } else { 4 };
        ["TEN", "LESS"].map(|sku| sold(&format!("{sku}-{days_ago}"), sku, units, days_ago)).to_vec()
    };
    tell(&house, at(-28 * 24 * 60), (28..120).rev().flat_map(both).collect());
    for days_ago in (0..28).rev() {
        // At midnight there are two, and both are sold at ten.
        let midnight = at(-12 * 60 - days_ago * 24 * 60);
        tell(&house, midnight, vec![on_hand("TEN", 2, midnight)]);
        tell(&house, midnight + Span::hours(11), both(days_ago));
    }
    pass(&house, &mut Maker::default());
    let rows = rows(&house, "");
    let daily = |sku: &str| rows[&Sku::new(sku)].daily;
    assert!(daily("TEN") > 1.3 * daily("LESS"), "{} and {}", daily("TEN"), daily("LESS"));
}

#[test]
fn stock_lasts_as_long_as_the_forecast_says() {
    let folder = tempfile::tempdir().unwrap();
    let house = selling(folder.path());
    // S8 sells 4.5 a day.
    tell(&house, at(1), vec![on_hand("S8", 30, at(0)), on_hand("S1", 4_000, at(0))]);
    pass(&house, &mut Maker::default());
    let lasts = |sku: &str| rows(&house, "")[&Sku::new(sku)].lasts.clone();
    let short = lasts("S8").unwrap();
    let days = short.until.unwrap().number() - house.today().number();
    assert!((3..=14).contains(&days), "30 units at 4.5 a day last a week, and not {days} days");
    assert!(short.risk > 0.6 && short.lead.is_none(), "{short:?}");
    let plenty = lasts("S1").unwrap();
    assert!(plenty.until.is_none() && plenty.risk < 0.01, "{plenty:?}");
    assert_eq!(lasts("S2"), None, "nobody has said what is there");
    let Answer::Forecasts(all) =
        ask(&house, Query::Forecasts(PageOf { limit: 1, ..PageOf::default() }))
    else {
        panic!("no forecasts")
    };
    assert_eq!(all.rows[0].stock.sku, Sku::new("S8"), "what runs out first stands first");
    assert_eq!(rows(&house, "risk:>60").len(), 1);

    let Answer::Sku(Some(sku)) = ask(&house, Query::Sku("S8".into(), 30)) else { panic!("no SKU") };
    let [Some(whole)] = sku.forecasts.as_slice() else { panic!("one site, one forecast") };
    assert_eq!((whole.days.len(), whole.totals.len(), whole.left.len()), (28, 28, 28));
    assert_eq!(whole.row.lasts.as_ref(), Some(&short));
    assert_eq!(whole.sold.iter().rev().take(4).sum::<f32>(), 18.0, "up to yesterday");
    assert_eq!(whole.open.len(), whole.sold.len() + 28);
    assert!(whole.left.is_sorted_by(|a, b| a >= b) && whole.left[27] == 0.0, "{:?}", whole.left);

    let coming = Record::PurchaseOrder(PurchaseOrder {
        number: "PO-1".into(),
        supplier: "HARG".into(),
        site: SiteId::main(),
        status: PoStatus::Sent,
        ordered_at: at(-1_000),
        due_at: Some(at(24 * 60)),
        updated_at: at(-1_000),
        lines: vec![PoLine {
            sku: "S8".into(),
            qty: Qty::units(5_000),
            received: Qty::ZERO,
            cost: None,
        }],
    });
    let supplier = Record::Supplier(Supplier {
        id: "HARG".into(),
        name: "Hargreaves".into(),
        lead_time_days: Some(6),
        review_weekday: None,
        min_order: None,
    });
    let product = Product { supplier: Some("HARG".into()), ..Product::bare("S8".into()) };
    tell(&house, at(2), vec![coming, supplier, Record::Product(product)]);
    let saved = lasts("S8").unwrap();
    assert!(saved.until.is_none() && saved.risk < 0.1, "{saved:?}");
    assert_eq!(saved.lead.map(|lead| lead.days), Some(6));
}

fn totals(house: &House, by: GroupBy, filter: &str) -> Vec<TotalRow> {
    let page = PageOf { filter: filter.into(), limit: 50, ..PageOf::default() };
    match ask(house, Query::Totals(by, page)) {
        Answer::Totals(rows) => rows.rows,
        other => panic!("{other:?}"),
    }
}

#[test]
fn totals_are_made_from_the_forecasts_that_they_lead_to() {
    let folder = tempfile::tempdir().unwrap();
    let house = selling(folder.path());
    assert!(totals(&house, GroupBy::Site, "").is_empty(), "nothing is forecast yet");
    // S0 to S4 are kitchen ware, S5 is for the table, the others are anything.
    let product = |sku: usize, category: &str| {
        let category = Some(Category::new(category));
        Record::Product(Product { category, ..Product::bare(Sku::new(format!("S{sku}"))) })
    };
    let mut products: Vec<Record> = (0..5).map(|sku| product(sku, "Kitchen")).collect();
    products.push(product(5, "Kitchen & table"));
    products.push(on_hand("S2", 1, at(0)));
    tell(&house, at(1), products);
    pass(&house, &mut Maker::default());
    let all = totals(&house, GroupBy::Category, "");
    let of = |name: Option<&str>| all.iter().find(|row| row.name.as_deref() == name).unwrap();
    assert_eq!(all.len(), 3);
    let (kitchen, table, other) = (of(Some("Kitchen")), of(Some("Kitchen & table")), of(None));
    assert_eq!((kitchen.parts, table.parts, other.parts), (5, 1, 3));
    assert_eq!((kitchen.run_out, other.run_out), (1, 0));
    // 14 sales of S5, and 14 of each of S6, S7 and S8, up to yesterday.
    assert_eq!((table.sold, other.sold), (14.0 * 6.0, 14.0 * (7.0 + 8.0 + 9.0)));

    // The total of one is that one; the parts of each are what its filter finds.
    let parts = |filter: &str| rows(&house, filter);
    let alone = &parts("category:\"kitchen & table\"")[&Sku::new("S5")];
    assert_eq!((table.median, table.high, table.daily), (alone.median, alone.high, alone.daily));
    let five = parts("category:\"Kitchen\"");
    assert_eq!(five.len(), 5, "and not what is for the table");
    assert_eq!(parts("is:no-category").len(), 3);
    let sum = |of: fn(&ForecastRow) -> f32| five.values().map(of).sum::<f32>();
    assert!((kitchen.daily / sum(|row| row.daily) - 1.0).abs() < 1e-4, "means add up");
    assert!((kitchen.parts_high / sum(|row| row.high) - 1.0).abs() < 1e-4);
    assert!(kitchen.median <= kitchen.high && kitchen.high <= kitchen.parts_high);

    let whole = totals(&house, GroupBy::Site, "");
    assert_eq!((whole.len(), whole[0].parts), (1, SKUS as u32));
    let sum: f32 = all.iter().map(|row| row.daily).sum();
    assert!((whole[0].daily / sum - 1.0).abs() < 1e-4, "whatever it is added up by");
    assert_eq!(totals(&house, GroupBy::Category, "run_out:>0").len(), 1);
    // What is said of parts leaves out parts; what is said of groups leaves out groups.
    let kitchens = totals(&house, GroupBy::Site, "category:\"kitchen\"");
    assert_eq!((kitchens.len(), kitchens[0].parts), (1, 5));
    assert!((kitchens[0].expected() / 28.0 / kitchen.daily - 1.0).abs() < 1e-4);
    assert!(totals(&house, GroupBy::Site, "category:garden").is_empty());
    assert_eq!(totals(&house, GroupBy::Supplier, "is:unknown").len(), 1, "nobody named one");
}

#[test]
fn a_lead_time_longer_than_the_forecast_has_its_chance_and_its_total() {
    let folder = tempfile::tempdir().unwrap();
    let house = selling(folder.path());
    // S8 sells 4.5 a day: 190 are six weeks of it.
    let product = Product { supplier: Some("FAR".into()), ..Product::bare("S8".into()) };
    tell(&house, at(1), vec![on_hand("S8", 190, at(0)), Record::Product(product)]);
    pass(&house, &mut Maker::default());
    let with_lead = |minute: i64, days: u16| {
        let supplier = Supplier {
            id: "FAR".into(),
            name: "Far away".into(),
            lead_time_days: Some(days),
            review_weekday: None,
            min_order: None,
        };
        tell(&house, at(minute), vec![Record::Supplier(supplier)]);
        rows(&house, "")[&Sku::new("S8")].clone()
    };
    let row = with_lead(2, 90);
    let lasts = row.lasts.unwrap();
    let lead = lasts.lead.unwrap();
    assert!(lasts.risk < 0.3, "it lasts 28 days: {}", lasts.risk);
    assert!(lead.risk > 0.7, "and not 90: {}", lead.risk);
    let usual = 90.0 * row.daily;
    assert!((0.7..1.3).contains(&(lead.median / usual)), "{} of {usual}", lead.median);
    assert!(lead.high > lead.median);
    assert_eq!(rows(&house, "lead_risk:>70").len(), 1);

    let within = with_lead(3, 28).lasts.unwrap();
    let lead = within.lead.unwrap();
    assert_eq!((lead.risk, lead.days), (within.risk, 28), "the forecast's own days");
    assert_eq!(with_lead(4, 0).lasts.unwrap().lead, None, "no time at all");
    assert_eq!(with_lead(5, 4_000).lasts.unwrap().lead, None, "nothing is known of ten years");
}

#[test]
fn a_new_item_is_told_what_others_sell_and_an_old_one_is_not() {
    let folder = tempfile::tempdir().unwrap();
    let house = selling(folder.path());
    tell(&house, at(1), vec![sold("first", "NEW", 1, 2)]);
    pass(&house, &mut Maker::default());
    let peers = |sku: &str| match ask(&house, Query::Sku(sku.into(), 30)) {
        Answer::Sku(Some(detail)) => {
            detail.forecasts.iter().flatten().next().and_then(|forecast| forecast.peers)
        }
        other => panic!("{other:?}"),
    };
    assert_eq!(peers("S3"), None);
    // The others sell 0.5 to 4.5 a day.
    let level = peers("NEW").unwrap();
    assert!((0.5..4.5).contains(&level), "{level} a day");
}
