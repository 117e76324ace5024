//! Pieces that several screens draw with. Each is a pure function of data, theme and area.

pub mod chart;
pub mod fan;
pub mod form;
pub mod help;
pub mod palette;
pub mod revealed;
pub mod sparkline;
pub mod table;
pub mod why;
