//! Lines to orders. Lines of one order may lie apart; an order is emitted after its last line.
//!
//! Conventions of the Online Retail set (preset `online-retail`):
//! - a code of five digits and up to two letters is a product, every other code a charge;
//! - an invoice that begins with `C` is a return, with another letter an adjustment;
//! - an invoice whose lines all have price 0 and are negative or name no customer is a stock
//!   write-off or a correction: an adjustment, and its lines move stock;
//! - everything is shipped when it is placed; an invoice that runs over midnight is split by day,
//!   the later days being `number/2`, `number/3`.

use super::dates::Dates;
use super::preset::{Field, Layout};
use super::text::{cleaned, decode, plain_number};
use crate::domain::text::clean;
use crate::domain::{
    Aside, Country, Currency, CustomerNote, CustomerRef, FeedId, LineClass, Money, Order, OrderKey,
    OrderKind, OrderLine, OrderNo, OrderStatus, PersonClear, Private, Qty, Record, Service, SiteId,
    Sku, Span, StockAdjustment, Timestamp, Traces, UnitPrice, Zone,
};
use crate::feed::pseudonym::Pseudonyms;
use csv::ByteRecord;
use rustc_hash::FxHashMap;
use std::sync::Arc;

/// The SKU as it is kept: trimmed and clean, upper-cased where the preset says so.
pub fn sku_text(bytes: &[u8], upper: bool) -> Box<str> {
    let text = clean(&decode(bytes));
    if upper { text.to_uppercase().into() } else { text.into() }
}

/// Five digits and up to two letters.
pub fn is_product_code(code: &str) -> bool {
    let (digits, letters) = code.as_bytes().split_at(code.len().min(5));
    digits.len() == 5
        && digits.iter().all(u8::is_ascii_digit)
        && letters.len() <= 2
        && letters.iter().all(u8::is_ascii_uppercase)
}

struct Line {
    at: Timestamp,
    line: OrderLine,
    remark: Option<Box<str>>,
}

struct Open {
    number: Box<str>,
    lines: Vec<Line>,
    customer: Option<CustomerRef>,
    country: Option<Country>,
    site: SiteId,
    status: Option<OrderStatus>,
    updated_at: Option<Timestamp>,
    shipped_at: Option<Timestamp>,
    note: Option<Box<str>>,
    /// Whether the file has no column that would tell how far it has come.
    untold: bool,
    traces: Traces,
    service: Service,
}

/// Orders of a file that tells neither status nor day of shipping are taken for shipped once they are as old.
const SHIPPED_BY: Span = Span::days(14);

/// What the rows of a file are read with.
pub struct Rules {
    /// The feed that orders belong to.
    pub feed: FeedId,
    /// Turns customers into pseudonyms.
    pub pseudonyms: Arc<Pseudonyms>,
    /// The zone of times without one.
    pub zone: Zone,
    /// The currency where no column tells it.
    pub currency: Option<Currency>,
    /// Whether numbers have a decimal comma.
    pub decimal_comma: bool,
    /// See the module.
    pub online_retail: bool,
    /// Domain time at which the reading began.
    pub asked: Timestamp,
}

/// People and SKUs that are remembered; beyond it the memory starts again.
const REMEMBERED: usize = 200_000;

/// Orders that have begun and not ended.
pub struct OrderBook {
    rules: Rules,
    open: FxHashMap<Box<[u8]>, Open>,
    private: Private,
    skus: FxHashMap<Box<[u8]>, (Sku, LineClass)>,
    people: FxHashMap<Box<[u8]>, Option<CustomerRef>>,
}

impl OrderBook {
    /// With nothing begun.
    pub fn new(rules: Rules) -> Self {
        OrderBook {
            rules,
            open: FxHashMap::default(),
            private: Private::default(),
            skus: FxHashMap::default(),
            people: FxHashMap::default(),
        }
    }

    /// Takes a row; the error says what is wrong with it and its order goes on without it.
    pub fn take(
        &mut self,
        layout: &Layout,
        row: &ByteRecord,
        dates: &mut Dates,
    ) -> Result<(), String> {
        let get = |field| layout.get(row, field);
        let number = get(Field::OrderId);
        if number.is_empty() {
            return Err("the order has no number".into());
        }
        let line = self.line(layout, row, dates)?;
        let mut time = |field| match get(field) {
            b"" => Ok(None),
            text => dates.read(text).map(Some).ok_or_else(|| not_a("time", field, text)),
        };
        let (updated_at, shipped_at) = (time(Field::UpdatedAt)?, time(Field::ShippedAt)?);
        let status = match get(Field::Status) {
            b"" => None,
            text => {
                Some(status_of(&decode(text)).ok_or_else(|| not_a("status", Field::Status, text))?)
            }
        };
        if let Some(open) = self.open.get_mut(number) {
            if let Some(first) = open.lines.first()
                && first.line.price.currency != line.line.price.currency
            {
                let (is, was) = (line.line.price.currency, first.line.price.currency);
                return Err(format!("the line is in {is} and its order in {was}"));
            }
            open.updated_at = open.updated_at.max(updated_at);
            open.shipped_at = open.shipped_at.or(shipped_at);
            open.status = open.status.or(status);
            open.lines.push(line);
            return Ok(());
        }
        let person = match get(Field::Customer) {
            b"" => get(Field::Email),
            customer => customer,
        };
        let customer = match self.people.get(person) {
            Some(known) => known.clone(),
            None => {
                if self.people.len() >= REMEMBERED {
                    self.people.clear();
                }
                let customer = self.rules.pseudonyms.of(&decode(person));
                self.people.insert(person.into(), customer.clone());
                customer
            }
        };
        if let Some(customer) = &customer {
            let told = person_of(layout, row);
            if !told.is_empty() {
                self.private.persons.push((customer.clone(), told));
            }
        }
        let open = Open {
            number: cleaned(number).ok_or("the order's number holds no visible character")?,
            lines: vec![line],
            customer,
            country: cleaned(get(Field::Country)).map(Country::new),
            site: cleaned(get(Field::Site)).map_or_else(SiteId::main, SiteId::new),
            status,
            updated_at,
            shipped_at,
            note: cleaned(get(Field::Note)),
            untold: !layout.has(Field::Status) && !layout.has(Field::ShippedAt),
            traces: self.traces(layout, row),
            service: service(layout, row, dates),
        };
        self.open.insert(number.into(), open);
        Ok(())
    }

    /// Whose account it is and where it goes, where the file tells an address: a customer's id is that of an
    /// account.
    fn traces(&self, layout: &Layout, row: &ByteRecord) -> Traces {
        let told = |field| decode(layout.get(row, field));
        let ship_to = self.rules.pseudonyms.address(&[&told(Field::Address)]);
        let account = ship_to.and_then(|_| self.rules.pseudonyms.account(&told(Field::Customer)));
        Traces { account, ship_to, ..Traces::default() }
    }

    fn line(
        &mut self,
        layout: &Layout,
        row: &ByteRecord,
        dates: &mut Dates,
    ) -> Result<Line, String> {
        let get = |field| layout.get(row, field);
        let time = get(Field::PlacedAt);
        let at = dates.read(time).ok_or_else(|| not_a("time", Field::PlacedAt, time))?;
        let comma = self.rules.decimal_comma;
        let text = get(Field::Qty);
        let qty = Qty::parse(&plain_number(text, comma))
            .ok_or_else(|| not_a("quantity", Field::Qty, text))?;
        let currency = currency(get(Field::Currency), self.rules.currency)?;
        let text = get(Field::Price);
        let price = UnitPrice::parse(&plain_number(text, comma), currency)
            .ok_or_else(|| not_a("price", Field::Price, text))?;
        let (sku, class) = self.sku(get(Field::Sku))?;
        let remark = (self.rules.online_retail && price.e4 == 0)
            .then(|| cleaned(get(Field::Name)).unwrap_or_else(|| "no reason given".into()));
        Ok(Line { at, line: OrderLine { sku, class, qty, cancelled: Qty::ZERO, price }, remark })
    }

    fn sku(&mut self, bytes: &[u8]) -> Result<(Sku, LineClass), String> {
        if let Some(known) = self.skus.get(bytes) {
            return Ok(known.clone());
        }
        let text = sku_text(bytes, self.rules.online_retail);
        if text.is_empty() {
            return Err("the line has no SKU".into());
        }
        let charge = self.rules.online_retail && !is_product_code(&text);
        let class = if charge { LineClass::Charge } else { LineClass::Product };
        if self.skus.len() >= REMEMBERED {
            self.skus.clear();
        }
        self.skus.insert(bytes.into(), (Sku::new(text.clone()), class));
        Ok((Sku::new(text), class))
    }

    /// What the rows taken and the orders ended since the last call say of people.
    pub fn take_private(&mut self) -> Private {
        std::mem::take(&mut self.private)
    }

    /// Ends the order with this number and hands over its records.
    pub fn close(&mut self, number: &[u8], into: &mut impl Extend<Record>) {
        if let Some(open) = self.open.remove(number) {
            self.emit(open, into);
        }
    }
    /// Ends whatever is open, by number.
    pub fn close_all(&mut self, into: &mut impl Extend<Record>) {
        let mut rest: Vec<Open> = std::mem::take(&mut self.open).into_values().collect();
        rest.sort_by(|a, b| a.number.cmp(&b.number));
        rest.into_iter().for_each(|open| self.emit(open, into));
    }

    fn emit(&mut self, mut open: Open, into: &mut impl Extend<Record>) {
        if !self.rules.online_retail {
            let order = self.order(&open, &open.number, &open.lines);
            self.private.notes.extend(open.note.take().map(|text| CustomerNote {
                order: order.key.clone(),
                customer: order.customer.clone(),
                at: order.updated_at,
                text,
            }));
            return into.extend([Record::Order(order)]);
        }
        let day = |line: &Line| line.at.day(&self.rules.zone);
        let one_day = open.lines.windows(2).all(|pair| match pair {
            [a, b] => a.at == b.at || day(a) == day(b),
            _ => true,
        });
        if !one_day {
            // Stable: within a day the lines stay as they were.
            open.lines.sort_by_key(day);
        }
        for (k, lines) in open.lines.chunk_by(|a, b| one_day || day(a) == day(b)).enumerate() {
            let number: Box<str> = match k {
                0 => open.number.clone(),
                k => format!("{}/{}", open.number, k + 1).into(),
            };
            let order = self.order(&open, &number, lines);
            if order.kind == OrderKind::Adjustment {
                into.extend(self.stock_moves(&order, lines));
            }
            into.extend([Record::Order(order)]);
        }
    }

    fn stock_moves(&self, order: &Order, lines: &[Line]) -> Vec<Record> {
        let moves = lines.iter().enumerate().filter(|(_, l)| l.line.class == LineClass::Product);
        moves
            .filter_map(|(k, line)| {
                let reason = line.remark.clone()?;
                Some(Record::Adjustment(StockAdjustment {
                    id: format!("{}/{}#{}", order.key.feed, order.key.number, k + 1).into(),
                    sku: line.line.sku.clone(),
                    site: order.site.clone(),
                    delta: line.line.qty,
                    at: line.at,
                    reason,
                }))
            })
            .collect()
    }

    fn order(&self, open: &Open, number: &str, lines: &[Line]) -> Order {
        let placed_at = lines.iter().map(|l| l.at).min().unwrap_or_default();
        let currency = lines.first().map_or(Currency::GBP, |l| l.line.price.currency);
        let total = lines.iter().map(|l| l.line.price.times(l.line.qty)).fold(
            Money::zero(currency),
            |sum, amount| Money { minor: sum.minor.saturating_add(amount.minor), currency },
        );
        let online = self.rules.online_retail;
        let shipped_at = if online { Some(placed_at) } else { open.shipped_at };
        let status = match open.status {
            Some(status) => status,
            None if shipped_at.is_some() => OrderStatus::Shipped,
            None if open.untold && placed_at < self.rules.asked - SHIPPED_BY => {
                OrderStatus::Shipped
            }
            None => OrderStatus::Open,
        };
        Order {
            key: OrderKey { feed: self.rules.feed.clone(), number: OrderNo::new(number) },
            kind: if online { invoice_kind(open, lines) } else { kind_by_sign(lines) },
            status,
            placed_at,
            updated_at: open.updated_at.unwrap_or(placed_at),
            shipped_at,
            site: open.site.clone(),
            customer: open.customer.clone(),
            country: open.country.clone(),
            total,
            aside: Aside {
                noted: open.note.is_some(),
                traces: open.traces.clone(),
                service: open.service.clone(),
            },
            lines: lines.iter().map(|l| l.line.clone()).collect(),
        }
    }
}

/// How an order is to ship, as its first row has it. A promise that is no day ("as soon as possible") is none:
/// the order is worth more than its promise.
fn service(layout: &Layout, row: &ByteRecord, dates: &mut Dates) -> Service {
    let get = |field| layout.get(row, field);
    Service {
        method: cleaned(get(Field::ShippingMethod)),
        promised: dates.day(get(Field::PromisedOn)),
        complete: Service::yes(&decode(get(Field::ShipComplete))),
    }
}

fn person_of(layout: &Layout, row: &ByteRecord) -> PersonClear {
    let told = |field| cleaned(layout.get(row, field)).into_iter().collect();
    PersonClear {
        names: told(Field::PersonName),
        emails: told(Field::Email),
        phones: told(Field::Phone),
        addresses: told(Field::Address),
    }
}

fn invoice_kind(open: &Open, lines: &[Line]) -> OrderKind {
    let correction =
        |l: &Line| l.line.price.e4 == 0 && (l.line.qty.is_negative() || open.customer.is_none());
    match open.number.chars().next() {
        Some('C' | 'c') => OrderKind::Return,
        Some(c) if c.is_alphabetic() => OrderKind::Adjustment,
        _ if lines.iter().all(correction) => OrderKind::Adjustment,
        _ => OrderKind::Sale,
    }
}

fn kind_by_sign(lines: &[Line]) -> OrderKind {
    let back = lines.iter().all(|l| l.line.qty.is_negative());
    if back { OrderKind::Return } else { OrderKind::Sale }
}

/// The currency of a row: its column's, else the given one.
pub fn currency(text: &[u8], given: Option<Currency>) -> Result<Currency, String> {
    match text {
        b"" => given.ok_or_else(|| {
            "no currency is given; add a column `currency` or set the feed's currency".to_owned()
        }),
        text => {
            Currency::parse(&decode(text)).ok_or_else(|| not_a("currency", Field::Currency, text))
        }
    }
}

/// One sentence on a field that cannot be read.
pub fn not_a(what: &str, field: Field, text: &[u8]) -> String {
    let name = field.name();
    let shown: String = clean(&decode(text)).chars().take(40).collect();
    if shown.is_empty() {
        return format!("`{name}` is empty and a {what} is due");
    }
    format!("`{name}` is `{shown}`, which is no {what}")
}

fn status_of(word: &str) -> Option<OrderStatus> {
    Some(match word.trim().to_lowercase().replace(['_', ' '], "-").as_str() {
        "pending" | "unpaid" | "awaiting-payment" => OrderStatus::Pending,
        "open" | "new" | "paid" | "processing" | "confirmed" => OrderStatus::Open,
        "held" | "hold" | "on-hold" => OrderStatus::Held,
        "shipped" | "completed" | "complete" | "delivered" | "fulfilled" => OrderStatus::Shipped,
        "cancelled" | "canceled" | "void" => OrderStatus::Cancelled,
        "refunded" => OrderStatus::Refunded,
        "failed" => OrderStatus::Failed,
        "gone" | "deleted" => OrderStatus::Gone,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn product_codes_are_five_digits_and_up_to_two_letters() {
        for (code, product) in [
            ("85123A", true),
            ("22423", true),
            ("15056BL", true),
            ("POST", false),
            ("2242", false),
            ("224233", false),
            ("22423ABC", false),
            ("DCGS0058", false),
            ("2242é", false),
            ("", false),
        ] {
            assert_eq!(is_product_code(code), product, "{code}");
        }
    }
}
