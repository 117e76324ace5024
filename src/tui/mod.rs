//! The console: state, update and view, kept apart.
//!
//! [`event::Event`]s go in, [`event::Effect`]s come out, frames are pure functions of state and
//! theme. Nothing here knows a socket, a file or the store, and nothing here reads a clock: time
//! comes in with events.

pub mod bookmark;
pub mod canvas;
pub mod commands;
pub mod dump;
pub mod event;
pub mod freshness;
pub mod keymap;
pub mod layers;
pub mod page;
pub mod place;
pub mod range;
pub mod screens;
pub mod session;
pub mod state;
pub mod table;
pub mod target;
pub mod term;
pub mod theme;
pub mod update;
pub mod widgets;
pub mod words;

#[cfg(test)]
mod sample;
#[cfg(test)]
mod tests;

pub use commands::keys_markdown;
pub use screens::view;
pub use state::{Setup, State};
pub use update::{open, update};
