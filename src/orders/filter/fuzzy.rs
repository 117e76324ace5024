//! Fuzzy matching of a word as a person types it.

use super::fold::Needle;
use nucleo_matcher::pattern::{Atom, AtomKind, CaseMatching, Normalization};
use nucleo_matcher::{Config, Matcher, Utf32Str};

/// Words shorter than this must occur as they are: two letters strewn over a name mean nothing.
const SHORTEST: usize = 3;

/// A word that matches a text when it occurs in it, or when its letters do, in order and close
/// together: strewn over at most half as many characters again as the word has, or two more.
pub struct Fuzzy {
    needle: Needle,
    atom: Option<Atom>,
    widest: usize,
    matcher: Matcher,
    characters: Vec<char>,
    found: Vec<u32>,
}

impl Fuzzy {
    /// Prepares a word.
    pub fn new(word: &str) -> Self {
        let length = word.chars().count();
        let (case, folding) = (CaseMatching::Ignore, Normalization::Smart);
        let atom = || Atom::new(word, case, folding, AtomKind::Fuzzy, false);
        Fuzzy {
            needle: Needle::new(word),
            atom: (length >= SHORTEST).then(atom),
            widest: length + (length / 2).max(2),
            matcher: Matcher::new(Config::DEFAULT),
            characters: Vec::new(),
            found: Vec::new(),
        }
    }
    /// Whether the word matches a text.
    pub fn matches(&mut self, text: &str) -> bool {
        if self.needle.within(text) {
            return true;
        }
        let Some(atom) = &self.atom else { return false };
        let text = Utf32Str::new(text, &mut self.characters);
        self.found.clear();
        if atom.indices(text, &mut self.matcher, &mut self.found).is_none() {
            return false;
        }
        let ends = self.found.iter().min().zip(self.found.iter().max());
        ends.is_some_and(|(first, last)| ((last - first) as usize) < self.widest)
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
