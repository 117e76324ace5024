//! Themes: what each role on the screen looks like, resolved once for one terminal.
//!
//! Views name a [`Role`] and never a colour. A [`Palette`] is a theme file as read (from
//! `themes/`, built in, or from the user's folder); a [`Theme`] is that palette resolved for a
//! terminal's colour depth and character set. Colours carry no meaning alone: every severity has
//! its glyph too.

mod contrast;
mod glyphs;
mod palette;

pub use contrast::{Faint, LEGIBLE, ratio};
pub use glyphs::Glyphs;
pub use palette::{Palette, Rgb, ThemeError};

use super::term::{Depth, color};
use ratatui::style::{Color, Modifier, Style};

/// What a piece of the screen is, which decides how it looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Role {
    /// Ordinary text; the view fills its area with it first.
    Text,
    /// Units, labels, what is seldom read.
    Muted,
    /// The name of a screen or section.
    Title,
    /// What the eye should find.
    Accent,
    /// Good: live, received, done.
    Good,
    /// Wants attention soon: delayed, running low.
    Warn,
    /// Wrong: short, failed, silent.
    Bad,
    /// Wrong and urgent.
    Critical,
    /// The row under the cursor (a surface).
    Selected,
    /// A row that was marked (a surface).
    Marked,
    /// Column heads (a surface where the theme gives it a background).
    Header,
    /// The hint line (a surface where the theme gives it a background).
    Hint,
    /// The name of a key.
    Key,
    /// What was, in a chart.
    Chart,
    /// What is usual or likely, in a chart.
    Band,
    /// A line between two things.
    Rule,
    /// A field that is typed into (a surface).
    Input,
    /// The part of a text that a filter matched.
    Match,
    /// A message to the person.
    Notice,
}

impl Role {
    /// All roles, in the order of the enum.
    pub const ALL: [Role; 19] = [
        Role::Text,
        Role::Muted,
        Role::Title,
        Role::Accent,
        Role::Good,
        Role::Warn,
        Role::Bad,
        Role::Critical,
        Role::Selected,
        Role::Marked,
        Role::Header,
        Role::Hint,
        Role::Key,
        Role::Chart,
        Role::Band,
        Role::Rule,
        Role::Input,
        Role::Match,
        Role::Notice,
    ];

    /// The role's key in a theme file.
    pub const fn key(self) -> &'static str {
        match self {
            Role::Text => "text",
            Role::Muted => "muted",
            Role::Title => "title",
            Role::Accent => "accent",
            Role::Good => "good",
            Role::Warn => "warn",
            Role::Bad => "bad",
            Role::Critical => "critical",
            Role::Selected => "selected",
            Role::Marked => "marked",
            Role::Header => "header",
            Role::Hint => "hint",
            Role::Key => "key",
            Role::Chart => "chart",
            Role::Band => "band",
            Role::Rule => "rule",
            Role::Input => "input",
            Role::Match => "match",
            Role::Notice => "notice",
        }
    }

    /// Whether text of other roles is written on this role's background.
    pub const fn is_surface(self) -> bool {
        matches!(self, Role::Selected | Role::Marked | Role::Header | Role::Hint | Role::Input)
    }
}

/// The themes that a console can choose from: the user's own, which go before built-in ones of the
/// same name, and the built-in ones.
#[derive(Clone, Debug, PartialEq)]
pub struct Themes(Vec<Palette>);

impl Themes {
    /// The built-in ones with the user's own.
    pub fn with(own: Vec<Palette>) -> Self {
        let mut all = Palette::all_built_in();
        for palette in own {
            match all.iter_mut().find(|known| known.name == palette.name) {
                Some(known) => *known = palette,
                None => all.push(palette),
            }
        }
        Themes(all)
    }
    /// Their names.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|palette| &*palette.name)
    }
    /// One by its name.
    pub fn get(&self, name: &str) -> Option<&Palette> {
        self.0.iter().find(|palette| &*palette.name == name)
    }
    /// The one after another of this name, the first after the last.
    pub fn after(&self, name: &str) -> Option<&Palette> {
        let at = self.0.iter().position(|palette| &*palette.name == name);
        self.0.get(at.map_or(0, |at| at + 1)).or(self.0.first())
    }
}

impl Default for Themes {
    fn default() -> Self {
        Themes::with(Vec::new())
    }
}

/// A palette resolved for one terminal.
#[derive(Clone, Debug, PartialEq)]
pub struct Theme {
    name: Box<str>,
    styles: [Style; Role::ALL.len()],
    glyphs: &'static Glyphs,
    depth: Depth,
    unicode: bool,
}

impl Theme {
    /// Resolves a palette. With 24-bit or 256 colours [`Role::Text`] paints the palette's
    /// background, so that the contrast is known; with 16 or none the terminal's own stays.
    pub fn new(palette: &Palette, depth: Depth, unicode: bool) -> Self {
        let styles = Role::ALL.map(|role| resolve(palette, role, depth));
        let glyphs = Glyphs::of(unicode);
        Theme { name: palette.name.clone(), styles, glyphs, depth, unicode }
    }

    /// A built-in theme by name; `None`: there is none of that name.
    pub fn built_in(name: &str, depth: Depth, unicode: bool) -> Option<Self> {
        Palette::built_in(name).map(|palette| Theme::new(&palette, depth, unicode))
    }

    /// Another palette for the same terminal.
    pub fn with(&self, palette: &Palette) -> Self {
        Theme::new(palette, self.depth, self.unicode)
    }

    /// The theme's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// How a role looks. Only surfaces, [`Role::Text`], [`Role::Critical`] and [`Role::Notice`]
    /// set a background; every other role keeps that of the surface it is written on.
    pub fn style(&self, role: Role) -> Style {
        self.styles.get(role as usize).copied().unwrap_or_default()
    }

    /// The glyphs that this terminal can show.
    pub fn glyphs(&self) -> &'static Glyphs {
        self.glyphs
    }
}

impl Default for Theme {
    /// The dark theme in 24-bit colour and Unicode.
    fn default() -> Self {
        Theme::new(&Palette::default(), Depth::True, true)
    }
}

fn resolve(palette: &Palette, role: Role, depth: Depth) -> Style {
    let look = palette.look(role);
    let (fg, bg) = match depth {
        Depth::True | Depth::C256 => {
            let fg = (look.fg.is_some() || matches!(role, Role::Text)).then(|| palette.fg(role));
            let bg = match role {
                Role::Text => Some(palette.background),
                _ => look.bg,
            };
            let reduce = |c: Rgb| color::reduce(Color::Rgb(c.0, c.1, c.2), depth);
            (fg.map(reduce), bg.map(reduce))
        }
        Depth::C16 => (look.ansi, None),
        Depth::None => (None, None),
    };
    let mut style = Style { fg, bg, ..Style::default() };
    let plain = matches!(depth, Depth::C16 | Depth::None);
    let attrs = if plain { look.attrs | look.plain } else { look.attrs };
    if attrs != Modifier::empty() {
        style = style.add_modifier(attrs);
    }
    style
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_colours_never_paint_a_background() {
        for palette in Palette::all_built_in() {
            for depth in [Depth::C16, Depth::None] {
                let theme = Theme::new(&palette, depth, true);
                for role in Role::ALL {
                    let style = theme.style(role);
                    assert_eq!(style.bg, None, "{} {}", palette.name, role.key());
                    assert!(depth == Depth::C16 || style.fg.is_none());
                }
                let selected = theme.style(Role::Selected);
                assert!(selected.add_modifier.contains(Modifier::REVERSED));
            }
        }
    }

    #[test]
    fn colours_follow_the_depth() {
        let theme = |depth| Theme::built_in("dark", depth, true).unwrap();
        assert!(matches!(theme(Depth::True).style(Role::Good).fg, Some(Color::Rgb(..))));
        assert!(matches!(theme(Depth::C256).style(Role::Good).fg, Some(Color::Indexed(16..))));
        assert_eq!(theme(Depth::C16).style(Role::Good).fg, Some(Color::Green));
        assert!(theme(Depth::True).style(Role::Text).bg.is_some());
        assert_eq!(Theme::built_in("plaid", Depth::True, true), None);
    }

    #[test]
    fn without_colour_every_severity_still_differs_by_glyph_or_attribute() {
        let theme = Theme::built_in("dark", Depth::None, false).unwrap();
        let g = theme.glyphs();
        let all = [g.live, g.delayed, g.silent, g.failed];
        for (i, a) in all.iter().enumerate() {
            assert!(a.is_ascii());
            assert!(all.iter().skip(i + 1).all(|b| a != b));
        }
        assert_ne!(theme.style(Role::Critical), theme.style(Role::Bad));
        assert_ne!(theme.style(Role::Selected), theme.style(Role::Marked));
    }
}
