//! What a unit is worth where it lies.

use super::super::{Grid, ShippingTerms, scarcity};
use crate::model::{LEVEL_COUNT, LEVELS};

/// Quantiles of a total between nothing and so many units, evenly.
fn evenly(most: f32) -> [f32; LEVEL_COUNT] {
    LEVELS.map(|level| level * most)
}

/// One SKU at two sites, of which a lost unit costs £ 10 and one from elsewhere £ 4 more.
fn two(demand: [f32; 2], free: [f32; 2]) -> Vec<i64> {
    let grid = Grid {
        sites: 2,
        demand: demand.map(evenly).to_vec(),
        soonest: demand.map(evenly).to_vec(),
        free: free.to_vec(),
        margin: vec![1_000.0],
        dearer: vec![400.0; 2],
    };
    scarcity(&grid).unwrap()
}

#[test]
fn a_unit_is_dearer_the_nearer_the_next_stock_out() {
    let prices: Vec<i64> = (0..12).map(|free| two([10.0, 10.0], [free as f32, 200.0])[0]).collect();
    assert!(prices.is_sorted_by(|a, b| a >= b), "{prices:?}");
    assert_eq!(prices[0], 400, "it is out: the next one comes from the other site");
    assert!((150..250).contains(&prices[5]), "half of the time it runs out: {prices:?}");
    assert_eq!(prices[11], 0, "more than will sell");
}

#[test]
fn plenty_is_worth_nothing_and_so_is_what_nobody_wants() {
    assert_eq!(two([10.0, 10.0], [500.0, 500.0]), [0, 0]);
    assert_eq!(two([0.0, 0.0], [1.0, 0.0]), [0, 0], "nothing is forecast");
    assert_eq!(scarcity(&Grid::default()).unwrap(), Vec::<i64>::new());
}

#[test]
fn where_all_sites_run_short_a_unit_is_worth_its_margin() {
    let (alone, shared) = (two([10.0, 10.0], [0.0, 0.0]), two([10.0, 10.0], [0.0, 200.0]));
    assert!(alone[0] > 950, "{alone:?}");
    assert_eq!(shared[0], 400, "{shared:?}");
}

#[test]
fn each_sku_and_site_of_a_batch_is_priced_as_it_would_be_alone() {
    let cells = [([12.0, 7.0], [3.0, 9.0]), ([5.0, 40.0], [4.0, 11.0]), ([9.0, 9.0], [2.0, 2.0])];
    let grid = Grid {
        sites: 2,
        demand: cells.iter().flat_map(|(demand, _)| demand.map(evenly)).collect(),
        soonest: cells.iter().flat_map(|(demand, _)| demand.map(evenly)).collect(),
        free: cells.iter().flat_map(|(_, free)| *free).collect(),
        margin: vec![1_000.0; 3],
        dearer: vec![400.0; 6],
    };
    let alone: Vec<i64> = cells.iter().flat_map(|(demand, free)| two(*demand, *free)).collect();
    assert_eq!(scarcity(&grid).unwrap(), alone);
    let skewed = Grid { free: vec![1.0; 5], ..grid };
    assert!(scarcity(&skewed).is_err(), "a list too short is no price");
}

#[test]
fn what_runs_short_costs_what_the_nearest_other_site_costs_more() {
    let terms = ShippingTerms::demo();
    let dearer = |site: &str| terms.dearer(&site.into(), 250);
    // 30 more from York, now and then a second package of 320 with its penalty of 150, and the weight.
    assert_eq!(dearer("LEEDS"), (7 * 30 + 320 + 150) / 16 + 2);
    assert!(dearer("BRISTOL") > dearer("LEEDS"), "both others are far from Bristol");
    let mut alone = terms.clone();
    alone.sites.retain(|id, _| id.as_str() == "YORK");
    assert!(alone.dearer(&"YORK".into(), 250) > 1_000_000, "there is no other site: it is lost");
}
