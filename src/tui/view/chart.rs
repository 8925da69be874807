//! Candles of one series.

mod drawing;
mod plot;
mod words;

use super::{framed, heading, row, steps};
use crate::domain::gap::GapReason;
use crate::domain::price::to_f64;
use crate::engine::snapshot::{SeriesState, SeriesView};
use crate::tui::action::Screen;
use crate::tui::format;
use crate::tui::layout::{self, ChartWants};
use crate::tui::state::State;
use crate::tui::state::chart::{Bar, ChartState, Picture, PriceScale, Window};
use crate::tui::widget::candlestick::Step;
use crate::tui::widget::pixels::Scene;
use crate::tui::widget::scale::{Measure, Scale};
use crate::tui::wrap::wrap;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use ratatui::widgets::{Block, Widget as _};

/// Placeholders of the kitty protocol count no further, across or down.
const MOST_CELLS: u16 = 297;

/// ```text
/// ╭ BTC/USDT  binance  1m ──────────────────────────── LIVE ▸ ╮
/// │ Jan 15 12:34  O 64012.10  H 64120.55  L 63950.02  C 64080.10 … │
/// │ SMA 20 64011.20                               under a crosshair: where the candle came from │
/// │      │                                         ├ 64120.00    │
/// │  ┃ ╽ █ ╱╱╱                                     ▸ 64080.10    │
/// │  ▂▃▁▅▇                                                       │
/// │ ─ RSI 14  53.20 ─────────────────────────────────────────    │
/// │    09:00      10:00      11:00                               │
/// ╰──────── ╱ recorder was off ─────── Δ +12.00 +0.02% 5m 5 candles ╯
/// ```
pub(super) fn render(buf: &mut Buffer, area: Rect, state: &State, chart: &ChartState) {
    let theme = &state.theme;
    if let Some(series) = state.series().filter(|series| !series.has_candles()) {
        let title = format!("{}  {}", series.symbol, series.exchange);
        let inner = framed(buf, area, theme, Block::bordered().title(heading(&title, area, theme)));
        let lines = wrap(
            &format!("{} is recorded without candles: the market screen shows what it has.", series.symbol),
            inner.width.into(),
        );
        for (n, line) in lines.iter().enumerate() {
            Line::styled(line.as_str(), theme.dim).centered().render(row(inner, usize::from(inner.height) / 2 + n), buf);
        }
        return;
    }
    let picture = chart.picture.as_ref();
    // The title belongs to the picture: the old one stays until the new one lands.
    let shown = picture.and_then(|picture| state.series_by_id(picture.series)).or_else(|| state.series());
    let Some(series) = shown else {
        let inner = framed(buf, area, theme, Block::bordered().title(heading("Chart", area, theme)));
        message(buf, inner, state, &format!("No symbol yet: press {} to add one.", state.key_of("add")));
        return;
    };
    let parts = parts(area, state, chart, series);
    let window = chart.window(series, parts.plot.width);
    let mut block =
        Block::bordered().title(heading(&title(series, chart, &window), area, theme)).title(mode(state, chart, series));
    let columns = picture.map_or_else(Default::default, |picture| steps::of(picture, &window, theme));
    let measure = words::measure(state, chart, &window, series.price_decimals);
    let room = area.width.saturating_sub(measure.as_ref().map_or(0, |line| line.width() as u16 + 2));
    if let Some(legend) = picture.and_then(|picture| legend(picture, &window, state, Rect { width: room, ..area })) {
        block = block.title_bottom(legend);
    }
    if let Some(measure) = measure {
        block = block.title_bottom(measure.right_aligned());
    }
    framed(buf, area, theme, block);
    let bars = picture.map_or(&[][..], |picture| picture.bars(window.range));
    words::render(buf, parts.header, &words::Words { state, chart, series, window: &window, newest: bars.last() });
    let last = last(series);
    let scale = scale(chart, bars, last.filter(|_| chart.is_live()), parts.plot.height);
    drawing::render(buf, &parts, &drawing::Drawing { state, chart, series, window, columns: &columns, scale, last });
    if let Some(words) = absence(chart, bars, &columns.steps) {
        message(buf, parts.plot, state, &words);
    }
}

/// The plot in pixels, each cell of so many, and where it stands; nothing where words stand in it.
pub(super) fn pixels(area: Rect, state: &State, cell: (u16, u16)) -> Option<(Rect, Scene)> {
    let chart = &state.chart;
    let picture = chart.picture.as_ref().filter(|_| state.charted().is_some())?;
    let series = state.series_by_id(picture.series).or_else(|| state.series())?;
    let plot = parts(area, state, chart, series).plot;
    let window = chart.window(series, plot.width);
    let columns = steps::of(picture, &window, &state.theme);
    let bars = picture.bars(window.range);
    if plot.width < 2 || plot.width.max(plot.height) > MOST_CELLS || absence(chart, bars, &columns.steps).is_some() {
        return None;
    }
    let last = last(series);
    let scale = scale(chart, bars, last.filter(|_| chart.is_live()), plot.height);
    let drawing = drawing::Drawing { state, chart, series, window, columns: &columns, scale, last };
    Some((plot, plot::scene(plot, cell, &drawing)?))
}

/// The scale of the chart screen's price axis, as it is drawn in `area`.
pub(super) fn shown_scale(area: Rect, state: &State) -> Option<Scale> {
    let chart = &state.chart;
    let picture = chart.picture.as_ref().filter(|_| state.charted().is_some())?;
    let series = state.series_by_id(picture.series).or_else(|| state.series())?;
    let plot = parts(area, state, chart, series).plot;
    let bars = picture.bars(chart.window(series, plot.width).range);
    scale(chart, bars, last(series).filter(|_| chart.is_live()), plot.height)
}

fn last(series: &SeriesView) -> Option<f64> {
    series.last().map(to_f64)
}

/// Where its parts stand.
pub(super) fn parts(area: Rect, state: &State, chart: &ChartState, series: &SeriesView) -> layout::Chart {
    // The chart screen keeps the line of the crosshair, so that nothing moves when one appears.
    let origin = state.screen == Screen::Chart;
    let lines = 1 + u16::from(origin) + u16::from(chart.studies.overlays().next().is_some());
    // A chart that was maximised is its plot alone.
    let bare = state.screen == Screen::Chart && state.is_maximised();
    let panes = if bare { 0 } else { chart.studies.panes().count() };
    let wants = ChartWants { lines, volume: chart.volume && !bare, panes };
    layout::chart(layout::inner(area), chart.label_columns(series), wants)
}

fn title(series: &SeriesView, chart: &ChartState, window: &Window) -> String {
    let mut title = format!("{}  {}  {}", series.symbol, series.exchange, window.interval);
    // A column of several candles would pass for one of them.
    let per_column = window.step_ms / window.interval.ms().max(1);
    let folded = if per_column > 1 { format!("{per_column} per column") } else { String::new() };
    let ends = if chart.prices.is_some() { "scaled by hand" } else { "" };
    for word in [folded.as_str(), chart.kind.label(), chart.scale.label(), ends].into_iter().filter(|word| !word.is_empty()) {
        title.push_str("  ");
        title.push_str(word);
    }
    title
}

/// Fits what is drawn of the visible candles, and the last price while the present is in sight; or
/// keeps the ends that the wheel has given it.
fn scale(chart: &ChartState, bars: &[Bar], last: Option<f64>, rows: u16) -> Option<Scale> {
    let measure = match (chart.scale, bars.first()) {
        (PriceScale::Log, _) => Measure::Log,
        (PriceScale::Percent, Some(first)) => Measure::Percent(first.close),
        (PriceScale::Percent | PriceScale::Linear, _) => Measure::Linear,
    };
    if let Some((low, high)) = chart.prices {
        return Scale::of(low, high, rows, measure);
    }
    let ends = bars.iter().flat_map(|bar| {
        let [_, high, low, _] = bar.drawn();
        [high, low]
    });
    Scale::fit(ends.chain(last), rows, measure)
}

/// Whether it moves with the present, and the way back where not.
fn mode(state: &State, chart: &ChartState, series: &SeriesView) -> Line<'static> {
    let theme = &state.theme;
    let old = series.last_candle_end.filter(|_| series.is_late(state.now));
    let (text, style) = match (&series.state, old) {
        _ if chart.error.is_some() => (" not read ".into(), theme.error),
        _ if !chart.is_live() => (" LIVE ▸ ".into(), theme.simulated),
        _ if chart.picture.is_none() && chart.is_loading() => (" reading … ".into(), theme.dim),
        (SeriesState::Stopped(_), _) => (" stopped ".into(), theme.error),
        (SeriesState::Waiting(_), _) => (" waiting ".into(), theme.warn),
        (_, Some(end)) => (format!(" {} old ", format::age_of(end, state.now)), theme.warn),
        (SeriesState::Live | SeriesState::Backfilling, None) => (" live ".into(), theme.ok),
    };
    Line::styled::<String, _>(text, style).right_aligned()
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
        Some(error) => Some(error.clone()),
        None if chart.picture.is_none() && chart.is_loading() => Some("reading …".into()),
        None if bars.is_empty() && steps.iter().all(|step| *step == Step::Empty) => Some("No candle in this range yet.".into()),
        None => None,
    }
}

fn message(buf: &mut Buffer, area: Rect, state: &State, text: &str) {
    // Blanks keep it apart from the line of the last price.
    let text = format!(" {} ", format::fit(text, usize::from(area.width).saturating_sub(2)));
    Line::styled(text, state.theme.dim).centered().render(row(area, usize::from(area.height) / 2), buf);
}
