//! The rules of approving as the configuration has them now: its file is looked at again before anything
//! is decided about buying, and twice a minute, so that what is changed there holds at once.

use super::house::{House, Topic};
use crate::config::{Config, ConfigError, Variables, variables};
use crate::desk::buying::Rules;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

/// How a file stood: when it was changed and how long it is; `None`: it is not there.
type Stamp = Option<(SystemTime, u64)>;

/// The file that is followed.
pub struct Followed {
    path: PathBuf,
    variables: Variables,
    /// How it stood when it was read last; `None`: it was not read yet.
    read: Option<Stamp>,
    /// What it said when the owner started, once it was read.
    start: Option<Config>,
}

impl House {
    /// The rules that hold now.
    pub fn rules(&self) -> Arc<Rules> {
        self.rules.read().clone()
    }

    /// Follows the configuration's file, if there is or may be one.
    pub fn follow_rules(&self, file: Option<PathBuf>) {
        let followed =
            |path: PathBuf| Followed { path, variables: variables(), read: None, start: None };
        *self.followed.lock() = file.map(followed);
        self.look_at_rules();
    }

    /// Takes over what the configuration says of approvals, if its file has changed.
    pub fn look_at_rules(&self) {
        let mut followed = self.followed.lock();
        let Some(known) = followed.as_mut() else { return };
        let stamp = stamp(&known.path);
        if known.read == Some(stamp) {
            return;
        }
        let is_first = known.read.replace(stamp).is_none();
        if is_first && stamp.is_none() {
            return;
        }
        let told = match Config::load(Some(&known.path), &known.variables) {
            Ok(config) => self.take_rules(known, config),
            Err(error) => Some(cannot_be_read(&known.path, &error)),
        };
        drop(followed);
        self.trouble(Topic::Configuration, told);
    }

    /// Lets what a configuration says of approvals hold; what is to be said of its other settings, if
    /// they are others than those that the owner was started with.
    fn take_rules(&self, followed: &mut Followed, config: Config) -> Option<String> {
        let changed = *self.rules() != config.approvals;
        if changed {
            tracing::info!(file = %followed.path.display(), "new rules of approving hold");
            *self.rules.write() = Arc::new(config.approvals.clone());
            // What waits for a second person or a grace period may wait no more, or again.
            self.decided.send_modify(|n| *n += 1);
            self.changed();
        }
        let start = followed.start.get_or_insert_with(|| config.clone());
        let of = |config: &Config| {
            (config.targets.clone(), config.reorders.clone(), config.retraining, config.currency)
        };
        let others = of(start) != of(&config) || start.feeds.len() != config.feeds.len();
        others.then(|| {
            format!(
                "{} has changed: [approvals] holds as it stands there now, its other settings hold when \
                 the owner is started anew: `kill {}` ends it, and the next command starts one",
                followed.path.display(),
                std::process::id()
            )
        })
    }
}

fn stamp(path: &Path) -> Stamp {
    let meta = std::fs::metadata(path).ok()?;
    Some((meta.modified().ok()?, meta.len()))
}

fn cannot_be_read(path: &Path, error: &ConfigError) -> String {
    // An error of a line names the file itself.
    let about = match error {
        ConfigError::Line { .. } | ConfigError::Unreadable { .. } => String::new(),
        ConfigError::Variable { .. } => format!("{}: ", path.display()),
    };
    format!("{about}{error}; until that is mended, [approvals] holds as it was before")
}
