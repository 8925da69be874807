//! Silence of a single subscription on a socket that lives: a quiet market, or a feed that is dead.
//! One request tells.

use super::{FRESH, Live, carried, losses, say};
use crate::domain::candle::Candle;
use crate::domain::dataset::Dataset;
use crate::domain::price::Decimal;
use crate::domain::series::Series;
use crate::engine::core::Core;
use crate::engine::forming;
use crate::engine::snapshot::LogLevel;
use crate::exchange::port::Exchange;
use crate::exchange::socket::Cause;
use crate::exchange::stream::Subscription;
use std::sync::Arc;
use std::time::Duration;

/// Between two looks for silence.
const EVERY: Duration = Duration::from_secs(5);

/// What was never heard is unheard since so long: it would not have been suspicious before.
const UNHEARD_MS: i64 = 30_000;

/// What the stream may be behind a request.
const BEHIND: Duration = Duration::from_secs(5);

/// Looks for suspicious silence, one subscription at a time, for ever.
pub(super) async fn run(core: &Core, exchange: &Arc<dyn Exchange>, live: &Live) {
    loop {
        tokio::time::sleep(EVERY).await;
        let wanted = live.wanted();
        // A socket that is down says so itself.
        let suspects: Vec<(Subscription, Series)> = live
            .outlet()
            .suspicious(&wanted)
            .into_iter()
            .filter_map(|one| Some((one.clone(), carried(core, one)?)))
            .filter(|(_, series)| series.dataset == Dataset::Candles && !live.ledger().is_open(series.id))
            .collect();
        let Some((suspect, series)) = suspects.into_iter().next() else { continue };
        match judge(core, exchange, live, &suspect, &series).await {
            Some(true) => dead(core, exchange, live, &suspect, &series).await,
            // Not to be asked again at once where the request failed either.
            Some(false) | None => live.outlet().found_quiet(&suspect),
        }
    }
}

/// Whether the market has moved on without the stream; `None` where that cannot be told now.
async fn judge(core: &Core, exchange: &Arc<dyn Exchange>, live: &Live, suspect: &Subscription, series: &Series) -> Option<bool> {
    let told = live.outlet().told(&suspect.instrument, suspect.topic);
    let silent = live.outlet().age(&suspect.instrument, suspect.topic);
    let first = forming::look(core, exchange, series).await.ok()?;
    if told.is_some() && !has_moved(told, first) {
        return Some(false);
    }
    // What was traded a moment ago may still be on its way.
    tokio::time::sleep(BEHIND).await;
    let is_heard = match (live.outlet().age(&suspect.instrument, suspect.topic), silent) {
        (Some(now), Some(then)) => now < then,
        (now, _) => now.is_some(),
    };
    if is_heard {
        return Some(false);
    }
    if told.is_some() {
        return Some(true);
    }
    Some(has_moved(first, forming::look(core, exchange, series).await.ok()?))
}

/// Whether something was traded from one look at the newest candle to a later one.
fn has_moved(before: Option<Candle>, after: Option<Candle>) -> bool {
    match (before, after) {
        (Some(before), Some(after)) if before.open_time >= after.open_time => {
            before.open_time == after.open_time && before.volume != after.volume
        }
        (_, Some(after)) => after.volume > Decimal::ZERO,
        (_, None) => false,
    }
}

/// The market trades and the stream does not tell. Where nothing else on its socket is heard either, it is
/// the socket that is dead, and all of it is unheard.
async fn dead(core: &Core, exchange: &Arc<dyn Exchange>, live: &Live, suspect: &Subscription, series: &Series) {
    let (id, now) = (exchange.id(), core.clock.now());
    let age = |one: &Subscription| live.outlet().age(&one.instrument, one.topic);
    let told = age(suspect).map_or_else(|| "never heard".to_owned(), |age| format!("silent for {} s", age.as_secs()));
    let detail = format!("{told} while the market trades");
    let beside = live.sockets.beside(suspect);
    let is_all = beside.iter().all(|one| age(one).is_none_or(|age| age >= FRESH));
    // One new socket is for all of them: who stays silent on it is looked into later, and ever more rarely.
    for one in live.outlet().suspicious(&beside) {
        live.outlet().found_quiet(one);
    }
    let unheard = if is_all { beside } else { vec![suspect.clone()] };
    for one in &unheard {
        let silent_ms = age(one).map_or(UNHEARD_MS, |age| i64::try_from(age.as_millis()).unwrap_or(0));
        let from = now.plus_ms(-silent_ms);
        losses::lost(core, id, live, std::slice::from_ref(one), Cause::Silent, &detail, from, Some(now)).await;
    }
    let what = if is_all { "nothing comes on its socket, which is replaced" } else { "its socket is replaced" };
    say(core, LogLevel::Warn, format!("{id} {}: {detail}: {what}", series.name())).await;
    live.sockets.renew(suspect);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::candle::tests::candle;

    #[test]
    fn a_market_has_moved_where_more_was_traded() {
        let at = |minute: i64, volume: &str| Some(candle(minute * 60_000, ["2", "3", "1", "2", volume]));
        let check = |before, after, expected: bool| assert_eq!(has_moved(before, after), expected, "{before:?} {after:?}");
        check(at(5, "1"), at(5, "1"), false);
        check(at(5, "1"), at(5, "2"), true);
        check(at(5, "1"), at(6, "0"), false);
        check(at(5, "1"), at(6, "1"), true);
        check(at(6, "1"), at(5, "2"), false);
        check(at(5, "1"), None, false);
        check(None, at(5, "1"), true);
    }
}
