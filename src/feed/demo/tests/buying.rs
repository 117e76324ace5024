//! What is ordered from the demo's suppliers, and what comes of it.

use super::*;

/// An order for the first item that somebody makes and a site stocks.
fn order_for(merchant: &Merchant, key: &str, number: &str, units: u32) -> Asked {
    let item = merchant.catalogue().items.iter().find(|item| item.stocked[0]).unwrap();
    let maker = &merchant.catalogue().makers[usize::from(item.supplier)];
    Asked {
        key: key.into(),
        at: 0,
        number: number.into(),
        what: Request::Order {
            supplier: maker.code.clone(),
            site: SITES[0].0.into(),
            lines: vec![(item.code.clone(), units)],
            due: None,
        },
    }
}

fn cancel(key: &str, number: &str) -> Asked {
    Asked { key: key.into(), at: 0, number: number.into(), what: Request::Cancel }
}

#[test]
fn what_the_console_orders_is_delivered_and_the_same_after_a_restart() {
    let config = || Config { buyer: Buyer::Console, ..small(5) };
    let mut merchant = Merchant::new(config());
    let before = merchant.purchase_orders().len();
    let mut written = Vec::new();
    for n in 0..12_u32 {
        merchant.advance_to(start() + Span::seconds(i64::from(n) * 40_003));
        let asked = order_for(&merchant, &format!("k{n}"), &format!("PO-{n}"), 10 + n);
        let asked = merchant.ask(asked).unwrap().unwrap();
        written.push(asked.clone());
        merchant.expect(asked);
        let again = order_for(&merchant, &format!("k{n}"), &format!("PO-{n}"), 10 + n);
        assert_eq!(merchant.ask(again), Ok(None), "the same key is the same order");
    }
    let off = merchant.ask(cancel("off", "PO-11")).unwrap().unwrap();
    written.push(off.clone());
    merchant.expect(off);
    let end = start() + Span::days(120);
    merchant.advance_to(end);
    let orders = merchant.purchase_orders();
    assert_eq!(orders.len(), before + 12, "the merchant's own buyer orders no more");
    assert!(orders[before..].iter().filter(|po| po.status == PoStatus::Received).count() >= 8);
    assert_eq!(orders[before + 11].status, PoStatus::Cancelled);
    assert_eq!(merchant.po_number(before as u32 + 3), "PO-3");
    assert_eq!(merchant.po_number(0), format!("PO{FIRST_PO}"));
    books_balance(&merchant);

    let mut again = Merchant::new(config());
    again.remember(written);
    again.advance_to(end);
    assert_eq!(merchant.purchase_orders(), again.purchase_orders());
    assert_eq!(merchant.receipts(), again.receipts());
    assert_eq!(merchant.orders(), again.orders());
    let own = Merchant::new(small(5));
    assert_eq!(own.purchase_orders().len(), before, "history is the same whoever buys afterwards");
}

#[test]
fn an_order_is_due_when_it_was_asked_for_until_its_supplier_says_otherwise() {
    let mut merchant = Merchant::new(Config { buyer: Buyer::Console, ..small(5) });
    let today = merchant.today().number();
    let (_, supplier) = of_reliable(&merchant);
    let makers = &merchant.catalogue().makers;
    let lead = i32::from(makers.iter().find(|maker| maker.code == supplier).unwrap().lead);
    let asked = [lead + 3, lead + 150];
    let sku = of_reliable(&merchant).0;
    for (n, days) in (0..).zip(asked) {
        let (supplier, site) = (supplier.clone(), SITES[0].0.into());
        let lines = vec![(sku.clone(), 10 + n)];
        let what = Request::Order { supplier, site, lines, due: Some(today + days) };
        let (key, number) = (format!("k{n}").into(), format!("PO-{n}").into());
        let order = merchant.ask(Asked { key, at: 0, number, what }).unwrap().unwrap();
        merchant.expect(order);
    }
    let zone = Zone::named(ZONE).unwrap();
    let day = |second: u32| calendar::moment(second).day(&zone).number() - today;
    let first = merchant.purchase_orders().len();
    let dues = |merchant: &Merchant| {
        let orders = merchant.purchase_orders()[first..].iter();
        orders.map(|po| (po.status, day(po.due))).collect::<Vec<_>>()
    };
    merchant.advance_to(start() + Span::seconds(20));
    let sent = |days| (PoStatus::Sent, days);
    assert_eq!(dues(&merchant), asked.map(sent), "nobody has answered yet");
    merchant.advance_to(start() + Span::hours(31));
    let promised = |days| (PoStatus::Acknowledged, days);
    assert_eq!(dues(&merchant), [promised(lead), promised(asked[1])]);
    merchant.advance_to(start() + Span::days(i64::from(lead) + 148));
    assert_eq!(dues(&merchant)[0].0, PoStatus::Received);
    assert_eq!(dues(&merchant)[1].0, PoStatus::Acknowledged, "nothing comes before its day");
    merchant.advance_to(start() + Span::days(i64::from(lead) + 170));
    assert!(!dues(&merchant)[1].0.is_open());
}

#[test]
fn a_supplier_refuses_what_it_cannot_mean() {
    let mut merchant = Merchant::new(small(5));
    let good = order_for(&merchant, "k", "PO-1", 5);
    let Request::Order { supplier, site, lines, .. } = good.what.clone() else { return };
    let with = |supplier: &str, site: &str, lines: &[(&str, u32)]| {
        let lines = lines.iter().map(|(sku, units)| ((*sku).into(), *units)).collect();
        let (supplier, site) = (supplier.into(), site.into());
        let what = Request::Order { supplier, site, lines, due: None };
        Asked { what, ..good.clone() }
    };
    let sku: &str = &lines[0].0;
    let none = "An order needs lines of 1 to 1000000 units.";
    for (asked, refusal) in [
        (with("X", &site, &[(sku, 5)]), "There is no supplier X."),
        (with(&supplier, "X", &[(sku, 5)]), "There is no site X."),
        (with(&supplier, &site, &[("X", 5)]), "There is no SKU X."),
        (with(&supplier, &site, &[(sku, 0)]), none),
        (with(&supplier, &site, &[]), none),
        (cancel("k", "PO-9"), "There is no order PO-9."),
    ] {
        assert_eq!(merchant.ask(asked).unwrap_err().to_string(), refusal);
    }
    let asked = merchant.ask(good.clone()).unwrap().unwrap();
    merchant.expect(asked);
    let twin = Asked { key: "other".into(), ..good };
    assert!(merchant.ask(twin).unwrap_err().to_string().contains("under another key"));
}

#[test]
fn suppliers_write_down_whole_what_they_are_asked() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("orders");
    let (mut file, known) = AskedFile::open(&path).unwrap();
    assert_eq!(known, []);
    file.keep(&cancel("a", "PO-1")).unwrap();
    drop(file);
    let mut text = std::fs::read(&path).unwrap();
    text.extend_from_slice(b"{\"key\":\"b");
    std::fs::write(&path, text).unwrap();
    let (mut file, known) = AskedFile::open(&path).unwrap();
    assert_eq!(known, [cancel("a", "PO-1")]);
    file.keep(&cancel("c", "PO-2")).unwrap();
    drop(file);
    assert_eq!(AskedFile::open(&path).unwrap().1.len(), 2);
}

#[test]
fn what_the_shop_was_told_is_so_when_it_is_made_again() {
    let mut merchant = Merchant::new(small(3));
    let is_open = |order: &OrderRow| order.status == Status::Processing;
    let held = merchant.orders().iter().rposition(is_open).unwrap() as u32;
    let mut told = Vec::new();
    told.extend(merchant.tell(held, Status::OnHold).unwrap());
    assert_eq!(merchant.tell(held, Status::OnHold).unwrap(), None, "it is held already");
    let asked = order_for(&merchant, "k", "PO-1", 12);
    let asked = merchant.ask(asked).unwrap().unwrap();
    told.push(asked.clone());
    merchant.expect(asked);
    let other = merchant.orders()[..held as usize].iter().rposition(is_open).unwrap() as u32;
    told.extend(merchant.tell(other, Status::Cancelled).unwrap());
    merchant.advance_to(start() + Span::days(2));
    assert_eq!(merchant.orders()[held as usize].status, Status::OnHold);
    told.extend(merchant.tell(held, Status::Processing).unwrap());
    let end = start() + Span::days(6);
    merchant.advance_to(end);
    let mut again = Merchant::new(small(3));
    again.remember(told);
    again.advance_to(end);
    assert_eq!(merchant.orders(), again.orders());
    assert_eq!(merchant.receipts(), again.receipts());
    books_balance(&again);
}

/// An item that a supplier makes who keeps its word, and the supplier's code.
pub fn of_reliable(merchant: &Merchant) -> (Box<str>, Box<str>) {
    let maker = |item: &catalogue::Item| &merchant.catalogue().makers[usize::from(item.supplier)];
    let good = |item: &&catalogue::Item| item.stocked[0] && maker(item).stretch < 1.2;
    let item = merchant.catalogue().items.iter().find(good).unwrap();
    (item.code.clone(), maker(item).code.clone())
}

pub fn take(merchant: &mut Merchant, written: &mut Vec<Asked>, asked: Asked) {
    let asked = merchant.ask(asked).unwrap().unwrap();
    written.push(asked.clone());
    merchant.expect(asked);
}

/// What the supplier says to a wish about an order that is a few seconds old, and how the order ends.
fn wished(how: impl Fn(i32, i32) -> Wish) -> (Answer, (i32, i32), PoRow, Vec<ReceiptRow>) {
    let config = || Config { buyer: Buyer::Console, ..small(5) };
    let mut merchant = Merchant::new(config());
    let mut written = Vec::new();
    let (sku, supplier) = of_reliable(&merchant);
    let lines = vec![(sku.clone(), 12)];
    let what = Request::Order { supplier, site: SITES[0].0.into(), lines, due: None };
    let asked = Asked { key: "k".into(), at: 0, number: "PO-1".into(), what };
    take(&mut merchant, &mut written, asked);
    let what = Request::Line { sku: sku.clone(), wish: Wish::Never, answer: Answer::default() };
    let early = Asked { key: "e".into(), at: 0, number: "PO-1".into(), what };
    let refused = merchant.ask(early).unwrap_err().to_string();
    assert_eq!(refused, "Order PO-1 was not read yet; ask again in a moment.");
    merchant.advance_to(start() + Span::seconds(20));
    let po = merchant.purchase_orders().len() - 1;
    let zone = Zone::named(ZONE).unwrap();
    let day = |second: u32| calendar::moment(second).day(&zone).number();
    let (today, due) = (merchant.today().number(), day(merchant.purchase_orders()[po].due));
    let what = Request::Line { sku, wish: how(today, due), answer: Answer::default() };
    let asked = Asked { key: "w".into(), at: 0, number: "PO-1".into(), what };
    assert_eq!(merchant.answer_to("w"), None);
    take(&mut merchant, &mut written, asked);
    let end = start() + Span::days(140);
    merchant.advance_to(end);
    books_balance(&merchant);
    let mut again = Merchant::new(config());
    again.remember(written);
    again.advance_to(end);
    assert_eq!(merchant.purchase_orders(), again.purchase_orders());
    assert_eq!(merchant.receipts(), again.receipts());
    assert_eq!(merchant.answer_to("w"), again.answer_to("w"));
    let receipts = merchant.receipts().iter().filter(|one| one.po == po as u32).cloned().collect();
    let answer = merchant.answer_to("w").unwrap();
    (answer, (today, due), merchant.purchase_orders()[po].clone(), receipts)
}

#[test]
fn a_supplier_brings_a_line_sooner_later_or_not_at_all_and_says_so() {
    let zone = Zone::named(ZONE).unwrap();
    let day = |second: u32| calendar::moment(second).day(&zone).number();
    let (said, (_, due), row, receipts) = wished(|_, due| Wish::Sooner(due - 1));
    assert_eq!(said, Answer { due: Some(due - 1), units: Some(12) });
    assert_eq!(row.status, PoStatus::Received);
    assert!(day(receipts[0].at) < due, "it came on the day that was promised, or before");
    assert_eq!(receipts.iter().map(|one| one.qty).sum::<u32>(), 12);

    let (said, (today, due), ..) = wished(|today, _| Wish::Sooner(today));
    assert!(
        said.due.unwrap() > today && said.due.unwrap() <= due,
        "no supplier can at once: {said:?}"
    );

    let (said, (_, due), row, receipts) = wished(|_, due| Wish::Later(due + 90));
    assert_eq!(said.due, Some(due + 28), "it keeps goods for four weeks");
    assert!(day(receipts[0].at) >= due + 28, "{receipts:?}");
    assert_eq!(row.status, PoStatus::Received);

    let (said, _, row, receipts) = wished(|_, _| Wish::Never);
    assert_eq!((said.units, row.status), (Some(0), PoStatus::Cancelled));
    assert!(receipts.is_empty());
}
