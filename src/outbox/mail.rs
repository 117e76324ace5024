//! A letter to the supplier, ready to be mailed.

use super::document::{DocumentKind, PurchaseDocument};
use std::fmt::Write;

/// Who writes to whom.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Letterhead {
    /// The sender's address.
    pub from: Option<String>,
    /// The receiver's address.
    pub to: Option<String>,
}

/// The letter as RFC 5322 has it, in plain text. Message-ID is the document's key, so that mail
/// programs know a letter again that was sent twice.
pub(super) fn letter(document: &PurchaseDocument, head: &Letterhead) -> String {
    let number = document.number.as_str();
    let subject = match document.kind {
        DocumentKind::Order => format!("Purchase order {number}"),
        DocumentKind::Cancellation { .. } => format!("Cancellation of purchase order {number}"),
        DocumentKind::Line(_) => format!("Request about purchase order {number}"),
        DocumentKind::Transfer { .. } => format!("Transfer {number}"),
    };
    let mut out = String::new();
    for (name, address) in [("From", &head.from), ("To", &head.to)] {
        if let Some(address) = address {
            line(&mut out, &format!("{name}: {address}"));
        }
    }
    line(&mut out, &format!("Subject: {}", in_header(&subject)));
    line(&mut out, &format!("Message-ID: {}", message_id(document)));
    line(&mut out, "MIME-Version: 1.0");
    line(&mut out, "Content-Type: text/plain; charset=utf-8");
    line(&mut out, "Content-Transfer-Encoding: 8bit");
    line(&mut out, "");
    let name = match &*document.supplier_name {
        "" => document.supplier.as_str(),
        name => name,
    };
    line(&mut out, &format!("To {name}"));
    line(&mut out, "");
    body(&mut out, document);
    out
}

/// What the letter's Message-ID is.
pub(super) fn message_id(document: &PurchaseDocument) -> String {
    format!("<{}@stockdeck>", document.key)
}

fn body(out: &mut String, document: &PurchaseDocument) {
    let number = document.number.as_str();
    match &document.kind {
        DocumentKind::Order => line(out, &format!("Please deliver to {}:", document.site)),
        DocumentKind::Cancellation { reason } => {
            line(out, &format!("We cancel purchase order {number}: {reason}"));
            line(out, "");
            line(out, "It was for:");
        }
        DocumentKind::Line(asked) => {
            line(out, &format!("Please {asked}."));
            line(out, &format!("Why: {}", asked.reason));
            line(out, "");
            line(out, "Still to come of it:");
        }
        DocumentKind::Transfer { from } => {
            line(out, &format!("Please send from {from} to {}:", document.site));
        }
    }
    line(out, "");
    let widths =
        document.lines.iter().map(|one| (one.sku.as_str().len(), one.qty.to_string().len()));
    let (sku, qty) = widths.fold((3, 3), |(a, b), (c, d)| (a.max(c), b.max(d)));
    for one in &document.lines {
        let cost = one.cost.map_or(String::new(), |cost| format!("  at {} {cost}", cost.currency));
        let units = one.qty.to_string();
        line(out, format!("{units:>qty$} x {:<sku$}  {}{cost}", one.sku, one.name).trim_end());
    }
    line(out, "");
    if let Some(total) = document.total().exact() {
        line(out, &format!("Total: {} {total}", total.currency));
    }
    let is_request = matches!(document.kind, DocumentKind::Line(_));
    if let Some(due) = document.due.filter(|_| !is_request) {
        line(out, &format!("Needed by: {due}"));
    }
    line(out, &format!("Our number: {number}"));
}

fn line(out: &mut String, text: &str) {
    // Lines of mail end so; writing to memory does not fail.
    let _ = write!(out, "{text}\r\n");
}

/// Text that a header may hold: no line breaks.
fn in_header(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).collect()
}
