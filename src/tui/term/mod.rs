//! Terminal encoding: frames in, the fewest bytes that show them out.
//!
//! Nothing here ever asks the terminal anything, and nothing here writes to one: a [`Painter`]
//! returns bytes, whoever holds the terminal writes them. What a terminal can do is derived from
//! the client's environment once, as [`Caps`].

mod ascii;
mod caps;
pub mod color;
mod encode;
mod grid;
mod painter;
pub mod sequence;

pub use caps::{Caps, Clipboard, Depth};
pub use grid::{Glyph, Grid, Pen, Slot};
pub use painter::{Painter, frame_of};
