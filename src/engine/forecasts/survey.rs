//! What all series together tell of a day: when the shop is open, and what items like a new one sell.

use crate::demand::{Frequency, SeriesKey};
use crate::engine::house::House;
use crate::insight::forecast::Reach;
use crate::model::{PeerCount, ShopAt, ShopCount, Window, Words};
use std::collections::BTreeMap;
use std::sync::Arc;

/// What the store as a whole tells of an origin.
pub(super) struct Shop {
    at: ShopAt,
    /// What their neighbours sell a day, of series that do not speak for themselves yet.
    peers: BTreeMap<SeriesKey, f32>,
}

impl Shop {
    /// On which days the shop is open.
    pub fn open(&self) -> &[bool] {
        self.at.open()
    }

    /// What is known of a series at the origin.
    pub fn window(&self, series: &SeriesKey, history: &[f32]) -> Option<Window> {
        let mut window = self.at.window_of(history)?;
        window.peers = self.peers.get(series).copied();
        Some(window)
    }
}

/// Series that are looked at one after the other.
pub(super) struct Survey {
    reach: Reach,
    shop: ShopCount,
    peers: PeerCount,
}

impl Survey {
    /// None was looked at yet.
    pub fn new(reach: Reach) -> Self {
        Self { reach, shop: ShopCount::new(reach.days()), peers: PeerCount::default() }
    }

    /// Takes in the history of the next series.
    pub fn add(&mut self, history: &[f32]) {
        self.shop.add(history);
        self.peers.add(history);
    }

    /// What they tell; `series` are those that were taken in, in their order.
    pub fn end(self, house: &House, series: &[SeriesKey]) -> Shop {
        let words = {
            let book = house.stock.read();
            let texts = series.iter().map(|series| match book.product_of(&series.sku) {
                Some(product) => (
                    product.name.as_deref().unwrap_or_default(),
                    product.category.as_ref().map_or("", |category| category.as_str()),
                ),
                None => ("", ""),
            });
            Arc::new(Words::of_texts(texts))
        };
        let peers = self.peers.at(&words);
        let levels = series.iter().enumerate();
        let levels = levels.filter_map(|(at, series)| Some((series.clone(), peers.level(at)?)));
        Shop { peers: levels.collect(), at: self.shop.at(self.reach.first.civil(), Frequency::Day) }
    }
}
