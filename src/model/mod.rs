//! The demand network: a small patch transformer in candle that looks at the recent history of one
//! series and answers with quantiles of each day and of the totals from now to each day.
//!
//! A [`Window`] is what is known of one series at an origin; [`Features`] are the numbers that the
//! [`Network`] sees of it, nearly free of scale; [`Forecaster`] turns windows into counts. Training lives
//! in [`train`]. Checkpoints of somebody else's model are run by [`bolt`]; a [`DemandModel`] is either.

mod base;
pub mod bolt;
mod credibility;
mod demand_model;
pub mod evaluate;
mod features;
mod forecaster;
mod history;
mod horizon;
mod layers;
mod levels;
mod network;
mod ops;
mod panel_windows;
mod peers;
pub mod registry;
mod season;
mod shipped;
mod shop;
pub mod train;
mod weights;
mod window;

#[cfg(test)]
mod tests;

pub use crate::demand::Frequency;
pub use demand_model::DemandModel;
pub use features::{Features, QUERY_WIDTH, STATIC_WIDTH};
pub use forecaster::{Forecaster, Quantiles};
pub use levels::{LEVEL_COUNT, LEVELS, at_level};
pub use network::{Network, Output};
pub use panel_windows::{ShopAt, ShopCount};
pub use peers::{PeerCount, Peers, Words};
pub use shipped::{NAME as SHIPPED, shipped};
pub use shop::{SHOP_WIDTH, ShopIndex, ShopView};
pub use weights::{Origin, Weights};
pub use window::{CONTEXT, HORIZON, SPAN, Window};

/// Why a model could not be read, trained or run.
#[derive(Debug, thiserror::Error)]
pub enum ModelError {
    /// A file of weights does not fit: which field or tensor, and what is wrong with it.
    #[error("{file}: {field}: {reason}")]
    Refused {
        /// The file.
        file: String,
        /// The field or tensor.
        field: String,
        /// What is wrong with it.
        reason: String,
    },
    /// A file could not be read or written.
    #[error("{file}: {source}")]
    File {
        /// The file.
        file: String,
        /// What the system said.
        source: std::io::Error,
    },
    /// The tensor library refused an operation.
    #[error("the network could not be computed: {0}")]
    Tensor(#[from] candle_core::Error),
    /// Somebody asked for the work to end.
    #[error("cancelled")]
    Cancelled,
    /// A forecast that is no number, or weights that trained to none.
    #[error(
        "the network's numbers ran off into the boundless: the weights are damaged, or were trained at \
         too high a rate"
    )]
    Boundless,
    /// There is nothing to learn from.
    #[error("{0}")]
    NothingToLearn(String),
}
