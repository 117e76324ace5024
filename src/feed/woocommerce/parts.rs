//! What stands below a record and is asked for on its own: refunds of orders, variations of products.
//!
//! One list that can never be read must not hold up all the others: after some tries its record goes
//! into quarantine, and the reading goes on without it.

use super::reading::{API, Reading, more, page_query, rows};
use crate::feed::FeedError;
use crate::feed::http::Client;
use futures::StreamExt;
use serde_json::Value;
use std::collections::HashMap;

/// Pages of one product's variations or one order's refunds that are read.
const MOST_PARTS: u32 = 50;
/// How often in a row a list may fail before its record is given up.
pub(super) const TRIES: u32 = 5;

/// What stands below some records, by their ids.
#[derive(Default)]
pub(super) struct Parts {
    lists: HashMap<u64, Vec<Value>>,
    refused: HashMap<u64, String>,
}

impl Parts {
    /// What stands below a record; the error says why that cannot be known.
    pub fn of(&self, id: u64) -> Result<&[Value], String> {
        match self.refused.get(&id) {
            Some(reason) => Err(reason.clone()),
            None => Ok(self.lists.get(&id).map(Vec::as_slice).unwrap_or_default()),
        }
    }
}

impl Reading<'_> {
    /// What stands below each of some records, such as the `refunds` of `orders`.
    pub async fn parts_of(
        &mut self,
        ids: &[u64],
        of: &str,
        parts: &str,
    ) -> Result<Parts, FeedError> {
        let client = self.client;
        let ask = async |id: u64| {
            let path = format!("{API}/{of}/{id}/{parts}");
            let told = all_parts(client, &path).await;
            (id, path, told)
        };
        let asked: Vec<_> = futures::stream::iter(ids.iter().copied())
            .map(ask)
            .buffer_unordered(self.config.limits.in_flight.max(1))
            .collect()
            .await;
        let mut found = Parts::default();
        let mut to_try_again = None;
        for (id, path, told) in asked {
            match told {
                Ok(list) => {
                    self.rounds.failures.remove(&path);
                    found.lists.insert(id, list);
                }
                Err(error) if is_of_the_whole_shop(&error) => return Err(error),
                Err(error) => {
                    let failures = self.rounds.failures.entry(path).or_default();
                    *failures = failures.saturating_add(1);
                    if *failures < TRIES {
                        to_try_again = Some(error);
                    } else {
                        let reason = format!("its {parts} cannot be read: {error}");
                        found.refused.insert(id, reason);
                    }
                }
            }
        }
        match to_try_again {
            Some(error) => Err(error),
            None => Ok(found),
        }
    }
}

/// A shop that names a wait is busy; that says nothing about the list that was asked for.
fn is_of_the_whole_shop(error: &FeedError) -> bool {
    matches!(error, FeedError::Stopped | FeedError::Transient { retry_after: Some(_), .. })
}

async fn all_parts(client: &Client, path: &str) -> Result<Vec<Value>, FeedError> {
    let mut all = Vec::new();
    for number in 1..=MOST_PARTS {
        // Not served: it was deleted since it was listed.
        let Some(answer) = client.get_if_served(path, &page_query(number, 100)).await? else {
            return Ok(all);
        };
        let rows = rows(path, &answer)?;
        let more = more(&answer, number, rows.len(), 100);
        all.extend(rows.into_iter().cloned());
        if !more {
            return Ok(all);
        }
    }
    Err(FeedError::Permanent { reason: format!("/{path} goes on after {MOST_PARTS} pages") })
}
