//! Text from outside, made safe to show.

/// Longest text that is kept of a field from outside, in characters.
pub const MAX_CHARS: usize = 2_000;

/// Cleans a text that came from outside: control characters (C0, C1, DEL) and the invisible
/// characters that reorder or hide text (bidirectional controls, zero-width, tags) are taken out,
/// line breaks and tabs become blanks, and the result is trimmed and cut to [`MAX_CHARS`].
///
/// A customer's name must never be able to write to a terminal.
pub fn clean(text: &str) -> String {
    let mut out = String::with_capacity(text.len().min(4 * MAX_CHARS));
    for c in text.chars().filter_map(visible).take(MAX_CHARS) {
        out.push(c);
    }
    out.trim().to_owned()
}

fn visible(c: char) -> Option<char> {
    match c {
        '\n' | '\r' | '\t' | '\u{2028}' | '\u{2029}' => Some(' '),
        c if c.is_control() => None,
        '\u{ad}'
        | '\u{61c}'
        | '\u{180e}'
        | '\u{200b}'
        | '\u{200e}'..='\u{200f}'
        | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}'
        | '\u{feff}'
        | '\u{fff9}'..='\u{fffb}'
        | '\u{e0000}'..='\u{e007f}' => None,
        c => Some(c),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escape_sequences_and_hidden_characters_do_not_pass() {
        assert_eq!(clean("\u{1b}]0;owned\u{7}Ann\u{9b}31m"), "]0;ownedAnn31m");
        assert_eq!(clean("a\u{202e}b\u{200b}c"), "abc");
        assert_eq!(clean(" two\nlines\t"), "two lines");
        assert_eq!(clean("日本 👩‍👩‍👧"), "日本 👩‍👩‍👧");
        assert_eq!(clean(&"x".repeat(5000)).len(), MAX_CHARS);
    }
}
