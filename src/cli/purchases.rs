//! `stockdeck reject`, `snooze` and `po`: deciding on orders to suppliers.

use super::args::{Format, FormatArgs, PageArgs};
use super::ask::{self, PageWish, odd_answer, print_line};
use super::decide::{self, Wish};
use super::format::{Cell, Grid};
use super::ready::{self, Ready};
use super::until::Until;
use crate::domain::*;
use crate::engine::PURCHASES;
use crate::engine::api::*;
use crate::owner::client::Client;
use clap::{Args, Subcommand};

/// A proposal that is turned down.
#[derive(Args, Debug)]
pub struct RejectArgs {
    /// The SKU, or SKU@SITE
    sku: String,
    /// For where; may be left out where there is one site
    #[arg(long, default_value = "", hide_default_value = true)]
    site: String,
    /// Why
    #[arg(long)]
    reason: String,
    /// Until which day, or for how many days [default: until half as many again are proposed, or it
    /// runs short earlier]
    #[arg(long, value_name = "DATE|DAYS")]
    until: Option<String>,
    /// How what was decided is printed.
    #[command(flatten)]
    format: FormatArgs,
}

/// A proposal that is put off.
#[derive(Args, Debug)]
pub struct SnoozeArgs {
    /// The SKU, or SKU@SITE
    sku: String,
    /// For where; may be left out where there is one site
    #[arg(long, default_value = "", hide_default_value = true)]
    site: String,
    /// The first day on which it is proposed again, or in how many days
    #[arg(long, value_name = "DATE|DAYS")]
    until: String,
    /// How what was decided is printed.
    #[command(flatten)]
    format: FormatArgs,
}

/// `po …`
#[derive(Subcommand, Debug)]
pub enum PoCommand {
    /// List purchase orders and drafts
    List {
        /// Which rows, and how they are printed.
        #[command(flatten)]
        page: PageArgs,
    },
    /// Show one purchase order, a row a line
    Show {
        /// Its number
        po: String,
        /// How it is printed.
        #[command(flatten)]
        format: FormatArgs,
    },
    /// How many proposals were ordered as they were, edited or turned down, and what edits cost
    Stats {
        /// How it is printed.
        #[command(flatten)]
        format: FormatArgs,
    },
    /// Sign approved lines as the second person
    Approve {
        /// The journal entries of the approvals, as `po list` and the journal show them
        #[arg(required = true)]
        entries: Vec<u64>,
        /// How what was decided is printed.
        #[command(flatten)]
        format: FormatArgs,
    },
    /// Print the exact request that tells the supplier, without sending it
    DryRun {
        /// The order's number [default: all drafts, as they would be placed now]
        po: Option<String>,
    },
    /// Note that a person told the supplier
    Sent {
        /// Its number
        po: String,
        /// What the supplier calls it
        #[arg(long)]
        reference: Option<String>,
        /// How what was decided is printed.
        #[command(flatten)]
        format: FormatArgs,
    },
    /// Note what the supplier confirmed
    Ack {
        /// Its number
        po: String,
        /// Lines that come otherwise than ordered: SKU=QTY
        lines: Vec<String>,
        /// When the goods will come
        #[arg(long, value_name = "DATE")]
        due: Option<String>,
        /// How what was decided is printed.
        #[command(flatten)]
        format: FormatArgs,
    },
    /// Take in goods against an order
    Receive {
        /// Its number
        po: String,
        /// What arrived, damaged goods included: SKU=QTY
        #[arg(required = true)]
        lines: Vec<String>,
        /// Of these, what is damaged and comes off again: SKU=QTY; may be repeated
        #[arg(long, value_name = "SKU=QTY", requires = "reason")]
        damaged: Vec<String>,
        /// It is more than is still to come: an over-delivery
        #[arg(long, requires = "reason")]
        surplus: bool,
        /// Why, where it needs saying
        #[arg(long)]
        reason: Option<String>,
        /// How what was decided is printed.
        #[command(flatten)]
        format: FormatArgs,
    },
    /// Send an order again that no target took
    Resend {
        /// Its number
        po: String,
        /// How what was decided is printed.
        #[command(flatten)]
        format: FormatArgs,
    },
    /// Call an order off, of which nothing has arrived
    Cancel {
        /// Its number
        po: String,
        /// Why
        #[arg(long)]
        reason: String,
        /// How what was decided is printed.
        #[command(flatten)]
        format: FormatArgs,
    },
    /// Close an order: what has not arrived will not come, and of a transfer is written off as lost in transit
    Close {
        /// Its number
        po: String,
        /// Why
        #[arg(long)]
        reason: String,
        /// How what was decided is printed.
        #[command(flatten)]
        format: FormatArgs,
    },
}

/// What `po` asks beyond a single decision.
pub enum Purchases {
    /// List them.
    List(PageWish),
    /// Show one.
    Show(PoNumber, Format),
    /// What became of proposals.
    Stats(Format),
    /// Print requests.
    DryRun(Option<PoNumber>),
    /// Sign several entries.
    Sign(Vec<u64>, Format),
    /// Take in goods.
    Receive(Arrival),
}

/// Goods that arrived by an order.
pub struct Arrival {
    po: PoNumber,
    /// What arrived.
    lines: Vec<Units>,
    /// What of it is damaged.
    damaged: Vec<Units>,
    /// Whether it is more than is still to come.
    surplus: bool,
    reason: Option<String>,
    /// How what was decided is printed.
    format: Format,
}

/// A SKU and a quantity of it.
type Units = (Sku, Qty);

impl RejectArgs {
    /// As a decision.
    pub fn wish(self) -> Result<Wish, Refusal> {
        let (sku, site) = ready::position(&self.sku, &self.site);
        let until = self.until.as_deref().map(Until::parse).transpose()?;
        let (suggested, runs_out, reason) = (Qty::ZERO, None, self.reason);
        let reject =
            move |until| Decision::Reject { sku, site, suggested, runs_out, until, reason };
        Ok(Wish::until(until, reject).printed(self.format))
    }
}

impl SnoozeArgs {
    /// As a decision.
    pub fn wish(self) -> Result<Wish, Refusal> {
        let (sku, site) = ready::position(&self.sku, &self.site);
        let until = Until::parse(&self.until)?;
        let suggested = Qty::ZERO;
        let snooze = move |until| Decision::Snooze { sku, site, suggested, until };
        Ok(Wish::on(until, snooze).printed(self.format))
    }
}

impl PoCommand {
    /// Understands the command.
    pub fn ready(self) -> Result<Ready, Refusal> {
        let number = |po: String| PoNumber::new(po);
        let (decision, format) = match self {
            Self::List { page } => {
                return Ok(Ready::Purchases(Purchases::List(PageWish::of(page, &PURCHASES)?)));
            }
            Self::Show { po, format } => {
                return Ok(Ready::Purchases(Purchases::Show(number(po), format.format)));
            }
            Self::Stats { format } => {
                return Ok(Ready::Purchases(Purchases::Stats(format.format)));
            }
            Self::DryRun { po } => {
                return Ok(Ready::Purchases(Purchases::DryRun(po.map(number))));
            }
            Self::Approve { entries, format } => {
                return Ok(Ready::Purchases(Purchases::Sign(entries, format.format)));
            }
            Self::Receive { po, lines, damaged, surplus, reason, format } => {
                let (lines, damaged) = (units(&lines)?, units(&damaged)?);
                let (po, format) = (number(po), format.format);
                let arrival = Arrival { po, lines, damaged, surplus, reason, format };
                return Ok(Ready::Purchases(Purchases::Receive(arrival)));
            }
            Self::Sent { po, reference, format } => {
                let reference = reference.map(|text| text::clean(&text).into());
                let told = Told::Sent { target: "by hand".into(), reference };
                (Decision::Tell { po: number(po), of: 0, told }, format)
            }
            Self::Ack { po, lines, due, format } => {
                let line = |(sku, qty)| ConfirmedLine { sku, qty: Some(qty), due: None };
                let lines = units(&lines)?.into_iter().map(line).collect();
                let due = due.map(|text| ready::one_day("--due", &text)).transpose()?;
                let told = Told::Confirmed { lines, due };
                (Decision::Tell { po: number(po), of: 0, told }, format)
            }
            Self::Resend { po, format } => (Decision::Resend { po: number(po) }, format),
            Self::Cancel { po, reason, format } => {
                (Decision::CancelOrder { po: number(po), reason }, format)
            }
            Self::Close { po, reason, format } => {
                (Decision::CloseOrder { po: number(po), reason }, format)
            }
        };
        Ok(Ready::Decide(Wish::of(decision).printed(format)))
    }
}

fn units(lines: &[String]) -> Result<Vec<Units>, Refusal> {
    let one = |line: &String| match line.rsplit_once('=') {
        Some((sku, qty)) if !sku.is_empty() => Ok((Sku::new(sku), decide::qty(qty)?)),
        _ => Err(Refusal::usage(format!("\"{line}\" names no line; write SKU=QTY"))),
    };
    lines.iter().map(one).collect()
}

/// Does it through the owner.
pub async fn run(client: &mut Client, job: Purchases) -> Result<(), Refusal> {
    match job {
        Purchases::List(page) => {
            let rows = |answer| match answer {
                Answer::Purchases(rows) => Some(rows),
                _ => None,
            };
            ask::table(client, page, Query::Purchases, rows, list).await
        }
        Purchases::Show(po, format) => {
            let detail = purchase(client, po).await?;
            for trouble in &detail.troubles {
                eprintln!("{trouble}");
            }
            if let (Format::Table, Some((days, orders))) = (format, detail.took) {
                let stated = detail.stated.map_or(String::new(), |days| format!(", {days} stated"));
                eprintln!(
                    "{} took {days} days in the middle of {orders} orders{stated}",
                    detail.row.supplier
                );
            }
            ask::print(&lines(&detail), format)
        }
        Purchases::Stats(format) => match client.ask(Query::Conversion).await? {
            Answer::Conversion(tally) => ask::print(&stats(&tally), format),
            _ => Err(odd_answer()),
        },
        Purchases::DryRun(po) => match client.ask(Query::PurchaseRequests(po)).await? {
            Answer::PurchaseRequests(requests) if requests.is_empty() => {
                print_line("nothing is approved that is not placed")
            }
            Answer::PurchaseRequests(requests) => requests.iter().try_for_each(|request| {
                if let Some(already) = request.sent_already(|at| at.to_string()) {
                    print_line(&format!("# {already}"))?;
                }
                print_line(&request.text)
            }),
            _ => Err(odd_answer()),
        },
        Purchases::Sign(entries, format) => {
            let sign = |entry| Decision::Countersign { entry, sku: Sku::new("") };
            decide::act(client, entries.into_iter().map(sign).collect(), format).await
        }
        Purchases::Receive(Arrival { po, lines, damaged, surplus, reason, format }) => {
            let site = purchase(client, po.clone()).await?.row.site;
            let receive = |(sku, qty)| {
                let (po, site, reason) = (Some(po.clone()), site.clone(), reason.clone());
                Decision::Receive { po, sku, site, qty, surplus, reason }
            };
            let mut decisions: Vec<Decision> = lines.into_iter().map(receive).collect();
            let why = reason.as_deref().unwrap_or_default();
            decisions.extend(damaged.into_iter().map(|(sku, qty)| {
                let reason = format!("damaged on {po}: {why}");
                let (po, site) = (Some(po.clone()), site.clone());
                Decision::Adjust { sku, site, delta: -qty, po, reason }
            }));
            decide::act(client, decisions, format).await
        }
    }
}

async fn purchase(client: &mut Client, po: PoNumber) -> Result<Box<PurchaseDetail>, Refusal> {
    match client.ask(Query::Purchase(po.clone())).await? {
        Answer::Purchase(Some(detail)) => Ok(detail),
        Answer::Purchase(None) => {
            Err(Refusal::failed(format!("no purchase order {po}; `stockdeck po list` shows them")))
        }
        _ => Err(odd_answer()),
    }
}

/// Purchase orders, a row each.
fn list(rows: &[PurchaseRow]) -> Grid {
    let mut grid = Grid::new(&[
        "po", "state", "own", "supplier", "name", "site", "lines", "units", "arrived", "total",
        "currency", "at", "due", "note",
    ]);
    for row in rows {
        // An amount is one where it is known of all lines and in one currency; else the note says what is.
        let total = row.total.exact();
        let inexact = total.is_none().then(|| format!("costs {}", row.total));
        let note = row.note.as_deref().map(str::to_owned).or(inexact);
        grid.push(vec![
            Cell::or_unknown(row.number.as_ref(), Cell::text),
            Cell::text(row.state.word()),
            Cell::Flag(row.own),
            Cell::text(&row.supplier),
            Cell::text(&row.supplier_name),
            Cell::text(&row.site),
            Cell::number(row.lines),
            Cell::number(row.units),
            Cell::number(row.arrived),
            Cell::or_unknown(total, Cell::number),
            Cell::or_unknown(total.map(|total| total.currency), Cell::text),
            Cell::text(row.at),
            Cell::or_unknown(row.due, Cell::text),
            Cell::or_unknown(note, Cell::text),
        ]);
    }
    grid
}

/// What became of proposals, a row each.
fn stats(tally: &Conversion) -> Grid {
    let mut grid = Grid::new(&["what", "lines", "share", "amount", "currency"]);
    let all = tally.decided();
    let mut row = |what: &str, lines: u64, of_all: bool| {
        let share = (of_all && all > 0).then(|| format!("{:.3}", lines as f64 / all as f64));
        let share = Cell::or_unknown(share, Cell::number);
        let empty = Cell::or_unknown(None::<u8>, Cell::number);
        let none = Cell::or_unknown(None::<u8>, Cell::number);
        grid.push(vec![Cell::text(what), Cell::number(lines), share, empty, none]);
    };
    row("approved as proposed", tally.as_proposed, true);
    row("approved with edits", tally.edited, true);
    row("rejected", tally.rejected, true);
    row("snoozed", tally.snoozed, false);
    row("ordered by hand", tally.by_hand, false);
    row("called off", tally.called_off, false);
    for (what, sums) in [("edits added", &tally.edits_added), ("edits saved", &tally.edits_saved)] {
        for sum in sums.iter().filter(|sum| sum.minor != 0) {
            let empty = || Cell::or_unknown(None::<u8>, Cell::number);
            let (amount, currency) = (Cell::number(sum), Cell::text(sum.currency));
            grid.push(vec![Cell::text(what), empty(), empty(), amount, currency]);
        }
    }
    grid
}

/// One purchase order, a row a line.
fn lines(detail: &PurchaseDetail) -> Grid {
    let mut grid = Grid::new(&[
        "po",
        "state",
        "supplier",
        "site",
        "sent_to",
        "reference",
        "sku",
        "name",
        "qty",
        "proposed",
        "confirmed",
        "arrived",
        "damaged",
        "unit_cost",
        "currency",
        "due",
        "asked_for",
        "approved_by",
        "entry",
        "second",
    ]);
    let row = &detail.row;
    let sent = detail.sent.as_ref();
    for line in &detail.lines {
        grid.push(vec![
            Cell::or_unknown(row.number.as_ref(), Cell::text),
            Cell::text(row.state.word()),
            Cell::text(&row.supplier),
            Cell::text(&row.site),
            Cell::or_unknown(sent, |(target, _, _)| Cell::text(target)),
            Cell::or_unknown(sent.and_then(|(_, name, _)| name.as_ref()), Cell::text),
            Cell::text(&line.sku),
            Cell::text(&line.name),
            Cell::number(line.qty),
            Cell::or_unknown(line.suggested, Cell::number),
            Cell::or_unknown(line.confirmed, Cell::number),
            Cell::number(line.arrived),
            Cell::number(line.damaged),
            Cell::or_unknown(line.cost, Cell::number),
            Cell::or_unknown(line.cost, |cost| Cell::text(cost.currency)),
            Cell::or_unknown(line.due, Cell::text),
            Cell::or_unknown(detail.asked, Cell::text),
            Cell::or_unknown(line.approved.as_ref(), |(_, who)| Cell::text(who)),
            Cell::or_unknown(line.approved.as_ref(), |(entry, _)| Cell::number(entry)),
            Cell::or_unknown(line.second.as_ref(), Cell::text),
        ]);
    }
    grid
}
