//! A cell in words.

use crate::domain::range::TimeRange;
use crate::domain::time::{DAY_MS, HOUR_MS, Time, human_duration};
use crate::engine::query::{CellCoverage, CoverageCell};
use crate::engine::snapshot::SeriesView;
use crate::tui::format;
use crate::tui::zone::Zone;
use std::fmt::Write as _;

/// `BTC/USDT 1m, 2026-01-15: 1434 of 1440 candles stored, 6 missing (exchange has no candle)`, or what is
/// to be said `instead` of it.
pub(super) fn words(
    name: &str,
    series: &SeriesView,
    range: TimeRange,
    cell: CoverageCell,
    read: Result<&CellCoverage, &str>,
    zone: Zone,
) -> String {
    let mut text = format!("{name}, {}: ", when(range.from, cell, zone));
    let read = match read {
        Ok(read) => read,
        Err(instead) => return text + instead,
    };
    let missing: i64 = read.reasons().map(|(_, ms)| ms).sum();
    let wanted = read.stored_ms + missing;
    let amount = |ms: i64| amount(series, range, ms);
    if wanted == 0 {
        text.push_str(match range {
            range if range.from >= series.wanted.to => "still to come",
            _ => "before the wanted range: b plans to fetch it",
        });
    } else if missing == 0 {
        // Writing to a string cannot fail.
        let _ = write!(text, "all {} stored", unit(series, range, wanted));
    } else {
        let _ = write!(text, "{} of {} stored", amount(read.stored_ms), unit(series, range, wanted));
        for (reason, ms) in read.reasons() {
            let _ = write!(text, ", {} missing ({})", amount(ms), reason.label());
        }
    }
    text
}

/// A cell's opening: `2026-01`, `2026-01-15`, `2026-01-15 13:00`.
pub(super) fn when(open: Time, cell: CoverageCell, zone: Zone) -> String {
    of_cell(zone, cell).format(
        open,
        match cell {
            CoverageCell::Month => "%Y-%m",
            CoverageCell::Day => "%Y-%m-%d",
            CoverageCell::Hour => "%Y-%m-%d %H:%M",
        },
    )
}

/// The clock of such cells: months and days are those of UTC.
pub(super) const fn of_cell(zone: Zone, cell: CoverageCell) -> Zone {
    zone.of_width(match cell {
        CoverageCell::Hour => HOUR_MS,
        CoverageCell::Day | CoverageCell::Month => DAY_MS,
    })
}

/// Candles, or a length of time where a candle is longer than the cell.
fn amount(series: &SeriesView, range: TimeRange, ms: i64) -> String {
    if series.interval.ms() > range.duration_ms() { human_duration(ms) } else { (ms / series.interval.ms()).to_string() }
}

fn unit(series: &SeriesView, range: TimeRange, ms: i64) -> String {
    let amount = amount(series, range, ms);
    match amount.as_str() {
        _ if series.interval.ms() > range.duration_ms() => format!("{amount} of wider candles"),
        "1" => format!("1 {}", series.dataset.step(1)),
        _ => format!("{amount} {}", series.dataset.step(2)),
    }
}

/// `36 rows lost in 3d 04h`: what falls out of the exchange's reach next, where something owed does.
pub(super) fn loss(series: &SeriesView, now: Time) -> Option<String> {
    let loss = series.lost_at?;
    let what = format!("{} {}", loss.steps, series.dataset.step(loss.steps));
    let left = loss.at.since(now);
    Some(if left > 0 { format!("{what} lost in {}", format::eta(left)) } else { format!("{what} are being lost") })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::gap::GapReason;
    use crate::domain::interval::Interval;
    use crate::domain::time::MINUTE_MS;
    use crate::tui::fixture::{NOW, busy};

    #[test]
    fn cells_in_words() {
        let series = busy().series[0].clone();
        let check = |days: i64, read: Option<CellCoverage>, interval: Interval, expected: &str| {
            let series = SeriesView { interval, ..series.clone() };
            let range = CoverageCell::Day.around(NOW.plus_ms(days * DAY_MS));
            assert_eq!(
                words(&series.name(), &series, range, CoverageCell::Day, read.as_ref().ok_or("reading …"), Zone::new(|_| 0)),
                expected
            );
        };
        let cell = CellCoverage::new;
        check(-1, None, Interval::M1, "BTC/USDT 1m, 2026-01-14: reading …");
        check(-1, Some(cell(DAY_MS, &[])), Interval::M1, "BTC/USDT 1m, 2026-01-14: all 1440 candles stored");
        check(
            -1,
            Some(cell(DAY_MS - 7 * MINUTE_MS, &[(GapReason::NoCandle, 6 * MINUTE_MS), (GapReason::FetchFailed, MINUTE_MS)])),
            Interval::M1,
            "BTC/USDT 1m, 2026-01-14: 1433 of 1440 candles stored, 6 missing (exchange has no candle), 1 missing (request failed)",
        );
        check(-1, Some(cell(DAY_MS, &[])), Interval::D1, "BTC/USDT 1d, 2026-01-14: all 1 candle stored");
        check(-1, Some(cell(DAY_MS, &[])), Interval::W1, "BTC/USDT 1w, 2026-01-14: all 1d 00h of wider candles stored");
        check(1, Some(cell(0, &[])), Interval::M1, "BTC/USDT 1m, 2026-01-16: still to come");
        check(-99, Some(cell(0, &[])), Interval::M1, "BTC/USDT 1m, 2025-10-08: before the wanted range: b plans to fetch it");
    }
}
