//! What holds for any numbers.

use super::super::*;
use crate::domain::Qty;
use proptest::prelude::*;

fn lot(moq: i64, pack: i64, most: Option<i64>) -> LotRule {
    LotRule::new(Qty::units(moq), Qty::units(pack), most.map(Qty::units)).unwrap()
}

proptest! {
    #[test]
    fn orders_are_whole_packs_between_minimum_and_most(
        need in -500.0..5_000.0_f64,
        (moq, pack) in (0..900_i64, 1..144_i64),
        most in prop::option::of(0..3_000_i64),
    ) {
        let order = lot(moq, pack, most).order_for(need).trunc();
        prop_assert!(order >= 0);
        prop_assert_eq!(order % pack, 0);
        prop_assert!(order == 0 || order >= moq);
        prop_assert!(most.is_none_or(|most| order <= most));
        if need <= 0.0 {
            prop_assert_eq!(order, 0);
        } else if most.is_none() {
            prop_assert!(order as f64 >= need - 1e-6);
            // A pack less would not do.
            prop_assert!(((order - pack) as f64) < need.max(moq as f64));
        }
    }

    #[test]
    fn more_need_never_orders_less(
        (need, more) in (0.0..2_000.0_f64, 0.0..500.0_f64),
        (moq, pack) in (0..900_i64, 1..144_i64),
        most in prop::option::of(0..3_000_i64),
    ) {
        let lot = lot(moq, pack, most);
        prop_assert!(lot.order_for(need) <= lot.order_for(need + more));
    }

    #[test]
    fn order_quantities_in_packs_are_the_cheapest_around(
        (fixed, holding, rate) in (0.0..300.0_f64, 0.01..5.0_f64, 0.0..9_000.0_f64),
        (moq, pack) in (0..900_i64, 1..144_i64),
    ) {
        let eoq = Eoq::new(fixed, holding, rate).unwrap();
        let lot = lot(moq, pack, None);
        let best = eoq.best_in(&lot);
        let units = best.quantity.trunc();
        prop_assert!(units >= moq && units >= 1);
        prop_assert_eq!(units % pack, 0);
        for other in [units - pack, units + pack] {
            if other >= moq.max(1) {
                prop_assert!(eoq.cost_rate(other as f64) >= best.cost_rate * (1.0 - 1e-9));
            }
        }
    }

    #[test]
    fn more_service_and_longer_lead_times_never_need_less(
        (mean, sd) in (0.0..80.0_f64, 0.0..120.0_f64),
        (lead, lead_sd, review) in (0.0..60.0_f64, 0.0..20.0_f64, 0.0..14.0_f64),
        (level, more) in (0.5..0.99_f64, 0.0..0.00999_f64),
        longer in 0.0..30.0_f64,
    ) {
        let demand = Normal::new(mean, sd).unwrap();
        let at = |lead, level| safety_stock(demand, (lead, lead_sd), review, level).unwrap().level;
        let base = at(lead, level);
        prop_assert!(base >= 0.0);
        prop_assert!(at(lead, level + more) >= base - 1e-9);
        prop_assert!(at(lead + longer, level) >= base - 1e-9);
    }

    #[test]
    fn counted_stock_rises_with_service_and_mean(
        mean in 0.001..300.0_f64,
        overdispersion in 0.0..60.0_f64,
        (level, more) in (0.01..0.99_f64, 0.0..0.00999_f64),
        longer in 1.0..4.0_f64,
    ) {
        let at = |times: f64, level| {
            let variance = mean * (1.0 + overdispersion);
            negative_binomial_base_stock(mean * times, variance * times, level).unwrap()
        };
        let base = at(1.0, level);
        prop_assert!(base >= 0);
        prop_assert!(at(1.0, level + more) >= base);
        prop_assert!(at(longer, level) >= base);
        let table = Counts::negative_binomial(mean, mean * (1.0 + overdispersion)).unwrap();
        prop_assert!(table.above(base) <= 1.0 - level + 1e-12);
        prop_assert!(table.above(base - 1) > 1.0 - level - 1e-12);
    }

    #[test]
    fn a_reorder_point_reaches_its_fill_rate_and_none_below_does(
        (mean, sd) in (0.0..500.0_f64, 0.0..200.0_f64),
        quantity in 0.5..2_000.0_f64,
        (target, more) in (0.05..0.99_f64, 0.0..0.00999_f64),
    ) {
        let demand = Normal::new(mean, sd).unwrap();
        let point = reorder_point_for_fill(demand, quantity, target).unwrap();
        let fill = |r| fill_rate(demand, r, quantity).unwrap();
        prop_assert!(fill(point) >= target - 1e-12);
        prop_assert!(fill(point - 1e-3 * quantity) < target);
        prop_assert!(reorder_point_for_fill(demand, quantity, target + more).unwrap() >= point);
    }

    #[test]
    fn poisson_policies_rise_with_what_being_short_costs(
        (holding, stockout, dearer) in (0.1..3.0_f64, 0.5..20.0_f64, 1.0..4.0_f64),
        (fixed, mean) in (0.0..60.0_f64, 0.05..40.0_f64),
    ) {
        let less = UnitCosts::new(holding, stockout).unwrap();
        let more = UnitCosts::new(holding, stockout * dearer).unwrap();
        let (one, other) =
            (poisson_rq(less, fixed, mean, 1.0).unwrap(), poisson_rq(more, fixed, mean, 1.0).unwrap());
        prop_assert!(one.order_quantity >= 1);
        prop_assert!(other.reorder_point >= one.reorder_point);
        prop_assert!(other.cost_rate >= one.cost_rate * (1.0 - 1e-12));
        let (one, other) =
            (poisson_min_max(less, fixed, mean).unwrap(), poisson_min_max(more, fixed, mean).unwrap());
        prop_assert!(one.reorder_point < one.order_up_to);
        prop_assert!(other.cost >= one.cost * (1.0 - 1e-12));
    }
}
