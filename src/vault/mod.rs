//! The vault: one random key per person, so that forgetting a person is destroying a key.
//!
//! What is sealed lies in the store and in the archive, neither of which can be trusted to lose a
//! byte that was deleted. So the keys lie apart, in one file of slots of fixed size. A person's slot
//! holds their key, wrapped under a key that is derived from the store's `secret.key`; forgetting
//! overwrites the slot in place, is on disk when it returns, and leaves a tombstone so that the
//! same person, told again by a feed, is not kept again.
//!
//! | bytes of a slot | what |
//! |---|---|
//! | 16 | whose: a keyed hash of the subject |
//! | 1 | 1: a key, 2: forgotten |
//! | 24 | nonce of the wrapping |
//! | 48 | the wrapped key |
//! | 35 | nothing |
//! | 4 | CRC-32 of all before, little-endian |
//!
//! Ciphers are XChaCha20-Poly1305 with a fresh random nonce each time and the subject as associated
//! data, so that what was sealed for one person cannot be passed off as another's. A slot never
//! crosses a sector of the disk, so that a torn write is seen by its checksum.

pub mod secret;

use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{Key, XChaCha20Poly1305, XNonce};
use hmac::{Hmac, Mac};
use rustc_hash::FxHashMap;
use sha2::Sha256;
use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

/// The file's name in the data folder.
pub const FILE: &str = "people.keys";

const SLOT: usize = 128;
const NONCE: usize = 24;
const WRAPPED: usize = 48;
const HEAD: &[u8; 16] = b"stockdeck keys 1";
const LIVE: u8 = 1;
const FORGOTTEN: u8 = 2;

/// Why something could not be sealed or opened.
#[derive(Debug, thiserror::Error)]
pub enum VaultError {
    /// Its key was destroyed.
    #[error("it was forgotten, and nothing can bring it back")]
    Forgotten,
    /// No key of ours opens it.
    #[error("no key opens it; `{FILE}` or `secret.key` is not the one it was sealed with")]
    NoKey,
    /// The system gives no randomness.
    #[error("the system gives no random numbers: {0}")]
    Random(getrandom::Error),
    /// The file of keys cannot be used.
    #[error("the file of keys {} cannot be {what}: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What was tried: `opened`, `read`, `written`.
        what: &'static str,
        /// What the system says.
        source: io::Error,
    },
    /// The file is another program's, or a newer one's.
    #[error("{} is no file of keys that this program knows; put the right one back", path.display())]
    Foreign {
        /// The file.
        path: PathBuf,
    },
}

/// The open vault. One process owns it at a time.
pub struct Vault {
    path: PathBuf,
    file: File,
    /// Where each subject's slot is, by the first bytes of its keyed hash; `None`: forgotten.
    slots: FxHashMap<u64, Option<u32>>,
    /// The slot after the last.
    end: u32,
    unsynced: bool,
    wrapping: XChaCha20Poly1305,
    shared: XChaCha20Poly1305,
    naming: [u8; 32],
}

impl std::fmt::Debug for Vault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Vault({}, {} slots)", self.path.display(), self.end)
    }
}

/// A key of the store's for one purpose.
fn derived(secret: &[u8; 32], purpose: &[u8]) -> [u8; 32] {
    hmac(secret, &[b"stockdeck: ", purpose])
}

fn hmac(key: &[u8; 32], parts: &[&[u8]]) -> [u8; 32] {
    let mut inner = [0; 64];
    inner[..32].copy_from_slice(key);
    let mut mac = <Hmac<Sha256> as Mac>::new(&inner.into());
    for part in parts {
        mac.update(part);
    }
    mac.finalize().into_bytes().into()
}

fn random<const N: usize>() -> Result<[u8; N], VaultError> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(VaultError::Random)?;
    Ok(bytes)
}

/// Nonce, then ciphertext.
fn lock(cipher: &XChaCha20Poly1305, about: &[u8], clear: &[u8]) -> Result<Vec<u8>, VaultError> {
    let nonce = random::<NONCE>()?;
    let payload = Payload { msg: clear, aad: about };
    let sealed = cipher.encrypt(XNonce::from_slice(&nonce), payload);
    let mut out = nonce.to_vec();
    out.extend(sealed.map_err(|_| VaultError::NoKey)?);
    Ok(out)
}

fn unlock(cipher: &XChaCha20Poly1305, about: &[u8], sealed: &[u8]) -> Result<Vec<u8>, VaultError> {
    let (nonce, msg) = sealed.split_at_checked(NONCE).ok_or(VaultError::NoKey)?;
    cipher
        .decrypt(XNonce::from_slice(nonce), Payload { msg, aad: about })
        .map_err(|_| VaultError::NoKey)
}

impl Vault {
    /// Opens the vault of a data folder, or begins one; `secret` is the store's.
    ///
    /// # Errors
    /// The file cannot be read, or is none of ours.
    pub fn open(dir: &Path, secret: &[u8; 32]) -> Result<Vault, VaultError> {
        let path = dir.join(FILE);
        let failed = |what| {
            let path = path.clone();
            move |source| VaultError::Io { path, what, source }
        };
        let mut options = OpenOptions::new();
        let file = options.read(true).write(true).create(true).truncate(false).mode(0o600);
        let file = file.open(&path).map_err(failed("opened"))?;
        let bytes = std::fs::read(&path).map_err(failed("read"))?;
        match bytes.get(..HEAD.len()) {
            Some(head) if head == HEAD => {}
            // A file that has something in it was ours once or is somebody's: keys may be in it.
            _ if bytes.is_empty() => {
                let mut head = [0; SLOT];
                head[..HEAD.len()].copy_from_slice(HEAD);
                file.write_all_at(&head, 0).map_err(failed("written"))?;
                file.sync_all().map_err(failed("written"))?;
                File::open(dir).and_then(|dir| dir.sync_all()).map_err(failed("written"))?;
            }
            _ => return Err(VaultError::Foreign { path }),
        }
        let (wrapping, shared) = (derived(secret, b"wrapping"), derived(secret, b"quarantine"));
        let mut vault = Vault {
            path,
            file,
            slots: FxHashMap::default(),
            end: 1,
            unsynced: false,
            wrapping: XChaCha20Poly1305::new(Key::from_slice(&wrapping)),
            shared: XChaCha20Poly1305::new(Key::from_slice(&shared)),
            naming: derived(secret, b"naming"),
        };
        vault.learn(bytes.get(SLOT..).unwrap_or_default());
        Ok(vault)
    }

    /// A slot that a crash left torn is passed over: whoever it was for gets another.
    fn learn(&mut self, slots: &[u8]) {
        let (whole, _) = slots.as_chunks::<SLOT>();
        for slot in whole {
            if is_whole(slot) {
                let place = (slot[16] == LIVE).then_some(self.end);
                let known = self.slots.entry(short(slot)).or_insert(place);
                // Once forgotten, always forgotten.
                *known = known.and(place);
            }
            self.end += 1;
        }
    }

    /// Seals something about a subject under the subject's own key; `None`: the subject is
    /// forgotten, and nothing about it is to be kept.
    pub fn seal(&mut self, subject: &str, clear: &[u8]) -> Result<Option<Box<[u8]>>, VaultError> {
        let cipher = match self.key(subject) {
            Ok(cipher) => cipher,
            Err(VaultError::Forgotten) => return Ok(None),
            Err(VaultError::NoKey) => self.new_key(subject)?,
            Err(error) => return Err(error),
        };
        lock(&cipher, subject.as_bytes(), clear).map(|sealed| Some(sealed.into()))
    }

    /// Opens what was sealed about a subject.
    ///
    /// # Errors
    /// [`VaultError::Forgotten`], or that no key fits.
    pub fn open_sealed(&self, subject: &str, sealed: &[u8]) -> Result<Vec<u8>, VaultError> {
        unlock(&self.key(subject)?, subject.as_bytes(), sealed)
    }

    /// Seals something under the store's own key: it can be read for as long as the store's
    /// `secret.key` is there.
    pub fn seal_shared(&self, about: &str, clear: &[u8]) -> Result<Box<[u8]>, VaultError> {
        lock(&self.shared, about.as_bytes(), clear).map(Into::into)
    }

    /// Opens what was sealed under the store's own key.
    pub fn open_shared(&self, about: &str, sealed: &[u8]) -> Result<Vec<u8>, VaultError> {
        unlock(&self.shared, about.as_bytes(), sealed)
    }

    /// Destroys a subject's key for good and leaves a tombstone; on disk when this returns. Doing
    /// it again changes nothing.
    pub fn forget(&mut self, subject: &str) -> Result<(), VaultError> {
        if self.is_forgotten(subject) {
            return Ok(());
        }
        let name = self.name(subject);
        let slot = match self.slots.get(&short(&name)) {
            Some(Some(slot)) => *slot,
            _ => self.end,
        };
        self.write_slot(slot, &name, FORGOTTEN, &[])?;
        self.slots.insert(short(&name), None);
        self.sync()
    }

    /// Whether a subject was forgotten.
    pub fn is_forgotten(&self, subject: &str) -> bool {
        matches!(self.slots.get(&short(&self.name(subject))), Some(None))
    }

    /// Whether a subject has a key.
    pub fn knows(&self, subject: &str) -> bool {
        matches!(self.slots.get(&short(&self.name(subject))), Some(Some(_)))
    }

    /// Returns when all new keys are on disk.
    pub fn sync(&mut self) -> Result<(), VaultError> {
        if self.unsynced {
            self.file.sync_data().map_err(|source| self.failed("written", source))?;
            self.unsynced = false;
        }
        Ok(())
    }

    /// A number that stands for a text and tells nothing of it to who has no `secret.key`.
    pub fn number_of(&self, parts: &[&str]) -> u64 {
        let parts: Vec<&[u8]> = parts.iter().flat_map(|part| [part.as_bytes(), &[0]]).collect();
        short(&hmac(&self.naming, &parts))
    }

    fn name(&self, subject: &str) -> [u8; 32] {
        hmac(&self.naming, &[b"slot ", subject.as_bytes()])
    }

    fn key(&self, subject: &str) -> Result<XChaCha20Poly1305, VaultError> {
        let name = self.name(subject);
        let slot = match self.slots.get(&short(&name)) {
            Some(Some(slot)) => *slot,
            Some(None) => return Err(VaultError::Forgotten),
            None => return Err(VaultError::NoKey),
        };
        let mut bytes = [0; SLOT];
        let at = u64::from(slot) * SLOT as u64;
        let read = self.file.read_exact_at(&mut bytes, at);
        read.map_err(|source| self.failed("read", source))?;
        let key = unlock(&self.wrapping, subject.as_bytes(), &bytes[17..17 + NONCE + WRAPPED])?;
        XChaCha20Poly1305::new_from_slice(&key).map_err(|_| VaultError::NoKey)
    }

    fn new_key(&mut self, subject: &str) -> Result<XChaCha20Poly1305, VaultError> {
        let key = random::<32>()?;
        let wrapped = lock(&self.wrapping, subject.as_bytes(), &key)?;
        let name = self.name(subject);
        let slot = self.end;
        self.write_slot(slot, &name, LIVE, &wrapped)?;
        self.slots.insert(short(&name), Some(slot));
        Ok(XChaCha20Poly1305::new(Key::from_slice(&key)))
    }

    fn write_slot(
        &mut self,
        slot: u32,
        name: &[u8; 32],
        state: u8,
        wrapped: &[u8],
    ) -> Result<(), VaultError> {
        let mut bytes = [0; SLOT];
        bytes[..16].copy_from_slice(&name[..16]);
        bytes[16] = state;
        bytes[17..17 + wrapped.len()].copy_from_slice(wrapped);
        let sum = crc32fast::hash(&bytes[..SLOT - 4]);
        bytes[SLOT - 4..].copy_from_slice(&sum.to_le_bytes());
        let written = self.file.write_all_at(&bytes, u64::from(slot) * SLOT as u64);
        written.map_err(|source| self.failed("written", source))?;
        self.end = self.end.max(slot + 1);
        self.unsynced = true;
        Ok(())
    }

    fn failed(&self, what: &'static str, source: io::Error) -> VaultError {
        VaultError::Io { path: self.path.clone(), what, source }
    }
}

fn is_whole(slot: &[u8; SLOT]) -> bool {
    let (body, sum) = slot.split_at(SLOT - 4);
    crc32fast::hash(body).to_le_bytes() == sum && matches!(slot[16], LIVE | FORGOTTEN)
}

fn short(name: &[u8]) -> u64 {
    name.iter().take(8).fold(0, |n, byte| n << 8 | u64::from(*byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: [u8; 32] = [7; 32];

    fn bytes(dir: &Path) -> Vec<u8> {
        std::fs::read(dir.join(FILE)).unwrap()
    }

    #[test]
    fn what_is_sealed_opens_for_its_subject_alone_and_after_a_restart() {
        let dir = tempfile::tempdir().unwrap();
        let mut vault = Vault::open(dir.path(), &SECRET).unwrap();
        let ann = vault.seal("customer ann", b"Ann Lee").unwrap().unwrap();
        let bob = vault.seal("customer bob", b"Bob Roe").unwrap().unwrap();
        assert!(!ann.windows(3).any(|w| w == b"Ann"));
        assert!(matches!(vault.open_sealed("customer bob", &ann), Err(VaultError::NoKey)));
        drop(vault);
        let vault = Vault::open(dir.path(), &SECRET).unwrap();
        assert_eq!(vault.open_sealed("customer ann", &ann).unwrap(), b"Ann Lee");
        assert_eq!(vault.open_sealed("customer bob", &bob).unwrap(), b"Bob Roe");
        let other = Vault::open(dir.path(), &[8; 32]).unwrap();
        assert!(other.open_sealed("customer ann", &ann).is_err(), "another secret opens nothing");
    }

    #[test]
    fn a_forgotten_key_is_gone_from_the_file_and_never_made_again() {
        let dir = tempfile::tempdir().unwrap();
        let mut vault = Vault::open(dir.path(), &SECRET).unwrap();
        let ann = vault.seal("ann", b"Ann").unwrap().unwrap();
        let bob = vault.seal("bob", b"Bob").unwrap().unwrap();
        let wrapped = bytes(dir.path())[SLOT + 17..SLOT + 17 + NONCE + WRAPPED].to_vec();
        vault.forget("ann").unwrap();
        vault.forget("ann").unwrap();
        vault.forget("nobody yet").unwrap();
        let after = bytes(dir.path());
        assert!(!after.windows(16).any(|w| w == &wrapped[..16]), "the wrapped key is overwritten");
        for _ in 0..2 {
            assert!(matches!(vault.open_sealed("ann", &ann), Err(VaultError::Forgotten)));
            assert_eq!(vault.seal("ann", b"Ann again").unwrap(), None);
            assert_eq!(vault.seal("nobody yet", b"x").unwrap(), None);
            assert_eq!(vault.open_sealed("bob", &bob).unwrap(), b"Bob");
            vault = Vault::open(dir.path(), &SECRET).unwrap();
        }
    }

    #[test]
    fn a_torn_slot_costs_one_key_and_no_other() {
        let dir = tempfile::tempdir().unwrap();
        let mut vault = Vault::open(dir.path(), &SECRET).unwrap();
        let ann = vault.seal("ann", b"Ann").unwrap().unwrap();
        let bob = vault.seal("bob", b"Bob").unwrap().unwrap();
        drop(vault);
        let mut torn = bytes(dir.path());
        torn[SLOT + 20] ^= 1;
        torn.extend([1; 40]);
        std::fs::write(dir.path().join(FILE), &torn).unwrap();
        let mut vault = Vault::open(dir.path(), &SECRET).unwrap();
        assert!(vault.open_sealed("ann", &ann).is_err());
        assert_eq!(vault.open_sealed("bob", &bob).unwrap(), b"Bob");
        let again = vault.seal("ann", b"Ann").unwrap().unwrap();
        let vault = Vault::open(dir.path(), &SECRET).unwrap();
        assert_eq!(vault.open_sealed("ann", &again).unwrap(), b"Ann");
    }

    #[test]
    fn a_foreign_file_is_left_alone() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join(FILE), [9; 300]).unwrap();
        let error = Vault::open(dir.path(), &SECRET).unwrap_err().to_string();
        assert!(error.contains("put the right one back"), "{error}");
        assert_eq!(bytes(dir.path()), [9; 300]);
        for short in [&b"x"[..], &[9; 100]] {
            std::fs::write(dir.path().join(FILE), short).unwrap();
            assert!(matches!(Vault::open(dir.path(), &SECRET), Err(VaultError::Foreign { .. })));
            assert_eq!(bytes(dir.path()), short);
        }
        std::fs::write(dir.path().join(FILE), "").unwrap();
        let sealed = Vault::open(dir.path(), &SECRET).unwrap().seal("ann", b"Ann").unwrap();
        let vault = Vault::open(dir.path(), &SECRET).unwrap();
        assert_eq!(vault.open_sealed("ann", &sealed.unwrap()).unwrap(), b"Ann");
    }
}
