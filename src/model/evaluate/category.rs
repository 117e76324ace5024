//! What a new item is held against: the items of its category, as if it were any one of them.

use crate::demand::{Items, Panel};
use crate::model::evaluate::simple::quantiles_of;
use crate::model::{HORIZON, LEVEL_COUNT, Quantiles, Window};
use std::collections::HashMap;

/// Steps of the past that tell: two horizons, so that weekdays meet.
const RECENT: usize = 2 * HORIZON;
/// Fewest items that make a category.
const FEWEST: usize = 5;

/// Quantiles over the items of each category at an origin: of a step's demand, and of the totals from
/// the first step on that each of them sold twice in the last 56 steps.
#[derive(Debug)]
pub(super) struct Categories {
    of_series: Vec<usize>,
    /// The first one is of all items together: for those without a category, or with a small one.
    quantiles: Vec<Quantiles>,
}

impl Categories {
    /// What is known at `known` steps. Items that have not been on offer for 56 steps tell nothing.
    pub(super) fn of(panel: &Panel, items: Option<&Items>, known: usize) -> Self {
        let settled: Vec<bool> = panel.demand.iter().map(|each| settled(&each[..known])).collect();
        let mut members: Vec<Vec<usize>> = vec![Vec::new()];
        let mut numbers: HashMap<&str, usize> = HashMap::new();
        let mut of_series = Vec::with_capacity(panel.series.len());
        for (series, name) in panel.series.iter().enumerate() {
            let item = items.and_then(|items| items.get(name));
            let category = item.map(|item| item.category.as_str()).filter(|name| !name.is_empty());
            let number = category.map_or(0, |category| {
                *numbers.entry(category).or_insert_with(|| {
                    members.push(Vec::new());
                    members.len() - 1
                })
            });
            of_series.push(number);
            if settled[series] {
                members[0].push(series);
                if number > 0 {
                    members[number].push(series);
                }
            }
        }
        for number in &mut of_series {
            if members[*number].len() < FEWEST {
                *number = 0;
            }
        }
        let quantiles = members.iter().map(|members| over(panel, members, known)).collect();
        Self { of_series, quantiles }
    }

    /// The answer for a series.
    pub(super) fn forecast(&self, series: usize, window: &Window) -> Quantiles {
        let mut answer = self.quantiles[self.of_series[series]].clone();
        for (day, _) in answer.days.iter_mut().zip(ahead(window)).filter(|(_, open)| !open) {
            *day = [0.0; LEVEL_COUNT];
        }
        answer
    }
}

fn ahead(window: &Window) -> impl Iterator<Item = bool> + '_ {
    window.open[window.open.len() - HORIZON..].iter().copied()
}

fn settled(history: &[f32]) -> bool {
    let first = history.iter().position(|&demand| demand > 0.0);
    first.is_some_and(|first| first + RECENT <= history.len())
}

/// The quantiles over some items' last two horizons.
fn over(panel: &Panel, members: &[usize], known: usize) -> Quantiles {
    let mut steps = vec![Vec::new(); HORIZON];
    let mut totals = steps.clone();
    for &series in members {
        for past in panel.demand[series][known - RECENT..known].chunks(HORIZON) {
            let mut sum = 0.0;
            for (step, demand) in past.iter().enumerate() {
                let demand = if demand.is_nan() { 0.0 } else { *demand };
                sum += demand;
                steps[step].push(demand);
                totals[step].push(sum);
            }
        }
    }
    Quantiles {
        days: steps.into_iter().map(quantiles_of).collect(),
        totals: totals.into_iter().map(quantiles_of).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::demand::Item;
    use crate::model::ShopAt;

    #[test]
    fn a_new_item_sells_what_its_category_does() {
        let day = jiff::civil::date(2024, 1, 1);
        let mut items = Items::default();
        let mut series = Vec::new();
        for (category, level) in [("lanterns", 2.0f32), ("rings", 30.0)] {
            for number in 0..6 {
                let name = format!("{category} {number}");
                let item = Item { description: String::new(), category: category.to_owned() };
                items.insert(name.clone(), item);
                series.push((name, day, vec![level; 120]));
            }
        }
        let item = Item { description: String::new(), category: "lanterns".to_owned() };
        items.insert("new".to_owned(), item);
        let launch = [vec![0.0; 110], vec![9.0; 10]].concat();
        series.push(("new".to_owned(), day, launch.clone()));
        series.push(("alone".to_owned(), day, launch));
        let panel = Panel::of_series(series.into_iter()).unwrap();
        let (categories, shop) =
            (Categories::of(&panel, Some(&items), 120), ShopAt::of(&panel, 120));
        let answer = categories.forecast(12, &shop.window(&panel, 12).unwrap());
        assert_eq!((answer.days[3][6], answer.totals[27][6]), (2.0, 56.0));
        let answer = categories.forecast(13, &shop.window(&panel, 13).unwrap());
        assert!(
            (56.0..=840.0).contains(&answer.totals[27][6]),
            "all items, where nothing is known"
        );
    }
}
