//! The index against a naive reading of the same orders.

use super::filter::{FilterRow, Matcher, parse};
use super::*;
use crate::domain::{Aside, LineClass, OrderLine, Span, UnitPrice, Zone};
use proptest::prelude::*;
use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};

const NOON: &str = "2026-03-10T12:00:00Z";

fn at(text: &str) -> Timestamp {
    Timestamp::parse(text, &Zone::utc()).unwrap()
}

fn line(sku: &str, qty: &str) -> OrderLine {
    OrderLine {
        sku: Sku::new(sku),
        class: if sku == "POST" { LineClass::Charge } else { LineClass::Product },
        qty: Qty::parse(qty).unwrap(),
        cancelled: Qty::ZERO,
        price: UnitPrice { e4: 10_000, currency: Currency::GBP },
    }
}

fn order(number: &str, placed: &str, lines: &[(&str, &str)]) -> Order {
    Order {
        key: OrderKey { feed: FeedId::new("shop"), number: OrderNo::new(number) },
        kind: OrderKind::Sale,
        status: OrderStatus::Open,
        placed_at: at(placed),
        updated_at: at(placed),
        shipped_at: None,
        site: SiteId::main(),
        customer: Some(CustomerRef::new("c-7f3a")),
        country: Some(Country::new("GB")),
        total: Money { minor: 1_250, currency: Currency::GBP },
        aside: Aside::default(),
        lines: lines.iter().map(|(sku, qty)| line(sku, qty)).collect(),
    }
}

/// The marks of the tests: rows by their number.
struct ByNumber;

impl Marks for ByNumber {
    fn pinned(&self, row: Row) -> bool {
        row.is_multiple_of(3)
    }
    fn short(&self, row: Row) -> bool {
        row % 4 == 1
    }
    fn noted(&self, row: Row) -> bool {
        row % 5 == 2
    }
    fn acked(&self, row: Row) -> bool {
        row % 7 == 3
    }
}

/// An order read without the index.
struct Plain<'a> {
    row: Row,
    order: &'a Order,
    names: &'a BTreeMap<&'static str, &'static str>,
    late_before: Timestamp,
}

impl FilterRow for Plain<'_> {
    fn text(&self, field: &str) -> Option<Cow<'_, str>> {
        let text = match field {
            "customer" => self.order.customer.as_ref()?.as_str(),
            "site" => self.order.site.as_str(),
            "country" => self.order.country.as_ref()?.as_str(),
            "feed" => self.order.key.feed.as_str(),
            "number" => self.order.key.number.as_str(),
            "status" => self.order.status.word(),
            "kind" => match self.order.kind {
                OrderKind::Sale => "sale",
                OrderKind::Return => "return",
                OrderKind::Adjustment => "adjustment",
            },
            _ => return None,
        };
        Some(text.into())
    }
    fn number(&self, field: &str) -> Option<f64> {
        match field {
            "units" => Some(self.order.units().to_f64()),
            "lines" => Some(self.order.lines.len() as f64),
            "value" => Some(self.order.total.minor as f64 / 100.0),
            _ => None,
        }
    }
    fn flag(&self, flag: &str) -> bool {
        let open = self.order.status.is_to_ship();
        match flag {
            "open" => open,
            "held" => self.order.status == OrderStatus::Held,
            "late" => open && self.order.placed_at < self.late_before,
            "short" => ByNumber.short(self.row),
            "pinned" => ByNumber.pinned(self.row),
            "noted" => ByNumber.noted(self.row),
            "acked" => ByNumber.acked(self.row),
            "return" => self.order.kind == OrderKind::Return,
            _ => false,
        }
    }
    fn time(&self, field: &str) -> Option<Timestamp> {
        (field == "placed").then_some(self.order.placed_at)
    }
    fn any_text(&self, field: &str, test: &mut dyn FnMut(&str) -> bool) -> bool {
        let mut skus = self.order.lines.iter().map(|line| line.sku.as_str());
        match field {
            "sku" => skus.any(test),
            "name" => skus.filter_map(|sku| self.names.get(sku).copied()).any(test),
            _ => self.text(field).is_some_and(|text| test(&text)),
        }
    }
    fn any_number(&self, field: &str, test: &mut dyn FnMut(f64) -> bool) -> bool {
        match field {
            "qty" => self.order.lines.iter().any(|line| test(line.qty.to_f64())),
            _ => self.number(field).is_some_and(test),
        }
    }
}

fn names() -> BTreeMap<&'static str, &'static str> {
    BTreeMap::from([
        ("85123A", "WHITE HANGING HEART T-LIGHT HOLDER"),
        ("22423", "Regency cakestand 3 tier"),
        ("茶-1", "緑茶 Été"),
    ])
}

fn index_of(orders: &[Order]) -> OrderIndex {
    let mut index = OrderIndex::default();
    for (row, order) in orders.iter().enumerate() {
        index.put(row as Row, order);
    }
    for (sku, name) in names() {
        index.set_name(&Sku::new(sku), name);
    }
    index
}

fn numbers(index: &OrderIndex, filter: &str, sort: Sort) -> Vec<String> {
    let filter = parse(filter, &FIELDS, at(NOON), &Zone::utc()).unwrap();
    let rows = index.select(&filter, &sort, &ByNumber);
    rows.iter().map(|row| index.row(*row).unwrap().key.number.to_string()).collect()
}

fn found(index: &OrderIndex, filter: &str) -> String {
    numbers(index, filter, Sort::default()).join(" ")
}

fn sample() -> OrderIndex {
    let mut french = order("1003", "2026-03-10T09:00:00Z", &[("22423", "250"), ("POST", "1")]);
    french.country = Some(Country::new("France"));
    french.status = OrderStatus::Shipped;
    french.shipped_at = Some(at("2026-03-10T11:00:00Z"));
    let mut back = order("C1004", "2026-03-10T11:30:00Z", &[("85123A", "-6")]);
    back.kind = OrderKind::Return;
    back.status = OrderStatus::Refunded;
    back.country = None;
    back.customer = None;
    let mut tea = order("1005", "2026-03-10T11:59:00Z", &[("茶-1", "0.25")]);
    tea.site = SiteId::new("leeds");
    tea.status = OrderStatus::Held;
    tea.total.minor = 9_000_000_000;
    index_of(&[
        order("1001", "2026-02-28T08:00:00Z", &[("85123A", "6"), ("22423", "1")]),
        order("1002", "2026-03-09T23:59:59Z", &[("85123B", "100")]),
        french,
        back,
        tea,
    ])
}

#[test]
fn every_operator_finds_what_it_says() {
    let index = sample();
    for (filter, expected) in [
        ("", "1005 C1004 1003 1002 1001"),
        ("sku:85123", "C1004 1002 1001"),
        ("SKU:\"85123a\"", "C1004 1001"),
        ("sku:85123A qty:>5", "1001"),
        ("!sku:85123", "1005 1003"),
        ("!!sku:85123", "C1004 1002 1001"),
        ("name:heart", "C1004 1001"),
        ("name:\"cakestand 3\"", "1003 1001"),
        ("name:été", "1005"),
        ("\"hanging heart\"", "C1004 1001"),
        ("cakstand", "1003 1001"),
        ("country:uk", "1005 1002 1001"),
        ("!country:uk", "C1004 1003"),
        ("country:fr,gb", "1005 1003 1002 1001"),
        ("uk", "1005 1002 1001"),
        ("site:LEE", "1005"),
        ("feed:sho !held", "C1004 1003 1002 1001"),
        ("number:100", "1005 1003 1002 1001"),
        ("no:c10", "C1004"),
        ("number:\"1001\"", "1001"),
        ("004", "C1004"),
        ("status:ship", "1003"),
        ("status:held,refunded", "1005 C1004"),
        ("kind:ret", "C1004"),
        ("qty:100", "1002"),
        ("qty:0.25", "1005"),
        ("qty:<0", "C1004"),
        ("qty:6..100", "1002 1001"),
        ("qty:..0", "C1004"),
        ("qty:1,250", "1003 1001"),
        ("units:>=250", "1003"),
        ("lines:2", "1003 1001"),
        ("value:>1m", "1005"),
        ("value:<=12.5", "C1004 1003 1002 1001"),
        ("placed:today", "1005 C1004 1003"),
        ("placed:yesterday", "1002"),
        ("placed:2026-02-28", "1001"),
        ("placed:2026-02", "1001"),
        ("placed:>2026-02-28", "1005 C1004 1003 1002"),
        ("placed:<2026-03-09", "1001"),
        ("placed:<=2026-03-09", "1002 1001"),
        ("placed:2026-02-28..2026-03-09", "1002 1001"),
        ("placed:<2h", "1005 C1004"),
        ("placed:>1d", "1001"),
        ("is:open", "1005 1002 1001"),
        ("is:held", "1005"),
        ("is:late", "1001"),
        ("is:return", "C1004"),
        ("is:pinned", "C1004 1001"),
        ("is:short,noted", "1003 1002"),
        ("7f3", "1005 1003 1002 1001"),
        ("customer:c-7 !is:open", "1003"),
        ("nothinglikeit", ""),
        ("qty:>", "1005 C1004 1003 1002 1001"),
        ("!qty:> is:held", "1005"),
    ] {
        assert_eq!(found(&index, filter), expected, "{filter}");
    }
}

#[test]
fn an_error_says_where_and_what_is_known() {
    let error = |text: &str| parse(text, &FIELDS, at(NOON), &Zone::utc()).unwrap_err().to_string();
    assert!(
        error("é sjte:x")
            .starts_with("At character 3: there is no field `sjte`, did you mean `site`?")
    );
    assert!(error("foo:1").contains("sku, name, customer"));
    assert!(error("qty:many").contains("`many` is no number; write qty:5"));
    assert!(error("status:lost").contains("known are pending, open"));
    assert!(error("is:lat is:lte").contains("did you mean is:late?"));
    assert!(error("placed:soon").contains("placed:today"));
    assert!(error("placed:2026-13-40").starts_with("At character 8"));
}

#[test]
fn what_is_not_typed_to_its_end_is_told_and_hides_nothing() {
    for text in [
        "qty:",
        "qty:>",
        "qty:..",
        "placed:2026-0",
        "placed:tod",
        "is:",
        "is:la",
        "!",
        "sku:",
        "\"",
        "units:-",
    ] {
        let filter = parse(text, &FIELDS, at(NOON), &Zone::utc()).unwrap();
        assert_eq!(filter.incomplete().collect::<Vec<_>>(), vec![0..text.len()], "{text}");
        assert!(filter.is_everything(), "{text}");
    }
    let filter = parse("held qty:>", &FIELDS, at(NOON), &Zone::utc()).unwrap();
    assert!(!filter.is_everything());
    assert_eq!(filter.incomplete().collect::<Vec<_>>(), vec![5..10]);
}

#[test]
fn a_new_version_replaces_the_old_one() {
    let mut index = sample();
    let before = index.counts();
    let mut changed = order(
        "1001",
        "2026-03-10T11:45:00Z",
        &[("22423", "2"), ("A", "1.5"), ("B", "7"), ("C", "9")],
    );
    changed.status = OrderStatus::Shipped;
    changed.total.minor = -5_000_000_000;
    index.put(0, &changed);
    assert_eq!(found(&index, ""), "1005 1001 C1004 1003 1002");
    assert_eq!(found(&index, "sku:85123A"), "C1004");
    assert_eq!(index.row(0).unwrap().total.minor, -5_000_000_000);
    assert_eq!(index.row(0).unwrap().units.to_string(), "19.5");
    let after = index.counts();
    assert_eq!((after.orders, after.lines), (before.orders, before.lines + 2));
    assert_eq!((after.to_ship, after.held), (before.to_ship - 1, 1));
    changed.lines.truncate(1);
    changed.lines[0].cancelled = Qty::units(1);
    index.put(0, &changed);
    assert_eq!(index.row(0).unwrap().units, Qty::units(1));
    assert_eq!(index.lines(0).collect::<Vec<_>>(), [("22423", Qty::units(2))]);
    assert_eq!(index.find(&changed.key), Some(0));
    assert_eq!(index.len(), 5);
}

#[test]
fn rows_put_late_or_out_of_order_stand_where_they_belong() {
    let mut index = OrderIndex::default();
    index.put(70_000, &order("b", "2026-03-02", &[("X", "1")]));
    index.put(2, &order("late", "2026-03-01", &[("X", "1")]));
    index.put(70_001, &order(&"n".repeat(90), "2026-03-03", &[("X", "1")]));
    index.put(70_002, &order("a", "2026-03-01", &[("X", "1")]));
    let rows = index.select(&filter::Filter::everything(&FIELDS), &Sort::default(), &Unmarked);
    assert_eq!(rows, [70_001, 70_000, 70_002, 2]);
    assert_eq!(found(&index, "number:nnn").len(), 90);
    assert_eq!(found(&index, "ATE"), "late");
    assert_eq!(found(&index, "!number:b").matches(' ').count(), 2);
    assert_eq!(index.find(&order("late", NOON, &[]).key), Some(2));
    assert_eq!(index.row(5), None);
    let between = index.placed_between(at("2026-03-01T00:00:00Z"), at("2026-03-03T00:00:00Z"));
    assert_eq!(between.collect::<Vec<_>>(), [2, 70_002, 70_000]);
}

#[test]
fn sorting_keeps_equal_rows_newest_first_both_ways() {
    let index = sample();
    let by = |name: &str, descending| {
        let column = Column::parse(name).unwrap();
        numbers(&index, "", Sort { column, descending }).join(" ")
    };
    assert_eq!(by("placed", false), "1001 1002 1003 C1004 1005");
    assert_eq!(by("number", false), "1001 1002 1003 1005 C1004");
    assert_eq!(by("lines", true), "1003 1001 1005 C1004 1002");
    assert_eq!(by("lines", false), "1005 C1004 1002 1003 1001");
    assert_eq!(by("status", false), "1002 1001 1005 1003 C1004");
    assert_eq!(by("value", true), "1005 C1004 1003 1002 1001");
    assert_eq!(by("units", false), "C1004 1005 1001 1002 1003");
    assert_eq!(by("country", false), "1003 1005 1002 1001 C1004");
    assert_eq!(by("site", true), "C1004 1003 1002 1001 1005");
    assert_eq!(by("customer", false), "1005 1003 1002 1001 C1004");
    let sort = Sort { column: Column::Lines, descending: true };
    let everything = filter::Filter::everything(&FIELDS);
    assert_eq!(index.first(&everything, &sort, &Unmarked, 2), [2, 0]);
}

#[test]
fn other_rooms_get_what_they_ask() {
    let index = sample();
    assert_eq!(index.of_customer(&CustomerRef::new("c-7f3a"), 2), [4, 2]);
    assert_eq!(index.wanting(&Sku::new("85123A"), 9), [(0, Qty::units(6))]);
    assert_eq!(index.open_rows().collect::<Vec<_>>(), [0, 1, 4]);
    let key = |sku: &str| (Sku::new(sku), SiteId::main());
    let ask = HashMap::from([
        (key("22423"), at("2026-03-10T10:00:00Z")),
        (key("85123B"), at("2026-03-09T00:00:00Z")),
        (key("unheard"), at("2026-03-09T00:00:00Z")),
    ]);
    let sales = index.sales_after(&ask);
    let after = |ordered, shipped| SalesAfter {
        ordered: Qty::units(ordered),
        shipped: Qty::units(shipped),
    };
    assert_eq!(sales[&key("22423")], after(0, 250));
    assert_eq!(sales[&key("85123B")], after(100, 0));
    assert_eq!(sales[&key("unheard")], after(0, 0));
    let day = (at("2026-02-28"), at("2026-03-01"));
    let count = |qty| {
        let who = CustomerRef::new("c-7f3a");
        index.count_same_day(
            &who,
            &Sku::new("85123A"),
            &SiteId::main(),
            day.0,
            day.1,
            Qty::units(qty),
        )
    };
    assert_eq!((count(6), count(5), count(-6)), (1, 0, 0));
}

#[test]
fn an_order_of_very_many_lines_is_whole() {
    let many: Vec<(&str, &str)> = vec![("X", "1"); 70_000];
    let mut index = index_of(&[order("1", NOON, &[("Y", "1")]), order("2", NOON, &many)]);
    index.put(2, &order("3", NOON, &[("Z", "5000")]));
    assert_eq!(index.row(1).unwrap().units, Qty::units(70_000));
    assert_eq!(found(&index, "lines:70000"), "2");
    assert_eq!(found(&index, "sku:Z qty:5000"), "3");
}

fn any_order() -> impl Strategy<Value = Order> {
    let sku = prop::sample::select(vec!["85123A", "85123B", "22423", "茶-1", "POST"]);
    let qty = prop::sample::select(vec!["1", "6", "100", "-6", "0.25", "9000"]);
    let lines = prop::collection::vec((sku, qty), 0..4);
    let who = prop::option::of(prop::sample::select(vec!["c-7f3a", "c-90AB", "é-1"]));
    let country = prop::option::of(prop::sample::select(vec!["GB", "United Kingdom", "FR", "US"]));
    let status = prop::sample::select(OrderStatus::ALL.to_vec());
    let kind = prop::sample::select(block::KINDS.to_vec());
    let site = prop::sample::select(vec!["main", "leeds"]);
    let total = prop::sample::select(vec![0, 1_250, -300, 99_999, 9_000_000_000]);
    let placed = 0_i64..20 * 86_400;
    (lines, who, country, status, kind, site, total, placed).prop_map(
        |(lines, who, country, status, kind, site, total, placed)| {
            let mut order = order("", NOON, &lines);
            order.placed_at = at("2026-02-20") + Span::seconds(placed);
            order.customer = who.map(CustomerRef::new);
            order.country = country.map(Country::new);
            order.total.minor = total;
            (order.status, order.kind, order.site) = (status, kind, SiteId::new(site));
            order
        },
    )
}

fn any_filter() -> impl Strategy<Value = String> {
    let term = prop::sample::select(vec![
        "sku:85123",
        "sku:\"85123A\"",
        "name:heart",
        "heart",
        "\"T-LIGHT\"",
        "cakstnd",
        "été",
        "customer:c-",
        "90ab",
        "é",
        "uk",
        "country:us,uk",
        "country:\"GB\"",
        "site:le",
        "main",
        "shop",
        "number:n1",
        "n2",
        "é1",
        "10",
        "status:s",
        "held",
        "kind:return",
        "qty:>5",
        "qty:0.25",
        "units:<0",
        "units:6..200",
        "lines:0,3",
        "value:12.5",
        "value:>=1k",
        "placed:today",
        "placed:>2026-03-01",
        "placed:<30h",
        "placed:2026-02",
        "is:open",
        "is:late",
        "is:pinned",
        "is:short,noted",
        "is:return",
        "qty:>",
        "none such",
    ]);
    let terms = prop::collection::vec((any::<bool>(), term), 1..4);
    terms.prop_map(|terms| {
        let terms =
            terms.iter().map(|(not, term)| format!("{}{term}", if *not { "!" } else { "" }));
        terms.collect::<Vec<_>>().join(" ")
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn the_columns_agree_with_a_plain_reading(
        mut orders in prop::collection::vec(any_order(), 1..80),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any_order()), 0..20),
        text in any_filter(),
        loaded in any::<bool>(),
    ) {
        let number = |row: usize| OrderNo::new(format!("{}{row}", if row % 7 == 3 { "é" } else { "N" }));
        let keyed = |(row, order): (usize, &mut Order)| order.key.number = number(row);
        orders.iter_mut().enumerate().for_each(keyed);
        let mut index = index_of(&[]);
        let half = orders.len() / 2;
        if loaded {
            index.load(orders[..half].iter().enumerate().map(|(i, o)| (i as Row, o)));
        }
        for (row, order) in orders.iter().enumerate().skip(if loaded { half } else { 0 }) {
            index.put(row as Row, order);
        }
        for (at, mut change) in changes {
            let row = at.index(orders.len());
            change.key.number = number(row);
            index.put(row as Row, &change);
            orders[row] = change;
        }
        let filter = parse(&text, &FIELDS, at(NOON), &Zone::utc()).unwrap();
        let names = names();
        let mut matcher = Matcher::new(&filter);
        let mut expected: Vec<Row> = (0..orders.len() as Row)
            .filter(|row| {
                let order = &orders[*row as usize];
                matcher.matches(&Plain { row: *row, order, names: &names, late_before: filter.late_before() })
            })
            .collect();
        expected.sort_by_key(|row| std::cmp::Reverse((orders[*row as usize].placed_at, *row)));
        prop_assert_eq!(index.select(&filter, &Sort::default(), &ByNumber), &expected[..]);
        let few = index.first(&filter, &Sort::default(), &ByNumber, 3);
        prop_assert_eq!(few, &expected[..expected.len().min(3)]);
        for (column, descending) in [(Column::Number, false), (Column::Value, true), (Column::Placed, false)] {
            let sort = Sort { column, descending };
            let all = index.select(&filter, &sort, &ByNumber);
            prop_assert_eq!(index.first(&filter, &sort, &ByNumber, 4), &all[..all.len().min(4)]);
            prop_assert_eq!(all.len(), expected.len());
        }
        let open = orders.iter().filter(|order| order.status.is_to_ship()).count();
        prop_assert_eq!(index.counts().to_ship, open);
        prop_assert_eq!(index.counts().lines, orders.iter().map(|o| o.lines.len()).sum::<usize>());
        for (row, order) in orders.iter().enumerate() {
            prop_assert_eq!(index.find(&order.key), Some(row as Row));
            let summary = index.row(row as Row).unwrap();
            prop_assert_eq!((summary.units, summary.total), (order.units(), order.total));
        }
    }

    #[test]
    fn no_text_makes_it_panic(text in r#"[a-z:"!<>=.,0-9é 茶-]{0,24}|.{0,24}"#) {
        let filter = parse(&text, &FIELDS, at(NOON), &Zone::utc());
        if let Ok(filter) = filter {
            sample().select(&filter, &Sort::default(), &ByNumber);
        }
    }

    #[test]
    fn no_value_of_a_field_makes_it_panic(
        field in prop::sample::select(vec!["qty", "placed", "value", "country", "number", "is", "status"]),
        value in r#"[<>=]{0,2}[0-9a-z.:T-]{0,14}"#,
    ) {
        let _ = parse(&format!("{field}:{value}"), &FIELDS, at(NOON), &Zone::utc());
    }
}
