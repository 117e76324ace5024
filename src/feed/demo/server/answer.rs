//! How answers look: JSON bodies, paging headers, errors in WordPress's words.

use super::query::{Cut, Params};
use crate::domain::Timestamp;
use axum::body::Body;
use axum::http::{HeaderValue, Response, StatusCode, header};
use serde::Serialize;

/// Header with the simulated present on every answer.
pub const NOW: &str = "x-stockdeck-now";

/// An error as WordPress words it: `{"code", "message", "data": {"status"}}`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// HTTP status.
    pub status: u16,
    /// WordPress's error code.
    pub code: &'static str,
    /// One sentence.
    pub message: String,
}

impl Problem {
    /// Any error.
    pub fn new(status: u16, code: &'static str, message: impl Into<String>) -> Self {
        Problem { status, code, message: message.into() }
    }
    /// A query parameter that cannot be understood.
    pub fn parameter(name: &str, why: &str) -> Self {
        Problem::new(400, "rest_invalid_param", format!("Invalid parameter(s): {name} ({why})"))
    }
    /// There is no such route.
    pub fn no_route() -> Self {
        let message = "No route was found matching the URL and request method.";
        Problem::new(404, "rest_no_route", message)
    }
    /// As an HTTP answer.
    pub fn answer(&self, now: Timestamp) -> Response<Body> {
        #[derive(Serialize)]
        struct Data {
            status: u16,
        }
        #[derive(Serialize)]
        struct Shape<'a> {
            code: &'a str,
            message: &'a str,
            data: Data,
        }
        let data = Data { status: self.status };
        let shape = Shape { code: self.code, message: &self.message, data };
        json(self.status, &shape, now)
    }
}

/// A JSON answer.
pub fn json(status: u16, body: &impl Serialize, now: Timestamp) -> Response<Body> {
    let (status, bytes) = match serde_json::to_vec(body) {
        Ok(bytes) => (StatusCode::from_u16(status).unwrap_or(StatusCode::OK), bytes),
        Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, error.to_string().into_bytes()),
    };
    let mut response = Response::new(Body::from(bytes));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    let kind = HeaderValue::from_static("application/json; charset=UTF-8");
    headers.insert(header::CONTENT_TYPE, kind);
    if let Ok(now) = HeaderValue::from_str(&precise(now)) {
        headers.insert(NOW, now);
    }
    response
}

/// RFC 3339 in UTC with milliseconds.
pub fn precise(at: Timestamp) -> String {
    let whole = at.to_string();
    format!("{}.{:03}Z", whole.trim_end_matches('Z'), at.as_millis().rem_euclid(1_000))
}

/// Puts WordPress's paging headers on a list; `path` is the list's full address.
pub fn paged(
    mut response: Response<Body>,
    cut: &Cut,
    path: &str,
    params: &Params,
) -> Response<Body> {
    let headers = response.headers_mut();
    headers.insert("x-wp-total", HeaderValue::from(cut.total));
    headers.insert("x-wp-totalpages", HeaderValue::from(cut.pages));
    let mut links = Vec::new();
    if cut.page > 1 {
        let previous = (cut.page - 1).min(cut.pages.max(1));
        links.push(format!("<{path}?{}>; rel=\"prev\"", params.with_page(previous)));
    }
    if cut.page < cut.pages {
        links.push(format!("<{path}?{}>; rel=\"next\"", params.with_page(cut.page + 1)));
    }
    if !links.is_empty()
        && let Ok(link) = HeaderValue::from_str(&links.join(", "))
    {
        headers.insert(header::LINK, link);
    }
    response
}
