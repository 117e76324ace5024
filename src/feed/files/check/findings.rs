//! What has been found so far: kinds that the program names, never what a file holds, so that a file
//! of a million different errors makes a short table.

use super::Finding;
use rustc_hash::FxHashMap;

/// Examples kept of each finding.
const EXAMPLES: usize = 5;

/// Findings by kind.
#[derive(Default)]
pub struct Findings(FxHashMap<String, Finding>);

impl Findings {
    /// Counts one more.
    pub fn add(&mut self, kind: &str, treatment: &str, example: impl FnOnce() -> String) {
        let finding = match self.0.get_mut(kind) {
            Some(finding) => finding,
            None => self.0.entry(kind.to_owned()).or_insert_with(|| Finding {
                kind: kind.into(),
                count: 0,
                examples: Vec::new(),
                treatment: treatment.into(),
            }),
        };
        finding.count += 1;
        if finding.examples.len() < EXAMPLES {
            finding.examples.push(example());
        }
    }
    /// The most frequent first.
    pub fn sorted(self) -> Vec<Finding> {
        let mut all: Vec<Finding> = self.0.into_values().collect();
        all.sort_by(|a, b| b.count.cmp(&a.count).then_with(|| a.kind.cmp(&b.kind)));
        all
    }
}

/// The kind of a reject: its reason without the values that it tells.
pub fn kind_of(reason: &str) -> String {
    let mut kind = String::from("unreadable: ");
    let told = match (reason.find(" is `"), reason.rfind("`, which is no ")) {
        (Some(from), Some(to)) if from < to => {
            format!("{} is no {}", &reason[..from], &reason[to + "`, which is no ".len()..])
        }
        _ => reason.to_owned(),
    };
    let mut in_number = false;
    for c in told.chars() {
        if !c.is_ascii_digit() {
            kind.push(c);
        } else if !in_number {
            kind.push('N');
        }
        in_number = c.is_ascii_digit();
    }
    kind
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kind_holds_no_value_of_the_file() {
        for (reason, kind) in [
            ("`price` is `a `odd` b`, which is no price", "unreadable: `price` is no price"),
            ("`qty` is `7x`, which is no quantity", "unreadable: `qty` is no quantity"),
            (
                "the row has 12 fields and the header 8",
                "unreadable: the row has N fields and the header N",
            ),
            ("the order has no number", "unreadable: the order has no number"),
        ] {
            assert_eq!(kind_of(reason), kind);
        }
    }
}
