//! Training learns, resumes, and leaves alone what is frozen.

use super::optimiser::Optimiser;
use super::step::Replicas;
use super::*;
use crate::demand::Panel;
use crate::model::{ShopAt, Weights};
use std::ops::ControlFlow;

fn settings(steps: u64) -> Settings {
    Settings {
        kind: OptimiserKind::AdamW,
        rate: 2e-3,
        decay: 0.01,
        clip: 1.0,
        warm_up: 5,
        steps,
        schedule: Schedule::Cosine,
        mean: 0.9,
    }
}

fn some_samples() -> Vec<Sample> {
    // Of several shops, so that some know their own level, prices and promotions.
    (0..8).flat_map(|number| generator::samples(3, number).into_iter().take(3)).collect()
}

#[test]
fn every_parameter_learns_from_one_step() {
    // The second step: at the first, what lies below outputs that start at zero has no gradient yet.
    let parameters = Weights::fresh(1).unwrap().parameters;
    let mut optimiser = Optimiser::new(&parameters, settings(10), |_| false).unwrap();
    let replicas = Replicas::new(1).unwrap();
    replicas.step(&mut optimiser, &some_samples(), (0.0, 0)).unwrap();
    let before = optimiser.parameters();
    let before: Vec<(String, Vec<f32>)> = before
        .iter()
        .map(|(name, tensor)| {
            (name.clone(), tensor.flatten_all().unwrap().to_vec1::<f32>().unwrap())
        })
        .collect();
    replicas.step(&mut optimiser, &some_samples(), (0.0, 1)).unwrap();
    for (name, before) in before {
        let slot = &optimiser.slots[&name];
        assert!(slot.first.iter().any(|moment| *moment != 0.0), "{name} has no gradient");
        let now: Vec<f32> = slot.var.flatten_all().unwrap().to_vec1().unwrap();
        assert_ne!(now, before, "{name} stayed as it was");
    }
}

#[test]
fn two_replicas_find_the_gradients_of_one() {
    let parameters = Weights::fresh(1).unwrap().parameters;
    let after = |threads: usize| {
        let mut optimiser = Optimiser::new(&parameters, settings(10), |_| false).unwrap();
        let replicas = Replicas::new(threads).unwrap();
        // Samples without closed days, so that both halves weigh the same.
        let samples: Vec<Sample> = some_samples()
            .into_iter()
            .map(|mut sample| {
                sample.window.open.fill(true);
                sample.ahead.iter_mut().for_each(|ahead| *ahead = ahead.max(0.0));
                sample
            })
            .collect();
        let stepped = replicas.step(&mut optimiser, &samples, (0.0, 0)).unwrap();
        (stepped.days, stepped.totals, stepped.norm)
    };
    let (one, two) = (after(1), after(2));
    assert!((one.0 - two.0).abs() < 1e-4 && (one.1 - two.1).abs() < 1e-4, "{one:?} {two:?}");
    assert!((one.2 - two.2).abs() < 1e-3 * one.2.max(1.0));
}

#[test]
fn the_rate_rises_and_then_goes_by_its_schedule() {
    let rate = |schedule: Schedule, step: u64| {
        Settings { schedule, rate: 1.0, warm_up: 10, ..settings(100) }.rate_at(step)
    };
    for schedule in [Schedule::Cosine, Schedule::Linear, Schedule::Constant] {
        assert!(rate(schedule, 0) < 0.2 && rate(schedule, 9) > 0.9, "{schedule:?}");
    }
    assert_eq!(rate(Schedule::Constant, 99), 1.0);
    assert!((rate(Schedule::Linear, 50) - 0.505).abs() < 1e-6);
    assert!(rate(Schedule::Cosine, 99) < 0.02 && rate(Schedule::Linear, 99) < 0.03);
}

#[test]
fn what_is_frozen_stays() {
    let parameters = Weights::fresh(1).unwrap().parameters;
    let frozen = |name: &str| !name.starts_with("head.");
    let mut optimiser = Optimiser::new(&parameters, settings(10), frozen).unwrap();
    let replicas = Replicas::new(1).unwrap();
    replicas.step(&mut optimiser, &some_samples(), (0.0, 0)).unwrap();
    for (name, tensor) in optimiser.parameters() {
        let values = |tensor: &Tensor| tensor.flatten_all().unwrap().to_vec1::<f32>().unwrap();
        let same = values(&tensor) == values(&parameters[&name]);
        assert_eq!(same, frozen(&name), "{name}");
    }
}

#[test]
fn an_interrupted_training_goes_on_as_if_it_had_not_been() {
    let folder = tempfile::tempdir().unwrap();
    let plan = Plan { seed: 5, batch: 2, real: 0.0, settings: settings(40) };
    let whole = folder.path().join("whole");
    let mut losses = Vec::new();
    let one = pretrain(&plan, &[], 1, &whole, &mut |progress| {
        losses.push(progress.loss);
        ControlFlow::Continue(())
    })
    .unwrap();
    let parted = folder.path().join("parted");
    let broken = pretrain(&plan, &[], 1, &parted, &mut |_| ControlFlow::Break(()));
    assert!(matches!(broken, Err(crate::model::ModelError::Cancelled)));
    let mut resumed = Vec::new();
    let other = pretrain(&plan, &[], 1, &parted, &mut |progress| {
        resumed.push(progress.loss);
        ControlFlow::Continue(())
    })
    .unwrap();
    assert_eq!(losses[1..], resumed[..]);
    assert_eq!(one.fingerprint().unwrap(), other.fingerprint().unwrap());
}

#[test]
fn a_checkpoint_of_another_training_is_refused_and_stays() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("checkpoint");
    let plan = Plan { seed: 5, batch: 2, real: 0.5, settings: settings(20) };
    let begun = |plan: &Plan, until: usize| {
        let mut panel = tiny_panel();
        panel.keep(until);
        let panel = PanelSamples::of(panel, None, Disguise::PRETRAINING).unwrap();
        pretrain(plan, &[panel], 1, &file, &mut |_| ControlFlow::Break(())).unwrap_err().to_string()
    };
    assert_eq!(begun(&plan, 290), "cancelled");
    let kept = std::fs::read(&file).unwrap();
    // Days that it has learnt already cannot be taken from it.
    let refused = begun(&plan, 200);
    assert!(refused.contains("its data is"), "{refused}");
    let refused = begun(&Plan { seed: 6, ..plan.clone() }, 290);
    assert!(refused.contains("its seed is 5, and not 6"), "{refused}");
    assert_eq!(std::fs::read(&file).unwrap(), kept);
}

/// A shop that sells half as much on odd weekdays and nothing on Sundays.
fn tiny_panel() -> Panel {
    let series = (0..40usize).map(|item| {
        let demand = (0..300usize).map(|day| {
            let noise = (day * 7919 + item * 104_729) % 11;
            match day % 7 {
                6 => 0.0,
                weekday if weekday % 2 == 1 => (noise / 4) as f32,
                _ => (3 + item % 5 + noise) as f32,
            }
        });
        (format!("item {item}"), jiff::civil::date(2024, 1, 1), demand.collect())
    });
    Panel::of_series(series).unwrap()
}

#[test]
fn fine_tuning_improves_what_it_has_not_seen() {
    // From weights that know the simple forecasts alone, so that there is something to learn in seconds.
    let base = Weights::fresh(2).unwrap();
    let tuning = Tuning { rate: 3e-3, batch: 16, epochs: 1.5, ..Tuning::default() };
    let tuned =
        finetune(&base, &tiny_panel(), None, &tuning, 2, &mut |_| ControlFlow::Continue(()))
            .unwrap();
    assert!(tuned.weights.is_some());
    let [before, after] = &tuned.test.unwrap();
    assert!(after.wql[0] < 0.8 * before.wql[0], "{} -> {}", before.wql[0], after.wql[0]);
    assert!(after.tql[0] < 0.95 * before.tql[0], "{} -> {}", before.tql[0], after.tql[0]);
}

#[test]
fn weights_that_are_no_better_on_validation_are_not_taken() {
    let base = Weights::fresh(2).unwrap();
    // A rate of nearly nothing cannot improve on anything by more than chance; a huge one ruins it.
    let tuning = Tuning { rate: 30.0, batch: 8, epochs: 0.05, clip: 1e9, ..Tuning::default() };
    let tuned =
        finetune(&base, &tiny_panel(), None, &tuning, 1, &mut |_| ControlFlow::Continue(()))
            .unwrap();
    assert!(tuned.weights.is_none());
    assert_eq!(tuned.validation[0], tuned.validation[1]);
}

#[test]
fn what_comes_after_the_validation_window_is_not_learnt_before_judging() {
    let tuning = Tuning { batch: 8, epochs: 0.02, ..Tuning::default() };
    let judged = |last: f32| {
        let mut panel = tiny_panel();
        let steps = panel.steps;
        panel.demand.iter_mut().for_each(|demand| demand[steps - 28..].fill(last));
        let base = Weights::fresh(2).unwrap();
        finetune(&base, &panel, None, &tuning, 1, &mut |_| ControlFlow::Continue(()))
            .unwrap()
            .validation
    };
    assert_eq!(judged(1.0), judged(700.0));
}

#[test]
fn a_shift_in_demand_is_learnt_from_the_days_since_it() {
    // A fortnight ago all demand tripled.
    let mut panel = tiny_panel();
    let sold = panel.steps - 14;
    panel.demand.iter_mut().flat_map(|of| &mut of[sold..]).for_each(|units| *units *= 3.0);
    let tuning = Tuning {
        rate: 3e-3,
        batch: 16,
        epochs: 0.5,
        kept_back: KeptBack::Last(7),
        ..Tuning::default()
    };
    let base = Weights::fresh(2).unwrap();
    let tuned = finetune(&base, &panel, None, &tuning, 2, &mut |_| ControlFlow::Continue(()));
    let tuned = tuned.unwrap();
    assert!(tuned.test.is_none());
    let new = tuned.weights.expect("better on the days since the shift");
    assert_eq!(new.origin.seen_until, panel.last_day_of(panel.steps - 1));
    // The four weeks after it, as they go on.
    let off = |weights: &Weights| -> f32 {
        let model = crate::model::Forecaster::new(weights.network().unwrap());
        let shop = ShopAt::of(&panel, panel.steps);
        let windows: Vec<_> = (0..40).map(|item| shop.window(&panel, item).unwrap()).collect();
        let totals = model.forecast(&windows).unwrap().into_iter().map(|made| made.totals[27]);
        let sums = totals.enumerate().map(|(item, total)| {
            let last = &panel.demand[item][sold..];
            (crate::model::Quantiles::mean_of(&total) - 2.0 * last.iter().sum::<f32>()).abs()
        });
        sums.sum()
    };
    let (before, after) = (off(&base), off(&new));
    assert!(after < before, "{before} -> {after} units off");
}

#[test]
fn a_shop_that_has_just_opened_is_not_trained_on_synthetic_series_alone() {
    let mut panel = tiny_panel();
    let young = panel.steps - 70;
    panel.demand.iter_mut().for_each(|demand| demand[..young].fill(f32::NAN));
    let base = Weights::fresh(2).unwrap();
    let refused =
        finetune(&base, &panel, None, &Tuning::default(), 1, &mut |_| ControlFlow::Continue(()));
    assert!(refused.unwrap_err().to_string().contains("hardly a series had sold"));
}

#[test]
fn a_short_panel_is_refused_with_the_reason() {
    let mut panel = tiny_panel();
    panel.keep(90);
    let base = Weights::fresh(2).unwrap();
    let refused =
        finetune(&base, &panel, None, &Tuning::default(), 1, &mut |_| ControlFlow::Continue(()));
    assert!(refused.unwrap_err().to_string().contains("90 steps"));
}
