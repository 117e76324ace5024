use super::*;
use crate::domain::*;
use proptest::prelude::*;
use std::collections::BTreeMap;

mod received;

const SKU: &str = "22423";

fn sku() -> Sku {
    SKU.into()
}

fn main_site() -> SiteId {
    SiteId::main()
}

fn at(hour: i64) -> Timestamp {
    Timestamp::from_millis(0) + Span::days(400) + Span::hours(hour)
}

fn shop() -> StockSource {
    StockSource::Feed("shop".into())
}

fn order(number: &str, status: OrderStatus, placed: i64, qty: i64) -> Order {
    let price = UnitPrice { e4: 10_000, currency: Currency::GBP };
    let line = OrderLine {
        sku: sku(),
        class: LineClass::Product,
        qty: Qty::units(qty),
        cancelled: Qty::ZERO,
        price,
    };
    Order {
        key: OrderKey { feed: "shop".into(), number: number.into() },
        kind: OrderKind::Sale,
        status,
        placed_at: at(placed),
        updated_at: at(placed),
        shipped_at: (status == OrderStatus::Shipped).then(|| at(placed + 2)),
        site: main_site(),
        customer: None,
        country: None,
        total: Money::zero(Currency::GBP),
        aside: Aside::default(),
        lines: vec![line],
    }
}

fn figure(qty: Option<i64>, basis: StockBasis, as_of: i64) -> StockReport {
    let qty = qty.map(Qty::units);
    StockReport { sku: sku(), site: main_site(), qty, basis, as_of: at(as_of) }
}

fn on_hand(qty: i64, as_of: i64) -> StockReport {
    figure(Some(qty), StockBasis::OnHand, as_of)
}

fn receipt(id: &str, qty: i64, hour: i64, po: Option<&str>) -> Receipt {
    Receipt {
        id: id.into(),
        po: po.map(PoNumber::from),
        supplier: None,
        sku: sku(),
        site: main_site(),
        qty: Qty::units(qty),
        ordered_at: None,
        due_at: None,
        received_at: at(hour),
    }
}

fn adjustment(id: &str, delta: i64, hour: i64) -> StockAdjustment {
    StockAdjustment {
        id: id.into(),
        sku: sku(),
        site: main_site(),
        delta: Qty::units(delta),
        at: at(hour),
        reason: "damaged".into(),
    }
}

fn purchase(
    number: &str,
    qty: i64,
    received: i64,
    due: Option<i64>,
    updated: i64,
) -> PurchaseOrder {
    let (qty, received) = (Qty::units(qty), Qty::units(received));
    PurchaseOrder {
        number: number.into(),
        supplier: "S1".into(),
        site: main_site(),
        status: PoStatus::Sent,
        ordered_at: at(0),
        due_at: due.map(at),
        updated_at: at(updated),
        lines: vec![PoLine { sku: sku(), qty, received, cost: None }],
    }
}

/// The orders as the engine would know them, in their latest versions.
#[derive(Default)]
struct Orders(BTreeMap<OrderKey, Order>);

impl SalesAfter for Orders {
    fn sales_after(&self, asked: &[(Sku, SiteId, Timestamp)]) -> Vec<(Qty, Qty)> {
        let one = |(sku, site, after): &(Sku, SiteId, Timestamp)| {
            self.0
                .values()
                .map(|order| sold_after(order, sku, site, *after))
                .fold((Qty::ZERO, Qty::ZERO), |(placed, shipped), (p, s)| (placed + p, shipped + s))
        };
        asked.iter().map(one).collect()
    }
}

/// A book with its orders, and what would lie on disk.
#[derive(Default)]
struct House {
    book: StockBook,
    orders: Orders,
    shelves: BTreeMap<(Sku, SiteId), Shelf>,
    movements: Vec<Movement>,
}

#[derive(Clone, Debug)]
enum Told {
    Order(Order),
    Report(StockReport, StockSource),
    Receipt(Receipt),
    Adjustment(StockAdjustment),
    Purchase(PurchaseOrder),
    Transfer(SiteId, SiteId, i64, i64, u64),
}

impl House {
    fn tell(&mut self, told: &Told) -> Changed {
        let (book, orders) = (&mut self.book, &mut self.orders);
        let changed = match told {
            Told::Order(order) => {
                let known = orders.0.get(&order.key);
                if known.is_some_and(|known| known.updated_at >= order.updated_at) {
                    return Changed::default();
                }
                let changed = book.order_changed(known, Some(order));
                orders.0.insert(order.key.clone(), order.clone());
                changed
            }
            Told::Report(report, source) => book.report(report, source, orders),
            Told::Receipt(receipt) => book.receipt(receipt),
            Told::Adjustment(adjustment) => book.adjustment(adjustment),
            Told::Purchase(po) => book.purchase_order(po),
            Told::Transfer(from, to, qty, hour, seq) => {
                book.transferred(&sku(), (from, to), Qty::units(*qty), at(*hour), *seq)
            }
        };
        for (sku, site) in &changed.positions {
            let shelf = self.book.shelf(sku, site).unwrap().clone();
            self.shelves.insert((sku.clone(), site.clone()), shelf);
        }
        self.movements.extend(changed.movements.clone());
        changed
    }
    fn report(&mut self, report: StockReport) -> Changed {
        self.tell(&Told::Report(report, shop()))
    }
    fn here(&self) -> Position {
        self.book.position(&sku(), &main_site()).cloned().unwrap_or_default()
    }
    fn figures(&self) -> (Option<i64>, Option<i64>) {
        let here = self.here();
        (here.on_hand().map(Qty::trunc), here.available().map(Qty::trunc))
    }
}

#[test]
fn orders_after_the_figure_are_applied_on_top_and_those_before_are_in_it() {
    let mut house = House::default();
    house.tell(&Told::Order(order("1", OrderStatus::Shipped, 1, 5)));
    house.report(on_hand(100, 10));
    assert_eq!(house.figures(), (Some(100), Some(100)));
    house.tell(&Told::Order(order("2", OrderStatus::Open, 11, 7)));
    assert_eq!(house.figures(), (Some(100), Some(93)));
    let mut shipped = order("2", OrderStatus::Shipped, 11, 7);
    shipped.updated_at = at(14);
    house.tell(&Told::Order(shipped));
    assert_eq!(house.figures(), (Some(93), Some(93)));
    house.report(on_hand(92, 20));
    assert_eq!(house.figures(), (Some(92), Some(92)), "the newer figure holds the sale");
}

#[test]
fn a_figure_of_what_is_available_counts_from_placing() {
    let mut house = House::default();
    house.tell(&Told::Order(order("1", OrderStatus::Open, 1, 5)));
    house.report(figure(Some(40), StockBasis::Available, 10));
    assert_eq!(house.figures(), (Some(45), Some(40)));
    house.tell(&Told::Order(order("2", OrderStatus::Open, 11, 7)));
    assert_eq!(house.figures(), (Some(45), Some(33)));
}

#[test]
fn unknown_is_never_zero() {
    let mut house = House::default();
    house.tell(&Told::Receipt(receipt("r1", 50, 3, None)));
    house.tell(&Told::Order(order("1", OrderStatus::Open, 4, 7)));
    assert_eq!(house.figures(), (None, None));
    assert_eq!(house.here().committed, Qty::units(7));
    assert!(!house.book.short(&sku(), &main_site()));
    house.report(on_hand(5, 2));
    assert_eq!(house.figures(), (Some(55), Some(48)), "what came after the figure is on top");
    house.report(figure(None, StockBasis::OnHand, 6));
    assert_eq!(house.figures(), (None, None));
    house.report(on_hand(9, 5));
    assert_eq!(house.figures(), (None, None), "an older figure does not come back");
}

#[test]
fn older_and_repeated_figures_change_nothing() {
    let mut house = House::default();
    assert_eq!(house.report(on_hand(10, 10)).applied.new, 1);
    for report in [on_hand(10, 10), on_hand(99, 9)] {
        let changed = house.report(report);
        assert_eq!((changed.positions.len(), changed.applied.same), (0, 1));
    }
    assert_eq!(house.figures().0, Some(10));
}

#[test]
fn a_page_of_figures_asks_for_the_orders_once() {
    struct Once(std::cell::Cell<usize>);
    impl SalesAfter for Once {
        fn sales_after(&self, asked: &[(Sku, SiteId, Timestamp)]) -> Vec<(Qty, Qty)> {
            self.0.set(self.0.get() + 1);
            vec![(Qty::ZERO, Qty::units(1)); asked.len()]
        }
    }
    let mut book = StockBook::default();
    let reports: Vec<_> =
        (0..1_000).map(|n| StockReport { sku: Sku::new(n.to_string()), ..on_hand(n, 1) }).collect();
    let asked = Once(std::cell::Cell::new(0));
    let changed = book.reports(&reports, &shop(), &asked);
    assert_eq!((changed.positions.len(), asked.0.get()), (1_000, 1));
    book.reports(&reports, &shop(), &asked);
    assert_eq!(asked.0.get(), 1, "nothing moved, nothing is asked");
    let last = book.position(&"999".into(), &main_site()).unwrap();
    assert_eq!(last.on_hand(), Some(Qty::units(998)));
}

#[test]
fn a_shop_that_keeps_no_stock_does_not_wipe_out_a_count() {
    let mut house = House::default();
    house.report(figure(None, StockBasis::Available, 1));
    house.book.counted((&sku(), &main_site()), Qty::units(12), at(5), 1, &house.orders);
    house.report(figure(None, StockBasis::Available, 9));
    assert_eq!(house.figures().0, Some(12));
    house.report(on_hand(11, 12));
    assert_eq!(house.figures().0, Some(11), "a shop that does keep stock is believed again");
}

#[test]
fn a_count_taken_back_leaves_what_the_feed_said() {
    let mut house = House::default();
    house.report(on_hand(30, 1));
    let before = Some((Qty::units(30), at(1), shop()));
    let here = (&sku(), &main_site());
    house.tell(&Told::Receipt(receipt("r1", 4, 3, None)));
    house.book.counted(here, Qty::units(12), at(5), 1, &house.orders);
    assert_eq!(house.figures().0, Some(12));
    house.book.counted(here, Qty::units(13), at(6), 2, &house.orders);
    let first = Some((Qty::units(12), at(5), StockSource::Count));
    house.book.uncounted(here, first.as_ref(), at(7), 3, &house.orders);
    assert_eq!(house.figures().0, Some(12), "back to the count before");
    house.book.uncounted(here, before.as_ref(), at(8), 4, &house.orders);
    assert_eq!(house.figures().0, Some(34), "the receipt counts again");
    let same = house.book.counted(here, Qty::units(12), at(5), 1, &house.orders);
    assert_eq!((same.positions.len(), house.figures().0), (0, Some(34)), "applied once only");
}

#[test]
fn the_same_movement_twice_counts_once() {
    let mut house = House::default();
    house.report(on_hand(10, 1));
    house.tell(&Told::Receipt(receipt("7", 5, 2, None)));
    house.tell(&Told::Adjustment(adjustment("7", -1, 2)));
    assert_eq!(house.tell(&Told::Receipt(receipt("7", 5, 2, None))).applied.same, 1);
    assert_eq!(house.tell(&Told::Adjustment(adjustment("7", -1, 2))).applied.same, 1);
    house.book.adjusted((&sku(), &main_site()), Qty::units(-2), at(3), 9);
    house.book.adjusted((&sku(), &main_site()), Qty::units(-2), at(3), 9);
    assert_eq!(house.figures().0, Some(12));
}

#[test]
fn what_is_on_order_follows_the_purchase_orders_and_their_receipts() {
    let mut house = House::default();
    house.tell(&Told::Purchase(purchase("P1", 100, 20, Some(50), 1)));
    house.tell(&Told::Purchase(purchase("P2", 30, 0, Some(40), 1)));
    house.tell(&Told::Purchase(purchase("P3", 5, 0, None, 1)));
    assert_eq!(house.here().on_order, Qty::units(115));
    let next = house.book.next_delivery(&sku(), &main_site(), |_| None).unwrap();
    assert_eq!((next.po.as_str(), next.due_at, next.qty), ("P2", Some(at(40)), Qty::units(30)));

    house.tell(&Told::Receipt(receipt("r", 30, 5, Some("P2"))));
    assert_eq!(house.here().on_order, Qty::units(85));
    let next = house.book.next_delivery(&sku(), &main_site(), |_| None).unwrap();
    assert_eq!((next.po.as_str(), next.qty), ("P1", Qty::units(80)));

    let mut done = purchase("P2", 30, 30, Some(40), 6);
    done.status = PoStatus::Received;
    house.tell(&Told::Purchase(done));
    assert_eq!(house.tell(&Told::Purchase(purchase("P2", 30, 0, Some(40), 5))).applied.same, 1);
    let numbers: Vec<_> =
        house.book.open_purchase_orders(&sku()).iter().map(|po| po.number.to_string()).collect();
    assert_eq!(numbers, ["P1", "P3"]);
    assert_eq!(house.here().on_order, Qty::units(85));
}

#[test]
fn what_was_taken_in_by_hand_stays_arrived_when_a_source_tells_of_the_order_later() {
    let by_hand = |house: &mut House, units: i64, seq: u64| {
        let po = "P1".into();
        house.book.received((&sku(), &main_site()), Qty::units(units), Some(&po), at(5), seq)
    };
    let mut house = House::default();
    house.tell(&Told::Purchase(purchase("P1", 100, 0, None, 1)));
    by_hand(&mut house, 30, 1);
    house.tell(&Told::Purchase(purchase("P1", 100, 0, None, 9)));
    assert_eq!(house.here().on_order, Qty::units(70), "a confirmation that knows nothing of it");
    let arrived = |house: &House| house.book.arrived(&"P1".into(), &sku());
    assert_eq!(arrived(&house), Qty::units(30));
    assert_eq!(house.book.prune(at(24 * 500)), [], "nothing else remembers it");

    house.tell(&Told::Receipt(receipt("r", 20, 11, Some("P1"))));
    house.tell(&Told::Purchase(purchase("P1", 100, 20, None, 12)));
    assert_eq!(house.here().on_order, Qty::units(50), "the source counts its own only");
    house.tell(&Told::Purchase(purchase("P1", 100, 60, None, 13)));
    assert_eq!(house.here().on_order, Qty::units(40), "it knows of more than is known here");
    by_hand(&mut house, 90, 2);
    house.tell(&Told::Purchase(purchase("P1", 100, 20, None, 14)));
    assert_eq!(arrived(&house), Qty::units(120), "more than was ordered came by hand alone");
    by_hand(&mut house, -90, 3);
    assert_eq!(house.here().on_order, Qty::units(50), "and was taken back");
}

#[test]
fn returns_and_corrections_move_nothing_by_themselves() {
    let mut house = House::default();
    house.report(on_hand(10, 1));
    for kind in [OrderKind::Return, OrderKind::Adjustment] {
        let mut back = order("C1", OrderStatus::Shipped, 4, -3);
        back.kind = kind;
        assert_eq!(house.tell(&Told::Order(back)).positions, []);
    }
    assert_eq!(house.figures(), (Some(10), Some(10)));
}

#[test]
fn only_what_changed_is_named() {
    let mut house = House::default();
    let here = vec![(sku(), main_site())];
    let old = order("1", OrderStatus::Open, 2, 4);
    assert_eq!(house.book.order_changed(None, Some(&old)).positions, here);
    assert_eq!(house.book.order_changed(Some(&old), Some(&old)).positions, []);
    let mut elsewhere = old.clone();
    elsewhere.site = "north".into();
    let moved = house.book.order_changed(Some(&old), Some(&elsewhere)).positions;
    assert_eq!(moved, [(sku(), main_site()), (sku(), "north".into())]);
    assert_eq!(house.here().committed, Qty::ZERO);
    house.book.order_changed(Some(&elsewhere), None);
    let north = house.book.position(&sku(), &"north".into()).unwrap();
    assert_eq!(north.committed, Qty::ZERO);
}

#[test]
fn short_is_more_promised_than_there() {
    let mut house = House::default();
    house.report(on_hand(3, 1));
    house.tell(&Told::Order(order("1", OrderStatus::Open, 2, 3)));
    assert!(!house.book.short(&sku(), &main_site()));
    house.tell(&Told::Order(order("2", OrderStatus::Held, 2, 1)));
    assert!(house.book.short(&sku(), &main_site()));
}

#[test]
fn master_data_is_merged() {
    let mut book = StockBook::default();
    let named = Product { name: Some("CAKESTAND".into()), ..Product::bare(sku()) };
    let priced = Product { pack: Some(Qty::units(6)), ..Product::bare(sku()) };
    assert_eq!(book.product(&named).applied.new, 1);
    assert_eq!(book.product(&priced).applied.changed, 1);
    assert_eq!(book.product(&named).applied.same, 1);
    let known = book.product_of(&sku()).unwrap();
    assert_eq!((known.name.as_deref(), known.pack), (Some("CAKESTAND"), Some(Qty::units(6))));
}

#[test]
fn old_movements_are_forgotten_when_no_figure_can_need_them() {
    let mut house = House::default();
    house.report(on_hand(10, 0));
    let days = |n: i64| n * 24;
    house.tell(&Told::Receipt(receipt("old", 1, days(1), None)));
    house.tell(&Told::Receipt(receipt("recent", 1, days(50), None)));
    house.tell(&Told::Receipt(receipt("new", 1, days(130), None)));
    house.report(on_hand(12, days(120)));
    let gone: Vec<_> = house.book.prune(at(days(130))).into_iter().map(|m| m.id).collect();
    assert_eq!(gone, [MovementId::Receipt("old".into())]);
    assert_eq!(house.figures().0, Some(13));
    assert_eq!(house.book.movement_count(), 2);
}

#[test]
fn a_feed_that_gives_up_leaves_an_old_count_with_all_that_moved_since() {
    let mut house = House::default();
    let days = |n: i64| n * 24;
    house.book.counted((&sku(), &main_site()), Qty::units(10), at(0), 1, &house.orders);
    house.tell(&Told::Receipt(receipt("r", 5, days(10), None)));
    house.report(on_hand(40, days(200)));
    assert_eq!(house.book.prune(at(days(201))), []);
    house.report(figure(None, StockBasis::OnHand, days(202)));
    assert_eq!(house.figures().0, Some(15));
}

/// Everything that can be told about one SKU at two sites. Order versions of one number differ in
/// their time, as sources' do.
fn any_told() -> impl Strategy<Value = Told> {
    let site = prop_oneof![Just(main_site()), Just(SiteId::from("north"))];
    let status = proptest::sample::select(OrderStatus::ALL.to_vec());
    let orders = (0..4_u8, status, 0..20_i64, 1..9_i64, site.clone(), 0..1_000_i64);
    let orders = orders.prop_map(|(number, status, placed, qty, site, version)| {
        let mut order = order(&number.to_string(), status, placed, qty);
        order.site = site;
        // Two versions of one number never share their time: it is made of all that differs.
        let of_all = ((version * 20 + placed) * 10 + qty) * 10 + status as i64;
        order.updated_at =
            at(100) + Span::millis(of_all * 2 + i64::from(order.site == main_site()));
        Told::Order(order)
    });
    let source = prop_oneof![Just(shop()), Just(StockSource::Feed("erp".into())),];
    let basis = prop_oneof![Just(StockBasis::OnHand), Just(StockBasis::Available)];
    let reports = (proptest::option::of(0..50_i64), basis, 0..20_i64, site.clone(), source);
    let reports = reports.prop_map(|(qty, basis, as_of, site, source)| {
        Told::Report(StockReport { site, ..figure(qty, basis, as_of) }, source)
    });
    let po = proptest::option::of(proptest::sample::select(vec!["P0", "P1"]));
    let receipts =
        (0..4_u8, 1..9_i64, 0..20_i64, site.clone(), po).prop_map(|(id, qty, hour, site, po)| {
            Told::Receipt(Receipt { site, ..receipt(&id.to_string(), qty, hour, po) })
        });
    let adjustments = (0..4_u8, -9..9_i64, 0..20_i64, site).prop_map(|(id, delta, hour, site)| {
        Told::Adjustment(StockAdjustment { site, ..adjustment(&id.to_string(), delta, hour) })
    });
    let purchases = (0..2_u8, 0..30_i64, 0..9_i64, 0..20_i64).prop_map(|(n, qty, got, updated)| {
        Told::Purchase(purchase(&format!("P{n}"), qty, got, Some(40), updated))
    });
    prop_oneof![3 => orders, 3 => reports, 2 => receipts, 1 => adjustments, 1 => purchases]
}

fn positions(book: &StockBook) -> Vec<(Sku, SiteId, Position)> {
    let all = book.positions().filter(|(_, _, position)| **position != Position::default());
    all.map(|(sku, site, position)| (sku.clone(), site.clone(), position.clone())).collect()
}

proptest! {
    #[test]
    fn positions_do_not_depend_on_the_order_of_arrival(
        (told, shuffled) in proptest::collection::vec(any_told(), 1..24)
            .prop_flat_map(|told| (Just(told.clone()), Just(told).prop_shuffle())),
    ) {
        let (mut one, mut other) = (House::default(), House::default());
        told.iter().for_each(|told| drop(one.tell(told)));
        // Said twice over, in another order.
        shuffled.iter().chain(&told).for_each(|told| drop(other.tell(told)));
        prop_assert_eq!(positions(&one.book), positions(&other.book));
    }

    #[test]
    fn what_was_named_as_changed_is_enough_to_load_the_book_again(
        told in proptest::collection::vec(any_told(), 1..24),
        later in any_told(),
    ) {
        let mut house = House::default();
        told.iter().for_each(|told| drop(house.tell(told)));
        let shelves = house.shelves.iter();
        let shelves = shelves.map(|((sku, site), shelf)| (sku.clone(), site.clone(), shelf.clone()));
        let purchases: Vec<_> = house.book.purchase_orders().cloned().collect();
        let movements = house.movements.clone();
        let mut again = StockBook::load([], [], [], [], shelves, movements, purchases);
        prop_assert_eq!(positions(&again), positions(&house.book));
        std::mem::swap(&mut house.book, &mut again);
        house.tell(&later);
        let loaded = positions(&house.book);
        let mut whole = House::default();
        told.iter().chain([&later]).for_each(|told| drop(whole.tell(told)));
        prop_assert_eq!(loaded, positions(&whole.book));
    }

    #[test]
    fn goods_are_neither_made_nor_lost(
        opening in 0..100_i64,
        steps in proptest::collection::vec((0..5_u8, 1..20_i64, 1..50_i64), 0..30),
    ) {
        let mut house = House::default();
        let north = SiteId::from("north");
        house.report(on_hand(opening, 0));
        house.report(StockReport { site: north.clone(), ..on_hand(0, 0) });
        let (mut here, mut there) = (opening, 0);
        for (n, (what, qty, hour)) in steps.into_iter().enumerate() {
            let id = n.to_string();
            let told = match what {
                0 => {
                    here += qty;
                    Told::Receipt(receipt(&id, qty, hour, None))
                }
                1 => {
                    here -= qty;
                    Told::Order(order(&id, OrderStatus::Shipped, hour, qty))
                }
                2 => {
                    here -= qty;
                    there += qty;
                    Told::Transfer(main_site(), north.clone(), qty, hour, n as u64)
                }
                3 => {
                    here += qty;
                    there -= qty;
                    Told::Transfer(north.clone(), main_site(), qty, hour, n as u64)
                }
                _ => {
                    here -= qty;
                    Told::Adjustment(adjustment(&id, -qty, hour))
                }
            };
            house.tell(&told);
        }
        let north = house.book.position(&sku(), &north).unwrap();
        prop_assert_eq!(house.figures().0, Some(here));
        prop_assert_eq!(north.on_hand(), Some(Qty::units(there)));
    }
}

#[test]
fn an_order_of_goods_that_nobody_counts_has_arrived_when_its_source_says_so() {
    let mut book = StockBook::default();
    let mut po = PurchaseOrder {
        number: "PO-7".into(),
        supplier: "ACME".into(),
        site: main_site(),
        status: PoStatus::Sent,
        ordered_at: at(0),
        due_at: None,
        updated_at: at(0),
        lines: vec![PoLine {
            sku: "UNCOUNTED".into(),
            qty: Qty::units(4),
            received: Qty::ZERO,
            cost: None,
        }],
    };
    assert_eq!(book.arrived_at(&po), None);
    po.status = PoStatus::Received;
    po.updated_at = at(240);
    assert_eq!(book.arrived_at(&po), Some(at(240)));
    book.purchase_order(&po);
    assert_eq!(book.lead_times(&"ACME".into()), [Span::hours(240)]);
}
