//! Rolling-origin backtest of a network beside the simple methods.

mod class;
mod rolling;
mod score;
mod simple;

pub use class::Class;
pub use rolling::{Backtest, Method, Outcome, backtest, origins_of};
pub use score::{Part, Score, certain};
pub use simple::Simple;
