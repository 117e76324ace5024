//! What the shop says of a decision about orders.

use super::detail;
use crate::domain::*;
use crate::engine::api::*;
use crate::owner::client::Client;
use std::time::{Duration, Instant};

/// How long a command waits for what a shop says, and how often it looks.
const HEARD: Duration = Duration::from_secs(5);
const LOOK: Duration = Duration::from_millis(100);

/// Waits a moment for what the shop says of orders, and tells of those about which it would not.
pub async fn heard(
    client: &mut Client,
    case: CaseId,
    seq: u64,
    orders: &[FlaggedOrder],
) -> Result<(), Refusal> {
    let begun = Instant::now();
    loop {
        let detail = detail(client, case).await?;
        let about = detail
            .orders
            .iter()
            .filter(|row| orders.iter().any(|order| order.order == row.order.key));
        let told: Vec<(&OrderKey, &str)> =
            about.filter_map(|row| Some((&row.order.key, row.told.as_deref()?))).collect();
        let waits = told.iter().any(|(_, told)| told.ends_with(FlaggedRow::BEING_TOLD));
        if waits && begun.elapsed() < HEARD {
            tokio::time::sleep(LOOK).await;
            continue;
        }
        if waits {
            eprintln!(
                "the shop has not answered yet; `stockdeck flags show {case}` tells how far it is"
            );
        }
        let mut refused = told.iter().filter(|(_, told)| told.contains(FlaggedRow::REFUSED));
        return match refused.next() {
            None => Ok(()),
            Some((order, why)) => Err(Refusal::failed(format!(
                "entry {seq} stands, and the shop would not do it for {} of {} orders; order {order}: {why}",
                1 + refused.count(),
                orders.len()
            ))),
        };
    }
}
