//! The whole of Online Retail against its published panel, cell by cell.

use super::memory::{Index, Memory, line, order, series};
use super::{Ledger, OrderChange};
use crate::domain::*;
use flate2::read::MultiGzDecoder;
use rand::SeedableRng;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;
use std::collections::HashMap;
use std::fs::File;
use std::path::PathBuf;
use std::time::Instant;

fn folder() -> Option<PathBuf> {
    let beside = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared");
    let shared = std::env::var_os("STOCKDECK_SHARED").map_or(beside, PathBuf::from);
    let folder = shared.join("data/online_retail");
    folder.is_dir().then_some(folder)
}

fn rows(path: PathBuf) -> csv::Reader<MultiGzDecoder<File>> {
    csv::Reader::from_reader(MultiGzDecoder::new(File::open(path).unwrap()))
}

fn is_product(code: &str) -> bool {
    let digits = code.bytes().take_while(u8::is_ascii_digit).count();
    let letters = code.get(digits..).unwrap_or("");
    digits == 5 && letters.len() <= 2 && letters.bytes().all(|b| b.is_ascii_uppercase())
}

/// Every invoice as an order, in the file's order.
fn orders(folder: &std::path::Path) -> Vec<Order> {
    let mut orders: Vec<Order> = Vec::new();
    let mut places: HashMap<String, usize> = HashMap::new();
    let mut row = csv::StringRecord::new();
    let mut file = rows(folder.join("orders.csv.gz"));
    while file.read_record(&mut row).unwrap() {
        let place = *places.entry(row[0].to_owned()).or_insert_with(|| {
            let kind = match row[0].as_bytes()[0] {
                b'C' => OrderKind::Return,
                b'A' => OrderKind::Adjustment,
                _ => OrderKind::Sale,
            };
            let at = Timestamp::parse(&row[4], &Zone::utc()).unwrap();
            orders.push(order(&row[0], kind, at, Some(&row[6]).filter(|c| !c.is_empty())));
            orders.len() - 1
        });
        let code = row[1].to_uppercase();
        let class = if is_product(&code) { LineClass::Product } else { LineClass::Charge };
        let price = UnitPrice::parse(&row[5], Currency::GBP).unwrap();
        let qty = Qty::parse(&row[3]).unwrap();
        orders[place].lines.push(line(&code, class, qty, price.e4));
    }
    orders
}

fn import(pages: &[Vec<&Order>]) -> (Ledger, Memory) {
    let (mut ledger, mut buckets) = (Ledger::new(Zone::utc()), Memory::default());
    let mut index = Index::default();
    for page in pages {
        let changes: Vec<_> =
            page.iter().map(|order| OrderChange { old: None, new: Some(order) }).collect();
        ledger.apply_page(&mut buckets, &changes, &index).unwrap();
        page.iter().for_each(|order| index.put(order));
    }
    (ledger, buckets)
}

#[test]
fn demand_equals_the_published_panel_in_every_cell_whatever_the_order_of_arrival() {
    let Some(folder) = folder() else {
        eprintln!("skipped: no ../shared/data/online_retail and no STOCKDECK_SHARED");
        return;
    };
    let orders = orders(&folder);
    let in_order: Vec<&Order> = orders.iter().collect();
    let mut pages: Vec<Vec<&Order>> = in_order.chunks(1_000).map(<[_]>::to_vec).collect();
    let began = Instant::now();
    let (ledger, buckets) = import(&pages);
    eprintln!("{} orders in {:?}", orders.len(), began.elapsed());

    let (first, last) = (Day::parse("2009-12-01").unwrap(), Day::parse("2011-10-14").unwrap());
    assert_eq!(ledger.last_day(), Some(last));
    let mut known: HashMap<String, Vec<Qty>> = HashMap::new();
    let mut cells = 0;
    let mut row = csv::StringRecord::new();
    let mut panel = rows(folder.join("panel_daily.csv.gz"));
    while panel.read_record(&mut row).unwrap() {
        let units = known
            .entry(row[0].to_owned())
            .or_insert_with(|| ledger.series(&buckets, &series(&row[0]), first, last).unwrap());
        let day = Day::parse(&row[1]).unwrap();
        let ours = units[usize::try_from(day.number() - first.number()).unwrap()];
        assert_eq!(ours, Qty::parse(&row[2]).unwrap(), "{} on {day}", &row[0]);
        cells += 1;
    }
    assert_eq!(cells, 2_000 * 683);

    let mut random = ChaCha8Rng::seed_from_u64(20091201);
    for size in [1_000, 37] {
        let mut shuffled = in_order.clone();
        shuffled.shuffle(&mut random);
        pages = shuffled.chunks(size).map(<[_]>::to_vec).collect();
        let (again, cells) = import(&pages);
        assert!(cells == buckets, "pages of {size}, shuffled, give other cells");
        assert!(again.series_list().eq(ledger.series_list()));
    }
}
