//! "Would it have worked?": a small store's past, played again.

use super::forecasts::sold;
use super::*;
use crate::engine::api::{Backtest, Backtests, PolicyFigures, Refusal};
use crate::engine::backtest::{self, BACKTEST};
use crate::engine::tables;
use crate::engine::work::Cancel;
use crate::plan::replenish::{Service, Services};
use crate::stock::Outs;

/// A house that has sold two mugs a day for so many days, up to yesterday. Acme delivers them in a week.
fn mugs(dir: &Path, days: i64) -> Arc<House> {
    let house = house(dir);
    let supplier = Supplier {
        id: "ACME".into(),
        name: "Acme".into(),
        lead_time_days: Some(7),
        review_weekday: None,
        min_order: None,
    };
    let product = Product {
        supplier: Some("ACME".into()),
        cost: UnitPrice::parse("2.50", Currency::GBP),
        price: UnitPrice::parse("6.00", Currency::GBP),
        ..Product::bare("MUG".into())
    };
    let mut records = vec![Record::Supplier(supplier), Record::Product(product)];
    records.extend((1..=days).map(|ago| sold(&format!("m{ago}"), "MUG", 2, ago)));
    tell(&house, at(0), records);
    house
}

fn replay(house: &House) -> Result<Backtest, Refusal> {
    let running = house.begin_backtest(&Cancel::default())?;
    house.backtest(26, running)
}

fn told(house: &House) -> Backtests {
    match ask(house, Query::Backtests) {
        Answer::Backtests(told) => *told,
        other => panic!("{other:?}"),
    }
}

fn of<'a>(done: &'a Backtest, policy: &str) -> &'a PolicyFigures {
    done.policies.iter().find(|one| &*one.policy == policy).unwrap()
}

/// 42 at first: three weeks of two a day. The rate of 28 days times a week's lead, a week's review and two
/// weeks is 56, so that the Mondays, days 5, 12, 19 and 26 of 28, order 26, 14, 14 and 14.
#[test]
fn a_small_store_costs_what_it_costs_by_hand() {
    let dir = tempfile::tempdir().unwrap();
    let house = mugs(dir.path(), 84);
    let done = replay(&house).unwrap();
    let day = |ago: i32| house.today().plus(-ago);
    assert_eq!((done.window, done.weeks(), done.history), ((day(28), day(1)), 4, 56));
    let velocity = of(&done, "velocity28_cover14");
    assert_eq!((velocity.fill, velocity.stockout_days), (1.0, 0));
    assert_eq!((velocity.orders, velocity.lines), (4, 4));
    // 40 to 18 over twelve days, then 42 to 30 twice over seven, and 42 and 40.
    let unit_days = 348.0 + 2.0 * 252.0 + 82.0;
    assert!((velocity.stock_value - unit_days * 2.5 / 28.0).abs() < 1e-9);
    assert!((velocity.holding - unit_days * 2.5 * 0.25 / 365.0).abs() < 1e-9);
    assert!((velocity.total() - velocity.holding - 4.0).abs() < 1e-9);
    let console = of(&done, "console");
    assert_eq!((&*done.policies[0].policy, done.policies.len()), ("console", 5));
    assert!(console.fill > 0.99 && console.stock_value > 0.0, "{console:?}");
    assert_eq!((done.items, done.suppliers, done.estimated, done.lead), (1, 1, 0, (7.0, 0)));
}

#[test]
fn what_came_of_it_is_kept_with_its_date_and_outlives_the_owner() {
    let dir = tempfile::tempdir().unwrap();
    let house = mugs(dir.path(), 90);
    assert_eq!(told(&house), Backtests::default());
    let done = replay(&house).unwrap();
    assert_eq!((done.at, told(&house).last.as_ref()), (NOON, Some(&done)));
    drop(house);
    assert_eq!(backtest::Backtests::of(dir.path()).told().last, Some(done));
}

#[test]
fn too_little_history_is_said_in_one_sentence() {
    let dir = tempfile::tempdir().unwrap();
    let short = mugs(dir.path(), 83);
    let said = replay(&short).unwrap_err().message;
    assert_eq!(
        said,
        "a replay needs 12 weeks of history, 8 to forecast from and 4 to play; this store knows 83 \
         days"
    );
    assert_eq!(told(&short).why_not.as_deref(), Some(&*said));
    let dir = tempfile::tempdir().unwrap();
    let house = super::forecasts::selling(dir.path());
    let said = replay(&house).unwrap_err().message;
    assert_eq!(said, "there is nothing to replay; 9 left out: first sold in these weeks");
}

#[test]
fn one_runs_at_a_time_and_can_be_cancelled() {
    let dir = tempfile::tempdir().unwrap();
    let house = mugs(dir.path(), 90);
    let cancel = Cancel::default();
    let running = house.begin_backtest(&cancel).unwrap();
    let listed = house.works.list();
    assert_eq!((&*listed[0].progress.what, told(&house).run), (BACKTEST, Some(listed[0].id)));
    let twice = replay(&house).unwrap_err().message;
    assert!(twice.contains("runs already"), "{twice}");
    assert!(house.works.cancel(listed[0].id));
    let said = house.backtest(26, running).unwrap_err().message;
    assert_eq!(said, "the replay was cancelled; nothing was changed");
    assert!(house.works.list().is_empty() && told(&house).last.is_none());
    assert_eq!((told(&house).run, told(&house).why_not.as_deref()), (None, Some(&*said)));
    replay(&house).unwrap();
    assert_eq!(told(&house).why_not, None);
}

#[test]
fn orders_take_what_the_supplier_really_took_and_nobody_knew_it_before() {
    let dir = tempfile::tempdir().unwrap();
    let house = mugs(dir.path(), 84);
    let usual = replay(&house).unwrap();
    let ordered_at = at(-20 * 24 * 60);
    let late = PurchaseOrder {
        number: "PO-1".into(),
        supplier: "ACME".into(),
        site: SiteId::main(),
        status: PoStatus::Received,
        ordered_at,
        due_at: None,
        updated_at: ordered_at + Span::days(16),
        lines: Vec::new(),
    };
    tell(&house, at(1), vec![Record::PurchaseOrder(late)]);
    let done = replay(&house).unwrap();
    // Told before the window it would be a mean of ten days of four.
    assert_eq!(done.lead, usual.lead);
    let (was, is) = (of(&usual, "velocity28_cover14"), of(&done, "velocity28_cover14"));
    // 42 last until day 20, and the first goods come on day 21.
    assert_eq!((was.units_lost, is.units_lost), (0.0, 0.0));
    assert!(is.stock_value < was.stock_value, "{is:?}");
}

/// The shelf was empty from ten to six days ago, both included.
#[test]
fn days_without_stock_are_not_days_without_demand() {
    let dir = tempfile::tempdir().unwrap();
    let house = mugs(dir.path(), 91);
    let position = ("MUG".into(), SiteId::main());
    let mut outs = Outs::default();
    outs.note(true, house.today().plus(-10).start(&Zone::utc()));
    outs.note(false, house.today().plus(-5).start(&Zone::utc()));
    let keep = |outs: &Outs| {
        let store = house.store().unwrap();
        let mut write = store.write();
        write.put::<tables::SoldOut>(&position, outs).unwrap();
        write.commit().unwrap();
    };
    keep(&outs);
    let done = replay(&house).unwrap();
    assert_eq!(done.estimated, 5);
    // Who sold two a day all the time is expected to have been asked for no fewer.
    let velocity = of(&done, "velocity28_cover14");
    assert!(velocity.units_lost == 0.0 && velocity.fill == 1.0);
    // Who is out for five weeks is not on offer.
    let mut outs = Outs::default();
    outs.note(true, house.today().plus(-60).start(&Zone::utc()));
    keep(&outs);
    assert_eq!(replay(&house).unwrap().estimated, 0);
}

#[test]
fn the_console_replays_with_the_service_that_is_configured() {
    let dir = tempfile::tempdir().unwrap();
    let house = mugs(dir.path(), 84);
    let stock = |service: Service| {
        let services = Services::all(service);
        house.planner.set_up(crate::config::Reorders { services, ..house.planner.rules() });
        of(&replay(&house).unwrap(), "console").clone()
    };
    let (little, much) = (stock(Service::Cycle(0.5)), stock(Service::Cycle(0.99)));
    assert!(much.stock_value > little.stock_value, "{much:?} and {little:?}");
    assert!(much.fill >= little.fill);
    let fill = stock(Service::Fill(0.99));
    assert!(fill.fill > 0.95, "{fill:?}");
}
