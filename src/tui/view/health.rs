//! An exchange's state in a few words.

use crate::domain::time::{MINUTE_MS, Time};
use crate::engine::snapshot::{BlockKind, Circuit, Health, Snapshot, StreamMood};
use crate::tui::format;
use crate::tui::zone::Zone;

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mood {
    Good,
    Fair,
    Bad,
}

/// A failure this long ago no longer counts, once an answer has come since.
const RECENT_MS: i64 = MINUTE_MS;

/// The state of an exchange.
pub(super) fn of(health: &Health, now: Time, zone: Zone) -> (Mood, String) {
    if let Some(block) = health.block.filter(|block| now < block.until) {
        let words = match block.kind {
            BlockKind::Ban => "banned",
            BlockKind::RateLimit => "rate limited",
        };
        return (Mood::Bad, format!("{words} until {}", zone.moment(block.until, now)));
    }
    match health.circuit {
        Circuit::Open { until } => return (Mood::Bad, format!("retry at {}", zone.clock(until))),
        Circuit::HalfOpen => return (Mood::Fair, "trying again".into()),
        Circuit::Closed => {}
    }
    match (health.last_ok_at, health.last_error.as_ref().map(|(at, _)| *at)) {
        (None, None) => (Mood::Fair, "connecting".into()),
        (None, Some(_)) => (Mood::Bad, "unreachable".into()),
        (Some(ok), Some(error)) if error > ok => (Mood::Bad, "unreachable".into()),
        (Some(_), Some(error)) if now.since(error) < RECENT_MS => (Mood::Fair, "degraded".into()),
        _ if health.fallback => (Mood::Fair, "live (fallback host)".into()),
        _ => (Mood::Good, "live".into()),
    }
}

/// The same, with how what is live is heard: an exchange that serves while its streams do not deliver is
/// recorded by requests alone. Where nothing is recorded there is nothing to hear.
pub(super) fn heard(health: &Health, snapshot: &Snapshot, now: Time, zone: Zone) -> (Mood, String) {
    let (mood, words) = of(health, now, zone);
    let records = snapshot.series.iter().any(|series| series.exchange == health.exchange);
    let streams = snapshot.streams.iter().any(|view| view.exchange == health.exchange && view.mood == StreamMood::Live);
    if mood == Mood::Good && records && !streams { (Mood::Fair, "REST only".into()) } else { (mood, words) }
}

/// The last error in one line, while it matters.
pub(super) fn notice(health: &Health, now: Time, zone: Zone) -> Option<String> {
    let (mood, _) = of(health, now, zone);
    match (&health.last_error, mood) {
        (Some((at, text)), Mood::Bad) => Some(format!("{}: {text} ({} ago)", health.exchange, format::age_of(*at, now))),
        _ if health.fallback => {
            Some(format!("{}: {} stands in for a host that refuses this address", health.exchange, health.host))
        }
        _ => None,
    }
}
