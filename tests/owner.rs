//! One owner and many clients, with the real binary: what each sees of the others, and what is left
//! when one of them is killed.

mod process;

use process::{Console, DEADLINE, Home, alive, kill, orders_csv, signal, wait_for};
use rustix::process::Signal;
use std::time::{Duration, Instant};

/// A merchant's store with a few orders.
fn home() -> Home {
    let home = Home::new("");
    let file = home.write("orders.csv", &orders_csv(40));
    home.run(&["import", file.to_str().unwrap(), "--preset", "orders"]);
    home
}

fn journal_screen(home: &Home) -> Console {
    let mut console = home.console(&[]);
    console.shows("Overview");
    console.press("5");
    console.shows("Journal");
    console
}

fn notes(home: &Home) -> String {
    home.json(&["journal"]).to_string()
}

#[test]
fn consoles_and_commands_see_each_others_notes() {
    let home = home();
    let mut first = home.console(&[]);
    first.shows("Overview");
    let second = journal_screen(&home);
    // A command's note is seen in both consoles, the one of a console in the other and by a command.
    home.run(&["note", "sku:SKU-1", "from the command line"]);
    let noted = Instant::now();
    second.shows("from the command line");
    assert!(noted.elapsed() < Duration::from_secs(1), "{:?}", noted.elapsed());
    first.press("2");
    first.shows("N000039");
    first.press("n");
    first.shows("Note");
    first.press("from the first console\r\r");
    let noted = Instant::now();
    second.shows("from the first console");
    assert!(noted.elapsed() < Duration::from_secs(1), "{:?}", noted.elapsed());
    assert!(notes(&home).contains("from the first console"));
    first.press("5");
    first.shows("from the command line");
    assert_eq!(home.json(&["status"]).to_string().matches("console ").count(), 2);
}

#[test]
fn a_killed_console_loses_nothing() {
    let home = home();
    let stays = journal_screen(&home);
    let mut dies = home.console(&[]);
    dies.shows("Overview");
    dies.press("2");
    dies.shows("N000039");
    dies.press("n");
    dies.shows("Note");
    dies.press("written before the end\r\r");
    stays.shows("written before the end");
    let owner = home.owner().unwrap();
    dies.kill();
    home.run(&["note", "sku:SKU-1", "written after it"]);
    stays.shows("written after it");
    assert_eq!(home.owner(), Some(owner), "the owner went with a console");
    assert!(notes(&home).contains("written before the end"));
}

#[test]
fn a_killed_owner_is_told_in_every_console_and_started_again_with_nothing_lost() {
    let home = home();
    let (first, second) = (journal_screen(&home), journal_screen(&home));
    home.run(&["note", "sku:SKU-1", "before the owner died"]);
    first.shows("before the owner died");
    let owner = home.owner().unwrap();
    kill(owner);
    for console in [&first, &second] {
        console.shows(&format!("(pid {owner}) was killed"));
        console.shows("before the owner died");
    }
    let next = wait_for("another owner", || home.owner());
    assert_ne!(next, owner);
    home.run(&["note", "sku:SKU-1", "after it came back"]);
    first.shows("after it came back");
    second.shows("after it came back");
    home.run(&["audit", "verify"]);
    assert_eq!(home.json(&["orders"]).as_array().unwrap().len(), 40);
}

#[test]
fn the_owner_is_in_a_session_of_its_own_and_leaves_with_the_last_console() {
    let home = home();
    let mut console = home.console(&[]);
    console.shows("Overview");
    let owner = home.owner().unwrap();
    let stat = std::fs::read_to_string(format!("/proc/{owner}/stat")).unwrap();
    let fields: Vec<&str> = stat.rsplit_once(')').unwrap().1.split_whitespace().collect();
    assert_eq!(fields[3], owner.to_string(), "the owner's session is not its own");
    // What the allocator is told before the owner begins, and nothing told by whoever started it.
    let environment = std::fs::read_to_string(format!("/proc/{owner}/environ")).unwrap();
    assert!(environment.contains("MALLOC_ARENA_MAX=1\0"), "{environment:?}");
    console.press("q");
    assert_eq!(console.ended(), 0);
    wait_for("the owner to end", || (!alive(owner)).then_some(()));
}

#[test]
fn a_second_owner_is_told_who_holds_the_store_and_since_when() {
    let home = home();
    let mut owner = home.serving(&[]);
    let pid = owner.0.id();
    let since = home.json(&["status"]).to_string();
    let second = home.output(&["serve"]);
    let said = String::from_utf8(second.stderr).unwrap();
    assert_eq!(second.status.code(), Some(1), "{said}");
    assert!(said.contains(&format!("the owner is process {pid} of ")), "{said}");
    assert!(said.contains("since 20") && said.lines().count() == 1, "{said}");
    assert!(since.contains(&pid.to_string()), "{since}");
    assert_eq!(owner.0.try_wait().unwrap(), None, "the first one ended");
}

#[test]
fn a_new_client_comes_in_while_the_last_owner_ends() {
    let home = home();
    for round in 0..12 {
        let note = format!("round {round}");
        home.run(&["note", "sku:SKU-1", &note]);
        // The owner lingers for 300 ms: some of these come while it ends.
        std::thread::sleep(Duration::from_millis(280 + 5 * round));
    }
    assert_eq!(home.json(&["journal"]).as_array().unwrap().len(), 12);
}

#[test]
fn a_replay_at_full_speed_does_not_wait_for_simulated_time() {
    let home = Home::new("");
    let file = home.write("orders.csv", &orders_csv(2_800));
    let began = Instant::now();
    home.run(&["replay", file.to_str().unwrap(), "--speed", "max"]);
    // 28 days of orders.
    assert!(began.elapsed() < DEADLINE, "{:?}", began.elapsed());
    assert_eq!(home.json(&["orders"]).as_array().unwrap().len(), 2_800);
}

#[test]
fn an_interrupted_replay_is_cancelled_in_the_owner_and_says_what_was_kept() {
    let home = Home::new("");
    let file = home.write("orders.csv", &orders_csv(2_800));
    // At this speed it would take eleven hours.
    let mut owner = home.serving(&["--kind", "replay"]);
    let mut command = home.command(&["replay", file.to_str().unwrap(), "--speed", "60"]);
    let child = command.stderr(std::process::Stdio::piped()).spawn().unwrap();
    wait_for("the first orders", || {
        home.json(&["orders"]).as_array().is_some_and(|rows| !rows.is_empty()).then_some(())
    });
    let pid = rustix::process::Pid::from_raw(child.id().cast_signed()).unwrap();
    rustix::process::kill_process(pid, rustix::process::Signal::INT).unwrap();
    let output = child.wait_with_output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("cancelled; the ") && said.contains("are kept"), "{said}");
    assert!(!home.json(&["status"]).to_string().contains("\"replay\":"), "it goes on");
    assert_eq!(owner.0.try_wait().unwrap(), None);
}

#[test]
fn a_mistake_leaves_no_store_behind() {
    let home = Home::new("");
    let csv = home.write("orders.csv", &orders_csv(3));
    let csv = csv.to_str().unwrap();
    let odd = home.write("odd.csv", "a,b\n1,2\n");
    for (args, code) in [
        (vec!["import", "typo.csv"], 1),
        (vec!["import", csv, "--preset", "nonsense"], 2),
        (vec!["import", csv, "--column", "order_id"], 2),
        (vec!["import", odd.to_str().unwrap()], 2),
        (vec!["replay", csv, "--speed", "fast"], 2),
        (vec!["--demo", "count", "A", "many", "--reason", "r"], 2),
        (vec!["--demo", "demand", "--from", "yesterday"], 2),
        (vec!["--demo", "screen", "overview", "--size", "wide"], 2),
        (vec!["--demo", "screen", "nowhere"], 2),
        (vec!["--demo", "note", "thing", "text"], 2),
        (vec!["--demo", "--demo-speed", "NaN", "orders"], 2),
        (vec!["--demo", "--demo-speed=-1", "orders"], 2),
        (vec!["--demo", "--demo-start", "soon", "orders"], 2),
    ] {
        let output = home.output(&args);
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(code), "{args:?}: {said}");
        assert!(!home.data_dir.exists(), "{args:?} made a folder");
    }
}

#[test]
fn a_frozen_owner_is_told_and_goes_on_by_itself() {
    let home = home();
    let mut console = home.console(&[]);
    console.shows("Overview");
    let owner = home.owner().unwrap();
    signal(owner, Signal::STOP);
    let stopped = Instant::now();
    console.shows(&format!("Owner (pid {owner}) does not answer since "));
    assert!(stopped.elapsed() < Duration::from_secs(4), "{:?}", stopped.elapsed());
    // A key that is pressed blindly does nothing later.
    console.press("2");
    console.shows("That key was not taken");
    signal(owner, Signal::CONT);
    console.shows("stockdeck  Overview");
    assert!(!console.text().contains("does not answer"), "{}", console.text());
    assert_eq!(home.owner(), Some(owner));
    console.press("5");
    console.shows("Journal");
    assert!(!console.text().contains("Orders"), "{}", console.text());
}

#[test]
fn feeds_are_followed_in_another_folder_only_where_that_was_said() {
    let home = Home::new("[[feed]]\nname = \"drop\"\nkind = \"files\"\npath = \"drop\"\n");
    std::fs::create_dir(home.path("drop")).unwrap();
    home.write("drop/a.csv", &orders_csv(5));
    // The configuration was named, as it would be with --config.
    home.run(&["sync", "--once", "--data-dir", "named"]);
    assert_eq!(home.json(&["orders", "--data-dir", "named"]).as_array().unwrap().len(), 5);
    // One that lies in its usual place belongs to its own store.
    let usual = home.path("xdg-config/stockdeck");
    std::fs::create_dir_all(&usual).unwrap();
    std::fs::copy(home.path("config.toml"), usual.join("config.toml")).unwrap();
    let run = |args: &[&str]| {
        let mut command = home.command(args);
        command.env_remove("STOCKDECK_CONFIG").env_remove("STOCKDECK_DATA_DIR");
        command.output().unwrap()
    };
    let refused = run(&["sync", "--once", "--data-dir", "other"]);
    let said = String::from_utf8_lossy(&refused.stderr);
    assert!(refused.status.code() == Some(2) && said.contains("--config "), "{said}");
    let file = home.write("orders.csv", &orders_csv(3));
    let import = ["import", file.to_str().unwrap(), "--data-dir", "other", "--no-feeds"];
    assert!(run(&import).status.success());
    let status = run(&["status", "--data-dir", "other", "--no-feeds", "--format", "json"]);
    let status = String::from_utf8(status.stdout).unwrap();
    assert!(status.contains("live"), "{status}");
    let orders = run(&["orders", "--data-dir", "other", "--no-feeds", "--format", "json"]);
    let orders: serde_json::Value = serde_json::from_slice(&orders.stdout).unwrap();
    assert_eq!(orders.as_array().unwrap().len(), 3);
}

#[test]
fn what_was_decided_at_once_is_undone_by_one_command() {
    let home = home();
    let mut console = home.console(&[]);
    console.shows("Overview");
    console.press("2");
    console.shows("N000039");
    console.press("vjP");
    console.shows("2 marked things");
    console.press("\r");
    console.shows("2 as entries 1 to 2");
    let undone = home.run(&["undo"]);
    assert!(undone.contains("undid 2 of 2 decisions"), "{undone}");
    assert_eq!(home.output(&["undo"]).status.code(), Some(2), "nothing is left");
}
