//! Every fault of the simulated exchange against a backfill: nothing wrong gets in, nothing is lost
//! without a word, and what passes leaves no trace.

use crate::support::account::Account;
use crate::support::rig::{BINANCE, Rig, finished, seen};
use crate::support::{range, time};
use futures_util::StreamExt as _;
use marketdata_tui::domain::interval::Interval;
use marketdata_tui::domain::job::JobState;
use marketdata_tui::domain::range::TimeRange;
use marketdata_tui::engine::command::Command;
use marketdata_tui::exchange::clock::Clock;
use marketdata_tui::sim::{Fault, FaultRule, RequestLog, SimClock, SimConfig, Simulation, When};
use marketdata_tui::store::revisions;
use std::fmt::Write as _;
use std::time::Duration;

const NOW: &str = "2025-07-01T12:34:30Z";
const CANDLES: usize = 5_000;
const KLINES: &str = "/api/v3/klines";

/// Faults that run at the same time: a few wait, so a few can work.
const ABREAST: usize = 6;

fn asked() -> TimeRange {
    let to = time("2025-07-01");
    TimeRange::new(to.plus_ms(-Interval::M1.ms() * CANDLES as i64), to)
}

async fn sim() -> Simulation {
    let clock = SimClock::From { at: time(NOW), speed: 0.0 };
    Simulation::start(SimConfig { clock, ..SimConfig::default() }).await.unwrap()
}

/// The same fault with waits that a test can afford.
fn shortened(fault: Fault) -> Fault {
    match fault {
        Fault::Banned { .. } => Fault::Banned { retry_after: 1 },
        other => other,
    }
}

/// The requests between the struck one and the end of the wait that it ordered, and that end.
fn during_the_order<'a>(log: &'a [RequestLog], fault: &str) -> Vec<&'a RequestLog> {
    let struck = log.iter().position(|request| request.fault.as_deref() == Some(fault)).unwrap();
    let end = log[struck].elapsed + Duration::from_secs(1);
    log[struck + 1..].iter().filter(|request| request.elapsed < end).collect()
}

struct Result {
    fault: Fault,
    outcome: String,
    account: Account,
    check: Vec<String>,
    requests: usize,
}

async fn transient(fault: Fault) -> Result {
    let fault = shortened(fault);
    let orders = matches!(fault, Fault::TooManyRequests { .. } | Fault::Banned { .. });
    let refuses = matches!(fault, Fault::Firewall | Fault::Restricted);
    let mut rig = Rig::on(sim().await);
    // One at a time, so that "after the refusal" has a meaning.
    rig.settings.max_in_flight = if orders || refuses { 1 } else { 4 };
    let (series, job) = rig.want("BTC/USDT", Interval::M1, asked()).await;
    rig.sim.set_faults(vec![FaultRule::always(fault).times(if orders || refuses { 1 } else { 3 })]);
    let before = rig.sim.requests().len();
    let engine = rig.start().await;
    if refuses {
        // Five minutes of silence follow, which only a person's word ends.
        let note = seen(&engine, "the refusal", |snapshot| snapshot.jobs.first().and_then(|job| job.note.clone())).await;
        assert!(note.contains("refuses this address"), "{note}");
        assert_eq!(rig.sim.requests().iter().filter(|request| request.path() == KLINES).count(), 1);
        engine.handle().run(Command::Pause(job)).await.unwrap();
        engine.handle().run(Command::Resume(job)).await.unwrap();
        seen(&engine, "a resumed job", |snapshot| (snapshot.jobs.first()?.state != JobState::Paused).then_some(())).await;
    }
    let view = finished(&engine, job).await;
    engine.stop().await;
    let log = rig.sim.requests();
    if orders {
        let early = during_the_order(&log, &fault.to_string());
        assert!(early.is_empty(), "{fault}: asked during the ordered silence: {early:?}");
    }
    assert!(log.iter().any(|request| request.fault.is_some()), "{fault} never struck");
    Result {
        fault,
        outcome: view.state.name().to_owned(),
        account: rig.account(series, asked()),
        check: rig.check(),
        requests: log.len() - before,
    }
}

#[tokio::test]
async fn a_passing_fault_leaves_no_trace() {
    let mut results: Vec<Result> =
        futures_util::stream::iter(Fault::ALL).map(transient).buffer_unordered(ABREAST).collect().await;
    results.sort_by_key(|result| Fault::ALL.iter().position(|fault| shortened(*fault) == result.fault));
    print(&results, "struck a few times");
    assert_eq!(results.len(), Fault::ALL.len());
    for Result { fault, outcome, account, check, .. } in results {
        assert!(check.is_empty(), "{fault}: {check:?}");
        assert_eq!(outcome, "done", "{fault}");
        match fault {
            // A sound candle that is not the true one cannot be told from it: see below.
            Fault::RevisedRow => {
                assert_eq!(account, Account { wanted: CANDLES, right: CANDLES - 3, wrong: 3, ..Account::default() });
            }
            _ => assert_eq!(account, Account::whole(CANDLES), "{fault}"),
        }
    }
}

async fn persistent(fault: Fault) -> Result {
    let rig = Rig::on(sim().await);
    let (series, job) = rig.want("BTC/USDT", Interval::M1, asked()).await;
    rig.sim.set_faults(vec![FaultRule::always(fault)]);
    let before = rig.sim.requests().len();
    let engine = rig.start().await;
    // A fault that spoils whole answers never lets the job end; forty tries tell enough.
    let outcome = seen(&engine, "an end or forty tries", |snapshot| {
        let view = snapshot.jobs.iter().find(|view| view.id == job)?;
        let tries = rig.sim.requests().len() - before;
        (view.state.is_finished() || tries > 40).then(|| view.state.name().to_owned())
    })
    .await;
    engine.stop().await;
    let requests = rig.sim.requests().len() - before;
    Result { fault, outcome, account: rig.account(series, asked()), check: rig.check(), requests }
}

#[tokio::test]
async fn a_lasting_fault_puts_nothing_wrong_in_and_loses_nothing_silently() {
    let lasting = Fault::ALL.into_iter().filter(|fault| fault.is_about_rows() && *fault != Fault::RevisedRow);
    let mut results: Vec<Result> = futures_util::stream::iter(lasting).map(persistent).buffer_unordered(ABREAST).collect().await;
    results.sort_by_key(|result| Fault::ALL.iter().position(|fault| *fault == result.fault));
    print(&results, "struck every time");
    for Result { fault, outcome, account, check, .. } in results {
        assert!(check.is_empty(), "{fault}: {check:?}");
        assert_eq!((account.wrong, account.silent, account.without_evidence), (0, 0, 0), "{fault}: {account:?}");
        assert_eq!(account.wanted, account.right + account.explained + account.queued, "{fault}");
        match fault {
            Fault::DuplicateRows | Fault::Reordered => {
                assert_eq!((outcome.as_str(), account), ("done", Account::whole(CANDLES)), "{fault}: sound rows all the same");
            }
            // Every answer is about another time: none of it may be believed, all of it stays owed.
            Fault::ShiftedRows { .. } => {
                assert_eq!((outcome.as_str(), account.queued), ("running", CANDLES), "{fault}: {account:?}");
            }
            Fault::Empty => assert_eq!((outcome.as_str(), account.explained), ("done", CANDLES), "{fault}: {account:?}"),
            // One row of each page, and the row alone when it is asked for again.
            _ => assert_eq!((outcome.as_str(), account.explained), ("done", 5), "{fault}: {account:?}"),
        }
    }
}

#[tokio::test]
async fn a_revised_row_is_caught_when_it_is_read_again() {
    let clock = SimClock::From { at: time(NOW), speed: 0.0 };
    let sim = Simulation::start(SimConfig { clock, ..SimConfig::default() }).await.unwrap();
    let mut rig = Rig::on(sim);
    let asked = range("2025-07-01T11:00:00Z", "2025-07-01T12:34:00Z");
    let minute = time("2025-07-01T12:33:00Z");
    let (series, job) = rig.want("BTC/USDT", Interval::M1, asked).await;
    rig.sim.set_faults(vec![FaultRule::always(Fault::RevisedRow).when(When::At(minute)).times(1)]);
    rig.run(job).await;
    let true_candle = rig.sim.market("BTCUSDT").unwrap().candle(Interval::M1, minute).unwrap();
    let first = *rig.stored(series, asked).last().unwrap();
    assert_ne!(first, true_candle);
    // The next heartbeat asks for the last two candles once more.
    rig.sim.advance_clock(60_000);
    rig.exchange.sync_clock().await.unwrap();
    rig.settings.records = true;
    let engine = rig.start().await;
    let note = seen(&engine, "the revision", |snapshot| {
        snapshot.log.iter().find(|entry| entry.message.contains("changed the closed candle")).map(|entry| entry.message.clone())
    })
    .await;
    engine.stop().await;
    assert!(note.contains(&minute.iso()));
    let found = rig.store.readers().with(|connection| revisions::all(connection, series)).unwrap();
    let changed = |field: &str| {
        let revision = found.iter().find(|revision| revision.field == field).unwrap();
        (revision.open_time, revision.old_value.clone().unwrap(), revision.new_value.clone().unwrap())
    };
    let text = marketdata_tui::domain::price::trimmed;
    assert_eq!(changed("close"), (minute, text(first.close), text(true_candle.close)));
    assert_eq!(changed("volume"), (minute, text(first.volume), text(true_candle.volume)));
    assert_eq!(rig.account(series, TimeRange::new(asked.from, asked.to.plus_ms(60_000))), Account::whole(95));
    assert_eq!(rig.check(), Vec::<String>::new());
}

/// Two empty answers in a row, the second one to the question for the first candle of all, must not
/// explain the whole past away.
#[tokio::test]
async fn an_empty_answer_about_the_listing_explains_nothing() {
    let mut rig = Rig::on(sim().await);
    rig.settings.max_in_flight = 1;
    let (series, job) = rig.want("BTC/USDT", Interval::M1, asked()).await;
    rig.sim.set_faults(vec![FaultRule::always(Fault::Empty).times(2)]);
    assert_eq!(rig.run(job).await.state, JobState::Done);
    assert_eq!(rig.account(series, asked()), Account::whole(CANDLES));
}

/// The exchange gives its time a minute and a half ahead: the forming minute passes for a closed one.
/// No answer tells that it is not; the heartbeat's second look does, and leaves a revision.
#[tokio::test]
async fn a_candle_closed_early_by_a_wrong_clock_is_put_right() {
    let mut rig = Rig::on(sim().await);
    rig.sim.set_faults(vec![FaultRule::always(Fault::ClockSkew { ms: 90_000 })]);
    let asked = range("2025-07-01T12:00:00Z", "2025-07-01T12:36:00Z");
    let (series, job) = rig.want("BTC/USDT", Interval::M1, asked).await;
    let engine = rig.start().await;
    seen(&engine, "all but the newest", |snapshot| (snapshot.jobs.iter().find(|view| view.id == job)?.done >= 35).then_some(()))
        .await;
    engine.stop().await;
    rig.reopen();
    assert_eq!((rig.account(series, asked).right, rig.account(series, asked).silent), (34, 0));
    rig.sim.set_faults(Vec::new());
    rig.sim.advance_clock(90_000);
    rig.exchange.sync_clock().await.unwrap();
    rig.settings.records = true;
    let engine = rig.start().await;
    seen(&engine, "the newest", |snapshot| (snapshot.series.first()?.coverage.queued == 0).then_some(())).await;
    engine.stop().await;
    assert_eq!(rig.account(series, asked), Account::whole(36));
    let found = rig.store.readers().with(|connection| revisions::all(connection, series)).unwrap();
    assert!(!found.is_empty() && found.iter().all(|revision| revision.open_time == time("2025-07-01T12:34:00Z")), "{found:?}");
    assert_eq!(rig.check(), Vec::<String>::new());
}

/// Where the main host refuses the address, the other one serves, and nobody has to wait.
#[tokio::test]
async fn a_refusing_host_is_stood_in_for() {
    for fault in [Fault::Firewall, Fault::Restricted] {
        let (main, other) = (sim().await, sim().await);
        let mut rig = Rig::with(main, Clock::System, Some(other.url()));
        let (series, job) = rig.want("BTC/USDT", Interval::M1, asked()).await;
        rig.sim.set_faults(vec![FaultRule::always(fault).on("/")]);
        assert_eq!(rig.run(job).await.state, JobState::Done);
        let health = rig.exchange.health();
        assert!(health.fallback && health.exchange == BINANCE && other.url().ends_with(&health.host), "{health:?}");
        assert_eq!(rig.account(series, asked()), Account::whole(CANDLES), "{fault}");
        assert_eq!(rig.check(), Vec::<String>::new());
    }
}

fn print(results: &[Result], title: &str) {
    let mut table = format!(
        "\n{title:<28} {:<8} {:>8} {:>9} {:>7} {:>6} {:>7} {:>9}\n",
        "outcome", "stored", "explained", "queued", "wrong", "silent", "requests"
    );
    for Result { fault, outcome, account, requests, .. } in results {
        let Account { right, wrong, explained, queued, silent, .. } = account;
        let _ = writeln!(
            table,
            "{:<28} {outcome:<8} {right:>8} {explained:>9} {queued:>7} {wrong:>6} {silent:>7} {requests:>9}",
            fault.to_string()
        );
    }
    println!("{table}");
}
