//! Which store a command means, and what an owner of it is started with.

use super::args::PlaceArgs;
use crate::config::{self, Config};
use crate::engine::api::{Refusal, StoreKind};
use crate::owner::StartOptions;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// A store: where it lies, what it is for, how its owner is configured.
#[derive(Clone, Debug)]
pub struct Place {
    /// Its folder.
    pub data_dir: PathBuf,
    /// What it is for.
    pub kind: StoreKind,
    /// Whether nothing is there yet.
    pub new: bool,
    /// The configuration as used.
    pub config: Config,
    /// Whether its feeds are left out because they belong to another store.
    foreign: bool,
    args: PlaceArgs,
}

/// What a command does with the store, which decides what a new one becomes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Intent {
    /// Opens a console or serves: a new store without feeds becomes a demo.
    Open,
    /// Serves: a new store is of this kind.
    Own(StoreKind),
    /// Asks or decides: as for a console, but a folder named by hand must hold a store.
    Ask,
    /// Lets the feeds read: a new store is theirs.
    Sync,
    /// Reads a merchant's files: a new store is a merchant's.
    Import,
    /// Plays past orders: a new store is a replay's.
    Replay,
    /// Makes up orders: a new store is a demo's.
    Fill,
}

/// The file in a data folder that says what kind of store it is.
pub const KIND_FILE: &str = "kind";

impl Place {
    /// Finds the store that the arguments and the configuration mean.
    pub fn find(args: &PlaceArgs, intent: Intent) -> Result<Place, Refusal> {
        Place::within(args, super::settings::load(args)?, intent)
    }

    /// The same with a configuration that is read already.
    pub fn within(args: &PlaceArgs, mut config: Config, intent: Intent) -> Result<Place, Refusal> {
        let named = args.data_dir.clone().or_else(|| config.data_dir.clone());
        let by_hand = named.is_some();
        let data_dir = match named {
            Some(dir) => absolute(&dir)?,
            None => default_dir(args, intent, &config)?,
        };
        let stored = stored_kind(&data_dir)?;
        leave_out_feeds(args, &mut config, &data_dir);
        let foreign = config.left_out && !args.no_feeds;
        if foreign && !args.demo && (intent == Intent::Sync || opens_new(intent, stored)) {
            return Err(Refusal::usage(of_another_store(&config, &data_dir)));
        }
        if by_hand && intent == Intent::Ask && stored.is_none() {
            if args.demo {
                return Err(Refusal::usage(format!(
                    "{dir} holds no store yet; `stockdeck --demo --data-dir {dir}` makes a demo \
                     there, and --demo without --data-dir means the usual one",
                    dir = data_dir.display()
                )));
            }
            return Err(Refusal::usage(format!(
                "{} holds no store; make one with `stockdeck import FILE --data-dir ...` or open \
                 a console there with `stockdeck --data-dir ...`",
                data_dir.display()
            )));
        }
        if intent == Intent::Sync && stored.is_none() && config.feeds.is_empty() && !args.demo {
            if config.left_out {
                return Err(Refusal::usage("--no-feeds leaves nothing to sync; leave it out"));
            }
            return Err(Refusal::usage("no feed is configured; `stockdeck config init` shows how"));
        }
        let wanted = match intent {
            _ if args.demo => Some(StoreKind::Demo),
            Intent::Import => None,
            Intent::Replay => Some(StoreKind::Replay),
            Intent::Fill => Some(StoreKind::Demo),
            Intent::Open | Intent::Own(_) | Intent::Ask | Intent::Sync => None,
        };
        let new_kind = match (intent, wanted) {
            (_, Some(kind)) => kind,
            (Intent::Import, None) => StoreKind::Live,
            (Intent::Own(kind), None) => kind,
            (_, None) if config.feeds.is_empty() && !config.left_out => StoreKind::Demo,
            (_, None) => StoreKind::Live,
        };
        let kind = match (stored, wanted) {
            (Some(stored), Some(wanted)) if stored != wanted => {
                return Err(Refusal::usage(format!(
                    "{} is a {} store and stays one; name another folder with --data-dir",
                    data_dir.display(),
                    word(stored)
                )));
            }
            (Some(StoreKind::Demo), None) if intent == Intent::Import => {
                return Err(Refusal::usage(format!(
                    "{} is a demo store; import into another folder with --data-dir",
                    data_dir.display()
                )));
            }
            (Some(stored), _) => stored,
            (None, _) => new_kind,
        };
        let args = PlaceArgs { no_feeds: args.no_feeds || foreign, ..args.clone() };
        Ok(Place { data_dir, kind, new: stored.is_none(), config, foreign, args })
    }

    /// That feeds are configured and why this store follows none of them, if so.
    pub fn feeds_left_out(&self) -> Option<String> {
        self.foreign.then(|| of_another_store(&self.config, &self.data_dir))
    }

    /// That the owner that runs was started with other feeds than those of `--config`, and what to do,
    /// if so. `started` are the arguments that would start it again; none: unknown.
    pub fn other_feeds(&self, pid: u32, started: &[String]) -> Option<String> {
        let wanted = self.args.config.as_deref()?;
        if started.is_empty() {
            return None;
        }
        let real = |file: &Path| file.canonicalize().unwrap_or_else(|_| file.to_owned());
        let config = started.iter().position(|arg| arg == "--config");
        let theirs = config.and_then(|place| started.get(place + 1)).map(Path::new);
        let follows = !started.iter().any(|arg| arg == "--no-feeds");
        if follows != self.args.no_feeds
            && theirs.is_some_and(|theirs| real(theirs) == real(wanted))
        {
            return None;
        }
        let feeds = match theirs.filter(|_| follows) {
            Some(theirs) => format!("the feeds of {}", theirs.display()),
            None => "no feeds".to_owned(),
        };
        Some(format!(
            "the owner of {} (process {pid}) was started with {feeds}, and --config {} changes \
             nothing while it runs; `kill {pid}` ends it, and the next command starts one with yours",
            self.data_dir.display(),
            wanted.display()
        ))
    }

    /// How an owner of this store is started.
    pub fn start_options(&self) -> StartOptions {
        StartOptions { program: None, args: self.serve_args(true) }
    }

    /// The arguments of an owner of this store that was started without a terminal.
    pub fn serve_args(&self, until_last_console: bool) -> Vec<OsString> {
        let mut args: Vec<OsString> = vec!["serve".into(), "--detach".into()];
        if until_last_console {
            args.push("--until-last-console".into());
        }
        args.extend(["--data-dir".into(), self.data_dir.clone().into()]);
        args.extend(["--kind".into(), word(self.kind).into()]);
        if let Some(file) = &self.config.file {
            args.extend(["--config".into(), file.clone().into()]);
        }
        if let Some(speed) = self.args.demo_speed {
            args.extend(["--demo-speed".into(), speed.to_string().into()]);
        }
        if let Some(seed) = self.args.demo_seed {
            args.extend(["--demo-seed".into(), seed.to_string().into()]);
        }
        if let Some(start) = &self.args.demo_start {
            args.extend(["--demo-start".into(), start.to_string().into()]);
        }
        if let Some(shift) = &self.args.demo_shift {
            args.extend(["--demo-shift".into(), shift.to_string().into()]);
        }
        if let Some(buyer) = self.args.demo_buyer {
            args.extend(["--demo-buyer".into(), buyer.word().into()]);
        }
        if self.args.paused {
            args.push("--paused".into());
        }
        if self.args.no_feeds {
            args.push("--no-feeds".into());
        }
        args
    }
}

/// What kind of store lies in a folder; `None`: none yet.
pub fn stored_kind(data_dir: &Path) -> Result<Option<StoreKind>, Refusal> {
    let file = data_dir.join(KIND_FILE);
    match std::fs::read_to_string(&file) {
        Ok(text) => match text.trim() {
            "live" => Ok(Some(StoreKind::Live)),
            "replay" => Ok(Some(StoreKind::Replay)),
            "demo" => Ok(Some(StoreKind::Demo)),
            other => Err(Refusal::failed(format!(
                "{}: \"{}\" is no kind of store; write live, replay or demo",
                file.display(),
                crate::domain::text::clean(other)
            ))),
        },
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(Refusal::failed(format!("cannot read {}: {error}", file.display()))),
    }
}

/// Writes down what kind of store lies in a folder, whole or not at all.
pub fn keep_kind(data_dir: &Path, kind: StoreKind) -> Result<(), Refusal> {
    let file = data_dir.join(KIND_FILE);
    if stored_kind(data_dir)? == Some(kind) {
        return Ok(());
    }
    let new = data_dir.join(format!("{KIND_FILE}.new"));
    std::fs::write(&new, word(kind))
        .and_then(|()| std::fs::rename(&new, &file))
        .map_err(|error| Refusal::failed(format!("cannot write {}: {error}", file.display())))
}

/// The kind of a store in one word.
pub fn word(kind: StoreKind) -> &'static str {
    match kind {
        StoreKind::Live => "live",
        StoreKind::Replay => "replay",
        StoreKind::Demo => "demo",
    }
}

fn default_dir(args: &PlaceArgs, intent: Intent, config: &Config) -> Result<PathBuf, Refusal> {
    let root = config::default_data_root().ok_or_else(|| {
        Refusal::failed("the home folder is unknown; name a folder with --data-dir or set HOME")
    })?;
    let main = root.join("main");
    let demo = args.demo
        || matches!(intent, Intent::Fill | Intent::Own(StoreKind::Demo))
        || (matches!(intent, Intent::Open | Intent::Ask)
            && config.feeds.is_empty()
            && stored_kind(&main)?.is_none());
    Ok(match (demo, intent) {
        (true, _) => root.join("demo"),
        (false, Intent::Replay | Intent::Own(StoreKind::Replay)) => root.join("replay"),
        (false, _) => main,
    })
}

/// Takes the feeds and targets out of the configuration where they are not this store's: a folder named on the
/// command line is another store than the configuration's own, unless the configuration was named
/// for it as well. Else a file imported there would meet the same orders from a feed, and orders
/// placed there would reach the other store's suppliers.
fn leave_out_feeds(args: &PlaceArgs, config: &mut Config, data_dir: &Path) {
    let own = config.data_dir.clone().or_else(|| Some(config::default_data_root()?.join("main")));
    let real = |dir: &Path| {
        let dir = std::path::absolute(dir).unwrap_or_else(|_| dir.to_owned());
        dir.canonicalize().unwrap_or(dir)
    };
    let named = args.config.is_some() || config::variables().contains_key("STOCKDECK_CONFIG");
    let foreign =
        args.data_dir.is_some() && !named && own.is_none_or(|own| real(&own) != real(data_dir));
    if foreign || args.no_feeds {
        config.left_out = !config.feeds.is_empty();
        config.feeds.clear();
        config.targets.clear();
    }
}

fn opens_new(intent: Intent, stored: Option<StoreKind>) -> bool {
    intent == Intent::Open && stored.is_none()
}

fn of_another_store(config: &Config, data_dir: &Path) -> String {
    let file = config.file.as_deref().unwrap_or(Path::new("FILE")).display();
    let dir = data_dir.display();
    format!(
        "the feeds of {file} belong to its own store, not to {dir}; add `--config {file}` to \
         follow them there, or --no-feeds"
    )
}

fn absolute(path: &Path) -> Result<PathBuf, Refusal> {
    std::path::absolute(path)
        .map_err(|error| Refusal::usage(format!("--data-dir {}: {error}", path.display())))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn find(dir: &Path, intent: Intent) -> Result<Place, Refusal> {
        let config = dir.join("none.toml");
        std::fs::write(&config, "").unwrap();
        let args = PlaceArgs {
            data_dir: Some(dir.join("d")),
            config: Some(config),
            ..PlaceArgs::default()
        };
        Place::find(&args, intent)
    }

    fn shop(dir: &Path) -> Config {
        let text = "[[feed]]\nname = \"drop\"\nkind = \"files\"\npath = \"drop\"\n";
        let mut config = Config::parse(text, &dir.join("c.toml"), &Default::default()).unwrap();
        config.data_dir = Some(dir.join("own"));
        config
    }

    #[test]
    fn feeds_are_followed_into_the_store_of_their_configuration_alone() {
        let dir = tempfile::tempdir().unwrap();
        let (own, other) = (dir.path().join("own"), dir.path().join("other"));
        let find = |data_dir: &PathBuf, config: Option<&str>, intent| {
            let args = PlaceArgs {
                data_dir: Some(data_dir.clone()),
                config: config.map(Into::into),
                ..PlaceArgs::default()
            };
            Place::within(&args, shop(dir.path()), intent)
        };
        assert_eq!(find(&own, None, Intent::Import).unwrap().config.feeds.len(), 1);
        assert_eq!(find(&other, Some("c.toml"), Intent::Import).unwrap().config.feeds.len(), 1);
        let place = find(&other, None, Intent::Import).unwrap();
        assert!(place.config.feeds.is_empty() && place.kind == StoreKind::Live);
        assert!(place.serve_args(true).contains(&"--no-feeds".into()));
        let owned = find(&other, None, Intent::Own(StoreKind::Live)).unwrap();
        assert!(owned.feeds_left_out().is_some() && owned.kind == StoreKind::Live);
        for intent in [Intent::Open, Intent::Sync] {
            let refused = find(&other, None, intent).unwrap_err();
            assert!(refused.usage && refused.message.contains("--config "), "{refused}");
        }
    }

    #[test]
    fn a_merchants_new_store_without_its_feeds_is_no_demo() {
        let dir = tempfile::tempdir().unwrap();
        let data_dir = Some(dir.path().join("other"));
        let args = PlaceArgs { data_dir, no_feeds: true, ..PlaceArgs::default() };
        let place = Place::within(&args, shop(dir.path()), Intent::Open).unwrap();
        assert!(place.config.feeds.is_empty() && place.kind == StoreKind::Live);
        let refused = Place::within(&args, shop(dir.path()), Intent::Sync).unwrap_err();
        assert!(refused.usage && refused.message.contains("--no-feeds"), "{refused}");
    }

    #[test]
    fn a_configurations_own_store_is_known_by_a_relative_name() {
        let dir = tempfile::tempdir().unwrap();
        let (mut config, own) = (shop(dir.path()), "a-folder-that-is-not-there");
        config.data_dir = Some(own.into());
        let args = PlaceArgs { data_dir: Some(own.into()), ..PlaceArgs::default() };
        let place = Place::within(&args, config, Intent::Open).unwrap();
        assert_eq!(place.config.feeds.len(), 1);
    }

    #[test]
    fn a_store_keeps_its_kind() {
        let dir = tempfile::tempdir().unwrap();
        assert_eq!(find(dir.path(), Intent::Open).unwrap().kind, StoreKind::Demo);
        assert_eq!(find(dir.path(), Intent::Import).unwrap().kind, StoreKind::Live);
        assert!(find(dir.path(), Intent::Ask).unwrap_err().usage);
        std::fs::create_dir(dir.path().join("d")).unwrap();
        std::fs::write(dir.path().join("d/kind"), "live\n").unwrap();
        assert_eq!(find(dir.path(), Intent::Open).unwrap().kind, StoreKind::Live);
        let refused = find(dir.path(), Intent::Replay).unwrap_err();
        assert!(refused.message.contains("is a live store"), "{refused}");
        std::fs::write(dir.path().join("d/kind"), "demo").unwrap();
        assert!(find(dir.path(), Intent::Import).unwrap_err().message.contains("demo store"));
    }

    #[test]
    fn a_mistyped_folder_becomes_no_demo_by_being_asked() {
        let dir = tempfile::tempdir().unwrap();
        let data_dir = Some(dir.path().join("typo"));
        let args = PlaceArgs { data_dir, demo: true, ..PlaceArgs::default() };
        let refused = Place::within(&args, Config::default(), Intent::Ask).unwrap_err();
        assert!(refused.usage && refused.message.contains("holds no store yet"), "{refused}");
        assert_eq!(
            Place::within(&args, Config::default(), Intent::Open).unwrap().kind,
            StoreKind::Demo
        );
    }

    #[test]
    fn an_owner_with_other_feeds_is_named() {
        let dir = tempfile::tempdir().unwrap();
        let [mine, theirs] = ["mine.toml", "theirs.toml"].map(|name| dir.path().join(name));
        for file in [&mine, &theirs] {
            std::fs::write(file, "").unwrap();
        }
        let args = PlaceArgs {
            data_dir: Some(dir.path().join("own")),
            config: Some(mine.clone()),
            ..PlaceArgs::default()
        };
        let place = Place::within(&args, shop(dir.path()), Intent::Open).unwrap();
        let started = |file: &Path| -> Vec<String> {
            ["serve", "--config", file.to_str().unwrap()].map(str::to_owned).to_vec()
        };
        assert_eq!(place.other_feeds(7, &started(&mine)), None);
        let said = place.other_feeds(7, &started(&theirs)).unwrap();
        assert!(said.contains("theirs.toml") && said.contains("kill 7"), "{said}");
        assert!(place.other_feeds(7, &["serve".to_owned()]).unwrap().contains("no feeds"));
    }
}
