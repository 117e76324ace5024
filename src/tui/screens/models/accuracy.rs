//! How well a version forecast: by class of demand, week after week.

use super::super::super::canvas::Canvas;
use super::super::super::theme::Role;
use super::super::super::widgets::sparkline;
use super::super::super::words;
use super::percent;
use crate::engine::api::{ClassAccuracy, ModelAccuracy, ModelVersion, ModelsReport};
use crate::insight::accuracy::{Figures, Made, TotalFigures};

/// Cells of the columns at the right, and their heads; what is not needed goes first at narrow sizes.
const COLUMNS: [(u16, &str); 8] = [
    (7, "WQL"),
    (9, "v naive"),
    (7, "<=.9"),
    (7, "<=.95"),
    (8, "TQL"),
    (7, "<=.9"),
    (7, "<=.95"),
    (9, "bias"),
];
/// Where the weeks begin.
const WEEKS: u16 = 17;
/// The most weeks that are drawn.
const MOST: u16 = 52;
/// From this width on, the days' shares under their quantiles are shown too.
const WIDE: u16 = 110;

/// Draws what is known of a version: what was issued, and apart from it what was made afterwards.
pub fn draw(canvas: &mut Canvas<'_>, report: &ModelsReport, version: &ModelVersion) {
    let (width, height) = (canvas.width(), canvas.height());
    let fingerprint = version.about.as_ref().ok().map(|about| &about.fingerprint);
    let of = |made: Made| {
        let mut all = report.accuracy.iter();
        all.find(|one| one.made == made && Some(&one.fingerprint) == fingerprint)
    };
    let mut y = 0;
    for made in [Made::Before, Made::Afterwards] {
        let lines = match of(made) {
            Some(accuracy) => {
                // The second block is kept in sight where there is room for its first line.
                let room = height.saturating_sub(y);
                block(&mut canvas.part(0, y, width, room), version, accuracy)
            }
            None if made == Made::Before => {
                let mut canvas = canvas.part(0, y, width, 2);
                canvas.head(1, 0, "ACCURACY", "of what was issued");
                canvas.line(3, 1, &waiting(version), Role::Muted);
                2
            }
            None => 0,
        };
        y += lines + u16::from(height >= 24);
    }
    if height >= 30 && y + 5 < height {
        legend(&mut canvas.part(0, y, width, height - y));
    }
}

fn waiting(version: &ModelVersion) -> String {
    match version.in_use {
        true => "Each week's forecasts are kept, and scored when their days are over.".to_owned(),
        false => format!("{} has issued no forecast whose days are over.", version.name),
    }
}

/// One block: a head, a line of titles, a line for each class. Returns the lines used.
fn block(canvas: &mut Canvas<'_>, version: &ModelVersion, accuracy: &ModelAccuracy) -> u16 {
    let what = match accuracy.made {
        Made::Before => "as issued",
        Made::Afterwards if canvas.width() < 100 => "made afterwards",
        Made::Afterwards => "made afterwards from what was known then",
    };
    let weeks = words::plural(u64::from(accuracy.weeks), "week", "weeks");
    let last = accuracy.classes.first().and_then(|all| all.weeks.last());
    let until = last.map(|(week, _)| format!(", the last of {}", words::date(*week)));
    let rest = format!("{}, {what}: {weeks}{}", version.name, until.unwrap_or_default());
    canvas.head(1, 0, "ACCURACY", &rest);
    let columns = Columns::of(canvas.width());
    let reach = accuracy.classes.iter().filter_map(|class| class.overall.furthest());
    let reach = reach.map(|(days, _)| days).max();
    titles(canvas, &columns, reach);
    let mut y = 2;
    for class in accuracy.classes.iter().take(usize::from(canvas.height().saturating_sub(2))) {
        line(canvas, &columns, class, reach, y);
        y += 1;
    }
    y
}

/// Where columns end, and which they are.
struct Columns {
    ends: Vec<(usize, u16)>,
    weeks: u16,
}

impl Columns {
    fn of(width: u16) -> Self {
        let shown = |at: &usize| width >= WIDE || !(2..4).contains(at);
        let mut ends = Vec::new();
        let cells: u16 = (0..COLUMNS.len()).filter(shown).map(|at| COLUMNS[at].0).sum();
        let weeks = width.saturating_sub(cells + WEEKS + 2).min(MOST);
        let mut end = WEEKS + weeks;
        for at in (0..COLUMNS.len()).filter(shown) {
            end += COLUMNS[at].0;
            ends.push((at, end));
        }
        Self { ends, weeks }
    }
}

fn titles(canvas: &mut Canvas<'_>, columns: &Columns, reach: Option<usize>) {
    canvas.highlight(1, Role::Header);
    canvas.line(3, 1, "demand", Role::Header);
    canvas.text(WEEKS, 1, columns.weeks, "WQL by week", Role::Header);
    for (at, end) in &columns.ends {
        let (cells, title) = COLUMNS[*at];
        let title = match (*at, reach) {
            (4, Some(days)) => format!("TQL {days}d"),
            _ => title.to_owned(),
        };
        canvas.right(*end, 1, cells, &title, Role::Header);
    }
}

fn line(
    canvas: &mut Canvas<'_>,
    columns: &Columns,
    class: &ClassAccuracy,
    reach: Option<usize>,
    y: u16,
) {
    let role = if class.class.is_none() { Role::Text } else { Role::Muted };
    canvas.text(3, y, 13, class.class.map_or("all", |class| class.name()), role);
    let spark = sparkline::spark(&losses(class), usize::from(columns.weeks), canvas.glyphs());
    canvas.text(WEEKS, y, columns.weeks, &spark, Role::Chart);
    let figures = &class.overall;
    // A class whose totals do not reach so far yet has none under that title.
    let total = figures.furthest().filter(|(days, _)| Some(*days) == reach);
    let total = total.map(|(_, total)| total);
    for (at, end) in &columns.ends {
        let cells = COLUMNS[*at].0;
        let (text, role) = cell(*at, figures, total)
            .unwrap_or_else(|| (canvas.glyphs().dash.to_owned(), Role::Muted));
        canvas.right(*end, y, cells, &text, role);
    }
}

/// Losses by week, above a ground below the best of them: what differs is to be seen.
fn losses(class: &ClassAccuracy) -> Vec<f32> {
    let weeks = class.weeks.iter().map(|(_, week)| week.wql);
    let ground = GROUND * weeks.clone().flatten().fold(f32::INFINITY, f32::min);
    weeks.map(|week| week.map_or(0.0, |loss| loss - ground)).collect()
}

/// Share of the best week's loss at which bars begin.
const GROUND: f32 = 0.8;

fn cell(at: usize, figures: &Figures, total: Option<&TotalFigures>) -> Option<(String, Role)> {
    let plain = |text: String| (text, Role::Text);
    Some(match at {
        0 => plain(format!("{:.3}", figures.wql?)),
        1 => added(figures.added()?),
        2 => share(figures.under?[0], 0.9),
        3 => share(figures.under?[1], 0.95),
        4 => plain(format!("{:.3}", total?.tql)),
        5 => share(total?.under[0], 0.9),
        6 => share(total?.under[1], 0.95),
        _ => {
            let bias = total?.bias;
            let role = if bias.abs() > BIASED { Role::Warn } else { Role::Text };
            (percent(bias), role)
        }
    })
}

/// A bias of totals beyond this wants attention.
const BIASED: f32 = 0.15;
/// A share this far under its level wants attention: that much less is covered than was promised.
const UNCOVERED: f32 = 0.05;

fn share(share: f32, level: f32) -> (String, Role) {
    let role = if share < level - UNCOVERED { Role::Warn } else { Role::Text };
    (format!("{share:.3}"), role)
}

/// How much of the seasonal naive forecast's loss is saved.
fn added(added: f32) -> (String, Role) {
    let role = if added < 0.0 { Role::Bad } else { Role::Good };
    (percent(added), role)
}

/// What the figures mean.
pub const LEGEND: [&str; 4] = [
    "WQL: loss of the days' quantiles over what was sold; TQL: the same of the totals. Less is better; \
     bars begin at 0.8 of the best week's.",
    "v naive: loss saved against the same weekday's sales of the week before, repeated.",
    "<=.9, <=.95: share at or under that quantile, days left of TQL and totals right of it; what is \
     promised is 0.9 and 0.95.",
    "bias: expected over sold. Days without stock are not counted.",
];

fn legend(canvas: &mut Canvas<'_>) {
    let lines = LEGEND;
    let width = usize::from(canvas.width().saturating_sub(4));
    let lines = lines.iter().flat_map(|line| words::wrap(line, width));
    for (y, line) in (0..canvas.height()).zip(lines) {
        canvas.line(3, y, &line, Role::Muted);
    }
}
