//! Who looks at what, so that two people do not decide about the same thing unknown to each other.

use super::api::{LOOKED_AT, LookedAt};
use crate::demand::SeriesKey;
use crate::domain::CaseId;
use parking_lot::Mutex;
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

/// User and console.
type Viewer = (Box<str>, Box<str>);

/// Who looks at what, and since when that is known. A leaf among the locks.
#[derive(Default)]
pub struct Presence {
    viewers: Mutex<BTreeMap<Viewer, (LookedAt, Instant)>>,
}

impl Presence {
    /// Somebody looks at something on a console; `None`: at nothing any more. Whether anybody else is to
    /// hear of it at once: whoever looks at it too, or at what was left; of cases everybody, as they are
    /// not gone through by the second.
    pub fn looks_at(&self, user: &str, console: &str, at: Option<LookedAt>) -> bool {
        let mut viewers = self.viewers.lock();
        let key: Viewer = (user.into(), console.into());
        let before = match &at {
            Some(at) => viewers.insert(key.clone(), (at.clone(), Instant::now())),
            None => viewers.remove(&key),
        };
        let before = before.map(|(at, _)| at);
        if matches!((&before, &at), (Some(LookedAt::Case(_)), _) | (_, Some(LookedAt::Case(_)))) {
            return true;
        }
        let is_concerned =
            |other: &LookedAt| Some(other) == at.as_ref() || Some(other) == before.as_ref();
        let mut others = viewers.iter().filter(|(viewer, _)| **viewer != key);
        before != at && others.any(|(_, (other, since))| is_recent(*since) && is_concerned(other))
    }

    /// Who looks at which case now.
    pub fn of_cases(&self) -> BTreeMap<CaseId, Vec<Box<str>>> {
        self.by(|at| match at {
            LookedAt::Case(case) => Some(*case),
            LookedAt::Line(..) => None,
        })
    }

    /// Who looks at which reorder line now.
    pub fn of_lines(&self) -> BTreeMap<SeriesKey, Vec<Box<str>>> {
        self.by(|at| match at {
            LookedAt::Line(sku, site) => Some(SeriesKey { sku: sku.clone(), site: site.clone() }),
            LookedAt::Case(_) => None,
        })
    }

    fn by<K: Ord>(&self, of: impl Fn(&LookedAt) -> Option<K>) -> BTreeMap<K, Vec<Box<str>>> {
        let mut viewers = self.viewers.lock();
        viewers.retain(|_, (_, since)| is_recent(*since));
        let mut all: BTreeMap<K, Vec<Box<str>>> = BTreeMap::new();
        for ((user, _), (at, _)) in viewers.iter() {
            let Some(key) = of(at) else { continue };
            let users = all.entry(key).or_default();
            if !users.contains(user) {
                users.push(user.clone());
            }
        }
        all
    }
}

fn is_recent(since: Instant) -> bool {
    since.elapsed() < Duration::from_millis(LOOKED_AT.as_millis().unsigned_abs())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_on_the_same_line_hear_of_each_other_and_others_are_left_in_peace() {
        let presence = Presence::default();
        let case = CaseId { kind: crate::domain::CaseKind::Order, number: 7 };
        let line = |sku: &str| Some(LookedAt::Line(sku.into(), "main".into()));
        let at = |sku: &str| {
            let key = SeriesKey { sku: sku.into(), site: "main".into() };
            presence.of_lines().remove(&key).unwrap_or_default().join(" ")
        };
        assert!(!presence.looks_at("ann", "1", line("MUG")), "nobody else is there");
        assert!(!presence.looks_at("bob", "2", line("CUP")));
        assert!(presence.looks_at("bob", "2", line("MUG")), "ann is there");
        assert_eq!(at("MUG"), "ann bob");
        assert!(!presence.looks_at("bob", "2", line("MUG")), "she knows");
        assert!(presence.looks_at("bob", "2", line("CUP")), "she sees him leave");
        assert_eq!((at("MUG"), at("CUP")), ("ann".into(), "bob".into()));
        assert!(!presence.looks_at("ann", "1", None));
        assert_eq!(at("MUG"), "");
        assert!(presence.looks_at("ann", "1", Some(LookedAt::Case(case))));
        assert_eq!(presence.of_cases().into_values().next().unwrap(), ["ann".into()]);
        assert!(presence.of_lines().len() == 1, "bob's alone");
    }
}
