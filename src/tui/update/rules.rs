//! The rules that raise flags: switching one, testing it on the past, ending a mute of it.

use super::super::commands::Id;
use super::super::event::Effect;
use super::super::layers::{Confirm, Layer, Why};
use super::super::state::{Body, Panel, State};
use super::super::theme::Role;
use super::super::words;
use super::triage::{self, CaseForm};
use super::why::{note, step};
use super::{desk, push};
use crate::domain::{CaseKind, Decision};
use crate::engine::api::{Action, MuteRow, RuleRow, RuleTest};

/// Weeks of the past that a rule is tested on.
const WEEKS: u16 = 8;

/// What is selected.
enum Chosen<'a> {
    Rule(&'a RuleRow),
    Mute(&'a MuteRow),
}

fn chosen(state: &State) -> Option<Chosen<'_>> {
    let Body::Rules(Panel { data: Some(rules), cursor, .. }, mutes) = &state.page().body else {
        return None;
    };
    let mutes = mutes.data.as_deref().unwrap_or_default();
    let all = rules.len() + mutes.len();
    let at = (*cursor).min(all.checked_sub(1)?);
    match at.checked_sub(rules.len()) {
        Some(at) => mutes.get(at).map(Chosen::Mute),
        None => rules.get(at).map(Chosen::Rule),
    }
}

/// Whether a command can do something to what is selected.
pub fn can(state: &State, id: Id) -> bool {
    match chosen(state) {
        Some(Chosen::Rule(_)) => {
            matches!(id, Id::SwitchRule | Id::SetThreshold | Id::TestRule)
        }
        Some(Chosen::Mute(mute)) => id == Id::EndMute && (mute.on || mute.until > state.now),
        None => false,
    }
}

fn rule(state: &State) -> Result<&RuleRow, String> {
    match chosen(state) {
        Some(Chosen::Rule(rule)) => Ok(rule),
        _ => Err("Select a rule first; Tab goes between rules and mutes.".into()),
    }
}

/// Asks before a rule is switched; what a test of it found is said, or that there was none.
pub fn switch(state: &mut State) -> Result<(), String> {
    let rule = rule(state)?;
    let on = !rule.on;
    let sentence = match (on, &rule.test) {
        (false, _) => format!(
            "Switch {} off: it raises nothing from now on. It spoke of {} in the last 28 days.",
            rule.rule,
            words::plural(rule.spoke, "order", "orders")
        ),
        (true, Some(test)) => {
            format!("Switch {} on. On the past {}.", rule.rule, found(test))
        }
        (true, None) => format!(
            "Switch {} on, which was not tested on the past yet; Esc leaves it, b tests it first.",
            rule.rule
        ),
    };
    let saw = format!("{} is {}", rule.rule, if rule.on { "on" } else { "off" });
    let decision = Decision::SwitchRule { rule: rule.rule.clone(), on };
    let actions = vec![Action::Decide { decision, saw }];
    let done = if on { "Switched on" } else { "Switched off" };
    push(state, Layer::Confirm(Confirm { sentence, actions, done }));
    Ok(())
}

/// Opens the form for the strength from which a rule speaks.
pub fn set(state: &mut State) -> Result<(), String> {
    let rule = rule(state)?;
    if rule.kind != CaseKind::Order {
        return Err(format!("From when on {} speaks cannot be set; o switches it off.", rule.rule));
    }
    let form = CaseForm::Threshold {
        rule: rule.rule.clone(),
        from: rule.threshold.to_string(),
        usual: format!("{} {}", rule.usual, rule.unit),
    };
    triage::open(state, form);
    Ok(())
}

/// Tests a rule on the past; what it finds is told when it is known.
pub fn test(state: &mut State) -> Result<Vec<Effect>, String> {
    let name = rule(state)?.rule.clone();
    let effects = desk::act(state, vec![Action::TestRule(name.clone(), WEEKS, None)], "Tested");
    let dots = state.theme.glyphs().ellipsis;
    state.notify(Role::Notice, format!("Testing {name} on the last {WEEKS} weeks{dots}"));
    Ok(effects)
}

/// `it would have spoken of 12 of 3,402 orders, 1.5 a week, and 5 of them are flagged; of those decided 4 were
/// wrong and 1 right`.
pub fn found(test: &RuleTest) -> String {
    let (wrong, right) = test.decided;
    if test.kind != CaseKind::Order {
        return format!(
            "it would have raised {} by {}, {:.1} a week",
            words::plural(test.spoke, "case", "cases"),
            words::plural(test.looked_at, "order", "orders"),
            test.a_week
        );
    }
    let decided = match wrong + right {
        0 => "; nobody has decided on any of them".to_owned(),
        _ => format!("; of those decided {wrong} were wrong and {right} right"),
    };
    let flagged = match (test.flagged, test.spoke) {
        (flagged, spoke) if flagged == spoke => String::new(),
        (0, _) => ", and none of them is flagged: what is odd in one way only seldom is".to_owned(),
        (1, _) => ", and 1 of them is flagged: what is odd in one way only seldom is".to_owned(),
        (some, _) => format!(
            ", and {} of them are flagged: what is odd in one way only seldom is",
            words::count(some)
        ),
    };
    format!(
        "it would have spoken of {} of {}, {:.1} a week{flagged}{decided}",
        words::count(test.spoke),
        words::plural(test.looked_at, "order", "orders"),
        test.a_week
    )
}

/// Asks before a mute is ended, or brought back.
pub fn end_mute(state: &mut State) -> Result<(), String> {
    let Some(Chosen::Mute(mute)) = chosen(state) else {
        return Err("Select a mute first; Tab goes between rules and mutes.".into());
    };
    if !mute.on && mute.until <= state.now {
        return Err("Its time is over; M on a case sets another one.".into());
    }
    let until = words::stamp(mute.until, state.now, &state.zone);
    let (verb, done) = match mute.on {
        true => ("End the mute of", "Unmuted"),
        false => ("Bring back the mute of", "Muted"),
    };
    let sentence = format!("{verb} {} about {}, until {}.", mute.rule, mute.of, until.trim());
    let decision = Decision::EndMute { entry: mute.entry, on: !mute.on, rule: mute.rule.clone() };
    let saw = format!("{} about {} by {}: {}", mute.rule, mute.of, mute.who, mute.reason);
    let actions = vec![Action::Decide { decision, saw }];
    push(state, Layer::Confirm(Confirm { sentence, actions, done }));
    Ok(())
}

/// All that is known of what is selected.
pub fn details(state: &State) -> Option<Why> {
    match chosen(state)? {
        Chosen::Rule(rule) => Some(of_rule(state, rule)),
        Chosen::Mute(mute) => Some(Why {
            title: format!("mute by entry {}", mute.entry),
            lines: vec![
                note(format!("{} about {}", mute.rule, mute.of)),
                note(format!("by {}, {}", mute.who, words::exact(mute.at, &state.zone))),
                note(format!("until {}", words::exact(mute.until, &state.zone))),
                note(mute.reason.to_string()),
            ],
            top: 0,
        }),
    }
}

fn of_rule(state: &State, rule: &RuleRow) -> Why {
    let unit = match rule.threshold == rule.usual {
        true => rule.unit.to_string(),
        false => format!("{}; {} unless it is set", rule.unit, rule.usual),
    };
    let mut lines = vec![
        note(rule.about.to_string()),
        step("speaks from", format!("{}", rule.threshold), unit),
        step("is a reason of", words::count(rule.spoke), "flagged orders of the last 28 days"),
        step(
            "was right",
            words::count(rule.right.0),
            format!("of {} of its cases that were decided", words::count(rule.right.1)),
        ),
    ];
    match &rule.test {
        Some(test) => {
            let from = words::stamp(test.from, state.now, &state.zone);
            lines.push(note(format!("On the past since {}: {}.", from.trim(), found(test))));
            let latest: Vec<_> = test.latest.iter().map(|key| key.number.to_string()).collect();
            if !latest.is_empty() {
                lines.push(note(format!("The latest of them: {}.", latest.join(", "))));
            }
            lines.extend(test.cases.iter().map(|case| note(case.to_string())));
        }
        None => lines.push(note("b tests it on the store's past: of what it would have spoken.")),
    }
    Why { title: rule.rule.to_string(), lines, top: 0 }
}
