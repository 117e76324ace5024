//! The gate before a channel: lets through what its person should hear of now, keeps what may wait,
//! and says why.
//!
//! Rates and repetitions are reckoned in monotonic time, which is a person's own; quiet hours are hours
//! of domain time in the store's zone, which is what clocks on the screens show.

use super::alert::{Alert, Message};
use super::rules::{Quiet, Rules};
use crate::domain::{Money, Severity, Timestamp, Zone};
use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::time::Duration;

/// Cases that are kept until they may be told, at most; the mildest is let go of first.
const MOST_HELD: usize = 500;
/// Cases that were told of before it is looked which are forgotten, at least.
const FORGET_FROM: usize = 1_024;
/// A case got worse if so much more is at stake, in hundredths.
const WORSE: i64 = 150;

/// A moment by both clocks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment {
    /// Domain time.
    pub at: Timestamp,
    /// Monotonic time since the owner's start.
    pub mono: Duration,
}

/// What becomes of an alert on one channel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It is to be told now.
    Tell(Message),
    /// It is kept, and told later with what else is kept.
    Hold(Why),
    /// It is not told here.
    Leave(Why),
}

/// Why something is not told now.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Why {
    /// Less severe than the channel wants.
    #[error("only cases of severity {} and above are told here", .0.word())]
    Mild(Severity),
    /// Less is at stake than the channel wants.
    #[error("only cases with at least {0} {cur} at stake are told here", cur = .0.currency)]
    Small(Money),
    /// It was told and is no worse.
    #[error("the case was told here already and is no worse")]
    Known,
    /// Quiet hours.
    #[error("it is quiet here ({0}); what waits is told at {end}", end = .0.end())]
    Quiet(Quiet),
    /// Too many messages lately.
    #[error("{0} messages an hour are told here at most; the next in {wait} s", wait = .1.as_secs().max(1))]
    Often(u32, Duration),
}

/// What was last told of a case.
#[derive(Clone, Copy, Debug)]
struct Told {
    severity: Severity,
    stake: Option<Money>,
    mono: Duration,
}

/// The gate before one channel.
#[derive(Clone, Debug)]
pub struct Gate {
    rules: Rules,
    zone: Zone,
    tokens: f64,
    filled: Duration,
    told: BTreeMap<Box<str>, Told>,
    /// At so many told cases it is looked which are forgotten.
    room: usize,
    held: BTreeMap<Box<str>, Alert>,
}

impl Gate {
    /// A gate at which nothing has come by yet.
    pub fn new(rules: Rules, zone: Zone) -> Self {
        let tokens = f64::from(rules.burst);
        Gate {
            rules,
            zone,
            tokens,
            filled: Duration::ZERO,
            told: BTreeMap::new(),
            room: FORGET_FROM,
            held: BTreeMap::new(),
        }
    }

    /// What becomes of an alert.
    pub fn consider(&mut self, alert: Alert, now: Moment) -> Verdict {
        if alert.severity < self.rules.least {
            return Verdict::Leave(Why::Mild(self.rules.least));
        }
        if let Some(least) = self.rules.least_value
            && alert.stake.is_some_and(|stake| is_less(stake, least))
        {
            return Verdict::Leave(Why::Small(least));
        }
        let told = self.told.get(&alert.case).filter(|told| self.is_remembered(told, now));
        if told.is_some_and(|told| !is_worse(&alert, told)) {
            return Verdict::Leave(Why::Known);
        }
        if let Some(why) = self.obstacle(alert.severity, now) {
            self.hold(alert);
            return Verdict::Hold(why);
        }
        self.held.remove(&alert.case);
        Verdict::Tell(self.tell(vec![alert], now))
    }

    /// A case that waits already is known to whoever looked before: it is told only if it gets worse.
    pub fn know(&mut self, alert: &Alert, now: Moment) {
        let told = Told { severity: alert.severity, stake: alert.stake, mono: now.mono };
        self.told.insert(alert.case.clone(), told);
        self.forget_old(now);
    }

    /// What was kept and may be told now, all of it as one message.
    pub fn due(&mut self, now: Moment) -> Option<Message> {
        let may = |alert: &Alert| self.quiet(alert.severity, now).is_none();
        let cases: Vec<Box<str>> =
            self.held.values().filter(|a| may(a)).map(|a| a.case.clone()).collect();
        if cases.is_empty() || self.wait(now).is_some() {
            return None;
        }
        let mut alerts: Vec<Alert> = cases.iter().filter_map(|id| self.held.remove(id)).collect();
        alerts
            .sort_by_key(|alert| (Reverse(alert.severity), Reverse(alert.stake.map(|m| m.minor))));
        Some(self.tell(alerts, now))
    }

    /// Whether a test may be sent now, which counts as a message; or why not.
    pub fn test(&mut self, now: Moment) -> Result<Message, Why> {
        match self.obstacle(Severity::High, now) {
            Some(why) => Err(why),
            None => {
                self.tokens -= 1.0;
                Ok(Message::Test)
            }
        }
    }

    /// A case is decided: what was kept of it is not told any more.
    pub fn settled(&mut self, case: &str) {
        self.held.remove(case);
    }

    /// Cases that were told of and are kept.
    #[cfg(test)]
    pub(super) fn remembered(&self) -> usize {
        self.told.len()
    }

    /// Whether something is kept.
    pub fn holds(&self) -> bool {
        !self.held.is_empty()
    }

    fn obstacle(&mut self, severity: Severity, now: Moment) -> Option<Why> {
        self.quiet(severity, now)
            .or_else(|| self.wait(now).map(|wait| Why::Often(self.rules.per_hour, wait)))
    }

    fn quiet(&self, severity: Severity, now: Moment) -> Option<Why> {
        let quiet = self.rules.quiet.filter(|quiet| quiet.holds(now.at, &self.zone))?;
        let loud = self.rules.loud.is_some_and(|loud| severity >= loud);
        (!loud).then_some(Why::Quiet(quiet))
    }

    /// Fills the bucket up to now; how long it takes until there is a token, if there is none.
    fn wait(&mut self, now: Moment) -> Option<Duration> {
        let a_second = f64::from(self.rules.per_hour) / 3_600.0;
        let passed = now.mono.saturating_sub(self.filled).as_secs_f64();
        self.tokens = (self.tokens + passed * a_second).min(f64::from(self.rules.burst));
        self.filled = self.filled.max(now.mono);
        // A token is not lacking for a rounding error.
        let lacking = 1.0 - self.tokens;
        (lacking > 1e-9).then(|| Duration::from_secs_f64(lacking / a_second))
    }

    fn tell(&mut self, alerts: Vec<Alert>, now: Moment) -> Message {
        self.tokens -= 1.0;
        for alert in &alerts {
            self.know(alert, now);
        }
        Message::Cases(alerts)
    }

    fn hold(&mut self, alert: Alert) {
        self.held.insert(alert.case.clone(), alert);
        if self.held.len() > MOST_HELD {
            let weight = |alert: &&Alert| {
                (alert.severity, alert.stake.map(|stake| stake.minor), Reverse(alert.at))
            };
            let mildest = self.held.values().min_by_key(weight);
            if let Some(case) = mildest.map(|alert| alert.case.clone()) {
                self.held.remove(&case);
            }
        }
    }

    /// Whether what was told of a case still counts.
    fn is_remembered(&self, told: &Told, now: Moment) -> bool {
        let long = Duration::from_millis(self.rules.again_after.as_millis().unsigned_abs());
        now.mono.saturating_sub(told.mono) < long
    }

    /// Forgets what does not count any more, when there is twice as much as counted the last time: so a
    /// case costs the same however many there are.
    fn forget_old(&mut self, now: Moment) {
        if self.told.len() < self.room {
            return;
        }
        let mut told = std::mem::take(&mut self.told);
        told.retain(|_, told| self.is_remembered(told, now));
        self.room = FORGET_FROM.max(2 * told.len());
        self.told = told;
    }
}

/// Whether one sum is less than another; sums of two currencies are not compared.
fn is_less(one: Money, than: Money) -> bool {
    one.currency == than.currency && one.minor < than.minor
}

fn is_worse(alert: &Alert, told: &Told) -> bool {
    let more = |(now, then): (Money, Money)| {
        now.currency == then.currency
            && now.minor.saturating_mul(100) >= then.minor.saturating_mul(WORSE)
            && now.minor > then.minor
    };
    alert.severity > told.severity || alert.stake.zip(told.stake).is_some_and(more)
}
