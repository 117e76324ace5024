//! What the orders table can be filtered by.

use super::filter::{Bare, Field, FieldKind, Fields};

const fn field(name: &'static str, kind: FieldKind, bare: Bare) -> Field {
    Field { name, aliases: &[], kind, bare }
}

/// The words of [`crate::domain::OrderStatus`].
const STATUSES: &[&str] =
    &["pending", "open", "held", "shipped", "cancelled", "refunded", "failed", "gone"];
/// The words for [`crate::domain::OrderKind`].
pub(super) const KINDS: [&str; 3] = ["sale", "return", "adjustment"];

/// The columns of the orders table. `qty` is any one line's quantity, `value` the total in major
/// units whatever the currency; `is:open` is paid and still to ship, `is:late` so for more than a
/// day ([`crate::domain::LATE_AFTER`]),
/// `is:acked` acknowledged and not changed by its source since.
pub static FIELDS: Fields = Fields {
    fields: &[
        field("sku", FieldKind::Text, Bare::Fuzzy),
        field("name", FieldKind::Phrase, Bare::Fuzzy),
        field("customer", FieldKind::Text, Bare::Part),
        field("site", FieldKind::Text, Bare::Fuzzy),
        field("country", FieldKind::Country, Bare::Value),
        field("feed", FieldKind::Text, Bare::Fuzzy),
        Field {
            name: "number",
            aliases: &["no", "order"],
            kind: FieldKind::Text,
            bare: Bare::Part,
        },
        field("status", FieldKind::Words(STATUSES), Bare::Value),
        field("kind", FieldKind::Words(&KINDS), Bare::No),
        field("qty", FieldKind::Number, Bare::No),
        field("units", FieldKind::Number, Bare::No),
        field("lines", FieldKind::Number, Bare::No),
        Field { name: "value", aliases: &["total"], kind: FieldKind::Number, bare: Bare::No },
        Field { name: "placed", aliases: &["date"], kind: FieldKind::Time, bare: Bare::No },
    ],
    flags: &["open", "held", "late", "short", "pinned", "noted", "acked", "return"],
};
