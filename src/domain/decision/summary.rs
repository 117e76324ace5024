//! What was decided, in words.

use super::Decision;
use crate::domain::*;

impl Decision {
    /// What was decided, in a few words a person reads.
    pub fn summary(&self) -> String {
        match self {
            Decision::Note { subject, text } => format!("{subject}: {text}"),
            Decision::Pin { subject, .. } | Decision::Acknowledge { subject, .. } => {
                subject.to_string()
            }
            Decision::Receive { po, sku, site, qty, surplus, reason } => {
                let against = po.as_ref().map_or(String::new(), |po| format!(" against {po}"));
                let surplus = if *surplus { ", surplus" } else { "" };
                let why = reason.as_ref().map_or(String::new(), |why| format!(": {why}"));
                format!("{qty} × {sku} at {site}{against}{surplus}{why}")
            }
            Decision::Count { sku, site, counted, reason, .. } => {
                format!("{sku} at {site} = {counted}: {reason}")
            }
            Decision::Uncount { sku, site, before: Some((qty, _, _)) } => {
                format!("{sku} at {site} back to {qty}")
            }
            Decision::Uncount { sku, site, before: None } => {
                format!("{sku} at {site} back to unknown")
            }
            Decision::Adjust { sku, site, delta, reason, .. } => {
                let sign = if delta.is_negative() { "" } else { "+" };
                format!("{sku} at {site} {sign}{delta}: {reason}")
            }
            Decision::Transfer { sku, from, to, qty, reason } => {
                format!("{qty} × {sku} {from} → {to}: {reason}")
            }
            Decision::Reveal { whose, reason } | Decision::Forget { whose, reason } => {
                format!("{whose}: {reason}")
            }
            Decision::Retract { seq } => format!("note {seq}"),
            Decision::Override { sku, site, from, to, expects, reason, .. } => {
                let place = site.as_ref().map_or("all sites", SiteId::as_str);
                format!("{sku} at {place} {expects} from {from} to {to}: {reason}")
            }
            Decision::EndOverride { over, sku, .. } => format!("entry {over}, {sku}"),
            Decision::UseModel { version, before } => format!("{version} in place of {before}"),
            Decision::Approve(line) => {
                let from = line.supplier.as_ref().map_or(String::new(), |of| format!(" from {of}"));
                let due = line.due.map_or(String::new(), |due| format!(" for {due}"));
                let shown = line.suggested.as_ref().filter(|_| line.is_edited());
                let shown = shown.map_or(String::new(), |shown| {
                    let due = shown.due.map_or(String::new(), |due| format!(" for {due}"));
                    format!(" (proposed: {}{due})", shown.qty)
                });
                format!("{} × {} to {}{from}{due}{shown}", line.qty, line.sku, line.site)
            }
            Decision::Reject { sku, site, suggested, until, reason, .. } => {
                let until = until.map_or(String::new(), |day| format!(" until {day}"));
                format!("{suggested} × {sku} to {site}{until}: {reason}")
            }
            Decision::Snooze { sku, site, suggested, until } => {
                format!("{suggested} × {sku} to {site} until {until}")
            }
            Decision::Countersign { entry, sku } | Decision::Withdraw { entry, sku } => {
                format!("entry {entry}, {sku}")
            }
            Decision::Place { po, supplier, site, lines, .. } => {
                let lines = lines.len();
                let lines = if lines == 1 { "1 line".into() } else { format!("{lines} lines") };
                format!("{po} to {supplier} for {site}: {lines}")
            }
            Decision::Tell { po, told, .. } => match told {
                Told::Sent { target, reference } | Told::CancellationSent { target, reference } => {
                    let as_what = reference.as_ref().map_or(String::new(), |r| format!(" as {r}"));
                    format!("{po} to {target}{as_what}")
                }
                Told::Confirmed { lines, due } => {
                    let due = due.map_or(String::new(), |due| format!(" for {due}"));
                    let lines = match lines.len() {
                        0 => String::new(),
                        1 => ", 1 line told apart".to_owned(),
                        n => format!(", {n} lines told apart"),
                    };
                    format!("{po}{due}{lines}")
                }
                Told::Failed { target, reason, .. } => format!("{po} to {target}: {reason}"),
            },
            Decision::Resend { po } => po.to_string(),
            Decision::CancelOrder { po, reason } | Decision::CloseOrder { po, reason } => {
                format!("{po}: {reason}")
            }
            Decision::Flag { case, act, orders } => act.summary(*case, orders),
            Decision::Unflag { entry, case } => format!("entry {entry}, case {case}"),
            Decision::Mute { rule, of, until, reason } => {
                format!("{rule} about {of} until {until}: {reason}")
            }
            Decision::EndMute { entry, rule, .. } => format!("entry {entry}, {rule}"),
            Decision::SwitchRule { rule, .. } => rule.to_string(),
            Decision::SetThreshold { rule, from: Some(from), .. } => {
                format!("{rule} from {from} on")
            }
            Decision::SetThreshold { rule, from: None, .. } => format!("{rule} as it came"),
            Decision::UseFlagModel { version, before } => {
                format!("version {version} in place of {before}")
            }
            Decision::TellShop { words } => ShopWord::summary(words),
            Decision::AskSupplier(line) => {
                format!("{line} ({} × {}): {}", line.qty, line.sku, line.reason)
            }
            Decision::SendTransfer(TransferOrder { sku, from, to, qty, due, reason, .. }) => {
                format!("{qty} × {sku} {from} → {to} for {due}: {reason}")
            }
            Decision::Dispatch { number, sku, from, to, qty, due, .. } => {
                format!("{number}: {qty} × {sku} {from} → {to} for {due}")
            }
            Decision::TurnDown { measure, until, reason } => {
                let until = until.map_or(String::new(), |day| format!(" until {day}"));
                let why = reason.as_ref().map_or(String::new(), |why| format!(": {why}"));
                format!("{measure}{until}{why}")
            }
            Decision::Allocate(one) => format!("order {}: {}", one.order, one.words()),
            Decision::HoldForStock { order, until, reason } => {
                let until = until.map_or(String::new(), |day| format!(" until {day}"));
                format!("order {order}{until}: {reason}")
            }
            Decision::Unallocate { entry, order } => format!("entry {entry}, order {order}"),
            Decision::TellShipping { order, told, .. } => match told {
                Told::Failed { target, reason, .. } => {
                    format!("order {order} by {target}: {reason}")
                }
                Told::Sent { target, .. } => format!("order {order} to {target}"),
                Told::Confirmed { .. } | Told::CancellationSent { .. } => format!("order {order}"),
            },
        }
    }
}
