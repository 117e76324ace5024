//! Commands about people and about what could not be understood: showing it in clear, forgetting
//! it, trying it again.

use super::args::{Format, QuarantineCommand};
use super::ask::{PageWish, odd_answer, print, print_line};
use super::decide::Wish;
use super::format::{Cell, Grid};
use super::{decide, jobs};
use crate::domain::*;
use crate::engine::api::*;
use crate::owner::client::Client;
use std::future::pending;

/// Somebody, as named on the command line.
pub enum WhoseNamed {
    /// By pseudonym.
    Customer(CustomerRef),
    /// Whoever placed this order.
    Order(OrderRef),
}

/// Reads a pseudonym, `customer:PSEUDONYM` or `order:NUMBER`.
pub fn whose(text: &str) -> Result<WhoseNamed, Refusal> {
    if let Some(order) = text.strip_prefix("order:").filter(|order| !order.is_empty()) {
        return Ok(WhoseNamed::Order(OrderRef::parse(order)));
    }
    let pseudonym = text.strip_prefix("customer:").unwrap_or(text).trim();
    if pseudonym.is_empty() || pseudonym.contains(':') {
        return Err(Refusal::usage(format!(
            "\"{text}\" names nobody; write a customer's pseudonym or order:NUMBER"
        )));
    }
    Ok(WhoseNamed::Customer(CustomerRef::new(pseudonym)))
}

async fn look_up(client: &mut Client, whose: WhoseNamed) -> Result<Whose, Refusal> {
    match whose {
        WhoseNamed::Customer(customer) => Ok(Whose::Customer(customer)),
        WhoseNamed::Order(order) => Ok(Whose::Order(decide::order(client, order).await?.0)),
    }
}

/// Destroys the key of what is known of somebody.
pub async fn forget(client: &mut Client, whose: WhoseNamed, reason: String) -> Result<(), Refusal> {
    let whose = look_up(client, whose).await?;
    decide::decide(client, Wish::of(Decision::Forget { whose, reason })).await
}

/// Prints what is known of somebody in clear; the journal says who asked and why.
pub async fn reveal(
    client: &mut Client,
    whose: WhoseNamed,
    reason: String,
    format: Format,
) -> Result<(), Refusal> {
    let whose = look_up(client, whose).await?;
    let revealed = read(client, whose, reason).await?;
    let lines = revealed.lines();
    if lines.is_empty() && format == Format::Table {
        return print_line(&format!("nothing is kept about {}", revealed.whose));
    }
    let mut grid = Grid::new(&["what", "text"]);
    for (what, text) in lines {
        grid.push(vec![Cell::text(what), Cell::text(text)]);
    }
    print(&grid, format)
}

async fn read(client: &mut Client, whose: Whose, reason: String) -> Result<Revealed, Refusal> {
    let decision = Decision::Reveal { whose, reason };
    let action = Action::Decide { decision, saw: String::new() };
    match client.act(action, |_| {}, pending()).await? {
        Outcome::Revealed(revealed) => Ok(*revealed),
        _ => Err(odd_answer()),
    }
}

/// Prints records in quarantine as they came, a journal entry each.
pub async fn raw(client: &mut Client, wish: PageWish, reason: &str) -> Result<(), Refusal> {
    let PageWish { page: wanted, format } = wish;
    let Answer::Quarantine(rows) = client.ask(Query::Quarantine(wanted)).await? else {
        return Err(odd_answer());
    };
    let table = format == Format::Table;
    let mut grid = Grid::new(&["seq", "feed", "place", "reason", "raw"]);
    for row in rows.rows {
        let raw = match row.kept {
            true => {
                read(client, Whose::Rejected(row.seq), reason.to_owned()).await?.raw.map(|raw| {
                    // A terminal takes no text as it came.
                    if table { text::clean(&raw).into() } else { raw }
                })
            }
            false => None,
        };
        grid.push(vec![
            Cell::number(row.seq),
            Cell::text(&row.feed),
            Cell::text(&row.reject.place),
            Cell::text(&row.reject.reason),
            Cell::or_unknown(raw, Cell::text),
        ]);
    }
    print(&grid, format)
}

/// Understands which records in quarantine are to be read again.
pub fn retried(command: QuarantineCommand) -> Result<Retry, Refusal> {
    let QuarantineCommand::Retry { seqs, feed, preset, columns } = command;
    Ok(Retry {
        feed: feed.map(FeedId::new),
        seqs,
        preset: preset.map(Into::into),
        columns: jobs::columns(&columns)?,
    })
}

/// Reads records in quarantine again.
pub async fn retry(client: &mut Client, job: Retry) -> Result<(), Refusal> {
    match client.act(Action::RetryQuarantine(job), |_| {}, pending()).await? {
        Outcome::Retried { settled, left } => {
            print_line(&format!("{settled} understood and taken in, {left} still in quarantine"))
        }
        _ => Err(odd_answer()),
    }
}
