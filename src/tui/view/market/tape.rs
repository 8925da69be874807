//! The newest trades.

use super::message;
use crate::domain::price::to_f64;
use crate::domain::time::MINUTE_MS;
use crate::domain::trade::{Side, Trade};
use crate::engine::snapshot::SeriesView;
use crate::tui::format;
use crate::tui::layout::market::Parts;
use crate::tui::state::State;
use crate::tui::state::market::Keyed;
use crate::tui::theme::Theme;
use crate::tui::view::row;
use crate::tui::widget::progress::progress;
use ratatui::buffer::Buffer;
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use ratatui::widgets::Widget as _;

/// Columns of the time.
const TIME: usize = 12;
/// Most decimals of a size.
const DECIMALS: u32 = 8;

/// ```text
/// Minute to 12:34:55  ▲ 12.3 bought  ▼ 8.1 sold  60% bought
/// Time          Price        Size  ≥ 0.5
/// 12:34:55.812  ▲ 64080.1   0.512  ███▌
/// ```
pub(super) fn render(buf: &mut Buffer, parts: &Parts, state: &State, series: &SeriesView) {
    let theme = &state.theme;
    let market = &state.market;
    let width = usize::from(parts.rows.width);
    minute(state, series, width).render(parts.words, buf);
    let trades: Vec<&Trade> = market.trades(series.id).collect();
    if trades.is_empty() {
        let words = match market.least {
            Some(least) => format!("No trade of {least} or more among the newest: {} shows all.", state.key_of("all_sizes")),
            None => "No trade is stored yet.".into(),
        };
        message(buf, parts.rows, &words, theme.dim);
        return;
    }
    let keys: Vec<i64> = trades.iter().map(|trade| trade.key()).collect();
    let rows = usize::from(parts.rows.height);
    let top = market.tape.top(&keys, rows);
    let shown = trades.get(top..(top + rows).min(trades.len())).unwrap_or_default();
    let decimals = shown.iter().map(|trade| trade.size.normalize().scale()).max().unwrap_or(0).min(DECIMALS);
    let price = |trade: &Trade| format::price(trade.price, series.price_decimals);
    let size = |trade: &Trade| format!("{:.*}", decimals as usize, trade.size.round_dp(decimals));
    let widest = |text: &dyn Fn(&Trade) -> String, least: usize| {
        shown.iter().map(|trade| format::width(&text(trade))).max().unwrap_or(0).max(least)
    };
    let (price_width, size_width) = (widest(&price, 5), widest(&size, 4));
    let least = market.least.map_or_else(String::new, |least| format!("≥ {least}"));
    let head = format!(
        "{}  {}  {}  {least}",
        format::left("Time", TIME),
        format::right("Price", price_width + 2),
        format::right("Size", size_width)
    );
    Line::styled(format::fit(&head, width), theme.dim).render(parts.heading, buf);
    let most = shown.iter().map(|trade| to_f64(trade.size)).fold(0.0, f64::max);
    let bar = width.saturating_sub(TIME + 2 + price_width + 2 + 2 + size_width + 2);
    for (n, trade) in shown.iter().enumerate() {
        let style = side_style(trade.side, theme);
        let mut spans = vec![
            Span::styled(format!("{}  ", state.zone.format(trade.time, "%H:%M:%S%.3f")), theme.dim),
            Span::styled(format!("{} {}  ", mark(trade.side), format::right(&price(trade), price_width)), style),
            Span::styled(format!("{}  ", format::right(&size(trade), size_width)), theme.text),
        ];
        let [filled, _] = progress(to_f64(trade.size) / most.max(f64::MIN_POSITIVE), bar, style, style);
        spans.push(filled);
        Line::from(spans).render(row(parts.rows, n), buf);
    }
}

/// What was bought and sold in the minute before the newest trade, of all sizes.
fn minute(state: &State, series: &SeriesView, width: usize) -> Line<'static> {
    let theme = &state.theme;
    let tape = &state.market.tape;
    let Some(newest) = tape.newest_first(series.id).next() else { return Line::default() };
    let from = newest.time.plus_ms(-MINUTE_MS);
    let (mut bought, mut sold, mut reached) = (0.0, 0.0, !tape.is_cut());
    for trade in tape.newest_first(series.id) {
        if trade.time <= from {
            reached = true;
            break;
        }
        match trade.side {
            Side::Buy => bought += to_f64(trade.size),
            Side::Sell => sold += to_f64(trade.size),
        }
    }
    // Where the rows that were read do not reach back a minute there is more than their sum.
    let more = if reached { "" } else { "≥" };
    let part = bought / (bought + sold).max(f64::MIN_POSITIVE) * 100.0;
    let spans = [
        (format!("Minute to {}", state.zone.clock(newest.time)), theme.dim),
        (format!("  ▲ {more}{}", format::amount(bought)), theme.rising),
        (" bought".into(), theme.dim),
        (format!("  ▼ {more}{}", format::amount(sold)), theme.falling),
        (" sold".into(), theme.dim),
        (format!("  {part:.0}% bought"), theme.text),
    ];
    let mut room = width;
    let fitting = spans.into_iter().take_while(|(text, _)| {
        let fits = format::width(text) <= room;
        room = room.saturating_sub(format::width(text));
        fits
    });
    Line::from(fitting.map(|(text, style)| Span::styled(text, style)).collect::<Vec<_>>())
}

const fn mark(side: Side) -> char {
    match side {
        Side::Buy => '▲',
        Side::Sell => '▼',
    }
}

const fn side_style(side: Side, theme: &Theme) -> Style {
    match side {
        Side::Buy => theme.rising,
        Side::Sell => theme.falling,
    }
}
