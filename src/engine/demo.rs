//! The demo store's merchant: how it is set up, and what it did on purpose.

use super::api::Refusal;
use super::house::House;
use crate::domain::{FeedId, OrderNo, Span, Timestamp, Zone};
use crate::feed::FeedState;
use crate::feed::demo::{AskedFile, Buyer, Config, Merchant, Shift};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::path::Path;
use std::sync::Arc;
use tokio::sync::watch;

/// The file in the data folder that says which merchant is simulated.
const FILE: &str = "demo.json";
/// The file in the data folder that is there while somebody has paused the demo.
const PAUSED_FILE: &str = "demo.paused";
/// The file in the data folder in which the simulated suppliers keep what they are asked.
pub const ASKED_FILE: &str = "demo-orders.ndjson";

/// How a demo is asked for on the command line.
#[derive(Clone, Debug, Default)]
pub struct DemoSetup {
    /// Simulated seconds per real second.
    pub speed: Option<f64>,
    /// Seed of a new demo.
    pub seed: Option<u64>,
    /// Where a new demo's history ends.
    pub start: Option<Timestamp>,
    /// A lasting step in what a new demo's customers want.
    pub shift: Option<DemoShift>,
    /// Who orders from a new demo's suppliers once its history is over.
    pub buyer: Option<Buyer>,
}

/// A lasting step in everything that is wanted, for trying how it is noticed.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct DemoShift {
    /// New level against the old.
    pub factor: f64,
    /// Days after the end of the demo's history at which it happens.
    pub after_days: u32,
}

impl DemoShift {
    /// Reads `FACTOR@DAYS`, such as 1.5@20.
    pub fn parse(text: &str) -> Option<Self> {
        let (factor, days) = text.split_once('@')?;
        let (factor, after_days) = (factor.parse::<f64>().ok()?, days.parse().ok()?);
        (0.1..=10.0).contains(&factor).then_some(Self { factor, after_days })
    }
}

impl fmt::Display for DemoShift {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}@{}", self.factor, self.after_days)
    }
}

impl DemoSetup {
    /// Simulated seconds per real second where nobody says: an hour a minute.
    pub const SPEED: f64 = 60.0;

    /// Reads the start as given on the command line.
    pub fn parse_start(text: &str) -> Result<Timestamp, Refusal> {
        Timestamp::parse(text, &Zone::utc()).ok_or_else(|| {
            Refusal::usage(format!("\"{text}\" is no time; write it like 2026-03-02T07:00:00Z"))
        })
    }
}

/// Which merchant a data folder's demo simulates; never changes once written.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
struct Kept {
    seed: u64,
    start_ms: i64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    shift: Option<DemoShift>,
    /// Stores of earlier versions have the merchant's own buyer.
    #[serde(default)]
    buyer: Buyer,
    /// Stores of earlier versions have no incidents.
    #[serde(default)]
    incidents: bool,
}

impl Kept {
    fn config(self) -> Config {
        let start = Timestamp::from_millis(self.start_ms);
        let shift = self.shift.map(|DemoShift { factor, after_days }| Shift {
            at: start + Span::days(i64::from(after_days)),
            factor,
        });
        let (buyer, incidents) = (self.buyer, self.incidents);
        Config { shift, buyer, incidents, ..Config::new(self.seed, start) }
    }
}

/// The merchant of a data folder, decided at its first start.
pub fn config(data_dir: &Path, setup: &DemoSetup) -> Result<Config, Refusal> {
    let kept = match kept(data_dir)? {
        Some(kept) => kept,
        None => {
            let start = setup.start.unwrap_or_else(Timestamp::wall_now);
            // Whole seconds, as the shop's own times are.
            let (seed, start_ms) = (setup.seed.unwrap_or(1), start.as_seconds() * 1_000);
            let buyer = setup.buyer.unwrap_or(Buyer::Console);
            let kept = Kept { seed, start_ms, shift: setup.shift, buyer, incidents: true };
            let text = serde_json::to_string(&kept)
                .map_err(|error| Refusal::failed(format!("cannot write {FILE}: {error}")))?;
            std::fs::write(data_dir.join(FILE), text).map_err(|error| {
                Refusal::failed(format!("cannot write {}: {error}", data_dir.join(FILE).display()))
            })?;
            kept
        }
    };
    Ok(kept.config())
}

fn kept(data_dir: &Path) -> Result<Option<Kept>, Refusal> {
    let file = data_dir.join(FILE);
    match std::fs::read(&file) {
        Ok(bytes) => serde_json::from_slice(&bytes).map(Some).map_err(|error| {
            Refusal::failed(format!(
                "{}: {error}; delete the demo store to start anew",
                file.display()
            ))
        }),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(Refusal::failed(format!("cannot read {}: {error}", file.display()))),
    }
}

/// Whether simulated time stands still: until the demo's feed has caught up for the first time, and
/// after that while somebody pauses it. Otherwise a fast demo's future is over before its history has
/// been read, and nothing could be forecast of it.
pub fn until_read(
    house: Arc<House>,
    feed: FeedId,
    mut pause: watch::Receiver<bool>,
) -> watch::Receiver<bool> {
    let (still, told) = watch::channel(true);
    let mut changes = house.revision.subscribe();
    tokio::spawn(async move {
        while !is_read(&house, &feed) {
            tokio::select! {
                changed = changes.changed() => if changed.is_err() { return },
                () = still.closed() => return,
            }
        }
        drop(house);
        loop {
            still.send_replace(*pause.borrow_and_update());
            tokio::select! {
                changed = pause.changed() => if changed.is_err() { return },
                () = still.closed() => return,
            }
        }
    });
    told
}

fn is_read(house: &House, feed: &FeedId) -> bool {
    let feeds = house.board.snapshot();
    feeds.iter().any(|status| status.id == *feed && status.state == FeedState::Live)
}

/// Whether somebody paused the demo, in this owner or one before.
pub fn is_paused(data_dir: &Path) -> bool {
    data_dir.join(PAUSED_FILE).exists()
}

/// Remembers that somebody paused the demo, or let it go on.
pub fn keep_pause(data_dir: &Path, pause: bool) -> Result<(), Refusal> {
    let file = data_dir.join(PAUSED_FILE);
    let kept = match pause {
        true => std::fs::write(&file, b""),
        false => std::fs::remove_file(&file),
    };
    match kept {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(Refusal::failed(format!("the pause cannot be kept in {}: {error}", file.display())))
        }
        _ => Ok(()),
    }
}

/// Something that the merchant did on purpose.
pub struct Told {
    /// When, or since when.
    pub at: Timestamp,
    /// What kind of thing.
    pub kind: String,
    /// Which order or SKU.
    pub subject: String,
    /// The numbers of its orders.
    pub orders: Vec<OrderNo>,
    /// What happened.
    pub explanation: String,
}

/// What the simulated merchant did on purpose up to a moment, oldest first. The simulation is
/// deterministic, so it is made again rather than asked.
pub fn truth(data_dir: &Path, until: Timestamp) -> Result<Vec<Told>, Refusal> {
    let Some(kept) = kept(data_dir)? else {
        return Err(Refusal::usage("no demo has run here yet; open it with `stockdeck --demo`"));
    };
    let mut merchant = Merchant::new(kept.config());
    let asked = data_dir.join(ASKED_FILE);
    if asked.exists() {
        let (_, known) = AskedFile::open(&asked).map_err(|error| {
            Refusal::failed(format!("cannot read {}: {error}", asked.display()))
        })?;
        merchant.remember(known);
    }
    merchant.advance_to(until);
    let truth = merchant.truth();
    let mut told: Vec<Told> = Vec::new();
    told.extend(truth.odd.iter().map(|odd| Told {
        at: odd.at,
        kind: odd.kind.word().into(),
        subject: format!("order {}", odd.number),
        orders: vec![odd.number.clone()],
        explanation: odd.explanation.to_string(),
    }));
    told.extend(truth.incidents.iter().map(|of| Told {
        at: of.at,
        kind: of.kind.word().into(),
        subject: match (&of.sku, &of.site, of.orders.as_slice()) {
            (Some(sku), Some(site), _) => format!("{sku} at {site}"),
            (Some(sku), None, _) => sku.to_string(),
            (None, _, [only]) => format!("order {only}"),
            (None, _, many) => format!("{} orders", many.len()),
        },
        orders: of.orders.clone(),
        explanation: match of.until {
            Some(until) => format!("{} Until {until}.", of.explanation),
            None => of.explanation.to_string(),
        },
    }));
    told.extend(truth.stock_outs.iter().map(|out| Told {
        at: out.from,
        kind: "stock-out".into(),
        orders: Vec::new(),
        subject: format!("{} at {}", out.sku, out.site),
        explanation: match out.until {
            Some(until) => format!("nothing left until {until}"),
            None => "nothing left, still".into(),
        },
    }));
    told.extend(truth.lost.iter().map(|lost| Told {
        at: lost.at,
        kind: "lost demand".into(),
        orders: Vec::new(),
        subject: format!("{} at {}", lost.sku, lost.site),
        explanation: format!("{} units were wanted and not sold", lost.units),
    }));
    told.extend(truth.promotions.iter().map(|promotion| Told {
        at: promotion.from,
        kind: "promotion".into(),
        orders: Vec::new(),
        subject: format!("{} SKUs", promotion.skus.len()),
        explanation: format!(
            "{} % off until {}, demand {} % higher",
            promotion.percent_off, promotion.until, promotion.uplift_percent
        ),
    }));
    told.extend(truth.shifts.iter().map(|shift| Told {
        at: shift.at,
        kind: "level shift".into(),
        orders: Vec::new(),
        subject: shift.sku.as_ref().map_or("all SKUs".into(), |sku| sku.to_string()),
        explanation: format!("demand times {:.2} from here on", shift.factor),
    }));
    told.sort_by_key(|told| told.at);
    Ok(told)
}
