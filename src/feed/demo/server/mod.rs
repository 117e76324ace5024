//! The merchant's web shop: HTTP on loopback, in the shape of WooCommerce's REST API v3, with
//! `/stockdeck/v1/*` beside it for what WooCommerce cannot carry (see `docs/DEMO_API.md`).
//!
//! One shop holds one [`Merchant`] and one clock. Both move only in [`DemoStore::advance_to`] and
//! [`DemoStore::pace`], and the clock is never ahead of the merchant.

mod answer;
mod extension;
mod orders;
mod products;
mod query;
mod route;
mod shipping;
mod supplier;
mod wire;

#[cfg(test)]
mod tests;

use super::{Asked, AskedFile, Config, Merchant, Truth, calendar};
use crate::domain::{Clock, SimClock, Span, Timestamp, Zone};
use answer::Problem;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::Response;
use base64::Engine;
use parking_lot::{Mutex, RwLock};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Weak};
use std::time::{Duration, Instant};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// Simulated time that one hold of the lock may advance; longer ways are cut, so that readers get in.
const STRIDE: Span = Span::hours(6);
/// Real time between two steps of [`DemoStore::pace`].
const TICK: Duration = Duration::from_millis(200);
/// Longest request body that is read.
const MAX_BODY: usize = 1024 * 1024;

/// Why the demo shop cannot open.
#[derive(Debug, thiserror::Error)]
pub enum DemoError {
    /// No port on loopback.
    #[error("The demo store cannot listen on 127.0.0.1: {0}.")]
    Bind(#[from] std::io::Error),
    /// No random numbers for the key.
    #[error("The demo store cannot make an API key: {0}.")]
    Random(getrandom::Error),
    /// What suppliers were asked cannot be read or kept.
    #[error("The demo store's suppliers cannot keep {}: {source}.", path.display())]
    Asked {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The simulation died.
    #[error("The demo store's history could not be made; start it again with another seed.")]
    Broken,
}

/// An order as the shop's API shows it, for who reads it without asking over HTTP.
pub fn told_order(merchant: &Merchant, index: u32, zone: &Zone) -> serde_json::Value {
    let shaper = orders::Shaper { merchant, zone, base: "" };
    let people = shaper.people(&[index]);
    let shape = people.first().map(|who| shaper.order(index, who));
    serde_json::to_value(shape).unwrap_or_default()
}

/// What the server's tasks share.
struct Shop {
    /// Where the suppliers write down what they are asked; `None`: they forget it at the end.
    asked: Mutex<Option<AskedFile>>,
    merchant: RwLock<Option<Merchant>>,
    ready: watch::Receiver<bool>,
    clock: Arc<SimClock>,
    zone: Zone,
    /// `http://127.0.0.1:PORT`.
    url: String,
    key: String,
    secret: String,
}

/// A running demo shop; dropping it closes it.
pub struct DemoStore {
    /// Where it listens: `http://127.0.0.1:PORT`.
    pub url: String,
    /// API key, such as `ck_…`; made anew at each start.
    pub key: String,
    /// API secret, such as `cs_…`.
    pub secret: String,
    /// Simulated time.
    pub clock: Arc<SimClock>,
    shop: Arc<Shop>,
    server: JoinHandle<()>,
}

impl DemoStore {
    /// Opens the shop: listens at once and makes its history beside, on a blocking thread.
    /// Requests that come before the history is there wait for it.
    pub async fn start(config: Config) -> Result<DemoStore, DemoError> {
        let clock = Arc::new(SimClock::new(config.start));
        DemoStore::start_with(config, clock, None).await
    }

    /// The same on a clock that is there already; history goes up to the configured start. In the
    /// file the suppliers keep what they are asked.
    pub async fn start_with(
        config: Config,
        clock: Arc<SimClock>,
        asked: Option<&Path>,
    ) -> Result<DemoStore, DemoError> {
        let (file, known) = match asked.map(|path| (path, AskedFile::open(path))) {
            Some((_, Ok((file, known)))) => (Some(file), known),
            Some((path, Err(source))) => {
                return Err(DemoError::Asked { path: path.to_owned(), source });
            }
            None => (None, Vec::new()),
        };
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let url = format!("http://{}", listener.local_addr()?);
        let (key, secret) = (credential("ck_")?, credential("cs_")?);
        let (made, ready) = watch::channel(false);
        let shop = Arc::new(Shop {
            asked: Mutex::new(file),
            merchant: RwLock::new(None),
            ready,
            clock: clock.clone(),
            zone: Zone::named(calendar::ZONE).unwrap_or_default(),
            url: url.clone(),
            key: key.clone(),
            secret: secret.clone(),
        });
        let founder = shop.clone();
        tokio::task::spawn_blocking(move || {
            let mut merchant = Merchant::new(config);
            merchant.remember(known);
            *founder.merchant.write() = Some(merchant);
            made.send_replace(true);
        });
        let router = axum::Router::new().fallback(serve).with_state(shop.clone());
        let server = tokio::spawn(async move {
            if let Err(error) = axum::serve(listener, router).await {
                tracing::error!(%error, "the demo store stopped serving");
            }
        });
        Ok(DemoStore { url, key, secret, clock, shop, server })
    }

    /// Returns when the history has been made.
    pub async fn ready(&self) -> Result<(), DemoError> {
        self.shop.ready().await
    }

    /// Moves simulated time to `to` as fast as the work allows; an earlier time changes nothing.
    pub async fn advance_to(&self, to: Timestamp) -> Result<(), DemoError> {
        self.shop.ready().await?;
        let shop = self.shop.clone();
        tokio::task::spawn_blocking(move || shop.advance(to)).await.map_err(|_| DemoError::Broken)
    }

    /// Starts a task that moves simulated time along with real time, `speed` times as fast, while
    /// `paused` says `false`. It ends with the shop, or when it is aborted.
    pub fn pace(&self, speed: f64, paused: watch::Receiver<bool>) -> JoinHandle<()> {
        tokio::spawn(keep_pace(Arc::downgrade(&self.shop), speed, paused))
    }

    /// What only the simulation knows, up to the simulated present.
    pub async fn truth(&self) -> Result<Truth, DemoError> {
        self.ask(Merchant::truth).await
    }

    /// Asks the merchant, once the history has been made. The shop stands still meanwhile.
    pub async fn ask<T>(&self, question: impl FnOnce(&Merchant) -> T) -> Result<T, DemoError> {
        self.shop.ready().await?;
        self.shop.merchant.read().as_ref().map(question).ok_or(DemoError::Broken)
    }
}

/// The merchant's warehouse, which is told of stock that people moved or counted.
#[derive(Clone)]
pub struct Warehouse(Weak<Shop>);

impl DemoStore {
    /// Its warehouse.
    pub fn warehouse(&self) -> Warehouse {
        Warehouse(Arc::downgrade(&self.shop))
    }
}

impl Warehouse {
    /// Does something that may move stock, with the moment from which on the shop's levels hold it; what
    /// `act` says is noted then. The shop stands still meanwhile, so that no level lies in between.
    pub fn note<R>(&self, act: impl FnOnce(Option<Timestamp>) -> (R, Vec<Asked>)) -> R {
        let Some(shop) = self.0.upgrade() else { return act(None).0 };
        let mut guard = shop.merchant.write();
        let Some(merchant) = guard.as_mut() else { return act(None).0 };
        let (done, noted) = act(Some(calendar::moment(merchant.next_second())));
        for asked in noted {
            // What the merchant does not sell has no shelf there.
            let Ok(Some(asked)) = merchant.ask(asked) else { continue };
            let kept = shop.asked.lock().as_mut().map_or(Ok(()), |file| file.keep(&asked));
            if let Err(error) = kept {
                tracing::error!(%error, key = &*asked.key, "the demo's warehouse cannot write it down");
            }
            merchant.expect(asked);
        }
        done
    }
}

impl Drop for DemoStore {
    fn drop(&mut self) {
        self.server.abort();
    }
}

impl Shop {
    async fn ready(&self) -> Result<(), DemoError> {
        let mut ready = self.ready.clone();
        ready.wait_for(|made| *made).await.map(|_| ()).map_err(|_| DemoError::Broken)
    }

    fn advance(&self, to: Timestamp) {
        loop {
            let mut guard = self.merchant.write();
            let Some(merchant) = guard.as_mut() else { return };
            let step = to.min(merchant.now() + STRIDE);
            merchant.advance_to(step);
            self.clock.advance_to(step);
            if step >= to {
                return;
            }
        }
    }

    fn authorise(&self, request: &Request, params: &query::Params) -> Result<(), Problem> {
        let header = request.headers().get(axum::http::header::AUTHORIZATION);
        let basic = header
            .and_then(|value| value.to_str().ok())
            .and_then(|value| value.strip_prefix("Basic "))
            .and_then(|code| base64::engine::general_purpose::STANDARD.decode(code.trim()).ok())
            .and_then(|bytes| String::from_utf8(bytes).ok());
        let in_query = || Some((params.get("consumer_key")?, params.get("consumer_secret")?));
        let pair = basic.as_deref().and_then(|pair| pair.split_once(':')).or_else(in_query);
        let refused = |message: &str| {
            Err(Problem::new(401, "woocommerce_rest_authentication_error", message))
        };
        match pair {
            None => {
                let message = "Sorry, you cannot list resources.";
                Err(Problem::new(401, "woocommerce_rest_cannot_view", message))
            }
            Some((key, _)) if key != self.key => refused("Consumer key is invalid."),
            Some((_, secret)) if secret != self.secret => refused("Consumer secret is invalid."),
            Some(_) => Ok(()),
        }
    }
}

/// Answers any request: who may, then what.
async fn serve(State(shop): State<Arc<Shop>>, request: Request) -> Response<Body> {
    let now = shop.clock.now();
    let pairs = axum::extract::Query::<Vec<(String, String)>>::try_from_uri(request.uri());
    let params = query::Params::new(pairs.map(|pairs| pairs.0).unwrap_or_default());
    if let Err(problem) = shop.authorise(&request, &params) {
        return problem.answer(now);
    }
    let (parts, body) = request.into_parts();
    let Ok(body) = axum::body::to_bytes(body, MAX_BODY).await else {
        return Problem::new(413, "rest_invalid_json", "The body is too long.").answer(now);
    };
    if shop.ready().await.is_err() {
        return Problem::new(500, "internal_server_error", "The shop has no history.").answer(now);
    }
    let answered = tokio::task::spawn_blocking(move || {
        let key = parts.headers.get("idempotency-key").and_then(|key| key.to_str().ok());
        let (method, path) = (parts.method, parts.uri.path());
        let asked = route::Asked { method, path, params, key, body };
        route::answer(&shop, asked)
    });
    answered.await.unwrap_or_else(|_| {
        Problem::new(500, "internal_server_error", "The shop could not answer.").answer(now)
    })
}

async fn keep_pace(shop: Weak<Shop>, speed: f64, mut paused: watch::Receiver<bool>) {
    match shop.upgrade() {
        Some(shop) if shop.ready().await.is_ok() => {}
        _ => return,
    }
    let mut last = Instant::now();
    let mut owed_ms = 0.0;
    loop {
        if *paused.borrow_and_update() {
            if paused.changed().await.is_err() {
                return;
            }
            last = Instant::now();
            continue;
        }
        tokio::time::sleep(TICK).await;
        let Some(shop) = shop.upgrade() else { return };
        owed_ms += last.elapsed().as_secs_f64() * 1_000.0 * speed.max(0.0);
        last = Instant::now();
        let to = shop.clock.now() + Span::millis(owed_ms as i64);
        owed_ms = owed_ms.fract();
        if tokio::task::spawn_blocking(move || shop.advance(to)).await.is_err() {
            return;
        }
    }
}

fn credential(prefix: &str) -> Result<String, DemoError> {
    let mut bytes = [0_u8; 20];
    getrandom::fill(&mut bytes).map_err(DemoError::Random)?;
    let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    Ok(format!("{prefix}{hex}"))
}
