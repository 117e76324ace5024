//! Commands about people: what is known of somebody in clear, and forgetting them.

use super::args::Format;
use super::ask::{odd_answer, print, print_line};
use super::decide;
use super::format::{Cell, Grid};
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
    let decision = Decision::Reveal { whose, reason };
    let action = Action::Decide { decision, saw: String::new() };
    let Outcome::Revealed(revealed) = client.act(action, |_| {}).await? else {
        return Err(odd_answer());
    };
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
