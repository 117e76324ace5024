//! The configuration of reorders: what service is wanted, what stock costs, what may be spent, when
//! suppliers are shut.

use super::transfers::Transfers;
use crate::domain::{Currency, Day, Money, Qty, SiteId, SupplierId};
use crate::plan::replenish::{Closure, Costs, Limits, Service, Services};
use serde::Deserialize;
use std::collections::BTreeMap;
use toml::Spanned;

/// The rules that reorders are planned by.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Reorders {
    /// What service each class of SKUs is given.
    pub services: Services,
    /// What stock and the lack of it cost.
    pub costs: Costs,
    /// What may be spent and held.
    pub limits: Limits,
    /// When suppliers neither take orders nor deliver.
    pub closures: BTreeMap<SupplierId, Vec<Closure>>,
    /// What transfers between own sites take.
    pub transfers: Transfers,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
pub(super) struct RawReorders {
    service: Option<Spanned<RawService>>,
    services: BTreeMap<String, Spanned<RawService>>,
    holding_a_year: Option<Spanned<f64>>,
    lost_share: Option<Spanned<f64>>,
    line_cost: Option<Spanned<f64>>,
    budget: Option<Spanned<String>>,
    storage: BTreeMap<String, Spanned<u32>>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum RawService {
    Number(f64),
    Text(String),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawSupplier {
    id: Spanned<String>,
    #[serde(default)]
    closed: Vec<Spanned<String>>,
}

/// An error and its place in the text.
type Wrong = (usize, String);

/// Reads both tables.
pub(super) fn reorders(
    raw: &RawReorders,
    suppliers: &[RawSupplier],
    currency: Currency,
) -> Result<Reorders, Wrong> {
    let mut rules = Reorders::default();
    if let Some(text) = &raw.service {
        rules.services = Services::all(service("service", text)?);
    }
    // What names one class counts more than what names three, whatever stands first in the file.
    let mut named: Vec<_> = raw.services.iter().collect();
    named.sort_by_key(|(name, _)| name.len());
    for (name, text) in named {
        let wanted = service(&format!("services.{name}"), text)?;
        let place = |letter: Option<char>, of: &str| letter.and_then(|letter| of.find(letter));
        let mut letters = name.chars();
        let (value, even) = (letters.next(), letters.next());
        let value = place(value, "ABC").filter(|_| letters.next().is_none());
        let all = match (value, even.map(|even| "XYZ".find(even))) {
            (Some(value), None) => (0..3).map(|even| (value, even)).collect(),
            (Some(value), Some(Some(even))) => vec![(value, even)],
            _ => {
                let what =
                    format!("reorders.services: \"{name}\" is no class; write A, B, C or AX to CZ");
                return Err((text.span().start, what));
            }
        };
        for (value, even) in all {
            rules.services.of[value][even] = wanted;
        }
    }
    rules.costs.holding_a_year =
        number("holding_a_year", raw.holding_a_year.as_ref(), rules.costs.holding_a_year)?;
    rules.costs.lost_share = number("lost_share", raw.lost_share.as_ref(), rules.costs.lost_share)?;
    rules.costs.line = number("line_cost", raw.line_cost.as_ref(), rules.costs.line)?;
    if let Some(text) = &raw.budget {
        let budget = Money::parse(text.get_ref(), currency).filter(|budget| budget.minor > 0);
        let budget = budget.ok_or_else(|| {
            let what = format!(
                "reorders.budget: \"{}\" is no amount of {currency}; write one such as \"5000.00\"",
                text.get_ref()
            );
            (text.span().start, what)
        })?;
        rules.limits.budget.insert(currency, budget);
    }
    for (site, most) in &raw.storage {
        let units = Qty::units(i64::from(*most.get_ref()));
        rules.limits.storage.insert(SiteId::new(site.as_str()), units);
    }
    for supplier in suppliers {
        let id = supplier.id.get_ref().as_str();
        let closed: Result<Vec<Closure>, Wrong> = supplier.closed.iter().map(closure).collect();
        if rules.closures.insert(SupplierId::new(id), closed?).is_some() {
            let what = format!("supplier.id: two suppliers are named \"{id}\"; put them together");
            return Err((supplier.id.span().start, what));
        }
    }
    Ok(rules)
}

fn service(field: &str, text: &Spanned<RawService>) -> Result<Service, Wrong> {
    let chance = |number: f64| Some(number).filter(|number| (0.5..1.0).contains(number));
    let read = match text.get_ref() {
        RawService::Number(number) => chance(*number).map(Service::Cycle),
        RawService::Text(word) if word == "cost" => Some(Service::Cost),
        RawService::Text(words) => {
            let share = words.strip_prefix("fill ").and_then(|share| share.trim().parse().ok());
            share.and_then(chance).map(Service::Fill)
        }
    };
    read.ok_or_else(|| {
        let what = format!(
            "reorders.{field}: write \"cost\", a chance from 0.5 to below 1 that nothing is short, or \
             a share of demand served at once such as \"fill 0.97\""
        );
        (text.span().start, what)
    })
}

fn number(field: &str, given: Option<&Spanned<f64>>, usual: f64) -> Result<f64, Wrong> {
    let Some(given) = given else { return Ok(usual) };
    if (0.0..=100.0).contains(given.get_ref()) {
        return Ok(*given.get_ref());
    }
    let what = format!(
        "reorders.{field}: {} is too much or too little; write a number from 0 to 100",
        given.get_ref()
    );
    Err((given.span().start, what))
}

fn closure(text: &Spanned<String>) -> Result<Closure, Wrong> {
    let (from, to) = text.get_ref().split_once("..").unwrap_or((text.get_ref(), text.get_ref()));
    match (Day::parse(from.trim()), Day::parse(to.trim())) {
        (Some(from), Some(to)) if from <= to => Ok(Closure { from, to }),
        _ => {
            let what = format!(
                "supplier.closed: \"{}\" is no time; write days such as \"2026-12-24..2027-01-02\"",
                text.get_ref()
            );
            Err((text.span().start, what))
        }
    }
}

impl Reorders {
    /// The tables as TOML.
    pub(super) fn shown(&self) -> String {
        let mut out = "\n[reorders]\n".to_owned();
        let word = |service: Service| match service {
            Service::Cost => "\"cost\"".to_owned(),
            Service::Cycle(chance) => chance.to_string(),
            Service::Fill(share) => format!("\"fill {share}\""),
        };
        let all = self.services.of[0][0];
        if self.services == Services::all(all) {
            out.push_str(&format!("service = {}\n", word(all)));
        } else {
            let of = |(value, row): (char, &[Service; 3])| {
                let class = |(even, service): (char, &Service)| {
                    format!("{value}{even} = {}", word(*service))
                };
                "XYZ".chars().zip(row).map(class).collect::<Vec<_>>()
            };
            let classes: Vec<_> = "ABC".chars().zip(&self.services.of).flat_map(of).collect();
            out.push_str(&format!("services = {{ {} }}\n", classes.join(", ")));
        }
        let Costs { holding_a_year, lost_share, line } = self.costs;
        out.push_str(&format!(
            "holding_a_year = {holding_a_year}\nlost_share = {lost_share}\nline_cost = {line}\n"
        ));
        for budget in self.limits.budget.values() {
            out.push_str(&format!("budget = \"{budget}\"\n"));
        }
        if !self.limits.storage.is_empty() {
            let sites = self
                .limits
                .storage
                .iter()
                .map(|(site, most)| format!("{:?} = {most}", site.as_str()));
            out.push_str(&format!("storage = {{ {} }}\n", sites.collect::<Vec<_>>().join(", ")));
        }
        for (id, closed) in &self.closures {
            let closed: Vec<_> =
                closed.iter().map(|shut| format!("\"{}..{}\"", shut.from, shut.to)).collect();
            out.push_str(&format!(
                "\n[[supplier]]\nid = {:?}\nclosed = [{}]\n",
                id.as_str(),
                closed.join(", ")
            ));
        }
        out
    }
}
