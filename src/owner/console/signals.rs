//! The signals that a console heeds.

use rustix::process::Signal as Number;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::mpsc;

/// Signals that end a process which does nothing about them; the terminal is given back first.
/// Those of a fault in the program itself cannot be waited for.
const ENDS: [Number; 11] = [
    Number::TERM,
    Number::INT,
    Number::HUP,
    Number::QUIT,
    Number::USR1,
    Number::USR2,
    Number::ALARM,
    Number::VTALARM,
    Number::PROF,
    Number::XCPU,
    Number::XFSZ,
];

/// What signals tell a console.
pub(super) struct Signals {
    /// The number of a signal that ends it.
    pub(super) ends: mpsc::Receiver<u8>,
    /// It is to stop.
    pub(super) stop: Signal,
    /// It goes on.
    pub(super) go_on: Signal,
    /// Its terminal has another size. Watched before the size is first read, so that no resize
    /// falls in between.
    pub(super) resize: Signal,
}

impl Signals {
    pub(super) fn new() -> std::io::Result<Self> {
        let (tell, ends) = mpsc::channel(1);
        for number in ENDS.map(Number::as_raw) {
            let mut came = signal(SignalKind::from_raw(number))?;
            let tell = tell.clone();
            tokio::spawn(async move {
                while came.recv().await.is_some() {
                    // One that ends it is enough; the others are of no interest then.
                    let _ = tell.try_send(u8::try_from(number).unwrap_or(0));
                }
            });
        }
        let watch = |number: Number| signal(SignalKind::from_raw(number.as_raw()));
        let (stop, go_on) = (watch(Number::TSTP)?, watch(Number::CONT)?);
        Ok(Signals { ends, stop, go_on, resize: signal(SignalKind::window_change())? })
    }
}
