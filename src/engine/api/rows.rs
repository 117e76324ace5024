//! Rows of the tables of orders, stock, journal and quarantine, and what stands behind one.

use super::*;

/// A row of the orders table.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OrderRow {
    /// Feed and number.
    pub key: OrderKey,
    /// Sale, return or adjustment.
    pub kind: OrderKind,
    /// How far it has come.
    pub status: OrderStatus,
    /// When it was placed.
    pub placed_at: Timestamp,
    /// Where it ships from.
    pub site: SiteId,
    /// Who ordered, as a pseudonym.
    pub customer: Option<CustomerRef>,
    /// Where it goes.
    pub country: Option<Country>,
    /// Number of lines.
    pub lines: u32,
    /// Units of products.
    pub units: Qty,
    /// What the customer pays.
    pub total: Money,
    /// Whether it cannot be shipped from what is there.
    pub short: bool,
    /// Whether somebody pinned it.
    pub pinned: bool,
    /// Notes on it.
    pub notes: u32,
}

/// One order, all of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OrderDetail {
    /// The order.
    pub order: Order,
    /// For each of its lines: the product's name and the site's available stock.
    pub lines: Vec<LineDetail>,
    /// Its row.
    pub row: OrderRow,
    /// Journal entries about it, newest first.
    pub journal: Vec<JournalRow>,
    /// Other orders of the same customer, newest first, at most twenty.
    pub customer_orders: Vec<OrderRow>,
    /// When the feed last told of it.
    pub heard_at: Timestamp,
}

/// What stands beside an order line.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LineDetail {
    /// The product's name.
    pub name: Box<str>,
    /// On-hand less committed at the order's site; `None`: unknown.
    pub available: Option<Qty>,
    /// On-hand at the order's site; `None`: unknown.
    pub on_hand: Option<Qty>,
}

/// A row of the stock table: one SKU at one site.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StockRow {
    /// What.
    pub sku: Sku,
    /// Where.
    pub site: SiteId,
    /// Name.
    pub name: Box<str>,
    /// Category.
    pub category: Option<Category>,
    /// Supplier.
    pub supplier: Option<SupplierId>,
    /// Units in the building; `None`: unknown.
    pub on_hand: Option<Qty>,
    /// Promised to open orders.
    pub committed: Qty,
    /// On-hand less committed; `None`: unknown.
    pub available: Option<Qty>,
    /// Coming on open purchase orders.
    pub on_order: Qty,
    /// Mean units sold a day over the last 28 days.
    pub daily: f32,
    /// Days that the available stock lasts at that rate; `None`: unknown stock or nothing sold.
    pub days_of_cover: Option<f32>,
    /// Units sold per day, the last 28 days, oldest first.
    pub spark: Vec<f32>,
    /// When the figure was true, and who says so.
    pub as_of: Option<(Timestamp, StockSource)>,
    /// Whether somebody pinned the SKU.
    pub pinned: bool,
    /// What of it lies idle: dead, or more than will sell.
    pub idle: Option<IdleStock>,
}

/// One SKU.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SkuDetail {
    /// What is known of it.
    pub product: Product,
    /// What binds buying it.
    pub terms: Option<SkuTerms>,
    /// Between what its stock is to be kept.
    pub bounds: Vec<StockBounds>,
    /// Its supplier.
    pub supplier: Option<Supplier>,
    /// Position per site; the spark of each covers 28 days.
    pub sites: Vec<StockRow>,
    /// The forecast at each of them; `None`: it is not forecast.
    pub forecasts: Vec<Option<Box<SiteForecast>>>,
    /// What people expect in place of it, newest first; those that are over too.
    pub overrides: Vec<OverrideRow>,
    /// The day of the first figure in `demand`.
    pub first_day: Day,
    /// Units per day over all sites, oldest first, today last.
    pub demand: Vec<f32>,
    /// Open orders that want it, oldest first, at most fifty, with the units they want.
    pub open_orders: Vec<(OrderRow, Qty)>,
    /// Open purchase orders for it, soonest first.
    pub purchase_orders: Vec<PurchaseOrder>,
    /// Transfers between own sites that were accepted and have not left, soonest first.
    pub promised: Vec<TransferOrder>,
    /// Journal entries about it, newest first.
    pub journal: Vec<JournalRow>,
}

/// A row of the journal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct JournalRow {
    /// The entry.
    pub entry: Entry,
    /// The entry that undid it.
    pub undone_by: Option<u64>,
}

/// Something that could not be understood.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct QuarantineRow {
    /// Running number.
    pub seq: u64,
    /// Which feed.
    pub feed: FeedId,
    /// When, in domain time.
    pub at: Timestamp,
    /// Where, why and what it looked like.
    pub reject: Reject,
    /// Whether all of it is kept, so that it can be revealed and tried again.
    pub kept: bool,
    /// How often it was tried again in vain.
    pub attempts: u32,
}

/// Daily demand of one series.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DemandSeries {
    /// What.
    pub sku: Sku,
    /// Where.
    pub site: SiteId,
    /// `sku` where the store has one site, else `sku@site`.
    pub series_id: Box<str>,
    /// The day of the first figure.
    pub first: Day,
    /// Units per day, zeros included.
    pub units: Vec<Qty>,
}
