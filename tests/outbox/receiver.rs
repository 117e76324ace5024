//! A supplier's system on loopback: it takes orders by POST, counts them by `Idempotency-Key`, checks
//! their signature, and misbehaves as it is told.

use serde_json::Value;
use std::collections::{BTreeMap, VecDeque};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::{SystemTime, UNIX_EPOCH};
use stockdeck::outbox::signature;

/// What signs the requests.
pub const SECRET: &str = "shared";

/// A way of misbehaving, once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(dead_code, reason = "each test misbehaves in its own way")]
pub enum Fault {
    /// Closes the connection before it has read anything.
    HangUp,
    /// Takes the order and closes the connection without an answer.
    TakeAndHangUp,
    /// Takes the order and never answers.
    TakeAndKeepSilent,
    /// Takes the order and answers with half an answer.
    TakeAndBreakOff,
    /// Fails on its side.
    Failure,
    /// Takes the order, then says that it failed.
    TakeAndFail,
    /// Wants fewer requests.
    Busy,
    /// Refuses for good.
    Refuse,
}

/// What it has seen.
#[derive(Default)]
pub struct Seen {
    /// What was taken: one document a key.
    pub taken: BTreeMap<String, Value>,
    /// All requests: key, and the fault that it met.
    pub requests: Vec<(String, Option<Fault>)>,
    /// How it misbehaves next.
    pub faults: VecDeque<Fault>,
    /// What it answers beside that it took the order.
    pub answer: Option<String>,
    /// Connections that are never answered.
    silent: Vec<TcpStream>,
}

/// The system, for as long as the test runs.
#[derive(Clone)]
pub struct Receiver {
    pub url: String,
    pub seen: Arc<Mutex<Seen>>,
}

impl Receiver {
    pub fn open() -> Receiver {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/orders", listener.local_addr().unwrap());
        let seen = Arc::new(Mutex::new(Seen::default()));
        let shared = seen.clone();
        std::thread::spawn(move || {
            for connection in listener.incoming() {
                let seen = shared.clone();
                // Whoever connects may be killed at any moment.
                std::thread::spawn(move || connection.map(|stream| serve(stream, &seen)));
            }
        });
        Receiver { url, seen }
    }

    /// A target in a configuration.
    pub fn target(&self, tries: u32) -> String {
        format!(
            "[[target]]\nname = \"erp\"\nkind = \"webhook\"\nurl = \"{}\"\nsecret = \"{SECRET}\"\n\
             tries = {tries}\ntimeout_seconds = 1\n",
            self.url
        )
    }

    /// Lines of a SKU in the orders that were taken.
    pub fn lines_of(&self, sku: &str) -> usize {
        let seen = self.seen.lock().unwrap();
        let lines = seen.taken.values().filter_map(|document| document["lines"].as_array());
        lines.flatten().filter(|line| line["sku"] == sku).count()
    }

    /// Numbers of the orders that were taken, one a key.
    pub fn numbers(&self) -> Vec<String> {
        let seen = self.seen.lock().unwrap();
        let number = |document: &Value| document["number"].as_str().unwrap().to_owned();
        let mut numbers: Vec<String> = seen.taken.values().map(number).collect();
        numbers.sort();
        numbers
    }
}

struct Asked {
    headers: BTreeMap<String, String>,
    body: String,
}

fn read(stream: &TcpStream) -> std::io::Result<Asked> {
    let mut reader = BufReader::new(stream);
    let mut headers = BTreeMap::new();
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line)? == 0 {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
        match line.trim_end() {
            "" => break,
            line => {
                if let Some((name, value)) = line.split_once(':') {
                    headers.insert(name.to_ascii_lowercase(), value.trim().to_owned());
                }
            }
        }
    }
    let length = headers.get("content-length").and_then(|n| n.parse().ok()).unwrap_or(0);
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    Ok(Asked { headers, body: String::from_utf8(body).unwrap() })
}

fn serve(mut stream: TcpStream, seen: &Mutex<Seen>) -> std::io::Result<()> {
    let Asked { headers, body } = read(&stream)?;
    check_signature(&headers, &body);
    let key = headers["idempotency-key"].clone();
    let (answer, fault) = {
        let mut seen = seen.lock().unwrap();
        let fault = seen.faults.pop_front();
        seen.requests.push((key.clone(), fault));
        let takes =
            !matches!(fault, Some(Fault::HangUp | Fault::Failure | Fault::Busy | Fault::Refuse));
        if takes {
            let document: Value = serde_json::from_str(&body).unwrap();
            let known = seen.taken.insert(key.clone(), document.clone());
            assert!(known.is_none_or(|known| known == document), "one key, two documents");
        }
        if fault == Some(Fault::TakeAndKeepSilent) {
            seen.silent.push(stream.try_clone()?);
        }
        (seen.answer.clone().unwrap_or_else(|| format!("{{\"reference\":\"R-{key}\"}}")), fault)
    };
    let respond = |stream: &mut TcpStream, status: &str, extra: &str, body: &str| {
        let length = body.len();
        write!(
            stream,
            "HTTP/1.1 {status}\r\nContent-Length: {length}\r\n{extra}Connection: close\r\n\r\n{body}"
        )
    };
    match fault {
        Some(Fault::HangUp | Fault::TakeAndHangUp | Fault::TakeAndKeepSilent) => Ok(()),
        Some(Fault::TakeAndBreakOff) => {
            write!(stream, "HTTP/1.1 201 Created\r\nContent-Length: 900\r\n\r\n{{\"refer")
        }
        Some(Fault::Failure | Fault::TakeAndFail) => {
            respond(&mut stream, "500 Internal Server Error", "", "{\"message\":\"oh no\"}")
        }
        Some(Fault::Busy) => {
            respond(&mut stream, "429 Too Many Requests", "Retry-After: 1\r\n", "")
        }
        Some(Fault::Refuse) => {
            respond(&mut stream, "422 Unprocessable", "", "{\"message\":\"no such SKU\"}")
        }
        None => respond(&mut stream, "201 Created", "", &answer),
    }
}

fn check_signature(headers: &BTreeMap<String, String>, body: &str) {
    let at: i64 = headers["x-stockdeck-timestamp"].parse().unwrap();
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs() as i64;
    assert!((now - at).abs() < 120, "an old request: {at}");
    assert_eq!(headers["x-stockdeck-signature"], signature(SECRET, at, body));
}
