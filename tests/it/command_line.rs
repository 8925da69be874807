//! The program from the outside: what scripts and people depend on.

use crate::support::program::{Program, csv, end, mode, refused, until};
use crate::support::{range, time};
use marketdata_tui::domain::interval::Interval;
use marketdata_tui::sim::{SimClock, SimConfig, Simulation};
use marketdata_tui::store::lock::Lock;
use serde_json::Value;
use std::time::Duration;

const KLINES: &str = "/api/v3/klines";

async fn sim(speed: f64) -> Simulation {
    let clock = SimClock::From { at: time("2025-07-01T12:34:10Z"), speed };
    Simulation::start(SimConfig { clock, ..SimConfig::default() }).await.unwrap()
}

fn fields(value: &Value) -> Vec<&str> {
    value.as_object().unwrap().keys().map(String::as_str).collect()
}

#[tokio::test]
async fn wrong_usage_is_two() {
    let program = Program::offline();
    let check = async |args: &[&str], expected: &str| {
        let ended = program.run(args).await;
        assert_eq!((ended.code, ended.out.as_str()), (Some(2), ""), "{args:?}: {ended:?}");
        assert!(ended.err.contains(expected), "{args:?}: {}", ended.err);
    };
    check(&["explode"], "unrecognized subcommand").await;
    check(&["add"], "<SYMBOL>").await;
    check(&["add", "BTC/USDT", "--interval", "7m"], "7m").await;
    check(&["add", "BTC/USDT", "--backfill", "soon"], "soon").await;
    check(&["add", "BTC/USDT", "--exchange", "mtgox"], "mtgox").await;
    check(&["backfill", "BTC/USDT"], "--from").await;
    check(&["backfill", "BTC/USDT", "--from", "yesterday"], "yesterday").await;
    check(&["export", "BTC/USDT", "--from", "2025-02-30"], "2025-02-30").await;
    check(&["backfill", "BTC/USDT", "--last", "1d", "--from", "2025-01-01"], "cannot be used with").await;
    check(&["export", "BTC/USDT", "--format", "xls"], "xls").await;
    check(&["remove", "BTC/USDT", "--yes"], "--purge").await;
    check(&["completions", "dos"], "dos").await;
}

#[tokio::test]
async fn what_needs_no_store() {
    let program = Program::offline();
    let version = program.done(&["--version"]).await;
    assert_eq!(version, format!("marketdata-tui {}\n", env!("CARGO_PKG_VERSION")));
    let help = program.done(&["--help"]).await;
    for name in ["add", "remove", "list", "backfill", "gaps", "export", "check", "status", "record", "demo", "doctor"] {
        assert!(help.lines().any(|line| line.trim_start().starts_with(name)), "{name}: {help}");
    }
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let script = program.done(&["completions", shell]).await;
        assert!(script.contains("marketdata-tui") && script.contains("backfill"), "{shell}");
    }
    assert!(program.done(&["man"]).await.contains(".TH marketdata-tui"));
    let list = program.run(&["list"]).await;
    assert_eq!((list.code, list.out.as_str()), (Some(0), ""));
    assert!(list.err.contains("nothing is recorded yet"));
    assert_eq!(program.json(&["list"]).await, Value::Array(Vec::new()));
    assert_eq!(program.run(&["status"]).await.code, Some(1));
    assert_eq!(program.json(&["status"]).await["healthy"], false);
    for args in [&["check"][..], &["gaps"], &["export", "BTC/USDT"], &["remove", "BTC/USDT"]] {
        refused(&program.run(args).await, 1, "there is no store at");
    }
    assert!(!program.db.exists(), "looking creates nothing");
    // Without a subcommand it is the terminal app, and there is no terminal.
    let app = program.run(&[]).await;
    refused(&app, 1, "terminal");
}

#[tokio::test]
async fn the_config_file() {
    let program = Program::offline();
    let bare = async |what: &str| end(program.bare(&["config", what])).await;
    let path = bare("path").await;
    assert_eq!(path.code, Some(0));
    assert!(path.out.ends_with("marketdata-tui/config.toml\n") && path.err.contains("config init"), "{path:?}");
    let written = bare("init").await;
    assert_eq!(written.code, Some(0), "{written:?}");
    let file = written.out.trim().strip_prefix("wrote ").unwrap().to_owned();
    assert!(std::fs::read_to_string(&file).unwrap().contains("[record]"));
    refused(&bare("init").await, 1, "is there already; it was left as it is");
    let show = bare("show").await.out;
    assert!(show.contains("rest_url") && show.contains("http://127.0.0.1:1"), "{show}");
    // A mistake in it is one line with what was meant.
    std::fs::write(&file, "[record]\nheartbeat_dely = 5\n").unwrap();
    refused(&bare("show").await, 1, "heartbeat_delay");
    std::fs::write(&file, "[record]\nheartbeat_delay = 500\n").unwrap();
    refused(&bare("show").await, 1, "500");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn symbols_come_and_go() {
    let sim = sim(0.0).await;
    let program = Program::on(&sim.url());
    let added = program.run(&["add", "BTC/USDT", "eth-usdt", "--backfill", "0"]).await;
    assert_eq!((added.code, added.out.as_str()), (Some(0), "recording BTC/USDT 1m\nrecording ETH/USDT 1m\n"), "{added:?}");
    assert!(added.err.contains("record"), "says what to do next: {}", added.err);
    assert_eq!(mode(&program.db), 0o600);
    assert_eq!(mode(program.db.parent().unwrap()), 0o700);
    refused(&program.run(&["add", "binance:BTCUSDT"]).await, 1, "BTC/USDT 1m is already recorded");
    refused(&program.run(&["add", "PEPE/USD"]).await, 1, "PEPE/USD is not traded on binance: did you mean PEPE/USDT?");
    // One that cannot be added keeps no other out.
    let both = program.run(&["add", "QQQQ/ZZZ", "SOL/USDT", "--backfill", "0"]).await;
    assert_eq!((both.code, both.out.as_str()), (Some(1), "recording SOL/USDT 1m\n"), "{both:?}");
    let list = program.json(&["list"]).await;
    let symbols: Vec<&str> = list.as_array().unwrap().iter().map(|row| row["symbol"].as_str().unwrap()).collect();
    assert_eq!(symbols, ["BTC/USDT", "ETH/USDT", "SOL/USDT"]);
    let expected = [
        "dataset",
        "exchange",
        "explained",
        "gaps",
        "interval",
        "last_candle_end",
        "last_price",
        "lost_at",
        "queued",
        "state",
        "stored",
        "symbol",
        "wanted",
        "wanted_from",
        "wanted_to",
    ];
    assert_eq!(fields(&list[0]), expected);
    let table = program.done(&["list"]).await;
    assert!(table.starts_with("SYMBOL") && table.lines().count() == 4, "{table}");
    program.done(&["backfill", "BTC/USDT", "--last", "2h"]).await;
    assert_eq!(program.done(&["remove", "BTC/USDT"]).await, "stopped recording BTC/USDT 1m; its data stays\n");
    assert_eq!(program.json(&["list"]).await.as_array().unwrap().len(), 2);
    assert_eq!(program.done(&["export", "BTC/USDT"]).await.lines().count(), 121, "its data stays");
    refused(&program.run(&["remove", "BTC/USDT", "--purge"]).await, 1, "--yes");
    assert_eq!(program.done(&["remove", "BTC/USDT", "--purge", "--yes"]).await, "deleted BTC/USDT 1m\n");
    refused(
        &program.run(&["export", "BTC/USDT"]).await,
        1,
        "BTC/USDT is not recorded on binance (recorded are ETH/USDT 1m, SOL/USDT 1m)",
    );
    refused(&program.run(&["remove", "DOGE/USDT"]).await, 1, "DOGE/USDT is not recorded");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_past_is_fetched_checked_and_written_out() {
    let sim = sim(0.0).await;
    let program = Program::on(&sim.url());
    let asked = range("2025-07-01T08:00:00Z", "2025-07-01T12:34:00Z");
    let end = program.done(&["backfill", "OUT/USDT", "--from", "2025-07-01T08:00:00Z"]).await;
    assert!(
        end.starts_with("OUT/USDT 1m  2025-07-01T08:00:00Z to 2025-07-01T12:34:00Z  274 stored, 0 explained, 0 left"),
        "{end}"
    );
    let again = program.done(&["backfill", "OUT/USDT", "--from", "2025-07-01T08:00:00Z"]).await;
    assert_eq!(again, "OUT/USDT 1m: all of it is stored already\n");
    assert_eq!(program.run(&["check"]).await.code, Some(0));
    let oracle = sim.market("OUTUSDT").unwrap().candles(Interval::M1, asked);
    assert_eq!(program.done(&["export", "OUT/USDT", "--time", "ms"]).await, csv(&oracle));
    // JSON: one object a line, exact numbers.
    let json = program.done(&["export", "OUT/USDT", "--format", "json", "--time", "ms"]).await;
    let first: Value = serde_json::from_str(json.lines().next().unwrap()).unwrap();
    assert_eq!((json.lines().count(), &first["open_time"]), (274, &asked.from.ms().into()));
    // Files are whole or not there.
    let file = program.home.path().join("out.parquet");
    let to_file = ["export", "OUT/USDT", "--format", "parquet", "-o", file.to_str().unwrap()];
    let written = program.run(&to_file).await;
    assert_eq!((written.code, written.out.as_str()), (Some(0), ""));
    assert!(written.err.contains("wrote 274 candles of 1m to"), "{}", written.err);
    assert!(std::fs::read(&file).unwrap().starts_with(b"PAR1"));
    // Wider folds, and what cannot be folded is refused.
    assert_eq!(
        program.done(&["export", "OUT/USDT", "--interval", "1h"]).await.lines().count(),
        5,
        "a header and four whole hours"
    );
    // More is wanted than is there: exit 3, and nothing written.
    std::fs::remove_file(&file).unwrap();
    let complete = [&to_file[..], &["--from", "2025-07-01T07:00:00Z", "--require-complete"]].concat();
    let incomplete = program.run(&complete).await;
    assert_eq!((incomplete.code, incomplete.out.as_str()), (Some(3), ""), "{incomplete:?}");
    assert!(incomplete.err.starts_with("incomplete: 60 candles of 1m owed"), "{}", incomplete.err);
    assert!(!file.exists());
    // An outage is explained, with evidence.
    let end = program.done(&["backfill", "OUT/USDT", "--from", "2025-06-01", "--to", "2025-06-02"]).await;
    assert!(end.contains("1,110 stored, 330 explained, 0 left"), "{end}");
    let gaps = program.json(&["gaps", "OUT/USDT"]).await;
    // One line or two: a page's edge lies inside.
    let outages: Vec<&Value> = gaps.as_array().unwrap().iter().filter(|gap| gap["reason"] == "no_candle").collect();
    let (outage, last) = (outages[0], outages[outages.len() - 1]);
    assert_eq!((&outage["from"], &last["to"]), (&"2025-06-01T02:00:00Z".into(), &"2025-06-01T07:30:00Z".into()));
    assert_eq!(outages.iter().map(|gap| gap["candles"].as_i64().unwrap()).sum::<i64>(), 330);
    assert!(outages.iter().all(|gap| gap["explained"] == true && gap["asked_count"] == 2), "{gaps}");
    assert!(outage["endpoint"].as_str().unwrap().starts_with("/api/v3/klines?symbol=OUTUSDT"));
    let expected = [
        "answer",
        "asked_count",
        "candles",
        "dataset",
        "endpoint",
        "exchange",
        "explained",
        "first_asked_at",
        "from",
        "interval",
        "last_asked_at",
        "lost_at",
        "next_ask_at",
        "reason",
        "symbol",
        "to",
    ];
    assert_eq!(fields(outage), expected);
    // June between the two ranges is wanted now and owed: sound, and incomplete.
    let check = program.run(&["check", "--json"]).await;
    assert_eq!(check.code, Some(3), "{check:?}");
    let check: Value = serde_json::from_str(&check.out).unwrap();
    let series = &check["series"][0];
    let count = |field: &str| series[field].as_u64().unwrap();
    assert_eq!(count("wanted"), count("stored") + count("explained") + count("queued"));
    assert_eq!(
        (count("explained"), &check["file_faults"], &series["faults"]),
        (330, &Value::Array(vec![]), &Value::Array(vec![]))
    );
    assert!(program.done(&["gaps"]).await.contains("not fetched yet"));
    assert!(program.run(&["check", "--repair"]).await.err.contains("written anew"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn failures_say_what_is_wrong() {
    let sim = sim(0.0).await;
    let program = Program::on(&sim.url());
    let backfill = async |args: &[&str]| program.run(&[&["backfill"], args].concat()).await;
    refused(&backfill(&["BTC/USDT", "--from", "2025-07-01", "--to", "2025-06-01"]).await, 2, "is not before --to");
    refused(&backfill(&["BTC/USDT", "--from", "2031-01-01"]).await, 2, "lies in the future");
    refused(&backfill(&["BTCUSTD", "--last", "1h"]).await, 1, "did you mean BTC/USDT");
    program.done(&["add", "BTC/USDT", "--backfill", "0"]).await;
    let export = ["export", "BTC/USDT", "--from", "2025-02-02", "--to", "2025-02-01"];
    refused(&program.run(&export).await, 2, "is not before");
    // A folder in whose place stands a file.
    let mut unwritable = program.bare(&["add", "BTC/USDT"]);
    unwritable.arg("--db").arg(program.home.path().join("config.toml/store.sqlite"));
    refused(&end(unwritable).await, 1, "config.toml/store.sqlite");
    // Another program's file.
    let foreign = program.home.path().join("notes.sqlite");
    std::fs::write(&foreign, "not a database, but somebody's notes\n".repeat(100)).unwrap();
    let mut other = program.bare(&["list"]);
    other.arg("--db").arg(&foreign);
    refused(&end(other).await, 1, "notes.sqlite");
    assert!(std::fs::read_to_string(&foreign).unwrap().starts_with("not a database"), "left as it was");
    let missing = program.home.path().join("absent.toml");
    let mut config = program.bare(&["list", "--config"]);
    config.arg(&missing);
    refused(&end(config).await, 1, "absent.toml");
    refused(&program.run(&["list", "--log-level", "loud"]).await, 2, "loud");
}

/// Data that was put aside, without leave to write beside it.
#[cfg(unix)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_store_that_may_not_be_written_is_read() {
    use std::os::unix::fs::PermissionsExt as _;
    let sim = sim(0.0).await;
    let program = Program::on(&sim.url());
    program.done(&["backfill", "BTC/USDT", "--last", "1h"]).await;
    let folder = program.db.parent().unwrap();
    let allow = |file: u32, of_folder: u32| {
        std::fs::set_permissions(&program.db, std::fs::Permissions::from_mode(file)).unwrap();
        std::fs::set_permissions(folder, std::fs::Permissions::from_mode(of_folder)).unwrap();
    };
    let before = std::fs::read(&program.db).unwrap();
    allow(0o400, 0o500);
    if std::fs::File::create(folder.join("probe")).is_ok() {
        println!("this user may write everywhere: only that nothing is changed is tested");
    }
    let list = program.run(&["list"]).await;
    let rest = [&["gaps"][..], &["check"], &["export", "BTC/USDT"], &["status"]];
    let mut codes = Vec::new();
    for args in rest {
        codes.push(program.run(args).await.code);
    }
    allow(0o600, 0o700);
    assert!(list.code == Some(0) && list.out.contains("BTC/USDT"), "{list:?}");
    assert_eq!(codes, [Some(0), Some(0), Some(0), Some(1)], "status: no recorder is running");
    assert_eq!(std::fs::read(&program.db).unwrap(), before, "not a byte is changed");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_answers() {
    let program = Program::offline();
    let began = std::time::Instant::now();
    let refusal = program.run(&["backfill", "BTC/USDT", "--last", "1h", "--patience", "1"]).await;
    assert_eq!((refusal.code, refusal.out.as_str()), (Some(1), ""), "{refusal:?}");
    let lines: Vec<&str> = refusal.err.lines().collect();
    let [waits, fails] = lines.as_slice() else { panic!("the first wait and the end, a line each: {}", refusal.err) };
    assert!(waits.starts_with("binance does not answer yet: 127.0.0.1:1 cannot be reached: "), "{waits}");
    assert!(waits.ends_with("; trying for 1 s more (--patience SECONDS changes that)"), "{waits}");
    assert!(fails.starts_with("error: binance does not answer (`marketdata-tui doctor` says more): 127.0.0.1:1"), "{fails}");
    assert!(began.elapsed() < Duration::from_secs(10));
    let doctor = program.run(&["doctor"]).await;
    assert_eq!(doctor.code, Some(1));
    assert!(doctor.out.contains("FAIL  binance") && doctor.out.contains("cannot be reached"), "{}", doctor.out);
    let failed: Vec<&str> = doctor.out.lines().filter(|line| line.starts_with("FAIL")).collect();
    let names: Vec<&str> = failed.iter().filter_map(|line| line.split_whitespace().nth(1)).collect();
    assert_eq!(names, ["binance", "binanceusdm", "okx", "kraken"], "a line each, in order");
    assert!(failed.iter().all(|line| line.contains("out of record.exchanges")), "{failed:?}");
    let sim = sim(0.0).await;
    let served = Program::on(&sim.url());
    let mut doctor = served.command(&["doctor"]);
    doctor.env("BINANCE_WS_URL", sim.url().replacen("http", "ws", 1)).env("KRAKEN_WS_URL", "ws://127.0.0.1:1");
    let doctor = end(doctor).await;
    let told = |expected: &str| doctor.out.lines().any(|line| line.starts_with(expected));
    assert!(told("ok    binance") && doctor.out.contains("set the machine's clock"), "{}", doctor.out);
    assert!(told("ok    streams     ws://127.0.0.1") && told("FAIL  streams     ws://127.0.0.1:1: "), "{}", doctor.out);
    assert_eq!(doctor.code, Some(1), "streams that do not open are a fault");
}

/// A host that takes what it is sent and says nothing shows no error for long: the silence itself is told.
#[tokio::test]
async fn nobody_says_a_word() {
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let program = Program::on(&format!("http://{}", silent.local_addr().unwrap()));
    let ended = program.run(&["add", "BTC/USDT", "--patience", "4"]).await;
    assert_eq!(ended.code, Some(1), "{ended:?}");
    let lines: Vec<&str> = ended.err.lines().collect();
    let [waits, fails] = lines.as_slice() else { panic!("a line each: {}", ended.err) };
    assert_eq!(
        *waits,
        "binance does not answer yet: no answer within 3 s; trying for 1 s more (--patience SECONDS changes that)"
    );
    assert_eq!(*fails, "error: binance does not answer (`marketdata-tui doctor` says more): no answer within 4 s");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_interrupted_backfill_is_gone_on_with() {
    let sim = sim(0.0).await;
    sim.set_latency(Duration::from_millis(20));
    let program = Program::on(&sim.url());
    let args = ["backfill", "BTC/USDT", "--last", "40d"];
    let mut running = program.spawn(&args);
    until("some pages", || running.is_over() || sim.request_count(KLINES) >= 8).await;
    running.signal("INT");
    let ended = running.ended().await;
    assert_eq!(ended.code, Some(130), "{ended:?}");
    assert!(ended.err.contains("interrupted; the rest stays queued"), "{}", ended.err);
    assert!(ended.out.contains(" stored, 0 explained, "), "what is there, what is left: {}", ended.out);
    let asked = sim.request_count(KLINES);
    assert!(asked < 58);
    let end = program.done(&args).await;
    assert!(end.contains("57,600 stored, 0 explained, 0 left"), "{end}");
    assert_eq!(sim.request_count(KLINES), 58, "pages under way came in before the end: none is asked for twice");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_second_process_works_through_the_recorder() {
    let sim = sim(1.0).await;
    let program = Program::on(&sim.url());
    program.done(&["add", "BTC/USDT", "--backfill", "1h"]).await;
    let recorder = program.spawn(&["record"]);
    let pid = recorder.id();
    until("the lock", || Lock::is_held(&program.db)).await;
    refused(&program.run(&["record"]).await, 1, &format!("another process ({pid}) records into"));
    let added = program.run(&["add", "ETH/USDT", "--backfill", "2h"]).await;
    assert_eq!((added.code, added.out.as_str(), added.err.as_str()), (Some(0), "recording ETH/USDT 1m\n", ""), "{added:?}");
    let of_ether = || sim.requests().iter().any(|request| request.path() == KLINES && request.param("symbol") == Some("ETHUSDT"));
    until("the recorder to take the new symbol up", of_ether).await;
    let fetched = program.run(&["backfill", "BTC/USDT", "--last", "3h"]).await;
    assert_eq!(fetched.code, Some(0), "{fetched:?}");
    assert!(fetched.err.contains(&format!("the recorder (process {pid}) fetches it")), "{fetched:?}");
    assert!(fetched.out.contains("180 stored, 0 explained, 0 left"), "{}", fetched.out);
    refused(&program.run(&["check", "--repair"]).await, 1, "a recorder is running on this store");
    let status = program.run(&["status", "--json"]).await;
    let report: Value = serde_json::from_str(&status.out).unwrap();
    assert_eq!(
        (status.code, &report["healthy"], &report["problems"]),
        (Some(0), &true.into(), &Value::Array(vec![])),
        "{report}"
    );
    let expected = [
        "exchanges",
        "healthy",
        "heartbeat",
        "ingest",
        "jobs",
        "losses",
        "perishing",
        "problems",
        "recorder",
        "series",
        "simulated",
        "store",
        "streams",
    ];
    assert_eq!(fields(&report), expected);
    assert_eq!((&report["recorder"]["pid"], &report["recorder"]["running"]), (&pid.into(), &true.into()));
    assert_eq!(report["series"]["count"], 2);
    assert!(program.done(&["status"]).await.contains("healthy"));
    assert_eq!((mode(&program.db.with_extension("sqlite-wal")), mode(&program.db.with_extension("sqlite.lock"))), (0o600, 0o600));
    recorder.signal("TERM");
    let ended = recorder.ended().await;
    assert_eq!((ended.code, ended.out.as_str()), (Some(0), ""), "{ended:?}");
    assert!(ended.err.contains("recording into") && ended.err.contains("stopping"), "{}", ended.err);
    assert!(!Lock::is_held(&program.db));
    let log = std::fs::metadata(program.db.with_extension("sqlite-wal")).map_or(0, |file| file.len());
    assert_eq!(log, 0, "the write-ahead log is folded into the file");
    assert_eq!(program.run(&["status"]).await.code, Some(1), "no recorder is running");
    let check = program.run(&["check", "--json"]).await;
    assert!(matches!(check.code, Some(0 | 3)), "sound; a minute may have closed meanwhile: {check:?}");
}

/// Who holds the lock may be a one-shot command that is after its own job alone, and may be killed.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backfill_is_taken_over_from_one_that_ends() {
    let sim = sim(0.0).await;
    sim.set_latency(Duration::from_millis(150));
    let program = Program::on(&sim.url());
    let mut first = program.spawn(&["backfill", "BTC/USDT", "--last", "60d"]);
    until("the first one's pages", || first.is_over() || sim.request_count(KLINES) >= 4).await;
    let second = program.spawn(&["backfill", "ETH/USDT", "--last", "1h"]);
    let third = program.spawn(&["backfill", "SOL/USDT", "--last", "2h"]);
    let registered = || program_series(&program.db) == 3;
    until("all three jobs", registered).await;
    assert!(!first.is_over(), "the first one still holds the lock");
    first.kill();
    sim.set_latency(Duration::ZERO);
    let (second, third) = (second.ended().await, third.ended().await);
    assert_eq!((second.code, third.code), (Some(0), Some(0)), "{second:?} {third:?}");
    assert!(second.out.contains("60 stored, 0 explained, 0 left"), "{second:?}");
    assert!(third.out.contains("120 stored, 0 explained, 0 left"), "{third:?}");
}

fn program_series(db: &std::path::Path) -> usize {
    let readers = marketdata_tui::store::Readers::open(db).unwrap();
    readers.with(marketdata_tui::store::series::all).map_or(0, |list| list.len())
}
