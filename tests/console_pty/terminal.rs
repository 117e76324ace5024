//! A pseudo-terminal with a program in it, watched as a person watches a screen: wait for what
//! should appear, up to a deadline.

use parking_lot::{Condvar, Mutex};
use portable_pty::{CommandBuilder, ExitStatus, MasterPty, PtySize, native_pty_system};
use rustix::process::{Pid, Signal, kill_process};
use rustix::termios::{LocalModes, tcgetattr};
use std::ffi::OsString;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// How long anything may take to appear: long enough for a debug build on a busy machine.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// A program to run in a terminal.
pub struct Setup {
    /// The program.
    pub program: PathBuf,
    /// Its arguments.
    pub args: Vec<OsString>,
    /// Its whole environment.
    pub env: Vec<(OsString, OsString)>,
    /// Where it runs.
    pub folder: PathBuf,
    /// Columns and rows.
    pub size: (u16, u16),
    /// Whether the kernel tells it by signal when the terminal hangs up or is resized.
    pub controlling: bool,
}

/// Bytes that came out of the program at one moment.
#[derive(Clone, Copy, Debug)]
pub struct Chunk {
    /// When they were read.
    pub at: Instant,
    /// How many bytes had come by then.
    pub total: usize,
}

/// What came out of the program so far.
pub struct Seen {
    parser: vt100::Parser,
    /// Every byte.
    pub bytes: Vec<u8>,
    /// When they came.
    pub chunks: Vec<Chunk>,
    /// Whether the reader is to let go of the terminal.
    closing: bool,
}

impl Seen {
    /// The screen as it stands.
    pub fn screen(&self) -> &vt100::Screen {
        self.parser.screen()
    }
    /// The screen's text.
    pub fn text(&self) -> String {
        self.screen().contents()
    }
}

#[derive(Default)]
struct News {
    came: Condvar,
}

/// A running program and its terminal.
pub struct Terminal {
    /// When the program was started.
    pub began: Instant,
    /// Its process.
    pub pid: u32,
    master: Option<Box<dyn MasterPty + Send>>,
    keyboard: Option<Box<dyn Write + Send>>,
    seen: Arc<(Mutex<Seen>, News)>,
    reader: Option<JoinHandle<()>>,
    exit: Receiver<ExitStatus>,
    exited: Option<ExitStatus>,
}

impl Terminal {
    /// Starts a program.
    pub fn open(setup: Setup) -> Terminal {
        let (columns, rows) = setup.size;
        let pair = native_pty_system().openpty(pty_size(columns, rows)).unwrap();
        let mut command = CommandBuilder::new(&setup.program);
        command.args(&setup.args);
        command.env_clear();
        for (name, value) in &setup.env {
            command.env(name, value);
        }
        command.cwd(&setup.folder);
        command.set_controlling_tty(setup.controlling);
        let mut reader = pair.master.try_clone_reader().unwrap();
        let keyboard = pair.master.take_writer().unwrap();
        let seen = Seen {
            parser: emulator(columns, rows),
            bytes: Vec::new(),
            chunks: Vec::new(),
            closing: false,
        };
        let seen = Arc::new((Mutex::new(seen), News::default()));
        let began = Instant::now();
        let mut child = pair.slave.spawn_command(command).unwrap();
        // The program alone holds its end now, so that reading ends with it.
        drop(pair.slave);
        let watched = seen.clone();
        let reader = std::thread::spawn(move || {
            let mut buffer = vec![0; 1 << 16];
            while let Ok(n @ 1..) = reader.read(&mut buffer) {
                let mut seen = watched.0.lock();
                seen.parser.process(&buffer[..n]);
                seen.bytes.extend_from_slice(&buffer[..n]);
                let chunk = Chunk { at: Instant::now(), total: seen.bytes.len() };
                seen.chunks.push(chunk);
                let closing = seen.closing;
                drop(seen);
                watched.1.came.notify_all();
                if closing {
                    return;
                }
            }
        });
        let pid = child.process_id().unwrap();
        let (tell, exit) = channel();
        std::thread::spawn(move || {
            if let Ok(status) = child.wait() {
                // Nobody may be waiting for it.
                let _ = tell.send(status);
            }
        });
        Terminal {
            began,
            pid,
            master: Some(pair.master),
            keyboard: Some(keyboard),
            seen,
            reader: Some(reader),
            exit,
            exited: None,
        }
    }

    /// Types; `\r` is Enter, `\x1b` is Esc.
    pub fn keys(&mut self, keys: &str) {
        let keyboard = self.keyboard.as_mut().expect("the terminal has hung up");
        keyboard.write_all(keys.as_bytes()).unwrap();
        keyboard.flush().unwrap();
    }

    /// Gives the terminal another size.
    pub fn resize(&mut self, columns: u16, rows: u16) {
        let (shown_columns, shown_rows) = shown(columns, rows);
        self.seen.0.lock().parser.screen_mut().set_size(shown_rows, shown_columns);
        self.master.as_ref().unwrap().resize(pty_size(columns, rows)).unwrap();
    }

    /// Sends a signal to the program alone.
    pub fn signal(&self, signal: Signal) {
        kill_process(Pid::from_raw(self.pid as i32).unwrap(), signal).unwrap();
    }

    /// Looks at what came so far.
    pub fn look<T>(&self, at: impl FnOnce(&Seen) -> T) -> T {
        at(&self.seen.0.lock())
    }

    /// The screen's text.
    pub fn text(&self) -> String {
        self.look(Seen::text)
    }

    /// Bytes so far.
    pub fn count(&self) -> usize {
        self.look(|seen| seen.bytes.len())
    }

    /// Waits until something holds of the screen; how long that took.
    #[track_caller]
    pub fn wait(&self, what: &str, holds: impl FnMut(&Seen) -> bool) -> Duration {
        match self.wait_at_most(PATIENCE, holds) {
            Some(took) => took,
            None => {
                let tail: Vec<u8> =
                    self.look(|seen| seen.bytes[seen.bytes.len().saturating_sub(600)..].to_vec());
                panic!(
                    "not within {PATIENCE:?}: {what}\nthe screen:\n{}\nits last bytes: {}",
                    self.text(),
                    tail.escape_ascii()
                )
            }
        }
    }

    /// The same; `None` when it did not come to hold in time.
    pub fn wait_at_most(
        &self,
        patience: Duration,
        mut holds: impl FnMut(&Seen) -> bool,
    ) -> Option<Duration> {
        let began = Instant::now();
        let mut seen = self.seen.0.lock();
        while !holds(&seen) {
            if self.seen.1.came.wait_until(&mut seen, began + patience).timed_out() {
                return holds(&seen).then(|| began.elapsed());
            }
        }
        Some(began.elapsed())
    }

    /// Waits until a text stands on the screen.
    #[track_caller]
    pub fn wait_text(&self, text: &str) -> Duration {
        self.wait(&format!("{text:?} stands there"), |seen| seen.text().contains(text))
    }

    /// Waits until a text is gone from the screen.
    #[track_caller]
    pub fn wait_gone(&self, text: &str) -> Duration {
        self.wait(&format!("{text:?} is gone"), |seen| !seen.text().contains(text))
    }

    /// Waits until nothing has come for a while.
    pub fn wait_quiet(&self, quiet: Duration) {
        loop {
            let count = self.count();
            if self.wait_at_most(quiet, |seen| seen.bytes.len() > count).is_none() {
                return;
            }
        }
    }

    /// Waits until the program has ended; its exit status.
    #[track_caller]
    pub fn wait_exit(&mut self, patience: Duration) -> u32 {
        if self.exited.is_none() {
            self.exited = self.exit.recv_timeout(patience).ok();
        }
        match &self.exited {
            Some(status) => status.exit_code(),
            None => panic!("it still runs after {patience:?}; the screen:\n{}", self.text()),
        }
    }

    /// Whether the program ends in time; every byte of it has been read then.
    pub fn ends_within(&mut self, patience: Duration) -> bool {
        if self.exited.is_none() {
            self.exited = self.exit.recv_timeout(patience).ok();
        }
        if self.exited.is_some() {
            self.wait_drained();
        }
        self.exited.is_some()
    }

    /// Waits until every byte of a program that has ended was read.
    pub fn wait_drained(&mut self) {
        if let Some(reader) = self.reader.take() {
            reader.join().unwrap();
        }
    }

    /// Whether the terminal is in raw mode: neither lines nor echo nor signals of its own.
    pub fn is_raw(&self) -> bool {
        let path = self.master.as_ref().and_then(|master| master.tty_name()).unwrap();
        let line = std::fs::OpenOptions::new()
            .read(true)
            .write(true)
            .custom_flags_no_controlling()
            .open(path)
            .unwrap();
        let modes = tcgetattr(&line).unwrap().local_modes;
        !modes.intersects(LocalModes::ICANON | LocalModes::ECHO | LocalModes::ISIG)
    }

    /// Takes the terminal away. `provoke` are keys that make the program write something, on which
    /// the reader lets go of its end.
    pub fn hang_up(&mut self, provoke: &str) {
        self.seen.0.lock().closing = true;
        self.keys(provoke);
        self.wait_drained();
        self.keyboard = None;
        self.master = None;
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        if self.exited.is_none() && self.exit.try_recv().is_err() {
            self.signal(Signal::KILL);
        }
    }
}

trait NoControlling {
    fn custom_flags_no_controlling(&mut self) -> &mut Self;
}

impl NoControlling for std::fs::OpenOptions {
    /// Opening a terminal must not make it this process's own.
    fn custom_flags_no_controlling(&mut self) -> &mut Self {
        use std::os::unix::fs::OpenOptionsExt;
        self.custom_flags(rustix::fs::OFlags::NOCTTY.bits() as i32)
    }
}

/// The emulator's own arithmetic overflows on fewer columns than a wide glyph takes; the program is
/// told the real size all the same.
fn shown(columns: u16, rows: u16) -> (u16, u16) {
    (columns.max(4), rows.max(2))
}

fn emulator(columns: u16, rows: u16) -> vt100::Parser {
    let (columns, rows) = shown(columns, rows);
    vt100::Parser::new(rows, columns, 0)
}

fn pty_size(columns: u16, rows: u16) -> PtySize {
    PtySize { rows, cols: columns, pixel_width: 0, pixel_height: 0 }
}

/// The letter that the kernel gives a process's state (`T`: stopped); `None`: there is none.
pub fn process_state(pid: u32) -> Option<char> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    stat.rsplit_once(") ")?.1.chars().next()
}

/// Waits until something holds that no byte tells of.
#[track_caller]
pub fn wait_until(what: &str, patience: Duration, mut holds: impl FnMut() -> bool) {
    let began = Instant::now();
    while !holds() {
        assert!(began.elapsed() < patience, "not within {patience:?}: {what}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// Copies a folder.
pub fn copy_folder(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        match entry.file_type().unwrap() {
            kind if kind.is_dir() => copy_folder(&entry.path(), &target),
            kind if kind.is_file() => {
                std::fs::copy(entry.path(), target).unwrap();
            }
            // A socket that an owner left behind.
            _ => {}
        }
    }
}

/// A child of a process.
pub fn child_of(pid: u32) -> Option<u32> {
    let parent = |child: u32| -> Option<u32> {
        let stat = std::fs::read_to_string(format!("/proc/{child}/stat")).ok()?;
        stat.rsplit_once(") ")?.1.split_whitespace().nth(1)?.parse().ok()
    };
    let processes = std::fs::read_dir("/proc").ok()?;
    let mut numbers = processes.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok());
    numbers.find(|number| parent(*number) == Some(pid))
}
