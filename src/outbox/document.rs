//! What a supplier is told, and how it looks as JSON and CSV.
//!
//! A document is made from the journal alone, so that it is the same to the byte however often it is
//! sent: names of products, which a feed may tell anew, are in the mail text only.

use crate::domain::{
    Ask, Day, LineRequest, PoNumber, Qty, SiteId, Sku, SupplierId, Timestamp, Total, UnitPrice,
    total,
};
use serde_json::{Value, json};

/// What a document says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DocumentKind {
    /// Please deliver.
    Order,
    /// Please do not deliver what was ordered under this number.
    Cancellation {
        /// Why.
        reason: String,
    },
    /// Please deliver a line of it otherwise.
    Line(LineRequest),
    /// Please send goods to another own site.
    Transfer {
        /// From where.
        from: SiteId,
    },
}

/// An order to a supplier, or its cancellation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PurchaseDocument {
    /// What it says.
    pub kind: DocumentKind,
    /// The order's number.
    pub number: PoNumber,
    /// What makes it one document, however often it is sent.
    pub key: String,
    /// To whom.
    pub supplier: SupplierId,
    /// The supplier's name; in mail only.
    pub supplier_name: Box<str>,
    /// For where.
    pub site: SiteId,
    /// When it was decided.
    pub at: Timestamp,
    /// When the goods are to be there.
    pub due: Option<Day>,
    /// What is ordered.
    pub lines: Vec<DocumentLine>,
}

/// A line of an order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DocumentLine {
    /// What.
    pub sku: Sku,
    /// Its name; in mail only.
    pub name: Box<str>,
    /// How many.
    pub qty: Qty,
    /// Cost of one unit, where known.
    pub cost: Option<UnitPrice>,
}

impl PurchaseDocument {
    /// `order`, `cancellation`, `expedite`, `defer`, `cancel-line` or `transfer`.
    pub fn kind_word(&self) -> &'static str {
        match &self.kind {
            DocumentKind::Order => "order",
            DocumentKind::Cancellation { .. } => "cancellation",
            DocumentKind::Line(LineRequest { ask: Ask::Cancel, .. }) => "cancel-line",
            DocumentKind::Line(line) => line.ask.word(),
            DocumentKind::Transfer { .. } => "transfer",
        }
    }
    /// The name of a file that holds it, without an extension: always the same for one document.
    pub fn file_stem(&self) -> String {
        let safe =
            |c: char| if c.is_ascii_alphanumeric() || c == '-' || c == '_' { c } else { '_' };
        let number: String = self.number.as_str().chars().map(safe).collect();
        match self.kind {
            DocumentKind::Order | DocumentKind::Transfer { .. } => number,
            // A line may be asked about more than once.
            DocumentKind::Line(_) => {
                let key: String = self.key.chars().take(8).collect();
                format!("{number}-{}-{key}", self.kind_word())
            }
            DocumentKind::Cancellation { .. } => format!("{number}-cancelled"),
        }
    }
    /// What its lines cost.
    pub fn total(&self) -> Total {
        total(self.lines.iter().map(|line| line.cost.map(|cost| cost.times(line.qty))))
    }

    /// As JSON; the fields are told in `docs/TARGETS.md`.
    pub fn json(&self) -> String {
        let line = |line: &DocumentLine| {
            let mut told = json!({ "sku": line.sku.as_str(), "qty": number(line.qty) });
            if let Some(cost) = line.cost {
                told["unit_cost"] = json!(cost.to_string());
                told["currency"] = json!(cost.currency.code());
            }
            told
        };
        let mut told = json!({
            "kind": self.kind_word(),
            "number": self.number.as_str(),
            "key": self.key,
            "supplier": self.supplier.as_str(),
            "site": self.site.as_str(),
            "at": self.at.to_string(),
            "due": self.due.map(|due| due.to_string()),
            "lines": self.lines.iter().map(line).collect::<Vec<_>>(),
        });
        if let Some(total) = self.total().exact() {
            told["total"] = json!(total.to_string());
            told["currency"] = json!(total.currency.code());
        }
        if let DocumentKind::Cancellation { reason } = &self.kind {
            told["reason"] = json!(reason);
        }
        if let DocumentKind::Line(asked) = &self.kind {
            told["line"] = json!(asked.line);
            told["wanted"] = json!(asked.ask.day().map(|day| day.to_string()));
            told["reason"] = json!(asked.reason);
            told["message"] = json!(asked.to_string());
        }
        if let DocumentKind::Transfer { from } = &self.kind {
            told["from"] = json!(from.as_str());
        }
        told.to_string()
    }

    /// As CSV: a row a line, the order's own fields in each.
    pub fn csv(&self) -> String {
        let mut out = csv::WriterBuilder::new().from_writer(Vec::new());
        let day = self.due.map(|due| due.to_string()).unwrap_or_default();
        let at = self.at.to_string();
        let head = [
            "kind",
            "number",
            "key",
            "supplier",
            "site",
            "at",
            "due",
            "sku",
            "qty",
            "unit_cost",
            "currency",
        ];
        // Writing to memory does not fail.
        let _ = out.write_record(head);
        for line in &self.lines {
            let _ = out.write_record([
                self.kind_word(),
                self.number.as_str(),
                &self.key,
                self.supplier.as_str(),
                self.site.as_str(),
                &at,
                &day,
                line.sku.as_str(),
                &line.qty.to_string(),
                &line.cost.map(|cost| cost.to_string()).unwrap_or_default(),
                line.cost.as_ref().map_or("", |cost| cost.currency.code()),
            ]);
        }
        String::from_utf8_lossy(&out.into_inner().unwrap_or_default()).into_owned()
    }
}

/// A quantity as a JSON number.
fn number(qty: Qty) -> Value {
    match qty.as_milli() % 1_000 {
        0 => json!(qty.trunc()),
        _ => json!(qty.to_f64()),
    }
}
