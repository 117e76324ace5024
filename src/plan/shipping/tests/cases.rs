//! Which orders need a choice, and what is said of them.

use super::super::*;
use crate::domain::*;
use crate::plan::allocate::{Assignment, Options, allocate};
use std::collections::BTreeMap;

pub fn today() -> Day {
    Day::parse("2026-03-02").unwrap()
}

pub fn key(number: &str) -> OrderKey {
    OrderKey { feed: "shop".into(), number: number.into() }
}

/// An order placed today, of units of SKUs at £ 8.95.
pub fn order(number: &str, site: &str, lines: &[(&str, i64)]) -> OpenOrder {
    let line = |(sku, units): &(&str, i64)| OpenLine {
        sku: (*sku).into(),
        units: *units,
        price: 895,
        weight_g: 250,
    };
    OpenOrder {
        key: key(number),
        site: site.into(),
        given_to: site.into(),
        country: Some("GB".into()),
        placed: today(),
        pinned: false,
        service: Service::default(),
        lines: lines.iter().map(line).collect(),
        decided: Vec::new(),
        odd: None,
    }
}

/// Stock of a SKU at LEEDS, YORK and BRISTOL.
pub fn network(orders: Vec<OpenOrder>, stock: &[(&str, [Option<i64>; 3])]) -> Network {
    let shelf = |(sku, units): &(&str, [Option<i64>; 3])| {
        let sites = ["LEEDS", "YORK", "BRISTOL"].map(SiteId::from);
        let key = |(site, on_hand)| ((Sku::from(*sku), site), Shelf { on_hand, scarcity: 0 });
        sites.into_iter().zip(*units).map(key).collect::<Vec<_>>()
    };
    Network {
        orders,
        stock: stock.iter().flat_map(shelf).collect(),
        sent: BTreeMap::new(),
        promised: BTreeMap::new(),
        today: today(),
        hour: 9,
    }
}

fn solved(network: &Network, terms: &ShippingTerms) -> (Assembled, Vec<Assignment>) {
    let made = assemble(network, terms);
    made.instance.check().unwrap();
    let solved = allocate(&made.instance, &Options::default(), &|| false).unwrap();
    (made, solved.assignments)
}

fn found(network: &Network, terms: &ShippingTerms) -> Vec<Case> {
    let (made, solution) = solved(network, terms);
    cases(network, terms, &made, &solution).cases
}

fn only(network: &Network) -> Case {
    let mut found = found(network, &ShippingTerms::demo());
    assert_eq!(found.len(), 1, "{found:#?}");
    found.remove(0)
}

fn words(choice: &Option<ShipChoice>) -> String {
    choice.as_ref().map_or(String::new(), |one| ship_words(&one.ships, &one.waits))
}

#[test]
fn an_order_that_ships_whole_in_time_and_cheaply_needs_no_choice() {
    let network =
        network(vec![order("1", "LEEDS", &[("A", 2)])], &[("A", [Some(9), Some(9), Some(9)])]);
    assert!(found(&network, &ShippingTerms::demo()).is_empty());
}

#[test]
fn what_its_site_lacks_ships_from_the_next_and_nothing_is_in_doubt() {
    let network =
        network(vec![order("1", "LEEDS", &[("A", 2)])], &[("A", [Some(1), Some(9), Some(9)])]);
    let case = only(&network);
    assert_eq!(case.needs, [Need::Short]);
    assert_eq!(words(&case.proposal), "2 from YORK");
    assert_eq!(case.doubt, None);
    assert_eq!(words(&case.now), "2 wait", "the shop ships it whole or lets it wait");
    let proposal = case.proposal.unwrap();
    assert_eq!(proposal.cost.packages, 320);
    assert_eq!(proposal.cost.weight, 2 * 18, "70 a kilogram, rounded half up for each unit");
    // Bristol is among the others, and says what it costs more.
    let bristol = case.others.iter().find(|one| one.ships[0].site.as_str() == "BRISTOL").unwrap();
    assert!(bristol.cost.total() > proposal.cost.total());
    assert!(case.others.is_sorted_by_key(|one| one.cost.total()));
}

#[test]
fn what_is_told_to_cost_is_what_is_proposed() {
    let mut network =
        network(vec![order("1", "LEEDS", &[("A", 2)])], &[("A", [Some(9), Some(9), Some(0)])]);
    network.stock.get_mut(&("A".into(), "LEEDS".into())).unwrap().scarcity = 20;
    let terms = ShippingTerms::demo();
    let (made, solution) = solved(&network, &terms);
    assert_eq!(made.sites[solution[0].node].as_str(), "YORK", "it saves four pence");
    let proposed = cases(&network, &terms, &made, &solution);
    assert!(proposed.cases.is_empty(), "that is not worth a choice");
    assert_eq!((proposed.cost, proposed.shop_way), (360, 360));
    let eager = ShippingTerms { cheaper_by: 1, ..terms };
    let proposed = cases(&network, &eager, &made, &solution);
    assert_eq!((proposed.cases.len(), proposed.cost, proposed.shop_way), (1, 356, 360));
}

#[test]
fn two_lines_at_two_sites_are_split_and_in_doubt() {
    let stock = [("A", [Some(5), None, Some(0)]), ("B", [Some(0), None, Some(5)])];
    let network = network(vec![order("1", "LEEDS", &[("A", 5), ("B", 5)])], &stock);
    let case = only(&network);
    assert_eq!(case.needs, [Need::Short, Need::Split]);
    assert_eq!(words(&case.proposal), "5 from BRISTOL, 5 from LEEDS");
    assert_eq!(case.doubt.as_deref(), Some("2 packages"));
    assert_eq!(case.proposal.unwrap().cost.split, ShippingTerms::demo().split_penalty);
}

#[test]
fn unknown_stock_ships_nothing_and_is_said() {
    let network =
        network(vec![order("1", "LEEDS", &[("A", 5)])], &[("A", [Some(2), None, Some(1)])]);
    let (made, solution) = solved(&network, &ShippingTerms::demo());
    assert!(solution.iter().all(|one| made.sites[one.node].as_str() != "YORK"));
    let case = only(&network);
    let notes = case.notes.join("\n");
    assert!(notes.contains("the stock of A at YORK is unknown"), "{notes}");
    assert!(notes.contains("5 × A are wanted and all sites together have 3"), "{notes}");
    assert!(case.doubt.is_some());
}

#[test]
fn an_order_bigger_than_everything_is_shown_with_what_can_be_done() {
    let network = network(
        vec![order("1", "LEEDS", &[("A", 5_000)]), order("2", "YORK", &[("A", 1)])],
        &[("A", [Some(20), Some(30), Some(10)])],
    );
    let found = found(&network, &ShippingTerms::demo());
    let big = found.iter().find(|case| case.order == 0).unwrap();
    assert!(big.notes[0].contains("hold it for stock, or call the rest off"), "{:?}", big.notes);
    assert!(big.doubt.is_some());
    let shipped = big.proposal.as_ref().unwrap().ships.iter().map(ShipFrom::units).sum::<Qty>();
    assert!(shipped <= Qty::units(60), "{shipped}");
}

#[test]
fn an_order_too_large_to_be_weighed_is_blocked_alone_and_starves_nobody() {
    let mut dear = order("3", "LEEDS", &[("A", 1)]);
    dear.lines[0].price = 9_000_000_000_000;
    let network = network(
        vec![
            order("1", "LEEDS", &[("A", i64::MAX / 1_000), ("B", i64::MAX / 1_000)]),
            order("2", "LEEDS", &[("A", 2)]),
            dear,
            order("4", "LEEDS", &[("A", 6), ("B", 1)]),
        ],
        &[("A", [Some(9), Some(0), Some(0)]), ("B", [Some(0), Some(1), Some(0)])],
    );
    let found = found(&network, &ShippingTerms::demo());
    let told: Vec<(usize, &[Need])> = found.iter().map(|case| (case.order, &*case.needs)).collect();
    // The third can ship from where it is, and its unit is kept for it.
    let short = (3, &[Need::Short, Need::Split][..]);
    assert_eq!(told, [(0, &[Need::Blocked][..]), (2, &[Need::Blocked]), short]);
    let why = found[0].blocked.as_ref().unwrap().to_string();
    assert!(why.contains("correct quantity or price in the shop"), "{why}");
    assert_eq!(words(&found[2].proposal), "6 from LEEDS, 1 from YORK");
}

#[test]
fn many_ordinary_orders_and_sites_are_never_too_large() {
    let mut terms = ShippingTerms::demo();
    let mut far = terms.sites[&SiteId::from("YORK")].clone();
    far.rates.remove("north");
    for number in 0..40 {
        terms.sites.insert(SiteId::new(format!("S{number}")), far.clone());
    }
    let orders = (0..2_600).map(|number| order(&number.to_string(), "LEEDS", &[("A", 3)]));
    let network = network(orders.collect(), &[("A", [Some(9), Some(0), Some(0)])]);
    let made = assemble(&network, &terms);
    assert!(made.blocked.is_empty(), "{:?}", made.blocked);
    made.instance.check().unwrap();
}

#[test]
fn an_order_that_ships_complete_ships_not_at_all_where_a_site_does_not_serve_its_zone() {
    let mut terms = ShippingTerms::demo();
    terms.sites.get_mut(&SiteId::from("YORK")).unwrap().rates.remove("north");
    terms.ship_complete = true;
    let mut whole = order("1", "LEEDS", &[("A", 1), ("B", 1)]);
    whole.lines.iter_mut().for_each(|line| line.price = 40_000_000);
    let network = network(
        vec![whole],
        &[("A", [Some(1), Some(1), Some(0)]), ("B", [Some(0), Some(1), Some(0)])],
    );
    let found = found(&network, &terms);
    let proposal = found[0].proposal.as_ref().unwrap();
    assert!(proposal.ships.is_empty() && proposal.waiting() == Qty::units(2), "{proposal:?}");
}

#[test]
fn a_promise_in_the_past_is_late_from_everywhere_and_said_so() {
    let mut late = order("1", "LEEDS", &[("A", 1)]);
    late.placed = today().plus(-9);
    let network = network(vec![late], &[("A", [Some(9), Some(9), Some(9)])]);
    let case = only(&network);
    assert_eq!(case.needs, [Need::Late]);
    assert!(case.notes[0].contains("tell the customer"), "{:?}", case.notes);
    assert_eq!(case.proposal, case.now, "nothing is better");
}

#[test]
fn an_order_is_promised_what_it_says_then_what_its_method_stands_for_then_what_its_zone_has() {
    let mut terms = ShippingTerms::demo();
    let mut one = order("1", "LEEDS", &[("A", 1)]);
    let zone = terms.zone_of(one.country.as_ref(), &one.given_to).unwrap();
    let promise = |terms: &ShippingTerms, one: &OpenOrder| {
        let Promise { due, priority, complete } = terms.promise(zone, one);
        (due.number() - today().number(), priority, complete)
    };
    assert_eq!(promise(&terms, &one), (5, 2, false));
    one.service.method = Some("DPD Express 12:00".into());
    assert_eq!(promise(&terms, &one), (5, 1, false), "express has priority 1");
    let bulky =
        MethodTerms { contains: vec!["pallet".into()], promised_days: Some(9), priority: Some(3) };
    terms.methods.push(bulky);
    one.service.method = Some("Pallet".into());
    assert_eq!(promise(&terms, &one), (9, 3, false));
    one.service.promised = Some(today().plus(2));
    one.service.complete = Some(true);
    assert_eq!(promise(&terms, &one), (2, 3, true));
    one.pinned = true;
    assert_eq!(promise(&terms, &one).1, 1, "what somebody pinned comes first");
}

#[test]
fn an_express_order_past_the_cut_off_ships_from_where_it_comes_in_time() {
    let mut express = order("1", "YORK", &[("A", 1)]);
    express.service.method = Some("Express".into());
    express.service.promised = Some(today().plus(1));
    let mut network = network(vec![express], &[("A", [Some(9), Some(9), Some(9)])]);
    assert!(
        found(&network, &ShippingTerms::demo()).is_empty(),
        "in the morning nothing is to be chosen"
    );
    // York picks until 14:00, Leeds until 15:00.
    network.hour = 14;
    let case = only(&network);
    assert_eq!(case.needs, [Need::Late, Need::Cheaper]);
    assert_eq!(
        (words(&case.now), words(&case.proposal)),
        ("1 from YORK".into(), "1 from LEEDS".into())
    );
    network.hour = 16;
    assert_eq!(only(&network).proposal.unwrap().late_days, 1, "late from everywhere by then");
}

#[test]
fn an_order_that_names_no_country_is_said_to_have_a_guessed_zone() {
    let mut lost = order("1", "LEEDS", &[("A", 1)]);
    lost.country = None;
    let mut both = network(vec![lost, order("2", "LEEDS", &[("A", 1)])], &[("A", [Some(9); 3])]);
    let case = only(&both);
    assert_eq!(case.needs, [Need::Zone]);
    assert_eq!(case.doubt.as_deref(), Some("it names no country"));
    let note = case.notes.iter().find(|note| note.contains("no country")).unwrap();
    assert!(note.contains("zone north") && note.contains("in the shop"), "{note}");
    // Where no order tells any, that is how the shop is.
    both.orders.remove(1);
    assert!(
        found(&both, &ShippingTerms::demo()).iter().all(|case| !case.needs.contains(&Need::Zone))
    );
}

#[test]
fn what_cannot_be_allocated_is_said_with_the_mend_and_keeps_its_stock() {
    let terms = {
        let mut terms = ShippingTerms::demo();
        terms.zones.retain(|zone| zone.name != "world");
        for site in terms.sites.values_mut() {
            site.rates.remove("europe");
        }
        terms
    };
    let mut far = order("1", "LEEDS", &[("A", 3)]);
    far.country = Some("JP".into());
    let mut unserved = order("2", "LEEDS", &[("A", 1)]);
    unserved.country = Some("DE".into());
    let hull = order("3", "HULL", &[("A", 1)]);
    let mut part = order("4", "LEEDS", &[("A", 1)]);
    part.odd = Some(Blocked::PartOfAUnit { sku: "A".into() });
    let network = network(
        vec![far, unserved, hull, part, order("5", "LEEDS", &[("A", 2)])],
        &[("A", [Some(6), Some(9), Some(9)])],
    );
    let found = found(&network, &terms);
    let why = |number: usize| {
        let case = found.iter().find(|case| case.order == number - 1).unwrap();
        assert_eq!(case.needs, [Need::Blocked]);
        case.blocked.as_ref().unwrap().to_string()
    };
    assert!(why(1).contains("no zone has JP"), "{}", why(1));
    assert!(why(2).contains("no site ships to zone europe"), "{}", why(2));
    assert!(why(3).contains("HULL has no shipping terms"), "{}", why(3));
    assert!(why(4).contains("only whole units"), "{}", why(4));
    // Five of the six at Leeds are theirs, so that the fifth order ships from elsewhere.
    let last = found.iter().find(|case| case.order == 4).unwrap();
    assert_eq!(words(&last.proposal), "2 from YORK");
}

#[test]
fn a_site_that_does_not_serve_a_zone_never_ships_there() {
    let mut terms = ShippingTerms::demo();
    terms.sites.get_mut(&SiteId::from("YORK")).unwrap().rates.remove("north");
    let network =
        network(vec![order("1", "LEEDS", &[("A", 2)])], &[("A", [Some(0), Some(9), Some(0)])]);
    let found = found(&network, &terms);
    let proposal = found[0].proposal.as_ref().unwrap();
    assert!(proposal.ships.is_empty(), "{proposal:?}");
    assert!(found[0].others.iter().all(|one| one.ships.is_empty()));
}

#[test]
fn what_is_decided_is_taken_off_stock_and_packages_first() {
    let mut decided = order("1", "LEEDS", &[("A", 4)]);
    decided.decided =
        vec![ShipFrom { site: "YORK".into(), lines: vec![("A".into(), Qty::units(4))] }];
    let mut network = network(
        vec![decided, order("2", "YORK", &[("A", 3)])],
        &[("A", [Some(9), Some(5), Some(9)])],
    );
    let case = only(&network);
    assert_eq!((case.order, words(&case.proposal).as_str()), (1, "3 from LEEDS"));
    network.sent.insert("LEEDS".into(), 500);
    let case = only(&network);
    assert_eq!(words(&case.proposal), "3 from BRISTOL", "Leeds sends no more packages today");
}
