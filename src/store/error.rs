//! What can go wrong with the store, each as one sentence with the mend.

use std::path::{Path, PathBuf};

/// Why the store could not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Another process has the folder open.
    #[error(
        "the store in {} is held by another process; attach to that one, or stop it first",
        dir.display()
    )]
    Held {
        /// The folder.
        dir: PathBuf,
    },
    /// A newer program wrote the folder.
    #[error(
        "the store in {} has schema {found} and this program knows schemas up to {known}; use the newer program that wrote it, or move the folder away and let it be rebuilt",
        dir.display()
    )]
    Newer {
        /// The folder.
        dir: PathBuf,
        /// The schema that was found.
        found: u64,
        /// The newest schema that this program knows.
        known: u64,
    },
    /// The operating system refused something.
    #[error("the store in {} cannot be used: {reason}", dir.display())]
    Io {
        /// The folder.
        dir: PathBuf,
        /// What the system says.
        reason: String,
    },
    /// What is on disk is not what was written. The folder can be set aside and rebuilt.
    #[error(
        "the store in {} is damaged ({reason}); restart to set it aside and rebuild it",
        dir.display()
    )]
    Damaged {
        /// The folder.
        dir: PathBuf,
        /// What was found.
        reason: String,
    },
    /// A record has a shape that its table does not know.
    #[error(
        "a record of the table {table} cannot be read: {reason}; where it goes on after a restart, stop the program and move the folder `store` of its data folder away: it is made anew from the archive"
    )]
    Decode {
        /// The table.
        table: &'static str,
        /// What is wrong with it.
        reason: String,
    },
    /// A record cannot be written in the store's format.
    #[error("a record for the table {table} cannot be written: {reason}")]
    Encode {
        /// The table.
        table: &'static str,
        /// What is wrong with it.
        reason: String,
    },
}

impl StoreError {
    /// Sorts sled's errors into what a person can do about them.
    pub(super) fn from_sled(dir: &Path, error: &sled::Error) -> Self {
        let (dir, reason) = (dir.to_owned(), error.to_string());
        match error {
            sled::Error::Io(io) if reason.contains("could not acquire lock") => {
                tracing::debug!(%io, "lock refused");
                StoreError::Held { dir }
            }
            sled::Error::Io(io) => match io.kind() {
                std::io::ErrorKind::UnexpectedEof | std::io::ErrorKind::InvalidData => {
                    StoreError::Damaged { dir, reason }
                }
                _ => StoreError::Io { dir, reason },
            },
            _ => StoreError::Damaged { dir, reason },
        }
    }
    /// sled panicked: it does so on damage that it did not foresee.
    pub(super) fn from_panic(dir: &Path, panic: &(dyn std::any::Any + Send)) -> Self {
        let reason = panic
            .downcast_ref::<String>()
            .map(String::as_str)
            .or_else(|| panic.downcast_ref::<&str>().copied())
            .unwrap_or("it stopped without a reason");
        StoreError::Damaged { dir: dir.to_owned(), reason: reason.to_owned() }
    }
    /// Whether setting the folder aside and rebuilding it is the mend.
    pub fn is_damage(&self) -> bool {
        matches!(self, StoreError::Damaged { .. } | StoreError::Decode { .. })
    }
}
