//! Moving about: the cursor, the stack of pages, the history of where one was.

use super::super::commands::Id;
use super::super::event::Effect;
use super::super::layers::Layer;
use super::super::place::{Goal, Place, Screen};
use super::super::screens;
use super::super::state::{Body, State};
use super::super::target::Target;
use super::super::theme::Role;
use crate::domain::{AccountRef, CaseId, CustomerRef, FeedId, OrderNo, PoNumber, Sku, SupplierId};
use crate::engine::api::{GroupBy, OrderRef, PastOf};
use crate::engine::{FORECASTS, TOTALS};
use crate::orders::filter::{self, Test};

/// Places remembered for `[` and `]`.
const HISTORY: usize = 50;

/// Moves the cursor by rows.
pub fn move_by(state: &mut State, rows: isize) {
    state.notice = None;
    let items = screens::items(state, state.page()).len();
    let page = state.page_mut();
    if let Some(table) = page.table_mut() {
        table.move_by(rows);
    } else if let Some(cursor) = page.cursor_mut() {
        *cursor = cursor.saturating_add_signed(rows).min(items.saturating_sub(1));
    }
    state.touch();
}

/// Moves a page up (-1) or down (1).
pub fn page(state: &mut State, pages: isize) {
    let rows = state.page().table().map_or(10, |table| table.height().saturating_sub(1).max(1));
    move_by(state, pages * isize::try_from(rows).unwrap_or(1));
}

/// Moves to the first or last row.
pub fn to_end(state: &mut State, last: bool) {
    state.notice = None;
    match (state.page_mut().table_mut(), last) {
        (Some(table), true) => table.move_to(table.total().saturating_sub(1)),
        (Some(table), false) => table.move_to(0),
        (None, true) => move_by(state, isize::MAX),
        (None, false) => move_by(state, isize::MIN),
    }
    state.touch();
}

/// Moves to the first thing of the section before (-1) or after (1).
pub fn section(state: &mut State, step: isize) {
    if state.notice.take().is_some() {
        state.touch();
    }
    let items = screens::items(state, state.page());
    let Some(cursor) = state.page_mut().cursor_mut() else { return };
    let Some(now) = items.get(*cursor).map(|item| item.section) else { return };
    let mut sections: Vec<_> = items.iter().map(|item| item.section).collect();
    sections.dedup();
    let at = sections.iter().position(|s| *s == now).unwrap_or(0);
    let to = at.saturating_add_signed(step).min(sections.len().saturating_sub(1));
    if to != at
        && let Some(first) = items.iter().position(|item| item.section == sections[to])
    {
        *cursor = first;
        state.touch();
    }
}

/// Selects the row on a line of the terminal.
pub fn click(state: &mut State, line: u16) {
    let first = screens::first_table_line(state.size);
    let page = state.page_mut();
    if let (Some(table), Some(row)) = (page.table_mut(), line.checked_sub(first)) {
        let index = table.top() + usize::from(row);
        if usize::from(row) < table.height() && index < table.total() {
            table.move_to(index);
            state.touch();
        }
    }
}

/// Opens what is under the cursor.
pub fn enter(state: &mut State) -> Result<Vec<Effect>, String> {
    let target = state.target().unwrap_or_default();
    let Some(mut goal) = target.goal else {
        let whole = super::why::whole(state).ok_or("There is nothing to open here.")?;
        super::push(state, Layer::Why(whole));
        return Ok(Vec::new());
    };
    if state.page().place == goal.place && goal.filter.is_empty() {
        return Ok(Vec::new());
    }
    if matches!(state.page().place, Place::Totals(_)) {
        // What was added up is what is opened.
        let kept = kept_filter(state);
        goal.filter = [goal.filter, kept].join(" ").trim().to_owned();
    }
    let effects = push(state, goal);
    if let Some(site) = target.site {
        state.page_mut().select_site(site);
    }
    Ok(effects)
}

/// Puts a page on the stack.
pub fn push(state: &mut State, goal: Goal) -> Vec<Effect> {
    remember(state);
    let mut page = state.new_page(goal.place);
    if let Some(table) = page.table_mut() {
        table.set_filter(&goal.filter);
    }
    // What the pane beside the table shows is what is opened: it need not be asked again.
    if let Some(peek) = state.page_mut().peek.take_if(|peek| peek.place == page.place) {
        page = *peek;
    }
    state.pages.push(page);
    arrive(state)
}

/// Leaves what is on top: marks, the filter, then the page.
pub fn back(state: &mut State) -> Vec<Effect> {
    state.notice = None;
    state.touch();
    if let Some(table) = state.page_mut().table_mut() {
        if table.unmark() {
            return Vec::new();
        }
        if !table.filter().is_empty() && state.pages.len() == 1 {
            if let Some(table) = state.page_mut().table_mut() {
                table.set_filter("");
            }
            return Vec::new();
        }
    }
    if state.pages.len() > 1 {
        remember(state);
        state.pages.pop();
        state.page_mut().set_stale();
        return arrive(state);
    }
    Vec::new()
}

/// Opens one of the main screens itself, whatever was opened from it: `[` leads back there. Its
/// table is found as it was left, unless a filter is given. The quarantine belongs to the feeds and is opened under them.
pub fn root(state: &mut State, to: Screen, filter: &str) -> Vec<Effect> {
    let place = match to {
        Screen::Orders => Place::Orders,
        Screen::Stock => Place::Stock,
        Screen::Feeds => Place::Feeds,
        Screen::Journal => Place::Journal,
        Screen::Forecast => Place::Forecast,
        Screen::Reorders => Place::Reorders,
        Screen::Purchases => Place::Purchases,
        Screen::Allocation => Place::Allocation,
        Screen::Models => Place::Models,
        Screen::Flags => Place::Flags,
        Screen::Coordination => Place::Coordination,
        Screen::Quarantine => {
            let mut effects = root(state, Screen::Feeds, "");
            state.pages.truncate(1);
            let goal = Goal { place: Place::Quarantine, filter: filter.to_owned() };
            effects.extend(push(state, goal));
            return effects;
        }
        // It judges what is proposed, and is opened under that.
        Screen::Backtest => {
            let mut effects = root(state, Screen::Reorders, "");
            state.pages.truncate(1);
            effects.extend(push(state, Goal::to(Place::Backtest)));
            return effects;
        }
        // The rules say what is flagged, and are opened under that.
        Screen::Rules => {
            let mut effects = root(state, Screen::Flags, "");
            state.pages.truncate(1);
            effects.extend(push(state, Goal::to(Place::Rules)));
            return effects;
        }
        // It follows from the same plan.
        Screen::Expected => {
            let mut effects = root(state, Screen::Coordination, "");
            state.pages.truncate(1);
            let goal = Goal { place: Place::Expected, filter: filter.to_owned() };
            effects.extend(push(state, goal));
            return effects;
        }
        Screen::Totals => return totals(state, filter).unwrap_or_default(),
        Screen::Overview
        | Screen::Order
        | Screen::Sku
        | Screen::Purchase
        | Screen::Case
        | Screen::Past
        | Screen::Supplier => Place::Overview,
    };
    let screen = place.screen();
    remember(state);
    let root = state.pages[0].place.screen();
    if root == screen {
        state.pages.truncate(1);
    } else {
        let fresh = state.new_page(place);
        let pages = state.parked.remove(&screen).unwrap_or_else(|| vec![fresh]);
        let left = std::mem::replace(&mut state.pages, pages);
        state.parked.insert(root, left);
        state.pages.truncate(1);
    }
    if !filter.is_empty() {
        state.pages.truncate(1);
        if let Some(table) = state.page_mut().table_mut() {
            table.set_filter(filter);
        }
    }
    state.page_mut().set_stale();
    arrive(state)
}

/// Opens the totals, by what is named first; the rest is a filter.
pub fn totals(state: &mut State, args: &str) -> Result<Vec<Effect>, String> {
    let (word, rest) = args.trim().split_once(char::is_whitespace).unwrap_or((args.trim(), ""));
    let (by, filter) = match GroupBy::named(word) {
        Some(by) => (by, rest.trim()),
        None => (GroupBy::Category, args.trim()),
    };
    super::complete::whole(state, Screen::Totals, filter)?;
    let mut effects = root(state, Screen::Forecast, "");
    effects.extend(push(state, Goal { place: Place::Totals(by), filter: filter.to_owned() }));
    Ok(effects)
}

/// Adds forecasts up by something else: what is named, else what comes next; after the last one by
/// one again.
pub fn by(state: &mut State, args: &str) -> Result<Vec<Effect>, String> {
    let now = match state.page().place {
        Place::Totals(by) => Some(by),
        _ => None,
    };
    let next = match (args.trim(), now) {
        ("", None) => GroupBy::ALL.first().copied(),
        ("", Some(now)) => GroupBy::ALL.into_iter().skip_while(|by| *by != now).nth(1),
        ("sku", _) => None,
        (word, _) => {
            let by = GroupBy::named(word);
            let known = GroupBy::ALL.map(GroupBy::word).join(", ");
            Some(by.ok_or_else(|| format!("Forecasts are added up by {known}, or `by sku`."))?)
        }
    };
    let filter = kept_filter(state);
    let left_out = state.page().table().is_some_and(|table| table.filter().trim() != filter);
    let effects = match next {
        next if next == now => return Ok(Vec::new()),
        None => root(state, Screen::Forecast, &filter),
        Some(by) if now.is_none() => push(state, Goal { place: Place::Totals(by), filter }),
        Some(by) => {
            remember(state);
            let mut page = state.new_page(Place::Totals(by));
            if let Some(table) = page.table_mut() {
                table.set_filter(&filter);
            }
            *state.page_mut() = page;
            arrive(state)
        }
    };
    if left_out {
        let kept = "Of the filter, what is said of site, category and supplier goes along.";
        state.notify(Role::Warn, kept);
    }
    Ok(effects)
}

/// What of a table's filter holds of forecasts and of their totals alike: what it says of the sites,
/// categories and suppliers.
fn kept_filter(state: &State) -> String {
    let fields = match state.page().place {
        Place::Totals(_) => &TOTALS,
        _ => &FORECASTS,
    };
    let text = state.page().table().map_or("", |table| table.filter());
    let Ok(filter) = filter::parse(text, fields, state.now, &state.zone) else {
        return String::new();
    };
    let kept = filter.terms().iter().filter(|term| match &term.test {
        Test::Text(field, _) => GroupBy::named(field.name).is_some(),
        _ => false,
    });
    kept.filter_map(|term| text.get(term.at.clone())).collect::<Vec<_>>().join(" ")
}

/// Opens an order or a SKU by what was typed; with nothing typed, what is under the cursor.
pub fn detail(state: &mut State, id: Id, args: &str) -> Result<Vec<Effect>, String> {
    let args = args.trim();
    if args.is_empty() {
        let wanted = match id {
            Id::Order => Screen::Order,
            Id::Purchase => Screen::Purchase,
            Id::Case => Screen::Case,
            Id::Past => Screen::Past,
            _ => Screen::Sku,
        };
        let goal = state.target().and_then(|t: Target| t.goal);
        return match goal.filter(|goal| goal.place.screen() == wanted) {
            Some(goal) => Ok(push(state, goal)),
            None if id == Id::Purchase => {
                Err("Give a purchase order's number, as in `purchase PO-000012`.".into())
            }
            None if id == Id::Case => Err("Give a case, as in `case O1042`.".into()),
            None if id == Id::Past => {
                Err("Give a SKU or a customer's pseudonym, as in `past sku:85123A`.".into())
            }
            None if id == Id::Order => Err("Give an order's number, as in `order 10023`.".into()),
            None => Err("Give a SKU, as in `sku 85123A`.".into()),
        };
    }
    let place = if id == Id::Sku {
        Place::Sku(Sku::new(args))
    } else if id == Id::Purchase {
        Place::Purchase(PoNumber::new(args))
    } else if id == Id::Case {
        let case = CaseId::parse(args);
        Place::Case(case.ok_or_else(|| format!("`{args}` is no case; write it as in O1042."))?)
    } else if id == Id::Past {
        Place::Past(match args.split_once(':') {
            Some(("sku", sku)) => PastOf::Sku(Sku::new(sku)),
            Some(("customer", customer)) => PastOf::Customer(CustomerRef::new(customer)),
            Some(("account", account)) => PastOf::Account(
                AccountRef::parse(account)
                    .ok_or_else(|| format!("`{account}` is no account; copy it from a case."))?,
            ),
            _ => PastOf::Customer(CustomerRef::new(args)),
        })
    } else {
        let (feed, number) = match args.split_once('/') {
            Some((feed, number)) => (Some(FeedId::new(feed)), number),
            None => (None, args),
        };
        Place::Order(OrderRef { feed, number: OrderNo::new(number) })
    };
    Ok(push(state, Goal::to(place)))
}

/// Opens a supplier's scorecard: the one that was typed, else that of what is selected.
pub fn supplier(state: &mut State, args: &str) -> Result<Vec<Effect>, String> {
    let named = Some(args.trim()).filter(|args| !args.is_empty()).map(SupplierId::new);
    let place = match named.or_else(|| of_selected(state)) {
        Some(supplier) => Place::Supplier(supplier),
        None => {
            return Err(
                "No supplier is known of it; one's code may follow: `supplier ACME`.".into()
            );
        }
    };
    if state.page().place == place {
        return Ok(Vec::new());
    }
    Ok(push(state, Goal::to(place)))
}

/// The supplier of what is selected or shown.
fn of_selected(state: &State) -> Option<SupplierId> {
    match &state.page().body {
        Body::Purchases(table) => table.selected().map(|row| row.supplier.clone()),
        Body::Purchase(panel) => panel.data.as_ref().map(|detail| detail.row.supplier.clone()),
        Body::Sku(panel, _) => panel.data.as_ref()?.product.supplier.clone(),
        Body::Stock(table) => table.selected()?.supplier.clone(),
        Body::Forecast(table) => table.selected()?.stock.supplier.clone(),
        Body::Reorders(table) => table.selected()?.stock.supplier.clone(),
        Body::Supplier(panel) => panel.data.as_ref().map(|card| card.supplier.clone()),
        Body::Coordination(table) => table.selected()?.supplier.clone(),
        Body::Expected(table) => table.selected().map(|row| row.week.supplier.clone()),
        _ => None,
    }
}

/// Sorts by the next column, or by the one named.
pub fn sort(state: &mut State, name: &str) -> Result<(), String> {
    let columns = screens::sort_columns(state.screen());
    let Some(table) = state.page_mut().table_mut() else { return Ok(()) };
    let (now, descending) = table.order();
    let next = if name.is_empty() {
        let at = now.and_then(|now| columns.iter().position(|(c, _)| *c == now));
        columns.get(at.map_or(0, |at| at + 1))
    } else {
        let known = columns.iter().find(|(c, _)| *c == name);
        Some(known.ok_or_else(|| {
            let names: Vec<_> = columns.iter().map(|(c, _)| *c).collect();
            format!("There is no column `{name}`; there are {}.", names.join(", "))
        })?)
    };
    match next {
        Some((name, _)) if now == Some(name) => table.set_order(Some(name), !descending),
        Some((name, largest_first)) => table.set_order(Some(name), *largest_first),
        None => table.set_order(None, false),
    }
    state.touch();
    Ok(())
}

/// Turns the order round.
pub fn reverse(state: &mut State) {
    let columns = screens::sort_columns(state.screen());
    if let Some(table) = state.page_mut().table_mut() {
        let (sort, descending) = table.order();
        let sort = sort.map(str::to_owned);
        let name = sort.as_deref().or_else(|| columns.first().map(|(name, _)| *name));
        table.set_order(name, !descending);
        state.touch();
    }
}

/// Goes back (-1) or forward (1) in the history of places.
pub fn history(state: &mut State, step: isize) -> Result<Vec<Effect>, String> {
    let to = state.history_at.checked_add_signed(step);
    let Some(memos) = to.and_then(|to| state.history.get(to)).cloned() else {
        let end = if step < 0 { "oldest" } else { "newest" };
        return Err(format!("This is the {end} place you were at."));
    };
    remember(state);
    state.history_at = to.unwrap_or(0);
    state.notice = None;
    state.restore(&memos);
    Ok(vec![state.bookmark()])
}

/// Writes the present stack into its place in the history, before it is left.
fn remember(state: &mut State) {
    let memos = state.memos();
    if state.history.is_empty() {
        state.history.push(memos);
    } else if let Some(now) = state.history.get_mut(state.history_at) {
        *now = memos;
    }
}

/// What follows every change of place.
fn arrive(state: &mut State) -> Vec<Effect> {
    state.history.truncate(state.history_at + 1);
    state.history.push(state.memos());
    if state.history.len() > HISTORY {
        state.history.remove(0);
    }
    state.history_at = state.history.len() - 1;
    state.notice = None;
    state.layers.clear();
    state.layout();
    state.touch();
    vec![state.bookmark()]
}
