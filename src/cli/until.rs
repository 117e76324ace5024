//! Until when something is put off: a day, or days from today, which the owner's clock says.

use super::ask::odd_answer;
use super::ready;
use crate::domain::{Day, Zone};
use crate::engine::api::{Answer, Query, Refusal};
use crate::owner::client::Client;

/// A day as somebody wrote it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Until {
    /// This one.
    Day(Day),
    /// So many days from today.
    Days(u16),
}

impl Until {
    /// Reads a day such as `2026-12-03`, or days such as `3`.
    pub fn parse(text: &str) -> Result<Self, Refusal> {
        if let Ok(days) = text.parse::<u16>() {
            return Ok(Until::Days(days.max(1)));
        }
        ready::one_day("--until", text)
            .map(Until::Day)
            .map_err(|refusal| Refusal::usage(format!("{}, or days such as 3", refusal.message)))
    }

    /// Which day it is.
    pub async fn day(self, client: &mut Client) -> Result<Day, Refusal> {
        let days = match self {
            Until::Day(day) => return Ok(day),
            Until::Days(days) => i32::from(days),
        };
        let Answer::Overview(overview) = client.ask(Query::Overview).await? else {
            return Err(odd_answer());
        };
        let Answer::Status(status) = client.ask(Query::Status).await? else {
            return Err(odd_answer());
        };
        let zone = Zone::named(&overview.zone).unwrap_or_default();
        Ok(status.now.day(&zone).plus(days))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_is_written_out_or_counted_from_today() {
        assert_eq!(Until::parse("3").ok(), Some(Until::Days(3)));
        assert_eq!(
            Until::parse("0").ok(),
            Some(Until::Days(1)),
            "not before tomorrow, as on screen"
        );
        assert_eq!(Until::parse("2026-12-03").ok(), Day::parse("2026-12-03").map(Until::Day));
        let refused = Until::parse("soon").unwrap_err().message;
        assert!(refused.starts_with("--until soon: not a date;"), "{refused}");
        assert!(refused.ends_with("or days such as 3"), "{refused}");
    }
}
