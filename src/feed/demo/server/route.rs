//! Which answer belongs to which path.

use super::Shop;
use super::answer::{Problem, json, paged};
use super::orders::Shaper;
use super::products::Listed;
use super::query::{self, Cut, Params};
use super::{extension, products, shipping, supplier};
use crate::domain::Timestamp;
use crate::feed::demo::rows::Status;
use crate::feed::demo::{Merchant, StatusError};
use axum::body::{Body, Bytes};
use axum::http::{Method, Response};

/// A request that may be answered.
pub struct Asked<'a> {
    /// GET, PUT and so on.
    pub method: Method,
    /// The path.
    pub path: &'a str,
    /// The query.
    pub params: Params,
    /// `Idempotency-Key`.
    pub key: Option<&'a str>,
    /// The body.
    pub body: Bytes,
}

/// Answers a request; the shop has a history by now.
pub fn answer(shop: &Shop, asked: Asked<'_>) -> Response<Body> {
    let path: Vec<&str> = asked.path.trim_matches('/').split('/').collect();
    let writes = asked.method == Method::PUT || asked.method == Method::POST;
    if asked.method == Method::POST
        && let ["stockdeck", "v1", "supplier-orders"] = path[..]
    {
        return supplier::answer(shop, asked.key, &asked.body);
    }
    if asked.method == Method::POST
        && let ["stockdeck", "v1", "allocations"] = path[..]
    {
        return shipping::answer(shop, asked.key, &asked.body);
    }
    let mut changed = Ok(());
    if writes && let ["wp-json", "wc", "v3", "orders", id] = path[..] {
        let mut guard = shop.merchant.write();
        if let Some(merchant) = guard.as_mut() {
            changed = change_order(shop, merchant, id, &asked.body);
        }
    }
    let guard = shop.merchant.read();
    let Some(merchant) = guard.as_ref() else {
        let problem = Problem::new(500, "internal_server_error", "The shop has no history.");
        return problem.answer(Timestamp::default());
    };
    let now = merchant.now();
    let base = format!("{}/wp-json/wc/v3", shop.url);
    let shaper = Shaper { merchant, zone: &shop.zone, base: &base };
    let desk = Desk { shaper, asked: &asked, now };
    let answered = changed.and_then(|()| match (&asked.method, &path[..]) {
        (_, ["wp-json", "wc", "v3", "orders", id]) if writes => desk.order(id),
        (&Method::GET, ["wp-json", "wc", "v3", rest @ ..]) => desk.woocommerce(rest),
        (&Method::GET, ["stockdeck", "v1", name]) => {
            extension::list(merchant, now, name, &asked.params).map(|list| json(200, &list, now))
        }
        _ => Err(Problem::no_route()),
    });
    answered.unwrap_or_else(|problem| problem.answer(now))
}

struct Desk<'a> {
    shaper: Shaper<'a>,
    asked: &'a Asked<'a>,
    now: Timestamp,
}

impl Desk<'_> {
    fn woocommerce(&self, rest: &[&str]) -> Result<Response<Body>, Problem> {
        match rest {
            ["orders"] => self.orders(),
            ["orders", id] => self.order(id),
            ["orders", id, "refunds"] => self.refunds(id),
            ["products"] => self.products(),
            ["products", id] => self.product(id),
            ["products", id, "variations"] => self.variations(id),
            _ => Err(Problem::no_route()),
        }
    }

    fn orders(&self) -> Result<Response<Body>, Problem> {
        let found = query::orders(self.shaper.merchant, &self.asked.params)?;
        let cut = Cut::of(&found, &self.asked.params)?;
        let people = self.shaper.people(&cut.indices);
        let shape = |(index, who)| self.shaper.order(index, who);
        let shapes: Vec<_> = cut.indices.iter().copied().zip(&people).map(shape).collect();
        Ok(self.list(json(200, &shapes, self.now), &cut))
    }

    fn order(&self, id: &str) -> Result<Response<Body>, Problem> {
        let index = order_index(self.shaper.merchant, id)?;
        let people = self.shaper.people(&[index]);
        let who = people.first().ok_or_else(Problem::no_route)?;
        Ok(json(200, &self.shaper.order(index, who), self.now))
    }

    fn refunds(&self, id: &str) -> Result<Response<Body>, Problem> {
        let shapes = self.shaper.refunds(order_index(self.shaper.merchant, id)?);
        let indices: Vec<u32> = (0..).take(shapes.len()).collect();
        let cut = Cut::of(&indices, &self.asked.params)?;
        let from = cut.indices.first().map_or(0, |first| *first as usize);
        let page = &shapes[from..from + cut.indices.len()];
        Ok(self.list(json(200, &page, self.now), &cut))
    }

    fn products(&self) -> Result<Response<Body>, Problem> {
        let params = &self.asked.params;
        let mut listed = self.shaper.listed();
        let after = params.moment("modified_after")?;
        let before = params.moment("modified_before")?;
        listed.retain(|one| {
            let changed = self.shaper.product_changed(*one);
            let sku = params.get("sku").is_none_or(|sku| self.shaper.sku(*one) == sku);
            sku && after.is_none_or(|at| changed > at) && before.is_none_or(|at| changed < at)
        });
        if query::descending(params)? {
            listed.reverse();
        }
        let indices: Vec<u32> = (0..).take(listed.len()).collect();
        let cut = Cut::of(&indices, params)?;
        let shape = |index: &u32| self.shaper.product(listed[*index as usize]);
        let shapes: Vec<products::ProductShape<'_>> = cut.indices.iter().map(shape).collect();
        Ok(self.list(json(200, &shapes, self.now), &cut))
    }

    fn listed(&self, id: &str) -> Result<Listed, Problem> {
        let number: Option<u64> = id.parse().ok();
        let found = self.shaper.listed().into_iter().find(|one| Some(one.id()) == number);
        found.ok_or_else(|| Problem::new(404, "woocommerce_rest_product_invalid_id", "Invalid ID."))
    }

    fn product(&self, id: &str) -> Result<Response<Body>, Problem> {
        Ok(json(200, &self.shaper.product(self.listed(id)?), self.now))
    }

    fn variations(&self, id: &str) -> Result<Response<Body>, Problem> {
        let items: Vec<u32> = match self.listed(id)? {
            Listed::Family(family) => self.shaper.variations_of(family).map(u32::from).collect(),
            Listed::Item(_) => Vec::new(),
        };
        let cut = Cut::of(&items, &self.asked.params)?;
        let shapes: Vec<_> =
            cut.indices.iter().map(|item| self.shaper.variation(*item as u16)).collect();
        Ok(self.list(json(200, &shapes, self.now), &cut))
    }

    fn list(&self, response: Response<Body>, cut: &Cut) -> Response<Body> {
        let root = self.shaper.base.trim_end_matches("/wp-json/wc/v3");
        paged(response, cut, &format!("{root}{}", self.asked.path), &self.asked.params)
    }
}

fn order_index(merchant: &Merchant, id: &str) -> Result<u32, Problem> {
    let index = id.parse().ok().and_then(|number| merchant.order_index(number));
    let told = |index: &u32| {
        let order = merchant.orders().get(*index as usize);
        order.is_some_and(|order| merchant.is_order_told(order))
    };
    index.filter(told).ok_or_else(unknown_order)
}

fn unknown_order() -> Problem {
    Problem::new(404, "woocommerce_rest_shop_order_invalid_id", "Invalid ID.")
}

fn change_order(
    shop: &Shop,
    merchant: &mut Merchant,
    id: &str,
    body: &[u8],
) -> Result<(), Problem> {
    #[derive(serde::Deserialize)]
    struct Change {
        status: Option<String>,
    }
    let index = order_index(merchant, id)?;
    let change: Change = serde_json::from_slice(body)
        .map_err(|_| Problem::new(400, "rest_invalid_json", "Invalid JSON body passed."))?;
    let status = match change.status.as_deref() {
        None => return Ok(()),
        Some("on-hold") => Status::OnHold,
        Some("pending") => Status::Pending,
        Some("processing") => Status::Processing,
        Some("cancelled") => Status::Cancelled,
        Some(_) => return Err(Problem::parameter("status", &StatusError::Unsupported.to_string())),
    };
    let told = merchant.tell(index, status).map_err(|error| match error {
        StatusError::Unknown => unknown_order(),
        StatusError::Unsupported => Problem::parameter("status", &error.to_string()),
        StatusError::Finished(_) => {
            Problem::new(400, "stockdeck_demo_order_finished", error.to_string())
        }
    })?;
    // The simulation is made again at each start, and has to come to the same.
    if let (Some(asked), Some(file)) = (told, shop.asked.lock().as_mut()) {
        file.keep(&asked).map_err(|error| {
            let message = format!("The shop cannot write it down: {error}.");
            Problem::new(500, "internal_server_error", message)
        })?;
    }
    Ok(())
}
