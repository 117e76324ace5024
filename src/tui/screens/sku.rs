//! One SKU: what was sold, what is where, who waits for it, what is coming.

use super::super::canvas::Canvas;
use super::super::state::Zoom;
use super::super::target::Target;
use super::super::theme::Role;
use super::super::widgets::chart;
use super::super::widgets::fan::{self, Fan};
use super::super::words;
use super::drove;
use super::forecast::{aged, alarm, chance, so_far, units};
use super::order::journal;
use super::orders::{state_word, status_role};
use super::stock::{as_of, available, cover_ahead};
use super::{Item, Scene, overrides};
use crate::domain::{Day, Qty, SkuTerms, StockBounds, Zone};
use crate::engine::api::{ForecastRow, OrderRow, OwnDays, SiteForecast, SkuDetail, StockRow};
use crate::insight::forecast::{HIGH, MEDIAN};
use crate::model::Quantiles;

/// Sites (section 0), then open orders (1).
pub fn items(detail: &SkuDetail) -> Vec<Item> {
    let sites = detail.sites.iter().map(|row| {
        let target = Target { goal: None, ..Target::from(row) };
        Item { section: 0, target }
    });
    let orders = detail.open_orders.iter();
    let orders = orders.map(|(row, _)| Item { section: 1, target: Target::from(row) });
    sites.chain(orders).collect()
}

/// How a SKU is looked at.
#[derive(Clone, Copy, Debug)]
pub struct View {
    /// The length of the chart's periods.
    pub zoom: Zoom,
    /// What is selected, as in [`items`].
    pub cursor: usize,
}

impl View {
    /// The forecast that the chart shows: by the day, that of the selected site. Of all sites together
    /// and of longer periods there is none.
    fn forecast(self, detail: &SkuDetail) -> Option<&SiteForecast> {
        let site = if detail.sites.len() == 1 { 0 } else { self.cursor };
        let forecast = detail.forecasts.get(site).filter(|_| self.zoom == Zoom::Days)?;
        forecast.as_deref()
    }
}

/// Draws the SKU.
pub fn draw(canvas: &mut Canvas<'_>, scene: &Scene<'_>, detail: &SkuDetail, view: View) {
    let (width, height) = (canvas.width(), canvas.height());
    let mut y = head(canvas, detail);
    let sites = u16::try_from(detail.sites.len()).unwrap_or(u16::MAX).min(height / 3) + 1;
    let room = height.saturating_sub(y + sites + 1);
    let chart = if height < 16 { 0 } else { (room / 2 + 1).clamp(5, 21) };
    if chart > 0 {
        let mut canvas = canvas.part(0, y, width, chart);
        match view.forecast(detail) {
            Some(forecast) => ahead(&mut canvas, scene, forecast),
            None => history(&mut canvas, scene, detail, view.zoom),
        }
        y += chart;
    }
    positions(&mut canvas.part(0, y, width, sites), scene, detail);
    y += sites + 1;
    let mut room = height.saturating_sub(y);
    // Where there is no room for it, `w` tells it.
    let drove = view.forecast(detail).filter(|_| room >= 2 * drove::HEIGHT);
    if let Some(forecast) = drove.filter(|_| width < BESIDE_FROM) {
        drove::draw(&mut canvas.part(0, y, width, drove::HEIGHT), forecast);
        y += drove::HEIGHT + 1;
        room -= drove::HEIGHT + 1;
    }
    if width >= 76 {
        let half = width / 2;
        open_orders(&mut canvas.part(0, y, half - 1, room), scene, detail);
        let own = overrides::list_lines(detail, width - half, room);
        if own > 0 {
            overrides::list(&mut canvas.part(half, y, width - half, own), scene, detail);
        }
        let (y, room) = (y + own, room - own);
        let coming = coming_lines(detail).min(room / 2 + 1);
        coming_goods(&mut canvas.part(half, y, width - half, coming), scene, detail);
        let mut used = coming;
        if let Some(forecast) = drove.filter(|_| width >= BESIDE_FROM) {
            drove::draw(&mut canvas.part(half, y + used, width - half, drove::HEIGHT), forecast);
            used += drove::HEIGHT + 1;
        }
        let rest = room.saturating_sub(used);
        journal(&mut canvas.part(half, y + used, width - half, rest), scene, &detail.journal);
    } else {
        let third = room / 2;
        open_orders(&mut canvas.part(0, y, width, third), scene, detail);
        coming_goods(&mut canvas.part(0, y + third, width, room - third), scene, detail);
    }
}

/// From this width on what drove a forecast stands beside the open orders, and not above them.
const BESIDE_FROM: u16 = 130;
/// Lines from which facts that are too long are wrapped instead of cut.
const ROOMY: u16 = 30;

/// Name and facts; returns the lines used.
fn head(canvas: &mut Canvas<'_>, detail: &SkuDetail) -> u16 {
    let product = &detail.product;
    let width = canvas.width();
    let x = canvas.line(1, 0, product.sku.as_str(), Role::Title) + 2;
    let name = product.name.as_deref().unwrap_or("name unknown");
    let x = canvas.line(x, 0, name, Role::Text) + 2;
    if detail.sites.iter().any(|row| row.pinned) {
        canvas.line(x, 0, "pinned", Role::Accent);
    }
    let mut facts = Vec::new();
    if let Some(category) = &product.category {
        facts.push(category.to_string());
    }
    let money = |what: &str, price: Option<crate::domain::UnitPrice>| {
        price.map(|p| format!("{what} {p} {}", p.currency))
    };
    facts.extend(money("price", product.price));
    facts.extend(money("cost", product.cost));
    facts.extend(product.pack.map(|pack| format!("packs of {pack}")));
    facts.extend(product.moq.map(|moq| format!("at least {moq}")));
    facts.extend(detail.terms.iter().flat_map(terms));
    facts.extend(detail.bounds.iter().map(bounds));
    facts.extend(detail.sites.iter().filter_map(idle));
    let room = width.saturating_sub(2);
    if canvas.height() < ROOMY {
        canvas.text(1, 1, room, &facts.join("   "), Role::Muted);
        canvas.text(1, 2, room, &supplier(detail).join("   "), Role::Muted);
        return 3;
    }
    let mut y = 1;
    for facts in [facts, supplier(detail)] {
        for line in words::wrap_facts(&facts, usize::from(room)) {
            canvas.text(1, y, room, &line, Role::Muted);
            y += 1;
        }
    }
    y.max(3)
}

/// What binds buying it, one fact each.
fn terms(terms: &SkuTerms) -> Vec<String> {
    let breaks = terms.breaks.iter().flatten();
    let mut facts: Vec<String> =
        breaks.map(|step| format!("{} from {} on", step.cost, step.from)).collect();
    facts.extend(terms.shelf_life_days.map(|days| format!("keeps {days} d")));
    facts.extend(terms.sold_until.map(|day| format!("sold until {}", words::full_date(day))));
    facts.extend(terms.most.map(|most| format!("at most {most} a site")));
    facts
}

/// `at least 12, at most 40 at LEEDS`.
fn bounds(bounds: &StockBounds) -> String {
    let least = bounds.least.map(|least| format!("at least {least}"));
    let most = bounds.most.map(|most| format!("at most {most}"));
    let said = least.into_iter().chain(most).collect::<Vec<_>>().join(", ");
    match &bounds.site {
        Some(site) => format!("{said} at {site}"),
        None => format!("{said} a site"),
    }
}

/// What lies idle of it at a site.
fn idle(row: &StockRow) -> Option<String> {
    let idle = row.idle?;
    let value = idle.value.map_or(String::new(), |value| format!(", {value}"));
    Some(format!("{} {} at {}{value}", words::qty(idle.units), idle.idle.name(), row.site))
}

/// The supplier, what comes first what is looked for: days, then the name, then how it is ordered.
fn supplier(detail: &SkuDetail) -> Vec<String> {
    let Some(supplier) = &detail.supplier else {
        return detail.product.supplier.iter().map(|id| format!("from {id}")).collect();
    };
    let mut parts = Vec::new();
    parts.extend(supplier.lead_time_days.map(|days| format!("{days} d stated lead time")));
    parts.extend(
        supplier
            .review_weekday
            .map(|day| format!("ordered {}s", words::weekday_name(usize::from(day)))),
    );
    parts.extend(supplier.min_order.map(|least| format!("least {least} {}", least.currency)));
    parts.push(format!("from {}", supplier.name));
    parts
}

fn history(canvas: &mut Canvas<'_>, scene: &Scene<'_>, detail: &SkuDetail, zoom: Zoom) {
    let today = detail.demand.last().copied().unwrap_or(0.0);
    let sum = |days: usize| -> f32 {
        let past = detail.demand.len().saturating_sub(1);
        detail.demand.get(past.saturating_sub(days)..past).unwrap_or_default().iter().sum()
    };
    let by = match zoom {
        Zoom::Days => "by day",
        Zoom::Weeks => "by week",
        Zoom::Months => "by month",
    };
    let rest = format!(
        "{by}   today {}   last 7 days {}   last 28 days {}",
        words::rough(f64::from(today)),
        words::rough(f64::from(sum(7))),
        words::rough(f64::from(sum(28)))
    );
    canvas.head(1, 0, "SOLD", &rest);
    let (width, height) = (canvas.width(), canvas.height());
    if detail.demand.iter().all(|units| *units <= 0.0) {
        let state = scene.state;
        let newest = state.status.as_ref().and_then(|status| status.newest_order);
        let ended = words::data_ends(newest, state.now, &state.zone);
        let ended = ended.map_or(String::new(), |ended| format!("; {ended}"));
        let text = format!("Nothing was sold in the last two years{ended}.");
        canvas.line(3, 1, &text, Role::Muted);
        return;
    }
    let bars = chart::bars(detail.first_day, &detail.demand, zoom);
    let first = bars.iter().position(|bar| bar.value > 0.0).unwrap_or(0);
    let bars = bars.get(first..).unwrap_or_default();
    chart::draw(&mut canvas.part(0, 1, width, height.saturating_sub(2)), bars, zoom);
}

/// What was sold at one site and what will be, and how long stock lasts.
fn ahead(canvas: &mut Canvas<'_>, scene: &Scene<'_>, forecast: &SiteForecast) {
    let SiteForecast { row, sold, sold_out, open, days, totals, left, own, .. } = forecast;
    let last: f32 = sold.iter().rev().take(28).sum();
    // The mean, by which orders go: the median of what seldom sells is nothing.
    let next = |days: usize| {
        totals.get(days - 1).map_or(String::new(), |total| {
            let (mean, high) = (Quantiles::mean_of(total), total[HIGH]);
            format!("   next {days} d {} (9 in 10: {})", units(mean), units(high))
        })
    };
    let origin = words::date(row.first.plus(-1));
    let rest = format!("at {}   28 d to {origin} {}{}", row.stock.site, units(last), next(28));
    let rest = match canvas.width() {
        0..110 => rest,
        _ => format!("{rest}{}", next(7)),
    };
    canvas.head(1, 0, "SOLD AND AHEAD", &rest);
    let (width, height) = (canvas.width(), canvas.height());
    let own = own.as_ref().map(own_medians).unwrap_or_default();
    let fan = Fan { first: row.first, sold, sold_out, open, days, own: &own, left };
    let below = 1 + u16::from(row.overridden.is_some());
    fan::draw(&mut canvas.part(0, 1, width, height - 1 - below), &fan);
    let y = height - 1;
    if let Some(changed) = &row.overridden {
        overrides::line(canvas, scene, y - 1, changed);
    }
    let (text, role) = lasting(row, scene);
    let end = canvas.text(1, y, width.saturating_sub(2), &text, role) + 3;
    let room = (width - 1).saturating_sub(end);
    let made = match row.old {
        true => aged(row, "being renewed", &scene.look()),
        false => {
            let so_far = row.accuracy.as_ref().map(so_far);
            let whole = format!("by {}, from demand up to {origin}", row.model);
            let known = so_far.map_or(whole.clone(), |so_far| format!("{so_far}   {whole}"));
            let short = format!("{}, {origin}", row.model);
            words::fitting(usize::from(room), [&known, &whole, &short]).to_owned()
        }
    };
    canvas.right(width - 1, y, room, &made, Role::Muted);
}

/// The model's own median of each day on which an override counts; NaN on the others.
fn own_medians(own: &OwnDays) -> Vec<f32> {
    let days = own.days.iter().zip(&own.changed);
    days.map(|(day, changed)| if *changed { day[MEDIAN] } else { f32::NAN }).collect()
}

/// When stock runs out and how likely, in words.
fn lasting(row: &ForecastRow, scene: &Scene<'_>) -> (String, Role) {
    let Some(lasts) = &row.lasts else {
        return ("stock unknown: c counts the shelf".into(), Role::Muted);
    };
    if row.stock.available.is_some_and(|units| !units.is_positive()) {
        return ("out of stock".into(), Role::Critical);
    }
    let mut text = match lasts.until {
        Some(day) => {
            let today = scene.state.now.day(&scene.state.zone);
            format!("out {} {}", words::weekday(day), words::date_seen(day, today))
        }
        None => "lasts 28 d".into(),
    };
    text.push_str(&format!("   {} out within 28 d", chance(lasts.risk)));
    let lead = lasts.lead.as_ref();
    text.extend(lead.map(|lead| format!(", {} within {} d lead", chance(lead.risk), lead.days)));
    // Of a lead time longer than the forecast the chance is the larger one, and the one to order by.
    (text, alarm(lead.map_or(lasts.risk, |lead| lead.risk.max(lasts.risk))))
}

/// Right ends of the position columns.
const ENDS: [(u16, &str); 6] = [
    (22, "have"),
    (32, "promised"),
    (43, "available"),
    (51, "coming"),
    (62, "sold a day"),
    (73, "days left"),
];
/// Right end of what is expected a day, where there is room for it.
const EXPECTED: u16 = 89;

fn positions(canvas: &mut Canvas<'_>, scene: &Scene<'_>, detail: &SkuDetail) {
    canvas.highlight(0, Role::Header);
    canvas.line(3, 0, "site", Role::Header);
    for (end, title) in ENDS {
        canvas.right(end, 0, 11, title, Role::Header);
    }
    let (says_when, says_expected) = (canvas.width() >= 95, canvas.width() >= 115);
    if says_expected {
        canvas.right(EXPECTED, 0, 14, "expected a day", Role::Header);
    }
    let when = if says_expected { EXPECTED + 3 } else { 76 };
    if says_when {
        canvas.line(when, 0, "figure of", Role::Header);
    }
    if detail.sites.is_empty() {
        canvas.line(3, 1, "No site has it.", Role::Muted);
    }
    let look = scene.look();
    let fit = usize::from(canvas.height().saturating_sub(1));
    let cursor = scene.cursor.filter(|at| *at < detail.sites.len());
    let top = super::window(detail.sites.len(), fit, cursor);
    for (y, (index, row)) in (1..).zip(detail.sites.iter().enumerate().skip(top).take(fit)) {
        canvas.text(3, y, 12, row.site.as_str(), Role::Text);
        let ahead = detail.forecasts.get(index).and_then(|forecast| forecast.as_deref());
        let expected = ahead.map(|ahead| ahead.row.daily);
        let cells = [
            (words::known(row.on_hand, look.glyphs), Role::Text),
            (words::qty(row.committed), Role::Muted),
            available(row, &look),
            (words::qty(row.on_order), Role::Text),
            (words::rough(f64::from(row.daily)), Role::Text),
            cover_ahead(row, expected, &look),
        ];
        for ((end, _), (text, role)) in ENDS.iter().zip(cells) {
            canvas.right(*end, y, 10, &text, role);
        }
        if says_expected {
            let expected = expected.map(|expected| words::rough(f64::from(expected)));
            let expected = expected.unwrap_or_else(|| look.glyphs.dash.to_owned());
            canvas.right(EXPECTED, y, 10, &expected, Role::Text);
        }
        if says_when {
            let (text, role) = as_of(row, &look);
            canvas.line(when, y, &text, role);
        }
        if scene.is_at(index) {
            canvas.highlight(y, Role::Selected);
            canvas.text(1, y, 1, look.glyphs.select, Role::Selected);
        }
    }
}

fn open_orders(canvas: &mut Canvas<'_>, scene: &Scene<'_>, detail: &SkuDetail) {
    let orders = &detail.open_orders;
    let units: Qty = orders.iter().map(|(_, qty)| *qty).sum();
    let rest = match orders.len() {
        0 => "none".to_owned(),
        n => format!("{n}, {} units, oldest first", words::qty(units)),
    };
    canvas.head(1, 0, "OPEN ORDERS", &rest);
    let fit = usize::from(canvas.height().saturating_sub(1));
    let first = detail.sites.len();
    let cursor = scene.cursor.and_then(|at| at.checked_sub(first));
    let top = super::window(orders.len(), fit, cursor);
    let end = canvas.width().saturating_sub(1);
    for (y, (index, (row, qty))) in (1..).zip(orders.iter().enumerate().skip(top).take(fit)) {
        canvas.text(3, y, 9, row.key.number.as_str(), Role::Text);
        let when = words::brief(row.placed_at, scene.state.now, &scene.state.zone);
        canvas.right(21, y, 8, &when, Role::Muted);
        let short = is_short(detail, row);
        let word = if short { "short".to_owned() } else { state_word(row) };
        let role = if short { Role::Bad } else { status_role(row.status) };
        canvas.text(23, y, end.saturating_sub(31), &word, role);
        canvas.right(end, y, 7, &words::qty(*qty), Role::Text);
        if scene.is_at(first + index) {
            canvas.highlight(y, Role::Selected);
            canvas.text(1, y, 1, scene.glyphs().select, Role::Selected);
        }
    }
}

/// Whether an order lacks this SKU: at its site more is promised than is there. What the order lacks
/// beside it is not told here.
fn is_short(detail: &SkuDetail, order: &OrderRow) -> bool {
    let at_site = detail.sites.iter().find(|row| row.site == order.site);
    at_site.and_then(|row| row.available).is_some_and(Qty::is_negative)
}

fn coming_lines(detail: &SkuDetail) -> u16 {
    let lines = detail.purchase_orders.len() + detail.promised.len();
    u16::try_from(lines).unwrap_or(u16::MAX).saturating_add(2)
}

fn coming_goods(canvas: &mut Canvas<'_>, scene: &Scene<'_>, detail: &SkuDetail) {
    let none = detail.purchase_orders.is_empty() && detail.promised.is_empty();
    let rest = if none { "no purchase order is open" } else { "" };
    canvas.head(1, 0, "COMING", rest);
    let today = scene.state.now.day(&scene.state.zone);
    let end = canvas.width().saturating_sub(1);
    for (y, coming) in (1..canvas.height()).zip(coming(detail, &scene.state.zone, today)) {
        canvas.text(3, y, 9, coming.what, Role::Text);
        canvas.text(13, y, 7, coming.site, Role::Text);
        let (due, role) = due_words(coming.due.map(|due| due.number() - today.number()));
        let x = canvas.text(21, y, end.saturating_sub(29), &due, role) + 2;
        if x + 20 < end {
            canvas.text(x, y, end.saturating_sub(x + 8), &coming.state, Role::Muted);
        }
        canvas.right(end, y, 7, &words::qty(coming.units), Role::Text);
    }
}

/// Goods that are to come: by a purchase order, or promised by another own site.
struct Coming<'d> {
    what: &'d str,
    site: &'d str,
    due: Option<Day>,
    state: String,
    units: Qty,
}

/// All that is to come, the soonest first, what has no date last.
fn coming<'d>(detail: &'d SkuDetail, zone: &Zone, today: Day) -> Vec<Coming<'d>> {
    let ordered = detail.purchase_orders.iter().map(|po| {
        let lines = po.lines.iter().filter(|line| line.sku == detail.product.sku);
        let when = words::date_seen(po.ordered_at.day(zone), today);
        Coming {
            what: po.number.as_str(),
            site: po.site.as_str(),
            due: po.due_at.map(|at| at.day(zone)),
            state: format!("{} {when}", po.status.word()),
            units: lines.map(crate::domain::PoLine::open).sum(),
        }
    });
    let promised = detail.promised.iter().map(|one| Coming {
        what: "transfer",
        site: one.to.as_str(),
        due: Some(one.due),
        state: format!("promised by {}", one.from),
        units: one.qty,
    });
    let mut all: Vec<Coming<'d>> = ordered.chain(promised).collect();
    all.sort_by_key(|one| (one.due.is_none(), one.due));
    all
}

/// When goods are due, `days` from today.
fn due_words(days: Option<i32>) -> (String, Role) {
    match days {
        None => ("no date".into(), Role::Muted),
        Some(0) => ("today".into(), Role::Text),
        Some(late) if late < 0 => (format!("{} d late", -late), Role::Bad),
        Some(days) => (format!("in {days} d"), Role::Text),
    }
}
