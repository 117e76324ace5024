//! When people buy: the week, the hours of the day and the year of a British shop.

use crate::domain::{Day, Timestamp, Zone};

/// The zone that all three sites lie in.
pub const ZONE: &str = "Europe/London";

/// Orders on a weekday against the average day, Monday first.
const WEEK: [f64; 7] = [1.16, 1.14, 1.10, 1.07, 0.98, 0.68, 0.87];

/// Share of the day's orders in each local hour, before normalising.
const HOURS: [f64; 24] = [
    0.5, 0.25, 0.12, 0.1, 0.1, 0.2, 0.6, 1.4, 2.6, 4.0, 5.2, 5.6, 5.8, 5.4, 4.9, 4.6, 4.4, 4.3,
    4.6, 5.4, 6.0, 5.2, 3.2, 1.4,
];

/// First and last hour (exclusive) in which parcels leave and goods are booked in.
pub const WORKING_HOURS: (u32, u32) = (8, 17);

/// The shape of a category's year: how strongly it swings and around which day of the year.
#[derive(Clone, Copy, Debug)]
pub struct Season {
    /// Share by which the peak stands above the year's average.
    pub swing: f64,
    /// Day of the year of the peak.
    pub peak: f64,
    /// How narrow the peak is; 1 is a plain wave.
    pub sharpness: i32,
}

impl Season {
    /// Demand on a day of the year against the year's average; never below a twentieth.
    pub fn factor(&self, day_of_year: f64) -> f64 {
        let angle = std::f64::consts::TAU * (day_of_year - self.peak) / 365.25;
        let wave = ((1.0 + angle.cos()) / 2.0).powi(self.sharpness);
        let mean = WAVE_MEANS[(self.sharpness.clamp(1, 8) - 1) as usize];
        (1.0 + self.swing * (wave - mean) / (1.0 - mean)).max(0.05)
    }
}

/// Mean over the year of `((1 + cos) / 2)^k` for k from 1 to 8: the central binomial coefficient
/// of 2k over 4^k.
const WAVE_MEANS: [f64; 8] = [0.5, 0.375, 0.3125, 0.273_44, 0.246_09, 0.225_59, 0.209_47, 0.196_38];

/// Orders of the whole shop on a day against its average: week, year, and the days everybody knows.
pub fn traffic(day: Day) -> f64 {
    let date = day.civil();
    let special = match (date.month(), date.day()) {
        (12, 25) => 0.25,
        (12, 24 | 26) => 0.5,
        (1, 1) => 0.5,
        (11, 23..=29) if day.weekday() == 4 => 2.0,
        (11, 24..=30) if day.weekday() < 1 => 1.4,
        _ => 1.0,
    };
    WEEK[day.weekday()] * year(f64::from(date.day_of_year())) * special
}

/// Orders of the whole shop around a day of the year against its average.
pub fn year(day_of_year: f64) -> f64 {
    Season { swing: 0.75, peak: 332.0, sharpness: 6 }.factor(day_of_year)
}

/// Turns a number in [0, 1) into a second of the day that follows the hours people buy in.
pub fn second_of_day(u: f64) -> u32 {
    let total: f64 = HOURS.iter().sum();
    let mut left = u * total;
    for (hour, weight) in HOURS.iter().enumerate() {
        if left < *weight {
            return hour as u32 * 3_600 + (left / weight * 3_600.0) as u32;
        }
        left -= weight;
    }
    86_399
}

/// Whether parcels leave and goods arrive on a day: Monday to Saturday, save for the great holidays.
pub fn is_working(day: Day) -> bool {
    let date = day.civil();
    day.weekday() < 6 && !matches!((date.month(), date.day()), (12, 25 | 26) | (1, 1))
}

/// The local hour until which an express order leaves on its day.
pub const EXPRESS_UNTIL: i8 = 14;

/// The day for which an express order is promised that was placed in a second: the day after it leaves, or
/// the next on which parcels are brought.
pub fn express_day(second: u32, zone: &Zone) -> Day {
    let at = moment(second);
    let placed = at.day(zone);
    let next_working = |day: Day| (0..).map(|days| day.plus(days)).find(|day| is_working(*day));
    let from = placed.plus(i32::from(at.civil(zone).hour() >= EXPRESS_UNTIL));
    let leaves = next_working(from).unwrap_or(from);
    next_working(leaves.plus(1)).unwrap_or(leaves)
}

/// The second since 1970 at which a local day begins.
pub fn day_start(day: Day, zone: &Zone) -> u32 {
    seconds(day.start(zone))
}

/// A moment in whole seconds since 1970, as the shop keeps it; holds to the year 2106.
pub fn seconds(at: Timestamp) -> u32 {
    at.as_seconds().clamp(0, i64::from(u32::MAX)) as u32
}

/// The moment of a second since 1970.
pub fn moment(second: u32) -> Timestamp {
    Timestamp::from_millis(i64::from(second) * 1_000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seasons_average_to_one() {
        for sharpness in 1..=8 {
            let season = Season { swing: 0.5, peak: 100.0, sharpness };
            let mean = (0..365).map(|d| season.factor(f64::from(d))).sum::<f64>() / 365.0;
            assert!((mean - 1.0).abs() < 0.01, "{sharpness}: {mean}");
        }
    }

    #[test]
    fn nobody_ships_on_a_sunday_and_nobody_buys_at_four() {
        let monday = Day::parse("2026-11-23").unwrap();
        assert!(is_working(monday) && !is_working(monday.plus(6)));
        assert!(!is_working(Day::parse("2025-12-25").unwrap()));
        let zone = Zone::named(ZONE).unwrap();
        let promised = |day: &str, hour: u32| {
            let second = day_start(Day::parse(day).unwrap(), &zone) + hour * 3_600;
            express_day(second, &zone).to_string()
        };
        assert_eq!(promised("2026-09-09", 9), "2026-09-10");
        assert_eq!(promised("2026-09-09", 14), "2026-09-11", "it leaves the day after");
        assert_eq!(promised("2026-09-12", 9), "2026-09-14", "nobody brings parcels on Sunday");
        assert_eq!(promised("2026-12-24", 15), "2026-12-29", "Christmas, Boxing Day and a Sunday");
        let at_four =
            (0..10_000).filter(|i| second_of_day(f64::from(*i) / 1e4) / 3_600 == 4).count();
        let at_noon =
            (0..10_000).filter(|i| second_of_day(f64::from(*i) / 1e4) / 3_600 == 12).count();
        assert!(at_noon > 20 * at_four.max(1));
    }
}
