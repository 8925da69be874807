//! `check`: proves the store.

use super::args::Check;
use super::{Context, Exit, output};
use crate::store::check::{SeriesCheck, check, integrity, rebuild};
use crate::store::lock::{Lock, TakeLock};
use crate::store::{Priority, Store, series};
use anyhow::bail;
use serde_json::json;
use std::time::Duration;

/// Exit 0 when sound and complete, 3 when sound and incomplete, 1 when something is wrong.
pub async fn run(context: &Context, args: &Check) -> anyhow::Result<Exit> {
    let store = context.existing_store()?;
    if args.repair {
        repair(&store).await?;
    }
    let faults = store.readers().with(integrity)?;
    let mut checks = Vec::new();
    for series in store.readers().with(series::all)? {
        checks.push(store.readers().with(|connection| {
            let now = super::gaps::exchange_now(connection, &series, context.clock.now())?;
            check(connection, &series, now)
        })?);
    }
    if args.json {
        print_json(&faults, &checks)?;
    } else {
        print_text(&faults, &checks)?;
    }
    store.writer().close(Duration::from_secs(5));
    let wrong = !faults.is_empty() || checks.iter().any(|check| !check.faults.is_empty());
    let owed = checks.iter().any(|check| check.series.active && check.queued > 0);
    Ok(match (wrong, owed) {
        (true, _) => Exit::Failed,
        (false, true) => Exit::Incomplete,
        (false, false) => Exit::Done,
    })
}

async fn repair(store: &Store) -> anyhow::Result<()> {
    let TakeLock::Taken(_lock) = Lock::take(store.path())? else {
        bail!("a recorder is running on this store: stop it before --repair");
    };
    store.writer().run(Priority::Live, rebuild).await?;
    output::tell("coverage and rollups were written anew from the candles");
    Ok(())
}

fn print_text(faults: &[String], checks: &[SeriesCheck]) -> anyhow::Result<()> {
    output::say(if faults.is_empty() { "file      sound" } else { "file      DAMAGED" })?;
    for fault in faults {
        output::say(&format!("          {fault}"))?;
    }
    for check in checks {
        let state = if !check.faults.is_empty() {
            "WRONG"
        } else if check.queued > 0 {
            "incomplete"
        } else {
            "complete"
        };
        output::say(&format!(
            "{}  {state}: {} wanted = {} stored + {} explained + {} queued",
            output::name(&check.series),
            output::grouped(check.wanted_candles),
            output::grouped(check.stored),
            output::grouped(check.explained),
            output::grouped(check.queued)
        ))?;
        for fault in &check.faults {
            output::say(&format!("          {fault}"))?;
        }
    }
    if checks.iter().any(|check| !check.faults.is_empty()) {
        output::tell("`marketdata-tui check --repair` writes coverage and rollups anew from the candles");
    }
    Ok(())
}

fn print_json(faults: &[String], checks: &[SeriesCheck]) -> anyhow::Result<()> {
    let series: Vec<_> = checks
        .iter()
        .map(|check| {
            json!({
                "symbol": check.series.instrument.symbol.as_str(),
                "exchange": check.series.instrument.exchange.name(),
                "interval": check.series.interval.name(),
                "active": check.series.active,
                "wanted_from": check.wanted.from.iso(),
                "wanted_to": check.wanted.to.iso(),
                "wanted": check.wanted_candles,
                "stored": check.stored,
                "explained": check.explained,
                "queued": check.queued,
                "faults": check.faults,
            })
        })
        .collect();
    output::say(&serde_json::to_string_pretty(&json!({ "file_faults": faults, "series": series }))?)
}
