//! All that is known of a line but its quantity, as numbers.

use super::facts::LineFacts;
use super::look::Look;

/// Numbers known of a line but its quantity.
pub(super) const CONTEXT: usize = 29;
/// Of these the last ones are about the rest of the order.
const BASKET: usize = 4;

/// What the other lines of an order say of one.
pub(super) struct Rest {
    sum: f32,
    square: f32,
    count: f32,
}

impl Rest {
    pub(super) fn of(look: &Look) -> Self {
        let offsets = || look.lines.iter().map(|line| line.offset.clamp(-6.0, 6.0));
        Self {
            sum: offsets().sum(),
            square: offsets().map(|offset| offset * offset).sum(),
            count: look.lines.len() as f32,
        }
    }

    /// Mean, spread and count of the others.
    fn without(&self, line: &LineFacts) -> (f32, f32, f32) {
        let own = line.offset.clamp(-6.0, 6.0);
        let count = self.count - 1.0;
        if count < 1.0 {
            return (0.0, 1.0, 0.0);
        }
        let mean = (self.sum - own) / (count + 0.5);
        let spread = ((self.square - own * own + 1.0) / (count + 1.0) - mean * mean).max(0.0);
        (mean, spread.sqrt(), count)
    }
}

/// All that is known of a line but its quantity.
pub(super) fn context(line: &LineFacts, look: &Look, rest: &Rest, with: bool) -> [f32; CONTEXT] {
    let (offset, spread, sales) = look.usual;
    let own = line.own_count > 0.0;
    let before = |relative: f32| if own { line.quantity - relative - line.median } else { offset };
    let (mean, others, count) = rest.without(line);
    let flag = |is: bool| if is { 1.0 } else { 0.0 };
    let mut all = [
        (1.0 + line.lines).ln(),
        line.median,
        line.low - line.median,
        line.high - line.median,
        line.most - line.median,
        line.spread,
        offset,
        spread,
        (1.0 + sales).ln(),
        look.facts.guest,
        look.facts.first_order,
        flag(own),
        (1.0 + line.own_count).ln(),
        before(line.own_last),
        before(line.own_most),
        line.price_ratio.clamp(-3.0, 3.0),
        line.price_nearest.clamp(-2.0, 2.0),
        flag(line.level_count >= 2.0),
        (1.0 + line.level_count).ln(),
        line.level_offset,
        line.price_median.unwrap_or(1.0),
        (line.weekly.max(0.25).log2() as f32) - line.median,
        look.facts.line_count,
        look.facts.is_return,
        look.facts.own_share,
        flag(with),
        mean,
        others,
        (1.0 + count).ln(),
    ];
    if !with {
        all[CONTEXT - BASKET..].fill(0.0);
    }
    all
}
