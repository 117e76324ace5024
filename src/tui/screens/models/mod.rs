//! Models: the versions there are, which of them forecasts, and how well it does.

mod accuracy;
mod flags;
mod training;

pub use accuracy::LEGEND;

use super::super::canvas::Canvas;
use super::super::target::Target;
use super::super::theme::Role;
use super::super::words;
use super::{Item, Scene};
use crate::domain::Timestamp;
use crate::engine::api::{FlagLearning, Judged, ModelKind, ModelVersion, ModelsReport};

/// Lines that the place of a training takes, its head included.
const TRAINING: u16 = 4;
/// From this height on, blank lines set the parts off.
const ROOMY: u16 = 28;
/// From this width on, a version's line tells what it was trained on.
const WIDE: u16 = 120;

/// Each version can be selected.
pub fn items(report: &ModelsReport) -> Vec<Item> {
    let target =
        |version: &ModelVersion| Target { key: version.name.to_string(), ..Target::default() };
    report.versions.iter().map(|version| Item { section: 0, target: target(version) }).collect()
}

/// Draws versions, the accuracy of the selected one, and where a training stands.
pub fn draw(
    canvas: &mut Canvas<'_>,
    scene: &Scene<'_>,
    report: &ModelsReport,
    learning: Option<&FlagLearning>,
) {
    let (width, height) = (canvas.width(), canvas.height());
    let rows = u16::try_from(report.versions.len()).unwrap_or(u16::MAX);
    let most = (height / 3).max(2);
    let shown = rows.min(most);
    head(canvas, report);
    versions(&mut canvas.part(0, 1, width, shown + 1), scene, report);
    let mut y = shown + 2;
    if !report.foreign.is_empty() {
        let text = format!("no models, and left alone: {}", report.foreign.join(", "));
        canvas.text(3, y, width.saturating_sub(4), &text, Role::Muted);
        y += 1;
    }
    let training = if height < ROOMY { TRAINING - 1 } else { TRAINING };
    y += u16::from(height >= ROOMY);
    let flagged = flags::lines(height);
    let bottom = height.saturating_sub(training + flagged);
    let at = scene.cursor.unwrap_or(0).min(report.versions.len().saturating_sub(1));
    if let Some(version) = report.versions.get(at) {
        let room = bottom.saturating_sub(y);
        accuracy::draw(&mut canvas.part(0, y, width, room), report, version);
    }
    flags::draw(&mut canvas.part(0, bottom, width, flagged), scene, learning);
    training::draw(&mut canvas.part(0, bottom + flagged, width, training), scene, report);
}

/// What is in use, in one line.
fn head(canvas: &mut Canvas<'_>, report: &ModelsReport) {
    let Some(version) = report.in_use() else {
        canvas.head(1, 0, "MODELS", "none is in use");
        return;
    };
    let what = match &version.about {
        Ok(about) if canvas.width() >= 100 => {
            format!("{}, {} parameters", about.kind.name(), words::count(about.parameters))
        }
        Ok(about) => about.kind.name().to_owned(),
        Err(_) => "cannot be used; U uses another".to_owned(),
    };
    let (current, all) = report.forecasts;
    let made = match (current, all) {
        (_, 0) => "no forecast yet".to_owned(),
        (current, all) if current == all => format!("{} forecasts by it", words::count(all)),
        (current, all) => {
            format!("{} of {} forecasts by it", words::count(current), words::count(all))
        }
    };
    canvas.head(1, 0, "MODELS", &format!("in use: {}, {what}   {made}", version.name));
}

/// Right ends of the figures, and where the words after them begin.
const ENDS: [(u16, &str); 3] = [(46, "test WQL"), (54, "TQL"), (62, "bias")];
const AFTER: u16 = 64;

fn versions(canvas: &mut Canvas<'_>, scene: &Scene<'_>, report: &ModelsReport) {
    canvas.highlight(0, Role::Header);
    canvas.line(3, 0, "model", Role::Header);
    canvas.line(16, 0, "kind", Role::Header);
    canvas.line(30, 0, "made", Role::Header);
    for (end, title) in ENDS {
        canvas.right(end, 0, 8, title, Role::Header);
    }
    canvas.line(AFTER, 0, "from", Role::Header);
    let fit = usize::from(canvas.height().saturating_sub(1));
    let top = super::window(report.versions.len(), fit, scene.cursor);
    for (y, (at, version)) in (1..).zip(report.versions.iter().enumerate().skip(top).take(fit)) {
        line(canvas, scene, version, y);
        if scene.is_at(at) {
            canvas.highlight(y, Role::Selected);
            canvas.text(1, y, 1, scene.glyphs().select, Role::Selected);
        }
    }
}

fn line(canvas: &mut Canvas<'_>, scene: &Scene<'_>, version: &ModelVersion, y: u16) {
    let role = if version.in_use { Role::Accent } else { Role::Text };
    canvas.text(3, y, 12, &version.name, role);
    if version.in_use {
        canvas.text(2, y, 1, scene.glyphs().live, Role::Good);
    }
    let width = canvas.width();
    let about = match &version.about {
        Ok(about) => about,
        Err(reason) => {
            let text = format!("cannot be used: {reason}");
            canvas.text(16, y, width.saturating_sub(17), &text, Role::Bad);
            return;
        }
    };
    canvas.text(16, y, 13, about.kind.name(), Role::Text);
    let dash = scene.glyphs().dash;
    match &about.judged {
        Some(judged) => {
            canvas.text(30, y, 10, &made(scene, judged), Role::Muted);
            // As `stockdeck models list` does: the untouched days, not those that decided.
            // None where a shift's own days decided and left no others.
            let figures = judged.test.map_or([dash; 3].map(str::to_owned), |[_, now]| {
                [format!("{:.4}", now.wql), format!("{:.4}", now.tql), percent(now.bias as f32)]
            });
            for ((end, _), figure) in ENDS.iter().zip(figures) {
                canvas.right(*end, y, 7, &figure, Role::Text);
            }
        }
        None => {
            canvas.text(30, y, 10, "as it came", Role::Muted);
            ENDS.iter().for_each(|(end, _)| {
                canvas.right(*end, y, 7, dash, Role::Muted);
            });
        }
    }
    canvas.text(AFTER, y, width.saturating_sub(AFTER + 1), &from(&about.kind, width), Role::Muted);
}

/// What a version was made from.
fn from(kind: &ModelKind, width: u16) -> String {
    match kind {
        ModelKind::Own { data, seen_until, steps, parent } if width >= WIDE => {
            let parent = parent.as_ref().map(|parent| format!("{parent}, ")).unwrap_or_default();
            let seen = seen_until.map_or("no real demand seen".to_owned(), |day| {
                format!("seen until {}", words::full_date(day))
            });
            format!("{parent}{} steps, {seen}: {data}", words::count(*steps))
        }
        ModelKind::Own { parent: Some(parent), .. } => parent.to_string(),
        ModelKind::Own { .. } => "the program".to_owned(),
        ModelKind::Bolt { .. } => "others".to_owned(),
    }
}

fn made(scene: &Scene<'_>, judged: &Judged) -> String {
    let zone = &scene.state.zone;
    match Timestamp::parse(&judged.made_at, zone) {
        Some(at) => words::date_seen(at.day(zone), scene.state.now.day(zone)),
        None => judged.made_at.to_string(),
    }
}

/// A share with its sign, in percent.
fn percent(share: f32) -> String {
    format!("{:+.1} %", 100.0 * share)
}
