//! The owner's answers as grids: one place decides each table's columns.

use super::format::{Cell, Grid};
use crate::domain::{Allocation, StockSource, Subject};
use crate::engine::api::*;
use crate::feed::{FeedState, FeedStatus};

/// Orders, a row each.
pub fn orders(rows: &[OrderRow]) -> Grid {
    let mut grid = Grid::new(&[
        "number",
        "feed",
        "placed_at",
        "status",
        "kind",
        "site",
        "customer",
        "country",
        "lines",
        "units",
        "total",
        "currency",
        "short",
        "pinned",
        "notes",
    ]);
    for row in rows {
        grid.push(vec![
            Cell::text(&row.key.number),
            Cell::text(&row.key.feed),
            Cell::text(row.placed_at),
            Cell::text(row.status.word()),
            Cell::text(format!("{:?}", row.kind).to_lowercase()),
            Cell::text(&row.site),
            Cell::or_unknown(row.customer.as_ref(), Cell::text),
            Cell::or_unknown(row.country.as_ref(), Cell::text),
            Cell::number(row.lines),
            Cell::number(row.units),
            Cell::number(row.total),
            Cell::text(row.total.currency),
            Cell::Flag(row.short),
            Cell::Flag(row.pinned),
            Cell::number(row.notes),
        ]);
    }
    grid
}

/// One order, a row a line.
pub fn order_lines(detail: &OrderDetail) -> Grid {
    let mut grid = Grid::new(&[
        "order",
        "status",
        "placed_at",
        "site",
        "customer",
        "sku",
        "name",
        "qty",
        "cancelled",
        "price",
        "currency",
        "on_hand",
        "available",
    ]);
    let order = &detail.order;
    for (line, beside) in order.lines.iter().zip(&detail.lines) {
        grid.push(vec![
            Cell::text(&order.key.number),
            Cell::text(order.status.word()),
            Cell::text(order.placed_at),
            Cell::text(&order.site),
            Cell::or_unknown(order.customer.as_ref(), Cell::text),
            Cell::text(&line.sku),
            Cell::text(&beside.name),
            Cell::number(line.qty),
            Cell::number(line.cancelled),
            Cell::number(line.price),
            Cell::text(line.price.currency),
            Cell::or_unknown(beside.on_hand, Cell::number),
            Cell::or_unknown(beside.available, Cell::number),
        ]);
    }
    grid
}

/// Stock, a row per SKU and site.
pub fn stock(rows: &[StockRow]) -> Grid {
    let mut grid = Grid::new(&[
        "sku",
        "site",
        "name",
        "category",
        "supplier",
        "on_hand",
        "committed",
        "available",
        "on_order",
        "daily",
        "days_of_cover",
        "idle",
        "idle_units",
        "idle_value",
        "as_of",
        "source",
    ]);
    for row in rows {
        let source = row.as_of.as_ref().map(|(_, source)| match source {
            StockSource::Feed(feed) => feed.to_string(),
            StockSource::Count => "count".into(),
        });
        grid.push(vec![
            Cell::text(&row.sku),
            Cell::text(&row.site),
            Cell::text(&row.name),
            Cell::or_unknown(row.category.as_ref(), Cell::text),
            Cell::or_unknown(row.supplier.as_ref(), Cell::text),
            Cell::or_unknown(row.on_hand, Cell::number),
            Cell::number(row.committed),
            Cell::or_unknown(row.available, Cell::number),
            Cell::number(row.on_order),
            Cell::number(format!("{:.2}", row.daily)),
            Cell::or_unknown(row.days_of_cover, |d| Cell::number(format!("{d:.1}"))),
            Cell::or_unknown(row.idle, |idle| Cell::text(idle.idle.name())),
            Cell::or_unknown(row.idle, |idle| Cell::number(idle.units)),
            Cell::or_unknown(row.idle.and_then(|idle| idle.value), Cell::number),
            Cell::or_unknown(row.as_of.as_ref(), |(at, _)| Cell::text(at)),
            Cell::or_unknown(source, Cell::text),
        ]);
    }
    grid
}

/// Daily units of one SKU over all sites.
pub fn sku_demand(detail: &SkuDetail) -> Grid {
    let mut grid = Grid::new(&["sku", "date", "units"]);
    for (i, units) in detail.demand.iter().enumerate() {
        grid.push(vec![
            Cell::text(&detail.product.sku),
            Cell::text(detail.first_day.plus(i as i32)),
            Cell::number(units),
        ]);
    }
    grid
}

/// Feeds.
pub fn feeds(rows: &[FeedStatus]) -> Grid {
    let mut grid = Grid::new(&[
        "feed",
        "kind",
        "state",
        "reason",
        "next_try_in_seconds",
        "heard_seconds_ago",
        "newest",
        "per_hour",
        "records",
        "rejected",
        "errors",
        "last_error",
    ]);
    for row in rows {
        let (state, reason) = match &row.state {
            FeedState::Starting => ("starting".to_owned(), None),
            FeedState::Backfill(p) => {
                let of = p.total.map(|t| format!(" of {t}")).unwrap_or_default();
                (format!("reading {} {}{of}", p.what, p.done), None)
            }
            FeedState::Live => ("live".into(), None),
            FeedState::Retrying { attempts, reason } => {
                (format!("retrying ({attempts})"), Some(reason))
            }
            FeedState::Open { attempts, reason } => (format!("open ({attempts})"), Some(reason)),
            FeedState::Failed { reason } => ("failed".into(), Some(reason)),
            FeedState::Finished => ("finished".into(), None),
        };
        grid.push(vec![
            Cell::text(&row.id),
            Cell::text(&row.kind),
            Cell::text(state),
            Cell::or_unknown(reason, Cell::text),
            Cell::or_unknown(row.next_try_in_ms, |ms| Cell::number(ms / 1000)),
            Cell::or_unknown(row.heard_ms_ago, |ms| Cell::number(ms / 1000)),
            Cell::or_unknown(row.newest, Cell::text),
            Cell::number(row.per_hour),
            Cell::number(row.records),
            Cell::number(row.rejected),
            Cell::number(row.errors),
            Cell::or_unknown(row.last_error.as_ref(), Cell::text),
        ]);
    }
    grid
}

/// The journal.
pub fn journal(rows: &[JournalRow]) -> Grid {
    let mut grid = Grid::new(&[
        "seq",
        "at",
        "wall",
        "user",
        "from",
        "what",
        "decision",
        "subject",
        "saw",
        "undoes",
        "undone_by",
    ]);
    for JournalRow { entry, undone_by } in rows {
        grid.push(vec![
            Cell::number(entry.seq),
            Cell::text(entry.at),
            Cell::text(entry.wall),
            Cell::text(&entry.actor.user),
            Cell::text(&entry.actor.from),
            Cell::text(entry.decision.verb()),
            Cell::text(entry.decision.summary()),
            Cell::or_unknown(subject(entry), Cell::text),
            Cell::text(&entry.saw),
            Cell::or_unknown(entry.undoes, Cell::number),
            Cell::or_unknown(*undone_by, Cell::number),
        ]);
    }
    grid
}

fn subject(entry: &crate::domain::Entry) -> Option<String> {
    use crate::domain::{Approval, Decision, Whose};
    match &entry.decision {
        Decision::Note { subject, .. }
        | Decision::Pin { subject, .. }
        | Decision::Acknowledge { subject, .. } => Some(match subject {
            Subject::Order(key) => format!("order:{}", key.number),
            Subject::Sku(sku) => format!("sku:{sku}"),
            Subject::Feed(feed) => format!("feed:{feed}"),
        }),
        Decision::Receive { sku, .. }
        | Decision::Count { sku, .. }
        | Decision::Uncount { sku, .. }
        | Decision::Adjust { sku, .. }
        | Decision::Transfer { sku, .. }
        | Decision::Override { sku, .. }
        | Decision::EndOverride { sku, .. }
        | Decision::Approve(Approval { sku, .. })
        | Decision::Reject { sku, .. }
        | Decision::Snooze { sku, .. }
        | Decision::Countersign { sku, .. }
        | Decision::Withdraw { sku, .. } => Some(format!("sku:{sku}")),
        Decision::Place { po, .. }
        | Decision::Tell { po, .. }
        | Decision::Resend { po }
        | Decision::CancelOrder { po, .. }
        | Decision::CloseOrder { po, .. } => Some(format!("po:{po}")),
        Decision::AskSupplier(line) => Some(format!("po:{}", line.po)),
        Decision::SendTransfer(order) => Some(format!("sku:{}", order.sku)),
        Decision::Dispatch { sku, .. } => Some(format!("sku:{sku}")),
        Decision::TurnDown { measure, .. } => Some(format!("sku:{}", measure.sku())),
        Decision::UseModel { version, .. } => Some(format!("model:{version}")),
        Decision::Flag { case, .. } | Decision::Unflag { case, .. } => Some(format!("case:{case}")),
        Decision::Mute { rule, .. }
        | Decision::EndMute { rule, .. }
        | Decision::SwitchRule { rule, .. }
        | Decision::SetThreshold { rule, .. } => Some(format!("rule:{rule}")),
        Decision::UseFlagModel { version, .. } => Some(format!("flag-model:{version}")),
        Decision::TellShop { .. } => None,
        Decision::Reveal { whose, .. } | Decision::Forget { whose, .. } => Some(match whose {
            Whose::Customer(customer) => format!("customer:{customer}"),
            Whose::Order(key) => format!("order:{}", key.number),
            Whose::Rejected(seq) => format!("quarantine:{seq}"),
        }),
        Decision::Allocate(Allocation { order, .. })
        | Decision::HoldForStock { order, .. }
        | Decision::Unallocate { order, .. }
        | Decision::TellShipping { order, .. } => Some(format!("order:{}", order.number)),
        Decision::Retract { .. } => None,
    }
}

/// Records in quarantine.
pub fn quarantine(rows: &[QuarantineRow]) -> Grid {
    let mut grid = Grid::new(&["seq", "feed", "at", "place", "reason", "excerpt", "attempts"]);
    for row in rows {
        grid.push(vec![
            Cell::number(row.seq),
            Cell::text(&row.feed),
            Cell::text(row.at),
            Cell::text(&row.reject.place),
            Cell::text(&row.reject.reason),
            Cell::text(&row.reject.excerpt),
            Cell::number(row.attempts),
        ]);
    }
    grid
}

/// Daily demand, a row per series and day.
pub fn demand(series: &[DemandSeries]) -> Grid {
    let mut grid = Grid::new(&["series_id", "date", "qty"]);
    for one in series {
        for (i, units) in one.units.iter().enumerate() {
            grid.push(vec![
                Cell::text(&one.series_id),
                Cell::text(one.first.plus(i as i32)),
                Cell::number(units),
            ]);
        }
    }
    grid
}

/// The owner, a row a fact.
pub fn status(status: &Status) -> Grid {
    let mut grid = Grid::new(&["what", "value"]);
    let mut row = |what: &str, value: String| grid.push(vec![Cell::text(what), Cell::text(value)]);
    row("version", status.version.to_string());
    row("pid", status.pid.to_string());
    row("since", status.since.to_string());
    row("data_dir", status.data_dir.to_string());
    row("kind", format!("{:?}", status.kind).to_lowercase());
    row("domain_time", status.now.to_string());
    row("ready", status.ready.to_string());
    for trouble in &status.trouble {
        row("trouble", trouble.to_string());
    }
    let [orders, lines, skus, positions] = status.counts;
    let counts =
        [("orders", orders), ("order_lines", lines), ("skus", skus), ("positions", positions)];
    for (what, count) in counts {
        // Before the store is loaded nothing has been counted, and unknown is not zero.
        row(what, if status.ready { count.to_string() } else { "unknown".into() });
    }
    let [store, archive, journal] = status.disk;
    row("store_bytes", store.to_string());
    row("archive_bytes", archive.to_string());
    row("journal_bytes", journal.to_string());
    row("journal_entries", status.journal_entries.to_string());
    if let Some(memory) = status.memory {
        row("memory_bytes", memory.to_string());
    }
    if let Some(drift) = &status.drift {
        row("drift", drift.to_string());
    }
    row("consoles", status.consoles.join(", "));
    for work in &status.work {
        let of = work.progress.total.map(|t| format!(" of {t}")).unwrap_or_default();
        let eta = work.eta_s.map(|s| format!(", {s} s left")).unwrap_or_default();
        let value = format!("{} {}{of}{eta}", work.progress.what, work.progress.done);
        row(&format!("work {}", work.id), value);
    }
    grid
}

/// What is proposed to be ordered, a row per SKU and site.
pub fn reorders(rows: &[ReorderRow]) -> Grid {
    let mut grid = Grid::new(&[
        "sku",
        "site",
        "name",
        "supplier",
        "class",
        "state",
        "qty",
        "cost",
        "value",
        "currency",
        "order_on",
        "due",
        "runs_out",
        "risk_before",
        "risk_without",
        "risk_with",
        "reorder_point",
        "order_up_to",
        "position",
        "confidence",
        "note",
    ]);
    for row in rows {
        let line = row.plan.proposal();
        let state = match (&row.plan, &row.approved) {
            (_, Some(_)) => "approved",
            (Plan::Blocked(_), _) => "blocked",
            _ if row.last_time.as_ref().is_some_and(|last| last.quiet) => "quiet",
            _ if row.waits_for.is_some() => "waits",
            _ => "proposed",
        };
        let note = match (&row.plan, row.waits_for, &row.last_time) {
            (Plan::Blocked(blocked), ..) => blocked.to_string(),
            (_, Some(lacking), _) => {
                format!("{lacking} {} below the supplier's minimum", lacking.currency)
            }
            (_, _, Some(last)) if last.quiet => format!("{}: {}", last.who, last.what),
            _ => {
                let notes = line.into_iter().flat_map(|line| &line.notes).map(ToString::to_string);
                let transfers = row
                    .transfers
                    .iter()
                    .map(|one| format!("{} can send {} by {}", one.from, one.qty, one.arrives));
                let last = row.last_time.iter().map(|last| format!("{}: {}", last.who, last.what));
                let transfers = transfers.collect::<Vec<_>>().join(", ");
                let transfers = Some(transfers).filter(|told| !told.is_empty());
                notes.chain(transfers).chain(last).collect::<Vec<_>>().join("; ")
            }
        };
        let value = line.and_then(|line| line.with.value);
        let chance = |risk: f64| Cell::number(format!("{risk:.3}"));
        grid.push(vec![
            Cell::text(&row.stock.sku),
            Cell::text(&row.stock.site),
            Cell::text(&row.stock.name),
            Cell::or_unknown(row.stock.supplier.as_ref(), Cell::text),
            Cell::text(row.class),
            Cell::text(state),
            Cell::or_unknown(line, |line| Cell::number(line.qty)),
            Cell::or_unknown(line.and_then(|line| line.cost), Cell::number),
            Cell::or_unknown(value, Cell::number),
            Cell::or_unknown(value.map(|value| value.currency), Cell::text),
            Cell::or_unknown(line, |line| Cell::text(line.order)),
            Cell::or_unknown(line, |line| Cell::text(line.due)),
            Cell::or_unknown(line.and_then(|line| line.runs_out), Cell::text),
            Cell::or_unknown(line, |line| chance(line.risk_before)),
            Cell::or_unknown(line, |line| chance(line.without.risk)),
            Cell::or_unknown(line, |line| chance(line.with.risk)),
            Cell::or_unknown(line, |line| Cell::number(line.reorder_point)),
            Cell::or_unknown(line, |line| Cell::number(line.order_up_to)),
            Cell::or_unknown(line, |line| Cell::number(line.position)),
            Cell::or_unknown(line, |_| Cell::text(format!("{:?}", row.confidence).to_lowercase())),
            Cell::text(note),
        ]);
    }
    grid
}
