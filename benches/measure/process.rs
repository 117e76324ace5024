//! What the kernel counts for a process.

use std::time::Duration;

/// Resident memory in bytes.
pub fn resident(pid: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kilobytes = line.and_then(|text| text.trim().trim_end_matches(" kB").parse::<u64>().ok());
    kilobytes.unwrap_or(0) * 1024
}

/// Time on a processor so far, all threads together.
pub fn cpu(pid: u32) -> Duration {
    let nanoseconds = of_threads(pid, "schedstat", |text| {
        text.split_whitespace().next().and_then(|first| first.parse().ok())
    });
    Duration::from_nanos(nanoseconds)
}

/// Times that a thread was woken after it had gone to sleep, all threads together.
pub fn wake_ups(pid: u32) -> u64 {
    of_threads(pid, "status", |text| {
        let line = text.lines().find_map(|line| line.strip_prefix("voluntary_ctxt_switches:"));
        line.and_then(|count| count.trim().parse().ok())
    })
}

fn of_threads(pid: u32, file: &str, count: impl Fn(&str) -> Option<u64>) -> u64 {
    let Ok(threads) = std::fs::read_dir(format!("/proc/{pid}/task")) else { return 0 };
    threads
        .flatten()
        .filter_map(|thread| std::fs::read_to_string(thread.path().join(file)).ok())
        .filter_map(|text| count(&text))
        .sum()
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
