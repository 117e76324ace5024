//! Orders and refunds in WooCommerce's shape.

use super::wire::{Links, Meta, Nothing, Pounds, Stamp};
use crate::domain::Zone;
use crate::feed::demo::calendar::express_day;
use crate::feed::demo::catalogue::SITES;
use crate::feed::demo::customers::{COUNTRIES, Person, person, scramble};
use crate::feed::demo::rows::*;
use crate::feed::demo::{HOSTILE_NOTES, HOSTILE_ONE_IN, Merchant, NOTES, TakenOver};
use serde::Serialize;
use std::borrow::Cow;

/// Number of the first refund; refunds share WordPress's numbers with everything else.
const FIRST_REFUND: u64 = 50_000_001;
/// Numbers of what is said of express orders stand so far beside those of the rest.
const EXPRESS_META: u64 = 200_000_001;
/// Numbers of order lines and their like.
const FIRST_LINE: u64 = 100_000_001;

/// An order as `GET /orders/{id}` shows it.
#[derive(Serialize)]
pub struct OrderShape<'a> {
    id: u32,
    parent_id: u32,
    number: String,
    order_key: String,
    created_via: &'static str,
    version: &'static str,
    status: &'static str,
    currency: &'static str,
    date_created: Stamp<'a>,
    date_created_gmt: Stamp<'a>,
    date_modified: Stamp<'a>,
    date_modified_gmt: Stamp<'a>,
    discount_total: Pounds,
    discount_tax: Pounds,
    shipping_total: Pounds,
    shipping_tax: Pounds,
    cart_tax: Pounds,
    total: Amount,
    total_tax: Pounds,
    prices_include_tax: bool,
    customer_id: u32,
    customer_ip_address: &'static str,
    customer_user_agent: &'static str,
    customer_note: &'static str,
    billing: Billing<'a>,
    shipping: Address<'a>,
    payment_method: &'static str,
    payment_method_title: &'static str,
    transaction_id: &'static str,
    date_paid: Stamp<'a>,
    date_paid_gmt: Stamp<'a>,
    date_completed: Stamp<'a>,
    date_completed_gmt: Stamp<'a>,
    cart_hash: &'static str,
    meta_data: Vec<Meta<'a>>,
    line_items: Vec<LineShape<'a>>,
    tax_lines: Nothing,
    shipping_lines: [Postage; 1],
    fee_lines: Nothing,
    coupon_lines: Nothing,
    refunds: Vec<RefundNote>,
    _links: Links,
}

#[derive(Serialize)]
struct Address<'a> {
    first_name: &'a str,
    last_name: &'a str,
    company: &'a str,
    address_1: &'a str,
    address_2: &'static str,
    city: &'a str,
    state: &'static str,
    postcode: &'a str,
    country: &'static str,
}

#[derive(Serialize)]
struct Billing<'a> {
    #[serde(flatten)]
    address: Address<'a>,
    email: &'a str,
    phone: &'a str,
}

#[derive(Serialize)]
struct LineShape<'a> {
    id: u64,
    name: &'a str,
    product_id: u64,
    variation_id: u64,
    quantity: i64,
    tax_class: &'static str,
    subtotal: Pounds,
    subtotal_tax: Pounds,
    total: Pounds,
    total_tax: Pounds,
    taxes: Nothing,
    meta_data: Nothing,
    sku: &'a str,
    price: f64,
}

#[derive(Serialize)]
struct Postage {
    id: u64,
    method_title: &'static str,
    method_id: &'static str,
    total: Pounds,
    total_tax: Pounds,
    taxes: Nothing,
    meta_data: Nothing,
}

#[derive(Serialize)]
struct RefundNote {
    id: u64,
    reason: &'static str,
    total: Pounds,
}

/// A refund as `GET /orders/{id}/refunds` shows it.
#[derive(Serialize)]
pub struct RefundShape<'a> {
    id: u64,
    date_created: Stamp<'a>,
    date_created_gmt: Stamp<'a>,
    amount: Pounds,
    reason: &'static str,
    refunded_by: u32,
    refunded_payment: bool,
    meta_data: Nothing,
    line_items: Vec<LineShape<'a>>,
    _links: Links,
}

/// Number of an item as a product or variation.
pub fn item_id(item: u16) -> u64 {
    1_001 + u64::from(item)
}

/// Number of a variable product.
pub fn family_id(family: u16) -> u64 {
    901_001 + u64::from(family)
}

/// An amount, or what stands where one should be.
#[derive(Serialize)]
#[serde(untagged)]
enum Amount {
    Pounds(Pounds),
    Words(&'static str),
}

/// The people behind an order.
pub struct Who {
    /// The customer.
    own: Person,
    /// Whoever uses their account.
    other: Option<TakenOver>,
}

fn country_of(country: u8) -> &'static str {
    COUNTRIES[usize::from(country)].0
}

/// Makes shapes; made once for a request.
pub struct Shaper<'a> {
    /// Whose orders.
    pub merchant: &'a Merchant,
    /// The shop's zone.
    pub zone: &'a Zone,
    /// Address of the API, such as `http://127.0.0.1:1/wp-json/wc/v3`.
    pub base: &'a str,
}

/// Value added tax is due at home only, 20 percent.
fn tax(country: &str, pence: i64) -> i64 {
    if country == "GB" { (pence + 2).div_euclid(5) } else { 0 }
}

impl<'a> Shaper<'a> {
    /// The people behind orders, which shapes borrow from.
    pub fn people(&self, orders: &[u32]) -> Vec<Who> {
        let whose = |order: &u32| {
            let customer = self.merchant.orders()[*order as usize].customer;
            let of = self.merchant.customer(customer).unwrap_or(&self.merchant.customers()[0]);
            Who { own: person(customer, of), other: self.merchant.taken_over(*order) }
        };
        orders.iter().map(whose).collect()
    }

    /// An order, by index.
    pub fn order<'s>(&'s self, index: u32, who: &'s Who) -> OrderShape<'s> {
        let order = &self.merchant.orders()[index as usize];
        let country = self.country(order);
        let pence = self.merchant.told_pence(order);
        let id = FIRST_ORDER + index;
        let line_items: Vec<LineShape<'s>> = self
            .merchant
            .told_lines(order)
            .map(|(i, line)| {
                let id = FIRST_LINE + u64::from(order.first_line) + u64::from(i);
                self.line(id, line, i64::from(line.qty), (country, &pence))
            })
            .collect();
        let goods: i64 = line_items.iter().map(|line| line.total.0).sum();
        let before: i64 = line_items.iter().map(|line| line.subtotal.0).sum();
        let cart_tax: i64 = line_items.iter().map(|line| line.total_tax.0).sum();
        let postage = pence(i64::from(order.postage));
        let shipping_tax = tax(country, postage);
        let paid = order.paid;
        let nameless = self.merchant.lacks_customer(order);
        let contact = who.other.as_ref().map_or(&who.own, |other| &other.thief);
        let target = who.other.as_ref().map_or(country, |other| country_of(other.country));
        let (told_country, told_target) = match self.merchant.lacks_country(order) {
            true => ("", ""),
            false => (country, target),
        };
        let refunds = self
            .merchant
            .told_refunds(index)
            .map(|(refund, row, back)| RefundNote {
                id: FIRST_REFUND + u64::from(refund),
                reason: row.reason,
                total: Pounds(-self.refunded(&back, order, country)),
            })
            .collect();
        OrderShape {
            id,
            parent_id: 0,
            number: id.to_string(),
            order_key: format!("wc_order_{:013x}", scramble(u64::from(id)) >> 12),
            created_via: "checkout",
            version: "9.4.2",
            status: order.status.word(),
            currency: "GBP",
            date_created: self.local(order.placed),
            date_created_gmt: Stamp(order.placed, None),
            date_modified: self.local(order.modified),
            date_modified_gmt: Stamp(order.modified, None),
            discount_total: Pounds(before - goods),
            discount_tax: Pounds(tax(country, before - goods)),
            shipping_total: Pounds(postage),
            shipping_tax: Pounds(shipping_tax),
            cart_tax: Pounds(cart_tax),
            total: match self.merchant.lacks_total(order) {
                true => Amount::Words("n/a"),
                false => Amount::Pounds(Pounds(goods + cart_tax + postage + shipping_tax)),
            },
            total_tax: Pounds(cart_tax + shipping_tax),
            prices_include_tax: false,
            customer_id: if nameless || self.is_guest(order) { 0 } else { order.customer + 1 },
            customer_ip_address: "192.0.2.17",
            customer_user_agent: "Mozilla/5.0",
            customer_note: self.note(index, order),
            billing: Billing {
                address: address(&who.own, told_country),
                email: if nameless { "" } else { &contact.email },
                phone: &contact.phone,
            },
            shipping: Address {
                first_name: &who.own.first,
                last_name: who.own.last,
                ..address(contact, told_target)
            },
            payment_method: "stripe",
            payment_method_title: "Credit card",
            transaction_id: "",
            date_paid: self.local(paid),
            date_paid_gmt: Stamp(paid, None),
            date_completed: self.local(order.completed),
            date_completed_gmt: Stamp(order.completed, None),
            cart_hash: "",
            meta_data: self.meta(id, order),
            line_items,
            tax_lines: [],
            shipping_lines: [Postage {
                id: u64::from(id) + 400_000_000,
                method_title: match (order.express, postage) {
                    (true, _) => "Express",
                    (false, 0) => "Free shipping",
                    (false, _) => "Flat rate",
                },
                method_id: if postage == 0 { "free_shipping" } else { "flat_rate" },
                total: Pounds(postage),
                total_tax: Pounds(shipping_tax),
                taxes: [],
                meta_data: [],
            }],
            fee_lines: [],
            coupon_lines: [],
            refunds,
            _links: Links::new(&format!("{}/orders", self.base), id.into(), None),
        }
    }

    /// Its site, and of an express order the day for which it is promised.
    fn meta(&self, id: u32, order: &OrderRow) -> Vec<Meta<'static>> {
        let meta = |place: u64, key, value| Meta { id: u64::from(id) * 2 + place, key, value };
        let site = SITES[usize::from(order.site)].0;
        let mut all = vec![
            meta(0, "_stockdeck_site", Cow::Borrowed(site)),
            meta(1, "_order_stock_reduced", Cow::Borrowed("yes")),
        ];
        if order.express {
            let day = express_day(order.placed, self.zone);
            all.push(meta(EXPRESS_META, "_stockdeck_promised", Cow::Owned(day.to_string())));
        }
        all
    }

    /// An order's refunds, newest first; quantities and totals are negative.
    pub fn refunds(&self, index: u32) -> Vec<RefundShape<'_>> {
        let order = &self.merchant.orders()[index as usize];
        let lines = self.merchant.lines_of(order);
        let country = self.country(order);
        let pence = self.merchant.told_pence(order);
        let parent = format!("{}/orders/{}", self.base, FIRST_ORDER + index);
        let mut shapes: Vec<RefundShape<'_>> = self
            .merchant
            .told_refunds(index)
            .map(|(refund, row, back)| {
                let id = FIRST_REFUND + u64::from(refund);
                let line = |(i, (line, qty)): (usize, &(u8, u16))| {
                    let line = &lines[usize::from(*line)];
                    self.line(id * 300 + i as u64, line, -i64::from(*qty), (country, &pence))
                };
                RefundShape {
                    id,
                    date_created: self.local(row.at),
                    date_created_gmt: Stamp(row.at, None),
                    amount: Pounds(self.refunded(&back, order, country)),
                    reason: row.reason,
                    refunded_by: 1,
                    refunded_payment: true,
                    meta_data: [],
                    line_items: back.iter().enumerate().map(line).collect(),
                    _links: Links::new(&format!("{parent}/refunds"), id, Some(parent.clone())),
                }
            })
            .collect();
        shapes.reverse();
        shapes
    }

    fn country(&self, order: &OrderRow) -> &'static str {
        self.merchant.customer(order.customer).map_or("GB", |of| country_of(of.country))
    }

    fn is_guest(&self, order: &OrderRow) -> bool {
        self.merchant.customer(order.customer).is_none_or(|of| of.guest)
    }

    fn note(&self, index: u32, order: &OrderRow) -> &'static str {
        let told = |note: usize| match HOSTILE_NOTES.contains(&note)
            && !order.placed.is_multiple_of(HOSTILE_ONE_IN)
        {
            true => note - HOSTILE_NOTES.start,
            false => note,
        };
        let usual = usize::from(order.note).checked_sub(1).and_then(|note| NOTES.get(told(note)));
        self.merchant.hostile_note(index).or(usual.copied()).unwrap_or("")
    }

    fn refunded(&self, back: &[(u8, u16)], order: &OrderRow, country: &str) -> i64 {
        let (lines, pence) = (self.merchant.lines_of(order), self.merchant.told_pence(order));
        let back = back.iter().map(|(line, qty)| {
            let total = pence(i64::from(lines[usize::from(*line)].price)) * i64::from(*qty);
            total + tax(country, total)
        });
        back.sum()
    }

    fn line(
        &self,
        id: u64,
        line: &LineRow,
        quantity: i64,
        (country, pence): (&str, &impl Fn(i64) -> i64),
    ) -> LineShape<'_> {
        let item = &self.merchant.catalogue().items[usize::from(line.item)];
        let price = pence(line.price.into());
        let (total, before) = (price * quantity, pence(line.list.into()) * quantity);
        let signed_tax = |pence: i64| pence.signum() * tax(country, pence.abs());
        LineShape {
            id,
            name: &item.name,
            product_id: item.family.map_or(item_id(line.item), family_id),
            variation_id: item.family.map_or(0, |_| item_id(line.item)),
            quantity,
            tax_class: "",
            subtotal: Pounds(before),
            subtotal_tax: Pounds(signed_tax(before)),
            total: Pounds(total),
            total_tax: Pounds(signed_tax(total)),
            taxes: [],
            meta_data: [],
            sku: &item.code,
            price: price as f64 / 100.0,
        }
    }

    fn local(&self, second: u32) -> Stamp<'_> {
        Stamp(second, Some(self.zone))
    }
}

fn address<'a>(who: &'a Person, country: &'static str) -> Address<'a> {
    Address {
        first_name: &who.first,
        last_name: who.last,
        company: &who.company,
        address_1: &who.street,
        address_2: "",
        city: who.town,
        state: "",
        postcode: &who.postcode,
        country,
    }
}
