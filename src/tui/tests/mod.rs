//! The console as a person meets it: keys go in, the screen and what was sent come out.

mod allocation;
mod backtest;
mod bytes;
mod coordination;
mod figures;
mod flags;
mod golden;
mod legible;
mod models;
mod overrides;
mod purchases;
mod reorders;
mod sizes;
mod typed;

use super::event::{Effect, Event};
use super::sample;
use super::state::{Setup, State};
use super::term::{Caps, Clipboard, Depth, Painter, frame_of};
use super::theme::{Theme, Themes};
use super::{dump, update, view};
use crate::domain::{Span, SupplierId, Timestamp, Zone};
use crate::engine::api::{Action, Answer, LookedAt, Outcome, Query, Refusal};
use crate::plan::replenish::Change;
use crossterm::event::{Event as Input, KeyCode, KeyEvent, KeyModifiers};
use ratatui::buffer::Buffer;
use ratatui::layout::Size;

/// A console before [`sample`]'s store, and what it has asked to be done.
pub struct Console {
    pub state: State,
    pub acted: Vec<Action>,
    /// What it said that it looks at.
    pub looked: Vec<Option<LookedAt>>,
    pub asked: Vec<Query>,
    pub copied: Vec<String>,
    pub bookmark: Vec<u8>,
    pub quit: bool,
    /// Whether questions are answered at once.
    pub answering: bool,
    /// What comes of an action.
    pub outcome: Result<Outcome, Refusal>,
    /// The owner refuses orders under filters that begin like this.
    pub refused_filter: Option<&'static str>,
    /// Why the owner refuses to plan with a supplier or terms, where it does.
    pub refusing: fn(Option<&SupplierId>, &Change) -> Option<String>,
    waiting: Vec<(u64, Query)>,
    answer: fn(&Query) -> Answer,
}

impl Console {
    pub fn new(width: u16, height: u16) -> Self {
        Console::with(width, height, sample::answer)
    }

    /// Before a store that answers otherwise.
    pub fn with(width: u16, height: u16, answer: fn(&Query) -> Answer) -> Self {
        let setup = Setup {
            size: (width, height),
            read_only: false,
            user: "mei".into(),
            theme: Theme::built_in("dark", Depth::True, true).unwrap(),
            themes: Themes::default(),
            clipboard: Clipboard::Terminal,
            status: Some(sample::status()),
            now: sample::now(),
            wall: sample::now(),
            zone: Zone::utc(),
        };
        let mut state = State::new(setup);
        let effects = state.start();
        let mut console = Console {
            state,
            acted: Vec::new(),
            looked: Vec::new(),
            asked: Vec::new(),
            copied: Vec::new(),
            bookmark: Vec::new(),
            quit: false,
            answering: true,
            outcome: Ok(Outcome::Journalled(42)),
            refused_filter: None,
            refusing: |_, _| None,
            waiting: Vec::new(),
            answer,
        };
        console.perform(effects);
        console
    }

    /// Opens a screen as the palette does.
    pub fn on(mut self, screen: &str, args: &str) -> Self {
        let effects = super::open(&mut self.state, screen, args).unwrap();
        self.perform(effects);
        self
    }

    pub fn event(&mut self, event: Event) {
        let effects = update(&mut self.state, event);
        self.perform(effects);
    }

    /// Presses keys: words are names (`enter`, `ctrl-c`, `pgdn`), all else is typed.
    pub fn keys(&mut self, keys: &str) -> &mut Self {
        for word in keys.split_whitespace() {
            self.event(Event::Input(Input::Key(named(word))));
        }
        self
    }

    /// Types a text, blanks included.
    pub fn typed(&mut self, text: &str) -> &mut Self {
        for c in text.chars() {
            self.event(Event::Input(Input::Key(KeyEvent::new(
                KeyCode::Char(c),
                KeyModifiers::NONE,
            ))));
        }
        self
    }

    /// Lets wall and domain time pass and tells the console of it.
    pub fn wait(&mut self, span: Span) {
        let later = |at: Timestamp| Timestamp::from_millis(at.as_millis() + span.as_millis());
        let event = Event::Tick { now: later(self.state.now), wall: later(self.state.wall) };
        self.event(event);
    }

    /// Answers what was held back.
    pub fn answer_all(&mut self) {
        self.answering = true;
        for (tag, query) in std::mem::take(&mut self.waiting) {
            let answer = self.reply(&query);
            self.event(Event::Answer { tag, answer });
        }
    }

    fn reply(&self, query: &Query) -> Result<Answer, Refusal> {
        match (query, self.refused_filter) {
            (Query::Orders(page), Some(start)) if page.filter.starts_with(start) => {
                Err(Refusal::usage(format!("{start} is no field here")))
            }
            (Query::WhatIf(_, _, from, change), _) => {
                let refused = (self.refusing)(from.as_ref(), change).map(Refusal::usage);
                refused.map_or_else(|| Ok((self.answer)(query)), Err)
            }
            _ => Ok((self.answer)(query)),
        }
    }

    fn perform(&mut self, effects: Vec<Effect>) {
        for effect in effects {
            match effect {
                Effect::Ask { tag, query } => {
                    self.asked.push(query.clone());
                    if self.answering {
                        let answer = self.reply(&query);
                        self.event(Event::Answer { tag, answer });
                    } else {
                        self.waiting.push((tag, query));
                    }
                }
                Effect::Act { action: Action::LookAt(at), .. } => self.looked.push(at),
                Effect::Act { tag, action } => {
                    self.acted.push(action);
                    let outcome = self.outcome.clone();
                    self.event(Event::Outcome { tag, outcome });
                }
                Effect::Copy(text) => self.copied.push(text),
                Effect::Bookmark(bytes) => self.bookmark = bytes,
                Effect::Quit => self.quit = true,
                Effect::Dump { .. } | Effect::Bell | Effect::Suspend => {}
            }
        }
    }

    pub fn buffer(&self) -> Buffer {
        let (width, height) = self.state.size;
        frame_of(Size { width, height }, |frame| view(&self.state, frame))
    }

    pub fn text(&self) -> String {
        dump::text(&self.buffer())
    }

    /// The line under the cursor.
    pub fn selected_line(&self) -> String {
        let text = self.text();
        let line = text.lines().find(|line| line.contains('▸'));
        line.unwrap_or_default().to_owned()
    }

    #[track_caller]
    pub fn shows(&self, what: &str) {
        let text = self.text();
        assert!(text.contains(what), "the screen does not show {what:?}:\n{text}");
    }

    #[track_caller]
    pub fn hides(&self, what: &str) {
        let text = self.text();
        assert!(!text.contains(what), "the screen shows {what:?}:\n{text}");
    }

    /// Bytes that bring a terminal from one state of the console to the next.
    pub fn painter(&self) -> Painter {
        let (width, height) = self.state.size;
        Painter::new(Size { width, height }, Caps::FULL)
    }
}

fn named(word: &str) -> KeyEvent {
    let (modifiers, name) = match word.strip_prefix("ctrl-") {
        Some(rest) => (KeyModifiers::CONTROL, rest),
        None => (KeyModifiers::NONE, word),
    };
    let code = match name {
        "enter" => KeyCode::Enter,
        "esc" => KeyCode::Esc,
        "tab" => KeyCode::Tab,
        "space" => KeyCode::Char(' '),
        "up" => KeyCode::Up,
        "down" => KeyCode::Down,
        "left" => KeyCode::Left,
        "right" => KeyCode::Right,
        "pgup" => KeyCode::PageUp,
        "pgdn" => KeyCode::PageDown,
        "home" => KeyCode::Home,
        "backspace" => KeyCode::Backspace,
        other => {
            let mut chars = other.chars();
            let c = chars.next().expect("a key");
            assert_eq!(chars.next(), None, "{other} is no key's name");
            KeyCode::Char(c)
        }
    };
    KeyEvent::new(code, modifiers)
}
