//! A shop: its calendar, and what its items share.

use super::{Draw, frequency};
use crate::model::{CONTEXT, Frequency, SPAN};
use std::f32::consts::TAU;

/// A drawn shop.
pub(super) struct Shop {
    pub(super) frequency: Frequency,
    /// First step that is known of it.
    pub(super) start: usize,
    /// Day of the year of step 0, and weekday.
    day: f32,
    pub(super) weekday: usize,
    /// Days on which nothing is sold.
    pub(super) closed: Vec<bool>,
    /// What is known of them.
    pub(super) open: Vec<bool>,
    /// Shared logarithms: by weekday, of the season, of the level.
    pub(super) weekdays: [f32; 7],
    pub(super) season: Vec<f32>,
    pub(super) level: Vec<f32>,
    /// Whether nothing but season and trend moves its level, and that of most of its items.
    pub(super) calm: bool,
    pub(super) knows_itself: bool,
    pub(super) knows_promotions: bool,
    pub(super) knows_prices: bool,
    pub(super) knows_date: bool,
    /// Spread of the logarithm of what peers tell of an item; `None`: nothing is known.
    pub(super) peer_spread: Option<f32>,
}

impl Shop {
    pub(super) fn drawn(draw: &mut Draw) -> Self {
        let frequency = frequency(draw);
        let start = start(draw, frequency);
        let mut shop = Self {
            frequency,
            start,
            day: draw.uniform(0.0, 365.0),
            weekday: draw.whole(0, 7),
            closed: vec![false; SPAN],
            open: vec![true; SPAN],
            weekdays: [0.0; 7],
            season: vec![0.0; SPAN],
            level: vec![0.0; SPAN],
            calm: draw.chance(0.25),
            knows_itself: draw.chance(0.7),
            knows_promotions: draw.chance(0.4),
            knows_prices: draw.chance(0.3),
            knows_date: draw.chance(0.9),
            peer_spread: draw.chance(0.5).then(|| draw.uniform(0.3, 1.3)),
        };
        if frequency == Frequency::Day {
            shop.weekdays = weekdays(draw);
            shop.close(draw);
        }
        shop.season = seasons(draw, &shop, 0.6);
        shop.level = level(draw, &shop);
        shop
    }

    /// Day of the year of a step, 0 to 365.
    pub(super) fn day_of_year(&self, step: usize) -> f32 {
        (self.day + step as f32 * self.frequency.days()) % 365.25
    }

    /// Steps that are known or asked for.
    pub(super) fn length(&self) -> usize {
        SPAN - self.start
    }

    /// Years from the origin, negative before it.
    pub(super) fn years(&self, step: usize) -> f32 {
        (step as f32 - CONTEXT as f32) * self.frequency.days() / 365.25
    }

    /// The shared logarithm of a step.
    pub(super) fn shared(&self, step: usize) -> f32 {
        self.weekdays[(self.weekday + step) % 7] + self.season[step] + self.level[step]
    }

    fn close(&mut self, draw: &mut Draw) {
        let weekly = draw.one_of(&[0usize, 0, 1, 1, 2]);
        let first = if draw.chance(0.75) { draw.one_of(&[5, 6]) } else { draw.whole(0, 7) };
        let first = if weekly == 2 && draw.chance(0.8) { 5 } else { first };
        let christmas = draw.chance(0.35).then(|| draw.uniform(-1.0, 3.0));
        let holidays = if draw.chance(0.4) { 0.012 } else { 0.0 };
        let known = draw.chance(0.75);
        for step in 0..SPAN {
            let weekday = (self.weekday + step) % 7;
            let by_week =
                weekly >= 1 && weekday == first || weekly == 2 && weekday == (first + 1) % 7;
            let day = self.day_of_year(step);
            let holiday = christmas.is_some_and(|until| day >= 357.0 || day <= until)
                || draw.chance(holidays);
            self.closed[step] = by_week || holiday;
            // Of a holiday to come it is known only now and then.
            let told = by_week || holiday && (step < CONTEXT || draw.chance(0.5));
            self.open[step] = !(known && told);
        }
    }
}

fn start(draw: &mut Draw, frequency: Frequency) -> usize {
    match frequency {
        Frequency::Day if draw.chance(0.65) => 0,
        Frequency::Day => draw.whole(0, CONTEXT - 56),
        Frequency::Week => CONTEXT - draw.whole(30, 260),
        Frequency::Month => CONTEXT - draw.whole(18, 130),
    }
}

fn weekdays(draw: &mut Draw) -> [f32; 7] {
    let spread = if draw.chance(0.7) { draw.uniform(0.0, 0.6) } else { 0.0 };
    let weekend = if draw.chance(0.5) { draw.uniform(-1.2, 0.8) } else { 0.0 };
    std::array::from_fn(|day| draw.normal() * spread + if day >= 5 { weekend } else { 0.0 })
}

/// The level that a shop's items share: wandering, trend, a shift, events.
fn level(draw: &mut Draw, shop: &Shop) -> Vec<f32> {
    let days = shop.frequency.days();
    let mut level = vec![0f32; SPAN];
    if draw.chance(0.5) {
        let growth = draw.normal() * 0.35;
        for (step, each) in level.iter_mut().enumerate() {
            *each += growth * shop.years(step);
        }
    }
    if shop.calm {
        return level;
    }
    if draw.chance(0.6) {
        let spread = draw.uniform(-6.0, -3.6).exp() * days.sqrt();
        let mut at = 0.0;
        for each in &mut level {
            at += draw.normal() * spread;
            *each += at;
        }
    }
    if draw.chance(0.7) {
        let spread = draw.uniform(0.03, 0.25);
        let every = if shop.frequency == Frequency::Day { 14 } else { 3 };
        add(&mut level, &draw.wandering(SPAN, every, spread));
    }
    if draw.chance(0.1) {
        let (from, by) = (draw.whole(shop.start, SPAN), draw.normal() * 0.4);
        level[from..].iter_mut().for_each(|each| *each += by);
    }
    if draw.chance(0.3) {
        for _ in 0..4 {
            let from = draw.whole(shop.start, SPAN);
            let length = draw.whole(1, (14.0 / days).max(1.0) as usize + 1);
            let by = draw.uniform(0.1, 0.8);
            let to = (from + length).min(SPAN);
            level[from..to].iter_mut().for_each(|each| *each += by);
        }
    }
    level
}

/// A yearly season as a logarithm: smooth waves, a peak before the year's end, and, of weeks and
/// months, any profile. It repeats imperfectly: strength and date drift from year to year, more or
/// less.
pub(super) fn seasons(draw: &mut Draw, shop: &Shop, often: f32) -> Vec<f32> {
    let faithful = if draw.chance(0.4) { 0.0 } else { draw.uniform(0.0, 1.0) };
    let every = (120.0 / shop.frequency.days()).max(2.0) as usize;
    let drift = draw.wandering(SPAN, every, 0.7 * faithful);
    let shift = draw.wandering(SPAN, every, 14.0 * faithful);
    let strength = draw.one_of(&[0.4, 0.7, 1.0]);
    let waves: Vec<(f32, f32)> = if draw.chance(often) {
        (1..=3).map(|k| (draw.uniform(0.0, TAU), draw.uniform(0.0, 0.5) / k as f32)).collect()
    } else {
        Vec::new()
    };
    let autumn = draw.chance(0.5).then(|| {
        let (centre, width) = (draw.uniform(305.0, 345.0), draw.uniform(18.0, 50.0));
        (centre, width, draw.uniform(0.0, 1.4), draw.uniform(10.0, 40.0), draw.uniform(0.0, 0.5))
    });
    let coarse = shop.frequency != Frequency::Day && draw.chance(0.6);
    let profile: [f32; 13] = if coarse {
        let spread = draw.uniform(0.05, 0.6);
        std::array::from_fn(|_| draw.normal() * spread)
    } else {
        [0.0; 13]
    };
    (0..SPAN)
        .map(|step| {
            let day = shop.day_of_year(step) + shift[step];
            let mut value = 0.0;
            for (k, (phase, height)) in waves.iter().enumerate() {
                value += (TAU * (k + 1) as f32 * day / 365.25 + phase).sin() * height;
            }
            if let Some((centre, width, rise, low, fall)) = autumn {
                value += strength * bump(day, centre, width) * rise;
                value -= strength * bump(day, low, 30.0) * fall;
            }
            let month = day.rem_euclid(365.25) / 365.25 * 12.0;
            value += profile[month as usize % 12];
            value * (1.0 + drift[step]).clamp(0.0, 2.2)
        })
        .collect()
}

/// A bell around a day of the year.
pub(super) fn bump(day: f32, centre: f32, width: f32) -> f32 {
    let apart = (day - centre + 182.6).rem_euclid(365.25) - 182.6;
    (-0.5 * (apart / width).powi(2)).exp()
}

/// Adds one line to another.
pub(super) fn add(to: &mut [f32], other: &[f32]) {
    to.iter_mut().zip(other).for_each(|(to, other)| *to += other);
}
