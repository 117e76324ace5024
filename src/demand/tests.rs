use super::memory::{Index, Memory, line, order, series};
use super::*;
use crate::domain::*;
use proptest::prelude::*;

/// A store in miniature: what the engine does around the ledger.
#[derive(Default)]
struct Shop {
    ledger: Ledger,
    buckets: Memory,
    index: Index,
    returns: std::collections::BTreeMap<ReturnKey, u32>,
}

impl Shop {
    fn tell(&mut self, order: &Order) -> DemandChange {
        let old = self.index.get(&order.key).cloned();
        let (ledger, buckets) = (&mut self.ledger, &mut self.buckets);
        let change = ledger.apply(buckets, old.as_ref(), Some(order), &self.index).unwrap();
        for (key, count) in &change.returns {
            match count {
                0 => drop(self.returns.remove(key)),
                _ => drop(self.returns.insert(key.clone(), *count)),
            }
        }
        self.index.put(order);
        change
    }
    fn on(&self, sku: &str, day: &str) -> i64 {
        let day = Day::parse(day).unwrap();
        self.ledger.series(&self.buckets, &series(sku), day, day).unwrap()[0].trunc()
    }
}

fn at(text: &str) -> Timestamp {
    Timestamp::parse(text, &Zone::utc()).unwrap()
}

fn units(number: &str, kind: OrderKind, moment: &str, who: Option<&str>, qty: &[i64]) -> Order {
    let mut order = order(number, kind, at(moment), who);
    let lines = qty.iter().map(|n| line("22423", LineClass::Product, Qty::units(*n), 12_500));
    order.lines.extend(lines);
    order
}

const DAY: &str = "2011-01-18";

fn sale(number: &str, qty: &[i64]) -> Order {
    units(number, OrderKind::Sale, "2011-01-18T10:00", Some("ann"), qty)
}

fn taken_back(number: &str, qty: &[i64]) -> Order {
    units(number, OrderKind::Return, "2011-01-18T10:16", Some("ann"), qty)
}

#[test]
fn only_products_that_were_wanted_at_a_price_are_demand() {
    let mut shop = Shop::default();
    let mut dirty = sale("1", &[12, 3, -4]);
    dirty.lines.push(line("POST", LineClass::Charge, Qty::units(1), 180_000));
    dirty.lines.push(line("22423", LineClass::Product, Qty::units(7), 0));
    dirty.lines[0].cancelled = Qty::units(2);
    shop.tell(&dirty);
    shop.tell(&units("A1", OrderKind::Adjustment, "2011-01-18T11:00", None, &[9]));
    assert_eq!(shop.on("22423", DAY), 13);
    assert_eq!(shop.on("POST", DAY), 0);
    assert_eq!(shop.ledger.series_list().count(), 1);
}

#[test]
fn changes_and_cancellations_are_corrections_and_the_span_follows() {
    let mut shop = Shop::default();
    shop.tell(&units("1", OrderKind::Sale, "2011-01-05T10:00", None, &[4]));
    shop.tell(&units("2", OrderKind::Sale, "2011-06-05T10:00", None, &[6]));
    let span = |shop: &Shop| {
        let span = shop.ledger.span(&series("22423"))?;
        Some((span.first.to_string(), span.last.to_string()))
    };
    assert_eq!(span(&shop), Some(("2011-01-05".into(), "2011-06-05".into())));

    let moved = shop.tell(&units("1", OrderKind::Sale, "2011-03-01T10:00", None, &[5]));
    assert_eq!((shop.on("22423", "2011-01-05"), shop.on("22423", "2011-03-01")), (0, 5));
    assert_eq!(span(&shop), Some(("2011-03-01".into(), "2011-06-05".into())));
    let days: Vec<_> = moved.series[0].days.iter().map(|(_, qty)| qty.trunc()).collect();
    assert_eq!(days, [-4, 5]);

    let mut cancelled = units("2", OrderKind::Sale, "2011-06-05T10:00", None, &[6]);
    cancelled.status = OrderStatus::Cancelled;
    shop.tell(&cancelled);
    assert_eq!(span(&shop), Some(("2011-03-01".into(), "2011-03-01".into())));
    let mut gone = units("1", OrderKind::Sale, "2011-03-01T10:00", None, &[5]);
    gone.status = OrderStatus::Gone;
    let last = shop.tell(&gone);
    assert_eq!(last.series[0].span, Some(None));
    assert_eq!(span(&shop), None);
    assert_eq!(shop.buckets, Memory::default(), "nothing is left behind");
}

#[test]
fn the_same_version_again_changes_nothing() {
    let mut shop = Shop::default();
    shop.tell(&sale("1", &[12]));
    shop.tell(&taken_back("C2", &[-12]));
    assert_eq!(shop.tell(&sale("1", &[12])), DemandChange::default());
    assert_eq!(shop.tell(&taken_back("C2", &[-12])), DemandChange::default());
}

#[test]
fn a_full_reversal_on_the_same_day_is_no_demand_whichever_comes_first() {
    for turned in [false, true] {
        let mut shop = Shop::default();
        let mut both = [sale("1", &[74_215, 2]), taken_back("C2", &[-74_215])];
        if turned {
            both.reverse();
        }
        both.iter().for_each(|order| drop(shop.tell(order)));
        assert_eq!(shop.on("22423", DAY), 2, "turned: {turned}");
    }
}

#[test]
fn reversals_match_one_to_one_and_exactly() {
    let mut shop = Shop::default();
    shop.tell(&sale("1", &[6, 6, 6]));
    shop.tell(&taken_back("C2", &[-6]));
    assert_eq!(shop.on("22423", DAY), 12);
    shop.tell(&taken_back("C3", &[-5]));
    assert_eq!(shop.on("22423", DAY), 12, "another quantity is a later return");
    shop.tell(&units("C4", OrderKind::Return, "2011-01-19T09:00", Some("ann"), &[-6]));
    assert_eq!(shop.on("22423", DAY), 12, "another day too");
    shop.tell(&units("C5", OrderKind::Return, "2011-01-18T12:00", Some("bob"), &[-6]));
    shop.tell(&units("C6", OrderKind::Return, "2011-01-18T12:00", None, &[-6]));
    assert_eq!(shop.on("22423", DAY), 12, "nobody takes back what another one bought");
    shop.tell(&taken_back("C7", &[-6, -6, -6, -6]));
    assert_eq!(shop.on("22423", DAY), 0, "more returns than sales is not negative demand");
    shop.tell(&sale("8", &[6]));
    assert_eq!(shop.on("22423", DAY), 0, "the return that was left over takes this one");
    shop.tell(&sale("9", &[6, 6]));
    assert_eq!(shop.on("22423", DAY), 6);
}

#[test]
fn a_reversal_undoes_itself_when_either_side_is_corrected() {
    let mut shop = Shop::default();
    shop.tell(&sale("1", &[6]));
    shop.tell(&taken_back("C2", &[-6]));
    assert_eq!((shop.on("22423", DAY), shop.returns.len()), (0, 1));
    shop.tell(&taken_back("C2", &[-4]));
    assert_eq!(shop.on("22423", DAY), 6);
    shop.tell(&sale("1", &[4]));
    assert_eq!(shop.on("22423", DAY), 0);
    let mut gone = taken_back("C2", &[-4]);
    gone.status = OrderStatus::Gone;
    shop.tell(&gone);
    assert_eq!((shop.on("22423", DAY), shop.returns.len()), (4, 0));
}

#[test]
fn returns_are_known_again_after_a_restart() {
    let mut shop = Shop::default();
    shop.tell(&taken_back("C2", &[-6]));
    let spans: Vec<_> = shop.ledger.series_list().map(|(s, span)| (s.clone(), span)).collect();
    let mut again = Ledger::new(Zone::utc());
    again.load(spans, shop.returns.clone(), shop.ledger.last_day());
    shop.ledger = again;
    shop.tell(&sale("1", &[6, 3]));
    assert_eq!(shop.on("22423", DAY), 3);
}

#[test]
fn a_day_is_the_sites_day() {
    let mut shop = Shop::default();
    let tokyo = Zone::named("Asia/Tokyo").unwrap();
    assert!(!shop.ledger.set_zone(SiteId::main(), tokyo.clone()));
    shop.tell(&units("1", OrderKind::Sale, "2011-01-18T16:00", Some("ann"), &[6]));
    assert_eq!(shop.on("22423", "2011-01-19"), 6);
    // 01:00 and 08:00 of the same day in Tokyo, two days in UTC.
    shop.tell(&units("C2", OrderKind::Return, "2011-01-18T23:00", Some("ann"), &[-6]));
    assert_eq!(shop.on("22423", "2011-01-19"), 0);
    shop.tell(&units("3", OrderKind::Sale, "2011-01-20T02:00", None, &[1]));
    assert!(!shop.ledger.set_zone(SiteId::main(), tokyo), "the same zone again");
    assert!(shop.ledger.set_zone(SiteId::main(), Zone::utc()), "days have to be counted anew");
}

#[test]
fn a_series_is_read_with_its_zeros_and_beyond_its_ends() {
    let mut shop = Shop::default();
    shop.tell(&units("1", OrderKind::Sale, "2011-01-05T10:00", None, &[4]));
    shop.tell(&units("2", OrderKind::Sale, "2011-03-30T10:00", None, &[6]));
    let read = |from: &str, to: &str| {
        let (from, to) = (Day::parse(from).unwrap(), Day::parse(to).unwrap());
        shop.ledger.series(&shop.buckets, &series("22423"), from, to).unwrap()
    };
    let all = read("2011-01-01", "2011-04-02");
    assert_eq!(all.len(), 92);
    let sold: Vec<_> = all.iter().enumerate().filter(|(_, qty)| !qty.is_zero()).collect();
    assert_eq!(sold, [(4, &Qty::units(4)), (88, &Qty::units(6))]);
    assert_eq!(read("2011-05-01", "2011-05-03"), [Qty::ZERO; 3]);
    assert_eq!(read("2011-05-03", "2011-05-01"), []);
}

/// Versions of a few orders of two customers on two days, among them sales and returns.
fn some_order() -> impl Strategy<Value = Order> {
    let lines = proptest::collection::vec(1..4_i64, 0..4);
    (0..6_u32, 0..2_u8, 0..2_u8, 0..3_u8, lines).prop_map(|(number, who, day, status, qty)| {
        let is_return = number % 2 == 1;
        let kind = if is_return { OrderKind::Return } else { OrderKind::Sale };
        let qty: Vec<_> = qty.iter().map(|n| if is_return { -n } else { *n }).collect();
        let moment = format!("2011-01-1{}T1{number}:00", 8 + day);
        let who = ["ann", "bob"][usize::from(who)];
        let mut order = units(&number.to_string(), kind, &moment, Some(who), &qty);
        if status == 0 {
            order.status = OrderStatus::Cancelled;
        }
        order
    })
}

proptest! {
    #[test]
    fn what_counts_is_the_last_version_of_each_order(
        told in proptest::collection::vec(some_order(), 1..24),
        page in 1..6_usize,
    ) {
        let mut one_by_one = Shop::default();
        told.iter().for_each(|order| drop(one_by_one.tell(order)));

        let mut paged = Shop::default();
        for page in told.chunks(page) {
            let mut versions = Vec::new();
            let mut index = std::collections::HashMap::new();
            for order in page {
                let old = index.insert(&order.key, order).or(paged.index.get(&order.key));
                versions.push(OrderChange { old, new: Some(order) });
            }
            let (ledger, buckets) = (&mut paged.ledger, &mut paged.buckets);
            ledger.apply_page(buckets, &versions, &paged.index).unwrap();
            page.iter().for_each(|order| paged.index.put(order));
        }

        let mut fresh = Shop::default();
        let mut last = std::collections::HashMap::new();
        last.extend(told.iter().map(|order| (&order.key, order)));
        last.into_values().for_each(|order| drop(fresh.tell(order)));

        prop_assert_eq!(&one_by_one.buckets, &fresh.buckets);
        prop_assert_eq!(&paged.buckets, &fresh.buckets);
        prop_assert!(one_by_one.ledger.series_list().eq(fresh.ledger.series_list()));
        prop_assert!(paged.ledger.series_list().eq(fresh.ledger.series_list()));
    }
}
