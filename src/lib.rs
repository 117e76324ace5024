//! stockdeck: a terminal operations console for e-commerce inventory.
//!
//! The way of the data is the layout; each room reads what stands above it and knows nothing of
//! what stands below it:
//!
//! [`domain`] → [`feed`] → [`store`], [`archive`], [`journal`], [`vault`] → [`orders`], [`stock`], [`demand`]
//! → [`model`] → [`insight`] → [`plan`] → [`desk`] → [`engine`] → [`tui`] → [`owner`] → [`cli`].

#![forbid(unsafe_code)]
#![cfg_attr(not(test), deny(clippy::unwrap_used, clippy::expect_used))]

pub mod archive;
pub mod cli;
pub mod config;
pub mod demand;
pub mod desk;
pub mod domain;
pub mod engine;
pub mod feed;
pub mod insight;
pub mod journal;
pub mod model;
pub mod orders;
pub mod outbox;
pub mod owner;
pub mod plan;
pub mod stock;
pub mod store;
pub mod tui;
pub mod vault;
