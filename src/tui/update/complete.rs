//! Completing a filter: fields, flags and the words that a field takes, from the same tables by
//! which the filter is read.

use super::super::place::Screen;
use super::super::state::State;
use crate::engine;
use crate::orders::filter::{FieldKind, Fields, parse_whole};

/// What a screen's table can be filtered by.
pub fn fields(screen: Screen) -> Option<&'static Fields> {
    match screen {
        Screen::Orders => Some(&crate::orders::FIELDS),
        Screen::Stock => Some(&engine::STOCK),
        Screen::Journal => Some(&engine::JOURNAL),
        Screen::Forecast => Some(&engine::FORECASTS),
        Screen::Reorders => Some(&engine::REORDERS),
        Screen::Purchases => Some(&engine::PURCHASES),
        Screen::Coordination => Some(&engine::COORDINATION),
        Screen::Expected => Some(&engine::EXPECTED),
        Screen::Allocation => Some(&engine::ALLOCATIONS),
        Screen::Totals => Some(&engine::TOTALS),
        Screen::Flags => Some(&engine::FLAGS),
        Screen::Quarantine => Some(&engine::QUARANTINE),
        Screen::Overview
        | Screen::Order
        | Screen::Sku
        | Screen::Feeds
        | Screen::Models
        | Screen::Backtest
        | Screen::Case
        | Screen::Past
        | Screen::Rules
        | Screen::Purchase
        | Screen::Supplier => None,
    }
}

/// Whether a filter for a screen's table is typed to its end, else a sentence that says what is
/// missing.
pub fn whole(state: &State, screen: Screen, filter: &str) -> Result<(), String> {
    let Some(fields) = fields(screen) else { return Ok(()) };
    let read = parse_whole(filter, fields, state.now, &state.zone);
    read.map(|_| ()).map_err(|error| error.to_string())
}

/// What the last term of a filter may become, each as the whole filter and as the term alone.
pub fn completions(fields: &'static Fields, typed: &str) -> Vec<(String, String)> {
    let start = typed.rfind(char::is_whitespace).map_or(0, |at| at + 1);
    let start = start + typed[start..].len() - typed[start..].trim_start_matches('!').len();
    let (before, term) = typed.split_at(start);
    let whole = |term: String| (format!("{before}{term}"), term);
    let Some((name, value)) = term.split_once(':') else {
        let flags = fields.flags.iter().map(|flag| format!("is:{flag}"));
        let fields = fields.fields.iter().flat_map(|field| {
            let named = field.aliases.iter().chain([&field.name]);
            let fits = named.clone().any(|name| name.starts_with(term));
            fits.then(|| format!("{}:", field.name))
        });
        let flags = flags.filter(|flag| flag.contains(term));
        return flags.chain(fields).map(whole).collect();
    };
    let words = if name == "is" {
        fields.flags
    } else {
        let field = fields.fields.iter().find(|f| f.name == name || f.aliases.contains(&name));
        match field.map(|field| field.kind) {
            Some(FieldKind::Words(words)) => words,
            _ => &[],
        }
    };
    let (kept, last) = value.rsplit_once(',').map_or(("", value), |(kept, last)| (kept, last));
    let comma = if kept.is_empty() { "" } else { "," };
    let fitting = words.iter().filter(|word| word.starts_with(last));
    fitting.map(|word| whole(format!("{name}:{kept}{comma}{word}"))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Timestamp, Zone};
    use crate::orders::filter::parse;

    fn of(screen: Screen, typed: &str) -> Vec<String> {
        completions(fields(screen).unwrap(), typed).into_iter().map(|(whole, _)| whole).collect()
    }

    #[test]
    fn fields_flags_and_words_are_completed() {
        assert_eq!(of(Screen::Orders, "sh"), ["is:short"]);
        assert_eq!(of(Screen::Orders, "red !st"), ["red !status:"]);
        assert_eq!(of(Screen::Orders, "status:open,he"), ["status:open,held"]);
        assert_eq!(of(Screen::Stock, "is:u"), ["is:unknown"]);
        assert_eq!(of(Screen::Stock, "have"), ["on_hand:"], "by its alias");
        assert!(of(Screen::Orders, "sku:x").is_empty());
    }

    #[test]
    fn whatever_is_offered_is_understood() {
        for screen in Screen::ALL.iter().copied().filter(|screen| screen.is_table()) {
            let fields = fields(screen).unwrap();
            for (whole, _) in completions(fields, "") {
                parse(&whole, fields, Timestamp::default(), &Zone::utc())
                    .unwrap_or_else(|error| panic!("{whole} on {screen:?}: {error}"));
            }
        }
    }
}
