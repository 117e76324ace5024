//! Keyed pseudonyms for people, made at the feed.

use crate::domain::CustomerRef;
use hmac::{Hmac, Mac};
use sha2::Sha256;

/// Turns what identifies a person (an e-mail address, a customer id) into a keyed pseudonym.
///
/// HMAC-SHA-256 (RFC 2104) over the normalised identifier, cut to 50 bits and written in Crockford
/// base 32 as ten characters: short enough to read aloud, and with a million customers the chance
/// that any two share one is below one in two thousand.
pub struct Pseudonyms {
    key: [u8; 32],
}

const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

impl Pseudonyms {
    /// With the store's secret key.
    pub fn new(key: [u8; 32]) -> Self {
        Pseudonyms { key }
    }
    /// The pseudonym of an identifier; `None` for an empty one. Case and surrounding blanks do not matter.
    pub fn of(&self, identifier: &str) -> Option<CustomerRef> {
        let identifier = identifier.trim().to_lowercase();
        if identifier.is_empty() {
            return None;
        }
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.key).ok()?;
        mac.update(identifier.as_bytes());
        let digest = mac.finalize().into_bytes();
        let bits = digest.iter().take(8).fold(0_u64, |acc, b| acc << 8 | u64::from(*b));
        let text: String =
            (0..10).map(|i| char::from(ALPHABET[(bits >> (5 * i)) as usize & 31])).collect();
        Some(CustomerRef::new(text))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_person_one_pseudonym_and_another_key_another() {
        let mine = Pseudonyms::new([7; 32]);
        assert_eq!(mine.of("Ann@Example.com "), mine.of("ann@example.com"));
        assert_ne!(mine.of("ann@example.com"), mine.of("bob@example.com"));
        assert_ne!(mine.of("ann@example.com"), Pseudonyms::new([8; 32]).of("ann@example.com"));
        assert_eq!(mine.of("  "), None);
        assert_eq!(mine.of("x").unwrap().as_str().len(), 10);
    }
}
