//! A console driven at length on the demo store: it answers to the end, and the owner neither grows
//! without bound nor grows steadily, in memory, files or threads. `STOCKDECK_SOAK_SECONDS` says how
//! long (20); `.ci/long` does an hour.

mod process;

use process::{Home, wait_for};
use std::time::{Duration, Instant};

/// Owner's memory that no length of running needs more than.
const MOST_MB: u64 = 400;
/// What each may grow by in megabytes after the first half, in which the demo's history fills the
/// store and its cache: the demo goes on selling. In an hour a leak of 1 kB a key comes to more.
const GROWTH_MB: [(&str, u64); 2] = [("owner", 48), ("console", 8)];
/// Open files and threads by which each may grow: those of the moment.
const GROWTH_COUNT: usize = 16;
/// Keys that go everywhere and change nothing.
const KEYS: [&str; 16] =
    ["1", "2", "jjj", "\r", "\x1b", "3", "G", "g", "s", "\r", "\x1b", "4", "5", "6", "/", "\x1b"];

/// What a process holds.
#[derive(Clone, Copy, Debug)]
struct Held {
    megabytes: u64,
    files: usize,
    threads: usize,
}

impl Held {
    fn by(pid: u32) -> Held {
        let text = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
        let line = text.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
        let kilobytes = line.trim().trim_end_matches(" kB").trim().parse::<u64>().unwrap();
        let entries = |of: &str| std::fs::read_dir(format!("/proc/{pid}/{of}")).unwrap().count();
        Held { megabytes: kilobytes / 1024, files: entries("fd"), threads: entries("task") }
    }

    /// The median of each over one tenth of a run.
    fn over(samples: &[Held], tenth: usize) -> Held {
        let part = &samples[samples.len() * tenth / 10..samples.len() * (tenth + 1) / 10];
        fn median<T: Ord + Copy>(part: &[Held], of: impl Fn(&Held) -> T) -> T {
            let mut values: Vec<T> = part.iter().map(of).collect();
            values.sort_unstable();
            values[values.len() / 2]
        }
        Held {
            megabytes: median(part, |held| held.megabytes),
            files: median(part, |held| held.files),
            threads: median(part, |held| held.threads),
        }
    }
}

#[test]
fn a_console_that_is_driven_for_long_answers_and_stays_small() {
    let seconds = std::env::var("STOCKDECK_SOAK_SECONDS").ok();
    let length = Duration::from_secs(seconds.map_or(20, |seconds| seconds.parse().unwrap()));
    let home = Home::new("");
    let mut console = home.console(&["--demo", "--demo-speed", "600"]);
    console.shows("Overview");
    let owner = wait_for("the owner", || home.owner());
    let (began, mut told) = (Instant::now(), Duration::ZERO);
    let (mut samples, mut consoles): (Vec<Held>, Vec<Held>) = (Vec::new(), Vec::new());
    while began.elapsed() < length || samples.len() < 10 {
        for keys in KEYS {
            console.press(keys);
            // Far faster than a person, and slow enough that frames are drawn in between.
            std::thread::sleep(Duration::from_millis(40));
        }
        console.press("\x1b\x1b1");
        console.shows("Overview");
        samples.push(Held::by(owner));
        consoles.push(Held::by(console.pid()));
        if began.elapsed() >= told {
            told += length / 20;
            let (owner, console) = (samples.last(), consoles.last());
            println!("{:4} s: owner {owner:?}, console {console:?}", began.elapsed().as_secs());
        }
    }
    let most = samples.iter().map(|held| held.megabytes).max().unwrap_or_default();
    assert!(most < MOST_MB, "{most} MB after {} rounds", samples.len());
    for ((who, megabytes), samples) in GROWTH_MB.iter().zip([&samples, &consoles]) {
        let (early, late) = (Held::over(samples, 5), Held::over(samples, 9));
        println!("{who}: {early:?} after the first half, {late:?} at the end");
        let grown = late.megabytes > early.megabytes + megabytes
            || late.files > early.files + GROWTH_COUNT
            || late.threads > early.threads + GROWTH_COUNT;
        assert!(!grown, "the {who} grew from {early:?} to {late:?}");
    }
    assert_eq!(home.owner(), Some(owner), "the owner was lost on the way");
}
