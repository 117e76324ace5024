//! What a failed request means: whether another try makes sense, when, and what a person can mend.

use super::{FeedError, Limits};
use crate::domain::{FeedId, Timestamp, text};
use reqwest::StatusCode;
use reqwest::header::{DATE, HeaderMap, RETRY_AFTER};
use std::error::Error;
use std::time::Duration;

/// What a server said with a status that is no success.
pub(super) struct Said<'a> {
    /// The status.
    pub status: StatusCode,
    /// The error's code in the body.
    pub code: Option<String>,
    /// Where it redirects to.
    pub moved: Option<&'a str>,
    /// The headers.
    pub headers: &'a HeaderMap,
}

pub(super) fn of_status(feed: &FeedId, place: &str, said: &Said) -> FeedError {
    let status = said.status.as_u16();
    let code = said.code.as_ref().map(|code| format!(", {code}")).unwrap_or_default();
    match status {
        401 | 403 => FeedError::Permanent {
            reason: format!(
                "{place} refused the key ({status}{code}): check key and secret of feed {feed}"
            ),
        },
        300..=399 => FeedError::Permanent {
            reason: format!(
                "{place} redirects to {}: put the address that the shop answers at into the url of feed {feed}",
                said.moved.map(without_query).unwrap_or_else(|| "nowhere".into())
            ),
        },
        408 | 425 | 429 | 500..=599 => FeedError::Transient {
            reason: match status {
                429 => format!("{place} asks for fewer requests (429)"),
                _ => format!("{place} failed on its side ({status}{code})"),
            },
            retry_after: retry_after(said.headers),
        },
        404 if said.code.as_deref().is_none_or(|code| !names_nothing(code)) => {
            FeedError::Transient {
                reason: format!(
                    "{place} was not found (404{code}), and not by the shop itself: if this lasts, check the url of feed {feed}"
                ),
                retry_after: retry_after(said.headers),
            }
        }
        _ => FeedError::Permanent {
            reason: format!(
                "{place} did not accept the request ({status}{code}): check the url of feed {feed} and the shop's version"
            ),
        },
    }
}

/// Whether a 404's code is the shop's own word that it has no such record (such as
/// `woocommerce_rest_shop_order_invalid_id` and `woocommerce_rest_invalid_order_id`) or no such
/// path. A page of a proxy, or of a site that is being updated, has no such code.
pub(super) fn names_nothing(code: &str) -> bool {
    let record = code.starts_with("woocommerce_rest_")
        && code.contains("_invalid_")
        && code.ends_with("_id");
    record || code == "rest_no_route"
}

/// A request that got no answer.
pub(super) fn of_error(place: &str, error: &reqwest::Error, limits: &Limits) -> FeedError {
    let cause = root_cause(error);
    if cause.contains("certificate") {
        return FeedError::Permanent {
            reason: format!(
                "{place} has a certificate that this machine does not trust ({cause}): renew it, or install its CA"
            ),
        };
    }
    let reason = if error.is_timeout() {
        let (limit, what) = match error.is_connect() {
            true => (limits.connect, "did not take the connection"),
            false => (limits.request.min(limits.idle), "did not answer"),
        };
        format!("{place} {what} within {}", seconds(limit))
    } else if error.is_connect() {
        format!("{place} cannot be reached ({cause})")
    } else {
        format!("{place} broke the connection ({cause})")
    };
    FeedError::Transient { reason, retry_after: None }
}

/// A body that did not come to its end.
pub(super) fn of_body(place: &str, error: &reqwest::Error, limits: &Limits) -> FeedError {
    let reason = if error.is_timeout() {
        format!("{place} stopped in the middle of its answer for {}", seconds(limits.idle))
    } else if is_garbled(error) {
        format!("{place} sent a body that does not unpack ({})", root_cause(error))
    } else {
        format!("{place} broke off in the middle of its answer ({})", root_cause(error))
    };
    FeedError::Transient { reason, retry_after: None }
}

/// Whether the body came but makes no sense. The client calls each error of a compressed body one of
/// decoding, so that the cause has to tell.
fn is_garbled(error: &reqwest::Error) -> bool {
    use std::io::ErrorKind::{InvalidData, InvalidInput};
    let mut cause = error.source();
    while let Some(inner) = cause {
        let io = inner.downcast_ref::<std::io::Error>();
        if io.is_some_and(|io| matches!(io.kind(), InvalidData | InvalidInput)) {
            return true;
        }
        cause = inner.source();
    }
    false
}

/// The innermost cause of an error: the one that says what happened.
pub(super) fn root_cause(error: &reqwest::Error) -> String {
    let mut cause: &dyn Error = error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    // The outermost error's own text may hold the URL and with it the query.
    if std::ptr::addr_eq(cause, error) {
        return "no cause given".into();
    }
    text::clean(&cause.to_string()).chars().take(120).collect()
}

fn without_query(url: &str) -> String {
    let bare = url.split(['?', '#']).next().unwrap_or_default();
    text::clean(bare).chars().take(200).collect()
}

fn seconds(d: Duration) -> String {
    if d.subsec_millis() == 0 {
        format!("{} s", d.as_secs())
    } else {
        format!("{} ms", d.as_millis())
    }
}

/// `Retry-After`: seconds, whole or not, or an HTTP date, which is read by the server's own clock.
pub(super) fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let value = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    if let Ok(seconds) = value.parse::<f64>() {
        return Duration::try_from_secs_f64(seconds).ok();
    }
    let due = http_date(value)?;
    let now = headers.get(DATE).and_then(|v| v.to_str().ok()).and_then(http_date);
    let wait = due.since(now.unwrap_or_else(Timestamp::wall_now));
    Some(Duration::from_millis(wait.as_millis().max(0) as u64))
}

pub(super) fn http_date(value: &str) -> Option<Timestamp> {
    let parser = jiff::fmt::rfc2822::DateTimeParser::new().relaxed_weekday(true);
    let at = parser.parse_timestamp(value.trim()).ok()?;
    Some(Timestamp::from_millis(at.as_millisecond()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        pairs.iter().map(|(k, v)| (k.parse().unwrap(), v.parse().unwrap())).collect()
    }

    #[test]
    fn retry_after_is_read_in_both_forms() {
        let wait = |value| retry_after(&headers(&[("retry-after", value)]));
        assert_eq!(wait("7"), Some(Duration::from_secs(7)));
        assert_eq!(wait("2.5"), Some(Duration::from_millis(2500)));
        assert_eq!(wait("soon"), None);
        assert_eq!(wait("-1"), None);
        let dated = headers(&[
            ("date", "Sun, 06 Nov 1994 08:49:37 GMT"),
            ("retry-after", "Sun, 06 Nov 1994 08:50:07 GMT"),
        ]);
        assert_eq!(retry_after(&dated), Some(Duration::from_secs(30)));
        assert_eq!(wait("Sun, 06 Nov 1994 08:50:07 GMT"), Some(Duration::ZERO));
    }

    #[test]
    fn each_status_says_whether_another_try_makes_sense() {
        let of = |status: u16| {
            let headers = headers(&[("retry-after", "3")]);
            let said = Said {
                status: StatusCode::from_u16(status).unwrap(),
                code: Some("rest_forbidden".into()),
                moved: Some("https://new.example/?key=secret"),
                headers: &headers,
            };
            of_status(&FeedId::from("shop"), "https://shop/x", &said)
        };
        for status in [401, 403] {
            let FeedError::Permanent { reason } = of(status) else { panic!("{status}") };
            assert!(reason.contains("check key and secret of feed shop"), "{reason}");
        }
        for status in [408, 429, 500, 502, 503, 508] {
            let FeedError::Transient { retry_after, .. } = of(status) else { panic!("{status}") };
            assert_eq!(retry_after, Some(Duration::from_secs(3)));
        }
        let FeedError::Permanent { reason } = of(301) else { panic!() };
        assert!(reason.contains("https://new.example/") && !reason.contains("secret"), "{reason}");
        assert!(matches!(of(400), FeedError::Permanent { .. }));
        assert!(matches!(of(404), FeedError::Transient { .. }), "not the shop's own word");
    }

    #[test]
    fn only_the_shop_itself_can_say_that_it_has_no_such_thing() {
        for code in [
            "woocommerce_rest_shop_order_invalid_id",
            "woocommerce_rest_product_invalid_id",
            "woocommerce_rest_invalid_order_id",
            "rest_no_route",
        ] {
            assert!(names_nothing(code), "{code}");
        }
        for code in ["not_found", "rest_disabled", "woocommerce_rest_cannot_view"] {
            assert!(!names_nothing(code), "{code}");
        }
    }
}
