//! JSON lines: one object a line, with the names of the CSV columns.
//!
//! Decimals are strings, as exchanges send them: a JSON number is read as a float by nearly every
//! reader, and would lose digits there. `trade_count` is a number; what an exchange does not give
//! is `null`. `open_time` is a string as ISO time and a number otherwise.

use super::time_form::{TimeForm, TimeWriter, integer};
use super::{BUFFER_BYTES, COLUMNS, CandleWriter, ExportError, ROW_BYTES};
use crate::domain::candle::Candle;
use crate::domain::price::{Decimal, write_trimmed};
use std::io::Write;

/// Writes JSON lines.
#[derive(Debug)]
pub struct JsonWriter<W: Write> {
    out: W,
    buffer: Vec<u8>,
    time: TimeWriter,
}

impl<W: Write> JsonWriter<W> {
    /// A writer with nothing written yet.
    pub fn new(out: W, time: TimeForm) -> Self {
        Self { out, buffer: Vec::with_capacity(BUFFER_BYTES + ROW_BYTES), time: TimeWriter::new(time) }
    }

    fn row(&mut self, candle: &Candle) {
        let out = &mut self.buffer;
        let [open_time, open, high, low, close, volume, quote_volume, trade_count, taker_volume, taker_quote] = COLUMNS;
        out.push(b'{');
        name(open_time, out);
        let quote: &[u8] = if self.time.is_number() { b"" } else { b"\"" };
        out.extend_from_slice(quote);
        self.time.write(candle.open_time, out);
        out.extend_from_slice(quote);
        decimal(open, Some(candle.open), out);
        decimal(high, Some(candle.high), out);
        decimal(low, Some(candle.low), out);
        decimal(close, Some(candle.close), out);
        decimal(volume, Some(candle.volume), out);
        decimal(quote_volume, candle.quote_volume, out);
        out.push(b',');
        name(trade_count, out);
        match candle.trade_count {
            Some(count) => integer(count, out),
            None => out.extend_from_slice(b"null"),
        }
        decimal(taker_volume, candle.taker_buy_volume, out);
        decimal(taker_quote, candle.taker_buy_quote_volume, out);
        out.extend_from_slice(b"}\n");
    }
}

impl<W: Write> CandleWriter for JsonWriter<W> {
    fn write(&mut self, candles: &[Candle]) -> Result<(), ExportError> {
        for candle in candles {
            self.row(candle);
            if self.buffer.len() >= BUFFER_BYTES {
                self.out.write_all(&self.buffer)?;
                self.buffer.clear();
            }
        }
        Ok(())
    }

    fn finish(mut self: Box<Self>) -> Result<(), ExportError> {
        self.out.write_all(&self.buffer)?;
        Ok(self.out.flush()?)
    }
}

fn name(column: &str, out: &mut Vec<u8>) {
    out.push(b'"');
    out.extend_from_slice(column.as_bytes());
    out.extend_from_slice(b"\":");
}

fn decimal(column: &str, value: Option<Decimal>, out: &mut Vec<u8>) {
    out.push(b',');
    name(column, out);
    if let Some(value) = value {
        out.push(b'"');
        write_trimmed(value, out);
        out.push(b'"');
    } else {
        out.extend_from_slice(b"null");
    }
}
