//! Shops that are told what people decided about their orders: to stop them, to let them go on, to call
//! them off.
//!
//! What is to be told follows from the journal ([`crate::desk::triage::Triage::all_to_tell`]): a word
//! that nothing was noted of was not told. It is noted after the shop took it, so that one may be told
//! twice, which changes nothing. A replay tells nobody, a demo its own shop, a real store the shops that
//! the configuration names as targets. Waits between tries are monotonic, and begin anew with the owner.

use super::api::{FlaggedRow, StoreKind};
use super::house::{House, Ready, Topic};
use crate::config::{Config, FeedKind, TargetKind};
use crate::desk::triage::ToTell;
use crate::domain::{FeedId, OrderKey, OrderStatus, ShopWord, text};
use crate::feed::demo::DemoStore;
use crate::feed::woocommerce;
use crate::outbox::{Backoff, Shop, WooShop};
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;

/// Words that are on their way at once.
const AT_ONCE: usize = 4;
/// Words that are noted as one entry of the journal at most.
const NOTED: usize = 200;
/// How long the demo's shop may take to answer.
const DEMO_WITHIN: Duration = Duration::from_secs(20);
/// How long a note that could not be written waits.
const WRITE_AGAIN: Duration = Duration::from_secs(10);

/// A word that no shop has taken yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TryingShop {
    /// Tries so far.
    pub tried: u32,
    /// What came of the last one.
    pub reason: Box<str>,
    /// When the next one begins.
    pub next: Instant,
}

/// The shops that can be told something, and what they have not taken yet.
#[derive(Default)]
pub struct Shops {
    known: parking_lot::RwLock<Vec<(Arc<dyn Shop>, u32)>>,
    trying: parking_lot::Mutex<HashMap<OrderKey, TryingShop>>,
}

impl Shops {
    /// Has these shops, and no others, be told; each is tried so often.
    pub fn know(&self, shops: Vec<(Arc<dyn Shop>, u32)>) {
        *self.known.write() = shops;
    }
    fn of(&self, feed: &FeedId) -> Option<(Arc<dyn Shop>, u32)> {
        let known = self.known.read();
        known.iter().find(|(shop, _)| shop.feed() == feed).cloned()
    }
}

/// Sets up the shops that are targets; those that cannot be used are said to be in trouble.
pub fn set_up(house: &House, config: &Config) {
    if house.kind != StoreKind::Live {
        return;
    }
    let mut shops: Vec<(Arc<dyn Shop>, u32)> = Vec::new();
    let mut broken: Vec<String> = Vec::new();
    for target in &config.targets {
        let TargetKind::Shop { feed, timeout_seconds } = &target.kind else { continue };
        let followed = config.feeds.iter().find(|known| known.name == *feed);
        let Some(FeedKind::WooCommerce { url, credentials, .. }) = followed.map(|feed| &feed.kind)
        else {
            broken.push(format!("target {}: there is no woocommerce feed \"{feed}\"", target.name));
            continue;
        };
        let within = Duration::from_secs(*timeout_seconds);
        let login = (credentials.key.clone(), credentials.secret.clone());
        let url = woocommerce::base_of(url);
        match WooShop::new(&FeedId::new(feed.as_str()), url, login, within) {
            Ok(shop) => shops.push((Arc::new(shop), target.tries)),
            Err(error) => broken.push(error.to_string()),
        }
    }
    house.trouble(Topic::Shops, (!broken.is_empty()).then(|| broken.join("; ")));
    house.shops.know(shops);
}

/// Makes the demo's own shop the only one.
pub fn tell_shop_of(house: &House, feed: &FeedId, shop: &DemoStore) {
    match WooShop::new(feed, &shop.url, (shop.key.clone(), shop.secret.clone()), DEMO_WITHIN) {
        Ok(shop) => {
            let shop: Arc<dyn Shop> = Arc::new(shop);
            house.shops.know(vec![(shop, Backoff::default().tries)]);
            house.decided.send_modify(|n| *n += 1);
        }
        Err(error) => house.trouble(Topic::Shops, Some(error.to_string())),
    }
}

/// Tells shops what is to be told, until the owner ends.
pub async fn run(house: Arc<House>, mut stop: watch::Receiver<bool>) {
    let (mut decided, mut ready) = (house.decided.subscribe(), house.ready.subscribe());
    decided.mark_changed();
    // Until that is noted.
    let mut under_way: HashSet<OrderKey> = HashSet::new();
    let mut runs: JoinSet<(OrderKey, Option<ShopWord>)> = JoinSet::new();
    let slots = Arc::new(Semaphore::new(AT_ONCE));
    let mut words: Vec<ShopWord> = Vec::new();
    loop {
        let mut look = true;
        tokio::select! {
            _ = stop.wait_for(|stop| *stop) => return,
            _ = decided.changed() => {}
            _ = ready.changed() => {}
            Some(done) = runs.join_next() => match done {
                Ok((_, Some(word))) => {
                    words.push(word);
                    look = false;
                }
                Ok((order, None)) => {
                    under_way.remove(&order);
                }
                Err(error) => {
                    tracing::error!(%error, "telling a shop ended in a panic");
                    under_way.clear();
                }
            },
        }
        if *ready.borrow_and_update() != Ready::Yes {
            continue;
        }
        // Several at once where many were told: an entry for each would take as long as they did.
        // With a slot free, what is left only waits for its next try.
        let idle = slots.available_permits() > 0;
        if !words.is_empty() && (words.len() >= NOTED || idle) {
            let noted = std::mem::take(&mut words);
            note(&house, noted.clone()).await;
            for word in &noted {
                under_way.remove(&word.order);
            }
            look = true;
        }
        if !look {
            continue;
        }
        let triage = house.triage.read().clone();
        house.say_what_shops_refused(&triage);
        for (order, wanted) in triage.all_to_tell() {
            if under_way.contains(order) {
                continue;
            }
            let Some((shop, tries)) = house.shops.of(&order.feed) else { continue };
            under_way.insert(order.clone());
            let word = Word {
                house: house.clone(),
                order: order.clone(),
                wanted,
                shop,
                tries,
                stop: stop.clone(),
            };
            runs.spawn(word.run(slots.clone()));
        }
    }
}

async fn note(house: &Arc<House>, words: Vec<ShopWord>) {
    let at_work = house.clone();
    let noted = tokio::task::spawn_blocking(move || at_work.tell_shops(words)).await;
    if let Ok(Err(refusal)) = noted {
        // They are told again; not at once, as the disk may be full.
        tracing::error!(%refusal, "what shops were told could not be noted");
        tokio::time::sleep(WRITE_AGAIN).await;
    }
}

/// A word on its way.
struct Word {
    house: Arc<House>,
    order: OrderKey,
    wanted: ToTell,
    shop: Arc<dyn Shop>,
    tries: u32,
    stop: watch::Receiver<bool>,
}

impl Word {
    async fn run(mut self, slots: Arc<Semaphore>) -> (OrderKey, Option<ShopWord>) {
        let refused = self.until_taken(&slots).await;
        self.house.shops.trying.lock().remove(&self.order);
        let word = refused.map(|refused| ShopWord {
            order: self.order.clone(),
            of: self.wanted.of,
            refused: refused.map(|reason| text::clean(&reason).into()),
        });
        (self.order, word)
    }

    /// Tries until it is taken (`None`) or refused for good; `None` altogether: there is nothing to tell
    /// any more.
    async fn until_taken(&mut self, slots: &Semaphore) -> Option<Option<String>> {
        let backoff = Backoff { tries: self.tries, ..Backoff::default() };
        let mut rng = ChaCha8Rng::seed_from_u64(self.wanted.of ^ u64::from(std::process::id()));
        // Before the first look, so that nothing decided during a try is missed.
        let mut decided = self.house.decided.subscribe();
        for tried in 1.. {
            if self.house.triage.read().to_tell(&self.order) != Some(self.wanted) {
                return None;
            }
            if let Some(status) = self.has_moved_on() {
                return Some(Some(format!("it is {} by now", status.word())));
            }
            let attempt = async {
                // Nobody closes it.
                let _slot = slots.acquire().await.ok();
                self.shop.set(&self.order.number, self.wanted.status).await
            };
            let answer = tokio::select! {
                answer = attempt => answer,
                _ = self.stop.wait_for(|stop| *stop) => return None,
            };
            let Err(error) = answer else { return Some(None) };
            tracing::warn!(order = %self.order, tried, %error, "a shop did not do as it was told");
            let wait = backoff.after(tried, error.after, &mut rng).filter(|_| error.retry);
            let Some(wait) = wait else { return Some(Some(error.reason)) };
            self.house.shops.trying.lock().insert(
                self.order.clone(),
                TryingShop { tried, reason: error.reason.into(), next: Instant::now() + wait },
            );
            self.house.changed();
            self.wait(wait, &mut decided).await?;
        }
        None
    }

    /// The order's status, if nobody can change it any more.
    fn has_moved_on(&self) -> Option<OrderStatus> {
        let index = self.house.orders.read();
        let status = index.brief(index.find(&self.order)?)?.status;
        let done = match status {
            OrderStatus::Shipped | OrderStatus::Refunded => true,
            OrderStatus::Gone | OrderStatus::Failed => true,
            // Called off here, it may be called back; by others, it may not.
            OrderStatus::Cancelled => {
                self.wanted.status != OrderStatus::Cancelled
                    && !self.house.triage.read().was_called_off(&self.order)
            }
            _ => false,
        };
        done.then_some(status)
    }

    /// Waits for the next try; `None`: there will be none.
    async fn wait(&mut self, wait: Duration, decided: &mut watch::Receiver<u64>) -> Option<()> {
        let sleep = tokio::time::sleep(wait);
        tokio::pin!(sleep);
        loop {
            tokio::select! {
                () = &mut sleep => return Some(()),
                _ = self.stop.wait_for(|stop| *stop) => return None,
                _ = decided.changed() => {
                    let triage = self.house.triage.read().clone();
                    if triage.to_tell(&self.order) != Some(self.wanted) {
                        return None;
                    }
                }
            }
        }
    }
}

impl House {
    /// Says which orders shops would do nothing about, for everybody to see.
    fn say_what_shops_refused(&self, triage: &crate::desk::triage::Triage) {
        let mut refused = triage.refused();
        let told = refused.next().map(|(order, why)| {
            let more = match refused.count() {
                0 => String::new(),
                more => format!(" and {more} more"),
            };
            format!(
                "the shop would not do as decided about order {order}{more}: {why}; decide anew, or do \
                 it in the shop and confirm the case"
            )
        });
        if told.is_some() || self.is_in_trouble(Topic::Shops) {
            self.trouble(Topic::Shops, told);
        }
    }

    /// What the shop of an order is told to make of it and how far that has come, in words.
    pub fn told_shop(&self, order: &OrderKey) -> Option<Box<str>> {
        let triage = self.triage.read().clone();
        let (wanted, refused) = triage.told(order)?;
        let what = match wanted.status {
            OrderStatus::Held => "hold",
            OrderStatus::Cancelled => "call off",
            _ => "let go on",
        };
        if let Some(refused) = refused {
            return Some(format!("{what}: {}{refused}", FlaggedRow::REFUSED).into());
        }
        if triage.to_tell(order).is_none() {
            return Some(format!("{what}: the shop has done it").into());
        }
        if let Some(trying) = self.shops.trying.lock().get(order) {
            let left = trying.next.saturating_duration_since(Instant::now()).as_secs();
            let next = trying.tried + 1;
            return Some(format!("{what}: try {next} in {left} s: {}", trying.reason).into());
        }
        if self.shops.of(&order.feed).is_some() {
            return Some(format!("{what}: {}", FlaggedRow::BEING_TOLD).into());
        }
        let why = match self.kind {
            StoreKind::Live => format!(
                "no target tells shop {}; add a [[target]] of kind \"shop\", or do it in the shop",
                order.feed
            ),
            StoreKind::Replay => "a replay store reaches nobody outside".to_owned(),
            StoreKind::Demo => "the demo's shop does not take it".to_owned(),
        };
        Some(format!("{what}: {why}").into())
    }
}
