//! Commands about people: what is known of somebody in clear, and forgetting them.

use super::args::Format;
use super::ask::{odd_answer, print, print_line};
use super::decide::{self, Wish};
use super::format::{Cell, Grid};
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
    let decision = Decision::Reveal { whose: look_up(client, whose).await?, reason };
    let action = Action::Decide { decision, saw: String::new() };
    let Outcome::Revealed(revealed) = client.act(action, |_| {}, pending()).await? else {
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
