//! What each cause says in words, with its numbers, and what is at stake by it.

use super::super::facts::LineFacts;
use super::super::rules;
use super::super::words::{number, shown, span, times};
use super::{Voice, counted, weeks};

/// A factor that makes the order likelier by this (ln) is named.
const EXPLAINS: f32 = 3.0;

impl Voice<'_> {
    pub(super) fn quantity(&self) -> (String, f64) {
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
    pub(super) fn meant(&self, line: &LineFacts) -> String {
        let typed = super::super::item::whole(line.units);
        match super::super::item::meant(typed).min() {
            Some(meant) if line.slip > 0.7 => format!("; {meant} may have been meant"),
            _ => String::new(),
        }
    }

    pub(super) fn hoarding(&self) -> (String, f64) {
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

    pub(super) fn unit(&self) -> (String, f64) {
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

    pub(super) fn price(&self) -> (String, f64) {
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

    pub(super) fn list_price(&self) -> (String, f64) {
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

    pub(super) fn discount(&self) -> (String, f64) {
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

    pub(super) fn duplicate(&self, rule: &str) -> String {
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

    pub(super) fn velocity(&self) -> String {
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

    pub(super) fn destination(&self) -> String {
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

    pub(super) fn takeover(&self) -> String {
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

    pub(super) fn basket(&self) -> String {
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
}
