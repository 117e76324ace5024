//! When a SKU could not be sold at a site, as far as it was seen: what is known of stock is its
//! present, so what was is written down as it happens.

use crate::domain::{Span, Timestamp};
use serde::{Deserialize, Serialize};

/// Times without stock that ended so long ago are forgotten: nobody looks further back.
const KEEP: Span = Span::days(600);

/// A time without anything to sell.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Out {
    /// Since when.
    pub from: Timestamp,
    /// Until when; `None`: it goes on.
    pub to: Option<Timestamp>,
}

/// The times without anything to sell of one SKU at one site, oldest first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outs(Vec<Out>);

impl Outs {
    /// Notes whether there was nothing to sell at a moment; `true` if that was news. Moments come in
    /// order; an earlier one than the last counts as the last.
    pub fn note(&mut self, is_out: bool, at: Timestamp) -> bool {
        let last = self.0.last_mut();
        let at = last.as_ref().map_or(at, |out| at.max(out.to.unwrap_or(out.from)));
        match last {
            Some(Out { to: to @ None, .. }) if !is_out => *to = Some(at),
            Some(Out { to: None, .. }) => return false,
            _ if !is_out => return false,
            _ => {
                self.0.retain(|out| out.to.is_none_or(|to| to > at - KEEP));
                self.0.push(Out { from: at, to: None });
            }
        }
        true
    }

    /// Whether there was nothing to sell from one moment to another, all the time.
    pub fn cover(&self, from: Timestamp, to: Timestamp) -> bool {
        self.0.iter().any(|out| out.from <= from && out.to.is_none_or(|end| end >= to))
    }

    /// Whether there was nothing to sell at any time from one moment to another.
    pub fn meet(&self, from: Timestamp, to: Timestamp) -> bool {
        self.0.iter().any(|out| out.from < to && out.to.is_none_or(|end| end > from))
    }

    /// The share of the time from one moment to another in which there was nothing to sell, 0 to 1.
    pub fn share(&self, from: Timestamp, to: Timestamp) -> f32 {
        let within = |out: &Out| {
            let end = out.to.map_or(to, |end| end.min(to));
            end.since(out.from.max(from)).as_millis().max(0)
        };
        let without: i64 = self.0.iter().map(within).sum();
        (without as f64 / to.since(from).as_millis().max(1) as f64) as f32
    }

    /// Whether nothing is noted.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(day: i64) -> Timestamp {
        Timestamp::from_millis(0) + Span::days(day)
    }

    #[test]
    fn a_time_without_stock_is_known_from_its_beginning_to_its_end() {
        let mut outs = Outs::default();
        assert!(!outs.note(false, at(1)) && outs.is_empty());
        assert!(outs.note(true, at(2)));
        assert!(!outs.note(true, at(3)), "it goes on");
        assert!(outs.cover(at(2), at(9)) && !outs.cover(at(1), at(9)));
        assert!(outs.note(false, at(5)));
        assert!(outs.meet(at(4), at(6)) && outs.meet(at(0), at(3)));
        assert!(!outs.meet(at(0), at(2)) && !outs.meet(at(5), at(6)));
        assert!(outs.cover(at(3), at(5)) && !outs.cover(at(3), at(6)));
        let share = |from, to| outs.share(at(from), at(to));
        assert_eq!([share(1, 3), share(4, 8), share(2, 5), share(6, 8)], [0.5, 0.25, 1.0, 0.0]);
        assert!(outs.note(true, at(8)) && outs.note(false, at(9)));
        assert!(outs.cover(at(2), at(5)) && outs.cover(at(8), at(9)) && !outs.cover(at(5), at(8)));
    }

    #[test]
    fn what_nobody_looks_back_to_is_forgotten() {
        let mut outs = Outs::default();
        for day in [0, 1_000] {
            assert!(outs.note(true, at(day)) && outs.note(false, at(day + 5)));
        }
        assert!(!outs.cover(at(1), at(2)) && outs.cover(at(1_001), at(1_002)));
    }
}
