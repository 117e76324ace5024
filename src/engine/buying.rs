//! Orders on their way out: approved lines that nobody can take back any more are placed, and what
//! is placed is told to the suppliers' systems until they have it.
//!
//! What is to be told follows from the journal: an order without an entry that says so was not told.
//! An entry is written after the target took the order; should the owner end in between, the order is
//! told again with the same key. Waits between tries are monotonic, and begin anew with the owner.

use super::api::{PurchaseRequest, Refusal, StoreKind};
use super::decide::OWNER;
use super::house::{House, Ready, Topic};
use crate::config::TargetConfig;
use crate::desk::buying::{Moment, OwnOrder, Parcel, Purchasing, Rules, Signature, Waits, due};
use crate::desk::coordinate::OwnTransfer;
use crate::domain::*;
use crate::feed::demo::DemoStore;
use crate::feed::demo::catalogue::SITES;
use crate::outbox::*;
use hmac::{Hmac, Mac};
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use sha2::Sha256;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;

/// How often approvals are looked at.
const LOOK: Duration = Duration::from_secs(1);
/// Documents that are on their way at once.
const AT_ONCE: usize = 4;
/// How long a simulated supplier may take to answer.
const DEMO_WITHIN: Duration = Duration::from_secs(20);
/// The name of the demo's suppliers as a target.
const DEMO_TARGET: &str = "demo suppliers";
/// The name of the demo's shop as a target.
const DEMO_SHOP: &str = "demo shop";

/// An order that no target has taken yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trying {
    /// Which target.
    pub target: Box<str>,
    /// Tries so far.
    pub tried: u32,
    /// What came of the last one.
    pub reason: Box<str>,
    /// When the next one begins.
    pub next: Instant,
}

/// Sets up the configured targets; those that cannot be used are said to be in trouble. A replay
/// or a demo reaches nobody real.
pub fn set_up(house: &House, targets: &[TargetConfig]) {
    if house.kind != StoreKind::Live {
        return;
    }
    let mut routes = Routes::default();
    let mut broken = Vec::new();
    for config in targets {
        match config.build() {
            Ok(None) => {}
            Ok(Some(target)) => {
                let (suppliers, tries) = (config.suppliers.clone(), config.tries);
                routes.0.push(Route { target, suppliers, tries });
            }
            Err(error) => broken.push(error.to_string()),
        }
    }
    house.trouble(Topic::Targets, (!broken.is_empty()).then(|| broken.join("; ")));
    let shop = house.allocator.terms().and_then(|terms| terms.target.clone());
    let named = |route: &&Route| shop.as_deref() == Some(route.target.name());
    house.allocator.tell(routes.0.iter().find(named).cloned());
    *house.routes.write() = Arc::new(routes);
}

/// Makes the demo's own suppliers the only target.
pub fn tell_suppliers_of(house: &House, shop: &DemoStore) {
    let url = format!("{}/stockdeck/v1/supplier-orders", shop.url);
    let login = Login::Basic(shop.key.clone(), shop.secret.clone());
    match Post::new(DEMO_TARGET, &url, login, DEMO_WITHIN) {
        Ok(target) => {
            let tries = Backoff::default().tries;
            let target: Arc<dyn Target> = Arc::new(target);
            let suppliers = Route { target: target.clone(), suppliers: Vec::new(), tries };
            let sites = SITES.iter().map(|(site, _)| SupplierId::from(*site)).collect();
            let own_sites = Route { target, suppliers: sites, tries };
            *house.routes.write() = Arc::new(Routes(vec![suppliers, own_sites]));
            house.decided.send_modify(|n| *n += 1);
        }
        Err(error) => house.trouble(Topic::Targets, Some(error.to_string())),
    }
}

/// Has the demo's shop told from where orders ship.
pub fn tell_shop_of(house: &House, shop: &DemoStore) {
    let url = format!("{}/stockdeck/v1/allocations", shop.url);
    let login = Login::Basic(shop.key.clone(), shop.secret.clone());
    match Post::new(DEMO_SHOP, &url, login, DEMO_WITHIN) {
        Ok(target) => {
            let tries = Backoff::default().tries;
            let route = Route { target: Arc::new(target), suppliers: Vec::new(), tries };
            house.allocator.tell(Some(route));
            house.decided.send_modify(|n| *n += 1);
        }
        Err(error) => house.trouble(Topic::Targets, Some(error.to_string())),
    }
}

/// Places what is due and tells what is placed, until the owner ends.
pub async fn run(house: Arc<House>, mut stop: watch::Receiver<bool>) {
    let mut look = tokio::time::interval(LOOK);
    look.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let (mut decided, mut ready) = (house.decided.subscribe(), house.ready.subscribe());
    let mut busy = true;
    let mut under_way: BTreeSet<PoNumber> = BTreeSet::new();
    let mut runs: JoinSet<PoNumber> = JoinSet::new();
    let slots = Arc::new(Semaphore::new(AT_ONCE));
    loop {
        tokio::select! {
            _ = stop.wait_for(|stop| *stop) => return,
            // With nothing that will be due nobody is woken.
            _ = look.tick(), if busy => {}
            _ = decided.changed() => {}
            _ = ready.changed() => {}
            Some(done) = runs.join_next() => match done {
                Ok(po) => {
                    under_way.remove(&po);
                }
                Err(error) => {
                    tracing::error!(%error, "telling a supplier ended in a panic");
                    // Which one it was is not told; the others go on and are told once all the same.
                    under_way.clear();
                }
            },
        }
        if *ready.borrow_and_update() != Ready::Yes {
            continue;
        }
        house.look_at_rules();
        if house.rules().automatic.is_some() {
            let at_work = house.clone();
            let approved = tokio::task::spawn_blocking(move || at_work.approve_when_due()).await;
            if let Err(error) = approved {
                tracing::error!(%error, "approving by itself ended in a panic");
            }
        }
        if house.purchasing.read().has_drafts() || house.is_in_trouble(Topic::Numbers) {
            let at_work = house.clone();
            if let Err(error) = tokio::task::spawn_blocking(move || place(&at_work)).await {
                tracing::error!(%error, "placing orders ended in a panic");
            }
        }
        if house.purchasing.read().coordination().transfers().any(OwnTransfer::is_to_leave) {
            let at_work = house.clone();
            if let Err(error) = tokio::task::spawn_blocking(move || dispatch(&at_work)).await {
                tracing::error!(%error, "letting transfers leave ended in a panic");
            }
        }
        let purchasing = house.purchasing.read().clone();
        let since = |signed: &Signature| house.since_signed(signed);
        let now = Moment { today: house.start_of_today(), since: &since };
        let drafts = purchasing.drafts();
        let rules = house.rules();
        busy = rules.automatic.is_some()
            || drafts.iter().any(|draft| draft.waits(&rules, now) != Waits::Second)
            || house.has_unripe(&purchasing);
        house.say_what_was_given_up(&purchasing);
        for parcel in purchasing.parcels() {
            if let Some(route) = house.route_of(&purchasing, &parcel)
                && house.is_ripe(&purchasing, &parcel)
                && under_way.insert(parcel.po.clone())
            {
                let work = Delivery { house: house.clone(), parcel, route, stop: stop.clone() };
                runs.spawn(work.run(slots.clone()));
            }
        }
    }
}

fn place(house: &House) {
    loop {
        match house.place_next() {
            Ok(Some(entry)) => tracing::info!(entry, "order placed"),
            Ok(None) => return,
            Err(refusal) => {
                tracing::error!(%refusal, "an order could not be placed");
                return;
            }
        }
    }
}

fn dispatch(house: &House) {
    loop {
        match house.dispatch_next() {
            Ok(Some(entry)) => tracing::info!(entry, "transfer left"),
            Ok(None) => return,
            Err(refusal) => {
                tracing::error!(%refusal, "a transfer could not leave");
                return;
            }
        }
    }
}

/// A document on its way.
struct Delivery {
    house: Arc<House>,
    parcel: Parcel,
    route: Route,
    stop: watch::Receiver<bool>,
}

/// What came of all tries.
type End = Result<Delivered, (DeliveryError, u32)>;

impl Delivery {
    async fn run(mut self, slots: Arc<Semaphore>) -> PoNumber {
        let end = self.until_taken(&slots).await;
        self.house.trying.lock().remove(&self.parcel.po);
        if let Some(end) = end {
            self.note(end).await;
        }
        self.parcel.po
    }

    /// Tries until it is taken or given up; `None`: there is nothing to tell any more.
    async fn until_taken(&mut self, slots: &Semaphore) -> Option<End> {
        let backoff = Backoff { tries: self.route.tries, ..Backoff::default() };
        let mut rng = ChaCha8Rng::seed_from_u64(self.parcel.of ^ u64::from(std::process::id()));
        for tried in 1.. {
            let document = self.house.document(&self.parcel)?;
            let attempt = async {
                // Nobody closes it.
                let _slot = slots.acquire().await.ok();
                self.route.target.deliver(&document).await
            };
            let answer = tokio::select! {
                answer = attempt => answer,
                _ = self.stop.wait_for(|stop| *stop) => return None,
            };
            let error = match answer {
                Ok(delivered) => return Some(Ok(delivered)),
                Err(error) => error,
            };
            tracing::warn!(po = %self.parcel.po, tried, %error, "an order was not taken");
            let wait = backoff.after(tried, error.after, &mut rng).filter(|_| error.retry);
            let Some(wait) = wait else { return Some(Err((error, tried))) };
            self.wait(wait, tried, &error).await?;
        }
        None
    }

    /// Waits for the next try; `None`: there will be none.
    async fn wait(&mut self, wait: Duration, tried: u32, error: &DeliveryError) -> Option<()> {
        let trying = Trying {
            target: self.route.target.name().into(),
            tried,
            reason: error.reason.as_str().into(),
            next: Instant::now() + wait,
        };
        self.house.trying.lock().insert(self.parcel.po.clone(), trying);
        self.house.changed();
        let sleep = tokio::time::sleep(wait);
        tokio::pin!(sleep);
        let mut decided = self.house.decided.subscribe();
        loop {
            tokio::select! {
                () = &mut sleep => return Some(()),
                _ = self.stop.wait_for(|stop| *stop) => return None,
                _ = decided.changed() => {
                    let purchasing = self.house.purchasing.read().clone();
                    if !purchasing.is_untold(&self.parcel) {
                        return None;
                    }
                }
            }
        }
    }

    async fn note(&self, end: End) {
        let target: Box<str> = self.route.target.name().into();
        let mut told = Vec::new();
        match end {
            Ok(delivered) => {
                let sent = Told::Sent { target, reference: delivered.reference };
                told.push(if self.parcel.cancels { sent.of_cancellation() } else { sent });
                let confirmed = delivered.confirmed.filter(|_| !self.parcel.cancels);
                told.extend(confirmed.map(|(lines, due)| Told::Confirmed { lines, due }));
            }
            Err((error, attempts)) => {
                let reason = text::clean(&error.reason).into();
                told.push(Told::Failed { target, reason, attempts });
            }
        }
        let (house, po, of) = (self.house.clone(), self.parcel.po.clone(), self.parcel.of);
        let noted = tokio::task::spawn_blocking(move || {
            told.into_iter().try_for_each(|told| house.tell(po.clone(), of, told).map(|_| ()))
        });
        if let Ok(Err(refusal)) = noted.await {
            // It is told again, under the same key; not at once, as the disk may be full.
            tracing::error!(%refusal, "what became of an order could not be noted");
            tokio::time::sleep(LOOK * 10).await;
        }
    }
}

impl House {
    /// Says which orders no target would take, for everybody to see.
    pub(super) fn say_what_was_given_up(&self, purchasing: &Purchasing) {
        let count = purchasing.given_up().len();
        let told = purchasing.given_up().next().map(|first| {
            let more = match count {
                1 => String::new(),
                _ => format!(" and {} more", count - 1),
            };
            format!(
                "purchase order {first}{more} could not be sent; `stockdeck po list --filter \
                 is:trouble` says why, and `stockdeck po resend {first}` sends it again"
            )
        });
        if told.is_some() || self.is_in_trouble(Topic::Orders) {
            self.trouble(Topic::Orders, told);
        }
    }

    /// What is told outside; `None`: it is told, or to be told otherwise.
    pub fn document(&self, parcel: &Parcel) -> Option<PurchaseDocument> {
        let purchasing = self.purchasing.read().clone();
        if !purchasing.is_untold(parcel) {
            return None;
        }
        let coordinated = self.coordination_document(&purchasing, parcel.of);
        coordinated.or_else(|| Some(self.document_of(purchasing.order(&parcel.po)?, parcel)))
    }

    /// The document of an order, or of its cancellation.
    pub fn document_of(&self, order: &OwnOrder, parcel: &Parcel) -> PurchaseDocument {
        let cancelled = order.cancelled.as_ref().filter(|one| one.entry == parcel.of);
        let kind = match cancelled {
            Some(one) => DocumentKind::Cancellation { reason: one.reason.clone() },
            None => DocumentKind::Order,
        };
        let at = cancelled.map_or(order.at, |one| one.at);
        let book = self.stock.read();
        let line = |line: &PlacedLine| DocumentLine {
            sku: line.sku.clone(),
            name: book.product_of(&line.sku).and_then(|p| p.name.clone()).unwrap_or_default(),
            qty: line.qty,
            cost: line.cost,
        };
        let name = book.supplier_of(&order.supplier).map(|supplier| supplier.name.clone());
        PurchaseDocument {
            kind,
            number: order.number.clone(),
            key: self.key_of(&order.number, parcel.of, at),
            supplier: order.supplier.clone(),
            supplier_name: name.unwrap_or_default(),
            site: order.site.clone(),
            at,
            due: order.due,
            lines: order.lines.iter().map(line).collect(),
        }
    }

    /// The exact request that tells the supplier of an order, or of its cancellation, as it would be
    /// sent now; `None`: the drafts', as they would be placed now.
    pub fn requests(&self, po: Option<&PoNumber>) -> Result<Vec<PurchaseRequest>, Refusal> {
        let purchasing = self.purchasing.read().clone();
        let routes = self.routes.read().clone();
        let mut drafted = Purchasing::clone(&purchasing);
        let orders: Vec<&OwnOrder> = match po {
            Some(po) => {
                let order = purchasing.order(po).ok_or_else(|| {
                    Refusal::usage(format!("the store placed no order {po}; `stockdeck po list`"))
                })?;
                let mut requests = vec![self.request(order, &routes)];
                requests.extend(self.line_requests(&purchasing, po, &routes));
                return Ok(requests);
            }
            None => {
                let placed = purchasing.orders().count();
                self.place_in(&mut drafted);
                drafted.orders().skip(placed).collect()
            }
        };
        Ok(orders.into_iter().map(|order| self.request(order, &routes)).collect())
    }

    /// The exact request that would tell a supplier of a draft, as it would be placed now; empty:
    /// there is no such draft.
    pub fn draft_request(&self, supplier: &SupplierId, site: &SiteId) -> Vec<PurchaseRequest> {
        let mut drafted = Purchasing::clone(&self.purchasing.read());
        let routes = self.routes.read().clone();
        let placed = drafted.orders().count();
        self.place_in(&mut drafted);
        let drafts = drafted.orders().skip(placed);
        let meant = drafts.filter(|order| order.supplier == *supplier && order.site == *site);
        meant.map(|order| self.request(order, &routes)).collect()
    }

    fn request(&self, order: &OwnOrder, routes: &Routes) -> PurchaseRequest {
        let of = order.cancelled.as_ref().map_or(order.entry, |cancelled| cancelled.entry);
        let parcel = Parcel { po: order.number.clone(), of, cancels: order.cancelled.is_some() };
        let document = self.document_of(order, &parcel);
        let text = match routes.to(&order.supplier) {
            Some(route) => {
                let request = route.target.request(&document, Timestamp::wall_now());
                format!("# {} by {}\n{request}", order.number, route.target.name())
            }
            None => format!("# {}: nothing takes orders to {}", order.number, order.supplier),
        };
        let sent = if parcel.cancels { &order.cancellation_sent } else { &order.sent };
        let sent = sent.as_ref().map(|sent| (sent.target.clone(), sent.at));
        PurchaseRequest { text: text.into(), sent }
    }

    /// Places all drafts in a copy of what is approved.
    fn place_in(&self, purchasing: &mut Purchasing) {
        let rules =
            Rules { grace: Span::millis(0), four_eyes_above: None, ..Rules::clone(&self.rules()) };
        let now = Moment { today: self.start_of_today(), since: &|_| Span::millis(0) };
        while let Some(decision) = due(purchasing, &rules, now) {
            purchasing.apply(&Entry {
                seq: purchasing.last() + 1,
                at: self.clock.now(),
                wall: Timestamp::wall_now(),
                mono_ms: 0,
                actor: Actor { user: OWNER.into(), uid: 0, from: Box::default() },
                decision,
                saw: String::new(),
                undoes: None,
                act: None,
            });
        }
    }

    /// What makes a document one: a hash of the store's own key and the journal entry that it tells.
    /// The moment is in it, so that an entry that is lost to an old backup is no other one's twin.
    pub(super) fn key_of(&self, po: &PoNumber, entry: u64, at: Timestamp) -> String {
        self.key_for(&format!("outbox {entry} {} {po}", at.as_millis()))
    }

    /// What makes something that is sent one thing, however often it is sent, and another store's
    /// another.
    pub(super) fn key_for(&self, what: &str) -> String {
        // A key of any length will do.
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(&self.store_key) else {
            return String::new();
        };
        mac.update(what.as_bytes());
        mac.finalize().into_bytes().iter().take(16).map(|byte| format!("{byte:02x}")).collect()
    }

    /// What an order that is placed waits for until its supplier knows of it.
    pub fn waiting_for(&self, order: &OwnOrder) -> Option<Box<str>> {
        order.parcel()?;
        if let Some(trying) = self.trying.lock().get(&order.number) {
            let left = trying.next.saturating_duration_since(Instant::now()).as_secs();
            let (tried, target, reason) = (trying.tried, &trying.target, &trying.reason);
            return Some(format!("{target}: try {} in {left} s: {reason}", tried + 1).into());
        }
        if let Some(route) = self.routes.read().to(&order.supplier) {
            return Some(format!("is being sent to {}", route.target.name()).into());
        }
        let (kind, supplier) = (self.kind, &order.supplier);
        let why: Box<str> = match kind {
            StoreKind::Live => format!(
                "nothing is configured that takes orders to {supplier}; add a [[target]], or tell \
                 them and run `stockdeck po sent {}`",
                order.number
            )
            .into(),
            StoreKind::Replay => "a replay store reaches nobody outside".into(),
            StoreKind::Demo => "the demo's suppliers are not there yet".into(),
        };
        Some(why)
    }
}
