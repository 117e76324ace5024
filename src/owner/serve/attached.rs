//! A console that is attached: events in, at most a few frames a moment out.
//!
//! Everything that happened is taken in before a frame is drawn, and no frame is drawn that the
//! client has no room for: a slow line sees fewer frames, never older ones, and slows nobody else.

use super::House;
use crate::domain::{Actor, Timestamp};
use crate::engine::api::{Action, Answer, LOOKED_AT, LookedAt, Outcome, Query, Refusal};
use crate::engine::{Call, Cancel};
use crate::feed::Pending;
use crate::outbox::notify::{Desktop, Escape};
use crate::owner::connection::Outbox;
use crate::owner::wire::{self, Console, FromOwner, ToOwner};
use crate::tui::dump;
use crate::tui::event::{Effect, Event};
use crate::tui::session::{ScreenSetup, Session};
use crate::tui::term::Caps;
use crate::tui::theme::{Palette, Theme, Themes};
use ratatui::layout::Size;
use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::unix::OwnedWriteHalf;
use tokio::sync::{broadcast, mpsc, watch};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep_until, timeout};

/// Two frames are drawn within this time at most: what a key did, and the data that it asked for.
const FRAME: Duration = Duration::from_millis(16);
/// Changes of the store within this time are told as one.
const CHANGED: Duration = Duration::from_millis(150);
/// How long the first frame waits for what the owner is.
const STATUS: Duration = Duration::from_millis(20);
/// A minute, of domain or wall time.
const MINUTE_MS: i64 = 60_000;
/// How often simulated time is looked at, which may go faster than the wall's.
const LOOK: Duration = Duration::from_secs(1);
/// Domain time that is nearer to the wall's than this is the wall's.
const SAME: Duration = Duration::from_secs(2);
/// How often it is said again which case is looked at: well before it counts no longer.
const LOOK_AGAIN: Duration = Duration::from_millis(LOOKED_AT.as_millis().unsigned_abs() / 2);
/// Files and texts for the client that wait at most; more of them means it is not listening.
const MOST_WAITING: usize = 1_000;

pub(super) async fn run(
    house: Arc<House>,
    actor: Actor,
    console: Console,
    inbox: mpsc::Receiver<ToOwner>,
    write: OwnedWriteHalf,
) {
    let (events, happened) = mpsc::unbounded_channel();
    if let Some(pid) = console.lost {
        let _ = events.send(Event::Notice(how_lost(pid)));
    }
    let session = session(&house, &actor, &console).await;
    let minutes = minutes(&house);
    let palette = Palette::parse(&console.theme, "theme").unwrap_or_default();
    let mut attached = Attached {
        changes: house.backend.changes(),
        calls: house.backend.calls(),
        outbox: Outbox::new(write, 1),
        house,
        actor,
        session,
        events,
        questions: JoinSet::new(),
        waiting: VecDeque::new(),
        painted: [None; 2],
        spoke: Instant::now(),
        changed_at: None,
        looks_at: None,
        look_again: Instant::now(),
        minutes,
        palette,
        read_only: console.read_only,
        over: false,
    };
    let effects = attached.session.start(console.bookmark.as_deref());
    attached.perform(effects);
    attached.serve(inbox, happened).await;
}

async fn session(house: &House, actor: &Actor, console: &Console) -> Session {
    let size = Size { width: console.size.0, height: console.size.1 };
    let own = console.themes.iter().filter_map(|(name, text)| {
        let palette = Palette::parse(text, name);
        let unread = |error| tracing::warn!(%error, name, "a theme is left out");
        palette.map(|palette| palette.called(name)).map_err(unread).ok()
    });
    let themes = Themes::with(own.collect());
    let palette = themes.get(&console.theme).cloned().unwrap_or_default();
    let theme = Theme::new(&palette, console.caps.colors, console.caps.unicode);
    let status = match timeout(STATUS, house.backend.ask(Query::Status)).await {
        Ok(Ok(Answer::Status(status))) => Some(*status),
        _ => None,
    };
    let screen = (house.make_screen)(ScreenSetup {
        size,
        read_only: console.read_only,
        user: actor.user.clone(),
        theme,
        themes,
        clipboard: console.caps.clipboard(),
        status,
        now: house.backend.now(),
        wall: Timestamp::wall_now(),
    });
    Session::new(screen, size, console.caps)
}

struct Attached {
    house: Arc<House>,
    actor: Actor,
    session: Session,
    outbox: Outbox,
    /// Answers come back here.
    events: mpsc::UnboundedSender<Event>,
    questions: JoinSet<()>,
    /// Messages that go before the next frame.
    waiting: VecDeque<FromOwner>,
    /// When the last two frames were drawn, the older first.
    painted: [Option<Instant>; 2],
    /// When the client last got anything.
    spoke: Instant,
    changes: watch::Receiver<u64>,
    /// What is to be shown at once.
    calls: broadcast::Receiver<Call>,
    /// When a change of the store is to be told.
    changed_at: Option<Instant>,
    /// The case that this person looks at, and when that is to be said again.
    looks_at: Option<LookedAt>,
    look_again: Instant,
    /// The minutes of domain and wall time that the screen knows.
    minutes: [i64; 2],
    /// The theme that the console came with.
    palette: Palette,
    read_only: bool,
    over: bool,
}

impl Attached {
    async fn serve(
        mut self,
        mut inbox: mpsc::Receiver<ToOwner>,
        mut happened: mpsc::UnboundedReceiver<Event>,
    ) {
        let mut ending = self.house.ending.clone();
        let frames = self.outbox.frames().clone();
        let mut changes_end = false;
        while !self.over {
            let due = self.paint_due();
            let ready = !self.waiting.is_empty() || due.is_some_and(|due| due <= Instant::now());
            let tick = Instant::now() + until_next_look(self.house.backend.now());
            tokio::select! {
                message = inbox.recv() => match message {
                    Some(message) => self.take(message),
                    None => return,
                },
                Some(event) = happened.recv() => self.happen(event),
                room = frames.reserve(), if ready => match room {
                    Ok(room) => {
                        if let Some(frame) = self.next_frame() {
                            room.send(frame);
                            self.spoke = Instant::now();
                        }
                        continue;
                    }
                    Err(_) => return,
                },
                () = sleep_until(due.unwrap_or(tick)), if due.is_some() && !ready => continue,
                changed = self.changes.changed(), if self.changed_at.is_none() && !changes_end => {
                    changes_end = changed.is_err();
                    self.changed_at = changed.ok().map(|()| Instant::now() + CHANGED);
                }
                () = sleep_until(self.changed_at.unwrap_or(tick)), if self.changed_at.is_some() => {
                    self.changed_at = None;
                    self.tick();
                    self.happen(Event::Changed);
                }
                () = sleep_until(tick) => self.tick(),
                () = sleep_until(self.look_again), if self.looks_at.is_some() => {
                    self.look_at(self.looks_at.clone());
                    continue;
                }
                // A client that takes nothing is not told over and over: what waits says it.
                () = sleep_until(self.spoke + wire::BEAT), if !ready => {
                    self.waiting.push_back(FromOwner::Alive);
                }
                Some(_) = self.questions.join_next(), if !self.questions.is_empty() => continue,
                call = self.calls.recv() => match call {
                    Ok(call) => self.call(&call),
                    // Those that were missed stand in the queue, as all others do.
                    Err(broadcast::error::RecvError::Lagged(_)) => continue,
                    Err(broadcast::error::RecvError::Closed) => return,
                },
                reason = ending.wait_for(Option::is_some) => {
                    let reason = reason.ok().and_then(|r| r.clone());
                    self.waiting.push_back(FromOwner::Bye { reason, status: 0 });
                    self.over = true;
                }
            }
            // Everything that is there is taken in before a frame is drawn.
            while let Ok(message) = inbox.try_recv() {
                self.take(message);
            }
            while let Ok(event) = happened.try_recv() {
                self.happen(event);
            }
        }
        if self.looks_at.is_some() {
            self.look_at(None);
        }
        // The outbox ends when nobody can send any more; a sender kept here would keep it for ever.
        drop(frames);
        self.say_goodbye().await;
    }

    fn take(&mut self, message: ToOwner) {
        match message {
            ToOwner::Input(events) => {
                for event in events {
                    self.happen(Event::Input(event));
                }
            }
            ToOwner::Repaint { size: (width, height) } => {
                self.session.repaint();
                self.happen(Event::Input(crossterm::event::Event::Resize(width, height)));
            }
            ToOwner::Notice(text) => self.happen(Event::Notice(text)),
            ToOwner::Bye => self.over = true,
            ToOwner::Hello(_)
            | ToOwner::Ask { .. }
            | ToOwner::Act { .. }
            | ToOwner::Cancel { .. } => {}
        }
    }

    /// Tells the person in front of something, as far as the terminal can.
    fn call(&mut self, call: &Call) {
        let caps = *self.session.caps();
        let desktop = reached(call.desktop, &caps);
        let made = match (call.bell, desktop) {
            (true, Some(escape)) => Some(format!("bell and desktop notice ({})", escape.word())),
            (false, Some(escape)) => Some(format!("desktop notice ({})", escape.word())),
            (true, None) => Some("bell".to_owned()),
            (false, None) => None,
        };
        if made.is_some() && self.waiting.len() < MOST_WAITING {
            self.waiting.push_back(FromOwner::Call {
                bell: call.bell,
                desktop,
                text: call.text.clone(),
            });
        }
        self.happen(Event::Notice(call.text.clone()));
        let who = format!("{} ({})", self.actor.user, self.actor.from);
        // Only a test listens.
        let _ = call.heard.send((who.into(), made));
    }

    fn happen(&mut self, event: Event) {
        if self.over {
            return;
        }
        if matches!(event, Event::Answer { .. }) {
            // Ages are reckoned from a time that is not older than the answer.
            let (now, wall) = (self.house.backend.now(), Timestamp::wall_now());
            let effects = self.session.update(Event::Tick { now, wall });
            self.perform(effects);
        }
        let effects = self.session.update(event);
        self.perform(effects);
    }

    fn perform(&mut self, effects: Vec<Effect>) {
        for effect in effects {
            let message = match effect {
                Effect::Ask { tag, query } => {
                    let (answer, events) = (self.house.backend.ask(query), self.events.clone());
                    self.questions.spawn(async move {
                        let _ = events.send(Event::Answer { tag, answer: answer.await });
                    });
                    continue;
                }
                Effect::Act { action: Action::LookAt(at), .. } => {
                    self.look_at(at);
                    continue;
                }
                Effect::Act { tag, action } => {
                    let outcome = self.act(action);
                    let events = self.events.clone();
                    // Not tied to the console: a decision is carried out even if the line drops.
                    tokio::spawn(async move {
                        let _ = events.send(Event::Outcome { tag, outcome: outcome.await });
                    });
                    continue;
                }
                Effect::Dump { screen, theme } => self.dump(&screen, &theme),
                Effect::Copy(text) => FromOwner::Copy(text),
                Effect::Bell => FromOwner::Bell,
                Effect::Suspend => FromOwner::Suspend,
                Effect::Bookmark(bytes) => FromOwner::Bookmark(bytes),
                Effect::Quit => {
                    self.over = true;
                    FromOwner::Bye { reason: None, status: 0 }
                }
            };
            if self.waiting.len() < MOST_WAITING {
                self.waiting.push_back(message);
            }
        }
    }

    /// Lets others see what is looked at here; nobody waits for it.
    fn look_at(&mut self, at: Option<LookedAt>) {
        (self.looks_at, self.look_again) = (at.clone(), Instant::now() + LOOK_AGAIN);
        tokio::spawn(self.act(Action::LookAt(at)));
    }

    /// Has something done. The screen refuses a read-only console itself; this is the door behind it.
    fn act(&self, action: Action) -> Pending<'static, Result<Outcome, Refusal>> {
        if self.read_only {
            let refusal = Refusal::usage("This console is read-only; nothing was changed.");
            return Box::pin(std::future::ready(Err(refusal)));
        }
        match self.house.permits(&self.actor, &action) {
            Ok(()) => self.house.backend.act(self.actor.clone(), action, Cancel::default()),
            Err(refusal) => Box::pin(std::future::ready(Err(refusal))),
        }
    }

    /// What stands on the screen, as text and as a picture, for the client to write.
    fn dump(&self, screen: &str, theme: &str) -> FromOwner {
        let frame = self.session.frame();
        let palette = if *self.palette.name == *theme { None } else { Palette::built_in(theme) };
        let palette = palette.as_ref().unwrap_or(&self.palette);
        let digits = |c: &char| c.is_ascii_digit() || *c == 'T';
        let time: String =
            Timestamp::wall_now().to_string().chars().filter(digits).take(15).collect();
        let name = format!("stockdeck-{screen}-{time}");
        FromOwner::Write(vec![
            (format!("{name}.txt"), dump::text(&frame)),
            (format!("{name}.svg"), dump::svg(&frame, palette, &name)),
        ])
    }

    /// When the next frame may be drawn; `None`: there is nothing new to draw.
    fn paint_due(&mut self) -> Option<Instant> {
        let now = Instant::now();
        self.session
            .is_dirty()
            .then(|| self.painted[0].map_or(now, |older| (older + FRAME).max(now)))
    }

    /// What the client gets next.
    fn next_frame(&mut self) -> Option<Vec<u8>> {
        let message = match self.waiting.pop_front() {
            Some(message) => message,
            None => {
                let bytes = self.session.paint()?;
                self.painted = [self.painted[1], Some(Instant::now())];
                FromOwner::Paint(bytes)
            }
        };
        wire::frame(&message)
            .inspect_err(|error| tracing::warn!(%error, "a message was not sent"))
            .ok()
    }

    /// Tells the screen if the minute has turned, the domain's or the wall's: while simulated time
    /// stands still, feeds grow silent all the same.
    fn tick(&mut self) {
        let minutes = minutes(&self.house);
        if minutes != self.minutes {
            self.minutes = minutes;
            let (now, wall) = (self.house.backend.now(), Timestamp::wall_now());
            self.happen(Event::Tick { now, wall });
        }
    }

    async fn say_goodbye(mut self) {
        self.questions.abort_all();
        while let Some(message) = self.waiting.pop_front() {
            if !self.outbox.send(&message).await {
                return;
            }
        }
        self.outbox.finish().await;
    }
}

/// How a terminal's desktop is reached where that is wanted in some way.
fn reached(wanted: Desktop, caps: &Caps) -> Option<Escape> {
    match wanted {
        Desktop::Never => None,
        Desktop::Auto => caps.desktop,
        Desktop::Always(escape) => (!caps.dumb).then_some(escape),
    }
}

fn minute_of(at: Timestamp) -> i64 {
    at.as_millis().div_euclid(MINUTE_MS)
}

fn minutes(house: &House) -> [i64; 2] {
    [minute_of(house.backend.now()), minute_of(Timestamp::wall_now())]
}

/// Real time to wait before looking whether a minute has turned.
fn until_next_look(now: Timestamp) -> Duration {
    let wall = Timestamp::wall_now().as_millis();
    if u128::from((wall - now.as_millis()).unsigned_abs()) > SAME.as_millis() {
        return LOOK;
    }
    let left = |at: i64| MINUTE_MS - at.rem_euclid(MINUTE_MS);
    let soonest = left(wall).min(left(now.as_millis()));
    Duration::from_millis(soonest.clamp(250, MINUTE_MS).unsigned_abs() + 1)
}

/// What a console that lost its owner, or only its line to it, is told by the one it came back to.
fn how_lost(pid: u32) -> String {
    if pid == std::process::id() {
        return "This console broke off and was opened anew; the log in the data folder says why. \
                No decision is lost."
            .into();
    }
    format!("The owner (pid {pid}) was killed; this is a new one. No decision is lost.")
}
