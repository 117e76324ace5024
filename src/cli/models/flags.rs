//! `stockdeck flags`: which orders of a file are worth a look, why, and which feeds fell silent.

mod measured;

use super::progress::Line;
use crate::cli::args::Format;
use crate::cli::files::{Out, read_text};
use crate::engine::api::Refusal;
use crate::insight::anomaly::models::{ModelError, Models};
use crate::insight::anomaly::order_model::{Decided, Fit, Tuning};
use crate::insight::anomaly::rule_book::RuleBook;
use crate::insight::anomaly::silence::{Silence, SilenceWatch};
use crate::insight::anomaly::{Flag, Kind, Order, Watch, file};
use clap::{Args, ValueEnum};
use std::collections::HashSet;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// `flags`
#[derive(Args, Debug)]
pub struct FlagsArgs {
    /// CSV of order_id,ts,kind,feed,customer_id,bill_country,ship_country,address,sku,qty,unit_price,
    /// a row for each line, plain or .gz; `-` is standard input
    #[arg(long, value_name = "FILE")]
    input: PathBuf,
    /// Orders before those of the input, in the same columns, to learn from first
    #[arg(long, value_name = "FILE")]
    history: Option<PathBuf>,
    /// CSV of order_id,type,incident: the orders that were decided wrong
    #[arg(long, value_name = "FILE", requires = "labelled_until")]
    labels: Option<PathBuf>,
    /// Every order before this time is decided: wrong if it is labelled, else right
    #[arg(long, value_name = "TIME", value_parser = time, requires = "labels")]
    labelled_until: Option<i64>,
    /// Score orders from this time on and learn from those before [default: the input's first]
    #[arg(long, value_name = "TIME", value_parser = time)]
    from: Option<i64>,
    /// What scores
    #[arg(long, value_enum, default_value_t = By::Both)]
    by: By,
    /// Where order_id,score,case_id,reasons go, plain or .gz; `-` is standard output [default: `-`, or
    /// nowhere where what is said is measured]
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Where silences of feeds go: feed,raised_at,cleared_at,expected,seen
    #[arg(long, value_name = "FILE")]
    feeds_out: Option<PathBuf>,
    /// CSV of order_id,type,incident: the orders that are wrong; what is said is measured against it and
    /// nothing is learnt from it
    #[arg(long, value_name = "FILE")]
    truth: Option<PathBuf>,
    /// CSV of feed,from,to: when a feed's orders did not come; silences are measured against it
    #[arg(long, value_name = "FILE")]
    feeds_truth: Option<PathBuf>,
    /// Measure what comes from this time on [default: what is scored, after --labelled-until]
    #[arg(long, value_name = "TIME", value_parser = time)]
    measured_from: Option<i64>,
    // Not the arguments that other commands share: arguments that hold others are not seen to be given.
    /// How the measures are printed
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
}

/// What scores an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum By {
    /// The rules alone, each weighed by how rarely the past had as much
    Rules,
    /// The network alone
    Network,
    /// Both
    Both,
}

/// Orders scored between two looks at how far it is.
const PART: usize = 2048;
/// From this probability on an order is counted in what is said at the end.
const LIKELY: f64 = 0.5;

/// A time on the store's wall clock; 24:00 is the end of a day.
fn time(text: &str) -> Result<i64, String> {
    let ends = [" 24:00:00", " 24:00", "T24:00:00", "T24:00"];
    let (start, over) = match ends.iter().find_map(|end| text.strip_suffix(end)) {
        Some(day) => (day, 86_400),
        None => (text, 0),
    };
    let seconds = file::seconds(start).map(|seconds| seconds + over);
    seconds.ok_or_else(|| "write a time such as 2026-08-09T18:30:00, or a day".to_owned())
}

/// What people decided: every order before a time.
struct Decisions {
    wrong: HashSet<String>,
    until: i64,
}

/// Orders in the order of their arrival.
struct Stream {
    orders: Vec<Order>,
    /// Place of the first that is asked for.
    asked: usize,
    decisions: Option<Decisions>,
    by: By,
}

/// Scores a file's orders as if they arrived one by one, and writes what is said of them.
pub fn flags(args: &FlagsArgs) -> Result<(), Refusal> {
    let stream = Stream::read(args)?;
    let failed = |path: &Path| {
        let path = path.display().to_string();
        move |error: io::Error| Refusal::failed(format!("{path} cannot be written: {error}"))
    };
    let truth = measured::Truth::read(args)?;
    let plain = Path::new("-");
    let to = args.out.as_deref().or((!truth.is_any()).then_some(plain));
    // A file that cannot be written is told of before minutes are spent on it.
    let out = to.map(|path| Out::create(path).map_err(failed(path)).map(|out| (path, out)));
    let out = out.transpose()?;
    let flags = stream.flags().map_err(|error| Refusal::failed(error.to_string()))?;
    if let Some((path, mut out)) = out {
        let written = file::write_flags(&mut out, &flags).and_then(|()| out.finish());
        written.or_else(unread).map_err(failed(path))?;
    }
    let silences = stream.silences();
    if let Some(path) = &args.feeds_out {
        let mut out = Out::create(path).map_err(failed(path))?;
        let written = file::write_silences(&mut out, &silences);
        written.and_then(|()| out.finish()).or_else(unread).map_err(failed(path))?;
    }
    let likely = || flags.iter().filter(|flag| flag.score >= LIKELY);
    let cases: HashSet<u64> = likely().map(|flag| flag.case).collect();
    eprintln!(
        "{} orders scored; {} of them, in {} cases, are more likely wrong than right",
        flags.len(),
        likely().count(),
        cases.len()
    );
    if !truth.is_any() {
        return Ok(());
    }
    let since = args.measured_from.or(args.labelled_until).unwrap_or(i64::MIN);
    let since = since.max(stream.orders[stream.asked].at);
    let grid = truth.grid(&flags, &silences, &stream.orders, since);
    // Standard output belongs to the scores where they go there.
    let printed = match to == Some(plain) {
        true => grid.print(Format::Table, &mut io::stderr().lock()),
        false => grid.print(args.format, &mut io::stdout().lock()),
    };
    printed.or_else(unread).map_err(|error| Refusal::failed(error.to_string()))
}

/// A reader that went away (`| head`) has what it wanted.
fn unread(error: io::Error) -> io::Result<()> {
    if error.kind() == io::ErrorKind::BrokenPipe { Ok(()) } else { Err(error) }
}

fn read<T>(path: &Path, rows: fn(&str) -> Result<T, file::RowError>) -> Result<T, Refusal> {
    let file = path.display();
    let text = read_text(path)
        .map_err(|error| Refusal::usage(format!("{file} cannot be read: {error}")))?;
    rows(&text).map_err(|error| Refusal::usage(format!("{file}, {error}")))
}

impl Stream {
    fn read(args: &FlagsArgs) -> Result<Self, Refusal> {
        let input = read(&args.input, file::orders)?;
        let first = input.iter().map(|order| order.at).min();
        let from = args.from.or(first).unwrap_or(0);
        let mut orders = match &args.history {
            Some(path) => history(path, &input, from)?,
            None => Vec::new(),
        };
        orders.extend(input);
        orders.sort_by_key(|order| order.at);
        let asked = orders.partition_point(|order| order.at < from);
        if asked == orders.len() {
            return Err(Refusal::usage(format!(
                "{} has no order{}",
                args.input.display(),
                args.from.map_or_else(String::new, |from| format!(
                    " at or after {}; give an earlier --from",
                    file::written(from)
                ))
            )));
        }
        let labels = args.labels.as_deref().zip(args.labelled_until);
        let decisions = labels.map(|(path, until)| decisions(path, until, &orders)).transpose()?;
        Ok(Self { orders, asked, decisions, by: args.by })
    }

    /// Place of the first order that is scored: to learn from decisions there must be orders that were
    /// scored before they were decided on, by models that had not seen them.
    fn start(&self) -> usize {
        let Some(Decisions { wrong, until }) = &self.decisions else { return self.asked };
        let decided = self.orders.partition_point(|order| order.at < *until);
        if decided > self.asked {
            return self.asked;
        }
        let first = self.orders[..decided].iter().position(|order| wrong.contains(&*order.id));
        first.map_or(self.asked, |first| first.max(decided / 2))
    }

    /// What is said of every order that is asked for.
    fn flags(&self) -> Result<Vec<Flag>, ModelError> {
        let start = self.start();
        let models = Arc::new(self.models(start)?);
        let mut watch = Watch::new(Arc::clone(&models));
        if self.by == By::Network {
            if models.are_rules_alone() {
                return Err(ModelError::RulesAlone);
            }
            watch.go_by(RuleBook::silent());
        }
        self.orders[..start].iter().for_each(|order| watch.learn(order));
        let decided = match &self.decisions {
            Some(decisions) => self.orders.partition_point(|order| order.at < decisions.until),
            None => start,
        };
        let decided = decided.max(start);
        let mut line = Line::new();
        let mut flags = self.score(&mut watch, start..decided, &mut line)?;
        if let Some(decisions) = self.decisions.as_ref().filter(|_| !models.are_rules_alone()) {
            line.show("learning from what was decided");
            let said = learn(&models, &flags, decisions, &mut watch)?;
            line.clear();
            eprintln!("{said}");
        }
        flags.extend(self.score(&mut watch, decided..self.orders.len(), &mut line)?);
        line.clear();
        flags.drain(..self.asked - start);
        Ok(flags)
    }

    /// Models fitted to the orders before a place, without those that were decided wrong where all
    /// decisions are older than what is asked for; the rules alone where that is too little.
    fn models(&self, start: usize) -> Result<Models, ModelError> {
        let past = &self.orders[..start];
        let old = self.decisions.as_ref().filter(|_| start < self.asked);
        let doubtful =
            past.iter().filter(|order| old.is_some_and(|old| old.wrong.contains(&*order.id)));
        let doubtful = doubtful.map(|order| Arc::clone(&order.id)).collect();
        let mut line = Line::new();
        let fit = Fit::default();
        let fitted = match self.by {
            By::Rules => Models::rules_of(past, &doubtful, fit.warm_up),
            By::Network | By::Both => Models::fit_without(past, &doubtful, fit, &mut |share| {
                line.share(&format!("learning from {} orders:", past.len()), share);
                true
            }),
        };
        line.clear();
        match fitted {
            Err(error @ ModelError::Few(_)) if self.by == By::Rules => {
                eprintln!(
                    "each rule from its threshold on: of {} orders before, {error}",
                    past.len()
                );
                Ok(Models::rules_alone())
            }
            Err(error @ ModelError::Few(_)) => {
                eprintln!("rules alone, no network: of {} orders before, {error}", past.len());
                Ok(Models::rules_alone())
            }
            fitted => fitted,
        }
    }

    fn score(
        &self,
        watch: &mut Watch,
        which: std::ops::Range<usize>,
        line: &mut Line,
    ) -> Result<Vec<Flag>, ModelError> {
        let mut flags = Vec::with_capacity(which.len());
        let orders = &self.orders[which];
        for part in orders.chunks(PART) {
            line.show(&format!("{} of {} orders scored", flags.len(), orders.len()));
            flags.extend(watch.orders(part)?);
        }
        Ok(flags)
    }

    /// Silences that were raised at or after the first order that is asked for.
    fn silences(&self) -> Vec<Silence> {
        let mut watch = SilenceWatch::new();
        for order in &self.orders {
            match order.kind {
                Kind::Sale => watch.sale(&order.feed, order.at),
                // A return is no sign of life, but time goes on.
                Kind::Return => drop(watch.tick(order.at)),
            }
        }
        let from = self.orders[self.asked].at;
        watch.silences().iter().filter(|silence| silence.raised >= from).cloned().collect()
    }
}

/// Orders to learn from: those of the input are taken from there, and none from what is scored on is.
fn history(path: &Path, input: &[Order], from: i64) -> Result<Vec<Order>, Refusal> {
    let mut orders = read(path, file::orders)?;
    let own: HashSet<&str> = input.iter().map(|order| &*order.id).collect();
    orders.retain(|order| !own.contains(&*order.id));
    let all = orders.len();
    orders.retain(|order| order.at < from);
    if orders.len() < all {
        eprintln!(
            "{}: {} orders from {} on are left out, since they came after the first that is scored",
            path.display(),
            all - orders.len(),
            file::written(from)
        );
    }
    Ok(orders)
}

fn decisions(path: &Path, until: i64, orders: &[Order]) -> Result<Decisions, Refusal> {
    let labels = read(path, file::labels)?;
    let wrong: HashSet<String> = labels.into_iter().map(|label| label.order_id).collect();
    let known: HashSet<&str> = orders.iter().map(|order| &*order.id).collect();
    let unknown = wrong.iter().filter(|id| !known.contains(id.as_str())).count();
    if unknown > 0 {
        let (file, all) = (path.display(), wrong.len());
        eprintln!("{file}: {unknown} of {all} labels are of orders that no file here has");
    }
    Ok(Decisions { wrong, until })
}

/// Learns from decisions on orders that were scored, if that helps. Says what came of it.
fn learn(
    models: &Models,
    flags: &[Flag],
    decisions: &Decisions,
    watch: &mut Watch,
) -> Result<String, ModelError> {
    let decided: Vec<Decided> = flags
        .iter()
        .map(|flag| Decided {
            row: flag.row.clone(),
            wrong: decisions.wrong.contains(&*flag.order),
        })
        .collect();
    let wrong = decided.iter().filter(|one| one.wrong).count();
    let trial = models.learn(&decided, Tuning::default())?;
    let (before, after, all) = (trial.before, trial.after, decided.len());
    Ok(match trial.models {
        Some(better) => {
            watch.read_with(Arc::new(better));
            format!(
                "learnt from {wrong} wrong of {all} decided orders: average precision on the latest of \
                 them {before:.3} before, {after:.3} after"
            )
        }
        None => format!(
            "{wrong} wrong of {all} decided orders are too few to learn from, or it did not help on \
             the latest of them: nothing was changed"
        ),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_ends_where_the_next_begins() {
        let midnight = time("2011-08-10").unwrap();
        for same in ["2011-08-10T00:00:00", "2011-08-10 00:00", "2011-08-09 24:00"] {
            assert_eq!(time(same), Ok(midnight), "{same}");
        }
        assert_eq!(time("2011-08-09T23:59:59"), Ok(midnight - 1));
        assert!(time("soon").is_err() && time(" 24:00").is_err());
    }
}
