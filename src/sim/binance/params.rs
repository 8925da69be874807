//! Query parameters, refused in the order and the words of the exchange.

use super::super::market::Market;
use super::super::query::Query;
use super::super::rest::Exchange;
use super::error::ApiError;
use crate::domain::time::Time;

/// The decoded query of a request.
#[derive(Debug)]
pub(in crate::sim) struct Params(Query);

/// Which markets a request names.
pub(in crate::sim) enum Chosen<'a> {
    /// By `symbol=`: the answer is an object.
    One(&'a Market),
    /// By `symbols=` or none: the answer is a list.
    Many(Vec<&'a Market>),
}

const SYMBOL: &str = "^[A-Z0-9-_.]{1,20}$";
const SYMBOLS: &str = r#"^\[("[A-Z0-9-_.]{1,20}"(,"[A-Z0-9-_.]{1,20}"){0,}){0,1}\]$"#;
const NUMBER: &str = "^[0-9]{1,20}$";

impl Params {
    pub(in crate::sim) fn new(query: Vec<(String, String)>) -> Self {
        Self(Query::new(query))
    }

    pub(in crate::sim) fn has(&self, name: &str) -> bool {
        self.0.has(name)
    }

    /// The value as sent, if any.
    pub(in crate::sim) fn raw(&self, name: &str) -> Option<&str> {
        self.0.raw(name)
    }

    /// Refuses parameters that the path does not know, and repeated ones.
    pub(in crate::sim) fn only(&self, known: &[&str]) -> Result<(), ApiError> {
        let sent = self.0.pairs();
        let read = sent.iter().filter(|(name, _)| known.contains(&name.as_str())).count();
        if read < sent.len() {
            return Err(ApiError::unread(read, sent.len()));
        }
        let repeated = |at: usize| sent[..at].iter().any(|(name, _)| *name == sent[at].0);
        if (1..sent.len()).any(repeated) { Err(ApiError::duplicate_parameter()) } else { Ok(()) }
    }

    /// A value that is not empty, if sent.
    pub(in crate::sim) fn text(&self, name: &str) -> Result<Option<&str>, ApiError> {
        match self.raw(name) {
            Some("") => Err(ApiError::empty(name)),
            value => Ok(value),
        }
    }

    /// A whole number, if sent.
    pub(in crate::sim) fn number(&self, name: &str) -> Result<Option<i64>, ApiError> {
        let Some(text) = self.text(name)? else { return Ok(None) };
        if text.len() > 20 || !text.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(ApiError::illegal_characters(name, NUMBER));
        }
        text.parse().map(Some).map_err(|_| ApiError::invalid(name))
    }

    /// `true` or `false`, if sent.
    pub(in crate::sim) fn flag(&self, name: &str) -> Result<Option<bool>, ApiError> {
        match self.text(name)? {
            None => Ok(None),
            Some("true") => Ok(Some(true)),
            Some("false") => Ok(Some(false)),
            Some(_) => Err(ApiError::illegal_characters(name, "^(true|false)$")),
        }
    }

    /// How many rows: `usual` where it is not said, never more than `most`.
    pub(in crate::sim) fn limit(&self, usual: i64, most: i64) -> Result<usize, ApiError> {
        match self.number("limit")?.unwrap_or(usual).min(most) {
            0 => Err(ApiError::invalid("limit")),
            limit => Ok(limit as usize),
        }
    }

    /// A time in milliseconds, if sent.
    pub(in crate::sim) fn time(&self, name: &str) -> Result<Option<Time>, ApiError> {
        Ok(self.number(name)?.map(Time::from_ms))
    }

    /// The market that the mandatory `symbol` names.
    pub(in crate::sim) fn market<'a>(&self, exchange: Exchange<'a>) -> Result<&'a Market, ApiError> {
        let symbol = self.raw("symbol").ok_or_else(|| ApiError::missing("symbol"))?;
        find(symbol, exchange)
    }

    /// How many symbols are named; `None` for all.
    pub(in crate::sim) fn symbol_count(&self) -> Option<usize> {
        match self.raw("symbols") {
            Some(list) => Some(serde_json::from_str::<Vec<String>>(list).map_or(1, |symbols| symbols.len())),
            None => self.has("symbol").then_some(1),
        }
    }

    /// The markets that `symbol`, `symbols` and `symbolStatus` choose.
    pub(in crate::sim) fn markets<'a>(&self, exchange: Exchange<'a>) -> Result<Chosen<'a>, ApiError> {
        if self.has("symbol") && self.has("symbols") {
            return Err(ApiError::bad_combination());
        }
        let status = self.text("symbolStatus")?;
        if status.is_some_and(|status| !["TRADING", "HALT", "BREAK"].contains(&status)) {
            return Err(ApiError::invalid_symbol_status());
        }
        let fits = |market: &Market| status.is_none_or(|status| market.status(exchange.now) == status);
        if let Some(symbol) = self.raw("symbol") {
            let market = find(symbol, exchange)?;
            return match status {
                Some(status) if !fits(market) => Err(ApiError::status_mismatch(status)),
                _ => Ok(Chosen::One(market)),
            };
        }
        let mut markets: Vec<&Market> = if let Some(list) = self.text("symbols")? {
            let symbols: Vec<String> =
                serde_json::from_str(list).map_err(|_| ApiError::illegal_characters("symbols", SYMBOLS))?;
            if symbols.iter().any(|symbol| !is_symbol(symbol)) {
                return Err(ApiError::illegal_characters("symbols", SYMBOLS));
            }
            if (1..symbols.len()).any(|at| symbols[..at].contains(&symbols[at])) {
                return Err(ApiError::repeated_symbol());
            }
            symbols.iter().map(|symbol| find(symbol, exchange)).collect::<Result<_, _>>()?
        } else {
            exchange.markets().collect()
        };
        markets.retain(|market| fits(market));
        Ok(Chosen::Many(markets))
    }
}

fn find<'a>(symbol: &str, exchange: Exchange<'a>) -> Result<&'a Market, ApiError> {
    if symbol.is_empty() {
        return Err(ApiError::empty("symbol"));
    }
    if !is_symbol(symbol) {
        return Err(ApiError::illegal_characters("symbol", SYMBOL));
    }
    exchange.find(symbol).ok_or_else(ApiError::invalid_symbol)
}

/// Since December 2025 letters beyond ASCII occur too.
fn is_symbol(text: &str) -> bool {
    let legal =
        |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || "-_.".contains(c) || (!c.is_ascii() && c.is_alphanumeric());
    (1..=20).contains(&text.chars().count()) && text.chars().all(legal)
}
