//! The sample's cases: orders by the dozen, a feed, stock, one of each state; rules, a customer's past,
//! and how the network learns.

use super::{ago, now, order_rows, pounds, price};
use crate::domain::*;
use crate::engine::api::*;

const fn case(kind: CaseKind, number: u64) -> CaseId {
    CaseId { kind, number }
}

/// The queue: what waits, and after it, where all are asked for, what does not.
pub fn case_rows(which: Cases) -> Vec<CaseRow> {
    use CaseKind as K;
    let all = [
        (
            case(K::Order, 1_121),
            0.97,
            118_000,
            "20 guest orders, one item, 11 minutes",
            "burst",
            20,
        ),
        (case(K::Order, 1_098), 0.88, 84_000, "price 1/100 of usual on 22 lines", "price", 1),
        (
            case(K::Feed, 3),
            0.81,
            31_250,
            "marketplace-north is silent since 04:10",
            "silent-feed",
            0,
        ),
        (
            case(K::Order, 1_119),
            0.62,
            10_200,
            "quantity ×10 of this customer's largest",
            "quantity",
            1,
        ),
        (
            case(K::Stock, 7),
            0.55,
            46_000,
            "急須-300@LEEDS sells nothing, 38 in stock",
            "phantom-stock",
            0,
        ),
        (case(K::Order, 1_117), 0.21, 4_800, "same basket twice in 3 minutes", "duplicate", 2),
        (
            case(K::Order, 1_044),
            0.77,
            20_900,
            "new address in another country, 03:12",
            "destination",
            1,
        ),
        (
            case(K::Order, 1_031),
            0.93,
            7_700,
            "five returns of whole orders in 12 days",
            "returns",
            5,
        ),
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
            reason: format!("{what}; usual is far from it").into(),
            severity,
            at_stake: pounds(stake),
            since: ago(Span::minutes([11, 12, 174, 60, 600, 121, 2_880, 4_320][i])),
            latest: ago(Span::minutes([1, 12, 0, 60, 0, 118, 2_880, 4_000][i])),
            urgency: severity * stake as f64,
            orders,
            undecided: if i == 7 { 0 } else { orders },
            stoppable: if i == 7 { 0 } else { orders },
            held: 0,
            under_way: 0,
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
    let reason = |rule: &str, text: &str, muted| FlagReason {
        rule: rule.into(),
        text: text.into(),
        cost: row.at_stake,
        sku: None,
        muted,
    };
    let reasons = match case.kind {
        CaseKind::Order => vec![
            reason(&row.cause, "20 orders 03:12–03:23; 1.3 are usual for this hour", false),
            reason("new-customer", "18 of 20 customers are new today", false),
            reason(
                "quantity",
                "all one item (22423), 1–3 units each; 14 are usual of it in a day",
                false,
            ),
            reason("stock", "it would take 83 % of what LEEDS has before the next delivery", false),
            reason("hour", "an hour in which 0.4 % of the orders come", true),
        ],
        _ => vec![reason(&row.cause, &row.what, false)],
    };
    let orders = order_rows(48).into_iter().take(row.orders as usize);
    let orders: Vec<FlaggedRow> = orders
        .enumerate()
        .map(|(i, order)| FlaggedRow {
            order,
            score: row.severity - i as f64 * 0.02,
            at_stake: pounds(5_900),
            reasons: vec![reason(
                "quantity",
                "3 × 22423, the ninth such order in 11 minutes",
                false,
            )],
            verdict: (row.undecided == 0).then(|| verdict(CaseAct::Hold)),
            told: (row.undecided == 0).then(|| "held by the store".into()),
        })
        .collect();
    let like = |number, what: &str, act, likeness| SimilarCase {
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
                like(871, "17 guest orders, one item", CaseAct::Cancel, 0.94),
                like(520, "12 orders, one address", CaseAct::Release, 0.88),
                like(318, "30 guest orders, one item", CaseAct::Cancel, 0.83),
            ],
            false => Vec::new(),
        },
        customer: is_order.then(|| CustomerRef::new("c-7f31a0")),
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
        (order, score, case)
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

/// The rules: one off, one tested, one muted.
pub fn rules() -> Vec<RuleRow> {
    let names = [
        (
            "quantity",
            CaseKind::Order,
            "units of a line against the customer's and the item's own past",
        ),
        ("price", CaseKind::Order, "a price against the item's last ones"),
        ("burst", CaseKind::Order, "orders of one item by new customers in minutes"),
        ("duplicate", CaseKind::Order, "the same basket again"),
        ("destination", CaseKind::Order, "a country or address that is new for the customer"),
        ("returns", CaseKind::Order, "what comes back, against what was bought"),
        ("night-basket", CaseKind::Order, "large baskets at hours in which few orders come"),
        ("phantom-stock", CaseKind::Stock, "stock that is there and sells nothing of its forecast"),
        ("silent-feed", CaseKind::Feed, "a feed that tells less than it usually does"),
    ];
    let rows = names.into_iter().enumerate();
    rows.map(|(i, (rule, kind, about))| RuleRow {
        rule: rule.into(),
        kind,
        about: about.into(),
        on: i != 6,
        threshold: [4.0, 3.0, 6.0, 0.8, 1.0, 0.6, 0.99, 0.95, 5.0][i],
        unit: [
            "spreads",
            "spreads",
            "orders",
            "of the basket",
            "",
            "of what was bought",
            "",
            "",
            "orders",
        ][i]
            .into(),
        spoke: [31, 12, 44, 9, 17, 6, 0, 3, 1][i],
        right: [(9, 14), (7, 8), (3, 3), (4, 9), (2, 6), (1, 1), (0, 0), (1, 2), (1, 1)][i],
        mutes: u64::from(i == 4),
        test: (i == 3).then(|| RuleTest {
            rule: rule.into(),
            from: ago(Span::days(56)),
            at: ago(Span::hours(1)),
            looked_at: 3_402,
            orders: 12,
            a_week: 1.5,
            decided: (4, 1),
            latest: order_rows(3).into_iter().map(|order| order.key).collect(),
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
        by: vec![("jo".into(), 2)],
        rules: Vec::new(),
    }
}
