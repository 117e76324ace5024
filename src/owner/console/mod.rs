//! The terminal's end of a console: sends what its terminal says, writes what the owner paints.
//!
//! It decides nothing and draws nothing but one line when its owner is gone. Whatever ends it
//! (the owner's word, a signal, a hang-up, a panic), the terminal is given back as it was.

mod files;
mod job;
mod link;
mod resize;
mod signals;
mod tty;

pub use tty::NoTerminal;

use super::client::{ClientError, StartOptions};
use super::wire::{Console, FromOwner, ToOwner};
use crate::domain::Zone;
use crate::tui::term::{Caps, sequence};
use crossterm::event::{Event as InputEvent, KeyCode, KeyModifiers};
use link::{Link, News};
use resize::Resizes;
use signals::Signals;
use std::path::PathBuf;
use std::time::{Duration, Instant};
use tokio::sync::mpsc;
use tty::{Screen, Tty};

/// Ctrl-C this often without an answer ends a console whose owner does not react.
const IMPATIENCE: usize = 3;

/// What the bottom line says meanwhile.
const KEYS_WAIT: &str = " Keys are not taken until the owner answers.";

/// What it says once somebody has pressed one.
const KEY_LOST: &str = " That key was not taken: the owner does not answer.";

/// How soon an owner has to be there before the console says by itself what it waits for.
const FIRST_INK: Duration = Duration::from_millis(30);

/// How to be a console.
#[derive(Clone, Debug)]
pub struct ConsoleOptions {
    /// The store.
    pub data_dir: PathBuf,
    /// How to start its owner.
    pub start: StartOptions,
    /// The theme's name.
    pub theme: String,
    /// The user's own themes: names and texts (see [`crate::tui::theme::Palette::text`]).
    pub themes: Vec<(String, String)>,
    /// Whether its user may only look.
    pub read_only: bool,
    /// Whether the mouse is asked for.
    pub mouse: bool,
    /// The terminal's title.
    pub title: String,
    /// The zone of the times that the console tells by itself.
    pub zone: Zone,
}

/// Why a console ended badly.
#[derive(Debug, thiserror::Error)]
pub enum ConsoleError {
    /// Not in front of a terminal.
    #[error(transparent)]
    NoTerminal(#[from] NoTerminal),
    /// The owner cannot be reached.
    #[error(transparent)]
    Client(#[from] ClientError),
    /// The terminal or a signal cannot be used.
    #[error("the terminal cannot be used: {0}")]
    Terminal(#[from] std::io::Error),
}

impl ConsoleError {
    /// The exit status: 2 for a mistake of use, 1 for a failure.
    pub fn status(&self) -> u8 {
        match self {
            ConsoleError::NoTerminal(_) => 2,
            ConsoleError::Client(error) if error.is_usage() => 2,
            _ => 1,
        }
    }
}

/// How a console ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ended {
    /// Something to say once the terminal is given back.
    pub reason: Option<String>,
    /// Exit status.
    pub status: u8,
}

/// Runs a console until it ends; the terminal is given back on return. The process should exit
/// then: a thread may still be waiting for the terminal's next word.
pub async fn run(options: ConsoleOptions) -> Result<Ended, ConsoleError> {
    let caps = Caps::from_env();
    let tty = Tty::open()?;
    let signals = Signals::new()?;
    let link = Link::open(
        options.data_dir,
        options.start,
        Console {
            size: tty::size(),
            caps,
            theme: options.theme,
            themes: options.themes,
            read_only: options.read_only,
            bookmark: None,
            lost: None,
        },
    );
    let input = tty::input();
    let hang_up = tty::hang_up();
    let screen = tty.take(&caps, options.mouse, &options.title)?;
    let front = Front {
        screen,
        link,
        caps,
        zone: options.zone,
        pid: 0,
        resizes: Resizes::default(),
        impatience: Vec::new(),
        silent: Some(Instant::now() + FIRST_INK),
        suspended: false,
        said: None,
        keys: KEYS_WAIT,
    };
    front.run(input, hang_up, signals).await
}

/// Between the terminal and the owner.
struct Front {
    screen: Screen,
    link: Link,
    caps: Caps,
    zone: Zone,
    /// The owner's process.
    pid: u32,
    resizes: Resizes,
    /// When Ctrl-C was pressed since the owner last said anything.
    impatience: Vec<Instant>,
    /// Until when nothing has to stand on the screen; `None`: something does.
    silent: Option<Instant>,
    suspended: bool,
    /// What stands in the one line that a console draws by itself.
    said: Option<String>,
    /// What the bottom line says beside it.
    keys: &'static str,
}

impl Front {
    async fn run(
        mut self,
        mut input: mpsc::UnboundedReceiver<InputEvent>,
        mut hang_up: mpsc::Receiver<()>,
        mut signals: Signals,
    ) -> Result<Ended, ConsoleError> {
        loop {
            let resize = self.resizes.due();
            tokio::select! {
                biased;
                Some(number) = signals.ends.recv() => {
                    return Ok(self.leave(None, 128 + number).await);
                }
                _ = hang_up.recv() => return Ok(self.leave(None, 129).await),
                _ = signals.go_on.recv() => self.go_on()?,
                _ = signals.resize.recv() => self.resizes.heard(Instant::now()),
                _ = signals.stop.recv() => self.suspend()?,
                Some(event) = input.recv() => {
                    let mut events = vec![event];
                    while let Ok(event) = input.try_recv() {
                        events.push(event);
                    }
                    if self.take(events) {
                        let reason = "The owner did not answer; it goes on without this console.";
                        return Ok(self.leave(Some(reason.to_owned()), 1).await);
                    }
                }
                () = until(resize), if resize.is_some() => {
                    self.resizes.passed(Instant::now());
                    let (width, height) = tty::size();
                    self.link.console.lock().size = (width, height);
                    self.link.send(ToOwner::Input(vec![InputEvent::Resize(width, height)]));
                }
                () = until(self.silent), if self.silent.is_some() => {
                    self.say("stockdeck: waiting for the store's owner…");
                }
                news = self.link.news.recv(), if self.screen.has_room() => {
                    let Some(news) = news else {
                        let reason = "The console lost its line for an internal error.";
                        return Ok(self.leave(Some(reason.to_owned()), 1).await);
                    };
                    if let Some(ended) = self.hear(news)? {
                        return Ok(self.leave(ended.reason, ended.status).await);
                    }
                }
                () = self.screen.room(), if !self.screen.has_room() => {}
            }
        }
    }

    /// Passes on what the terminal said. `true`: its person wants out and nobody answers.
    fn take(&mut self, events: Vec<InputEvent>) -> bool {
        let mut passed = Vec::with_capacity(events.len());
        for event in events {
            match &event {
                InputEvent::Resize(..) => self.resizes.heard(Instant::now()),
                InputEvent::Key(key)
                    if key.code == KeyCode::Char('c')
                        && key.modifiers.contains(KeyModifiers::CONTROL) =>
                {
                    self.impatience.push(Instant::now());
                    passed.push(event);
                }
                _ => passed.push(event),
            }
        }
        if !passed.is_empty() {
            self.link.send(ToOwner::Input(passed));
        }
        self.impatience.retain(|at| at.elapsed() < Duration::from_secs(5));
        self.impatience.len() >= IMPATIENCE
    }

    fn hear(&mut self, news: News) -> Result<Option<Ended>, ConsoleError> {
        match news {
            News::Attached { pid } => self.pid = pid,
            News::Lost { killed } => {
                let pid = self.pid;
                self.say(&match killed {
                    true => format!("The owner (pid {pid}) was killed; starting it again…"),
                    false => format!("The line to the owner (pid {pid}) broke; attaching again…"),
                });
            }
            News::Failed(error) => {
                // A console that stood already ends with the reason; its terminal is given back.
                return Ok(Some(Ended { reason: Some(error.to_string()), status: 1 }));
            }
            News::Said(message) => return self.obey(message),
            News::Silent { since } => {
                let (pid, since) = (self.pid, since.civil(&self.zone).strftime("%H:%M:%S"));
                self.say(&format!(
                    "Owner (pid {pid}) does not answer since {since}; Ctrl-C three times leaves."
                ));
            }
            News::NotTaken => {
                self.keys = KEY_LOST;
                if let Some(said) = self.said.take() {
                    self.say(&said);
                }
            }
            News::Answers => {
                (self.said, self.keys) = (None, KEYS_WAIT);
                self.link.send(ToOwner::Repaint { size: tty::size() });
            }
        }
        Ok(None)
    }

    fn obey(&mut self, message: FromOwner) -> Result<Option<Ended>, ConsoleError> {
        self.impatience.clear();
        match message {
            FromOwner::Paint(bytes) => {
                self.said = None;
                self.silent = None;
                if !self.suspended {
                    self.screen.write(bytes);
                }
            }
            FromOwner::Copy(text) => {
                if let Some(bytes) = sequence::copy(&text, self.caps.tmux) {
                    self.screen.write(bytes);
                }
            }
            FromOwner::Bell => self.screen.write(sequence::BELL.to_vec()),
            FromOwner::Call { bell, desktop, text } => {
                let mut bytes = desktop.map_or_else(Vec::new, |escape| {
                    sequence::desktop(escape, &text, self.caps.tmux)
                });
                if bell {
                    bytes.extend_from_slice(sequence::BELL);
                }
                self.screen.write(bytes);
            }
            FromOwner::Write(files) => {
                let told = files::write(files);
                self.link.send(ToOwner::Notice(told));
            }
            FromOwner::Suspend => self.suspend()?,
            FromOwner::Bookmark(bytes) => self.link.console.lock().bookmark = Some(bytes),
            FromOwner::Bye { reason, status } => return Ok(Some(Ended { reason, status })),
            FromOwner::Refused(reason) => {
                return Ok(Some(Ended { reason: Some(reason), status: 1 }));
            }
            FromOwner::Welcome(_)
            | FromOwner::Answer { .. }
            | FromOwner::Outcome { .. }
            | FromOwner::Progress { .. }
            | FromOwner::Alive => {}
        }
        Ok(None)
    }

    /// Says something without an owner, in the top line. What the owner said last in the bottom
    /// line, and the keys that it named there, hold no longer.
    fn say(&mut self, sentence: &str) {
        let line =
            if self.caps.unicode { sentence.to_owned() } else { sentence.replace('…', "...") };
        // With a blank on either side it has to stay within its one line.
        let room = usize::from(tty::size().0).saturating_sub(2);
        let line: String = line.chars().take(room).collect();
        let bytes = if self.caps.dumb {
            format!("\r\n{line}\r\n")
        } else {
            let rows = tty::size().1.max(1);
            let waits: String = self.keys.chars().take(room).collect();
            let last =
                if rows > 1 { format!("\x1b[{rows};1H{waits}\x1b[K") } else { String::new() };
            format!("\x1b[0m{last}\x1b[H\x1b[7m {line} \x1b[0m\x1b[K")
        };
        self.screen.write(bytes.into_bytes());
        self.silent = None;
        self.said = Some(line);
    }

    /// Gives the terminal back and stops, as Ctrl-Z does.
    fn suspend(&mut self) -> Result<(), ConsoleError> {
        if !self.suspended {
            if !job::can_go_on() {
                let told = "This terminal has no shell that could bring a stopped console back.";
                self.link.send(ToOwner::Notice(told.to_owned()));
                return Ok(());
            }
            self.suspended = true;
            self.screen.give_back();
            tty::stop()?;
        }
        Ok(())
    }

    /// Takes the terminal again, whoever stopped us.
    fn go_on(&mut self) -> Result<(), ConsoleError> {
        self.suspended = false;
        self.screen.take_again()?;
        let size = tty::size();
        self.link.console.lock().size = size;
        self.link.send(ToOwner::Repaint { size });
        if let Some(said) = self.said.take() {
            self.say(&said);
        }
        Ok(())
    }

    async fn leave(self, reason: Option<String>, status: u8) -> Ended {
        self.screen.give_back();
        self.link.close().await;
        Ended { reason, status }
    }
}

async fn until(at: Option<Instant>) {
    if let Some(at) = at {
        tokio::time::sleep_until(at.into()).await;
    }
}
