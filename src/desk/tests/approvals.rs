//! Approving, turning down, signing, and what becomes of orders, at the desk.

use super::overrides::FIRST;
use super::*;
use crate::desk::buying::{CurrentProposal, Moment, Waits, due};

pub(super) const EVE: &str = "eve";

pub(super) fn money(text: &str) -> Money {
    Money::parse(text, Currency::GBP).unwrap()
}

pub(super) fn cost(text: &str) -> Option<UnitPrice> {
    UnitPrice::parse(text, Currency::GBP)
}

pub(super) fn suggestion(units: i64, checksum: u32) -> Suggestion {
    let due = Some(FIRST.plus(9));
    let review = Some(Review { order: FIRST.plus(3), next: FIRST.plus(10), short: false });
    Suggestion { qty: Qty::units(units), supplier: Some("S1".into()), due, checksum, review }
}

pub(super) fn line(units: i64) -> Approval {
    Approval {
        sku: sku(),
        site: SiteId::main(),
        supplier: None,
        qty: Qty::units(units),
        cost: None,
        due: None,
        suggested: None,
    }
}

pub(super) fn approve(units: i64) -> Decision {
    Decision::Approve(line(units))
}

pub(super) fn shown(units: i64, checksum: u32) -> Decision {
    Decision::Approve(Approval { suggested: Some(suggestion(units, checksum)), ..line(units) })
}

pub(super) fn other(units: i64) -> Decision {
    Decision::Approve(Approval { sku: "85123A".into(), supplier: Some("S1".into()), ..line(units) })
}

pub(super) fn reject(until: Option<Day>) -> Decision {
    let (sku, site) = (sku(), SiteId::main());
    let (suggested, runs_out) = (Qty::units(240), None);
    Decision::Reject { sku, site, suggested, runs_out, until, reason: "too many".into() }
}

pub(super) fn snooze(until: Day) -> Decision {
    Decision::Snooze { sku: sku(), site: SiteId::main(), suggested: Qty::units(240), until }
}

pub(super) fn second(entry: u64) -> Decision {
    Decision::Countersign { entry, sku: Sku::new("") }
}

/// The shop of the other tests with a supplier, costs, and 240 of 22423 proposed.
pub(super) fn house() -> House {
    let mut house = House::new();
    for (id, lead_time_days) in [("S1", Some(6)), ("S2", Some(6)), ("S3", None)] {
        house.book.supplier(&Supplier {
            id: id.into(),
            name: id.into(),
            lead_time_days,
            review_weekday: None,
            min_order: None,
        });
    }
    house.book.product(&Product {
        supplier: Some("S1".into()),
        cost: cost("2.50"),
        pack: Some(Qty::units(24)),
        moq: Some(Qty::units(48)),
        ..Product::bare(sku())
    });
    house.book.product(&Product { cost: cost("1.00"), ..Product::bare("85123A".into()) });
    house.propose(240, 7, None);
    house
}

impl House {
    pub(super) fn propose(&mut self, units: i64, checksum: u32, blocked: Option<&str>) {
        let one = CurrentProposal {
            suggestion: suggestion(units, checksum),
            cost: cost("2.40"),
            runs_out: Some(FIRST.plus(20)),
            blocked: blocked.map(str::to_owned),
        };
        self.proposals = vec![((sku(), SiteId::main()), one)];
    }
    /// Places all drafts whose approvals are as old as that.
    pub(super) fn place(&mut self, minutes: i64) -> Vec<String> {
        let mut placed = Vec::new();
        let age = Span::minutes(minutes);
        let now = Moment { today: Timestamp::default(), since: &|_| age };
        while let Some(decision) = due(&self.purchasing, &self.rules, now) {
            placed.push(decision.summary());
            self.enter("stockdeck", decision, None);
        }
        placed
    }
    pub(super) fn waits(&self) -> Waits {
        let now = Moment { today: Timestamp::default(), since: &|_| Span::minutes(4) };
        self.purchasing.drafts()[0].waits(&self.rules, now)
    }
    pub(super) fn approved(&self, entry: u64) -> &Approval {
        &self.purchasing.approval(entry).unwrap().line
    }
}

#[test]
fn each_refusal_to_approve_says_what_to_do_instead() {
    let with = |change: &dyn Fn(&mut Approval), units| {
        let mut line = line(units);
        change(&mut line);
        Decision::Approve(line)
    };
    let table = [
        (with(&|l| l.sku = "22424".into(), 24), "There is no SKU 22424; did you mean 22423?"),
        (
            shown(240, 8),
            "The proposal for 22423 at main has changed since it was shown: its reasons are others; look at it again.",
        ),
        (
            shown(288, 8),
            "The proposal for 22423 at main has changed since it was shown: 288 is now 240; look at it again.",
        ),
        (
            with(
                &|l| {
                    l.site = "north".into();
                    l.suggested = Some(suggestion(24, 1));
                },
                48,
            ),
            "Nothing is proposed for 22423 at north any more; give a quantity to order it all the same.",
        ),
        (
            with(&|l| l.site = "north".into(), 0),
            "Nothing is proposed for 22423 at north; give the quantity to order.",
        ),
        (
            with(&|l| l.sku = "85123A".into(), 24),
            "Nobody is known to supply 85123A; name the supplier.",
        ),
        (
            with(&|l| l.supplier = Some("S9".into()), 48),
            "There is no supplier S9; did you mean S1?",
        ),
        (
            with(&|l| l.supplier = Some("S3".into()), 48),
            "22423 at main cannot be approved: S3 has no lead time; state one in the suppliers' file.",
        ),
        (approve(-5), "-5 cannot be ordered; give a quantity above zero."),
        (approve(24), "The least that can be ordered of 22423 is 48, not 24; order 48 or more."),
        (approve(50), "22423 comes in packs of 24, so that 50 cannot be ordered; order 72."),
        (
            with(&|l| l.due = Some(FIRST.plus(-1)), 48),
            "2024-10-03 is over; give a day from 2024-10-04 on.",
        ),
        (
            with(&|l| l.due = Some(FIRST.plus(9_999)), 48),
            "2052-02-19 is too far ahead; give a day up to 2026-10-04.",
        ),
        (
            Decision::Reject {
                sku: sku(),
                site: "north".into(),
                suggested: Qty::units(240),
                runs_out: None,
                until: None,
                reason: "too many".into(),
            },
            "Nothing is proposed for 22423 at north; there is nothing to reject.",
        ),
        (
            Decision::Snooze {
                sku: sku(),
                site: "north".into(),
                suggested: Qty::units(240),
                until: FIRST.plus(3),
            },
            "Nothing is proposed for 22423 at north; there is nothing to snooze.",
        ),
        (snooze(FIRST), "2024-10-04 puts nothing off; give a day after 2024-10-04."),
        (
            second(4),
            "Entry 4 approved nothing to be ordered; `stockdeck po list` shows the entries that did.",
        ),
        (
            Decision::CancelOrder { po: "PO-000001".into(), reason: "x".into() },
            "The store placed no order PO-000001; `stockdeck po list` shows those it did.",
        ),
        (
            Decision::Place {
                po: "PO-1".into(),
                supplier: "S1".into(),
                site: SiteId::main(),
                lines: vec![],
                due: None,
            },
            "A person cannot place an order; the owner does when its time has come.",
        ),
        (
            Decision::Withdraw { entry: 1, sku: sku() },
            "A person cannot withdraw directly; undo the journal entry that did it.",
        ),
    ];
    for (decision, refusal) in table {
        let answer =
            check(decision.clone(), &actor(ANN), &house()).map_err(|error| error.to_string());
        assert_eq!(answer, Err(refusal.to_owned()), "{decision:?}");
    }
}

#[test]
fn the_desk_fills_in_what_is_proposed_and_what_it_costs() {
    let mut house = house();
    let entry = house.decide(ANN, approve(0)).unwrap();
    let line = house.approved(entry);
    assert_eq!((line.qty, line.cost), (Qty::units(240), cost("2.40")), "the price of so many");
    assert_eq!((line.supplier.clone(), line.due), (Some("S1".into()), Some(FIRST.plus(9))));
    assert!(!line.is_edited());

    house.undo(ANN, None).unwrap();
    let entry = house.decide(ANN, approve(96)).unwrap();
    let line = house.approved(entry);
    assert!(line.is_edited(), "240 were proposed");
    assert_eq!(line.cost, cost("2.50"), "the price of 240 is not that of 96");
    assert_eq!(
        house.journal[2].decision.summary(),
        "96 × 22423 to main from S1 for 2024-10-13 (proposed: 240 for 2024-10-13)"
    );
}

#[test]
fn what_a_proposal_rests_on_wrongly_keeps_it_from_being_approved() {
    let mut house = house();
    house.propose(240, 7, Some("its supplier states no lead time; have a feed tell it"));
    assert_eq!(
        house.decide(ANN, shown(240, 7)).unwrap_err(),
        "22423 at main cannot be approved: its supplier states no lead time; have a feed tell it.",
    );
}

#[test]
fn two_persons_on_one_line_see_each_other() {
    let mut house = house();
    let entry = house.decide(ANN, shown(240, 7)).unwrap();
    for decision in [shown(240, 7), reject(None), snooze(FIRST.plus(3))] {
        assert_eq!(
            house.decide(BOB, decision).unwrap_err(),
            format!(
                "ann has approved 240 of 22423 for main already, in entry {entry}; undo {entry} first."
            ),
        );
    }
}

#[test]
fn each_supplier_and_site_gets_an_order_of_its_own_and_the_next_number() {
    let mut house = house();
    house.decide(ANN, shown(240, 7)).unwrap();
    house.decide(ANN, other(5)).unwrap();
    let north = Approval { site: "north".into(), supplier: Some("S2".into()), ..line(48) };
    house.decide(BOB, Decision::Approve(north)).unwrap();
    assert_eq!(house.place(9), [""; 0]);
    assert_eq!(
        house.place(10),
        ["PO-000001 to S1 for main: 2 lines", "PO-000002 to S2 for north: 1 line"]
    );
    let on_order = |site: &str| house.book.position(&sku(), &site.into()).unwrap().on_order;
    assert_eq!((on_order("main"), on_order("north")), (Qty::units(260), Qty::units(48)));
    house.decide(ANN, other(7)).unwrap();
    assert_eq!(house.place(10), ["PO-000003 to S1 for main: 1 line"]);
}

#[test]
fn a_line_does_not_wait_for_ever_for_those_after_it_and_a_signature_can_be_taken_back_too() {
    let mut house = house();
    house.rules.four_eyes_above = Some(money("500"));
    house.rules.grace = Span::minutes(10);
    let first = house.decide(ANN, shown(240, 7)).unwrap();
    let signed = house.decide(BOB, second(first)).unwrap();
    // The minute at which each entry was written.
    let at = |minutes: &[i64], now: i64| {
        let minutes = minutes.to_vec();
        move |signature: &buying::Signature| {
            Span::minutes(now - minutes[signature.entry as usize - 1])
        }
    };
    let waits = |house: &House, minutes: &[i64], now| {
        let since = at(minutes, now);
        let now = Moment { today: Timestamp::default(), since: &since };
        house.purchasing.drafts()[0].waits(&house.rules, now)
    };
    assert_eq!(signed, 2);
    assert_eq!(waits(&house, &[0, 25], 26), Waits::Grace(Span::minutes(9)), "bob's own");
    assert_eq!(waits(&house, &[0, 25], 35), Waits::Nothing);
    house.rules.four_eyes_above = None;
    house.decide(ANN, other(5)).unwrap();
    assert_eq!(waits(&house, &[0, 1, 9], 12), Waits::Grace(Span::minutes(7)), "for the newest");
    assert_eq!(waits(&house, &[0, 1, 28], 29), Waits::Grace(Span::minutes(1)), "long enough");
    let since = at(&[0, 1, 28], 30);
    let now = Moment { today: Timestamp::default(), since: &since };
    let placed = due(&house.purchasing, &house.rules, now).unwrap();
    let Decision::Place { lines, .. } = &placed else { panic!("{placed:?}") };
    assert_eq!(lines.iter().map(|line| line.approval).collect::<Vec<_>>(), [first]);
    house.enter("stockdeck", placed, None);
    assert_eq!(waits(&house, &[0, 1, 28], 30), Waits::Grace(Span::minutes(8)), "ann's newest");
}

#[test]
fn how_many_proposals_are_ordered_as_they_are_and_what_edits_are_worth_is_counted() {
    let mut house = house();
    house.decide(ANN, shown(240, 7)).unwrap();
    house.place(10);
    house.decide(ANN, approve(96)).unwrap();
    house.decide(ANN, other(10)).unwrap();
    house.place(10);
    house.decide(ANN, reject(None)).unwrap();
    house.decide(ANN, approve(288)).unwrap();
    house.undo(ANN, None).unwrap();
    let tally = house.purchasing.conversion();
    assert_eq!((tally.as_proposed, tally.edited, tally.by_hand), (1, 1, 1));
    assert_eq!((tally.rejected, tally.snoozed), (1, 0));
    assert_eq!(tally.edits_saved, [money("360")]);
    assert!(tally.edits_added.iter().all(|sum| sum.minor == 0), "that edit was taken back");
}

#[test]
fn orders_go_their_way_and_no_other() {
    let po = PoNumber::from("PO-000001");
    let cancel = || Decision::CancelOrder { po: "PO-000001".into(), reason: "late".into() };
    let close = || Decision::CloseOrder { po: "PO-000001".into(), reason: "late".into() };
    let tell = |told| Decision::Tell { po: "PO-000001".into(), of: 0, told };
    let sent = || tell(Told::Sent { target: "by hand".into(), reference: None });
    let confirm = |sku: &str, units| {
        let lines =
            vec![ConfirmedLine { sku: sku.into(), qty: Some(Qty::units(units)), due: None }];
        tell(Told::Confirmed { lines, due: None })
    };
    let state = |house: &House| {
        let arrived = |sku: &Sku| house.book.arrived(&po, sku);
        house.purchasing.order(&po).unwrap().state(house.book.purchase_order_of(&po), &arrived)
    };
    let mut house = house();
    house.decide(ANN, shown(240, 7)).unwrap();
    house.place(10);
    assert_eq!(state(&house), BuyingState::Approved);
    assert_eq!(
        house.decide(ANN, close()).unwrap_err(),
        "PO-000001 was not sent yet; cancel it instead."
    );
    let parcel = house.purchasing.parcels().pop().unwrap();
    assert_eq!((parcel.of, parcel.cancels), (2, false));
    house.decide(ANN, sent()).unwrap();
    assert_eq!(state(&house), BuyingState::Sent);
    assert_eq!(house.decide(ANN, sent()).unwrap_err(), "PO-000001 was sent to by hand already.");
    assert!(house.purchasing.parcels().is_empty());
    assert_eq!(
        house.decide(ANN, confirm("85123A", 3)).unwrap_err(),
        "85123A is not on PO-000001; confirm what is."
    );
    for (days, why) in [(-1, "is over"), (731, "is too far ahead")] {
        let due = Some(FIRST.plus(days));
        let refused = house.decide(ANN, tell(Told::Confirmed { lines: Vec::new(), due }));
        assert!(refused.unwrap_err().contains(why), "{days} days ahead");
    }
    house.decide(ANN, confirm("22423", 200)).unwrap();
    assert_eq!(state(&house), BuyingState::Acknowledged);
    let coming =
        |house: &House| house.book.to_come(house.book.purchase_order_of(&po).unwrap(), &sku());
    assert_eq!(coming(&house), Qty::units(200), "what was confirmed is what comes");
    house.decide(ANN, receive(Some("PO-000001"), 150)).unwrap();
    assert_eq!(state(&house), BuyingState::PartlyReceived);
    assert!(house.decide(ANN, cancel()).unwrap_err().contains("close it instead"));
    house.decide(ANN, receive(Some("PO-000001"), 50)).unwrap();
    assert_eq!(state(&house), BuyingState::Received);
    assert_eq!(
        house.decide(ANN, close()).unwrap_err(),
        "PO-000001 is received already; there is nothing left to close."
    );

    let mut fold = house.purchasing.clone();
    house.journal.iter().for_each(|entry| fold.apply(entry));
    assert_eq!(fold, house.purchasing, "entries again change nothing");
}

#[test]
fn an_order_that_is_called_off_is_called_off_outside_as_well() {
    let mut house = house();
    house.decide(ANN, shown(240, 7)).unwrap();
    house.place(10);
    let reason = "found some".to_owned();
    let cancelled =
        house.decide(ANN, Decision::CancelOrder { po: "PO-000001".into(), reason }).unwrap();
    let parcel = house.purchasing.parcels().pop().unwrap();
    assert_eq!((parcel.of, parcel.cancels), (cancelled, true));
    for which in [Some(cancelled), None] {
        assert!(house.undo(ANN, which).unwrap_err().contains("cannot be undone"), "{which:?}");
    }
    assert_eq!(house.marks.standing_before("ann", cancelled), Some(1), "which can be named");
    assert_eq!(house.book.position(&sku(), &SiteId::main()).unwrap().on_order, Qty::units(20));
    let failed = Told::Failed { target: "hook".into(), reason: "404".into(), attempts: 1 };
    let tell = Decision::Tell { po: "PO-000001".into(), of: cancelled, told: failed };
    house.enter("stockdeck", tell, None);
    assert!(house.purchasing.parcels().is_empty(), "a person has to look at it");
    house.decide(BOB, Decision::Resend { po: "PO-000001".into() }).unwrap();
    assert_eq!(house.purchasing.parcels().len(), 1);
    let sent = Told::Sent { target: "by hand".into(), reference: None };
    house.decide(ANN, Decision::Tell { po: "PO-000001".into(), of: 0, told: sent }).unwrap();
    let told = &house.journal.last().unwrap().decision;
    assert_eq!((told.verb(), told.summary()), ("sent cancellation", "PO-000001 to by hand".into()));
    assert!(house.purchasing.parcels().is_empty());
    assert!(house.decide(BOB, Decision::Resend { po: "PO-000001".into() }).is_err());
}

#[test]
fn what_a_supplier_confirms_is_bounded_and_nothing_of_all_lines_declines_the_order() {
    let mut house = house();
    house.decide(ANN, shown(240, 7)).unwrap();
    house.decide(ANN, other(5)).unwrap();
    house.place(10);
    let po = PoNumber::from("PO-000001");
    let of = house.purchasing.order(&po).unwrap().entry;
    let confirm = |quantities: [i64; 2]| {
        let line = |(sku, units): (&str, i64)| ConfirmedLine {
            sku: sku.into(),
            qty: Some(Qty::units(units)),
            due: None,
        };
        let lines = ["22423", "85123A"].into_iter().zip(quantities).map(line).collect();
        Decision::Tell { po: po.clone(), of, told: Told::Confirmed { lines, due: None } }
    };
    let to_come =
        |house: &House| house.book.to_come(house.book.purchase_order_of(&po).unwrap(), &sku());
    let refused = house.decide(ANN, confirm([240_000, 5])).unwrap_err();
    assert!(refused.contains("more than ten times"), "{refused}");
    house.enter("stockdeck", confirm([240_000, 3]), None);
    let order = house.purchasing.order(&po).unwrap();
    assert_eq!(
        order.odd,
        [
            "The supplier confirms 240000 of 22423 on PO-000001, of which 240 were ordered; that is not counted on, ask them."
        ]
    );
    assert_eq!((order.expected(&sku()), to_come(&house)), (Qty::units(240), Qty::units(240)));
    house.enter("stockdeck", confirm([1, 5]), None);
    assert_eq!(to_come(&house), Qty::units(1));
    house.enter("stockdeck", confirm([200, 3]), None);
    assert_eq!(to_come(&house), Qty::units(200), "as many as were ordered can be meant");

    house.enter("stockdeck", confirm([0, 0]), None);
    let order = house.purchasing.order(&po).unwrap();
    let nothing = |_: &Sku| Qty::ZERO;
    assert_eq!(order.state(house.book.purchase_order_of(&po), &nothing), BuyingState::Cancelled);
    assert_eq!(order.state(None, &nothing), BuyingState::Cancelled);
    assert_eq!(to_come(&house), Qty::ZERO);
}
