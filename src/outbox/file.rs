//! Files in a folder that another system watches.
//!
//! A file is written under a hidden name, synced, and renamed: whoever lists the folder sees whole
//! files only. Its name follows from the order's number, so that an order that is dropped twice is
//! one file; one that holds another order of that number is left alone.

use super::document::PurchaseDocument;
use super::error::DeliveryError;
use super::mail::{self, Letterhead};
use super::{Delivered, Request, ShippingNotice, Target};
use crate::domain::Timestamp;
use crate::feed::Pending;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// How a document looks as a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FileShape {
    /// A row a line.
    Csv,
    /// One object.
    Json,
    /// A letter, ready to be mailed.
    Mail(Letterhead),
}

impl FileShape {
    /// The file's extension.
    pub const fn extension(&self) -> &'static str {
        match self {
            FileShape::Csv => "csv",
            FileShape::Json => "json",
            FileShape::Mail(_) => "eml",
        }
    }
    /// The words by which a file of this shape is known to hold the document.
    fn mark(&self, document: &PurchaseDocument) -> String {
        let key = &document.key;
        match self {
            FileShape::Csv => format!(",{key},"),
            FileShape::Json => format!("\"key\":\"{key}\""),
            FileShape::Mail(_) => mail::message_id(document),
        }
    }
    fn text(&self, document: &PurchaseDocument) -> String {
        match self {
            FileShape::Csv => document.csv(),
            FileShape::Json => document.json(),
            FileShape::Mail(head) => mail::letter(document, head),
        }
    }
}

/// A folder that takes documents.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileDrop {
    /// Its name in the configuration.
    pub name: String,
    /// The folder.
    pub folder: PathBuf,
    /// How documents look there.
    pub shape: FileShape,
}

impl FileDrop {
    fn path(&self, document: &PurchaseDocument) -> PathBuf {
        self.folder.join(format!("{}.{}", document.file_stem(), self.shape.extension()))
    }
}

impl Target for FileDrop {
    fn name(&self) -> &str {
        &self.name
    }
    fn request(&self, document: &PurchaseDocument, _now: Timestamp) -> Request {
        Request {
            line: format!("write {}", self.path(document).display()),
            headers: Vec::new(),
            body: self.shape.text(document),
        }
    }
    fn deliver<'a>(
        &'a self,
        document: &'a PurchaseDocument,
    ) -> Pending<'a, Result<Delivered, DeliveryError>> {
        Box::pin(async move {
            let (path, text) = (self.path(document), self.shape.text(document));
            let name = path.file_name().map(|name| name.to_string_lossy().into_owned());
            let mark = self.shape.mark(document);
            let written = tokio::task::spawn_blocking(move || {
                let wrong = |verb: &str, error: io::Error| {
                    // A folder that is missing or full may be mended without anybody's telling us.
                    DeliveryError::transient(format!("cannot {verb} {}: {error}", path.display()))
                };
                if holds_another(&path, &mark).map_err(|error| wrong("read", error))? {
                    return Err(DeliveryError::permanent(format!(
                        "{} is there and holds another order, of another store or of one before a \
                         backup was restored; take it away, or give this store a folder or an \
                         [approvals] prefix of its own",
                        path.display()
                    )));
                }
                put(&path, text.as_bytes()).map_err(|error| wrong("write", error))
            });
            written
                .await
                .unwrap_or_else(|error| Err(DeliveryError::transient(error.to_string())))?;
            Ok(Delivered { reference: name.map(Into::into), confirmed: None })
        })
    }
    fn notify<'a>(
        &'a self,
        notice: &'a ShippingNotice,
    ) -> Pending<'a, Result<Delivered, DeliveryError>> {
        Box::pin(async move {
            if self.shape != FileShape::Json {
                return Err(DeliveryError::permanent(format!(
                    "target {} takes orders to suppliers only; name one of kind webhook or json as \
                     the target under [shipping]",
                    self.name
                )));
            }
            let name = format!("{}.json", notice.file_stem());
            let (path, text) = (self.folder.join(&name), notice.json());
            let written = tokio::task::spawn_blocking(move || {
                put(&path, text.as_bytes()).map_err(|error| {
                    DeliveryError::transient(format!("cannot write {}: {error}", path.display()))
                })
            });
            written
                .await
                .unwrap_or_else(|error| Err(DeliveryError::transient(error.to_string())))?;
            Ok(Delivered { reference: Some(name.into()), confirmed: None })
        })
    }
}

/// Whether a file is there that holds something else than the document with this mark.
fn holds_another(path: &Path, mark: &str) -> io::Result<bool> {
    match fs::read(path) {
        Ok(bytes) => Ok(!String::from_utf8_lossy(&bytes).contains(mark)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

/// Writes a file so that it is there whole or not at all, also after a power cut.
fn put(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let hidden = folder.join(format!(".{name}.part"));
    let mut file = File::create(&hidden)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    drop(file);
    fs::rename(&hidden, path)?;
    File::open(folder)?.sync_all()
}
