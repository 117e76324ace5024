//! The known name that is nearest to what a person typed.

/// The nearest of the known names, if one is near: equal but for case, or at most a third of its
/// characters mistyped (left out, added, exchanged, or two neighbours swapped). Of several that are
/// equally near the first one is taken.
pub fn nearest<'a>(wanted: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let wanted: Vec<char> = wanted.to_lowercase().chars().take(64).collect();
    let most = wanted.len().div_ceil(3).min(4);
    let mut best: Option<(usize, &str)> = None;
    for name in known {
        if name.chars().count().abs_diff(wanted.len()) > most {
            continue;
        }
        let mistakes = mistakes(&wanted, &name.to_lowercase().chars().collect::<Vec<_>>());
        if mistakes <= most && best.is_none_or(|(least, _)| mistakes < least) {
            best = Some((mistakes, name));
        }
        if mistakes == 0 {
            break;
        }
    }
    best.map(|(_, name)| name)
}

/// Optimal string alignment distance: three rows of the usual table.
fn mistakes(a: &[char], b: &[char]) -> usize {
    let mut before_last: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=b.len()).collect();
    for (i, &ca) in a.iter().enumerate() {
        let mut row = Vec::with_capacity(b.len() + 1);
        row.push(i + 1);
        for (j, &cb) in b.iter().enumerate() {
            let mut least = (row[j] + 1).min(last[j + 1] + 1).min(last[j] + usize::from(ca != cb));
            if i > 0 && j > 0 && ca == b[j - 1] && a[i - 1] == cb {
                least = least.min(before_last[j - 1] + 1);
            }
            row.push(least);
        }
        before_last = std::mem::replace(&mut last, row);
    }
    last.last().copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_of_the_finger_finds_the_name() {
        let known = ["85123A", "85123B", "22423", "POST"];
        for (typed, meant) in [
            ("85123a", Some("85123A")),
            ("8512A", Some("85123A")),
            ("58123B", Some("85123B")),
            ("22432", Some("22423")),
            ("PSOT", Some("POST")),
            ("XYZ", None),
            ("", None),
        ] {
            assert_eq!(nearest(typed, known), meant, "{typed}");
        }
    }
}
