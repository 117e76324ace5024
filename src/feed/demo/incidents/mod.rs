//! Incidents: what goes wrong in the demo beside its odd orders, laid over the simulation.
//!
//! Nothing in the simulation knows of them: they draw from a random stream of their own, their orders
//! take no stock that anybody else could have bought, and what they change is changed where the shop
//! tells of it. So everything else is the same to the unit with and without them, order numbers apart.
//!
//! * Orders ([`orders`]): each is placed like any other. What it promises is kept apart; where one is
//!   shipped all the same, an adjustment books in what it takes.
//! * Stock ([`stock`]): *phantom* units that are told of and cannot be bought, so that lines with them are
//!   left out of what the shop tells; *shrinkage*, units that are no longer told of; and *negative* stock,
//!   more units written off than there are. What is told is
//!   the simulation's figure and what an incident [keeps back](Incidents::kept_back); a count sets that to
//!   nothing and books the difference, so that what is told balances at every moment.
//! * Feeds ([`told`]): spans of time whose orders are told in another currency or with fields missing,
//!   and costs that jump.

mod orders;
mod plan;
mod stock;
mod told;

pub use told::TakenOver;

use super::customers::Customer;
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use rustc_hash::FxHashMap;

/// Number of the first customer who is in no other order.
pub(super) const FIRST_STRANGER: u32 = 8_000_000;
/// Mixed into the seed, for a stream of its own.
const STREAM: u64 = 0x1BC1_DE27_5EED_0001;

/// A kind of incident.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum IncidentKind {
    /// Stock is told of that cannot be bought: its orders stop.
    PhantomStock,
    /// Stock falls and nobody sold, moved or counted it.
    Shrinkage,
    /// What a SKU costs is suddenly told several times as high or as low.
    CostJump,
    /// For a few hours prices are told in another currency or unit, without saying so.
    CurrencyChange,
    /// For a few hours a field of the orders is missing or cannot be read.
    SchemaDrift,
    /// A note with an attack in it: on a terminal, a database, a reader, or an address.
    HostileNote,
    /// An old customer's account orders dear things to a new address under a new e-mail.
    AccountTakeover,
    /// The same basket several times within minutes.
    DuplicateBurst,
    /// One customer takes a week or two of what sells of a popular SKU.
    Hoarding,
    /// A line at ten times or a tenth of its price.
    WrongPrice,
    /// The first order of an account is a dear one.
    NewAccount,
    /// Packs were meant and units ordered, or the other way: all lines are off by one factor.
    PackFactor,
    /// More is written off than there is: less than nothing is told of.
    NegativeStock,
}

impl IncidentKind {
    /// Every kind.
    pub const ALL: [IncidentKind; 13] = [
        IncidentKind::PhantomStock,
        IncidentKind::Shrinkage,
        IncidentKind::CostJump,
        IncidentKind::CurrencyChange,
        IncidentKind::SchemaDrift,
        IncidentKind::HostileNote,
        IncidentKind::AccountTakeover,
        IncidentKind::DuplicateBurst,
        IncidentKind::Hoarding,
        IncidentKind::WrongPrice,
        IncidentKind::NewAccount,
        IncidentKind::PackFactor,
        IncidentKind::NegativeStock,
    ];
    /// One lower-case word or two joined by a hyphen.
    pub const fn word(self) -> &'static str {
        match self {
            IncidentKind::PhantomStock => "phantom-stock",
            IncidentKind::Shrinkage => "shrinkage",
            IncidentKind::CostJump => "cost-jump",
            IncidentKind::CurrencyChange => "currency-change",
            IncidentKind::SchemaDrift => "schema-drift",
            IncidentKind::HostileNote => "hostile-note",
            IncidentKind::AccountTakeover => "account-takeover",
            IncidentKind::DuplicateBurst => "duplicate-burst",
            IncidentKind::Hoarding => "hoarding",
            IncidentKind::WrongPrice => "wrong-price",
            IncidentKind::NewAccount => "new-account",
            IncidentKind::PackFactor => "pack-factor",
            IncidentKind::NegativeStock => "negative-stock",
        }
    }
    /// Whether it is told by orders of its own.
    pub const fn has_orders(self) -> bool {
        matches!(
            self,
            IncidentKind::HostileNote
                | IncidentKind::AccountTakeover
                | IncidentKind::DuplicateBurst
                | IncidentKind::Hoarding
                | IncidentKind::WrongPrice
                | IncidentKind::NewAccount
                | IncidentKind::PackFactor
        )
    }
}

/// What an incident is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum About {
    /// An item, by index.
    Item(u16),
    /// An item at a site: item times three plus site.
    Shelf(usize),
    /// Orders of its own.
    Orders,
    /// The shop as a whole.
    Shop,
}

/// What happened.
#[derive(Clone, Debug)]
pub(super) struct Incident {
    pub kind: IncidentKind,
    pub at: u32,
    /// Its end; 0: it has none, or not yet.
    pub until: u32,
    pub about: About,
    /// Indices of its orders.
    pub orders: Vec<u32>,
    /// What was done, in numbers of its kind's own: a factor, units.
    pub by: f64,
    /// What of several ways.
    pub variant: u8,
}

/// Something that comes of an incident later.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Deed {
    /// Another order of the incident.
    Order(u32),
    /// Units go missing.
    Loss(u32),
    /// It ends: it is counted, or put right.
    End(u32),
}

/// All that went wrong so far, and what of it still counts.
pub(super) struct Incidents {
    rng: ChaCha8Rng,
    all: Vec<Incident>,
    strangers: Vec<Customer>,
    /// Incident of each of their orders.
    of_order: FxHashMap<u32, u32>,
    /// Units that open orders of theirs promise, by shelf.
    promised: FxHashMap<usize, i32>,
    /// Units told beside those of the simulation, by shelf.
    kept_back: FxHashMap<usize, i32>,
    /// Phantoms by shelf, by incident.
    phantoms: FxHashMap<usize, Vec<u32>>,
    /// Changes of cost by item: from when, and the factor from then on.
    costs: FxHashMap<u16, Vec<(u32, f64)>>,
    /// Incidents of whole spans of orders.
    spans: Vec<u32>,
    /// Shelf, units, when.
    losses: Vec<(u16, i32, u32)>,
}

impl Incidents {
    /// None so far.
    pub fn new(seed: u64) -> Self {
        Incidents {
            rng: ChaCha8Rng::seed_from_u64(seed ^ STREAM),
            all: Vec::new(),
            strangers: Vec::new(),
            of_order: FxHashMap::default(),
            promised: FxHashMap::default(),
            kept_back: FxHashMap::default(),
            phantoms: FxHashMap::default(),
            costs: FxHashMap::default(),
            spans: Vec::new(),
            losses: Vec::new(),
        }
    }

    /// Units told of a shelf beside those that the simulation has there.
    pub fn kept_back(&self, shelf: usize) -> i32 {
        self.kept_back.get(&shelf).copied().unwrap_or(0)
    }

    /// Units of a shelf that open orders of incidents promise.
    pub fn promised(&self, shelf: usize) -> i32 {
        self.promised.get(&shelf).copied().unwrap_or(0)
    }

    /// Whether an order is one of theirs.
    pub fn has(&self, order: u32) -> bool {
        self.of_order.contains_key(&order)
    }

    fn of(&self, order: u32) -> Option<&Incident> {
        self.all.get(*self.of_order.get(&order)? as usize)
    }

    /// A customer by number, where it is a stranger's.
    pub fn stranger(&self, number: u32) -> Option<&Customer> {
        self.strangers.get(number.checked_sub(FIRST_STRANGER)? as usize)
    }

    fn begin(&mut self, kind: IncidentKind, at: u32, about: About) -> u32 {
        let number = self.all.len() as u32;
        let (orders, until, by, variant) = (Vec::new(), 0, 0.0, 0);
        self.all.push(Incident { kind, at, until, about, orders, by, variant });
        number
    }
}
