//! The watch screen: symbols, a chart beside them, backfill and log below.

use super::{backfill, chart, framed, heading, health, log, row};
use crate::engine::snapshot::{SeriesState, SeriesView};
use crate::tui::format;
use crate::tui::layout;
use crate::tui::state::State;
use crate::tui::theme::Theme;
use crate::tui::widget::sparkline::sparkline;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use ratatui::widgets::{Block, Widget as _};

/// ```text
/// ╭ Symbols 3 ───────────────────────────────────────────────────────────────╮
/// │  Symbol     Int      Last        24h  2h              Age  Cov    State   │
/// │▸ BTC/USDT   1m   64080.10   ▲  1.24%  ▁▂▃▅▇▆▅▄▃▂▃▄    4s   100    live    │
/// ╰───────────────────────────────────────────────────────────────────────────╯
/// ```
pub(super) fn render(buf: &mut Buffer, body: Rect, state: &State) {
    let parts = layout::watch(body, state.is_fetching());
    table(buf, parts.table, state);
    if let Some(area) = parts.preview {
        chart::render(buf, area, state, &state.preview);
    }
    if let Some(area) = parts.backfill {
        backfill::render(buf, area, state);
    }
    if let Some(area) = parts.log {
        log::render_tail(buf, area, state);
    }
}

/// A column of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Column {
    Symbol,
    Interval,
    Exchange,
    Last,
    Change,
    Spark,
    Age,
    Coverage,
    State,
}

/// From left to right.
const ORDER: [Column; 9] = [
    Column::Symbol,
    Column::Interval,
    Column::Exchange,
    Column::Last,
    Column::Change,
    Column::Spark,
    Column::Age,
    Column::Coverage,
    Column::State,
];

/// Narrow tables do without the last of these first.
const IMPORTANCE: [Column; 9] = [
    Column::Symbol,
    Column::Last,
    Column::Change,
    Column::Coverage,
    Column::Age,
    Column::Interval,
    Column::Spark,
    Column::State,
    Column::Exchange,
];

/// Least and most columns of the sparkline: two hours, two minutes a column.
const SPARK: (usize, usize) = (8, 60);
/// A price older than this is dimmed.
const STALE_MS: i64 = 60_000;
/// Blanks between columns.
const GAP: usize = 2;

impl Column {
    const fn heading(self) -> &'static str {
        match self {
            Self::Symbol => "Symbol",
            Self::Interval => "Int",
            Self::Exchange => "Exchange",
            Self::Last => "Last",
            Self::Change => "24h",
            Self::Spark => "2h",
            Self::Age => "Age",
            Self::Coverage => "Cov",
            Self::State => "State",
        }
    }

    const fn is_number(self) -> bool {
        matches!(self, Self::Last | Self::Change | Self::Age | Self::Coverage)
    }

    fn width(self, series: &[SeriesView]) -> usize {
        let widest = |text: fn(&SeriesView) -> String| series.iter().map(|one| format::width(&text(one))).max().unwrap_or(0);
        match self {
            Self::Symbol => widest(|one| one.symbol.to_string()).clamp(8, 18),
            Self::Interval => 3,
            Self::Last => widest(last_price).clamp(8, 16),
            Self::Exchange | Self::Change | Self::State => 8,
            Self::Spark => SPARK.0,
            Self::Age => 4,
            Self::Coverage => 6,
        }
    }
}

/// Columns with their widths that `room` holds; the sparkline takes what is left.
fn columns(series: &[SeriesView], room: usize) -> Vec<(Column, usize)> {
    let mut left = room;
    let mut chosen = Vec::new();
    for column in IMPORTANCE {
        let width = column.width(series) + if chosen.is_empty() { 0 } else { GAP };
        if width > left {
            break;
        }
        left -= width;
        chosen.push(column);
    }
    ORDER
        .into_iter()
        .filter(|column| chosen.contains(column))
        .map(|column| {
            let spare = if column == Column::Spark { left.min(SPARK.1 - SPARK.0) } else { 0 };
            (column, column.width(series) + spare)
        })
        .collect()
}

fn table(buf: &mut Buffer, area: Rect, state: &State) {
    let theme = &state.theme;
    let series = &state.snapshot.series;
    let mut block = Block::bordered().title(heading(&format!("Symbols {}", series.len()), area, theme));
    if let Some(notice) = notice(state) {
        let room = usize::from(area.width).saturating_sub(4);
        block = block.title_bottom(Line::styled(format::fit(&format!(" {notice} "), room), theme.warn));
    }
    let inner = framed(buf, area, theme, block);
    let columns = columns(series, usize::from(inner.width).saturating_sub(3));
    let mut head = vec![Span::raw("  ")];
    for (column, width) in &columns {
        let text =
            if column.is_number() { format::right(column.heading(), *width) } else { format::left(column.heading(), *width) };
        head.extend([Span::styled(text, theme.dim), Span::raw(" ".repeat(GAP))]);
    }
    Line::from(head).render(row(inner, 0), buf);
    let rows = usize::from(inner.height).saturating_sub(1);
    for (n, one) in series.iter().enumerate().skip(state.watch.top).take(rows) {
        let place = row(inner, n - state.watch.top + 1);
        let selected = n == state.watch.index;
        let mut line = vec![Span::styled(if selected { "▸ " } else { "  " }, theme.accent)];
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

fn last_price(series: &SeriesView) -> String {
    series.ticker.as_ref().map_or_else(|| "-".into(), |(ticker, _)| format::price(ticker.last, series.price_decimals))
}

fn cell(column: Column, width: usize, series: &SeriesView, state: &State) -> Vec<Span<'static>> {
    let theme = &state.theme;
    let one = |text: String, style: Style| vec![Span::styled(text, style)];
    match column {
        Column::Symbol => one(format::left(series.symbol.as_str(), width), theme.title),
        Column::Interval => one(format::left(series.interval.name(), width), theme.dim),
        Column::Exchange => one(format::left(series.exchange.name(), width), theme.dim),
        Column::Last => {
            let fresh = series.ticker.as_ref().is_some_and(|(_, at)| state.now.since(*at) < STALE_MS);
            one(format::right(&last_price(series), width), if fresh { theme.text } else { theme.dim })
        }
        Column::Change => {
            let change = series.ticker.as_ref().and_then(|(ticker, _)| ticker.change_percent());
            let text = change.map_or_else(|| "-".into(), format::change);
            one(format::right(&text, width), change.map_or(theme.dim, |percent| direction(percent, theme)))
        }
        Column::Spark => {
            let values: Vec<f64> = series.spark.iter().flatten().copied().collect();
            let rise = values.last().zip(values.first()).map_or(0.0, |(last, first)| last - first);
            one(sparkline(&series.spark, width), direction(rise, theme))
        }
        Column::Age => {
            let age = series.last_candle_end.map(|end| state.now.since(end));
            let late = age.is_some_and(|age| age > series.interval.ms() + 30_000);
            let text = age.map_or_else(|| "-".into(), format::age);
            one(format::right(&text, width), if late { theme.warn } else { theme.dim })
        }
        Column::Coverage => coverage(series, width, theme),
        Column::State => {
            let (text, style) = match &series.state {
                SeriesState::Live => ("live", theme.ok),
                SeriesState::Backfilling => ("fetching", theme.accent),
                SeriesState::Waiting(_) => ("waiting", theme.warn),
                SeriesState::Stopped(_) => ("stopped", theme.error),
            };
            one(format::left(text, width), style)
        }
    }
}

/// `100  `, or `98.2 ◌` while candles are still to be fetched.
fn coverage(series: &SeriesView, width: usize, theme: &Theme) -> Vec<Span<'static>> {
    let percent = series.coverage.percent();
    // Rounding must not hide what is owed.
    let text = if series.coverage.queued == 0 { "100".into() } else { format!("{:.1}", (percent * 10.0).floor() / 10.0) };
    let mark = if series.coverage.queued > 0 { "◌" } else { " " };
    let style = if series.coverage.queued > 0 { theme.warn } else { theme.ok };
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
    state.snapshot.exchanges.iter().find_map(|exchange| health::notice(exchange, state.now)).or_else(|| {
        let series = state.series()?;
        match &series.state {
            SeriesState::Waiting(reason) | SeriesState::Stopped(reason) => Some(format!("{}: {reason}", series.symbol)),
            SeriesState::Live | SeriesState::Backfilling => None,
        }
    })
}
