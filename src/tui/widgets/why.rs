//! The explanation of a figure, over the lower part of the screen.

use super::super::canvas::Canvas;
use super::super::layers::{Why, WhyLine};
use super::super::theme::Role;
use super::super::words;
use unicode_segmentation::UnicodeSegmentation;

/// Cells of the step's name and of its figure.
const NAME: u16 = 18;
const FIGURE: u16 = 11;

fn from(width: u16) -> usize {
    usize::from(width.saturating_sub(NAME + FIGURE + 8)).max(10)
}

fn height_of(line: &WhyLine, width: u16) -> usize {
    match line {
        WhyLine::Step(_, _, source) => words::wrap(source, from(width)).len(),
        WhyLine::Note(text) => words::wrap(text, usize::from(width.saturating_sub(6))).len(),
        WhyLine::Exact(text) => broken(text, width).len(),
    }
}

/// A text broken wherever a line is full, with nothing left out.
fn broken(text: &str, width: u16) -> Vec<String> {
    let cells = usize::from(width.saturating_sub(6)).max(2);
    let mut lines = vec![String::new()];
    let mut used = 0;
    for grapheme in text.graphemes(true) {
        let w = words::width(grapheme);
        if used + w > cells {
            lines.push(String::new());
            used = 0;
        }
        if let Some(line) = lines.last_mut() {
            line.push_str(grapheme);
        }
        used += w;
    }
    lines
}

/// Lines that it wants.
pub fn height(why: &Why, width: u16) -> u16 {
    let lines: usize = why.lines.iter().map(|line| height_of(line, width)).sum();
    u16::try_from(lines).unwrap_or(u16::MAX).saturating_add(2)
}

/// Draws it.
pub fn draw(canvas: &mut Canvas<'_>, why: &Why) {
    canvas.clear();
    canvas.rule(0);
    canvas.line(2, 0, &format!(" {} ", why.title), Role::Title);
    let (width, height) = (canvas.width(), canvas.height());
    let last = height.saturating_sub(1);
    let mut y = 1;
    for line in why.lines.iter().skip(why.top) {
        if y >= last {
            break;
        }
        y += draw_line(&mut canvas.part(0, y, width, last - y), line);
    }
    let hint = "j k scroll, any other key closes";
    canvas.line(3, last, hint, Role::Hint);
}

fn draw_line(canvas: &mut Canvas<'_>, line: &WhyLine) -> u16 {
    let width = canvas.width();
    match line {
        WhyLine::Step(what, figure, source) => {
            let result = what.starts_with('=');
            let role = if result { Role::Accent } else { Role::Text };
            canvas.text(3, 0, NAME, what, Role::Text);
            canvas.right(3 + NAME + FIGURE, 0, FIGURE, figure, role);
            let x = 3 + NAME + FIGURE + 2;
            let lines = words::wrap(source, from(width));
            for (y, line) in (0..).zip(&lines) {
                canvas.line(x, y, line, Role::Muted);
            }
            u16::try_from(lines.len()).unwrap_or(1)
        }
        WhyLine::Exact(text) => {
            let lines = broken(text, width);
            for (y, line) in (0..).zip(&lines) {
                canvas.line(3, y, line, Role::Text);
            }
            u16::try_from(lines.len()).unwrap_or(1)
        }
        WhyLine::Note(text) => {
            let lines = words::wrap(text, usize::from(width.saturating_sub(6)));
            for (y, line) in (0..).zip(&lines) {
                canvas.line(3, y, line, Role::Muted);
            }
            u16::try_from(lines.len()).unwrap_or(1)
        }
    }
}
