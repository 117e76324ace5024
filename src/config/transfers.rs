//! The configuration of transfers between own sites: what they cost, and how long they take.

use crate::domain::{Currency, Money, UnitPrice};
use crate::plan::coordinate::TransferTerms;
use serde::Deserialize;
use toml::Spanned;

/// Days that a transfer takes where nothing is configured.
const DAYS: u16 = 2;
/// What one costs where nothing is configured: the time of whoever packs and takes it in.
const PER_ORDER: &str = "5";
/// What each unit costs where nothing is configured.
const PER_UNIT: &str = "0.05";
/// The longest that a transfer can take.
const MOST_DAYS: u16 = 60;

/// What transfers between own sites take, as configured.
#[derive(Clone, Debug, PartialEq)]
pub struct Transfers {
    /// Whether they are proposed.
    pub propose: bool,
    /// Days until they are there.
    pub days: u16,
    /// What one costs; `None`: as usual.
    pub per_order: Option<Money>,
    /// What each unit costs; `None`: as usual.
    pub per_unit: Option<UnitPrice>,
}

impl Default for Transfers {
    fn default() -> Self {
        Self { propose: true, days: DAYS, per_order: None, per_unit: None }
    }
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
pub(super) struct RawTransfers {
    propose: Option<bool>,
    days: Option<Spanned<u16>>,
    per_order: Option<Spanned<String>>,
    per_unit: Option<Spanned<String>>,
}

/// Reads the table.
pub(super) fn transfers(
    raw: &RawTransfers,
    currency: Currency,
) -> Result<Transfers, (usize, String)> {
    let mut read = Transfers { propose: raw.propose.unwrap_or(true), ..Transfers::default() };
    if let Some(days) = &raw.days {
        read.days = *days.get_ref();
        if read.days > MOST_DAYS {
            let what = format!("transfers.days: {} is too long; write 0 to {MOST_DAYS}", read.days);
            return Err((days.span().start, what));
        }
    }
    let wrong = |field: &str, text: &Spanned<String>| {
        let what = format!(
            "transfers.{field}: \"{}\" is no amount of {currency}; write one such as \"5.00\"",
            text.get_ref()
        );
        (text.span().start, what)
    };
    if let Some(text) = &raw.per_order {
        let amount = Money::parse(text.get_ref(), currency).filter(|amount| amount.minor >= 0);
        read.per_order = Some(amount.ok_or_else(|| wrong("per_order", text))?);
    }
    if let Some(text) = &raw.per_unit {
        let amount = UnitPrice::parse(text.get_ref(), currency).filter(|amount| amount.e4 >= 0);
        read.per_unit = Some(amount.ok_or_else(|| wrong("per_unit", text))?);
    }
    Ok(read)
}

impl Transfers {
    /// What they take, in a currency where none is configured; `None`: none are proposed.
    pub fn terms(&self, currency: Currency) -> Option<TransferTerms> {
        let per_order = self.per_order.or_else(|| Money::parse(PER_ORDER, currency))?;
        let per_unit = self.per_unit.or_else(|| UnitPrice::parse(PER_UNIT, currency))?;
        self.propose.then_some(TransferTerms { days: self.days, per_order, per_unit })
    }

    /// The table as TOML.
    pub(super) fn shown(&self) -> String {
        let mut out = format!("\n[transfers]\npropose = {}\ndays = {}\n", self.propose, self.days);
        if let Some(amount) = self.per_order {
            out.push_str(&format!("per_order = \"{amount}\"\n"));
        }
        if let Some(amount) = self.per_unit {
            out.push_str(&format!("per_unit = \"{amount}\"\n"));
        }
        out
    }
}
