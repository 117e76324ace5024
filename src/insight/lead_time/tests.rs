use super::*;
use crate::domain::Day;
use measure::{Measure, VendorQuantiles};

const HEAD: &str = "id,country,fulfill_via,shipment_mode,pq_first_sent_to_client_date,\
                    po_sent_to_vendor_date,scheduled_delivery_date,delivered_to_client_date,\
                    delivery_recorded_date,vendor\n";
const LEVELS: [f64; 3] = [0.1, 0.5, 0.9];

fn day(text: &str) -> Day {
    Day::parse(text).unwrap()
}

fn until() -> Day {
    day("2020-12-31")
}

/// A row of a vendor whose delivery slips by so many days; recorded on the day.
fn row(id: usize, vendor: &str, scheduled: Day, slip: i32) -> String {
    let (ordered, delivered) = (scheduled.plus(-70), scheduled.plus(slip));
    format!("{id},Home,Direct,Air,,{ordered},{scheduled},{delivered},{delivered},{vendor}\n")
}

fn deliveries(rows: impl IntoIterator<Item = String>) -> Vec<Delivery> {
    let rows: String = rows.into_iter().collect();
    file::read(&format!("{HEAD}{rows}")).unwrap().deliveries
}

/// A delivery a week of a vendor, the newest first; each slips by what `slip` says of its place.
fn weekly(vendor: &'static str, weeks: usize, slip: impl Fn(usize) -> i32) -> Vec<String> {
    let of = |week: usize| row(week, vendor, until().plus(-60 - 7 * week as i32), slip(week));
    (0..weeks).map(of).collect()
}

fn asked(vendor: &str) -> Delivery {
    deliveries([row(9_999, vendor, until().plus(30), 0)]).remove(0)
}

#[test]
fn a_level_leans_on_the_one_above_by_so_many_deliveries() {
    let path: Vec<Arc<str>> = vec!["a".into(), "ab".into()];
    let other: Vec<Arc<str>> = vec!["a".into(), "ac".into()];
    let seen = |path, value| Seen { path, value, weight: 1.0, waits: false };
    let rows = (0..8).map(|_| seen(&other[..], 4)).chain((0..2).map(|_| seen(&path[..], 0)));
    let levels = Levels::of(rows, 2.0);
    let along = levels.along(&path);
    assert!((along[0].chance(0) - 0.2).abs() < 1e-9, "{along:?}");
    // Two of its own and two that are like those above.
    assert!((along[1].chance(0) - (2.0 + 0.4) / 4.0).abs() < 1e-9, "{along:?}");
    let unknown: Vec<Arc<str>> = vec!["a".into(), "ad".into()];
    assert!((levels.along(&unknown)[1].chance(4) - 0.8).abs() < 1e-9);
}

#[test]
fn quantiles_of_a_mixture_are_values_that_were_seen() {
    let mixture = Mixture::of(vec![(3, 1.0), (0, 2.0), (0, 1.0), (-5, 1.0)]);
    assert_eq!(mixture.points(), [(-5, 1.0), (0, 3.0), (3, 1.0)]);
    let asked = [0.0, 0.2, 0.21, 0.8, 0.81, 1.0].map(|level| mixture.quantile(level));
    assert_eq!(asked, [-5, -5, 0, 0, 3, 3].map(Some));
    assert_eq!(Mixture::default().quantile(0.5), None);
}

#[test]
fn who_is_mostly_on_the_day_is_expected_on_the_day() {
    // One in twenty is three weeks late.
    let learnt = deliveries(weekly("Steady", 100, |week| if week % 20 == 7 { 21 } else { 0 }));
    let slips = Slips::learn(&learnt, until());
    assert_eq!(slips.learnt(), 100);
    assert_eq!(slips.quantiles(&asked("Steady"), &LEVELS), [0, 0, 0]);
    assert_eq!(slips.quantiles(&asked("Steady"), &[0.99]), [21]);
}

#[test]
fn the_newest_deliveries_count_most() {
    // Ten days late for years, on the day for half a year.
    let learnt = deliveries(weekly("Mended", 200, |week| if week < 26 { 0 } else { 10 }));
    let slips = Slips::learn(&learnt, until());
    assert_eq!(slips.quantiles(&asked("Mended"), &[0.5]), [0]);
    // The other way round.
    let learnt = deliveries(weekly("Spoilt", 200, |week| if week < 26 { 10 } else { 0 }));
    let slips = Slips::learn(&learnt, until());
    assert!(slips.quantiles(&asked("Spoilt"), &[0.9])[0] >= 5);
}

#[test]
fn a_vendor_of_whom_nothing_is_known_is_like_the_others() {
    let late = weekly("Late", 60, |week| 5 + (week % 3) as i32);
    let slips = Slips::learn(&deliveries(late), until());
    assert_eq!(slips.quantiles(&asked("New"), &[0.5]), [6]);
    let nothing = Slips::learn(&[], until());
    assert_eq!(nothing.quantiles(&asked("New"), &LEVELS), [0, 0, 0]);
}

#[test]
fn what_is_known_later_changes_nothing() {
    let known = weekly("One", 80, |week| (week % 5) as i32 - 1);
    let before = Slips::learn(&deliveries(known.clone()), until());
    // Due before, but delivered after; delivered before, but recorded after; due after.
    let late = row(1_001, "One", until().plus(-20), 90);
    let recorded = row(1_002, "One", until().plus(-50), 30).replace(
        &format!("{0},{0}", until().plus(-20)),
        &format!("{},{}", until().plus(-20), until().plus(5)),
    );
    let ahead = row(1_003, "One", until().plus(20), -60);
    let all = known.into_iter().chain([late, recorded, ahead]);
    let after = Slips::learn(&deliveries(all), until());
    assert_eq!(after.learnt(), before.learnt());
    let levels = [0.05, 0.25, 0.5, 0.75, 0.95];
    let (one, other) = (asked("One"), asked("Other"));
    assert_eq!(after.quantiles(&one, &levels), before.quantiles(&one, &levels));
    assert_eq!(after.quantiles(&other, &levels), before.quantiles(&other, &levels));
}

#[test]
fn a_hundred_lines_of_one_delivery_are_one_delivery() {
    let mut rows = weekly("One", 10, |_| 0);
    let due = until().plus(-61);
    rows.extend((0..100).map(|line| row(500 + line, "One", due, 40)));
    let slips = Slips::learn(&deliveries(rows), until());
    assert_eq!(slips.quantiles(&asked("One"), &[0.5]), [0]);
}

#[test]
fn measures_count_ends_as_covered_and_leave_out_what_has_not_come() {
    let quantiles = vec![vec![-2.0, 0.0, 3.0]; 4];
    let measure = Measure::of(&LEVELS, &quantiles, &[Some(3), Some(-2), Some(4), None]);
    assert_eq!((measure.rows, measure.width), (3, 5.0));
    assert!((measure.coverage - 2.0 / 3.0).abs() < 1e-9);
    // 3: .5 + 1.5 + 0; -2: 0 + 1 + .5; 4: .6 + 2 + .9.
    assert!((measure.pinball - 7.0).abs() < 1e-9, "{measure:?}");
    let learnt = deliveries(weekly("One", 5, |week| week as i32));
    let vendors = VendorQuantiles::of(&learnt, until(), &LEVELS);
    assert_eq!(vendors.of_vendor("One"), [0.4, 2.0, 3.6]);
    assert_eq!(vendors.of_vendor("New"), [0.4, 2.0, 3.6], "all together");
}

#[test]
fn rows_with_bad_dates_are_named() {
    let good = row(1, "One", until(), 0);
    let text = format!(
        "{HEAD}{good}\
         2,Home,Direct,Air,,2020-01-01,soon,2020-03-01,2020-03-01,One\n\
         3,Home,Direct,Air,,2020-01-01,2020-03-01,2020-02-30,,One\n\
         4,Home,Direct,Air,Pre-PQ Process,Date Not Captured,2020-03-01,,,One\n\
         5,Home,Direct,Air,,2020-05-01,2020-03-01,2020-03-02,,One\n"
    );
    let read = file::read(&text).unwrap();
    let ids: Vec<&str> = read.deliveries.iter().map(|one| &*one.id).collect();
    assert_eq!(ids, ["1", "3", "4", "5"], "one without a day of promise is left out");
    let bad: Vec<(usize, &str)> = read.bad.iter().map(|bad| (bad.row, &*bad.what)).collect();
    assert_eq!(bad.len(), 3, "{bad:?}");
    assert!(bad[0].0 == 2 && bad[0].1.contains("\"soon\""), "{bad:?}");
    assert!(bad[1].0 == 3 && bad[1].1.contains("2020-02-30"), "{bad:?}");
    assert!(bad[2].0 == 5 && bad[2].1.contains("ordered on 2020-05-01"), "{bad:?}");
    let slips: Vec<Option<i32>> = read.deliveries.iter().map(Delivery::slip).collect();
    assert_eq!(slips, [Some(0), None, None, Some(1)]);
    assert!(matches!(file::read(HEAD), Err(file::FileError::Empty)));
    let missing = file::read("id,country\n1,Home\n").unwrap_err().to_string();
    assert!(missing.contains("fulfill_via"), "{missing}");
}
