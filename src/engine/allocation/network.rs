//! The open orders and the stock that they can ship from, as the books have them.

use crate::desk::allocating::{Choice, Chosen};
use crate::domain::*;
use crate::engine::api::Refusal;
use crate::engine::house::House;
use crate::engine::questions::store;
use crate::engine::tables;
use crate::plan::shipping::{Blocked, Network, OpenLine, OpenOrder, Shelf, ShippingTerms};
use crate::stock::StockBook;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Orders that were placed at most so long ago are looked at for what left today.
const SENT_LATELY: Span = Span::days(30);

/// Packages that left each site today.
type Sent = BTreeMap<SiteId, i64>;

impl House {
    /// All open orders with what they can ship from, not yet with what that is worth. Orders that wait for payment or for stock, and held
    /// ones, are promised what they want at their site.
    pub(super) fn open_network(&self, terms: &ShippingTerms) -> Result<Network, Refusal> {
        let (orders, sent) = self.open_orders()?;
        let decided = self.allocator.decided();
        let pinned: BTreeSet<OrderKey> = {
            let marks = self.marks.read();
            let order = |subject: &Subject| match subject {
                Subject::Order(key) => Some(key.clone()),
                _ => None,
            };
            marks.pinned().filter_map(order).collect()
        };
        let today = self.today();
        let book = self.stock.read();
        let mut network = Network {
            orders: Vec::new(),
            stock: BTreeMap::new(),
            sent,
            promised: BTreeMap::new(),
            today,
            hour: self.clock.now().civil(&self.zone).hour(),
        };
        for order in &orders {
            let choice = decided.standing(&order.key);
            let waits = choice.is_some_and(|one| holds(one, order, &book, today));
            if order.status != OrderStatus::Open || waits {
                for line in order.product_lines() {
                    let at = (line.sku.clone(), order.site.clone());
                    let promised = network.promised.entry(at).or_default();
                    *promised = promised.saturating_add(line.standing().trunc());
                }
                continue;
            }
            let mut open = self.open_order(order, terms, &book);
            open.pinned = pinned.contains(&order.key);
            if let Some(site) = decided.first_site(&order.key) {
                open.given_to = site.clone();
            }
            open.decided = choice.map_or_else(Vec::new, |one| ships(one, order, &book));
            network.orders.push(open);
        }
        network.orders.sort_by(|a, b| (a.placed, &a.key).cmp(&(b.placed, &b.key)));
        let lines = network.orders.iter().flat_map(|order| &order.lines);
        for sku in lines.map(|line| &line.sku).collect::<BTreeSet<&Sku>>() {
            for (site, position) in book.sites_of(sku) {
                let on_hand = position.on_hand().map(|qty| qty.trunc().max(0));
                let shelf = Shelf { on_hand, scarcity: 0 };
                network.stock.insert((sku.clone(), site.clone()), shelf);
            }
        }
        Ok(network)
    }

    /// Orders whose units are promised, and how many packages left each site today.
    fn open_orders(&self) -> Result<(Vec<Arc<Order>>, Sent), Refusal> {
        let store = store(self)?;
        let since = self.start_of_today();
        let mut sent = Sent::new();
        let rows: Vec<u32> = {
            let index = self.orders.read();
            let now = self.clock.now() + Span::seconds(1);
            for row in index.placed_between(now - SENT_LATELY, now) {
                let left = index.shipped_at(row).is_some_and(|at| at >= since);
                if left {
                    *sent.entry(SiteId::new(index.site(row))).or_default() += 1;
                }
            }
            index.open_rows().collect()
        };
        // Held throughout, so that what is written meanwhile is forgotten after it was read.
        let mut known = self.allocator.open.lock();
        let mut before = std::mem::take(&mut *known);
        for row in rows {
            let order = match before.remove(&row) {
                Some(order) => Some(order),
                None => {
                    let kept = store.get::<tables::Orders>(&row);
                    let kept = kept.map_err(|error| Refusal::failed(error.to_string()))?;
                    kept.map(|stored| Arc::new(stored.into_order()))
                }
            };
            known.extend(order.map(|order| (row, order)));
        }
        let is_open =
            |order: &&Arc<Order>| order.kind == OrderKind::Sale && order.status.is_promised();
        Ok((known.values().filter(is_open).cloned().collect(), sent))
    }

    fn open_order(&self, order: &Order, terms: &ShippingTerms, book: &StockBook) -> OpenOrder {
        let mut odd = None;
        let mut lines: Vec<OpenLine> = Vec::new();
        for line in order.product_lines() {
            let standing = line.standing();
            if standing.as_milli() % 1_000 != 0 {
                odd = Some(Blocked::PartOfAUnit { sku: line.sku.clone() });
            }
            if line.price.currency != self.currency && line.price.e4 != 0 {
                let (order, store) = (line.price.currency.to_string(), self.currency.to_string());
                odd = odd.or(Some(Blocked::Currency { order, store }));
            }
            let units = standing.trunc().max(0);
            // Of several lines of a SKU the dearest counts.
            let price = line.price.times(Qty::units(1)).minor.max(0);
            match lines.iter_mut().find(|known| known.sku == line.sku) {
                Some(known) => {
                    known.units = known.units.saturating_add(units);
                    known.price = known.price.max(price);
                }
                None => {
                    let product = book.product_of(&line.sku);
                    let weight_g = terms.weight(product.and_then(|of| of.category.as_ref()));
                    lines.push(OpenLine { sku: line.sku.clone(), units, price, weight_g });
                }
            }
        }
        lines.retain(|line| line.units > 0);
        OpenOrder {
            key: order.key.clone(),
            site: order.site.clone(),
            given_to: order.site.clone(),
            country: order.country.clone(),
            placed: order.placed_at.day(&self.zone),
            pinned: false,
            service: order.aside.service.clone(),
            lines,
            decided: Vec::new(),
            odd,
        }
    }
}

/// Whether a decision has an order wait still: until its day, or until its site has all of it.
fn holds(choice: &Choice, order: &Order, book: &StockBook, today: Day) -> bool {
    match &choice.what {
        Chosen::Ship(_) => false,
        Chosen::Hold { until: Some(until), .. } => today < *until,
        Chosen::Hold { until: None, .. } => !is_there(order, book),
    }
}

/// Whether an order's own site has all of it in the building.
fn is_there(order: &Order, book: &StockBook) -> bool {
    order.product_lines().all(|line| {
        let position = book.position(&line.sku, &order.site);
        position.and_then(Position::on_hand).is_some_and(|there| there >= line.standing())
    })
}

/// What a decision takes. One that the shop has carried out, and that its site cannot ship after all, is
/// decided about anew.
fn ships(choice: &Choice, order: &Order, book: &StockBook) -> Vec<ShipFrom> {
    if choice.is_settled(order) && !is_there(order, book) {
        return Vec::new();
    }
    choice.outstanding(order)
}
