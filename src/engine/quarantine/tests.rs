//! The quarantine: counted once, readable by decision, tried again.

use crate::domain::{OrderKey, Page, Private, Qty, Record, Whose};
use crate::engine::api::*;
use crate::engine::privacy::tests::{Shop, actor, customer, forget, found, lose_the_store, reveal};
use crate::engine::{Backend, Handle};

/// The quantity of one line stands in another column.
const FILE: &str = "\
order_id,placed_at,sku,qty,menge,price,currency,customer,person_name
1001,2026-03-01 10:00:00,A1,2,,5.00,GBP,c-17,Bob Wintermarsh
1001,2026-03-01 10:00:00,B2,n/a,3,4.00,GBP,c-17,Bob Wintermarsh
1002,2026-03-02 10:00:00,A1,1,,5.00,GBP,c-18,
";
const MORE: &str = "1003,2026-03-02 10:00:00,A1,1,,5.00,GBP,c-18,\n";

async fn rows(handle: &Handle) -> Vec<QuarantineRow> {
    let page = PageOf { limit: 10, ..PageOf::default() };
    match handle.ask(Query::Quarantine(page)).await.unwrap() {
        Answer::Quarantine(rows) => rows.rows,
        other => panic!("{other:?}"),
    }
}

async fn retry(handle: &Handle, columns: &[(&str, &str)]) -> (u64, u64) {
    let columns = columns.iter().map(|(ours, theirs)| ((*ours).into(), (*theirs).into()));
    let job = Retry { columns: columns.collect(), ..Retry::default() };
    match handle
        .act(actor(), Action::RetryQuarantine(job), crate::engine::Cancel::default())
        .await
        .unwrap()
    {
        Outcome::Retried { settled, left } => (settled, left),
        other => panic!("{other:?}"),
    }
}

/// Units and value of the order that had a line in quarantine.
async fn order(handle: &Handle) -> (Qty, i64) {
    let which = OrderRef { feed: None, number: "1001".into() };
    match handle.ask(Query::Order(which)).await.unwrap() {
        Answer::Order(Some(detail)) => (detail.order.units(), detail.order.total.minor),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_bad_record_is_counted_once_however_often_it_is_read() {
    let shop = Shop::with(FILE);
    shop.run(async |handle| {
        assert_eq!(shop.import(&handle).await, 1);
        assert_eq!(rows(&handle).await.len(), 1);
        shop.write(&format!("{FILE}{MORE}"));
        assert_eq!(shop.import(&handle).await, 0, "it was there before");
        assert_eq!(rows(&handle).await.len(), 1);
    });
    shop.run(async |handle| assert_eq!(rows(&handle).await.len(), 1));
    lose_the_store(&shop);
    shop.run(async |handle| {
        assert_eq!(rows(&handle).await.len(), 1);
        let raw = reveal(&handle, Whose::Rejected(rows(&handle).await[0].seq)).await.unwrap();
        assert!(raw.contains("n/a") && raw.contains("Wintermarsh"), "all of it is kept: {raw}");
    });
    assert_eq!(found(&shop.data(), &["Wintermarsh"]), Vec::<String>::new());
}

#[test]
fn what_is_understood_at_a_retry_leaves_the_quarantine_for_good() {
    let shop = Shop::with(FILE);
    let whole = (Qty::units(5), 2_200);
    shop.run(async |handle| {
        shop.import(&handle).await;
        assert_eq!(order(&handle).await, (Qty::units(2), 1_000));
        assert_eq!(retry(&handle, &[]).await, (0, 1));
        assert_eq!(rows(&handle).await[0].attempts, 1);
        let wrong = retry(&handle, &[("qty", "nowhere")]).await;
        assert_eq!(wrong, (0, 1));
        let reason = rows(&handle).await[0].reject.reason.clone();
        assert!(reason.contains("nowhere"), "the latest reason is shown: {reason}");
        assert_eq!(retry(&handle, &[("qty", "menge")]).await, (1, 0));
        assert_eq!(rows(&handle).await, []);
        assert_eq!(order(&handle).await, whole, "the line joined its order");
    });
    shop.run(async |handle| {
        assert_eq!(rows(&handle).await, []);
        assert_eq!(order(&handle).await, whole);
    });
    lose_the_store(&shop);
    shop.run(async |handle| {
        assert_eq!(rows(&handle).await, [], "the archive knows that it was settled");
        assert_eq!(order(&handle).await, whole);
    });
}

#[test]
fn a_line_of_an_order_that_is_gone_stays_and_says_why() {
    let shop = Shop::with(FILE);
    shop.run(async |handle| {
        shop.import(&handle).await;
        let key = OrderKey { feed: "orders".into(), number: "1001".into() };
        let (_go_on, stop) = tokio::sync::watch::channel(false);
        let feed = handle.feed(&key.feed, "test", stop).ledger;
        let page = Page {
            feed: key.feed.clone(),
            asked: feed.now(),
            records: vec![Record::OrderGone(key, feed.now())],
            rejects: Vec::new(),
            private: Private::default(),
            cursor: None,
            progress: None,
        };
        feed.apply(page).await.unwrap();
        assert_eq!(retry(&handle, &[("qty", "menge")]).await, (0, 1));
        let row = rows(&handle).await.remove(0);
        assert!(row.reject.reason.contains("is gone"), "{}", row.reject.reason);
    });
}

#[test]
fn what_is_kept_of_a_record_goes_with_the_person_whom_it_is_about() {
    let shop = Shop::with(FILE);
    shop.run(async |handle| {
        shop.import(&handle).await;
        let bob = Whose::Customer(customer(&handle, "1001").await);
        forget(&handle, bob).await.unwrap();
        let row = rows(&handle).await.remove(0);
        assert!(!row.kept);
        assert_eq!(reveal(&handle, Whose::Rejected(row.seq)).await.unwrap(), "");
        assert_eq!(retry(&handle, &[("qty", "menge")]).await, (0, 1));
    });
    lose_the_store(&shop);
    shop.run(async |handle| assert!(!rows(&handle).await[0].kept));
}

/// Two lines of one order stand in another column.
const TWO: &str = "\
order_id,placed_at,sku,qty,menge,price,currency,customer,person_name
1001,2026-03-01 10:00:00,A1,2,,5.00,GBP,c-17,Bob Wintermarsh
1001,2026-03-01 10:00:00,B2,n/a,3,4.00,GBP,c-17,Bob Wintermarsh
1001,2026-03-01 10:00:00,C3,n/a,1,7.00,GBP,c-17,Bob Wintermarsh
";

#[test]
fn lines_that_are_tried_again_by_several_at_once_join_their_order_once_each() {
    let shop = Shop::with(TWO);
    shop.run(async |handle| {
        assert_eq!(shop.import(&handle).await, 2);
        let again = || {
            let handle = handle.clone();
            tokio::spawn(async move { retry(&handle, &[("qty", "menge")]).await })
        };
        let tries: Vec<_> = (0..8).map(|_| again()).collect();
        let mut settled = 0;
        for one in tries {
            settled += one.await.unwrap().0;
        }
        assert_eq!(settled, 2);
        assert_eq!(rows(&handle).await, []);
        assert_eq!(order(&handle).await, (Qty::units(6), 2_900));
    });
}
