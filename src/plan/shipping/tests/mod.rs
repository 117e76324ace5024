//! Where orders ship from, as a seller sees it.

mod balance;
mod cases;
mod demo;
mod scarcity;
mod season;
