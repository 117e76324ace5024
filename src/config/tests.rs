use super::*;

fn error(text: &str) -> String {
    Config::parse(text, Path::new("c.toml"), &Variables::new()).unwrap_err().to_string()
}

#[test]
fn the_template_is_valid_with_and_without_its_comments() {
    Config::parse(TEMPLATE, Path::new("c.toml"), &Variables::new()).unwrap();
    let live: String = TEMPLATE
        .lines()
        .map(|l| match l.strip_prefix("# ") {
            Some(rest) if rest.contains(" = ") || rest.starts_with('[') => rest,
            _ => l,
        })
        .map(|l| format!("{l}\n"))
        .collect();
    let config = Config::parse(&live, Path::new("c.toml"), &Variables::new()).unwrap();
    assert_eq!(config.feeds.len(), 2);
    assert_eq!(config.targets.len(), 3);
    assert_eq!(config.notify.len(), 2);
    let again = Config::parse(
        &config
            .shown()
            .replace("# key and secret are set", "key = \"a\"\nsecret = \"b\"")
            .replace("# secret is set", "secret = \"...\""),
        Path::new("c.toml"),
        &Variables::new(),
    )
    .unwrap();
    assert_eq!(again.feeds.len(), 2);
    assert_eq!((again.targets, again.approvals), (config.targets, config.approvals));
    assert_eq!(again.notify, config.notify);
}

#[test]
fn models_are_trained_anew_as_configured() {
    let of = |text: &str| {
        Config::parse(text, Path::new("c.toml"), &Variables::new()).unwrap().retraining
    };
    assert_eq!(of(""), Retraining { every: Every::Month, on_drift: true });
    let never = of("[models]\nretrain = \"never\"\nretrain_on_drift = false\n");
    assert_eq!(never, Retraining { every: Every::Never, on_drift: false });
    assert_eq!(of(&never.shown()), never);
}

#[test]
fn who_may_approve_how_much_is_in_the_stores_currency() {
    let of =
        |text: &str| Config::parse(text, Path::new("c.toml"), &Variables::new()).unwrap().approvals;
    assert_eq!(of(""), Rules::default());
    let rules = of("[store]\ncurrency = \"EUR\"\n[approvals]\ngrace = \"2h\"\n\
                    four_eyes_above = 5000\n[[approvals.person]]\nuser = \"ann\"\n\
                    per_day = 99.5\n");
    assert_eq!(rules.grace, crate::domain::Span::hours(2));
    let limit = rules.four_eyes_above.unwrap();
    assert_eq!((limit.minor, limit.currency.code()), (500_000, "EUR"));
    assert_eq!(rules.of("ann").per_day.unwrap().minor, 9_950);
    assert!(rules.of("ann").may_approve && !rules.of("bob").may_approve);
}

#[test]
fn errors_name_file_line_field_and_mend() {
    for (text, line, words) in [
        ("[store]\nzone = \"Mars\"\n", 2, "store.zone: \"Mars\" is no time zone"),
        ("\n[stor]\n", 2, "unknown field `stor`"),
        ("[store]\nzone = 3\n", 2, "expected a string"),
        ("[[feed]]\nname = \"a\"\nkind = \"x\"\n", 3, "one of woocommerce, files"),
        ("[[feed]]\nname = \"a\"\nkind = \"woocommerce\"\n", 1, "field `url` is missing"),
        ("[[feed]]\nname = \"a b\"\nkind = \"files\"\n", 2, "letters, digits"),
        ("[[feed]]\nname=\"a\"\nkind=\"files\"\npath=\"x\"\npreset=\"y\"\n", 5, "online-retail"),
        ("[console]\nread_only = \"perhaps\"\n", 2, "expected a boolean"),
    ] {
        let message = error(text);
        assert!(message.starts_with(&format!("c.toml:{line}: ")), "{message}");
        assert!(message.contains(words), "{message}");
        assert!(!message.contains('\n'), "{message}");
    }
}

#[test]
fn variables_lie_over_the_file() {
    let mut variables = Variables::new();
    variables.insert("STOCKDECK_FEED_MY_SHOP_SECRET".into(), "s3".into());
    let text = "[[feed]]\nname=\"my-shop\"\nkind=\"woocommerce\"\nurl=\"https://x/\"\nkey=\"k\"\n";
    let mut config = Config::parse(text, Path::new("c.toml"), &variables).unwrap();
    let FeedKind::WooCommerce { credentials, url, .. } = &config.feeds[0].kind else { panic!() };
    assert_eq!((credentials.secret.as_str(), url.as_str()), ("s3", "https://x"));
    assert!(!config.shown().contains("s3"));
    variables.insert("STOCKDECK_ZONE".into(), "Nowhere".into());
    let message = config.overlay(&variables).unwrap_err().to_string();
    assert!(message.starts_with("STOCKDECK_ZONE: \"Nowhere\""), "{message}");
}

#[test]
fn transfers_cost_what_is_configured_and_something_where_nothing_is() {
    let of = |text: &str| {
        let config = Config::parse(text, Path::new("c.toml"), &Variables::new()).unwrap();
        config.reorders.transfers
    };
    assert_eq!(of(""), Transfers::default());
    let usual = of("").terms(Currency::GBP).unwrap();
    assert_eq!((usual.days, usual.cost(crate::domain::Qty::units(100)).minor), (2, 1_000));
    let own = of("[transfers]\ndays = 4\nper_order = \"12.50\"\nper_unit = \"0\"\n");
    let terms = own.terms(Currency::GBP).unwrap();
    assert_eq!((terms.days, terms.cost(crate::domain::Qty::units(100)).minor), (4, 1_250));
    assert_eq!(of(&own.shown()), own);
    assert_eq!(of("[transfers]\npropose = false\n").terms(Currency::GBP), None);
}

const SHOP: &str = "[[feed]]\nname=\"a\"\nkind=\"woocommerce\"\nurl=\"https://x\"\n\
                    key=\"ck_1\"\nsecret=\"cs_1\"\n";

#[test]
fn a_file_with_a_secret_that_others_can_read_is_refused() {
    use std::os::unix::fs::PermissionsExt;
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("config.toml");
    std::fs::write(&path, SHOP).unwrap();
    let mode = |mode| std::fs::set_permissions(&path, PermissionsExt::from_mode(mode)).unwrap();
    mode(0o644);
    let load = |variables: &Variables| Config::load(Some(&path), variables);
    let message = load(&Variables::new()).unwrap_err().to_string();
    assert!(message.contains("config.toml:5: ") && message.contains("chmod 600"), "{message}");
    let mut variables = Variables::new();
    variables.insert("STOCKDECK_FEED_A_KEY".into(), "ck_2".into());
    let message = load(&variables).unwrap_err().to_string();
    assert!(message.contains("config.toml:6: "), "{message}");
    variables.insert("STOCKDECK_FEED_A_SECRET".into(), "cs_2".into());
    assert!(load(&variables).is_ok(), "what the file holds is not used");
    mode(0o600);
    let config = load(&Variables::new()).unwrap();
    let shown = format!("{config:?}");
    assert!(!shown.contains("ck_1") && !shown.contains("cs_1"), "{shown}");
}

#[test]
fn an_address_that_would_send_the_secret_in_clear_is_refused_with_its_line() {
    let text = SHOP.replace("https://x", "http://shop.example");
    let error = Config::parse(&text, Path::new("c.toml"), &Variables::new()).unwrap_err();
    assert!(error.to_string().starts_with("c.toml:4: feed.url: http:// "), "{error}");
}
