//! From where an order ships, as somebody decided it.

use super::{OrderKey, Qty, SiteId, Sku};
use serde::{Deserialize, Serialize};

/// Units that one site ships in one package.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShipFrom {
    /// The site.
    pub site: SiteId,
    /// What, and how many of it, above zero.
    pub lines: Vec<(Sku, Qty)>,
}

impl ShipFrom {
    /// Units of everything.
    pub fn units(&self) -> Qty {
        self.lines.iter().map(|(_, qty)| *qty).sum()
    }
}

/// From where the lines of an open order are to ship.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Allocation {
    /// The order.
    pub order: OrderKey,
    /// The site that the shop would have shipped it from; filled in by the desk.
    pub home: SiteId,
    /// What ships from where: a package a site.
    pub ships: Vec<ShipFrom>,
    /// What ships from nowhere yet and waits at `home`; filled in by the desk.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub waits: Vec<(Sku, Qty)>,
    /// Whether it is what was proposed.
    #[serde(default)]
    pub proposed: bool,
}

impl Allocation {
    /// `3 from LEEDS, 2 from YORK, 1 waits`.
    pub fn words(&self) -> String {
        ship_words(&self.ships, &self.waits)
    }
}

/// What ships from where, in a few words: `3 from LEEDS, 2 from YORK, 1 waits`.
pub fn ship_words(ships: &[ShipFrom], waits: &[(Sku, Qty)]) -> String {
    let mut parts: Vec<String> =
        ships.iter().map(|part| format!("{} from {}", part.units(), part.site)).collect();
    let waiting: Qty = waits.iter().map(|(_, qty)| *qty).sum();
    if waiting.is_positive() {
        parts
            .push(format!("{waiting} {}", if waiting == Qty::units(1) { "waits" } else { "wait" }));
    }
    parts.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_split_order_is_told_in_a_few_words() {
        let part = |site: &str, units| ShipFrom {
            site: site.into(),
            lines: vec![("A".into(), Qty::units(units)), ("B".into(), Qty::units(1))],
        };
        let ships = [part("LEEDS", 2), part("YORK", 4)];
        assert_eq!(ship_words(&ships, &[]), "3 from LEEDS, 5 from YORK");
        let waits = [("A".into(), Qty::units(1))];
        assert_eq!(ship_words(&ships[..1], &waits), "3 from LEEDS, 1 waits");
    }
}
