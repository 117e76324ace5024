//! Cases: which are like one another, and orders under an account that somebody else uses.

use super::flags::{act, arrived, case, queue, sale, scorer};
use super::*;
use crate::domain::CaseKind;
use crate::engine::api::*;
use crate::engine::flags::{KeptFlag, KeptRaised};
use crate::insight::anomaly::rules::Cause;
use crate::insight::anomaly::{Raised, ToldWrong};

const fn named(kind: CaseKind, number: u64) -> CaseId {
    CaseId { kind, number }
}

/// A flag of an order as a network saw it.
fn seen(number: &str, case: u64) -> KeptFlag {
    let cost = Money { minor: 100, currency: Currency::GBP };
    KeptFlag {
        order: key(number),
        customer: None,
        at: NOON,
        case,
        score: 0.9,
        found: (Cause::Quantity, None, 1.0),
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
        let cause = if number == 2 { Cause::Note } else { Cause::Quantity };
        let flag = KeptFlag { found: (cause, None, 1.0), ..seen(&name, number) };
        house.flags.book.write().put(number as u32 - 1, flag);
    }
    let named = |number| named(CaseKind::Order, number);
    for number in [2, 3, 4] {
        act(&house, named(number), CaseAct::Release).unwrap();
    }
    let place = |seen: &[f32]| {
        assert!(house.flags.book.try_write().is_some(), "the book of flags is held");
        assert!(house.orders.try_write().is_some(), "the orders are held");
        Some(seen.to_vec())
    };
    let here = (Cause::Quantity, &[1.0, 1.0][..]);
    let found = questions::similar_cases(&house, named(1), here, &place);
    let cases: Vec<u64> = found.iter().map(|one| one.case.number).collect();
    assert_eq!(cases, [3, 4, 2], "of the same cause first, and of these the nearer");
    act(&house, named(1), CaseAct::Release).unwrap();
    house.undo(ann(), None).unwrap();
    let found = questions::similar_cases(&house, named(4), here, &place);
    let cases: Vec<u64> = found.iter().map(|one| one.case.number).collect();
    assert_eq!(cases, [3, 2], "none that nobody has decided on");
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
    // Its past is the account's, not that of the e-mail which the thief brought.
    assert_eq!(detail.account, Some(AccountRef(3)));
    let past = |of| match ask(&house, Query::FlagPast(of)) {
        Answer::FlagPast(Some(past)) => past.orders,
        other => panic!("{other:?}"),
    };
    assert_eq!(past(PastOf::Account(AccountRef(3))), 42);
    assert_eq!(past(PastOf::Customer("X".into())), 2);
}

/// Orders 1 to 4, of which 4 has left; 1 and 2 are flagged for their price and 3 for its note.
fn told_wrongly(dir: &Path) -> (Arc<House>, Raised) {
    let house = house(dir);
    for number in 1..=4_u64 {
        let status = if number == 4 { OrderStatus::Shipped } else { OrderStatus::Open };
        let name = number.to_string();
        tell(&house, NOON, vec![Record::Order(order(&name, "A", 1, status))]);
        let (cause, case) = if number == 3 { (Cause::Note, 3) } else { (Cause::Price, 1) };
        let flag = KeptFlag { found: (cause, None, 1.0), ..seen(&name, case) };
        if number < 4 {
            house.flags.book.write().put(number as u32 - 1, flag);
        }
    }
    let worth = Money { minor: 500, currency: Currency::GBP };
    let orders = (1..=4).map(|number| (key(&number.to_string()), worth)).collect();
    let raised = Raised {
        kind: CaseKind::Feed,
        subject: CaseSubject::Feed("shop".into()),
        rule: "unit-change".into(),
        severity: 0.6,
        reasons: vec!["unit: prices of 4 orders in a row are 1.27 times the usual".into()],
        at_stake: Money { minor: 2_000, currency: Currency::GBP },
        since: at(-120),
        told: ToldWrong { orders, explains: vec![Cause::Price, Cause::Basket] },
    };
    (house, raised)
}

#[test]
fn a_feeds_case_lists_its_orders_is_the_only_case_of_them_and_stays_until_decided() {
    let dir = tempfile::tempdir().unwrap();
    let (house, raised) = told_wrongly(dir.path());
    let own = named(CaseKind::Order, 1);
    assert_eq!(queue(&house, Cases::Queue, "").len(), 2, "two cases of orders");
    house.raise(CaseKind::Feed, std::slice::from_ref(&raised)).unwrap();
    let rows = queue(&house, Cases::Queue, "");
    let feed = rows.iter().find(|row| row.case.kind == CaseKind::Feed).unwrap().clone();
    assert_eq!((feed.orders, feed.undecided, feed.stoppable), (4, 4, 3));
    assert_eq!(feed.at_stake.minor, 1_500, "what can be stopped still");
    let others: Vec<CaseId> =
        rows.iter().map(|row| row.case).filter(|of| *of != feed.case).collect();
    assert_eq!(others, [named(CaseKind::Order, 3)], "what the feed does not explain");
    let joined = case(&house, own).row;
    assert_eq!((joined.state, joined.within), (CaseState::Joined, Some(feed.case)));
    assert!(act(&house, own, CaseAct::Hold).unwrap_err().contains("decide there"));
    let shown = case(&house, feed.case);
    let numbers: Vec<&str> = shown.orders.iter().map(|row| row.order.key.number.as_str()).collect();
    assert_eq!(numbers, ["1", "2", "3", "4"], "flagged ones first");

    // A silent rule says nothing, and its orders are cases of their own again.
    let (of, until) = (MuteOf::Feed("shop".into()), at(240));
    let mute = Decision::Mute { rule: "unit-change".into(), of, until, reason: "known".into() };
    house.decide(ann(), mute, "").unwrap();
    assert_eq!(case(&house, own).row.state, CaseState::Open);
    house.undo(ann(), None).unwrap();

    // Looked at later, it begins a little later and is the same one; over, it waits still.
    let orders = raised.told.orders[1..].to_vec();
    let told = ToldWrong { orders, ..raised.told.clone() };
    let slid = Raised { since: at(-110), told, ..raised.clone() };
    house.raise(CaseKind::Feed, &[slid]).unwrap();
    house.raise(CaseKind::Feed, &[raised]).unwrap();
    house.raise(CaseKind::Feed, &[]).unwrap();
    let all = queue(&house, Cases::Queue, "kind:feed");
    assert_eq!(all.iter().map(|row| row.case).collect::<Vec<_>>(), [feed.case]);

    act(&house, feed.case, CaseAct::Hold).unwrap();
    let row = case(&house, feed.case).row;
    assert_eq!(
        (row.state, row.undecided, row.held, row.at_stake.minor),
        (CaseState::Open, 1, 3, 0)
    );
    act(&house, feed.case, CaseAct::Confirm).unwrap();
    assert_eq!(case(&house, feed.case).row.state, CaseState::Decided);
    drop(house);
    let again = super::house(dir.path());
    let _scorer = scorer(&again);
    let kept = case(&again, feed.case);
    assert_eq!((kept.row.state, kept.orders.len()), (CaseState::Decided, 4), "after a restart");
}

#[test]
fn what_is_over_undecided_is_handed_over_and_what_is_spent_waits_for_nobody_tonight() {
    let dir = tempfile::tempdir().unwrap();
    let (house, raised) = told_wrongly(dir.path());
    let silent = Raised { rule: "silent-feed".into(), told: ToldWrong::default(), ..raised };
    house.raise(CaseKind::Feed, &[silent]).unwrap();
    house.raise(CaseKind::Feed, &[]).unwrap();
    let Answer::Handover(handover) = ask(&house, Query::Handover(at(-240))) else { panic!() };
    let [lapsed] = &handover.lapsed[..] else { panic!("{:?}", handover.lapsed) };
    assert_eq!((lapsed.case.kind, lapsed.state), (CaseKind::Feed, CaseState::Over));
    let Answer::Handover(later) = ask(&house, Query::Handover(at(240))) else { panic!() };
    assert!(later.lapsed.is_empty(), "before that shift");

    // The network alone flagged them (no rule is a reason); number 3 leaves.
    let gone = Order {
        shipped_at: Some(at(-1)),
        updated_at: at(-1),
        ..order("3", "A", 1, OrderStatus::Shipped)
    };
    tell(&house, at(1), vec![Record::Order(gone)]);
    let cases =
        |which| queue(&house, which, "kind:order").iter().map(|row| row.case.number).collect();
    let (tonight, waiting): (Vec<u64>, Vec<u64>) = (cases(Cases::Queue), cases(Cases::Waiting));
    assert_eq!((tonight, waiting), (vec![1], vec![1, 3]), "nothing of 3 can be stopped");
    let page = CasesAsked { which: Cases::Queue, page: PageOf::default(), me: "ann".into() };
    let Answer::Flags(page) = ask(&house, Query::Flags(page)) else { panic!() };
    assert_eq!((page.counts.open, page.counts.spent), (1, 1));
}

#[test]
fn two_fields_that_a_feed_loses_of_the_same_orders_are_two_cases_that_stay() {
    let dir = tempfile::tempdir().unwrap();
    let (house, raised) = told_wrongly(dir.path());
    let lost = |orders: std::ops::Range<usize>, explains: Cause, what: &str| Raised {
        rule: "schema-drift".into(),
        reasons: vec![format!("schema: orders came without {what}").into()],
        told: ToldWrong { orders: raised.told.orders[orders].to_vec(), explains: vec![explains] },
        ..raised.clone()
    };
    // Of one rule and feed, since the same moment.
    let country = lost(0..3, Cause::Price, "a country");
    let customer = lost(1..4, Cause::Note, "whose they are");
    let look = |seen: &[Raised]| {
        house.raise(CaseKind::Feed, seen).unwrap();
        let book = house.flags.book.read();
        let all = book.all_raised().map(|(case, known)| (case, known.clone()));
        all.collect::<Vec<_>>()
    };
    let first = look(&[country.clone(), customer.clone()]);
    let mut told: Vec<_> = first.iter().map(|(_, known)| known.raised.told.clone()).collect();
    told.sort_by_key(|told| told.explains == customer.told.explains);
    assert_eq!(told, [country.told.clone(), customer.told.clone()]);
    for seen in [[&country, &customer], [&customer, &country]] {
        assert_eq!(look(&seen.map(Clone::clone)), first, "the same at every look");
    }
    let rows = queue(&house, Cases::Queue, "kind:feed");
    assert!(rows.len() == 2 && rows.iter().all(|row| row.state == CaseState::Open), "{rows:?}");
    // Each explains what it explains of an order in both: 2 is flagged for its price, 3 for its note.
    let of = |explains: &Raised| {
        let is_it = |(_, known): &&(CaseId, KeptRaised)| known.raised.told == explains.told;
        first.iter().find(is_it).map(|(case, _)| *case)
    };
    let within = |number| case(&house, named(CaseKind::Order, number)).row.within;
    assert_eq!((within(1), within(3)), (of(&country), of(&customer)));
    // One that is seen no more is over, and takes nothing from the other.
    let left = look(std::slice::from_ref(&customer));
    let over: Vec<CaseId> =
        left.iter().filter(|(_, known)| known.over.is_some()).map(|(case, _)| *case).collect();
    assert_eq!(over, Vec::from_iter(of(&country)));
    // Long over, each stands in the list as it does by itself; one order was in one of them alone.
    act(&house, of(&customer).unwrap(), CaseAct::Confirm).unwrap();
    house.raise(CaseKind::Feed, &[]).unwrap();
    house.sim.as_ref().unwrap().advance_to(at(15 * 24 * 60));
    let mut rows = queue(&house, Cases::All, "kind:feed");
    rows.sort_by_key(|row| row.undecided);
    let stand = |row: &CaseRow| (row.state, row.orders, row.undecided, row.at_stake.minor);
    let [done, over] = &rows[..] else { panic!("{rows:?}") };
    assert_eq!(stand(done), (CaseState::Decided, 3, 0, 1_500));
    assert_eq!(stand(over), (CaseState::Over, 3, 1, 0));
    for row in &rows {
        assert_eq!(stand(row), stand(&case(&house, row.case).row));
    }
}

#[test]
fn what_was_decided_on_before_its_orders_were_named_stays_decided() {
    let dir = tempfile::tempdir().unwrap();
    let (house, raised) = told_wrongly(dir.path());
    let before = Raised { told: ToldWrong::default(), ..raised.clone() };
    house.raise(CaseKind::Feed, &[before]).unwrap();
    let [row] = &queue(&house, Cases::Queue, "kind:feed")[..] else { panic!("a case") };
    act(&house, row.case, CaseAct::Release).unwrap();
    house.raise(CaseKind::Feed, &[raised]).unwrap();
    let now = case(&house, row.case).row;
    assert_eq!((now.state, now.orders), (CaseState::Decided, 4));
    assert!(queue(&house, Cases::Queue, "kind:feed").is_empty());
}
