//! What the program approves by itself: nothing unless told to, and then within its limits.

use super::reorders::{approval, supplied};
use super::*;
use crate::desk::buying::Powers;
use crate::engine::api::PageOf;

/// A house with proposals for two SKUs in which the program may approve up to an amount.
fn may_approve(dir: &Path, most: &str) -> Arc<House> {
    let house = supplied(dir);
    let most = Money::parse(most, Currency::GBP);
    let powers = Powers { may_approve: true, per_order: most, per_day: most };
    may_by_itself(&house, powers);
    house
}

fn entries(house: &House) -> Vec<Entry> {
    let journal = house.journal.lock();
    (1..=journal.len()).map(|seq| journal.entry(seq).unwrap().unwrap()).collect()
}

#[test]
fn unless_it_is_told_to_the_program_approves_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let house = supplied(dir.path());
    house.approve_when_due();
    assert_eq!(house.approve_by_itself().unwrap(), 0);
    assert_eq!(entries(&house), []);
}

#[test]
fn what_is_due_is_approved_once_under_the_programs_name_with_what_it_went_by() {
    let dir = tempfile::tempdir().unwrap();
    let house = may_approve(dir.path(), "100000");
    let lines = house.approve_by_itself().unwrap();
    assert!(lines >= 2, "S8 and S5 run short");
    assert_eq!(house.approve_by_itself().unwrap(), 0, "what is approved is on its way");
    let entries = entries(&house);
    assert_eq!(entries.len(), lines);
    for entry in &entries {
        let Decision::Approve(line) = &entry.decision else { panic!("{entry:?}") };
        assert_eq!(&*entry.actor.user, "stockdeck (automatic)");
        assert!(!line.is_edited() && line.cost.is_some());
        let words = format!("{} of {}", line.qty, line.sku);
        assert!(entry.saw.contains(&words) && entry.saw.contains("reorder point"), "{}", entry.saw);
    }
    let named = |sku: &str| entries.iter().any(|entry| entry.saw.contains(&format!(" of {sku} ")));
    assert!(named("S8") && named("S5"));
    assert!(
        !named("S4") && !named("S6") && !named("S3"),
        "what cannot be planned waits for a person"
    );
}

#[test]
fn what_is_beyond_a_limit_or_was_taken_back_is_left_to_a_person() {
    let dir = tempfile::tempdir().unwrap();
    let house = may_approve(dir.path(), "1");
    assert_eq!(house.approve_by_itself().unwrap(), 0);
    assert_eq!(entries(&house), []);

    let dir = tempfile::tempdir().unwrap();
    let house = may_approve(dir.path(), "100000");
    let lines = house.approve_by_itself().unwrap();
    house.undo(ann(), Some(1)).unwrap();
    assert_eq!(house.approve_by_itself().unwrap(), 0, "somebody took it back");
    assert_eq!(entries(&house).len(), lines + 1);
}

#[test]
fn what_a_person_ordered_less_of_is_decided_for_the_day_for_people_and_program() {
    let dir = tempfile::tempdir().unwrap();
    let house = supplied(dir.path());
    let most = Money::parse("100000", Currency::GBP);
    let powers = Powers { may_approve: true, per_order: most, per_day: most };
    let rules = Rules { automatic: Some(powers), grace: Span::millis(0), ..Rules::default() };
    *house.rules.write() = Arc::new(rules);
    let row = || {
        let page = PageOf { filter: "sku:S8".into(), limit: 9, ..PageOf::default() };
        let Answer::Reorders(rows) = ask(&house, Query::Reorders(page)) else { panic!() };
        rows.rows.into_iter().find(|row| row.stock.sku.as_str() == "S8").unwrap()
    };
    let proposed = row().plan.proposal().unwrap().clone();
    let cut = Approval { qty: Qty::units(12), ..approval(&proposed) };
    house.decide(ann(), Decision::Approve(cut), "").unwrap();
    house.place_next().unwrap().unwrap();
    house.approve_by_itself().unwrap();
    let by_program = entries(&house).into_iter().filter(
        |entry| matches!(&entry.decision, Decision::Approve(line) if line.sku.as_str() == "S8"),
    );
    assert_eq!(by_program.count(), 1, "the rest was left out on purpose");
    let left = row();
    assert!(left.plan.proposal().unwrap().qty.is_positive());
    let last = left.last_time.unwrap();
    let words = format!("ordered 12, proposed were {}, for {}", proposed.qty, proposed.order);
    assert!(last.quiet && last.what.starts_with(&words), "{last:?}");
    assert!(last.what.ends_with(&format!("decided until {}", proposed.next)), "{last:?}");
}
