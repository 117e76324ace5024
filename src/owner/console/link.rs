//! The line to the owner: attached, lost, attached again.

use crate::domain::Timestamp;
use crate::owner::client::{Client, ClientError, StartOptions};
use crate::owner::lock;
use crate::owner::place::Place;
use crate::owner::wire::{self, Console, FromOwner, ToOwner, What};
use crossterm::event::Event as InputEvent;
use parking_lot::Mutex;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::net::unix::OwnedWriteHalf;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio::time::sleep_until;

/// An owner that is lost this often within [`SHORT`] is not started again.
const MOST_LOSSES: usize = 4;
const SHORT: Duration = Duration::from_secs(30);
/// An owner that lived this long has shown that it can: earlier losses no longer count.
const FORGIVEN: Duration = Duration::from_secs(5);
/// How long the owner's line has to take a last word.
const FAREWELL: Duration = Duration::from_millis(200);

/// An owner that has said nothing for so long does not answer: a beat may be half a beat late.
const SILENCE: Duration = wire::BEAT.saturating_add(Duration::from_secs(1));
/// A look at the silence that comes this much too late says that this process did not run itself.
const OVERSLEPT: Duration = Duration::from_secs(1);

/// What happens on the line.
pub(super) enum News {
    /// An owner let us in.
    Attached {
        /// Its process.
        pid: u32,
    },
    /// It went away without a word.
    Lost {
        /// Whether its process is gone, so that another is being started.
        killed: bool,
    },
    /// There is none and none can be started.
    Failed(ClientError),
    /// It said something.
    Said(FromOwner),
    /// It is there but has said nothing for too long.
    Silent {
        /// When it was last heard, in wall time.
        since: Timestamp,
    },
    /// A key was pressed meanwhile, and does nothing.
    NotTaken,
    /// It speaks again after a silence.
    Answers,
}

/// The line to the owner.
pub(super) struct Link {
    /// What happens on it.
    pub(super) news: mpsc::Receiver<News>,
    /// What the next owner is told of this console.
    pub(super) console: Arc<Mutex<Console>>,
    out: mpsc::UnboundedSender<ToOwner>,
    task: JoinHandle<()>,
}

impl Link {
    /// Attaches, starting an owner where none runs.
    pub(super) fn open(data_dir: PathBuf, start: StartOptions, console: Console) -> Self {
        let console = Arc::new(Mutex::new(console));
        // One piece of news at a time: what the terminal cannot take yet stays with the owner.
        let (tell, news) = mpsc::channel(1);
        let (out, said) = mpsc::unbounded_channel();
        let line = Line { data_dir, start, console: console.clone(), tell, said };
        Link { news, console, out, task: tokio::spawn(line.hold()) }
    }

    /// Sends a message; what is said while there is no owner is lost.
    pub(super) fn send(&self, message: ToOwner) {
        let _ = self.out.send(message);
    }

    /// Says goodbye.
    pub(super) async fn close(self) {
        let Link { news, out, task, .. } = self;
        drop((news, out));
        let _ = tokio::time::timeout(FAREWELL, task).await;
    }
}

struct Line {
    data_dir: PathBuf,
    start: StartOptions,
    console: Arc<Mutex<Console>>,
    tell: mpsc::Sender<News>,
    said: mpsc::UnboundedReceiver<ToOwner>,
}

impl Line {
    async fn hold(mut self) {
        let mut losses: Vec<Instant> = Vec::new();
        loop {
            let what = What::Console(self.console.lock().clone());
            let attaching = Client::attach_or_start(&self.data_dir, &self.start, what);
            let client = tokio::select! {
                client = attaching => client,
                () = self.tell.closed() => return,
            };
            let client = match client {
                Ok(client) => client,
                Err(error) => return drop(self.tell.send(News::Failed(error)).await),
            };
            let pid = client.welcome.pid;
            if self.tell.send(News::Attached { pid }).await.is_err() {
                return;
            }
            if !client.welcome.restart.is_empty() {
                // The next owner is to be like this one, not like the one that this console would
                // have started.
                self.start.args = client.welcome.restart.iter().map(Into::into).collect();
            }
            let again = self.console.lock().lost.is_some();
            let began = Instant::now();
            if self.talk(client, again).await {
                return;
            }
            self.console.lock().lost = Some(pid);
            if began.elapsed() > FORGIVEN {
                losses.clear();
            }
            losses.retain(|at| at.elapsed() < SHORT);
            losses.push(Instant::now());
            if losses.len() >= MOST_LOSSES {
                let sentence = "the owner ended again and again; see its log in the data folder";
                let error = ClientError::NotStarted(sentence.to_owned());
                return drop(self.tell.send(News::Failed(error)).await);
            }
            let holder = Place::of(&self.data_dir).ok().and_then(|place| lock::holder(&place));
            let killed = holder.is_none_or(|holder| holder.pid != pid);
            if self.tell.send(News::Lost { killed }).await.is_err() {
                return;
            }
        }
    }

    /// Tells what the owner said, and that it speaks again. `Err`: nobody is told any more.
    async fn pass_on(
        &self,
        message: FromOwner,
        was_silent: bool,
    ) -> Result<(), mpsc::error::SendError<News>> {
        if was_silent {
            self.tell.send(News::Answers).await?;
        }
        match message {
            FromOwner::Alive => Ok(()),
            message => self.tell.send(News::Said(message)).await,
        }
    }

    /// Passes messages both ways. `true`: one of the two has ended it; `false`: the owner is gone.
    async fn talk(&mut self, client: Client, again: bool) -> bool {
        let (mut inbox, mut write) = client.split();
        if again {
            // Keys that were pressed without an owner were pressed without seeing what they do.
            while self.said.try_recv().is_ok() {}
            let (width, height) = self.console.lock().size;
            let size = ToOwner::Input(vec![InputEvent::Resize(width, height)]);
            if !send(&mut write, &size).await {
                return false;
            }
        }
        let mut silence = Silence::none();
        loop {
            tokio::select! {
                message = inbox.recv() => {
                    let Some(message) = message else { return false };
                    let last = matches!(message, FromOwner::Bye { .. } | FromOwner::Refused(_));
                    let told = self.pass_on(message, silence.told).await;
                    // Only now: while the terminal takes nothing, the owner is not listened to.
                    silence = Silence::none();
                    if told.is_err() || last {
                        send(&mut write, &ToOwner::Bye).await;
                        return true;
                    }
                }
                () = sleep_until(silence.until.into()), if !silence.told => {
                    if silence.until.elapsed() > OVERSLEPT {
                        silence = Silence::none();
                        continue;
                    }
                    silence.told = true;
                    if self.tell.send(News::Silent { since: silence.since }).await.is_err() {
                        return true;
                    }
                }
                message = self.said.recv() => match message {
                    // Pressed without seeing what it does.
                    Some(ToOwner::Input(_)) if silence.told => {
                        if self.tell.send(News::NotTaken).await.is_err() {
                            return true;
                        }
                    }
                    // A line that is gone is noticed by its other half.
                    Some(message) => drop(send(&mut write, &message).await),
                    None => {
                        send(&mut write, &ToOwner::Bye).await;
                        return true;
                    }
                },
            }
        }
    }
}

/// How long the owner has been silent.
struct Silence {
    /// When it was last heard.
    since: Timestamp,
    /// When that is too long ago.
    until: Instant,
    /// Whether its person knows.
    told: bool,
}

impl Silence {
    fn none() -> Self {
        Silence { since: Timestamp::wall_now(), until: Instant::now() + SILENCE, told: false }
    }
}

async fn send(write: &mut OwnedWriteHalf, message: &ToOwner) -> bool {
    match wire::write(write, message).await {
        Ok(()) => true,
        Err(error) => {
            tracing::debug!(%error, "a message did not reach the owner");
            false
        }
    }
}
