//! Classes of SKUs: by how much of the turnover they make (A, B, C) and how evenly they sell (X, Y, Z).

use super::terms::Service;
use serde::{Deserialize, Serialize};
use std::fmt;

/// The A items make so much of the turnover, A and B together so much.
const TURNOVER: [f64; 2] = [0.8, 0.95];
/// Coefficients of variation of weekly demand below which items are X, and Y.
const EVENNESS: [f64; 2] = [0.5, 1.0];

/// By turnover.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Value {
    /// The few that make four fifths of it.
    A,
    /// Those that make the next 15 %.
    B,
    /// The many that make the rest.
    C,
}

/// By how evenly they sell.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Evenness {
    /// Weeks are alike.
    X,
    /// Weeks vary.
    Y,
    /// Most weeks sell nothing, or some very much.
    Z,
}

/// Both.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Class {
    /// By turnover.
    pub value: Value,
    /// By evenness.
    pub evenness: Evenness,
}

impl Class {
    /// What is not known to sell.
    pub const LEAST: Class = Class { value: Value::C, evenness: Evenness::Z };
}

impl fmt::Display for Class {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&format!("{:?}{:?}", self.value, self.evenness))
    }
}

/// What service each class is given.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Services {
    /// Of A, B and C, each X, Y, Z.
    pub of: [[Service; 3]; 3],
}

impl Services {
    /// The same for all.
    pub const fn all(service: Service) -> Self {
        Self { of: [[service; 3]; 3] }
    }
    /// A class's.
    pub fn of(&self, class: Class) -> Service {
        self.of[class.value as usize][class.evenness as usize]
    }
}

impl Default for Services {
    fn default() -> Self {
        Self::all(Service::Cost)
    }
}

/// The class of each item, from its turnover and its units week by week.
pub fn classes(items: &[(f64, Vec<f64>)]) -> Vec<Class> {
    let mut order: Vec<usize> = (0..items.len()).collect();
    order.sort_by(|a, b| items[*b].0.total_cmp(&items[*a].0).then(a.cmp(b)));
    let all: f64 = items.iter().map(|(turnover, _)| turnover.max(0.0)).sum();
    let mut values = vec![Value::C; items.len()];
    let mut before = 0.0;
    for place in order {
        let share = before / all.max(f64::MIN_POSITIVE);
        let turnover = items[place].0.max(0.0);
        values[place] = match share {
            _ if turnover <= 0.0 => Value::C,
            share if share < TURNOVER[0] => Value::A,
            share if share < TURNOVER[1] => Value::B,
            _ => Value::C,
        };
        before += turnover;
    }
    let evenness = items.iter().map(|(_, weeks)| evenness(weeks));
    values.into_iter().zip(evenness).map(|(value, evenness)| Class { value, evenness }).collect()
}

fn evenness(weeks: &[f64]) -> Evenness {
    let count = weeks.len() as f64;
    let mean = weeks.iter().sum::<f64>() / count.max(1.0);
    if mean <= 0.0 {
        return Evenness::Z;
    }
    let variance = weeks.iter().map(|units| (units - mean).powi(2)).sum::<f64>() / count;
    match variance.sqrt() / mean {
        variation if variation < EVENNESS[0] => Evenness::X,
        variation if variation < EVENNESS[1] => Evenness::Y,
        _ => Evenness::Z,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_make_most_and_many_the_rest() {
        let mut items = vec![(8_000.0, vec![10.0, 11.0, 9.0, 10.0])];
        items.extend((0..5).map(|_| (300.0, vec![2.0, 7.0, 1.0, 6.0])));
        items.extend((0..50).map(|_| (10.0, vec![0.0, 0.0, 9.0, 0.0])));
        items.push((0.0, vec![0.0; 4]));
        let classes = classes(&items);
        let count = |value| classes.iter().filter(|class| class.value == value).count();
        assert_eq!((count(Value::A), count(Value::B)), (1, 5));
        assert_eq!(classes[0].to_string(), "AX");
        assert_eq!(classes[1].to_string(), "BY");
        assert_eq!(classes[20].to_string(), "CZ");
        assert_eq!(classes[56].to_string(), "CZ", "never sold");
        let services = Services {
            of: [[Service::Cycle(0.98); 3], [Service::Fill(0.95); 3], [Service::Cost; 3]],
        };
        assert_eq!(services.of(classes[1]), Service::Fill(0.95));
    }
}
