//! Reads a filter as typed. Nothing here knows which table it is for.

use super::value::{self, Read};
use super::{Field, FieldKind, Fields, Filter, Needle, Term, Test, TextValue};
use crate::domain::{LATE_AFTER, Timestamp, Zone};

/// Why a filter was not understood, as one sentence.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("At character {at}: {message}.")]
pub struct FilterError {
    /// The character it stands at, from 1.
    pub at: usize,
    /// What is wrong and how to mend it.
    pub message: String,
}

/// Reads a filter for a table. `now` and `zone` decide what "today" and an age mean.
///
/// A term that is not typed to its end (`qty:>`) is kept as [`Test::Incomplete`] and holds for
/// every row, so that a table does not flicker while somebody types.
pub fn parse(
    text: &str,
    fields: &'static Fields,
    now: Timestamp,
    zone: &Zone,
) -> Result<Filter, FilterError> {
    Reader { text, at: 0, fields, now, zone, whole: false }.filter()
}

/// Reads a filter that nobody types on: a term that is not typed to its end is an error, which says
/// what it may become.
pub fn parse_whole(
    text: &str,
    fields: &'static Fields,
    now: Timestamp,
    zone: &Zone,
) -> Result<Filter, FilterError> {
    Reader { text, at: 0, fields, now, zone, whole: true }.filter()
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
    fields: &'static Fields,
    now: Timestamp,
    zone: &'a Zone,
    /// Whether every term has to be typed to its end.
    whole: bool,
}

/// A value as typed: where it begins, what it says, whether it stood in quotes.
struct Piece<'a> {
    at: usize,
    text: &'a str,
    quoted: bool,
}

impl<'a> Reader<'a> {
    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or("")
    }
    fn skip(&mut self, wanted: impl Fn(char) -> bool) {
        let rest = self.rest();
        self.at += rest.len() - rest.trim_start_matches(wanted).len();
    }
    /// Text up to a character that ends it; the reader stands on that character then.
    fn until(&mut self, ends: impl Fn(char) -> bool) -> &'a str {
        let rest = self.rest();
        let taken = rest.find(ends).map_or(rest, |end| &rest[..end]);
        self.at += taken.len();
        taken
    }
    /// A text in quotes if one begins here; an open quote ends with the filter.
    fn quoted(&mut self) -> Option<Piece<'a>> {
        let at = self.at;
        self.rest().strip_prefix('"')?;
        self.at += 1;
        let text = self.until(|c| c == '"');
        self.at += usize::from(self.rest().starts_with('"'));
        Some(Piece { at, text, quoted: true })
    }

    fn filter(mut self) -> Result<Filter, FilterError> {
        let mut terms = Vec::new();
        while let Some(term) = self.term()? {
            terms.push(term);
        }
        Ok(Filter { fields: self.fields, terms, late_before: self.now - LATE_AFTER })
    }

    fn term(&mut self) -> Result<Option<Term>, FilterError> {
        self.skip(char::is_whitespace);
        let start = self.at;
        if self.rest().is_empty() {
            return Ok(None);
        }
        self.skip(|c| c == '!');
        let negated = (self.at - start) % 2 == 1;
        let test = match self.quoted() {
            Some(piece) => word(piece),
            None => self.word_or_field()?,
        };
        if self.whole && test == Test::Incomplete {
            let message = "there is nothing to look for; write a word or `field:value`";
            return Err(self.error(start, message.into()));
        }
        Ok(Some(Term { negated, test, at: start..self.at }))
    }

    fn word_or_field(&mut self) -> Result<Test, FilterError> {
        let at = self.at;
        let name = self.until(|c| c == ':' || c == '"' || c.is_whitespace());
        if name.is_empty() || !self.rest().starts_with(':') {
            self.until(char::is_whitespace);
            return Ok(word(Piece { at, text: &self.text[at..self.at], quoted: false }));
        }
        self.at += 1;
        let values = self.values();
        if self.whole && values.is_empty() {
            return Err(self.error(at, self.wanted(at, name)?));
        }
        if name.eq_ignore_ascii_case("is") {
            return self.flags(&values);
        }
        let field = self.field(at, name)?;
        self.field_test(field, &values)
    }

    /// What stands after the colon, parted by commas; empty parts are left out.
    fn values(&mut self) -> Vec<Piece<'a>> {
        let mut pieces = Vec::new();
        loop {
            let at = self.at;
            let piece = self.quoted().unwrap_or_else(|| {
                let text = self.until(|c| c == ',' || c.is_whitespace());
                Piece { at, text, quoted: false }
            });
            if !piece.text.is_empty() {
                pieces.push(piece);
            }
            if self.rest().starts_with(',') {
                self.at += 1;
            } else if self.at == at || self.rest().chars().next().is_none_or(char::is_whitespace) {
                return pieces;
            }
        }
    }

    fn field(&self, at: usize, name: &str) -> Result<&'static Field, FilterError> {
        let lower = name.to_lowercase();
        let fields = self.fields.fields;
        let exact = fields.iter().find(|f| f.name == lower || f.aliases.contains(&&*lower));
        if let Some(field) = exact {
            return Ok(field);
        }
        let mut begun = fields.iter().filter(|f| f.name.starts_with(&lower));
        if let (Some(field), None) = (begun.next(), begun.next()) {
            return Ok(field);
        }
        let mut names: Vec<&str> = fields.iter().map(|field| field.name).collect();
        names.push("is");
        let hint = nearest(&lower, &names).map(|n| format!(", did you mean `{n}`?"));
        let hint = hint.unwrap_or_else(|| ";".to_owned());
        let known = names.join(", ");
        Err(self.error(at, format!("there is no field `{name}`{hint} Known are {known}")))
    }

    /// What a field without a value may be followed by.
    fn wanted(&self, at: usize, name: &str) -> Result<String, FilterError> {
        if name.eq_ignore_ascii_case("is") {
            let known = self.fields.flags.join(", ");
            return Ok(format!("is: wants one of {known}"));
        }
        let field = self.field(at, name)?;
        let (name, kind) = (field.name, field.kind);
        Ok(match kind {
            FieldKind::Words(known) => format!("{name}: wants one of {}", known.join(", ")),
            FieldKind::Number => format!("{name}: wants a number; write {}", number_forms(name)),
            FieldKind::Time => format!("{name}: wants a day or age; write {}", time_forms(name)),
            FieldKind::Text | FieldKind::Phrase | FieldKind::Name | FieldKind::Country => {
                format!("{name}: wants a value, as in {name}:VALUE; or leave it out")
            }
        })
    }

    fn flags(&self, values: &[Piece<'_>]) -> Result<Test, FilterError> {
        let known = self.fields.flags;
        let mut flags = Vec::new();
        for piece in values {
            let lower = piece.text.to_lowercase();
            if let Some(flag) = known.iter().find(|flag| **flag == lower) {
                flags.push(*flag);
            } else if self.whole || !known.iter().any(|flag| flag.starts_with(&lower)) {
                let begun = known.iter().find(|flag| flag.starts_with(&lower)).copied();
                let meant = begun.or_else(|| nearest(&lower, known));
                let hint = meant.map(|n| format!("; did you mean is:{n}?"));
                let message = format!(
                    "is:{} cannot be asked{} Known are {}",
                    piece.text,
                    hint.unwrap_or_else(|| ".".to_owned()),
                    known.join(", ")
                );
                return Err(self.error(piece.at, message));
            }
        }
        Ok(if flags.is_empty() { Test::Incomplete } else { Test::Flag(flags) })
    }

    fn field_test(&self, field: &'static Field, values: &[Piece]) -> Result<Test, FilterError> {
        let name = field.name;
        match field.kind {
            FieldKind::Text | FieldKind::Phrase | FieldKind::Name | FieldKind::Country => {
                Ok(texts(field, values.iter().map(text_value).collect()))
            }
            FieldKind::Words(known) => {
                for piece in values {
                    let lower = piece.text.to_lowercase();
                    if !known.iter().any(|word| word.starts_with(&lower)) {
                        let known = known.join(", ");
                        let message = format!("`{}` is no {name}; known are {known}", piece.text);
                        return Err(self.error(piece.at, message));
                    }
                }
                Ok(texts(field, values.iter().map(text_value).collect()))
            }
            FieldKind::Number => {
                let how = format!("no number; write {}", number_forms(name));
                let ranges = self.each(values, &how, value::number)?;
                Ok(if ranges.is_empty() { Test::Incomplete } else { Test::Number(field, ranges) })
            }
            FieldKind::Time => {
                let how = format!("no day or age; write {}", time_forms(name));
                let read = |text: &str| value::moments(text, self.now, self.zone);
                let ranges = self.each(values, &how, read)?;
                Ok(if ranges.is_empty() { Test::Incomplete } else { Test::Time(field, ranges) })
            }
        }
    }

    fn each<T>(
        &self,
        values: &[Piece<'_>],
        wrong: &str,
        read: impl Fn(&str) -> Read<T>,
    ) -> Result<Vec<T>, FilterError> {
        let mut ranges = Vec::new();
        for piece in values {
            match read(piece.text) {
                Read::Value(range) => ranges.push(range),
                Read::Incomplete if !self.whole => {}
                Read::Incomplete | Read::Wrong => {
                    return Err(self.error(piece.at, format!("`{}` is {wrong}", piece.text)));
                }
            }
        }
        Ok(ranges)
    }

    fn error(&self, at: usize, message: String) -> FilterError {
        let before = self.text.get(..at).unwrap_or(self.text);
        FilterError { at: before.chars().count() + 1, message }
    }
}

fn number_forms(name: &str) -> String {
    format!("{name}:5, {name}:>5 or {name}:1..5")
}

fn time_forms(name: &str) -> String {
    format!("{name}:today, {name}:2026-03-01, {name}:>2026-03-01 or {name}:<2h")
}

fn word(piece: Piece<'_>) -> Test {
    if piece.text.is_empty() {
        return Test::Incomplete;
    }
    Test::Word { text: piece.text.into(), quoted: piece.quoted }
}

fn text_value(piece: &Piece<'_>) -> TextValue {
    TextValue { needle: Needle::new(piece.text), quoted: piece.quoted }
}

fn texts(field: &'static Field, values: Vec<TextValue>) -> Test {
    if values.is_empty() { Test::Incomplete } else { Test::Text(field, values) }
}

/// The known name at most two letters away from what was typed.
fn nearest<'n>(typed: &str, names: &[&'n str]) -> Option<&'n str> {
    let near = names.iter().map(|name| (distance(typed, name), *name));
    near.filter(|(far, name)| *far <= 2 && *far < name.len()).min().map(|(_, name)| name)
}

/// Letters to insert, delete or replace to get from one word to the other.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, from) in a.chars().take(32).enumerate() {
        let mut next = vec![i + 1];
        for ((to, up_left), up) in b.iter().zip(&row).zip(&row[1..]) {
            let left = next.last().copied().unwrap_or(0);
            next.push((up_left + usize::from(from != *to)).min(up + 1).min(left + 1));
        }
        row = next;
    }
    row.last().copied().unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use super::super::super::FIELDS;
    use super::*;

    fn refused(text: &str) -> String {
        let (now, zone) = (Timestamp::default(), Zone::utc());
        assert!(parse(text, &FIELDS, now, &zone).is_ok(), "{text} is understood while it is typed");
        let refused = parse_whole(text, &FIELDS, now, &zone);
        refused.expect_err(&format!("{text} would let every row pass")).to_string()
    }

    #[test]
    fn what_is_not_typed_to_its_end_is_refused_with_what_is_known() {
        for text in ["is:lat", "is:l", "!is:lat", "is:late,sh"] {
            let error = refused(text);
            assert!(error.contains("open, held, late, short"), "{text}: {error}");
        }
        assert!(refused("qty:>100 is:shor").starts_with("At character 13: is:shor"));
        assert!(refused("is:").contains("is: wants one of open, held, late"));
        assert!(refused("qty:").contains("qty:>5"));
        assert!(refused("qty:>").contains("`>` is no number"));
        assert!(refused("status:").contains("pending, open"));
        assert!(refused("placed:tod").contains("placed:today"));
        for text in ["site:", "!", "mug !", "\"\""] {
            assert!(refused(text).len() > 20);
        }
        for text in ["", "is:late,open mug", "qty:>100 !country:uk", "status:ope", "sku:85123A,"] {
            assert!(parse_whole(text, &FIELDS, Timestamp::default(), &Zone::utc()).is_ok());
        }
    }
}
