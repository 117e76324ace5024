//! Triage on the screen: what keys decide, about what, and what others see of it.

use super::Console;
use crate::domain::{CaseAct, CaseId, CaseKind, Decision, MuteOf, Span, Threshold};
use crate::engine::api::{Action, Cases, LookedAt, Outcome, Query, RuleTest};
use crate::tui::sample;

fn decided(console: &Console) -> Vec<&Decision> {
    let mut all = Vec::new();
    for action in &console.acted {
        match action {
            Action::Decide { decision, .. } => all.push(decision),
            Action::DecideAll(many) => all.extend(many.iter().map(|(decision, _)| decision)),
            _ => {}
        }
    }
    all
}

fn order(number: u64) -> CaseId {
    CaseId { kind: CaseKind::Order, number }
}

#[test]
fn zero_opens_the_queue_and_the_pane_tells_why_and_how_others_like_it_ended() {
    for size in [(80, 24), (200, 60)] {
        let mut console = Console::new(size.0, size.1);
        console.keys("0");
        console.shows("O1121");
        console.shows("burst: 19 small orders of new");
        console.shows("O871 burst: cancelled");
        console.keys("j");
        console.shows("WHY");
        assert!(console.asked.contains(&Query::Flag(order(1_098))), "{:?}", console.asked);
    }
}

#[test]
fn hold_asks_and_goes_to_all_orders_of_the_case_or_to_the_marked_ones() {
    let mut console = Console::new(80, 24).on("flags", "");
    console.keys("h");
    console.shows("Hold all 20 orders of case O1121");
    assert!(decided(&console).is_empty(), "nothing before Enter");
    console.keys("enter");
    let [Decision::Flag { case, act: CaseAct::Hold, orders }] = decided(&console)[..] else {
        panic!("{:?}", console.acted)
    };
    assert_eq!((*case, orders.len()), (order(1_121), 0), "the desk fills in those that are open");

    let mut console = Console::new(120, 40).on("case", "O1121");
    console.keys("space space h");
    console.shows("Hold the 2 marked orders of case O1121");
    console.keys("y");
    let [Decision::Flag { orders, .. }] = decided(&console)[..] else { panic!() };
    let numbers: Vec<_> = orders.iter().map(|one| one.order.number.to_string()).collect();
    assert_eq!(numbers, ["580000", "579999"]);
}

#[test]
fn bulk_decides_on_each_marked_case_as_one_act() {
    let mut console = Console::new(80, 24).on("flags", "");
    console.keys("space space h");
    console.shows("cases O1098 and O1121");
    console.keys("enter");
    let [Action::DecideAll(many)] = &console.acted[..] else { panic!("{:?}", console.acted) };
    assert_eq!(many.len(), 2);
    assert!(many.iter().all(|(_, saw)| saw.contains("at stake")), "what was seen is kept");
    let mut console = Console::new(80, 24).on("flags", "");
    console.keys("j space space h");
    console.shows("F3 is about no orders; d says that it is dealt with");
}

#[test]
fn every_key_of_triage_decides_what_it_says() {
    let acts = [
        ("r enter", CaseAct::Release),
        ("c enter", CaseAct::Cancel),
        ("f enter", CaseAct::RefundWatch),
        ("d enter", CaseAct::Confirm),
        ("a", CaseAct::Assign(Some("mei".into()))),
        ("A j o enter enter", CaseAct::Assign(Some("jo".into()))),
        ("n h i enter enter", CaseAct::Note("hi".into())),
        ("H h i enter enter", CaseAct::HandOver("hi".into())),
        ("z 2 h enter enter", CaseAct::Snooze(sample::now() + Span::hours(2))),
        ("z 0 7 : 0 0 enter enter", CaseAct::Snooze(sample::now() + Span::minutes(24 * 60 - 4))),
    ];
    for (keys, wanted) in acts {
        let mut console = Console::new(80, 24).on("flags", "");
        console.keys(keys);
        match decided(&console)[..] {
            [Decision::Flag { case, act, .. }] => {
                assert_eq!((*case, act), (order(1_121), &wanted), "{keys}");
            }
            ref other => panic!("{keys}: {other:?}\n{}", console.text()),
        }
    }
}

#[test]
fn a_mute_names_rule_whom_and_when_it_ends_by_itself() {
    let mut console = Console::new(100, 30).on("flags", "");
    console.keys("M");
    console.shows("Mute a rule that spoke in case O1121");
    console.typed("moves house").keys("enter");
    console.shows("Mute burst about customer c-7f31a0 until");
    console.keys("enter");
    let [Decision::Mute { rule, of: MuteOf::Customer(_), until, reason }] = decided(&console)[..]
    else {
        panic!("{:?}", console.acted)
    };
    assert_eq!((&**rule, reason.as_str()), ("burst", "moves house"));
    assert_eq!(*until, sample::now() + Span::days(7));
}

#[test]
fn undo_asks_for_what_was_decided_last() {
    let mut console = Console::new(80, 24).on("flags", "");
    console.keys("u");
    console.shows("Undo");
}

#[test]
fn o_shows_cases_of_quiet_hours_and_then_all() {
    let mut console = Console::new(80, 24).on("flags", "");
    console.keys("o o");
    let which: Vec<Cases> = console
        .asked
        .iter()
        .filter_map(|query| match query {
            Query::Flags(asked) => {
                assert_eq!(&*asked.me, "mei");
                Some(asked.which)
            }
            _ => None,
        })
        .collect();
    assert_eq!(which, [Cases::Queue, Cases::Waiting, Cases::All]);
    console.shows("O1031");
    console.shows("held jo");
}

#[test]
fn others_are_told_which_case_is_looked_at_and_seen_on_it() {
    let mut console = Console::new(80, 24).on("flags", "");
    let looked = |console: &Console| console.looked.last().cloned();
    assert_eq!(looked(&console), Some(Some(LookedAt::Case(order(1_121)))));
    console.shows("jo?");
    console.keys("j j j enter");
    console.shows("jo looks at it too");
    console.hides("mei looks");
    assert_eq!(looked(&console), Some(Some(LookedAt::Case(order(1_119)))));
    console.keys("1");
    assert_eq!(looked(&console), Some(None));
}

#[test]
fn a_case_leads_to_order_customer_sku_and_the_case_like_it() {
    let mut console = Console::new(120, 40).on("case", "O1121");
    console.keys("enter");
    console.shows("O1121 › 580000");
    console.keys("esc e");
    console.shows("CUSTOMER c-7f31a0");
    console.shows("212 orders");
    console.keys("esc i");
    console.shows("SKU 22423");
    console.keys("esc tab enter");
    assert!(console.asked.contains(&Query::Flag(order(871))));
}

#[test]
fn a_rule_is_tested_on_the_past_before_it_is_switched_on() {
    let mut console = Console::new(120, 30).on("rules", "");
    console.keys("j j j j j j o");
    console.shows("Switch hour on, which was not tested on the past yet");
    console.keys("esc");
    console.outcome = Ok(Outcome::RuleTested(Box::new(RuleTest {
        rule: "hour".into(),
        from: sample::now(),
        at: sample::now(),
        kind: CaseKind::Order,
        threshold: 5.0,
        looked_at: 3_402,
        spoke: 7,
        a_week: 0.9,
        flagged: 3,
        decided: (1, 2),
        latest: Vec::new(),
        cases: Vec::new(),
    })));
    console.keys("b");
    assert!(console.acted.contains(&Action::TestRule("hour".into(), 8, None)));
    console
        .shows("it would have spoken of 7 of 3,402 orders, 0.9 a week, and 3 of them are flagged");
    console.outcome = Ok(Outcome::Journalled(42));
    console.keys("o enter");
    let [Decision::SwitchRule { rule, on: true }] = decided(&console)[..] else { panic!() };
    assert_eq!(&**rule, "hour");
    console.keys("s");
    console.shows("From which strength on hour speaks");
    console.keys("ctrl-u").typed("6.5").keys("enter");
    console.shows("Have hour speak from 6.5 on; usual are 5");
    console.keys("enter");
    let Decision::SetThreshold { rule, from, .. } = decided(&console)[1] else { panic!() };
    assert_eq!((&**rule, *from), ("hour", Threshold::new(6.5)));
    console.keys("j s");
    console.shows("From when on phantom-stock speaks cannot be set");
    console.keys("tab e");
    console.shows("End the mute of destination about customer c-7f31a0");
    console.keys("enter");
    assert!(matches!(decided(&console)[2], Decision::EndMute { entry: 31, on: false, .. }));
}

#[test]
fn the_models_screen_tells_precision_and_one_key_rolls_the_network_back() {
    let mut console = Console::new(80, 24).on("models", "");
    console.shows("right to ask");
    console.keys("F");
    console.shows("Roll flags back to network 3");
    console.keys("enter");
    let [Decision::UseFlagModel { version: 3, before: 4 }] = decided(&console)[..] else {
        panic!("{:?}", console.acted)
    };
}

#[test]
fn the_top_line_counts_flags_on_every_screen_and_the_overview_leads_to_them() {
    let mut console = Console::new(120, 30).on("stock", "");
    console.shows("6 flags, 3 urgent");
    console.keys("1");
    console.shows("cases to look at, 3 urgent");
    console.keys("g enter");
    console.shows("Flags");
    console.shows("O1121");
}

#[test]
fn a_read_only_console_decides_nothing_and_is_not_seen() {
    let mut console = Console::new(80, 24);
    console.state.read_only = true;
    let mut console = console.on("flags", "");
    console.keys("h");
    console.shows("read-only");
    console.keys("a z");
    assert!(console.acted.is_empty(), "{:?}", console.acted);
}

#[test]
fn what_somebody_else_decided_meanwhile_is_not_decided_over() {
    let mut console = Console::new(120, 30).on("flags", "");
    console.keys("c");
    console.shows("Cancel all 20 orders of case O1121");
    // As it was asked, six more were undecided and nobody had done anything.
    console.state.judged[0].undecided += 6;
    console.state.judged[0].last = Some(7);
    console.keys("enter");
    console.shows("has decided on case O1121 meanwhile: nothing was done");
    assert!(decided(&console).is_empty(), "{:?}", console.acted);
    console.keys("c enter");
    assert_eq!(decided(&console).len(), 1, "seen anew it is decided on");
}

#[test]
fn cases_stand_on_a_small_overview_whatever_is_at_work() {
    let mut console = Console::new(80, 24).on("overview", "");
    if let Some(status) = &mut console.state.status {
        status.work = vec![sample::work(), sample::work(), sample::work()];
    }
    console.shows("cases to look at");
    console.shows("2 more at work");
}
