//! Working in the console: moving about, filtering, sorting, deciding.

use crate::shop::{NEWEST, OLDEST, Shop};
use std::time::Duration;

#[test]
fn a_new_home_gets_a_useful_screen_while_history_fills_in() {
    let shop = Shop::empty();
    let mut setup = shop.console(&[]);
    setup.args.clear();
    let terminal = crate::terminal::Terminal::open(setup);
    terminal.wait_text("TODAY");
    terminal.wait_text("demo");
    // The simulated merchant's history arrives with visible progress.
    terminal.wait("history comes in, in per cent", |seen| {
        let text = seen.text();
        text.contains('%') && (text.contains("to go") || text.contains("history"))
    });
}

#[test]
fn an_order_and_its_sku_are_two_keys_away_and_back() {
    let shop = Shop::filled();
    let mut terminal = shop.open(&[]);
    terminal.keys("2");
    terminal.wait_text(&NEWEST.to_string());
    terminal.keys("\r");
    terminal.wait_text(&format!("Orders › {NEWEST}"));
    terminal.wait_text("customer ");
    terminal.keys("\r");
    terminal.wait(&format!("a SKU of {NEWEST} is open"), |seen| {
        seen.text().contains(&format!("{NEWEST} › F1"))
    });
    terminal.keys("\x1b");
    terminal.wait("the order is back", |seen| {
        let top = seen.text().lines().next().unwrap_or_default().to_owned();
        top.contains(&NEWEST.to_string()) && !top.contains("› F1")
    });
    terminal.keys("\x1b");
    terminal.wait_text(" of 1,500");
    terminal.keys("1");
    terminal.wait_text("TODAY");
}

#[test]
fn a_filter_narrows_as_it_is_typed_and_goes_away() {
    let shop = Shop::filled();
    let mut terminal = shop.open(&[]);
    terminal.keys("2");
    terminal.wait_text(&NEWEST.to_string());
    terminal.keys(&format!("/number:{OLDEST}"));
    terminal.wait_text("1 found");
    terminal.wait_gone(&NEWEST.to_string());
    terminal.keys("9");
    terminal.wait_text("none");
    terminal.keys("\x7f\r");
    terminal.wait_text(&format!("filter number:{OLDEST}"));
    terminal.keys("\x1b");
    terminal.wait_text(&NEWEST.to_string());
}

#[test]
fn sorting_turns_the_table_round() {
    let shop = Shop::filled();
    let mut terminal = shop.open(&[]);
    terminal.keys("2");
    terminal.wait_text(&NEWEST.to_string());
    terminal.keys(":sort number\r");
    terminal.wait_text("by number, largest first");
    terminal.keys("S");
    terminal.wait_text("by number, smallest first");
    terminal.wait_text(&OLDEST.to_string());
    terminal.wait_gone(&NEWEST.to_string());
    terminal.keys("G");
    terminal.wait_text(&NEWEST.to_string());
    terminal.keys("g");
    terminal.wait_text(&OLDEST.to_string());
}

#[test]
fn the_palette_completes_and_help_lists_what_works_here() {
    let shop = Shop::filled();
    let mut terminal = shop.open(&[]);
    terminal.keys(":jour");
    terminal.wait_text("What people decided");
    terminal.keys("\r");
    terminal.wait("the journal is open", |seen| {
        seen.text().lines().next().is_some_and(|top| top.contains("Journal"))
    });
    terminal.keys("?");
    terminal.wait_text("Moving about");
    terminal.keys("\x1b");
    terminal.wait_gone("Moving about");
}

#[test]
fn a_note_is_journalled_unless_the_console_is_read_only() {
    let shop = Shop::filled();
    let mut terminal = shop.open(&["--read-only"]);
    terminal.wait_text("read-only");
    terminal.keys("2");
    terminal.wait_text(&NEWEST.to_string());
    terminal.keys("n");
    terminal.wait_text("This console is read-only");
    terminal.keys("q");
    terminal.wait_exit(crate::terminal::PATIENCE);
    assert!(!shop_says(&shop, &["journal"]).contains("left by the door"));

    let mut terminal = shop.open(&[]);
    terminal.keys("2");
    terminal.wait_text(&NEWEST.to_string());
    terminal.keys(":note left by the door\r");
    terminal.wait_text("left by the door");
    terminal.keys("\r");
    terminal.wait("the note is in the journal", |_| {
        shop_says(&shop, &["journal"]).contains("left by the door")
    });
}

fn shop_says(shop: &Shop, args: &[&str]) -> String {
    String::from_utf8(shop.run(args).stdout).unwrap()
}

#[test]
fn pasted_keys_become_one_filter_and_few_bytes() {
    let shop = Shop::filled();
    let mut terminal = shop.open(&[]);
    terminal.keys("2");
    terminal.wait_text(&NEWEST.to_string());
    let before = terminal.count();
    terminal.keys("/");
    terminal.wait_text("filter");
    terminal.keys(&format!("\x1b[200~{}\x1b[201~", "x".repeat(200)));
    terminal.wait_text("Nothing matches");
    terminal.keys("\x1b");
    terminal.wait_text(&NEWEST.to_string());

    // Two hundred keys at once: what they do is shown, not each on its way.
    terminal.keys(&"j".repeat(200));
    let target = (NEWEST - 200).to_string();
    terminal.wait(&format!("the cursor is on {target}"), |seen| {
        seen.text().lines().any(|line| line.contains('▸') && line.contains(&target))
    });
    terminal.wait_quiet(Duration::from_millis(200));
    let bytes = terminal.count() - before;
    assert!(bytes < 60_000, "{bytes} bytes for a filter and 200 keys");
}

#[test]
fn a_smaller_terminal_shows_the_same_and_a_larger_one_more() {
    let shop = Shop::filled();
    let mut terminal = shop.open(&[]);
    terminal.keys("2");
    terminal.wait_text(&NEWEST.to_string());
    for (columns, rows) in [(80, 24), (60, 12), (200, 60)] {
        terminal.resize(columns, rows);
        let shown = rows - if rows < 20 { 2 } else { 4 };
        terminal.wait(&format!("about {shown} rows at {columns}x{rows}"), |seen| {
            let text = seen.text();
            let is_order =
                |line: &&str| (NEWEST - 60..=NEWEST).any(|n| line.contains(&n.to_string()));
            let orders = text.lines().filter(is_order).count();
            orders + 3 >= usize::from(shown) && text.contains(&NEWEST.to_string())
        });
    }
}
