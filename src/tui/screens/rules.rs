//! The rules that raise flags, and about whom they are muted.

use super::super::canvas::Canvas;
use super::super::target::Target;
use super::super::theme::Role;
use super::super::words;
use super::{Item, Scene};
use crate::engine::api::{MuteRow, RuleRow};

/// Right ends of the figures, and their heads.
const SPOKE: u16 = 34;
const RIGHT: u16 = 43;
const TESTED: u16 = 54;
/// Where the words begin.
const ABOUT: u16 = 56;

/// Rules, then mutes.
pub fn items(rules: &[RuleRow], mutes: &[MuteRow]) -> Vec<Item> {
    let item = |section, key: String| {
        let saw = key.clone();
        Item { section, target: Target { key, saw, ..Target::default() } }
    };
    let rules = rules.iter().map(|row| item(0, row.rule.to_string()));
    rules.chain(mutes.iter().map(|row| item(1, row.entry.to_string()))).collect()
}

/// Draws both.
pub fn draw(canvas: &mut Canvas<'_>, scene: &Scene<'_>, rules: &[RuleRow], mutes: &[MuteRow]) {
    let (width, height) = (canvas.width(), canvas.height());
    let below = u16::try_from(mutes.len()).unwrap_or(u16::MAX).saturating_add(1);
    let below = below.clamp(1, (height / 3).max(1));
    let above = height.saturating_sub(below + 1);
    draw_rules(&mut canvas.part(0, 0, width, above), scene, rules);
    draw_mutes(&mut canvas.part(0, above + 1, width, below), scene, mutes, rules.len());
}

fn draw_rules(canvas: &mut Canvas<'_>, scene: &Scene<'_>, rules: &[RuleRow]) {
    canvas.highlight(0, Role::Header);
    canvas.line(4, 0, "rule", Role::Header);
    canvas.right(SPOKE, 0, 8, "flagged", Role::Header);
    canvas.right(RIGHT, 0, 8, "right", Role::Header);
    canvas.right(TESTED, 0, 10, "test, week", Role::Header);
    canvas.line(ABOUT, 0, "looks at", Role::Header);
    let (width, glyphs) = (canvas.width(), scene.glyphs());
    let fit = usize::from(canvas.height().saturating_sub(1));
    let cursor = scene.cursor.filter(|at| *at < rules.len());
    let top = super::window(rules.len(), fit, cursor);
    for (y, (at, rule)) in (1..).zip(rules.iter().enumerate().skip(top).take(fit)) {
        let role = if rule.on { Role::Text } else { Role::Muted };
        let (sign, sign_role) =
            if rule.on { (glyphs.live, Role::Good) } else { (glyphs.silent, Role::Muted) };
        canvas.text(2, y, 1, sign, sign_role);
        let muted = if rule.mutes > 0 { format!(", {} muted", rule.mutes) } else { String::new() };
        canvas.text(4, y, 22, &format!("{}{muted}", rule.rule), role);
        canvas.right(SPOKE, y, 7, &words::count(rule.spoke), role);
        let right = match rule.right {
            (_, 0) => glyphs.dash.to_owned(),
            (right, of) => format!("{right}/{of}"),
        };
        canvas.right(RIGHT, y, 8, &right, role);
        let tested = rule.test.as_ref().map(|test| format!("{:.1}", test.a_week));
        canvas.right(TESTED, y, 9, &tested.unwrap_or_else(|| glyphs.dash.to_owned()), role);
        canvas.text(ABOUT, y, width.saturating_sub(ABOUT + 1), &rule.about, Role::Muted);
        if scene.is_at(at) {
            canvas.highlight(y, Role::Selected);
            canvas.text(0, y, 1, glyphs.select, Role::Selected);
        }
    }
}

fn draw_mutes(canvas: &mut Canvas<'_>, scene: &Scene<'_>, mutes: &[MuteRow], first: usize) {
    let on = mutes.iter().filter(|mute| mute.on).count();
    let rest = match mutes.len() {
        0 => "none; M on a case mutes a rule about somebody or something".to_owned(),
        _ => format!("{on} in force"),
    };
    canvas.head(1, 0, "MUTES", &rest);
    let (now, zone, width) = (scene.state.now, &scene.state.zone, canvas.width());
    let fit = usize::from(canvas.height().saturating_sub(1));
    let cursor = scene.cursor.and_then(|at| at.checked_sub(first)).filter(|at| *at < mutes.len());
    let top = super::window(mutes.len(), fit, cursor);
    for (y, (at, mute)) in (1..).zip(mutes.iter().enumerate().skip(top).take(fit)) {
        let until = words::stamp(mute.until, now, zone);
        let until = match (mute.on, mute.until > now) {
            (true, _) => format!("until {}", until.trim()),
            (false, true) => "ended".to_owned(),
            (false, false) => format!("over {}", until.trim()),
        };
        let role = if mute.on { Role::Text } else { Role::Muted };
        let text =
            format!("{} about {}, {until}; {}: {}", mute.rule, mute.of, mute.who, mute.reason);
        canvas.text(4, y, width.saturating_sub(5), &text, role);
        if scene.is_at(first + at) {
            canvas.highlight(y, Role::Selected);
            canvas.text(0, y, 1, scene.glyphs().select, Role::Selected);
        }
    }
}
