//! Cases: which are like one another, and orders under an account that somebody else uses.

use super::flags::{act, arrived, case, queue, sale, scorer};
use super::*;
use crate::domain::CaseKind;
use crate::engine::api::Cases;
use crate::engine::flags::KeptFlag;

/// A flag of an order as a network saw it.
fn seen(number: &str, case: u64) -> KeptFlag {
    let cost = Money { minor: 100, currency: Currency::GBP };
    KeptFlag {
        order: key(number),
        customer: None,
        at: NOON,
        case,
        score: 0.9,
        found: (crate::insight::anomaly::rules::Cause::Quantity, None, 1.0),
        reasons: Vec::new(),
        cost,
        seen: (1, vec![case as f32, 1.0]),
    }
}

#[test]
fn like_cases_are_the_nearest_decided_ones_and_nobody_waits_for_the_network() {
    let dir = tempfile::tempdir().unwrap();
    let house = house(dir.path());
    for number in 1..=4 {
        let name = number.to_string();
        tell(&house, NOON, vec![Record::Order(order(&name, "A", 1, OrderStatus::Open))]);
        house.flags.book.write().put(number as u32 - 1, seen(&name, number));
    }
    let named = |number| CaseId { kind: CaseKind::Order, number };
    for number in [2, 4] {
        act(&house, named(number), CaseAct::Release).unwrap();
    }
    let place = |seen: &[f32]| {
        assert!(house.flags.book.try_write().is_some(), "the book of flags is held");
        assert!(house.orders.try_write().is_some(), "the orders are held");
        Some(seen.to_vec())
    };
    let found = questions::similar_cases(&house, named(1), &[1.0, 1.0], &place);
    let cases: Vec<u64> = found.iter().map(|one| one.case.number).collect();
    assert_eq!(cases, [2, 4], "the nearer first, and none that nobody decided on");
    assert!(found.iter().all(|one| one.ended.act == CaseAct::Release));
}

/// A sale under an account to an address, of these SKUs.
fn traced(
    number: &str,
    minutes: i64,
    (who, account, to): (&str, u32, u32),
    skus: std::ops::Range<u32>,
) -> Order {
    let units = 1 + i64::from(account % 3);
    let skus: Vec<String> = skus.map(|n| format!("SKU-{n}")).collect();
    let lines: Vec<(&str, i64)> = skus.iter().map(|sku| (sku.as_str(), units)).collect();
    let traces = Traces {
        account: Some(AccountRef(account)),
        ship_to: Some(AddressRef(to)),
        bill_to: (to != account).then_some(AddressRef(account)),
        bill_country: None,
    };
    let aside = Aside { traces, ..Aside::default() };
    Order { aside, ..sale(number, minutes, who, &lines) }
}

#[test]
fn an_account_that_somebody_else_uses_is_a_case_of_its_own_kind() {
    let dir = tempfile::tempdir().unwrap();
    let house = house(dir.path());
    let mut past = Vec::new();
    for day in 0..40 {
        for who in 0..9_u32 {
            let minutes = -(day + 8) * 24 * 60 + i64::from(who) * 31 - 180;
            let number = format!("P{day}-{who}");
            let order = traced(&number, minutes, (&format!("C{who}"), who, who), 0..2);
            past.push(Record::Order(order));
        }
    }
    tell(&house, at(-7 * 24 * 60), past);
    let mut scorer = scorer(&house);
    let news = [
        traced("OWN", -50, ("C4", 4, 4), 0..2),
        traced("MOVED", -45, ("C5", 5, 90), 0..2),
        traced("TAKEN", -40, ("X", 3, 91), 10..24),
        traced("TAKEN-2", -30, ("X", 3, 91), 40..54),
    ];
    tell(&house, at(-25), news.into_iter().map(Record::Order).collect());
    arrived(&house, &mut scorer);
    let rows = queue(&house, Cases::Queue, "");
    let [row] = &rows[..] else { panic!("{rows:?}") };
    assert_eq!((&*row.cause, row.orders), ("account-takeover", 2), "{row:?}");
    let detail = case(&house, row.case);
    let text = &detail.reasons[0].text;
    let told = ["account takeover: an account of 40 orders", "another e-mail", "new address"];
    assert!(told.iter().all(|told| text.contains(told)), "{text}");
}
