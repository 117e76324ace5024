//! The real binary in a pseudo-terminal: what a person sees, and what the terminal is left with.

mod endings;
mod kinds;
mod shop;
#[allow(dead_code, reason = "the measurement of the console uses the rest")]
mod terminal;
mod work;
