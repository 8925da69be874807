//! Where the parts of the coverage map stand.

use super::{bottom, inner, top};
use ratatui::layout::Rect;

/// Rows of a map panel that say anything: border, times, two series, words.
const LEAST_MAP: u16 = 6;

/// Rows of a detail of which two lines are seen.
const LEAST_DETAIL: u16 = 5;

/// The coverage screen.
///
/// ```text
/// ╭ Coverage ───────────────────────╮
/// │         times                    │
/// │ names   map                      │
/// │ legend                           │
/// │ words                            │
/// ╰─────────────────────────────────╯
/// ╭ detail ─────────────────────────╮   alone where there is no room for both
/// ╰─────────────────────────────────╯
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Coverage {
    pub(crate) panel: Rect,
    pub(crate) times: Rect,
    pub(crate) names: Rect,
    pub(crate) map: Rect,
    pub(crate) legend: Rect,
    pub(crate) words: Rect,
    pub(crate) detail: Option<Rect>,
}

/// The parts inside `body`; the legend takes `legend` rows where there is room for them, the longest name
/// `names` columns, an open `detail` as many rows as it needs, but half of them at most. One that has the
/// `whole` of it leaves the map no row.
pub(crate) fn coverage(body: Rect, legend: u16, names: u16, detail: Option<u16>, whole: bool) -> Coverage {
    let (panel, detail) = if let Some(needed) = detail {
        let rows = (body.height / 2).clamp(7, 18).min(needed.max(LEAST_DETAIL));
        let rows = if whole || body.height < rows + LEAST_MAP { body.height } else { rows };
        let (panel, detail) = bottom(body, rows);
        (panel, Some(detail))
    } else {
        (body, None)
    };
    let inside = inner(panel);
    let inside = Rect { x: inside.x + 1.min(inside.width), width: inside.width.saturating_sub(2), ..inside };
    let (times, rest) = top(inside, 1);
    let (rest, words) = bottom(rest, 1);
    // What a cell says stands in the words too: series go before a legend.
    let (rows, legend) = bottom(rest, legend.min(rest.height / 3));
    let label = match inside.width {
        // The mark, the percentage and a blank.
        70.. => (names + 10).clamp(24, 50.min(inside.width * 2 / 5).max(24)),
        // A pair of three or four letters beside its interval, and on wider ones beside `trades`.
        50.. => 24,
        _ => 20,
    }
    .min(inside.width * 5 / 9);
    let right = |area: Rect| Rect { x: area.x + label, width: area.width - label, ..area };
    Coverage { panel, times: right(times), names: Rect { width: label, ..rows }, map: right(rows), legend, words, detail }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_stay_inside() {
        for (width, height) in (0..120).flat_map(|width| (0..40).map(move |height| (width, height))) {
            let area = Rect::new(3, 2, width, height);
            for (legend, detail, whole) in
                [(0, None, false), (3, None, true), (3, Some(4), false), (3, Some(90), false), (3, Some(9), true)]
            {
                let parts = coverage(area, legend, width / 3, detail, whole);
                let all = [parts.panel, parts.times, parts.names, parts.map, parts.legend, parts.words];
                for part in all.into_iter().chain(parts.detail) {
                    assert_eq!(part.intersection(area), part, "{width}x{height}");
                }
            }
        }
    }
}
