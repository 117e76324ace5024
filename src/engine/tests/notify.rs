//! Cases on their way to people: to a pager on loopback until it takes them, and to consoles.

use super::*;
use crate::config::{Config, Variables};
use crate::engine::api::NotifyTest;
use crate::engine::notify;
use crate::outbox::notify::Alert;
use crate::outbox::signature;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::time::Duration;
use tokio::sync::watch;
use tokio::time::timeout;

const SECRET: &str = "shared";
const PATIENCE: Duration = Duration::from_secs(30);

/// A pager that fails as often as it is told to, and passes on the key and body of every request
/// whose signature is right.
fn pager(failures: usize) -> (String, tokio::sync::mpsc::UnboundedReceiver<(String, String)>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/page", listener.local_addr().unwrap());
    let (send, receive) = tokio::sync::mpsc::unbounded_channel();
    std::thread::spawn(move || {
        for (nth, connection) in listener.incoming().enumerate() {
            let mut stream = connection.unwrap();
            let mut reader = BufReader::new(stream.try_clone().unwrap());
            let mut headers = std::collections::BTreeMap::new();
            for line in reader.by_ref().lines().map_while(Result::ok).take_while(|l| !l.is_empty())
            {
                if let Some((name, value)) = line.split_once(':') {
                    headers.insert(name.to_ascii_lowercase(), value.trim().to_owned());
                }
            }
            let mut body = vec![0; headers["content-length"].parse().unwrap()];
            reader.read_exact(&mut body).unwrap();
            let body = String::from_utf8(body).unwrap();
            let at = headers["x-stockdeck-timestamp"].parse().unwrap();
            let signed = headers["x-stockdeck-signature"] == signature(SECRET, at, &body);
            let status = match (signed, nth < failures) {
                (false, _) => "401 Unauthorized",
                (true, true) => "503 Service Unavailable",
                (true, false) => "204 No Content",
            };
            let _ = write!(
                stream,
                "HTTP/1.1 {status}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
            );
            if signed && send.send((headers["idempotency-key"].clone(), body)).is_err() {
                return;
            }
        }
    });
    (url, receive)
}

fn live(dir: &Path, kind: StoreKind, config: &str) -> Arc<House> {
    let (journal, _) = Journal::open(&dir.join(JOURNAL_FILE)).unwrap();
    let house = Arc::new(House::new(Foundation {
        data_dir: dir.to_owned(),
        kind,
        zone: Zone::utc(),
        currency: Currency::GBP,
        journal,
        pseudonyms: Pseudonyms::new([7; 32]),
        vault: Vault::open(dir, &[7; 32]).unwrap(),
        rules: Rules::default(),
        store_key: [7; 32],
        simulated: Some(NOON),
    }));
    let config = Config::parse(config, Path::new("c.toml"), &Variables::new()).unwrap();
    notify::set_up(&house, &config.notify);
    house
}

fn alert(case: &str) -> Alert {
    Alert {
        case: case.into(),
        severity: Severity::High,
        what: "one address".into(),
        orders: 14,
        stake: Money::parse("212.50", Currency::GBP),
        at: NOON,
    }
}

fn channel(url: &str, tries: u32) -> String {
    named("oncall", url, tries)
}

fn named(name: &str, url: &str, tries: u32) -> String {
    format!(
        "[[notify]]\nname = \"{name}\"\nkind = \"event\"\nurl = \"{url}\"\nsecret = \"{SECRET}\"\n\
         tries = {tries}\n"
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pager_that_fails_is_paged_again_under_the_same_key_and_once_a_case() {
    let dir = tempfile::tempdir().unwrap();
    let (url, mut paged) = pager(1);
    let house = live(dir.path(), StoreKind::Live, &channel(&url, 5));
    let (_stop, stopped) = watch::channel(false);
    tokio::spawn(notify::run(house.clone(), stopped));
    house.alert(&alert("O1"));
    house.alert(&alert("O1"));
    let first = timeout(PATIENCE, paged.recv()).await.unwrap().unwrap();
    let again = timeout(PATIENCE, paged.recv()).await.unwrap().unwrap();
    assert_eq!(first, again);
    house.alert(&alert("O1"));
    house.alert(&alert("O2"));
    let (key, body) = timeout(PATIENCE, paged.recv()).await.unwrap().unwrap();
    assert_ne!(key, first.0);
    let body: serde_json::Value = serde_json::from_str(&body).unwrap();
    assert_eq!(body["cases"][0]["case"], "O2", "what is known is not told again");
    assert!(house.troubles().is_empty(), "{:?}", house.troubles());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_pager_never_takes_is_said_to_everybody() {
    let dir = tempfile::tempdir().unwrap();
    let (url, _paged) = pager(usize::MAX);
    let house = live(dir.path(), StoreKind::Live, &channel(&url, 1));
    let (_stop, stopped) = watch::channel(false);
    tokio::spawn(notify::run(house.clone(), stopped));
    let mut changes = house.revision.subscribe();
    house.alert(&alert("O1"));
    let trouble = timeout(PATIENCE, async {
        loop {
            if let Some(trouble) = house.troubles().pop() {
                return trouble;
            }
            changes.changed().await.unwrap();
        }
    });
    let trouble = trouble.await.unwrap();
    assert!(trouble.contains("oncall") && trouble.contains("503"), "{trouble}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_channel_that_works_does_not_hide_one_that_fails() {
    let dir = tempfile::tempdir().unwrap();
    let ((dead, _dead), (well, mut paged)) = (pager(usize::MAX), pager(1));
    let both = [named("dead", &dead, 1), named("well", &well, 1)].concat();
    let house = live(dir.path(), StoreKind::Live, &both);
    let (_stop, stopped) = watch::channel(false);
    tokio::spawn(notify::run(house.clone(), stopped));
    let mut changes = house.revision.subscribe();
    let mut told = async |is: &dyn Fn(&str) -> bool| {
        let said = async {
            while !is(&house.troubles().join(" ")) {
                changes.changed().await.unwrap();
            }
        };
        timeout(PATIENCE, said).await.unwrap_or_else(|_| panic!("{:?}", house.troubles()));
    };
    house.alert(&alert("O1"));
    told(&|said| said.contains("channel dead") && said.contains("channel well")).await;
    paged.recv().await.unwrap();
    house.alert(&alert("O2"));
    // Taken by one of them at last; what the other did not take is said still.
    paged.recv().await.unwrap();
    told(&|said| said.contains("channel dead") && !said.contains("channel well")).await;
}

#[tokio::test]
async fn a_demo_tells_nobody_outside_and_says_so() {
    let dir = tempfile::tempdir().unwrap();
    let (url, mut paged) = pager(0);
    let house = live(dir.path(), StoreKind::Demo, &channel(&url, 1));
    house.alert(&alert("O1"));
    let told = notify::test(&house, NotifyTest { channel: None, anyway: true }).await.unwrap();
    assert!(!told[0].sent && told[0].said.contains("nobody outside"), "{told:?}");
    assert!(paged.try_recv().is_err());
}

#[tokio::test]
async fn every_console_is_called_and_says_what_it_made_of_a_test() {
    let dir = tempfile::tempdir().unwrap();
    let config = "[[notify]]\nname = \"desk\"\nkind = \"console\"\nleast = \"high\"\nburst = 9\n";
    let house = live(dir.path(), StoreKind::Demo, config);
    let mut calls = house.notices.calls();
    house.alert(&Alert { severity: Severity::Medium, ..alert("O1") });
    house.alert(&alert("O2"));
    let call = calls.recv().await.unwrap();
    assert_eq!(call.text, "high: one address; 14 orders, 212.50 GBP at stake (case O2)");
    assert!(call.bell);
    let console = tokio::spawn(async move {
        let call = calls.recv().await.unwrap();
        call.heard.send(("ann".into(), Some("bell".into()))).unwrap();
    });
    let told = notify::test(&house, NotifyTest::default()).await.unwrap();
    console.await.unwrap();
    assert_eq!((told[0].sent, &*told[0].said), (true, "ann: bell"));
    let nobody = notify::test(&house, NotifyTest::default()).await.unwrap();
    assert_eq!(&*nobody[0].said, "not sent: no console is attached");
}
