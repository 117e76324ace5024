//! The sample's cases: orders by the dozen, a feed, stock, one of each state; rules, a customer's past,
//! and how the network learns.

use super::{ago, now, order_rows, pounds, price};
use crate::domain::*;
use crate::engine::api::*;
use crate::insight::anomaly::RAISING;
use crate::insight::anomaly::rules::RULES;

const fn case(kind: CaseKind, number: u64) -> CaseId {
    CaseId { kind, number }
}

/// The queue: what waits, and after it, where all are asked for, what does not.
pub fn case_rows(which: Cases) -> Vec<CaseRow> {
    use CaseKind as K;
    let all = [
        (case(K::Order, 1_121), 0.97, 118_000, "20 orders, guests, 11 minutes", "burst", 20),
        (case(K::Order, 1_098), 0.88, 84_000, "order shop/580031", "price", 1),
        (case(K::Feed, 3), 0.81, 31_250, "marketplace-north", "silent-feed", 0),
        (case(K::Order, 1_119), 0.62, 10_200, "order shop/580044", "quantity", 1),
        (case(K::Stock, 7), 0.55, 46_000, "急須-300@LEEDS", "phantom-stock", 0),
        (case(K::Order, 1_117), 0.21, 4_800, "2 orders, one customer, 3 minutes", "duplicate", 2),
        (case(K::Order, 1_044), 0.77, 20_900, "order shop/579410", "destination", 1),
        (case(K::Order, 1_031), 0.93, 7_700, "5 orders, one customer, 12 days", "returns", 5),
    ];
    let shown = if which == Cases::All { all.len() } else { all.len() - 2 };
    let rows = all.into_iter().enumerate().take(shown);
    rows.map(|(i, (case, severity, stake, what, cause, orders))| {
        let last =
            [None, None, None, None, None, None, Some(snooze()), Some(verdict(CaseAct::Hold))];
        CaseRow {
            case,
            state: match i {
                6 => CaseState::Snoozed,
                7 => CaseState::Decided,
                _ => CaseState::Open,
            },
            what: what.into(),
            cause: cause.into(),
            reason: said(cause).into(),
            severity,
            at_stake: pounds(stake),
            since: ago(Span::minutes([11, 12, 174, 60, 600, 121, 2_880, 4_320][i])),
            latest: ago(Span::minutes([1, 12, 0, 60, 0, 118, 2_880, 4_000][i])),
            over: None,
            urgency: severity * stake as f64,
            orders,
            undecided: if i == 7 { 0 } else { orders },
            stoppable: if i == 7 { 0 } else { orders },
            held: 0,
            under_way: 0,
            within: None,
            assigned: (i == 1).then(|| "jo".into()),
            snoozed_until: (i == 6).then(|| now() + Span::hours(5)),
            viewers: match i {
                0 => vec!["mei".into()],
                3 => vec!["jo".into()],
                _ => Vec::new(),
            },
            last: last.into_iter().nth(i).flatten(),
        }
    })
    .collect()
}

/// What a rule says, in its own words.
fn said(rule: &str) -> &'static str {
    match rule {
        "burst" => {
            "burst: 19 small orders of new or unnamed customers in the 15 minutes before; usual are 1.30"
        }
        "price" => {
            "price: 22423 at 0.11, 100 times less than the usual 10.95; the nearest price ever paid is 9.95"
        }
        "silent-feed" => "silence: no order since 23 Nov 04:10, where 6.25 are usual by 06:20",
        "quantity" => {
            "quantity: 480 of 22423, 10 times the usual 48; the most ever ordered by anybody is 240, the \
             most this customer took is 48; 48 may have been meant"
        }
        "phantom-stock" => {
            "phantom stock: 38 in stock and not one sold in 12 days, where 14 were expected"
        }
        "duplicate" => {
            "duplicate: 100 % of its lines came from this customer or address 3 minutes before"
        }
        "destination" => {
            "destination: goes to LT, the bill to GB, a country new for this customer, a new address; goods worth 209"
        }
        "returns" => {
            "refunds: return number 5 of this customer in 14 days, 92 % of what was bought comes back"
        }
        "hoarding" => "hoarding: 36 of 22423 are 80 % of a week of what everybody buys (45 a week)",
        "copied-basket" => {
            "duplicate: 100 % of its lines came from another customer 40 seconds before"
        }
        "basket" => {
            "basket: goods worth 394, 2.10 spreads above this customer's usual and 1.80 above everybody's"
        }
        _ => "hour: 3:00 has 4 of 10,000 orders",
    }
}

fn verdict(act: CaseAct) -> CaseDeed {
    CaseDeed {
        entry: 38,
        who: "jo".into(),
        at: ago(Span::hours(60)),
        act,
        orders: 5,
        taken_back: false,
    }
}

fn snooze() -> CaseDeed {
    CaseDeed { orders: 0, ..verdict(CaseAct::Snooze(now() + Span::hours(5))) }
}

/// How many wait.
pub fn counts() -> FlagCounts {
    FlagCounts {
        open: 6,
        urgent: 3,
        unassigned: 5,
        snoozed: 1,
        spent: 0,
        orders: 24,
        at_stake: Some(pounds(294_250)),
        quiet: None,
        scoring: Scoring::Network(4),
    }
}

/// One case, all of it.
pub fn detail(case: CaseId) -> Option<CaseDetail> {
    let mut row = case_rows(Cases::All).into_iter().find(|row| row.case == case)?;
    let is_order = case.kind == CaseKind::Order;
    if case.number == 1_119 {
        // Whoever opens it looks at it, too.
        row.viewers.push("mei".into());
    }
    let reason = |rule: &str, muted| FlagReason {
        rule: rule.into(),
        text: said(rule).into(),
        cost: row.at_stake,
        sku: None,
        muted,
    };
    let others: &[&str] =
        if is_order { &["hoarding", "copied-basket", "basket", "hour"] } else { &[] };
    let mut reasons = vec![reason(&row.cause, false)];
    reasons.extend(others.iter().map(|rule| reason(rule, *rule == "hour")));
    let orders = order_rows(48).into_iter().take(row.orders as usize);
    let orders: Vec<FlaggedRow> = orders
        .enumerate()
        .map(|(i, order)| FlaggedRow {
            order,
            score: row.severity - i as f64 * 0.02,
            at_stake: pounds(5_900),
            reasons: vec![reason(&row.cause, false)],
            verdict: (row.undecided == 0).then(|| verdict(CaseAct::Hold)),
            told: (row.undecided == 0).then(|| "held by the store".into()),
        })
        .collect();
    let like = |number, what: &str, act: CaseAct, likeness| SimilarCase {
        case: self::case(CaseKind::Order, number),
        likeness,
        what: what.into(),
        cause: "burst".into(),
        since: ago(Span::days(9)),
        ended: verdict(act.clone()),
        endings: vec![(act, 5)],
    };
    let note = CaseDeed {
        at: ago(Span::minutes(4)),
        orders: 0,
        who: "mei".into(),
        ..verdict(CaseAct::Note("rang the shop: no campaign runs, 宣伝なし".into()))
    };
    Some(CaseDetail {
        reasons,
        subject: match case.kind {
            CaseKind::Feed => Some(CaseSubject::Feed(FeedId::new("marketplace-north"))),
            CaseKind::Stock => {
                Some(CaseSubject::Sku(Sku::new("急須-300"), Some(SiteId::new("LEEDS"))))
            }
            _ => None,
        },
        history: vec![note.clone()],
        notes: vec![note],
        similar: match is_order {
            true => vec![
                like(871, "17 orders, guests, 9 minutes", CaseAct::Cancel, 0.94),
                like(520, "12 orders, SKU 22423, 40 minutes", CaseAct::Release, 0.88),
                like(318, "30 orders, guests, 14 minutes", CaseAct::Cancel, 0.83),
            ],
            false => Vec::new(),
        },
        customer: is_order.then(|| CustomerRef::new("c-7f31a0")),
        account: None,
        sku: is_order.then(|| Sku::new("22423")),
        orders,
        row,
    })
}

/// The past of a customer or a SKU.
pub fn past(of: &PastOf) -> FlagPast {
    let flagged = |i: usize| match i % 5 {
        1 => (Some(0.62), Some(case(CaseKind::Order, 1_119))),
        3 => (Some(0.08), None),
        _ => (Some(0.01), None),
    };
    let newest = order_rows(18).into_iter().enumerate().map(|(i, order)| {
        let (score, case) = flagged(i);
        OrderOfPast { units: order.units, order, score, case }
    });
    FlagPast {
        of: of.clone(),
        orders: 212,
        first: Some(ago(Span::days(611))),
        value: Some(pounds(4_120_550)),
        usual_units: (24.0, 96.0),
        usual_price: matches!(of, PastOf::Sku(_)).then(|| price(109_500)),
        newest: newest.collect(),
    }
}

/// Some of the rules: one off, one tested, one muted and set otherwise.
pub fn rules() -> Vec<RuleRow> {
    let of_orders =
        RULES.iter().map(|rule| (rule.name, CaseKind::Order, rule.about, rule.usual(), rule.unit));
    let raising =
        RAISING.iter().map(|rule| (rule.name, rule.kind, rule.about, rule.threshold, rule.unit));
    let all: Vec<_> = of_orders.chain(raising).collect();
    let names = [
        "quantity",
        "price",
        "burst",
        "duplicate",
        "destination",
        "returns",
        "hour",
        "phantom-stock",
        "silent-feed",
    ];
    let known = names.iter().filter_map(|name| all.iter().find(|rule| rule.0 == *name));
    let rows = known.enumerate();
    rows.map(|(i, &(rule, kind, about, usual, unit))| RuleRow {
        rule: rule.into(),
        kind,
        about: about.into(),
        on: i != 6,
        threshold: if i == 4 { 3.5 } else { usual },
        usual,
        unit: unit.into(),
        spoke: [31, 12, 44, 9, 17, 6, 0, 3, 1][i],
        right: [(9, 14), (7, 8), (3, 3), (4, 9), (2, 6), (1, 1), (0, 0), (1, 2), (1, 1)][i],
        mutes: u64::from(i == 4),
        test: (i == 3).then(|| RuleTest {
            rule: rule.into(),
            kind,
            threshold: usual,
            from: ago(Span::days(56)),
            at: ago(Span::hours(1)),
            looked_at: 3_402,
            spoke: 12,
            a_week: 1.5,
            flagged: 5,
            decided: (4, 1),
            latest: order_rows(3).into_iter().map(|order| order.key).collect(),
            cases: Vec::new(),
        }),
    })
    .collect()
}

/// Two mutes, one of which is over.
pub fn mutes() -> Vec<MuteRow> {
    let row = |entry, of, hours, on| MuteRow {
        entry,
        who: "mei".into(),
        at: ago(Span::days(3)),
        rule: "destination".into(),
        of,
        until: now() + Span::hours(hours),
        reason: "moves house, told by phone".into(),
        on,
    };
    vec![
        row(31, MuteOf::Customer(CustomerRef::new("c-7f31a0")), 96, true),
        row(12, MuteOf::Sku(Sku::new("急須-300")), -400, false),
    ]
}

/// Half a year of precision, three versions.
pub fn learning() -> FlagLearning {
    let first = Day::parse("2026-05-25").unwrap();
    let week = |n: i32| FlagWeek {
        monday: first.plus(7 * n),
        raised: 12 + (n as u64 * 5) % 9,
        wrong: 3 + (n as u64 / 5) + (n as u64 * 3) % 3,
        right: 6_u64.saturating_sub(n as u64 / 5),
    };
    let version = |version, decisions, better| FlagVersion {
        version,
        in_use: version == 4,
        made: ago(Span::days(60 - 14 * i64::from(version))),
        orders: 41_200,
        decisions,
        better,
    };
    FlagLearning {
        scoring: Scoring::Network(4),
        versions: vec![
            version(4, 96, Some((0.611, 0.702))),
            version(3, 41, Some((0.580, 0.611))),
            version(1, 0, None),
        ],
        before: Some(3),
        decided: (118, 64),
        last: Some("14 Nov: learnt from 96 decisions; average precision of the later ones 0.702, 0.611 before".into()),
        weeks: (0..26).map(week).collect(),
    }
}

/// What was handed over.
pub fn handover(since: Timestamp) -> Handover {
    let rows = case_rows(Cases::All);
    Handover {
        since,
        until: now(),
        opened: rows.iter().take(4).cloned().collect(),
        decided: rows.iter().filter_map(|row| Some((row.clone(), row.last.clone()?))).collect(),
        open: case_rows(Cases::Queue),
        lapsed: Vec::new(),
        by: vec![("jo".into(), 2)],
        rules: Vec::new(),
    }
}
