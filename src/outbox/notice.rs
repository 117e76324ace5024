//! What the shop is told of where an order ships from, as JSON.

use crate::domain::{OrderKey, Qty, ShipFrom, SiteId, Sku, Timestamp};
use serde_json::{Value, json};

/// From where an order ships, or that this was taken back. The fields are told in `docs/TARGETS.md`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShippingNotice {
    /// What makes it one notice, however often it is sent.
    pub key: String,
    /// The key of the notice that it takes back; `None`: it takes none back.
    pub takes_back: Option<String>,
    /// The order.
    pub order: OrderKey,
    /// When it was decided.
    pub at: Timestamp,
    /// What ships from where.
    pub ships: Vec<ShipFrom>,
    /// What waits.
    pub waits: Vec<(Sku, Qty)>,
    /// Where that waits: the site that the order had.
    pub home: SiteId,
}

impl ShippingNotice {
    /// `allocation` or `release`.
    pub fn kind_word(&self) -> &'static str {
        if self.takes_back.is_some() { "release" } else { "allocation" }
    }
    /// The name of a file that holds it, without an extension: always the same for one notice.
    pub fn file_stem(&self) -> String {
        let safe =
            |c: char| if c.is_ascii_alphanumeric() || c == '-' || c == '_' { c } else { '_' };
        let number: String = self.order.number.as_str().chars().map(safe).collect();
        let key: String = self.key.chars().take(8).collect();
        format!("{number}-{}-{key}", self.kind_word())
    }
    /// As JSON. Quantities are whole units.
    pub fn json(&self) -> String {
        let line = |(sku, qty): &(Sku, Qty)| json!({ "sku": sku.as_str(), "qty": qty.trunc() });
        let lines = |all: &[(Sku, Qty)]| Value::from(all.iter().map(line).collect::<Vec<_>>());
        let part =
            |part: &ShipFrom| json!({ "site": part.site.as_str(), "lines": lines(&part.lines) });
        let mut told = json!({
            "kind": self.kind_word(),
            "key": self.key,
            "feed": self.order.feed.as_str(),
            "order": self.order.number.as_str(),
            "at": self.at.to_string(),
        });
        match &self.takes_back {
            Some(key) => told["takes_back"] = json!(key),
            None => {
                told["ships"] = self.ships.iter().map(part).collect();
                told["waits"] = json!({ "site": self.home.as_str(), "lines": lines(&self.waits) });
            }
        }
        told.to_string()
    }
}
