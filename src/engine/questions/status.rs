//! What the owner is, holds and uses.

use crate::engine::JOURNAL_FILE;
use crate::engine::api::Status;
use crate::engine::house::{House, Ready};

/// The owner's own facts.
pub fn status(house: &House) -> Status {
    let (counts, newest_order) = {
        let index = house.orders.read();
        (index.counts(), index.newest_placed(house.clock.now()))
    };
    let stock = {
        let stock = house.stock.read();
        [stock.product_count() as u64, stock.position_count() as u64]
    };
    let archive = house.writer.try_lock().and_then(|w| w.as_ref().map(|w| w.archive.bytes()));
    let journal = std::fs::metadata(house.data_dir.join(JOURNAL_FILE));
    Status {
        version: env!("CARGO_PKG_VERSION").into(),
        pid: std::process::id(),
        since: house.since,
        data_dir: house.data_dir.display().to_string().into(),
        kind: house.kind,
        now: house.clock.now(),
        ready: *house.ready.borrow() == Ready::Yes,
        // The engine knows; see there.
        paused: false,
        following: false,
        feeds_left_out: false,
        trouble: house.troubles(),
        work: house.works.list(),
        consoles: house.consoles.lock().clone(),
        counts: [counts.orders as u64, counts.lines as u64, stock[0], stock[1]],
        newest_order,
        disk: [
            house.store().map_or(0, |store| store.disk_bytes()),
            archive.unwrap_or(0),
            journal.map_or(0, |meta| meta.len()),
        ],
        memory: resident(),
        journal_entries: house.journal.lock().len(),
        plan_waits: crate::engine::forecasts::waits(house).map(Into::into),
        drift: house.trainings.told(house.clock.now()).shift().map(Into::into),
    }
}

/// Resident memory of this process, from `/proc` where there is one.
fn resident() -> Option<u64> {
    let text = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kilobytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kilobytes * 1024)
}
