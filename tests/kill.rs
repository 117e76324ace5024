//! SIGKILL of the real binary in the middle of its work, at moments drawn from a seed: afterwards the
//! store is the same as that of an undisturbed run.
//!
//! `STOCKDECK_KILLS` says how often (6), `STOCKDECK_KILLS_SEED` draws the same moments again. A kill
//! before the first page or after the last one proves little, so further moments are drawn until at
//! least one fell in between.

mod process;
#[path = "feed_woocommerce/shop.rs"]
#[allow(dead_code, reason = "the shop can misbehave in more ways than are needed here")]
mod shop;

use process::{Home, Owner, assert_same, copy_folder, kill, orders_csv, state, wait_for};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde_json::json;
use shop::{Shared, Shop};
use std::ops::Range;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};
use stockdeck::store::{CACHE_BYTES, Store, Table};

/// Orders in the shop; ten pages of them.
const ORDERS: u64 = 1_000;

fn kills() -> usize {
    std::env::var("STOCKDECK_KILLS").ok().map_or(6, |kills| kills.parse().unwrap())
}

/// Draws moments from a seed that is printed, so that a failure can be made again.
fn moments(what: &str) -> ChaCha8Rng {
    let seed = match std::env::var("STOCKDECK_KILLS_SEED") {
        Ok(seed) => seed.parse().unwrap(),
        Err(_) => SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs(),
    };
    println!("{what}: STOCKDECK_KILLS_SEED={seed}");
    ChaCha8Rng::seed_from_u64(seed)
}

/// Moments that are drawn beyond those asked for, until one falls into the middle of the work.
const MORE: usize = 40;

/// How many kills were made, and how many of them fell into the middle of the work.
#[derive(Default)]
struct Tally {
    kills: usize,
    amid: usize,
}

impl Tally {
    fn wants_more(&self) -> bool {
        self.kills < kills() || (self.amid == 0 && self.kills < kills() + MORE)
    }
    /// A kill that left so many orders behind; `amid` are those that tell of unfinished work.
    fn count(&mut self, what: &str, left: usize, amid: Range<usize>) {
        self.kills += 1;
        self.amid += usize::from(amid.contains(&left));
        println!("{what}: {left} of {} orders were there", amid.end);
    }
    fn check(&self) {
        println!("{} of {} kills fell into the middle of the work", self.amid, self.kills);
        assert!(self.amid > 0, "none of {} kills fell into the middle of the work", self.kills);
    }
}

/// Orders that are in a store which its owner was killed with: in a copy of it, which no feed and no
/// import goes on with.
fn orders_left(home: &Home) -> usize {
    let copy = Home::new("");
    if !home.data_dir.join("kind").exists() {
        return 0;
    }
    copy_folder(&home.data_dir, &copy.data_dir);
    copy.json(&["orders"]).as_array().unwrap().len()
}

/// The table of orders, as far as counting goes.
enum Orders {}
impl Table for Orders {
    const TAG: u8 = 1;
    const NAME: &'static str = "orders";
    const SCHEMA: u8 = 1;
    const PACKED: bool = true;
    type Key = u32;
    type Value = ();
}

/// Orders that had reached the store itself when its owner was killed; `None`: there was none yet.
fn orders_in_store(home: &Home) -> Option<usize> {
    let folder = home.data_dir.join("store");
    if !folder.exists() {
        return None;
    }
    let copy = tempfile::tempdir().unwrap();
    copy_folder(&folder, copy.path());
    Some(Store::open(copy.path(), CACHE_BYTES).unwrap().store.count::<Orders>().unwrap())
}

/// How many rows a table of a state has.
fn count_of(table: &str, state: &[(&'static str, Vec<String>)]) -> usize {
    state.iter().find(|(name, _)| *name == table).unwrap().1.len()
}

/// A shop with orders of every kind, some of which cannot be understood.
fn full_shop() -> Shop {
    let mut shop = Shop { now: "2026-03-01T12:00:00Z".into(), ..Shop::default() };
    for id in 1..=ORDERS {
        let status = ["completed", "processing", "on-hold", "cancelled"][(id % 7 % 4) as usize];
        let mut order = shop::order(id, status, id * 10, id * 10 + 3);
        order["line_items"][0]["sku"] = json!(format!("SKU-{}", id % 23));
        order["line_items"][0]["quantity"] = json!(1 + id % 4);
        if id % 97 == 0 {
            order["line_items"][0]["quantity"] = json!("many");
        }
        shop.orders.insert(id, order);
    }
    for n in 0..23 {
        shop.products.push(json!({
            "id": 100 + n, "name": format!("Product {n}"), "type": "simple",
            "sku": format!("SKU-{n}"), "price": "4.00", "manage_stock": true,
            "stock_quantity": 50 + n, "date_modified_gmt": "2026-02-20T00:00:00",
            "categories": [], "variations": []
        }));
    }
    shop
}

/// The shop on a thread of its own, for as long as the test runs.
fn open_shop() -> (Shared, String) {
    let (tell, told) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            tell.send(shop::serve(full_shop()).await).unwrap();
            std::future::pending::<()>().await;
        });
    });
    told.recv().unwrap()
}

fn home_of(url: &str) -> Home {
    Home::new(&format!(
        "[[feed]]\nname = \"shop\"\nkind = \"woocommerce\"\nurl = \"{url}\"\nkey = \"ck_1\"\n\
         secret = \"cs_1\"\npoll_seconds = 1\n"
    ))
}

/// Ends an owner as a person would, and waits until it has closed the store.
fn end(mut owner: Owner) {
    let pid = rustix::process::Pid::from_raw(owner.0.id().cast_signed()).unwrap();
    rustix::process::kill_process(pid, rustix::process::Signal::TERM).unwrap();
    wait_for("the owner to end", || owner.0.try_wait().unwrap());
}

#[test]
fn a_sync_that_is_killed_ends_as_one_that_was_not() {
    let (shop, url) = open_shop();
    let calm = home_of(&url);
    calm.run(&["sync", "--once"]);
    let wanted = state(&calm);
    assert!(wanted.iter().all(|(_, rows)| !rows.is_empty()), "the shop shows nothing: {wanted:?}");
    let requests = shop.lock().unwrap().log.len();
    let (mut moments, mut tally) = (moments("sync"), Tally::default());
    while tally.wants_more() {
        let home = home_of(&url);
        let after = moments.random_range(1..=requests);
        let then = Duration::from_micros(moments.random_range(0..30_000));
        let before = shop.lock().unwrap().log.len();
        let owner = home.serve(&[]);
        wait_for("a request", || (shop.lock().unwrap().log.len() >= before + after).then_some(()));
        let moment = Instant::now() + then;
        while Instant::now() < moment {
            std::hint::spin_loop();
        }
        kill(owner.0.id());
        drop(owner);
        let what = format!("kill {}, {then:?} after request {after} of {requests}", tally.kills);
        tally.count(&what, orders_left(&home), 1..count_of("orders", &wanted));
        home.run(&["sync", "--once"]);
        assert_same(&what, &home, &wanted);
        home.run(&["audit", "verify"]);
    }
    tally.check();
}

#[test]
fn a_rebuild_that_is_killed_is_done_again() {
    let calm = Home::new("");
    let file = calm.write("orders.csv", &orders_csv(3_000));
    calm.run(&["import", file.to_str().unwrap()]);
    let wanted = state(&calm);
    wait_for("the owner to leave", || calm.owner().is_none().then_some(()));
    let (mut moments, mut tally) = (moments("rebuild"), Tally::default());
    while tally.wants_more() {
        let home = Home::new("");
        copy_folder(&calm.data_dir, &home.data_dir);
        std::fs::remove_dir_all(home.data_dir.join("store")).unwrap();
        let then = Duration::from_millis(moments.random_range(0..400));
        let owner = home.serve(&[]);
        wait_for("the owner", || home.owner());
        let moment = Instant::now() + then;
        wait_for("the moment", || (Instant::now() >= moment).then_some(()));
        kill(owner.0.id());
        drop(owner);
        let what = format!("kill {}, after {then:?}", tally.kills);
        let (left, all) = (orders_in_store(&home), count_of("orders", &wanted));
        // It is at work once there is a store, which no order may have reached yet; before that it
        // has all to do.
        tally.count(&what, left.unwrap_or(all), 0..all);
        assert_same(&what, &home, &wanted);
    }
    tally.check();
}

#[test]
fn an_import_that_is_killed_goes_on_where_it_was() {
    let csv = orders_csv(8_000);
    let calm = Home::new("");
    let file = calm.write("orders.csv", &csv);
    calm.run(&["import", file.to_str().unwrap()]);
    let wanted = state(&calm);
    let (mut moments, mut tally) = (moments("import"), Tally::default());
    while tally.wants_more() {
        let home = Home::new("");
        let file = home.write("orders.csv", &csv);
        let then = Duration::from_millis(moments.random_range(0..600));
        let owner = home.serving(&["--kind", "live"]);
        let mut import = home.command(&["import", file.to_str().unwrap()]);
        let mut import = import.stdout(std::process::Stdio::null()).spawn().unwrap();
        let moment = Instant::now() + then;
        wait_for("the moment", || (Instant::now() >= moment).then_some(()));
        kill(owner.0.id());
        drop(owner);
        import.wait().unwrap();
        let what = format!("kill {}, after {then:?}", tally.kills);
        tally.count(&what, orders_left(&home), 1..count_of("orders", &wanted));
        home.run(&["import", file.to_str().unwrap()]);
        assert_same(&what, &home, &wanted);
        end(home.serving(&[]));
    }
    tally.check();
}
