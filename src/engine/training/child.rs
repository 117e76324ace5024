//! The process that trains: started, listened to, and ended.

use crate::model::registry::Card;
use crate::model::train::Look;
use crate::model::train::apart::{Job, Line};
use std::io::{BufRead, BufReader, Read};
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread::JoinHandle;
use std::time::Duration;

/// How often it is looked whether somebody cancelled.
const LOOK: Duration = Duration::from_millis(100);
/// Most that is kept of what it says on standard error.
const MOST_SAID: u64 = 64 << 10;
/// What an owner's own allocator is told, which is not meant for a training.
const NOT_FOR_IT: [&str; 3] =
    ["MALLOC_ARENA_MAX", "MALLOC_MMAP_THRESHOLD_", "MALLOC_TRIM_THRESHOLD_"];

/// Why nothing came of a training.
#[derive(Debug, PartialEq, Eq)]
pub enum Ended {
    /// Somebody cancelled it.
    Cancelled,
    /// It failed, and why.
    Failed(String),
}

/// A child that does not outlive this.
struct Killed(Child);

impl Drop for Killed {
    fn drop(&mut self) {
        // One that has ended already is only waited for.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Trains in a process of its own: `program` is this very program.
pub fn train(
    program: &Path,
    job: &Job,
    cancelled: &dyn Fn() -> bool,
    hear: &mut dyn FnMut(Look),
) -> Result<Card, Ended> {
    let failed = |what: &str, error: &dyn std::fmt::Display| {
        Ended::Failed(format!("the training's process {what}: {error}"))
    };
    let mut command = Command::new(program);
    command.args(["train", "apart"]);
    for name in NOT_FOR_IT {
        command.env_remove(name);
    }
    let child = command
        .env("RAYON_NUM_THREADS", "1")
        .env("CANDLE_NUM_THREADS", "1")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| failed("could not be started", &error))?;
    let mut child = Killed(child);
    let pipes = (child.0.stdin.take(), child.0.stdout.take(), child.0.stderr.take());
    let (Some(mut stdin), Some(stdout), Some(stderr)) = pipes else {
        return Err(failed("could not be started", &"it has no pipes"));
    };
    let said = listen(stderr).map_err(|error| failed("could not be listened to", &error))?;
    let (lines, reader) =
        lines(stdout).map_err(|error| failed("could not be listened to", &error))?;
    // Where it ended before it had read everything, its end says why.
    let _ = job.write(&mut stdin);
    let mut done = None;
    loop {
        if cancelled() {
            return Err(Ended::Cancelled);
        }
        match lines.recv_timeout(LOOK) {
            Ok(Line::Look(look)) => hear(look),
            Ok(Line::Done(card)) => done = Some(card),
            Ok(Line::Failed(reason)) => return Err(Ended::Failed(reason)),
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => break,
        }
    }
    let status = child.0.wait().map_err(|error| failed("was lost", &error))?;
    drop(stdin);
    drop(reader);
    match done {
        Some(card) => Ok(*card),
        None => Err(Ended::Failed(died(status, said))),
    }
}

/// The lines that it tells. What is none is left out.
fn lines(
    from: impl Read + Send + 'static,
) -> std::io::Result<(mpsc::Receiver<Line>, JoinHandle<()>)> {
    let (tell, told) = mpsc::channel();
    let read = move || {
        for line in BufReader::new(from).lines().map_while(Result::ok) {
            match serde_json::from_str(&line) {
                Ok(line) => {
                    if tell.send(line).is_err() {
                        return;
                    }
                }
                Err(error) => tracing::warn!(%error, line, "a training told what nobody knows"),
            }
        }
    };
    Ok((told, std::thread::Builder::new().name("training".into()).spawn(read)?))
}

/// What it says on standard error. All of it is read, so that it can go on saying more.
fn listen(mut from: impl Read + Send + 'static) -> std::io::Result<JoinHandle<String>> {
    let read = move || {
        let mut text = Vec::new();
        // What cannot be read is not said.
        let _ = (&mut from).take(MOST_SAID).read_to_end(&mut text);
        let _ = std::io::copy(&mut from, &mut std::io::sink());
        String::from_utf8_lossy(&text).into_owned()
    };
    std::thread::Builder::new().name("training-errors".into()).spawn(read)
}

fn died(status: std::process::ExitStatus, said: JoinHandle<String>) -> String {
    let said = said.join().unwrap_or_default();
    let last = said.lines().rev().map(str::trim).find(|line| !line.is_empty());
    match (status.signal(), last) {
        (Some(signal), _) => {
            format!("its process was killed by signal {signal}; it is tried again when it is due")
        }
        (None, Some(last)) => format!("its process ended: {last}"),
        (None, None) => format!("its process ended without a word ({status})"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_that_is_said_is_read_and_the_first_of_it_kept() {
        let (from, mut to) = std::io::pipe().unwrap();
        let said = listen(from).unwrap();
        let line = [b'x'; 1 << 16];
        for _ in 0..8 {
            std::io::Write::write_all(&mut to, &line).unwrap();
        }
        drop(to);
        assert_eq!(said.join().unwrap().len() as u64, MOST_SAID);
    }
}
