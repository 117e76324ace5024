//! Goods against a purchase order of which nothing more is to come.

use super::*;

fn surplus(sku: &str, qty: i64) -> Decision {
    Decision::Receive {
        po: Some("PO-7".into()),
        sku: sku.into(),
        site: SiteId::main(),
        qty: Qty::units(qty),
        surplus: true,
        reason: None,
    }
}

#[test]
fn what_comes_when_all_has_arrived_is_taken_in_only_where_it_is_called_a_surplus() {
    let mut house = House::new();
    house.decide(ANN, receive(Some("PO-7"), 20)).unwrap();
    let twice = house.decide(ANN, receive(Some("PO-7"), 1)).unwrap_err();
    assert!(
        twice.starts_with("Nothing more of 22423 is to come by purchase order PO-7;"),
        "{twice}"
    );
    assert!(twice.contains("--surplus"), "{twice}");
    let slip = house.decide(ANN, surplus("22423", 201)).unwrap_err();
    assert!(slip.contains("ten times the 20 ordered"), "{slip}");
    house.decide(ANN, surplus("22423", 3)).unwrap();
    assert_eq!(house.on_hand("main"), Some(33));
    let number = PoNumber::from("PO-7");
    assert_eq!(house.book.arrived(&number, &sku()), Qty::units(23));
    assert_eq!(house.book.lead_times(&"S1".into()), [Span::millis(10)], "all had come by then");
    house.undo(ANN, None).unwrap();
    assert_eq!(house.book.arrived(&number, &sku()), Qty::units(20));
}

#[test]
fn no_surplus_comes_by_an_order_that_was_called_off_or_has_no_such_line() {
    let mut house = House::new();
    let refused = house.decide(ANN, surplus("85123A", 1)).unwrap_err();
    assert_eq!(
        refused,
        "Nothing of 85123A is open on purchase order PO-7; receive it without one."
    );
    let number = PoNumber::from("PO-7");
    let mut off = house.book.purchase_order_of(&number).unwrap().clone();
    (off.status, off.updated_at) = (PoStatus::Cancelled, Timestamp::from_millis(1));
    house.book.purchase_order(&off);
    assert!(house.decide(ANN, surplus("22423", 1)).unwrap_err().contains("receive it without one"));
}
