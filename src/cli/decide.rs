//! Commands that decide something, through the desk, in the caller's name.

use super::approve;
use super::ask::{odd_answer, print_line};
use crate::domain::*;
use crate::engine::api::*;
use crate::owner::client::Client;
use crate::tui::target::Target;
use std::future::pending;

/// A decision that somebody wants made.
pub struct Wish {
    about: Option<Named>,
    decision: Box<dyn FnOnce(Option<Subject>) -> Option<Decision>>,
}

impl Wish {
    /// One that is complete.
    pub fn of(decision: Decision) -> Self {
        Wish { about: None, decision: Box::new(|_| Some(decision)) }
    }
    /// One about something that may have to be looked up.
    pub fn about(named: Named, decision: impl FnOnce(Subject) -> Decision + 'static) -> Self {
        Wish { about: Some(named), decision: Box::new(|subject| subject.map(decision)) }
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
    let decision = (wish.decision)(subject).ok_or_else(odd_answer)?;
    record(client, decision, seen).await.map(drop)
}

/// The same of a decision that is complete, and answers it as the desk filled it in, with its entry; `seen`:
/// how what it is about stands, where that is known.
pub async fn record(
    client: &mut Client,
    decision: Decision,
    seen: Option<String>,
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
            print_line(&format!("entry {seq}: {} {}", told.verb(), told.summary()))?;
            Ok((seq, told))
        }
        _ => Err(odd_answer()),
    }
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
    let newest = PageOf { descending: true, limit: NEWEST, ..PageOf::default() };
    let Answer::Journal(rows) = client.ask(Query::Journal(newest)).await? else {
        return Err(odd_answer());
    };
    Ok(rows.rows.into_iter().map(|row| row.entry).find(|entry| entry.seq == seq))
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
