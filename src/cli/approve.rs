//! `stockdeck approve`: a line to be ordered, decided on as it is proposed when the command looks.

use super::args::{Format, FormatArgs};
use super::ask::odd_answer;
use super::decide;
use super::ready;
use super::waiting::WaitArgs;
use crate::domain::*;
use crate::engine::api::*;
use crate::owner::client::Client;
use crate::plan::replenish::Proposal;
use crate::tui::target::Target;
use crate::tui::update::is_much;
use clap::Args;
use std::time::Duration;

/// Rows that are looked through for a SKU that a filter cannot name.
const ALL: usize = 1_000_000;

/// A line to be ordered.
#[derive(Args, Debug)]
pub struct ApproveArgs {
    /// The SKU, or SKU@SITE
    sku: String,
    /// How many [default: as proposed]
    #[arg(long, allow_negative_numbers = true)]
    qty: Option<String>,
    /// Only if so many are proposed now; 0: if nothing is
    #[arg(long, value_name = "QTY")]
    expect: Option<String>,
    /// For where; may be left out where there is one site
    #[arg(long, default_value = "", hide_default_value = true)]
    site: String,
    /// From whom [default: as proposed, else who supplies it]
    #[arg(long)]
    supplier: Option<String>,
    /// When the goods are to be there [default: as proposed]
    #[arg(long, value_name = "DATE")]
    due: Option<String>,
    /// How long to wait for the proposal.
    #[command(flatten)]
    wait: WaitArgs,
    /// How what was decided is printed.
    #[command(flatten)]
    format: FormatArgs,
}

/// A line that somebody wants approved.
pub struct Wanted {
    /// The line; a quantity of nothing: as proposed.
    line: Approval,
    /// How many have to be proposed.
    expect: Option<Qty>,
    patience: Duration,
    format: Format,
    /// Whether it is known what is proposed.
    planned: bool,
}

impl Wanted {
    /// How long to wait until it is known what is proposed.
    pub const fn patience(&self) -> Duration {
        self.patience
    }

    /// The same where that is not known and nobody waits any longer; `None`: it cannot be decided on without, as
    /// a quantity of one's own can.
    pub fn unplanned(self) -> Option<Self> {
        let by_hand = !self.line.qty.is_zero() && self.expect.is_none_or(Qty::is_zero);
        by_hand.then_some(Wanted { planned: false, ..self })
    }
}

impl ApproveArgs {
    /// Understands them; what is left out is for the desk to fill in.
    pub fn wanted(self) -> Result<Wanted, Refusal> {
        let (sku, site) = ready::position(&self.sku, &self.site);
        let qty = match &self.qty {
            // Nothing cannot be ordered; left out it means what is proposed.
            Some(text) => decide::qty(text).and_then(|qty| match qty.is_zero() {
                true => Err(Refusal::usage("--qty 0: give a quantity above zero")),
                false => Ok(qty),
            })?,
            None => Qty::ZERO,
        };
        let expect = self.expect.as_deref().map(decide::qty).transpose()?;
        let due = self.due.map(|text| ready::one_day("--due", &text)).transpose()?;
        let supplier = self.supplier.as_deref().map(SupplierId::from);
        let line = Approval { sku, site, supplier, qty, cost: None, due, suggested: None };
        let (patience, format) = (self.wait.patience(), self.format.format);
        Ok(Wanted { line, expect, patience, format, planned: true })
    }
}

/// Approves it through the owner, who refuses it should the proposal have changed since it was looked
/// at here.
pub async fn run(
    client: &mut Client,
    Wanted { mut line, expect, format, planned, .. }: Wanted,
) -> Result<(), Refusal> {
    let row = proposed(client, &line.sku, &line.site).await?;
    let proposal = row.as_ref().and_then(|row| row.plan.proposal());
    let proposal = proposal.filter(|proposal| proposal.qty.is_positive());
    match (expect, proposal) {
        (Some(expect), _) if proposal.map_or(Qty::ZERO, |now| now.qty) != expect => {
            let now = proposal.map_or("nothing is".into(), |now| format!("{} are", now.qty));
            let (sku, site) = (&line.sku, row.as_ref().map_or(&line.site, |row| &row.stock.site));
            return Err(Refusal::usage(format!(
                "{now} proposed of {sku}{}, not {expect}; look at it again: `stockdeck reorders`",
                if site.as_str().is_empty() { String::new() } else { format!(" for {site}") }
            )));
        }
        (Some(_), _) => {}
        (None, Some(proposal)) => {
            check_meant(proposal, line.qty)?;
            check_minimum(proposal, &line, row.as_ref().and_then(|row| row.order.as_ref()))?;
        }
        (None, None) if line.qty.is_positive() => {
            check_alone(client, &line, row.as_ref(), planned).await?;
        }
        (None, None) => {}
    }
    if let Some(proposal) = proposal {
        line.suggested = Some(proposal.suggestion());
        if line.qty.is_zero() {
            line.qty = proposal.qty;
        }
    }
    let usual =
        proposal.filter(|usual| line.supplier.as_ref().is_none_or(|id| *id == usual.supplier));
    if let Some(usual) = usual.filter(|usual| line.due.is_some_and(|due| due < usual.due)) {
        eprintln!(
            "stockdeck: {} usually delivers by {}: whether it can be sooner is for the supplier to say",
            usual.supplier, usual.due
        );
    }
    let saw = row.as_ref().map(|row| Target::from(row).saw);
    let so_far = row.and_then(|row| row.order);
    let (entry, told) = decide::record_as(client, Decision::Approve(line), saw, format).await?;
    match told {
        Decision::Approve(line) => say_what_is_missing(client, &line, entry, so_far).await,
        _ => Err(odd_answer()),
    }
}

/// A quantity of one's own that is so many times the proposed one may be a slip.
const SLIP: i64 = 5;

/// What costs much, or is far more than is needed, is not approved without saying what is proposed, as on the
/// screen; `own`: a quantity of one's own, nothing for the proposed one.
fn check_meant(proposal: &Proposal, own: Qty) -> Result<(), Refusal> {
    let proposed = proposal.qty;
    let qty = if own.is_zero() { proposed } else { own };
    let worth = proposal.cost.map(|cost| cost.times(qty));
    let costs: Vec<Money> = worth.into_iter().collect();
    let is_slip = own.as_milli() >= proposed.as_milli().saturating_mul(SLIP);
    let is_more = if own.is_zero() { proposal.is_far_more() } else { is_slip };
    if !is_more && !is_much(1, (&costs, 0)) {
        return Ok(());
    }
    let (sku, site) = (&proposal.sku, &proposal.site);
    let worth = worth.map_or_else(String::new, |cost| format!(", {cost} {}", cost.currency));
    let beside =
        if own.is_zero() { String::new() } else { format!(", where {proposed} are proposed") };
    let notes = proposal.notes.iter().map(|note| format!(" {note}")).collect::<String>();
    Err(Refusal::usage(format!(
        "that is {qty} of {sku} for {site}{worth}{beside}; say that it is meant: `--expect \
         {proposed}`.{notes}",
    )))
}

/// An order that would be below its supplier's minimum is not begun or added to without saying so, as the screen
/// does before it is approved.
fn check_minimum(
    proposal: &Proposal,
    line: &Approval,
    order: Option<&OrderSoFar>,
) -> Result<(), Refusal> {
    let is_usual = line.supplier.as_ref().is_none_or(|id| *id == proposal.supplier);
    let Some(order) = order.filter(|_| is_usual) else { return Ok(()) };
    let proposed = proposal.qty;
    let qty = if line.qty.is_zero() { proposed } else { line.qty };
    let missing = order.missing([proposal.cost.map(|cost| cost.times(qty))]);
    let Some((missing, least)) = missing.zip(order.least).filter(|(lacks, _)| lacks.minor > 0)
    else {
        return Ok(());
    };
    let (Proposal { supplier, site, .. }, currency) = (proposal, least.currency);
    Err(Refusal::usage(format!(
        "with it, the order to {supplier} for {site} would be {missing} {currency} below the supplier's minimum \
         of {least} {currency}; begin with what reaches it, or say that more of it follows or that it is meant: \
         `--expect {proposed}`"
    )))
}

/// A quantity of one's own where nothing is proposed that it could be held against is asked about where it
/// costs much, and wherever nobody knows what it costs or what is needed; what cannot be approved at all is for
/// the desk to refuse.
async fn check_alone(
    client: &mut Client,
    line: &Approval,
    row: Option<&ReorderRow>,
    planned: bool,
) -> Result<(), Refusal> {
    let blocked = row.and_then(|row| match &row.plan {
        Plan::Blocked(blocked) => Some(blocked),
        Plan::Proposed(_) => None,
    });
    if planned && blocked.is_some_and(|blocked| !blocked.is_unforecast()) {
        return Ok(());
    }
    let Answer::Sku(detail) = client.ask(Query::Sku(line.sku.clone(), 1)).await? else {
        return Err(odd_answer());
    };
    let any = line.site.as_str().is_empty();
    let Some(detail) = detail.filter(|detail| !any || detail.sites.len() <= 1) else {
        return Ok(());
    };
    let at = detail.sites.iter().position(|row| any || row.site == line.site);
    let is_forecast = at.and_then(|at| detail.forecasts.get(at)).is_some_and(Option::is_some);
    let usual = detail.product.supplier.as_ref();
    let is_usual = line.supplier.as_ref().is_none_or(|id| usual.is_none_or(|usual| usual == id));
    let cost = detail.product.cost.filter(|_| is_usual);
    check_unproposed(line, cost.map(|cost| cost.times(line.qty)), planned.then_some(is_forecast))
}

/// `needed`: whether it is known what is needed, and so that nothing is; `None`: not yet.
fn check_unproposed(
    line: &Approval,
    worth: Option<Money>,
    needed: Option<bool>,
) -> Result<(), Refusal> {
    let costs: Vec<Money> = worth.into_iter().collect();
    if needed == Some(true) && !is_much(1, (&costs, 1 - costs.len())) {
        return Ok(());
    }
    let why = match needed {
        Some(true) => "nothing is proposed of it now",
        Some(false) => "nobody forecasts it, so that nothing is proposed",
        None => "what is proposed is not known yet",
    };
    let worth =
        worth.map_or(", at an unknown cost".into(), |cost| format!(", {cost} {}", cost.currency));
    Err(Refusal::usage(format!(
        "that is {} of {}{worth}, where {why}; say that it is meant: `--expect 0`",
        line.qty, line.sku
    )))
}

/// Says what the order that a line has become part of lacks to its supplier's minimum; `so_far`: how it stood
/// before, for the case that it is placed already.
async fn say_what_is_missing(
    client: &mut Client,
    line: &Approval,
    entry: u64,
    so_far: Option<OrderSoFar>,
) -> Result<(), Refusal> {
    let Some(supplier) = &line.supplier else { return Ok(()) };
    let question = Query::Draft(supplier.clone(), line.site.clone());
    let Answer::Purchase(draft) = client.ask(question).await? else { return Err(odd_answer()) };
    let (order, more) = match draft {
        Some(draft) => {
            let (approved, least) = (draft.row.total, draft.least);
            (Some(OrderSoFar { approved, least, ..OrderSoFar::default() }), None)
        }
        None => (so_far, Some(line.value())),
    };
    let missing = order.as_ref().and_then(|order| order.missing(more));
    let least = order.and_then(|order| order.least);
    if let Some((missing, least)) = missing.zip(least).filter(|(missing, _)| missing.minor > 0) {
        let (site, currency) = (&line.site, least.currency);
        eprintln!(
            "With it, the order to {supplier} for {site} is {missing} {currency} below the supplier's minimum \
             of {least} {currency}; approve more of it, or take it back: `stockdeck undo {entry}`"
        );
    }
    Ok(())
}

/// What is proposed of a SKU; without a site, where there is one.
pub async fn proposed(
    client: &mut Client,
    sku: &Sku,
    site: &SiteId,
) -> Result<Option<ReorderRow>, Refusal> {
    let filter = match sku.as_str().contains('"') {
        true => String::new(),
        false => format!("sku:\"{sku}\""),
    };
    let page = PageOf { filter, limit: ALL, ..PageOf::default() };
    let Answer::Reorders(rows) = client.ask(Query::Reorders(page)).await? else {
        return Err(odd_answer());
    };
    let is_meant = |row: &ReorderRow| {
        row.stock.sku == *sku && (site.as_str().is_empty() || row.stock.site == *site)
    };
    let mut meant = rows.rows.into_iter().filter(is_meant);
    // Of several sites the desk asks which one is meant.
    let first = meant.next();
    Ok(first.filter(|_| meant.next().is_none()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quantity_that_nothing_can_be_held_against_is_asked_about() {
        let line = Approval {
            sku: "MUG".into(),
            site: SiteId::main(),
            supplier: None,
            qty: Qty::units(35_520),
            cost: None,
            due: None,
            suggested: None,
        };
        let pounds = |minor| Some(Money { minor, currency: Currency::GBP });
        let said = |worth, needed| check_unproposed(&line, worth, needed).map_err(|no| no.message);
        assert_eq!(said(pounds(700_000), Some(true)), Ok(()), "little, and known not to be due");
        let asked = [
            (
                pounds(700_000),
                None,
                "35520 of MUG, 7000.00 GBP, where what is proposed is not known yet",
            ),
            (pounds(700_000), Some(false), "where nobody forecasts it"),
            (pounds(1_000_001), Some(true), "where nothing is proposed of it now"),
            (None, Some(true), "at an unknown cost"),
        ];
        for (worth, needed, words) in asked {
            let said = said(worth, needed).unwrap_err();
            assert!(said.contains(words) && said.ends_with("`--expect 0`"), "{said}");
        }
    }

    #[test]
    fn a_quantity_of_ones_own_alone_is_decided_on_before_it_is_known_what_is_proposed() {
        let wanted = |qty, expect: Option<i64>| Wanted {
            line: Approval {
                sku: "MUG".into(),
                site: SiteId::main(),
                supplier: None,
                qty: Qty::units(qty),
                cost: None,
                due: None,
                suggested: None,
            },
            expect: expect.map(Qty::units),
            patience: Duration::from_secs(60),
            format: Format::Table,
            planned: true,
        };
        assert_eq!(wanted(12, None).patience(), Duration::from_secs(60), "it waits all the same");
        let stands = |qty, expect| wanted(qty, expect).unplanned().map(|wanted| wanted.planned);
        assert_eq!((stands(12, None), stands(12, Some(0))), (Some(false), Some(false)));
        assert_eq!((stands(0, None), stands(0, Some(0)), stands(12, Some(5))), (None, None, None));
    }
}
