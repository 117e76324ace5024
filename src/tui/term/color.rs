//! Fewer colours: 24-bit to 256 to 16 to none.

use super::Depth;
use crate::tui::theme::Rgb;
use ratatui::style::Color;

/// The levels of xterm's colour cube.
const LEVELS: [u8; 6] = [0, 0x5f, 0x87, 0xaf, 0xd7, 0xff];

/// xterm's own values of the 16 colours.
const ANSI: [(Color, Rgb); 16] = [
    (Color::Black, Rgb(0, 0, 0)),
    (Color::Red, Rgb(205, 0, 0)),
    (Color::Green, Rgb(0, 205, 0)),
    (Color::Yellow, Rgb(205, 205, 0)),
    (Color::Blue, Rgb(0, 0, 238)),
    (Color::Magenta, Rgb(205, 0, 205)),
    (Color::Cyan, Rgb(0, 205, 205)),
    (Color::Gray, Rgb(229, 229, 229)),
    (Color::DarkGray, Rgb(127, 127, 127)),
    (Color::LightRed, Rgb(255, 0, 0)),
    (Color::LightGreen, Rgb(0, 255, 0)),
    (Color::LightYellow, Rgb(255, 255, 0)),
    (Color::LightBlue, Rgb(92, 92, 255)),
    (Color::LightMagenta, Rgb(255, 0, 255)),
    (Color::LightCyan, Rgb(0, 255, 255)),
    (Color::White, Rgb(255, 255, 255)),
];

/// The colour as a terminal of this depth can show it.
pub fn reduce(color: Color, depth: Depth) -> Color {
    match (depth, color) {
        (Depth::True, _) => color,
        (Depth::None, _) => Color::Reset,
        (Depth::C256, Color::Rgb(r, g, b)) => Color::Indexed(nearest_256(Rgb(r, g, b)).0),
        (Depth::C256, _) => color,
        (Depth::C16, Color::Rgb(..) | Color::Indexed(_)) => {
            rgb(color).map_or(Color::Reset, nearest_16)
        }
        (Depth::C16, _) => color,
    }
}

/// The nearest of the 240 colours above the first 16 (whose looks are the terminal's choice):
/// its index and value.
pub fn nearest_256(c: Rgb) -> (u8, Rgb) {
    let step = |v: u8| (0..6u8).min_by_key(|i| level(*i).abs_diff(v)).unwrap_or(0);
    let (r, g, b) = (step(c.0), step(c.1), step(c.2));
    let cube = (16 + 36 * r + 6 * g + b, Rgb(level(r), level(g), level(b)));
    let mean = (u16::from(c.0) + u16::from(c.1) + u16::from(c.2)) / 3;
    let i = (mean.saturating_sub(3) / 10).min(23) as u8;
    let v = 8 + 10 * i;
    let grey = (232 + i, Rgb(v, v, v));
    if distance(c, grey.1) < distance(c, cube.1) { grey } else { cube }
}

/// The value of a colour; `None` for the terminal's own.
pub fn rgb(color: Color) -> Option<Rgb> {
    match color {
        Color::Reset => None,
        Color::Rgb(r, g, b) => Some(Rgb(r, g, b)),
        Color::Indexed(i @ 0..16) => ANSI.get(usize::from(i)).map(|(_, v)| *v),
        Color::Indexed(i @ 16..232) => {
            let i = i - 16;
            Some(Rgb(level(i / 36), level(i / 6 % 6), level(i % 6)))
        }
        Color::Indexed(i) => {
            let v = 8 + 10 * (i - 232);
            Some(Rgb(v, v, v))
        }
        named => ANSI.iter().find(|(c, _)| *c == named).map(|(_, v)| *v),
    }
}

fn level(i: u8) -> u8 {
    LEVELS.get(usize::from(i)).copied().unwrap_or(0xff)
}

fn nearest_16(c: Rgb) -> Color {
    ANSI.iter().min_by_key(|(_, v)| distance(c, *v)).map_or(Color::Reset, |(color, _)| *color)
}

fn distance(a: Rgb, b: Rgb) -> u32 {
    let square = |x: u8, y: u8| u32::from(x.abs_diff(y)).pow(2);
    square(a.0, b.0) + square(a.1, b.1) + square(a.2, b.2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_of_the_256_map_to_themselves() {
        for i in 16..=255u8 {
            let value = rgb(Color::Indexed(i)).unwrap();
            let (back, seen) = nearest_256(value);
            assert_eq!(seen, value, "{i} became {back}");
        }
    }

    #[test]
    fn fewer_colours_stay_near() {
        let blue = Color::Rgb(10, 10, 230);
        assert_eq!(reduce(blue, Depth::C16), Color::Blue);
        assert_eq!(reduce(blue, Depth::True), blue);
        assert_eq!(reduce(blue, Depth::None), Color::Reset);
        assert_eq!(reduce(Color::Rgb(255, 95, 0), Depth::C256), Color::Indexed(202));
        assert_eq!(reduce(Color::Indexed(196), Depth::C16), Color::LightRed);
        assert_eq!(reduce(Color::Red, Depth::C256), Color::Red);
        assert_eq!(reduce(Color::Reset, Depth::C16), Color::Reset);
    }
}
