//! Reading JSON from somebody else's server, with manners and with suspicion.
//!
//! Invariant: whatever a server does, [`Client::get`] ends within its limits, with a JSON value or
//! with a [`FeedError`] that says what was asked, what came back and whether another try makes sense.
//! Neither credentials nor queries nor bodies get into a message.
//!
//! TLS is rustls with ring. Certificates are checked against the machine's own CA store (by
//! rustls-platform-verifier), so a machine without CA certificates can read loopback only.

mod body;
mod verdict;

use super::FeedError;
use crate::domain::{FeedId, Timestamp, Zone, text};
use body::NoJson;
use reqwest::header::{ACCEPT, DATE, HeaderMap, LOCATION};
use reqwest::{Response, StatusCode, Url};
use serde_json::Value;
use std::time::Duration;
use tokio::sync::{Mutex, Semaphore, SemaphorePermit};
use tokio::time::Instant;

/// The header by which a server on simulated time says of which domain moment its answer is.
pub const SIMULATED_NOW: &str = "x-stockdeck-now";

/// What a key pair is called in messages; the values never appear in one.
#[derive(Clone, PartialEq, Eq)]
pub struct Credentials {
    /// User name or consumer key.
    pub key: String,
    /// Password or consumer secret.
    pub secret: String,
}

impl std::fmt::Debug for Credentials {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Credentials(hidden)")
    }
}

/// How long and how much a client takes.
#[derive(Clone, Debug)]
pub struct Limits {
    /// Until a connection stands.
    pub connect: Duration,
    /// For a whole request, body included.
    pub request: Duration,
    /// Between two pieces of a body.
    pub idle: Duration,
    /// Largest body after decompression, in bytes.
    pub body: usize,
    /// Requests in flight at once.
    pub in_flight: usize,
    /// Least time between the starts of two requests; not kept on loopback.
    pub gap: Duration,
    /// Whether plain http is allowed beyond loopback.
    pub allow_http: bool,
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            connect: Duration::from_secs(5),
            request: Duration::from_secs(30),
            idle: Duration::from_secs(10),
            body: 64 << 20,
            in_flight: 2,
            gap: Duration::from_millis(100),
            allow_http: false,
        }
    }
}

/// A JSON answer and what its headers said.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The body.
    pub json: Value,
    /// `X-WP-Total`: how many items match in all.
    pub total: Option<u64>,
    /// `X-WP-TotalPages`: how many pages they fill.
    pub pages: Option<u32>,
    /// The source's own time, of which this is the answer: [`SIMULATED_NOW`] where sent, else the
    /// `Date` header less the time that the request took.
    pub now: Option<Timestamp>,
}

/// What came of asking for something that may not be there.
#[derive(Clone, Debug)]
pub enum Probed {
    /// JSON.
    Json(Answer),
    /// The server's own word that it has no such thing.
    NoSuchThing,
    /// A web page, a redirect, a refusal: what sites have for paths that they do not know, but also
    /// for all paths while they are being mended.
    SomethingElse,
}

/// Reads JSON from one server in the name of one feed.
pub struct Client {
    inner: reqwest::Client,
    feed: FeedId,
    base: Url,
    credentials: Option<Credentials>,
    limits: Limits,
    slots: Semaphore,
    next_start: Mutex<Instant>,
}

impl Client {
    /// A client for `base`; paths are asked below it. Fails, with the mend, on an address that is
    /// none or that would send the credentials in the clear.
    pub fn new(
        feed: &FeedId,
        base: &str,
        credentials: Option<Credentials>,
        mut limits: Limits,
    ) -> Result<Self, FeedError> {
        let base = base_url(feed, base)?;
        let loopback = is_loopback(&base);
        if base.scheme() == "http" && !loopback && !limits.allow_http {
            return Err(permanent(format!(
                "feed {feed} would send its key in the clear: use https in its url, or set allow_http"
            )));
        }
        if loopback {
            limits.gap = Duration::ZERO;
        }
        // Somebody may have installed a provider already; any will do.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let mut builder = reqwest::Client::builder()
            .user_agent(concat!("stockdeck/", env!("CARGO_PKG_VERSION")))
            .connect_timeout(limits.connect)
            .read_timeout(limits.idle)
            .timeout(limits.request)
            .redirect(reqwest::redirect::Policy::none())
            .gzip(true);
        if loopback {
            builder = builder.no_proxy();
        }
        if base.scheme() == "http" {
            // Nothing is verified here, so that the CA store need not be there, nor be read.
            builder = builder.tls_certs_only([]);
        }
        let inner = builder.build().map_err(|error| {
            permanent(format!(
                "feed {feed} cannot set up TLS ({}): install the CA certificates of this machine",
                verdict::root_cause(&error)
            ))
        })?;
        Ok(Client {
            inner,
            feed: feed.clone(),
            base,
            credentials,
            slots: Semaphore::new(limits.in_flight.max(1)),
            limits,
            next_start: Mutex::new(Instant::now()),
        })
    }

    /// Asks for a path below the base, such as `wp-json/wc/v3/orders`.
    pub async fn get(&self, path: &str, query: &[(&str, String)]) -> Result<Answer, FeedError> {
        let place = self.place(path);
        self.get_if_served(path, query).await?.ok_or_else(|| {
            permanent(format!("{place} does not exist (404): check the url of feed {}", self.feed))
        })
    }

    /// As [`Client::get`]; `None` where the server says, in its own words, that it has no such
    /// thing. A 404 of anything else, such as a proxy or a site whose shop is switched off for an
    /// update, tells nothing about the thing.
    pub async fn get_if_served(
        &self,
        path: &str,
        query: &[(&str, String)],
    ) -> Result<Option<Answer>, FeedError> {
        let place = self.place(path);
        let sent = self.send(&place, path, query).await?;
        if sent.status.is_success() {
            let (headers, started) = (sent.headers, sent.started);
            let bytes = body::read(sent.response, &place, &self.limits).await?;
            let json = body::parse(&bytes).map_err(|no_json| no_json.at(&place))?;
            return Ok(Some(answer(json, &headers, started.elapsed())));
        }
        match self.refusal(&place, sent).await {
            Refused::NoSuchThing => Ok(None),
            Refused::Other(error) => Err(error),
        }
    }

    /// Asks for something that most servers do not have. Sites answer paths that they do not know
    /// with web pages, redirects and refusals of all kinds.
    pub async fn probe(&self, path: &str, query: &[(&str, String)]) -> Result<Probed, FeedError> {
        let place = self.place(path);
        let sent = self.send(&place, path, query).await?;
        let status = sent.status.as_u16();
        if sent.status.is_success() {
            let (headers, started) = (sent.headers, sent.started);
            let bytes = body::read(sent.response, &place, &self.limits).await?;
            return match body::parse(&bytes) {
                Ok(json) => Ok(Probed::Json(answer(json, &headers, started.elapsed()))),
                Err(NoJson::Torn(bytes)) => Err(NoJson::Torn(bytes).at(&place)),
                Err(_) => Ok(Probed::SomethingElse),
            };
        }
        match self.refusal(&place, sent).await {
            Refused::NoSuchThing => Ok(Probed::NoSuchThing),
            Refused::Other(error @ FeedError::Transient { .. }) if status != 404 => Err(error),
            Refused::Other(_) => Ok(Probed::SomethingElse),
        }
    }

    async fn send(
        &self,
        place: &str,
        path: &str,
        query: &[(&str, String)],
    ) -> Result<Sent<'_>, FeedError> {
        let url = self.base.join(path).map_err(|_| permanent(format!("{place} is no address")))?;
        let slot = self.slots.acquire().await.map_err(|_| FeedError::Stopped)?;
        self.keep_the_gap().await;
        let mut request = self.inner.get(url).query(query).header(ACCEPT, "application/json");
        if let Some(Credentials { key, secret }) = &self.credentials {
            request = request.basic_auth(key, Some(secret));
        }
        let started = Instant::now();
        let response =
            request.send().await.map_err(|error| verdict::of_error(place, &error, &self.limits))?;
        let (status, headers) = (response.status(), response.headers().clone());
        Ok(Sent { response, status, headers, started, _slot: slot })
    }

    async fn refusal(&self, place: &str, sent: Sent<'_>) -> Refused {
        let Sent { response, status, headers, .. } = sent;
        let code = body::error_code(response).await;
        let not_found = status == StatusCode::NOT_FOUND;
        if not_found && code.as_deref().is_some_and(verdict::names_nothing) {
            return Refused::NoSuchThing;
        }
        let moved = headers.get(LOCATION).and_then(|v| v.to_str().ok());
        let said = verdict::Said { status, code, moved, headers: &headers };
        Refused::Other(verdict::of_status(&self.feed, place, &said))
    }

    /// How messages name a path: without the query, which on some hosts carries the key.
    fn place(&self, path: &str) -> String {
        text::clean(&format!("{}{path}", self.base))
    }

    async fn keep_the_gap(&self) {
        if self.limits.gap.is_zero() {
            return;
        }
        let start = {
            let mut next = self.next_start.lock().await;
            let start = (*next).max(Instant::now());
            *next = start + self.limits.gap;
            start
        };
        tokio::time::sleep_until(start).await;
    }
}

/// A response whose body is still to be read. While it is, its slot is taken.
struct Sent<'a> {
    response: Response,
    status: StatusCode,
    headers: HeaderMap,
    started: Instant,
    _slot: SemaphorePermit<'a>,
}

/// What an answer that is no success means.
enum Refused {
    NoSuchThing,
    Other(FeedError),
}

fn answer(json: Value, headers: &HeaderMap, took: Duration) -> Answer {
    let number =
        |name| headers.get(name).and_then(|v| v.to_str().ok()).and_then(|v| v.parse().ok());
    Answer {
        json,
        total: number("x-wp-total"),
        pages: number("x-wp-totalpages").map(|n: u64| n.min(u32::MAX.into()) as u32),
        now: source_now(headers, took),
    }
}

fn permanent(reason: String) -> FeedError {
    FeedError::Permanent { reason }
}

fn base_url(feed: &FeedId, base: &str) -> Result<Url, FeedError> {
    let wrong = |why: &str| permanent(format!("the url of feed {feed} {why}"));
    let mut url = Url::parse(base.trim())
        .map_err(|_| wrong("is no address: write it as https://shop.example"))?;
    if !matches!(url.scheme(), "http" | "https") || url.host().is_none() {
        return Err(wrong("is neither http nor https: write it as https://shop.example"));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(wrong("holds a key: take it out, and put key and secret where they belong"));
    }
    url.set_query(None);
    url.set_fragment(None);
    if !url.path().ends_with('/') {
        let path = format!("{}/", url.path());
        url.set_path(&path);
    }
    Ok(url)
}

fn is_loopback(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost" || bare.parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

fn source_now(headers: &HeaderMap, took: Duration) -> Option<Timestamp> {
    let simulated = headers.get(SIMULATED_NOW).and_then(|v| v.to_str().ok());
    if let Some(now) = simulated.and_then(|text| Timestamp::parse(text, &Zone::utc())) {
        return Some(now);
    }
    let date = verdict::http_date(headers.get(DATE)?.to_str().ok()?)?;
    Some(date - crate::domain::Span::millis(took.as_millis() as i64))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(url: &str, limits: Limits) -> Result<Client, FeedError> {
        let keys = Credentials { key: "ck_1".into(), secret: "cs_2".into() };
        Client::new(&FeedId::from("shop"), url, Some(keys), limits)
    }

    fn refusal(url: &str) -> String {
        match client(url, Limits::default()) {
            Err(FeedError::Permanent { reason }) => reason,
            other => panic!("{:?}", other.err()),
        }
    }

    #[test]
    fn keys_do_not_travel_in_the_clear() {
        assert!(refusal("http://shop.example").contains("use https"));
        assert!(refusal("http://127.0.0.1.evil.example").contains("use https"));
        assert!(client("http://127.0.0.1:8080", Limits::default()).is_ok());
        assert!(client("http://[::1]:8080/x", Limits::default()).is_ok());
        let allowed = Limits { allow_http: true, ..Limits::default() };
        assert!(client("http://shop.example", allowed).is_ok());
    }

    #[test]
    fn an_address_that_is_none_is_told_with_the_mend() {
        assert!(refusal("shop.example").contains("https://shop.example"));
        assert!(refusal("ftp://shop.example").contains("neither http nor https"));
        let reason = refusal("https://ck_1:cs_2@shop.example");
        assert!(reason.contains("take it out") && !reason.contains("cs_2"), "{reason}");
    }

    #[test]
    fn the_time_of_the_source_is_its_own() {
        let mut headers = HeaderMap::new();
        assert_eq!(source_now(&headers, Duration::ZERO), None);
        headers.insert(DATE, "Sun, 06 Nov 1994 08:49:37 GMT".parse().unwrap());
        let now = source_now(&headers, Duration::from_secs(7)).unwrap();
        assert_eq!(now.to_string(), "1994-11-06T08:49:30Z");
        headers.insert(SIMULATED_NOW, "2011-07-01T00:00:00Z".parse().unwrap());
        let now = source_now(&headers, Duration::from_secs(7)).unwrap();
        assert_eq!(now.to_string(), "2011-07-01T00:00:00Z");
    }
}
