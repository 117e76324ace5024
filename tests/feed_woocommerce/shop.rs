//! A shop in WooCommerce's shape on loopback, which can be made to misbehave.

use axum::body::Body;
use axum::extract::{Query, State};
use axum::http::{StatusCode, Uri};
use axum::response::Response;
use serde_json::{Value, json};
use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::{Arc, Mutex};

/// How one answer goes wrong.
#[derive(Clone, Debug)]
pub enum Fault {
    NoAnswer,
    StallsMidBody,
    CutMidBody,
    Status(u16, Option<&'static str>),
    WebPage,
    NoticeBefore,
    BadGzip,
    TornJson,
    NotAList,
    /// A list that is empty although there is something.
    EmptyList,
    /// A 404 that is not the shop's own.
    PageNotFound,
    /// To another address.
    Redirect,
    /// More than is taken at once.
    TooLong,
    /// 503 with a wait of so many seconds, given as an HTTP date.
    BusyUntil(u32),
}

/// Changes the shop when its n-th request of orders comes in.
pub type Meddler = Box<dyn FnMut(usize, &mut Shop) + Send>;

#[derive(Default)]
pub struct Shop {
    pub orders: BTreeMap<u64, Value>,
    pub refunds: HashMap<String, Value>,
    pub products: Vec<Value>,
    pub variations: HashMap<String, Value>,
    pub extension: HashMap<String, Vec<Value>>,
    /// Faults of the next answers to orders, in turn; `None`: that answer is fine.
    pub faults: VecDeque<Option<Fault>>,
    /// The same for other paths, by path.
    pub faults_at: HashMap<String, VecDeque<Option<Fault>>>,
    pub meddler: Option<Meddler>,
    pub order_requests: usize,
    pub log: Vec<String>,
    pub now: String,
    /// Whether orders are sorted as asked, or come as they lie.
    pub unsorted: bool,
    /// Whether each row of a list of orders comes twice.
    pub doubled: bool,
    /// Pages of orders to answer with the page before them, so often.
    pub stuck: usize,
    /// Whether lists of orders are empty although the orders are there.
    pub lists_empty: bool,
}

pub type Shared = Arc<Mutex<Shop>>;

/// Serves the shop; returns its address.
pub async fn serve(shop: Shop) -> (Shared, String) {
    let shared = Arc::new(Mutex::new(shop));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let app = axum::Router::new().fallback(answer).with_state(shared.clone());
    tokio::spawn(async move { axum::serve(listener, app).await });
    (shared, url)
}

type Asked = Query<HashMap<String, String>>;

async fn answer(State(shop): State<Shared>, uri: Uri, Query(query): Asked) -> Response {
    let (response, fault) = {
        let mut shop = shop.lock().unwrap();
        let of_orders = uri.path() == "/wp-json/wc/v3/orders";
        if of_orders {
            shop.order_requests += 1;
            let (number, meddler) = (shop.order_requests, shop.meddler.take());
            if let Some(mut meddler) = meddler {
                meddler(number, &mut shop);
                shop.meddler = Some(meddler);
            }
        }
        shop.log.push(uri.to_string());
        let fault = match shop.faults_at.get_mut(uri.path()) {
            Some(faults) => faults.pop_front().flatten(),
            None if of_orders => shop.faults.pop_front().flatten(),
            None => None,
        };
        let mut query = query;
        let page = query.get("page").and_then(|page| page.parse::<usize>().ok()).unwrap_or(1);
        if of_orders && page > 1 && shop.stuck > 0 {
            shop.stuck -= 1;
            query.insert("page".into(), (page - 1).to_string());
        }
        (shop.answer(uri.path(), &query), fault)
    };
    match (response, fault) {
        (None, None) => {
            let of_an_order = uri.path().starts_with("/wp-json/wc/v3/orders/");
            let body = if of_an_order { NO_ORDER } else { NO_ROUTE };
            respond(StatusCode::NOT_FOUND, &[], body.into())
        }
        (Some((headers, body)), None) => respond(StatusCode::OK, &headers, body.into()),
        (response, Some(fault)) => {
            let (headers, body) = response.unwrap_or_else(|| (Vec::new(), NO_ROUTE.into()));
            misbehave(fault, headers, body).await
        }
    }
}

const NO_ROUTE: &str = r#"{"code":"rest_no_route","message":"m","data":{"status":404}}"#;
const NO_ORDER: &str = r#"{"code":"woocommerce_rest_shop_order_invalid_id","message":"m"}"#;
/// More than any bench takes at once.
pub const TOO_LONG: usize = 200_000;

type Headers = Vec<(&'static str, String)>;

async fn misbehave(fault: Fault, mut headers: Headers, body: String) -> Response {
    let half = body.as_bytes()[..body.len() / 2].to_vec();
    match fault {
        Fault::NoAnswer => std::future::pending().await,
        Fault::StallsMidBody => {
            use futures::StreamExt;
            let first = futures::stream::iter([Ok::<_, std::io::Error>(half)]);
            let stream = first.chain(futures::stream::pending());
            respond(StatusCode::OK, &headers, Body::from_stream(stream))
        }
        Fault::CutMidBody => {
            use futures::StreamExt;
            // A pause in between lets the first half leave before the connection breaks.
            let cut = futures::stream::once(async {
                tokio::task::yield_now().await;
                Err(std::io::Error::other("cut"))
            });
            let stream = futures::stream::iter([Ok(half)]).chain(cut);
            respond(StatusCode::OK, &headers, Body::from_stream(stream))
        }
        Fault::Status(status, retry_after) => {
            headers.extend(retry_after.map(|value| ("retry-after", value.to_owned())));
            let body = r#"{"code":"some_code","message":"m"}"#;
            respond(StatusCode::from_u16(status).unwrap(), &headers, body.into())
        }
        Fault::WebPage => {
            let page = "<!DOCTYPE html><html><title>Back soon</title>[]</html>";
            respond(StatusCode::OK, &headers, page.into())
        }
        Fault::NoticeBefore => {
            let body = format!("<br />\n<b>Notice</b>: Undefined index: a[1] in {{x}}\n{body}");
            respond(StatusCode::OK, &headers, body.into())
        }
        Fault::BadGzip => {
            headers.push(("content-encoding", "gzip".into()));
            respond(StatusCode::OK, &headers, body.into())
        }
        Fault::TornJson => respond(StatusCode::OK, &headers, half.into()),
        Fault::NotAList => respond(StatusCode::OK, &headers, r#"{"code":"odd"}"#.into()),
        Fault::EmptyList => {
            headers.retain(|(name, _)| !name.starts_with("x-wp"));
            headers.push(("x-wp-total", "0".into()));
            headers.push(("x-wp-totalpages", "0".into()));
            respond(StatusCode::OK, &headers, "[]".into())
        }
        Fault::PageNotFound => {
            let page = "<html><title>Not found</title>Nothing here.</html>";
            respond(StatusCode::NOT_FOUND, &headers, page.into())
        }
        Fault::Redirect => {
            headers.push(("location", "https://www.shop.example/?key=secret".into()));
            respond(StatusCode::MOVED_PERMANENTLY, &headers, Body::empty())
        }
        Fault::TooLong => {
            let body = format!("{}{body}", " ".repeat(TOO_LONG));
            respond(StatusCode::OK, &headers, body.into())
        }
        Fault::BusyUntil(seconds) => {
            headers.push(("date", "Sun, 06 Nov 1994 08:49:00 GMT".into()));
            headers.push(("retry-after", format!("Sun, 06 Nov 1994 08:49:{seconds:02} GMT")));
            respond(StatusCode::SERVICE_UNAVAILABLE, &headers, "<html>Busy</html>".into())
        }
    }
}

fn respond(status: StatusCode, headers: &[(&'static str, String)], body: Body) -> Response {
    let start = Response::builder().status(status);
    headers.iter().fold(start, |r, (k, v)| r.header(*k, v)).body(body).unwrap()
}

impl Shop {
    fn answer(&self, path: &str, query: &HashMap<String, String>) -> Option<(Headers, String)> {
        if let Some(table) = path.strip_prefix("/stockdeck/v1/") {
            let items = self.extension.get(table)?;
            let body = json!({"now": self.now, "items": items, "pages": 1});
            return Some((self.headers(), body.to_string()));
        }
        let path = path.strip_prefix("/wp-json/wc/v3/")?;
        let parts: Vec<&str> = path.split('/').collect();
        let rows = match parts.as_slice() {
            ["orders"] => self.orders(query),
            ["orders", id] => {
                let order = self.orders.get(&id.parse().ok()?)?;
                return Some((self.headers(), order.to_string()));
            }
            ["orders", id, "refunds"] => list(self.refunds.get(*id)),
            ["products"] => self.products(query),
            ["products", id, "variations"] => list(self.variations.get(*id)),
            _ => return None,
        };
        let number =
            |key: &str, usual: usize| query.get(key).map(|v| v.parse().unwrap()).unwrap_or(usual);
        let (page, per_page) = (number("page", 1), number("per_page", 10));
        let shown: Vec<&Value> = rows.iter().skip((page - 1) * per_page).take(per_page).collect();
        let mut headers = self.headers();
        headers.push(("x-wp-total", rows.len().to_string()));
        headers.push(("x-wp-totalpages", rows.len().div_ceil(per_page).to_string()));
        Some((headers, serde_json::to_string(&shown).unwrap()))
    }

    fn headers(&self) -> Headers {
        vec![("x-stockdeck-now", self.now.clone())]
    }

    fn products(&self, query: &HashMap<String, String>) -> Vec<Value> {
        let after = query.get("modified_after").map(String::as_str).unwrap_or("");
        self.products.iter().filter(|p| text(p, "date_modified_gmt") > after).cloned().collect()
    }

    fn orders(&self, query: &HashMap<String, String>) -> Vec<Value> {
        let get = |key: &str| query.get(key).map(String::as_str);
        let include = get("include").map(|ids| ids.split(',').collect::<Vec<_>>());
        let wanted = |id: &u64, order: &Value| {
            let trash = text(order, "status") == "trash";
            (get("status") == Some("trash")) == trash
                && get("before").is_none_or(|at| text(order, "date_created_gmt") < at)
                && get("modified_after").is_none_or(|at| text(order, "date_modified_gmt") > at)
                && include.as_ref().is_none_or(|ids| ids.contains(&id.to_string().as_str()))
        };
        let matching = self
            .orders
            .iter()
            .filter(|_| !self.lists_empty)
            .filter(|(id, order)| wanted(id, order));
        let mut rows: Vec<Value> = matching.map(|(_, order)| order.clone()).collect();
        if get("orderby") == Some("date") && !self.unsorted {
            rows.sort_by_key(|order| text(order, "date_created_gmt").to_owned());
        }
        if get("order") == Some("desc") && !self.unsorted {
            rows.reverse();
        }
        if self.doubled {
            rows = rows.into_iter().flat_map(|row| [row.clone(), row]).collect();
        }
        rows
    }
}

fn list(value: Option<&Value>) -> Vec<Value> {
    value.and_then(Value::as_array).cloned().unwrap_or_default()
}

fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value[key].as_str().unwrap_or("")
}

/// A plain order of one mug; the moments are minutes after 2026-02-20T00:00Z.
pub fn order(id: u64, status: &str, placed: u64, modified: u64) -> Value {
    json!({
        "id": id, "status": status, "currency": "GBP", "total": "4.00", "customer_id": id,
        "date_created_gmt": minute(placed), "date_modified_gmt": minute(modified),
        "line_items": [{"id": id * 10, "product_id": 11, "quantity": 1, "total": "4.00", "sku": "MUG-BLUE"}],
        "refunds": []
    })
}

pub fn minute(n: u64) -> String {
    format!("2026-02-{:02}T{:02}:{:02}:00", 20 + n / 1440, n / 60 % 24, n % 60)
}
