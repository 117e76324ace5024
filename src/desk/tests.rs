mod allocating;
mod approvals;
mod coordination;
mod limits;
mod overrides;
mod quiet;
mod receiving;
mod triaging;
mod undoing;

use super::*;
use crate::domain::*;
use crate::insight::forecast::Overrides;
use crate::stock::{SalesAfter, StockBook};

/// A shop with two sites, two SKUs, a purchase order, a journal and what follows from it.
struct House {
    book: StockBook,
    marks: Marks,
    journal: Vec<Entry>,
    skus: Vec<Sku>,
    overrides: Overrides,
    purchasing: buying::Purchasing,
    orders: Vec<Order>,
    allocations: super::allocating::Allocations,
    rules: buying::Rules,
    proposals: Vec<((Sku, SiteId), buying::CurrentProposal)>,
    triage: triage::Triage,
    cases: std::collections::BTreeMap<CaseId, triage::CaseSeen>,
}

struct NoSales;

impl SalesAfter for NoSales {
    fn sales_after(&self, asked: &[(Sku, SiteId, Timestamp)]) -> Vec<(Qty, Qty)> {
        vec![(Qty::ZERO, Qty::ZERO); asked.len()]
    }
}

impl DeskView for House {
    fn knows_sku(&self, sku: &Sku) -> bool {
        self.skus.contains(sku)
    }
    fn skus(&self) -> Box<dyn Iterator<Item = &Sku> + '_> {
        Box::new(self.skus.iter())
    }
    fn sites(&self) -> Vec<SiteId> {
        vec![SiteId::main(), "north".into()]
    }
    fn model_in_use(&self) -> Result<String, String> {
        Ok("shipped".to_owned())
    }
    fn check_model(&self, version: &str) -> Result<(), String> {
        match version {
            "v0009" => Err("v0009: there is no such model".to_owned()),
            _ => Ok(()),
        }
    }
    fn feeds(&self) -> Vec<FeedId> {
        vec!["shop".into(), "files".into()]
    }
    fn feeds_with_order(&self, number: &OrderNo) -> Vec<FeedId> {
        if number.as_str() == "1001" { vec!["shop".into()] } else { vec![] }
    }
    fn position(&self, sku: &Sku, site: &SiteId) -> Option<Position> {
        self.book.position(sku, site).cloned()
    }
    fn purchase_order(&self, number: &PoNumber) -> Option<PurchaseOrder> {
        self.book.purchase_order_of(number).cloned()
    }
    fn to_come(&self, po: &PurchaseOrder, sku: &Sku) -> Qty {
        self.book.to_come(po, sku)
    }
    fn open_purchase_orders(&self, sku: &Sku) -> Vec<PoNumber> {
        self.book.open_purchase_orders(sku).iter().map(|po| po.number.clone()).collect()
    }
    fn knows_customer(&self, customer: &CustomerRef) -> bool {
        ["7Q2N8K4M1A", "0GONE00000"].contains(&customer.as_str())
    }
    fn knows_user(&self, user: &str) -> bool {
        [ANN, BOB].contains(&user)
    }
    fn customer_of(&self, order: &OrderKey) -> Option<CustomerRef> {
        (order.number.as_str() == "1001").then(|| "7Q2N8K4M1A".into())
    }
    fn has_rejected(&self, seq: u64) -> bool {
        seq == 4
    }
    fn is_forgotten(&self, whose: &Whose) -> bool {
        *whose == Whose::Customer("0GONE00000".into())
    }
    fn first_ahead(&self) -> Day {
        overrides::FIRST
    }
    fn model_expects(
        &self,
        sku: &Sku,
        site: Option<&SiteId>,
        from: Day,
        to: Day,
    ) -> Vec<(SiteId, Vec<Qty>)> {
        // Ten a day at main, where it sells.
        let days = (to.number() - from.number() + 1) as usize;
        let sells = self.skus.first() == Some(sku);
        let here = site.is_none_or(|site| *site == SiteId::main());
        if sells && here { vec![(SiteId::main(), vec![Qty::units(10); days])] } else { Vec::new() }
    }
    fn places(&self, _: &Sku) -> Vec<SiteId> {
        vec![SiteId::main()]
    }
    fn overrides(&self) -> &Overrides {
        &self.overrides
    }
    fn product(&self, sku: &Sku) -> Option<&Product> {
        self.book.product_of(sku)
    }
    fn cost_of(&self, sku: &Sku, qty: Qty) -> Option<UnitPrice> {
        let breaks = self.book.terms_of(sku).and_then(|terms| terms.breaks.as_deref());
        let reached = breaks.into_iter().flatten().filter(|step| step.from <= qty);
        let lowest = reached.max_by_key(|step| step.from).map(|step| step.cost);
        lowest.or_else(|| self.product(sku)?.cost)
    }
    fn suppliers(&self) -> Vec<SupplierId> {
        self.book.suppliers().map(|supplier| supplier.id.clone()).collect()
    }
    fn obstacle(&self, _: &Sku, _: &SiteId, supplier: &SupplierId) -> Option<String> {
        let known = self.book.supplier_of(supplier);
        let has = known.is_some_and(|known| known.lead_time_days.is_some());
        (!has).then(|| format!("{supplier} has no lead time; state one in the suppliers' file"))
    }
    fn comes_by(&self, supplier: &SupplierId) -> Option<Day> {
        let days = self.book.supplier_of(supplier)?.lead_time_days?;
        Some(self.today().plus(days.into()))
    }
    fn arrived(&self, number: &PoNumber, sku: &Sku) -> Qty {
        self.book.arrived(number, sku)
    }
    fn today(&self) -> Day {
        overrides::FIRST
    }
    fn start_of_today(&self) -> Timestamp {
        Timestamp::default()
    }
    fn proposal(&self, sku: &Sku, site: &SiteId) -> Option<buying::CurrentProposal> {
        self.proposals
            .iter()
            .find(|(at, _)| (&at.0, &at.1) == (sku, site))
            .map(|(_, one)| one.clone())
    }
    fn order(&self, key: &OrderKey) -> Option<Order> {
        self.orders.iter().find(|order| order.key == *key).cloned()
    }
    fn allocations(&self) -> &super::allocating::Allocations {
        &self.allocations
    }
    fn purchasing(&self) -> &buying::Purchasing {
        &self.purchasing
    }
    fn rules(&self) -> &buying::Rules {
        &self.rules
    }
    fn now(&self) -> Timestamp {
        Timestamp::default()
    }
    fn case(&self, case: CaseId) -> Option<triage::CaseSeen> {
        self.cases.get(&case).cloned()
    }
    fn triage(&self) -> &triage::Triage {
        &self.triage
    }
    fn flag_rules(&self) -> Vec<Box<str>> {
        ["quantity", "price", "phantom-stock"].map(Box::from).into()
    }
    fn flag_versions(&self) -> (u32, Vec<u32>) {
        (self.triage.model().map_or(0, |(version, _)| version), vec![0, 1, 2])
    }
}

const ANN: &str = "ann";
const BOB: &str = "bob";

/// A person of that name, with a number of their own.
fn actor(user: &str) -> Actor {
    let uid = 1_000 + user.bytes().map(u32::from).sum::<u32>();
    Actor { user: user.into(), uid, from: "test".into() }
}

impl House {
    fn new() -> Self {
        let mut book = StockBook::default();
        let line =
            PoLine { sku: "22423".into(), qty: Qty::units(20), received: Qty::ZERO, cost: None };
        book.purchase_order(&PurchaseOrder {
            number: "PO-7".into(),
            supplier: "S1".into(),
            site: SiteId::main(),
            status: PoStatus::Sent,
            ordered_at: Timestamp::default(),
            due_at: None,
            updated_at: Timestamp::default(),
            lines: vec![line],
        });
        let skus = vec!["22423".into(), "85123A".into()];
        let (marks, overrides) = (Marks::default(), Overrides::default());
        let mut house = House {
            book,
            marks,
            journal: Vec::new(),
            skus,
            overrides,
            purchasing: buying::Purchasing::default(),
            orders: Vec::new(),
            allocations: super::allocating::Allocations::default(),
            rules: buying::Rules::default(),
            proposals: Vec::new(),
            triage: triage::Triage::default(),
            cases: Default::default(),
        };
        house.hear(10, 0);
        house
    }
    /// The shop's own figure of 22423 at main.
    fn hear(&mut self, units: i64, at: i64) {
        let report = StockReport {
            sku: "22423".into(),
            site: SiteId::main(),
            qty: Some(Qty::units(units)),
            basis: StockBasis::OnHand,
            as_of: Timestamp::from_millis(at),
        };
        self.book.report(&report, &StockSource::Feed("shop".into()), &NoSales);
    }
    fn enter(&mut self, user: &str, decision: Decision, undoes: Option<u64>) -> u64 {
        let seq = self.journal.len() as u64 + 1;
        let at = Timestamp::from_millis(seq as i64 * 10);
        let entry = Entry {
            seq,
            at,
            wall: at,
            mono_ms: 0,
            actor: actor(user),
            decision,
            saw: String::new(),
            undoes,
            act: None,
        };
        self.journal.push(entry.clone());
        self.marks.apply(&entry);
        self.purchasing.apply(&entry);
        self.triage.apply(&entry);
        self.allocations.apply(&entry);
        self.carry_out(&entry);
        seq
    }
    fn carry_out(&mut self, entry: &Entry) {
        let journal = &self.journal;
        let at = |seq: u64| journal.iter().find(|e| e.seq == seq).map(|e| e.at);
        let known = (&self.marks, &self.purchasing);
        carry_out(entry, known, &at, &mut self.book, &NoSales);
        carry_out_override(entry, &mut self.overrides);
    }
    fn decide(&mut self, user: &str, decision: Decision) -> Result<u64, String> {
        let decision = check(decision, &actor(user), self).map_err(|error| error.to_string())?;
        Ok(self.enter(user, decision, None))
    }
    fn undo(&mut self, user: &str, target: Option<u64>) -> Result<u64, String> {
        let find = |seq: u64| self.journal.iter().find(|e| e.seq == seq).cloned();
        let (decision, undoes) =
            undo(target, user, &find, &self.marks, self).map_err(|error| error.to_string())?;
        Ok(self.enter(user, decision, Some(undoes)))
    }
    fn on_hand(&self, site: &str) -> Option<i64> {
        let position = self.book.position(&"22423".into(), &site.into())?;
        position.on_hand().map(Qty::trunc)
    }
}

fn sku() -> Sku {
    "22423".into()
}

fn receive(po: Option<&str>, qty: i64) -> Decision {
    let po = po.map(PoNumber::from);
    let (site, qty) = (SiteId::main(), Qty::units(qty));
    Decision::Receive { po, sku: sku(), site, qty, surplus: false, reason: None }
}

fn adjust(delta: i64) -> Decision {
    let (site, delta) = (SiteId::main(), Qty::units(delta));
    Decision::Adjust { sku: sku(), site, delta, po: None, reason: "broken".into() }
}

fn count(units: i64) -> Decision {
    let (site, counted) = (SiteId::main(), Qty::units(units));
    Decision::Count { sku: sku(), site, counted, reason: "shelf".into(), before: None }
}

fn transfer(from: &str, to: &str, units: i64) -> Decision {
    let (from, to, qty) = (from.into(), to.into(), Qty::units(units));
    Decision::Transfer { sku: sku(), from, to, qty, reason: "rebalance".into() }
}

fn note(subject: Subject, text: &str) -> Decision {
    Decision::Note { subject, text: text.into() }
}

fn an_order(feed: &str, number: &str) -> Subject {
    Subject::Order(OrderKey { feed: feed.into(), number: number.into() })
}

fn pin(on: bool) -> Decision {
    Decision::Pin { subject: Subject::Sku(sku()), on }
}

#[test]
fn what_cannot_be_meant_is_refused_with_the_mend() {
    let house = House::new();
    let mistyped = |sku: &str, site: &str| Decision::Receive {
        po: None,
        sku: sku.into(),
        site: site.into(),
        qty: Qty::units(1),
        surplus: false,
        reason: None,
    };
    let no_reason = Decision::Adjust {
        sku: sku(),
        site: SiteId::main(),
        delta: Qty::units(1),
        po: None,
        reason: " \u{202e}\t".into(),
    };
    let long = "x".repeat(2_001);
    let uncount = Decision::Uncount { sku: sku(), site: SiteId::main(), before: None };
    let table = [
        (note(Subject::Sku(sku()), " \u{200b} "), "The note is empty; write a few words."),
        (note(Subject::Sku(sku()), &long), "The note has 2001 characters; shorten it to 2000."),
        (no_reason, "The reason is empty; write a few words."),
        (mistyped("22432", ""), "There is no SKU 22432; did you mean 22423?"),
        (mistyped("22423", ""), "There are several sites: main, north; say which one."),
        (mistyped("22432", "main"), "There is no SKU 22432; did you mean 22423?"),
        (mistyped("85123a", "main"), "There is no SKU 85123a; did you mean 85123A?"),
        (
            mistyped("XX\u{1b}[2J", "main"),
            "There is no SKU XX[2J; look for it on the stock screen.",
        ),
        (mistyped("22423", "nrth"), "There is no site nrth; did you mean north?"),
        (mistyped("22423", "x"), "There is no site x; name one that the feeds know."),
        (note(Subject::Feed("shpo".into()), "?"), "There is no feed shpo; did you mean shop?"),
        (
            note(an_order("files", "1001"), "?"),
            "There is no order files/1001; did you mean shop/1001?",
        ),
        (
            note(an_order("shop", "7"), "?"),
            "There is no order shop/7; look for it on the orders screen.",
        ),
        (note(an_order("shpo", "7"), "?"), "There is no feed shpo; did you mean shop?"),
        (receive(None, 0), "0 cannot be received; give a quantity above zero."),
        (receive(None, -1), "-1 cannot be received; give a quantity above zero."),
        (receive(Some("PO7"), 1), "There is no purchase order PO7; did you mean PO-7?"),
        (
            receive(Some("PO-7"), 201),
            "201 is more than ten times the 20 open on purchase order PO-7; check the figure.",
        ),
        (
            receive(Some("PO-7"), 21),
            "21 is more than the 20 of 22423 that are still to come by purchase order PO-7; call it a surplus with a reason if so many came (`--surplus`, or `r` on the order).",
        ),
        (
            receive(None, 10_000_001),
            "10000001 is more than the 10000000 units that one decision may move; check the figure.",
        ),
        (count(-1), "-1 cannot be counted; a shelf holds zero or more."),
        (adjust(0), "An adjustment by zero changes nothing; give the difference, such as -2."),
        (
            adjust(-11),
            "Only 10 of 22423 are at main, not 11; count the shelf first if there are more.",
        ),
        (transfer("main", "main", 1), "main cannot transfer to itself; name two sites."),
        (
            transfer("main", "north", 11),
            "Only 10 of 22423 are at main, not 11; count the shelf first if there are more.",
        ),
        (transfer("main", "north", 0), "0 cannot be transferred; give a quantity above zero."),
        (uncount, "A person cannot uncount directly; undo the journal entry that did it."),
        (
            Decision::Retract { seq: 1 },
            "A person cannot retract directly; undo the journal entry that did it.",
        ),
    ];
    for (decision, refusal) in table {
        let answer =
            check(decision.clone(), &actor(ANN), &house).map_err(|error| error.to_string());
        assert_eq!(answer, Err(refusal.to_owned()), "{decision:?}");
    }
}

#[test]
fn what_can_be_meant_passes() {
    let house = House::new();
    for decision in [
        note(an_order("shop", "1001"), "call back"),
        note(Subject::Feed("files".into()), "late again"),
        pin(true),
        Decision::Acknowledge { subject: Subject::Sku(sku()), on: true },
        receive(None, 500),
        receive(Some("PO-7"), 20),
        adjust(-10),
        transfer("main", "north", 10),
        transfer("north", "main", 3),
    ] {
        assert_eq!(check(decision.clone(), &actor(ANN), &house), Ok(decision));
    }
}

#[test]
fn texts_are_cleaned_and_a_count_remembers_what_it_replaces() {
    let house = House::new();
    let told =
        check(note(Subject::Sku(sku()), " wet\u{1b}[31m\nfloor "), &actor(ANN), &house).unwrap();
    assert_eq!(told, note(Subject::Sku(sku()), "wet[31m floor"));
    let shop = StockSource::Feed("shop".into());
    match check(count(0), &actor(ANN), &house).unwrap() {
        Decision::Count { before, .. } => {
            assert_eq!(before, Some((Qty::units(10), Timestamp::from_millis(0), shop)));
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn entries_applied_again_after_a_crash_change_nothing() {
    let mut house = House::new();
    house.decide(ANN, receive(None, 4)).unwrap();
    house.decide(ANN, transfer("main", "north", 1)).unwrap();
    house.decide(ANN, count(9)).unwrap();
    house.undo(ANN, None).unwrap();
    house.decide(ANN, pin(true)).unwrap();
    let (on_hand, marks) = (house.on_hand("main"), house.marks.clone());
    for entry in house.journal.clone() {
        house.marks.apply(&entry);
        house.carry_out(&entry);
    }
    assert_eq!((house.on_hand("main"), house.marks), (on_hand, marks));
    assert_eq!(on_hand, Some(13));
}

#[test]
fn notes_stand_until_they_are_taken_back_and_can_be_put_back() {
    let mut house = House::new();
    let subject = an_order("shop", "1001");
    let first = house.decide(ANN, note(subject.clone(), "one")).unwrap();
    let second = house.decide(BOB, note(subject.clone(), "two")).unwrap();
    assert_eq!(house.marks.notes(&subject), [first, second]);
    let back = house.undo(ANN, None).unwrap();
    assert_eq!(house.marks.notes(&subject), [second]);
    assert!(house.marks.is_retracted(first));
    assert_eq!(house.marks.about(&subject), [first, second, back], "the journal keeps it");
    house.undo(ANN, Some(back)).unwrap();
    assert_eq!(house.marks.notes(&subject), [first, second]);
    house.undo(ANN, Some(first)).unwrap();
    assert_eq!(house.marks.notes(&subject), [second]);
}

#[test]
fn pins_stand_newest_first_and_acknowledgements_know_their_moment() {
    let mut house = House::new();
    let order = an_order("shop", "1001");
    house.decide(ANN, pin(true)).unwrap();
    house.decide(ANN, Decision::Pin { subject: order.clone(), on: true }).unwrap();
    let pinned: Vec<_> = house.marks.pinned().cloned().collect();
    assert_eq!(pinned, [order.clone(), Subject::Sku(sku())]);
    house.undo(ANN, None).unwrap();
    assert!(!house.marks.is_pinned(&order) && house.marks.is_pinned(&Subject::Sku(sku())));

    house.decide(BOB, pin(false)).unwrap();
    assert_eq!(
        house.undo(ANN, Some(1)).unwrap_err(),
        "Entry 1 no longer counts, since the pin was changed after it; decide anew instead.",
    );

    let shop = Subject::Feed("shop".into());
    let seq = house.decide(ANN, Decision::Acknowledge { subject: shop.clone(), on: true }).unwrap();
    let moment = Timestamp::from_millis(seq as i64 * 10);
    assert_eq!(house.marks.acknowledged(&shop), Some((seq, moment)));
    house.undo(ANN, None).unwrap();
    assert_eq!(house.marks.acknowledged(&shop), None);
}

#[test]
fn what_was_done_to_a_skus_stock_is_about_the_sku() {
    let mut house = House::new();
    house.decide(ANN, receive(None, 1)).unwrap();
    house.decide(ANN, transfer("main", "north", 1)).unwrap();
    house.decide(ANN, note(Subject::Sku("85123A".into()), "other")).unwrap();
    assert_eq!(house.marks.about(&Subject::Sku(sku())), [1, 2]);
}

#[test]
fn reading_and_forgetting_a_person_need_a_reason_and_cannot_be_undone() {
    let mut house = House::new();
    let ann: Whose = Whose::Customer("7Q2N8K4M1A".into());
    let reveal = |whose: Whose, reason: &str| Decision::Reveal { whose, reason: reason.into() };
    let forget = |whose: Whose| Decision::Forget { whose, reason: "asked by post".into() };
    let refused = |house: &mut House, decision| house.decide(ANN, decision).unwrap_err();
    assert!(refused(&mut house, reveal(ann.clone(), " ")).contains("reason is empty"));
    let nobody = Whose::Customer("AAAAAAAAAA".into());
    assert!(refused(&mut house, forget(nobody)).contains("no customer AAAAAAAAAA"));
    let gone = Whose::Customer("0GONE00000".into());
    assert!(refused(&mut house, reveal(gone.clone(), "x")).contains("forgotten"));
    assert!(refused(&mut house, forget(gone)).contains("forgotten"));
    assert!(refused(&mut house, forget(Whose::Rejected(4))).contains("forget the customer"));
    assert!(refused(&mut house, reveal(Whose::Rejected(5), "x")).contains("no record 5"));

    let order = OrderKey { feed: "shop".into(), number: "1001".into() };
    house.decide(BOB, note(an_order("shop", "1001"), "a note")).unwrap();
    let read = house.decide(BOB, reveal(Whose::Order(order), "parcel came back")).unwrap();
    let meant = &house.journal.last().unwrap().decision;
    assert!(matches!(meant, Decision::Reveal { whose, .. } if *whose == ann), "{meant:?}");
    let forgotten = house.decide(BOB, forget(ann)).unwrap();
    for seq in [read, forgotten] {
        let error = house.undo(BOB, Some(seq)).unwrap_err();
        assert!(error.contains("cannot be undone"), "{error}");
    }
    house.undo(BOB, None).unwrap();
    let last = &house.journal.last().unwrap().decision;
    assert!(matches!(last, Decision::Retract { .. }), "undo goes past them: {last:?}");
}
