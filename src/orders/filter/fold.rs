//! Case-blind comparison of text. Both sides are folded with Unicode lower case; texts that are
//! plain ASCII, which nearly all are, take a path without allocation. What is looked for without accents is
//! found with them: not every keyboard has them.

use nucleo_matcher::chars::normalize;

/// A text to look for, folded once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Needle(String);

impl Needle {
    /// Folds a text.
    pub fn new(text: &str) -> Self {
        Needle(text.to_lowercase())
    }
    /// The folded text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
    /// Whether `text` is the needle, whatever its case; accents count.
    pub fn is(&self, text: &str) -> bool {
        if text.is_ascii() {
            self.0.eq_ignore_ascii_case(text)
        } else {
            self.0 == text.to_lowercase()
        }
    }
    /// Whether `text` begins with the needle.
    pub fn starts(&self, text: &str) -> bool {
        if text.is_ascii() {
            let head = text.as_bytes().get(..self.0.len());
            head.is_some_and(|head| head.eq_ignore_ascii_case(self.0.as_bytes()))
        } else {
            self.fold(text).starts_with(&self.0)
        }
    }
    /// Whether one of the words in `text` begins with the needle.
    pub fn starts_word(&self, text: &str) -> bool {
        let text = self.fold(text);
        let mut before = false;
        text.char_indices().any(|(at, character)| {
            let begins = !before;
            before = character.is_alphanumeric();
            begins && text[at..].starts_with(&self.0)
        })
    }
    /// Whether the needle occurs in `text`.
    pub fn within(&self, text: &str) -> bool {
        if !text.is_ascii() {
            return self.fold(text).contains(&self.0);
        }
        let needle = self.0.as_bytes();
        let mut windows = text.as_bytes().windows(needle.len().max(1));
        needle.is_empty() || windows.any(|part| part.eq_ignore_ascii_case(needle))
    }
    /// A text as it is compared with the needle.
    fn fold(&self, text: &str) -> String {
        let lower = text.to_lowercase();
        if self.0.is_ascii() { lower.chars().map(normalize).collect() } else { lower }
    }
    /// Calls `hit` with each offset at which the needle occurs in a long run of ASCII bytes,
    /// overlaps included.
    ///
    /// The longest stretch without letters is looked for by vectorised search, and what stands
    /// around it is compared without regard to case. An empty needle occurs at the start only.
    pub fn each_in(&self, bytes: &[u8], mut hit: impl FnMut(usize)) {
        let needle = self.0.as_bytes();
        let Some(first) = needle.first() else { return hit(0) };
        let (skip, stretch) = longest_without_letters(needle);
        let mut check = |start: usize| {
            let found = bytes.get(start..start + needle.len());
            if found.is_some_and(|found| found.eq_ignore_ascii_case(needle)) {
                hit(start);
            }
        };
        if stretch.is_empty() {
            memchr::memchr2_iter(*first, first.to_ascii_uppercase(), bytes).for_each(check);
        } else {
            let finder = memchr::memmem::Finder::new(stretch);
            let mut from = skip;
            while let Some(at) = bytes.get(from..).and_then(|rest| finder.find(rest)) {
                check(from + at - skip);
                from += at + 1;
            }
        }
    }
}

fn longest_without_letters(needle: &[u8]) -> (usize, &[u8]) {
    let mut at = 0;
    let mut best = (0, &needle[..0]);
    for part in needle.split(u8::is_ascii_alphabetic) {
        if part.len() > best.1.len() {
            best = (at, part);
        }
        at += part.len() + 1;
    }
    best
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_does_not_matter_in_any_script() {
        assert!(Needle::new("ÉTÉ").within("un été bleu"));
        assert!(Needle::new("c5364").starts("C536413"));
        assert!(Needle::new("MuG").within("red mug"));
        assert!(!Needle::new("mug").within("mu"));
        assert!(!Needle::new("é").within("e"));
        assert!(!Needle::new("O1").is("Ö1") && Needle::new("ö1").is("Ö1"));
        assert!(Needle::new("isere").within("Ateliers de l'Isère"));
        assert!(Needle::new("TOCHTER").starts_word("Söhne & Töchter"));
        assert!(Needle::new("united kingdom").is("United Kingdom"));
    }

    #[test]
    fn a_name_is_found_by_the_beginning_of_any_word() {
        let name = |word| Needle::new(word).starts_word("Lune & Étoile Paper Co.");
        let found = ["lune", "paper", "PAP", "etoile", "étoile p", "& é", "paper co"].map(name);
        assert_eq!(found, [true; 7]);
        assert_eq!(["aper", "une", "toile", "lune paper"].map(name), [false; 4]);
        assert!(!Needle::new("x").starts_word(""));
    }

    #[test]
    fn overlapping_and_mixed_occurrences_are_all_found() {
        let mut hits = Vec::new();
        Needle::new("1a1").each_in(b"x1A1a1", |at| hits.push(at));
        assert_eq!(hits, [1, 3]);
        hits.clear();
        Needle::new("aa").each_in(b"aAa", |at| hits.push(at));
        assert_eq!(hits, [0, 1]);
        assert!(!Needle::new("9a").within("9"));
    }
}
