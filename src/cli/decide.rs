//! Commands that decide something, through the desk, in the caller's name.

use super::ask::{odd_answer, print_line};
use crate::domain::*;
use crate::engine::api::*;
use crate::owner::client::Client;

/// Puts a decision in the journal and says its number.
pub async fn decide(client: &mut Client, decision: Decision) -> Result<(), Refusal> {
    let words = decision.summary();
    let verb = decision.verb();
    let action = Action::Decide { decision, saw: String::new() };
    match client.act(action, |_| {}).await? {
        Outcome::Journalled(seq) => print_line(&format!("entry {seq}: {verb} {words}")),
        _ => Err(odd_answer()),
    }
}

/// Undoes an entry and says which entry records that.
pub async fn undo(client: &mut Client, seq: Option<u64>) -> Result<(), Refusal> {
    match client.act(Action::Undo(seq), |_| {}).await? {
        Outcome::Journalled(entry) => print_line(&format!("entry {entry}: undone")),
        _ => Err(odd_answer()),
    }
}

/// Reads `order:NUMBER`, `sku:SKU` or `feed:NAME`; an order's feed is looked up.
pub async fn subject(client: &mut Client, text: &str) -> Result<Subject, Refusal> {
    match text.split_once(':') {
        Some(("sku", sku)) if !sku.is_empty() => Ok(Subject::Sku(Sku::new(sku))),
        Some(("feed", feed)) if !feed.is_empty() => Ok(Subject::Feed(FeedId::new(feed))),
        Some(("order", number)) if !number.is_empty() => {
            match client.ask(Query::Order(OrderRef::parse(number))).await? {
                Answer::Order(Some(detail)) => Ok(Subject::Order(detail.order.key)),
                Answer::Order(None) => Err(Refusal::usage(format!("no order {number}"))),
                _ => Err(odd_answer()),
            }
        }
        _ => Err(Refusal::usage(format!(
            "\"{text}\" names nothing; write order:NUMBER, sku:SKU or feed:NAME"
        ))),
    }
}

/// Reads a quantity given on the command line.
pub fn qty(text: &str) -> Result<Qty, Refusal> {
    Qty::parse(text).ok_or_else(|| {
        Refusal::usage(format!("\"{text}\" is no quantity; write a number such as 12 or 2.5"))
    })
}
