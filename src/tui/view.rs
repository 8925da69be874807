//! Draws the state. Pure: reads nothing but the state, changes nothing but the frame.

mod alerts;
mod away;
mod backfill;
mod bar;
mod chart;
mod coverage;
mod form;
mod health;
mod help;
mod hints;
mod intervals;
mod jobs;
mod log;
mod market;
mod palette;
mod popup;
mod steps;
mod studies;
mod tabs;
mod target;
mod toasts;
mod watch;
mod welcome;

pub(crate) use target::{Target, target};

use super::action::Screen;
use super::format;
use super::glyphs::{self, Glyphs};
use super::layout;
use super::state::State;
use super::state::dialog::Dialog;
use super::theme::Theme;
use super::widget::pixels::Scene;
use super::widget::scale::Scale;
use ratatui::Frame;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::Line;
use ratatui::widgets::{Block, BorderType, Clear, Widget as _};

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
    buf.set_style(area, state.theme.screen);
    match layout::frame(area) {
        Some(parts) => whole(buf, area, parts, state),
        None => too_small(buf, area, state),
    }
    if state.glyphs == Glyphs::Ascii {
        glyphs::to_ascii(buf);
    }
}

/// The scale of the chart screen's price axis, where one is drawn.
pub(crate) fn price_scale(state: &State) -> Option<Scale> {
    chart::shown_scale(state.frame()?.body, state)
}

/// The plot of the chart screen in pixels and where it stands, where that is wanted: the same columns
/// as in cells, to be put over them.
pub(crate) fn pixels(state: &State) -> Option<(Rect, Scene)> {
    chart::pixels(state.frame()?.body, state, state.painted()?)
}

fn whole(buf: &mut Buffer, area: Rect, parts: layout::Frame, state: &State) {
    tabs::render(buf, parts.tabs, state);
    match state.screen {
        Screen::Watch if state.snapshot.series.is_empty() => welcome::render(buf, parts.body, state),
        Screen::Watch => watch::render(buf, parts.body, state),
        Screen::Chart => chart::render(buf, parts.body, state, &state.chart),
        Screen::Coverage => coverage::render(buf, parts.body, state),
        Screen::Jobs => jobs::render(buf, parts.body, state),
        Screen::Log => log::render(buf, parts.body, state),
        Screen::Market => market::render(buf, parts.body, state),
    }
    if state.panes.drawer {
        log::render_drawer(buf, layout::drawer(parts.body), state);
    }
    bar::render(buf, parts.bar, state);
    match &state.dialog {
        Some(Dialog::Help(scroll)) => help::render(buf, area, state, *scroll),
        Some(Dialog::Confirm(confirm)) => popup::confirm(buf, parts.body, state, confirm),
        Some(Dialog::Alerts) => alerts::render(buf, area, state),
        Some(Dialog::Away(scroll)) => away::render(buf, area, state, *scroll),
        Some(Dialog::Form(form)) => form::render(buf, parts.body, state, form),
        Some(Dialog::Palette(palette)) => palette::render(buf, parts.body, state, palette),
        Some(Dialog::Studies(selected)) => studies::render(buf, parts.body, state, *selected),
        Some(Dialog::Intervals(selected)) => intervals::render(buf, parts.body, state, *selected),
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
    Line::styled(label(title, area.width), theme.title)
}

/// Words in a border of so many columns, with a blank at either end and the corners in sight.
fn label(words: &str, columns: u16) -> String {
    match usize::from(columns).saturating_sub(6) {
        0 => String::new(),
        room => format!(" {} ", format::fit(words, room)),
    }
}

/// Clears a place for what stands above the screen. A wide character that reaches into it is taken away
/// whole: a terminal would show it whole, and not what covers its half.
fn cover(buf: &mut Buffer, place: Rect, style: Style) {
    let place = place.intersection(buf.area);
    Clear.render(place, buf);
    buf.set_style(place, style);
    if let Some(x) = place.x.checked_sub(1).filter(|x| *x >= buf.area.x) {
        for y in place.top()..place.bottom() {
            if format::width(buf[(x, y)].symbol()) > 1 {
                buf[(x, y)].set_symbol(" ");
            }
        }
    }
}

/// A row of `area`, counted from its top; empty below its end.
fn row(area: Rect, n: usize) -> Rect {
    let n = u16::try_from(n).unwrap_or(u16::MAX);
    if n < area.height { Rect { y: area.y + n, height: 1, ..area } } else { Rect { height: 0, ..area } }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tui::fixture::{busy, empty, keys, state};
    use crate::tui::theme::{Colors, Theme};
    use ratatui::Terminal;
    use ratatui::backend::TestBackend;
    use ratatui::buffer::Cell;
    use ratatui::style::Color;

    /// Draws one panel into a part of a larger buffer.
    fn check(name: &str, state: &State, render: impl Fn(&mut Buffer, Rect, &State)) {
        let whole = Rect::new(0, 0, 150, 40);
        for (columns, rows) in [(0, 0), (1, 1), (2, 2), (3, 9), (9, 3), (20, 5), (39, 12), (60, 15), (111, 23), (140, 34)] {
            let area = Rect::new(5, 3, columns, rows);
            let mut buf = Buffer::filled(whole, Cell::new("x"));
            render(&mut buf, area, state);
            for position in whole.positions().filter(|position| !area.contains(*position)) {
                assert_eq!(buf[position].symbol(), "x", "{name} {columns}x{rows} wrote at {position}");
            }
        }
    }

    #[test]
    fn nothing_is_drawn_outside_its_area() {
        let mut busy = state(busy(), 150, 40);
        keys(&mut busy, "2 - h 1 x");
        busy.toast("a toast that is longer than most of the areas it will be drawn in, by far", true);
        check("watch", &busy, watch::render);
        check("chart", &busy, |buf, area, state| chart::render(buf, area, state, &state.chart));
        check("preview", &busy, |buf, area, state| chart::render(buf, area, state, &state.preview));
        check("coverage", &busy, coverage::render);
        keys(&mut busy, "3 b");
        check("coverage detail", &busy, coverage::render);
        keys(&mut busy, "5 w Enter");
        check("log record", &busy, log::render);
        keys(&mut busy, "Esc 1");
        check("jobs", &busy, jobs::render);
        check("log", &busy, log::render);
        check("log tail", &busy, log::render_tail);
        check("backfill", &busy, backfill::render);
        check("tabs", &busy, |buf, area, state| tabs::render(buf, row(area, 0), state));
        check("bar", &busy, |buf, area, state| bar::render(buf, row(area, 0), state));
        check("toasts", &busy, toasts::render);
        check("help", &busy, |buf, area, state| help::render(buf, area, state, crate::tui::state::list::Scroll::default()));
        check("welcome", &state(empty(), 150, 40), welcome::render);
        for typed in ["2 i Space j Space j Space j Space j Space j Space j Space Esc h h m h", "c", "c y", "c y +"] {
            keys(&mut busy, typed);
            check(typed, &busy, |buf, area, state| chart::render(buf, area, state, &state.chart));
        }
        check("indicators", &busy, |buf, area, state| studies::render(buf, area, state, 6));
        keys(&mut busy, "1");
        for typed in ["a btc Down", "b", "e", "d", ": zo", ","] {
            keys(&mut busy, typed);
            check(typed, &busy, |buf, area, state| match &state.dialog {
                Some(Dialog::Form(dialog)) => form::render(buf, area, state, dialog),
                Some(Dialog::Confirm(question)) => popup::confirm(buf, area, state, question),
                Some(Dialog::Palette(dialog)) => palette::render(buf, area, state, dialog),
                other => panic!("{other:?}"),
            });
            keys(&mut busy, "Esc");
        }
    }

    #[test]
    fn without_colours_there_are_none() {
        let mut state = state(busy(), 120, 36);
        state.theme = Theme::dark(Colors::Mono);
        let mut terminal = Terminal::new(TestBackend::new(120, 36)).unwrap();
        for typed in ["1", "2", "3", "Enter", "4", "5", "Enter", "?", "Esc", "1 a btc"] {
            keys(&mut state, typed);
            terminal.draw(|frame| draw(frame, &state)).unwrap();
            let colourless = |cell: &Cell| (cell.fg, cell.bg) == (Color::Reset, Color::Reset);
            assert!(terminal.backend().buffer().content().iter().all(colourless), "{typed}");
        }
    }
}
