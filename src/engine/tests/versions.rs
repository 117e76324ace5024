//! Orders come to the same state in whatever order, and however often, they are told.

use super::*;
use crate::engine::stored::StoredOrder;
use crate::engine::tables;
use proptest::prelude::*;
use proptest::test_runner::TestRunner;

/// Something that a feed says of an order.
#[derive(Clone, Debug)]
enum Said {
    Told { number: u8, status: OrderStatus, updated: i64, units: i64, asked: i64 },
    Gone { number: u8, asked: i64 },
}

impl Said {
    fn tell(&self, house: &House, case: u32) {
        match self {
            Said::Told { number, status, updated, units, asked } => {
                let name = format!("{case}-{number}");
                let mut order = order(&name, &format!("SKU-{case}"), *units, *status);
                order.updated_at = at(*updated);
                tell(house, at(*asked), vec![Record::Order(order)]);
            }
            Said::Gone { number, asked } => {
                let gone = Record::OrderGone(key(&format!("{case}-{number}")), at(999));
                tell(house, at(*asked), vec![gone]);
            }
        }
    }
}

fn said() -> impl Strategy<Value = Said> {
    let status = prop::sample::select(OrderStatus::ALL[..7].to_vec());
    prop_oneof![
        4 => (0..2_u8, status, -3..2_i64, 1..4_i64, 0..8_i64).prop_map(
            |(number, status, updated, units, asked)| {
                Said::Told { number, status, updated, units, asked }
            }
        ),
        1 => (0..2_u8, 0..8_i64).prop_map(|(number, asked)| Said::Gone { number, asked }),
    ]
}

/// Observations, and the same again shuffled, some of them twice.
fn said_twice() -> impl Strategy<Value = (Vec<Said>, Vec<Said>)> {
    prop::collection::vec(said(), 1..8).prop_flat_map(|said| {
        let again = prop::collection::vec(prop::sample::select(said.clone()), 0..4);
        let shuffled = again.prop_flat_map({
            let said = said.clone();
            move |again| Just([said.clone(), again].concat()).prop_shuffle()
        });
        (Just(said), shuffled)
    })
}

/// All that is known of the orders, stock and demand of a case.
fn known(house: &House, case: u32) -> String {
    let store = house.store().unwrap();
    let stored = |number: u8| -> Option<StoredOrder> {
        let row = house.orders.read().find(&key(&format!("{case}-{number}")))?;
        store.get::<tables::Orders>(&row).unwrap()
    };
    let gone =
        |number: u8| store.get::<tables::Tombstones>(&key(&format!("{case}-{number}"))).unwrap();
    let shown = |number: u8| detail(house, &format!("{case}-{number}")).map(|d| d.row);
    let sku = Sku::from(format!("SKU-{case}").as_str());
    let stock = house.stock.read().position(&sku, &SiteId::main()).cloned();
    let demand: Vec<_> = demand(house).into_iter().filter(|(of, ..)| *of == sku).collect();
    let of = [0, 1].map(|n| (stored(n), gone(n), shown(n)));
    format!("{of:#?}\n{stock:#?}\n{demand:?}")
}

#[test]
fn observations_in_any_order_and_any_number_come_to_the_same_state() {
    let folders = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
    let houses = folders.each_ref().map(|folder| house(folder.path()));
    let case = std::cell::Cell::new(0);
    let mut runner = TestRunner::new(ProptestConfig { cases: 200, ..ProptestConfig::default() });
    let result = runner.run(&said_twice(), |(first, second)| {
        case.set(case.get() + 1);
        for (house, said) in houses.iter().zip([&first, &second]) {
            let sku = format!("SKU-{}", case.get());
            tell(house, at(-600), vec![on_hand(&sku, 100, at(-600))]);
            said.iter().for_each(|said| said.tell(house, case.get()));
        }
        let [a, b] = houses.each_ref().map(|house| known(house, case.get()));
        prop_assert_eq!(a, b);
        Ok(())
    });
    result.unwrap();

    // What the archive holds comes to what is shown.
    let [left, _] = houses;
    let before = state(&left);
    drop(left);
    std::fs::remove_dir_all(folders[0].path().join("store")).unwrap();
    assert_eq!(state(&house(folders[0].path())), before);
}

fn status(house: &House) -> OrderStatus {
    detail(house, "1").unwrap().order.status
}

#[test]
fn an_order_that_was_wrongly_gone_comes_back_with_the_next_request_that_sees_it() {
    let folder = tempfile::tempdir().unwrap();
    let house = house(folder.path());
    let told = || Record::Order(order("1", "A", 2, OrderStatus::Open));
    tell(&house, at(1), vec![told()]);
    tell(&house, at(2), vec![Record::OrderGone(key("1"), at(500))]);
    assert_eq!(status(&house), OrderStatus::Gone);
    assert_eq!(demand(&house), []);
    // An answer that was on its way meanwhile changes nothing.
    tell(&house, at(1), vec![told()]);
    assert_eq!(status(&house), OrderStatus::Gone);
    let applied = tell(&house, at(3), vec![told()]);
    assert_eq!((applied.changed, status(&house)), (1, OrderStatus::Open));
    assert_eq!(demand(&house).len(), 1);
    // Nor does a late word that it was gone.
    tell(&house, at(2), vec![Record::OrderGone(key("1"), at(500))]);
    assert_eq!(status(&house), OrderStatus::Open);
}

#[test]
fn a_shop_that_does_not_date_a_change_is_believed_by_the_later_request() {
    let folder = tempfile::tempdir().unwrap();
    let house = house(folder.path());
    let of = |units| vec![Record::Order(order("1", "A", units, OrderStatus::Open))];
    tell(&house, at(2), of(5));
    tell(&house, at(1), of(9));
    assert_eq!(detail(&house, "1").unwrap().row.units, Qty::units(5));
    tell(&house, at(3), of(9));
    assert_eq!(detail(&house, "1").unwrap().row.units, Qty::units(9));
}

#[test]
fn a_figure_that_is_to_come_or_cannot_be_is_quarantined_and_others_are_believed() {
    let dir = tempfile::tempdir().unwrap();
    let house = house(dir.path());
    let slips = [on_hand("A", 5, at(26 * 60)), on_hand("B", 99_999_999_999_999, at(-60))];
    let applied = house.apply_page(page(at(-30), slips.to_vec()), Origin::Feed).unwrap();
    assert_eq!((applied.new, applied.rejected), (0, 2));
    let again = house.apply_page(page(at(-20), slips.to_vec()), Origin::Feed).unwrap();
    assert_eq!((again.new, again.rejected), (0, 0), "they are there once");
    tell(&house, at(-10), vec![on_hand("A", 50, at(20 * 60)), on_hand("B", 7, at(-60))]);
    let book = house.stock.read();
    let there = |sku: &str| book.position(&sku.into(), &SiteId::main()).unwrap().on_hand();
    assert_eq!([there("A"), there("B")], [50, 7].map(|units| Some(Qty::units(units))));
}
