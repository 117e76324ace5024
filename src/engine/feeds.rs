//! Feeds: builds the configured sources and runs each as a supervised task.

use super::api::Refusal;
use super::house::House;
use super::keeper::{KeepError, Origin};
use super::tables;
use crate::config::{Feed, FeedKind};
use crate::domain::*;
use crate::feed::files::{FileFeed, FileSource};
use crate::feed::http::Credentials;
use crate::feed::run::{Pacing, Reins, follow_with};
use crate::feed::woocommerce::{self, WooCommerce};
use crate::feed::{Applied, FeedContext, FeedError, Ledger, Pending, Source};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{Mutex, Notify, watch};

/// The longest wait between two polls; a feed that is asked less often is as good as off.
const LONGEST_POLL: Duration = Duration::from_secs(86_400);

/// A feed that runs.
#[derive(Clone)]
pub struct Running {
    /// Its name.
    pub id: FeedId,
    source: Shared,
    context: FeedContext,
}

/// A source that its supervisor and a `sync --once` take turns with.
#[derive(Clone)]
struct Shared {
    source: Arc<Mutex<Box<dyn Source>>>,
    interval: Duration,
}

impl Source for Shared {
    fn sync<'a>(&'a mut self, context: &'a FeedContext) -> Pending<'a, Result<(), FeedError>> {
        Box::pin(async move { self.source.lock().await.sync(context).await })
    }
    fn interval(&self) -> Duration {
        self.interval
    }
}

impl Running {
    /// Puts a source on the board and follows it until it is told to stop.
    pub fn start(
        house: &Arc<House>,
        id: FeedId,
        kind: &str,
        source: Box<dyn Source>,
        stop: watch::Receiver<bool>,
        pause: watch::Receiver<bool>,
    ) -> Running {
        let interval = source.interval();
        // A poll may take as long as the wait before it; then the source is late.
        house.register(
            &id,
            kind,
            interval.saturating_mul(2).saturating_add(Duration::from_secs(3)),
        );
        let context = FeedContext {
            id: id.clone(),
            ledger: house.clone(),
            board: house.board.clone(),
            pseudonyms: house.pseudonyms.clone(),
            stop,
        };
        let source = Shared { source: Arc::new(Mutex::new(source)), interval };
        let reins =
            Reins { pause: Some(pause), poke: Arc::new(Notify::new()), pacing: Pacing::default() };
        tokio::spawn(follow_with(Box::new(source.clone()), context.clone(), reins));
        Running { id, source, context }
    }
    /// Reads up to the present once.
    pub async fn sync(&self) -> Result<(), FeedError> {
        self.source.clone().sync(&self.context).await
    }
}

/// The source that a configured feed names.
pub fn source(house: &House, feed: &Feed) -> Result<Box<dyn Source>, FeedError> {
    let id = FeedId::new(feed.name.as_str());
    let poll = Duration::from_secs(feed.poll_seconds).min(LONGEST_POLL);
    Ok(match &feed.kind {
        FeedKind::WooCommerce { url, credentials, site } => {
            let config = shop_config(house, feed, url, credentials, site);
            Box::new(WooCommerce::new(&id, config)?)
        }
        FeedKind::Files { path, preset, columns, date_order } => {
            let columns = columns.iter();
            Box::new(FileSource::new(FileFeed {
                path: path.clone(),
                preset: preset.clone(),
                columns: columns.map(|(k, v)| (k.as_str().into(), v.as_str().into())).collect(),
                zone: house.zone.clone(),
                currency: house.currency,
                date_order: *date_order,
                poll,
            })?)
        }
    })
}

/// How a configured feed that is a shop is read.
pub fn shop(house: &House, feed: &Feed) -> Option<woocommerce::Config> {
    match &feed.kind {
        FeedKind::WooCommerce { url, credentials, site } => {
            Some(shop_config(house, feed, url, credentials, site))
        }
        FeedKind::Files { .. } => None,
    }
}

fn shop_config(
    house: &House,
    feed: &Feed,
    url: &str,
    credentials: &Credentials,
    site: &str,
) -> woocommerce::Config {
    let mut config = woocommerce::Config::new(url, credentials.clone());
    config.currency = house.currency;
    config.site = SiteId::new(site);
    config.zone = house.zone.clone();
    config.poll = Duration::from_secs(feed.poll_seconds);
    config
}

/// The kind of a configured feed on the board.
pub fn kind(feed: &Feed) -> &'static str {
    match feed.kind {
        FeedKind::WooCommerce { .. } => WooCommerce::KIND,
        FeedKind::Files { .. } => "files",
    }
}

impl House {
    /// Puts a feed on the board, with what is in quarantine of it from before.
    pub fn register(&self, id: &FeedId, kind: &str, expected_every: Duration) {
        self.board.register(id, kind, expected_every);
        let known = self.writer.lock().as_ref().map(|writer| writer.numbers.quarantined.clone());
        if let Some(total) = known.as_ref().and_then(|known| known.get(id)) {
            self.board.rejected(id, *total);
        }
    }
}

impl Ledger for House {
    fn apply<'a>(&'a self, page: Page) -> Pending<'a, Result<Applied, FeedError>> {
        Box::pin(async move {
            // The work is a few milliseconds of disk and arithmetic; the runtime moves its other
            // tasks to another thread meanwhile.
            let applied = tokio::task::block_in_place(|| self.apply_page(page, Origin::Feed));
            let applied = applied.map_err(kept)?;
            *self.brought.lock() += applied;
            Ok(applied)
        })
    }
    fn cursor(&self, feed: &FeedId) -> Result<Option<Cursor>, FeedError> {
        let store = self.store().ok_or(KeepError::Loading).map_err(kept)?;
        store.get::<tables::Cursors>(feed).map_err(|error| {
            if error.is_damage() {
                self.load_anew(&mut self.writer.lock(), &KeepError::Loading);
            }
            kept(error.into())
        })
    }
    fn now(&self) -> Timestamp {
        self.clock.now()
    }
    fn open_orders(&self, feed: &FeedId, limit: usize) -> Vec<OrderNo> {
        let index = self.orders.read();
        let keys = index.open_rows().filter_map(|row| Some(index.row(row)?.key));
        keys.filter(|key| key.feed == *feed).map(|key| key.number).take(limit).collect()
    }
    fn orders_since(&self, feed: &FeedId, from: Timestamp, limit: usize) -> Vec<OrderNo> {
        let index = self.orders.read();
        let rows = index.placed_between(from, Timestamp::from_millis(i64::MAX));
        let orders = rows.filter_map(|row| index.row(row));
        let theirs = orders.filter(|o| o.key.feed == *feed && o.status != OrderStatus::Gone);
        theirs.map(|order| order.key.number).take(limit).collect()
    }
}

fn kept(error: KeepError) -> FeedError {
    FeedError::Transient { reason: error.to_string(), retry_after: None }
}

impl From<FeedError> for Refusal {
    fn from(error: FeedError) -> Self {
        match error {
            FeedError::Usage { reason } => Refusal::usage(reason),
            other => Refusal::failed(other.to_string()),
        }
    }
}
