//! A console driven at length on the demo store: it answers to the end, and the owner's memory does
//! not grow without bound. `STOCKDECK_SOAK_SECONDS` says how long (20); `.ci/long` does an hour.

mod process;

use process::{Home, wait_for};
use std::time::{Duration, Instant};

/// Owner's memory that no length of running needs more than.
const MOST_MB: u64 = 400;
/// Keys that go everywhere and change nothing.
const KEYS: [&str; 16] =
    ["1", "2", "jjj", "\r", "\x1b", "3", "G", "g", "s", "\r", "\x1b", "4", "5", "6", "/", "\x1b"];

/// Resident memory of a process in megabytes.
fn memory(pid: u32) -> u64 {
    let text = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let line = text.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    line.trim().trim_end_matches(" kB").trim().parse::<u64>().unwrap() / 1024
}

#[test]
fn a_console_that_is_driven_for_long_answers_and_stays_small() {
    let seconds = std::env::var("STOCKDECK_SOAK_SECONDS").ok();
    let length = Duration::from_secs(seconds.map_or(20, |seconds| seconds.parse().unwrap()));
    let home = Home::new("");
    let mut console = home.console(&["--demo", "--demo-speed", "600"]);
    console.shows("Overview");
    let owner = wait_for("the owner", || home.owner());
    let began = Instant::now();
    let mut samples: Vec<u64> = Vec::new();
    let mut round = 0;
    while began.elapsed() < length {
        for keys in KEYS {
            console.press(keys);
            // Far faster than a person, and slow enough that frames are drawn in between.
            std::thread::sleep(Duration::from_millis(40));
        }
        console.press("\x1b\x1b1");
        console.shows("Overview");
        round += 1;
        samples.push(memory(owner));
        if round % 20 == 1 {
            println!(
                "{:4} s: owner {} MB, console {} MB",
                began.elapsed().as_secs(),
                memory(owner),
                memory(console.pid())
            );
        }
    }
    let most = samples.iter().max().copied().unwrap_or_default();
    assert!(most < MOST_MB, "{most} MB after {round} rounds: {samples:?}");
    assert_eq!(home.owner(), Some(owner), "the owner was lost on the way");
}
