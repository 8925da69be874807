//! Each fault as a client sees it.

use super::wire::{Answer, NOW, answer, candle, config, faulty, get, opens, raw, start, time};
use marketdata_tui::domain::price::parse_decimal;
use marketdata_tui::domain::time::Time;
use marketdata_tui::sim::{Fault, FaultRule, SimConfig, Simulation, When};
use serde_json::Value;
use std::io::{ErrorKind, Read as _};
use std::time::Duration;
use tokio::time::timeout;

#[tokio::test]
async fn every_fault_is_seen() {
    let target = "/api/v3/klines?symbol=BTCUSDT&interval=1m&startTime=1751328000000&limit=20";
    let good = get(&start().await, target).await;
    for fault in Fault::ALL {
        // Sizes and times that a test can wait for.
        let fault = match fault {
            Fault::HugeBody { .. } => Fault::HugeBody { bytes: 1_000_000 },
            Fault::Latency { .. } => Fault::Latency { ms: 60 },
            Fault::SlowDrip { .. } => Fault::SlowDrip { bytes: 400, ms: 5 },
            fault => fault,
        };
        let sim = faulty(FaultRule::always(fault)).await;
        let before = std::time::Instant::now();
        let patience = if fault == Fault::Stall { Duration::from_millis(150) } else { Duration::from_secs(10) };
        let path = if matches!(fault, Fault::ClockSkew { .. }) { "/api/v3/time" } else { target };
        let got = timeout(patience, raw(&sim, path)).await;
        assert_eq!(sim.requests().last().unwrap().fault.as_deref(), Some(fault.to_string().as_str()));
        let Ok(got) = got else {
            assert_eq!(fault, Fault::Stall);
            continue;
        };
        match fault {
            Fault::Close => assert_eq!(got.unwrap(), b""),
            Fault::NotHttp => assert!(!got.unwrap().starts_with(b"HTTP")),
            Fault::Reset | Fault::ResetBody => assert_eq!(got.unwrap_err().kind(), ErrorKind::ConnectionReset),
            _ => seen(fault, &answer(&got.unwrap()), &good, before.elapsed()),
        }
    }
}

/// Holds one struck answer against the good one.
fn seen(fault: Fault, bad: &Answer, good: &Answer, elapsed: Duration) {
    let length: usize = bad.header("content-length").unwrap().parse().unwrap();
    let sent = bad.body.len();
    let rows = || bad.rows();
    let differing = || rows().iter().zip(good.rows()).filter(|(bad, good)| *bad != good).count();
    match fault {
        Fault::Latency { ms } => assert!(elapsed >= Duration::from_millis(ms) && bad.body == good.body),
        Fault::TooManyRequests { .. } => assert_eq!((bad.status, bad.header("retry-after")), (429, Some("1"))),
        Fault::Banned { .. } => {
            assert_eq!((bad.status, bad.header("retry-after")), (418, Some("120")));
            assert!(bad.json()["msg"].as_str().unwrap().contains("IP banned until 1751373390000."));
        }
        Fault::Firewall => assert!(bad.status == 403 && bad.header("content-type") == Some("text/html")),
        Fault::Restricted => assert_eq!((bad.status, &bad.json()["code"]), (451, &0.into())),
        Fault::ServerError { status } => assert_eq!(bad.status, status),
        Fault::Html => assert!(bad.status == 200 && bad.body.starts_with(b"<html>")),
        Fault::TruncatedJson => {
            assert_eq!(length, sent);
            assert!(serde_json::from_slice::<Value>(&bad.body).is_err());
        }
        Fault::CutBody => assert!(sent < length && good.body.starts_with(&bad.body)),
        Fault::WrongLength => assert!(length < sent && bad.body == good.body),
        Fault::SlowDrip { .. } => assert!(elapsed > Duration::from_millis(20) && bad.body == good.body),
        Fault::HugeBody { bytes } => assert_eq!((sent, length), (bytes as usize, bytes as usize)),
        Fault::BadGzip => {
            assert_eq!(bad.header("content-encoding"), Some("gzip"));
            assert!(flate2::read::GzDecoder::new(bad.body.as_slice()).read_to_end(&mut Vec::new()).is_err());
        }
        Fault::Empty => assert_eq!(bad.body, b"[]"),
        Fault::DuplicateRows => assert!(rows().len() == 21 && rows().windows(2).any(|pair| pair[0] == pair[1])),
        Fault::ConflictingDuplicate => {
            assert!(rows().windows(2).any(|pair| pair[0][0] == pair[1][0] && pair[0][4] != pair[1][4]));
            assert!(rows().iter().all(|row| candle(row).check().is_ok()));
        }
        Fault::Reordered => assert!(opens(bad).is_sorted_by(|a, b| a > b)),
        Fault::DroppedRows => assert_eq!(rows().len(), 19),
        Fault::ShiftedRows { ms } => assert_eq!(opens(bad)[0], opens(good)[0] + ms.unwrap_or(60_000)),
        Fault::OffGrid => assert_eq!(opens(bad).iter().filter(|open| *open % 60_000 != 0).count(), 1),
        Fault::NullCells => assert!(rows()[10][4].is_null() && differing() == 1),
        Fault::NegativePrice => assert!(rows()[10][3].as_str().unwrap().starts_with('-') && differing() == 1),
        Fault::InvertedHighLow => assert!(candle(&rows()[10]).check().is_err() && differing() == 1),
        Fault::OverflowingNumber => assert!(parse_decimal(rows()[10][5].as_str().unwrap()).is_err()),
        Fault::RevisedRow => assert!(candle(&rows()[10]).check().is_ok() && differing() == 1),
        Fault::ClockSkew { ms } => assert_eq!(bad.json()["serverTime"], time(NOW).ms() + ms),
        Fault::ResetBody | Fault::Reset | Fault::Close | Fault::NotHttp | Fault::Stall | Fault::Socket(_) => {
            panic!("{fault} sends no whole answer")
        }
    }
}

#[tokio::test]
async fn rules_strike_when_they_say() {
    let at = Time::from_ms(1_751_328_300_000);
    let sim = faulty(FaultRule::always(Fault::DroppedRows).when(When::At(at)).times(1)).await;
    let page = async |start: i64| {
        let target = format!("/api/v3/klines?symbol=BTCUSDT&interval=1m&startTime={start}&limit=5");
        opens(&get(&sim, &target).await)
    };
    assert_eq!(page(at.ms() - 600_000).await.len(), 5, "does not hold the time");
    let struck = page(at.ms() - 60_000).await;
    assert!(struck.len() == 4 && !struck.contains(&at.ms()));
    assert_eq!(page(at.ms() - 60_000).await.len(), 5, "only once");
    sim.set_faults(vec!["503 every 2".parse().unwrap()]);
    let mut statuses = Vec::new();
    for _ in 0..4 {
        statuses.push(get(&sim, "/api/v3/klines?symbol=BTCUSDT&interval=1m&limit=1").await.status);
    }
    assert_eq!(statuses, [200, 503, 200, 503]);
}

#[tokio::test]
async fn the_log_file_is_written_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("requests.jsonl");
    let faults = vec!["429 retry-after=2 first 1".parse().unwrap()];
    let sim = Simulation::start(SimConfig { log_file: Some(file.clone()), faults, ..config() }).await.unwrap();
    for _ in 0..2 {
        get(&sim, "/api/v3/klines?symbol=BTCUSDT&interval=1m&limit=1").await;
    }
    let lines: Vec<Value> =
        std::fs::read_to_string(file).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!((&lines[0]["status"], &lines[0]["fault"]), (&429.into(), &"429 retry-after=2".into()));
    assert_eq!((&lines[1]["status"], &lines[1]["fault"], &lines[1]["used_weight"]), (&200.into(), &Value::Null, &4.into()));
}
