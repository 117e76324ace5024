//! A frame as text or as a picture (SVG).

use super::term::{Caps, Glyph, Grid, Pen, color};
use super::theme::{Palette, Rgb};
use ratatui::buffer::Buffer;
use ratatui::style::Modifier;
use std::fmt::Write;

/// Width and height of a column in the picture, and where letters stand in it.
const COLUMN: f32 = 8.4;
const ROW: u16 = 18;
const BASELINE: u16 = 13;
const MARGIN: u16 = 12;

/// The frame as lines of text without trailing blanks.
pub fn text(buffer: &Buffer) -> String {
    let grid = Grid::of(buffer, &Caps::FULL);
    let mut out = String::new();
    for row in grid.rows() {
        let mut line = String::new();
        for slot in row {
            match &slot.glyph {
                Glyph::Narrow(c) => line.push(*c),
                Glyph::Cluster(text, _) => line.push_str(text),
                Glyph::Covered => {}
            }
        }
        out.push_str(line.trim_end());
        out.push('\n');
    }
    out
}

/// The frame as a picture; `palette` gives the colours that the terminal would.
pub fn svg(buffer: &Buffer, palette: &Palette, title: &str) -> String {
    let grid = Grid::of(buffer, &Caps::FULL);
    let width = f32::from(buffer.area.width) * COLUMN + f32::from(2 * MARGIN);
    let height = u32::from(buffer.area.height) * u32::from(ROW) + u32::from(2 * MARGIN);
    let mut out = String::new();
    let _ = writeln!(
        out,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width:.1} {height}\" \
         width=\"{width:.0}\" height=\"{height}\" font-size=\"14\" \
         font-family=\"ui-monospace,'DejaVu Sans Mono',Menlo,Consolas,monospace\">"
    );
    let _ = writeln!(out, "<title>{}</title>", escaped(title));
    let ground = hex(palette.background);
    let _ = writeln!(out, "<rect width=\"100%\" height=\"100%\" rx=\"8\" fill=\"{ground}\"/>");
    for (y, row) in grid.rows().enumerate() {
        let top = usize::from(MARGIN) + y * usize::from(ROW);
        let spans = spans(row, palette);
        for span in spans.iter().filter(|s| s.bg != palette.background) {
            let _ = writeln!(
                out,
                "<rect x=\"{:.1}\" y=\"{top}\" width=\"{:.1}\" height=\"{ROW}\" fill=\"{}\"/>",
                span.left(),
                f32::from(span.columns) * COLUMN,
                hex(span.bg)
            );
        }
        for span in spans.iter().filter(|s| !s.text.trim().is_empty() || s.underlined()) {
            write_span(&mut out, span, top + usize::from(BASELINE));
        }
    }
    out.push_str("</svg>\n");
    out
}

/// Neighbouring columns that look alike.
struct Span {
    x: u16,
    columns: u16,
    text: String,
    fg: Rgb,
    bg: Rgb,
    attrs: Modifier,
    /// Whether every glyph is known to be one column wide in any font.
    plain: bool,
}

impl Span {
    fn left(&self) -> f32 {
        f32::from(MARGIN) + f32::from(self.x) * COLUMN
    }

    fn underlined(&self) -> bool {
        self.attrs.contains(Modifier::UNDERLINED)
    }
}

fn spans(row: &[super::term::Slot], palette: &Palette) -> Vec<Span> {
    let mut spans: Vec<Span> = Vec::new();
    for (x, slot) in (0u16..).zip(row) {
        let (text, columns, plain) = match &slot.glyph {
            Glyph::Covered => continue,
            Glyph::Narrow(c) => (c.to_string(), 1, c.is_ascii()),
            Glyph::Cluster(text, columns) => (text.to_string(), *columns, false),
        };
        let (fg, bg) = colors(slot.pen, palette);
        let attrs = slot.pen.attrs;
        if let Some(last) = spans.last_mut()
            && (last.fg, last.bg, last.attrs) == (fg, bg, attrs)
            && last.plain
            && plain
        {
            last.text.push_str(&text);
            last.columns += columns;
        } else {
            spans.push(Span { x, columns, text, fg, bg, attrs, plain });
        }
    }
    spans
}

fn colors(pen: Pen, palette: &Palette) -> (Rgb, Rgb) {
    let fg = color::rgb(pen.fg).unwrap_or(palette.foreground);
    let bg = color::rgb(pen.bg).unwrap_or(palette.background);
    if pen.attrs.contains(Modifier::REVERSED) { (bg, fg) } else { (fg, bg) }
}

fn write_span(out: &mut String, span: &Span, baseline: usize) {
    let has = |attr| span.attrs.contains(attr);
    let _ = write!(
        out,
        "<text x=\"{:.1}\" y=\"{baseline}\" textLength=\"{:.1}\" fill=\"{}\" xml:space=\"preserve\"",
        span.left(),
        f32::from(span.columns) * COLUMN,
        hex(span.fg)
    );
    if has(Modifier::BOLD) {
        out.push_str(" font-weight=\"bold\"");
    }
    if has(Modifier::ITALIC) {
        out.push_str(" font-style=\"italic\"");
    }
    if span.underlined() {
        out.push_str(" text-decoration=\"underline\"");
    }
    if has(Modifier::DIM) {
        out.push_str(" opacity=\"0.7\"");
    }
    if !span.plain {
        out.push_str(" lengthAdjust=\"spacingAndGlyphs\"");
    }
    let _ = writeln!(out, ">{}</text>", escaped(&span.text));
}

fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            c if c.is_control() => {}
            c => out.push(c),
        }
    }
    out
}

fn hex(Rgb(r, g, b): Rgb) -> String {
    format!("#{r:02x}{g:02x}{b:02x}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use ratatui::layout::Rect;
    use ratatui::style::{Color, Style};

    fn buffer() -> Buffer {
        let mut buffer = Buffer::empty(Rect::new(0, 0, 12, 2));
        buffer.set_string(0, 0, "a<b & 日c", Style::default());
        let selected = Style::default().fg(Color::Red).bg(Color::Rgb(1, 2, 3));
        buffer.set_string(0, 1, "row", selected.add_modifier(Modifier::BOLD));
        buffer
    }

    #[test]
    fn text_is_what_stands_there() {
        assert_eq!(text(&buffer()), "a<b & 日c\nrow\n");
    }

    #[test]
    fn the_picture_is_well_formed_and_in_the_themes_colours() {
        let svg = svg(&buffer(), &Palette::default(), "a \"title\"");
        assert!(svg.starts_with("<svg ") && svg.ends_with("</svg>\n"));
        assert!(svg.contains("<title>a &quot;title&quot;</title>"));
        assert!(svg.contains("a&lt;b &amp; "), "{svg}");
        let ground = hex(Palette::default().background);
        assert!(svg.contains(&format!("height=\"100%\" rx=\"8\" fill=\"{ground}\"")));
        assert!(svg.contains("fill=\"#010203\"") && svg.contains("font-weight=\"bold\""));
        // 日 covers two columns, so the c after it starts at column 8.
        let c = f32::from(MARGIN) + 8.0 * COLUMN;
        assert!(svg.contains(&format!("<text x=\"{c:.1}\"")), "{svg}");
        assert_eq!(svg.matches("<text").count(), svg.matches("</text>").count());
    }
}
