//! What the simulation promises.

use super::catalogue::SITES;
use super::rows::*;
use super::*;
use crate::domain::{PoStatus, Span, Timestamp};
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
    let mut once = Merchant::new(small(3));
    once.advance_to(end);
    let mut many = Merchant::new(small(3));
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
            expected.insert((item, site), i64::from(merchant.shelf(item, site).opening));
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
    for ((item, site), units) in expected {
        let shelf = merchant.shelf(item, site);
        assert_eq!(i64::from(shelf.on_hand), units, "on hand of {item} at {site}");
        assert!(units >= 0);
        let promised = committed.get(&(item, site)).copied().unwrap_or(0);
        assert_eq!(i64::from(shelf.committed), promised, "committed of {item} at {site}");
    }
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
    merchant.set_status(open, Status::OnHold).unwrap();
    merchant.advance_to(start() + Span::days(8));
    assert_eq!(merchant.orders()[open as usize].status, Status::OnHold);
    merchant.set_status(open, Status::Cancelled).unwrap();
    books_balance(&merchant);
    merchant.set_status(open, Status::Processing).unwrap();
    books_balance(&merchant);
    merchant.advance_to(start() + Span::days(50));
    assert!(!merchant.orders()[open as usize].status.is_open());
    books_balance(&merchant);
    let shipped =
        merchant.orders().iter().position(|o| o.status == Status::Completed).unwrap() as u32;
    assert!(matches!(merchant.set_status(shipped, Status::OnHold), Err(StatusError::Finished(_))));
    assert_eq!(merchant.set_status(u32::MAX, Status::OnHold), Err(StatusError::Unknown));
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
fn a_supplier_refuses_what_it_cannot_mean() {
    let mut merchant = Merchant::new(small(5));
    let good = order_for(&merchant, "k", "PO-1", 5);
    let Request::Order { supplier, site, lines } = good.what.clone() else { return };
    let with = |supplier: &str, site: &str, lines: &[(&str, u32)]| {
        let lines = lines.iter().map(|(sku, units)| ((*sku).into(), *units)).collect();
        let what = Request::Order { supplier: supplier.into(), site: site.into(), lines };
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

/// An order that waits to be shipped, of two lines at least.
fn waiting(merchant: &Merchant) -> (u32, OrderRow) {
    let fits = |(_, row): &(u32, &OrderRow)| {
        let several = merchant.lines_of(row).get(1).is_some_and(|line| line.qty >= 2);
        row.status == Status::Processing && several
    };
    let found = (0..).zip(merchant.orders()).filter(fits).last();
    found.map(|(index, row)| (index, row.clone())).expect("an order that waits")
}

fn shipping(merchant: &Merchant, order: &OrderRow) -> Vec<(Box<str>, Vec<(Box<str>, u32)>)> {
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
