//! What people get wrong, and what the program makes of it: one clear line, the right exit code, and nothing lost.

use crate::support::program::{Program, end, refused};
use crate::support::time;
use marketdata_tui::sim::{SimClock, SimConfig, Simulation};
use serde_json::Value;

async fn sim() -> Simulation {
    let clock = SimClock::From { at: time("2025-07-01T12:34:10Z"), speed: 0.0 };
    Simulation::start(SimConfig { clock, ..SimConfig::default() }).await.unwrap()
}

fn exchanges(rows: &Value) -> Vec<&str> {
    rows.as_array().unwrap().iter().map(|row| row["exchange"].as_str().unwrap()).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_symbol_without_an_exchange_means_one_market() {
    let sim = sim().await;
    let program = Program::on(&sim.url());
    program.done(&["add", "BTC/USDT", "kraken:BTC/USDT", "okx:ETH/USDT", "--backfill", "1h"]).await;
    assert_eq!(exchanges(&program.json(&["gaps", "BTC/USDT"]).await), ["binance"]);
    assert_eq!(exchanges(&program.json(&["gaps", "BTC/USDT", "--exchange", "kraken"]).await), ["kraken"]);
    refused(&program.run(&["gaps", "ETH/USDT"]).await, 1, "ETH/USDT is not recorded on binance (recorded are");
    let table = program.done(&["gaps"]).await;
    assert!(table.starts_with("SYMBOL    EXCHANGE  SERIES") && table.contains("BTC/USDT  kraken"), "{table}");
    // What deletes deletes no more than was named.
    assert_eq!(program.done(&["remove", "BTC/USDT", "--purge", "--yes"]).await, "deleted BTC/USDT 1m\n");
    let stopped = program.done(&["remove", "BTC/USDT", "--exchange", "kraken"]).await;
    assert_eq!(stopped, "stopped recording kraken:BTC/USDT 1m; its data stays\n");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_exchange_that_was_left_out_can_be_removed() {
    let sim = sim().await;
    let program = Program::on(&sim.url());
    program.done(&["add", "okx:BTC/USDT", "--backfill", "0"]).await;
    std::fs::write(program.home.path().join("config.toml"), "[record]\nexchanges = \"binance\"\n").unwrap();
    refused(&program.run(&["add", "okx:ETH/USDT"]).await, 1, "record.exchanges");
    assert_eq!(program.done(&["remove", "okx:BTC/USDT"]).await, "stopped recording okx:BTC/USDT 1m; its data stays\n");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_export_never_takes_the_place_of_a_store() {
    let sim = sim().await;
    let program = Program::on(&sim.url());
    program.done(&["backfill", "BTC/USDT", "--last", "1h"]).await;
    let before = std::fs::read(&program.db).unwrap();
    let db = program.db.display().to_string();
    refused(&program.run(&["export", "BTC/USDT", "-o", &db]).await, 1, "is a database: name another file");
    assert_eq!(std::fs::read(&program.db).unwrap(), before, "not a byte is changed");
    // `-` is standard output, as everywhere.
    let out = program.done(&["export", "BTC/USDT", "-o", "-"]).await;
    assert_eq!(out.lines().count(), 61, "{out}");
    assert!(!program.home.path().join("-").exists());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_only_looks_writes_nothing() {
    let sim = sim().await;
    let program = Program::on(&sim.url());
    program.done(&["backfill", "BTC/USDT", "--last", "1h"]).await;
    let logs = program.home.path().join("config.toml/logs");
    let run = async |args: &[&str]| {
        let mut command = program.command(args);
        command.env("LOG_DIR", &logs);
        end(command).await
    };
    let looks = [
        &["list"][..],
        &["gaps"],
        &["export", "BTC/USDT"],
        &["check"],
        &["config", "show"],
        &["config", "path"],
        &["man"],
        &["completions", "bash"],
    ];
    for args in looks {
        let ended = run(args).await;
        assert_eq!(ended.code, Some(0), "{args:?}: {ended:?}");
    }
    assert!(run(&["status"]).await.out.contains("no recorder is running"));
    refused(&run(&["record"]).await, 1, "cannot write logs to");
    let doctor = run(&["doctor"]).await;
    assert!(doctor.code == Some(1) && doctor.out.contains("FAIL  logs"), "{doctor:?}");
}

#[tokio::test]
async fn a_broken_config_file_bars_no_help() {
    let program = Program::offline();
    std::fs::write(program.home.path().join("config.toml"), "[record\n").unwrap();
    refused(&program.run(&["list"]).await, 1, "config.toml:1");
    assert!(program.done(&["man"]).await.contains(".TH"));
    assert!(program.done(&["completions", "zsh"]).await.contains("compdef"));
    // For `$EDITOR "$(marketdata-tui config path)"`.
    assert!(program.done(&["config", "path"]).await.ends_with("config.toml\n"));
}

#[tokio::test]
async fn a_new_config_file_is_written_where_it_is_asked_for() {
    let program = Program::offline();
    let file = program.home.path().join("folder/new.toml");
    let mut init = program.bare(&["config", "init", "--config"]);
    init.arg(&file);
    let ended = end(init).await;
    assert_eq!((ended.code, ended.out), (Some(0), format!("wrote {}\n", file.display())), "{}", ended.err);
    assert!(std::fs::read_to_string(&file).unwrap().contains("[record]"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn wrong_usage_is_told_from_failure() {
    let sim = sim().await;
    let program = Program::on(&sim.url());
    program.done(&["backfill", "BTC/USDT", "--last", "1h"]).await;
    let wrong = async |args: &[&str], expected: &str| refused(&program.run(args).await, 2, expected);
    wrong(&["list", "--log-level", "loud"], "--log-level: `loud` is not a log level").await;
    wrong(&["list", "--patience", "0"], "--patience: `0` is not a whole number").await;
    wrong(&["add", ""], "no symbol is named: write one such as BTC/USDT").await;
    wrong(&["add", "okx:"], "no symbol is named").await;
    wrong(&["gaps", " "], "no symbol is named").await;
    wrong(&["add", "mtgox:BTC/USDT"], "`mtgox` is not an exchange").await;
    wrong(&["backfill", "BTC/USDT", "--from", "2025-07-01", "--to", "2025-06-01"], "is not before --to").await;
    wrong(&["backfill", "BTC/USDT", "--from", "2031-01-01"], "--from 2031-01-01T00:00:00Z lies in the future").await;
    wrong(&["export", "BTC/USDT", "--from", "2025-07-01", "--to", "2025-06-01"], "is not before --to").await;
    wrong(&["export", "BTC/USDT", "--dataset", "trades", "--format", "json"], "trades come as csv alone").await;
    wrong(&["export", "BTC/USDT", "--dataset", "funding", "--interval", "1h"], "funding has no candle width").await;
    wrong(&["backfill", "BTC/USDT", "--last", "1h", "--dataset", "trades", "--interval", "5m"], "no candle width").await;
    wrong(&["gaps", "--dataset", "trades", "--interval", "5m"], "no candle width").await;
    wrong(&["remove", "BTC/USDT", "--dataset", "trades", "--interval", "5m"], "no candle width").await;
    // Too short, or too old, is no question of order.
    let short = ["backfill", "BTC/USDT", "--from", "2025-06-01T00:00:10Z", "--to", "2025-06-01T00:00:50Z"];
    refused(&program.run(&short).await, 1, "no whole 1m candle lies in that range");
    // A length below nothing is a wrong length, and no unknown option.
    let negative = program.run(&["add", "BTC/USDT", "--backfill", "-1d"]).await;
    assert!(negative.code == Some(2) && negative.err.contains("`-1d` is not a length of time"), "{negative:?}");
}

#[tokio::test]
async fn what_is_no_store_is_called_by_its_name() {
    let program = Program::offline();
    let at = |name: &str| program.home.path().join(name);
    let list = async |name: &str| {
        let mut command = program.bare(&["list", "--db"]);
        command.arg(at(name));
        end(command).await
    };
    std::fs::create_dir(at("folder")).unwrap();
    refused(&list("folder").await, 1, "folder is a folder: name a file in it");
    let store = marketdata_tui::store::Store::open(&at("hurt")).unwrap();
    assert!(store.writer().close(std::time::Duration::from_secs(30)));
    drop(store);
    let mut bytes = std::fs::read(at("hurt")).unwrap();
    bytes[8_192..].fill(0xff);
    std::fs::write(at("hurt"), bytes).unwrap();
    refused(&list("hurt").await, 1, "is damaged");
    // A look at a name that is not there says where it looked.
    let absent = list("absent.sqlite").await;
    assert_eq!((absent.code, absent.out.as_str()), (Some(0), ""));
    assert!(absent.err.contains("absent.sqlite"), "{}", absent.err);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_came_from_outside_commands_no_terminal() {
    let sim = sim().await;
    let program = Program::on(&sim.url());
    refused(&program.run(&["add", "BTC\u{1b}[2J/USDT"]).await, 1, "BTC?[2J/USDT is not traded on binance");
    let long = "A".repeat(5_000);
    let ended = program.run(&["add", &long]).await;
    assert!(ended.code == Some(2) && ended.err.len() < 300, "{} bytes", ended.err.len());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn suggestions_can_be_typed() {
    let sim = sim().await;
    let program = Program::on(&sim.url());
    refused(&program.run(&["add", "kraken:BTC/USTD"]).await, 1, "did you mean kraken:BTC/USDT");
    refused(&program.run(&["add", "BTC/USTD", "--exchange", "okx"]).await, 1, "did you mean okx:BTC/USDT");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_found_is_not_nothing_missing() {
    let sim = sim().await;
    let program = Program::on(&sim.url());
    program.done(&["backfill", "BTC/USDT", "--last", "1h"]).await;
    let told = async |args: &[&str], expected: &str| {
        let ended = program.run(args).await;
        assert!(ended.code == Some(0) && ended.err.contains(expected), "{args:?}: {ended:?}");
    };
    told(&["gaps"], "no gaps: all that is wanted is stored").await;
    told(&["gaps", "--interval", "5m"], "nothing of that is recorded").await;
    told(&["gaps", "--dataset", "funding"], "nothing of that is recorded").await;
    told(&["gaps", "--losses", "--dataset", "funding"], "nothing of that is recorded").await;
    // A range that is not recorded at all is told, on standard error, whether a file is written or not.
    told(&["export", "BTC/USDT", "--from", "2025-06-01"], "nothing of before 2025-07-01T11:34:00Z is recorded").await;
    let ahead = ["export", "BTC/USDT", "--from", "2031-01-01", "--to", "2031-02-01"];
    refused(&program.run(&ahead).await, 2, "lies in the future");
    let early = ["export", "BTC/USDT", "--from", "2025-06-01", "--require-complete"];
    let ended = program.run(&early).await;
    assert!(ended.code == Some(3) && ended.out.is_empty() && ended.err.contains("incomplete"), "{ended:?}");
}

#[cfg(unix)]
#[tokio::test]
async fn a_variable_that_is_no_text_is_told() {
    use std::os::unix::ffi::OsStrExt as _;
    let program = Program::offline();
    let mut command = program.bare(&["list"]);
    command.env("DB_PATH", std::ffi::OsStr::from_bytes(b"x\xff.sqlite"));
    refused(&end(command).await, 1, "environment variable DB_PATH");
}

#[tokio::test]
async fn nothing_is_begun_where_no_screen_can_be_shown() {
    let program = Program::offline();
    for args in [&[][..], &["demo"]] {
        refused(&program.run(args).await, 1, "no terminal");
        assert!(!program.db.exists(), "{args:?} made a store");
    }
}

#[tokio::test]
async fn an_error_says_everything_once() {
    let program = Program::offline();
    let full = std::path::Path::new("/dev/full");
    if !full.exists() {
        return println!("there is no /dev/full: skipped");
    }
    let mut child = program.command(&["man"]);
    child.stdout(std::fs::File::options().write(true).open(full).unwrap()).stderr(std::process::Stdio::piped());
    let ended = tokio::task::spawn_blocking(move || child.output().unwrap()).await.unwrap();
    let err = String::from_utf8(ended.stderr).unwrap();
    assert!(ended.status.code() == Some(1) && err.starts_with("error: cannot write to standard output: "), "{err}");
    assert_eq!(err.matches("No space left").count(), 1, "{err}");
}

/// The manual names every subcommand with its own options, and no page that does not exist.
#[tokio::test]
async fn the_manual_is_whole() {
    let manual = Program::offline().done(&["man"]).await;
    for word in ["\\-\\-require\\-complete", "\\-\\-losses", "\\-\\-purge", "\\-\\-backfill", "EXIT STATUS", "BINANCE_REST_URL"] {
        assert!(manual.contains(word), "{word}");
    }
    assert!(!manual.contains("marketdata\\-tui\\-add(1)"), "there is one page");
}
