//! What people are told of a case, and the forms that it takes on its way.

use crate::domain::{Money, Severity, Timestamp, text};
use serde_json::{Value, json};

/// How many cases a message names when it tells of many at once.
const NAMED: usize = 3;
/// Longest text that a terminal or a chat is given.
const LONGEST: usize = 300;

/// A case that somebody may have to look at now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alert {
    /// The case's name.
    pub case: Box<str>,
    /// How bad it is.
    pub severity: Severity,
    /// What it is, in words.
    pub what: Box<str>,
    /// Orders in it.
    pub orders: u32,
    /// Money at stake; `None`: unknown.
    pub stake: Option<Money>,
    /// When it became so bad, in domain time.
    pub at: Timestamp,
}

impl Alert {
    /// `high: 20 guest orders in 11 min, one item; 20 orders, 1180.00 GBP at stake (case O121)`.
    pub fn line(&self) -> String {
        let orders = if self.orders == 1 { "" } else { "s" };
        let stake = self.stake.map(|stake| format!(", {stake} {} at stake", stake.currency));
        let line = format!(
            "{}: {}; {} order{orders}{} (case {})",
            self.severity.word(),
            self.what,
            self.orders,
            stake.unwrap_or_default(),
            self.case
        );
        text::clean(&line)
    }

    fn json(&self) -> Value {
        json!({
            "case": &*self.case,
            "severity": self.severity.word(),
            "what": text::clean(&self.what),
            "orders": self.orders,
            "at_stake": self.stake.map(|stake| stake.to_string()),
            "currency": self.stake.map(|stake| stake.currency.code().to_owned()),
            "at": self.at.to_string(),
        })
    }
}

/// What is told at once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Message {
    /// Of cases, the worst first; never empty.
    Cases(Vec<Alert>),
    /// That somebody tries whether this channel works.
    Test,
}

impl Message {
    /// One line for a person, free of control characters and not long.
    pub fn text(&self) -> String {
        let text = match self {
            Message::Test => "this is a test: cases would be told here".to_owned(),
            Message::Cases(cases) => match cases.as_slice() {
                [one] => one.line(),
                many => {
                    let named: Vec<String> = many.iter().take(NAMED).map(Alert::line).collect();
                    let more = many.len().saturating_sub(NAMED);
                    let more = if more > 0 { format!("; and {more} more") } else { String::new() };
                    format!("{} cases: {}{more}", many.len(), named.join("; "))
                }
            },
        };
        text.chars().take(LONGEST).collect()
    }

    /// For programs that page somebody: `docs/NOTIFY.md` tells the fields.
    pub fn event(&self) -> String {
        let cases = match self {
            Message::Cases(cases) => cases.as_slice(),
            Message::Test => &[],
        };
        let worst = cases.iter().map(|alert| alert.severity).max();
        json!({
            "kind": if matches!(self, Message::Test) { "test" } else { "cases" },
            "text": format!("stockdeck: {}", self.text()),
            "severity": worst.map(Severity::word),
            "cases": cases.iter().map(Alert::json).collect::<Vec<_>>(),
        })
        .to_string()
    }

    /// For chats: a text and nothing else.
    pub fn chat(&self) -> String {
        json!({ "text": format!("stockdeck: {}", self.text()) }).to_string()
    }

    /// What makes it one message, however often it is sent.
    pub fn mark(&self) -> String {
        match self {
            Message::Test => format!("test {}", Timestamp::wall_now().as_millis()),
            Message::Cases(cases) => {
                let one = |a: &Alert| format!("{} {} {}", a.case, a.severity.word(), a.at);
                cases.iter().map(one).collect::<Vec<_>>().join(", ")
            }
        }
    }
}
