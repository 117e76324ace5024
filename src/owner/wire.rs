//! What clients and owner say to each other: frames of a length (u32, little-endian) and a message
//! in postcard.
//!
//! Questions and answers travel as JSON inside their message, since the journal's decisions are
//! tagged in a way that only self-describing formats can read back.
//!
//! [`ToOwner::Hello`] and [`FromOwner::Refused`] are each the first variant and begin with a text,
//! for ever: that is how two versions that understand nothing else of each other can say so.

use crate::domain::Timestamp;
use crate::engine::api::{Action, Answer, Outcome, Query, Refusal, Work};
use crate::outbox::notify::Escape;
use crate::tui::term::Caps;
use crossterm::event::Event as InputEvent;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::io;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

/// How long an owner says nothing to a console, at most.
pub const BEAT: Duration = Duration::from_secs(2);

/// Largest message.
pub const LARGEST: usize = 16 << 20;

/// What both ends must agree on: the program's version and the wire's.
pub const VERSION: &str = concat!(env!("CARGO_PKG_VERSION"), " (wire 8)");

/// What a client says.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum ToOwner {
    /// Who it is; always first.
    Hello(Hello),
    /// What its terminal said, in order.
    Input(Vec<InputEvent>),
    /// Its terminal was out of its hands: everything must be painted again.
    Repaint {
        /// Columns and rows.
        size: (u16, u16),
    },
    /// A question.
    Ask {
        /// Comes back with the answer.
        id: u64,
        /// The question.
        query: Json<Query>,
    },
    /// Something to do.
    Act {
        /// Comes back with the outcome.
        id: u64,
        /// What.
        action: Json<Action>,
    },
    /// Stop what was to be done under this number.
    Cancel {
        /// The action's.
        id: u64,
    },
    /// Something for its person to read that happened on its side, such as files written.
    Notice(String),
    /// It leaves.
    Bye,
}

/// Who a client is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Hello {
    /// [`VERSION`].
    pub version: String,
    /// Where it says it comes from, such as an SSH client's address.
    pub claimed_from: Option<String>,
    /// What it is.
    pub what: What,
}

/// What a client is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum What {
    /// A terminal with a person in front of it.
    Console(Console),
    /// A command.
    Script,
}

/// A terminal with a person in front of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Console {
    /// Columns and rows.
    pub size: (u16, u16),
    /// What it can do.
    pub caps: Caps,
    /// The theme's name.
    pub theme: String,
    /// The user's own themes: names and texts of their files.
    pub themes: Vec<(String, String)>,
    /// Whether it may only look.
    pub read_only: bool,
    /// Where the console was when it lost its owner.
    pub bookmark: Option<Vec<u8>>,
    /// The owner that it lost, if it did.
    pub lost: Option<u32>,
}

/// What the owner says.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum FromOwner {
    /// Not with you: why, as a sentence.
    Refused(String),
    /// You are in.
    Welcome(Welcome),
    /// Bytes for the terminal.
    Paint(#[serde(with = "bytes")] Vec<u8>),
    /// The answer to a question.
    Answer {
        /// The question's.
        id: u64,
        /// The answer.
        answer: Json<Result<Answer, Refusal>>,
    },
    /// The outcome of an action.
    Outcome {
        /// The action's.
        id: u64,
        /// The outcome.
        outcome: Json<Result<Outcome, Refusal>>,
    },
    /// How far long work has come while an action runs.
    Progress {
        /// The action's.
        id: u64,
        /// All long work that runs.
        work: Json<Vec<Work>>,
    },
    /// Text for the clipboard.
    Copy(String),
    /// Files to write on the client's side: name and content.
    Write(Vec<(String, String)>),
    /// Ring the bell.
    Bell,
    /// Stop as Ctrl-Z would.
    Suspend,
    /// Keep this and give it to the next owner.
    Bookmark(#[serde(with = "bytes")] Vec<u8>),
    /// The console ends.
    Bye {
        /// Why, if it needs saying.
        reason: Option<String>,
        /// Exit status.
        status: u8,
    },
    /// Tell the person in front, who may look elsewhere.
    Call {
        /// Whether the bell rings.
        bell: bool,
        /// How the terminal shows a notice on its desktop, if it does.
        desktop: Option<Escape>,
        /// One line.
        text: String,
    },
    /// It is there and has nothing else to say; a console hears it every [`BEAT`] at least.
    Alive,
}

/// Who the owner is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Welcome {
    /// Its process.
    pub pid: u32,
    /// Wall time of its start.
    pub since: Timestamp,
    /// Who the client is to the owner.
    pub you: String,
    /// The arguments with which another owner like it is started, should it be lost; none: unknown.
    pub restart: Vec<String>,
}

/// A value that travels as JSON inside a message.
#[derive(Clone, Debug, PartialEq)]
pub struct Json<T>(pub T);

impl<T: Serialize> Serialize for Json<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let text = serde_json::to_string(&self.0).map_err(serde::ser::Error::custom)?;
        serializer.serialize_str(&text)
    }
}

impl<'de, T: DeserializeOwned> Deserialize<'de> for Json<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <&str>::deserialize(deserializer)?;
        serde_json::from_str(text).map(Json).map_err(serde::de::Error::custom)
    }
}

/// Bytes as a run instead of one by one.
mod bytes {
    use serde::{Deserialize, Deserializer, Serializer};

    pub fn serialize<S: Serializer>(bytes: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(bytes)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<u8>, D::Error> {
        <&[u8]>::deserialize(deserializer).map(<[u8]>::to_vec)
    }
}

/// Why a message could not be sent or understood.
#[derive(Debug, thiserror::Error)]
pub enum WireError {
    /// The line is gone.
    #[error("the connection to the owner broke: {0}")]
    Io(#[from] io::Error),
    /// Too long.
    #[error("a message of {0} bytes is longer than the {LARGEST} that are allowed")]
    TooLong(usize),
    /// Not a message.
    #[error("a message could not be understood: {0}")]
    Garbled(#[from] postcard::Error),
    /// The other end is another version.
    #[error(
        "this is stockdeck {VERSION}, and the other end is {0}: end the older one and try again"
    )]
    Version(String),
}

/// A message as a frame.
pub fn frame<T: Serialize>(message: &T) -> Result<Vec<u8>, WireError> {
    let frame = postcard::to_extend(message, vec![0; 4])?;
    let length = frame.len() - 4;
    let too_long = || WireError::TooLong(length);
    let head = u32::try_from(length).ok().filter(|_| length <= LARGEST).ok_or_else(too_long)?;
    let mut frame = frame;
    for (to, from) in frame.iter_mut().zip(head.to_le_bytes()) {
        *to = from;
    }
    Ok(frame)
}

/// A frame's content as a message.
pub fn parse<T: DeserializeOwned>(content: &[u8]) -> Result<T, WireError> {
    Ok(postcard::from_bytes(content)?)
}

/// A client's first message; another version is told apart from nonsense.
pub fn parse_hello(content: &[u8]) -> Result<Hello, WireError> {
    let ((variant, version), _): ((u32, String), _) = postcard::take_from_bytes(content)?;
    if variant == 0 && version != VERSION {
        return Err(WireError::Version(version));
    }
    match parse(content)? {
        ToOwner::Hello(hello) => Ok(hello),
        _ => Err(WireError::Garbled(postcard::Error::DeserializeUnexpectedEnd)),
    }
}

/// Reads one frame's content; `None`: the other end closed the line between two frames.
pub async fn read<R: AsyncRead + Unpin>(reader: &mut R) -> Result<Option<Vec<u8>>, WireError> {
    let mut head = [0; 4];
    match reader.read_exact(&mut head).await {
        Ok(_) => {}
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(None),
        Err(error) => return Err(error.into()),
    }
    let length = u32::from_le_bytes(head) as usize;
    if length > LARGEST {
        return Err(WireError::TooLong(length));
    }
    let mut content = vec![0; length];
    reader.read_exact(&mut content).await?;
    Ok(Some(content))
}

/// Writes one message.
pub async fn write<W, T>(writer: &mut W, message: &T) -> Result<(), WireError>
where
    W: AsyncWrite + Unpin,
    T: Serialize,
{
    writer.write_all(&frame(message)?).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Decision, OrderNo, Subject};
    use crate::engine::api::OrderRef;
    use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

    fn back<T: Serialize + DeserializeOwned>(message: &T) -> T {
        parse(&frame(message).unwrap()[4..]).unwrap()
    }

    fn note() -> Action {
        let subject = Subject::Sku("85123A".into());
        let decision = Decision::Note { subject, text: "日本 \"quoted\"".into() };
        Action::Decide { decision, saw: "38 on hand".into() }
    }

    #[test]
    fn messages_come_back_as_they_went() {
        let key = KeyEvent::new(KeyCode::Char('z'), KeyModifiers::CONTROL);
        let messages = [
            ToOwner::Hello(Hello {
                version: VERSION.into(),
                claimed_from: Some("10.0.0.7".into()),
                what: What::Console(Console {
                    size: (80, 24),
                    caps: Caps::FULL,
                    theme: "mine".into(),
                    themes: vec![("mine".into(), "base = \"dark\"".into())],
                    read_only: true,
                    bookmark: Some(vec![1, 2]),
                    lost: Some(7),
                }),
            }),
            ToOwner::Input(vec![
                InputEvent::Key(key),
                InputEvent::Paste("a\nb".into()),
                InputEvent::Resize(80, 24),
                InputEvent::FocusLost,
            ]),
            ToOwner::Ask {
                id: 1,
                query: Json(Query::Order(OrderRef { feed: None, number: OrderNo::from("7") })),
            },
            ToOwner::Act { id: 2, action: Json(note()) },
            ToOwner::Bye,
        ];
        for message in messages {
            assert_eq!(back(&message), message);
        }
        let answer: Result<Answer, Refusal> = Err(Refusal::usage("no"));
        let messages = [
            FromOwner::Paint(vec![0x1b; 300]),
            FromOwner::Answer { id: 3, answer: Json(answer) },
            FromOwner::Outcome { id: 4, outcome: Json(Ok(Outcome::Journalled(9))) },
            FromOwner::Bye { reason: None, status: 0 },
            FromOwner::Call { bell: true, desktop: Some(Escape::Osc9), text: "high: 2".into() },
            FromOwner::Alive,
        ];
        for message in messages {
            assert_eq!(back(&message), message);
        }
    }

    #[test]
    fn another_version_is_told_apart_from_nonsense() {
        let hello = Hello { version: "9.9".into(), claimed_from: None, what: What::Script };
        let frame = frame(&ToOwner::Hello(hello)).unwrap();
        let error = parse_hello(&frame[4..]).unwrap_err().to_string();
        assert!(error.contains(VERSION) && error.contains("the other end is 9.9"), "{error}");
        assert!(matches!(parse_hello(&[0xff; 9]), Err(WireError::Garbled(_))));
        assert!(parse_hello(&[]).is_err());
    }

    #[test]
    fn the_first_variants_stay_where_every_version_finds_them() {
        let refused = frame(&FromOwner::Refused("no".into())).unwrap();
        assert_eq!(refused, [4, 0, 0, 0, 0, 2, b'n', b'o']);
        let hello = Hello { version: "v".into(), claimed_from: None, what: What::Script };
        assert_eq!(frame(&ToOwner::Hello(hello)).unwrap()[4..7], [0, 1, b'v']);
    }

    #[tokio::test]
    async fn a_length_beyond_the_limit_is_refused_before_it_is_read() {
        let mut line: &[u8] = &[0xff, 0xff, 0xff, 0x7f, 1];
        assert!(matches!(read(&mut line).await, Err(WireError::TooLong(_))));
        let mut cut: &[u8] = &[9, 0, 0, 0, 1];
        assert!(matches!(read(&mut cut).await, Err(WireError::Io(_))));
        let mut closed: &[u8] = &[];
        assert!(matches!(read(&mut closed).await, Ok(None)));
    }
}
