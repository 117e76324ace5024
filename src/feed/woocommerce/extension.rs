//! The extension `/stockdeck/v1/`: what WooCommerce cannot carry.
//!
//! `GET /stockdeck/v1/TABLE?since=RFC3339&page=N&per_page=500` answers
//! `{"now": RFC3339, "items": […], "pages": K}`: the items of a [`Table`] that changed at or after
//! `since`, as of the moment `now`.

use super::Config;
use super::tolerant::{id, items, money, price, qty, reference, scalar, words};
use crate::domain::{
    Category, Currency, PoLine, PoNumber, PoStatus, Product, PurchaseOrder, Qty, Receipt, Record,
    Site, SiteId, Sku, StockAdjustment, StockBasis, StockReport, Supplier, SupplierId, Timestamp,
    Zone, text,
};
use serde_json::Value;

/// A table of the extension.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Table {
    Sites,
    Suppliers,
    Products,
    Stock,
    PurchaseOrders,
    Receipts,
    Adjustments,
}

/// What of an item may be shown when it is not understood; none of the tables is about a person.
pub(super) const SHOWN: &[&str] = &[
    "id",
    "number",
    "sku",
    "site",
    "supplier",
    "po",
    "qty",
    "on_hand",
    "delta",
    "status",
    "zone",
    "as_of",
    "at",
    "ordered_at",
    "due_at",
    "received_at",
    "updated_at",
    "lines",
];

impl Table {
    /// Its name in the path.
    pub const fn name(self) -> &'static str {
        match self {
            Table::Sites => "sites",
            Table::Suppliers => "suppliers",
            Table::Products => "products",
            Table::Stock => "stock",
            Table::PurchaseOrders => "purchase-orders",
            Table::Receipts => "receipts",
            Table::Adjustments => "adjustments",
        }
    }
    /// Finds a table by its name.
    pub fn named(name: &str) -> Option<Table> {
        const ALL: [Table; 7] = [
            Table::Sites,
            Table::Suppliers,
            Table::Products,
            Table::Stock,
            Table::PurchaseOrders,
            Table::Receipts,
            Table::Adjustments,
        ];
        ALL.into_iter().find(|table| table.key_in_quarantine() == name)
    }
    /// Its name as the list of a record in quarantine; a shop has products of its own.
    pub fn key_in_quarantine(self) -> String {
        format!("stockdeck/{}", self.name())
    }
    /// What an item is called.
    pub fn key(self, item: &Value) -> String {
        let key = match self {
            Table::Products | Table::Stock => "sku",
            Table::PurchaseOrders => "number",
            _ => "id",
        };
        id(item, key).unwrap_or_else(|| "?".into())
    }
    /// Reads an item; the error is the reason in one sentence.
    pub fn read(self, item: &Value, config: &Config) -> Result<Record, String> {
        match self {
            Table::Sites => site(item).map(Record::Site),
            Table::Suppliers => supplier(item, config).map(Record::Supplier),
            Table::Products => product(item, config).map(Record::Product),
            Table::Stock => stock(item).map(Record::Stock),
            Table::PurchaseOrders => purchase_order(item, config).map(Record::PurchaseOrder),
            Table::Receipts => receipt(item).map(Record::Receipt),
            Table::Adjustments => adjustment(item).map(Record::Adjustment),
        }
    }
}

fn need<T>(found: Option<T>, key: &str) -> Result<T, String> {
    found.ok_or_else(|| format!("its {key} is missing or cannot be read"))
}

fn at(item: &Value, key: &str) -> Option<Timestamp> {
    Timestamp::parse(&scalar(item, key)?, &Zone::utc())
}

fn currency(item: &Value, config: &Config) -> Currency {
    scalar(item, "currency").and_then(|code| Currency::parse(&code)).unwrap_or(config.currency)
}

fn site(item: &Value) -> Result<Site, String> {
    let zone = need(id(item, "zone"), "zone")?;
    if Zone::named(&zone).is_none() {
        return Err(format!("\"{zone}\" is no time zone: use an IANA name such as Europe/London"));
    }
    let site = need(id(item, "id"), "id")?;
    let name = words(item, "name").unwrap_or_else(|| site.clone());
    Ok(Site { id: SiteId::new(site), name: name.into(), zone: zone.into() })
}

fn supplier(item: &Value, config: &Config) -> Result<Supplier, String> {
    let supplier = need(id(item, "id"), "id")?;
    let name = words(item, "name").unwrap_or_else(|| supplier.clone());
    Ok(Supplier {
        id: SupplierId::new(supplier),
        name: name.into(),
        lead_time_days: scalar(item, "lead_time_days").and_then(|n| n.parse().ok()),
        review_weekday: scalar(item, "review_weekday")
            .and_then(|n| n.parse().ok())
            .filter(|n| *n < 7),
        min_order: money(item, "min_order_value", currency(item, config)),
    })
}

fn product(item: &Value, config: &Config) -> Result<Product, String> {
    let known = Product::bare(Sku::new(need(id(item, "sku"), "sku")?));
    Ok(Product {
        category: words(item, "category").map(Category::new),
        cost: price(item, "unit_cost", currency(item, config)),
        pack: qty(item, "pack").filter(|q| q.is_positive()),
        moq: qty(item, "moq").filter(|q| q.is_positive()),
        supplier: id(item, "supplier").map(SupplierId::new),
        ..known
    })
}

fn stock(item: &Value) -> Result<StockReport, String> {
    let on_hand = match item.get("on_hand") {
        Some(Value::Null) => None,
        _ => Some(need(qty(item, "on_hand"), "on_hand")?),
    };
    Ok(StockReport {
        sku: Sku::new(need(id(item, "sku"), "sku")?),
        site: SiteId::new(need(id(item, "site"), "site")?),
        qty: on_hand,
        basis: StockBasis::OnHand,
        as_of: need(at(item, "as_of"), "as_of")?,
    })
}

fn purchase_order(item: &Value, config: &Config) -> Result<PurchaseOrder, String> {
    let currency = currency(item, config);
    let line = |line: &Value| {
        Ok(PoLine {
            sku: Sku::new(need(id(line, "sku"), "line's sku")?),
            qty: need(qty(line, "qty"), "line's qty")?,
            received: qty(line, "received").unwrap_or(Qty::ZERO),
            cost: price(line, "unit_cost", currency),
        })
    };
    let lines = need(item.get("lines").and_then(items), "lines")?;
    let ordered_at = need(at(item, "ordered_at"), "ordered_at")?;
    Ok(PurchaseOrder {
        number: PoNumber::new(need(id(item, "number"), "number")?),
        supplier: SupplierId::new(need(id(item, "supplier"), "supplier")?),
        site: SiteId::new(need(id(item, "site"), "site")?),
        status: po_status(&need(scalar(item, "status"), "status")?)?,
        ordered_at,
        due_at: at(item, "due_at"),
        updated_at: at(item, "updated_at").unwrap_or(ordered_at),
        lines: lines.into_iter().map(line).collect::<Result<_, String>>()?,
    })
}

fn po_status(word: &str) -> Result<PoStatus, String> {
    Ok(match word.to_ascii_lowercase().replace(['_', '-'], " ").as_str() {
        "sent" | "ordered" | "open" => PoStatus::Sent,
        "acknowledged" | "confirmed" => PoStatus::Acknowledged,
        "partly received" | "partially received" | "partial" => PoStatus::PartlyReceived,
        "received" | "closed" => PoStatus::Received,
        "cancelled" | "canceled" => PoStatus::Cancelled,
        _ => {
            return Err(format!(
                "its status \"{}\" is none of sent, acknowledged, partly_received, received, cancelled",
                text::clean(word)
            ));
        }
    })
}

fn receipt(item: &Value) -> Result<Receipt, String> {
    Ok(Receipt {
        id: need(id(item, "id"), "id")?.into(),
        po: id(item, "po").map(PoNumber::new),
        supplier: id(item, "supplier").map(SupplierId::new),
        sku: Sku::new(need(id(item, "sku"), "sku")?),
        site: SiteId::new(need(id(item, "site"), "site")?),
        qty: need(qty(item, "qty"), "qty")?,
        ordered_at: at(item, "ordered_at"),
        due_at: at(item, "due_at"),
        received_at: need(at(item, "received_at"), "received_at")?,
    })
}

fn adjustment(item: &Value) -> Result<StockAdjustment, String> {
    Ok(StockAdjustment {
        id: need(id(item, "id"), "id")?.into(),
        sku: Sku::new(need(id(item, "sku"), "sku")?),
        site: SiteId::new(need(id(item, "site"), "site")?),
        delta: need(qty(item, "delta"), "delta")?,
        at: need(at(item, "at"), "at")?,
        reason: words(item, "reason").unwrap_or_default().into(),
    })
}

/// One page of a table: the source's moment, the items, and whether another page follows.
pub(super) struct TablePage<'a> {
    pub now: Option<Timestamp>,
    pub items: Vec<&'a Value>,
    pub more: bool,
}

/// Reads the envelope; `None` where it is none.
pub(super) fn envelope(json: &Value, page: u32) -> Option<TablePage<'_>> {
    Some(TablePage {
        now: at(json, "now"),
        items: items(json.get("items")?)?,
        more: reference(json, "pages").is_some_and(|pages| u64::from(page) < pages),
    })
}
