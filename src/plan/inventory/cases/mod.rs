//! Cases from a file: each names a formula and its numbers, and gets its answer or the reason why there
//! is none.

mod fields;
mod kinds;

use super::InventoryError;
use fields::Fields;
use serde_json::{Map, Value, json};

/// Why a file of cases could not be read at all.
#[derive(Debug, thiserror::Error)]
pub enum CasesError {
    /// Not JSON.
    #[error("it is not JSON: {0}")]
    NotJson(serde_json::Error),
    /// JSON, but of something else.
    #[error(
        "it has no list \"cases\"; write {{\"cases\": [{{\"id\", \"kind\", \"input\"}}, ...]}}"
    )]
    NoCases,
}

/// Why a case has no answer.
#[derive(Debug, thiserror::Error)]
pub enum CaseError {
    /// A formula that is not known.
    #[error("kind {kind:?} is unknown; one of {}", kinds::names().join(", "))]
    UnknownKind {
        /// As it stands.
        kind: String,
    },
    /// Something that the formula needs is not there.
    #[error("{field} is missing")]
    Missing {
        /// What it is called in the file.
        field: &'static str,
    },
    /// Something that is not what it should be.
    #[error("{field} must be {must}, and is {found}")]
    Wrong {
        /// What it is called in the file.
        field: &'static str,
        /// What it should be.
        must: &'static str,
        /// What it is.
        found: String,
    },
    /// Numbers that cannot be meant.
    #[error(transparent)]
    Inventory(#[from] InventoryError),
    /// Numbers so large that the answer is none.
    #[error("{field} is too large to be told with these numbers")]
    Overflow {
        /// Which part of the answer.
        field: String,
    },
}

/// A case and what came of it.
#[derive(Debug)]
pub struct Worked {
    /// The case's own name; its place in the file where it has none.
    pub id: String,
    /// The answer, by the names that the formula's results have.
    pub output: Result<Map<String, Value>, CaseError>,
}

impl Worked {
    fn of(case: &Value, place: usize) -> Self {
        let id = match &case["id"] {
            Value::String(id) => id.clone(),
            Value::Number(id) => id.to_string(),
            _ => format!("case {place}"),
        };
        Self { id, output: work(case) }
    }

    /// As the file of results holds it: `id` with `output`, or with `error`.
    pub fn to_json(&self) -> Value {
        match &self.output {
            Ok(output) => json!({ "id": self.id, "output": output }),
            Err(error) => json!({ "id": self.id, "error": error.to_string() }),
        }
    }
}

/// Works out each case of a text `{"cases": [{"id", "kind", "input": {...}}, ...]}`, in its order. A case
/// that cannot be worked out does not keep the others from it.
pub fn work_out(text: &str) -> Result<Vec<Worked>, CasesError> {
    let file: Value = serde_json::from_str(text)
        .or_else(|error| serde_json::from_str(&quoted(text)).map_err(|_| error))
        .map_err(CasesError::NotJson)?;
    let cases = file["cases"].as_array().ok_or(CasesError::NoCases)?;
    Ok(cases.iter().zip(1..).map(|(case, place)| Worked::of(case, place)).collect())
}

fn work(case: &Value) -> Result<Map<String, Value>, CaseError> {
    let kind = case.get("kind").ok_or(CaseError::Missing { field: "kind" })?;
    let input = case.get("input").ok_or(CaseError::Missing { field: "input" })?;
    let unknown = || CaseError::UnknownKind { kind: kind.as_str().unwrap_or_default().to_owned() };
    let formula = kind.as_str().and_then(kinds::named).ok_or_else(unknown)?;
    let output: Map<String, Value> = formula(&Fields::of(input)?)?
        .into_iter()
        .map(|(field, value)| (field.to_owned(), value))
        .collect();
    // What is not finite has no form in JSON.
    match output.iter().find(|(_, value)| value.is_null()) {
        Some((field, _)) => Err(CaseError::Overflow { field: field.clone() }),
        None => Ok(output),
    }
}

/// Puts quotes around the bare `NaN` and `Infinity` that some programs write, so that they cost their own
/// case its answer and not the whole file.
fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let (mut inside, mut rest) = (false, text);
    while let Some(next) = rest.chars().next() {
        let bare = ["NaN", "-Infinity", "Infinity"].into_iter().find(|word| rest.starts_with(word));
        if let Some(word) = bare.filter(|_| !inside) {
            out.extend(["\"", word, "\""]);
            rest = &rest[word.len()..];
            continue;
        }
        // An escaped character, such as a quote, ends nothing.
        let taken = if inside && next == '\\' {
            rest.chars().take(2).map(char::len_utf8).sum()
        } else {
            next.len_utf8()
        };
        inside ^= next == '"';
        out.push_str(&rest[..taken]);
        rest = &rest[taken..];
    }
    out
}

#[cfg(test)]
mod tests;
