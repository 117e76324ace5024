//! The closed loop: the demo's merchant sells, the console forecasts, proposes and approves by itself,
//! its orders reach the suppliers over HTTP, who deliver late, short or in parts, and the feed tells
//! what has come. Beside it the same merchant, from the same seed, orders by the rule `tsb_cr`.
//!
//! A week among the tests; `STOCKDECK_LOOP_DAYS=180` plays half a year and holds it to its bars, and
//! `STOCKDECK_LOOP_SEED` another shop.

mod shipping;

use super::*;
use crate::config::{Reorders, Transfers};
use crate::demand::Known;
use crate::desk::buying::Powers;
use crate::engine::api::PageOf;
use crate::engine::buying::{run, tell_suppliers_of};
use crate::engine::forecasts::Maker;
use crate::feed::demo::catalogue::SITES;
use crate::feed::demo::rows::Status;
use crate::feed::demo::{Asked, Buyer, Config, DemoStore, Merchant, Request, ZONE, calendar};
use crate::feed::http::Credentials;
use crate::feed::woocommerce::{self, WooCommerce};
use crate::feed::{FeedContext, Source};
use crate::plan::backtest::{self, Classic, Policy, Replay, Review, Seen};
use crate::plan::inventory::LotRule;
use crate::plan::replenish::{Service, Services};
use std::collections::BTreeMap;
use std::time::Duration;
use tokio::sync::watch;

/// The share of demand that the console is told to serve, and that has to be served.
const FILL: f64 = 0.95;
/// Days after which the bars hold: what was on order at the beginning is sold by then.
const LONG: i64 = 180;

/// A line is urgent below this share of its level, to the shop's own buyer.
const URGENT: f64 = 0.6;

/// Days that are played among the tests.
const WEEK: i64 = 7;

/// Five in the morning of a Monday in March.
fn begin() -> Timestamp {
    Timestamp::parse("2026-03-02T05:00:00Z", &Zone::utc()).unwrap()
}

/// The shop that is played.
fn seed() -> u64 {
    std::env::var("STOCKDECK_LOOP_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(11)
}

fn config() -> Config {
    Config {
        history_days: 200,
        skus: 90,
        orders_per_day: 40.0,
        buyer: Buyer::Console,
        paired: true,
        ..Config::new(seed(), begin())
    }
}

/// An item at a site.
type Place = (usize, usize);

/// All places that stock something.
fn places(merchant: &Merchant) -> Vec<Place> {
    let items = merchant.catalogue().items.iter().enumerate();
    items
        .flat_map(|(item, of)| (0..SITES.len()).map(move |site| (item, site, of.stocked[site])))
        .filter_map(|(item, site, stocked)| stocked.then_some((item, site)))
        .collect()
}

fn on_hand(merchant: &Merchant) -> BTreeMap<Place, i64> {
    let units = |place: Place| (place, i64::from(merchant.shelf(place.0, place.1).on_hand));
    places(merchant).into_iter().map(units).collect()
}

/// Stock at cost, in pounds.
fn stock_value(merchant: &Merchant) -> f64 {
    let value = |(place, units): (Place, i64)| {
        units as f64 * f64::from(merchant.catalogue().items[place.0].cost) / 100.0
    };
    on_hand(merchant).into_iter().map(value).sum()
}

/// What changed stock after a moment, place by place.
#[derive(Clone, Copy, Debug, Default)]
struct Flow {
    receipts: i64,
    returns: i64,
    transfers_in: i64,
    sales: i64,
    transfers_out: i64,
    adjustments: i64,
}

impl Flow {
    fn closing(self, opening: i64) -> i64 {
        opening + self.receipts + self.returns + self.transfers_in
            - self.sales
            - self.transfers_out
            - self.adjustments
    }
}

/// The flows by the documents of the shop, its suppliers and its sites.
fn flows(merchant: &Merchant, since: u32) -> BTreeMap<Place, Flow> {
    let mut flows: BTreeMap<Place, Flow> = BTreeMap::new();
    for (index, order) in merchant.orders().iter().enumerate() {
        let site = usize::from(order.site);
        let lines = merchant.lines_of(order);
        for line in lines.iter().filter(|_| order.completed > since) {
            let flow = flows.entry((usize::from(line.item), site)).or_default();
            flow.sales += i64::from(line.qty);
        }
        let back = merchant.refunds_of(index as u32).filter(|(_, r)| r.restocked && r.at > since);
        for (line, qty) in back.flat_map(|(_, refund)| &refund.lines) {
            let item = usize::from(lines[usize::from(*line)].item);
            flows.entry((item, site)).or_default().returns += i64::from(*qty);
        }
    }
    for receipt in merchant.receipts().iter().filter(|receipt| receipt.at > since) {
        let site = usize::from(merchant.purchase_orders()[receipt.po as usize].site);
        let flow = flows.entry((usize::from(receipt.item), site)).or_default();
        flow.receipts += i64::from(receipt.qty);
    }
    for sent in merchant.transfers().iter().filter(|sent| sent.left > since) {
        let place = |site: u8| (usize::from(sent.item), usize::from(site));
        flows.entry(place(sent.from)).or_default().transfers_out += i64::from(sent.qty);
        flows.entry(place(sent.to)).or_default().transfers_in += i64::from(sent.arrived);
    }
    for one in merchant.adjustments().iter().filter(|one| one.at > since) {
        let flow = flows.entry((usize::from(one.item), usize::from(one.site))).or_default();
        flow.adjustments -= i64::from(one.delta);
    }
    flows
}

/// Asserts the balance of every place; how many there are.
fn balance(merchant: &Merchant, opening: &BTreeMap<Place, i64>, since: u32) -> usize {
    let flows = flows(merchant, since);
    let closing = on_hand(merchant);
    for (place, closing) in &closing {
        let flow = flows.get(place).copied().unwrap_or_default();
        assert_eq!(flow.closing(opening[place]), *closing, "item and site {place:?}: {flow:?}");
    }
    closing.len()
}

/// What came of a run.
#[derive(Clone, Copy, Debug, Default)]
struct Served {
    /// Units asked for.
    asked: f64,
    /// Of these, not sold for want of stock.
    lost: f64,
    /// Mean over the days of the stock at cost, pounds.
    stock: f64,
    /// Orders to suppliers.
    orders: usize,
}

impl Served {
    fn of(merchant: &Merchant, stock: &[f64]) -> Served {
        let since = calendar::seconds(begin());
        let placed = merchant.orders().iter().filter(|order| order.placed > since);
        let sold: u64 =
            placed.flat_map(|order| merchant.lines_of(order)).map(|l| u64::from(l.qty)).sum();
        let truth = merchant.truth();
        let lost: u64 =
            truth.lost.iter().filter(|l| l.at > begin()).map(|l| u64::from(l.units)).sum();
        Served {
            asked: (sold + lost) as f64,
            lost: lost as f64,
            stock: stock.iter().sum::<f64>() / stock.len() as f64,
            orders: merchant.purchase_orders().iter().filter(|po| po.ordered > since).count(),
        }
    }
    fn fill(self) -> f64 {
        1.0 - self.lost / self.asked
    }
}

/// The console at work on the demo's shop.
struct Loop {
    house: Arc<House>,
    shop: DemoStore,
    source: WooCommerce,
    context: FeedContext,
    maker: Maker,
    _stop: watch::Sender<bool>,
}

impl Loop {
    async fn open(dir: &Path) -> Loop {
        let (journal, _) = Journal::open(&dir.join(JOURNAL_FILE)).unwrap();
        let most = Money::parse("1000000", Currency::GBP);
        let automatic = Powers { may_approve: true, per_order: most, per_day: most };
        let house = Arc::new(House::new(Foundation {
            data_dir: dir.to_owned(),
            kind: StoreKind::Demo,
            zone: Zone::named(ZONE).unwrap(),
            currency: Currency::GBP,
            journal,
            pseudonyms: Pseudonyms::new([7; 32]),
            vault: Vault::open(dir, &[7; 32]).unwrap(),
            rules: Rules { automatic: Some(automatic), ..Rules::default() },
            store_key: [7; 32],
            simulated: Some(begin()),
        }));
        let services = Services::all(Service::Fill(FILL));
        house.planner.set_up(Reorders { services, ..Reorders::default() });
        house.load().unwrap();
        let clock = house.sim.clone().unwrap();
        let shop = DemoStore::start_with(config(), clock, None).await.unwrap();
        shop.ready().await.unwrap();
        let credentials = Credentials { key: shop.key.clone(), secret: shop.secret.clone() };
        let mut wanted = woocommerce::Config::new(shop.url.clone(), credentials);
        wanted.zone = house.zone.clone();
        let id = FeedId::from("demo");
        house.register(&id, "demo", Duration::from_secs(600));
        let (stop, stopped) = watch::channel(false);
        let context = FeedContext {
            id: id.clone(),
            ledger: house.clone(),
            board: house.board.clone(),
            pseudonyms: house.pseudonyms.clone(),
            stop: stopped,
        };
        tell_suppliers_of(&house, &shop);
        let source = WooCommerce::new(&id, wanted).unwrap();
        Loop { house, shop, source, context, maker: Maker::default(), _stop: stop }
    }

    /// Reads what the shop and its suppliers tell.
    async fn read(&mut self) {
        self.source.sync(&self.context).await.unwrap();
    }

    /// Forecasts all that is due.
    fn forecast(&mut self) {
        let (house, maker) = (self.house.clone(), &mut self.maker);
        tokio::task::block_in_place(|| {
            house.forecast_bell.look();
            while super::forecasts::pass(&house, maker) > 0 {}
            if maker.measure_spread(&Arc::downgrade(&house)).unwrap() {
                house.forecast_bell.look();
                while super::forecasts::pass(&house, maker) > 0 {}
            }
        });
    }

    /// A morning: forecast, approve, and after the grace period order.
    async fn morning(&mut self) {
        self.forecast();
        let house = self.house.clone();
        tokio::task::block_in_place(|| house.approve_when_due());
        let later = self.shop.clock.now() + Rules::GRACE + Span::minutes(1);
        self.shop.advance_to(later).await.unwrap();
        // From here on as in a running owner: orders are placed and told until they are taken.
        let stop = watch::Sender::new(false);
        let running = tokio::spawn(run(house.clone(), stop.subscribe()));
        let mut decided = house.decided.subscribe();
        let waits = || {
            let purchasing = house.purchasing.read();
            let transfers = purchasing.coordination().transfers();
            purchasing.has_drafts()
                || !purchasing.parcels().is_empty()
                || transfers.filter(|one| one.is_to_leave()).count() > 0
        };
        while waits() {
            decided.changed().await.unwrap();
        }
        stop.send_replace(true);
        running.await.unwrap();
    }

    /// Asserts that the console has the same stock on its shelves as the shop.
    async fn agrees(&self) {
        let house = self.house.clone();
        let same = move |merchant: &Merchant| {
            let book = house.stock.read();
            for ((item, site), units) in on_hand(merchant) {
                let sku = Sku::new(merchant.catalogue().items[item].code.clone());
                let known = book.position(&sku, &SITES[site].0.into());
                let known = known.and_then(Position::on_hand);
                // A shop tells nothing of what is not on its list yet.
                if merchant.catalogue().items[item].is_listed(merchant.today().number()) {
                    assert_eq!(known, Some(Qty::units(units)), "{sku} at {}", SITES[site].0);
                }
            }
        };
        self.shop.ask(same).await.unwrap();
    }
}

/// A person who accepts what is proposed about inbound goods and transfers, each as it stands; how many
/// transfers, and how many requests to suppliers.
fn accept_all(house: &House) -> [usize; 2] {
    let page = PageOf { filter: "is:proposed is:own".into(), limit: 500, ..PageOf::default() };
    let Answer::Coordination(rows) = ask(house, Query::Coordination(page)) else {
        panic!("coordination")
    };
    let mut accepted = [0, 0];
    for measure in rows.rows.into_iter().filter_map(|row| row.measure) {
        let is_request = matches!(measure, Measure::Line(_));
        match house.decide(ann(), measure.accept(), "as it stands") {
            Ok(_) => accepted[usize::from(is_request)] += 1,
            // What was accepted before it may have taken what it wanted to send.
            Err(refusal) => assert!(refusal.usage, "{refusal}"),
        }
    }
    accepted
}

#[tokio::test(flavor = "multi_thread")]
async fn goods_that_sites_send_each_other_balance_to_the_unit_at_all_three() {
    let dir = tempfile::tempdir().unwrap();
    let mut at = Loop::open(dir.path()).await;
    let services = Services::all(Service::Fill(FILL));
    let free = Transfers { per_order: Money::parse("0", Currency::GBP), ..Transfers::default() };
    at.house.planner.set_up(Reorders { services, transfers: free, ..Reorders::default() });
    at.read().await;
    let opening = at.shop.ask(on_hand).await.unwrap();
    let (mut sent, mut asked) = (0, 0);
    for day in 0..WEEK {
        at.shop.advance_to(begin() + Span::days(day)).await.unwrap();
        at.read().await;
        at.forecast();
        let house = at.house.clone();
        let [transfers, requests] = tokio::task::block_in_place(|| accept_all(&house));
        (sent, asked) = (sent + transfers, asked + requests);
        at.morning().await;
        // What its systems are told happens in the second after.
        let soon = at.shop.clock.now() + Span::seconds(2);
        at.shop.advance_to(soon).await.unwrap();
        at.read().await;
        let on_their_way = at.shop.ask(on_their_way).await.unwrap();
        assert_eq!(coming_from_sites(&at.house), on_their_way, "on day {day}");
    }
    at.shop.advance_to(begin() + Span::days(WEEK + 3)).await.unwrap();
    at.read().await;
    at.agrees().await;
    let since = calendar::seconds(begin());
    let moved = at.shop.ask(|merchant| merchant.transfers().iter().map(|t| t.qty).sum::<u32>());
    let moved = moved.await.unwrap();
    let places = at.shop.ask(|merchant| balance(merchant, &opening, since)).await.unwrap();
    println!("{sent} transfers of {moved} units, {asked} requests; {places} SKU-sites balance");
    assert!(sent > 0 && moved > 0, "{sent} transfers of {moved} units");
    assert!(coming_from_sites(&at.house).is_empty(), "all have come");
    let purchasing = at.house.purchasing.read();
    assert!(purchasing.coordination().requests().all(|one| one.answer.is_some()));
    assert_eq!(purchasing.given_up().count(), 0);
}

/// Units that have left a site and not come, by SKU and the site that they go to.
fn on_their_way(merchant: &Merchant) -> BTreeMap<(Sku, SiteId), Qty> {
    let mut units: BTreeMap<(Sku, SiteId), Qty> = BTreeMap::new();
    for sent in merchant.transfers().iter().filter(|sent| sent.open() > 0) {
        let sku = Sku::new(merchant.catalogue().items[usize::from(sent.item)].code.clone());
        let place = (sku, SITES[usize::from(sent.to)].0.into());
        *units.entry(place).or_default() += Qty::units(i64::from(sent.open()));
    }
    units
}

/// The same as the console knows it.
fn coming_from_sites(house: &House) -> BTreeMap<(Sku, SiteId), Qty> {
    let (book, purchasing) = (house.stock.read(), house.purchasing.read());
    let mut units: BTreeMap<(Sku, SiteId), Qty> = BTreeMap::new();
    for one in purchasing.coordination().transfers() {
        let Some((_, number, _)) = &one.left else { continue };
        let Some(po) = book.purchase_order_of(number) else { continue };
        let to_come = book.to_come(po, &one.order.sku);
        if to_come.is_positive() {
            *units.entry((one.order.sku.clone(), one.order.to.clone())).or_default() += to_come;
        }
    }
    units
}

/// The console's run, its balance asserted.
async fn by_the_console(days: i64) -> Served {
    let dir = tempfile::tempdir().unwrap();
    let mut at = Loop::open(dir.path()).await;
    at.read().await;
    at.agrees().await;
    let opening = at.shop.ask(on_hand).await.unwrap();
    let mut stock = Vec::new();
    for day in 0..days {
        at.shop.advance_to(begin() + Span::days(day)).await.unwrap();
        at.read().await;
        stock.push(at.shop.ask(stock_value).await.unwrap());
        at.morning().await;
        if day % 30 == 29 {
            let so_far = at.shop.ask(|merchant| Served::of(merchant, &stock)).await.unwrap();
            println!("day {}: {so_far:.0?}, fill {:.4}", day + 1, so_far.fill());
        }
    }
    at.shop.advance_to(begin() + Span::days(days)).await.unwrap();
    at.read().await;
    at.agrees().await;
    let since = calendar::seconds(begin());
    let places = at.shop.ask(|merchant| balance(merchant, &opening, since)).await.unwrap();
    println!("the balance holds at {places} SKU-sites");
    assert_eq!(at.house.purchasing.read().given_up().count(), 0);
    all_by_the_program(&at.house);
    at.shop.ask(|merchant| Served::of(merchant, &stock)).await.unwrap()
}

/// Every approval is in the journal as the program's, with what it went by.
fn all_by_the_program(house: &House) {
    let journal = house.journal.lock();
    let entries = (1..=journal.len()).map(|seq| journal.entry(seq).unwrap().unwrap());
    let approved: Vec<Entry> =
        entries.filter(|entry| matches!(entry.decision, Decision::Approve(_))).collect();
    assert!(!approved.is_empty(), "nothing was ordered");
    for entry in approved {
        assert_eq!(&*entry.actor.user, Rules::AUTOMATIC);
        assert!(entry.saw.contains("[approvals.automatic]"), "{}", entry.saw);
    }
}

/// The same merchant where `tsb_cr` orders, on each supplier's weekday. Suppliers take no order below their
/// minimum: where nothing is urgent it waits, and else it is raised, as the shop's own buyer does. To
/// `ignore` that shows what the rule would hold if any order were taken.
fn by_tsb(days: i64, ignore: bool) -> Served {
    let mut merchant = Merchant::new(config());
    let places = places(&merchant);
    let replay = replay(&merchant, &places);
    let mut rule = Classic::Tsb.on(&replay);
    let mut stock = Vec::new();
    for day in 0..days {
        merchant.advance_to(begin() + Span::days(day));
        stock.push(stock_value(&merchant));
        merchant.advance_to(merchant.now() + Rules::GRACE + Span::minutes(1));
        let units = sold(&merchant, &places);
        let known = units.iter().map(|days| vec![Known::All; days.len()]).collect();
        let seen = Seen { units, known };
        for supplier in 0..replay.suppliers.len() {
            if usize::from(replay.suppliers[supplier].review_weekday) != merchant.today().weekday()
            {
                continue;
            }
            let is_theirs = |place: &usize| replay.items[*place].supplier == supplier;
            let items: Vec<usize> = (0..places.len()).filter(is_theirs).collect();
            let position = |place: &usize| {
                let (item, site) = places[*place];
                let shelf = merchant.shelf(item, site);
                f64::from(shelf.available() + shelf.on_order)
            };
            let positions: Vec<f64> = items.iter().map(position).collect();
            let review = Review {
                day: seen.units[0].len() - 1,
                supplier,
                items: &items,
                seen: &seen,
                positions: &positions,
            };
            let levels = rule.order_up_to(&review).unwrap();
            let mut wanted: BTreeMap<usize, Vec<(Box<str>, u32)>> = BTreeMap::new();
            let mut worth: BTreeMap<usize, (u64, bool)> = BTreeMap::new();
            for ((place, level), position) in items.iter().zip(levels).zip(&positions) {
                let units = replay.items[*place].lot.order_for(level.ceil() - position).to_f64();
                let (item, site) = places[*place];
                if units > 0.0 {
                    let sku = merchant.catalogue().items[item].code.clone();
                    wanted.entry(site).or_default().push((sku, units as u32));
                    let cost = u64::from(merchant.catalogue().items[item].cost);
                    let (value, urgent) = worth.entry(site).or_default();
                    *value += cost * units as u64;
                    *urgent |= *position < level * URGENT;
                }
            }
            let code = merchant.catalogue().makers[supplier].code.clone();
            let least = u64::from(merchant.catalogue().makers[supplier].min_order);
            for (site, mut lines) in wanted {
                let (value, urgent) = worth[&site];
                if value < least && !ignore {
                    if !urgent {
                        continue;
                    }
                    let times = (least / value.max(1) + 1).min(6) as u32;
                    lines.iter_mut().for_each(|(_, units)| *units *= times);
                }
                let number: Box<str> = format!("T-{day}-{supplier}-{site}").into();
                let (supplier, site) = (code.clone(), SITES[site].0.into());
                let what = Request::Order { supplier, site, lines, due: None };
                let asked = Asked { key: number.clone(), at: 0, number, what };
                let taken = merchant.ask(asked).unwrap().unwrap();
                merchant.expect(taken);
            }
        }
    }
    merchant.advance_to(begin() + Span::days(days));
    Served::of(&merchant, &stock)
}

/// Units sold of each place on each day up to yesterday.
fn sold(merchant: &Merchant, places: &[Place]) -> Vec<Vec<f32>> {
    let zone = Zone::named(ZONE).unwrap();
    let first = begin().day(&zone).plus(-config().history_days);
    let days = usize::try_from(merchant.today().number() - first.number()).unwrap();
    let at: BTreeMap<Place, usize> = places.iter().copied().zip(0..).collect();
    let mut units = vec![vec![0.0; days]; places.len()];
    for order in merchant.orders() {
        let day = calendar::moment(order.placed).day(&zone).number() - first.number();
        let stands = !matches!(order.status, Status::Cancelled | Status::Failed);
        for line in merchant.lines_of(order).iter().filter(|_| stands) {
            let place = at.get(&(usize::from(line.item), usize::from(order.site)));
            if let Some(cell) = place.and_then(|place| units[*place].get_mut(day as usize)) {
                *cell += f32::from(line.qty);
            }
        }
    }
    units
}

/// What the rule knows: costs as the console is configured with by default, and what lead times really
/// are, which the console has to find out.
fn replay(merchant: &Merchant, places: &[Place]) -> Replay {
    let costs = crate::plan::replenish::Costs::default();
    let item = |(item, _): &Place| {
        let of = &merchant.catalogue().items[*item];
        let (cost, price) = (f64::from(of.cost) / 100.0, f64::from(of.list) / 100.0);
        let units = |n: u16| Qty::units(i64::from(n));
        backtest::Item {
            sku: of.code.to_string(),
            supplier: usize::from(of.supplier),
            unit_cost: cost,
            hold: cost * costs.holding_a_year / 365.0,
            lost: (price - cost) * costs.lost_share,
            lot: LotRule::new(units(of.moq), units(of.pack), None).unwrap(),
            initial_stock: 0.0,
        }
    };
    let supplier = |of: &crate::feed::demo::catalogue::Maker| {
        let variance = of.spread * of.spread;
        let mean = f64::from(of.lead) * of.stretch * (variance / 2.0).exp();
        backtest::Supplier {
            code: of.code.to_string(),
            lead_mean: mean,
            lead_sd: mean * (variance.exp() - 1.0).sqrt(),
            review_weekday: of.weekday,
        }
    };
    Replay {
        items: places.iter().map(item).collect(),
        suppliers: merchant.catalogue().makers.iter().map(supplier).collect(),
        ..Replay::default()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_loop_from_sale_to_receipt_closes_and_serves_with_less_stock_than_tsb() {
    let days = std::env::var("STOCKDECK_LOOP_DAYS").ok().and_then(|days| days.parse().ok());
    let days: i64 = days.unwrap_or(WEEK);
    let console = by_the_console(days).await;
    let tsb = by_tsb(days, false);
    let no_minimum = ("tsb_cr, where any order is taken", by_tsb(days, true));
    for (name, run) in [("console", console), ("tsb_cr", tsb), no_minimum] {
        println!(
            "{name}: {:.0} units asked for in {days} days, fill {:.4}, stock £{:.0} on average, {} orders",
            run.asked,
            run.fill(),
            run.stock,
            run.orders
        );
    }
    assert!(console.orders > 0, "nothing was ordered");
    // A week says nothing of how well either does.
    if days >= LONG {
        assert!((0.99..1.01).contains(&(console.asked / tsb.asked)), "not the same customers");
        assert!(console.fill() >= FILL, "fill {:.4}", console.fill());
        assert!(console.stock < tsb.stock, "£{:.0} against £{:.0}", console.stock, tsb.stock);
    }
}
