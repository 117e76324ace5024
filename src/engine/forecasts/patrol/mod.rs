//! Stock, demand and feeds are looked at on the forecasting thread, after the forecasts: what the watches
//! of [`crate::insight::monitor`] say is raised as cases. What they say is made anew each time from what
//! the store knows, so that whoever looks twice raises nothing twice.
//!
//! Series are looked at once a day, as their forecasts are; shelves, costs and feeds every half hour of
//! domain time. What is known of shelves comes from the pages as they are applied ([`ShelfNews`]): the
//! stock book itself knows the present only.

mod feeds;
mod series;
mod shelves;

pub use shelves::ShelfNews;

use super::maker::ForecastError;
use crate::domain::{CaseKind, Span, Timestamp};
use crate::engine::flags::FlagError;
use crate::engine::house::House;
use crate::insight::anomaly::Raised;
use crate::model::DemandModel;
use crate::store::StoreError;
use feeds::Feeds;
use series::Series;
use shelves::Shelves;
use std::sync::Weak;

/// Between two looks at shelves, costs and feeds.
const EVERY: Span = Span::minutes(30);

/// Why nothing is looked at.
#[derive(Debug, thiserror::Error)]
pub enum PatrolError {
    /// The store refused.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The model could not say what was to be expected.
    #[error(transparent)]
    Forecast(#[from] ForecastError),
    /// The cases could not be raised.
    #[error(transparent)]
    Flag(#[from] FlagError),
}

/// What is known from look to look.
#[derive(Default)]
pub struct Patrol {
    series: Series,
    shelves: Shelves,
    feeds: Feeds,
    looked: Option<Timestamp>,
}

impl Patrol {
    /// Looks at what is due.
    pub fn look(&mut self, house: &Weak<House>, model: &DemandModel) -> Result<(), PatrolError> {
        let day = self.series.look(house, model)?;
        let Some(now) = house.upgrade().map(|house| house.clock.now()) else { return Ok(()) };
        let due = self.looked.is_none_or(|looked| now.since(looked) >= EVERY);
        if !(day || due) {
            return Ok(());
        }
        let mut stock = self.shelves.look(house)?;
        let feeds = self.feeds.look(house)?;
        let Some(house) = house.upgrade() else { return Ok(()) };
        let (phantoms, demand): (Vec<Raised>, Vec<Raised>) =
            self.series.said(&house).into_iter().partition(|one| one.kind == CaseKind::Stock);
        stock.extend(phantoms);
        house.raise(CaseKind::Stock, &stock)?;
        house.raise(CaseKind::Demand, &demand)?;
        house.raise(CaseKind::Feed, &feeds)?;
        self.looked = Some(now);
        Ok(())
    }
}
