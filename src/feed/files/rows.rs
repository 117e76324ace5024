//! Rows of a file, whatever its form: CSV of any delimiter, or NDJSON, each row with its line.
//!
//! Invariant: every row that the file holds comes out once, as a row or as a problem with its place.

use super::input::{self, Input};
use super::lines::{Lines, Records};
use super::preset::{Field, Layout, Preset};
use super::text::decode;
use super::{Mapping, permanent};
use crate::domain::text::clean;
use crate::feed::FeedError;
use csv::ByteRecord;
use serde_json::Value;
use std::collections::VecDeque;
use std::io::{Cursor, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// How a file's rows are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// CSV with this delimiter.
    Csv(u8),
    /// One JSON object a line.
    Ndjson,
}

const HEAD: u64 = 64 << 10;

type Bytes = Box<dyn Read + Send>;

enum Body {
    Csv { records: Records, width: usize },
    Ndjson { lines: Lines, at: u64, text: Vec<u8>, waiting: VecDeque<ByteRecord> },
}

/// A file that is being read row by row.
pub struct Rows {
    body: Body,
    path: PathBuf,
    keys: Vec<String>,
    done: Arc<AtomicU64>,
    /// Length of the file as it lies.
    pub total: u64,
    /// What its columns are called.
    pub headings: Vec<String>,
    /// How its rows are written.
    pub form: Form,
    /// Where the fields lie in a row.
    pub layout: Layout,
}

/// Where a row stands and whether it is one.
#[derive(Debug, PartialEq, Eq)]
pub struct RowAt {
    /// Its line, counted from 1.
    pub line: u64,
    /// Why it is no row.
    pub problem: Option<String>,
}

impl Rows {
    /// Opens a file and finds the preset's columns in it.
    pub fn open(path: &Path, preset: &Preset, mapping: &Mapping) -> Result<Rows, FeedError> {
        Rows::of(path, input::open(path)?, preset, mapping)
    }
    /// Finds the preset's columns in what is read; `path` is for messages.
    pub fn of(
        path: &Path,
        input: Input,
        preset: &Preset,
        mapping: &Mapping,
    ) -> Result<Rows, FeedError> {
        let Input { mut bytes, done, total } = input;
        let mut head = Vec::new();
        bytes
            .by_ref()
            .take(HEAD)
            .read_to_end(&mut head)
            .map_err(|error| input::broken(path, &error))?;
        let name = input::short_name(path);
        let form = form_of(&name, &head)?;
        let rest: Bytes = Box::new(Cursor::new(head.clone()).chain(bytes));
        let broken = |error: std::io::Error| input::broken(path, &error);
        let mut lines = Lines::new(rest, &head);
        let (body, layout, headings, keys) = match form {
            Form::Csv(delimiter) => {
                let mut records = Records::new(lines, delimiter);
                let mut header = ByteRecord::new();
                records.next(&mut header, None).map_err(broken)?;
                let headings: Vec<String> = header.iter().map(|h| clean(&decode(h))).collect();
                let layout = preset.layout(&name, &headings, mapping)?;
                (Body::Csv { records, width: headings.len() }, layout, headings, Vec::new())
            }
            Form::Ndjson => {
                let mut text = Vec::new();
                let mut first = lines.next(&mut text).map_err(broken)?;
                while first.is_some() && text.trim_ascii().is_empty() {
                    first = lines.next(&mut text).map_err(broken)?;
                }
                let keys = keys_of(&name, &text, preset, mapping)?;
                let layout = preset.layout(&name, &keys, mapping)?;
                lines.read_again(first.map(|at| (at.number, text)).into_iter().collect());
                let waiting = VecDeque::new();
                let body = Body::Ndjson { lines, at: 0, text: Vec::new(), waiting };
                (body, layout, keys.clone(), keys)
            }
        };
        Ok(Rows { body, path: path.to_owned(), keys, done, total, headings, form, layout })
    }
    /// Columns of the file that the preset takes nothing from.
    pub fn unread(&self) -> impl Iterator<Item = &str> {
        let named = self.headings.iter().map(String::as_str).enumerate();
        named.filter(|(at, name)| !name.is_empty() && !self.layout.reads(*at)).map(|(_, name)| name)
    }
    /// Bytes of the file that have been read, as it lies.
    pub fn done(&self) -> u64 {
        self.done.load(Ordering::Relaxed)
    }
    /// Reads the next row into `row`; `None` at the end of the file.
    pub fn next(&mut self, row: &mut ByteRecord) -> Result<Option<RowAt>, FeedError> {
        let broken = |error: std::io::Error| input::broken(&self.path, &error);
        match &mut self.body {
            Body::Csv { records, width } => {
                let Some(at) = records.next(row, Some(*width)).map_err(broken)? else {
                    return Ok(None);
                };
                let surplus = row.iter().skip(*width).any(|field| !field.is_empty());
                let odd = row.len() < *width || surplus;
                let fields = || format!("the row has {} fields and the header {width}", row.len());
                let problem = at.problem.or_else(|| odd.then(fields));
                Ok(Some(RowAt { line: at.line, problem }))
            }
            Body::Ndjson { lines, at, text, waiting } => loop {
                if let Some(next) = waiting.pop_front() {
                    *row = next;
                    return Ok(Some(RowAt { line: *at, problem: None }));
                }
                let Some(line) = lines.next(text).map_err(broken)? else { return Ok(None) };
                *at = line.number;
                if line.cut {
                    return Ok(Some(no_object(row, *at, "is longer than 1 MiB")));
                }
                let body = text.trim_ascii();
                if body.is_empty() {
                    continue;
                }
                match serde_json::from_str::<Value>(&decode(body)) {
                    Ok(Value::Object(object)) => waiting.extend(flatten(&object, &self.keys)),
                    Ok(_) => return Ok(Some(no_object(row, *at, "is no JSON object"))),
                    Err(_) => return Ok(Some(no_object(row, *at, "is no valid JSON"))),
                }
            },
        }
    }
}

fn no_object(row: &mut ByteRecord, line: u64, what: &str) -> RowAt {
    // The text of a line that is no object cannot be masked field by field, so none of it is kept.
    row.clear();
    RowAt { line, problem: Some(format!("the line {what}")) }
}

fn form_of(name: &str, head: &[u8]) -> Result<Form, FeedError> {
    if head.starts_with(&[0xff, 0xfe]) || head.starts_with(&[0xfe, 0xff]) {
        return Err(permanent(format!("{name} is UTF-16; save it as UTF-8")));
    }
    let body = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head).trim_ascii_start();
    if body.contains(&0) {
        return Err(permanent(format!("{name} is no text; save it as CSV (UTF-8) or NDJSON")));
    }
    match body.first() {
        None => Err(permanent(format!("{name} is empty; a header line is due"))),
        Some(b'{') => Ok(Form::Ndjson),
        Some(b'[') => {
            Err(permanent(format!("{name} is a JSON array; write one JSON object a line")))
        }
        Some(_) => Ok(Form::Csv(delimiter_of(body))),
    }
}

/// The sign that parts most headings of the first line, quotes apart.
fn delimiter_of(body: &[u8]) -> u8 {
    let mut counts = [0_usize; 4];
    let signs = [b',', b';', b'\t', b'|'];
    let mut quoted = false;
    for b in body {
        match b {
            b'"' => quoted = !quoted,
            b'\n' if !quoted => break,
            b if !quoted => {
                if let Some(k) = signs.iter().position(|s| s == b) {
                    counts[k] += 1;
                }
            }
            _ => {}
        }
    }
    let mut best = 0;
    for k in 1..signs.len() {
        if counts[k] > counts[best] {
            best = k;
        }
    }
    signs[best]
}

/// Keys that are looked for in every object: those of the first one, of its first `lines` element,
/// and, since objects need not all have the same, what else the optional fields may be called.
fn keys_of(
    name: &str,
    first: &[u8],
    preset: &Preset,
    mapping: &Mapping,
) -> Result<Vec<String>, FeedError> {
    let Ok(Value::Object(object)) = serde_json::from_str::<Value>(&decode(first.trim_ascii()))
    else {
        return Err(permanent(format!(
            "line 1 of {name} is no JSON object; write one JSON object a line"
        )));
    };
    let mut keys: Vec<String> = object.keys().filter(|k| *k != "lines").cloned().collect();
    if let Some(Value::Object(line)) =
        object.get("lines").and_then(Value::as_array).and_then(|l| l.first())
    {
        keys.extend(line.keys().filter(|k| !object.contains_key(*k)).cloned());
    }
    for (field, required) in preset.fields() {
        let mapped = mapping.iter().rev().find(|(ours, _)| Field::named(ours) == Some(field));
        let also = match mapped {
            Some((_, theirs)) if !required => theirs.to_string(),
            Some(_) => continue,
            None => field.name().to_owned(),
        };
        if !required && !preset.is_among(field, &keys, mapped.map(|(_, theirs)| &**theirs)) {
            keys.push(also);
        }
    }
    Ok(keys)
}

/// One row per element of `lines`, the order's own fields repeated; without `lines`, one row.
fn flatten(object: &serde_json::Map<String, Value>, keys: &[String]) -> Vec<ByteRecord> {
    let row = |line: Option<&Value>| -> ByteRecord {
        let value = |key: &String| line.and_then(|l| l.get(key)).or_else(|| object.get(key));
        keys.iter().map(|key| scalar(value(key))).collect()
    };
    match object.get("lines").and_then(Value::as_array) {
        Some(lines) if !lines.is_empty() => lines.iter().map(|line| row(Some(line))).collect(),
        _ => vec![row(None)],
    }
}

/// A value as the text it was; numbers of up to fifteen digits come back exactly.
fn scalar(value: Option<&Value>) -> String {
    match value {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_delimiter_is_what_parts_the_headings() {
        assert_eq!(delimiter_of(b"a,b;c,d\n1;2;3;4"), b',');
        assert_eq!(delimiter_of(b"a;\"b,c,d,e\";c\n"), b';');
        assert_eq!(delimiter_of(b"a\tb\n"), b'\t');
        assert_eq!(delimiter_of(b"a|b|c"), b'|');
        assert_eq!(delimiter_of(b"single"), b',');
    }

    #[test]
    fn columns_that_nothing_is_read_from_are_named() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("items.csv");
        std::fs::write(&path, "sku,cost,pack,pack_size\nMUG,2.50,6,12\n").unwrap();
        let unread = |columns: &Mapping| crate::feed::files::fits(&path, "items", columns).unwrap();
        assert_eq!(unread(&[]), ["cost", "pack_size"]);
        let named = [("unit_cost".into(), "cost".into()), ("pack".into(), "pack_size".into())];
        assert_eq!(unread(&named), ["pack"]);
    }

    #[test]
    fn what_is_no_table_is_said_so() {
        for (head, part) in [
            (&b""[..], "is empty"),
            (b"\xff\xfea\0", "UTF-16"),
            (b"PK\x03\x04\0\0", "no text"),
            (b" [{}]", "array"),
        ] {
            let text = form_of("f", head).unwrap_err().to_string();
            assert!(text.contains(part), "{text}");
        }
    }
}
