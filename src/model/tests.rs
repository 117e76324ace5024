//! What holds for the shipped network, whatever its weights.

use super::layers::Dropout;
use super::*;
use crate::demand::Panel;
use std::sync::OnceLock;

fn forecaster() -> &'static Forecaster {
    static SHIPPED: OnceLock<Forecaster> = OnceLock::new();
    SHIPPED.get_or_init(|| Forecaster::new(shipped().unwrap().network().unwrap()))
}

fn one(window: &Window) -> Quantiles {
    forecaster().forecast(std::slice::from_ref(window)).unwrap().remove(0)
}

/// Two years of a made-up item: a weekly pattern, a gap, a giant.
fn history(steps: usize) -> Vec<f32> {
    (0..steps)
        .map(|step| match step {
            _ if step % 7 == 6 => 0.0,
            _ if step % 97 == 3 => 60.0,
            _ => ((step * 7919) % 5) as f32,
        })
        .collect()
}

fn close(one: &Quantiles, other: &Quantiles, tolerance: f32) -> bool {
    let cells = |answer: &Quantiles| -> Vec<f32> {
        answer.days.iter().chain(&answer.totals).flatten().copied().collect()
    };
    cells(one)
        .iter()
        .zip(cells(other))
        .all(|(a, b)| (a - b).abs() <= tolerance * a.abs().max(b.abs()).max(1.0))
}

#[test]
fn quantiles_ascend_and_are_never_negative() {
    for steps in [1, 5, 40, 300, 700] {
        let answer = one(&Window::of_demand(&history(steps), Frequency::Day));
        for quantiles in answer.days.iter().chain(&answer.totals) {
            assert!(quantiles[0] >= 0.0 && quantiles.iter().all(|value| value.is_finite()));
            assert!(quantiles.windows(2).all(|pair| pair[0] <= pair[1]), "{quantiles:?}");
        }
        for pair in answer.totals.windows(2) {
            assert!(pair[0].iter().zip(&pair[1]).all(|(before, now)| before <= now));
        }
    }
}

#[test]
fn company_in_a_batch_changes_nothing() {
    let windows: Vec<Window> =
        [90, 504, 12, 700].map(|steps| Window::of_demand(&history(steps), Frequency::Day)).into();
    let together = forecaster().forecast(&windows).unwrap();
    for (window, answer) in windows.iter().zip(&together) {
        assert!(close(&one(window), answer, 1e-4));
    }
    let threaded = forecaster().clone().on_threads(3).forecast(&windows).unwrap();
    assert!(together.iter().zip(&threaded).all(|(one, other)| close(one, other, 1e-4)));
}

#[test]
fn what_lies_before_the_first_sale_changes_nothing() {
    let sold = history(200);
    let mut padded = vec![0.0; 77];
    padded.extend(&sold);
    let first = sold.iter().position(|&sold| sold > 0.0).unwrap();
    let plain = one(&Window::of_demand(&sold[first..], Frequency::Day));
    assert!(close(&plain, &one(&Window::of_demand(&padded, Frequency::Day)), 1e-5));
}

#[test]
fn ten_times_the_demand_is_about_ten_times_the_forecast() {
    let window = |by: f32| {
        let history: Vec<f32> = history(600).iter().map(|sold| sold * by).collect();
        Window::of_demand(&history, Frequency::Day)
    };
    // The network knows how large counts are, since small ones come whole: about, not exactly.
    let (small, large) = (one(&window(4.0)), one(&window(40.0)));
    for level in [6, 10, 12] {
        let ratio = large.totals[27][level] / small.totals[27][level];
        assert!((8.0..12.5).contains(&ratio), "{ratio} at {}", LEVELS[level]);
    }
}

#[test]
fn nothing_sold_is_forecast_as_next_to_nothing_and_without_panic() {
    for history in [vec![0.0; 600], vec![f32::NAN; 600], Vec::new()] {
        let answer = one(&Window::of_demand(&history, Frequency::Day));
        assert!(answer.totals[27].iter().all(|value| value.is_finite() && *value >= 0.0));
    }
}

#[test]
fn demand_without_bounds_is_an_error_and_no_forecast() {
    let window = Window::of_demand(&[f32::INFINITY; 90], Frequency::Day);
    let answer = forecaster().forecast(std::slice::from_ref(&window));
    assert!(matches!(answer, Err(ModelError::Boundless)));
}

#[test]
fn a_constant_series_goes_on() {
    for level in [3.0f32, 250.0] {
        let answer = one(&Window::of_demand(&[level; 600], Frequency::Day));
        let median = answer.totals[27][6];
        assert!((median / (28.0 * level) - 1.0).abs() < 0.1, "{median} for 28 days of {level}");
    }
}

#[test]
fn closed_days_sell_nothing() {
    let mut window = Window::of_demand(&history(600), Frequency::Day);
    for step in (CONTEXT..SPAN).step_by(7) {
        window.open[step] = false;
    }
    assert_eq!(one(&window).days[7], [0.0; LEVEL_COUNT]);
    assert!(one(&window).days[8][12] > 0.0);
}

#[test]
fn the_future_does_not_change_what_was_forecast_before_it() {
    // Demand, promotion and price: of none of them is anything after the origin known at it.
    let panel = |[demand_ahead, promotion_ahead, price_ahead]: [f32; 3]| {
        let series = (0..12).map(|item| {
            let mut demand = history(400 + item * 9);
            demand.extend([demand_ahead; 40]);
            (format!("item {item}"), jiff::civil::date(2024, 1, 1), demand)
        });
        let mut panel = Panel::of_series(series).unwrap();
        let column = |past: fn(usize) -> f32, ahead: f32| {
            let step = move |step| if step < 400 { past(step) } else { ahead };
            vec![(0..panel.steps).map(step).collect::<Vec<f32>>(); 12]
        };
        let promotion = column(|step| f32::from(step % 30 < 3), promotion_ahead);
        let price = column(|step| if step % 30 < 3 { 8.0 } else { 10.0 }, price_ahead);
        (panel.promotion, panel.price) = (promotion, price);
        panel
    };
    let answers = |ahead: [f32; 3]| {
        let panel = panel(ahead);
        let shop = ShopAt::of(&panel, 400);
        let windows: Vec<Window> = (0..12).filter_map(|item| shop.window(&panel, item)).collect();
        forecaster().forecast(&windows).unwrap()
    };
    let usual = answers([0.0, 0.0, 10.0]);
    for other in [[5_000.0, 0.0, 10.0], [0.0, 1.0, 10.0], [0.0, 0.0, 2.5]] {
        assert_eq!(usual, answers(other), "with {other:?} ahead");
    }
}

#[test]
fn a_price_that_has_lasted_goes_on_and_an_offer_ends() {
    let panel = |price: Vec<f32>| {
        let item = ("item".to_owned(), jiff::civil::date(2024, 1, 1), history(200));
        let mut panel = Panel::of_series(std::iter::once(item)).unwrap();
        panel.price = vec![price];
        panel
    };
    let ahead = |cut: usize| {
        let price = (0..200).map(|step| if step >= 200 - cut { 5.0 } else { 10.0 }).collect();
        let panel = panel(price);
        ShopAt::of(&panel, 200).window(&panel, 0).unwrap().price[CONTEXT..].to_vec()
    };
    assert_eq!(ahead(7), [0.0; HORIZON]);
    assert_eq!(ahead(60), [0.5f32.ln(); HORIZON]);
}

#[test]
fn a_weekday_on_which_nobody_sells_is_found_closed() {
    let series = (0..12).map(|item| {
        let demand = (0..300).map(|day| if day % 7 == 5 { 0.0 } else { 1.0 + item as f32 });
        (format!("item {item}"), jiff::civil::date(2024, 1, 1), demand.collect())
    });
    let panel = Panel::of_series(series).unwrap();
    let shop = ShopAt::of(&panel, 300);
    let open = &shop.open()[CONTEXT..];
    for (ahead, open) in open.iter().enumerate() {
        assert_eq!(*open, (300 + ahead) % 7 != 5, "day {ahead} ahead");
    }
}

#[test]
fn silent_days_that_follow_no_weekday_are_not_closed() {
    // Everything sells on every other day: 14 times the usual units in four weeks.
    let series = (0..12).map(|item| {
        let demand = (0..300).map(|day| if day % 2 == 0 { 0.0 } else { 1.0 + item as f32 });
        (format!("item {item}"), jiff::civil::date(2024, 1, 1), demand.collect())
    });
    let panel = Panel::of_series(series).unwrap();
    let shop = ShopAt::of(&panel, 300);
    assert!(shop.open().iter().all(|open| *open));
    for item in 0..12 {
        let total = one(&shop.window(&panel, item).unwrap()).totals[27];
        let near = Quantiles::mean_of(&total) / (14.0 * (1.0 + item as f32));
        assert!((0.5..2.0).contains(&near), "item {item}: {near} times the usual units");
    }
}

#[test]
fn the_shipped_weights_have_seen_no_order_after_may_2011() {
    let weights = shipped().unwrap();
    let last = jiff::civil::date(2011, 5, 31);
    assert!(weights.origin.seen_until.is_none_or(|seen| seen <= last));
    assert!(weights.origin.steps > 0, "trained by `stockdeck train pretrain`");
}

#[test]
fn damaged_and_foreign_weights_are_refused_by_field() {
    let good = shipped().unwrap().to_bytes().unwrap();
    assert!(Weights::from_bytes("good", &good).is_ok());
    let refused = |bytes: &[u8], field: &str| match Weights::from_bytes("file", bytes) {
        Err(ModelError::Refused { field: found, .. }) => assert_eq!(found, field),
        other => panic!("{:?}", other.map(|weights| weights.origin)),
    };
    refused(b"not weights", "header");
    refused(&good[..good.len() / 2], "header");
    let mut nan = good.clone();
    let end = nan.len();
    nan[end - 4..].copy_from_slice(&f32::NAN.to_le_bytes());
    assert!(matches!(Weights::from_bytes("file", &nan), Err(ModelError::Refused { .. })));
    let mut weights = shipped().unwrap();
    weights.parameters.remove("query");
    refused(&weights.to_bytes().unwrap(), "query");
    let mut weights = shipped().unwrap();
    let narrow = weights.parameters["query"].narrow(1, 0, 3).unwrap().contiguous().unwrap();
    weights.parameters.insert("query".to_owned(), narrow);
    refused(&weights.to_bytes().unwrap(), "query");
    let mut weights = shipped().unwrap();
    weights.origin.architecture = "another".to_owned();
    refused(&weights.to_bytes().unwrap(), "architecture");
}

/// What the shipped weights answer for [`history`], so that nobody changes them or the network by
/// accident: steps of history, and median and 0.95-quantile of the 28-day total, of the first day, and of the
/// last.
#[test]
fn the_shipped_weights_answer_as_they_did() {
    const GOLDEN: [(usize, [[f32; 2]; 3]); 3] = [
        (60, [[64.175_93, 137.703_2], [1.861_299, 8.545_146], [1.467_703, 8.427_653]]),
        (300, [[72.560_57, 146.120_7], [0.886_852, 6.901_547], [1.397_072, 8.973_015]]),
        (700, [[64.416_9, 113.740_5], [1.547_198, 7.584_838], [1.036_713, 6.240_965]]),
    ];
    for (steps, golden) in GOLDEN {
        let answer = one(&Window::of_demand(&history(steps), Frequency::Day));
        let told = [answer.totals[27], answer.days[0], answer.days[27]];
        let told = told.map(|quantiles| [quantiles[6], quantiles[11]]);
        for (told, golden) in told.iter().flatten().zip(golden.iter().flatten()) {
            assert!(
                (told - golden).abs() < 1e-3 * golden,
                "{steps} days: {told}, and not {golden}"
            );
        }
    }
}

#[test]
fn dropout_drops_and_keeps_the_mean() {
    use candle_core::{Device, Tensor};
    let ones = Tensor::ones(10_000, candle_core::DType::F32, &Device::Cpu).unwrap();
    let kept = Dropout::new(0.25, 7).apply(ones).unwrap().to_vec1::<f32>().unwrap();
    let zeros = kept.iter().filter(|value| **value == 0.0).count();
    assert!((2_300..2_700).contains(&zeros), "{zeros} dropped");
    assert!((kept.iter().sum::<f32>() / 10_000.0 - 1.0).abs() < 0.05);
}
