//! Parsers of single values; each error says what is allowed.

use crate::domain::instrument::{ExchangeId, ExchangeParseError};
use std::net::{Ipv4Addr, Ipv6Addr};
use std::ops::RangeInclusive;

pub(super) fn whole_number(text: &str, allowed: RangeInclusive<i64>) -> Result<i64, String> {
    text.trim()
        .parse()
        .ok()
        .filter(|number| allowed.contains(number))
        .ok_or_else(|| format!("`{}` is not a whole number from {} to {}", shown(text), allowed.start(), allowed.end()))
}

pub(super) fn switch(text: &str) -> Result<bool, String> {
    text.trim().parse().map_err(|_| format!("`{}` is neither true nor false", shown(text)))
}

pub(super) fn path(text: &str) -> Result<String, String> {
    if text.chars().any(char::is_control) {
        return Err("a path holds no control characters".to_owned());
    }
    Ok(text.to_owned())
}

/// A theme's name, which is also that of its file.
pub(super) fn name(text: &str) -> Result<String, String> {
    let plain = |c: char| c.is_alphanumeric() || "-_ ".contains(c);
    if text.is_empty() || !text.chars().all(plain) {
        return Err(format!("`{}` is not a name: letters, digits, `-` and `_` are allowed", shown(text)));
    }
    Ok(text.to_owned())
}

/// A list of exchanges, such as `binance, okx`; each at most once, in this order.
pub(super) fn exchanges(text: &str) -> Result<Vec<ExchangeId>, String> {
    let mut list = Vec::new();
    for name in text.split(',').map(str::trim).filter(|name| !name.is_empty()) {
        let id = name.parse().map_err(|error: ExchangeParseError| error.to_string())?;
        if !list.contains(&id) {
            list.push(id);
        }
    }
    if list.is_empty() { Err("no exchange is named: use for example \"binance, okx\"".to_owned()) } else { Ok(list) }
}

/// Whether rising prices are red.
pub(super) fn red_up(text: &str) -> Result<bool, String> {
    match text {
        "green" => Ok(false),
        "red" => Ok(true),
        _ => Err(format!("`{}` is not a colour for rising prices: use green or red", shown(text))),
    }
}

/// Scheme and host without a path. Plain http would let anyone on the way alter the data, so only
/// this machine itself may use it.
pub(super) fn base_url(text: &str) -> Result<String, String> {
    url(text, "https://", "http://")
}

/// The same of a stream: `wss://HOST`, or `ws://` on this machine; empty for none.
pub(super) fn optional_stream_url(text: &str) -> Result<Option<String>, String> {
    if text.trim().is_empty() { Ok(None) } else { url(text, "wss://", "ws://").map(Some) }
}

fn url(text: &str, encrypted: &str, plain: &str) -> Result<String, String> {
    let refuse = |what: &str| Err(format!("`{}` {what}: use {encrypted}HOST or {encrypted}HOST:PORT", shown(text)));
    let trimmed = text.trim().trim_end_matches('/');
    let (secure, authority) = match (trimmed.strip_prefix(encrypted), trimmed.strip_prefix(plain)) {
        (Some(rest), _) => (true, rest),
        (_, Some(rest)) => (false, rest),
        _ => return refuse(&format!("has no {encrypted} in front")),
    };
    if authority.contains(['/', '?', '#']) {
        return refuse("has a path");
    }
    let Some(host) = host_of(authority) else { return refuse("names no host") };
    if !secure && !is_loopback(host) {
        return refuse("is not encrypted, which is allowed for this machine alone");
    }
    Ok(trimmed.to_owned())
}

/// [`base_url`], or nothing at all.
pub(super) fn optional_base_url(text: &str) -> Result<Option<String>, String> {
    if text.trim().is_empty() { Ok(None) } else { base_url(text).map(Some) }
}

fn host_of(authority: &str) -> Option<&str> {
    let (host, port) = match authority.strip_prefix('[') {
        Some(rest) => {
            let (address, after) = rest.split_once(']')?;
            address.parse::<Ipv6Addr>().ok()?;
            (address, if after.is_empty() { None } else { Some(after.strip_prefix(':')?) })
        }
        None => authority.split_once(':').map_or((authority, None), |(host, port)| (host, Some(port))),
    };
    let is_name = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '.' || c == ':';
    let port_fits = port.is_none_or(|port| port.parse::<u16>().is_ok_and(|port| port > 0));
    (!host.is_empty() && host.chars().all(is_name) && port_fits).then_some(host)
}

fn is_loopback(host: &str) -> bool {
    host.eq_ignore_ascii_case("localhost")
        || host.parse::<Ipv4Addr>().is_ok_and(|address| address.is_loopback())
        || host.parse::<Ipv6Addr>().is_ok_and(|address| address.is_loopback())
}

/// A value as a message repeats it: short, in one line.
fn shown(text: &str) -> String {
    text.chars().take(80).flat_map(char::escape_debug).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls() {
        let check = |text: &str, expected: Option<&str>| assert_eq!(base_url(text).ok().as_deref(), expected, "{text}");
        check("https://api.binance.com", Some("https://api.binance.com"));
        check("https://api.binance.com/", Some("https://api.binance.com"));
        check("https://localhost:8443", Some("https://localhost:8443"));
        check("http://127.0.0.1:9000", Some("http://127.0.0.1:9000"));
        check("http://[::1]:9000", Some("http://[::1]:9000"));
        check("http://localhost", Some("http://localhost"));
        for bad in [
            "",
            "api.binance.com",
            "ftp://x",
            "http://api.binance.com",
            "http://localhost.evil.com",
            "http://127.0.0.1@evil.com",
            "https://user@host",
            "https://host/api",
            "https://host?x",
            "https://host:0",
            "https://host:99999",
            "https://ho st",
            "https://",
            "https://:80",
            "https://[::1",
            "http://0.0.0.0:80",
        ] {
            check(bad, None);
        }
    }

    #[test]
    fn messages_stay_in_one_line() {
        let told = whole_number("a\nb", 1..=5).unwrap_err();
        assert_eq!(told, "`a\\nb` is not a whole number from 1 to 5");
    }
}
