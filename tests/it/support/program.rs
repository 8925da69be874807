//! The program itself as a process, in an environment of its own.

use marketdata_tui::domain::candle::Candle;
use marketdata_tui::domain::price::{Decimal, trimmed};
use serde_json::Value;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// Where the exchanges are: one simulation is all of them.
pub(crate) const REST_URLS: [&str; 4] = ["BINANCE_REST_URL", "BINANCE_FUTURES_REST_URL", "OKX_REST_URL", "KRAKEN_REST_URL"];

/// No process runs longer than this.
const PATIENCE: Duration = Duration::from_secs(60);

/// A home of its own with a store, against one exchange.
pub(crate) struct Program {
    pub(crate) home: TempDir,
    pub(crate) db: PathBuf,
    url: String,
}

/// How a run ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Ended {
    /// `None` where a signal ended it.
    pub(crate) code: Option<i32>,
    pub(crate) out: String,
    pub(crate) err: String,
}

/// A running process; killed when dropped.
pub(crate) struct Running(Child);

impl Program {
    /// Against the exchange at `url`, four pages at a time.
    pub(crate) fn on(url: &str) -> Self {
        let home = tempfile::tempdir().unwrap();
        std::fs::write(home.path().join("config.toml"), "[record]\npages_in_flight = 4\nheartbeat_delay = 1\n").unwrap();
        Self { db: home.path().join("data/store.sqlite"), home, url: url.to_owned() }
    }

    /// Against nothing: every request would fail.
    pub(crate) fn offline() -> Self {
        Self::on("http://127.0.0.1:1")
    }

    /// The program with this home's store and config file; nothing of the real environment reaches it.
    pub(crate) fn command(&self, args: &[&str]) -> Command {
        let mut command = self.bare(args);
        command.arg("--db").arg(&self.db).arg("--config").arg(self.home.path().join("config.toml"));
        command
    }

    /// The program with nothing said but `args`.
    pub(crate) fn bare(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_marketdata-tui"));
        command
            .args(args)
            .env_clear()
            .env("HOME", self.home.path())
            .env("LOG_DIR", self.home.path().join("logs"))
            .envs(REST_URLS.map(|variable| (variable, &self.url)))
            .current_dir(self.home.path())
            .stdin(Stdio::null());
        command
    }

    /// Runs to the end.
    pub(crate) async fn run(&self, args: &[&str]) -> Ended {
        end(self.command(args)).await
    }

    /// Runs to the end, which must be good; returns what was printed.
    pub(crate) async fn done(&self, args: &[&str]) -> String {
        let ended = self.run(args).await;
        assert_eq!(ended.code, Some(0), "{args:?}: {ended:?}");
        ended.out
    }

    /// Runs to the end with `--json`.
    pub(crate) async fn json(&self, args: &[&str]) -> Value {
        let ended = self.run(&[args, &["--json"]].concat()).await;
        serde_json::from_str(&ended.out).unwrap_or_else(|error| panic!("{error}: {ended:?}"))
    }

    /// Starts and goes on.
    pub(crate) fn spawn(&self, args: &[&str]) -> Running {
        Running::start(self.command(args))
    }
}

/// A failure in one readable line.
pub(crate) fn refused(ended: &Ended, code: i32, expected: &str) {
    assert_eq!(ended.code, Some(code), "{ended:?}");
    assert_eq!(ended.err.trim_end().lines().count(), 1, "one line: {}", ended.err);
    assert!(ended.err.starts_with("error: ") && ended.err.contains(expected), "{expected}: {}", ended.err);
    assert_eq!(ended.out, "", "data alone goes to standard output");
}

/// Runs a command to its end, off the runtime's threads.
pub(crate) async fn end(command: Command) -> Ended {
    Running::start(command).ended().await
}

impl Running {
    /// Starts it; what it prints is kept.
    pub(crate) fn start(mut command: Command) -> Self {
        Self(command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap())
    }

    pub(crate) fn id(&self) -> u32 {
        self.0.id()
    }

    pub(crate) fn is_over(&mut self) -> bool {
        self.0.try_wait().unwrap().is_some()
    }

    /// SIGKILL: it cannot be caught.
    pub(crate) fn kill(mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }

    /// Sends it a signal by name.
    pub(crate) fn signal(&self, name: &str) {
        let sent = Command::new("kill").arg(format!("-{name}")).arg(self.0.id().to_string()).status().unwrap();
        assert!(sent.success());
    }

    /// Waits for its end.
    pub(crate) async fn ended(mut self) -> Ended {
        let read = |mut pipe: Box<dyn std::io::Read + Send>| {
            tokio::task::spawn_blocking(move || {
                let mut text = String::new();
                pipe.read_to_string(&mut text).map(|_| text)
            })
        };
        let out = read(Box::new(self.0.stdout.take().unwrap()));
        let err = read(Box::new(self.0.stderr.take().unwrap()));
        let began = Instant::now();
        while !self.is_over() {
            assert!(began.elapsed() < PATIENCE, "the process does not end");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        let code = self.0.wait().unwrap().code();
        Ended { code, out: out.await.unwrap().unwrap(), err: err.await.unwrap().unwrap() }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It has ended already in most cases.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Waits in real time until `done`.
pub(crate) async fn until(what: &str, mut done: impl FnMut() -> bool) {
    let began = Instant::now();
    while !done() {
        assert!(began.elapsed() < PATIENCE, "not within {PATIENCE:?}: {what}");
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
}

/// The CSV export that these candles should give, times in milliseconds.
pub(crate) fn csv(candles: &[Candle]) -> String {
    let cell = |value: Option<Decimal>| value.map_or_else(String::new, trimmed);
    let mut text =
        String::from("open_time,open,high,low,close,volume,quote_volume,trade_count,taker_buy_volume,taker_buy_quote_volume\n");
    for candle in candles {
        let cells = [
            candle.open_time.ms().to_string(),
            trimmed(candle.open),
            trimmed(candle.high),
            trimmed(candle.low),
            trimmed(candle.close),
            trimmed(candle.volume),
            cell(candle.quote_volume),
            candle.trade_count.map_or_else(String::new, |count| count.to_string()),
            cell(candle.taker_buy_volume),
            cell(candle.taker_buy_quote_volume),
        ];
        text.push_str(&cells.join(","));
        text.push('\n');
    }
    text
}

/// The unix mode of a file, without its type.
#[cfg(unix)]
pub(crate) fn mode(path: &Path) -> u32 {
    std::os::unix::fs::PermissionsExt::mode(&std::fs::metadata(path).unwrap().permissions()) & 0o777
}
