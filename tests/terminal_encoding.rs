//! The encoder against a terminal: whatever is painted, the terminal shows it.

use proptest::prelude::*;
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect, Size};
use ratatui::style::{Color, Modifier, Style};
use stockdeck::tui::term::{Caps, Depth, Painter};

/// A text somewhere on the screen: (column, row, text, style).
type Piece = (u16, u16, String, Style);

fn style() -> impl Strategy<Value = Style> {
    let color = prop_oneof![
        Just(Color::Reset),
        (0u8..8).prop_map(Color::Indexed),
        (16u8..=255).prop_map(Color::Indexed),
        any::<[u8; 3]>().prop_map(|[r, g, b]| Color::Rgb(r, g, b)),
    ];
    let attrs = prop_oneof![
        Just(Modifier::empty()),
        Just(Modifier::BOLD),
        Just(Modifier::UNDERLINED),
        Just(Modifier::REVERSED),
        Just(Modifier::BOLD | Modifier::ITALIC),
    ];
    (color.clone(), color, attrs)
        .prop_map(|(fg, bg, attrs)| Style::default().fg(fg).bg(bg).add_modifier(attrs))
}

fn piece() -> impl Strategy<Value = Piece> {
    let text =
        prop_oneof!["[a-z ]{1,30}", " {1,30}", "[日本語がア🚚📦x ]{1,9}", "[▁▂▃●◐○─│£é]{1,12}",];
    (0u16..30, 0u16..8, text, style())
}

fn draw(buffer: &mut Buffer, pieces: &[Piece]) {
    for (x, y, text, style) in pieces {
        let room = buffer.area.width.saturating_sub(*x);
        if *y < buffer.area.height {
            buffer.set_stringn(*x, *y, text, usize::from(room), *style);
        }
    }
}

/// What the terminal must show for a cell: its glyph, colours and attributes.
fn expect_cell(screen: &vt100::Screen, buffer: &Buffer, x: u16, y: u16) {
    let (cell, seen) = (&buffer[(x, y)], screen.cell(y, x).unwrap());
    if x > 0 && screen.cell(y, x - 1).unwrap().is_wide() {
        return;
    }
    let shown = if seen.contents().is_empty() { " " } else { seen.contents() };
    assert_eq!(shown, cell.symbol(), "glyph at {x},{y}");
    let color = |c: Color| match c {
        Color::Indexed(i) => vt100::Color::Idx(i),
        Color::Rgb(r, g, b) => vt100::Color::Rgb(r, g, b),
        _ => vt100::Color::Default,
    };
    assert_eq!(seen.bgcolor(), color(cell.bg), "background at {x},{y}");
    let has = |attr| cell.modifier.contains(attr);
    assert_eq!(seen.inverse(), has(Modifier::REVERSED), "reversal at {x},{y}");
    assert_eq!(seen.underline(), has(Modifier::UNDERLINED), "underline at {x},{y}");
    if cell.symbol() != " " {
        assert_eq!(seen.fgcolor(), color(cell.fg), "foreground at {x},{y}");
        assert_eq!(seen.bold(), has(Modifier::BOLD), "bold at {x},{y}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(300) })]

    #[test]
    fn the_terminal_shows_what_was_painted(
        frames in prop::collection::vec(prop::collection::vec(piece(), 0..12), 1..8),
        erase_paints in any::<bool>(),
    ) {
        let (width, height) = (40, 8);
        let caps = Caps { erase_paints, ..Caps::FULL };
        let mut painter = Painter::new(Size::new(width, height), caps);
        let mut terminal = vt100::Parser::new(height, width, 0);
        for pieces in &frames {
            let mut wanted = Buffer::empty(Rect::new(0, 0, width, height));
            draw(&mut wanted, pieces);
            if let Some(bytes) = painter.paint(|frame| draw(frame.buffer_mut(), pieces)) {
                terminal.process(&bytes);
            }
            for y in 0..height {
                for x in 0..width {
                    expect_cell(terminal.screen(), &wanted, x, y);
                }
            }
        }
    }
}

fn lines(painter: &mut Painter, lines: &[&str]) -> Option<Vec<u8>> {
    painter.paint(|frame| {
        for (y, line) in lines.iter().enumerate() {
            frame.buffer_mut().set_string(0, y as u16, line, Style::default());
        }
    })
}

#[test]
fn an_unchanged_frame_writes_nothing() {
    let mut painter = Painter::new(Size::new(20, 3), Caps::FULL);
    assert!(lines(&mut painter, &["one", "two"]).is_some());
    assert_eq!(lines(&mut painter, &["one", "two"]), None);
    painter.forget();
    assert!(lines(&mut painter, &["one", "two"]).unwrap().ends_with(b"\x1b[?2026l"));
}

#[test]
fn every_frame_is_one_synchronized_update() {
    let mut painter = Painter::new(Size::new(20, 3), Caps::FULL);
    let first = lines(&mut painter, &["one"]).unwrap();
    assert!(first.starts_with(b"\x1b[?2026h") && first.ends_with(b"\x1b[?2026l"));
    let next = String::from_utf8(lines(&mut painter, &["ona"]).unwrap()).unwrap();
    assert!(!next.contains("\x1b[2J"), "a change never clears the screen: {next:?}");
    let plain = Caps { sync: false, ..Caps::FULL };
    let mut painter = Painter::new(Size::new(20, 3), plain);
    assert!(!lines(&mut painter, &["one"]).unwrap().windows(4).any(|w| w == b"2026"));
}

#[test]
fn the_cursor_stands_where_the_frame_puts_it() {
    let mut painter = Painter::new(Size::new(20, 3), Caps::FULL);
    let mut terminal = vt100::Parser::new(3, 20, 0);
    let mut show = |at: Option<(u16, u16)>, text: &str| {
        let bytes = painter.paint(|frame| {
            frame.buffer_mut().set_string(0, 0, text, Style::default());
            if let Some((x, y)) = at {
                frame.set_cursor_position(Position::new(x, y));
            }
        });
        terminal.process(&bytes.unwrap_or_default());
        let screen = terminal.screen();
        (!screen.hide_cursor()).then(|| screen.cursor_position())
    };
    assert_eq!(show(None, "a"), None);
    assert_eq!(show(Some((5, 1)), "a"), Some((1, 5)));
    assert_eq!(show(Some((5, 1)), "ab"), Some((1, 5)));
    assert_eq!(show(Some((0, 0)), "ab"), Some((0, 0)));
    assert_eq!(show(None, "ab"), None);
}

#[test]
fn moving_a_selection_over_a_wide_table_is_cheap() {
    let (width, height) = (120, 40);
    let mut painter = Painter::new(Size::new(width, height), Caps::FULL);
    let text = Style::default().fg(Color::Rgb(216, 219, 226)).bg(Color::Rgb(20, 22, 27));
    let muted = Style::default().fg(Color::Rgb(163, 171, 187));
    let selected = Style::default().bg(Color::Rgb(40, 50, 74));
    let mut paint = |row: u16| {
        painter.paint(|frame| {
            let area = frame.area();
            let buffer = frame.buffer_mut();
            buffer.set_style(area, text);
            for y in 2..38u16 {
                let order = 570_000 + u32::from(y);
                let line = format!("{order:<10}{:<8}{:<14}{y:>6}{:>12}", "LEEDS", "open", "2.50");
                buffer.set_string(1, y, &line, Style::default());
                buffer.set_style(Rect::new(11, y, 8, 1), muted);
                if y == row {
                    buffer.set_style(Rect::new(0, y, width, 1), selected);
                }
            }
        })
    };
    let whole = paint(2).unwrap().len();
    assert!(whole < 9_000, "a whole frame takes {whole} bytes");
    for row in 3..30 {
        let bytes = paint(row).unwrap().len();
        assert!(bytes <= 300, "moving to row {row} takes {bytes} bytes");
    }
}

#[test]
fn no_colour_and_no_unicode_mean_none() {
    let caps = Caps { colors: Depth::None, unicode: false, ..Caps::FULL };
    let mut painter = Painter::new(Size::new(30, 2), caps);
    let bytes = painter.paint(|frame| {
        let style = Style::default().fg(Color::Red).bg(Color::Blue).add_modifier(Modifier::BOLD);
        frame.buffer_mut().set_string(0, 0, "● live 日本 ▁▂▃ £5", style);
    });
    let text = String::from_utf8(bytes.unwrap()).unwrap();
    assert!(text.is_ascii(), "{text:?}");
    assert!(text.contains("* live ????"), "{text:?}");
    for color in ["[3", "[4", ";3", ";4", "38;", "48;"] {
        assert!(!text.contains(color), "{color} in {text:?}");
    }
}

#[test]
fn a_dumb_terminal_gets_lines() {
    let caps = Caps { dumb: true, unicode: false, colors: Depth::None, sync: false, ..Caps::FULL };
    let mut painter = Painter::new(Size::new(30, 2), caps);
    let bytes = lines(&mut painter, &["one", "two"]).unwrap();
    assert_eq!(String::from_utf8(bytes).unwrap(), "\r\none\r\ntwo\r\n");
    assert_eq!(lines(&mut painter, &["one", "two"]), None);
}

#[test]
fn any_size_is_painted() {
    for (width, height) in [(0, 0), (1, 1), (2, 1), (500, 200), (65_535, 65_535)] {
        let mut painter = Painter::new(Size::new(width, height), Caps::FULL);
        let mut paint = || {
            painter.paint(|frame| {
                let area = frame.area();
                if area.height > 0 {
                    let room = usize::from(area.width);
                    frame.buffer_mut().set_stringn(0, 0, "日", room, Style::default());
                }
            })
        };
        paint();
        assert_eq!(paint(), None);
    }
}
