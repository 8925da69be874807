//! Where panels stand: pure geometry, shared by the reducer (how far a page is, how many candles
//! are visible) and the views.

pub(crate) mod coverage;
pub(crate) mod market;

use ratatui::layout::Rect;

/// The least terminal that shows more than a line: columns and rows.
pub(crate) const LEAST: (u16, u16) = (40, 10);
/// From this width on, the watch screen has a chart beside its table.
const PREVIEW_FROM: u16 = 110;
/// The table is no wider than all of its columns need.
const TABLE_AT_MOST: u16 = 142;
/// A chart beside the table is no wider than this while the table lacks columns.
const PREVIEW_AT_MOST: u16 = 60;
/// From this width on, two panels stand side by side at the bottom of the watch screen.
const TWO_PANELS_FROM: u16 = 100;
/// Rows that the plot of a chart keeps where panes and words would have more.
const LEAST_PLOT: u16 = 6;
/// Columns of the palette: from there on its longest lines fit.
const PALETTE: u16 = 110;
/// Rows of body from which there are bottom panels at all.
const PANELS_FROM: u16 = 14;

/// The frame around every screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Frame {
    /// Tabs, exchanges, clock.
    pub(crate) tabs: Rect,
    /// The screen itself.
    pub(crate) body: Rect,
    /// Hints and status.
    pub(crate) bar: Rect,
}

/// The frame, or nothing where the terminal is too small for one.
pub(crate) fn frame(area: Rect) -> Option<Frame> {
    if area.width < LEAST.0 || area.height < LEAST.1 {
        return None;
    }
    let (tabs, rest) = top(area, 1);
    let (body, bar) = bottom(rest, 1);
    Some(Frame { tabs, body, bar })
}

/// The watch screen.
///
/// ```text
/// ┌ table ──────────┐┌ preview ──┐   preview: from 110 columns
/// └─────────────────┘└───────────┘
/// ┌ backfill ─┐┌ log ────────────┐   both: from 100 columns; else one; none under 14 rows
/// └───────────┘└─────────────────┘
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Watch {
    pub(crate) table: Rect,
    pub(crate) preview: Option<Rect>,
    pub(crate) backfill: Option<Rect>,
    pub(crate) log: Option<Rect>,
}

/// A pane of the watch screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Pane {
    Symbols,
    Chart,
    Backfill,
    Log,
}

impl Pane {
    /// In the order in which the focus goes through them.
    pub(crate) const ALL: [Self; 4] = [Self::Symbols, Self::Chart, Self::Backfill, Self::Log];
}

impl Watch {
    /// Where a pane stands, if it is on screen.
    pub(crate) fn place(&self, pane: Pane) -> Option<Rect> {
        match pane {
            Pane::Symbols => Some(self.table),
            Pane::Chart => self.preview,
            Pane::Backfill => self.backfill,
            Pane::Log => self.log,
        }
        .filter(|place| !place.is_empty())
    }
}

/// The watch screen in `body`; with one panel alone it is the backfill's while something is fetched.
/// A pane that has the `whole` of it leaves the others none.
pub(crate) fn watch(body: Rect, fetching: bool, whole: Option<Pane>) -> Watch {
    if let Some(pane) = whole {
        let only = |own: Pane| (own == pane).then_some(body);
        let table = only(Pane::Symbols).unwrap_or(Rect { width: 0, height: 0, ..body });
        return Watch { table, preview: only(Pane::Chart), backfill: only(Pane::Backfill), log: only(Pane::Log) };
    }
    let (upper, panels) = if body.height >= PANELS_FROM {
        let (upper, panels) = bottom(body, (body.height / 4).clamp(5, 12));
        (upper, Some(panels))
    } else {
        (body, None)
    };
    let (table, preview) = if body.width >= PREVIEW_FROM && upper.height >= 8 {
        let (preview, table) =
            split_right(upper, (body.width * 7 / 20).min(PREVIEW_AT_MOST).max(body.width.saturating_sub(TABLE_AT_MOST)));
        (table, Some(preview))
    } else {
        (upper, None)
    };
    let (backfill, log) = match panels {
        None => (None, None),
        Some(panels) if body.width >= TWO_PANELS_FROM => {
            let (log, backfill) = split_right(panels, body.width * 11 / 20);
            (Some(backfill), Some(log))
        }
        Some(panels) if fetching => (Some(panels), None),
        Some(panels) => (None, Some(panels)),
    };
    Watch { table, preview, backfill, log }
}

/// Rows of a bordered list with a heading line.
pub(crate) const fn list_rows(panel: Rect) -> u16 {
    panel.height.saturating_sub(3)
}

/// Inside of a border.
pub(crate) const fn inner(panel: Rect) -> Rect {
    Rect {
        x: panel.x + if panel.width > 0 { 1 } else { 0 },
        y: panel.y + if panel.height > 0 { 1 } else { 0 },
        width: panel.width.saturating_sub(2),
        height: panel.height.saturating_sub(2),
    }
}

/// The parts of a chart.
///
/// ```text
/// header            O H L C V change
/// plot             │axis
/// volume           │
/// panes            │
/// times
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Chart {
    pub(crate) header: Rect,
    pub(crate) plot: Rect,
    pub(crate) axis: Rect,
    pub(crate) volume: Option<Rect>,
    /// Indicators with a pane of their own, the axis' columns included.
    pub(crate) panes: [Option<Rect>; PANES],
    pub(crate) times: Rect,
}

/// Most panes under a chart.
pub(crate) const PANES: usize = 3;

/// What a chart would like to have besides its plot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ChartWants {
    /// Lines of words above the plot.
    pub(crate) lines: u16,
    pub(crate) volume: bool,
    /// Panes; at most [`PANES`].
    pub(crate) panes: usize,
}

impl Default for ChartWants {
    fn default() -> Self {
        Self { lines: 1, volume: false, panes: 0 }
    }
}

/// A chart inside `area`, with price labels of `label` columns. The plot keeps its 6 rows: lines
/// beyond the first, then panes, then the volume give way.
pub(crate) fn chart(area: Rect, label: u16, wants: ChartWants) -> Chart {
    let spare_lines = area.height.saturating_sub(2 + LEAST_PLOT);
    let (header, rest) = top(area, wants.lines.min(1 + spare_lines).min(area.height));
    let (rest, times) = bottom(rest, 1.min(rest.height));
    let (axis_column, plots) = split_right(rest, (label + 2).min(rest.width / 2));
    let times = Rect { width: plots.width, ..times };
    let pane_rows = (plots.height / 6).max(3);
    let fitting = plots.height.saturating_sub(LEAST_PLOT) / pane_rows;
    let count = wants.panes.min(PANES).min(usize::from(fitting));
    let (plots, mut below) = bottom(plots, pane_rows * count as u16);
    let mut panes = [None; PANES];
    for slot in panes.iter_mut().take(count) {
        let (pane, rest) = top(below, pane_rows);
        *slot = Some(Rect { width: pane.width + axis_column.width, ..pane });
        below = rest;
    }
    let (plot, volume) = if wants.volume && plots.height >= 8 {
        let (plot, volume) = bottom(plots, (plots.height / 5).max(2));
        (plot, Some(volume))
    } else {
        (plots, None)
    };
    let axis = Rect { height: plot.height, ..axis_column };
    Chart { header, plot, axis, volume, panes, times }
}

/// A box of at most `width` x `height` in the middle of `area`.
pub(crate) fn centred(area: Rect, width: u16, height: u16) -> Rect {
    let (width, height) = (width.min(area.width), height.min(area.height));
    Rect { x: area.x + (area.width - width) / 2, y: area.y + (area.height - height) / 2, width, height }
}

/// The list of keys over a terminal of `area`.
pub(crate) fn help(area: Rect, lines: usize) -> Rect {
    centred(area, 92, u16::try_from(lines).unwrap_or(u16::MAX).saturating_add(2))
}

/// The list of alerts over a terminal of `area`.
pub(crate) fn alerts(area: Rect, lines: usize) -> Rect {
    let body = frame(area).map_or(area, |frame| frame.body);
    centred(body, 92, u16::try_from(lines).unwrap_or(u16::MAX).saturating_add(2))
}

/// The report of an absence over a terminal of `area`.
pub(crate) fn away(area: Rect, lines: usize) -> Rect {
    let body = frame(area).map_or(area, |frame| frame.body);
    centred(body, 72, u16::try_from(lines).unwrap_or(u16::MAX).saturating_add(2))
}

/// The newest log lines over the foot of a screen of `body`.
pub(crate) fn drawer(body: Rect) -> Rect {
    bottom(body, (body.height / 3).clamp(5, 14)).1
}

/// The command palette over a screen of `body`: near the top, where the eye is, and as wide as its
/// longest lines where there is room.
pub(crate) fn palette(body: Rect) -> Rect {
    let place = centred(body, PALETTE, 20);
    let above = (body.height - place.height).min(1);
    Rect { y: body.y + above, ..place }
}

/// The list inside a palette: below the line that is typed, above what is said of the picked line.
pub(crate) fn palette_list(place: Rect) -> Rect {
    let below = top(inner(place), 2).1;
    top(below, below.height - palette_foot(place).height).0
}

/// The picked line whole, where lines are cut and there is room for a list above it.
pub(crate) fn palette_foot(place: Rect) -> Rect {
    let below = top(inner(place), 2).1;
    let rows = if below.height >= 9 && place.width < PALETTE { 2 } else { 0 };
    let foot = bottom(below, rows).1;
    Rect { x: foot.x + 2.min(foot.width), width: foot.width.saturating_sub(4), ..foot }
}

/// `rows` from the top, and the rest.
pub(crate) fn top(area: Rect, rows: u16) -> (Rect, Rect) {
    let rows = rows.min(area.height);
    (Rect { height: rows, ..area }, Rect { y: area.y + rows, height: area.height - rows, ..area })
}

/// The rest, and `rows` from the bottom.
pub(crate) fn bottom(area: Rect, rows: u16) -> (Rect, Rect) {
    top(area, area.height - rows.min(area.height))
}

/// `columns` from the right, and the rest.
fn split_right(area: Rect, columns: u16) -> (Rect, Rect) {
    let columns = columns.min(area.width);
    let rest = Rect { width: area.width - columns, ..area };
    (Rect { x: area.x + rest.width, width: columns, ..area }, rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_stay_inside() {
        for width in 0..200 {
            for height in 0..60 {
                let area = Rect::new(3, 2, width, height);
                let parts = frame(area).map_or_else(Vec::new, |frame| {
                    let watch = watch(frame.body, true, Pane::ALL.get(usize::from(width % 9)).copied());
                    let wants = ChartWants { lines: 3, volume: true, panes: usize::from(width % 4) };
                    let chart = chart(inner(frame.body), 8, wants);
                    let panes = chart.panes.into_iter().flatten();
                    let optional = [watch.preview, watch.backfill, watch.log, chart.volume].into_iter().flatten().chain(panes);
                    let always =
                        [frame.tabs, frame.body, frame.bar, watch.table, chart.header, chart.plot, chart.axis, chart.times];
                    optional.chain(always).collect()
                });
                for part in parts {
                    assert_eq!(part.intersection(area), part, "{width}x{height}");
                }
                assert_eq!(centred(area, 50, 9).intersection(area), centred(area, 50, 9));
            }
        }
    }

    #[test]
    fn panels_by_width() {
        let check = |width: u16, height: u16, expected: [bool; 3]| {
            let watch = watch(frame(Rect::new(0, 0, width, height)).unwrap().body, false, None);
            assert_eq!([watch.preview.is_some(), watch.backfill.is_some(), watch.log.is_some()], expected, "{width}x{height}");
        };
        check(60, 15, [false, false, false]);
        check(80, 24, [false, false, true]);
        check(100, 30, [false, true, true]);
        check(120, 36, [true, true, true]);
    }
}
