//! One console in the owner: a screen, and the painter of the terminal that shows it.

use super::event::{Effect, Event};
use super::term::{Caps, Clipboard, Painter, frame_of};
use super::theme::{Theme, Themes};
use crate::domain::Timestamp;
use crate::engine::api::Status;
use crossterm::event::Event as InputEvent;
use ratatui::Frame;
use ratatui::buffer::Buffer;
use ratatui::layout::Size;

/// What a screen is made from.
#[derive(Clone, Debug)]
pub struct ScreenSetup {
    /// Columns and rows.
    pub size: Size,
    /// Whether its user may only look.
    pub read_only: bool,
    /// Its user.
    pub user: Box<str>,
    /// How it looks.
    pub theme: Theme,
    /// The themes to choose from.
    pub themes: Themes,
    /// How text reaches the terminal's clipboard.
    pub clipboard: Clipboard,
    /// What the owner is, if that is known already.
    pub status: Option<Status>,
    /// Domain time.
    pub now: Timestamp,
    /// Wall time.
    pub wall: Timestamp,
}

/// State, update and view of a console, as a whole.
pub trait Screen: Send {
    /// What it wants done first; `bookmark`: where it was before it lost its owner.
    fn start(&mut self, bookmark: Option<&[u8]>) -> Vec<Effect>;
    /// Takes in what happened; says what it wants done.
    fn update(&mut self, event: Event) -> Vec<Effect>;
    /// Draws itself.
    fn draw(&self, frame: &mut Frame);
    /// Whether it looks different since this was last asked.
    fn take_dirty(&mut self) -> bool;
    /// Whether its user wants everything painted again, since this was last asked.
    fn take_repaint(&mut self) -> bool {
        false
    }
}

/// A screen and its terminal.
pub struct Session {
    screen: Box<dyn Screen>,
    painter: Painter,
    dirty: bool,
}

impl Session {
    /// A screen before a terminal of which nothing is known.
    pub fn new(screen: Box<dyn Screen>, size: Size, caps: Caps) -> Self {
        Session { screen, painter: Painter::new(size, caps), dirty: true }
    }

    /// Starts the screen.
    pub fn start(&mut self, bookmark: Option<&[u8]>) -> Vec<Effect> {
        self.screen.start(bookmark)
    }

    /// Takes in what happened.
    pub fn update(&mut self, event: Event) -> Vec<Effect> {
        if let Event::Input(InputEvent::Resize(width, height)) = event {
            let size = Size { width, height };
            if size == self.painter.size() {
                return Vec::new();
            }
            self.painter.resize(size);
            self.dirty = true;
        }
        self.screen.update(event)
    }

    /// The terminal was out of our hands: paints everything next time.
    pub fn repaint(&mut self) {
        self.painter.forget();
        self.dirty = true;
    }

    /// Whether there may be something to paint.
    pub fn is_dirty(&mut self) -> bool {
        if self.screen.take_repaint() {
            self.repaint();
        }
        self.dirty |= self.screen.take_dirty();
        self.dirty
    }

    /// The bytes that bring the terminal up to date; `None`: it is.
    pub fn paint(&mut self) -> Option<Vec<u8>> {
        self.dirty = false;
        self.painter.paint(|frame| self.screen.draw(frame))
    }

    /// What stands on the screen now.
    pub fn frame(&self) -> Buffer {
        frame_of(self.painter.size(), |frame| self.screen.draw(frame))
    }

    /// The terminal's capabilities.
    pub fn caps(&self) -> &Caps {
        self.painter.caps()
    }
}

/// One frame of a screen, without a terminal.
pub fn render_once(screen: &dyn Screen, size: Size) -> Buffer {
    frame_of(size, |frame| screen.draw(frame))
}
