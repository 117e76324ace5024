//! What it costs to ship, and what was promised.

use super::network::OpenOrder;
use crate::domain::{Category, Country, Day, Service, SiteId};
use std::collections::BTreeMap;

/// How orders ship: zones, sites, and what is worth avoiding. Money is in minor units of the store's
/// currency.
#[derive(Clone, Debug, PartialEq)]
pub struct ShippingTerms {
    /// Where orders go. The first zone that an order fits is its zone; of one without a country see [`Self::zone_of`].
    pub zones: Vec<ZoneTerms>,
    /// Where they ship from.
    pub sites: BTreeMap<SiteId, SiteTerms>,
    /// What shipping methods stand for; the first that an order's method fits.
    pub methods: Vec<MethodTerms>,
    /// What each package of an order after its first costs beside its postage.
    pub split_penalty: i64,
    /// What a day late costs, by priority 1 to 3.
    pub late_penalty: [i64; 3],
    /// What a unit that is not shipped costs, as a share of its price.
    pub short_share: f64,
    /// What a unit weighs where its category does not say, in grams.
    pub unit_weight_g: i64,
    /// What units of a category weigh, in grams.
    pub weights: BTreeMap<Category, i64>,
    /// Whether orders ship in full or not at all.
    pub ship_complete: bool,
    /// What has to be saved before an order that could ship as it is is worth moving.
    pub cheaper_by: i64,
    /// The target that is told of decisions; `None`: nobody is.
    pub target: Option<String>,
}

/// A zone: where orders go, by country and by the site that the shop gave them to, which is the
/// nearest where it has several.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ZoneTerms {
    /// Its name.
    pub name: String,
    /// Its countries; empty: all.
    pub countries: Vec<Country>,
    /// The sites that the shop gave its orders to; empty: all.
    pub given_to: Vec<SiteId>,
    /// Days from the order within which it is promised.
    pub promised_days: i64,
    /// 1 (high) to 3 (low).
    pub priority: i64,
    /// Whether its orders ship in full or not at all; `None`: as all orders do.
    pub ship_complete: Option<bool>,
}

/// What a shipping method stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MethodTerms {
    /// Words of its name in the shop, in lower case; one of them is enough.
    pub contains: Vec<String>,
    /// Days from the order within which it is promised; `None`: as its zone promises.
    pub promised_days: Option<i64>,
    /// 1 (high) to 3 (low); `None`: as its zone has it.
    pub priority: Option<i64>,
}

impl MethodTerms {
    /// What is called express, whatever else is configured.
    pub fn express() -> Self {
        let words = ["express", "next day", "next-day", "overnight", "expedited", "priority"];
        MethodTerms {
            contains: words.map(str::to_owned).into(),
            promised_days: None,
            priority: Some(1),
        }
    }
}

/// What an order was promised.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Promise {
    /// The day by which it is due.
    pub due: Day,
    /// 1 (high) to 3 (low).
    pub priority: i64,
    /// Whether it ships in full or not at all.
    pub complete: bool,
}

/// A site that ships.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SiteTerms {
    /// Packages that it can send out in a day.
    pub packages_a_day: i64,
    /// The hour until which what is picked leaves the same day; 24: always.
    pub cutoff_hour: i8,
    /// What a zone costs from here, by the zone's name. A zone that is not named is not served.
    pub rates: BTreeMap<String, Rate>,
}

/// What a package to a zone costs and takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    /// Of each package.
    pub package: i64,
    /// Of each kilogram in it.
    pub per_kg: i64,
    /// Days on the way.
    pub days: i64,
}

impl Default for ShippingTerms {
    /// No zones and no sites.
    fn default() -> Self {
        ShippingTerms {
            zones: Vec::new(),
            sites: BTreeMap::new(),
            methods: vec![MethodTerms::express()],
            split_penalty: 150,
            late_penalty: [400, 150, 50],
            short_share: 1.0,
            unit_weight_g: 250,
            weights: BTreeMap::new(),
            ship_complete: false,
            cheaper_by: 50,
            target: None,
        }
    }
}

impl ShippingTerms {
    /// Days from the order within which it is promised where its zone does not say.
    pub const PROMISED_DAYS: i64 = 3;
    /// The priority of orders where their zone does not say.
    pub const PRIORITY: i64 = 2;

    /// The zone of an order, by its place in [`Self::zones`]. One that names no country is taken for one of
    /// its site's own zone, where that has one, and else for one of a zone that takes all countries.
    pub fn zone_of(&self, country: Option<&Country>, given_to: &SiteId) -> Option<usize> {
        let takes = |zone: &ZoneTerms| zone.given_to.is_empty() || zone.given_to.contains(given_to);
        let place = |fits: &dyn Fn(&ZoneTerms) -> bool| {
            self.zones.iter().position(|zone| fits(zone) && takes(zone))
        };
        match country {
            Some(country) => {
                place(&|zone| zone.countries.is_empty() || zone.countries.contains(country))
            }
            None => place(&|zone| !zone.given_to.is_empty())
                .or_else(|| place(&|zone| zone.countries.is_empty())),
        }
    }

    /// What the method of an order stands for.
    pub fn method_of(&self, service: &Service) -> Option<&MethodTerms> {
        let method = service.method.as_ref()?.to_lowercase();
        let fits = |known: &&MethodTerms| known.contains.iter().any(|word| method.contains(word));
        self.methods.iter().find(fits)
    }

    /// What an order was promised: as it says itself, else as its shipping method stands for, else as its
    /// zone has it. What somebody pinned has priority 1. `zone` is the zone's place in [`Self::zones`].
    pub fn promise(&self, zone: usize, order: &OpenOrder) -> Promise {
        let (zone, method) = (&self.zones[zone], self.method_of(&order.service));
        let days = method.and_then(|of| of.promised_days).unwrap_or(zone.promised_days);
        let priority = method.and_then(|of| of.priority).unwrap_or(zone.priority);
        let complete = order.service.complete.or(zone.ship_complete);
        Promise {
            due: order.service.promised.unwrap_or_else(|| order.placed.plus(days as i32)),
            priority: if order.pinned { 1 } else { priority },
            complete: complete.unwrap_or(self.ship_complete),
        }
    }

    /// What a unit of a category weighs, in grams.
    pub fn weight(&self, category: Option<&Category>) -> i64 {
        category.and_then(|of| self.weights.get(of)).copied().unwrap_or(self.unit_weight_g)
    }

    /// What a line that has run short at this site costs more, in minor units. Its order moves to the
    /// cheapest other site for the zone that this one serves the cheapest; one time in eight the rest
    /// ships from here all the same, and that is a package more. Of an order's lines about two are
    /// wanted at once, which share the move. (Eighth and half did best on five seeds of
    /// `plan/shipping/tests/season.rs`, which are none of those that the test looks at.)
    pub fn dearer(&self, site: &SiteId, weight_g: i64) -> i64 {
        let Some(own) = self.sites.get(site) else { return 0 };
        let Some((zone, here)) = own.rates.iter().min_by_key(|(_, rate)| rate.package) else {
            return 0;
        };
        let others = self.sites.iter().filter(|(id, _)| *id != site);
        let rates = others.filter_map(|(_, of)| of.rates.get(zone));
        let more = |rate: &Rate| {
            let moved = rate.package - here.package;
            let split = rate.package + self.split_penalty;
            (7 * moved + split) / 16 + (rate.per_kg - here.per_kg) * weight_g / 1_000
        };
        // Without another site what runs short is lost.
        rates.map(more).min().map_or(i64::from(i32::MAX), |more| more.max(0))
    }

    /// The terms of the demo's merchant: three sites in England, dear parcels abroad.
    pub fn demo() -> Self {
        let zone = |name: &str, countries: &[&str], given_to: &[&str], promised_days, priority| {
            ZoneTerms {
                name: name.into(),
                countries: countries.iter().map(|code| Country::from(*code)).collect(),
                given_to: given_to.iter().map(|site| SiteId::from(*site)).collect(),
                promised_days,
                priority,
                ship_complete: None,
            }
        };
        let europe = ["IE", "DE", "FR", "NL", "ES", "BE", "CH", "SE"];
        let mut world = zone("world", &[], &[], 12, 3);
        world.ship_complete = Some(true);
        let zones = vec![
            zone("north", &["GB"], &["LEEDS"], 5, 2),
            zone("east", &["GB"], &["YORK"], 5, 2),
            zone("south", &["GB"], &["BRISTOL"], 5, 2),
            zone("europe", &europe, &[], 7, 2),
            world,
        ];
        let site = |packages_a_day, cutoff_hour, rates: [(&str, i64, i64, i64); 5]| SiteTerms {
            packages_a_day,
            cutoff_hour,
            rates: rates
                .into_iter()
                .map(|(zone, package, per_kg, days)| (zone.into(), Rate { package, per_kg, days }))
                .collect(),
        };
        let sites = [
            (
                "LEEDS",
                site(
                    500,
                    15,
                    [
                        ("north", 290, 60, 1),
                        ("east", 320, 70, 1),
                        ("south", 390, 90, 2),
                        ("europe", 890, 240, 4),
                        ("world", 1_490, 620, 7),
                    ],
                ),
            ),
            (
                "YORK",
                site(
                    250,
                    14,
                    [
                        ("north", 320, 70, 1),
                        ("east", 290, 60, 1),
                        ("south", 420, 100, 2),
                        ("europe", 940, 260, 5),
                        ("world", 1_590, 640, 8),
                    ],
                ),
            ),
            (
                "BRISTOL",
                site(
                    400,
                    16,
                    [
                        ("north", 390, 90, 2),
                        ("east", 420, 100, 2),
                        ("south", 290, 60, 1),
                        ("europe", 790, 200, 3),
                        ("world", 1_390, 600, 6),
                    ],
                ),
            ),
        ];
        ShippingTerms {
            zones,
            sites: sites.into_iter().map(|(id, terms)| (SiteId::from(id), terms)).collect(),
            ..ShippingTerms::default()
        }
    }
}
