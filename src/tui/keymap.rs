//! Names of keys, and which command a key stands for.

use super::commands::{COMMANDS, Command};
use super::place::Screen;
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

/// A key's name as the command table writes it: `j`, `G`, `ctrl-l`, `space`, `pgdn`.
pub fn chord(key: &KeyEvent) -> Option<String> {
    let name = match key.code {
        KeyCode::Char(' ') => "space".to_owned(),
        KeyCode::Char(c) if key.modifiers.contains(KeyModifiers::CONTROL) => {
            c.to_lowercase().to_string()
        }
        KeyCode::Char(c) => c.to_string(),
        KeyCode::Enter => "enter".into(),
        KeyCode::Esc => "esc".into(),
        KeyCode::Tab => "tab".into(),
        KeyCode::BackTab => "shift-tab".into(),
        KeyCode::Backspace => "backspace".into(),
        KeyCode::Delete => "delete".into(),
        KeyCode::Up => "up".into(),
        KeyCode::Down => "down".into(),
        KeyCode::Left => "left".into(),
        KeyCode::Right => "right".into(),
        KeyCode::Home => "home".into(),
        KeyCode::End => "end".into(),
        KeyCode::PageUp => "pgup".into(),
        KeyCode::PageDown => "pgdn".into(),
        KeyCode::F(n) => format!("f{n}"),
        _ => return None,
    };
    let mut prefix = String::new();
    if key.modifiers.contains(KeyModifiers::CONTROL) {
        prefix.push_str("ctrl-");
    }
    if key.modifiers.contains(KeyModifiers::ALT) {
        prefix.push_str("alt-");
    }
    Some(prefix + &name)
}

/// The command that a key stands for on a screen.
pub fn command(chord: &str, screen: Screen) -> Option<&'static Command> {
    COMMANDS.iter().find(|c| c.keys.contains(&chord) && c.on.contains(&screen))
}

/// A key's name as people read it.
pub fn shown(chord: &str) -> String {
    let word = |w: &str| match w {
        "enter" | "esc" | "tab" | "space" | "home" | "end" | "up" | "down" | "left" | "right"
        | "backspace" | "delete" => {
            let mut chars = w.chars();
            chars.next().map(|c| c.to_ascii_uppercase()).into_iter().chain(chars).collect()
        }
        "pgup" => "PgUp".to_owned(),
        "pgdn" => "PgDn".to_owned(),
        other => other.to_owned(),
    };
    match chord.split_once('-') {
        Some(("ctrl", rest)) if !rest.is_empty() => format!("Ctrl-{}", word(rest).to_uppercase()),
        Some(("shift", rest)) if !rest.is_empty() => format!("Shift-{}", word(rest)),
        _ => word(chord),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_have_the_names_of_the_table() {
        let key = |code, modifiers| chord(&KeyEvent::new(code, modifiers)).unwrap();
        assert_eq!(key(KeyCode::Char('G'), KeyModifiers::SHIFT), "G");
        assert_eq!(key(KeyCode::Char('c'), KeyModifiers::CONTROL), "ctrl-c");
        assert_eq!(key(KeyCode::Char(' '), KeyModifiers::NONE), "space");
        assert_eq!(shown("ctrl-l"), "Ctrl-L");
        assert_eq!(shown("-"), "-");
        assert_eq!(shown("pgdn"), "PgDn");
    }

    #[test]
    fn no_key_means_two_things_on_one_screen() {
        for screen in Screen::ALL {
            let mut seen = std::collections::BTreeMap::new();
            for command in COMMANDS.iter().filter(|c| c.on.contains(screen)) {
                for key in command.keys {
                    let other = seen.insert(*key, command.name);
                    assert_eq!(other, None, "{key} on {screen:?} is also {}", command.name);
                }
            }
        }
    }
}
