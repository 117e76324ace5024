//! What the measurements share: stores to measure on, what the kernel counts, figures in a table.

#![allow(dead_code, reason = "each measurement uses its own part")]

pub mod process;
pub mod report;
pub mod shop;
pub mod stores;
