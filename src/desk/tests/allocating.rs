//! Deciding from where orders ship.

use super::*;

fn shop(number: &str) -> OrderKey {
    OrderKey { feed: "shop".into(), number: number.into() }
}

/// Order 1001, of 6 units of 22423 at main, where ten are; at north there are four.
fn desk() -> House {
    let mut house = House::new();
    let report = StockReport {
        sku: sku(),
        site: "north".into(),
        qty: Some(Qty::units(4)),
        basis: StockBasis::OnHand,
        as_of: Timestamp::default(),
    };
    house.book.report(&report, &StockSource::Feed("shop".into()), &NoSales);
    house.orders.push(Order {
        key: shop("1001"),
        kind: OrderKind::Sale,
        status: OrderStatus::Open,
        placed_at: Timestamp::default(),
        updated_at: Timestamp::default(),
        shipped_at: None,
        site: SiteId::main(),
        customer: None,
        country: None,
        total: Money::zero(Currency::GBP),
        aside: Aside::default(),
        lines: vec![OrderLine {
            sku: sku(),
            class: LineClass::Product,
            qty: Qty::units(6),
            cancelled: Qty::ZERO,
            price: UnitPrice { e4: 10_000, currency: Currency::GBP },
        }],
    });
    house
}

fn part(site: &str, units: i64) -> ShipFrom {
    ShipFrom { site: site.into(), lines: vec![(sku(), Qty::units(units))] }
}

fn ship(ships: Vec<ShipFrom>) -> Decision {
    let (order, home) = (shop("1001"), SiteId::new(""));
    Decision::Allocate(Allocation { order, home, ships, waits: Vec::new(), proposed: false })
}

fn told(house: &mut House, of: u64, told: Told) {
    let decision = Decision::TellShipping { order: shop("1001"), of, told };
    house.enter("stockdeck", decision, None);
}

fn taken() -> Told {
    Told::Sent { target: "shop".into(), reference: None }
}

#[test]
fn the_desk_fills_in_what_waits_and_tells_the_shop_once() {
    let mut house = desk();
    let entry = house.decide(ANN, ship(vec![part("north", 2), part("main", 2), part("north", 1)]));
    let entry = entry.unwrap();
    let Decision::Allocate(one) = &house.journal[0].decision else { panic!() };
    assert_eq!(one.words(), "3 from north, 2 from main, 1 waits");
    assert_eq!(one.home, SiteId::main());
    let errands = house.allocations.errands();
    assert_eq!((errands.len(), errands[0].of), (1, entry));
    told(&mut house, entry, taken());
    assert!(house.allocations.errands().is_empty());
    assert!(house.allocations.standing(&shop("1001")).is_some());
}

#[test]
fn what_cannot_ship_so_is_refused_with_the_mend() {
    let mut house = desk();
    let table = [
        (ship(Vec::new()), "hold it for stock instead"),
        (ship(vec![part("north", 4), part("main", 3)]), "has 6 × 22423 and not 7"),
        (ship(vec![part("north", 5)]), "north has 4 × 22423 that no other decision takes"),
        (ship(vec![part("nroth", 1)]), "nroth"),
    ];
    for (decision, expected) in table {
        let refused = house.decide(ANN, decision).unwrap_err();
        assert!(refused.contains(expected), "{refused}");
    }
    let half = ShipFrom { site: "north".into(), lines: vec![(sku(), Qty::milli(500))] };
    assert!(house.decide(ANN, ship(vec![half])).unwrap_err().contains("whole units"));
    house.orders[0].status = OrderStatus::Held;
    assert!(house.decide(ANN, ship(vec![part("north", 1)])).unwrap_err().contains("is held"));
    house.orders[0].status = OrderStatus::Shipped;
    let refused = house.decide(ANN, ship(vec![part("north", 1)])).unwrap_err();
    assert!(refused.contains("is shipped; only orders that are to ship"), "{refused}");
    let by_hand = Decision::TellShipping { order: shop("1001"), of: 1, told: taken() };
    assert!(house.decide(ANN, by_hand).unwrap_err().contains("by the owner alone"));
}

#[test]
fn what_another_decision_takes_is_not_there_until_that_order_has_left() {
    let mut house = desk();
    let mut other = house.orders[0].clone();
    other.key = shop("1000");
    house.orders.push(other);
    let first = Allocation {
        order: shop("1000"),
        home: SiteId::main(),
        ships: vec![part("north", 3)],
        waits: Vec::new(),
        proposed: false,
    };
    house.enter(ANN, Decision::Allocate(first), None);
    let refused = house.decide(ANN, ship(vec![part("north", 2)])).unwrap_err();
    assert!(refused.contains("north has 1 × 22423"), "{refused}");
    house.orders[1].status = OrderStatus::Shipped;
    house.decide(ANN, ship(vec![part("north", 2)])).unwrap();
}

#[test]
fn a_decision_is_taken_back_while_the_order_is_there_and_the_shop_is_told() {
    let mut house = desk();
    let entry = house.decide(ANN, ship(vec![part("north", 4)])).unwrap();
    let refused = house.decide(ANN, ship(vec![part("main", 6)])).unwrap_err();
    assert!(refused.contains(&format!("undo {entry}")), "{refused}");
    told(&mut house, entry, taken());
    let back = house.undo(ANN, Some(entry)).unwrap();
    let errand = house.allocations.errands().remove(0);
    assert_eq!((errand.of, errand.takes_back.map(|(of, _)| of)), (back, Some(entry)));
    told(&mut house, back, taken());
    assert!(house.allocations.errands().is_empty());
    assert!(house.undo(ANN, Some(back)).unwrap_err().contains("decide anew"));
    let again = house.decide(ANN, ship(vec![part("main", 6)])).unwrap();
    house.orders[0].status = OrderStatus::Shipped;
    assert!(house.undo(ANN, Some(again)).unwrap_err().contains("what has left cannot ship"));
}

#[test]
fn what_the_shop_refused_counts_no_more_and_can_be_decided_anew() {
    let mut house = desk();
    let entry = house.decide(ANN, ship(vec![part("north", 4)])).unwrap();
    let refused = Told::Failed { target: "shop".into(), reason: "gone".into(), attempts: 1 };
    told(&mut house, entry, refused);
    assert!(house.allocations.standing(&shop("1001")).is_none());
    assert!(house.allocations.errands().is_empty());
    assert!(house.undo(ANN, Some(entry)).unwrap_err().contains("the shop refused it"));
    house.decide(ANN, ship(vec![part("main", 6)])).unwrap();
}

#[test]
fn an_order_waits_for_stock_until_somebody_takes_that_back() {
    let mut house = desk();
    let hold = |until| Decision::HoldForStock { order: shop("1001"), until, reason: " ".into() };
    let refused = house.decide(ANN, hold(Some(overrides::FIRST))).unwrap_err();
    assert!(refused.contains("a day to come"), "{refused}");
    let entry = house.decide(ANN, hold(None)).unwrap();
    let Decision::HoldForStock { reason, .. } = &house.journal[0].decision else { panic!() };
    assert_eq!(reason, "waits for stock");
    assert!(house.allocations.errands().is_empty(), "the shop is told nothing");
    assert!(house.decide(ANN, ship(vec![part("main", 1)])).is_err());
    house.undo(ANN, Some(entry)).unwrap();
    assert!(house.allocations.errands().is_empty());
    house.decide(ANN, ship(vec![part("main", 1)])).unwrap();
}

#[test]
fn an_order_that_was_moved_as_a_whole_can_move_on_and_the_others_part_is_counted_once() {
    let mut house = desk();
    let entry = house.decide(ANN, ship(vec![part("main", 6)])).unwrap();
    told(&mut house, entry, taken());
    let known = house.orders[0].clone();
    let choice = house.allocations.standing(&shop("1001")).unwrap();
    assert!(choice.is_settled(&known), "the order is what was decided");
    house.orders[0].lines[0].qty = Qty::units(4);
    house.decide(ANN, ship(vec![part("north", 4)])).unwrap_err();
    house.orders[0].lines[0].qty = Qty::units(6);
    house.decide(ANN, ship(vec![part("north", 4), part("main", 2)])).unwrap();
    let split = house.allocations.last_of(&shop("1001")).unwrap().clone();
    assert_eq!(split.outstanding(&known).len(), 2, "the shop does not know it yet");
    let seq = split.entry;
    told(&mut house, seq, taken());
    let mut first = known;
    (first.site, first.lines[0].qty) = ("north".into(), Qty::units(4));
    let split = house.allocations.last_of(&shop("1001")).unwrap();
    assert_eq!(split.outstanding(&first), [part("north", 4)]);
    first.lines[0].cancelled = Qty::units(1);
    assert_eq!(split.outstanding(&first), [part("north", 3)], "what is called off ships no more");
    // The other part is an order of its own by now, and that takes its units itself.
    let known = |key: &OrderKey| (*key == shop("1001")).then(|| first.clone());
    let taken =
        |site: &str| house.allocations.taken((&sku(), &SiteId::from(site)), &shop("1002"), &known);
    assert_eq!((taken("north"), taken("main")), (Qty::units(3), Qty::ZERO));
}
