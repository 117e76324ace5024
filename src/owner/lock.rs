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
use std::time::{Duration, Instant};

/// Clients look at the lock by sharing it for a moment, so a new owner tries this long.
const TAKING: Duration = Duration::from_millis(300);
/// Pause between two tries.
const RETRY: Duration = Duration::from_millis(5);

/// How far an owner is in its life.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Phase {
    /// It opens the store and lets nobody in yet.
    #[default]
    Starting,
    /// It answers.
    Serving,
    /// It finishes its work and lets nobody in any more.
    Ending,
}

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
    /// How far it is.
    #[serde(default)]
    pub phase: Phase,
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
    file: File,
}

impl OwnerLock {
    /// Takes the lock for this process, which will listen at `socket`.
    pub fn take(place: &Place, user: &str, socket: PathBuf) -> Result<Self, Held> {
        let failed = |source| Held::File { path: place.lock.clone(), source };
        let file = open(&place.lock).map_err(failed)?;
        let give_up = Instant::now() + TAKING;
        while !try_lock(&file).map_err(failed)? {
            let dir = place.data_dir.clone();
            match standing(place) {
                Standing::Held(holder) => return Err(Held::By { dir, holder }),
                _ if Instant::now() > give_up => return Err(Held::Unnamed(dir)),
                // Somebody is only looking, or has not said yet who it is.
                _ => std::thread::sleep(RETRY),
            }
        }
        let pid = std::process::id();
        let since = Timestamp::wall_now();
        let holder = Holder { pid, user: user.into(), since, socket, phase: Phase::Starting };
        say(&file, &holder).map_err(failed)?;
        Ok(OwnerLock { place: place.clone(), holder, file })
    }

    /// Tells clients how far this owner is.
    pub fn say(&self, phase: Phase) {
        // Clients that do not hear it wait as long as for an owner that answers.
        if let Err(error) = say(&self.file, &Holder { phase, ..self.holder.clone() }) {
            tracing::warn!(%error, "the lock could not be written");
        }
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

/// How a data folder stands.
#[derive(Debug)]
pub enum Standing {
    /// No owner runs.
    Free,
    /// One runs and has not said yet who it is.
    Unnamed,
    /// One runs.
    Held(Holder),
    /// This user may not know.
    Unreadable(io::Error),
}

/// How a data folder stands now.
pub fn standing(place: &Place) -> Standing {
    let mut file = match File::open(&place.lock) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Standing::Free,
        Err(error) => return Standing::Unreadable(error),
    };
    match flock(&file, FlockOperation::NonBlockingLockShared) {
        Ok(()) => return Standing::Free,
        Err(rustix::io::Errno::WOULDBLOCK) => {}
        Err(error) => return Standing::Unreadable(error.into()),
    }
    let mut text = String::new();
    match file.read_to_string(&mut text) {
        Ok(_) => serde_json::from_str(&text).map_or(Standing::Unnamed, Standing::Held),
        Err(error) => Standing::Unreadable(error),
    }
}

/// Who holds a data folder now; `None`: nobody, or nobody who has said so yet.
pub fn holder(place: &Place) -> Option<Holder> {
    match standing(place) {
        Standing::Held(holder) => Some(holder),
        _ => None,
    }
}

fn say(mut file: &File, holder: &Holder) -> io::Result<()> {
    let text = serde_json::to_vec(holder)?;
    file.set_len(0)?;
    file.rewind()?;
    file.write_all(&text)
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
        first.say(Phase::Ending);
        assert_eq!(holder(&place).unwrap().phase, Phase::Ending);
        drop(first);
        assert_eq!(holder(&place), None);
        assert!(OwnerLock::take(&place, "jo", place.new_socket().unwrap()).is_ok());
    }

    #[test]
    fn a_client_that_looks_does_not_keep_an_owner_from_starting() {
        let root = tempfile::tempdir().unwrap();
        let place = Place::of(root.path()).unwrap();
        drop(OwnerLock::take(&place, "mei", place.new_socket().unwrap()).unwrap());
        let looking = File::open(&place.lock).unwrap();
        flock(&looking, FlockOperation::NonBlockingLockShared).unwrap();
        let (own, socket) = (place.clone(), place.new_socket().unwrap());
        let taking = std::thread::spawn(move || OwnerLock::take(&own, "jo", socket));
        drop(looking);
        assert!(taking.join().unwrap().is_ok());
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
