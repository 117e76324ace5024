//! Where an owner's lock and socket lie.

use rustix::process::getuid;
use sha2::{Digest, Sha256};
use std::fs::{self, DirBuilder};
use std::io;
use std::os::unix::fs::{DirBuilderExt, MetadataExt};
use std::path::{Path, PathBuf};

/// The kernel takes socket paths of at most 107 bytes; some systems less.
const LONGEST_SOCKET_PATH: usize = 100;

/// Why the place cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum PlaceError {
    /// The folder cannot be made or read.
    #[error("{path}: {source}; choose another folder with --data-dir", path = .path.display())]
    Folder {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The folder for the socket belongs to somebody else.
    #[error("{path} belongs to user id {uid}; remove it, or set XDG_RUNTIME_DIR", path = .path.display())]
    Foreign {
        /// Which.
        path: PathBuf,
        /// Whose.
        uid: u32,
    },
}

/// The files of one data folder that an owner and its clients meet at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The data folder.
    pub data_dir: PathBuf,
    /// Held by the owner; says who it is and where it listens.
    pub lock: PathBuf,
    /// Held by the one client that is starting an owner.
    pub start_lock: PathBuf,
    /// What an owner that could not start says.
    pub error: PathBuf,
    /// What an owner that a console started writes to its standard error.
    pub output: PathBuf,
}

impl Place {
    /// The place of a data folder, which is made (0700) if it is not there.
    pub fn of(data_dir: &Path) -> Result<Self, PlaceError> {
        let folder = |source| PlaceError::Folder { path: data_dir.to_owned(), source };
        make_folder(data_dir).map_err(folder)?;
        let data_dir = data_dir.canonicalize().map_err(folder)?;
        Ok(Place {
            lock: data_dir.join("owner.lock"),
            start_lock: data_dir.join("start.lock"),
            error: data_dir.join("owner.error"),
            output: data_dir.join("owner.out"),
            data_dir,
        })
    }

    /// Where a new owner listens: in the data folder, or, when that path is too long for a socket,
    /// in the user's runtime folder under a hash of it.
    pub fn new_socket(&self) -> Result<PathBuf, PlaceError> {
        let runtime = std::env::var_os("XDG_RUNTIME_DIR").map(PathBuf::from);
        self.socket_within(runtime.as_deref())
    }

    fn socket_within(&self, runtime: Option<&Path>) -> Result<PathBuf, PlaceError> {
        let near = self.data_dir.join("owner.sock");
        if fits(&near) {
            return Ok(near);
        }
        let hash = Sha256::digest(self.data_dir.as_os_str().as_encoded_bytes());
        let name: String = hash.iter().take(8).map(|b| format!("{b:02x}")).collect();
        let uid = getuid().as_raw();
        let runtime = runtime.map(|r| r.join("stockdeck")).filter(|r| fits(&r.join(&name)));
        let folder = runtime.unwrap_or_else(|| PathBuf::from(format!("/tmp/stockdeck-{uid}")));
        let failed = |source| PlaceError::Folder { path: folder.clone(), source };
        make_folder(&folder).map_err(failed)?;
        let meta = fs::symlink_metadata(&folder).map_err(failed)?;
        if meta.uid() != uid || !meta.is_dir() || meta.mode() & 0o022 != 0 {
            return Err(PlaceError::Foreign { path: folder, uid: meta.uid() });
        }
        Ok(folder.join(format!("{name}.sock")))
    }

    /// Leaves the sentence for which an owner could not start, for the client that started it.
    pub fn leave_error(&self, sentence: &str) {
        // Best effort: the sentence also goes to the log, and the exit status tells the rest.
        let _ = fs::write(&self.error, sentence);
    }

    /// What the last owner that could not start said.
    pub fn error_left(&self) -> Option<String> {
        let text = fs::read_to_string(&self.error).ok()?;
        Some(text.trim().to_owned()).filter(|t| !t.is_empty())
    }
}

fn fits(path: &Path) -> bool {
    path.as_os_str().len() <= LONGEST_SOCKET_PATH
}

/// Makes a folder for its user alone. One that exists keeps its mode: a group may be meant to
/// reach it.
fn make_folder(path: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_data_folder_is_its_users_alone() {
        let root = tempfile::tempdir().unwrap();
        let place = Place::of(&root.path().join("deep/data")).unwrap();
        assert_eq!(fs::metadata(&place.data_dir).unwrap().mode() & 0o777, 0o700);
        assert_eq!(place.new_socket().unwrap(), place.data_dir.join("owner.sock"));
    }

    #[test]
    fn a_path_too_long_for_a_socket_moves_it_to_the_runtime_folder() {
        let root = tempfile::tempdir().unwrap();
        let runtime = root.path().join("run");
        let place = |name: &str| Place::of(&root.path().join(name.repeat(60))).unwrap();
        let (a, b) = (place("a"), place("b"));
        let long = |p: &Place| {
            let deep = Place::of(&p.data_dir.join("x".repeat(100))).unwrap();
            deep.socket_within(Some(&runtime)).unwrap()
        };
        assert!(long(&a).starts_with(runtime.join("stockdeck")));
        assert!(fits(&long(&a)));
        assert_eq!(long(&a), long(&a));
        assert_ne!(long(&a), long(&b));
        assert_eq!(fs::metadata(runtime.join("stockdeck")).unwrap().mode() & 0o777, 0o700);
    }

    #[test]
    fn a_folder_that_others_can_write_is_not_used() {
        use std::os::unix::fs::PermissionsExt;
        let root = tempfile::tempdir().unwrap();
        let open = root.path().join("stockdeck");
        fs::create_dir(&open).unwrap();
        fs::set_permissions(&open, fs::Permissions::from_mode(0o777)).unwrap();
        let deep = Place::of(&root.path().join("x".repeat(120))).unwrap();
        assert!(matches!(deep.socket_within(Some(root.path())), Err(PlaceError::Foreign { .. })));
    }

    #[test]
    fn a_folder_that_cannot_be_made_is_named() {
        let error = Place::of(Path::new("/dev/null/data")).unwrap_err().to_string();
        assert!(error.starts_with("/dev/null/data: ") && error.contains("--data-dir"), "{error}");
    }
}
