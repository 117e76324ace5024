//! The page of keys, and the keys that no command stands for.

use super::{COMMANDS, Group};
use crate::tui::keymap::shown;
use crate::tui::place::Screen;
use std::fmt::Write;

/// Keys inside what lies over a screen; they are fixed, since typed text has to stay text.
pub static LAYER_KEYS: &[(&str, &[(&str, &str)])] = &[
    (
        "In the filter line",
        &[
            ("Tab", "complete a field or flag; again for the next"),
            ("Up Down PgUp PgDn", "move in the table meanwhile"),
            ("Enter", "keep the filter"),
            ("Esc", "clear the filter"),
        ],
    ),
    (
        "In the palette",
        &[
            ("Up Down", "choose a suggestion"),
            ("Tab", "complete"),
            ("Enter", "run"),
            ("Esc", "close"),
        ],
    ),
    (
        "In a form",
        &[
            ("Tab Down", "next field"),
            ("Shift-Tab Up", "field before"),
            ("Enter", "next field; after the last one shows what will be recorded"),
            ("Enter again", "record it"),
            ("Esc", "back to the fields, then leave"),
        ],
    ),
    ("Before something is done", &[("Enter y", "do it"), ("Esc n q", "leave it")]),
    (
        "While typing",
        &[
            ("Ctrl-A Ctrl-E", "to the beginning, to the end"),
            ("Ctrl-W Ctrl-U", "delete a word, all before the cursor"),
        ],
    ),
];

/// `docs/KEYS.md`, generated from the table.
pub fn keys_markdown() -> String {
    let mut out = String::from(
        "# Keys and commands\n\nGenerated from the table of commands in `src/tui/commands/list.rs`; a test \
         fails when this page is old.\nEvery command can be run by name from the palette (`:`), on \
         the screens on which its key works.\nA read-only console refuses those that change \
         something.\n",
    );
    for group in Group::ALL {
        let _ = write!(
            out,
            "\n## {}\n\n| key | command | what it does | where | changes |\n| --- | --- | --- | --- | --- |\n",
            group.title()
        );
        for c in COMMANDS.iter().filter(|c| c.group == group) {
            let keys: Vec<_> = c.keys.iter().map(|k| format!("`{}`", shown(k))).collect();
            let space = if c.args.is_empty() { "" } else { " " };
            let place = if c.on.len() == Screen::ALL.len() {
                "everywhere".to_owned()
            } else {
                c.on.iter().map(|s| s.title()).collect::<Vec<_>>().join(", ")
            };
            let changes = if c.changes { "yes" } else { "" };
            // A bar would end the cell, in code too.
            let mut names = format!("`:{}{space}{}`", c.name, c.args.replace('|', "\\|"));
            for alias in c.aliases {
                let _ = write!(names, " `:{alias}`");
            }
            let _ =
                writeln!(out, "| {} | {names} | {} | {place} | {changes} |", keys.join(" "), c.doc);
        }
    }
    for (title, keys) in LAYER_KEYS {
        let _ = write!(out, "\n## {title}\n\n| key | what it does |\n| --- | --- |\n");
        for (key, doc) in *keys {
            let _ = writeln!(out, "| {key} | {doc} |");
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_of_keys_is_current() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/KEYS.md");
        if std::env::var_os("UPDATE_SNAPSHOTS").is_some() {
            std::fs::create_dir_all(concat!(env!("CARGO_MANIFEST_DIR"), "/docs")).unwrap();
            std::fs::write(path, keys_markdown()).unwrap();
        }
        let page = std::fs::read_to_string(path).unwrap_or_default();
        assert!(page == keys_markdown(), "docs/KEYS.md is old; run with UPDATE_SNAPSHOTS=1");
    }
}
