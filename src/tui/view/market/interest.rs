//! Open interest.

use super::funding::LABEL;
use super::{direction, message, percent};
use crate::domain::open_interest::OpenInterest;
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

/// How far a row may lie from the time that it stands for.
const NEAR_MS: i64 = 10 * MINUTE_MS;

/// ```text
/// 81.2k BTC  worth 5.21B  of 12:30
/// 1 h +0.31%  24 h -1.20%  7 d +4.05%
/// ⣀⡠⠤⠒⠊⠉⠒⠤⣀  7 d
/// Time                 Amount      Value   Change %
/// 2026-01-15 12:30   81234.512     5.21B      +0.02
/// ```
pub(super) fn render(buf: &mut Buffer, parts: &Parts, state: &State, series: &SeriesView) {
    let theme = &state.theme;
    let rows: Vec<&OpenInterest> = state.market.interest.newest_first(series.id).collect();
    let Some(newest) = rows.first() else {
        message(buf, parts.rows, "Nothing is stored yet.", theme.dim);
        return;
    };
    let base = series.symbol.as_str().split('/').next().unwrap_or_default().to_owned();
    let worth = newest.value.map_or_else(String::new, |value| format!("  worth {}", format::amount(to_f64(value))));
    let line = Line::from(vec![
        Span::styled(format!("{} {base}", format::amount(to_f64(newest.amount))), theme.title),
        Span::styled(worth, theme.text),
        Span::styled(format!("  at {}", state.zone.moment(newest.time, state.now)), theme.dim),
    ]);
    line.render(row(parts.words, 0), buf);
    let mut spans = Vec::new();
    for (name, ms) in [("1 h", HOUR_MS), ("24 h", DAY_MS), ("7 d", 7 * DAY_MS)] {
        let change = then(&rows, newest.time.plus_ms(-ms)).and_then(|then| change(newest, then));
        let text = change.map_or_else(|| "-".into(), |change| format!("{}%", percent(change, 2)));
        let style = change.map_or(theme.dim, |change| direction(change, state));
        spans.extend([Span::styled(format!("{name} "), theme.dim), Span::styled(text, style), Span::raw("  ")]);
    }
    Line::from(spans).render(row(parts.words, 1), buf);
    if let Some(area) = parts.chart {
        let columns = usize::from(area.width.saturating_sub(LABEL));
        Pane {
            heading: Line::styled(format!(" {base}, 7 days "), theme.dim),
            lines: &[(sampled(&rows, newest.time, columns), theme.last_price)],
            columns: None,
            guides: &[],
            ends: None,
            cells: 1,
            label: LABEL,
            style: theme.axis,
        }
        .render(area, buf);
    }
    let keys: Vec<i64> = rows.iter().map(|one| one.key()).collect();
    let top = state.market.interest.top(&keys, parts.rows.height.into());
    let cells = |time: &str, amount: &str, value: &str, change: &str| {
        [format::left(time, 16), format::right(amount, 14), format::right(value, 9), format::right(change, 10)]
    };
    Line::styled(cells("Time", "Amount", "Value", "Change %").concat(), theme.dim).render(parts.heading, buf);
    for (n, at) in (top..rows.len()).take(parts.rows.height.into()).enumerate() {
        let one = rows[at];
        let change = rows.get(at + 1).and_then(|before| change(one, before));
        let [time, amount, value, text] = cells(
            &state.zone.format(one.time, "%Y-%m-%d %H:%M"),
            &format!("{:.3}", one.amount.round_dp(3)),
            &one.value.map_or_else(|| "-".into(), |value| format::amount(to_f64(value))),
            &change.map_or_else(|| "-".into(), |change| percent(change, 2)),
        );
        let style = change.map_or(theme.dim, |change| direction(change, state));
        Line::from(vec![
            Span::styled(time, theme.dim),
            Span::styled(amount, theme.text),
            Span::styled(value, theme.dim),
            Span::styled(text, style),
        ])
        .render(row(parts.rows, n), buf);
    }
}

/// The newest row at this time or shortly before it.
fn then<'a>(rows: &[&'a OpenInterest], time: Time) -> Option<&'a OpenInterest> {
    rows.iter().find(|one| one.time <= time).copied().filter(|one| time.since(one.time) <= NEAR_MS)
}

fn change(now: &OpenInterest, then: &OpenInterest) -> Option<f64> {
    let then = to_f64(then.amount);
    (then > 0.0).then(|| to_f64(now.amount) / then - 1.0)
}

/// A week up to `end` in so many columns: the newest value of each; none where nothing is stored.
fn sampled(rows: &[&OpenInterest], end: Time, columns: usize) -> Vec<Option<f64>> {
    let mut values = vec![None; columns];
    let step = 7 * DAY_MS / i64::try_from(columns.max(1)).unwrap_or(1);
    for one in rows {
        let column = usize::try_from(end.since(one.time) / step.max(1)).unwrap_or(usize::MAX);
        if let Some(value) = columns.checked_sub(1 + column).and_then(|at| values.get_mut(at)) {
            value.get_or_insert(to_f64(one.amount));
        }
    }
    values
}
