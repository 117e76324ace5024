//! A WooCommerce order, with its refunds, as a domain order.
//!
//! The order's number is WooCommerce's `id`: it is what the API asks and answers by. The `number`
//! that some plug-ins show to customers may differ.

use super::Config;
use super::tolerant::{id, items, list, meta, moment, money, price, qty, reference, scalar, words};
use crate::domain::person::one_line;
use crate::domain::{
    AddressRef, Aside, Country, Currency, CustomerNote, FeedId, LineClass, Order, OrderKey,
    OrderKind, OrderLine, OrderNo, OrderStatus, PersonClear, Private, Qty, Service, SiteId, Sku,
    Timestamp, Traces, UnitPrice, text,
};
use crate::feed::pseudonym::Pseudonyms;
use serde_json::Value;

/// The `meta_data` key under which an order may name the site that it ships from.
pub(super) const SITE_META: &str = "_stockdeck_site";
/// The keys under which the day of a promise is looked for: ours, then those of the usual plug-ins for
/// delivery dates.
const PROMISED_META: [&str; 4] =
    ["_stockdeck_promised", "delivery_date", "jckwds_date_ymd", "_orddd_timestamp"];
/// The `meta_data` key under which an order may say that it ships in full or not at all.
const COMPLETE_META: &str = "_stockdeck_ship_complete";
/// The `meta_data` key under which a refund's line names the order's line.
const REFUNDED_LINE_META: &str = "_refunded_item_id";
/// What of an order may be shown when it is not understood: nothing about a person.
pub(super) const SHOWN: &[&str] =
    &["id", "status", "currency", "total", "date_created_gmt", "date_modified_gmt", "line_items"];

/// What is needed to read an order.
pub(super) struct Reading<'a> {
    pub feed: &'a FeedId,
    pub config: &'a Config,
    pub pseudonyms: &'a Pseudonyms,
}

/// What became of an order in the shop.
pub(super) enum Told {
    /// It is there.
    Order(Box<Order>),
    /// It is in the bin.
    Trashed,
}

impl Reading<'_> {
    /// The order's key.
    pub fn key(&self, number: u64) -> OrderKey {
        OrderKey { feed: self.feed.clone(), number: OrderNo::new(number.to_string()) }
    }

    /// Reads an order with the lines of its refunds; the error is the reason in one sentence.
    pub fn order(&self, json: &Value, refunds: &[Value]) -> Result<Told, String> {
        let number = reference(json, "id").ok_or("it has no id")?;
        let currency = match scalar(json, "currency") {
            Some(code) => Currency::parse(&code)
                .ok_or_else(|| format!("\"{}\" is no currency", text::clean(&code)))?,
            None => self.config.currency,
        };
        let placed_at = moment(json, "date_created", &self.config.zone)
            .ok_or("it has no date_created_gmt that can be read")?;
        let updated_at = moment(json, "date_modified", &self.config.zone).unwrap_or(placed_at);
        let status = scalar(json, "status").ok_or("it has no status")?;
        let completed = moment(json, "date_completed", &self.config.zone);
        let total = money(json, "total", currency).ok_or("its total is no amount")?;
        let Some(mut status) = status_of(&status, completed.is_some()) else {
            return Ok(Told::Trashed);
        };
        let was_shipped = matches!(status, OrderStatus::Shipped | OrderStatus::Refunded);
        let shipped_at = completed
            .or((status == OrderStatus::Shipped).then_some(updated_at))
            .filter(|_| was_shipped);
        let mut lines = self.lines(json, currency)?;
        call_off(&mut lines, refunds, shipped_at, &self.config.zone);
        if status == OrderStatus::Refunded && shipped_at.is_none() {
            for (_, _, line) in &mut lines {
                line.cancelled = line.qty;
            }
        }
        if status == OrderStatus::Shipped && paid_back(json, currency) >= total.minor.max(1) {
            status = OrderStatus::Refunded;
        }
        let site = meta(json, SITE_META).map(SiteId::new);
        Ok(Told::Order(Box::new(Order {
            key: self.key(number),
            kind: OrderKind::Sale,
            status,
            placed_at,
            updated_at,
            shipped_at,
            site: site.unwrap_or_else(|| self.config.site.clone()),
            customer: self.customer(json),
            country: country(json),
            total,
            aside: Aside {
                noted: words(json, "customer_note").is_some(),
                traces: self.traces(json),
                service: service(json),
            },
            lines: lines.into_iter().map(|(_, _, line)| line).collect(),
        })))
    }

    pub fn customer(&self, json: &Value) -> Option<crate::domain::CustomerRef> {
        let email = json.get("billing").and_then(|billing| scalar(billing, "email"));
        let identifier =
            email.or_else(|| reference(json, "customer_id").map(|n| format!("customer:{n}")))?;
        self.pseudonyms.of(&identifier)
    }

    /// Under whose account it is, and where goods and bill go. The country is no part of an address: shops
    /// leave it out, or write it in several ways.
    fn traces(&self, json: &Value) -> Traces {
        let address = |of: &str| -> Option<AddressRef> {
            let part = |key| json.get(of).and_then(|address| words(address, key));
            let street = [part("address_1")?, part("address_2").unwrap_or_default()];
            let town = part("postcode").or_else(|| part("city")).unwrap_or_default();
            self.pseudonyms.address(&[&street[0], &street[1], &town])
        };
        let bill_to = address("billing");
        let ship_to = address("shipping").or(bill_to);
        let account = reference(json, "customer_id").map(|id| id.to_string());
        Traces {
            account: account.and_then(|id| self.pseudonyms.account(&id)),
            ship_to,
            bill_to: bill_to.filter(|bill_to| Some(*bill_to) != ship_to),
            bill_country: country_of(json, "billing")
                .filter(|of| Some(of) != country(json).as_ref()),
        }
    }

    /// What the order says of people in clear; nothing of who has no pseudonym but their note.
    pub fn private(&self, json: &Value) -> Private {
        let mut private = Private::default();
        let Some(number) = reference(json, "id") else { return private };
        let customer = self.customer(json);
        if let Some(customer) = &customer {
            let person = person(json);
            if !person.is_empty() {
                private.persons.push((customer.clone(), person));
            }
        }
        if let Some(text) = words(json, "customer_note") {
            let at = moment(json, "date_modified", &self.config.zone);
            let at = at.or_else(|| moment(json, "date_created", &self.config.zone));
            private.notes.push(CustomerNote {
                order: self.key(number),
                customer,
                at: at.unwrap_or_default(),
                text: text.into(),
            });
        }
        private
    }

    fn lines(&self, json: &Value, currency: Currency) -> Result<Vec<Line>, String> {
        let lines = json.get("line_items").ok_or("it has no line_items")?;
        let lines = items(lines).ok_or("its line_items are no list")?;
        lines.into_iter().map(|line| read_line(line, currency)).collect()
    }
}

/// How the order is to ship: the title of its shipping line, and what meta data promise. A promise that is
/// no day is none.
fn service(json: &Value) -> Service {
    let method =
        list(json, "shipping_lines").into_iter().find_map(|line| words(line, "method_title"));
    let promised = PROMISED_META.into_iter().find_map(|key| Service::day(&meta(json, key)?));
    Service {
        method: method.map(Into::into),
        promised,
        complete: meta(json, COMPLETE_META).and_then(|text| Service::yes(&text)),
    }
}

/// Who ordered and who receives it.
fn person(json: &Value) -> PersonClear {
    let mut person = PersonClear::default();
    for address in ["billing", "shipping"].into_iter().filter_map(|key| json.get(key)) {
        let part = |key| words(address, key);
        let name = [part("first_name"), part("last_name")];
        let name = name.into_iter().flatten().collect::<Vec<_>>().join(" ");
        let town = [part("postcode"), part("city")];
        let town = town.into_iter().flatten().collect::<Vec<_>>().join(" ");
        let street = one_line(&[part("company"), part("address_1"), part("address_2")]);
        let place = one_line(&[
            (!street.is_empty()).then(|| street.to_string()),
            Some(town),
            part("state"),
            // A country alone is no address.
            (!street.is_empty()).then(|| part("country")).flatten(),
        ]);
        person.merge(PersonClear {
            names: vec![text::clean(&name).into()],
            emails: part("email").map(Into::into).into_iter().collect(),
            phones: part("phone").map(Into::into).into_iter().collect(),
            addresses: vec![place],
        });
    }
    person
}

/// The line's own id, what it sells, and the line.
type Line = (Option<u64>, (Option<u64>, Option<u64>), OrderLine);

fn read_line(json: &Value, currency: Currency) -> Result<Line, String> {
    let number = reference(json, "id");
    let at = number.map(|n| format!("line {n}")).unwrap_or_else(|| "a line".into());
    let qty = qty(json, "quantity").ok_or_else(|| format!("{at} has no quantity that is one"))?;
    let total = price(json, "total", currency).or_else(|| price(json, "subtotal", currency));
    let total = total.ok_or_else(|| format!("{at} has no total that is an amount"))?;
    let product = (reference(json, "product_id"), reference(json, "variation_id"));
    // A line of a product that the shop has deleted names none; there is no stock that it could move.
    let known = product.0.is_some() || id(json, "sku").is_some();
    let class = if known { LineClass::Product } else { LineClass::Charge };
    let sku = sku(json, product.0, product.1);
    Ok((
        number,
        product,
        OrderLine { sku, class, qty, cancelled: Qty::ZERO, price: per_unit(total, qty) },
    ))
}

/// The SKU as the shop writes it; where it has none, one made of the ids, which stay the same.
pub(super) fn sku(json: &Value, product: Option<u64>, variation: Option<u64>) -> Sku {
    match (id(json, "sku"), product, variation) {
        (Some(sku), _, _) => Sku::new(sku),
        (None, product, None) => Sku::new(format!("id:{}", product.unwrap_or(0))),
        (None, product, Some(variation)) => {
            Sku::new(format!("id:{}-{variation}", product.unwrap_or(0)))
        }
    }
}

fn per_unit(total: UnitPrice, qty: Qty) -> UnitPrice {
    let milli = i128::from(qty.as_milli());
    if milli == 0 {
        return UnitPrice { e4: 0, currency: total.currency };
    }
    let (exact, by) = (i128::from(total.e4) * 1000 * milli.signum(), milli.abs());
    let half = if exact < 0 { -by / 2 } else { by / 2 };
    let e4 = ((exact + half) / by).clamp(i64::MIN.into(), i64::MAX.into()) as i64;
    UnitPrice { e4, currency: total.currency }
}

/// `None`: in the bin.
fn status_of(status: &str, completed: bool) -> Option<OrderStatus> {
    let status = status.to_ascii_lowercase();
    Some(match status.strip_prefix("wc-").unwrap_or(&status) {
        "pending" | "checkout-draft" | "auto-draft" | "draft" => OrderStatus::Pending,
        "processing" => OrderStatus::Open,
        "on-hold" => OrderStatus::Held,
        "completed" | "shipped" | "delivered" => OrderStatus::Shipped,
        "cancelled" | "canceled" => OrderStatus::Cancelled,
        "refunded" => OrderStatus::Refunded,
        "failed" => OrderStatus::Failed,
        "trash" => return None,
        // A shop's own status stands between payment and shipping, unless it came after.
        _ if completed => OrderStatus::Shipped,
        _ => OrderStatus::Open,
    })
}

fn country(json: &Value) -> Option<Country> {
    country_of(json, "shipping").or_else(|| country_of(json, "billing"))
}

fn country_of(json: &Value, address: &str) -> Option<Country> {
    let country = json.get(address).and_then(|address| id(address, "country"))?;
    let code = country.len() == 2 && country.bytes().all(|b| b.is_ascii_alphabetic());
    Some(Country::new(if code { country.to_ascii_uppercase() } else { country }))
}

/// How much the order's short list of refunds pays back, in minor units.
fn paid_back(json: &Value, currency: Currency) -> i64 {
    let amounts = list(json, "refunds").into_iter().filter_map(|r| money(r, "total", currency));
    amounts.map(|amount| amount.minor.saturating_abs()).fold(0, i64::saturating_add)
}

/// Takes off what was paid back before the goods left; afterwards it is a return, and the units
/// stay sold.
fn call_off(
    lines: &mut [Line],
    refunds: &[Value],
    shipped_at: Option<Timestamp>,
    zone: &crate::domain::Zone,
) {
    for refund in refunds {
        let after = |shipped| moment(refund, "date_created", zone).is_none_or(|at| at >= shipped);
        if shipped_at.is_some_and(after) {
            continue;
        }
        for item in list(refund, "line_items") {
            let Some(units) = qty(item, "quantity").map(Qty::abs) else { continue };
            let number = meta(item, REFUNDED_LINE_META).and_then(|n| n.parse::<u64>().ok());
            let product = (reference(item, "product_id"), reference(item, "variation_id"));
            let line = match number {
                Some(number) => lines.iter_mut().find(|(n, _, _)| *n == Some(number)),
                None => lines
                    .iter_mut()
                    .find(|(_, sold, line)| *sold == product && line.standing().is_positive()),
            };
            if let Some((_, _, line)) = line {
                line.cancelled = (line.cancelled + units).min(line.qty.at_least_zero());
            }
        }
    }
}

/// Whether the order's refunds have to be fetched to know what still stands of it.
pub(super) fn has_refunds(json: &Value) -> bool {
    !list(json, "refunds").is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn price_of(total: &str, qty: &str) -> String {
        let total = UnitPrice::parse(total, Currency::GBP).unwrap();
        per_unit(total, Qty::parse(qty).unwrap()).to_string()
    }

    #[test]
    fn a_unit_price_is_exact_and_rounded_once() {
        assert_eq!(price_of("6.00", "2"), "3.00");
        assert_eq!(price_of("10.00", "3"), "3.3333");
        assert_eq!(price_of("20.00", "3"), "6.6667");
        assert_eq!(price_of("5.00", "2.5"), "2.00");
        assert_eq!(price_of("-6.00", "-2"), "3.00");
        assert_eq!(price_of("6.00", "0"), "0.00");
    }

    #[test]
    fn a_shipping_line_and_meta_data_tell_how_an_order_ships() {
        let told = |meta: Value| {
            service(&serde_json::json!({
                "shipping_lines": [{"method_title": "Express &amp; tracked"}],
                "meta_data": meta,
            }))
        };
        let plain = told(serde_json::json!([]));
        assert_eq!(plain.method.as_deref(), Some("Express & tracked"));
        assert_eq!((plain.promised, plain.complete), (None, None));
        for (key, value) in [
            ("_stockdeck_promised", serde_json::json!("2026-12-03")),
            ("delivery_date", serde_json::json!("2026-12-03")),
            ("jckwds_date_ymd", serde_json::json!(20261203)),
            ("_orddd_timestamp", serde_json::json!("1796256000")),
        ] {
            let asked = told(serde_json::json!([
                {"key": key, "value": value},
                {"key": "_stockdeck_ship_complete", "value": "yes"},
            ]));
            assert_eq!(asked.promised, crate::domain::Day::parse("2026-12-03"), "{key}");
            assert_eq!(asked.complete, Some(true));
        }
        let nonsense = serde_json::json!([{"key": "delivery_date", "value": "as soon as you can"}]);
        assert_eq!(told(nonsense).promised, None);
        assert_eq!(service(&serde_json::json!({})), Service::default());
    }

    #[test]
    fn statuses_of_plug_ins_fall_into_a_place() {
        assert_eq!(status_of("wc-on-hold", false), Some(OrderStatus::Held));
        assert_eq!(status_of("awaiting-pickup", false), Some(OrderStatus::Open));
        assert_eq!(status_of("picked-up", true), Some(OrderStatus::Shipped));
        assert_eq!(status_of("trash", false), None);
    }
}
