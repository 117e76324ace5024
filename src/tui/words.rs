//! Figures, moments and ages as a person reads them.

use super::theme::Glyphs;
use crate::domain::{Day, Money, Progress, Qty, Span, Timestamp, Zone};
use crate::engine::api::{Status, StoreKind, Work};
use std::borrow::Cow;
use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

/// Width of a text in terminal cells.
pub fn width(text: &str) -> usize {
    text.graphemes(true).map(UnicodeWidthStr::width).sum()
}

/// Cuts a text to `cells` cells, with an ellipsis where something is left out; never splits a
/// character.
pub fn fit<'a>(text: &'a str, cells: usize, ellipsis: &str) -> Cow<'a, str> {
    if text.len() <= cells && text.is_ascii() || width(text) <= cells {
        return Cow::Borrowed(text);
    }
    let room = cells.saturating_sub(width(ellipsis));
    let mut out = String::new();
    let mut used = 0;
    for grapheme in text.graphemes(true) {
        let w = grapheme.width();
        if used + w > room {
            break;
        }
        out.push_str(grapheme);
        used += w;
    }
    if used + width(ellipsis) <= cells {
        out.push_str(ellipsis);
    }
    Cow::Owned(out)
}

/// Breaks a text into lines of at most `cells` cells, at blanks where there are any.
pub fn wrap(text: &str, cells: usize) -> Vec<String> {
    let cells = cells.max(1);
    let mut lines = vec![String::new()];
    let mut used = 0;
    for word in with_marks(text) {
        let w = width(word);
        let blank = word.trim().is_empty();
        if used + w > cells && used > 0 {
            lines.push(String::new());
            used = 0;
        }
        if blank && used == 0 {
            continue;
        }
        for grapheme in word.graphemes(true) {
            let w = grapheme.width();
            if used + w > cells && used > 0 {
                lines.push(String::new());
                used = 0;
            }
            if let Some(line) = lines.last_mut() {
                line.push_str(grapheme);
            }
            used += w;
        }
    }
    lines.iter_mut().for_each(|line| line.truncate(line.trim_end().len()));
    lines
}

/// Words and what stands between them; the marks that end a word stay with it.
fn with_marks(text: &str) -> Vec<&str> {
    let ends = |word: &str| word.chars().all(|mark| ",.;:!?)”%".contains(mark));
    let mut words: Vec<(usize, usize)> = Vec::new();
    for (at, word) in text.split_word_bound_indices() {
        match words.last_mut() {
            Some((from, end))
                if ends(word) && text[*from..*end].ends_with(char::is_alphanumeric) =>
            {
                *end += word.len();
            }
            _ => words.push((at, at + word.len())),
        }
    }
    words.into_iter().map(|(from, end)| &text[from..end]).collect()
}

/// Facts on lines of at most so many cells: three blanks between two, and none broken that fits.
pub fn wrap_facts(facts: &[String], cells: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for fact in facts {
        match lines.last_mut() {
            Some(line) if width(line) + 3 + width(fact) <= cells => {
                line.push_str("   ");
                line.push_str(fact);
            }
            _ => lines.extend(wrap(fact, cells)),
        }
    }
    lines
}

/// `12,345`.
pub fn count(n: u64) -> String {
    group(&n.to_string())
}

fn group(digits: &str) -> String {
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (i, c) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(c);
    }
    out
}

/// `1,250`, `-3`, `2.5`.
pub fn qty(qty: Qty) -> String {
    grouped(&qty.to_string())
}

fn grouped(text: &str) -> String {
    let (sign, text) = text.strip_prefix('-').map_or(("", text), |rest| ("-", rest));
    match text.split_once('.') {
        Some((whole, part)) => format!("{sign}{}.{part}", group(whole)),
        None => format!("{sign}{}", group(text)),
    }
}

/// A quantity, or a dash where it is unknown.
pub fn known(value: Option<Qty>, glyphs: &Glyphs) -> String {
    value.map_or_else(|| glyphs.dash.to_string(), qty)
}

/// `1,234.50`.
pub fn amount(money: Money) -> String {
    grouped(&money.to_string())
}

/// `£ 1,234`: rounded to whole units, with the sign where the terminal can show it.
pub fn value(money: Money, glyphs: &Glyphs) -> String {
    let unit = 10_i64.pow(money.currency.exponent());
    let half = unit / 2 * money.minor.signum();
    let whole = money.minor.saturating_add(half) / unit;
    format!("{} {}", sign(money, glyphs), grouped(&whole.to_string()))
}

/// `£ 1,234.50`.
pub fn price(money: Money, glyphs: &Glyphs) -> String {
    format!("{} {}", sign(money, glyphs), amount(money))
}

fn sign(money: Money, glyphs: &Glyphs) -> String {
    let sign = money.currency.sign();
    let sign = sign.trim();
    if sign.is_ascii() || !ascii(glyphs) {
        sign.to_owned()
    } else {
        money.currency.code().to_owned()
    }
}

/// Whether the terminal shows ASCII only.
pub fn ascii(glyphs: &Glyphs) -> bool {
    glyphs.ellipsis.is_ascii()
}

/// `12.4 k`: a figure for a glance.
pub fn rough(x: f64) -> String {
    match x.abs() {
        a if a >= 1e7 => format!("{:.0} M", x / 1e6),
        a if a >= 1e6 => format!("{:.1} M", x / 1e6),
        a if a >= 1e5 => format!("{:.0} k", x / 1e3),
        a if a >= 1e4 => format!("{:.1} k", x / 1e3),
        a if a >= 10.0 || a == 0.0 => grouped(&format!("{x:.0}")),
        _ => format!("{x:.1}"),
    }
}

/// Days as shown: `2.1`, `38`, `>999`.
pub fn days(days: f32) -> String {
    match days {
        d if d > 999.0 => ">999".into(),
        d if d >= 10.0 => format!("{d:.0}"),
        d => format!("{d:.1}"),
    }
}

/// `Mon 23 Nov 07:04`, with the year where it is not the one of `wall`, the time on the wall.
pub fn moment(at: Timestamp, wall: Timestamp, zone: &Zone) -> String {
    let (then, today) = (at.civil(zone), wall.civil(zone));
    let form = if then.year() == today.year() { "%a %-d %b %H:%M" } else { "%a %-d %b %Y %H:%M" };
    then.strftime(form).to_string()
}

/// `07:04`.
pub fn clock(at: Timestamp, zone: &Zone) -> String {
    at.civil(zone).strftime("%H:%M").to_string()
}

/// `23 Nov 07:04`, with the year instead of the time of day where it is not this year's.
pub fn stamp(at: Timestamp, now: Timestamp, zone: &Zone) -> String {
    let (then, today) = (at.civil(zone), now.civil(zone));
    if then.date() == today.date() {
        return then.strftime("today %H:%M").to_string();
    }
    let form = if then.year() == today.year() { "%e %b %H:%M" } else { "%e %b %Y" };
    then.strftime(form).to_string()
}

/// `07:04`, `22 Nov`, `Nov 2025`: today's time, this year's day, else month and year.
pub fn brief(at: Timestamp, now: Timestamp, zone: &Zone) -> String {
    let (then, today) = (at.civil(zone), now.civil(zone));
    let form = match then {
        _ if then.date() == today.date() => "%H:%M",
        _ if then.year() == today.year() => "%e %b",
        _ => "%b %Y",
    };
    then.strftime(form).to_string()
}

/// `the last order is of 9 Dec 2011, 14 years ago`; `None`: orders come in still, or none is known.
pub fn data_ends(newest: Option<Timestamp>, now: Timestamp, zone: &Zone) -> Option<String> {
    let newest = newest.filter(|at| now.since(*at) > STILL)?;
    let days = now.since(newest).as_seconds() / 86_400;
    let (n, one, many) = match days {
        0..90 => (days, "day", "days"),
        90..730 => (days / 30, "month", "months"),
        _ => (days / 365, "year", "years"),
    };
    let date = newest.civil(zone).strftime("%-d %b %Y");
    Some(format!("the last order is of {date}, {} ago", plural(n.unsigned_abs(), one, many)))
}

/// Orders that stay away for so long have ended, or their feed has.
const STILL: Span = Span::days(3);

/// The first of these texts that fits, longest first; the last if none does.
pub fn fitting<const N: usize>(room: usize, texts: [&str; N]) -> &str {
    let fits = texts.iter().find(|text| width(text) <= room);
    fits.or(texts.last()).copied().unwrap_or_default()
}

/// What stands where a store's feeds would, if it follows none.
pub fn no_feed(status: Option<&Status>) -> &'static str {
    match status.map(|status| (status.following, status.kind)) {
        None | Some((false, _)) => "starting",
        Some((_, StoreKind::Replay)) => "past orders are played here by `stockdeck replay FILE`",
        _ => "none is configured",
    }
}

/// `2026-11-23 07:04:31`.
pub fn exact(at: Timestamp, zone: &Zone) -> String {
    at.civil(zone).strftime("%Y-%m-%d %H:%M:%S").to_string()
}

/// `23 Nov`.
pub fn date(day: Day) -> String {
    day.civil().strftime("%-d %b").to_string()
}

/// `23 Nov`, `23 Nov 2025`: with the year where it is not the one of `today`.
pub fn date_seen(day: Day, today: Day) -> String {
    if day.civil().year() == today.civil().year() { date(day) } else { full_date(day) }
}

/// `23 Nov 2026`.
pub fn full_date(day: Day) -> String {
    day.civil().strftime("%-d %b %Y").to_string()
}

/// The weekday's name.
pub fn weekday(day: Day) -> &'static str {
    weekday_name(day.weekday())
}

/// A weekday's name by number, 0 = Monday.
pub fn weekday_name(n: usize) -> &'static str {
    const NAMES: [&str; 7] =
        ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];
    NAMES[n % 7]
}

/// The zone's place name.
pub fn zone(zone: &Zone) -> &str {
    zone.name().rsplit('/').next().unwrap_or("UTC")
}

/// `history 43 %`.
pub fn progress(progress: &Progress) -> String {
    match percent(progress) {
        Some(percent) => format!("{} {percent} %", progress.what),
        None => format!("{} {}", progress.what, count(progress.done)),
    }
}

/// `43 %`: how far something has come, without what it is.
pub fn brief_progress(progress: &Progress) -> String {
    percent(progress).map_or_else(|| count(progress.done), |percent| format!("{percent} %"))
}

/// Work on so many things is told by their number instead of a percentage; up to a hundred is one.
const FEW: std::ops::Range<u64> = 101..10_000;

/// `43 % 2 min`, `acknowledge 345 of 1,669, 2 min`: long work in the header.
pub fn brief_work(work: &Work) -> String {
    if let Some(total) = work.progress.total.filter(|total| FEW.contains(total)) {
        let (what, done) = (&work.progress.what, count(work.progress.done));
        let left = work
            .eta_s
            .map(|s| format!(", {}", eta(s).trim_start_matches("about ")))
            .unwrap_or_default();
        return format!("{what} {done} of {}{left}", count(total));
    }
    let done = match percent(&work.progress) {
        Some(percent) => format!("{percent} %"),
        None => count(work.progress.done),
    };
    match work.eta_s {
        Some(seconds) => format!("{done} {}", eta(seconds).trim_start_matches("about ")),
        None => format!("{} {done}", work.progress.what),
    }
}

/// Percent done, where the whole is known.
pub fn percent(progress: &Progress) -> Option<u64> {
    let total = progress.total.filter(|total| *total > 0)?;
    Some((u128::from(progress.done) * 100 / u128::from(total)).min(100) as u64)
}

/// `about 20 s`, `about 4 min`.
pub fn eta(seconds: u64) -> String {
    match seconds {
        0..90 => format!("about {seconds} s"),
        90..5_400 => format!("about {} min", (seconds + 30) / 60),
        _ => format!("about {} h", (seconds + 1_800) / 3_600),
    }
}

/// `1 order`, `3 orders`.
pub fn plural(n: u64, one: &str, many: &str) -> String {
    format!("{} {}", count(n), if n == 1 { one } else { many })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_cut_by_cells_and_never_through_a_character() {
        assert_eq!(fit("日本語の品", 6, "…"), "日本…");
        assert_eq!(fit("日本語", 6, "…"), "日本語");
        assert_eq!(fit("a👩‍👩‍👧b and more", 5, "…"), "a👩‍👩‍👧b…");
        assert_eq!(fit("abcdef", 2, "..."), "");
        assert_eq!(fit("abcdef", 5, "..."), "ab...");
    }

    #[test]
    fn lines_break_at_blanks_and_long_words_are_broken() {
        assert_eq!(wrap("one two three", 7), ["one two", "three"]);
        assert_eq!(wrap("one two, three", 7), ["one", "two,", "three"]);
        assert_eq!(wrap("abcdefgh", 3), ["abc", "def", "gh"]);
        assert_eq!(wrap("日本語", 3), ["日", "本", "語"]);
    }

    #[test]
    fn figures_read_as_people_write_them() {
        assert_eq!(count(1_234_567), "1,234,567");
        assert_eq!(qty(Qty::parse("-12345.5").unwrap()), "-12,345.5");
        assert_eq!(rough(12_400.0), "12.4 k");
        assert_eq!(rough(999.0), "999");
        assert_eq!(days(2.14), "2.1");
        assert_eq!(days(5_000.0), ">999");
        assert_eq!(eta(300), "about 5 min");
    }

    #[test]
    fn long_work_tells_how_long_it_takes_however_much_it_is() {
        let work = |done, total, eta_s| {
            let progress = Progress { what: "undo".into(), done, total: Some(total) };
            brief_work(&Work { id: 1, progress, eta_s })
        };
        assert_eq!(work(345, 1_669, Some(120)), "undo 345 of 1,669, 2 min");
        assert_eq!(work(345, 1_669, None), "undo 345 of 1,669");
        assert_eq!(work(43_000, 100_000, Some(120)), "43 % 2 min");
    }
}
