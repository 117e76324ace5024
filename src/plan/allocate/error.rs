//! What makes an instance unusable.

use super::instance::{MOST_COST, MOST_NODES};
use thiserror::Error;

/// Why an instance cannot be allocated, and what mends it.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum InstanceError {
    /// An id that is not its position.
    #[error(
        "{list} {position} has the id {id}: ids are positions, so number them from 0 without gaps"
    )]
    Id {
        /// Which list.
        list: &'static str,
        /// Where it stands.
        position: usize,
        /// What it is called.
        id: usize,
    },
    /// Something that is not there.
    #[error(
        "{list} {position} names {what} {id}, but there are only {count}: add it or correct the number"
    )]
    Unknown {
        /// Which list.
        list: &'static str,
        /// Where in it.
        position: usize,
        /// What is named.
        what: &'static str,
        /// Its number.
        id: usize,
        /// How many there are.
        count: usize,
    },
    /// A node without costs or days for a zone.
    #[error("node {node} has no {what} for zone {zone}: give one for each of the {zones} zones")]
    Zone {
        /// The node.
        node: usize,
        /// What is missing.
        what: &'static str,
        /// The first zone without it.
        zone: usize,
        /// How many zones there are.
        zones: usize,
    },
    /// A number below zero, or too large for sums of it to be exact.
    #[error("{list} {position} has {what} {value}: it must be between {least} and {most}")]
    Range {
        /// Which list.
        list: &'static str,
        /// Where in it.
        position: usize,
        /// Which number.
        what: &'static str,
        /// What it is.
        value: i64,
        /// The least it may be.
        least: i64,
        /// The most it may be.
        most: i64,
    },
    /// Stock that nobody knows.
    #[error(
        "the stock of SKU {sku} at node {node} is unknown: count it, or leave the pair out to ship none from there"
    )]
    StockUnknown {
        /// The node.
        node: usize,
        /// The SKU.
        sku: usize,
    },
    /// Stock that is told twice.
    #[error("the stock of SKU {sku} at node {node} is listed twice: keep one of the two rows")]
    StockTwice {
        /// The node.
        node: usize,
        /// The SKU.
        sku: usize,
    },
    /// A priority without a penalty.
    #[error(
        "order {order} has priority {priority}, for which no late penalty is given: add it to late_penalty_per_day"
    )]
    Priority {
        /// The order.
        order: usize,
        /// Its priority.
        priority: i64,
    },
    /// More nodes than node sets have bits for.
    #[error(
        "there are {0} nodes, and at most {MOST_NODES} can be allocated together: leave out those that never ship these lines"
    )]
    TooManyNodes(usize),
    /// Sums that could not be exact.
    #[error(
        "the instance is too large: all lines together could cost more than {MOST_COST} cents; divide it, or correct the cost that is so high"
    )]
    TooLarge,
}
