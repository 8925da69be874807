//! `backfill`: fetch a range, here or through the recorder that is running.

use super::args::Backfill;
use super::{Context, Exit, output};
use crate::domain::dataset::Dataset;
use crate::domain::interval::Interval;
use crate::domain::range::TimeRange;
use crate::domain::series::{JobId, Series};
use crate::domain::time::{Time, human_duration};
use crate::engine::Engine;
use crate::engine::command::Since;
use crate::engine::query::Sureness;
use crate::engine::settings::EngineSettings;
use crate::engine::snapshot::{JobState, JobView, Snapshot};
use crate::exchange::error::ExchangeError;
use crate::exchange::jitter::Jitter;
use crate::exchange::port::Exchange;
use crate::exchange::retry::{Backoff, BackoffSettings};
use crate::store::lock::{Lock, TakeLock};
use crate::store::{Store, exchange_state, jobs, reader, series};
use anyhow::{Context as _, bail};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;

/// Between two looks at a job that another process carries out.
const FOLLOW: Duration = Duration::from_millis(250);

/// A first answer that takes longer than this is told of: a host that swallows what it is sent shows no error
/// before the limits of the connection, five to ten seconds later.
const SLOW: Duration = Duration::from_secs(3);

/// Registers what is wanted and stays until it is stored or explained, or there is no hope for now.
pub async fn run(context: &Context, args: &Backfill) -> anyhow::Result<Exit> {
    let id = context.exchange_of(&args.symbol)?;
    super::refuse_width(Some(args.dataset), args.interval)?;
    if let Some(from) = &args.from {
        super::range::ordered(from, &args.to)?;
    }
    let store = context.store().await?;
    let exchange = context.connect(id)?;
    let lock = Lock::take(store.path())?;
    know_the_clock(context, &store, &exchange).await?;
    let now = exchange.now();
    let since = match (args.last, args.from.as_deref()) {
        (Some(ms), _) => Since::Last(ms),
        (None, Some("listing")) => Since::Listing,
        (None, Some(text)) => Since::Time(super::range::start(text, now)?),
        (None, None) => bail!("say --from TIME or --last LENGTH"),
    };
    let to = if args.last.is_some() { None } else { Some(Time::parse(&args.to, now)?) };
    let interval = args.interval.unwrap_or(Interval::M1);
    let done = context.registry(&store, &exchange).backfill(&args.symbol, args.dataset, interval, since, to).await?;
    let id = *done.series.first().context("no series was registered")?;
    let series = store.readers().with(|connection| series::get(connection, id))?.context("the series is gone")?;
    let Some(job) = done.job else {
        output::say(&format!("{}: all of it is stored already", series.name()))?;
        store.writer().close(Duration::from_secs(5));
        return Ok(Exit::Done);
    };
    let range = store.readers().with(|connection| jobs::get(connection, job))?.map_or(TimeRange::new(now, now), |job| job.range);
    if series.dataset == Dataset::Trades {
        tell_the_price(context, &store, &exchange, &series, range).await?;
    }
    let began = Instant::now();
    let end = match lock {
        TakeLock::Taken(_lock) => fetch(context, &store, exchange, job).await?,
        TakeLock::Held(pid) => {
            output::tell(&format!("the recorder{} fetches it", pid.map_or_else(String::new, |pid| format!(" (process {pid})"))));
            match follow(context, &store, job).await? {
                Followed::Ended(end) => {
                    store.writer().close(Duration::from_secs(5));
                    end
                }
                Followed::Left(_lock) => fetch(context, &store, exchange, job).await?,
            }
        }
    };
    report(&store, &series, range, end, began.elapsed(), context.clock.now())
}

/// A day of a busy pair's trades takes thousands of requests: that is said beforehand.
async fn tell_the_price(
    context: &Context,
    store: &Store,
    exchange: &Arc<dyn Exchange>,
    series: &Series,
    range: TimeRange,
) -> anyhow::Result<()> {
    let at_once = context.engine_settings(false).max_in_flight;
    let Some(plan) = crate::engine::price(store, exchange, series, range, at_once).await? else { return Ok(()) };
    let requests = if plan.requests == 1 { "request" } else { "requests" };
    let takes = format!("{} {requests}, weight {}", output::grouped(plan.requests), output::grouped(plan.weight));
    output::tell(&match plan.sureness {
        Sureness::AtLeast => format!("it takes at least {takes}: how many trades there are is not known yet"),
        Sureness::Exact | Sureness::About => {
            let time = plan.eta_ms.map_or_else(String::new, |ms| format!(", about {}", human_duration(ms.max(1_000))));
            format!("it takes about {takes}{time}")
        }
    });
    Ok(())
}

/// How the waiting ended.
enum End {
    Finished(Option<String>),
    GaveUp(String),
    Interrupted,
}

/// What became of a job in another process's hands.
enum Followed {
    Ended(End),
    /// That process has gone, or was after another job alone: the lock is ours now.
    Left(Lock),
}

/// Carries the job out in this process.
async fn fetch(context: &Context, store: &Store, exchange: Arc<dyn Exchange>, job: JobId) -> anyhow::Result<End> {
    let settings = EngineSettings { only_jobs: Some(vec![job]), ..context.engine_settings(false) };
    let engine = Engine::start(store.clone(), vec![exchange], context.clock, settings).await?;
    let mut snapshots = engine.handle().snapshots();
    let bar = progress_bar();
    let mut patience = Patience::new(context.settings.patience);
    let mut stop = std::pin::pin!(super::record::stop_signal());
    let end = loop {
        let snapshot = Arc::clone(&snapshots.borrow_and_update());
        let view = snapshot.jobs.iter().find(|view| view.id == job);
        if let Some(view) = view {
            show(&bar, view);
            if view.state.is_finished() {
                break End::Finished(if view.state == JobState::Done { None } else { view.note.clone() });
            }
        }
        if let Some(reason) = patience.lost(&snapshot, view) {
            break End::GaveUp(reason);
        }
        tokio::select! {
            biased;
            () = &mut stop => break End::Interrupted,
            changed = snapshots.changed() => if changed.is_err() { break End::GaveUp("the recorder stopped".into()) },
            () = tokio::time::sleep(Duration::from_secs(1)) => {}
        }
    };
    bar.finish_and_clear();
    engine.stop().await;
    Ok(end)
}

/// Watches a job that the recorder of another process carries out, until it ends or the recorder does.
async fn follow(context: &Context, store: &Store, job: JobId) -> anyhow::Result<Followed> {
    let bar = progress_bar();
    let mut stop = std::pin::pin!(super::record::stop_signal());
    let mut patience = Patience::new(context.settings.patience);
    let end = loop {
        let snapshot = crate::engine::observer::observe(store, context.clock.now())?;
        let Some(view) = snapshot.jobs.iter().find(|view| view.id == job) else {
            break End::Finished(Some("the job was taken back".into()));
        };
        show(&bar, view);
        if view.state.is_finished() {
            break End::Finished(if view.state == JobState::Done { None } else { view.note.clone() });
        }
        if let Some(reason) = patience.lost(&snapshot, Some(view)) {
            break End::GaveUp(reason);
        }
        if let TakeLock::Taken(lock) = Lock::take(store.path())? {
            bar.finish_and_clear();
            return Ok(Followed::Left(lock));
        }
        tokio::select! {
            biased;
            () = &mut stop => break End::Interrupted,
            () = tokio::time::sleep(FOLLOW) => {}
        }
    };
    bar.finish_and_clear();
    Ok(Followed::Ended(end))
}

/// Gives up when nothing succeeds for a while, or when a ban outlasts that.
struct Patience {
    limit: Duration,
    done: u64,
    since: Instant,
}

impl Patience {
    fn new(limit: Duration) -> Self {
        Self { limit, done: 0, since: Instant::now() }
    }

    fn lost(&mut self, snapshot: &Snapshot, view: Option<&JobView>) -> Option<String> {
        let done = view.map_or(0, |view| view.done);
        if done != self.done {
            self.done = done;
            self.since = Instant::now();
        }
        for health in &snapshot.exchanges {
            if let Some(block) = health
                .block
                .filter(|block| block.until.since(snapshot.at) > i64::try_from(self.limit.as_millis()).unwrap_or(i64::MAX))
            {
                return Some(format!("{} {} until {}: come back then", health.exchange, block.kind.label(), block.until.iso()));
            }
        }
        if self.since.elapsed() < self.limit {
            return None;
        }
        // What the job waits for may be the store's: a full disk.
        let waits_for = view.and_then(|view| view.note.as_ref());
        let last_error = snapshot.exchanges.iter().find_map(|health| health.last_error.as_ref()).map(|(_, text)| text);
        let cause = waits_for.or(last_error).map_or_else(String::new, |text| format!(": {text}"));
        Some(format!("nothing succeeded for {} s{cause}", self.limit.as_secs()))
    }
}

/// The exchange's clock decides what `now` is and which candles are closed; it is asked for first,
/// as long as the patience lasts. A ban that an earlier run was told of holds. The first wait is told: nobody
/// is to sit before a silent command for a minute.
pub(super) async fn know_the_clock(context: &Context, store: &Store, exchange: &Arc<dyn Exchange>) -> anyhow::Result<()> {
    let id = exchange.id();
    let state = store.readers().with(|connection| exchange_state::get(connection, id))?;
    if let Some(block) = state
        .and_then(|state| crate::engine::observer::from_state(&state).block)
        .filter(|block| context.clock.now() < block.until)
    {
        exchange.restore_block(block);
    }
    let patience = context.settings.patience;
    let began = Instant::now();
    let mut backoff = Backoff::new(BackoffSettings::default(), Jitter::from_entropy());
    let left = || patience.saturating_sub(began.elapsed());
    let mut told = false;
    let mut tell_once = |why: &dyn std::fmt::Display| {
        if !std::mem::replace(&mut told, true) {
            let left = left().as_secs_f64().ceil();
            output::tell(&format!("{id} does not answer yet: {why}; trying for {left} s more (--patience SECONDS changes that)"));
        }
    };
    loop {
        let mut asked = std::pin::pin!(exchange.sync_clock());
        let answer = if let Ok(answer) = tokio::time::timeout(SLOW, &mut asked).await {
            answer
        } else {
            tell_once(&format_args!("no answer within {} s", SLOW.as_secs()));
            let Ok(answer) = tokio::time::timeout(left(), asked).await else {
                bail!(
                    "{id} does not answer (`marketdata-tui doctor` says more): no answer within {} s",
                    began.elapsed().as_secs()
                );
            };
            answer
        };
        let Err(error) = answer else { return Ok(()) };
        if matches!(error, ExchangeError::RateLimited { .. } | ExchangeError::Banned { .. }) {
            // The next command must not walk into it again.
            crate::engine::observer::keep_state(store, exchange, context.clock.now()).await?;
        }
        match backoff.next(&error) {
            Some(wait) if began.elapsed() + wait <= patience => {
                tell_once(&error);
                tokio::time::sleep(wait).await;
            }
            _ if matches!(error, ExchangeError::RateLimited { .. } | ExchangeError::Banned { .. }) => {
                return Err(error).with_context(|| format!("{id} was not asked, come back later"));
            }
            _ => return Err(error).with_context(|| format!("{id} does not answer (`marketdata-tui doctor` says more)")),
        }
    }
}

/// A bar on a terminal; hidden elsewhere.
fn progress_bar() -> ProgressBar {
    let bar = ProgressBar::with_draw_target(Some(0), ProgressDrawTarget::stderr());
    if let Ok(style) = ProgressStyle::with_template("{msg} {wide_bar} {percent:>3}%  {human_pos}/{human_len}  {prefix}") {
        bar.set_style(style);
    }
    bar
}

fn show(bar: &ProgressBar, view: &JobView) {
    bar.set_length(view.total);
    bar.set_position(view.done);
    bar.set_message(view.name());
    let eta = view.eta_ms.map_or_else(|| "--".to_owned(), human_duration);
    let note = view.note.as_ref().map_or_else(String::new, |note| format!("  {note}"));
    bar.set_prefix(format!("{:.0}/s  ETA {eta}{note}", view.rate));
}

/// One line that says how it ended, with what is left.
fn report(store: &Store, series: &Series, range: TimeRange, end: End, took: Duration, now: Time) -> anyhow::Result<Exit> {
    let gaps = store.readers().with(|connection| reader::missing(connection, series, range))?;
    let count = |explained: bool| -> u64 {
        gaps.iter()
            .filter(|gap| gap.reason.is_explained() == explained)
            .map(|gap| series.interval.count(gap.range))
            .sum::<i64>()
            .unsigned_abs()
    };
    let (explained, left) = (count(true), count(false));
    let stored = series.interval.count(range).unsigned_abs().saturating_sub(explained + left);
    output::say(&format!(
        "{}  {}  {} stored, {} explained, {} left  {:.1} s",
        series.name(),
        output::span(range.from, range.to),
        output::grouped(stored),
        output::grouped(explained),
        output::grouped(left),
        took.as_secs_f64()
    ))?;
    tell_of_the_rest(store, series, range, now)?;
    Ok(match end {
        End::Finished(None) if left == 0 => Exit::Done,
        End::Finished(reason) => {
            output::tell(&format!("error: {}", reason.unwrap_or_else(|| format!("some {} are left", series.dataset.step(left)))));
            Exit::Failed
        }
        End::GaveUp(reason) => {
            output::tell(&format!("error: {reason}; the rest stays queued: run it again, or start marketdata-tui"));
            Exit::Failed
        }
        End::Interrupted => {
            output::tell("interrupted; the rest stays queued: run it again, or start marketdata-tui");
            Exit::Interrupted
        }
    })
}

/// A series is wanted from its first minute to now, so an old range draws in what lies behind it.
fn tell_of_the_rest(store: &Store, series: &Series, range: TimeRange, now: Time) -> anyhow::Result<()> {
    let (behind, gaps) = store.readers().with(|connection| {
        let now = super::gaps::exchange_now(connection, series, now)?;
        // The newest candle is the heartbeat's.
        let behind = TimeRange::new(range.to, series.wanted(now).to.plus_ms(-series.interval.ms()));
        Ok((behind, reader::missing(connection, series, behind)?))
    })?;
    let owed: i64 = gaps.iter().filter(|gap| !gap.reason.is_explained()).map(|gap| series.interval.count(gap.range)).sum();
    if owed > 0 {
        let span = output::span(behind.from, behind.to);
        output::tell(&format!(
            "{} from {span} are wanted now as well: a recorder fetches them",
            output::steps(owed.unsigned_abs(), series.dataset, series.interval)
        ));
    }
    Ok(())
}
