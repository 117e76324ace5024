//! Telling people of a case that cannot wait for their next look at the screen.
//!
//! A [`Gate`] stands before each channel and decides with [`Rules`] what its person should hear of;
//! what it lets through is a [`Message`], which a terminal shows as a bell and a notice on its desktop
//! and a [`Hook`] posts, signed as orders are. Nothing here knows of cases but what an [`Alert`] says.

mod alert;
mod gate;
mod hook;
mod rules;
#[cfg(test)]
mod tests;

pub use alert::{Alert, Message};
pub use gate::{Gate, Moment, Verdict, Why};
pub use hook::{Hook, Shape};
pub use rules::{Desktop, Escape, Quiet, Rules};
