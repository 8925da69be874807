//! The table of settings: name in the config file, variable, bounds.

/// A setting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Key {
    /// `section.key` in the config file, and its name on screen.
    pub name: &'static str,
    /// The environment variable that sets it, in `.env` too.
    pub variable: Option<&'static str>,
    /// What it holds.
    pub kind: Kind,
}

/// What a setting holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Text in quotes.
    Text,
    /// A whole number.
    Number {
        /// Where nothing sets it.
        default: i64,
        /// Least allowed.
        least: i64,
        /// Most allowed.
        most: i64,
    },
    /// Yes or no.
    Switch {
        /// Where nothing sets it.
        default: bool,
    },
    /// Text that is never shown, and that no config file may hold: those get copied around.
    Secret,
}

const fn key(name: &'static str, variable: Option<&'static str>, kind: Kind) -> Key {
    Key { name, variable, kind }
}

const fn number(default: i64, least: i64, most: i64) -> Kind {
    Kind::Number { default, least, most }
}

/// Every setting, in the order in which they are shown.
pub const KEYS: &[Key] = &[
    key("store.path", Some("DB_PATH"), Kind::Text),
    key("record.exchanges", None, Kind::Text),
    // 100 years: more than any exchange has.
    key("record.backfill_minutes", Some("BACKFILL_MINUTES"), number(30 * 1_440, 0, 100 * 365 * 1_440)),
    key("record.heartbeat_delay", None, number(5, 1, 50)),
    key("record.pages_in_flight", None, number(32, 1, 128)),
    key("record.live_share_percent", None, number(10, 1, 90)),
    key("record.streams", Some("STREAMS"), Kind::Switch { default: true }),
    key("record.patience", None, number(60, 1, 86_400)),
    key("log.level", Some("LOG_LEVEL"), Kind::Text),
    key("log.dir", Some("LOG_DIR"), Kind::Text),
    key("log.format", Some("LOG_FORMAT"), Kind::Text),
    key("ui.theme", None, Kind::Text),
    key("ui.up_color", None, Kind::Text),
    key("binance.rest_url", Some("BINANCE_REST_URL"), Kind::Text),
    key("binance.fallback_url", None, Kind::Text),
    key("binance.ws_url", Some("BINANCE_WS_URL"), Kind::Text),
    key("binance.futures_rest_url", Some("BINANCE_FUTURES_REST_URL"), Kind::Text),
    key("binance.futures_ws_url", Some("BINANCE_FUTURES_WS_URL"), Kind::Text),
    key("binance.api_key", Some("BINANCE_API_KEY"), Kind::Secret),
    key("binance.secret_key", Some("BINANCE_SECRET_KEY"), Kind::Secret),
    key("okx.rest_url", Some("OKX_REST_URL"), Kind::Text),
    key("okx.ws_url", Some("OKX_WS_URL"), Kind::Text),
    key("kraken.rest_url", Some("KRAKEN_REST_URL"), Kind::Text),
    key("kraken.ws_url", Some("KRAKEN_WS_URL"), Kind::Text),
];

/// The setting of this name.
pub(super) fn find(name: &str) -> Option<&'static Key> {
    KEYS.iter().find(|key| key.name == name)
}

/// The name of the config file that resembles `unknown` most, if one does.
pub(super) fn nearest(unknown: &str) -> Option<&'static str> {
    let last = |name: &str| name.rsplit('.').next().unwrap_or_default().to_owned();
    KEYS.iter()
        .filter(|key| key.kind != Kind::Secret)
        .map(|key| {
            // A key in the wrong section is as near as a misspelt one.
            let whole = strsim::normalized_damerau_levenshtein(key.name, unknown);
            let tail = strsim::normalized_damerau_levenshtein(&last(key.name), &last(unknown)) * 0.95;
            (whole.max(tail), key.name)
        })
        .filter(|(likeness, _)| *likeness >= 0.55)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, name)| name)
}
