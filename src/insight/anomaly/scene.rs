//! The parts of a look that are about where, when, how fast and what came before.

use super::crowd::Match;
use super::facts::{Facts, LineFacts};
use super::look::Scene;
use super::memory::{SMALL, basket};
use super::names::UNKNOWN;
use super::order::{DAY, Kind, hour, log, sound, weekday};

/// log2 of 1 + a count.
fn grade(count: usize) -> f32 {
    (1.0 + count as f32).log2()
}

impl Scene<'_> {
    pub(super) fn place(&self, facts: &mut Facts) {
        let number = self.numbered.address;
        let strange = |known: &[u32], number: u32| !known.contains(&number);
        if let Some(customer) = self.customer {
            // Where no address was told before, none is known to be new.
            let told = self.order.address.is_some() && !customer.addresses.is_empty();
            let moved = told && strange(&customer.addresses, number);
            facts.address_new = if moved { 1.0 } else { 0.0 };
            // A country that nobody told is none, and where none was told before none is new.
            let told = !self.order.ship.is_empty() && !customer.countries.is_empty();
            let abroad = told && strange(&customer.countries, self.numbered.ship);
            facts.country_new = if abroad { 1.0 } else { 0.0 };
        }
        let address = self.memory.address(number);
        facts.address_unused = if address.is_none() { 1.0 } else { 0.0 };
        let customers = address.map_or(0, |address| {
            let own = address.customers.contains(&self.numbered.customer);
            address.customers.len() + usize::from(!own && self.numbered.customer != UNKNOWN)
        });
        facts.address_customers = (customers.max(1) as f32).log2();
        let (bill, ship) = (&self.order.bill, &self.order.ship);
        let apart = bill != ship && !bill.is_empty() && !ship.is_empty();
        facts.mismatch = if apart { 1.0 } else { 0.0 };
        let habits = &self.memory.habits;
        let rarity = |counts: &[f32], number: u32, country: &str| {
            if country.is_empty() {
                return 0.0;
            }
            let count = counts.get(number as usize).copied().unwrap_or(0.0);
            ((habits.orders + 10.0) / (count + 0.5)).ln()
        };
        facts.ship_rarity = rarity(&habits.ship, self.numbered.ship, ship);
        facts.bill_rarity = rarity(&habits.bill, self.numbered.bill, bill);
        let away = facts.address_new + facts.mismatch + facts.country_new;
        facts.away_value = away * (facts.value_all + 1.0).max(0.0);
    }

    pub(super) fn clock(&self, facts: &mut Facts) {
        let habits = &self.memory.habits;
        let hour = hour(self.order.at);
        // A quarter of the neighbours' counts: an hour next to a busy one is less of a surprise.
        let smooth = |counts: &[f32], place: usize, length: usize| {
            let before = counts[(place + length - 1) % length];
            let after = counts[(place + 1) % length];
            counts[place] + 0.25 * (before + after)
        };
        let share = (smooth(&habits.hours, hour, 24) + 1.0) / (1.5 * habits.orders + 24.0);
        facts.hour_rarity = -share.ln();
        let place = weekday(self.order.at) * 24 + hour;
        let week = (smooth(&habits.week, place, 168) + 0.5) / (1.5 * habits.orders + 84.0);
        facts.hour_weekday = -week.ln();
        if let Some(customer) = self.customer {
            facts.hour_customer = -customer.hour_share(hour, (3.0 * share).min(1.0)).ln();
        }
    }

    pub(super) fn speed(&self, facts: &mut Facts) {
        let at = self.order.at;
        if let Some(customer) = self.customer {
            facts.own_quarter = grade(customer.since(at, 900));
            facts.own_hour = grade(customer.since(at, 3600));
            facts.own_day = grade(customer.since(at, DAY));
            facts.own_week = grade(customer.since(at, 7 * DAY));
        }
        if let Some(address) = self.memory.address(self.numbered.address) {
            facts.place_quarter = grade(address.since(at, 900));
            facts.place_day = grade(address.since(at, DAY));
        }
        let crowd = &self.memory.crowd;
        let (quarter, hour) = (crowd.counts(at, 900), crowd.counts(at, 3600));
        let (usual_fresh, usual_all) = crowd.usual();
        facts.fresh_quarter = (1.0 + quarter.small_fresh).log2();
        facts.fresh_hour = (1.0 + hour.small_fresh).log2();
        facts.fresh_usual = ((quarter.small_fresh + 1.0) / (usual_fresh + 1.0)).log2();
        facts.crowd_usual = ((quarter.all + 1.0) / (usual_all + 1.0)).log2();
        let fresh = self.memory.fresh(self.numbered.customer, at);
        if fresh && self.order.lines.len() <= SMALL && self.order.kind == Kind::Sale {
            facts.fresh_own = facts.fresh_quarter;
        }
        facts.item_hour = self.busiest(at);
    }

    /// Orders of the last hour with an item of this order over what an hour of it usually has.
    fn busiest(&self, at: i64) -> f32 {
        let items = self.numbered.skus.iter().filter_map(|&sku| self.memory.item(sku));
        items.map(|item| (1.0 + item.hour.level(at) as f32).log2()).fold(0.0, f32::max)
    }

    /// Looks for the same basket before. Tells whether it was the customer's own, and when.
    pub(super) fn matches(&self, facts: &mut Facts) -> Option<(bool, i64)> {
        let basket = basket(self.order, &self.numbered.skus);
        if basket.is_empty() {
            return None;
        }
        let crowd = &self.memory.crowd;
        let (customer, address) = (self.numbered.customer, self.numbered.address);
        let sale = self.order.kind == Kind::Sale;
        let mut numbers: Vec<u64> = basket
            .iter()
            .take(64)
            .filter_map(|&(sku, _)| self.memory.items.get(sku as usize))
            .flat_map(|item| item.orders.iter().rev().take(16).copied())
            .collect();
        numbers.sort_unstable();
        numbers.dedup();
        let own = |trace: &super::crowd::Trace| {
            (customer != UNKNOWN && trace.customer == customer)
                || (address != UNKNOWN && trace.address == address)
        };
        let at = self.order.at;
        let mine = crowd.best(at, &basket, numbers.iter().copied(), |t| t.sale == sale && own(t));
        let like = crowd.best(at, &basket, numbers.iter().copied(), |t| t.sale == sale && !own(t));
        let near = |found: Match| found.overlap / (1.0 + found.ago as f32 / 3600.0);
        let lines = |found: Match| found.overlap * (1.0 + found.lines).log2();
        facts.same_overlap = mine.overlap;
        facts.same_lines = lines(mine);
        facts.same_near = near(mine);
        facts.like_overlap = like.overlap;
        facts.like_lines = lines(like);
        facts.like_near = near(like);
        let best = if mine.overlap >= like.overlap { (true, mine) } else { (false, like) };
        (best.1.overlap > 0.0).then_some((best.0, best.1.ago))
    }

    pub(super) fn returns(&self, facts: &mut Facts) {
        let (Some(customer), Kind::Return) = (self.customer, self.order.kind) else { return };
        let at = self.order.at;
        let before = |days: i64| {
            customer.returns.iter().filter(move |returned| at - returned.at <= days * DAY)
        };
        facts.returns_fortnight = grade(before(14).count());
        facts.returns_season = grade(before(60).count());
        let lines = || {
            self.numbered.skus.iter().copied().zip(self.order.lines.iter().map(|l| sound(l.qty)))
        };
        facts.returned_share = customer.share_returned(lines());
        let earlier = before(60).map(|returned| returned.share);
        let count = earlier.clone().count() as f32;
        facts.returned_usual = (earlier.sum::<f32>() + facts.returned_share) / (count + 1.0);
        let value: f64 = before(60).map(|returned| returned.value).sum();
        let bought = customer.spent.level(at) + 1.0;
        facts.returned_value = (log(value + self.order.value()) - log(bought)).clamp(-12.0, 4.0);
        let unbought = lines().filter(|(sku, units)| {
            customer.bought.get(sku).is_none_or(|bought| bought.held + 1e-6 < *units)
        });
        facts.returned_unbought = unbought.count() as f32 / self.order.lines.len().max(1) as f32;
        let fortnight: f32 = before(14).map(|returned| returned.share).sum();
        facts.returned_often = (fortnight + facts.returned_share) * facts.returned_share;
        facts.returns_per_sale =
            (customer.return_count as f32 + 1.0) / (customer.sales as f32 + 2.0);
    }

    pub(super) fn basket(&self, facts: &mut Facts, lines: &[LineFacts]) {
        let known = lines.iter().filter(|line| line.lines > 0.0);
        let count = known.clone().count().max(1) as f32;
        facts.popularity = known.map(|line| log(line.weekly)).sum::<f32>() / count;
        let mut skus = self.numbered.skus.clone();
        skus.sort_unstable();
        skus.dedup();
        facts.twice = 1.0 - skus.len() as f32 / lines.len().max(1) as f32;
        if let Some(customer) = self.customer.filter(|customer| customer.sales > 0) {
            let usual = customer.repeats.mean(0.2, 2.0);
            let spread = customer.repeats.deviation(0.2, 4.0).max(0.05);
            facts.repeats_customer = (facts.own_share - usual) / spread;
        }
    }
}
