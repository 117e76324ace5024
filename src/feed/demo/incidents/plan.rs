//! When something goes wrong.

use super::super::calendar::{self, seconds};
use super::super::sim::{Event, Merchant};
use super::{Deed, IncidentKind};
use rand::Rng;
use rand_distr::{Distribution, Poisson};

const HOUR: u32 = 3_600;

/// How often a kind happens, in 28 days, and how long before the demo's present it happens for sure, so
/// that there is something to see at once: hours.
const fn habit(kind: IncidentKind) -> (f64, u32) {
    match kind {
        IncidentKind::PhantomStock => (2.5, 10 * 24),
        IncidentKind::Shrinkage => (2.0, 20),
        IncidentKind::CostJump => (1.5, 20),
        IncidentKind::CurrencyChange => (0.4, 31),
        IncidentKind::SchemaDrift => (0.6, 9),
        IncidentKind::HostileNote => (2.5, 6),
        IncidentKind::AccountTakeover => (2.0, 14),
        IncidentKind::DuplicateBurst => (1.5, 26),
        IncidentKind::Hoarding => (2.0, 11),
        IncidentKind::WrongPrice => (2.5, 17),
        IncidentKind::NewAccount => (2.0, 22),
        IncidentKind::PackFactor => (2.0, 8),
        IncidentKind::NegativeStock => (1.5, 7),
    }
}

impl Merchant {
    /// Decides at midnight what will go wrong today.
    pub(in crate::feed::demo) fn plan_incidents(&mut self, at: u32, next: u32) {
        if !self.config.incidents {
            return;
        }
        let start = seconds(self.config.start);
        for (number, kind) in (0..).zip(IncidentKind::ALL) {
            let (often, before) = habit(kind);
            let expected = Poisson::new(often / 28.0).ok();
            let count =
                expected.map_or(0, |expected| expected.sample(&mut self.incidents.rng) as u32);
            for _ in 0..count {
                let second = match kind {
                    // A whole shop is wrong where it is noticed: in the busy hours.
                    IncidentKind::CurrencyChange | IncidentKind::SchemaDrift => {
                        self.incidents.rng.random_range(9 * HOUR..19 * HOUR)
                    }
                    _ => calendar::second_of_day(self.incidents.rng.random()),
                };
                self.schedule((at + second).min(next - 1), Event::Incident(number));
            }
            let sure = start.saturating_sub(before * HOUR);
            if (at..next).contains(&sure) {
                self.schedule(sure, Event::Incident(number));
            }
        }
    }

    /// Something goes wrong.
    pub(in crate::feed::demo) fn incident(&mut self, at: u32, kind: IncidentKind) {
        match kind {
            IncidentKind::PhantomStock => self.begin_phantom(at),
            IncidentKind::Shrinkage => self.begin_shrinkage(at),
            IncidentKind::NegativeStock => self.begin_negative(at),
            IncidentKind::CostJump => self.begin_cost_jump(at),
            IncidentKind::CurrencyChange | IncidentKind::SchemaDrift => self.begin_span(at, kind),
            _ => self.begin_orders(at, kind),
        }
    }

    /// What comes of it later.
    pub(in crate::feed::demo) fn carry_on(&mut self, at: u32, deed: Deed) {
        match deed {
            Deed::Order(incident) => self.another_order(at, incident),
            Deed::Loss(incident) => self.lose_units(at, incident),
            Deed::End(incident) => self.end_incident(at, incident),
        }
    }

    fn end_incident(&mut self, at: u32, incident: u32) {
        let of = &mut self.incidents.all[incident as usize];
        match of.kind {
            IncidentKind::PhantomStock | IncidentKind::Shrinkage | IncidentKind::NegativeStock => {
                self.count_shelf(at, incident);
            }
            IncidentKind::CostJump => self.mend_cost(at, incident),
            _ => of.until = at,
        }
    }
}
