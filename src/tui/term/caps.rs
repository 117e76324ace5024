//! What a terminal can do, from the environment of the client that sits in front of it.

use crate::outbox::notify::Escape;
use serde::{Deserialize, Serialize};

/// How many colours a terminal shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Depth {
    /// None: attributes only.
    None,
    /// The 16 of ANSI, whose looks the terminal decides.
    #[default]
    C16,
    /// The 256 of xterm.
    C256,
    /// 24-bit.
    True,
}

/// How text reaches the clipboard of the terminal in front; whether it arrives is never told back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Clipboard {
    /// Not at all.
    Absent,
    /// By a sequence that most terminals obey.
    Terminal,
    /// The same through tmux, which has to be set to pass it on.
    Tmux,
}

/// What a terminal can do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Caps {
    /// Colours.
    pub colors: Depth,
    /// Whether it shows more than ASCII.
    pub unicode: bool,
    /// Whether frames are wrapped in synchronized output (terminals that don't know it ignore it).
    pub sync: bool,
    /// Whether it lacks an alternate screen and the like.
    pub dumb: bool,
    /// Whether tmux stands in between, which wants clipboard sequences wrapped.
    pub tmux: bool,
    /// How it shows a notice on its desktop, where it is known to.
    pub desktop: Option<Escape>,
    /// Whether erasing paints the current background (all but GNU screen and the unknown do).
    pub erase_paints: bool,
}

impl std::fmt::Display for Caps {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let colors = match self.colors {
            Depth::None => "no colours",
            Depth::C16 => "16 colours",
            Depth::C256 => "256 colours",
            Depth::True => "24-bit colour",
        };
        let text = if self.unicode { "UTF-8" } else { "ASCII only; set LANG to a UTF-8 locale" };
        write!(f, "{colors}, {text}{}", if self.dumb { ", dumb" } else { "" })
    }
}

impl Caps {
    /// A capable terminal: 24-bit colour and UTF-8.
    pub const FULL: Caps = Caps {
        colors: Depth::True,
        unicode: true,
        sync: true,
        dumb: false,
        tmux: false,
        desktop: None,
        erase_paints: true,
    };

    /// How text reaches the clipboard.
    pub const fn clipboard(&self) -> Clipboard {
        match (self.dumb, self.tmux) {
            (true, _) => Clipboard::Absent,
            (false, true) => Clipboard::Tmux,
            (false, false) => Clipboard::Terminal,
        }
    }

    /// From this process's environment.
    pub fn from_env() -> Self {
        Caps::derive(|name| std::env::var(name).ok())
    }

    /// From an environment. sshd drops `COLORTERM` and the like but passes `TERM`, so the plain
    /// names decide: nothing is asked of the terminal, since the answer may never come.
    pub fn derive(var: impl Fn(&str) -> Option<String>) -> Self {
        let set = |name: &str| var(name).filter(|v| !v.is_empty());
        let term = set("TERM").unwrap_or_default().to_ascii_lowercase();
        let dumb = term.is_empty() || term == "dumb";
        let linux = term == "linux";
        let screen = term.starts_with("screen");
        let tmux = set("TMUX").is_some() || term.starts_with("tmux");
        let locale = set("LC_ALL").or_else(|| set("LC_CTYPE")).or_else(|| set("LANG"));
        let locale = locale.unwrap_or_default().to_ascii_lowercase();
        let utf8 = locale.contains("utf-8") || locale.contains("utf8");
        Caps {
            colors: if dumb || set("NO_COLOR").is_some() {
                Depth::None
            } else {
                depth(&term, &set("COLORTERM").unwrap_or_default())
            },
            unicode: utf8 && !dumb && !linux,
            sync: !dumb && !linux,
            dumb,
            tmux,
            desktop: if dumb || linux { None } else { desktop(&term, set) },
            erase_paints: !dumb && (!screen || tmux),
        }
    }
}

/// What is known of terminals by their names: iTerm2, WezTerm, Ghostty and kitty obey `OSC 9`; foot,
/// rxvt and those made of VTE `OSC 777`. Some of these variables come through ssh or tmux, some do not.
fn desktop(term: &str, set: impl Fn(&str) -> Option<String>) -> Option<Escape> {
    let program = [set("TERM_PROGRAM"), set("LC_TERMINAL")];
    let program = program.into_iter().flatten().collect::<Vec<_>>().join(" ").to_ascii_lowercase();
    let is = |names: &[&str]| names.iter().any(|n| term.contains(n) || program.contains(n));
    if is(&["iterm", "wezterm", "ghostty", "kitty"]) || set("KITTY_WINDOW_ID").is_some() {
        Some(Escape::Osc9)
    } else if is(&["foot", "rxvt"]) || set("VTE_VERSION").is_some() {
        Some(Escape::Osc777)
    } else {
        None
    }
}

fn depth(term: &str, colorterm: &str) -> Depth {
    let any = |names: &[&str]| names.iter().any(|n| term.contains(n));
    if any(&["mono", "vt100", "vt220", "vt102"]) {
        Depth::None
    } else if matches!(colorterm, "truecolor" | "24bit")
        || any(&["direct", "truecolor", "kitty", "alacritty", "ghostty", "wezterm", "foot"])
    {
        Depth::True
    } else if any(&["256"]) {
        Depth::C256
    } else {
        Depth::C16
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn caps(vars: &[(&str, &str)]) -> Caps {
        Caps::derive(|n| vars.iter().find(|(k, _)| *k == n).map(|(_, v)| (*v).to_owned()))
    }

    #[test]
    fn colours_follow_the_environment() {
        let depth = |vars: &[(&str, &str)]| caps(vars).colors;
        assert_eq!(depth(&[("TERM", "xterm-256color")]), Depth::C256);
        assert_eq!(depth(&[("TERM", "xterm-256color"), ("COLORTERM", "truecolor")]), Depth::True);
        assert_eq!(depth(&[("TERM", "xterm")]), Depth::C16);
        assert_eq!(depth(&[("TERM", "linux")]), Depth::C16);
        assert_eq!(depth(&[("TERM", "xterm-kitty")]), Depth::True);
        assert_eq!(depth(&[("TERM", "vt100")]), Depth::None);
        let no = [("TERM", "xterm-256color"), ("COLORTERM", "truecolor"), ("NO_COLOR", "1")];
        assert_eq!(depth(&no), Depth::None);
        assert_eq!(depth(&[("TERM", "xterm-256color"), ("NO_COLOR", "")]), Depth::C256);
    }

    #[test]
    fn the_locale_decides_on_unicode_in_its_order() {
        let unicode = |vars: &[(&str, &str)]| {
            let mut all = vec![("TERM", "xterm")];
            all.extend(vars);
            caps(&all).unicode
        };
        assert!(unicode(&[("LANG", "en_GB.UTF-8")]));
        assert!(unicode(&[("LC_CTYPE", "C.utf8"), ("LANG", "C")]));
        assert!(!unicode(&[("LC_ALL", "C"), ("LANG", "en_GB.UTF-8")]));
        assert!(!unicode(&[("LANG", "de_DE.ISO-8859-1")]));
        assert!(!unicode(&[]));
    }

    #[test]
    fn a_terminal_is_asked_for_desktop_notices_in_the_way_that_it_knows() {
        let desktop = |vars: &[(&str, &str)]| caps(vars).desktop;
        assert_eq!(desktop(&[("TERM", "xterm-256color")]), None);
        assert_eq!(desktop(&[("TERM", "xterm-kitty")]), Some(Escape::Osc9));
        assert_eq!(desktop(&[("TERM", "foot")]), Some(Escape::Osc777));
        let iterm = [("TERM", "xterm-256color"), ("LC_TERMINAL", "iTerm2")];
        assert_eq!(desktop(&iterm), Some(Escape::Osc9));
        let vte = [("TERM", "xterm-256color"), ("VTE_VERSION", "7600")];
        assert_eq!(desktop(&vte), Some(Escape::Osc777));
        assert_eq!(desktop(&[("TERM", "dumb"), ("VTE_VERSION", "7600")]), None);
    }

    #[test]
    fn dumb_and_linux_get_less() {
        let dumb = caps(&[("TERM", "dumb"), ("LANG", "C.UTF-8")]);
        assert!(dumb.dumb && !dumb.sync && !dumb.unicode && dumb.colors == Depth::None);
        assert!(caps(&[]).dumb);
        let linux = caps(&[("TERM", "linux"), ("LANG", "C.UTF-8")]);
        assert!(!linux.dumb && !linux.sync && !linux.unicode);
        let tmux = caps(&[("TERM", "screen-256color"), ("TMUX", "/tmp/x,1,0")]);
        assert!(tmux.tmux && tmux.erase_paints);
        assert!(!caps(&[("TERM", "screen")]).erase_paints);
    }
}
