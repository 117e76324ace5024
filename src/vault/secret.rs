//! The store's secret: 32 random bytes in a file of their own, made at the store's first start.
//!
//! Pseudonyms and the vault's keys hang on it: a store that has another secret knows nobody.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

/// The file's name in the data folder.
pub const FILE: &str = "secret.key";

/// Why there is no secret.
#[derive(Debug, thiserror::Error)]
pub enum SecretError {
    /// The system refused.
    #[error("cannot {what} {}: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What was tried: `read`, `write`.
        what: &'static str,
        /// What the system says.
        source: io::Error,
    },
    /// It has another length.
    #[error("{} has {bytes} bytes, not 32; put the right file back", path.display())]
    Length {
        /// The file.
        path: PathBuf,
        /// How long it is.
        bytes: usize,
    },
    /// Others can read it.
    #[error("{} can be read by others; run `chmod 600 {}`", path.display(), path.display())]
    Open {
        /// The file.
        path: PathBuf,
    },
    /// The system gives no randomness.
    #[error("the system gives no random numbers: {0}")]
    Random(getrandom::Error),
}

/// The secret of a data folder; made where there is none. A crash leaves the file whole or absent.
///
/// # Errors
/// The file cannot be used as it is; it is left so.
pub fn of(dir: &Path) -> Result<[u8; 32], SecretError> {
    let path = dir.join(FILE);
    match std::fs::read(&path) {
        Ok(bytes) => {
            let failed = |source| SecretError::Io { path: path.clone(), what: "read", source };
            if std::fs::metadata(&path).map_err(failed)?.mode() & 0o077 != 0 {
                return Err(SecretError::Open { path });
            }
            let found = bytes.len();
            bytes.try_into().map_err(|_| SecretError::Length { path, bytes: found })
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let mut secret = [0; 32];
            getrandom::fill(&mut secret).map_err(SecretError::Random)?;
            write(dir, &secret).map_err(|source| SecretError::Io {
                path,
                what: "write",
                source,
            })?;
            Ok(secret)
        }
        Err(source) => Err(SecretError::Io { path, what: "read", source }),
    }
}

fn write(dir: &Path, secret: &[u8; 32]) -> io::Result<()> {
    let new = dir.join(format!("{FILE}.new"));
    let mut file = OpenOptions::new();
    let mut file = file.write(true).create(true).truncate(true).mode(0o600).open(&new)?;
    file.write_all(secret)?;
    file.sync_all()?;
    std::fs::rename(&new, dir.join(FILE))?;
    File::open(dir)?.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn a_secret_is_made_once_and_kept_from_others() {
        let dir = tempfile::tempdir().unwrap();
        let secret = of(dir.path()).unwrap();
        assert_eq!(of(dir.path()).unwrap(), secret);
        assert_ne!(secret, [0; 32]);
        let path = dir.path().join(FILE);
        let mode = |mode| std::fs::set_permissions(&path, PermissionsExt::from_mode(mode)).unwrap();
        mode(0o640);
        let error = of(dir.path()).unwrap_err().to_string();
        assert!(error.contains("chmod 600"), "{error}");
        mode(0o600);
        std::fs::write(&path, "short").unwrap();
        let error = of(dir.path()).unwrap_err().to_string();
        assert!(error.contains("5 bytes, not 32"), "{error}");
    }
}
