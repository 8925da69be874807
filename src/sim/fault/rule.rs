//! When a fault strikes, and the words for it.

use super::{Fault, SocketFault};
use crate::domain::time::{Time, parse_duration_ms, short_duration};
use std::fmt;
use std::str::FromStr;

/// A fault, and which requests it strikes; one of sockets counts handshakes, subscriptions, pings, closing
/// frames or frames, whichever it is about.
///
/// In words: `FAULT [ARG=VALUE..] [on PATH] [always | every N | first N | after N | chance P | at TIME] [times N]`,
/// as in `429 retry-after=2 every 10` or `dropped-rows at 2025-03-01T00:10:00Z times 1`. Faults of sockets
/// know `every 7m` besides.
#[derive(Debug, Clone, PartialEq)]
pub struct FaultRule {
    /// What goes wrong.
    pub fault: Fault,
    /// Start of the paths that it concerns.
    pub on: String,
    /// Which of their requests.
    pub when: When,
    /// How often in all; without end where `None`.
    pub times: Option<u64>,
}

/// Which of the requests on a rule's path are struck.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum When {
    /// All.
    Always,
    /// The n-th, the 2n-th and so on.
    Every(u64),
    /// The first n.
    First(u64),
    /// All but the first n.
    After(u64),
    /// Each with this probability, by the simulation's seed.
    Chance(f64),
    /// Requests for candles whose asked range holds this time; faults of one row strike the row there. Among
    /// the faults of sockets, for that of closing frames alone.
    At(Time),
    /// Once in each such stretch of a socket's life after the first, by the exchange's clock. For faults
    /// of sockets alone.
    Period {
        /// Its length.
        ms: i64,
    },
}

/// Where there are rows of candles.
const CANDLE_PATHS: [&str; 6] = [
    "/api/v3/klines",
    "/api/v3/uiKlines",
    "/fapi/v1/klines",
    "/api/v5/market/candles",
    "/api/v5/market/history-candles",
    "/0/public/OHLC",
];

/// Words that are no rule.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("fault rule `{rule}`: {reason}")]
pub struct FaultParseError {
    /// As given.
    pub rule: String,
    /// What is wrong with it.
    pub reason: String,
}

impl FaultRule {
    /// Strikes every request on the path that the fault is about.
    pub fn always(fault: Fault) -> Self {
        let on = match fault {
            Fault::ClockSkew { .. } => "/api/v3/time",
            Fault::Socket(_) => "/",
            _ => "/api/v3/klines",
        };
        Self { fault, on: on.to_owned(), when: When::Always, times: None }
    }

    /// The same at other requests.
    #[must_use]
    pub fn when(self, when: When) -> Self {
        Self { when, ..self }
    }

    /// The same at most `times` times.
    #[must_use]
    pub fn times(self, times: u64) -> Self {
        Self { times: Some(times), ..self }
    }

    /// The same on another path.
    #[must_use]
    pub fn on(self, path: &str) -> Self {
        Self { on: path.to_owned(), ..self }
    }
}

impl FromStr for FaultRule {
    type Err = FaultParseError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        parse(text).map_err(|reason| FaultParseError { rule: text.to_owned(), reason })
    }
}

fn parse(text: &str) -> Result<FaultRule, String> {
    let mut words = text.split_whitespace();
    let name = words.next().ok_or("names no fault")?;
    let fault = Fault::from_name(name).ok_or_else(|| {
        let mut names: Vec<&str> = Fault::ALL.into_iter().map(Fault::name).collect();
        names.extend(SocketFault::ALL.map(SocketFault::name));
        names.dedup();
        format!("`{name}` is no fault: use {}", names.join(", "))
    })?;
    let mut rule = FaultRule::always(fault);
    while let Some(word) = words.next() {
        if let Some((key, value)) = word.split_once('=') {
            set(&mut rule.fault, key, value)?;
            continue;
        }
        let mut value = || words.next().ok_or_else(|| format!("`{word}` needs a value"));
        match word {
            "always" => rule.when = When::Always,
            "every" => {
                let text = value()?;
                rule.when = match parse_duration_ms(text) {
                    Ok(ms) => When::Period { ms },
                    Err(_) => When::Every(count(text)?),
                };
            }
            "first" => rule.when = When::First(count(value()?)?),
            "after" => rule.when = When::After(count(value()?)?),
            "times" => rule.times = Some(count(value()?)?),
            "chance" => {
                let text = value()?;
                let chance = text.parse::<f64>().ok().filter(|chance| (0.0..=1.0).contains(chance));
                rule.when = When::Chance(chance.ok_or_else(|| format!("`{text}` is no probability from 0 to 1"))?);
            }
            "at" => {
                let text = value()?;
                let time = text.parse().map(Time::from_ms).or_else(|_| Time::parse(text, Time::EPOCH));
                rule.when = When::At(time.map_err(|error| error.to_string())?);
            }
            "on" => {
                let path = value()?;
                if !path.starts_with('/') {
                    return Err(format!("the path `{path}` does not start with /"));
                }
                path.clone_into(&mut rule.on);
            }
            _ => return Err(format!("`{word}` is none of always, every, first, after, chance, at, on, times")),
        }
    }
    if rule.fault.is_about_rows() && !CANDLE_PATHS.iter().any(|path| path.starts_with(&rule.on)) {
        return Err(format!("`{name}` acts on rows, and {} has none", rule.on));
    }
    let closings = matches!(rule.fault, Fault::Socket(SocketFault::SkippedClose));
    match (rule.when, rule.fault) {
        (When::Period { .. }, fault) if !matches!(fault, Fault::Socket(_)) => {
            Err(format!("`{name}` is about requests, and `every` counts them: give a number without a unit"))
        }
        (When::At(_), Fault::Socket(_)) if !closings => Err(format!("`{name}` is about no candle, and has no `at`")),
        _ => Ok(rule),
    }
}

fn count(text: &str) -> Result<u64, String> {
    text.parse().ok().filter(|count| *count > 0).ok_or_else(|| format!("`{text}` is no count"))
}

fn set(fault: &mut Fault, key: &str, value: &str) -> Result<(), String> {
    let bad = || format!("`{value}` is no value for `{key}`");
    let name = fault.name();
    match (key, fault) {
        ("ms" | "bytes" | "status", Fault::Socket(fault)) => fault.set(key, value).ok_or_else(bad)?,
        ("ms", Fault::Latency { ms } | Fault::SlowDrip { ms, .. }) => *ms = value.parse().map_err(|_| bad())?,
        ("ms", Fault::ClockSkew { ms }) => *ms = value.parse().map_err(|_| bad())?,
        ("ms", Fault::ShiftedRows { ms }) => *ms = Some(value.parse().map_err(|_| bad())?),
        ("retry-after", Fault::TooManyRequests { retry_after }) => {
            *retry_after = if value == "none" { None } else { Some(value.parse().map_err(|_| bad())?) };
        }
        ("retry-after", Fault::Banned { retry_after }) => *retry_after = value.parse().map_err(|_| bad())?,
        ("bytes", Fault::SlowDrip { bytes, .. }) => {
            *bytes = value.parse().ok().filter(|bytes| *bytes > 0).ok_or_else(bad)?;
        }
        ("bytes", Fault::HugeBody { bytes }) => *bytes = value.parse().map_err(|_| bad())?,
        _ => return Err(format!("`{name}` has no `{key}`")),
    }
    Ok(())
}

impl fmt::Display for FaultRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} on {}", self.fault, self.on)?;
        match self.when {
            When::Always => {}
            When::Every(n) => write!(f, " every {n}")?,
            When::First(n) => write!(f, " first {n}")?,
            When::After(n) => write!(f, " after {n}")?,
            When::Chance(p) => write!(f, " chance {p}")?,
            When::At(time) => write!(f, " at {}", time.iso())?,
            When::Period { ms } => write!(f, " every {}", short_duration(ms))?,
        }
        self.times.map_or(Ok(()), |times| write!(f, " times {times}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_round_trip() {
        let check = |text: &str, expected: FaultRule| {
            let rule: FaultRule = text.parse().unwrap();
            assert_eq!(rule, expected);
            assert_eq!(rule.to_string().parse(), Ok(expected));
        };
        let refusal = Fault::TooManyRequests { retry_after: Some(2) };
        check("429 every 10 retry-after=2", FaultRule::always(refusal).when(When::Every(10)));
        check("429 retry-after=none", FaultRule::always(Fault::TooManyRequests { retry_after: Some(1) }).with_none());
        check("reset first 3 on /api/v3/time", FaultRule::always(Fault::Reset).when(When::First(3)).on("/api/v3/time"));
        check("stall chance 0.25 times 2", FaultRule::always(Fault::Stall).when(When::Chance(0.25)).times(2));
        let at = Time::parse("2025-03-01T00:10:00Z", Time::EPOCH).unwrap();
        check("dropped-rows at 2025-03-01T00:10:00Z", FaultRule::always(Fault::DroppedRows).when(When::At(at)));
        check("clock-skew ms=-5000", FaultRule::always(Fault::ClockSkew { ms: -5_000 }));
        check("drop-socket every 7m", FaultRule::always(Fault::Socket(SocketFault::Drop)).when(When::Period { ms: 420_000 }));
        let refused = Fault::Socket(SocketFault::RefusedHandshake { status: 429 });
        check("refused-handshake status=429 first 2 on /v2", FaultRule::always(refused).when(When::First(2)).on("/v2"));
        for fault in Fault::ALL.into_iter().chain(SocketFault::ALL.map(Fault::Socket)) {
            let rule = FaultRule::always(fault);
            assert_eq!(rule.to_string().parse(), Ok(rule));
        }
    }

    impl FaultRule {
        fn with_none(mut self) -> Self {
            self.fault = Fault::TooManyRequests { retry_after: None };
            self
        }
    }

    #[test]
    fn refusals_say_why() {
        let check = |text: &str, expected: &str| {
            let error = text.parse::<FaultRule>().unwrap_err().to_string();
            assert!(error.contains(expected), "{error}");
        };
        check("", "names no fault");
        check("explode", "`explode` is no fault: use latency, 429");
        check("429 every", "`every` needs a value");
        check("429 every 0", "`0` is no count");
        check("429 sometimes", "`sometimes` is none of");
        check("reset ms=5", "`reset` has no `ms`");
        check("latency ms=soon", "`soon` is no value for `ms`");
        check("stall chance 2", "no probability");
        check("stall at noon", "not a time");
        check("reset on klines", "does not start with /");
        check("empty on /api/v3/time", "acts on rows");
        check("503 every 7m", "counts them");
        check("drop-socket at 2025-03-01T00:10:00Z", "has no `at`");
        check("refused-handshake status=200", "`200` is no value for `status`");
        check("drop-socket ms=5", "`5` is no value for `ms`");
    }
}
