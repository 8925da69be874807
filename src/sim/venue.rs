//! The exchanges that the simulation speaks for, and what a market is on each.

use crate::domain::price::Decimal;
use std::fmt;

/// An exchange. All of them answer on the one port, each under its own paths.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Venue {
    /// Binance spot: `/api/v3`.
    Binance,
    /// Binance USD-M futures: `/fapi` and `/futures/data`.
    BinanceUsdm,
    /// OKX: `/api/v5`.
    Okx,
    /// Kraken spot: `/0/public`.
    Kraken,
}

/// The terms of a perpetual future, settled in its quote asset.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Perpetual {
    /// Hours between two settlements: 1, 2, 4 or 8, on the grid of the UTC day.
    pub funding_hours: i64,
    /// Base asset in one contract, a power of ten.
    pub contract_size: Decimal,
}

/// An asset in Kraken's spellings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct KrakenAsset<'a> {
    /// `XXBT`, as the asset list has it.
    pub(super) id: &'a str,
    /// `XBT`, as pairs have it.
    pub(super) altname: &'a str,
}

impl Venue {
    /// Every exchange.
    pub const ALL: [Self; 4] = [Self::Binance, Self::BinanceUsdm, Self::Okx, Self::Kraken];

    /// Whose path this is; Binance spot's where nobody's.
    pub(super) fn of_path(path: &str) -> Self {
        let starts = |prefix: &str| path.strip_prefix(prefix).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
        if starts("/fapi") || starts("/futures") {
            Self::BinanceUsdm
        } else if starts("/api/v5") {
            Self::Okx
        } else if starts("/0") {
            Self::Kraken
        } else {
            Self::Binance
        }
    }

    /// The exchange's own name for a market.
    pub(super) fn native(self, base: &str, quote: &str, perpetual: bool) -> String {
        match self {
            Self::Binance | Self::BinanceUsdm => format!("{base}{quote}"),
            Self::Okx if perpetual => format!("{base}-{quote}-SWAP"),
            Self::Okx => format!("{base}-{quote}"),
            Self::Kraken => {
                let (base, quote) = (kraken_asset(base), kraken_asset(quote));
                // Only pairs of two assets of the first generation carry their long names.
                let old = |asset: KrakenAsset<'_>| asset.id != asset.altname && asset.id != "XXDG";
                if old(base) && old(quote) {
                    format!("{}{}", base.id, quote.id)
                } else {
                    format!("{}{}", base.altname, quote.altname)
                }
            }
        }
    }
}

impl fmt::Display for Venue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Binance => "binance",
            Self::BinanceUsdm => "binance-usdm",
            Self::Okx => "okx",
            Self::Kraken => "kraken",
        })
    }
}

/// Kraken's spellings of an asset.
pub(super) fn kraken_asset(asset: &str) -> KrakenAsset<'_> {
    let (id, altname) = match asset {
        "BTC" => ("XXBT", "XBT"),
        "DOGE" => ("XXDG", "XDG"),
        "ETH" => ("XETH", "ETH"),
        "LTC" => ("XLTC", "LTC"),
        "XRP" => ("XXRP", "XRP"),
        "XLM" => ("XXLM", "XLM"),
        "USD" => ("ZUSD", "USD"),
        "EUR" => ("ZEUR", "EUR"),
        other => (other, other),
    };
    KrakenAsset { id, altname }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_paths() {
        let check = |venue: Venue, base: &str, quote: &str, perpetual: bool, expected: &str| {
            assert_eq!(venue.native(base, quote, perpetual), expected);
        };
        check(Venue::BinanceUsdm, "BTC", "USDT", true, "BTCUSDT");
        check(Venue::Okx, "BTC", "USDT", false, "BTC-USDT");
        check(Venue::Okx, "BTC", "USDT", true, "BTC-USDT-SWAP");
        check(Venue::Kraken, "BTC", "USD", false, "XXBTZUSD");
        check(Venue::Kraken, "BTC", "USDT", false, "XBTUSDT");
        check(Venue::Kraken, "DOGE", "USD", false, "XDGUSD");
        check(Venue::Kraken, "SOL", "EUR", false, "SOLEUR");
        for (path, venue) in [
            ("/api/v3/klines", Venue::Binance),
            ("/", Venue::Binance),
            ("/fapi/v1/time", Venue::BinanceUsdm),
            ("/futures/data/openInterestHist", Venue::BinanceUsdm),
            ("/api/v5/market/candles", Venue::Okx),
            ("/0/public/OHLC", Venue::Kraken),
        ] {
            assert_eq!(Venue::of_path(path), venue, "{path}");
        }
    }
}
