//! Simulated exchanges on loopback, as a program: `--help` lists what it can be told.

use anyhow::{Context as _, bail};
use clap::Parser;
use marketdata_tui::domain::interval::Interval;
use marketdata_tui::domain::time::Time;
use marketdata_tui::sim::{FaultRule, Limits, Market, SimClock, SimConfig, Simulation, StreamSettings, VenueLimits, markets};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::time::Duration;
use tokio::signal::unix::{SignalKind, signal};

/// Serves simulated exchanges (Binance spot and USD-M, OKX, Kraken) on one port of 127.0.0.1, and prints the URL
/// when it is ready.
#[derive(Debug, Parser)]
struct Args {
    /// Port; 0 takes a free one.
    #[arg(long, default_value_t = 0)]
    port: u16,
    /// Serve a recorded CSV (plain or .gz) as a market; replaces the generated one of that name. Repeatable.
    #[arg(long, value_name = "BASE/QUOTE=FILE[@INTERVAL]")]
    csv: Vec<CsvMarket>,
    /// Start of the exchange's clock: a date or RFC 3339 time. Without it: just after the last CSV candle,
    /// or the system's clock where there is no CSV.
    #[arg(long, value_name = "TIME")]
    clock: Option<String>,
    /// Speed of the exchange's clock: 1 real time, 0 frozen, 60 a minute a second.
    #[arg(long)]
    speed: Option<f64>,
    /// Pause before every answer.
    #[arg(long, default_value_t = 0)]
    latency_ms: u64,
    /// Request weight that Binance spot allows within a minute.
    #[arg(long, default_value_t = Limits::default().weight_per_minute)]
    weight_limit: u32,
    /// Count no requests where an exchange limits them by the path: OKX, Kraken, USD-M's funding and statistics.
    #[arg(long)]
    uncounted: bool,
    /// Print the markets with their exchanges, and stop.
    #[arg(long)]
    list: bool,
    /// A fault, as in `429 retry-after=2 every 10`. Repeatable.
    #[arg(long, value_name = "RULE")]
    fault: Vec<FaultRule>,
    /// Write each request as a line of JSON.
    #[arg(long, value_name = "FILE")]
    log: Option<PathBuf>,
    /// Compress for clients that accept gzip.
    #[arg(long)]
    gzip: bool,
    /// Send each WebSocket so many messages a second besides: its newest frames again, for load.
    #[arg(long, default_value_t = 0)]
    burst: u32,
    /// So many generated markets of Binance spot besides, `G001/USDT` and on, for load.
    #[arg(long, value_name = "COUNT", default_value_t = 0)]
    markets: u16,
    /// Seed of the generated candles and of the faults' chances.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Stop by itself after so many seconds.
    #[arg(long, default_value_t = 3_600)]
    stop_after: u64,
}

/// `BASE/QUOTE=FILE[@INTERVAL]`.
#[derive(Debug, Clone)]
struct CsvMarket {
    base: String,
    quote: String,
    file: PathBuf,
    interval: Interval,
}

impl FromStr for CsvMarket {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (symbol, file) = text.split_once('=').ok_or("expected BASE/QUOTE=FILE")?;
        let (base, quote) = symbol.split_once('/').ok_or("expected a symbol such as BTC/USDT")?;
        let (file, interval) = match file.rsplit_once('@') {
            Some((file, interval)) => (file, interval.parse().map_err(|error| format!("{error}"))?),
            None => (file, Interval::M1),
        };
        Ok(Self { base: base.to_owned(), quote: quote.to_owned(), file: file.into(), interval })
    }
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let args = Args::parse();
    if args.list {
        return list(&generated(&args));
    }
    let stop_after = Duration::from_secs(args.stop_after);
    let exchange = Simulation::start(config(args)?).await.context("starting the exchange")?;
    let mut out = std::io::stdout();
    writeln!(out, "{}", exchange.url())?;
    out.flush()?;
    let mut terminated = signal(SignalKind::terminate())?;
    tokio::select! {
        result = tokio::signal::ctrl_c() => result?,
        _ = terminated.recv() => {}
        () = tokio::time::sleep(stop_after) => {}
    }
    exchange.stop().await;
    Ok(())
}

fn generated(args: &Args) -> Vec<Market> {
    [markets::all(args.seed), markets::many(args.seed, args.markets)].concat()
}

fn list(markets: &[Market]) -> anyhow::Result<()> {
    let mut out = std::io::stdout();
    for market in markets {
        let terms = market.terms().map_or_else(String::new, |terms| format!(", settled every {} h", terms.funding_hours));
        let (venue, native, listed) = (market.venue(), market.native(), market.listed_at().iso());
        writeln!(out, "{venue:<12} {native:<16} {:<12} from {listed}{terms}", market.symbol())?;
    }
    Ok(())
}

fn config(args: Args) -> anyhow::Result<SimConfig> {
    let mut markets = generated(&args);
    let mut recorded_until: Option<Time> = None;
    for csv in &args.csv {
        let market = recorded(csv, &csv.file)?;
        recorded_until = recorded_until.max(market.recorded_until());
        markets.retain(|other| other.venue() != market.venue() || other.native() != market.native());
        markets.insert(0, market);
    }
    if args.speed.is_some_and(|speed| !speed.is_finite() || speed < 0.0) {
        bail!("--speed must be a number of at least 0");
    }
    let given = args.clock.as_deref().map(|text| Time::parse(text, Time::EPOCH)).transpose()?;
    // A speed alone needs a start as well: the system's present.
    let start = given.or(recorded_until).or_else(|| args.speed.map(|_| system_now()));
    let clock = start.map_or(SimClock::System, |at| SimClock::From { at, speed: args.speed.unwrap_or(1.0) });
    Ok(SimConfig {
        clock,
        seed: args.seed,
        markets,
        limits: Limits { weight_per_minute: args.weight_limit, ..Limits::default() },
        venue_limits: VenueLimits { windows: !args.uncounted, ..VenueLimits::default() },
        gzip: args.gzip,
        latency: Duration::from_millis(args.latency_ms),
        faults: args.fault,
        port: args.port,
        streams: StreamSettings { burst: args.burst, ..StreamSettings::default() },
        log_file: args.log,
    })
}

fn recorded(csv: &CsvMarket, file: &Path) -> anyhow::Result<Market> {
    Market::recorded(&csv.base, &csv.quote, csv.interval, file).with_context(|| format!("{}", file.display()))
}

fn system_now() -> Time {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    Time::from_ms(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}
