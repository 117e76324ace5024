//! The slower wheels: orders that are not final are asked for by their ids, and those of the last
//! days are swept through and compared with the ones that are held.

use super::cursor::History;
use super::reading::{API, Orders, Reading, more, page_query, rows};
use super::tolerant::reference;
use crate::domain::{OrderKey, OrderNo, Record, Span, Timestamp};
use crate::feed::FeedError;
use crate::feed::http::Answer;
use serde_json::Value;
use std::collections::HashSet;

/// Ids that WooCommerce takes in one request.
const GROUP: usize = 100;
/// Groups that one turn asks for; the next turn goes on from there.
const GROUPS: usize = 10;
/// Open orders that are looked at, oldest first.
const MOST_OPEN: usize = 100_000;

impl Reading<'_> {
    /// Reads some of the orders that are not final again, and finds those that the shop has no more.
    pub async fn recheck_open_orders(&mut self) -> Result<(), FeedError> {
        let unread: Vec<u64> = self.state.unread_orders.iter().copied().take(GROUP).collect();
        if !unread.is_empty() {
            self.recheck(&unread).await?;
        }
        let open = self.context.ledger.open_orders(&self.context.id, MOST_OPEN);
        let open: Vec<u64> =
            open.iter().filter_map(|number| number.as_str().parse().ok()).collect();
        let from = if self.rounds.wheel_at < open.len() { self.rounds.wheel_at } else { 0 };
        let turn = open.get(from..).unwrap_or_default();
        for (done, group) in turn.chunks(GROUP).take(GROUPS).enumerate() {
            self.recheck(group).await?;
            self.rounds.wheel_at = from + (done + 1) * GROUP;
        }
        Ok(())
    }

    /// Reads the last days' orders again, whatever they say about their changes, and looks for those
    /// that are held and were not among them.
    pub async fn sweep_recent_orders(&mut self) -> Result<(), FeedError> {
        let floor = self.context.ledger.now() - Span::days(self.config.sweep_days.into());
        let held = self.context.ledger.orders_since(&self.context.id, floor, MOST_OPEN);
        let mut listed = HashSet::new();
        let mut sweep = History::default();
        let mut goes_on = true;
        while goes_on && sweep.before.is_none_or(|before| before > floor) {
            let (orders, answer) = self.orders_placed_before(&sweep).await?;
            let page = sweep.page.max(1);
            goes_on = more(&answer, page, orders.placed.len(), self.config.per_page);
            sweep.turn(&orders.placed, answer.total, goes_on);
            listed.extend(orders.ids.iter().copied());
            self.hand_over_orders(orders, None).await?;
        }
        let ids = held.iter().filter_map(|number| number.as_str().parse().ok());
        let not_listed: Vec<u64> = ids.filter(|id| !listed.contains(id)).collect();
        // A list that is empty by mistake leaves out very many; the next sweep looks for the rest.
        for group in not_listed.chunks(GROUP).take(GROUPS) {
            self.recheck(group).await?;
        }
        Ok(())
    }

    async fn recheck(&mut self, group: &[u64]) -> Result<(), FeedError> {
        let path = format!("{API}/orders");
        self.asks();
        let answer = self.ask_by_ids(&path, group, "any").await?;
        let found = rows(&path, &answer)?;
        let missing = missing(group, &found);
        let mut orders = self.read_orders(found).await?;
        if !missing.is_empty() {
            self.look_for(&path, missing, &mut orders).await?;
        }
        self.hand_over_orders(orders, None).await
    }

    /// What a list leaves out is believed to be gone only if it lies in the bin, or if the shop
    /// does not know it by its id either: a list can be empty for many reasons.
    async fn look_for(
        &mut self,
        path: &str,
        ids: Vec<u64>,
        orders: &mut Orders,
    ) -> Result<(), FeedError> {
        let answer = self.ask_by_ids(path, &ids, "trash").await?;
        let binned = rows(path, &answer)?;
        let unknown = missing(&ids, &binned);
        let in_bin = ids.iter().filter(|id| !unknown.contains(id));
        orders.records.extend(in_bin.map(|id| self.gone(*id, answer.now)));
        for id in unknown {
            match self.client.get_if_served(&format!("{path}/{id}"), &[]).await? {
                None => {
                    self.state.unread_orders.remove(&id);
                    orders.records.push(self.gone(id, answer.now));
                }
                Some(answer) => {
                    let there = self.read_orders(vec![&answer.json]).await?;
                    orders.records.extend(there.records);
                    orders.rejects.extend(there.rejects);
                    orders.private.extend(there.private);
                }
            }
        }
        Ok(())
    }

    async fn ask_by_ids(&self, path: &str, ids: &[u64], status: &str) -> Result<Answer, FeedError> {
        let include = ids.iter().map(u64::to_string).collect::<Vec<_>>().join(",");
        let mut query = page_query(1, GROUP as u32);
        query.extend([("include", include), ("status", status.into())]);
        query.extend([("orderby", "id".into()), ("order", "asc".into())]);
        self.client.get(path, &query).await
    }

    fn gone(&self, id: u64, now: Option<Timestamp>) -> Record {
        let number = OrderNo::new(id.to_string());
        let key = OrderKey { feed: self.context.id.clone(), number };
        Record::OrderGone(key, now.unwrap_or_else(|| self.context.ledger.now()))
    }
}

fn missing(asked: &[u64], found: &[&Value]) -> Vec<u64> {
    let found: HashSet<u64> = found.iter().filter_map(|row| reference(row, "id")).collect();
    asked.iter().copied().filter(|id| !found.contains(id)).collect()
}
