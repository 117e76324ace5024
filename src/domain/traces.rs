//! What an order gives away of whose account it is under and where it goes: keyed pseudonyms, short, never
//! the clear text. Two of them are compared and nothing else is done with them.

use super::{Country, Service};
use serde::{Deserialize, Serialize};

macro_rules! short_pseudonym {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub u32);
    };
}

short_pseudonym!(
    /// A customer's account at a shop; it stays the same whatever e-mail an order comes with.
    AccountRef
);
impl AccountRef {
    /// Reads what [`std::fmt::Display`] writes.
    pub fn parse(text: &str) -> Option<Self> {
        let hex = text.len() == 8 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        u32::from_str_radix(text, 16).ok().filter(|_| hex).map(AccountRef)
    }
}

impl std::fmt::Display for AccountRef {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(&format!("{:08x}", self.0))
    }
}

short_pseudonym!(
    /// A postal address without whose it is. Among a million addresses one in 4,000 shares its own with
    /// another.
    AddressRef
);

/// What is told of these things.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Traces {
    /// Under whose account it was placed; a guest has none.
    pub account: Option<AccountRef>,
    /// Where the goods go.
    pub ship_to: Option<AddressRef>,
    /// Where the bill goes, if it goes elsewhere.
    pub bill_to: Option<AddressRef>,
    /// The country of the bill, if it is another than that of the goods.
    pub bill_country: Option<Country>,
}

/// What stands in an order beside its lines.
///
/// It is written in the place of a single yes or no, as which it was written before there were traces, and
/// of those alone before an order told of its shipping: what was written then is read as it was meant.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(from = "Written", into = "Written")]
pub struct Aside {
    /// Whether the customer wrote something with it; the text is sealed (see [`super::person`]).
    pub noted: bool,
    /// Whose account, and where to.
    pub traces: Traces,
    /// How it is to ship.
    pub service: Service,
}

#[derive(Serialize, Deserialize)]
enum Written {
    Bare,
    Noted,
    Traced(Traces),
    NotedAndTraced(Traces),
    Whole(bool, Traces, Service),
}

impl From<Aside> for Written {
    fn from(of: Aside) -> Self {
        if of.service != Service::default() {
            return Written::Whole(of.noted, of.traces, of.service);
        }
        match (of.noted, of.traces == Traces::default()) {
            (false, true) => Written::Bare,
            (true, true) => Written::Noted,
            (false, false) => Written::Traced(of.traces),
            (true, false) => Written::NotedAndTraced(of.traces),
        }
    }
}

impl From<Written> for Aside {
    fn from(written: Written) -> Self {
        let (noted, traces, service) = match written {
            Written::Bare => (false, Traces::default(), Service::default()),
            Written::Noted => (true, Traces::default(), Service::default()),
            Written::Traced(traces) => (false, traces, Service::default()),
            Written::NotedAndTraced(traces) => (true, traces, Service::default()),
            Written::Whole(noted, traces, service) => (noted, traces, service),
        };
        Aside { noted, traces, service }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_written_as_yes_or_no_is_read_and_traces_take_few_bytes() {
        for noted in [false, true] {
            let before = postcard::to_stdvec(&(7_u8, noted, "lines")).unwrap();
            let aside = Aside { noted, ..Aside::default() };
            let read: (u8, Aside, String) = postcard::from_bytes(&before).unwrap();
            assert_eq!(read, (7, aside.clone(), "lines".into()));
            assert_eq!(postcard::to_stdvec(&(7_u8, aside, "lines")).unwrap(), before);
        }
        let traces = Traces {
            account: Some(AccountRef(u32::MAX)),
            ship_to: Some(AddressRef(u32::MAX)),
            ..Traces::default()
        };
        let aside = Aside { noted: true, traces, ..Aside::default() };
        let written = postcard::to_stdvec(&aside).unwrap();
        assert!(written.len() <= 15, "{} bytes", written.len());
        assert_eq!(postcard::from_bytes::<Aside>(&written).unwrap(), aside);
        let service = Service { promised: Service::day("2026-12-03"), ..Service::default() };
        let promised = Aside { service, ..aside };
        let written = postcard::to_stdvec(&promised).unwrap();
        assert_eq!(postcard::from_bytes::<Aside>(&written).unwrap(), promised);
    }
}
