//! Decisions taken back, and brought back.

use super::*;

#[test]
fn every_stock_decision_is_undone_by_its_inverse() {
    let table = [
        (receive(Some("PO-7"), 4), Some(14)),
        (adjust(-3), Some(7)),
        (count(2), Some(2)),
        (transfer("main", "north", 6), Some(4)),
    ];
    for (decision, after) in table {
        let mut house = House::new();
        let before = house.book.clone();
        let done = house.decide(ANN, decision.clone()).unwrap();
        assert_eq!(house.on_hand("main"), after, "{decision:?}");
        let undone = house.undo(ANN, None).unwrap();
        assert_eq!(house.on_hand("main"), Some(10), "{decision:?}");
        for site in ["main", "north"] {
            let now = house.book.position(&sku(), &site.into()).cloned().unwrap_or_default();
            let then = before.position(&sku(), &site.into()).cloned().unwrap_or_default();
            assert_eq!(now, then, "{decision:?} at {site}");
        }
        assert_eq!(house.marks.undone_by(done), Some(undone));
    }
}

#[test]
fn undoing_again_goes_further_back_and_only_through_ones_own() {
    let mut house = House::new();
    house.decide(ANN, receive(None, 1)).unwrap();
    house.decide(ANN, adjust(2)).unwrap();
    let bobs = house.decide(BOB, adjust(4)).unwrap();
    assert_eq!(house.on_hand("main"), Some(17));
    house.undo(ANN, None).unwrap();
    assert_eq!(house.on_hand("main"), Some(15));
    house.undo(ANN, None).unwrap();
    assert_eq!(house.on_hand("main"), Some(14));
    assert_eq!(
        house.undo(ANN, None).unwrap_err(),
        "ann has nothing to undo; name a journal entry to undo somebody else's.",
    );
    house.undo(ANN, Some(bobs)).unwrap();
    assert_eq!(house.on_hand("main"), Some(10));
    assert!(house.undo(BOB, None).is_err(), "it is undone already");
}

#[test]
fn an_undo_can_be_undone_and_the_decision_again_after_that() {
    let mut house = House::new();
    let done = house.decide(ANN, adjust(5)).unwrap();
    let undone = house.undo(ANN, None).unwrap();
    assert_eq!(
        house.undo(ANN, Some(done)).unwrap_err(),
        "Entry 1 is undone already, by entry 2; undo 2 to bring it back.",
    );
    let redone = house.undo(ANN, Some(undone)).unwrap();
    assert_eq!(house.on_hand("main"), Some(15));
    assert_eq!(house.marks.undone_by(done), None);
    assert_eq!(
        house.undo(ANN, Some(redone)).unwrap_err(),
        "Entry 3 only brought entry 1 back; undo 1 instead.",
    );
    house.undo(ANN, Some(done)).unwrap();
    assert_eq!(house.on_hand("main"), Some(10));
    assert!(house.undo(ANN, Some(undone)).is_err(), "the first undo is spent");
    assert_eq!(
        house.undo(ANN, Some(99)).unwrap_err(),
        DeskError::NoSuchEntry { seq: 99 }.to_string()
    );
    let reasons: Vec<_> = house.journal.iter().map(|e| e.decision.summary()).collect();
    assert_eq!(reasons[1], "22423 at main -5: undo of 1: broken");
    assert_eq!(reasons[2], "22423 at main +5: undo of 2: broken");
}

#[test]
fn an_undo_does_not_touch_a_figure_that_was_told_since() {
    let mut house = House::new();
    house.decide(ANN, receive(None, 5)).unwrap();
    house.hear(10, 15);
    assert_eq!(house.on_hand("main"), Some(10), "the shop has counted what there is");
    house.undo(ANN, None).unwrap();
    assert_eq!(house.on_hand("main"), Some(10));

    let counted = house.decide(ANN, count(3)).unwrap();
    house.hear(8, 1_000);
    assert_eq!(
        house.undo(ANN, Some(counted)).unwrap_err(),
        format!(
            "Entry {counted} no longer counts, since a newer figure has replaced it; decide anew instead."
        ),
    );
}

#[test]
fn a_count_that_was_taken_back_is_counted_again_instead() {
    let mut house = House::new();
    house.decide(ANN, count(3)).unwrap();
    let uncounted = house.undo(ANN, None).unwrap();
    assert_eq!(
        house.undo(ANN, Some(uncounted)).unwrap_err(),
        "Entry 2 took a count back, and the shelf may have changed since; count it again.",
    );
}
