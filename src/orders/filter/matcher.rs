//! What a filter means, row by row.

use super::{Bare, Field, Filter, Fuzzy, Needle, Term, Test, TextValue};
use crate::domain::Timestamp;
use std::borrow::Cow;

/// A row that can be asked about its columns, by the names in the table's [`super::Fields`].
pub trait FilterRow {
    /// A text column; `None`: unknown.
    fn text(&self, field: &str) -> Option<Cow<'_, str>>;
    /// A number column; `None`: unknown, which no comparison matches.
    fn number(&self, field: &str) -> Option<f64>;
    /// A flag that `is:` can ask.
    fn flag(&self, flag: &str) -> bool;
    /// A time column; `None`: unknown.
    fn time(&self, _field: &str) -> Option<Timestamp> {
        None
    }
    /// Whether one of the texts in a column passes; for columns that hold several.
    fn any_text(&self, field: &str, test: &mut dyn FnMut(&str) -> bool) -> bool {
        self.text(field).is_some_and(|text| test(&text))
    }
    /// Whether one of the numbers in a column passes; for columns that hold several.
    fn any_number(&self, field: &str, test: &mut dyn FnMut(f64) -> bool) -> bool {
        self.number(field).is_some_and(test)
    }
}

/// A filter made ready to be asked about many rows.
pub struct Matcher<'f> {
    filter: &'f Filter,
    words: Vec<Option<Word>>,
}

struct Word {
    fuzzy: Fuzzy,
    value: TextValue,
}

impl<'f> Matcher<'f> {
    /// Prepares a filter.
    pub fn new(filter: &'f Filter) -> Self {
        let words = filter.terms.iter().map(|term| match &term.test {
            Test::Word { text, quoted } => Some(Word {
                fuzzy: Fuzzy::new(text),
                value: TextValue { needle: Needle::new(text), quoted: *quoted },
            }),
            _ => None,
        });
        Matcher { filter, words: words.collect() }
    }
    /// Whether a row passes.
    pub fn matches(&mut self, row: &dyn FilterRow) -> bool {
        let fields = self.filter.fields.fields;
        let mut terms = self.filter.terms.iter().zip(&mut self.words);
        terms.all(|(term, word)| match (&term.test, word) {
            (Test::Incomplete, _) => true,
            (_, Some(word)) => term.negated != fields.iter().any(|field| word.is_in(field, row)),
            (_, None) => term.negated != holds(term, row),
        })
    }
}

impl Word {
    fn is_in(&mut self, field: &Field, row: &dyn FilterRow) -> bool {
        let Word { fuzzy, value } = self;
        match field.bare {
            Bare::No => false,
            _ if value.quoted => row.any_text(field.name, &mut |text| value.needle.within(text)),
            Bare::Fuzzy => row.any_text(field.name, &mut |text| fuzzy.matches(text)),
            Bare::Part => row.any_text(field.name, &mut |text| value.needle.within(text)),
            Bare::Value => {
                row.any_text(field.name, &mut |text| field.kind.text_matches(value, text))
            }
        }
    }
}

fn holds(term: &Term, row: &dyn FilterRow) -> bool {
    match &term.test {
        Test::Text(field, values) => row.any_text(field.name, &mut |text| {
            values.iter().any(|value| field.kind.text_matches(value, text))
        }),
        Test::Number(field, ranges) => row.any_number(field.name, &mut |number| {
            let milli = (number * 1_000.0).round() as i64;
            ranges.iter().any(|range| range.holds(milli))
        }),
        Test::Time(field, ranges) => {
            row.time(field.name).is_some_and(|at| ranges.iter().any(|range| range.holds(at)))
        }
        Test::Flag(flags) => flags.iter().any(|flag| row.flag(flag)),
        Test::Incomplete | Test::Word { .. } => true,
    }
}

#[cfg(test)]
mod tests {
    use super::super::{FieldKind, Fields, parse};
    use super::*;
    use crate::domain::Zone;

    const fn field(name: &'static str, kind: FieldKind, bare: Bare) -> Field {
        Field { name, aliases: &[], kind, bare }
    }

    /// A table of a few columns, as the stock table is.
    static SHELF: Fields = Fields {
        fields: &[
            field("sku", FieldKind::Text, Bare::Fuzzy),
            field("name", FieldKind::Phrase, Bare::Fuzzy),
            field("on_hand", FieldKind::Number, Bare::No),
        ],
        flags: &["out", "unknown"],
    };

    struct Item(&'static str, &'static str, Option<f64>);

    impl FilterRow for Item {
        fn text(&self, field: &str) -> Option<Cow<'_, str>> {
            Some(if field == "sku" { self.0 } else { self.1 }.into())
        }
        fn number(&self, _: &str) -> Option<f64> {
            self.2
        }
        fn flag(&self, flag: &str) -> bool {
            if flag == "out" { self.2 == Some(0.0) } else { self.2.is_none() }
        }
    }

    fn found(text: &str) -> String {
        let shelf = [
            Item("A1", "Red mug", Some(12.0)),
            Item("A2", "Blue mug", Some(0.0)),
            Item("B1", "Tea \"towel\"", None),
        ];
        let filter = parse(text, &SHELF, Timestamp::default(), &Zone::utc()).unwrap();
        let mut matcher = Matcher::new(&filter);
        let passing = shelf.iter().filter(|item| matcher.matches(*item));
        passing.map(|item| item.0).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn any_table_can_be_filtered_row_by_row() {
        for (text, expected) in [
            ("", "A1 A2 B1"),
            ("mug !blue", "A1"),
            ("on_hand:<5", "A2"),
            ("!on_hand:<5", "A1 B1"),
            ("on:>1", "A1"),
            ("is:unknown,out", "A2 B1"),
            ("sku:a,b1 !name:towel", "A1 A2"),
            ("\"ed m\"", "A1"),
            ("name:\"red mug\",\"blue mug\" is:out", "A2"),
        ] {
            assert_eq!(found(text), expected, "{text}");
        }
        let unknown = parse("country:uk", &SHELF, Timestamp::default(), &Zone::utc());
        assert!(unknown.unwrap_err().message.contains("Known are sku, name, on_hand, is"));
    }
}
