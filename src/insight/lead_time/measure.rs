//! How good quantiles of days were, and what they are held against.

use super::Delivery;
use crate::domain::Day;
use std::collections::HashMap;
use std::sync::Arc;

/// How good quantiles were over deliveries that came.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Measure {
    /// Deliveries that came.
    pub rows: usize,
    /// Pinball loss in days, over all rows and levels.
    pub pinball: f64,
    /// Share of deliveries from the lowest to the highest quantile, both included.
    pub coverage: f64,
    /// Days from the lowest to the highest quantile, on average.
    pub width: f64,
}

impl Measure {
    /// Of quantiles at ascending `levels`, a row for each delivery, and the days that it took or none
    /// if it has not come.
    pub fn of(levels: &[f64], quantiles: &[Vec<f64>], slips: &[Option<i32>]) -> Self {
        let came = quantiles.iter().zip(slips).filter_map(|(row, slip)| Some((row, (*slip)?)));
        let mut sum = Self::default();
        for (row, slip) in came {
            let slip = f64::from(slip);
            let (Some(low), Some(high)) = (row.first(), row.last()) else { continue };
            sum.rows += 1;
            sum.pinball += row
                .iter()
                .zip(levels)
                .map(|(said, level)| pinball(slip - said, *level))
                .sum::<f64>();
            sum.coverage += f64::from(u8::from(*low <= slip && slip <= *high));
            sum.width += high - low;
        }
        let rows = sum.rows.max(1) as f64;
        Self { coverage: sum.coverage / rows, width: sum.width / rows, ..sum }
    }
}

/// The loss of a quantile that was exceeded by so many days.
fn pinball(over: f64, level: f64) -> f64 {
    (level * over).max((level - 1.0) * over)
}

/// Each vendor's empirical quantiles, all vendors' for one that is new.
#[derive(Clone, Debug)]
pub struct VendorQuantiles {
    vendors: HashMap<Arc<str>, Vec<f64>>,
    all: Vec<f64>,
}

impl VendorQuantiles {
    /// Of all that had been delivered by the end of a day.
    pub fn of(deliveries: &[Delivery], until: Day, levels: &[f64]) -> Self {
        let (mut all, mut vendors) = (Vec::new(), HashMap::<Arc<str>, Vec<i32>>::new());
        for one in deliveries.iter().filter(|one| one.delivered.is_some_and(|day| day <= until)) {
            let Some(slip) = one.slip() else { continue };
            all.push(slip);
            vendors.entry(Arc::clone(&one.vendor)).or_default().push(slip);
        }
        let of = |mut slips: Vec<i32>| {
            slips.sort_unstable();
            levels.iter().map(|level| between(&slips, *level)).collect::<Vec<f64>>()
        };
        let vendors = vendors.into_iter().map(|(vendor, slips)| (vendor, of(slips))).collect();
        Self { vendors, all: of(all) }
    }

    /// Of a vendor, one a level.
    pub fn of_vendor(&self, vendor: &str) -> &[f64] {
        self.vendors.get(vendor).unwrap_or(&self.all)
    }
}

/// A quantile between the two nearest of ascending values; 0 where there is none.
fn between(sorted: &[i32], level: f64) -> f64 {
    let Some(last) = sorted.len().checked_sub(1) else { return 0.0 };
    let place = level * last as f64;
    let below = place.floor() as usize;
    let (low, high) = (f64::from(sorted[below]), f64::from(sorted[(below + 1).min(last)]));
    low + (high - low) * (place - below as f64)
}
