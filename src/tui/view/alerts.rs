//! The list of alerts, what fired lately, and how one is told.

use super::hints::{self, Hint};
use super::{popup, row};
use crate::domain::alert::Firing;
use crate::engine::snapshot::AlertView;
use crate::tui::format;
use crate::tui::layout;
use crate::tui::notice::Desktop;
use crate::tui::state::State;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use ratatui::widgets::Widget as _;

/// Columns of the series' name, and of the last firing's time.
const NAME: usize = 16;
const LAST: usize = 16;

/// ```text
/// ╭ Alerts 2 ────────────────────────────────────────────────────────────╮
/// │▸ ● BTC/USDT 1m      price rises above 64000             fired 12:31     │
/// │  ○ ETH/USDT 1m      moves 5% within 1h                  never           │
/// │                                                                        │
/// │ Fired lately                                                           │
/// │ 12:31:05  BTC/USDT 1m      price rises above 64000: 64012.1             │
/// │                                                                        │
/// │ bell on   desktop off                                                  │
/// │ a add   ⏎ change   Space on/off   d delete   B bell   N notify   Esc    │
/// ╰──────────────────────────────────────────────────────────────────────╯
/// ```
pub(super) fn render(buf: &mut Buffer, area: Rect, state: &State) {
    let theme = &state.theme;
    let alerts = &state.snapshot.alerts;
    let place = layout::alerts(area, state.alert_lines().0);
    let title = format!("Alerts {}", alerts.alerts.len());
    let inner = popup::open(buf, place, state, &title, (place.width, place.height));
    let width = usize::from(inner.width);
    let rows = state.alert_rows().min(usize::from(inner.height));
    if alerts.alerts.is_empty() {
        let words = "None yet: a adds one on the selected symbol.";
        Line::styled(format::fit(words, width), theme.dim).render(row(inner, 0), buf);
    }
    for (n, view) in alerts.alerts.iter().enumerate().skip(state.alerts.list.top).take(rows) {
        let place = row(inner, n - state.alerts.list.top);
        let selected = n == state.alerts.list.index;
        alert(view, selected, width, state).render(place, buf);
        if selected {
            buf.set_style(place, theme.selected);
        }
    }
    // Settings and keys stand at the foot; firings take what is left between.
    let foot = usize::from(inner.height).saturating_sub(2).max(rows);
    settings(state).render(row(inner, foot), buf);
    hints::line(&keys(state), width, theme).render(row(inner, foot + 1), buf);
    let room = foot.saturating_sub(rows + 3);
    if room > 0 && !alerts.firings.is_empty() {
        Line::styled("Fired lately", theme.title).render(row(inner, rows + 1), buf);
        for (n, one) in alerts.firings.iter().take(room).enumerate() {
            firing(one, width, state).render(row(inner, rows + 2 + n), buf);
        }
    }
}

fn alert(view: &AlertView, selected: bool, width: usize, state: &State) -> Line<'static> {
    let theme = &state.theme;
    let (mark, style) = if view.alert.active { ("● ", theme.ok) } else { ("○ ", theme.dim) };
    let last = state.snapshot.alerts.last(view);
    let last = last.map_or_else(|| "never fired".into(), |firing| format!("fired {}", state.zone.moment(firing.at, state.now)));
    let words = width.saturating_sub(4 + NAME + 1 + LAST + 1);
    let dim = |on: bool, style| if on { style } else { theme.dim };
    Line::from(vec![
        Span::styled(if selected { "▸ " } else { "  " }, theme.accent),
        Span::styled(mark, style),
        Span::styled(format::left(&view.series, NAME), dim(view.alert.active, theme.title)),
        Span::raw(" "),
        Span::styled(format::left(&view.alert.condition.words(), words), dim(view.alert.active, theme.text)),
        Span::raw(" "),
        Span::styled(format::right(&last, LAST.min(width)), theme.dim),
    ])
}

fn firing(firing: &Firing, width: usize, state: &State) -> Line<'static> {
    let theme = &state.theme;
    let (name, words) = state
        .snapshot
        .alerts
        .of(firing)
        .map_or_else(Default::default, |view| (view.series.clone(), view.alert.condition.words()));
    let time = state.zone.moment(firing.at, state.now);
    let rest = width.saturating_sub(format::width(&time) + 2 + NAME + 1);
    Line::from(vec![
        Span::styled(format!("{time}  "), theme.dim),
        Span::styled(format::left(&name, NAME), theme.title),
        Span::raw(" "),
        Span::styled(format::fit(&format!("{words}: {}", firing.value), rest), theme.text),
    ])
}

fn settings(state: &State) -> Line<'static> {
    let theme = &state.theme;
    let desktop = match state.alerts.desktop {
        Desktop::Off => "off",
        Desktop::Osc9 => "OSC 9",
        Desktop::Osc777 => "OSC 777",
    };
    let part = |name: &'static str, value: &'static str, on: bool| {
        [Span::styled(name, theme.dim), Span::styled(value, if on { theme.ok } else { theme.dim })]
    };
    let bell = part("bell ", if state.alerts.bell { "on" } else { "off" }, state.alerts.bell);
    Line::from([&bell[..], &part("   desktop ", desktop, state.alerts.desktop != Desktop::Off)].concat())
}

/// The keys of the list.
pub(super) fn keys(state: &State) -> Vec<Hint> {
    let hints = state.keys.hints(crate::tui::keymap::Context::Alerts);
    hints.map(|(key, words, action)| (state.glyphs.keys(&key), words, Some(action.clone()))).collect()
}
