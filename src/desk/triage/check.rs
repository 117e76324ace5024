//! Which decisions about cases, rules and mutes are allowed, and their inverses.

use super::{Triage, TriageError};
use crate::desk::check::{DeskView, check_feed, check_sku, words};
use crate::desk::nearest::nearest;
use crate::desk::{DeskError, Marks};
use crate::domain::{
    CaseAct, CaseId, CaseKind, Decision, FlaggedOrder, MuteOf, OrderKey, OrderStatus, Span,
    Threshold, Timestamp, text,
};
use crate::insight::anomaly::rules::RULES;
use std::collections::BTreeMap;

/// Orders that one decision may be about.
pub const MOST_ORDERS: usize = 10_000;
/// How long a rule may be silent.
pub const LONGEST_MUTE: Span = Span::days(366);
/// How long a case may be put off.
pub const LONGEST_SNOOZE: Span = Span::days(31);

/// A case as the desk sees it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CaseSeen {
    /// Its orders, as they stand now; none of a case that is not about orders.
    pub orders: Vec<FlaggedOrder>,
    /// Of these, the ones that stand in a feed's case, and that: what is decided on the whole of this one
    /// goes to the others.
    pub elsewhere: BTreeMap<OrderKey, CaseId>,
}

/// Checks a decision about a case, and fills in the orders that it is about.
pub fn check_act(
    case: CaseId,
    act: CaseAct,
    orders: Vec<FlaggedOrder>,
    user: &str,
    view: &dyn DeskView,
) -> Result<Decision, DeskError> {
    let seen = view.case(case).ok_or(TriageError::UnknownCase { case })?;
    let act = match act {
        CaseAct::Note(note) => CaseAct::Note(words("note", &note)?),
        CaseAct::HandOver(word) => CaseAct::HandOver(words("word", &word)?),
        CaseAct::Assign(Some(to)) => {
            let to = text::clean(&to);
            let to = if to.is_empty() { user.to_owned() } else { to };
            if to != user && !view.knows_user(&to) {
                return Err(TriageError::UnknownUser { user: to.into() }.into());
            }
            CaseAct::Assign(Some(to.into()))
        }
        CaseAct::Snooze(until) => CaseAct::Snooze(within(until, LONGEST_SNOOZE, view)?),
        other => other,
    };
    if !act.is_verdict() {
        return Ok(Decision::Flag { case, act, orders: Vec::new() });
    }
    if case.kind != CaseKind::Order && seen.orders.is_empty() {
        return match act {
            CaseAct::Release | CaseAct::Confirm => {
                Ok(Decision::Flag { case, act, orders: Vec::new() })
            }
            _ => Err(TriageError::NotAboutOrders { case, verb: act.verb() }.into()),
        };
    }
    let orders = about(case, &act, &orders, seen, view.triage())?;
    Ok(Decision::Flag { case, act, orders })
}

/// The orders that a verdict is about: those named, or else those of the case that it can be about and
/// that nobody has decided on so far. What was only held may be decided on further.
fn about(
    case: CaseId,
    act: &CaseAct,
    named: &[FlaggedOrder],
    seen: CaseSeen,
    triage: &Triage,
) -> Result<Vec<FlaggedOrder>, TriageError> {
    let stands = |order: &FlaggedOrder| triage.verdict(&order.order).map(|deed| &deed.act);
    let waits = |order: &FlaggedOrder| match (stands(order), act) {
        (None, _) => true,
        (Some(CaseAct::Hold), CaseAct::Hold) => false,
        (Some(CaseAct::Hold), _) => true,
        (Some(_), _) => false,
    };
    let possible = |order: &FlaggedOrder| match act {
        CaseAct::Hold | CaseAct::Cancel => order.status.is_promised(),
        _ => true,
    };
    let all = seen.orders.len();
    let elsewhere = seen.elsewhere;
    let mut wanted: Vec<FlaggedOrder> = match named {
        [] => {
            let here = |order: &FlaggedOrder| !elsewhere.contains_key(&order.order);
            seen.orders.into_iter().filter(|order| waits(order) && here(order)).collect()
        }
        named => {
            let is_in = |order: &FlaggedOrder| {
                seen.orders.iter().find(|known| known.order == order.order).cloned()
            };
            let found = named.iter().map(|order| {
                is_in(order)
                    .ok_or_else(|| TriageError::NotInCase { case, order: order.order.clone() })
            });
            found.collect::<Result<_, _>>()?
        }
    };
    if wanted.is_empty() {
        return Err(match elsewhere.into_values().next() {
            Some(within) => TriageError::Elsewhere { case, within },
            None => TriageError::NothingLeft { case, orders: all },
        });
    }
    let gone = wanted.iter().find(|order| !possible(order)).cloned();
    wanted.retain(possible);
    match gone {
        Some(gone) if wanted.is_empty() => {
            Err(TriageError::TooLate { order: gone.order, status: gone.status, verb: act.verb() })
        }
        _ if wanted.len() > MOST_ORDERS => Err(TriageError::TooMany { orders: wanted.len() }),
        _ => Ok(wanted),
    }
}

/// A moment that lies ahead, and not too far.
fn within(until: Timestamp, longest: Span, view: &dyn DeskView) -> Result<Timestamp, TriageError> {
    let now = view.now();
    if until <= now {
        return Err(TriageError::Past { until });
    }
    if until.since(now) > longest {
        return Err(TriageError::TooLong { days: longest.as_millis() / 86_400_000 });
    }
    Ok(until)
}

fn known_rule(rule: &str, view: &dyn DeskView) -> Result<Box<str>, TriageError> {
    let rules = view.flag_rules();
    match rules.iter().find(|known| ***known == *rule) {
        Some(known) => Ok(Box::from(&**known)),
        None => {
            let hint = nearest(rule, rules.iter().map(|known| &**known)).map(str::to_owned);
            Err(TriageError::UnknownRule { rule: text::clean(rule), hint })
        }
    }
}

/// Checks a mute.
pub fn check_mute(
    rule: &str,
    of: MuteOf,
    until: Timestamp,
    reason: &str,
    view: &dyn DeskView,
) -> Result<Decision, DeskError> {
    let rule = known_rule(rule, view)?;
    match &of {
        MuteOf::Sku(sku) => check_sku(sku, view)?,
        MuteOf::Feed(feed) => check_feed(feed, view)?,
        MuteOf::Customer(customer) if !view.knows_customer(customer) => {
            return Err(DeskError::UnknownCustomer { customer: text::clean(customer.as_str()) });
        }
        MuteOf::Customer(_) | MuteOf::Everything => {}
    }
    let until = within(until, LONGEST_MUTE, view)?;
    Ok(Decision::Mute { rule, of, until, reason: words("reason", reason)? })
}

/// Checks that a mute can be ended, or brought back.
pub fn check_mute_end(entry: u64, on: bool, view: &dyn DeskView) -> Result<Decision, DeskError> {
    let mute = view.triage().mute(entry).ok_or(TriageError::NoSuchMute { entry })?;
    if mute.until <= view.now() {
        return Err(TriageError::MuteOver { entry }.into());
    }
    if mute.stands == on {
        return Err(TriageError::MuteStands { entry, on }.into());
    }
    Ok(Decision::EndMute { entry, on, rule: mute.rule.clone() })
}

/// Checks that a rule can be switched.
pub fn check_switch(rule: &str, on: bool, view: &dyn DeskView) -> Result<Decision, DeskError> {
    let rule = known_rule(rule, view)?;
    if view.triage().is_on(&rule) == on {
        let state = if on { "on" } else { "off" };
        return Err(TriageError::SwitchedAlready { rule, state }.into());
    }
    Ok(Decision::SwitchRule { rule, on })
}

/// Checks that a rule can speak from a strength on; `None`: as the program has it.
pub fn check_threshold(
    rule: &str,
    from: Option<Threshold>,
    view: &dyn DeskView,
) -> Result<Decision, DeskError> {
    let rule = known_rule(rule, view)?;
    if !RULES.iter().any(|known| *known.name == *rule) {
        return Err(TriageError::FixedThreshold { rule }.into());
    }
    let before = view.triage().threshold(&rule);
    match before == from {
        true => Err(TriageError::SetAlready { rule, from }.into()),
        false => Ok(Decision::SetThreshold { rule, from, before }),
    }
}

/// Checks that a version of the network can be taken into use.
pub fn check_model(version: u32, view: &dyn DeskView) -> Result<Decision, DeskError> {
    let (in_use, versions) = view.flag_versions();
    if !versions.contains(&version) {
        return Err(TriageError::UnknownVersion { version }.into());
    }
    if in_use == version {
        return Err(TriageError::VersionInUse { version }.into());
    }
    Ok(Decision::UseFlagModel { version, before: in_use })
}

/// The inverse of a decision about a case, a rule, a mute or the network that scores.
pub fn inverse(
    seq: u64,
    undone: &Decision,
    marks: &Marks,
    view: &dyn DeskView,
) -> Result<Decision, DeskError> {
    let overtaken = |what| DeskError::Overtaken { seq, what };
    match undone {
        Decision::Flag { case, act, orders } => {
            let moved_on = matches!(act, CaseAct::Hold | CaseAct::Cancel)
                && !orders.is_empty()
                && view.case(*case).is_some_and(|seen| {
                    let stands = |order: &FlaggedOrder| {
                        let now = seen.orders.iter().find(|now| now.order == order.order);
                        now.is_none_or(|now| {
                            now.status.is_promised() || now.status == OrderStatus::Cancelled
                        })
                    };
                    !orders.iter().any(stands)
                });
            match moved_on {
                true => Err(overtaken("the orders have left the building since")),
                false => Ok(Decision::Unflag { entry: seq, case: *case }),
            }
        }
        Decision::Unflag { entry, .. } => match view.triage().deed(*entry) {
            Some(deed) => Ok(Decision::Flag {
                case: deed.case,
                act: deed.act.clone(),
                orders: deed.orders.clone(),
            }),
            None => Err(DeskError::NoSuchEntry { seq: *entry }),
        },
        Decision::Mute { .. } => check_mute_end(marks.original(seq), false, view),
        Decision::EndMute { entry, on, .. } => check_mute_end(*entry, !on, view),
        Decision::SwitchRule { rule, on } => match view.triage().is_on(rule) == *on {
            true => Ok(Decision::SwitchRule { rule: rule.clone(), on: !on }),
            false => Err(overtaken("the rule was switched after it")),
        },
        Decision::SetThreshold { rule, from, before } => {
            match view.triage().threshold(rule) == *from {
                true => check_threshold(rule, *before, view),
                false => Err(overtaken("the rule was set after it")),
            }
        }
        Decision::UseFlagModel { version, before } => match view.flag_versions().0 == *version {
            true => check_model(*before, view),
            false => Err(overtaken("another version was taken into use after it")),
        },
        other => Err(DeskError::OnlyByUndo { verb: other.verb() }),
    }
}
