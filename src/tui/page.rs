//! A page on the stack: where it is, what it shows, what is to be asked for it.

use super::place::Place;
use super::table::{Scroll, Table};
use crate::domain::{OrderKey, SiteId};
use crate::engine::api::{
    AllocationAbout, AllocationRow, Backtests, CaseDetail, CaseRow, Cases, CasesAsked,
    CoordinationRow, ExpectedRow, FlagCounts, FlagLearning, FlagPast, ForecastRow, JournalRow,
    ModelsReport, MuteRow, OrderDetail, OrderRow, Overview, PurchaseDetail, PurchaseRow,
    QuarantineRow, Query, ReorderRow, RuleRow, SkuDetail, StockRow, SupplierCard, TotalRow,
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// How long the periods of a chart are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Zoom {
    /// A mark per day.
    #[default]
    Days,
    /// A mark per week.
    Weeks,
    /// A mark per month.
    Months,
}

/// Data that comes in one piece, and the cursor over the things in it.
#[derive(Clone, Debug)]
pub struct Panel<T> {
    /// The data, as last told.
    pub data: Option<T>,
    /// The owner knows no such thing.
    pub missing: bool,
    /// Why the last question was refused.
    pub error: Option<String>,
    /// Index of the selected thing.
    pub cursor: usize,
    under_way: Option<u64>,
    stale: bool,
}

impl<T> Default for Panel<T> {
    fn default() -> Self {
        Panel { data: None, missing: false, error: None, cursor: 0, under_way: None, stale: true }
    }
}

impl<T: PartialEq> Panel<T> {
    /// Takes an answer; `true` if what it says is new.
    pub fn answer(&mut self, tag: u64, data: Option<T>) -> bool {
        if self.under_way.take_if(|asked| *asked == tag).is_none() {
            return false;
        }
        let new = self.data != data || self.error.is_some() || self.missing != data.is_none();
        self.missing = data.is_none();
        self.data = data;
        self.error = None;
        new
    }
}

/// The queue of cases, and which of them it shows.
#[derive(Clone, Debug, Default)]
pub struct Queue {
    /// Its rows.
    pub table: Table<CaseRow>,
    /// Which cases it shows.
    pub which: Cases,
    /// What is beside them, as told last.
    pub counts: Option<FlagCounts>,
}

/// One case, and which of its orders are marked.
#[derive(Clone, Debug, Default)]
pub struct CaseBody {
    /// The case.
    pub panel: Panel<CaseDetail>,
    /// Orders that a decision goes to; none: all that nobody has decided on.
    pub marks: BTreeSet<OrderKey>,
}

/// What a page shows.
#[derive(Clone, Debug)]
pub enum Body {
    /// [`super::place::Screen::Overview`].
    Overview(Panel<Overview>),
    /// [`super::place::Screen::Orders`].
    Orders(Table<OrderRow>),
    /// [`super::place::Screen::Order`].
    Order(Panel<OrderDetail>),
    /// [`super::place::Screen::Stock`].
    Stock(Table<StockRow>),
    /// [`super::place::Screen::Sku`].
    Sku(Panel<SkuDetail>, Zoom),
    /// [`super::place::Screen::Feeds`]; the data is the console's pulse, this is the cursor.
    Feeds(usize),
    /// [`super::place::Screen::Journal`].
    Journal(Table<JournalRow>),
    /// [`super::place::Screen::Forecast`].
    Forecast(Table<ForecastRow>),
    /// [`super::place::Screen::Models`].
    Models(Panel<ModelsReport>, Panel<FlagLearning>),
    /// [`super::place::Screen::Backtest`].
    Backtest(Panel<Backtests>),
    /// [`super::place::Screen::Totals`].
    Totals(Table<TotalRow>),
    /// [`super::place::Screen::Reorders`].
    Reorders(Table<ReorderRow>),
    /// [`super::place::Screen::Purchases`].
    Purchases(Table<PurchaseRow>),
    /// [`super::place::Screen::Purchase`].
    Purchase(Panel<PurchaseDetail>),
    /// [`super::place::Screen::Flags`].
    Flags(Queue),
    /// [`super::place::Screen::Case`].
    Case(CaseBody),
    /// [`super::place::Screen::Past`].
    Past(Panel<FlagPast>),
    /// [`super::place::Screen::Rules`].
    Rules(Panel<Vec<RuleRow>>, Panel<Vec<MuteRow>>),
    /// [`super::place::Screen::Coordination`].
    Coordination(Table<CoordinationRow>),
    /// [`super::place::Screen::Expected`].
    Expected(Table<ExpectedRow>),
    /// [`super::place::Screen::Allocation`], with how all open orders are allocated.
    Allocation(Table<AllocationRow>, Option<Box<AllocationAbout>>),
    /// [`super::place::Screen::Supplier`].
    Supplier(Panel<SupplierCard>),
    /// [`super::place::Screen::Quarantine`].
    Quarantine(Table<QuarantineRow>),
}

/// Days of demand asked for a SKU: two years.
const DEMAND_DAYS: u32 = 731;

/// A screen on the stack.
#[derive(Clone, Debug)]
pub struct Page {
    /// Tells its answers from others'.
    pub id: u64,
    /// Where it is.
    pub place: Place,
    /// What it shows.
    pub body: Body,
    /// On a wide terminal: the details of the selected row, beside the table.
    pub peek: Option<Box<Page>>,
    /// The site to select once it is known which there are.
    seek: Option<SiteId>,
}

impl Page {
    pub(super) fn new(id: u64, place: Place) -> Page {
        let body = match &place {
            Place::Overview => Body::Overview(Panel::default()),
            Place::Orders => Body::Orders(Table::default()),
            Place::Order(_) => Body::Order(Panel::default()),
            Place::Stock => Body::Stock(Table::default()),
            Place::Sku(_) => Body::Sku(Panel::default(), Zoom::Days),
            Place::Feeds => Body::Feeds(0),
            Place::Journal => Body::Journal(Table::default()),
            Place::Forecast => Body::Forecast(Table::default()),
            Place::Models => Body::Models(Panel::default(), Panel::default()),
            Place::Backtest => Body::Backtest(Panel::default()),
            Place::Totals(_) => Body::Totals(Table::default()),
            Place::Reorders => Body::Reorders(Table::default()),
            Place::Purchases => Body::Purchases(Table::default()),
            Place::Purchase(_) | Place::Draft(..) => Body::Purchase(Panel::default()),
            Place::Flags => Body::Flags(Queue::default()),
            Place::Case(_) => Body::Case(CaseBody::default()),
            Place::Past(_) => Body::Past(Panel::default()),
            Place::Rules => Body::Rules(Panel::default(), Panel::default()),
            Place::Coordination => Body::Coordination(Table::default()),
            Place::Expected | Place::ExpectedSkus => Body::Expected(Table::default()),
            Place::Allocation => Body::Allocation(Table::default(), None),
            Place::Supplier(_) => Body::Supplier(Panel::default()),
            Place::Quarantine => Body::Quarantine(Table::default()),
        };
        Page { id, place, body, peek: None, seek: None }
    }
    /// Selects a site on a SKU's page, now or when its answer comes.
    pub fn select_site(&mut self, site: SiteId) {
        self.seek = Some(site);
        self.settle_site();
    }
    /// Selects the site that is sought, if it is known by now.
    pub(super) fn settle_site(&mut self) {
        let Body::Sku(Panel { data: Some(sku), cursor, .. }, _) = &mut self.body else { return };
        let Some(site) = self.seek.take() else { return };
        *cursor = sku.sites.iter().position(|row| row.site == site).unwrap_or(*cursor);
    }
    /// The table on it, if it is one.
    pub fn table(&self) -> Option<&dyn Scroll> {
        match &self.body {
            Body::Orders(table) => Some(table),
            Body::Stock(table) => Some(table),
            Body::Journal(table) => Some(table),
            Body::Forecast(table) => Some(table),
            Body::Totals(table) => Some(table),
            Body::Reorders(table) => Some(table),
            Body::Purchases(table) => Some(table),
            Body::Flags(queue) => Some(&queue.table),
            Body::Coordination(table) => Some(table),
            Body::Expected(table) => Some(table),
            Body::Allocation(table, _) => Some(table),
            Body::Quarantine(table) => Some(table),
            _ => None,
        }
    }
    /// The table on it, if it is one.
    pub fn table_mut(&mut self) -> Option<&mut dyn Scroll> {
        match &mut self.body {
            Body::Orders(table) => Some(table),
            Body::Stock(table) => Some(table),
            Body::Journal(table) => Some(table),
            Body::Forecast(table) => Some(table),
            Body::Totals(table) => Some(table),
            Body::Reorders(table) => Some(table),
            Body::Purchases(table) => Some(table),
            Body::Flags(queue) => Some(&mut queue.table),
            Body::Coordination(table) => Some(table),
            Body::Expected(table) => Some(table),
            Body::Allocation(table, _) => Some(table),
            Body::Quarantine(table) => Some(table),
            _ => None,
        }
    }
    /// The cursor, if it is a page of things and not a table.
    pub fn cursor_mut(&mut self) -> Option<&mut usize> {
        match &mut self.body {
            Body::Overview(panel) => Some(&mut panel.cursor),
            Body::Order(panel) => Some(&mut panel.cursor),
            Body::Sku(panel, _) => Some(&mut panel.cursor),
            Body::Feeds(cursor) => Some(cursor),
            Body::Models(panel, _) => Some(&mut panel.cursor),
            Body::Case(case) => Some(&mut case.panel.cursor),
            Body::Past(panel) => Some(&mut panel.cursor),
            Body::Rules(panel, _) => Some(&mut panel.cursor),
            Body::Backtest(panel) => Some(&mut panel.cursor),
            Body::Purchase(panel) => Some(&mut panel.cursor),
            Body::Supplier(panel) => Some(&mut panel.cursor),
            _ => None,
        }
    }
    /// What it shows may be old.
    pub fn set_stale(&mut self) {
        match &mut self.body {
            Body::Overview(panel) => panel.stale = true,
            Body::Order(panel) => panel.stale = true,
            Body::Sku(panel, _) => panel.stale = true,
            Body::Models(panel, learning) => (panel.stale, learning.stale) = (true, true),
            Body::Case(case) => case.panel.stale = true,
            Body::Past(panel) => panel.stale = true,
            Body::Rules(rules, mutes) => (rules.stale, mutes.stale) = (true, true),
            Body::Backtest(panel) => panel.stale = true,
            Body::Purchase(panel) => panel.stale = true,
            Body::Supplier(panel) => panel.stale = true,
            Body::Feeds(_) => {}
            _ => {
                if let Some(table) = self.table_mut() {
                    table.set_stale();
                }
            }
        }
        if let Some(peek) = &mut self.peek {
            peek.set_stale();
        }
    }
    /// What the owner is to be asked for it now.
    pub fn wanted(&self) -> Option<Query> {
        let due = |under_way: &Option<u64>, stale: bool| under_way.is_none() && stale;
        match (&self.body, &self.place) {
            (Body::Overview(p), _) => due(&p.under_way, p.stale).then_some(Query::Overview),
            (Body::Models(p, learning), _) => match due(&p.under_way, p.stale) {
                true => Some(Query::Models),
                false => due(&learning.under_way, learning.stale).then_some(Query::FlagLearning),
            },
            (Body::Rules(rules, mutes), _) => match due(&rules.under_way, rules.stale) {
                true => Some(Query::FlagRules),
                false => due(&mutes.under_way, mutes.stale).then_some(Query::Mutes),
            },
            (Body::Case(case), Place::Case(id)) => {
                due(&case.panel.under_way, case.panel.stale).then_some(Query::Flag(*id))
            }
            (Body::Past(p), Place::Past(of)) => {
                due(&p.under_way, p.stale).then(|| Query::FlagPast(of.clone()))
            }
            (Body::Flags(queue), _) => queue.table.wanted().map(|page| {
                Query::Flags(CasesAsked { which: queue.which, page, me: Box::default() })
            }),
            (Body::Backtest(p), _) => due(&p.under_way, p.stale).then_some(Query::Backtests),
            (Body::Order(p), Place::Order(order)) => {
                due(&p.under_way, p.stale).then(|| Query::Order(order.clone()))
            }
            (Body::Sku(p, _), Place::Sku(sku)) => {
                due(&p.under_way, p.stale).then(|| Query::Sku(sku.clone(), DEMAND_DAYS))
            }
            (Body::Purchase(p), Place::Purchase(number)) => {
                due(&p.under_way, p.stale).then(|| Query::Purchase(number.clone()))
            }
            (Body::Purchase(p), Place::Draft(supplier, site)) => {
                due(&p.under_way, p.stale).then(|| Query::Draft(supplier.clone(), site.clone()))
            }
            (Body::Supplier(p), Place::Supplier(supplier)) => {
                due(&p.under_way, p.stale).then(|| Query::Supplier(supplier.clone()))
            }
            (Body::Purchases(t), _) => t.wanted().map(Query::Purchases),
            (Body::Coordination(t), _) => t.wanted().map(Query::Coordination),
            (Body::Expected(t), place) => {
                let by_sku = *place == Place::ExpectedSkus;
                t.wanted().map(|page| Query::Expected { by_sku, page })
            }
            (Body::Orders(t), _) => t.wanted().map(Query::Orders),
            (Body::Stock(t), _) => t.wanted().map(Query::Stock),
            (Body::Journal(t), _) => t.wanted().map(Query::Journal),
            (Body::Forecast(t), _) => t.wanted().map(Query::Forecasts),
            (Body::Totals(t), Place::Totals(by)) => t.wanted().map(|page| Query::Totals(*by, page)),
            (Body::Reorders(t), _) => t.wanted().map(Query::Reorders),
            (Body::Allocation(t, _), _) => t.wanted().map(Query::Allocations),
            (Body::Quarantine(t), _) => t.wanted().map(Query::Quarantine),
            _ => None,
        }
    }
    /// A question was sent for it.
    pub fn asked(&mut self, tag: u64, query: &Query) {
        match (&mut self.body, query) {
            (Body::Overview(p), _) => (p.under_way, p.stale) = (Some(tag), false),
            (Body::Order(p), _) => (p.under_way, p.stale) = (Some(tag), false),
            (Body::Models(_, p), Query::FlagLearning) => {
                (p.under_way, p.stale) = (Some(tag), false)
            }
            (Body::Models(p, _), _) => (p.under_way, p.stale) = (Some(tag), false),
            (Body::Rules(_, p), Query::Mutes) => (p.under_way, p.stale) = (Some(tag), false),
            (Body::Rules(p, _), _) => (p.under_way, p.stale) = (Some(tag), false),
            (Body::Case(case), _) => {
                (case.panel.under_way, case.panel.stale) = (Some(tag), false);
            }
            (Body::Past(p), _) => (p.under_way, p.stale) = (Some(tag), false),
            (Body::Flags(queue), Query::Flags(asked)) => {
                queue.table.asked(tag, asked.page.clone());
            }
            (Body::Backtest(p), _) => (p.under_way, p.stale) = (Some(tag), false),
            (Body::Sku(p, _), _) => (p.under_way, p.stale) = (Some(tag), false),
            (Body::Purchase(p), _) => (p.under_way, p.stale) = (Some(tag), false),
            (Body::Supplier(p), _) => (p.under_way, p.stale) = (Some(tag), false),
            (
                _,
                Query::Orders(page)
                | Query::Stock(page)
                | Query::Journal(page)
                | Query::Forecasts(page)
                | Query::Totals(_, page)
                | Query::Reorders(page)
                | Query::Purchases(page)
                | Query::Coordination(page)
                | Query::Expected { page, .. }
                | Query::Allocations(page)
                | Query::Quarantine(page),
            ) => {
                if let Some(table) = self.table_mut() {
                    table.asked(tag, page.clone());
                }
            }
            _ => {}
        }
    }
    /// A question for it was refused.
    pub fn refused(&mut self, tag: u64, message: &str) {
        let note = |under_way: &mut Option<u64>, error: &mut Option<String>| {
            if under_way.take_if(|asked| *asked == tag).is_some() {
                *error = Some(message.to_owned());
            }
        };
        match &mut self.body {
            Body::Overview(p) => note(&mut p.under_way, &mut p.error),
            Body::Order(p) => note(&mut p.under_way, &mut p.error),
            Body::Sku(p, _) => note(&mut p.under_way, &mut p.error),
            Body::Models(p, learning) => {
                note(&mut p.under_way, &mut p.error);
                note(&mut learning.under_way, &mut learning.error);
            }
            Body::Rules(rules, mutes) => {
                note(&mut rules.under_way, &mut rules.error);
                note(&mut mutes.under_way, &mut mutes.error);
            }
            Body::Case(case) => note(&mut case.panel.under_way, &mut case.panel.error),
            Body::Past(p) => note(&mut p.under_way, &mut p.error),
            Body::Backtest(p) => note(&mut p.under_way, &mut p.error),
            Body::Purchase(p) => note(&mut p.under_way, &mut p.error),
            Body::Supplier(p) => note(&mut p.under_way, &mut p.error),
            _ => {
                if let Some(table) = self.table_mut() {
                    table.refused(tag, message);
                }
            }
        }
    }
    /// Whether a question for it is under way.
    pub fn is_waiting(&self) -> bool {
        match &self.body {
            Body::Overview(p) => p.under_way.is_some(),
            Body::Order(p) => p.under_way.is_some(),
            Body::Sku(p, _) => p.under_way.is_some(),
            Body::Models(p, _) => p.under_way.is_some(),
            Body::Case(case) => case.panel.under_way.is_some(),
            Body::Past(p) => p.under_way.is_some(),
            Body::Rules(p, _) => p.under_way.is_some(),
            Body::Backtest(p) => p.under_way.is_some(),
            Body::Purchase(p) => p.under_way.is_some(),
            Body::Supplier(p) => p.under_way.is_some(),
            _ => false,
        }
    }
}
