//! `POST /stockdeck/v1/supplier-orders`: where the simulated suppliers take orders and cancellations
//! of the console's user. The shape is told in `docs/TARGETS.md`.

use super::Shop;
use super::answer::{Problem, json};
use crate::domain::{Clock, Day, Timestamp};
use crate::feed::demo::{Answer, AskError, Asked, Request, Wish};
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
    /// From where a transfer is.
    #[serde(default)]
    from: Option<Box<str>>,
    /// The day that a request about a line names.
    #[serde(default)]
    wanted: Option<Box<str>>,
    #[serde(default)]
    due: Option<Box<str>>,
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
    #[serde(skip_serializing_if = "Vec::is_empty")]
    lines: Vec<Confirmed>,
}

/// How a line that was asked about comes from now on.
#[derive(Serialize)]
struct Confirmed {
    sku: Box<str>,
    qty: Option<u32>,
    due: Option<String>,
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
    let sku = document.lines.first().map(|line| line.sku.clone()).unwrap_or_default();
    let asked = Asked { key: key.into(), at: 0, number: number.clone(), what: what(document)? };
    let mut guard = shop.merchant.write();
    let merchant = guard
        .as_mut()
        .ok_or_else(|| Problem::new(500, "internal_server_error", "The shop has no history."))?;
    let asked = merchant.ask(asked).map_err(|error| match error {
        AskError::Unknown { what: "order", .. } => {
            Problem::new(404, "stockdeck_demo_order_unknown", error.to_string())
        }
        AskError::TooSoon(_) => {
            Problem::new(409, "stockdeck_demo_order_too_soon", error.to_string())
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
    let said = merchant.answer_to(key).map(|said| {
        let due = said.due.map(|day| Day::from_number(day).to_string());
        Confirmed { sku, qty: said.units, due }
    });
    let status = if said.is_some() { "confirmed" } else { "received" };
    let lines = said.into_iter().collect();
    Ok(json(201, &Taken { reference: &number, status, lines }, now))
}

fn what(document: Document) -> Result<Request, Problem> {
    let day = |text: &Option<Box<str>>, field: &'static str| {
        let day = text.as_deref().and_then(Day::parse).map(Day::number);
        day.ok_or_else(|| Problem::parameter(field, "Invalid date."))
    };
    let units = |line: &Line| Some(line.qty as u32).filter(|units| f64::from(*units) == line.qty);
    let one = || match document.lines.as_slice() {
        [line] => Ok(line),
        _ => Err(Problem::parameter("lines", "one line")),
    };
    let line = |wish: Wish| {
        let sku = one()?.sku.clone();
        Ok(Request::Line { sku, wish, answer: Answer::default() })
    };
    match &*document.kind {
        "cancellation" => Ok(Request::Cancel),
        "expedite" => line(Wish::Sooner(day(&document.wanted, "wanted")?)),
        "defer" => line(Wish::Later(day(&document.wanted, "wanted")?)),
        "cancel-line" => line(Wish::Never),
        "transfer" => {
            let goods = one()?;
            let units = units(goods).ok_or_else(|| Problem::parameter("qty", "whole units"))?;
            let from = document.from.clone();
            let from = from.ok_or_else(|| Problem::parameter("from", "a site's code"))?;
            let due = day(&document.due, "due")?;
            Ok(Request::Transfer { from, to: document.site, sku: goods.sku.clone(), units, due })
        }
        "order" => {
            let due = document.due.is_some().then(|| day(&document.due, "due")).transpose()?;
            let whole = |line: Line| {
                let units = line.qty as u32;
                (f64::from(units) == line.qty).then_some((line.sku, units))
            };
            let lines = document.lines.into_iter().map(whole).collect::<Option<Vec<_>>>();
            let lines = lines.ok_or_else(|| {
                let message = "Only whole units can be ordered.";
                Problem::new(422, "stockdeck_demo_order_invalid", message)
            })?;
            let (supplier, site) = (document.supplier, document.site);
            Ok(Request::Order { supplier, site, lines, due })
        }
        _ => {
            let kinds = "order, cancellation, expedite, defer, cancel-line or transfer";
            Err(Problem::parameter("kind", kinds))
        }
    }
}
