//! Flags worth waking up for: what is odd about an order, how odd, why, and what it may cost.
//!
//! ```text
//! order ─► memory (what was known) ─► look (facts of the order and of each line)
//!                                       │
//!                     rules ◄───────────┼──────────► quantity model (density of quantities)
//!                       │               ▼                     │
//!                     rarity      order model ◄───────────────┘
//!                       └──────► blend: one probability ─► reasons, cost, case
//! ```
//!
//! **What was known.** [`Memory`] learns orders one at a time, in the order of their arrival, and looks
//! at an order with what it has learnt so far: nothing that comes later changes anything said before,
//! a prefix is scored as the whole is up to there, and one order costs the same at any time. Medians
//! and quantiles of the last values are used wherever one old mistake would move a mean.
//!
//! **Rules** ([`rules`], [`rule_book`]) are named, each reads a few facts, has a threshold in a unit of
//! its own and can be switched, set and tested on the past. What they say is compared by how rarely the
//! past had as much ([`rarity`]).
//!
//! **The network**, run by candle, has two parts, both fitted to the merchant's own past without any
//! label ([`models`]):
//! - a *density of quantities* ([`quantity_model`]): how likely is this many of this item for this
//!   customer at this price, with and without the rest of the order. From it come the surprise of an
//!   order and how much likelier it would be if all or one of its lines were off by a factor;
//! - a *classifier* ([`order_model`]) that tells the past apart from the past made wrong on purpose
//!   ([`corrupt`]): each of ten families disturbs one side of an order - quantities, prices,
//!   destination, time, repetition, crowding, returns, basket - with parameters drawn from wide ranges.
//!   None of them is a copy of an actual event; what is learnt is "unlike the past along this side".
//!   Orders of the past are taken for right, its real oddities too.
//!
//! The blend of both is fitted to a further disturbed past that the network did not see. A probability
//! of 1 to 50 is taken for an order to be wrong before anything is known of it.
//!
//! **Decisions** ([`tuning`]) go on training the classifier, with a part of the disturbed past among
//! them, and count only if they help on later decisions.
//!
//! [`cases`] puts flags with one cause together, [`silence`] watches feeds, [`measure`] counts how good all of
//! that is where the truth is known.

mod account;
mod bins;
pub mod cases;
pub mod corrupt;
mod crowd;
mod customer;
pub mod facts;
pub mod file;
mod item;
pub mod kept;
mod line_look;
mod line_model;
mod look;
#[cfg(test)]
mod made;
pub mod measure;
mod memory;
pub mod models;
mod names;
mod network;
mod notes;
mod order;
pub mod order_model;
mod past;
mod quantity_context;
pub mod quantity_model;
mod raised;
pub mod rarity;
pub mod reasons;
mod recent;
pub mod rule_book;
pub mod rules;
mod scene;
pub mod silence;
#[cfg(test)]
mod tests;
pub mod tuning;
mod watch;
pub mod words;

pub use account::AccountLook;
pub use look::Look;
pub use memory::Memory;
pub use order::{Kind, Line, Order};
pub use raised::{RAISING, Raised, RaisingRule, ToldWrong};
pub use watch::{Flag, Recalled, Watch};
