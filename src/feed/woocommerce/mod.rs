//! WooCommerce shops over REST v3, and the extension that adds what WooCommerce cannot carry.
//!
//! Invariant: a page of records is applied together with the cursor that goes on after it, and each
//! read begins from the cursor that the ledger holds. So a reading may end at any moment: nothing is
//! lost, and what is read again is known already.
//!
//! In the order of reading: the extension's master data and stock if it is served, products, the
//! orders of the last days, then older orders backwards, with polls for changes in between so that
//! live orders do not wait for history. "Updated at" is no change log, so that orders which are not
//! final are read again on a slower wheel, and recent ones once a day.

mod catalog;
mod cursor;
mod extension;
mod order;
mod parts;
mod reading;
mod reread;
mod tolerant;
mod wheel;

use super::http::{Client, Credentials, Limits};
use super::pseudonym::Pseudonyms;
use super::{FeedContext, FeedError, Pending, Source};
use crate::domain::{Currency, FeedId, Order, SiteId, Span, Zone};
use reading::{Reading, Rounds};
pub use reread::reread;
use std::time::Duration;

/// How a shop is read.
#[derive(Clone, Debug)]
pub struct Config {
    /// The shop's address, such as `https://shop.example`.
    pub url: String,
    /// Consumer key and secret; read permission is enough.
    pub credentials: Credentials,
    /// The currency of prices, and of orders that name none.
    pub currency: Currency,
    /// Where orders ship from, and where stock is, unless an order or the extension says.
    pub site: SiteId,
    /// The shop's time zone, for times that are given in no other way.
    pub zone: Zone,
    /// The wait between two polls for changes.
    pub poll: Duration,
    /// How far each poll reaches back before what is known, for changes that came to light late.
    pub overlap: Span,
    /// Items a page; WooCommerce takes at most 100.
    pub per_page: u32,
    /// Days of orders that are read before anything else of the past.
    pub recent_days: u16,
    /// Days of orders that the sweep reads again.
    pub sweep_days: u16,
    /// The wait between two sweeps.
    pub sweep_every: Duration,
    /// Every how many polls the slower wheel turns: orders that are not final, and product changes.
    pub wheel_every: u32,
    /// The wait between two full readings of all products and stock.
    pub products_every: Duration,
    /// After which time a list that ends before its due is asked again, to be believed then.
    pub confirm_after: Duration,
    /// How long and how much a request takes.
    pub limits: Limits,
}

impl Config {
    /// The usual way to read a shop.
    pub fn new(url: impl Into<String>, credentials: Credentials) -> Self {
        Config {
            url: url.into(),
            credentials,
            currency: Currency::GBP,
            site: SiteId::main(),
            zone: Zone::utc(),
            poll: Duration::from_secs(5),
            overlap: Span::minutes(5),
            per_page: 100,
            recent_days: 3,
            sweep_days: 14,
            wheel_every: 10,
            products_every: Duration::from_secs(3600),
            sweep_every: Duration::from_secs(86_400),
            confirm_after: Duration::from_secs(600),
            limits: Limits::default(),
        }
    }
}

/// Reads one order as the API shows it, without its refunds; `None`: it is in the bin. The error is the
/// reason in one sentence.
pub fn read_order(
    json: &serde_json::Value,
    feed: &FeedId,
    config: &Config,
    pseudonyms: &Pseudonyms,
) -> Result<Option<Order>, String> {
    let reading = order::Reading { feed, config, pseudonyms };
    Ok(match reading.order(json, &[])? {
        order::Told::Order(order) => Some(*order),
        order::Told::Trashed => None,
    })
}

/// Reads one WooCommerce shop.
pub struct WooCommerce {
    config: Config,
    client: Client,
    rounds: Rounds,
}

impl WooCommerce {
    /// The kind of this feed on the board.
    pub const KIND: &'static str = "woocommerce";

    /// Fails, with the mend, on an address that cannot be used.
    pub fn new(feed: &FeedId, mut config: Config) -> Result<Self, FeedError> {
        config.per_page = config.per_page.clamp(1, 100);
        config.wheel_every = config.wheel_every.max(1);
        let base = base_of(&config.url);
        let credentials = Some(config.credentials.clone());
        let client = Client::new(feed, base, credentials, config.limits.clone())?;
        Ok(WooCommerce { config, client, rounds: Rounds::default() })
    }
}

impl Source for WooCommerce {
    fn sync<'a>(&'a mut self, context: &'a FeedContext) -> Pending<'a, Result<(), FeedError>> {
        Box::pin(async move {
            let rounds = &mut self.rounds;
            Reading::begin(&self.config, &self.client, rounds, context)?.run().await
        })
    }
    fn interval(&self) -> Duration {
        self.config.poll
    }
}

/// People copy the address from where they found it: the API's own path is taken off.
pub fn base_of(url: &str) -> &str {
    let url = url.trim().trim_end_matches('/');
    let bare = url.strip_suffix("/wp-json/wc/v3").or_else(|| url.strip_suffix("/wp-json"));
    bare.unwrap_or(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_may_be_the_shops_or_the_apis() {
        for url in ["https://a.example/shop/", "https://a.example/shop/wp-json/wc/v3/"] {
            assert_eq!(base_of(url), "https://a.example/shop");
        }
    }

    #[test]
    fn a_config_does_not_tell_its_secret() {
        let credentials = Credentials { key: "ck_abc".into(), secret: "cs_def".into() };
        let shown = format!("{:?}", Config::new("https://a.example", credentials));
        assert!(!shown.contains("ck_abc") && !shown.contains("cs_def"), "{shown}");
    }
}
