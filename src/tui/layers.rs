//! What lies over a screen: prompts, palette, help, questions. The topmost takes the keys.

use super::update::forms::{Field, Intent};
use super::words;
use crate::domain::{Money, Qty, text::clean};
use crate::engine::api::{Action, Revealed};
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use unicode_segmentation::UnicodeSegmentation;

/// One line that is being typed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LineEdit {
    text: String,
    /// Byte position, always between characters.
    cursor: usize,
}

/// The most bytes that a line takes.
const LONGEST: usize = 1_000;

impl LineEdit {
    /// With text in it and the cursor behind.
    pub fn with(text: &str) -> Self {
        LineEdit { text: text.to_owned(), cursor: text.len() }
    }
    /// The text.
    pub fn text(&self) -> &str {
        &self.text
    }
    /// The text before the cursor.
    pub fn before(&self) -> &str {
        self.text.get(..self.cursor).unwrap_or_default()
    }
    /// What of the line fits into `cells` with the cursor in sight, and the cells before the cursor.
    /// An ellipsis stands where something is left out.
    pub fn seen(&self, cells: usize, ellipsis: &str) -> (String, usize) {
        let before = words::width(self.before());
        if words::width(&self.text) <= cells {
            return (self.text.clone(), before);
        }
        let dots = words::width(ellipsis);
        if before <= cells.saturating_sub(dots) {
            return (words::fit(&self.text, cells, ellipsis).into_owned(), before);
        }
        // From the cursor back as far as there is room.
        let room = cells.saturating_sub(2 * dots);
        let mut start = self.cursor;
        let mut used = 0;
        for (at, grapheme) in self.before().grapheme_indices(true).rev() {
            used += words::width(grapheme);
            if used > room {
                break;
            }
            start = at;
        }
        let shown = self.text.get(start..self.cursor).unwrap_or_default();
        let before = dots + words::width(shown);
        let rest = self.text.get(start..).unwrap_or_default();
        let rest = words::fit(rest, cells.saturating_sub(dots), ellipsis);
        (format!("{ellipsis}{rest}"), before)
    }
    /// Inserts text from a key or the clipboard, cleaned of what could steer a terminal.
    pub fn insert(&mut self, text: &str) {
        let text = if text == " " { " ".to_owned() } else { clean(text) };
        if self.text.len() + text.len() <= LONGEST {
            self.text.insert_str(self.cursor, &text);
            self.cursor += text.len();
        }
    }
    /// Replaces everything.
    pub fn set(&mut self, text: &str) {
        *self = LineEdit::with(text);
    }
    /// Edits by a key; `false` if the key is none of this line's.
    pub fn key(&mut self, key: &KeyEvent) -> bool {
        let ctrl = key.modifiers.contains(KeyModifiers::CONTROL);
        match key.code {
            KeyCode::Char('u') if ctrl => {
                self.text.drain(..self.cursor);
                self.cursor = 0;
            }
            KeyCode::Char('w') if ctrl => {
                let keep = self.before().trim_end();
                let keep = keep.rfind(char::is_whitespace).map_or(0, |at| at + 1);
                let keep = (0..=keep).rev().find(|at| self.text.is_char_boundary(*at));
                let keep = keep.unwrap_or(0);
                self.text.drain(keep..self.cursor);
                self.cursor = keep;
            }
            KeyCode::Char('a') if ctrl => self.cursor = 0,
            KeyCode::Char('e') if ctrl => self.cursor = self.text.len(),
            KeyCode::Char(c) if !ctrl && !key.modifiers.contains(KeyModifiers::ALT) => {
                self.insert(c.encode_utf8(&mut [0; 4]));
            }
            KeyCode::Backspace => {
                let from = self.step_back();
                self.text.drain(from..self.cursor);
                self.cursor = from;
            }
            KeyCode::Delete => {
                let to = self.step_forward();
                self.text.drain(self.cursor..to);
            }
            KeyCode::Left => self.cursor = self.step_back(),
            KeyCode::Right => self.cursor = self.step_forward(),
            KeyCode::Home => self.cursor = 0,
            KeyCode::End => self.cursor = self.text.len(),
            _ => return false,
        }
        true
    }
    fn step_back(&self) -> usize {
        self.before().grapheme_indices(true).next_back().map_or(0, |(at, _)| at)
    }
    fn step_forward(&self) -> usize {
        let rest = self.text.get(self.cursor..).unwrap_or_default();
        self.cursor + rest.graphemes(true).next().map_or(0, str::len)
    }
}

/// A filter being typed; the table follows every key.
#[derive(Clone, Debug)]
pub struct FilterLine {
    /// The line.
    pub line: LineEdit,
    /// The filter before, for Esc.
    pub before: String,
    /// What was typed when Tab was first pressed, and which completion of it stands there.
    pub completing: Option<(String, usize)>,
    /// Why it cannot be kept as it stands: a term is not typed to its end.
    pub refused: Option<String>,
}

/// The palette.
#[derive(Clone, Debug, Default)]
pub struct Palette {
    /// The line.
    pub line: LineEdit,
    /// The chosen suggestion.
    pub chosen: usize,
    /// Why the line could not be run.
    pub error: Option<String>,
}

/// How far a form is.
#[derive(Clone, Debug, PartialEq)]
pub enum Stage {
    /// Fields are being filled in.
    Fill,
    /// What will be recorded is shown; Enter records it.
    Check(String),
    /// It was sent under these tags; waiting to hear that it is in the journal.
    Sent,
}

/// A form for a decision.
#[derive(Clone, Debug)]
pub struct Form {
    /// What is being decided.
    pub intent: Intent,
    /// Its fields.
    pub fields: Vec<Field>,
    /// The field with the cursor.
    pub at: usize,
    /// How far it is.
    pub stage: Stage,
    /// What is wrong.
    pub error: Option<String>,
    /// What the fields as they stand would mean, where that is told.
    pub means: Vec<String>,
    /// What a quantity costs that was looked up last; no amount: nobody knows.
    pub priced: Option<(Qty, Option<Money>)>,
    /// What its fields held when the owner refused them, and why.
    pub refused: Option<(Vec<String>, String)>,
}

impl Form {
    /// One that is to be filled in from the field `at` on.
    pub fn of(intent: Intent, fields: Vec<Field>, at: usize) -> Self {
        let (stage, means) = (Stage::Fill, intent.means());
        Form { intent, fields, at, stage, error: None, means, priced: None, refused: None }
    }

    /// What its fields hold.
    pub fn texts(&self) -> Vec<String> {
        self.fields.iter().map(|field| field.line.text().to_owned()).collect()
    }
}

/// A question before something is done.
#[derive(Clone, Debug)]
pub struct Confirm {
    /// What will be done, as one sentence.
    pub sentence: String,
    /// What Enter does.
    pub actions: Vec<Action>,
    /// What the notice says when it is done, such as `Acknowledged`.
    pub done: &'static str,
}

/// What a figure is made of, scrolled by lines.
#[derive(Clone, Debug)]
pub struct Why {
    /// Which figure.
    pub title: String,
    /// The lines of the explanation.
    pub lines: Vec<WhyLine>,
    /// The first line shown.
    pub top: usize,
}

/// A line of an explanation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WhyLine {
    /// A step of the arithmetic: what it is, the figure, where it comes from.
    Step(String, String, String),
    /// A sentence.
    Note(String),
    /// A line that is shown as it is, every blank of it.
    Exact(String),
}

/// Something over the screen.
#[derive(Clone, Debug)]
pub enum Layer {
    /// The filter line.
    Filter(FilterLine),
    /// The command palette.
    Palette(Palette),
    /// Help, scrolled by lines.
    Help(usize),
    /// A form.
    Form(Form),
    /// A question.
    Confirm(Confirm),
    /// What a figure is made of.
    Why(Why),
    /// What was revealed; any key takes it away.
    Revealed(Box<Revealed>),
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(line: &mut LineEdit, code: KeyCode, modifiers: KeyModifiers) {
        line.key(&KeyEvent::new(code, modifiers));
    }

    #[test]
    fn editing_goes_by_whole_characters() {
        let mut line = LineEdit::with("año 👩‍👩‍👧");
        key(&mut line, KeyCode::Backspace, KeyModifiers::NONE);
        assert_eq!(line.text(), "año ");
        key(&mut line, KeyCode::Char('w'), KeyModifiers::CONTROL);
        assert_eq!(line.text(), "");
        line.insert("two words");
        key(&mut line, KeyCode::Char('w'), KeyModifiers::CONTROL);
        assert_eq!(line.text(), "two ");
        key(&mut line, KeyCode::Home, KeyModifiers::NONE);
        key(&mut line, KeyCode::Delete, KeyModifiers::NONE);
        assert_eq!(line.text(), "wo ");
    }

    #[test]
    fn a_long_line_scrolls_by_cells_with_its_cursor() {
        let mut line = LineEdit::with("日本語の品 and then some");
        assert_eq!(line.seen(80, "…"), ("日本語の品 and then some".into(), 24));
        let (shown, before) = line.seen(10, "…");
        assert_eq!((shown.as_str(), before), ("…hen some", 9));
        assert!(words::width(&shown) <= 10);
        key(&mut line, KeyCode::Home, KeyModifiers::NONE);
        assert_eq!(line.seen(10, "…"), ("日本語の…".into(), 0));
        for _ in 0..7 {
            key(&mut line, KeyCode::Right, KeyModifiers::NONE);
        }
        let (shown, before) = line.seen(10, "…");
        assert!(before < 10 && words::width(&shown) <= 10, "{shown:?} {before}");
    }

    #[test]
    fn pasted_text_cannot_steer_the_terminal() {
        let mut line = LineEdit::default();
        line.insert("a\u{1b}[31mb\nc");
        assert_eq!(line.text(), "a[31mb c");
    }
}
