//! `/stockdeck/v1/*`: what WooCommerce cannot carry. The shapes are told in `docs/DEMO_API.md`.

use super::answer::{Problem, precise};
use super::query::Params;
use super::wire::Pounds;
use crate::domain::{PoStatus, Timestamp, Zone};
use crate::feed::demo::Merchant;
use crate::feed::demo::calendar::{self, moment};
use crate::feed::demo::catalogue::SITES;
use crate::feed::demo::words::RANGES;
use serde::{Serialize, Serializer};
use std::ops::Range;

/// The only currency of the demo.
const CURRENCY: &str = "GBP";

struct At(u32);

impl Serialize for At {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        out.collect_str(&moment(self.0))
    }
}

#[derive(Serialize)]
#[serde(untagged)]
enum Entry<'a> {
    Site {
        id: &'a str,
        name: &'a str,
        zone: &'a str,
    },
    Supplier {
        id: &'a str,
        name: &'a str,
        lead_time_days: u16,
        review_weekday: u8,
        min_order_value: Pounds,
        currency: &'a str,
    },
    Product {
        sku: &'a str,
        category: &'a str,
        unit_cost: Pounds,
        currency: &'a str,
        pack: u16,
        moq: u16,
        supplier: &'a str,
    },
    Stock {
        sku: &'a str,
        site: &'a str,
        on_hand: i32,
        as_of: String,
    },
    PurchaseOrder {
        number: String,
        supplier: &'a str,
        site: &'a str,
        status: &'a str,
        ordered_at: At,
        due_at: At,
        updated_at: At,
        lines: Vec<PoLine<'a>>,
        currency: &'a str,
    },
    Receipt {
        id: String,
        po: String,
        supplier: &'a str,
        sku: &'a str,
        site: &'a str,
        qty: u32,
        ordered_at: At,
        due_at: At,
        received_at: At,
    },
    Adjustment {
        id: String,
        sku: &'a str,
        site: &'a str,
        delta: i32,
        at: At,
        reason: &'a str,
    },
}

#[derive(Serialize)]
struct PoLine<'a> {
    sku: &'a str,
    qty: u32,
    received: u32,
    unit_cost: Pounds,
}

/// A page of a list.
#[derive(Serialize)]
pub struct Listing<'a> {
    now: String,
    items: Vec<Entry<'a>>,
    pages: usize,
}

/// The list called `name`, as the parameters ask for it.
pub fn list<'a>(
    merchant: &'a Merchant,
    now: Timestamp,
    name: &str,
    params: &Params,
) -> Result<Listing<'a>, Problem> {
    let since = match params.get("since") {
        None => 0,
        Some(text) => Timestamp::parse(text, &Zone::utc())
            .map(calendar::seconds)
            .ok_or_else(|| Problem::parameter("since", "Invalid date."))?,
    };
    let per_page = params.number("per_page", 500, 500)?;
    let page = params.number("page", 1, usize::MAX / 1_000)?;
    let asked = Window { since, page, per_page };
    let (items, pages) = match name {
        "sites" => {
            asked.cut(SITES.iter(), |(id, name)| Entry::Site { id, name, zone: calendar::ZONE })
        }
        "suppliers" => suppliers(merchant, &asked),
        "products" => products(merchant, &asked),
        "stock" => stock(merchant, now, &asked),
        "purchase-orders" => purchase_orders(merchant, &asked),
        "receipts" => receipts(merchant, &asked),
        "adjustments" => adjustments(merchant, &asked),
        _ => return Err(Problem::no_route()),
    };
    Ok(Listing { now: precise(now), items, pages })
}

struct Window {
    since: u32,
    page: usize,
    per_page: usize,
}

type Part<'a> = (Vec<Entry<'a>>, usize);

impl Window {
    fn range(&self, total: usize) -> Range<usize> {
        let from = ((self.page - 1) * self.per_page).min(total);
        from..(from + self.per_page).min(total)
    }
    /// This page of `all`, each shaped, and how many pages there are.
    fn cut<'a, T>(&self, all: impl Iterator<Item = T>, shape: impl Fn(T) -> Entry<'a>) -> Part<'a> {
        let all: Vec<T> = all.collect();
        let (pages, range) = (all.len().div_ceil(self.per_page), self.range(all.len()));
        let items = all.into_iter().skip(range.start).take(range.len()).map(shape).collect();
        (items, pages)
    }
}

fn sku(merchant: &Merchant, item: u16) -> &str {
    &merchant.catalogue().items[usize::from(item)].code
}

fn supplier(merchant: &Merchant, maker: u8) -> &str {
    &merchant.catalogue().makers[usize::from(maker)].code
}

fn suppliers<'a>(merchant: &'a Merchant, asked: &Window) -> Part<'a> {
    asked.cut(merchant.catalogue().makers.iter(), |maker| Entry::Supplier {
        id: &maker.code,
        name: maker.name,
        lead_time_days: maker.lead,
        review_weekday: maker.weekday,
        min_order_value: Pounds(maker.min_order.into()),
        currency: CURRENCY,
    })
}

fn products<'a>(merchant: &'a Merchant, asked: &Window) -> Part<'a> {
    let today = merchant.today().number();
    let now = calendar::seconds(merchant.now());
    let fresh = (0_u16..).zip(&merchant.catalogue().items).filter(|item| {
        let told = merchant.listed_since(item.1).max(merchant.cost_told(item.0));
        item.1.is_listed(today) && (asked.since == 0 || told >= asked.since)
    });
    asked.cut(fresh, |(index, item)| Entry::Product {
        sku: &item.code,
        category: RANGES[usize::from(item.category)].name,
        unit_cost: Pounds(merchant.told_cost(index, now).into()),
        currency: CURRENCY,
        pack: item.pack,
        moq: item.moq,
        supplier: supplier(merchant, item.supplier),
    })
}

fn stock<'a>(merchant: &'a Merchant, now: Timestamp, asked: &Window) -> Part<'a> {
    // Things happen at whole seconds, so a level holds to the end of its own; what people did in that
    // second is in it, and bears moments up to there.
    let until = Timestamp::from_millis(now.as_seconds() * 1_000 + 999);
    let today = merchant.today().number();
    let shelves = (0_u16..).zip(&merchant.catalogue().items).flat_map(|(index, item)| {
        (0..SITES.len())
            .filter(move |site| item.stocked[*site] && item.is_listed(today))
            .map(move |site| (index, site))
    });
    let changed = shelves.filter(|(item, site)| {
        asked.since == 0 || merchant.shelf(usize::from(*item), *site).changed >= asked.since
    });
    asked.cut(changed, |(item, site)| Entry::Stock {
        sku: sku(merchant, item),
        site: SITES[site].0,
        on_hand: merchant.told_on_hand(usize::from(item) * 3 + site),
        as_of: precise(until),
    })
}

fn purchase_orders<'a>(merchant: &'a Merchant, asked: &Window) -> Part<'a> {
    let changed =
        (0_u32..).zip(merchant.purchase_orders()).filter(|(_, po)| po.updated >= asked.since);
    let own = changed.map(|(index, po)| Entry::PurchaseOrder {
        number: merchant.po_number(index),
        supplier: supplier(merchant, po.maker),
        site: SITES[usize::from(po.site)].0,
        status: po.status.word(),
        ordered_at: At(po.ordered),
        due_at: At(po.due),
        updated_at: At(po.updated),
        lines: merchant
            .po_lines_of(po)
            .iter()
            .map(|line| PoLine {
                sku: sku(merchant, line.item),
                qty: line.qty,
                received: line.received,
                unit_cost: Pounds(merchant.told_cost(line.item, po.ordered).into()),
            })
            .collect(),
        currency: CURRENCY,
    });
    let transfers = merchant.transfers().iter().filter(|row| row.updated >= asked.since);
    let transfers = transfers.map(|row| Entry::PurchaseOrder {
        number: row.number.to_string(),
        supplier: SITES[usize::from(row.from)].0,
        site: SITES[usize::from(row.to)].0,
        status: if row.came > 0 { PoStatus::Received.word() } else { PoStatus::Sent.word() },
        ordered_at: At(row.left),
        due_at: At(row.due),
        updated_at: At(row.updated),
        lines: vec![PoLine {
            sku: sku(merchant, row.item),
            qty: row.qty,
            received: row.arrived + row.by_hand,
            unit_cost: Pounds(merchant.catalogue().items[usize::from(row.item)].cost.into()),
        }],
        currency: CURRENCY,
    });
    asked.cut(own.chain(transfers), |entry| entry)
}

fn receipts<'a>(merchant: &'a Merchant, asked: &Window) -> Part<'a> {
    let from = merchant.receipts().partition_point(|receipt| receipt.at < asked.since);
    let fresh = merchant.receipts().iter().enumerate().skip(from);
    let bought = fresh.map(|(index, receipt)| {
        let po = &merchant.purchase_orders()[receipt.po as usize];
        Entry::Receipt {
            id: format!("R{index}"),
            po: merchant.po_number(receipt.po),
            supplier: supplier(merchant, po.maker),
            sku: sku(merchant, receipt.item),
            site: SITES[usize::from(po.site)].0,
            qty: receipt.qty,
            ordered_at: At(po.ordered),
            due_at: At(po.due),
            received_at: At(receipt.at),
        }
    });
    let came = merchant.transfers().iter();
    let came = came.filter(|row| row.arrived > 0 && row.came >= asked.since);
    let sent = came.map(|row| Entry::Receipt {
        id: format!("T{}", row.number),
        po: row.number.to_string(),
        supplier: SITES[usize::from(row.from)].0,
        sku: sku(merchant, row.item),
        site: SITES[usize::from(row.to)].0,
        qty: row.arrived,
        ordered_at: At(row.left),
        due_at: At(row.due),
        received_at: At(row.came),
    });
    asked.cut(bought.chain(sent), |entry| entry)
}

fn adjustments<'a>(merchant: &'a Merchant, asked: &Window) -> Part<'a> {
    let from = merchant.adjustments().partition_point(|change| change.at < asked.since);
    let fresh = merchant.adjustments().iter().enumerate().skip(from);
    asked.cut(fresh, |(index, change)| Entry::Adjustment {
        id: format!("A{index}"),
        sku: sku(merchant, change.item),
        site: SITES[usize::from(change.site)].0,
        delta: change.delta,
        at: At(change.at),
        reason: change.reason,
    })
}
