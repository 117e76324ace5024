//! Goods that sites send each other, and orders that ship from elsewhere.

use super::buying::take;
use super::*;

#[test]
fn goods_that_a_site_sends_are_gone_there_and_come_to_the_other() {
    let mut merchant = Merchant::new(small(5));
    let both = |item: &&catalogue::Item| item.stocked[0] && item.stocked[2];
    let item = merchant.catalogue().items.iter().position(|item| both(&item)).unwrap();
    let sku = merchant.catalogue().items[item].code.clone();
    let there = merchant.shelf(item, 0).on_hand;
    let due = merchant.today().number() + 2;
    let send = |key: &str, to: &str, units: u32| {
        let (from, to, sku) = (SITES[0].0.into(), to.into(), sku.clone());
        let what = Request::Transfer { from, to, sku, units, due };
        Asked { key: key.into(), at: 0, number: "TR-1".into(), what }
    };
    let nowhere = merchant.ask(send("x", "MARS", 3)).unwrap_err().to_string();
    assert_eq!(nowhere, "There is no site MARS.");
    let mut written = Vec::new();
    // More than there is: what is there is sent.
    take(&mut merchant, &mut written, send("t", SITES[2].0, there as u32 + 50));
    merchant.advance_to(start() + Span::seconds(5));
    assert_eq!(merchant.transfers()[0].qty, there as u32);
    assert_eq!(merchant.shelf(item, 0).on_hand, 0);
    assert_eq!(merchant.transfers()[0].came, 0, "it is on its way");
    merchant.advance_to(start() + Span::days(4));
    assert!(merchant.transfers()[0].came > 0);
    books_balance(&merchant);
}

/// An order that waits to be shipped, of two lines at least.
fn waiting(merchant: &Merchant) -> (u32, OrderRow) {
    let fits = |(_, row): &(u32, &OrderRow)| {
        let several = merchant.lines_of(row).get(1).is_some_and(|line| line.qty >= 2);
        row.status == Status::Processing && several
    };
    let found = (0..).zip(merchant.orders()).filter(fits).last();
    found.map(|(index, row)| (index, row.clone())).expect("an order that waits")
}

fn shipping(merchant: &Merchant, order: &OrderRow) -> Vec<shipping::Part> {
    let lines = merchant.lines_of(order);
    let code = |line: &LineRow| merchant.catalogue().items[usize::from(line.item)].code.clone();
    let away = SITES[(usize::from(order.site) + 1) % 3].0;
    // One unit of each line from elsewhere; the rest waits.
    let parts = lines.iter().map(|line| (code(line), 1)).collect();
    vec![(away.into(), parts)]
}

#[test]
fn an_order_ships_from_where_it_was_asked_to_and_is_one_again_when_that_is_taken_back() {
    let mut merchant = Merchant::new(small(5));
    let (index, before) = waiting(&merchant);
    let lines_before = merchant.lines_of(&before).to_vec();
    let number: Box<str> = (FIRST_ORDER + index).to_string().into();
    let (orders, ships) = (merchant.orders().len(), shipping(&merchant, &before));
    let ask = |merchant: &mut Merchant, key: &str, what: Request| {
        let asked = Asked { key: key.into(), at: 0, number: number.clone(), what };
        let taken = merchant.ask(asked)?;
        taken.clone().into_iter().for_each(|asked| merchant.expect(asked));
        merchant.advance_to(merchant.now() + Span::seconds(2));
        Ok::<_, AskError>(taken)
    };
    let mut all = Vec::new();
    all.extend(ask(&mut merchant, "a", Request::Ship { ships: ships.clone() }).unwrap());
    assert_eq!(ask(&mut merchant, "a", Request::Ship { ships }).unwrap(), None, "it is known");
    books_balance(&merchant);
    let row = merchant.orders()[index as usize].clone();
    assert_ne!(row.site, before.site);
    let units = |merchant: &Merchant, row: &OrderRow| -> u32 {
        merchant.lines_of(row).iter().map(|line| u32::from(line.qty)).sum()
    };
    let rest = merchant.orders()[orders].clone();
    assert_eq!(
        (rest.site, rest.placed, rest.customer),
        (before.site, before.placed, before.customer)
    );
    let all_units: u32 = lines_before.iter().map(|line| u32::from(line.qty)).sum();
    assert_eq!(units(&merchant, &row) + units(&merchant, &rest), all_units);
    all.extend(ask(&mut merchant, "b", Request::Release { key: "a".into() }).unwrap());
    let row = merchant.orders()[index as usize].clone();
    assert_eq!((row.site, merchant.lines_of(&row)), (before.site, &lines_before[..]));
    assert_eq!(merchant.orders()[orders].status, Status::Cancelled);
    books_balance(&merchant);
    merchant.advance_to(start() + Span::days(3));
    books_balance(&merchant);
    // What left is not asked to ship, and the simulation made again is the same.
    let gone = merchant.orders().iter().position(|row| row.status == Status::Completed).unwrap();
    let ships = shipping(&merchant, &merchant.orders()[gone]);
    let number = (FIRST_ORDER + gone as u32).to_string().into();
    let left =
        merchant.ask(Asked { key: "c".into(), at: 0, number, what: Request::Ship { ships } });
    assert!(matches!(left, Err(AskError::NotToShip(_))), "{left:?}");
    let mut again = Merchant::new(small(5));
    again.remember(all);
    again.advance_to(merchant.now());
    assert_eq!(again.orders(), merchant.orders());
}

#[test]
fn goods_of_a_transfer_that_people_took_in_do_not_come_once_more() {
    let mut merchant = Merchant::new(small(5));
    let both = |item: &catalogue::Item| item.stocked[0] && item.stocked[2];
    let place = |(at, item): (usize, &catalogue::Item)| {
        (both(item) && merchant.shelf(at, 0).on_hand > 9).then_some(at)
    };
    let item = merchant.catalogue().items.iter().enumerate().find_map(place).unwrap();
    let sku = merchant.catalogue().items[item].code.clone();
    let asked = |key: &str, what| Asked { key: key.into(), at: 0, number: "TR-1".into(), what };
    let (from, to) = (SITES[0].0.into(), SITES[2].0.into());
    let due = merchant.today().number() + 3;
    let mut written = Vec::new();
    let what = Request::Transfer { from, to, sku: sku.clone(), units: 9, due };
    take(&mut merchant, &mut written, asked("t", what));
    merchant.advance_to(start() + Span::seconds(5));
    let taken = |units: i32| {
        let (sku, site) = (sku.clone(), SITES[2].0.into());
        Request::Move { sku, site, units }
    };
    take(&mut merchant, &mut written, asked("r", taken(4)));
    merchant.advance_to(start() + Span::seconds(9));
    assert_eq!(merchant.transfers()[0].open(), 5);
    merchant.advance_to(start() + Span::days(5));
    let row = &merchant.transfers()[0];
    assert_eq!((row.open(), row.arrived, row.by_hand), (0, 5, 4));
    books_balance(&merchant);
    // Of another one four are taken in, and the rest is written off before it would come.
    let asked = |key: &str, what| Asked { number: "TR-2".into(), ..asked(key, what) };
    let (from, to) = (SITES[0].0.into(), SITES[2].0.into());
    let due = merchant.today().number() + 3;
    let what = Request::Transfer { from, to, sku: sku.clone(), units: 6, due };
    take(&mut merchant, &mut written, asked("t2", what));
    take(&mut merchant, &mut written, asked("r2", taken(4)));
    take(&mut merchant, &mut written, asked("l2", Request::Lost));
    merchant.advance_to(start() + Span::days(9));
    let row = &merchant.transfers()[1];
    assert_eq!(row.arrived, 0, "what was written off does not come");
    assert_eq!((row.open(), row.by_hand + row.lost), (0, row.qty));
    books_balance(&merchant);
}
