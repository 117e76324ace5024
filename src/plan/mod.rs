//! What should be done, and why: suggestions that a person decides about, never deeds.

pub mod replenish;
