//! Overriding a forecast, and ending that.

use super::super::layers::{Confirm, Form, Layer};
use super::super::state::{Body, State};
use super::super::words;
use super::push;
use crate::domain::{Day, Decision, Expectation, SiteId, Sku};
use crate::engine::api::Action;
use crate::insight::forecast::Stage;

/// The first day that a forecast here tells of; today where there is none.
pub fn first_day(state: &State) -> Day {
    let first = match &state.page().body {
        Body::Sku(panel, _) => panel.data.as_ref().and_then(|sku| {
            sku.forecasts.iter().flatten().map(|forecast| forecast.row.first).max()
        }),
        Body::Forecast(table) => table.selected().map(|row| row.first),
        _ => None,
    };
    first.unwrap_or_else(|| state.now.day(&state.zone))
}

/// What a form would record; or the field that is wrong and why.
pub fn check(form: &Form) -> Result<(String, Vec<Action>), (usize, String)> {
    let text = |at: usize| form.fields.get(at).map_or("", |field| field.line.text().trim());
    let filled = |at: usize, what: &str| match text(at) {
        "" => Err((at, format!("Give {what}."))),
        text => Ok(text),
    };
    let day = |at: usize, what: &str| {
        let text = filled(at, what)?;
        let wrong = || (at, format!("`{text}` is no date; write it as in 2026-11-27."));
        Day::parse(text).ok_or_else(wrong)
    };
    let sku = Sku::new(filled(0, "a SKU")?);
    let site = Some(text(1)).filter(|site| !site.is_empty()).map(SiteId::new);
    let (from, to) = (day(2, "the first day")?, day(3, "the last day")?);
    if to < from {
        return Err((3, format!("It ends before it begins on {from}.")));
    }
    let expected = filled(4, "what is expected, such as +30 % or 120")?;
    let expects = Expectation::parse(expected).ok_or_else(|| {
        (4, format!("`{expected}` is neither percent nor units; write +30 % or 120."))
    })?;
    let reason = filled(5, "the reason")?.to_owned();
    let place = site.as_ref().map_or("all its sites", SiteId::as_str);
    let sentence = format!(
        "Expect {expects} of {sku} at {place} from {} to {}: {reason}. The model's own forecast stays \
         beside it.",
        words::full_date(from),
        words::full_date(to)
    );
    let model = Vec::new();
    let decision = Decision::Override { sku, site, from, to, expects, reason, model };
    Ok((sentence, vec![Action::Decide { decision, saw: form.intent.saw.clone() }]))
}

/// An override that can be ended: its entry, the SKU, and what is said of it.
struct Running {
    entry: u64,
    sku: Sku,
    what: String,
}

/// The override in the selected forecast that counts, or else the next.
fn running(state: &State) -> Option<Running> {
    match &state.page().body {
        Body::Sku(panel, _) => {
            let detail = panel.data.as_ref()?;
            let site = detail.sites.get(panel.cursor).map(|row| &row.site);
            let here = |at: &Option<SiteId>| at.is_none() || site.is_none() || at.as_ref() == site;
            let counts = |stage| matches!(stage, Stage::InForce | Stage::Planned);
            let rows = detail.overrides.iter().filter(|row| counts(row.stage) && here(&row.site));
            let row = rows.min_by_key(|row| row.from)?;
            let at = row.site.as_ref().map_or("all sites", |site| site.as_str());
            let until = words::date(row.last);
            let what = format!("{} at {at} until {until} by {}", row.expects, row.who);
            Some(Running { entry: row.entry, sku: row.sku.clone(), what })
        }
        Body::Forecast(table) => {
            let row = table.selected()?;
            let first = row.overridden.as_ref()?.by.first()?;
            let at = first.site.as_ref().map_or("all sites", |site| site.as_str());
            let until = words::date(first.until);
            let what = format!("{} at {at} until {until} by {}", first.expects, first.who);
            Some(Running { entry: first.entry, sku: row.stock.sku.clone(), what })
        }
        _ => None,
    }
}

/// Whether there is an override to end here.
pub fn can_end(state: &State) -> bool {
    running(state).is_some()
}

/// Asks whether to end the override that counts here, or will next.
pub fn end(state: &mut State) -> Result<(), String> {
    let Some(Running { entry, sku, what }) = running(state) else {
        return Err("No override of this forecast counts or is planned; o sets one.".into());
    };
    let sentence = format!(
        "End the override of {sku}, entry {entry}: {what}. From today on the model's forecast counts."
    );
    let decision = Decision::EndOverride { over: entry, sku, from: None, before: None };
    let saw = state.target().map(|target| target.saw).unwrap_or_default();
    let actions = vec![Action::Decide { decision, saw }];
    push(state, Layer::Confirm(Confirm { sentence, actions, done: "Ended" }));
    Ok(())
}
