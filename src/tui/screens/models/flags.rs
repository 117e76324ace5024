//! How good flags are: precision of the decided cases week by week, and which network scores orders.

use super::super::super::canvas::Canvas;
use super::super::super::theme::Role;
use super::super::super::widgets::sparkline;
use super::super::super::words;
use super::super::Scene;
use crate::engine::api::{FlagLearning, FlagVersion, FlagWeek, Scoring};

/// Weeks whose precision the head tells.
const LATELY: usize = 4;
/// The most weeks that are drawn.
const MOST: u16 = 52;
/// Where the weeks begin.
const WEEKS: u16 = 26;

/// Lines that it takes on a screen of this height.
pub const fn lines(height: u16) -> u16 {
    match height {
        0..18 => 0,
        18..28 => 2,
        28..44 => 5,
        _ => 9,
    }
}

/// Draws what scores orders, how often it was right to ask, and the versions there are.
pub fn draw(canvas: &mut Canvas<'_>, scene: &Scene<'_>, told: Option<&FlagLearning>) {
    if canvas.height() == 0 {
        return;
    }
    let Some(told) = told else {
        canvas.head(1, 0, "FLAGS", canvas.glyphs().ellipsis);
        return;
    };
    let width = canvas.width();
    canvas.head(1, 0, "FLAGS", &head(told, usize::from(width.saturating_sub(9))));
    let shares: Vec<f32> =
        told.weeks.iter().map(|week| week.precision().unwrap_or(0.0) as f32).collect();
    if shares.is_empty() || told.weeks.iter().all(|week| week.precision().is_none()) {
        let text = "no case was decided yet; hold and release say whether it was right to ask";
        canvas.text(3, 1, width.saturating_sub(4), text, Role::Muted);
    } else {
        canvas.line(3, 1, "right to ask, by week", Role::Muted);
        let cells = width.saturating_sub(WEEKS + 2).min(MOST);
        let spark = sparkline::spark(&shares, usize::from(cells), scene.glyphs());
        canvas.line(WEEKS, 1, &spark, Role::Chart);
    }
    if let Some(last) = &told.last {
        canvas.text(3, 2, width.saturating_sub(4), last, Role::Muted);
    }
    for (y, one) in (3..canvas.height()).zip(&told.versions) {
        let role = if one.in_use { Role::Accent } else { Role::Text };
        if one.in_use {
            canvas.text(2, y, 1, scene.glyphs().live, Role::Good);
        }
        canvas.text(4, y, width.saturating_sub(5), &version(scene, one), role);
    }
}

fn version(scene: &Scene<'_>, one: &FlagVersion) -> String {
    let zone = &scene.state.zone;
    let made = words::date_seen(one.made.day(zone), scene.state.now.day(zone));
    let learnt = match one.decisions {
        0 => "fitted to the past alone".to_owned(),
        n => format!("learnt from {}", words::plural(n, "decision", "decisions")),
    };
    let better = one.better.map_or(String::new(), |(before, after)| {
        format!(", average precision {after:.3} ({before:.3} before)")
    });
    let orders = words::count(one.orders);
    format!("network {}, {made}, {orders} orders, {learnt}{better}", one.version)
}

fn head(told: &FlagLearning, room: usize) -> String {
    let scoring = match told.scoring {
        Scoring::Reading => "the past is being read".to_owned(),
        Scoring::Rules { have, need } => {
            format!("rules alone: {} of {} orders", words::count(have), words::count(need))
        }
        Scoring::Network(version) => format!("rules and network {version}"),
    };
    let from = told.weeks.len().saturating_sub(LATELY);
    let add = |(wrong, right), week: &FlagWeek| (wrong + week.wrong, right + week.right);
    let lately = told.weeks.get(from..).unwrap_or_default();
    let (wrong, right) = lately.iter().fold((0, 0), add);
    let (lately, when) = match wrong + right {
        0 => (String::new(), String::new()),
        all => (format!(", right to ask {wrong} of {all} times"), format!(" in {LATELY} weeks")),
    };
    let back = told.before.map_or(String::new(), |before| format!("   F goes back to {before}"));
    let learns = if told.decided == (0, 0) { "" } else { "   N learns now" };
    let short = format!("{scoring}{lately}{back}");
    let long = format!("{scoring}{lately}{when}{back}{learns}");
    words::fitting(room, [&long, &short]).to_owned()
}
