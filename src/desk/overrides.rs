//! Overrides of the forecast: which are allowed, how they are taken back, what they do.

use super::check::{MOST_UNITS, check_site, check_sku, words};
use super::{DeskError, DeskView};
use crate::domain::{Day, Decision, Entry, Expectation, MOST_PERCENT, Qty, SiteId, Sku};
use crate::insight::forecast::{Override, Overrides, Stage};

/// How many days ahead an override ends at the latest.
const FARTHEST: i32 = 366;

/// Checks a new override and fills in what the model expects.
pub fn check_new(decision: Decision, view: &dyn DeskView) -> Result<Decision, DeskError> {
    let Decision::Override { sku, site, from, to, expects, reason, model: _ } = decision else {
        return Ok(decision);
    };
    check_sku(&sku, view)?;
    let site = site.filter(|site| !site.as_str().is_empty());
    if let Some(site) = &site {
        check_site(site, view)?;
    }
    check_period(from, to, view.first_ahead())?;
    check_expectation(expects)?;
    let reason = words("reason", &reason)?;
    let mut model = view.model_expects(&sku, site.as_ref(), from, to);
    if model.is_empty() {
        model = match expects {
            Expectation::Units(_) => of_nothing(&sku, site.as_ref(), (from, to), view),
            Expectation::Percent(_) => return Err(DeskError::NotForecast { sku, site }),
        };
    }
    let sites: Vec<&SiteId> = model.iter().map(|(site, _)| site).collect();
    check_free(view.overrides(), (&sku, &sites), (from, to), None)?;
    Ok(Decision::Override { sku, site, from, to, expects, reason, model })
}

/// What a model expects of what it does not forecast: nothing on any day.
fn of_nothing(
    sku: &Sku,
    site: Option<&SiteId>,
    (from, to): (Day, Day),
    view: &dyn DeskView,
) -> Vec<(SiteId, Vec<Qty>)> {
    let places = site.map_or_else(|| view.places(sku), |site| vec![site.clone()]);
    let days = usize::try_from(to.number() - from.number() + 1).unwrap_or(0);
    places.into_iter().map(|site| (site, vec![Qty::ZERO; days])).collect()
}

fn check_period(from: Day, to: Day, first: Day) -> Result<(), DeskError> {
    let latest = first.plus(FARTHEST);
    if to < from {
        return Err(DeskError::PeriodReversed { from, to });
    }
    if from < first {
        return Err(DeskError::PeriodPast { from, first });
    }
    if to > latest { Err(DeskError::PeriodTooFar { to, latest }) } else { Ok(()) }
}

fn check_expectation(expects: Expectation) -> Result<(), DeskError> {
    match expects {
        Expectation::Percent(0) => Err(DeskError::NoOverride),
        Expectation::Percent(percent) if !(-100..=MOST_PERCENT).contains(&percent) => {
            Err(DeskError::AbsurdPercent { percent })
        }
        Expectation::Units(qty) if qty.is_negative() => Err(DeskError::NegativeUnits { qty }),
        Expectation::Units(qty) if qty > MOST_UNITS => {
            Err(DeskError::Absurd { qty, most: MOST_UNITS })
        }
        _ => Ok(()),
    }
}

/// On each day at most one override counts at a site.
fn check_free(
    overrides: &Overrides,
    (sku, sites): (&Sku, &[&SiteId]),
    (from, to): (Day, Day),
    except: Option<u64>,
) -> Result<(), DeskError> {
    let taken = sites.iter().find_map(|site| {
        let found = overrides.between(sku, site, from, to);
        let taken = found.into_iter().find(|one| Some(one.entry) != except)?;
        Some((*site, taken))
    });
    match taken {
        Some((site, one)) => Err(DeskError::Overridden {
            entry: one.entry,
            sku: sku.clone(),
            site: site.clone(),
            from: one.from,
            to: one.last(),
        }),
        None => Ok(()),
    }
}

/// Checks the end of an override: it counts no more from the first day on that is not over.
pub fn check_end(over: u64, view: &dyn DeskView) -> Result<Decision, DeskError> {
    let one = view.overrides().get(over).ok_or(DeskError::NoSuchOverride { seq: over })?;
    let first = view.first_ahead();
    match one.stage(first) {
        Stage::Over | Stage::Withdrawn => Err(DeskError::NothingToEnd { seq: over }),
        Stage::Planned | Stage::InForce => Ok(Decision::EndOverride {
            over,
            sku: one.sku.clone(),
            from: Some(first),
            before: one.ended,
        }),
    }
}

/// What takes an override back: it never counted.
pub fn inverse_of_new(seq: u64, view: &dyn DeskView) -> Result<Decision, DeskError> {
    let one = view.overrides().get(seq).ok_or(DeskError::NoSuchOverride { seq })?;
    if one.stage(view.first_ahead()) == Stage::Over {
        return Err(DeskError::Overtaken { seq, what: "its period is over" });
    }
    Ok(Decision::EndOverride {
        over: seq,
        sku: one.sku.clone(),
        from: Some(one.from),
        before: one.ended,
    })
}

/// What takes back that an override was ended, or that this was taken back.
pub fn inverse_of_end(
    seq: u64,
    over: u64,
    (from, before): (Option<Day>, Option<Day>),
    view: &dyn DeskView,
) -> Result<Decision, DeskError> {
    let one = view.overrides().get(over).ok_or(DeskError::NoSuchOverride { seq: over })?;
    if one.ended != from {
        return Err(DeskError::Overtaken { seq, what: "the override was changed after it" });
    }
    let again = Override { ended: before, ..one.clone() };
    let first = view.first_ahead();
    if again.last() < first && again.last() >= again.from {
        return Err(DeskError::Overtaken { seq, what: "the override's period is over" });
    }
    let sites: Vec<&SiteId> = again.model.iter().map(|(site, _)| site).collect();
    let period = (again.from.max(first), again.last());
    check_free(view.overrides(), (&again.sku, &sites), period, Some(over))?;
    Ok(Decision::EndOverride { over, sku: again.sku, from: before, before: from })
}

/// Does what an entry means for overrides; the one that is another now. Doing it again changes
/// nothing.
pub fn carry_out_override<'a>(entry: &Entry, overrides: &'a mut Overrides) -> Option<&'a Override> {
    match &entry.decision {
        Decision::Override { sku, site, from, to, expects, reason, model } => {
            overrides.put(Override {
                entry: entry.seq,
                who: entry.actor.user.clone(),
                at: entry.at,
                sku: sku.clone(),
                site: site.clone(),
                from: *from,
                to: *to,
                expects: *expects,
                reason: reason.as_str().into(),
                model: model.clone(),
                ended: None,
            });
            overrides.get(entry.seq)
        }
        Decision::EndOverride { over, from, .. } => overrides.end(*over, *from),
        _ => None,
    }
}
