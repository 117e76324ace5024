//! Views: pure functions of the state. The frame is a header, a body, a line of state and hints;
//! layers lie over its lower part.

mod allocation;
mod backtest;
mod case;
mod chrome;
mod compact;
mod coordination;
mod drove;
mod expected;
mod feeds;
mod flags;
mod forecast;
mod journal;
mod models;
mod order;
mod orders;
mod overrides;
mod overview;
mod past;
mod purchase;
mod purchases;
mod quarantine;
mod reorders;
mod rules;
mod sku;
mod stock;
mod supplier;
mod totals;

pub use allocation::{choices, differs, way};
pub use backtest::{called as policy_called, money as whole_money};
pub use drove::lines as drove_by;
pub use flags::which_word;
pub use forecast::chance;
pub use models::LEGEND;
pub use order::line_order;
pub use purchase::to_come;
pub use purchases::named;
pub use reorders::sureness;
pub use totals::called;

use super::canvas::Canvas;
use super::layers::Layer;
use super::place::{Place, Screen};
use super::state::{Body, Page, Panel, State};
use super::target::Target;
use super::theme::{Glyphs, Role};
use super::widgets::table::{Column, Look};
use super::widgets::{form, help, palette, revealed, table, why};
use ratatui::Frame;
use ratatui::layout::Position;

/// Something on a screen that can be selected, and the section it stands in.
#[derive(Clone, Debug)]
pub struct Item {
    /// The section, for moving from one to the next.
    pub section: usize,
    /// What it is.
    pub target: Target,
}

/// Below this size a few lines of text are all that is shown.
const LEAST: (u16, u16) = (40, 8);
/// From this height on, rules set header and hints off from the body.
const RULES_FROM: u16 = 12;
/// From this width on, details of the selected row stand beside the table.
const PEEK_FROM: u16 = 150;

/// Draws the console.
pub fn view(state: &State, frame: &mut Frame<'_>) {
    let area = frame.area();
    if area.is_empty() {
        return;
    }
    let mut canvas = Canvas::new(frame.buffer_mut(), area, &state.theme);
    canvas.clear();
    if is_compact((area.width, area.height)) {
        compact::draw(&mut canvas, state);
        return;
    }
    let (top, bottom) = margins(area.height);
    chrome::header(&mut canvas, state);
    let body = area.height - top - bottom;
    {
        let mut canvas = canvas.part(0, top, area.width, body);
        page(&mut canvas, state, state.page());
    }
    chrome::footer(&mut canvas, state);
    if let Some((x, y)) = layer(&mut canvas, state) {
        frame.set_cursor_position(Position { x: area.x + x, y: area.y + y });
    }
}

const fn is_compact(size: (u16, u16)) -> bool {
    size.0 < LEAST.0 || size.1 < LEAST.1
}

/// Lines above and below the body.
const fn margins(height: u16) -> (u16, u16) {
    if height >= RULES_FROM { (2, 2) } else { (1, 1) }
}

/// Rows that a table on this screen shows at a size.
pub fn table_rows(size: (u16, u16), screen: Screen) -> usize {
    if is_compact(size) {
        return 1;
    }
    let (top, bottom) = margins(size.1);
    let below = match screen {
        Screen::Quarantine | Screen::Journal => detail_lines(size.1),
        Screen::Coordination if size.1 >= 20 => coordination::BELOW,
        Screen::Purchases if size.1 >= 20 && !has_peek(size, screen) => purchases::BELOW,
        Screen::Reorders if size.1 >= 20 => reorders::BELOW,
        Screen::Flags if has_peek(size, screen) && size.0 < PEEK_FROM => peek_lines(size.1),
        Screen::Allocation => allocation::below(size.1),
        _ => 0,
    };
    usize::from(size.1.saturating_sub(top + bottom + 1 + below)).max(1)
}

/// Lines below a table that show the selected row whole.
const fn detail_lines(height: u16) -> u16 {
    match height {
        0..20 => 0,
        20..40 => 6,
        _ => 12,
    }
}

/// The terminal's line with a table's first row.
pub const fn first_table_line(size: (u16, u16)) -> u16 {
    margins(size.1).0 + 1
}

/// Lines below the queue of cases that show the selected one, where there is no room beside it.
const fn peek_lines(height: u16) -> u16 {
    height / 2 - 1
}

/// Whether details of the selected row stand beside this screen's table, or below it.
pub const fn has_peek(size: (u16, u16), screen: Screen) -> bool {
    if matches!(screen, Screen::Flags) {
        return size.0 >= LEAST.0 && size.1 >= 20;
    }
    let has = matches!(
        screen,
        Screen::Orders | Screen::Stock | Screen::Forecast | Screen::Reorders | Screen::Purchases
    );
    has && size.0 >= PEEK_FROM && size.1 >= 20
}

/// Columns by which a screen's table is sorted, each with whether the largest comes first.
pub fn sort_columns(screen: Screen) -> Vec<(&'static str, bool)> {
    fn of<T>(columns: &[Column<T>]) -> Vec<(&'static str, bool)> {
        let named = columns.iter().filter(|c| !c.name.is_empty());
        named.map(|c| (c.name, c.largest_first)).collect()
    }
    match screen {
        Screen::Orders => of(orders::COLUMNS),
        Screen::Stock => of(stock::COLUMNS),
        Screen::Journal => of(journal::COLUMNS),
        Screen::Forecast => of(forecast::COLUMNS),
        Screen::Totals => of(totals::COLUMNS),
        Screen::Reorders => of(reorders::COLUMNS),
        Screen::Purchases => of(purchases::COLUMNS),
        Screen::Flags => of(flags::COLUMNS),
        Screen::Coordination => of(coordination::COLUMNS),
        Screen::Expected => of(expected::COLUMNS),
        Screen::Allocation => of(allocation::COLUMNS),
        Screen::Quarantine => of(quarantine::COLUMNS),
        _ => Vec::new(),
    }
}

/// What can be selected on a page that is no table.
pub fn items(state: &State, page: &Page) -> Vec<Item> {
    match &page.body {
        Body::Overview(panel) => panel.data.as_ref().map(overview::items).unwrap_or_default(),
        Body::Order(panel) => panel.data.as_ref().map(order::items).unwrap_or_default(),
        Body::Sku(panel, _) => panel.data.as_ref().map(sku::items).unwrap_or_default(),
        Body::Feeds(_) => feeds::items(&state.pulse.feeds),
        Body::Purchase(panel) => panel.data.as_ref().map(purchase::items).unwrap_or_default(),
        Body::Supplier(panel) => panel.data.as_ref().map(supplier::items).unwrap_or_default(),
        Body::Models(panel, _) => panel.data.as_ref().map(models::items).unwrap_or_default(),
        Body::Case(case) => case.panel.data.as_ref().map(case::items).unwrap_or_default(),
        Body::Past(panel) => panel.data.as_ref().map(past::items).unwrap_or_default(),
        Body::Rules(rules, mutes) => {
            let mutes = mutes.data.as_deref().unwrap_or_default();
            rules.data.as_ref().map(|rules| rules::items(rules, mutes)).unwrap_or_default()
        }
        Body::Backtest(panel) => panel.data.as_ref().map(backtest::items).unwrap_or_default(),
        _ => Vec::new(),
    }
}

/// What is selected on a page that is no table.
pub fn selected(state: &State, page: &Page) -> Option<Item> {
    let cursor = match &page.body {
        Body::Overview(panel) => panel.cursor,
        Body::Order(panel) => panel.cursor,
        Body::Sku(panel, _) => panel.cursor,
        Body::Feeds(cursor) => *cursor,
        Body::Models(panel, _) => panel.cursor,
        Body::Case(case) => case.panel.cursor,
        Body::Past(panel) => panel.cursor,
        Body::Rules(panel, _) => panel.cursor,
        Body::Backtest(panel) => panel.cursor,
        Body::Purchase(panel) => panel.cursor,
        Body::Supplier(panel) => panel.cursor,
        _ => return None,
    };
    let mut items = items(state, page);
    let cursor = cursor.min(items.len().checked_sub(1)?);
    Some(items.swap_remove(cursor))
}

/// What a view is drawn with.
struct Scene<'a> {
    state: &'a State,
    /// The selected item's index, where the page has the cursor.
    cursor: Option<usize>,
}

impl<'a> Scene<'a> {
    fn look(&self) -> Look<'a> {
        let State { theme, zone, now, wall, pulse, user, .. } = self.state;
        let glyphs = theme.glyphs();
        Look { cells: u16::MAX, glyphs, zone, now: *now, wall: *wall, pulse, user }
    }
    fn glyphs(&self) -> &'a Glyphs {
        self.state.theme.glyphs()
    }
    fn is_at(&self, item: usize) -> bool {
        self.cursor == Some(item)
    }
}

fn page(canvas: &mut Canvas<'_>, state: &State, shown: &Page) {
    let (width, height) = (canvas.width(), canvas.height());
    let Some(peek) = &shown.peek else { return body(canvas, state, shown, true) };
    if width < PEEK_FROM {
        let below = peek_lines(state.size.1).min(height);
        body(&mut canvas.part(0, 0, width, height - below), state, shown, true);
        return body(&mut canvas.part(0, height - below, width, below), state, peek, false);
    }
    let left = width * 3 / 5;
    body(&mut canvas.part(0, 0, left, height), state, shown, true);
    canvas.vertical(left + 1);
    body(&mut canvas.part(left + 3, 0, width - left - 3, height), state, peek, false);
}

fn body(canvas: &mut Canvas<'_>, state: &State, page: &Page, focus: bool) {
    let count = if focus { items(state, page).len() } else { 0 };
    let scene = |cursor: usize| Scene {
        state,
        cursor: (count > 0).then(|| cursor.min(count.saturating_sub(1))),
    };
    match &page.body {
        Body::Overview(panel) => overview::draw(canvas, &scene(panel.cursor), panel),
        Body::Order(panel) => {
            detail(canvas, page, panel, |canvas, order| {
                order::draw(canvas, &scene(panel.cursor), order);
            });
        }
        Body::Sku(panel, zoom) => {
            detail(canvas, page, panel, |canvas, sku| {
                let view = sku::View { zoom: *zoom, cursor: panel.cursor };
                sku::draw(canvas, &scene(panel.cursor), sku, view);
            });
        }
        Body::Feeds(cursor) => feeds::draw(canvas, &scene(*cursor)),
        Body::Flags(queue) => flags::draw(canvas, &scene(0), queue),
        Body::Case(case) => {
            detail(canvas, page, &case.panel, |canvas, told| {
                case::draw(canvas, &scene(case.panel.cursor), told, case);
            });
        }
        Body::Past(panel) => {
            detail(canvas, page, panel, |canvas, told| {
                past::draw(canvas, &scene(panel.cursor), told);
            });
        }
        Body::Rules(panel, mutes) => {
            let mutes = mutes.data.as_deref().unwrap_or_default();
            detail(canvas, page, panel, |canvas, told| {
                rules::draw(canvas, &scene(panel.cursor), told, mutes);
            });
        }
        Body::Models(panel, learning) => {
            detail(canvas, page, panel, |canvas, report| {
                models::draw(canvas, &scene(panel.cursor), report, learning.data.as_ref());
            });
        }
        Body::Backtest(panel) => {
            detail(canvas, page, panel, |canvas, told| {
                backtest::draw(canvas, &scene(panel.cursor), told);
            });
        }
        Body::Orders(rows) => {
            table::draw(canvas, rows, orders::COLUMNS, &scene(0).look(), "No orders yet.");
        }
        Body::Stock(rows) => {
            table::draw(canvas, rows, stock::COLUMNS, &scene(0).look(), "No stock is known yet.");
        }
        Body::Forecast(rows) => {
            let empty = "No forecast yet: what sold in the last 180 days is forecast in the \
                         background, once a day is over and no history is being read.";
            table::draw(canvas, rows, forecast::COLUMNS, &scene(0).look(), empty);
        }
        Body::Totals(rows) => {
            let empty = match &page.place {
                Place::Totals(by) => totals::empty(*by),
                _ => String::new(),
            };
            table::draw(canvas, rows, totals::COLUMNS, &scene(0).look(), &empty);
        }
        Body::Reorders(rows) => {
            let waits = state.status.as_ref().and_then(|status| status.plan_waits.as_deref());
            let empty = match waits {
                Some(why) => format!("What is to be ordered is not known yet: {why}."),
                None => {
                    "Nothing is proposed: every SKU that sells has enough on hand and on order."
                        .to_owned()
                }
            };
            reorders::draw(canvas, &scene(0), rows, &empty);
        }
        Body::Purchases(rows) => purchases::draw(canvas, &scene(0), rows),
        Body::Coordination(rows) => coordination::draw(canvas, &scene(0), rows),
        Body::Expected(rows) => {
            let empty =
                "Nothing is expected to be ordered within 13 weeks, or nothing can be planned yet.";
            table::draw(canvas, rows, expected::COLUMNS, &scene(0).look(), empty);
        }
        Body::Purchase(panel) => {
            detail(canvas, page, panel, |canvas, order| {
                purchase::draw(canvas, &scene(panel.cursor), order);
            });
        }
        Body::Allocation(rows, about) => {
            allocation::draw(canvas, &scene(0), rows, about.as_deref());
        }
        Body::Supplier(panel) => {
            detail(canvas, page, panel, |canvas, card| {
                supplier::draw(canvas, &scene(panel.cursor), card);
            });
        }
        Body::Journal(rows) => journal::draw(canvas, &scene(0), rows),
        Body::Quarantine(rows) => quarantine::draw(canvas, &scene(0), rows),
    }
}

/// A page about one thing: the thing, or why it is not there.
fn detail<T>(
    canvas: &mut Canvas<'_>,
    page: &Page,
    panel: &Panel<T>,
    draw: impl FnOnce(&mut Canvas<'_>, &T),
) {
    let what = match &page.place {
        Place::Sku(sku) => format!("SKU {sku}"),
        Place::Order(order) => format!("order {}", order.number),
        Place::Purchase(number) => format!("purchase order {number}"),
        Place::Case(case) => format!("case {case}"),
        Place::Supplier(supplier) => format!("supplier {supplier}"),
        other => other.crumb(),
    };
    match (&panel.data, &panel.error) {
        (Some(data), _) => draw(canvas, data),
        (None, Some(error)) => {
            canvas.line(1, 0, error, Role::Bad);
        }
        (None, None) if panel.missing => {
            let text = format!("There is no {what} here. Esc goes back; / filters the table.");
            canvas.line(1, 0, &text, Role::Warn);
        }
        (None, None) => {
            let text = format!("Loading {what}{}", canvas.glyphs().ellipsis);
            canvas.line(1, 0, &text, Role::Muted);
        }
    }
}

/// The topmost layer, over the lower part of the frame; returns where the cursor stands.
fn layer(canvas: &mut Canvas<'_>, state: &State) -> Option<(u16, u16)> {
    let (width, height) = (canvas.width(), canvas.height());
    let over = |wanted: u16| {
        let lines = wanted.min(height - 1);
        (lines, height - lines)
    };
    match state.layers.last()? {
        Layer::Filter(filter) => {
            let y = height - 1;
            if margins(height).1 > 1 {
                chrome::filter_completions(&mut canvas.part(0, y - 1, width, 1), state, filter);
            }
            let mut canvas = canvas.part(0, y, width, 1);
            canvas.clear();
            let start = canvas.line(1, 0, "/", Role::Key);
            let room = width.saturating_sub(start + 1) / 2;
            let (end, x) = form::edited(&mut canvas, start, 0, room, &filter.line);
            chrome::filter_result(&mut canvas, state, filter, end + 2);
            Some((x, y))
        }
        Layer::Palette(line) => {
            let (lines, y) = over(palette::height(state, line));
            let (cx, cy) = palette::draw(&mut canvas.part(0, y, width, lines), state, line);
            Some((cx, y + cy))
        }
        Layer::Help(top) => {
            let (above, _) = margins(height);
            help::draw(&mut canvas.part(0, above, width, height - above - 1), state, *top);
            None
        }
        Layer::Why(explained) => {
            let (lines, y) = over(why::height(explained, width));
            why::draw(&mut canvas.part(0, y, width, lines), explained);
            None
        }
        Layer::Form(filled) => {
            let (lines, y) = over(form::form_height(filled, width));
            let cursor = form::form(&mut canvas.part(0, y, width, lines), filled)?;
            Some((cursor.0, y + cursor.1))
        }
        Layer::Revealed(revealed) => {
            let (lines, y) = over(revealed::height(revealed, width));
            revealed::draw(&mut canvas.part(0, y, width, lines), revealed);
            None
        }
        Layer::Confirm(question) => {
            let (lines, y) = over(form::confirm_height(question, width));
            form::confirm(&mut canvas.part(0, y, width, lines), question);
            None
        }
    }
}

/// The first of `len` rows to show in `height` lines so that `cursor` is among them; moves by
/// whole pages.
fn window(len: usize, height: usize, cursor: Option<usize>) -> usize {
    match cursor {
        Some(cursor) if height > 0 && len > height => (cursor / height * height).min(len - height),
        _ => 0,
    }
}
