//! The overview: what ships today, what runs out, what waits.

use super::stock::Shelves;
use crate::domain::*;
use crate::engine::api::*;
use crate::engine::house::{House, Ready};
use crate::orders::OrderIndex;

/// Weeks back that "usual" looks.
const USUAL_WEEKS: i32 = 8;
/// Days of the demand sparkline.
const DEMAND_DAYS: i32 = 56;
/// Most positions that are listed as running out.
const RUNNING_OUT: usize = 40;
/// Days within which a delivery has to come where no purchase order and no lead time is known.
const UNKNOWN_LEAD_DAYS: f32 = 7.0;

/// The figures as of now; while the store loads, the last known ones.
pub fn overview(house: &House) -> Result<Overview, Refusal> {
    if *house.ready.borrow() != Ready::Yes {
        let last = house.last.lock().clone();
        return Ok(last.map(|last| refreshed(house, last)).unwrap_or_else(|| empty(house)));
    }
    let now = house.clock.now();
    let today = now.day(&house.zone);
    let mut figures = empty(house);
    figures.at = now;
    figures.made = Timestamp::wall_now();
    orders_of_today(house, today, now, &mut figures);
    usual(house, today, now, &mut figures);
    stock(house, today, now, &mut figures)?;
    figures.units_by_day = units_by_day(house, today);
    figures.waiting = waiting(house, &figures);
    *house.last.lock() = Some(figures.clone());
    Ok(figures)
}

/// Old figures with what is known even while the store loads.
fn refreshed(house: &House, last: Overview) -> Overview {
    let fresh = empty(house);
    Overview { feeds: fresh.feeds, journal: fresh.journal, pinned: fresh.pinned, ..last }
}

fn empty(house: &House) -> Overview {
    let marks = house.marks.read();
    Overview {
        at: house.clock.now(),
        made: house.since,
        zone: house.zone.name().into(),
        orders_today: 0,
        lines_today: 0,
        value_today: None,
        usual_by_now: None,
        today_by_hour: [0; 24],
        usual_by_hour: [0.0; 24],
        to_ship: 0,
        late: 0,
        held: 0,
        short: 0,
        running_out: Vec::new(),
        at_risk: 0,
        waiting: Vec::new(),
        units_by_day: Vec::new(),
        feeds: house.board.snapshot(),
        journal: super::journal::newest(house, 8),
        orders_total: house.orders.read().counts().orders as u64,
        pinned: marks.pinned().cloned().collect(),
    }
}

fn orders_of_today(house: &House, today: Day, now: Timestamp, figures: &mut Overview) {
    let index = house.orders.read();
    let mut value = Money::zero(house.currency);
    for row in index.placed_between(today.start(&house.zone), now + Span::millis(1)) {
        let Some(order) = index.row(row) else { continue };
        if order.kind != OrderKind::Sale {
            continue;
        }
        figures.orders_today += 1;
        figures.lines_today += u64::from(order.lines);
        figures.today_by_hour[hour(order.placed_at, &house.zone)] += 1;
        value = value.checked_add(order.total).unwrap_or(value);
    }
    figures.value_today = Some(value);
    let midnight = today.start(&house.zone);
    for row in index.open_rows() {
        let Some(order) = index.row(row) else { continue };
        figures.to_ship += 1;
        figures.late += u64::from(order.placed_at < midnight);
    }
    figures.held = index.counts().held as u64;
}

fn hour(at: Timestamp, zone: &Zone) -> usize {
    at.civil(zone).hour().clamp(0, 23) as usize
}

/// The same weekday in the weeks before: orders by hour, and by this time of day. Weeks before the
/// first order and days without any order (closed) do not count.
fn usual(house: &House, today: Day, now: Timestamp, figures: &mut Overview) {
    let index = house.orders.read();
    let into_day = now.since(today.start(&house.zone));
    let (mut weeks, mut by_now) = (0_u32, 0_u32);
    let mut by_hour = [0_u32; 24];
    for week in 1..=USUAL_WEEKS {
        let day = today.plus(-7 * week);
        let (start, end) = (day.start(&house.zone), day.plus(1).start(&house.zone));
        let mut any = false;
        for at in sales_between(&index, start, end) {
            any = true;
            by_now += u32::from(at.since(start) <= into_day);
            by_hour[hour(at, &house.zone)] += 1;
        }
        weeks += u32::from(any);
    }
    if weeks >= 2 {
        figures.usual_by_now = Some(f64::from(by_now) / f64::from(weeks));
        figures.usual_by_hour = by_hour.map(|n| n as f32 / weeks as f32);
    }
}

fn sales_between(
    index: &OrderIndex,
    start: Timestamp,
    end: Timestamp,
) -> impl Iterator<Item = Timestamp> {
    let rows = index.placed_between(start, end);
    rows.filter_map(|row| index.row(row))
        .filter(|order| order.kind == OrderKind::Sale)
        .map(|order| order.placed_at)
}

fn stock(house: &House, today: Day, now: Timestamp, figures: &mut Overview) -> Result<(), Refusal> {
    let shelves = Shelves::read(house, today)?;
    let book = house.stock.read();
    for (sku, site, position) in book.positions() {
        let Some(available) = position.available() else { continue };
        figures.short += u64::from(available.is_negative());
        let daily = shelves.daily(sku, site);
        if daily <= 0.0 {
            continue;
        }
        let days = (available.to_f64() as f32 / daily).max(0.0);
        let delivery = book.next_delivery(sku, site).and_then(|delivery| delivery.due_at);
        let next_delivery_days =
            delivery.map(|due| (due.since(now).as_seconds() as f32 / 86_400.0).max(0.0));
        let product = book.product_of(sku);
        let lead = product
            .and_then(|product| book.supplier_of(product.supplier.as_ref()?)?.lead_time_days)
            .map_or(UNKNOWN_LEAD_DAYS, f32::from);
        if days < next_delivery_days.unwrap_or(lead) {
            figures.at_risk += 1;
            figures.running_out.push(RunningOut {
                sku: sku.clone(),
                name: product.and_then(|p| p.name.clone()).unwrap_or_default(),
                site: site.clone(),
                days,
                next_delivery_days,
            });
        }
    }
    // Soonest first; among those that are out already, the ones without a delivery first.
    figures.running_out.sort_by(|a, b| {
        let later = |r: &RunningOut| r.next_delivery_days.unwrap_or(f32::INFINITY);
        a.days.total_cmp(&b.days).then(later(b).total_cmp(&later(a))).then(a.sku.cmp(&b.sku))
    });
    figures.running_out.truncate(RUNNING_OUT);
    Ok(())
}

/// Units of demand a day over all SKUs, from the index: a day's orders are few.
fn units_by_day(house: &House, today: Day) -> Vec<f32> {
    let index = house.orders.read();
    let units = |day: Day| {
        let (start, end) = (day.start(&house.zone), day.plus(1).start(&house.zone));
        index
            .placed_between(start, end)
            .filter_map(|row| index.row(row))
            .filter(|order| order.kind == OrderKind::Sale && order.status.is_demand())
            .map(|order| order.units.to_f64() as f32)
            .sum()
    };
    (1 - DEMAND_DAYS..=0).map(|back| units(today.plus(back))).collect()
}

fn waiting(house: &House, figures: &Overview) -> Vec<Waiting> {
    let marks = house.marks.read();
    let mut waiting = Vec::new();
    let mut add = |what: &str, count: u64, go: WaitingPlace| {
        if count > 0 {
            waiting.push(Waiting { what: what.into(), count, go });
        }
    };
    let late = "is:late".to_owned();
    add("orders late", figures.late, WaitingPlace::Orders(late));
    add("orders held", figures.held, WaitingPlace::Orders("is:held".into()));
    add("SKUs short", figures.short, WaitingPlace::Stock("is:short".into()));
    let troubled = figures.feeds.iter().filter(|feed| {
        feed.state.trouble().is_some()
            && marks.acknowledged(&Subject::Feed(feed.id.clone())).is_none()
    });
    add("feeds in trouble", troubled.count() as u64, WaitingPlace::Feeds);
    let rejected = figures.feeds.iter().filter(|feed| {
        feed.rejected > 0 && marks.acknowledged(&Subject::Feed(feed.id.clone())).is_none()
    });
    let rejected = rejected.map(|feed| feed.rejected).sum();
    add("records in quarantine", rejected, WaitingPlace::Quarantine);
    waiting
}
