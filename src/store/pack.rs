//! Packs: several small records of a table side by side in one record of sled.
//!
//! sled spends some 350 bytes of memory and 100 of disk on every 8 records that come in order,
//! however small they are. A packed table therefore puts records whose keys differ only in the last
//! three bits together: each as its slot, its length and its bytes, in order of slots.

use std::ops::Range;

/// The bits of a key's last byte that say which slot of a pack is meant.
const SLOT: u8 = 0b111;

/// The key under which sled has the pack that a key belongs to.
pub(super) fn pack_key(key: &[u8]) -> Vec<u8> {
    let mut pack = key.to_vec();
    if let Some(last) = pack.last_mut() {
        *last &= !SLOT;
    }
    pack
}

/// The key of a slot in the pack under `pack`.
pub(super) fn slot_key(pack: &[u8], slot: u8) -> Vec<u8> {
    let mut key = pack.to_vec();
    if let Some(last) = key.last_mut() {
        *last |= slot & SLOT;
    }
    key
}

/// The slot that a key means.
pub(super) fn slot_of(key: &[u8]) -> u8 {
    key.last().map_or(0, |last| last & SLOT)
}

/// The records of a pack, in order: slot and where its bytes lie. The last is `None` where the pack
/// is broken.
pub(super) fn slots(pack: &[u8]) -> impl Iterator<Item = Option<(u8, Range<usize>)>> + '_ {
    let mut at = 0;
    std::iter::from_fn(move || {
        let left = pack.get(at..).filter(|left| !left.is_empty())?;
        let found = slot(left);
        at = match &found {
            Some((_, range)) => at + range.end,
            None => pack.len(),
        };
        let start = at;
        Some(found.map(|(slot, range)| (slot, start - range.len()..start)))
    })
}

/// The first record of what is left of a pack.
fn slot(left: &[u8]) -> Option<(u8, Range<usize>)> {
    let (slot, rest) = left.split_first().filter(|(slot, _)| **slot <= SLOT)?;
    let mut length = 0_usize;
    for (n, byte) in rest.iter().enumerate().take(5) {
        length |= usize::from(byte & 0x7f) << (7 * n);
        if byte & 0x80 == 0 {
            let start = n + 2;
            let end = start.checked_add(length).filter(|end| *end <= left.len())?;
            return Some((*slot, start..end));
        }
    }
    None
}

/// Where a slot's bytes lie in a pack; `Err`: the pack is broken.
pub(super) fn find(pack: &[u8], wanted: u8) -> Result<Option<Range<usize>>, Broken> {
    for found in slots(pack) {
        let (slot, range) = found.ok_or(Broken)?;
        if slot == wanted {
            return Ok(Some(range));
        }
    }
    Ok(None)
}

/// A pack is not what was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Broken;

/// A pack while it is changed.
#[derive(Default)]
pub(super) struct Pack([Option<Vec<u8>>; SLOT as usize + 1]);

impl Pack {
    /// Reads a pack.
    pub fn read(pack: &[u8]) -> Result<Pack, Broken> {
        let mut read = Pack::default();
        for found in slots(pack) {
            let (slot, range) = found.ok_or(Broken)?;
            read.0[usize::from(slot)] = pack.get(range).map(<[u8]>::to_vec);
        }
        Ok(read)
    }
    /// Puts a record into its slot, or empties it.
    pub fn set(&mut self, slot: u8, record: Option<&[u8]>) {
        self.0[usize::from(slot & SLOT)] = record.map(<[u8]>::to_vec);
    }
    /// The pack's bytes; `None` where every slot is empty.
    pub fn bytes(&self) -> Option<Vec<u8>> {
        let mut bytes = Vec::new();
        for (slot, record) in (0_u8..).zip(&self.0) {
            let Some(record) = record else { continue };
            bytes.push(slot);
            let mut length = record.len();
            while length > 0x7f {
                bytes.push(0x80 | (length & 0x7f) as u8);
                length >>= 7;
            }
            bytes.push(length as u8);
            bytes.extend_from_slice(record);
        }
        (!bytes.is_empty()).then_some(bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_pack_gives_back_what_was_put_in(records: [Option<Vec<u8>>; 8], long in 0_usize..70_000) {
            let mut records = records;
            records[3] = Some(vec![7; long]);
            let mut pack = Pack::default();
            for (slot, record) in (0..).zip(&records) {
                pack.set(slot, record.as_deref());
            }
            let bytes = pack.bytes().unwrap();
            for (slot, record) in (0..).zip(&records) {
                let found = find(&bytes, slot).unwrap().map(|range| bytes[range].to_vec());
                prop_assert_eq!(&found, record);
            }
            prop_assert_eq!(Pack::read(&bytes).unwrap().bytes(), Some(bytes));
        }

        #[test]
        fn any_bytes_can_be_read_without_a_panic(bytes: Vec<u8>, slot in 0_u8..8) {
            let _ = (Pack::read(&bytes), find(&bytes, slot));
        }
    }

    #[test]
    fn a_key_is_its_packs_key_and_its_slot() {
        let key = [9, 0, 0, 1, 0b1010_1101];
        assert_eq!((pack_key(&key)[4], slot_of(&key)), (0b1010_1000, 0b101));
        assert_eq!(slot_key(&pack_key(&key), slot_of(&key)), key);
    }

    #[test]
    fn a_pack_cut_short_is_broken() {
        let mut pack = Pack::default();
        pack.set(2, Some(b"record"));
        let bytes = pack.bytes().unwrap();
        assert_eq!(find(&bytes[..bytes.len() - 1], 2), Err(Broken));
        assert_eq!(Pack::default().bytes(), None);
    }
}
