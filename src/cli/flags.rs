//! `stockdeck flags …` and `stockdeck handover`: cases of the running store that are worth a look, and
//! deciding on them.

use super::args::{Format, FormatArgs, PageArgs};
use super::ask::{self, PageWish, odd_answer, print_line};
use super::decide;
use super::format::{Cell, Grid};
use super::ready::Ready;
use crate::domain::*;
use crate::engine::FLAGS;
use crate::engine::api::*;
use crate::owner::client::Client;
use clap::{Args, Subcommand};
use std::future::pending;

/// Weeks of the past that a rule is tested on where nobody says how many.
const WEEKS: u16 = 8;

/// A case and which of its orders.
#[derive(Args, Debug)]
pub struct CaseArgs {
    /// The case, such as O1042
    case: String,
    /// Only this order of it: NUMBER or FEED/NUMBER; may be repeated
    #[arg(long = "order", value_name = "ORDER")]
    orders: Vec<String>,
}

/// `flags …`
#[derive(Subcommand, Debug)]
pub enum FlagsCommand {
    /// List cases that wait for somebody, the most urgent first
    List {
        /// Those that are decided, snoozed, muted or over too
        #[arg(long)]
        all: bool,
        /// Which rows, and how they are printed.
        #[command(flatten)]
        page: PageArgs,
    },
    /// Show one case, a row for each order and reason, and what was decided
    Show {
        /// The case, such as O1042
        case: String,
        /// How it is printed.
        #[command(flatten)]
        format: FormatArgs,
    },
    /// Nothing is wrong: what the store holds goes on
    Release(CaseArgs),
    /// Have the store stop the orders
    Hold(CaseArgs),
    /// Have the store call the orders off
    Cancel(CaseArgs),
    /// Let the orders go, and look at what comes back of them
    RefundWatch(CaseArgs),
    /// It was wrong, and is dealt with elsewhere
    Confirm(CaseArgs),
    /// Write a note on a case
    Note {
        /// The case
        case: String,
        /// What it says
        text: String,
    },
    /// Make a case somebody's
    Assign {
        /// The case
        case: String,
        /// Whose [default: yours]
        user: Option<String>,
        /// Nobody's
        #[arg(long, conflicts_with = "user")]
        nobody: bool,
    },
    /// Leave a case to who comes next, with a word to them
    HandOver {
        /// The case
        case: String,
        /// The word
        text: String,
    },
    /// Put a case off
    Snooze {
        /// The case
        case: String,
        /// Until when: 8h, 2d, a day or a time such as 2026-12-01T07:00
        #[arg(long, value_name = "TIME")]
        until: String,
    },
    /// Have a rule be silent about a customer, a SKU or a feed for a time; list or end mutes
    Mute(MuteArgs),
    /// List the rules with what they said lately, or switch one
    Rules {
        /// Switch this rule on
        #[arg(long, value_name = "RULE", conflicts_with = "off")]
        on: Option<String>,
        /// Switch this rule off
        #[arg(long, value_name = "RULE")]
        off: Option<String>,
        /// How they are printed.
        #[command(flatten)]
        format: FormatArgs,
    },
    /// What a rule would have said of the store's past
    BacktestRule {
        /// The rule
        rule: String,
        /// Weeks of the past
        #[arg(long, default_value_t = WEEKS)]
        weeks: u16,
        /// How it is printed.
        #[command(flatten)]
        format: FormatArgs,
    },
    /// The past of a customer or a SKU, as flags see it
    Past {
        /// The customer's pseudonym
        #[arg(long, required_unless_present = "sku", conflicts_with = "sku")]
        customer: Option<String>,
        /// The SKU
        #[arg(long)]
        sku: Option<String>,
        /// How it is printed.
        #[command(flatten)]
        format: FormatArgs,
    },
    /// The network that scores: its versions, and how good cases were week by week
    Learning {
        /// Learn from decisions now
        #[arg(long)]
        now: bool,
        /// Have this version score from now on; 0 is rules alone
        #[arg(long = "use", value_name = "VERSION", conflicts_with = "now")]
        version: Option<u32>,
        /// How it is printed.
        #[command(flatten)]
        format: FormatArgs,
    },
}

/// `flags mute`
#[derive(Args, Debug)]
pub struct MuteArgs {
    /// The rule
    #[arg(required_unless_present_any = ["list", "end"])]
    rule: Option<String>,
    /// About this customer, by pseudonym
    #[arg(long, group = "of")]
    customer: Option<String>,
    /// About this SKU
    #[arg(long, group = "of")]
    sku: Option<String>,
    /// About this feed
    #[arg(long, group = "of")]
    feed: Option<String>,
    /// About everything
    #[arg(long, group = "of")]
    everything: bool,
    /// Until when: 8h, 2d, a day or a time such as 2026-12-01T07:00
    #[arg(long, value_name = "TIME", required_unless_present_any = ["list", "end"])]
    until: Option<String>,
    /// Why
    #[arg(long, required_unless_present_any = ["list", "end"])]
    reason: Option<String>,
    /// List all mutes
    #[arg(long, conflicts_with_all = ["rule", "end"])]
    list: bool,
    /// End the mute that this journal entry set
    #[arg(long, value_name = "ENTRY", conflicts_with = "rule")]
    end: Option<u64>,
    /// How they are printed.
    #[command(flatten)]
    format: FormatArgs,
}

/// `handover`
#[derive(Args, Debug)]
pub struct HandoverArgs {
    /// Since when: 8h, 2d, a day or a time such as 2026-12-01T07:00
    #[arg(long, value_name = "TIME")]
    since: String,
    /// How it is printed.
    #[command(flatten)]
    format: FormatArgs,
}

/// What is to be done about flags through the owner.
pub enum Flags {
    /// List cases.
    List(Cases, PageWish),
    /// Show one.
    Show(CaseId, Format),
    /// Decide on a case, or on some of its orders.
    Act(CaseId, CaseAct, Vec<OrderRef>),
    /// Put a case off.
    Snooze(CaseId, Moment),
    /// Mute a rule.
    Mute(Box<str>, MuteOf, Moment, String),
    /// Decide something else.
    Decide(Decision),
    /// List mutes.
    Mutes(Format),
    /// List rules.
    Rules(Format),
    /// Test a rule.
    Test(Box<str>, u16, Format),
    /// Show a past.
    Past(PastOf, Format),
    /// Show how the network learns.
    Learning(Format),
    /// Learn.
    Learn,
    /// What happened since a moment.
    Handover(Moment, Format),
}

/// A moment as somebody wrote it: what "now" and the store's zone are is the owner's to say.
pub enum Moment {
    /// So long from now, or ago.
    Apart(Span),
    /// A day or a time.
    Written(String),
}

impl Moment {
    /// Reads `8h`, `30m`, `2d`, or a day or time.
    fn parse(text: &str) -> Result<Self, Refusal> {
        let apart = || {
            let (number, unit) = text.split_at_checked(text.len().checked_sub(1)?)?;
            let number: u16 = number.parse().ok()?;
            Some(match unit {
                "m" => Span::minutes(number.into()),
                "h" => Span::hours(number.into()),
                "d" => Span::days(number.into()),
                _ => return None,
            })
        };
        if let Some(span) = apart() {
            return Ok(Moment::Apart(span));
        }
        match Timestamp::parse(text, &Zone::utc()) {
            Some(_) => Ok(Moment::Written(text.to_owned())),
            None => Err(Refusal::usage(format!(
                "\"{text}\" is no time; write 8h, 2d, a day such as 2026-12-01, or 2026-12-01T07:00"
            ))),
        }
    }

    /// The moment: `sign` 1 for what is ahead, -1 for what is past.
    async fn at(self, client: &mut Client, sign: i64) -> Result<Timestamp, Refusal> {
        let Answer::Overview(overview) = client.ask(Query::Overview).await? else {
            return Err(odd_answer());
        };
        match self {
            Moment::Apart(span) => {
                let Answer::Status(status) = client.ask(Query::Status).await? else {
                    return Err(odd_answer());
                };
                Ok(status.now + Span::millis(sign * span.as_millis()))
            }
            Moment::Written(text) => {
                let zone = Zone::named(&overview.zone).unwrap_or_default();
                Timestamp::parse(&text, &zone).ok_or_else(odd_answer)
            }
        }
    }
}

fn case(text: &str) -> Result<CaseId, Refusal> {
    CaseId::parse(text).ok_or_else(|| {
        Refusal::usage(format!(
            "\"{text}\" names no case; write it like O1042, as `flags list` does"
        ))
    })
}

impl FlagsCommand {
    /// Understands the command.
    pub fn ready(self) -> Result<Ready, Refusal> {
        let acts = |args: CaseArgs, act| {
            let orders = args.orders.iter().map(|order| OrderRef::parse(order)).collect();
            Ok(Flags::Act(case(&args.case)?, act, orders))
        };
        let whole = |text: &str, act| Ok(Flags::Act(case(text)?, act, Vec::new()));
        let job: Result<Flags, Refusal> = match self {
            Self::List { all, page } => {
                let which = if all { Cases::All } else { Cases::Queue };
                Ok(Flags::List(which, PageWish::of(page, &FLAGS)?))
            }
            Self::Show { case: text, format } => Ok(Flags::Show(case(&text)?, format.format)),
            Self::Release(args) => acts(args, CaseAct::Release),
            Self::Hold(args) => acts(args, CaseAct::Hold),
            Self::Cancel(args) => acts(args, CaseAct::Cancel),
            Self::RefundWatch(args) => acts(args, CaseAct::RefundWatch),
            Self::Confirm(args) => acts(args, CaseAct::Confirm),
            Self::Note { case, text } => whole(&case, CaseAct::Note(text)),
            Self::Assign { case, user, nobody } => {
                let to = (!nobody).then(|| user.unwrap_or_default().into());
                whole(&case, CaseAct::Assign(to))
            }
            Self::HandOver { case, text } => whole(&case, CaseAct::HandOver(text)),
            Self::Snooze { case: text, until } => {
                Ok(Flags::Snooze(case(&text)?, Moment::parse(&until)?))
            }
            Self::Mute(args) => args.ready(),
            Self::Rules { on: Some(rule), .. } => {
                Ok(Flags::Decide(Decision::SwitchRule { rule: rule.into(), on: true }))
            }
            Self::Rules { off: Some(rule), .. } => {
                Ok(Flags::Decide(Decision::SwitchRule { rule: rule.into(), on: false }))
            }
            Self::Rules { format, .. } => Ok(Flags::Rules(format.format)),
            Self::BacktestRule { rule, weeks, format } => {
                Ok(Flags::Test(rule.into(), weeks, format.format))
            }
            Self::Past { customer, sku, format } => {
                let of = match (customer, sku) {
                    (Some(customer), _) => PastOf::Customer(CustomerRef::new(customer)),
                    (None, sku) => PastOf::Sku(Sku::new(sku.unwrap_or_default())),
                };
                Ok(Flags::Past(of, format.format))
            }
            Self::Learning { now: true, .. } => Ok(Flags::Learn),
            Self::Learning { version: Some(version), .. } => {
                Ok(Flags::Decide(Decision::UseFlagModel { version, before: 0 }))
            }
            Self::Learning { format, .. } => Ok(Flags::Learning(format.format)),
        };
        job.map(Ready::Flags)
    }
}

impl MuteArgs {
    fn ready(self) -> Result<Flags, Refusal> {
        if self.list {
            return Ok(Flags::Mutes(self.format.format));
        }
        if let Some(entry) = self.end {
            let rule = Box::default();
            return Ok(Flags::Decide(Decision::EndMute { entry, on: false, rule }));
        }
        let of = match (self.customer, self.sku, self.feed, self.everything) {
            (Some(customer), ..) => MuteOf::Customer(CustomerRef::new(customer)),
            (_, Some(sku), ..) => MuteOf::Sku(Sku::new(sku)),
            (_, _, Some(feed), _) => MuteOf::Feed(FeedId::new(feed)),
            (.., true) => MuteOf::Everything,
            _ => {
                return Err(Refusal::usage(
                    "say about whom or what: --customer, --sku, --feed or --everything",
                ));
            }
        };
        let until = Moment::parse(&self.until.unwrap_or_default())?;
        let (rule, reason) = (self.rule.unwrap_or_default(), self.reason.unwrap_or_default());
        Ok(Flags::Mute(rule.into(), of, until, reason))
    }
}

impl HandoverArgs {
    /// Understands the command.
    pub fn ready(self) -> Result<Ready, Refusal> {
        Ok(Ready::Flags(Flags::Handover(Moment::parse(&self.since)?, self.format.format)))
    }
}

/// Does it through the owner.
pub async fn run(client: &mut Client, job: Flags) -> Result<(), Refusal> {
    match job {
        Flags::List(which, wish) => {
            let asked = |page| Query::Flags(CasesAsked { which, page, me: Box::default() });
            let rows = |answer| match answer {
                Answer::Flags(page) => Some(page.rows),
                _ => None,
            };
            ask::table(client, wish, asked, rows, list).await?;
            say_what_is_quiet(client, which).await
        }
        Flags::Show(case, format) => {
            let detail = detail(client, case).await?;
            show(&detail, format)
        }
        Flags::Act(case, act, orders) => {
            let mut named = Vec::new();
            for which in orders {
                let number = which.number.clone();
                let Answer::Order(found) = client.ask(Query::Order(which)).await? else {
                    return Err(odd_answer());
                };
                let found = found.ok_or_else(|| Refusal::failed(format!("no order {number}")))?;
                let status = found.order.status;
                named.push(FlaggedOrder { order: found.order.key, status });
            }
            decide_on(client, case, act, named).await
        }
        Flags::Snooze(case, until) => {
            let until = until.at(client, 1).await?;
            decide_on(client, case, CaseAct::Snooze(until), Vec::new()).await
        }
        Flags::Mute(rule, of, until, reason) => {
            let until = until.at(client, 1).await?;
            let decision = Decision::Mute { rule, of, until, reason };
            decide::record(client, decision, Some(String::new())).await
        }
        Flags::Decide(decision) => decide::record(client, decision, Some(String::new())).await,
        Flags::Mutes(format) => match client.ask(Query::Mutes).await? {
            Answer::Mutes(rows) => ask::print(&mutes(&rows), format),
            _ => Err(odd_answer()),
        },
        Flags::Rules(format) => match client.ask(Query::FlagRules).await? {
            Answer::FlagRules(rows) => ask::print(&rules(&rows), format),
            _ => Err(odd_answer()),
        },
        Flags::Test(rule, weeks, format) => {
            let action = Action::TestRule(rule, weeks);
            match client.act(action, |_| {}, pending()).await? {
                Outcome::RuleTested(test) => ask::print(&tested(&test), format),
                _ => Err(odd_answer()),
            }
        }
        Flags::Past(of, format) => match client.ask(Query::FlagPast(of)).await? {
            Answer::FlagPast(Some(past)) => show_past(&past, format),
            Answer::FlagPast(None) => Err(Refusal::failed("there is no such order in the store")),
            _ => Err(odd_answer()),
        },
        Flags::Learning(format) => match client.ask(Query::FlagLearning).await? {
            Answer::FlagLearning(learning) => show_learning(&learning, format),
            _ => Err(odd_answer()),
        },
        Flags::Learn => match client.act(Action::LearnFlags, |_| {}, pending()).await? {
            Outcome::FlagsLearnt(said) => print_line(&said),
            _ => Err(odd_answer()),
        },
        Flags::Handover(since, format) => {
            let since = since.at(client, -1).await?;
            match client.ask(Query::Handover(since)).await? {
                Answer::Handover(handover) => show_handover(&handover, format),
                _ => Err(odd_answer()),
            }
        }
    }
}

async fn say_what_is_quiet(client: &mut Client, which: Cases) -> Result<(), Refusal> {
    let Answer::FlagCounts(counts) = client.ask(Query::FlagCounts).await? else {
        return Err(odd_answer());
    };
    if let (Cases::Queue, Some((until, kept))) = (which, counts.quiet.filter(|(_, n)| *n > 0)) {
        eprintln!(
            "{kept} more wait until {until}, when hours are not quiet any more; --all shows them"
        );
    }
    if counts.scoring == Scoring::Reading {
        eprintln!("past orders are still being read; there may be more in a moment");
    }
    Ok(())
}

async fn detail(client: &mut Client, case: CaseId) -> Result<Box<CaseDetail>, Refusal> {
    match client.ask(Query::Flag(case)).await? {
        Answer::Flag(Some(detail)) => Ok(detail),
        Answer::Flag(None) => {
            Err(Refusal::failed(format!("no case {case}; `stockdeck flags list --all` shows them")))
        }
        _ => Err(odd_answer()),
    }
}

async fn decide_on(
    client: &mut Client,
    case: CaseId,
    act: CaseAct,
    orders: Vec<FlaggedOrder>,
) -> Result<(), Refusal> {
    let row = detail(client, case).await?.row;
    decide::record(client, Decision::Flag { case, act, orders }, Some(row.saw())).await
}

/// Cases, a row each.
fn list(rows: &[CaseRow]) -> Grid {
    let mut grid = Grid::new(&[
        "case",
        "state",
        "severity",
        "at_stake",
        "currency",
        "what",
        "cause",
        "reason",
        "since",
        "latest",
        "orders",
        "undecided",
        "assigned",
        "snoozed_until",
        "last",
        "last_by",
    ]);
    rows.iter().for_each(|row| grid.push(cells(row)));
    grid
}

fn cells(row: &CaseRow) -> Vec<Cell> {
    vec![
        Cell::text(row.case),
        Cell::text(row.state.word()),
        Cell::number(format!("{:.3}", row.severity)),
        Cell::number(row.at_stake),
        Cell::text(row.at_stake.currency),
        Cell::text(&row.what),
        Cell::text(&row.cause),
        Cell::text(&row.reason),
        Cell::text(row.since),
        Cell::text(row.latest),
        Cell::number(row.orders),
        Cell::number(row.undecided),
        Cell::or_unknown(row.assigned.as_ref(), Cell::text),
        Cell::or_unknown(row.snoozed_until, Cell::text),
        Cell::or_unknown(row.last.as_ref(), |last| Cell::text(last.act.verb())),
        Cell::or_unknown(row.last.as_ref(), |last| Cell::text(&last.who)),
    ]
}

fn show(detail: &CaseDetail, format: Format) -> Result<(), Refusal> {
    let (orders, reasons) = (orders(detail), reasons(detail));
    let (history, similar) = (deeds(&detail.history), similar(detail));
    match format {
        Format::Table => {
            ask::print(&list(std::slice::from_ref(&detail.row)), format)?;
            for grid in [&orders, &reasons, &history, &similar] {
                if !grid.is_empty() {
                    print_line("")?;
                    ask::print(grid, format)?;
                }
            }
            Ok(())
        }
        // CSV has one table only, which is the orders, or of other cases the reasons.
        Format::Csv if orders.is_empty() => ask::print(&reasons, format),
        Format::Csv => ask::print(&orders, format),
        Format::Json => {
            let case = list(std::slice::from_ref(&detail.row));
            let all = [
                ("case", &case),
                ("orders", &orders),
                ("reasons", &reasons),
                ("history", &history),
                ("similar", &similar),
            ];
            ask::print_object(("id", &detail.row.case.to_string()), &all)
        }
    }
}

fn orders(detail: &CaseDetail) -> Grid {
    let mut grid = Grid::new(&[
        "order",
        "feed",
        "status",
        "placed_at",
        "customer",
        "total",
        "currency",
        "score",
        "at_stake",
        "reasons",
        "verdict",
        "by",
        "told",
    ]);
    for row in &detail.orders {
        let reasons: Vec<&str> = row.reasons.iter().map(|reason| &*reason.text).collect();
        grid.push(vec![
            Cell::text(&row.order.key.number),
            Cell::text(&row.order.key.feed),
            Cell::text(row.order.status.word()),
            Cell::text(row.order.placed_at),
            Cell::or_unknown(row.order.customer.as_ref(), Cell::text),
            Cell::number(row.order.total),
            Cell::text(row.order.total.currency),
            Cell::number(format!("{:.3}", row.score)),
            Cell::number(row.at_stake),
            Cell::text(reasons.join("; ")),
            Cell::or_unknown(row.verdict.as_ref(), |verdict| Cell::text(verdict.act.verb())),
            Cell::or_unknown(row.verdict.as_ref(), |verdict| Cell::text(&verdict.who)),
            Cell::or_unknown(row.told.as_ref(), Cell::text),
        ]);
    }
    grid
}

fn reasons(detail: &CaseDetail) -> Grid {
    let mut grid = Grid::new(&["rule", "reason", "sku", "cost", "currency", "muted"]);
    for reason in &detail.reasons {
        grid.push(vec![
            Cell::text(&reason.rule),
            Cell::text(&reason.text),
            Cell::or_unknown(reason.sku.as_ref(), Cell::text),
            Cell::number(reason.cost),
            Cell::text(reason.cost.currency),
            Cell::Flag(reason.muted),
        ]);
    }
    grid
}

fn deeds(all: &[CaseDeed]) -> Grid {
    let mut grid = Grid::new(&["entry", "at", "who", "decision", "orders", "words", "taken_back"]);
    for deed in all {
        let words = match &deed.act {
            CaseAct::Note(text) | CaseAct::HandOver(text) => Some(text.clone()),
            CaseAct::Assign(to) => Some(to.as_deref().unwrap_or("nobody").to_owned()),
            CaseAct::Snooze(until) => Some(until.to_string()),
            _ => None,
        };
        grid.push(vec![
            Cell::number(deed.entry),
            Cell::text(deed.at),
            Cell::text(&deed.who),
            Cell::text(deed.act.verb()),
            Cell::number(deed.orders),
            Cell::or_unknown(words, Cell::text),
            Cell::Flag(deed.taken_back),
        ]);
    }
    grid
}

fn similar(detail: &CaseDetail) -> Grid {
    let mut grid = Grid::new(&["similar", "likeness", "what", "cause", "since", "ended", "by"]);
    for one in &detail.similar {
        grid.push(vec![
            Cell::text(one.case),
            Cell::number(format!("{:.2}", one.likeness)),
            Cell::text(&one.what),
            Cell::text(&one.cause),
            Cell::text(one.since),
            Cell::text(one.ended.act.verb()),
            Cell::text(&one.ended.who),
        ]);
    }
    grid
}

fn mutes(rows: &[MuteRow]) -> Grid {
    let mut grid = Grid::new(&["entry", "rule", "of", "until", "on", "who", "at", "reason"]);
    for row in rows {
        grid.push(vec![
            Cell::number(row.entry),
            Cell::text(&row.rule),
            Cell::text(&row.of),
            Cell::text(row.until),
            Cell::Flag(row.on),
            Cell::text(&row.who),
            Cell::text(row.at),
            Cell::text(&row.reason),
        ]);
    }
    grid
}

fn rules(rows: &[RuleRow]) -> Grid {
    let mut grid = Grid::new(&[
        "rule",
        "kind",
        "on",
        "spoke_28d",
        "wrong",
        "decided",
        "mutes",
        "threshold",
        "unit",
        "about",
    ]);
    for row in rows {
        grid.push(vec![
            Cell::text(&row.rule),
            Cell::text(row.kind.word()),
            Cell::Flag(row.on),
            Cell::number(row.spoke),
            Cell::number(row.right.0),
            Cell::number(row.right.1),
            Cell::number(row.mutes),
            Cell::number(row.threshold),
            Cell::text(&row.unit),
            Cell::text(&row.about),
        ]);
    }
    grid
}

fn tested(test: &RuleTest) -> Grid {
    let mut grid =
        Grid::new(&["rule", "from", "looked_at", "orders", "a_week", "wrong", "right", "latest"]);
    let latest: Vec<String> = test.latest.iter().map(OrderKey::to_string).collect();
    grid.push(vec![
        Cell::text(&test.rule),
        Cell::text(test.from),
        Cell::number(test.looked_at),
        Cell::number(test.orders),
        Cell::number(format!("{:.1}", test.a_week)),
        Cell::number(test.decided.0),
        Cell::number(test.decided.1),
        Cell::text(latest.join(" ")),
    ]);
    grid
}

fn show_past(past: &FlagPast, format: Format) -> Result<(), Refusal> {
    let mut newest = Grid::new(&[
        "order",
        "feed",
        "placed_at",
        "status",
        "units",
        "total",
        "currency",
        "score",
        "case",
    ]);
    for (order, score, case) in &past.newest {
        newest.push(vec![
            Cell::text(&order.key.number),
            Cell::text(&order.key.feed),
            Cell::text(order.placed_at),
            Cell::text(order.status.word()),
            Cell::number(order.units),
            Cell::number(order.total),
            Cell::text(order.total.currency),
            Cell::or_unknown(*score, |score| Cell::number(format!("{score:.3}"))),
            Cell::or_unknown(*case, Cell::text),
        ]);
    }
    if format == Format::Table {
        let first = past.first.map_or(String::new(), |first| format!(" since {first}"));
        let (middle, large) = past.usual_units;
        eprintln!(
            "{} orders{first}; usual units {middle:.0}, a tenth has over {large:.0}",
            past.orders
        );
    }
    ask::print(&newest, format)
}

fn show_learning(learning: &FlagLearning, format: Format) -> Result<(), Refusal> {
    let mut versions =
        Grid::new(&["version", "in_use", "made", "orders", "decisions", "before", "after"]);
    for one in &learning.versions {
        let share = |part: fn((f32, f32)) -> f32| {
            Cell::or_unknown(one.better, |better| Cell::number(format!("{:.3}", part(better))))
        };
        versions.push(vec![
            Cell::number(one.version),
            Cell::Flag(one.in_use),
            Cell::text(one.made),
            Cell::number(one.orders),
            Cell::number(one.decisions),
            share(|better| better.0),
            share(|better| better.1),
        ]);
    }
    let mut weeks = Grid::new(&["week", "raised", "wrong", "right", "precision"]);
    for week in &learning.weeks {
        weeks.push(vec![
            Cell::text(week.monday),
            Cell::number(week.raised),
            Cell::number(week.wrong),
            Cell::number(week.right),
            Cell::or_unknown(week.precision(), |share| Cell::number(format!("{share:.3}"))),
        ]);
    }
    let scoring = match learning.scoring {
        Scoring::Reading => "reading",
        Scoring::Rules { .. } => "rules",
        Scoring::Network(_) => "network",
    };
    match format {
        Format::Table => {
            let scoring = match learning.scoring {
                Scoring::Reading => "past orders are still being read".to_owned(),
                Scoring::Rules { have, need } => {
                    format!("rules alone score; {have} orders so far, about {need} are needed")
                }
                Scoring::Network(version) => format!("version {version} scores"),
            };
            let (wrong, right) = learning.decided;
            eprintln!("{scoring}; {wrong} orders decided wrong, {right} right");
            if let Some(last) = &learning.last {
                eprintln!("{last}");
            }
            ask::print(&versions, format)?;
            print_line("")?;
            ask::print(&weeks, format)
        }
        Format::Csv => ask::print(&weeks, format),
        Format::Json => {
            ask::print_object(("scoring", scoring), &[("versions", &versions), ("weeks", &weeks)])
        }
    }
}

fn show_handover(handover: &Handover, format: Format) -> Result<(), Refusal> {
    let mut decided =
        Grid::new(&["entry", "at", "who", "decision", "case", "what", "state", "taken_back"]);
    for (row, deed) in &handover.decided {
        decided.push(vec![
            Cell::number(deed.entry),
            Cell::text(deed.at),
            Cell::text(&deed.who),
            Cell::text(deed.act.verb()),
            Cell::text(row.case),
            Cell::text(&row.what),
            Cell::text(row.state.word()),
            Cell::Flag(deed.taken_back),
        ]);
    }
    let mut by = Grid::new(&["who", "decisions"]);
    for (who, count) in &handover.by {
        by.push(vec![Cell::text(who), Cell::number(count)]);
    }
    let (opened, open) = (list(&handover.opened), list(&handover.open));
    let parts = [("opened", &opened), ("decided", &decided), ("open", &open), ("by", &by)];
    match format {
        Format::Table => {
            print_line(&format!("from {} to {}", handover.since, handover.until))?;
            for (name, grid) in parts {
                let count = grid.len();
                print_line(&format!("\n{name}: {count}"))?;
                if count > 0 {
                    ask::print(grid, format)?;
                }
            }
            Ok(())
        }
        Format::Csv => ask::print(&decided, format),
        Format::Json => ask::print_object(("since", &handover.since.to_string()), &parts),
    }
}
