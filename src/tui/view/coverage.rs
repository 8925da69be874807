//! The coverage map.

mod detail;
mod times;
mod words;

use super::{framed, heading, label, row};
use crate::domain::dataset::Dataset;
use crate::domain::time::Time;
use crate::engine::snapshot::SeriesView;
use crate::tui::format;
use crate::tui::state::State;
use crate::tui::state::coverage::CellState;
use crate::tui::theme::Theme;
use crate::tui::widget::put;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use ratatui::widgets::{Block, Widget as _};

/// Columns that a symbol keeps beside the name of its dataset.
const LEAST_SYMBOL: usize = 10;
/// Columns of the longest title, with its margin.
const TITLE: u16 = 22;

/// ```text
/// ╭ Coverage by day ──────────────────────────────────────── reading … ╮
/// │                        Dec 20    Dec 30    Jan 10                    │
/// │ ▸ BTC/USDT 1m    100%  ████████████████▓███████▓███                  │
/// │   ETH/USDT 1m     64%  ··○○○○○○○○○○▂███████████████                  │
/// │ █ stored  ▓ rest explained  ▂ rest queued  - no candle  …            │
/// │ ETH/USDT 1m, 2026-01-15: 1434 of 1440 candles stored, 6 missing (…)  │
/// ╰────────────────────────────────────────────────────────────────────╯
/// ```
pub(super) fn render(buf: &mut Buffer, area: Rect, state: &State) {
    let (theme, map) = (&state.theme, &state.coverage);
    let (parts, legend) = state.map_parts(area);
    if let Some(panel) = parts.detail {
        detail::render(buf, panel, state);
    }
    if parts.panel.is_empty() {
        return;
    }
    let cell = map.shown_cell();
    let right = match &map.error {
        Some(error) => Line::styled(label(error, area.width.saturating_sub(TITLE)), theme.error),
        None if map.is_loading() => Line::styled(" reading … ", theme.dim),
        None => {
            let room = parts.panel.width.saturating_sub(TITLE);
            losses(state, usize::from(room).saturating_sub(6))
                .map_or_else(Line::default, |words| Line::styled(label(&words, room), theme.error))
        }
    };
    let block = Block::bordered()
        .title(heading(&format!("Coverage by {}", cell.name()), parts.panel, theme))
        .title(right.right_aligned());
    framed(buf, parts.panel, theme, block);
    if state.whole.series.is_empty() {
        let text = "Nothing is recorded yet: press 1, then a to add a symbol.";
        let middle = row(parts.panel, usize::from(parts.panel.height) / 2);
        let middle = Rect { x: middle.x + 1.min(middle.width), width: middle.width.saturating_sub(2), ..middle };
        Line::styled(format::fit(text, middle.width.into()), theme.dim).centered().render(middle, buf);
        return;
    }
    let (window, width) = map.window(&state.whole.series, parts.map.width);
    times::render(buf, parts.times, cell, (&window, width), theme, words::of_cell(state.zone, cell));
    for (n, series) in state.whole.series.iter().enumerate().skip(map.rows.top).take(parts.map.height.into()) {
        let at = n - map.rows.top;
        let selected = n == map.rows.index;
        name(series, selected, parts.names.width, state).render(row(parts.names, at), buf);
        cells(buf, row(parts.map, at), state, series, (&window, width), selected);
    }
    for (n, line) in legend.iter().enumerate() {
        let spans: Vec<Span> = line.iter().flat_map(|state| legend_of(*state, theme)).collect();
        Line::from(spans).render(row(parts.legend, n), buf);
    }
    if let Some(series) = map.rows.key.and_then(|id| state.series_by_id(id)) {
        let cell = map.under_cursor(&state.whole.series);
        let unread = if map.error.is_some() { "not read" } else { "reading …" };
        let read = map.coverage(series.id)(cell.from).ok_or(unread);
        let text = words::words(&state.map_name(series), series, cell, map.shown_cell(), read, state.zone);
        let text = match words::loss(series, state.now) {
            Some(loss) => format!("{loss}; {text}"),
            None => text,
        };
        Line::styled(format::fit(&text, parts.words.width.into()), theme.text).render(parts.words, buf);
    }
}

/// What will be lost first, of all series; without the series' name where there is no room for it.
fn losses(state: &State, room: usize) -> Option<String> {
    let falling = state.whole.series.iter().filter_map(|series| Some((series.lost_at?.at, series)));
    let (_, first) = falling.min_by_key(|(at, _)| *at)?;
    let loss = words::loss(first, state.now)?;
    let named = format!("{}: {loss}", first.name());
    Some(if format::width(&named) <= room { named } else { loss })
}

/// `▸ BTC/USDT 1m    100%`, with a `!` behind it where something is about to be lost.
fn name(series: &SeriesView, selected: bool, columns: u16, state: &State) -> Line<'static> {
    let theme = &state.theme;
    let percent = format!("{:>4.0}%", series.coverage.percent().floor());
    let room = usize::from(columns).saturating_sub(2 + percent.len() + 2);
    // What is recorded tells two series of a symbol apart: the symbol gives way.
    let name = state.map_name(series);
    let what = series.name().split_off(series.symbol.as_str().len());
    let symbol = name.strip_suffix(&what).unwrap_or(&name);
    let what = match series.dataset {
        Dataset::OpenInterest if room < format::width(&what) + LEAST_SYMBOL => " OI",
        Dataset::Funding if room < format::width(&what) + LEAST_SYMBOL => " fund",
        _ => &what,
    };
    let name = format!("{}{what}", format::fit(symbol, room.saturating_sub(format::width(what))));
    // Something of it is about to be lost.
    let (mark, urgent) = if series.lost_at.is_some() { ("!", theme.error) } else { (" ", theme.dim) };
    Line::from(vec![
        Span::styled(if selected { "▸ " } else { "  " }, theme.accent),
        Span::styled(format::left(&name, room), if selected { theme.title } else { theme.text }),
        Span::styled(percent, if series.coverage.queued > 0 { theme.warn } else { theme.dim }),
        Span::styled(mark, urgent),
    ])
}

fn cells(buf: &mut Buffer, area: Rect, state: &State, series: &SeriesView, (window, width): (&[Time], u16), selected: bool) {
    let (theme, map) = (&state.theme, &state.coverage);
    let under = map.under_cursor(&state.whole.series);
    let coverage = map.coverage(series.id);
    for (n, pair) in (0_i32..).zip(window.windows(2)) {
        let read = coverage(pair[0]).map(CellState::of);
        // What was not read yet stays blank, and so does the future.
        let future = pair[0] >= series.wanted.to && read == Some(CellState::Unwanted);
        let (glyph, style) = match read {
            Some(state) if !future => (state.glyph(), style(state, theme)),
            _ => (' ', theme.dim),
        };
        let (glyph, style) = match glyph {
            _ if !(selected && pair[0] == under.from) => (glyph, style),
            // A full block hides the cursor's ground, and in the ground's colours would look like a hole.
            '█' => ('░', theme.cursor),
            _ => (glyph, theme.cursor),
        };
        for column in 0..i32::from(width) {
            put(buf, area, i32::from(area.x) + n * i32::from(width) + column, i32::from(area.y), glyph, style);
        }
    }
}

const fn style(state: CellState, theme: &Theme) -> Style {
    match state {
        CellState::Stored | CellState::RestExplained => theme.ok,
        CellState::RestQueued(reason) | CellState::Missing(reason) => theme.gap(reason),
        CellState::Unwanted => theme.border,
    }
}

fn legend_of(state: CellState, theme: &Theme) -> [Span<'static>; 2] {
    [Span::styled(state.glyph().to_string(), style(state, theme)), Span::styled(format!(" {}  ", state.label()), theme.dim)]
}
