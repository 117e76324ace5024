//! The lock that makes an owner the only one.
//!
//! It is the kernel's (`flock`), so a killed owner leaves none behind; the file says who holds it.

use super::place::Place;
use crate::domain::Timestamp;
use rustix::fs::{FlockOperation, flock};
use serde::{Deserialize, Serialize};
use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

/// Who holds a data folder.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Holder {
    /// The owner's process.
    pub pid: u32,
    /// Its user.
    pub user: Box<str>,
    /// Wall time of its start.
    pub since: Timestamp,
    /// Where it listens.
    pub socket: PathBuf,
}

impl std::fmt::Display for Holder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "process {} of {} since {}", self.pid, self.user, self.since)
    }
}

/// Why the lock was not taken.
#[derive(Debug, thiserror::Error)]
pub enum Held {
    /// Somebody else holds it.
    #[error("{}: {}; attach to it with `stockdeck`, or end it with `kill {}`",
        .dir.display(), sentence(.holder), .holder.pid)]
    By {
        /// The data folder.
        dir: PathBuf,
        /// Who.
        holder: Holder,
    },
    /// Somebody else holds it and has not said who yet.
    #[error("{dir}: another owner is just starting there; try again in a moment", dir = .0.display())]
    Unnamed(PathBuf),
    /// The file cannot be opened or written.
    #[error("{path}: {source}", path = .path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

fn sentence(holder: &Holder) -> String {
    format!("the owner is process {} of {}, since {}", holder.pid, holder.user, holder.since)
}

/// The right to be the owner of a data folder; given back when dropped, or by the kernel.
#[derive(Debug)]
pub struct OwnerLock {
    place: Place,
    holder: Holder,
    _file: File,
}

impl OwnerLock {
    /// Takes the lock for this process, which will listen at `socket`.
    pub fn take(place: &Place, user: &str, socket: PathBuf) -> Result<Self, Held> {
        let failed = |source| Held::File { path: place.lock.clone(), source };
        let mut file = open(&place.lock).map_err(failed)?;
        if !try_lock(&file).map_err(failed)? {
            let dir = place.data_dir.clone();
            return Err(match holder(place) {
                Some(holder) => Held::By { dir, holder },
                None => Held::Unnamed(dir),
            });
        }
        let pid = std::process::id();
        let holder = Holder { pid, user: user.into(), since: Timestamp::wall_now(), socket };
        let text = serde_json::to_vec(&holder).map_err(|e| failed(e.into()))?;
        file.set_len(0)
            .and_then(|()| file.rewind())
            .and_then(|()| file.write_all(&text))
            .map_err(failed)?;
        Ok(OwnerLock { place: place.clone(), holder, _file: file })
    }

    /// Who holds it: this process.
    pub fn holder(&self) -> &Holder {
        &self.holder
    }

    /// What it holds.
    pub fn place(&self) -> &Place {
        &self.place
    }
}

/// Who holds a data folder now; `None`: nobody, or nobody who has said so yet.
pub fn holder(place: &Place) -> Option<Holder> {
    let mut file = File::open(&place.lock).ok()?;
    if flock(&file, FlockOperation::NonBlockingLockShared).is_ok() {
        return None;
    }
    let mut text = String::new();
    file.read_to_string(&mut text).ok()?;
    serde_json::from_str(&text).ok()
}

/// Whether an owner holds the data folder now.
pub fn is_held(place: &Place) -> bool {
    File::open(&place.lock)
        .is_ok_and(|file| flock(&file, FlockOperation::NonBlockingLockShared).is_err())
}

/// The right to start an owner, so that of many consoles that lost theirs only one does.
#[derive(Debug)]
pub struct StartLock(#[allow(dead_code, reason = "held open")] File);

impl StartLock {
    /// `None`: another client is starting one.
    pub fn take(place: &Place) -> io::Result<Option<Self>> {
        let file = open(&place.start_lock)?;
        Ok(try_lock(&file)?.then_some(StartLock(file)))
    }
}

fn open(path: &Path) -> io::Result<File> {
    OpenOptions::new().read(true).write(true).create(true).truncate(false).mode(0o640).open(path)
}

fn try_lock(file: &File) -> io::Result<bool> {
    match flock(file, FlockOperation::NonBlockingLockExclusive) {
        Ok(()) => Ok(true),
        Err(rustix::io::Errno::WOULDBLOCK) => Ok(false),
        Err(error) => Err(error.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_owner_is_told_who_holds_it_and_since_when() {
        let root = tempfile::tempdir().unwrap();
        let place = Place::of(root.path()).unwrap();
        assert_eq!(holder(&place), None);
        let first = OwnerLock::take(&place, "mei", place.new_socket().unwrap()).unwrap();
        let error = OwnerLock::take(&place, "jo", place.new_socket().unwrap()).unwrap_err();
        let (pid, since) = (std::process::id(), first.holder().since);
        let wanted = format!("the owner is process {pid} of mei, since {since}");
        assert!(error.to_string().contains(&wanted), "{error}");
        assert_eq!(holder(&place).as_ref(), Some(first.holder()));
        drop(first);
        assert_eq!(holder(&place), None);
        assert!(OwnerLock::take(&place, "jo", place.new_socket().unwrap()).is_ok());
    }

    #[test]
    fn only_one_client_starts_an_owner() {
        let root = tempfile::tempdir().unwrap();
        let place = Place::of(root.path()).unwrap();
        let first = StartLock::take(&place).unwrap();
        assert!(first.is_some());
        assert!(StartLock::take(&place).unwrap().is_none());
        drop(first);
        assert!(StartLock::take(&place).unwrap().is_some());
    }
}
