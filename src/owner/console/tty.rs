//! The terminal itself: taken over, written to, and given back whatever happens.
//!
//! Nothing here asks the terminal anything. All writing goes through one lock, under which it is
//! known whether the terminal is ours: a frame that comes too late is dropped, not written over
//! somebody else's screen.

use crate::tui::term::{Caps, sequence};
use crossterm::event::Event as InputEvent;
use parking_lot::Mutex;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::{Signal, kill_current_process_group};
use rustix::stdio::{stdin, stdout};
use rustix::termios::{
    OptionalActions, QueueSelector, Termios, isatty, tcflush, tcgetattr, tcgetwinsize, tcsetattr,
};
use std::fs::File;
use std::io::{self, Write};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::Sender;
use std::sync::{Arc, Once, OnceLock};
use std::thread;
use std::time::Duration;
use tokio::sync::{Notify, mpsc};

/// How long a terminal that takes nothing is waited for before it is given back without a word.
const STALLED: Duration = Duration::from_millis(200);
/// Frames that wait to be written before no more are taken from the owner.
const BACKLOG: usize = 2;

/// Exit status after a panic, as the runtime's own.
const PANICKED: i32 = 101;

/// There is no terminal in front of this process.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "there is no terminal here: use `stockdeck screen overview` for a picture of a screen, or \
     `stockdeck orders --format table` for its rows"
)]
pub struct NoTerminal;

/// How the terminal was before, for whoever gives it back.
static BEFORE: OnceLock<Termios> = OnceLock::new();
/// The terminal, while it is ours.
static HELD: Mutex<Option<Held>> = Mutex::new(None);

struct Held {
    output: File,
    leave: Vec<u8>,
    ours: bool,
}

/// A terminal that is there and not yet taken over.
pub(super) struct Tty(());

impl Tty {
    /// Finds the terminal.
    pub(super) fn open() -> Result<Self, NoTerminal> {
        if !isatty(stdin()) || !isatty(stdout()) {
            return Err(NoTerminal);
        }
        let before = tcgetattr(stdin()).map_err(|_| NoTerminal)?;
        BEFORE.get_or_init(|| before);
        Ok(Tty(()))
    }

    /// Takes the terminal over; a panic gives it back before it is reported.
    pub(super) fn take(self, caps: &Caps, mouse: bool, title: &str) -> io::Result<Screen> {
        static HOOK: Once = Once::new();
        #[allow(clippy::disallowed_methods, reason = "the terminal has just been given back")]
        HOOK.call_once(|| {
            let report = std::panic::take_hook();
            std::panic::set_hook(Box::new(move |panic| {
                give_back();
                report(panic);
                // A console of which a part is gone would only stand there and react to nothing.
                std::process::exit(PANICKED);
            }));
        });
        let output = File::from(rustix::io::dup(stdout())?);
        let leave = sequence::leave(caps);
        *HELD.lock() = Some(Held { output, leave, ours: false });
        let (frames, waiting) = std::sync::mpsc::channel::<Vec<u8>>();
        let backlog = Arc::new(Backlog::default());
        let written = backlog.clone();
        thread::Builder::new().name("terminal-out".to_owned()).spawn(move || {
            for bytes in waiting {
                write(&bytes);
                written.frames.fetch_sub(1, Ordering::AcqRel);
                written.less.notify_one();
            }
        })?;
        let enter = sequence::enter(caps, mouse, title);
        let screen = Screen { frames, backlog, enter };
        screen.take_again()?;
        Ok(screen)
    }
}

#[derive(Default)]
struct Backlog {
    frames: AtomicUsize,
    less: Notify,
}

/// The terminal as something to write to.
pub(super) struct Screen {
    frames: Sender<Vec<u8>>,
    backlog: Arc<Backlog>,
    enter: Vec<u8>,
}

impl Screen {
    /// Writes when the terminal takes it; never waits.
    pub(super) fn write(&self, bytes: Vec<u8>) {
        self.backlog.frames.fetch_add(1, Ordering::AcqRel);
        let _ = self.frames.send(bytes);
    }

    /// Whether the terminal keeps up.
    pub(super) fn has_room(&self) -> bool {
        self.backlog.frames.load(Ordering::Acquire) < BACKLOG
    }

    /// Returns when the terminal has taken something.
    pub(super) async fn room(&self) {
        self.backlog.less.notified().await;
    }

    /// Takes the terminal (again): raw mode, alternate screen.
    pub(super) fn take_again(&self) -> io::Result<()> {
        let mut raw = BEFORE.get().cloned().ok_or(io::ErrorKind::NotFound)?;
        raw.make_raw();
        tcsetattr(stdin(), OptionalActions::Now, &raw)?;
        if let Some(held) = HELD.lock().as_mut() {
            held.ours = true;
        }
        self.write(self.enter.clone());
        Ok(())
    }

    /// Gives the terminal back; what was not written yet is dropped.
    pub(super) fn give_back(&self) {
        give_back();
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        give_back();
    }
}

/// Writes if the terminal is ours. A terminal that is gone is noticed by the watch on it.
fn write(bytes: &[u8]) {
    if let Some(held) = HELD.lock().as_mut().filter(|held| held.ours) {
        let _ = held.output.write_all(bytes);
    }
}

/// Gives the terminal back as it was, once; safe to call at any time from any thread.
fn give_back() {
    let mut held = HELD.try_lock_for(STALLED);
    if held.is_none() {
        // The terminal takes nothing (stopped, or a dead line): drop what it has not taken.
        let _ = tcflush(stdout(), QueueSelector::OFlush);
        held = HELD.try_lock_for(STALLED);
    }
    let ours = held.as_mut().and_then(|held| held.as_mut()).filter(|held| held.ours);
    if let Some(held) = ours {
        held.ours = false;
        if takes_bytes() {
            let _ = held.output.write_all(&held.leave);
        }
    }
    if let Some(before) = BEFORE.get() {
        let _ = tcsetattr(stdin(), OptionalActions::Now, before);
    }
}

fn takes_bytes() -> bool {
    let wait = Timespec::try_from(STALLED).ok();
    let output = stdout();
    let mut fds = [PollFd::new(&output, PollFlags::OUT)];
    let ready = matches!(poll(&mut fds, wait.as_ref()), Ok(1..));
    ready && fds.iter().all(|fd| fd.revents() == PollFlags::OUT)
}

/// Columns and rows; a terminal that does not know gets 80 by 24.
pub(super) fn size() -> (u16, u16) {
    match tcgetwinsize(stdout()) {
        Ok(size) if size.ws_col > 0 && size.ws_row > 0 => (size.ws_col, size.ws_row),
        _ => (80, 24),
    }
}

/// What the terminal says, decoded, from a thread of its own.
pub(super) fn input() -> mpsc::UnboundedReceiver<InputEvent> {
    let (send, receive) = mpsc::unbounded_channel();
    let read = move || {
        while let Ok(event) = crossterm::event::read() {
            if send.send(event).is_err() {
                break;
            }
        }
    };
    // Without the thread the channel is closed, and signals still end the console.
    let _ = thread::Builder::new().name("terminal-in".to_owned()).spawn(read);
    receive
}

/// Tells when the terminal is gone. The reader of events does not notice: it would read the end of
/// the file over and over.
pub(super) fn hang_up() -> mpsc::Receiver<()> {
    let (send, receive) = mpsc::channel(1);
    let watch = move || loop {
        let input = stdin();
        let mut fds = [PollFd::new(&input, PollFlags::empty())];
        match poll(&mut fds, None) {
            Err(rustix::io::Errno::INTR) | Ok(0) => {}
            Ok(_) | Err(_) => {
                // Nobody listens any more: then there is nobody to tell.
                let _ = send.blocking_send(());
                break;
            }
        }
    };
    let spawned = thread::Builder::new().name("terminal-watch".to_owned()).spawn(watch);
    drop(spawned);
    receive
}

/// Stops this process and the rest of its job, as Ctrl-Z does; returns when it goes on.
pub(super) fn stop() -> io::Result<()> {
    Ok(kill_current_process_group(Signal::STOP)?)
}
