//! Reading again what could not be understood, from the text that was kept of it.

use super::files::HowRow;
use super::files::Mapping;
use super::pseudonym::Pseudonyms;
use super::{files, woocommerce};
use crate::domain::{CustomerRef, FeedId, Private, RawRecord, Record, Timestamp};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// How a shop is read now.
pub type Shop = woocommerce::Config;

/// How a record was read; kept with its text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum How {
    /// An item of a shop's list of this name.
    Shop(Box<str>),
    /// A row of a file.
    Row(HowRow),
}

impl How {
    /// The raw record of a text that was read so.
    pub fn raw(&self, text: &str, customer: Option<CustomerRef>) -> Option<RawRecord> {
        let how = serde_json::to_string(self).ok()?;
        Some(RawRecord::new(text, how, customer))
    }
    fn of(raw: &RawRecord) -> Result<How, String> {
        serde_json::from_str(&raw.how).map_err(|_| {
            "another version of this program kept it; let the feed read it again".into()
        })
    }
}

/// Whether a raw record is only a part of what it tells of: a line of an order.
pub fn is_part(raw: &RawRecord) -> bool {
    matches!(How::of(raw), Ok(How::Row(_)))
}

/// What a record is read again with.
pub struct Reread<'a> {
    /// The feed it came from.
    pub feed: &'a FeedId,
    /// Turns customers into pseudonyms.
    pub pseudonyms: Arc<Pseudonyms>,
    /// How the shop is read now, where the feed is one.
    pub shop: Option<Shop>,
    /// For a row: another preset than the one it was read with.
    pub preset: Option<&'a str>,
    /// For a row: mapping over the one it was read with.
    pub columns: &'a Mapping,
    /// Domain time at which it was read first.
    pub asked: Timestamp,
}

impl Reread<'_> {
    /// What the record says; the error is the reason in one sentence.
    pub fn read(&self, raw: &RawRecord) -> Result<(Vec<Record>, Private), String> {
        match How::of(raw)? {
            How::Shop(list) => {
                let shop = self.shop.as_ref();
                let shop = shop.ok_or("its shop is no longer configured; configure it again")?;
                woocommerce::reread(&list, &raw.text, self.feed, shop, &self.pseudonyms)
            }
            How::Row(how) => files::reread(&raw.text, &how, self),
        }
    }
}
