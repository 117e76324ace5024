//! What documents look like, and how a target is told.

use super::*;
use crate::domain::*;
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use std::time::Duration;

fn document() -> PurchaseDocument {
    let line = |sku: &str, qty, cost: &str| DocumentLine {
        sku: sku.into(),
        name: "Cake stand".into(),
        qty,
        cost: UnitPrice::parse(cost, Currency::GBP),
    };
    PurchaseDocument {
        kind: DocumentKind::Order,
        number: "PO-000001".into(),
        key: "4f1c".into(),
        supplier: "S1".into(),
        supplier_name: "Maker & Sons".into(),
        site: SiteId::main(),
        at: Timestamp::from_millis(1_700_000_000_000),
        due: Day::parse("2023-11-30"),
        lines: vec![
            line("22423", Qty::units(240), "2.50"),
            line("85,123A", Qty::milli(1_500), "4"),
        ],
    }
}

#[test]
fn the_signature_is_hmac_sha256_of_moment_and_body() {
    // Made with Python's hmac.new(b"Jefe", b'1700000000.{"kind":"order"}', "sha256").
    let known = "sha256=d05f8d6b1e0719574ca0cf0595ad6ce16f0724bd5e32676dd5bae93b19c24fe6";
    assert_eq!(signature("Jefe", 1_700_000_000, r#"{"kind":"order"}"#), known);
}

#[test]
fn a_document_is_the_same_in_json_csv_and_a_letter() {
    let json: serde_json::Value = serde_json::from_str(&document().json()).unwrap();
    assert_eq!(json["number"], "PO-000001");
    assert_eq!(json["total"], "606.00");
    assert_eq!(json["lines"][0]["qty"], 240);
    assert_eq!(json["lines"][1]["qty"], 1.5);
    let csv = document().csv();
    let rows: Vec<&str> = csv.lines().collect();
    assert_eq!(rows.len(), 3);
    assert!(rows[2].ends_with(",\"85,123A\",1.5,4.00,GBP"), "{}", rows[2]);
    let folder = tempfile::tempdir().unwrap();
    let head = Letterhead { from: None, to: Some("orders@maker.example".into()) };
    let letters = drop_in(folder.path(), FileShape::Mail(head));
    let letter = letters.request(&document(), Timestamp::default()).body;
    assert!(
        letter.starts_with("To: orders@maker.example\r\nSubject: Purchase order PO-000001\r\n")
    );
    assert!(letter.contains("\r\n\r\nTo Maker & Sons\r\n"), "{letter}");
    assert!(letter.contains("240 x 22423    Cake stand  at GBP 2.50\r\n"), "{letter}");
    assert!(letter.contains("Total: GBP 606.00\r\nNeeded by: 2023-11-30\r\n"), "{letter}");
}

fn drop_in(folder: &std::path::Path, shape: FileShape) -> FileDrop {
    FileDrop { name: "drop".into(), folder: folder.to_owned(), shape }
}

#[tokio::test]
async fn an_order_that_is_dropped_twice_is_one_whole_file() {
    let folder = tempfile::tempdir().unwrap();
    let target = drop_in(folder.path(), FileShape::Csv);
    // What a write that was cut off left behind.
    std::fs::write(folder.path().join(".PO-000001.csv.part"), "half").unwrap();
    for _ in 0..2 {
        let delivered = target.deliver(&document()).await.unwrap();
        assert_eq!(delivered.reference.as_deref(), Some("PO-000001.csv"));
    }
    let names: Vec<_> =
        std::fs::read_dir(folder.path()).unwrap().map(|e| e.unwrap().file_name()).collect();
    assert_eq!(names, ["PO-000001.csv"]);
    let text = std::fs::read_to_string(folder.path().join("PO-000001.csv")).unwrap();
    assert_eq!(text, document().csv());
}

#[tokio::test]
async fn another_stores_order_of_the_same_number_is_left_alone() {
    let head = Letterhead { from: None, to: None };
    for shape in [FileShape::Csv, FileShape::Json, FileShape::Mail(head)] {
        let folder = tempfile::tempdir().unwrap();
        let target = drop_in(folder.path(), shape);
        target.deliver(&document()).await.unwrap();
        let file = format!("PO-000001.{}", target.shape.extension());
        let before = std::fs::read(folder.path().join(&file)).unwrap();
        let other = PurchaseDocument { key: "77aa".into(), ..document() };
        let error = target.deliver(&other).await.unwrap_err();
        assert!(!error.retry && error.reason.contains(&file), "{error}");
        assert_eq!(std::fs::read(folder.path().join(&file)).unwrap(), before);
        std::fs::remove_file(folder.path().join(&file)).unwrap();
        target.deliver(&other).await.expect("it was taken away");
        let mut lines = other.lines.clone();
        lines[0].name = "Cake plate".into();
        let renamed = PurchaseDocument { lines, ..other };
        target.deliver(&renamed).await.expect("a document is one by its key");
    }
}

#[tokio::test]
async fn a_folder_that_is_missing_may_come_back() {
    let folder = tempfile::tempdir().unwrap();
    let target = drop_in(&folder.path().join("gone"), FileShape::Json);
    let error = target.deliver(&document()).await.unwrap_err();
    assert!(error.retry && error.reason.contains("gone/PO-000001.json"), "{error}");
}

#[test]
fn numbers_from_outside_do_not_lead_out_of_the_folder() {
    let odd = PurchaseDocument { number: "../etc/x".into(), ..document() };
    assert_eq!(odd.file_stem(), "___etc_x");
}

#[test]
fn waits_double_with_jitter_until_it_is_given_up_and_keep_what_is_asked() {
    let mut rng = ChaCha8Rng::seed_from_u64(1);
    let first = Duration::from_secs(1);
    let backoff = Backoff { first, longest: Duration::from_secs(60), tries: 12 };
    for tried in 1..12 {
        let most = (first * 2_u32.pow(tried - 1)).min(backoff.longest);
        let waits: Vec<Duration> =
            (0..50).map(|_| backoff.after(tried, None, &mut rng).unwrap()).collect();
        assert!(waits.iter().all(|wait| *wait <= most && *wait >= most / 2), "{tried}: {waits:?}");
        assert!(waits.iter().any(|wait| wait != &waits[0]), "they differ");
    }
    assert_eq!(backoff.after(12, None, &mut rng), None);
    let asked = Duration::from_secs(100);
    assert_eq!(backoff.after(1, Some(asked), &mut rng), Some(asked));
    let absurd = Some(Duration::from_secs(1_000_000));
    assert_eq!(backoff.after(1, absurd, &mut rng), Some(Backoff::LONGEST_ASKED));
}

#[test]
fn a_dry_run_shows_what_would_be_sent_without_the_secret() {
    let login = Login::Signed("s3cret".into());
    let post = Post::new("erp", "https://erp.example/in?token=abc", login, first()).unwrap();
    let shown = post.request(&document(), Timestamp::from_millis(1_700_000_000_000)).to_string();
    assert!(shown.starts_with("POST https://erp.example/in\nContent-Type: application/json\n"));
    assert!(shown.contains("\nIdempotency-Key: 4f1c\nX-Stockdeck-Timestamp: 1700000000\n"));
    let signed = signature("s3cret", 1_700_000_000, &document().json());
    assert!(shown.contains(&format!("\nX-Stockdeck-Signature: {signed}\n\n{{")), "{shown}");
    assert!(!shown.contains("s3cret") && !shown.contains("token=abc"), "{shown}");
}

fn first() -> Duration {
    Duration::from_secs(5)
}

#[test]
fn the_target_that_names_a_supplier_comes_before_the_one_for_all() {
    let route = |name: &str, suppliers: &[&str]| Route {
        target: std::sync::Arc::new(FileDrop {
            name: name.into(),
            folder: Default::default(),
            shape: FileShape::Csv,
        }),
        suppliers: suppliers.iter().map(|id| SupplierId::from(*id)).collect(),
        tries: 1,
    };
    let routes = Routes(vec![route("all", &[]), route("one", &["S1"])]);
    let name = |id: &str| routes.to(&id.into()).map(|route| route.target.name().to_owned());
    assert_eq!((name("S1"), name("S2")), (Some("one".into()), Some("all".into())));
    assert!(Routes(vec![route("one", &["S1"])]).to(&"S2".into()).is_none());
}
