//! What is known of one series at an origin.

use super::{Frequency, ShopView};
use std::sync::Arc;

/// Steps of history that the network looks at.
pub const CONTEXT: usize = 504;
/// Steps that it answers for.
pub const HORIZON: usize = 28;
/// Both together.
pub const SPAN: usize = CONTEXT + HORIZON;

/// One series at one origin. All series are aligned so that the last step of the context is the
/// origin; what lies before a series' beginning is missing.
#[derive(Debug, Clone)]
pub struct Window {
    /// Demand per step, [`CONTEXT`] long, the origin last; NaN where nothing is known (before the
    /// beginning, or sold out).
    pub demand: Vec<f32>,
    /// Whether the shop was open, or will be, [`SPAN`] long. All true where nothing is known.
    pub open: Vec<bool>,
    /// Whether the item is promoted, [`SPAN`] long, 0 to 1; empty where nothing is known. What was not yet
    /// known at the origin is not in it.
    pub promotion: Vec<f32>,
    /// Natural logarithm of the price over its usual one, [`SPAN`] long; empty where nothing is known.
    pub price: Vec<f32>,
    /// Length of a step.
    pub frequency: Frequency,
    /// Day of the year of the first step after the origin, 0 to 365; `None` where unknown.
    pub day_of_year: Option<f32>,
    /// What an item of the same kind sells per step, from its category or neighbours.
    pub peers: Option<f32>,
    /// How the whole shop did over the same steps.
    pub shop: Option<Arc<ShopView>>,
}

impl Window {
    /// A window of demand alone, the origin last; of a longer history the last [`CONTEXT`] steps.
    pub fn of_demand(history: &[f32], frequency: Frequency) -> Self {
        let kept = &history[history.len().saturating_sub(CONTEXT)..];
        let mut demand = vec![f32::NAN; CONTEXT - kept.len()];
        demand.extend_from_slice(kept);
        Self {
            demand,
            open: vec![true; SPAN],
            promotion: Vec::new(),
            price: Vec::new(),
            frequency,
            day_of_year: None,
            peers: None,
            shop: None,
        }
    }

    /// First step at which something was sold; what lies before it is not known to have been on
    /// offer, and is missing.
    pub fn first_sale(&self) -> Option<usize> {
        self.demand.iter().position(|&sold| sold > 0.0)
    }
}
