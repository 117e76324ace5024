//! Keys as bytes whose order is the order of the values, so that ranges can be scanned.

use crate::domain::{
    Category, Country, CustomerRef, Day, FeedId, OrderKey, OrderNo, PoNumber, SiteId, Sku,
    SupplierId, Timestamp,
};

/// A key with a byte form that sorts as the key does, and that tells by itself where it ends.
///
/// Numbers are big-endian (signed ones with the sign bit flipped), text ends with a zero byte, and
/// tuples are their parts one after the other.
pub trait KeyBytes: Sized {
    /// Appends the key's bytes.
    fn write(&self, out: &mut Vec<u8>);
    /// Takes one key off the front of `bytes`; `None` when there is none.
    fn take(bytes: &mut &[u8]) -> Option<Self>;
    /// Reads a key that fills `bytes`; `None` when it does not.
    fn read(mut bytes: &[u8]) -> Option<Self> {
        let key = Self::take(&mut bytes)?;
        bytes.is_empty().then_some(key)
    }
}

fn take_array<const N: usize>(bytes: &mut &[u8]) -> Option<[u8; N]> {
    let (head, rest) = bytes.split_first_chunk::<N>()?;
    *bytes = rest;
    Some(*head)
}

macro_rules! number_key {
    ($($unsigned:ty),*; $($signed:ty as $bits:ty),*) => {
        $(impl KeyBytes for $unsigned {
            fn write(&self, out: &mut Vec<u8>) {
                out.extend_from_slice(&self.to_be_bytes());
            }
            fn take(bytes: &mut &[u8]) -> Option<Self> {
                take_array(bytes).map(<$unsigned>::from_be_bytes)
            }
        })*
        $(impl KeyBytes for $signed {
            fn write(&self, out: &mut Vec<u8>) {
                ((*self as $bits) ^ (1 << (<$bits>::BITS - 1))).write(out);
            }
            fn take(bytes: &mut &[u8]) -> Option<Self> {
                let bits = <$bits>::take(bytes)?;
                Some((bits ^ (1 << (<$bits>::BITS - 1))) as $signed)
            }
        })*
    };
}
number_key!(u8, u16, u32, u64; i32 as u32, i64 as u64);

/// The key of a table that holds one record.
impl KeyBytes for () {
    fn write(&self, _: &mut Vec<u8>) {}
    fn take(_: &mut &[u8]) -> Option<Self> {
        Some(())
    }
}

/// Clean text holds neither byte 0 nor byte 1; other text keeps its order too, since both are
/// written as two bytes, 1 1 and 1 2.
fn write_text(text: &str, out: &mut Vec<u8>) {
    for byte in text.bytes() {
        match byte {
            0 | 1 => out.extend_from_slice(&[1, byte + 1]),
            byte => out.push(byte),
        }
    }
    out.push(0);
}

fn take_text(bytes: &mut &[u8]) -> Option<String> {
    let end = memchr::memchr(0, bytes)?;
    let (written, rest) = bytes.split_at_checked(end)?;
    let mut text = Vec::with_capacity(end);
    let mut left = written.iter();
    while let Some(byte) = left.next() {
        text.push(match byte {
            1 => left.next()?.checked_sub(1).filter(|plain| *plain <= 1)?,
            byte => *byte,
        });
    }
    *bytes = rest.get(1..)?;
    String::from_utf8(text).ok()
}

impl KeyBytes for String {
    fn write(&self, out: &mut Vec<u8>) {
        write_text(self, out);
    }
    fn take(bytes: &mut &[u8]) -> Option<Self> {
        take_text(bytes)
    }
}

impl KeyBytes for Box<str> {
    fn write(&self, out: &mut Vec<u8>) {
        write_text(self, out);
    }
    fn take(bytes: &mut &[u8]) -> Option<Self> {
        take_text(bytes).map(String::into_boxed_str)
    }
}

macro_rules! text_id_key {
    ($($id:ty),*) => {$(
        impl KeyBytes for $id {
            fn write(&self, out: &mut Vec<u8>) {
                write_text(self.as_str(), out);
            }
            fn take(bytes: &mut &[u8]) -> Option<Self> {
                take_text(bytes).map(Self::new)
            }
        }
    )*};
}
text_id_key!(Sku, SiteId, FeedId, OrderNo, CustomerRef, SupplierId, PoNumber, Category, Country);

impl KeyBytes for OrderKey {
    fn write(&self, out: &mut Vec<u8>) {
        self.feed.write(out);
        self.number.write(out);
    }
    fn take(bytes: &mut &[u8]) -> Option<Self> {
        Some(OrderKey { feed: FeedId::take(bytes)?, number: OrderNo::take(bytes)? })
    }
}

impl KeyBytes for Timestamp {
    fn write(&self, out: &mut Vec<u8>) {
        self.as_millis().write(out);
    }
    fn take(bytes: &mut &[u8]) -> Option<Self> {
        i64::take(bytes).map(Timestamp::from_millis)
    }
}

impl KeyBytes for Day {
    fn write(&self, out: &mut Vec<u8>) {
        self.number().write(out);
    }
    fn take(bytes: &mut &[u8]) -> Option<Self> {
        i32::take(bytes).map(Day::from_number)
    }
}

impl<A: KeyBytes, B: KeyBytes> KeyBytes for (A, B) {
    fn write(&self, out: &mut Vec<u8>) {
        self.0.write(out);
        self.1.write(out);
    }
    fn take(bytes: &mut &[u8]) -> Option<Self> {
        Some((A::take(bytes)?, B::take(bytes)?))
    }
}

impl<A: KeyBytes, B: KeyBytes, C: KeyBytes> KeyBytes for (A, B, C) {
    fn write(&self, out: &mut Vec<u8>) {
        self.0.write(out);
        self.1.write(out);
        self.2.write(out);
    }
    fn take(bytes: &mut &[u8]) -> Option<Self> {
        Some((A::take(bytes)?, B::take(bytes)?, C::take(bytes)?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::fmt::Debug;

    fn bytes<K: KeyBytes>(key: &K) -> Vec<u8> {
        let mut out = Vec::new();
        key.write(&mut out);
        out
    }

    fn sorts_and_reads_back<K: KeyBytes + Ord + Debug>(a: K, b: K) {
        assert_eq!(bytes(&a).cmp(&bytes(&b)), a.cmp(&b), "{a:?} and {b:?}");
        assert_eq!(K::read(&bytes(&a)), Some(a));
    }

    /// Texts that share beginnings, with the bytes that the encoding treats apart.
    fn text() -> impl Strategy<Value = String> {
        prop_oneof!["[ab\u{0}\u{1}\u{2}é]{0,5}", any::<String>()]
    }

    proptest! {
        #[test]
        fn numbers_sort_as_numbers(a: i64, b: i64, c: u32, d: u32) {
            sorts_and_reads_back(a, b);
            sorts_and_reads_back(c, d);
            sorts_and_reads_back(a as u64, b as u64);
            sorts_and_reads_back((a as i32, c), (b as i32, d));
            sorts_and_reads_back(Timestamp::from_millis(a), Timestamp::from_millis(b));
        }

        #[test]
        fn texts_sort_as_texts_also_inside_tuples(a in text(), b in text(), c in text(), d in text(), n: u32) {
            sorts_and_reads_back(a.clone(), b.clone());
            sorts_and_reads_back(
                (Sku::new(a.clone()), SiteId::new(c.clone()), n),
                (Sku::new(b.clone()), SiteId::new(d.clone()), n / 2),
            );
            sorts_and_reads_back(
                (OrderKey { feed: FeedId::new(a), number: OrderNo::new(c) }, n),
                (OrderKey { feed: FeedId::new(b), number: OrderNo::new(d) }, n / 2),
            );
        }

        #[test]
        fn any_bytes_can_be_read_without_a_panic(raw: Vec<u8>) {
            let _ = <(Sku, i64)>::read(&raw);
            let _ = <(u32, String, Day)>::read(&raw);
        }
    }

    #[test]
    fn a_key_must_fill_its_bytes() {
        assert_eq!(u32::read(&[0, 0, 0, 1, 9]), None);
        assert_eq!(u32::read(&[0, 0, 1]), None);
        assert_eq!(Sku::read(b"A1"), None);
        assert_eq!(Sku::read(b"A\x01\x07\0"), None);
        assert_eq!(Sku::read(b"\xff\0"), None);
        assert_eq!(<()>::read(b""), Some(()));
    }
}
