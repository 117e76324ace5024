//! `stockdeck notify test`: a signed request that a real receiver checks, or the reason why there is none.

use crate::process::Home;
use crate::receiver::{Fault, Receiver, SECRET};

fn channel(receiver: &Receiver, name: &str, kind: &str, more: &str) -> String {
    format!(
        "[[notify]]\nname = \"{name}\"\nkind = \"{kind}\"\nurl = \"{}\"\nsecret = \"{SECRET}\"\n{more}",
        receiver.url
    )
}

#[test]
fn a_test_reaches_chat_and_pager_signed_and_says_so() {
    let receiver = Receiver::open();
    let config = channel(&receiver, "oncall", "event", "")
        + &channel(&receiver, "room", "chat", "burst = 1\n");
    let home = Home::new(&config);
    let items = home.write("items.csv", "sku,name\nA,Thing\n");
    home.run(&["import", items.to_str().unwrap(), "--preset", "items"]);
    // One owner throughout: what was sent lately is its to know.
    let _owner = home.serving(&[]);
    let told = home.json(&["notify", "test"]);
    assert_eq!(told[0]["sent"], true, "{told}");
    let said = told[0]["what"].as_str().unwrap();
    assert_eq!(said, format!("POST {}: taken", receiver.url));
    {
        let seen = receiver.seen.lock().unwrap();
        assert_eq!(seen.taken.len(), 2, "each has a key of its own");
        let kinds: Vec<_> = seen.taken.values().filter_map(|body| body["kind"].as_str()).collect();
        assert_eq!(kinds, ["test"], "a chat gets a text alone");
    }
    let again = home.output(&["notify", "test", "room"]);
    assert_eq!(again.status.code(), Some(1));
    let said = String::from_utf8(again.stdout).unwrap();
    assert!(said.contains("12 messages an hour"), "{said}");
    home.run(&["notify", "test", "room", "--anyway"]);
    receiver.seen.lock().unwrap().faults.push_back(Fault::Refuse);
    let refused = home.output(&["notify", "test", "oncall"]);
    assert_eq!(refused.status.code(), Some(1));
    let said = String::from_utf8(refused.stdout).unwrap();
    assert!(said.contains("422") && said.contains("no such SKU"), "{said}");
    let unknown = home.output(&["notify", "test", "pager"]);
    assert_eq!(unknown.status.code(), Some(2));
    let said = String::from_utf8(unknown.stderr).unwrap();
    assert!(said.contains("there are oncall, room"), "{said}");
}

#[test]
fn a_console_channel_says_that_nobody_is_there() {
    let home = Home::new("[[notify]]\nname = \"desk\"\nkind = \"console\"\n");
    let items = home.write("items.csv", "sku,name\nA,Thing\n");
    home.run(&["import", items.to_str().unwrap(), "--preset", "items"]);
    let told = home.output(&["notify", "test"]);
    assert_eq!(told.status.code(), Some(1));
    let said = String::from_utf8(told.stdout).unwrap();
    assert!(said.contains("no console is attached"), "{said}");
}
