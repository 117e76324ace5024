//! The open orders as an instance of the allocation.

use super::network::{Blocked, Network, OpenOrder};
use super::terms::{Rate, ShippingTerms};
use crate::domain::{SiteId, Sku};
use crate::plan::allocate::{
    Instance, LARGEST, Line, MOST_COST, Node, Order, Params, Sku as Item, Stock,
};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// Promises that are longer over than this, in days, are all the same.
const LONG_AGO: i64 = 36_500;

/// An instance, and what its numbers stand for.
#[derive(Clone, Debug)]
pub struct Assembled {
    /// The instance; its solution says what ships from where.
    pub instance: Instance,
    /// For each of its orders the place in [`Network::orders`], ascending.
    pub orders: Vec<usize>,
    /// For each of its orders its lines.
    pub lines: Vec<Vec<usize>>,
    /// Its nodes.
    pub sites: Vec<SiteId>,
    /// Its SKUs.
    pub skus: Vec<Sku>,
    /// Orders that are not in it, by their place in [`Network::orders`], and why.
    pub blocked: Vec<(usize, Blocked)>,
    /// Shelves whose stock nobody knows and that ship nothing therefore.
    pub unknown: BTreeSet<(Sku, SiteId)>,
    shelves: HashMap<(usize, usize), (i64, i64)>,
}

impl Assembled {
    /// Units that a node has of an item, and what taking one costs the orders to come.
    pub fn shelf(&self, node: usize, sku: usize) -> (i64, i64) {
        self.shelves.get(&(node, sku)).copied().unwrap_or((0, 0))
    }
    /// Whether a node ships to a zone.
    pub fn serves(&self, node: usize, zone: usize) -> bool {
        self.instance.nodes[node].serves(zone)
    }
}

/// Makes the instance. Orders that somebody decided about, and those that cannot be allocated, are not
/// in it; what they take is taken off stock and packages first. An order so large that no sum with it is
/// exact is left out by itself, so that all others are allocated.
pub fn assemble(network: &Network, terms: &ShippingTerms) -> Assembled {
    let made = without(network, terms, &BTreeSet::new());
    let large = made.instance.too_large();
    match large.is_empty() {
        true => made,
        false => without(network, terms, &large.iter().map(|order| made.orders[*order]).collect()),
    }
}

/// The instance without some orders, by their place in [`Network::orders`], that are too large for it.
fn without(network: &Network, terms: &ShippingTerms, large: &BTreeSet<usize>) -> Assembled {
    let sites: Vec<SiteId> = terms.sites.keys().cloned().collect();
    let skus: BTreeSet<&Sku> =
        network.orders.iter().flat_map(|order| order.lines.iter().map(|line| &line.sku)).collect();
    let skus: Vec<Sku> = skus.into_iter().cloned().collect();
    let mut weights = vec![0; skus.len()];
    let mut taken = network.promised.clone();
    let mut packages = network.sent.clone();
    let mut made = Assembled {
        instance: Instance::default(),
        orders: Vec::new(),
        lines: Vec::new(),
        sites,
        skus,
        blocked: Vec::new(),
        unknown: BTreeSet::new(),
        shelves: HashMap::new(),
    };
    for (place, order) in network.orders.iter().enumerate() {
        for line in &order.lines {
            if let Ok(sku) = made.skus.binary_search(&line.sku) {
                weights[sku] = line.weight_g;
            }
        }
        if !order.decided.is_empty() {
            for part in &order.decided {
                *packages.entry(part.site.clone()).or_default() += 1;
                for (sku, qty) in &part.lines {
                    add(&mut taken, (sku.clone(), part.site.clone()), qty.trunc());
                }
            }
            continue;
        }
        let zone = match large.contains(&place) {
            true => Err(Blocked::TooLarge { units: units_of(order) }),
            false => zone_of(order, terms),
        };
        match zone {
            Ok(zone) => made.take(network, terms, place, zone),
            Err(blocked) => {
                // One that its site has not all of ships nothing, and so large a one would starve the rest.
                let takes = !large.contains(&place) || is_there(network, order, &taken);
                if takes {
                    *packages.entry(order.site.clone()).or_default() += 1;
                    for line in &order.lines {
                        add(&mut taken, (line.sku.clone(), order.site.clone()), line.units);
                    }
                }
                made.blocked.push((place, blocked));
            }
        }
    }
    made.put_items(&weights);
    made.put_nodes(network, terms, &packages);
    made.put_short_penalties(network, terms);
    made.put_stock(network, &taken);
    made
}

fn add(taken: &mut BTreeMap<(Sku, SiteId), i64>, at: (Sku, SiteId), units: i64) {
    let sum = taken.entry(at).or_default();
    *sum = sum.saturating_add(units);
}

fn units_of(order: &OpenOrder) -> i64 {
    order.lines.iter().fold(0, |sum: i64, line| sum.saturating_add(line.units))
}

/// Whether an order's own site has all of it beside what is taken already.
fn is_there(network: &Network, order: &OpenOrder, taken: &BTreeMap<(Sku, SiteId), i64>) -> bool {
    order.lines.iter().all(|line| {
        let at = (line.sku.clone(), order.site.clone());
        let on_hand = network.stock.get(&at).and_then(|shelf| shelf.on_hand).unwrap_or(0);
        line.units <= on_hand.saturating_sub(taken.get(&at).copied().unwrap_or(0))
    })
}

/// The zone of an order that can be allocated.
fn zone_of(order: &OpenOrder, terms: &ShippingTerms) -> Result<usize, Blocked> {
    if let Some(odd) = &order.odd {
        return Err(odd.clone());
    }
    if !terms.sites.contains_key(&order.site) {
        return Err(Blocked::NoSite { site: order.site.clone() });
    }
    let zone = terms.zone_of(order.country.as_ref(), &order.given_to).ok_or_else(|| {
        Blocked::NoZone { country: order.country.clone(), given_to: order.given_to.clone() }
    })?;
    let name = &terms.zones[zone].name;
    let served = terms.sites.values().any(|site| site.rates.contains_key(name));
    served.then_some(zone).ok_or_else(|| Blocked::Unserved { zone: name.clone() })
}

impl Assembled {
    fn take(&mut self, network: &Network, terms: &ShippingTerms, place: usize, zone: usize) {
        let order = &network.orders[place];
        let promise = terms.promise(zone, order);
        let id = self.orders.len();
        let days = i64::from(promise.due.number()) - i64::from(network.today.number());
        self.instance.orders.push(Order {
            id,
            zone,
            promise_days: days.clamp(-LONG_AGO, LONG_AGO),
            priority: promise.priority,
            ship_complete: promise.complete,
        });
        let mut lines = Vec::with_capacity(order.lines.len());
        for line in order.lines.iter().filter(|line| line.units > 0) {
            let Ok(sku) = self.skus.binary_search(&line.sku) else { continue };
            lines.push(self.instance.lines.len());
            self.instance.lines.push(Line {
                id: self.instance.lines.len(),
                order: id,
                sku,
                qty: line.units,
                short_penalty: 0,
            });
        }
        self.orders.push(place);
        self.lines.push(lines);
    }

    fn put_items(&mut self, weights: &[i64]) {
        let item = |(id, weight): (usize, &i64)| Item { id, weight_g: *weight, price: 0 };
        self.instance.skus = weights.iter().enumerate().map(item).collect();
    }

    /// What is picked after a site's hour leaves a day later.
    fn put_nodes(
        &mut self,
        network: &Network,
        terms: &ShippingTerms,
        packages: &BTreeMap<SiteId, i64>,
    ) {
        for (id, (site, of)) in terms.sites.iter().enumerate() {
            let rate = |zone: &super::ZoneTerms| of.rates.get(&zone.name).copied();
            let none = Rate { package: 0, per_kg: 0, days: 0 };
            let rates: Vec<Rate> =
                terms.zones.iter().map(|zone| rate(zone).unwrap_or(none)).collect();
            let unserved = (0..terms.zones.len()).filter(|at| rate(&terms.zones[*at]).is_none());
            let late = i64::from(network.hour >= of.cutoff_hour);
            let sent = packages.get(site).copied().unwrap_or(0);
            self.instance.nodes.push(Node {
                id,
                package_capacity: (of.packages_a_day - sent).max(0),
                package_cost: rates.iter().map(|rate| rate.package).collect(),
                cost_per_kg: rates.iter().map(|rate| rate.per_kg).collect(),
                transit_days: rates.iter().map(|rate| rate.days + late).collect(),
                unserved: unserved.collect(),
            });
        }
        self.instance.zones = terms.zones.len();
        let late = terms.late_penalty.iter().zip(1..);
        self.instance.params = Params {
            split_penalty: terms.split_penalty,
            late_penalty_per_day: late
                .map(|(cost, of): (_, i32)| (of.to_string(), *cost))
                .collect(),
        };
    }

    /// A unit that waits costs its share of the price and its part of the dearest way to ship the order:
    /// what is paid for ships wherever it can, and one unit of many is not worth a package.
    fn put_short_penalties(&mut self, network: &Network, terms: &ShippingTerms) {
        for (order, place) in self.orders.iter().enumerate() {
            let zone = self.instance.orders[order].zone;
            let serving: Vec<usize> =
                (0..self.sites.len()).filter(|node| self.serves(*node, zone)).collect();
            let package = serving.iter().map(|node| self.instance.package(order, *node)).max();
            let units = units_of(&network.orders[*place]);
            let part = package.unwrap_or(0) / units.max(1) + 1;
            for line in &self.lines[order] {
                let sku = self.instance.lines[*line].sku;
                let weight = serving.iter().map(|node| self.instance.unit_ship(*node, zone, sku));
                let weight = weight.max().unwrap_or(0);
                let of_sku = |of: &&super::OpenLine| of.sku == self.skus[sku];
                let price =
                    network.orders[*place].lines.iter().find(of_sku).map_or(0, |of| of.price);
                let share = (terms.short_share * price as f64).round() as i64;
                self.instance.lines[*line].short_penalty = share.saturating_add(weight + part);
            }
        }
    }

    fn put_stock(&mut self, network: &Network, taken: &BTreeMap<(Sku, SiteId), i64>) {
        for (node, site) in self.sites.iter().enumerate() {
            for (sku, name) in self.skus.iter().enumerate() {
                let at = (name.clone(), site.clone());
                let Some(shelf) = network.stock.get(&at) else { continue };
                let Some(on_hand) = shelf.on_hand else {
                    self.unknown.insert(at);
                    continue;
                };
                let taken = taken.get(&at).copied().unwrap_or(0);
                let free = on_hand.saturating_sub(taken).max(0);
                let scarcity = shelf.scarcity.clamp(0, MOST_COST as i64);
                self.shelves.insert((node, sku), (free, scarcity));
                // No line wants more.
                let on_hand = Some(free.min(LARGEST));
                self.instance.stock.push(Stock { node, sku, on_hand, scarcity });
            }
        }
    }
}
