//! Ranges as they are typed: what can be told of them without the store and without an exchange.

use super::Usage;
use crate::domain::time::Time;

/// Refuses a range that ends before it begins; `now` counts as the end of all.
pub(super) fn ordered(from: &str, to: &str) -> anyhow::Result<()> {
    // The end of all that is stored: what `now` is, an exchange's clock says later.
    let last = Time::from_ms(i64::MAX);
    let (Ok(start), end) = (Time::parse(from, last), Time::parse(to, last)?) else { return Ok(()) };
    if start >= end {
        return Err(Usage(format!("--from {from} is not before --to {to}")).into());
    }
    Ok(())
}

/// A typed start, which must lie in the past.
pub(super) fn start(from: &str, now: Time) -> anyhow::Result<Time> {
    let start = Time::parse(from, now)?;
    if start >= now {
        return Err(Usage(format!("--from {} lies in the future: nothing of it is there yet", start.iso())).into());
    }
    Ok(start)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_the_wrong_way_round_is_refused() {
        let check = |from: &str, to: &str, good: bool| assert_eq!(ordered(from, to).is_ok(), good, "{from} to {to}");
        check("2025-01-01", "2025-01-02", true);
        check("2025-01-02", "2025-01-01", false);
        check("2025-01-01", "2025-01-01", false);
        check("2025-01-01T02:00:00+02:00", "2025-01-01", false);
        check("2031-01-01", "now", true);
        check("now", "now", false);
        check("listing", "2025-01-01", true);
    }

    #[test]
    fn what_lies_ahead_is_refused() {
        let now = Time::from_ms(1_700_000_000_000);
        assert!(start("2023-01-01", now).is_ok());
        assert!(start("now", now).is_err());
        assert_eq!(
            start("2031-01-01", now).unwrap_err().to_string(),
            "--from 2031-01-01T00:00:00Z lies in the future: nothing of it is there yet"
        );
    }
}
