//! What several questions need and what takes long to put together, kept until anything changes.
//!
//! Paging through a table, and asking for the overview beside it, puts it together once. Two
//! questions at once may both do so; no lock is held meanwhile.

use super::acked::Acked;
use super::orders::Beside;
use super::stock::Shelves;
use super::totals::Moves;
use crate::domain::Day;
use crate::engine::api::Refusal;
use crate::engine::house::House;
use crate::orders::{Row, Sort};
use std::sync::Arc;

/// Selections of orders that are kept: each is up to four bytes an order.
const MOST_ROWS: usize = 3;

/// The cache; all of it is of one revision of the house and of one day.
#[derive(Default)]
pub struct Cached {
    of: Option<(u64, Day)>,
    acked: Option<Arc<Acked>>,
    beside: Option<Arc<Beside>>,
    shelves: Option<Arc<Shelves>>,
    rows: Vec<(Selection, Arc<Vec<Row>>)>,
    /// The exception: they are of one origin and so many series, and an order more or less does not
    /// move them.
    moves: Option<((Day, usize), Arc<Moves>)>,
}

/// Which orders, in which order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Selection {
    /// The filter's text.
    pub filter: String,
    /// The order in which they stand.
    pub sort: Sort,
    /// Whether pinned ones come before all others.
    pub pinned_first: bool,
    /// The minute, in which moments of the filter are meant.
    pub minute: i64,
}

/// Gets a part of the cache, or makes it. What was made for a revision that has passed is given
/// out, and not kept.
fn get_or<T>(
    house: &House,
    part: impl Fn(&mut Cached) -> &mut Option<Arc<T>>,
    make: impl FnOnce() -> Result<T, Refusal>,
) -> Result<Arc<T>, Refusal> {
    let now = (*house.revision.borrow(), house.today());
    {
        let mut cached = house.cached.lock();
        if cached.of != Some(now) {
            let moves = cached.moves.take();
            *cached = Cached { of: Some(now), moves, ..Cached::default() };
        }
        if let Some(kept) = part(&mut cached) {
            return Ok(kept.clone());
        }
    }
    let made = Arc::new(make()?);
    let mut cached = house.cached.lock();
    if cached.of == Some(now) {
        *part(&mut cached) = Some(made.clone());
    }
    Ok(made)
}

/// What is acknowledged.
pub fn acked(house: &House) -> Result<Arc<Acked>, Refusal> {
    let make = || Ok(Acked::read(house, &super::store(house)?)?);
    get_or(house, |cached| &mut cached.acked, make)
}

/// What stands beside the orders.
pub fn beside(house: &House) -> Result<Arc<Beside>, Refusal> {
    let acked = acked(house)?;
    get_or(house, |cached| &mut cached.beside, || Ok(Beside::read(house, acked)))
}

/// What sold lately.
pub fn shelves(house: &House) -> Result<Arc<Shelves>, Refusal> {
    let make = || Shelves::read(house, house.today());
    get_or(house, |cached| &mut cached.shelves, make)
}

impl Cached {
    /// Forgets all of it: histories are other ones.
    pub fn forget_all(&mut self) {
        *self = Self::default();
    }
}

/// How series moved up to the day before a forecast: all histories have to be read for it, once a
/// day, and anew where there are other series.
pub fn moves(house: &House, origin: Day) -> Result<Arc<Moves>, Refusal> {
    let now = (origin, house.demand.read().series_list().len());
    let kept = house.cached.lock().moves.clone();
    if let Some((_, moves)) = kept.filter(|(of, _)| *of == now) {
        return Ok(moves);
    }
    let moves = Arc::new(Moves::read(house, origin)?);
    house.cached.lock().moves = Some((now, moves.clone()));
    Ok(moves)
}

/// The rows of a selection.
pub fn rows(
    house: &House,
    selection: Selection,
    select: impl FnOnce() -> Vec<Row>,
) -> Arc<Vec<Row>> {
    let now = (*house.revision.borrow(), house.today());
    {
        let cached = house.cached.lock();
        let kept = cached.rows.iter().find(|(of, _)| *of == selection);
        if let Some((_, rows)) = kept.filter(|_| cached.of == Some(now)) {
            return rows.clone();
        }
    }
    let rows = Arc::new(select());
    let mut cached = house.cached.lock();
    if cached.of == Some(now) {
        cached.rows.truncate(MOST_ROWS - 1);
        cached.rows.insert(0, (selection, rows.clone()));
    }
    rows
}
