//! Frames into what they say; the same for spot and USD-M, whose frames differ in nothing that is read
//! here. Pure.

use super::wire::{Event, Frame, KlineEvent, MarkPrice, MiniTicker};
use crate::domain::funding::FundingForecast;
use crate::domain::instrument::Instrument;
use crate::domain::interval::Interval;
use crate::domain::price::{Decimal, parse_decimal};
use crate::domain::ticker::Ticker;
use crate::domain::time::Time;
use crate::exchange::binance::parse;
use crate::exchange::binance::wire::Kline;
use crate::exchange::payload::part;
use crate::exchange::stream::{BadFrame, Heard, Roster, StreamEvent};
use crate::exchange::text::cut;
use serde::Deserialize;
use serde_json::value::RawValue;
use std::sync::Arc;

/// Characters of a bad frame that are kept.
const EXCERPT_CHARS: usize = 300;
/// USD-M's own number among the markets that share its sockets.
const USD_MARGINED: i64 = 1;

/// What a frame says, bare or wrapped. Event types that are not read, instruments that are not on the
/// roster and contracts of other markets say nothing.
pub(in crate::exchange) fn read(text: &str, roster: &Roster) -> Result<Vec<Heard>, BadFrame> {
    let heard = frame(text, roster).map_err(|what| BadFrame { what: cut(&what, 200), excerpt: cut(text, EXCERPT_CHARS) })?;
    Ok(heard.into_iter().collect())
}

fn frame(text: &str, roster: &Roster) -> Result<Option<Heard>, String> {
    let frame: Frame<'_> = object(text)?;
    match frame {
        Frame { data: Some(data), .. } => event(data.get(), roster),
        Frame { e: Some(_), .. } => event(text, roster),
        Frame { error: Some(failure), id, .. } => Ok(Some(refused(id, failure.code, &failure.msg))),
        Frame { code: Some(code), msg: Some(msg), id, .. } => Ok(Some(refused(id, code, &msg))),
        Frame { id: Some(_), .. } => Ok(Some(Heard { at: None, event: StreamEvent::Acknowledged })),
        _ => Ok(None),
    }
}

/// A refusal names no symbol: the number of the message is all that it tells.
fn refused(id: Option<&RawValue>, code: i64, msg: &str) -> Heard {
    let id = id.and_then(|id| id.get().parse().ok());
    Heard { at: None, event: StreamEvent::Refused { name: None, id, reason: format!("{} ({code})", cut(msg, 200)) } }
}

fn event(text: &str, roster: &Roster) -> Result<Option<Heard>, String> {
    // Streams of the whole market come as lists; none of them is subscribed to.
    if text.starts_with('[') {
        return Ok(None);
    }
    let head: Event<'_> = object(text)?;
    let at = head.at.map(Time::from_ms);
    let say = |event: StreamEvent| Some(Heard { at, event });
    if head.e.as_deref() == Some("serverShutdown") {
        return Ok(say(StreamEvent::Leaving));
    }
    if head.st.is_some_and(|market| market != USD_MARGINED) {
        return Ok(None);
    }
    let Some(instrument) = head.s.as_deref().and_then(|name| roster.get(name)) else { return Ok(None) };
    let event = match head.e.as_deref() {
        Some("kline") => candle(text, instrument)?,
        Some("aggTrade") => Some(trade(text, instrument)?),
        Some("24hrMiniTicker") => Some(ticker(text, instrument, at.ok_or("a ticker without its time")?)?),
        Some("markPriceUpdate") => forecast(text, instrument)?,
        _ => None,
    };
    Ok(event.and_then(say))
}

fn candle(text: &str, instrument: &Arc<Instrument>) -> Result<Option<StreamEvent>, String> {
    let KlineEvent { k } = object(text)?;
    // Seconds, months and what else is not recorded.
    let Ok(interval) = k.i.parse::<Interval>() else { return Ok(None) };
    let row = Kline(k.t, k.o, k.h, k.l, k.c, k.v, k.close_time, k.q, k.n, k.taker_base, k.taker_quote, "0");
    let candle = parse::candle(&row, interval)?;
    candle.check().map_err(|error| error.to_string())?;
    if !interval.is_aligned(candle.open_time) {
        return Err(format!("open time is off the {interval} grid"));
    }
    Ok(Some(StreamEvent::Candle { instrument: Arc::clone(instrument), interval, candle, closed: k.x }))
}

fn trade(text: &str, instrument: &Arc<Instrument>) -> Result<StreamEvent, String> {
    let trade = parse::trade(&object(text)?)?;
    Ok(StreamEvent::Trade { instrument: Arc::clone(instrument), trade })
}

fn ticker(text: &str, instrument: &Arc<Instrument>, at: Time) -> Result<StreamEvent, String> {
    let wire: MiniTicker<'_> = object(text)?;
    let ticker = Ticker {
        native: instrument.native.clone(),
        last: decimal(wire.c)?,
        open_24h: Some(decimal(wire.o)?),
        high_24h: decimal(wire.h)?,
        low_24h: decimal(wire.l)?,
        volume_24h: decimal(wire.v)?,
        quote_volume_24h: Some(decimal(wire.q)?),
        mean_24h: None,
        trades_24h: None,
        at,
    };
    Ok(StreamEvent::Ticker { instrument: Arc::clone(instrument), ticker })
}

/// Contracts with an end have no funding, and say so by an empty rate and the time 0.
fn forecast(text: &str, instrument: &Arc<Instrument>) -> Result<Option<StreamEvent>, String> {
    let wire: MarkPrice<'_> = object(text)?;
    if wire.r.is_empty() || wire.next <= 0 {
        return Ok(None);
    }
    let forecast = FundingForecast {
        rate: decimal(wire.r)?,
        next_at: Time::from_ms(wire.next),
        interval_ms: None,
        mark_price: Some(decimal(wire.p)?),
    };
    Ok(Some(StreamEvent::Funding { instrument: Arc::clone(instrument), forecast }))
}

fn decimal(text: &str) -> Result<Decimal, String> {
    parse_decimal(text).map_err(|error| error.to_string())
}

/// serde takes a list for an object whose fields it names in order; Binance never means that.
fn object<'a, T: Deserialize<'a>>(text: &'a str) -> Result<T, String> {
    if !text.trim_ascii_start().starts_with('{') {
        return Err("not an object".into());
    }
    part(text)
}
