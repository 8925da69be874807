//! Reads of the ingest log beyond what a snapshot carries.

use crate::engine::snapshot::{LogEntry, LogLevel};

/// Which entries are wanted; an empty filter wants all.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct LogFilter {
    /// At least this loud.
    pub level: Option<LogLevel>,
    /// Found in the message, the series or the component, in any case.
    pub text: String,
    /// `BTC/USDT 1m`.
    pub series: Option<String>,
    /// `heartbeat`.
    pub component: Option<String>,
}

impl LogFilter {
    /// Whether every entry is wanted.
    pub fn is_open(&self) -> bool {
        *self == Self::default()
    }

    /// Whether `entry` is wanted.
    pub fn admits(&self, entry: &LogEntry) -> bool {
        let series = entry.series.as_deref();
        self.level.is_none_or(|least| entry.level >= least)
            && self.series.as_deref().is_none_or(|wanted| series == Some(wanted))
            && self.component.as_ref().is_none_or(|wanted| entry.component == *wanted)
            && (self.text.is_empty()
                || [entry.message.as_str(), series.unwrap_or_default(), &entry.component]
                    .into_iter()
                    .any(|text| contains(text, &self.text)))
    }
}

fn contains(text: &str, needle: &str) -> bool {
    if text.is_ascii() && needle.is_ascii() {
        let (text, needle) = (text.as_bytes(), needle.as_bytes());
        return text.windows(needle.len()).any(|part| part.eq_ignore_ascii_case(needle));
    }
    text.to_lowercase().contains(&needle.to_lowercase())
}

/// A page of the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogPage {
    /// Oldest first.
    pub entries: Vec<LogEntry>,
    /// Whether nothing older is wanted or kept.
    pub is_first: bool,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::time::Time;

    #[test]
    fn filters() {
        let entry = LogEntry {
            id: 1,
            at: Time::EPOCH,
            level: LogLevel::Warn,
            component: "gaps".into(),
            series: Some("ETH/USDT 1m".into()),
            message: "3 minutes lacking, Ärger".into(),
        };
        let check = |filter: LogFilter, expected: bool| assert_eq!(filter.admits(&entry), expected, "{filter:?}");
        let text = |text: &str| LogFilter { text: text.into(), ..LogFilter::default() };
        check(LogFilter::default(), true);
        check(text("LACKING"), true);
        check(text("ärger"), true);
        check(text("eth/"), true);
        check(text("GAP"), true);
        check(text("btc"), false);
        check(LogFilter { level: Some(LogLevel::Error), ..LogFilter::default() }, false);
        check(LogFilter { level: Some(LogLevel::Warn), ..text("eth") }, true);
        check(LogFilter { series: Some("ETH/USDT 1h".into()), ..LogFilter::default() }, false);
        check(LogFilter { component: Some("gaps".into()), ..LogFilter::default() }, true);
    }
}
