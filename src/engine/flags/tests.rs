//! Orders that are flagged as they arrive.

use super::*;
