//! The engine as consoles and commands reach it.

use flate2::read::MultiGzDecoder;
use std::collections::HashMap;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::time::Duration;
use stockdeck::config::Config;
use stockdeck::demand::SeriesKey;
use stockdeck::domain::{Actor, Day, Qty, SiteId, Sku};
use stockdeck::engine::api::{
    Action, Answer, CasesAsked, ForecastRow, GroupBy, ImportJob, Outcome, PageOf, Query, StoreKind,
};
use stockdeck::engine::{Backend, Cancel, Engine, Handle, Setup};
use stockdeck::feed::Applied;
use stockdeck::tui::place::Screen;
use stockdeck::tui::screens::sort_columns;

fn open(dir: &Path) -> Handle {
    let setup = Setup {
        data_dir: dir.to_owned(),
        kind: StoreKind::Live,
        config: Config::default(),
        demo: Default::default(),
        paused: false,
        trainer: None,
    };
    Handle(Engine::open(setup).unwrap())
}

fn ann() -> Actor {
    Actor { user: "ann".into(), uid: 1000, from: "test".into() }
}

async fn import(engine: &Handle, path: &Path, preset: &str) -> Applied {
    let path = path.to_str().unwrap().into();
    let job = ImportJob { path, preset: preset.into(), columns: Vec::new(), date_order: None };
    match engine.act(ann(), Action::Import(job), Cancel::default()).await.unwrap() {
        Outcome::Worked { applied, .. } => {
            assert_eq!(applied.rejected, 0);
            applied
        }
        other => panic!("{other:?}"),
    }
}

async fn demand(
    engine: &Handle,
    after: Option<SeriesKey>,
    take: usize,
) -> Vec<(Sku, Day, Vec<Qty>)> {
    let (from, to) = (Day::parse("2009-12-01"), None);
    match engine.ask(Query::Demand { from, to, after, take }).await.unwrap() {
        Answer::Demand(series) => series.into_iter().map(|s| (s.sku, s.first, s.units)).collect(),
        other => panic!("{other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_column_that_the_console_sorts_by_is_known() {
    let folder = tempfile::tempdir().unwrap();
    let engine = open(folder.path());
    let tables: Vec<Screen> =
        Screen::ALL.iter().copied().filter(|screen| screen.is_table()).collect();
    for screen in tables {
        let columns = sort_columns(screen);
        assert!(!columns.is_empty());
        for (column, descending) in columns {
            let sort = Some(column.to_owned());
            let page = PageOf { sort, descending, limit: 10, ..PageOf::default() };
            let query = match screen {
                Screen::Orders => Query::Orders(page),
                Screen::Stock => Query::Stock(page),
                Screen::Journal => Query::Journal(page),
                Screen::Forecast => Query::Forecasts(page),
                Screen::Totals => Query::Totals(GroupBy::Category, page),
                Screen::Reorders => Query::Reorders(page),
                Screen::Purchases => Query::Purchases(page),
                Screen::Flags => Query::Flags(CasesAsked { page, ..CasesAsked::default() }),
                Screen::Coordination => Query::Coordination(page),
                Screen::Expected => Query::Expected { by_sku: false, page },
                Screen::Allocation => Query::Allocations(page),
                _ => Query::Quarantine(page),
            };
            let answer = engine.ask(query).await;
            assert!(answer.is_ok(), "{screen:?} by {column}: {answer:?}");
        }
    }
    engine.0.close().await;
}

/// Three invoices of Online Retail's shape: a sale, the same customer's sale and return of one day,
/// and a line that is no product.
const INVOICES: &str = "\
invoice,stock_code,description,quantity,invoice_ts,price,customer_id,country
489434,85048,GLASS BALL,12,2009-12-01T07:45:00,6.95,13085,United Kingdom
489434,79323P,PINK LIGHTS,4,2009-12-01T07:45:00,6.75,13085,United Kingdom
489435,85048,GLASS BALL,5,2009-12-03T09:00:00,6.95,13085,United Kingdom
489436,79323P,PINK LIGHTS,6,2009-12-03T10:00:00,6.75,13085,United Kingdom
489436,POST,POSTAGE,1,2009-12-03T10:00:00,18.00,13085,United Kingdom
C489437,79323P,PINK LIGHTS,-6,2009-12-03T12:00:00,6.75,13085,United Kingdom
";

#[tokio::test(flavor = "multi_thread")]
async fn demand_follows_from_an_imported_file_and_an_import_again_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("invoices.csv");
    std::fs::write(&file, INVOICES).unwrap();
    let data = folder.path().join("data");
    std::fs::create_dir(&data).unwrap();
    let engine = open(&data);
    import(&engine, &file, "online-retail").await;
    let units = |days: [i64; 3]| days.map(Qty::units).to_vec();
    let first = Day::parse("2009-12-01").unwrap();
    let expected = vec![
        ("79323P".into(), first, units([4, 0, 0])),
        ("85048".into(), first, units([12, 0, 5])),
    ];
    assert_eq!(demand(&engine, None, 9).await, expected);
    let again = folder.path().join("again.csv");
    std::fs::write(&again, format!("{INVOICES}\n")).unwrap();
    let known = import(&engine, &again, "online-retail").await;
    assert_eq!((known.new, known.changed), (0, 0));
    assert_eq!(demand(&engine, None, 9).await, expected);
    engine.0.close().await;
}

fn online_retail() -> Option<PathBuf> {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared");
    let shared = std::env::var_os("STOCKDECK_SHARED").map_or(beside, PathBuf::from);
    let folder = shared.join("data/online_retail");
    folder.is_dir().then_some(folder)
}

fn rows(path: PathBuf) -> csv::Reader<MultiGzDecoder<File>> {
    csv::Reader::from_reader(MultiGzDecoder::new(File::open(path).unwrap()))
}

/// Imports a folder's orders and compares the demand with its panel, cell by cell; the number of
/// cells.
async fn cells_equal_to_the_panel(folder: &Path) -> usize {
    let data = tempfile::tempdir().unwrap();
    let engine = open(data.path());
    import(&engine, &folder.join("orders.csv.gz"), "online-retail").await;
    let mut ours: HashMap<Sku, (Day, Vec<Qty>)> = HashMap::new();
    let mut after = None;
    loop {
        let series = demand(&engine, after, 500).await;
        let Some((sku, ..)) = series.last() else { break };
        after = Some(SeriesKey { sku: sku.clone(), site: SiteId::main() });
        ours.extend(series.into_iter().map(|(sku, first, units)| (sku, (first, units))));
    }
    let mut cells = 0;
    let mut panel = rows(folder.join("panel_daily.csv.gz"));
    let mut row = csv::StringRecord::new();
    while panel.read_record(&mut row).unwrap() {
        let (first, units) = &ours[&Sku::from(&row[0])];
        let day = Day::parse(&row[1]).unwrap();
        let index = usize::try_from(day.number() - first.number()).unwrap();
        assert_eq!(units[index], Qty::parse(&row[2]).unwrap(), "{} on {day}", &row[0]);
        cells += 1;
    }
    engine.0.close().await;
    cells
}

/// Twelve SKUs with much of what makes the data hard; see the README beside it.
#[tokio::test(flavor = "multi_thread")]
async fn an_extract_of_online_retail_gives_the_published_panel_in_every_cell() {
    let fixture = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/online_retail");
    assert_eq!(cells_equal_to_the_panel(&fixture).await, 12 * 683);
}

#[tokio::test(flavor = "multi_thread")]
async fn online_retail_imported_gives_the_published_panel_in_every_cell() {
    let Some(folder) = online_retail() else {
        eprintln!("skipped: no ../shared/data/online_retail and no STOCKDECK_SHARED");
        return;
    };
    assert_eq!(cells_equal_to_the_panel(&folder).await, 2_000 * 683);
}

/// The forecasts of a store whose data have ended, once all that sold lately are there.
async fn forecasts(engine: &Handle, least: usize) -> Vec<ForecastRow> {
    let mut changes = engine.changes();
    let found = async {
        loop {
            changes.borrow_and_update();
            let page = PageOf { limit: 50, ..PageOf::default() };
            match engine.ask(Query::Forecasts(page)).await.unwrap() {
                Answer::Forecasts(rows) if rows.total >= least => return rows.rows,
                Answer::Forecasts(_) => changes.changed().await.unwrap(),
                other => panic!("{other:?}"),
            }
        }
    };
    tokio::time::timeout(Duration::from_secs(120), found).await.expect("forecasts in time")
}

#[tokio::test(flavor = "multi_thread")]
async fn what_sold_lately_is_forecast_by_itself_and_is_there_after_a_start() {
    let fixture = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/online_retail");
    let folder = tempfile::tempdir().unwrap();
    let engine = open(folder.path());
    import(&engine, &fixture.join("orders.csv.gz"), "online-retail").await;
    let rows = forecasts(&engine, 8).await;
    for row in &rows {
        assert_eq!(row.first, Day::parse("2011-10-15").unwrap(), "after the last day with orders");
        assert!(row.median <= row.high && row.daily >= 0.0, "{row:?}");
        assert_eq!(row.lasts, None, "nobody has said what is there");
        assert_eq!(&*row.model, "shipped");
        assert!(!row.old);
    }
    let best = rows.iter().map(|row| row.median).fold(0.0, f32::max);
    assert!(best > 50.0, "its best sellers sell by the hundred, and not {best}");
    engine.0.close().await;
    drop(engine);
    let engine = open(folder.path());
    let again = forecasts(&engine, rows.len()).await;
    let medians = |rows: &[ForecastRow]| -> HashMap<Sku, f32> {
        rows.iter().map(|row| (row.stock.sku.clone(), row.median)).collect()
    };
    assert_eq!(medians(&again), medians(&rows));
    engine.0.close().await;
}
