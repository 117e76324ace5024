//! Totals of the forecasts by category, site or supplier.

use super::ahead::Facts;
use super::forecasts;
use super::stock::Marked;
use super::{Read, asked, cached, page, store};
use crate::demand::SeriesKey;
use crate::domain::*;
use crate::engine::api::{ForecastRow, GroupBy, PageOf, Refusal, Rows, TotalRow};
use crate::engine::house::House;
use crate::engine::known::known_history;
use crate::insight::forecast::{HIGH, MEDIAN, Part, Reach, Shop, Total, changes, is_active};
use crate::model::{LEVEL_COUNT, Quantiles};
use crate::orders::filter::{Bare, Field, FieldKind, Fields, FilterRow, Matcher};
use rustc_hash::FxHashMap;
use std::borrow::Cow;
use std::cmp::Ordering;
use std::collections::BTreeMap;

/// What the table of totals can be filtered by.
pub static TOTALS: Fields = Fields {
    fields: &[
        Field::phrase("name", &["group"], Bare::Fuzzy),
        Field::number("parts", &[]),
        Field::number("sold", &["last"]),
        Field::number("expected", &["total", "mean"]),
        Field::number("median", &["half"]),
        Field::number("high", &["q90"]),
        Field::number("daily", &["rate"]),
        Field::number("run_out", &["out"]),
        Field::number("together", &["correlation"]),
        // These are of the forecasts that are added up: what they leave out counts nowhere.
        Field::text("site", Bare::No),
        Field { name: "category", aliases: &["cat"], kind: FieldKind::Text, bare: Bare::No },
        Field::text("supplier", Bare::No),
    ],
    flags: &["old", "unknown"],
};

/// The columns that the table sorts by.
const COLUMNS: [&str; 9] =
    ["name", "parts", "sold", "expected", "median", "high", "daily", "run_out", "together"];

/// From this chance on a part is counted among those that run out.
const LIKELY: f32 = 0.5;
/// Series that are read before demand is let go for a moment.
const READ_AT_ONCE: usize = 256;

/// What each series did up to the day before a forecast.
pub struct Moves(FxHashMap<SeriesKey, Past>);

/// What a series did.
struct Past {
    /// Units sold in the last four weeks.
    sold: f32,
    /// Changes from one four weeks to the next.
    changes: Box<[f32]>,
}

impl Moves {
    /// Reads the history of all series that sold lately, whether they are forecast by now or not.
    pub fn read(house: &House, origin: Day) -> Result<Self, Refusal> {
        let store = store(house)?;
        let mut of = FxHashMap::default();
        let (reach, keys) = {
            let ledger = house.demand.read();
            let Some(reach) = Reach::of(&ledger, origin) else { return Ok(Self(of)) };
            let met = ledger.series_list().filter(|(_, span)| reach.meets(*span));
            (reach, met.map(|(series, _)| series.clone()).collect::<Vec<SeriesKey>>())
        };
        let one_offs = house.one_offs();
        let lately = Reach { first: origin.plus(1 - FOUR_WEEKS as i32), origin };
        for part in keys.chunks(READ_AT_ONCE) {
            let ledger = house.demand.read();
            for series in part {
                let history = known_history(&ledger, &store, &one_offs, series, reach)?;
                if is_active(&history) {
                    let sold = lately.history(&ledger, &Read(&store), series)?;
                    let sold = sold.iter().filter(|units| !units.is_nan()).sum();
                    let changes = changes(&history, FOUR_WEEKS);
                    of.insert(series.clone(), Past { sold, changes });
                }
            }
        }
        Ok(Self(of))
    }

    fn of(&self, series: &SeriesKey) -> (f32, &[f32]) {
        match self.0.get(series) {
            Some(past) => (past.sold, &past.changes),
            None => (0.0, &[]),
        }
    }
}

/// Days from one change to the next: as many as a forecast has.
const FOUR_WEEKS: usize = 28;

/// A series of a group.
struct Member<'m> {
    row: ForecastRow,
    part: Part<'m>,
    total: [f32; LEVEL_COUNT],
    /// Units sold in the four weeks before the forecast.
    sold: f32,
}

/// A page of totals: what sells most stands first, unless sorted otherwise.
pub fn totals(house: &House, by: GroupBy, wanted: &PageOf) -> Result<Rows<TotalRow>, Refusal> {
    let filter = asked(house, wanted, &TOTALS, &COLUMNS)?;
    let newest = house.forecasts.read().iter().map(|(_, ahead)| ahead.origin).max();
    let Some(origin) = newest else { return Ok(page(&[], 0, wanted, |_: &()| None)) };
    let moves = cached::moves(house, origin)?;
    let shelves = cached::shelves(house)?;
    let marked = Marked::read(house)?;
    let overrides = house.overrides.read().clone();
    let (facts, _) = Facts::of_all(house, &shelves, &marked, &overrides);
    let member = |facts: &Facts<'_>| {
        let (row, total) = (facts.row(false)?, facts.last_total()?);
        let (sold, changes) = moves.of(&facts.series);
        Some(Member { row, part: Part::new(total, changes), total, sold })
    };
    let members: Vec<Member<'_>> = facts.iter().filter_map(member).collect();
    let parts: Vec<Part<'_>> = members.iter().map(|member| member.part.clone()).collect();
    let shop = Shop::of(&parts);
    let mut groups: BTreeMap<Option<&str>, Vec<&Member<'_>>> = BTreeMap::new();
    for member in &members {
        groups.entry(name_of(by, &member.row)).or_default().push(member);
    }
    let unfiltered = groups.len();
    let [of_parts, of_groups] = filter.split(|field| GroupBy::named(field.name).is_some());
    let mut part = Matcher::new(&of_parts);
    groups.retain(|_, members| {
        members.retain(|member| part.matches(&forecasts::Shown { row: &member.row }));
        !members.is_empty()
    });
    let mut matcher = Matcher::new(&of_groups);
    let rows = groups.iter().map(|(name, members)| row(by, *name, members, &shop, origin));
    let mut rows: Vec<TotalRow> = rows.filter(|row| matcher.matches(&Shown { row })).collect();
    match wanted.sort.as_deref() {
        None => rows.sort_by(|a, b| b.daily.total_cmp(&a.daily).then_with(|| a.name.cmp(&b.name))),
        Some(column) => rows.sort_by(|a, b| {
            let order = by_column(column, a, b);
            let order = if wanted.descending { order.reverse() } else { order };
            order.then_with(|| a.name.cmp(&b.name))
        }),
    }
    Ok(page(&rows, unfiltered, wanted, |row| Some(row.clone())))
}

fn name_of(by: GroupBy, row: &ForecastRow) -> Option<&str> {
    match by {
        GroupBy::Category => row.stock.category.as_ref().map(Category::as_str),
        GroupBy::Site => Some(row.stock.site.as_str()),
        GroupBy::Supplier => row.stock.supplier.as_ref().map(SupplierId::as_str),
    }
}

fn row(
    by: GroupBy,
    name: Option<&str>,
    members: &[&Member<'_>],
    shop: &Shop,
    origin: Day,
) -> TotalRow {
    let parts: Vec<Part<'_>> = members.iter().map(|member| member.part.clone()).collect();
    let Total { quantiles, together } = shop.total(&parts);
    let sum = |of: fn(&Member<'_>) -> f32| members.iter().map(|member| of(member)).sum();
    let count = |of: fn(&ForecastRow) -> bool| {
        members.iter().map(|member| u32::from(of(&member.row))).sum()
    };
    TotalRow {
        by,
        name: name.map(Into::into),
        parts: u32::try_from(members.len()).unwrap_or(u32::MAX),
        sold: sum(|member| member.sold),
        median: quantiles[MEDIAN],
        high: quantiles[HIGH],
        parts_high: sum(|member| member.total[HIGH]),
        daily: sum(|member| Quantiles::mean_of(&member.total)) / FOUR_WEEKS as f32,
        run_out: count(|row| row.lasts.as_ref().is_some_and(|lasts| lasts.risk >= LIKELY)),
        together: together.filter(|_| members.len() > 1),
        first: members.iter().map(|member| member.row.first).max().unwrap_or(origin.plus(1)),
        old: count(|row| row.old),
    }
}

fn by_column(column: &str, a: &TotalRow, b: &TotalRow) -> Ordering {
    match column {
        "name" => a.name.cmp(&b.name),
        "parts" => a.parts.cmp(&b.parts),
        "sold" => a.sold.total_cmp(&b.sold),
        "median" => a.median.total_cmp(&b.median),
        "high" => a.high.total_cmp(&b.high),
        "daily" | "expected" => a.daily.total_cmp(&b.daily),
        "run_out" => a.run_out.cmp(&b.run_out),
        _ => a.together.unwrap_or(-1.0).total_cmp(&b.together.unwrap_or(-1.0)),
    }
}

struct Shown<'r> {
    row: &'r TotalRow,
}

impl FilterRow for Shown<'_> {
    fn text(&self, _: &str) -> Option<Cow<'_, str>> {
        self.row.name.as_deref().map(Cow::Borrowed)
    }
    fn number(&self, field: &str) -> Option<f64> {
        let row = self.row;
        match field {
            "parts" => Some(f64::from(row.parts)),
            "sold" => Some(f64::from(row.sold)),
            "expected" => Some(f64::from(row.expected())),
            "median" => Some(f64::from(row.median)),
            "high" => Some(f64::from(row.high)),
            "daily" => Some(f64::from(row.daily)),
            "run_out" => Some(f64::from(row.run_out)),
            "together" => row.together.map(f64::from),
            _ => None,
        }
    }
    fn flag(&self, flag: &str) -> bool {
        match flag {
            "old" => self.row.old > 0,
            _ => self.row.name.is_none(),
        }
    }
}
