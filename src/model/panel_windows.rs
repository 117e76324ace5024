//! The windows of a panel at an origin: what the shop as a whole tells is found here.
//!
//! Whether the shop was open is learnt from the panel: a step at which none of many series sold was
//! closed, if such steps follow a rule. A weekday that was closed throughout the last half year stays closed; a closure of several
//! days together (a Christmas) comes back by date. Nothing after the origin is looked at.

use super::shop::IndexSums;
use super::{CONTEXT, Frequency, HORIZON, ShopView, Window};
use crate::demand::Panel;
use jiff::civil::Date;
use std::sync::Arc;

/// A shop is told from its panel if so many series sold at a usual step.
const TELLING: f32 = 5.0;
/// Steps that tell which weekdays are closed.
const HALF_YEAR: usize = 182;
/// Share of the other days that may be silent: a Christmas closure in a history of two months.
const MOST_UNRULY: f32 = 0.25;
/// Share of a weekday's usual steps up to which it counts as closed.
const CLOSED_SHARE: f32 = 0.1;

/// What a panel tells of its shop up to an origin.
#[derive(Debug, Clone)]
pub struct ShopAt {
    /// Steps known: the origin is the last of them.
    pub known: usize,
    frequency: Frequency,
    open: Vec<bool>,
    view: Option<Arc<ShopView>>,
    day_of_year: Option<f32>,
}

/// What many series tell of their shop, each looked at once and then forgotten.
#[derive(Debug, Clone)]
pub struct ShopCount {
    /// Steps known.
    known: usize,
    /// How many series sold at each step.
    sellers: Vec<f32>,
    /// Over the context; only where pre-training looks at them.
    sums: Option<IndexSums>,
    series: usize,
}

impl ShopCount {
    /// Of no series yet, over `known` steps, the origin last.
    pub fn new(known: usize) -> Self {
        Self { known, sellers: vec![0.0; known], sums: None, series: 0 }
    }

    /// Takes in one series from the first step on; NaN is missing, what lies after the origin is not
    /// looked at.
    pub fn add(&mut self, demand: &[f32]) {
        let demand = &demand[..self.known.min(demand.len())];
        self.series += 1;
        for (count, demand) in self.sellers.iter_mut().zip(demand) {
            *count += f32::from(*demand > 0.0);
        }
        if let Some(sums) = &mut self.sums {
            sums.add(&demand[self.known.saturating_sub(CONTEXT).min(demand.len())..]);
        }
    }

    /// What they tell; `first` is the date of the first step.
    pub fn at(&self, first: Date, frequency: Frequency) -> ShopAt {
        let (known, sellers) = (self.known, &self.sellers);
        let from = known.saturating_sub(CONTEXT);
        let usual = {
            let recent = &sellers[sellers.len().saturating_sub(HALF_YEAR)..];
            let open: Vec<f32> = recent.iter().copied().filter(|&count| count > 0.0).collect();
            open.iter().sum::<f32>() / open.len().max(1) as f32
        };
        let tells = frequency == Frequency::Day && usual >= TELLING && follows_a_rule(sellers);
        let mut open = vec![true; CONTEXT - (known - from)];
        open.extend(sellers[from..].iter().map(|&count| !tells || count > 0.0));
        let steps = Steps { first, frequency, sellers };
        open.extend(if tells { steps.ahead() } else { vec![true; HORIZON] });
        let sums = self.sums.as_ref().filter(|_| self.series > 1 && usual >= TELLING);
        let view = sums.map(|sums| ShopView::at_origin(&sums.index(), &open, frequency));
        let view = view.map(Arc::new);
        let day_of_year = steps.date(known).map(|date| f32::from(date.day_of_year()) - 1.0);
        ShopAt { known, frequency, open, view, day_of_year }
    }
}

impl ShopAt {
    /// What `panel` tells of its shop in its first `known` steps.
    pub fn of(panel: &Panel, known: usize) -> Self {
        Self::counted(panel, ShopCount::new(known))
    }

    /// The same with how the shop does of late, for [`Self::window_in_shop`].
    pub(super) fn viewed(panel: &Panel, known: usize) -> Self {
        let sums = Some(IndexSums::new(known.min(CONTEXT)));
        Self::counted(panel, ShopCount { sums, ..ShopCount::new(known) })
    }

    fn counted(panel: &Panel, mut count: ShopCount) -> Self {
        panel.demand.iter().for_each(|demand| count.add(demand));
        count.at(panel.first, panel.frequency)
    }

    /// The window of one series beside how the shop does of late: what pre-training learns from, now and
    /// then. Forecasts do without: on past origins it told nothing (`models/README.md` has the figures).
    pub(super) fn window_in_shop(&self, panel: &Panel, series: usize) -> Option<Window> {
        Some(Window { shop: self.view.clone(), ..self.window(panel, series)? })
    }

    /// The window of one series by its demand, the origin last; `None` if nothing is known of it yet.
    pub fn window_of(&self, history: &[f32]) -> Option<Window> {
        if history.iter().all(|demand| demand.is_nan()) {
            return None;
        }
        let mut window = Window::of_demand(history, self.frequency);
        window.open.clone_from(&self.open);
        window.day_of_year = self.day_of_year;
        Some(window)
    }

    /// The window of one series of the panel; `None` if nothing is known of it yet. No promotion is expected
    /// after the origin, and the price of the last four weeks (8 weeks, 6 months): one that has lasted goes on, an offer ends.
    pub fn window(&self, panel: &Panel, series: usize) -> Option<Window> {
        let mut window = self.window_of(&panel.demand[series][..self.known])?;
        if let Some(promotion) = panel.promotion.get(series) {
            window.promotion = self.aligned(promotion, |value| value, 0.0);
        }
        if let Some(price) = panel.price.get(series) {
            let known = &price[..self.known];
            if let Some(usual) = median(known) {
                let ratio = |price: f32| if price > 0.0 { (price / usual).ln() } else { 0.0 };
                let lately = known.len().saturating_sub(self.frequency.judged());
                let lasting = median(&known[lately..]).map_or(0.0, ratio);
                window.price = self.aligned(price, ratio, lasting);
            }
        }
        Some(window)
    }

    /// The shop's calendar over context and horizon.
    pub fn open(&self) -> &[bool] {
        &self.open
    }

    /// What was known at the origin of each step. What is to come was not: it is taken to be `ahead`, whatever
    /// the panel holds there.
    fn aligned(&self, values: &[f32], of: impl Fn(f32) -> f32, ahead: f32) -> Vec<f32> {
        let past = (0..CONTEXT).map(|place| {
            let step = (self.known + place).checked_sub(CONTEXT);
            let value = step.and_then(|step| values.get(step)).copied().unwrap_or(f32::NAN);
            if value.is_nan() { 0.0 } else { of(value) }
        });
        past.chain([ahead; HORIZON]).collect()
    }
}

/// The median of the prices that are known.
fn median(prices: &[f32]) -> Option<f32> {
    let mut known: Vec<f32> = prices.iter().copied().filter(|price| *price > 0.0).collect();
    known.sort_by(f32::total_cmp);
    known.get(known.len() / 2).copied()
}

/// The steps up to the origin, and how many series sold at each.
struct Steps<'a> {
    first: Date,
    frequency: Frequency,
    sellers: &'a [f32],
}

impl Steps<'_> {
    fn date(&self, step: usize) -> Option<Date> {
        self.frequency.after(self.first, i64::try_from(step).ok()?)
    }

    /// Whether each step to come will be open.
    fn ahead(&self) -> Vec<bool> {
        let known = self.sellers.len();
        let weekly = closed_weekdays(self.sellers);
        (known..known + HORIZON)
            .map(|step| !weekly[step % 7] && !self.closed_by_date(&weekly, step))
            .collect()
    }

    /// Whether the same date of the year before lay in a closure of several days.
    fn closed_by_date(&self, weekly: &[bool; 7], step: usize) -> bool {
        let Some(date) = self.date(step) else { return false };
        let Ok(before) = date.checked_sub(jiff::Span::new().years(1)) else { return false };
        let Ok(place) = usize::try_from(self.frequency.steps_between(self.first, before)) else {
            return false;
        };
        let closed = |place: usize| self.sellers.get(place).is_some_and(|&count| count == 0.0);
        if !closed(place) || weekly[place % 7] {
            return false;
        }
        let mut unusual = 0;
        let mut count = |place: usize| {
            unusual += usize::from(!weekly[place % 7]);
        };
        (place..).take_while(|&place| closed(place)).for_each(&mut count);
        (0..place).rev().take_while(|&place| closed(place)).for_each(&mut count);
        unusual >= 3
    }
}

/// Whether the days without a sale are mostly closed weekdays. Where they are not, nobody could tell which
/// days to come they will be, and calling those of the past closed would have the network expect their
/// demand of every day.
fn follows_a_rule(sellers: &[f32]) -> bool {
    let weekly = closed_weekdays(sellers);
    let from = sellers.len().saturating_sub(HALF_YEAR);
    let (mut open, mut silent) = (0f32, 0f32);
    for step in (from..sellers.len()).filter(|step| !weekly[step % 7]) {
        open += 1.0;
        silent += f32::from(sellers[step] == 0.0);
    }
    silent <= MOST_UNRULY * open
}

/// Which weekdays, by step modulo 7, hardly ever saw a sale in the last half year.
fn closed_weekdays(sellers: &[f32]) -> [bool; 7] {
    let from = sellers.len().saturating_sub(HALF_YEAR);
    let mut sums = [(0f32, 0f32); 7];
    for (step, count) in sellers.iter().enumerate().skip(from) {
        sums[step % 7].0 += count;
        sums[step % 7].1 += 1.0;
    }
    let mean = sums.iter().map(|sum| sum.0).sum::<f32>()
        / sums.iter().map(|sum| sum.1).sum::<f32>().max(1.0);
    sums.map(|(count, days)| days >= 4.0 && count / days < CLOSED_SHARE * mean)
}
