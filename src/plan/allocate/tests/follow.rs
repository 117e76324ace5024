//! One allocation after another, and the alternatives of an order.

use super::*;

/// An instance without its last order, which has the last lines.
fn without_last_order(instance: &Instance) -> Instance {
    let mut before = instance.clone();
    let last = before.orders.len() - 1;
    before.orders.pop();
    before.lines.retain(|line| line.order != last);
    before
}

/// A made-up instance whose last order has the last lines.
fn ending_with_an_order(seed: u64) -> Instance {
    let mut instance = made(seed, SMALL);
    instance.lines.sort_by_key(|line| line.order);
    let last = instance.orders.len() - 1;
    let line = Line { id: 0, order: last, sku: 0, qty: 2, short_penalty: 900 };
    instance.lines.push(line);
    for (id, line) in instance.lines.iter_mut().enumerate() {
        line.id = id;
    }
    instance
}

#[test]
fn a_new_order_joins_an_allocation_at_little_more_than_the_optimum() {
    let (mut followed, mut anew) = (0, 0);
    for seed in 0..12 {
        let instance = ending_with_an_order(seed);
        let before = quick(&without_last_order(&instance));
        let last = instance.orders.len() - 1;
        let options = Options::default();
        let after =
            reallocate(&instance, &before.assignments, &before.prices, &[last], &options, &|| {
                false
            })
            .unwrap();
        check(&instance, &after.assignments).unwrap();
        assert!(after.bound <= after.cost.total());
        followed += after.cost.total();
        anew += quick(&instance).cost.total();
    }
    assert!(followed >= anew);
    assert!(followed * 100 <= anew * 102, "{followed} against {anew}");
}

#[test]
fn what_is_no_longer_possible_is_allocated_anew() {
    let mut instance = made(3, SMALL);
    let before = quick(&instance);
    let taken = before.assignments[0];
    let sku = instance.lines[taken.line].sku;
    for stock in &mut instance.stock {
        if (stock.node, stock.sku) == (taken.node, sku) {
            stock.on_hand = Some(0);
        }
    }
    let follow = |assignments: &[Assignment]| {
        let options = Options::default();
        reallocate(&instance, assignments, &before.prices, &[], &options, &|| false).unwrap()
    };
    let after = follow(&before.assignments);
    assert!(
        after
            .assignments
            .iter()
            .all(|it| { (it.node, instance.lines[it.line].sku) != (taken.node, sku) })
    );
    // Nonsense is dropped, not followed.
    let nonsense = [(99, 0, 1), (0, 99, 1), (0, 0, -5), (0, 0, 1000)].map(Assignment::from);
    check(&instance, &follow(&nonsense).assignments).unwrap();
}

#[test]
fn no_alternative_of_a_proven_allocation_is_cheaper_and_each_tells_its_cost() {
    for seed in 0..6 {
        let instance = made(seed, SMALL);
        let allocation = quick(&instance);
        assert!(allocation.proven());
        for order in 0..instance.orders.len() {
            let choice = alternatives(&instance, &allocation, order, 9).unwrap();
            let own = choice.proposed.cost.total();
            assert_eq!(choice.proposed.difference, 0);
            let mut last = i64::MIN;
            for other in &choice.others {
                assert!(other.difference >= 0, "seed {seed} order {order}: {other:?}");
                assert!(other.difference >= last);
                last = other.difference;
                assert_eq!(other.cost.total() - own, other.own_difference);
                if other.displaced.is_empty() {
                    assert_eq!(other.difference, other.own_difference);
                }
            }
            for (node, why) in &choice.closed {
                assert!(choice.others.iter().all(|it| it.nodes != [*node]), "{why:?}");
            }
        }
    }
}

#[test]
fn all_orders_own_costs_add_up_to_the_whole() {
    let instance = made(11, SMALL);
    let allocation = quick(&instance);
    let own = |order| alternatives(&instance, &allocation, order, 1).unwrap().proposed.cost;
    let sum: i64 = (0..instance.orders.len()).map(|order| own(order).total()).sum();
    assert_eq!(sum, allocation.cost.total());
    assert!(alternatives(&instance, &allocation, instance.orders.len(), 1).is_none());
}
