//! "Would it have worked?": the store's past played again against the console's proposals and the simple
//! rules, and what that rests on.

use super::super::canvas::Canvas;
use super::super::target::Target;
use super::super::theme::{Glyphs, Role};
use super::super::words;
use super::{Item, Scene};
use crate::domain::{Currency, Money};
use crate::engine::BACKTEST;
use crate::engine::api::{Backtest, Backtests, PolicyFigures, Work};
use crate::feed::FeedState;
use crate::plan::backtest::Classic;

/// From this width on, what the cost is made of is told.
const WIDE: u16 = 120;
/// From this height on, blank lines set the parts off.
const ROOMY: u16 = 28;
/// Where policies' names begin and end.
const NAME: (u16, u16) = (3, 32);
/// Cells of a figure's column.
const FIGURE: u16 = 10;

/// A column of figures: its title, and the figure of a policy.
type Column = (&'static str, fn(&PolicyFigures, Currency, &Glyphs) -> String);

const COLUMNS: [Column; 4] = [
    ("fill", |one, _, _| format!("{:.1} %", 100.0 * one.fill)),
    ("days out", |one, _, _| words::count(one.stockout_days)),
    ("stock", |one, currency, glyphs| money(one.stock_value, currency, glyphs)),
    ("cost", |one, currency, glyphs| money(one.total(), currency, glyphs)),
];
const MORE: [Column; 6] = [
    ("lost", |one, currency, glyphs| money(one.lost, currency, glyphs)),
    ("holding", |one, currency, glyphs| money(one.holding, currency, glyphs)),
    ("lines", |one, currency, glyphs| money(one.line, currency, glyphs)),
    ("units lost", |one, _, _| words::count(one.units_lost.round().max(0.0) as u64)),
    ("orders", |one, _, _| words::count(one.orders)),
    ("of lines", |one, _, _| words::count(one.lines)),
];

/// What a policy is called.
pub fn called(policy: &str) -> &str {
    Classic::named(policy).map_or("these proposals", Classic::words)
}

/// Whole major units.
pub fn money(value: f64, currency: Currency, glyphs: &Glyphs) -> String {
    let minor = value.round().max(0.0) * 10_f64.powi(currency.exponent() as i32);
    words::value(Money { minor: minor as i64, currency }, glyphs)
}

/// Each policy can be selected.
pub fn items(told: &Backtests) -> Vec<Item> {
    let policies = told.last.iter().flat_map(|last| &last.policies);
    let target = |one: &PolicyFigures| Target { key: one.policy.to_string(), ..Target::default() };
    policies.map(|one| Item { section: 0, target: target(one) }).collect()
}

/// Draws how each policy would have fared, then what that rests on.
pub fn draw(canvas: &mut Canvas<'_>, scene: &Scene<'_>, told: &Backtests) {
    let zone = &scene.state.zone;
    let when = match &told.last {
        Some(last) => {
            format!("replayed {}", words::stamp(last.at, scene.state.now, zone).trim_start())
        }
        None => "not replayed yet".to_owned(),
    };
    canvas.head(1, 0, "WOULD IT HAVE WORKED?", &when);
    let width = canvas.width().saturating_sub(4);
    let mut y = 1;
    for (text, role) in news(scene, told) {
        for line in words::wrap(&text, usize::from(width)) {
            canvas.text(3, y, width, &line, role);
            y += 1;
        }
    }
    let gap = u16::from(canvas.height() >= ROOMY);
    match &told.last {
        Some(last) => {
            y += gap;
            y = policies(canvas, scene, last, y);
            y += gap;
            assumed(canvas, last, y);
        }
        None => {
            let text = "The last weeks of this store are played again, day by day: what the console would have \
                        ordered, against four simple rules. Each sees only what was known on that day; \
                        nothing is changed.";
            for line in words::wrap(text, usize::from(width)) {
                y += 1;
                canvas.text(3, y, width, &line, Role::Muted);
            }
        }
    }
}

/// What runs, or why the newest came to nothing.
fn news(scene: &Scene<'_>, told: &Backtests) -> Vec<(String, Role)> {
    let work = scene.state.status.iter().flat_map(|status| &status.work);
    if let Some(work) = { work }.find(|work| &*work.progress.what == BACKTEST) {
        return vec![(running(work), Role::Accent)];
    }
    if told.run.is_some() {
        return vec![("A replay begins   X cancels".to_owned(), Role::Accent)];
    }
    let is_read = |state: &FeedState| matches!(state, FeedState::Starting | FeedState::Backfill(_));
    let reading = scene.state.pulse.feeds.iter().any(|feed| is_read(&feed.state));
    let early = reading.then(|| {
        let text = "Histories are being read: a replay now plays the part of the past that is known by then.";
        (text.to_owned(), Role::Warn)
    });
    let why = told.why_not.as_ref().map(|why| (format!("The newest: {why}."), Role::Warn));
    let again = if told.last.is_some() { "r replays again" } else { "r replays the last weeks" };
    early.into_iter().chain(why).chain([(again.to_owned(), Role::Muted)]).collect()
}

fn running(work: &Work) -> String {
    let left = work.eta_s.map_or(String::new(), |left| format!(", {} left", words::eta(left)));
    let at = match work.progress.total {
        Some(_) => words::brief_progress(&work.progress),
        None => "reading the past".to_owned(),
    };
    format!("Replaying: {at}{left}   X cancels")
}

fn policies(canvas: &mut Canvas<'_>, scene: &Scene<'_>, last: &Backtest, top: u16) -> u16 {
    let more: &[Column] = if canvas.width() >= WIDE { &MORE } else { &[] };
    let columns = || COLUMNS.iter().chain(more).zip(1..);
    canvas.highlight(top, Role::Header);
    canvas.text(NAME.0, top, NAME.1, "ordering by", Role::Header);
    let end = |place: u16| NAME.0 + NAME.1 + place * (FIGURE + 1);
    for ((title, _), place) in columns() {
        canvas.right(end(place), top, FIGURE, title, Role::Header);
    }
    let best = last.policies.iter().map(PolicyFigures::total).fold(f64::INFINITY, f64::min);
    for (y, (at, one)) in (top + 1..).zip(last.policies.iter().enumerate()) {
        let role = if one.total() <= best { Role::Accent } else { Role::Text };
        canvas.text(NAME.0, y, NAME.1, called(&one.policy), role);
        for ((_, figure), place) in columns() {
            canvas.right(end(place), y, FIGURE, &figure(one, last.currency, scene.glyphs()), role);
        }
        if scene.is_at(at) {
            canvas.highlight(y, Role::Selected);
            canvas.text(1, y, 1, scene.glyphs().select, Role::Selected);
        }
    }
    top + 1 + u16::try_from(last.policies.len()).unwrap_or(0)
}

/// What it rests on, as far as there is room; Enter tells all.
fn assumed(canvas: &mut Canvas<'_>, last: &Backtest, top: u16) {
    let width = canvas.width().saturating_sub(4);
    let lines: Vec<String> = last
        .assumed()
        .iter()
        .flat_map(|sentence| words::wrap(sentence, usize::from(width.min(120))))
        .collect();
    let fits = usize::from(canvas.height().saturating_sub(top + 1)) >= lines.len();
    canvas.head(1, top, "ASSUMED", if fits { "" } else { "Enter tells all of it" });
    for (y, line) in (top + 1..canvas.height()).zip(&lines) {
        canvas.text(3, y, width, line, Role::Text);
    }
}
