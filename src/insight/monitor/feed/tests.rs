//! A feed's past, made on purpose, and what is said of it.

use super::search::{Counts, binomial_tail};
use super::*;
use crate::domain::*;
use std::ops::Range;

fn at(order: i64) -> Timestamp {
    Timestamp::from_millis(1_780_000_000_000) + Span::minutes(order * 7)
}

fn sale(n: i64) -> Order {
    let item = n % 5;
    let line = |item: i64, qty: i64| OrderLine {
        sku: Sku::new(format!("S{item}")),
        class: LineClass::Product,
        qty: Qty::units(qty),
        cancelled: Qty::ZERO,
        price: UnitPrice { e4: 10_000 + 3_000 * item, currency: Currency::GBP },
    };
    Order {
        key: OrderKey { feed: FeedId::new("shop"), number: OrderNo::new(n.to_string()) },
        kind: OrderKind::Sale,
        status: OrderStatus::Open,
        placed_at: at(n),
        updated_at: at(n),
        shipped_at: None,
        site: SiteId::main(),
        customer: (n % 4 != 0).then(|| CustomerRef::new(format!("c{n}"))),
        country: Some(Country::new("GB")),
        total: Money { minor: 500, currency: Currency::GBP },
        aside: Aside { noted: n % 9 == 0, ..Aside::default() },
        lines: vec![line(item, 1 + n % 3), line((item + 2) % 5, 2)],
    }
}

/// 300 orders, of which those of a range are changed.
fn past(changed: Range<i64>, change: impl Fn(&mut Order)) -> FeedPast {
    let mut past = FeedPast::new();
    for n in 0..300 {
        let mut order = sale(n);
        if changed.contains(&n) {
            change(&mut order);
        }
        past.order(&order);
    }
    past
}

fn one(past: &FeedPast) -> Episode {
    let all = past.episodes(at(300));
    assert_eq!(all.len(), 1, "{all:?}");
    all[0].clone()
}

#[test]
fn a_usual_feed_says_nothing() {
    assert_eq!(past(0..0, |_| ()).episodes(at(300)), []);
}

#[test]
fn a_field_that_vanishes_and_one_that_appears_are_told_with_their_time() {
    let episode = one(&past(200..220, |order| order.country = None));
    assert_eq!((episode.since, episode.until, episode.orders), (at(200), at(219), 20));
    let numbers: Vec<String> = (200..220).map(|n| n.to_string()).collect();
    let told: Vec<&str> = episode.told.iter().map(|(number, _)| number.as_str()).collect();
    assert_eq!(told, numbers, "each by its number");
    // Order 200: 3 of S0 at 1.00 and 2 of S2 at 1.60.
    assert_eq!(episode.told[0].1, Money { minor: 620, currency: Currency::GBP });
    assert!(episode.reason.contains("without a country"), "{}", episode.reason);
    let nobody = one(&past(200..230, |order| order.customer = None));
    assert!(nobody.reason.contains("whose they are") && nobody.orders >= 24, "{nobody:?}");
    let noted = one(&past(270..300, |order| order.aside.noted = true));
    assert!(noted.reason.contains("with a note"), "{}", noted.reason);
    let said = past(270..300, |order| order.aside.noted = true);
    let raised = said.raised(&FeedId::new("shop"), at(300), &Zone::utc(), Currency::GBP);
    assert_eq!(raised[0].told.orders.len(), noted.told.len(), "what a person decides on");
    assert_eq!(&*raised[0].reasons[1], "it goes on");
    assert_eq!(raised[0].since, noted.since);
    // An hour later in London than in UTC.
    let gone = past(200..220, |order| order.country = None);
    let london = Zone::named("Europe/London").unwrap();
    let told = gone.raised(&FeedId::new("shop"), at(300), &london, Currency::GBP);
    assert_eq!(&*told[0].reasons[1], "it was so until 29 May 22:59");
}

#[test]
fn prices_in_another_currency_or_unit_are_one_episode_and_coming_back_is_none() {
    for (times, word) in [(1.17, "currency"), (100.0, "smaller unit"), (0.1, "decimal")] {
        let episode = one(&past(200..225, |order| {
            for line in &mut order.lines {
                line.price.e4 = (line.price.e4 as f64 * times) as i64;
            }
        }));
        assert_eq!(episode.rule, "unit-change");
        assert!(episode.reason.contains(word), "{}", episode.reason);
        assert!(episode.since >= at(195) && episode.since <= at(203), "{episode:?}");
    }
}

#[test]
fn prices_that_a_part_of_the_customers_always_has_are_no_change_when_some_come_in_a_row() {
    let trade = |order: &mut Order| {
        order.lines.iter_mut().for_each(|line| line.price.e4 = line.price.e4 * 85 / 100);
    };
    // One in seven buys at trade prices; for once eight of them in a row.
    let mut past = FeedPast::new();
    for n in 0..300 {
        let mut order = sale(n);
        if n % 7 == 3 || (280..288).contains(&n) {
            trade(&mut order);
        }
        past.order(&order);
    }
    assert_eq!(past.episodes(at(300)), []);
    let mut longer = FeedPast::new();
    for n in 0..300 {
        let mut order = sale(n);
        if n % 7 == 3 || n >= 275 {
            trade(&mut order);
        }
        longer.order(&order);
    }
    assert_eq!(longer.episodes(at(300)).len(), 1, "all of them for a while are news");
    let all = one(&self::past(280..288, trade));
    assert!(all.reason.contains("1/1.18 times"), "where nobody has them they are news: {all:?}");
}

#[test]
fn packs_for_units_are_told_and_a_sale_of_some_goods_is_not() {
    let packs = one(&past(200..220, |order| {
        order.lines.iter_mut().for_each(|line| line.qty = Qty::units(12 * 2));
    }));
    assert!(packs.reason.contains("quantities") && packs.reason.contains("packs"));
    let cheap = past(200..260, |order| {
        let lines = order.lines.iter_mut().filter(|line| line.sku.as_str() == "S1");
        lines.for_each(|line| line.price.e4 = line.price.e4 * 3 / 4);
    });
    assert_eq!(cheap.episodes(at(300)), []);
}

#[test]
fn rejects_in_a_row_are_told_and_single_ones_are_not() {
    let mut some = past(0..0, |_| ());
    [20, 90, 200].into_iter().for_each(|n| some.reject(at(n)));
    assert_eq!(some.episodes(at(300)), []);
    (260..270).for_each(|n| some.reject(at(n)));
    let episode = one(&some);
    assert!(episode.orders == 10 && episode.reason.contains("quarantine"), "{episode:?}");
    // A history that is read at once tells of months, and single ones are single ones.
    let mut history = past(0..0, |_| ());
    (0..80).for_each(|n| history.reject(at(300) - Span::days(5 * n)));
    assert_eq!(history.episodes(at(300)), []);
}

#[test]
fn what_is_over_for_days_is_no_longer_told() {
    let past = past(200..220, |order| order.country = None);
    assert_eq!(past.episodes(at(300) + Span::days(4)), []);
}

#[test]
fn a_tail_is_the_sum_of_its_chances() {
    assert!((binomial_tail(3, 2, 0.5) - 0.5).abs() < 1e-12);
    assert!((binomial_tail(8, 0, 0.1) - 1.0).abs() < 1e-12);
    assert!(binomial_tail(8, 8, 0.01) < 1e-15);
}

#[test]
fn values_near_one_are_counted_as_if_each_was_looked_at() {
    let value = |n: usize| (!n.is_multiple_of(7)).then_some(((n * 37) % 101) as f32 * 0.03 - 1.5);
    let values: Vec<Option<f32>> = (0..400).map(value).collect();
    let mut counts = Counts::of(&values);
    for (at, value) in values.iter().enumerate() {
        for (near, within) in [(0.0, 0.06), (0.3, 1.2), (-1.5, 0.0), (9.0, 0.5)] {
            let is_near = |one: &&f32| (**one - near).abs() <= within;
            let looked = values[..at].iter().flatten().filter(is_near).count();
            assert_eq!(counts.near(near, within) as usize, looked, "{near} of {at}");
        }
        value.iter().for_each(|value| counts.add(*value));
    }
}
