//! Orders that are wrong on purpose, and the truth about them.

use super::calendar::moment;
use super::catalogue::SITES;
use super::rows::*;
use super::sim::{Event, Merchant};
use super::truth::*;
use crate::domain::{OrderNo, SiteId, Sku, Timestamp};
use rand::Rng;

/// An odd order, in few bytes.
#[derive(Clone, Debug)]
pub struct OddRow {
    /// Index of the order.
    pub order: u32,
    /// What is wrong.
    pub kind: OddKind,
    /// Index of the line within the order that is wrong, if one is.
    pub line: u8,
    /// What was meant: units, pence or the number of the first order, by kind.
    pub meant: u32,
}

/// Odd incidents for each thousand orders; a burst of guests is one incident.
const INCIDENTS: f64 = 2.3;

impl Merchant {
    /// Decides at midnight what will go wrong today.
    pub(super) fn plan_odd_incidents(&mut self, at: u32) {
        for _ in 0..self.draw_count(self.config.orders_per_day * INCIDENTS / 1_000.0) {
            let kind = match self.rng.random_range(0..100) {
                0..20 => 0,
                20..34 => 1,
                34..50 => 2,
                50..55 => 3,
                55..73 => 4,
                73..86 => 5,
                _ => 6_u8,
            };
            let second = if OddKind::ALL[usize::from(kind)] == OddKind::NightHighValue {
                self.rng.random_range(2 * 3_600..4 * 3_600)
            } else {
                super::calendar::second_of_day(self.rng.random()).min(86_000)
            };
            self.schedule(at + second, Event::Odd(kind));
        }
    }

    pub(super) fn odd_incident(&mut self, at: u32, kind: OddKind) {
        match kind {
            OddKind::GuestBurst => {
                let home = self.invent_customer();
                for _ in 0..self.rng.random_range(5..10) {
                    let second = at + self.rng.random_range(0..1_200);
                    self.schedule(second, Event::Guest(home));
                }
            }
            OddKind::DuplicateBasket => {
                let customer = self.draw_customer();
                let basket = self.fill_basket(customer);
                if !basket.is_empty() {
                    let order = self.place(at, customer, &basket);
                    self.accept(at, order);
                    let later = at + self.rng.random_range(120..900);
                    self.schedule(later, Event::Again(order));
                }
            }
            OddKind::NightHighValue => self.night_order(at),
            _ => self.spoilt_line(at, kind),
        }
    }

    /// An ordinary basket of which one line is wrong.
    fn spoilt_line(&mut self, at: u32, kind: OddKind) {
        let customer = self.draw_customer();
        let mut basket = self.fill_basket(customer);
        let pick = match kind {
            OddKind::PackMixup => {
                let pack = |l: &LineRow| self.catalogue.items[usize::from(l.item)].pack;
                basket.iter().position(|line| pack(line) >= 6)
            }
            OddKind::PriceHundredth => basket.iter().position(|line| line.price >= 200),
            _ => (!basket.is_empty()).then_some(0),
        };
        let Some(line) = pick else { return };
        let pack = self.catalogue.items[usize::from(basket[line].item)].pack;
        let spoilt = &mut basket[line];
        let meant = match kind {
            OddKind::PriceHundredth => {
                let meant = spoilt.price;
                spoilt.price = (spoilt.price / 100).max(1);
                spoilt.list = spoilt.price;
                meant
            }
            _ => {
                let meant = u32::from(spoilt.qty);
                let times = match kind {
                    OddKind::QuantityTimesTen => 10,
                    OddKind::QuantityTimesHundred => 100,
                    _ => pack,
                };
                spoilt.qty = spoilt.qty.saturating_mul(times);
                meant
            }
        };
        self.place_odd(at, customer, &basket, kind, (line as u8, meant));
    }

    fn night_order(&mut self, at: u32) {
        let customer = self.invent_customer();
        let site = usize::from(self.customers[customer as usize].site);
        self.customers[customer as usize].guest = false;
        let all = 0..self.catalogue.items.len();
        let mut basket: Vec<LineRow> = Vec::new();
        for _ in 0..60 {
            if let Some(item) = self.market.draw(&mut self.rng, site, all.clone())
                && self.catalogue.items[usize::from(item)].list >= 1_500
                && basket.iter().all(|line| line.item != item)
            {
                let qty = self.rng.random_range(3..9);
                basket.push(self.priced_line(item, qty, false));
            }
            if basket.len() >= 8 {
                break;
            }
        }
        if !basket.is_empty() {
            self.place_odd(at, customer, &basket, OddKind::NightHighValue, (0, 0));
        }
    }

    /// One guest of a burst; all of them live at one address.
    pub(super) fn burst_guest(&mut self, at: u32, home: u32) {
        let customer = self.invent_customer();
        let site = self.customers[home as usize].site;
        let country = self.customers[home as usize].country;
        let guest = &mut self.customers[customer as usize];
        (guest.home, guest.site, guest.country, guest.guest) = (home, site, country, true);
        let item = self.customers[home as usize].favourites[0];
        let qty = self.rng.random_range(1..4);
        let line = self.priced_line(item, qty, false);
        self.place_odd(at, customer, &[line], OddKind::GuestBurst, (0, home));
    }

    /// The same basket again.
    pub(super) fn order_again(&mut self, at: u32, first: u32) {
        let row = self.orders[first as usize].clone();
        let basket = self.lines_of(&row).to_vec();
        let number = FIRST_ORDER + first;
        self.place_odd(at, row.customer, &basket, OddKind::DuplicateBasket, (0, number));
    }

    /// Half of what is wrong is noticed by somebody and called off.
    fn place_odd(
        &mut self,
        at: u32,
        customer: u32,
        basket: &[LineRow],
        kind: OddKind,
        (line, meant): (u8, u32),
    ) {
        let order = self.place(at, customer, basket);
        self.odd.push(OddRow { order, kind, line, meant });
        self.accept(at, order);
        if self.rng.random_bool(0.5) {
            let noticed = at + self.rng.random_range(3_600..20 * 3_600);
            self.schedule(noticed, Event::Cancel(order));
        }
    }

    fn explain(&self, odd: &OddRow) -> Box<str> {
        let order = &self.orders[odd.order as usize];
        let line = &self.lines[order.first_line as usize + usize::from(odd.line)];
        let code = &self.catalogue.items[usize::from(line.item)].code;
        let pounds = |pence: u32| format!("{}.{:02}", pence / 100, pence % 100);
        match odd.kind {
            OddKind::QuantityTimesTen | OddKind::QuantityTimesHundred => {
                format!("{} units of {code} were ordered where {} were meant.", line.qty, odd.meant)
            }
            OddKind::PriceHundredth => {
                format!(
                    "{code} was sold at {} instead of {}.",
                    pounds(line.price),
                    pounds(odd.meant)
                )
            }
            OddKind::GuestBurst => {
                "One of several guest orders to one address within twenty minutes.".to_owned()
            }
            OddKind::DuplicateBasket => {
                format!("The same basket as order {}, minutes later.", odd.meant)
            }
            OddKind::NightHighValue => {
                "A new account, in the small hours, for a high value.".to_owned()
            }
            OddKind::PackMixup => {
                format!(
                    "{} packs of {code} were ordered as if they were units: {}.",
                    odd.meant, line.qty
                )
            }
        }
        .into()
    }

    /// What only the simulation knows.
    pub fn truth(&self) -> Truth {
        let sku = |item: usize| Sku::new(self.catalogue.items[item].code.clone());
        let site = |shelf: u16| SiteId::new(SITES[usize::from(shelf) % 3].0);
        let day = |number: i32| -> Timestamp {
            crate::domain::Day::from_number(number).start(&self.zone)
        };
        let odd = self.odd.iter().map(|odd| OddOrder {
            number: OrderNo::new((FIRST_ORDER + odd.order).to_string()),
            kind: odd.kind,
            explanation: self.explain(odd),
            at: moment(self.orders[odd.order as usize].placed),
        });
        let ended =
            self.stock_outs.iter().map(|(shelf, from, until)| (*shelf, *from, Some(*until)));
        let lasting = self.shelves.iter().enumerate().filter(|(_, s)| s.out_since != 0);
        let lasting = lasting.map(|(i, s)| (i as u16, s.out_since, None));
        let mut stock_outs: Vec<StockOut> = ended
            .chain(lasting)
            .map(|(shelf, from, until)| StockOut {
                sku: sku(usize::from(shelf) / 3),
                site: site(shelf),
                from: moment(from),
                until: until.map(moment),
            })
            .collect();
        stock_outs.sort_by_key(|out| out.from);
        let lost = self.lost.iter().map(|(shelf, units, at)| LostDemand {
            sku: sku(usize::from(*shelf) / 3),
            site: site(*shelf),
            units: u32::from(*units),
            at: moment(*at),
        });
        let promotions = self.market.promos.iter().map(|promo| Promotion {
            skus: promo.items.iter().map(|i| sku(usize::from(*i))).collect(),
            percent_off: promo.off,
            uplift_percent: (promo.uplift * 100.0) as u16,
            from: day(promo.from),
            until: day(promo.until),
        });
        let today = self.today.0.number();
        let mut shifts: Vec<LevelShift> = self
            .catalogue
            .items
            .iter()
            .enumerate()
            .filter_map(|(i, item)| item.shift.map(|shift| (i, shift)))
            .filter(|(_, (from, _))| *from <= today)
            .map(|(i, (from, factor))| LevelShift { sku: Some(sku(i)), at: day(from), factor })
            .collect();
        if let Some(shift) = self.config.shift.filter(|s| s.at <= self.now()) {
            shifts.push(LevelShift { sku: None, at: shift.at, factor: shift.factor });
        }
        shifts.sort_by_key(|shift| shift.at);
        Truth {
            odd: odd.collect(),
            incidents: self.happened(),
            stock_outs,
            lost: lost.collect(),
            promotions: promotions.collect(),
            shifts,
        }
    }
}
