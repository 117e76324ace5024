//! The past of a customer or a SKU, as flags see it.

use super::rows::with_view;
use crate::domain::*;
use crate::engine::api::*;
use crate::engine::house::House;
use crate::engine::questions::{cached, store};
use crate::engine::stored::StoredOrder;
use crate::engine::tables;
use crate::orders::Row;

/// Orders that are told, the newest.
const NEWEST: usize = 50;
/// Orders whose prices are looked at for the usual one, the newest.
const PRICED: usize = 200;

/// The past; `None`: nothing is known of it.
pub fn past(house: &House, of: &PastOf) -> Result<Option<FlagPast>, Refusal> {
    let beside = cached::beside(house)?;
    let store = store(house)?;
    let mut found = with_view(house, |view| {
        let index = view.index;
        let (rows, mut units): (Vec<Row>, Vec<f64>) = match of {
            PastOf::Customer(_) | PastOf::Account(_) => {
                let rows = match of {
                    PastOf::Customer(customer) => index.of_customer(customer, usize::MAX),
                    PastOf::Account(account) => index.of_account(*account, usize::MAX),
                    PastOf::Sku(_) => Vec::new(),
                };
                let units = rows.iter().filter_map(|row| Some(index.brief(*row)?.units.to_f64()));
                let units = units.collect();
                (rows, units)
            }
            PastOf::Sku(sku) => {
                let of = |row: Row| {
                    let lines = index.lines(row).filter(|(of, _)| *of == sku.as_str());
                    let units: Vec<f64> = lines.map(|(_, units)| units.to_f64()).collect();
                    (!units.is_empty()).then_some((row, units))
                };
                let (rows, units): (Vec<Row>, Vec<Vec<f64>>) =
                    index.newest_first().filter_map(of).unzip();
                (rows, units.concat())
            }
        };
        if rows.is_empty() {
            return None;
        }
        let newest = rows.iter().take(NEWEST).filter_map(|row| {
            let flag = view.book.flag(*row);
            let case = flag.map(|flag| CaseId { kind: CaseKind::Order, number: flag.case });
            let order = beside.row(index, *row)?;
            let units = match of {
                PastOf::Sku(sku) => {
                    let lines = index.lines(*row).filter(|(of, _)| *of == sku.as_str());
                    lines.map(|(_, units)| units).sum()
                }
                PastOf::Customer(_) | PastOf::Account(_) => order.units,
            };
            let score = flag.map(|flag| f64::from(flag.score));
            Some(OrderOfPast { order, units, score, case })
        });
        units.retain(|units| *units > 0.0);
        units.sort_by(f64::total_cmp);
        let at = |share: f64| {
            let place = (share * units.len().saturating_sub(1) as f64).round() as usize;
            units.get(place).copied().unwrap_or(0.0)
        };
        let total = |row: &Row| Some(index.brief(*row)?.total);
        let alike = rows.iter().filter_map(total).filter(|total| total.currency == house.currency);
        let minor = alike.map(|total| total.minor).fold(0, i64::saturating_add);
        let past = FlagPast {
            of: of.clone(),
            orders: rows.len() as u64,
            first: rows.last().and_then(|row| index.placed_at(*row)),
            value: (!matches!(of, PastOf::Sku(_)))
                .then_some(Money { minor, currency: house.currency }),
            usual_units: (at(0.5), at(0.9)),
            usual_price: None,
            newest: newest.collect(),
        };
        Some((past, rows))
    });
    if let (Some((past, rows)), PastOf::Sku(sku)) = (&mut found, of) {
        let mut prices = Vec::new();
        for row in rows.iter().take(PRICED) {
            let Some(order) = store.get::<tables::Orders>(row)?.map(StoredOrder::into_order) else {
                continue;
            };
            let lines = order.product_lines().filter(|line| line.sku == *sku);
            prices.extend(lines.map(|line| line.price));
        }
        prices.sort_by_key(|price| (price.currency.code().to_owned(), price.e4));
        past.usual_price = prices.get(prices.len() / 2).copied();
    }
    Ok(found.map(|(past, _)| past))
}
