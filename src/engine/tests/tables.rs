//! The long tables: their sorts, and what they are after a change.

use super::*;
use crate::engine::api::{PageOf, Rows};

fn sorted(column: &str, descending: bool) -> PageOf {
    PageOf { sort: Some(column.into()), descending, limit: 50, ..PageOf::default() }
}

/// A house with a little of everything.
fn furnished(dir: &Path) -> Arc<House> {
    let house = house(dir);
    let reject = |place: &str, reason: &str| Reject {
        id: 0,
        raw: None,
        place: place.into(),
        reason: reason.into(),
        excerpt: "".into(),
    };
    let mut told = page(at(0), vec![on_hand("A", 5, at(-9)), on_hand("B", 9, at(-9))]);
    told.rejects = vec![reject("orders/9", "b"), reject("orders/3", "c"), reject("orders/5", "a")];
    house.apply_page(told, Origin::Feed).unwrap();
    for (number, units) in [("1", 3), ("2", 1), ("3", 2)] {
        tell(&house, at(1), vec![Record::Order(order(number, "A", units, OrderStatus::Open))]);
    }
    for (user, on) in [("cora", true), ("ann", true), ("ben", false)] {
        let actor = Actor { user: user.into(), ..ann() };
        let subject = Subject::Order(key("1"));
        let decision = match on {
            true => Decision::Pin { subject, on },
            false => Decision::Note { subject, text: "look".into() },
        };
        house.decide(actor, decision, "").unwrap();
    }
    house
}

#[test]
fn the_journal_and_the_quarantine_stand_as_asked() {
    let folder = tempfile::tempdir().unwrap();
    let house = furnished(folder.path());
    let users = |column: &str, descending| -> Vec<String> {
        match ask(&house, Query::Journal(sorted(column, descending))) {
            Answer::Journal(Rows { rows, .. }) => {
                rows.into_iter().map(|row| row.entry.actor.user.to_string()).collect()
            }
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(users("user", false), ["ann", "ben", "cora"]);
    assert_eq!(users("user", true), ["cora", "ben", "ann"]);
    assert_eq!(users("verb", false), ["ben", "ann", "cora"]);
    assert_eq!(users("seq", false), ["cora", "ann", "ben"]);
    let places = |column: &str, descending| -> Vec<String> {
        match ask(&house, Query::Quarantine(sorted(column, descending))) {
            Answer::Quarantine(Rows { rows, .. }) => {
                rows.into_iter().map(|row| row.reject.place.to_string()).collect()
            }
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(places("place", false), ["orders/3", "orders/5", "orders/9"]);
    assert_eq!(places("reason", true), ["orders/3", "orders/9", "orders/5"]);
    assert!(questions::answer(&house, Query::Journal(sorted("colour", false))).is_err());
}

#[test]
fn pinned_orders_stand_first_unless_a_column_is_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    let house = house(folder.path());
    for (number, minutes) in [("1", 1), ("2", 2), ("3", 3), ("4", 4), ("5", 5)] {
        let mut placed = order(number, "A", 1, OrderStatus::Open);
        placed.placed_at = at(minutes);
        tell(&house, at(9), vec![Record::Order(placed)]);
    }
    let numbers = |page: PageOf| -> String {
        match ask(&house, Query::Orders(page)) {
            Answer::Orders(Rows { rows, total: 5, .. }) => {
                rows.into_iter().map(|row| row.key.number.to_string()).collect()
            }
            other => panic!("{other:?}"),
        }
    };
    let all = |filter: &str| PageOf { filter: filter.into(), limit: 9, ..PageOf::default() };
    assert_eq!(numbers(all("")), "54321");
    for number in ["2", "4"] {
        let decision = Decision::Pin { subject: Subject::Order(key(number)), on: true };
        house.decide(ann(), decision, "").unwrap();
    }
    assert_eq!(numbers(all("")), "42531");
    assert_eq!(numbers(all("is:open")), "42531", "under a filter too");
    for offset in 0..5 {
        let part = PageOf { offset, limit: 2, ..PageOf::default() };
        let end = 5.min(offset + 2);
        assert_eq!(numbers(part), "42531"[offset..end], "from {offset}");
    }
    assert_eq!(numbers(sorted("placed", true)), "54321");
}

#[test]
fn a_page_that_was_asked_for_before_a_change_is_another_after_it() {
    let folder = tempfile::tempdir().unwrap();
    let house = furnished(folder.path());
    let by_units = || match ask(&house, Query::Orders(sorted("units", true))) {
        Answer::Orders(Rows { rows, .. }) => {
            rows.into_iter().map(|row| (row.key.number.to_string(), row.pinned)).collect::<Vec<_>>()
        }
        other => panic!("{other:?}"),
    };
    let of = |number: &str, pinned| (number.to_owned(), pinned);
    assert_eq!(by_units(), [of("1", true), of("3", false), of("2", false)]);
    let mut more = order("2", "A", 9, OrderStatus::Open);
    more.updated_at = at(2);
    tell(&house, at(2), vec![Record::Order(more)]);
    let subject = Subject::Order(key("3"));
    house.decide(ann(), Decision::Pin { subject, on: true }, "").unwrap();
    assert_eq!(by_units(), [of("2", false), of("1", true), of("3", true)]);
}

#[test]
fn a_reading_that_finds_nothing_new_is_not_archived_and_tells_nobody() {
    let folder = tempfile::tempdir().unwrap();
    let house = furnished(folder.path());
    let site =
        || Record::Site(Site { id: "main".into(), name: "Halle".into(), zone: "UTC".into() });
    tell(&house, at(2), vec![site(), on_hand("A", 5, at(2))]);
    let archived = || house.writer.lock().as_ref().unwrap().archive.bytes();
    let before = (archived(), *house.revision.borrow());
    let applied = tell(&house, at(60), vec![site(), on_hand("A", 5, at(60))]);
    assert_eq!((archived(), *house.revision.borrow()), before);
    assert_eq!((applied.new, applied.same), (0, 1));
    // It is known all the same that the figure is of now.
    let position = house.stock.read().position(&"A".into(), &SiteId::main()).cloned();
    assert_eq!(position.unwrap().as_of(), Some(at(60)));
    tell(&house, at(61), vec![on_hand("A", 4, at(61))]);
    assert_ne!((archived(), *house.revision.borrow()), before);
}
