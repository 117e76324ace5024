//! Golden screens in `snapshots/`. `UPDATE_SNAPSHOTS=1 cargo test golden` writes them anew.

use super::Console;
use crate::tui::dump;
use crate::tui::term::{Caps, Depth, Grid, Pen};
use crate::tui::theme::{Palette, Theme};
use ratatui::buffer::Buffer;
use std::fmt::Write;
use std::path::PathBuf;

/// Every screen, with what it is about.
const SCREENS: [(&str, &str); 23] = [
    ("overview", ""),
    ("orders", ""),
    ("order", "shop/579999"),
    ("stock", ""),
    ("sku", "急須-300"),
    ("feeds", ""),
    ("journal", ""),
    ("forecast", ""),
    ("models", ""),
    ("totals", ""),
    ("reorders", ""),
    ("backtest", ""),
    ("purchases", ""),
    ("purchase", "PO-000005"),
    ("flags", ""),
    ("case", "O1121"),
    ("past", "sku:22423"),
    ("rules", ""),
    ("coordination", ""),
    ("expected", ""),
    ("allocation", ""),
    ("supplier", "HARG"),
    ("quarantine", ""),
];
const SIZES: [(u16, u16); 3] = [(20, 5), (80, 24), (200, 60)];

fn path(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("snapshots").join(format!("{name}.txt"))
}

/// What differs from the golden file, as lines to read; `None`: nothing.
fn difference(name: &str, now: &str) -> Option<String> {
    let path = path(name);
    if std::env::var_os("UPDATE_SNAPSHOTS").is_some() {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, now).unwrap();
        return None;
    }
    let was = std::fs::read_to_string(&path).unwrap_or_default();
    if was == now {
        return None;
    }
    let mut out = format!("{name} is not as in snapshots/{name}.txt:\n");
    let (was, now): (Vec<_>, Vec<_>) = (was.lines().collect(), now.lines().collect());
    for line in 0..was.len().max(now.len()) {
        let (old, new) = (was.get(line), now.get(line));
        if old != new {
            let _ = writeln!(out, "{:>4} - {}", line + 1, old.unwrap_or(&"(no line)"));
            let _ = writeln!(out, "     + {}", new.unwrap_or(&"(no line)"));
        }
    }
    Some(out)
}

/// Each row's glyphs with a letter per look below, and what each letter looks like at the end.
fn with_styles(buffer: &Buffer) -> String {
    let mut looks: Vec<Pen> = Vec::new();
    let mut out = String::new();
    let grid = Grid::of(buffer, &Caps::FULL);
    for (text, row) in dump::text(buffer).lines().zip(grid.rows()) {
        let letters: String = row
            .iter()
            .map(|slot| {
                let at = looks.iter().position(|pen| *pen == slot.pen).unwrap_or_else(|| {
                    looks.push(slot.pen);
                    looks.len() - 1
                });
                char::from_u32('a' as u32 + at as u32).unwrap_or('?')
            })
            .collect();
        let _ = writeln!(out, "|{text}\n:{letters}");
    }
    for (at, pen) in looks.iter().enumerate() {
        let letter = char::from_u32('a' as u32 + at as u32).unwrap_or('?');
        let _ = writeln!(out, "{letter} = {:?} on {:?} {:?}", pen.fg, pen.bg, pen.attrs);
    }
    out
}

#[track_caller]
fn none(differences: Vec<String>) {
    assert!(
        differences.is_empty(),
        "{}\nUPDATE_SNAPSHOTS=1 writes them anew, if that is meant.",
        differences.join("\n")
    );
}

#[test]
fn golden_every_screen_at_every_size() {
    let mut all = Vec::new();
    for (screen, args) in SCREENS {
        for (width, height) in SIZES {
            let console = Console::new(width, height).on(screen, args);
            all.extend(difference(&format!("{screen}-{width}x{height}"), &console.text()));
        }
    }
    none(all);
}

#[test]
fn golden_two_screens_in_every_theme() {
    let mut all = Vec::new();
    for palette in Palette::all_built_in() {
        for screen in ["overview", "stock"] {
            let mut console = Console::new(80, 24).on(screen, "");
            console.state.theme = Theme::new(&palette, Depth::True, true);
            if screen == "stock" {
                console.keys("space space j");
            }
            let name = format!("{screen}-80x24-{}", palette.name);
            all.extend(difference(&name, &with_styles(&console.buffer())));
        }
    }
    none(all);
}

#[test]
fn golden_without_unicode_and_without_colour() {
    let mut console = Console::new(80, 24);
    console.state.theme = Theme::built_in("dark", Depth::None, false).unwrap();
    let text = console.text();
    none(difference("overview-80x24-ascii", &text).into_iter().collect());
}
