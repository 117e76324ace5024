//! Open orders are allocated to the sites that ship them, all of them together, whenever something about
//! them has changed. Nobody waits for it: what is shown is what was found last, with its moment.

mod network;
mod rows;
mod scarce;
mod shop;

use super::api::{AllocationAbout, AllocationRow, Refusal, StoreKind};
use super::house::{House, Ready};
use super::work::Cancel;
use crate::config::Config;
use crate::desk::allocating::Allocations;
use crate::domain::*;
use crate::outbox::Route;
use crate::plan::allocate::{self, Assignment, Options, ShadowPrices, allocate, reallocate};
use crate::plan::shipping::{
    Assembled, Network, OpenOrder, Proposed, ShippingTerms, assemble, cases,
};
use parking_lot::{Mutex, RwLock};
use rows::Basis;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::watch;

pub use shop::run as tell_shop;

/// How long may be searched for a better allocation.
const TIME: Duration = Duration::from_secs(2);
/// Pause between two allocations: orders come every second.
const PAUSE: Duration = Duration::from_secs(1);
/// How often all orders are allocated anew; in between what has changed is put where it fits best.
const ANEW_EVERY: Duration = Duration::from_secs(60);
/// Beyond so many changed orders all are allocated anew.
const MOST_CHANGED: usize = 50;
/// From so many open lines on, allocating is listed as work that can be cancelled.
const LISTED_FROM: usize = 500;

/// What of the allocation is kept in memory.
#[derive(Default)]
pub struct Allocator {
    terms: RwLock<Option<Arc<ShippingTerms>>>,
    decided: RwLock<Arc<Allocations>>,
    /// The target that is told of decisions.
    route: RwLock<Option<Route>>,
    board: RwLock<Arc<Board>>,
    /// What could not be told yet, by the order.
    trying: Mutex<BTreeMap<OrderKey, Box<str>>>,
    made: Mutex<Option<Made>>,
    /// Open orders by row, as they were read from the store.
    open: Mutex<BTreeMap<u32, Arc<Order>>>,
}

/// What is shown.
#[derive(Debug, Default)]
pub struct Board {
    /// Orders that need a choice, and those that somebody chose.
    pub rows: Vec<AllocationRow>,
    /// How all of them are allocated.
    pub about: AllocationAbout,
}

/// What was allocated last, so that nothing is done twice and little is done anew.
struct Made {
    network: Network,
    assembled: Assembled,
    solution: allocate::Allocation,
    took: Duration,
    /// What of it somebody has to decide about.
    found: Proposed,
    /// What is shown follows from this too; `None`: nothing is shown yet.
    basis: Option<Basis>,
    /// When units were priced last.
    priced: Instant,
    /// When all of it was made anew last.
    anew: Instant,
    /// Whether it follows from the one before, so that all of it is made anew before long.
    follows: bool,
}

impl Allocator {
    /// Takes what is configured. A demo that configures nothing has its merchant's terms.
    pub fn set_up(&self, kind: StoreKind, config: &Config) {
        let demo = (kind == StoreKind::Demo).then(ShippingTerms::demo);
        *self.terms.write() = config.shipping.clone().or(demo).map(Arc::new);
    }
    /// The shipping terms; `None`: none are configured.
    pub fn terms(&self) -> Option<Arc<ShippingTerms>> {
        self.terms.read().clone()
    }
    /// What people decided.
    pub fn decided(&self) -> Arc<Allocations> {
        self.decided.read().clone()
    }
    /// Folds an entry of the journal in.
    pub fn apply(&self, entry: &Entry) {
        Arc::make_mut(&mut self.decided.write()).apply(entry);
    }
    /// What was found last.
    pub fn board(&self) -> Arc<Board> {
        self.board.read().clone()
    }
    /// Forgets orders that have been written anew.
    pub fn written(&self, rows: impl Iterator<Item = u32>) {
        let mut open = self.open.lock();
        rows.for_each(|row| drop(open.remove(&row)));
    }
    /// Forgets all orders, as when the store was read anew.
    pub fn forget_open(&self) {
        self.open.lock().clear();
    }
    /// Has a target told of decisions; `None`: nobody is.
    pub fn tell(&self, route: Option<Route>) {
        *self.route.write() = route;
    }
}

/// Allocates whenever something has changed, until the owner ends.
pub async fn run(house: Arc<House>, mut stop: watch::Receiver<bool>) {
    let (mut revision, mut ready) = (house.revision.subscribe(), house.ready.subscribe());
    loop {
        tokio::select! {
            _ = stop.wait_for(|stop| *stop) => return,
            changed = revision.changed() => if changed.is_err() { return },
            _ = ready.changed() => {}
            () = tokio::time::sleep(ANEW_EVERY) => {}
        }
        if *ready.borrow_and_update() != Ready::Yes {
            continue;
        }
        let at_work = house.clone();
        match tokio::task::spawn_blocking(move || at_work.allocate()).await {
            Ok(Ok(())) => {}
            Ok(Err(refusal)) => tracing::warn!(%refusal, "open orders could not be allocated"),
            Err(error) => tracing::error!(%error, "allocating open orders ended in a panic"),
        }
        tokio::select! {
            _ = stop.wait_for(|stop| *stop) => return,
            () = tokio::time::sleep(PAUSE) => {}
        }
    }
}

impl House {
    /// Allocates all open orders, if anything about them is another than last time, and shows what came
    /// of it.
    pub fn allocate(&self) -> Result<(), Refusal> {
        let Some(terms) = self.allocator.terms() else {
            *self.allocator.made.lock() = None;
            self.show_allocation(Board { about: no_terms(), ..Board::default() });
            return Ok(());
        };
        let started = Instant::now();
        let mut network = self.open_network(&terms)?;
        let mut made = self.allocator.made.lock();
        let due = |made: &Made| made.follows && made.anew.elapsed() >= ANEW_EVERY;
        let same = |made: &Made| {
            let lately = made.priced.elapsed() < ANEW_EVERY;
            lately && !due(made) && made.network.is_but_for_prices(&network)
        };
        let is_same = made.as_ref().is_some_and(same);
        if !is_same {
            scarce::price(self, &terms, &mut network)?;
        }
        if let Some(made) =
            made.as_mut().filter(|made| !is_same && made.network == network && !due(made))
        {
            made.priced = Instant::now();
        } else if !is_same {
            let before = made.take();
            match self.solve(network, &terms, before, started) {
                Ok(found) => *made = Some(found),
                Err(refusal) => {
                    let trouble = format!("open orders cannot be allocated: {refusal}");
                    let about =
                        AllocationAbout { trouble: Some(trouble.into()), ..Default::default() };
                    self.show_allocation(Board { about, ..Board::default() });
                    return Err(refusal);
                }
            }
        }
        if let Some(board) = made.as_mut().and_then(|made| self.board_of(&terms, made)) {
            self.show_allocation(board);
        }
        Ok(())
    }

    /// The new allocation: made anew, or from the one before where few orders have changed since.
    fn solve(
        &self,
        network: Network,
        terms: &ShippingTerms,
        before: Option<Made>,
        started: Instant,
    ) -> Result<Made, Refusal> {
        let assembled = assemble(&network, terms);
        let cancel = Cancel::default();
        let listed = assembled.instance.lines.len() >= LISTED_FROM;
        let running =
            listed.then(|| self.works.begin_beside("allocating open orders", &cancel, false));
        let options = Options::within(TIME);
        let cancelled = || cancel.asked();
        let follows = before.filter(|before| before.anew.elapsed() < ANEW_EVERY);
        let follows = follows.and_then(|before| {
            let changed = changed(&before.network, &network, &assembled);
            (changed.len() <= MOST_CHANGED).then_some((before, changed))
        });
        let is_follow = follows.is_some();
        let (solution, anew) = match follows {
            Some((before, changed)) => {
                let (start, prices) = carried_over(&before, &network, &assembled);
                let instance = &assembled.instance;
                let found = reallocate(instance, &start, &prices, &changed, &options, &cancelled);
                (found, before.anew)
            }
            None => (allocate(&assembled.instance, &options, &cancelled), started),
        };
        drop(running);
        let solution = solution.map_err(|error| Refusal::failed(error.to_string()))?;
        let took = started.elapsed();
        let found = cases(&network, terms, &assembled, &solution.assignments);
        let (basis, priced, follows) = (None, started, is_follow);
        Ok(Made { network, assembled, solution, took, found, basis, priced, anew, follows })
    }

    /// What is to be shown; `None`: what is shown already.
    fn board_of(&self, terms: &ShippingTerms, made: &mut Made) -> Option<Board> {
        let Made { network, assembled, solution, took, found, basis, .. } = made;
        let now = self.basis(network, &found.cases);
        if basis.as_ref() == Some(&now) {
            return None;
        }
        let basis = basis.insert(now);
        let about = AllocationAbout {
            at: Some(self.clock.now()),
            orders: [assembled.orders.len() as u64, assembled.instance.lines.len() as u64],
            cost: found.cost,
            bound: solution.bound,
            shop_way: found.shop_way,
            waiting: found.waiting,
            took_ms: took.as_millis() as u64,
            cut_short: solution.cut_short,
            clear: Vec::new(),
            trouble: None,
        };
        let rows = self.allocation_rows(terms, network, assembled, &found.cases, basis);
        let clear = rows.iter().filter_map(AllocationRow::clear).collect();
        Some(Board { rows, about: AllocationAbout { clear, ..about } })
    }

    /// Shows it, and says so where that is news.
    fn show_allocation(&self, board: Board) {
        let mut shown = self.allocator.board.write();
        let same = shown.rows == board.rows
            && AllocationAbout { at: None, took_ms: 0, ..shown.about.clone() }
                == AllocationAbout { at: None, took_ms: 0, ..board.about.clone() };
        *shown = Arc::new(board);
        drop(shown);
        if !same {
            self.changed();
        }
    }
}

fn no_terms() -> AllocationAbout {
    let trouble = "what shipping costs is not configured: add [shipping] with a zone and a site, as \
                   `stockdeck config init` shows";
    AllocationAbout { trouble: Some(trouble.into()), ..AllocationAbout::default() }
}

/// Orders that are new, or other than before, by their place in the instance.
fn changed(before: &Network, now: &Network, made: &Assembled) -> Vec<usize> {
    let known: BTreeMap<&OrderKey, &OpenOrder> =
        before.orders.iter().map(|order| (&order.key, order)).collect();
    let is_other = |place: &usize| {
        let order = &now.orders[*place];
        known.get(&order.key) != Some(&order)
    };
    let places = made.orders.iter().enumerate();
    places.filter(|(_, place)| is_other(place)).map(|(order, _)| order).collect()
}

/// What was allocated before, of the orders that are open still, and what stock was worth to them: a
/// place to start from.
fn carried_over(
    before: &Made,
    network: &Network,
    now: &Assembled,
) -> (Vec<Assignment>, ShadowPrices) {
    type At<'a> = (&'a OrderKey, &'a Sku);
    let line_of = |made: &Assembled, line: usize| {
        let line = &made.instance.lines[line];
        (made.orders[line.order], line.sku)
    };
    let mut lines: BTreeMap<At<'_>, usize> = BTreeMap::new();
    for line in 0..now.instance.lines.len() {
        let (order, sku) = line_of(now, line);
        lines.insert((&network.orders[order].key, &now.skus[sku]), line);
    }
    let was = &before.assembled;
    let node_now = |node: usize| now.sites.binary_search(was.sites.get(node)?).ok();
    let carried = before.solution.assignments.iter().filter_map(|one| {
        let (order, sku) = line_of(was, one.line);
        let line = *lines.get(&(&before.network.orders[order].key, &was.skus[sku]))?;
        let units = one.units.min(now.instance.lines[line].qty);
        let node = node_now(one.node)?;
        (units > 0).then_some(Assignment { line, node, units })
    });
    let mut prices = ShadowPrices { stock: HashMap::new(), packages: vec![0.0; now.sites.len()] };
    for (&(node, sku), &cents) in &before.solution.prices.stock {
        let sku = was.skus.get(sku).and_then(|sku| now.skus.binary_search(sku).ok());
        if let Some(key) = node_now(node).zip(sku) {
            prices.stock.insert(key, cents);
        }
    }
    for (node, cents) in before.solution.prices.packages.iter().enumerate() {
        if let Some(price) = node_now(node).and_then(|node| prices.packages.get_mut(node)) {
            *price = *cents;
        }
    }
    (carried.collect(), prices)
}
