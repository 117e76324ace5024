//! How a paged table behaves while its rows change.

use super::super::range::MOST;
use super::*;

#[derive(Clone, Debug, PartialEq)]
struct Number(usize);
impl Row for Number {
    fn key(&self) -> String {
        self.0.to_string()
    }
    fn target(&self) -> Target {
        Target { key: self.key(), ..Target::default() }
    }
}

fn serve(table: &mut Table<Number>, numbers: &[usize]) -> bool {
    let Some(page) = table.wanted() else { return false };
    table.asked(7, page.clone());
    let rows = numbers.iter().skip(page.offset).take(page.limit).map(|n| Number(*n)).collect();
    let total = numbers.len();
    table.answer(7, Rows { rows, total, unfiltered: total, offset: page.offset })
}

fn table(numbers: &[usize]) -> Table<Number> {
    let mut table = Table { height: 10, ..Table::default() };
    assert!(serve(&mut table, numbers));
    table
}

#[test]
fn a_held_key_asks_once_at_a_time_and_catches_up() {
    let numbers: Vec<usize> = (0..1_000).collect();
    let mut table = table(&numbers);
    table.move_by(40);
    let page = table.wanted().expect("the next window");
    table.asked(1, page);
    for _ in 0..100 {
        table.move_by(1);
        assert_eq!(table.wanted(), None, "one question at a time");
    }
    assert!(table.answer(1, Rows { rows: vec![], total: 1_000, unfiltered: 1_000, offset: 0 }));
    assert!(serve(&mut table, &numbers));
    assert_eq!(table.selected(), Some(&Number(140)));
    assert_eq!(table.wanted(), None, "what is seen is here");
}

#[test]
fn the_page_stands_still_until_the_cursor_leaves_it_and_then_jumps_by_half() {
    let numbers: Vec<usize> = (0..100).collect();
    let mut table = table(&numbers);
    (0..9).for_each(|_| table.move_by(1));
    assert_eq!((table.cursor, table.top), (9, 0));
    table.move_by(1);
    assert_eq!((table.cursor, table.top), (10, 6));
    table.move_to(99);
    assert_eq!(table.top, 90);
    table.move_by(-10);
    assert!(table.top < 89 && table.top + 10 > 89);
    table.move_to(0);
    assert_eq!(table.top, 0);
}

#[test]
fn the_cursor_stays_on_its_row_when_new_rows_come_in_above() {
    let mut table = table(&[10, 11, 12, 13]);
    table.move_by(2);
    table.set_stale();
    assert!(serve(&mut table, &[8, 9, 10, 11, 12, 13]));
    assert_eq!(table.selected(), Some(&Number(12)));
}

#[test]
fn the_cursor_goes_on_to_the_next_row_when_its_own_is_decided_about() {
    let mut table = table(&[10, 11, 12, 13, 14]);
    table.move_by(1);
    table.leave();
    for (rows, selected) in
        [(&[10, 11, 12, 13, 14], 11), (&[10, 12, 13, 14, 11], 12), (&[9, 10, 12, 13, 14], 12)]
    {
        table.set_stale();
        assert!(serve(&mut table, rows));
        assert_eq!(table.selected(), Some(&Number(selected)), "{rows:?}");
    }
    table.range();
    table.move_by(-1);
    table.range();
    table.leave();
    assert!(table.unmark());
    table.set_stale();
    assert!(serve(&mut table, &[9, 13, 14, 10, 12]));
    assert_eq!(table.selected(), Some(&Number(13)), "10 and 12 were marked");
    let numbers: Vec<usize> = (0..100).collect();
    let mut table = self::table(&numbers);
    table.leave();
    table.set_stale();
    let far: Vec<usize> = (2..90).chain([1, 0]).collect();
    assert!(serve(&mut table, &far));
    assert_eq!(table.selected(), Some(&Number(2)), "the next one went far away with it");
    table.leave();
    table.move_by(1);
    table.move_by(-1);
    table.set_stale();
    assert!(serve(&mut table, &[1, 3, 4, 5, 2]));
    assert_eq!(table.selected(), Some(&Number(2)), "somebody moved meanwhile");
}

#[test]
fn a_range_marks_what_lies_between() {
    let numbers: Vec<usize> = (0..100).collect();
    let mut table = table(&numbers);
    table.move_to(3);
    table.range();
    table.move_by(4);
    assert_eq!(table.marked(), 5);
    table.move_by(-2);
    assert_eq!(table.targets().len(), 3, "going back takes marks off again");
    assert!(table.unmark());
    assert!(!table.unmark());
}

#[test]
fn a_range_keeps_its_rows_when_the_list_shifts_under_it() {
    let mut numbers: Vec<usize> = (100..200).collect();
    let mut table = table(&numbers);
    table.move_to(3);
    table.range();
    table.move_by(2);
    for new in (90..100).rev() {
        numbers.insert(0, new);
        table.set_stale();
        assert!(serve(&mut table, &numbers));
    }
    let marked: Vec<_> = table.marks.keys().cloned().collect();
    assert_eq!(marked, ["103", "104", "105"]);
    table.move_by(-1);
    assert_eq!(table.marked(), 2, "going back goes by rows, not by places");
    table.move_by(-2);
    let marked: Vec<_> = table.marks.keys().cloned().collect();
    assert_eq!(marked, ["102", "103"], "past its beginning it turns round");
}

#[test]
fn a_range_fetches_what_lies_beyond_the_window() {
    let numbers: Vec<usize> = (0..1_200).collect();
    let mut table = table(&numbers);
    table.range();
    table.move_to(1_199);
    assert!(table.incomplete().is_some_and(|(marked, all)| marked < all && all == 1_200));
    while serve(&mut table, &numbers) {}
    assert_eq!((table.marked(), table.incomplete()), (1_200, None));
    assert_eq!(table.selected(), Some(&Number(1_199)), "the window stays where it is");
    table.range();
    table.move_to(0);
    assert_eq!(table.marked(), 1_200, "an ended range stays");
}

#[test]
fn a_gap_is_filled_by_rows_even_if_the_list_shifts_meanwhile() {
    let mut numbers: Vec<usize> = (1_000..2_200).collect();
    let mut table = table(&numbers);
    table.range();
    table.move_to(1_199);
    assert!(serve(&mut table, &numbers));
    for new in 990..1_000 {
        numbers.insert(0, new);
    }
    while serve(&mut table, &numbers) {}
    assert!(!table.marks.contains_key("999"), "what came in above is not marked");
    assert!(table.marks.contains_key("1400"));
    assert!(table.marks.len() >= 1_190, "{} marked", table.marks.len());
}

#[test]
fn a_range_marks_so_many_and_says_how_many_it_leaves_out() {
    let numbers: Vec<usize> = (0..9_000).collect();
    let mut table = table(&numbers);
    table.range();
    table.move_to(8_999);
    let mut questions = 0;
    while serve(&mut table, &numbers) {
        questions += 1;
        assert!(questions < 50, "it ends");
    }
    assert_eq!(table.incomplete(), Some((MOST, 9_000)));
    assert!(!table.is_filling());
}

#[test]
fn an_answer_to_an_older_question_is_not_taken() {
    let mut table = table(&[1, 2, 3]);
    let stray = Rows { rows: vec![Number(9)], total: 1, unfiltered: 1, offset: 0 };
    assert!(!table.answer(99, stray));
    assert_eq!(table.total, 3);
}
