//! Candles of one series.

use super::{framed, heading, row, steps};
use crate::domain::gap::GapReason;
use crate::domain::interval::Interval;
use crate::domain::price::to_f64;
use crate::domain::time::DAY_MS;
use crate::engine::snapshot::{SeriesState, SeriesView};
use crate::tui::format;
use crate::tui::layout;
use crate::tui::state::State;
use crate::tui::state::chart::{Bar, ChartState, Picture, Window};
use crate::tui::widget::candlestick::{Candlesticks, Step};
use crate::tui::widget::price_axis::PriceAxis;
use crate::tui::widget::put;
use crate::tui::widget::scale::Scale;
use crate::tui::widget::time_axis::TimeAxis;
use crate::tui::widget::volume::Volume;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use ratatui::widgets::{Block, Widget as _};

/// ```text
/// ╭ BTC/USDT  binance  1m ──────────────────────────── LIVE ▸ ╮
/// │ Jan 15 12:34  O 64012.10  H 64120.55  L 63950.02  C 64080.10 … │
/// │      │                                         ├ 64120.00    │
/// │  ┃ ╽ █ ╱╱╱                                     ▸ 64080.10    │
/// │  ▂▃▁▅▇                                                       │
/// │    09:00      10:00      11:00                               │
/// ╰──────────────────────── ╱ recorder was off ───────────────────╯
/// ```
pub(super) fn render(buf: &mut Buffer, area: Rect, state: &State, chart: &ChartState) {
    let theme = &state.theme;
    let picture = chart.picture.as_ref();
    // The title belongs to the picture: the old one stays until the new one lands.
    let shown = picture.and_then(|picture| state.series_by_id(picture.series)).or_else(|| state.series());
    let Some(series) = shown else {
        let inner = framed(buf, area, theme, Block::bordered().title(heading("Chart", area, theme)));
        message(buf, inner, state, &format!("No symbol yet: press {} to add one.", state.keys.key_of("add")));
        return;
    };
    let parts = layout::chart(layout::inner(area), chart.label_columns(series), chart.volume);
    let window = chart.window(series, parts.plot.width);
    let mut block = Block::bordered()
        .title(heading(&format!("{}  {}  {}", series.symbol, series.exchange, window.interval), area, theme))
        .title(mode(state, chart, series));
    let (picture_steps, volumes) = picture.map_or_else(Default::default, |picture| steps::of(picture, &window, theme));
    if let Some(legend) = picture.and_then(|picture| legend(picture, &window, state, area)) {
        block = block.title_bottom(legend);
    }
    framed(buf, area, theme, block);
    let bars = picture.map_or(&[][..], |picture| picture.bars(window.range));
    if let Some(bar) = bars.last() {
        header(buf, parts.header, state, series, window.interval, bar);
    }
    let last = series.ticker.as_ref().map(|(ticker, _)| to_f64(ticker.last));
    let prices = bars.iter().flat_map(|bar| [bar.high, bar.low]).chain(last.filter(|_| chart.is_live()));
    let scale = Scale::fit(prices, parts.plot.height);
    plot(buf, &parts, state, &Plot { series, window, steps: &picture_steps, volumes: &volumes, scale, last });
    if let Some(words) = absence(chart, bars, &picture_steps) {
        message(buf, parts.plot, state, &words);
    }
}

struct Plot<'a> {
    series: &'a SeriesView,
    window: Window,
    steps: &'a [Step],
    volumes: &'a [Option<f64>],
    scale: Option<Scale>,
    last: Option<f64>,
}

fn plot(buf: &mut Buffer, parts: &layout::Chart, state: &State, plot: &Plot) {
    let theme = &state.theme;
    let cells = plot.window.cells;
    TimeAxis { to: plot.window.range.to, step_ms: plot.window.step_ms, cells, style: theme.axis, turn_style: theme.title }
        .render(parts.times, buf);
    let Some(scale) = plot.scale else { return };
    if let Some(y) = plot.last.and_then(|last| scale.row(last)) {
        for x in parts.plot.left()..parts.plot.right() {
            put(buf, parts.plot, x.into(), (parts.plot.y + y).into(), '┄', theme.last_price);
        }
    }
    Candlesticks { steps: plot.steps, cells, scale, rising: theme.rising, falling: theme.falling }.render(parts.plot, buf);
    if let Some(area) = parts.volume {
        Volume { values: plot.volumes, cells, style: theme.volume }.render(area, buf);
    }
    PriceAxis { scale, decimals: plot.series.price_decimals, last: plot.last, style: theme.axis, last_style: theme.last_label }
        .render(parts.axis, buf);
}

/// Whether it moves with the present, and the way back where not.
fn mode(state: &State, chart: &ChartState, series: &SeriesView) -> Line<'static> {
    let theme = &state.theme;
    let (text, style) = match &series.state {
        _ if !chart.is_live() => (" LIVE ▸ ", theme.simulated),
        SeriesState::Live | SeriesState::Backfilling => (" live ", theme.ok),
        SeriesState::Waiting(_) => (" waiting ", theme.warn),
        SeriesState::Stopped(_) => (" stopped ", theme.error),
    };
    Line::styled(text, style).right_aligned()
}

/// The newest visible candle. A narrow header drops the year, then all but close and change, then
/// the time.
fn header(buf: &mut Buffer, area: Rect, state: &State, series: &SeriesView, interval: Interval, bar: &Bar) {
    let theme = &state.theme;
    let candle = &bar.candle;
    let price = |value| format::price(value, series.price_decimals);
    let values = [
        ("O ", price(candle.open)),
        ("H ", price(candle.high)),
        ("L ", price(candle.low)),
        ("C ", price(candle.close)),
        ("V ", bar.volume.map_or_else(|| "-".into(), format::amount)),
        ("", format!("{:+.2}%", (bar.close - bar.open) / bar.open * 100.0)),
    ];
    let (long, short) = if interval.ms() < DAY_MS { ("%Y-%m-%d %H:%M", "%b %-d %H:%M") } else { ("%Y-%m-%d", "%b %-d") };
    let style = if candle.is_rising() { theme.rising } else { theme.falling };
    for (pattern, all) in [(long, true), (short, true), (short, false), ("", false)] {
        let time = candle.open_time.format(pattern);
        let mut spans = vec![Span::styled(if time.is_empty() { String::new() } else { format!(" {time} ") }, theme.text)];
        for (label, value) in values.iter().filter(|(label, _)| all || matches!(*label, "C " | "")) {
            spans.extend([Span::raw(" "), Span::styled(*label, theme.dim), Span::styled(value.clone(), style), Span::raw(" ")]);
        }
        spans.pop();
        let line = Line::from(spans);
        if line.width() <= usize::from(area.width) || pattern.is_empty() {
            line.render(area, buf);
            return;
        }
    }
}

/// The reasons of the visible gaps, each in its colour.
fn legend(picture: &Picture, window: &Window, state: &State, area: Rect) -> Option<Line<'static>> {
    let gaps = picture.gaps(window.range);
    let mut room = usize::from(area.width).saturating_sub(6);
    let mut spans = vec![Span::raw(" ")];
    for reason in GapReason::ALL.into_iter().filter(|reason| gaps.iter().any(|gap| gap.reason == *reason)) {
        let hatch = if reason.is_explained() { '╲' } else { '╱' };
        let text = format!("{hatch} {} ", reason.label());
        let width = format::width(&text) + 1;
        if width > room {
            break;
        }
        room -= width;
        spans.push(Span::styled(text, state.theme.gap(reason)));
    }
    (spans.len() > 1).then(|| Line::from(spans))
}

/// What to say where nothing is seen.
fn absence(chart: &ChartState, bars: &[Bar], steps: &[Step]) -> Option<String> {
    match &chart.error {
        Some(error) => Some(format!("The store could not be read: {error}")),
        None if chart.picture.is_none() && chart.is_loading() => Some("reading …".into()),
        None if bars.is_empty() && steps.iter().all(|step| *step == Step::Empty) => Some("No candle in this range yet.".into()),
        None => None,
    }
}

fn message(buf: &mut Buffer, area: Rect, state: &State, text: &str) {
    let text = format::fit(text, area.width.into());
    Line::styled(text, state.theme.dim).centered().render(row(area, usize::from(area.height) / 2), buf);
}
