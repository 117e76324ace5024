//! What can be asked of the owner and what can be done through it: the one contract that the
//! console, the commands and the wire share. All of it is plain data.

mod allocation;
mod backtest;
mod coordination;
mod flags;
mod forecasts;
mod histories;
mod models;
mod notify;
mod outcome;
mod overrides;
mod overview;
mod purchases;
mod reorders;
mod rows;
mod suppliers;
mod totals;
mod training;

pub use allocation::{AllocationAbout, AllocationRow, DecidedShip};
pub use backtest::{Backtest, BacktestCosts, Backtests, PolicyFigures};
pub use coordination::{CoordinationRow, CoordinationState, ExpectedRow, Figured};
pub use flags::{
    CaseDeed, CaseDetail, CaseRow, CaseState, Cases, CasesAsked, CasesPage, FlagCounts,
    FlagLearning, FlagPast, FlagReason, FlagVersion, FlagWeek, FlaggedRow, Handover, MuteRow,
    OrderOfPast, PastOf, RuleDecided, RuleRow, RuleTest, Scoring, SimilarCase,
};
pub use forecasts::{ForecastRow, Lasts, LeadTime, SiteForecast};
pub use histories::{Histories, History};
pub use models::{
    ClassAccuracy, Judged, Judgement, ModelAbout, ModelAccuracy, ModelKind, ModelVersion,
    ModelsReport,
};
pub use notify::{ChannelTested, NotifyTest};
pub use outcome::{Outcome, Revealed};
pub use overrides::{Figures, Overridden, OverrideMark, OverrideRow, OwnDays};
pub use overview::{Overview, RunningOut, Waiting, WaitingPlace};
pub use purchases::{PurchaseDetail, PurchaseLine, PurchaseRequest, PurchaseRow};
pub use reorders::{ApprovedLine, LastTime, LeadSource, OrderSoFar, Plan, ReorderRow, Sources};
pub use rows::{
    DemandSeries, JournalRow, LineDetail, OrderDetail, OrderRow, QuarantineRow, SkuDetail, StockRow,
};
pub use suppliers::{ExpectedLead, LaneCard, SupplierCard};
pub use totals::*;
pub use training::{
    NextTraining, Training, TrainingEnd, TrainingFigures, TrainingJob, TrainingResult, TrainingRun,
    TrainingScores, TrainingStep, Why,
};

use crate::demand::SeriesKey;
pub use crate::desk::buying::Conversion;

use crate::domain::*;
use crate::feed::FeedStatus;
use crate::plan::replenish::{Change, IdleStock};
use serde::{Deserialize, Serialize};

/// A question to the owner. Answers are read-only and never wait for a feed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Query {
    /// The overview's figures.
    Overview,
    /// A page of orders.
    Orders(PageOf),
    /// One order with its history and notes. The number alone is enough where only one feed has it.
    Order(OrderRef),
    /// A page of SKU-site positions.
    Stock(PageOf),
    /// One SKU at all sites; `days` of daily demand up to today.
    Sku(Sku, u32),
    /// All feeds.
    Feeds,
    /// A page of the journal, newest first unless sorted otherwise.
    Journal(PageOf),
    /// A page of what could not be understood, newest first.
    Quarantine(PageOf),
    /// Daily demand between two days, zeros included, one series after the other.
    Demand {
        /// First day; default: each series' first sale.
        from: Option<Day>,
        /// Last day; default: the store's last day with any order.
        to: Option<Day>,
        /// The last series of the page before, for paging through many.
        after: Option<SeriesKey>,
        /// Series to return at most.
        take: usize,
    },
    /// Daily demand as models see it, up to the last day that is over, one series after the other.
    Histories {
        /// The origin of the pages before: what days are over does not change half-way.
        origin: Option<Day>,
        /// The last series of the page before, for paging through many.
        after: Option<SeriesKey>,
        /// Series to return at most.
        take: usize,
    },
    /// What the owner is, holds and uses.
    Status,
    /// A page of forecasts, one per SKU and site that sold lately.
    Forecasts(PageOf),
    /// A page of overrides of forecasts, newest first unless sorted otherwise.
    Overrides(PageOf),
    /// A page of purchase orders and drafts.
    Purchases(PageOf),
    /// One purchase order.
    Purchase(PoNumber),
    /// What is approved for a supplier and a site and is no order yet.
    Draft(SupplierId, SiteId),
    /// The scorecards of all suppliers.
    Suppliers,
    /// One supplier's scorecard, by its code or its name.
    Supplier(SupplierId),
    /// How many proposals were ordered as they were, edited or turned down.
    Conversion,
    /// The exact request that tells a supplier of an order; `None`: the drafts' as they would be
    /// placed now.
    PurchaseRequests(Option<PoNumber>),
    /// The exact request that would tell a supplier of a draft, as it would be placed now.
    DraftRequest(SupplierId, SiteId),
    /// The models, and how well they forecast.
    Models,
    /// A page of totals of the forecasts.
    Totals(GroupBy, PageOf),
    /// A page of what is proposed to be ordered, and of what cannot be planned until somebody mends
    /// something.
    Reorders(PageOf),
    /// One SKU at one site, as it would be planned on other terms, and bought of another supplier than
    /// the usual one where one is named.
    WhatIf(Sku, SiteId, Option<SupplierId>, Change),
    /// A page of what would bring inbound goods, own stock and need together.
    Coordination(PageOf),
    /// A page of what is expected to be ordered, week by week.
    Expected {
        /// Of each SKU; else of each supplier.
        by_sku: bool,
        /// Which rows.
        page: PageOf,
    },
    /// Trainings: the one that runs, the last one, and when the next is due.
    Training,
    /// What came of replaying the store's past, and whether one runs.
    Backtests,
    /// A page of cases that are worth a look.
    Flags(CasesAsked),
    /// One of them.
    Flag(CaseId),
    /// The past of a customer or a SKU, as flags see it.
    FlagPast(PastOf),
    /// The rules that raise flags.
    FlagRules,
    /// Mutes of rules, newest first; those that are over too.
    Mutes,
    /// How many cases wait.
    FlagCounts,
    /// How the network that scores orders learns from decisions.
    FlagLearning,
    /// What happened to cases since a moment.
    Handover(Timestamp),
    /// A page of open orders that need a choice from where they ship, and of those that somebody chose.
    Allocations(PageOf),
}

/// Which order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderRef {
    /// The feed, where known.
    pub feed: Option<FeedId>,
    /// The number.
    pub number: OrderNo,
}

/// A page of a long table.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct PageOf {
    /// Filter text as a person types it: words match fuzzily, `field:value` exactly or by prefix,
    /// `qty:>100` compares, `!` negates. Empty: everything.
    pub filter: String,
    /// Column name to sort by; `None`: the table's own order.
    pub sort: Option<String>,
    /// Largest (newest) first.
    pub descending: bool,
    /// Rows to skip.
    pub offset: usize,
    /// Rows to return at most.
    pub limit: usize,
}

/// A page of rows and how many there are in all.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Rows<T> {
    /// The rows.
    pub rows: Vec<T>,
    /// How many rows match in all.
    pub total: usize,
    /// How many there are without the filter.
    pub unfiltered: usize,
    /// Index of the first row returned.
    pub offset: usize,
}

/// An answer; the variant is the question's.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Answer {
    /// To [`Query::Overview`].
    Overview(Box<Overview>),
    /// To [`Query::Orders`].
    Orders(Rows<OrderRow>),
    /// To [`Query::Order`]; `None`: no such order.
    Order(Option<Box<OrderDetail>>),
    /// To [`Query::Stock`].
    Stock(Rows<StockRow>),
    /// To [`Query::Sku`]; `None`: no such SKU.
    Sku(Option<Box<SkuDetail>>),
    /// To [`Query::Feeds`].
    Feeds(Vec<FeedStatus>),
    /// To [`Query::Journal`].
    Journal(Rows<JournalRow>),
    /// To [`Query::Quarantine`].
    Quarantine(Rows<QuarantineRow>),
    /// To [`Query::Demand`].
    Demand(Vec<DemandSeries>),
    /// To [`Query::Histories`].
    Histories(Histories),
    /// To [`Query::Status`].
    Status(Box<Status>),
    /// To [`Query::Forecasts`].
    Forecasts(Rows<ForecastRow>),
    /// To [`Query::Overrides`].
    Overrides(Rows<OverrideRow>),
    /// To [`Query::Purchases`].
    Purchases(Rows<PurchaseRow>),
    /// To [`Query::Purchase`] and [`Query::Draft`]; `None`: no such order.
    Purchase(Option<Box<PurchaseDetail>>),
    /// To [`Query::Suppliers`], by code.
    Suppliers(Vec<SupplierCard>),
    /// To [`Query::Supplier`]; `None`: nothing is known of it.
    Supplier(Option<Box<SupplierCard>>),
    /// To [`Query::Conversion`].
    Conversion(Box<Conversion>),
    /// To [`Query::PurchaseRequests`] and [`Query::DraftRequest`].
    PurchaseRequests(Vec<PurchaseRequest>),
    /// To [`Query::Models`].
    Models(Box<ModelsReport>),
    /// To [`Query::Totals`].
    Totals(Rows<TotalRow>),
    /// To [`Query::Reorders`].
    Reorders(Rows<ReorderRow>),
    /// To [`Query::WhatIf`]; `None`: it is not planned.
    WhatIf(Option<Box<Plan>>),
    /// To [`Query::Coordination`].
    Coordination(Rows<CoordinationRow>),
    /// To [`Query::Expected`].
    Expected(Rows<ExpectedRow>),
    /// To [`Query::Training`].
    Training(Box<Training>),
    /// To [`Query::Backtests`].
    Backtests(Box<Backtests>),
    /// To [`Query::Flags`].
    Flags(Box<CasesPage>),
    /// To [`Query::Flag`]; `None`: no such case.
    Flag(Option<Box<CaseDetail>>),
    /// To [`Query::FlagPast`]; `None`: nothing is known of it.
    FlagPast(Option<Box<FlagPast>>),
    /// To [`Query::FlagRules`].
    FlagRules(Vec<RuleRow>),
    /// To [`Query::Mutes`].
    Mutes(Vec<MuteRow>),
    /// To [`Query::FlagCounts`].
    FlagCounts(Box<FlagCounts>),
    /// To [`Query::FlagLearning`].
    FlagLearning(Box<FlagLearning>),
    /// To [`Query::Handover`].
    Handover(Box<Handover>),
    /// To [`Query::Allocations`], with how all open orders are allocated together.
    Allocations(Rows<AllocationRow>, Box<AllocationAbout>),
}

/// What the owner is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Status {
    /// Version of the program.
    pub version: Box<str>,
    /// Its process.
    pub pid: u32,
    /// Wall time of its start.
    pub since: Timestamp,
    /// The data folder.
    pub data_dir: Box<str>,
    /// What kind of store it is.
    pub kind: StoreKind,
    /// Domain time.
    pub now: Timestamp,
    /// Whether the store is loaded; before that, figures are the last known.
    pub ready: bool,
    /// Whether feeds and simulated time stand still.
    pub paused: bool,
    /// What is in trouble until somebody mends it, one sentence each, with the mend.
    pub trouble: Vec<Box<str>>,
    /// Long work that runs.
    pub work: Vec<Work>,
    /// Consoles attached now: user and where from.
    pub consoles: Vec<Box<str>>,
    /// Orders, order lines, SKUs, positions.
    pub counts: [u64; 4],
    /// Whether the feeds have been started; before that, none is known.
    #[serde(default)]
    pub following: bool,
    /// Whether the configuration has feeds that are not followed in this store.
    #[serde(default)]
    pub feeds_left_out: bool,
    /// When the newest order was placed.
    #[serde(default)]
    pub newest_order: Option<Timestamp>,
    /// Bytes on disk: store, archive, journal.
    pub disk: [u64; 3],
    /// Resident memory in bytes, where the system tells.
    pub memory: Option<u64>,
    /// Entries in the journal.
    pub journal_entries: u64,
    /// Why it is not known yet what is to be ordered, in a phrase; `None`: it is.
    #[serde(default)]
    pub plan_waits: Option<Box<str>>,
    /// The shift in demand that was found last, and what became of it, one sentence.
    #[serde(default)]
    pub drift: Option<Box<str>>,
}

/// What a store was opened for; decides which targets may be written to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StoreKind {
    /// A real merchant's.
    Live,
    /// Past orders played again.
    Replay,
    /// The simulated merchant.
    Demo,
}

/// Long work that can be watched and cancelled.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Work {
    /// Its number.
    pub id: u64,
    /// How far it has come.
    pub progress: Progress,
    /// Seconds until it is done, where that can be told.
    pub eta_s: Option<u64>,
}

/// Something to do.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Action {
    /// Put a decision in the journal and carry it out; `saw`: what the person saw.
    Decide {
        /// What.
        decision: Decision,
        /// What the person saw when deciding.
        saw: String,
    },
    /// Decide many things as one act: an entry each, with what the person saw of it.
    DecideAll(Vec<(Decision, String)>),
    /// Undo a journal entry; `None`: this user's last act that can be undone, all of it.
    Undo(Option<u64>),
    /// Undo all that still stands of an act, named by the entry that began it.
    UndoAct(u64),
    /// Undo several journal entries as one act.
    UndoAll(Vec<u64>),
    /// Read a file into the store.
    Import(ImportJob),
    /// Let every feed read up to the present once; answers when all have.
    SyncOnce,
    /// Play a file of past orders as if they arrived now.
    Replay {
        /// The file and how to read it.
        job: ImportJob,
        /// Domain seconds per real second; `None`: as fast as the work allows.
        speed: Option<f64>,
    },
    /// Write N made-up orders into a demo store.
    FillDemo {
        /// How many.
        orders: u64,
        /// Seed.
        seed: u64,
    },
    /// Read records in quarantine again; answers when all have been tried.
    RetryQuarantine(Retry),
    /// Train the model in use on the store's own demand; answers when that has ended.
    Train(TrainingJob),
    /// The same, answered as soon as it has begun.
    StartTraining,
    /// Replay so many weeks of the store's past against replenishment policies; answers when that has ended.
    Backtest(u16),
    /// The same, answered as soon as it has begun.
    StartBacktest(u16),
    /// Stop feeds, or let them go on (replay and demo time stands still meanwhile).
    Pause(bool),
    /// Cancel long work.
    Cancel(u64),
    /// Forecast with this version of the model from now on.
    UseModel(Box<str>),
    /// Say what is looked at here, so that others see it; `None`: nothing any more. What was said counts
    /// for [`LOOKED_AT`].
    LookAt(Option<LookedAt>),
    /// Ask what a rule would have said of so many weeks of the store's past; answers when that is
    /// known. It may be one that is off, and speak from another strength on.
    TestRule(Box<str>, u16, Option<Threshold>),
    /// Try the channels on which people are told of cases.
    TestNotify(NotifyTest),
    /// Learn from what was decided about orders now; answers when that has ended.
    LearnFlags,
}

/// Something that two people might decide about at once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum LookedAt {
    /// A case.
    Case(CaseId),
    /// A line of the reorder table.
    Line(Sku, SiteId),
}

/// How long something counts as looked at unless that is said again.
pub const LOOKED_AT: Span = Span::seconds(30);

/// Which records in quarantine to read again, and how.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Retry {
    /// Only this feed's.
    pub feed: Option<FeedId>,
    /// Only these, by number; empty: all.
    pub seqs: Vec<u64>,
    /// For rows of files: another preset than the one they were read with.
    pub preset: Option<Box<str>>,
    /// For rows of files: (our field, their column) over the mapping they were read with.
    pub columns: Vec<(Box<str>, Box<str>)>,
}

/// A file to read and how.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportJob {
    /// The file, absolute.
    pub path: Box<str>,
    /// Preset name, such as `online-retail`, `orders`, `items`, `stock`, `suppliers`, `receipts`.
    pub preset: Box<str>,
    /// Column mapping over the preset: (our field, their column).
    pub columns: Vec<(Box<str>, Box<str>)>,
    /// Which of day and month comes first in its dates; `None`: what the file itself says.
    pub date_order: Option<crate::feed::files::DateOrder>,
}

/// Why a question or action was refused, as one sentence for a person.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
#[error("{message}")]
pub struct Refusal {
    /// The sentence, with the mend.
    pub message: String,
    /// Whether it is the asker's mistake (exit status 2) or a failure (1).
    pub usage: bool,
}

impl Refusal {
    /// The asker's mistake.
    pub fn usage(message: impl Into<String>) -> Self {
        Refusal { message: message.into(), usage: true }
    }
    /// A failure.
    pub fn failed(message: impl Into<String>) -> Self {
        Refusal { message: message.into(), usage: false }
    }
}
