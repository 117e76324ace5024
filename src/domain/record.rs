//! What a feed hands over: records, in pages, with the cursor that they advance.

use super::{
    FeedId, Order, OrderKey, Private, Product, PurchaseOrder, RawRecord, Receipt, Site, SkuTerms,
    StockAdjustment, StockBounds, StockReport, Supplier, Timestamp, Zone,
};
use serde::{Deserialize, Serialize};

/// One thing that a feed says.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Record {
    /// An order, new or changed, whole.
    Order(Order),
    /// The source no longer has this order, as of the request that asked for it; the moment is the
    /// source's word for when, and decides nothing.
    OrderGone(OrderKey, Timestamp),
    /// Master data of a SKU; unknown fields leave what is known.
    Product(Product),
    /// A site.
    Site(Site),
    /// A supplier.
    Supplier(Supplier),
    /// A stock figure.
    Stock(StockReport),
    /// A purchase order, new or changed, whole.
    PurchaseOrder(PurchaseOrder),
    /// Goods that arrived.
    Receipt(Receipt),
    /// A change of stock by other means.
    Adjustment(StockAdjustment),
    /// What binds buying a SKU; unknown fields leave what is known.
    Terms(SkuTerms),
    /// Between what stock is to be kept; unknown fields leave what is known.
    Bounds(StockBounds),
}

/// Something from a feed that could not be understood; kept and counted, never dropped in silence.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Reject {
    /// The same for the same text at the same place, whenever it is read; given by the keeper, 0
    /// before.
    pub id: u64,
    /// Which record or place: file and line, URL and id.
    pub place: Box<str>,
    /// What is wrong with it, and the mend if there is one; one sentence.
    pub reason: Box<str>,
    /// What it looked like, cleaned, shortened, without personal data.
    pub excerpt: Box<str>,
    /// All of it, as it came, to be sealed; never written in clear.
    #[serde(skip)]
    pub raw: Option<RawRecord>,
}

impl Reject {
    /// When what it is about was, as its excerpt tells: the earliest moment in it, a day alone is none.
    pub fn moment(&self) -> Option<Timestamp> {
        let words = self.excerpt.split([',', '"', ';']);
        let moment = |word: &str| {
            let is_time =
                word.contains(':') && word.trim().starts_with(|c: char| c.is_ascii_digit());
            is_time.then(|| Timestamp::parse(word, &Zone::utc())).flatten()
        };
        words.filter_map(moment).min()
    }
}

/// Where a feed goes on reading: an adapter's own state, as text, opaque to everybody else.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cursor(pub Box<str>);

/// How far a long piece of work has come.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Progress {
    /// What is being done, such as `history`.
    pub what: Box<str>,
    /// How much is done.
    pub done: u64,
    /// Of how much, where known.
    pub total: Option<u64>,
}

/// A page from a feed. It is applied whole, together with its cursor, or not at all.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Page {
    /// Which feed.
    pub feed: FeedId,
    /// Domain time at which the request that brought it was started: a record that the source does
    /// not date better is as of this moment.
    pub asked: Timestamp,
    /// What it says, in the order it was said.
    pub records: Vec<Record>,
    /// What could not be understood.
    pub rejects: Vec<Reject>,
    /// What it says of people; only what is sealed of it is ever written.
    pub private: Private,
    /// Where to go on from, once this page is durable; `None` leaves the cursor where it is.
    pub cursor: Option<Cursor>,
    /// How far a backfill or import has come, if one runs.
    pub progress: Option<Progress>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reject_tells_when_its_record_was() {
        let moment = |excerpt: &str| {
            let (place, reason) = ("orders/7".into(), "its total is no amount".into());
            Reject { id: 0, place, reason, excerpt: excerpt.into(), raw: None }.moment()
        };
        let at = Timestamp::parse("2025-09-26T13:47:35Z", &Zone::utc());
        let shop = r#"id: 7, total: "n/a", date_modified_gmt: "2025-09-27T09:07:59", date_created_gmt: "2025-09-26T13:47:35""#;
        assert_eq!(moment(shop), at);
        assert_eq!(moment("A7,2025-09-26T13:47:35Z,***,x2,GBP"), at);
        assert_eq!(moment("A7,2025-09-26,***,12:30,GBP"), None, "no day alone, no time alone");
    }
}
