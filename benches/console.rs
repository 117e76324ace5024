//! The console against its bars at 120x40, on the demo and on 1,000,000 orders, both standing still,
//! with htop measured the same way where it is installed. `cargo bench --bench console`;
//! `STOCKDECK_BENCH_ORDERS=100000` is quick.
//!
//! The terminal answers no query: what is measured here is the mute one.

mod measure;
#[allow(dead_code, reason = "the tests of the console use the rest")]
#[path = "../tests/console_pty/terminal.rs"]
mod terminal;

use measure::stores::{Home, PROGRAM, number};
use measure::{process, report};
use rustix::process::Signal;
use std::ffi::OsString;
use std::time::{Duration, Instant};
use terminal::{Seen, Setup, Terminal};

const STARTS: usize = 7;
const KEYS: usize = 100;
/// The terminal counts as at rest when nothing came for so long.
const REST: Duration = Duration::from_millis(300);
const PATIENCE: Duration = Duration::from_secs(20);

/// A program that is measured.
struct Subject<'h> {
    home: &'h Home,
    program: &'static str,
    args: &'static [&'static str],
    /// Whether its figures stand there.
    painted: fn(&Seen) -> bool,
    /// Keys that lead to a long table.
    to_table: &'static str,
    down: &'static str,
    up: &'static str,
    /// Whether bars hold for it; else it is the peer.
    ours: bool,
}

fn main() {
    report::machine();
    let orders = number("STOCKDECK_BENCH_ORDERS", 1_000_000);
    let console = |home| Subject {
        home,
        program: PROGRAM,
        args: &["--demo", "--paused"],
        painted: |seen| {
            let text = seen.text();
            // The chart of demand and the day's figures; a skeleton has neither.
            text.contains("DEMAND") && text.contains("to ship")
        },
        to_table: "2",
        down: "j",
        up: "k",
        ours: true,
    };
    let demo = Home::demo();
    measure_all("the console on the demo", &console(&demo));
    let many = Home::orders(orders);
    measure_all(&format!("the console on {orders} orders"), &console(&many));
    if std::path::Path::new("/usr/bin/htop").exists() {
        let peer = Subject {
            home: &demo,
            program: "/usr/bin/htop",
            args: &[],
            painted: |seen| seen.text().contains("F10Quit"),
            to_table: "",
            down: "\x1b[B",
            up: "\x1b[A",
            ours: false,
        };
        measure_all("htop", &peer);
    } else {
        println!("\nhtop is not installed, so there is no peer in this run");
    }
}

impl Subject<'_> {
    fn setup(&self) -> Setup {
        Setup {
            program: self.program.into(),
            args: self.args.iter().map(OsString::from).collect(),
            env: self.home.env(),
            folder: self.home.folder().to_owned(),
            size: (120, 40),
            controlling: true,
        }
    }
    fn open(&self) -> Terminal {
        let terminal = Terminal::open(self.setup());
        assert!(
            terminal.wait_at_most(PATIENCE, self.painted).is_some(),
            "{} is not painted:\n{}",
            self.program,
            terminal.text()
        );
        terminal.wait_quiet(REST);
        terminal
    }
    /// Opens it on its long table.
    fn open_table(&self) -> Terminal {
        let mut terminal = self.open();
        if !self.to_table.is_empty() {
            terminal.keys(self.to_table);
            terminal.wait_quiet(REST);
        }
        terminal
    }
    fn bar(&self, bar: f64) -> Option<f64> {
        self.ours.then_some(bar)
    }
    fn line(&self, what: &str, value: f64, unit: &str, bar: f64) {
        report::line(what, value, unit, self.bar(bar));
    }
}

fn measure_all(title: &str, subject: &Subject<'_>) {
    report::head(title);
    if subject.ours {
        // The first start of all keeps the figures that later starts paint at once.
        quit(subject, subject.open());
        starts("first process", subject);
        // From here on an owner runs, as it does where several consoles are open.
        let owner = subject.home.serve(&["--demo", "--paused"]);
        starts("attaching", subject);
        used(subject, Some(owner.pid()));
        owner.end();
    } else {
        starts("start", subject);
        used(subject, None);
    }
    endings(subject);
}

fn quit(subject: &Subject<'_>, mut terminal: Terminal) {
    terminal.keys("q");
    terminal.wait_exit(PATIENCE);
    if subject.ours {
        // The owner that it started goes after it; the next start is a first one again.
        let lock = subject.home.data_dir().join("owner.lock");
        terminal::wait_until("the owner has ended", PATIENCE, || {
            let holder = std::fs::read_to_string(&lock).unwrap_or_default();
            let holder: serde_json::Value = serde_json::from_str(&holder).unwrap_or_default();
            let pid = holder.get("pid").and_then(serde_json::Value::as_u64).unwrap_or(0);
            pid == 0 || terminal::process_state(pid as u32).is_none()
        });
    }
}

fn starts(what: &str, subject: &Subject<'_>) {
    let (mut ink, mut paint, mut bytes) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..STARTS {
        let terminal = Terminal::open(subject.setup());
        let inked = |seen: &Seen| !seen.text().trim().is_empty();
        assert!(terminal.wait_at_most(PATIENCE, inked).is_some(), "no ink");
        ink.push(terminal.began.elapsed().as_secs_f64() * 1e3);
        assert!(
            terminal.wait_at_most(PATIENCE, subject.painted).is_some(),
            "not painted:\n{}",
            terminal.text()
        );
        paint.push(terminal.began.elapsed().as_secs_f64() * 1e3);
        terminal.wait_quiet(REST);
        bytes.push(terminal.count() as f64);
        if what == "first process" {
            quit(subject, terminal);
        }
    }
    subject.line(&format!("{what}: first ink, p50"), report::percentile(&ink, 0.5), "ms", 80.0);
    subject.line(&format!("{what}: full paint, p50"), report::percentile(&paint, 0.5), "ms", 150.0);
    subject.line(
        &format!("{what}: full paint, worst"),
        report::percentile(&paint, 1.0),
        "ms",
        250.0,
    );
    subject.line(&format!("{what}: bytes"), report::percentile(&bytes, 0.5), "bytes", 9_000.0);
}

/// Keys, a storm of resizes, and nothing at all.
fn used(subject: &Subject<'_>, owner: Option<u32>) {
    let mut terminal = subject.open_table();
    keys(subject, &mut terminal);
    at_once(subject, &mut terminal);
    held(subject, &mut terminal);
    idle(subject, &terminal, owner);
    let before = terminal.count();
    for n in 0..100_u16 {
        terminal.resize(120 - n % 40, 40 - n % 12);
        // A window that is dragged sends some sixty sizes a second.
        std::thread::sleep(Duration::from_millis(16));
    }
    terminal.resize(120, 40);
    terminal.wait_quiet(REST);
    let kilobytes = (terminal.count() - before) as f64 / 1e3;
    subject.line("a storm of 100 resizes", kilobytes, "kB", 250.0);
}

fn keys(subject: &Subject<'_>, terminal: &mut Terminal) {
    let (mut times, mut bytes) = (Vec::new(), Vec::new());
    for n in 0..KEYS {
        let before = terminal.count();
        let pressed = Instant::now();
        terminal.keys(if n / 50 % 2 == 0 { subject.down } else { subject.up });
        if terminal.wait_at_most(PATIENCE, |seen| seen.bytes.len() > before).is_some() {
            let came = terminal.look(|seen| {
                seen.chunks.iter().find(|chunk| chunk.total > before).map(|chunk| chunk.at)
            });
            times.extend(came.map(|at| at.duration_since(pressed).as_secs_f64() * 1e3));
        }
        terminal.wait_quiet(Duration::from_millis(40));
        bytes.push((terminal.count() - before) as f64);
    }
    subject.line("key to change, p50", report::percentile(&times, 0.5), "ms", 5.0);
    subject.line("key to change, p95", report::percentile(&times, 0.95), "ms", 16.0);
    subject.line("bytes a key, p50", report::percentile(&bytes, 0.5), "bytes", 300.0);
    subject.line("bytes a key, p95", report::percentile(&bytes, 0.95), "bytes", 1_200.0);
    let clears =
        terminal.look(|seen| String::from_utf8_lossy(&seen.bytes).matches("\x1b[2J").count());
    subject.line("full clears since the start", clears as f64, "", 1.0);
}

fn at_once(subject: &Subject<'_>, terminal: &mut Terminal) {
    let before = terminal.count();
    let pressed = Instant::now();
    terminal.keys(&subject.down.repeat(200));
    terminal.wait_quiet(REST);
    let last = terminal.look(|seen| seen.chunks.last().map(|chunk| chunk.at));
    let drained = last.map_or(Duration::ZERO, |at| at.saturating_duration_since(pressed));
    subject.line("200 keys at once", drained.as_secs_f64() * 1e3, "ms", 100.0);
    let kilobytes = (terminal.count() - before) as f64 / 1e3;
    subject.line("200 keys at once", kilobytes, "kB", 20.0);
}

fn held(subject: &Subject<'_>, terminal: &mut Terminal) {
    let before = terminal.count();
    let began = Instant::now();
    for _ in 0..90 {
        terminal.keys(subject.down);
        // A keyboard repeats some thirty times a second.
        std::thread::sleep(Duration::from_millis(33));
    }
    let rate = (terminal.count() - before) as f64 / began.elapsed().as_secs_f64();
    subject.line("a held key", rate / 1e3, "kB/s", 10.0);
}

fn idle(subject: &Subject<'_>, terminal: &Terminal, owner: Option<u32>) {
    terminal.wait_quiet(Duration::from_secs(1));
    let of = |pid: u32| (process::cpu(pid), process::Sleeps::of(pid));
    let pids: Vec<u32> = [Some(terminal.pid), owner].into_iter().flatten().collect();
    let before: Vec<_> = pids.iter().map(|pid| of(*pid)).collect();
    let (bytes, began) = (terminal.count(), Instant::now());
    std::thread::sleep(Duration::from_secs(15));
    let seconds = began.elapsed().as_secs_f64();
    subject.line("idle", (terminal.count() - bytes) as f64 / seconds, "bytes/s", 40.0);
    for ((pid, (cpu, sleeps)), who) in pids.iter().zip(before).zip(["idle", "idle, the owner"]) {
        let (cpu_now, sleeps_now) = of(*pid);
        subject.line(who, 100.0 * (cpu_now - cpu).as_secs_f64() / seconds, "% CPU", 0.3);
        subject.line(who, sleeps_now.since(&sleeps) as f64 / seconds, "wakes/s", 5.0);
    }
}

fn endings(subject: &Subject<'_>) {
    let mut restored = 0;
    for signal in [Signal::TERM, Signal::HUP, Signal::INT, Signal::QUIT] {
        let mut terminal = subject.open();
        terminal.signal(signal);
        if !terminal.ends_within(Duration::from_secs(2)) {
            continue;
        }
        let clean = terminal.look(|seen| {
            let screen = seen.screen();
            !screen.alternate_screen() && !screen.hide_cursor() && !screen.bracketed_paste()
        });
        restored += usize::from(clean && !terminal.is_raw());
    }
    // Counted as those that fail, so that the bar is a most like the others.
    subject.line("signals of 4 that leave it unrestored", 4.0 - restored as f64, "", 0.0);
    let mut setup = subject.setup();
    setup.controlling = false;
    let mut terminal = Terminal::open(setup);
    assert!(terminal.wait_at_most(PATIENCE, subject.painted).is_some());
    terminal.hang_up(if subject.ours { "?" } else { subject.down });
    let began = Instant::now();
    match terminal.ends_within(Duration::from_secs(5)) {
        true => {
            subject.line("gone after its line", began.elapsed().as_secs_f64() * 1e3, "ms", 2_000.0)
        }
        false => println!("gone after its line: stays for more than 5 s"),
    }
}
