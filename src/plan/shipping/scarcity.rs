//! What a unit is worth where it lies: the shadow price of taking it for an order of today.
//!
//! A unit taken makes one unit more run short at its site before the next delivery there, with the chance
//! that demand until then reaches what is left. Such a unit is not lost: another site ships it, dearer. It
//! is lost where all sites together run short before the first of their deliveries, and then it is lost
//! wherever the unit was taken. So the price is
//!
//! `P(network short) · margin + (1 − P(network short)) · P(site short) · min(margin, dearer)`
//!
//! after Acimovic and Graves (2015), who price stock by what it saves the orders to come. The chances
//! come from the demand quantiles of the forecast. All SKUs and sites are computed as one batch of tensor
//! operations.

use crate::model::{LEVEL_COUNT, LEVELS};
use candle_core::{DType, Device, Result, Tensor};

/// SKUs by sites, all of the same shape: `skus * sites` values, SKU after SKU.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Grid {
    /// How many sites there are.
    pub sites: usize,
    /// Quantiles at [`LEVELS`] of demand until the next delivery to a site, in units. All 0 where
    /// nothing is forecast.
    pub demand: Vec<[f32; LEVEL_COUNT]>,
    /// The same until the first delivery of the SKU to any site.
    pub soonest: Vec<[f32; LEVEL_COUNT]>,
    /// Units that are left for orders to come; below 0 where more is promised than is there.
    pub free: Vec<f32>,
    /// What is lost with a unit of a SKU that nobody gets, in minor units; a value a SKU.
    pub margin: Vec<f32>,
    /// What shipping a unit from another site costs more, in minor units; a value a SKU and site.
    pub dearer: Vec<f32>,
}

/// The price of a unit of each SKU at each site, in minor units, in the grid's order.
///
/// # Errors
/// Those of candle, as where the grid's lists do not have one shape.
pub fn scarcity(grid: &Grid) -> Result<Vec<i64>> {
    let cells = grid.demand.len();
    if cells == 0 || grid.sites == 0 {
        return Ok(Vec::new());
    }
    let (sites, skus, device) = (grid.sites, cells / grid.sites, &Device::Cpu);
    let table = |values: &[f32]| Tensor::from_slice(values, (skus, sites), device);
    let quantiles = |totals: &[[f32; LEVEL_COUNT]]| {
        let all: Vec<f32> = totals.iter().flatten().copied().collect();
        Tensor::from_vec(all, (skus, sites, LEVEL_COUNT), device)
    };
    let free = table(&grid.free)?;
    let short = chance_of_reaching(&quantiles(&grid.demand)?, &free)?;
    let network = network_short(&quantiles(&grid.soonest)?, &free)?;
    let network = network.broadcast_as((skus, sites))?;
    let margin =
        Tensor::from_slice(&grid.margin, (skus, 1), device)?.broadcast_as((skus, sites))?;
    let elsewhere = table(&grid.dearer)?.minimum(&margin)?;
    let lost = network.mul(&margin)?;
    let moved = network.affine(-1.0, 1.0)?.mul(&short)?.mul(&elsewhere)?;
    let price = (lost + moved)?.round()?;
    Ok(price.flatten_all()?.to_vec1::<f32>()?.into_iter().map(|cents| cents as i64).collect())
}

/// The chance that a total of whole units with these quantiles reaches each level of stock, linear
/// between the levels: quantiles of shape `[.., levels]`, units of shape `[..]`.
fn chance_of_reaching(quantiles: &Tensor, units: &Tensor) -> Result<Tensor> {
    let (skus, sites, _) = quantiles.dims3()?;
    // A unit is wanted as soon as more than half of it is.
    let at = (units - 0.5)?.unsqueeze(2)?;
    let device = units.device();
    // Each piece between two quantiles, from nothing up, adds the share of it that lies below.
    let zero = Tensor::zeros((skus, sites, 1), DType::F32, device)?;
    let lower = Tensor::cat(&[&zero, &quantiles.narrow(2, 0, LEVEL_COUNT - 1)?], 2)?;
    let width = (quantiles - &lower)?.maximum(1e-3_f32)?;
    let share = at.broadcast_sub(&lower)?.div(&width)?.clamp(0_f32, 1_f32)?;
    let mut mass: Vec<f32> = LEVELS.windows(2).map(|pair| pair[1] - pair[0]).collect();
    mass.insert(0, LEVELS[0]);
    let mass = Tensor::from_vec(mass, (1, 1, LEVEL_COUNT), device)?;
    let below = share.broadcast_mul(&mass)?.sum(2)?;
    let chance = below.affine(-1.0, 1.0)?.clamp(0_f32, 1_f32)?;
    // Beyond the last quantile nothing is known to be wanted; with nothing left the next unit is.
    let beyond = at.squeeze(2)?.ge(&quantiles.narrow(2, LEVEL_COUNT - 1, 1)?.squeeze(2)?)?;
    let some = quantiles.narrow(2, LEVEL_COUNT - 1, 1)?.squeeze(2)?.gt(0_f32)?;
    let none_left = units.lt(0.5_f32)?;
    let zero = chance.zeros_like()?;
    let chance = none_left.where_cond(&chance.ones_like()?, &chance)?;
    let chance = beyond.where_cond(&zero, &chance)?;
    some.where_cond(&chance, &zero)
}

/// The chance that all sites together run short of a SKU, shape `[skus, 1]`: their totals add up as
/// independent ones, whose spread is told by their quantiles.
fn network_short(quantiles: &Tensor, free: &Tensor) -> Result<Tensor> {
    // Three-point rule of Pearson and Tukey (1965): mean and spread from 0.05, 0.5 and 0.95.
    let level = |wanted: f32| {
        let place = LEVELS.iter().position(|known| *known == wanted).unwrap_or(LEVEL_COUNT / 2);
        quantiles.narrow(2, place, 1)?.squeeze(2)
    };
    let (low, middle, high) = (level(0.05)?, level(0.5)?, level(0.95)?);
    let mean =
        ((middle.affine(0.63, 0.0)? + low.affine(0.185, 0.0)?)? + high.affine(0.185, 0.0)?)?;
    let spread = (&high - low)?.affine(1.0 / 3.25, 0.0)?;
    let total = mean.sum_keepdim(1)?;
    let variance = spread.sqr()?.sum_keepdim(1)?;
    let left = free.maximum(0_f32)?.sum_keepdim(1)?;
    let z = ((left - 0.5)? - total)?.div(&variance.sqrt()?.maximum(0.25_f32)?)?;
    // 1 − Φ(z); what nobody wants is short nowhere.
    let chance = z.affine(std::f64::consts::FRAC_1_SQRT_2, 0.0)?.erf()?.affine(-0.5, 0.5)?;
    let wanted = high.sum_keepdim(1)?.gt(0_f32)?;
    wanted.where_cond(&chance, &chance.zeros_like()?)
}
