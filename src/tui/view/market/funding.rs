//! Settled funding rates and the coming one.

use super::{direction, message, percent};
use crate::domain::funding::Funding;
use crate::domain::price::to_f64;
use crate::domain::time::{DAY_MS, HOUR_MS, MINUTE_MS, Time};
use crate::engine::snapshot::SeriesView;
use crate::tui::format;
use crate::tui::layout::market::Parts;
use crate::tui::state::State;
use crate::tui::state::market::Keyed;
use crate::tui::view::row;
use crate::tui::widget::pane::Pane;
use ratatui::buffer::Buffer;
use ratatui::text::{Line, Span};
use ratatui::widgets::Widget as _;

/// Columns of the axis' labels with the stroke before them.
pub(super) const LABEL: u16 = 10;
const YEAR_MS: i64 = 365 * DAY_MS;

/// ```text
/// Next in 3:25:04 (16:00)  estimate +0.0100%  mark 64080.1
/// 7 d +0.1234%  30 d +0.4567%  yearly +10.95% at 8 h
/// ⣀⡠⠤⠒⠊⠉  rates in percent; below the line where shorts paid
/// Time                 Rate %   Yearly %        Mark
/// 2026-01-15 08:00    +0.0100     +10.95    64012.10
/// ```
pub(super) fn render(buf: &mut Buffer, parts: &Parts, state: &State, series: &SeriesView) {
    let theme = &state.theme;
    let width = usize::from(parts.words.width);
    let settled: Vec<&Funding> = state.market.funding.newest_first(series.id).collect();
    next(state, series).render(row(parts.words, 0), buf);
    sums(state, &settled).render(row(parts.words, 1), buf);
    if settled.is_empty() {
        message(buf, parts.rows, "No settlement is stored yet.", theme.dim);
        return;
    }
    if let Some(area) = parts.chart {
        let columns = usize::from(area.width.saturating_sub(LABEL));
        let mut rates: Vec<Option<f64>> = settled.iter().take(columns).map(|one| Some(to_f64(one.rate) * 100.0)).collect();
        rates.reverse();
        Pane {
            heading: Line::styled(format!(" rate in %, the last {} ", rates.len()), theme.dim),
            lines: &[],
            columns: Some((rates, theme.bar)),
            guides: &[],
            ends: None,
            cells: 1,
            label: LABEL,
            style: theme.axis,
        }
        .render(area, buf);
    }
    let mark_width = width.saturating_sub(16 + 10 + 11).min(16);
    let cells = |time: &str, rate: &str, yearly: &str, mark: &str| {
        [format::left(time, 16), format::right(rate, 10), format::right(yearly, 11), format::right(mark, mark_width)]
    };
    Line::styled(cells("Time", "Rate %", "Yearly %", "Mark").concat(), theme.dim).render(parts.heading, buf);
    let keys: Vec<i64> = settled.iter().map(|one| one.key()).collect();
    let top = state.market.funding.top(&keys, parts.rows.height.into());
    for (n, at) in (top..settled.len()).take(parts.rows.height.into()).enumerate() {
        let one = settled[at];
        let rate = to_f64(one.rate);
        let yearly = interval(&settled, at, state).map(|ms| rate * YEAR_MS as f64 / ms as f64);
        let mark = one.mark_price.map_or_else(|| "-".into(), |mark| format::price(mark, series.price_decimals));
        let [time, rate_text, yearly_text, mark] = cells(
            &state.zone.format(one.time, "%Y-%m-%d %H:%M"),
            &percent(rate, 4),
            &yearly.map_or_else(|| "-".into(), |yearly| percent(yearly, 2)),
            &mark,
        );
        let style = direction(rate, state);
        Line::from(vec![
            Span::styled(time, theme.dim),
            Span::styled(rate_text, style),
            Span::styled(yearly_text, style),
            Span::styled(mark, theme.dim),
        ])
        .render(row(parts.rows, n), buf);
    }
}

/// Between a settlement and the one before it, in milliseconds: as it was observed, to the minute, for an
/// exchange may change it. The oldest takes that of the next one.
fn interval(settled: &[&Funding], at: usize, state: &State) -> Option<i64> {
    let between = |newer: usize| {
        let ms = settled.get(newer)?.time.since(settled.get(newer + 1)?.time);
        let ms = (ms + MINUTE_MS / 2) / MINUTE_MS * MINUTE_MS;
        // Longer than a day is a hole in what is stored.
        (ms > 0 && ms <= DAY_MS).then_some(ms)
    };
    let told = || state.forecast().and_then(|forecast| forecast.interval_ms).filter(|ms| *ms > 0);
    between(at).or_else(|| at.checked_sub(1).and_then(between)).or_else(told)
}

fn next(state: &State, series: &SeriesView) -> Line<'static> {
    let theme = &state.theme;
    let Some(forecast) = state.forecast() else { return Line::styled("The coming settlement is not known yet.", theme.dim) };
    let rate = to_f64(forecast.rate);
    let left = forecast.next_at.since(state.now);
    let when = if left > 0 { format!("Next in {}", format::eta(left)) } else { "Settling now".into() };
    let mut spans = vec![
        Span::styled(format!("{when} ({})", state.zone.moment(forecast.next_at, state.now)), theme.text),
        Span::styled("  estimate ", theme.dim),
        Span::styled(format!("{}%", percent(rate, 4)), direction(rate, state)),
    ];
    if let Some(mark) = forecast.mark_price {
        spans.push(Span::styled(format!("  mark {}", format::price(mark, series.price_decimals)), theme.dim));
    }
    Line::from(spans)
}

/// What was paid in a week and a month; a dash where what is stored does not reach so far.
fn sums(state: &State, settled: &[&Funding]) -> Line<'static> {
    let theme = &state.theme;
    let sum = |days: i64| {
        let from: Time = state.now.plus_ms(-days * DAY_MS);
        // A settlement lies within a day of any instant.
        let reaches = settled.last().is_some_and(|oldest| oldest.time.since(from) <= 8 * HOUR_MS);
        reaches.then(|| settled.iter().take_while(|one| one.time > from).map(|one| to_f64(one.rate)).sum::<f64>())
    };
    let mut spans = Vec::new();
    for (days, sum) in [7, 30].map(|days| (days, sum(days))) {
        let text = sum.map_or_else(|| "-".into(), |sum| format!("{}%", percent(sum, 4)));
        let style = sum.map_or(theme.dim, |sum| direction(sum, state));
        spans.extend([Span::styled(format!("{days} d "), theme.dim), Span::styled(text, style), Span::raw("  ")]);
    }
    if let Some(ms) = interval(settled, 0, state) {
        spans.push(Span::styled(format!("settled every {}", crate::domain::time::short_duration(ms)), theme.dim));
    }
    Line::from(spans)
}
