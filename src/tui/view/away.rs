//! What the last absence has cost.

use super::popup;
use super::row;
use crate::domain::dataset::Dataset;
use crate::domain::time::{Time, human_duration};
use crate::engine::snapshot::{AwayCause, AwayReport, AwaySeries};
use crate::tui::format;
use crate::tui::layout;
use crate::tui::state::State;
use crate::tui::state::list::Scroll;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use ratatui::widgets::Widget as _;

/// Columns of each count.
const COUNT: usize = 9;

/// ```text
/// ╭ While you were away ──────────────────────────────────────────╮
/// │ The recorder was off from Jan 14 22:10 to Jan 15 08:02: 9h 52m  │
/// │ 592 candles missed: 500 mended, 90 still to be fetched, 2 lost   │
/// │                                                                 │
/// │ Series             Missed   Mended   To fetch     Lost           │
/// │ BTC/USDT 1m           592      500         90        2           │
/// ╰──────────────────────────────────────────────────── ↓ more ───╯
/// ```
pub(super) fn render(buf: &mut Buffer, area: Rect, state: &State, scroll: Scroll) {
    let Some(away) = &state.snapshot.away else { return };
    let place = layout::away(area, state.away_lines().0);
    let inner = popup::open(buf, place, state, "While you were away", (place.width, place.height));
    let lines = lines(away, usize::from(inner.width), state);
    let rows = usize::from(inner.height);
    let top = scroll.top.min(lines.len().saturating_sub(rows));
    if top + rows < lines.len() && place.height > 0 && place.width > 10 {
        let foot = Rect { x: place.x + 2, y: place.bottom() - 1, width: place.width - 4, height: 1 };
        Line::styled(" ↓ more ", state.theme.warn).right_aligned().render(foot, buf);
    }
    for (n, line) in lines.into_iter().skip(top).take(rows).enumerate() {
        line.render(row(inner, n), buf);
    }
}

fn lines(away: &AwayReport, width: usize, state: &State) -> Vec<Line<'static>> {
    let theme = &state.theme;
    let words = match away.cause {
        AwayCause::Off => "The recorder was off",
        AwayCause::Asleep => "The machine slept",
    };
    let moment = |time: Time| state.zone.format(time, "%b %d %H:%M");
    let (from, to) = (moment(away.range.from), moment(away.range.to));
    let range = format!("{words} from {from} to {to}: {}", human_duration(away.range.duration_ms()));
    let mut lines = vec![Line::styled(format::fit(&range, width), theme.text)];
    if away.series.is_empty() {
        lines.push(Line::styled(format::fit("No candle closed meanwhile: nothing was missed.", width), theme.ok));
        return lines;
    }
    let [missed, mended, mendable, lost] = away.total();
    let (rest, style) = match (mendable, lost) {
        (0, 0) => ("all mended".to_owned(), theme.ok),
        (0, _) => (format!("{mended} mended, {lost} lost: the exchange has none"), theme.text),
        (_, 0) => (format!("{mended} mended, {mendable} still to be fetched"), theme.warn),
        _ => (format!("{mended} mended, {mendable} still to be fetched, {lost} lost"), theme.warn),
    };
    let others = away.series.iter().filter_map(|series| state.series_by_id(series.id)).any(|one| one.dataset != Dataset::Candles);
    let noun = match missed {
        _ if others => "candles and steps",
        1 => "candle",
        _ => "candles",
    };
    lines.push(Line::styled(format::fit(&format!("{missed} {noun} missed: {rest}"), width), style));
    if let Some(until) = away.mendable_until() {
        let left = until.since(state.now);
        let words = if left > 0 {
            format!("Still mendable until {}: {} left", moment(until), format::eta(left))
        } else {
            "What the exchange no longer serves is being lost".into()
        };
        lines.push(Line::styled(format::fit(&words, width), theme.error));
    }
    lines.push(Line::default());
    let name = width.saturating_sub(4 * COUNT).max(8);
    let head = ["Missed", "Mended", "To fetch", "Lost"].map(|word| format::right(word, COUNT)).concat();
    lines.push(Line::styled(format!("{}{head}", format::left("Series", name)), theme.dim));
    lines.extend(away.series.iter().map(|series| line(series, name, state)));
    lines
}

fn line(series: &AwaySeries, name: usize, state: &State) -> Line<'static> {
    let theme = &state.theme;
    let count =
        |count: u64, style| Span::styled(format::right(&count.to_string(), COUNT), if count > 0 { style } else { theme.dim });
    Line::from(vec![
        Span::styled(format::left(&series.name, name), theme.title),
        count(series.missed, theme.text),
        count(series.mended, theme.ok),
        count(series.mendable, theme.warn),
        count(series.lost, theme.error),
    ])
}
