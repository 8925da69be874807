//! What was measured, in lines.

use serde_json::Value;
use std::fmt;
use std::time::Duration;

pub(crate) struct Figures {
    pub(crate) seconds: f64,
    pub(crate) cpu_percent: f64,
    pub(crate) simulator_percent: Option<f64>,
    /// At the beginning, at most in a sample, at the end.
    pub(crate) resident_kb: (u64, u64, u64),
    pub(crate) peak_kb: u64,
    pub(crate) written_per_second: f64,
    pub(crate) frames_per_second: f64,
    /// How many, median, 95th percentile, slowest.
    pub(crate) keys: (usize, Option<Duration>, Option<Duration>, Option<Duration>),
    pub(crate) streams: Option<String>,
    /// Of the machine, over the last minute.
    pub(crate) load: f64,
}

impl fmt::Display for Figures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mb = |kb: u64| kb as f64 / 1_024.0;
        let (first, most, last) = self.resident_kb;
        writeln!(f, "measured     {:.0} s, machine load {:.1}", self.seconds, self.load)?;
        writeln!(f, "recorder     {:.1} % of one core", self.cpu_percent)?;
        if let Some(percent) = self.simulator_percent {
            writeln!(f, "exchange     {percent:.1} % of one core")?;
        }
        writeln!(
            f,
            "memory       {:.1} MB at first, {:.1} at most, {:.1} at last; peak since the start {:.1}",
            mb(first),
            mb(most),
            mb(last),
            mb(self.peak_kb)
        )?;
        writeln!(f, "written      {:.0} bytes a second", self.written_per_second)?;
        write!(f, "screen       {:.1} frames a second", self.frames_per_second)?;
        if let (count, Some(median), Some(late), Some(slowest)) = self.keys {
            let ms = |time: Duration| time.as_secs_f64() * 1_000.0;
            let (median, late, slowest) = (ms(median), ms(late), ms(slowest));
            write!(f, "\nkey to paint p50 {median:.1} ms, p95 {late:.1} ms, slowest {slowest:.1} ms of {count}")?;
        }
        self.streams.as_ref().map_or(Ok(()), |streams| write!(f, "\nstreams      {streams}"))
    }
}

/// The value below which so many percent of the ascending values lie.
pub(crate) fn percentile(ascending: &[Duration], percent: usize) -> Option<Duration> {
    ascending.get(ascending.len().saturating_sub(1) * percent / 100).copied()
}

/// What `status --json` says of the streams.
pub(crate) fn streams(status: &Value) -> Option<String> {
    let view = status.get("streams")?.as_array()?.iter().find(|view| view["exchange"] == "binance")?;
    let figure = |name: &str| view.get(name).cloned().unwrap_or_default();
    Some(format!(
        "{} sockets, {} subscriptions, {:.0} frames a second, lag p50 {} ms, p99 {} ms",
        figure("sockets"),
        figure("subscriptions"),
        figure("frames_per_second").as_f64().unwrap_or(0.0),
        figure("lag_p50_ms"),
        figure("lag_p99_ms")
    ))
}
