//! What drove a forecast: short lines, each a number and where it comes from.

use super::super::canvas::Canvas;
use super::super::theme::Role;
use super::super::words;
use crate::engine::api::SiteForecast;
use crate::insight::forecast::Drivers;

/// A line: what, how much, and from where.
pub type Line = (&'static str, String, String);

/// Lines that [`draw`] needs, its head with them.
pub const HEIGHT: u16 = 8;

/// The lines of a forecast.
pub fn lines(forecast: &SiteForecast) -> Vec<Line> {
    let units = |quantity: f32| words::rough(f64::from(quantity));
    let Drivers { origin, last, before, weekdays, last_year, days, left_out } = &forecast.drivers;
    let mut lines = vec![(
        "last 28 d",
        units(*last),
        format!("sold to {}; {} in the 28 d before", words::date(*origin), units(*before)),
    )];
    let known = || weekdays.iter().enumerate().filter_map(|(day, units)| Some((day, (*units)?)));
    let named = |(day, mean): (usize, f32)| (words::weekday_name(day), units(mean));
    let most = known().max_by(|a, b| a.1.total_cmp(&b.1)).map(named);
    let least = known().min_by(|a, b| a.1.total_cmp(&b.1)).map(named);
    if let (Some((most, high)), Some((least, low))) = (most, least) {
        lines.push(("weekdays", high, format!("on {most}s, the most; {low} on {least}s; 8 weeks")));
    }
    lines.push(match last_year {
        Some((then, prior)) => {
            let from = format!("sold in these 28 d; {} in the 28 d before", units(*prior));
            ("a year ago", units(*then), from)
        }
        None => ("a year ago", "unknown".into(), "its sales do not reach back so far".into()),
    });
    let ahead = forecast.open.iter().rev().take(forecast.days.len());
    let open = ahead.clone().filter(|open| **open).count();
    let all = ahead.count();
    lines.push((
        "open",
        open.to_string(),
        format!("of the {all} days ahead, as all SKUs sold so far"),
    ));
    lines.push(("left out", left_out.to_string(), format!("of {days} days, without stock")));
    lines.push(match forecast.peers {
        Some(level) => {
            ("neighbours", units(level), "a day, sold by items with words like its own".into())
        }
        None => ("neighbours", "none".into(), "its own sales are what it goes by".into()),
    });
    lines.push((
        "model",
        forecast.row.model.to_string(),
        "`stockdeck models show` says how it was judged".into(),
    ));
    lines
}

/// Draws them below a head.
pub fn draw(canvas: &mut Canvas<'_>, forecast: &SiteForecast) {
    canvas.head(1, 0, "WHAT DROVE IT", "");
    let end = canvas.width().saturating_sub(1);
    for (y, (what, figure, from)) in (1..canvas.height()).zip(lines(forecast)) {
        canvas.text(3, y, 11, what, Role::Muted);
        canvas.right(23, y, 9, &figure, Role::Text);
        canvas.text(25, y, end.saturating_sub(25), &from, Role::Muted);
    }
}
