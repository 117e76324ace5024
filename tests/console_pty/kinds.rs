//! Kinds of terminals: colours or none, ASCII, dumb, tiny, huge, and no terminal at all.

use crate::shop::{Shop, with_env};
use crate::terminal::{PATIENCE, Terminal};
use std::process::{Command, Stdio};

/// Whether a sequence that selects colours is among the bytes.
fn has_colour(bytes: &[u8]) -> bool {
    let text = String::from_utf8_lossy(bytes);
    text.split("\x1b[").skip(1).any(|rest| {
        let end = rest.find(|c: char| !c.is_ascii_digit() && c != ';').unwrap_or(rest.len());
        rest[end..].starts_with('m')
            && rest[..end].split(';').any(|code| {
                let code = code.parse::<u32>().unwrap_or(0);
                matches!(code, 30..=38 | 40..=48 | 90..=97 | 100..=107)
            })
    })
}

/// The bytes of a console that was painted, moved about in and left.
fn bytes_of(shop: &Shop, changes: &[(&str, &str)]) -> Vec<u8> {
    let setup = changes.iter().fold(shop.console(&[]), |s, (name, value)| with_env(s, name, value));
    let mut terminal = Terminal::open(setup);
    terminal.wait("it is painted", |seen| String::from_utf8_lossy(&seen.bytes).contains("to ship"));
    let before = terminal.count();
    terminal.keys("2");
    terminal.wait("the key shows", |seen| seen.bytes.len() > before);
    terminal.keys("q");
    terminal.wait_exit(PATIENCE);
    terminal.wait_drained();
    terminal.look(|seen| seen.bytes.clone())
}

#[test]
fn a_capable_terminal_gets_colours_and_whole_frames() {
    let shop = Shop::filled();
    let bytes = bytes_of(&shop, &[]);
    assert!(has_colour(&bytes));
    let text = String::from_utf8(bytes).unwrap();
    assert!(text.contains("\x1b[?2004h") && text.contains("\x1b[?2004l"), "bracketed paste");
    let (begun, ended) = (text.matches("\x1b[?2026h").count(), text.matches("\x1b[?2026l").count());
    assert!(begun >= 2 && ended >= begun, "frames are synchronized: {begun} begun, {ended} ended");
    assert!(text.matches("\x1b[2J").count() <= 1, "one key is no reason to clear the screen");
}

#[test]
fn no_color_gets_none() {
    let shop = Shop::filled();
    let bytes = bytes_of(&shop, &[("NO_COLOR", "1"), ("COLORTERM", "truecolor")]);
    assert!(!has_colour(&bytes), "{}", bytes.escape_ascii());
}

#[test]
fn a_locale_without_utf_8_gets_ascii() {
    let shop = Shop::filled();
    let bytes = bytes_of(&shop, &[("LANG", "C")]);
    assert!(bytes.is_ascii(), "{}", bytes.escape_ascii());
}

#[test]
fn a_dumb_terminal_gets_lines_without_a_sequence() {
    let shop = Shop::filled();
    let bytes = bytes_of(&shop, &[("TERM", "dumb")]);
    assert!(!bytes.contains(&0x1b), "{}", bytes.escape_ascii());
    assert!(bytes.is_ascii());
}

#[test]
fn any_size_is_survived() {
    let shop = Shop::filled();
    let mut setup = shop.console(&[]);
    setup.size = (1, 1);
    let mut terminal = Terminal::open(setup);
    terminal.wait("something is painted", |seen| !seen.bytes.is_empty());
    for (columns, rows) in [(500, 200), (3, 2), (1, 200), (500, 1), (1, 1), (120, 40)] {
        let before = terminal.count();
        terminal.resize(columns, rows);
        terminal.keys("2j");
        terminal.wait("it follows", |seen| seen.bytes.len() > before);
        terminal.keys("1");
    }
    terminal.wait_text("TODAY");
    terminal.keys("q");
    assert_eq!(terminal.wait_exit(PATIENCE), 0);
}

#[test]
fn without_a_terminal_it_says_what_to_use_instead() {
    let shop = Shop::empty();
    let told = shop.run(&[]);
    assert_eq!(told.status.code(), Some(2));
    let said = String::from_utf8(told.stderr).unwrap();
    assert!(said.contains("no terminal") && said.contains("stockdeck screen overview"), "{said}");
    assert!(told.stdout.is_empty());
    assert!(!shop.data_dir().exists(), "nothing was started");
    // Nor with a terminal's name in the environment and a file as output.
    let told = Command::new(crate::shop::PROGRAM)
        .env("TERM", "xterm")
        .env("XDG_DATA_HOME", shop.home().join("data"))
        .env("XDG_CONFIG_HOME", shop.home().join("config"))
        .stdin(Stdio::null())
        .output()
        .unwrap();
    assert_eq!(told.status.code(), Some(2));
}
