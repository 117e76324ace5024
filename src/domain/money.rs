//! Money as integers with a currency; never floats.

use super::Qty;
use serde::{Deserialize, Serialize};
use std::fmt;

/// An ISO 4217 currency code.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Currency([u8; 3]);

impl Currency {
    /// Pound sterling.
    pub const GBP: Currency = Currency(*b"GBP");

    /// Reads a three-letter code in either case.
    pub fn parse(text: &str) -> Option<Self> {
        let bytes: [u8; 3] = text.trim().as_bytes().try_into().ok()?;
        bytes
            .iter()
            .all(u8::is_ascii_alphabetic)
            .then(|| Currency(bytes.map(|b| b.to_ascii_uppercase())))
    }
    /// The code, upper case.
    pub fn code(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or("???")
    }
    /// Digits after the decimal point (ISO 4217: 0 for JPY and its like, 3 for the dinars, else 2).
    pub fn exponent(&self) -> u32 {
        match &self.0 {
            b"JPY" | b"KRW" | b"VND" | b"CLP" | b"ISK" | b"PYG" | b"UGX" | b"XAF" | b"XOF"
            | b"XPF" | b"KMF" | b"DJF" | b"GNF" | b"RWF" | b"BIF" | b"VUV" => 0,
            b"BHD" | b"KWD" | b"OMR" | b"JOD" | b"TND" | b"IQD" | b"LYD" => 3,
            _ => 2,
        }
    }
    /// The sign people write before an amount, else the code and a blank.
    pub fn sign(&self) -> String {
        match &self.0 {
            b"GBP" => "£".into(),
            b"EUR" => "€".into(),
            b"USD" => "$".into(),
            b"JPY" => "¥".into(),
            _ => format!("{} ", self.code()),
        }
    }
}
impl fmt::Debug for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}
impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.code())
    }
}

/// An amount in a currency's minor units (pence, cents).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Money {
    /// Minor units; negative for what is paid back.
    pub minor: i64,
    /// The currency that `minor` is in.
    pub currency: Currency,
}

impl Money {
    /// Nothing, in a currency.
    pub const fn zero(currency: Currency) -> Self {
        Money { minor: 0, currency }
    }
    /// Reads `12.34` as major units. `None` when it is no number or finer than the currency's minor unit.
    pub fn parse(text: &str, currency: Currency) -> Option<Self> {
        let minor = parse_scaled(text, currency.exponent())?;
        Some(Money { minor, currency })
    }
    /// The sum, if both are in one currency.
    pub fn checked_add(self, other: Money) -> Option<Money> {
        (self.currency == other.currency).then(|| Money {
            minor: self.minor.saturating_add(other.minor),
            currency: self.currency,
        })
    }
}
impl fmt::Display for Money {
    /// `12.34`, without the currency; thousands are not separated.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&format_scaled(self.minor, self.currency.exponent()))
    }
}

/// The price or cost of one unit, exact to 1/10,000 of the major unit (stores give up to four decimals).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct UnitPrice {
    /// Ten-thousandths of the currency's major unit.
    pub e4: i64,
    /// The currency that `e4` is in.
    pub currency: Currency,
}

impl UnitPrice {
    /// Reads `2.1` or `0.0015`; more than four decimals are rounded half away from zero.
    pub fn parse(text: &str, currency: Currency) -> Option<Self> {
        let text = text.trim();
        let e4 = match parse_scaled(text, 4) {
            Some(e4) => e4,
            None => {
                let (whole, part) = text.split_once('.')?;
                if !part.bytes().all(|b| b.is_ascii_digit()) || part.len() <= 4 {
                    return None;
                }
                let kept = parse_scaled(&format!("{whole}.{}", &part[..4]), 4)?;
                let up = i64::from(part.as_bytes()[4] >= b'5');
                if whole.starts_with('-') { kept.checked_sub(up)? } else { kept.checked_add(up)? }
            }
        };
        Some(UnitPrice { e4, currency })
    }
    /// The price of `qty` units, rounded half away from zero to the minor unit.
    pub fn times(self, qty: Qty) -> Money {
        let scale = 10_i128.pow(4 + 3 - self.currency.exponent());
        let exact = i128::from(self.e4) * i128::from(qty.as_milli());
        let half = if exact < 0 { -scale / 2 } else { scale / 2 };
        let minor = ((exact + half) / scale).clamp(i64::MIN.into(), i64::MAX.into());
        Money { minor: minor as i64, currency: self.currency }
    }
}
impl fmt::Display for UnitPrice {
    /// At least the currency's own decimals, at most four.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let full = format_scaled(self.e4, 4);
        let keep = full.len() - (4 - self.currency.exponent() as usize);
        let (head, tail) = full.split_at(keep);
        f.pad(format!("{head}{}", tail.trim_end_matches('0')).trim_end_matches('.'))
    }
}

/// Reads a decimal number into an integer scaled by 10^`digits`; `None` if it is no plain decimal,
/// has more digits than that after the point (zeros apart), or does not fit.
pub(super) fn parse_scaled(text: &str, digits: u32) -> Option<i64> {
    let text = text.trim();
    let (negative, body) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let (whole, part) = body.split_once('.').unwrap_or((body, ""));
    let part = part.trim_end_matches('0');
    if (whole.is_empty() && part.is_empty() && !body.contains('0')) || part.len() > digits as usize
    {
        return None;
    }
    let mut value: i64 = 0;
    let padding = std::iter::repeat_n(b'0', digits as usize - part.len());
    for b in whole.bytes().chain(part.bytes()).chain(padding) {
        if !b.is_ascii_digit() {
            return None;
        }
        value = value.checked_mul(10)?.checked_add(i64::from(b - b'0'))?;
    }
    Some(if negative { -value } else { value })
}

fn format_scaled(value: i64, digits: u32) -> String {
    let sign = if value < 0 { "-" } else { "" };
    let magnitude = value.unsigned_abs();
    if digits == 0 {
        return format!("{sign}{magnitude}");
    }
    let scale = 10_u64.pow(digits);
    let width = digits as usize;
    format!("{sign}{}.{:0width$}", magnitude / scale, magnitude % scale)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_exact_in_their_currency() {
        let jpy = Currency::parse("jpy").unwrap();
        assert_eq!(Money::parse("43694", jpy).unwrap().minor, 43_694);
        assert_eq!(Money::parse("12.30", Currency::GBP).unwrap().minor, 1_230);
        assert_eq!(Money::parse("-0.05", Currency::GBP).unwrap().to_string(), "-0.05");
        assert_eq!(Money::parse("1.005", Currency::GBP), None);
        assert_eq!(Money::parse("", Currency::GBP), None);
        assert_eq!(Money::parse(".", Currency::GBP), None);
        assert_eq!(Currency::parse("€"), None);
    }

    #[test]
    fn unit_prices_keep_four_decimals_and_round_once() {
        let price = UnitPrice::parse("0.001", Currency::GBP).unwrap();
        assert_eq!(price.e4, 10);
        assert_eq!(price.times(Qty::units(1500)).minor, 150);
        assert_eq!(UnitPrice::parse("2.99999", Currency::GBP).unwrap().e4, 30_000);
        assert_eq!(UnitPrice::parse("2.1", Currency::GBP).unwrap().to_string(), "2.10");
        assert_eq!(price.to_string(), "0.001");
        assert_eq!(
            UnitPrice::parse("1.95", Currency::GBP).unwrap().times(Qty::units(-3)).minor,
            -585
        );
    }
}
