//! Reaching the owner of a data folder, and starting one where none runs.

use super::connection::reading;
use super::lock::{self, Holder, StartLock};
use super::place::{Place, PlaceError};
use super::wire::{self, FromOwner, Hello, Json, ToOwner, VERSION, Welcome, What, WireError};
use super::{lock::holder, peer};
use crate::engine::api::{Action, Answer, Outcome, Query, Refusal, Work};
use std::ffi::OsString;
use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;
use tokio::net::UnixStream;
use tokio::net::unix::OwnedWriteHalf;
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep};

/// How long an owner has to let the first client in.
const PATIENCE: Duration = Duration::from_secs(5);
/// First and longest pause between two attempts.
const PAUSES: (Duration, Duration) = (Duration::from_millis(5), Duration::from_millis(80));

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
    #[error("{}: the owner (process {} of {}) does not answer; end it with `kill {}`",
        .dir.display(), .holder.pid, .holder.user, .holder.pid)]
    Mute {
        /// The data folder.
        dir: PathBuf,
        /// Who holds it.
        holder: Holder,
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
            None => match holder(&place) {
                Some(holder) => Err(ClientError::Mute { dir: place.data_dir, holder }),
                None => Err(ClientError::NotRunning(place.data_dir)),
            },
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
        let give_up = Instant::now() + PATIENCE;
        let mut starting: Option<Starting> = None;
        let mut pause = PAUSES.0;
        loop {
            if let Some(client) = connect(&place, &what).await? {
                return Ok(client);
            }
            match &mut starting {
                Some(one) => one.check(&place)?,
                None if !lock::is_held(&place) => starting = Starting::begin(&place, start)?,
                None => {}
            }
            if Instant::now() > give_up {
                return Err(match holder(&place) {
                    Some(holder) => ClientError::Mute { dir: place.data_dir, holder },
                    None => ClientError::NotRunning(place.data_dir),
                });
            }
            sleep(pause).await;
            pause = (pause * 2).min(PAUSES.1);
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
    /// that runs meanwhile.
    pub async fn act(
        &mut self,
        action: Action,
        mut on_progress: impl FnMut(&[Work]),
    ) -> Result<Outcome, ClientError> {
        let id = self.number();
        self.send(&ToOwner::Act { id, action: Json(action) }).await?;
        loop {
            match self.receive().await? {
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

/// Connects and says hello; `None`: nobody listens, or not for long any more.
async fn connect(place: &Place, what: &What) -> Result<Option<Client>, ClientError> {
    let Some(socket) = socket_of(place) else { return Ok(None) };
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
    let Ok(Some(first)) = wire::read(&mut read).await else { return Ok(None) };
    match wire::parse(&first) {
        Ok(FromOwner::Welcome(welcome)) => {
            Ok(Some(Client { welcome, inbox: reading(read), write, next: 0 }))
        }
        Ok(FromOwner::Refused(sentence)) => Err(ClientError::Refused(sentence)),
        Ok(_) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// Where the folder's owner listens, if one runs; a socket of another user than the folder's is
/// not believed.
fn socket_of(place: &Place) -> Option<PathBuf> {
    let socket = holder(place)?.socket;
    let theirs = std::fs::symlink_metadata(&socket).ok()?.uid();
    let folder = std::fs::metadata(&place.lock).ok()?.uid();
    (theirs == folder).then_some(socket)
}

/// An owner that this client is starting.
struct Starting {
    child: Child,
    _only_one: StartLock,
}

impl Starting {
    /// `None`: another client is starting one.
    fn begin(place: &Place, options: &StartOptions) -> Result<Option<Self>, ClientError> {
        let failed = |error: io::Error| {
            let dir = place.data_dir.display();
            ClientError::NotStarted(format!("{dir}: the owner could not be started: {error}"))
        };
        let Some(only_one) = StartLock::take(place).map_err(failed)? else { return Ok(None) };
        let _ = std::fs::remove_file(&place.error);
        let program = match &options.program {
            Some(program) => program.clone(),
            None => std::env::current_exe().map_err(failed)?,
        };
        let child = Command::new(program)
            .args(&options.args)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(output(place).map_or_else(|_| Stdio::null(), Stdio::from))
            // A signal meant for the console's group does not reach it; it leaves the session as
            // well, see `detach`.
            .process_group(0)
            .spawn()
            .map_err(failed)?;
        Ok(Some(Starting { child, _only_one: only_one }))
    }

    /// Whether it still may come up.
    fn check(&mut self, place: &Place) -> Result<(), ClientError> {
        match self.child.try_wait() {
            Ok(Some(status)) if !lock::is_held(place) => {
                let said = place.error_left().or_else(|| last_line(&place.output));
                let unsaid = || {
                    let path = place.output.display();
                    format!("the owner ended while it was starting ({status}); see {path}")
                };
                Err(ClientError::NotStarted(said.unwrap_or_else(unsaid)))
            }
            _ => Ok(()),
        }
    }
}

/// Where a started owner's standard error goes; begun anew each time.
fn output(place: &Place) -> io::Result<File> {
    OpenOptions::new().create(true).write(true).truncate(true).mode(0o600).open(&place.output)
}

fn last_line(path: &Path) -> Option<String> {
    let text = std::fs::read_to_string(path).ok()?;
    text.lines().rev().map(str::trim).find(|l| !l.is_empty()).map(str::to_owned)
}

/// Leaves the terminal and session of whoever started this process; the first thing that an owner
/// started by a console does. One that is a session's leader already stays so.
pub fn detach() {
    let _ = rustix::process::setsid();
}
