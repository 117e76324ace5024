//! Rolling-origin backtest of a network beside the simple methods.

mod category;
mod class;
mod ets;
mod rolling;
mod score;
mod simple;

pub use class::{Class, Group};
pub use rolling::{Backtest, Method, Outcome, Resampled, backtest, origins_of};
pub use score::{Part, Score, certain, twice_pinball};
pub use simple::Simple;
