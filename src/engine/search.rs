//! Finding instruments by what a person typed.

use crate::domain::instrument::{ExchangeId, Instrument, InstrumentStatus, SymbolQuery, home};
use crate::domain::price::Decimal;
use nucleo_matcher::pattern::{AtomKind, CaseMatching, Normalization, Pattern};
use nucleo_matcher::{Config, Matcher, Utf32Str};
use std::cmp::Reverse;

/// Near names that an unknown symbol is answered with.
const SUGGESTIONS: usize = 3;

/// How alike a suggestion must be, from 0 to 1 (Jaro-Winkler).
const ALIKE: f64 = 0.85;

/// Quotes that most people mean, most wanted first.
const USUAL_QUOTES: [&str; 6] = ["USDT", "USDC", "USD", "EUR", "BTC", "ETH"];

/// Instruments that begin with, else hold, else have in this order all letters of what was typed:
/// trading ones first, the nearest first, usual quotes first, of the same quote the most traded first, short
/// names first. An exchange may stand in front (`okx:btc`). `volume` is what was traded in the quote asset, where that is known.
pub(super) fn rank<'a>(
    needle: &str,
    list: &'a [Instrument],
    volume: impl Fn(&Instrument) -> Option<Decimal>,
) -> Vec<&'a Instrument> {
    let (exchange, needle) = match needle.split_once(':').map(|(name, rest)| (name.parse::<ExchangeId>(), rest)) {
        Some((Ok(exchange), rest)) => (Some(exchange), folded(rest)),
        _ => (None, folded(needle)),
    };
    let pattern = Pattern::new(&needle, CaseMatching::Ignore, Normalization::Never, AtomKind::Fuzzy);
    let mut matcher = Matcher::new(Config::DEFAULT);
    let mut buffer = Vec::new();
    let mut hits: Vec<_> = list
        .iter()
        .filter(|instrument| exchange.is_none_or(|exchange| home(exchange, instrument.symbol.as_str()) == instrument.exchange))
        .filter_map(|instrument| {
            // Alike on every exchange, whatever it calls its markets.
            let name = folded(instrument.symbol.as_str());
            let native = folded(&instrument.native);
            let (place, score) = match name.find(&needle).or_else(|| native.find(&needle)) {
                Some(0) => (0, 0),
                Some(_) => (1, 0),
                None => (2, pattern.score(Utf32Str::new(&name, &mut buffer), &mut matcher)?),
            };
            let quote = USUAL_QUOTES.iter().position(|quote| *quote == instrument.quote).unwrap_or(USUAL_QUOTES.len());
            let exact = instrument.base.to_uppercase() != needle && native != needle && name != needle;
            // Amounts of different assets do not compare.
            let traded = volume(instrument).filter(|_| quote < USUAL_QUOTES.len());
            Some((
                (
                    instrument.status != InstrumentStatus::Trading,
                    exact,
                    place,
                    Reverse(score),
                    quote,
                    Reverse(traded),
                    name.len(),
                ),
                instrument,
            ))
        })
        .collect();
    hits.sort_by(|a, b| a.0.cmp(&b.0).then_with(|| (&a.1.symbol, a.1.exchange).cmp(&(&b.1.symbol, b.1.exchange))));
    hits.into_iter().map(|(_, instrument)| instrument).collect()
}

/// Letters and digits alone, upper case.
fn folded(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_uppercase).collect()
}

/// Symbols that trade and look or sound like what was typed, most alike first. The same base in
/// another quote counts as alike: `PEPEUSD` means `PEPE/USDT`.
pub(super) fn near_names(query: &SymbolQuery, list: &[Instrument]) -> Vec<String> {
    let mut scored: Vec<(f64, &Instrument)> = list
        .iter()
        .filter(|instrument| instrument.status == InstrumentStatus::Trading)
        .map(|instrument| {
            let native = instrument.native.to_uppercase();
            let base = instrument.base.to_uppercase();
            let alike = strsim::jaro_winkler(&query.folded, &native);
            let same_base = if base.len() > 1 && query.folded.starts_with(&base) { 0.05 } else { 0.0 };
            (alike + same_base, instrument)
        })
        .filter(|(score, _)| *score >= ALIKE)
        .collect();
    scored.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| a.1.symbol.cmp(&b.1.symbol)));
    scored.into_iter().take(SUGGESTIONS).map(|(_, instrument)| instrument.symbol.to_string()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::instrument::Symbol;
    use crate::domain::instrument::tests::instrument;

    fn list() -> Vec<Instrument> {
        [("BTC", "USDT"), ("BTC", "EUR"), ("PEPE", "USDT"), ("ETH", "BTC"), ("WBTC", "BTC"), ("SHIB", "USDT")]
            .map(|(base, quote)| Instrument {
                symbol: Symbol::spot(base, quote),
                native: format!("{base}{quote}"),
                base: base.into(),
                quote: quote.into(),
                ..instrument()
            })
            .into()
    }

    #[test]
    fn suggests_what_was_probably_meant() {
        let check = |typed: &str, expected: Option<&str>| {
            let near = near_names(&SymbolQuery::parse(typed).unwrap(), &list());
            assert_eq!(near.first().map(String::as_str), expected, "{typed}: {near:?}");
        };
        check("PEPE/USD", Some("PEPE/USDT"));
        check("PEPEUSD", Some("PEPE/USDT"));
        check("BTCUSTD", Some("BTC/USDT"));
        check("SHBI/USDT", Some("SHIB/USDT"));
        check("QQQQ/ZZZ", None);
    }

    #[test]
    fn ranks_the_usual_first() {
        let list = list();
        let check = |typed: &str, expected: &[&str]| {
            let names: Vec<&str> = rank(typed, &list, |_| None).iter().map(|instrument| instrument.symbol.as_str()).collect();
            assert_eq!(names, expected, "{typed}");
        };
        check("btc", &["BTC/USDT", "BTC/EUR", "ETH/BTC", "WBTC/BTC"]);
        check("btcusd", &["BTC/USDT"]);
        check("ppusdt", &["PEPE/USDT"]);
        check("et/bt", &["ETH/BTC"]);
        check("zzz", &[]);
    }

    #[test]
    fn of_equal_matches_in_one_quote_the_most_traded_comes_first() {
        let list: Vec<Instrument> = [("PEOPLE", "USDT"), ("PEPE", "USDT"), ("PERP", "USDT"), ("PEPE", "TRY"), ("PERP", "TRY")]
            .map(|(base, quote)| Instrument {
                symbol: Symbol::spot(base, quote),
                native: format!("{base}{quote}"),
                base: base.into(),
                quote: quote.into(),
                ..list()[0].clone()
            })
            .into();
        let volume = |instrument: &Instrument| match instrument.native.as_str() {
            "PEOPLEUSDT" => Some(Decimal::from(50)),
            "PEPEUSDT" => Some(Decimal::from(900)),
            "PERPTRY" => Some(Decimal::from(1_000_000)),
            _ => None,
        };
        let names: Vec<&str> = rank("pe", &list, volume).iter().map(|instrument| instrument.symbol.as_str()).collect();
        assert_eq!(names, ["PEPE/USDT", "PEOPLE/USDT", "PERP/USDT", "PEPE/TRY", "PERP/TRY"]);
    }
}
