//! What the journal's entries from where orders ship add up to.

use crate::domain::{
    Allocation, Day, Decision, Entry, Order, OrderKey, OrderLine, Qty, ShipFrom, SiteId, Sku,
    Timestamp, Told,
};
use std::collections::{BTreeMap, BTreeSet};

/// Decisions from where orders ship. In memory; made again by applying every entry in order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Allocations {
    last: u64,
    choices: BTreeMap<u64, Choice>,
    of_order: BTreeMap<OrderKey, Vec<u64>>,
    /// Choices of which something is still to be told to the shop.
    untold: BTreeSet<u64>,
}

/// A decision about an order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    /// The journal entry.
    pub entry: u64,
    /// Who.
    pub who: Box<str>,
    /// When, in domain time.
    pub at: Timestamp,
    /// What.
    pub what: Chosen,
    /// The entry that took it back, and when that was.
    pub withdrawn: Option<(u64, Timestamp)>,
    /// What the shop said of it; `None`: it has not been told yet.
    pub told: Option<ShopWord>,
    /// What the shop said of its being taken back.
    pub told_back: Option<ShopWord>,
}

/// What was decided.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Chosen {
    /// From where it ships.
    Ship(Allocation),
    /// That it waits.
    Hold {
        /// The order.
        order: OrderKey,
        /// The first day on which it is asked about again.
        until: Option<Day>,
        /// Why.
        reason: String,
    },
}

impl Chosen {
    /// The order.
    pub fn order(&self) -> &OrderKey {
        match self {
            Chosen::Ship(one) => &one.order,
            Chosen::Hold { order, .. } => order,
        }
    }
}

/// What the shop said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ShopWord {
    /// A target took it, and what the target calls it.
    Taken(Box<str>, Option<Box<str>>),
    /// It never will, and why.
    Refused(Box<str>),
}

/// Something that the shop is to be told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Errand {
    /// The order.
    pub order: OrderKey,
    /// The entry that is told.
    pub of: u64,
    /// When it was decided.
    pub at: Timestamp,
    /// The decision; the same where it was taken back.
    pub allocation: Allocation,
    /// The entry of the decision, where that is what is taken back.
    pub takes_back: Option<(u64, Timestamp)>,
}

impl Choice {
    /// Whether it counts: the shop did not refuse it, and it was not taken back, or the shop keeps it.
    pub fn stands(&self) -> bool {
        (self.withdrawn.is_none() || self.kept().is_some())
            && !matches!(self.told, Some(ShopWord::Refused(_)))
    }
    /// Why the shop keeps what was taken back, if it does.
    pub fn kept(&self) -> Option<&str> {
        match (&self.told, &self.told_back) {
            (Some(ShopWord::Taken(..)), Some(ShopWord::Refused(why))) => Some(why),
            _ => None,
        }
    }
    /// Where it ships from, if that was decided.
    pub fn allocation(&self) -> Option<&Allocation> {
        match &self.what {
            Chosen::Ship(one) => Some(one),
            Chosen::Hold { .. } => None,
        }
    }
    /// Whether the shop was told and has made the order what was decided: at the first site, with what
    /// ships from there. The other parts are orders of their own then. What has been called off since
    /// is on its lines still, so that of each SKU the part lies between what stands and what was ordered.
    pub fn is_settled(&self, order: &Order) -> bool {
        let first = self.allocation().and_then(|one| one.ships.first());
        let is_so = |part: &ShipFrom| part.site == order.site && is_part(part, order);
        matches!(self.told, Some(ShopWord::Taken(..))) && first.is_some_and(is_so)
    }
    /// What of an order that is not gone still ships by this decision: of a part that has become the order
    /// what stands of it.
    pub fn outstanding(&self, order: &Order) -> Vec<ShipFrom> {
        let mut ships = self.allocation().map_or_else(Vec::new, |one| one.ships.clone());
        if self.is_settled(order) {
            ships.truncate(1);
            for (sku, qty) in ships.iter_mut().flat_map(|part| &mut part.lines) {
                *qty = (*qty).min(units(order, sku, OrderLine::standing));
            }
        }
        ships
    }
    fn errand(&self) -> Option<Errand> {
        let allocation = self.allocation()?.clone();
        let errand = |of, at, takes_back| {
            Some(Errand { order: allocation.order.clone(), of, at, allocation, takes_back })
        };
        match (self.withdrawn, &self.told, &self.told_back) {
            // A try may have been heard, so that it is taken back even where no answer came.
            (Some((entry, at)), told, None) if !matches!(told, Some(ShopWord::Refused(_))) => {
                errand(entry, at, Some((self.entry, self.at)))
            }
            (None, None, _) => errand(self.entry, self.at, None),
            _ => None,
        }
    }
}

fn units(order: &Order, sku: &Sku, of: impl Fn(&OrderLine) -> Qty) -> Qty {
    order.product_lines().filter(|line| line.sku == *sku).map(of).sum()
}

/// Whether an order's lines are what a part was, but for what has been called off.
fn is_part(part: &ShipFrom, order: &Order) -> bool {
    let fits = |sku: &Sku| {
        let of_sku = part.lines.iter().filter(|(of, _)| of == sku);
        let qty: Qty = of_sku.map(|(_, qty)| *qty).sum();
        let standing = units(order, sku, OrderLine::standing);
        (standing..=units(order, sku, |line| line.qty)).contains(&qty)
    };
    let skus = part.lines.iter().map(|(sku, _)| sku);
    skus.chain(order.product_lines().map(|line| &line.sku)).all(fits)
}

impl Allocations {
    /// Folds an entry in. Entries come in the order of their numbers; one that was applied already
    /// changes nothing.
    pub fn apply(&mut self, entry: &Entry) {
        if entry.seq <= self.last {
            return;
        }
        self.last = entry.seq;
        match &entry.decision {
            Decision::Allocate(one) => self.choose(entry, Chosen::Ship(one.clone())),
            Decision::HoldForStock { order, until, reason } => {
                let (order, reason) = (order.clone(), reason.clone());
                self.choose(entry, Chosen::Hold { order, until: *until, reason });
            }
            Decision::Unallocate { entry: of, .. } => {
                self.change(*of, |choice| choice.withdrawn = Some((entry.seq, entry.at)));
            }
            Decision::TellShipping { of, told, order } => {
                let word = match told {
                    Told::Sent { target, reference } => {
                        ShopWord::Taken(target.clone(), reference.clone())
                    }
                    Told::Failed { reason, .. } => ShopWord::Refused(reason.clone()),
                    Told::Confirmed { .. } | Told::CancellationSent { .. } => return,
                };
                let choices = self.of_order.get(order).into_iter().flatten();
                let is_of = |seq: &&u64| {
                    let choice = self.choices.get(*seq);
                    choice.is_some_and(|one| {
                        one.entry == *of || one.withdrawn.is_some_and(|(by, _)| by == *of)
                    })
                };
                let Some(seq) = choices.rev().find(is_of).copied() else { return };
                self.change(seq, |choice| match choice.entry == *of {
                    true => choice.told = Some(word),
                    false => choice.told_back = Some(word),
                });
            }
            _ => {}
        }
    }

    fn choose(&mut self, entry: &Entry, what: Chosen) {
        self.of_order.entry(what.order().clone()).or_default().push(entry.seq);
        let choice = Choice {
            entry: entry.seq,
            who: entry.actor.user.clone(),
            at: entry.at,
            what,
            withdrawn: None,
            told: None,
            told_back: None,
        };
        self.choices.insert(entry.seq, choice);
        self.change(entry.seq, |_| {});
    }

    fn change(&mut self, seq: u64, change: impl FnOnce(&mut Choice)) {
        let Some(choice) = self.choices.get_mut(&seq) else { return };
        change(choice);
        match choice.errand() {
            Some(_) => self.untold.insert(seq),
            None => self.untold.remove(&seq),
        };
    }

    /// The number of the last entry that was folded in.
    pub fn last(&self) -> u64 {
        self.last
    }
    /// The decision about an order that stands.
    pub fn standing(&self, order: &OrderKey) -> Option<&Choice> {
        self.last_of(order).filter(|choice| choice.stands())
    }
    /// The last decision about an order, whether or not it counts.
    pub fn last_of(&self, order: &OrderKey) -> Option<&Choice> {
        self.choices.get(self.of_order.get(order)?.last()?)
    }
    /// A decision by its entry.
    pub fn choice(&self, entry: u64) -> Option<&Choice> {
        self.choices.get(&entry)
    }
    /// The site that an order was given to first, where a decision has moved it since.
    pub fn first_site(&self, order: &OrderKey) -> Option<&SiteId> {
        let choices = self.of_order.get(order)?.iter().filter_map(|seq| self.choices.get(seq));
        choices.filter_map(Choice::allocation).map(|one| &one.home).next()
    }
    /// Decisions from where orders ship that stand.
    pub fn all_standing(&self) -> impl Iterator<Item = (&OrderKey, &Choice)> {
        self.of_order.keys().filter_map(|order| Some((order, self.standing(order)?)))
    }
    /// Units of a SKU at a site that decisions about other orders still take; `known` tells an order as
    /// it is by now.
    pub fn taken(
        &self,
        (sku, site): (&Sku, &SiteId),
        but: &OrderKey,
        known: &dyn Fn(&OrderKey) -> Option<Order>,
    ) -> Qty {
        let of = |ships: &[ShipFrom]| -> Qty {
            let parts = ships.iter().filter(|part| part.site == *site);
            let lines = parts.flat_map(|part| &part.lines).filter(|(of, _)| of == sku);
            lines.map(|(_, qty)| *qty).sum()
        };
        let takes = |(order, choice): (&OrderKey, &Choice)| {
            let one = choice.allocation().filter(|one| of(&one.ships).is_positive())?;
            let known = known(&one.order).filter(|_| order != but)?;
            known.status.is_promised().then(|| of(&choice.outstanding(&known)))
        };
        self.all_standing().filter_map(takes).sum()
    }
    /// What the shop is to be told, oldest first. Of an order one thing after the other.
    pub fn errands(&self) -> Vec<Errand> {
        let mut busy = BTreeSet::new();
        let errands = self.untold.iter().filter_map(|seq| self.choices.get(seq)?.errand());
        errands.filter(|errand| busy.insert(errand.order.clone())).collect()
    }
}
