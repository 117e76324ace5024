//! Instances that cannot be used, and allocations that break a constraint, are told by name.

use super::*;

fn refused(change: impl FnOnce(&mut Instance)) -> String {
    let mut instance = made(1, SMALL);
    change(&mut instance);
    let error = allocate(&instance, &Options::default(), &|| false).unwrap_err();
    error.to_string()
}

#[test]
fn what_makes_an_instance_unusable_is_named() {
    let cases: [(&str, String); 11] = [
        (
            "node 1 has no transit_days for zone 2",
            refused(|it| it.nodes[1].transit_days.truncate(2)),
        ),
        ("is unknown", refused(|it| it.stock[4].on_hand = None)),
        ("listed twice", refused(|it| it.stock.push(it.stock[0]))),
        ("line 3 has qty -1", refused(|it| it.lines[3].qty = -1)),
        ("stock 2 has on_hand -4", refused(|it| it.stock[2].on_hand = Some(-4))),
        ("line 5 names order 16", refused(|it| it.lines[5].order = 16)),
        ("line 5 names sku 12", refused(|it| it.lines[5].sku = 12)),
        ("order 0 names zone 3", refused(|it| it.orders[0].zone = 3)),
        ("order 2 has the id 9", refused(|it| it.orders[2].id = 9)),
        ("priority 7", refused(|it| it.orders[0].priority = 7)),
        ("too large", refused(|it| it.lines[..5].iter_mut().for_each(|line| line.qty = LARGEST))),
    ];
    for (expected, told) in cases {
        assert!(told.contains(expected), "{told:?} does not say {expected:?}");
    }
}

#[test]
fn an_order_bigger_than_everything_ships_what_there_is() {
    let mut instance = made(1, SMALL);
    instance.lines[0].qty = 900;
    instance.orders[instance.lines[0].order].ship_complete = false;
    instance.orders[1].promise_days = -2;
    let sku = instance.lines[0].sku;
    let all = instance.stock.iter().filter(|s| s.sku == sku).filter_map(|s| s.on_hand);
    let on_hand: i64 = all.sum();
    let told = concerns(&instance);
    assert!(told.contains(&Concern::MoreThanAll { line: 0, qty: 900, on_hand }));
    assert!(told.contains(&Concern::PromisePast { order: 1, days: 2 }));
    let allocation = quick(&instance);
    assert!(allocation.cost.units_short >= 900 - on_hand);
}

#[test]
fn an_empty_instance_costs_nothing() {
    let mut instance = made(1, SMALL);
    instance.orders.clear();
    instance.lines.clear();
    let allocation = quick(&instance);
    assert_eq!((allocation.cost.total(), allocation.bound), (0, 0));
    assert!(allocation.proven());
}

#[test]
fn a_broken_constraint_is_told_by_the_checker() {
    let mut instance = made(2, SMALL);
    instance.lines.truncate(2);
    instance.lines[0] = Line { id: 0, order: 0, sku: 0, qty: 5, short_penalty: 100 };
    instance.lines[1] = Line { id: 1, order: 1, sku: 0, qty: 5, short_penalty: 100 };
    instance.orders[0].ship_complete = false;
    instance.orders[1].ship_complete = true;
    instance.stock = vec![Stock { node: 0, sku: 0, on_hand: Some(8), scarcity: 3 }];
    instance.nodes[0].package_capacity = 2;
    let told = |rows: &[(usize, usize, i64)]| {
        let assignments: Vec<Assignment> = rows.iter().map(|&row| row.into()).collect();
        check(&instance, &assignments).map(|cost| cost.units_short)
    };
    assert_eq!(told(&[(0, 0, 3), (1, 0, 5)]), Ok(2));
    assert_eq!(told(&[(0, 0, 6)]), Err(Violation::TooMuch { line: 0, units: 6, qty: 5 }));
    assert_eq!(told(&[(1, 0, 4)]), Err(Violation::Incomplete { order: 1, short: 1 }));
    assert_eq!(told(&[(0, 0, 1), (0, 0, 1)]), Err(Violation::Twice { line: 0, node: 0 }));
    assert_eq!(told(&[(0, 0, 0)]), Err(Violation::Units { line: 0, node: 0, units: 0 }));
    assert_eq!(told(&[(9, 0, 1)]), Err(Violation::Unknown { line: 9, node: 0 }));
    let over = Violation::OverStock { node: 0, sku: 0, units: 10, on_hand: 8 };
    assert_eq!(told(&[(0, 0, 5), (1, 0, 5)]), Err(over));
    instance.nodes[0].package_capacity = 1;
    let both = [(0, 0, 3), (1, 0, 5)].map(Assignment::from);
    let over = Violation::OverCapacity { node: 0, packages: 2, capacity: 1 };
    assert_eq!(check(&instance, &both), Err(over));
}
