//! Online Retail (0.9 M lines) into a new store with its daily panels, by the real binary, beside
//! the same file only unpacked and only parsed. `cargo bench --bench import`.
//!
//! The file is `../shared/data/online_retail/orders.csv.gz`, or what `STOCKDECK_BENCH_FILE` names;
//! without it one of the same shape and size is made up.

mod measure;

use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use measure::stores::Home;
use measure::{process, report};
use rand::{Rng, SeedableRng};
use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::Instant;

const BAR_SECONDS: f64 = 15.0;
/// Invoices of the made-up file; the real one has some 45,000 with 20 lines each.
const INVOICES: u32 = 45_000;

fn main() {
    report::machine();
    let home = Home::fresh("import");
    let file = file(&home);
    let (unpack, bytes) = timed(|| std::io::copy(&mut open(&file), &mut std::io::sink()).unwrap());
    let (parse, rows) = timed(|| {
        let mut reader = csv::Reader::from_reader(open(&file));
        let mut record = csv::ByteRecord::new();
        let mut rows = 0_u64;
        while reader.read_byte_record(&mut record).unwrap() {
            rows += 1;
        }
        rows
    });
    report::head(&format!("{} ({rows} lines, {:.0} MB)", file.display(), bytes as f64 / 1e6));
    report::line("only unpacked", unpack, "s", None);
    report::line("only parsed by the csv crate", parse, "s", None);

    let data = home.data_dir();
    let data = data.to_str().unwrap();
    let owner = home.serve_live(data);
    let import =
        ["import", file.to_str().unwrap(), "--preset", "online-retail", "--data-dir", data];
    let (seconds, done) = timed(|| home.run(&import));
    assert!(done, "the import failed");
    report::line("imported with its panels", seconds, "s", Some(BAR_SECONDS));
    report::line("owner's processor time", process::cpu(owner.pid()).as_secs_f64(), "s", None);
    report::line("times a plain parse", seconds / parse, "", None);
    report::line("owner's memory", process::resident(owner.pid()) as f64 / 1e6, "MB", None);
    report::line("disk a line", process::disk(Path::new(data)) as f64 / rows as f64, "bytes", None);
    let demand = ["demand", "--format", "csv", "--data-dir", data];
    let (seconds, done) = timed(|| home.run(&demand));
    assert!(done);
    report::line("all daily panels as CSV", seconds, "s", None);
    let (seconds, _) = timed(|| home.run(&import));
    report::line("the same file again", seconds, "s", None);
}

fn timed<T>(work: impl FnOnce() -> T) -> (f64, T) {
    let began = Instant::now();
    let done = work();
    (began.elapsed().as_secs_f64(), done)
}

fn open(file: &Path) -> GzDecoder<File> {
    GzDecoder::new(File::open(file).unwrap())
}

fn file(home: &Home) -> PathBuf {
    let named = std::env::var_os("STOCKDECK_BENCH_FILE").map(PathBuf::from);
    let shared = "../shared/data/online_retail/orders.csv.gz";
    let given = named.unwrap_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join(shared));
    if given.exists() {
        return given.canonicalize().unwrap();
    }
    println!("{} is not there; one is made up", given.display());
    let file = home.folder().join("orders.csv.gz");
    make_up(&file);
    file
}

/// A file with the columns, the size and the rhythm of the real one.
fn make_up(file: &Path) {
    let mut rng = rand_chacha::ChaCha8Rng::seed_from_u64(1);
    let mut out = GzEncoder::new(File::create(file).unwrap(), Compression::fast());
    writeln!(out, "invoice,stock_code,description,quantity,invoice_ts,price,customer_id,country")
        .unwrap();
    for n in 0..INVOICES {
        let (day, minute) = (n / 120, n % 120 * 5);
        let date = jiff::civil::date(2010, 1, 4) + jiff::Span::new().days(i64::from(day));
        let stamp = format!("{date}T{:02}:{:02}:00", 8 + minute / 60, minute % 60);
        let customer = rng.random_range(12_000..18_000);
        for _ in 0..rng.random_range(1..40) {
            let sku = 20_000 + (rng.random::<f64>().powi(2) * 4_000.0) as u32;
            let (units, pence) = (rng.random_range(1..25), 50 + sku % 900);
            writeln!(
                out,
                "{},{sku},THING NUMBER {sku},{units},{stamp},{}.{:02},{customer},United Kingdom",
                489_434 + n,
                pence / 100,
                pence % 100
            )
            .unwrap();
        }
    }
    out.finish().unwrap();
}
