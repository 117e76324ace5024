//! Which formula a kind of case names, what it reads and what its results are called.

use super::CaseError;
use super::fields::Fields;
use crate::domain::Qty;
use crate::plan::inventory::*;
use serde_json::{Value, json};

/// Results by name.
pub(super) type Output = Vec<(&'static str, Value)>;
type Formula = fn(&Fields) -> Result<Output, CaseError>;

const KINDS: [(&str, Formula); 16] = [
    ("newsvendor_normal", newsvendor_normal),
    ("newsvendor_poisson", newsvendor_poisson),
    ("newsvendor_pmf", newsvendor_pmf),
    ("newsvendor_quantiles", newsvendor_quantiles),
    ("base_stock_service", base_stock_service),
    ("base_stock_negative_binomial", base_stock_negative_binomial),
    ("safety_stock_lt_var", safety_stock_lt_var),
    ("reorder_point_fill_rate", reorder_point_fill_rate),
    ("eoq", eoq),
    ("eoq_moq_pack", eoq_moq_pack),
    ("eoq_all_units_discount", eoq_all_units_discount),
    ("rq_normal", rq_normal),
    ("rq_poisson", rq_poisson),
    ("ss_poisson_exact", ss_poisson_exact),
    ("ss_power_approximation", ss_power_approximation),
    ("order_suggestion", order_suggestion),
];

/// The kinds that there are.
pub(super) fn names() -> Vec<&'static str> {
    KINDS.iter().map(|(name, _)| *name).collect()
}

/// The formula of a kind.
pub(super) fn named(kind: &str) -> Option<Formula> {
    KINDS.iter().find(|(name, _)| *name == kind).map(|(_, formula)| *formula)
}

fn costs(f: &Fields) -> Result<UnitCosts, CaseError> {
    Ok(UnitCosts::new(f.positive("holding_cost")?, f.positive("stockout_cost")?)?)
}

fn normal(f: &Fields, mean: &'static str, sd: &'static str) -> Result<Normal, CaseError> {
    Ok(Normal::new(f.not_negative(mean)?, f.not_negative(sd)?)?)
}

fn lot(f: &Fields, most: Option<Qty>) -> Result<LotRule, CaseError> {
    f.positive("pack")?;
    Ok(LotRule::new(f.qty("moq")?, f.qty("pack")?, most)?)
}

/// Whole where it is whole.
fn units(qty: Qty) -> Value {
    if qty == Qty::units(qty.trunc()) { json!(qty.trunc()) } else { json!(qty.to_f64()) }
}

fn newsvendor_normal(f: &Fields) -> Result<Output, CaseError> {
    let costs = costs(f)?;
    let best = costs.for_normal(normal(f, "demand_mean", "demand_sd")?)?;
    Ok(vec![
        ("critical_ratio", json!(costs.critical_ratio())),
        ("base_stock_level", json!(best.level)),
        ("cost", json!(best.cost)),
    ])
}

fn newsvendor_poisson(f: &Fields) -> Result<Output, CaseError> {
    let demand = Counts::poisson(f.not_negative("demand_mean")?)?;
    let best = costs(f)?.for_counts(&demand)?;
    Ok(vec![("base_stock_level", json!(best.level)), ("cost", json!(best.cost))])
}

fn newsvendor_pmf(f: &Fields) -> Result<Output, CaseError> {
    let best = for_outcomes(costs(f)?, &f.by_units("demand_pmf")?)?;
    Ok(vec![("base_stock_level", json!(best.level)), ("cost", json!(best.cost))])
}

fn newsvendor_quantiles(f: &Fields) -> Result<Output, CaseError> {
    let ratio = costs(f)?.critical_ratio();
    let level = QuantileCurve::new(&f.numbers("levels")?, &f.numbers("values")?)?.at(ratio);
    let whole = LotRule::new(Qty::ZERO, Qty::units(1), None)?;
    Ok(vec![
        ("critical_ratio", json!(ratio)),
        ("order_up_to", json!(level)),
        ("order_up_to_units", units(whole.packs_covering(level))),
    ])
}

fn base_stock_service(f: &Fields) -> Result<Output, CaseError> {
    let lead_time = (f.not_negative("lead_time_days")?, 0.0);
    let stock = safety_stock(
        normal(f, "daily_mean", "daily_sd")?,
        lead_time,
        f.not_negative("review_days")?,
        f.share("cycle_service_level")?,
    )?;
    Ok(vec![
        ("z", json!(stock.z)),
        ("safety_stock", json!(stock.safety_stock)),
        ("base_stock_level", json!(stock.level)),
    ])
}

fn base_stock_negative_binomial(f: &Fields) -> Result<Output, CaseError> {
    let periods = f.not_negative("lead_time_periods")? + f.not_negative("review_periods")?;
    let mean = f.positive("period_mean")? * periods;
    let variance = f.not_negative("period_sd")?.powi(2) * periods;
    let level = negative_binomial_base_stock(mean, variance, f.share("cycle_service_level")?)?;
    Ok(vec![("base_stock_level", json!(level))])
}

fn safety_stock_lt_var(f: &Fields) -> Result<Output, CaseError> {
    let lead_time = (f.not_negative("lead_time_mean")?, f.not_negative("lead_time_sd")?);
    let stock = safety_stock(
        normal(f, "daily_mean", "daily_sd")?,
        lead_time,
        f.not_negative("review_days")?,
        f.share("cycle_service_level")?,
    )?;
    Ok(vec![
        ("sd_over_protection_interval", json!(stock.sd)),
        ("safety_stock", json!(stock.safety_stock)),
        ("reorder_point", json!(stock.level)),
    ])
}

fn reorder_point_fill_rate(f: &Fields) -> Result<Output, CaseError> {
    let days = f.not_negative("lead_time_days")?;
    let daily = normal(f, "daily_mean", "daily_sd")?;
    let demand = Normal::new(daily.mean() * days, daily.sd() * days.sqrt())?;
    let quantity = f.positive("order_quantity")?;
    let point = reorder_point_for_fill(demand, quantity, f.share("target_fill_rate")?)?;
    Ok(vec![
        ("reorder_point", json!(point)),
        ("fill_rate_at_reorder_point", json!(fill_rate(demand, point, quantity)?)),
    ])
}

fn eoq_of(f: &Fields) -> Result<Eoq, CaseError> {
    let (fixed_cost, rate) = (f.not_negative("fixed_cost")?, f.not_negative("demand_rate")?);
    Ok(Eoq::new(fixed_cost, f.positive("holding_cost")?, rate)?)
}

fn eoq(f: &Fields) -> Result<Output, CaseError> {
    let best = eoq_of(f)?.best();
    Ok(vec![("order_quantity", json!(best.quantity)), ("cost_rate", json!(best.cost_rate))])
}

fn eoq_moq_pack(f: &Fields) -> Result<Output, CaseError> {
    let eoq = eoq_of(f)?;
    let best = eoq.best_in(&lot(f, None)?);
    Ok(vec![
        ("unrounded", json!(eoq.best().quantity)),
        ("order_quantity", units(best.quantity)),
        ("cost_rate", json!(best.cost_rate)),
    ])
}

fn eoq_all_units_discount(f: &Fields) -> Result<Output, CaseError> {
    let (from, prices) = (f.numbers("breakpoints")?, f.numbers("unit_costs")?);
    if from.len() != prices.len() {
        return Err(CaseError::Wrong {
            field: "unit_costs",
            must: "one for each breakpoint",
            found: format!("{} for {}", prices.len(), from.len()),
        });
    }
    let breaks: Vec<PriceBreak> = from
        .into_iter()
        .zip(prices)
        .map(|(from, unit_cost)| PriceBreak { from, unit_cost })
        .collect();
    let best = Eoq::with_price_breaks(
        f.not_negative("fixed_cost")?,
        f.positive("holding_cost_rate")?,
        f.not_negative("demand_rate")?,
        &breaks,
    )?;
    Ok(vec![
        ("order_quantity", json!(best.order.quantity)),
        ("region", json!(best.region)),
        ("cost_rate", json!(best.order.cost_rate)),
    ])
}

fn rq_normal(f: &Fields) -> Result<Output, CaseError> {
    let demand = normal(f, "demand_mean_per_year", "demand_sd_per_year")?;
    let years = f.not_negative("lead_time_years")?;
    let policy = normal_rq(costs(f)?, f.not_negative("fixed_cost")?, demand, years)?;
    Ok(vec![
        ("order_quantity", json!(policy.order_quantity)),
        ("reorder_point_eoqss", json!(policy.simple_reorder_point)),
        ("reorder_point_optimal_for_q", json!(policy.reorder_point)),
        ("cost_rate", json!(policy.cost_rate)),
    ])
}

fn rq_poisson(f: &Fields) -> Result<Output, CaseError> {
    let (mean, lead_time) = (f.positive("demand_mean")?, f.not_negative("lead_time")?);
    let policy = poisson_rq(costs(f)?, f.not_negative("fixed_cost")?, mean, lead_time)?;
    Ok(vec![
        ("reorder_point", json!(policy.reorder_point)),
        ("order_quantity", json!(policy.order_quantity)),
        ("cost_rate", json!(policy.cost_rate)),
    ])
}

fn ss_poisson_exact(f: &Fields) -> Result<Output, CaseError> {
    let mean = f.positive("demand_mean")?;
    let policy = poisson_min_max(costs(f)?, f.not_negative("fixed_cost")?, mean)?;
    Ok(vec![
        ("s", json!(policy.reorder_point)),
        ("S", json!(policy.order_up_to)),
        ("cost", json!(policy.cost)),
    ])
}

fn ss_power_approximation(f: &Fields) -> Result<Output, CaseError> {
    let demand = Normal::new(f.positive("demand_mean")?, f.positive("demand_sd")?)?;
    let (s, top) = power_approximation(costs(f)?, f.positive("fixed_cost")?, demand)?;
    Ok(vec![("s", json!(s)), ("S", json!(top))])
}

fn order_suggestion(f: &Fields) -> Result<Output, CaseError> {
    let position = inventory_position(f.qty("on_hand")?, f.qty("on_order")?, f.qty("backorders")?);
    let lot = lot(f, f.optional_qty("max_order")?)?;
    let need = f.number("order_up_to")? - position.to_f64();
    Ok(vec![
        ("inventory_position", units(position)),
        ("order_quantity", units(lot.order_for(need))),
    ])
}
