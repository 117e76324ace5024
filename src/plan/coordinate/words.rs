//! Why something is proposed, and what it would mean, in words with their numbers.

use super::inbound::{InboundProposal, Why};
use super::transfer::TransferProposal;
use crate::domain::{Ask, Day, LineRequest, Measure, Money, Qty, SiteId, TransferOrder};

fn percent(risk: f64) -> String {
    match 100.0 * risk {
        low if low < 0.5 => "<1 %".into(),
        high if high > 99.5 => ">99 %".into(),
        some => format!("{some:.0} %"),
    }
}

fn amount(money: Money) -> String {
    format!("{money} {}", money.currency.code())
}

/// `3 units`, `0.5 units`.
fn units(units: f64) -> String {
    if units >= 9.95 { format!("{units:.0} units") } else { format!("{units:.1} units") }
}

fn risks(now: f64, then: f64) -> String {
    format!("chance to run short {} → {}", percent(now), percent(then))
}

/// `60 at YORK`, `142 short at YORK`.
fn there(has: Qty, site: &SiteId) -> String {
    match has.is_negative() {
        true => format!("{} short at {site}", -has),
        false => format!("{has} at {site}"),
    }
}

impl InboundProposal {
    /// Why, in a clause with its numbers.
    pub fn reason(&self) -> String {
        let Self { due, site, .. } = self;
        let has = there(self.has, site);
        let out = |day: Option<Day>| day.map_or("later".to_owned(), |day| format!("about {day}"));
        match self.why {
            Why::RunsOut if !self.has.is_positive() => format!("{has}, and it is due on {due}"),
            Why::RunsOut => format!(
                "{has} run out {}, {} likely before it is due on {due}",
                out(self.runs_out),
                percent(self.risk_now)
            ),
            Why::Late if !self.has.is_positive() => {
                format!("it was due on {due} and has not come; {has}")
            }
            Why::Late => format!(
                "it was due on {due} and has not come; {has} run out {}",
                out(self.runs_out)
            ),
            Why::NotYet => {
                let until = self.ask.day().map_or(String::new(), |day| format!(" to {day}"));
                format!("{has} last{until} 19 times of 20, and it is due on {due}")
            }
            Why::NoRoom { most } => format!(
                "{site} may hold {most}, and with {} more on {due} it would hold more",
                self.qty
            ),
            Why::Never => format!("{has} last half a year 19 times of 20 without it"),
            Why::Ends { last } => {
                format!("it is sold to {last} only, and {has} last so long 19 times of 20")
            }
        }
    }

    /// What it would mean, in a clause.
    pub fn effect(&self) -> String {
        let risks = risks(self.risk_now, self.risk_then);
        let frees = self.frees.map(amount);
        match (self.ask, frees) {
            (Ask::Expedite { .. }, _) => {
                format!("{risks}, {} not short", units(self.short_saved))
            }
            (Ask::Defer { .. }, Some(frees)) => {
                format!("frees {frees} for {} days; {risks}", self.frees_days)
            }
            (Ask::Defer { .. }, None) => format!("{} days later; {risks}", self.frees_days),
            (Ask::Cancel, Some(frees)) => format!("frees {frees}; {risks}"),
            (Ask::Cancel, None) => format!("{} units less; {risks}", self.qty),
        }
    }

    /// As what is decided about it.
    pub fn measure(&self) -> Measure {
        Measure::Line(LineRequest {
            po: self.po.clone(),
            line: self.line,
            sku: self.sku.clone(),
            qty: self.qty,
            due: Some(self.due),
            ask: self.ask,
            reason: self.reason(),
        })
    }
}

impl TransferProposal {
    /// Why, in a clause with its numbers.
    pub fn reason(&self) -> String {
        let instead =
            self.buys_for.map_or(String::new(), |value| format!(" for {}", amount(value)));
        format!(
            "{} has {} and keeps {} for {:.0} days; {} would buy {}{instead}, there on {}",
            self.from, self.has, self.keeps, self.keeps_days, self.to, self.buys, self.buys_due
        )
    }

    /// What it would mean, in a clause.
    pub fn effect(&self) -> String {
        format!(
            "there on {} for {}; {}, {} not short; worth {:.2} {} beyond its cost",
            self.arrives,
            amount(self.cost),
            risks(self.risk_now, self.risk_then),
            units(self.short_saved),
            self.worth,
            self.cost.currency.code()
        )
    }

    /// As what is decided about it.
    pub fn measure(&self) -> Measure {
        Measure::Transfer(TransferOrder {
            sku: self.sku.clone(),
            from: self.from.clone(),
            to: self.to.clone(),
            qty: self.qty,
            due: self.arrives,
            cost: Some(self.cost),
            reason: self.reason(),
        })
    }
}
