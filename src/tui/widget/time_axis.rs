//! Times under a chart.

use super::print;
use crate::domain::time::{DAY_MS, HOUR_MS, MINUTE_MS, Time};
use crate::tui::format;
use crate::tui::zone::Zone;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::widgets::Widget;

/// Least columns between the starts of two labels.
const APART: i64 = 9;

/// Labels at the turns of minutes, hours, days, months or years, whichever leave room.
///
/// ```text
/// 23:30     Nov 20    00:30     01:00
/// ```
#[derive(Debug)]
pub(crate) struct TimeAxis {
    /// End of the last step (exclusive), at the right edge.
    pub(crate) to: Time,
    /// Width of a step.
    pub(crate) step_ms: i64,
    /// Columns per step.
    pub(crate) cells: u16,
    /// The clock of the labels.
    pub(crate) zone: Zone,
    pub(crate) style: Style,
    /// For turns of a day and more.
    pub(crate) turn_style: Style,
}

/// Distances between labels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Every {
    Ms(i64),
    /// Days of the month: 1, 1 + n, 1 + 2n ..; a rest shorter than half of n has no label of its own.
    Days(i64),
    Months(u32),
    Years(i64),
}

const EVERY: [(Every, i64); 20] = [
    (Every::Ms(MINUTE_MS), MINUTE_MS),
    (Every::Ms(5 * MINUTE_MS), 5 * MINUTE_MS),
    (Every::Ms(10 * MINUTE_MS), 10 * MINUTE_MS),
    (Every::Ms(15 * MINUTE_MS), 15 * MINUTE_MS),
    (Every::Ms(30 * MINUTE_MS), 30 * MINUTE_MS),
    (Every::Ms(HOUR_MS), HOUR_MS),
    (Every::Ms(2 * HOUR_MS), 2 * HOUR_MS),
    (Every::Ms(3 * HOUR_MS), 3 * HOUR_MS),
    (Every::Ms(6 * HOUR_MS), 6 * HOUR_MS),
    (Every::Ms(12 * HOUR_MS), 12 * HOUR_MS),
    (Every::Ms(DAY_MS), DAY_MS),
    (Every::Days(2), 2 * DAY_MS),
    (Every::Days(5), 5 * DAY_MS),
    (Every::Days(10), 9 * DAY_MS),
    (Every::Months(1), 28 * DAY_MS),
    (Every::Months(3), 89 * DAY_MS),
    (Every::Months(6), 180 * DAY_MS),
    (Every::Years(1), 365 * DAY_MS),
    (Every::Years(5), 5 * 365 * DAY_MS),
    (Every::Years(20), 20 * 365 * DAY_MS),
];

impl Every {
    /// The same for all times between two labels.
    fn turn(self, time: Time) -> i64 {
        let number = |pattern: &str| time.format(pattern).parse::<i64>().unwrap_or(0);
        match self {
            Self::Ms(ms) => time.floor_to(ms).ms(),
            Self::Days(days) => {
                let part = ((number("%d") - 1) / days).min((30 - days / 2) / days);
                (number("%Y") * 12 + number("%m")) * 32 + part
            }
            Self::Months(months) => number("%Y") * 12 + (number("%m") - 1) / i64::from(months) * i64::from(months),
            Self::Years(years) => number("%Y").div_euclid(years),
        }
    }
}

impl TimeAxis {
    fn every(&self) -> Every {
        let least = APART * self.step_ms / i64::from(self.cells.max(1));
        EVERY.iter().find(|(_, ms)| *ms >= least).map_or(Every::Years(100), |(every, _)| *every)
    }
}

/// The largest unit that turns between two times decides how the later one is written.
fn label(before: Time, at: Time, every: Every) -> (String, bool) {
    let turned = |pattern: &str| before.format(pattern) != at.format(pattern);
    // A step that is wider than a day need not open at midnight: then the date alone says when.
    if turned("%Y") {
        (at.format("%Y"), true)
    } else if turned("%Y-%m") {
        (at.format("%b"), true)
    } else if turned("%Y-%m-%d") {
        (at.format("%b %-d"), matches!(every, Every::Ms(ms) if ms < DAY_MS))
    } else {
        (at.format("%H:%M"), false)
    }
}

impl Widget for TimeAxis {
    fn render(self, area: Rect, buf: &mut Buffer) {
        if area.is_empty() || self.step_ms <= 0 {
            return;
        }
        let every = self.every();
        let steps = i64::from(area.width.div_ceil(self.cells.max(1)));
        let mut free = i64::from(area.x);
        for n in 0..steps {
            let start = self.to.plus_ms(-(steps - n) * self.step_ms);
            let last = self.zone.wall(start.plus_ms(self.step_ms - 1));
            let before = self.zone.wall(start.plus_ms(-1));
            if every.turn(last) == every.turn(before) {
                continue;
            }
            // The turn lies within the step: the label tells the turn, not the step's opening.
            let at = match every {
                Every::Ms(ms) => last.floor_to(ms),
                Every::Days(_) | Every::Months(_) | Every::Years(_) => last,
            };
            let (text, turn) = label(before, at, every);
            let x = i64::from(area.right()) - (steps - n) * i64::from(self.cells);
            let width = format::width(&text) as i64;
            if x >= free && x + width <= i64::from(area.right()) {
                print(buf, area, x as u16, area.y, &text, if turn { self.turn_style } else { self.style });
                free = x + width + 2;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(to: &str, step_ms: i64, columns: u16, expected: &str) {
        check_by(Zone::new(|_| 0), to, step_ms, columns, expected);
    }

    fn check_by(zone: Zone, to: &str, step_ms: i64, columns: u16, expected: &str) {
        let area = Rect::new(0, 0, columns, 1);
        let mut buf = Buffer::empty(area);
        let to = Time::parse(to, Time::EPOCH).unwrap();
        TimeAxis { to, step_ms, cells: 1, zone, style: Style::new(), turn_style: Style::new() }.render(area, &mut buf);
        let text: String = (0..columns).map(|x| buf[(x, 0)].symbol()).collect();
        assert_eq!(text.trim_end(), expected);
    }

    #[test]
    fn turns() {
        check("2026-01-01T00:20:00Z", MINUTE_MS, 40, "23:40     23:50     2026      00:10");
        check("2026-11-20T12:00:00Z", HOUR_MS, 40, "    Nov 19      12:00       Nov 20");
        check("2026-03-05", DAY_MS, 40, "        Feb       Feb 11    Feb 21  Mar");
        check("2026-03-05", 30 * DAY_MS, 40, " 2023        2024        2025");
    }

    #[test]
    fn the_clock_on_the_wall_turns_at_its_own_hours() {
        let mut zone = Zone::new(|_| HOUR_MS * 11 / 2);
        zone.local = true;
        check_by(zone, "2025-12-31T18:50:00Z", MINUTE_MS, 40, "23:40     23:50     2026      00:10");
        check_by(zone, "2026-11-20T12:00:00Z", HOUR_MS, 40, "          12:00       Nov 20      12:00");
    }
}
