//! Identifiers, each a type of its own so that a SKU cannot be passed where a site is meant.

use serde::{Deserialize, Serialize};
use std::fmt;

macro_rules! text_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(Box<str>);

        impl $name {
            /// Takes the text as it is. Text from outside goes through [`super::text::clean`] first.
            pub fn new(text: impl Into<Box<str>>) -> Self {
                Self(text.into())
            }
            /// The identifier as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(&self.0)
            }
        }
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}({})", stringify!($name), self.0)
            }
        }
        impl From<&str> for $name {
            fn from(text: &str) -> Self {
                Self(text.into())
            }
        }
        impl std::borrow::Borrow<str> for $name {
            fn borrow(&self) -> &str {
                &self.0
            }
        }
    };
}

text_id!(
    /// A stock keeping unit: what is counted, sold and reordered.
    Sku
);
text_id!(
    /// A place that holds stock and ships. Without a site mapping everything belongs to [`SiteId::main`].
    SiteId
);
text_id!(
    /// A configured feed, by the name it has in the configuration.
    FeedId
);
text_id!(
    /// An order's number as its source knows it.
    OrderNo
);
text_id!(
    /// A customer's keyed pseudonym; never a name, e-mail or address.
    CustomerRef
);
text_id!(
    /// A supplier's code.
    SupplierId
);
text_id!(
    /// A purchase order's number.
    PoNumber
);
text_id!(
    /// A product category's name.
    Category
);
text_id!(
    /// A country as the source names it: an ISO 3166 alpha-2 code where it gives one.
    Country
);

impl SiteId {
    /// The site that everything belongs to where the source names none.
    pub fn main() -> Self {
        Self::new("main")
    }
}

/// What makes an order one order: the feed it came from and its number there.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct OrderKey {
    /// The feed that told of it.
    pub feed: FeedId,
    /// Its number at that feed.
    pub number: OrderNo,
}

impl fmt::Display for OrderKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.feed, self.number)
    }
}
