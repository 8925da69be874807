//! `status`: what an operator asks for.

use super::{Context, Exit, losses, output};
use crate::domain::instrument::ExchangeId;
use crate::domain::series::Series;
use crate::domain::time::{MINUTE_MS, SECOND_MS, Time, human_duration};
use crate::engine::observer;
use crate::engine::snapshot::{self, JobState, SeriesState, SeriesView, Snapshot, StreamMood, StreamView};
use crate::store::exchange_state::{self, ExchangeState};
use crate::store::lock::Lock;
use crate::store::runs::{self, Run};
use crate::store::streams::{self, Loss};
use crate::store::{StoreError, View, series};
use serde_json::json;

/// A recorder that gave no sign of life for this long is not healthy; it gives one every 10 s.
const SILENT_MS: i64 = 30 * SECOND_MS;

/// Losses of streams that are told.
const NEWEST_LOSSES: usize = 5;

/// Beats are a minute apart; one may be late.
const BEAT_LATE_MS: i64 = 3 * MINUTE_MS;

/// What is reported.
struct Report {
    now: Time,
    alive: bool,
    run: Option<Run>,
    exchanges: Vec<ExchangeState>,
    snapshot: Snapshot,
    /// What streams missed last, newest first.
    losses: Vec<(Series, Loss)>,
    problems: Vec<String>,
}

/// Prints the status; exit 0 when a recorder runs and all is well, 1 when not.
pub fn run(context: &Context, as_json: bool) -> anyhow::Result<Exit> {
    if !context.settings.db_path.exists() {
        let path = context.settings.db_path.display();
        if as_json {
            output::say(&serde_json::to_string_pretty(
                &json!({ "healthy": false, "problems": [format!("there is no store at {path}")] }),
            )?)?;
        } else {
            output::say(&format!("there is no store at {path} yet"))?;
        }
        return Ok(Exit::Failed);
    }
    let store = context.view()?;
    let report = gather(&store, context.clock.now())?;
    if as_json {
        output::say(&serde_json::to_string_pretty(&to_json(&report))?)?;
    } else {
        print_text(&report)?;
    }
    Ok(if report.problems.is_empty() { Exit::Done } else { Exit::Failed })
}

fn gather(store: &View, now: Time) -> Result<Report, StoreError> {
    let snapshot = observer::observe(store, now)?;
    let (run, exchanges, losses) = store.readers().with(|connection| {
        let states = ExchangeId::ALL
            .into_iter()
            .filter_map(|id| exchange_state::get(connection, id).transpose())
            .collect::<Result<Vec<_>, _>>()?;
        let mut losses = Vec::new();
        for loss in streams::newest(connection, None, NEWEST_LOSSES)? {
            losses.extend(series::get(connection, loss.series)?.map(|series| (series, loss)));
        }
        Ok((runs::last(connection)?, states, losses))
    })?;
    let mut report = Report { now, alive: Lock::is_held(store.path()), run, exchanges, snapshot, losses, problems: Vec::new() };
    report.problems = problems(&report);
    Ok(report)
}

fn problems(report: &Report) -> Vec<String> {
    let mut problems = Vec::new();
    let now = report.now;
    match &report.run {
        _ if !report.alive => problems.push("no recorder is running".to_owned()),
        Some(run) => {
            if now.since(run.seen_at) > SILENT_MS {
                problems.push(format!("the recorder gave no sign of life for {}", human_duration(now.since(run.seen_at))));
            }
            let beat = run.last_beat_at.unwrap_or(run.started_at);
            if now.since(beat) > BEAT_LATE_MS {
                problems.push(format!("the last heartbeat was {} ago", human_duration(now.since(beat))));
            }
        }
        None => {}
    }
    for state in &report.exchanges {
        if let Some((until, kind)) = state.blocked.as_ref().filter(|(until, _)| now < *until) {
            problems.push(format!("{} {} until {}", state.exchange, kind.replace('_', " "), until.iso()));
        }
        if report.alive && state.circuit != "closed" {
            problems.push(format!("{}: circuit {}", state.exchange, state.circuit));
        }
    }
    let perishing = report.snapshot.series.iter().filter_map(|series| Some((series, series.lost_at?)));
    for (series, loss) in perishing.filter(|(_, loss)| loss.is_pressing(now)) {
        problems.push(loss_line(series, loss, now));
    }
    problems
}

/// `BTC/USDT open interest: 288 rows will be lost, the first in 3d 04h, unless fetched`.
fn loss_line(series: &SeriesView, loss: snapshot::Loss, now: Time) -> String {
    let steps = format!("{} {}", output::grouped(loss.steps), series.dataset.step(loss.steps));
    let left = loss.at.since(now);
    if left <= 0 {
        return format!("{}: {steps} will be lost, the first now, unless fetched", series.name());
    }
    format!("{}: {steps} will be lost, the first in {}, unless fetched", series.name(), human_duration(left))
}

/// Series that cannot be recorded now: worth a line, but no fault of the recorder.
fn stopped(snapshot: &Snapshot) -> Vec<String> {
    let reason = |state: &SeriesState| if let SeriesState::Stopped(reason) = state { Some(reason.clone()) } else { None };
    snapshot.series.iter().filter_map(|series| Some(format!("{}: {}", series.name(), reason(&series.state)?))).collect()
}

fn to_json(report: &Report) -> serde_json::Value {
    let snapshot = &report.snapshot;
    let run = report.run.clone().unwrap_or_default();
    let sum = |of: fn(&crate::engine::snapshot::CoverageView) -> u64| {
        snapshot.series.iter().map(|series| of(&series.coverage)).sum::<u64>()
    };
    json!({
        "healthy": report.problems.is_empty(),
        "problems": report.problems,
        "simulated": snapshot.simulated,
        "recorder": {
            "running": report.alive,
            "pid": report.run.as_ref().map(|run| run.pid),
            "started_at": report.run.as_ref().map(|run| run.started_at.iso()),
            "seen_at": report.run.as_ref().map(|run| run.seen_at.iso()),
            "uptime_ms": if report.alive { Some(report.now.since(run.started_at)) } else { None },
        },
        "heartbeat": { "beats": run.beats, "failed": run.failed_beats, "last_at": run.last_beat_at.map(Time::iso), "lag_ms": run.lag_ms },
        "ingest": {
            "candles_per_second": snapshot.ingest.rate,
            "candles": run.candles,
            "rejected_rows": run.rejected,
            "writer_queue": run.queue,
            "pages_to_fetch": run.backlog,
        },
        "store": {
            "path": snapshot.store.display().to_string(),
            "bytes": snapshot.ingest.store_bytes,
            "readers_in_use": run.readers_in_use,
            "readers": run.readers,
        },
        "series": { "count": snapshot.series.len(), "wanted": sum(|view| view.wanted), "stored": sum(|view| view.stored),
                    "explained": sum(|view| view.explained), "queued": sum(|view| view.queued), "stopped": stopped(snapshot) },
        "perishing": snapshot.series.iter().filter_map(|series| series.lost_at.map(|loss| json!({
            "symbol": series.symbol.as_str(),
            "exchange": series.exchange.name(),
            "dataset": series.dataset.name(),
            "interval": series.interval.name(),
            "steps": loss.steps,
            "lost_at": loss.at.iso(),
        }))).collect::<Vec<_>>(),
        "jobs": {
            "running": snapshot.jobs.iter().filter(|job| job.state == JobState::Running).count(),
            "paused": snapshot.jobs.iter().filter(|job| job.state == JobState::Paused).count(),
        },
        "streams": snapshot.streams.iter().map(stream_json).collect::<Vec<_>>(),
        "losses": report.losses.iter().map(|(series, loss)| losses::to_json(series, loss)).collect::<Vec<_>>(),
        "exchanges": report.exchanges.iter().map(|state| json!({
            "exchange": state.exchange.name(),
            "updated_at": state.updated_at.iso(),
            "host": state.host,
            "fallback": state.fallback,
            "circuit": state.circuit,
            "blocked_until": state.blocked.as_ref().map(|(until, _)| until.iso()),
            "block_kind": state.blocked.as_ref().map(|(_, kind)| kind),
            "budget_used": state.budget_used,
            "budget_limit": state.budget_limit,
            "requests": state.requests,
            "latency_p50_ms": state.latency_p50_ms,
            "latency_p95_ms": state.latency_p95_ms,
            "errors": state.errors.iter().map(|(kind, count)| (kind.clone(), json!(count))).collect::<serde_json::Map<_, _>>(),
            "last_ok_at": state.last_ok_at.map(Time::iso),
            "last_error_at": state.last_error.as_ref().map(|(at, _)| at.iso()),
            "last_error": state.last_error.as_ref().map(|(_, text)| text),
            "clock_offset_ms": state.clock_offset_ms,
        })).collect::<Vec<_>>(),
    })
}

fn stream_json(view: &StreamView) -> serde_json::Value {
    json!({
        "exchange": view.exchange.name(),
        "state": view.mood.name(),
        "since": view.since.map(Time::iso),
        "sockets": view.sockets,
        "subscriptions": view.subscriptions,
        "frames_per_second": view.frames_per_second,
        "lag_p50_ms": view.lag_ms.map(|(p50, _)| p50),
        "lag_p99_ms": view.lag_ms.map(|(_, p99)| p99),
    })
}

/// `binance live for 2h, 1 socket, 8 subscriptions, 12 frames/s, lag p50 90 ms p99 240 ms`.
fn stream_line(view: &StreamView, now: Time) -> String {
    let since = view.since.map_or_else(String::new, |since| format!(" for {}", human_duration(now.since(since))));
    let lag = view.lag_ms.map_or_else(String::new, |(p50, p99)| format!(", lag p50 {p50} ms p99 {p99} ms"));
    let sockets = if view.sockets == 1 { "1 socket".to_owned() } else { format!("{} sockets", view.sockets) };
    format!(
        "{} {}{since}, {sockets}, {} subscriptions, {:.0} frames/s{lag}",
        view.exchange,
        view.mood.name(),
        view.subscriptions,
        view.frames_per_second
    )
}

fn print_text(report: &Report) -> anyhow::Result<()> {
    let snapshot = &report.snapshot;
    let ago = |time: Option<Time>| {
        time.map_or_else(|| "never".to_owned(), |time| format!("{} ago", human_duration(report.now.since(time))))
    };
    let recorder = match &report.run {
        Some(run) if report.alive => {
            format!("running, process {}, up {}", run.pid, human_duration(report.now.since(run.started_at)))
        }
        Some(run) => format!("not running; last seen {}", ago(Some(run.ended_at.unwrap_or(run.seen_at)))),
        None => "never ran".to_owned(),
    };
    let mut rows = vec![("recorder", recorder)];
    if let Some(run) = &report.run {
        let lag = run.lag_ms.map_or_else(String::new, |lag| format!(", lag {lag} ms"));
        rows.push((
            "heartbeat",
            match run.last_beat_at {
                Some(at) => format!("last {}, {} beats, {} failed{lag}", ago(Some(at)), run.beats, run.failed_beats),
                None => format!("none yet, {} failed", run.failed_beats),
            },
        ));
        rows.push((
            "ingest",
            format!(
                "{:.0} rows/s, {} stored and {} rejected by this run, {} writes queued, {} pages to fetch",
                snapshot.ingest.rate,
                output::grouped(run.candles),
                output::grouped(run.rejected),
                run.queue,
                run.backlog
            ),
        ));
        rows.push(("readers", format!("{} of {} in use", run.readers_in_use, run.readers)));
    }
    rows.push(("store", format!("{}, {:.1} MB", snapshot.store.display(), snapshot.ingest.store_bytes as f64 / 1e6)));
    let queued: u64 = snapshot.series.iter().map(|series| series.coverage.queued).sum();
    rows.push(("series", format!("{} recorded, {} candles and rows queued", snapshot.series.len(), output::grouped(queued))));
    rows.extend(stopped(snapshot).into_iter().map(|line| ("stopped", line)));
    for state in &report.exchanges {
        rows.push(("exchange", exchange_line(state, report.now)));
        let errors: Vec<String> = state.errors.iter().map(|(kind, count)| format!("{kind} {count}")).collect();
        rows.push(("errors", if errors.is_empty() { "none".into() } else { errors.join(", ") }));
        if let Some((at, text)) = &state.last_error {
            rows.push(("last error", format!("{}: {text}", ago(Some(*at)))));
        }
    }
    for view in report.snapshot.streams.iter().filter(|view| view.mood != StreamMood::Off) {
        rows.push(("stream", stream_line(view, report.now)));
    }
    if let Some((series, loss)) = report.losses.first() {
        let how = loss.mended.as_ref().map_or("not made good yet", |(_, how)| how);
        rows.push(("last loss", format!("{} {}: {}: {how}", ago(Some(loss.from)), series.name(), loss.cause.replace('_', " "))));
    }
    for (name, text) in rows {
        output::say(&format!("{name:<11} {text}"))?;
    }
    output::say(&format!(
        "{:<11} {}",
        "health",
        if report.problems.is_empty() { "healthy".to_owned() } else { report.problems.join("; ") }
    ))
}

fn exchange_line(state: &ExchangeState, now: Time) -> String {
    let latency = match (state.latency_p50_ms, state.latency_p95_ms) {
        (Some(p50), Some(p95)) => format!("latency p50 {p50} ms p95 {p95} ms"),
        _ => "no answer yet".to_owned(),
    };
    let blocked = state
        .blocked
        .as_ref()
        .filter(|(until, _)| now < *until)
        .map_or_else(String::new, |(until, kind)| format!(", {} until {}", kind.replace('_', " "), until.iso()));
    let fallback = if state.fallback { " (stands in for the main host)" } else { "" };
    format!(
        "{} at {}{fallback}, circuit {}{blocked}, budget {} of {}, {} requests, {latency}",
        state.exchange,
        state.host,
        state.circuit,
        state.budget_used,
        state.budget_limit,
        output::grouped(state.requests)
    )
}
