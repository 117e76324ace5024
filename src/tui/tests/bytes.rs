//! What a slow line has to carry.

use super::Console;
use crate::tui::event::Event;
use crate::tui::term::{Caps, Painter};
use crate::tui::view;
use crossterm::event::Event as Input;
use ratatui::layout::Size;

/// Bytes that the console's present frame costs.
fn paint(console: &Console, painter: &mut Painter) -> usize {
    painter.paint(|frame| view(&console.state, frame)).map_or(0, |bytes| bytes.len())
}

/// The middle and the 95th of a hundred.
fn percentiles(mut bytes: Vec<usize>) -> (usize, usize) {
    bytes.sort_unstable();
    (bytes[bytes.len() / 2], bytes[bytes.len() * 95 / 100])
}

#[test]
fn moving_the_selection_over_a_real_table_is_cheap() {
    for screen in ["orders", "stock"] {
        for height in [24, 40] {
            let mut console = Console::new(120, height).on(screen, "");
            let mut painter = console.painter();
            paint(&console, &mut painter);
            let mut bytes = Vec::new();
            // Down and up within the page: where it scrolls is another matter.
            for key in ["j", "k"] {
                for _ in 0..usize::from(height) - 14 {
                    console.keys(key);
                    bytes.push(paint(&console, &mut painter));
                }
            }
            let (p50, p95) = percentiles(bytes);
            assert!(p50 <= 300, "{screen} at {height}: {p50} bytes a key at p50");
            assert!(p95 <= 1_200, "{screen} at {height}: {p95} bytes a key at p95");
        }
    }
}

#[test]
fn the_first_frame_is_small() {
    let console = Console::new(120, 40);
    let bytes = paint(&console, &mut console.painter());
    assert!(bytes < 9_000, "{bytes} bytes");
}

#[test]
fn two_hundred_keys_at_once_are_one_frame() {
    let mut console = Console::new(120, 40).on("orders", "");
    let mut painter = console.painter();
    paint(&console, &mut painter);
    for _ in 0..200 {
        console.keys("j");
    }
    let bytes = paint(&console, &mut painter);
    assert!(bytes < 20_000, "{bytes} bytes");
}

#[test]
fn a_storm_of_resizes_costs_what_its_frames_do() {
    // A person drags a window: the console draws at most one frame each 16 ms, so that a hundred
    // sizes within a second make some sixty frames at worst. This draws every one of them.
    let mut console = Console::new(120, 40).on("orders", "");
    let mut all = 0;
    let mut painter = Painter::new(Size::new(120, 40), Caps::FULL);
    for step in 0..100u16 {
        let (width, height) = (70 + step % 60, 20 + step % 20);
        console.event(Event::Input(Input::Resize(width, height)));
        painter.resize(Size::new(width, height));
        if step % 4 == 3 {
            all += paint(&console, &mut painter);
        }
    }
    assert!(all < 250_000, "{all} bytes");
}

#[test]
fn an_answer_that_changes_nothing_costs_nothing() {
    for screen in ["overview", "orders", "stock", "sku", "feeds"] {
        let args = if screen == "sku" { "85123A" } else { "" };
        let mut console = Console::new(120, 40).on(screen, args);
        let mut painter = console.painter();
        paint(&console, &mut painter);
        console.state.take_dirty();
        console.event(Event::Changed);
        assert!(!console.state.take_dirty(), "{screen} is drawn for nothing");
        assert_eq!(paint(&console, &mut painter), 0, "{screen}");
    }
}
