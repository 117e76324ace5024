//! All commands, one row each.

use super::{Command, Group, Id};
use crate::tui::place::Screen;

const ALL: &[Screen] = Screen::ALL;
const TABLES: &[Screen] = &[
    Screen::Orders,
    Screen::Stock,
    Screen::Journal,
    Screen::Forecast,
    Screen::Totals,
    Screen::Reorders,
    Screen::Purchases,
    Screen::Flags,
    Screen::Coordination,
    Screen::Expected,
    Screen::Quarantine,
    Screen::Allocation,
];
const GOODS: &[Screen] = &[Screen::Stock, Screen::Sku, Screen::Forecast];
const REORDERS: &[Screen] = &[Screen::Reorders];
const COORDINATION: &[Screen] = &[Screen::Coordination];
const ALLOCATION: &[Screen] = &[Screen::Allocation];
const PURCHASES: &[Screen] = &[Screen::Purchases, Screen::Purchase];
const SUPPLIED: &[Screen] = &[
    Screen::Stock,
    Screen::Sku,
    Screen::Forecast,
    Screen::Reorders,
    Screen::Purchases,
    Screen::Purchase,
    Screen::Coordination,
    Screen::Expected,
];
const TRIAGE: &[Screen] = &[Screen::Flags, Screen::Case];
const FORECAST: &[Screen] = &[Screen::Sku, Screen::Forecast];
const SUBJECTS: &[Screen] = &[
    Screen::Overview,
    Screen::Orders,
    Screen::Order,
    Screen::Stock,
    Screen::Sku,
    Screen::Feeds,
    Screen::Forecast,
    Screen::Reorders,
    Screen::Coordination,
    Screen::Flags,
    Screen::Case,
];
/// Subjects that can be pinned and acknowledged: a case is decided on instead.
const THINGS: &[Screen] = SUBJECTS.split_at(SUBJECTS.len() - TRIAGE.len()).0;
/// Where `h` moves: on cases it holds.
const NOT_TRIAGE: &[Screen] = &[
    Screen::Overview,
    Screen::Orders,
    Screen::Order,
    Screen::Stock,
    Screen::Sku,
    Screen::Feeds,
    Screen::Journal,
    Screen::Forecast,
    Screen::Models,
    Screen::Totals,
    Screen::Reorders,
    Screen::Backtest,
    Screen::Purchases,
    Screen::Purchase,
    Screen::Coordination,
    Screen::Expected,
    Screen::Past,
    Screen::Rules,
    Screen::Quarantine,
];
/// Where a table's rows, or a case's orders, can be marked.
const MARKED: &[Screen] = &[
    Screen::Orders,
    Screen::Stock,
    Screen::Journal,
    Screen::Forecast,
    Screen::Totals,
    Screen::Reorders,
    Screen::Purchases,
    Screen::Coordination,
    Screen::Flags,
    Screen::Quarantine,
    Screen::Case,
];

const fn plain(id: Id, name: &'static str, keys: &'static [&'static str]) -> Command {
    Command {
        id,
        name,
        aliases: &[],
        args: "",
        keys,
        doc: "",
        hint: None,
        on: ALL,
        changes: false,
        group: Group::Console,
    }
}

/// A screen by its name, and by its digit if it has one.
const fn screen(to: Screen) -> Command {
    Command { group: Group::Screens, ..plain(Id::Go(to), to.name(), to.digit()) }
}

const fn moving(id: Id, name: &'static str, keys: &'static [&'static str]) -> Command {
    Command { group: Group::Moving, ..plain(id, name, keys) }
}

const fn table(id: Id, name: &'static str, keys: &'static [&'static str]) -> Command {
    Command { group: Group::Tables, on: TABLES, ..plain(id, name, keys) }
}

const fn decision(
    id: Id,
    name: &'static str,
    keys: &'static [&'static str],
    on: &'static [Screen],
) -> Command {
    Command { group: Group::Decisions, on, changes: true, ..plain(id, name, keys) }
}

/// All commands. Within a group in the order of the hint line.
pub static COMMANDS: &[Command] = &[
    Command {
        doc: "How the day goes: orders, what waits, what runs out, feeds.",
        aliases: &["home"],
        ..screen(Screen::Overview)
    },
    Command {
        doc: "All orders; a filter may follow, such as `orders country:DE`.",
        args: "[FILTER]",
        aliases: &["o"],
        ..screen(Screen::Orders)
    },
    Command {
        doc: "Stock of every SKU at every site; a filter may follow.",
        args: "[FILTER]",
        aliases: &["positions"],
        ..screen(Screen::Stock)
    },
    Command {
        doc: "Where data comes from, how fresh it is, what went wrong.",
        ..screen(Screen::Feeds)
    },
    Command {
        doc: "What people decided; a filter may follow.",
        args: "[FILTER]",
        aliases: &["log"],
        ..screen(Screen::Journal)
    },
    Command {
        doc: "What will sell in 28 days, and what runs out; a filter may follow.",
        args: "[FILTER]",
        aliases: &["forecasts"],
        ..screen(Screen::Forecast)
    },
    Command {
        doc: "Forecasts added up: category, site or supplier may follow, and a filter.",
        args: "[BY] [FILTER]",
        ..screen(Screen::Totals)
    },
    Command {
        doc: "What is proposed to be ordered, supplier by supplier; a filter may follow.",
        args: "[FILTER]",
        aliases: &["reorder", "buy"],
        ..screen(Screen::Reorders)
    },
    Command {
        doc: "Would the proposals have worked? The store's past, played again.",
        aliases: &["would-it-have-worked"],
        keys: &["W"],
        ..screen(Screen::Backtest)
    },
    Command {
        doc: "Orders to suppliers, from draft to receipt; a filter may follow.",
        args: "[FILTER]",
        aliases: &["po"],
        ..screen(Screen::Purchases)
    },
    Command {
        doc: "Cases that are worth a look, worst first; a filter may follow.",
        args: "[FILTER]",
        aliases: &["cases", "triage"],
        ..screen(Screen::Flags)
    },
    Command {
        doc: "The rules that raise flags: on or off, tested on the past, muted about whom.",
        aliases: &["mutes"],
        keys: &["D"],
        ..screen(Screen::Rules)
    },
    Command {
        doc: "What is on order against need, and transfers; a filter may follow.",
        args: "[FILTER]",
        aliases: &["coordinate"],
        keys: &["C"],
        ..screen(Screen::Coordination)
    },
    Command {
        doc: "What is expected to be ordered by supplier and week; a filter may follow.",
        args: "[FILTER]",
        keys: &["E"],
        ..screen(Screen::Expected)
    },
    Command {
        doc: "Open orders that need a choice from where they ship; a filter may follow.",
        args: "[FILTER]",
        aliases: &["allocate"],
        keys: &["V"],
        ..screen(Screen::Allocation)
    },
    Command {
        doc: "Which models forecast, how well they did, and which is in use.",
        aliases: &["accuracy"],
        ..screen(Screen::Models)
    },
    Command {
        doc: "Records that could not be understood; a filter may follow.",
        args: "[FILTER]",
        aliases: &["rejects"],
        ..screen(Screen::Quarantine)
    },
    Command {
        doc: "One order by its number.",
        args: "NUMBER",
        group: Group::Screens,
        ..plain(Id::Order, "order", &[])
    },
    Command {
        doc: "One SKU at all sites.",
        args: "SKU",
        group: Group::Screens,
        ..plain(Id::Sku, "sku", &[])
    },
    Command {
        doc: "One order to a supplier by its number.",
        args: "NUMBER",
        group: Group::Screens,
        ..plain(Id::Purchase, "purchase", &[])
    },
    Command {
        doc: "One case by its name.",
        args: "CASE",
        group: Group::Screens,
        ..plain(Id::Case, "case", &[])
    },
    Command {
        doc: "The past of a customer or a SKU, with what was flagged in it.",
        args: "CUSTOMER|sku:SKU",
        group: Group::Screens,
        ..plain(Id::Past, "past", &[])
    },
    Command {
        doc: "Open what is selected.",
        hint: Some("open"),
        ..moving(Id::Open, "open", &["enter"])
    },
    Command {
        doc: "Take marks and filter off, else go back up.",
        hint: Some("back"),
        aliases: &["up-level"],
        ..moving(Id::Back, "back", &["esc", "backspace"])
    },
    Command { doc: "Where you were before.", ..moving(Id::Older, "older", &["["]) },
    Command { doc: "Forward again.", ..moving(Id::Newer, "newer", &["]"]) },
    Command { doc: "Up a row.", ..moving(Id::Up, "up", &["up", "k"]) },
    Command { doc: "Down a row.", ..moving(Id::Down, "down", &["down", "j"]) },
    Command { doc: "To the section before.", ..moving(Id::Left, "left", &["left", "shift-tab"]) },
    Command {
        doc: "To the section before; on cases it holds.",
        on: NOT_TRIAGE,
        ..moving(Id::Left, "section-before", &["h"])
    },
    Command { doc: "To the next section.", ..moving(Id::Right, "right", &["right", "l", "tab"]) },
    Command { doc: "A page up.", ..moving(Id::PageUp, "page-up", &["pgup", "ctrl-b", "ctrl-u"]) },
    Command {
        doc: "A page down.",
        ..moving(Id::PageDown, "page-down", &["pgdn", "ctrl-f", "ctrl-d"])
    },
    Command { doc: "To the first row.", ..moving(Id::First, "first", &["g", "home"]) },
    Command { doc: "To the last row.", ..moving(Id::Last, "last", &["G", "end"]) },
    Command {
        doc: "Filter as you type: words match anywhere, `field:value`, `qty:>100`, `!` negates.",
        args: "[FILTER]",
        hint: Some("filter"),
        ..table(Id::Filter, "filter", &["/"])
    },
    Command {
        doc: "Sort by the next column; a column's name may follow.",
        args: "[COLUMN]",
        hint: Some("sort"),
        ..table(Id::Sort, "sort", &["s"])
    },
    Command { doc: "Turn the order round.", ..table(Id::Reverse, "reverse", &["S"]) },
    Command {
        doc: "Add forecasts up by category, by site, by supplier; then one by one again.",
        args: "[category|site|supplier|sku]",
        hint: Some("add up by"),
        on: &[Screen::Forecast, Screen::Totals],
        ..table(Id::By, "by", &["b"])
    },
    Command {
        doc: "Mark the row; decisions then go to all marked rows.",
        hint: Some("mark"),
        on: MARKED,
        ..table(Id::Mark, "mark", &["space"])
    },
    Command {
        doc: "Mark from here to where you go; again to end.",
        ..table(Id::Range, "range", &["v"])
    },
    Command {
        doc: "Shorter periods in the chart.",
        on: &[Screen::Sku],
        hint: Some("zoom in"),
        ..table(Id::ZoomIn, "zoom-in", &["+", "="])
    },
    Command {
        doc: "Longer periods in the chart.",
        on: &[Screen::Sku],
        hint: Some("zoom out"),
        ..table(Id::ZoomOut, "zoom-out", &["-"])
    },
    Command {
        doc: "Write a note on what is selected.",
        args: "[TEXT]",
        hint: Some("note"),
        ..decision(Id::Note, "note", &["n"], SUBJECTS)
    },
    Command {
        doc: "Pin what is selected to the top, or take the pin off.",
        hint: Some("pin"),
        ..decision(Id::Pin, "pin", &["P"], THINGS)
    },
    Command {
        doc: "Acknowledge what is wrong here, so that it stops waiting for everybody.",
        aliases: &["ack"],
        hint: Some("acknowledge"),
        ..decision(Id::Acknowledge, "acknowledge", &["A"], THINGS)
    },
    Command {
        doc: "Receive goods for this SKU and site.",
        hint: Some("receive"),
        ..decision(Id::Receive, "receive", &["r"], GOODS)
    },
    Command {
        doc: "Count the shelf: the figure becomes the truth.",
        hint: Some("count"),
        ..decision(Id::Count, "count", &["c"], GOODS)
    },
    Command {
        doc: "Adjust stock up or down, with a reason.",
        hint: Some("adjust"),
        ..decision(Id::Adjust, "adjust", &["a"], GOODS)
    },
    Command {
        doc: "Transfer stock to another site.",
        hint: Some("transfer"),
        ..decision(Id::Transfer, "transfer", &["T"], GOODS)
    },
    Command {
        doc: "Override the forecast for a period, with a reason; the model's own stays beside it.",
        hint: Some("override"),
        ..decision(Id::Override, "override", &["o"], FORECAST)
    },
    Command {
        doc: "End the override that counts here, or the next one; the model's forecast counts again.",
        hint: Some("end override"),
        ..decision(Id::EndOverride, "end-override", &["O"], FORECAST)
    },
    Command {
        doc: "Approve what is proposed: the selected line or all marked ones; asks first.",
        hint: Some("approve"),
        ..decision(Id::Approve, "approve", &["a"], REORDERS)
    },
    Command {
        doc: "Order another quantity, date or supplier; shows what other terms would mean.",
        hint: Some("edit"),
        ..decision(Id::EditOrder, "edit", &["e"], REORDERS)
    },
    Command {
        doc: "Turn proposals down, with a reason that is shown next time.",
        hint: Some("reject"),
        ..decision(Id::Reject, "reject", &["x"], REORDERS)
    },
    Command {
        doc: "Put proposals off until a day.",
        hint: Some("snooze"),
        ..decision(Id::Snooze, "snooze", &["z"], REORDERS)
    },
    Command {
        doc: "Accept proposals: the supplier is asked, or goods are sent; asks first.",
        hint: Some("accept"),
        ..decision(Id::AcceptMeasure, "accept", &["a"], COORDINATION)
    },
    Command {
        doc: "Turn proposals down, with a reason that is shown next time.",
        hint: Some("reject"),
        ..decision(Id::TurnDown, "turn-down", &["x"], COORDINATION)
    },
    Command {
        doc: "Put proposals off until a day.",
        hint: Some("snooze"),
        ..decision(Id::PutOff, "put-off", &["z"], COORDINATION)
    },
    Command {
        doc: "Ship the selected or marked orders as proposed; asks first.",
        hint: Some("accept"),
        ..decision(Id::AcceptShip, "accept-ship", &["a"], ALLOCATION)
    },
    Command {
        doc: "Pick another way to ship the selected order.",
        hint: Some("pick"),
        ..decision(Id::PickShip, "pick-ship", &["e"], ALLOCATION)
    },
    Command {
        doc: "Hold orders at their site until it has stock, or until a day.",
        hint: Some("hold"),
        ..decision(Id::HoldForStock, "hold-for-stock", &["z"], ALLOCATION)
    },
    Command {
        doc: "Ship all orders as proposed of which nothing is in doubt; asks first.",
        hint: Some("accept all clear"),
        ..decision(Id::AcceptClear, "accept-clear", &["b"], ALLOCATION)
    },
    Command {
        doc: "Approve a draft as the second person; asks first.",
        hint: Some("sign"),
        aliases: &["sign"],
        ..decision(Id::Countersign, "countersign", &["a"], PURCHASES)
    },
    Command {
        doc: "Receive goods of the selected line: all, short, over, damaged; later ones as a surplus.",
        hint: Some("receive"),
        ..decision(Id::ReceiveLine, "receive-line", &["r"], &[Screen::Purchase])
    },
    Command {
        doc: "Receive all that is still to come by the order; asks first.",
        hint: Some("receive all"),
        ..decision(Id::ReceiveAll, "receive-all", &["F"], &[Screen::Purchase])
    },
    Command {
        doc: "Send an order again that no target took; asks first.",
        hint: Some("send again"),
        ..decision(Id::Resend, "resend", &["e"], PURCHASES)
    },
    Command {
        doc: "Cancel an order of which nothing has arrived, with a reason; the supplier is told.",
        hint: Some("cancel order"),
        ..decision(Id::CancelOrder, "cancel-order", &["x"], PURCHASES)
    },
    Command {
        doc: "Close an order, with a reason: what has not arrived will not come.",
        hint: Some("close"),
        ..decision(Id::CloseOrder, "close-order", &["c"], PURCHASES)
    },
    Command {
        doc: "Dry run: the exact request that tells the supplier; nothing is sent.",
        hint: Some("request"),
        group: Group::Tables,
        on: PURCHASES,
        ..plain(Id::DryRun, "dry-run", &["d"])
    },
    Command {
        doc: "The orders to the selected line's supplier for its site; Esc comes back.",
        hint: Some("orders"),
        group: Group::Tables,
        on: REORDERS,
        ..plain(Id::TheirOrders, "their-orders", &["o"])
    },
    Command {
        doc: "What is proposed to be ordered from this supplier for this site; Esc comes back.",
        hint: Some("proposals"),
        group: Group::Tables,
        on: PURCHASES,
        ..plain(Id::TheirProposals, "their-proposals", &["o"])
    },
    Command {
        doc: "Hold: the store is to stop the case's orders, or the marked ones; asks first.",
        hint: Some("hold"),
        ..decision(Id::Hold, "hold", &["h"], TRIAGE)
    },
    Command {
        doc: "Release: nothing is wrong; orders that are held go on. Asks first.",
        hint: Some("release"),
        ..decision(Id::Release, "release", &["r"], TRIAGE)
    },
    Command {
        doc: "Cancel: the store is to call the orders off; asks first.",
        hint: Some("cancel"),
        ..decision(Id::CallOff, "call-off", &["c"], TRIAGE)
    },
    Command {
        doc: "Refund watch: the orders may go, and what comes back of them is looked at.",
        hint: Some("watch refunds"),
        ..decision(Id::RefundWatch, "refund-watch", &["f"], TRIAGE)
    },
    Command {
        doc: "Dealt with: it was right to ask, and somebody saw to it elsewhere.",
        hint: Some("dealt with"),
        ..decision(Id::DealtWith, "dealt-with", &["d"], TRIAGE)
    },
    Command {
        doc: "Put a case off until a time or for hours.",
        hint: Some("snooze"),
        ..decision(Id::SnoozeCase, "snooze-case", &["z"], TRIAGE)
    },
    Command {
        doc: "Make a case yours, or nobody's again.",
        hint: Some("mine"),
        ..decision(Id::Take, "take", &["a"], TRIAGE)
    },
    Command {
        doc: "Assign a case to somebody; a user may follow.",
        args: "[USER]",
        hint: Some("assign"),
        ..decision(Id::Assign, "assign", &["A"], TRIAGE)
    },
    Command {
        doc: "Hand a case over to who comes next, with a word to them.",
        hint: Some("hand over"),
        ..decision(Id::HandOver, "hand-over", &["H"], TRIAGE)
    },
    Command {
        doc: "Mute the rule about this customer, SKU or feed for a time, with a reason.",
        hint: Some("mute"),
        ..decision(Id::Mute, "mute", &["M"], TRIAGE)
    },
    Command {
        doc: "What waits tonight, at any hour, or all cases with those that are decided.",
        hint: Some("which"),
        group: Group::Tables,
        on: &[Screen::Flags],
        ..plain(Id::Which, "which", &["o"])
    },
    Command {
        doc: "The past of the case's customer, with what was flagged in it.",
        hint: Some("customer"),
        group: Group::Tables,
        on: TRIAGE,
        ..plain(Id::CustomerPast, "customer-past", &["e"])
    },
    Command {
        doc: "The past of the case's SKU, with what was flagged in it.",
        hint: Some("SKU"),
        group: Group::Tables,
        on: TRIAGE,
        ..plain(Id::SkuPast, "sku-past", &["i"])
    },
    Command {
        doc: "Switch the selected rule on or off; asks first.",
        hint: Some("on or off"),
        ..decision(Id::SwitchRule, "switch-rule", &["o"], &[Screen::Rules])
    },
    Command {
        doc: "Back-test: of how many orders of the last weeks it would have spoken.",
        hint: Some("back-test"),
        group: Group::Tables,
        on: &[Screen::Rules],
        ..plain(Id::TestRule, "test-rule", &["b"])
    },
    Command {
        doc: "From which strength on the selected rule of orders speaks; `usual` is as it came.",
        hint: Some("threshold"),
        ..decision(Id::SetThreshold, "set-threshold", &["s"], &[Screen::Rules])
    },
    Command {
        doc: "End the selected mute, or bring it back while its time is not over; asks first.",
        hint: Some("end mute"),
        ..decision(Id::EndMute, "end-mute", &["e"], &[Screen::Rules])
    },
    Command {
        doc: "How its supplier keeps its word: on time, in full, bias, trend; a code may follow.",
        args: "[SUPPLIER]",
        hint: Some("supplier"),
        group: Group::Tables,
        on: SUPPLIED,
        ..plain(Id::Supplier, "supplier", &["I"])
    },
    Command {
        doc: "Read the selected records, or the selected feed's, again; they leave if understood.",
        hint: Some("retry"),
        ..decision(Id::Retry, "retry", &["r"], &[Screen::Quarantine, Screen::Feeds])
    },
    Command {
        doc: "Show in clear who this is about, for a reason; the journal keeps who asked.",
        ..decision(Id::Reveal, "reveal", &[], &[Screen::Order, Screen::Quarantine])
    },
    Command {
        doc: "Forget the customer for good: the key of all that is known is destroyed.",
        ..decision(Id::Forget, "forget", &[], &[Screen::Order])
    },
    Command {
        doc: "Forecast with the selected model from now on; asks first.",
        args: "[NAME]",
        hint: Some("use"),
        group: Group::Console,
        ..decision(Id::UseModel, "use-model", &["U"], &[Screen::Models])
    },
    Command {
        doc: "Roll back to the model that was in use before; asks first.",
        hint: Some("roll back"),
        group: Group::Console,
        ..decision(Id::UseBefore, "roll-back", &["B"], &[Screen::Models])
    },
    Command {
        doc: "Roll back to the network that scored orders before; asks first.",
        group: Group::Console,
        ..decision(Id::FlagsBefore, "roll-back-flags", &["F"], &[Screen::Models])
    },
    Command {
        doc: "Learn now from what was decided about flagged orders, in the background.",
        group: Group::Console,
        ..decision(Id::LearnFlags, "learn-flags", &["N"], &[Screen::Models])
    },
    Command {
        doc: "Undo your last decision, or the selected entry of the journal; says which first.",
        hint: Some("undo"),
        ..decision(Id::Undo, "undo", &["u"], ALL)
    },
    Command {
        doc: "From where the order ships: its case, to accept, pick or hold; Esc comes back.",
        hint: Some("ships from"),
        group: Group::Tables,
        on: &[Screen::Orders, Screen::Order],
        ..plain(Id::ShipsFrom, "ships-from", &["o"])
    },
    Command {
        doc: "Why this number: what it is made of, the arithmetic, who says so and when.",
        hint: Some("why"),
        group: Group::Tables,
        on: &[
            Screen::Overview,
            Screen::Stock,
            Screen::Sku,
            Screen::Order,
            Screen::Forecast,
            Screen::Totals,
            Screen::Reorders,
            Screen::Purchases,
            Screen::Allocation,
            Screen::Purchase,
            Screen::Coordination,
        ],
        ..plain(Id::Why, "why", &["w"])
    },
    Command { doc: "Copy the key of what is selected.", ..plain(Id::Copy, "copy", &["y"]) },
    Command { doc: "Ask the owner for fresh figures.", ..plain(Id::Refresh, "refresh", &["R"]) },
    Command {
        doc: "Pause the feeds, or let them go on (replay and demo).",
        changes: true,
        ..plain(Id::Pause, "pause", &["p"])
    },
    Command {
        doc: "Cancel the long work that runs; a work number may follow.",
        args: "[WORK]",
        changes: true,
        hint: Some("cancel work"),
        ..plain(Id::Cancel, "cancel", &["X"])
    },
    Command {
        doc: "Train the model in use on this store's demand, in the background.",
        hint: Some("train"),
        on: &[Screen::Models, Screen::Forecast, Screen::Sku],
        changes: true,
        ..plain(Id::Train, "train", &["L"])
    },
    Command {
        doc: "Replay the store's last weeks against simple rules, in the background.",
        hint: Some("replay"),
        on: &[Screen::Backtest],
        changes: true,
        ..plain(Id::Replay, "replay", &["r"])
    },
    Command {
        doc: "The next theme; a theme's name may follow.",
        args: "[NAME]",
        ..plain(Id::Theme, "theme", &["t"])
    },
    Command {
        doc: "Write this screen to files, as text and as SVG.",
        ..plain(Id::Dump, "dump", &["!"])
    },
    Command { doc: "Paint everything again.", ..plain(Id::Redraw, "redraw", &["ctrl-l"]) },
    Command { doc: "Suspend; `fg` comes back.", ..plain(Id::Suspend, "suspend", &["ctrl-z"]) },
    Command {
        doc: "Quit; from deeper down it asks for a second press.",
        aliases: &["q", "exit"],
        ..plain(Id::Quit, "quit", &["q", "ctrl-c"])
    },
    Command {
        doc: "Run any command by name, with completion.",
        hint: Some("command"),
        ..plain(Id::Palette, "palette", &[":"])
    },
    Command {
        doc: "All keys that work here.",
        hint: Some("help"),
        ..plain(Id::Help, "help", &["?"])
    },
];
