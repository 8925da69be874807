//! `check`: proves the store.

use super::args::Check;
use super::{Context, Exit, output};
use crate::domain::dataset::Dataset;
use crate::domain::interval::Interval;
use crate::domain::series::full_name;
use crate::store::check::{SeriesCheck, check, integrity, rebuild};
use crate::store::deep::{Comparison, compare_candles};
use crate::store::lock::{Lock, TakeLock};
use crate::store::{Priority, Store, View, series};
use anyhow::bail;
use serde_json::json;
use std::time::Duration;

/// Exit 0 when sound and complete, 3 when sound and incomplete, 1 when something is wrong.
pub async fn run(context: &Context, args: &Check) -> anyhow::Result<Exit> {
    if args.repair {
        repair(&context.existing_store()?).await?;
    }
    let store = context.view()?;
    let faults = store.readers().with(integrity)?;
    let mut checks = Vec::new();
    for series in store.readers().with(series::all)? {
        checks.push(store.readers().with(|connection| {
            let now = super::gaps::exchange_now(connection, &series, context.clock.now())?;
            // What ended a moment ago is not owed yet.
            check(connection, &series, super::gaps::due(connection, &series, now)?.to)
        })?);
    }
    let comparisons = if args.deep { compare_all(&store)? } else { Vec::new() };
    let unequal = comparisons.iter().any(|comparison| comparison.different > 0);
    if args.json {
        print_json(&faults, &checks, args.deep.then_some(&comparisons))?;
    } else {
        print_text(&faults, &checks)?;
        if args.deep {
            print_deep(&comparisons)?;
        }
    }
    let wrong = !faults.is_empty() || checks.iter().any(|check| !check.faults.is_empty());
    let owed = checks.iter().any(|check| check.series.active && check.queued > 0);
    Ok(match (wrong, owed || unequal) {
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
    store.writer().close(Duration::from_secs(5));
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
            check.series.name(),
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

/// The candles of every series of trades against those trades.
fn compare_all(store: &View) -> anyhow::Result<Vec<Comparison>> {
    let mut found = Vec::new();
    for series in store.readers().with(series::all)?.into_iter().filter(|series| series.dataset == Dataset::Trades) {
        found.extend(store.readers().with(|connection| compare_candles(connection, &series))?);
    }
    Ok(found)
}

fn print_deep(comparisons: &[Comparison]) -> anyhow::Result<()> {
    if comparisons.is_empty() {
        output::tell("no symbol is recorded with both trades and candles of 1m: nothing to compare");
    }
    for found in comparisons {
        let equal = found.compared - found.different;
        output::say(&format!(
            "{}  {} minutes compared with their trades: {} equal, {} different",
            full_name(found.trades.instrument.exchange, &found.trades.instrument.symbol, Dataset::Candles, Interval::M1),
            output::grouped(found.compared),
            output::grouped(equal),
            output::grouped(found.different)
        ))?;
        for (time, differences) in &found.told {
            let told: Vec<String> =
                differences.iter().map(|one| format!("{} {} by its trades {}", one.field, one.stored, one.folded)).collect();
            output::say(&format!("          {}  {}", time.iso(), told.join(", ")))?;
        }
        if found.different > found.told.len() as u64 {
            output::say(&format!("          and {} more", output::grouped(found.different - found.told.len() as u64)))?;
        }
    }
    Ok(())
}

fn deep_json(found: &Comparison) -> serde_json::Value {
    let minutes: Vec<_> = found
        .told
        .iter()
        .flat_map(|(time, differences)| {
            differences
                .iter()
                .map(|one| json!({ "open_time": time.iso(), "field": one.field, "stored": one.stored, "by_trades": one.folded }))
        })
        .collect();
    json!({
        "symbol": found.trades.instrument.symbol.as_str(),
        "exchange": found.trades.instrument.exchange.name(),
        "compared": found.compared,
        "different": found.different,
        "differences": minutes,
    })
}

fn print_json(faults: &[String], checks: &[SeriesCheck], deep: Option<&Vec<Comparison>>) -> anyhow::Result<()> {
    let series: Vec<_> = checks
        .iter()
        .map(|check| {
            json!({
                "symbol": check.series.instrument.symbol.as_str(),
                "exchange": check.series.instrument.exchange.name(),
                "dataset": check.series.dataset.name(),
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
    let mut report = json!({ "file_faults": faults, "series": series });
    if let Some(comparisons) = deep {
        report["trades"] = comparisons.iter().map(deep_json).collect();
    }
    output::say(&serde_json::to_string_pretty(&report)?)
}
