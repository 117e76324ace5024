//! What the cursor points at: what Enter opens, what `y` copies, what a decision is about.

use super::place::{Goal, Place};
use super::words;
use crate::domain::{
    Allocation, Approval, Day, Measure, MuteOf, OrderKey, SiteId, Sku, Subject, Whose,
};
use crate::engine::api::{
    CaseRow, ForecastRow, JournalRow, Lasts, OrderRef, OrderRow, OrderSoFar, Plan, QuarantineRow,
    ReorderRow, RunningOut, StockRow, Waiting, WaitingPlace,
};
use crate::feed::FeedStatus;
use crate::plan::replenish::Proposal;

/// Something that can be selected on a screen.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Target {
    /// Tells it from its neighbours; also what `y` copies.
    pub key: String,
    /// What a note, pin or acknowledgement on it is about.
    pub subject: Option<Subject>,
    /// The SKU that stock decisions on it are about.
    pub sku: Option<Sku>,
    /// The site that they are about.
    pub site: Option<SiteId>,
    /// What Enter opens.
    pub goal: Option<Goal>,
    /// The journal entry it is.
    pub seq: Option<u64>,
    /// Whether it is pinned.
    pub pinned: bool,
    /// The line that approving it would order, or why it cannot be approved.
    pub order: Option<Result<Box<Approval>, String>>,
    /// What is expected of that line.
    pub outlook: Option<Outlook>,
    /// The order to the supplier that such a line would be a part of, as it stands.
    pub so_far: Option<OrderSoFar>,
    /// The case it is, for decisions about cases.
    pub case: Option<Box<CaseRow>>,
    /// What would bring inbound goods, stock and need together, or why it cannot be decided about.
    pub measure: Option<Result<Box<Measure>, String>>,
    /// The decision that accepts what is proposed for shipping it, or why it cannot be accepted.
    pub ship: Option<Result<Box<Allocation>, String>>,
    /// Who looks at it now.
    pub viewers: Vec<Box<str>>,
    /// What the row showed, in words and numbers; kept in the journal with a decision.
    pub saw: String,
}

/// When a proposed line is to be ordered, and what it can and cannot help.
#[derive(Clone, Debug, PartialEq)]
pub struct Outlook {
    /// From whom, by name.
    pub supplier: Box<str>,
    /// The day on which it is planned to be ordered.
    pub order: Day,
    /// Whether the supplier takes orders on that weekday.
    pub weekly: bool,
    /// The chance that it runs short before it comes, 0 to 1.
    pub before: f64,
    /// The same after that, before the next order comes.
    pub after: f64,
    /// What is to be known of it, in short.
    pub notes: Vec<Box<str>>,
    /// Whether what can be bought is far more than is needed.
    pub far_more: bool,
}

impl Outlook {
    fn of(row: &ReorderRow, line: &Proposal) -> Self {
        Outlook {
            supplier: row.supplier_name.clone().unwrap_or_else(|| line.supplier.as_str().into()),
            order: line.order,
            weekly: !line.any_day && line.next.number() - line.order.number() == 7,
            before: line.risk_before,
            after: line.with.risk,
            notes: line.notes.iter().map(|note| note.in_short(words::date).into()).collect(),
            far_more: line.is_far_more(),
        }
    }
}

/// Where an order is shown.
pub fn order_place(key: &OrderKey) -> Place {
    Place::Order(OrderRef { feed: Some(key.feed.clone()), number: key.number.clone() })
}

impl From<&OrderRow> for Target {
    fn from(row: &OrderRow) -> Target {
        let short = if row.short { ", short" } else { "" };
        Target {
            key: row.key.number.to_string(),
            subject: Some(Subject::Order(row.key.clone())),
            site: Some(row.site.clone()),
            goal: Some(Goal::to(order_place(&row.key))),
            pinned: row.pinned,
            saw: format!(
                "order {} {}, {} lines, {} units, {} {}{short}",
                row.key,
                row.status.word(),
                row.lines,
                row.units,
                row.total,
                row.total.currency,
            ),
            ..Target::default()
        }
    }
}

impl From<&StockRow> for Target {
    fn from(row: &StockRow) -> Target {
        let known = |qty: Option<crate::domain::Qty>| {
            qty.map_or_else(|| "unknown".to_owned(), |qty| qty.to_string())
        };
        let cover = row.days_of_cover.map(|days| format!(", {days:.1} d cover"));
        Target {
            key: row.sku.to_string(),
            subject: Some(Subject::Sku(row.sku.clone())),
            sku: Some(row.sku.clone()),
            site: Some(row.site.clone()),
            goal: Some(Goal::to(Place::Sku(row.sku.clone()))),
            pinned: row.pinned,
            saw: format!(
                "{} at {}: on hand {}, promised {}, available {}, coming {}{}",
                row.sku,
                row.site,
                known(row.on_hand),
                row.committed,
                known(row.available),
                row.on_order,
                cover.unwrap_or_default(),
            ),
            ..Target::default()
        }
    }
}

impl From<&ForecastRow> for Target {
    fn from(row: &ForecastRow) -> Target {
        let stock = Target::from(&row.stock);
        let lasts = match &row.lasts {
            Some(Lasts { until: Some(day), risk, .. }) => {
                format!("runs out {day}, {:.0} % within 28 d", 100.0 * risk)
            }
            Some(Lasts { risk, .. }) => format!("{:.0} % out within 28 d", 100.0 * risk),
            None => "stock unknown".into(),
        };
        let saw = format!(
            "{}; forecast {:.1} a day, 28 d {:.0} (90 %: {:.0}), {lasts}",
            stock.saw,
            row.daily,
            row.expected(),
            row.high
        );
        Target { saw, ..stock }
    }
}

impl From<&ReorderRow> for Target {
    fn from(row: &ReorderRow) -> Target {
        let stock = Target::from(&row.stock);
        let told = match &row.plan {
            Plan::Blocked(blocked) => format!("cannot be planned: {blocked}"),
            Plan::Proposed(line) => {
                let value = line.with.value.map_or_else(
                    || "cost unknown".to_owned(),
                    |value| format!("{value} {}", value.currency),
                );
                let lacks = row.waits_for.map(|lacks| {
                    format!(", {lacks} {} below the supplier's minimum", lacks.currency)
                });
                format!(
                    "order {} from {}, {value}, comes {}, short without it {:.0} %, with it {:.0} %{}",
                    line.qty,
                    line.supplier,
                    line.due,
                    100.0 * line.without.risk,
                    100.0 * line.with.risk,
                    lacks.unwrap_or_default()
                )
            }
        };
        let order = match (&row.plan, &row.approved) {
            (_, Some(one)) => Err(format!("{} approved {} already", one.who, one.qty)),
            (Plan::Blocked(blocked), _) => Err(blocked.to_string()),
            (Plan::Proposed(line), _) => Ok(Box::new(Approval {
                sku: row.stock.sku.clone(),
                site: row.stock.site.clone(),
                supplier: Some(line.supplier.clone()),
                qty: line.qty,
                cost: line.cost,
                due: Some(line.due),
                suggested: Some(line.suggestion()),
            })),
        };
        let saw = format!("{}; {told}", stock.saw);
        let outlook = row.plan.proposal().map(|line| Outlook::of(row, line));
        let (so_far, viewers) = (row.order.clone(), row.viewers.clone());
        Target { saw, order: Some(order), outlook, so_far, viewers, ..stock }
    }
}

impl From<&JournalRow> for Target {
    fn from(row: &JournalRow) -> Target {
        use crate::domain::Decision as D;
        let decision = &row.entry.decision;
        let (subject, sku, site) = match decision {
            D::Note { subject, .. } | D::Pin { subject, .. } | D::Acknowledge { subject, .. } => {
                let sku = match subject {
                    Subject::Sku(sku) => Some(sku.clone()),
                    _ => None,
                };
                (Some(subject.clone()), sku, None)
            }
            D::Receive { sku, site, .. }
            | D::Count { sku, site, .. }
            | D::Uncount { sku, site, .. }
            | D::Adjust { sku, site, .. }
            | D::Transfer { sku, from: site, .. } => {
                (Some(Subject::Sku(sku.clone())), Some(sku.clone()), Some(site.clone()))
            }
            D::Override { sku, site, .. } => {
                (Some(Subject::Sku(sku.clone())), Some(sku.clone()), site.clone())
            }
            D::EndOverride { sku, .. } | D::Countersign { sku, .. } | D::Withdraw { sku, .. } => {
                (Some(Subject::Sku(sku.clone())), Some(sku.clone()), None)
            }
            D::Approve(Approval { sku, site, .. })
            | D::Reject { sku, site, .. }
            | D::Snooze { sku, site, .. } => {
                (Some(Subject::Sku(sku.clone())), Some(sku.clone()), Some(site.clone()))
            }
            D::Allocate(Allocation { order, .. })
            | D::HoldForStock { order, .. }
            | D::Unallocate { order, .. }
            | D::TellShipping { order, .. } => (Some(Subject::Order(order.clone())), None, None),
            D::SendTransfer(order) => {
                let sku = order.sku.clone();
                (Some(Subject::Sku(sku.clone())), Some(sku), Some(order.to.clone()))
            }
            D::Dispatch { sku, to, .. } => {
                (Some(Subject::Sku(sku.clone())), Some(sku.clone()), Some(to.clone()))
            }
            D::TurnDown { measure, .. } => {
                let sku = measure.sku().clone();
                (Some(Subject::Sku(sku.clone())), Some(sku), None)
            }
            D::Flag { orders, .. } => match &**orders {
                [only] => (Some(Subject::Order(only.order.clone())), None, None),
                _ => (None, None, None),
            },
            D::Mute { of: MuteOf::Sku(sku), .. } => {
                (Some(Subject::Sku(sku.clone())), Some(sku.clone()), None)
            }
            D::AskSupplier(_)
            | D::UseModel { .. }
            | D::Unflag { .. }
            | D::Mute { .. }
            | D::EndMute { .. }
            | D::SwitchRule { .. }
            | D::SetThreshold { .. }
            | D::UseFlagModel { .. }
            | D::TellShop { .. }
            | D::Place { .. }
            | D::Tell { .. }
            | D::Resend { .. }
            | D::CancelOrder { .. }
            | D::CloseOrder { .. } => (None, None, None),
            D::Reveal { whose: Whose::Order(order), .. }
            | D::Forget { whose: Whose::Order(order), .. } => {
                (Some(Subject::Order(order.clone())), None, None)
            }
            D::Retract { .. } | D::Reveal { .. } | D::Forget { .. } => (None, None, None),
        };
        let about = subject.as_ref().map(|subject| match subject {
            Subject::Order(key) => order_place(key),
            Subject::Sku(sku) => Place::Sku(sku.clone()),
            Subject::Feed(_) => Place::Feeds,
        });
        let place = match decision {
            D::Place { po, .. }
            | D::Tell { po, .. }
            | D::Resend { po }
            | D::CancelOrder { po, .. }
            | D::CloseOrder { po, .. }
            | D::Dispatch { number: po, .. } => Some(Place::Purchase(po.clone())),
            D::AskSupplier(line) => Some(Place::Purchase(line.po.clone())),
            D::Flag { case, .. } | D::Unflag { case, .. } => Some(Place::Case(*case)),
            D::Mute { .. } | D::EndMute { .. } | D::SwitchRule { .. } | D::SetThreshold { .. } => {
                Some(Place::Rules)
            }
            D::UseFlagModel { .. } => Some(Place::Models),
            _ => about,
        };
        Target {
            key: row.entry.seq.to_string(),
            subject,
            sku,
            site,
            goal: place.map(Goal::to),
            seq: Some(row.entry.seq),
            saw: format!("entry {}: {} {}", row.entry.seq, decision.verb(), decision.summary()),
            ..Target::default()
        }
    }
}

impl From<&QuarantineRow> for Target {
    fn from(row: &QuarantineRow) -> Target {
        Target {
            key: row.seq.to_string(),
            subject: Some(Subject::Feed(row.feed.clone())),
            saw: format!("quarantined {}: {}: {}", row.seq, row.reject.place, row.reject.reason),
            ..Target::default()
        }
    }
}

impl From<&FeedStatus> for Target {
    fn from(feed: &FeedStatus) -> Target {
        Target {
            key: feed.id.to_string(),
            subject: Some(Subject::Feed(feed.id.clone())),
            goal: Some(Goal { place: Place::Quarantine, filter: format!("feed:{}", feed.id) }),
            saw: format!(
                "feed {}: {}, {} an hour, {} errors, {} quarantined",
                feed.id,
                super::freshness::state_word(feed),
                feed.per_hour,
                feed.errors,
                feed.rejected
            ),
            ..Target::default()
        }
    }
}

impl From<&RunningOut> for Target {
    fn from(row: &RunningOut) -> Target {
        let next = row
            .next_delivery_days
            .map_or_else(|| "no delivery due".to_owned(), |d| format!("next delivery in {d:.0} d"));
        Target {
            key: row.sku.to_string(),
            subject: Some(Subject::Sku(row.sku.clone())),
            sku: Some(row.sku.clone()),
            site: Some(row.site.clone()),
            goal: Some(Goal::to(Place::Sku(row.sku.clone()))),
            saw: format!("{} at {} lasts {:.1} d, {next}", row.sku, row.site, row.days),
            ..Target::default()
        }
    }
}

impl From<&Waiting> for Target {
    fn from(row: &Waiting) -> Target {
        let goal = match &row.go {
            WaitingPlace::Orders(filter) => Goal { place: Place::Orders, filter: filter.clone() },
            WaitingPlace::Stock(filter) => Goal { place: Place::Stock, filter: filter.clone() },
            WaitingPlace::Allocation(filter) => {
                Goal { place: Place::Allocation, filter: filter.clone() }
            }
            WaitingPlace::Reorders(filter) => {
                Goal { place: Place::Reorders, filter: filter.clone() }
            }
            WaitingPlace::Purchases(filter) => {
                Goal { place: Place::Purchases, filter: filter.clone() }
            }
            WaitingPlace::Flags(filter) => Goal { place: Place::Flags, filter: filter.clone() },
            WaitingPlace::Feeds => Goal::to(Place::Feeds),
            WaitingPlace::Quarantine => Goal::to(Place::Quarantine),
        };
        Target {
            key: row.what.to_string(),
            goal: Some(goal),
            saw: format!("{} {}", row.count, row.what),
            ..Target::default()
        }
    }
}
