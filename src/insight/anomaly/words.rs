//! Ids, numbers and spans of time in words.

/// Characters of an id that are shown.
const SHOWN: usize = 40;

/// An id as it can be shown: no control characters, not too long.
pub fn shown(id: &str) -> String {
    let mut text: String =
        id.chars().take(SHOWN).map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect();
    if id.chars().nth(SHOWN).is_some() {
        text.push('…');
    }
    text
}

/// A number with no more digits than needed.
pub(super) fn number(x: f64) -> String {
    if x.abs() >= 100.0 || (x - x.round()).abs() < 0.005 {
        format!("{x:.0}")
    } else if x.abs() >= 10.0 {
        format!("{x:.1}")
    } else {
        format!("{x:.2}")
    }
}

pub(super) fn span(seconds: i64) -> String {
    match seconds {
        0..=119 => format!("{seconds} seconds"),
        120..=7199 => format!("{} minutes", seconds / 60),
        _ => format!("{} hours", seconds / 3600),
    }
}

/// 2 to the power of a difference in log2, "12 times".
pub(super) fn times(log: f32) -> String {
    format!("{} times", number(f64::from(log.abs().exp2())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_lose_what_a_terminal_would_obey() {
        assert_eq!(shown("\u{1b}[2Jx\u{9b}"), "\u{fffd}[2Jx\u{fffd}");
        assert_eq!(shown(&"a".repeat(60)).chars().count(), 41);
    }

    #[test]
    fn numbers_have_the_digits_that_count() {
        assert_eq!(
            [number(144.2), number(12.34), number(1.5), number(3.0)].join(" "),
            "144 12.3 1.50 3"
        );
        assert_eq!(times(-3.0), "8 times");
        assert_eq!(
            [span(60), span(600), span(90_000)].join(", "),
            "60 seconds, 10 minutes, 25 hours"
        );
    }
}
