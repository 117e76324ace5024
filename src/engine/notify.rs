//! Telling people of cases: what the gates before the configured channels let through goes to the
//! consoles at once, and to webhooks until they took it or it is given up.
//!
//! A message lives in memory only: who starts an owner anew looks at the queue, and a page that is
//! hours old wakes nobody rightly. Waits between tries are monotonic.

use super::api::{CaseRow, CaseState, ChannelTested, NotifyTest, Refusal, Scoring, StoreKind};
use super::house::{House, Ready, Topic};
use super::questions::CaseRows;
use crate::config::{NotifyConfig, NotifyKind};
use crate::domain::{CaseId, Severity, Timestamp};
use crate::outbox::notify::{Alert, Desktop, Gate, Hook, Message, Moment, Verdict};
use crate::outbox::{Backoff, DeliveryError};
use parking_lot::Mutex;
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{broadcast, mpsc, watch};
use tokio::task::JoinSet;
use tokio::time::{Instant, timeout_at};

/// How often it is looked which cases wait, and whether what was kept may be told.
const LOOK: Duration = Duration::from_secs(2);
/// The longest wait between two tries.
const LONGEST_WAIT: Duration = Duration::from_secs(120);
/// How long consoles have to say what they made of a test.
const HEARD: Duration = Duration::from_secs(2);
/// Calls that a console may be behind.
const BACKLOG: usize = 16;

/// A console, and what it made of a call.
pub type Heard = (Box<str>, Option<String>);

/// Something that consoles show at once.
#[derive(Clone, Debug)]
pub struct Call {
    /// One line, clean.
    pub text: String,
    /// Whether the bell is to ring.
    pub bell: bool,
    /// How the terminal's desktop is to be reached.
    pub desktop: Desktop,
    /// Each console says here what it made of it, in words; `None`: its terminal takes nothing.
    pub heard: mpsc::UnboundedSender<Heard>,
}

/// The channels.
pub struct Notices {
    channels: Mutex<Vec<Channel>>,
    /// What is in the way of each channel that fails.
    failing: Mutex<BTreeMap<Box<str>, String>>,
    calls: broadcast::Sender<Call>,
    letters: mpsc::UnboundedSender<Letter>,
    /// Taken by who delivers them.
    outgoing: Mutex<Option<mpsc::UnboundedReceiver<Letter>>>,
}

struct Channel {
    name: Box<str>,
    gate: Gate,
    way: Way,
}

/// How a channel reaches its person.
#[derive(Clone)]
enum Way {
    Consoles {
        bell: bool,
        desktop: Desktop,
    },
    Hook {
        hook: Arc<Hook>,
        kind: &'static str,
        tries: u32,
    },
    /// Not at all: why.
    Closed {
        kind: &'static str,
        why: Box<str>,
    },
}

/// A message on its way to a webhook.
struct Letter {
    channel: Box<str>,
    hook: Arc<Hook>,
    tries: u32,
    message: Message,
    key: String,
}

impl Default for Notices {
    fn default() -> Self {
        let (letters, outgoing) = mpsc::unbounded_channel();
        Notices {
            channels: Mutex::default(),
            failing: Mutex::default(),
            calls: broadcast::Sender::new(BACKLOG),
            letters,
            outgoing: Mutex::new(Some(outgoing)),
        }
    }
}

impl Notices {
    /// Whether any channel is configured.
    fn is_used(&self) -> bool {
        !self.channels.lock().is_empty()
    }
    /// What consoles are to show from now on.
    pub fn calls(&self) -> broadcast::Receiver<Call> {
        self.calls.subscribe()
    }
}

/// Sets up the configured channels. A replay or a demo tells nobody outside.
pub fn set_up(house: &House, configured: &[NotifyConfig]) {
    let mut broken = BTreeMap::new();
    let mut channel = |config: &NotifyConfig| {
        let way = match (&config.kind, config.hook()) {
            (NotifyKind::Console { bell, desktop }, _) => {
                Way::Consoles { bell: *bell, desktop: *desktop }
            }
            (NotifyKind::Webhook { shape, .. }, _) if house.kind != StoreKind::Live => {
                let why = "a demo or replay store tells nobody outside of it";
                Way::Closed { kind: shape.word(), why: why.into() }
            }
            (NotifyKind::Webhook { shape, tries, .. }, Some(Ok(hook))) => {
                Way::Hook { hook: Arc::new(hook), kind: shape.word(), tries: *tries }
            }
            (NotifyKind::Webhook { shape, .. }, Some(Err(error))) => {
                broken.insert(config.name.as_str().into(), error.to_string());
                Way::Closed { kind: shape.word(), why: error.to_string().into() }
            }
            (NotifyKind::Webhook { shape, .. }, None) => {
                Way::Closed { kind: shape.word(), why: "it has no address".into() }
            }
        };
        let gate = Gate::new(config.rules.clone(), house.zone.clone());
        Channel { name: config.name.as_str().into(), gate, way }
    };
    *house.notices.channels.lock() = configured.iter().map(&mut channel).collect();
    *house.notices.failing.lock() = broken;
    house.say_what_fails();
}

/// Tells what was kept when its time has come, and delivers, until the owner ends.
pub async fn run(house: Arc<House>, mut stop: watch::Receiver<bool>) {
    let Some(mut outgoing) = house.notices.outgoing.lock().take() else { return };
    let ends = stop.clone();
    let mut look = tokio::time::interval(LOOK);
    look.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let mut runs: JoinSet<()> = JoinSet::new();
    let mut changes = house.revision.subscribe();
    changes.mark_changed();
    let mut waiting = None;
    loop {
        let is_time = tokio::select! {
            _ = stop.wait_for(|stop| *stop) => return,
            _ = look.tick() => true,
            Some(letter) = outgoing.recv() => {
                runs.spawn(deliver(house.clone(), letter, ends.clone()));
                false
            }
            Some(done) = runs.join_next(), if !runs.is_empty() => {
                if let Err(error) = done {
                    tracing::error!(%error, "telling a channel ended in a panic");
                }
                false
            }
        };
        if !is_time {
            continue;
        }
        if house.notices.is_used() && changes.has_changed().unwrap_or(false) {
            changes.mark_unchanged();
            waiting = look_at_cases(&house, waiting).await;
        }
        house.tell_what_was_kept();
    }
}

/// Tells of the cases that wait as they stand, away from the threads that serve; which they are.
async fn look_at_cases(
    house: &Arc<House>,
    waiting: Option<BTreeSet<CaseId>>,
) -> Option<BTreeSet<CaseId>> {
    let at_work = house.clone();
    let looked = tokio::task::spawn_blocking(move || at_work.tell_of_cases(waiting)).await;
    looked.unwrap_or_else(|error| {
        tracing::error!(%error, "looking for cases to tell of ended in a panic");
        None
    })
}

fn alert_of(row: &CaseRow) -> Alert {
    Alert {
        case: row.case.to_string().into(),
        severity: Severity::of(row.severity),
        what: row.what.clone(),
        orders: row.orders,
        stake: Some(row.at_stake),
        at: row.latest,
    }
}

/// Tries until the hook took it or it is given up, which everybody sees.
async fn deliver(house: Arc<House>, letter: Letter, mut stop: watch::Receiver<bool>) {
    let backoff = Backoff { longest: LONGEST_WAIT, tries: letter.tries, ..Backoff::default() };
    let mut rng = ChaCha8Rng::seed_from_u64(u64::from(std::process::id()));
    let channel = &letter.channel;
    for tried in 1.. {
        let told = tokio::select! {
            told = letter.hook.tell(&letter.message, &letter.key) => told,
            _ = stop.wait_for(|stop| *stop) => return,
        };
        let error = match told {
            Ok(()) => return house.channel_fails(channel, None),
            Err(error) => error,
        };
        tracing::warn!(%channel, tried, %error, "a message was not taken");
        let wait = backoff.after(tried, error.after, &mut rng).filter(|_| error.retry);
        let Some(wait) = wait else {
            let told = format!(
                "channel {channel} did not take a message after {tried} tr{}: {error}; \
                 `stockdeck notify test {channel}` tries it",
                if tried == 1 { "y" } else { "ies" }
            );
            return house.channel_fails(channel, Some(told));
        };
        tokio::select! {
            () = tokio::time::sleep(wait) => {}
            _ = stop.wait_for(|stop| *stop) => return,
        }
    }
}

impl House {
    /// A channel took a message, or gave up on one: what fails on another stays said.
    fn channel_fails(&self, channel: &str, why: Option<String>) {
        let mut failing = self.notices.failing.lock();
        match why {
            Some(why) => drop(failing.insert(channel.into(), why)),
            None => drop(failing.remove(channel)),
        }
        drop(failing);
        self.say_what_fails();
    }

    fn say_what_fails(&self) {
        let failing = self.notices.failing.lock();
        let all: Vec<&str> = failing.values().map(String::as_str).collect();
        self.trouble(Topic::Notices, (!all.is_empty()).then(|| all.join("; ")));
    }

    /// Tells whom it concerns of the cases that wait. `before`: those of the last look; at the first one
    /// after a start they are taken for known, since whoever starts an owner sees the queue.
    fn tell_of_cases(&self, before: Option<BTreeSet<CaseId>>) -> Option<BTreeSet<CaseId>> {
        let reading = self.flags.book.read().scoring == Scoring::Reading;
        if reading || *self.ready.borrow() != Ready::Yes {
            return before;
        }
        let mut rows = CaseRows::of(self).rows;
        rows.retain(|row| row.state == CaseState::Open && !row.is_spent());
        for row in &rows {
            match before {
                Some(_) => self.alert(&alert_of(row)),
                None => self.know(&alert_of(row)),
            }
        }
        let waiting: BTreeSet<CaseId> = rows.iter().map(|row| row.case).collect();
        for over in before.iter().flatten().filter(|case| !waiting.contains(case)) {
            self.no_alert(&over.to_string());
        }
        Some(waiting)
    }

    fn know(&self, alert: &Alert) {
        let now = self.moment();
        for channel in self.notices.channels.lock().iter_mut() {
            channel.gate.know(alert, now);
        }
    }

    /// Somebody may have to look at a case now: tells whom it concerns. The same case may be said any
    /// number of times.
    pub fn alert(&self, alert: &Alert) {
        let now = self.moment();
        let mut told = Vec::new();
        for channel in self.notices.channels.lock().iter_mut() {
            match channel.gate.consider(alert.clone(), now) {
                Verdict::Tell(message) => {
                    told.push((channel.name.clone(), channel.way.clone(), message));
                }
                Verdict::Hold(why) | Verdict::Leave(why) => {
                    let (case, channel) = (&alert.case, &channel.name);
                    tracing::debug!(%case, %channel, %why, "not told now");
                }
            }
        }
        for (name, way, message) in told {
            self.send(&name, &way, message);
        }
    }

    /// A case is decided or over: what was kept of it is told to nobody.
    pub fn no_alert(&self, case: &str) {
        for channel in self.notices.channels.lock().iter_mut() {
            channel.gate.settled(case);
        }
    }

    fn tell_what_was_kept(&self) {
        let now = self.moment();
        let mut told = Vec::new();
        for channel in self.notices.channels.lock().iter_mut().filter(|one| one.gate.holds()) {
            if let Some(message) = channel.gate.due(now) {
                told.push((channel.name.clone(), channel.way.clone(), message));
            }
        }
        for (name, way, message) in told {
            self.send(&name, &way, message);
        }
    }

    fn send(&self, name: &str, way: &Way, message: Message) {
        match way {
            Way::Consoles { bell, desktop } => {
                self.call(&message, *bell, *desktop);
            }
            Way::Hook { hook, tries, .. } => {
                let key = self.message_key(name, &message);
                let (hook, tries) = (hook.clone(), *tries);
                // Nobody takes it when the owner ends.
                let _ = self.notices.letters.send(Letter {
                    channel: name.into(),
                    hook,
                    tries,
                    message,
                    key,
                });
            }
            Way::Closed { why, .. } => tracing::debug!(channel = name, %why, "not told"),
        }
    }

    /// Calls the consoles; how many there are, and where they say what they made of it.
    fn call(
        &self,
        message: &Message,
        bell: bool,
        desktop: Desktop,
    ) -> (usize, mpsc::UnboundedReceiver<Heard>) {
        let (heard, hears) = mpsc::unbounded_channel();
        let call = Call { text: message.text(), bell, desktop, heard };
        // An error says that there is none.
        (self.notices.calls.send(call).unwrap_or(0), hears)
    }

    fn message_key(&self, channel: &str, message: &Message) -> String {
        self.key_for(&format!("notify {channel} {}", message.mark()))
    }

    fn moment(&self) -> Moment {
        Moment { at: self.clock.now(), mono: self.started.elapsed() }
    }
}

/// Tries channels, and says what was sent or why not.
pub async fn test(house: &House, wanted: NotifyTest) -> Result<Vec<ChannelTested>, Refusal> {
    let now = house.moment();
    let chosen: Vec<_> = {
        let mut channels = house.notices.channels.lock();
        if channels.is_empty() {
            return Err(Refusal::usage(
                "no channel is configured; `stockdeck config init` shows how, and an owner that \
                 runs has to be ended to see it",
            ));
        }
        let meant = |name: &str| wanted.channel.as_deref().is_none_or(|wanted| wanted == name);
        let mut chosen = Vec::new();
        for channel in channels.iter_mut().filter(|channel| meant(&channel.name)) {
            let may = match (&channel.way, wanted.anyway) {
                (Way::Closed { why, .. }, _) => Err(why.to_string()),
                (_, true) => Ok(Message::Test),
                (_, false) => channel
                    .gate
                    .test(now)
                    .map_err(|why| format!("not sent: {why}; --anyway sends it all the same")),
            };
            chosen.push((channel.name.clone(), channel.way.clone(), may));
        }
        if chosen.is_empty() {
            let names: Vec<_> = channels.iter().map(|channel| &*channel.name).collect();
            let name = wanted.channel.unwrap_or_default();
            return Err(Refusal::usage(format!(
                "there is no channel \"{name}\"; there are {}",
                names.join(", ")
            )));
        }
        chosen
    };
    let mut tested = Vec::new();
    for (channel, way, may) in chosen {
        let kind = match &way {
            Way::Consoles { .. } => "console",
            Way::Hook { kind, .. } | Way::Closed { kind, .. } => kind,
        };
        let said = match may {
            Err(why) => Err(why),
            Ok(message) => try_once(house, &channel, &way, &message).await,
        };
        let (sent, said) = match said {
            Ok(said) => (true, said),
            Err(why) => (false, why),
        };
        tested.push(ChannelTested { channel, kind: kind.into(), sent, said: said.into() });
    }
    Ok(tested)
}

async fn try_once(
    house: &House,
    channel: &str,
    way: &Way,
    message: &Message,
) -> Result<String, String> {
    match way {
        Way::Consoles { bell, desktop } => {
            let (consoles, hears) = house.call(message, *bell, *desktop);
            console_words(consoles, hears).await
        }
        Way::Hook { hook, .. } => {
            let key = house.message_key(channel, message);
            let line = hook.request(message, &key, Timestamp::wall_now()).line;
            match hook.tell(message, &key).await {
                Ok(()) => Ok(format!("{line}: taken")),
                Err(DeliveryError { reason, retry, .. }) => {
                    let again = if retry { "; a case would be tried again" } else { "" };
                    Err(format!("{line}: {reason}{again}"))
                }
            }
        }
        Way::Closed { why, .. } => Err(why.to_string()),
    }
}

/// What the consoles made of a call.
async fn console_words(
    consoles: usize,
    mut hears: mpsc::UnboundedReceiver<(Box<str>, Option<String>)>,
) -> Result<String, String> {
    if consoles == 0 {
        return Err("not sent: no console is attached".into());
    }
    let until = Instant::now() + HEARD;
    let (mut told, mut deaf) = (Vec::new(), Vec::new());
    while let Ok(Some((who, made))) = timeout_at(until, hears.recv()).await {
        match made {
            Some(made) => told.push(format!("{who}: {made}")),
            None => deaf.push(who),
        }
    }
    let deaf = match deaf.as_slice() {
        [] => String::new(),
        some => format!("not sent to {}: a terminal that shows neither", some.join(", ")),
    };
    match (told.is_empty(), deaf.is_empty()) {
        (true, true) => Err("not sent: no console answers".into()),
        (true, false) => Err(deaf),
        (false, true) => Ok(told.join("; ")),
        (false, false) => Ok(format!("{}; {deaf}", told.join("; "))),
    }
}
