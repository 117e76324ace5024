//! What is watched together, and how many orders a day it gets.

use crate::domain::{Category, Day, SiteId};
use crate::model::{Frequency, ShopCount, Window};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;

/// Groups that are watched at most, those with the most orders.
const MOST: usize = 60;

/// What is watched together.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Group {
    /// Everything.
    Shop,
    /// What ships from a site.
    Site(SiteId),
    /// What is of a category.
    Category(Category),
}

impl Group {
    /// By what it is kept.
    pub fn key(&self) -> Box<str> {
        match self {
            Self::Shop => "shop".into(),
            Self::Site(site) => format!("site {site}").into(),
            Self::Category(category) => format!("category {category}").into(),
        }
    }
}

impl fmt::Display for Group {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Shop => f.write_str("the whole shop"),
            Self::Site(site) => write!(f, "site {site}"),
            Self::Category(category) => write!(f, "{category}"),
        }
    }
}

/// Orders a day of every group, day after day.
#[derive(Clone, Debug)]
pub struct Totals {
    /// The first day.
    pub first: Day,
    days: usize,
    groups: BTreeMap<Group, Vec<f32>>,
}

impl Totals {
    /// Of no order yet, over so many days.
    pub fn new(first: Day, days: usize) -> Self {
        Self { first, days, groups: BTreeMap::new() }
    }

    /// Adds an order: it counts once for everything that it is of. Days before the first and after the
    /// last are left out.
    pub fn add(&mut self, day: Day, of: impl IntoIterator<Item = Group>) {
        let place = usize::try_from(day.number() - self.first.number()).ok();
        let Some(place) = place.filter(|place| *place < self.days) else { return };
        for group in of {
            self.groups.entry(group).or_insert_with(|| vec![0.0; self.days])[place] += 1.0;
        }
    }

    /// The days, one after the other.
    pub fn days(&self) -> impl Iterator<Item = Day> + use<> {
        let first = self.first;
        (0..self.days as i32).map(move |day| first.plus(day))
    }

    /// Forgets the groups with the fewest orders, and the site where there is but one: it is the shop.
    pub fn settle(&mut self) {
        let sites = self.groups.keys().filter(|group| matches!(group, Group::Site(_))).count();
        if sites == 1 {
            self.groups.retain(|group, _| !matches!(group, Group::Site(_)));
        }
        let mut sums: Vec<f32> = self.groups.values().map(|orders| orders.iter().sum()).collect();
        sums.sort_by(|a, b| b.total_cmp(a));
        if let Some(&least) = sums.get(MOST - 1) {
            self.groups.retain(|_, orders| orders.iter().sum::<f32>() >= least);
        }
    }

    /// All groups with their orders a day.
    pub fn groups(&self) -> impl Iterator<Item = (&Group, &[f32])> {
        self.groups.iter().map(|(group, orders)| (group, orders.as_slice()))
    }

    /// Orders of a group on a day; `None`: nothing is known of it.
    pub fn on(&self, group: &Group, day: Day) -> Option<f32> {
        let place = usize::try_from(day.number() - self.first.number()).ok()?;
        self.groups.get(group)?.get(place).copied()
    }

    /// What is known of each group at an origin, for the network to look at; nothing of what came later.
    pub fn windows(&self, origin: Day) -> Vec<(Group, Window)> {
        let known = usize::try_from(origin.number() - self.first.number() + 1).unwrap_or(0);
        let known = known.min(self.days);
        let mut count = ShopCount::new(known);
        self.groups().for_each(|(_, orders)| count.add(&orders[..known]));
        let shop = count.at(self.first.civil(), Frequency::Day);
        let windows = self.groups().filter_map(|(group, orders)| {
            let mut history = orders[..known].to_vec();
            let begun = history.iter().position(|orders| *orders > 0.0)?;
            history[..begun].fill(f32::NAN);
            Some((group.clone(), shop.window_of(&history)?))
        });
        windows.collect()
    }
}
