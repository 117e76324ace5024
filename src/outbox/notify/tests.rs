//! What gets through a gate, when, and in which form.

use super::*;
use crate::domain::{Currency, Money, Severity, Span, Timestamp, Zone};
use std::time::Duration;

fn alert(case: &str, severity: Severity, minor: i64) -> Alert {
    Alert {
        case: case.into(),
        severity,
        what: "20 guest orders in 11 min, one item".into(),
        orders: 20,
        stake: Some(Money { minor, currency: Currency::GBP }),
        at: Timestamp::from_millis(1_700_000_000_000),
    }
}

/// A moment at this hour of a day, so many seconds after the owner's start.
fn at(hour: i64, mono: u64) -> Moment {
    let at = Timestamp::from_millis(1_700_006_400_000) + Span::hours(hour);
    Moment { at, mono: Duration::from_secs(mono) }
}

fn gate(rules: Rules) -> Gate {
    Gate::new(rules, Zone::utc())
}

fn cases(message: &Message) -> Vec<&str> {
    match message {
        Message::Cases(cases) => cases.iter().map(|alert| &*alert.case).collect(),
        Message::Test => Vec::new(),
    }
}

#[test]
fn what_is_mild_or_small_is_not_told() {
    let least_value = Money::parse("100", Currency::GBP);
    let mut gate = gate(Rules { least: Severity::Medium, least_value, ..Rules::default() });
    let mild = gate.consider(alert("O1", Severity::Low, 90_000), at(9, 0));
    assert_eq!(mild, Verdict::Leave(Why::Mild(Severity::Medium)));
    let small = gate.consider(alert("O1", Severity::High, 9_999), at(9, 0));
    assert_eq!(small, Verdict::Leave(Why::Small(least_value.unwrap())));
    let unknown = Alert { stake: None, ..alert("O1", Severity::High, 0) };
    assert!(matches!(gate.consider(unknown, at(9, 0)), Verdict::Tell(_)), "it may be much");
    let enough = gate.consider(alert("O2", Severity::Medium, 10_000), at(9, 0));
    assert!(matches!(enough, Verdict::Tell(_)));
}

#[test]
fn a_case_is_told_again_only_when_it_got_worse_until_its_time_is_over() {
    let mut gate = gate(Rules { least: Severity::Low, burst: 9, ..Rules::default() });
    let mut tell = |severity, minor, mono| {
        matches!(gate.consider(alert("O1", severity, minor), at(9, mono)), Verdict::Tell(_))
    };
    assert!(tell(Severity::Medium, 10_000, 0));
    assert!(!tell(Severity::Medium, 10_000, 60));
    assert!(!tell(Severity::Medium, 14_999, 61), "hardly more");
    assert!(!tell(Severity::Low, 14_999, 62), "milder");
    assert!(tell(Severity::Medium, 15_000, 63), "half as much again");
    assert!(tell(Severity::High, 15_000, 64), "more severe");
    assert!(!tell(Severity::High, 15_000, 12 * 3_600));
    assert!(tell(Severity::High, 15_000, 12 * 3_600 + 64), "twelve hours later");
}

#[test]
fn beyond_the_rate_cases_are_kept_and_told_as_one_message() {
    let mut gate = gate(Rules { per_hour: 60, burst: 2, ..Rules::default() });
    for case in ["O1", "O2"] {
        let verdict = gate.consider(alert(case, Severity::High, 1_000), at(9, 0));
        assert!(matches!(verdict, Verdict::Tell(_)), "{verdict:?}");
    }
    let storm: Vec<String> = (3..10_003).map(|n| format!("O{n}")).collect();
    for case in &storm {
        let verdict = gate.consider(alert(case, Severity::High, 1_000), at(9, 1));
        let Verdict::Hold(Why::Often(60, wait)) = verdict else { panic!("{verdict:?}") };
        assert_eq!(wait.as_secs(), 59);
    }
    let worst = gate.consider(alert("O2", Severity::High, 90_000), at(9, 2));
    assert!(matches!(worst, Verdict::Hold(_)));
    assert_eq!(gate.due(at(9, 59)), None);
    let message = gate.due(at(9, 60)).unwrap();
    assert_eq!(cases(&message)[0], "O2", "most at stake first");
    assert!(cases(&message).len() <= 500);
    assert!(message.text().chars().count() <= 300, "{}", message.text());
    assert!(!gate.holds());
    assert_eq!(gate.due(at(9, 200)), None, "nothing is left");
}

#[test]
fn in_quiet_hours_what_is_not_loud_waits_for_their_end() {
    let quiet = Quiet::parse("22:00-07:00");
    let loud = Some(Severity::High);
    let mut gate = gate(Rules { least: Severity::Low, quiet, loud, ..Rules::default() });
    let night = gate.consider(alert("O1", Severity::Medium, 1_000), at(23, 0));
    let Verdict::Hold(why) = night else { panic!("{night:?}") };
    assert_eq!(why.to_string(), "it is quiet here (22:00-07:00); what waits is told at 07:00");
    let high = gate.consider(alert("O2", Severity::High, 1_000), at(26, 60));
    assert!(matches!(high, Verdict::Tell(_)));
    assert_eq!(gate.due(at(30, 120)), None, "06:00");
    gate.consider(alert("O3", Severity::Low, 1_000), at(30, 121));
    gate.settled("O3");
    let morning = gate.due(at(31, 180)).unwrap();
    assert_eq!(cases(&morning), ["O1"], "what was decided meanwhile is told to nobody");
    let known = gate.consider(alert("O1", Severity::Medium, 1_000), at(31, 200));
    assert_eq!(known, Verdict::Leave(Why::Known));
}

#[test]
fn what_waited_before_is_told_only_when_it_gets_worse() {
    let mut gate = gate(Rules { least: Severity::Medium, ..Rules::default() });
    gate.know(&alert("O1", Severity::Medium, 1_000), at(9, 0));
    let same = gate.consider(alert("O1", Severity::Medium, 1_000), at(9, 1));
    assert_eq!(same, Verdict::Leave(Why::Known));
    let worse = gate.consider(alert("O1", Severity::High, 1_000), at(9, 2));
    assert!(matches!(worse, Verdict::Tell(_)));
}

#[test]
fn quiet_hours_are_those_of_the_stores_zone() {
    let quiet = Quiet::parse("09:00-17:30").unwrap();
    let noon = at(12, 0).at;
    assert!(quiet.holds(noon, &Zone::utc()));
    assert!(!quiet.holds(noon, &Zone::named("Asia/Tokyo").unwrap()), "21:00 there");
    assert!(!quiet.holds(noon + Span::minutes(330), &Zone::utc()), "its end is not in it");
    for wrong in ["", "22-7", "22:00", "24:00-07:00", "22:60-07:00", "9:00-10:00", "07:00-07:00"] {
        assert_eq!(Quiet::parse(wrong), None, "{wrong}");
    }
    assert_eq!(Quiet::parse("22:00 - 07:00").unwrap().to_string(), "22:00-07:00");
}

#[test]
fn a_test_is_a_message_like_others() {
    let quiet = Quiet::parse("22:00-07:00");
    let mut gate = gate(Rules { burst: 1, quiet, ..Rules::default() });
    assert!(matches!(gate.test(at(23, 0)), Err(Why::Quiet(_))));
    assert_eq!(gate.test(at(9, 1)), Ok(Message::Test));
    assert!(matches!(gate.test(at(9, 2)), Err(Why::Often(12, _))));
}

#[test]
fn a_message_says_what_is_at_stake_and_carries_no_control_character() {
    let hostile = Alert {
        what: "x\x1b]9;owned\x07\r\n\u{202e}y".into(),
        ..alert("O121", Severity::High, 118_000)
    };
    let message = Message::Cases(vec![hostile, alert("O7", Severity::Medium, 1_000)]);
    assert!(!message.text().chars().any(char::is_control), "{:?}", message.text());
    let one = Message::Cases(vec![alert("O121", Severity::High, 118_000)]);
    assert_eq!(
        one.text(),
        "high: 20 guest orders in 11 min, one item; 20 orders, 1180.00 GBP at stake (case O121)"
    );
    let event: serde_json::Value = serde_json::from_str(&message.event()).unwrap();
    assert_eq!((event["kind"].as_str(), event["severity"].as_str()), (Some("cases"), Some("high")));
    assert_eq!(event["cases"][0]["at_stake"], "1180.00");
    assert_eq!(event["cases"][0]["what"], "x]9;owned  y");
    let chat: serde_json::Value = serde_json::from_str(&one.chat()).unwrap();
    assert_eq!(chat.as_object().unwrap().len(), 1);
    assert!(chat["text"].as_str().unwrap().starts_with("stockdeck: high: 20 guest"));
}

#[tokio::test]
async fn a_hook_posts_what_a_dry_run_shows() {
    let secret = crate::outbox::Login::Signed("s3cret".into());
    let url = "https://pager.example/hook?key=abc";
    let hook = Hook::new("oncall", url, secret, Shape::Event, Duration::from_secs(1)).unwrap();
    let shown = hook.request(&Message::Test, "k1", Timestamp::from_millis(1_700_000_000_000));
    let shown = shown.to_string();
    assert!(shown.starts_with("POST https://pager.example/hook\n"), "{shown}");
    let signed = crate::outbox::signature("s3cret", 1_700_000_000, &Message::Test.event());
    assert!(shown.contains(&format!("X-Stockdeck-Signature: {signed}\n")), "{shown}");
    assert!(shown.contains("Idempotency-Key: k1\n") && !shown.contains("abc"), "{shown}");
}

#[test]
fn a_storm_of_cases_costs_the_same_for_each_and_what_is_long_told_is_forgotten() {
    let mut gate = gate(Rules { least: Severity::Low, ..Rules::default() });
    let begun = std::time::Instant::now();
    for case in 0..40_000 {
        gate.know(&alert(&format!("O{case}"), Severity::Low, 100), at(9, 0));
        let known = alert(&format!("O{}", case / 2), Severity::Low, 100);
        assert_eq!(gate.consider(known, at(9, 1)), Verdict::Leave(Why::Known));
    }
    // Looking through all of them at each would be 800 million looks.
    assert!(begun.elapsed() < Duration::from_secs(10), "{:?}", begun.elapsed());
    let later = at(9, Rules::default().again_after.as_seconds() as u64 + 1);
    for case in 40_000..90_000 {
        gate.know(&alert(&format!("O{case}"), Severity::Low, 100), later);
    }
    assert!(gate.remembered() < 60_000, "{} are kept", gate.remembered());
    let again = gate.consider(alert("O1", Severity::Low, 100), later);
    assert!(matches!(again, Verdict::Tell(_)), "{again:?}");
}
