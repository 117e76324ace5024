//! Why an order is flagged, in words with the numbers behind them, and what is at stake.

use super::facts::LineFacts;
use super::look::Look;
use super::models::Reading;
use super::names::UNKNOWN;
use super::order::Order;
use super::rules::{self, Cause, RULES};
use super::words::{number, shown};

mod holds;
mod texts;

/// Reasons given at most.
pub const MOST: usize = 5;
/// A rule whose strength was seen oftener than once in this many orders (log10) is no reason.
const RARE: f32 = 1.3;
/// One reason.
#[derive(Debug, Clone, PartialEq)]
pub struct Reason {
    /// The rule that it comes from.
    pub rule: &'static str,
    /// What it speaks of.
    pub cause: Cause,
    /// In words.
    pub text: String,
    /// The line that it is about, counted from 0, if it is about one.
    pub line: Option<usize>,
    /// Money at stake if it is right, in the store's currency.
    pub cost: f64,
    /// How strongly it speaks among the order's reasons.
    pub weight: f32,
}

/// A side to which the network gives this share is a reason even if no rule speaks of it.
const LEADING: f32 = 0.4;
/// A rule that is strong for this order and not strong enough to speak is a reason of the network's from this share on.
const POINTED: f32 = 0.2;
/// A cause for each side that may be disturbed.
const SIDES: [Cause; 10] = [
    Cause::Quantity,
    Cause::Unit,
    Cause::Price,
    Cause::Discount,
    Cause::Destination,
    Cause::Hour,
    Cause::Duplicate,
    Cause::Burst,
    Cause::Returns,
    Cause::Basket,
];

/// A count from its log2 of 1 more.
fn counted(grade: f32) -> f64 {
    f64::from(grade.exp2() - 1.0)
}

/// Weeks of what everybody buys that a line takes.
fn weeks(line: &LineFacts) -> f64 {
    line.units / line.weekly.max(1.0)
}

/// The reasons for an order's score, strongest first.
pub(super) fn reasons(order: &Order, look: &Look, reading: &Reading) -> Vec<Reason> {
    let voice = Voice { order, look, reading };
    // Both speak of the line that is too large: as rarely as the rarer of them.
    let large = |cause| matches!(cause, Cause::Quantity | Cause::Hoarding);
    let pairs = || RULES.iter().zip(&reading.rules).filter(|(rule, _)| large(rule.cause));
    let largest = pairs().map(|(_, said)| said.rarity).fold(0.0, f32::max);
    let spoken = pairs().any(|(_, said)| said.speaks);
    let mut all: Vec<Reason> = RULES
        .iter()
        .zip(&reading.rules)
        .filter_map(|(rule, said)| {
            let (rarity, speaks) = match large(rule.cause) {
                true => (largest, spoken),
                false => (said.rarity, said.speaks),
            };
            let weight = voice.weight(rule.cause, speaks, rarity);
            let strong = (speaks || rarity >= RARE) && weight > 0.0;
            (strong && voice.holds(rule.cause)).then_some((rule, said.speaks, weight))
        })
        .filter_map(|(rule, speaks, weight)| match speaks {
            true => Some(voice.reason(rule.name, rule.cause, weight)),
            false => voice.pointed(rule.name, rule.cause, weight),
        })
        .collect();
    all.sort_by(|a, b| b.weight.total_cmp(&a.weight));
    only_one_pointed(&mut all);
    if let Some(leading) = voice.leading(&all) {
        all.insert(0, leading);
    }
    if all.is_empty() {
        all.push(voice.together());
    }
    all.truncate(MOST);
    all
}

/// Of what the network points at and no rule speaks of, the strongest is told.
fn only_one_pointed(all: &mut Vec<Reason>) {
    let mut seen = false;
    all.retain(|reason| {
        let first = !seen || reason.rule != NETWORK;
        seen |= reason.rule == NETWORK;
        first
    });
}

/// The name under which the network gives reasons.
const NETWORK: &str = "network";

/// What the network points at and no rule is strong enough to say. How sure it is of that side is no chance
/// that the order is wrong, which is told by the order's score alone.
fn by_network(mut reason: Reason) -> Reason {
    reason.text.push_str(" (by the network: no rule says so)");
    Reason { rule: NETWORK, ..reason }
}

struct Voice<'a> {
    order: &'a Order,
    look: &'a Look,
    reading: &'a Reading,
}

impl Voice<'_> {
    /// The share that the network gives to the side that a cause is about.
    fn family(&self, cause: Cause) -> f32 {
        let share = |family: usize| self.reading.families[family];
        match cause {
            Cause::Quantity | Cause::Hoarding => share(1),
            Cause::Unit => share(2),
            Cause::Price => share(3),
            Cause::Discount => share(4),
            Cause::Destination => share(5),
            Cause::Hour => share(6),
            Cause::Duplicate => share(7),
            Cause::Velocity => share(7).max(share(8)),
            Cause::Burst | Cause::SharedAddress => share(8),
            Cause::Returns | Cause::Unbought => share(9),
            Cause::Basket | Cause::NewAccount => share(10),
            Cause::Takeover => share(5).max(share(10)),
            Cause::Number | Cause::Note | Cause::ListPrice => 1.0,
        }
    }

    /// Rarity, and which side the network points at. What decides between causes that go together
    /// (a few units too many and a week's units are the same line) stands in `leaning`.
    fn weight(&self, cause: Cause, speaks: bool, rarity: f32) -> f32 {
        let wrong: f32 = self.reading.families[1..].iter().sum::<f32>().max(1e-6);
        let family = self.family(cause) / wrong;
        let fires = if speaks { 1.0 } else { 0.5 };
        rarity.min(4.0) * fires * (0.15 + family) * self.leaning(cause)
    }

    /// A line far too large is a slip of the keyboard or a hoard: the first when the number that was
    /// meant is a usual one, the second when it is about a week or two of the item.
    fn leaning(&self, cause: Cause) -> f32 {
        match cause {
            Cause::Hoarding if !self.hoards() => 0.6,
            Cause::Quantity if self.hoards() => 0.6,
            // When is a weaker sign than what and where.
            Cause::Hour => 0.25,
            _ => 1.0,
        }
    }

    fn hoards(&self) -> bool {
        let week = self.look.facts.excess_week;
        week >= holds::HOARD.log2() as f32 && week < 1.7 && !self.slipped()
    }

    /// What a rule would say that is not strong enough to speak, where the network points at it.
    fn pointed(&self, rule: &'static str, cause: Cause, weight: f32) -> Option<Reason> {
        let share = self.family(cause);
        let beside = matches!(
            cause,
            Cause::Hoarding
                | Cause::Velocity
                | Cause::SharedAddress
                | Cause::Unbought
                | Cause::NewAccount
        );
        ((beside || SIDES.contains(&cause)) && share >= POINTED).then(|| {
            let reason = self.reason(rule, cause, weight);
            by_network(reason)
        })
    }

    /// What is left to say where no number stands out by itself.
    fn together(&self) -> Reason {
        let sides = SIDES.into_iter().map(|cause| (cause, self.family(cause)));
        let most = sides.max_by(|a, b| a.1.total_cmp(&b.1));
        Reason {
            rule: NETWORK,
            cause: most.map_or(Cause::Basket, |most| most.0),
            text: "network: no number stands out; all together are unlike this shop's past".into(),
            line: None,
            cost: self.order.value(),
            weight: 0.0,
        }
    }

    /// Whether it is known whose the order is: by a name, or by an account that had one before.
    fn has_customer(&self) -> bool {
        self.order.customer.is_some() || self.look.who.0 != UNKNOWN
    }

    fn slipped(&self) -> bool {
        self.look.facts.excess_slip > 0.7
    }

    fn top(&self, of: impl Fn(&LineFacts) -> f32) -> Option<(usize, &LineFacts)> {
        let lines = self.look.lines.iter().enumerate();
        lines.max_by(|a, b| of(a.1).total_cmp(&of(b.1)))
    }

    fn sku(&self, place: usize) -> String {
        self.order.lines.get(place).map_or_else(String::new, |line| shown(&line.sku))
    }

    fn text(&self, rule: &str, cause: Cause) -> (String, f64) {
        let facts = &self.look.facts;
        let value = self.order.value();
        match cause {
            Cause::Quantity => self.quantity(),
            Cause::Hoarding => self.hoarding(),
            Cause::Unit => self.unit(),
            Cause::Price => self.price(),
            Cause::ListPrice => self.list_price(),
            Cause::Discount => self.discount(),
            Cause::Duplicate => (self.duplicate(rule), value),
            Cause::Burst => {
                let count = f64::from(facts.fresh_quarter.exp2() - 1.0);
                let usual = f64::from((facts.fresh_quarter - facts.fresh_usual).exp2() - 1.0);
                let text = format!(
                    "burst: {} small orders of new or unnamed customers in the 15 minutes before; usual are {}",
                    number(count),
                    number(usual)
                );
                (text, value)
            }
            Cause::Velocity => (self.velocity(), value),
            Cause::SharedAddress => {
                let count = f64::from(facts.address_customers.exp2());
                (
                    format!("shared address: {} customers have things sent there", number(count)),
                    value,
                )
            }
            Cause::Destination => (self.destination(), value),
            Cause::Takeover => (self.takeover(), value),
            Cause::NewAccount => {
                let who = match self.has_customer() {
                    true => "the first order of this customer",
                    false => "a guest's order",
                };
                (format!("new account: {who} has goods worth {}", number(value)), value)
            }
            Cause::Hour => {
                let share = f64::from((-facts.hour_rarity).exp()) * 1e4;
                let hour = super::order::hour(self.order.at);
                (format!("hour: {hour}:00 has {} of 10,000 orders", number(share)), value)
            }
            Cause::Basket => (self.basket(), value),
            Cause::Returns => {
                let count = f64::from(facts.returns_fortnight.exp2());
                let text = format!(
                    "refunds: return number {} of this customer in 14 days, {} % of what was bought comes back",
                    number(count),
                    number(f64::from(facts.returned_share) * 100.0)
                );
                (text, value)
            }
            Cause::Unbought => {
                let share = f64::from(facts.returned_unbought) * 100.0;
                (
                    format!(
                        "return without purchase: {} % of its lines were not bought or came back before",
                        number(share)
                    ),
                    value,
                )
            }
            Cause::Note => (format!("note: it holds {}", self.look.note.0.join(", ")), value),
            Cause::Number => {
                let lines = self.look.lines.iter().filter(|line| line.cannot_be());
                (
                    format!(
                        "numbers: quantity or price cannot be in {} of {} lines",
                        lines.count(),
                        self.look.lines.len()
                    ),
                    value,
                )
            }
        }
    }

    /// What the network points at when no rule speaks of that side, or none at all.
    fn leading(&self, all: &[Reason]) -> Option<Reason> {
        let large = |cause| match cause {
            Cause::Quantity if self.hoards() => Cause::Hoarding,
            other => other,
        };
        let (most, share) = SIDES
            .into_iter()
            .map(|cause| (large(cause), self.family(cause)))
            .filter(|(cause, _)| self.holds(*cause))
            .max_by(|a, b| a.1.total_cmp(&b.1))?;
        let covered = all.iter().any(|reason| self.family(reason.cause) >= 0.5 * share);
        if covered || (!all.is_empty() && share < LEADING) {
            return None;
        }
        Some(by_network(self.reason(NETWORK, most, 0.0)))
    }

    fn reason(&self, rule: &'static str, cause: Cause, weight: f32) -> Reason {
        let (text, cost) = self.text(rule, cause);
        let line = match cause {
            Cause::Quantity => self.top(|line| line.excess),
            Cause::Hoarding => self.top(rules::line_hoarding),
            Cause::Price => self.top(rules::price_error),
            Cause::ListPrice => self.top(rules::list_error),
            // What a burst is after.
            Cause::Burst => self.top(|line| (line.units * line.price) as f32),
            _ => None,
        };
        Reason { rule, cause, text, line: line.map(|(place, _)| place), cost, weight }
    }
}
