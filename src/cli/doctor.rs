//! `doctor`: is everything there that the app needs?

mod terminal;

use super::{Context, Exit, output};
use crate::domain::instrument::ExchangeId;
use crate::exchange::error::ExchangeError;
use crate::exchange::socket::connect::{Dial as _, Dialer};
use crate::exchange::socket::proxy::Proxies;
use crate::exchange::stream::Protocol;
use crate::store::View;
use std::time::Duration;

/// A clock that is off by more than this is worth a word: the exchange's own is used either way.
const CLOCK_OFF_MS: i64 = 2_000;

/// How long a socket may take to open.
const HANDSHAKE: Duration = Duration::from_secs(10);

/// Nothing is read of the sockets.
const MOST_FRAME: usize = 1 << 20;

/// Prints what was found; exit 1 where something is wrong.
pub async fn run(context: &Context) -> anyhow::Result<Exit> {
    let mut sound = true;
    for (name, text) in terminal::lines(context.color) {
        // As it is: these samples are there to be painted by the terminal.
        output::put(format!("{}\n", report_line(true, name, &text)).as_bytes())?;
    }
    let (file, exists) = &context.settings.file;
    line(true, "config", &format!("{}{}", file.display(), if *exists { "" } else { " (not there: defaults hold)" }))?;
    let logs = context.settings.log.dir.display().to_string();
    line(context.log_fault.is_none(), "logs", context.log_fault.as_deref().unwrap_or(&logs))?;
    sound &= context.log_fault.is_none() & store(context)?;
    if let Some(proxy) = Proxies::read(|name| std::env::var(name).ok()).told() {
        sound &= proxy.is_ok();
        line(proxy.is_ok(), "proxy", &proxy.unwrap_or_else(|problem| problem))?;
    }
    // All at once, told in order: a silent one costs its own time and no more.
    let asked = context.settings.exchanges.iter().map(|id| exchange(context, *id));
    for (is_good, name, text) in futures_util::future::join_all(asked).await.into_iter().flatten() {
        sound &= is_good;
        line(is_good, name, &text)?;
    }
    Ok(if sound { Exit::Done } else { Exit::Failed })
}

fn store(context: &Context) -> anyhow::Result<bool> {
    let path = &context.settings.db_path;
    if !path.exists() {
        line(true, "store", &format!("{} (not there yet: the first `add` creates it)", path.display()))?;
        return Ok(true);
    }
    match View::open(path) {
        Ok(store) => line(true, "store", &format!("{}, {:.1} MB", path.display(), store.bytes() as f64 / 1e6))?,
        Err(error) => {
            line(false, "store", &error.to_string())?;
            return Ok(false);
        }
    }
    Ok(true)
}

/// A line of the report: whether it is good news, of what, and which.
type Line = (bool, &'static str, String);

/// Whether an exchange answers, how far the clock is off from its own, and whether its streams open.
async fn exchange(context: &Context, id: ExchangeId) -> Vec<Line> {
    let name = id.name();
    let leave_out = format!("or leave {name} out of record.exchanges");
    let client = match context.connect(id) {
        Ok(client) => client,
        Err(error) => return vec![(false, name, format!("{error:#}"))],
    };
    if let Err(error) = client.sync_clock().await {
        return vec![(false, name, format!("{error}: {} {leave_out}", advice(id, &error)))];
    }
    let health = client.health();
    let stands_in =
        if health.fallback { "; the main host refuses this address (HTTP 403 or 451), this one stands in" } else { "" };
    let latency = health.latency_p50_ms.map_or_else(String::new, |ms| format!(" in {ms} ms"));
    let offset = health.clock_offset_ms.unwrap_or(0);
    let note = if offset.abs() > CLOCK_OFF_MS { " (set the machine's clock; until then the exchange's own is used)" } else { "" };
    let mut lines = vec![
        (true, name, format!("{} answers{latency}{stands_in}", health.host)),
        (true, "clock", format!("{offset:+} ms to {name}{note}")),
    ];
    if let Some(protocol) = client.protocol().filter(|_| context.settings.streams) {
        lines.push(match open_streams(&*protocol).await {
            Ok(()) => (true, "streams", format!("{} opens", protocol.base_url())),
            Err(error) => {
                let advice = "without them everything comes by requests alone; record.streams = false does so by choice";
                (false, "streams", format!("{}: {error}: {advice}", protocol.base_url()))
            }
        });
    }
    lines
}

/// What to do about an exchange that does not serve us; `or leave it out` goes on from there.
fn advice(id: ExchangeId, error: &ExchangeError) -> &'static str {
    match error {
        ExchangeError::Blocked { status: 451, .. } if id == ExchangeId::Okx => {
            "okx.rest_url can name the host of another region (https://eea.okx.com, https://us.okx.com): set it,"
        }
        ExchangeError::Blocked { status: 451, .. } => "it does not serve this region: use another network,",
        ExchangeError::Blocked { .. } => "a firewall refuses this address: wait, use another network,",
        ExchangeError::Unreachable { .. } | ExchangeError::Timeout { .. } => {
            "is the network up? a proxy is taken from HTTPS_PROXY or ALL_PROXY; try again,"
        }
        ExchangeError::Malformed { .. } => "does a login page or a proxy stand in between? try again,",
        ExchangeError::RateLimited { .. } | ExchangeError::Banned { .. } => "wait until then,",
        _ => "try again,",
    }
}

/// Opens a socket on each path, and closes it.
async fn open_streams(protocol: &dyn Protocol) -> Result<(), String> {
    let dialer = Dialer::new(|name| std::env::var(name).ok(), MOST_FRAME);
    for path in protocol.paths() {
        let opened = tokio::time::timeout(HANDSHAKE, dialer.dial(format!("{}{path}", protocol.base_url()))).await;
        opened.map_err(|_| format!("no handshake within {} s", HANDSHAKE.as_secs()))??;
    }
    Ok(())
}

fn line(sound: bool, name: &str, text: &str) -> anyhow::Result<()> {
    output::say(&report_line(sound, name, text))
}

fn report_line(sound: bool, name: &str, text: &str) -> String {
    format!("{}  {name:<11} {text}", if sound { "ok  " } else { "FAIL" })
}
