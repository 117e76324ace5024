//! `stockdeck override`: what a person expects in place of the forecast.

use super::args::PageArgs;
use super::ask::PageWish;
use super::decide::Wish;
use super::format::{Cell, Grid};
use super::ready::{self, Ready};
use crate::domain::{Decision, Expectation, SiteId, Sku};
use crate::engine::api::{OverrideRow, Refusal};
use clap::Subcommand;

/// `override …`
#[derive(Subcommand, Debug)]
pub enum OverrideCommand {
    /// Expect more, less or so many units of a SKU for a period, with a reason
    ///
    /// The model's own forecast stays beside it. The override ends by itself after its last day, and then
    /// tells whether it came nearer to what was sold than the model.
    Set {
        /// The SKU, or SKU@SITE
        sku: String,
        /// Percent on the model's forecast, such as +30%, or units of the whole period, such as 120
        #[arg(allow_hyphen_values = true)]
        expected: String,
        /// The first day
        #[arg(long, value_name = "DATE")]
        from: String,
        /// The last day
        #[arg(long, value_name = "DATE")]
        to: String,
        /// Where; all sites at which it is forecast where left out
        #[arg(long, default_value = "", hide_default_value = true)]
        site: String,
        /// Why
        #[arg(long)]
        reason: String,
    },
    /// List overrides, and what those that are over were worth
    List {
        /// Which rows, and how they are printed.
        #[command(flatten)]
        page: PageArgs,
    },
    /// End an override before its last day: from today on the model's forecast counts
    End {
        /// The journal entry that set it
        entry: u64,
    },
}

impl OverrideCommand {
    /// Understands the command.
    pub fn ready(self) -> Result<Ready, Refusal> {
        Ok(match self {
            Self::Set { sku, expected, from, to, site, reason } => {
                let (sku, site) = ready::position(&sku, &site);
                let expects = Expectation::parse(&expected).ok_or_else(|| {
                    Refusal::usage(format!(
                        "\"{expected}\" is neither percent nor units; write +30% or 120"
                    ))
                })?;
                let (from, to) = (ready::one_day("--from", &from)?, ready::one_day("--to", &to)?);
                let site = Some(site).filter(|site| !site.as_str().is_empty());
                let model = Vec::new();
                let decision = Decision::Override { sku, site, from, to, expects, reason, model };
                Ready::Decide(Wish::of(decision))
            }
            Self::List { page } => Ready::Overrides(PageWish::of(page, &crate::engine::OVERRIDES)?),
            Self::End { entry } => {
                // The desk fills in the rest.
                let sku = Sku::new("");
                let end = Decision::EndOverride { over: entry, sku, from: None, before: None };
                Ready::Decide(Wish::of(end))
            }
        })
    }
}

/// Overrides, a row each. What they were worth is in units over the days on which they counted.
pub fn grid(rows: &[OverrideRow]) -> Grid {
    let mut grid = Grid::new(&[
        "entry",
        "state",
        "sku",
        "site",
        "from",
        "to",
        "counts_until",
        "expected",
        "model_units",
        "person_units",
        "sold",
        "model_error",
        "person_error",
        "value_added",
        "days_without_stock",
        "who",
        "at",
        "reason",
    ]);
    let units = |units: f32| Cell::number(format!("{units:.1}"));
    for row in rows {
        let value = row.value.as_ref();
        // Over the days that count, which may be fewer than those of the period.
        let (model, person) =
            value.map_or((row.model, row.person), |value| (value.model, value.person));
        grid.push(vec![
            Cell::number(row.entry),
            Cell::text(row.stage.word()),
            Cell::text(&row.sku),
            Cell::text(row.site.as_ref().map_or("all", SiteId::as_str)),
            Cell::text(row.from),
            Cell::text(row.to),
            // Taken back before it began, it counts on no day.
            if row.last < row.from { Cell::text("never") } else { Cell::text(row.last) },
            Cell::text(row.expects),
            units(model),
            units(person),
            Cell::or_unknown(value, |value| units(value.sold)),
            Cell::or_unknown(value, |value| units((value.model - value.sold).abs())),
            Cell::or_unknown(value, |value| units((value.person - value.sold).abs())),
            Cell::or_unknown(value, |value| units(value.units())),
            Cell::or_unknown(value, |value| Cell::number(value.missing)),
            Cell::text(&row.who),
            Cell::text(row.at),
            Cell::text(&row.reason),
        ]);
    }
    grid
}
