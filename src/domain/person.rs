//! Clear text about people on its way from a feed's door to where it is sealed.
//!
//! Nothing here is ever archived, logged or shown by `Debug`: a [`super::Page`] leaves it out when
//! it is written, and carries what was [`Sealed`] of it instead.

use super::{CustomerRef, OrderKey, Timestamp, text};
use serde::{Deserialize, Serialize};
use std::fmt;

/// Different names, e-mails, phones or addresses that are kept of one person, each.
const MOST: usize = 8;

/// What is known of a person in clear, each kind without repetitions, in the order it was told.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PersonClear {
    /// Names.
    pub names: Vec<Box<str>>,
    /// E-mail addresses.
    pub emails: Vec<Box<str>>,
    /// Phone numbers.
    pub phones: Vec<Box<str>>,
    /// Postal addresses, each on one line.
    pub addresses: Vec<Box<str>>,
}

impl PersonClear {
    /// Whether nothing is known.
    pub fn is_empty(&self) -> bool {
        self.kinds().iter().all(|(_, texts)| texts.is_empty())
    }
    /// Every kind with its name.
    pub fn kinds(&self) -> [(&'static str, &[Box<str>]); 4] {
        [
            ("name", &self.names),
            ("e-mail", &self.emails),
            ("phone", &self.phones),
            ("address", &self.addresses),
        ]
    }
    /// Adds what another telling knows; whether anything was new.
    pub fn merge(&mut self, told: PersonClear) -> bool {
        let names = add(&mut self.names, told.names);
        let emails = add(&mut self.emails, told.emails);
        let phones = add(&mut self.phones, told.phones);
        add(&mut self.addresses, told.addresses) | names | emails | phones
    }
}

/// Of more than [`MOST`] the oldest goes.
fn add(known: &mut Vec<Box<str>>, told: Vec<Box<str>>) -> bool {
    let mut added = false;
    for text in told {
        if !text.is_empty() && !known.contains(&text) {
            known.push(text);
            added = true;
        }
    }
    known.drain(..known.len().saturating_sub(MOST));
    added
}

impl fmt::Debug for PersonClear {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PersonClear(hidden)")
    }
}

/// What a customer wrote with an order.
#[derive(Clone, PartialEq, Eq)]
pub struct CustomerNote {
    /// With which order.
    pub order: OrderKey,
    /// Who, where that is known.
    pub customer: Option<CustomerRef>,
    /// The moment of the order's version that brought it; a newer one replaces it.
    pub at: Timestamp,
    /// The text, clean.
    pub text: Box<str>,
}

impl fmt::Debug for CustomerNote {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CustomerNote({}, hidden)", self.order)
    }
}

/// The private part of a page.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Private {
    /// People, by pseudonym. Never written.
    #[serde(skip)]
    pub persons: Vec<(CustomerRef, PersonClear)>,
    /// What they wrote. Never written.
    #[serde(skip)]
    pub notes: Vec<CustomerNote>,
    /// Rejects of an earlier page that this one makes void, by place and excerpt, such as of a file
    /// that can be read now. Become [`Private::settles`] before anything is written.
    #[serde(skip)]
    pub voids: Vec<(Box<str>, Box<str>)>,
    /// Records in quarantine, by id, that were read again with success: what they say is in this page.
    pub settles: Vec<u64>,
    /// What became of persons, notes and raw records, readable only with the key of whom it is about.
    pub sealed: Vec<Sealed>,
}

impl Private {
    /// Adds another page's.
    pub fn extend(&mut self, other: Private) {
        self.persons.extend(other.persons);
        self.notes.extend(other.notes);
        self.voids.extend(other.voids);
        self.settles.extend(other.settles);
        self.sealed.extend(other.sealed);
    }
}

/// Something private under the key of whom it is about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Sealed {
    /// All that is known of a person: a [`PersonClear`].
    Person(CustomerRef, Box<[u8]>),
    /// What was written with an order.
    Note(OrderKey, SealedNote),
    /// What a record in quarantine looked like, by the record's id.
    Raw(u64, SealedRaw),
}

/// A sealed note.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SealedNote {
    /// Whose key opens it; `None`: the order has a key of its own.
    pub customer: Option<CustomerRef>,
    /// The moment of the version that brought it.
    pub at: Timestamp,
    /// The text.
    pub bytes: Box<[u8]>,
}

/// A record that could not be understood, sealed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SealedRaw {
    /// Whose key opens it, where the record says whom it is about; `None`: the store's own.
    pub customer: Option<CustomerRef>,
    /// A [`RawRecord`].
    pub bytes: Box<[u8]>,
}

/// Longest raw text that is kept, in bytes.
pub const MOST_RAW: usize = 64 << 10;

/// A record that could not be understood, as it came.
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct RawRecord {
    /// The record's text, cut to [`MOST_RAW`].
    pub text: Box<str>,
    /// How it was read: the adapter's own words, opaque to everybody else.
    pub how: Box<str>,
    /// Whom it is about, where it says so.
    pub customer: Option<CustomerRef>,
}

impl RawRecord {
    /// Cuts the text to what is kept.
    pub fn new(text: &str, how: String, customer: Option<CustomerRef>) -> Self {
        let mut end = text.len().min(MOST_RAW);
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        RawRecord { text: text.get(..end).unwrap_or_default().into(), how: how.into(), customer }
    }
    /// Whether something was cut off, so that it cannot be read again.
    pub fn is_cut(&self) -> bool {
        self.text.len() + 4 > MOST_RAW
    }
}

impl fmt::Debug for RawRecord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RawRecord({} bytes, hidden)", self.text.len())
    }
}

/// Whom or what private text is about.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Whose {
    /// A customer: the person, and what they wrote with their orders.
    Customer(CustomerRef),
    /// An order. Where it has a customer, the customer is meant.
    Order(OrderKey),
    /// A record in quarantine, by its number.
    Rejected(u64),
}

impl fmt::Display for Whose {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Whose::Customer(customer) => write!(f, "customer {customer}"),
            Whose::Order(order) => write!(f, "order {order}"),
            Whose::Rejected(seq) => write!(f, "record {seq} in quarantine"),
        }
    }
}

/// Joins the parts of an address to one clean line, leaving out empty and repeated ones.
pub fn one_line(parts: &[Option<String>]) -> Box<str> {
    let mut line: Vec<&str> = Vec::new();
    for part in parts.iter().flatten().map(|part| part.trim()) {
        if !part.is_empty() && !line.contains(&part) {
            line.push(part);
        }
    }
    text::clean(&line.join(", ")).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_known_grows_without_repetitions_and_stays_bounded() {
        let told = |name: &str| PersonClear { names: vec![name.into()], ..PersonClear::default() };
        let mut known = told("Ann Lee");
        assert!(!known.merge(told("Ann Lee")));
        assert!(known.merge(told("A. Lee")));
        for n in 0..20 {
            known.merge(told(&format!("name {n}")));
        }
        assert_eq!(known.names.len(), MOST);
        assert_eq!(&*known.names[MOST - 1], "name 19");
        assert!(!format!("{known:?}").contains("name 19"));
    }

    #[test]
    fn an_address_is_one_line_without_gaps() {
        let parts = ["1 High St", "", "Leeds", "Leeds", "GB"].map(|p| Some(p.to_owned()));
        assert_eq!(&*one_line(&parts), "1 High St, Leeds, GB");
    }
}
