//! Files as a feed through the real engine: a watched folder, packed files, mappings, and what is
//! done with files that are bad.

mod office;

use office::Office;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::time::{Duration, SystemTime};
use stockdeck::domain::*;
use stockdeck::engine::api::*;
use stockdeck::engine::{Backend, Cancel};
use stockdeck::feed::files::{DateOrder, FileFeed, FileSource, check};
use stockdeck::feed::{Applied, FeedContext, FeedError, Ledger, Pending, Source};

const HEAD: &str = "order_id,placed_at,sku,qty,price\n";

/// Writes a file that has stood still for an hour.
fn put(folder: &Path, name: &str, bytes: &[u8]) -> PathBuf {
    let path = folder.join(name);
    std::fs::write(&path, bytes).unwrap();
    settle(&path, 3_600);
    path
}

fn settle(path: &Path, seconds: u64) {
    let file = std::fs::File::options().append(true).open(path).unwrap();
    file.set_modified(SystemTime::now() - Duration::from_secs(seconds)).unwrap();
}

fn order(number: u32, qty: u32) -> String {
    format!("{number},2026-02-0{} 10:00,MUG,{qty},4.00\n", number % 9 + 1)
}

fn feed(path: &Path) -> FileFeed {
    FileFeed {
        path: path.to_owned(),
        preset: "orders".into(),
        columns: Vec::new(),
        zone: Zone::utc(),
        currency: Currency::GBP,
        date_order: None,
        poll: Duration::from_secs(5),
    }
}

fn source(path: &Path) -> FileSource {
    FileSource::new(feed(path)).unwrap()
}

async fn sync(office: &Office, source: &mut FileSource) {
    source.sync(&office.context).await.unwrap();
}

async fn quarantined(office: &Office) -> Vec<String> {
    let page = PageOf { limit: 1_000, ..PageOf::default() };
    let Answer::Quarantine(rows) = office.ask(Query::Quarantine(page)).await else { panic!() };
    rows.rows.iter().map(|row| row.reject.place.to_string()).collect()
}

async fn numbers(office: &Office) -> Vec<String> {
    let page = PageOf { limit: 1_000, ..PageOf::default() };
    let Answer::Orders(orders) = office.ask(Query::Orders(page)).await else { panic!() };
    let mut all: Vec<String> = orders.rows.iter().map(|r| r.key.number.to_string()).collect();
    all.sort();
    all
}

async fn units(office: &Office, number: &str) -> Qty {
    let asked = OrderRef { feed: None, number: OrderNo::new(number) };
    let Answer::Order(Some(detail)) = office.ask(Query::Order(asked)).await else { panic!() };
    detail.order.units()
}

async fn rejects(office: &Office) -> Vec<Reject> {
    let page = PageOf { limit: 1_000, ..PageOf::default() };
    let Answer::Quarantine(rows) = office.ask(Query::Quarantine(page)).await else { panic!() };
    rows.rows.into_iter().map(|row| row.reject).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_watched_folder_is_read_as_files_appear() {
    let folder = tempfile::tempdir().unwrap();
    let office = office::open("files").await;
    let mut source = source(folder.path());
    sync(&office, &mut source).await;
    assert!(numbers(&office).await.is_empty());
    put(folder.path(), "a.csv", format!("{HEAD}{}{}", order(1, 2), order(2, 1)).as_bytes());
    put(folder.path(), "b.csv.part", format!("{HEAD}{}", order(3, 1)).as_bytes());
    put(folder.path(), ".hidden.csv", format!("{HEAD}{}", order(4, 1)).as_bytes());
    sync(&office, &mut source).await;
    assert_eq!(numbers(&office).await, ["1", "2"]);
    // The same length, the same beginning and end: only the middle says something else.
    put(folder.path(), "a.csv", format!("{HEAD}{}{}", order(1, 7), order(2, 1)).as_bytes());
    settle(&folder.path().join("a.csv"), 60);
    std::fs::rename(folder.path().join("b.csv.part"), folder.path().join("b.csv")).unwrap();
    sync(&office, &mut source).await;
    assert_eq!(numbers(&office).await, ["1", "2", "3"]);
    // A new process knows what was read.
    let (before, mut anew) = (office.truth().await, self::source(folder.path()));
    sync(&office, &mut anew).await;
    assert!(office.truth().await == before);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_in_the_middle_of_a_long_file_is_read() {
    let folder = tempfile::tempdir().unwrap();
    let office = office::open("files").await;
    let head = "order_id,placed_at,sku,qty,price,updated_at\n";
    let text = |qty: u32, day: u32| {
        let line = |n: u32| {
            let (qty, day) = if n == 100 { (qty, day) } else { (1, 1) };
            format!("{n},2026-02-01 10:00,MUG,{qty},4.00,2026-02-0{day} 11:00\n")
        };
        format!("{head}{}", (1..=200).map(line).collect::<String>())
    };
    put(folder.path(), "a.csv", text(2, 1).as_bytes());
    let mut source = source(folder.path());
    sync(&office, &mut source).await;
    assert_eq!(units(&office, "100").await, Qty::units(2));
    let path = put(folder.path(), "a.csv", text(7, 2).as_bytes());
    settle(&path, 60);
    sync(&office, &mut source).await;
    assert_eq!(units(&office, "100").await, Qty::units(7));
}

#[tokio::test(flavor = "multi_thread")]
async fn one_bad_file_does_not_keep_the_others_out() {
    let folder = tempfile::tempdir().unwrap();
    let office = office::open("files").await;
    let good = |n| format!("{HEAD}{}", order(n, 1));
    put(folder.path(), "a.csv", good(1).as_bytes());
    put(folder.path(), "b.csv", b"nothing,like,it\n1,2,3\n");
    put(folder.path(), "c.csv.gz", b"no gzip at all");
    put(folder.path(), "d.csv", good(2).as_bytes());
    let mut source = source(folder.path());
    for _ in 0..3 {
        sync(&office, &mut source).await;
    }
    assert_eq!(numbers(&office).await, ["1", "2"]);
    let told = rejects(&office).await;
    let mut places: Vec<&str> = told.iter().map(|reject| &*reject.place).collect();
    places.sort_unstable();
    assert_eq!(places, ["b.csv", "c.csv.gz"], "each once: {told:?}");
    assert!(told.iter().any(|reject| reject.reason.contains("has no column")), "{told:?}");
    // Mended, it is read.
    let path = put(folder.path(), "b.csv", good(3).as_bytes());
    settle(&path, 60);
    sync(&office, &mut source).await;
    assert_eq!(numbers(&office).await, ["1", "2", "3"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_no_mapping_fitted_is_read_under_another() {
    let folder = tempfile::tempdir().unwrap();
    let office = office::open("files").await;
    let text = format!("{HEAD}{}", order(1, 4)).replace("qty", "Amount");
    put(folder.path(), "a.csv", text.as_bytes());
    sync(&office, &mut source(folder.path())).await;
    assert!(numbers(&office).await.is_empty());
    assert_eq!(quarantined(&office).await.len(), 1);
    let columns = vec![("qty".into(), "Amount".into())];
    let mut mended = FileSource::new(FileFeed { columns, ..feed(folder.path()) }).unwrap();
    sync(&office, &mut mended).await;
    assert_eq!(units(&office, "1").await, Qty::units(4));
    assert!(quarantined(&office).await.is_empty(), "the file was read and is still there");
}

/// The one refusal that is in quarantine.
async fn refusal(office: &Office) -> String {
    let told = rejects(office).await;
    assert_eq!(told.len(), 1, "{told:?}");
    format!("{}: {}", told[0].excerpt, told[0].reason)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_stays_in_quarantine_for_as_long_as_it_cannot_be_read() {
    let folder = tempfile::tempdir().unwrap();
    let office = office::open("files").await;
    let bad = b"nothing,like,it\n1,2,3\n";
    let path = put(folder.path(), "a.csv", bad);
    let mapped = |theirs: &str| {
        let columns = vec![("qty".into(), theirs.into())];
        FileSource::new(FileFeed { columns, ..feed(folder.path()) }).unwrap()
    };
    let mut plain = source(folder.path());
    sync(&office, &mut plain).await;
    let first = refusal(&office).await;
    settle(&path, 60);
    sync(&office, &mut plain).await;
    assert_ne!(refusal(&office).await, first, "touched, it is told anew");
    put(folder.path(), "a.csv", b"nothing,like,it\n3,2,1\n");
    sync(&office, &mut plain).await;
    refusal(&office).await;
    // Another mapping that does not fit either has a reason of its own, and so has the first again.
    let good = format!("{HEAD}{}", order(1, 4)).replace("qty", "Amount");
    put(folder.path(), "a.csv", good.as_bytes());
    sync(&office, &mut mapped("Menge")).await;
    assert!(refusal(&office).await.contains("Menge"));
    sync(&office, &mut mapped("Stück")).await;
    assert!(refusal(&office).await.contains("Stück"));
    sync(&office, &mut mapped("Menge")).await;
    assert!(refusal(&office).await.contains("Menge"));
    sync(&office, &mut mapped("Amount")).await;
    assert_eq!(rejects(&office).await, []);
    settle(&path, 30);
    sync(&office, &mut mapped("Menge")).await;
    assert!(refusal(&office).await.contains("Menge"), "it cannot be read any more");
    std::fs::remove_file(&path).unwrap();
    sync(&office, &mut mapped("Menge")).await;
    assert_eq!(rejects(&office).await, [], "there is no such file");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mended_file_leaves_quarantine_though_its_reading_was_cut_off() {
    let folder = tempfile::tempdir().unwrap();
    let office = office::open("files").await;
    put(folder.path(), "a.csv", b"nothing,like,it\n1,2,3\n");
    sync(&office, &mut source(folder.path())).await;
    assert_eq!(rejects(&office).await.len(), 1);
    let good: String = (1..=4).map(|n| order(n, 1)).collect();
    put(folder.path(), "a.csv", format!("{HEAD}{good}").as_bytes());
    // Killed after the last of its orders, before its refusal was taken back.
    let cut = Cut { ledger: office.context.ledger.clone(), left: AtomicUsize::new(1) };
    let context = FeedContext { ledger: Arc::new(cut), ..office.context.clone() };
    let stopped = source(folder.path()).sync(&context).await;
    assert_eq!(stopped, Err(FeedError::Stopped));
    assert_eq!((numbers(&office).await.len(), rejects(&office).await.len()), (4, 1));
    sync(&office, &mut source(folder.path())).await;
    assert_eq!(rejects(&office).await, []);
}

/// A ledger that takes so many pages and no more.
struct Cut {
    ledger: Arc<dyn Ledger>,
    left: AtomicUsize,
}

impl Ledger for Cut {
    fn apply<'a>(&'a self, page: Page) -> Pending<'a, Result<Applied, FeedError>> {
        match self.left.fetch_update(Relaxed, Relaxed, |left| left.checked_sub(1)) {
            Ok(_) => self.ledger.apply(page),
            Err(_) => Box::pin(async { Err(FeedError::Stopped) }),
        }
    }
    fn cursor(&self, feed: &FeedId) -> Result<Option<Cursor>, FeedError> {
        self.ledger.cursor(feed)
    }
    fn now(&self) -> Timestamp {
        self.ledger.now()
    }
    fn open_orders(&self, feed: &FeedId, limit: usize) -> Vec<OrderNo> {
        self.ledger.open_orders(feed, limit)
    }
    fn orders_since(&self, feed: &FeedId, from: Timestamp, limit: usize) -> Vec<OrderNo> {
        self.ledger.orders_since(feed, from, limit)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_is_still_being_written_is_waited_for() {
    let folder = tempfile::tempdir().unwrap();
    let office = office::open("files").await;
    // Fresh: one reading waits until it has stood still, as `sync --once` has to.
    std::fs::write(folder.path().join("a.csv"), format!("{HEAD}{}", order(1, 1))).unwrap();
    let began = std::time::Instant::now();
    sync(&office, &mut source(folder.path())).await;
    assert!(began.elapsed() >= Duration::from_millis(1_500), "it did not wait");
    assert_eq!(numbers(&office).await, ["1"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn packed_files_and_both_forms_say_the_same() {
    let rows = [(1, 2, "ann@x.example"), (2, 5, "bob@x.example")];
    let csv: String = rows
        .iter()
        .map(|(n, qty, who)| format!("{n};2026-02-01T10:00:00Z;MUG;{qty};4,00;EUR;{who}\n"))
        .collect();
    let csv = format!("Invoice;placed_at;sku;Menge;price;currency;customer\n{csv}");
    let json: String = rows
        .iter()
        .map(|(n, qty, who)| {
            format!(
                "{{\"Invoice\":\"{n}\",\"placed_at\":\"2026-02-01T10:00:00Z\",\"currency\":\"EUR\",\
                 \"customer\":\"{who}\",\"lines\":[{{\"sku\":\"MUG\",\"Menge\":{qty},\
                 \"price\":\"4.00\"}}]}}\n"
            )
        })
        .collect();
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gzip.write_all(csv.as_bytes()).unwrap();
    let zstd = zstd::stream::encode_all(json.as_bytes(), 1).unwrap();
    let mut truths = Vec::new();
    for (name, bytes) in [
        ("a.csv", csv.clone().into_bytes()),
        ("a.csv.gz", gzip.finish().unwrap()),
        ("a.ndjson", json.clone().into_bytes()),
        ("a.ndjson.zst", zstd),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let path = put(folder.path(), name, &bytes);
        let office = office::open("files").await;
        let columns = [("order_id", "invoice"), ("qty", "menge")];
        let columns = columns.map(|(ours, theirs)| (ours.into(), theirs.into())).into();
        let mut source = FileSource::new(FileFeed { columns, ..feed(&path) }).unwrap();
        sync(&office, &mut source).await;
        assert_eq!(units(&office, "2").await, Qty::units(5), "{name}");
        truths.push(office.truth().await);
    }
    assert!(truths.iter().all(|truth| *truth == truths[0]), "{truths:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_quote_that_is_not_closed_costs_one_row_of_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let mut text = HEAD.to_owned();
    for number in 1..=50 {
        text += &if number == 20 {
            "20,\"2026-02-01 10:00,MUG,1,4.00\n".into()
        } else {
            order(number, 1)
        };
    }
    put(folder.path(), "a.csv", text.as_bytes());
    let office = office::open("files").await;
    sync(&office, &mut source(folder.path())).await;
    assert_eq!(numbers(&office).await.len(), 49);
    let told = rejects(&office).await;
    assert_eq!(told.len(), 1);
    assert_eq!(&*told[0].place, "a.csv:21");
    assert!(told[0].reason.contains("a quote in it is not closed"), "{told:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn objects_need_not_all_have_the_same_keys() {
    let folder = tempfile::tempdir().unwrap();
    let text = "{\"order_id\":1,\"placed_at\":\"2026-02-01\",\"sku\":\"MUG\",\"qty\":1,\"price\":4}\n\
                {\"order_id\":2,\"placed_at\":\"2026-02-01\",\"sku\":\"MUG\",\"qty\":1,\"price\":4,\"land\":\"IE\"}\n";
    let path = put(folder.path(), "a.ndjson", text.as_bytes());
    let office = office::open("files").await;
    let columns = vec![("country".into(), "land".into())];
    let mut source = FileSource::new(FileFeed { columns, ..feed(&path) }).unwrap();
    sync(&office, &mut source).await;
    let asked = OrderRef { feed: None, number: OrderNo::new("2") };
    let Answer::Order(Some(detail)) = office.ask(Query::Order(asked)).await else { panic!() };
    assert_eq!(detail.order.country.unwrap().as_str(), "IE");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_import_takes_currency_zone_and_date_order_from_where_they_are_said() {
    let folder = tempfile::tempdir().unwrap();
    let text = format!("{HEAD}1,03/04/2026 10:00,MUG,2,4.00\n");
    let path = put(folder.path(), "a.csv", text.as_bytes());
    let office = office::open("test").await;
    let import = |date_order, preset: &str| {
        let job = ImportJob {
            path: path.display().to_string().into(),
            preset: preset.into(),
            columns: Vec::new(),
            date_order,
        };
        let who = Actor { user: "tester".into(), uid: 0, from: "test".into() };
        office.handle.act(who, Action::Import(job), Cancel::default())
    };
    let refused = import(None, "orders").await.unwrap_err();
    assert!(refused.usage && refused.to_string().contains("--date-order dmy"), "{refused}");
    let Answer::Feeds(feeds) = office.ask(Query::Feeds).await else { panic!() };
    assert!(!feeds.iter().any(|feed| feed.id.as_str() == "orders"), "a ghost: {feeds:?}");
    import(Some(DateOrder::DayFirst), "orders").await.unwrap();
    let asked = OrderRef { feed: None, number: OrderNo::new("1") };
    let Answer::Order(Some(detail)) = office.ask(Query::Order(asked)).await else { panic!() };
    assert_eq!(detail.order.placed_at.to_string(), "2026-04-03T10:00:00Z");
    assert_eq!(detail.order.total, Money { minor: 800, currency: Currency::GBP });
    let refused = import(None, "stock").await.unwrap_err();
    assert!(refused.usage && refused.to_string().contains("no column"), "{refused}");
}

#[test]
fn a_preset_or_mapping_that_does_not_fit_is_refused_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let wrong = FileFeed { preset: "nope".into(), ..feed(folder.path()) };
    assert!(matches!(FileSource::new(wrong), Err(FeedError::Usage { .. })));
    let columns = vec![("colour".into(), "x".into())];
    let wrong = FileFeed { columns, ..feed(folder.path()) };
    assert!(matches!(FileSource::new(wrong), Err(FeedError::Usage { .. })));
}

/// Each kind of dirt, how often, and what is done with it.
#[test]
fn a_check_finds_every_kind_of_dirt() {
    let folder = tempfile::tempdir().unwrap();
    let mut text = String::from(
        "invoice,stock_code,description,quantity,invoice_ts,price,customer_id,country\n",
    );
    let mut row = |line: &str| {
        text += line;
        text.push('\n');
    };
    for n in 0..12 {
        row(&format!("10{n:02},22423,CAKE STAND,2,2011-01-0{} 10:00,12.50,7,France", n % 9 + 1));
    }
    for line in [
        "2000,85123a,WHITE HEART,1,2011-02-01 10:00,2.95,8,United Kingdom",
        "2000,85123A,WHITE HEART HOLDER,1,2011-02-01 10:00,2.95,8,United Kingdom",
        "2000,85123A,WHITE HEART HOLDER,1,2011-02-01 10:00,2.95,8,United Kingdom",
        "2001,22423,,1,2011-02-01 11:00,12.50,,",
        "2000,22423,CAKE STAND,1,2011-02-01 12:00,12.50,8,United Kingdom",
        "2002,22423,CAKE STAND,74215,2011-02-01 12:00,1.04,9,United Kingdom",
        "C2003,22423,CAKE STAND,-74215,2011-02-01 12:10,1.04,9,United Kingdom",
        "C2004,22423,CAKE STAND,-3,2011-02-02 12:10,12.50,10,United Kingdom",
        "A2005,B,Adjust bad debt,1,2011-02-03 12:10,11062.06,,United Kingdom",
        "2006,22423,damaged,-6,2011-02-03 13:10,0,,United Kingdom",
        "2007,POST,POSTAGE,1,2011-02-03 14:10,18.00,8,France",
        "2008,22423,CAKE STAND,1,2011-02-03 15:10,,8,France",
        "2009,22423,CAKE STAND,1,2011-02-03 16:10,649.50,8,France",
        "2010,22423,CAKE STAND,x7,2011-02-03 16:10,12.50,8,France",
        "2011,22423,CAKE STAND,y8,2011-02-03 16:10,12.50,8,France",
        "2012,22423,CAKE STAND,1,2011-02-03 16:10,12.50,8",
        "2013,22423,CAKE STAND,1,2011-02-03 23:59,12.50,8,France",
        "2013,22423,CAKE STAND,1,2011-02-04 00:01,12.50,8,France",
    ] {
        row(line);
    }
    let path = put(folder.path(), "orders.csv", text.as_bytes());
    let report = check(&path, "online-retail", &[], None).unwrap();
    assert_eq!((report.rows, report.parsed), (30, 26));
    for (kind, count) in [
        ("code in several spellings", 1),
        ("code with several descriptions", 1),
        ("exact duplicate row", 1),
        ("code twice in one order", 3),
        ("missing description", 1),
        ("missing customer", 3),
        ("missing country", 1),
        ("missing price", 1),
        ("order number that comes again", 1),
        ("order over several days", 1),
        ("quantity far above the SKU's usual", 1),
        ("price far from the SKU's usual", 1),
        ("giant line reversed within a day", 1),
        ("return line that reverses a sale in full", 1),
        ("return line without such a sale", 1),
        ("cancellation or return", 2),
        ("adjustment of accounts", 1),
        ("stock write-off or correction", 1),
        ("description that is a remark", 2),
        ("code that is no product", 2),
        ("price zero", 1),
        ("unreadable: `qty` is no quantity", 2),
        ("unreadable: the row has N fields and the header N", 1),
    ] {
        let found = report.findings.iter().find(|finding| finding.kind == kind);
        let found = found.unwrap_or_else(|| panic!("{kind} in {:#?}", report.findings));
        assert_eq!(found.count, count, "{kind}: {:?}", found.examples);
        assert!(!found.treatment.is_empty() && !found.examples.is_empty(), "{kind}");
    }
}

/// The dirt that the data set's own description names, in its numbers.
#[test]
fn a_check_of_the_real_data_finds_the_dirt_that_is_known() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/data/online_retail/orders.csv.gz");
    if !Path::new(path).exists() {
        eprintln!("skipped: {path} is not there");
        return;
    }
    let report = check(Path::new(path), "online-retail", &[], None).unwrap();
    assert_eq!((report.rows, report.parsed), (901_805, 901_805));
    let count = |kind: &str| {
        report.findings.iter().find(|found| found.kind == kind).map_or(0, |found| found.count)
    };
    assert_eq!(count("exact duplicate row"), 9_746);
    for (kind, least, most) in [
        ("missing customer", 190_000, 220_000),
        ("cancellation or return", 5_000, 10_000),
        ("adjustment of accounts", 5, 10),
        ("stock write-off or correction", 3_000, 6_000),
        ("code that is no product", 4_000, 8_000),
        ("code in several spellings", 100, 300),
        ("description that is a remark", 300, 2_000),
        ("giant line reversed within a day", 20, 200),
    ] {
        assert!((least..most).contains(&count(kind)), "{kind}: {}", count(kind));
    }
    assert!(report.findings.len() < 40, "kinds must not hold values");
}

#[tokio::test(flavor = "multi_thread")]
async fn items_tell_what_binds_buying_them_and_a_price_list_that_is_none_is_put_aside() {
    let folder = tempfile::tempdir().unwrap();
    let office = office::open("files").await;
    let text = "sku,unit_cost,pack,price_breaks,shelf_life_days,sold_until,max_stock\n\
                JAM,5.00,6,100:4.50; 500:4.00,90,2027-03-31,800\n\
                TEA,3.00,6,100 for 2.50,,,\n\
                CUP,-2.00,1,,,,\n\
                CAN,2.00,1,50:-1.80,,,\n\
                MUG,2.00,1,,,,\n";
    put(folder.path(), "items.csv", text.as_bytes());
    let mut feed = feed(folder.path());
    feed.preset = "items".into();
    let mut source = FileSource::new(feed).unwrap();
    sync(&office, &mut source).await;
    let detail = async |sku: &str| {
        let asked = Query::Sku(Sku::new(sku), 7);
        let Answer::Sku(detail) = office.ask(asked).await else { panic!() };
        *detail.unwrap()
    };
    let terms = detail("JAM").await.terms.unwrap();
    let cost = |text| UnitPrice::parse(text, Currency::GBP).unwrap();
    let breaks = [(100, "4.50"), (500, "4.00")];
    let breaks = breaks.map(|(from, text)| PriceBreak { from: Qty::units(from), cost: cost(text) });
    assert_eq!(terms.breaks.as_deref(), Some(&breaks[..]));
    assert_eq!((terms.shelf_life_days, terms.most), (Some(90), Some(Qty::units(800))));
    assert_eq!(terms.sold_until, Day::parse("2027-03-31"));
    assert_eq!(detail("MUG").await.terms, None);
    let rejects = rejects(&office).await;
    let because = |words: &str| rejects.iter().filter(|one| one.reason.contains(words)).count();
    assert_eq!(rejects.len(), 3, "{rejects:?}");
    assert_eq!(because("`100:4.50; 500:4.00`"), 1, "{rejects:?}");
    assert_eq!(because("`unit_cost` has a cost below 0: `-2.00`"), 1, "{rejects:?}");
    assert_eq!(because("`price_breaks` has a cost below 0: `-1.80`"), 1, "{rejects:?}");

    // Bounds of a site's stock are that site's, and leave what holds at the others.
    let text = b"sku,site,min_stock,max_stock\nJAM,LEEDS,20,40\nJAM,,10,\nMUG,LEEDS,50,40\n";
    put(folder.path(), "sites.csv", text);
    sync(&office, &mut source).await;
    let jam = detail("JAM").await;
    let told =
        jam.bounds.iter().map(|one| (one.site.as_ref().map(SiteId::as_str), one.least, one.most));
    let n = |n| Some(Qty::units(n));
    assert_eq!(told.collect::<Vec<_>>(), [(None, n(10), None), (Some("LEEDS"), n(20), n(40))]);
    assert_eq!(jam.terms.unwrap().most, n(800));
    assert!(detail("MUG").await.bounds.is_empty(), "the least is above the most");

    // A later file that knows a part changes that part.
    put(folder.path(), "more.csv", b"sku,shelf_life_days\nJAM,60\n");
    sync(&office, &mut source).await;
    let now = detail("JAM").await.terms.unwrap();
    assert_eq!((now.shelf_life_days, now.most, now.breaks), (Some(60), terms.most, terms.breaks));
}
