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
use std::ops::Range;

/// ```text
///  marketdata-tui  1 Watch  2 Chart  4 Jobs  5 Log      SIMULATED  binance ● live  12:34:56 UTC
/// ```
/// Narrow terminals lose the product's name, then the exchange's words, then the names of other
/// tabs, then the seconds, then all tabs but the one that is shown; the marks SIMULATED and READ-ONLY stay.
pub(super) fn render(buf: &mut Buffer, area: Rect, state: &State) {
    let (level, right) = fitting(state, area.width);
    let space = usize::from(area.width).saturating_sub(right.width());
    let used = u16::try_from(space).unwrap_or(area.width).min(area.width);
    left(state, level).0.render(Rect { width: used, ..area }, buf);
    right.render(Rect { x: area.x + used, width: area.width - used, ..area }, buf);
}

/// The screen whose tab stands at this column.
pub(super) fn screen_at(state: &State, area: Rect, column: u16) -> Option<Screen> {
    let (level, right) = fitting(state, area.width);
    let at = usize::from(column.checked_sub(area.x)?);
    if at >= usize::from(area.width).saturating_sub(right.width()) {
        return None;
    }
    let (_, tabs) = left(state, level);
    tabs.into_iter().find(|(place, _)| place.contains(&at)).map(|(_, screen)| screen)
}

/// How far the left side is shortened, and the right side that fits beside it.
fn fitting(state: &State, columns: u16) -> (u8, Line<'static>) {
    let choices = [(0, 0), (1, 0), (1, 1), (2, 1), (2, 2), (2, 3)];
    choices
        .into_iter()
        .map(|(tabs, status)| (tabs, right(state, status)))
        .find(|(tabs, right)| left(state, *tabs).0.width() + right.width() + 2 <= usize::from(columns))
        .unwrap_or_else(|| (3, right(state, 3)))
}

/// The line, and the columns of each tab in it.
fn left(state: &State, level: u8) -> (Line<'static>, Vec<(Range<usize>, Screen)>) {
    let theme = &state.theme;
    let mut spans = vec![Span::raw(" ")];
    if level == 0 {
        spans.extend([Span::styled("marketdata-tui", theme.title), Span::raw("  ")]);
    }
    let mut places = Vec::new();
    for screen in Screen::ALL.into_iter().filter(|screen| level < 3 || *screen == state.screen) {
        let start: usize = spans.iter().map(Span::width).sum();
        let active = screen == state.screen;
        let text =
            if active || level < 2 { format!("{} {}", screen.number(), screen.name()) } else { screen.number().to_string() };
        places.push((start..start + format::width(&text), screen));
        spans.push(Span::styled(text, if active { theme.active_tab } else { theme.tab }));
        spans.push(Span::raw(if level < 2 { "  " } else { " " }));
    }
    spans.pop();
    (Line::from(spans), places)
}

fn right(state: &State, level: u8) -> Line<'static> {
    let (theme, snapshot) = (&state.theme, &state.snapshot);
    let mut spans = Vec::new();
    let marks = [
        (snapshot.simulated, " SIMULATED "),
        (snapshot.mode == Mode::Observer, " READ-ONLY "),
        (state.held.is_some(), " FROZEN "),
        (!state.mouse, " MOUSE OFF "),
        // One sees it, and Esc undoes it: on the narrowest terminals the clock is worth more.
        (state.is_maximised() && level < 2, " MAX "),
    ];
    for (_, mark) in marks.into_iter().filter(|(on, _)| *on) {
        spans.extend([Span::styled(mark, theme.simulated), Span::raw(" ")]);
    }
    let alerts = state.unseen_alerts();
    if alerts > 0 {
        spans.extend([Span::styled(format!("⚑ {alerts}"), theme.warn), Span::raw("  ")]);
    }
    for exchange in &snapshot.exchanges {
        let (mood, words) = health::heard(exchange, snapshot, state.now, state.zone);
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
    let time = state.zone.format(state.now, if level < 3 { "%H:%M:%S" } else { "%H:%M" });
    // Where there is no room for both words, the unusual one stays.
    let named = level < 2 || state.zone.local;
    let clock = if named { format!(" {time} {} ", state.zone.label()) } else { format!("{time} ") };
    spans.push(Span::styled(clock, theme.dim));
    Line::from(spans)
}
