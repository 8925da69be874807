//! Arguments, in clap's words.

use crate::domain::dataset::Dataset;
use crate::domain::instrument::ExchangeId;
use crate::domain::interval::Interval;
use crate::domain::time::{Time, TimeParseError, parse_duration_ms};
use crate::export::Format;
use crate::export::time_form::TimeForm;
use clap::{Parser, Subcommand, ValueEnum};
use std::path::PathBuf;

/// Records crypto market data into one SQLite file and shows it in the terminal.
///
/// Without a subcommand the terminal app opens and records while it is open.
#[derive(Debug, Parser)]
#[command(name = "marketdata-tui", version, propagate_version = true, max_term_width = 100, after_help = exit_codes())]
pub struct Args {
    /// Options that hold for every subcommand.
    #[command(flatten)]
    pub global: Global,
    /// What to do; the terminal app where nothing is said.
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// Options that hold for every subcommand.
#[derive(Debug, Clone, clap::Args)]
#[command(next_help_heading = "Options of every subcommand")]
pub struct Global {
    /// The store's file; `config show` tells which one is taken without this
    #[arg(long, global = true, value_name = "FILE")]
    pub db: Option<PathBuf>,
    /// The config file
    #[arg(long, global = true, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// The exchange where a symbol names none: binance, binanceusdm, okx or kraken [default: the first of
    /// `record.exchanges`]
    #[arg(long, global = true, value_name = "NAME")]
    pub exchange: Option<ExchangeId>,
    /// What the log file holds: error, warn, info, debug or trace
    #[arg(long, global = true, value_name = "LEVEL")]
    pub log_level: Option<String>,
    /// Colours of the screen: auto, always or never; auto goes by `NO_COLOR` and by what the terminal can
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto", hide_possible_values = true)]
    pub color: Color,
    /// Seconds without any success after which a one-shot command gives up [default: `record.patience`]
    #[arg(long, global = true, value_name = "SECONDS", allow_hyphen_values = true)]
    pub patience: Option<String>,
}

fn exit_codes() -> String {
    let lines: Vec<String> = super::shell::EXIT_CODES.iter().map(|(code, meaning)| format!("  {code:<4} {meaning}")).collect();
    format!("Exit codes:\n{}", lines.join("\n"))
}

/// When to show colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Color {
    /// What the terminal can, unless `NO_COLOR` is set.
    Auto,
    /// Whatever `NO_COLOR` says.
    Always,
    /// Never.
    Never,
}

/// Subcommands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Record symbols
    Add(Add),
    /// Stop recording symbols; the data stays unless --purge
    Remove(Remove),
    /// Symbols with last price, coverage and gaps
    List(Json),
    /// Fetch the past of a symbol, registering it where needed
    Backfill(Backfill),
    /// Every gap with its range, reason and evidence; with --losses what streams missed
    Gaps(Gaps),
    /// Write a range of candles or other rows to a file or to standard output
    Export(Export),
    /// Prove the file, the ledgers against the rows, and the rollups; exit 3 when something is owed
    Check(Check),
    /// Recorder, store, exchanges, streams; exit 0 when healthy, 1 when not
    Status(Json),
    /// Record without a screen, until SIGINT (Ctrl-C), SIGTERM or SIGHUP
    Record,
    /// The terminal app on a built-in simulated exchange, without any network
    Demo,
    /// Terminal and paths; of each exchange: does it answer, the clock, do streams open
    Doctor,
    /// Where the config file lies, what is in force, or a new default file
    Config(Config),
    /// A completion script for a shell
    Completions {
        /// Which shell
        shell: clap_complete::Shell,
    },
    /// The manual page, in roff
    Man,
}

impl Command {
    /// Whether it writes to the store, and tells of it in the log file.
    pub const fn keeps_a_log(&self) -> bool {
        match self {
            Self::Add(_) | Self::Remove(_) | Self::Backfill(_) | Self::Record | Self::Demo | Self::Doctor => true,
            Self::Check(args) => args.repair,
            Self::List(_)
            | Self::Gaps(_)
            | Self::Export(_)
            | Self::Status(_)
            | Self::Config(_)
            | Self::Completions { .. }
            | Self::Man => false,
        }
    }
}

/// Output as JSON.
#[derive(Debug, clap::Args)]
pub struct Json {
    /// Print JSON with stable fields
    #[arg(long)]
    pub json: bool,
}

/// `add`.
#[derive(Debug, clap::Args)]
pub struct Add {
    /// BTC/USDT, BTCUSDT, btc-usdt or binance:BTC/USDT
    #[arg(required = true, value_name = "SYMBOL")]
    pub symbols: Vec<String>,
    /// What of them.
    #[arg(
        long,
        help = "What of them, separated by commas: candles, trades, funding, open_interest",
        value_name = "NAMES",
        value_delimiter = ',',
        default_value = "candles"
    )]
    pub datasets: Vec<Dataset>,
    /// Candle width: 1m 3m 5m 15m 30m 1h 2h 4h 6h 12h 1d 1w [default: 1m]
    #[arg(long, value_name = "WIDTH")]
    pub interval: Option<Interval>,
    /// How much of the past is wanted: 30d, 12h, 0 for none, or `listing` for all of it [default:
    /// `record.backfill_minutes`; of trades nothing]
    #[arg(long, value_name = "LENGTH", value_parser = depth, allow_hyphen_values = true)]
    pub backfill: Option<Depth>,
}

/// How far back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Depth {
    /// Nothing of the past.
    None,
    /// This many milliseconds.
    Ms(i64),
    /// All that the exchange has.
    Listing,
}

fn depth(text: &str) -> Result<Depth, String> {
    match text {
        "0" | "none" => Ok(Depth::None),
        "listing" | "all" => Ok(Depth::Listing),
        _ => parse_duration_ms(text).map(Depth::Ms).map_err(|error| format!("{error}, 0 or listing")),
    }
}

/// A time that can be read; what `now` is, the exchange's clock says later.
fn time(text: &str) -> Result<String, TimeParseError> {
    Time::parse(text, Time::EPOCH).map(|_| text.to_owned())
}

fn time_or_listing(text: &str) -> Result<String, String> {
    if text == "listing" { Ok(text.to_owned()) } else { time(text).map_err(|error| format!("{error}, or listing")) }
}

/// `remove`.
#[derive(Debug, clap::Args)]
pub struct Remove {
    /// BTC/USDT, BTCUSDT, btc-usdt or binance:BTC/USDT
    #[arg(required = true, value_name = "SYMBOL")]
    pub symbols: Vec<String>,
    /// Only this dataset.
    #[arg(long, help = "Only this dataset: candles, trades, funding or open_interest", value_name = "NAME")]
    pub dataset: Option<Dataset>,
    /// Only the candles of this width
    #[arg(long, value_name = "WIDTH")]
    pub interval: Option<Interval>,
    /// Delete all recorded data of it as well
    #[arg(long)]
    pub purge: bool,
    /// Do not ask before deleting
    #[arg(long, requires = "purge")]
    pub yes: bool,
}

/// `backfill`.
#[derive(Debug, clap::Args)]
#[command(group = clap::ArgGroup::new("start").required(true).args(["from", "last"]))]
pub struct Backfill {
    /// BTC/USDT, BTCUSDT, btc-usdt or binance:BTC/USDT
    pub symbol: String,
    /// Start: RFC 3339, 2025-01-31, or `listing` for the first candle there is
    #[arg(long, value_name = "TIME", value_parser = time_or_listing)]
    pub from: Option<String>,
    /// End (exclusive): RFC 3339, 2025-01-31 or now
    #[arg(long, value_name = "TIME", default_value = "now", value_parser = time)]
    pub to: String,
    /// The last 60d, 12h, 2w ... up to now
    #[arg(long, value_name = "LENGTH", value_parser = parse_duration_ms, conflicts_with = "to", allow_hyphen_values = true)]
    pub last: Option<i64>,
    /// What.
    #[arg(long, help = "What: candles, trades, funding or open_interest", value_name = "NAME", default_value = "candles")]
    pub dataset: Dataset,
    /// Candle width: 1m 3m 5m 15m 30m 1h 2h 4h 6h 12h 1d 1w [default: 1m]
    #[arg(long, value_name = "WIDTH")]
    pub interval: Option<Interval>,
}

/// `gaps`.
#[derive(Debug, clap::Args)]
pub struct Gaps {
    /// Only this symbol
    pub symbol: Option<String>,
    /// Only this dataset.
    #[arg(long, help = "Only this dataset: candles, trades, funding or open_interest", value_name = "NAME")]
    pub dataset: Option<Dataset>,
    /// Only the candles of this width
    #[arg(long, value_name = "WIDTH")]
    pub interval: Option<Interval>,
    /// What live streams missed and how it was made good, newest first, instead of the gaps
    #[arg(long)]
    pub losses: bool,
    /// Print JSON with stable fields
    #[arg(long)]
    pub json: bool,
}

/// `export`.
#[derive(Debug, clap::Args)]
pub struct Export {
    /// BTC/USDT, BTCUSDT, btc-usdt or binance:BTC/USDT
    pub symbol: String,
    /// Start: RFC 3339 or 2025-01-31; the first stored candle where nothing is said
    #[arg(long, value_name = "TIME", value_parser = time)]
    pub from: Option<String>,
    /// End (exclusive): RFC 3339, 2025-01-31 or now
    #[arg(long, value_name = "TIME", default_value = "now", value_parser = time)]
    pub to: String,
    /// What.
    #[arg(
        long,
        help = "What: candles, trades, funding or open_interest; the last three as csv",
        value_name = "NAME",
        default_value = "candles"
    )]
    pub dataset: Dataset,
    /// Candle width; wider than recorded is folded exactly [default: the finest that is recorded]
    #[arg(long, value_name = "WIDTH")]
    pub interval: Option<Interval>,
    /// csv, json (one object a line) or parquet
    #[arg(long, default_value = "csv")]
    pub format: Format,
    /// How CSV and JSON write times: iso, ms or s
    #[arg(long, value_name = "FORM", default_value = "iso")]
    pub time: TimeForm,
    /// Where to write; `-` or nothing: standard output
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// Write nothing and exit with 3 where candles of the range are still owed
    #[arg(long)]
    pub require_complete: bool,
}

/// `check`.
#[derive(Debug, clap::Args)]
pub struct Check {
    /// Write coverage and rollups anew from the candles first; no recorder may run
    #[arg(long)]
    pub repair: bool,
    /// Hold candles of 1m to the recorded trades of the same symbol as well
    #[arg(long)]
    pub deep: bool,
    /// Print JSON with stable fields
    #[arg(long)]
    pub json: bool,
}

/// `config`.
#[derive(Debug, clap::Args)]
pub struct Config {
    /// What to do
    #[arg(value_enum)]
    pub what: ConfigWhat,
}

/// What `config` does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ConfigWhat {
    /// Where the config file lies
    Path,
    /// Every setting, and where it comes from
    Show,
    /// Write the commented default file, unless there is one
    Init,
}
