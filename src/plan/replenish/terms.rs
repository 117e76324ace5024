//! What binds an order: packs, minima, prices, dates, and what stock and the lack of it cost.

use super::lead_time::{Calendar, LeadTime};
use crate::domain::{Day, Money, PriceBreak, Qty, SupplierId, UnitPrice};
use crate::plan::inventory::LotRule;
use serde::{Deserialize, Serialize};

/// What is known of buying and keeping a SKU. Everything may be unknown.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ItemTerms {
    /// Units in a pack; `None`: sold singly.
    pub pack: Option<Qty>,
    /// The least that is sold at once.
    pub moq: Option<Qty>,
    /// Cost of one unit below all breaks.
    pub cost: Option<UnitPrice>,
    /// What a customer pays for one unit.
    pub price: Option<UnitPrice>,
    /// Lower prices for more, by units.
    pub breaks: Vec<PriceBreak>,
    /// Days that it can be sold after it came.
    pub shelf_life_days: Option<u16>,
    /// The last day on which it is sold.
    pub ends: Option<Day>,
    /// The least that is to be on hand and on order at the site.
    pub least: Option<Qty>,
    /// The most that the site may hold of it.
    pub most: Option<Qty>,
}

impl ItemTerms {
    /// The cost of one unit when so many are bought at once.
    pub fn cost_of(&self, qty: Qty) -> Option<UnitPrice> {
        let reached = self.breaks.iter().filter(|step| step.from <= qty);
        reached.max_by_key(|step| step.from).map(|step| step.cost).or(self.cost)
    }

    /// The sizes that it is ordered in; `None` where pack or minimum cannot be meant.
    pub fn lot(&self) -> Option<LotRule> {
        let (moq, pack) = (self.moq.unwrap_or(Qty::ZERO), self.pack.unwrap_or(Qty::units(1)));
        LotRule::new(moq, pack, None).ok()
    }

    /// The next break above a quantity.
    pub fn next_break(&self, qty: Qty) -> Option<PriceBreak> {
        self.breaks.iter().filter(|step| step.from > qty).min_by_key(|step| step.from).copied()
    }

    /// What one unit may cost: below all breaks, and at each.
    pub fn costs(&self) -> impl Iterator<Item = UnitPrice> {
        self.cost.into_iter().chain(self.breaks.iter().map(|step| step.cost))
    }

    /// Two currencies in which it is bought, if there are.
    pub fn mixed_currencies(&self) -> Option<[String; 2]> {
        let mut costs = self.costs();
        let first = costs.next()?.currency;
        let other = costs.find(|cost| cost.currency != first)?.currency;
        Some([first.code().to_owned(), other.code().to_owned()])
    }
}

/// What is known of a supplier.
#[derive(Clone, Debug, PartialEq)]
pub struct SupplierTerms {
    /// Its code.
    pub id: SupplierId,
    /// Its name.
    pub name: Box<str>,
    /// How long its goods take; `None`: nobody has said and nothing has come yet.
    pub lead: Option<LeadTime>,
    /// When it is ordered from.
    pub calendar: Calendar,
    /// The least order value it takes.
    pub min_order: Option<Money>,
}

/// What service is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Service {
    /// As much as is worth its cost: the newsvendor's ratio of what a lost sale costs to that and
    /// the holding of a unit.
    Cost,
    /// The chance that nothing is short before the next delivery, 0 to 1.
    Cycle(f64),
    /// The share of demand that is served at once, 0 to 1.
    Fill(f64),
}

/// What stock costs.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Costs {
    /// Share of a unit's cost that a year of holding it costs.
    pub holding_a_year: f64,
    /// Share of the margin that a sale which is missed costs.
    pub lost_share: f64,
    /// What a line of an order costs, in major units of the cost's currency: writing it, taking it
    /// in, putting it away.
    pub line: f64,
}

impl Default for Costs {
    /// A quarter of the cost a year, which textbooks take for capital, space and decay together; the
    /// whole margin; and the minute or two that a line takes somebody.
    fn default() -> Self {
        Self { holding_a_year: 0.25, lost_share: 1.0, line: 1.0 }
    }
}

/// The share of the cost that is taken for margin where a price is not known, or below the cost.
const USUAL_MARGIN: f64 = 0.4;
/// No service is promised beyond: a forecast knows nothing of its own last thousandth.
pub(super) const HIGHEST_SERVICE: f64 = 0.995;
/// Nor is less than an even chance proposed.
pub(super) const LOWEST_SERVICE: f64 = 0.5;

impl Costs {
    /// What holding a unit for a day, not having one that is wanted, and a line of an order cost, in major
    /// units of the item's currency. Where neither cost nor price is known a unit is taken to cost 1.
    pub fn stakes(&self, item: &ItemTerms) -> (f64, f64, f64) {
        let (cost, margin) = worth(item);
        (cost * self.holding_a_year / 365.0, margin * self.lost_share, self.line)
    }
}

/// Cost and margin of a unit, in major units of its currency. A price in another currency than the cost
/// is as good as unknown: no rate is known.
pub fn worth(item: &ItemTerms) -> (f64, f64) {
    let major = |price: UnitPrice| price.e4 as f64 / 10_000.0;
    let comparable =
        |price: &UnitPrice| item.cost.is_none_or(|cost| cost.currency == price.currency);
    match (item.cost.map(major), item.price.filter(comparable).map(major)) {
        (Some(cost), Some(price)) if price > cost => (cost, price - cost),
        (Some(cost), _) => (cost, cost * USUAL_MARGIN),
        (None, Some(price)) => {
            (price / (1.0 + USUAL_MARGIN), price * USUAL_MARGIN / (1.0 + USUAL_MARGIN))
        }
        (None, None) => (1.0, USUAL_MARGIN),
    }
}

/// An amount in major units of its currency.
pub(super) fn major(money: Money) -> f64 {
    money.minor as f64 / 10_f64.powi(money.currency.exponent() as i32)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Currency;

    fn pounds(text: &str) -> UnitPrice {
        UnitPrice::parse(text, Currency::GBP).unwrap()
    }

    #[test]
    fn more_costs_less_from_its_break_on() {
        let item = ItemTerms {
            cost: Some(pounds("5.00")),
            breaks: vec![
                PriceBreak { from: Qty::units(100), cost: pounds("4.50") },
                PriceBreak { from: Qty::units(500), cost: pounds("4.00") },
            ],
            ..ItemTerms::default()
        };
        let cost = |units| item.cost_of(Qty::units(units)).unwrap().to_string();
        assert_eq!([cost(99), cost(100), cost(800)], ["5.00", "4.50", "4.00"]);
        assert_eq!(item.next_break(Qty::units(100)).unwrap().from, Qty::units(500));
        assert_eq!(item.mixed_currencies(), None);
        let euro = UnitPrice { currency: Currency::parse("EUR").unwrap(), ..pounds("4.00") };
        let mixed =
            ItemTerms { breaks: vec![PriceBreak { from: Qty::units(9), cost: euro }], ..item };
        assert_eq!(mixed.mixed_currencies().unwrap(), ["GBP", "EUR"]);
    }

    #[test]
    fn a_margin_that_is_not_known_or_none_is_taken_for_the_usual_one() {
        let item = |cost: Option<&str>, price: Option<&str>| ItemTerms {
            cost: cost.map(pounds),
            price: price.map(pounds),
            ..ItemTerms::default()
        };
        let near = |found: (f64, f64), cost: f64, margin: f64| {
            assert!((found.0 - cost).abs() < 1e-9 && (found.1 - margin).abs() < 1e-9, "{found:?}");
        };
        near(worth(&item(Some("1.00"), Some("1.10"))), 1.0, 0.1);
        near(worth(&item(Some("1.00"), Some("0.90"))), 1.0, 0.4);
        near(worth(&item(Some("1.00"), None)), 1.0, 0.4);
        near(worth(&item(None, Some("1.40"))), 1.0, 0.4);
        let yen = UnitPrice::parse("190", Currency::parse("JPY").unwrap());
        near(worth(&ItemTerms { price: yen, ..item(Some("1.00"), None) }), 1.0, 0.4);
        let (holding, lost, line) = Costs::default().stakes(&item(Some("3.65"), Some("5.00")));
        assert!((holding - 0.0025).abs() < 1e-12 && (lost - 1.35).abs() < 1e-9 && line == 1.0);
    }
}
