//! `stockdeck flags …` and `stockdeck handover`: cases of the running store that are worth a look, and
//! deciding on them.

mod heard;
mod moment;
mod shown;

use super::args::{Format, FormatArgs, PageArgs};
use super::ask::{self, PageWish, odd_answer, print_line};
use super::decide;
use super::ready::Ready;
use crate::domain::*;
use crate::engine::FLAGS;
use crate::engine::api::*;
use crate::owner::client::Client;
use clap::{Args, Subcommand};
pub use moment::Moment;
use shown::{list, mutes, rules, show, show_handover, show_learning, show_past, tested};
use std::future::pending;

/// Weeks of the past that a rule is tested on where nobody says how many.
const WEEKS: u16 = 8;

/// From which strength on a rule is to speak; none is as the program has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Setting(Option<Threshold>);

fn threshold(text: &str) -> Result<Setting, String> {
    if text == "usual" {
        return Ok(Setting(None));
    }
    let from = text.trim().parse().ok().and_then(Threshold::new);
    from.map(|from| Setting(Some(from)))
        .ok_or_else(|| format!("write a number up to {}, or usual", Threshold::MOST))
}

fn account(text: &str) -> Result<AccountRef, String> {
    AccountRef::parse(text)
        .ok_or_else(|| "write it as a case tells it, such as 01ab23cd".to_owned())
}

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
        /// All that wait: in quiet hours too, and what the network alone found and nobody can stop any more
        #[arg(long, conflicts_with = "all")]
        waiting: bool,
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
    /// List the rules with what they said lately, switch one, or set from when on it speaks
    Rules {
        /// Set this rule; `backtest-rule RULE --threshold X` says first what it would have said
        #[arg(requires = "threshold", conflicts_with_all = ["on", "off"])]
        rule: Option<String>,
        /// From which strength on it speaks, in its own unit; `usual` is as the program has it
        #[arg(long, value_name = "X", value_parser = threshold, requires = "rule", allow_hyphen_values = true)]
        threshold: Option<Setting>,
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
        #[arg(long, default_value_t = WEEKS, value_parser = clap::value_parser!(u16).range(1..))]
        weeks: u16,
        /// As if it spoke from this strength on, in its own unit
        #[arg(long, value_name = "X", value_parser = threshold, allow_hyphen_values = true)]
        threshold: Option<Setting>,
        /// How it is printed.
        #[command(flatten)]
        format: FormatArgs,
    },
    /// The past of a customer or a SKU, as flags see it
    Past {
        /// The customer's pseudonym
        #[arg(long, group = "whose", required_unless_present_any = ["account", "sku"])]
        customer: Option<String>,
        /// The account, as a case tells it: orders under all its names
        #[arg(long, group = "whose", value_parser = account)]
        account: Option<AccountRef>,
        /// The SKU
        #[arg(long, group = "whose")]
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
    Test(Box<str>, u16, Option<Threshold>, Format),
    /// Show a past.
    Past(PastOf, Format),
    /// Show how the network learns.
    Learning(Format),
    /// Learn.
    Learn,
    /// What happened since a moment.
    Handover(Moment, Format),
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
            Self::List { all, waiting, page } => {
                let which = match (all, waiting) {
                    (true, _) => Cases::All,
                    (_, true) => Cases::Waiting,
                    _ => Cases::Queue,
                };
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
            Self::Rules { rule: Some(rule), threshold: Some(to), .. } => {
                let (rule, from, before) = (rule.into(), to.0, None);
                Ok(Flags::Decide(Decision::SetThreshold { rule, from, before }))
            }
            Self::Rules { on: Some(rule), .. } => {
                Ok(Flags::Decide(Decision::SwitchRule { rule: rule.into(), on: true }))
            }
            Self::Rules { off: Some(rule), .. } => {
                Ok(Flags::Decide(Decision::SwitchRule { rule: rule.into(), on: false }))
            }
            Self::Rules { format, .. } => Ok(Flags::Rules(format.format)),
            Self::BacktestRule { rule, weeks, threshold, format } => {
                let from = threshold.and_then(|to| to.0);
                Ok(Flags::Test(rule.into(), weeks, from, format.format))
            }
            Self::Past { customer, account, sku, format } => {
                let of = match (customer, account) {
                    (Some(customer), _) => PastOf::Customer(CustomerRef::new(customer)),
                    (None, Some(account)) => PastOf::Account(account),
                    (None, None) => PastOf::Sku(Sku::new(sku.unwrap_or_default())),
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
            decide::record(client, decision, Some(String::new())).await.map(drop)
        }
        Flags::Decide(decision) => {
            decide::record(client, decision, Some(String::new())).await.map(drop)
        }
        Flags::Mutes(format) => match client.ask(Query::Mutes).await? {
            Answer::Mutes(rows) => ask::print(&mutes(&rows), format),
            _ => Err(odd_answer()),
        },
        Flags::Rules(format) => match client.ask(Query::FlagRules).await? {
            Answer::FlagRules(rows) => ask::print(&rules(&rows), format),
            _ => Err(odd_answer()),
        },
        Flags::Test(rule, weeks, from, format) => {
            let action = Action::TestRule(rule, weeks, from);
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
            let Answer::Status(status) = client.ask(Query::Status).await? else {
                return Err(odd_answer());
            };
            if since > status.now {
                return Err(Refusal::usage(format!(
                    "--since {since} lies ahead of the store's {}; give a time that is over",
                    status.now
                )));
            }
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
            "{kept} more wait until {until}, when hours are not quiet any more; --waiting shows them"
        );
    }
    if let (Cases::Queue, spent @ 1..) = (which, counts.spent) {
        eprintln!(
            "the network alone found {spent} more, of which nothing can be stopped any more; --waiting \
             shows them"
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
    let all = if orders.is_empty() { row.undecided as usize } else { orders.len() };
    let stops = matches!(act, CaseAct::Hold | CaseAct::Cancel);
    let is_told = stops || act == CaseAct::Release;
    let decision = Decision::Flag { case, act, orders };
    let (seq, told) = decide::record(client, decision, Some(row.saw())).await?;
    let Decision::Flag { orders, .. } = told else { return Ok(()) };
    if let Some(left @ 1..) = all.checked_sub(orders.len()).filter(|_| stops) {
        eprintln!("{left} of its {all} undecided orders have left or were called off");
    }
    match is_told {
        true => heard::heard(client, case, seq, &orders).await,
        false => Ok(()),
    }
}
