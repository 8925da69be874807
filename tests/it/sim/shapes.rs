//! Answers have the shape of recorded ones: the same names, the same types, rows of the same length.

use super::wire::{config, get};
use crate::support::shared;
use marketdata_tui::sim::{SimConfig, Simulation, VenueLimits};
use serde_json::Value;

/// A recording and the request that is answered alike, and the names that the simulation leaves out.
const PAIRS: [(&str, &str, &[&str]); 27] = [
    ("binance/rest_aggTrades__nautilus_trader", "/api/v3/aggTrades?symbol=BTCUSDT", &[]),
    ("binance/rest_trades__nautilus_trader", "/api/v3/trades?symbol=BTCUSDT", &[]),
    ("binance/rest_historicalTrades__nautilus_trader", "/api/v3/historicalTrades?symbol=BTCUSDT", &[]),
    ("binanceusdm/rest_aggTrades__gocryptotrader__BTCUSDT", "/fapi/v1/aggTrades?symbol=BTCUSDT", &[]),
    ("binanceusdm/rest_trades__gocryptotrader__BTCUSDT", "/fapi/v1/trades?symbol=BTCUSDT", &[]),
    ("binanceusdm/rest_klines__gocryptotrader__BTCUSDT-1d", "/fapi/v1/klines?symbol=BTCUSDT&interval=1d", &[]),
    ("binanceusdm/rest_bookTicker__gocryptotrader", "/fapi/v1/ticker/bookTicker?symbol=BTCUSDT", &[]),
    ("binanceusdm/rest_ticker24hr__gocryptotrader__BTCUSDT", "/fapi/v1/ticker/24hr?symbol=BTCUSDT", &[]),
    ("binanceusdm/rest_tickerPrice__gocryptotrader", "/fapi/v2/ticker/price?symbol=BTCUSDT", &[]),
    ("binanceusdm/rest_fundingInfo__gocryptotrader", "/fapi/v1/fundingInfo", &[]),
    ("binanceusdm/rest_fundingRate__EzequielBes-invest__BTCUSDT-2026", "/fapi/v1/fundingRate?symbol=BTCUSDT", &["rateType"]),
    ("binanceusdm/rest_premiumIndex__funding-rate-arbitrage__2026", "/fapi/v1/premiumIndex", &[]),
    ("binanceusdm/rest_openInterest__gocryptotrader", "/fapi/v1/openInterest?symbol=BTCUSDT", &[]),
    (
        "binanceusdm/rest_openInterestHist__EzequielBes-invest__BTCUSDT-1h-2026",
        "/futures/data/openInterestHist?symbol=BTCUSDT&period=1h",
        &[],
    ),
    ("binanceusdm/rest_exchangeInfo__funding-rate-arbitrage__2026", "/fapi/v1/exchangeInfo", &[]),
    ("okx/rest_candles__nautilus_trader__BTC-USDT-SWAP-1m", "/api/v5/market/candles?instId=BTC-USDT-SWAP", &[]),
    ("okx/rest_trades__nautilus_trader__BTC-USDT", "/api/v5/market/trades?instId=BTC-USDT", &[]),
    ("okx/rest_tickers__crypto-api-docs", "/api/v5/market/tickers?instType=SWAP", &[]),
    ("okx/rest_markPrice__nautilus_trader", "/api/v5/public/mark-price?instType=SWAP&instId=BTC-USDT-SWAP", &[]),
    ("okx/rest_fundingRate__idx61887530695__BTC-USDT-SWAP", "/api/v5/public/funding-rate?instId=BTC-USDT-SWAP", &[]),
    (
        "okx/rest_fundingRateHistory__funding-rate-arbitrage__full-row",
        "/api/v5/public/funding-rate-history?instId=BTC-USDT-SWAP",
        &[],
    ),
    ("okx/rest_openInterest__crypto-msg-parser__list", "/api/v5/public/open-interest?instType=SWAP", &[]),
    (
        "okx/rest_openInterestHistory__crypto-api-docs",
        "/api/v5/rubik/stat/contracts/open-interest-history?instId=BTC-USDT-SWAP",
        &[],
    ),
    ("okx/rest_instruments_swap__bytex__2026", "/api/v5/public/instruments?instType=SWAP", LIMITS_OF_ORDERS),
    ("okx/rest_instruments_spot__bytex__2026", "/api/v5/public/instruments?instType=SPOT", LIMITS_OF_ORDERS),
    ("kraken/rest_ticker__nautilus_trader__XBTUSDT", "/0/public/Ticker?pair=XBTUSDT", &[]),
    ("kraken/rest_systemStatus__nautilus_trader", "/0/public/SystemStatus", &[]),
];

/// What concerns nobody who records.
const LIMITS_OF_ORDERS: &[&str] = &[
    "contTdSwTime",
    "floatPxLmtPct",
    "groupId",
    "initPxLmtPct",
    "longPosRemainingQuota",
    "maxIcebergSz",
    "maxPlatOICoinLmt",
    "maxPlatOILmt",
    "maxPxLmtPct",
    "maxStopSz",
    "maxTriggerSz",
    "maxTwapSz",
    "posLmtAmt",
    "posLmtPct",
    "preMktSwTime",
    "rpiMinLevel",
    "rpiMinPxBand",
    "shortPosRemainingQuota",
];

/// Rows whose names are pairs and assets.
const KEYED: [(&str, &str); 4] = [
    ("kraken/rest_ohlc__nautilus_trader__XBTUSDT-1-zero-rows", "/0/public/OHLC?pair=XBTUSDT"),
    ("kraken/rest_trades__bytex__BTCUSD", "/0/public/Trades?pair=BTC/USD"),
    ("kraken/rest_assets__bytex__2026", "/0/public/Assets"),
    ("kraken/rest_assetPairs__bytex__2026", "/0/public/AssetPairs"),
];

fn recording(name: &str) -> Option<Value> {
    let path = shared(&format!("fixtures/{name}.json"))?;
    Some(serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap())
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "flag",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "list",
        Value::Object(_) => "object",
    }
}

/// What of `recorded` the simulation lacks or has otherwise.
fn differences(recorded: &Value, simulated: &Value, at: &str, without: &[&str], found: &mut Vec<String>) {
    match (recorded, simulated) {
        (Value::Object(recorded), Value::Object(simulated)) => {
            for (name, value) in recorded.iter().filter(|(name, _)| !without.contains(&name.as_str())) {
                match simulated.get(name) {
                    Some(other) => differences(value, other, &format!("{at}.{name}"), without, found),
                    None => found.push(format!("{at}.{name} is missing")),
                }
            }
        }
        (Value::Array(recorded), Value::Array(simulated)) => {
            // Rows of scalars have their columns; lists of rows are alike from the first on.
            if recorded.iter().any(|value| value.is_array() || value.is_object()) {
                match (recorded.first(), simulated.first()) {
                    (Some(value), Some(other)) if !at.ends_with("filters") => {
                        differences(value, other, &format!("{at}[0]"), without, found);
                    }
                    (Some(_), None) => found.push(format!("{at} is empty")),
                    _ => {}
                }
            } else if at.ends_with(']') {
                let kinds = |row: &[Value]| row.iter().map(kind).collect::<Vec<_>>();
                if kinds(recorded) != kinds(simulated) {
                    found.push(format!("{at}: {recorded:?} is not like {simulated:?}"));
                }
            }
        }
        _ if kind(recorded) != kind(simulated) => found.push(format!("{at}: {recorded} is not like {simulated}")),
        _ => {}
    }
}

async fn unlimited() -> Simulation {
    let venue_limits = VenueLimits { windows: false, ..VenueLimits::default() };
    Simulation::start(SimConfig { venue_limits, ..config() }).await.unwrap()
}

#[tokio::test]
async fn answers_have_the_shape_of_recorded_ones() {
    let sim = unlimited().await;
    let mut found = Vec::new();
    for (name, target, without) in PAIRS {
        let Some(recorded) = recording(name) else { continue };
        differences(&recorded, &get(&sim, target).await.json(), target, without, &mut found);
    }
    for (name, target) in KEYED {
        let Some(recorded) = recording(name) else { continue };
        let simulated = get(&sim, target).await.json();
        let named =
            |answer: &Value| answer["result"].as_object().unwrap().iter().find(|(key, _)| *key != "last").unwrap().1.clone();
        differences(&named(&recorded), &named(&simulated), target, &["long_position_limit", "short_position_limit"], &mut found);
        let last = |answer: &Value| answer["result"].get("last").map(kind);
        assert_eq!(last(&recorded), last(&simulated), "{target}");
    }
    assert!(found.is_empty(), "{found:#?}");
}

#[test]
fn a_different_shape_is_seen() {
    let check = |recorded: &str, simulated: &str, expected: usize| {
        let value = |text: &str| serde_json::from_str::<Value>(text).unwrap();
        let mut found = Vec::new();
        differences(&value(recorded), &value(simulated), "", &["left"], &mut found);
        assert_eq!(found.len(), expected, "{found:?}");
    };
    check(r#"{"a":"1","left":1}"#, r#"{"a":"2","b":3}"#, 0);
    check(r#"{"a":"1","b":2}"#, r#"{"a":1}"#, 2);
    check(r#"[[1,"2",3]]"#, r#"[[1,"2",3],[1]]"#, 0);
    check(r#"[[1,"2",3]]"#, "[[1,2,3]]", 1);
    check(r#"[[1,"2",3]]"#, r#"[[1,"2"]]"#, 1);
    check(r#"{"rows":[{"a":1}]}"#, r#"{"rows":[]}"#, 1);
}
