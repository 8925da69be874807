//! The top line.

use super::health::{self, Mood};
use crate::engine::snapshot::Mode;
use crate::tui::action::Screen;
use crate::tui::format;
use crate::tui::state::State;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use ratatui::widgets::Widget as _;

/// ```text
///  marketdata-tui  1 Watch  2 Chart  4 Jobs  5 Log      SIMULATED  binance ● live  12:34:56 UTC
/// ```
/// Narrow terminals lose the product's name, then the exchange's words, then the names of other
/// tabs; the marks SIMULATED and READ-ONLY stay.
pub(super) fn render(buf: &mut Buffer, area: Rect, state: &State) {
    let choices = [(0, 0), (1, 0), (1, 1), (2, 1), (2, 2)];
    for (at, (tabs, status)) in choices.into_iter().enumerate() {
        let (left, right) = (left(state, tabs), right(state, status));
        let fits = left.width() + right.width() + 2 <= usize::from(area.width);
        if fits || at + 1 == choices.len() {
            let space = usize::from(area.width).saturating_sub(right.width());
            let used = u16::try_from(space).unwrap_or(area.width).min(area.width);
            left.render(Rect { width: used, ..area }, buf);
            right.render(Rect { x: area.x + used, width: area.width - used, ..area }, buf);
            return;
        }
    }
}

fn left(state: &State, level: u8) -> Line<'static> {
    let theme = &state.theme;
    let mut spans = vec![Span::raw(" ")];
    if level == 0 {
        spans.extend([Span::styled("marketdata-tui", theme.title), Span::raw("  ")]);
    }
    for screen in Screen::ALL {
        let active = screen == state.screen;
        let text =
            if active || level < 2 { format!("{} {}", screen.number(), screen.name()) } else { screen.number().to_string() };
        spans.push(Span::styled(text, if active { theme.active_tab } else { theme.tab }));
        spans.push(Span::raw(if level < 2 { "  " } else { " " }));
    }
    spans.pop();
    Line::from(spans)
}

fn right(state: &State, level: u8) -> Line<'static> {
    let (theme, snapshot) = (&state.theme, &state.snapshot);
    let mut spans = Vec::new();
    let marks = [
        (snapshot.simulated, " SIMULATED "),
        (snapshot.mode == Mode::Observer, " READ-ONLY "),
        (state.held.is_some(), " FROZEN "),
    ];
    for (_, mark) in marks.into_iter().filter(|(on, _)| *on) {
        spans.extend([Span::styled(mark, theme.simulated), Span::raw(" ")]);
    }
    let alerts = state.unseen_alerts();
    if alerts > 0 {
        spans.extend([Span::styled(format!("⚑ {alerts}"), theme.warn), Span::raw("  ")]);
    }
    for exchange in &snapshot.exchanges {
        let (mood, words) = health::of(exchange, state.now);
        let (glyph, style) = match mood {
            Mood::Good => ("●", theme.ok),
            Mood::Fair => ("◐", theme.warn),
            Mood::Bad => ("○", theme.error),
        };
        if level == 0 {
            spans.push(Span::styled(format!("{} ", exchange.exchange), theme.text));
        }
        spans.push(Span::styled(glyph, style));
        if level < 2 {
            spans.push(Span::styled(format!(" {}", if level == 0 { words } else { format::fit(&words, 22) }), style));
        }
        spans.push(Span::raw(" "));
    }
    let clock = if level < 2 { format!(" {} UTC ", state.now.clock()) } else { format!("{} ", state.now.clock()) };
    spans.push(Span::styled(clock, theme.dim));
    Line::from(spans)
}
