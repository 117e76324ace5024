//! The filter language: what a person types after `/` in any table.
//!
//! Terms stand apart by blanks and all must hold. `word` matches fuzzily, `"quoted words"` as they
//! are, `field:value` by prefix (of names by that of any word), `field:a,b` one of several, `field:>100`, `>=`, `<`, `<=` and
//! `field:1..5` compare, `is:flag` asks, and `!` before a term turns it round. Times take days
//! (`placed:today`, `placed:2026-03-01`, `placed:2026-03`) and ages (`placed:<2h`).
//!
//! A table describes its columns as [`Fields`]; [`parse()`] knows nothing else of it. What a term
//! means is defined once, by [`Matcher`]; faster ways of finding rows must agree with it.

mod country;
mod fold;
mod fuzzy;
mod matcher;
mod parse;
mod value;

pub use fold::Needle;
pub use fuzzy::Fuzzy;
pub use matcher::{FilterRow, Matcher};
pub use parse::{FilterError, parse, parse_whole};

use crate::domain::Timestamp;
use std::ops::Range;

/// The columns of a table that can be filtered by.
#[derive(Debug)]
pub struct Fields {
    /// The columns, in the order in which an error lists them.
    pub fields: &'static [Field],
    /// What `is:` can ask.
    pub flags: &'static [&'static str],
}

/// A column that can be filtered by.
#[derive(Debug, PartialEq, Eq)]
pub struct Field {
    /// Its name in a filter and towards a [`FilterRow`].
    pub name: &'static str,
    /// Other names it goes by.
    pub aliases: &'static [&'static str],
    /// What values it takes.
    pub kind: FieldKind,
    /// How a word without a field is looked for in it.
    pub bare: Bare,
}

impl Field {
    /// A column of short text, such as a name or a state.
    pub const fn text(name: &'static str, bare: Bare) -> Self {
        Self { name, aliases: &[], kind: FieldKind::Text, bare }
    }

    /// A column of numbers, which no word without a field is looked for in.
    pub const fn number(name: &'static str, aliases: &'static [&'static str]) -> Self {
        Self { name, aliases, kind: FieldKind::Number, bare: Bare::No }
    }

    /// A column of names, which stands beside their codes.
    pub const fn name(name: &'static str, bare: Bare) -> Self {
        Self { name, aliases: &[], kind: FieldKind::Name, bare }
    }

    /// A column of words.
    pub const fn phrase(name: &'static str, aliases: &'static [&'static str], bare: Bare) -> Self {
        Self { name, aliases, kind: FieldKind::Phrase, bare }
    }
}

/// What values a column holds and how they compare.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FieldKind {
    /// Text; a value matches its beginning, a quoted value all of it.
    Text,
    /// Text; a value matches any part of it.
    Phrase,
    /// A name of several words, or a code; a value matches the beginning of any word, a quoted value all of it.
    Name,
    /// A country; see the names it answers to.
    Country,
    /// One of a few words; a value matches their beginning and must match one.
    Words(&'static [&'static str]),
    /// A number, compared to a thousandth.
    Number,
    /// A moment.
    Time,
}

/// How a word without a field is looked for in a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bare {
    /// Not at all.
    No,
    /// Its letters in order, close together.
    Fuzzy,
    /// As a part.
    Part,
    /// As the column's own `field:value` would.
    Value,
}

/// A filter that was understood.
#[derive(Clone, Debug)]
pub struct Filter {
    fields: &'static Fields,
    terms: Vec<Term>,
    late_before: Timestamp,
}

/// A part of a filter.
#[derive(Clone, Debug)]
pub struct Term {
    /// Whether it must not hold.
    pub negated: bool,
    /// What must hold.
    pub test: Test,
    /// The bytes of the filter's text it was read from.
    pub at: Range<usize>,
}

/// What a term asks.
#[derive(Clone, Debug, PartialEq)]
pub enum Test {
    /// Not typed to its end; holds for every row, negated or not.
    Incomplete,
    /// A word, looked for in every column that takes part; quoted words are looked for as they are.
    Word {
        /// The word.
        text: Box<str>,
        /// Whether it stood in quotes.
        quoted: bool,
    },
    /// A text column has one of these values.
    Text(&'static Field, Vec<TextValue>),
    /// A number lies in one of these ranges.
    Number(&'static Field, Vec<Milli>),
    /// A moment lies in one of these ranges.
    Time(&'static Field, Vec<Moments>),
    /// One of these flags is set.
    Flag(Vec<&'static str>),
}

/// A text to compare a column with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TextValue {
    /// The text, folded.
    pub needle: Needle,
    /// Whether it stood in quotes.
    pub quoted: bool,
}

/// Numbers from `min` to `max`, both included, in thousandths.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Milli {
    /// The least.
    pub min: i64,
    /// The greatest.
    pub max: i64,
}

impl Milli {
    /// Whether a number of thousandths lies in the range.
    pub fn holds(&self, milli: i64) -> bool {
        self.min <= milli && milli <= self.max
    }
}

/// Moments from `from` to before `to`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moments {
    /// The first.
    pub from: Timestamp,
    /// The first after it.
    pub to: Timestamp,
}

impl Moments {
    /// Whether a moment lies in the range.
    pub fn holds(&self, at: Timestamp) -> bool {
        self.from <= at && at < self.to
    }
}

impl Filter {
    /// The filter that every row passes.
    pub fn everything(fields: &'static Fields) -> Self {
        Filter { fields, terms: Vec::new(), late_before: Timestamp::default() }
    }
    /// Its terms, in the order typed.
    pub fn terms(&self) -> &[Term] {
        &self.terms
    }
    /// The columns it was read for.
    pub fn fields(&self) -> &'static Fields {
        self.fields
    }
    /// What has been waiting since before this moment is late.
    pub fn late_before(&self) -> Timestamp {
        self.late_before
    }
    /// Whether every row passes.
    pub fn is_everything(&self) -> bool {
        self.terms.iter().all(|term| term.test == Test::Incomplete)
    }
    /// The terms about columns of which `is` says so, and all others.
    pub fn split(&self, is: impl Fn(&Field) -> bool) -> [Filter; 2] {
        let about = |term: &&Term| match &term.test {
            Test::Text(field, _) | Test::Number(field, _) | Test::Time(field, _) => is(field),
            Test::Incomplete | Test::Word { .. } | Test::Flag(_) => false,
        };
        let (some, others) = self.terms.iter().partition::<Vec<&Term>, _>(about);
        [some, others].map(|terms| Filter {
            fields: self.fields,
            terms: terms.into_iter().cloned().collect(),
            late_before: self.late_before,
        })
    }
    /// Where terms stand that are not typed to their end, as bytes of the text.
    pub fn incomplete(&self) -> impl Iterator<Item = Range<usize>> {
        let open = self.terms.iter().filter(|term| term.test == Test::Incomplete);
        open.map(|term| term.at.clone())
    }
}

impl FieldKind {
    /// Whether a text is what `value` asks for in a column of this kind.
    pub fn text_matches(self, value: &TextValue, text: &str) -> bool {
        match (self, value.quoted) {
            (FieldKind::Phrase, _) => value.needle.within(text),
            (_, true) => value.needle.is(text),
            (FieldKind::Name, false) => value.needle.starts_word(text),
            (FieldKind::Country, false) => country::is_meant(&value.needle, text),
            (_, false) => value.needle.starts(text),
        }
    }
}
