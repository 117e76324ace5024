//! What has come by an order of several lines that a source hears of as people take them in.

use super::*;

const LINES: [(&str, i64); 3] = [("A", 8), ("B", 9), ("C", 22)];

/// What has come of a line's units.
type Came = fn(i64) -> i64;

/// What a source tells of the order, by what had come of a line's units.
fn version(came: Came, updated_at: Timestamp) -> Told {
    let line = |(sku, qty): &(&str, i64)| PoLine {
        sku: (*sku).into(),
        qty: Qty::units(*qty),
        received: Qty::units(came(*qty)),
        cost: None,
    };
    let lines: Vec<PoLine> = LINES.iter().map(line).collect();
    let status = match lines.iter().all(|line| line.received == line.qty) {
        true => PoStatus::Received,
        false => PoStatus::PartlyReceived,
    };
    Told::Purchase(PurchaseOrder { lines, status, updated_at, ..purchase("P1", 1, 0, None, 0) })
}

/// One line after the other, within a second.
fn receive(house: &mut House, came: Came) {
    for (seq, (sku, qty)) in (0..).zip(LINES) {
        let at = at(5) + Span::millis(120 * seq);
        let seq = u64::try_from(seq).unwrap() + 1;
        let (sku, qty) = (sku.into(), Qty::units(came(qty)));
        house.book.received((&sku, &main_site()), qty, Some(&"P1".into()), at, seq);
    }
}

#[test]
fn what_a_source_hears_of_as_it_is_taken_in_comes_once_whoever_speaks_first() {
    let (none, some, all): (Came, Came, Came) = (|_| 0, |qty| qty / 2, |qty| qty);
    for came in [some, all] {
        for (known, later) in [(none, -3_600), (none, -1), (came, 0), (came, 1), (came, 3_600)] {
            let told = version(known, at(5) + Span::seconds(later));
            for source_first in [false, true] {
                let mut house = House::default();
                house.tell(&version(none, at(0)));
                if source_first {
                    house.tell(&told);
                }
                receive(&mut house, came);
                house.tell(&told);
                for (sku, qty) in LINES {
                    let arrived = house.book.arrived(&"P1".into(), &sku.into());
                    let case = format!("{sku}, told {later} s later, first: {source_first}");
                    assert_eq!(arrived, Qty::units(came(qty)), "{case}");
                }
            }
        }
    }
}
