//! Jobs at a glance, below the watch table.

use super::{panel, row};
use crate::engine::snapshot::{JobState, JobView, SeriesView};
use crate::tui::format;
use crate::tui::state::State;
use crate::tui::widget::progress::progress;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use ratatui::widgets::Widget as _;

/// ```text
/// ╭ Backfill ───────────────────────────────────────╮
/// │ ETH/USDT 1m  ████████▌░░░  72%   41k/s  ETA 00:12 │
/// │ BTC/USDT 1m               100% done               │
/// ╰─────────────────────────────────────────────────╯
/// ```
pub(super) fn render(buf: &mut Buffer, area: Rect, state: &State) {
    let inner = panel(buf, area, &state.theme, "Backfill");
    let inner = Rect { x: inner.x + 1.min(inner.width), width: inner.width.saturating_sub(2), ..inner };
    if state.snapshot.jobs.is_empty() {
        let owing = || state.whole.series.iter().filter(|series| series.coverage.queued > 0);
        let owed: u64 = owing().map(|series| series.coverage.queued).sum();
        let what = if owing().all(SeriesView::has_candles) { "candles" } else { "steps" };
        let text = match owed {
            _ if state.snapshot.series.iter().any(|series| series.coverage.wanted == 0) => "Nothing is being fetched yet.".into(),
            0 => "Every wanted minute is stored or explained.".into(),
            owed => format!("{} {what} are queued.", format::count(owed)),
        };
        Line::styled(format::fit(&text, inner.width.into()), state.theme.dim).render(row(inner, 0), buf);
        return;
    }
    let longest = state.snapshot.jobs.iter().map(|job| format::width(&state.job_name(job))).max().unwrap_or(0);
    for (n, job) in state.snapshot.jobs.iter().take(inner.height.into()).enumerate() {
        line(job, longest, inner.width.into(), state).render(row(inner, n), buf);
    }
}

fn line(job: &JobView, longest: usize, columns: usize, state: &State) -> Line<'static> {
    let theme = &state.theme;
    let figures = figures(job);
    if job.state.is_finished() {
        // A bar that is full or stands still says less than the whole name.
        let name = format::left(&state.job_name(job), columns.saturating_sub(format::width(&figures) + 1));
        let style = if job.state == JobState::Failed { theme.warn } else { theme.dim };
        return Line::from(vec![Span::styled(name, theme.text), Span::styled(format!(" {figures}"), style)]);
    }
    let name = format::left(&state.job_name(job), longest.clamp(14, 30).min(columns / 3));
    let bar = columns.saturating_sub(format::width(&name) + format::width(&figures) + 2);
    let mut spans = vec![Span::styled(name, theme.text), Span::raw(" ")];
    let filled = if job.state == JobState::Running { theme.bar } else { theme.dim };
    spans.extend(progress(part(job), bar, filled, theme.bar_rest));
    spans.push(Span::styled(format!(" {figures}"), theme.dim));
    Line::from(spans)
}

/// ` 72%   41k/s  ETA 00:12`, or the state in the place of rate and time.
fn figures(job: &JobView) -> String {
    let rest = match job.state {
        JobState::Running => {
            let eta = job.eta_ms.map_or_else(|| "-".into(), format::eta);
            format!("{:>6}  ETA {eta:>7}", rate(job))
        }
        state => format!("{:<19}", state.name()),
    };
    format!("{} {rest}", percent(job))
}

/// How much of a job is stored or explained; 1 only when all of it is.
pub(super) fn part(job: &JobView) -> f64 {
    if job.done >= job.total { 1.0 } else { job.done as f64 / job.total.max(1) as f64 }
}

/// ` 72%`, rounded down.
pub(super) fn percent(job: &JobView) -> String {
    format!("{:>3.0}%", (part(job) * 100.0).floor())
}

/// `41k/s`.
pub(super) fn rate(job: &JobView) -> String {
    format!("{}/s", format::count(job.rate.max(0.0) as u64))
}
