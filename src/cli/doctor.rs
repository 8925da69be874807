//! `doctor`: is everything there that the app needs?

mod terminal;

use super::{Context, Exit, output};
use crate::domain::instrument::ExchangeId;
use crate::exchange::error::ExchangeError;
use crate::store::Store;

/// A clock that is off by more than this is worth a word: the exchange's own is used either way.
const CLOCK_OFF_MS: i64 = 2_000;

/// Prints what was found; exit 1 where something is wrong.
pub async fn run(context: &Context) -> anyhow::Result<Exit> {
    let mut sound = true;
    for (name, text) in terminal::lines(context.color) {
        line(true, name, &text)?;
    }
    let (file, exists) = &context.settings.file;
    line(true, "config", &format!("{}{}", file.display(), if *exists { "" } else { " (not there: defaults hold)" }))?;
    line(true, "logs", &context.settings.log.dir.display().to_string())?;
    sound &= store(context)?;
    for id in context.settings.exchanges.iter().copied() {
        sound &= exchange(context, id).await?;
    }
    Ok(if sound { Exit::Done } else { Exit::Failed })
}

fn store(context: &Context) -> anyhow::Result<bool> {
    let path = &context.settings.db_path;
    if !path.exists() {
        line(true, "store", &format!("{} (not there yet: the first `add` creates it)", path.display()))?;
        return Ok(true);
    }
    match Store::open(path) {
        Ok(store) => line(true, "store", &format!("{}, {:.1} MB", path.display(), store.bytes() as f64 / 1e6))?,
        Err(error) => {
            line(false, "store", &error.to_string())?;
            return Ok(false);
        }
    }
    Ok(true)
}

async fn exchange(context: &Context, id: ExchangeId) -> anyhow::Result<bool> {
    let exchange = context.connect(id)?;
    let found = exchange.sync_clock().await;
    let health = exchange.health();
    let name = id.name();
    match found {
        Ok(_) => {
            let stands_in =
                if health.fallback { "; the main host refuses this address (HTTP 403 or 451), this one stands in" } else { "" };
            let latency = health.latency_p50_ms.map_or_else(String::new, |ms| format!(" in {ms} ms"));
            line(true, name, &format!("{} answers{latency}{stands_in}", health.host))?;
            let offset = health.clock_offset_ms.unwrap_or(0);
            let note = if offset.abs() > CLOCK_OFF_MS {
                " (set the machine's clock; until then the exchange's own is used)"
            } else {
                ""
            };
            line(true, "clock", &format!("{offset:+} ms to {name}{note}"))?;
            Ok(true)
        }
        Err(error) => {
            let advice = match &error {
                ExchangeError::Blocked { status: 451, .. } => ": the exchange does not serve this region",
                ExchangeError::Blocked { .. } => ": a firewall refuses this address; wait, or use another network",
                ExchangeError::Unreachable { .. } | ExchangeError::Timeout { .. } => {
                    ": is the network up? a proxy is taken from HTTPS_PROXY or ALL_PROXY"
                }
                _ => "",
            };
            line(false, name, &format!("{error}{advice}"))?;
            Ok(false)
        }
    }
}

fn line(sound: bool, name: &str, text: &str) -> anyhow::Result<()> {
    output::say(&format!("{}  {name:<9} {text}", if sound { "ok  " } else { "FAIL" }))
}
