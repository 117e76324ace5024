//! Theme files: reading them, and saying in one sentence what is wrong with one.

use super::Role;
use ratatui::style::{Color, Modifier};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::io::ErrorKind;
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
    /// The file is there and cannot be read.
    #[error("{file}: {why}; make it readable or take it away")]
    Read {
        /// The file.
        file: String,
        /// What the system said.
        why: String,
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
    name: Option<String>,
    base: Option<String>,
    background: Option<String>,
    foreground: Option<String>,
    #[serde(default)]
    role: BTreeMap<String, RoleEntry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RoleEntry {
    fg: Option<String>,
    bg: Option<String>,
    ansi: Option<String>,
    attrs: Option<Vec<String>>,
    plain: Option<Vec<String>>,
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
    /// A file that is there and cannot be used is an error, not a reason for another theme.
    pub fn load(name: &str, folder: &Path) -> Result<Self, ThemeError> {
        let path = folder.join(format!("{name}.toml"));
        let file = path.display().to_string();
        match std::fs::read_to_string(&path) {
            Ok(text) if !name.contains(['/', '\\']) => {
                Ok(Palette::parse(&text, &file)?.called(name))
            }
            Err(error) if error.kind() != ErrorKind::NotFound => {
                Err(ThemeError::Read { file, why: error.to_string() })
            }
            _ => Palette::built_in(name).ok_or_else(|| ThemeError::Unknown {
                name: name.to_owned(),
                known: Palette::built_in_names().join(", "),
                folder: folder.display().to_string(),
            }),
        }
    }

    /// The user's own themes by file name, each as read or why it cannot be used.
    pub fn own(folder: &Path) -> Vec<(String, Result<Self, ThemeError>)> {
        let Ok(files) = std::fs::read_dir(folder) else { return Vec::new() };
        let mut own: Vec<_> = files
            .filter_map(|file| Some(file.ok()?.path()))
            .filter(|path| path.extension().is_some_and(|kind| kind == "toml"))
            .filter_map(|path| Some(path.file_stem()?.to_str()?.to_owned()))
            .map(|name| (name.clone(), Palette::load(&name, folder)))
            .collect();
        own.sort_by(|a, b| a.0.cmp(&b.0));
        own
    }

    /// Under another name: a theme goes by its file's.
    pub fn called(self, name: &str) -> Self {
        Palette { name: name.into(), ..self }
    }

    /// Reads a theme's text; `file` is what errors call it.
    pub fn parse(text: &str, file: &str) -> Result<Self, ThemeError> {
        let read: ThemeFile = toml::from_str(text).map_err(|error| {
            let line = error.span().map_or(1, |s| 1 + text[..s.start].matches('\n').count());
            let what = format!("line {line}: {}", error.message().trim_end());
            ThemeError::Shape { file: file.to_owned(), what }
        })?;
        let at = Place { file };
        let base = read.base.as_ref().map(|name| {
            Palette::built_in(name)
                .ok_or_else(|| at.wrong("base", name, "one of dark, light, high-contrast"))
        });
        let base = base.transpose()?;
        let ground = |key: &str, value: &Option<String>, base: Option<Rgb>| match (value, base) {
            (Some(value), _) => at.rgb(key, value),
            (None, Some(base)) => Ok(base),
            (None, None) => Err(ThemeError::Shape {
                file: file.to_owned(),
                what: format!("{key} is missing, and there is no base = \"dark\" to take it from"),
            }),
        };
        let background =
            ground("background", &read.background, base.as_ref().map(|b| b.background))?;
        let foreground =
            ground("foreground", &read.foreground, base.as_ref().map(|b| b.foreground))?;
        let plain = || vec![Look::default(); Role::ALL.len()];
        let mut looks = base.map_or_else(plain, |base| base.looks);
        for (key, entry) in &read.role {
            let role = Role::ALL.iter().position(|r| r.key() == key);
            let look = role.and_then(|i| looks.get_mut(i)).ok_or_else(|| ThemeError::Role {
                file: file.to_owned(),
                key: key.clone(),
                roles: Role::ALL.map(Role::key).join(", "),
            })?;
            at.patch(look, key, entry)?;
        }
        let name = read.name.unwrap_or_else(|| file.to_owned()).into();
        Ok(Palette { name, background, foreground, looks, text: text.into() })
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
    /// Puts what an entry names over a look; the rest stays.
    fn patch(&self, look: &mut Look, role: &str, entry: &RoleEntry) -> Result<(), ThemeError> {
        let key = |name: &str| format!("role.{role}.{name}");
        if let Some(fg) = &entry.fg {
            look.fg = Some(self.rgb(&key("fg"), fg)?);
        }
        if let Some(bg) = &entry.bg {
            look.bg = Some(self.rgb(&key("bg"), bg)?);
        }
        if let Some(name) = &entry.ansi {
            let wrong = || self.wrong(&key("ansi"), name, "one of the 16 colour names");
            look.ansi = Some(ansi(name).ok_or_else(wrong)?);
        }
        if let Some(attrs) = &entry.attrs {
            look.attrs = self.attrs(&key("attrs"), attrs)?;
        }
        if let Some(plain) = &entry.plain {
            look.plain = self.attrs(&key("plain"), plain)?;
        }
        Ok(())
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
    fn a_users_file_goes_before_the_built_in_one_and_by_its_files_name() {
        let folder = tempfile::tempdir().unwrap();
        let text = "name = \"mine\"\nbackground = \"#000000\"\nforeground = \"#ffffff\"\n";
        std::fs::write(folder.path().join("dark.toml"), text).unwrap();
        let dark = Palette::load("dark", folder.path()).unwrap();
        assert_eq!((&*dark.name, dark.background), ("dark", Rgb(0, 0, 0)));
        assert_eq!(&*Palette::load("light", folder.path()).unwrap().name, "light");
        let error = Palette::load("plaid", folder.path()).unwrap_err().to_string();
        assert!(error.contains("dark, light, high-contrast"), "{error}");
        let own: Vec<_> = Palette::own(folder.path()).into_iter().map(|(name, _)| name).collect();
        assert_eq!(own, ["dark"]);
    }

    #[test]
    fn a_file_may_change_a_part_of_a_built_in_theme() {
        let text = "base = \"dark\"\n[role]\nbad = { fg = \"#ffffff\" }\n";
        let patched = Palette::parse(text, "mine").unwrap();
        let dark = Palette::built_in("dark").unwrap();
        assert_eq!(patched.look(Role::Bad).fg, Some(Rgb(255, 255, 255)));
        assert_eq!(patched.look(Role::Bad).ansi, dark.look(Role::Bad).ansi);
        assert_eq!(patched.look(Role::Critical), dark.look(Role::Critical));
        assert_eq!(patched.background, dark.background);
        let error = Palette::parse("base = \"plaid\"", "x.toml").unwrap_err().to_string();
        assert!(error.contains("base = \"plaid\" is not one of dark"), "{error}");
        let error = Palette::parse("name = \"x\"", "x.toml").unwrap_err().to_string();
        assert!(error.contains("background is missing"), "{error}");
    }

    #[test]
    fn a_file_that_cannot_be_read_is_told() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("dark.toml")).unwrap();
        let error = Palette::load("dark", folder.path()).unwrap_err().to_string();
        assert!(error.contains("dark.toml: ") && error.contains("readable"), "{error}");
    }
}
