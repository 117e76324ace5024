//! An item: the rate at which it is asked for, and why it moves.

use super::Draw;
use super::shop::{Shop, add, bump, seasons};
use crate::model::{CONTEXT, Frequency, SPAN};

/// How an item sells.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Kind {
    /// Orders of one or several packs, now and then a giant.
    Orders,
    /// Negative binomial.
    Counts,
    /// Days on and off in runs.
    OnAndOff,
    /// Many small orders: nearly continuous.
    Smooth,
}

/// A drawn item.
pub(super) struct Item {
    pub(super) kind: Kind,
    /// Moved by season and trend alone.
    calm: bool,
    /// Logarithm of the orders per step.
    pub(super) rate: Vec<f32>,
    /// Its mean since the item is offered.
    pub(super) usual: f32,
    /// First step at which it is offered.
    pub(super) from: usize,
    pub(super) launched: bool,
    /// Shape of the gamma noise of a step's rate.
    pub(super) shape: f32,
    pub(super) promotion: Vec<f32>,
    pub(super) price: Vec<f32>,
}

impl Item {
    pub(super) fn drawn(draw: &mut Draw, shop: &Shop) -> Self {
        let kind = kind(draw, shop.frequency);
        let calm = draw.chance(if shop.calm { 0.8 } else { 0.1 });
        let launched = draw.chance(0.35);
        let from = if !launched {
            shop.start
        } else if draw.chance(0.25) {
            draw.whole((CONTEXT - 56).max(shop.start), CONTEXT - 1)
        } else {
            draw.whole(shop.start, CONTEXT - 15)
        };
        let mut item = Self {
            kind,
            calm,
            rate: vec![0.0; SPAN],
            usual: 0.0,
            from,
            launched,
            shape: draw.uniform(-1.0, 3.0).exp(),
            promotion: vec![0.0; SPAN],
            price: vec![0.0; SPAN],
        };
        item.draw_rate(draw, shop);
        let offered = &item.rate[from..];
        item.usual = offered.iter().sum::<f32>() / offered.len() as f32;
        item
    }

    fn draw_rate(&mut self, draw: &mut Draw, shop: &Shop) {
        let (low, high, most) = match shop.frequency {
            Frequency::Day => (0.01f32, 10f32, 3.6),
            Frequency::Week => (0.05, 30.0, 4.4),
            Frequency::Month => (0.1, 60.0, 4.8),
        };
        let base = draw.uniform(low.ln(), high.ln());
        let follows =
            if draw.chance(0.85) { draw.uniform(0.5, 1.4) } else { draw.uniform(-0.5, 0.5) };
        let shares = draw.uniform(0.6, 1.2);
        for step in 0..SPAN {
            self.rate[step] = base
                + shop.weekdays[(shop.weekday + step) % 7]
                + follows * shop.season[step]
                + shares * shop.level[step];
        }
        if shop.frequency == Frequency::Day && draw.chance(0.3) {
            let spread = draw.uniform(0.0, 0.4);
            let own: [f32; 7] = std::array::from_fn(|_| draw.normal() * spread);
            self.rate.iter_mut().enumerate().for_each(|(step, rate)| *rate += own[step % 7]);
        }
        if draw.chance(0.35) {
            add(&mut self.rate, &seasons(draw, shop, 0.7));
        }
        if draw.chance(0.08) {
            self.draw_peak(draw, shop);
        }
        self.draw_level(draw, shop);
        self.draw_promotions(draw, shop);
        self.rate.iter_mut().for_each(|rate| *rate = rate.clamp(-8.0, most));
    }

    /// Goods of a season: little but around one date.
    fn draw_peak(&mut self, draw: &mut Draw, shop: &Shop) {
        let centre =
            if draw.chance(0.5) { draw.uniform(310.0, 350.0) } else { draw.uniform(0.0, 365.0) };
        let (width, height) = (draw.uniform(12.0, 40.0), draw.uniform(1.0, 4.0));
        let floor = draw.uniform(0.0, 2.0);
        for (step, rate) in self.rate.iter_mut().enumerate() {
            *rate += bump(shop.day_of_year(step), centre, width) * height - floor;
        }
    }

    fn draw_level(&mut self, draw: &mut Draw, shop: &Shop) {
        let days = shop.frequency.days();
        if !self.calm {
            self.draw_restlessness(draw, shop);
        }
        if draw.chance(0.35) {
            let growth = draw.normal() * 0.8 / shop.length() as f32;
            for (step, rate) in self.rate.iter_mut().enumerate() {
                *rate += growth * (step as f32 - CONTEXT as f32);
            }
        }
        if self.launched && draw.chance(0.6) {
            let (height, width) = (draw.uniform(-1.5, 1.5), draw.uniform(15.0, 90.0) / days.sqrt());
            for (step, rate) in self.rate.iter_mut().enumerate().skip(self.from) {
                *rate += height * (-((step - self.from) as f32) / width).exp();
            }
        }
    }

    /// A random walk, a level that comes and goes, a shift.
    fn draw_restlessness(&mut self, draw: &mut Draw, shop: &Shop) {
        let days = shop.frequency.days();
        if draw.chance(0.55) {
            let spread = draw.uniform(-6.0, -3.0).exp() * days.sqrt();
            let mut at = 0.0;
            for rate in &mut self.rate {
                at += draw.normal() * spread;
                *rate += at;
            }
        }
        if draw.chance(0.65) {
            let spread = draw.uniform(0.05, 0.55);
            let every = if shop.frequency == Frequency::Day { 14 } else { 3 };
            add(&mut self.rate, &draw.wandering(SPAN, every, spread));
        }
        if draw.chance(0.25) {
            let (from, by) = (draw.whole(shop.start, SPAN), draw.normal() * 0.8);
            self.rate[from..].iter_mut().for_each(|rate| *rate += by);
        }
    }

    fn draw_promotions(&mut self, draw: &mut Draw, shop: &Shop) {
        let elasticity = draw.uniform(1.0, 4.0);
        if shop.knows_prices && draw.chance(0.3) {
            let (from, by) = (draw.whole(shop.start, SPAN), draw.normal() * 0.12);
            for step in from..SPAN {
                self.price[step] += by;
                self.rate[step] -= elasticity * by;
            }
        }
        let often = if shop.knows_promotions { 0.6 } else { 0.25 };
        if !draw.chance(often) {
            return;
        }
        for _ in 0..draw.whole(2, if shop.knows_promotions { 14 } else { 5 }) {
            let from = draw.whole(shop.start, SPAN);
            let longest = (15.0 / shop.frequency.days()).max(2.0) as usize;
            let to = (from + draw.whole(2, longest + 1)).min(SPAN);
            let lift = draw.uniform(0.2, 1.4);
            for step in from..to {
                self.promotion[step] = 1.0;
                self.price[step] -= lift / elasticity * 0.8;
                self.rate[step] += lift;
            }
        }
    }
}

/// What is counted by weeks and months is smooth more often.
fn kind(draw: &mut Draw, frequency: Frequency) -> Kind {
    let shares = match frequency {
        Frequency::Day => [0.50, 0.63, 0.77],
        Frequency::Week | Frequency::Month => [0.40, 0.50, 0.60],
    };
    match draw.uniform(0.0, 1.0) {
        share if share < shares[0] => Kind::Orders,
        share if share < shares[1] => Kind::Counts,
        share if share < shares[2] => Kind::OnAndOff,
        _ => Kind::Smooth,
    }
}
