//! The exchanges that are recorded, with a busy and a quiet market of each.

use marketdata_tui::domain::candle::Candle;
use marketdata_tui::domain::time::Time;
use marketdata_tui::exchange::binance::{Binance, BinanceSettings};
use marketdata_tui::exchange::binance_usdm::{BinanceUsdm, UsdmSettings};
use marketdata_tui::exchange::clock::Clock;
use marketdata_tui::exchange::kraken::{Kraken, KrakenSettings};
use marketdata_tui::exchange::okx::{Okx, OkxSettings};
use marketdata_tui::exchange::port::Exchange;
use marketdata_tui::sim::{Character, Market, Perpetual, Venue, markets};
use std::sync::Arc;

/// A symbol as it is recorded, and the exchange's name for it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pair {
    pub(super) symbol: &'static str,
    pub(super) native: &'static str,
}

/// One exchange, or one kind of market of it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place {
    pub(super) name: &'static str,
    pub(super) venue: Venue,
    pub(super) busy: Pair,
    pub(super) quiet: Pair,
    /// Whose trades are recorded: as many as an hour of a test bears.
    pub(super) traded: Pair,
    /// Start of the address of the sockets that carry candles, and of those that carry trades.
    pub(super) candles_at: &'static str,
    pub(super) trades_at: &'static str,
}

const fn pair(symbol: &'static str, native: &'static str) -> Pair {
    Pair { symbol, native }
}

pub(super) const BINANCE: Place = Place {
    name: "binance",
    venue: Venue::Binance,
    busy: pair("BTC/USDT", "BTCUSDT"),
    quiet: pair("QUIET/USDT", "QUIETUSDT"),
    traded: pair("BTC/USDT", "BTCUSDT"),
    candles_at: "/",
    trades_at: "/",
};

pub(super) const USDM: Place = Place {
    name: "binanceusdm",
    venue: Venue::BinanceUsdm,
    busy: pair("BTC/USDT:USDT", "BTCUSDT"),
    quiet: pair("QUIET/USDT:USDT", "QUIETUSDT"),
    traded: pair("SOL/USDT:USDT", "SOLUSDT"),
    candles_at: "/market",
    trades_at: "/market",
};

pub(super) const OKX_SPOT: Place = Place {
    name: "okx spot",
    venue: Venue::Okx,
    busy: pair("BTC/USDT", "BTC-USDT"),
    quiet: pair("QUIET/USDT", "QUIET-USDT"),
    traded: pair("BTC/USDT", "BTC-USDT"),
    candles_at: "/ws/v5/business",
    trades_at: "/ws/v5/business",
};

pub(super) const OKX_SWAP: Place = Place {
    name: "okx swap",
    venue: Venue::Okx,
    busy: pair("BTC/USDT:USDT", "BTC-USDT-SWAP"),
    quiet: pair("QUIET/USDT:USDT", "QUIET-USDT-SWAP"),
    traded: pair("BTC/USDT:USDT", "BTC-USDT-SWAP"),
    candles_at: "/ws/v5/business",
    trades_at: "/ws/v5/business",
};

pub(super) const KRAKEN: Place = Place {
    name: "kraken",
    venue: Venue::Kraken,
    busy: pair("BTC/USD", "XXBTZUSD"),
    quiet: pair("QUIET/USD", "QUIETUSD"),
    traded: pair("BTC/USD", "XXBTZUSD"),
    candles_at: "/v2",
    trades_at: "/v2",
};

impl Place {
    /// All markets of its exchange. OKX gets a quiet swap beside its own.
    pub(super) fn markets(&self) -> Vec<Market> {
        let mut markets: Vec<Market> = markets::all(1).into_iter().filter(|market| market.venue() == self.venue).collect();
        if self.venue == Venue::Okx {
            let character = Character {
                price_decimals: 4,
                lot_decimals: 1,
                price_ticks: 12_345,
                volatility_ppm: 800,
                lots_per_minute: 4_000,
                lots_per_trade: 900,
                quiet_permille: 800,
            };
            let terms = Perpetual { funding_hours: 8, contract_size: 1.into() };
            let listed = Time::from_ms(1_646_092_800_000);
            markets.push(Market::generated(1, "QUIET", "USDT", listed, character).perpetual(terms).on(Venue::Okx));
        }
        markets
    }

    /// A new client of the exchange at `url`, with its sockets.
    pub(super) fn connect(&self, url: &str, clock: Clock) -> Arc<dyn Exchange> {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let (rest_url, ws_url) = (url.to_owned(), Some(url.replacen("http", "ws", 1)));
        match self.venue {
            Venue::Binance => {
                Arc::new(Binance::new(&BinanceSettings { rest_url, ws_url, ..BinanceSettings::default() }, clock).unwrap())
            }
            Venue::BinanceUsdm => {
                Arc::new(BinanceUsdm::new(&UsdmSettings { rest_url, ws_url, ..UsdmSettings::default() }, clock).unwrap())
            }
            Venue::Okx => Arc::new(Okx::new(&OkxSettings { rest_url, ws_url, ..OkxSettings::default() }, clock).unwrap()),
            Venue::Kraken => {
                Arc::new(Kraken::new(&KrakenSettings { rest_url, ws_url, ..KrakenSettings::default() }, clock).unwrap())
            }
        }
    }

    /// A candle with what this exchange tells of it and no more.
    pub(super) fn told(&self, candle: Candle) -> Candle {
        let bought = Candle { taker_buy_volume: None, taker_buy_quote_volume: None, ..candle };
        match self.venue {
            Venue::Binance | Venue::BinanceUsdm => candle,
            Venue::Okx => Candle { trade_count: None, ..bought },
            Venue::Kraken => Candle { quote_volume: None, ..bought },
        }
    }
}
