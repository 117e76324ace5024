//! What answers for demand: this program's network, or a checkpoint of somebody else's.

use super::bolt::Bolt;
use super::{Forecaster, HORIZON, ModelError, Quantiles, Window};

/// A model in use.
#[derive(Debug, Clone)]
pub enum DemandModel {
    /// This program's network.
    Own(Forecaster),
    /// A Chronos-Bolt checkpoint.
    Bolt(Bolt),
}

impl DemandModel {
    /// What the model hears of a window's neighbours; somebody else's hears nothing.
    pub fn told_of_peers(&self, window: &Window) -> Option<f32> {
        match self {
            Self::Own(_) => window.peers,
            Self::Bolt(_) => None,
        }
    }

    /// This program's own network without the season that is mixed in of weeks and months; `None` of
    /// somebody else's.
    pub fn alone(&self) -> Option<Self> {
        match self {
            Self::Own(forecaster) => Some(Self::Own(forecaster.clone().alone())),
            Self::Bolt(_) => None,
        }
    }

    /// What it is called beside the simple methods.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Own(_) => "network",
            Self::Bolt(_) => "Chronos-Bolt",
        }
    }

    /// Quantiles over [`HORIZON`] steps for windows, in their order.
    pub fn forecast(&self, windows: &[Window]) -> Result<Vec<Quantiles>, ModelError> {
        self.over(windows, HORIZON)
    }

    /// Quantiles over any horizon.
    pub fn over(&self, windows: &[Window], horizon: usize) -> Result<Vec<Quantiles>, ModelError> {
        match self {
            Self::Own(forecaster) => {
                let answers = forecaster.forecast(windows)?;
                Ok(answers
                    .into_iter()
                    .zip(windows)
                    .map(|(answer, window)| answer.over(horizon, window.frequency))
                    .collect())
            }
            Self::Bolt(bolt) => bolt.over(windows, horizon),
        }
    }
}
