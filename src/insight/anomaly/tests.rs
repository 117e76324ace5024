//! What must hold of the detection as a whole.

use super::made::{DAYS, START, item, models, parts, sale, text};
use super::order::{DAY, Kind, Line};
use super::rule_book::RuleBook;
use super::rules::RULES;
use super::{Flag, Memory, Order, Watch};

fn watch(past: &[Order]) -> Watch {
    let mut watch = Watch::new(models());
    past.iter().for_each(|order| watch.learn(order));
    watch
}

fn same(one: &[Flag], other: &[Flag]) {
    for (a, b) in one.iter().zip(other) {
        assert_eq!(a.order, b.order);
        assert!((a.score - b.score).abs() < 1e-6, "{}: {} and {}", a.order, a.score, b.score);
        assert_eq!((a.case, a.cause, a.reasons.len()), (b.case, b.cause, b.reasons.len()));
    }
}

#[test]
fn a_prefix_is_scored_as_the_whole_up_to_there_and_one_by_one_as_all_at_once() {
    let (past, later) = parts();
    let whole = watch(&past).orders(&later).unwrap();
    assert_eq!(whole.len(), later.len());
    let prefix = watch(&past).orders(&later[..later.len() / 3]).unwrap();
    same(&prefix, &whole);
    let mut one = watch(&past);
    let singly: Vec<Flag> = later.iter().map(|order| one.order(order).unwrap()).collect();
    same(&singly, &whole);
}

#[test]
fn what_comes_later_changes_nothing_said_before() {
    let (past, mut later) = parts();
    let before = watch(&past).orders(&later).unwrap();
    let half = later.len() / 2;
    for order in &mut later[half..] {
        order.lines.iter_mut().for_each(|line| line.qty *= 50.0);
        order.ship = text("Elsewhere");
    }
    same(&watch(&past).orders(&later).unwrap()[..half], &before[..half]);
}

#[test]
fn the_order_of_lines_and_of_strangers_at_one_moment_changes_nothing() {
    let (past, later) = parts();
    let usual = watch(&past).order(&later[0]).unwrap();
    let mut turned = later[0].clone();
    turned.lines.reverse();
    let turned = watch(&past).order(&turned).unwrap();
    assert!((usual.score - turned.score).abs() < 1e-4, "{} {}", usual.score, turned.score);
    // Two customers with nothing in common, in the same second.
    let at = START + DAYS * DAY + 12 * 3600;
    let one = sale(at, "customer 1", &[("item 2", 12.0, 0.85), ("item 3", 2.0, 4.95)]);
    let two = sale(at, "customer 30", &[("item 35", 6.0, 1.25), ("item 36", 1.0, 2.10)]);
    let scores = |first: &Order, second: &Order| {
        let flags = watch(&past).orders(&[first.clone(), second.clone()]).unwrap();
        (flags[0].score, flags[1].score)
    };
    let (a, b) = scores(&one, &two);
    let (d, c) = scores(&two, &one);
    assert!((a - c).abs() < 0.02 && (b - d).abs() < 0.02, "{a} {b}, {c} {d}");
}

#[test]
fn escapes_odd_numbers_and_ten_thousand_lines_are_handled() {
    let (past, _) = parts();
    let mut watch = watch(&past);
    let at = START + DAYS * DAY + 12 * 3600;
    let mut order = sale(at, "\u{1b}]0;owned\u{7}\u{1b}[2J", &[("\u{1b}[31mred\u{9b}", 1e4, 1.0)]);
    order.ship = text("\u{1b}[2J\r\nnowhere");
    let flag = watch.order(&order).unwrap();
    let all: String = flag.reasons.iter().map(|reason| reason.text.as_str()).collect();
    assert!(!all.chars().any(char::is_control), "{all:?}");

    for number in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, -5.0, 0.0, 1e300, 1e-300] {
        let odd = sale(at, "customer 1", &[("item 1", number, 2.10), ("item 2", 12.0, number)]);
        let flag = watch.order(&odd).unwrap();
        assert!(flag.score.is_finite() && flag.cost.is_finite(), "{number}");
    }
    let none = sale(at, "customer 1", &[]);
    assert!(watch.order(&none).unwrap().score.is_finite());

    let lines = (0..10_000).map(|number| {
        let (sku, price, pack) = item(number % 40);
        Line { sku: text(&sku), qty: pack, price, list: None }
    });
    let mut long = sale(at, "customer 1", &[]);
    long.lines = lines.collect();
    let start = std::time::Instant::now();
    let flag = watch.order(&long).unwrap();
    assert!(flag.score.is_finite() && flag.reasons.len() <= super::reasons::MOST);
    assert!(start.elapsed().as_secs() < 10, "{:?}", start.elapsed());
}

/// What each rule is made for, after the shop's past.
fn example(rule: &str, at: i64) -> Vec<Order> {
    let usual: &[(&str, f64, f64)] =
        &[("item 2", 12.0, 0.85), ("item 3", 2.0, 4.95), ("item 5", 6.0, 1.25)];
    let with = |lines: &[(&str, f64, f64)]| sale(at, "customer 1", lines);
    let by = |factor: f64, price: f64| -> Vec<(&str, f64, f64)> {
        usual.iter().map(|&(sku, qty, was)| (sku, qty * factor, was * price)).collect()
    };
    let mut order;
    match rule {
        "quantity" => vec![with(&[("item 2", 1200.0, 0.85), ("item 3", 2.0, 4.95)])],
        "unit" => vec![with(&by(12.0, 1.0))],
        "price" => vec![with(&[("item 2", 12.0, 8.5), ("item 3", 2.0, 4.95)])],
        "list-price" => {
            order = with(&[("never sold", 1.0, 120.0), ("item 3", 2.0, 4.95)]);
            order.lines[0].list = Some(12.0);
            vec![order]
        }
        "discount" => vec![with(&by(1.0, 0.3))],
        "duplicate" => vec![with(usual), sale(at + 600, "customer 1", usual)],
        "copied-basket" => vec![
            with(&[usual, &[("item 7", 2.0, 0.85)]].concat()),
            sale(at + 600, "customer 31", &[usual, &[("item 7", 2.0, 0.85)]].concat()),
        ],
        "burst" => (0..9)
            .map(|n| sale(at + n * 40, &format!("stranger {n}"), &[("item 2", 1.0, 0.85)]))
            .collect(),
        "velocity" => (0..6i16)
            .map(|n| {
                let number = f64::from(n + 1);
                sale(at + i64::from(n) * 500, "customer 1", &[("item 2", number, 0.85)])
            })
            .collect(),
        "shared-address" => (0..5)
            .map(|n| {
                let mut order = sale(at + n * 9000, &format!("customer {n}"), usual);
                order.address = Some(text("one door"));
                order
            })
            .collect(),
        "hoarding" => vec![with(&[("item 2", 700.0, 0.85)])],
        "destination" => {
            let many: Vec<String> = (0..12).map(|n| item(n).0).collect();
            let lines = many.iter().enumerate();
            let lines: Vec<(&str, f64, f64)> =
                lines.map(|(n, sku)| (sku.as_str(), item(n).2 * 2.0, item(n).1)).collect();
            order = with(&lines);
            (order.ship, order.address) = (text("Faraway"), Some(text("a new door")));
            vec![order]
        }
        "account-takeover" => {
            let many: Vec<String> = (0..12).map(|n| item(n).0).collect();
            let lines = many.iter().enumerate();
            let lines: Vec<(&str, f64, f64)> =
                lines.map(|(n, sku)| (sku.as_str(), item(n).2 * 2.0, item(n).1)).collect();
            order = with(&lines);
            order.customer = Some(text("a thief"));
            (order.elsewhere, order.address) = (true, Some(text("a new door")));
            vec![order]
        }
        "new-account" => {
            let many: Vec<String> = (0..20).map(|n| item(n).0).collect();
            let lines: Vec<(&str, f64, f64)> =
                many.iter().enumerate().map(|(n, s)| (s.as_str(), 24.0, item(n).1)).collect();
            vec![sale(at, "nobody yet", &lines)]
        }
        "hour" => vec![sale(at.div_euclid(DAY) * DAY + 3 * 3600, "customer 1", usual)],
        "basket" => {
            let many: Vec<String> = (0..40).map(|n| item(n).0).collect();
            let lines: Vec<(&str, f64, f64)> = many
                .iter()
                .enumerate()
                .map(|(n, sku)| (sku.as_str(), item(n).2 * 6.0, item(n).1))
                .collect();
            vec![with(&lines)]
        }
        "returns" => (0..6)
            .flat_map(|n| {
                let bought = sale(at + n * DAY, "customer 1", usual);
                let mut back = sale(at + n * DAY + 7200, "customer 1", usual);
                back.kind = Kind::Return;
                [bought, back]
            })
            .collect(),
        "unbought" => {
            order = with(&[("item 39", 40.0, 12.75)]);
            order.kind = Kind::Return;
            vec![order]
        }
        "note" => {
            order = with(usual);
            order.note = Some(text("<script>x()</script>"));
            vec![order]
        }
        "number" => vec![with(&[("item 2", -1.0, 0.85), ("item 3", 2.0, 4.95)])],
        other => panic!("no example for {other}"),
    }
}

#[test]
fn every_rule_speaks_of_its_example_and_hardly_ever_of_the_usual() {
    let (past, later) = parts();
    let mut known = Memory::new();
    past.iter().for_each(|order| known.learn(order));
    let at = START + (DAYS - 20) * DAY + 12 * 3600;
    for rule in RULES {
        let mut memory = known.clone();
        let mut strength = f32::NEG_INFINITY;
        for order in example(rule.name, at) {
            strength = (rule.strength)(&memory.look(&order));
            memory.learn(&order);
        }
        assert!(strength >= rule.threshold, "{} says {strength}", rule.name);
    }
    let tested = RuleBook::default().tested(&[past, later.clone()].concat(), later[0].at);
    for rule in tested {
        let share = rule.orders as f64 / later.len() as f64;
        assert!(share < 0.05, "{} speaks of {share} of usual orders", rule.rule);
    }
}

#[test]
fn an_item_without_a_past_is_held_against_its_list_price() {
    let (past, _) = parts();
    let at = START + (DAYS - 20) * DAY + 12 * 3600;
    let known = watch(&past);
    let said = |sku: &str, price: f64, list: Option<f64>| {
        let mut order = sale(at, "customer 1", &[(sku, 1.0, price), ("item 3", 2.0, 4.95)]);
        order.lines[0].list = list;
        known.clone().order(&order).unwrap()
    };
    let named = |flag: &Flag| flag.reasons.iter().any(|reason| reason.rule == "list-price");
    let (none, same) = (said("never sold", 12.0, None), said("never sold", 12.0, Some(12.0)));
    assert!((none.score - same.score).abs() < 1e-9, "no list price changes nothing");
    for price in [120.0, 1.2] {
        let off = said("never sold", price, Some(12.0));
        let reason = &off.reasons[0];
        assert!(off.score >= 0.2 && off.score > 4.0 * none.score, "{} at {price}", off.score);
        assert!(
            reason.text.contains("list price of 12.00") && reason.line == Some(0),
            "{reason:?}"
        );
        assert!((reason.cost - (price - 12.0).abs()).abs() < 1e-3, "{reason:?}");
        assert!(!named(&said("never sold", price, None)));
    }
    // Three times the list price may be a special, and what is always sold so is no mistake.
    assert!(!named(&said("never sold", 36.0, Some(12.0))));
    assert!(!named(&said("item 2", 0.85, Some(85.0))), "it is sold at this price all the time");
}

#[test]
fn a_reason_is_said_only_where_its_number_and_its_subject_are_there() {
    let (past, later) = parts();
    let (mut known, mut memory) = (watch(&past), Memory::new());
    past.iter().for_each(|order| memory.learn(order));
    let (mut said, mut by_account) = (0, 0);
    for (place, order) in later.iter().take(150).enumerate() {
        let mut order = order.clone();
        match place % 4 {
            0 => order.lines.iter_mut().for_each(|line| line.qty *= 12.0),
            1 => (order.customer, order.account) = (None, None),
            2 => (order.bill, order.ship) = (text(""), text("")),
            // Its account tells whose it is.
            _ => order.customer = None,
        }
        let look = memory.look(&order);
        memory.learn(&order);
        for reason in known.order(&order).unwrap().reasons {
            let rule = RULES.iter().find(|rule| rule.name == reason.rule);
            if let Some(rule) = rule {
                let strength = (rule.strength)(&look);
                assert!(strength >= rule.threshold, "{strength} says: {}", reason.text);
            }
            let of_customer = reason.text.contains("this customer");
            assert!(!of_customer || order.account.is_some(), "{}", reason.text);
            by_account += usize::from(of_customer && order.customer.is_none());
            let of_country = reason.text.contains("a country new");
            assert!(!of_country || !order.ship.is_empty(), "{}", reason.text);
            assert!(!reason.text.contains("is -"), "{}", reason.text);
            said += 1;
        }
    }
    assert!(said > 100 && by_account > 0, "{said} reasons, {by_account} by account");
}

#[test]
fn a_country_that_nobody_told_is_none() {
    let (past, _) = parts();
    let mut memory = Memory::new();
    past.iter().for_each(|order| memory.learn(order));
    let at = START + DAYS * DAY + 12 * 3600;
    let mut order = sale(at, "customer 1", &[("item 2", 12.0, 0.85)]);
    (order.bill, order.ship) = (text(""), text(""));
    let facts = memory.look(&order).facts;
    assert_eq!((facts.country_new, facts.mismatch, facts.ship_rarity), (0.0, 0.0, 0.0));
    let mut first = sale(at, "somebody new", &[("item 2", 12.0, 0.85)]);
    first.ship = text("");
    memory.learn(&first);
    let second = sale(at + DAY, "somebody new", &[("item 2", 12.0, 0.85)]);
    assert_eq!(memory.look(&second).facts.country_new, 0.0, "none was known before");
    order.ship = text("Nowhere");
    assert_eq!(memory.look(&order).facts.country_new, 1.0);
}

#[test]
fn what_a_terminal_would_obey_in_a_note_is_mild_alone() {
    let (past, later) = parts();
    let known = watch(&past);
    let plain = |order: &&Order| known.clone().order(order).unwrap().score < 0.01;
    let usual = later.iter().find(plain).unwrap();
    let score = |note: Option<&str>| {
        let order = Order { note: note.map(text), ..usual.clone() };
        let by_rules = Watch::new(std::sync::Arc::new(super::models::Models::rules_alone()));
        [known.clone(), by_rules].map(|mut watch| watch.order(&order).unwrap().score)
    };
    let plain = score(None);
    for note in ["[31;1mURGENT[0m deliver before Friday", "\u{1b}[31;1mURGENT\u{1b}[0m"] {
        let mild = score(Some(note));
        assert!(
            mild.iter().zip(plain).all(|(mild, plain)| plain < *mild && *mild < 0.4),
            "{mild:?}"
        );
    }
    let grave = score(Some("x' OR '1'='1' --"));
    assert!(grave.iter().all(|grave| *grave > 0.4), "{grave:?}");
}

#[test]
fn a_rule_that_is_off_says_nothing() {
    let (past, _) = parts();
    let order = &example("price", START + DAYS * DAY + 12 * 3600)[0];
    let spoke = |flag: &Flag| flag.reasons.iter().any(|reason| reason.rule == "price");
    assert!(spoke(&watch(&past).order(order).unwrap()));
    let mut book = RuleBook::default();
    assert!(book.switch("price", false) && !book.switch("no such rule", false));
    let mut silent = watch(&past);
    silent.go_by(book);
    assert!(!spoke(&silent.order(order).unwrap()));
}

#[test]
fn the_score_grows_with_what_is_wrong_and_is_low_for_what_is_usual() {
    let (past, later) = parts();
    let sales: Vec<&Order> =
        later.iter().filter(|order| order.kind == Kind::Sale).take(60).collect();
    let mean = |change: &dyn Fn(&mut Order)| {
        let known = watch(&past);
        let scores = sales.iter().map(|&order| {
            let mut changed = order.clone();
            change(&mut changed);
            known.clone().order(&changed).unwrap().score
        });
        scores.sum::<f64>() / sales.len() as f64
    };
    let by = |factor: f64| {
        mean(&move |order: &mut Order| order.lines.iter_mut().for_each(|l| l.qty *= factor))
    };
    let (one, four, fifty) = (by(1.0), by(4.0), by(50.0));
    assert!(one < four && four < fifty, "{one} {four} {fifty}");
    assert!(one < 0.1, "usual orders get {one}");
    assert!(fifty > 0.5, "fifty times as much gets {fifty}");
    let price = mean(&|order: &mut Order| order.lines[0].price *= 60.0);
    assert!(price > 0.4, "a price of sixty times gets {price}");
}

#[test]
fn a_burst_is_one_case_and_what_is_usual_is_none() {
    let (past, _) = parts();
    let mut watch = watch(&past);
    let at = START + (DAYS - 20) * DAY + 12 * 3600;
    let burst: Vec<Order> = (0..30)
        .map(|n| sale(at + n * 20, &format!("stranger {n}"), &[("item 2", 1.0, 0.85)]))
        .collect();
    let flags = watch.orders(&burst).unwrap();
    let last: std::collections::BTreeSet<u64> = flags[15..].iter().map(|flag| flag.case).collect();
    assert_eq!(last.len(), 1, "{last:?}");
    let case = watch.cases().case(flags[29].case).unwrap();
    assert!(case.orders >= 15 && case.score >= flags[29].score);
}

#[test]
fn a_storm_is_a_handful_of_cases() {
    let (past, _) = parts();
    let mut watch = watch(&past);
    let at = START + (DAYS - 20) * DAY + 10 * 3600;
    // A feed loses the decimal point of every price.
    let storm: Vec<Order> = (0..2000)
        .map(|n: i64| {
            let place = n as usize;
            let (one, two) = (item(place % 40), item((place + 7) % 40));
            let lines =
                [(one.0.as_str(), one.2, one.1 * 100.0), (two.0.as_str(), two.2, two.1 * 100.0)];
            sale(at + n * 5, &format!("customer {}", n * 7 % 1000), &lines)
        })
        .collect();
    let flags = watch.orders(&storm).unwrap();
    let cases: std::collections::BTreeSet<u64> =
        flags.iter().filter(|flag| flag.score > 0.5).map(|flag| flag.case).collect();
    assert!(flags.iter().filter(|flag| flag.score > 0.5).count() > 1000);
    assert!(cases.len() <= 25, "{} cases", cases.len());
}

#[test]
fn decisions_are_learnt_from() {
    let (past, later) = parts();
    let flags = watch(&past).orders(&later).unwrap();
    // Somebody decides that what goes abroad is wrong, which nobody would have guessed.
    let decided: Vec<super::order_model::Decided> = flags
        .iter()
        .zip(&later)
        .map(|(flag, order)| super::order_model::Decided {
            row: flag.row.clone(),
            wrong: *order.ship == *"Abroad",
        })
        .collect();
    let how = super::order_model::Tuning { steps: 300, ..Default::default() };
    let tuned = models().tuned(&decided, how).unwrap();
    let mut after = watch(&past);
    after.read_with(std::sync::Arc::new(tuned));
    let again = after.orders(&later).unwrap();
    let mean = |flags: &[Flag], abroad: bool| {
        let of = flags.iter().zip(&later).filter(|(_, o)| (*o.ship == *"Abroad") == abroad);
        let scores: Vec<f64> = of.map(|(flag, _)| flag.score).collect();
        scores.iter().sum::<f64>() / scores.len() as f64
    };
    let rise = mean(&again, true) - mean(&flags, true);
    assert!(rise > 0.1 && mean(&again, false) < 0.1, "rises by {rise}");
}

#[test]
fn models_that_were_kept_say_the_same() {
    let (past, later) = parts();
    let kept = models().kept().unwrap();
    let again = super::models::Models::from_kept(&kept).unwrap();
    let mut other = watch(&past);
    other.read_with(std::sync::Arc::new(again));
    same(&other.orders(&later).unwrap(), &watch(&past).orders(&later).unwrap());
    let mut old = kept.clone();
    old.made_for.push('x');
    assert!(super::models::Models::from_kept(&old).is_err());
    let mut broken = kept;
    broken.orders.1[0].layers[0].0.pop();
    assert!(super::models::Models::from_kept(&broken).is_err());
}

#[test]
fn a_short_past_is_refused() {
    let (past, _) = parts();
    let fit = super::order_model::Fit::default();
    let error = super::models::Models::fit(&past[..100], fit).unwrap_err();
    assert!(error.to_string().contains("too few"), "{error}");
}
