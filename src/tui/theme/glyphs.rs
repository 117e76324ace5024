//! Glyphs, with an ASCII spelling of each for terminals that can show no more.

/// The glyphs that views use; each is one cell wide in both sets.
#[derive(Debug, PartialEq, Eq)]
pub struct Glyphs {
    /// A source that is heard.
    pub live: &'static str,
    /// A source that is late.
    pub delayed: &'static str,
    /// A source that is not heard.
    pub silent: &'static str,
    /// A source or piece of work that failed.
    pub failed: &'static str,
    /// More; ascending.
    pub up: &'static str,
    /// Less; descending.
    pub down: &'static str,
    /// A horizontal line.
    pub rule: &'static str,
    /// A vertical line.
    pub vertical: &'static str,
    /// A sparkline's eight heights, lowest first.
    pub spark: [&'static str; 8],
    /// The row under the cursor.
    pub select: &'static str,
    /// A marked row.
    pub marked: &'static str,
    /// A row that could be marked.
    pub unmarked: &'static str,
    /// Text goes on.
    pub ellipsis: &'static str,
    /// No figure; a range.
    pub dash: &'static str,
    /// Multiplied by.
    pub times: &'static str,
    /// Leads to.
    pub arrow: &'static str,
    /// Between the crumbs of where one is.
    pub crumb: &'static str,
    /// Between two things in a line.
    pub dot: &'static str,
    /// Three shades for bars and bands, lightest first.
    pub shade: [&'static str; 3],
    /// A full cell of a bar.
    pub block: &'static str,
    /// Whether braille dots can be used for charts.
    pub braille: bool,
}

const UNICODE: Glyphs = Glyphs {
    live: "●",
    delayed: "◐",
    silent: "○",
    failed: "✗",
    up: "▲",
    down: "▼",
    rule: "─",
    vertical: "│",
    spark: ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"],
    select: "▸",
    marked: "■",
    unmarked: "□",
    ellipsis: "…",
    dash: "–",
    times: "×",
    arrow: "→",
    crumb: "›",
    dot: "·",
    shade: ["░", "▒", "▓"],
    block: "█",
    braille: true,
};

const ASCII: Glyphs = Glyphs {
    live: "*",
    delayed: "~",
    silent: "o",
    failed: "x",
    up: "^",
    down: "v",
    rule: "-",
    vertical: "|",
    spark: [".", ":", "-", "=", "+", "*", "#", "@"],
    select: ">",
    marked: "#",
    unmarked: ".",
    ellipsis: "~",
    dash: "-",
    times: "x",
    arrow: ">",
    crumb: ">",
    dot: ".",
    shade: [".", ":", "%"],
    block: "#",
    braille: false,
};

impl Glyphs {
    /// The set for a terminal.
    pub const fn of(unicode: bool) -> &'static Glyphs {
        if unicode { &UNICODE } else { &ASCII }
    }

    /// The ASCII glyph that stands for this one, if it is one of ours.
    pub fn ascii_for(symbol: &str) -> Option<&'static str> {
        let spark = UNICODE.spark.iter().zip(ASCII.spark);
        let shade = UNICODE.shade.iter().zip(ASCII.shade);
        let single = [
            (&UNICODE.live, ASCII.live),
            (&UNICODE.delayed, ASCII.delayed),
            (&UNICODE.silent, ASCII.silent),
            (&UNICODE.failed, ASCII.failed),
            (&UNICODE.up, ASCII.up),
            (&UNICODE.down, ASCII.down),
            (&UNICODE.rule, ASCII.rule),
            (&UNICODE.vertical, ASCII.vertical),
            (&UNICODE.select, ASCII.select),
            (&UNICODE.marked, ASCII.marked),
            (&UNICODE.unmarked, ASCII.unmarked),
            (&UNICODE.ellipsis, ASCII.ellipsis),
            (&UNICODE.dash, ASCII.dash),
            (&UNICODE.times, ASCII.times),
            (&UNICODE.arrow, ASCII.arrow),
            (&UNICODE.crumb, ASCII.crumb),
            (&UNICODE.dot, ASCII.dot),
        ];
        single.into_iter().chain(spark).chain(shade).find(|(u, _)| **u == symbol).map(|(_, a)| a)
    }
}
