//! What a process has used, as Linux tells it under /proc.

use super::Failure;
use std::time::Duration;

/// Clock ticks a second of `/proc/PID/stat`: 100 on every Linux of today.
const TICKS: u64 = 100;

/// A process by its number.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Process(u32);

/// What it has used since its start.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Usage {
    /// User and system time of all its threads.
    pub(crate) cpu: Duration,
    /// Memory now and at most.
    pub(crate) resident_kb: u64,
    pub(crate) peak_kb: u64,
    /// Bytes that it has caused to be sent to disk.
    pub(crate) written: u64,
}

impl Process {
    pub(crate) const fn new(id: u32) -> Self {
        Self(id)
    }

    pub(crate) fn usage(self) -> Result<Usage, Failure> {
        let read = |name: &str| std::fs::read_to_string(format!("/proc/{}/{name}", self.0));
        let stat = read("stat")?;
        // The name may hold blanks, and ends with the last bracket; the times are the 14th and 15th field.
        let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
        let ticks = |at: usize| fields.get(at).and_then(|text| text.parse::<u64>().ok()).ok_or("no times in /proc/PID/stat");
        let status = read("status")?;
        Ok(Usage {
            cpu: Duration::from_millis((ticks(11)? + ticks(12)?) * 1_000 / TICKS),
            resident_kb: number(&status, "VmRSS:").ok_or("no VmRSS")?,
            peak_kb: number(&status, "VmHWM:").ok_or("no VmHWM")?,
            written: number(&read("io")?, "write_bytes:").ok_or("no write_bytes")?,
        })
    }
}

fn number(text: &str, name: &str) -> Option<u64> {
    text.lines().find_map(|line| line.strip_prefix(name))?.split_whitespace().next()?.parse().ok()
}

/// Processes that ran or waited to run, averaged over the last minute.
pub(crate) fn machine_load() -> f64 {
    let text = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    text.split_whitespace().next().and_then(|load| load.parse().ok()).unwrap_or(f64::NAN)
}
