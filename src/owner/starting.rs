//! Starting an owner as a process of its own.

use super::client::{ClientError, StartOptions};
use super::lock::{self, Standing, StartLock};
use super::place::Place;
use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};

/// How the owner that is being started fares.
pub(super) enum Course {
    /// It may still come up.
    Running,
    /// It was killed; what can be said of it.
    Killed(String),
    /// Another owner was faster.
    Superseded,
}

/// An owner that this client is starting.
pub(super) struct Starting {
    child: Child,
    _only_one: StartLock,
}

impl Starting {
    /// `None`: another client is starting one.
    pub(super) fn begin(
        place: &Place,
        options: &StartOptions,
    ) -> Result<Option<Self>, ClientError> {
        let failed = |error: io::Error| {
            let dir = place.data_dir.display();
            ClientError::NotStarted(format!("{dir}: the owner could not be started: {error}"))
        };
        let Some(only_one) = StartLock::take(place).map_err(failed)? else { return Ok(None) };
        let _ = std::fs::remove_file(&place.error);
        let program = match &options.program {
            Some(program) => program.clone(),
            None => std::env::current_exe().map_err(failed)?,
        };
        // It stays in this group until its first act, which is to begin a session of its own: the
        // leader of a group could not, see `detach`.
        let child = Command::new(program)
            .args(&options.args)
            .envs(super::lean::SETTINGS)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(output(place).map_or_else(|_| Stdio::null(), Stdio::from))
            .spawn()
            .map_err(failed)?;
        Ok(Some(Starting { child, _only_one: only_one }))
    }

    /// How it fares; an error when it ended because it could not start.
    pub(super) fn course(&mut self, place: &Place) -> Result<Course, ClientError> {
        let Ok(Some(status)) = self.child.try_wait() else { return Ok(Course::Running) };
        if !matches!(lock::standing(place), Standing::Free) || status.success() {
            return Ok(Course::Superseded);
        }
        let unsaid = || {
            let path = place.output.display();
            format!("the owner ended while it was starting ({status}); see {path}")
        };
        if status.signal().is_some() {
            return Ok(Course::Killed(unsaid()));
        }
        let said = place.error_left().or_else(|| last_line(&place.output));
        Err(ClientError::NotStarted(said.unwrap_or_else(unsaid)))
    }

    /// It lets clients in: from here on it is only waited for, so that it does not stay in the
    /// system's list of processes once it has ended.
    pub(super) fn came_up(self) {
        let Starting { mut child, .. } = self;
        let wait = move || drop(child.wait());
        let spawned = std::thread::Builder::new().name("owner-wait".to_owned()).spawn(wait);
        drop(spawned);
    }
}

/// Where a started owner's standard error goes; begun anew each time.
fn output(place: &Place) -> io::Result<File> {
    OpenOptions::new().create(true).write(true).truncate(true).mode(0o600).open(&place.output)
}

fn last_line(path: &Path) -> Option<String> {
    let text = std::fs::read_to_string(path).ok()?;
    text.lines().rev().map(str::trim).find(|l| !l.is_empty()).map(str::to_owned)
}

/// Leaves the terminal and session of whoever started this process; the first thing that an owner
/// started by a console does. One that leads a group already stays where it is.
pub fn detach() {
    let _ = rustix::process::setsid();
}
