//! What somebody has acknowledged, and has not changed since: it no longer waits for anybody.

use crate::domain::{Order, OrderKey, SiteId, Sku, Subject, Timestamp};
use crate::engine::house::House;
use crate::engine::stored::StoredOrder;
use crate::engine::tables;
use crate::orders::Row;
use crate::store::{Store, StoreError};
use rustc_hash::FxHashSet;

/// Acknowledged orders and positions. An acknowledgement ends when its order is changed by its
/// source afterwards, and when a position is no longer short, so that the next time counts again.
#[derive(Default)]
pub struct Acked {
    /// Orders, by row.
    pub orders: FxHashSet<Row>,
    /// Positions.
    pub positions: FxHashSet<(Sku, SiteId)>,
}

impl Acked {
    /// As of now. Reads the store for what is acknowledged only.
    pub fn read(house: &House, store: &Store) -> Result<Self, StoreError> {
        let subjects: Vec<(Subject, Timestamp)> = {
            let marks = house.marks.read();
            marks.acknowledgements().map(|(subject, at)| (subject.clone(), at)).collect()
        };
        let mut acked = Acked::default();
        for (subject, at) in subjects {
            match subject {
                Subject::Order(key) => acked.order(house, store, &key, at)?,
                Subject::Sku(sku) => acked.sku(house, store, &sku, at)?,
                _ => {}
            }
        }
        Ok(acked)
    }

    fn order(
        &mut self,
        house: &House,
        store: &Store,
        key: &OrderKey,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        let Some(row) = house.orders.read().find(key) else { return Ok(()) };
        let stored = store.get::<tables::Orders>(&row)?.map(StoredOrder::into_order);
        let changed = |order: Order| order.updated_at > at;
        if !stored.is_none_or(changed) {
            self.orders.insert(row);
        }
        Ok(())
    }

    fn sku(
        &mut self,
        house: &House,
        store: &Store,
        sku: &Sku,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        let sites: Vec<SiteId> =
            house.stock.read().sites_of(sku).map(|(site, _)| site.clone()).collect();
        for site in sites {
            let position = (sku.clone(), site);
            let since = store.get::<tables::ShortSince>(&position)?;
            if since.is_none_or(|since| since <= at) {
                self.positions.insert(position);
            }
        }
        Ok(())
    }
}
