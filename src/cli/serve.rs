//! The owner's process, and the console's.

use super::args::{BuyerArg, ConsoleArgs, KindArg, PlaceArgs, ServeArgs};
use super::block_on;
use super::place::{self, Intent, Place};
use crate::config::Config;
use crate::domain::{Timestamp, Zone};
use crate::engine::api::{Refusal, StoreKind};
use crate::engine::demo::DemoSetup;
use crate::engine::{Engine, Handle, Setup};
use crate::owner::client::ClientError;
use crate::owner::console::{self, ConsoleError, ConsoleOptions};
use crate::owner::{self, Held, MakeScreen, OwnerLock, ServeOptions, detach, peer};
use crate::tui;
use crate::tui::session::{Screen, ScreenSetup};
use crate::tui::theme::Palette;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Opens a console, starting an owner where none runs.
#[allow(clippy::disallowed_methods, reason = "the terminal has been given back by then")]
pub fn console(place: &Place, args: &ConsoleArgs) -> Result<ExitCode, Refusal> {
    let palette = palette(&place.config, args)?;
    let options = ConsoleOptions {
        data_dir: place.data_dir.clone(),
        start: place.start_options(),
        theme: palette.name.to_string(),
        themes: own_themes(&place.config),
        read_only: args.read_only || place.config.read_only,
        mouse: false,
        title: "stockdeck".into(),
        zone: crate::engine::zone_of(place.kind, &place.config),
    };
    let ended = block_on(console::run(options))?.map_err(|error| match error {
        ConsoleError::NoTerminal(_) => Refusal::usage(error.to_string()),
        error => Refusal { usage: error.status() == 2, message: error.to_string() },
    })?;
    if let Some(reason) = ended.reason {
        eprintln!("stockdeck: {reason}");
    }
    // A thread may still be waiting for the terminal's next word.
    std::process::exit(i32::from(ended.status))
}

/// Where the user's own themes lie: beside the configuration.
pub fn themes_dir(config: &Config) -> PathBuf {
    let file = config.file.clone().or_else(crate::config::default_file);
    file.and_then(|file| Some(file.parent()?.join("themes"))).unwrap_or_default()
}

/// The user's own themes, names and texts; `doctor` tells which cannot be used.
fn own_themes(config: &Config) -> Vec<(String, String)> {
    let own = Palette::own(&themes_dir(config)).into_iter();
    own.filter_map(|(name, palette)| Some((name, palette.ok()?.text().to_owned()))).collect()
}

/// The theme that the arguments or the configuration name.
pub fn palette(config: &Config, args: &ConsoleArgs) -> Result<Palette, Refusal> {
    let name = args.theme.as_deref().or(config.theme.as_deref()).unwrap_or("dark");
    let folder = themes_dir(config);
    Palette::load(name, &folder).map_err(|error| Refusal::usage(error.to_string()))
}

/// Owns a store until a signal or the last console ends it.
pub fn serve(args: &PlaceArgs, serve: &ServeArgs) -> Result<(), Refusal> {
    owner::lean::begin_anew();
    // What the owner writes is for its user alone, whatever the shell's mask says.
    rustix::process::umask(rustix::fs::Mode::RWXG | rustix::fs::Mode::RWXO);
    if serve.detach {
        detach();
    }
    let intent = match serve.kind {
        Some(KindArg::Live) => Intent::Own(StoreKind::Live),
        Some(KindArg::Replay) => Intent::Own(StoreKind::Replay),
        Some(KindArg::Demo) => Intent::Own(StoreKind::Demo),
        None => Intent::Open,
    };
    let found = Place::find(args, intent);
    let result = found.and_then(|found| own(found, args, serve));
    if let (Err(refusal), Some(dir)) = (&result, &args.data_dir)
        && serve.detach
        && let Ok(place) = owner::Place::of(dir)
    {
        place.leave_error(&refusal.message);
    }
    result
}

/// Takes the lock. An owner that a command started leaves a moment after its last client, which is
/// worth waiting for when a person wants to own the store.
fn take(place: &owner::Place, socket: PathBuf, detached: bool) -> Result<OwnerLock, Held> {
    let give_up = Instant::now() + LEAVING;
    loop {
        match OwnerLock::take(place, &peer::own_name(), socket.clone()) {
            Err(Held::By { .. }) if !detached && Instant::now() < give_up => {
                std::thread::sleep(KNOCK);
            }
            taken => return taken,
        }
    }
}

fn own(found: Place, args: &PlaceArgs, serve: &ServeArgs) -> Result<(), Refusal> {
    let place =
        owner::Place::of(&found.data_dir).map_err(|error| Refusal::failed(error.to_string()))?;
    let failed = |error: &dyn std::fmt::Display| Refusal::failed(error.to_string());
    let socket = place.new_socket().map_err(|error| failed(&error))?;
    let lock = match take(&place, socket, serve.detach) {
        Ok(lock) => lock,
        // The console that started this one wants an owner, whichever it is.
        Err(Held::By { .. } | Held::Unnamed(_)) if serve.detach => return Ok(()),
        Err(error) => return Err(failed(&error)),
    };
    let kind = found.kind;
    if let Some(why) = found.feeds_left_out() {
        eprintln!("stockdeck: no feed is followed: {why}");
    }
    let _log = log(&place.data_dir);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .map_err(|error| failed(&error))?;
    let group = found.config.group.clone();
    let restart = found.serve_args(serve.until_last_console);
    let options = ServeOptions {
        group: group.is_some(),
        until_last_console: serve.until_last_console,
        restart: restart
            .into_iter()
            .map(|arg| arg.into_string().ok())
            .collect::<Option<_>>()
            .unwrap_or_default(),
        ..ServeOptions::default()
    };
    let setup = Setup {
        data_dir: place.data_dir.clone(),
        kind,
        demo: DemoSetup {
            speed: args.demo_speed,
            seed: args.demo_seed,
            start: args.demo_start,
            shift: args.demo_shift,
            buyer: args.demo_buyer.map(BuyerArg::buyer),
        },
        paused: args.paused,
        trainer: std::env::current_exe().ok(),
        config: found.config,
    };
    let zone = crate::engine::zone_of(setup.kind, &setup.config);
    runtime.block_on(async {
        // Clients are on the line before the store is open: they need not knock again and again.
        let listener = owner::listen(&lock, group.as_deref()).map_err(|error| failed(&error))?;
        let engine = Engine::open(setup)?;
        place::keep_kind(&place.data_dir, kind)?;
        if let Some(group) = &group {
            let file = place.data_dir.join(place::KIND_FILE);
            owner::serve::let_group_read(&file, group).map_err(|error| failed(&error))?;
        }
        let backend = Arc::new(Handle(engine.clone()));
        let served = owner::serve(&lock, listener, backend, options, screens(zone)).await;
        engine.close().await;
        served.map_err(|error| Refusal::failed(error.to_string()))
    })
}

/// How long an owner without clients may take to leave.
const LEAVING: Duration = Duration::from_millis(1_500);
/// Pause between two tries to take its place.
const KNOCK: Duration = Duration::from_millis(20);
/// Days of log that are kept.
const MOST_LOGS: usize = 14;

/// Writes the log to the data folder, never to a terminal.
fn log(data_dir: &Path) -> tracing_appender::non_blocking::WorkerGuard {
    let folder = data_dir.join("log");
    // The appender looks for old files before it makes the folder, and says so on standard error.
    let _ = std::fs::create_dir_all(&folder);
    let file = tracing_appender::rolling::Builder::new()
        .rotation(tracing_appender::rolling::Rotation::DAILY)
        .filename_prefix("stockdeck.log")
        .max_log_files(MOST_LOGS)
        .build(folder);
    let (writer, guard) = match file {
        Ok(file) => tracing_appender::non_blocking(file),
        Err(error) => {
            // Standard error is a file as well where a console started this owner.
            eprintln!("stockdeck: no log can be written: {error}");
            tracing_appender::non_blocking(std::io::sink())
        }
    };
    let filter = tracing_subscriber::EnvFilter::try_from_env("STOCKDECK_LOG")
        .unwrap_or_else(|_| "stockdeck=info,warn".into());
    // A second subscriber in one process (tests) changes nothing.
    let _ = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(writer)
        .with_ansi(false)
        .try_init();
    let report = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        // One console's panic ends that console only; what happened is for the log.
        tracing::error!("{panic}");
        report(panic);
    }));
    guard
}

/// Makes the consoles' screens.
pub fn screens(zone: Zone) -> MakeScreen {
    Arc::new(move |setup| Box::new(Console(state(setup, zone.clone()))))
}

/// A console's state from what is known when it attaches.
pub fn state(setup: ScreenSetup, zone: Zone) -> tui::State {
    tui::State::new(tui::Setup {
        size: (setup.size.width, setup.size.height),
        read_only: setup.read_only,
        user: setup.user.into(),
        theme: setup.theme,
        themes: setup.themes,
        clipboard: setup.clipboard,
        status: setup.status,
        now: setup.now,
        wall: if setup.wall == Timestamp::default() { Timestamp::wall_now() } else { setup.wall },
        zone,
    })
}

/// The console's state behind the session's contract.
struct Console(tui::State);

impl Screen for Console {
    fn start(&mut self, bookmark: Option<&[u8]>) -> Vec<tui::event::Effect> {
        match bookmark {
            Some(bookmark) => self.0.resume(bookmark),
            None => self.0.start(),
        }
    }
    fn update(&mut self, event: tui::event::Event) -> Vec<tui::event::Effect> {
        tui::update(&mut self.0, event)
    }
    fn draw(&self, frame: &mut ratatui::Frame) {
        tui::view(&self.0, frame);
    }
    fn take_dirty(&mut self) -> bool {
        self.0.take_dirty()
    }
    fn take_repaint(&mut self) -> bool {
        self.0.take_repaint()
    }
}

impl From<ClientError> for Refusal {
    fn from(error: ClientError) -> Self {
        match error {
            ClientError::Refusal(refusal) => refusal,
            other => Refusal { usage: other.is_usage(), message: other.to_string() },
        }
    }
}
