//! The watch screen: symbols, a chart beside them, backfill and log below.

mod compact;

use super::{backfill, chart, framed, heading, health, label, log, row};
use crate::domain::price::to_f64;
use crate::engine::snapshot::{SeriesState, SeriesView};
use crate::tui::format;
use crate::tui::layout::{self, Pane};
use crate::tui::state::State;
use crate::tui::state::watch::column::{self, Column, GAP};
use crate::tui::theme::Theme;
use crate::tui::widget::input::input;
use crate::tui::widget::sparkline::sparkline;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};
use ratatui::text::{Line, Span};
use ratatui::widgets::{Block, Widget as _};

/// ```text
/// ╭ Symbols 3 of 4 ──────────────────────────────────────────────── /usdt ╮
/// │  Symbol     Int      Last       24h▼  2h              Age  Cov    State   │
/// │▸★BTC/USDT   1m   64080.10   ▲  1.24%  ▁▂▃▅▇▆▅▄▃▂▃▄    4s   100    live    │
/// ╰───────────────────────────────────────────────────────────────────────────╯
/// ```
pub(super) fn render(buf: &mut Buffer, body: Rect, state: &State) {
    let parts = layout::watch(body, state.is_fetching(), state.whole_pane());
    if !parts.table.is_empty() {
        table(buf, parts.table, state);
    }
    if let Some(area) = parts.preview {
        chart::render(buf, area, state, &state.preview);
    }
    if let Some(area) = parts.backfill {
        backfill::render(buf, area, state);
    }
    if let Some(area) = parts.log {
        log::render_tail(buf, area, state);
    }
    // The table shows its focus by the selected row.
    if let Some(place) = parts.place(state.panes.focus).filter(|_| state.panes.focus != Pane::Symbols && !state.is_maximised()) {
        let inner = layout::inner(place);
        for at in place.positions().filter(|at| !inner.contains(*at)) {
            buf[at].set_style(state.theme.accent);
        }
    }
}

/// A price older than this is dimmed.
const STALE_MS: i64 = 60_000;
fn table(buf: &mut Buffer, area: Rect, state: &State) {
    let theme = &state.theme;
    let series = &state.snapshot.series;
    let columns = state.watch_columns();
    let mut block = Block::bordered().title(heading(&title(state, &columns), area, theme));
    if let Some(filter) = filter(state, usize::from(area.width)) {
        block = block.title(filter.right_aligned());
    }
    if let Some(notice) = notice(state) {
        block = block.title_bottom(Line::styled(label(&notice, area.width), theme.warn));
    }
    let inner = framed(buf, area, theme, block);
    if state.table.order().is_empty() {
        let words = "No symbol matches the filter: Esc shows all.";
        let middle = row(inner, usize::from(inner.height) / 2);
        Line::styled(format::fit(words, inner.width.into()), theme.dim).centered().render(middle, buf);
        return;
    }
    if state.table.compact {
        compact::render(buf, inner, state);
        return;
    }
    let mut head = vec![Span::raw("  ")];
    for (column, width) in &columns {
        let sorted = *column == state.table.sort;
        let arrow = if state.table.ascends() { "▲" } else { "▼" };
        let words = if sorted { format!("{}{arrow}", column.heading()) } else { column.heading().to_owned() };
        let text = if column.is_number() { format::right(&words, *width) } else { format::left(&words, *width) };
        head.extend([Span::styled(text, if sorted { theme.accent } else { theme.dim }), Span::raw(" ".repeat(GAP))]);
    }
    Line::from(head).render(row(inner, 0), buf);
    let rows = usize::from(inner.height).saturating_sub(1);
    let shown = state.table.order().iter().enumerate().skip(state.watch.top).take(rows);
    for (n, one) in shown.filter_map(|(n, row)| Some((n, series.get(*row)?))) {
        let place = row(inner, n - state.watch.top + 1);
        let selected = n == state.watch.index;
        let mut line = mark(one, selected, state);
        for (column, width) in &columns {
            line.extend(cell(*column, *width, one, state));
            line.push(Span::raw(" ".repeat(GAP)));
        }
        Line::from(line).render(place, buf);
        if selected {
            buf.set_style(place, theme.selected);
        }
    }
}

/// `Symbols 4`, `Symbols 2 of 4`, and by what it is sorted where no heading tells.
fn title(state: &State, columns: &[(Column, usize)]) -> String {
    let (shown, all, sort) = (state.table.order().len(), state.snapshot.series.len(), state.table.sort);
    let title = if shown < all { format!("Symbols {shown} of {all}") } else { format!("Symbols {all}") };
    if state.table.compact || !columns.iter().any(|(column, _)| *column == sort) {
        let arrow = if state.table.ascends() { "▲" } else { "▼" };
        return format!("{title} by {}{arrow}", sort.heading());
    }
    title
}

/// `/btc`, with a cursor while it is typed.
fn filter(state: &State, columns: usize) -> Option<Line<'static>> {
    let theme = &state.theme;
    let line = &state.table.filter;
    let room = (columns / 2).saturating_sub(6);
    if state.table.typing {
        let (before, after) = line.parts();
        let mut spans = vec![Span::styled(" /", theme.key)];
        spans.extend(input(before, after, (format::width(line.text()) + 1).clamp(12, 40).min(room), theme.input, theme.cursor));
        spans.push(Span::raw(" "));
        return Some(Line::from(spans));
    }
    let text = line.text().trim();
    (!text.is_empty()).then(|| Line::styled(format!(" /{} ", format::fit(text, room)), theme.warn))
}

/// Which row is selected, and which are favourites.
fn mark(series: &SeriesView, selected: bool, state: &State) -> Vec<Span<'static>> {
    let favourite = state.table.favourites.contains(&series.id);
    vec![
        Span::styled(if selected { "▸" } else { " " }, state.theme.accent),
        Span::styled(if favourite { "★" } else { " " }, state.theme.warn),
    ]
}

fn cell(column: Column, width: usize, series: &SeriesView, state: &State) -> Vec<Span<'static>> {
    let theme = &state.theme;
    let one = |text: String, style: Style| vec![Span::styled(text, style)];
    let fresh = series.ticker.as_ref().is_some_and(|(_, at)| state.now.since(*at) < STALE_MS);
    let price_style = if fresh { theme.text } else { theme.dim };
    match column {
        // These tell of candles.
        Column::Interval | Column::Spark if !series.has_candles() => one(format::left("-", width), theme.dim),
        Column::Age | Column::Gaps if !series.has_candles() => one(format::right("-", width), theme.dim),
        Column::Symbol => one(format::left(series.symbol.as_str(), width), theme.title),
        Column::Interval => one(format::left(series.interval.name(), width), theme.dim),
        Column::Exchange => one(format::left(series.exchange.name(), width), theme.dim),
        Column::Last => last_price(series, width, price_style, state),
        Column::High => one(format::right(&column::high(series), width), theme.dim),
        Column::Low => one(format::right(&column::low(series), width), theme.dim),
        Column::Volume => one(format::right(&column::volume(series), width), theme.dim),
        Column::Funding => {
            let rate = series.forecast.map_or(0.0, |(forecast, _)| to_f64(forecast.rate));
            one(format::right(&column::funding(series), width), direction(rate, theme))
        }
        Column::Change => {
            let change = series.ticker.as_ref().and_then(|(ticker, _)| ticker.change_percent());
            let text = change.map_or_else(|| "-".into(), format::change);
            let style = change.filter(|_| fresh).map_or(theme.dim, |percent| direction(percent, theme));
            one(format::right(&text, width), style)
        }
        Column::Spark => {
            let values: Vec<f64> = series.spark.iter().flatten().copied().collect();
            let rise = values.last().zip(values.first()).map_or(0.0, |(last, first)| last - first);
            one(sparkline(&series.spark, width), direction(rise, theme))
        }
        Column::Age => {
            let text = series.last_candle_end.map_or_else(|| "-".into(), |end| format::age_of(end, state.now));
            one(format::right(&text, width), if series.is_late(state.now) { theme.warn } else { theme.dim })
        }
        Column::Coverage => coverage(series, width, theme),
        Column::Gaps => {
            let gaps = series.coverage.gaps;
            let text = if gaps == 0 { "-".into() } else { format::count(gaps.into()) };
            one(format::right(&text, width), if series.coverage.queued > 0 { theme.warn } else { theme.dim })
        }
        Column::State => {
            let style = match &series.state {
                SeriesState::Live => theme.ok,
                SeriesState::Backfilling => theme.accent,
                SeriesState::Waiting(_) => theme.warn,
                SeriesState::Stopped(_) => theme.error,
            };
            one(format::left(column::state_word(&series.state), width), style)
        }
    }
}

/// The last price; reversed for a moment where it has just changed.
fn last_price(series: &SeriesView, width: usize, calm: Style, state: &State) -> Vec<Span<'static>> {
    let price = format::fit(&column::last(series), width);
    let blank = " ".repeat(width.saturating_sub(format::width(&price)));
    let style = match state.table.flashing(series.id) {
        Some(true) => state.theme.rising.add_modifier(Modifier::REVERSED),
        Some(false) => state.theme.falling.add_modifier(Modifier::REVERSED),
        None => calm,
    };
    vec![Span::raw(blank), Span::styled(price, style)]
}

/// `100  `, or `98.2 ◌` while candles are still to be fetched.
fn coverage(series: &SeriesView, width: usize, theme: &Theme) -> Vec<Span<'static>> {
    let percent = series.coverage.percent();
    // Rounding must not hide what is owed.
    let text = if series.coverage.wanted == 0 || !series.has_candles() {
        "-".into()
    } else if series.coverage.queued == 0 {
        "100".into()
    } else {
        format!("{:.1}", (percent * 10.0).floor() / 10.0)
    };
    let is_owed = series.has_candles() && series.coverage.queued > 0;
    let mark = if is_owed { "◌" } else { " " };
    let style = match () {
        () if !series.has_candles() => theme.dim,
        () if is_owed => theme.warn,
        () => theme.ok,
    };
    vec![Span::styled(format::right(&text, width.saturating_sub(2)), style), Span::raw(" "), Span::styled(mark, style)]
}

/// Rising, falling, or neither.
fn direction(change: f64, theme: &Theme) -> Style {
    if change > 0.0 {
        theme.rising
    } else if change < 0.0 {
        theme.falling
    } else {
        theme.dim
    }
}

/// One calm line: what is wrong with an exchange, else with the selected series.
fn notice(state: &State) -> Option<String> {
    state.snapshot.exchanges.iter().find_map(|exchange| health::notice(exchange, state.now, state.zone)).or_else(|| {
        let series = state.series()?;
        match &series.state {
            SeriesState::Waiting(reason) | SeriesState::Stopped(reason) => Some(format!("{}: {reason}", series.symbol)),
            SeriesState::Live | SeriesState::Backfilling => None,
        }
    })
}
