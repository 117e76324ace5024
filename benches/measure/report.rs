//! Figures in a small table, each against its bar.

/// The value below which a share of the values lies.
pub fn percentile(values: &[f64], share: f64) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let last = sorted.len().saturating_sub(1);
    sorted.get((last as f64 * share).round() as usize).copied().unwrap_or(f64::NAN)
}

/// Prints a figure and whether it keeps to its bar.
pub fn line(what: &str, value: f64, unit: &str, bar: Option<f64>) {
    let against = match bar {
        None => String::new(),
        Some(bar) if value <= bar => format!("bar {bar}"),
        Some(bar) => format!("bar {bar}   MISSED"),
    };
    println!("{what:<44} {value:>10.2} {unit:<8} {against}");
}

/// Prints what the figures that follow are of.
pub fn head(title: &str) {
    println!("\n{title}");
}

/// Processors and load when this ran, since times depend on them.
pub fn machine() {
    let cores = std::thread::available_parallelism().map_or(0, std::num::NonZero::get);
    let load = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let load: Vec<&str> = load.split_whitespace().take(2).collect();
    println!("{cores} processors, load {}", load.join(" "));
}
