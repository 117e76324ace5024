//! Whether somebody else is using an account: an old customer's, under a new name, to a new address, for
//! goods of a worth or at an hour that are not theirs.

use super::facts::Facts;
use super::look::Scene;
use super::order::{DAY, Kind};

/// Sales and days after which an account is an old one.
const SALES: u32 = 3;
const DAYS: i64 = 14;
/// A name is an account's own after this long: who takes one over orders twice within the hour.
const OWN: i64 = 2 * DAY;
/// Below this an account says nothing: people move house and change their e-mail.
const LEAST: f32 = 1.5;
/// Spreads of value that count at most.
const MOST: f32 = 4.0;
/// -ln of the customer's share of orders at an hour from which on the hour is strange, and what it counts.
const STRANGE_HOUR: f32 = 4.0;
const AN_HOUR: f32 = 0.5;

/// What is strange about how an account is used.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct AccountLook {
    /// Signs times spreads of value, 0 for nothing.
    pub strength: f32,
    /// Sales of the account so far, and days since the first.
    pub known: (u32, i64),
    /// It comes under a name that the account never had.
    pub renamed: bool,
    /// It goes to an address that the account never had.
    pub moved: bool,
    /// The bill goes elsewhere.
    pub elsewhere: bool,
}

impl Scene<'_> {
    /// Looks at an account, when value and place are known.
    pub(super) fn account(&self, facts: &Facts) -> AccountLook {
        let order = self.order;
        let (Some(customer), Some(_), Kind::Sale) = (self.customer, &order.account, order.kind)
        else {
            return AccountLook::default();
        };
        let days = (order.at - customer.first).max(0) / DAY;
        let old = customer.sales >= SALES && days >= DAYS;
        // Its first name, and any that it has had for a while, is the account's own.
        let own = customer.names.iter().enumerate();
        let mut own = own.filter(|(place, (_, since))| *place == 0 || order.at - since >= OWN);
        let renamed = order.customer.is_some()
            && !customer.names.is_empty()
            && !own.any(|(_, (name, _))| *name == self.numbered.name);
        let moved = facts.address_new > 0.0;
        let signs = match (renamed, moved) {
            (true, true) => 3.0,
            (true, false) => 1.2,
            (false, true) => 1.0,
            (false, false) => 0.0,
        };
        let hour = if facts.hour_customer >= STRANGE_HOUR { AN_HOUR } else { 0.0 };
        let worth = facts.value_customer.clamp(0.0, MOST);
        let strength = signs * (0.5 + worth + hour);
        AccountLook {
            strength: if old && strength >= LEAST { strength } else { 0.0 },
            known: (customer.sales, days),
            renamed,
            moved,
            elsewhere: order.elsewhere,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::made::{DAYS, START, item, parts, sale, text};
    use super::super::{Memory, Order};
    use super::*;

    const AT: i64 = START + DAYS * DAY + 12 * 3600;
    const SPEAKS: f32 = 3.0;

    fn known() -> Memory {
        let mut memory = Memory::new();
        parts().0.iter().for_each(|order| memory.learn(order));
        memory
    }

    /// An order of customer 1 of so many items, for more than usual where there are many.
    fn order(at: i64, items: usize) -> Order {
        let lines: Vec<(String, f64, f64)> = (0..items).map(item).collect();
        let lines: Vec<(&str, f64, f64)> =
            lines.iter().map(|(sku, price, pack)| (sku.as_str(), *pack, *price)).collect();
        sale(at, "customer 1", &lines)
    }

    fn taken_over(at: i64, items: usize) -> Order {
        let order = order(at, items);
        Order { customer: Some(text("thief")), address: Some(text("a new door")), ..order }
    }

    #[test]
    fn an_old_account_under_another_name_to_a_new_door_speaks_and_its_owner_does_not() {
        let mut memory = known();
        assert_eq!(memory.look(&order(AT, 30)).account.strength, 0.0, "a large order of its own");
        let moved = Order { address: Some(text("a new door")), ..order(AT, 5) };
        assert!(memory.look(&moved).account.strength < SPEAKS, "a move");
        let renamed = Order { customer: Some(text("new e-mail")), ..order(AT, 5) };
        assert!(memory.look(&renamed).account.strength < SPEAKS, "a new e-mail");
        let stranger = Order { account: None, ..taken_over(AT, 30) };
        assert_eq!(memory.look(&stranger).account.strength, 0.0, "nobody's account");

        let first = memory.look(&taken_over(AT, 30)).account;
        assert!(first.strength >= SPEAKS && first.renamed && first.moved, "{first:?}");
        assert!(first.known.0 > 20 && first.known.1 > 100, "the account's own past: {first:?}");
        memory.learn(&taken_over(AT, 30));
        let next = memory.look(&taken_over(AT + 1_200, 30)).account;
        assert!(next.renamed && next.strength > 0.0, "twenty minutes make no owner: {next:?}");
        let weeks = memory.look(&taken_over(AT + 20 * DAY, 30)).account;
        assert_eq!(weeks.strength, 0.0, "nobody complained");
    }
}
