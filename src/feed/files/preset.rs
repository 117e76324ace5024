//! Named presets: which columns a file has, what they mean, and the rules that go with them.
//!
//! A preset names each of our fields and the headings under which it is known. A mapping given by
//! a person goes over it. What a preset requires and a file lacks is one sentence with the mend.

use super::usage;
use crate::domain::Currency;
use crate::feed::FeedError;
use csv::ByteRecord;

macro_rules! fields {
    ($($(#[$doc:meta])* $name:ident = $text:literal,)*) => {
        /// A field that a preset may read.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Field { $($(#[$doc])* $name,)* }
        impl Field {
            /// Every field.
            pub const ALL: &[Field] = &[$(Field::$name,)*];
            /// The field's name in a mapping.
            pub const fn name(self) -> &'static str {
                match self { $(Field::$name => $text,)* }
            }
        }
    };
}

fields! {
    /// An order's number.
    OrderId = "order_id",
    /// When the customer placed it.
    PlacedAt = "placed_at",
    /// The SKU of the line or of the row.
    Sku = "sku",
    /// Units ordered.
    Qty = "qty",
    /// Price of one unit.
    Price = "price",
    /// ISO 4217 code.
    Currency = "currency",
    /// What identifies the customer; becomes a pseudonym.
    Customer = "customer",
    /// Where the order goes.
    Country = "country",
    /// Where it ships from, or where stock lies.
    Site = "site",
    /// How far an order has come.
    Status = "status",
    /// When the source last changed it.
    UpdatedAt = "updated_at",
    /// When it left the building.
    ShippedAt = "shipped_at",
    /// The day by which an order was promised.
    PromisedOn = "promised_on",
    /// How it is to ship, in the shop's words.
    ShippingMethod = "shipping_method",
    /// Whether an order ships in full or not at all.
    ShipComplete = "ship_complete",
    /// What the customer wrote; sealed.
    Note = "note",
    /// A customer's e-mail address; sealed, and identifies the customer where nothing else does.
    Email = "email",
    /// A customer's phone number; sealed.
    Phone = "phone",
    /// A customer's name; sealed.
    PersonName = "person_name",
    /// A customer's postal address; sealed.
    Address = "address",
    /// A product's description, or a supplier's name.
    Name = "name",
    /// A product's category.
    Category = "category",
    /// Cost of one unit.
    UnitCost = "unit_cost",
    /// Units in a pack.
    Pack = "pack",
    /// The least that is sold at once.
    Moq = "moq",
    /// Lower costs for more: `100:4.50; 500:4.00`.
    PriceBreaks = "price_breaks",
    /// Days that it can be sold after it came.
    ShelfLifeDays = "shelf_life_days",
    /// The last day on which it is sold.
    SoldUntil = "sold_until",
    /// The least units that are to be on hand and on order.
    MinStock = "min_stock",
    /// The most units that a site may hold.
    MaxStock = "max_stock",
    /// A supplier's code.
    Supplier = "supplier",
    /// Units in the building.
    OnHand = "on_hand",
    /// When a stock figure was true.
    AsOf = "as_of",
    /// Stated lead time in days.
    LeadTimeDays = "lead_time_days",
    /// Weekday of ordering, 0 = Monday.
    ReviewWeekday = "review_weekday",
    /// The least order value.
    MinOrderValue = "min_order_value",
    /// A purchase order's number.
    Po = "po",
    /// When goods were ordered.
    OrderedAt = "ordered_at",
    /// When they are due.
    DueAt = "due_at",
    /// When they arrived.
    ReceivedAt = "received_at",
    /// How many arrived.
    ReceivedQty = "received_qty",
}

impl Field {
    /// Finds a field by its name in a mapping.
    pub fn named(name: &str) -> Option<Field> {
        Field::ALL.iter().copied().find(|f| f.name() == name.trim())
    }
    /// Whether the field may tell who somebody is, so that it is never shown.
    pub const fn is_private(self) -> bool {
        matches!(
            self,
            Field::Customer
                | Field::Note
                | Field::Email
                | Field::Phone
                | Field::PersonName
                | Field::Address
        )
    }
    /// Whether the field holds a moment.
    pub const fn is_time(self) -> bool {
        matches!(
            self,
            Field::PlacedAt
                | Field::UpdatedAt
                | Field::ShippedAt
                | Field::AsOf
                | Field::OrderedAt
                | Field::DueAt
                | Field::ReceivedAt
                | Field::SoldUntil
        )
    }
    /// Whether the field holds a decimal number.
    pub const fn is_number(self) -> bool {
        matches!(
            self,
            Field::Qty
                | Field::Price
                | Field::UnitCost
                | Field::Pack
                | Field::Moq
                | Field::MinStock
                | Field::MaxStock
                | Field::OnHand
                | Field::MinOrderValue
                | Field::ReceivedQty
        )
    }
}

/// What the rows of a file are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RowKind {
    /// Lines of orders.
    Orders,
    /// Products.
    Items,
    /// Stock figures.
    Stock,
    /// Suppliers.
    Suppliers,
    /// Purchase orders' lines with what arrived.
    Receipts,
}

/// One column of a preset: our field, whether a file must have it, and the headings it is known by.
type Column = (Field, bool, &'static [&'static str]);

/// A named way to read a file.
#[derive(Debug)]
pub struct Preset {
    /// Its name.
    pub name: &'static str,
    /// What the rows are.
    pub rows: RowKind,
    /// IANA zone of times that name none, where the preset knows it.
    pub zone: Option<&'static str>,
    /// Currency where no column tells it, where the preset knows it.
    pub currency: Option<Currency>,
    /// Whether the invoice conventions of the Online Retail set hold (see [`super::orders`]).
    pub online_retail: bool,
    columns: &'static [Column],
}

const ONLINE_RETAIL: Preset = Preset {
    name: "online-retail",
    rows: RowKind::Orders,
    zone: Some("Europe/London"),
    currency: Some(Currency::GBP),
    online_retail: true,
    columns: &[
        (Field::OrderId, true, &["invoice", "InvoiceNo", "order_id"]),
        (Field::Sku, true, &["stock_code", "StockCode", "sku"]),
        (Field::Name, false, &["description"]),
        (Field::Qty, true, &["quantity", "qty"]),
        (Field::PlacedAt, true, &["invoice_ts", "InvoiceDate"]),
        (Field::Price, true, &["price", "UnitPrice"]),
        (Field::Customer, false, &["customer_id", "CustomerID", "Customer ID"]),
        (Field::Country, false, &["country"]),
    ],
};
const ORDERS: Preset = Preset {
    name: "orders",
    rows: RowKind::Orders,
    zone: None,
    currency: None,
    online_retail: false,
    columns: &[
        (Field::OrderId, true, &["order_id"]),
        (Field::PlacedAt, true, &["placed_at"]),
        (Field::Sku, true, &["sku"]),
        (Field::Qty, true, &["qty", "quantity"]),
        (Field::Price, true, &["price", "unit_price"]),
        (Field::Currency, false, &["currency"]),
        (Field::Customer, false, &["customer", "customer_id"]),
        (Field::Country, false, &["country"]),
        (Field::Site, false, &["site"]),
        (Field::Status, false, &["status"]),
        (Field::UpdatedAt, false, &["updated_at"]),
        (Field::ShippedAt, false, &["shipped_at"]),
        (Field::PromisedOn, false, &["promised_on", "promised_at", "deliver_by"]),
        (Field::ShippingMethod, false, &["shipping_method", "shipping_service"]),
        (Field::ShipComplete, false, &["ship_complete"]),
        (Field::Note, false, &["note", "customer_note"]),
        (Field::Email, false, &["email", "customer_email", "billing_email"]),
        (Field::Phone, false, &["phone", "customer_phone", "billing_phone"]),
        (Field::PersonName, false, &["person_name", "customer_name"]),
        (Field::Address, false, &["address", "customer_address"]),
        (Field::Name, false, &["name", "description"]),
    ],
};
const ITEMS: Preset = Preset {
    name: "items",
    rows: RowKind::Items,
    zone: None,
    currency: None,
    online_retail: false,
    columns: &[
        (Field::Sku, true, &["sku"]),
        (Field::Name, false, &["name", "description"]),
        (Field::Category, false, &["category"]),
        (Field::UnitCost, false, &["unit_cost"]),
        (Field::Currency, false, &["currency"]),
        (Field::Pack, false, &["pack"]),
        (Field::Moq, false, &["moq"]),
        (Field::Supplier, false, &["supplier"]),
        (Field::PriceBreaks, false, &["price_breaks"]),
        (Field::ShelfLifeDays, false, &["shelf_life_days", "shelf_life"]),
        (Field::SoldUntil, false, &["sold_until", "end_of_life"]),
        (Field::Site, false, &["site"]),
        (Field::MinStock, false, &["min_stock"]),
        (Field::MaxStock, false, &["max_stock"]),
    ],
};
const STOCK: Preset = Preset {
    name: "stock",
    rows: RowKind::Stock,
    zone: None,
    currency: None,
    online_retail: false,
    columns: &[
        (Field::Sku, true, &["sku"]),
        (Field::Site, false, &["site"]),
        (Field::OnHand, true, &["on_hand"]),
        (Field::AsOf, true, &["as_of"]),
    ],
};
const SUPPLIERS: Preset = Preset {
    name: "suppliers",
    rows: RowKind::Suppliers,
    zone: None,
    currency: None,
    online_retail: false,
    columns: &[
        (Field::Supplier, true, &["supplier"]),
        (Field::Name, false, &["name"]),
        (Field::LeadTimeDays, false, &["lead_time_days"]),
        (Field::ReviewWeekday, false, &["review_weekday"]),
        (Field::MinOrderValue, false, &["min_order_value"]),
        (Field::Currency, false, &["currency"]),
    ],
};
const RECEIPTS: Preset = Preset {
    name: "receipts",
    rows: RowKind::Receipts,
    zone: None,
    currency: None,
    online_retail: false,
    columns: &[
        (Field::Po, false, &["po"]),
        (Field::Supplier, false, &["supplier"]),
        (Field::Sku, true, &["sku"]),
        (Field::Site, false, &["site"]),
        (Field::Qty, true, &["qty"]),
        (Field::OrderedAt, false, &["ordered_at"]),
        (Field::DueAt, false, &["due_at"]),
        (Field::ReceivedAt, false, &["received_at"]),
        (Field::ReceivedQty, false, &["received_qty"]),
    ],
};

/// Every preset.
pub const PRESETS: [&Preset; 6] = [&ONLINE_RETAIL, &ORDERS, &ITEMS, &STOCK, &SUPPLIERS, &RECEIPTS];

impl Preset {
    /// Every preset's name.
    pub fn names() -> [&'static str; 6] {
        PRESETS.map(|preset| preset.name)
    }
    /// Finds a preset by name; the error lists them all.
    pub fn named(name: &str) -> Result<&'static Preset, FeedError> {
        PRESETS.into_iter().find(|p| p.name == name).ok_or_else(|| {
            let all: Vec<_> = PRESETS.iter().map(|p| p.name).collect();
            usage(format!("there is no preset `{name}`; there are {}", all.join(", ")))
        })
    }
    /// The fields it reads, required ones first told.
    pub fn fields(&self) -> impl Iterator<Item = (Field, bool)> {
        self.columns.iter().map(|(field, required, _)| (*field, *required))
    }
    /// Whether the preset has every field that a mapping names.
    pub fn check_mapping(&self, mapping: &[(Box<str>, Box<str>)]) -> Result<(), FeedError> {
        let has = |ours: &str| {
            Field::named(ours).is_some_and(|field| self.fields().any(|(own, _)| own == field))
        };
        let Some((ours, _)) = mapping.iter().find(|(ours, _)| !has(ours)) else { return Ok(()) };
        let all: Vec<_> = self.fields().map(|(field, _)| field.name()).collect();
        let (name, all) = (self.name, all.join(", "));
        Err(usage(format!("preset `{name}` has no field `{ours}`; its fields are {all}")))
    }
    /// Whether a field, under the column it is mapped to or else under any of its own headings, is
    /// among the headings of a file.
    pub fn is_among(&self, field: Field, headings: &[String], mapped: Option<&str>) -> bool {
        let there = |name: &str| headings.iter().any(|heading| same(heading, name));
        match mapped {
            Some(theirs) => there(theirs),
            None => self
                .columns
                .iter()
                .any(|(own, _, names)| *own == field && names.iter().any(|name| there(name))),
        }
    }
    /// Finds the preset's fields among the headings of `file`; `mapping` is (our field, their column).
    pub fn layout(
        &self,
        file: &str,
        headings: &[String],
        mapping: &[(Box<str>, Box<str>)],
    ) -> Result<Layout, FeedError> {
        let mut layout = Layout { at: [NOWHERE; FIELDS] };
        self.check_mapping(mapping)?;
        let mut missing = Vec::new();
        for (field, required, names) in self.columns {
            let mapped = mapping.iter().rev().find(|(ours, _)| Field::named(ours) == Some(*field));
            let place = match mapped {
                Some((_, theirs)) => headings.iter().position(|h| same(h, theirs)),
                None => names.iter().find_map(|n| headings.iter().position(|h| same(h, n))),
            };
            match (place, mapped) {
                (Some(place), _) => layout.at[*field as usize] = place,
                (None, Some((_, theirs))) => missing.push((field.name(), theirs.to_string())),
                (None, None) if *required => missing.push((field.name(), names[0].to_owned())),
                (None, None) => {}
            }
        }
        let Some((field, _)) = missing.first() else { return Ok(layout) };
        let lacking = missing.iter().map(|(field, column)| match field == column {
            true => format!("`{column}`"),
            false => format!("`{column}` (field `{field}`)"),
        });
        let lacking: Vec<_> = lacking.collect();
        let found: Vec<_> = headings.iter().take(40).map(|h| format!("`{h}`")).collect();
        let mend = match self.better_for(headings).filter(|_| mapping.is_empty()) {
            Some(other) => format!(
                "they are those of preset `{other}`: read it with `--preset {other}` (in a feed \
                 `preset = \"{other}\"`)"
            ),
            None => layout.mend(field, headings),
        };
        Err(usage(format!(
            "{file} has no column {} for preset `{}`; its columns are {}; {mend}",
            lacking.join(", "),
            self.name,
            found.join(", "),
        )))
    }
}

impl Preset {
    /// How many headings of a file are the preset's.
    fn known_in(&self, headings: &[String]) -> usize {
        self.fields().filter(|(field, _)| self.is_among(*field, headings, None)).count()
    }
    /// The preset that reads a file with these headings as they are and knows more of them than
    /// this one does.
    fn better_for(&self, headings: &[String]) -> Option<&'static str> {
        let has = |preset: &Preset, field| preset.is_among(field, headings, None);
        let fits = |preset: &&Preset| {
            preset.fields().all(|(field, required)| !required || has(preset, field))
        };
        let fitting = PRESETS.into_iter().filter(fits);
        let known = fitting.map(|preset| (preset.known_in(headings), preset.name));
        let (most, name) = known.max_by_key(|(known, _)| *known)?;
        (most > self.known_in(headings)).then_some(name)
    }
}

/// A flag's value as a shell takes it.
fn quoted(text: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '=' | '.');
    if text.chars().all(plain) {
        text.to_owned()
    } else {
        format!("'{}'", text.replace('\'', "'\\''"))
    }
}

/// Headings are the same if they differ only in case and in blanks, hyphens and underscores.
fn same(a: &str, b: &str) -> bool {
    let plain = |text: &str| -> String {
        let letters = text.chars().filter(|c| !matches!(c, ' ' | '_' | '-' | '\u{feff}'));
        letters.flat_map(char::to_lowercase).collect()
    };
    plain(a) == plain(b)
}

const FIELDS: usize = Field::ALL.len();
const NOWHERE: usize = usize::MAX;

/// Where each field lies in a row.
#[derive(Clone, Debug)]
pub struct Layout {
    at: [usize; FIELDS],
}

impl Layout {
    /// What to do about a field that a file lacks.
    fn mend(&self, field: &str, headings: &[String]) -> String {
        let free: Vec<_> =
            headings.iter().enumerate().filter(|(at, _)| !self.at.contains(at)).collect();
        match free.as_slice() {
            [] => format!("all of them are something else, so add a column `{field}` to the file"),
            all if all.len() == headings.len() => format!(
                "none of them is known: is this the right file? If it is, name each: `--column \
                 {field}=COLUMN`"
            ),
            [(_, only)] => {
                let flag = quoted(&format!("{field}={only}"));
                format!("name the right one, as in `--column {flag}`")
            }
            _ => format!("name the right one: `--column {field}=COLUMN`"),
        }
    }
    /// A field of a row; empty where the row or the file has none.
    pub fn get<'a>(&self, row: &'a ByteRecord, field: Field) -> &'a [u8] {
        row.get(self.at[field as usize]).unwrap_or_default().trim_ascii()
    }
    /// Whether a field is read from the column at this place.
    pub fn reads(&self, place: usize) -> bool {
        self.at.contains(&place)
    }
    /// Whether the file has the field.
    pub fn has(&self, field: Field) -> bool {
        self.at[field as usize] != NOWHERE
    }
    /// The field's column in a row, counted from 0.
    pub fn place(&self, field: Field) -> Option<usize> {
        self.has(field).then_some(self.at[field as usize])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headings(names: &[&str]) -> Vec<String> {
        names.iter().map(|n| (*n).to_owned()).collect()
    }

    #[test]
    fn the_original_headings_and_a_mapping_are_understood() {
        let preset = Preset::named("online-retail").unwrap();
        let theirs = headings(&["Invoice No", "StockCode", "Menge", "InvoiceDate", "Price"]);
        let mapping = [("qty".into(), "menge".into())];
        let layout = preset.layout("f.csv", &theirs, &mapping).unwrap();
        assert_eq!(layout.place(Field::Qty), Some(2));
        assert_eq!(layout.place(Field::OrderId), Some(0));
        assert!(!layout.has(Field::Country));
    }

    #[test]
    fn a_file_of_another_preset_is_told_by_name_and_no_table_at_all_is_asked_about() {
        let text = |preset: &str, names: &[&str]| {
            let layout = Preset::named(preset).unwrap().layout("f.csv", &headings(names), &[]);
            layout.unwrap_err().to_string()
        };
        let retail = ["Invoice", "StockCode", "Quantity", "InvoiceDate", "Price", "Country"];
        let told = text("orders", &retail);
        assert!(told.contains("`--preset online-retail`") && !told.contains("--column"), "{told}");
        let told = text("stock", &["order_id", "placed_at", "sku", "qty", "price"]);
        assert!(told.contains("`--preset orders`"), "{told}");
        let told = text("orders", &["# stockdeck"]);
        assert!(told.contains("is this the right file?"), "{told}");
        assert!(!told.contains("=# stockdeck"), "{told}");
        let told = text("online-retail", &["StockCode", "Quantity", "InvoiceDate", "Price", "No"]);
        assert!(told.contains("no column `invoice` (field `order_id`)"), "{told}");
        assert!(told.ends_with("`--column order_id=No`"), "{told}");
    }

    #[test]
    fn a_missing_column_is_one_sentence_with_the_mend() {
        let preset = Preset::named("orders").unwrap();
        let error = preset.layout("f.csv", &headings(&["Invoice", "sku"]), &[]).unwrap_err();
        let text = error.to_string();
        for part in ["f.csv", "`placed_at`", "`Invoice`", "--column order_id=Invoice"] {
            assert!(text.contains(part), "{part} in {text}");
        }
        let stock = Preset::named("stock").unwrap();
        let text =
            |names: &[&str]| stock.layout("s.csv", &headings(names), &[]).unwrap_err().to_string();
        let full = text(&["sku", "on_hand", "site"]);
        assert!(full.ends_with("so add a column `as_of` to the file"), "{full}");
        let free = text(&["sku", "on_hand", "stand", "bin"]);
        assert!(free.ends_with("`--column as_of=COLUMN`"), "{free}");
        let spaced = text(&["sku", "on_hand", "stand of"]);
        assert!(spaced.ends_with("`--column 'as_of=stand of'`"), "{spaced}");
        let wrong = [("colour".into(), "x".into())];
        let text = preset.layout("f", &[], &wrong).unwrap_err().to_string();
        assert!(text.contains("no field `colour`") && text.contains("placed_at"), "{text}");
        assert!(Preset::named("nope").unwrap_err().to_string().contains("online-retail"));
    }
}
