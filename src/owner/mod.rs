//! One owner, many consoles: the process that holds the store, and how everything else reaches it.
//!
//! Exactly one process holds a data folder ([`lock`]). It listens on a Unix socket ([`place`]) and
//! [`serve`]s consoles and scripts, who are known by the socket's peer credentials ([`peer`]) and
//! speak framed messages ([`wire`]). Commands are a [`client`]; a [`console`] is a terminal that
//! sends decoded events and writes the bytes it gets. Losing a console stops nothing.

pub mod client;
mod connection;
pub mod console;
pub mod lean;
pub mod lock;
pub mod peer;
pub mod place;
pub mod serve;
mod starting;
pub mod wire;

pub use client::{Client, ClientError, StartOptions};
pub use lock::{Held, OwnerLock};
pub use place::Place;
pub use serve::{Listener, MakeScreen, ServeError, ServeOptions, listen, serve};
pub use starting::detach;
