//! What only the rows as they are written tell: missing fields, spellings, repetitions.

use super::findings::Findings;
use crate::domain::text::clean;
use crate::feed::FeedError;
use crate::feed::files::preset::{Field, Preset, RowKind};
use crate::feed::files::rows::Rows;
use crate::feed::files::survey::is_dirty;
use crate::feed::files::text::decode;
use crate::feed::files::{Mapping, input};
use csv::ByteRecord;
use rustc_hash::{FxHashMap, FxHashSet, FxHasher};
use std::collections::BTreeSet;
use std::hash::{Hash, Hasher};
use std::path::Path;

/// Fields whose absence is told, and what becomes of a row without.
const DUE: [(Field, &str, &str); 7] = [
    (Field::Name, "missing description", "kept; the SKU's most frequent description is used"),
    (Field::Country, "missing country", "kept, country unknown"),
    (Field::Customer, "missing customer", "kept; returns are not matched with it"),
    (Field::Price, "missing price", "quarantined"),
    (Field::Qty, "missing quantity", "quarantined"),
    (Field::Sku, "missing code", "quarantined"),
    (Field::PlacedAt, "missing time", "quarantined"),
];
/// Spellings and descriptions of one SKU that are kept to be told apart.
const MOST_NAMES: usize = 50;

/// Reads all rows and notes what is odd about them; returns how many there are.
pub fn look(
    path: &Path,
    preset: &'static Preset,
    mapping: &Mapping,
    findings: &mut Findings,
) -> Result<u64, FeedError> {
    let mut rows = Rows::open(path, preset, mapping)?;
    for column in rows.unread() {
        let done = "ignored; `--column FIELD=COLUMN` says what it is";
        findings.add("column that is not known", done, || column.to_owned());
    }
    let due: Vec<_> = DUE.into_iter().filter(|(field, ..)| rows.layout.has(*field)).collect();
    let file = input::short_name(path);
    let (mut codes, mut numbers) = (Codes::default(), Numbers::default());
    let mut seen: FxHashSet<u64> = FxHashSet::default();
    let mut row = ByteRecord::new();
    let mut count = 0;
    while let Some(at) = rows.next(&mut row)? {
        count += 1;
        if at.problem.is_some() {
            continue;
        }
        let get = |field| rows.layout.get(&row, field);
        let place = || format!("{file}:{}", at.line);
        for (field, kind, treatment) in &due {
            if get(*field).is_empty() {
                findings.add(kind, treatment, place);
            }
        }
        let mut hasher = FxHasher::default();
        row.as_slice().hash(&mut hasher);
        row.len().hash(&mut hasher);
        if !seen.insert(hasher.finish()) {
            findings.add("exact duplicate row", "kept, counts as demand", place);
        }
        codes.see(get(Field::Sku), get(Field::Name));
        if preset.rows == RowKind::Orders {
            numbers.see(get(Field::OrderId), get(Field::Sku), place, findings);
            let description = get(Field::Name);
            if !description.is_empty() && is_dirty(&decode(description)) {
                let (kind, done) = ("description that is a remark", "kept, not used as a name");
                findings.add(kind, done, || format!("{}: {}", place(), shown(description)));
            }
        }
    }
    let told = |field| rows.layout.has(field);
    let is_shop = preset.rows == RowKind::Orders && !preset.online_retail;
    if is_shop && !told(Field::Status) && !told(Field::ShippedAt) {
        let done = "orders older than 14 days count as shipped, the others as open";
        findings.add("no column of status or shipped_at", done, || file.to_string());
    }
    codes.tell(preset.online_retail, findings);
    Ok(count)
}

fn shown(bytes: &[u8]) -> String {
    clean(&decode(bytes)).chars().take(40).collect()
}

/// How each code is written and what it is called, by the code in capitals.
#[derive(Default)]
struct Codes(FxHashMap<Vec<u8>, (Texts, Texts)>);

type Texts = BTreeSet<Vec<u8>>;

impl Codes {
    fn see(&mut self, code: &[u8], name: &[u8]) {
        if code.is_empty() {
            return;
        }
        let upper = code.to_ascii_uppercase();
        let (spellings, names) = self.0.entry(upper).or_default();
        for (known, new) in [(spellings, code), (names, name)] {
            if !new.is_empty() && known.len() < MOST_NAMES && !known.contains(new) {
                known.insert(new.to_vec());
            }
        }
    }
    fn tell(self, joined: bool, findings: &mut Findings) {
        let mut all: Vec<_> = self.0.into_iter().collect();
        all.sort_by(|a, b| a.0.cmp(&b.0));
        for (code, (spellings, names)) in all {
            if spellings.len() > 1 {
                let done = match joined {
                    true => "read as one SKU, in capitals",
                    false => "kept as different SKUs",
                };
                findings.add("code in several spellings", done, || {
                    spellings.iter().map(|s| shown(s)).collect::<Vec<_>>().join(", ")
                });
            }
            let goods = names.iter().filter(|name| !is_dirty(&decode(name))).count();
            if goods > 1 {
                let done = "the most frequent is the SKU's name";
                findings.add("code with several descriptions", done, || {
                    format!("{} ({goods})", shown(&code))
                });
            }
        }
    }
}

/// Order numbers as they come.
#[derive(Default)]
struct Numbers {
    ended: FxHashSet<Vec<u8>>,
    open: Vec<u8>,
    skus: FxHashSet<Vec<u8>>,
}

impl Numbers {
    fn see(
        &mut self,
        number: &[u8],
        sku: &[u8],
        place: impl Fn() -> String,
        findings: &mut Findings,
    ) {
        let example = || format!("{} {}", place(), shown(number));
        if self.open != number {
            self.ended.insert(std::mem::replace(&mut self.open, number.to_vec()));
            self.skus.clear();
            if self.ended.contains(number) {
                let done = "its lines are put together into one order";
                findings.add("order number that comes again", done, example);
            }
        }
        if !self.skus.insert(sku.to_ascii_uppercase()) {
            findings.add("code twice in one order", "kept as lines of their own", example);
        }
    }
}
