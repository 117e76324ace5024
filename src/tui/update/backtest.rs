//! Replaying the store's past: asking for it, and all that is known of what came of it.

use super::super::event::Effect;
use super::super::layers::Why;
use super::super::screens::{policy_called, whole_money};
use super::super::state::{Body, State};
use super::super::words;
use super::desk;
use super::why::{note, step};
use crate::engine::api::{Action, Backtests};
use crate::engine::{BACKTEST, USUAL_WEEKS};

/// Whether one runs.
pub fn runs(state: &State) -> bool {
    let work = state.status.iter().flat_map(|status| &status.work);
    work.into_iter().any(|work| &*work.progress.what == BACKTEST)
}

/// Has the owner replay the last weeks, in the background.
pub fn start(state: &mut State) -> Result<Vec<Effect>, String> {
    if runs(state) {
        return Err("A replay runs already; X cancels it.".into());
    }
    let actions = vec![Action::StartBacktest(USUAL_WEEKS)];
    Ok(desk::act(state, actions, "The replay has begun."))
}

fn told(state: &State) -> Option<(&Backtests, usize)> {
    match &state.page().body {
        Body::Backtest(panel) => panel.data.as_ref().map(|told| (told, panel.cursor)),
        _ => None,
    }
}

/// What a policy's cost is made of, and all that the replay rests on.
pub fn details(state: &State) -> Option<Why> {
    let (told, cursor) = told(state)?;
    let last = told.last.as_ref()?;
    let one = last.policies.get(cursor.min(last.policies.len().saturating_sub(1)))?;
    let money = |value: f64| whole_money(value, last.currency, state.theme.glyphs());
    let units = words::count(one.units_lost.round().max(0.0) as u64);
    let mut lines = vec![
        step("lost sales", money(one.lost), format!("{units} units asked for in vain")),
        step(
            "holding",
            money(one.holding),
            format!("stock worth {} on average", money(one.stock_value)),
        ),
        step(
            "order lines",
            money(one.line),
            format!("{} lines of {} orders", words::count(one.lines), words::count(one.orders)),
        ),
        step("cost", money(one.total()), "of the weeks replayed"),
    ];
    lines.extend(last.assumed().into_iter().map(note));
    Some(Why { title: format!("Ordering by: {}", policy_called(&one.policy)), lines, top: 0 })
}
