//! Lead times of all suppliers and lanes, learnt from what they took: the levels of
//! [`crate::insight::lead_time`] under each supplier's word.

use super::{LeadTime, MOST_LEAD_DAYS, WORD, sane, word};
use crate::domain::{SiteId, SupplierId};
use crate::insight::lead_time::{Levels, Mixture, Seen, fading};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Days after which a delivery counts half.
const HALF_LIFE: f64 = 365.0;
/// A lane leans on its supplier as if that were so many deliveries.
const LEAN: f64 = 5.0;
/// So many deliveries of the other suppliers weigh as much against a supplier's word as the word.
const OTHERS: f64 = 20.0;
/// Shares of a word by which others' deliveries are told, in hundredths; a longer one is another thing.
const LONGEST_SHARE: i32 = 1_000;

/// What one delivery took, or has taken so far.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Took {
    /// Who delivered.
    pub supplier: SupplierId,
    /// Where to.
    pub site: SiteId,
    /// Days from the order until all of it had come; of one that is waited for, until now.
    pub days: u16,
    /// How many days ago it was ordered.
    pub age: i32,
    /// Whether it is overdue and waited for still: it takes at least so long.
    pub waits: bool,
}

/// The lead times of suppliers, and of their lanes: the way to one site.
///
/// A lane's few deliveries lean on its supplier's, and these on the supplier's word. How far a word holds is
/// taken from the supplier's own deliveries, and from how the others kept theirs. Newer deliveries count
/// more. An order that is overdue and has not come counts as well: it takes longer than it has by now, as
/// long as those did that took longer, and as long as it has where none did.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LeadTimes {
    suppliers: BTreeMap<SupplierId, LeadTime>,
    lanes: BTreeMap<(SupplierId, SiteId), LeadTime>,
}

/// Days with their weights.
type Points = Vec<(i32, f64)>;

/// What was seen of one supplier.
#[derive(Default)]
struct Own {
    stated: Option<u16>,
    took: Vec<Took>,
}

impl Took {
    /// How much it counts.
    fn weight(&self) -> f64 {
        fading(f64::from(self.age.max(0)), HALF_LIFE)
    }
}

impl Own {
    /// Deliveries that came.
    fn came(&self) -> Points {
        let came = self.took.iter().filter(|one| !one.waits);
        came.map(|one| (i32::from(one.days), one.weight())).collect()
    }
}

impl LeadTimes {
    /// From what suppliers state, and what their deliveries took or have taken so far.
    pub fn learn(
        stated: impl IntoIterator<Item = (SupplierId, Option<u16>)>,
        took: impl IntoIterator<Item = Took>,
    ) -> Self {
        let own = |stated| Own { stated: sane(stated), ..Own::default() };
        let mut all: BTreeMap<SupplierId, Own> =
            stated.into_iter().map(|(id, stated)| (id, own(stated))).collect();
        for one in took.into_iter().filter(|one| one.days <= MOST_LEAD_DAYS) {
            let Some(own) = all.get_mut(&one.supplier) else { continue };
            own.took.push(Took { days: one.days.max(1), ..one });
        }
        let kept = Kept::of(all.values());
        let mut learnt = Self::default();
        for (id, own) in all {
            learnt.take(id, own, &kept);
        }
        learnt
    }

    fn take(&mut self, id: SupplierId, own: Own, kept: &Kept) {
        let others = kept.without(own.stated, &own.came());
        let word = own.stated.map(|days| believed(days, &others)).unwrap_or_default();
        let all: Arc<str> = "all lanes".into();
        let sites: BTreeSet<&SiteId> = own.took.iter().map(|one| &one.site).collect();
        let path = |site: &SiteId| [all.clone(), format!("to {site}").into()];
        let paths: BTreeMap<&SiteId, [Arc<str>; 2]> =
            sites.into_iter().map(|site| (site, path(site))).collect();
        let seen = own.took.iter().map(|one| Seen {
            path: &paths[&one.site],
            value: one.days.into(),
            weight: one.weight(),
            waits: one.waits,
        });
        let levels = Levels::under(word, seen, &[WORD, LEAN]);
        let waiting = own.took.iter().filter(|one| one.waits).count();
        let told = |path: &[Arc<str>]| {
            let lead = LeadTime::from_mixture(levels.along(path).last()?, own.stated)?;
            Some(LeadTime { seen: own.took.len() - waiting, waiting, ..lead })
        };
        self.suppliers.extend(told(std::slice::from_ref(&all)).map(|lead| (id.clone(), lead)));
        for (site, path) in &paths {
            self.lanes.extend(told(path).map(|lead| ((id.clone(), (*site).clone()), lead)));
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
            for (share, weight) in share_of(own.stated, &own.came()) {
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
        Took { supplier: supplier.into(), site: site.into(), days, age, waits: false }
    }

    fn waits(supplier: &str, site: &str, days: u16) -> Took {
        Took { waits: true, ..took(supplier, site, days, i32::from(days)) }
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
    fn an_order_that_is_waited_for_takes_at_least_as_long_as_it_has() {
        let stated = [("A", Some(10)), ("B", Some(10))];
        let kept = || (0..10).map(|_| took("A", "x", 10, 0));
        let usual = mean(&learn(&stated, kept().collect()), "A", "x");
        // Nothing comes any more: the longer that lasts, the later is the next one thought to come.
        let stopped = |days: u16| {
            learn(&stated, kept().chain((0..5).map(|_| waits("A", "x", days))).collect())
        };
        let (month, quarter) = (stopped(30), stopped(90));
        assert!(usual < 10.5 && mean(&month, "A", "x") > 14.0, "{usual}, {month:?}");
        assert!(mean(&quarter, "A", "x") > mean(&month, "A", "x") + 10.0, "{quarter:?}");
        let lead = month.of_supplier(&"A".into()).unwrap();
        assert_eq!((lead.seen, lead.waiting), (10, 5));
        assert!((mean(&month, "B", "x") - 10.0).abs() < 0.1, "of others it says nothing");
        // One that is no later than others were comes as late as those.
        let late = || (0..4).map(|_| took("A", "x", 40, 0));
        let known = learn(&stated, kept().chain(late()).collect());
        let one = learn(&stated, kept().chain(late()).chain([waits("A", "x", 20)]).collect());
        let as_forty = kept().chain(late()).chain([took("A", "x", 40, 0)]).collect();
        let (one, as_forty) = (mean(&one, "A", "x"), mean(&learn(&stated, as_forty), "A", "x"));
        assert!((one - as_forty).abs() < 0.2, "{one} and {as_forty}");
        assert!(one > mean(&known, "A", "x"));
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
