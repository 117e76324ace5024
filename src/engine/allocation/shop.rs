//! Decisions from where orders ship on their way to the shop, until it has taken or refused them.
//!
//! What is to be told follows from the journal, as with purchase orders: what has no answer there is told
//! again, with the same key. Of an order one thing is told after the other.

use crate::desk::allocating::Errand;
use crate::domain::*;
use crate::engine::house::{House, Ready};
use crate::outbox::{Backoff, Delivered, DeliveryError, Route, ShippingNotice};
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;
use tokio::task::JoinSet;

/// Notices that are on their way at once.
const AT_ONCE: usize = 4;
/// How long what could not be noted is left alone.
const NOTE_AGAIN: Duration = Duration::from_secs(10);

/// Tells the shop what is decided, until the owner ends.
pub async fn run(house: Arc<House>, mut stop: watch::Receiver<bool>) {
    let (mut decided, mut ready) = (house.decided.subscribe(), house.ready.subscribe());
    let mut under_way: BTreeSet<OrderKey> = BTreeSet::new();
    let mut runs: JoinSet<OrderKey> = JoinSet::new();
    loop {
        if *ready.borrow_and_update() == Ready::Yes
            && let Some(route) = house.allocator.route.read().clone()
        {
            for errand in house.allocator.decided().errands() {
                if runs.len() < AT_ONCE && under_way.insert(errand.order.clone()) {
                    runs.spawn(tell(house.clone(), errand, route.clone(), stop.clone()));
                }
            }
        }
        tokio::select! {
            _ = stop.wait_for(|stop| *stop) => return,
            _ = decided.changed() => {}
            _ = ready.changed() => {}
            Some(done) = runs.join_next() => match done {
                Ok(order) => {
                    under_way.remove(&order);
                }
                Err(error) => {
                    tracing::error!(%error, "telling the shop ended in a panic");
                    under_way.clear();
                }
            },
        }
    }
}

async fn tell(
    house: Arc<House>,
    errand: Errand,
    route: Route,
    mut stop: watch::Receiver<bool>,
) -> OrderKey {
    let notice = house.notice(&errand);
    let end = until_told(&house, &errand, &notice, &route, &mut stop).await;
    house.allocator.trying.lock().remove(&errand.order);
    let Some(end) = end else { return errand.order };
    let target: Box<str> = route.target.name().into();
    let told = match end {
        Ok(delivered) => Told::Sent { target, reference: delivered.reference },
        Err((error, attempts)) => {
            Told::Failed { target, reason: text::clean(&error.reason).into(), attempts }
        }
    };
    let (at_work, order, of) = (house.clone(), errand.order.clone(), errand.of);
    let noted = tokio::task::spawn_blocking(move || at_work.tell_shipping(order, of, told));
    if let Ok(Err(refusal)) = noted.await {
        tracing::error!(%refusal, "what the shop said could not be noted");
        tokio::time::sleep(NOTE_AGAIN).await;
    }
    errand.order
}

/// Tries until it is taken or given up; `None`: there is nothing to tell any more.
async fn until_told(
    house: &House,
    errand: &Errand,
    notice: &ShippingNotice,
    route: &Route,
    stop: &mut watch::Receiver<bool>,
) -> Option<Result<Delivered, (DeliveryError, u32)>> {
    let backoff = Backoff { tries: route.tries, ..Backoff::default() };
    let mut rng = ChaCha8Rng::seed_from_u64(errand.of ^ u64::from(std::process::id()));
    let mut decided = house.decided.subscribe();
    for tried in 1.. {
        let answer = tokio::select! {
            answer = route.target.notify(notice) => answer,
            _ = stop.wait_for(|stop| *stop) => return None,
        };
        let error = match answer {
            Ok(delivered) => return Some(Ok(delivered)),
            Err(error) => error,
        };
        tracing::warn!(order = %errand.order, tried, %error, "the shop did not take a decision");
        let wait = backoff.after(tried, error.after, &mut rng).filter(|_| error.retry);
        let Some(wait) = wait else { return Some(Err((error, tried))) };
        let reason = format!(
            "{}: try {} in {} s: {}",
            route.target.name(),
            tried + 1,
            wait.as_secs(),
            error.reason
        );
        house.allocator.trying.lock().insert(errand.order.clone(), reason.into());
        house.changed();
        let sleep = tokio::time::sleep(wait);
        tokio::pin!(sleep);
        loop {
            tokio::select! {
                () = &mut sleep => break,
                _ = stop.wait_for(|stop| *stop) => return None,
                _ = decided.changed() => {
                    let still = house.allocator.decided().errands();
                    if !still.contains(errand) {
                        return None;
                    }
                }
            }
        }
    }
    None
}

impl House {
    fn notice(&self, errand: &Errand) -> ShippingNotice {
        let key = |entry: u64, at: Timestamp| {
            self.key_for(&format!("shipping {entry} {} {}", at.as_millis(), errand.order))
        };
        let one = &errand.allocation;
        ShippingNotice {
            key: key(errand.of, errand.at),
            takes_back: errand.takes_back.map(|(entry, at)| key(entry, at)),
            order: errand.order.clone(),
            at: errand.at,
            ships: one.ships.clone(),
            waits: one.waits.clone(),
            home: one.home.clone(),
        }
    }
}
