//! Lead times of all suppliers and lanes, learnt from what they took.

use super::{LeadTime, MOST_LEAD_DAYS, WORD, sane, word};
use crate::domain::{SiteId, SupplierId};
use crate::insight::lead_time::Mixture;
use std::collections::BTreeMap;

/// Days after which a delivery counts half.
const HALF_LIFE: f64 = 365.0;
/// A lane leans on its supplier as if that were so many deliveries.
const LEAN: f64 = 5.0;
/// So many deliveries of the other suppliers weigh as much against a supplier's word as the word.
const OTHERS: f64 = 20.0;
/// Shares of a word by which others' deliveries are told, in hundredths; a longer one is another thing.
const LONGEST_SHARE: i32 = 1_000;

/// What one delivery took.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Took {
    /// Who delivered.
    pub supplier: SupplierId,
    /// Where to.
    pub site: SiteId,
    /// Days from the order until all of it had come.
    pub days: u16,
    /// How many days ago it was ordered.
    pub age: i32,
}

/// The lead times of suppliers, and of their lanes: the way to one site.
///
/// A lane's few deliveries lean on its supplier's, and these on the supplier's word. How far a word holds is
/// taken from the supplier's own deliveries, and from how the others kept theirs. Newer deliveries count
/// more.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LeadTimes {
    suppliers: BTreeMap<SupplierId, LeadTime>,
    lanes: BTreeMap<(SupplierId, SiteId), LeadTime>,
}

/// What was seen of one supplier.
#[derive(Default)]
struct Own {
    stated: Option<u16>,
    seen: Vec<(i32, f64)>,
    lanes: BTreeMap<SiteId, Vec<(i32, f64)>>,
}

impl LeadTimes {
    /// From what suppliers state, and what their deliveries took.
    pub fn learn(
        stated: impl IntoIterator<Item = (SupplierId, Option<u16>)>,
        took: impl IntoIterator<Item = Took>,
    ) -> Self {
        let own = |stated| Own { stated: sane(stated), ..Own::default() };
        let mut all: BTreeMap<SupplierId, Own> =
            stated.into_iter().map(|(id, stated)| (id, own(stated))).collect();
        for one in took.into_iter().filter(|one| one.days <= MOST_LEAD_DAYS) {
            let Some(own) = all.get_mut(&one.supplier) else { continue };
            let weight = 0.5_f64.powf(f64::from(one.age.max(0)) / HALF_LIFE);
            let point = (i32::from(one.days.max(1)), weight);
            own.seen.push(point);
            own.lanes.entry(one.site).or_default().push(point);
        }
        let kept = Kept::of(all.values());
        let mut learnt = Self::default();
        for (id, own) in all {
            learnt.take(id, own, &kept);
        }
        learnt
    }

    fn take(&mut self, id: SupplierId, own: Own, kept: &Kept) {
        let Own { stated, seen, lanes } = own;
        let count = seen.len();
        let others = kept.without(stated, &seen);
        let prior = stated.map(|days| believed(days, &others)).unwrap_or_default();
        let supplier = Mixture::of(seen).leaning_on(&prior, WORD);
        for (site, seen) in lanes {
            let lane = Mixture::of(seen).leaning_on(&supplier, LEAN);
            if let Some(lead) = LeadTime::from_mixture(&lane, stated, count) {
                self.lanes.insert((id.clone(), site), lead);
            }
        }
        if let Some(lead) = LeadTime::from_mixture(&supplier, stated, count) {
            self.suppliers.insert(id, lead);
        }
    }

    /// Of a supplier's deliveries to a site; to one that it has not delivered to, as to the others.
    pub fn of_lane(&self, supplier: &SupplierId, site: &SiteId) -> Option<&LeadTime> {
        let lane = self.lanes.get(&(supplier.clone(), site.clone()));
        lane.or_else(|| self.of_supplier(supplier))
    }

    /// Of all its deliveries; `None`: nothing is stated, and nothing came.
    pub fn of_supplier(&self, supplier: &SupplierId) -> Option<&LeadTime> {
        self.suppliers.get(supplier)
    }
}

/// How words were kept: hundredths of them that deliveries took, with their weights.
struct Kept(BTreeMap<i32, f64>);

impl Kept {
    fn of<'a>(all: impl Iterator<Item = &'a Own>) -> Self {
        let mut shares = BTreeMap::new();
        for own in all {
            for (share, weight) in share_of(own.stated, &own.seen) {
                *shares.entry(share).or_default() += weight;
            }
        }
        Self(shares)
    }

    /// The same of all but one, whose deliveries are these.
    fn without(&self, stated: Option<u16>, seen: &[(i32, f64)]) -> Mixture {
        let mut others = self.0.clone();
        for (share, weight) in share_of(stated, seen) {
            if let Some(sum) = others.get_mut(&share) {
                *sum -= weight;
            }
        }
        Mixture::of(others.into_iter().filter(|(_, weight)| *weight > 1e-9).collect())
    }
}

fn share_of(
    stated: Option<u16>,
    seen: &[(i32, f64)],
) -> impl Iterator<Item = (i32, f64)> + use<'_> {
    let share = move |days: i32| Some(days * 100 / i32::from(stated?));
    let shares = seen.iter().filter_map(move |(days, weight)| Some((share(*days)?, *weight)));
    shares.filter(|(share, _)| *share <= LONGEST_SHARE)
}

/// A word, and what came of others' words, as far as many deliveries say so.
fn believed(stated: u16, others: &Mixture) -> Mixture {
    let days = |share: i32| ((share * i32::from(stated) + 50) / 100).max(1);
    let like = others.points().iter().map(|(share, weight)| (days(*share), *weight)).collect();
    let like: Mixture = Mixture::of(like);
    word(stated).leaning_on(&like, WORD * like.weight().min(OTHERS) / OTHERS)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn took(supplier: &str, site: &str, days: u16, age: i32) -> Took {
        Took { supplier: supplier.into(), site: site.into(), days, age }
    }

    fn learn(stated: &[(&str, Option<u16>)], took: Vec<Took>) -> LeadTimes {
        LeadTimes::learn(stated.iter().map(|(id, days)| ((*id).into(), *days)), took)
    }

    fn mean(leads: &LeadTimes, supplier: &str, site: &str) -> f64 {
        leads.of_lane(&supplier.into(), &site.into()).unwrap().mean()
    }

    #[test]
    fn a_lane_of_few_deliveries_is_near_its_supplier_and_of_many_its_own() {
        let near = |count: usize| (0..count).map(|_| took("A", "near", 5, 0));
        let far = || (0..40).map(|_| took("A", "far", 25, 0));
        let few = learn(&[("A", Some(20))], near(2).chain(far()).collect());
        assert!((15.0..24.0).contains(&mean(&few, "A", "near")), "{few:?}");
        let many = learn(&[("A", Some(20))], near(60).chain(far()).collect());
        assert!(mean(&many, "A", "near") < 7.0 && mean(&many, "A", "far") > 22.0, "{many:?}");
        assert_eq!(many.of_lane(&"A".into(), &"new".into()), many.of_supplier(&"A".into()));
    }

    #[test]
    fn a_word_is_taken_as_the_others_kept_theirs() {
        let stated = [("A", Some(10)), ("B", Some(20)), ("C", Some(30)), ("D", None)];
        let alone = learn(&stated, Vec::new());
        assert!((mean(&alone, "A", "x") - 10.0).abs() < 1e-9);
        assert_eq!(alone.of_supplier(&"D".into()), None, "nothing is known of it");
        // Two take half as long again as they say.
        let late = (0..30).flat_map(|_| [took("B", "x", 30, 0), took("C", "x", 45, 0)]).collect();
        let others = learn(&stated, late);
        assert!((mean(&others, "A", "x") - 12.5).abs() < 0.6, "{others:?}");
        // Its own deliveries say more.
        let own = (0..30).flat_map(|_| [took("B", "x", 30, 0), took("A", "x", 10, 0)]).collect();
        assert!(mean(&learn(&stated, own), "A", "x") < 10.7);
    }

    #[test]
    fn newer_deliveries_count_more_and_one_alone_changes_little() {
        let old = (0..20).map(|_| took("A", "x", 10, 1_500));
        let new = (0..10).map(|_| took("A", "x", 20, 10));
        let leads = learn(&[("A", Some(10))], old.chain(new).collect());
        assert!(mean(&leads, "A", "x") > 16.0, "{leads:?}");
        let once = learn(&[("A", Some(10))], vec![took("A", "x", 20, 0)]);
        assert!(mean(&once, "A", "x") < 15.0 && mean(&once, "A", "x") > 11.0, "{once:?}");
        let slip = learn(&[("A", Some(10))], vec![took("A", "x", 2_000, 0)]);
        assert!((mean(&slip, "A", "x") - 10.0).abs() < 1e-9, "a slip of the pen is none");
    }
}
