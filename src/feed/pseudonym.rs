//! Keyed pseudonyms for people, made at the feed.

use crate::domain::{AccountRef, AddressRef, CustomerRef};
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
        let bits = self.bits("", &identifier)?;
        let text: String =
            (0..10).map(|i| char::from(ALPHABET[(bits >> (5 * i)) as usize & 31])).collect();
        Some(CustomerRef::new(text))
    }

    /// The short pseudonym of an account, by its id at a shop.
    pub fn account(&self, id: &str) -> Option<AccountRef> {
        let id = id.trim();
        (!id.is_empty()).then(|| self.bits("account\0", id).map(|bits| AccountRef(bits as u32)))?
    }

    /// The short pseudonym of a postal address: its letters and digits count, in whatever case and with
    /// whatever between them; `None` where there are none.
    pub fn address(&self, parts: &[&str]) -> Option<AddressRef> {
        let letters = parts.iter().flat_map(|part| part.chars()).filter(|c| c.is_alphanumeric());
        let address: String = letters.flat_map(char::to_lowercase).collect();
        if address.is_empty() {
            return None;
        }
        self.bits("address\0", &address).map(|bits| AddressRef(bits as u32))
    }

    /// The first bytes of the keyed hash of something of a kind.
    fn bits(&self, kind: &str, text: &str) -> Option<u64> {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.key).ok()?;
        mac.update(kind.as_bytes());
        mac.update(text.as_bytes());
        let digest = mac.finalize().into_bytes();
        Some(digest.iter().take(8).fold(0_u64, |acc, b| acc << 8 | u64::from(*b)))
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
        assert_eq!(mine.of("x").unwrap().as_str(), "WJH0EFFX7F", "as it was in every version");
    }

    #[test]
    fn an_address_is_one_however_it_is_written_and_no_account() {
        let mine = Pseudonyms::new([7; 32]);
        let here = mine.address(&["14 Dock Road", "LS1 4AP"]);
        assert_eq!(here, mine.address(&["14, dock road,", "", "ls14ap"]));
        assert_ne!(here, mine.address(&["15 Dock Road", "LS1 4AP"]));
        assert_ne!(here, Pseudonyms::new([8; 32]).address(&["14 Dock Road", "LS1 4AP"]));
        assert_eq!(mine.address(&["", " ,"]), None);
        assert_eq!(mine.account(""), None);
        let (account, address) = (mine.account("14"), mine.address(&["14"]));
        assert_ne!(account.map(|one| one.0), address.map(|one| one.0));
    }
}
