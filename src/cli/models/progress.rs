//! How far long work is, on a terminal's standard error, and its end by Ctrl-C.

use crate::cli::block_on;
use crate::engine::api::Refusal;
use std::io::{IsTerminal, Write};
use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// A line of progress on a terminal's standard error.
pub(super) struct Line {
    began: Instant,
    shown: bool,
    terminal: bool,
}

impl Line {
    /// Of work that begins now.
    pub(super) fn new() -> Self {
        let terminal = std::io::stderr().is_terminal();
        Self { began: Instant::now(), shown: false, terminal }
    }

    /// Shows a text in place of the last one.
    pub(super) fn show(&mut self, text: &str) {
        if self.terminal {
            eprint!("\r\x1b[K{text}");
            // Progress that cannot be shown is no reason to stop.
            let _ = std::io::stderr().flush();
            self.shown = true;
        }
    }

    /// Shows the share done and how long the rest takes at this pace.
    pub(super) fn share(&mut self, what: &str, share: f32) {
        let left = match left(self.began.elapsed(), share) {
            Some(left) => format!(", {} s left", left.as_secs()),
            None => String::new(),
        };
        self.show(&format!("{what} {:.0} %{left}", 100.0 * share));
    }

    /// Leaves the line as it stands.
    pub(super) fn end(&mut self) {
        if self.shown {
            eprintln!();
        }
    }

    /// Takes the line away.
    pub(super) fn clear(&mut self) {
        if self.shown {
            self.show("");
            self.shown = false;
        }
    }
}

/// How long the rest takes; `None` before anything can be said.
fn left(spent: Duration, share: f32) -> Option<Duration> {
    (share > 0.0).then(|| spent.mul_f32(((1.0 - share) / share).clamp(0.0, 1e6)))
}

/// Whether somebody has pressed Ctrl-C. The second one ends the command at once.
#[derive(Clone)]
pub(super) struct Interrupted(Arc<AtomicBool>);

impl Interrupted {
    /// Listens from now on.
    #[allow(clippy::disallowed_methods, reason = "no terminal is held here")]
    pub(super) fn watch() -> Result<Self, Refusal> {
        let pressed = Arc::new(AtomicBool::new(false));
        let heard = Arc::clone(&pressed);
        let wait = move || {
            // Where no signal can be heard, Ctrl-C ends the process as it does without us.
            let _ = block_on(async {
                if tokio::signal::ctrl_c().await.is_ok() {
                    heard.store(true, Ordering::Relaxed);
                    if tokio::signal::ctrl_c().await.is_ok() {
                        std::process::exit(128 + rustix::process::Signal::INT.as_raw());
                    }
                }
            });
        };
        let started = std::thread::Builder::new().name("interrupts".into()).spawn(wait);
        started.map_err(|error| Refusal::failed(format!("cannot start a thread: {error}")))?;
        Ok(Self(pressed))
    }

    /// Whether the work is to go on.
    pub(super) fn flow(&self) -> ControlFlow<()> {
        if self.0.load(Ordering::Relaxed) {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rest_takes_as_long_as_what_is_done_did() {
        let spent = Duration::from_secs(30);
        assert_eq!(left(spent, 0.75).unwrap().as_secs(), 10);
        assert_eq!(left(spent, 0.0), None);
        assert_eq!(left(spent, 1.0).unwrap().as_secs(), 0);
    }
}
