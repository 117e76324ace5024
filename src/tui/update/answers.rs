//! Answers from the owner: each goes to what asked for it, and the screen is drawn only if what
//! it shows has changed.

use super::super::event::Effect;
use super::super::freshness::Freshness;
use super::super::state::{Asked, Body, Page, Since, State};
use super::super::table::{Row, Table};
use super::super::theme::Role;
use super::desk;
use crate::domain::Timestamp;
use crate::engine::api::{AllocationAbout, Answer, Overview, Refusal, Rows, Scoring, Status};
use crate::feed::FeedStatus;
use std::collections::BTreeSet;

/// Takes an answer.
pub fn take(state: &mut State, tag: u64, answer: Result<Answer, Refusal>) -> Vec<Effect> {
    let Some(asked) = state.pending.remove(&tag) else { return Vec::new() };
    match (asked, answer) {
        (Asked::Status, answer) => {
            state.pulse.status_asked = false;
            if let Ok(Answer::Status(status)) = answer {
                take_status(state, *status);
            }
        }
        (Asked::Feeds, answer) => {
            state.pulse.feeds_asked = false;
            if let Ok(Answer::Feeds(feeds)) = answer {
                take_feeds(state, feeds);
            }
        }
        (Asked::FlagCounts, answer) => {
            state.pulse.flags_asked = false;
            if let Ok(Answer::FlagCounts(counts)) = answer
                && state.pulse.flags.as_ref() != Some(&*counts)
            {
                state.pulse.flags = Some(*counts);
                state.touch();
            }
        }
        (Asked::Undo, answer) => desk::propose_undo(state, answer),
        (Asked::WhatIf, answer) => {
            // Answers come in any order, and the one asked last tells of what stands in the form now.
            state.pending.retain(|other, asked| *asked != Asked::WhatIf || *other > tag);
            if !state.pending.values().any(|asked| *asked == Asked::WhatIf) {
                super::what_if::previewed(state, answer);
            }
        }
        (Asked::Conversion | Asked::Requests, answer) => super::purchases::told(state, answer),
        (Asked::Page(id), Ok(answer)) => {
            since(state, &answer);
            let Some(page) = state.page_by_id(id) else { return Vec::new() };
            let network = takes_over(page, &answer);
            let is_new = take_page(page, tag, answer);
            page.settle_site();
            if is_new {
                state.touch();
            }
            if let Some(network) = network {
                state.notify(
                    Role::Notice,
                    format!(
                        "Network {network} scores from now on, no longer rules alone: orders of the last \
                         week were looked at again."
                    ),
                );
            }
        }
        (Asked::Page(id), Err(refusal)) => {
            if let Some(page) = state.page_by_id(id) {
                page.refused(tag, &refusal.message);
                state.touch();
            }
        }
    }
    Vec::new()
}

/// The network that scores from now on, where rules alone did so far.
fn takes_over(page: &Page, answer: &Answer) -> Option<u32> {
    let (Body::Flags(queue), Answer::Flags(told)) = (&page.body, answer) else { return None };
    match (queue.counts.as_ref()?.scoring, told.counts.scoring) {
        (Scoring::Rules { .. }, Scoring::Network(network)) => Some(network),
        _ => None,
    }
}

fn take_page(page: &mut Page, tag: u64, answer: Answer) -> bool {
    match (&mut page.body, answer) {
        (Body::Overview(panel), Answer::Overview(overview)) => {
            let same = panel.data.as_ref().is_some_and(|old| looks_same(old, &overview));
            panel.answer(tag, Some(*overview)) && !same
        }
        (Body::Order(panel), Answer::Order(order)) => panel.answer(tag, order.map(|o| *o)),
        (Body::Models(_, learning), Answer::FlagLearning(told)) => {
            learning.answer(tag, Some(*told))
        }
        (Body::Models(panel, _), Answer::Models(report)) => {
            // What is in use is what people come to see.
            let in_use = report.versions.iter().position(|version| version.in_use);
            let opens = panel.data.is_none();
            let new = panel.answer(tag, Some(*report));
            if let Some(at) = in_use.filter(|_| opens && new) {
                panel.cursor = at;
            }
            new
        }
        (Body::Backtest(panel), Answer::Backtests(told)) => panel.answer(tag, Some(*told)),
        (Body::Sku(panel, _), Answer::Sku(sku)) => panel.answer(tag, sku.map(|s| *s)),
        (Body::Orders(table), Answer::Orders(rows)) => take_rows(table, tag, rows),
        (Body::Stock(table), Answer::Stock(rows)) => take_rows(table, tag, rows),
        (Body::Journal(table), Answer::Journal(rows)) => take_rows(table, tag, rows),
        (Body::Forecast(table), Answer::Forecasts(rows)) => take_rows(table, tag, rows),
        (Body::Reorders(table), Answer::Reorders(rows)) => take_rows(table, tag, rows),
        (Body::Totals(table), Answer::Totals(rows)) => take_rows(table, tag, rows),
        (Body::Purchases(table), Answer::Purchases(rows)) => take_rows(table, tag, rows),
        (Body::Coordination(table), Answer::Coordination(rows)) => take_rows(table, tag, rows),
        (Body::Expected(table), Answer::Expected(rows)) => take_rows(table, tag, rows),
        (Body::Purchase(panel), Answer::Purchase(told)) => panel.answer(tag, told.map(|one| *one)),
        (Body::Flags(queue), Answer::Flags(told)) => {
            let counts = Some(told.counts);
            let other = queue.counts != counts;
            queue.counts = counts;
            take_rows(&mut queue.table, tag, told.rows) || other
        }
        (Body::Case(case), Answer::Flag(told)) => {
            let new = case.panel.answer(tag, told.map(|one| *one));
            let orders = case.panel.data.iter().flat_map(|detail| &detail.orders);
            let open: BTreeSet<_> = orders
                .filter(|flagged| flagged.verdict.is_none())
                .map(|flagged| flagged.order.key.clone())
                .collect();
            // What somebody has decided on since is not decided on again.
            case.marks.retain(|key| open.contains(key));
            new
        }
        (Body::Past(panel), Answer::FlagPast(told)) => panel.answer(tag, told.map(|one| *one)),
        (Body::Rules(panel, _), Answer::FlagRules(rules)) => panel.answer(tag, Some(rules)),
        (Body::Rules(_, panel), Answer::Mutes(mutes)) => panel.answer(tag, Some(mutes)),
        (Body::Allocation(table, told), Answer::Allocations(rows, about)) => {
            let is_new = told.replace(about.clone()).is_none_or(|before| {
                let plain = |about: &AllocationAbout| AllocationAbout {
                    at: None,
                    took_ms: 0,
                    ..about.clone()
                };
                plain(&before) != plain(&about)
            });
            take_rows(table, tag, rows) || is_new
        }
        (Body::Supplier(panel), Answer::Supplier(told)) => panel.answer(tag, told.map(|one| *one)),
        (Body::Quarantine(table), Answer::Quarantine(rows)) => take_rows(table, tag, rows),
        _ => {
            page.refused(tag, "The owner answered another question than was asked.");
            true
        }
    }
}

fn take_rows<T: Row>(table: &mut Table<T>, tag: u64, rows: Rows<T>) -> bool {
    let view = |t: &Table<T>| {
        (t.offset, t.total, t.unfiltered, t.cursor, t.top, t.loaded, t.error.is_some())
    };
    let (old_rows, old_view) = (std::mem::take(&mut table.rows), view(table));
    table.rows = old_rows.clone();
    table.answer(tag, rows) && (old_view != view(table) || old_rows != table.rows)
}

/// Whether two overviews look alike: the moments at which they were made and seconds of silence
/// are not shown as such.
fn looks_same(old: &Overview, new: &Overview) -> bool {
    let plain = |overview: &Overview| Overview {
        at: Timestamp::default(),
        made: Timestamp::default(),
        feeds: Vec::new(),
        ..overview.clone()
    };
    plain(old) == plain(new)
}

fn take_status(state: &mut State, status: Status) {
    if state.paused != status.paused {
        // Another console or the command line may have paused or gone on.
        state.paused = status.paused;
        state.touch();
    }
    let shown = |s: &Status| {
        let orders = (s.counts[0], s.newest_order, s.plan_waits.clone());
        (s.kind, (s.ready, s.following), s.work.clone(), s.since, s.consoles.len(), orders)
    };
    let same = state.status.as_ref().is_some_and(|old| shown(old) == shown(&status));
    if state.status.as_ref().is_some_and(|old| old.since != status.since) {
        state.pulse.known = false;
    }
    state.now = state.now.max(status.now);
    state.status = Some(status);
    if !same {
        state.touch();
    }
}

fn take_feeds(state: &mut State, feeds: Vec<FeedStatus>) {
    let (told, wall) = (state.pulse.told, state.wall);
    let plain = |feed: &FeedStatus, told: Timestamp| {
        let fresh = Freshness::of(feed, told, wall).words();
        (FeedStatus { heard_ms_ago: None, next_try_in_ms: None, ..feed.clone() }, fresh)
    };
    let before: Vec<_> = state.pulse.feeds.iter().map(|feed| plain(feed, told)).collect();
    let after: Vec<_> = feeds.iter().map(|feed| plain(feed, wall)).collect();
    if before != after || !state.pulse.known {
        state.touch();
    }
    state.pulse.feeds = feeds;
    state.pulse.told = wall;
    state.pulse.known = true;
}

/// Notes what there was when this person began to watch.
fn since(state: &mut State, answer: &Answer) {
    let ready = state.status.as_ref().is_some_and(|status| status.ready);
    if let (None, true, Answer::Overview(overview)) = (state.since, ready, answer) {
        let entry = overview.journal.first().map_or(0, |row| row.entry.seq);
        state.since = Some(Since { at: overview.at, orders: overview.orders_total, entry });
    }
}
