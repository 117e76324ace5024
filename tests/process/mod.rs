//! The real binary in a home of its own: commands, owners, and consoles in a pseudo-terminal.
#![allow(dead_code, reason = "each test file uses what it needs")]

use portable_pty::{CommandBuilder, MasterPty, PtySize, native_pty_system};
use rustix::fs::FlockOperation;
use rustix::process::Signal;
use serde_json::Value;
use std::io::{Read, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// How long anything may take on a machine that has other things to do.
pub const DEADLINE: Duration = Duration::from_secs(60);

/// Waits until something is there.
pub fn wait_for<T>(what: &str, look: impl FnMut() -> Option<T>) -> T {
    wait_within(DEADLINE, what, look)
}

/// The same for so long.
pub fn wait_within<T>(limit: Duration, what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let give_up = Instant::now() + limit;
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(Instant::now() < give_up, "waited in vain for {what}");
        std::thread::sleep(Duration::from_millis(2));
    }
}

/// A home folder with a configuration, and a store in it.
pub struct Home {
    root: tempfile::TempDir,
    pub data_dir: PathBuf,
}

impl Home {
    pub fn new(config: &str) -> Self {
        let root = tempfile::tempdir().unwrap();
        let file = root.path().join("config.toml");
        std::fs::write(&file, config).unwrap();
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o600)).unwrap();
        let data_dir = root.path().join("store");
        Home { root, data_dir }
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.root.path().join(name)
    }

    pub fn write(&self, name: &str, content: &str) -> PathBuf {
        let path = self.path(name);
        std::fs::write(&path, content).unwrap();
        path
    }

    fn variables(&self) -> Vec<(&'static str, PathBuf)> {
        let root = self.root.path();
        vec![
            ("HOME", root.to_owned()),
            ("XDG_CONFIG_HOME", root.join("xdg-config")),
            ("XDG_DATA_HOME", root.join("xdg-data")),
            ("XDG_RUNTIME_DIR", root.join("xdg-run")),
            ("STOCKDECK_CONFIG", root.join("config.toml")),
            ("STOCKDECK_DATA_DIR", self.data_dir.clone()),
            ("LANG", "C.UTF-8".into()),
        ]
    }

    pub fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_stockdeck"));
        command.args(args).env_clear().envs(self.variables()).current_dir(self.root.path());
        command
    }

    pub fn output(&self, args: &[&str]) -> Output {
        self.command(args).stdin(Stdio::null()).output().unwrap()
    }

    /// What a command that succeeds prints.
    pub fn run(&self, args: &[&str]) -> String {
        let output = self.output(args);
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "stockdeck {args:?}: {said}");
        String::from_utf8(output.stdout).unwrap()
    }

    /// What a command prints as JSON.
    pub fn json(&self, args: &[&str]) -> Value {
        let mut args = args.to_vec();
        args.extend(["--format", "json"]);
        let text = self.run(&args);
        serde_json::from_str(&text).unwrap_or_else(|error| panic!("{args:?}: {error}: {text}"))
    }

    /// An owner in the foreground, killed when this is dropped.
    pub fn serve(&self, args: &[&str]) -> Owner {
        let mut all = vec!["serve"];
        all.extend(args);
        let child = self.command(&all).stdin(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        Owner(child)
    }

    /// An owner in the foreground that lets clients in.
    pub fn serving(&self, args: &[&str]) -> Owner {
        let owner = self.serve(args);
        wait_for("the owner to serve", || {
            let store = self.data_dir.join("kind").exists();
            (store && self.owner() == Some(owner.0.id())).then_some(())
        });
        owner
    }

    /// The process that owns the store, from its lock.
    pub fn owner(&self) -> Option<u32> {
        let mut lock = std::fs::File::open(self.data_dir.join("owner.lock")).ok()?;
        if rustix::fs::flock(&lock, FlockOperation::NonBlockingLockShared).is_ok() {
            // The last owner's number may be somebody else's by now.
            return None;
        }
        let mut text = String::new();
        lock.read_to_string(&mut text).ok()?;
        let holder: Value = serde_json::from_str(&text).ok()?;
        u32::try_from(holder["pid"].as_u64()?).ok()
    }

    /// A console in a pseudo-terminal.
    pub fn console(&self, args: &[&str]) -> Console {
        Console::open(self, args)
    }
}

impl Drop for Home {
    fn drop(&mut self) {
        // An owner that a console or command started would stay until it notices.
        if let Some(pid) = self.owner() {
            kill(pid);
        }
    }
}

/// An owner that this test runs.
pub struct Owner(pub Child);

impl Drop for Owner {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Whether a process is there and no zombie.
pub fn alive(pid: u32) -> bool {
    let Ok(stat) = std::fs::read_to_string(format!("/proc/{pid}/stat")) else { return false };
    stat.rsplit_once(')').is_some_and(|(_, rest)| !rest.trim_start().starts_with('Z'))
}

/// SIGKILL, and waits until it is gone.
pub fn kill(pid: u32) {
    signal(pid, Signal::KILL);
    wait_for("a killed process to be gone", || (!alive(pid)).then_some(()));
}

/// Sends a signal to a process, which may be gone.
pub fn signal(pid: u32, signal: Signal) {
    let raw = rustix::process::Pid::from_raw(pid.cast_signed()).unwrap();
    let _ = rustix::process::kill_process(raw, signal);
}

/// A console in a pseudo-terminal, and what stands on its screen.
pub struct Console {
    child: Box<dyn portable_pty::Child + Send + Sync>,
    writer: Box<dyn Write + Send>,
    screen: Arc<Mutex<vt100::Parser>>,
    sent: Arc<Mutex<Vec<u8>>>,
    _master: Box<dyn MasterPty + Send>,
}

impl Console {
    fn open(home: &Home, args: &[&str]) -> Self {
        let (rows, cols) = (30, 120);
        let size = PtySize { rows, cols, pixel_width: 0, pixel_height: 0 };
        let pair = native_pty_system().openpty(size).unwrap();
        let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_stockdeck"));
        command.args(args);
        command.env_clear();
        for (name, value) in home.variables() {
            command.env(name, value);
        }
        command.env("TERM", "xterm-256color");
        command.cwd(home.root.path());
        let child = pair.slave.spawn_command(command).unwrap();
        drop(pair.slave);
        let screen = Arc::new(Mutex::new(vt100::Parser::new(rows, cols, 0)));
        let mut reader = pair.master.try_clone_reader().unwrap();
        let seen = screen.clone();
        let sent = Arc::new(Mutex::new(Vec::new()));
        let all = sent.clone();
        std::thread::spawn(move || {
            let mut bytes = [0; 4096];
            while let Ok(n @ 1..) = reader.read(&mut bytes) {
                seen.lock().unwrap().process(&bytes[..n]);
                all.lock().unwrap().extend_from_slice(&bytes[..n]);
            }
        });
        let writer = pair.master.take_writer().unwrap();
        Console { child, writer, screen, sent, _master: pair.master }
    }

    pub fn text(&self) -> String {
        self.screen.lock().unwrap().screen().contents()
    }

    /// Waits until a text stands on the screen.
    pub fn shows(&self, text: &str) {
        let give_up = Instant::now() + DEADLINE;
        while !self.text().contains(text) {
            assert!(Instant::now() < give_up, "{text:?} never stood there:\n{}", self.text());
            std::thread::sleep(Duration::from_millis(2));
        }
    }

    /// Waits until its terminal was sent a sequence.
    pub fn was_sent(&self, sequence: &[u8]) {
        wait_for("a sequence", || {
            let sent = self.sent.lock().unwrap();
            sent.windows(sequence.len()).any(|some| some == sequence).then_some(())
        });
    }

    pub fn press(&mut self, keys: &str) {
        self.writer.write_all(keys.as_bytes()).unwrap();
        self.writer.flush().unwrap();
    }

    pub fn pid(&self) -> u32 {
        self.child.process_id().unwrap()
    }

    /// Kills it as `kill -9` does.
    pub fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Waits until it has ended; its exit status.
    pub fn ended(&mut self) -> u32 {
        wait_for("the console to end", || self.child.try_wait().unwrap()).exit_code()
    }
}

impl Drop for Console {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A file of orders with this many lines, one line an order, a day each hundred.
pub fn orders_csv(count: usize) -> String {
    let mut text = String::from("order_id,placed_at,sku,qty,price,currency,customer,status\n");
    for n in 0..count {
        let (day, hour) = (1 + n / 100 % 28, n % 24);
        let month = 1 + n / 2_800;
        text.push_str(&format!(
            "N{n:06},2026-{month:02}-{day:02}T{hour:02}:00:00Z,SKU-{},{},2.50,GBP,c{},new\n",
            n % 37,
            1 + n % 5,
            n % 91
        ));
    }
    text
}

/// The store as commands print it, without what differs from run to run: when something was heard,
/// and pseudonyms, whose key is each store's own.
pub fn state(home: &Home) -> Vec<(&'static str, Vec<String>)> {
    let tables: [(&str, &[&str]); 4] = [
        ("orders", &["customer"]),
        ("stock", &["as_of"]),
        ("demand", &[]),
        ("quarantine", &["at", "seq"]),
    ];
    let table = |(name, without): (&'static str, &[&str])| {
        let mut rows: Vec<String> = home
            .json(&[name])
            .as_array()
            .unwrap()
            .iter()
            .cloned()
            .map(|mut row| {
                for column in without {
                    row.as_object_mut().unwrap().remove(*column);
                }
                row.to_string()
            })
            .collect();
        rows.sort();
        (name, rows)
    };
    tables.into_iter().map(table).collect()
}

/// Says what differs between two states.
pub fn assert_same(what: &str, home: &Home, wanted: &[(&'static str, Vec<String>)]) {
    for ((table, found), (_, wanted)) in state(home).iter().zip(wanted) {
        let lacks = wanted.iter().find(|row| !found.contains(row));
        let extra = found.iter().find(|row| !wanted.contains(row));
        assert!(
            found == wanted,
            "{what}: {table} has {} rows, not {}; lacks {lacks:?}; has {extra:?}",
            found.len(),
            wanted.len()
        );
    }
}

/// A folder and all in it.
pub fn copy_folder(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        match entry.file_type().unwrap() {
            kind if kind.is_dir() => copy_folder(&entry.path(), &target),
            kind if kind.is_file() => drop(std::fs::copy(entry.path(), target).unwrap()),
            _ => {}
        }
    }
}
