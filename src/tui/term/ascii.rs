//! ASCII for terminals that show no more: every glyph becomes one of the same width.

use crate::tui::theme::Glyphs;

/// One ASCII character for a glyph; wide glyphs take two of them.
pub fn stand_in(symbol: &str) -> char {
    let ours = Glyphs::ascii_for(symbol).and_then(|s| s.chars().next());
    ours.unwrap_or_else(|| symbol.chars().next().map_or(' ', of_char))
}

fn of_char(c: char) -> char {
    match c {
        ' '..='~' => c,
        '\u{a0}' => ' ',
        '─' | '━' | '═' | '╌' | '┄' | '‐'..='―' | '−' => '-',
        '│' | '┃' | '║' | '╎' | '┆' => '|',
        '┌'..='╋' | '╒'..='╬' | '╭'..='╰' => '+',
        '⠀' => ' ',
        '⠁'..='⣿' => ':',
        '▀'..='█' => '#',
        '░' => '.',
        '▒' => ':',
        '▓' => '%',
        '£' => 'L',
        '€' => 'E',
        '¥' => 'Y',
        '¢' => 'c',
        '±' => '+',
        '×' => 'x',
        '·' | '•' | '∙' => '.',
        '…' => '~',
        '‘' | '’' | '′' => '\'',
        '“' | '”' | '″' => '"',
        '←' | '◂' | '◀' | '‹' | '«' => '<',
        '→' | '▸' | '▶' | '›' | '»' => '>',
        '↑' | '▲' | '△' => '^',
        '↓' | '▼' | '▽' => 'v',
        '≥' => '>',
        '≤' => '<',
        '≈' => '~',
        '✓' | '✔' => 'y',
        '↵' | '⏎' => '>',
        'À'..='Å' | 'Ā' | 'Ă' | 'Ą' => 'A',
        'à'..='å' | 'ā' | 'ă' | 'ą' => 'a',
        'Ç' | 'Ć' | 'Č' => 'C',
        'ç' | 'ć' | 'č' => 'c',
        'È'..='Ë' | 'Ē' | 'Ę' | 'Ě' => 'E',
        'è'..='ë' | 'ē' | 'ę' | 'ě' => 'e',
        'Ì'..='Ï' | 'İ' => 'I',
        'ì'..='ï' | 'ı' => 'i',
        'Ñ' | 'Ń' | 'Ň' => 'N',
        'ñ' | 'ń' | 'ň' => 'n',
        'Ò'..='Ö' | 'Ø' | 'Ő' => 'O',
        'ò'..='ö' | 'ø' | 'ő' => 'o',
        'Ù'..='Ü' | 'Ů' | 'Ű' => 'U',
        'ù'..='ü' | 'ů' | 'ű' => 'u',
        'Ý' => 'Y',
        'ý' | 'ÿ' => 'y',
        'Ś' | 'Š' | 'Ş' => 'S',
        'ś' | 'š' | 'ş' | 'ß' => 's',
        'Ź' | 'Ż' | 'Ž' => 'Z',
        'ź' | 'ż' | 'ž' => 'z',
        'Ł' => 'L',
        'ł' => 'l',
        'Ř' => 'R',
        'ř' => 'r',
        'Đ' | 'Ď' => 'D',
        'đ' | 'ď' => 'd',
        'Ť' => 'T',
        'ť' => 't',
        'Ğ' => 'G',
        'ğ' => 'g',
        _ => '?',
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_stand_in_is_printable_ascii() {
        for code in 0x20..0x3000u32 {
            let Some(c) = char::from_u32(code).filter(|c| !c.is_control()) else { continue };
            let ascii = stand_in(&c.to_string());
            assert!((' '..='~').contains(&ascii), "{c:?} became {ascii:?}");
        }
        assert_eq!(stand_in("●"), '*');
        assert_eq!(stand_in("日"), '?');
        assert_eq!(stand_in("é"), 'e');
    }
}
