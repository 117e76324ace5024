//! Once a day, after the forecasts: whether demand still runs at the level that was forecast.

use super::held::Held;
use super::maker::ForecastError;
use crate::demand::Frequency;
use crate::domain::{Category, Day, OrderKind, Product, SiteId};
use crate::engine::house::House;
use crate::insight::drift::{self, Expectations, Expected, Expecting, Group, Totals};
use crate::insight::forecast::{ModelMark, Reach};
use crate::model::DemandModel;
use crate::model::train::least_steps;
use crate::orders::Brief;
use rustc_hash::FxHashMap;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Weak;

/// What was looked at already.
#[derive(Default)]
pub struct Watcher {
    until: Option<Day>,
}

impl Watcher {
    /// Compares the demand of the days that are over with what was expected of them, unless that has been
    /// done. What is to be expected from now on is written down.
    pub fn look(
        &mut self,
        house: &Weak<House>,
        mark: &ModelMark,
        model: &DemandModel,
    ) -> Result<(), ForecastError> {
        let Some(reach) = self.due(house) else { return Ok(()) };
        let Some(totals) = totals(house, reach) else { return Ok(()) };
        let Some(mut expected) = kept(house, reach.origin)? else { return Ok(()) };
        for origin in drift::origins(reach.origin) {
            if expected.values().any(|of| of.contains_key(&origin)) || origin < reach.first {
                continue;
            }
            let (groups, windows): (Vec<_>, Vec<_>) = totals.windows(origin).into_iter().unzip();
            let made = model.forecast(&windows)?;
            let made = made.iter().map(|made| Expected::of(&mark.fingerprint, made));
            let made: Vec<(Group, Expected)> = groups.into_iter().zip(made).collect();
            if keep(house, origin, &made)?.is_none() {
                return Ok(());
            }
            for (group, made) in made {
                expected.entry(group.key()).or_default().insert(origin, made);
            }
        }
        let Some(house) = house.upgrade() else { return Ok(()) };
        if reach.days() >= least_steps(Frequency::Day) {
            house.trainings.enough(house.clock.now());
        }
        let last = house.trainings.drift();
        let found = drift::find(&totals, &expected, reach.origin, last.as_ref());
        house.trainings.watched(reach.origin, found);
        house.changed();
        self.until = Some(reach.origin);
        Ok(())
    }

    /// The days that are over; `None`: they have been looked at, or there are none.
    fn due(&self, house: &Weak<House>) -> Option<Reach> {
        let house = house.upgrade()?;
        let origin = house.origin()?;
        let ledger = house.demand.read();
        // A day of which nothing has come yet is not a day on which nothing was sold.
        let origin = origin.min(ledger.last_day()?);
        if self.until == Some(origin) {
            return None;
        }
        Reach::of(&ledger, origin)
    }
}

/// Orders a day of all groups; `None`: the house is gone.
fn totals(house: &Weak<House>, reach: Reach) -> Option<Totals> {
    let categories: FxHashMap<Box<str>, Category> = {
        let house = house.upgrade()?;
        let stock = house.stock.read();
        let known =
            |product: &Product| Some((product.sku.as_str().into(), product.category.clone()?));
        stock.products().filter_map(known).collect()
    };
    let mut totals = Totals::new(reach.first, reach.days());
    for day in totals.days() {
        let house = house.upgrade()?;
        let index = house.orders.read();
        let (from, to) = (day.start(&house.zone), day.plus(1).start(&house.zone));
        for row in index.placed_between(from, to) {
            let is_demand =
                |order: &Brief| order.kind == OrderKind::Sale && order.status.is_demand();
            if !index.brief(row).as_ref().is_some_and(is_demand) {
                continue;
            }
            let of = index.lines(row).filter_map(|(sku, _)| categories.get(sku));
            let of: BTreeSet<&Category> = of.collect();
            let site = Group::Site(SiteId::new(index.site(row)));
            let categories = of.into_iter().map(|category| Group::Category(category.clone()));
            totals.add(day, [Group::Shop, site].into_iter().chain(categories));
        }
    }
    totals.settle();
    Some(totals)
}

/// What was expected, by group and origin; what is too old is forgotten.
fn kept(
    house: &Weak<House>,
    until: Day,
) -> Result<Option<BTreeMap<Box<str>, Expectations>>, ForecastError> {
    let Some(Held { store, .. }) = Held::of(house) else { return Ok(None) };
    let oldest = drift::origins(until).min().unwrap_or(until);
    let mut expected: BTreeMap<Box<str>, Expectations> = BTreeMap::new();
    let mut write = store.write();
    for record in store.scan::<Expecting>(..) {
        let ((origin, group), made) = record?;
        if (oldest..=until).contains(&origin) {
            expected.entry(group).or_default().insert(origin, made);
        } else {
            write.delete::<Expecting>(&(origin, group));
        }
    }
    write.commit()?;
    Ok(Some(expected))
}

fn keep(
    house: &Weak<House>,
    origin: Day,
    made: &[(Group, Expected)],
) -> Result<Option<()>, ForecastError> {
    let Some(Held { store, .. }) = Held::of(house) else { return Ok(None) };
    let mut write = store.write();
    for (group, made) in made {
        write.put::<Expecting>(&(origin, group.key()), made)?;
    }
    write.commit()?;
    Ok(Some(()))
}
