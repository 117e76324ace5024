//! Contrast as WCAG 2 defines it: legibility that can be tested.

use super::palette::{Palette, Rgb};
use super::{Depth, Role, color};

/// A pair of a theme that is too faint.
#[derive(Clone, Debug, PartialEq)]
pub struct Faint {
    /// The text.
    pub text: Role,
    /// What it is written on; [`Role::Text`]: the theme's background.
    pub on: Role,
    /// The ratio that the pair has.
    pub ratio: f64,
}

/// The contrast ratio of two colours, from 1 (the same) to 21 (black on white).
pub fn ratio(a: Rgb, b: Rgb) -> f64 {
    let (a, b) = (luminance(a), luminance(b));
    (a.max(b) + 0.05) / (a.min(b) + 0.05)
}

/// Relative luminance, 0 to 1.
fn luminance(Rgb(r, g, b): Rgb) -> f64 {
    let linear = |v: u8| {
        let v = f64::from(v) / 255.0;
        if v <= 0.040_45 { v / 12.92 } else { ((v + 0.055) / 1.055).powf(2.4) }
    };
    0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b)
}

impl std::fmt::Display for Faint {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let on = if self.on == Role::Text { "the background" } else { self.on.key() };
        let Faint { text, ratio, .. } = self;
        write!(f, "{} on {on} is {ratio:.1}:1, below {LEGIBLE}:1", text.key())
    }
}

/// The least contrast of a text that is to be read.
pub const LEGIBLE: f64 = 4.5;

impl Palette {
    /// Every pair that cannot be read well in 24-bit or 256 colours; what `doctor` says of a theme.
    pub fn illegible(&self) -> Vec<Faint> {
        let mut faint = self.faint(LEGIBLE, Depth::True);
        for pair in self.faint(LEGIBLE, Depth::C256) {
            if !faint.iter().any(|known| (known.text, known.on) == (pair.text, pair.on)) {
                faint.push(pair);
            }
        }
        faint
    }

    /// Every pair of text and surface below `least`, as seen at a colour depth.
    pub fn faint(&self, least: f64, depth: Depth) -> Vec<Faint> {
        let seen = |c: Rgb| match depth {
            Depth::True => c,
            _ => color::nearest_256(c).1,
        };
        let mut faint = Vec::new();
        for text in Role::ALL {
            for on in self.surfaces_under(text) {
                let ground = self.look(on).bg.unwrap_or(self.background);
                let ratio = ratio(seen(self.fg(text)), seen(ground));
                if ratio < least {
                    faint.push(Faint { text, on, ratio });
                }
            }
        }
        faint
    }

    /// What a role's text can stand on: its own background, or any surface.
    fn surfaces_under(&self, text: Role) -> Vec<Role> {
        if self.look(text).bg.is_some() && !text.is_surface() {
            return vec![text];
        }
        let painted = |role: &Role| role.is_surface() && self.look(*role).bg.is_some();
        std::iter::once(Role::Text).chain(Role::ALL.into_iter().filter(painted)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_ratios() {
        let (black, white) = (Rgb(0, 0, 0), Rgb(255, 255, 255));
        assert!((ratio(black, white) - 21.0).abs() < 0.01);
        assert!((ratio(Rgb(0x76, 0x76, 0x76), white) - 4.54).abs() < 0.01);
        assert_eq!(ratio(white, white), 1.0);
    }

    #[test]
    fn every_pair_of_every_built_in_theme_is_legible() {
        for palette in Palette::all_built_in() {
            let least = if &*palette.name == "high-contrast" { 7.0 } else { 4.5 };
            for depth in [Depth::True, Depth::C256] {
                let faint = palette.faint(least, depth);
                assert!(faint.is_empty(), "{} at {depth:?}: {faint:?}", palette.name);
            }
        }
    }

    #[test]
    fn a_faint_pair_is_found() {
        let mut text = String::from("name = \"x\"\nbackground = \"#000000\"\n");
        text.push_str("foreground = \"#ffffff\"\n[role]\nmuted = { fg = \"#333333\" }\n");
        text.push_str("selected = { bg = \"#888888\" }\n");
        let palette = Palette::parse(&text, "x.toml").unwrap();
        let faint = palette.faint(4.5, Depth::True);
        let pairs: Vec<_> = faint.iter().map(|f| (f.text, f.on)).collect();
        assert!(pairs.contains(&(Role::Muted, Role::Text)));
        assert!(pairs.contains(&(Role::Text, Role::Selected)));
    }
}
