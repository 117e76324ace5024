//! Each distinct text once, under a number.

use hashbrown::HashTable;
use rustc_hash::FxHasher;
use std::hash::Hasher;

/// A dictionary: texts in one arena, found by a hash table of their numbers.
///
/// Numbers are given from 0 in order of arrival and never change; nothing is ever taken out.
#[derive(Default)]
pub(super) struct Interner {
    text: String,
    ends: Vec<u32>,
    table: HashTable<u32>,
}

pub(super) fn hash(salt: u32, text: &str) -> u64 {
    let mut hasher = FxHasher::default();
    hasher.write_u32(salt);
    hasher.write(text.as_bytes());
    hasher.finish()
}

impl Interner {
    /// The number of a text, given now if it has none.
    pub fn intern(&mut self, text: &str) -> u32 {
        if let Some(id) = self.get(text) {
            return id;
        }
        let id = self.ends.len() as u32;
        self.text.push_str(text);
        self.ends.push(self.text.len() as u32);
        let Interner { text: arena, ends, table } = self;
        table.insert_unique(hash(0, text), id, |id| hash(0, slice(arena, ends, *id)));
        id
    }
    /// The number of a text.
    pub fn get(&self, text: &str) -> Option<u32> {
        self.table.find(hash(0, text), |id| self.text(*id) == text).copied()
    }
    /// The text of a number; empty for a number never given.
    pub fn text(&self, id: u32) -> &str {
        slice(&self.text, &self.ends, id)
    }
    pub fn len(&self) -> usize {
        self.ends.len()
    }
    /// All texts in order of their numbers.
    pub fn texts(&self) -> impl Iterator<Item = &str> {
        (0..self.ends.len() as u32).map(|id| self.text(id))
    }
    pub fn memory(&self) -> usize {
        self.text.capacity() + 4 * self.ends.capacity() + self.table.allocation_size()
    }
}

fn slice<'a>(arena: &'a str, ends: &[u32], id: u32) -> &'a str {
    let id = id as usize;
    let start = id.checked_sub(1).and_then(|before| ends.get(before)).copied().unwrap_or(0);
    let end = ends.get(id).copied().unwrap_or(start);
    arena.get(start as usize..end as usize).unwrap_or("")
}
