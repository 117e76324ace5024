//! What the journal's entries about cases add up to.

use crate::domain::{
    CaseAct, CaseId, CaseKind, CaseSubject, Decision, Entry, FlaggedOrder, MuteOf, OrderKey,
    OrderStatus, Threshold, Timestamp,
};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// A decision about a case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deed {
    /// The journal entry.
    pub entry: u64,
    /// By whom.
    pub who: Box<str>,
    /// When.
    pub at: Timestamp,
    /// About which case.
    pub case: CaseId,
    /// What.
    pub act: CaseAct,
    /// About which orders, as they stood.
    pub orders: Vec<FlaggedOrder>,
    /// The entry that took it back.
    pub taken_back: Option<u64>,
}

/// A rule that is silent about somebody or something for a time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mute {
    /// The journal entry that set it.
    pub entry: u64,
    /// By whom.
    pub who: Box<str>,
    /// When.
    pub at: Timestamp,
    /// The rule.
    pub rule: Box<str>,
    /// About whom or what.
    pub of: MuteOf,
    /// When it ends.
    pub until: Timestamp,
    /// Why.
    pub reason: Box<str>,
    /// Whether nobody has ended it.
    pub stands: bool,
}

impl Mute {
    /// Whether it counts at a moment.
    pub fn is_on(&self, now: Timestamp) -> bool {
        self.stands && now < self.until
    }
}

/// A decision about rules, or about the network that scores.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleDeed {
    /// The journal entry.
    pub entry: u64,
    /// By whom.
    pub who: Box<str>,
    /// When.
    pub at: Timestamp,
    /// What, in words.
    pub what: Box<str>,
}

/// What an order's shop is to make of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ToTell {
    /// The entry that wants it.
    pub of: u64,
    /// The status that the order is to have.
    pub status: OrderStatus,
}

/// What is known of an order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Known {
    /// The status that it had apart from what its shop was told here.
    was: Option<OrderStatus>,
    /// Verdicts on it, oldest first.
    verdicts: Vec<u64>,
    /// What its shop is to make of it.
    wanted: Option<ToTell>,
    /// The entry of which the shop was told last, and why it refused.
    told: Option<(u64, Option<Box<str>>)>,
}

/// What people decided about cases, folded from the journal.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Triage {
    last: u64,
    deeds: BTreeMap<u64, Deed>,
    of_case: HashMap<CaseId, Vec<u64>>,
    orders: HashMap<OrderKey, Known>,
    /// Orders whose shop is to be told.
    waiting: BTreeSet<OrderKey>,
    mutes: BTreeMap<u64, Mute>,
    about_rules: Vec<RuleDeed>,
    off: BTreeSet<Box<str>>,
    thresholds: BTreeMap<Box<str>, Threshold>,
    model: Option<(u32, u32)>,
}

impl Triage {
    /// Folds an entry in. Entries come in the order of their numbers; one that was applied already
    /// changes nothing.
    pub fn apply(&mut self, entry: &Entry) {
        if entry.seq <= self.last {
            return;
        }
        self.last = entry.seq;
        let about_rules = matches!(
            entry.decision,
            Decision::Mute { .. }
                | Decision::EndMute { .. }
                | Decision::SwitchRule { .. }
                | Decision::SetThreshold { .. }
                | Decision::UseFlagModel { .. }
        );
        if about_rules {
            self.about_rules.push(RuleDeed {
                entry: entry.seq,
                who: entry.actor.user.clone(),
                at: entry.at,
                what: format!("{} {}", entry.decision.verb(), entry.decision.summary()).into(),
            });
        }
        match &entry.decision {
            Decision::Flag { case, act, orders } => self.decided(Deed {
                entry: entry.seq,
                who: entry.actor.user.clone(),
                at: entry.at,
                case: *case,
                act: act.clone(),
                orders: orders.clone(),
                taken_back: None,
            }),
            Decision::Unflag { entry: taken, .. } => self.took_back(*taken, entry.seq),
            Decision::Mute { rule, of, until, reason } => {
                let mute = Mute {
                    entry: entry.seq,
                    who: entry.actor.user.clone(),
                    at: entry.at,
                    rule: rule.clone(),
                    of: of.clone(),
                    until: *until,
                    reason: reason.as_str().into(),
                    stands: true,
                };
                self.mutes.insert(entry.seq, mute);
            }
            Decision::EndMute { entry: of, on, .. } => {
                if let Some(mute) = self.mutes.get_mut(of) {
                    mute.stands = *on;
                }
            }
            Decision::SwitchRule { rule, on: true } => {
                self.off.remove(rule);
            }
            Decision::SwitchRule { rule, on: false } => {
                self.off.insert(rule.clone());
            }
            Decision::SetThreshold { rule, from: Some(from), .. } => {
                self.thresholds.insert(rule.clone(), *from);
            }
            Decision::SetThreshold { rule, from: None, .. } => {
                self.thresholds.remove(rule);
            }
            Decision::UseFlagModel { version, before } => self.model = Some((*version, *before)),
            Decision::TellShop { words } => {
                for word in words {
                    let known = self.orders.entry(word.order.clone()).or_default();
                    known.told = Some((word.of, word.refused.clone()));
                    if known.wanted.is_none_or(|wanted| wanted.of == word.of) {
                        self.waiting.remove(&word.order);
                    }
                }
            }
            _ => {}
        }
    }

    fn decided(&mut self, deed: Deed) {
        if deed.act.is_verdict() {
            for order in &deed.orders {
                let known = self.orders.entry(order.order.clone()).or_default();
                known.verdicts.push(deed.entry);
                // What is held or called off may be so by a word from here, which feeds tell late.
                let by_word = matches!(order.status, OrderStatus::Held | OrderStatus::Cancelled);
                if known.was.is_none() || !by_word {
                    known.was = Some(order.status);
                }
                let status = match deed.act {
                    CaseAct::Hold => Some(OrderStatus::Held),
                    CaseAct::Cancel => Some(OrderStatus::Cancelled),
                    // It undoes what the shop was told, and tells nothing to one told nothing.
                    CaseAct::Release if known.wanted.is_some() => known.was,
                    _ => None,
                };
                if let Some(status) = status {
                    known.wanted = Some(ToTell { of: deed.entry, status });
                    self.waiting.insert(order.order.clone());
                }
            }
        }
        self.of_case.entry(deed.case).or_default().push(deed.entry);
        self.deeds.insert(deed.entry, deed);
    }

    /// A decision was taken back: its orders are to be as the one before it wanted, or as they were.
    fn took_back(&mut self, taken: u64, by: u64) {
        let Some(deed) = self.deeds.get_mut(&taken) else { return };
        deed.taken_back = Some(by);
        let deed = deed.clone();
        for order in &deed.orders {
            let Some(known) = self.orders.get_mut(&order.order) else { continue };
            if known.wanted.is_none_or(|wanted| wanted.of != taken) {
                continue;
            }
            let stands = |entry: &&u64| {
                let of = self.deeds.get(entry);
                of.filter(|of| of.taken_back.is_none()).is_some_and(|of| {
                    matches!(of.act, CaseAct::Hold | CaseAct::Cancel | CaseAct::Release)
                })
            };
            let before = known.verdicts.iter().rev().find(stands);
            let status = match before.and_then(|entry| self.deeds.get(entry)).map(|of| &of.act) {
                Some(CaseAct::Hold) => OrderStatus::Held,
                Some(CaseAct::Cancel) => OrderStatus::Cancelled,
                Some(_) | None => known.was.unwrap_or(order.status),
            };
            known.wanted = Some(ToTell { of: by, status });
            self.waiting.insert(order.order.clone());
        }
    }

    /// Whether anybody here ever had an order called off.
    pub fn was_called_off(&self, order: &OrderKey) -> bool {
        let verdicts = self.orders.get(order).map_or(&[][..], |known| &known.verdicts);
        let mut deeds = verdicts.iter().filter_map(|entry| self.deeds.get(entry));
        deeds.any(|deed| deed.act == CaseAct::Cancel)
    }
    /// A decision by its entry.
    pub fn deed(&self, entry: u64) -> Option<&Deed> {
        self.deeds.get(&entry)
    }
    /// All decisions, oldest first.
    pub fn deeds(&self) -> impl DoubleEndedIterator<Item = &Deed> {
        self.deeds.values()
    }
    /// Decisions from a moment on, oldest first.
    pub fn deeds_since(&self, since: Timestamp) -> impl Iterator<Item = &Deed> {
        self.deeds.values().filter(move |deed| deed.at >= since)
    }
    /// All that was decided about a case, oldest first.
    pub fn of_case(&self, case: CaseId) -> impl DoubleEndedIterator<Item = &Deed> {
        let entries = self.of_case.get(&case).map_or(&[][..], Vec::as_slice);
        entries.iter().filter_map(|entry| self.deeds.get(entry))
    }
    /// The same, what was taken back left out.
    pub fn standing(&self, case: CaseId) -> impl DoubleEndedIterator<Item = &Deed> {
        self.of_case(case).filter(|deed| deed.taken_back.is_none())
    }
    /// The verdict on an order that counts.
    pub fn verdict(&self, order: &OrderKey) -> Option<&Deed> {
        let verdicts = self.orders.get(order)?.verdicts.iter().rev();
        let mut verdicts = verdicts.filter_map(|entry| self.deeds.get(entry));
        verdicts.find(|deed| deed.taken_back.is_none())
    }
    /// How a case ended: what was decided about how many of its orders, the most first. Of a case that is
    /// not about orders it is the last verdict, about none.
    pub fn endings(&self, case: CaseId) -> Vec<(CaseAct, u32)> {
        let mut endings: Vec<(CaseAct, u32)> = Vec::new();
        for deed in self.standing(case).filter(|deed| deed.act.is_verdict()) {
            let counts = |of: &&FlaggedOrder| {
                self.verdict(&of.order).is_some_and(|verdict| verdict.entry == deed.entry)
            };
            let orders = deed.orders.iter().filter(counts).count() as u32;
            match endings.iter_mut().find(|(act, _)| *act == deed.act) {
                Some((_, sum)) => *sum += orders,
                None if orders > 0 => endings.push((deed.act.clone(), orders)),
                None if deed.orders.is_empty() => endings = vec![(deed.act.clone(), 0)],
                None => {}
            }
        }
        endings.sort_by_key(|(_, orders)| std::cmp::Reverse(*orders));
        endings
    }
    /// Decisions about rules and networks from a moment on, oldest first.
    pub fn about_rules_since(&self, since: Timestamp) -> impl Iterator<Item = &RuleDeed> {
        self.about_rules.iter().filter(move |deed| deed.at >= since)
    }
    /// The verdict on a case that is not about orders.
    pub fn verdict_of_case(&self, case: CaseId) -> Option<&Deed> {
        self.standing(case).rev().find(|deed| deed.act.is_verdict())
    }
    /// Whose a case is.
    pub fn assigned(&self, case: CaseId) -> Option<&str> {
        let told = |deed: &'_ Deed| match &deed.act {
            CaseAct::Assign(to) => Some(to.clone()),
            CaseAct::HandOver(_) => Some(None),
            _ => None,
        };
        let last = self.standing(case).rev().find(|deed| told(deed).is_some())?;
        match &last.act {
            CaseAct::Assign(Some(user)) => Some(user),
            _ => None,
        }
    }
    /// Until when a case is snoozed; a decision after it wakes it.
    pub fn snoozed(&self, case: CaseId) -> Option<Timestamp> {
        match self.standing(case).next_back()?.act {
            CaseAct::Snooze(until) => Some(until),
            _ => None,
        }
    }
    /// What an order's shop is to be told and has not answered to.
    pub fn to_tell(&self, order: &OrderKey) -> Option<ToTell> {
        self.orders.get(order)?.wanted.filter(|_| self.waiting.contains(order))
    }
    /// All that shops are to be told.
    pub fn all_to_tell(&self) -> impl Iterator<Item = (&OrderKey, ToTell)> {
        let wanted = |order| Some((order, self.orders.get(order)?.wanted?));
        self.waiting.iter().filter_map(wanted)
    }
    /// What an order's shop is to make of it, and why it would not; `None`: it was told nothing.
    pub fn told(&self, order: &OrderKey) -> Option<(ToTell, Option<&str>)> {
        let known = self.orders.get(order)?;
        let wanted = known.wanted?;
        let refused = known.told.as_ref().filter(|(of, _)| *of == wanted.of);
        Some((wanted, refused.and_then(|(_, refused)| refused.as_deref())))
    }
    /// Orders that shops refused to do something about, by what was wanted last.
    pub fn refused(&self) -> impl Iterator<Item = (&OrderKey, &str)> {
        let refused = |order| Some((order, self.told(order)?.1?));
        self.orders.keys().filter_map(refused)
    }
    /// All mutes, oldest first; those that are over too.
    pub fn mutes(&self) -> impl DoubleEndedIterator<Item = &Mute> {
        self.mutes.values()
    }
    /// A mute by its entry.
    pub fn mute(&self, entry: u64) -> Option<&Mute> {
        self.mutes.get(&entry)
    }
    /// Whether a rule is on.
    pub fn is_on(&self, rule: &str) -> bool {
        !self.off.contains(rule)
    }
    /// Whether a rule says nothing of what a case that is not about orders is about: it is off, or muted.
    pub fn is_silent_of(&self, rule: &str, subject: &CaseSubject, now: Timestamp) -> bool {
        let is_of = |mute: &Mute| match (&mute.of, subject) {
            (MuteOf::Everything, _) => true,
            (MuteOf::Sku(of), CaseSubject::Sku(sku, _)) => of == sku,
            (MuteOf::Feed(of), CaseSubject::Feed(feed)) => of == feed,
            _ => false,
        };
        !self.is_on(rule)
            || self.mutes().any(|mute| *mute.rule == *rule && mute.is_on(now) && is_of(mute))
    }
    /// Rules that are off.
    pub fn off(&self) -> impl Iterator<Item = &str> {
        self.off.iter().map(|rule| &**rule)
    }
    /// From which strength on a rule speaks, where somebody set it.
    pub fn threshold(&self, rule: &str) -> Option<Threshold> {
        self.thresholds.get(rule).copied()
    }
    /// The rules that somebody set, and from which strength on each speaks.
    pub fn thresholds(&self) -> impl Iterator<Item = (&str, Threshold)> {
        self.thresholds.iter().map(|(rule, from)| (&**rule, *from))
    }
    /// The version of the network that was taken into use last, and the one before it.
    pub fn model(&self) -> Option<(u32, u32)> {
        self.model
    }
    /// Orders that somebody decided on, with whether they were wrong and when that was decided, the
    /// earliest decided first. What was decided last about an order counts. What was decided about a
    /// feed's case says nothing of its orders: the feed told them wrongly, whatever they are.
    pub fn labels(&self) -> Vec<(&OrderKey, bool, Timestamp)> {
        let label = |order| {
            let deed = self.verdict(order).filter(|deed| deed.case.kind == CaseKind::Order)?;
            Some((deed.entry, (order, deed.act.is_wrong()?, deed.at)))
        };
        let mut labels: Vec<_> = self.orders.keys().filter_map(label).collect();
        labels.sort_by(|(a, one), (b, other)| a.cmp(b).then_with(|| one.0.cmp(other.0)));
        labels.into_iter().map(|(_, label)| label).collect()
    }
}
