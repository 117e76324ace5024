//! What is expected to be ordered, week by week, with ranges: the plan rolled forward.
//!
//! The plan is played over 13 weeks on 200 courses of demand. A course is one draw a week of the total up to
//! the week's end, whose quantiles are the forecast's (carried on beyond its own horizon by the network's
//! rule). Draws of one course are tied to one another as totals of independent weeks would be: with the
//! correlation that follows from how wide the totals are; within a week demand is spread evenly. On every
//! day on which the supplier can be ordered from, an order is placed where what is there and coming has
//! fallen under the reorder point, up to the order-up-to level, in whole packs and at least the minimum.
//! Both levels are today's, times what is expected to sell over the interval from that day on against what
//! is expected from today on. What is ordered in a week is told by its mean over the courses, and by the
//! tenth and the ninetieth percentile.
//!
//! The stream of draws begins with the SKU, the site and the forecast's first day, so that the same plan has
//! the same figures. Suppliers' least order values, budgets and buildings are left out: they move orders
//! between weeks, and are not known so far ahead.

use super::need::free;
use crate::domain::{Day, Money, Qty, SiteId, Sku, SupplierId, UnitPrice};
use crate::plan::replenish::{Ahead, Calendar, Distribution, Interval, Proposal, Situation};
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution as _, StandardNormal};
use serde::{Deserialize, Serialize};
use statrs::function::erf::erfc;
use std::collections::BTreeMap;
use std::f64::consts::SQRT_2;

/// Weeks that the plan is rolled forward.
pub const WEEKS: usize = 13;
/// Courses of demand that it is played on.
const COURSES: usize = 200;
/// The percentiles of a range.
const LOW: f64 = 0.1;
const HIGH: f64 = 0.9;
/// Levels are not taken to become more than so many times today's.
const MOST_TIMES: f64 = 4.0;

/// An expectation with a range.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Range {
    /// The mean.
    pub mean: f64,
    /// Nine times of ten it is this or more.
    pub low: f64,
    /// Nine times of ten it is this or less.
    pub high: f64,
}

/// What is expected to be ordered in a week.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Week {
    /// From whom.
    pub supplier: SupplierId,
    /// What; `None`: all of the supplier's SKUs.
    pub sku: Option<Sku>,
    /// The week's Monday.
    pub from: Day,
    /// How many units, at all own sites.
    pub units: Range,
    /// What they cost, mean, low and high; `None`: nothing is expected, the cost of something is not known,
    /// or costs are in several currencies.
    pub value: Option<[Money; 3]>,
}

/// What is expected to be ordered.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Expected {
    /// By supplier, then week: all of its SKUs.
    pub suppliers: Vec<Week>,
    /// By supplier, SKU, then week; weeks in which nothing is expected are left out.
    pub skus: Vec<Week>,
    /// SKUs at sites that cannot be planned, and are not in it.
    pub left_out: usize,
}

/// One SKU at one site: what is known, and what is proposed; `None`: it cannot be planned.
pub type Planned<'a> = (&'a Situation, Option<&'a Proposal>);

/// What each course orders in each week.
type Courses = Vec<[f64; WEEKS]>;

/// What is expected to be ordered. Lines stand by SKU, then site.
pub fn expected<'a>(lines: impl IntoIterator<Item = Planned<'a>>, today: Day) -> Expected {
    let monday = today.plus(-(today.weekday() as i32));
    let mut out = Expected::default();
    let mut totals: BTreeMap<SupplierId, Sum> = BTreeMap::new();
    let mut skus: BTreeMap<(SupplierId, Sku), Vec<Week>> = BTreeMap::new();
    let mut open: Option<(SupplierId, Sku, Sum)> = None;
    let mut close = |done: Option<(SupplierId, Sku, Sum)>| {
        let Some((supplier, sku, sum)) = done else { return };
        let weeks = sum.weeks(&supplier, Some(&sku), monday);
        totals.entry(supplier.clone()).or_default().add(&sum);
        skus.insert(
            (supplier, sku),
            weeks.into_iter().filter(|week| week.units.mean > 0.0).collect(),
        );
    };
    for (at, proposal) in lines {
        let played = proposal.and_then(|proposal| Some((Play::of(at, proposal)?, proposal)));
        let Some((play, proposal)) = played else {
            out.left_out += 1;
            continue;
        };
        let same = open
            .as_ref()
            .is_some_and(|(supplier, sku, _)| *sku == at.sku && *supplier == proposal.supplier);
        if !same {
            close(open.take());
            open = Some((proposal.supplier.clone(), at.sku.clone(), Sum::default()));
        }
        if let Some((_, _, sum)) = &mut open {
            sum.take(play.courses(monday), |qty| at.item.cost_of(qty));
        }
    }
    close(open.take());
    out.skus = skus.into_values().flatten().collect();
    out.suppliers = totals.iter().flat_map(|(id, sum)| sum.weeks(id, None, monday)).collect();
    out
}

/// Orders of several lines, course by course.
#[derive(Default)]
struct Sum {
    units: Courses,
    minor: Courses,
    /// The currency of `minor`; `Err`: there is none, or several.
    currency: Option<Result<crate::domain::Currency, ()>>,
}

impl Sum {
    fn take(&mut self, units: Courses, cost_of: impl Fn(Qty) -> Option<UnitPrice>) {
        let mut minor = vec![[0.0; WEEKS]; units.len()];
        for (course, orders) in units.iter().enumerate() {
            for (week, ordered) in orders.iter().enumerate().filter(|(_, ordered)| **ordered > 0.0)
            {
                let qty = Qty::milli((ordered * 1_000.0).round() as i64);
                match cost_of(qty).filter(|cost| cost.e4 >= 0) {
                    Some(cost) => {
                        self.in_currency(Ok(cost.currency));
                        minor[course][week] = cost.times(qty).minor as f64;
                    }
                    None => self.in_currency(Err(())),
                }
            }
        }
        add(&mut self.units, &units);
        add(&mut self.minor, &minor);
    }

    fn in_currency(&mut self, currency: Result<crate::domain::Currency, ()>) {
        self.currency = Some(match self.currency {
            None => currency,
            Some(known) if known == currency => known,
            Some(_) => Err(()),
        });
    }

    fn add(&mut self, other: &Sum) {
        add(&mut self.units, &other.units);
        add(&mut self.minor, &other.minor);
        if let Some(currency) = other.currency {
            self.in_currency(currency);
        }
    }

    fn weeks(&self, supplier: &SupplierId, sku: Option<&Sku>, monday: Day) -> Vec<Week> {
        let week = |week: usize| {
            let value = self.currency.and_then(Result::ok).map(|currency| {
                let minor = range(&self.minor, week);
                let money = |minor: f64| Money { minor: minor.round() as i64, currency };
                [money(minor.mean), money(minor.low), money(minor.high)]
            });
            Week {
                supplier: supplier.clone(),
                sku: sku.cloned(),
                from: monday.plus(7 * week as i32),
                units: range(&self.units, week),
                value,
            }
        };
        (0..WEEKS).map(week).collect()
    }
}

fn add(sum: &mut Courses, more: &Courses) {
    if sum.is_empty() {
        sum.resize(COURSES, [0.0; WEEKS]);
    }
    for (sum, more) in sum.iter_mut().flatten().zip(more.iter().flatten()) {
        *sum += more;
    }
}

fn range(courses: &Courses, week: usize) -> Range {
    let mut all: Vec<f64> = courses.iter().map(|orders| orders[week]).collect();
    if all.is_empty() {
        return Range::default();
    }
    all.sort_unstable_by(f64::total_cmp);
    let at = |level: f64| all[((all.len() - 1) as f64 * level).round() as usize];
    Range { mean: all.iter().sum::<f64>() / all.len() as f64, low: at(LOW), high: at(HIGH) }
}

/// A line whose plan is played.
struct Play<'a> {
    at: &'a Situation,
    ahead: &'a Ahead,
    calendar: &'a Calendar,
    free: f64,
    reorder_point: f64,
    order_up_to: f64,
    /// Days from an order until the next one's goods have come.
    interval: usize,
    /// Days that goods take, most often.
    lead: i32,
    /// Expected totals from the forecast's first day, day by day.
    means: Vec<f64>,
    /// Totals up to each week's end.
    totals: Vec<Distribution>,
}

impl<'a> Play<'a> {
    fn of(at: &'a Situation, proposal: &Proposal) -> Option<Self> {
        let (supplier, ahead) = (at.supplier.as_ref()?, at.ahead.as_ref()?);
        let interval = Interval::of(at.today, ahead.first, supplier)?;
        let days = (interval.mean_days().round() as usize).max(1);
        let reach = 7 * WEEKS + days;
        let carried = ahead.totals.carried_to(reach);
        let step = |day: usize| Distribution::of_quantiles(&carried.step(day));
        let means = (0..reach).map(|day| step(day).mean()).collect();
        Some(Self {
            at,
            ahead,
            calendar: &supplier.calendar,
            free: free(at)?.to_f64(),
            reorder_point: proposal.reorder_point.to_f64(),
            order_up_to: proposal.order_up_to.to_f64(),
            interval: days,
            lead: i32::from(supplier.lead.as_ref()?.quantile(0.5)),
            means,
            totals: (1..=WEEKS).map(|week| step(7 * week - 1)).collect(),
        })
    }

    /// Expected demand over the first so many days.
    fn mean(&self, days: usize) -> f64 {
        days.checked_sub(1).map_or(0.0, |last| self.means[last.min(self.means.len() - 1)])
    }

    /// How much more is expected over the interval from so many days on than from today on.
    fn season(&self, days: usize) -> f64 {
        let now = self.mean(self.interval);
        let then = self.mean(days + self.interval) - self.mean(days);
        if now > 0.0 { (then / now).clamp(0.0, MOST_TIMES) } else { 0.0 }
    }

    /// Days on which an order can be placed, from the forecast's first day, and the levels of each.
    fn chances(&self) -> Vec<(usize, f64, f64)> {
        let first = self.ahead.first;
        let end = first.plus(7 * WEEKS as i32);
        let mut day = self.calendar.order_day(self.at.today);
        let mut chances = Vec::new();
        while day < end {
            let comes = day.plus(self.lead);
            if self.at.item.ends.is_none_or(|last| comes <= last) {
                let days = usize::try_from(day.number() - first.number()).unwrap_or(0);
                let season = self.season(days);
                chances.push((days, self.reorder_point * season, self.order_up_to * season));
            }
            day = self.calendar.soonest_after(day);
        }
        chances
    }

    /// What each course orders in each week from a Monday on.
    fn courses(&self, monday: Day) -> Courses {
        let Some(lot) = self.at.item.lot() else { return vec![[0.0; WEEKS]; COURSES] };
        let coming: f64 = self.at.coming.iter().map(|one| one.qty.to_f64()).sum();
        let chances = self.chances();
        let ties = self.ties();
        let offset = usize::try_from(self.ahead.first.number() - monday.number()).unwrap_or(0);
        let mut rng =
            ChaCha8Rng::seed_from_u64(seed(&self.at.sku, &self.at.site, self.ahead.first));
        let mut course = || {
            let sold = self.course(&ties, &mut rng);
            let mut position = self.free + coming;
            let mut orders = [0.0; WEEKS];
            for (days, point, up_to) in &chances {
                let there = position - within(&sold, *days);
                if there >= *point {
                    continue;
                }
                let ordered = lot.order_for(up_to - there).to_f64();
                position += ordered;
                if let Some(week) = orders.get_mut((days + offset) / 7) {
                    *week += ordered;
                }
            }
            orders
        };
        (0..COURSES).map(|_| course()).collect()
    }

    /// One course: the total up to each week's end.
    fn course(&self, ties: &[f64], rng: &mut ChaCha8Rng) -> [f64; WEEKS] {
        let mut sold = [0.0; WEEKS];
        let (mut z, mut before) = (0.0, 0.0_f64);
        for (week, (tie, total)) in ties.iter().zip(&self.totals).enumerate() {
            let fresh: f64 = StandardNormal.sample(rng);
            z = tie * z + (1.0 - tie * tie).max(0.0).sqrt() * fresh;
            before = total.quantile(0.5 * erfc(-z / SQRT_2)).max(before);
            sold[week] = before;
        }
        sold
    }

    /// How much of a week's draw is that of the week before: the correlation of a total with the next one's,
    /// were the weeks' demands independent, which is the ratio of their spreads.
    fn ties(&self) -> Vec<f64> {
        let spread = |total: &Distribution| total.quantile(HIGH) - total.quantile(LOW);
        let mut before = 0.0;
        let tie = |total: &Distribution| {
            let now = spread(total);
            let tie = if now > 0.0 { (before / now).clamp(0.0, 1.0) } else { 1.0 };
            before = now;
            tie
        };
        self.totals.iter().map(tie).collect()
    }
}

/// What a course has sold after so many days.
fn within(sold: &[f64; WEEKS], days: usize) -> f64 {
    let (weeks, rest) = (days / 7, (days % 7) as f64 / 7.0);
    let upto = |weeks: usize| weeks.checked_sub(1).map_or(0.0, |last| sold[last.min(WEEKS - 1)]);
    upto(weeks) + rest * (upto(weeks + 1) - upto(weeks))
}

fn seed(sku: &Sku, site: &SiteId, first: Day) -> u64 {
    let half = |text: &str, salt: i32| {
        let mut hash = crc32fast::Hasher::new();
        hash.update(text.as_bytes());
        hash.update(&salt.to_le_bytes());
        u64::from(hash.finalize())
    };
    half(sku.as_str(), first.number()) << 32 | half(site.as_str(), first.number())
}
