//! What the simulation promises.

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

/// An order for the first item that somebody makes and a site stocks.
fn order_for(merchant: &Merchant, key: &str, number: &str, units: u32) -> Asked {
    let item = merchant.catalogue().items.iter().find(|item| item.stocked[0]).unwrap();
    let maker = &merchant.catalogue().makers[usize::from(item.supplier)];
    Asked {
        key: key.into(),
        at: 0,
        number: number.into(),
        what: Request::Order {
            supplier: maker.code.clone(),
            site: SITES[0].0.into(),
            lines: vec![(item.code.clone(), units)],
            due: None,
        },
    }
}

fn cancel(key: &str, number: &str) -> Asked {
    Asked { key: key.into(), at: 0, number: number.into(), what: Request::Cancel }
}

#[test]
fn what_the_console_orders_is_delivered_and_the_same_after_a_restart() {
    let config = || Config { buyer: Buyer::Console, ..small(5) };
    let mut merchant = Merchant::new(config());
    let before = merchant.purchase_orders().len();
    let mut written = Vec::new();
    for n in 0..12_u32 {
        merchant.advance_to(start() + Span::seconds(i64::from(n) * 40_003));
        let asked = order_for(&merchant, &format!("k{n}"), &format!("PO-{n}"), 10 + n);
        let asked = merchant.ask(asked).unwrap().unwrap();
        written.push(asked.clone());
        merchant.expect(asked);
        let again = order_for(&merchant, &format!("k{n}"), &format!("PO-{n}"), 10 + n);
        assert_eq!(merchant.ask(again), Ok(None), "the same key is the same order");
    }
    let off = merchant.ask(cancel("off", "PO-11")).unwrap().unwrap();
    written.push(off.clone());
    merchant.expect(off);
    let end = start() + Span::days(120);
    merchant.advance_to(end);
    let orders = merchant.purchase_orders();
    assert_eq!(orders.len(), before + 12, "the merchant's own buyer orders no more");
    assert!(orders[before..].iter().filter(|po| po.status == PoStatus::Received).count() >= 8);
    assert_eq!(orders[before + 11].status, PoStatus::Cancelled);
    assert_eq!(merchant.po_number(before as u32 + 3), "PO-3");
    assert_eq!(merchant.po_number(0), format!("PO{FIRST_PO}"));
    books_balance(&merchant);

    let mut again = Merchant::new(config());
    again.remember(written);
    again.advance_to(end);
    assert_eq!(merchant.purchase_orders(), again.purchase_orders());
    assert_eq!(merchant.receipts(), again.receipts());
    assert_eq!(merchant.orders(), again.orders());
    let own = Merchant::new(small(5));
    assert_eq!(own.purchase_orders().len(), before, "history is the same whoever buys afterwards");
}

#[test]
fn an_order_is_due_when_it_was_asked_for_until_its_supplier_says_otherwise() {
    let mut merchant = Merchant::new(Config { buyer: Buyer::Console, ..small(5) });
    let today = merchant.today().number();
    let (_, supplier) = of_reliable(&merchant);
    let makers = &merchant.catalogue().makers;
    let lead = i32::from(makers.iter().find(|maker| maker.code == supplier).unwrap().lead);
    let asked = [lead + 3, lead + 150];
    let sku = of_reliable(&merchant).0;
    for (n, days) in (0..).zip(asked) {
        let (supplier, site) = (supplier.clone(), SITES[0].0.into());
        let lines = vec![(sku.clone(), 10 + n)];
        let what = Request::Order { supplier, site, lines, due: Some(today + days) };
        let (key, number) = (format!("k{n}").into(), format!("PO-{n}").into());
        let order = merchant.ask(Asked { key, at: 0, number, what }).unwrap().unwrap();
        merchant.expect(order);
    }
    let zone = Zone::named(ZONE).unwrap();
    let day = |second: u32| calendar::moment(second).day(&zone).number() - today;
    let first = merchant.purchase_orders().len();
    let dues = |merchant: &Merchant| {
        let orders = merchant.purchase_orders()[first..].iter();
        orders.map(|po| (po.status, day(po.due))).collect::<Vec<_>>()
    };
    merchant.advance_to(start() + Span::seconds(20));
    let sent = |days| (PoStatus::Sent, days);
    assert_eq!(dues(&merchant), asked.map(sent), "nobody has answered yet");
    merchant.advance_to(start() + Span::hours(31));
    let promised = |days| (PoStatus::Acknowledged, days);
    assert_eq!(dues(&merchant), [promised(lead), promised(asked[1])]);
    merchant.advance_to(start() + Span::days(i64::from(lead) + 148));
    assert_eq!(dues(&merchant)[0].0, PoStatus::Received);
    assert_eq!(dues(&merchant)[1].0, PoStatus::Acknowledged, "nothing comes before its day");
    merchant.advance_to(start() + Span::days(i64::from(lead) + 170));
    assert!(!dues(&merchant)[1].0.is_open());
}

#[test]
fn a_supplier_refuses_what_it_cannot_mean() {
    let mut merchant = Merchant::new(small(5));
    let good = order_for(&merchant, "k", "PO-1", 5);
    let Request::Order { supplier, site, lines, .. } = good.what.clone() else { return };
    let with = |supplier: &str, site: &str, lines: &[(&str, u32)]| {
        let lines = lines.iter().map(|(sku, units)| ((*sku).into(), *units)).collect();
        let (supplier, site) = (supplier.into(), site.into());
        let what = Request::Order { supplier, site, lines, due: None };
        Asked { what, ..good.clone() }
    };
    let sku: &str = &lines[0].0;
    let none = "An order needs lines of 1 to 1000000 units.";
    for (asked, refusal) in [
        (with("X", &site, &[(sku, 5)]), "There is no supplier X."),
        (with(&supplier, "X", &[(sku, 5)]), "There is no site X."),
        (with(&supplier, &site, &[("X", 5)]), "There is no SKU X."),
        (with(&supplier, &site, &[(sku, 0)]), none),
        (with(&supplier, &site, &[]), none),
        (cancel("k", "PO-9"), "There is no order PO-9."),
    ] {
        assert_eq!(merchant.ask(asked).unwrap_err().to_string(), refusal);
    }
    let asked = merchant.ask(good.clone()).unwrap().unwrap();
    merchant.expect(asked);
    let twin = Asked { key: "other".into(), ..good };
    assert!(merchant.ask(twin).unwrap_err().to_string().contains("under another key"));
}

#[test]
fn suppliers_write_down_whole_what_they_are_asked() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("orders");
    let (mut file, known) = AskedFile::open(&path).unwrap();
    assert_eq!(known, []);
    file.keep(&cancel("a", "PO-1")).unwrap();
    drop(file);
    let mut text = std::fs::read(&path).unwrap();
    text.extend_from_slice(b"{\"key\":\"b");
    std::fs::write(&path, text).unwrap();
    let (mut file, known) = AskedFile::open(&path).unwrap();
    assert_eq!(known, [cancel("a", "PO-1")]);
    file.keep(&cancel("c", "PO-2")).unwrap();
    drop(file);
    assert_eq!(AskedFile::open(&path).unwrap().1.len(), 2);
}

#[test]
fn what_the_shop_was_told_is_so_when_it_is_made_again() {
    let mut merchant = Merchant::new(small(3));
    let is_open = |order: &OrderRow| order.status == Status::Processing;
    let held = merchant.orders().iter().rposition(is_open).unwrap() as u32;
    let mut told = Vec::new();
    told.extend(merchant.tell(held, Status::OnHold).unwrap());
    assert_eq!(merchant.tell(held, Status::OnHold).unwrap(), None, "it is held already");
    let asked = order_for(&merchant, "k", "PO-1", 12);
    let asked = merchant.ask(asked).unwrap().unwrap();
    told.push(asked.clone());
    merchant.expect(asked);
    let other = merchant.orders()[..held as usize].iter().rposition(is_open).unwrap() as u32;
    told.extend(merchant.tell(other, Status::Cancelled).unwrap());
    merchant.advance_to(start() + Span::days(2));
    assert_eq!(merchant.orders()[held as usize].status, Status::OnHold);
    told.extend(merchant.tell(held, Status::Processing).unwrap());
    let end = start() + Span::days(6);
    merchant.advance_to(end);
    let mut again = Merchant::new(small(3));
    again.remember(told);
    again.advance_to(end);
    assert_eq!(merchant.orders(), again.orders());
    assert_eq!(merchant.receipts(), again.receipts());
    books_balance(&again);
}

/// An item that a supplier makes who keeps its word, and the supplier's code.
fn of_reliable(merchant: &Merchant) -> (Box<str>, Box<str>) {
    let maker = |item: &catalogue::Item| &merchant.catalogue().makers[usize::from(item.supplier)];
    let good = |item: &&catalogue::Item| item.stocked[0] && maker(item).stretch < 1.2;
    let item = merchant.catalogue().items.iter().find(good).unwrap();
    (item.code.clone(), maker(item).code.clone())
}

fn take(merchant: &mut Merchant, written: &mut Vec<Asked>, asked: Asked) {
    let asked = merchant.ask(asked).unwrap().unwrap();
    written.push(asked.clone());
    merchant.expect(asked);
}

/// What the supplier says to a wish about an order that is a few seconds old, and how the order ends.
fn wished(how: impl Fn(i32, i32) -> Wish) -> (Answer, (i32, i32), PoRow, Vec<ReceiptRow>) {
    let config = || Config { buyer: Buyer::Console, ..small(5) };
    let mut merchant = Merchant::new(config());
    let mut written = Vec::new();
    let (sku, supplier) = of_reliable(&merchant);
    let lines = vec![(sku.clone(), 12)];
    let what = Request::Order { supplier, site: SITES[0].0.into(), lines, due: None };
    let asked = Asked { key: "k".into(), at: 0, number: "PO-1".into(), what };
    take(&mut merchant, &mut written, asked);
    let what = Request::Line { sku: sku.clone(), wish: Wish::Never, answer: Answer::default() };
    let early = Asked { key: "e".into(), at: 0, number: "PO-1".into(), what };
    let refused = merchant.ask(early).unwrap_err().to_string();
    assert_eq!(refused, "Order PO-1 was not read yet; ask again in a moment.");
    merchant.advance_to(start() + Span::seconds(20));
    let po = merchant.purchase_orders().len() - 1;
    let zone = Zone::named(ZONE).unwrap();
    let day = |second: u32| calendar::moment(second).day(&zone).number();
    let (today, due) = (merchant.today().number(), day(merchant.purchase_orders()[po].due));
    let what = Request::Line { sku, wish: how(today, due), answer: Answer::default() };
    let asked = Asked { key: "w".into(), at: 0, number: "PO-1".into(), what };
    assert_eq!(merchant.answer_to("w"), None);
    take(&mut merchant, &mut written, asked);
    let end = start() + Span::days(140);
    merchant.advance_to(end);
    books_balance(&merchant);
    let mut again = Merchant::new(config());
    again.remember(written);
    again.advance_to(end);
    assert_eq!(merchant.purchase_orders(), again.purchase_orders());
    assert_eq!(merchant.receipts(), again.receipts());
    assert_eq!(merchant.answer_to("w"), again.answer_to("w"));
    let receipts = merchant.receipts().iter().filter(|one| one.po == po as u32).cloned().collect();
    let answer = merchant.answer_to("w").unwrap();
    (answer, (today, due), merchant.purchase_orders()[po].clone(), receipts)
}

#[test]
fn a_supplier_brings_a_line_sooner_later_or_not_at_all_and_says_so() {
    let zone = Zone::named(ZONE).unwrap();
    let day = |second: u32| calendar::moment(second).day(&zone).number();
    let (said, (_, due), row, receipts) = wished(|_, due| Wish::Sooner(due - 1));
    assert_eq!(said, Answer { due: Some(due - 1), units: Some(12) });
    assert_eq!(row.status, PoStatus::Received);
    assert!(day(receipts[0].at) < due, "it came on the day that was promised, or before");
    assert_eq!(receipts.iter().map(|one| one.qty).sum::<u32>(), 12);

    let (said, (today, due), ..) = wished(|today, _| Wish::Sooner(today));
    assert!(
        said.due.unwrap() > today && said.due.unwrap() <= due,
        "no supplier can at once: {said:?}"
    );

    let (said, (_, due), row, receipts) = wished(|_, due| Wish::Later(due + 90));
    assert_eq!(said.due, Some(due + 28), "it keeps goods for four weeks");
    assert!(day(receipts[0].at) >= due + 28, "{receipts:?}");
    assert_eq!(row.status, PoStatus::Received);

    let (said, _, row, receipts) = wished(|_, _| Wish::Never);
    assert_eq!((said.units, row.status), (Some(0), PoStatus::Cancelled));
    assert!(receipts.is_empty());
}

#[test]
fn goods_that_a_site_sends_are_gone_there_and_come_to_the_other() {
    let mut merchant = Merchant::new(small(5));
    let both = |item: &&catalogue::Item| item.stocked[0] && item.stocked[2];
    let item = merchant.catalogue().items.iter().position(|item| both(&item)).unwrap();
    let sku = merchant.catalogue().items[item].code.clone();
    let there = merchant.shelf(item, 0).on_hand;
    let due = merchant.today().number() + 2;
    let send = |key: &str, to: &str, units: u32| {
        let (from, to, sku) = (SITES[0].0.into(), to.into(), sku.clone());
        let what = Request::Transfer { from, to, sku, units, due };
        Asked { key: key.into(), at: 0, number: "TR-1".into(), what }
    };
    let nowhere = merchant.ask(send("x", "MARS", 3)).unwrap_err().to_string();
    assert_eq!(nowhere, "There is no site MARS.");
    let mut written = Vec::new();
    // More than there is: what is there is sent.
    take(&mut merchant, &mut written, send("t", SITES[2].0, there as u32 + 50));
    merchant.advance_to(start() + Span::seconds(5));
    assert_eq!(merchant.transfers()[0].qty, there as u32);
    assert_eq!(merchant.shelf(item, 0).on_hand, 0);
    assert_eq!(merchant.transfers()[0].came, 0, "it is on its way");
    merchant.advance_to(start() + Span::days(4));
    assert!(merchant.transfers()[0].came > 0);
    books_balance(&merchant);
}

/// An order that waits to be shipped, of two lines at least.
fn waiting(merchant: &Merchant) -> (u32, OrderRow) {
    let fits = |(_, row): &(u32, &OrderRow)| {
        let several = merchant.lines_of(row).get(1).is_some_and(|line| line.qty >= 2);
        row.status == Status::Processing && several
    };
    let found = (0..).zip(merchant.orders()).filter(fits).last();
    found.map(|(index, row)| (index, row.clone())).expect("an order that waits")
}

fn shipping(merchant: &Merchant, order: &OrderRow) -> Vec<shipping::Part> {
    let lines = merchant.lines_of(order);
    let code = |line: &LineRow| merchant.catalogue().items[usize::from(line.item)].code.clone();
    let away = SITES[(usize::from(order.site) + 1) % 3].0;
    // One unit of each line from elsewhere; the rest waits.
    let parts = lines.iter().map(|line| (code(line), 1)).collect();
    vec![(away.into(), parts)]
}

#[test]
fn an_order_ships_from_where_it_was_asked_to_and_is_one_again_when_that_is_taken_back() {
    let mut merchant = Merchant::new(small(5));
    let (index, before) = waiting(&merchant);
    let lines_before = merchant.lines_of(&before).to_vec();
    let number: Box<str> = (FIRST_ORDER + index).to_string().into();
    let (orders, ships) = (merchant.orders().len(), shipping(&merchant, &before));
    let ask = |merchant: &mut Merchant, key: &str, what: Request| {
        let asked = Asked { key: key.into(), at: 0, number: number.clone(), what };
        let taken = merchant.ask(asked)?;
        taken.clone().into_iter().for_each(|asked| merchant.expect(asked));
        merchant.advance_to(merchant.now() + Span::seconds(2));
        Ok::<_, AskError>(taken)
    };
    let mut all = Vec::new();
    all.extend(ask(&mut merchant, "a", Request::Ship { ships: ships.clone() }).unwrap());
    assert_eq!(ask(&mut merchant, "a", Request::Ship { ships }).unwrap(), None, "it is known");
    books_balance(&merchant);
    let row = merchant.orders()[index as usize].clone();
    assert_ne!(row.site, before.site);
    let units = |merchant: &Merchant, row: &OrderRow| -> u32 {
        merchant.lines_of(row).iter().map(|line| u32::from(line.qty)).sum()
    };
    let rest = merchant.orders()[orders].clone();
    assert_eq!(
        (rest.site, rest.placed, rest.customer),
        (before.site, before.placed, before.customer)
    );
    let all_units: u32 = lines_before.iter().map(|line| u32::from(line.qty)).sum();
    assert_eq!(units(&merchant, &row) + units(&merchant, &rest), all_units);
    all.extend(ask(&mut merchant, "b", Request::Release { key: "a".into() }).unwrap());
    let row = merchant.orders()[index as usize].clone();
    assert_eq!((row.site, merchant.lines_of(&row)), (before.site, &lines_before[..]));
    assert_eq!(merchant.orders()[orders].status, Status::Cancelled);
    books_balance(&merchant);
    merchant.advance_to(start() + Span::days(3));
    books_balance(&merchant);
    // What left is not asked to ship, and the simulation made again is the same.
    let gone = merchant.orders().iter().position(|row| row.status == Status::Completed).unwrap();
    let ships = shipping(&merchant, &merchant.orders()[gone]);
    let number = (FIRST_ORDER + gone as u32).to_string().into();
    let left =
        merchant.ask(Asked { key: "c".into(), at: 0, number, what: Request::Ship { ships } });
    assert!(matches!(left, Err(AskError::NotToShip(_))), "{left:?}");
    let mut again = Merchant::new(small(5));
    again.remember(all);
    again.advance_to(merchant.now());
    assert_eq!(again.orders(), merchant.orders());
}

#[test]
fn goods_of_a_transfer_that_people_took_in_do_not_come_once_more() {
    let mut merchant = Merchant::new(small(5));
    let both = |item: &catalogue::Item| item.stocked[0] && item.stocked[2];
    let place = |(at, item): (usize, &catalogue::Item)| {
        (both(item) && merchant.shelf(at, 0).on_hand > 9).then_some(at)
    };
    let item = merchant.catalogue().items.iter().enumerate().find_map(place).unwrap();
    let sku = merchant.catalogue().items[item].code.clone();
    let asked = |key: &str, what| Asked { key: key.into(), at: 0, number: "TR-1".into(), what };
    let (from, to) = (SITES[0].0.into(), SITES[2].0.into());
    let due = merchant.today().number() + 3;
    let mut written = Vec::new();
    let what = Request::Transfer { from, to, sku: sku.clone(), units: 9, due };
    take(&mut merchant, &mut written, asked("t", what));
    merchant.advance_to(start() + Span::seconds(5));
    let taken = |units: i32| {
        let (sku, site) = (sku.clone(), SITES[2].0.into());
        Request::Move { sku, site, units }
    };
    take(&mut merchant, &mut written, asked("r", taken(4)));
    merchant.advance_to(start() + Span::seconds(9));
    assert_eq!(merchant.transfers()[0].open(), 5);
    merchant.advance_to(start() + Span::days(5));
    let row = &merchant.transfers()[0];
    assert_eq!((row.open(), row.arrived, row.by_hand), (0, 5, 4));
    books_balance(&merchant);
    // Of another one four are taken in, and the rest is written off before it would come.
    let asked = |key: &str, what| Asked { number: "TR-2".into(), ..asked(key, what) };
    let (from, to) = (SITES[0].0.into(), SITES[2].0.into());
    let due = merchant.today().number() + 3;
    let what = Request::Transfer { from, to, sku: sku.clone(), units: 6, due };
    take(&mut merchant, &mut written, asked("t2", what));
    take(&mut merchant, &mut written, asked("r2", taken(4)));
    take(&mut merchant, &mut written, asked("l2", Request::Lost));
    merchant.advance_to(start() + Span::days(9));
    let row = &merchant.transfers()[1];
    assert_eq!(row.arrived, 0, "what was written off does not come");
    assert_eq!((row.open(), row.by_hand + row.lost), (0, row.qty));
    books_balance(&merchant);
}
