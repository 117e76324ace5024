//! What is known of each SKU and site when somebody asks what to order.

use super::Classes;
use crate::config::Reorders;
use crate::demand::{Ledger, SeriesKey};
use crate::desk::buying::Purchasing;
use crate::desk::coordinate::Coordination;
use crate::domain::*;
use crate::engine::api::Refusal;
use crate::engine::house::House;
use crate::engine::known::OneOffs;
use crate::engine::questions::{Read, sold_today, store};
use crate::insight::forecast::{
    self, ACTIVE_DAYS, ForecastBook, MOST_LEAD_DAYS, Overlay, Override, Overrides, Packed, Reach,
    by_people,
};
use crate::plan::replenish::{
    Ahead, Batch, Calendar, Class, Coming, DEAD_DAYS, ItemTerms, LeadTimes, Shortage, Situation,
    SupplierTerms, Took, Unforecast, classes, whole_days,
};
use crate::stock::StockBook;
use parking_lot::RwLockReadGuard;
use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

/// Weeks by which SKUs are classed.
pub(in crate::engine) const CLASS_WEEKS: usize = 26;

/// An item is new for so many days, where the store's history is twice as long: as long as what is expected
/// of it goes by its neighbours as well (see [`crate::model::Peers`]).
const NEW_DAYS: i32 = 56;

/// What last sold longer ago is not thought to be wanted again because its shelf is empty.
const FORGOTTEN_DAYS: i32 = 366;

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
    /// Whether histories are being read.
    reading: bool,
    /// The first day on which anything sold.
    begun: OnceLock<Option<Day>>,
    overrides: Arc<Overrides>,
    one_offs: Arc<OneOffs>,
    shortage: Shortage,
    pub decided: Arc<Purchasing>,
    book: RwLockReadGuard<'a, StockBook>,
    demand: RwLockReadGuard<'a, Ledger>,
    pub forecasts: RwLockReadGuard<'a, ForecastBook>,
}

impl<'a> Known<'a> {
    pub fn of(
        house: &'a House,
        rules: &'a Reorders,
        classes: &'a Classes,
        suppliers: &'a Suppliers,
        reading: bool,
    ) -> Result<Self, Refusal> {
        Ok(Self {
            house,
            rules,
            classes,
            suppliers,
            today: house.first_ahead(),
            behind: house.days_behind(),
            sold: Box::new(sold_today(house)?),
            reading,
            overrides: house.overrides.read().clone(),
            one_offs: house.one_offs(),
            shortage: house.planner.shortage(),
            decided: house.purchasing.read().clone(),
            book: house.stock.read(),
            demand: house.demand.read(),
            begun: OnceLock::new(),
            forecasts: house.forecasts.read(),
        })
    }

    /// All that is planned: what is forecast, and what is not and may be wanted all the same.
    pub fn all(&self) -> impl Iterator<Item = (SeriesKey, Situation)> {
        let forecast = self.forecasts.iter().map(|(series, ahead)| self.forecast(series, ahead));
        let others = self.book.positions();
        let others = others.filter_map(|(sku, site, at)| self.unforecast(sku, site, at));
        forecast.chain(others)
    }

    /// The same of a SKU.
    pub fn of_sku(&self, sku: &Sku) -> Vec<(SeriesKey, Situation)> {
        let forecast = self.forecasts.of_sku(sku);
        let forecast = forecast.map(|(series, ahead)| self.forecast(series, ahead));
        let others = self.book.sites_of(sku);
        let others = others.filter_map(|(site, at)| self.unforecast(sku, site, at));
        forecast.chain(others).collect()
    }

    fn forecast(&self, series: &SeriesKey, ahead: &forecast::Ahead) -> (SeriesKey, Situation) {
        let ahead = self.ahead(series, ahead);
        (series.clone(), self.situation(series, Some(ahead), Unforecast::NotYet))
    }

    /// What no model forecasts, where it can be bought and somebody may want to know.
    fn unforecast(
        &self,
        sku: &Sku,
        site: &SiteId,
        position: &Position,
    ) -> Option<(SeriesKey, Situation)> {
        self.book.product_of(sku)?.supplier.as_ref()?;
        let series = SeriesKey { sku: sku.clone(), site: site.clone() };
        if self.forecasts.get(&series).is_some() || self.is_given_up(sku, site) {
            return None;
        }
        let why = match self.demand.span(&series).map(|span| span.last) {
            // Of a history that is still read it is not known yet.
            _ if self.reading => Unforecast::NotYet,
            None => Unforecast::NeverSold,
            Some(last) if last.plus(ACTIVE_DAYS) < self.today => Unforecast::SoldLast(last),
            Some(_) => Unforecast::NotYet,
        };
        let ahead = self.expected_by_people(&series);
        let has_none = position
            .available()
            .is_none_or(|available| !(available + position.on_order).is_positive());
        let matters = match why {
            Unforecast::NotYet => false,
            Unforecast::SoldLast(last) => has_none && last.plus(FORGOTTEN_DAYS) >= self.today,
            // What sells elsewhere may not be meant to be sold here.
            Unforecast::NeverSold => {
                (has_none || self.came_lately(sku, site))
                    && self.demand.series_of(sku).next().is_none()
            }
        };
        let wanted = matters || ahead.is_some();
        wanted.then(|| (series.clone(), self.situation(&series, ahead, why)))
    }

    /// Whether it is not sold any more, or not to be kept there.
    fn is_given_up(&self, sku: &Sku, site: &SiteId) -> bool {
        let terms = self.book.terms_of(sku);
        let (_, most) = self.book.bounds_at(sku, site);
        terms.and_then(|terms| terms.sold_until).is_some_and(|last| last < self.today)
            || most.is_some_and(|most| !most.is_positive())
    }

    fn came_lately(&self, sku: &Sku, site: &SiteId) -> bool {
        let came = self.book.last_receipt(sku, site);
        came.is_some_and(|at| at.day(&self.house.zone).plus(DEAD_DAYS) >= self.today)
    }

    /// What is known of a series.
    fn situation(
        &self,
        series: &SeriesKey,
        ahead: Option<Ahead>,
        unforecast: Unforecast,
    ) -> Situation {
        let SeriesKey { sku, site } = series;
        let position = self.book.position(sku, site);
        let product = self.book.product_of(sku);
        let supplier =
            product.and_then(|product| self.suppliers.to(product.supplier.as_ref()?, site));
        let is_forecast = ahead.is_some() && unforecast == Unforecast::NotYet;
        let is_today = ahead.as_ref().is_some_and(|ahead| ahead.first == self.today);
        Situation {
            sku: sku.clone(),
            site: site.clone(),
            today: self.today,
            on_hand: position.and_then(Position::on_hand),
            // What is about to leave for another site is as good as promised.
            committed: position.map_or(Qty::ZERO, |position| position.committed)
                + self.decided.coordination().reserved(sku, site),
            sold: if is_today { (self.sold)(sku, site) } else { Qty::ZERO },
            batches: self.batches(series, position.and_then(Position::on_hand)),
            coming: self.coming(series),
            ahead,
            unforecast,
            item: product.map(|product| item_terms(&self.book, product, site)).unwrap_or_default(),
            supplier,
            service: self.rules.services.of(self.class(series)),
            shortage: self.shortage,
            costs: self.rules.costs,
            one_offs: self.one_offs.of(series).to_vec(),
            new_for: is_forecast.then(|| self.new_for(series)).flatten(),
        }
    }

    /// Days since a series sold first, while that is less than [`NEW_DAYS`] ago and the store's own history
    /// is longer.
    fn new_for(&self, series: &SeriesKey) -> Option<u16> {
        let since = |day: Day| self.today.number() - day.number();
        let days = since(self.demand.span(series)?.first);
        let begun = || self.demand.series_list().map(|(_, span)| span.first).min();
        let is_new = (1..NEW_DAYS).contains(&days)
            && since((*self.begun.get_or_init(begun))?) >= 2 * NEW_DAYS;
        u16::try_from(days).ok().filter(|_| is_new)
    }

    /// What is on the shelf by the day until which it keeps, where it spoils: what came last is there still,
    /// as the older is sold first.
    fn batches(&self, SeriesKey { sku, site }: &SeriesKey, on_hand: Option<Qty>) -> Vec<Batch> {
        let life = self.book.terms_of(sku).and_then(|terms| terms.shelf_life_days);
        let (Some(life), Some(mut left)) = (life, on_hand) else { return Vec::new() };
        let mut batches = Vec::new();
        for (at, came) in self.book.receipts_of(sku, site) {
            let qty = came.min(left);
            if !qty.is_positive() {
                break;
            }
            left -= qty;
            let until = at.day(&self.house.zone).plus(i32::from(life));
            batches.push(Batch { until, qty });
        }
        batches.reverse();
        batches
    }

    /// The class of a series.
    pub fn class(&self, series: &SeriesKey) -> Class {
        self.classes.get(series).copied().unwrap_or(Class::LEAST)
    }

    /// The forecast with what people expect instead.
    fn ahead(&self, series: &SeriesKey, ahead: &forecast::Ahead) -> Ahead {
        let first = self.forecasts.first_day(self.today);
        let age = first.number() - 1 - ahead.origin.number() + self.behind;
        let by = self.overrides_of(series, first);
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

    /// The same of what no model forecasts; `None`: nobody has said anything.
    fn expected_by_people(&self, series: &SeriesKey) -> Option<Ahead> {
        let first = self.forecasts.first_day(self.today);
        let by = self.overrides_of(series, first);
        let age_days = u16::try_from(self.behind.max(0)).unwrap_or(u16::MAX);
        (!by.is_empty()).then(|| Ahead {
            first,
            totals: by_people(&by, &series.site, first),
            age_days,
        })
    }

    fn overrides_of(&self, series: &SeriesKey, first: Day) -> Vec<&Override> {
        let last = first.plus(i32::from(MOST_LEAD_DAYS));
        self.overrides.between(&series.sku, &series.site, first, last)
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

/// What is known of buying a product for a site.
pub(in crate::engine) fn item_terms(
    book: &StockBook,
    product: &Product,
    site: &SiteId,
) -> ItemTerms {
    let (least, most) = book.bounds_at(&product.sku, site);
    let terms =
        book.terms_of(&product.sku).cloned().unwrap_or_else(|| SkuTerms::bare(product.sku.clone()));
    ItemTerms {
        pack: product.pack,
        moq: product.moq,
        cost: product.cost,
        price: product.price,
        breaks: terms.breaks.map_or_else(Vec::new, Vec::from),
        shelf_life_days: terms.shelf_life_days,
        ends: terms.sold_until,
        least,
        most,
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
    let purchasing = house.purchasing.read().clone();
    let leads = lead_times(&book, purchasing.coordination(), house.first_ahead(), &house.zone);
    Suppliers { terms: book.suppliers().map(terms).collect(), leads }
}

/// So many orders that came although they were placed after another was due make that other one forgotten.
const OVERTAKEN_BY: usize = 3;

/// Lead times of suppliers and lanes as they are known on a day, from all that arrived, and from what is
/// overdue. An own site that sends goods is no supplier, and says nothing of one.
pub(in crate::engine) fn lead_times(
    book: &StockBook,
    coordination: &Coordination,
    today: Day,
    zone: &Zone,
) -> LeadTimes {
    let stated = book.suppliers().map(|one| (one.id.clone(), one.lead_time_days));
    let mut came: BTreeMap<&SupplierId, Vec<Day>> = BTreeMap::new();
    let (mut took, mut overdue) = (Vec::new(), Vec::new());
    let is_bought = |po: &&PurchaseOrder| coordination.transfer_of(&po.number).is_none();
    for po in book.purchase_orders().filter(is_bought) {
        let (ordered, arrived) = (po.ordered_at.day(zone), book.arrived_at(po));
        let age = today.number() - ordered.number();
        let one = |days, waits| Took {
            supplier: po.supplier.clone(),
            site: po.site.clone(),
            days,
            age,
            waits,
        };
        if let Some(arrived) = arrived {
            came.entry(&po.supplier).or_default().push(ordered);
            took.extend(whole_days(arrived.since(po.ordered_at)).map(|days| one(days, false)));
        } else if po.status.is_open()
            && let Some(due) = due_day(book, po, zone).filter(|due| *due < today)
            && let Ok(days) = u16::try_from(age)
        {
            overdue.push((due, one(days, true)));
        }
    }
    // Whoever delivers what was ordered later has forgotten it, or nobody noted that it came.
    let is_waited_for = |(due, one): &(Day, Took)| {
        let later = came.get(&one.supplier).into_iter().flatten().filter(|day| *day > due);
        later.count() < OVERTAKEN_BY
    };
    took.extend(overdue.into_iter().filter(is_waited_for).map(|(_, one)| one));
    LeadTimes::learn(stated, took)
}

/// The day an order is due; by the supplier's stated lead time where it names none.
fn due_day(book: &StockBook, po: &PurchaseOrder, zone: &Zone) -> Option<Day> {
    let told = po.due_at.map(|due| due.day(zone));
    told.or_else(|| {
        let stated = book.supplier_of(&po.supplier)?.lead_time_days?;
        Some(po.ordered_at.day(zone).plus(i32::from(stated)))
    })
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
