//! Bytes of a field as text: UTF-8, else Windows-1252; and numbers as people write them.

use std::borrow::Cow;

/// Windows-1252 differs from Latin-1 in 0x80..=0x9f only; unused places stay what they are.
const CP1252: [char; 32] = [
    '€', '\u{81}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{8d}', 'Ž', '\u{8f}',
    '\u{90}', '‘', '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u{9d}', 'ž', 'Ÿ',
];

/// The bytes as UTF-8, or as Windows-1252 where they are not UTF-8.
pub fn decode(bytes: &[u8]) -> Cow<'_, str> {
    match std::str::from_utf8(bytes) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) => Cow::Owned(bytes.iter().map(|b| western(*b)).collect()),
    }
}

fn western(byte: u8) -> char {
    match byte {
        0x80..=0x9f => CP1252[usize::from(byte - 0x80)],
        other => char::from(other),
    }
}

/// The field as clean text (see [`crate::domain::text::clean`]); `None` where nothing is left.
pub fn cleaned(bytes: &[u8]) -> Option<Box<str>> {
    let text = crate::domain::text::clean(&decode(bytes));
    (!text.is_empty()).then(|| text.into())
}

/// A number with a decimal point and no separators: `1.234,50` (with a decimal comma) and
/// `1,234.50` (without) both become `1234.50`. Blanks inside are separators too. What has a
/// separator where no thousands end (`1,50` without a decimal comma) stays as it is, which no
/// number is read from: a guess would be off by a hundred.
pub fn plain_number(bytes: &[u8], decimal_comma: bool) -> Cow<'_, str> {
    let text = decode(bytes);
    let plain = |b: u8| b.is_ascii_digit() || b == b'-';
    if text.bytes().all(|b| plain(b) || (b == b'.' && !decimal_comma)) {
        return text;
    }
    let (point, separator) = if decimal_comma { (',', '.') } else { ('.', ',') };
    let separates =
        |c: char| c == separator || c == '\u{a0}' || c == '\u{202f}' || c == ' ' || c == '\'';
    if !text.trim().split(separates).skip(1).all(|group| is_thousands(group, point)) {
        return text;
    }
    let kept = text.chars().filter_map(|c| match c {
        c if c == point => Some('.'),
        c if separates(c) => None,
        c => Some(c),
    });
    Cow::Owned(kept.collect())
}

/// Whether what follows a separator is three digits, and then nothing but decimals.
fn is_thousands(group: &str, point: char) -> bool {
    let whole = group.split(point).next().unwrap_or_default();
    whole.len() == 3 && whole.bytes().all(|b| b.is_ascii_digit())
}

/// What the numbers of a file say about its decimal sign.
#[derive(Clone, Copy, Debug, Default)]
pub struct DecimalEvidence {
    comma: u64,
    point: u64,
    either: u64,
}

impl DecimalEvidence {
    /// Takes note of a number.
    pub fn see(&mut self, bytes: &[u8]) {
        let Some(last) = bytes.iter().rposition(|b| matches!(b, b'.' | b',')) else { return };
        let (sign, after) = (bytes[last], bytes.len() - last - 1);
        let other = if sign == b',' { b'.' } else { b',' };
        match (sign, after == 3 && !bytes.contains(&other)) {
            (b',', true) => self.either += 1,
            (b',', false) => self.comma += 1,
            (_, true) => {}
            (_, false) => self.point += 1,
        }
    }
    /// Whether the comma is the decimal sign; `1,234` alone tells nothing, so that the delimiter
    /// decides: files that part their fields with `;` come from places that write a comma.
    pub fn decimal_comma(&self, delimiter: u8) -> bool {
        if self.comma != self.point {
            return self.comma > self.point;
        }
        self.either > 0 && delimiter == b';'
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_that_are_not_utf8_are_windows_1252() {
        assert_eq!(decode(b"caf\xe9 \x80 5"), "café € 5");
        assert_eq!(decode("café".as_bytes()), "café");
    }

    #[test]
    fn numbers_lose_their_separators() {
        for (text, comma, plain) in [
            ("1.234,50", true, "1234.50"),
            ("1,234.50", false, "1234.50"),
            ("-3", true, "-3"),
            ("2,5", true, "2.5"),
            ("1 234", false, "1234"),
            (" 12 ", false, "12"),
            ("1,234,567", false, "1234567"),
            ("1,50", false, "1,50"),
            ("1.5", true, "1.5"),
        ] {
            assert_eq!(plain_number(text.as_bytes(), comma), plain, "{text}");
        }
    }

    #[test]
    fn the_decimal_sign_is_found_from_the_numbers() {
        let found = |numbers: &[&str], delimiter| {
            let mut evidence = DecimalEvidence::default();
            numbers.iter().for_each(|n| evidence.see(n.as_bytes()));
            evidence.decimal_comma(delimiter)
        };
        assert!(found(&["12", "3,95"], b';'));
        assert!(found(&["1.234,5"], b'\t'));
        assert!(!found(&["1,234", "2.50"], b','));
        assert!(!found(&["1,234"], b','));
        assert!(found(&["1,234"], b';'));
    }
}
