//! What the simulation promises.

mod buying;
mod moving;

use super::catalogue::SITES;
use super::rows::*;
use super::*;
use crate::domain::{PoStatus, Span, Timestamp, Zone};
use std::collections::HashMap;

fn start() -> Timestamp {
    Timestamp::from_millis(1_789_000_000_000)
}

fn small(seed: u64) -> Config {
    Config { history_days: 60, skus: 300, orders_per_day: 120.0, ..Config::new(seed, start()) }
}

fn full() -> &'static Merchant {
    static FULL: std::sync::OnceLock<Merchant> = std::sync::OnceLock::new();
    FULL.get_or_init(|| Merchant::new(Config::new(7, start())))
}

#[test]
fn any_step_size_gives_the_same_history() {
    let end = start() + Span::days(9);
    let with_incidents = || Config { incidents: true, ..small(3) };
    let mut once = Merchant::new(with_incidents());
    once.advance_to(end);
    let mut many = Merchant::new(with_incidents());
    let mut at = start();
    let mut step = 1;
    while at < end {
        step = step * 7 % 9_973 + 13;
        at = (at + Span::seconds(step * 3)).min(end);
        many.advance_to(at);
    }
    assert_eq!(once.orders(), many.orders());
    assert_eq!(once.receipts(), many.receipts());
    assert_eq!(once.adjustments(), many.adjustments());
    assert_eq!(once.purchase_orders(), many.purchase_orders());
    assert_eq!(once.truth(), many.truth());
    assert_eq!(once.now(), many.now());
    let other = Merchant::new(small(4));
    assert_ne!(once.orders()[..50], other.orders()[..50]);
}

fn books_balance(merchant: &Merchant) {
    let mut expected: HashMap<(usize, usize), i64> = HashMap::new();
    for item in 0..merchant.catalogue().items.len() {
        for site in 0..SITES.len() {
            let shelf = merchant.shelf(item, site);
            expected.insert((item, site), i64::from(shelf.opening) + i64::from(shelf.by_hand));
        }
    }
    let mut committed: HashMap<(usize, usize), i64> = HashMap::new();
    for (index, order) in merchant.orders().iter().enumerate() {
        let site = usize::from(order.site);
        for line in merchant.lines_of(order) {
            let place = (usize::from(line.item), site);
            if order.completed != 0 {
                *expected.entry(place).or_default() -= i64::from(line.qty);
            }
            if order.status.is_open() {
                *committed.entry(place).or_default() += i64::from(line.qty);
            }
        }
        for (_, refund) in merchant.refunds_of(index as u32).filter(|(_, r)| r.restocked) {
            for (line, qty) in &refund.lines {
                let item = merchant.lines_of(order)[usize::from(*line)].item;
                *expected.entry((item.into(), site)).or_default() += i64::from(*qty);
            }
        }
    }
    for receipt in merchant.receipts() {
        let site = merchant.purchase_orders()[receipt.po as usize].site;
        *expected.entry((receipt.item.into(), site.into())).or_default() += i64::from(receipt.qty);
    }
    for adjustment in merchant.adjustments() {
        let place = (adjustment.item.into(), adjustment.site.into());
        *expected.entry(place).or_default() += i64::from(adjustment.delta);
    }
    for row in merchant.transfers() {
        let place = |site: u8| (usize::from(row.item), usize::from(site));
        *expected.entry(place(row.from)).or_default() -= i64::from(row.qty);
        *expected.entry(place(row.to)).or_default() += i64::from(row.arrived);
    }
    for ((item, site), units) in expected {
        let shelf = merchant.shelf(item, site);
        assert_eq!(i64::from(shelf.on_hand), units, "on hand of {item} at {site}");
        assert!(units >= 0);
        let promised = committed.get(&(item, site)).copied().unwrap_or(0);
        assert_eq!(i64::from(shelf.committed), promised, "committed of {item} at {site}");
    }
}

#[test]
fn about_one_in_eight_orders_at_home_goes_by_express() {
    let merchant = Merchant::new(small(3));
    let home = |order: &&OrderRow| {
        merchant.customer(order.customer).is_some_and(|customer| customer.country == 0)
    };
    let at_home: Vec<&OrderRow> = merchant.orders().iter().filter(home).collect();
    let express = at_home.iter().filter(|order| order.express).count() as f64;
    let share = express / at_home.len() as f64;
    assert!((0.11..0.14).contains(&share), "{share}");
    assert!(merchant.orders().iter().filter(|order| !home(order)).all(|order| !order.express));
}

#[test]
fn what_is_on_the_shelf_is_what_the_records_say() {
    for seed in 1..4 {
        let mut merchant = Merchant::new(small(seed));
        for day in 0..6 {
            books_balance(&merchant);
            merchant.advance_to(start() + Span::hours(day * 17 + 5));
        }
    }
    books_balance(full());
}

/// What an order and its lines say, its number and its place among all lines apart.
fn said(merchant: &Merchant, order: &OrderRow) -> (OrderRow, Vec<LineRow>) {
    (OrderRow { first_line: 0, ..order.clone() }, merchant.lines_of(order).to_vec())
}

#[test]
fn incidents_change_nothing_else() {
    let end = start() + Span::days(20);
    for seed in [3, 9] {
        let mut plain = Merchant::new(small(seed));
        let mut other = Merchant::new(Config { incidents: true, ..small(seed) });
        plain.advance_to(end);
        other.advance_to(end);
        let truth = other.truth();
        let own = truth.incidents.iter().filter(|of| of.kind.has_orders());
        let own: std::collections::HashSet<_> = own.flat_map(|of| &of.orders).cloned().collect();
        assert!(own.len() > 15, "{}", own.len());
        let number = |n: usize| crate::domain::OrderNo::new((FIRST_ORDER + n as u32).to_string());
        let rest = other.orders().iter().enumerate().filter(|(n, _)| !own.contains(&number(*n)));
        let rest: Vec<_> = rest.map(|(_, order)| said(&other, order)).collect();
        let all: Vec<_> = plain.orders().iter().map(|order| said(&plain, order)).collect();
        assert!(all == rest, "orders of seed {seed}");
        assert_eq!(plain.receipts(), other.receipts());
        assert_eq!(plain.purchase_orders(), other.purchase_orders());
        assert_eq!(plain.truth().lost, truth.lost);
        assert_eq!(plain.truth().stock_outs, truth.stock_outs);
        assert_eq!(plain.truth().odd.len(), truth.odd.len());
        for item in 0..plain.catalogue().items.len() {
            for site in 0..SITES.len() {
                assert_eq!(plain.shelf(item, site).on_hand, other.shelf(item, site).on_hand);
            }
        }
    }
}

#[test]
fn what_is_told_balances_while_things_go_wrong() {
    for seed in [2, 11] {
        let mut merchant = Merchant::new(Config { incidents: true, ..small(seed) });
        let mut below = 0;
        for day in 0..8 {
            below += told_balances(&merchant);
            merchant.advance_to(start() + Span::hours(day * 41 + 5));
        }
        assert!(below > 0, "no stock was told below nothing");
    }
}

/// How many shelves are told below nothing; all of them have to be by an incident.
fn told_balances(merchant: &Merchant) -> usize {
    let shelves = merchant.catalogue().items.len() * SITES.len();
    let opening = |shelf: usize| merchant.shelf(shelf / 3, shelf % 3).opening;
    let mut expected: Vec<i64> = (0..shelves).map(|shelf| opening(shelf).into()).collect();
    let place = |item: u16, site: u8| usize::from(item) * 3 + usize::from(site);
    for (index, order) in merchant.orders().iter().enumerate() {
        let left = merchant.told_lines(order).filter(|_| order.completed != 0);
        for (_, line) in left {
            expected[place(line.item, order.site)] -= i64::from(line.qty);
        }
        for (_, refund, back) in merchant.told_refunds(index as u32) {
            for (line, qty) in back.iter().filter(|_| refund.restocked) {
                let item = merchant.lines_of(order)[usize::from(*line)].item;
                expected[place(item, order.site)] += i64::from(*qty);
            }
        }
    }
    for receipt in merchant.receipts() {
        let site = merchant.purchase_orders()[receipt.po as usize].site;
        expected[place(receipt.item, site)] += i64::from(receipt.qty);
    }
    for one in merchant.adjustments() {
        expected[place(one.item, one.site)] += i64::from(one.delta);
    }
    for (shelf, units, _) in merchant.losses() {
        expected[usize::from(*shelf)] -= i64::from(*units);
    }
    let mut below = 0;
    let wrong: Vec<_> = merchant.truth().incidents;
    for (shelf, units) in expected.into_iter().enumerate() {
        assert_eq!(i64::from(merchant.told_on_hand(shelf)), units, "shelf {shelf}");
        let code = &merchant.catalogue().items[shelf / 3].code;
        let is_known = wrong.iter().any(|of| {
            of.kind == IncidentKind::NegativeStock
                && of.until.is_none()
                && of.sku.as_ref().is_some_and(|sku| *sku.as_str() == **code)
                && of.site.as_ref().is_some_and(|site| site.as_str() == SITES[shelf % 3].0)
        });
        assert!(units >= 0 || is_known, "shelf {shelf}: {units}");
        below += usize::from(units < 0);
    }
    below
}

#[test]
fn a_pack_factor_is_on_all_lines_of_an_order() {
    let merchant = Merchant::new(Config { incidents: true, ..small(5) });
    let truth = merchant.truth().incidents;
    let packs: Vec<_> = truth.iter().filter(|of| of.kind == IncidentKind::PackFactor).collect();
    assert!(!packs.is_empty());
    for number in packs.iter().flat_map(|of| &of.orders) {
        let index = number.as_str().parse::<u32>().unwrap() - FIRST_ORDER;
        let order = &merchant.orders()[index as usize];
        let lines = merchant.lines_of(order);
        assert!(lines.iter().all(|line| line.qty % 6 == 0), "{lines:?}");
    }
}

#[test]
fn every_kind_of_incident_happens_and_some_just_before_the_present() {
    let merchant = Merchant::new(Config { incidents: true, ..Config::new(7, start()) });
    let incidents = merchant.truth().incidents;
    for kind in IncidentKind::ALL {
        let of = |lately: i64| {
            let from = start() - Span::days(lately);
            incidents.iter().filter(|of| of.kind == kind && of.at >= from).count()
        };
        assert!(of(600) >= 5, "{}: {}", kind.word(), of(600));
        assert!(of(600) <= 70, "{}: {}", kind.word(), of(600));
        assert!(of(11) >= 1, "{}: nothing lately", kind.word());
    }
    // Not two orders in a hundred.
    let orders: usize = incidents.iter().map(|of| of.orders.len()).sum();
    assert!(orders * 50 < merchant.orders().len(), "{orders}");
}

#[test]
fn on_order_is_what_open_purchase_orders_still_owe() {
    let merchant = full();
    let mut owed: HashMap<(u16, u8), i64> = HashMap::new();
    for po in merchant.purchase_orders().iter().filter(|po| po.status.is_open()) {
        for line in merchant.po_lines_of(po) {
            *owed.entry((line.item, po.site)).or_default() += i64::from(line.qty - line.received);
        }
    }
    for item in 0..merchant.catalogue().items.len() {
        for site in 0..SITES.len() {
            let expected = owed.get(&(item as u16, site as u8)).copied().unwrap_or(0);
            assert_eq!(i64::from(merchant.shelf(item, site).on_order), expected);
        }
    }
}

#[test]
fn a_history_looks_like_a_shop() {
    let merchant = full();
    let orders = merchant.orders();
    let total = orders.len() as f64;
    let days = f64::from(548);
    let a_day = total / days;
    assert!((215.0..300.0).contains(&a_day), "{a_day} orders a day");
    let lines: usize = orders.iter().map(|o| usize::from(o.lines)).sum();
    let an_order = lines as f64 / total;
    assert!((2.4..3.4).contains(&an_order), "{an_order} lines an order");

    let mut week = [0_u32; 7];
    let mut christmas_goods = [0_u64; 13];
    for order in orders {
        let local = calendar::moment(order.placed)
            .civil(&crate::domain::Zone::named(calendar::ZONE).unwrap());
        week[local.weekday().to_monday_zero_offset() as usize] += 1;
        for line in merchant.lines_of(order) {
            if merchant.catalogue().items[usize::from(line.item)].category == 7 {
                christmas_goods[local.month() as usize] += u64::from(line.qty);
            }
        }
    }
    assert!(f64::from(week[5]) < 0.75 * f64::from(week[0]), "{week:?}");
    assert!(christmas_goods[11] > 4 * christmas_goods[4], "{christmas_goods:?}");

    let share = |n: usize| n as f64 / total;
    let odd = share(merchant.truth().odd.len());
    assert!((0.002..0.0045).contains(&odd), "{odd} odd");
    let returned = share(
        (0..orders.len() as u32).filter(|i| merchant.refunds_of(*i).next().is_some()).count(),
    );
    assert!((0.035..0.065).contains(&returned), "{returned} returned");
    let cancelled = share(orders.iter().filter(|o| o.status == Status::Cancelled).count());
    assert!((0.01..0.06).contains(&cancelled), "{cancelled} cancelled");
    let open = orders.iter().filter(|o| o.status.is_open()).count();
    assert!((60..1_500).contains(&open), "{open} open");
    let kinds: std::collections::HashSet<_> = merchant.truth().odd.iter().map(|o| o.kind).collect();
    assert_eq!(kinds.len(), OddKind::ALL.len());
}

#[test]
fn some_shelves_run_empty_and_most_do_not() {
    let merchant = full();
    let truth = merchant.truth();
    let out: i64 = truth
        .stock_outs
        .iter()
        .map(|o| o.until.unwrap_or(merchant.now()).since(o.from).as_seconds())
        .sum();
    let mut sold_for = 0_i64;
    let first = merchant.today().number() - 548;
    for item in &merchant.catalogue().items {
        let from = item.launch.unwrap_or(first).min(merchant.today().number());
        let until = item.fade.unwrap_or(merchant.today().number()).min(merchant.today().number());
        let sites = item.stocked.iter().filter(|s| **s).count() as i64;
        sold_for += sites * i64::from(until - from) * 86_400;
    }
    let share = out as f64 / sold_for as f64;
    assert!((0.01..0.08).contains(&share), "{share} out of stock");
    assert!(!truth.lost.is_empty());
    assert!(truth.promotions.len() > 10 && truth.shifts.len() > 5);
    assert!(truth.stock_outs.is_sorted_by_key(|o| o.from));
}

#[test]
fn staff_can_hold_release_and_cancel_what_has_not_left() {
    let mut merchant = Merchant::new(small(5));
    let open =
        merchant.orders().iter().rposition(|o| o.status == Status::Processing).unwrap() as u32;
    merchant.tell(open, Status::OnHold).unwrap();
    merchant.advance_to(start() + Span::days(8));
    assert_eq!(merchant.orders()[open as usize].status, Status::OnHold);
    merchant.tell(open, Status::Cancelled).unwrap();
    books_balance(&merchant);
    merchant.tell(open, Status::Processing).unwrap();
    books_balance(&merchant);
    merchant.advance_to(start() + Span::days(50));
    assert!(!merchant.orders()[open as usize].status.is_open());
    books_balance(&merchant);
    let shipped =
        merchant.orders().iter().position(|o| o.status == Status::Completed).unwrap() as u32;
    assert!(matches!(merchant.tell(shipped, Status::OnHold), Err(StatusError::Finished(_))));
    assert_eq!(merchant.tell(u32::MAX, Status::OnHold), Err(StatusError::Unknown));
}

#[test]
fn what_staff_hold_stays_held_whatever_its_customer_wants() {
    let mut merchant = Merchant::new(small(5));
    let status = |merchant: &Merchant, order: u32| merchant.orders()[order as usize].status;
    let all = merchant.orders().len() as u32;
    let is_open = |order: &u32| status(&merchant, *order) == Status::Processing;
    let open: Vec<u32> = (0..all).rev().filter(is_open).take(2).collect();
    let (held, other) = (open[0], open[1]);
    merchant.tell(held, Status::OnHold).unwrap();
    let at = super::calendar::seconds(merchant.now()) + 2;
    merchant.called_off(at, held);
    merchant.called_off(at, other);
    assert_eq!(status(&merchant, held), Status::OnHold);
    assert_eq!(status(&merchant, other), Status::Cancelled);
    books_balance(&merchant);
}

#[test]
fn a_level_shift_shows_in_the_orders() {
    let shift = Shift { at: start() - Span::days(20), factor: 3.0 };
    let merchant = Merchant::new(Config { shift: Some(shift), ..small(6) });
    let count = |from: i64, to: i64| {
        let (from, to) = (start() - Span::days(from), start() - Span::days(to));
        let placed = |o: &&OrderRow| (from..to).contains(&calendar::moment(o.placed));
        merchant.orders().iter().filter(placed).count() as f64
    };
    assert!(count(14, 0) > 2.0 * count(42, 28));
    assert_eq!(merchant.truth().shifts.iter().filter(|s| s.sku.is_none()).count(), 1);
}

#[test]
fn changes_are_found_by_when_they_happened() {
    let mut merchant = Merchant::new(small(8));
    let before = merchant.now();
    merchant.advance_to(before + Span::hours(6));
    let changed: Vec<u32> = merchant.orders_modified_between(before, merchant.now()).collect();
    assert!(!changed.is_empty());
    let inside = |o: &OrderRow| (before..merchant.now()).contains(&calendar::moment(o.modified));
    assert_eq!(changed.len(), merchant.orders().iter().filter(|o| inside(o)).count());
}
