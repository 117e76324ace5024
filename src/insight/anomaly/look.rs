//! An order against everything that was known when it arrived.

use super::account::AccountLook;
use super::customer::Customer;
use super::facts::{Facts, LineFacts};
use super::line_look::{self, KNOWN};
use super::memory::{Memory, Numbered};
use super::order::{DAY, Kind, Order, log};

/// An order, its lines and what stands out about them.
#[derive(Debug, Clone)]
pub struct Look {
    /// What stands out about the order.
    pub facts: Facts,
    /// And about each of its lines.
    pub lines: Vec<LineFacts>,
    /// What the customer's usual is: quantity over the item's median (log2), its spread, sales.
    pub usual: (f32, f32, f32),
    /// What the same basket was found in, if any: customer's own and seconds before.
    pub found: Option<(bool, i64)>,
    /// What was found in its note that no note should hold, and how strongly it counts.
    pub note: (Vec<&'static str>, f32),
    /// What is strange about how its account is used.
    pub account: AccountLook,
    /// Customer, address and feed as numbers, to find what belongs together.
    pub(super) who: (u32, u32, u32),
}

/// What the parts of a look need.
pub(super) struct Scene<'a> {
    pub(super) memory: &'a Memory,
    pub(super) order: &'a Order,
    pub(super) numbered: &'a Numbered,
    pub(super) customer: Option<&'a Customer>,
}

impl Memory {
    /// Looks at an order with what is known so far, learning nothing.
    pub fn look(&self, order: &Order) -> Look {
        let numbered = self.find(order);
        let customer = self.customer(numbered.customer);
        let scene = Scene { memory: self, order, numbered: &numbered, customer };
        let mut lines: Vec<LineFacts> = order
            .lines
            .iter()
            .zip(&numbered.skus)
            .map(|(line, &sku)| line_look::line(self, customer, order.kind, order.at, sku, line))
            .collect();
        let mut facts = Facts::default();
        scene.basics(&mut facts, &lines);
        scene.quantities(&mut facts, &lines);
        scene.own(&mut facts, &lines);
        scene.weeks(&mut facts, &lines);
        scene.prices(&mut facts, &lines);
        scene.worth(&mut facts);
        let usual = (facts.usual_offset, facts.usual_spread, scene.sales());
        lines.iter_mut().for_each(|line| line.excess = line_look::excess(line, usual));
        scene.excess(&mut facts, &lines);
        scene.person(&mut facts);
        scene.place(&mut facts);
        scene.clock(&mut facts);
        scene.speed(&mut facts);
        let found = scene.matches(&mut facts);
        scene.returns(&mut facts);
        scene.basket(&mut facts, &lines);
        let who = (numbered.customer, numbered.address, numbered.feed);
        let account = scene.account(&facts);
        let note = order.note.as_deref().map(super::notes::read).unwrap_or_default();
        Look { facts, lines, usual, found, note, account, who }
    }
}

/// Highest, second, mean and lowest.
pub(super) fn spread_of(values: impl Iterator<Item = f32>) -> (f32, f32, f32, f32) {
    let (mut top, mut second, mut low) = (f32::NEG_INFINITY, f32::NEG_INFINITY, f32::INFINITY);
    let (mut sum, mut count) = (0f32, 0f32);
    for value in values {
        if value > top {
            second = top;
            top = value;
        } else {
            second = second.max(value);
        }
        low = low.min(value);
        sum += value;
        count += 1.0;
    }
    if count == 0.0 {
        return (0.0, 0.0, 0.0, 0.0);
    }
    (top, if count > 1.0 { second } else { top.min(0.0) }, sum / count, low)
}

/// Share of lines of which something is true.
pub(super) fn share(lines: &[LineFacts], is: impl Fn(&LineFacts) -> bool) -> f32 {
    lines.iter().filter(|line| is(line)).count() as f32 / lines.len().max(1) as f32
}

impl Scene<'_> {
    fn sales(&self) -> f32 {
        self.customer.map_or(0.0, |customer| customer.sales as f32)
    }

    fn basics(&self, facts: &mut Facts, lines: &[LineFacts]) {
        facts.is_return = if self.order.kind == Kind::Return { 1.0 } else { 0.0 };
        facts.guest = if self.order.customer.is_none() { 1.0 } else { 0.0 };
        facts.line_count = (lines.len().max(1) as f32).log2();
        facts.value = log(self.order.value());
        facts.units = log(self.order.units());
        facts.unknown_items = share(lines, |line| line.lines == 0.0);
        facts.odd_numbers = share(lines, LineFacts::cannot_be);
    }

    fn quantities(&self, facts: &mut Facts, lines: &[LineFacts]) {
        (facts.z_top, facts.z_second, facts.z_mean, facts.z_low) =
            spread_of(lines.iter().map(|line| line.z));
        (facts.offset_top, _, facts.offset_mean, facts.offset_low) =
            spread_of(lines.iter().map(|line| line.offset));
        let count = lines.len() as f32;
        if count > 1.0 {
            let others = (facts.offset_mean * count - facts.offset_top) / (count - 1.0);
            facts.offset_alone = facts.offset_top - others;
        }
        let known = || lines.iter().filter(|line| line.lines >= KNOWN as f32);
        facts.over_most = known().map(|line| line.quantity - line.most).fold(-4.0, f32::max);
        facts.over_most_lines =
            share(lines, |line| line.lines >= KNOWN as f32 && line.quantity > line.most + 0.01);
        let level = known().filter(|line| line.level_count >= 2.0);
        (facts.level_top, _, facts.level_mean, facts.level_low) =
            spread_of(level.map(|line| line.offset - line.level_offset));
        facts.never_exact =
            share(lines, |line| line.lines >= 2.0 * KNOWN as f32 && line.exact == 0.0);
        facts.often_exact =
            share(lines, |line| line.lines >= KNOWN as f32 && line.exact >= 0.1 * line.lines);
        let value = lines.iter().map(|line| line.units * line.price);
        let top = value.clone().fold(0.0, f64::max);
        facts.top_share = (top / value.sum::<f64>().max(1e-9)) as f32;
    }

    fn excess(&self, facts: &mut Facts, lines: &[LineFacts]) {
        (facts.excess_top, facts.excess_second, _, _) =
            spread_of(lines.iter().map(|line| line.excess));
        let Some(top) = lines.iter().max_by(|a, b| a.excess.total_cmp(&b.excess)) else { return };
        facts.hoard = lines.iter().map(super::rules::line_hoarding).fold(-6.0, f32::max);
        facts.excess_week = top.week;
        facts.excess_slip = top.slip;
        let all = &self.memory.values;
        let worth = log(top.units * top.price);
        let usual = all.median().unwrap_or(worth);
        facts.excess_value = (worth - usual) / all.spread(1.5).max(0.3);
        facts.excess_share = (worth - facts.value).exp2();
    }

    fn own(&self, facts: &mut Facts, lines: &[LineFacts]) {
        let own = || lines.iter().filter(|line| line.own_count > 0.0);
        (facts.own_top, _, facts.own_mean, facts.own_low) =
            spread_of(own().map(|line| line.own_last));
        facts.own_share = share(lines, |line| line.own_count > 0.0);
        facts.own_over_most = own().map(|line| line.own_most).fold(-4.0, f32::max);
        let Some(customer) = self.customer.filter(|customer| customer.lines > 0) else { return };
        facts.usual_offset = customer.offset.mean(0.0, 4.0);
        facts.usual_spread = customer.offset.deviation(1.2, 8.0);
        let orders = customer.order_offset.deviation(0.9, 4.0);
        // An order of few lines strays further than one of many.
        let noise = facts.usual_spread / (lines.len().max(1) as f32).sqrt();
        facts.shift_customer = (facts.offset_mean - customer.order_offset.mean(0.0, 1.5))
            / (orders * orders + noise * noise).sqrt();
        facts.line_customer = (facts.offset_top - facts.usual_offset) / facts.usual_spread;
    }

    fn weeks(&self, facts: &mut Facts, lines: &[LineFacts]) {
        // A week's share says something of items that sell, in units beyond the usual.
        let selling = || lines.iter().filter(|line| line.lines >= KNOWN as f32);
        facts.week_top =
            selling().map(|line| line.week.min(line.quantity - line.high)).fold(-6.0, f32::max);
        facts.week_small = facts.week_top - 0.5 * facts.line_count;
        facts.day_top = selling().map(|line| line.day).fold(-6.0, f32::max);
    }

    fn prices(&self, facts: &mut Facts, lines: &[LineFacts]) {
        let known: Vec<&LineFacts> = lines.iter().filter(|line| line.lines > 0.0).collect();
        if known.is_empty() {
            return;
        }
        let count = known.len() as f32;
        let ratio = || known.iter().map(|line| line.price_ratio);
        (facts.price_top, _, facts.price_mean, facts.price_low) = spread_of(ratio());
        let mut sorted: Vec<f32> = ratio().collect();
        sorted.sort_by(f32::total_cmp);
        facts.price_median = sorted[(sorted.len() - 1) / 2];
        // 30 % off is -0.515 in log2.
        facts.price_off = ratio().filter(|&ratio| ratio < -0.515).count() as f32 / count;
        let near = || known.iter().map(|line| line.price_nearest);
        (facts.nearest_top, _, _, facts.nearest_low) = spread_of(near());
        facts.nearest_mean = near().map(f32::abs).sum::<f32>() / count;
        facts.nearest_off = near().filter(|near| near.abs() > 0.2).count() as f32 / count;
        let usual = self.customer.map_or(0.0, |customer| customer.price.mean(0.0, 8.0));
        facts.price_customer = facts.price_mean - usual;
    }

    fn worth(&self, facts: &mut Facts) {
        let all = &self.memory.values;
        if let Some(median) = all.median() {
            facts.value_all = (facts.value - median) / all.spread(1.5).max(0.3);
        }
        let Some(customer) = self.customer else { return };
        if let Some(median) = customer.values.median() {
            facts.value_customer = (facts.value - median) / customer.values.spread(1.2).max(0.4);
        }
        if let Some(median) = customer.line_counts.median() {
            facts.lines_customer =
                (facts.line_count - median) / customer.line_counts.spread(1.2).max(0.4);
        }
    }

    fn person(&self, facts: &mut Facts) {
        facts.first_order = if self.sales() == 0.0 { 1.0 } else { 0.0 };
        facts.sales = (1.0 + self.sales()).log2();
        let days = self.customer.map_or(0.0, |known| (self.order.at - known.first).max(0) as f32)
            / DAY as f32;
        facts.days_known = (1.0 + days).log2();
        facts.first_value = facts.first_order * facts.value_all;
        let usual = self.customer.map(|customer| customer.feed);
        let strange = usual.is_some_and(|feed| feed != self.numbered.feed);
        facts.feed_new = if strange { 1.0 } else { 0.0 };
    }
}
