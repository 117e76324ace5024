//! What a person should know of an instance before its allocation: orders that cannot be what they ask for.

use super::instance::Instance;
use std::fmt;

/// Something about an order or line that no allocation can mend.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Concern {
    /// The order was promised for a day that is over: each node is late.
    PromisePast {
        /// The order.
        order: usize,
        /// How many days ago.
        days: i64,
    },
    /// No node comes in time, though the promise is ahead.
    NoneInTime {
        /// The order.
        order: usize,
        /// The fewest days late.
        days: i64,
    },
    /// Nothing of what a line wants is anywhere.
    NothingThere {
        /// The line.
        line: usize,
    },
    /// A line wants more than all nodes have together.
    MoreThanAll {
        /// The line.
        line: usize,
        /// Units wanted.
        qty: i64,
        /// Units everywhere.
        on_hand: i64,
    },
    /// A ship-complete order that cannot be complete, so that nothing of it ships.
    NeverComplete {
        /// The order.
        order: usize,
        /// A line that there is too little for.
        line: usize,
    },
}

impl fmt::Display for Concern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Concern::PromisePast { order, days } => write!(
                f,
                "order {order} was promised {days} days ago: it is late from everywhere; agree a new date or ship from the fastest node"
            ),
            Concern::NoneInTime { order, days } => write!(
                f,
                "order {order} comes {days} days late at best: tell the customer, or send it faster"
            ),
            Concern::NothingThere { line } => {
                write!(f, "line {line} wants what no node has: hold it for stock or cancel it")
            }
            Concern::MoreThanAll { line, qty, on_hand } => write!(
                f,
                "line {line} wants {qty} and all nodes have {on_hand}: ship a part, or hold it for stock"
            ),
            Concern::NeverComplete { order, line } => write!(
                f,
                "order {order} is to ship complete, and there is too little for line {line}: nothing of it ships; allow it in parts, or hold it for stock"
            ),
        }
    }
}

/// What there is to say of an instance that was checked, by order and line.
pub fn concerns(instance: &Instance) -> Vec<Concern> {
    let mut on_hand = vec![0i64; instance.skus.len()];
    for stock in &instance.stock {
        on_hand[stock.sku] += stock.on_hand.unwrap_or(0);
    }
    let mut concerns = Vec::new();
    for (order, it) in instance.orders.iter().enumerate() {
        let fastest = instance.nodes.iter().map(|node| node.transit_days[it.zone]).min();
        let late = fastest.map_or(0, |days| days - it.promise_days);
        if it.promise_days < 0 {
            concerns.push(Concern::PromisePast { order, days: -it.promise_days });
        } else if late > 0 {
            concerns.push(Concern::NoneInTime { order, days: late });
        }
    }
    let mut wanted = std::collections::BTreeMap::new();
    for (line, it) in instance.lines.iter().enumerate() {
        let all: &mut i64 = wanted.entry((it.order, it.sku)).or_default();
        *all += it.qty;
        if instance.orders[it.order].ship_complete && *all > on_hand[it.sku] {
            concerns.push(Concern::NeverComplete { order: it.order, line });
        } else if it.qty > 0 && on_hand[it.sku] == 0 {
            concerns.push(Concern::NothingThere { line });
        } else if it.qty > on_hand[it.sku] {
            concerns.push(Concern::MoreThanAll { line, qty: it.qty, on_hand: on_hand[it.sku] });
        }
    }
    concerns
}
