//! The jobs screen.

use super::backfill::{part, percent, rate};
use super::{framed, heading, label, row};
use crate::domain::range::TimeRange;
use crate::domain::time::Time;
use crate::engine::snapshot::{JobState, JobView};
use crate::tui::format;
use crate::tui::state::State;
use crate::tui::widget::progress::progress;
use crate::tui::zone::Zone;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use ratatui::widgets::{Block, Widget as _};

/// ```text
/// ╭ Jobs 2 ─────────────────────────────────────────────────────────────────────────╮
/// │  Series        State      Progress                      Rate    ETA  Range        │
/// │▸ ETH/USDT 1m   running    ████████▌░░░  72%  40k / 56k   41k/s  00:12  2025-01-… │
/// │  BTC/USDT 1m   done       43188 stored, 12 explained, took 02:11                   │
/// ╰─────────────────────────────────────────────────────────────────────────────────╯
/// ```
/// Unfinished jobs stand in the order of their turns, finished ones below. Narrow screens do without
/// the range, then the counts, then the rate.
pub(super) fn render(buf: &mut Buffer, area: Rect, state: &State) {
    let theme = &state.theme;
    let jobs = &state.snapshot.jobs;
    let mut block = Block::bordered().title(heading(&format!("Jobs {}", jobs.len()), area, theme));
    if let Some(note) = state.job().and_then(|job| job.note.as_ref()) {
        block = block.title_bottom(Line::styled(label(note, area.width), theme.warn));
    }
    let unfinished = jobs.iter().filter(|job| !job.state.is_finished()).count();
    if unfinished > 1 && area.width >= 60 {
        block = block.title(Line::styled(" the first gets every other page: K J move ", theme.dim).right_aligned());
    }
    let inner = framed(buf, area, theme, block);
    if jobs.is_empty() {
        let text = format!("No backfill yet: select a symbol on screen 1 and press {}.", state.key_of("backfill"));
        Line::styled(format::fit(&text, inner.width.into()), theme.dim)
            .centered()
            .render(row(inner, usize::from(inner.height) / 2), buf);
        return;
    }
    let longest = jobs.iter().map(|job| format::width(&state.job_name(job))).max().unwrap_or(0);
    let widths = Widths::of(usize::from(inner.width), longest);
    widths.heading(state).render(row(inner, 0), buf);
    let rows = usize::from(inner.height).saturating_sub(1);
    for (n, job) in jobs.iter().enumerate().skip(state.jobs.top).take(rows) {
        let place = row(inner, n - state.jobs.top + 1);
        let selected = n == state.jobs.index;
        widths.line(job, selected, state).render(place, buf);
        if selected {
            buf.set_style(place, theme.selected);
        }
    }
}

struct Widths {
    series: usize,
    /// Behind series and state.
    columns: usize,
    bar: usize,
    rate: bool,
    counts: bool,
    range: bool,
}

/// Least and most columns of the series' names.
const SERIES: (usize, usize) = (14, 40);
const STATE: usize = 9;
const COUNTS: usize = 13;
const RATE: usize = 7;
const ETA: usize = 8;
const RANGE: usize = 23;

impl Widths {
    /// The longest name takes what a bar that says something leaves.
    fn of(columns: usize, longest: usize) -> Self {
        let series = longest.clamp(SERIES.0, SERIES.1.min((columns / 4).max(SERIES.0)));
        // The mark, the gaps and the percentage; then what there is room for beside a bar that says something.
        let mut fixed = 2 + series + 2 + STATE + 2 + 5 + 2 + ETA + 1;
        let mut room_for = |width: usize| {
            let fits = columns >= fixed + 10 + width + 2;
            fixed += if fits { width + 2 } else { 0 };
            fits
        };
        let rate = room_for(RATE);
        let counts = rate && room_for(COUNTS);
        let range = counts && room_for(RANGE);
        let behind = columns.saturating_sub(2 + series + 2 + STATE + 2);
        Self { series, columns: behind, bar: columns.saturating_sub(fixed).min(60), rate, counts, range }
    }

    fn heading(&self, state: &State) -> Line<'static> {
        let mut text =
            format!("  {:<1$}  {2:<STATE$}  {3}", "Series", self.series, "State", format::left("Progress", self.bar + 5));
        if self.counts {
            text.push_str(&format::right("Candles", COUNTS + 2));
        }
        if self.rate {
            text.push_str(&format::right("Rate", RATE + 2));
        }
        text.push_str(&format::right("ETA", ETA + 2));
        if self.range {
            text.push_str("  Range");
        }
        Line::styled(text, state.theme.dim)
    }

    fn line(&self, job: &JobView, selected: bool, state: &State) -> Line<'static> {
        let theme = &state.theme;
        let name = state.job_name(job);
        let style = match job.state {
            JobState::Running => theme.accent,
            JobState::Done => theme.ok,
            JobState::Failed => theme.error,
            JobState::Paused => theme.warn,
            JobState::Cancelled => theme.dim,
        };
        let mut spans = vec![
            Span::styled(if selected { "▸ " } else { "  " }, theme.accent),
            Span::styled(format::left(&name, self.series), theme.title),
            Span::raw("  "),
            Span::styled(format::left(job.state.name(), STATE), style),
            Span::raw("  "),
        ];
        if job.state.is_finished() {
            spans.push(Span::styled(history(job, self.columns, state.zone), theme.dim));
            return Line::from(spans);
        }
        spans.extend(progress(part(job), self.bar, theme.bar, theme.bar_rest));
        spans.push(Span::styled(format!(" {}", percent(job)), theme.text));
        if self.counts {
            let counts = format!("{} / {}", format::count(job.done), format::count(job.total));
            spans.push(Span::styled(format::right(&counts, COUNTS + 2), theme.dim));
        }
        let running = job.state == JobState::Running;
        let eta = job.eta_ms.filter(|_| running).map_or_else(|| "-".into(), format::eta);
        let rate = if running { rate(job) } else { "-".into() };
        if self.rate {
            spans.push(Span::styled(format::right(&rate, RATE + 2), theme.dim));
        }
        spans.push(Span::styled(format::right(&eta, ETA + 2), theme.dim));
        if self.range {
            spans.push(Span::styled(format!("  {}", days(job.range, state.zone)), theme.dim));
        }
        Line::from(spans)
    }
}

/// From day to day, or from minute to minute of one day: as wide as [`RANGE`] without its margin, or narrower.
fn days(range: TimeRange, zone: Zone) -> String {
    let day = |time: Time| zone.format(time, "%Y-%m-%d");
    let (from, to) = (day(range.from), day(range.to));
    if from == to {
        format!("{from} {}–{}", zone.format(range.from, "%H:%M"), zone.format(range.to, "%H:%M"))
    } else {
        format!("{from} – {to}")
    }
}

/// What became of a finished job, by what the ledgers say of its range today, as far as there is room.
fn history(job: &JobView, columns: usize, zone: Zone) -> String {
    let (stored, left) = (job.done.saturating_sub(job.explained), job.total.saturating_sub(job.done));
    // What is nothing is not told.
    let parts = |explained: &str, number: fn(u64) -> String| {
        let rest = [(job.explained, explained), (left, "left")];
        let rest = rest.into_iter().filter(|(count, _)| *count > 0).map(|(count, words)| format!(", {} {words}", number(count)));
        format!("{} stored{}", number(stored), rest.collect::<String>())
    };
    let whole = parts("explained", |count| count.to_string());
    let mut text = if format::width(&whole) <= columns { whole } else { parts("expl.", format::count) };
    let took = job.finished_at.map(|end| format!(", took {}", format::eta(end.since(job.created_at))));
    let range = format!(", {}", days(job.range, zone));
    for more in took.into_iter().chain([range]) {
        if format::width(&text) + format::width(&more) <= columns {
            text.push_str(&more);
        }
    }
    format::fit(&text, columns)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_within_a_day_is_told_by_its_minutes() {
        let time = |text: &str| Time::parse(text, Time::EPOCH).unwrap();
        let check = |from: &str, to: &str, expected: &str| {
            assert_eq!(days(TimeRange::new(time(from), time(to)), Zone::new(|_| 0)), expected);
        };
        check("2026-11-20T07:48:00Z", "2026-11-20T08:17:00Z", "2026-11-20 07:48–08:17");
        check("2026-11-17T07:48:00Z", "2026-11-20T08:17:00Z", "2026-11-17 – 2026-11-20");
    }
}
