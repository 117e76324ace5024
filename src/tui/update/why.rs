//! Why a number is what it is: its inputs, the arithmetic, who says so and when.

use super::super::layers::{Layer, Why, WhyLine};
use super::super::state::{Body, State};
use super::super::words;
use super::push;
use crate::domain::{LATE_AFTER, LineClass, Qty, StockSource};
use crate::engine::api::{
    ForecastRow, LeadTime, OrderDetail, Overview, RunningOut, SkuDetail, StockRow, TotalRow,
};
use crate::insight::accuracy::Made;

/// Days over which the daily rate is taken.
const RATE_DAYS: usize = 28;

/// Whether there is a figure under the cursor to explain.
pub fn explains(state: &State) -> bool {
    match &state.page().body {
        Body::Overview(panel) => panel.data.as_ref().is_some_and(|o| o.counted),
        Body::Stock(table) => table.selected().is_some(),
        Body::Forecast(table) => table.selected().is_some(),
        Body::Totals(table) => table.selected().is_some(),
        Body::Reorders(table) => table.selected().is_some(),
        Body::Allocation(table, _) => table.selected().is_some(),
        Body::Sku(panel, _) => panel.data.as_ref().is_some_and(|sku| !sku.sites.is_empty()),
        Body::Order(panel) => panel.data.is_some(),
        Body::Purchases(_) | Body::Purchase(_) => true,
        Body::Coordination(table) => table.selected().is_some(),
        _ => false,
    }
}

/// Opens the explanation of what is under the cursor.
pub fn open(state: &mut State) -> Result<(), String> {
    let cursor = super::super::screens::selected(state, state.page());
    let why = match &state.page().body {
        Body::Stock(table) => table.selected().map(|row| position(state, row)),
        Body::Forecast(table) => table.selected().map(|row| forecast(state, row)),
        Body::Totals(table) => table.selected().map(total),
        Body::Reorders(table) => table.selected().map(|row| {
            super::why_order::of_reorder(row, &said(state, &row.stock), state.theme.glyphs())
        }),
        Body::Coordination(_) => super::coordination::why(state),
        Body::Allocation(..) => super::allocation::why(state),
        Body::Sku(panel, _) => panel.data.as_ref().and_then(|sku| of_sku(state, sku, panel.cursor)),
        Body::Order(panel) => panel.data.as_ref().map(|order| of_order(order, panel.cursor)),
        Body::Overview(panel) => panel.data.as_ref().filter(|o| o.counted).map(|overview| {
            let sku = cursor.and_then(|item| item.target.sku.zip(item.target.site));
            let row = sku.and_then(|(sku, site)| {
                overview.running_out.iter().find(|row| row.sku == sku && row.site == site)
            });
            of_overview(state, overview, row)
        }),
        _ => None,
    };
    let why = why.ok_or("There is no figure here to explain.")?;
    push(state, Layer::Why(why));
    Ok(())
}

/// The whole of a row that leads nowhere else: a quarantined record, an entry without a subject.
pub fn whole(state: &State) -> Option<Why> {
    match &state.page().body {
        Body::Quarantine(table) => table.selected().map(|row| Why {
            title: format!("{} from {}", row.seq, row.feed),
            lines: [&row.reject.reason, &row.reject.place, &row.reject.excerpt]
                .map(|text| note(text.to_string()))
                .into(),
            top: 0,
        }),
        Body::Journal(table) => table.selected().map(|row| {
            let entry = &row.entry;
            let what = format!("{} {}", entry.decision.verb(), entry.decision.summary());
            let who = format!("{}, {}", entry.actor.user, entry.actor.from);
            let when = words::exact(entry.at, &state.zone);
            Why {
                title: format!("entry {}", entry.seq),
                lines: vec![note(what), note(format!("by {who}, {when}")), note(entry.saw.clone())],
                top: 0,
            }
        }),
        Body::Models(..) => super::models::details(state),
        Body::Rules(..) => super::rules::details(state),
        Body::Backtest(_) => super::backtest::details(state),
        _ => None,
    }
}

pub(super) fn step(what: &str, figure: impl Into<String>, from: impl Into<String>) -> WhyLine {
    WhyLine::Step(what.to_owned(), figure.into(), from.into())
}

pub(super) fn note(text: impl Into<String>) -> WhyLine {
    WhyLine::Note(text.into())
}

fn position(state: &State, row: &StockRow) -> Why {
    let title = format!("Why: {} at {}", row.sku, row.site);
    Why { title, lines: position_lines(state, row, None), top: 0 }
}

/// What a position's figures are made of. Where units are `expected` a day, stock lasts by these, as in the
/// table.
fn position_lines(state: &State, row: &StockRow, expected: Option<f32>) -> Vec<WhyLine> {
    let mut lines = Vec::new();
    let known = |qty: Option<Qty>| qty.map_or_else(|| "unknown".to_owned(), words::qty);
    lines.push(step("on hand", known(row.on_hand), said(state, row)));
    lines.push(step(
        "less promised",
        words::qty(row.committed),
        "units of orders pending, open or held",
    ));
    lines.push(step("= available", known(row.available), ""));
    if row.on_hand.is_none() {
        lines.push(note(
            "Nobody has said how many are there, so what is available and how long it lasts are \
             unknown, and not 0. c counts the shelf.",
        ));
    }
    let sold: f32 = row.spark.iter().sum();
    let days = format!("{RATE_DAYS} days to today, orders that stand");
    lines.push(step("sold", words::rough(f64::from(sold)), days));
    let rate = format!("{} / {RATE_DAYS}", words::rough(f64::from(sold)));
    lines.push(step("= a day", format!("{:.2}", row.daily), rate));
    let ahead = row.available.zip(expected.filter(|daily| *daily > 0.0));
    match row.days_of_cover {
        _ if ahead.is_some() => {
            lines.extend(ahead.map(|(available, daily)| {
                let days = (available.to_f64() as f32 / daily).max(0.0);
                let sum = format!("{} / {daily:.2} expected, not below 0", words::qty(available));
                step("= days left", words::days(days), sum)
            }));
        }
        Some(days) => {
            let sum = format!("{} / {:.2}, not below 0", known(row.available), row.daily);
            lines.push(step("= days left", words::days(days), sum));
        }
        None if row.on_hand.is_some() => {
            lines.push(note("Nothing was sold lately, so nothing says how long it lasts."));
        }
        None => {}
    }
    lines.push(step("coming", words::qty(row.on_order), "units on open purchase orders"));
    lines
}

fn forecast(state: &State, row: &ForecastRow) -> Why {
    let title = format!("Why: the forecast of {} at {}", row.stock.sku, row.stock.site);
    Why { title, lines: forecast_lines(state, row), top: 0 }
}

fn forecast_lines(state: &State, row: &ForecastRow) -> Vec<WhyLine> {
    let origin = words::full_date(row.first.plus(-1));
    let mut lines = vec![
        step("28 days", words::rough(f64::from(row.expected())), "expected, as orders go by it"),
        step("half", words::rough(f64::from(row.median)), "half of the time no more than this"),
        step("up to", words::rough(f64::from(row.high)), "nine times of ten no more than this"),
        step("a day", format!("{:.2}", row.daily), "expected; 0 on days when the shop is closed"),
        step(
            "made by",
            &*row.model,
            format!("its demand up to {origin}, days without stock left out"),
        ),
    ];
    if let Some(changed) = &row.overridden {
        lines.extend(changed.by.iter().map(|one| {
            let period = format!("{} to {}", words::date(one.from), words::full_date(one.until));
            note(format!(
                "Overridden from {period} by {} (entry {}): {}, {}.",
                one.who, one.entry, one.expects, one.reason
            ))
        }));
        let own = "expected by the model alone";
        lines.push(step("model's own", words::rough(f64::from(changed.own.expected())), own));
        if let Some(lasts) = &changed.own.lasts {
            let chance = format!("{:.0} %", 100.0 * lasts.risk);
            lines.push(step("runs out", chance, "within 28 days, by the model alone"));
        }
    }
    if let Some(known) = &row.accuracy {
        let made = match known.made {
            Made::Before => "as issued",
            Made::Afterwards => {
                "made afterwards, from what was known then: in brackets in the table"
            }
        };
        let units = |units: f32| words::rough(f64::from(units));
        let weeks = words::plural(u64::from(known.weeks), "week", "weeks");
        lines.push(step(
            "so far",
            format!("{} off", units(known.off)),
            format!(
                "units, each week's error added up, of {} sold in the last {weeks} scored; {} were \
                 expected; {made}",
                units(known.sold),
                units(known.expected)
            ),
        ));
    }
    if row.old {
        lines.push(note(
            "It was made earlier, or by another model, and stands until it is made anew.",
        ));
    }
    let percent = |chance: f32| format!("{:.0} %", 100.0 * chance);
    match &row.lasts {
        Some(lasts) => {
            let from = "that sales reach what is available and due by then";
            lines.push(step("runs out", percent(lasts.risk), format!("within 28 days: {from}")));
            if let Some(lead) = &lasts.lead {
                lines.extend(lead_lines(lead));
            }
            let is_out = row.stock.available.is_some_and(|units| !units.is_positive());
            if let Some(day) = lasts.until.filter(|_| !is_out) {
                let when = "when the median of the total reaches it";
                lines.push(step("half likely", words::date(day), when));
            }
        }
        None => lines.push(note("Stock is unknown, so nothing says when it runs out.")),
    }
    let stock = position_lines(state, &row.stock, Some(row.daily));
    lines.extend(stock);
    lines
}

/// What a total is made of.
fn total(row: &TotalRow) -> Why {
    let units = |quantity: f32| words::rough(f64::from(quantity));
    let parts = words::count(row.parts.into());
    let mut lines = vec![
        step("28 days", units(row.expected()), format!("expected, {parts} SKU-sites added up")),
        step("half", units(row.median), "half of the time no more than this"),
        step("up to", units(row.high), "nine times of ten no more than this"),
        step("a day", format!("{:.2}", row.daily), "expected"),
        step("sold", units(row.sold), "in the 28 days before, orders that stand"),
        step("parts up to", units(row.parts_high), "what each sells nine times of ten, added up"),
    ];
    match row.together {
        Some(together) => {
            lines.push(step(
                "together",
                format!("{together:.2}"),
                "correlation of two of them: their sales from four weeks to the next, 18 months",
            ));
            lines.push(note(
                "1: they rise and fall as one, and the parts' figures add up. 0: they know nothing of \
                 each other, and highs and lows make up for each other. The total's spread is in between.",
            ));
        }
        None if row.parts > 1 => lines.push(note(
            "How they move together is known after four times four weeks; until then they are \
             taken to move as one.",
        )),
        None => {}
    }
    if row.run_out > 0 {
        let what = "of its SKU-sites, with a chance of half or more, within 28 days";
        lines.push(step("run out", words::count(row.run_out.into()), what));
    }
    if row.old > 0 {
        let what = "of its forecasts were made earlier, and wait to be made anew";
        lines.push(step("old", words::count(row.old.into()), what));
    }
    let title = format!("Why: the total of {}", super::super::screens::called(row));
    Why { title, lines, top: 0 }
}

/// What sells within the supplier's lead time, and whether stock lasts so long.
fn lead_lines(lead: &LeadTime) -> [WhyLine; 2] {
    let days = lead.days;
    let (median, high) = (f64::from(lead.median), f64::from(lead.high));
    let carried = match days {
        0..=28 => "",
        _ => "; after 28 days weekdays go on as in these, its spread is carried on",
    };
    let sells = format!("in {days} days; nine times of ten up to {}{carried}", words::rough(high));
    let within = format!("within the supplier's {days} days of lead time");
    [
        step("lead time", words::rough(median), sells),
        step("runs out", format!("{:.0} %", 100.0 * lead.risk), within),
    ]
}

/// Who says how many there are, when that was true, and when the source was last heard.
fn said(state: &State, row: &StockRow) -> String {
    let when = |at| {
        let stamp = words::stamp(at, state.now, &state.zone);
        format!("{}, {} ago", stamp.trim(), state.now.since(at))
    };
    match &row.as_of {
        Some((at, StockSource::Count)) => format!("counted {}, with what moved since", when(*at)),
        Some((at, StockSource::Feed(feed))) => {
            let fresh = state.pulse.fresh(feed, state.wall).words();
            format!("{feed} ({fresh}) of {}, with what moved since", when(*at))
        }
        None => "nobody".into(),
    }
}

fn of_sku(state: &State, sku: &SkuDetail, cursor: usize) -> Option<Why> {
    if let Some(row) = sku.sites.get(cursor) {
        let ahead = sku.forecasts.get(cursor).and_then(|forecast| forecast.as_deref());
        let Some(ahead) = ahead else { return Some(position(state, row)) };
        let mut why = forecast(state, &ahead.row);
        why.lines.push(note("What drove the forecast:"));
        let drove = super::super::screens::drove_by(ahead);
        why.lines.extend(drove.into_iter().map(|(what, figure, from)| step(what, figure, from)));
        return Some(why);
    }
    let mut lines = Vec::new();
    for row in &sku.sites {
        lines.push(note(format!("At {}:", row.site)));
        lines.extend(position_lines(state, row, None));
    }
    let title = format!("Why: {} at all sites", sku.product.sku);
    (!lines.is_empty()).then_some(Why { title, lines, top: 0 })
}

fn of_order(detail: &OrderDetail, cursor: usize) -> Why {
    let order = &detail.order;
    let mut lines = Vec::new();
    let shown = super::super::screens::line_order(detail);
    let at = shown.get(cursor).or(shown.last()).copied().unwrap_or(0);
    let mut title = format!("Why: order {}", order.key.number);
    if let Some(line) = order.lines.get(at) {
        title = format!("Why: {} in order {}", line.sku, order.key.number);
        lines.push(step("ordered", words::qty(line.qty), ""));
        if !line.cancelled.is_zero() {
            lines.push(step("less called off", words::qty(line.cancelled), ""));
            lines.push(step("= wanted", words::qty(line.standing()), ""));
        }
        let beside = detail.lines.get(at).filter(|_| line.class == LineClass::Product);
        match beside.and_then(|beside| beside.on_hand.zip(beside.available)) {
            Some((on_hand, available)) => {
                let site = format!("at {}", order.site);
                lines.push(step("on hand", words::qty(on_hand), site));
                let promised = words::qty(on_hand - available);
                lines.push(step(
                    "less promised",
                    promised,
                    "orders pending, open or held, this too",
                ));
                lines.push(step("= available", words::qty(available), "below 0: short"));
            }
            None if line.class == LineClass::Product => lines.push(note(format!(
                "Nobody has said how many are at {}: available is unknown, and not 0.",
                order.site
            ))),
            None => lines.push(note("No stock moves with this line.")),
        }
        let value = line.price.times(line.standing());
        let sum = format!("{} x {}, before tax", words::qty(line.standing()), line.price);
        lines.push(step("= worth", words::amount(value), sum));
    }
    let total = format!("{}, as {} says", order.total.currency, order.key.feed);
    lines.push(step("order's total", words::amount(order.total), total));
    Why { title, lines, top: 0 }
}

fn of_overview(state: &State, o: &Overview, row: Option<&RunningOut>) -> Why {
    let mut lines = Vec::new();
    let mut title = "Why: today's figures".to_owned();
    if let Some(row) = row {
        title = format!("Why: {} at {} is running out", row.sku, row.site);
        lines.push(step(
            "available",
            words::qty(row.available),
            "on hand less promised; w on the SKU",
        ));
        let rate = format!("sold in {RATE_DAYS} days / {RATE_DAYS}");
        lines.push(step("a day", format!("{:.2}", row.daily), rate));
        let sum = format!("{} / {:.2}, not below 0", words::qty(row.available), row.daily);
        lines.push(step("= days left", words::days(row.days), sum));
        let (days, from) = match (row.next_delivery_days, row.lead_days) {
            (Some(days), _) => (words::days(days), "until the next open purchase order is due"),
            (None, Some(days)) => (words::days(days), "none is due; the supplier's lead time"),
            (None, None) => ("7".into(), "none is due, no lead time is known; a week is taken"),
        };
        lines.push(step("more come in", format!("{days} d"), from));
        lines.push(note("It is listed since it lasts less long than that. Today:"));
    }
    lines.push(step("orders today", words::count(o.orders_today), "placed since midnight, sales"));
    let weekday = words::weekday(o.at.day(&state.zone));
    match o.usual_by_now {
        Some(usual) => {
            let weeks = format!(
                "mean of {} {weekday}s of the last 8 weeks by this time; days without orders left out",
                o.usual_weeks
            );
            lines.push(step("usual by now", words::rough(usual), weeks));
        }
        None => {
            lines.push(note(format!("What is usual is known after two {weekday}s with orders.")))
        }
    }
    lines.push(step(
        "to ship",
        words::count(o.to_ship),
        "open or held; what is pending is not paid",
    ));
    let late = format!("of those, waiting for more than {} h", LATE_AFTER.as_seconds() / 3_600);
    lines.push(step("late", words::count(o.late), late));
    lines.push(step("short", words::count(o.short), "SKUs at a site with less than 0 available"));
    lines.push(step("held", words::count(o.held), "somebody stopped them"));
    if let Some((feed, fresh)) = state.pulse.oldest(state.wall) {
        lines.push(note(format!("The source heard longest ago: {}, {}.", feed.id, fresh.words())));
    }
    Why { title, lines, top: 0 }
}
