//! The configuration of shipping: zones, sites, what it costs, what was promised.

use crate::domain::{Category, Country, Currency, Money, SiteId};
use crate::plan::shipping::{MethodTerms, Rate, ShippingTerms, SiteTerms, ZoneTerms};
use serde::Deserialize;
use std::collections::BTreeMap;
use toml::Spanned;

/// The largest amount that a field may hold, in major units.
const MOST: i64 = 100_000;
/// The longest time that a package is on its way or promised for, in days.
const MOST_DAYS: i64 = 365;
/// The heaviest unit, in grams.
const MOST_GRAMS: i64 = 10_000_000;

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
pub(super) struct RawShipping {
    target: Option<Spanned<String>>,
    split_penalty: Option<Spanned<String>>,
    late_penalty: Option<Spanned<Vec<String>>>,
    short_share: Option<Spanned<f64>>,
    cheaper_by: Option<Spanned<String>>,
    promised_days: Option<Spanned<i64>>,
    ship_complete: Option<bool>,
    unit_weight_g: Option<Spanned<i64>>,
    weights: BTreeMap<String, Spanned<i64>>,
    zone: Vec<RawZone>,
    method: Vec<RawMethod>,
    site: Vec<RawSite>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawZone {
    name: Spanned<String>,
    #[serde(default)]
    countries: Vec<Spanned<String>>,
    #[serde(default)]
    given_to: Vec<String>,
    promised_days: Option<Spanned<i64>>,
    priority: Option<Spanned<i64>>,
    ship_complete: Option<bool>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawMethod {
    contains: Spanned<Vec<String>>,
    promised_days: Option<Spanned<i64>>,
    priority: Option<Spanned<i64>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawSite {
    id: Spanned<String>,
    packages_a_day: Spanned<i64>,
    cutoff: Option<Spanned<String>>,
    #[serde(default)]
    rates: BTreeMap<String, Spanned<RawRate>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawRate {
    package: String,
    per_kg: Option<String>,
    days: i64,
}

/// An error and its place in the text.
type Wrong = (usize, String);

/// Reads the table.
pub(super) fn shipping(raw: RawShipping, currency: Currency) -> Result<ShippingTerms, Wrong> {
    let mut terms = ShippingTerms::default();
    let promised = days("promised_days", raw.promised_days.as_ref(), ShippingTerms::PROMISED_DAYS)?;
    terms.target = raw.target.map(Spanned::into_inner);
    let amount = |field: &str, text: &Option<Spanned<String>>, usual| match text {
        Some(text) => {
            money(&format!("shipping.{field}"), text.get_ref(), text.span().start, currency)
        }
        None => Ok(usual),
    };
    terms.split_penalty = amount("split_penalty", &raw.split_penalty, terms.split_penalty)?;
    terms.cheaper_by = amount("cheaper_by", &raw.cheaper_by, terms.cheaper_by)?;
    if let Some(late) = &raw.late_penalty {
        let at = late.span().start;
        let read =
            late.get_ref().iter().map(|text| money("shipping.late_penalty", text, at, currency));
        let read: Vec<i64> = read.collect::<Result<_, _>>()?;
        terms.late_penalty = read.try_into().map_err(|_| {
            let what = "shipping.late_penalty: give three amounts for a day late, of priority 1, 2 \
                        and 3, such as [\"4.00\", \"1.50\", \"0.50\"]";
            (at, what.to_owned())
        })?;
    }
    if let Some(share) = &raw.short_share {
        if !(0.0..=10.0).contains(share.get_ref()) {
            let what = "shipping.short_share: write a share of the price from 0 to 10, such as 0.5";
            return Err((share.span().start, what.into()));
        }
        terms.short_share = *share.get_ref();
    }
    terms.ship_complete = raw.ship_complete.unwrap_or(terms.ship_complete);
    if let Some(weight) = &raw.unit_weight_g {
        terms.unit_weight_g = whole("unit_weight_g", weight, 0, MOST_GRAMS)?;
    }
    for (category, weight) in &raw.weights {
        let weight = whole(&format!("weights.{category}"), weight, 0, MOST_GRAMS)?;
        terms.weights.insert(Category::new(category.as_str()), weight);
    }
    for raw in raw.zone {
        let at = raw.name.span().start;
        let zone = zone(raw, promised)?;
        if terms.zones.iter().any(|known| known.name == zone.name) {
            let what = format!("shipping.zone: two zones are named \"{}\"; rename one", zone.name);
            return Err((at, what));
        }
        terms.zones.push(zone);
    }
    if !raw.method.is_empty() {
        terms.methods = raw.method.into_iter().map(method).collect::<Result<_, _>>()?;
    }
    for raw in raw.site {
        let (id, at) = (SiteId::new(raw.id.get_ref().as_str()), raw.id.span().start);
        let site = site(raw, &terms.zones, currency)?;
        if terms.sites.insert(id.clone(), site).is_some() {
            return Err((at, format!("shipping.site: {id} is there twice; put both together")));
        }
    }
    Ok(terms)
}

fn zone(raw: RawZone, promised: i64) -> Result<ZoneTerms, Wrong> {
    let name = raw.name.get_ref().trim().to_owned();
    if name.is_empty() {
        return Err((raw.name.span().start, "shipping.zone: give the zone a name".into()));
    }
    let country = |code: &Spanned<String>| {
        let text = code.get_ref();
        let is_code = text.len() == 2 && text.bytes().all(|b| b.is_ascii_alphabetic());
        let what = format!(
            "shipping.zone: \"{text}\" is no country; write two letters such as \"GB\", and leave \
             `countries` out for all others"
        );
        is_code.then(|| Country::new(text.to_ascii_uppercase())).ok_or((code.span().start, what))
    };
    let priority = match &raw.priority {
        Some(priority) => whole("zone.priority", priority, 1, 3)?,
        None => ShippingTerms::PRIORITY,
    };
    Ok(ZoneTerms {
        countries: raw.countries.iter().map(country).collect::<Result<_, _>>()?,
        given_to: raw.given_to.iter().map(|id| SiteId::new(id.as_str())).collect(),
        promised_days: days("zone.promised_days", raw.promised_days.as_ref(), promised)?,
        priority,
        ship_complete: raw.ship_complete,
        name,
    })
}

fn method(raw: RawMethod) -> Result<MethodTerms, Wrong> {
    let words = raw.contains.get_ref().iter().map(|word| word.trim().to_lowercase());
    let contains: Vec<String> = words.collect();
    if contains.is_empty() || contains.iter().any(String::is_empty) {
        let what = "shipping.method.contains: give words of the method's name in the shop, such as \
                    [\"express\"]";
        return Err((raw.contains.span().start, what.into()));
    }
    let number = |field: &str, number: &Option<Spanned<i64>>, least, most| {
        number.as_ref().map(|number| whole(field, number, least, most)).transpose()
    };
    Ok(MethodTerms {
        contains,
        promised_days: number("method.promised_days", &raw.promised_days, 0, MOST_DAYS)?,
        priority: number("method.priority", &raw.priority, 1, 3)?,
    })
}

fn site(raw: RawSite, zones: &[ZoneTerms], currency: Currency) -> Result<SiteTerms, Wrong> {
    let id = raw.id.get_ref();
    let cutoff_hour = match &raw.cutoff {
        None => 24,
        Some(text) => hour(text.get_ref()).ok_or_else(|| {
            let what = format!(
                "shipping.site.cutoff: \"{}\" is no hour of the day; write one such as \"15:00\"",
                text.get_ref()
            );
            (text.span().start, what)
        })?,
    };
    let mut rates = BTreeMap::new();
    for (zone, raw) in &raw.rates {
        let (rate, at) = (raw.get_ref(), raw.span().start);
        if !zones.iter().any(|known| known.name == *zone) {
            let known: Vec<&str> = zones.iter().map(|zone| zone.name.as_str()).collect();
            let what = format!(
                "shipping.site.rates: there is no zone \"{zone}\" (site {id}); there are: {}",
                known.join(", ")
            );
            return Err((at, what));
        }
        if !(0..=MOST_DAYS).contains(&rate.days) {
            let what = format!("shipping.site.rates: days must be from 0 to {MOST_DAYS} ({zone})");
            return Err((at, what));
        }
        let per_kg = rate.per_kg.as_deref().unwrap_or("0");
        let rate = Rate {
            package: money("shipping.site.rates: package", &rate.package, at, currency)?,
            per_kg: money("shipping.site.rates: per_kg", per_kg, at, currency)?,
            days: rate.days,
        };
        rates.insert(zone.clone(), rate);
    }
    let packages_a_day = whole("site.packages_a_day", &raw.packages_a_day, 0, 1_000_000)?;
    Ok(SiteTerms { packages_a_day, cutoff_hour, rates })
}

/// `15:00` as 15; `24:00` as 24.
fn hour(text: &str) -> Option<i8> {
    let (hour, minutes) = text.split_once(':')?;
    let hour: i8 = hour.parse().ok()?;
    (minutes == "00" && (0..=24).contains(&hour)).then_some(hour)
}

fn money(field: &str, text: &str, at: usize, currency: Currency) -> Result<i64, Wrong> {
    let most = MOST * 10_i64.pow(currency.exponent());
    let amount = Money::parse(text, currency).map(|amount| amount.minor);
    amount.filter(|minor| (0..=most).contains(minor)).ok_or_else(|| {
        let what = format!(
            "{field}: \"{text}\" is no amount of {currency} from 0 to {MOST}; write one such as \
             \"2.90\""
        );
        (at, what)
    })
}

fn whole(field: &str, number: &Spanned<i64>, least: i64, most: i64) -> Result<i64, Wrong> {
    let value = *number.get_ref();
    match (least..=most).contains(&value) {
        true => Ok(value),
        false => {
            let what = format!("shipping.{field}: write a whole number from {least} to {most}");
            Err((number.span().start, what))
        }
    }
}

fn days(field: &str, number: Option<&Spanned<i64>>, usual: i64) -> Result<i64, Wrong> {
    number.map_or(Ok(usual), |number| whole(field, number, 0, MOST_DAYS))
}

/// The table as TOML.
pub(super) fn shown(terms: &ShippingTerms, currency: Currency) -> String {
    let amount = |minor| format!("\"{}\"", Money { minor, currency });
    let late: Vec<String> = terms.late_penalty.iter().map(|minor| amount(*minor)).collect();
    let mut out = format!(
        "\n[shipping]\nsplit_penalty = {}\nlate_penalty = [{}]\nshort_share = {}\ncheaper_by = {}\n\
         ship_complete = {}\nunit_weight_g = {}\n",
        amount(terms.split_penalty),
        late.join(", "),
        terms.short_share,
        amount(terms.cheaper_by),
        terms.ship_complete,
        terms.unit_weight_g
    );
    if let Some(target) = &terms.target {
        out.push_str(&format!("target = {target:?}\n"));
    }
    if !terms.weights.is_empty() {
        let weights = terms.weights.iter().map(|(of, g)| format!("{:?} = {g}", of.as_str()));
        out.push_str(&format!("weights = {{ {} }}\n", weights.collect::<Vec<_>>().join(", ")));
    }
    for zone in &terms.zones {
        let list = |words: Vec<&str>| {
            words.iter().map(|word| format!("{word:?}")).collect::<Vec<_>>().join(", ")
        };
        out.push_str(&format!("\n[[shipping.zone]]\nname = {:?}\n", zone.name));
        if !zone.countries.is_empty() {
            let codes = zone.countries.iter().map(Country::as_str).collect();
            out.push_str(&format!("countries = [{}]\n", list(codes)));
        }
        if !zone.given_to.is_empty() {
            let sites = zone.given_to.iter().map(SiteId::as_str).collect();
            out.push_str(&format!("given_to = [{}]\n", list(sites)));
        }
        out.push_str(&format!(
            "promised_days = {}\npriority = {}\n",
            zone.promised_days, zone.priority
        ));
        if let Some(complete) = zone.ship_complete {
            out.push_str(&format!("ship_complete = {complete}\n"));
        }
    }
    for method in &terms.methods {
        let words: Vec<String> = method.contains.iter().map(|word| format!("{word:?}")).collect();
        out.push_str(&format!("\n[[shipping.method]]\ncontains = [{}]\n", words.join(", ")));
        let told = [("promised_days", method.promised_days), ("priority", method.priority)];
        for (field, number) in told.into_iter().filter_map(|(of, number)| Some((of, number?))) {
            out.push_str(&format!("{field} = {number}\n"));
        }
    }
    for (id, site) in &terms.sites {
        let rate = |(zone, rate): (&String, &Rate)| {
            let Rate { package, per_kg, days } = *rate;
            let (package, per_kg) = (amount(package), amount(per_kg));
            format!("{zone:?} = {{ package = {package}, per_kg = {per_kg}, days = {days} }}")
        };
        let rates: Vec<String> = site.rates.iter().map(rate).collect();
        out.push_str(&format!(
            "\n[[shipping.site]]\nid = {:?}\npackages_a_day = {}\ncutoff = \"{}:00\"\n",
            id.as_str(),
            site.packages_a_day,
            site.cutoff_hour
        ));
        out.push_str(&format!("rates = {{ {} }}\n", rates.join(", ")));
    }
    out
}
