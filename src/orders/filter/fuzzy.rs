//! Fuzzy matching of a word as a person types it.

use super::fold::Needle;
use nucleo_matcher::pattern::{Atom, AtomKind, CaseMatching, Normalization};
use nucleo_matcher::{Config, Matcher, Utf32Str};

/// Words shorter than this must occur as they are: two letters strewn over a name mean nothing.
const SHORTEST: usize = 3;

/// A word that matches a text when it occurs in it, or when its letters do, in order and close
/// enough together: the match must score at least three quarters of a perfect one.
pub struct Fuzzy {
    needle: Needle,
    atom: Option<(Atom, u16)>,
    matcher: Matcher,
    buffer: Vec<char>,
}

impl Fuzzy {
    /// Prepares a word.
    pub fn new(word: &str) -> Self {
        let needle = Needle::new(word);
        let mut matcher = Matcher::new(Config::DEFAULT);
        let mut buffer = Vec::new();
        let atom = (word.chars().count() >= SHORTEST).then(|| {
            let kind = AtomKind::Fuzzy;
            let atom = Atom::new(word, CaseMatching::Ignore, Normalization::Smart, kind, false);
            let folded = needle.as_str();
            let best = atom.score(Utf32Str::new(folded, &mut buffer), &mut matcher).unwrap_or(0);
            (atom, (u32::from(best) * 3).div_ceil(4) as u16)
        });
        Fuzzy { needle, atom, matcher, buffer }
    }
    /// Whether the word matches a text.
    pub fn matches(&mut self, text: &str) -> bool {
        if self.needle.within(text) {
            return true;
        }
        let Some((atom, bar)) = &self.atom else { return false };
        let text = Utf32Str::new(text, &mut self.buffer);
        atom.score(text, &mut self.matcher).is_some_and(|score| score >= *bar)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_with_a_letter_left_out_matches_and_strewn_letters_do_not() {
        let mut word = Fuzzy::new("lantrn");
        assert!(word.matches("WHITE METAL LANTERN"));
        assert!(!word.matches("LARGE ANTIQUE TEA TRAY ROUND SILVER TONE"));
        assert!(!Fuzzy::new("mx").matches("mug box"));
        assert!(Fuzzy::new("日本").matches("緑茶 日本"));
    }
}
