//! What should be bought, and why: suggestions that a person decides about, never deeds.
//!
//! It turns what is expected to be sold, what is there and what is coming into quantities to order.
//! It knows nothing of who approves them or of how an order reaches a supplier.

pub mod allocate;
pub mod backtest;
pub mod coordinate;
pub mod inventory;
pub mod level;
pub mod replenish;
pub mod shipping;
