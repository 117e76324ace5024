//! Orders made wrong on purpose, to teach a network what the merchant's own past is not.
//!
//! Nothing here imitates an actual event. Each family disturbs one side of an order - how many, at
//! what price, for whom, where to, when, how often, what together - with parameters drawn from ranges
//! as wide as they make sense, so that what is learnt is "unlike the past along this side" and not
//! some script. (Outlier exposure: Hendrycks, Mazeika, Dietterich 2019.)

use super::order::{DAY, Kind, Line, Order};
use super::past::Past;
use rand::Rng;
use rand::seq::{IndexedRandom, SliceRandom};
use rand_chacha::ChaCha8Rng;
use std::sync::Arc;

/// The sides of an order that are disturbed. 0 is an order left alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Family {
    /// Some lines' quantities.
    LineQuantity = 1,
    /// All lines' quantities.
    OrderQuantity = 2,
    /// Some lines' prices.
    LinePrice = 3,
    /// All lines' prices.
    OrderPrice = 4,
    /// Where it goes, and who it is from.
    Destination = 5,
    /// When.
    Clock = 6,
    /// Again.
    Repeat = 7,
    /// Many at once.
    Crowd = 8,
    /// Back again.
    Returns = 9,
    /// What together.
    Basket = 10,
}

/// Families and "left alone".
pub const CLASSES: usize = 11;

const MADE: [Family; 10] = [
    Family::LineQuantity,
    Family::OrderQuantity,
    Family::LinePrice,
    Family::OrderPrice,
    Family::Destination,
    Family::Clock,
    Family::Repeat,
    Family::Crowd,
    Family::Returns,
    Family::Basket,
];

/// What was done to an order that is not fitted to.
pub(super) const LEFT_OUT: usize = usize::MAX;

/// An order of a disturbed past and what was done to it: 0 for nothing.
pub(super) type Made = (Order, usize);

/// Disturbs a share of the orders that are fitted to. Orders come and go in the order of their arrival.
pub(super) fn disturb(past: Past<'_>, share: f64, draws: &mut ChaCha8Rng) -> Vec<Made> {
    let mut all: Vec<Made> = Vec::with_capacity(past.orders.len() * 9 / 8);
    let mut maker = Maker { past: past.orders, fresh: 0 };
    for (place, order) in past.orders.iter().enumerate() {
        if !past.right(order) {
            all.push((order.clone(), LEFT_OUT));
            continue;
        }
        if !draws.random_bool(share) {
            all.push((order.clone(), 0));
            continue;
        }
        // What adds several orders is drawn less often, so that no family makes most of them.
        let family = MADE[draws.random_range(0..MADE.len())];
        let rare = matches!(family, Family::Crowd | Family::Returns);
        if rare && draws.random_bool(0.7) {
            all.push((order.clone(), 0));
            continue;
        }
        maker.make(family, place, &mut all, draws);
    }
    all.sort_by_key(|made| made.0.at);
    all
}

/// An order of which some or all lines have other quantities or prices.
pub(super) fn lines(order: &Order, draws: &mut ChaCha8Rng) -> Order {
    let mut changed = order.clone();
    match draws.random_range(0..8) {
        0..=3 => line_quantity(&mut changed, draws),
        4 | 5 => line_price(&mut changed, draws),
        6 => order_quantity(&mut changed, draws),
        _ => order_price(&mut changed, draws),
    }
    changed
}

struct Maker<'a> {
    past: &'a [Order],
    fresh: usize,
}

impl Maker<'_> {
    fn make(&mut self, family: Family, place: usize, all: &mut Vec<Made>, draws: &mut ChaCha8Rng) {
        let order = self.past[place].clone();
        match family {
            Family::Repeat => self.repeat(place, all, draws),
            Family::Crowd => self.crowd(place, all, draws),
            Family::Returns => self.returns(place, all, draws),
            _ if order.kind == Kind::Return => all.push((order, 0)),
            _ => {
                let mut changed = order.clone();
                self.change(family, place, &mut changed, draws);
                // Now and then two sides at once.
                if draws.random_bool(0.15) {
                    let side = MADE[draws.random_range(0..6)];
                    self.change(side, place, &mut changed, draws);
                }
                let class = if changed == order { 0 } else { family as usize };
                all.push((changed, class));
            }
        }
    }

    fn change(&mut self, family: Family, place: usize, order: &mut Order, draws: &mut ChaCha8Rng) {
        match family {
            Family::LineQuantity => line_quantity(order, draws),
            Family::OrderQuantity => order_quantity(order, draws),
            Family::LinePrice => line_price(order, draws),
            Family::OrderPrice => order_price(order, draws),
            Family::Destination => self.destination(order, place, draws),
            Family::Clock => order.at = order.at.div_euclid(DAY) * DAY + draws.random_range(0..DAY),
            Family::Basket => self.basket(order, place, draws),
            Family::Repeat | Family::Crowd | Family::Returns => {}
        }
    }

    /// An order from shortly before.
    fn near(&self, place: usize, draws: &mut ChaCha8Rng) -> &Order {
        let from = place.saturating_sub(2000);
        &self.past[draws.random_range(from..=place)]
    }

    fn stranger(&mut self, what: &str) -> Arc<str> {
        self.fresh += 1;
        // A space in front: no id that a store gives.
        Arc::from(format!(" {what}{}", self.fresh).as_str())
    }

    fn destination(&mut self, order: &mut Order, place: usize, draws: &mut ChaCha8Rng) {
        let signs = draws.random_range(1..8);
        if signs & 1 != 0 {
            order.address = Some(self.stranger("address"));
        }
        if signs & 2 != 0 {
            order.ship = match draws.random_bool(0.5) {
                true => self.foreign(place, draws),
                false => self.stranger("country"),
            };
        }
        if signs & 4 != 0 {
            let other = self.near(place, draws);
            let (customer, bill) = (other.customer.clone(), Arc::clone(&other.bill));
            order.account = other.account.clone();
            (order.customer, order.bill) = (customer, bill);
        }
    }

    /// The country of some order whose country is not the commonest.
    fn foreign(&self, place: usize, draws: &mut ChaCha8Rng) -> Arc<str> {
        let home = Arc::clone(&self.past[place].ship);
        for _ in 0..40 {
            let ship = &self.near(place, draws).ship;
            if *ship != home {
                return Arc::clone(ship);
            }
        }
        home
    }

    /// Lines of other people's orders, a few or a great many.
    fn basket(&self, order: &mut Order, place: usize, draws: &mut ChaCha8Rng) {
        if draws.random_bool(0.5) {
            order.lines = self.near(place, draws).lines.clone();
        } else {
            let sources = draws.random_range(2..12);
            order.lines.clear();
            for _ in 0..sources {
                let other = self.near(place, draws);
                let some = draws.random_range(1..=other.lines.len().min(12));
                order.lines.extend(other.lines.choose_multiple(draws, some).cloned());
            }
        }
    }

    fn repeat(&mut self, place: usize, all: &mut Vec<Made>, draws: &mut ChaCha8Rng) {
        let order = &self.past[place];
        all.push((order.clone(), 0));
        if order.kind == Kind::Return {
            return;
        }
        if draws.random_bool(0.15) {
            // Again within the order itself.
            let mut twice = order.clone();
            let some = draws.random_range(1..=twice.lines.len());
            let again: Vec<Line> = twice.lines.choose_multiple(draws, some).cloned().collect();
            twice.lines.extend(again);
            all.pop();
            all.push((twice, Family::Repeat as usize));
            return;
        }
        let times = if draws.random_bool(0.85) { 1 } else { draws.random_range(2..5) };
        let mut at = order.at;
        for _ in 0..times {
            at += wide(draws, 30.0, 1.5 * DAY as f64) as i64;
            let mut again = order.clone();
            again.at = at;
            if again.lines.len() > 2 && draws.random_bool(0.5) {
                let kept = draws.random_range(0.7..1.0) * again.lines.len() as f64;
                again.lines.shuffle(draws);
                again.lines.truncate((kept.ceil() as usize).max(1));
            }
            if draws.random_bool(0.25) {
                again.account = None;
                again.customer = draws.random_bool(0.5).then(|| self.stranger("customer"));
                again.address = Some(self.stranger("address"));
            }
            all.push((again, Family::Repeat as usize));
        }
    }

    fn crowd(&mut self, place: usize, all: &mut Vec<Made>, draws: &mut ChaCha8Rng) {
        let order = self.past[place].clone();
        all.push((order.clone(), 0));
        let count = wide(draws, 4.0, 50.0) as usize;
        let window = wide(draws, 120.0, 3.0 * 3600.0);
        let one_address = draws.random_bool(0.3).then(|| self.stranger("address"));
        let one_customer = draws.random_bool(0.2).then(|| self.stranger("customer"));
        let one_item = draws.random_bool(0.5);
        let unnamed = draws.random::<f64>();
        let target = self.near(place, draws).lines.choose(draws).cloned();
        for _ in 0..count {
            let mut small = order.clone();
            small.kind = Kind::Sale;
            small.account = None;
            small.at = order.at + (draws.random::<f64>() * window) as i64;
            small.customer = match &one_customer {
                Some(one) => Some(Arc::clone(one)),
                None if draws.random_bool(unnamed) => None,
                None => Some(self.stranger("customer")),
            };
            small.address = Some(one_address.clone().unwrap_or_else(|| self.stranger("address")));
            let lines = draws.random_range(1..=2);
            small.lines.clear();
            for line in 0..lines {
                let chosen = match &target {
                    Some(target) if one_item && line == 0 => Some(target.clone()),
                    _ => self.near(place, draws).lines.choose(draws).cloned(),
                };
                let qty = f64::from(draws.random_range(1..=6));
                small.lines.extend(chosen.map(|line| Line { qty, ..line }));
            }
            all.push((small, 0));
        }
        // The first few of a crowd are a crowd to nobody.
        let from = all.len() - count;
        all[from..].sort_by_key(|made| made.0.at);
        for (number, made) in all[from..].iter_mut().enumerate() {
            made.1 = if number < 2 { 0 } else { Family::Crowd as usize };
        }
    }

    /// Returns of what the customer bought in the last weeks, from one to many.
    fn returns(&mut self, place: usize, all: &mut Vec<Made>, draws: &mut ChaCha8Rng) {
        let order = self.past[place].clone();
        all.push((order.clone(), 0));
        let bought: Vec<&Order> = self.past[place.saturating_sub(4000)..=place]
            .iter()
            .filter(|old| old.customer == order.customer && old.kind == Kind::Sale)
            .collect();
        if order.customer.is_none() || bought.is_empty() {
            return;
        }
        let count = draws.random_range(1..=8);
        let span = wide(draws, 1.0, 40.0) * DAY as f64;
        let foreign = draws.random_bool(0.15);
        let mut times: Vec<i64> =
            (0..count).map(|_| order.at + (draws.random::<f64>() * span) as i64).collect();
        times.sort_unstable();
        for (number, at) in times.into_iter().enumerate() {
            let Some(from) = bought.choose(draws) else { return };
            let mut back = (*from).clone();
            back.kind = Kind::Return;
            back.at = at - at.rem_euclid(DAY) + from.at.rem_euclid(DAY);
            if foreign {
                back.lines = self.near(place, draws).lines.clone();
            }
            let kept = draws.random_range(1..=back.lines.len());
            back.lines.shuffle(draws);
            back.lines.truncate(kept.min(20));
            for line in &mut back.lines {
                line.qty = (line.qty * draws.random_range(0.3..1.01)).round().max(1.0);
            }
            // One return is what shops live with.
            let class = if number < 1 && !foreign { 0 } else { Family::Returns as usize };
            all.push((back, class));
        }
    }
}

/// A quantity or price that cannot be.
fn impossible(draws: &mut ChaCha8Rng) -> f64 {
    match draws.random_range(0..4) {
        0 => 0.0,
        1 => -draws.random_range(1.0..20.0_f64).round(),
        _ => draws.random_range(0.001..0.999),
    }
}

/// A number whose logarithm is drawn evenly between two.
fn wide(draws: &mut ChaCha8Rng, from: f64, to: f64) -> f64 {
    (from.ln() + draws.random::<f64>() * (to / from).ln()).exp()
}

fn line_quantity(order: &mut Order, draws: &mut ChaCha8Rng) {
    let lines = order.lines.len();
    let count = if draws.random_bool(0.75) { 1 } else { draws.random_range(1..=lines.min(4)) };
    let mut places: Vec<usize> = (0..lines).collect();
    places.shuffle(draws);
    for &place in places.iter().take(count) {
        let factor = wide(draws, 3.0, 120.0);
        let line = &mut order.lines[place];
        line.qty = match draws.random_range(0..20) {
            0 => impossible(draws),
            1 | 2 => (line.qty / factor).round().max(1.0),
            3..=9 => line.qty * factor.round(),
            _ => (line.qty * factor).round(),
        };
    }
}

fn order_quantity(order: &mut Order, draws: &mut ChaCha8Rng) {
    let factor = wide(draws, 3.0, 40.0);
    let factor = if draws.random_bool(0.5) { factor.round() } else { factor };
    let factor = if draws.random_bool(0.45) { 1.0 / factor } else { factor };
    let alike = draws.random_bool(0.75);
    for line in &mut order.lines {
        let own = if alike { factor } else { factor.powf(draws.random_range(0.5..1.5)) };
        line.qty = (line.qty * own).round().max(1.0);
    }
}

fn cents(price: f64) -> f64 {
    ((price * 100.0).round() / 100.0).max(0.01)
}

fn line_price(order: &mut Order, draws: &mut ChaCha8Rng) {
    let lines = order.lines.len();
    let count = if draws.random_bool(0.6) { 1 } else { draws.random_range(1..=lines.min(4)) };
    let mut places: Vec<usize> = (0..lines).collect();
    places.shuffle(draws);
    if count > 1 && draws.random_bool(0.2) {
        // Prices of lines mixed up among each other.
        let last = order.lines[places[count - 1]].price;
        for at in (1..count).rev() {
            order.lines[places[at]].price = order.lines[places[at - 1]].price;
        }
        order.lines[places[0]].price = last;
        return;
    }
    for &place in places.iter().take(count) {
        let factor = wide(draws, 1.8, 150.0);
        let factor = if draws.random_bool(0.5) { 1.0 / factor } else { factor };
        order.lines[place].price = cents(order.lines[place].price * factor);
    }
}

fn order_price(order: &mut Order, draws: &mut ChaCha8Rng) {
    let factor = wide(draws, 1.4, 12.0);
    let factor = if draws.random_bool(0.75) { 1.0 / factor } else { factor };
    for line in &mut order.lines {
        line.price = cents(line.price * factor * draws.random_range(0.9..1.1));
    }
}
