//! Whatever stands on a screen can be read: every glyph of every screen, in every theme.

use super::Console;
use crate::tui::term::{Caps, Depth, Glyph, Grid, color};
use crate::tui::theme::{LEGIBLE, Palette, Rgb, Theme, ratio};

/// What a person does before looking, on each screen.
const SCENES: [(&str, &str, &str); 11] = [
    ("overview", "", ""),
    ("overview", "", "j j j j j j"),
    ("orders", "", "space space j"),
    ("order", "579999", ""),
    // The first row is out: an alarm that is marked and under the cursor.
    ("stock", "", "space space g"),
    ("stock", "", "v j j"),
    ("sku", "急須-300", "j"),
    ("feeds", "", "G"),
    ("journal", "", "space /"),
    ("models", "", "j"),
    ("quarantine", "", ":"),
];

fn faintest(console: &Console, palette: &Palette, depth: Depth) -> (f64, String) {
    let caps = Caps { colors: depth, ..Caps::FULL };
    let seen = |c: ratatui::style::Color, own: Rgb| color::rgb(c).unwrap_or(own);
    let grid = Grid::of(&console.buffer(), &caps);
    let slots = grid.rows().enumerate().flat_map(|(y, row)| row.iter().map(move |s| (y, s)));
    let written = slots.filter(|(_, slot)| !slot.is_blank() && slot.glyph != Glyph::Covered);
    let pairs = written.map(|(y, slot)| {
        let (fg, bg) = (slot.pen.fg, slot.pen.bg);
        let ratio = ratio(seen(fg, palette.foreground), seen(bg, palette.background));
        (ratio, format!("{:?} in line {y}, {fg:?} on {bg:?}", slot.glyph))
    });
    pairs.min_by(|a, b| a.0.total_cmp(&b.0)).unwrap()
}

#[test]
fn every_glyph_of_every_screen_is_legible_in_every_theme() {
    for palette in Palette::all_built_in() {
        for (screen, args, keys) in SCENES {
            for size in [(80, 24), (200, 50)] {
                let mut console = Console::new(size.0, size.1).on(screen, args);
                console.keys(keys);
                for depth in [Depth::True, Depth::C256] {
                    console.state.theme = Theme::new(&palette, depth, true);
                    let (ratio, what) = faintest(&console, &palette, depth);
                    assert!(
                        ratio >= LEGIBLE,
                        "{} {screen} {keys:?} at {depth:?}: {ratio:.2}: {what}",
                        palette.name
                    );
                }
            }
        }
    }
}
