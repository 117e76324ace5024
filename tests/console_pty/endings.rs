//! Every way out leaves the terminal as it was.

use crate::shop::Shop;
use crate::terminal::{PATIENCE, Setup, Terminal, child_of, process_state, wait_until};
use rustix::process::Signal;
use std::time::{Duration, Instant};

/// The terminal is as a shell wants it.
fn assert_restored(terminal: &mut Terminal) {
    terminal.wait_drained();
    let (alternate, hidden, paste) = terminal.look(|seen| {
        let screen = seen.screen();
        (screen.alternate_screen(), screen.hide_cursor(), screen.bracketed_paste())
    });
    assert!(!alternate, "still in the alternate screen");
    assert!(!hidden, "the cursor is still hidden");
    assert!(!paste, "bracketed paste is still on");
    assert!(!terminal.is_raw(), "still in raw mode");
}

fn assert_taken(terminal: &Terminal) {
    terminal.look(|seen| {
        assert!(seen.screen().alternate_screen());
        assert!(seen.screen().hide_cursor());
        assert!(seen.screen().bracketed_paste());
    });
    assert!(terminal.is_raw());
}

#[test]
fn q_ends_it() {
    let shop = Shop::filled();
    let mut terminal = shop.open(&[]);
    assert_taken(&terminal);
    terminal.keys("q");
    assert_eq!(terminal.wait_exit(PATIENCE), 0);
    assert_restored(&mut terminal);
    // The owner that the console started goes with its last console.
    wait_until("the owner has ended", PATIENCE, || shop.owner().is_none());
}

#[test]
fn each_signal_that_ends_it_restores_the_terminal() {
    let shop = Shop::filled();
    for signal in [Signal::TERM, Signal::INT, Signal::HUP, Signal::QUIT] {
        let mut terminal = shop.open(&[]);
        assert_taken(&terminal);
        terminal.signal(signal);
        let status = terminal.wait_exit(PATIENCE);
        assert_eq!(status, 128 + signal.as_raw() as u32, "{signal:?}");
        assert_restored(&mut terminal);
    }
}

#[test]
fn a_line_that_goes_without_a_word_takes_the_console_with_it() {
    let shop = Shop::filled();
    let mut setup = shop.console(&[]);
    // The kernel then sends no signal, as when a connection is cut somewhere on the way.
    setup.controlling = false;
    let mut terminal = Terminal::open(setup);
    terminal.wait_text("to ship");
    terminal.hang_up("?");
    let gone = Instant::now();
    let pid = terminal.pid;
    terminal.wait_exit(Duration::from_secs(2));
    assert!(gone.elapsed() < Duration::from_secs(2));
    assert_eq!(process_state(pid), None);
}

#[test]
fn ctrl_z_gives_the_terminal_back_and_fg_repaints() {
    let shop = Shop::filled();
    let mut terminal = Terminal::open(in_a_shell(shop.console(&[])));
    terminal.wait_text("to ship");
    terminal.keys("2");
    terminal.wait_text("Orders");
    let pid = child_of(terminal.pid).unwrap();
    terminal.keys("\x1a");
    wait_until("it is stopped", PATIENCE, || process_state(pid) == Some('T'));
    terminal.wait("the shell's screen is back", |seen| !seen.screen().alternate_screen());
    wait_until("the shell's lines are back", PATIENCE, || !terminal.is_raw());
    assert!(!terminal.look(|seen| seen.screen().hide_cursor()));
    let before = terminal.count();
    terminal.keys("\n");
    terminal.wait("it is painted anew", |seen| {
        seen.screen().alternate_screen()
            && seen.bytes.len() > before + 1_000
            && seen.text().contains("Orders")
    });
    assert_taken(&terminal);
    terminal.keys("1");
    terminal.wait_text("TODAY");
    terminal.keys("q");
    terminal.wait_exit(PATIENCE);
}

#[test]
fn ctrl_z_without_a_shell_to_come_back_to_is_refused() {
    let shop = Shop::filled();
    let mut terminal = shop.open(&[]);
    terminal.keys("\x1a");
    terminal.wait_text("no shell that could bring");
    assert_ne!(process_state(terminal.pid), Some('T'));
    terminal.keys("2");
    terminal.wait_text("Orders");
}

/// The same program as a job of a shell, which lets a stopped one go on when Enter is pressed.
fn in_a_shell(mut setup: Setup) -> Setup {
    let program = std::mem::replace(&mut setup.program, "/bin/sh".into());
    let script = "set -m; \"$0\" \"$@\"; read -r key; fg >/dev/null";
    let args = ["-c".into(), script.into(), program.into_os_string()];
    setup.args = args.into_iter().chain(setup.args).collect();
    setup
}
