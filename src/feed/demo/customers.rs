//! Who buys: habits in a few bytes each, and made-up names where a store would show real ones.
//!
//! Names are composed from the customer's number when they are asked for. Some of them are hostile
//! on purpose: a console must survive every text that a web shop lets through.

use super::catalogue::Catalogue;
use rand::Rng;
use rand_chacha::ChaCha8Rng;

/// Countries and how many of a thousand orders go there.
pub const COUNTRIES: [(&str, u32); 12] = [
    ("GB", 842),
    ("IE", 40),
    ("DE", 28),
    ("FR", 28),
    ("NL", 14),
    ("ES", 10),
    ("BE", 8),
    ("CH", 6),
    ("US", 12),
    ("AU", 5),
    ("JP", 4),
    ("SE", 3),
];

/// A customer's habits.
#[derive(Clone, Debug)]
pub struct Customer {
    /// Items bought again and again.
    pub favourites: [u16; 4],
    /// Category preferred.
    pub category: u8,
    /// Site that serves the region.
    pub site: u8,
    /// Index into [`COUNTRIES`].
    pub country: u8,
    /// Buys to sell on: whole packs, at a discount.
    pub wholesale: bool,
    /// Buys without an account.
    pub guest: bool,
    /// Number of the household; those who share it share an address.
    pub home: u32,
}

impl Customer {
    /// Makes up a customer; `pick` draws an item that a site stocks.
    pub fn invent(
        rng: &mut ChaCha8Rng,
        home: u32,
        catalogue: &Catalogue,
        pick: impl Fn(&mut ChaCha8Rng, usize) -> u16,
    ) -> Self {
        let mut left = rng.random_range(0..1_000);
        let country = COUNTRIES
            .iter()
            .position(|(_, share)| {
                let here = left < *share;
                left = left.saturating_sub(*share);
                here
            })
            .unwrap_or(0);
        let site = match (country, rng.random_range(0..100)) {
            (0, 0..45) => 0,
            (0, 45..65) => 1,
            (1, _) | (8.., _) => 0,
            _ => 2,
        };
        let favourites = std::array::from_fn(|_| pick(rng, site));
        Customer {
            category: catalogue.items.get(usize::from(favourites[0])).map_or(0, |i| i.category),
            favourites,
            site: site as u8,
            country: country as u8,
            wholesale: rng.random_bool(0.07),
            guest: rng.random_bool(0.2),
            home,
        }
    }
}

const FIRST: [&str; 24] = [
    "Olivia", "Amelia", "Isla", "Ava", "Mia", "Ivy", "Lily", "Freya", "Noah", "Arthur", "Leo",
    "George", "Theo", "Harry", "Oscar", "Jack", "Zoë", "Chloé", "Søren", "María", "Łukasz", "Siân",
    "Aoife", "Jürgen",
];
const LAST: [&str; 24] = [
    "Smith",
    "Jones",
    "Taylor",
    "Brown",
    "Williams",
    "Patel",
    "Walker",
    "Wright",
    "Thompson",
    "Hughes",
    "O'Brien",
    "Müller",
    "Nguyễn",
    "García",
    "Kowalski",
    "Dubois",
    "Ó Súilleabháin",
    "田中",
    "Andersson",
    "van der Berg",
    "McGregor",
    "Ahmed",
    "Okafor",
    "Rossi",
];
const HOSTILE: [&str; 8] = [
    "\u{1b}[2J\u{1b}]0;owned\u{7}Mallory",
    "\u{202e}gnp.ecioovni\u{202c} Eve",
    "Robert'); DROP TABLE orders;--",
    "<script>alert(1)</script>",
    "👩🏽‍🚀👨‍👩‍👧‍👦 Zed\u{200b}\u{200d}",
    "Z\u{335}\u{321}a\u{334}\u{322}l\u{336}g\u{337}o\u{338}",
    "\u{9b}31m\u{90}q\u{9c}Trudy\r\nX-Injected: 1",
    "=HYPERLINK(\"http://example.com\",\"Click\")",
];
/// Towns, and the first half of their postal codes.
const TOWNS: [(&str, &str); 10] = [
    ("Leeds", "LS1"),
    ("York", "YO1"),
    ("Bristol", "BS1"),
    ("Manchester", "M2"),
    ("London", "N1"),
    ("Cardiff", "CF10"),
    ("Edinburgh", "EH1"),
    ("Norwich", "NR2"),
    ("Exeter", "EX1"),
    ("Newcastle upon Tyne", "NE1"),
];
/// Letters of the second half of a postal code.
const INWARD: &[u8; 20] = b"ABDEFGHJLNPQRSTUWXYZ";
const STREETS: [&str; 8] = [
    "High Street",
    "Station Road",
    "Mill Lane",
    "Church Road",
    "Park Avenue",
    "Victoria Road",
    "The Green",
    "Kirkgate",
];

/// A made-up person, as a shop's billing address shows one.
#[derive(Clone, Debug)]
pub struct Person {
    /// First name.
    pub first: String,
    /// Family name.
    pub last: &'static str,
    /// Company, for those who buy to sell on.
    pub company: String,
    /// Street and number.
    pub street: String,
    /// Town.
    pub town: &'static str,
    /// Postal code.
    pub postcode: String,
    /// E-mail address; the same customer always has the same.
    pub email: String,
    /// Phone number.
    pub phone: String,
}

fn inward(letter: usize) -> char {
    char::from(INWARD[letter % INWARD.len()])
}

/// The person behind a customer's number.
pub fn person(number: u32, customer: &Customer) -> Person {
    let mix = scramble(u64::from(number));
    let of = |shift: u32, n: usize| (mix >> shift) as usize % n;
    let place = scramble(u64::from(customer.home) ^ 0x5157_E0F0);
    let at = |shift: u32, n: usize| (place >> shift) as usize % n;
    let last = LAST[of(8, LAST.len())];
    let (town, outward) = TOWNS[at(16, TOWNS.len())];
    let first = match mix % 211 {
        0 => HOSTILE[of(24, HOSTILE.len())].to_owned(),
        1 => "Wolfeschlegelsteinhausen".repeat(160),
        _ => FIRST[of(24, FIRST.len())].to_owned(),
    };
    Person {
        first,
        last,
        company: if customer.wholesale { format!("{last} & Co. Gifts") } else { String::new() },
        street: format!("{} {}", 1 + at(32, 180), STREETS[at(40, STREETS.len())]),
        town,
        postcode: format!("{outward} {}{}{}", at(48, 10), inward(at(52, 20)), inward(at(57, 20))),
        email: format!("customer{number}@mail{}.example", of(48, 7)),
        phone: format!("+44 1632 {:06}", mix % 1_000_000),
    }
}

/// Spreads a number over 64 bits; the same number always the same way.
pub fn scramble(number: u64) -> u64 {
    let mut x = number.wrapping_add(0x9E37_79B9_7F4A_7C15);
    x = (x ^ (x >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    x = (x ^ (x >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    x ^ (x >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_one_person_and_some_persons_are_hostile() {
        let customer = Customer {
            favourites: [0; 4],
            category: 0,
            site: 0,
            country: 0,
            wholesale: false,
            guest: false,
            home: 0,
        };
        assert_eq!(person(7, &customer).email, person(7, &customer).email);
        let people: Vec<_> = (0..2_000).map(|n| person(n, &customer)).collect();
        assert!(people.iter().any(|p| p.first.contains('\u{1b}')));
        assert!(people.iter().any(|p| p.first.contains('\u{202e}')));
        assert!(people.iter().any(|p| p.first.len() > 3_000));
    }
}
