//! Commands that decide something, through the desk, in the caller's name.

use super::approve;
use super::args::{Format, FormatArgs};
use super::ask::{self, odd_answer, print_line};
use super::format::{Cell, Grid};
use super::until::Until;
use crate::domain::*;
use crate::engine::api::*;
use crate::owner::client::Client;
use crate::tui::target::Target;
use std::future::pending;

/// Makes the decision, once what it is about and until when are looked up.
type Make = dyn FnOnce(Option<Subject>, Option<Day>) -> Option<Decision>;

/// A decision that somebody wants made.
pub struct Wish {
    about: Option<Named>,
    until: Option<Until>,
    decision: Box<Make>,
    format: Format,
}

impl Wish {
    /// One that is complete.
    pub fn of(decision: Decision) -> Self {
        Self::until(None, |_| decision)
    }
    /// One that may last until a day.
    pub fn until(
        until: Option<Until>,
        decision: impl FnOnce(Option<Day>) -> Decision + 'static,
    ) -> Self {
        let decision = Box::new(|_: Option<Subject>, day: Option<Day>| Some(decision(day)));
        Wish { about: None, until, decision, format: Format::Table }
    }
    /// One that lasts until a day.
    pub fn on(until: Until, decision: impl FnOnce(Day) -> Decision + 'static) -> Self {
        let decision = Box::new(|_: Option<Subject>, day: Option<Day>| day.map(decision));
        Wish { about: None, until: Some(until), decision, format: Format::Table }
    }
    /// One about something that may have to be looked up.
    pub fn about(named: Named, decision: impl FnOnce(Subject) -> Decision + 'static) -> Self {
        let decision = Box::new(|subject: Option<Subject>, _: Option<Day>| subject.map(decision));
        Wish { about: Some(named), until: None, decision, format: Format::Table }
    }
    /// The same, what was decided printed so.
    pub fn printed(self, format: FormatArgs) -> Self {
        Wish { format: format.format, ..self }
    }
}

/// What a decision is about, as named on the command line.
pub enum Named {
    /// It is known by this.
    Known(Subject),
    /// An order, whose feed is to be looked up.
    Order(OrderRef),
}

impl Named {
    /// Reads `order:NUMBER`, `sku:SKU` or `feed:NAME`.
    pub fn parse(text: &str) -> Result<Self, Refusal> {
        match text.split_once(':') {
            Some(("sku", sku)) if !sku.is_empty() => Ok(Named::Known(Subject::Sku(Sku::new(sku)))),
            Some(("feed", feed)) if !feed.is_empty() => {
                Ok(Named::Known(Subject::Feed(FeedId::new(feed))))
            }
            Some(("order", number)) if !number.is_empty() => {
                Ok(Named::Order(OrderRef::parse(number)))
            }
            _ => Err(Refusal::usage(format!(
                "\"{text}\" names nothing; write order:NUMBER, sku:SKU or feed:NAME"
            ))),
        }
    }
}

/// Puts a decision in the journal and says its number.
pub async fn decide(client: &mut Client, wish: Wish) -> Result<(), Refusal> {
    let (subject, seen) = match wish.about {
        Some(named) => {
            let (subject, seen) = look_up(client, named).await?;
            (Some(subject), seen)
        }
        None => (None, None),
    };
    let day = match wish.until {
        Some(until) => Some(until.day(client).await?),
        None => None,
    };
    let decision = (wish.decision)(subject, day).ok_or_else(odd_answer)?;
    record_as(client, decision, seen, wish.format).await.map(drop)
}

/// The same of a decision that is complete, and answers it as the desk filled it in, with its entry; `seen`:
/// how what it is about stands, where that is known.
pub async fn record(
    client: &mut Client,
    decision: Decision,
    seen: Option<String>,
) -> Result<(u64, Decision), Refusal> {
    record_as(client, decision, seen, Format::Table).await
}

/// The same, what was decided printed so.
pub async fn record_as(
    client: &mut Client,
    decision: Decision,
    seen: Option<String>,
    format: Format,
) -> Result<(u64, Decision), Refusal> {
    let saw = match seen {
        Some(seen) => seen,
        None => positions(client, &decision).await?,
    };
    let wished = decision.clone();
    match client.act(Action::Decide { decision, saw }, |_| {}, pending()).await? {
        Outcome::Journalled(seq) => {
            // The desk fills in what was left open.
            let told = entry(client, seq).await?.map_or(wished, |entry| entry.decision);
            say(&[(seq, &told)], format)?;
            Ok((seq, told))
        }
        _ => Err(odd_answer()),
    }
}

/// Says what was decided: a sentence an entry to people, a row an entry to programs.
fn say(decided: &[(u64, &Decision)], format: Format) -> Result<(), Refusal> {
    if format != Format::Table {
        return ask::print(&grid(decided), format);
    }
    decided.iter().try_for_each(|(seq, told)| {
        print_line(&format!("entry {seq}: {} {}", told.verb(), told.summary()))
    })
}

/// What was decided about orders to suppliers, a row an entry.
fn grid(decided: &[(u64, &Decision)]) -> Grid {
    let mut grid = Grid::new(&[
        "entry", "decision", "po", "sku", "site", "supplier", "qty", "due", "until", "what",
    ]);
    for (seq, told) in decided {
        let about = About::of(told);
        grid.push(vec![
            Cell::number(seq),
            Cell::text(told.verb()),
            Cell::or_unknown(about.po, Cell::text),
            Cell::or_unknown(about.sku, Cell::text),
            Cell::or_unknown(about.site, Cell::text),
            Cell::or_unknown(about.supplier, Cell::text),
            Cell::or_unknown(about.qty, Cell::number),
            Cell::or_unknown(about.due, Cell::text),
            Cell::or_unknown(about.until, Cell::text),
            Cell::text(told.summary()),
        ]);
    }
    grid
}

/// What a decision about orders to suppliers names.
#[derive(Default)]
struct About<'d> {
    po: Option<&'d PoNumber>,
    sku: Option<&'d Sku>,
    site: Option<&'d SiteId>,
    supplier: Option<&'d SupplierId>,
    qty: Option<Qty>,
    due: Option<Day>,
    until: Option<Day>,
}

impl<'d> About<'d> {
    fn of(told: &'d Decision) -> Self {
        let none = Self::default();
        match told {
            Decision::Approve(line) => Self {
                sku: Some(&line.sku),
                site: Some(&line.site),
                supplier: line.supplier.as_ref(),
                qty: Some(line.qty),
                due: line.due,
                ..none
            },
            Decision::Reject { sku, site, until, .. } => {
                Self { sku: Some(sku), site: Some(site), until: *until, ..none }
            }
            Decision::Snooze { sku, site, until, .. } => {
                Self { sku: Some(sku), site: Some(site), until: Some(*until), ..none }
            }
            Decision::Countersign { sku, .. } => Self { sku: Some(sku), ..none },
            Decision::Receive { po, sku, site, qty, .. } => {
                Self { po: po.as_ref(), sku: Some(sku), site: Some(site), qty: Some(*qty), ..none }
            }
            Decision::Adjust { po, sku, site, delta, .. } => Self {
                po: po.as_ref(),
                sku: Some(sku),
                site: Some(site),
                qty: Some(*delta),
                ..none
            },
            Decision::Tell { po, told, .. } => {
                let due = match told {
                    Told::Confirmed { due, .. } => *due,
                    _ => None,
                };
                Self { po: Some(po), due, ..none }
            }
            Decision::Resend { po }
            | Decision::CancelOrder { po, .. }
            | Decision::CloseOrder { po, .. } => Self { po: Some(po), ..none },
            _ => none,
        }
    }
}

/// Decides one thing, or several as one act, and says what was decided.
pub async fn act(
    client: &mut Client,
    mut decisions: Vec<Decision>,
    format: Format,
) -> Result<(), Refusal> {
    if decisions.len() == 1
        && let Some(decision) = decisions.pop()
    {
        return record_as(client, decision, None, format).await.map(drop);
    }
    let decisions = decisions.into_iter().map(|decision| (decision, String::new())).collect();
    let outcome = client.act(Action::DecideAll(decisions), |_| {}, pending()).await?;
    let Outcome::Acted { first, last, done, of, why_not } = outcome else {
        return Err(odd_answer());
    };
    if format == Format::Table {
        print_line(&format!("entries {first} to {last}: {done} of {of} decided"))?;
    } else {
        let entries = entries(client, first, last).await?;
        let decided: Vec<(u64, &Decision)> =
            entries.iter().map(|entry| (entry.seq, &entry.decision)).collect();
        say(&decided, format)?;
    }
    why_not.map_or(Ok(()), |why| Err(Refusal::failed(why)))
}

/// Newest entries among which the own one is looked for; others may decide meanwhile.
const NEWEST: usize = 50;

/// Undoes an entry, and says which one, how, and which entry records that.
pub async fn undo(client: &mut Client, seq: Option<u64>) -> Result<(), Refusal> {
    let seq = match client.act(Action::Undo(seq), |_| {}, pending()).await? {
        Outcome::Journalled(seq) => seq,
        Outcome::Acted { first, last, done, of, why_not } => {
            print_line(&format!(
                "entries {first} to {last}: undid {done} of {of} decisions that were made at once"
            ))?;
            return match of.saturating_sub(done) {
                0 => Ok(()),
                left => Err(Refusal::failed(format!(
                    "{left} of the {of} still stand: {}",
                    why_not.unwrap_or_else(|| "the undo was cancelled".into())
                ))),
            };
        }
        _ => return Err(odd_answer()),
    };
    let told = entry(client, seq).await?;
    print_line(&match told.and_then(|entry| entry.undoes.map(|undone| (entry, undone))) {
        Some((Entry { decision, .. }, undone)) => {
            format!(
                "entry {seq}: undid entry {undone} by: {} {}",
                decision.verb(),
                decision.summary()
            )
        }
        None => format!("entry {seq}: undone"),
    })
}

/// One of the newest entries.
async fn entry(client: &mut Client, seq: u64) -> Result<Option<Entry>, Refusal> {
    Ok(entries(client, seq, seq).await?.pop())
}

/// Those of the newest entries that are from `first` to `last`, in their order.
async fn entries(client: &mut Client, first: u64, last: u64) -> Result<Vec<Entry>, Refusal> {
    let all = usize::try_from(last.saturating_sub(first)).unwrap_or(0);
    let limit = NEWEST.saturating_add(all);
    let newest = PageOf { descending: true, limit, ..PageOf::default() };
    let Answer::Journal(rows) = client.ask(Query::Journal(newest)).await? else {
        return Err(odd_answer());
    };
    let entries = rows.rows.into_iter().rev().map(|row| row.entry);
    Ok(entries.filter(|entry| (first..=last).contains(&entry.seq)).collect())
}

/// What is meant, and how it stands where that came along.
async fn look_up(client: &mut Client, named: Named) -> Result<(Subject, Option<String>), Refusal> {
    match named {
        Named::Known(subject) => Ok((subject, None)),
        Named::Order(which) => {
            let (key, saw) = order(client, which).await?;
            Ok((Subject::Order(key), Some(saw)))
        }
    }
}

/// An order's key, and how it stands.
pub async fn order(client: &mut Client, which: OrderRef) -> Result<(OrderKey, String), Refusal> {
    let number = which.number.clone();
    match client.ask(Query::Order(which)).await? {
        Answer::Order(Some(detail)) => {
            let saw = Target::from(&detail.row).saw;
            Ok((detail.order.key, saw))
        }
        Answer::Order(None) => Err(Refusal::usage(format!("no order {number}"))),
        _ => Err(odd_answer()),
    }
}

/// How the positions that a decision is about stand, as a person at the screen would see them.
async fn positions(client: &mut Client, decision: &Decision) -> Result<String, Refusal> {
    if let Decision::Reject { sku, site, .. } | Decision::Snooze { sku, site, .. } = decision
        && let Some(row) = approve::proposed(client, sku, site).await?
    {
        return Ok(Target::from(&row).saw);
    }
    let (sku, site) = match decision {
        Decision::Receive { sku, site, .. }
        | Decision::Count { sku, site, .. }
        | Decision::Adjust { sku, site, .. }
        | Decision::Approve(Approval { sku, site, .. })
        | Decision::Reject { sku, site, .. }
        | Decision::Snooze { sku, site, .. } => (sku, Some(site)),
        Decision::Transfer { sku, .. } => (sku, None),
        Decision::Override { sku, site, .. } => (sku, site.as_ref()),
        Decision::Note { subject: Subject::Sku(sku), .. }
        | Decision::Pin { subject: Subject::Sku(sku), .. }
        | Decision::Acknowledge { subject: Subject::Sku(sku), .. } => (sku, None),
        _ => return Ok(String::new()),
    };
    match client.ask(Query::Sku(sku.clone(), 1)).await? {
        Answer::Sku(Some(detail)) => {
            let about =
                |at: &SiteId| site.is_none_or(|site| site.as_str().is_empty() || site == at);
            let rows = detail.sites.iter().filter(|row| about(&row.site));
            Ok(rows.map(|row| Target::from(row).saw).collect::<Vec<_>>().join("; "))
        }
        // The desk says what is wrong with it.
        Answer::Sku(None) => Ok(String::new()),
        _ => Err(odd_answer()),
    }
}

/// Reads a quantity given on the command line.
pub fn qty(text: &str) -> Result<Qty, Refusal> {
    Qty::parse(text).ok_or_else(|| {
        Refusal::usage(format!("\"{text}\" is no quantity; write a number such as 12 or 2.5"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn programs_get_a_row_an_entry_with_what_was_decided() {
        let line = Approval {
            sku: "MUG".into(),
            site: SiteId::main(),
            supplier: Some("S1".into()),
            qty: Qty::units(24),
            cost: None,
            due: Day::parse("2026-12-03"),
            suggested: None,
        };
        let decisions = [
            Decision::Approve(line),
            Decision::CancelOrder { po: "PO-7".into(), reason: "late".into() },
        ];
        let decided: Vec<(u64, &Decision)> = (41..).zip(&decisions).collect();
        let printed = |format| {
            let mut out = Vec::new();
            grid(&decided).print(format, &mut out).unwrap();
            String::from_utf8(out).unwrap()
        };
        let rows: serde_json::Value = serde_json::from_str(&printed(Format::Json)).unwrap();
        assert_eq!(rows[0]["entry"], 41);
        assert_eq!((&rows[0]["decision"], &rows[0]["qty"]), (&"approve".into(), &24.into()));
        assert_eq!((&rows[0]["due"], &rows[0]["po"]), (&"2026-12-03".into(), &().into()));
        assert_eq!((&rows[1]["entry"], &rows[1]["po"]), (&42.into(), &"PO-7".into()));
        let csv = printed(Format::Csv);
        assert!(csv.starts_with("entry,decision,po,sku,site,supplier,qty,due,until,what"), "{csv}");
        assert!(
            csv.lines().nth(1).unwrap().starts_with("41,approve,,MUG,main,S1,24,2026-12-03,,"),
            "{csv}"
        );
    }
}
