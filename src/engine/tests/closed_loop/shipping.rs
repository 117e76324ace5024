//! Orders shipped from elsewhere: the shop does as the console's user decided, and every unit is accounted
//! for at all three sites, here and there.

use super::*;
use crate::config::Config as Configured;
use crate::engine::allocation::tell_shop;
use crate::engine::api::{AllocationRow, Outcome};
use crate::engine::buying::tell_shop_of;

fn mei() -> Actor {
    Actor { user: "mei".into(), uid: 1, from: "test".into() }
}

impl Loop {
    async fn allocate(&self) -> Arc<crate::engine::allocation::Board> {
        let house = self.house.clone();
        tokio::task::block_in_place(|| house.allocate()).unwrap();
        self.house.allocator.board()
    }

    /// Decides, and waits until the shop has answered everything that it was told.
    async fn decide(&self, decisions: Vec<Decision>) -> Vec<u64> {
        let house = &self.house;
        let decide = |decision| match house.decide(mei(), decision, "").unwrap() {
            Outcome::Journalled(seq) => seq,
            other => panic!("{other:?}"),
        };
        let seqs = tokio::task::block_in_place(|| decisions.into_iter().map(decide).collect());
        self.told().await;
        seqs
    }

    async fn told(&self) {
        let house = &self.house;
        let stop = watch::Sender::new(false);
        let running = tokio::spawn(tell_shop(house.clone(), stop.subscribe()));
        let mut decided = house.decided.subscribe();
        while !house.allocator.decided().errands().is_empty() {
            decided.changed().await.unwrap();
        }
        stop.send_replace(true);
        running.await.unwrap();
    }

    async fn pass(&mut self, span: Span) {
        self.shop.advance_to(self.shop.clock.now() + span).await.unwrap();
        self.read().await;
    }

    fn order(&self, key: &OrderKey) -> Order {
        let index = self.house.orders.read();
        let row = index.find(key).unwrap();
        let store = self.house.store().unwrap();
        store.get::<crate::engine::tables::Orders>(&row).unwrap().unwrap().into_order()
    }
}

/// An open order with all of its units at another site too, and that site.
fn movable(at: &Loop, but: &[OrderKey], lines: usize) -> (Order, SiteId) {
    let index = at.house.orders.read();
    let keys: Vec<OrderKey> = index.open_rows().map(|row| index.row(row).unwrap().key).collect();
    drop(index);
    let book = at.house.stock.read();
    let orders = keys.into_iter().filter(|key| !but.contains(key)).map(|key| at.order(&key));
    let mut found = orders.filter_map(|order| {
        let there = |site: &&str| {
            **site != *order.site.as_str()
                && order.product_lines().all(|line| {
                    let position = book.position(&line.sku, &SiteId::from(*site));
                    let free = position.and_then(Position::available);
                    free.is_some_and(|units| units > line.standing())
                })
        };
        let site = SITES.iter().map(|(id, _)| *id).find(there)?;
        let fits = order.status == OrderStatus::Open && order.product_lines().count() >= lines;
        fits.then(|| (order.clone(), SiteId::from(site)))
    });
    found.next().expect("an order that can ship from elsewhere")
}

fn lines(order: &Order) -> Vec<(Sku, Qty)> {
    order.product_lines().map(|line| (line.sku.clone(), line.standing())).collect()
}

fn ship(order: &Order, ships: Vec<ShipFrom>) -> Decision {
    let (order, home) = (order.key.clone(), order.site.clone());
    Decision::Allocate(Allocation { order, home, ships, waits: Vec::new(), proposed: false })
}

#[tokio::test(flavor = "multi_thread")]
async fn orders_ship_from_where_somebody_decided_and_all_three_sites_balance_to_the_unit() {
    let dir = tempfile::tempdir().unwrap();
    let mut at = Loop::open(dir.path()).await;
    at.house.allocator.set_up(StoreKind::Demo, &Configured::default());
    tell_shop_of(&at.house, &at.shop);
    at.read().await;
    at.agrees().await;
    let opening = at.shop.ask(on_hand).await.unwrap();

    // All open orders are allocated together, no dearer than the shop has them, and none twice.
    let board = at.allocate().await;
    assert!(board.about.orders[0] > 0, "{:?}", board.about);
    assert!(board.about.bound <= board.about.cost && board.about.cost <= board.about.shop_way);

    // One moves, one is split over two sites, one is split and put together again.
    let (moved, to) = movable(&at, &[], 1);
    let (split, other) = movable(&at, std::slice::from_ref(&moved.key), 2);
    let (undone, away) = movable(&at, &[moved.key.clone(), split.key.clone()], 2);
    let parts = |order: &Order, away: &SiteId| {
        let (first, rest) =
            lines(order).split_first().map(|(a, b)| (a.clone(), b.to_vec())).unwrap();
        vec![
            ShipFrom { site: away.clone(), lines: vec![first] },
            ShipFrom { site: order.site.clone(), lines: rest },
        ]
    };
    let orders_before = at.house.orders.read().len();
    let entries = at
        .decide(vec![
            ship(&moved, vec![ShipFrom { site: to.clone(), lines: lines(&moved) }]),
            ship(&split, parts(&split, &other)),
            ship(&undone, parts(&undone, &away)),
        ])
        .await;
    at.pass(Span::minutes(1)).await;
    at.agrees().await;
    assert_eq!(at.order(&moved.key).site, to);
    assert_eq!(at.order(&moved.key).units(), moved.units());
    assert_eq!(at.order(&split.key).site, other);
    assert_eq!(at.order(&split.key).product_lines().count(), 1, "the rest is an order of its own");
    assert_eq!(at.house.orders.read().len(), orders_before + 2);
    let row = |board: &crate::engine::allocation::Board, key: &OrderKey| -> Option<AllocationRow> {
        board.rows.iter().find(|row| row.key == *key).cloned()
    };
    let board = at.allocate().await;
    let decided = row(&board, &moved.key).unwrap().decided.unwrap();
    assert_eq!((decided.entry, decided.waits_for), (entries[0], None));
    tokio::task::block_in_place(|| at.house.undo(mei(), Some(entries[2]))).unwrap();
    at.told().await;
    at.pass(Span::minutes(1)).await;
    let back = at.order(&undone.key);
    assert_eq!((back.site.clone(), lines(&back)), (undone.site.clone(), lines(&undone)));

    // What is clear is accepted, day after day; what leaves leaves the sites that were decided.
    for day in 1..4 {
        let board = at.allocate().await;
        let clear = board.about.clear.iter().take(20).cloned().map(Decision::Allocate).collect();
        at.decide(clear).await;
        at.shop.advance_to(begin() + Span::days(day)).await.unwrap();
        at.read().await;
        at.agrees().await;
    }
    let shipped = at.order(&moved.key);
    assert_eq!((shipped.status, shipped.site), (OrderStatus::Shipped, to));
    let refused = tokio::task::block_in_place(|| at.house.undo(mei(), Some(entries[0])));
    assert!(refused.unwrap_err().message.contains("what has left cannot ship"));
    let since = calendar::seconds(begin());
    let places = at.shop.ask(|merchant| balance(merchant, &opening, since)).await.unwrap();
    assert!(places > 100, "{places}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_that_leaves_before_the_shop_is_told_is_refused_and_said_so() {
    let dir = tempfile::tempdir().unwrap();
    let mut at = Loop::open(dir.path()).await;
    at.house.allocator.set_up(StoreKind::Demo, &Configured::default());
    at.read().await;
    let (order, to) = movable(&at, &[], 1);
    let one = ship(&order, vec![ShipFrom { site: to, lines: lines(&order) }]);
    let decided = tokio::task::block_in_place(|| at.house.decide(mei(), one, ""));
    decided.unwrap();
    // Nobody tells the shop meanwhile; it ships the order as it has it.
    at.shop.advance_to(begin() + Span::days(2)).await.unwrap();
    tell_shop_of(&at.house, &at.shop);
    at.told().await;
    let refused = at.house.allocator.decided().last_of(&order.key).unwrap().clone();
    assert!(!refused.stands(), "{refused:?}");
    at.read().await;
    at.agrees().await;
    assert_eq!(at.order(&order.key).site, order.site);
}
