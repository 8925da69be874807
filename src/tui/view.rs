//! Draws the state. Pure: reads nothing but the state, changes nothing but the frame.

mod backfill;
mod bar;
mod chart;
mod form;
mod health;
mod help;
mod jobs;
mod log;
mod popup;
mod steps;
mod tabs;
mod toasts;
mod watch;
mod welcome;

use super::action::Screen;
use super::format;
use super::layout;
use super::state::State;
use super::state::dialog::Dialog;
use super::theme::Theme;
use ratatui::Frame;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::Line;
use ratatui::widgets::{Block, BorderType, Widget as _};

/// Draws one frame: the screen, what is open above it, and toasts.
///
/// ```text
/// tabs                    exchanges, clock
/// ┌ screen ─────────────────────────────┐
/// └─────────────────────────────────────┘
/// hints                             status
/// ```
pub fn draw(frame: &mut Frame, state: &State) {
    let area = frame.area();
    let buf = frame.buffer_mut();
    let Some(parts) = layout::frame(area) else {
        too_small(buf, area, state);
        return;
    };
    tabs::render(buf, parts.tabs, state);
    match state.screen {
        Screen::Watch if state.snapshot.series.is_empty() => welcome::render(buf, parts.body, state),
        Screen::Watch => watch::render(buf, parts.body, state),
        Screen::Chart => chart::render(buf, parts.body, state, &state.chart),
        Screen::Jobs => jobs::render(buf, parts.body, state),
        Screen::Log => log::render(buf, parts.body, state),
    }
    bar::render(buf, parts.bar, state);
    match &state.dialog {
        Some(Dialog::Help(scroll)) => help::render(buf, area, state, *scroll),
        Some(Dialog::Confirm(confirm)) => popup::confirm(buf, parts.body, state, confirm),
        Some(Dialog::Form(form)) => form::render(buf, parts.body, state, form),
        None => {}
    }
    toasts::render(buf, parts.body, state);
}

fn too_small(buf: &mut Buffer, area: Rect, state: &State) {
    let (columns, rows) = layout::LEAST;
    let words = [
        format!("needs {columns}x{rows}, has {}x{}", area.width, area.height),
        format!("needs {columns}x{rows}"),
        format!("{columns}x{rows}"),
    ];
    let text = words.iter().find(|text| format::width(text) <= usize::from(area.width)).map_or("", String::as_str);
    let row = Rect { y: area.y + area.height / 2, height: area.height.min(1), ..area };
    Line::styled(text.to_owned(), state.theme.warn).centered().render(row, buf);
}

/// A border with a title; returns the inside.
fn panel(buf: &mut Buffer, area: Rect, theme: &Theme, title: &str) -> Rect {
    framed(buf, area, theme, Block::bordered().title(heading(title, area, theme)))
}

fn framed(buf: &mut Buffer, area: Rect, theme: &Theme, block: Block) -> Rect {
    let block = block.border_type(BorderType::Rounded).border_style(theme.border);
    let inner = block.inner(area);
    block.render(area, buf);
    inner
}

/// A title that leaves the corners in sight.
fn heading(title: &str, area: Rect, theme: &Theme) -> Line<'static> {
    let room = usize::from(area.width).saturating_sub(4);
    Line::styled(format::fit(&format!(" {title} "), room), theme.title)
}

/// A row of `area`, counted from its top; empty below its end.
fn row(area: Rect, n: usize) -> Rect {
    let n = u16::try_from(n).unwrap_or(u16::MAX);
    if n < area.height { Rect { y: area.y + n, height: 1, ..area } } else { Rect { height: 0, ..area } }
}
