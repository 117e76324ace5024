//! What of a solution somebody has to decide about: orders that are short, split, late, or cheaper from
//! elsewhere, each with the other ways to ship it.

use super::assemble::Assembled;
use super::choice::{Cost, ShipChoice, Units};
use super::network::{Blocked, Network};
use super::terms::ShippingTerms;
use crate::domain::{Qty, SiteId, Sku};
use crate::plan::allocate::Assignment;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// Other ways to ship an order that are shown at most.
const MOST_OTHERS: usize = 5;

/// Why somebody has to look at an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Need {
    /// It cannot be allocated until somebody mends something.
    Blocked,
    /// Its own site has not all of it.
    Short,
    /// It comes later than promised from its own site.
    Late,
    /// The proposal sends it in several packages.
    Split,
    /// It costs less from elsewhere.
    Cheaper,
    /// It leaves its site to other orders, which costs less in all.
    Room,
    /// It names no country, so that its zone is a guess.
    Zone,
}

impl Need {
    /// One word.
    pub const fn word(self) -> &'static str {
        match self {
            Need::Blocked => "blocked",
            Need::Short => "short",
            Need::Late => "late",
            Need::Split => "split",
            Need::Cheaper => "cheaper",
            Need::Room => "room",
            Need::Zone => "zone",
        }
    }
}

/// An order that needs a choice.
#[derive(Clone, Debug, PartialEq)]
pub struct Case {
    /// Its place in [`Network::orders`].
    pub order: usize,
    /// Why.
    pub needs: Vec<Need>,
    /// What happens when nobody decides: all of it from its own site, or it waits.
    pub now: Option<ShipChoice>,
    /// What is proposed.
    pub proposal: Option<ShipChoice>,
    /// Other ways, the cheapest first.
    pub others: Vec<ShipChoice>,
    /// What speaks against accepting the proposal unseen; `None`: nothing is in doubt.
    pub doubt: Option<String>,
    /// What somebody should know of it, with what can be done.
    pub notes: Vec<String>,
    /// Why it cannot be allocated.
    pub blocked: Option<Blocked>,
}

/// What ships of every order of the instance when the shop ships it, oldest first, whole from its own
/// site, or lets it wait, by its place in the instance.
fn shop_way(made: &Assembled, network: &Network) -> Vec<Units> {
    let mut stock: HashMap<(usize, usize), i64> = HashMap::new();
    let mut room: Vec<i64> = made.instance.nodes.iter().map(|n| n.package_capacity).collect();
    let mut ways = Vec::with_capacity(made.orders.len());
    for (order, place) in made.orders.iter().enumerate() {
        let mut units = nothing(made, order);
        let home = made.sites.binary_search(&network.orders[*place].site);
        if let Ok(node) = home
            && room[node] > 0
            && made.serves(node, made.instance.orders[order].zone)
        {
            let mut left = |line: usize| {
                let sku = made.instance.lines[line].sku;
                *stock.entry((node, sku)).or_insert_with(|| made.shelf(node, sku).0)
            };
            if made.lines[order].iter().all(|line| left(*line) >= made.instance.lines[*line].qty) {
                for (line, of) in made.lines[order].iter().zip(&mut units) {
                    let line = &made.instance.lines[*line];
                    of[node] = line.qty;
                    *stock.entry((node, line.sku)).or_default() -= line.qty;
                }
                room[node] -= 1;
            }
        }
        ways.push(units);
    }
    ways
}

fn nothing(made: &Assembled, order: usize) -> Units {
    vec![vec![0; made.sites.len()]; made.lines[order].len()]
}

/// What of a solution is proposed, and what that costs.
#[derive(Clone, Debug, PartialEq)]
pub struct Proposed {
    /// The orders that need a choice: blocked ones first, then by what the proposal saves.
    pub cases: Vec<Case>,
    /// What all orders of the instance cost as proposed, in minor units; more than the solution where a move
    /// saves too little to be proposed.
    pub cost: i64,
    /// What they cost when the shop ships them by itself.
    pub shop_way: i64,
    /// By how much less units that wait count as proposed than in the shop's way.
    pub waiting: i64,
}

/// The orders that need a choice, and what all of them cost as they are proposed.
pub fn cases(
    network: &Network,
    terms: &ShippingTerms,
    made: &Assembled,
    solution: &[Assignment],
) -> Proposed {
    let shop = shop_way(made, network);
    let mut solved = Solved::of(made, solution);
    solved.by_country = terms.zones.iter().any(|zone| !zone.countries.is_empty())
        && network.orders.iter().any(|order| order.country.is_some());
    solved.leave(network, &shop, worth(terms));
    let sum = |units: &[Units], of: fn(&Cost) -> i64| -> i64 {
        units.iter().enumerate().map(|(order, units)| of(&made.cost_of(order, units))).sum()
    };
    let (cost, shop_way) = (sum(&solved.units, Cost::total), sum(&shop, Cost::total));
    let short = |cost: &Cost| cost.short;
    let waiting = sum(&shop, short) - sum(&solved.units, short);
    let blocked = made.blocked.iter().map(|(order, why)| Case {
        order: *order,
        needs: vec![Need::Blocked],
        now: None,
        proposal: None,
        others: Vec::new(),
        doubt: Some("it cannot be allocated".into()),
        notes: Vec::new(),
        blocked: Some(why.clone()),
    });
    let case =
        |(order, now): (usize, &Units)| solved.case(network, terms, order, made.choice(order, now));
    let mut rest: Vec<Case> = shop.iter().enumerate().filter_map(case).collect();
    let saves = |case: &Case| {
        let total = |choice: &Option<ShipChoice>| choice.as_ref().map_or(0, |c| c.cost.total());
        total(&case.proposal) - total(&case.now)
    };
    rest.sort_by_key(|case| (saves(case), case.order));
    Proposed { cases: blocked.chain(rest).collect(), cost, shop_way, waiting }
}

/// A solution, and what it leaves on the shelves.
struct Solved<'a> {
    made: &'a Assembled,
    units: Vec<Units>,
    left: HashMap<(usize, usize), i64>,
    room: Vec<i64>,
    /// Units of each item at all sites, before anything ships.
    in_all: BTreeMap<usize, i64>,
    /// Whether zones are told by countries, so that of an order that names none it is a guess.
    by_country: bool,
}

/// What moving an order that could ship as it is has to save.
fn worth(terms: &ShippingTerms) -> i64 {
    terms.cheaper_by.max(1)
}

impl<'a> Solved<'a> {
    /// Leaves orders with the shop whose moving saves next to nothing, where no other needs what they take
    /// there: until none is left that had made room for one that stays.
    fn leave(&mut self, network: &Network, shop: &[Units], worth: i64) {
        let mut put = 1;
        while put > 0 {
            put = 0;
            for (order, now) in shop.iter().enumerate() {
                let moved = &self.units[order];
                if moved == now || !self.is_whole(order, now) {
                    continue;
                }
                let cost = |units| self.made.cost_of(order, units).total();
                let site = &network.orders[self.made.orders[order]].site;
                let Ok(home) = self.made.sites.binary_search(site) else { continue };
                if cost(now) - cost(moved) >= worth || !self.has_room(order, home) {
                    continue;
                }
                let units = self.filled(order, &[home]);
                if self.is_whole(order, &units) {
                    self.put(order, units);
                    put += 1;
                }
            }
        }
    }

    fn is_whole(&self, order: usize, units: &Units) -> bool {
        let mut lines = self.made.lines[order].iter().zip(units);
        lines.all(|(line, of)| of.iter().sum::<i64>() == self.made.instance.lines[*line].qty)
    }

    /// Has an order ship otherwise.
    fn put(&mut self, order: usize, units: Units) {
        let before = std::mem::replace(&mut self.units[order], units);
        for (at, line) in self.made.lines[order].iter().enumerate() {
            let sku = self.made.instance.lines[*line].sku;
            for (node, was) in before[at].iter().enumerate() {
                let by = was - self.units[order][at][node];
                *self.left.entry((node, sku)).or_default() += by;
            }
        }
        for (node, room) in self.room.iter_mut().enumerate() {
            *room += i64::from(before.iter().any(|of| of[node] > 0));
            *room -= i64::from(self.units[order].iter().any(|of| of[node] > 0));
        }
    }

    fn of(made: &'a Assembled, solution: &[Assignment]) -> Self {
        let instance = &made.instance;
        let mut units: Vec<Units> = (0..made.orders.len()).map(|o| nothing(made, o)).collect();
        let mut left = HashMap::new();
        let mut in_all: BTreeMap<usize, i64> = BTreeMap::new();
        for shelf in &instance.stock {
            let there = made.shelf(shelf.node, shelf.sku).0;
            left.insert((shelf.node, shelf.sku), there);
            *in_all.entry(shelf.sku).or_default() += there;
        }
        for one in solution {
            let line = &instance.lines[one.line];
            let Some(at) = made.lines[line.order].iter().position(|of| *of == one.line) else {
                continue;
            };
            units[line.order][at][one.node] += one.units;
            *left.entry((one.node, line.sku)).or_default() -= one.units;
        }
        let mut room: Vec<i64> = instance.nodes.iter().map(|node| node.package_capacity).collect();
        for of_order in &units {
            for (node, room) in room.iter_mut().enumerate() {
                *room -= i64::from(of_order.iter().any(|of| of[node] > 0));
            }
        }
        Solved { made, units, left, room, in_all, by_country: false }
    }

    fn case(
        &self,
        network: &Network,
        terms: &ShippingTerms,
        order: usize,
        now: ShipChoice,
    ) -> Option<Case> {
        let place = self.made.orders[order];
        let proposal = self.made.choice(order, &self.units[order]);
        let saved = now.cost.total() - proposal.cost.total();
        let moves = proposal.ships != now.ships && now.is_whole();
        let needs: Vec<Need> = [
            (Need::Short, !now.is_whole()),
            (Need::Late, now.late_days > 0 || proposal.late_days > 0),
            (Need::Split, proposal.ships.len() > 1),
            (Need::Cheaper, moves && saved >= worth(terms)),
            (Need::Room, moves && saved < worth(terms)),
            (Need::Zone, self.by_country && network.orders[place].country.is_none()),
        ]
        .into_iter()
        .filter_map(|(need, is_so)| is_so.then_some(need))
        .collect();
        if needs.is_empty() {
            return None;
        }
        let mut notes = self.notes(network, order, &proposal);
        if needs.contains(&Need::Zone) {
            let zone = &terms.zones[self.made.instance.orders[order].zone].name;
            notes.push(format!(
                "it names no country and is weighed as for zone {zone}: give it its country in the shop, \
                 or ship it from where it is"
            ));
        }
        let doubt = match needs.contains(&Need::Zone) {
            true => Some("it names no country".into()),
            false => doubt(&proposal, &now, &notes),
        };
        let others = self.others(network, order, &proposal);
        Some(Case {
            order: place,
            needs,
            others,
            doubt,
            notes,
            now: Some(now),
            proposal: Some(proposal),
            blocked: None,
        })
    }

    /// Units of an item that an order could have at a node beside what the others ship.
    fn free(&self, order: usize, node: usize, line: usize) -> i64 {
        let at = self.made.lines[order].iter().position(|of| *of == line);
        let own = at.map_or(0, |at| self.units[order][at][node]);
        let sku = self.made.instance.lines[line].sku;
        self.left.get(&(node, sku)).copied().unwrap_or(0) + own
    }

    fn has_room(&self, order: usize, node: usize) -> bool {
        let own = self.units[order].iter().any(|of| of[node] > 0);
        own || self.room[node] > 0
    }

    /// All that nodes have of an order, the first node first.
    fn filled(&self, order: usize, nodes: &[usize]) -> Units {
        let mut units = nothing(self.made, order);
        for (line, of) in self.made.lines[order].iter().zip(&mut units) {
            let mut wanted = self.made.instance.lines[*line].qty;
            for node in nodes {
                of[*node] = wanted.min(self.free(order, *node, *line)).max(0);
                wanted -= of[*node];
            }
        }
        units
    }

    /// Single sites, the own site with the rest from one other, and waiting.
    fn others(&self, network: &Network, order: usize, proposal: &ShipChoice) -> Vec<ShipChoice> {
        let zone = self.made.instance.orders[order].zone;
        let can = |node: &usize| self.made.serves(*node, zone) && self.has_room(order, *node);
        let nodes: Vec<usize> = (0..self.made.sites.len()).filter(can).collect();
        let site = &network.orders[self.made.orders[order]].site;
        let home = self.made.sites.binary_search(site).ok().filter(|home| nodes.contains(home));
        let mut tried: Vec<Vec<usize>> = nodes.iter().map(|node| vec![*node]).collect();
        if let Some(home) = home {
            tried.extend(nodes.iter().filter(|n| **n != home).map(|n| vec![home, *n]));
        }
        tried.push(Vec::new());
        let complete = self.made.instance.orders[order].ship_complete;
        let mut others: Vec<ShipChoice> = Vec::new();
        for nodes in tried {
            let choice = self.made.choice(order, &self.filled(order, &nodes));
            let known = choice.ships == proposal.ships
                || others.iter().any(|other| other.ships == choice.ships);
            let partial = complete && !choice.is_whole() && !choice.ships.is_empty();
            if !known && !partial {
                others.push(choice);
            }
        }
        others.sort_by_key(|choice| choice.cost.total());
        others.truncate(MOST_OTHERS);
        others
    }

    fn notes(&self, network: &Network, order: usize, proposal: &ShipChoice) -> Vec<String> {
        let instance = &self.made.instance;
        let mut notes = Vec::new();
        let promise = instance.orders[order].promise_days;
        if promise < 0 {
            notes.push(format!(
                "it was promised for {} d ago and is late whatever ships it: tell the customer",
                -promise
            ));
        }
        for line in self.made.lines[order].iter().map(|line| &instance.lines[*line]) {
            let sku = &self.made.skus[line.sku];
            let there = self.in_all.get(&line.sku).copied().unwrap_or(0);
            if line.qty > there {
                notes.push(format!(
                    "{} × {sku} are wanted and all sites together have {there}: ship what is there, \
                     hold it for stock, or call the rest off",
                    line.qty
                ));
            }
            let unknown = self.made.sites.iter().filter(|site| self.is_unknown(sku, site));
            let unknown: Vec<&str> = unknown.map(SiteId::as_str).collect();
            if !unknown.is_empty() && (line.qty > there || !proposal.is_whole()) {
                notes.push(format!(
                    "the stock of {sku} at {} is unknown and ships nothing: count it",
                    unknown.join(", ")
                ));
            }
        }
        let full = |node: usize| self.room[node] <= 0 && !self.has_room(order, node);
        let site = &network.orders[self.made.orders[order]].site;
        if let Ok(node) = self.made.sites.binary_search(site)
            && full(node)
        {
            notes.push(format!("{site} has no package left to send today"));
        }
        notes
    }

    fn is_unknown(&self, sku: &Sku, site: &SiteId) -> bool {
        let unknown: &BTreeSet<(Sku, SiteId)> = &self.made.unknown;
        unknown.contains(&(sku.clone(), site.clone()))
    }
}

/// What speaks against accepting a proposal unseen.
fn doubt(proposal: &ShipChoice, now: &ShipChoice, notes: &[String]) -> Option<String> {
    let waits = proposal.waiting();
    if proposal.ships == now.ships {
        return Some("nothing better is known".into());
    }
    if waits > Qty::ZERO {
        return Some(format!(
            "{waits} of it still {}",
            if waits == Qty::units(1) { "waits" } else { "wait" }
        ));
    }
    if proposal.ships.len() > 1 {
        return Some(format!("{} packages", proposal.ships.len()));
    }
    if proposal.late_days > 0 {
        return Some(format!("{} d late", proposal.late_days));
    }
    if proposal.cost.total() > now.cost.total() {
        return Some("it costs more, and saves more elsewhere".into());
    }
    notes.first().cloned()
}
