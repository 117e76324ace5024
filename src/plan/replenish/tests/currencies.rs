//! Money in two currencies is not compared, and said not to be.

use super::*;

fn yen(text: &str) -> UnitPrice {
    UnitPrice::parse(text, Currency::parse("JPY").unwrap()).unwrap()
}

#[test]
fn a_price_in_another_currency_than_the_cost_counts_as_unknown() {
    let mut at = situation();
    at.service = Service::Cost;
    at.item.price = None;
    let unknown = propose(&at).unwrap();
    at.item.price = Some(yen("950"));
    let foreign = propose(&at).unwrap();
    assert_eq!((foreign.qty, foreign.reorder_point), (unknown.qty, unknown.reorder_point));
    let [note] = foreign.notes.as_slice() else { panic!("{:?}", foreign.notes) };
    assert!(note.to_string().starts_with("It is bought in GBP and sold in JPY"), "{note}");
    assert_eq!(unknown.notes, []);
}

#[test]
fn what_is_sold_in_another_currency_is_not_more_urgent_for_its_smaller_unit() {
    let budgeted = |price: Option<UnitPrice>| {
        let mut calm = other(&situation(), "CALM", 270);
        calm.item.price = price;
        let situations = [calm, other(&situation(), "SHORT", 20)];
        let mut lines = planned(&situations);
        let budget = [(Currency::GBP, money("560.00"))].into();
        together(&mut lines, &Limits { budget, ..Limits::default() }, &Decided::new());
        [lines[0].proposal.qty, lines[1].proposal.qty]
    };
    assert_eq!(budgeted(None), [Qty::ZERO, Qty::units(280)]);
    assert_eq!(budgeted(Some(yen("95000"))), budgeted(None));
}

#[test]
fn a_minimum_in_another_currency_is_named() {
    let mut at = situation();
    let euros = Money::parse("900", Currency::parse("EUR").unwrap()).unwrap();
    if let Some(supplier) = &mut at.supplier {
        supplier.min_order = Some(euros);
    }
    let situations = [at];
    let mut lines = planned(&situations);
    together(&mut lines, &Limits::default(), &Decided::new());
    let line = &lines[0];
    assert_eq!((line.proposal.qty, line.waits_for), (Qty::units(204), None));
    let [note] = line.proposal.notes.as_slice() else { panic!("{:?}", line.proposal.notes) };
    assert!(note.to_string().contains("900.00 EUR, and it costs GBP"), "{note}");
}
