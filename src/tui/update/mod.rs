//! The console's logic: what every event does to the state, and what is to be done about it.

pub(super) mod allocation;
mod answers;
mod backtest;
mod complete;
mod coordination;
pub mod desk;
pub mod forms;
mod models;
mod navigate;
mod overrides;
mod palette;
pub mod privacy;
mod purchases;
mod reorders;
mod rules;
mod training;
mod triage;
mod typing;
mod what_if;
mod why;
mod why_order;

use super::commands::{Command, Id, by_id, by_name};
use super::event::{Effect, Event};
use super::keymap;
use super::layers::{FilterLine, Layer, LineEdit, Palette};
use super::place::Screen;
use super::state::{Body, State, Zoom};
use super::term::{Clipboard, sequence};
use super::theme::Role;
use crate::domain::{Span, Timestamp};
use crate::engine::api::Action;
use crossterm::event::{Event as Input, KeyEvent, KeyEventKind, MouseButton, MouseEventKind};
pub use reorders::is_much;

pub use complete::{completions, fields};
pub use palette::suggestions;
pub use triage::{Meant, cases_saw};

/// Takes an event and says what is to be done.
pub fn update(state: &mut State, event: Event) -> Vec<Effect> {
    let mut effects = match event {
        Event::Input(input) => take_input(state, input),
        Event::Answer { tag, answer } => answers::take(state, tag, answer),
        Event::Outcome { tag, outcome } => desk::outcome(state, tag, outcome),
        Event::Changed => {
            stale(state);
            state.moved().into_iter().collect()
        }
        Event::Tick { now, wall } => {
            tick(state, now, wall);
            state.moved().into_iter().collect()
        }
        Event::Notice(text) => {
            state.notify(Role::Notice, text);
            stale(state);
            Vec::new()
        }
    };
    effects.extend(state.ask());
    effects
}

/// Opens a screen by name with what follows it (a number, a SKU, a filter), as the palette does.
pub fn open(state: &mut State, screen: &str, args: &str) -> Result<Vec<Effect>, String> {
    let command = by_name(screen)
        .filter(|c| super::place::Screen::ALL.iter().any(|screen| screen.name() == c.name))
        .ok_or_else(|| {
            let names: Vec<_> = super::place::Screen::ALL.iter().map(|s| s.name()).collect();
            format!("There is no screen `{screen}`; there are {}.", names.join(", "))
        })?;
    let mut effects = run(state, command, args)?;
    effects.extend(state.ask());
    Ok(effects)
}

fn stale(state: &mut State) {
    state.pulse.feeds_stale = true;
    state.pulse.status_stale = true;
    state.pulse.flags_stale = true;
    state.page_mut().set_stale();
}

/// How long a notice stays, in wall time: domain time may run a thousand times as fast.
const NOTICE: Span = Span::seconds(30);

fn tick(state: &mut State, now: Timestamp, wall: Timestamp) {
    let minute = |at: Timestamp| at.as_seconds().div_euclid(60);
    if minute(state.now) != minute(now) || minute(state.wall) != minute(wall) {
        state.touch();
        stale(state);
    }
    if let Some(notice) = &mut state.notice
        && wall.since(*notice.since.get_or_insert(wall)) >= NOTICE
    {
        state.notice = None;
        state.touch();
    }
    state.now = now;
    state.wall = wall;
}

fn take_input(state: &mut State, input: Input) -> Vec<Effect> {
    match input {
        Input::Key(key) if key.kind != KeyEventKind::Release => take_key(state, key),
        Input::Resize(columns, rows) => {
            state.size = (columns, rows);
            state.layout();
            state.touch();
            Vec::new()
        }
        Input::Paste(text) => {
            typing::paste(state, &text);
            Vec::new()
        }
        Input::Mouse(mouse) if state.layers.is_empty() => {
            match mouse.kind {
                MouseEventKind::ScrollDown => navigate::move_by(state, 3),
                MouseEventKind::ScrollUp => navigate::move_by(state, -3),
                MouseEventKind::Down(MouseButton::Left) => navigate::click(state, mouse.row),
                _ => {}
            }
            Vec::new()
        }
        _ => Vec::new(),
    }
}

fn take_key(state: &mut State, key: KeyEvent) -> Vec<Effect> {
    let Some(chord) = keymap::chord(&key) else { return Vec::new() };
    if chord == "ctrl-z" {
        return vec![Effect::Suspend];
    }
    if chord == "ctrl-l" {
        state.repaint();
        return Vec::new();
    }
    if !state.layers.is_empty() {
        state.touch();
        return typing::key(state, &key, &chord);
    }
    let Some(command) = keymap::command(&chord, state.screen()) else {
        state.quit_armed = false;
        return Vec::new();
    };
    run(state, command, "").unwrap_or_else(|sentence| {
        state.notify(Role::Warn, sentence);
        Vec::new()
    })
}

/// Whether a command can do something now; views ask this too, so that hints cannot lie.
pub fn available(state: &State, command: &Command) -> bool {
    let table = state.page().table();
    command.on.contains(&state.screen())
        && !(command.changes && state.read_only)
        && match command.id {
            Id::Pause => state.can_pause(),
            Id::Cancel => state.status.as_ref().is_some_and(|s| !s.work.is_empty()),
            Id::Train => !training::trains(state),
            Id::Replay => !backtest::runs(state),
            Id::Back => {
                state.pages.len() > 1
                    || table.is_some_and(|t| t.marked() > 0 || !t.filter().is_empty())
            }
            Id::Older => state.history_at > 0,
            Id::Newer => state.history_at + 1 < state.history.len(),
            Id::Why => why::explains(state),
            Id::Open => {
                state.target().is_some_and(|t| t.goal.is_some()) || why::whole(state).is_some()
            }
            Id::Note if triage::is_about_cases(state) => triage::can(state, command.id),
            Id::Mark if state.screen() == Screen::Case => triage::can(state, command.id),
            Id::Hold
            | Id::Release
            | Id::CallOff
            | Id::RefundWatch
            | Id::DealtWith
            | Id::Take
            | Id::Assign
            | Id::HandOver
            | Id::SnoozeCase
            | Id::Mute
            | Id::CustomerPast
            | Id::SkuPast => triage::can(state, command.id),
            Id::SwitchRule | Id::SetThreshold | Id::TestRule | Id::EndMute => {
                rules::can(state, command.id)
            }
            Id::FlagsBefore => models::flags_before(state).is_some(),
            Id::Note | Id::Pin | Id::Acknowledge => {
                state.targets().iter().any(|t| t.subject.is_some())
            }
            Id::Countersign
            | Id::ReceiveLine
            | Id::ReceiveAll
            | Id::Resend
            | Id::CancelOrder
            | Id::CloseOrder
            | Id::DryRun => purchases::can(state, command.id),
            Id::UseModel => models::chosen(state).is_some(),
            Id::UseBefore => models::before(state).is_some(),
            Id::Reveal | Id::Forget => privacy::whose(state).is_some(),
            Id::EndOverride => overrides::can_end(state),
            Id::Receive | Id::Count | Id::Adjust | Id::Transfer | Id::Override => {
                state.target().is_some_and(|t| t.sku.is_some())
                    || desk::subject_sku(state).is_some()
            }
            _ => true,
        }
}

/// Runs a command; `Err`: why not, as one sentence.
pub fn run(state: &mut State, command: &Command, args: &str) -> Result<Vec<Effect>, String> {
    if command.changes && state.read_only {
        return Err(format!(
            "This console is read-only: `{}` would change something. Open one without --read-only.",
            command.name
        ));
    }
    let filtered = match command.id {
        Id::Go(Screen::Totals) => None,
        Id::Go(screen) => Some(screen),
        Id::Filter => Some(state.screen()),
        _ => None,
    };
    if let Some(screen) = filtered {
        complete::whole(state, screen, args)?;
    }
    let armed = std::mem::take(&mut state.quit_armed);
    match command.id {
        Id::Up => navigate::move_by(state, -1),
        Id::Down => navigate::move_by(state, 1),
        Id::Left => navigate::section(state, -1),
        Id::Right => navigate::section(state, 1),
        Id::PageUp => navigate::page(state, -1),
        Id::PageDown => navigate::page(state, 1),
        Id::First => navigate::to_end(state, false),
        Id::Last => navigate::to_end(state, true),
        Id::Open => return navigate::enter(state),
        Id::Back => return Ok(navigate::back(state)),
        Id::Older => return navigate::history(state, -1),
        Id::Newer => return navigate::history(state, 1),
        Id::Go(Screen::Totals) => return navigate::totals(state, args),
        Id::Go(screen) => return Ok(navigate::root(state, screen, args)),
        Id::Order | Id::Sku | Id::Purchase | Id::Case | Id::Past => {
            return navigate::detail(state, command.id, args);
        }
        Id::Supplier => return navigate::supplier(state, args),
        Id::Filter => begin_filter(state, args),
        Id::Sort => navigate::sort(state, args)?,
        Id::Reverse => navigate::reverse(state),
        Id::By => return navigate::by(state, args),
        Id::Mark if state.screen() == Screen::Case => triage::mark(state)?,
        Id::Mark | Id::Range => {
            state.notice = None;
            if let Some(table) = state.page_mut().table_mut() {
                if command.id == Id::Mark { table.mark() } else { table.range() }
            }
            state.touch();
        }
        Id::ZoomIn => zoom(state, true),
        Id::ZoomOut => zoom(state, false),
        Id::Note if triage::is_about_cases(state) => triage::note(state, args)?,
        Id::Note => desk::note(state, args)?,
        Id::Pin => return desk::pin(state),
        Id::Acknowledge => desk::acknowledge(state)?,
        Id::Receive | Id::Count | Id::Adjust | Id::Transfer | Id::Override => {
            desk::stock_form(state, command.id)?
        }
        Id::EndOverride => overrides::end(state)?,
        Id::Approve => return reorders::approve(state),
        Id::EditOrder => return reorders::edit(state),
        Id::Reject => return reorders::reject(state),
        Id::Snooze => return reorders::snooze(state),
        Id::AcceptMeasure => return coordination::accept(state),
        Id::TurnDown => return coordination::turn_down(state),
        Id::PutOff => return coordination::put_off(state),
        Id::AcceptShip => return allocation::accept(state),
        Id::PickShip => return allocation::pick(state),
        Id::HoldForStock => return allocation::hold(state),
        Id::ShipsFrom => return allocation::of_order(state),
        Id::AcceptClear => return allocation::accept_clear(state),
        Id::Countersign => purchases::countersign(state)?,
        Id::ReceiveLine => purchases::receive(state)?,
        Id::ReceiveAll => purchases::receive_all(state)?,
        Id::Resend => purchases::resend(state)?,
        Id::CancelOrder | Id::CloseOrder => purchases::end(state, command.id)?,
        Id::DryRun => return purchases::dry_run(state),
        Id::TheirOrders | Id::TheirProposals => return purchases::across(state, command.id),
        Id::Retry => return privacy::retry(state),
        Id::Reveal => privacy::form(state, false)?,
        Id::Forget => privacy::form(state, true)?,
        Id::Hold | Id::Release | Id::CallOff | Id::RefundWatch | Id::DealtWith => {
            triage::decide(state, command.id)?;
        }
        Id::Take => return triage::take(state),
        Id::Assign => triage::assign(state, args)?,
        Id::HandOver => triage::hand_over(state)?,
        Id::SnoozeCase => triage::snooze(state)?,
        Id::Mute => triage::mute(state)?,
        Id::Which => triage::which(state),
        Id::CustomerPast | Id::SkuPast => return triage::past(state, command.id),
        Id::SwitchRule => rules::switch(state)?,
        Id::SetThreshold => rules::set(state)?,
        Id::TestRule => return rules::test(state),
        Id::EndMute => rules::end_mute(state)?,
        Id::FlagsBefore => models::use_flags_before(state)?,
        Id::LearnFlags => return Ok(models::learn_flags(state)),
        Id::Undo => return desk::undo(state),
        Id::UseModel => models::use_it(state, args)?,
        Id::UseBefore => models::use_before(state)?,
        Id::Why if matches!(state.screen(), Screen::Purchases | Screen::Purchase) => {
            return Ok(purchases::conversion(state));
        }
        Id::Why => why::open(state)?,
        Id::Copy => return copy(state),
        Id::Palette => push(state, Layer::Palette(Palette::default())),
        Id::Help => push(state, Layer::Help(0)),
        Id::Refresh => {
            stale(state);
            state.notify(Role::Notice, "Asked for fresh figures.");
        }
        Id::Pause => return pause(state),
        Id::Cancel => desk::cancel(state, args)?,
        Id::Train => training::train(state)?,
        Id::Replay => return backtest::start(state),
        Id::Theme => return theme(state, args),
        Id::Dump => {
            let (screen, theme) = (state.screen().name().into(), state.theme.name().into());
            return Ok(vec![Effect::Dump { screen, theme }]);
        }
        Id::Redraw => state.repaint(),
        Id::Suspend => return Ok(vec![Effect::Suspend]),
        Id::Quit => return Ok(quit(state, armed)),
    }
    Ok(Vec::new())
}

pub(super) fn push(state: &mut State, layer: Layer) {
    state.notice = None;
    state.layers.push(layer);
    state.touch();
}

/// From deeper down, one press only warns: a slip does not throw away where a person is.
fn quit(state: &mut State, armed: bool) -> Vec<Effect> {
    if armed || (state.pages.len() == 1 && state.layers.is_empty()) {
        return vec![Effect::Quit];
    }
    state.quit_armed = true;
    state.layers.clear();
    state.notify(Role::Notice, "Press q or Ctrl-C again to quit. Esc goes back.");
    Vec::new()
}

fn begin_filter(state: &mut State, args: &str) {
    let Some(table) = state.page_mut().table_mut() else { return };
    let before = table.filter().to_owned();
    if args.is_empty() {
        let line = LineEdit::with(&before);
        push(state, Layer::Filter(FilterLine { line, before, completing: None, refused: None }));
    } else {
        table.set_filter(args);
        state.touch();
    }
}

fn zoom(state: &mut State, closer: bool) {
    if let Body::Sku(_, zoom) = &mut state.page_mut().body {
        *zoom = match (*zoom, closer) {
            (Zoom::Months, true) => Zoom::Weeks,
            (_, true) => Zoom::Days,
            (Zoom::Days, false) => Zoom::Weeks,
            (_, false) => Zoom::Months,
        };
        state.touch();
    }
}

fn copy(state: &mut State) -> Result<Vec<Effect>, String> {
    let targets = state.targets();
    if targets.is_empty() {
        return Err("There is nothing selected to copy.".into());
    }
    if state.clipboard == Clipboard::Absent {
        return Err(
            "This terminal takes no text for its clipboard; ! writes the screen to files.".into()
        );
    }
    let keys: Vec<_> = targets.into_iter().map(|t| t.key).collect();
    let what =
        if keys.len() == 1 { keys[0].clone() } else { format!("{} keys, one a line", keys.len()) };
    let text = keys.join("\n");
    if !sequence::fits_clipboard(&text) {
        return Err(format!("{what} are too much for a terminal's clipboard; mark fewer rows."));
    }
    // Nothing ever says whether it arrived.
    let told = match state.clipboard {
        Clipboard::Tmux => {
            format!("{what} sent to the clipboard; tmux passes it on with `set-clipboard on`.")
        }
        _ => format!("{what} sent to the terminal's clipboard."),
    };
    state.notify(Role::Notice, told);
    Ok(vec![Effect::Copy(text)])
}

fn pause(state: &mut State) -> Result<Vec<Effect>, String> {
    if !state.can_pause() {
        return Err("Only a replay or the demo store can be paused.".into());
    }
    let pause = !state.paused;
    let done = if pause { "Paused; p goes on." } else { "Feeds go on." };
    Ok(desk::act(state, vec![Action::Pause(pause)], done))
}

fn theme(state: &mut State, name: &str) -> Result<Vec<Effect>, String> {
    let themes = &state.themes;
    let chosen = if name.is_empty() { themes.after(state.theme.name()) } else { themes.get(name) };
    let Some(palette) = chosen else {
        let names: Vec<_> = themes.names().collect();
        return Err(format!("There is no theme `{name}`; there are {}.", names.join(", ")));
    };
    state.theme = state.theme.with(palette);
    state.notify(Role::Notice, format!("Theme {}.", state.theme.name()));
    Ok(vec![state.bookmark()])
}

/// The command that a name in the palette stands for, where it can be run now.
pub(super) fn runnable(state: &State, name: &str) -> Result<&'static Command, String> {
    let command = by_name(name).ok_or_else(|| format!("There is no command `{name}`."))?;
    let screen_free = matches!(
        command.id,
        Id::Order | Id::Sku | Id::Purchase | Id::Supplier | Id::Case | Id::Past
    );
    if !screen_free && !command.on.contains(&state.screen()) {
        let places: Vec<_> = command.on.iter().map(|s| s.title()).collect();
        return Err(format!("`{name}` works on {}.", places.join(", ")));
    }
    Ok(by_id(command.id))
}
