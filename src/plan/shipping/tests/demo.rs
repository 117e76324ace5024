//! The same on the demo's own shop: its orders and what was wanted and not there, its three sites' stock,
//! what its suppliers brought there, and its zone costs.
//!
//! What is expected of a shelf comes from the eight weeks before, and the next delivery from the purchase
//! orders that are open by then. What the merchant's buyer ordered is what comes, however orders are
//! allocated. Orders that are wrong, unpaid, or called off are left out. Nothing was chosen on it.

use super::super::*;
use super::cases::key;
use super::season::{Total, Way, ship};
use crate::domain::*;
use crate::feed::demo::catalogue::SITES;
use crate::feed::demo::customers::COUNTRIES;
use crate::feed::demo::rows::{PoRow, Status};
use crate::feed::demo::{Config, Merchant};
use crate::model::{LEVEL_COUNT, LEVELS};
use crate::plan::inventory::Counts;
use std::collections::{BTreeMap, BTreeSet};

const DAYS: usize = 60;
/// Days from which is known what sells.
const KNOWN: usize = 56;
const SECONDS: i64 = 86_400;
/// The demo's mix at a size that a test can play: as many orders for each SKU as the usual demo has.
const SKUS: usize = 90;
const ORDERS_A_DAY: f64 = 19.0;
/// What a unit weighs, in grams.
const WEIGHT: i64 = 250;

/// Something for each item at each site.
type Shelves<T> = Vec<[T; 3]>;

/// What somebody wanted: from where, to where, and items with units and the price of one.
struct Wish {
    site: usize,
    country: &'static str,
    lines: BTreeMap<usize, (i64, i64)>,
}

/// What the demo's merchant sees in a season.
struct Demo {
    first: i64,
    items: Vec<(Sku, i64, i64)>,
    opening: Shelves<i64>,
    wishes: Vec<Vec<Wish>>,
    /// By day: item, site, units more or less.
    came: Vec<Vec<(usize, usize, i64)>>,
    /// Units wanted by day, from before the season on.
    wanted: Vec<Shelves<f64>>,
    /// By day: days until goods come.
    next: Vec<Shelves<usize>>,
}

impl Demo {
    fn of(seed: u64) -> Demo {
        let start = Timestamp::from_millis(1_789_000_000_000);
        let config =
            Config { skus: SKUS, orders_per_day: ORDERS_A_DAY, ..Config::new(seed, start) };
        let mut merchant = Merchant::new(Config { history_days: 240, ..config });
        let items = &merchant.catalogue().items;
        let sold = |item: &crate::feed::demo::catalogue::Item| {
            (Sku::new(item.code.clone()), i64::from(item.list), i64::from(item.cost))
        };
        let items: Vec<_> = items.iter().map(sold).collect();
        let free = |item: usize| {
            [0, 1, 2].map(|site| i64::from(merchant.shelf(item, site).available().max(0)))
        };
        let mut demo = Demo {
            first: start.as_millis() / 1_000,
            opening: (0..items.len()).map(free).collect(),
            wishes: (0..DAYS).map(|_| Vec::new()).collect(),
            came: vec![Vec::new(); DAYS],
            wanted: vec![vec![[0.0; 3]; items.len()]; KNOWN + DAYS],
            next: Vec::new(),
            items,
        };
        for day in 0..DAYS {
            merchant.advance_to(start + Span::days(day as i64));
            demo.next.push(next_deliveries(&merchant, demo.first + day as i64 * SECONDS));
        }
        merchant.advance_to(start + Span::days(DAYS as i64));
        demo.read(&merchant);
        demo
    }

    /// The day of a second, counted from the first one that is known.
    fn day(&self, second: i64) -> Option<usize> {
        let days = (second - self.first).div_euclid(SECONDS) + KNOWN as i64;
        usize::try_from(days).ok().filter(|day| *day < KNOWN + DAYS)
    }

    fn read(&mut self, merchant: &Merchant) {
        let truth = merchant.truth();
        let odd: BTreeSet<&str> = truth.odd.iter().map(|odd| odd.number.as_str()).collect();
        let mut wishes: BTreeMap<(i64, usize), Wish> = BTreeMap::new();
        for (order, number) in merchant.orders().iter().zip(crate::feed::demo::rows::FIRST_ORDER..)
        {
            let never = order.status == Status::Failed
                || (order.status == Status::Cancelled && order.tries == 0);
            if never || odd.contains(number.to_string().as_str()) {
                continue;
            }
            let site = usize::from(order.site);
            let customer = &merchant.customers()[order.customer as usize];
            let country = COUNTRIES[usize::from(customer.country)].0;
            let wish = wishes.entry((order.placed.into(), site));
            let wish = wish.or_insert_with(|| Wish { site, country, lines: BTreeMap::new() });
            for line in merchant.lines_of(order) {
                let known = wish.lines.entry(line.item.into()).or_insert((0, line.price.into()));
                known.0 += i64::from(line.qty);
            }
        }
        let item_of: BTreeMap<&Sku, usize> =
            self.items.iter().enumerate().map(|(item, (sku, ..))| (sku, item)).collect();
        for lost in &truth.lost {
            let site = SITES.iter().position(|(id, _)| *id == lost.site.as_str()).unwrap();
            let item = item_of[&lost.sku];
            let wish = wishes.entry((lost.at.as_millis() / 1_000, site));
            let wish = wish.or_insert_with(|| Wish { site, country: "GB", lines: BTreeMap::new() });
            wish.lines.entry(item).or_insert((0, self.items[item].1)).0 += i64::from(lost.units);
        }
        for ((at, _), wish) in wishes {
            let Some(day) = self.day(at) else { continue };
            for (item, (units, _)) in &wish.lines {
                self.wanted[day][*item][wish.site] += *units as f64;
            }
            if let Some(day) = day.checked_sub(KNOWN) {
                self.wishes[day].push(wish);
            }
        }
        let receipts = merchant.receipts().iter().map(|it| {
            let site = merchant.purchase_orders()[it.po as usize].site;
            (it.at, it.item, site, i64::from(it.qty))
        });
        let adjusted =
            merchant.adjustments().iter().map(|it| (it.at, it.item, it.site, it.delta.into()));
        for (at, item, site, units) in receipts.chain(adjusted) {
            if let Some(day) = self.day(at.into()).and_then(|day| day.checked_sub(KNOWN)) {
                self.came[day].push((item.into(), site.into(), units));
            }
        }
    }

    fn margin(&self, sku: &Sku) -> i64 {
        let known = self.items.iter().find(|(of, ..)| of == sku);
        known.map_or(0, |(_, list, cost)| (list - cost).max(0))
    }

    /// Quantiles of what will be wanted of an item at a site within so many days.
    fn ahead(&self, day: usize, item: usize, site: usize, days: usize) -> [f32; LEVEL_COUNT] {
        let known = &self.wanted[day..day + KNOWN];
        let units = || known.iter().map(|of| of[item][site]);
        let mean = units().sum::<f64>() / KNOWN as f64;
        let variance = units().map(|of| (of - mean).powi(2)).sum::<f64>() / (KNOWN - 1) as f64;
        let days = days as f64;
        let total = match variance > mean * 1.01 {
            true => Counts::negative_binomial(mean * days, variance * days),
            false => Counts::poisson(mean * days),
        };
        let Ok(total) = total else { return [0.0; LEVEL_COUNT] };
        LEVELS.map(|level| total.exceeded_with(1.0 - f64::from(level)).unwrap_or(0) as f32)
    }

    fn play(&self, way: Way) -> Total {
        let terms = ShippingTerms::demo();
        let (mut shelves, mut total) = (self.opening.clone(), Total::default());
        let sites: Vec<SiteId> = terms.sites.keys().cloned().collect();
        let place = |site: &SiteId| SITES.iter().position(|(id, _)| *id == site.as_str()).unwrap();
        let item_of: BTreeMap<&Sku, usize> =
            self.items.iter().enumerate().map(|(item, (sku, ..))| (sku, item)).collect();
        for day in 0..DAYS {
            for (item, site, units) in &self.came[day] {
                let shelf = &mut shelves[*item][*site];
                *shelf = (*shelf + units).max(0);
            }
            let prices = match way {
                Way::Priced => scarcity(&self.grid(&shelves, day, &terms)).unwrap(),
                _ => vec![0; self.items.len() * 3],
            };
            let network = self.network(&shelves, day, &prices);
            let made = assemble(&network, &terms);
            assert!(made.blocked.is_empty(), "{:?}", made.blocked);
            for (sku, node, units) in ship(&made, way, &mut total, &|sku| self.margin(sku)) {
                let shelf = &mut shelves[item_of[&sku]][place(&sites[node])];
                *shelf -= units;
                assert!(*shelf >= 0, "nothing ships that is not there");
            }
        }
        total
    }

    fn network(&self, shelves: &Shelves<i64>, day: usize, prices: &[i64]) -> Network {
        let today = Day::from_number(20_000 + day as i32);
        let order = |(number, wish): (usize, &Wish)| OpenOrder {
            key: key(&number.to_string()),
            site: SITES[wish.site].0.into(),
            given_to: SITES[wish.site].0.into(),
            country: Some(wish.country.into()),
            placed: today,
            pinned: false,
            service: Service::default(),
            lines: wish
                .lines
                .iter()
                .map(|(item, (units, price))| OpenLine {
                    sku: self.items[*item].0.clone(),
                    units: *units,
                    price: *price,
                    weight_g: WEIGHT,
                })
                .collect(),
            decided: Vec::new(),
            odd: None,
        };
        let shelf = |at: usize| {
            let (item, site) = (at / 3, at % 3);
            let shelf = Shelf { on_hand: Some(shelves[item][site]), scarcity: prices[at] };
            ((self.items[item].0.clone(), SiteId::from(SITES[site].0)), shelf)
        };
        Network {
            orders: self.wishes[day].iter().enumerate().map(order).collect(),
            stock: (0..self.items.len() * 3).map(shelf).collect(),
            sent: BTreeMap::new(),
            promised: BTreeMap::new(),
            today,
            hour: 9,
        }
    }

    fn grid(&self, shelves: &Shelves<i64>, day: usize, terms: &ShippingTerms) -> Grid {
        let mut grid = Grid { sites: 3, ..Grid::default() };
        for (item, (sku, ..)) in self.items.iter().enumerate() {
            grid.margin.push(self.margin(sku) as f32);
            let next = self.next[day][item];
            let soonest = next.into_iter().min().unwrap_or(1);
            for (site, (id, _)) in SITES.iter().enumerate() {
                grid.demand.push(self.ahead(day, item, site, next[site]));
                grid.soonest.push(self.ahead(day, item, site, soonest));
                grid.free.push(shelves[item][site] as f32);
                grid.dearer.push(terms.dearer(&(*id).into(), WEIGHT) as f32);
            }
        }
        grid
    }
}

/// Days until goods come by the orders that are open at a second, else by one of the supplier's next day.
fn next_deliveries(merchant: &Merchant, at: i64) -> Shelves<usize> {
    let catalogue = merchant.catalogue();
    let usual = |item: usize| {
        let lead = catalogue.makers[usize::from(catalogue.items[item].supplier)].lead;
        [usize::from(lead) + 4; 3]
    };
    let mut next: Shelves<usize> = (0..catalogue.items.len()).map(usual).collect();
    let mut known: BTreeSet<(usize, usize)> = BTreeSet::new();
    let open = |po: &&PoRow| po.status.is_open();
    for po in merchant.purchase_orders().iter().filter(open) {
        let days = ((i64::from(po.due) - at) / SECONDS).max(1) as usize;
        for line in merchant.po_lines_of(po).iter().filter(|line| line.open() > 0) {
            let (item, site) = (usize::from(line.item), usize::from(po.site));
            let shelf = &mut next[item][site];
            *shelf = if known.insert((item, site)) { days } else { days.min(*shelf) };
        }
    }
    next
}

#[test]
fn scarcity_earns_its_keep_in_the_demos_own_shop() {
    let last = std::env::var("STOCKDECK_BENCH_SEEDS").ok().and_then(|text| text.parse().ok());
    let seeds = 1..=last.unwrap_or(5_u64);
    let mut sums = [Total::default(); 3];
    for seed in seeds {
        let demo = Demo::of(seed);
        let totals = [Way::Greedy, Way::Together, Way::Priced].map(|way| demo.play(way));
        println!("seed {seed}: greedy, together, priced {totals:?}");
        for (sum, total) in sums.iter_mut().zip(totals) {
            sum.shipping += total.shipping;
            sum.lost += total.lost;
            sum.unproven += total.unproven;
        }
    }
    let [greedy, together, priced] = sums;
    let less = |sum: Total| 100.0 * (1.0 - sum.all() as f64 / greedy.all() as f64);
    println!("{sums:?}: {:.2} % less, {:.2} % less", less(together), less(priced));
    assert!(priced.all() + priced.unproven < together.all(), "{sums:?}");
    assert!(together.all() + together.unproven < greedy.all(), "{sums:?}");
}
