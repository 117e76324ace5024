//! The weights that come with the program.

use super::{ModelError, Weights};

/// What they are called.
pub const NAME: &str = "shipped";

const BYTES: &[u8] = include_bytes!("../../models/demand.safetensors");

/// The shipped weights. Zero-shot means these.
pub fn shipped() -> Result<Weights, ModelError> {
    Weights::from_bytes("models/demand.safetensors", BYTES)
}
