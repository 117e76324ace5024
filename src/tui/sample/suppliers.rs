//! The sample's supplier: two lanes, one of them late, one order overdue and one that came short.

use super::now;
use crate::domain::*;
use crate::engine::api::*;
use crate::insight::scorecard::{PastOrder, Score};

/// All suppliers.
pub fn cards() -> Vec<SupplierCard> {
    ["HARG", "NORD"].map(|id| card(&id.into())).into_iter().flatten().collect()
}

/// A supplier's scorecard.
pub fn card(supplier: &SupplierId) -> Option<SupplierCard> {
    let name = match supplier.as_str() {
        "HARG" => "Hargreaves & Daughters Ceramics of Stoke-on-Trent Ltd",
        "NORD" => "Nordlys 北光",
        _ => return None,
    };
    let today = now().day(&Zone::utc());
    let orders: Vec<PastOrder> = (0..28).map(|place| order(place, today)).collect();
    let lead = |low, mean, high| Some(ExpectedLead { low, mean, high, waiting: 1 });
    let lane = |site: &str, expected| LaneCard {
        site: site.into(),
        score: Score::of(orders.iter().filter(|one| one.site.as_str() == site), today),
        expected,
    };
    Some(SupplierCard {
        supplier: supplier.clone(),
        name: name.into(),
        stated: Some(10),
        score: Score::of(&orders, today),
        expected: lead(9, 12.4, 17),
        lanes: vec![lane("LEEDS", lead(9, 11.2, 15)), lane("RENNES", lead(10, 14.6, 21))],
        orders,
    })
}

/// The newest first, two weeks apart.
fn order(place: i32, today: Day) -> PastOrder {
    let ordered = today.plus(-5 - 14 * place);
    let far = place % 3 == 1;
    let slip = [0, 2, -1, 0, 6, 0, 1][place as usize % 7] + if far { 3 } else { 0 };
    let open = place < 2;
    let units = 120 + 12 * i64::from(place);
    PastOrder {
        number: PoNumber::new(format!("PO-{:06}", 140 - place)),
        site: if far { "RENNES" } else { "LEEDS" }.into(),
        ordered,
        due: Some(ordered.plus(10)),
        came: (!open).then(|| ordered.plus(10 + slip)),
        units: Qty::units(units),
        arrived: Qty::units(match place {
            0 => 0,
            1 => 60,
            5 => units - 24,
            _ => units,
        }),
        open,
    }
}
