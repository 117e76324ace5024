//! The forms of decisions about cases that want a word: a note, a name, a time, a reason.

use super::super::super::layers::{Form, LineEdit};
use super::super::super::words;
use super::super::forms::Field;
use super::actions;
use super::cases::{Meant, named};
use crate::domain::{CaseAct, CaseId, Decision, MuteOf, Span, Threshold, Timestamp, Zone};
use crate::engine::api::Action;
use serde::{Deserialize, Serialize};

/// For how long a rule is muted where nothing else is said.
const MUTED: &str = "7d";
/// The longest time of a mute or a snooze.
const LONGEST: Span = Span::days(366);

/// Whom or what a rule may be muted about, and the word for it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Whom {
    word: Box<str>,
    of: MuteOf,
}

impl Whom {
    /// By its kind.
    pub fn of(of: MuteOf) -> Self {
        let word = match &of {
            MuteOf::Customer(_) => "customer",
            MuteOf::Sku(_) => "sku",
            MuteOf::Feed(_) => "feed",
            MuteOf::Everything => "everything",
        };
        Whom { word: word.into(), of }
    }
    /// Whether a rule can be muted about it; a SKU by the rules that are about it alone.
    fn fits(&self, rule: &str, of_sku: &[Box<str>]) -> bool {
        !matches!(self.of, MuteOf::Sku(_)) || of_sku.iter().any(|of| **of == *rule)
    }
}

/// What such a form decides.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum CaseForm {
    /// A note on cases.
    Note(Vec<Meant>),
    /// Cases are given to somebody.
    Assign(Vec<Meant>),
    /// Cases are left to who comes next.
    HandOver(Vec<Meant>),
    /// Cases are put off.
    Snooze {
        /// Which.
        cases: Vec<Meant>,
        /// Domain time when the form was opened.
        now: Timestamp,
        /// The zone of times of day.
        zone: String,
    },
    /// A rule is muted.
    Mute {
        /// The case that it spoke in.
        case: CaseId,
        /// What was seen of it.
        saw: String,
        /// The rules that spoke, the strongest first.
        rules: Vec<Box<str>>,
        /// About whom or what it may be muted.
        whom: Vec<Whom>,
        /// The rules that are about the SKU among these.
        of_sku: Vec<Box<str>>,
        /// Domain time when the form was opened.
        now: Timestamp,
        /// The zone of times of day.
        zone: String,
    },
    /// A rule is to speak from another strength on.
    Threshold {
        /// The rule.
        rule: Box<str>,
        /// From which strength on it speaks.
        from: String,
        /// From which on it does unless it is set, with the unit.
        usual: String,
    },
}

impl CaseForm {
    /// The form's head.
    pub fn title(&self) -> String {
        match self {
            CaseForm::Note(cases) => format!("Note on {}", named(cases)),
            CaseForm::Assign(cases) => format!("Assign {}", named(cases)),
            CaseForm::HandOver(cases) => format!("Hand {} over to who comes next", named(cases)),
            CaseForm::Snooze { cases, .. } => format!("Put {} off", named(cases)),
            CaseForm::Mute { case, rules, .. } => {
                format!("Mute a rule that spoke in case {case}: {}", rules.join(", "))
            }
            CaseForm::Threshold { rule, usual, .. } => {
                format!("From which strength on {rule} speaks; usual are {usual}")
            }
        }
    }
    /// What the notice says when it is recorded.
    pub const fn done(&self) -> &'static str {
        match self {
            CaseForm::Note(_) => "Noted",
            CaseForm::Assign(_) => "Assigned",
            CaseForm::HandOver(_) => "Handed over",
            CaseForm::Snooze { .. } => "Put off",
            CaseForm::Mute { .. } => "Muted",
            CaseForm::Threshold { .. } => "Set",
        }
    }
    /// Its fields, filled in as far as that can be guessed.
    pub fn fields(&self) -> Vec<Field> {
        let field = |name, text: &str, hint| Field { name, line: LineEdit::with(text), hint };
        match self {
            CaseForm::Note(_) => vec![field("note", "", "what the next person should know")],
            CaseForm::Assign(_) => vec![field("user", "", "a user of this machine; `nobody`")],
            CaseForm::HandOver(_) => vec![field("word", "", "what who comes next should know")],
            CaseForm::Snooze { .. } => {
                vec![field(
                    "until",
                    "",
                    "2h, 3d, a time such as 07:00, or a day such as 2026-12-03",
                )]
            }
            CaseForm::Threshold { from, .. } => {
                vec![field(
                    "from",
                    from,
                    "a number, or `usual`; `flags backtest-rule --threshold` tries one",
                )]
            }
            CaseForm::Mute { rules, whom, of_sku, .. } => {
                let rule = rules.first().map_or("", |rule| rule);
                let mut about = whom.iter().filter(|whom| whom.fits(rule, of_sku));
                let about = about.next().map_or("", |whom| &whom.word);
                vec![
                    field("rule", rule, "one of those above"),
                    field("about", about, "customer, sku, feed, or everything"),
                    field("until", MUTED, "when it ends by itself: 2h, 7d, a time or a day"),
                    field("reason", "", "why; kept in the journal"),
                ]
            }
        }
    }
}

type Checked = Result<(String, Vec<Action>), (usize, String)>;

/// What such a form would record; or the field that is wrong and why.
pub fn check(form: &Form, about: &CaseForm) -> Checked {
    let text = |at: usize| form.fields.get(at).map_or("", |field| field.line.text().trim());
    let given = |at: usize, what: &str| match text(at) {
        "" => Err((at, format!("Give {what}."))),
        text => Ok(text.to_owned()),
    };
    match about {
        CaseForm::Note(cases) => {
            let note = given(0, "the note's text")?;
            let sentence = format!("Note on {}: “{note}”.", named(cases));
            Ok((sentence, actions(cases, &CaseAct::Note(note), &[])))
        }
        CaseForm::HandOver(cases) => {
            let word = given(0, "a word to who comes next")?;
            let sentence = format!("Hand {} over, nobody's from then on: “{word}”.", named(cases));
            Ok((sentence, actions(cases, &CaseAct::HandOver(word), &[])))
        }
        CaseForm::Assign(cases) => {
            let whom = given(0, "a user, or `nobody`")?;
            let act = CaseAct::Assign((whom != "nobody").then(|| whom.as_str().into()));
            Ok((format!("Give {} to {whom}.", named(cases)), actions(cases, &act, &[])))
        }
        CaseForm::Snooze { cases, now, zone } => {
            let until = moment(0, text(0), *now, zone)?;
            let sentence = format!("Put {} off until {}.", named(cases), told(until, *now, zone));
            Ok((sentence, actions(cases, &CaseAct::Snooze(until), &[])))
        }
        CaseForm::Threshold { rule, from: before, usual } => {
            let from = match text(0) {
                "usual" => None,
                text => Some(text.parse().ok().and_then(Threshold::new).ok_or_else(|| {
                    (0, format!("Give a number up to {}, or `usual`.", Threshold::MOST))
                })?),
            };
            let sentence = match from {
                Some(from) => format!("Have {rule} speak from {from} on; usual are {usual}."),
                None => format!("Have {rule} speak as it came, from {usual} on."),
            };
            let decision = Decision::SetThreshold { rule: rule.clone(), from, before: None };
            let saw = format!("{rule} speaks from {before} on");
            Ok((sentence, vec![Action::Decide { decision, saw }]))
        }
        CaseForm::Mute { rules, whom, of_sku, saw, now, zone, .. } => {
            let rule = rules.iter().find(|rule| ***rule == *text(0));
            let rule = rule.ok_or_else(|| {
                (0, format!("`{}` spoke of nothing here; {} did.", text(0), rules.join(", ")))
            })?;
            let about = whom.iter().find(|whom| *whom.word == *text(1)).ok_or_else(|| {
                let known: Vec<_> = whom.iter().map(|whom| &*whom.word).collect();
                (1, format!("`{}` is not known here; {}.", text(1), known.join(", ")))
            })?;
            if !about.fits(rule, of_sku) {
                return Err((1, format!("{rule} does not speak of the SKU; say everything.")));
            }
            let until = moment(2, text(2), *now, zone)?;
            let reason = given(3, "the reason")?;
            let when = told(until, *now, zone);
            let sentence = format!("Mute {rule} about {} until {when}: {reason}.", about.of);
            let (rule, of) = (rule.clone(), about.of.clone());
            let decision = Decision::Mute { rule, of, until, reason };
            Ok((sentence, vec![Action::Decide { decision, saw: saw.clone() }]))
        }
    }
}

fn told(until: Timestamp, now: Timestamp, zone: &str) -> String {
    words::stamp(until, now, &Zone::named(zone).unwrap_or_default()).trim().to_owned()
}

/// Reads `30m`, `2h`, `3d`, the next `07:00`, or the beginning of a day.
fn moment(at: usize, text: &str, now: Timestamp, zone: &str) -> Result<Timestamp, (usize, String)> {
    let zone = Zone::named(zone).unwrap_or_default();
    let wrong = || {
        (
            at,
            format!(
                "`{text}` is no time to come; write 2h, 3d, 07:00 or a day such as 2026-12-03."
            ),
        )
    };
    let until = length(text)
        .map(|span| now + span)
        .or_else(|| time_of_day(text, now, &zone))
        .or_else(|| Timestamp::parse(text, &zone))
        .ok_or_else(wrong)?;
    let within = until > now && until.since(now) <= LONGEST;
    if within { Ok(until) } else { Err(wrong()) }
}

fn length(text: &str) -> Option<Span> {
    let unit = text.chars().last()?;
    let number: i64 = text.strip_suffix(unit)?.parse().ok()?;
    let seconds = match unit {
        'm' => 60,
        'h' => 3_600,
        'd' => 86_400,
        _ => return None,
    };
    number.checked_mul(seconds).filter(|seconds| *seconds < 1 << 40).map(Span::seconds)
}

/// The next time that a clock in the zone shows this.
fn time_of_day(text: &str, now: Timestamp, zone: &Zone) -> Option<Timestamp> {
    text.contains(':').then_some(())?;
    let today = now.day(zone);
    let on = |day: crate::domain::Day| Timestamp::parse(&format!("{day} {text}"), zone);
    on(today).filter(|at| *at > now).or_else(|| on(today.plus(1)))
}
