//! The shop as a plain HTTP client sees it.

use super::*;
use crate::feed::demo::rows::Status;
use serde_json::Value;
use std::collections::{BTreeSet, HashSet};

fn start() -> Timestamp {
    Timestamp::from_millis(1_789_000_000_000)
}

fn config() -> Config {
    Config { history_days: 40, skus: 300, orders_per_day: 60.0, ..Config::new(11, start()) }
}

struct Client {
    http: reqwest::Client,
    store: DemoStore,
}

struct Answer {
    status: u16,
    headers: reqwest::header::HeaderMap,
    body: Value,
}

impl Answer {
    fn items(&self) -> &[Value] {
        self.body.as_array().unwrap()
    }
    fn header(&self, name: &str) -> &str {
        self.headers.get(name).unwrap().to_str().unwrap()
    }
}

impl Client {
    async fn open() -> Self {
        // A second installation by another test is refused, which is fine.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let store = DemoStore::start(config()).await.unwrap();
        Client { http: reqwest::Client::builder().no_proxy().build().unwrap(), store }
    }
    async fn send(&self, request: reqwest::RequestBuilder) -> Answer {
        let response = request.send().await.unwrap();
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        Answer { status, headers, body: response.json().await.unwrap() }
    }
    async fn get(&self, path: &str) -> Answer {
        let url = format!("{}{path}", self.store.url);
        self.send(self.http.get(url).basic_auth(&self.store.key, Some(&self.store.secret))).await
    }
    async fn woo(&self, path: &str) -> Answer {
        self.get(&format!("/wp-json/wc/v3/{path}")).await
    }
    async fn put(&self, path: &str, body: &'static str) -> Answer {
        let url = format!("{}/wp-json/wc/v3/{path}", self.store.url);
        let request = self.http.put(url).basic_auth(&self.store.key, Some(&self.store.secret));
        self.send(request.header("content-type", "application/json").body(body)).await
    }
}

#[tokio::test]
async fn a_shop_opens_only_to_its_key() {
    let client = Client::open().await;
    let url = format!("{}/wp-json/wc/v3/orders", client.store.url);
    let bare = client.send(client.http.get(&url)).await;
    assert_eq!((bare.status, &bare.body["code"]), (401, &"woocommerce_rest_cannot_view".into()));
    let wrong = client.send(client.http.get(&url).basic_auth("ck_no", Some("cs_no"))).await;
    assert_eq!((wrong.status, &wrong.body["message"]), (401, &"Consumer key is invalid.".into()));
    let half = client.http.get(&url).basic_auth(&client.store.key, Some("cs_no"));
    assert_eq!(client.send(half).await.body["message"], "Consumer secret is invalid.");
    let pair = [("consumer_key", &client.store.key), ("consumer_secret", &client.store.secret)];
    assert_eq!(client.send(client.http.get(&url).query(&pair)).await.status, 200);
}

#[tokio::test]
async fn all_pages_together_are_all_orders_once() {
    let client = Client::open().await;
    let asked = "orders?modified_after=2020-01-01T00:00:00&dates_are_gmt=true&status=any&orderby=id&order=asc&per_page=100";
    let first = client.woo(asked).await;
    let total: usize = first.header("x-wp-total").parse().unwrap();
    let pages: usize = first.header("x-wp-totalpages").parse().unwrap();
    assert!(pages > 10 && total.div_ceil(100) == pages);
    assert!(first.header("link").contains("page=2>; rel=\"next\""));
    assert_eq!(first.header("x-stockdeck-now"), "2026-09-10T00:26:40.000Z");
    let mut seen = Vec::new();
    for page in 1..=pages {
        let answer = client.woo(&format!("{asked}&page={page}")).await;
        seen.extend(answer.items().iter().map(|o| o["id"].as_u64().unwrap()));
    }
    assert_eq!(seen.len(), total);
    assert!(seen.is_sorted() && seen.iter().collect::<HashSet<_>>().len() == total);
    assert!(client.woo(&format!("{asked}&page={}", pages + 1)).await.items().is_empty());
    let newest = client.woo("orders").await;
    assert_eq!(newest.items().len(), 10);
    assert_eq!(newest.items()[0]["id"].as_u64(), seen.last().copied());
    assert_eq!(client.woo("orders?per_page=500").await.body["code"], "rest_invalid_param");
    assert_eq!(client.woo("orders?status=nonsense").await.status, 400);
}

#[tokio::test]
async fn an_order_has_the_documented_keys_and_adds_up() {
    let client = Client::open().await;
    let answer = client.woo("orders?status=completed&per_page=50").await;
    let documented: BTreeSet<&str> = "id parent_id number order_key created_via version status \
        currency date_created date_created_gmt date_modified date_modified_gmt discount_total \
        discount_tax shipping_total shipping_tax cart_tax total total_tax prices_include_tax \
        customer_id customer_ip_address customer_user_agent customer_note billing shipping \
        payment_method payment_method_title transaction_id date_paid date_paid_gmt date_completed \
        date_completed_gmt cart_hash meta_data line_items tax_lines shipping_lines fee_lines \
        coupon_lines refunds _links"
        .split_whitespace()
        .collect();
    let pence = |v: &Value| (v.as_str().unwrap().parse::<f64>().unwrap() * 100.0).round() as i64;
    for order in answer.items() {
        let keys: BTreeSet<&str> = order.as_object().unwrap().keys().map(String::as_str).collect();
        assert_eq!(keys, documented);
        let lines = order["line_items"].as_array().unwrap();
        let goods: i64 = lines.iter().map(|l| pence(&l["total"])).sum();
        let extra = ["shipping_total", "total_tax"].map(|key| pence(&order[key]));
        assert_eq!(pence(&order["total"]), goods + extra.iter().sum::<i64>());
        assert_eq!(order["meta_data"][0]["key"], "_stockdeck_site");
        assert!(
            ["LEEDS", "YORK", "BRISTOL"]
                .contains(&order["meta_data"][0]["value"].as_str().unwrap())
        );
        let express = order["shipping_lines"][0]["method_title"] == "Express";
        let promised = order["meta_data"].as_array().unwrap().iter().find_map(|meta| {
            (meta["key"] == "_stockdeck_promised").then(|| meta["value"].as_str().unwrap())
        });
        assert_eq!(express, promised.is_some(), "an express order has a promised day");
        if let Some(day) = promised {
            let placed = parse(&order["date_created"]).day(&crate::domain::Zone::utc());
            let days = crate::domain::Day::parse(day).unwrap().number() - placed.number();
            assert!((1..=4).contains(&days), "{days} days");
            assert_eq!(order["shipping"]["country"], "GB");
        }
        assert!(order["billing"]["email"].as_str().unwrap().contains('@'));
        // September is British Summer Time: an hour ahead of GMT.
        let local: Timestamp = parse(&order["date_created"]);
        assert_eq!(local.since(parse(&order["date_created_gmt"])), Span::hours(1));
        let one = client.woo(&format!("orders/{}", order["id"])).await;
        assert_eq!(&one.body, order);
    }
    assert_eq!(client.woo("orders/1").await.body["code"], "woocommerce_rest_shop_order_invalid_id");
}

fn parse(value: &Value) -> Timestamp {
    Timestamp::parse(value.as_str().unwrap(), &Zone::utc()).unwrap()
}

#[tokio::test]
async fn refunds_have_negative_lines_and_are_named_in_their_order() {
    let client = Client::open().await;
    let mut refunded = None;
    for page in 1..10 {
        let answer = client.woo(&format!("orders?per_page=100&page={page}")).await;
        let has = |o: &&Value| !o["refunds"].as_array().unwrap().is_empty();
        refunded = refunded.or(answer.items().iter().find(has).cloned());
    }
    let order = refunded.expect("a refunded order");
    let refunds = client.woo(&format!("orders/{}/refunds", order["id"])).await;
    assert_eq!(refunds.items()[0]["id"], order["refunds"][0]["id"]);
    let amount = refunds.items()[0]["amount"].as_str().unwrap();
    assert_eq!(order["refunds"][0]["total"], format!("-{amount}"));
    assert!(refunds.items()[0]["line_items"][0]["quantity"].as_i64().unwrap() < 0);
    assert!(refunds.items()[0]["line_items"][0]["total"].as_str().unwrap().starts_with('-'));
}

#[tokio::test]
async fn changes_are_found_by_time_after_the_clock_moved() {
    let client = Client::open().await;
    let later = start() + Span::hours(30);
    client.store.advance_to(later).await.unwrap();
    assert_eq!(client.store.clock.now(), later);
    let asked = format!("orders?modified_after={start}&per_page=100", start = start());
    let answer = client.woo(&asked).await;
    assert!(answer.items().len() > 20);
    for order in answer.items() {
        let modified = parse(&order["date_modified_gmt"]);
        assert!(modified > start() && modified <= later);
    }
    let expected = client
        .store
        .ask(|m| {
            m.orders_modified_between(start() + Span::seconds(1), later + Span::seconds(1)).count()
        })
        .await
        .unwrap();
    assert_eq!(answer.header("x-wp-total"), expected.to_string());
    let ids = [&answer.items()[3]["id"], &answer.items()[1]["id"]];
    let chosen = client.woo(&format!("orders?include={},{}&orderby=include", ids[0], ids[1])).await;
    assert_eq!(chosen.items().iter().map(|o| &o["id"]).collect::<Vec<_>>(), ids);
    let without = client.woo(&format!("{asked}&exclude={}", ids[0])).await;
    assert_eq!(without.header("x-wp-total"), (expected - 1).to_string());
}

#[tokio::test]
async fn an_order_can_be_held_over_http_and_stays_held() {
    let client = Client::open().await;
    let open = client.woo("orders?status=processing&per_page=1").await.items()[0]["id"].clone();
    let held = client.put(&format!("orders/{open}"), r#"{"status":"on-hold"}"#).await;
    assert_eq!((held.status, &held.body["status"]), (200, &"on-hold".into()));
    assert_eq!(
        parse(&held.body["date_modified_gmt"]),
        start() - Span::millis(start().as_millis() % 1_000) + Span::seconds(1)
    );
    client.store.advance_to(start() + Span::days(5)).await.unwrap();
    assert_eq!(client.woo(&format!("orders/{open}")).await.body["status"], "on-hold");
    let bad = client.put(&format!("orders/{open}"), r#"{"status":"completed"}"#).await;
    assert_eq!((bad.status, &bad.body["code"]), (400, &"rest_invalid_param".into()));
    assert_eq!(client.put(&format!("orders/{open}"), "{").await.body["code"], "rest_invalid_json");
    let released = client.put(&format!("orders/{open}"), r#"{"status":"processing"}"#).await;
    assert_eq!(released.body["status"], "processing");
    let done = client.woo("orders?status=completed&per_page=1").await.items()[0]["id"].clone();
    assert_eq!(client.put(&format!("orders/{done}"), r#"{"status":"on-hold"}"#).await.status, 400);
}

#[tokio::test]
async fn products_and_variations_cover_every_sku_with_its_stock() {
    let client = Client::open().await;
    let (mut stock, mut families) = (std::collections::BTreeMap::new(), Vec::new());
    for page in 1..5 {
        let answer = client.woo(&format!("products?per_page=100&order=asc&page={page}")).await;
        for product in answer.items() {
            if product["type"] == "variable" {
                families.push(product["id"].clone());
            } else {
                stock.insert(
                    product["sku"].as_str().unwrap().to_owned(),
                    product["stock_quantity"].as_i64(),
                );
            }
        }
    }
    assert!(!families.is_empty());
    for family in families {
        for variation in
            client.woo(&format!("products/{family}/variations?per_page=100")).await.items()
        {
            assert_eq!(variation["parent_id"], family);
            stock.insert(
                variation["sku"].as_str().unwrap().to_owned(),
                variation["stock_quantity"].as_i64(),
            );
        }
    }
    let expected = client
        .store
        .ask(|merchant| {
            let today = merchant.today().number();
            let items = merchant.catalogue().items.iter().enumerate();
            items
                .filter(|(_, item)| item.is_listed(today))
                .map(|(i, item)| {
                    let units: i32 = (0..3).map(|site| merchant.shelf(i, site).available()).sum();
                    (item.code.to_string(), Some(i64::from(units)))
                })
                .collect::<std::collections::BTreeMap<_, _>>()
        })
        .await
        .unwrap();
    assert_eq!(stock, expected);
}

async fn whole(client: &Client, name: &str, since: &str) -> Vec<Value> {
    let mut all = Vec::new();
    let mut page = 1;
    loop {
        let path = format!("/stockdeck/v1/{name}?page={page}&per_page=200&since={since}");
        let answer = client.get(&path).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        assert_eq!(answer.header("x-stockdeck-now"), answer.body["now"].as_str().unwrap());
        all.extend(answer.body["items"].as_array().unwrap().iter().cloned());
        if page >= answer.body["pages"].as_u64().unwrap() {
            return all;
        }
        page += 1;
    }
}

#[tokio::test]
async fn the_extension_tells_the_rest() {
    let client = Client::open().await;
    let ever = "2000-01-01T00:00:00Z";
    let sites = whole(&client, "sites", ever).await;
    assert_eq!(
        sites[0],
        serde_json::json!({"id": "LEEDS", "name": "Leeds main warehouse", "zone": "Europe/London"})
    );
    let suppliers = whole(&client, "suppliers", ever).await;
    assert_eq!(suppliers.len(), 18);
    assert!(suppliers[0]["min_order_value"].as_str().unwrap().ends_with(".00"));
    let products = whole(&client, "products", ever).await;
    assert!(products.len() > 250);
    assert!(products.iter().all(|p| p["pack"].as_u64().unwrap() > 0 && p["unit_cost"].is_string()));
    let stock = whole(&client, "stock", ever).await;
    assert!(stock.len() > products.len());
    assert!(stock.iter().all(|s| s["on_hand"].as_i64().unwrap() >= 0));
    let orders = whole(&client, "purchase-orders", ever).await;
    let receipts = whole(&client, "receipts", ever).await;
    let arrived: i64 = receipts.iter().map(|r| r["qty"].as_i64().unwrap()).sum();
    let lines = orders.iter().flat_map(|po| po["lines"].as_array().unwrap());
    assert_eq!(arrived, lines.map(|l| l["received"].as_i64().unwrap()).sum::<i64>());
    assert!(!whole(&client, "adjustments", ever).await.is_empty());

    let before = start().to_string();
    client.store.advance_to(start() + Span::hours(36)).await.unwrap();
    for name in ["stock", "purchase-orders", "receipts", "adjustments"] {
        let fresh = whole(&client, name, &before).await;
        let all = whole(&client, name, ever).await;
        assert!(!fresh.is_empty() && fresh.len() < all.len(), "{name}");
    }
    assert_eq!(client.get("/stockdeck/v1/nonsense").await.status, 404);
    assert_eq!(client.get("/stockdeck/v1/stock?since=soon").await.status, 400);
}

#[tokio::test]
async fn paced_time_moves_and_stands_still_when_paused() {
    let client = Client::open().await;
    let (pause, paused) = watch::channel(true);
    let pacing = client.store.pace(100_000.0, paused);
    client.store.ready().await.unwrap();
    assert_eq!(client.store.clock.now(), start());
    pause.send_replace(false);
    while client.store.clock.now() < start() + Span::hours(3) {
        tokio::task::yield_now().await;
    }
    let placed =
        client.store.ask(|m| m.orders().iter().filter(|o| o.status == Status::Processing).count());
    assert!(placed.await.unwrap() > 0);
    pause.send_replace(true);
    drop(pause);
    pacing.await.unwrap();
}

#[test]
fn an_account_that_was_taken_over_is_told_with_its_traces_and_no_clear_text() {
    use crate::domain::{FeedId, Order};
    use crate::feed::demo::{IncidentKind, rows};
    use crate::feed::http::Credentials;
    use crate::feed::pseudonym::Pseudonyms;
    use crate::feed::woocommerce;
    let merchant = Merchant::new(Config { incidents: true, ..config() });
    let credentials = Credentials { key: String::new(), secret: String::new() };
    let reader = woocommerce::Config::new("http://127.0.0.1", credentials);
    let (feed, pseudonyms) = (FeedId::new("demo"), Pseudonyms::new([1; 32]));
    let read = |index: u32| -> Order {
        let json = told_order(&merchant, index, &Zone::utc());
        woocommerce::read_order(&json, &feed, &reader, &pseudonyms).unwrap().unwrap()
    };
    let truth = merchant.truth();
    let taken = truth.incidents.iter().filter(|of| of.kind == IncidentKind::AccountTakeover);
    let with_own = |number: &crate::domain::OrderNo| {
        let index = number.as_str().parse::<u32>().unwrap() - rows::FIRST_ORDER;
        let customer = |index: u32| merchant.orders()[index as usize].customer;
        let own = (0..index).rev().find(|other| customer(*other) == customer(index))?;
        Some((index, read(own)))
    };
    let (index, own) = taken.filter_map(|of| of.orders.first()).find_map(with_own).unwrap();
    let thief = read(index);
    let traces = &thief.aside.traces;
    assert_eq!(traces.account, own.aside.traces.account);
    assert!(traces.account.is_some() && own.aside.traces.ship_to.is_some());
    assert_ne!(traces.ship_to, own.aside.traces.ship_to);
    assert_eq!(traces.bill_to, own.aside.traces.ship_to, "the bill goes where it always went");
    assert_eq!(own.aside.traces.bill_to, None);
    assert_ne!(thief.customer, own.customer);
    let guest =
        (0..index).find(|index| told_order(&merchant, *index, &Zone::utc())["customer_id"] == 0);
    assert_eq!(read(guest.unwrap()).aside.traces.account, None);
    let street = told_order(&merchant, index, &Zone::utc())["shipping"]["address_1"].to_string();
    assert!(!format!("{thief:?}").contains(street.trim_matches('"')));
}
