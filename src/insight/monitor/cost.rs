//! Costs that jump: a slip in a supplier's list, pence for pounds, another unit.

use super::{number, severity};
use crate::domain::{CaseKind, CaseSubject, Money, Sku, Span, Timestamp, UnitPrice};
use crate::insight::anomaly::{Raised, ToldWrong};
use serde::{Deserialize, Serialize};

/// Times up or down from which on a cost has jumped.
pub const JUMP: f64 = 1.5;
/// After so long the new cost is the usual one.
const USUAL_AFTER: Span = Span::days(21);

/// What a SKU costs and cost.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Cost {
    usual: UnitPrice,
    now: UnitPrice,
    since: Timestamp,
}

impl Cost {
    /// The first that is known.
    pub fn new(cost: UnitPrice, at: Timestamp) -> Self {
        Cost { usual: cost, now: cost, since: at }
    }

    /// Another cost is told, or the same again. Small steps are followed.
    pub fn told(&mut self, cost: UnitPrice, at: Timestamp) {
        if self.jumped().is_some() && at.since(self.since) > USUAL_AFTER {
            self.usual = self.now;
        }
        if cost == self.now {
            return;
        }
        let before = self.jumped().is_some();
        self.now = cost;
        match self.jumped() {
            None => self.usual = cost,
            // From one jump to another it is one and the same.
            Some(_) if before => {}
            Some(_) => self.since = at,
        }
    }

    /// How many times the usual cost it is, where that is a jump.
    pub fn jumped(&self) -> Option<f64> {
        if self.usual.currency != self.now.currency {
            return Some(f64::INFINITY);
        }
        if self.usual.e4 <= 0 || self.now.e4 < 0 {
            return None;
        }
        let times = self.now.e4 as f64 / self.usual.e4 as f64;
        (!(1.0 / JUMP..=JUMP).contains(&times)).then_some(times)
    }

    /// What is said of a jump: `units` are sold in four weeks.
    pub fn raised(&self, sku: &Sku, now: Timestamp, units: f64) -> Option<Raised> {
        let times = self.jumped()?;
        if now.since(self.since) > USUAL_AFTER {
            return None;
        }
        let reason = if times.is_finite() {
            let (by, way) =
                if times > 1.0 { (times, "up") } else { (1.0 / times.max(1e-9), "down") };
            format!("cost: {way} {} times, from {} to {}", number(by), self.usual, self.now)
        } else {
            format!("cost: another currency, from {} to {}", self.usual, self.now)
        };
        let off = if times.is_finite() { times.max(1.0 / times.max(1e-9)) } else { 100.0 };
        let more = (self.now.e4 - self.usual.e4).abs() as f64 / 100.0;
        Some(Raised {
            kind: CaseKind::Stock,
            subject: CaseSubject::Sku(sku.clone(), None),
            rule: "cost-jump".into(),
            severity: severity(off.log2(), JUMP.log2()),
            reasons: vec![reason.into()],
            at_stake: Money { minor: (more * units).round() as i64, currency: self.usual.currency },
            since: self.since,
            told: ToldWrong::default(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Currency;

    fn at(day: i64) -> Timestamp {
        Timestamp::from_millis(1_780_000_000_000) + Span::days(day)
    }

    fn pounds(text: &str) -> UnitPrice {
        UnitPrice::parse(text, Currency::GBP).unwrap()
    }

    #[test]
    fn a_jump_is_told_until_it_is_mended_or_usual() {
        let mut cost = Cost::new(pounds("4.00"), at(0));
        cost.told(pounds("4.30"), at(10));
        assert_eq!(cost.jumped(), None);
        cost.told(pounds("43.00"), at(20));
        let sku = Sku::new("A");
        let raised = cost.raised(&sku, at(21), 10.0).unwrap();
        assert_eq!((raised.since, raised.at_stake.minor), (at(20), 38_700));
        assert!(raised.reasons[0].contains("up 10 times"), "{}", raised.reasons[0]);
        cost.told(pounds("43.00"), at(25));
        assert_eq!(cost.raised(&sku, at(25), 10.0).unwrap().since, at(20));
        let mut mended = cost;
        mended.told(pounds("4.30"), at(26));
        assert_eq!(mended.raised(&sku, at(26), 10.0), None);
        assert_eq!(cost.raised(&sku, at(45), 10.0), None, "three weeks on it is what it costs");
        cost.told(pounds("43.00"), at(45));
        assert_eq!(cost.jumped(), None);
    }

    #[test]
    fn small_steps_are_followed_and_another_currency_is_a_jump() {
        let mut cost = Cost::new(pounds("1.00"), at(0));
        for (day, text) in (1..).zip(["1.30", "1.60", "2.00", "2.60"]) {
            cost.told(pounds(text), at(day));
            assert_eq!(cost.jumped(), None, "{text}");
        }
        cost.told(UnitPrice { currency: Currency::parse("EUR").unwrap(), ..cost.now }, at(9));
        let raised = cost.raised(&Sku::new("A"), at(9), 1.0).unwrap();
        assert!(raised.reasons[0].contains("currency"));
    }
}
