//! `stockdeck allocation`: from where open orders ship.

use super::args::PageArgs;
use super::ask::{self, PageWish, odd_answer, print_line};
use super::decide;
use super::format::{Cell, Grid};
use super::ready::{self, Ready};
use crate::domain::*;
use crate::engine::ALLOCATIONS;
use crate::engine::api::*;
use crate::owner::client::Client;
use crate::tui::target::Target;
use clap::Subcommand;
use std::collections::BTreeSet;
use std::future::pending;
use std::io::IsTerminal;

/// Rows that are looked through for an order.
const ALL: usize = 1_000_000;

/// `allocation …`
#[derive(Subcommand, Debug)]
pub enum AllocationCommand {
    /// List open orders that need a choice, and those that somebody chose; a row for each way to ship one
    ///
    /// `way` 1 is the proposal; 0 is what happens when nobody decides. All open orders are allocated
    /// together: what that costs, and how far it may be from the least possible, is said on a terminal.
    List {
        /// Which rows, and how they are printed.
        #[command(flatten)]
        page: PageArgs,
    },
    /// Ship orders as proposed; the shop is told
    Accept {
        /// The orders' numbers
        #[arg(required_unless_present = "clear")]
        orders: Vec<String>,
        /// All of which nothing is in doubt
        #[arg(long, conflicts_with = "orders")]
        clear: bool,
    },
    /// Ship an order another way; the shop is told
    Pick {
        /// The order's number
        order: String,
        /// The listed way that ships from just these sites
        #[arg(
            long,
            value_name = "SITE",
            required_unless_present = "ship",
            conflicts_with = "ship"
        )]
        from: Vec<String>,
        /// Units of a SKU from a site; what is not named waits
        #[arg(long, value_name = "SITE:SKU:QTY")]
        ship: Vec<String>,
    },
    /// Hold an order at its site until it has stock, or until a day
    Hold {
        /// The order's number
        order: String,
        /// Until which day [default: until its site has all of it]
        #[arg(long, value_name = "DATE")]
        until: Option<String>,
        /// Why
        #[arg(long, default_value = "waits for stock")]
        reason: String,
    },
}

/// What is asked or decided.
pub enum Job {
    /// List.
    List(PageWish),
    /// Accept the proposals of these orders; none named: all clear ones.
    Accept(Vec<String>),
    /// Ship from these sites as listed.
    From(String, BTreeSet<SiteId>),
    /// Ship so.
    Ship(OrderRef, Vec<ShipFrom>),
    /// Let it wait.
    Hold(OrderRef, Option<Day>, String),
}

impl AllocationCommand {
    /// Understands the command.
    pub fn ready(self) -> Result<Ready, Refusal> {
        Ok(Ready::Allocation(match self {
            Self::List { page } => Job::List(PageWish::of(page, &ALLOCATIONS)?),
            Self::Accept { orders, .. } => Job::Accept(orders),
            Self::Pick { order, from, ship } if ship.is_empty() => {
                let sites = from.iter().map(|site| SiteId::new(site.as_str())).collect();
                Job::From(order, sites)
            }
            Self::Pick { order, ship, .. } => {
                let parts = ship.iter().map(|text| part(text)).collect::<Result<_, _>>()?;
                Job::Ship(OrderRef::parse(&order), parts)
            }
            Self::Hold { order, until, reason } => {
                let until = until.map(|text| ready::one_day("--until", &text)).transpose()?;
                Job::Hold(OrderRef::parse(&order), until, reason)
            }
        }))
    }
}

/// `LEEDS:85123A:2`. A SKU may hold colons.
fn part(text: &str) -> Result<ShipFrom, Refusal> {
    let wrong = || Refusal::usage(format!("--ship {text}: write SITE:SKU:QTY, as LEEDS:85123A:2"));
    let (site, rest) = text.split_once(':').ok_or_else(wrong)?;
    let (sku, qty) = rest.rsplit_once(':').ok_or_else(wrong)?;
    let qty = Qty::parse(qty).filter(|qty| qty.is_positive()).ok_or_else(wrong)?;
    if site.is_empty() || sku.is_empty() {
        return Err(wrong());
    }
    Ok(ShipFrom { site: site.into(), lines: vec![(sku.into(), qty)] })
}

/// Does it through the owner.
pub async fn run(client: &mut Client, job: Job) -> Result<(), Refusal> {
    match job {
        Job::List(page) => {
            let told = about(client).await?;
            if told.at.is_none() || std::io::stderr().is_terminal() {
                eprintln!("{}", said(&told));
            }
            let rows = |answer| match answer {
                Answer::Allocations(rows, _) => Some(rows),
                _ => None,
            };
            ask::table(client, page, Query::Allocations, rows, grid).await
        }
        Job::Accept(orders) if orders.is_empty() => accept_clear(client).await,
        Job::Accept(orders) => {
            for number in orders {
                let target = Target::from(&listed(client, &number).await?);
                match target.ship {
                    Some(Ok(one)) => {
                        decide::record(client, Decision::Allocate(*one), Some(target.saw)).await?;
                    }
                    Some(Err(why)) => return Err(Refusal::usage(format!("{number}: {why}"))),
                    None => return Err(odd_answer()),
                }
            }
            Ok(())
        }
        Job::From(number, sites) => {
            let row = listed(client, &number).await?;
            let ways = row.proposal.iter().chain(&row.others);
            let is_meant = |ships: &[ShipFrom]| {
                ships.iter().map(|part| part.site.clone()).collect::<BTreeSet<_>>() == sites
            };
            let way = ways.clone().find(|way| is_meant(&way.ships)).ok_or_else(|| {
                let known: Vec<String> = ways
                    .map(|way| ship_words(&way.ships, &way.waits))
                    .filter(|words| !words.is_empty())
                    .collect();
                Refusal::usage(format!(
                    "{number}: no listed way ships from just these sites; there are: {}; --ship \
                     names units from sites by hand",
                    known.join("; ")
                ))
            })?;
            let proposed = row.proposal.as_ref().is_some_and(|best| best.ships == way.ships);
            let saw = Target::from(&row).saw;
            decide::record(client, allocate(row.key, way.ships.clone(), proposed), Some(saw))
                .await
                .map(drop)
        }
        Job::Ship(which, ships) => {
            let (order, saw) = decide::order(client, which).await?;
            decide::record(client, allocate(order, ships, false), Some(saw)).await.map(drop)
        }
        Job::Hold(which, until, reason) => {
            let (order, saw) = decide::order(client, which).await?;
            let decision = Decision::HoldForStock { order, until, reason };
            decide::record(client, decision, Some(saw)).await.map(drop)
        }
    }
}

/// The desk fills in the order's own site and what waits.
fn allocate(order: OrderKey, ships: Vec<ShipFrom>, proposed: bool) -> Decision {
    let home = SiteId::new("");
    Decision::Allocate(Allocation { order, home, ships, waits: Vec::new(), proposed })
}

async fn accept_clear(client: &mut Client) -> Result<(), Refusal> {
    let clear = about(client).await?.clear;
    if clear.is_empty() {
        print_line("no proposal is without doubt")?;
        return Ok(());
    }
    let saw = |one: &Allocation| format!("order {}: clear, {}", one.order, one.words());
    let decisions = clear.into_iter().map(|one| {
        let saw = saw(&one);
        (Decision::Allocate(one), saw)
    });
    match client.act(Action::DecideAll(decisions.collect()), |_| {}, pending()).await? {
        Outcome::Acted { first, last, done, of, why_not } => {
            print_line(&format!(
                "entries {first} to {last}: {done} of {of} orders ship as proposed"
            ))?;
            match why_not.filter(|_| done < of) {
                Some(why) => Err(Refusal::failed(format!("{} do not: {why}", of - done))),
                None => Ok(()),
            }
        }
        _ => Err(odd_answer()),
    }
}

async fn about(client: &mut Client) -> Result<AllocationAbout, Refusal> {
    let page = PageOf { limit: 0, ..PageOf::default() };
    match client.ask(Query::Allocations(page)).await? {
        Answer::Allocations(_, about) => Ok(*about),
        _ => Err(odd_answer()),
    }
}

fn said(about: &AllocationAbout) -> String {
    match (&about.trouble, about.at) {
        (Some(trouble), _) => format!("stockdeck: {trouble}"),
        (None, None) => {
            "stockdeck: open orders are not allocated yet; ask again in a moment".into()
        }
        (None, Some(at)) => format!(
            "stockdeck: {} open orders with {} lines at {at}: cost {}, at least {} (gap {:.2} %), {} \
             as the shop has them; in minor units, found in {} ms",
            about.orders[0],
            about.orders[1],
            about.cost,
            about.bound,
            100.0 * about.gap(),
            about.shop_way,
            about.took_ms
        ),
    }
}

/// The listed order of a number.
async fn listed(client: &mut Client, number: &str) -> Result<AllocationRow, Refusal> {
    let page = PageOf { limit: ALL, ..PageOf::default() };
    let Answer::Allocations(rows, about) = client.ask(Query::Allocations(page)).await? else {
        return Err(odd_answer());
    };
    let meant = OrderRef::parse(number);
    let is_meant = |row: &AllocationRow| {
        row.key.number == meant.number
            && meant.feed.as_ref().is_none_or(|feed| row.key.feed == *feed)
    };
    rows.rows.into_iter().find(is_meant).ok_or_else(|| match about.trouble {
        Some(trouble) => Refusal::usage(trouble.to_string()),
        None => Refusal::usage(format!(
            "order {number} needs no choice now; `stockdeck allocation list` shows those that do, and \
             `pick --ship` decides about any open order"
        )),
    })
}

/// Orders, a row for each way.
fn grid(rows: &[AllocationRow]) -> Grid {
    let mut grid = Grid::new(&[
        "order",
        "feed",
        "needs",
        "site",
        "zone",
        "country",
        "units",
        "method",
        "promised",
        "priority",
        "way",
        "ships",
        "waits",
        "cost",
        "postage",
        "weight",
        "split",
        "late",
        "scarcity",
        "short",
        "currency",
        "late_days",
        "doubt",
        "decided",
        "note",
    ]);
    for row in rows {
        let needs: Vec<&str> = row.needs.iter().map(|need| need.word()).collect();
        let decided = row.decided.as_ref().map_or(String::new(), |one| {
            let trouble = one.trouble().map_or(String::new(), |why| format!("; {why}"));
            format!("entry {}: {} {}{trouble}", one.entry, one.who, one.what)
        });
        let note = row.notes.iter().map(|note| &**note).collect::<Vec<_>>().join("; ");
        let ways = row.proposal.iter().chain(&row.others).zip(1..);
        let mut ways: Vec<_> = ways.map(|(way, number)| (Some(way), number)).collect();
        if row.now.as_ref().map(|now| &now.ships) != row.proposal.as_ref().map(|way| &way.ships) {
            ways.push((row.now.as_ref(), 0));
        }
        if ways.is_empty() {
            ways.push((None, 0));
        }
        for (way, number) in ways {
            let minor = |of: fn(&crate::plan::shipping::Cost) -> i64| {
                let money = way.map(|way| Money { minor: of(&way.cost), currency: row.currency });
                Cell::or_unknown(money, Cell::number)
            };
            let ships = way.map_or(String::new(), |way| {
                let line = |part: &ShipFrom| {
                    part.lines
                        .iter()
                        .map(|(sku, qty)| format!("{}:{sku}:{qty}", part.site))
                        .collect::<Vec<_>>()
                };
                way.ships.iter().flat_map(line).collect::<Vec<_>>().join(" ")
            });
            grid.push(vec![
                Cell::text(&row.key.number),
                Cell::text(&row.key.feed),
                Cell::text(needs.join(" ")),
                Cell::text(&row.site),
                Cell::text(&row.zone),
                Cell::or_unknown(row.country.as_ref(), Cell::text),
                Cell::number(row.units),
                Cell::or_unknown(row.method.as_ref(), Cell::text),
                Cell::or_unknown(row.promise, Cell::text),
                Cell::or_unknown(row.priority, Cell::number),
                Cell::number(number),
                Cell::text(ships),
                Cell::or_unknown(way, |way| Cell::number(way.waiting())),
                minor(crate::plan::shipping::Cost::total),
                minor(|cost| cost.packages),
                minor(|cost| cost.weight),
                minor(|cost| cost.split),
                minor(|cost| cost.late),
                minor(|cost| cost.scarcity),
                minor(|cost| cost.short),
                Cell::text(row.currency),
                Cell::or_unknown(way, |way| Cell::number(way.late_days)),
                Cell::text(row.doubt.as_deref().unwrap_or_default()),
                Cell::text(&decided),
                Cell::text(&note),
            ]);
        }
    }
    grid
}
