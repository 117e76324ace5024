//! People's clear text: where it lies, who can read it, and that it can be forgotten.

use crate::config::{Config, Variables};
use crate::domain::{Actor, CustomerRef, Decision, OrderKey, Whose};
use crate::engine::api::*;
use crate::engine::demo::DemoSetup;
use crate::engine::{Backend, Cancel, Engine, Handle, Setup};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Two customers; the second one's order names nobody, and has a note all the same.
const FILE: &str = "\
order_id,placed_at,sku,qty,price,currency,customer,email,phone,person_name,address,note
1001,2026-03-01 10:00:00,A1,2,5.00,GBP,c-17,ann.lee@example.org,+44 1632 960001,Ann Quillfeather,\
12 Larkspur Lane,leave it with Mossgrove
1002,2026-03-02 10:00:00,A1,1,5.00,GBP,,,,,,ring the Thistlebell twice
1003,2026-03-03 10:00:00,B2,1,7.00,GBP,c-18,bob@example.org,,Bob Wintermarsh,,
1003,2026-03-03 10:00:00,B2,nine,7.00,GBP,c-18,bob@example.org,,Bob Wintermarsh,,
";

/// What no file may hold in clear.
const ANN: [&str; 5] = ["Quillfeather", "ann.lee@example.org", "960001", "Larkspur", "Mossgrove"];
const OTHERS: [&str; 3] = ["Thistlebell", "Wintermarsh", "bob@example.org"];

/// A data folder and a file of orders to import into it.
pub struct Shop {
    folder: tempfile::TempDir,
}

impl Shop {
    pub fn with(file: &str) -> Shop {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("data")).unwrap();
        let shop = Shop { folder };
        shop.write(file);
        shop
    }
    /// Replaces the file.
    pub fn write(&self, file: &str) {
        std::fs::write(self.file(), file).unwrap();
    }
    fn file(&self) -> PathBuf {
        self.folder.path().join("orders.csv")
    }
    /// Imports the file; returns how many of its rows are new in quarantine.
    pub async fn import(&self, handle: &Handle) -> u64 {
        let job = ImportJob {
            path: self.file().display().to_string().into(),
            preset: "orders".into(),
            columns: Vec::new(),
            date_order: None,
        };
        match handle.act(actor(), Action::Import(job), Cancel::default()).await.unwrap() {
            Outcome::Worked { applied, .. } => applied.rejected as u64,
            other => panic!("{other:?}"),
        }
    }
    pub fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }
    /// Opens the store, lets something happen in it, and closes it.
    pub fn run<T>(&self, what: impl AsyncFnOnce(Handle) -> T) -> T {
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
        let setup = Setup {
            data_dir: self.data(),
            kind: StoreKind::Live,
            config: Config::parse("", Path::new("none"), &Variables::new()).unwrap(),
            demo: DemoSetup::default(),
            paused: false,
            trainer: None,
        };
        let runtime = runtime.unwrap();
        let result = runtime.block_on(async {
            let engine: Arc<Engine> = Engine::open(setup).unwrap();
            let result = what(Handle(engine.clone())).await;
            engine.close().await;
            result
        });
        runtime.shutdown_timeout(Duration::from_secs(10));
        result
    }
}

pub fn actor() -> Actor {
    Actor { user: "ann".into(), uid: 1, from: "test".into() }
}

async fn decide(handle: &Handle, decision: Decision) -> Result<Outcome, Refusal> {
    handle.act(actor(), Action::Decide { decision, saw: String::new() }, Cancel::default()).await
}

/// Everything that a reveal shows, as one text.
pub async fn reveal(handle: &Handle, whose: Whose) -> Result<String, Refusal> {
    match decide(handle, Decision::Reveal { whose, reason: "a parcel came back".into() }).await? {
        Outcome::Revealed(revealed) => {
            let lines = revealed.lines();
            Ok(lines.iter().map(|(what, text)| format!("{what}: {text}\n")).collect())
        }
        other => panic!("{other:?}"),
    }
}

pub async fn forget(handle: &Handle, whose: Whose) -> Result<Outcome, Refusal> {
    decide(handle, Decision::Forget { whose, reason: "asked by post".into() }).await
}

fn order(number: &str) -> Whose {
    Whose::Order(OrderKey { feed: "orders".into(), number: number.into() })
}

pub async fn customer(handle: &Handle, number: &str) -> CustomerRef {
    let which = OrderRef { feed: None, number: number.into() };
    match handle.ask(Query::Order(which)).await.unwrap() {
        Answer::Order(Some(detail)) => detail.order.customer.unwrap(),
        other => panic!("{other:?}"),
    }
}

/// The texts that some file below a folder holds, and where.
pub fn found(folder: &Path, texts: &[&str]) -> Vec<String> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(self::found(&path, texts));
            continue;
        }
        let mut bytes = std::fs::read(&path).unwrap();
        if path.extension().is_some_and(|e| e == "pages") {
            bytes.extend(unpacked(&bytes));
        }
        for text in texts {
            if bytes.windows(text.len()).any(|w| w.eq_ignore_ascii_case(text.as_bytes())) {
                found.push(format!("{text} in {}", path.display()));
            }
        }
    }
    found
}

/// Every zstd frame in a segment of the archive, unpacked.
fn unpacked(bytes: &[u8]) -> Vec<u8> {
    let mut all = Vec::new();
    for at in 0..bytes.len().saturating_sub(4) {
        if bytes[at..].starts_with(&[0x28, 0xb5, 0x2f, 0xfd]) {
            let frame = zstd::stream::Decoder::new(&bytes[at..]).unwrap().single_frame();
            std::io::Read::read_to_end(&mut { frame }, &mut all).unwrap();
        }
    }
    assert!(!all.is_empty(), "the archive has pages");
    all
}

/// Removes the store as a damaged disk would, so that the next start makes it anew.
pub fn lose_the_store(shop: &Shop) {
    let deadline = Instant::now() + Duration::from_secs(20);
    while std::fs::remove_dir_all(shop.data().join("store")).is_err() {
        assert!(Instant::now() < deadline, "the store's folder cannot be removed");
    }
}

#[test]
fn clear_text_is_revealed_for_a_reason_and_lies_in_no_file() {
    let shop = Shop::with(FILE);
    let shown = shop.run(async |handle| {
        assert_eq!(shop.import(&handle).await, 1);
        assert!(reveal(&handle, Whose::Customer("NOBODY0000".into())).await.is_err());
        let ann = Whose::Customer(customer(&handle, "1001").await);
        let shown = reveal(&handle, ann).await.unwrap();
        assert_eq!(reveal(&handle, order("1001")).await.unwrap(), shown);
        let note = reveal(&handle, order("1002")).await.unwrap();
        assert!(note.contains("Thistlebell"), "{note}");
        let journal = handle.ask(Query::Journal(PageOf { limit: 10, ..PageOf::default() }));
        let Answer::Journal(rows) = journal.await.unwrap() else { panic!() };
        assert_eq!(rows.rows.len(), 3, "each reading is an entry; what was refused is none");
        assert!(rows.rows.iter().all(|row| row.entry.decision.verb() == "reveal"));
        shown
    });
    for text in ANN {
        assert!(shown.contains(text), "{text} in {shown}");
    }
    assert_eq!(found(&shop.data(), &[ANN.as_slice(), &OTHERS].concat()), Vec::<String>::new());

    lose_the_store(&shop);
    let again = shop.run(async |handle| reveal(&handle, order("1001")).await.unwrap());
    assert_eq!(again, shown, "the archive gives it back, sealed");
}

#[test]
fn who_is_forgotten_stays_forgotten_through_rebuilds_and_readings() {
    let shop = Shop::with(FILE);
    let ann = shop.run(async |handle| {
        shop.import(&handle).await;
        let ann = Whose::Customer(customer(&handle, "1001").await);
        let Outcome::Journalled(seq) = forget(&handle, ann.clone()).await.unwrap() else {
            panic!()
        };
        let undo =
            handle.act(actor(), Action::Undo(Some(seq)), Cancel::default()).await.unwrap_err();
        assert!(undo.message.contains("cannot be undone"), "{undo}");
        forget(&handle, order("1002")).await.unwrap();
        ann
    });
    let still_forgotten = async |handle: &Handle| {
        for whose in [ann.clone(), order("1001"), order("1002")] {
            let refusal = reveal(handle, whose).await.unwrap_err();
            assert!(refusal.message.contains("forgotten"), "{refusal}");
        }
        let bob = reveal(handle, order("1003")).await.unwrap();
        assert!(bob.contains("Wintermarsh"), "everybody else is still known: {bob}");
    };
    shop.run(async |handle| still_forgotten(&handle).await);
    lose_the_store(&shop);
    shop.run(async |handle| {
        still_forgotten(&handle).await;
        // The same people, told again in a file that is read from its beginning.
        let more = "1004,2026-03-04 10:00:00,A1,2,5.00,GBP,c-17,ann.lee@example.org,,\
                    Ann Quillfeather,,Mossgrove again\n";
        shop.write(&format!("{FILE}{more}"));
        shop.import(&handle).await;
        still_forgotten(&handle).await;
    });
    std::fs::remove_file(shop.data().join("people.keys")).unwrap();
    shop.run(async |handle| {
        let refusal = reveal(&handle, ann.clone()).await.unwrap_err();
        assert!(refusal.message.contains("forgotten"), "the journal knows as well: {refusal}");
    });
    assert_eq!(found(&shop.data(), &[ANN.as_slice(), &OTHERS].concat()), Vec::<String>::new());
}
