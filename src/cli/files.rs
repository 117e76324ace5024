//! Files that commands read and write: plain, or gzip by the file's ending; `-` is standard input or
//! output.

use flate2::{Compression, read::MultiGzDecoder, write::GzEncoder};
use std::fs::File;
use std::io::{self, BufWriter, Read, Write};
use std::path::Path;

/// All of a file as text.
pub fn read_text(path: &Path) -> io::Result<String> {
    let mut text = String::new();
    if path == Path::new("-") {
        io::stdin().lock().read_to_string(&mut text)?;
    } else if packed(path) {
        MultiGzDecoder::new(File::open(path)?).read_to_string(&mut text)?;
    } else {
        File::open(path)?.read_to_string(&mut text)?;
    }
    Ok(text)
}

fn packed(path: &Path) -> bool {
    path.extension().is_some_and(|ending| ending == "gz")
}

/// A file that is written.
pub enum Out {
    /// As it is.
    Plain(BufWriter<Box<dyn Write>>),
    /// Gzip.
    Packed(GzEncoder<BufWriter<Box<dyn Write>>>),
}

impl Out {
    /// Begins it anew.
    pub fn create(path: &Path) -> io::Result<Self> {
        if path == Path::new("-") {
            return Ok(Self::Plain(BufWriter::new(Box::new(io::stdout()))));
        }
        let file = BufWriter::new(Box::new(File::create(path)?) as Box<dyn Write>);
        Ok(if packed(path) {
            Self::Packed(GzEncoder::new(file, Compression::fast()))
        } else {
            Self::Plain(file)
        })
    }

    /// Writes what is still held back.
    pub fn finish(self) -> io::Result<()> {
        match self {
            Self::Plain(mut out) => out.flush(),
            Self::Packed(out) => out.finish()?.flush(),
        }
    }
}

impl Write for Out {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Plain(out) => out.write(bytes),
            Self::Packed(out) => out.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Plain(out) => out.flush(),
            Self::Packed(out) => out.flush(),
        }
    }
}
