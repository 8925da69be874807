//! The market screen: trades, funding and open interest of the selected symbol.

mod funding;
mod interest;
mod tape;

use super::{framed, heading, label, row};
use crate::engine::snapshot::{Mode, SeriesView};
use crate::tui::format;
use crate::tui::layout::market::parts;
use crate::tui::state::State;
use crate::tui::state::market::{Keyed, MarketPane, Rows};
use crate::tui::wrap::wrap;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use ratatui::widgets::{Block, Widget as _};

/// ```text
/// ╭ BTC/USDT:USDT  binance  Trades ─── following ╮╭ Funding ─────────────────────╮
/// │ minute to 12:34:56  ▲ 12.3  ▼ 8.1  60% buys    ││ next in 03:25:04 (16:00) …    │
/// │ 12:34:55.812  ▲ 64080.1   0.512  ███▌          │╰──────────────────────────────╯
/// │ 12:34:55.640  ▼ 64080.0   0.020  ▏             │╭ Open interest ───────────────╮
/// ╰────────────────────────────────────────────────╯╰──────────────────────────────╯
/// ```
pub(super) fn render(buf: &mut Buffer, body: Rect, state: &State) {
    let shown = state.market_shown(body);
    let alone = shown.len() == 1;
    for (n, (pane, place)) in shown.into_iter().enumerate() {
        let focused = pane == state.market_focus() && !alone;
        let title = title(state, pane, n == 0);
        let style = if focused { state.theme.accent } else { state.theme.border };
        let mut block = Block::bordered();
        block = if alone && state.market_panes().len() > 1 {
            block.title(strip(state, place))
        } else {
            block.title(heading(&title, place, &state.theme))
        };
        let words = "only perpetuals have funding and open interest";
        if state.market_panes().len() == 1 && usize::from(place.width) >= words.len() + 6 {
            block = block.title_bottom(Line::styled(label(words, place.width), state.theme.dim).right_aligned());
        }
        if let Some((words, style)) = status(state, pane) {
            block = block.title(Line::styled(label(&words, place.width), style).right_aligned());
        }
        framed(buf, place, &state.theme, block);
        if focused {
            let inner = crate::tui::layout::inner(place);
            for at in place.positions().filter(|at| !inner.contains(*at)) {
                if buf[at].symbol().chars().all(is_border) {
                    buf[at].set_style(style);
                }
            }
        }
        let parts = parts(place, pane);
        let whole = Rect { height: place.height.saturating_sub(2), ..parts.words };
        let series = match absence(state, pane) {
            Ok(series) => series,
            Err((words, style)) => {
                message(buf, whole, &words, style);
                continue;
            }
        };
        match pane {
            MarketPane::Tape => tape::render(buf, &parts, state, series),
            MarketPane::Funding => funding::render(buf, &parts, state, series),
            MarketPane::Interest => interest::render(buf, &parts, state, series),
        }
    }
}

const fn is_border(c: char) -> bool {
    matches!(c, '╭' | '╮' | '╰' | '╯' | '─' | '│')
}

/// The first pane names the symbol.
fn title(state: &State, pane: MarketPane, first: bool) -> String {
    match state.series().filter(|_| first) {
        Some(series) => format!("{}  {}  {}", series.symbol, series.exchange, pane.title()),
        None => pane.title().into(),
    }
}

/// Where one pane stands alone its title tells of the others: ` BTC/USDT  Trades│Funding│Open interest `.
fn strip(state: &State, place: Rect) -> Line<'static> {
    let theme = &state.theme;
    let mut spans = vec![Span::styled(before_strip(state, place), theme.title)];
    for (n, pane) in state.market_panes().into_iter().enumerate() {
        if n > 0 {
            spans.push(Span::styled("│", theme.border));
        }
        spans.push(Span::styled(pane.title(), if pane == state.market_focus() { theme.active_tab } else { theme.tab }));
    }
    spans.push(Span::raw(" "));
    Line::from(spans)
}

fn before_strip(state: &State, place: Rect) -> String {
    let names: usize = state.market_panes().iter().map(|pane| format::width(pane.title()) + 1).sum();
    let room = usize::from(place.width).saturating_sub(names + 17);
    let name = state.market_name().map_or_else(String::new, |name| format::fit(&name, room));
    if name.is_empty() { " ".into() } else { format!(" {name}  ") }
}

/// The pane whose name stands at this column of the title of one that stands alone.
pub(super) fn named_at(state: &State, place: Rect, column: u16) -> Option<MarketPane> {
    let mut end = usize::from(place.x) + 1 + format::width(&before_strip(state, place));
    state.market_panes().into_iter().find(|pane| {
        let from = end;
        end += format::width(pane.title()) + 1;
        (from..end - 1).contains(&usize::from(column))
    })
}

/// How it stands with a pane's rows: being read, failed, old, scrolled.
fn status(state: &State, pane: MarketPane) -> Option<(String, Style)> {
    let series = state.market_series(pane)?;
    let theme = &state.theme;
    let (error, read, following) = match pane {
        MarketPane::Tape => of(&state.market.tape, series),
        MarketPane::Funding => of(&state.market.funding, series),
        MarketPane::Interest => of(&state.market.interest, series),
    };
    let old = series.last_candle_end.filter(|_| series.is_late(state.now));
    Some(match (error, old) {
        (Some(_), _) => ("not read".into(), theme.error),
        (None, _) if !read => ("reading …".into(), theme.dim),
        (None, _) if !following => (format!("scrolled: {} follows", state.key_of("first")), theme.warn),
        (None, Some(end)) => (format!("{} old", format::age_of(end, state.now)), theme.warn),
        (None, None) => ("live".into(), theme.ok),
    })
}

fn of<'a, T: Keyed>(rows: &'a Rows<T>, series: &SeriesView) -> (Option<&'a String>, bool, bool) {
    (rows.error.as_ref(), rows.is_read(series.id), rows.is_following())
}

/// The series that a pane shows, or why it shows none.
fn absence(state: &State, pane: MarketPane) -> Result<&SeriesView, (String, Style)> {
    let theme = &state.theme;
    let add = state.key_of("add");
    let Some(selected) = state.series() else {
        return Err((format!("No symbol yet: press {add} to add one."), theme.dim));
    };
    let symbol = selected.symbol.as_str();
    let Some(series) = state.market_series(pane) else {
        let (what, are, them) = match pane {
            MarketPane::Tape => ("Trades", "are", "them"),
            MarketPane::Funding => ("Funding", "is", "it"),
            MarketPane::Interest => ("Open interest", "is", "it"),
        };
        let words = if state.snapshot.mode == Mode::Observer {
            format!("{what} of {symbol} {are} not recorded.")
        } else {
            format!("{what} of {symbol} {are} not recorded: {add} adds {them}.")
        };
        return Err((words, theme.dim));
    };
    let (error, read, _) = match pane {
        MarketPane::Tape => of(&state.market.tape, series),
        MarketPane::Funding => of(&state.market.funding, series),
        MarketPane::Interest => of(&state.market.interest, series),
    };
    match error {
        _ if read => Ok(series),
        Some(error) => Err((error.clone(), theme.error)),
        None => Err(("reading …".into(), theme.dim)),
    }
}

/// Words in the middle of `area`, in as many lines as they need.
fn message(buf: &mut Buffer, area: Rect, words: &str, style: Style) {
    let lines = wrap(words, area.width.into());
    let top = usize::from(area.height).saturating_sub(lines.len()) / 2;
    for (n, line) in lines.into_iter().enumerate() {
        Line::styled(line, style).centered().render(row(area, top + n), buf);
    }
}

/// `+0.0100`: a fraction in percent, with its sign.
fn percent(fraction: f64, decimals: usize) -> String {
    let text = format!("{:+.decimals$}", fraction * 100.0);
    // What rounds to nothing has no sign.
    if text.trim_start_matches(['+', '-', '0', '.']).is_empty() { text.replace(['+', '-'], " ") } else { text }
}

/// Rising, falling, or neither.
fn direction(value: f64, state: &State) -> Style {
    if value > 0.0 {
        state.theme.rising
    } else if value < 0.0 {
        state.theme.falling
    } else {
        state.theme.dim
    }
}
