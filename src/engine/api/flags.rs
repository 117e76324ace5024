//! Flags: cases that are worth a look, worst first, what stands behind each, what was decided about
//! it, and the rules and the network that raise them.

use super::{OrderRow, PageOf};
use crate::domain::*;
use serde::{Deserialize, Serialize};

/// The cause of a case that the network alone found.
const NETWORK: &str = "network";

/// Which cases are asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Cases {
    /// Those that wait for somebody; in quiet hours only what is worth waking up for, and not what is spent
    /// ([`CaseRow::is_spent`]).
    #[default]
    Queue,
    /// All that wait, at any hour.
    Waiting,
    /// All, decided, snoozed and muted ones too.
    All,
}

/// A page of cases is asked for. Its order, unless it is sorted: by [`CaseRow::urgency`], the highest
/// first. The filter knows `case`, `kind`, `cause`, `subject`, `who`, `state`, `orders`, `severity`,
/// `value`, `age` and the flags `mine`, `unassigned`, `snoozed`, `decided`, `muted`, `open`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct CasesAsked {
    /// Which.
    pub which: Cases,
    /// The page.
    pub page: PageOf,
    /// Whose cases `is:mine` means.
    pub me: Box<str>,
}

/// How a case stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CaseState {
    /// It waits for somebody.
    Open,
    /// It is not shown until a moment.
    Snoozed,
    /// Every rule that speaks of it is muted about it.
    Muted,
    /// What it was about is over by itself and nobody decided: a feed is heard again, stock was corrected,
    /// orders left two weeks ago.
    Over,
    /// Its orders stand in a feed's case, which says why they are odd ([`CaseRow::within`]).
    Joined,
    /// Somebody decided on all of it.
    Decided,
}

impl CaseState {
    /// One lower-case word, as shown and as filtered by.
    pub const fn word(self) -> &'static str {
        match self {
            CaseState::Open => "open",
            CaseState::Snoozed => "snoozed",
            CaseState::Muted => "muted",
            CaseState::Over => "over",
            CaseState::Joined => "joined",
            CaseState::Decided => "decided",
        }
    }
}

/// A case as the queue shows it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CaseRow {
    /// Which.
    pub case: CaseId,
    /// How it stands.
    pub state: CaseState,
    /// What it is about, a few words: `14 orders, one address, 20 minutes`, a SKU, a feed.
    pub what: Box<str>,
    /// The rule or cause that speaks first, such as `quantity`.
    pub cause: Box<str>,
    /// The first reason, with the numbers behind it.
    pub reason: Box<str>,
    /// How sure it is that something is wrong, 0 to 1.
    pub severity: f64,
    /// Money at stake: what can be stopped still, at the price of its lines.
    pub at_stake: Money,
    /// When it began.
    pub since: Timestamp,
    /// When its latest part came.
    pub latest: Timestamp,
    /// Since when it is over by itself, where it is and anybody could have decided.
    pub over: Option<Timestamp>,
    /// By what the queue is ordered: severity x value x age.
    pub urgency: f64,
    /// Orders in it; 0 for what is not about orders.
    pub orders: u32,
    /// Of these, the ones that nobody has decided on and that stand in no feed's case.
    pub undecided: u32,
    /// Of the undecided ones, those that can be stopped still: the others have left or were called off.
    pub stoppable: u32,
    /// Orders that somebody here had held and that have not left since.
    pub held: u32,
    /// Orders that the store was told to stop or call off and has not answered yet.
    pub under_way: u32,
    /// The feed's case in which other undecided orders of it stand: there somebody decides on them.
    pub within: Option<CaseId>,
    /// Whose it is.
    pub assigned: Option<Box<str>>,
    /// Until when it is snoozed.
    pub snoozed_until: Option<Timestamp>,
    /// Who looks at it now, on other consoles too.
    pub viewers: Vec<Box<str>>,
    /// What was decided about it last, and by whom.
    pub last: Option<CaseDeed>,
}

impl CaseRow {
    /// Whether it waits for nobody tonight: the network alone found it, and nothing of it can be stopped
    /// any more.
    pub fn is_spent(&self) -> bool {
        *self.cause == *NETWORK && self.at_stake.minor == 0 && self.stoppable == 0
    }
    /// What a person sees of it when deciding, for the journal.
    pub fn saw(&self) -> String {
        format!(
            "severity {:.2}, {} {} at stake, {} of {} orders undecided; {}",
            self.severity,
            self.at_stake,
            self.at_stake.currency,
            self.undecided,
            self.orders,
            self.reason
        )
    }
}

/// What was decided about a case.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CaseDeed {
    /// The journal entry.
    pub entry: u64,
    /// By whom.
    pub who: Box<str>,
    /// When.
    pub at: Timestamp,
    /// What.
    pub act: CaseAct,
    /// About how many orders.
    pub orders: u32,
    /// Whether it was taken back.
    pub taken_back: bool,
}

/// A page of cases, and what is beside them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CasesPage {
    /// The page.
    pub rows: super::Rows<CaseRow>,
    /// Counts for the top line.
    pub counts: FlagCounts,
}

/// How many cases wait; for the overview and the top line. What is spent ([`CaseRow::is_spent`]) is told
/// apart.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct FlagCounts {
    /// Cases that wait for somebody.
    pub open: u64,
    /// Of these, the ones worth waking up for.
    pub urgent: u64,
    /// Of these, nobody's.
    pub unassigned: u64,
    /// Snoozed ones.
    pub snoozed: u64,
    /// Open ones that are spent; they are in no other count.
    pub spent: u64,
    /// Orders in open cases.
    pub orders: u64,
    /// Money at stake in open cases.
    pub at_stake: Option<Money>,
    /// Until when hours are quiet, and how many open cases are kept back meanwhile.
    pub quiet: Option<(Timestamp, u64)>,
    /// What scores orders now.
    pub scoring: Scoring,
}

/// What scores orders.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Scoring {
    /// Nothing yet: what happened so far is being read.
    #[default]
    Reading,
    /// Rules alone: there are too few orders yet to fit a network to, so many of so many.
    Rules {
        /// Orders that there are.
        have: u64,
        /// Orders that are needed.
        need: u64,
    },
    /// Rules and the network of this version.
    Network(u32),
}

/// One reason.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FlagReason {
    /// The rule or cause that it comes from; by this name it is muted and switched.
    pub rule: Box<str>,
    /// In words, with the numbers behind it.
    pub text: Box<str>,
    /// Money at stake if it is right.
    pub cost: Money,
    /// The SKU that it is about, if it is about one.
    pub sku: Option<Sku>,
    /// Whether the rule is muted here.
    pub muted: bool,
}

/// A flagged order of a case.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FlaggedRow {
    /// The order as the table of orders shows it.
    pub order: OrderRow,
    /// How likely it is wrong, 0 to 1.
    pub score: f64,
    /// Money at stake.
    pub at_stake: Money,
    /// Why, at most five, the strongest first.
    pub reasons: Vec<FlagReason>,
    /// What was decided about it.
    pub verdict: Option<CaseDeed>,
    /// What the store is told to make of it and how far that has come, in words.
    pub told: Option<Box<str>>,
}

impl FlaggedRow {
    /// How `told` ends while the shop has not answered.
    pub const BEING_TOLD: &'static str = "is being told";
    /// What stands in `told` before why the shop would not do it.
    pub const REFUSED: &'static str = "refused, ";
}

/// A case that is like another.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SimilarCase {
    /// Which.
    pub case: CaseId,
    /// How like, 0 to 1, by the network's view of their worst orders; of what is not about flagged orders 1
    /// for the same SKU, site or feed and a half for another.
    pub likeness: f64,
    /// What it is about.
    pub what: Box<str>,
    /// The rule or cause that spoke first.
    pub cause: Box<str>,
    /// When it began.
    pub since: Timestamp,
    /// What was decided about it last.
    pub ended: CaseDeed,
    /// How it ended: what was decided about how many of its orders, the most first.
    pub endings: Vec<(CaseAct, u32)>,
}

/// One case, all of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CaseDetail {
    /// Its row.
    pub row: CaseRow,
    /// Why, at most five; of orders the worst order's.
    pub reasons: Vec<FlagReason>,
    /// What it is about, if not about orders.
    pub subject: Option<CaseSubject>,
    /// Its orders, the highest score first, at most [`CaseDetail::MOST_ORDERS`].
    pub orders: Vec<FlaggedRow>,
    /// All that was decided about it, oldest first.
    pub history: Vec<CaseDeed>,
    /// Notes on it that stand, oldest first.
    pub notes: Vec<CaseDeed>,
    /// Decided cases that are like it, those of the same cause before others, the likest first, at most
    /// five.
    pub similar: Vec<SimilarCase>,
    /// The customer of its worst order, for drill-down.
    pub customer: Option<CustomerRef>,
    /// The account of that order, where orders came by it under other names, too.
    pub account: Option<AccountRef>,
    /// The SKU that its first reason is about, for drill-down.
    pub sku: Option<Sku>,
}

impl CaseDetail {
    /// Orders that are told at most.
    pub const MOST_ORDERS: usize = 200;
}

/// Whose past is asked for.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum PastOf {
    /// A customer's orders.
    Customer(CustomerRef),
    /// The orders of all under whose names an account ordered: who takes one over brings another e-mail.
    Account(AccountRef),
    /// Orders that have a SKU.
    Sku(Sku),
}

/// The past of a customer or a SKU as flags see it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FlagPast {
    /// Whose.
    pub of: PastOf,
    /// Orders in all.
    pub orders: u64,
    /// When the first was placed.
    pub first: Option<Timestamp>,
    /// Their value in all; of a SKU, its lines'.
    pub value: Option<Money>,
    /// Units of the middle order, and of the largest tenth; of a SKU, of its lines.
    pub usual_units: (f64, f64),
    /// Price of one unit in the middle, of a SKU.
    pub usual_price: Option<UnitPrice>,
    /// The newest orders, newest first, at most fifty.
    pub newest: Vec<OrderOfPast>,
}

/// One of the newest orders of a past.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OrderOfPast {
    /// It.
    pub order: OrderRow,
    /// Its units; in the past of a SKU, those of the SKU.
    pub units: Qty,
    /// Its score, where it has one.
    pub score: Option<f64>,
    /// Its case, where somebody may have been asked about it.
    pub case: Option<CaseId>,
}

/// A rule.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RuleRow {
    /// Its name.
    pub rule: Box<str>,
    /// What kind of cases it raises.
    pub kind: CaseKind,
    /// What it looks at.
    pub about: Box<str>,
    /// Whether it is on.
    pub on: bool,
    /// From which strength on it speaks.
    pub threshold: f64,
    /// From which strength on it speaks unless somebody sets it.
    pub usual: f64,
    /// The unit of that.
    pub unit: Box<str>,
    /// Flagged orders of the last 28 days of which it is a reason. A rule speaks of more orders than are
    /// flagged: one that is odd in one way only seldom is.
    pub spoke: u64,
    /// Of the cases that it spoke of first and that were decided, how many were wrong, and how many
    /// there were.
    pub right: (u64, u64),
    /// Mutes of it that are in force.
    pub mutes: u64,
    /// What it would have said of the past, where that was asked for.
    pub test: Option<RuleTest>,
}

/// What a rule would have said of the store's past.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RuleTest {
    /// The rule.
    pub rule: Box<str>,
    /// What kind of cases it raises.
    pub kind: CaseKind,
    /// From which strength on it would speak.
    pub threshold: f64,
    /// From when on.
    pub from: Timestamp,
    /// When that was made.
    pub at: Timestamp,
    /// Orders that were looked at.
    pub looked_at: u64,
    /// Orders of which it would have spoken; cases, where it is no rule of orders.
    pub spoke: u64,
    /// The same a week.
    pub a_week: f64,
    /// Of these orders, the ones that somebody is asked about: flagged when they came.
    pub flagged: u64,
    /// Of these orders, decided wrong and decided right.
    pub decided: (u64, u64),
    /// The latest of these orders.
    pub latest: Vec<OrderKey>,
    /// The latest of these cases, in words.
    pub cases: Vec<Box<str>>,
}

/// A mute.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MuteRow {
    /// The journal entry that set it.
    pub entry: u64,
    /// By whom.
    pub who: Box<str>,
    /// When.
    pub at: Timestamp,
    /// The rule.
    pub rule: Box<str>,
    /// About whom or what.
    pub of: MuteOf,
    /// When it ends.
    pub until: Timestamp,
    /// Why.
    pub reason: Box<str>,
    /// Whether it is in force.
    pub on: bool,
}

/// How the network learns from decisions, for the models' screen.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct FlagLearning {
    /// What scores orders now.
    pub scoring: Scoring,
    /// All versions that are kept, newest first.
    pub versions: Vec<FlagVersion>,
    /// The version that was in use before the one of now; one key goes back to it.
    pub before: Option<u32>,
    /// Decisions that can be learnt from: orders decided wrong, and right.
    pub decided: (u64, u64),
    /// What came of the last attempt to learn, one sentence.
    pub last: Option<Box<str>>,
    /// How good cases were, week by week, oldest first.
    pub weeks: Vec<FlagWeek>,
}

/// A version of the network that scores orders.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FlagVersion {
    /// Its number.
    pub version: u32,
    /// Whether it scores.
    pub in_use: bool,
    /// When it was made.
    pub made: Timestamp,
    /// Orders that it was fitted to.
    pub orders: u64,
    /// Decisions that it learnt from; 0: it was fitted to the past alone.
    pub decisions: u64,
    /// Average precision on the latest decisions, before and after learning from the earlier ones.
    pub better: Option<(f32, f32)>,
}

/// How good the cases of a week were.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FlagWeek {
    /// Its Monday.
    pub monday: Day,
    /// Cases that were raised.
    pub raised: u64,
    /// Of these, decided wrong: it was right to ask.
    pub wrong: u64,
    /// Of these, decided right: it was a false alarm.
    pub right: u64,
}

impl FlagWeek {
    /// Share of the decided cases that it was right to ask about.
    pub fn precision(&self) -> Option<f64> {
        let all = self.wrong + self.right;
        (all > 0).then(|| self.wrong as f64 / all as f64)
    }
}

/// What happened since a moment, for who comes next.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Handover {
    /// Since when.
    pub since: Timestamp,
    /// Until when.
    pub until: Timestamp,
    /// Cases that were opened, the most urgent first.
    pub opened: Vec<CaseRow>,
    /// What was decided, oldest first, with the case.
    pub decided: Vec<(CaseRow, CaseDeed)>,
    /// Cases that are open still, the most urgent first.
    pub open: Vec<CaseRow>,
    /// Cases that were over by themselves and on which nobody had decided.
    pub lapsed: Vec<CaseRow>,
    /// How many each decided.
    pub by: Vec<(Box<str>, u64)>,
    /// What was decided about rules, mutes and the network that scores, oldest first.
    pub rules: Vec<RuleDecided>,
}

/// A decision about rules, mutes or the network that scores.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RuleDecided {
    /// The journal entry.
    pub entry: u64,
    /// By whom.
    pub who: Box<str>,
    /// When.
    pub at: Timestamp,
    /// What, in words.
    pub what: Box<str>,
}
