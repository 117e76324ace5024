//! Deciding about proposals from the keyboard.

use super::{Console, sample};
use crate::domain::{Approval, Decision, Qty};
use crate::engine::api::{Action, Answer, LookedAt, Plan, Query, Rows, Status};
use crate::plan::replenish::{Source, Step, propose};

fn approved(action: &Action) -> &Approval {
    match action {
        Action::Decide { decision: Decision::Approve(line), saw } => {
            assert!(saw.contains("order ") && saw.contains("short without it"), "{saw}");
            line
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_line_is_approved_by_two_keys_that_say_what_is_spent() {
    let mut console = Console::new(80, 24).on("reorders", "");
    console
        .keys("a")
        .shows("Order 324 × 22423 for BRISTOL from NORD: £ 1,984.50. It is sent at once;");
    console.shows("usually takes orders on Thursdays (26 Nov), the quantity");
    assert!(console.acted.is_empty(), "one key spends nothing");
    console.keys("esc a enter");
    assert_eq!(console.acted.len(), 1);
    let line = approved(&console.acted[0]);
    assert_eq!(line.qty, Qty::units(324));
    assert!(!line.is_edited() && line.suggested.is_some());
    console.shows("Approved as entry 42. u undoes.");
}

#[test]
fn others_on_a_line_are_seen_before_it_is_approved_and_see_who_looks() {
    let mut console = Console::with(200, 24, |query| match query {
        Query::Reorders(_) => {
            let mut rows = sample::reorder_rows(8);
            rows.iter_mut().for_each(|row| row.viewers.clear());
            rows[1].viewers = vec!["jo".into(), "mei".into()];
            let total = rows.len();
            Answer::Reorders(Rows { rows, total, unfiltered: total, offset: 0 })
        }
        query => sample::answer(query),
    })
    .on("reorders", "");
    let line = |at: usize| {
        let stock = &sample::reorder_rows(8)[at].stock;
        Some(LookedAt::Line(stock.sku.clone(), stock.site.clone()))
    };
    assert_eq!(console.looked.last(), Some(&line(0)));
    console.shows("jo?");
    console.hides("mei?");
    console.keys("a").hides("looks at it too");
    console.keys("esc j a").shows("jo looks at it too.");
    assert_eq!(console.looked.last(), Some(&line(1)));
    console.keys("esc 1");
    assert_eq!(console.looked.last(), Some(&None));
}

#[test]
fn many_lines_are_one_act_and_what_is_much_is_typed() {
    let mut console = Console::new(80, 24).on("reorders", "");
    console.keys("space j space a").shows("Order 2 lines");
    console.keys("enter");
    assert!(matches!(&console.acted[0], Action::DecideAll(lines) if lines.len() == 2));
    let mut console = Console::new(80, 24).on("reorders", "");
    console.keys("v j j j j j j j j v a").shows("how many lines it is");
    console.typed("y").keys("enter").shows("Write 9, the number of lines");
    assert!(console.acted.is_empty());
    console.keys("ctrl-u").typed("9").keys("enter enter");
    assert!(matches!(&console.acted[0], Action::DecideAll(lines) if lines.len() == 9));
}

#[test]
fn what_lasts_for_more_than_a_year_is_said_to_and_typed_and_days_put_it_off() {
    let mut console = Console::with(160, 24, |query| match query {
        Query::Reorders(_) => {
            let mut rows = sample::reorder_rows(40);
            rows.retain(|row| row.plan.proposal().is_some());
            let mut at = sample::reorders::plain(0, 90);
            at.item.moq = Some(Qty::units(5_000));
            rows[0].plan = Plan::Proposed(Box::new(propose(&at).unwrap()));
            let total = rows.len();
            Answer::Reorders(Rows { rows, total, unfiltered: total, offset: 0 })
        }
        query => sample::answer(query),
    })
    .on("reorders", "");
    console.shows("over a year's: ");
    console.keys("a").shows("Mind: over a year's: ");
    console.shows("how many units it is, to say that it is meant");
    console.keys("enter").shows("Write 5000, the quantity, to approve it.");
    assert!(console.acted.is_empty());
    console.typed("5000").keys("enter enter");
    assert_eq!(approved(&console.acted[0]).qty, Qty::units(5_000));
    console.keys("e enter").shows("how many units it is, to say that it is meant");
    console.keys("esc e ctrl-u").typed("90").keys("enter").hides("to say that it is meant");
    console.keys("esc esc space j space a").shows("how many lines it is, to say that it is meant");
    console.shows("1 line is far more than is needed.");
    console.keys("esc esc k").keys("x").typed("too many").keys("tab").typed("3 days").keys("enter");
    console.shows("until 2026-11-26: too many.");
}

#[test]
fn what_cannot_be_planned_is_not_approved_and_says_why() {
    let mut console = Console::new(80, 24).on("reorders", "");
    console.keys("G a").shows("it");
    assert!(console.acted.is_empty());
    console.keys("w").shows("cannot be planned");
}

#[test]
fn an_edit_shows_what_it_means_as_one_types_and_records_the_quantity() {
    let mut console = Console::new(80, 24).on("reorders", "");
    console.keys("e").shows("Order 22423 for BRISTOL");
    console.shows("chance that it runs short before it comes");
    console.keys("ctrl-u").typed("240").shows("240 units:");
    console.keys("enter").shows("Order 240 instead of 324 × 22423 for BRISTOL from");
    console.keys("enter");
    let line = approved(&console.acted[0]);
    assert_eq!((line.qty, line.is_edited()), (Qty::units(240), true));
}

#[test]
fn the_answer_to_what_was_typed_last_counts_in_whichever_order_they_come() {
    let mut console = Console::new(80, 24).on("reorders", "");
    for reversed in [true, false] {
        console.keys("esc e");
        console.answering = false;
        console.keys("ctrl-u").typed("1234");
        if reversed {
            console.waiting.reverse();
        }
        console.answer_all();
        console.shows("1,234 units:");
    }
}

#[test]
fn what_the_owner_would_refuse_is_not_confirmed_and_a_day_counts() {
    let mut console = Console::new(100, 30).on("reorders", "");
    console.refusing = |from, change| {
        let nobody =
            from.filter(|from| from.as_str() == "S99").map(|_| "There is no supplier S99.");
        let part =
            change.qty.filter(|qty| *qty == Qty::units(89)).map(|_| "It comes in packs of 2.");
        nobody.or(part).map(str::to_owned)
    };
    console.keys("e tab tab ctrl-u").typed("S99").shows("There is no supplier S99.");
    console.keys("enter").hides("Enter records");
    console.shows("There is no supplier S99.");
    console.keys("ctrl-u").typed("NORD").shows("324 units:");
    // The answer comes after the question.
    console.answering = false;
    console.keys("up up ctrl-u").typed("89").keys("enter");
    console.answer_all();
    console.shows("It comes in packs of 2.");
    console.keys("enter").hides("Enter records");
    assert!(console.acted.is_empty());
    console.keys("esc e tab ctrl-u").typed("2026-11-30").shows("NORD usually delivers by");
    console.keys("enter").shows("(sooner than usual, ");
}

#[test]
fn an_edit_says_what_is_spent_and_what_is_much_is_typed() {
    let mut console = Console::new(80, 24).on("reorders", "");
    console.keys("e ctrl-u").typed("240").keys("enter").shows("£ 1,470.00.");
    console.keys("esc esc e ctrl-u").typed("24000").keys("enter").shows("£ 147,000.00");
    console.shows("how many units it is");
    console.typed("y").keys("enter").shows("Write 24000, the quantity, to approve it.");
    assert!(console.acted.is_empty());
    console.keys("ctrl-u").typed("24000").keys("enter enter");
    assert_eq!(approved(&console.acted[0]).qty, Qty::units(24_000));
}

#[test]
fn an_edit_that_cannot_be_meant_says_what_is_wrong_in_place_of_figures() {
    let mut console = Console::new(80, 24).on("reorders", "");
    console.keys("e").shows("chance that it runs short");
    let figures = "chance that it runs short";
    console.keys("ctrl-u").typed("many").hides(figures);
    console.shows("`many` is no quantity; write units such as 240.");
    console.keys("ctrl-u").typed("240").shows("240 units:");
    console.keys("tab ctrl-u").typed("2026-13-40").hides(figures);
    console.shows("`2026-13-40` is no date");
    console.keys("ctrl-u").typed("2026-12-09").shows(figures);
    for (typed, wrong) in [
        ("soon", "is no number of days"),
        ("180", "is no service"),
        ("much", "is no change of demand"),
    ] {
        console.keys(if typed == "soon" { "tab tab" } else { "tab" }).typed(typed).hides(figures);
        console.shows(wrong);
        let asked = console.asked.len();
        console.keys("ctrl-u").shows(figures);
        assert!(console.asked.len() > asked, "it is asked again when it can be meant");
    }
}

#[test]
fn arrival_risk_and_the_suppliers_minimum_are_seen_of_the_selected_line() {
    let mut console = Console::new(80, 24).on("reorders", "");
    console.shows("Nordlys 北光 for BRISTOL: 1 line, £ 1,985; at least £ 500");
    console.shows("comes 7 Dec");
    console.shows("short before it comes");
    while !console.text().contains("waits: £ 412.50") {
        console.keys("j");
    }
    console.keys("G").shows("no supplier is known");
    let wide = Console::new(200, 60).on("reorders", "");
    wide.shows("Nordlys 北光 for BRISTOL: 1 line, £ 1,985; at least £ 500");
    // Names have the room to be told apart.
    wide.shows("Hargreaves & Daughters");
    wide.shows("JAM-SET-2026");
    wide.shows("WHITE HANGING HEART T-L");
}

#[test]
fn while_forecasts_are_made_the_table_does_not_say_that_nothing_is_to_be_ordered() {
    let none = |query: &Query| match query {
        Query::Reorders(page) => Answer::Reorders(Rows {
            rows: Vec::new(),
            total: 0,
            unfiltered: 0,
            offset: page.offset,
        }),
        Query::Status => {
            let waits = Some("forecasts are being made".into());
            Answer::Status(Box::new(Status { plan_waits: waits, ..sample::status() }))
        }
        query => sample::answer(query),
    };
    let console = Console::with(80, 24, none).on("reorders", "");
    console.shows("What is to be ordered is not known yet: forecasts are being made.");
}

#[test]
fn an_edit_that_falls_below_the_suppliers_minimum_says_so() {
    let mut console = Console::new(120, 30).on("reorders", "");
    console.keys("e ctrl-u").typed("48").keys("enter");
    console.shows("£ 294.00; the order so far is £");
    console.shows("206.00 below the supplier's minimum.");
}

#[test]
fn a_line_of_unknown_cost_is_typed_as_one_that_may_be_much() {
    let mut console = Console::new(80, 24).on("reorders", "");
    // What another supplier asks nobody knows.
    console.keys("e tab tab ctrl-u").typed("ELSE").keys("enter").shows("unknown cost.");
    console.shows("how many units it is");
    console.keys("enter").shows("Write 324, the quantity");
    assert!(console.acted.is_empty());
}

#[test]
fn a_line_that_waits_for_the_suppliers_minimum_says_so_where_it_is_approved() {
    let mut console = Console::new(200, 60).on("reorders", "");
    let waits = "the order so far is £ 412.50 below the supplier's minimum.";
    while !console.text().contains("   waits:") {
        console.keys("j");
    }
    console.keys("a").shows(waits);
    console.keys("esc e enter").shows(waits);
    console.keys("enter");
    let Action::Decide { saw, .. } = &console.acted[0] else { panic!("{:?}", console.acted) };
    assert!(saw.ends_with(", 412.50 GBP below the supplier's minimum"), "{saw}");
}

#[test]
fn the_chances_of_a_line_that_is_approved_say_what_counts_as_coming() {
    let mut console = Console::with(120, 60, |query| match query {
        Query::Reorders(_) => {
            let all = sample::reorder_rows(12).into_iter();
            let mut rows: Vec<_> =
                all.filter(|row| row.plan.proposal().is_some()).take(2).collect();
            for (row, qty) in rows.iter_mut().zip([48, 0]) {
                let Plan::Proposed(line) = &mut row.plan else { panic!() };
                let approved = Step { units: Qty::units(-96), source: Source::Approved };
                (line.qty, line.with.risk, line.without.risk) = (Qty::units(qty), 0.04, 0.31);
                line.why.push(approved);
            }
            Answer::Reorders(Rows { rows, total: 2, unfiltered: 2, offset: 0 })
        }
        query => sample::answer(query),
    })
    .on("reorders", "");
    console.shows("then 31 % with what is approved, 4 % with 48 more");
    console.keys("j").shows("then 31 % with what is approved");
    console.hides("without it");
    console.keys("w").shows("what is there and coming, the 96 approved among it");
}

#[test]
fn a_rejection_wants_a_reason_and_a_snooze_a_day() {
    let mut console = Console::new(80, 24).on("reorders", "");
    console.keys("x enter enter").shows("Give the reason.");
    console.typed("ends soon").keys("enter enter").shows("runs short earlier: ends soon");
    console.keys("enter");
    assert!(matches!(
        &console.acted[0],
        Action::Decide { decision: Decision::Reject { until: None, reason, .. }, .. }
            if reason == "ends soon"
    ));
    console.keys("z").typed("3").keys("enter").shows("off until 26 Nov 2026");
    console.keys("enter");
    assert!(matches!(
        &console.acted[1],
        Action::Decide { decision: Decision::Snooze { until, .. }, .. }
            if until.to_string() == "2026-11-26"
    ));
}

#[test]
fn why_adds_up_line_by_line() {
    let mut console = Console::new(120, 40).on("reorders", "");
    console.keys("w").shows("Why 324: 22423 at BRISTOL");
    for words in [
        "demand",
        "safety stock",
        "= to have",
        "on hand",
        "= order",
        "before it comes",
        "without it",
    ] {
        console.shows(words);
    }
}

#[test]
fn a_read_only_console_approves_nothing() {
    let mut console = Console::new(80, 24).on("reorders", "");
    console.state.read_only = true;
    console.keys("a").shows("This console is read-only");
    console.keys("enter");
    assert!(console.acted.is_empty());
}
