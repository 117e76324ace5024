//! Shops that are told what to make of an order: stop it, let it go on, call it off.
//!
//! WooCommerce's own way (REST v3): `PUT /wp-json/wc/v3/orders/{id}` with `{"status": "on-hold"}`.
//! Setting a status twice is setting it once, so that a word whose answer was lost is told again.

use super::post::{excerpt, no_answer, read, verdict};
use super::{DeliveryError, Request};
use crate::domain::{FeedId, OrderNo, OrderStatus};
use crate::feed::Pending;
use base64::Engine;
use reqwest::{StatusCode, Url};
use std::time::Duration;

/// A shop that does something about its orders.
pub trait Shop: Send + Sync {
    /// The feed that tells of its orders.
    fn feed(&self) -> &FeedId;
    /// What would be sent for an order, to the byte.
    fn request(&self, order: &OrderNo, status: OrderStatus) -> Request;
    /// Has an order take a status, once. One that has it already is no error.
    fn set<'a>(
        &'a self,
        order: &'a OrderNo,
        status: OrderStatus,
    ) -> Pending<'a, Result<(), DeliveryError>>;
}

/// A WooCommerce shop.
pub struct WooShop {
    feed: FeedId,
    base: Url,
    key: String,
    secret: String,
    client: reqwest::Client,
}

/// WooCommerce's word for a status that an order can be given.
const fn word(status: OrderStatus) -> Option<&'static str> {
    match status {
        OrderStatus::Pending => Some("pending"),
        OrderStatus::Open => Some("processing"),
        OrderStatus::Held => Some("on-hold"),
        OrderStatus::Cancelled => Some("cancelled"),
        OrderStatus::Shipped | OrderStatus::Refunded | OrderStatus::Failed | OrderStatus::Gone => {
            None
        }
    }
}

impl WooShop {
    /// The shop of a feed, at the address that the feed reads. Its key needs permission to write.
    pub fn new(
        feed: &FeedId,
        url: &str,
        (key, secret): (String, String),
        within: Duration,
    ) -> Result<Self, DeliveryError> {
        let wrong = |what: &str| DeliveryError::permanent(format!("shop {feed}: {what}"));
        let mut base = Url::parse(url).map_err(|_| wrong("its url is no address"))?;
        if !base.path().ends_with('/') {
            base.set_path(&format!("{}/", base.path()));
        }
        let client = super::post::client(&base, within).map_err(|error| {
            wrong(&format!("TLS cannot be set up ({error}); install the CA certificates"))
        })?;
        Ok(WooShop { feed: feed.clone(), base, key, secret, client })
    }

    fn place(&self, order: &OrderNo) -> Result<Url, DeliveryError> {
        let number = order.as_str();
        if number.is_empty() || !number.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(DeliveryError::permanent(format!(
                "shop {} knows its orders by numbers, and {number} is none",
                self.feed
            )));
        }
        let path = format!("wp-json/wc/v3/orders/{number}");
        self.base
            .join(&path)
            .map_err(|_| DeliveryError::permanent(format!("shop {}: no address", self.feed)))
    }

    async fn put(&self, order: &OrderNo, status: OrderStatus) -> Result<(), DeliveryError> {
        let url = self.place(order)?;
        let Some(word) = word(status) else {
            let word = status.word();
            return Err(DeliveryError::permanent(format!("nobody can make an order {word}")));
        };
        let place = format!("shop {}", self.feed);
        let pair = format!("{}:{}", self.key, self.secret);
        let login = base64::engine::general_purpose::STANDARD.encode(pair);
        let request = self
            .client
            .put(url)
            .header("Content-Type", "application/json")
            .header("Authorization", format!("Basic {login}"))
            .body(format!("{{\"status\":\"{word}\"}}"));
        let response = request
            .send()
            .await
            .map_err(|error| DeliveryError::transient(format!("{place} {}", no_answer(&error))))?;
        let (code, headers) = (response.status(), response.headers().clone());
        if code.is_success() {
            return Ok(());
        }
        let said = read(response).await.map(|bytes| excerpt(&bytes)).unwrap_or_default();
        let mut error = verdict(&place, code, &headers, &said);
        if code == StatusCode::FORBIDDEN || code == StatusCode::UNAUTHORIZED {
            error.reason.push_str("; its key needs permission to read and write");
        }
        Err(error)
    }
}

impl Shop for WooShop {
    fn feed(&self) -> &FeedId {
        &self.feed
    }
    fn request(&self, order: &OrderNo, status: OrderStatus) -> Request {
        let place = self.place(order).map_or_else(|error| error.reason, |url| url.to_string());
        Request {
            line: format!("PUT {place}"),
            headers: vec![
                ("Content-Type", "application/json".to_owned()),
                ("Authorization", "Basic (hidden)".to_owned()),
            ],
            body: format!("{{\"status\":\"{}\"}}", word(status).unwrap_or_default()),
        }
    }
    fn set<'a>(
        &'a self,
        order: &'a OrderNo,
        status: OrderStatus,
    ) -> Pending<'a, Result<(), DeliveryError>> {
        Box::pin(self.put(order, status))
    }
}
