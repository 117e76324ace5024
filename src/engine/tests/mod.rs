//! The house as a whole, without feeds: what is told, decided, asked, and what survives.

mod accuracy;
mod automatic;
mod backtests;
mod buying;
mod closed_loop;
mod coordination;
mod decisions;
mod demo;
mod flag_rules;
mod flags;
mod flags_cases;
mod flags_demo;
mod forecasts;
mod locks;
mod minimum;
mod notify;
mod open_orders;
mod overrides;
mod patrol;
mod planning;
mod purchases;
mod recovery;
mod reorders;
mod rules;
mod suppliers;
mod tables;
mod versions;
mod waiting;
mod zones;

use super::JOURNAL_FILE;
use super::api::{Answer, OrderDetail, OrderRef, Query, StoreKind};
use super::house::{Foundation, House};
use super::keeper::Origin;
use super::questions;
use crate::desk::buying::{Powers, Rules};
use crate::domain::*;
use crate::feed::Applied;
use crate::feed::pseudonym::Pseudonyms;
use crate::journal::Journal;
use crate::vault::Vault;
use std::path::Path;
use std::sync::Arc;

/// Noon of the day on which these tests play.
const NOON: Timestamp = Timestamp::from_millis(1_700_049_600_000);

/// A house over a folder, its store not loaded yet.
fn unloaded(dir: &Path) -> Arc<House> {
    let (journal, _) = Journal::open(&dir.join(JOURNAL_FILE)).unwrap();
    Arc::new(House::new(Foundation {
        data_dir: dir.to_owned(),
        kind: StoreKind::Replay,
        zone: Zone::utc(),
        currency: Currency::GBP,
        journal,
        pseudonyms: Pseudonyms::new([7; 32]),
        vault: Vault::open(dir, &[7; 32]).unwrap(),
        rules: Rules::default(),
        store_key: [7; 32],
        simulated: Some(NOON),
    }))
}

fn house(dir: &Path) -> Arc<House> {
    let house = unloaded(dir);
    house.load().unwrap();
    house
}

/// Lets the program approve by itself so much.
fn may_by_itself(house: &House, powers: Powers) {
    *house.rules.write() = Arc::new(Rules { automatic: Some(powers), ..Rules::default() });
}

fn at(minutes: i64) -> Timestamp {
    NOON + Span::minutes(minutes)
}

fn page(asked: Timestamp, records: Vec<Record>) -> Page {
    Page {
        feed: "shop".into(),
        asked,
        records,
        rejects: Vec::new(),
        private: Private::default(),
        cursor: None,
        progress: None,
    }
}

fn tell(house: &House, asked: Timestamp, records: Vec<Record>) -> Applied {
    house.apply_page(page(asked, records), Origin::Feed).unwrap()
}

fn key(number: &str) -> OrderKey {
    OrderKey { feed: "shop".into(), number: number.into() }
}

/// An order of one line, placed two hours before noon.
fn order(number: &str, sku: &str, units: i64, status: OrderStatus) -> Order {
    let price = UnitPrice { e4: 25_000, currency: Currency::GBP };
    let placed_at = at(-120);
    Order {
        key: key(number),
        kind: OrderKind::Sale,
        status,
        placed_at,
        updated_at: placed_at,
        shipped_at: (status == OrderStatus::Shipped).then(|| at(-30)),
        site: SiteId::main(),
        customer: None,
        country: None,
        total: Money::zero(Currency::GBP),
        aside: Aside::default(),
        lines: vec![OrderLine {
            sku: sku.into(),
            class: LineClass::Product,
            qty: Qty::units(units),
            cancelled: Qty::ZERO,
            price,
        }],
    }
}

fn on_hand(sku: &str, units: i64, as_of: Timestamp) -> Record {
    Record::Stock(StockReport {
        sku: sku.into(),
        site: SiteId::main(),
        qty: Some(Qty::units(units)),
        basis: StockBasis::OnHand,
        as_of,
    })
}

fn ann() -> Actor {
    Actor { user: "ann".into(), uid: 1000, from: "test".into() }
}

fn ask(house: &House, query: Query) -> Answer {
    questions::answer(house, query).unwrap()
}

fn detail(house: &House, number: &str) -> Option<OrderDetail> {
    let which = OrderRef { feed: None, number: number.into() };
    match ask(house, Query::Order(which)) {
        Answer::Order(found) => found.map(|order| *order),
        other => panic!("{other:?}"),
    }
}

fn demand(house: &House) -> Vec<(Sku, Day, Vec<Qty>)> {
    let all = Query::Demand { from: None, to: None, after: None, take: usize::MAX };
    match ask(house, all) {
        Answer::Demand(series) => series.into_iter().map(|s| (s.sku, s.first, s.units)).collect(),
        other => panic!("{other:?}"),
    }
}

/// What a person could see of the house's state, and what of it does not depend on when it was
/// loaded.
fn state(house: &House) -> String {
    let index = house.orders.read();
    let mut orders: Vec<String> =
        (0..).map_while(|row| index.row(row)).map(|row| format!("{row:?}")).collect();
    orders.sort_unstable();
    drop(index);
    let book = house.stock.read();
    let positions: Vec<String> = book.positions().map(|p| format!("{p:?}")).collect();
    drop(book);
    format!("{orders:#?}\n{positions:#?}\n{:?}", demand(house))
}
