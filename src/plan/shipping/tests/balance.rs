//! Properties of what is assembled and proposed, whatever is open.

use super::super::*;
use super::cases::{network, order};
use crate::domain::*;
use crate::plan::allocate::{Options, allocate};
use proptest::prelude::*;
use std::collections::BTreeMap;

const SITES: [&str; 3] = ["LEEDS", "YORK", "BRISTOL"];
const SKUS: [&str; 4] = ["A", "B", "C", "D"];

fn orders() -> impl Strategy<Value = Vec<OpenOrder>> {
    let line = (0..SKUS.len(), 1_i64..9);
    let one =
        (0..SITES.len(), proptest::collection::btree_map(0..SKUS.len(), 1_i64..9, 1..4), line);
    proptest::collection::vec(one, 1..12).prop_map(|all| {
        let make = |(n, (site, lines, _)): (usize, (usize, BTreeMap<usize, i64>, _))| {
            let lines: Vec<_> = lines.into_iter().map(|(sku, units)| (SKUS[sku], units)).collect();
            order(&n.to_string(), SITES[site], &lines)
        };
        all.into_iter().enumerate().map(make).collect()
    })
}

fn stock() -> impl Strategy<Value = Vec<[Option<i64>; 3]>> {
    let shelf = prop_oneof![4 => (0_i64..12).prop_map(Some), 1 => Just(None)];
    proptest::collection::vec(proptest::array::uniform3(shelf), SKUS.len())
}

fn parts(choice: &ShipChoice) -> Vec<(Sku, SiteId, i64)> {
    let of = |part: &ShipFrom| {
        let line = |(sku, qty): &(Sku, Qty)| (sku.clone(), part.site.clone(), qty.trunc());
        part.lines.iter().map(line).collect::<Vec<_>>()
    };
    choice.ships.iter().flat_map(of).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// Proposals together never take more than there is, every unit of an order ships or waits, and a
    /// proposal that changes something costs no more than leaving the order alone.
    #[test]
    fn proposals_balance_to_the_unit(orders in orders(), stock in stock()) {
        let shelves: Vec<_> = SKUS.into_iter().zip(stock).collect();
        let network = network(orders, &shelves);
        let terms = ShippingTerms::demo();
        let made = assemble(&network, &terms);
        let solved = allocate(&made.instance, &Options::default(), &|| false).unwrap();
        let proposed = cases(&network, &terms, &made, &solved.assignments);
        let found = proposed.cases;
        prop_assert!(proposed.cost <= proposed.shop_way && proposed.cost >= solved.bound);
        let mut taken: BTreeMap<(Sku, SiteId), i64> = BTreeMap::new();
        for case in &found {
            let order = &network.orders[case.order];
            let proposal = case.proposal.as_ref().unwrap();
            for choice in case.others.iter().chain([proposal]).chain(&case.now) {
                let mut units: BTreeMap<&Sku, i64> = BTreeMap::new();
                let shipped = choice.ships.iter().flat_map(|part| &part.lines);
                for (sku, qty) in shipped.chain(&choice.waits) {
                    prop_assert!(qty.is_positive());
                    *units.entry(sku).or_default() += qty.trunc();
                }
                let wanted: BTreeMap<&Sku, i64> =
                    order.lines.iter().map(|line| (&line.sku, line.units)).collect();
                prop_assert_eq!(units, wanted);
                for part in &choice.ships {
                    for (sku, qty) in &part.lines {
                        let shelf = network.stock[&(sku.clone(), part.site.clone())];
                        prop_assert!(qty.trunc() <= shelf.on_hand.unwrap_or(0));
                    }
                }
            }
            let now = case.now.as_ref().unwrap();
            if case.doubt.is_none() {
                prop_assert!(proposal.cost.total() <= now.cost.total() && proposal.is_whole());
            }
            for (sku, site, qty) in parts(proposal) {
                *taken.entry((sku, site)).or_default() += qty;
            }
        }
        // What needs no choice ships from its own site.
        for (place, order) in network.orders.iter().enumerate() {
            if found.iter().all(|case| case.order != place) {
                for line in &order.lines {
                    *taken.entry((line.sku.clone(), order.site.clone())).or_default() += line.units;
                }
            }
        }
        for (at, units) in taken {
            prop_assert!(units <= network.stock[&at].on_hand.unwrap_or(0), "{at:?}");
        }
    }
}
