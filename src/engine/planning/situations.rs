//! What is known of each SKU and site when somebody asks what to order.

use super::Classes;
use crate::config::Reorders;
use crate::demand::SeriesKey;
use crate::desk::buying::Purchasing;
use crate::domain::*;
use crate::engine::api::Refusal;
use crate::engine::house::House;
use crate::engine::known::OneOffs;
use crate::engine::questions::{Read, sold_today, store};
use crate::insight::forecast::{
    self, ForecastBook, MOST_LEAD_DAYS, Overlay, Overrides, Packed, Reach,
};
use crate::plan::replenish::{
    Ahead, Calendar, Class, Coming, ItemTerms, LeadTimes, Shortage, Situation, SupplierTerms, Took,
    classes, whole_days,
};
use crate::stock::StockBook;
use parking_lot::RwLockReadGuard;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Weeks by which SKUs are classed.
const CLASS_WEEKS: usize = 26;

/// Suppliers, and how long they take to each site.
#[derive(Default)]
pub(super) struct Suppliers {
    terms: BTreeMap<SupplierId, SupplierTerms>,
    leads: LeadTimes,
}

impl Suppliers {
    /// What is known of a supplier as it delivers to a site.
    pub fn to(&self, supplier: &SupplierId, site: &SiteId) -> Option<SupplierTerms> {
        let terms = self.terms.get(supplier)?;
        Some(SupplierTerms { lead: self.leads.of_lane(supplier, site).cloned(), ..terms.clone() })
    }
}

/// What was sold today of a SKU at a site.
type Sold = Box<dyn Fn(&Sku, &SiteId) -> Qty>;

/// The books that a plan is made from, held while it is.
pub(super) struct Known<'a> {
    house: &'a House,
    rules: &'a Reorders,
    classes: &'a Classes,
    suppliers: &'a Suppliers,
    /// Where the data have ended it is planned for the day after them.
    today: Day,
    /// Days by which that is behind.
    behind: i32,
    sold: Sold,
    overrides: Arc<Overrides>,
    one_offs: Arc<OneOffs>,
    shortage: Shortage,
    pub decided: Arc<Purchasing>,
    book: RwLockReadGuard<'a, StockBook>,
    pub forecasts: RwLockReadGuard<'a, ForecastBook>,
}

impl<'a> Known<'a> {
    pub fn of(
        house: &'a House,
        rules: &'a Reorders,
        classes: &'a Classes,
        suppliers: &'a Suppliers,
    ) -> Result<Self, Refusal> {
        Ok(Self {
            house,
            rules,
            classes,
            suppliers,
            today: house.first_ahead(),
            behind: house.days_behind(),
            sold: Box::new(sold_today(house)?),
            overrides: house.overrides.read().clone(),
            one_offs: house.one_offs(),
            shortage: house.planner.shortage(),
            decided: house.purchasing.read().clone(),
            book: house.stock.read(),
            forecasts: house.forecasts.read(),
        })
    }

    /// What is known of a series with this forecast.
    pub fn situation(&self, series: &SeriesKey, ahead: &forecast::Ahead) -> Situation {
        let SeriesKey { sku, site } = series;
        let position = self.book.position(sku, site);
        let product = self.book.product_of(sku);
        let supplier =
            product.and_then(|product| self.suppliers.to(product.supplier.as_ref()?, site));
        let ahead = self.ahead(series, ahead);
        let is_today = ahead.first == self.today;
        Situation {
            sku: sku.clone(),
            site: site.clone(),
            today: self.today,
            on_hand: position.and_then(Position::on_hand),
            // What is about to leave for another site is as good as promised.
            committed: position.map_or(Qty::ZERO, |position| position.committed)
                + self.decided.coordination().reserved(sku, site),
            sold: if is_today { (self.sold)(sku, site) } else { Qty::ZERO },
            coming: self.coming(series),
            ahead: Some(ahead),
            item: product
                .map(|product| item_terms(product, self.book.terms_of(sku)))
                .unwrap_or_default(),
            supplier,
            service: self.rules.services.of(self.class(series)),
            shortage: self.shortage,
            costs: self.rules.costs,
            one_offs: self.one_offs.of(series).to_vec(),
        }
    }

    /// The class of a series.
    pub fn class(&self, series: &SeriesKey) -> Class {
        self.classes.get(series).copied().unwrap_or(Class::LEAST)
    }

    /// The forecast with what people expect instead.
    fn ahead(&self, series: &SeriesKey, ahead: &forecast::Ahead) -> Ahead {
        let first = self.forecasts.first_day(self.today);
        let age = first.number() - 1 - ahead.origin.number() + self.behind;
        let last = first.plus(i32::from(MOST_LEAD_DAYS));
        let by = self.overrides.between(&series.sku, &series.site, first, last);
        let totals = match by.iter().map(|one| one.last().number() - first.number() + 1).max() {
            None => (*ahead.totals).clone(),
            Some(days) => {
                let days = usize::try_from(days).unwrap_or(0).max(ahead.totals.len());
                let own = ahead.totals.carried_to(days);
                Packed::of(&Overlay::of(&by, &series.site, first, &own).totals(&own))
            }
        };
        Ahead { first, totals, age_days: u16::try_from(age.max(0)).unwrap_or(u16::MAX) }
    }

    fn coming(&self, series: &SeriesKey) -> Vec<Coming> {
        let orders = self.book.open_purchase_orders(&series.sku).into_iter();
        let here = orders.filter(|po| po.site == series.site);
        let placed = here.map(|po| Coming {
            po: Some(po.number.clone()),
            due: (self.decided.coordination().due_of(&po.number, &series.sku))
                .or_else(|| Some(po.due_at?.day(&self.house.zone))),
            qty: self.book.to_come(po, &series.sku),
        });
        let standing = self.decided.standing(&series.sku, &series.site);
        let approved =
            standing.map(|one| Coming { po: None, due: one.line.due, qty: one.line.qty });
        let transfers = self.decided.coordination().transfers().filter(|one| one.is_to_leave());
        let here = transfers.map(|one| &one.order);
        let here = here.filter(|order| order.sku == series.sku && order.to == series.site);
        let sent = here.map(|order| Coming { po: None, due: Some(order.due), qty: order.qty });
        placed.chain(approved).chain(sent).collect()
    }
}

/// What is known of buying a product.
pub(in crate::engine) fn item_terms(product: &Product, terms: Option<&SkuTerms>) -> ItemTerms {
    let terms = terms.cloned().unwrap_or_else(|| SkuTerms::bare(product.sku.clone()));
    ItemTerms {
        pack: product.pack,
        moq: product.moq,
        cost: product.cost,
        price: product.price,
        breaks: terms.breaks.map_or_else(Vec::new, Vec::from),
        shelf_life_days: terms.shelf_life_days,
        ends: terms.sold_until,
        most: terms.most,
    }
}

/// The suppliers with their lead times, which are what they state and what their deliveries took.
pub(super) fn suppliers(house: &House, rules: &Reorders) -> Suppliers {
    let book = house.stock.read();
    let terms = |supplier: &Supplier| {
        let terms = SupplierTerms {
            id: supplier.id.clone(),
            name: supplier.name.clone(),
            lead: None,
            calendar: Calendar {
                review_weekday: supplier.review_weekday,
                closures: rules.closures.get(&supplier.id).cloned().unwrap_or_default(),
            },
            min_order: supplier.min_order,
        };
        (supplier.id.clone(), terms)
    };
    let leads = lead_times(&book, house.first_ahead(), &house.zone);
    Suppliers { terms: book.suppliers().map(terms).collect(), leads }
}

/// Lead times of suppliers and lanes as they are known on a day, from all that arrived.
pub(in crate::engine) fn lead_times(book: &StockBook, today: Day, zone: &Zone) -> LeadTimes {
    let stated = book.suppliers().map(|one| (one.id.clone(), one.lead_time_days));
    let took = book.purchase_orders().filter_map(|po| {
        let days = whole_days(book.arrived_at(po)?.since(po.ordered_at))?;
        let age = today.number() - po.ordered_at.day(zone).number();
        Some(Took { supplier: po.supplier.clone(), site: po.site.clone(), days, age })
    });
    LeadTimes::learn(stated, took)
}

/// Classes from turnover and evenness over the last half year, site by site. No rate is known between
/// currencies, so that what sells in each is classed by itself.
pub(super) fn read_classes(house: &House) -> Result<Classes, Refusal> {
    let store = store(house)?;
    let series: Vec<(SeriesKey, Option<UnitPrice>)> = {
        let (book, forecasts) = (house.stock.read(), house.forecasts.read());
        let price = |sku: &Sku| {
            let product = book.product_of(sku)?;
            product.price.or(product.cost)
        };
        forecasts.iter().map(|(key, _)| (key.clone(), price(&key.sku))).collect()
    };
    let last = house.first_ahead().plus(-1);
    let reach = Reach { first: last.plus(1 - 7 * CLASS_WEEKS as i32), origin: last };
    let mut by_currency: BTreeMap<Currency, (Vec<SeriesKey>, Vec<_>)> = BTreeMap::new();
    for (key, price) in series {
        let days = reach.history(&house.demand.read(), &Read(&store), &key)?;
        let known: Vec<f64> =
            days.iter().map(|units| f64::from(*units)).skip_while(|units| units.is_nan()).collect();
        let weeks: Vec<f64> = known.rchunks(7).map(|week| week.iter().sum()).collect();
        let each = price.map_or(1.0, |price| price.e4 as f64 / 10_000.0);
        let currency = price.map_or(house.currency, |price| price.currency);
        let (keys, items) = by_currency.entry(currency).or_default();
        items.push((known.iter().sum::<f64>() * each, weeks));
        keys.push(key);
    }
    let classed = |(keys, items): (Vec<SeriesKey>, Vec<_>)| {
        let classes = classes(&items);
        keys.into_iter().zip(classes)
    };
    Ok(by_currency.into_values().flat_map(classed).collect())
}
