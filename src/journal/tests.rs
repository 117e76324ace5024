use super::*;
use crate::domain::{Sku, Subject};
use proptest::prelude::*;
use std::fs;

fn draft(n: u64) -> Draft {
    Draft {
        at: Timestamp::from_millis(1_000 * n as i64),
        wall: Timestamp::from_millis(5),
        mono_ms: n,
        actor: Actor { user: "ann".into(), uid: 1000, from: "console 7".into() },
        decision: Decision::Note {
            subject: Subject::Sku(Sku::from("85123A")),
            text: "Füße ".repeat(n as usize % 5 + 1),
        },
        saw: "3 on hand".into(),
        undoes: (n % 4 == 3).then_some(n),
        act: (n % 5 == 4).then_some(n),
    }
}

/// A journal of `count` entries in a folder of its own; where each entry ends.
fn filled(count: u64) -> (tempfile::TempDir, PathBuf, Vec<u64>) {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("journal.log");
    let (mut journal, recovery) = Journal::open(&path).unwrap();
    assert_eq!(recovery, Recovery::default());
    let ends = (1..=count)
        .map(|n| {
            assert_eq!(journal.append(draft(n)).unwrap().seq, n);
            journal.bytes()
        })
        .collect();
    (dir, path, ends)
}

fn broken(path: &Path) -> Broken {
    match verify(path) {
        Err(JournalError::Broken { broken, .. }) => broken,
        other => panic!("not found broken: {other:?}"),
    }
}

#[test]
fn entries_come_back_by_number_and_in_both_directions() {
    let (_dir, path, ends) = filled(9);
    let (mut journal, recovery) = Journal::open(&path).unwrap();
    assert_eq!(recovery, Recovery::default());
    let tenth = journal.append(draft(10)).unwrap();
    assert_eq!(journal.len(), 10);
    assert_eq!(journal.entry(10).unwrap(), Some(tenth));
    assert_eq!(journal.entry(3).unwrap().unwrap().decision, draft(3).decision);
    assert_eq!(journal.entry(3).unwrap().unwrap().undoes, Some(3));
    assert_eq!(journal.entry(0).unwrap(), None);
    assert_eq!(journal.entry(11).unwrap(), None);
    let newest: Vec<u64> = journal.iter(1).rev().take(2).map(|e| e.unwrap().seq).collect();
    assert_eq!(newest, [10, 9]);
    assert_eq!(journal.iter(8).map(|e| e.unwrap().mono_ms).collect::<Vec<_>>(), [8, 9, 10]);
    assert!(journal.bytes() > ends[8]);
}

#[test]
fn an_untouched_journal_verifies_also_while_it_is_open() {
    let (_dir, path, _) = filled(0);
    assert_eq!(verify(&path).unwrap().head_hash, "0".repeat(64));
    let (mut journal, _) = Journal::open(&path).unwrap();
    for n in 1..=4 {
        journal.append(draft(n)).unwrap();
        let verified = verify(&path).unwrap();
        assert_eq!((verified.entries, verified.unfinished_bytes), (n, 0));
        assert_eq!(verified.head_hash, journal.head_hash());
    }
}

#[test]
fn an_unfinished_entry_is_cut_off_at_every_byte_and_the_journal_goes_on() {
    let (_dir, path, ends) = filled(3);
    let (whole, head) = (fs::read(&path).unwrap(), head::path_of(&path));
    // As a kill in the middle of the third append leaves it: the head still names the second.
    let hash = {
        fs::write(&path, &whole[..ends[1] as usize]).unwrap();
        fs::remove_file(&head).unwrap();
        Journal::open(&path).unwrap();
        fs::read(&head).unwrap()
    };
    for length in ends[1]..ends[2] {
        fs::write(&path, &whole[..length as usize]).unwrap();
        fs::write(&head, &hash).unwrap();
        let verified = verify(&path).unwrap();
        assert_eq!((verified.entries, verified.unfinished_bytes), (2, length - ends[1]));
        let (mut journal, recovery) = Journal::open(&path).unwrap();
        assert_eq!(recovery, Recovery { torn_bytes: length - ends[1], ..Recovery::default() });
        assert_eq!(journal.append(draft(30)).unwrap().seq, 3);
        assert_eq!(verify(&path).unwrap().entries, 3);
    }
}

#[test]
fn acknowledged_entries_that_are_cut_off_are_missed_at_every_byte_and_leave_a_trace() {
    let (_dir, path, ends) = filled(3);
    let (whole, head) = (fs::read(&path).unwrap(), head::path_of(&path));
    let known = fs::read(&head).unwrap();
    for length in 0..whole.len() {
        fs::write(&path, &whole[..length]).unwrap();
        fs::write(&head, &known).unwrap();
        let kept = ends.iter().filter(|end| **end <= length as u64).count() as u64;
        assert_eq!(broken(&path).seq, kept + 1, "cut at {length}");
        let (mut journal, recovery) = Journal::open(&path).unwrap();
        assert_eq!((journal.len(), recovery.missing), (kept, Some(3)), "cut at {length}");
        assert_eq!(fs::read(&recovery.kept[0]).unwrap(), known);
        let end = kept.checked_sub(1).map_or(0, |n| ends[n as usize]) as usize;
        if end < length {
            assert_eq!(fs::read(&recovery.kept[1]).unwrap(), &whole[end..length]);
        }
        journal.append(draft(9)).unwrap();
        assert!(matches!(verify(&path), Err(JournalError::Lost { .. })), "cut at {length}");
        recovery.kept.iter().for_each(|kept| fs::remove_file(kept).unwrap());
        assert_eq!(verify(&path).unwrap().entries, kept + 1);
    }
}

#[test]
fn any_changed_byte_is_found_and_nothing_is_appended_after_it() {
    let (_dir, path, ends) = filled(4);
    let whole = fs::read(&path).unwrap();
    let known = fs::read(head::path_of(&path)).unwrap();
    for at in 0..whole.len() {
        let mut changed = whole.clone();
        changed[at] ^= 1 << (at % 8);
        fs::write(&path, &changed).unwrap();
        fs::write(head::path_of(&path), &known).unwrap();
        let entry = ends.iter().filter(|end| **end <= at as u64).count();
        let found = broken(&path);
        assert_eq!(found.seq, entry as u64 + 1, "byte {at}");
        assert_eq!(found.offset, entry.checked_sub(1).map_or(0, |n| ends[n]), "byte {at}");
        if entry < 3 {
            assert!(matches!(Journal::open(&path), Err(JournalError::Broken { .. })), "byte {at}");
            assert_eq!(fs::read(&path).unwrap(), changed, "the file is left as it is");
        }
    }
}

#[test]
fn removed_moved_and_repeated_entries_are_found() {
    let (_dir, path, ends) = filled(4);
    let whole = fs::read(&path).unwrap();
    let frame = |n: usize| {
        let begin = if n == 0 { 0 } else { ends[n - 1] as usize };
        &whole[begin..ends[n] as usize]
    };
    for (order, first_wrong) in [
        (vec![0, 2, 3], 2),
        (vec![1, 2, 3], 1),
        (vec![0, 2, 1, 3], 2),
        (vec![0, 1, 1, 2, 3], 3),
        (vec![0, 1, 2], 4),
        (vec![3, 2, 1, 0], 1),
        (vec![0, 1, 2, 3, 3], 5),
    ] {
        let bytes: Vec<u8> = order.iter().flat_map(|n| frame(*n).to_vec()).collect();
        fs::write(&path, bytes).unwrap();
        assert_eq!(broken(&path).seq, first_wrong, "{order:?}");
    }
}

#[test]
fn a_rewritten_chain_is_found_by_its_head() {
    let (_dir, path, _) = filled(3);
    let known = fs::read(head::path_of(&path)).unwrap();
    let (_forged_dir, forged, _) = filled(0);
    let (mut journal, _) = Journal::open(&forged).unwrap();
    for n in [1, 2, 7] {
        journal.append(draft(n)).unwrap();
    }
    fs::copy(&forged, &path).unwrap();
    fs::write(head::path_of(&path), &known).unwrap();
    assert_eq!(broken(&path).why, Fault::Head);
    assert!(matches!(Journal::open(&path), Err(JournalError::Broken { .. })));
    fs::write(head::path_of(&path), "3 nonsense").unwrap();
    assert_eq!(broken(&path).why, Fault::HeadUnreadable);
}

#[test]
fn a_lagging_or_lost_head_is_caught_up() {
    let (_dir, path, _) = filled(2);
    let old = fs::read(head::path_of(&path)).unwrap();
    let (mut journal, _) = Journal::open(&path).unwrap();
    journal.append(draft(3)).unwrap();
    let new = fs::read(head::path_of(&path)).unwrap();
    drop(journal);
    fs::write(head::path_of(&path), &old).unwrap();
    assert_eq!(Journal::open(&path).unwrap().1, Recovery::default());
    assert_eq!(fs::read(head::path_of(&path)).unwrap(), new);
    fs::remove_file(head::path_of(&path)).unwrap();
    assert_eq!(Journal::open(&path).unwrap().0.len(), 3);
    assert_eq!(fs::read(head::path_of(&path)).unwrap(), new);
}

#[test]
fn an_append_that_fails_leaves_the_journal_as_it_was() {
    let (_dir, path, ends) = filled(2);
    let (mut journal, _) = Journal::open(&path).unwrap();
    let huge = Draft { saw: "x".repeat(2 << 20), ..draft(3) };
    assert!(matches!(journal.append(huge), Err(JournalError::Entry { .. })));
    let writable = std::mem::replace(&mut journal.file, File::open(&path).unwrap());
    assert!(matches!(journal.append(draft(3)), Err(JournalError::Io { .. })));
    assert_eq!((journal.len(), journal.bytes()), (2, ends[1]));
    journal.file = writable;
    assert_eq!(journal.append(draft(3)).unwrap().seq, 3);
    assert_eq!(verify(&path).unwrap().entries, 3);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    #[test]
    fn garbage_written_over_acknowledged_entries_is_never_taken_for_a_journal(
        at in 0usize..2000, garbage in proptest::collection::vec(any::<u8>(), 1..100)
    ) {
        let (_dir, path, _) = filled(4);
        let whole = fs::read(&path).unwrap();
        let mut bytes = whole.clone();
        let at = at % (bytes.len() - garbage.len());
        bytes[at..at + garbage.len()].copy_from_slice(&garbage);
        prop_assume!(bytes != whole);
        fs::write(&path, &bytes).unwrap();
        prop_assert!(verify(&path).is_err());
    }
}

#[test]
fn a_log_that_is_gone_is_found_and_stays_found() {
    let (dir, path, _) = filled(2);
    let kept = fs::read(&path).unwrap();
    fs::remove_file(&path).unwrap();
    assert_eq!(broken(&path).why, Fault::Missing { known: 2 });
    let (journal, recovery) = Journal::open(&path).unwrap();
    assert_eq!((journal.len(), recovery.missing), (0, Some(2)));
    drop(journal);
    let traces = lost(&path).unwrap();
    assert_eq!(traces, recovery.kept);
    let error = verify(&path).unwrap_err().to_string();
    assert!(error.contains("journal.head.lost-"), "{error}");
    // Put back, and the traces moved away: the chain holds again.
    fs::write(&path, kept).unwrap();
    fs::remove_file(head::path_of(&path)).unwrap();
    assert!(matches!(verify(&path), Err(JournalError::Lost { .. })));
    fs::remove_file(&traces[0]).unwrap();
    assert_eq!(verify(&path).unwrap().entries, 2);
    drop(dir);
}

#[test]
fn a_folder_without_a_journal_has_no_decisions() {
    let dir = tempfile::tempdir().unwrap();
    assert_eq!(verify(&dir.path().join("journal.log")).unwrap().entries, 0);
}
