//! Which decisions from where an order ships are allowed.

use super::book::{Chosen, ShopWord};
use super::error::AllocatingError;
use crate::desk::check::{check_order, check_site, words};
use crate::desk::{DeskError, DeskView};
use crate::domain::{
    Allocation, Day, Decision, Order, OrderKey, OrderKind, OrderStatus, Qty, ShipFrom, SiteId, Sku,
};
use std::collections::BTreeMap;

/// What is said of an order that waits where nobody gave a reason.
const WAITS: &str = "waits for stock";

/// Checks a decision from where an order ships and fills in what waits: sites are known, nothing ships
/// twice or that was not ordered, and every unit is there and no other decision takes it.
pub(in crate::desk) fn check_allocation(
    one: Allocation,
    view: &dyn DeskView,
) -> Result<Decision, DeskError> {
    let order = to_ship(&one.order, view)?;
    undecided(&one.order, view)?;
    let ships = merged(one.ships)?;
    let mut left = ordered(&order);
    for part in &ships {
        check_site(&part.site, view)?;
        for (sku, wanted) in &part.lines {
            let ordered = left.entry(sku.clone()).or_default();
            if *wanted > *ordered {
                let ordered = self::ordered(&order).remove(sku).unwrap_or_default();
                let wanted = ships.iter().flat_map(|part| &part.lines);
                let wanted = wanted.filter(|(of, _)| of == sku).map(|(_, qty)| *qty).sum();
                let (order, sku) = (one.order.clone(), sku.clone());
                return Err(AllocatingError::MoreThanOrdered { order, sku, wanted, ordered }.into());
            }
            *ordered -= *wanted;
            check_there((sku, &part.site), *wanted, &one.order, view)?;
        }
    }
    if ships.is_empty() {
        return Err(AllocatingError::NothingShips { order: one.order }.into());
    }
    let waits = left.into_iter().filter(|(_, qty)| qty.is_positive()).collect();
    Ok(Decision::Allocate(Allocation { home: order.site, ships, waits, ..one }))
}

/// Checks that an order is to wait.
pub(in crate::desk) fn check_hold(
    order: OrderKey,
    until: Option<Day>,
    reason: &str,
    view: &dyn DeskView,
) -> Result<Decision, DeskError> {
    to_ship(&order, view)?;
    undecided(&order, view)?;
    if until.is_some_and(|day| day <= view.today()) {
        return Err(AllocatingError::UntilPast.into());
    }
    let reason = if reason.trim().is_empty() { WAITS } else { reason };
    let reason = words("reason", reason)?;
    Ok(Decision::HoldForStock { order, until, reason })
}

/// What takes a decision back, while the order has not left.
pub fn inverse(entry: u64, order: &OrderKey, view: &dyn DeskView) -> Result<Decision, DeskError> {
    let why = |why| DeskError::from(AllocatingError::Overtaken { entry, why });
    let book = view.allocations();
    let choice = book.choice(entry).ok_or(DeskError::NoSuchEntry { seq: entry })?;
    if matches!(choice.told, Some(ShopWord::Refused(_))) {
        return Err(why("the shop refused it"));
    }
    if book.last_of(order).is_some_and(|last| last.entry != entry) {
        return Err(why("the order was decided about again"));
    }
    if let (Chosen::Ship(_), Some(known)) = (&choice.what, view.order(order))
        && !known.status.is_promised()
    {
        let (order, status) = (order.clone(), known.status.word());
        return Err(AllocatingError::Left { order, status }.into());
    }
    Ok(Decision::Unallocate { entry, order: order.clone() })
}

/// The order, where it is paid and neither stopped nor gone.
fn to_ship(key: &OrderKey, view: &dyn DeskView) -> Result<Order, DeskError> {
    check_order(key, view)?;
    let unknown = || DeskError::UnknownOrder { order: key.clone(), hint: None };
    let order = view.order(key).ok_or_else(unknown)?;
    match order.status {
        OrderStatus::Open if order.kind == OrderKind::Sale => Ok(order),
        OrderStatus::Held => Err(AllocatingError::Held { order: key.clone() }.into()),
        other => {
            let (order, status) = (key.clone(), other.word());
            Err(AllocatingError::NotToShip { order, status }.into())
        }
    }
}

/// Refuses a second decision: what the shop was told first has to be taken back first. An order that was
/// moved as a whole and is told so by now can move on.
fn undecided(key: &OrderKey, view: &dyn DeskView) -> Result<(), DeskError> {
    let Some(choice) = view.allocations().standing(key) else { return Ok(()) };
    if let Chosen::Hold { until: Some(until), .. } = &choice.what
        && *until <= view.today()
    {
        return Ok(());
    }
    if let Some(one) = choice.allocation()
        && one.ships.len() == 1
        && one.waits.is_empty()
        && view.order(key).is_some_and(|order| choice.is_settled(&order))
    {
        return Ok(());
    }
    let (order, entry, who) = (key.clone(), choice.entry, choice.who.clone());
    Err(AllocatingError::Decided { order, entry, who }.into())
}

/// Units of each SKU that an order still wants.
fn ordered(order: &Order) -> BTreeMap<Sku, Qty> {
    let mut units: BTreeMap<Sku, Qty> = BTreeMap::new();
    for line in order.product_lines() {
        *units.entry(line.sku.clone()).or_default() += line.standing().at_least_zero();
    }
    units
}

/// One part a site and one line a SKU, whole units above zero.
fn merged(ships: Vec<ShipFrom>) -> Result<Vec<ShipFrom>, DeskError> {
    let mut parts: Vec<ShipFrom> = Vec::new();
    for ShipFrom { site, lines } in ships {
        let at = parts.iter().position(|part| part.site == site).unwrap_or_else(|| {
            parts.push(ShipFrom { site, lines: Vec::new() });
            parts.len() - 1
        });
        for (sku, qty) in lines {
            if !qty.is_positive() || qty.as_milli() % 1_000 != 0 {
                return Err(AllocatingError::PartOfAUnit { sku, qty }.into());
            }
            let lines = &mut parts[at].lines;
            match lines.iter_mut().find(|(known, _)| *known == sku) {
                Some((_, known)) => *known += qty,
                None => lines.push((sku, qty)),
            }
        }
    }
    parts.retain(|part| !part.lines.is_empty());
    Ok(parts)
}

fn check_there(
    (sku, site): (&Sku, &SiteId),
    wanted: Qty,
    order: &OrderKey,
    view: &dyn DeskView,
) -> Result<(), DeskError> {
    let on_hand = view.position(sku, site).and_then(|position| position.on_hand());
    let (sku, site) = (sku.clone(), site.clone());
    let Some(on_hand) = on_hand else {
        return Err(AllocatingError::StockUnknown { sku, site }.into());
    };
    let free = on_hand - view.allocations().taken((&sku, &site), order, &|key| view.order(key));
    match wanted > free {
        true => {
            let free = free.at_least_zero();
            Err(AllocatingError::NotThere { site, sku, wanted, free }.into())
        }
        false => Ok(()),
    }
}
