//! Fine-tuning on a merchant's own panel, judged on what it did not learn from.
//!
//! Time is cut into training, validation and test, the last two a horizon each (28 days, 8 weeks or 6
//! months), the test at the end; after a shift in demand validation is the last days, and there is no test.
//! Validation alone decides when to stop and whether the new weights are taken; test is reported
//! before and after, and decides nothing. If they are taken, the same training, to the same step, is
//! done once more on everything, so that the newest demand is not left out of what is used.

use super::Sample;
use super::generator;
use super::optimiser::{Kind, Optimiser, Schedule, Settings};
use super::panel_samples::{Disguise, PanelSamples};
use super::step::Replicas;
use crate::demand::{Frequency, Items, Panel};
use crate::model::evaluate::{Backtest, Method, Score, backtest};
use crate::model::network::BLOCKS;
use crate::model::{DemandModel, Forecaster, ModelError, Origin, Weights};
use jiff::civil::Date;
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use std::ops::ControlFlow;

/// What may change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub enum Free {
    /// The head alone: quickest, and most of the gain.
    Head,
    /// The head and the last blocks.
    Top(usize),
    /// Everything.
    All,
}

impl Free {
    fn is_frozen(self, name: &str) -> bool {
        let free_blocks = match self {
            Self::Head => 0,
            Self::Top(blocks) => blocks.min(BLOCKS),
            Self::All => return false,
        };
        let block = name.strip_prefix("block.").and_then(|rest| rest.split('.').next());
        match block.and_then(|number| number.parse::<usize>().ok()) {
            Some(block) => block < BLOCKS - free_blocks,
            None => !name.starts_with("head."),
        }
    }
}

/// The last steps of a panel, kept back to judge by.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub enum KeptBack {
    /// A horizon for validation and one after it for the test.
    #[default]
    Both,
    /// The last so many steps for validation, and none for a test: of a shift in demand earlier ones tell
    /// nothing.
    Last(usize),
}

impl KeptBack {
    /// Steps of validation and of the test.
    fn steps(self, frequency: Frequency) -> [usize; 2] {
        let horizon = frequency.judged();
        match self {
            Self::Both => [horizon; 2],
            Self::Last(steps) => [steps.clamp(1, horizon), 0],
        }
    }

    /// The last day before those that are kept back of so many steps from a first one on. Weights that saw later
    /// ones cannot be judged by them.
    pub fn learnt_until(self, frequency: Frequency, first: Date, steps: usize) -> Option<Date> {
        let kept: usize = self.steps(frequency).iter().sum();
        let learnt = i64::try_from(steps.checked_sub(kept)?).ok()?;
        frequency.after(first, learnt)?.yesterday().ok()
    }
}

/// How a fine-tuning goes.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Tuning {
    /// Which optimiser.
    pub optimiser: Kind,
    /// Highest rate.
    pub rate: f32,
    /// How the rate goes after the warm-up.
    #[serde(default)]
    pub schedule: Schedule,
    /// Windows in a batch.
    pub batch: usize,
    /// Most epochs; one draws a window for every series and every horizon of the panel.
    pub epochs: f32,
    /// Weight decay.
    pub decay: f32,
    /// Dropout.
    pub dropout: f32,
    /// Norm to which gradients are clipped.
    pub clip: f32,
    /// What may change.
    pub free: Free,
    /// Share of a batch that is synthetic, against forgetting.
    pub synthetic: f32,
    /// Looks at validation without a better one after which it ends.
    pub patience: usize,
    /// Seed of the draws.
    pub seed: u64,
    /// What is kept back to judge by.
    #[serde(default)]
    pub kept_back: KeptBack,
}

impl Default for Tuning {
    fn default() -> Self {
        Self {
            optimiser: Kind::AdamW,
            rate: 5e-4,
            schedule: Schedule::Cosine,
            batch: 128,
            epochs: 1.5,
            decay: 0.01,
            dropout: 0.0,
            clip: 1.0,
            free: Free::All,
            synthetic: 0.2,
            patience: 4,
            seed: 1,
            kept_back: KeptBack::Both,
        }
    }
}

/// How far a fine-tuning has come.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Look {
    /// Steps done, and at most, of both passes together.
    pub step: (u64, u64),
    /// Mean training loss of days and totals since the last look at validation.
    pub loss: (f32, f32),
    /// Validation: WQL + TQL at the last look, and the best so far. `None` in the second pass.
    pub validation: Option<(f64, f64)>,
}

/// What came of a fine-tuning.
#[derive(Debug, Clone)]
pub struct Tuned {
    /// The new weights, if they were better on validation.
    pub weights: Option<Weights>,
    /// Validation before and after.
    pub validation: [Score; 2],
    /// Test before and after, where one was kept back.
    pub test: Option<[Score; 2]>,
    /// Steps at which validation was best.
    pub best_step: u64,
}

/// Fewest steps of a panel that can be learnt from: validation, test, and as much before them.
pub const fn least_steps(frequency: Frequency) -> usize {
    2 * frequency.judged() + PanelSamples::least(frequency)
}

/// Looks at validation in an epoch.
const LOOKS: u64 = 6;

/// Fine-tunes weights on a panel. `tell` hears of every step and may end it with nothing changed.
pub fn finetune(
    base: &Weights,
    panel: &Panel,
    items: Option<&Items>,
    tuning: &Tuning,
    threads: usize,
    tell: &mut dyn FnMut(&Look) -> ControlFlow<()>,
) -> Result<Tuned, ModelError> {
    let least = least_steps(panel.frequency);
    if panel.steps < least {
        let reason = format!(
            "the panel has {} steps, and {least} are the fewest to learn from and to judge by",
            panel.steps
        );
        return Err(ModelError::NothingToLearn(reason));
    }
    let kept = tuning.kept_back.steps(panel.frequency);
    let test = panel.steps - kept[1];
    let validation = test - kept[0];
    let every = panel.series.len().div_ceil(1_000).max(1);
    let judge = |weights: &Weights, known: usize, horizon: usize| -> Result<Score, ModelError> {
        let model = DemandModel::Own(Forecaster::new(weights.network()?));
        let plan = Backtest { origins: vec![known], every, horizon };
        let outcome =
            backtest(panel, &plan, &[Method::Network(&model)], &mut |_| ControlFlow::Continue(()))?;
        outcome.score(0, None).ok_or_else(|| {
            ModelError::NothingToLearn(format!(
                "nothing was sold in the {horizon} steps after the panel's {known}th, by which is judged"
            ))
        })
    };
    let validated = |weights: &Weights| judge(weights, validation, kept[0]);
    let tested =
        |weights: &Weights| (kept[1] > 0).then(|| judge(weights, test, kept[1])).transpose();
    let replicas = Replicas::new(threads)?;
    let before = (validated(base)?, tested(base)?);
    let samples = samples_until(panel, items, validation)?;
    let mut pass = Pass::new(base, tuning, panel)?;
    let mut best = (objective(&before.0), 0u64, base.clone());
    let (mut without, mut seen) = (0, best.0);
    while pass.optimiser.step < pass.steps && without < tuning.patience {
        let total = pass.steps + best.1;
        let sound = pass.some_steps(&replicas, tuning, &samples, &mut |step, loss| {
            tell(&Look { step: (step, total), loss, validation: Some((seen, best.0)) })
        })?;
        // Weights that ran off into the boundless come back no more.
        if !sound {
            break;
        }
        let weights = pass.weights(base, panel, validation)?;
        seen = match validated(&weights) {
            Ok(score) => objective(&score),
            Err(ModelError::Boundless) => break,
            Err(error) => return Err(error),
        };
        without += 1;
        if seen < best.0 {
            best = (seen, pass.optimiser.step, weights);
            without = 0;
        }
    }
    let after = (validated(&best.2)?, tested(&best.2)?);
    let weights = match best.1 {
        0 => None,
        steps => Some(once_more(base, (panel, items), tuning, &replicas, steps, tell)?),
    };
    Ok(Tuned {
        weights,
        validation: [before.0, after.0],
        test: before.1.zip(after.1).map(<[Score; 2]>::from),
        best_step: best.1,
    })
}

/// What validation makes small.
fn objective(score: &Score) -> f64 {
    score.wql[0] + score.tql[0]
}

/// The same training on everything, to the step that validation found.
fn once_more(
    base: &Weights,
    (panel, items): (&Panel, Option<&Items>),
    tuning: &Tuning,
    replicas: &Replicas,
    steps: u64,
    tell: &mut dyn FnMut(&Look) -> ControlFlow<()>,
) -> Result<Weights, ModelError> {
    let samples = samples_until(panel, items, panel.steps)?;
    let mut pass = Pass::new(base, tuning, panel)?;
    while pass.optimiser.step < steps {
        let sound = pass.some_steps(replicas, tuning, &samples, &mut |step, loss| {
            tell(&Look { step: (steps + step.min(steps), 2 * steps), loss, validation: None })
        })?;
        if !sound {
            return Err(ModelError::Boundless);
        }
    }
    pass.weights(base, panel, panel.steps)
}

fn samples_until(
    panel: &Panel,
    items: Option<&Items>,
    steps: usize,
) -> Result<PanelSamples, ModelError> {
    let mut cut = panel.clone();
    cut.keep(steps);
    PanelSamples::of(cut, items, Disguise::FINE_TUNING).ok_or_else(|| {
        ModelError::NothingToLearn("there is too little demand to learn from".to_owned())
    })
}

/// One pass of training.
struct Pass {
    optimiser: Optimiser,
    draws: ChaCha8Rng,
    steps: u64,
    shop: u64,
    spare: Vec<Sample>,
}

impl Pass {
    fn new(base: &Weights, tuning: &Tuning, panel: &Panel) -> Result<Self, ModelError> {
        let windows =
            panel.series.len() as f32 * (panel.steps as f32 / panel.frequency.judged() as f32);
        let steps = ((windows * tuning.epochs / tuning.batch as f32) as u64).clamp(20, 20_000);
        let settings = Settings {
            kind: tuning.optimiser,
            rate: tuning.rate,
            decay: tuning.decay,
            clip: tuning.clip,
            warm_up: 30,
            steps,
            schedule: tuning.schedule,
            mean: 0.99,
        };
        Ok(Self {
            optimiser: Optimiser::new(&base.parameters, settings, |name| {
                tuning.free.is_frozen(name)
            })?,
            draws: ChaCha8Rng::seed_from_u64(tuning.seed),
            steps,
            shop: tuning.seed << 40,
            spare: Vec::new(),
        })
    }

    /// Steps up to the next look at validation. `tell` hears after each step how many were done, and the
    /// mean losses since the last look. False: the loss is no number any more.
    fn some_steps(
        &mut self,
        replicas: &Replicas,
        tuning: &Tuning,
        samples: &PanelSamples,
        tell: &mut dyn FnMut(u64, (f32, f32)) -> ControlFlow<()>,
    ) -> Result<bool, ModelError> {
        let looks = (LOOKS as f32 * tuning.epochs).max(1.0) as u64;
        let count = (self.steps / looks).max(10).min(self.steps - self.optimiser.step);
        let mut sum = (0f32, 0f32);
        for done in 1..=count {
            let batch = self.batch(tuning, samples)?;
            let dropout = (tuning.dropout, tuning.seed ^ self.optimiser.step);
            let stepped = replicas.step(&mut self.optimiser, &batch, dropout)?;
            sum = (sum.0 + stepped.days, sum.1 + stepped.totals);
            let mean = (sum.0 / done as f32, sum.1 / done as f32);
            if !(mean.0.is_finite() && mean.1.is_finite()) {
                return Ok(false);
            }
            if tell(self.optimiser.step, mean).is_break() {
                return Err(ModelError::Cancelled);
            }
        }
        Ok(true)
    }

    fn batch(
        &mut self,
        tuning: &Tuning,
        samples: &PanelSamples,
    ) -> Result<Vec<Sample>, ModelError> {
        let synthetic = (tuning.batch as f32 * tuning.synthetic.clamp(0.0, 0.9)) as usize;
        let mut batch = Vec::with_capacity(tuning.batch);
        while batch.len() < synthetic {
            if self.spare.is_empty() {
                self.spare = generator::samples(tuning.seed, self.shop);
                self.shop += 1;
            }
            batch.extend(self.spare.pop());
        }
        // A draw finds nothing where its series had not sold yet.
        for _ in 0..50 * tuning.batch {
            if batch.len() == tuning.batch {
                break;
            }
            batch.extend(samples.draw(&mut self.draws));
        }
        // Synthetic series alone teach nothing of this shop.
        if batch.len() == synthetic && synthetic < tuning.batch {
            return Err(ModelError::NothingToLearn(
                "hardly a series had sold anything early enough to learn from; train again when the \
                 shop has sold for longer"
                    .to_owned(),
            ));
        }
        Ok(batch)
    }

    fn weights(&self, base: &Weights, panel: &Panel, known: usize) -> Result<Weights, ModelError> {
        let last = known.checked_sub(1).and_then(|step| panel.last_day_of(step));
        let seen = last.max(base.origin.seen_until);
        let mut origin = Origin::new(
            "fine-tuned on a panel".to_owned(),
            seen,
            self.optimiser.step,
            base.origin.seed,
        );
        origin.parent = Some(base.fingerprint()?);
        Ok(Weights { parameters: self.optimiser.mean()?, origin })
    }
}
