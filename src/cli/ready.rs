//! A command whose arguments are understood: everything that can be wrong with them is found here,
//! before any folder is made or any owner started.

use super::approve::Wanted;
use super::args::*;
use super::ask::PageWish;
use super::coordinate::Coordinated;
use super::decide::{self, Named, Wish};
use super::flags::Flags;
use super::jobs::{self, Input};
use super::place::Intent;
use super::privacy::{self, WhoseNamed};
use super::purchases::Purchases;
use super::screen::{self, Picture};
use crate::domain::{Day, Decision, SiteId, Sku, SupplierId};
use crate::engine;
use crate::engine::api::{ImportJob, NotifyTest, OrderRef, Refusal, Retry};
use std::time::Duration;

/// What is to be done through the owner.
pub enum Ready {
    /// Show one order.
    Order(OrderRef, Format),
    /// List orders.
    Orders(PageWish),
    /// List positions.
    Stock(PageWish),
    /// List what is proposed to be ordered; how long to wait until it is known.
    Reorders(PageWish, Duration),
    /// Something about where orders ship from.
    Allocation(super::allocation::Job),
    /// List decisions.
    Journal(PageWish),
    /// List overrides of the forecast.
    Overrides(PageWish),
    /// Something about purchase orders.
    Purchases(Purchases),
    /// Something about cases that are worth a look.
    Flags(Flags),
    /// Something about inbound goods and transfers.
    Coordinate(Coordinated),
    /// List suppliers, or show one.
    Suppliers(Option<SupplierId>, Format),
    /// List what could not be understood.
    Quarantine(PageWish),
    /// Read records in quarantine again.
    Retry(Retry),
    /// Print records in quarantine as they came, and why.
    Raw(PageWish, String),
    /// Show one SKU with days of demand.
    Sku(Sku, u32, Format),
    /// Show the feeds.
    Feeds(Format),
    /// Show what the owner is.
    Status(Format),
    /// Print daily demand between two days.
    Demand(Option<Day>, Option<Day>, Format),
    /// Approve a line to be ordered.
    Approve(Wanted),
    /// Decide something.
    Decide(Wish),
    /// Print what is known of somebody in clear, and why.
    Reveal(WhoseNamed, String, Format),
    /// Forget somebody, and why.
    Forget(WhoseNamed, String),
    /// Try channels.
    TestNotify(NotifyTest, Format),
    /// Undo an entry.
    Undo(Option<u64>),
    /// Read a file.
    Import(Input, ImportJob),
    /// Let every feed read up to the present.
    Sync,
    /// Play a file, at a speed or as fast as the work allows.
    Replay(Input, ImportJob, Option<f64>),
    /// Make up orders.
    Fill {
        /// How many.
        orders: u64,
        /// Seed.
        seed: u64,
    },
    /// List what the simulated merchant did.
    Truth(Format),
    /// Print a screen.
    Screen(Picture),
}

impl Ready {
    /// Understands a command that goes through the owner; `None`: it does not.
    pub fn of(command: Command) -> Result<Option<(Intent, Ready)>, Refusal> {
        let ready = match command {
            Command::Orders { number: Some(number), page } => {
                Ready::Order(OrderRef::parse(&number), page.format.format)
            }
            Command::Orders { number: None, page } => {
                Ready::Orders(PageWish::of(page, &crate::orders::FIELDS)?)
            }
            Command::Stock { page } => Ready::Stock(PageWish::of(page, &engine::STOCK)?),
            Command::Reorders { page, wait } => {
                Ready::Reorders(PageWish::of(page, &engine::REORDERS)?, wait.patience())
            }
            Command::Journal { page } => Ready::Journal(PageWish::of(page, &engine::JOURNAL)?),
            Command::Quarantine { command: Some(command), .. } => {
                Ready::Retry(privacy::retried(command)?)
            }
            Command::Quarantine { page, raw: true, reason, .. } => {
                Ready::Raw(PageWish::of(page, &engine::QUARANTINE)?, reason.unwrap_or_default())
            }
            Command::Quarantine { page, .. } => {
                Ready::Quarantine(PageWish::of(page, &engine::QUARANTINE)?)
            }
            Command::Sku { sku, days, format } => Ready::Sku(Sku::new(sku), days, format.format),
            Command::Suppliers { name, format } => {
                Ready::Suppliers(name.map(SupplierId::new), format.format)
            }
            Command::Feeds { format } => Ready::Feeds(format.format),
            Command::Status { format } => Ready::Status(format.format),
            Command::Demand { from, to, format } => {
                let (from, to) = (day("--from", from)?, day("--to", to)?);
                if from.zip(to).is_some_and(|(from, to)| from > to) {
                    return Err(Refusal::usage("--from lies after --to; swap the two"));
                }
                Ready::Demand(from, to, format.format)
            }
            Command::Screen { name, subject, size, format } => {
                Ready::Screen(screen::picture(&name, subject.as_deref(), &size, format)?)
            }
            Command::Import { file } => {
                let (input, job) = jobs::job(&file)?;
                return Ok(Some((Intent::Import, Ready::Import(input, job))));
            }
            Command::Replay { file, speed } => {
                let speed = jobs::speed(&speed)?;
                let (input, job) = jobs::job(&file)?;
                return Ok(Some((Intent::Replay, Ready::Replay(input, job, speed))));
            }
            Command::Sync { .. } => return Ok(Some((Intent::Sync, Ready::Sync))),
            Command::Demo { command: DemoCommand::Fill { orders, seed } } => {
                return Ok(Some((Intent::Fill, Ready::Fill { orders, seed })));
            }
            Command::Demo { command: DemoCommand::Truth { format } } => Ready::Truth(format.format),
            Command::Privacy { command: PrivacyCommand::Reveal { customer, reason, format } } => {
                Ready::Reveal(privacy::whose(&customer)?, reason, format.format)
            }
            Command::Privacy { command: PrivacyCommand::Forget { customer, reason, yes } } => {
                let whose = privacy::whose(&customer)?;
                if !yes {
                    return Err(Refusal::usage(format!(
                        "forgetting {customer} destroys their key, and nothing brings back what it \
                         sealed; add --yes to do it"
                    )));
                }
                Ready::Forget(whose, reason)
            }
            Command::Override { command } => command.ready()?,
            Command::Approve(args) => Ready::Approve(args.wanted()?),
            Command::Allocation { command } => command.ready()?,
            Command::Po { command } => command.ready()?,
            Command::Notify { command } => command.ready(),
            Command::Flags { command: Some(command), .. } => command.ready()?,
            Command::Handover(args) => args.ready()?,
            Command::Coordinate { command } => command.ready()?,
            Command::Undo { seq } => Ready::Undo(seq),
            command => return Ok(wish(command)?.map(|wish| (Intent::Ask, Ready::Decide(wish)))),
        };
        Ok(Some((Intent::Ask, ready)))
    }
}

/// Understands a command that decides something; `None`: it does not.
fn wish(command: Command) -> Result<Option<Wish>, Refusal> {
    Ok(Some(match command {
        Command::Note { subject, text } => {
            Wish::about(Named::parse(&subject)?, move |subject| Decision::Note { subject, text })
        }
        Command::Pin { subject, off } => {
            let on = !off;
            Wish::about(Named::parse(&subject)?, move |subject| Decision::Pin { subject, on })
        }
        Command::Ack { subject, off } => {
            let on = !off;
            let ack = move |subject| Decision::Acknowledge { subject, on };
            Wish::about(Named::parse(&subject)?, ack)
        }
        Command::Receive { sku, qty, site, po, reason } => {
            let ((sku, site), qty) = (position(&sku, &site), decide::qty(&qty)?);
            let po = po.map(|po| po.as_str().into());
            Wish::of(Decision::Receive { po, sku, site, qty, surplus: false, reason })
        }
        Command::Reject(args) => args.wish()?,
        Command::Snooze(args) => args.wish()?,
        Command::Count { sku, qty, site, reason } => {
            let ((sku, site), counted) = (position(&sku, &site), decide::qty(&qty)?);
            Wish::of(Decision::Count { sku, site, counted, reason, before: None })
        }
        Command::Adjust { sku, delta, site, reason } => {
            let ((sku, site), delta) = (position(&sku, &site), decide::qty(&delta)?);
            Wish::of(Decision::Adjust { sku, site, delta, po: None, reason })
        }
        Command::Transfer { sku, qty, from, to, reason } => {
            let ((sku, from), qty) = (position(&sku, &from), decide::qty(&qty)?);
            Wish::of(Decision::Transfer { sku, from, to: SiteId::new(to), qty, reason })
        }
        _ => return Ok(None),
    }))
}

/// The SKU and the site that are meant. Where no site is named apart, `SKU@SITE` names both, as
/// `stockdeck demand` prints them.
pub fn position(sku: &str, site: &str) -> (Sku, SiteId) {
    match sku.rsplit_once('@') {
        Some((sku, at)) if !sku.is_empty() && (site.is_empty() || site == at) => {
            (Sku::new(sku), SiteId::new(at))
        }
        _ => (Sku::new(sku), SiteId::new(site)),
    }
}

fn day(flag: &str, text: Option<String>) -> Result<Option<Day>, Refusal> {
    text.map(|text| one_day(flag, &text)).transpose()
}

/// Reads a date of the command line.
pub fn one_day(flag: &str, text: &str) -> Result<Day, Refusal> {
    Day::parse(text).ok_or_else(|| {
        Refusal::usage(format!("{flag} {text}: not a date; write it like 2026-03-01"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_series_name_is_taken_for_its_sku_and_site() {
        let of = |sku: &str, site: &str| {
            let (sku, site) = position(sku, site);
            (sku.to_string(), site.to_string())
        };
        let meant = ("KD31594".to_owned(), "BRISTOL".to_owned());
        assert_eq!(of("KD31594@BRISTOL", ""), meant);
        assert_eq!(of("KD31594", "BRISTOL"), meant);
        assert_eq!(of("KD31594@BRISTOL", "BRISTOL"), meant);
        assert_eq!(of("A@B", "LEEDS"), ("A@B".into(), "LEEDS".into()), "a SKU with an @");
        assert_eq!(of("KD31594", ""), ("KD31594".into(), String::new()));
    }
}
