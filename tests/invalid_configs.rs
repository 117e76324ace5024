//! Every way in which a configuration can be wrong, a file each: the real binary names the file, the
//! line and the field, says what would be right, exits with 2 and leaves everything as it was.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// File, line, words of the sentence.
const WRONG: &[(&str, usize, &[&str])] = &[
    ("unknown_table", 4, &["unknown field `stor`", "`store`"]),
    ("unknown_field", 2, &["console.colour", "unknown field `colour`", "`theme`"]),
    ("wrong_type", 2, &["store.zone", "expected a string"]),
    ("unknown_zone", 2, &["store.zone", "Mars/Olympus", "Europe/London"]),
    ("unknown_currency", 2, &["store.currency", "pounds", "GBP"]),
    ("unknown_group", 2, &["store.group", "no-such-group-here"]),
    ("unknown_theme", 2, &["console.theme", "plaid", "high-contrast"]),
    ("unknown_retraining", 2, &["models.retrain", "daily", "weekly, monthly or never"]),
    ("retraining_on_drift_by_word", 3, &["models.retrain_on_drift", "expected a boolean"]),
    ("not_toml", 1, &["unclosed"]),
    ("feed_without_name", 1, &["missing field `name`"]),
    ("feed_name_with_blank", 2, &["feed.name", "my shop", "letters, digits"]),
    ("feed_named_like_a_preset", 2, &["feed.name", "orders", "choose another"]),
    ("feed_named_twice", 6, &["feed.name", "drop", "rename one"]),
    ("feed_of_unknown_kind", 3, &["feed.kind", "shopify", "woocommerce, files"]),
    ("shop_without_url", 1, &["`url` is missing"]),
    ("shop_without_secret", 1, &["`secret` is missing"]),
    ("shop_with_bad_url", 4, &["feed.url", "shop.example.com", "https://"]),
    ("files_without_path", 1, &["`path` is missing"]),
    ("files_with_missing_path", 4, &["feed.path", "/nowhere/that/is/there"]),
    ("files_with_unknown_preset", 5, &["feed.preset", "\"order\"", "online-retail"]),
    ("files_with_unknown_column", 5, &["feed.columns", "order_no", "order_id"]),
    ("approvals_with_bad_grace", 2, &["approvals.grace", "soon", "10m"]),
    ("approvals_with_bad_amount", 2, &["approvals.four_eyes_above", "a lot", "GBP"]),
    ("person_named_twice", 5, &["approvals.person.user", "ann", "keep one"]),
    ("target_of_unknown_kind", 3, &["target.kind", "sap", "webhook, csv, json, mail"]),
    ("webhook_without_secret", 1, &["erp", "`secret` is missing"]),
    ("webhook_in_the_clear", 4, &["target.url", "https://"]),
    ("drop_without_path", 1, &["`path` is missing"]),
    ("target_named_twice", 6, &["target.name", "rename one"]),
    ("target_without_name", 1, &["missing field `name`"]),
    ("target_name_with_blank", 2, &["target.name", "my erp", "letters, digits"]),
    ("target_with_no_tries", 5, &["target.tries", "at least 1"]),
    ("webhook_without_url", 1, &["erp", "`url` is missing", "add url"]),
    ("webhook_with_bad_url", 4, &["target.url", "erp.example.com", "https://"]),
    ("webhook_with_timeout_of_zero", 6, &["target.timeout_seconds", "at least 1"]),
    ("webhook_with_empty_secret", 1, &["erp", "secret is empty", "give one"]),
    ("mail_with_bad_address", 5, &["target.to", "orders", "orders@supplier.example.com"]),
    ("drop_with_empty_path", 4, &["target.path", "name a folder"]),
    ("reorders_with_bad_service", 2, &["reorders.service", "0.5", "fill 0.97"]),
    ("reorders_with_unknown_class", 2, &["reorders.services", "\"D\"", "A, B, C or AX to CZ"]),
    ("reorders_with_negative_holding", 2, &["reorders.holding_a_year", "-0.1", "from 0 to 100"]),
    ("reorders_with_bad_lost_share", 2, &["reorders.lost_share", "1000", "from 0 to 100"]),
    ("reorders_with_bad_line_cost", 2, &["reorders.line_cost", "-1", "from 0 to 100"]),
    ("reorders_with_budget_of_nothing", 2, &["reorders.budget", "\"0\"", "5000.00"]),
    ("reorders_with_negative_storage", 2, &["reorders.storage", "-5"]),
    ("transfers_with_bad_cost", 2, &["transfers.per_order", "much", "GBP", "5.00"]),
    ("transfers_with_negative_unit_cost", 2, &["transfers.per_unit", "-0.1", "5.00"]),
    ("transfers_that_take_a_year", 2, &["transfers.days", "365", "0 to 60"]),
    ("reorders_with_unknown_field", 2, &["unknown field `sevice`", "`service`"]),
    ("shipping_with_unknown_zone", 7, &["shipping.site.rates", "europe", "home"]),
    ("shipping_with_bad_amount", 2, &["shipping.split_penalty", "a lot", "2.90"]),
    ("shipping_with_two_late_penalties", 2, &["shipping.late_penalty", "priority 1, 2 and 3"]),
    ("shipping_with_bad_cutoff", 5, &["shipping.site.cutoff", "15:30", "15:00"]),
    ("shipping_zone_named_twice", 5, &["shipping.zone", "home", "rename one"]),
    ("shipping_zone_with_bad_country", 4, &["shipping.zone", "England", "GB"]),
    ("shipping_zone_with_bad_priority", 4, &["shipping.zone.priority", "from 1 to 3"]),
    ("shipping_with_unknown_target", 1, &["shipping.target", "erp", "[[target]]"]),
    ("shipping_site_with_negative_capacity", 4, &["shipping.site.packages_a_day", "from 0"]),
    ("shipping_site_named_twice", 6, &["shipping.site", "main", "put both together"]),
    ("shipping_with_bad_share", 2, &["shipping.short_share", "0.5"]),
    ("supplier_without_id", 1, &["missing field `id`"]),
    ("supplier_named_twice", 5, &["supplier.id", "acme", "put them together"]),
    ("supplier_closed_backwards", 3, &["supplier.closed", "2027-01-02", "2026-12-24..2027-01-02"]),
    ("approvals_with_bad_prefix", 2, &["approvals.prefix", "PO-"]),
    ("person_without_user", 2, &["approvals.person.user", "user name"]),
    ("person_with_bad_limit", 3, &["approvals.person.per_day", "-5", "GBP"]),
    (
        "automatic_without_daily_limit",
        1,
        &["approvals.automatic", "`per_day` is missing", "add per_day"],
    ),
    ("automatic_with_bad_limit", 2, &["approvals.automatic.per_order", "unlimited", "500"]),
    ("channel_without_name", 1, &["missing field `name`"]),
    ("channel_name_with_blank", 2, &["notify.name", "my desk", "letters, digits"]),
    ("channel_named_twice", 5, &["notify.name", "rename one"]),
    ("channel_of_unknown_kind", 3, &["notify.kind", "pager", "console, event, chat"]),
    ("channel_with_unknown_field", 4, &["unknown field `volume`"]),
    ("channel_with_unknown_severity", 4, &["notify.least", "severe", "low, medium or high"]),
    ("channel_with_bad_value", 4, &["notify.least_value", "much", "GBP"]),
    ("channel_with_bad_hours", 4, &["notify.quiet", "22-7", "22:00-07:00"]),
    ("channel_with_hours_of_nothing", 4, &["notify.quiet", "22:00-07:00"]),
    ("channel_loud_without_quiet", 4, &["notify.loud", "no quiet hours", "add quiet"]),
    ("channel_with_rate_of_zero", 4, &["notify.per_hour", "from 1 to"]),
    ("channel_with_burst_of_zero", 4, &["notify.burst", "from 1 to"]),
    ("channel_with_bad_time", 4, &["notify.again_after", "tomorrow", "2h"]),
    ("console_with_unknown_escape", 4, &["notify.desktop", "osc99", "auto, osc9, osc777, off"]),
    ("console_with_url", 4, &["notify.url", "kind console has none"]),
    ("console_that_tells_nothing", 4, &["notify.bell", "nothing would be told"]),
    ("hook_with_bell", 6, &["notify.bell", "kind event has none", "console"]),
    ("hook_without_url", 1, &["oncall", "`url` is missing", "add url"]),
    ("hook_without_secret", 1, &["oncall", "`secret` is missing"]),
    ("hook_with_empty_secret", 1, &["oncall", "secret is empty"]),
    ("hook_with_bad_url", 4, &["notify.url", "chat.example.com", "https://"]),
    ("hook_in_the_clear", 4, &["notify.url", "https://"]),
    ("hook_with_no_tries", 6, &["notify.tries", "at least 1"]),
    ("hook_with_timeout_of_zero", 6, &["notify.timeout_seconds", "at least 1"]),
    ("poll_of_zero", 5, &["feed.poll_seconds", "at least 1"]),
];

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/invalid_configs")
}

fn stockdeck(home: &Path, args: &[&str], variables: &[(&str, &str)]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_stockdeck"))
        .args(args)
        .env_clear()
        .env("HOME", home)
        .envs(variables.iter().copied())
        .output()
        .unwrap()
}

#[test]
fn every_file_is_named_with_line_field_and_mend() {
    let home = tempfile::tempdir().unwrap();
    for (name, line, words) in WRONG {
        let file = folder().join(format!("{name}.toml"));
        let config = file.to_str().unwrap();
        let output = stockdeck(home.path(), &["config", "check", "--config", config], &[]);
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{name}: {said}");
        assert!(said.starts_with(&format!("stockdeck: {config}:{line}: ")), "{name}: {said}");
        assert_eq!(said.lines().count(), 1, "{name}: {said}");
        for word in *words {
            assert!(said.contains(word), "{name}: {word} is not in: {said}");
        }
    }
    assert_eq!(std::fs::read_dir(home.path()).unwrap().count(), 0, "something was left behind");
}

#[test]
fn every_file_in_the_folder_is_checked() {
    let mut files: Vec<String> = std::fs::read_dir(folder())
        .unwrap()
        .map(|entry| entry.unwrap().path().file_stem().unwrap().to_string_lossy().into_owned())
        .collect();
    let mut told: Vec<&str> = WRONG.iter().map(|(name, ..)| *name).collect();
    files.sort();
    told.sort();
    assert_eq!(files, told);
}

#[test]
fn a_wrong_variable_is_named_as_well() {
    let home = tempfile::tempdir().unwrap();
    for (name, value, words) in [
        ("STOCKDECK_ZOEN", "UTC", "there is no such variable; there are STOCKDECK_CONFIG"),
        ("STOCKDECK_ZONE", "Mars", "no time zone"),
        ("STOCKDECK_GROUP", "no-such-group-here", "there is no group"),
        ("STOCKDECK_THEME", "plaid", "high-contrast"),
        ("STOCKDECK_READ_ONLY", "perhaps", "neither true nor false"),
        ("STOCKDECK_FEED_SHOP_SECRET", "x", "there is no feed \"shop\""),
        ("STOCKDECK_FEED_SHOP_URL", "x", "only _KEY and _SECRET"),
        ("STOCKDECK_NOTIFY_ONCALL_SECRET", "x", "there is no channel \"oncall\""),
        ("STOCKDECK_NOTIFY_ONCALL_URL", "x", "only _SECRET"),
    ] {
        let output = stockdeck(home.path(), &["config", "check"], &[(name, value)]);
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{name}: {said}");
        assert!(said.starts_with(&format!("stockdeck: {name}: ")), "{said}");
        assert!(said.contains(words), "{said}");
    }
    assert_eq!(std::fs::read_dir(home.path()).unwrap().count(), 0, "something was left behind");
}
