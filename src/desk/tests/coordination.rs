//! Requests to suppliers and transfers at the desk.

use super::approvals::{approve, house};
use super::overrides::FIRST;
use super::*;

const PO: &str = "PO-000001";

/// 240 of 22423 are on order for main from S1 since a while, due in nine days, and S1 knows of it.
fn ordered() -> House {
    let mut house = house();
    house.decide(ANN, approve(240)).unwrap();
    assert_eq!(house.place(60).len(), 1);
    let told = Told::Sent { target: "by hand".into(), reference: None };
    house.decide(ANN, Decision::Tell { po: PO.into(), of: 0, told }).unwrap();
    house
}

fn ask(ask: Ask) -> Decision {
    Decision::AskSupplier(LineRequest {
        po: PO.into(),
        line: 0,
        sku: sku(),
        qty: Qty::ZERO,
        due: None,
        ask,
        reason: "10 at main run out".into(),
    })
}

fn send(units: i64) -> Decision {
    Decision::SendTransfer(TransferOrder {
        sku: sku(),
        from: SiteId::main(),
        to: "north".into(),
        qty: Qty::units(units),
        due: FIRST.plus(2),
        cost: None,
        reason: "north runs short".into(),
    })
}

/// Lets the transfer leave that an entry accepted.
fn leave(house: &mut House, of: u64, units: i64) {
    let dispatch = Decision::Dispatch {
        of,
        number: "TR-000001".into(),
        sku: sku(),
        from: SiteId::main(),
        to: "north".into(),
        qty: Qty::units(units),
        due: FIRST.plus(2),
    };
    house.enter("stockdeck", dispatch, None);
}

fn last(house: &House) -> &Decision {
    &house.journal.last().unwrap().decision
}

fn answer(house: &mut House, of: u64, due: Option<Day>, qty: Option<i64>) {
    let line = ConfirmedLine { sku: sku(), qty: qty.map(Qty::units), due };
    let told = Told::Confirmed { lines: vec![line], due: None };
    house.enter("stockdeck", Decision::Tell { po: PO.into(), of, told }, None);
}

#[test]
fn a_request_names_its_line_and_the_day_so_far() {
    let mut house = ordered();
    let by = FIRST.plus(4);
    house.decide(ANN, ask(Ask::Expedite { by })).unwrap();
    let Decision::AskSupplier(asked) = last(&house) else { panic!("a request") };
    assert_eq!((asked.line, asked.qty, asked.due), (1, Qty::units(240), Some(FIRST.plus(9))));
    assert_eq!(asked.to_string(), format!("expedite order PO-000001 line 1: wanted by {by}"));
    let parcels = house.purchasing.parcels();
    assert_eq!(parcels.len(), 1, "it is to be told");
    let twice = house.decide(BOB, ask(Ask::Cancel)).unwrap_err();
    assert!(twice.contains("was asked about 22423 on PO-000001 already"), "{twice}");
    house.undo(ANN, None).unwrap();
    assert!(house.purchasing.parcels().is_empty(), "taken back, nobody is told");
    house.decide(BOB, ask(Ask::Cancel)).unwrap();
}

#[test]
fn a_request_that_cannot_be_meant_is_refused_with_the_mend() {
    let mut house = ordered();
    let due = FIRST.plus(9);
    let mut refused = |decision: Decision, words: &str| {
        let why = house.decide(ANN, decision).unwrap_err();
        assert!(why.contains(words), "{why}");
    };
    refused(ask(Ask::Expedite { by: due }), "ask for a day from");
    refused(ask(Ask::Expedite { by: FIRST.plus(-1) }), "ask for a day from");
    refused(ask(Ask::Defer { until: due }), "ask for a later day");
    refused(ask(Ask::Defer { until: FIRST.plus(9_999) }), "ask for a later day");
    let Decision::AskSupplier(asked) = ask(Ask::Cancel) else { panic!("a request") };
    let of = |po: &str, sku: &str| {
        Decision::AskSupplier(LineRequest { po: po.into(), sku: sku.into(), ..asked.clone() })
    };
    refused(of("PO-7", "22423"), "PO-7 was not placed here");
    refused(of("PO-000009", "22423"), "did you mean PO-000001?");
    refused(of(PO, "85123A"), "85123A is not on PO-000001");
    let silent = LineRequest { reason: " ".into(), ..asked.clone() };
    refused(Decision::AskSupplier(silent), "The reason is empty");
    house.decide(ANN, receive(Some(PO), 24)).unwrap();
    let why = house.decide(ANN, ask(Ask::Cancel)).unwrap_err();
    assert!(why.contains("A part of 22423 on PO-000001 has arrived"), "{why}");
}

#[test]
fn an_order_whose_supplier_knows_nothing_of_it_is_cancelled_instead() {
    let mut house = house();
    house.decide(ANN, approve(240)).unwrap();
    house.place(60);
    let why = house.decide(ANN, ask(Ask::Cancel)).unwrap_err();
    assert!(why.contains("PO-000001 was not sent yet; cancel it"), "{why}");
}

#[test]
fn what_the_supplier_answers_moves_the_day_and_says_how_far_it_is_what_was_asked() {
    let by = FIRST.plus(4);
    for (due, reply) in [(4, Reply::Yes), (6, Reply::Partly), (9, Reply::No)] {
        let mut house = ordered();
        let of = house.decide(ANN, ask(Ask::Expedite { by })).unwrap();
        answer(&mut house, of, Some(FIRST.plus(due)), None);
        let standing = house.purchasing.coordination();
        assert_eq!(standing.request(of).unwrap().answer.unwrap().reply, reply);
        let then = house.book.purchase_order_of(&PO.into()).unwrap().due_at.unwrap();
        assert_eq!(then.day(&Zone::utc()), FIRST.plus(due), "the order's only line");
        let expected = (reply != Reply::No).then(|| FIRST.plus(due));
        assert_eq!(standing.due_of(&PO.into(), &sku()), expected);
        assert!(house.purchasing.parcels().is_empty());
    }
}

#[test]
fn a_line_that_is_called_off_is_not_waited_for() {
    let mut house = ordered();
    let of = house.decide(ANN, ask(Ask::Cancel)).unwrap();
    answer(&mut house, of, None, Some(0));
    let on_order = house.book.position(&sku(), &SiteId::main()).unwrap().on_order;
    assert_eq!(on_order, Qty::units(20), "of the order that a feed told of");
    assert_eq!(
        house.purchasing.coordination().request(of).unwrap().answer.unwrap().reply,
        Reply::Yes
    );
    let told = house.undo(ANN, Some(of)).unwrap_err();
    assert!(told.contains("was told to the supplier"), "{told}");
}

#[test]
fn what_a_person_hears_answers_the_request_that_was_told() {
    let mut house = ordered();
    let of = house.decide(ANN, ask(Ask::Defer { until: FIRST.plus(30) })).unwrap();
    let sent = Told::Sent { target: "by hand".into(), reference: None };
    house.decide(ANN, Decision::Tell { po: PO.into(), of: 0, told: sent }).unwrap();
    let told = Told::Confirmed { lines: Vec::new(), due: Some(FIRST.plus(30)) };
    house.decide(ANN, Decision::Tell { po: PO.into(), of: 0, told }).unwrap();
    let request = house.purchasing.coordination().request(of).unwrap();
    assert!(request.sent.is_some());
    assert_eq!(request.answer.unwrap().reply, Reply::Yes);
}

#[test]
fn a_transfer_leaves_one_site_and_comes_to_the_other_to_the_unit() {
    let mut house = house();
    let of = house.decide(ANN, send(4)).unwrap();
    assert_eq!(house.on_hand("main"), Some(10), "it has not left");
    assert_eq!(house.purchasing.coordination().reserved(&sku(), &SiteId::main()), Qty::units(4));
    leave(&mut house, of, 4);
    assert_eq!(house.on_hand("main"), Some(6));
    assert_eq!(house.purchasing.coordination().reserved(&sku(), &SiteId::main()), Qty::ZERO);
    let north = |house: &House| house.book.position(&sku(), &"north".into()).cloned().unwrap();
    assert_eq!(north(&house).on_order, Qty::units(4), "on its way");
    house.book.counted(
        (&sku(), &"north".into()),
        Qty::ZERO,
        Timestamp::from_millis(1),
        99,
        &NoSales,
    );
    let here = Decision::Receive {
        po: Some("TR-000001".into()),
        sku: sku(),
        site: "north".into(),
        qty: Qty::units(4),
        surplus: false,
        reason: None,
    };
    house.decide(BOB, here.clone()).unwrap();
    assert_eq!((north(&house).on_order, north(&house).on_hand()), (Qty::ZERO, Some(Qty::units(4))));
    let twice = house.decide(BOB, here).unwrap_err();
    assert!(twice.contains("TR-000001"), "nothing comes twice: {twice}");
    // Done again, such as after a crash, it changes nothing.
    let entry = house.journal[1].clone();
    house.carry_out(&entry);
    assert_eq!(house.on_hand("main"), Some(6));
}

#[test]
fn a_transfer_that_came_short_is_closed_and_the_rest_is_written_off() {
    let mut house = house();
    let of = house.decide(ANN, send(4)).unwrap();
    let close = || Decision::CloseOrder { po: "TR-000001".into(), reason: "box crushed".into() };
    let early = house.decide(ANN, close()).unwrap_err();
    assert!(early.contains("TR-000001"), "it has not left: {early}");
    leave(&mut house, of, 4);
    let north = |house: &House| house.book.position(&sku(), &"north".into()).cloned().unwrap();
    let moment = Timestamp::from_millis(1);
    house.book.counted((&sku(), &"north".into()), Qty::ZERO, moment, 99, &NoSales);
    let here = Decision::Receive {
        po: Some("TR-000001".into()),
        sku: sku(),
        site: "north".into(),
        qty: Qty::units(3),
        surplus: false,
        reason: None,
    };
    house.decide(BOB, here).unwrap();
    house.decide(ANN, close()).unwrap();
    let Decision::CloseOrder { reason, .. } = last(&house) else { panic!("a closing") };
    assert_eq!(
        reason, "1 of 4 × 22423 from main lost in transit, written off: box crushed",
        "the entry says what became of it"
    );
    // Ten were at main: six are there still, three have come, one is written off.
    assert_eq!((house.on_hand("main"), north(&house).on_hand()), (Some(6), Some(Qty::units(3))));
    assert_eq!(north(&house).on_order, Qty::ZERO, "nothing is waited for");
    let entries =
        &house.purchasing.coordination().transfer_of(&"TR-000001".into()).unwrap().entries;
    assert_eq!(entries.len(), 4, "accepted, left, received, closed: {entries:?}");
    let twice = house.decide(ANN, close()).unwrap_err();
    assert!(twice.contains("TR-000001 is closed already"), "{twice}");
}

#[test]
fn a_transfer_can_be_taken_back_until_it_has_left() {
    let mut house = house();
    let of = house.decide(ANN, send(4)).unwrap();
    house.undo(ANN, None).unwrap();
    assert_eq!(house.purchasing.coordination().reserved(&sku(), &SiteId::main()), Qty::ZERO);
    let gone = house.undo(ANN, Some(of)).unwrap_err();
    assert!(gone.contains("undone"), "{gone}");
    let of = house.decide(ANN, send(4)).unwrap();
    leave(&mut house, of, 4);
    let left = house.undo(ANN, Some(of)).unwrap_err();
    assert!(left.contains("TR-000001 has left; send the goods back"), "{left}");
}

#[test]
fn nobody_sends_more_than_there_is_or_than_is_promised_twice() {
    let mut house = house();
    let why = house.decide(ANN, send(11)).unwrap_err();
    assert!(why.contains("11 of 22423 cannot leave main: 10 are neither promised"), "{why}");
    house.decide(ANN, send(6)).unwrap();
    let why = house.decide(ANN, send(1)).unwrap_err();
    assert!(why.contains("about to leave already, entry 1"), "{why}");
    let Decision::SendTransfer(order) = send(1) else { panic!("a transfer") };
    let refused = |house: &mut House, order: TransferOrder| {
        house.decide(ANN, Decision::SendTransfer(order)).unwrap_err()
    };
    let unknown = TransferOrder { from: "north".into(), to: SiteId::main(), ..order.clone() };
    let why = refused(&mut house, unknown);
    assert!(why.contains("Nobody knows how many of 22423 are at north; count them"), "{why}");
    let itself = TransferOrder { to: SiteId::main(), ..order.clone() };
    assert!(refused(&mut house, itself).contains("cannot transfer to itself"));
    let past = TransferOrder { due: FIRST.plus(-1), ..order.clone() };
    assert!(refused(&mut house, past).contains("is over; give a day from"));
    let none = TransferOrder { qty: Qty::ZERO, ..order };
    assert!(refused(&mut house, none).contains("give a quantity above zero"));
}

#[test]
fn who_may_not_buy_neither_asks_nor_sends() {
    let mut house = ordered();
    let none = buying::Powers::NONE;
    house.rules = buying::Rules { everybody: none, ..buying::Rules::default() };
    for decision in [ask(Ask::Cancel), send(1)] {
        let why = house.decide(ANN, decision).unwrap_err();
        assert!(why.contains("may not approve"), "{why}");
    }
}

#[test]
fn what_was_turned_down_stays_quiet_until_it_is_another_one() {
    let mut house = house();
    let Decision::SendTransfer(order) = send(4) else { panic!("a transfer") };
    let of =
        |units: i64| Measure::Transfer(TransferOrder { qty: Qty::units(units), ..order.clone() });
    let turn_down = |until: Option<Day>, reason: Option<&str>| Decision::TurnDown {
        measure: of(40),
        until,
        reason: reason.map(str::to_owned),
    };
    house.decide(ANN, turn_down(None, Some("too far"))).unwrap();
    let quiet = |house: &House, units: i64, day: Day| {
        house.purchasing.coordination().silenced(day, &of(units)).is_some()
    };
    assert!(quiet(&house, 40, FIRST) && quiet(&house, 50, FIRST) && !quiet(&house, 51, FIRST));
    house.undo(ANN, None).unwrap();
    assert!(!quiet(&house, 40, FIRST));
    house.decide(ANN, turn_down(Some(FIRST.plus(3)), None)).unwrap();
    assert!(quiet(&house, 400, FIRST.plus(2)) && !quiet(&house, 40, FIRST.plus(3)));
    for (bad, words) in [
        (turn_down(Some(FIRST), None), "puts nothing off"),
        (turn_down(None, None), "Say until which day"),
        (turn_down(None, Some(" ")), "The reason is empty"),
    ] {
        let why = house.decide(ANN, bad).unwrap_err();
        assert!(why.contains(words), "{why}");
    }
    let day = |n: i32| {
        Measure::Line(LineRequest {
            po: PO.into(),
            line: 1,
            sku: sku(),
            qty: Qty::units(9),
            due: None,
            ask: Ask::Defer { until: FIRST.plus(n) },
            reason: String::new(),
        })
    };
    let decision =
        Decision::TurnDown { measure: day(30), until: None, reason: Some("keep it".into()) };
    house.decide(ANN, decision).unwrap();
    let standing = house.purchasing.coordination();
    assert!(
        standing.silenced(FIRST, &day(33)).is_some()
            && standing.silenced(FIRST, &day(34)).is_none()
    );
}

#[test]
fn what_no_target_takes_waits_until_a_person_sends_it_again() {
    let mut house = ordered();
    let of = house.decide(ANN, ask(Ask::Cancel)).unwrap();
    let (target, reason) = ("erp".into(), "answered 500".into());
    let told = Told::Failed { target, reason, attempts: 30 };
    house.enter("stockdeck", Decision::Tell { po: PO.into(), of, told }, None);
    assert!(house.purchasing.parcels().is_empty());
    assert_eq!(house.purchasing.given_up().count(), 1);
    house.decide(ANN, Decision::Resend { po: PO.into() }).unwrap();
    assert_eq!(house.purchasing.given_up().count(), 0);
    assert_eq!(house.purchasing.parcels().len(), 1);
    assert_eq!(house.purchasing.parcels()[0].of, of);
}
