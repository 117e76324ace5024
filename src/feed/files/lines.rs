//! Lines of a file within bounds, and the records of CSV that they make.
//!
//! Invariant: no line and no record takes more than [`LONGEST`] bytes of memory, whatever the file
//! holds; every line belongs to one record or to one problem.

use csv::ByteRecord;
use std::collections::VecDeque;
use std::io::{BufRead, BufReader, Read};

/// The longest line, and the longest record of several lines, in bytes.
pub const LONGEST: usize = 1 << 20;

type Bytes = Box<dyn Read + Send>;

/// Reads lines, each with its number from 1.
pub struct Lines {
    reader: BufReader<Bytes>,
    /// `\n`; `\r` in files of very old machines.
    end: u8,
    number: u64,
    /// Lines that were read ahead and are read again.
    again: VecDeque<(u64, Vec<u8>)>,
}

/// A line that was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LineAt {
    /// Its number.
    pub number: u64,
    /// Whether it was longer than is kept; what is kept of it is its beginning.
    pub cut: bool,
}

impl Lines {
    /// `head` is the beginning of what `bytes` yields.
    pub fn new(bytes: Bytes, head: &[u8]) -> Self {
        let end = if head.contains(&b'\r') && !head.contains(&b'\n') { b'\r' } else { b'\n' };
        let reader = BufReader::with_capacity(64 << 10, bytes);
        Lines { reader, end, number: 0, again: VecDeque::new() }
    }
    /// Reads the next line without its end; `None` after the last.
    pub fn next(&mut self, line: &mut Vec<u8>) -> std::io::Result<Option<LineAt>> {
        line.clear();
        if let Some((number, kept)) = self.again.pop_front() {
            line.extend_from_slice(&kept);
            return Ok(Some(LineAt { number, cut: false }));
        }
        let mut bounded = (&mut self.reader).take(LONGEST as u64 + 1);
        if bounded.read_until(self.end, line)? == 0 {
            return Ok(None);
        }
        self.number += 1;
        let mut cut = false;
        if line.last() == Some(&self.end) {
            line.pop();
        } else if line.len() > LONGEST {
            cut = true;
            self.skip_line()?;
        }
        if line.last() == Some(&b'\r') {
            line.pop();
        }
        if self.number == 1 && line.starts_with(b"\xef\xbb\xbf") {
            line.drain(..3);
        }
        Ok(Some(LineAt { number: self.number, cut }))
    }
    fn skip_line(&mut self) -> std::io::Result<()> {
        loop {
            let ahead = self.reader.fill_buf()?;
            let (used, ended) = match ahead.iter().position(|b| *b == self.end) {
                Some(at) => (at + 1, true),
                None => (ahead.len(), ahead.is_empty()),
            };
            self.reader.consume(used);
            if ended {
                return Ok(());
            }
        }
    }
    /// Lines that are to be read again, before all others.
    pub fn read_again(&mut self, lines: Vec<(u64, Vec<u8>)>) {
        for line in lines.into_iter().rev() {
            self.again.push_front(line);
        }
    }
}

/// Reads records of CSV. A quoted field may hold ends of lines.
pub struct Records {
    lines: Lines,
    delimiter: u8,
    line: Vec<u8>,
    field: Vec<u8>,
}

/// Where a record stands, and what is wrong with it.
#[derive(Debug, PartialEq, Eq)]
pub struct RecordAt {
    /// Its first line.
    pub line: u64,
    /// Why it is none.
    pub problem: Option<String>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Within {
    FieldStart,
    Plain,
    Quoted,
    AfterQuote,
}

impl Records {
    /// Records whose fields are parted by `delimiter`.
    pub fn new(lines: Lines, delimiter: u8) -> Self {
        Records { lines, delimiter, line: Vec::new(), field: Vec::new() }
    }

    /// Reads the next record; `width` is the number of fields it should have, where that is known.
    ///
    /// A record of several lines that does not have them began with a quote that nobody closed: its
    /// first line alone is the problem, and the others are read on their own.
    pub fn next(
        &mut self,
        row: &mut ByteRecord,
        width: Option<usize>,
    ) -> std::io::Result<Option<RecordAt>> {
        let first = loop {
            match self.lines.next(&mut self.line)? {
                None => return Ok(None),
                Some(_) if self.line.is_empty() => {}
                Some(at) => break at,
            }
        };
        row.clear();
        if first.cut {
            let problem = Some("the line is longer than 1 MiB".to_owned());
            return Ok(Some(RecordAt { line: first.number, problem }));
        }
        self.field.clear();
        let mut within = self.take_line(Within::FieldStart, row);
        if within != Within::Quoted {
            return Ok(Some(RecordAt { line: first.number, problem: None }));
        }
        let beginning = self.line.clone();
        let (mut more, mut length) = (Vec::new(), self.line.len());
        while within == Within::Quoted {
            let Some(at) = self.lines.next(&mut self.line)? else { break };
            length += self.line.len();
            more.push((at.number, self.line.clone()));
            if at.cut || length > LONGEST {
                break;
            }
            self.field.push(b'\n');
            within = self.take_line(Within::Quoted, row);
        }
        let whole = within != Within::Quoted && width.is_none_or(|width| row.len() == width);
        if whole {
            return Ok(Some(RecordAt { line: first.number, problem: None }));
        }
        let lines = more.len();
        self.lines.read_again(more);
        row.clear();
        self.field.clear();
        self.line = beginning;
        self.take_line(Within::FieldStart, row);
        row.push_field(&self.field);
        let problem = Some(format!(
            "a quote in it is not closed; the {lines} lines after it that it would swallow are \
             read on their own"
        ));
        Ok(Some(RecordAt { line: first.number, problem }))
    }

    /// Takes the fields of a line; the last one too, unless the line ends within quotes.
    fn take_line(&mut self, mut within: Within, row: &mut ByteRecord) -> Within {
        if within == Within::FieldStart && !self.line.contains(&b'"') {
            self.line.split(|b| *b == self.delimiter).for_each(|field| row.push_field(field));
            return Within::Plain;
        }
        for &byte in &self.line {
            within = match (within, byte) {
                (Within::Quoted, b'"') => Within::AfterQuote,
                (Within::Quoted, byte) => {
                    self.field.push(byte);
                    Within::Quoted
                }
                (Within::FieldStart, b'"') => Within::Quoted,
                (Within::AfterQuote, b'"') => {
                    self.field.push(b'"');
                    Within::Quoted
                }
                (_, byte) if byte == self.delimiter => {
                    row.push_field(&self.field);
                    self.field.clear();
                    Within::FieldStart
                }
                (_, byte) => {
                    self.field.push(byte);
                    Within::Plain
                }
            };
        }
        if within != Within::Quoted {
            row.push_field(&self.field);
            self.field.clear();
        }
        within
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn records(text: &[u8], delimiter: u8, width: usize) -> Vec<(u64, Vec<String>, bool)> {
        let lines = Lines::new(Box::new(std::io::Cursor::new(text.to_vec())), text);
        let mut records = Records::new(lines, delimiter);
        let (mut row, mut all) = (ByteRecord::new(), Vec::new());
        while let Some(at) = records.next(&mut row, Some(width)).unwrap() {
            let fields = row.iter().map(|f| String::from_utf8_lossy(f).into_owned());
            all.push((at.line, fields.collect(), at.problem.is_some()));
        }
        all
    }

    /// What the csv crate makes of it, which many files have been tried with.
    fn by_the_crate(text: &[u8], delimiter: u8) -> Vec<Vec<String>> {
        let mut reader = csv::ReaderBuilder::new();
        let reader = reader.delimiter(delimiter).flexible(true).has_headers(false);
        let rows = reader.from_reader(text).into_byte_records();
        let fields = |row: ByteRecord| {
            row.iter().map(|f| String::from_utf8_lossy(f).into_owned()).collect::<Vec<_>>()
        };
        rows.map(|row| fields(row.unwrap())).collect()
    }

    #[test]
    fn fields_come_as_from_any_other_reader() {
        for text in [
            &b"a,b,c\n1,2,3\n"[..],
            b"a,b,c\r\n1,\"x, y\",3\r\n\r\n,,\r\n",
            b"a,\"say \"\"hi\"\" now\",c",
            b"\"two\nlines\",b,c\n1,2,3",
            b"a,b\"c\"d,e\n\"x\"y,2,3",
            b"\"\",\"\",\"\"\n",
            b"a\rb\rc\r",
        ] {
            let ours: Vec<_> = records(text, b',', 3).into_iter().map(|r| r.1).collect();
            assert_eq!(ours, by_the_crate(text, b','), "{:?}", String::from_utf8_lossy(text));
        }
        assert_eq!(records(b"\xef\xbb\xbfa;b", b';', 2)[0].1, ["a", "b"]);
    }

    #[test]
    fn a_quote_that_is_not_closed_costs_its_own_line_only() {
        let text = b"1,a,2\n2,\"b,3\n3,c,4\n4,\"d, e\",5\n5,f,6\n";
        let told = records(text, b',', 3);
        let bad: Vec<u64> = told.iter().filter(|r| r.2).map(|r| r.0).collect();
        let good: Vec<u64> = told.iter().filter(|r| !r.2).map(|r| r.0).collect();
        assert_eq!((bad, good), (vec![2], vec![1, 3, 4, 5]));
        assert_eq!(told[3].1, ["4", "d, e", "5"]);
    }

    #[test]
    fn neither_a_line_nor_a_record_grows_without_end() {
        let mut text = b"1,\"open".to_vec();
        for line in 0..60_000 {
            text.extend_from_slice(format!("\n{line},some text that goes on,x").as_bytes());
        }
        let told = records(&text, b',', 3);
        assert_eq!(told.len(), 60_001);
        assert_eq!(told.iter().filter(|r| r.2).count(), 1);
        let mut long = vec![b'x'; 3 * LONGEST];
        long.extend_from_slice(b"\n1,2,3\n");
        let told = records(&long, b',', 3);
        assert_eq!((told.len(), told[0].2, told[1].0, told[1].2), (2, true, 2, false));
    }
}
