//! Times above the map.

use crate::domain::time::Time;
use crate::engine::query::CoverageCell;
use crate::tui::theme::Theme;
use crate::tui::widget::print;
use crate::tui::zone::Zone;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

/// Columns between the starts of two labels, at least.
const APART: u16 = 8;

/// Where the year, the month or the day turns; and between these, as far as there is room, every
/// tenth day or sixth hour.
///
/// ```text
/// Dec 20    2026      Jan 11
/// ```
///
/// `window` holds the cells' openings, each `columns` wide; `zone` is the clock of such cells.
pub(super) fn render(
    buf: &mut Buffer,
    area: Rect,
    cell: CoverageCell,
    (window, columns): (&[Time], u16),
    theme: &Theme,
    zone: Zone,
) {
    let labels: Vec<(u16, String, bool)> = (0_u16..area.width)
        .step_by(columns.max(1).into())
        .zip(window)
        .filter_map(|(x, open)| label(cell, zone.wall(*open)).map(|(text, turn)| (x, text, turn)))
        .collect();
    let turns: Vec<u16> = labels.iter().filter(|(.., turn)| *turn).map(|(x, ..)| *x).collect();
    let mut free = 0;
    for (x, text, turn) in labels {
        let width = text.len() as u16;
        let room = turn || turns.iter().all(|at| *at < x || *at >= x + APART);
        if x >= free && x + width <= area.width && room {
            print(buf, area, area.x + x, area.y, &text, if turn { theme.text } else { theme.axis });
            free = x + APART.max(width + 1);
        }
    }
}

/// The label of a cell that deserves one, and whether something greater turns there.
fn label(cell: CoverageCell, open: Time) -> Option<(String, bool)> {
    let is = |pattern: &str, value: &str| open.format(pattern) == value;
    match cell {
        CoverageCell::Month if is("%m", "01") => Some((open.format("%Y"), true)),
        CoverageCell::Month => is("%m", "07").then(|| (open.format("%b"), false)),
        CoverageCell::Day if is("%m-%d", "01-01") => Some((open.format("%Y"), true)),
        CoverageCell::Day if is("%d", "01") => Some((open.format("%b %Y"), true)),
        CoverageCell::Day => (is("%d", "11") || is("%d", "21")).then(|| (open.format("%b %-d"), false)),
        CoverageCell::Hour if is("%H", "00") => Some((open.format("%b %-d"), true)),
        CoverageCell::Hour => (open.hour().is_multiple_of(6)).then(|| (open.format("%H:%M"), false)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tui::theme::{Colors, Theme};

    #[test]
    fn turns() {
        let check = |cell: CoverageCell, from: &str, expected: &str| {
            let from = Time::parse(from, Time::EPOCH).unwrap();
            let area = Rect::new(0, 0, 34, 1);
            let mut buf = Buffer::empty(area);
            let window: Vec<Time> = (0..35).map(|n| cell.step(from, n)).collect();
            render(&mut buf, area, cell, (&window, 1), &Theme::dark(Colors::Rgb), Zone::new(|_| 0));
            let text: String = (0..34).map(|x| buf[(x, 0)].symbol()).collect();
            assert_eq!(text.trim_end(), expected);
        };
        check(CoverageCell::Day, "2025-12-20", " Dec 21     2026      Jan 11");
        check(CoverageCell::Day, "2025-02-10", " Feb 11    Feb 21  Mar 2025");
        check(CoverageCell::Hour, "2026-01-15T20:00:00Z", "    Jan 16      12:00       Jan 17");
        check(CoverageCell::Month, "2024-05-01", "        2025        2026");
    }
}
