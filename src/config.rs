//! Settings: flags > environment > `.env` in the working directory > config file > defaults.
//!
//! Everything that is read comes in as an argument, so that the whole precedence is testable
//! without touching the process environment. Only references such as `$HOME` inside a `.env` file
//! are filled from the real environment. `HTTPS_PROXY`, `ALL_PROXY` and `NO_PROXY` are absent on
//! purpose: the HTTP library reads them itself, and so do the sockets.
//!
//! Architecture invariant: rooms below own their settings types and never import this one.

mod error;
mod key;
mod layers;
mod show;
mod ui;
mod value;

pub use crate::exchange::secret::Secret;
pub use error::{ConfigError, Origin};
pub use key::{KEYS, Key, Kind};
pub use ui::{KeyOverride, ThemeEntry, ThemeProblem, ThemeText, UiSettings, themes};

use crate::domain::instrument::ExchangeId;
use crate::telemetry::{LogFormat, LogSettings, Verbosity};
use layers::Layers;
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// The program's name in the platform's folders.
pub const APP: &str = "marketdata-tui";
/// Name of the config file in its folder.
pub const FILE_NAME: &str = "config.toml";
/// Where Binance answers.
pub const BINANCE_REST_URL: &str = "https://api.binance.com";
/// Binance's host for market data alone: it needs no key and answers where the main host may not.
pub const BINANCE_FALLBACK_URL: &str = "https://data-api.binance.vision";

/// Where Binance's streams are.
pub const BINANCE_WS_URL: &str = "wss://stream.binance.com:9443";
/// Where Binance's USD-M futures answer.
pub const USDM_REST_URL: &str = "https://fapi.binance.com";
/// Where their streams are.
pub const USDM_WS_URL: &str = "wss://fstream.binance.com";
/// Where OKX answers.
pub const OKX_REST_URL: &str = "https://www.okx.com";
/// Where its streams are.
pub const OKX_WS_URL: &str = "wss://ws.okx.com:8443";
/// Where Kraken answers.
pub const KRAKEN_REST_URL: &str = "https://api.kraken.com";
/// Where its streams are.
pub const KRAKEN_WS_URL: &str = "wss://ws.kraken.com";

/// The effective settings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// The store's file.
    pub db_path: PathBuf,
    /// Exchanges that may be asked, the usual one first.
    pub exchanges: Vec<ExchangeId>,
    /// Minutes of the past that a newly added symbol asks for.
    pub backfill_minutes: i64,
    /// Logging.
    pub log: LogSettings,
    /// How long after a minute's end the heartbeat asks for it: 1 to 50 seconds.
    pub heartbeat_delay: Duration,
    /// Pages that may be asked for at the same time: 1 to 128.
    pub pages_in_flight: usize,
    /// Percent of the exchange's request budget that is kept for live data: 1 to 90.
    pub live_share_percent: u32,
    /// Whether what is live is heard from streams.
    pub streams: bool,
    /// How long a one-shot command goes on when nothing succeeds.
    pub patience: Duration,
    /// The terminal app.
    pub ui: UiSettings,
    /// Binance.
    pub binance: BinanceSettings,
    /// Binance's USD-M futures.
    pub usdm: HostSettings,
    /// OKX.
    pub okx: HostSettings,
    /// Kraken.
    pub kraken: HostSettings,
    /// The config file that was looked for, and whether it was there.
    pub file: (PathBuf, bool),
    origins: BTreeMap<&'static str, Origin>,
}

/// How Binance is reached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BinanceSettings {
    /// Scheme and host, without a path.
    pub rest_url: String,
    /// Asked where the first host refuses the region. None where `rest_url` is another than the
    /// default and this was not set: a mirror or a test server is never left for the public host.
    pub fallback_url: Option<String>,
    /// Where the streams are. None where `rest_url` is another than the default and this was not set.
    pub ws_url: Option<String>,
    /// Optional: public data needs none.
    pub api_key: Option<Secret>,
    /// Optional: public data needs none.
    pub secret_key: Option<Secret>,
}

/// How another exchange is reached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HostSettings {
    /// Scheme and host, without a path.
    pub rest_url: String,
    /// Where the streams are. None where `rest_url` is another than the default and this was not set: a
    /// mirror or a test server is never left for the public host.
    pub ws_url: Option<String>,
}

/// What the command line says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Overrides {
    /// `--config`: this file, which must exist.
    pub config: Option<PathBuf>,
    /// `--db`.
    pub db: Option<PathBuf>,
    /// `--log-level`.
    pub log_level: Option<String>,
    /// `--patience`, in seconds.
    pub patience: Option<String>,
}

/// The platform's folders.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dirs {
    /// The person's home, which a leading `~/` stands for.
    pub home: PathBuf,
    /// Where the config file lies.
    pub config: PathBuf,
    /// Where the store lies.
    pub data: PathBuf,
    /// Where the logs lie.
    pub state: PathBuf,
}

impl Dirs {
    /// This platform's; fails for a user without a home.
    pub fn platform() -> Result<Self, ConfigError> {
        let base = directories::BaseDirs::new().ok_or(ConfigError::NoHome)?;
        let project = directories::ProjectDirs::from("", "", APP).ok_or(ConfigError::NoHome)?;
        Ok(Self {
            home: base.home_dir().to_path_buf(),
            config: project.config_dir().to_path_buf(),
            data: project.data_dir().to_path_buf(),
            state: project.state_dir().unwrap_or_else(|| project.data_dir()).to_path_buf(),
        })
    }

    /// The store that is taken where nothing names one.
    pub fn store_file(&self) -> PathBuf {
        self.data.join("marketdata.sqlite")
    }

    /// The config file that is read where `--config` names none.
    pub fn config_file(&self) -> PathBuf {
        self.config.join(FILE_NAME)
    }
}

/// The commented default file: every key at its default.
pub fn default_file() -> &'static str {
    include_str!("../assets/config.toml")
}

/// Where the config file lies, or would: `flag` is `--config`, relative to `cwd`.
pub fn file_path(
    flag: Option<&Path>,
    cwd: &Path,
    dirs: impl FnOnce() -> Result<Dirs, ConfigError>,
) -> Result<PathBuf, ConfigError> {
    flag.map_or_else(|| Ok(dirs()?.config_file()), |path| Ok(cwd.join(path)))
}

/// The name of a variable of ours that is set to what is no text, if one is: it would count as not set.
pub fn unreadable_variable(env: impl Fn(&str) -> Option<OsString>) -> Option<&'static str> {
    KEYS.iter().filter_map(|key| key.variable).find(|name| env(name).is_some_and(|value| value.to_str().is_none()))
}

impl Settings {
    /// Reads every layer. `cwd` is where `.env` lies and what relative paths are relative to,
    /// except those in the config file, which are relative to its folder.
    pub fn load(
        overrides: Overrides,
        env: impl Fn(&str) -> Option<String>,
        cwd: &Path,
        dirs: &Dirs,
    ) -> Result<Self, ConfigError> {
        let layers = Layers::read(overrides, env, cwd, dirs)?;
        let mut origins = BTreeMap::new();
        let mut take = Taker { layers: &layers, cwd, dirs, origins: &mut origins };

        let db_path = take.path("store.path")?.unwrap_or_else(|| dirs.store_file());
        let log = LogSettings {
            dir: take.path("log.dir")?.unwrap_or_else(|| dirs.state.clone()),
            level: take.parsed("log.level", str::parse::<Verbosity>)?.unwrap_or_default(),
            format: take.parsed("log.format", str::parse::<LogFormat>)?.unwrap_or_default(),
        };
        let rest_url = take.parsed("binance.rest_url", value::base_url)?;
        let fallback_url = take.parsed("binance.fallback_url", value::optional_base_url)?;
        let ws_url = take.parsed("binance.ws_url", value::optional_stream_url)?;
        let binance = BinanceSettings {
            fallback_url: fallback_url.unwrap_or_else(|| {
                let is_default = rest_url.as_deref().is_none_or(|url| url == BINANCE_REST_URL);
                is_default.then(|| BINANCE_FALLBACK_URL.to_owned())
            }),
            ws_url: ws_url.unwrap_or_else(|| {
                let is_default = rest_url.as_deref().is_none_or(|url| url == BINANCE_REST_URL);
                is_default.then(|| BINANCE_WS_URL.to_owned())
            }),
            rest_url: rest_url.unwrap_or_else(|| BINANCE_REST_URL.to_owned()),
            api_key: take.parsed("binance.api_key", Secret::parse)?,
            secret_key: take.parsed("binance.secret_key", Secret::parse)?,
        };
        let usdm = take.host("binance.futures_rest_url", USDM_REST_URL, "binance.futures_ws_url", USDM_WS_URL)?;
        let okx = take.host("okx.rest_url", OKX_REST_URL, "okx.ws_url", OKX_WS_URL)?;
        let kraken = take.host("kraken.rest_url", KRAKEN_REST_URL, "kraken.ws_url", KRAKEN_WS_URL)?;
        let ui = UiSettings {
            theme: take.parsed("ui.theme", value::name)?.unwrap_or_else(|| "dark".to_owned()),
            red_up: take.parsed("ui.up_color", value::red_up)?.unwrap_or(false),
            keys: layers.keys().to_vec(),
        };
        let seconds = |value: i64| Duration::from_secs(value.unsigned_abs());
        Ok(Self {
            db_path,
            exchanges: take.parsed("record.exchanges", value::exchanges)?.unwrap_or_else(|| ExchangeId::ALL.to_vec()),
            backfill_minutes: take.number("record.backfill_minutes")?,
            log,
            heartbeat_delay: seconds(take.number("record.heartbeat_delay")?),
            pages_in_flight: take.number("record.pages_in_flight")? as usize,
            live_share_percent: take.number("record.live_share_percent")? as u32,
            streams: take.switch("record.streams")?,
            patience: seconds(take.number("record.patience")?),
            ui,
            binance,
            usdm,
            okx,
            kraken,
            file: layers.file(),
            origins,
        })
    }

    /// Where the setting of this name came from.
    pub fn origin(&self, key: &str) -> &Origin {
        self.origins.get(key).unwrap_or(&Origin::Default)
    }
}

/// Takes settings out of the layers and remembers where each came from.
struct Taker<'a> {
    layers: &'a Layers,
    cwd: &'a Path,
    dirs: &'a Dirs,
    origins: &'a mut BTreeMap<&'static str, Origin>,
}

impl Taker<'_> {
    fn parsed<T, E: ToString>(&mut self, name: &str, parse: impl Fn(&str) -> Result<T, E>) -> Result<Option<T>, ConfigError> {
        let Some((key, text, origin)) = self.layers.find(name) else { return Ok(None) };
        let parsed = parse(&text).map_err(|error| ConfigError::Value { origin: origin.clone(), problem: error.to_string() })?;
        self.origins.insert(key, origin);
        Ok(Some(parsed))
    }

    /// Where an exchange answers. A stream's default goes with that of the host alone.
    fn host(&mut self, rest: &str, rest_url: &str, ws: &str, ws_url: &str) -> Result<HostSettings, ConfigError> {
        let rest = self.parsed(rest, value::base_url)?.unwrap_or_else(|| rest_url.to_owned());
        let ws = self.parsed(ws, value::optional_stream_url)?;
        let usual = (rest == rest_url).then(|| ws_url.to_owned());
        Ok(HostSettings { rest_url: rest, ws_url: ws.unwrap_or(usual) })
    }

    /// A number within the bounds that the table of keys gives, or its default.
    fn number(&mut self, name: &str) -> Result<i64, ConfigError> {
        let Some(&Key { kind: Kind::Number { default, least, most }, .. }) = key::find(name) else {
            return Err(ConfigError::Value { origin: Origin::Default, problem: format!("{name} is not a number's name") });
        };
        Ok(self.parsed(name, |text| value::whole_number(text, least..=most))?.unwrap_or(default))
    }

    fn switch(&mut self, name: &str) -> Result<bool, ConfigError> {
        let Some(&Key { kind: Kind::Switch { default }, .. }) = key::find(name) else {
            return Err(ConfigError::Value { origin: Origin::Default, problem: format!("{name} is not a switch's name") });
        };
        Ok(self.parsed(name, value::switch)?.unwrap_or(default))
    }

    fn path(&mut self, name: &str) -> Result<Option<PathBuf>, ConfigError> {
        let (cwd, dirs) = (self.cwd, self.dirs);
        if name == "store.path"
            && let Some(path) = self.layers.db_flag()
        {
            self.origins.insert("store.path", Origin::Flag("--db"));
            return Ok(Some(cwd.join(path)));
        }
        let Some(text) = self.parsed(name, value::path)? else { return Ok(None) };
        let base = match self.origins.get(name) {
            Some(Origin::File { path, .. }) => path.parent().map_or_else(|| cwd.to_path_buf(), |folder| cwd.join(folder)),
            _ => cwd.to_path_buf(),
        };
        Ok(Some(text.strip_prefix("~/").map_or_else(|| base.join(&text), |rest| dirs.home.join(rest))))
    }
}

#[cfg(test)]
mod tests;
