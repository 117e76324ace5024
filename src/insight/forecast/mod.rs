//! Forecasts of the store's series: what they are made from, how they are kept, and what they mean for
//! the stock that is there.
//!
//! A forecast is of one SKU at one site, from an origin: the last day that is over (see
//! [`origin`]). It is kept on disk with the fingerprint of the model that made it and a checksum of the
//! demand that it was made from ([`Kept`]), so that it is made anew just when one of these has
//! changed. In memory lie the totals alone ([`ForecastBook`]): they tell how much sells in the days
//! ahead and when stock runs out ([`Outlook`]), which tables show by the thousand. What people expect
//! instead lies apart ([`Overrides`]) and is laid over a forecast when it is read ([`Overlay`]).

mod book;
mod drivers;
mod groups;
mod history;
mod kept;
mod lead;
mod outlook;
mod overrides;
mod spread;

pub use book::{Ahead, ForecastBook};
pub use drivers::Drivers;
pub use groups::{Part, Shop, Total, changes};
pub use history::{ACTIVE_DAYS, Reach, checksum, held_origin, is_active, origin};
pub use kept::{Calendar, Calendars, Forecasts, Kept, ModelMark, Packed};
pub use lead::MOST_LEAD_DAYS;
pub use outlook::{Outlook, Supply};
pub use overrides::{
    KeptOverrides, Overlay, Override, Overrides, Stage, ValueAdded, by_people, expected_over,
};
pub use spread::{KeptSpread, Spread, SpreadFit, Spreads};

/// The place of the median among the levels.
pub const MEDIAN: usize = 6;
/// The place of the 0.9 quantile among the levels.
pub const HIGH: usize = 10;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::LEVELS;

    #[test]
    fn places_are_those_of_their_levels() {
        assert_eq!((LEVELS[MEDIAN], LEVELS[HIGH]), (0.5, 0.9));
    }
}
