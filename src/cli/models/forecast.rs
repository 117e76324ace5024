//! `stockdeck forecast`: quantiles of days and totals for a panel.

use super::args::ForecastArgs;
use super::groups::Groups;
use super::{PlaceArgs, refused, source};
use crate::cli::files::Out;
use crate::demand::{Items, Panel};
use crate::engine::api::{GroupBy, Refusal};
use crate::model::{LEVEL_COUNT, Peers, Quantiles, ShopAt, Words, at_level};
use jiff::civil::Date;
use std::io::{self, Write};
use std::sync::Arc;

/// Forecasts and writes.
pub fn forecast(place: &PlaceArgs, args: &ForecastArgs) -> Result<(), Refusal> {
    let source = source::read(place, &args.panel)?;
    let panel = &source.panel;
    let model = source::model(place, &args.model, args.panel.panel.is_none())?;
    let origins = origins(panel, &args.origins)?;
    let read = args.items.as_deref().map(Items::read).transpose();
    let items = read.map_err(|error| Refusal::usage(error.to_string()))?;
    let items = items.as_ref().or(source.items.as_ref());
    let groups = args.by.map(|by| Groups::of(place, args, (panel, items), by)).transpose()?;
    let words = items.map(|items| Arc::new(Words::of(panel, items)));
    let failed = |error: io::Error| Refusal::failed(format!("{}: {error}", args.out.display()));
    // A reader that went away (`| head`) has what it wanted: nothing more need be forecast.
    let still_read = |result: io::Result<()>| match result {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(false),
        result => result.map(|()| true).map_err(failed),
    };
    let mut out = Out::create(&args.out).map_err(failed)?;
    let header: Vec<String> = args.levels.iter().map(|level| format!(",q{level}")).collect();
    let what = args.by.map_or("series_id", GroupBy::word);
    writeln!(out, "{what},origin,step,mean{}", header.concat()).map_err(failed)?;
    for (known, date) in origins {
        let shop = ShopAt::of(panel, known);
        let peers = words.as_ref().map(|words| Peers::of(panel, words, known));
        let (windows, series): (Vec<_>, Vec<_>) = (0..panel.series.len())
            .filter(|series| source.is_forecast(*series, known))
            .filter_map(|series| {
                let mut window = shop.window(panel, series)?;
                window.peers = peers.as_ref().and_then(|peers| peers.level(series));
                Some((window, series))
            })
            .unzip();
        let mut answers = model.over(&windows, usize::from(args.horizon)).map_err(refused)?;
        // Measured of the model in use, and of the days that are ahead now.
        if args.model.model.is_none() && known == panel.steps {
            answers.iter_mut().for_each(|answer| source.spread.apply(&mut answer.totals));
        }
        if !args.without_overrides {
            let told = answers.iter_mut().zip(&series);
            told.for_each(|(answer, series)| source.lay_over(*series, known, answer));
        }
        if let Some(groups) = &groups {
            let forecasts: Vec<(usize, Quantiles)> = series.into_iter().zip(answers).collect();
            for (name, total) in groups.totals(panel, known, &forecasts) {
                if !still_read(total_row(&mut out, name, date, &total, &args.levels))? {
                    return Ok(());
                }
            }
            continue;
        }
        for (answer, series) in answers.into_iter().zip(series) {
            let name = &panel.series[series];
            if !still_read(rows(&mut out, name, date, &answer, &args.levels))? {
                return Ok(());
            }
        }
    }
    still_read(out.finish()).map(drop)
}

/// Steps known at each origin, and its date.
pub(super) fn origins(panel: &Panel, wanted: &[Date]) -> Result<Vec<(usize, Date)>, Refusal> {
    let last = panel.date(panel.steps.saturating_sub(1)).unwrap_or(panel.first);
    let wanted = if wanted.is_empty() { &[last] } else { wanted };
    wanted
        .iter()
        .map(|&date| match panel.steps_until(date) {
            Some(known) if date <= last => Ok((known, date)),
            _ => Err(Refusal::usage(format!(
                "--origins {date}: the panel runs from {} to {last}",
                panel.first
            ))),
        })
        .collect()
}

fn rows(
    out: &mut Out,
    series: &str,
    origin: Date,
    answer: &Quantiles,
    levels: &[f32],
) -> io::Result<()> {
    if let Some(total) = answer.totals.last() {
        total_row(out, series, origin, total, levels)?;
    }
    for ((step, mean), quantiles) in (1..).zip(answer.means()).zip(&answer.days) {
        row(out, (series, origin, step), mean, quantiles, levels)?;
    }
    Ok(())
}

/// The row of a total, which is step 0.
fn total_row(
    out: &mut Out,
    name: &str,
    origin: Date,
    total: &[f32; LEVEL_COUNT],
    levels: &[f32],
) -> io::Result<()> {
    row(out, (name, origin, 0), Quantiles::mean_of(total), total, levels)
}

fn row(
    out: &mut Out,
    (name, origin, step): (&str, Date, usize),
    mean: f32,
    quantiles: &[f32; LEVEL_COUNT],
    levels: &[f32],
) -> io::Result<()> {
    write!(out, "{},{origin},{step},{mean:.4}", quoted(name))?;
    for &level in levels {
        write!(out, ",{:.4}", at_level(quantiles, level))?;
    }
    writeln!(out)
}

/// A field as CSV wants it.
fn quoted(field: &str) -> std::borrow::Cow<'_, str> {
    if field.contains([',', '"', '\n', '\r']) {
        format!("\"{}\"", field.replace('"', "\"\"")).into()
    } else {
        field.into()
    }
}
