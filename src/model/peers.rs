//! What items like it sell: all that is known of an item that has hardly sold yet.
//!
//! Neighbours are items whose descriptions share words, weighed by how rare the words are (TF-IDF
//! cosine; Salton, Buckley 1988), a common category counting as one more rare word. What they tell is
//! the geometric mean of their recent demand: one bestseller says little about the next launch.

use super::CONTEXT;
use crate::demand::{Items, Panel};
use std::collections::HashMap;
use std::sync::Arc;

/// Steps since its first sale from which on an item speaks for itself, and for others.
const SETTLED: usize = 56;
/// Steps of which its demand is to be known by then: one that was sold out at once has told nothing.
const LEAST_KNOWN: usize = SETTLED / 2;
/// Most neighbours that are heard.
const NEIGHBOURS: usize = 20;
/// Similarity below which an item is no neighbour.
const LEAST_ALIKE: f32 = 0.15;
/// Words of a description that count.
const SHORTEST_WORD: usize = 3;
/// Demand a step that stands for none at all in a geometric mean.
const FLOOR: f32 = 0.01;

/// What the neighbours of a panel's series tell at an origin.
#[derive(Debug, Clone)]
pub struct Peers {
    words: Arc<Words>,
    /// Series that speak for themselves and others, with the logarithm of their level.
    settled: Vec<(usize, f32)>,
    is_settled: Vec<bool>,
    /// Mean of those logarithms.
    usual: f32,
}

/// The recent demand of series, each looked at once and then forgotten.
#[derive(Debug, Clone, Default)]
pub struct PeerCount {
    levels: Vec<Option<f32>>,
}

impl PeerCount {
    /// Takes in the next series by its demand, the origin last; NaN is missing.
    pub fn add(&mut self, demand: &[f32]) {
        self.levels.push(settled_level(&demand[demand.len().saturating_sub(CONTEXT)..]));
    }

    /// What they tell each other; `words` are theirs, in the order in which they were taken in.
    pub fn at(self, words: &Arc<Words>) -> Peers {
        let levels = self.levels.iter().enumerate();
        let settled: Vec<(usize, f32)> = levels
            .filter_map(|(series, level)| Some((series, (*level)?.max(FLOOR).ln())))
            .collect();
        let sum = settled.iter().map(|(_, level)| level).sum::<f32>();
        Peers {
            words: Arc::clone(words),
            usual: sum / settled.len().max(1) as f32,
            settled,
            is_settled: self.levels.iter().map(Option::is_some).collect(),
        }
    }
}

impl Peers {
    /// What is known at `known` steps.
    pub fn of(panel: &Panel, words: &Arc<Words>, known: usize) -> Self {
        let mut count = PeerCount::default();
        panel.demand.iter().for_each(|demand| count.add(&demand[..known]));
        count.at(words)
    }

    /// Demand of a step that the neighbours of a series tell; `None` for one that speaks for itself, and
    /// where nobody does.
    pub fn level(&self, series: usize) -> Option<f32> {
        if self.settled.is_empty() || *self.is_settled.get(series)? {
            return None;
        }
        Some(self.words.level(series, &self.settled).unwrap_or(self.usual).exp())
    }
}

/// Recent mean of an item that has been on offer for long enough: of the last [`SETTLED`] steps of
/// which demand is known, however far back they lie. A day without stock makes nothing new again.
fn settled_level(demand: &[f32]) -> Option<f32> {
    let first = demand.iter().position(|&demand| demand > 0.0)?;
    let offered = &demand[first..];
    let known = offered.iter().rev().filter(|demand| !demand.is_nan()).take(SETTLED);
    let (sum, count) = known.fold((0f32, 0usize), |(sum, count), &each| (sum + each, count + 1));
    (offered.len() >= SETTLED && count >= LEAST_KNOWN).then(|| sum / count as f32)
}

/// The descriptions of a panel's series as weighted words.
#[derive(Debug)]
pub struct Words {
    of: Vec<HashMap<u32, f32>>,
}

impl Words {
    /// Of all series of a panel.
    pub fn of(panel: &Panel, items: &Items) -> Self {
        let item = |series: &String| items.get(series);
        Self::of_texts(panel.series.iter().map(item).map(|item| {
            item.map_or(("", ""), |item| (item.description.as_str(), item.category.as_str()))
        }))
    }

    /// Of series by their items' descriptions and categories; empty where nothing is known.
    pub fn of_texts<'a>(items: impl Iterator<Item = (&'a str, &'a str)>) -> Self {
        let mut numbers: HashMap<String, u32> = HashMap::new();
        let mut counts: Vec<f32> = Vec::new();
        let mut texts: Vec<Vec<u32>> = Vec::new();
        for (description, category) in items {
            let mut text: Vec<u32> = words(description, category)
                .map(|word| {
                    let next = numbers.len() as u32;
                    let number = *numbers.entry(word).or_insert(next);
                    if number == next {
                        counts.push(0.0);
                    }
                    number
                })
                .collect();
            text.sort_unstable();
            text.dedup();
            text.iter().for_each(|&word| counts[word as usize] += 1.0);
            texts.push(text);
        }
        let all = texts.len() as f32;
        let of = texts
            .into_iter()
            .map(|text| {
                let weights = text.iter().map(|&word| ((all + 1.0) / counts[word as usize]).ln());
                let weights: Vec<f32> = weights.collect();
                let norm = weights.iter().map(|weight| weight * weight).sum::<f32>().sqrt();
                text.into_iter().zip(weights).map(|(word, weight)| (word, weight / norm)).collect()
            })
            .collect();
        Self { of }
    }

    fn alike(&self, one: usize, other: usize) -> f32 {
        self.of[one]
            .iter()
            .filter_map(|(word, weight)| Some(weight * self.of[other].get(word)?))
            .sum()
    }

    /// Mean logarithm of the nearest settled items' levels, weighted by likeness.
    fn level(&self, series: usize, settled: &[(usize, f32)]) -> Option<f32> {
        let mut near: Vec<(f32, f32)> = settled
            .iter()
            .map(|&(other, level)| (self.alike(series, other), level))
            .filter(|(alike, _)| *alike >= LEAST_ALIKE)
            .collect();
        near.sort_by(|one, other| other.0.total_cmp(&one.0));
        near.truncate(NEIGHBOURS);
        let weight: f32 = near.iter().map(|(alike, _)| alike).sum();
        (weight > 0.0)
            .then(|| near.iter().map(|(alike, level)| alike * level).sum::<f32>() / weight)
    }
}

/// The words of a description, and its category as one of its own.
fn words<'a>(description: &'a str, category: &'a str) -> impl Iterator<Item = String> + 'a {
    let category = Some(category).filter(|category| !category.is_empty());
    description
        .split(|letter: char| !letter.is_alphanumeric())
        .filter(|word| word.chars().count() >= SHORTEST_WORD)
        .map(str::to_lowercase)
        .chain(category.map(|category| format!("category {category}")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::demand::Item;

    #[test]
    fn a_launch_is_told_by_those_that_are_like_it() {
        let day = jiff::civil::date(2024, 1, 1);
        let mut items = Items::default();
        let mut series = Vec::new();
        let kinds = [("red garden lantern", 2.0f32), ("silver napkin ring", 30.0)];
        for (kind, (description, level)) in kinds.iter().enumerate() {
            for number in 0..10 {
                let name = format!("{kind}-{number}");
                let description = format!("{description} {number}");
                items.insert(name.clone(), Item { description, category: String::new() });
                series.push((name, day, vec![*level; 200]));
            }
        }
        items.insert(
            "new".to_owned(),
            Item { description: "Blue garden lantern".to_owned(), category: String::new() },
        );
        let mut demand = vec![0.0; 195];
        demand.extend([1.0, 0.0, 4.0, 0.0, 1.0]);
        series.push(("new".to_owned(), day, demand));
        let panel = Panel::of_series(series.into_iter()).unwrap();
        let peers = Peers::of(&panel, &Arc::new(Words::of(&panel, &items)), 200);
        assert_eq!(peers.level(0), None, "a settled item speaks for itself");
        let level = peers.level(20).unwrap();
        assert!((1.5..4.0).contains(&level), "{level} from lanterns that sell 2 a day");
    }

    #[test]
    fn an_item_that_was_sold_out_is_no_new_one() {
        let mut demand = vec![3.0f32; 200];
        demand[190] = f32::NAN;
        assert_eq!(settled_level(&demand), Some(3.0), "a single day");
        // Before eleven weeks without stock it sold 5 a day.
        demand[..100].fill(5.0);
        demand[100..177].fill(f32::NAN);
        let level = settled_level(&demand).unwrap();
        let (recent, before) = (22.0, 34.0);
        let mean = (recent * 3.0 + before * 5.0) / (recent + before);
        assert!((level - mean).abs() < 1e-5, "{level}, not {mean}: 56 known days are looked at");
        // Sold out three days after its launch: nothing is known of it.
        assert_eq!(settled_level(&[&[9.0; 3][..], &[f32::NAN; 80]].concat()), None);
        assert_eq!(settled_level(&demand[150..]), None, "on offer for three weeks");
    }
}
