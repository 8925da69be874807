//! What is known of the cell under the cursor, with evidence, and the plan to mend it.

use super::words::when;
use crate::domain::dataset::Dataset;
use crate::domain::gap::Gap;
use crate::domain::interval::Interval;
use crate::domain::time::Time;
use crate::engine::query::{FetchPlan, GapsData, Sureness};
use crate::engine::snapshot::{Mode, SeriesView};
use crate::tui::format;
use crate::tui::state::State;
use crate::tui::view::{framed, heading, row};
use crate::tui::wrap::wrap;
use crate::tui::zone::Zone;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use ratatui::widgets::{Block, Widget as _};
use std::fmt::Write as _;

/// ```text
/// ╭ ETH/USDT 1m, 2026-01-15 ───────────────────────────────────────────────────────╮
/// │ Plan: fetch 60 candles in 1 request, weight 2, about 00:01.                     │
/// │ 2026-01-15 00:00 – 00:06  6 candles  exchange has no candle (explained)         │
/// │   asked 2 times since 2026-01-15 10:34, again at 2026-01-15 13:34               │
/// │   2026-01-15 11:34: /api/v3/klines?symbol=… answered 994 of 1000 rows           │
/// ╰ b queues the plan ─────────────────────────────────────────────── J ↓ 3 more ╯
/// ```
pub(super) fn render(buf: &mut Buffer, area: Rect, state: &State) {
    let (theme, map) = (&state.theme, &state.coverage);
    let Some(series) = map.rows.key.and_then(|id| state.series_by_id(id)) else {
        framed(buf, area, theme, Block::bordered().title(heading("Nothing selected", area, theme)));
        return;
    };
    let cell = map.under_cursor(&state.whole.series);
    let title = format!("{}, {}", state.map_name(series), when(cell.from, map.shown_cell(), state.zone));
    let lines = match (map.detail.of(series.id, cell), &map.detail.error) {
        (_, Some(error)) => vec![(Line::styled(error.clone(), theme.error), 0)],
        (None, None) => vec![(Line::styled("reading …", theme.dim), 0)],
        (Some(data), None) => lines(data, series, state),
    };
    let lines: Vec<Line> = lines.into_iter().flat_map(|(line, indent)| folded(line, indent, area.width)).collect();
    let rows = usize::from(area.height.saturating_sub(2));
    let top = map.detail.top.min(lines.len().saturating_sub(rows));
    let mut block = Block::bordered().title(heading(&title, area, theme));
    if lines.len() > top + rows {
        let more = format!(" J ↓ {} more ", lines.len() - top - rows);
        block = block.title_bottom(Line::styled(more, theme.warn).right_aligned());
    }
    let recorder = state.snapshot.mode == Mode::Recorder;
    if recorder && map.detail.plan(series.id, cell).is_some() {
        let words = [Span::styled(" b", theme.key), Span::styled(" queues the plan ", theme.dim)];
        block = block.title_bottom(Line::from(words.to_vec()));
    }
    let inner = framed(buf, area, theme, block);
    let inner = Rect { x: inner.x + 1.min(inner.width), width: inner.width.saturating_sub(2), ..inner };
    for (n, line) in lines.into_iter().skip(top).take(rows).enumerate() {
        line.render(row(inner, n), buf);
    }
}

/// Lines, and how far their continuations are indented.
fn lines(data: &GapsData, series: &SeriesView, state: &State) -> Vec<(Line<'static>, usize)> {
    let theme = &state.theme;
    let plan = match data.plan {
        Some(plan) => Line::styled(cost(&plan, series.dataset, state.zone), theme.text),
        None if data.wanted.is_empty() => Line::styled("Nothing to fetch: this is still to come.", theme.dim),
        None if data.gaps.is_empty() => Line::styled("Nothing is owed here: all that is wanted is stored.", theme.ok),
        None => Line::styled("Nothing is owed here: what is missing is explained.", theme.dim),
    };
    let mut lines = vec![(plan, 0)];
    for gap in &data.gaps {
        lines.extend(about(gap, series.dataset, series.interval, state).into_iter().map(|line| (line, 4)));
    }
    lines
}

/// A line that is too long goes on below.
fn folded(line: Line<'static>, indent: usize, columns: u16) -> Vec<Line<'static>> {
    let room = usize::from(columns).saturating_sub(4);
    if line.width() <= room {
        return vec![line];
    }
    let style = line.spans.last().map_or(line.style, |span| line.style.patch(span.style));
    let text: String = line.spans.iter().map(|span| span.content.as_ref()).collect();
    let body = text.trim_start();
    let lead = text.len() - body.len();
    let parts = wrap(body, room.saturating_sub(indent.max(lead)));
    let place =
        |(n, part): (usize, String)| Line::styled(format!("{}{part}", " ".repeat(if n == 0 { lead } else { indent })), style);
    parts.into_iter().enumerate().map(place).collect()
}

/// `Plan: fetch 60 candles in 1 request, weight 2, about 00:01.`
fn cost(plan: &FetchPlan, dataset: Dataset, zone: Zone) -> String {
    let plural = |count: u64, word: &str| format!("{count} {word}{}", if count == 1 { "" } else { "s" });
    let widens = if plan.widens { format!(" from {} on", zone.format(plan.range.from, "%Y-%m-%d %H:%M")) } else { String::new() };
    let known = plan.eta_ms.filter(|_| plan.sureness != Sureness::AtLeast);
    let time = known.map_or_else(String::new, |ms| format!(", about {}", format::eta(ms.max(1_000))));
    let (sure, rest) = match plan.sureness {
        Sureness::Exact => ("", ""),
        Sureness::About => ("about ", ""),
        Sureness::AtLeast => ("at least ", " How many trades there are is not known yet."),
    };
    format!(
        "Plan: fetch {} {}{widens} in {sure}{}, weight {}{time}.{rest}",
        plan.candles,
        dataset.step(plan.candles),
        plural(plan.requests, "request"),
        plan.weight
    )
}

fn about(gap: &Gap, dataset: Dataset, interval: Interval, state: &State) -> Vec<Line<'static>> {
    let (theme, zone) = (&state.theme, state.zone);
    let moment = |time: Time| zone.format(time, "%Y-%m-%d %H:%M");
    let end = if zone.format(gap.range.from, "%F") == zone.format(gap.range.to, "%F") {
        zone.format(gap.range.to, "%H:%M")
    } else {
        moment(gap.range.to)
    };
    let count = interval.count(gap.range);
    let settled = if gap.reason.is_explained() { "explained" } else { "queued" };
    let mut lines = vec![Line::from(vec![
        Span::styled(format!("{} – {end}  ", moment(gap.range.from)), theme.text),
        Span::styled(format!("{count} {}  ", dataset.step(count.unsigned_abs())), theme.dim),
        Span::styled(gap.reason.label(), theme.gap(gap.reason)),
        Span::styled(format!(" ({settled})"), theme.dim),
    ])];
    let mut asked = match (gap.asked_count, gap.first_asked_at) {
        (0, _) | (_, None) => "  not asked for yet".to_owned(),
        (1, Some(first)) => format!("  asked once, at {}", moment(first)),
        (times, Some(first)) => format!("  asked {times} times since {}", moment(first)),
    };
    if let Some(next) = gap.next_ask_at {
        // Writing to a string cannot fail.
        let _ = if next <= state.now { write!(asked, ", due again") } else { write!(asked, ", again at {}", moment(next)) };
    }
    lines.push(Line::styled(asked, theme.dim));
    if let Some(evidence) = &gap.evidence {
        let text = format!("  {}: {} answered {}", moment(evidence.asked_at), evidence.endpoint, evidence.answer);
        lines.push(Line::styled(text, theme.dim));
    }
    lines
}
