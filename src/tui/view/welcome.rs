//! The first screen of a store without symbols.

use super::{health, panel, row};
use crate::engine::snapshot::Mode;
use crate::tui::format;
use crate::tui::keymap::Context;
use crate::tui::layout;
use crate::tui::state::State;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use ratatui::widgets::Widget as _;

/// ```text
///         Every minute accounted for.
///
///    a  add the first symbols
///    d  try it on simulated data, without network
/// ```
pub(super) fn render(buf: &mut Buffer, area: Rect, state: &State) {
    let theme = &state.theme;
    let inner = panel(buf, area, theme, "Welcome");
    let columns = usize::from(inner.width).saturating_sub(2);
    let mut lines: Vec<(String, Style)> = vec![
        ("Every minute accounted for.".into(), theme.title),
        (String::new(), theme.text),
        ("Add a symbol: from then on each of its minutes is".into(), theme.text),
        ("stored, explained with evidence, or queued.".into(), theme.text),
        (String::new(), theme.text),
    ];
    if state.snapshot.mode == Mode::Observer {
        lines.push(("Another process records this store; nothing is in it yet.".into(), theme.warn));
    }
    let keys = keys(state);
    let notice = state.snapshot.exchanges.iter().find_map(|exchange| health::notice(exchange, state.now, state.zone));
    let height = lines.len() + keys.len() + 2;
    let space = layout::centred(inner, inner.width, u16::try_from(height).unwrap_or(inner.height));
    for (n, (text, style)) in lines.iter().enumerate() {
        Line::styled(format::fit(text, columns), *style).centered().render(row(space, n), buf);
    }
    let left = (columns.saturating_sub(46)) / 2;
    for (n, (key, words)) in keys.iter().enumerate() {
        let spans = vec![
            Span::raw(" ".repeat(left)),
            Span::styled(format::right(key, 4), theme.key),
            Span::styled(format!("  {words}"), theme.text),
        ];
        Line::from(spans).render(row(space, lines.len() + n), buf);
    }
    let last = row(inner, usize::from(inner.height).saturating_sub(1));
    let (text, style) = match notice {
        Some(notice) => (notice, theme.warn),
        None => (state.snapshot.store.display().to_string(), theme.dim),
    };
    Line::styled(format::fit(&text, columns), style).centered().render(last, buf);
}

fn keys(state: &State) -> Vec<(String, &'static str)> {
    let demo = "try it on simulated data, without network";
    state
        .keys
        .help(Context::Welcome)
        .filter(|(context, _, words)| *context == Context::Welcome && (state.offer_demo || *words != demo))
        .map(|(_, key, words)| (state.glyphs.keys(&key), words))
        .chain([(state.key_of("help"), "all keys"), (state.key_of("quit"), "quit")])
        .collect()
}
