//! Query parameters as the WordPress REST API reads them, and the order lists they ask for.

use super::answer::Problem;
use crate::domain::{Timestamp, Zone};
use crate::feed::demo::Merchant;
use crate::feed::demo::calendar;
use crate::feed::demo::rows::{FIRST_ORDER, OrderRow};

/// Parameters by name, in the order given.
pub struct Params(Vec<(String, String)>);

impl Params {
    /// From a decoded query string.
    pub fn new(pairs: Vec<(String, String)>) -> Self {
        Params(pairs)
    }
    /// A parameter's last value.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().rev().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }
    /// A list: `include=1,2` and `include[]=1&include[]=2` are the same.
    fn list(&self, name: &str) -> Option<Vec<&str>> {
        let is_it = |key: &str| key.split('[').next() == Some(name);
        let values: Vec<&str> = self
            .0
            .iter()
            .filter(|(key, _)| is_it(key))
            .flat_map(|(_, value)| value.split(','))
            .map(str::trim)
            .filter(|value| !value.is_empty())
            .collect();
        (!values.is_empty()).then_some(values)
    }
    fn ids(&self, name: &'static str) -> Result<Option<Vec<u64>>, Problem> {
        let Some(list) = self.list(name) else { return Ok(None) };
        let ids: Result<Vec<u64>, _> = list.iter().map(|id| id.parse()).collect();
        ids.map(Some).map_err(|_| Problem::parameter(name, "is not a list of whole numbers."))
    }
    /// A whole number within limits, or `default`.
    pub fn number(
        &self,
        name: &'static str,
        default: usize,
        most: usize,
    ) -> Result<usize, Problem> {
        let Some(text) = self.get(name) else { return Ok(default) };
        text.parse().ok().filter(|n| (1..=most).contains(n)).ok_or_else(|| {
            Problem::parameter(
                name,
                &format!("must be between 1 (inclusive) and {most} (inclusive)"),
            )
        })
    }
    /// A moment, in seconds since 1970. Without an offset it is the shop's local time, or UTC when
    /// `dates_are_gmt` says so.
    pub fn moment(&self, name: &'static str) -> Result<Option<u32>, Problem> {
        let Some(text) = self.get(name) else { return Ok(None) };
        let gmt = matches!(self.get("dates_are_gmt"), Some("true" | "1"));
        let zone = if gmt { None } else { Zone::named(calendar::ZONE) };
        let at = Timestamp::parse(text, &zone.unwrap_or_default());
        let at = at.ok_or_else(|| Problem::parameter(name, "Invalid date."))?;
        Ok(Some(calendar::seconds(at)))
    }
    /// The same parameters with another page, as a query string.
    pub fn with_page(&self, page: usize) -> String {
        let mut out = String::new();
        let others = self.0.iter().filter(|(key, _)| key != "page");
        for (key, value) in others {
            for (text, end) in [(key, '='), (value, '&')] {
                for byte in text.bytes() {
                    match byte {
                        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => {
                            out.push(char::from(byte));
                        }
                        _ => out.push_str(&format!("%{byte:02X}")),
                    }
                }
                out.push(end);
            }
        }
        format!("{out}page={page}")
    }
}

/// A part of a list, and how long the whole of it is.
#[derive(Debug, PartialEq, Eq)]
pub struct Cut {
    /// Indices on this page.
    pub indices: Vec<u32>,
    /// Length of the list.
    pub total: usize,
    /// The page asked for, from 1.
    pub page: usize,
    /// Pages in all.
    pub pages: usize,
}

impl Cut {
    /// The page that the parameters ask for: 10 to a page unless told, 100 at most.
    pub fn of(all: &[u32], params: &Params) -> Result<Self, Problem> {
        let per_page = params.number("per_page", 10, 100)?;
        let page = params.number("page", 1, usize::MAX / 1_000)?;
        let from = ((page - 1) * per_page).min(all.len());
        let until = (from + per_page).min(all.len());
        Ok(Cut {
            indices: all[from..until].to_vec(),
            total: all.len(),
            page,
            pages: all.len().div_ceil(per_page),
        })
    }
}

/// The orders that match the parameters, sorted as asked, newest first unless told.
pub fn orders(merchant: &Merchant, params: &Params) -> Result<Vec<u32>, Problem> {
    let after = params.moment("after")?;
    let before = params.moment("before")?;
    let modified_after = params.moment("modified_after")?;
    let modified_before = params.moment("modified_before")?;
    let statuses = statuses(params)?;
    let include = params.ids("include")?;
    let exclude = params.ids("exclude")?.unwrap_or_default();
    let matches = |index: u32, order: &OrderRow| {
        let number = u64::from(FIRST_ORDER + index);
        modified_after.is_none_or(|at| order.modified > at)
            && modified_before.is_none_or(|at| order.modified < at)
            && after.is_none_or(|at| order.placed > at)
            && before.is_none_or(|at| order.placed < at)
            && statuses.as_ref().is_none_or(|words| words.contains(&order.status.word()))
            && include.as_ref().is_none_or(|ids| ids.contains(&number))
            && !exclude.contains(&number)
    };
    let mut found: Vec<u32> = (0..)
        .zip(merchant.orders())
        .filter(|(index, order)| matches(*index, order) && merchant.is_order_told(order))
        .map(|(index, _)| index)
        .collect();
    let place = |index: &u32| {
        let number = u64::from(FIRST_ORDER + index);
        include.as_ref().and_then(|ids| ids.iter().position(|id| *id == number))
    };
    match choice(params, "orderby", &["date", "id", "include", "title", "slug"])? {
        "include" => found.sort_by_key(place),
        // Numbers grow with time, so every other order is the order of numbers.
        _ if descending(params)? => found.reverse(),
        _ => {}
    }
    Ok(found)
}

fn statuses(params: &Params) -> Result<Option<Vec<&str>>, Problem> {
    const KNOWN: [&str; 8] =
        ["any", "pending", "processing", "on-hold", "completed", "cancelled", "refunded", "failed"];
    let Some(words) = params.list("status") else { return Ok(None) };
    if words.iter().any(|word| !KNOWN.contains(word) && *word != "trash") {
        return Err(Problem::parameter("status", "is not one of the order statuses."));
    }
    Ok((!words.contains(&"any")).then_some(words))
}

/// Whether the list is wanted with the last first, which is what WooCommerce does unless told.
pub fn descending(params: &Params) -> Result<bool, Problem> {
    Ok(choice(params, "order", &["desc", "asc"])? == "desc")
}

fn choice<'a>(
    params: &'a Params,
    name: &'static str,
    known: &[&'static str],
) -> Result<&'a str, Problem> {
    let chosen = params.get(name).unwrap_or(known[0]);
    if known.contains(&chosen) {
        return Ok(chosen);
    }
    Err(Problem::parameter(name, &format!("is not one of {}.", known.join(", "))))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn params(text: &str) -> Params {
        let pair = |part: &str| {
            let (key, value) = part.split_once('=').unwrap();
            (key.to_owned(), value.to_owned())
        };
        Params::new(text.split('&').map(pair).collect())
    }

    #[test]
    fn moments_are_local_unless_said_otherwise() {
        let local = params("after=2026-07-01T12:00:00").moment("after").unwrap().unwrap();
        let gmt = params("after=2026-07-01T12:00:00&dates_are_gmt=true").moment("after").unwrap();
        assert_eq!(gmt.unwrap() - local, 3_600);
        let with_offset = params("after=2026-07-01T12:00:00Z").moment("after").unwrap();
        assert_eq!(with_offset, gmt);
        assert!(params("after=soon").moment("after").is_err());
    }

    #[test]
    fn pages_cover_the_list_and_no_more() {
        let all: Vec<u32> = (0..25).collect();
        let cut = Cut::of(&all, &params("page=3&per_page=10")).unwrap();
        assert_eq!((cut.indices.as_slice(), cut.pages), (&[20, 21, 22, 23, 24][..], 3));
        assert!(Cut::of(&all, &params("page=9&per_page=10")).unwrap().indices.is_empty());
        assert!(Cut::of(&all, &params("per_page=101")).is_err());
        assert!(Cut::of(&all, &params("page=0")).is_err());
    }
}
