//! What cannot be meant, and the checks that find it.

/// Why a quantity cannot be worked out. It names what is wrong as the formulas call it.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum InventoryError {
    /// A number outside of what it can be.
    #[error("{name} must be {must}, and is {value}")]
    Outside {
        /// What the formulas call it.
        name: &'static str,
        /// What it has to be.
        must: &'static str,
        /// What it is.
        value: f64,
    },
    /// A list that does not hold together.
    #[error("{name} {wrong}")]
    List {
        /// What the formulas call it.
        name: &'static str,
        /// What is wrong with it, with the mend.
        wrong: String,
    },
    /// An exact method that would not end in reasonable time.
    #[error(
        "{name} makes the exact method count more than {most} steps; use larger units, such as packs"
    )]
    TooLarge {
        /// What makes it so large.
        name: &'static str,
        /// How far it goes.
        most: usize,
    },
}

fn check(
    name: &'static str,
    value: f64,
    must: &'static str,
    holds: impl Fn(f64) -> bool,
) -> Result<f64, InventoryError> {
    if value.is_finite() && holds(value) {
        Ok(value)
    } else {
        Err(InventoryError::Outside { name, must, value })
    }
}

/// A number above zero.
pub(super) fn positive(name: &'static str, value: f64) -> Result<f64, InventoryError> {
    check(name, value, "a number above 0", |value| value > 0.0)
}

/// A number that is zero or above.
pub(super) fn not_negative(name: &'static str, value: f64) -> Result<f64, InventoryError> {
    check(name, value, "0 or above", |value| value >= 0.0)
}

/// A number between zero and one, neither of both: no stock serves with certainty.
pub(super) fn share(name: &'static str, value: f64) -> Result<f64, InventoryError> {
    check(name, value, "between 0 and 1", |value| value > 0.0 && value < 1.0)
}

/// A number that is one.
pub(super) fn finite(name: &'static str, value: f64) -> Result<f64, InventoryError> {
    check(name, value, "a finite number", |_| true)
}
