//! What is said above a chart and below it.

use super::super::row;
use crate::domain::price::to_f64;
use crate::domain::range::TimeRange;
use crate::domain::time::{DAY_MS, Time, short_duration};
use crate::engine::query::Provenance;
use crate::engine::snapshot::SeriesView;
use crate::tui::action::Screen;
use crate::tui::format;
use crate::tui::state::State;
use crate::tui::state::chart::{Bar, ChartState, Reading, Study, Value, Window};
use crate::tui::widget::pane::short;
use crate::tui::zone::Zone;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use ratatui::widgets::Widget as _;

/// What the words are about.
pub(super) struct Words<'a> {
    pub(super) state: &'a State,
    pub(super) chart: &'a ChartState,
    pub(super) series: &'a SeriesView,
    pub(super) window: &'a Window,
    /// The newest visible candle: it is told where there is no crosshair.
    pub(super) newest: Option<&'a Bar>,
}

/// The candle, where it came from, and the overlays, a line each while there is room.
pub(super) fn render(buf: &mut Buffer, area: Rect, words: &Words) {
    let reading = words.chart.reading(words.window);
    let bar = reading.map_or(words.newest, |reading| reading.bar);
    let mut lines = vec![match (bar, reading) {
        (Some(bar), _) => candle(words, bar, area.width),
        (None, Some(reading)) => nothing(words, &reading),
        (None, None) => Line::default(),
    }];
    if words.state.screen == Screen::Chart {
        lines.push(bar.map_or_else(Line::default, |bar| origin(words, bar, reading.as_ref(), area.width)));
    }
    if words.chart.studies.overlays().next().is_some() {
        lines.push(overlays(words, bar, area.width));
    }
    for (n, line) in lines.into_iter().enumerate() {
        line.render(row(area, n), buf);
    }
}

fn pattern(words: &Words) -> (&'static str, &'static str) {
    if words.window.interval.ms() < DAY_MS { ("%Y-%m-%d %H:%M", "%b %-d %H:%M") } else { ("%Y-%m-%d", "%b %-d") }
}

/// The clock of its candles.
const fn zone(words: &Words) -> Zone {
    words.state.zone.of_width(words.window.interval.ms())
}

/// Open, high, low, close. A narrow line drops the year, then all but close and change, then the time.
fn candle(words: &Words, bar: &Bar, width: u16) -> Line<'static> {
    let theme = &words.state.theme;
    let candle = &bar.candle;
    let price = |value| format::price(value, words.series.price_decimals);
    let values = [
        ("O ", price(candle.open)),
        ("H ", price(candle.high)),
        ("L ", price(candle.low)),
        ("C ", price(candle.close)),
        ("V ", bar.volume.map_or_else(|| "-".into(), format::amount)),
        ("", format!("{:+.2}%", (bar.close - bar.open) / bar.open * 100.0)),
    ];
    let (long, short) = pattern(words);
    let zone = zone(words);
    let style = if candle.is_rising() { theme.rising } else { theme.falling };
    let line = |pattern: &str, all: bool| {
        let mut time = zone.format(candle.open_time, pattern);
        // A column of several candles tells how far it reaches.
        if words.window.step_ms > words.window.interval.ms() && words.window.step_ms < DAY_MS && !time.is_empty() {
            let end = candle.open_time.plus_ms(words.window.step_ms);
            time.push_str(&zone.format(end, "–%H:%M"));
        }
        let mut spans = vec![Span::styled(if time.is_empty() { String::new() } else { format!(" {time} ") }, theme.text)];
        for (label, value) in values.iter().filter(|(label, _)| all || matches!(*label, "C " | "")) {
            spans.extend([Span::raw(" "), Span::styled(*label, theme.dim), Span::styled(value.clone(), style), Span::raw(" ")]);
        }
        spans.pop();
        Line::from(spans)
    };
    [(long, true), (short, true), (short, false)]
        .into_iter()
        .map(|(pattern, all)| line(pattern, all))
        .find(|line| line.width() <= usize::from(width))
        .unwrap_or_else(|| line("", false))
}

/// Why there is no candle under the crosshair.
fn nothing(words: &Words, reading: &Reading) -> Line<'static> {
    let theme = &words.state.theme;
    let time = Span::styled(format!(" {}  ", zone(words).format(reading.range.from, pattern(words).0)), theme.text);
    let why = match reading.gap {
        Some(reason) => Span::styled(reason.label(), theme.gap(reason)),
        None => Span::styled("no candle", theme.dim),
    };
    Line::from(vec![time, why])
}

/// What the exchange says of the candle besides prices, and under a crosshair where the store has it from.
fn origin(words: &Words, bar: &Bar, reading: Option<&Reading>, width: u16) -> Line<'static> {
    let (theme, candle) = (&words.state.theme, &bar.candle);
    let mut parts: Vec<(&str, String, Style)> = Vec::new();
    if let Some(quote) = candle.quote_volume {
        parts.push(("quote ", short(to_f64(quote)), theme.text));
    }
    if let Some(trades) = candle.trade_count {
        parts.push(("trades ", format::count(trades.unsigned_abs()), theme.text));
    }
    if let Some(taker) = candle.taker_buy_volume.filter(|_| !candle.volume.is_zero()) {
        parts.push(("taker buys ", format!("{:.0}%", to_f64(taker) / to_f64(candle.volume) * 100.0), theme.text));
    }
    let ended = bar.candle.open_time.plus_ms(words.window.step_ms) <= words.state.now;
    match reading.and_then(|reading| reading.provenance) {
        _ if bar.forming && ended => parts.push(("", "not stored yet".into(), theme.warn)),
        _ if bar.forming => parts.push(("", "has not closed yet".into(), theme.warn)),
        None if reading.is_none() => {}
        None => parts.push(("", "reading …".into(), theme.dim)),
        Some(Err(error)) => parts.push(("", error.clone(), theme.error)),
        Some(Ok(None)) => parts.push(("", "not stored".into(), theme.dim)),
        Some(Ok(Some(found))) => stored(&mut parts, words, bar.candle.open_time, found),
    }
    let mut spans = Vec::new();
    let mut room = usize::from(width);
    for (label, value, style) in parts {
        let taken = 2 + format::width(label) + format::width(&value);
        if taken > room {
            break;
        }
        room -= taken;
        let space = if spans.is_empty() { " " } else { "  " };
        spans.extend([Span::raw(space), Span::styled(label, theme.dim), Span::styled(value, style)]);
    }
    Line::from(spans)
}

fn stored(parts: &mut Vec<(&str, String, Style)>, words: &Words, open: Time, found: &Provenance) {
    let theme = &words.state.theme;
    let source = found.source.map_or("unknown source", crate::domain::candle::Source::label);
    parts.push(("", source.into(), theme.text));
    parts.push(("fetched ", words.state.zone.format(found.fetched_at.1, "%Y-%m-%d %H:%M:%S"), theme.text));
    let range = TimeRange::new(open, open.plus_ms(words.window.step_ms));
    let whole = words.series.interval.count(range).unsigned_abs();
    if found.candles < whole {
        parts.push(("", format!("{} of {whole} candles", found.candles), theme.warn));
    }
    match found.revisions.as_slice() {
        [] => parts.push(("", "never revised".into(), theme.dim)),
        revisions => {
            parts.push(("revised ", format!("{}×", revisions.len()), theme.warn));
            if let [only] = revisions {
                let or_nothing = |value: &Option<String>| value.clone().unwrap_or_else(|| "nothing".into());
                parts.push(("", format!("{} {} → {}", only.field, or_nothing(&only.old), or_nothing(&only.new)), theme.warn));
            }
        }
    }
}

/// Names and values of the overlays, each in its colour.
fn overlays(words: &Words, bar: Option<&Bar>, width: u16) -> Line<'static> {
    let price = |value: f64| format::price_f64(value, words.series.price_decimals);
    let mut spans = Vec::new();
    let mut room = usize::from(width);
    for study in words.chart.studies.overlays() {
        let value = match value(words.chart, study, bar) {
            Some(Value::Line(value)) => price(value),
            Some(Value::Bands(bands)) => format!("{} {} {}", price(bands.lower), price(bands.middle), price(bands.upper)),
            Some(Value::Macd(_)) | None => "-".into(),
        };
        let text = format!(" {} {value} ", study.label());
        let taken = format::width(&text);
        if taken > room {
            break;
        }
        room -= taken;
        spans.push(Span::styled(text, super::drawing::style_of(&words.state.theme, study)));
    }
    Line::from(spans)
}

/// An indicator's value at a column.
pub(super) fn value(chart: &ChartState, study: Study, bar: Option<&Bar>) -> Option<Value> {
    chart.picture.as_ref()?.values(study)?.at(bar?.last())
}

/// Name and values of an indicator with a pane of its own.
pub(super) fn heading_of(words: (&State, &ChartState), study: Study, bar: Option<&Bar>) -> Line<'static> {
    let (state, chart) = words;
    let text = match value(chart, study, bar) {
        Some(Value::Macd(macd)) => {
            format!("{}  signal {}  difference {}", short(macd.line), short(macd.signal), short(macd.histogram))
        }
        Some(Value::Line(value)) => short(value),
        Some(Value::Bands(_)) | None => "-".into(),
    };
    Line::from(vec![
        Span::styled(format!(" {} ", study.label()), state.theme.dim),
        Span::styled(format!(" {text} "), super::drawing::style_of(&state.theme, study)),
    ])
}

/// From the mark to the crosshair: `Δ +18.00  +0.03%  12m  12 candles`.
pub(super) fn measure(state: &State, chart: &ChartState, window: &Window, decimals: u32) -> Option<Line<'static>> {
    let measure = chart.measure(window)?;
    let theme = &state.theme;
    let mut spans = vec![Span::styled(" Δ ", theme.key)];
    if let (Some(from), Some(to)) = (measure.from, measure.to) {
        let style = if to >= from { theme.rising } else { theme.falling };
        let sign = if to >= from { "+" } else { "-" };
        let amount = format::price_f64((to - from).abs(), decimals);
        spans.push(Span::styled(format!("{sign}{amount}  {:+.2}%  ", (to - from) / from * 100.0), style));
    }
    let sign = if measure.ms < 0 { "-" } else { "" };
    let plural = if measure.candles.abs() == 1 { "" } else { "s" };
    let words = format!("{sign}{}  {} candle{plural} ", short_duration(measure.ms.abs()), measure.candles.abs());
    spans.push(Span::styled(words, theme.text));
    Some(Line::from(spans))
}
