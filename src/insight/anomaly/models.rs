//! Everything that is fitted to a merchant's past, and what it says of an order.

use super::corrupt::CLASSES;
use super::kept::Kept;
use super::line_model::LineModel;
use super::look::Look;
use super::network::Rows;
use super::order::Order;
use super::order_model::{self, Below, Decided, Disturbed, Fit, OrderModel, Tuning};
use super::past::Past;
use super::quantity_model::{Likelihood, QuantityModel};
use super::rarity::Rarity;
use super::rule_book::RuleBook;
use super::rules::{Cause, RULES, Rule};
use std::collections::HashSet;
use std::sync::Arc;

/// Share of orders that are taken to be wrong before anything is known of them.
const PRIOR: f32 = 0.02;
/// A tenth of a logit for each tenfold rarity is the least that the rules count.
const LEAST_RULES: f32 = 0.1;
/// What a sign in a note adds to the logit: no past says what a hostile note is worth, so it is set.
const NOTE: f32 = 3.0;
/// The same of a doubling over or under the list price, up to so many: the network knows no list prices.
const LIST: (f32, f32) = (1.5, 8.0);
/// Orders at the end of a past that are fitted to at most, and looks at disturbed ones in all: a
/// larger merchant's past is fitted to in about the same time.
const MOST: usize = 40_000;
const LOOKS: usize = 180_000;
/// Share of the time of a fit that the networks below the order's own take, about.
const BELOW: f32 = 0.25;
/// Orders of a past below which nothing is fitted.
pub const LEAST: usize = 300;
/// Without a past a rule that speaks is taken to be as rare as one in a hundred (-log10), and tenfold
/// rarer for each unit of strength more, up to so many units.
const UNSEEN: (f32, f32) = (2.0, 4.0);
/// The same of notes, whose strength counts by itself.
const UNSEEN_NOTE: f32 = 1.5;
/// The rarity that a note has at most: a past without any such note does not say how rare it is.
const MOST_NOTE: f32 = 4.0;
/// What rules alone say is a logit over this one: there is no past to weigh it by.
const RULES_ALONE: Blend = Blend { base: -5.0, network: 0.0, rules: 1.0 };

/// Why nothing was fitted or read.
#[derive(Debug, thiserror::Error)]
pub enum ModelError {
    /// Too short a past.
    #[error("{0} orders are too few to fit to; {LEAST} are needed after the warm-up")]
    Few(usize),
    /// Kept models that were fitted to other facts or rules.
    #[error("these models were fitted by another version; fit them again")]
    Other,
    /// Somebody wanted it to end.
    #[error("fitting was cancelled")]
    Cancelled,
    /// Rules alone have no network.
    #[error("there is no network here: the past was too short to fit one to")]
    RulesAlone,
    /// The tensor library said no.
    #[error("the network: {0}")]
    Network(#[from] candle_core::Error),
}

/// What one rule says of an order.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Said {
    /// Its strength, in its own unit.
    pub strength: f32,
    /// -log10 of how often the past had as much; 0 for a rule that is off.
    pub rarity: f32,
    /// Whether it is strong enough to speak.
    pub speaks: bool,
}

/// What rules and network say of an order.
#[derive(Debug, Clone)]
pub struct Reading {
    /// What each rule says, in the order of [`RULES`].
    pub rules: Vec<Said>,
    /// All rules in one number: the rarest counts, the next two a little.
    pub rules_score: f32,
    /// The network's logit.
    pub network: f32,
    /// The network's shares of the sides that may be disturbed; the first is "none".
    pub families: [f32; CLASSES],
    /// What the quantities' own network says.
    pub likelihood: Likelihood,
    /// Both in one: the probability of being wrong, 0 to 1.
    pub score: f64,
    /// What the network saw, to learn from once somebody has decided.
    pub row: Vec<f32>,
}

/// The weights of network and rules in one logit.
#[derive(Debug, Clone, Copy, Default)]
struct Blend {
    base: f32,
    network: f32,
    rules: f32,
}

/// What is fitted to a past, or the rules alone.
#[derive(Debug, Clone)]
pub struct Models {
    fitted: Option<Fitted>,
    /// Of the rules, in the order of [`RULES`]; none without a past to know them by.
    rarities: Vec<Rarity>,
    blend: Blend,
}

#[derive(Debug, Clone)]
struct Fitted {
    below: Below,
    orders: OrderModel,
}

impl Models {
    /// Fits to a past in order of arrival, without any labels.
    pub fn fit(past: &[Order], fit: Fit) -> Result<Self, ModelError> {
        Self::fit_without(past, &HashSet::new(), fit, &mut |_| true)
    }

    /// For a past that is too short: the rules speak from their thresholds on, and nothing weighs them.
    pub fn rules_alone() -> Self {
        Self { fitted: None, rarities: Vec::new(), blend: RULES_ALONE }
    }

    /// The rules alone, each weighed by how rarely a past in order of arrival had as much: no network.
    pub fn rules_of(
        past: &[Order],
        doubtful: &HashSet<Arc<str>>,
        warm_up: i64,
    ) -> Result<Self, ModelError> {
        let past = &past[past.len().saturating_sub(MOST)..];
        let looks = looks(Past::new(past, warm_up, doubtful))?;
        Ok(Self { fitted: None, rarities: rarities(&looks), blend: RULES_ALONE })
    }

    /// The same, with orders (by id) that were decided wrong or may be: they are learnt as what
    /// happened, and are no example of what is right. Tells the share that is done now and then, and
    /// hears whether to go on.
    pub fn fit_without(
        past: &[Order],
        doubtful: &HashSet<Arc<str>>,
        fit: Fit,
        told: &mut dyn FnMut(f32) -> bool,
    ) -> Result<Self, ModelError> {
        let mut cancelled = false;
        let fitted = Self::fitted_to(past, doubtful, fit, &mut |share| {
            let goes_on = told(share);
            cancelled |= !goes_on;
            goes_on
        });
        if cancelled { Err(ModelError::Cancelled) } else { fitted }
    }

    fn fitted_to(
        past: &[Order],
        doubtful: &HashSet<Arc<str>>,
        fit: Fit,
        told: &mut dyn FnMut(f32) -> bool,
    ) -> Result<Self, ModelError> {
        let past = &past[past.len().saturating_sub(MOST)..];
        let past = Past::new(past, fit.warm_up, doubtful);
        let looks = looks(past)?;
        let replays = fit.replays.min((LOOKS / looks.len()).max(2));
        let fit = Fit { replays, ..fit };
        let rarities = rarities(&looks);
        let go_on = &mut || told(0.0);
        let density = QuantityModel::fit(&looks.iter().collect::<Vec<_>>(), fit.seed, go_on)?;
        drop(looks);
        let go_on = &mut || told(BELOW / 2.0);
        let lines = LineModel::fit(past, &density, fit.seed, go_on)?;
        let below = Below { density, lines };
        let orders =
            OrderModel::fit(past, &below, fit, &mut |share| told(BELOW + (1.0 - BELOW) * share))?;
        let fitted = Fitted { below, orders };
        let blend = fitted.blend(past, fit, &rarities)?;
        Ok(Self { fitted: Some(fitted), rarities, blend })
    }

    /// Whether there is no network here.
    pub fn are_rules_alone(&self) -> bool {
        self.fitted.is_none()
    }

    fn fitted(&self) -> Result<&Fitted, ModelError> {
        self.fitted.as_ref().ok_or(ModelError::RulesAlone)
    }

    /// What is to be said of looks, in the same order.
    pub fn read(&self, looks: &[&Look], book: &RuleBook) -> Result<Vec<Reading>, ModelError> {
        let Some(fitted) = &self.fitted else {
            return Ok(looks.iter().map(|look| self.by_rules(look, book)).collect());
        };
        let (rows, likelihoods) = fitted.below.rows(looks)?;
        let logits = fitted.orders.score(&rows)?;
        let mut readings = Vec::with_capacity(looks.len());
        for (((look, likelihood), row), (network, families)) in
            looks.iter().zip(likelihoods).zip(rows).zip(logits)
        {
            let rules = self.rules(look, book);
            let rules_score = together(&rules);
            let score = self.blend.score(network, rules_score, beside(&rules));
            readings.push(Reading {
                rules,
                rules_score,
                network,
                families,
                likelihood,
                score,
                row,
            });
        }
        Ok(readings)
    }

    fn by_rules(&self, look: &Look, book: &RuleBook) -> Reading {
        let rules = self.rules(look, book);
        let rules_score = together(&rules);
        Reading {
            score: self.blend.score(0.0, rules_score, beside(&rules)),
            rules,
            rules_score,
            network: 0.0,
            families: [0.0; CLASSES],
            likelihood: Likelihood::default(),
            row: Vec::new(),
        }
    }

    fn rules(&self, look: &Look, book: &RuleBook) -> Vec<Said> {
        if self.rarities.is_empty() { unseen(look, book) } else { seen(&self.rarities, look, book) }
    }

    /// The same after decisions: the networks go on learning from them.
    pub fn tuned(&self, decided: &[Decided], how: Tuning) -> Result<Self, ModelError> {
        let mut fitted = self.fitted()?.clone();
        fitted.orders = fitted.orders.tuned(decided, how)?;
        Ok(Self { fitted: Some(fitted), rarities: self.rarities.clone(), blend: self.blend })
    }

    /// The network's logits for decided orders.
    pub(super) fn logits(&self, decided: &[Decided]) -> Result<Vec<f32>, ModelError> {
        let rows: Vec<Vec<f32>> = decided.iter().map(|one| one.row.clone()).collect();
        Ok(self.fitted()?.orders.score(&rows)?.into_iter().map(|said| said.0).collect())
    }

    /// Where the network sees an order, by its [`Reading::row`]: similar orders are near.
    pub fn embedding(&self, row: &[f32]) -> Result<Vec<f32>, ModelError> {
        Ok(self.fitted()?.orders.embedding(row)?)
    }

    /// As plain numbers, to be kept.
    pub fn kept(&self) -> Result<Kept, ModelError> {
        let fitted = self.fitted()?;
        let (edges, scale, network) = fitted.below.density.kept()?;
        let made = fitted.orders.made();
        Ok(Kept {
            made_for: made_for(),
            edges,
            quantity: (scale, network),
            lines: fitted.below.lines.kept()?,
            orders: fitted.orders.kept()?,
            rarities: self.rarities.clone(),
            blend: (self.blend.base, self.blend.network, self.blend.rules),
            made: (made.width, made.numbers.clone(), made.classes.clone(), made.weights.clone()),
        })
    }

    /// The same back. What was fitted to other facts or rules is refused.
    pub fn from_kept(kept: &Kept) -> Result<Self, ModelError> {
        if kept.made_for != made_for() || kept.rarities.len() != RULES.len() {
            return Err(ModelError::Other);
        }
        let (width, numbers, classes, weights) = kept.made.clone();
        let made = Rows { width, numbers, classes, weights };
        let (base, network, rules) = kept.blend;
        let below = Below {
            density: QuantityModel::from_kept(&kept.edges, &kept.quantity)?,
            lines: LineModel::from_kept(&kept.lines)?,
        };
        let orders = OrderModel::from_kept(&kept.orders, made)?;
        let (fitted, rarities) = (Some(Fitted { below, orders }), kept.rarities.clone());
        Ok(Self { fitted, rarities, blend: Blend { base, network, rules } })
    }
}

impl Blend {
    /// The probability of being wrong by both and by what counts beside them.
    fn score(self, network: f32, rules: f32, beside: f32) -> f64 {
        let logit = self.base + self.network * network + self.rules * rules + beside;
        1.0 / (1.0 + f64::from(-logit).exp())
    }
}

impl Fitted {
    /// Weighs rules and network by a disturbed past that the network was not fitted to.
    fn blend(&self, past: Past<'_>, fit: Fit, rarities: &[Rarity]) -> Result<Blend, ModelError> {
        let seed = fit.seed * 1000 + 999;
        let apart = Disturbed::new(past, &self.below, fit.share, seed)?;
        let logits = self.orders.score(&apart.rows)?;
        let weights = order_model::balanced(&apart.classes);
        let book = RuleBook::default();
        let said: Vec<(f32, f32, f32, f32)> = (0..apart.rows.len())
            .map(|place| {
                let rules = together(&seen(rarities, &apart.looks[place], &book));
                let wrong = if apart.classes[place] > 0 { 1.0 } else { 0.0 };
                (logits[place].0, rules, wrong, weights[place])
            })
            .collect();
        let mut blend = logistic(&said);
        // A disturbed past says too little of the rules: it has no kind that the network was not
        // taught, and that is where they count.
        blend.rules = blend.rules.max(LEAST_RULES);
        // A quarter of the weight was wrong there; far less is in what arrives.
        blend.base += (PRIOR / (1.0 - PRIOR)).ln() - (1f32 / 3.0).ln();
        Ok(blend)
    }
}

/// Looks at the orders of a past that are fitted to.
fn looks(past: Past<'_>) -> Result<Vec<Look>, ModelError> {
    let looks = order_model::replay(past.orders.iter().map(|one| (one, past.right(one))));
    if looks.len() < LEAST { Err(ModelError::Few(looks.len())) } else { Ok(looks) }
}

/// How rarely each rule is how strong.
fn rarities(looks: &[Look]) -> Vec<Rarity> {
    let of = |rule: &Rule| Rarity::of(looks.iter().map(|look| (rule.strength)(look)).collect());
    RULES.iter().map(of).collect()
}

/// What the rules say where a past tells how rare that is.
fn seen(rarities: &[Rarity], look: &Look, book: &RuleBook) -> Vec<Said> {
    let mut said = Vec::with_capacity(RULES.len());
    for ((rule, strength), rarity) in RULES.iter().zip(book.strengths(look)).zip(rarities) {
        let Some((strength, speaks)) = strength else {
            said.push(Said::default());
            continue;
        };
        let rarity = match rule.cause {
            // A past that kept to its list prices to the penny would find any special rare.
            Cause::ListPrice if speaks => UNSEEN.0,
            Cause::ListPrice => 0.0,
            Cause::Note => rarity.of_value(strength).min(MOST_NOTE),
            _ => rarity.of_value(strength),
        };
        said.push(Said { strength, rarity, speaks });
    }
    said
}

/// What the rules say without a past.
fn unseen(look: &Look, book: &RuleBook) -> Vec<Said> {
    let (rare, most) = UNSEEN;
    let mut said = Vec::with_capacity(RULES.len());
    for ((rule, _, from), strength) in book.rules().zip(book.strengths(look)) {
        let (strength, speaks) = strength.unwrap_or_default();
        let rarity = match (speaks, rule.cause) {
            (false, _) => 0.0,
            (true, Cause::Note) => UNSEEN_NOTE,
            (true, Cause::ListPrice) => rare,
            (true, _) => rare + (strength - from).clamp(0.0, most),
        };
        said.push(Said { strength, rarity, speaks });
    }
    said
}

/// The facts and rules that models are fitted to.
fn made_for() -> String {
    let rules: Vec<&str> = RULES.iter().map(|rule| rule.name).collect();
    format!("{}; {}; 1", super::facts::Facts::NAMES.join(" "), rules.join(" "))
}

/// The rarest rule counts, the next two a little; half of it while it is too weak to speak.
fn together(rules: &[Said]) -> f32 {
    let counts = |said: &Said| said.rarity * if said.speaks { 1.0 } else { 0.5 };
    let mut rarities: Vec<f32> = rules.iter().map(counts).collect();
    rarities.sort_by(|a, b| b.total_cmp(a));
    let at = |place: usize| rarities.get(place).copied().unwrap_or(0.0);
    at(0) + 0.3 * at(1) + 0.1 * at(2)
}

/// What the rules that see what the network does not add to the logit.
fn beside(rules: &[Said]) -> f32 {
    let of = |cause| {
        let of = RULES.iter().zip(rules).find(|(rule, _)| rule.cause == cause);
        of.filter(|(_, said)| said.speaks).map_or(0.0, |(_, said)| said.strength)
    };
    NOTE * of(Cause::Note) + LIST.0 * of(Cause::ListPrice).min(LIST.1)
}

/// Logistic regression of wrong on network and rules by weighted gradient steps of Newton's kind.
fn logistic(said: &[(f32, f32, f32, f32)]) -> Blend {
    let mut weights = [0f64, 1.0, 0.0];
    for _ in 0..25 {
        let (mut slope, mut curve) = ([0f64; 3], [[0f64; 3]; 3]);
        for &(network, rules, wrong, weight) in said {
            let x = [1.0, f64::from(network), f64::from(rules)];
            let logit: f64 = x.iter().zip(&weights).map(|(x, w)| x * w).sum();
            let share = 1.0 / (1.0 + (-logit).exp());
            for i in 0..3 {
                slope[i] += f64::from(weight) * (f64::from(wrong) - share) * x[i];
                for j in 0..3 {
                    curve[i][j] += f64::from(weight) * share * (1.0 - share) * x[i] * x[j];
                }
            }
        }
        for (place, row) in curve.iter_mut().enumerate() {
            row[place] += 1e-3;
        }
        let step = solve(curve, slope);
        weights.iter_mut().zip(step).for_each(|(w, step)| *w += step.clamp(-1.0, 1.0));
    }
    Blend { base: weights[0] as f32, network: weights[1] as f32, rules: weights[2] as f32 }
}

/// Solves three equations by elimination; the matrix is positive definite.
fn solve(mut a: [[f64; 3]; 3], mut b: [f64; 3]) -> [f64; 3] {
    for i in 0..3 {
        let (pivot, of) = (a[i], b[i]);
        for j in i + 1..3 {
            let share = a[j][i] / pivot[i];
            a[j].iter_mut().zip(pivot).for_each(|(x, pivot)| *x -= share * pivot);
            b[j] -= share * of;
        }
    }
    for i in (0..3).rev() {
        for k in i + 1..3 {
            b[i] -= a[i][k] * b[k];
        }
        b[i] /= a[i][i];
    }
    b
}
