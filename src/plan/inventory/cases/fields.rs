//! The numbers of a case, by name.

use super::CaseError;
use crate::domain::Qty;
use crate::plan::inventory::error;
use serde_json::{Map, Value};

/// Quantities up to here are exact to a thousandth.
const MOST_UNITS: f64 = 1e12;

/// What stands under `input`.
pub(super) struct Fields<'a>(&'a Map<String, Value>);

impl<'a> Fields<'a> {
    pub(super) fn of(input: &'a Value) -> Result<Self, CaseError> {
        input.as_object().map(Self).ok_or_else(|| wrong("input", "an object", input))
    }

    fn value(&self, field: &'static str) -> Result<&'a Value, CaseError> {
        self.0.get(field).ok_or(CaseError::Missing { field })
    }

    /// Any number.
    pub(super) fn number(&self, field: &'static str) -> Result<f64, CaseError> {
        number(field, self.value(field)?)
    }

    /// A number above zero.
    pub(super) fn positive(&self, field: &'static str) -> Result<f64, CaseError> {
        Ok(error::positive(field, self.number(field)?)?)
    }

    /// A number that is zero or above.
    pub(super) fn not_negative(&self, field: &'static str) -> Result<f64, CaseError> {
        Ok(error::not_negative(field, self.number(field)?)?)
    }

    /// A number between zero and one.
    pub(super) fn share(&self, field: &'static str) -> Result<f64, CaseError> {
        Ok(error::share(field, self.number(field)?)?)
    }

    /// A quantity of zero or more.
    pub(super) fn qty(&self, field: &'static str) -> Result<Qty, CaseError> {
        let units = self.not_negative(field)?;
        let milli = (units * 1000.0).round();
        let exact = (milli / 1000.0 - units).abs() <= 1e-9 * units.max(1.0);
        if units > MOST_UNITS || !exact {
            return Err(wrong(field, "a quantity to a thousandth", self.value(field)?));
        }
        Ok(Qty::milli(milli as i64))
    }

    /// A quantity that need not be there.
    pub(super) fn optional_qty(&self, field: &'static str) -> Result<Option<Qty>, CaseError> {
        match self.0.get(field) {
            None | Some(Value::Null) => Ok(None),
            Some(_) => self.qty(field).map(Some),
        }
    }

    /// A list of numbers.
    pub(super) fn numbers(&self, field: &'static str) -> Result<Vec<f64>, CaseError> {
        let value = self.value(field)?;
        let list = value.as_array().ok_or_else(|| wrong(field, "a list of numbers", value))?;
        list.iter().map(|value| number(field, value)).collect()
    }

    /// Numbers by whole units.
    pub(super) fn by_units(&self, field: &'static str) -> Result<Vec<(i64, f64)>, CaseError> {
        let value = self.value(field)?;
        let must = "an object of probabilities by whole units";
        let entries = value.as_object().ok_or_else(|| wrong(field, must, value))?;
        let entry = |(units, p): (&String, &Value)| {
            let units = units.trim().parse().map_err(|_| CaseError::Wrong {
                field,
                must,
                found: format!("one by {units:?}"),
            });
            Ok((units?, number(field, p)?))
        };
        entries.iter().map(entry).collect()
    }
}

fn number(field: &'static str, value: &Value) -> Result<f64, CaseError> {
    value.as_f64().filter(|value| value.is_finite()).ok_or_else(|| wrong(field, "a number", value))
}

fn wrong(field: &'static str, must: &'static str, found: &Value) -> CaseError {
    let text = found.to_string();
    let found = if text.chars().count() > 40 {
        text.chars().take(39).chain(['…']).collect()
    } else {
        text
    };
    CaseError::Wrong { field, must, found }
}
