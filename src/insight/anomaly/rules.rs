//! Named rules: each reads a look at an order and says how strongly one cause speaks.
//!
//! A rule's strength has a unit of its own (spreads, doublings, returns); to be compared with the
//! other rules it is turned into how rarely the merchant's own past saw as much ([`super::rarity`]).

use super::facts::LineFacts;
use super::look::Look;

/// What is wrong, in the words that a person would use.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize,
)]
pub enum Cause {
    /// A line has far more units than its item and customer usually have.
    Quantity,
    /// The whole order is off by a factor: another unit of measure.
    Unit,
    /// Single prices are off.
    Price,
    /// The whole order is too cheap.
    Discount,
    /// The same basket came before.
    Duplicate,
    /// Many small orders of strangers at once.
    Burst,
    /// One customer or address orders too often.
    Velocity,
    /// Many customers share an address.
    SharedAddress,
    /// A large part of what is sold of an item goes to one order.
    Hoarding,
    /// It goes somewhere it never went.
    Destination,
    /// A first order of high worth.
    NewAccount,
    /// An hour at which nobody orders.
    Hour,
    /// A value or a basket unlike the customer's.
    Basket,
    /// Returns again and again, of nearly everything.
    Returns,
    /// A return of what was not bought.
    Unbought,
    /// A number that cannot be.
    Number,
    /// A note that holds what no note should.
    Note,
    /// A price that is far from the list price.
    ListPrice,
    /// Somebody else uses an old customer's account.
    Takeover,
}

/// One rule.
#[derive(Debug, Clone, Copy)]
pub struct Rule {
    /// Its name, by which it is switched and muted.
    pub name: &'static str,
    /// What it speaks of.
    pub cause: Cause,
    /// What it looks at, for the person who switches it.
    pub about: &'static str,
    /// The unit of its strength.
    pub unit: &'static str,
    /// From this strength on it speaks.
    pub threshold: f32,
    /// Its strength for an order; 0 or less says nothing.
    pub strength: fn(&Look) -> f32,
}

impl Rule {
    /// From which strength on it speaks unless somebody sets it, as it is written.
    pub fn usual(&self) -> f64 {
        (f64::from(self.threshold) * 1_000.0).round() / 1_000.0
    }
}

/// All rules. Their thresholds are such that a shop's ordinary weeks have each speak a few times at
/// most; no label was looked at for them.
pub const RULES: &[Rule] = &[
    Rule {
        name: "quantity",
        cause: Cause::Quantity,
        about: "a line with far more units than the item, the customer and the rest of the order",
        unit: "spreads of log2 quantity",
        threshold: 4.3,
        strength: quantity,
    },
    Rule {
        name: "unit",
        cause: Cause::Unit,
        about: "all lines are off by about the same factor against what the customer takes",
        unit: "spreads of the customer's orders",
        threshold: 4.8,
        strength: unit,
    },
    Rule {
        name: "price",
        cause: Cause::Price,
        about: "a line's price is far from every price that was paid for the item",
        unit: "doublings",
        threshold: 2.3,
        strength: price,
    },
    Rule {
        name: "list-price",
        cause: Cause::ListPrice,
        about: "a line's price is far from the item's list price, and from what is paid for it, if anything was",
        unit: "doublings",
        threshold: 2.3,
        strength: |look| look.lines.iter().map(list_error).fold(0.0, f32::max),
    },
    Rule {
        name: "discount",
        cause: Cause::Discount,
        about: "most lines are far under the item's usual price",
        unit: "halvings",
        threshold: 0.75,
        strength: discount,
    },
    Rule {
        name: "duplicate",
        cause: Cause::Duplicate,
        about: "the customer or address had the same lines within two days",
        unit: "share of lines times log2 of lines, less with time",
        threshold: 1.0,
        strength: |look| duplicate(look.facts.same_lines, look.facts.same_overlap, look),
    },
    Rule {
        name: "copied-basket",
        cause: Cause::Duplicate,
        about: "somebody else had the same lines within two days",
        unit: "share of lines times log2 of lines, less with time",
        threshold: 1.2,
        strength: |look| duplicate(look.facts.like_lines, look.facts.like_overlap, look) - 1.0,
    },
    Rule {
        name: "burst",
        cause: Cause::Burst,
        about: "small orders of strangers within a quarter of an hour, over what is usual",
        unit: "doublings",
        threshold: 1.6,
        strength: |look| look.facts.fresh_own.min(look.facts.fresh_usual + 1.0),
    },
    Rule {
        name: "velocity",
        cause: Cause::Velocity,
        about: "orders of one customer or to one address within an hour or a day",
        unit: "doublings",
        threshold: 2.0,
        strength: velocity,
    },
    Rule {
        name: "shared-address",
        cause: Cause::SharedAddress,
        about: "many customers have something sent to one address",
        unit: "doublings",
        threshold: 1.5,
        strength: |look| look.facts.address_customers,
    },
    Rule {
        name: "hoarding",
        cause: Cause::Hoarding,
        about: "one order takes what a popular item sells in a week",
        unit: "doublings over a week's units, less for long orders",
        threshold: -0.3,
        strength: hoarding,
    },
    Rule {
        name: "account-takeover",
        cause: Cause::Takeover,
        about: "an old account under a new e-mail or to a new address, for more than it ever buys",
        unit: "signs times spreads of value",
        threshold: 3.0,
        strength: |look| look.account.strength,
    },
    Rule {
        name: "destination",
        cause: Cause::Destination,
        about: "a new address or country that the bill does not name, the more the dearer",
        unit: "signs times spreads of value",
        threshold: 2.5,
        strength: destination,
    },
    Rule {
        name: "new-account",
        cause: Cause::NewAccount,
        about: "a first order of high value",
        unit: "spreads of value",
        threshold: 2.0,
        strength: |look| look.facts.first_value,
    },
    Rule {
        name: "hour",
        cause: Cause::Hour,
        about: "an hour at which nobody orders",
        unit: "-ln of the share of orders",
        threshold: 5.0,
        strength: |look| look.facts.hour_rarity,
    },
    Rule {
        name: "basket",
        cause: Cause::Basket,
        about: "a value that neither the customer nor the shop is used to",
        unit: "spreads",
        threshold: 1.6,
        strength: |look| look.facts.value_customer.min(look.facts.value_all),
    },
    Rule {
        name: "returns",
        cause: Cause::Returns,
        about: "returns of nearly everything bought, again and again within a fortnight",
        unit: "returns of everything",
        threshold: 1.1,
        strength: |look| look.facts.returned_often,
    },
    Rule {
        name: "unbought",
        cause: Cause::Unbought,
        about: "a return of what this customer never bought or already returned, by worth",
        unit: "share times log2 of value",
        threshold: 3.0,
        strength: |look| look.facts.returned_unbought * look.facts.value,
    },
    Rule {
        name: "number",
        cause: Cause::Number,
        about: "a quantity or price that cannot be",
        unit: "share of lines",
        threshold: 0.01,
        strength: |look| look.facts.odd_numbers,
    },
    Rule {
        name: "note",
        cause: Cause::Note,
        about: "a note that holds commands, markup, hidden characters or card numbers",
        unit: "signs found, some twice",
        threshold: 1.0,
        strength: |look| look.note.1,
    },
];

fn quantity(look: &Look) -> f32 {
    if look.facts.is_return > 0.0 {
        return 0.0;
    }
    look.facts.excess_top.max(0.0)
}

/// How far a line is from what its customer takes: the own last quantity where there is one.
fn line_shift(line: &LineFacts, usual: f32) -> f32 {
    if line.own_count > 0.0 { line.own_last } else { line.offset - usual }
}

/// The middle one of the lines' shifts.
pub(super) fn order_shift(look: &Look) -> f32 {
    let mut shifts: Vec<f32> =
        look.lines.iter().map(|line| line_shift(line, look.usual.0)).collect();
    shifts.sort_by(f32::total_cmp);
    match shifts.len() {
        0 => 0.0,
        count if count % 2 == 1 => shifts[count / 2],
        count => {
            let (low, high) = (shifts[count / 2 - 1], shifts[count / 2]);
            if low.abs() < high.abs() { low } else { high }
        }
    }
}

fn unit(look: &Look) -> f32 {
    if look.lines.len() < 2 || look.facts.is_return > 0.0 {
        return 0.0;
    }
    let count = (look.lines.len() as f32).min(8.0);
    order_shift(look).abs() * count.sqrt() / look.usual.1.max(0.6) / 2.0
}

fn price(look: &Look) -> f32 {
    look.lines.iter().map(price_error).fold(0.0, f32::max)
}

/// How far a line's price is from its item's median and from every price paid.
pub(super) fn price_error(line: &LineFacts) -> f32 {
    line.price_nearest.abs().min(line.price_ratio.abs())
}

/// Lines of an item before what is usually paid for it counts beside its list price.
const PAID: f32 = 3.0;

/// How far a line's price is from its item's list price; of an item that is known, from what is usually
/// paid too.
pub(super) fn list_error(line: &LineFacts) -> f32 {
    match line.lines < PAID {
        true => line.list.abs(),
        false => line.list.abs().min(line.price_ratio.abs()),
    }
}

fn discount(look: &Look) -> f32 {
    let least = look.lines.len().min(3) as f32 / 3.0;
    -look.facts.price_median.max(look.facts.price_mean) * look.facts.price_off * least.sqrt()
}

fn duplicate(lines: f32, overlap: f32, look: &Look) -> f32 {
    let Some((_, ago)) = look.found else { return 0.0 };
    if overlap < 0.5 {
        return 0.0;
    }
    lines * (1.0 - 0.5 * (ago as f32 / (6.0 * 3600.0)).min(1.0))
}

fn velocity(look: &Look) -> f32 {
    let facts = &look.facts;
    (facts.own_hour.max(facts.place_quarter)).max(facts.own_day.max(facts.place_day) - 1.0)
}

/// A popular item sells in this many orders of its usual size a week, log2.
const POPULAR: f32 = 2.3;

/// How much of a week's units of a popular item the line takes, beyond what customer and price speak
/// for.
pub(super) fn line_hoarding(line: &LineFacts) -> f32 {
    if line.lines < 2.0 * super::line_look::KNOWN as f32 {
        return -6.0;
    }
    let popular = super::order::log(line.weekly) - line.median - POPULAR;
    line.week.min(line.excess - 2.0).min(popular)
}

fn hoarding(look: &Look) -> f32 {
    match look.facts.is_return > 0.0 {
        true => -6.0,
        false => look.facts.hoard - 0.25 * look.facts.line_count,
    }
}

fn destination(look: &Look) -> f32 {
    let facts = &look.facts;
    if facts.is_return > 0.0 {
        return 0.0;
    }
    let known = facts.address_new + facts.country_new;
    let guest = facts.guest.max(facts.first_order);
    (known + facts.mismatch * (1.0 + 0.5 * guest)) * (facts.value_all + 1.5).max(0.0)
}
