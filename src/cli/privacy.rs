//! Commands about people and about what could not be understood: showing it in clear, forgetting
//! it, trying it again.

use super::args::{Format, PageArgs, QuarantineCommand};
use super::ask::{odd_answer, print, print_line};
use super::format::{Cell, Grid};
use super::{decide, jobs};
use crate::domain::*;
use crate::engine::api::*;
use crate::owner::client::Client;

/// Reads a pseudonym, `customer:PSEUDONYM` or `order:NUMBER`.
pub async fn whose(client: &mut Client, text: &str) -> Result<Whose, Refusal> {
    if text.starts_with("order:") {
        return match decide::subject(client, text).await? {
            Subject::Order(order) => Ok(Whose::Order(order)),
            _ => Err(odd_answer()),
        };
    }
    let pseudonym = text.strip_prefix("customer:").unwrap_or(text).trim();
    if pseudonym.is_empty() || pseudonym.contains(':') {
        return Err(Refusal::usage(format!(
            "\"{text}\" names nobody; write a customer's pseudonym or order:NUMBER"
        )));
    }
    Ok(Whose::Customer(CustomerRef::new(pseudonym)))
}

/// Prints what is known of somebody in clear; the journal says who asked and why.
pub async fn reveal(
    client: &mut Client,
    whose: Whose,
    reason: String,
    format: Format,
) -> Result<(), Refusal> {
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
    match client.act(action, |_| {}).await? {
        Outcome::Revealed(revealed) => Ok(*revealed),
        _ => Err(odd_answer()),
    }
}

/// Prints records in quarantine as they came, a journal entry each.
pub async fn raw(client: &mut Client, page: &PageArgs, reason: &str) -> Result<(), Refusal> {
    let wanted = PageOf {
        filter: page.filter.clone(),
        sort: page.sort.clone(),
        descending: !page.ascending,
        offset: page.offset,
        limit: page.limit,
    };
    let Answer::Quarantine(rows) = client.ask(Query::Quarantine(wanted)).await? else {
        return Err(odd_answer());
    };
    let table = page.format.format == Format::Table;
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
    print(&grid, page.format.format)
}

/// Reads records in quarantine again.
pub async fn retry(client: &mut Client, command: QuarantineCommand) -> Result<(), Refusal> {
    let QuarantineCommand::Retry { seqs, feed, preset, columns } = command;
    let job = Retry {
        feed: feed.map(FeedId::new),
        seqs,
        preset: preset.map(Into::into),
        columns: jobs::columns(&columns)?,
    };
    match client.act(Action::RetryQuarantine(job), |_| {}).await? {
        Outcome::Retried { settled, left } => {
            print_line(&format!("{settled} understood and taken in, {left} still in quarantine"))
        }
        _ => Err(odd_answer()),
    }
}
