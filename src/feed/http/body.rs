//! Bodies: read within limits, and turned into JSON even where a shop's PHP talks before it.

use super::verdict;
use super::{FeedError, Limits};
use crate::domain::text;
use reqwest::Response;
use serde_json::Value;

/// How far into a body JSON may begin after what PHP had to say.
const LONGEST_NOTICE: usize = 64 << 10;
/// How many places in it are tried as JSON's beginning.
const MOST_STARTS: usize = 200;
/// How much of an error's body is looked at.
const ERROR_BODY: usize = 16 << 10;

/// The whole body, decompressed.
pub(super) async fn read(
    mut response: Response,
    place: &str,
    limits: &Limits,
) -> Result<Vec<u8>, FeedError> {
    let mut bytes = Vec::new();
    loop {
        match response.chunk().await {
            Ok(Some(chunk)) if bytes.len() + chunk.len() > limits.body => {
                return Err(FeedError::Permanent {
                    reason: format!(
                        "{place} sent more than {} MB at once: lower per_page",
                        limits.body >> 20
                    ),
                });
            }
            Ok(Some(chunk)) => bytes.extend_from_slice(&chunk),
            Ok(None) => return Ok(bytes),
            Err(error) => return Err(verdict::of_body(place, &error, limits)),
        }
    }
}

/// Why a body is no JSON.
#[derive(Debug)]
pub(super) enum NoJson {
    /// It begins as JSON and has no end; its length in bytes.
    Torn(usize),
    /// It is something else, in words.
    Other(String),
}

impl NoJson {
    /// The error of the request that it answered.
    pub fn at(self, place: &str) -> FeedError {
        let what = match self {
            NoJson::Torn(bytes) => format!("JSON that breaks off after {bytes} bytes"),
            NoJson::Other(what) => what,
        };
        FeedError::Transient { reason: format!("{place} answered with {what}"), retry_after: None }
    }
}

/// JSON from a body. PHP notices before it are skipped where the rest is one whole JSON value.
pub(super) fn parse(bytes: &[u8]) -> Result<Value, NoJson> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes).trim_ascii();
    let wrong = match serde_json::from_slice(bytes) {
        Ok(value) => return Ok(value),
        Err(error) => error,
    };
    let rest = match bytes.first() {
        None => return Err(NoJson::Other("an empty body".into())),
        // What begins as JSON has nothing before it: a list within a torn one is not the answer.
        Some(b'[' | b'{') => Rest::None,
        Some(_) => after_notices(bytes),
    };
    if let Rest::Json(value) = rest {
        tracing::warn!("the server wrote something before its JSON");
        return Ok(value);
    }
    let torn = matches!(rest, Rest::Torn);
    if is_web_page(bytes, torn) {
        return Err(NoJson::Other(match title(bytes) {
            Some(title) => format!("a web page (\"{title}\") instead of JSON"),
            None => "a web page instead of JSON".into(),
        }));
    }
    if torn || wrong.is_eof() {
        return Err(NoJson::Torn(bytes.len()));
    }
    // Only the position is told: the text may hold people's names.
    let (line, column) = (wrong.line(), wrong.column());
    Err(NoJson::Other(format!("text that is no JSON from line {line}, column {column}")))
}

/// What follows after something that is no JSON.
enum Rest {
    /// One whole JSON value.
    Json(Value),
    /// The beginning of one.
    Torn,
    /// Nothing of the kind.
    None,
}

fn after_notices(bytes: &[u8]) -> Rest {
    let head = bytes.get(..LONGEST_NOTICE.min(bytes.len())).unwrap_or_default();
    let starts = head.iter().enumerate().filter(|(_, b)| matches!(b, b'{' | b'['));
    for (at, _) in starts.take(MOST_STARTS) {
        match serde_json::from_slice(bytes.get(at..).unwrap_or_default()) {
            Ok(value) => return Rest::Json(value),
            // It is JSON to the very end: whatever is whole further on is only a part of it.
            Err(error) if error.is_eof() => return Rest::Torn,
            Err(_) => {}
        }
    }
    Rest::None
}

/// Tags are what a notice begins with too; a page says what it is, or holds nothing like JSON.
fn is_web_page(bytes: &[u8], torn: bool) -> bool {
    let head: Vec<u8> = bytes.iter().take(9).map(u8::to_ascii_lowercase).collect();
    head.starts_with(b"<!doctype")
        || head.starts_with(b"<html")
        || (!torn && head.starts_with(b"<"))
}

fn title(bytes: &[u8]) -> Option<String> {
    let head = String::from_utf8_lossy(bytes.get(..LONGEST_NOTICE.min(bytes.len()))?);
    let lower = head.to_ascii_lowercase();
    let start = lower.find("<title>")? + "<title>".len();
    let end = start + lower.get(start..)?.find("</title>")?;
    let title: String = text::clean(head.get(start..end)?).chars().take(60).collect();
    (!title.is_empty()).then_some(title)
}

/// The short machine code in an error's body, such as `woocommerce_rest_cannot_view`, if it is one.
pub(super) async fn error_code(mut response: Response) -> Option<String> {
    let mut bytes = Vec::new();
    while let Ok(Some(chunk)) = response.chunk().await {
        bytes.extend_from_slice(&chunk);
        if bytes.len() > ERROR_BODY {
            return None;
        }
    }
    let value: Value = serde_json::from_slice(&bytes).ok()?;
    let code = value.get("code")?.as_str()?;
    let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-');
    (code.len() <= 60 && code.bytes().all(plain)).then(|| code.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reason(body: &str) -> String {
        match parse(body.as_bytes()).map_err(|no_json| no_json.at("https://shop/x")) {
            Err(FeedError::Transient { reason, .. }) => reason,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn notices_before_the_json_are_skipped() {
        let body =
            "<br />\n<b>Notice</b>: Undefined index: a[0] in {x} on line <b>7</b>\n[{\"id\":1}]";
        assert_eq!(parse(body.as_bytes()).unwrap()[0]["id"], 1);
        assert_eq!(parse(b"\xef\xbb\xbf {\"a\":2}\n").unwrap()["a"], 2);
    }

    #[test]
    fn a_page_that_is_cut_anywhere_is_never_taken_for_a_shorter_one() {
        let page = include_bytes!("../../../tests/fixtures/woocommerce/orders.json");
        let whole = parse(page).unwrap();
        let page = serde_json::to_vec(&whole).unwrap();
        let said = b"<br />\n<b>Warning</b>: Undefined array key 0 in <b>{closure}</b>\n";
        for before in [&b""[..], said] {
            let body = [before, &page].concat();
            assert_eq!(parse(&body).unwrap(), whole);
            for length in 0..body.len() {
                assert!(parse(&body[..length]).is_err(), "cut at byte {length}");
            }
        }
    }

    #[test]
    fn what_came_is_named_and_nothing_of_it_told() {
        let page = "<!DOCTYPE html><html><TITLE>Down for\nmaintenance</TITLE>{}</html>";
        assert!(reason(page).contains("a web page (\"Down for maintenance\")"));
        assert!(reason("[{\"name\":\"Ann Smith\"").contains("breaks off after 20 bytes"));
        assert!(!reason("[{\"name\":\"Ann Smith\" oops}]").contains("Ann"));
        assert!(reason("  ").contains("an empty body"));
    }
}
