//! The optimum, and what has to hold of every allocation.

use super::*;
use proptest::prelude::*;

/// What the cheapest of all allocations costs: every split of every line is tried.
fn cheapest(instance: &Instance) -> i64 {
    let mut found = i64::MAX;
    extend(instance, 0, &mut Vec::new(), &mut found);
    found
}

fn extend(instance: &Instance, line: usize, so_far: &mut Vec<Assignment>, found: &mut i64) {
    let Some(it) = instance.lines.get(line) else {
        if let Ok(cost) = check(instance, so_far) {
            *found = cost.total().min(*found);
        }
        return;
    };
    let before = so_far.len();
    for first in 0..=it.qty {
        for second in 0..=it.qty - first {
            for (node, units) in [(0, first), (1, second)] {
                if units > 0 {
                    so_far.push(Assignment { line, node, units });
                }
            }
            extend(instance, line + 1, so_far, found);
            so_far.truncate(before);
        }
    }
}

#[test]
fn tiny_instances_get_the_cheapest_of_all_allocations() {
    for seed in 0..150 {
        let mut instance = made(seed, TINY);
        if seed % 3 == 0 {
            instance.nodes[seed as usize % 2].unserved = vec![0, 2];
        }
        let allocation = quick(&instance);
        assert_eq!(allocation.cost.total(), cheapest(&instance), "seed {seed}");
        assert!(allocation.proven(), "seed {seed}");
    }
}

#[test]
fn the_same_instance_has_the_same_allocation() {
    let instance = made(7, SMALL);
    let options = Options { time_limit: Duration::from_secs(60), effort: 0.2 };
    let run = || allocate(&instance, &options, &|| false).unwrap();
    let (first, second) = (run(), run());
    assert!(!first.cut_short && !second.cut_short, "the machine is too slow for this test");
    assert_eq!(first.assignments, second.assignments);
    assert_eq!(first.prices, second.prices);
}

#[test]
fn a_cancelled_allocation_gives_nothing_out() {
    let cancelled = allocate(&made(1, SMALL), &Options::default(), &|| true);
    assert_eq!(cancelled, Err(AllocateError::Cancelled));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    #[test]
    fn constraints_hold_and_every_line_is_accounted_for(seed in any::<u64>()) {
        let mut instance = made(seed, SMALL);
        instance.nodes[1].unserved = vec![(seed % 3) as usize];
        let allocation = quick(&instance);
        // The checker refuses too much stock, packages or units, zones that are not served, and orders in part.
        let cost = check(&instance, &allocation.assignments).unwrap();
        prop_assert_eq!(cost, allocation.cost);
        let wanted: i64 = instance.lines.iter().map(|line| line.qty).sum();
        let shipped: i64 = allocation.assignments.iter().map(|it| it.units).sum();
        prop_assert_eq!(wanted, shipped + cost.units_short);
        prop_assert!(allocation.bound <= cost.total());
        for rule in [per_line(&instance), whole_order(&instance)] {
            prop_assert!(check(&instance, &rule).unwrap().total() >= allocation.bound);
        }
    }

    #[test]
    fn more_stock_never_costs_more(seed in any::<u64>(), more in 1i64..4, which in any::<usize>()) {
        let mut instance = made(seed, SMALL);
        let before = quick(&instance);
        let row = which % instance.stock.len();
        instance.stock[row].on_hand = instance.stock[row].on_hand.map(|units| units + more);
        let after = quick(&instance);
        prop_assert!(before.proven() && after.proven());
        prop_assert!(after.cost.total() <= before.cost.total());
    }

    #[test]
    fn another_package_never_costs_more(seed in any::<u64>(), which in any::<usize>()) {
        let mut instance = made(seed, SMALL);
        let before = quick(&instance);
        let node = which % instance.nodes.len();
        instance.nodes[node].package_capacity += 1;
        let after = quick(&instance);
        prop_assert!(before.proven() && after.proven());
        prop_assert!(after.cost.total() <= before.cost.total());
    }
}
