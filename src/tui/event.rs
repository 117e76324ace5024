//! What a console is told, and what it wants done.

use crate::domain::Timestamp;
use crate::engine::api::{Action, Answer, Outcome, Query, Refusal};
use serde::{Deserialize, Serialize};

/// Everything that can happen to a console, in one order. A recording of these reproduces a bug.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Event {
    /// A key, mouse, paste, focus or resize event from the client's terminal, decoded there.
    Input(crossterm::event::Event),
    /// The answer to [`Effect::Ask`] with the same tag.
    Answer {
        /// The question's tag.
        tag: u64,
        /// The answer.
        answer: Result<Answer, Refusal>,
    },
    /// The outcome of [`Effect::Act`] with the same tag.
    Outcome {
        /// The action's tag.
        tag: u64,
        /// The outcome.
        outcome: Result<Outcome, Refusal>,
    },
    /// Something in the store changed: what is shown may be old.
    Changed,
    /// The minute turned, or the console asked for a tick: ages are redrawn.
    Tick {
        /// Domain time.
        now: Timestamp,
        /// Wall time.
        wall: Timestamp,
    },
    /// The owner says something to everybody, such as that it was restarted.
    Notice(String),
}

/// What a console wants done. The runner does it and answers with an [`Event`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Effect {
    /// Ask the owner.
    Ask {
        /// Comes back with the answer.
        tag: u64,
        /// The question.
        query: Query,
    },
    /// Do something in this console's user's name.
    Act {
        /// Comes back with the outcome.
        tag: u64,
        /// What.
        action: Action,
    },
    /// Put text on the clipboard of the terminal (OSC 52).
    Copy(String),
    /// Write what stands on the screen as text and picture into the client's folder.
    Dump {
        /// The screen's name.
        screen: Box<str>,
        /// The theme's name.
        theme: Box<str>,
    },
    /// Ring the bell.
    Bell,
    /// Stop the client as Ctrl-Z would; it redraws when it goes on.
    Suspend,
    /// Remember where this console is; given back to it if the owner is restarted.
    Bookmark(Vec<u8>),
    /// End this console.
    Quit,
}
