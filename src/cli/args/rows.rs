//! Which rows are wanted and how they are printed; which file is read and how.

use clap::{Args, ValueEnum};

/// A page of a table.
#[derive(Args, Debug, Clone)]
pub struct PageArgs {
    /// Filter, as in the console: words, field:value, qty:>100, !negated
    #[arg(long, default_value = "", value_name = "TEXT")]
    pub filter: String,
    /// Column to sort by
    #[arg(long, value_name = "COLUMN")]
    pub sort: Option<String>,
    /// Smallest (oldest) first
    #[arg(long)]
    pub ascending: bool,
    /// Rows at most [default: 100 in a table, all in json and csv]
    #[arg(long, value_name = "N")]
    pub limit: Option<usize>,
    /// Rows to skip
    #[arg(long, default_value_t = 0)]
    pub offset: usize,
    /// How they are printed.
    #[command(flatten)]
    pub format: FormatArgs,
}

/// How rows are printed.
#[derive(Args, Debug, Clone, Copy)]
pub struct FormatArgs {
    /// Output format
    #[arg(long, value_enum, default_value_t = Format::Table)]
    pub format: Format,
}

/// Output formats.
#[derive(ValueEnum, Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Aligned columns for people.
    Table,
    /// A JSON array of objects.
    Json,
    /// CSV with a header line.
    Csv,
}

/// Formats of a printed screen.
#[derive(ValueEnum, Debug, Clone, Copy, PartialEq, Eq)]
pub enum ScreenFormat {
    /// Plain text.
    Text,
    /// A picture.
    Svg,
}

/// A file and how to read it.
#[derive(Args, Debug, Clone)]
pub struct FileArgs {
    /// CSV or NDJSON, plain, .gz or .zst; `-` is standard input
    pub file: String,
    /// How its columns are read: online-retail, orders, items, stock, suppliers, receipts. Orders of a
    /// file with neither `status` nor `shipped_at` count as shipped once they are 14 days old
    #[arg(long, default_value = "orders")]
    pub preset: String,
    /// Our field and their column, such as order_id=Invoice; may be repeated
    #[arg(long = "column", value_name = "FIELD=COLUMN")]
    pub columns: Vec<String>,
    /// Which comes first in dates such as 03/04/2011: dmy or mdy, or DD/MM/YYYY or MM/DD/YYYY;
    /// what the file says where not given
    #[arg(long, visible_alias = "date-format", value_name = "ORDER")]
    pub date_order: Option<String>,
}
