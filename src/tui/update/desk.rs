//! Decisions: what is asked of the person before, what is sent, what is said after.

use super::super::commands::Id;
use super::super::event::Effect;
use super::super::layers::{Confirm, Layer, Stage};
use super::super::place::{Place, Screen};
use super::super::state::{Asked, Body, State};
use super::super::target::Target;
use super::super::theme::Role;
use super::super::words;
use super::forms::{self, Intent, Kind};
use super::push;
use crate::domain::text::clean;
use crate::domain::{Decision, Entry, Sku, Subject};
use crate::engine::api::{Action, Answer, JournalRow, Outcome, PageOf, Query, Refusal};
use crate::engine::{BACKTEST, TRAINING};

/// Something that was sent and has not come back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deed {
    /// What the notice says when it is done.
    pub done: &'static str,
    /// What pausing or going on sets.
    pub pause: Option<bool>,
}

/// Journal entries looked through for something to undo.
const UNDO_SEARCH: usize = 200;

/// Sends actions; decisions that were made at once as one act.
pub fn act(state: &mut State, actions: Vec<Action>, done: &'static str) -> Vec<Effect> {
    if actions.iter().any(is_about_proposal)
        && let Some(table) = state.page_mut().table_mut()
    {
        table.leave();
    }
    let mut effects = Vec::with_capacity(actions.len());
    for action in as_one(actions) {
        let tag = state.tag();
        let pause = match &action {
            Action::Pause(on) => Some(*on),
            _ => None,
        };
        state.deeds.insert(tag, Deed { done, pause });
        effects.push(Effect::Act { tag, action });
    }
    effects
}

/// Whether it decides about what is proposed, which stands elsewhere in its list then.
fn is_about_proposal(action: &Action) -> bool {
    use Decision::{Approve, Reject, SendTransfer, Snooze, TurnDown};
    let Action::Decide { decision, .. } = action else { return false };
    matches!(
        decision,
        Approve(_) | Reject { .. } | Snooze { .. } | SendTransfer(_) | TurnDown { .. }
    )
}

fn as_one(actions: Vec<Action>) -> Vec<Action> {
    if actions.len() < 2 || !actions.iter().all(|one| matches!(one, Action::Decide { .. })) {
        return actions;
    }
    let decisions = actions.into_iter().filter_map(|action| match action {
        Action::Decide { decision, saw } => Some((decision, saw)),
        _ => None,
    });
    vec![Action::DecideAll(decisions.collect())]
}

/// Takes what came of an action.
pub fn outcome(state: &mut State, tag: u64, outcome: Result<Outcome, Refusal>) -> Vec<Effect> {
    let Some(deed) = state.deeds.remove(&tag) else { return Vec::new() };
    match outcome {
        Err(refusal) => {
            refused(state, &refusal.message);
            return vec![Effect::Bell];
        }
        Ok(outcome) => {
            if let Some(pause) = deed.pause {
                state.paused = pause;
            }
            let text = match outcome {
                Outcome::Acted { first, last, done, of, why_not } => {
                    // Others may have decided meanwhile.
                    let entries = match last.checked_sub(first).map(|more| more + 1) {
                        Some(all) if all != done => {
                            format!("entries between {first} and {last}")
                        }
                        _ => format!("entries {first} to {last}"),
                    };
                    let text = match deed.done {
                        "Undone" => format!("Undone: {} by {entries}.", words::count(done)),
                        did => format!("{did}: {} as {entries}. u undoes all.", words::count(done)),
                    };
                    match why_not.filter(|_| done < of) {
                        Some(why) => format!("{text} {} were not: {why}", words::count(of - done)),
                        None if done < of => format!("{text} Then it was cancelled."),
                        None => text,
                    }
                }
                Outcome::Journalled(seq) if deed.done == "Undone" => {
                    format!("Undone by entry {seq}.")
                }
                Outcome::Journalled(seq) if deed.done == "Forgotten" => {
                    format!("Forgotten for good by entry {seq}.")
                }
                Outcome::Journalled(seq) => {
                    format!("{} as entry {seq}. u undoes.", deed.done)
                }
                Outcome::Worked { applied, seconds } => format!(
                    "{}: {} new, {} changed, {} quarantined in {seconds:.1} s.",
                    deed.done,
                    applied.new_by_kind(words::count),
                    words::count(applied.changed as u64),
                    words::count(applied.rejected as u64)
                ),
                Outcome::Retried { settled, left } => format!(
                    "{} understood and taken in, {} still in quarantine.",
                    words::count(settled),
                    words::count(left)
                ),
                Outcome::Revealed(revealed) => {
                    let text = format!("Entry {} says that you read this.", revealed.seq);
                    state.layers.retain(|layer| !is_sent(layer));
                    push(state, Layer::Revealed(revealed));
                    text
                }
                Outcome::ModelInUse(before) => {
                    format!("{} Forecasts are renewed; B goes back to {before}.", deed.done)
                }
                Outcome::RuleTested(test) => {
                    format!("{}: {}.", test.rule, super::rules::found(&test))
                }
                Outcome::FlagsLearnt(said) => format!("{said}."),
                Outcome::NotifyTested(_) => deed.done.to_owned(),
                Outcome::Trained(end) => format!("Training {}.", end.result),
                Outcome::Backtested(_) => "The replay has ended.".to_owned(),
                Outcome::Done => deed.done.to_owned(),
            };
            if state.deeds.is_empty() {
                state.layers.retain(|layer| !is_sent(layer));
            }
            if let Some(table) = state.page_mut().table_mut() {
                table.unmark();
            }
            state.notify(Role::Notice, text);
            super::stale(state);
        }
    }
    Vec::new()
}

fn is_sent(layer: &Layer) -> bool {
    matches!(layer, Layer::Form(form) if form.stage == Stage::Sent)
}

/// What was typed is kept: the form opens again with the reason.
fn refused(state: &mut State, message: &str) {
    for layer in &mut state.layers {
        if let Layer::Form(form) = layer
            && form.stage == Stage::Sent
        {
            form.stage = Stage::Fill;
            form.error = Some(message.to_owned());
        }
    }
    state.notify(Role::Bad, message);
}

fn subjects(targets: &[Target]) -> Vec<(Subject, &Target)> {
    let mut found: Vec<(Subject, &Target)> = Vec::new();
    for target in targets {
        if let Some(subject) = &target.subject
            && !found.iter().any(|(known, _)| known == subject)
        {
            found.push((subject.clone(), target));
        }
    }
    found
}

/// What a decision on this screen is about: what is selected, else what the page is about.
fn decided_on(state: &State) -> Vec<Target> {
    let targets = state.targets();
    if targets.iter().any(|target| target.subject.is_some()) {
        return targets;
    }
    own_target(state).into_iter().collect()
}

/// The page's own subject, on a detail screen.
fn own_target(state: &State) -> Option<Target> {
    match &state.page().body {
        Body::Order(panel) => panel.data.as_ref().map(|order| Target::from(&order.row)),
        Body::Sku(panel, _) => {
            let detail = panel.data.as_ref()?;
            let sku = detail.product.sku.clone();
            let pinned = detail.sites.iter().any(|row| row.pinned);
            let saw = detail.sites.iter().map(|row| Target::from(row).saw);
            Some(Target {
                key: sku.to_string(),
                subject: Some(Subject::Sku(sku.clone())),
                sku: Some(sku),
                site: detail.sites.first().map(|row| row.site.clone()),
                pinned,
                saw: saw.collect::<Vec<_>>().join("; "),
                ..Target::default()
            })
        }
        _ => None,
    }
}

/// The SKU that a SKU page is about.
pub fn subject_sku(state: &State) -> Option<Sku> {
    match &state.page().place {
        Place::Sku(sku) => Some(sku.clone()),
        _ => None,
    }
}

/// On a detail screen a decision is about the order or SKU itself, unless the cursor is on
/// something else that can carry it.
fn chosen(state: &State) -> Vec<Target> {
    match own_target(state) {
        Some(own) => vec![own],
        None => decided_on(state),
    }
}

/// A decision goes to all rows of a range or to none.
fn whole_range(state: &State) -> Result<(), String> {
    let Some((seen, all)) = state.page().table().and_then(|table| table.incomplete()) else {
        return Ok(());
    };
    let (seen, all) = (words::count(seen as u64), words::count(all as u64));
    Err(format!("Only {seen} of {all} rows of the range are marked; wait, or narrow with /."))
}

fn nothing() -> String {
    "Select an order, a SKU or a feed first.".into()
}

/// Opens the form for a note, or the check of one whose text was given.
pub fn note(state: &mut State, text: &str) -> Result<(), String> {
    whole_range(state)?;
    let targets = chosen(state);
    let found = subjects(&targets);
    if found.is_empty() {
        return Err(nothing());
    }
    let about = found.into_iter().map(|(subject, target)| (subject, clean(&target.saw)));
    let kind = Kind::Note(about.collect());
    let mut form = forms::form(Intent { kind, saw: String::new() }, None, None);
    if let (false, Some(field)) = (text.is_empty(), form.fields.first_mut()) {
        field.line.set(text);
        if let Ok((sentence, _)) = forms::check(&form, state.theme.glyphs()) {
            form.stage = Stage::Check(sentence);
        }
    }
    push(state, Layer::Form(form));
    Ok(())
}

/// Pins or unpins: at once for one, since undoing it is one key; with a question for several.
pub fn pin(state: &mut State) -> Result<Vec<Effect>, String> {
    whole_range(state)?;
    let targets = chosen(state);
    let found = subjects(&targets);
    let on = !found.iter().all(|(_, target)| target.pinned);
    let done = if on { "Pinned" } else { "Unpinned" };
    let count = found.len();
    let actions: Vec<_> = found
        .into_iter()
        .filter(|(_, target)| target.pinned != on)
        .map(|(subject, target)| Action::Decide {
            decision: Decision::Pin { subject, on },
            saw: target.saw.clone(),
        })
        .collect();
    match count {
        0 => Err(nothing()),
        1 => Ok(act(state, actions, done)),
        n => {
            let verb = if on { "Pin" } else { "Unpin" };
            let sentence = format!("{verb} {} marked things.", words::count(n as u64));
            push(state, Layer::Confirm(Confirm { sentence, actions, done }));
            Ok(Vec::new())
        }
    }
}

/// Asks before acknowledging: it takes the thing off everybody's list.
pub fn acknowledge(state: &mut State) -> Result<(), String> {
    whole_range(state)?;
    let targets = chosen(state);
    let found = subjects(&targets);
    let what = match found.as_slice() {
        [] => return Err(nothing()),
        [(one, _)] => one.to_string(),
        many => format!("{} marked things", words::count(many.len() as u64)),
    };
    let actions = found
        .into_iter()
        .map(|(subject, target)| Action::Decide {
            decision: Decision::Acknowledge { subject, on: true },
            saw: target.saw.clone(),
        })
        .collect();
    let sentence = format!("Acknowledge {what}: it stops waiting, for everybody.");
    push(state, Layer::Confirm(Confirm { sentence, actions, done: "Acknowledged" }));
    Ok(())
}

/// Opens a form for a decision on stock.
pub fn stock_form(state: &mut State, id: Id) -> Result<(), String> {
    if state.page().table().is_some_and(|table| table.marked() > 0) {
        // Each shelf has a figure of its own; one that was meant for many would be a slip.
        return Err("This takes one row at a time; Esc takes the marks off.".into());
    }
    let at_cursor = state.target().filter(|target| target.sku.is_some());
    let target = at_cursor.or_else(|| own_target(state)).unwrap_or_default();
    let sku = target.sku.clone().or_else(|| subject_sku(state));
    let kind = match id {
        Id::Receive => Kind::Receive,
        Id::Count => Kind::Count,
        Id::Adjust => Kind::Adjust,
        Id::Override => Kind::Override(super::overrides::first_day(state)),
        _ => Kind::Transfer,
    };
    let intent = Intent { kind, saw: target.saw };
    let form = forms::form(intent, sku.as_ref(), target.site.as_ref());
    push(state, Layer::Form(form));
    Ok(())
}

/// Asks what undo would undo: the selected entry in the journal, else this user's last one.
pub fn undo(state: &mut State) -> Result<Vec<Effect>, String> {
    if let Body::Journal(table) = &state.page().body {
        let Some(row) = table.selected().cloned() else {
            return Err("There is no entry to undo.".into());
        };
        return confirm_undo(state, &row).map(|()| Vec::new());
    }
    if super::purchases::take_back(state).is_some() {
        return Ok(Vec::new());
    }
    let page = PageOf { limit: UNDO_SEARCH, ..PageOf::default() };
    Ok(vec![state.question(Asked::Undo, Query::Journal(page))])
}

/// Takes the newest entries and asks whether to undo this user's last one.
pub fn propose_undo(state: &mut State, answer: Result<Answer, Refusal>) {
    let rows = match answer {
        Ok(Answer::Journal(rows)) => rows.rows,
        Ok(_) => Vec::new(),
        Err(refusal) => return state.notify(Role::Bad, refusal.message),
    };
    let mine = rows.iter().filter(|row| *row.entry.actor.user == *state.user);
    let last = mine
        .filter(|row| row.undone_by.is_none() && row.entry.undoes.is_none())
        .filter(|row| row.entry.decision.can_be_undone())
        .max_by_key(|row| row.entry.seq)
        .cloned();
    let asked = match last {
        Some(JournalRow { entry: Entry { act: Some(first), seq, decision, .. }, .. }) => {
            confirm_undo_act(state, first, seq, &decision);
            Ok(())
        }
        Some(row) => confirm_undo(state, &row),
        None => Err("You have decided nothing lately that could be undone.".to_owned()),
    };
    if let Err(sentence) = asked {
        state.notify(Role::Warn, sentence);
    }
}

fn confirm_undo_act(state: &mut State, first: u64, last: u64, decision: &Decision) {
    let verb = decision.verb();
    let sentence = format!("Undo all that was decided at once: {verb}, entries {first} to {last}.");
    let actions = vec![Action::UndoAct(first)];
    push(state, Layer::Confirm(Confirm { sentence, actions, done: "Undone" }));
}

fn confirm_undo(state: &mut State, row: &JournalRow) -> Result<(), String> {
    let entry = &row.entry;
    if let Some(by) = row.undone_by {
        return Err(format!("Entry {} was undone already, by entry {by}.", entry.seq));
    }
    if !entry.decision.can_be_undone() {
        return Err(format!("Entry {} cannot be undone.", entry.seq));
    }
    let whose = if *entry.actor.user == *state.user {
        String::new()
    } else {
        format!(" of {}", entry.actor.user)
    };
    let sentence = format!(
        "Undo entry {}{whose}: {} {}.",
        entry.seq,
        entry.decision.verb(),
        entry.decision.summary()
    );
    let actions = vec![Action::Undo(Some(entry.seq))];
    push(state, Layer::Confirm(Confirm { sentence, actions, done: "Undone" }));
    Ok(())
}

/// Asks before long work is cancelled.
pub fn cancel(state: &mut State, number: &str) -> Result<(), String> {
    let work = state.status.as_ref().map(|status| status.work.clone()).unwrap_or_default();
    let chosen = if number.is_empty() {
        // On the screen that shows a training or a replay, that one is meant.
        let shown = match state.page().place.screen() {
            Screen::Models => Some(TRAINING),
            Screen::Backtest => Some(BACKTEST),
            _ => None,
        };
        let meant = work.iter().find(|work| shown == Some(&*work.progress.what));
        meant.or(work.first()).ok_or("No long work runs.".to_owned())?
    } else {
        let wanted = number.trim().parse().ok();
        work.iter()
            .find(|w| Some(w.id) == wanted)
            .ok_or_else(|| format!("No work has the number `{number}`."))?
    };
    let sentence = format!("Cancel work {}: {}.", chosen.id, words::progress(&chosen.progress));
    let actions = vec![Action::Cancel(chosen.id)];
    push(state, Layer::Confirm(Confirm { sentence, actions, done: "Cancelled." }));
    Ok(())
}
