//! The windows of a panel at an origin: what the shop as a whole tells is found here.
//!
//! Whether the shop was open is learnt from the panel: a step at which none of many series sold was
//! closed. A weekday that was closed throughout the last half year stays closed; a closure of several
//! days together (a Christmas) comes back by date. Nothing after the origin is looked at.

use super::{CONTEXT, Frequency, HORIZON, ShopIndex, ShopView, Window};
use crate::demand::Panel;
use std::sync::Arc;

/// A shop is told from its panel if so many series sold at a usual step.
const TELLING: f32 = 5.0;
/// Steps that tell which weekdays are closed.
const HALF_YEAR: usize = 182;
/// Share of a weekday's usual steps up to which it counts as closed.
const CLOSED_SHARE: f32 = 0.1;

/// What a panel tells of its shop up to an origin.
#[derive(Debug, Clone)]
pub struct ShopAt {
    /// Steps known: the origin is the last of them.
    pub known: usize,
    open: Vec<bool>,
    view: Option<Arc<ShopView>>,
    day_of_year: Option<f32>,
}

impl ShopAt {
    /// What `panel` tells of its shop in its first `known` steps.
    pub fn of(panel: &Panel, known: usize) -> Self {
        let from = known.saturating_sub(CONTEXT);
        let sellers = sellers(panel, known);
        let usual = {
            let recent = &sellers[sellers.len().saturating_sub(HALF_YEAR)..];
            let open: Vec<f32> = recent.iter().copied().filter(|&count| count > 0.0).collect();
            open.iter().sum::<f32>() / open.len().max(1) as f32
        };
        let tells = panel.frequency == Frequency::Day && usual >= TELLING;
        let mut open = vec![true; CONTEXT - (known - from)];
        open.extend(sellers[from..].iter().map(|&count| !tells || count > 0.0));
        open.extend(if tells { ahead(panel, &sellers) } else { vec![true; HORIZON] });
        let length = known - from;
        let slices = panel.demand.iter().map(|demand| &demand[from..known]);
        let view = (panel.series.len() > 1 && usual >= TELLING).then(|| {
            let index = ShopIndex::of(length, slices);
            Arc::new(ShopView::at_origin(&index, &open, panel.frequency))
        });
        let day_of_year = panel.date(known).map(|date| f32::from(date.day_of_year()) - 1.0);
        Self { known, open, view, day_of_year }
    }

    /// The window of one series; `None` if nothing is known of it yet.
    pub fn window(&self, panel: &Panel, series: usize) -> Option<Window> {
        let history = &panel.demand[series][..self.known];
        if history.iter().all(|demand| demand.is_nan()) {
            return None;
        }
        let mut window = Window::of_demand(history, panel.frequency);
        window.open.clone_from(&self.open);
        window.day_of_year = self.day_of_year;
        window.shop.clone_from(&self.view);
        if let Some(promotion) = panel.promotion.get(series) {
            window.promotion = self.aligned(promotion, |value| value);
        }
        if let Some(price) = panel.price.get(series) {
            let mut known: Vec<f32> =
                price[..self.known].iter().copied().filter(|price| *price > 0.0).collect();
            known.sort_by(f32::total_cmp);
            if let Some(&usual) = known.get(known.len() / 2) {
                let ratio = |price: f32| if price > 0.0 { (price / usual).ln() } else { 0.0 };
                window.price = self.aligned(price, ratio);
            }
        }
        Some(window)
    }

    /// The shop's calendar over context and horizon.
    pub fn open(&self) -> &[bool] {
        &self.open
    }

    /// Promotion and price are planned: what the panel holds after the origin is known at it.
    fn aligned(&self, values: &[f32], of: impl Fn(f32) -> f32) -> Vec<f32> {
        (0..CONTEXT + HORIZON)
            .map(|place| {
                let step = (self.known + place).checked_sub(CONTEXT);
                let value = step.and_then(|step| values.get(step)).copied().unwrap_or(f32::NAN);
                if value.is_nan() { 0.0 } else { of(value) }
            })
            .collect()
    }
}

/// How many series sold at each step.
fn sellers(panel: &Panel, known: usize) -> Vec<f32> {
    let mut sellers = vec![0f32; known];
    for demand in &panel.demand {
        for (count, demand) in sellers.iter_mut().zip(demand) {
            *count += f32::from(*demand > 0.0);
        }
    }
    sellers
}

/// Whether each step to come will be open.
fn ahead(panel: &Panel, sellers: &[f32]) -> Vec<bool> {
    let known = sellers.len();
    let weekly = closed_weekdays(sellers);
    (known..known + HORIZON)
        .map(|step| !weekly[step % 7] && !closed_by_date(panel, sellers, &weekly, step))
        .collect()
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

/// Whether the same date of the year before lay in a closure of several days.
fn closed_by_date(panel: &Panel, sellers: &[f32], weekly: &[bool; 7], step: usize) -> bool {
    let Some(date) = panel.date(step) else { return false };
    let Ok(before) = date.checked_sub(jiff::Span::new().years(1)) else { return false };
    let Ok(place) = usize::try_from(panel.frequency.steps_between(panel.first, before)) else {
        return false;
    };
    let closed = |place: usize| sellers.get(place).is_some_and(|&count| count == 0.0);
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

impl ShopAt {
    /// Hides what the shop as a whole tells.
    pub fn hide(&mut self) {
        self.view = None;
    }
}
