//! What the sample's store has to decide about shipping: really allocated, from made-up orders.

use super::{ago, now};
use crate::domain::{Currency, Day, OrderKey, Qty, Service, SiteId, Sku, Span, Zone};
use crate::engine::api::{AllocationAbout, AllocationRow, DecidedShip};
use crate::plan::allocate::{Options, allocate};
use crate::plan::shipping::{
    Case, Network, OpenLine, OpenOrder, Shelf, ShippingTerms, assemble, cases,
};
use std::collections::BTreeMap;

/// SKU, and what LEEDS, YORK and BRISTOL have of it; `None`: nobody knows.
const SHELVES: [(&str, [Option<i64>; 3]); 5] = [
    ("85123A", [Some(2), Some(40), Some(31)]),
    ("22423", [Some(6), Some(0), Some(12)]),
    ("47566", [Some(0), Some(3), None]),
    ("急須-300", [Some(1), Some(1), Some(9)]),
    ("84879", [Some(200), Some(180), Some(160)]),
];

fn today() -> Day {
    now().day(&Zone::utc())
}

/// Number, site, country, days since it was placed, lines.
type Made = (&'static str, &'static str, &'static str, i32, &'static [(&'static str, i64)]);

const ORDERS: [Made; 7] = [
    ("580101", "LEEDS", "GB", 1, &[("85123A", 4)]),
    ("580102", "LEEDS", "GB", 0, &[("22423", 5), ("84879", 2)]),
    ("580103", "YORK", "GB", 0, &[("22423", 2), ("急須-300", 2)]),
    ("580104", "BRISTOL", "GB", 0, &[("急須-300", 30)]),
    ("580105", "YORK", "DE", 0, &[("84879", 12)]),
    ("580106", "BRISTOL", "GB", 6, &[("47566", 2)]),
    ("580107", "HULL", "GB", 0, &[("84879", 1)]),
];

fn network() -> Network {
    let order = |(number, site, country, days, lines): &Made| OpenOrder {
        key: OrderKey { feed: "shop".into(), number: (*number).into() },
        site: (*site).into(),
        given_to: (*site).into(),
        country: Some((*country).into()),
        placed: today().plus(-days),
        pinned: false,
        service: match *number {
            "580102" => Service {
                method: Some("Express".into()),
                promised: Some(today().plus(2)),
                complete: None,
            },
            _ => Service { method: Some("Flat rate".into()), ..Service::default() },
        },
        lines: lines
            .iter()
            .map(|(sku, units)| OpenLine {
                sku: (*sku).into(),
                units: *units,
                price: 895,
                weight_g: 400,
            })
            .collect(),
        decided: Vec::new(),
        odd: None,
    };
    let sites = ["LEEDS", "YORK", "BRISTOL"];
    let shelf = |(sku, units): &(&str, [Option<i64>; 3])| {
        let of = |(site, on_hand): (&str, Option<i64>)| {
            let scarcity = on_hand.map_or(0, |units| 240 / (units + 2));
            ((Sku::from(*sku), SiteId::from(site)), Shelf { on_hand, scarcity })
        };
        sites.into_iter().zip(*units).map(of).collect::<Vec<_>>()
    };
    Network {
        orders: ORDERS.iter().map(order).collect(),
        stock: SHELVES.iter().flat_map(shelf).collect(),
        sent: BTreeMap::new(),
        promised: BTreeMap::new(),
        today: today(),
        hour: 9,
    }
}

/// Orders that are short, cheaper from elsewhere, split and blocked, and one that somebody decided about.
pub fn allocation() -> (Vec<AllocationRow>, AllocationAbout) {
    let (terms, network) = (ShippingTerms::demo(), network());
    let made = assemble(&network, &terms);
    let solved = allocate(&made.instance, &Options::default(), &|| false).ok();
    let assigned = solved.as_ref().map_or(&[][..], |solved| &solved.assignments);
    let found = cases(&network, &terms, &made, assigned);
    let mut rows: Vec<AllocationRow> =
        found.cases.into_iter().map(|case| row(&network, &terms, case)).collect();
    rows.extend(decided());
    let clear = rows.iter().filter_map(AllocationRow::clear).collect();
    let about = AllocationAbout {
        at: Some(now()),
        orders: [made.orders.len() as u64, made.instance.lines.len() as u64],
        cost: found.cost,
        bound: solved.as_ref().map_or(0, |solved| solved.bound),
        shop_way: found.shop_way,
        waiting: found.waiting,
        took_ms: 3,
        clear,
        ..AllocationAbout::default()
    };
    (rows, about)
}

fn row(network: &Network, terms: &ShippingTerms, case: Case) -> AllocationRow {
    let order = &network.orders[case.order];
    let zone = terms.zone_of(order.country.as_ref(), &order.given_to);
    let blocked = case.blocked.map(|why| why.to_string());
    let promise = zone.filter(|_| blocked.is_none()).map(|zone| terms.promise(zone, order));
    AllocationRow {
        key: order.key.clone(),
        placed_at: ago(Span::hours(3)),
        country: order.country.clone(),
        zone: zone.map_or_else(Box::default, |zone| terms.zones[zone].name.as_str().into()),
        site: order.site.clone(),
        units: order.lines.iter().map(|line| Qty::units(line.units)).sum(),
        method: order.service.method.clone(),
        promise: promise.map(|it| it.due),
        priority: promise.map(|it| it.priority),
        service: promise.map_or_else(Box::default, |it| {
            let method = order.service.method.as_deref().unwrap_or("no method");
            format!("{method}, promised {}", it.due).into()
        }),
        currency: Currency::GBP,
        needs: case.needs,
        now: case.now,
        proposal: case.proposal,
        others: case.others,
        doubt: case.doubt.map(Into::into),
        notes: blocked.into_iter().chain(case.notes).map(Into::into).collect(),
        decided: None,
    }
}

fn decided() -> [AllocationRow; 2] {
    let one = |number: &str, units, one: DecidedShip| AllocationRow {
        key: OrderKey { feed: "shop".into(), number: number.into() },
        placed_at: ago(Span::hours(20)),
        country: Some("GB".into()),
        zone: "".into(),
        site: "LEEDS".into(),
        units: Qty::units(units),
        method: None,
        promise: None,
        priority: None,
        service: Box::default(),
        currency: Currency::GBP,
        needs: Vec::new(),
        now: None,
        proposal: None,
        others: Vec::new(),
        doubt: None,
        notes: Vec::new(),
        decided: Some(one),
    };
    let by = |entry, what: &str, holds, waits_for: Option<&str>| DecidedShip {
        entry,
        who: "mei".into(),
        at: ago(Span::minutes(12)),
        what: what.into(),
        holds,
        refused: None,
        fails: None,
        waits_for: waits_for.map(Into::into),
    };
    [
        one("580088", 4, by(38, "4 from YORK", false, Some("is being told to the shop"))),
        one("580090", 12, by(37, "held: waits for stock", true, None)),
    ]
}
