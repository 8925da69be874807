//! The plot of a chart, its axes, volume and panes, and the crosshair over them.

use super::super::steps::Columns;
use super::words;
use crate::domain::time::{DAY_MS, Time};
use crate::engine::snapshot::SeriesView;
use crate::tui::format;
use crate::tui::layout;
use crate::tui::state::State;
use crate::tui::state::chart::{Bar, ChartState, Kind, Study, Value, Window};
use crate::tui::theme::Theme;
use crate::tui::widget::braille::{Dots, PER_CELL};
use crate::tui::widget::candlestick::{Candlesticks, Shape, body_columns, places};
use crate::tui::widget::pane::Pane;
use crate::tui::widget::price_axis::PriceAxis;
use crate::tui::widget::scale::Scale;
use crate::tui::widget::time_axis::TimeAxis;
use crate::tui::widget::volume::Volume;
use crate::tui::widget::{print, put, put_behind};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::Line;
use ratatui::widgets::Widget as _;

/// What is drawn.
pub(super) struct Drawing<'a> {
    pub(super) state: &'a State,
    pub(super) chart: &'a ChartState,
    pub(super) series: &'a SeriesView,
    pub(super) window: Window,
    pub(super) columns: &'a Columns<'a>,
    pub(super) scale: Option<Scale>,
    /// The last price.
    pub(super) last: Option<f64>,
}

/// The colour of an indicator.
pub(super) const fn style_of(theme: &Theme, study: Study) -> Style {
    match study {
        Study::Sma => theme.warn,
        Study::Ema | Study::Rsi | Study::Macd | Study::Atr => theme.accent,
        Study::Bollinger => theme.dim,
        Study::Vwap => theme.title,
    }
}

/// Draws everything but the words.
pub(super) fn render(buf: &mut Buffer, parts: &layout::Chart, drawing: &Drawing) {
    let Drawing { state, chart, window, columns, scale, last, .. } = drawing;
    let theme = &state.theme;
    let cells = window.cells;
    let zone = state.zone.of_width(window.interval.ms());
    TimeAxis { to: window.range.to, step_ms: window.step_ms, cells, zone, style: theme.axis, turn_style: theme.title }
        .render(parts.times, buf);
    for (study, area) in chart.studies.panes().zip(parts.panes.into_iter().flatten()) {
        pane(buf, area, parts, drawing, study);
    }
    let Some(scale) = *scale else { return };
    if let Some(y) = last.and_then(|last| scale.row(last)) {
        for x in parts.plot.left()..parts.plot.right() {
            put(buf, parts.plot, x.into(), (parts.plot.y + y).into(), '┄', theme.last_price);
        }
    }
    let shape = shape(chart.kind);
    Candlesticks { steps: &columns.steps, cells, shape, scale, rising: theme.rising, falling: theme.falling }
        .render(parts.plot, buf);
    for (style, values) in lines(drawing) {
        line(buf, parts.plot, cells, scale, style, &values);
    }
    if let Some(area) = parts.volume {
        let values: Vec<Option<f64>> = columns.bars.iter().map(|bar| bar.and_then(|bar| bar.volume)).collect();
        Volume { values: &values, cells, style: theme.volume }.render(area, buf);
        // The largest one fills the height.
        let most = values.iter().flatten().copied().fold(0.0, f64::max);
        let place =
            Rect { x: parts.axis.x + 2.min(parts.axis.width), width: parts.axis.width.saturating_sub(2), height: 1, ..area };
        if most > 0.0 {
            Line::styled(format::fit(&format::amount(most), place.width.into()), theme.dim).right_aligned().render(place, buf);
        }
    }
    let cursor = chart.reading(window).and_then(|reading| reading.bar).map(|bar| bar.close);
    PriceAxis {
        scale,
        decimals: drawing.series.price_decimals,
        last: *last,
        cursor,
        style: theme.axis,
        last_style: theme.last_label,
        cursor_style: theme.cursor,
    }
    .render(parts.axis, buf);
    crosshair(buf, parts, drawing, scale);
}

/// Joins a value of each column; a column without one breaks the line.
fn line(buf: &mut Buffer, area: Rect, cells: u16, scale: Scale, style: Style, values: &[Option<f64>]) {
    let middle = body_columns(cells) / 2;
    let points = places(values, cells, area)
        .map(|(x, value)| Some(((x - i32::from(area.x) + middle) * i32::from(PER_CELL.0), scale.place((*value)?, PER_CELL.1))));
    let mut dots = Dots::new(area);
    dots.line(points);
    dots.draw(buf, style);
}

/// How candles of this kind are drawn.
pub(super) const fn shape(kind: Kind) -> Shape {
    match kind {
        Kind::Candles | Kind::HeikinAshi => Shape::Candles,
        Kind::Bars => Shape::Bars,
        Kind::Line => Shape::Hidden,
    }
}

/// The lines over the candles, each with the values of all columns: the closes, and indicators.
pub(super) fn lines(drawing: &Drawing) -> Vec<(Style, Vec<Option<f64>>)> {
    let Drawing { state, chart, columns, .. } = drawing;
    let mut lines = Vec::new();
    let mut add = |style: Style, value: &dyn Fn(&Bar) -> Option<f64>| {
        lines.push((style, columns.bars.iter().map(|bar| bar.and_then(value)).collect()));
    };
    if chart.kind == Kind::Line {
        add(state.theme.accent, &|bar| Some(bar.close));
    }
    for study in chart.studies.overlays() {
        let style = style_of(&state.theme, study);
        let value = |bar: &Bar| words::value(chart, study, Some(bar));
        match study {
            Study::Bollinger => {
                for band in 0..3 {
                    add(style, &|bar| match value(bar)? {
                        Value::Bands(bands) => Some([bands.upper, bands.middle, bands.lower][band]),
                        Value::Line(_) | Value::Macd(_) => None,
                    });
                }
            }
            _ => add(style, &|bar| match value(bar)? {
                Value::Line(value) => Some(value),
                Value::Bands(_) | Value::Macd(_) => None,
            }),
        }
    }
    lines
}

fn pane(buf: &mut Buffer, area: Rect, parts: &layout::Chart, drawing: &Drawing, study: Study) {
    let Drawing { state, chart, window, columns, .. } = drawing;
    let theme = &state.theme;
    let of = |pick: fn(Value) -> Option<f64>| -> Vec<Option<f64>> {
        columns.bars.iter().map(|bar| words::value(chart, study, *bar).and_then(pick)).collect()
    };
    let line = |value: Value| if let Value::Line(value) = value { Some(value) } else { None };
    let macd = |pick: fn(crate::domain::indicator::Macd) -> f64| -> Vec<Option<f64>> {
        let of = |value: Value| if let Value::Macd(macd) = value { Some(pick(macd)) } else { None };
        columns.bars.iter().map(|bar| words::value(chart, study, *bar).and_then(of)).collect()
    };
    let style = style_of(theme, study);
    let (lines, histogram) = match study {
        Study::Macd => (
            vec![(macd(|macd| macd.line), style), (macd(|macd| macd.signal), theme.warn)],
            Some((macd(|macd| macd.histogram), theme.volume)),
        ),
        _ => (vec![(of(line), style)], None),
    };
    let told = chart.reading(window).map_or_else(|| columns.bars.iter().rev().find_map(|bar| *bar), |reading| reading.bar);
    Pane {
        heading: words::heading_of((state, chart), study, told),
        lines: &lines,
        columns: histogram,
        guides: if study == Study::Rsi { &[30.0, 70.0] } else { &[] },
        ends: (study == Study::Rsi).then_some((0.0, 100.0)),
        cells: window.cells,
        label: area.width.saturating_sub(parts.plot.width),
        style: theme.axis,
    }
    .render(area, buf);
    let plot = Rect { y: area.y + 1.min(area.height), height: area.height.saturating_sub(1), width: parts.plot.width, ..area };
    if let Some(x) = column_of(drawing, plot, chart.reading(window).map(|reading| reading.range.from)) {
        upright(buf, plot, x, theme.dim);
    }
}

/// The middle of the column of a time.
fn column_of(drawing: &Drawing, plot: Rect, time: Option<Time>) -> Option<i32> {
    let window = &drawing.window;
    let n = window.range.to.since(time?) / window.step_ms;
    let left = i32::from(plot.right()) - i32::try_from(n).ok()?.checked_mul(i32::from(window.cells))?;
    let x = left + body_columns(window.cells) / 2;
    (i32::from(plot.left())..i32::from(plot.right())).contains(&x).then_some(x)
}

/// A line from top to bottom, behind candles and over the hatching of gaps.
fn upright(buf: &mut Buffer, area: Rect, x: i32, style: Style) {
    for y in area.top()..area.bottom() {
        let hatched = |symbol: &str| matches!(symbol, "╱" | "╲");
        if u16::try_from(x).is_ok_and(|x| buf.cell((x, y)).is_some_and(|cell| hatched(cell.symbol()))) {
            put(buf, area, x, y.into(), '┊', style);
        } else {
            put_behind(buf, area, x, y.into(), '┊', style);
        }
    }
}

/// The candle under the crosshair by row and column, its time below, and where a measure begins.
fn crosshair(buf: &mut Buffer, parts: &layout::Chart, drawing: &Drawing, scale: Scale) {
    let Drawing { state, chart, window, .. } = drawing;
    let theme = &state.theme;
    let plot = parts.plot;
    if let Some(measure) = chart.measure(window)
        && let Some(x) = column_of(drawing, plot, Some(measure.mark))
    {
        upright(buf, plot, x, theme.key);
        if let Some(row) = measure.from.and_then(|price| scale.row(price)) {
            put(buf, plot, x, (plot.y + row).into(), '◆', theme.key);
        }
    }
    let Some(reading) = chart.reading(window) else { return };
    let Some(x) = column_of(drawing, plot, Some(reading.range.from)) else { return };
    for area in [Some(plot), parts.volume].into_iter().flatten() {
        upright(buf, area, x, theme.text);
    }
    if let Some(row) = reading.bar.and_then(|bar| scale.row(bar.close)) {
        for x in plot.left()..plot.right() {
            put_behind(buf, plot, x.into(), (plot.y + row).into(), '┈', theme.text);
        }
    }
    time_label(buf, parts.times, x, reading.range.from, drawing);
}

/// The time under the crosshair, over the labels of the axis.
fn time_label(buf: &mut Buffer, times: Rect, x: i32, time: Time, drawing: &Drawing) {
    let pattern = if drawing.window.interval.ms() < DAY_MS { " %b %-d %H:%M " } else { " %Y-%m-%d " };
    let interval = drawing.window.interval.ms();
    let text = drawing.state.zone.of_width(interval).format(time, pattern);
    let width = format::width(&text) as i32;
    let last = (i32::from(times.right()) - width).max(times.left().into());
    let start = (x - width / 2).clamp(times.left().into(), last);
    // What is left of a label beside it would read as another time.
    for dx in [start - 1, start + width] {
        clear_word(buf, times, dx, if dx < start { -1 } else { 1 });
    }
    if let Ok(start) = u16::try_from(start) {
        print(buf, times, start, times.y, &text, drawing.state.theme.cursor);
    }
}

/// Blanks the word that reaches into `x`, on this side of it.
fn clear_word(buf: &mut Buffer, area: Rect, mut x: i32, step: i32) {
    while let Ok(column) = u16::try_from(x)
        && area.contains((column, area.y).into())
        && buf.cell((column, area.y)).is_some_and(|cell| cell.symbol() != " ")
    {
        put(buf, area, x, area.y.into(), ' ', Style::new());
        x += step;
    }
}
