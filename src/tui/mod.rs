//! The console: state, update and view, kept apart.
//!
//! [`event::Event`]s go in, [`event::Effect`]s come out, frames are pure functions of state and
//! theme. Nothing here knows a socket, a file or the store.

pub mod dump;
pub mod event;
pub mod session;
pub mod term;
pub mod theme;
