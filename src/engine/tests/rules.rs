//! Who may approve how much, changed while the owner runs.

use super::*;

#[test]
fn approvals_that_are_changed_in_the_configuration_hold_at_once() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("config.toml");
    let write = |text: &str| std::fs::write(&file, text).unwrap();
    write("[approvals]\ngrace = \"1m\"\n");
    let house = house(dir.path());
    house.follow_rules(Some(file.clone()));
    assert_eq!(house.rules().grace, Span::seconds(60));
    let supplier = Supplier {
        id: "S1".into(),
        name: "Maker".into(),
        lead_time_days: Some(6),
        review_weekday: None,
        min_order: None,
    };
    let product = Product { supplier: Some("S1".into()), ..Product::bare("A".into()) };
    let known = vec![Record::Supplier(supplier), Record::Product(product), on_hand("A", 5, at(0))];
    tell(&house, at(1), known);
    let approve = || {
        let line = Approval {
            sku: "A".into(),
            site: SiteId::main(),
            supplier: None,
            qty: Qty::units(24),
            cost: None,
            due: None,
            suggested: None,
        };
        let decided = house.decide(ann(), Decision::Approve(line), "");
        decided.map_err(|refusal| refusal.message)
    };
    write("[approvals]\nfour_eyes_above = 500\n[[approvals.person]]\nuser = \"bob\"\n");
    assert!(approve().unwrap_err().starts_with("ann may not approve orders"));
    assert!(house.troubles().is_empty(), "{:?}", house.troubles());

    write("[approvals]\nfour_eyes_above = much\n");
    assert!(approve().unwrap_err().starts_with("ann may not approve orders"), "it holds on");
    let trouble = house.troubles().concat();
    assert!(
        trouble.contains("config.toml:2:") && trouble.contains("as it was before"),
        "{trouble}"
    );

    write("[approvals]\nfour_eyes_above = 7000\n[reorders]\nholding_a_year = 0.3\n");
    approve().unwrap();
    let trouble = house.troubles().concat();
    assert!(trouble.contains("other settings hold when the owner is started anew"), "{trouble}");
    write("[approvals]\nfour_eyes_above = 7500\n");
    house.look_at_rules();
    assert!(house.troubles().is_empty(), "{:?}", house.troubles());
}
