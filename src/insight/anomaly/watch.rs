//! Orders as they arrive: each is scored with what was known before it, then learnt.

use super::cases::{Cases, Found};
use super::corrupt::CLASSES;
use super::look::Look;
use super::memory::Memory;
use super::models::{ModelError, Models, Reading};
use super::order::Order;
use super::reasons::{self, Reason};
use super::rule_book::RuleBook;
use super::rules::Cause;
use std::sync::Arc;

/// Orders read at once in a replay.
const TOGETHER: usize = 256;

/// What is said of an order.
#[derive(Debug, Clone)]
pub struct Flag {
    /// The order.
    pub order: Arc<str>,
    /// When it arrived, seconds on the store's wall clock.
    pub at: i64,
    /// How likely it is wrong, 0 to 1.
    pub score: f64,
    /// What the rules alone say (-log10 of a share, about), and the network alone (a logit).
    pub rules: f32,
    /// The network's logit.
    pub network: f32,
    /// The network's shares of the sides that may be disturbed, by [`super::corrupt::Family`]; the
    /// first is "none".
    pub families: [f32; CLASSES],
    /// What the first reason is about.
    pub cause: Cause,
    /// At most five, the strongest first.
    pub reasons: Vec<Reason>,
    /// Money at stake by the first reason, in the store's currency.
    pub cost: f64,
    /// The case that it belongs to.
    pub case: u64,
    /// What the network saw, to learn from once somebody has decided.
    pub row: Vec<f32>,
}

/// What was said of an order when it was scored, as far as its case goes by it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Recalled {
    /// What its first reason was about.
    pub cause: Cause,
    /// How likely it was wrong, 0 to 1.
    pub score: f64,
    /// The line that its first reason was about.
    pub line: Option<usize>,
    /// Money at stake by it.
    pub cost: f64,
}

/// What decides about the case of an order; the line is the one that its first reason is about.
fn found(
    order: &Order,
    look: &Look,
    cause: Cause,
    (score, cost): (f64, f64),
    line: Option<usize>,
) -> Found {
    let (customer, address, feed) = look.who;
    let about = line.and_then(|line| look.lines.get(line));
    let item = about.map_or(super::names::UNKNOWN, |line| line.sku);
    Found { at: order.at, customer, address, feed, item, cause, score, cost }
}

/// Watches orders.
#[derive(Debug, Clone)]
pub struct Watch {
    memory: Memory,
    models: Arc<Models>,
    cases: Cases,
    book: RuleBook,
}

impl Watch {
    /// Knows nothing yet and reads with these models.
    pub fn new(models: Arc<Models>) -> Self {
        Self { memory: Memory::new(), models, cases: Cases::new(), book: RuleBook::default() }
    }

    /// Reads with other models from now on; what is known stays.
    pub fn read_with(&mut self, models: Arc<Models>) {
        self.models = models;
    }

    /// Goes by this book of rules from now on.
    pub fn go_by(&mut self, book: RuleBook) {
        self.book = book;
    }

    /// Learns from an order without scoring it.
    pub fn learn(&mut self, order: &Order) {
        self.memory.learn(order);
    }

    /// Scores an order and learns from it. Orders come in the order of their arrival.
    pub fn order(&mut self, order: &Order) -> Result<Flag, ModelError> {
        let look = self.memory.look(order);
        self.memory.learn(order);
        let reading = self.models.read(&[&look], &self.book)?.pop();
        let reading = reading.ok_or(ModelError::Few(0))?;
        Ok(self.flag(order, &look, reading))
    }

    /// Learns from an order that was scored before, and takes its place in a case again: what comes is
    /// put to the cases as if this had been scored now. Returns the case's number here.
    pub fn recall(&mut self, order: &Order, said: Recalled) -> u64 {
        let look = self.memory.look(order);
        self.memory.learn(order);
        let (cause, score, cost) = (said.cause, said.score, said.cost);
        self.cases.place(found(order, &look, cause, (score, cost), said.line))
    }

    /// The same for many, faster: what is said of each is what it would be one by one.
    pub fn orders(&mut self, orders: &[Order]) -> Result<Vec<Flag>, ModelError> {
        let mut flags = Vec::with_capacity(orders.len());
        for part in orders.chunks(TOGETHER * 2) {
            let mut looks = Vec::with_capacity(part.len());
            for order in part {
                looks.push(self.memory.look(order));
                self.memory.learn(order);
            }
            let readings = self.read(&looks)?;
            for ((order, look), reading) in part.iter().zip(&looks).zip(readings) {
                flags.push(self.flag(order, look, reading));
            }
        }
        Ok(flags)
    }

    /// Two halves on two threads, where there is enough for two.
    fn read(&self, looks: &[Look]) -> Result<Vec<Reading>, ModelError> {
        let looks: Vec<&Look> = looks.iter().collect();
        if looks.len() <= TOGETHER {
            return self.models.read(&looks, &self.book);
        }
        let (first, second) = looks.split_at(looks.len().min(TOGETHER));
        let (first, second) = std::thread::scope(|scope| {
            let other = scope.spawn(|| self.models.read(second, &self.book));
            (self.models.read(first, &self.book), other.join())
        });
        let mut readings = first?;
        match second {
            Ok(second) => readings.extend(second?),
            Err(panic) => std::panic::resume_unwind(panic),
        }
        Ok(readings)
    }

    fn flag(&mut self, order: &Order, look: &Look, reading: Reading) -> Flag {
        let reasons = reasons::reasons(order, look, &reading);
        let cause = reasons.first().map_or(Cause::Basket, |reason| reason.cause);
        let cost = reasons.first().map_or(0.0, |reason| reason.cost);
        let line = reasons.first().and_then(|reason| reason.line);
        let found = found(order, look, cause, (reading.score, cost), line);
        Flag {
            order: Arc::clone(&order.id),
            at: order.at,
            score: reading.score,
            rules: reading.rules_score,
            network: reading.network,
            families: reading.families,
            cause,
            reasons,
            cost,
            case: self.cases.place(found),
            row: reading.row,
        }
    }

    /// The cases so far.
    pub fn cases(&self) -> &Cases {
        &self.cases
    }
}
