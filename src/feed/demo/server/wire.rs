//! Pieces that every WooCommerce shape is made of: moments, amounts, links.

use crate::domain::Zone;
use crate::feed::demo::calendar::moment;
use serde::{Serialize, Serializer};
use std::borrow::Cow;

/// Pence as a decimal string, such as `"12.30"`.
#[derive(Clone, Copy)]
pub struct Pounds(pub i64);

impl Serialize for Pounds {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        let sign = if self.0 < 0 { "-" } else { "" };
        let pence = self.0.unsigned_abs();
        out.collect_str(&format_args!("{sign}{}.{:02}", pence / 100, pence % 100))
    }
}

/// A second since 1970 as `2026-01-02T03:04:05`, in UTC or a zone; 0 is `null`.
pub struct Stamp<'a>(pub u32, pub Option<&'a Zone>);

impl Serialize for Stamp<'_> {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        if self.0 == 0 {
            return out.serialize_none();
        }
        let utc;
        let zone = match self.1 {
            Some(zone) => zone,
            None => {
                utc = Zone::utc();
                &utc
            }
        };
        let c = moment(self.0).civil(zone);
        let mut text = *b"0000-00-00T00:00:00";
        let mut put = |at: usize, digits: usize, mut value: u32| {
            for place in (at..at + digits).rev() {
                text[place] = b'0' + (value % 10) as u8;
                value /= 10;
            }
        };
        put(0, 4, u32::from(c.year().unsigned_abs()));
        put(5, 2, u32::from(c.month().unsigned_abs()));
        put(8, 2, u32::from(c.day().unsigned_abs()));
        put(11, 2, u32::from(c.hour().unsigned_abs()));
        put(14, 2, u32::from(c.minute().unsigned_abs()));
        put(17, 2, u32::from(c.second().unsigned_abs()));
        out.serialize_str(std::str::from_utf8(&text).unwrap_or_default())
    }
}

/// A link to something else.
#[derive(Serialize)]
pub struct Href {
    href: String,
}

/// WordPress's links: to the thing, its list, and what it belongs to.
#[derive(Serialize)]
pub struct Links {
    #[serde(rename = "self")]
    me: [Href; 1],
    collection: [Href; 1],
    #[serde(skip_serializing_if = "Option::is_none")]
    up: Option<[Href; 1]>,
}

impl Links {
    /// For number `id` of the list at `list`, under `up` if it belongs to something.
    pub fn new(list: &str, id: u64, up: Option<String>) -> Self {
        Links {
            me: [Href { href: format!("{list}/{id}") }],
            collection: [Href { href: list.to_owned() }],
            up: up.map(|href| [Href { href }]),
        }
    }
}

/// A piece of free data.
#[derive(Serialize)]
pub struct Meta<'a> {
    /// Its number.
    pub id: u64,
    /// Its name.
    pub key: &'static str,
    /// What it says.
    pub value: Cow<'a, str>,
}

/// A list that is always empty here.
pub type Nothing = [u8; 0];
