//! No two tables of the store share a tag: their records would lie among each other, and neither could be read.

use std::collections::BTreeMap;
use std::fs::{read_dir, read_to_string};
use std::path::Path;

/// Every program file under a folder, without those of tests.
fn sources(dir: &Path, found: &mut Vec<String>) {
    for entry in read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() && !path.ends_with("tests") {
            sources(&path, found);
        } else if path.extension().is_some_and(|end| end == "rs") && !path.ends_with("tests.rs") {
            let text = read_to_string(&path).unwrap();
            found.push(text.split("#[cfg(test)]\nmod ").next().unwrap().to_owned());
        }
    }
}

/// The name in `NAME = TAG, "label", …` of the table macro.
fn of_macro(line: &str) -> Option<(u8, &str)> {
    let (name, rest) = line.trim().split_once(" = ")?;
    let (tag, label) = rest.split_once(", \"")?;
    name.chars().all(char::is_alphanumeric).then_some(())?;
    Some((tag.parse().ok()?, label.split('"').next()?))
}

#[test]
fn no_two_tables_share_a_tag() {
    let mut texts = Vec::new();
    sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut texts);
    let mut tables: BTreeMap<u8, Vec<String>> = BTreeMap::new();
    for text in &texts {
        let mut table = "";
        for line in text.lines() {
            if let Some((_, name)) = line.split_once("impl Table for ") {
                table = name.trim_end_matches(" {");
            }
            let tag = line.trim().strip_prefix("const TAG: u8 = ");
            let own = tag.and_then(|tag| Some((tag.trim_end_matches(';').parse().ok()?, table)));
            if let Some((tag, name)) = own.or_else(|| of_macro(line)) {
                tables.entry(tag).or_default().push(name.to_owned());
            }
        }
    }
    assert!(tables.len() > 35, "tables are declared in another way: {tables:?}");
    let shared: Vec<_> = tables.iter().filter(|(_, names)| names.len() > 1).collect();
    assert!(shared.is_empty(), "{shared:?}");
}
