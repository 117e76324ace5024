//! Replenishment: what to order of each SKU for each site, when, and why just that much.
//!
//! A [`Situation`] is all that is known: what is there, promised and coming, what will sell, what binds
//! an order. [`propose`] makes a [`Proposal`] of it, whose derivation adds up to its quantity, or says
//! what stands against ordering ([`Blocked`]); [`together`] brings the lines to what suppliers, budgets
//! and buildings allow; [`what_if`] tells what other terms would make of it.
//!
//! An order placed now has to cover the time until the next one can have come: the review period and
//! that order's lead time, which is a distribution. Demand over it is the forecast's total to its
//! end, mixed over its ends.

mod class;
mod confidence;
mod distribution;
mod joint;
mod lead_time;
mod level;
mod lists;
mod minimum;
mod proposal;
mod propose;
mod shortage;
mod situation;
mod terms;

pub use class::{Class, Evenness, Services, Value, classes};
pub use confidence::{Confidence, confidences};
pub use distribution::Distribution;
pub use joint::{Decided, Limits, Planned, together};
pub use lead_time::{
    Calendar, Closure, LeadTime, LeadTimes, MOST_LEAD_DAYS, Took, next_open, whole_days,
};
pub use lists::{DEAD_DAYS, Idle, IdleStock, Lying, idle_stock};
pub use proposal::{Blocked, Cap, Effect, LIKELY, Note, OnItsWay, Proposal, Source, Step};
pub use propose::{Change, obstacle, propose, what_if};
pub use shortage::{Reviewed, SETTLING, Shortage, ShortageFit, WINDOW};
pub use situation::{Ahead, Batch, Coming, Interval, Situation, Unforecast};
pub use terms::{Costs, ItemTerms, Service, SupplierTerms, worth};

#[cfg(test)]
mod tests;
