//! Stores to measure on, made by the real binary and kept between runs in the build's folder.

use rustix::process::{Pid, Signal, kill_process};
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// The binary that is measured.
pub const PROGRAM: &str = env!("CARGO_BIN_EXE_stockdeck");

/// A number from the environment, for quick runs.
pub fn number(name: &str, default: u64) -> u64 {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(default)
}

/// A home folder of its own with one store in it.
pub struct Home {
    folder: PathBuf,
}

impl Home {
    /// An empty one.
    pub fn fresh(name: &str) -> Home {
        // What an earlier run left.
        let _ = std::fs::remove_dir_all(Home::of(name).folder);
        Home::of(name)
    }
    fn of(name: &str) -> Home {
        let home = Home { folder: Path::new(env!("CARGO_TARGET_TMPDIR")).join("bench").join(name) };
        std::fs::create_dir_all(&home.folder).unwrap();
        home
    }

    /// The demo with its whole history, standing still.
    pub fn demo() -> Home {
        let home = Home::of("demo");
        if !home.done().exists() {
            let began = Instant::now();
            println!("making the demo's history ...");
            home.run(&["--demo", "doctor"]);
            let owner = home.serve(&["--demo", "--demo-speed", "1"]);
            assert!(home.run(&["--demo", "sync", "--once"]), "the demo's history");
            owner.end();
            std::fs::write(home.done(), "").unwrap();
            println!("... in {:.0} s", began.elapsed().as_secs_f64());
        }
        home
    }

    /// A demo store with so many made-up orders.
    pub fn orders(orders: u64) -> Home {
        let home = Home::of(&format!("orders-{orders}"));
        if !home.done().exists() {
            let began = Instant::now();
            println!("making up {orders} orders ...");
            let owner = home.serve(&["--demo", "--paused"]);
            assert!(home.run(&["demo", "fill", "--orders", &orders.to_string()]));
            owner.end();
            std::fs::write(home.done(), "").unwrap();
            println!("... in {:.0} s", began.elapsed().as_secs_f64());
        }
        home
    }

    fn done(&self) -> PathBuf {
        self.folder.join("done")
    }

    /// Where the demo store lies.
    pub fn data_dir(&self) -> PathBuf {
        self.folder.join("data/stockdeck/demo")
    }

    /// The folder itself.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The environment of whatever runs here.
    pub fn env(&self) -> Vec<(OsString, OsString)> {
        let at = |name: &str| self.folder.join(name).into_os_string();
        vec![
            ("HOME".into(), at("home")),
            ("XDG_DATA_HOME".into(), at("data")),
            ("XDG_CONFIG_HOME".into(), at("config")),
            ("XDG_RUNTIME_DIR".into(), at("run")),
            ("PATH".into(), std::env::var_os("PATH").unwrap_or_default()),
            ("TERM".into(), "xterm-256color".into()),
            ("LANG".into(), "C.UTF-8".into()),
        ]
    }

    /// Runs a command of the program; whether it went well.
    pub fn run(&self, args: &[&str]) -> bool {
        self.command(args).stdout(Stdio::null()).status().unwrap().success()
    }

    /// A command of the program.
    pub fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(PROGRAM);
        command.args(args).env_clear().envs(self.env()).current_dir(&self.folder);
        command
    }

    /// Starts an owner and waits until it answers with everything loaded.
    pub fn serve(&self, args: &[&str]) -> Owner {
        self.serve_as(args, &["--demo"])
    }

    /// The same for a store of a merchant in a folder by name, which imports go into.
    pub fn serve_live(&self, data_dir: &str) -> Owner {
        let place = ["--data-dir", data_dir];
        self.serve_as(&["--kind", "live", "--data-dir", data_dir], &place)
    }

    fn serve_as(&self, args: &[&str], place: &[&str]) -> Owner {
        let mut serve = vec!["serve"];
        serve.extend(args);
        let mut ask = vec!["orders", "--limit", "1"];
        ask.extend(place);
        let child = self.command(&serve).stdout(Stdio::null()).spawn().unwrap();
        let owner = Owner { child };
        let began = Instant::now();
        // A question about orders is answered once the store is loaded.
        while !self
            .command(&ask)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status()
            .unwrap()
            .success()
        {
            assert!(began.elapsed() < Duration::from_secs(300), "the owner does not come up");
            std::thread::sleep(Duration::from_millis(100));
        }
        owner
    }
}

/// A running owner.
pub struct Owner {
    child: Child,
}

impl Owner {
    /// Its process.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }
    /// Ends it and waits until it has.
    pub fn end(mut self) {
        self.stop();
    }
    fn stop(&mut self) {
        // It may have ended already; then there is nothing to wait for either.
        let _ = kill_process(Pid::from_child(&self.child), Signal::TERM);
        let _ = self.child.wait();
    }
}

impl Drop for Owner {
    fn drop(&mut self) {
        self.stop();
    }
}
