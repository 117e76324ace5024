//! Orders that are worth a look: flagged as they arrive, decided on, and told to their shops.

use super::flag_rules::test;
use super::*;
use crate::domain::CaseKind;
use crate::engine::api::*;
use crate::engine::flags::{ASKED, Reading, Scorer};
use crate::engine::shops;
use crate::feed::Pending;
use crate::insight::anomaly::order_model::Fit;
use crate::insight::anomaly::{Raised, ToldWrong};
use crate::outbox::{DeliveryError, Request, Shop};
use parking_lot::Mutex;
use tokio::sync::watch;

const CUSTOMERS: i64 = 40;

/// A sale of a few lines, so many minutes before noon (negative) or after.
pub(super) fn sale(number: &str, minutes: i64, customer: &str, lines: &[(&str, i64)]) -> Order {
    let price = |sku: &str| 15_000 + 10_000 * sku.bytes().map(i64::from).sum::<i64>().rem_euclid(9);
    let line = |&(sku, units): &(&str, i64)| OrderLine {
        sku: sku.into(),
        class: LineClass::Product,
        qty: Qty::units(units),
        cancelled: Qty::ZERO,
        price: UnitPrice { e4: price(sku), currency: Currency::GBP },
    };
    let lines: Vec<OrderLine> = lines.iter().map(line).collect();
    let total = lines.iter().map(|line| line.price.times(line.qty).minor).sum();
    Order {
        customer: Some(customer.into()),
        country: Some("GB".into()),
        placed_at: at(minutes),
        updated_at: at(minutes),
        total: Money { minor: total, currency: Currency::GBP },
        lines,
        ..order(number, "A", 1, OrderStatus::Open)
    }
}

/// An ordinary order: a customer's usual items in the usual quantities.
pub(super) fn usual(n: i64, minutes: i64) -> Order {
    let who = n % CUSTOMERS;
    let sku = |k: i64| format!("SKU-{}", (who + k * 7) % 25);
    let (one, two) = (sku(n / CUSTOMERS), sku(n / CUSTOMERS + 1));
    let units = [2, 3, 4, 6][(who % 4) as usize];
    let lines: &[(&str, i64)] =
        if one == two { &[(&one, units)] } else { &[(&one, units), (&two, units)] };
    sale(&format!("N{n}"), minutes, &format!("C{who}"), lines)
}

/// Ordinary orders of so many days until a week before noon, in working hours.
pub(super) fn history(house: &House, days: i64) {
    let mut orders = Vec::new();
    for day in 0..days {
        for k in 0..12 {
            let minutes = -(day + 8) * 24 * 60 + k * 31 - 180;
            orders.push(Record::Order(usual((days - day) * 12 + k, minutes)));
        }
    }
    for part in orders.chunks(400) {
        tell(house, at(-7 * 24 * 60), part.to_vec());
    }
}

pub(super) fn scorer(house: &Arc<House>) -> Scorer {
    Scorer::read(&Arc::downgrade(house), Reading::Recalled, &|| false).unwrap()
}

pub(super) fn arrived(house: &Arc<House>, scorer: &mut Scorer) {
    scorer.arrived(&Arc::downgrade(house)).unwrap();
}

/// A hundred times what anybody takes.
fn spike(number: &str, minutes: i64) -> Order {
    sale(number, minutes, "C3", &[("SKU-3", 600)])
}

pub(super) fn queue(house: &House, which: Cases, filter: &str) -> Vec<CaseRow> {
    let page = PageOf { filter: filter.into(), limit: 100, ..PageOf::default() };
    match ask(house, Query::Flags(CasesAsked { which, page, me: "ann".into() })) {
        Answer::Flags(page) => page.rows.rows,
        other => panic!("{other:?}"),
    }
}

pub(super) fn case(house: &House, case: CaseId) -> CaseDetail {
    match ask(house, Query::Flag(case)) {
        Answer::Flag(Some(detail)) => *detail,
        other => panic!("{other:?}"),
    }
}

pub(super) fn act(house: &House, case: CaseId, act: CaseAct) -> Result<u64, String> {
    let decision = Decision::Flag { case, act, orders: Vec::new() };
    match house.decide(ann(), decision, "") {
        Ok(Outcome::Journalled(seq)) => Ok(seq),
        Ok(other) => panic!("{other:?}"),
        Err(refusal) => Err(refusal.message),
    }
}

/// What is flagged, and how.
fn flags(house: &House) -> Vec<String> {
    let book = house.flags.book.read();
    let mut all: Vec<String> = book
        .flags()
        .map(|(_, flag)| {
            let reasons: Vec<&str> = flag.reasons.iter().map(|reason| &*reason.text).collect();
            format!("{} {:.5} {}", flag.order, flag.score, reasons.join("; "))
        })
        .collect();
    all.sort_unstable();
    all
}

/// A store with a past and a spike of today, and what scores it.
fn flagged(dir: &Path) -> (Arc<House>, Scorer, CaseId) {
    let house = house(dir);
    history(&house, 30);
    let mut scorer = scorer(&house);
    tell(&house, at(-30), vec![Record::Order(usual(5, -40)), Record::Order(spike("BAD", -35))]);
    arrived(&house, &mut scorer);
    let [row] = &queue(&house, Cases::Queue, "")[..] else {
        panic!("{:?}", queue(&house, Cases::All, ""))
    };
    let case = row.case;
    (house, scorer, case)
}

#[test]
fn an_order_far_beyond_what_anybody_takes_waits_with_reasons_and_what_is_at_stake() {
    let dir = tempfile::tempdir().unwrap();
    let (house, _, case_id) = flagged(dir.path());
    let detail = case(&house, case_id);
    assert_eq!((detail.row.state, detail.row.orders), (CaseState::Open, 1));
    assert_eq!(&*detail.row.what, "order shop/BAD");
    assert!(detail.row.at_stake.minor > 50_000, "{}", detail.row.at_stake);
    let about: Vec<&str> = detail.reasons.iter().map(|reason| &*reason.rule).collect();
    assert!(about.contains(&"quantity") || about.contains(&"hoarding"), "{about:?}");
    assert!(detail.reasons[0].text.contains("600"), "{}", detail.reasons[0].text);
    assert_eq!(detail.customer, Some("C3".into()));
    let Answer::FlagPast(Some(past)) = ask(&house, Query::FlagPast(PastOf::Customer("C3".into())))
    else {
        panic!("a past")
    };
    assert!(past.orders > 5 && past.newest[0].case == Some(case_id), "{past:?}");
    let both = sale("BOTH", -20, "C4", &[("SKU-3", 2), ("SKU-4", 5)]);
    tell(&house, at(-10), vec![Record::Order(both)]);
    let Answer::FlagPast(Some(past)) = ask(&house, Query::FlagPast(PastOf::Sku("SKU-3".into())))
    else {
        panic!("a past")
    };
    let newest = &past.newest[0];
    assert_eq!((newest.units, newest.order.units), (Qty::units(2), Qty::units(7)), "of the SKU");
    assert!(past.usual_units.0 < 10.0 && past.usual_price.is_some(), "{past:?}");
    let Answer::Overview(overview) = ask(&house, Query::Overview) else { panic!("figures") };
    assert_eq!(overview.flags.map(|counts| counts.open), Some(1));
}

#[test]
fn the_order_in_which_pages_come_and_a_restart_change_no_flag() {
    let orders = || -> Vec<Order> {
        let mut orders: Vec<Order> = (0..60).map(|n| usual(n, n - 400)).collect();
        orders.extend([spike("BAD-1", -200), spike("BAD-2", -190), spike("BAD-3", -200)]);
        orders
    };
    let records = |orders: &[Order]| orders.iter().cloned().map(Record::Order).collect::<Vec<_>>();
    let dir = tempfile::tempdir().unwrap();
    let one = house(dir.path());
    history(&one, 20);
    let mut scores = scorer(&one);
    tell(&one, at(-10), records(&orders()));
    arrived(&one, &mut scores);
    let expected = flags(&one);
    assert!(expected.len() >= 3, "{expected:?}");
    let cases = queue(&one, Cases::All, "");

    let other_dir = tempfile::tempdir().unwrap();
    let other = house(other_dir.path());
    history(&other, 20);
    let mut scores = scorer(&other);
    let mut reversed = orders();
    reversed.reverse();
    tell(&other, at(-10), records(&reversed));
    tell(&other, at(-9), records(&orders()));
    arrived(&other, &mut scores);
    assert_eq!(flags(&other), expected, "told backwards, and twice");

    drop(one);
    let again = house(dir.path());
    let mut scores = scorer(&again);
    assert_eq!(flags(&again), expected);
    assert_eq!(queue(&again, Cases::All, ""), cases, "the same cases under the same names");
    // What comes next goes on where it was.
    tell(&again, at(-8), vec![Record::Order(spike("BAD-4", -180))]);
    arrived(&again, &mut scores);
    let grown = queue(&again, Cases::All, "");
    let of = |number| {
        let flag = again.flags.book.read().of_order(&key(number)).cloned().unwrap();
        flag.case
    };
    assert_eq!(of("BAD-4"), of("BAD-2"), "it belongs to the same case: {grown:?}");
}

#[test]
fn decisions_move_a_case_through_its_states_and_undo_moves_it_back() {
    let dir = tempfile::tempdir().unwrap();
    let (house, _, id) = flagged(dir.path());
    act(&house, id, CaseAct::Assign(Some("".into()))).unwrap();
    assert_eq!(queue(&house, Cases::Queue, "is:mine").len(), 1);
    act(&house, id, CaseAct::Snooze(at(60))).unwrap();
    assert!(queue(&house, Cases::Queue, "").is_empty());
    house.undo(ann(), None).unwrap();
    assert_eq!(queue(&house, Cases::Queue, "").len(), 1);
    act(&house, id, CaseAct::Note("called them".into())).unwrap();
    act(&house, id, CaseAct::Confirm).unwrap();
    let detail = case(&house, id);
    assert_eq!(detail.row.state, CaseState::Decided);
    assert_eq!((detail.notes.len(), detail.history.len()), (1, 4));
    assert!(act(&house, id, CaseAct::Confirm).unwrap_err().contains("decided on"));
    let Answer::Handover(handover) = ask(&house, Query::Handover(at(-600))) else { panic!() };
    assert_eq!((handover.opened.len(), handover.open.len()), (1, 0));
    assert_eq!(handover.by, [("ann".into(), 3)], "what was taken back does not count");
    house.undo(ann(), None).unwrap();
    assert_eq!(queue(&house, Cases::Queue, "").len(), 1);
    house.presence.looks_at("bob", "console 7", Some(LookedAt::Case(id)));
    assert_eq!(queue(&house, Cases::Queue, "")[0].viewers, ["bob".into()]);
    house.presence.looks_at("bob", "console 7", None);
    assert!(queue(&house, Cases::Queue, "")[0].viewers.is_empty());
}

#[test]
fn what_has_left_is_not_at_stake_and_what_an_allocation_split_off_is_no_order_of_its_own() {
    let dir = tempfile::tempdir().unwrap();
    let (house, mut scorer, id) = flagged(dir.path());
    let other = sale("DEAR", -20, "C6", &[("SKU-6", 500)]);
    tell(&house, at(-15), vec![Record::Order(other)]);
    arrived(&house, &mut scorer);
    let row = case(&house, id).row;
    assert_eq!((row.undecided, row.stoppable), (1, 1));
    assert!(row.at_stake.minor > 0);
    let shipped = |number, of: Order| Order {
        updated_at: at(-5),
        shipped_at: Some(at(-5)),
        status: OrderStatus::Shipped,
        ..Order { key: key(number), ..of }
    };
    tell(&house, at(-4), vec![Record::Order(shipped("BAD", spike("BAD", -35)))]);
    let row = case(&house, id).row;
    assert_eq!((row.state, row.undecided, row.stoppable), (CaseState::Open, 1, 0));
    assert_eq!(row.at_stake.minor, 0, "it has left");
    let order: Vec<CaseId> = queue(&house, Cases::Queue, "").iter().map(|row| row.case).collect();
    assert_eq!((order.len(), order.last()), (2, Some(&id)), "it sinks");

    let dear = key("DEAR");
    let split = Entry {
        seq: 900,
        at: at(-3),
        wall: at(-3),
        mono_ms: 0,
        actor: ann(),
        decision: Decision::Allocate(Allocation {
            order: dear.clone(),
            home: SiteId::main(),
            ships: Vec::new(),
            waits: vec![("SKU-6".into(), Qty::units(300))],
            proposed: false,
        }),
        saw: String::new(),
        undoes: None,
        act: None,
    };
    house.allocator.apply(&split);
    let part = sale("PART", -20, "C6", &[("SKU-6", 300)]);
    let stranger = sale("OTHER", -20, "C7", &[("SKU-6", 300)]);
    tell(&house, at(-2), vec![Record::Order(part), Record::Order(stranger)]);
    arrived(&house, &mut scorer);
    let book = house.flags.book.read();
    assert!(book.of_order(&key("PART")).is_none(), "nobody ordered it");
    assert!(book.of_order(&key("OTHER")).is_some());
    drop(book);
    let tested = test(&house, "quantity", 4, None).unwrap();
    assert!(tested.latest.contains(&key("OTHER")) && !tested.latest.contains(&key("PART")));
    assert!(tested.flagged > 0 && tested.flagged <= tested.spoke, "{tested:?}");
}

#[test]
fn a_mute_suppresses_until_it_ends_and_a_rule_that_is_off_says_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let (house, mut scorer, id) = flagged(dir.path());
    let reasons = case(&house, id).reasons;
    for (place, reason) in reasons.iter().enumerate() {
        assert_eq!(queue(&house, Cases::Queue, "").len(), 1, "{place} of its reasons are muted");
        let of = MuteOf::Customer("C3".into());
        let (rule, until, reason) = (reason.rule.clone(), at(240), "their yearly order".into());
        house.decide(ann(), Decision::Mute { rule, of, until, reason }, "").unwrap();
    }
    assert!(queue(&house, Cases::Queue, "").is_empty());
    assert_eq!(case(&house, id).row.state, CaseState::Muted);
    house.sim.as_ref().unwrap().advance_to(at(241));
    assert_eq!(queue(&house, Cases::Queue, "").len(), 1, "it counts no more");
    let all = crate::insight::anomaly::rules::RULES.iter().map(|rule| rule.name);
    for rule in all {
        house.decide(ann(), Decision::SwitchRule { rule: rule.into(), on: false }, "").unwrap();
    }
    scorer.go_by(&Arc::downgrade(&house)).unwrap();
    let other = sale("BAD-2", 240, "C5", &[("SKU-3", 600)]);
    tell(&house, at(241), vec![Record::Order(other)]);
    arrived(&house, &mut scorer);
    assert!(house.flags.book.read().of_order(&key("BAD-2")).is_none(), "no rule speaks");
    let Answer::FlagRules(rules) = ask(&house, Query::FlagRules) else { panic!("rules") };
    let of_orders = crate::insight::anomaly::rules::RULES;
    let is_theirs = |row: &&RuleRow| of_orders.iter().any(|rule| *rule.name == *row.rule);
    assert_eq!(rules.iter().filter(is_theirs).count(), of_orders.len());
    assert!(rules.iter().filter(is_theirs).all(|rule| !rule.on));
    let tested = test(&house, "quantity", 2, None).unwrap();
    assert!(tested.latest.contains(&key("BAD-2")), "a test asks a rule that is off");
    let (strict, lax) = (Threshold::new(1_000.0), Threshold::new(-1.0));
    let (none, all) = (test(&house, "quantity", 2, strict), test(&house, "quantity", 2, lax));
    let all = all.unwrap();
    assert_eq!((none.unwrap().spoke, all.spoke), (0, all.looked_at), "asked from elsewhere on");
    let set = Decision::SetThreshold { rule: "quantity".into(), from: strict, before: None };
    house.decide(ann(), set, "").unwrap();
    assert_eq!(test(&house, "quantity", 2, None).unwrap().spoke, 0, "as it is set now");
    let Answer::FlagRules(rules) = ask(&house, Query::FlagRules) else { panic!("rules") };
    let set = rules.iter().find(|rule| &*rule.rule == "quantity").unwrap();
    assert!(set.threshold > 999.0 && set.usual < 10.0, "{set:?}");
    let [_, (rule, _, from), ..] = house.rule_book().rules().collect::<Vec<_>>()[..] else {
        panic!()
    };
    assert_eq!((rule.name, from), ("unit", rule.threshold), "no other is");
}

/// A shop that remembers what it was told, and refuses an order.
#[derive(Default)]
struct Counter {
    feed: Option<FeedId>,
    told: Mutex<Vec<(String, OrderStatus)>>,
    refuses: Option<&'static str>,
}

impl Shop for Counter {
    fn feed(&self) -> &FeedId {
        self.feed.as_ref().unwrap()
    }
    fn request(&self, order: &OrderNo, status: OrderStatus) -> Request {
        let line = format!("{order} {}", status.word());
        Request { line, headers: Vec::new(), body: String::new() }
    }
    fn set<'a>(
        &'a self,
        order: &'a OrderNo,
        status: OrderStatus,
    ) -> Pending<'a, Result<(), DeliveryError>> {
        Box::pin(async move {
            if self.refuses == Some(order.as_str()) {
                return Err(DeliveryError::permanent("it is packed"));
            }
            self.told.lock().push((order.to_string(), status));
            Ok(())
        })
    }
}

#[tokio::test]
async fn a_hold_reaches_the_shop_once_and_so_does_its_undo() {
    let dir = tempfile::tempdir().unwrap();
    let (house, mut scorer, id) = flagged(dir.path());
    tell(&house, at(-20), vec![Record::Order(spike("PACKED", -25))]);
    arrived(&house, &mut scorer);
    act(&house, id, CaseAct::Hold).unwrap();
    let told = case(&house, id).orders[0].told.clone().unwrap();
    assert!(told.contains("a replay store reaches nobody outside"), "{told}");
    let shop = Arc::new(Counter {
        feed: Some("shop".into()),
        refuses: Some("PACKED"),
        ..Counter::default()
    });
    house.shops.know(vec![(shop.clone(), 3)]);
    let (stop, stopped) = watch::channel(false);
    let mut decided = house.decided.subscribe();
    let running = tokio::spawn(shops::run(house.clone(), stopped));
    house.decided.send_modify(|n| *n += 1);
    let all_told = |triage: &crate::desk::triage::Triage| triage.all_to_tell().next().is_none();
    while !all_told(&house.triage.read()) {
        decided.changed().await.unwrap();
    }
    assert_eq!(*shop.told.lock(), [("BAD".to_owned(), OrderStatus::Held)]);
    let mut changes = house.revision.subscribe();
    let refused = |house: &House| {
        house.troubles().iter().any(|one| one.contains("shop/PACKED: it is packed"))
    };
    while !refused(&house) {
        changes.changed().await.unwrap();
    }
    house.undo(ann(), None).unwrap();
    while !all_told(&house.triage.read()) {
        decided.changed().await.unwrap();
    }
    assert_eq!(shop.told.lock()[1..], [("BAD".to_owned(), OrderStatus::Open)]);
    stop.send_replace(true);
    running.await.unwrap();
}

#[test]
fn a_storm_of_orders_is_a_handful_of_cases_and_one_decision() {
    let dir = tempfile::tempdir().unwrap();
    let house = house(dir.path());
    history(&house, 12);
    let mut scorer = scorer(&house);
    let storm: Vec<Record> = (0..10_000)
        .map(|n| {
            // Fifty accounts, a few hundred orders each within half an hour.
            let customer = format!("NEW-{}", n % 50);
            Record::Order(sale(&format!("S{n}"), -60 + n / 400, &customer, &[("SKU-3", 900)]))
        })
        .collect();
    for part in storm.chunks(1_000) {
        tell(&house, at(-20), part.to_vec());
    }
    arrived(&house, &mut scorer);
    let open = queue(&house, Cases::Queue, "");
    assert!((1..=8).contains(&open.len()), "{} cases", open.len());
    let flagged = house.flags.book.read().flags().filter(|(_, flag)| flag.score >= ASKED).count();
    assert!(flagged >= 9_800, "{flagged} of 10,000 are worth a look by themselves");
    let orders: u32 = open.iter().map(|row| row.orders).sum();
    assert!(orders as usize >= flagged, "{orders} wait");
    let largest = open.iter().max_by_key(|row| row.orders).unwrap();
    assert_eq!(case(&house, largest.case).orders.len(), CaseDetail::MOST_ORDERS);
    act(&house, largest.case, CaseAct::Hold).unwrap();
    assert_eq!(case(&house, largest.case).row.under_way, largest.orders);
}

#[test]
fn what_is_raised_beside_orders_is_a_case_until_it_is_over() {
    let dir = tempfile::tempdir().unwrap();
    let house = house(dir.path());
    tell(&house, at(-50), vec![on_hand("A", 10, at(-60))]);
    let _scorer = scorer(&house);
    let raised = Raised {
        kind: CaseKind::Stock,
        subject: CaseSubject::Sku("A".into(), Some(SiteId::main())),
        rule: "phantom-stock".into(),
        severity: 0.9,
        reasons: vec![
            "10 on the shelf, and nothing sold in 30 days that should have sold 40".into(),
        ],
        at_stake: Money { minor: 25_000, currency: Currency::GBP },
        since: at(-3_000),
        told: ToldWrong::default(),
    };
    house.raise(CaseKind::Stock, std::slice::from_ref(&raised)).unwrap();
    let [row] = &queue(&house, Cases::Queue, "kind:stock")[..] else { panic!("a case") };
    assert_eq!((&*row.what, row.severity), ("A@main", 0.9));
    let id = row.case;
    assert!(act(&house, id, CaseAct::Hold).unwrap_err().contains("not about orders"));
    let graver = Raised { severity: 0.95, ..raised.clone() };
    house.raise(CaseKind::Stock, &[graver]).unwrap();
    assert_eq!(queue(&house, Cases::Queue, "")[0].case, id, "the same, and graver");
    house.raise(CaseKind::Stock, &[]).unwrap();
    assert_eq!(case(&house, id).row.state, CaseState::Over);
    let silent = Raised {
        kind: CaseKind::Feed,
        subject: CaseSubject::Feed("shop".into()),
        reasons: vec!["silence: no order since 14 Nov 13:17, where 5 are usual by 14:02".into()],
        ..raised.clone()
    };
    house.raise(CaseKind::Feed, &[silent]).unwrap();
    let what = "feed shop: no order since 14 Nov 13:17, where 5 are usual by 14:02";
    assert_eq!(&*queue(&house, Cases::Queue, "kind:feed")[0].what, what);
    house.raise(CaseKind::Stock, &[raised]).unwrap();
    act(&house, id, CaseAct::Confirm).unwrap();
    assert_eq!(case(&house, id).row.state, CaseState::Decided);
    drop(house);
    let again = super::house(dir.path());
    let _scorer = scorer(&again);
    assert_eq!(case(&again, id).row.state, CaseState::Decided, "after a restart too");
}

#[test]
fn a_network_is_fitted_scores_again_learns_and_is_taken_back() {
    let dir = tempfile::tempdir().unwrap();
    let mut house = house(dir.path());
    let fit = Fit { replays: 2, networks: 1, epochs: 2, warm_up: 20 * 86_400, ..Fit::default() };
    Arc::get_mut(&mut house).unwrap().flags.fit = fit;
    history(&house, 80);
    let mut scorer = scorer(&house);
    let spike = |n: i64| {
        let (number, customer, sku) = (format!("BAD-{n}"), format!("C{n}"), format!("SKU-{n}"));
        Record::Order(sale(&number, -3_000 + n * 200, &customer, &[(&sku, 600)]))
    };
    let good = |n: i64| Record::Order(usual(10_000 + n, -2_990 + n * 90));
    let news = (0..14).map(spike).chain((0..30).map(good)).collect();
    tell(&house, at(-5), news);
    arrived(&house, &mut scorer);
    assert_eq!(house.flag_version(), 0);
    let version = house.fit_flags().unwrap();
    assert_eq!((version, house.flag_version()), (1, 1), "the owner decided so");
    scorer.go_by(&Arc::downgrade(&house)).unwrap();
    let again = scorer.is_to_be_read().expect("the first network looks again");
    let mut scorer = Scorer::read(&Arc::downgrade(&house), again, &|| false).unwrap();
    let seen = house.flags.book.read().of_order(&key("BAD-0")).cloned().unwrap();
    assert_eq!(seen.seen.0, 1);
    assert!(seen.score > 0.5, "{}", seen.score);
    let asked = house.flags.book.read().flags().map(|(_, flag)| flag.clone()).collect::<Vec<_>>();
    for flag in asked.iter().filter(|flag| flag.score >= ASKED) {
        let wrong = flag.order.number.as_str().starts_with("BAD");
        let act = if wrong { CaseAct::Confirm } else { CaseAct::Release };
        let orders = vec![FlaggedOrder { order: flag.order.clone(), status: OrderStatus::Open }];
        let case = CaseId { kind: CaseKind::Order, number: flag.case };
        house.decide(ann(), Decision::Flag { case, act, orders }, "").unwrap();
    }
    let wrong = house.triage.read().labels().iter().filter(|label| label.1).count();
    assert!(wrong >= 10, "{wrong} of 14 found");
    let work = house.works.begin_aside("test");
    let said = house.learn_flags(&work).unwrap();
    assert!(said.contains(&format!("{wrong} wrong of")), "{said}");
    house.use_flag_model(0).unwrap();
    scorer.go_by(&Arc::downgrade(&house)).unwrap();
    let Answer::FlagLearning(learning) = ask(&house, Query::FlagLearning) else { panic!() };
    assert!(matches!(learning.scoring, Scoring::Rules { .. }));
    assert_eq!(learning.before, Some(1));
    assert_eq!(learning.decided.0, wrong as u64);
    let sum = |of: fn(&FlagWeek) -> u64| learning.weeks.iter().map(of).sum::<u64>();
    assert!(sum(|week| week.wrong) > 0 && sum(|week| week.raised) >= sum(|week| week.wrong));
    drop(scorer);
    drop(house);
    let again = super::house(dir.path());
    let _scorer = super::flags::scorer(&again);
    let Answer::FlagLearning(kept) = ask(&again, Query::FlagLearning) else { panic!() };
    assert_eq!(kept.versions, learning.versions, "what was fitted is kept");
}
