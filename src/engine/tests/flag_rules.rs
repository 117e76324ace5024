//! Rules that raise flags: tested on the past, and held against what the catalogue says.

use super::flags::{arrived, history, sale, scorer, usual};
use super::*;
use crate::domain::CaseKind;
use crate::engine::Cancel;
use crate::engine::api::*;

/// What a rule would have said of so many weeks.
pub(super) fn test(
    house: &House,
    rule: &str,
    weeks: u16,
    from: Option<Threshold>,
) -> Result<RuleTest, Refusal> {
    crate::engine::flags::test_rule(house, rule, weeks, from, &Cancel::default())
}

#[test]
fn rules_about_feeds_are_tested_on_the_past_and_what_is_not_kept_is_said() {
    let dir = tempfile::tempdir().unwrap();
    let house = house(dir.path());
    // Ten weeks of orders that end a week ago, and an evening ten days ago whose prices are in pence.
    history(&house, 70);
    let pence = (0..14).map(|n| {
        let mut order = usual(n, -10 * 24 * 60 + 300 + n);
        order.key = key(&format!("P{n}"));
        order.lines.iter_mut().for_each(|line| line.price.e4 *= 100);
        Record::Order(order)
    });
    tell(&house, at(-7 * 24 * 60), pence.collect());
    let unit = test(&house, "unit-change", 3, None).unwrap();
    assert_eq!((unit.kind, unit.spoke), (CaseKind::Feed, 1), "{unit:?}");
    assert!(unit.cases[0].contains("100 times the usual"), "{:?}", unit.cases);
    let silent = test(&house, "silent-feed", 2, None).unwrap();
    assert_eq!(silent.spoke, 1, "{silent:?}");
    assert_eq!(test(&house, "schema-drift", 3, None).unwrap().spoke, 0);
    assert_eq!(test(&house, "rate-drift", 3, None).unwrap().spoke, 0, "too few a day to tell");
    for (rule, why) in [
        ("phantom-stock", "does not keep what stock and costs were"),
        ("quantit", "one of quantity, unit"),
    ] {
        let refused = test(&house, rule, 3, None).unwrap_err().message;
        assert!(refused.contains(why), "{refused}");
    }
}

#[test]
fn a_price_is_held_against_the_list_price_in_the_orders_currency() {
    let dir = tempfile::tempdir().unwrap();
    let house = house(dir.path());
    history(&house, 30);
    let product = |sku: &str, currency: &str| {
        let price = UnitPrice { e4: 1_900, currency: Currency::parse(currency).unwrap() };
        Record::Product(Product { price: Some(price), ..Product::bare(sku.into()) })
    };
    let mut scorer = scorer(&house);
    tell(&house, at(-40), vec![product("NEW-1", "GBP"), product("NEW-2", "EUR")]);
    // Neither was ever sold; both cost a multiple of 0.19.
    let orders = [("DEAR", "C3", "NEW-1"), ("ABROAD", "C4", "NEW-2")];
    let orders =
        orders.map(|(number, who, sku)| Record::Order(sale(number, -35, who, &[(sku, 2)])));
    tell(&house, at(-30), orders.to_vec());
    arrived(&house, &mut scorer);
    let book = house.flags.book.read();
    let rules = |number: &str| -> Vec<String> {
        let flag = book.of_order(&key(number));
        flag.iter().flat_map(|flag| &flag.reasons).map(|one| one.rule.to_string()).collect()
    };
    assert_eq!(rules("DEAR").first().map(String::as_str), Some("list-price"));
    let dear = book.of_order(&key("DEAR")).unwrap();
    assert!(dear.score >= 0.2 && dear.reasons[0].text.contains("list price of 0.19"), "{dear:?}");
    assert_eq!(dear.reasons[0].sku, Some("NEW-1".into()));
    assert!(!rules("ABROAD").contains(&"list-price".to_owned()), "{:?}", rules("ABROAD"));
}
