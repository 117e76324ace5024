//! Every size a terminal can have, from one cell up.

use super::Console;
use crate::tui::event::Event;
use crossterm::event::Event as Input;

const SCREENS: [(&str, &str); 8] = [
    ("overview", ""),
    ("orders", ""),
    ("order", "579999"),
    ("stock", ""),
    ("sku", "急須-300"),
    ("feeds", ""),
    ("journal", ""),
    ("quarantine", ""),
];

/// Widths and heights: each of the small ones, then steps.
fn sides(most: u16) -> impl Iterator<Item = u16> + Clone {
    let steps = [20, 39, 40, 59, 60, 75, 76, 80, 109, 110, 149, 150, 200, 300, 500];
    let close = [1, 2, 3, 5, 7, 8, 11, 12];
    close.into_iter().chain(steps).filter(move |side| *side <= most)
}

#[test]
fn every_screen_is_drawn_at_every_size() {
    for (screen, args) in SCREENS {
        let mut console = Console::new(80, 24).on(screen, args);
        for width in sides(500) {
            for height in sides(200) {
                console.event(Event::Input(Input::Resize(width, height)));
                assert_eq!(console.buffer().area.width, width, "{screen} {width}x{height}");
            }
        }
    }
}

#[test]
fn every_layer_is_drawn_at_every_size() {
    for keys in ["/ a b c", ": s t", "?", "a", "A", "n x enter", "a 1 2 enter x enter"] {
        let mut console = Console::new(80, 24).on("stock", "");
        console.keys(keys);
        for width in sides(200) {
            for height in sides(80) {
                console.event(Event::Input(Input::Resize(width, height)));
                assert_eq!(console.buffer().area.height, height, "{keys} {width}x{height}");
            }
        }
    }
}
