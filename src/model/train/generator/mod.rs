//! Synthetic shops: what the network learns from before it sees a real one.
//!
//! A shop is drawn first: its calendar (closed weekdays, holidays), the season, wandering level,
//! trend and events that its items share, and what of all that is known. Then its items: how they
//! sell (compound orders with packs and giants, negative binomial, on-and-off, smooth), their own
//! season, level, promotions, price, launch, fading, stock-outs and spikes. What an item shares with
//! its shop is what the shop's index can tell; half of the variance, more or less.
//!
//! Days, weeks and months are drawn by the same code, with steps of that length. Everything follows
//! from a seed and a number: shop n of a seed is the same whenever it is drawn.

mod draw;
mod item;
mod sales;
mod shop;

use super::Sample;
use crate::model::{CONTEXT, Frequency, HORIZON, ShopIndex, ShopView, Window};
use draw::Draw;
use item::Item;
use shop::Shop;
use std::sync::Arc;

/// Items of a shop that are drawn together.
pub const ITEMS: usize = 32;

/// Shop number `number` of a seed: the samples of its items that sold anything before the origin.
pub fn samples(seed: u64, number: u64) -> Vec<Sample> {
    let mut draw = Draw::new(seed, number);
    let shop = Shop::drawn(&mut draw);
    let items: Vec<Item> = (0..ITEMS).map(|_| Item::drawn(&mut draw, &shop)).collect();
    let view = shop.knows_itself.then(|| Arc::new(view(&mut draw, &shop, &items)));
    items.iter().filter_map(|item| sample(&mut draw, &shop, item, view.clone())).collect()
}

fn sample(
    draw: &mut Draw,
    shop: &Shop,
    item: &Item,
    view: Option<Arc<ShopView>>,
) -> Option<Sample> {
    let sold = sales::drawn(draw, shop, item);
    let (demand, ahead) = sold.split_at(CONTEXT);
    if !demand.iter().any(|&sold| sold > 0.0) {
        return None;
    }
    let active = sold.iter().filter(|sold| !sold.is_nan());
    let (sum, count) = active.fold((0f32, 0f32), |(sum, count), &sold| (sum + sold, count + 1.0));
    let peers = shop.peer_spread.map(|spread| sum / count * (spread * draw.normal()).exp());
    let window = Window {
        demand: demand.to_vec(),
        open: shop.open.clone(),
        promotion: if shop.knows_promotions { item.promotion.clone() } else { Vec::new() },
        price: if shop.knows_prices { item.price.clone() } else { Vec::new() },
        frequency: shop.frequency,
        day_of_year: shop.knows_date.then(|| shop.day_of_year(CONTEXT)),
        peers,
        shop: view,
    };
    debug_assert_eq!(ahead.len(), HORIZON);
    Some(Sample { window, ahead: ahead.to_vec() })
}

/// The shop's index: between what its own drawn items do and what an endless number of them would.
fn view(draw: &mut Draw, shop: &Shop, items: &[Item]) -> ShopView {
    let own = draw.uniform(0.0, 1.0);
    let noise = draw.uniform(-4.0, -1.6).exp();
    let narrower = draw.uniform(0.3, 0.8);
    let mut index = ShopIndex::default();
    for step in shop.start..CONTEXT {
        let shared = shop.shared(step);
        let (mut rates, mut usual) = (0f32, 0f32);
        for item in items.iter().filter(|item| item.from < step) {
            rates += (item.rate[step] - item.usual).exp();
            usual += 1.0;
        }
        let drawn = if usual > 0.0 && rates > 0.0 { (rates / usual).ln() } else { shared };
        let level = own * drawn + (1.0 - own) * shared;
        let closed = if shop.closed[step] { 0.0 } else { 1.0 };
        index.units.push((level + noise * draw.normal()).exp() * closed);
        index.breadth.push((narrower * level + 0.5 * noise * draw.normal()).exp() * closed);
    }
    ShopView::at_origin(&index, &shop.open, shop.frequency)
}

/// Which frequencies are drawn how often: shops count by the day.
fn frequency(draw: &mut Draw) -> Frequency {
    match draw.uniform(0.0, 1.0) {
        share if share < 0.72 => Frequency::Day,
        share if share < 0.88 => Frequency::Week,
        _ => Frequency::Month,
    }
}
