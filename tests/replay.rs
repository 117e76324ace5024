//! Past orders played as if they arrived now, through the real engine.

mod office;

use office::Office;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::time::Duration;
use stockdeck::domain::*;
use stockdeck::engine::api::*;
use stockdeck::engine::{Backend, Cancel};

/// 2,400 orders in three days, some of them shipped a day later, several of one moment.
fn orders(folder: &Path) -> PathBuf {
    let mut text = String::from(
        "order_id,placed_at,sku,qty,price,currency,status,updated_at,shipped_at,customer\n",
    );
    for n in 0..2_400_i64 {
        let second = n / 3 * 324;
        let placed = Timestamp::from_millis(1_300_000_000_000 + second * 1_000);
        let shipped = placed + Span::days(1);
        let (sku, qty) = (n % 17, n % 5 + 1);
        let rest = match n % 4 {
            0 => format!("shipped,{shipped},{shipped}"),
            1 => format!("cancelled,{shipped},"),
            _ => format!("open,{placed},"),
        };
        writeln!(text, "N{n},{placed},SKU{sku},{qty},2.50,GBP,{rest},c{}@x.example", n % 40)
            .unwrap();
    }
    let path = folder.join("orders.csv");
    std::fs::write(&path, text).unwrap();
    path
}

fn job(path: &Path) -> ImportJob {
    ImportJob {
        path: path.display().to_string().into(),
        preset: "orders".into(),
        columns: Vec::new(),
        date_order: None,
    }
}

fn me() -> Actor {
    Actor { user: "tester".into(), uid: 0, from: "test".into() }
}

async fn play(office: &Office, path: &Path, speed: Option<f64>) -> Result<Outcome, Refusal> {
    let action =
        office.handle.act(me(), Action::Replay { job: job(path), speed }, Cancel::default());
    tokio::time::timeout(Duration::from_secs(120), action).await.expect("the replay hangs")
}

/// Everything but customers, whose pseudonyms each store draws for itself.
async fn truth(office: &Office) -> String {
    let seen = office.truth().await;
    let bare = |line: &str| match line.split_once("customer: ") {
        Some((before, after)) => {
            let rest = after.split_once(", country").map_or(after, |(_, rest)| rest);
            format!("{before}{rest}\n")
        }
        None => format!("{line}\n"),
    };
    seen.lines().map(bare).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_speed_leads_to_the_same_store() {
    let folder = tempfile::tempdir().unwrap();
    let path = orders(folder.path());
    let fast = office::open("test").await;
    play(&fast, &path, None).await.unwrap();
    let paced = office::open("test").await;
    play(&paced, &path, Some(100_000.0)).await.unwrap();
    let (fast_truth, paced_truth) = (truth(&fast).await, truth(&paced).await);
    assert_eq!(fast_truth.matches("N2399").count(), paced_truth.matches("N2399").count());
    assert!(fast_truth.contains("N2399") && fast_truth.contains("Cancelled"));
    assert!(fast_truth == paced_truth, "the two stores differ");
    assert_eq!(fast.handle.now(), paced.handle.now());
    // Played once more, all of it is known.
    let Outcome::Worked { applied, .. } = play(&fast, &path, None).await.unwrap() else { panic!() };
    assert_eq!((applied.new, applied.changed), (0, 0), "{applied:?}");
    assert!(truth(&fast).await == fast_truth);
}

#[tokio::test(flavor = "multi_thread")]
async fn time_never_runs_ahead_and_the_future_is_not_known() {
    let folder = tempfile::tempdir().unwrap();
    let path = orders(folder.path());
    let office = office::open("test").await;
    let playing = {
        let (handle, job) = (office.handle.clone(), job(&path));
        tokio::spawn(handle.act(
            me(),
            Action::Replay { job, speed: Some(100_000.0) },
            Cancel::default(),
        ))
    };
    let mut looks = 0;
    while !playing.is_finished() {
        // Time is asked first: whatever was due then has been handed over, but for one page.
        let now = office.handle.now();
        let page = PageOf { limit: 1, descending: true, ..PageOf::default() };
        let Answer::Orders(newest) = office.ask(Query::Orders(page)).await else { panic!() };
        let later = office.handle.now();
        if let Some(row) = newest.rows.first() {
            assert!(row.placed_at <= later, "{} is known at {later}", row.placed_at);
        }
        if now.as_millis() > 1_300_000_000_000 {
            let due = 3 * ((now.as_millis() - 1_300_000_000_000) / 324_000);
            let known = i64::try_from(newest.total).unwrap();
            assert!(known + 1_100 >= due.min(2_400), "{known} of {due} at {now}");
        }
        // An order that ships a day later is open until then.
        let open = OrderRef { feed: None, number: OrderNo::new("N0") };
        if let Answer::Order(Some(first)) = office.ask(Query::Order(open)).await {
            let shipped = first.order.status == OrderStatus::Shipped;
            let due = first.order.placed_at + Span::days(1);
            assert!(!shipped || office.handle.now() >= due, "it was shipped before its time");
            looks += u32::from(!shipped);
        }
    }
    playing.await.unwrap().unwrap();
    assert!(looks > 0, "nobody ever saw the order open");
}

#[tokio::test(flavor = "multi_thread")]
async fn one_replay_at_a_time() {
    let folder = tempfile::tempdir().unwrap();
    let path = orders(folder.path());
    let office = office::open("test").await;
    let first = {
        let (handle, job) = (office.handle.clone(), job(&path));
        tokio::spawn(handle.act(me(), Action::Replay { job, speed: Some(1.0) }, Cancel::default()))
    };
    let deadline = std::time::Instant::now() + Duration::from_secs(30);
    let work = loop {
        let Answer::Status(status) = office.ask(Query::Status).await else { panic!() };
        if let Some(work) = status.work.first() {
            break work.id;
        }
        assert!(std::time::Instant::now() < deadline, "the replay never began");
        tokio::task::yield_now().await;
    };
    let refused = play(&office, &path, None).await.unwrap_err();
    assert!(refused.to_string().contains("a replay runs already"), "{refused}");
    office.handle.act(me(), Action::Cancel(work), Cancel::default()).await.unwrap();
    let stopped = tokio::time::timeout(Duration::from_secs(30), first).await.unwrap().unwrap();
    assert!(stopped.unwrap_err().to_string().contains("goes on from there"));
    // And so it does.
    play(&office, &path, None).await.unwrap();
    assert!(truth(&office).await.contains("N2399"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_cannot_be_played_leaves_no_trace() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("odd.csv");
    std::fs::write(&path, "a,b\n1,2\n").unwrap();
    let office = office::open("test").await;
    let refused = play(&office, &path, None).await.unwrap_err();
    assert!(refused.to_string().contains("--column"), "{refused}");
    assert!(refused.usage, "a wrong column is a wrong use");
    let Answer::Feeds(feeds) = office.ask(Query::Feeds).await else { panic!() };
    assert!(!feeds.iter().any(|feed| feed.id.as_str() == "replay"), "{feeds:?}");
    assert!(office.context.board.snapshot().len() == 1);
}
