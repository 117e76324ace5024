//! Why an order is flagged, in words with the numbers behind them, and what is at stake.

use super::facts::LineFacts;
use super::look::Look;
use super::models::Reading;
use super::names::UNKNOWN;
use super::order::Order;
use super::rules::{self, Cause, RULES};
use super::words::{number, shown, span, times};

mod holds;

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

/// A factor that makes the order likelier by this (ln) is named.
const EXPLAINS: f32 = 3.0;

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
            Reason { rule: NETWORK, ..self.by_network(reason, share) }
        })
    }

    fn by_network(&self, mut reason: Reason, share: f32) -> Reason {
        let percent = number(f64::from(share) * 100.0);
        reason.text.push_str(&format!(" (no rule, the network: {percent} %)"));
        reason
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

    fn quantity(&self) -> (String, f64) {
        let Some((place, line)) = self.top(|line| line.excess) else {
            return (String::new(), 0.0);
        };
        let usual = f64::from(line.median.exp2());
        let own = match line.own_count > 0.0 {
            true => {
                let most = f64::from((line.quantity - line.own_most).exp2());
                format!(", the most this customer took is {}", number(most))
            }
            false => String::new(),
        };
        let text = format!(
            "quantity: {} of {}, {} the usual {}; the most ever ordered by anybody is {}{own}",
            number(line.units),
            self.sku(place),
            times(line.offset),
            number(usual),
            number(f64::from(line.most.exp2()))
        ) + &self.meant(line);
        (text, ((line.units - usual) * line.price).max(0.0))
    }

    /// What may have been meant by a number with a key too many.
    fn meant(&self, line: &LineFacts) -> String {
        let typed = super::item::whole(line.units);
        match super::item::meant(typed).min() {
            Some(meant) if line.slip > 0.7 => format!("; {meant} may have been meant"),
            _ => String::new(),
        }
    }

    fn hoarding(&self) -> (String, f64) {
        let Some((place, line)) = self.top(rules::line_hoarding) else {
            return (String::new(), 0.0);
        };
        let share = match weeks(line) {
            weeks if weeks >= 1.0 => format!("{} weeks", number(weeks)),
            weeks => format!("{:.0} % of a week", weeks * 100.0),
        };
        let text = format!(
            "hoarding: {} of {} are {share} of what everybody buys ({} a week)",
            number(line.units),
            self.sku(place),
            number(line.weekly)
        );
        (text, ((line.units - f64::from(line.median.exp2())) * line.price).max(0.0))
    }

    fn unit(&self) -> (String, f64) {
        let shift = rules::order_shift(self.look);
        let way = if shift > 0.0 { "more" } else { "less" };
        let mut text = format!(
            "unit of measure: the middle one of {} lines is {} {way} than {}",
            self.order.lines.len(),
            times(shift),
            if self.look.usual.2 > 0.0 { "this customer takes" } else { "is usual of its item" }
        );
        let said = &self.reading.likelihood;
        if said.factor_gain > EXPLAINS && said.factor * shift > 0.0 {
            text.push_str(&format!("; {} would explain them all", times(said.factor)));
        }
        let value = self.order.value();
        (text, (value - value / f64::from(shift.clamp(-10.0, 10.0).exp2())).abs())
    }

    fn price(&self) -> (String, f64) {
        let Some((place, line)) = self.top(rules::price_error) else {
            return (String::new(), 0.0);
        };
        let usual = line.price_median.map_or(line.price, |price| f64::from(price.exp2()));
        let nearest = line.price * f64::from((-line.price_nearest).exp2());
        let way = if line.price_ratio > 0.0 { "more" } else { "less" };
        let text = format!(
            "price: {} at {:.2}, {} {way} than the usual {usual:.2}; the nearest price ever paid is {nearest:.2}",
            self.sku(place),
            line.price,
            times(line.price_ratio)
        );
        (text, (line.price - usual).abs() * line.units)
    }

    fn list_price(&self) -> (String, f64) {
        let Some((place, line)) = self.top(rules::list_error) else {
            return (String::new(), 0.0);
        };
        let list = line.price * f64::from((-line.list).exp2());
        let way = if line.list > 0.0 { "more" } else { "less" };
        let text = format!(
            "list price: {} at {:.2}, {} {way} than its list price of {list:.2}",
            self.sku(place),
            line.price,
            times(line.list)
        );
        (text, (line.price - list).abs() * line.units)
    }

    fn discount(&self) -> (String, f64) {
        let off = 1.0 - f64::from(self.look.facts.price_median.exp2());
        let lost: f64 = self
            .look
            .lines
            .iter()
            .filter_map(|line| {
                Some((f64::from(line.price_median?.exp2()) - line.price) * line.units)
            })
            .sum();
        let text = format!(
            "discount: the middle one of {} lines is {} % under its usual price",
            self.order.lines.len(),
            number(off * 100.0)
        );
        (text, lost.max(0.0))
    }

    fn duplicate(&self, rule: &str) -> String {
        let facts = &self.look.facts;
        if facts.same_overlap.max(facts.like_overlap) < 0.3 && facts.twice > 0.0 {
            let share = number(f64::from(facts.twice) * 100.0);
            return format!("duplicate: {share} % of its lines repeat an item of the same order");
        }
        let own = rule == "duplicate" || facts.same_overlap >= facts.like_overlap;
        let (overlap, who) = match own {
            true if !self.has_customer() => (facts.same_overlap, "this address"),
            true => (facts.same_overlap, "this customer or address"),
            false => (facts.like_overlap, "another customer"),
        };
        let ago = match self.look.found {
            Some((found, ago)) if found == own => format!(" {} before", span(ago)),
            _ => " within two days".to_owned(),
        };
        let share = number(f64::from(overlap) * 100.0);
        format!("duplicate: {share} % of its lines came from {who}{ago}")
    }

    fn velocity(&self) -> String {
        let facts = &self.look.facts;
        let orders = |grade: f32| match counted(grade).round() {
            1.0 => "1 order".to_owned(),
            count => format!("{} orders", number(count)),
        };
        let mut said = Vec::new();
        if self.has_customer() {
            let (hour, day) = (orders(facts.own_hour), orders(facts.own_day));
            said.push(format!("{hour} of this customer in the hour and {day} in the day before"));
        }
        if self.order.address.is_some() {
            said.push(format!("{} to the address in the day before", orders(facts.place_day)));
        }
        format!("velocity: {}", said.join(", "))
    }

    fn destination(&self) -> String {
        let facts = &self.look.facts;
        let mut signs = Vec::new();
        if facts.mismatch > 0.0 {
            let (ship, bill) = (shown(&self.order.ship), shown(&self.order.bill));
            signs.push(format!("goes to {ship}, the bill to {bill}"));
        }
        if facts.country_new > 0.0 {
            signs.push("a country new for this customer".to_owned());
        }
        if facts.address_new > 0.0 {
            signs.push("a new address".to_owned());
        }
        format!("destination: {}; goods worth {}", signs.join(", "), number(self.order.value()))
    }

    fn takeover(&self) -> String {
        let account = &self.look.account;
        let (sales, days) = account.known;
        let signs = [
            (account.renamed, "under another e-mail"),
            (account.moved, "to a new address"),
            (account.elsewhere, "the bill goes elsewhere"),
        ];
        let signs: Vec<&str> = signs.iter().filter(|sign| sign.0).map(|sign| sign.1).collect();
        format!(
            "account takeover: an account of {sales} orders in {days} days, {}; goods worth {}, {} spreads above its usual",
            signs.join(", "),
            number(self.order.value()),
            number(f64::from(self.look.facts.value_customer.max(0.0)))
        )
    }

    fn basket(&self) -> String {
        let facts = &self.look.facts;
        let own = match facts.value_customer > 0.0 {
            true => {
                let own = number(f64::from(facts.value_customer));
                format!("{own} spreads above this customer's usual and ")
            }
            false => String::new(),
        };
        format!(
            "basket: goods worth {}, {own}{} spreads above everybody's",
            number(self.order.value()),
            number(f64::from(facts.value_all))
        )
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
        Some(self.by_network(self.reason(NETWORK, most, 0.0), share))
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
