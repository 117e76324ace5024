//! What a record would change, asked before it is taken in.

use super::book::{adjusted, received};
use super::shelf::Heard;
use super::{Movement, StockBook};
use crate::domain::{FeedId, Position, Record, StockBasis, StockReport, StockSource};

/// What a record would do to the book.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum News {
    /// Nothing: it is known, or older than what is known.
    Nothing,
    /// A figure that is as it was reckoned to be: it makes the position younger and nothing else.
    Confirms,
    /// It changes what is known.
    Changes,
}

impl StockBook {
    /// What a record of a feed would change. Orders are not the book's to weigh.
    pub fn weigh(&self, record: &Record, feed: &FeedId) -> News {
        let changes = match record {
            Record::Order(_) | Record::OrderGone(..) => true,
            Record::Product(product) => self.products.get(&product.sku).is_none_or(|known| {
                let mut merged = known.clone();
                merged.merge(product);
                merged != *known
            }),
            Record::Terms(terms) => self.terms.get(&terms.sku).is_none_or(|known| {
                let mut merged = known.clone();
                merged.merge(terms);
                merged != *known
            }),
            Record::Bounds(bounds) => self.bounds_with(bounds).is_some(),
            Record::Site(site) => self.sites.get(&site.id) != Some(site),
            Record::Supplier(supplier) => {
                self.suppliers.get(&supplier.id) != Some(&self.merged(supplier))
            }
            Record::PurchaseOrder(po) => self.supply.lacks(po),
            Record::Receipt(receipt) => self.lacks(&received(receipt)),
            Record::Adjustment(adjustment) => self.lacks(&adjusted(adjustment)),
            Record::Stock(report) => return self.weigh_report(report, feed),
        };
        if changes { News::Changes } else { News::Nothing }
    }

    fn lacks(&self, movement: &Movement) -> bool {
        let place = self.places.get(&movement.sku).and_then(|sites| sites.get(&movement.site));
        place.is_none_or(|place| place.movements.lacks(movement))
    }

    fn weigh_report(&self, report: &StockReport, feed: &FeedId) -> News {
        let Some(shelf) = self.shelf(&report.sku, &report.site) else { return News::Changes };
        let source = StockSource::Feed(feed.clone());
        let figure = report.qty.map(|qty| (qty, report.basis));
        let heard = Heard { source: source.clone(), as_of: report.as_of, figure, seq: 0 };
        if !shelf.is_newer(&heard) {
            return News::Nothing;
        }
        let confirms = match (figure, shelf.said_by(&source)) {
            (None, Some(None)) => true,
            (Some((qty, basis)), Some(Some(_))) => {
                stands_by(&shelf.position, &source, basis)
                    && reckoned(&shelf.position, basis) == Some(qty)
            }
            _ => false,
        };
        if confirms { News::Confirms } else { News::Changes }
    }
}

fn stands_by(position: &Position, source: &StockSource, basis: StockBasis) -> bool {
    let report = position.report.as_ref();
    report.is_some_and(|(_, known, _, by)| by == source && *known == basis)
}

fn reckoned(position: &Position, basis: StockBasis) -> Option<crate::domain::Qty> {
    match basis {
        StockBasis::OnHand => position.on_hand(),
        StockBasis::Available => position.available(),
    }
}
