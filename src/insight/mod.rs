//! What the models say of this store's own series, kept and made ready to be read at a glance.
//!
//! It reads demand, stock and the models, and knows nothing of who asks or of when work is done: the
//! engine runs it.

pub mod accuracy;
pub mod anomaly;
pub mod drift;
pub mod forecast;
pub mod lead_time;
pub mod monitor;
pub mod scorecard;
