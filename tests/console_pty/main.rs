//! The real binary in a pseudo-terminal: what a person sees, and what the terminal is left with.

mod endings;
mod kinds;
mod shop;
mod terminal;
mod work;
