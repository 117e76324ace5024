//! When a demo's time stands still.

use super::*;
use crate::engine::demo::{is_paused, keep_pause, until_read};
use crate::feed::FeedState;
use std::time::Duration;
use tokio::sync::watch;

#[tokio::test]
async fn a_demos_time_stands_still_until_its_history_is_read_and_while_it_is_paused() {
    let folder = tempfile::tempdir().unwrap();
    let house = house(folder.path());
    let feed = FeedId::new("demo");
    house.board.register(&feed, "demo", Duration::from_secs(1));
    let told = |state: FeedState| {
        house.board.state(&feed, state);
        house.changed();
    };
    let pause = watch::Sender::new(false);
    let mut still = until_read(house.clone(), feed.clone(), pause.subscribe());
    let progress = Progress { what: "orders".into(), done: 1, total: Some(2) };
    told(FeedState::Backfill(progress));
    for _ in 0..100 {
        tokio::task::yield_now().await;
        assert!(*still.borrow(), "its history is being read");
    }
    told(FeedState::Live);
    still.wait_for(|still| !*still).await.unwrap();
    pause.send_replace(true);
    still.wait_for(|still| *still).await.unwrap();
    // What is read later stops nothing.
    told(FeedState::Starting);
    pause.send_replace(false);
    still.wait_for(|still| !*still).await.unwrap();
}

#[test]
fn a_pause_is_kept_for_the_next_owner() {
    let folder = tempfile::tempdir().unwrap();
    assert!(!is_paused(folder.path()));
    keep_pause(folder.path(), false).unwrap();
    keep_pause(folder.path(), true).unwrap();
    assert!(is_paused(folder.path()));
    keep_pause(folder.path(), false).unwrap();
    assert!(!is_paused(folder.path()));
}
