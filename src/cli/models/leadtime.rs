//! `stockdeck leadtime`: when deliveries of a file really come, against the day they were promised for.

use crate::cli::args::{Format, FormatArgs};
use crate::cli::files::{Out, read_text};
use crate::cli::format::{Cell, Grid};
use crate::domain::Day;
use crate::engine::api::Refusal;
use crate::insight::lead_time::measure::{Measure, VendorQuantiles};
use crate::insight::lead_time::{Delivery, Slips, file};
use clap::Args;
use std::io;
use std::path::{Path, PathBuf};

/// `leadtime`
#[derive(Args, Debug)]
pub struct LeadtimeArgs {
    /// CSV of id,country,fulfill_via,shipment_mode,pq_first_sent_to_client_date,po_sent_to_vendor_date,
    /// scheduled_delivery_date,delivered_to_client_date,delivery_recorded_date,vendor (others are not
    /// read), plain or .gz; `-` is standard input
    #[arg(value_name = "FILE", required_unless_present = "deliveries")]
    file: Option<PathBuf>,
    /// The same file, by name
    #[arg(long, value_name = "FILE", conflicts_with = "file")]
    deliveries: Option<PathBuf>,
    /// Learn from what was delivered by this day, and predict what was promised for later ones
    #[arg(long, value_name = "DATE", value_parser = day)]
    until: Day,
    /// The quantiles, ascending
    #[arg(long, value_name = "LEVELS", value_delimiter = ',', default_value = "0.1,0.5,0.9",
          value_parser = level)]
    levels: Vec<f64>,
    /// Where id and a column for each quantile go: days from promise to delivery, negative is early
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// How the measures are printed.
    #[command(flatten)]
    format: FormatArgs,
}

/// Rows with bad dates that are named one by one.
const NAMED: usize = 5;

fn day(text: &str) -> Result<Day, String> {
    Day::parse(text).ok_or_else(|| "write a day such as 2013-04-10".to_owned())
}

fn level(text: &str) -> Result<f64, String> {
    let level = text.trim().parse().ok().filter(|level| *level > 0.0 && *level < 1.0);
    level.ok_or_else(|| "a level lies between 0 and 1, such as 0.9".to_owned())
}

/// Learns, predicts, writes the predictions, and prints how good they were where that is known.
pub fn leadtime(args: &LeadtimeArgs) -> Result<(), Refusal> {
    if !args.levels.is_sorted_by(|one, next| one < next) {
        return Err(Refusal::usage("give --levels in ascending order, each once"));
    }
    let path = args.file.as_ref().or(args.deliveries.as_ref());
    let path = path.ok_or_else(|| Refusal::usage("name the file of deliveries"))?;
    let name = path.display();
    let text = read_text(path)
        .map_err(|error| Refusal::usage(format!("{name} cannot be read: {error}")))?;
    let read = file::read(&text)
        .map_err(|error| Refusal::usage(format!("{name} cannot be used: {error}")))?;
    name_bad(&read.bad);
    let slips = Slips::learn(&read.deliveries, args.until);
    let ahead: Vec<&Delivery> =
        read.deliveries.iter().filter(|one| one.scheduled > args.until).collect();
    if ahead.is_empty() {
        let last = read.deliveries.iter().map(|one| one.scheduled).max();
        let mend = last.map_or_else(String::new, |last| format!("; give a day before {last}"));
        return Err(Refusal::usage(format!(
            "{name} has no delivery promised for after {}{mend}",
            args.until
        )));
    }
    let days: Vec<Vec<i32>> = ahead.iter().map(|one| slips.quantiles(one, &args.levels)).collect();
    if let Some(out) = &args.out {
        let rows = ahead.iter().zip(&days).map(|(one, days)| (&*one.id, days.as_slice()));
        write(out, &args.levels, rows).map_err(|error| {
            Refusal::failed(format!("{} cannot be written: {error}", out.display()))
        })?;
    }
    let count = ahead.len();
    eprintln!(
        "learnt from {} deliveries known by {}; {count} predicted",
        slips.learnt(),
        args.until
    );
    let grid = measures(&read.deliveries, &ahead, &days, args);
    // Standard output belongs to the predictions where they go there.
    let quiet = args.out.as_deref() == Some(Path::new("-"));
    let printed = if quiet {
        grid.print(Format::Table, &mut io::stderr().lock())
    } else {
        grid.print(args.format.format, &mut io::stdout().lock())
    };
    printed.or_else(unread).map_err(|error| Refusal::failed(error.to_string()))
}

fn name_bad(bad: &[file::Bad]) {
    for one in bad.iter().take(NAMED) {
        eprintln!("row {} (id {}): {}", one.row, one.id, one.what);
    }
    if bad.len() > NAMED {
        eprintln!(
            "{} rows with bad dates in all, {} of them not named",
            bad.len(),
            bad.len() - NAMED
        );
    }
}

fn write<'a>(
    path: &Path,
    levels: &[f64],
    rows: impl Iterator<Item = (&'a str, &'a [i32])>,
) -> io::Result<()> {
    let mut out = Out::create(path)?;
    let written = file::write(&mut out, levels, rows).and_then(|()| out.finish());
    written.or_else(unread)
}

/// A reader that went away (`| head`) has what it wanted.
fn unread(error: io::Error) -> io::Result<()> {
    if error.kind() == io::ErrorKind::BrokenPipe { Ok(()) } else { Err(error) }
}

/// Ours, the promise itself, and each vendor's own past, over what had come.
fn measures(all: &[Delivery], ahead: &[&Delivery], days: &[Vec<i32>], args: &LeadtimeArgs) -> Grid {
    let levels = &args.levels;
    let slips: Vec<Option<i32>> = ahead.iter().map(|one| one.slip()).collect();
    let vendors = VendorQuantiles::of(all, args.until, levels);
    let ours = days.iter().map(|row| row.iter().map(|days| f64::from(*days)).collect());
    let promised = vec![vec![0.0; levels.len()]; ahead.len()];
    let theirs = ahead.iter().map(|one| vendors.of_vendor(&one.vendor).to_vec());
    let measured = [
        ("ours", Measure::of(levels, &ours.collect::<Vec<_>>(), &slips)),
        ("as promised", Measure::of(levels, &promised, &slips)),
        ("vendor quantiles", Measure::of(levels, &theirs.collect::<Vec<_>>(), &slips)),
    ];
    let mut grid = Grid::new(&["forecast", "rows", "pinball", "coverage", "width", "ours_less"]);
    let least = measured[0].1.pinball;
    for (name, measure) in measured {
        let less = (measure.pinball > 0.0).then(|| 1.0 - least / measure.pinball);
        let known = Some(measure).filter(|measure| measure.rows > 0);
        grid.push(vec![
            Cell::text(name),
            Cell::number(measure.rows),
            Cell::or_unknown(known, |one| Cell::number(format!("{:.1}", one.pinball))),
            Cell::or_unknown(known, |one| Cell::number(format!("{:.3}", one.coverage))),
            Cell::or_unknown(known, |one| Cell::number(format!("{:.1}", one.width))),
            Cell::or_unknown(less.filter(|_| name != "ours"), |less| {
                Cell::number(format!("{less:.3}"))
            }),
        ]);
    }
    grid
}
