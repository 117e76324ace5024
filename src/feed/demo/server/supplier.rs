//! `POST /stockdeck/v1/supplier-orders`: where the simulated suppliers take orders and cancellations
//! of the console's user. The shape is told in `docs/TARGETS.md`.

use super::Shop;
use super::answer::{Problem, json};
use crate::domain::{Clock, Timestamp};
use crate::feed::demo::{AskError, Asked, Request};
use axum::body::Body;
use axum::http::Response;
use serde::{Deserialize, Serialize};

#[derive(Deserialize)]
struct Document {
    kind: Box<str>,
    number: Box<str>,
    supplier: Box<str>,
    site: Box<str>,
    lines: Vec<Line>,
}

#[derive(Deserialize)]
struct Line {
    sku: Box<str>,
    qty: f64,
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
    let invalid = |message: String| Problem::new(422, "stockdeck_demo_order_invalid", message);
    let key = key.filter(|key| !key.is_empty());
    let key = key.ok_or_else(|| invalid("The request has no Idempotency-Key.".into()))?;
    let document: Document = serde_json::from_slice(body)
        .map_err(|_| Problem::new(400, "rest_invalid_json", "Invalid JSON body passed."))?;
    let number = document.number.clone();
    let asked = Asked { key: key.into(), at: 0, number: number.clone(), what: what(document)? };
    let mut guard = shop.merchant.write();
    let merchant = guard
        .as_mut()
        .ok_or_else(|| Problem::new(500, "internal_server_error", "The shop has no history."))?;
    let asked = merchant.ask(asked).map_err(|error| match error {
        AskError::Unknown { what: "order", .. } => {
            Problem::new(404, "stockdeck_demo_order_unknown", error.to_string())
        }
        _ => invalid(error.to_string()),
    })?;
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
    match &*document.kind {
        "cancellation" => Ok(Request::Cancel),
        "order" => {
            let whole = |line: Line| {
                let units = line.qty as u32;
                (f64::from(units) == line.qty).then_some((line.sku, units))
            };
            let lines = document.lines.into_iter().map(whole).collect::<Option<Vec<_>>>();
            let lines = lines.ok_or_else(|| {
                let message = "Only whole units can be ordered.";
                Problem::new(422, "stockdeck_demo_order_invalid", message)
            })?;
            Ok(Request::Order { supplier: document.supplier, site: document.site, lines })
        }
        _ => Err(Problem::parameter("kind", "order or cancellation")),
    }
}
