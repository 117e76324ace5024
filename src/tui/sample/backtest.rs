//! Half a year replayed.

use super::{ago, now};
use crate::domain::{Currency, Span, Zone};
use crate::engine::api::{Backtest, BacktestCosts, Backtests, PolicyFigures};

/// What came of it.
pub fn backtests() -> Backtests {
    let last = now().day(&Zone::utc()).plus(-3);
    let policy = |policy: &str, fill: f64, figures: [f64; 4], counts: [u64; 3]| {
        let [stock_value, holding, lost, units_lost] = figures;
        let [stockout_days, orders, lines] = counts;
        PolicyFigures {
            policy: policy.into(),
            fill,
            units_lost,
            stockout_days,
            stock_value,
            holding,
            lost,
            line: lines as f64,
            orders,
            lines,
        }
    };
    Backtests {
        run: None,
        last: Some(Backtest {
            at: ago(Span::days(2)),
            window: (last.plus(-181), last),
            history: 540,
            items: 812,
            suppliers: 14,
            left_out: vec![
                ("no supplier is known".into(), 31),
                ("the pack or minimum cannot be meant".into(), 2),
            ],
            estimated: 1_204,
            unpriced: 17,
            lead: (11.4, 212),
            reading: false,
            model: "v0003".into(),
            currency: Currency::GBP,
            costs: BacktestCosts { holding_a_year: 0.25, lost_share: 1.0, line: 1.0 },
            policies: vec![
                policy(
                    "console",
                    0.968,
                    [41_210.0, 5_151.0, 7_904.0, 3_411.0],
                    [1_022, 322, 6_120],
                ),
                policy(
                    "velocity28_cover14",
                    0.951,
                    [58_330.0, 7_291.0, 12_018.0, 5_202.0],
                    [1_630, 331, 9_014],
                ),
                policy(
                    "normal56_cr",
                    0.962,
                    [55_102.0, 6_887.0, 9_420.0, 4_077.0],
                    [1_288, 334, 8_871],
                ),
                policy(
                    "tsb_cr",
                    0.957,
                    [49_871.0, 6_234.0, 10_650.0, 4_610.0],
                    [1_455, 333, 8_640],
                ),
                policy(
                    "gamma_week_cr",
                    0.964,
                    [47_340.0, 5_917.0, 8_893.0, 3_849.0],
                    [1_190, 333, 8_702],
                ),
            ],
        }),
        why_not: None,
    }
}
