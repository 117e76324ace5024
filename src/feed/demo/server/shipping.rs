//! `POST /stockdeck/v1/allocations`: where the console's user tells the shop from where an order ships,
//! and takes that back. The shape is told in `docs/TARGETS.md`.

use super::Shop;
use super::answer::{Problem, json};
use crate::domain::{Clock, Timestamp};
use crate::feed::demo::{Asked, Request};
use axum::body::Body;
use axum::http::Response;
use serde::{Deserialize, Serialize};

#[derive(Deserialize)]
struct Document {
    kind: Box<str>,
    order: Box<str>,
    #[serde(default)]
    ships: Vec<Part>,
    takes_back: Option<Box<str>>,
}

#[derive(Deserialize)]
struct Part {
    site: Box<str>,
    lines: Vec<Line>,
}

#[derive(Deserialize)]
struct Line {
    sku: Box<str>,
    qty: u32,
}

#[derive(Serialize)]
struct Taken<'a> {
    reference: &'a str,
    status: &'a str,
}

/// Takes a document; the same key again is the same document.
pub fn answer(shop: &Shop, key: Option<&str>, body: &[u8]) -> Response<Body> {
    let now = shop.clock.now();
    taken(shop, key, body, now).unwrap_or_else(|problem| problem.answer(now))
}

fn taken(
    shop: &Shop,
    key: Option<&str>,
    body: &[u8],
    now: Timestamp,
) -> Result<Response<Body>, Problem> {
    let invalid = |message: String| Problem::new(422, "stockdeck_demo_allocation_invalid", message);
    let key = key.filter(|key| !key.is_empty());
    let key = key.ok_or_else(|| invalid("The request has no Idempotency-Key.".into()))?;
    let document: Document = serde_json::from_slice(body)
        .map_err(|_| Problem::new(400, "rest_invalid_json", "Invalid JSON body passed."))?;
    let number = document.order.clone();
    let what = what(document)?;
    let asked = Asked { key: key.into(), at: 0, number: number.clone(), what };
    let mut guard = shop.merchant.write();
    let merchant = guard
        .as_mut()
        .ok_or_else(|| Problem::new(500, "internal_server_error", "The shop has no history."))?;
    let asked = merchant.ask(asked).map_err(|error| invalid(error.to_string()))?;
    if let Some(asked) = asked {
        if let Some(file) = shop.asked.lock().as_mut() {
            file.keep(&asked).map_err(|error| {
                Problem::new(500, "internal_server_error", format!("Nothing was taken: {error}."))
            })?;
        }
        merchant.expect(asked);
    }
    Ok(json(201, &Taken { reference: &number, status: "received" }, now))
}

fn what(document: Document) -> Result<Request, Problem> {
    let line = |line: Line| (line.sku, line.qty);
    let part = |part: Part| (part.site, part.lines.into_iter().map(line).collect());
    match (&*document.kind, document.takes_back) {
        ("allocation", None) => {
            Ok(Request::Ship { ships: document.ships.into_iter().map(part).collect() })
        }
        ("release", Some(key)) => Ok(Request::Release { key }),
        _ => Err(Problem::parameter("kind", "allocation, or release with takes_back")),
    }
}
