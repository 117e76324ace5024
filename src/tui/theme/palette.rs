//! Theme files: reading them, and saying in one sentence what is wrong with one.

use super::Role;
use ratatui::style::{Color, Modifier};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::Path;

/// The built-in themes as files: name and text.
const BUILT_IN: [(&str, &str); 3] = [
    ("dark", include_str!("../../../themes/dark.toml")),
    ("light", include_str!("../../../themes/light.toml")),
    ("high-contrast", include_str!("../../../themes/high-contrast.toml")),
];

/// A 24-bit colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rgb(pub u8, pub u8, pub u8);

/// What a theme file says of one role.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Look {
    /// Foreground; `None`: that of the surface.
    pub fg: Option<Rgb>,
    /// Background; `None`: that of the surface.
    pub bg: Option<Rgb>,
    /// Foreground where the terminal has 16 colours; `None`: the terminal's own.
    pub ansi: Option<Color>,
    /// Attributes at every depth.
    pub attrs: Modifier,
    /// Attributes added where backgrounds are not painted.
    pub plain: Modifier,
}

/// A theme file as read.
#[derive(Clone, Debug, PartialEq)]
pub struct Palette {
    /// The theme's name.
    pub name: Box<str>,
    /// What everything is written on.
    pub background: Rgb,
    /// Ordinary text.
    pub foreground: Rgb,
    looks: Vec<Look>,
    text: Box<str>,
}

/// Why a theme cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ThemeError {
    /// The file is not TOML, or lacks something.
    #[error("{file}: {what}; compare it with themes/dark.toml")]
    Shape {
        /// The file.
        file: String,
        /// What the reader said, with the line.
        what: String,
    },
    /// A key's value cannot be understood.
    #[error("{file}: {key} = {value:?} is not {wanted}")]
    Value {
        /// The file.
        file: String,
        /// The key, such as `role.muted.fg`.
        key: String,
        /// What stands there.
        value: String,
        /// What could stand there.
        wanted: &'static str,
    },
    /// A role that does not exist.
    #[error("{file}: there is no role {key:?}; the roles are {roles}")]
    Role {
        /// The file.
        file: String,
        /// The key.
        key: String,
        /// The keys that exist.
        roles: String,
    },
    /// No theme of that name.
    #[error("there is no theme {name:?}; choose one of {known}, or put {name}.toml into {folder}")]
    Unknown {
        /// The name asked for.
        name: String,
        /// The names that exist.
        known: String,
        /// Where user themes lie.
        folder: String,
    },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ThemeFile {
    name: String,
    background: String,
    foreground: String,
    #[serde(default)]
    role: BTreeMap<String, RoleEntry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RoleEntry {
    fg: Option<String>,
    bg: Option<String>,
    ansi: Option<String>,
    #[serde(default)]
    attrs: Vec<String>,
    #[serde(default)]
    plain: Vec<String>,
}

impl Palette {
    /// Names of the built-in themes.
    pub fn built_in_names() -> [&'static str; 3] {
        BUILT_IN.map(|(name, _)| name)
    }

    /// A built-in theme; `None`: there is none of that name.
    pub fn built_in(name: &str) -> Option<Self> {
        let (_, text) = BUILT_IN.iter().find(|(n, _)| *n == name)?;
        Palette::parse(text, name).ok()
    }

    /// All built-in themes.
    pub fn all_built_in() -> Vec<Self> {
        BUILT_IN.iter().filter_map(|(name, _)| Palette::built_in(name)).collect()
    }

    /// A theme by name: `NAME.toml` in the user's folder (`<config dir>/themes`), else built in.
    pub fn load(name: &str, folder: &Path) -> Result<Self, ThemeError> {
        let path = folder.join(format!("{name}.toml"));
        if !name.contains(['/', '\\'])
            && let Ok(text) = std::fs::read_to_string(&path)
        {
            return Palette::parse(&text, &path.display().to_string());
        }
        Palette::built_in(name).ok_or_else(|| ThemeError::Unknown {
            name: name.to_owned(),
            known: Palette::built_in_names().join(", "),
            folder: folder.display().to_string(),
        })
    }

    /// Reads a theme's text; `file` is what errors call it.
    pub fn parse(text: &str, file: &str) -> Result<Self, ThemeError> {
        let read: ThemeFile = toml::from_str(text).map_err(|error| {
            let line = error.span().map_or(1, |s| 1 + text[..s.start].matches('\n').count());
            let what = format!("line {line}: {}", error.message().trim_end());
            ThemeError::Shape { file: file.to_owned(), what }
        })?;
        let at = Place { file };
        let mut looks = vec![Look::default(); Role::ALL.len()];
        for (key, entry) in &read.role {
            let role = Role::ALL.iter().position(|r| r.key() == key);
            let look = role.and_then(|i| looks.get_mut(i)).ok_or_else(|| ThemeError::Role {
                file: file.to_owned(),
                key: key.clone(),
                roles: Role::ALL.map(Role::key).join(", "),
            })?;
            *look = at.look(key, entry)?;
        }
        Ok(Palette {
            background: at.rgb("background", &read.background)?,
            foreground: at.rgb("foreground", &read.foreground)?,
            name: read.name.into(),
            looks,
            text: text.into(),
        })
    }

    /// The theme as a file, to send it to where it is drawn.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// What the file says of a role.
    pub fn look(&self, role: Role) -> Look {
        self.looks.get(role as usize).copied().unwrap_or_default()
    }

    /// A role's foreground; the theme's where the role names none.
    pub fn fg(&self, role: Role) -> Rgb {
        self.look(role).fg.unwrap_or(self.foreground)
    }
}

impl Default for Palette {
    /// The dark theme.
    fn default() -> Self {
        Palette::built_in("dark").unwrap_or(Palette {
            name: "plain".into(),
            background: Rgb(0, 0, 0),
            foreground: Rgb(255, 255, 255),
            looks: Vec::new(),
            text: "".into(),
        })
    }
}

/// Where a value stands, for errors.
struct Place<'a> {
    file: &'a str,
}

impl Place<'_> {
    fn look(&self, role: &str, entry: &RoleEntry) -> Result<Look, ThemeError> {
        let key = |name: &str| format!("role.{role}.{name}");
        let rgb = |name: &str, value: &Option<String>| {
            value.as_ref().map(|v| self.rgb(&key(name), v)).transpose()
        };
        let ansi = entry.ansi.as_ref().map(|v| {
            ansi(v).ok_or_else(|| self.wrong(&key("ansi"), v, "one of the 16 colour names"))
        });
        Ok(Look {
            fg: rgb("fg", &entry.fg)?,
            bg: rgb("bg", &entry.bg)?,
            ansi: ansi.transpose()?,
            attrs: self.attrs(&key("attrs"), &entry.attrs)?,
            plain: self.attrs(&key("plain"), &entry.plain)?,
        })
    }

    fn rgb(&self, key: &str, value: &str) -> Result<Rgb, ThemeError> {
        let digits = value.strip_prefix('#').filter(|d| d.len() == 6 && d.is_ascii());
        let number = digits.and_then(|d| u32::from_str_radix(d, 16).ok());
        let [_, r, g, b] = number
            .ok_or_else(|| self.wrong(key, value, "a colour such as \"#82c8ff\""))?
            .to_be_bytes();
        Ok(Rgb(r, g, b))
    }

    fn attrs(&self, key: &str, values: &[String]) -> Result<Modifier, ThemeError> {
        values.iter().try_fold(Modifier::empty(), |all, value| {
            let one = match value.as_str() {
                "bold" => Modifier::BOLD,
                "dim" => Modifier::DIM,
                "italic" => Modifier::ITALIC,
                "underline" => Modifier::UNDERLINED,
                "reverse" => Modifier::REVERSED,
                _ => {
                    let wanted = "one of \"bold\", \"dim\", \"italic\", \"underline\", \"reverse\"";
                    return Err(self.wrong(key, value, wanted));
                }
            };
            Ok(all | one)
        })
    }

    fn wrong(&self, key: &str, value: &str, wanted: &'static str) -> ThemeError {
        ThemeError::Value {
            file: self.file.to_owned(),
            key: key.to_owned(),
            value: value.to_owned(),
            wanted,
        }
    }
}

fn ansi(name: &str) -> Option<Color> {
    Some(match name {
        "black" => Color::Black,
        "red" => Color::Red,
        "green" => Color::Green,
        "yellow" => Color::Yellow,
        "blue" => Color::Blue,
        "magenta" => Color::Magenta,
        "cyan" => Color::Cyan,
        "white" => Color::Gray,
        "bright-black" => Color::DarkGray,
        "bright-red" => Color::LightRed,
        "bright-green" => Color::LightGreen,
        "bright-yellow" => Color::LightYellow,
        "bright-blue" => Color::LightBlue,
        "bright-magenta" => Color::LightMagenta,
        "bright-cyan" => Color::LightCyan,
        "bright-white" => Color::White,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_built_in_themes_read() {
        for (name, text) in BUILT_IN {
            let palette = Palette::parse(text, name).unwrap();
            assert_eq!(&*palette.name, name);
            let read: ThemeFile = toml::from_str(text).unwrap();
            assert_eq!(read.role.len(), Role::ALL.len(), "{name} names every role");
        }
    }

    #[test]
    fn an_error_names_file_key_and_mend() {
        let theme = |role: &str| {
            let text = format!(
                "name = \"x\"\nbackground = \"#000000\"\nforeground = \"#ffffff\"\n[role]\n{role}\n"
            );
            Palette::parse(&text, "x.toml").map(|_| ()).map_err(|e| e.to_string())
        };
        assert_eq!(
            theme("bad = { fg = \"red\" }").unwrap_err(),
            "x.toml: role.bad.fg = \"red\" is not a colour such as \"#82c8ff\""
        );
        assert!(theme("bda = {}").unwrap_err().contains("no role \"bda\"; the roles are text,"));
        assert!(theme("bad = { foo = 1 }").unwrap_err().starts_with("x.toml: line 5: "));
        assert!(theme("bad = { attrs = [\"blink\"] }").unwrap_err().contains("\"reverse\""));
        assert_eq!(theme("bad = { ansi = \"bright-red\" }"), Ok(()));
    }

    #[test]
    fn a_users_file_goes_before_the_built_in_one() {
        let folder = tempfile::tempdir().unwrap();
        let text = "name = \"mine\"\nbackground = \"#000000\"\nforeground = \"#ffffff\"\n";
        std::fs::write(folder.path().join("dark.toml"), text).unwrap();
        assert_eq!(&*Palette::load("dark", folder.path()).unwrap().name, "mine");
        assert_eq!(&*Palette::load("light", folder.path()).unwrap().name, "light");
        let error = Palette::load("plaid", folder.path()).unwrap_err().to_string();
        assert!(error.contains("dark, light, high-contrast"), "{error}");
    }
}
