//! What is settled before a program begins: how the system's allocator gives back what an owner does
//! not need, and on how many threads the tensor library computes.
//!
//! glibc reads these once, before a program begins. By itself it keeps an arena for each of an owner's
//! threads, and after the first large piece that is freed it keeps all pieces up to that size: with
//! 1,000,000 orders some 7 MB more after a start, 20 after every screen, and 85 after all of them
//! were written (benches/README.md). Other allocators ignore them.
//!
//! candle spreads every product over all cores by itself. An owner forecasts in the background, on one
//! thread that gives way to all others: threads of candle's own would not.

use std::os::unix::process::CommandExt;
use std::process::Command;

/// One arena; pieces of 256 KiB, as the columns of the order index are, apart from it; and nothing
/// beyond 2 MiB kept free at its end; and one thread a product.
pub(super) const SETTINGS: [(&str, &str); 5] = [
    ("MALLOC_ARENA_MAX", "1"),
    ("MALLOC_MMAP_THRESHOLD_", "262144"),
    ("MALLOC_TRIM_THRESHOLD_", "2097152"),
    ("RAYON_NUM_THREADS", "1"),
    ("CANDLE_NUM_THREADS", "1"),
];

/// Begins this program anew, as the same process, unless all of these are set already; what whoever
/// started it has set stays. To be called before anything else is done; where it is refused, all goes
/// on as it is.
pub fn begin_anew() {
    let missing = || SETTINGS.into_iter().filter(|(name, _)| std::env::var_os(name).is_none());
    if missing().next().is_none() {
        return;
    }
    let Ok(program) = std::env::current_exe() else { return };
    let mut arguments = std::env::args_os();
    let name = arguments.next().unwrap_or_else(|| program.clone().into());
    // It returns only where the system refuses.
    let _ = Command::new(program).arg0(name).args(arguments).envs(missing()).exec();
}
