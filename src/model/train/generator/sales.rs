//! From a rate to what was sold: orders, packs, giants, stock-outs, fading.

use super::Draw;
use super::item::{Item, Kind};
use super::shop::Shop;
use crate::model::{CONTEXT, SPAN};

/// Sizes of packs that shops sell.
const PACKS: [f32; 14] =
    [2.0, 3.0, 4.0, 6.0, 8.0, 10.0, 12.0, 12.0, 24.0, 25.0, 36.0, 48.0, 50.0, 100.0];

/// What was sold at each of [`SPAN`] steps; NaN where nothing is known.
pub(super) fn drawn(draw: &mut Draw, shop: &Shop, item: &Item) -> Vec<f32> {
    let mut sold = match item.kind {
        Kind::Orders => orders(draw, item),
        Kind::Counts => counts(draw, item),
        Kind::OnAndOff => on_and_off(draw, item),
        Kind::Smooth => smooth(draw, item),
    };
    for (sold, closed) in sold.iter_mut().zip(&shop.closed) {
        if *closed {
            *sold = 0.0;
        }
    }
    if draw.chance(0.4) {
        for sold in &mut sold {
            if draw.chance(0.0015) {
                *sold *= draw.uniform(4.0, 30.0).floor();
            }
        }
    }
    if draw.chance(0.3) {
        let from = draw.whole(SPAN / 3, 3 * SPAN);
        for sold in sold.iter_mut().skip(from) {
            if !draw.chance(0.05) {
                *sold = 0.0;
            }
        }
    }
    sell_out(draw, shop, &mut sold);
    sold[..item.from].fill(f32::NAN);
    sold
}

fn orders(draw: &mut Draw, item: &Item) -> Vec<f32> {
    let (single, repeat) = (draw.uniform(0.25, 1.0), draw.uniform(0.4, 0.98));
    let pack = draw.one_of(&PACKS);
    let in_packs = if draw.chance(0.7) { draw.uniform(0.0, 1.0) } else { 0.0 };
    let giant = if draw.chance(0.6) { draw.uniform(0.0, 0.08) } else { 0.0 };
    let heavy = draw.uniform(0.4, 1.1);
    (0..SPAN)
        .map(|step| {
            let rate = item.rate[step].exp() * draw.gamma_of_mean_one(item.shape);
            let mut units = 0.0;
            for _ in 0..draw.poisson(rate).min(400.0) as usize {
                let mut size = if draw.chance(in_packs) {
                    pack * draw.geometric(repeat)
                } else {
                    draw.geometric(single)
                };
                if draw.chance(giant) {
                    size = (size * (1.3 + heavy * draw.normal()).exp()).round() + 1.0;
                }
                units += size;
            }
            units
        })
        .collect()
}

fn counts(draw: &mut Draw, item: &Item) -> Vec<f32> {
    let units = draw.uniform(0.0, 3.5).exp();
    (0..SPAN)
        .map(|step| {
            let rate = item.rate[step].exp() * draw.gamma_of_mean_one(item.shape);
            draw.poisson(rate * units)
        })
        .collect()
}

fn on_and_off(draw: &mut Draw, item: &Item) -> Vec<f32> {
    let (stays, size, spread) =
        (draw.uniform(0.0, 0.7), draw.uniform(0.0, 3.0), draw.uniform(0.2, 1.3));
    let pack = draw.one_of(&[1.0, 1.0, 1.0, 2.0, 6.0, 12.0]);
    let mut on = false;
    (0..SPAN)
        .map(|step| {
            on = draw.chance(1.0 - (-item.rate[step].exp()).exp()) || on && draw.chance(stays);
            if on { (size + draw.normal() * spread).exp().ceil() * pack } else { 0.0 }
        })
        .collect()
}

fn smooth(draw: &mut Draw, item: &Item) -> Vec<f32> {
    let (units, spread) = (draw.uniform(1.0, 5.0).exp(), draw.uniform(-4.0, -0.9).exp());
    let whole = draw.chance(0.7);
    (0..SPAN)
        .map(|step| {
            let sold = (item.rate[step].exp() * units * (1.0 + draw.normal() * spread)).max(0.0);
            if whole { sold.round() } else { sold }
        })
        .collect()
}

/// Stock-outs before the origin: as zeros that nobody explains, or known and therefore missing.
fn sell_out(draw: &mut Draw, shop: &Shop, sold: &mut [f32]) {
    if !draw.chance(0.2) {
        return;
    }
    let known = draw.chance(0.5);
    for _ in 0..draw.whole(1, 3) {
        let from = draw.whole(shop.start, CONTEXT);
        let longest = (40.0 / shop.frequency.days()).max(4.0) as usize;
        let to = (from + draw.whole(3, longest + 1)).min(CONTEXT);
        sold[from..to].fill(if known { f32::NAN } else { 0.0 });
    }
}
