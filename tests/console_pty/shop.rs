//! A demo store with made-up orders whose time stands still, in folders of its own.

use crate::terminal::{PATIENCE, Setup, Terminal, copy_folder, process_state, wait_until};
use rustix::process::{Pid, Signal, kill_process};
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::OnceLock;
use tempfile::TempDir;

/// The binary under test.
pub const PROGRAM: &str = env!("CARGO_BIN_EXE_stockdeck");
/// Orders in the store; their numbers begin with [`OLDEST`].
pub const ORDERS: u32 = 1_500;
/// The number of the oldest order.
pub const OLDEST: u32 = 1_000_001;
/// The number of the newest order.
pub const NEWEST: u32 = OLDEST + ORDERS - 1;

/// A store, and the folders that stand in for a home.
pub struct Shop {
    home: TempDir,
}

impl Shop {
    /// A store with orders, copied from one that is filled once.
    pub fn filled() -> Shop {
        static FILLED: OnceLock<Shop> = OnceLock::new();
        let filled = FILLED.get_or_init(|| {
            let shop = Shop::empty();
            let orders = ORDERS.to_string();
            let told = shop.run(&["demo", "fill", "--orders", &orders]);
            assert!(told.status.success(), "{}", String::from_utf8_lossy(&told.stderr));
            shop.end_owner();
            shop
        });
        let shop = Shop::empty();
        copy_folder(&filled.data_dir(), &shop.data_dir());
        shop
    }

    /// A home without a store.
    pub fn empty() -> Shop {
        Shop { home: TempDir::new().unwrap() }
    }

    /// Where the demo store lies.
    pub fn data_dir(&self) -> PathBuf {
        self.home.path().join("data/stockdeck/demo")
    }

    fn env(&self) -> Vec<(OsString, OsString)> {
        let at = |name: &str| self.home.path().join(name).into_os_string();
        let mut env: Vec<(OsString, OsString)> = vec![
            ("HOME".into(), at("home")),
            ("XDG_DATA_HOME".into(), at("data")),
            ("XDG_CONFIG_HOME".into(), at("config")),
            ("XDG_STATE_HOME".into(), at("state")),
            ("XDG_CACHE_HOME".into(), at("cache")),
            ("TERM".into(), "xterm-256color".into()),
            ("LANG".into(), "en_GB.UTF-8".into()),
        ];
        env.extend(std::env::var_os("PATH").map(|path| ("PATH".into(), path)));
        env
    }

    /// What a command of the program on this store says. It runs without a terminal.
    pub fn run(&self, args: &[&str]) -> Output {
        Command::new(PROGRAM)
            .args(args)
            .args(["--paused", "--demo-start", "2026-03-02T09:00:00Z"])
            .env_clear()
            .envs(self.env())
            .current_dir(self.home.path())
            .output()
            .unwrap()
    }

    /// How a console on this store is opened at 120x40.
    pub fn console(&self, args: &[&str]) -> Setup {
        let fixed = ["--paused", "--demo-start", "2026-03-02T09:00:00Z"];
        Setup {
            program: PROGRAM.into(),
            args: args.iter().chain(&fixed).map(OsString::from).collect(),
            env: self.env(),
            folder: self.home.path().to_owned(),
            size: (120, 40),
            controlling: true,
        }
    }

    /// A console on this store, painted.
    pub fn open(&self, args: &[&str]) -> Terminal {
        let terminal = Terminal::open(self.console(args));
        terminal.wait_text("to ship");
        terminal
    }

    /// The process that owns the store, if one runs.
    pub fn owner(&self) -> Option<u32> {
        let holder = std::fs::read_to_string(self.data_dir().join("owner.lock")).ok()?;
        let holder: serde_json::Value = serde_json::from_str(&holder).ok()?;
        let pid = u32::try_from(holder.get("pid")?.as_u64()?).ok()?;
        process_state(pid).filter(|state| *state != 'Z').map(|_| pid)
    }

    fn end_owner(&self) {
        let Some(pid) = self.owner() else { return };
        // It may have ended by itself just now.
        let _ = kill_process(Pid::from_raw(pid as i32).unwrap(), Signal::TERM);
        wait_until("the owner has ended", PATIENCE, || self.owner().is_none());
    }

    /// The home's folder.
    pub fn home(&self) -> &Path {
        self.home.path()
    }
}

impl Drop for Shop {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            self.end_owner();
        } else if let Some(pid) = self.owner().and_then(|pid| Pid::from_raw(pid as i32)) {
            // The test's own failure is what should be read.
            let _ = kill_process(pid, Signal::KILL);
        }
    }
}

/// Sets a variable of a console's environment.
pub fn with_env(mut setup: Setup, name: &str, value: &str) -> Setup {
    setup.env.retain(|(known, _)| known != name);
    setup.env.push((name.into(), value.into()));
    setup
}
