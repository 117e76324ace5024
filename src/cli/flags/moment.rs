//! Moments as they are written on the command line.

use super::odd_answer;
use crate::domain::{Span, Timestamp, Zone};
use crate::engine::api::{Answer, Query, Refusal};
use crate::owner::client::Client;

/// A moment as somebody wrote it: what "now" and the store's zone are is the owner's to say.
pub enum Moment {
    /// So long from now, or ago.
    Apart(Span),
    /// A day or a time.
    Written(String),
}

impl Moment {
    /// Reads `8h`, `30m`, `2d`, or a day or time.
    pub(super) fn parse(text: &str) -> Result<Self, Refusal> {
        let apart = || {
            let (number, unit) = text.split_at_checked(text.len().checked_sub(1)?)?;
            let number: u16 = number.parse().ok()?;
            Some(match unit {
                "m" => Span::minutes(number.into()),
                "h" => Span::hours(number.into()),
                "d" => Span::days(number.into()),
                _ => return None,
            })
        };
        if let Some(span) = apart() {
            return Ok(Moment::Apart(span));
        }
        match Timestamp::parse(text, &Zone::utc()) {
            Some(_) => Ok(Moment::Written(text.to_owned())),
            None => Err(Refusal::usage(format!(
                "\"{text}\" is no time; write 8h, 2d, a day such as 2026-12-01, or 2026-12-01T07:00"
            ))),
        }
    }

    /// The moment: `sign` 1 for what is ahead, -1 for what is past.
    pub(super) async fn at(self, client: &mut Client, sign: i64) -> Result<Timestamp, Refusal> {
        let Answer::Overview(overview) = client.ask(Query::Overview).await? else {
            return Err(odd_answer());
        };
        match self {
            Moment::Apart(span) => {
                let Answer::Status(status) = client.ask(Query::Status).await? else {
                    return Err(odd_answer());
                };
                Ok(status.now + Span::millis(sign * span.as_millis()))
            }
            Moment::Written(text) => {
                let zone = Zone::named(&overview.zone).unwrap_or_default();
                Timestamp::parse(&text, &zone).ok_or_else(odd_answer)
            }
        }
    }
}
