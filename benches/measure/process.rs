//! What the kernel counts for a process.

use std::collections::HashMap;
use std::time::Duration;

/// Resident memory in bytes.
pub fn resident(pid: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kilobytes = line.and_then(|text| text.trim().trim_end_matches(" kB").parse::<u64>().ok());
    kilobytes.unwrap_or(0) * 1024
}

/// What a process's time on a processor is counted in: Linux tells programs of 100 ticks a second,
/// however often its clock ticks.
const TICK: Duration = Duration::from_millis(10);

/// Time on a processor so far, that of threads which have ended included.
pub fn cpu(pid: u32) -> Duration {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    // The name, in parentheses, may hold blanks. After it the 12th and 13th field are the ticks in
    // the program and in the kernel on its behalf.
    let after_name = stat.rsplit_once(')').map_or("", |(_, rest)| rest);
    let fields = after_name.split_whitespace().skip(11).take(2);
    let ticks: u32 = fields.filter_map(|field| field.parse::<u32>().ok()).sum();
    TICK * ticks
}

/// How often each thread of a process has gone to sleep so far, and so was or will be woken.
pub struct Sleeps(HashMap<String, u64>);

impl Sleeps {
    /// As it is now.
    pub fn of(pid: u32) -> Sleeps {
        let threads = std::fs::read_dir(format!("/proc/{pid}/task")).into_iter().flatten();
        let counts = threads.flatten().filter_map(|thread| {
            let status = std::fs::read_to_string(thread.path().join("status")).ok()?;
            let count = status.lines().find_map(|l| l.strip_prefix("voluntary_ctxt_switches:"))?;
            Some((thread.file_name().into_string().ok()?, count.trim().parse().ok()?))
        });
        Sleeps(counts.collect())
    }

    /// Wake-ups since `earlier` of the threads that are there now, those that began in between
    /// included. What a thread did that has ended since is not known.
    pub fn since(&self, earlier: &Sleeps) -> u64 {
        let before = |thread| earlier.0.get(thread).copied().unwrap_or(0);
        self.0.iter().map(|(thread, count)| count.saturating_sub(before(thread))).sum()
    }
}

/// Bytes that a folder takes on disk, as allocated.
pub fn disk(folder: &std::path::Path) -> u64 {
    use std::os::unix::fs::MetadataExt;
    let Ok(entries) = std::fs::read_dir(folder) else { return 0 };
    entries
        .flatten()
        .map(|entry| match entry.metadata() {
            Ok(meta) if meta.is_dir() => disk(&entry.path()),
            Ok(meta) => meta.blocks() * 512,
            Err(_) => 0,
        })
        .sum()
}
