//! Which rules are on, from which strength on they speak, and what they would have said in the past.

use super::look::Look;
use super::memory::Memory;
use super::order::Order;
use super::rules::{RULES, Rule};
use std::sync::Arc;

/// Examples kept of what a rule would have said.
const EXAMPLES: usize = 20;
const WEEK: f64 = 7.0 * 86_400.0;

/// What a rule would have said of a past.
#[derive(Debug, Clone, PartialEq)]
pub struct Tested {
    /// The rule's name.
    pub rule: &'static str,
    /// Orders of which it would have spoken, and how many that is a week.
    pub orders: usize,
    /// The same per week.
    pub a_week: f64,
    /// The latest of them.
    pub latest: Vec<Arc<str>>,
}

/// The rules as a merchant has set them.
#[derive(Debug, Clone, PartialEq)]
pub struct RuleBook {
    on: Vec<bool>,
    thresholds: Vec<f32>,
}

impl Default for RuleBook {
    fn default() -> Self {
        Self {
            on: vec![true; RULES.len()],
            thresholds: RULES.iter().map(|rule| rule.threshold).collect(),
        }
    }
}

impl RuleBook {
    /// All rules off: the network alone speaks.
    pub fn silent() -> Self {
        Self { on: vec![false; RULES.len()], ..Self::default() }
    }

    /// Switches a rule by its name. Tells whether there is one.
    pub fn switch(&mut self, rule: &str, on: bool) -> bool {
        let slot = place(rule).and_then(|place| self.on.get_mut(place));
        slot.map(|slot| *slot = on).is_some()
    }

    /// Sets the strength from which a rule speaks, in the rule's own unit. Tells whether there is one.
    pub fn set(&mut self, rule: &str, threshold: f32) -> bool {
        let slot = place(rule).and_then(|place| self.thresholds.get_mut(place));
        slot.map(|slot| *slot = threshold).is_some()
    }

    /// The rules, whether each is on, and its threshold.
    pub fn rules(&self) -> impl Iterator<Item = (&'static Rule, bool, f32)> {
        RULES
            .iter()
            .zip(&self.on)
            .zip(&self.thresholds)
            .map(|((rule, on), from)| (rule, *on, *from))
    }

    /// The strengths of the rules for an order, `None` for those that are off, and whether each
    /// speaks.
    pub(super) fn strengths(&self, look: &Look) -> Vec<Option<(f32, bool)>> {
        let strength = |(rule, on, from): (&Rule, bool, f32)| {
            let strength = (rule.strength)(look);
            on.then_some((strength, strength >= from))
        };
        self.rules().map(strength).collect()
    }

    /// What each rule would have said of a past in order of arrival, from a time on: before it goes
    /// live, a person sees how often it would have called.
    pub fn tested(&self, past: &[Order], from: i64) -> Vec<Tested> {
        let mut test = Testing::new(self.clone(), from);
        past.iter().for_each(|order| test.order(order));
        test.tested()
    }
}

/// Rules that are tested on a past which comes order by order.
#[derive(Debug, Clone)]
pub struct Testing {
    book: RuleBook,
    memory: Memory,
    from: i64,
    last: i64,
    looked_at: usize,
    said: Vec<(usize, Vec<Arc<str>>)>,
}

impl Testing {
    /// Rules as a book sets them; orders before a time are only learnt.
    pub fn new(book: RuleBook, from: i64) -> Self {
        let said = vec![(0, Vec::new()); RULES.len()];
        Self { book, memory: Memory::new(), from, last: from, looked_at: 0, said }
    }

    /// The next order in the order of arrival.
    pub fn order(&mut self, order: &Order) {
        if order.at >= self.from {
            let look = self.memory.look(order);
            self.looked_at += 1;
            for (strength, (count, all)) in self.book.strengths(&look).iter().zip(&mut self.said) {
                if strength.is_some_and(|(_, speaks)| speaks) {
                    *count += 1;
                    all.push(Arc::clone(&order.id));
                }
            }
        }
        self.last = self.last.max(order.at);
        self.memory.learn(order);
    }

    /// Orders that were looked at so far.
    pub fn looked_at(&self) -> usize {
        self.looked_at
    }

    /// The orders of which a rule would have spoken so far.
    pub fn spoken_of(&self, rule: &str) -> &[Arc<str>] {
        place(rule).and_then(|place| self.said.get(place)).map_or(&[], |(_, all)| all)
    }

    /// What each rule would have said so far.
    pub fn tested(&self) -> Vec<Tested> {
        let weeks = ((self.last - self.from) as f64 / WEEK).max(1.0 / 7.0);
        let tested = |(rule, (orders, all)): (&Rule, &(usize, Vec<Arc<str>>))| Tested {
            rule: rule.name,
            orders: *orders,
            a_week: *orders as f64 / weeks,
            latest: all[all.len().saturating_sub(EXAMPLES)..].to_vec(),
        };
        RULES.iter().zip(&self.said).map(tested).collect()
    }
}

fn place(rule: &str) -> Option<usize> {
    RULES.iter().position(|known| known.name == rule)
}
