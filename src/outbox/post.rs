//! HTTP: a document as the body of a POST, signed or with a login.
//!
//! `Idempotency-Key` is the document's key. A signed request also has `X-Stockdeck-Timestamp`
//! (seconds since 1970) and `X-Stockdeck-Signature` (`sha256=` and, in hex, the HMAC-SHA-256, RFC
//! 2104, of timestamp, full stop and body): the receiver knows who sent it and that it is no old
//! request that somebody plays again.

use super::document::{DocumentKind, PurchaseDocument};
use super::error::DeliveryError;
use super::{Delivered, Request, ShippingNotice, Target};
use crate::domain::{ConfirmedLine, Day, Qty, Sku, Timestamp, text};
use crate::feed::Pending;
use base64::Engine;
use hmac::{Hmac, Mac};
use reqwest::header::{HeaderMap, RETRY_AFTER};
use reqwest::{Response, StatusCode, Url};
use serde_json::Value;
use sha2::Sha256;
use std::time::Duration;

/// Longest part of an answer that is read.
const LONGEST_ANSWER: usize = 256 << 10;
/// Longest part of an answer that gets into a message.
const LONGEST_EXCERPT: usize = 120;

/// How the other side knows that it is us.
#[derive(Clone, PartialEq, Eq)]
pub enum Login {
    /// By a signature with this secret.
    Signed(String),
    /// By user name and password.
    Basic(String, String),
}

impl std::fmt::Debug for Login {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Login(hidden)")
    }
}

/// An address that takes documents by POST.
pub struct Post {
    name: String,
    url: Url,
    login: Login,
    client: reqwest::Client,
}

impl Post {
    /// A target of this name at an address. `within`: how long a request may take.
    pub fn new(
        name: &str,
        url: &str,
        login: Login,
        within: Duration,
    ) -> Result<Self, DeliveryError> {
        let wrong = |what: &str| DeliveryError::permanent(format!("target {name}: {what}"));
        let url = Url::parse(url).map_err(|_| wrong("its url is no address"))?;
        let client = client(&url, within).map_err(|error| {
            wrong(&format!("TLS cannot be set up ({error}); install the CA certificates"))
        })?;
        Ok(Post { name: name.to_owned(), url, login, client })
    }

    fn headers(&self, key: &str, body: &str, now: Timestamp) -> Headers {
        let mut headers = vec![
            ("Content-Type", "application/json".to_owned()),
            ("Idempotency-Key", key.to_owned()),
        ];
        match &self.login {
            Login::Signed(secret) => {
                let at = now.as_seconds();
                headers.push(("X-Stockdeck-Timestamp", at.to_string()));
                headers.push(("X-Stockdeck-Signature", signature(secret, at, body)));
            }
            Login::Basic(user, password) => {
                let pair = format!("{user}:{password}");
                let coded = base64::engine::general_purpose::STANDARD.encode(pair);
                headers.push(("Authorization", format!("Basic {coded}")));
            }
        }
        headers
    }

    /// Posts a body, once; `key` tells it from others when it is posted again.
    pub async fn post(&self, key: &str, body: String) -> Result<(), DeliveryError> {
        let answer = self.exchange(key, body).await?;
        if answer.status.is_success() { Ok(()) } else { Err(self.refused(&answer)) }
    }

    /// What posting a body would be, to the byte, without what must not be seen.
    pub fn shown(&self, key: &str, body: String, now: Timestamp) -> Request {
        let mut headers = self.headers(key, &body, now);
        for (name, value) in &mut headers {
            if *name == "Authorization" {
                *value = "Basic (hidden)".into();
            }
        }
        Request { line: format!("POST {}", self.place()), headers, body }
    }

    async fn exchange(&self, key: &str, body: String) -> Result<Exchange, DeliveryError> {
        let mut request = self.client.post(self.url.clone());
        for (name, value) in self.headers(key, &body, Timestamp::wall_now()) {
            request = request.header(name, value);
        }
        let response = request.body(body).send().await.map_err(|error| {
            DeliveryError::transient(format!("{} {}", self.place(), no_answer(&error)))
        })?;
        let (status, headers) = (response.status(), response.headers().clone());
        Ok(Exchange { status, headers, answer: read(response).await })
    }

    fn refused(&self, answer: &Exchange) -> DeliveryError {
        let said = answer.answer.as_deref().map(excerpt).unwrap_or_default();
        verdict(&self.place(), answer.status, &answer.headers, &said)
    }

    async fn send(&self, document: &PurchaseDocument) -> Result<Delivered, DeliveryError> {
        let answer = self.exchange(&document.key, document.json()).await?;
        if answer.status.is_success() {
            // Whoever says that it took the order has it, even where the rest got lost.
            return Ok(answer.answer.as_deref().map(understood).unwrap_or_default());
        }
        let cancels = matches!(document.kind, DocumentKind::Cancellation { .. });
        if cancels && matches!(answer.status, StatusCode::NOT_FOUND | StatusCode::GONE) {
            // What it does not have, it will not deliver.
            return Ok(Delivered::default());
        }
        Err(self.refused(&answer))
    }

    /// How messages name the address: without what follows the path, which may hold a key.
    fn place(&self) -> String {
        let host = self.url.host_str().unwrap_or_default();
        let port = self.url.port().map_or(String::new(), |port| format!(":{port}"));
        text::clean(&format!("{}://{host}{port}{}", self.url.scheme(), self.url.path()))
    }
}

type Headers = Vec<(&'static str, String)>;

/// What came back.
struct Exchange {
    status: StatusCode,
    headers: HeaderMap,
    /// The answer, as far as it is read; `None`: it broke off.
    answer: Option<Vec<u8>>,
}

/// A client for an address, whose requests may take so long.
pub(super) fn client(url: &Url, within: Duration) -> reqwest::Result<reqwest::Client> {
    // Somebody may have installed a provider already; any will do.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let mut builder = reqwest::Client::builder()
        .user_agent(concat!("stockdeck/", env!("CARGO_PKG_VERSION")))
        .connect_timeout(within.min(Duration::from_secs(10)))
        .timeout(within)
        .redirect(reqwest::redirect::Policy::none());
    if url.scheme() == "http" {
        // Only loopback is allowed so; nothing is verified, so that the CA store is not needed.
        builder = builder.no_proxy().tls_certs_only([]);
    }
    builder.build()
}

impl Target for Post {
    fn name(&self) -> &str {
        &self.name
    }
    fn request(&self, document: &PurchaseDocument, now: Timestamp) -> Request {
        self.shown(&document.key, document.json(), now)
    }
    fn deliver<'a>(
        &'a self,
        document: &'a PurchaseDocument,
    ) -> Pending<'a, Result<Delivered, DeliveryError>> {
        Box::pin(self.send(document))
    }
    fn notify<'a>(
        &'a self,
        notice: &'a ShippingNotice,
    ) -> Pending<'a, Result<Delivered, DeliveryError>> {
        Box::pin(async move {
            let answer = self.exchange(&notice.key, notice.json()).await?;
            let told = answer.answer.as_deref();
            match answer.status.is_success() {
                true => Ok(told.map(understood).unwrap_or_default()),
                false => Err(self.refused(&answer)),
            }
        })
    }
}

/// The signature of a body at a moment: `sha256=` and hex.
pub fn signature(secret: &str, seconds: i64, body: &str) -> String {
    // A key of any length will do.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret.as_bytes()) else {
        return String::new();
    };
    mac.update(seconds.to_string().as_bytes());
    mac.update(b".");
    mac.update(body.as_bytes());
    let digest = mac.finalize().into_bytes();
    let hex: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("sha256={hex}")
}

pub(super) fn no_answer(error: &reqwest::Error) -> &'static str {
    match error {
        error if error.is_timeout() => "gave no answer in time",
        error if error.is_connect() => "cannot be reached",
        _ => "broke off",
    }
}

/// The answer, as far as it is read; `None`: it broke off.
pub(super) async fn read(mut response: Response) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    loop {
        match response.chunk().await {
            Ok(Some(chunk)) => bytes.extend_from_slice(&chunk),
            Ok(None) => return Some(bytes),
            Err(_) => return None,
        }
        if bytes.len() > LONGEST_ANSWER {
            bytes.truncate(LONGEST_ANSWER);
            return Some(bytes);
        }
    }
}

pub(super) fn excerpt(bytes: &[u8]) -> String {
    let json: Option<Value> = serde_json::from_slice(bytes).ok();
    let message = json.as_ref().and_then(|json| {
        ["message", "error", "detail"].iter().find_map(|field| json.get(field)?.as_str())
    });
    let lossy = String::from_utf8_lossy(bytes);
    let shown = message.unwrap_or(&lossy);
    text::clean(shown).chars().take(LONGEST_EXCERPT).collect()
}

pub(super) fn verdict(
    place: &str,
    status: StatusCode,
    headers: &HeaderMap,
    said: &str,
) -> DeliveryError {
    let said = if said.is_empty() { String::new() } else { format!(": {said}") };
    let reason = match status.as_u16() {
        401 | 403 => format!("{place} does not accept our signature or login ({status}){said}"),
        300..=399 => format!("{place} redirects ({status}); give the address it redirects to"),
        429 => format!("{place} wants fewer requests ({status})"),
        _ => format!("{place} answered {status}{said}"),
    };
    let retry = matches!(status.as_u16(), 408 | 409 | 425 | 429 | 500..=599);
    DeliveryError { reason, retry, after: retry.then(|| retry_after(headers)).flatten() }
}

/// `Retry-After`, in seconds or as a date.
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    if let Ok(seconds) = text.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let at = jiff::fmt::rfc2822::parse(text).ok()?.timestamp().as_millisecond();
    let wait = at.saturating_sub(Timestamp::wall_now().as_millis());
    Some(Duration::from_millis(u64::try_from(wait).unwrap_or(0)))
}

/// What an answer says beyond that the order was taken. Nothing of it has to be there.
fn understood(bytes: &[u8]) -> Delivered {
    let Ok(json) = serde_json::from_slice::<Value>(bytes) else { return Delivered::default() };
    let name = |field: &str| match json.get(field) {
        Some(Value::String(text)) => Some(text::clean(text)),
        Some(Value::Number(number)) => Some(number.to_string()),
        _ => None,
    };
    let reference = name("reference").or_else(|| name("id")).filter(|text| !text.is_empty());
    let day = |value: &Value| value.get("due").and_then(Value::as_str).and_then(Day::parse);
    let acknowledged = json.get("status").and_then(Value::as_str).is_some_and(|status| {
        ["acknowledged", "confirmed"].iter().any(|known| status.eq_ignore_ascii_case(known))
    });
    let confirmed = acknowledged.then(|| {
        let lines = json.get("lines").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
        let line = |line: &Value| {
            let sku = text::clean(line.get("sku")?.as_str()?);
            let qty = match line.get("qty") {
                Some(Value::String(text)) => Qty::parse(text),
                Some(Value::Number(number)) => Qty::parse(&number.to_string()),
                _ => None,
            };
            let qty = qty.filter(|qty| !qty.is_negative());
            Some(ConfirmedLine { sku: Sku::new(sku), qty, due: day(line) })
        };
        (lines.iter().filter_map(line).collect(), day(&json))
    });
    Delivered { reference: reference.map(Into::into), confirmed }
}
