//! The plan of one reading: what is asked for, in which order, page by page.

use super::Config;
use super::catalog;
use super::cursor::{End, History, State, Turned, Window, is_over};
use super::extension::{self, Table};
use super::order::{self, Told};
use super::reread;
use super::tolerant::{excerpt, items, moment, reference};
use crate::domain::{
    CustomerRef, Page, Private, Progress, RawRecord, Record, Reject, Site, Span, Timestamp,
};
use crate::feed::http::{Answer, Client, Probed};
use crate::feed::reread::How;
use crate::feed::run::deliver;
use crate::feed::{FeedContext, FeedError};
use serde_json::Value;
use std::collections::HashMap;
use std::time::Duration;
use tokio::time::Instant;

pub(super) const API: &str = "wp-json/wc/v3";
const EXTENSION: &str = "stockdeck/v1";

/// What the extension tells before the shop's products and orders are read …
const FIRST: [Table; 5] =
    [Table::Sites, Table::Suppliers, Table::Products, Table::Stock, Table::PurchaseOrders];
/// … what can wait for the recent orders …
const LATER: [Table; 2] = [Table::Receipts, Table::Adjustments];
/// … and what each poll asks for.
const LIVE: [Table; 4] = [Table::Stock, Table::PurchaseOrders, Table::Receipts, Table::Adjustments];

/// What is remembered between two readings of one run. Losing it costs requests, never records.
#[derive(Default)]
pub(super) struct Rounds {
    /// Whether the extension is served; `None`: not asked yet.
    pub served: Option<bool>,
    /// Polls so far.
    pub polls: u32,
    /// Where among the open orders the wheel stands.
    pub wheel_at: usize,
    /// How often in a row a list below a record could not be read, by its path.
    pub failures: HashMap<String, u32>,
    /// The orders on the last page of a window, to tell a page that comes twice.
    last_page: Vec<u64>,
    polled: Option<Instant>,
}

/// One reading, from the cursor that the ledger holds up to the present.
pub(super) struct Reading<'a> {
    pub config: &'a Config,
    pub client: &'a Client,
    pub rounds: &'a mut Rounds,
    pub context: &'a FeedContext,
    pub state: State,
    /// When the request that is being answered was started.
    asked: Timestamp,
    /// What the orders that are handed over next say of people.
    private: Private,
}

/// What came of a page's orders.
#[derive(Default)]
pub(super) struct Orders {
    pub records: Vec<Record>,
    pub rejects: Vec<Reject>,
    /// What they say of people.
    pub private: Private,
    /// The newest change among them.
    pub newest: Option<Timestamp>,
    /// The moments they were placed at, in the order they came in.
    pub placed: Vec<Option<Timestamp>>,
    /// Their ids.
    pub ids: Vec<u64>,
}

impl<'a> Reading<'a> {
    pub fn begin(
        config: &'a Config,
        client: &'a Client,
        rounds: &'a mut Rounds,
        context: &'a FeedContext,
    ) -> Result<Self, FeedError> {
        let state = State::read(context.ledger.cursor(&context.id)?.as_ref());
        let (asked, private) = (context.ledger.now(), Private::default());
        Ok(Reading { config, client, rounds, context, state, asked, private })
    }

    pub async fn run(mut self) -> Result<(), FeedError> {
        let served = self.find_extension().await?;
        if served {
            self.tables_never_read(&FIRST).await?;
        }
        if !self.state.products_known && self.asks_on(&self.state.products_end) {
            // After an end that was not believed, all of them once more.
            self.state.products.window.get_or_insert_with(anew);
            self.read_products(false).await?;
        }
        while self.has_history_to_read() && !self.recent_orders_known() {
            self.read_history_page().await?;
        }
        if served {
            self.tables_never_read(&LATER).await?;
        }
        while self.has_history_to_read() {
            if self.rounds.polled.is_none_or(|at| at.elapsed() >= self.config.poll) {
                self.poll().await?;
            }
            self.read_history_page().await?;
        }
        self.poll().await
    }

    /// Asks once a run whether the extension is there. A plain shop has one site: the configured one.
    async fn find_extension(&mut self) -> Result<bool, FeedError> {
        if let Some(served) = self.rounds.served {
            return Ok(served);
        }
        // A shop that served it before does so still, whatever a page of its repair says.
        let served = self.state.extension_served || self.is_extension_served().await?;
        if !served {
            let site = Site {
                id: self.config.site.clone(),
                name: self.config.site.as_str().into(),
                zone: self.config.zone.name().into(),
            };
            self.hand_over(vec![Record::Site(site)], Vec::new(), None).await?;
        }
        self.state.extension_served = served;
        self.rounds.served = Some(served);
        Ok(served)
    }

    async fn is_extension_served(&self) -> Result<bool, FeedError> {
        let path = format!("{EXTENSION}/{}", Table::Sites.name());
        for first_time in [true, false] {
            match self.client.probe(&path, &page_query(1, 1)).await? {
                Probed::Json(answer) if extension::envelope(&answer.json, 1).is_some() => {
                    return Ok(true);
                }
                Probed::NoSuchThing => return Ok(false),
                // Its theme or its firewall may answer any path with something, but so does a shop
                // under repair: asked again once the shop itself answers, the same tells.
                Probed::Json(_) | Probed::SomethingElse if first_time => {
                    self.client.get(&format!("{API}/orders"), &page_query(1, 1)).await?;
                }
                Probed::Json(_) | Probed::SomethingElse => {}
            }
        }
        Ok(false)
    }

    fn asks_on(&self, end: &End) -> bool {
        end.asks_on(Timestamp::wall_now(), span(self.config.confirm_after))
    }

    fn has_history_to_read(&self) -> bool {
        !self.state.history.finished && self.asks_on(&self.state.history.end)
    }

    /// Changes since the last poll, and from time to time what changes do not tell.
    async fn poll(&mut self) -> Result<(), FeedError> {
        let served = self.rounds.served == Some(true);
        let now = Timestamp::wall_now();
        // Whoever begins reads everything anyway.
        let stock_read_at = *self.state.stock_read_at.get_or_insert(now);
        let swept_at = *self.state.swept_at.get_or_insert(now);
        self.read_changed_orders().await?;
        if served {
            for table in LIVE {
                self.read_table(table, false).await?;
            }
        }
        self.rounds.polled = Some(Instant::now());
        self.rounds.polls = self.rounds.polls.wrapping_add(1);
        if self.rounds.polls.is_multiple_of(self.config.wheel_every) {
            self.recheck_open_orders().await?;
            self.read_products(true).await?;
            if served {
                for table in FIRST.into_iter().filter(|table| !LIVE.contains(table)) {
                    self.read_table(table, false).await?;
                }
            }
        }
        if is_over(stock_read_at, now, span(self.config.products_every)) {
            self.read_all_stock(served).await?;
            self.state.stock_read_at = Some(now);
            self.hand_over(Vec::new(), Vec::new(), None).await?;
        }
        if is_over(swept_at, now, span(self.config.sweep_every)) {
            self.sweep_recent_orders().await?;
            self.state.swept_at = Some(now);
            self.hand_over(Vec::new(), Vec::new(), None).await?;
        }
        Ok(())
    }

    /// Master data and stock anew, whatever they say about their changes: a shop that ships an order
    /// does not always touch the product's date, nor does a new product count as a changed one.
    async fn read_all_stock(&mut self, served: bool) -> Result<(), FeedError> {
        self.state.products.window = Some(anew());
        self.read_products(true).await?;
        for table in FIRST.into_iter().filter(|_| served) {
            self.state.extension.entry(table.name().into()).or_default().window = Some(anew());
            self.read_table(table, false).await?;
        }
        Ok(())
    }

    async fn tables_never_read(&mut self, tables: &[Table]) -> Result<(), FeedError> {
        for table in tables {
            let watch = self.state.extension.get(table.name());
            if watch.is_none_or(|watch| watch.known_until.is_none()) {
                self.read_table(*table, true).await?;
            }
        }
        Ok(())
    }

    async fn read_table(&mut self, table: Table, first_time: bool) -> Result<(), FeedError> {
        let path = format!("{EXTENSION}/{}", table.name());
        let mut done = 0;
        loop {
            let watch = self.state.extension.entry(table.name().into()).or_default();
            let window = watch.open(self.config.overlap);
            let number = window.page;
            let mut query = page_query(number, 500);
            query.extend(window.from.map(|from| ("since", from.to_string())));
            let answer = self.client.get(&path, &query).await?;
            let page = extension::envelope(&answer.json, number)
                .ok_or_else(|| unexpected(&path, "an object without items"))?;
            let now = page.now.or(answer.now);
            let (mut records, mut rejects) = (Vec::new(), Vec::new());
            for item in &page.items {
                match table.read(item, self.config) {
                    Ok(record) => records.push(record),
                    Err(reason) => {
                        let place = format!("/{path}/{}", table.key(item));
                        let raw = raw(&table.key_in_quarantine(), item, &[], None);
                        let shown = excerpt(item, extension::SHOWN);
                        rejects.push(reject(place, reason, shown, raw));
                    }
                }
            }
            done += page.items.len() as u64;
            let turned = Turned { now, newest: now, total: None, more: page.more };
            let watch = self.state.extension.entry(table.name().into()).or_default();
            let more = watch.turn(turned);
            let progress =
                first_time.then(|| Progress { what: table.name().into(), done, total: None });
            self.hand_over(records, rejects, progress).await?;
            if !more {
                return Ok(());
            }
        }
    }

    /// Products, their variations and their stock: those that changed, or all the first time.
    async fn read_products(&mut self, known: bool) -> Result<(), FeedError> {
        let path = format!("{API}/products");
        let per_page = self.config.per_page;
        loop {
            let window = self.state.products.open(self.config.overlap);
            let (number, from) = (window.page, window.from);
            let mut query = page_query(number, per_page);
            query.extend([("orderby", "id".into()), ("order", "asc".into())]);
            query.extend(modified_after(from));
            let answer = self.client.get(&path, &query).await?;
            let rows = rows(&path, &answer)?;
            let parents: Vec<u64> =
                rows.iter().filter_map(|row| catalog::with_variations(row)).collect();
            let variations = self.parts_of(&parents, "products", "variations").await?;
            let as_of = answer.now.unwrap_or_else(|| self.context.ledger.now());
            let stock = (self.rounds.served != Some(true)).then_some(as_of);
            let (mut records, mut rejects, mut newest) = (Vec::new(), Vec::new(), None);
            for row in &rows {
                newest = newest.max(moment(row, "date_modified", &self.config.zone));
                let id = reference(row, "id").unwrap_or(0);
                let own = variations.of(id);
                let told =
                    (own.clone()).and_then(|own| catalog::product(row, own, self.config, stock));
                match told {
                    Ok(told) => records.extend(told),
                    Err(reason) => {
                        let raw = own.ok().and_then(|own| raw(reread::PRODUCTS, row, own, None));
                        let shown = excerpt(row, catalog::SHOWN);
                        rejects.push(reject(format!("/{path}/{id}"), reason, shown, raw));
                    }
                }
            }
            let more = more(&answer, number, rows.len(), per_page);
            let turned = Turned { now: answer.now, newest, total: answer.total, more };
            let more = self.state.products.turn(turned);
            let done = u64::from(number - 1) * u64::from(per_page) + rows.len() as u64;
            if more {
                self.state.products_end = End::default();
            } else {
                let counted = !rows.is_empty() && answer.total.is_none_or(|total| done >= total);
                self.state.products_known |= self.ends(counted, |state| &mut state.products_end);
            }
            let progress =
                (!known).then(|| Progress { what: "products".into(), done, total: answer.total });
            self.hand_over(records, rejects, progress).await?;
            if !more {
                return Ok(());
            }
        }
    }

    fn recent_orders_known(&self) -> bool {
        let floor = self.context.ledger.now() - Span::days(self.config.recent_days.into());
        self.state.history.before.is_some_and(|before| before < floor)
    }

    async fn read_history_page(&mut self) -> Result<(), FeedError> {
        let begins = self.state.history == History::default();
        let history = self.state.history.clone();
        let (orders, answer) = self.orders_placed_before(&history).await?;
        let more = more(
            &answer,
            self.state.history.page.max(1),
            orders.placed.len(),
            self.config.per_page,
        );
        self.state.history.turn(&orders.placed, answer.total, more);
        if !more {
            let History { done, total, .. } = self.state.history;
            let counted = !orders.placed.is_empty() && total.is_none_or(|total| done >= total);
            self.state.history.finished = self.ends(counted, |state| &mut state.history.end);
        }
        if begins {
            // Every later change is dated after the newest seen here; earlier ones are read with
            // the orders themselves.
            let known = match (answer.now, orders.newest) {
                (Some(now), Some(newest)) => Some(now.min(newest)),
                (now, newest) => newest.or(now),
            };
            self.state.orders.known_until = known;
        }
        let History { done, total, .. } = self.state.history;
        let done = total.map_or(done, |total| done.min(total));
        let progress = Some(Progress { what: "history".into(), done, total });
        self.hand_over_orders(orders, progress).await
    }

    /// Takes note of the end of a list; returns whether it is believed.
    fn ends(&mut self, counted: bool, end: impl FnOnce(&mut State) -> &mut End) -> bool {
        let confirm_after = span(self.config.confirm_after);
        end(&mut self.state).told(counted, Timestamp::wall_now(), confirm_after)
    }

    /// One page of orders, newest first by when they were placed.
    pub async fn orders_placed_before(
        &mut self,
        at: &History,
    ) -> Result<(Orders, Answer), FeedError> {
        let path = format!("{API}/orders");
        let mut query = page_query(at.page.max(1), self.config.per_page);
        query.extend([("status", "any".into()), ("orderby", "date".into())]);
        query.extend([("order", "desc".into()), ("dates_are_gmt", "true".into())]);
        query.extend(at.before.map(|before| ("before", in_utc(before))));
        self.asks();
        let answer = self.client.get(&path, &query).await?;
        let orders = self.read_orders(rows(&path, &answer)?).await?;
        Ok((orders, answer))
    }

    async fn read_changed_orders(&mut self) -> Result<(), FeedError> {
        let path = format!("{API}/orders");
        loop {
            let window = self.state.orders.open(self.config.overlap);
            let number = window.page;
            let mut query = page_query(number, self.config.per_page);
            query.extend([("status", "any".into()), ("orderby", "id".into())]);
            query.push(("order", "asc".into()));
            query.extend(modified_after(window.from));
            self.asks();
            let answer = self.client.get(&path, &query).await?;
            let orders = self.read_orders(rows(&path, &answer)?).await?;
            if number > 1 && !orders.ids.is_empty() && orders.ids == self.rounds.last_page {
                return Err(unexpected(&path, &format!("page {} for page {number}", number - 1)));
            }
            self.rounds.last_page.clone_from(&orders.ids);
            let more = more(&answer, number, orders.placed.len(), self.config.per_page);
            let turned =
                Turned { now: answer.now, newest: orders.newest, total: answer.total, more };
            let more = self.state.orders.turn(turned);
            self.hand_over_orders(orders, None).await?;
            if !more {
                return Ok(());
            }
        }
    }

    /// A request for orders begins now.
    pub fn asks(&mut self) {
        self.asked = self.context.ledger.now();
    }

    /// Orders as they came, with the refunds that belong to them.
    pub async fn read_orders(&mut self, rows: Vec<&Value>) -> Result<Orders, FeedError> {
        let refunded = rows.iter().filter(|row| order::has_refunds(row));
        let refunded: Vec<u64> = refunded.filter_map(|row| reference(row, "id")).collect();
        let refunds = self.parts_of(&refunded, "orders", "refunds").await?;
        let reader = order::Reading {
            feed: &self.context.id,
            config: self.config,
            pseudonyms: &self.context.pseudonyms,
        };
        let mut orders = Orders::default();
        for row in rows {
            let changed = moment(row, "date_modified", &self.config.zone);
            let id = reference(row, "id").unwrap_or(0);
            orders.ids.push(id);
            orders.newest = orders.newest.max(changed);
            orders.placed.push(moment(row, "date_created", &self.config.zone));
            let own = refunds.of(id);
            self.state.keep_unread(id, own.is_err());
            match own.clone().and_then(|own| reader.order(row, own)) {
                Ok(Told::Order(order)) => {
                    orders.records.push(Record::Order(*order));
                    orders.private.extend(reader.private(row));
                }
                Ok(Told::Trashed) => {
                    let at = changed.unwrap_or_else(|| self.context.ledger.now());
                    orders.records.push(Record::OrderGone(reader.key(id), at));
                }
                Err(reason) => {
                    let place = format!("/{API}/orders/{id}");
                    // Without its refunds an order would be read again with figures that are wrong.
                    let who = || reader.customer(row);
                    let raw = own.ok().and_then(|own| raw(reread::ORDERS, row, own, who()));
                    let shown = excerpt(row, order::SHOWN);
                    orders.rejects.push(reject(place, reason, shown, raw));
                }
            }
        }
        Ok(orders)
    }

    /// Applies orders together with where the reading stands now.
    pub async fn hand_over_orders(
        &mut self,
        orders: Orders,
        progress: Option<Progress>,
    ) -> Result<(), FeedError> {
        self.private = orders.private;
        self.hand_over(orders.records, orders.rejects, progress).await
    }

    /// Applies records together with where the reading stands now.
    pub async fn hand_over(
        &mut self,
        records: Vec<Record>,
        rejects: Vec<Reject>,
        progress: Option<Progress>,
    ) -> Result<(), FeedError> {
        let feed = self.context.id.clone();
        let cursor = self.state.write();
        let private = std::mem::take(&mut self.private);
        let asked = self.asked;
        let page = Page { feed, asked, records, rejects, private, cursor, progress };
        deliver(self.context, page).await?;
        Ok(())
    }
}

pub(super) fn page_query(page: u32, per_page: u32) -> Vec<(&'static str, String)> {
    vec![("page", page.to_string()), ("per_page", per_page.to_string())]
}

/// A window over everything.
fn anew() -> Window {
    Window { page: 1, ..Window::default() }
}

fn span(wait: Duration) -> Span {
    Span::millis(i64::try_from(wait.as_millis()).unwrap_or(i64::MAX))
}

fn modified_after(from: Option<Timestamp>) -> Vec<(&'static str, String)> {
    let Some(from) = from else { return Vec::new() };
    vec![("modified_after", in_utc(from)), ("dates_are_gmt", "true".into())]
}

/// As WooCommerce takes moments: without a zone.
fn in_utc(at: Timestamp) -> String {
    at.to_string().trim_end_matches('Z').to_owned()
}

/// The rows of a list; an object that is none is an error in disguise, and so is nothing at all.
pub(super) fn rows<'v>(path: &str, answer: &'v Answer) -> Result<Vec<&'v Value>, FeedError> {
    if answer.json.is_null() {
        return Err(unexpected(path, "null where a list was due"));
    }
    items(&answer.json).ok_or_else(|| unexpected(path, "an object where a list was due"))
}

pub(super) fn more(answer: &Answer, page: u32, rows: usize, per_page: u32) -> bool {
    rows > 0 && answer.pages.map_or(rows >= per_page as usize, |pages| page < pages)
}

fn unexpected(path: &str, what: &str) -> FeedError {
    FeedError::Transient { reason: format!("/{path} answered with {what}"), retry_after: None }
}

fn reject(place: String, reason: String, excerpt: Box<str>, raw: Option<RawRecord>) -> Reject {
    Reject { id: 0, place: place.into(), reason: reason.into(), excerpt, raw }
}

fn raw(
    list: &str,
    item: &Value,
    parts: &[Value],
    customer: Option<CustomerRef>,
) -> Option<RawRecord> {
    How::Shop(list.into()).raw(&reread::text(item, parts), customer)
}
