//! Reaching the owner of a data folder, and starting one where none runs.

use super::connection::reading;
use super::lock::{self, Holder, Phase, Standing};
use super::peer;
use super::place::{Place, PlaceError};
use super::starting::{Course, Starting};
use super::wire::{self, FromOwner, Hello, Json, ToOwner, VERSION, Welcome, What, WireError};
use crate::engine::api::{Action, Answer, Outcome, Query, Refusal, Work};
use std::ffi::OsString;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::Duration;
use tokio::net::UnixStream;
use tokio::net::unix::OwnedWriteHalf;
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep, timeout};

/// How long an owner that serves has to let a client in.
const PATIENCE: Duration = Duration::from_secs(5);
/// The same for one that is starting or ending: it opens the store, or finishes its work.
const LONG_PATIENCE: Duration = Duration::from_secs(60);
/// Pauses between two attempts: the first, the longest while a start is young, the longest.
const PAUSES: [Duration; 3] =
    [Duration::from_millis(2), Duration::from_millis(10), Duration::from_millis(80)];
/// How long a start is young.
const YOUNG: Duration = Duration::from_millis(300);
/// Owners that are killed while they start, before no other one is started.
const MOST_KILLED: usize = 4;

/// How to start an owner.
#[derive(Clone, Debug, Default)]
pub struct StartOptions {
    /// The program; `None`: this one.
    pub program: Option<PathBuf>,
    /// Its arguments, such as `serve --until-last-console --data-dir …`.
    pub args: Vec<OsString>,
}

/// Why the owner could not be reached, or refused.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// The data folder cannot be used.
    #[error(transparent)]
    Place(#[from] PlaceError),
    /// None runs, and none was to be started.
    #[error("{dir}: no owner runs there; start one with `stockdeck serve`", dir = .0.display())]
    NotRunning(PathBuf),
    /// It holds the folder but lets nobody in.
    #[error("{}: the owner (process {pid} of {}) does not answer; if it was stopped, `kill -CONT \
        {pid}` lets it go on, else `kill -9 {pid}` ends it and the next command starts another; \
        nothing is lost", .dir.display(), .holder.user, pid = .holder.pid)]
    Mute {
        /// The data folder.
        dir: PathBuf,
        /// Who holds it.
        holder: Holder,
    },
    /// It is starting or ending and takes very long.
    #[error("{}: the owner there ({holder}) is still {}; try again in a moment",
        .dir.display(), if .holder.phase == Phase::Ending { "ending" } else { "starting" })]
    Busy {
        /// The data folder.
        dir: PathBuf,
        /// Who holds it.
        holder: Holder,
    },
    /// This user may not know who holds the folder.
    #[error("{}: {source}; its owner can let a group in with the setting `group`", .lock.display())]
    Unreadable {
        /// The lock.
        lock: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The one that was started ended; what it said.
    #[error("{0}")]
    NotStarted(String),
    /// It does not let this client in; what it said.
    #[error("{0}")]
    Refused(String),
    /// The question or action was refused.
    #[error(transparent)]
    Refusal(#[from] Refusal),
    /// It went away in the middle.
    #[error("the owner went away before it answered; try again")]
    Gone,
    /// The line broke.
    #[error(transparent)]
    Wire(#[from] WireError),
}

impl ClientError {
    /// Whether it is the asker's mistake (exit status 2) or a failure (1).
    pub fn is_usage(&self) -> bool {
        matches!(self, ClientError::Refusal(refusal) if refusal.usage)
    }
}

/// A line to an owner that has let us in.
#[derive(Debug)]
pub struct Client {
    /// Who the owner is.
    pub welcome: Welcome,
    inbox: mpsc::Receiver<FromOwner>,
    write: OwnedWriteHalf,
    next: u64,
}

impl Client {
    /// Attaches to the owner that runs; `Err(NotRunning)` where none does.
    pub async fn attach(data_dir: &Path, what: What) -> Result<Self, ClientError> {
        let place = Place::of(data_dir)?;
        match connect(&place, &what).await? {
            Some(client) => Ok(client),
            None => Err(gave_up(place)),
        }
    }

    /// Attaches to the owner that runs, or starts one. Of many clients that want to start one, one
    /// does and the others attach to it.
    pub async fn attach_or_start(
        data_dir: &Path,
        start: &StartOptions,
        what: What,
    ) -> Result<Self, ClientError> {
        let place = Place::of(data_dir)?;
        let began = Instant::now();
        let mut starting: Option<Starting> = None;
        let mut killed = 0;
        // Whose answer is waited for, and since when.
        let mut waiting: Option<(u32, Phase, Instant)> = None;
        let mut pause = PAUSES[0];
        loop {
            if let Some(client) = connect(&place, &what).await? {
                if let Some(starting) = starting {
                    starting.came_up();
                }
                return Ok(client);
            }
            match starting.as_mut().map(|one| one.course(&place)).transpose()? {
                Some(Course::Running) => {}
                Some(Course::Killed(said)) => {
                    killed += 1;
                    if killed >= MOST_KILLED {
                        return Err(ClientError::NotStarted(said));
                    }
                    starting = None;
                }
                Some(Course::Superseded) => starting = None,
                None => {}
            }
            let patience = match lock::standing(&place) {
                Standing::Unreadable(source) => {
                    return Err(ClientError::Unreadable { lock: place.lock, source });
                }
                Standing::Free if starting.is_none() => {
                    starting = Starting::begin(&place, start)?;
                    waiting = None;
                    LONG_PATIENCE
                }
                Standing::Held(holder) => {
                    if waiting
                        .is_none_or(|(pid, phase, _)| (pid, phase) != (holder.pid, holder.phase))
                    {
                        waiting = Some((holder.pid, holder.phase, Instant::now()));
                    }
                    if holder.phase == Phase::Serving { PATIENCE } else { LONG_PATIENCE }
                }
                Standing::Free | Standing::Unnamed => LONG_PATIENCE,
            };
            if waiting.map_or(began, |(.., since)| since).elapsed() > patience {
                return Err(gave_up(place));
            }
            sleep(pause).await;
            let longest = if began.elapsed() < YOUNG { PAUSES[1] } else { PAUSES[2] };
            pause = (pause * 2).min(longest);
        }
    }

    /// Asks a question.
    pub async fn ask(&mut self, query: Query) -> Result<Answer, ClientError> {
        let id = self.number();
        self.send(&ToOwner::Ask { id, query: Json(query) }).await?;
        loop {
            match self.receive().await? {
                FromOwner::Answer { id: of, answer } if of == id => return Ok(answer.0?),
                _ => {}
            }
        }
    }

    /// Has something done, in the name of this process's user; `on_progress` hears of all long work
    /// that runs meanwhile. Once `cancelled` returns, the owner is asked to stop it, and the outcome
    /// says what came of it.
    pub async fn act(
        &mut self,
        action: Action,
        mut on_progress: impl FnMut(&[Work]),
        cancelled: impl Future<Output = ()>,
    ) -> Result<Outcome, ClientError> {
        let id = self.number();
        self.send(&ToOwner::Act { id, action: Json(action) }).await?;
        let mut cancelled = std::pin::pin!(cancelled);
        let mut asked = false;
        loop {
            let message = tokio::select! {
                message = self.receive() => message?,
                () = &mut cancelled, if !asked => {
                    asked = true;
                    self.send(&ToOwner::Cancel { id }).await?;
                    continue;
                }
            };
            match message {
                FromOwner::Outcome { id: of, outcome } if of == id => return Ok(outcome.0?),
                FromOwner::Progress { id: of, work } if of == id => on_progress(&work.0),
                _ => {}
            }
        }
    }

    /// Sends a message.
    pub(super) async fn send(&mut self, message: &ToOwner) -> Result<(), ClientError> {
        Ok(wire::write(&mut self.write, message).await?)
    }

    /// The next message; an owner that ends says so or is gone.
    async fn receive(&mut self) -> Result<FromOwner, ClientError> {
        match self.inbox.recv().await {
            Some(FromOwner::Bye { reason: Some(reason), .. }) => Err(ClientError::Refused(reason)),
            Some(FromOwner::Bye { .. }) | None => Err(ClientError::Gone),
            Some(message) => Ok(message),
        }
    }

    /// Both directions, for a console.
    pub(super) fn split(self) -> (mpsc::Receiver<FromOwner>, OwnedWriteHalf) {
        (self.inbox, self.write)
    }

    fn number(&mut self) -> u64 {
        self.next += 1;
        self.next
    }
}

/// Why a client gave up, from how the folder stands.
fn gave_up(place: Place) -> ClientError {
    let dir = place.data_dir.clone();
    match lock::standing(&place) {
        Standing::Held(holder) if holder.phase == Phase::Serving => {
            ClientError::Mute { dir, holder }
        }
        Standing::Held(holder) => ClientError::Busy { dir, holder },
        Standing::Unreadable(source) => ClientError::Unreadable { lock: place.lock, source },
        Standing::Free | Standing::Unnamed => ClientError::NotRunning(dir),
    }
}

/// Connects and says hello; `None`: nobody listens, or not for long any more.
async fn connect(place: &Place, what: &What) -> Result<Option<Client>, ClientError> {
    let Some(holder) = lock::holder(place) else { return Ok(None) };
    // An owner that is starting has the line open already and answers when it can.
    let patience = if holder.phase == Phase::Serving { PATIENCE } else { LONG_PATIENCE };
    let Some(socket) = believed(place, holder) else { return Ok(None) };
    let Ok(stream) = UnixStream::connect(&socket).await else { return Ok(None) };
    let (mut read, mut write) = stream.into_split();
    let hello = Hello {
        version: VERSION.to_owned(),
        claimed_from: peer::claimed_from(),
        what: what.clone(),
    };
    if wire::write(&mut write, &ToOwner::Hello(hello)).await.is_err() {
        return Ok(None);
    }
    let Ok(Ok(Some(first))) = timeout(patience, wire::read(&mut read)).await else {
        return Ok(None);
    };
    match wire::parse(&first) {
        Ok(FromOwner::Welcome(welcome)) => {
            Ok(Some(Client { welcome, inbox: reading(read), write, next: 0 }))
        }
        Ok(FromOwner::Refused(sentence)) => Err(ClientError::Refused(sentence)),
        Ok(_) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// Where the folder's owner listens; a socket of another user than the folder's is not believed.
fn believed(place: &Place, holder: Holder) -> Option<PathBuf> {
    let socket = holder.socket;
    let theirs = std::fs::symlink_metadata(&socket).ok()?.uid();
    let folder = std::fs::metadata(&place.lock).ok()?.uid();
    (theirs == folder).then_some(socket)
}
