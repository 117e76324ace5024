//! Serving consoles and scripts until there is a reason to end.

mod attached;
mod guests;
mod script;

use super::lock::{OwnerLock, Phase};
use super::place::Place;
use super::wire::{self, FromOwner, Hello, Welcome, What, WireError};
use super::{connection, peer};
use crate::domain::Actor;
use crate::engine::Backend;
use crate::engine::api::{Action, Refusal};
use crate::tui::session::{Screen, ScreenSetup};
use guests::{Guest, Guests};
use rustix::process::getuid;
use std::fs::{self, Permissions};
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{UnixListener, UnixStream};
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::timeout;

/// How long a client has to say who it is.
const HELLO: Duration = Duration::from_secs(5);
/// How long clients have to take their last message when the owner ends.
const FAREWELL: Duration = Duration::from_secs(1);
/// What waits in the kernel for a slow client; little, so that it catches up with the present
/// instead of working through the past.
const SEND_BUFFER: usize = 32 * 1024;

/// Makes a console's screen.
pub type MakeScreen = Arc<dyn Fn(ScreenSetup) -> Box<dyn Screen> + Send + Sync>;

/// How to serve.
#[derive(Clone, Debug)]
pub struct ServeOptions {
    /// Whether members of the socket's group may attach; otherwise the owner's user alone.
    pub group: bool,
    /// Ends when the last client has left: for an owner that a console started.
    pub until_last_console: bool,
    /// How long such an owner waits for its first client.
    pub first: Duration,
    /// How long it stays after its last one.
    pub linger: Duration,
    /// The arguments with which another owner like it is started.
    pub restart: Vec<String>,
    /// Ends when this turns true; signals end it as well.
    pub stop: Option<watch::Receiver<bool>>,
}

impl Default for ServeOptions {
    fn default() -> Self {
        ServeOptions {
            group: false,
            until_last_console: false,
            first: Duration::from_secs(2),
            linger: Duration::from_millis(300),
            restart: Vec::new(),
            stop: None,
        }
    }
}

/// Why the owner cannot listen.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// The socket cannot be made.
    #[error("{path}: cannot listen there: {source}", path = .path.display())]
    Socket {
        /// Where.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The configured group does not exist.
    #[error(
        "there is no group {0:?}; name one that exists in the setting `group`, or leave it out"
    )]
    Group(String),
    /// Signals cannot be watched.
    #[error("signals cannot be watched: {0}")]
    Signals(io::Error),
}

/// What every client task shares.
pub(super) struct House {
    backend: Arc<dyn Backend>,
    make_screen: MakeScreen,
    guests: Arc<Guests>,
    welcome: Welcome,
    group: bool,
    /// Why the owner ends, once it does.
    ending: watch::Receiver<Option<String>>,
}

/// The line on which clients wait until they are let in.
#[derive(Debug)]
pub struct Listener(UnixListener);

/// Serves consoles and scripts until a signal, `stop` or the last client's leaving ends it. The
/// lock is held throughout and still held on return, so that the store can be closed under it.
pub async fn serve(
    lock: &OwnerLock,
    listener: Listener,
    backend: Arc<dyn Backend>,
    options: ServeOptions,
    make_screen: MakeScreen,
) -> Result<(), ServeError> {
    let Listener(listener) = listener;
    let (end, ending) = watch::channel(None);
    let (pid, since) = (lock.holder().pid, lock.holder().since);
    let restart = options.restart.clone();
    let house = Arc::new(House {
        guests: Arc::new(Guests::new(backend.clone())),
        backend,
        make_screen,
        welcome: Welcome { pid, since, you: String::new(), restart },
        group: options.group,
        ending,
    });
    lock.say(Phase::Serving);
    let mut tasks = JoinSet::new();
    let mut reason = std::pin::pin!(reason_to_end(&house, options));
    let reason = loop {
        tokio::select! {
            reason = &mut reason => break reason?,
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => {
                    let guest = house.guests.enter();
                    tasks.spawn(let_in(house.clone(), guest, stream));
                }
                Err(error) => {
                    // Out of descriptors, most likely: others may leave.
                    tracing::warn!(%error, "a client could not be let in");
                    tokio::time::sleep(Duration::from_millis(100)).await;
                }
            },
            Some(_) = tasks.join_next(), if !tasks.is_empty() => {}
        }
    };
    tracing::info!(reason, "the owner ends");
    lock.say(Phase::Ending);
    drop(listener);
    let _ = fs::remove_file(&lock.holder().socket);
    end.send_replace(Some(reason));
    let _ = timeout(FAREWELL, async { while tasks.join_next().await.is_some() {} }).await;
    Ok(())
}

/// Listens, after removing what a killed owner left; only the lock's holder may do that. Clients
/// that come before [`serve`] wait for it. Members of `group` may come as well.
pub fn listen(lock: &OwnerLock, group: Option<&str>) -> Result<Listener, ServeError> {
    let path = lock.holder().socket.clone();
    let failed = |source| ServeError::Socket { path: path.clone(), source };
    match fs::remove_file(&path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(failed(error)),
        _ => {}
    }
    let listener = UnixListener::bind(&path).map_err(failed)?;
    fs::set_permissions(&path, Permissions::from_mode(0o600)).map_err(failed)?;
    if let Some(name) = group {
        let id = peer::group_id(name).ok_or_else(|| ServeError::Group(name.to_owned()))?;
        let Place { data_dir, lock: lock_file, .. } = lock.place();
        // The folders around it must let the group through, and no further than to the socket and
        // to what says where that is.
        share(&path, id, 0o660).map_err(failed)?;
        share(lock_file, id, 0o640).map_err(failed)?;
        for folder in [Some(data_dir.as_path()), path.parent()].into_iter().flatten() {
            share(folder, id, 0o710).map_err(failed)?;
        }
    }
    Ok(Listener(listener))
}

/// Gives a file or folder to a group, with this mode.
fn share(path: &Path, group: u32, mode: u32) -> io::Result<()> {
    std::os::unix::fs::chown(path, None, Some(group))?;
    fs::set_permissions(path, Permissions::from_mode(mode))
}

/// Lets a group read a file in the data folder that its members' clients need.
pub fn let_group_read(path: &Path, group: &str) -> Result<(), ServeError> {
    let id = peer::group_id(group).ok_or_else(|| ServeError::Group(group.to_owned()))?;
    share(path, id, 0o640).map_err(|source| ServeError::Socket { path: path.to_owned(), source })
}

/// Waits for a reason to end, as a sentence for the consoles.
async fn reason_to_end(house: &House, options: ServeOptions) -> Result<String, ServeError> {
    let watch = |kind| signal(kind).map_err(ServeError::Signals);
    let mut term = watch(SignalKind::terminate())?;
    let mut int = watch(SignalKind::interrupt())?;
    let mut hup = watch(SignalKind::hangup())?;
    let stopped = async {
        match options.stop {
            Some(mut stop) => drop(stop.wait_for(|stop| *stop).await),
            None => std::future::pending().await,
        }
    };
    let left = async {
        match options.until_last_console {
            true => house.guests.all_left(options.first, options.linger).await,
            false => std::future::pending().await,
        }
    };
    Ok(tokio::select! {
        _ = term.recv() => "The owner was told to end (SIGTERM).".to_owned(),
        _ = int.recv() => "The owner was told to end (SIGINT).".to_owned(),
        _ = hup.recv() => "The owner's terminal was closed (SIGHUP).".to_owned(),
        () = stopped => "The owner was told to end.".to_owned(),
        () = left => "The last console has left.".to_owned(),
    })
}

/// One client, from its first word to its last.
async fn let_in(house: Arc<House>, guest: Guest, stream: UnixStream) {
    if let Err(error) = rustix::net::sockopt::set_socket_send_buffer_size(&stream, SEND_BUFFER) {
        tracing::debug!(%error, "the send buffer keeps its size");
    }
    let Ok(peer) = stream.peer_cred() else { return };
    let (mut read, mut write) = stream.into_split();
    let hello = match timeout(HELLO, wire::read(&mut read)).await {
        Ok(Ok(Some(content))) => wire::parse_hello(&content),
        Ok(Err(error)) => Err(error),
        Ok(Ok(None)) | Err(_) => return,
    };
    let hello = match hello.map_err(|e| refusal(&e)).and_then(|h| house.admit(&peer, h)) {
        Ok(hello) => hello,
        Err(sentence) => {
            let _ = wire::write(&mut write, &FromOwner::Refused(sentence)).await;
            return;
        }
    };
    let what = if matches!(hello.what, What::Script) { "command" } else { "console" };
    let own = getuid().as_raw();
    let actor = peer::actor(&peer, own, what, hello.claimed_from.as_deref());
    let welcome = Welcome { you: actor.user.to_string(), ..house.welcome.clone() };
    if wire::write(&mut write, &FromOwner::Welcome(welcome)).await.is_err() {
        return;
    }
    let inbox = connection::reading(read);
    match hello.what {
        What::Script => script::run(house, actor, inbox, write).await,
        What::Console(console) => {
            guest.is_console(format!("{} ({})", actor.user, actor.from).into());
            attached::run(house, actor, console, inbox, write).await;
        }
    }
}

fn refusal(error: &WireError) -> String {
    match error {
        // The sentence is read at the other end, where "this" is the other version.
        WireError::Version(theirs) => format!(
            "this is stockdeck {theirs}, and the owner is {}: end the older one and try again",
            wire::VERSION
        ),
        other => other.to_string(),
    }
}

impl House {
    /// Whether somebody may have this done here. The owner reads files with its own user's rights,
    /// so it reads none for anybody else.
    fn permits(&self, actor: &Actor, action: &Action) -> Result<(), Refusal> {
        let reads_files = matches!(action, Action::Import(_) | Action::Replay { .. });
        if !reads_files || actor.uid == getuid().as_raw() || actor.uid == 0 {
            return Ok(());
        }
        let owner = peer::own_name();
        Err(Refusal::failed(format!("only {owner}, whose store this is, may read files into it")))
    }

    /// Lets in the owner's user, the superuser, and whom the socket's group lets through.
    fn admit(&self, peer: &tokio::net::unix::UCred, hello: Hello) -> Result<Hello, String> {
        if self.group || peer.uid() == getuid().as_raw() || peer.uid() == 0 {
            return Ok(hello);
        }
        let user = peer::user_name(peer.uid());
        Err(format!("{user} may not attach here: let the owner name a `group` in its settings"))
    }
}
