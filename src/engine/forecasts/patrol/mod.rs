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

/// The rule of stock that does not sell.
const PHANTOM: &str = "phantom-stock";

/// What is known from look to look.
#[derive(Default)]
pub struct Patrol {
    series: Series,
    shelves: Shelves,
    feeds: Feeds,
    looked: Option<Timestamp>,
}

impl Patrol {
    /// Looks at what is due; at series with the model in use, if there is one.
    pub fn look(
        &mut self,
        house: &Weak<House>,
        model: Option<&DemandModel>,
    ) -> Result<(), PatrolError> {
        let looked = model.map_or(Ok(false), |model| self.series.look(house, model));
        let day = matches!(looked, Ok(true));
        let Some(now) = house.upgrade().map(|house| house.clock.now()) else { return Ok(()) };
        let due = self.looked.is_none_or(|looked| now.since(looked) >= EVERY);
        if !(day || due) {
            return Ok(());
        }
        let mut stock = self.shelves.look(house)?;
        let feeds = self.feeds.look(house)?;
        let Some(house) = house.upgrade() else { return Ok(()) };
        house.raise(CaseKind::Feed, &feeds)?;
        // What is not looked at yet is not over.
        if let Some(said) = self.series.said(&house) {
            let (phantoms, demand): (Vec<Raised>, Vec<Raised>) =
                said.into_iter().partition(|one| one.kind == CaseKind::Stock);
            stock.extend(phantoms);
            house.raise(CaseKind::Demand, &demand)?;
        } else {
            let book = house.flags.book.read();
            let phantoms = book.all_raised().filter(|(case, one)| {
                case.kind == CaseKind::Stock && one.over.is_none() && &*one.raised.rule == PHANTOM
            });
            stock.extend(phantoms.map(|(_, one)| one.raised.clone()));
        }
        house.raise(CaseKind::Stock, &stock)?;
        self.looked = Some(now);
        Ok(looked.map(drop)?)
    }
}
