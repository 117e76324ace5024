//! Small running statistics: the last few values with their quantiles, a fading mean, a fading rate.

/// The last values of something, kept in order of arrival and of size.
#[derive(Debug, Clone)]
pub(super) struct Recent {
    room: usize,
    next: usize,
    ring: Vec<f32>,
    sorted: Vec<f32>,
}

impl Recent {
    /// Keeps the last `room` values.
    pub(super) fn new(room: usize) -> Self {
        Self { room, next: 0, ring: Vec::new(), sorted: Vec::new() }
    }

    /// Takes a value in; the oldest falls out when there is no room.
    pub(super) fn push(&mut self, value: f32) {
        if self.ring.len() < self.room {
            self.ring.push(value);
        } else {
            let old = std::mem::replace(&mut self.ring[self.next], value);
            self.next = (self.next + 1) % self.room;
            let place = self.sorted.partition_point(|x| x.total_cmp(&old).is_lt());
            self.sorted.remove(place);
        }
        let place = self.sorted.partition_point(|x| x.total_cmp(&value).is_lt());
        self.sorted.insert(place, value);
    }

    pub(super) fn len(&self) -> usize {
        self.ring.len()
    }

    /// Quantile 0 to 1 by nearest rank; `None` when empty.
    pub(super) fn quantile(&self, level: f32) -> Option<f32> {
        let last = self.sorted.len().checked_sub(1)?;
        self.sorted.get((level * last as f32).round() as usize).copied()
    }

    pub(super) fn median(&self) -> Option<f32> {
        self.quantile(0.5)
    }

    /// Spread as a standard deviation would be for a bell curve, from the middle of the values,
    /// drawn towards `usual` while there are few.
    pub(super) fn spread(&self, usual: f32) -> f32 {
        let own = match (self.quantile(0.1), self.quantile(0.9)) {
            (Some(low), Some(high)) => (high - low) / 2.56,
            _ => usual,
        };
        let count = self.len() as f32;
        (own * count + usual * 6.0) / (count + 6.0)
    }
}

/// A mean and spread that forget: a value weighs half as much after `half` further ones.
#[derive(Debug, Clone, Default)]
pub(super) struct Fading {
    weight: f32,
    mean: f32,
    square: f32,
}

impl Fading {
    pub(super) fn push(&mut self, value: f32, half: f32) {
        let keep = (-std::f32::consts::LN_2 / half).exp();
        self.weight = self.weight * keep + 1.0;
        let step = (value - self.mean) / self.weight;
        let before = value - self.mean;
        self.mean += step;
        self.square = self.square * keep + before * (value - self.mean);
    }

    /// The mean, drawn towards `usual` as if `count` values had said so.
    pub(super) fn mean(&self, usual: f32, count: f32) -> f32 {
        (self.mean * self.weight + usual * count) / (self.weight + count)
    }

    /// The standard deviation, drawn towards `usual` as if `count` values had said so.
    pub(super) fn deviation(&self, usual: f32, count: f32) -> f32 {
        ((self.square + usual * usual * count) / (self.weight + count)).max(0.0).sqrt()
    }
}

/// Something per second that forgets with a half-life.
#[derive(Debug, Clone)]
pub(super) struct Rate {
    half: f64,
    total: f64,
    first: Option<i64>,
    last: i64,
}

impl Rate {
    /// Forgets half in `half` seconds.
    pub(super) fn new(half: i64) -> Self {
        Self { half: half as f64, total: 0.0, first: None, last: 0 }
    }

    pub(super) fn push(&mut self, at: i64, amount: f64) {
        self.total = self.faded(at) + amount;
        self.first.get_or_insert(at);
        self.last = self.last.max(at);
    }

    fn faded(&self, at: i64) -> f64 {
        self.total * (-((at - self.last).max(0) as f64) / self.half).exp2()
    }

    /// How much came in the last half-life or so, as it stands.
    pub(super) fn level(&self, at: i64) -> f64 {
        self.faded(at)
    }

    /// Per second; what is younger than its half-life counts as if it had been so since its start,
    /// and no start is taken as more recent than a week.
    pub(super) fn per_second(&self, at: i64) -> f64 {
        let Some(first) = self.first else { return 0.0 };
        let age = ((at - first).max(7 * super::order::DAY)) as f64;
        let covered = 1.0 - (-age / self.half).exp2();
        self.faded(at) * std::f64::consts::LN_2 / self.half / covered
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn recent_keeps_the_last_and_their_quantiles() {
        let mut recent = Recent::new(3);
        assert_eq!(recent.median(), None);
        [9.0, 1.0, 5.0, 3.0].into_iter().for_each(|value| recent.push(value));
        assert_eq!(
            (recent.len(), recent.median(), recent.quantile(1.0)),
            (3, Some(3.0), Some(5.0))
        );
    }

    #[test]
    fn a_rate_is_what_comes_and_fades() {
        let day = super::super::order::DAY;
        let mut rate = Rate::new(28 * day);
        (0..200).for_each(|number| rate.push(number * day, 5.0));
        let daily = rate.per_second(199 * day) * day as f64;
        assert!((daily - 5.0).abs() < 0.2, "{daily}");
        assert!(rate.per_second(300 * day) * (day as f64) < 0.5);
    }

    #[test]
    fn fading_follows_what_is_new() {
        let mut fading = Fading::default();
        (0..50).for_each(|_| fading.push(1.0, 5.0));
        (0..50).for_each(|_| fading.push(3.0, 5.0));
        assert!((fading.mean(0.0, 0.0) - 3.0).abs() < 0.01);
        assert!(fading.deviation(0.0, 0.0) < 0.2);
    }
}
