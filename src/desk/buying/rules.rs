//! Who may approve how much.

use crate::domain::{Money, Span};
use std::collections::BTreeMap;

/// The rules of approving, as configured.
#[derive(Clone, Debug, PartialEq)]
pub struct Rules {
    /// How long an approval can be taken back before it becomes part of an order.
    pub grace: Span,
    /// An order above this needs a second person.
    pub four_eyes_above: Option<Money>,
    /// What stands before the running number of an order.
    pub prefix: String,
    /// What persons may who are not named.
    pub everybody: Powers,
    /// What persons may, by user name.
    pub people: BTreeMap<String, Powers>,
    /// What the program may approve by itself; `None`: nothing.
    pub automatic: Option<Powers>,
}

impl Rules {
    /// How long approvals can be taken back where nothing is configured.
    pub const GRACE: Span = Span::seconds(600);
    /// What stands before an order's running number where nothing is configured.
    pub const PREFIX: &str = "PO-";

    /// Who approves what the program approves by itself. No user of a machine can have that name.
    pub const AUTOMATIC: &str = "stockdeck (automatic)";

    /// What a person, or the program, may.
    pub fn of(&self, user: &str) -> Powers {
        if user == Rules::AUTOMATIC {
            return self.automatic.unwrap_or(Powers::NONE);
        }
        self.people.get(user).copied().unwrap_or(self.everybody)
    }
}

impl Default for Rules {
    fn default() -> Self {
        Rules {
            grace: Rules::GRACE,
            four_eyes_above: None,
            prefix: Rules::PREFIX.into(),
            everybody: Powers::ALL,
            people: BTreeMap::new(),
            automatic: None,
        }
    }
}

/// What one person may.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Powers {
    /// Whether they may approve at all.
    pub may_approve: bool,
    /// The most that an order with a line of theirs may cost; `None`: no limit.
    pub per_order: Option<Money>,
    /// The most that they may approve in a day; `None`: no limit.
    pub per_day: Option<Money>,
}

impl Powers {
    /// Everything, without a limit.
    pub const ALL: Powers = Powers { may_approve: true, per_order: None, per_day: None };
    /// Nothing.
    pub const NONE: Powers = Powers { may_approve: false, per_order: None, per_day: None };
}
