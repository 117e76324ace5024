//! The desk: the decisions that a person can take, and their rules.
//!
//! Console and commands act through it and through nothing else. The way of a decision:
//!
//! 1. [`check`] cleans it and refuses what cannot be meant; [`undo`] makes the inverse of an
//!    earlier one.
//! 2. The journal makes it an entry with a number.
//! 3. [`Marks::apply`] folds the entry into notes, pins and acknowledgements; [`carry_out`] does
//!    what it means for stock, and [`carry_out_override`] for overrides of the forecast.
//!
//! Folding and carrying out are idempotent by the entry's number, so that entries can be applied
//! again after a crash. Every refusal is one sentence with the mend.

pub mod allocating;
pub mod buying;
mod check;
pub mod coordinate;
mod effect;
mod error;
mod marks;
mod nearest;
mod overrides;
pub mod triage;
mod undo;

pub use check::{DeskView, MOST_UNITS, check, clean_saw};
pub use effect::carry_out;
pub use error::DeskError;
pub use marks::Marks;
pub use nearest::nearest;
pub use overrides::carry_out_override;
pub use undo::undo;

#[cfg(test)]
mod tests;
