//! How daily figures are kept: 64 days to a record, only the days that have any.

use super::SeriesKey;
use crate::domain::{Day, Qty};
use serde::{Deserialize, Serialize};

/// Days in one bucket.
pub const BUCKET_DAYS: i32 = 64;

/// Which 64 days of which series. Sorts by SKU, site, time.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct BucketKey {
    /// What, and where.
    pub series: SeriesKey,
    /// Days since 1970-01-01, divided by 64. A day before 1970 belongs to the first bucket, on its
    /// first day.
    pub bucket: u16,
}

/// The days with demand of one bucket: (day within the bucket, units), by day, none of them zero.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bucket(Vec<(u8, Qty)>);

/// Where buckets are kept.
///
/// What was put must be seen by the next get, also within one call of the ledger.
pub trait Buckets {
    /// Why reading or writing failed.
    type Error;
    /// A bucket, if there is one.
    fn get(&self, key: &BucketKey) -> Result<Option<Bucket>, Self::Error>;
    /// Writes a bucket; `None` deletes it.
    fn put(&mut self, key: &BucketKey, bucket: Option<&Bucket>) -> Result<(), Self::Error>;
}

/// The bucket and the day within it.
pub(super) fn place(day: Day) -> (u16, u8) {
    let last = BUCKET_DAYS * (i32::from(u16::MAX) + 1) - 1;
    let number = day.number().clamp(0, last);
    ((number / BUCKET_DAYS) as u16, (number % BUCKET_DAYS) as u8)
}

/// The day that a place in a bucket stands for.
pub(super) fn day_of(bucket: u16, offset: u8) -> Day {
    Day::from_number(i32::from(bucket) * BUCKET_DAYS + i32::from(offset))
}

impl Bucket {
    /// Units on a day of the bucket.
    pub fn at(&self, offset: u8) -> Qty {
        let found = self.0.binary_search_by_key(&offset, |(day, _)| *day);
        found.ok().and_then(|place| self.0.get(place)).map_or(Qty::ZERO, |(_, qty)| *qty)
    }
    /// Adds units to a day of the bucket.
    pub(super) fn add(&mut self, offset: u8, delta: Qty) {
        match self.0.binary_search_by_key(&offset, |(day, _)| *day) {
            Err(place) => self.0.insert(place, (offset, delta)),
            Ok(place) => {
                if let Some((_, qty)) = self.0.get_mut(place) {
                    *qty += delta;
                }
            }
        }
        self.0.retain(|(_, qty)| !qty.is_zero());
    }
    /// The days with demand: day within the bucket, units.
    pub fn days(&self) -> impl DoubleEndedIterator<Item = (u8, Qty)> + '_ {
        self.0.iter().copied()
    }
    /// Whether no day has any.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}
