//! The one table of commands. Keymap, palette, hint line, help, `docs/KEYS.md` and the read-only
//! gate all read it, so that none of them can say something else than the others.

mod list;
mod page;

pub use list::COMMANDS;
pub use page::{LAYER_KEYS, keys_markdown};

use super::keymap::shown;
use super::place::Screen;

/// What a command does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Id {
    /// Opens a screen.
    Go(Screen),
    /// Opens one order by number.
    Order,
    /// Opens one SKU.
    Sku,
    /// Opens one order to a supplier.
    Purchase,
    /// Opens one case.
    Case,
    /// Opens the past of a customer or a SKU.
    Past,
    /// Opens what is selected.
    Open,
    /// Leaves what is on top.
    Back,
    /// Goes to where one was before.
    Older,
    /// Goes forward again.
    Newer,
    /// Moves up.
    Up,
    /// Moves down.
    Down,
    /// Moves to the section before.
    Left,
    /// Moves to the next section.
    Right,
    /// A page up.
    PageUp,
    /// A page down.
    PageDown,
    /// To the first row.
    First,
    /// To the last row.
    Last,
    /// Begins a filter.
    Filter,
    /// Sorts by the next column.
    Sort,
    /// Turns the order round.
    Reverse,
    /// Adds forecasts up by something else.
    By,
    /// Marks a row.
    Mark,
    /// Marks a range.
    Range,
    /// Shows shorter periods.
    ZoomIn,
    /// Shows longer periods.
    ZoomOut,
    /// Writes a note.
    Note,
    /// Pins or unpins.
    Pin,
    /// Acknowledges.
    Acknowledge,
    /// Takes in goods.
    Receive,
    /// Counts the shelf.
    Count,
    /// Corrects stock.
    Adjust,
    /// Moves stock.
    Transfer,
    /// Overrides a forecast for a period.
    Override,
    /// Ends an override.
    EndOverride,
    /// Approves proposals.
    Approve,
    /// Approves a proposal with changes.
    EditOrder,
    /// Turns proposals down.
    Reject,
    /// Puts proposals off.
    Snooze,
    /// Accepts proposals about inbound goods and transfers.
    AcceptMeasure,
    /// Turns them down.
    TurnDown,
    /// Puts them off.
    PutOff,
    /// From where an order ships: its case.
    ShipsFrom,
    /// Ships orders as proposed.
    AcceptShip,
    /// Ships an order another way.
    PickShip,
    /// Has orders wait for stock.
    HoldForStock,
    /// Ships all orders as proposed of which nothing is in doubt.
    AcceptClear,
    /// Approves a draft as the second person.
    Countersign,
    /// Takes in goods of a line of an order.
    ReceiveLine,
    /// Takes in all that is to come by an order.
    ReceiveAll,
    /// Has an order sent again.
    Resend,
    /// Calls an order off.
    CancelOrder,
    /// Closes an order.
    CloseOrder,
    /// Shows the request that tells the supplier.
    DryRun,
    /// Goes from a proposal to its supplier's orders.
    TheirOrders,
    /// Goes from an order to its supplier's proposals.
    TheirProposals,
    /// Opens a supplier's scorecard.
    Supplier,
    /// Reads records in quarantine again.
    Retry,
    /// Reads what is known of a customer in clear.
    Reveal,
    /// Destroys the key of what is known of a customer.
    Forget,
    /// Forecasts with the selected model.
    UseModel,
    /// Forecasts with the model that was in use before.
    UseBefore,
    /// Has the store stop the orders of cases.
    Hold,
    /// Lets the orders of cases go: nothing is wrong.
    Release,
    /// Has the store call the orders of cases off.
    CallOff,
    /// Lets the orders of cases go, and looks at what comes back of them.
    RefundWatch,
    /// Says that a case was right to ask, and is dealt with elsewhere.
    DealtWith,
    /// Makes cases one's own.
    Take,
    /// Gives cases to somebody.
    Assign,
    /// Leaves cases to who comes next.
    HandOver,
    /// Puts cases off.
    SnoozeCase,
    /// Has a rule be silent about somebody or something for a time.
    Mute,
    /// Shows other cases of the queue.
    Which,
    /// Opens the past of a case's customer.
    CustomerPast,
    /// Opens the past of a case's SKU.
    SkuPast,
    /// Switches a rule on or off.
    SwitchRule,
    /// Sets from which strength on a rule of orders speaks.
    SetThreshold,
    /// Tests a rule on the store's past.
    TestRule,
    /// Ends a mute, or brings it back.
    EndMute,
    /// Scores orders with the network that did so before.
    FlagsBefore,
    /// Learns from what was decided about orders.
    LearnFlags,
    /// Takes a decision back.
    Undo,
    /// Shows what a figure is made of.
    Why,
    /// Copies the row's key.
    Copy,
    /// Opens the palette.
    Palette,
    /// Opens the help.
    Help,
    /// Asks anew.
    Refresh,
    /// Pauses feeds or lets them go on.
    Pause,
    /// Cancels long work.
    Cancel,
    /// Trains the model in use.
    Train,
    /// Replays the store's past.
    Replay,
    /// Another theme.
    Theme,
    /// Writes the screen to files.
    Dump,
    /// Paints everything again.
    Redraw,
    /// Stops the client as a shell's job.
    Suspend,
    /// Ends the console.
    Quit,
}

/// Where help and documentation put a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Group {
    /// Screens.
    Screens,
    /// Moving about.
    Moving,
    /// Tables and charts.
    Tables,
    /// Decisions; all but undo of one's own are written to the journal.
    Decisions,
    /// The console itself.
    Console,
}

impl Group {
    /// All, in the order shown.
    pub const ALL: [Group; 5] =
        [Group::Screens, Group::Moving, Group::Tables, Group::Decisions, Group::Console];
    /// Its head.
    pub const fn title(self) -> &'static str {
        match self {
            Group::Screens => "Screens",
            Group::Moving => "Moving about",
            Group::Tables => "Tables and charts",
            Group::Decisions => "Decisions",
            Group::Console => "Console",
        }
    }
}

/// A command.
#[derive(Debug)]
pub struct Command {
    /// What it does.
    pub id: Id,
    /// Its name in the palette.
    pub name: &'static str,
    /// Other names.
    pub aliases: &'static [&'static str],
    /// What may follow the name in the palette; empty: nothing.
    pub args: &'static str,
    /// Keys that stand for it, the one to show first.
    pub keys: &'static [&'static str],
    /// What it does, one line.
    pub doc: &'static str,
    /// Its word in the hint line; `None`: not there.
    pub hint: Option<&'static str>,
    /// Screens on which its keys work.
    pub on: &'static [Screen],
    /// Whether it changes anything; such commands are refused in a read-only console.
    pub changes: bool,
    /// Where help puts it.
    pub group: Group,
}

impl Command {
    /// Whether it changes something and belongs to a few screens, which are the place to do it.
    pub fn is_of_few_screens(&self) -> bool {
        self.changes && self.on.len() <= FEW_SCREENS
    }
}

/// Screens up to which a command that changes something is theirs.
const FEW_SCREENS: usize = 3;

/// A command by name or alias.
pub fn by_name(name: &str) -> Option<&'static Command> {
    COMMANDS.iter().find(|c| c.name == name || c.aliases.contains(&name))
}

/// A command by what it does.
pub fn by_id(id: Id) -> &'static Command {
    COMMANDS.iter().find(|c| c.id == id).unwrap_or(&COMMANDS[0])
}

/// Keys as people read them, the first two at most.
pub fn keys_shown(command: &Command) -> String {
    command.keys.iter().map(|key| shown(key)).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique_and_everything_is_described() {
        let mut names: Vec<_> =
            COMMANDS.iter().flat_map(|c| c.aliases.iter().chain([&c.name])).collect();
        let all = names.len();
        names.sort();
        names.dedup();
        assert_eq!(names.len(), all);
        assert!(COMMANDS.iter().all(|c| c.doc.ends_with('.') && c.doc.len() < 90));
    }
}
