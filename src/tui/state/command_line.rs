//! The command line that does what a dialog does.

use crate::domain::dataset::Dataset;
use crate::domain::instrument::ExchangeId;
use crate::domain::interval::Interval;
use crate::domain::time::{Time, short_duration};
use crate::engine::command::{ExportRequest, Since};

/// Writes command lines for a POSIX shell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct CommandLine {
    /// The store's file, where it is not the one that the program takes by itself.
    pub(crate) store: Option<String>,
    /// Whether the exchange is the simulation inside this process: a command of its own would ask the
    /// real one, and write real candles among simulated ones.
    pub(crate) simulated: bool,
    /// The exchange that is meant where a symbol names none.
    pub(crate) usual: ExchangeId,
}

impl Default for CommandLine {
    fn default() -> Self {
        Self { store: None, simulated: false, usual: ExchangeId::Binance }
    }
}

impl CommandLine {
    /// `add`; from a date on that is a `backfill`, which registers a symbol where needed.
    pub(crate) fn add(
        &self,
        symbols: &[String],
        exchange: ExchangeId,
        datasets: &[Dataset],
        interval: Interval,
        since: Since,
    ) -> String {
        let depth = match since {
            Since::Now => "0".to_owned(),
            Since::Last(ms) => short_duration(ms),
            Since::Listing => "listing".to_owned(),
            Since::Time(from) => {
                let lines = symbols
                    .iter()
                    .map(|symbol| self.backfill(symbol, exchange, (Dataset::Candles, interval), Since::Time(from), None));
                return lines.collect::<Vec<_>>().join(" && ");
            }
        };
        let symbols: Vec<String> = symbols.iter().map(|typed| self.symbol(typed, exchange)).collect();
        // Candles are what is recorded where nothing is named.
        let named: Vec<&str> = datasets.iter().map(|set| set.name()).collect();
        let datasets = if datasets == [Dataset::Candles] { String::new() } else { format!(" --datasets {}", named.join(",")) };
        self.line(&format!("add {}{datasets} --interval {interval} --backfill {depth}", symbols.join(" ")))
    }

    /// `backfill`.
    pub(crate) fn backfill(
        &self,
        typed: &str,
        exchange: ExchangeId,
        what: (Dataset, Interval),
        since: Since,
        to: Option<Time>,
    ) -> String {
        let from = match since {
            Since::Now => " --from now".to_owned(),
            Since::Last(ms) => format!(" --last {}", short_duration(ms)),
            Since::Listing => " --from listing".to_owned(),
            Since::Time(from) => format!(" --from {}", from.iso()),
        };
        let to = to.map_or_else(String::new, |to| format!(" --to {}", to.iso()));
        self.line(&format!("backfill {}{from}{to}{}", self.symbol(typed, exchange), chosen(what)))
    }

    /// `export`; `to` is the end where one was asked for.
    pub(crate) fn export(&self, typed: &str, exchange: ExchangeId, request: &ExportRequest, to: Option<Time>) -> String {
        let to = to.map_or_else(String::new, |to| format!(" --to {}", to.iso()));
        self.line(&format!(
            "export {} --from {}{to} --interval {} --format {} -o {}",
            self.symbol(typed, exchange),
            request.range.from.iso(),
            request.interval,
            request.format.name(),
            quoted(&request.path.display().to_string()),
        ))
    }

    /// `remove`.
    pub(crate) fn remove(&self, typed: &str, exchange: ExchangeId, what: (Dataset, Interval)) -> String {
        self.line(&format!("remove {}{}", self.symbol(typed, exchange), chosen(what)))
    }

    /// With its exchange in front where that is not the usual one.
    fn symbol(&self, typed: &str, exchange: ExchangeId) -> String {
        let named = typed.split_once(':').is_some_and(|(first, _)| first.parse::<ExchangeId>().is_ok());
        if named || exchange == self.usual { quoted(typed) } else { quoted(&format!("{exchange}:{typed}")) }
    }

    fn line(&self, rest: &str) -> String {
        let store = self.store.as_ref().map_or_else(String::new, |store| format!(" --db {}", quoted(store)));
        format!("marketdata-tui {rest}{store}")
    }
}

/// The width of candles, or another dataset, which has a grid of its own.
fn chosen((dataset, interval): (Dataset, Interval)) -> String {
    if dataset == Dataset::Candles { format!(" --interval {interval}") } else { format!(" --dataset {}", dataset.name()) }
}

fn quoted(text: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || "/._-:+~".contains(c);
    if !text.is_empty() && text.chars().all(plain) { text.to_owned() } else { format!("'{}'", text.replace('\'', r"'\''")) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::time::DAY_MS;

    #[test]
    fn lines() {
        let (binance, m1) = (ExchangeId::Binance, Interval::M1);
        let date = Time::parse("2025-01-31", Time::EPOCH).unwrap();
        let plain = CommandLine::default();
        let symbols = ["BTC/USDT".to_owned(), "binance:币安人生/USDT".to_owned()];
        assert_eq!(
            plain.add(&symbols, binance, &[Dataset::Candles], m1, Since::Last(30 * DAY_MS)),
            "marketdata-tui add BTC/USDT binance:币安人生/USDT --interval 1m --backfill 30d"
        );
        assert_eq!(
            plain.add(&symbols, binance, &[Dataset::Candles], m1, Since::Time(date)),
            "marketdata-tui backfill BTC/USDT --from 2025-01-31T00:00:00Z --interval 1m && \
             marketdata-tui backfill binance:币安人生/USDT --from 2025-01-31T00:00:00Z --interval 1m"
        );
        assert_eq!(
            plain.backfill("BTC/USDT", binance, (Dataset::Candles, m1), Since::Listing, Some(date)),
            "marketdata-tui backfill BTC/USDT --from listing --to 2025-01-31T00:00:00Z --interval 1m"
        );
        let other = CommandLine { store: Some("/my data/it's.sqlite".into()), ..CommandLine::default() };
        assert_eq!(
            other.remove("BTC/USDT", binance, (Dataset::Candles, m1)),
            r"marketdata-tui remove BTC/USDT --interval 1m --db '/my data/it'\''s.sqlite'"
        );
        let of_okx = CommandLine { usual: ExchangeId::Okx, ..CommandLine::default() };
        let remove = |exchange| of_okx.remove("BTC/USDT", exchange, (Dataset::Trades, m1));
        assert_eq!(remove(ExchangeId::Okx), "marketdata-tui remove BTC/USDT --dataset trades");
        assert_eq!(remove(binance), "marketdata-tui remove binance:BTC/USDT --dataset trades", "settings that mean another");
    }
}
