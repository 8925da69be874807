//! CSV: a header, then one candle a line, `\n` at its end.
//!
//! No cell can hold a comma or a quote, so nothing is ever quoted, and the rows are formatted by
//! hand: several times as fast as going through a general CSV writer.

use super::time_form::{TimeForm, TimeWriter, integer};
use super::{BUFFER_BYTES, COLUMNS, CandleWriter, ExportError, ROW_BYTES};
use crate::domain::candle::Candle;
use crate::domain::price::{Decimal, write_trimmed};
use std::io::Write;

/// Writes CSV.
#[derive(Debug)]
pub struct CsvWriter<W: Write> {
    out: W,
    buffer: Vec<u8>,
    time: TimeWriter,
}

impl<W: Write> CsvWriter<W> {
    /// Starts with the header.
    pub fn new(out: W, time: TimeForm) -> Self {
        let mut buffer = Vec::with_capacity(BUFFER_BYTES + ROW_BYTES);
        buffer.extend_from_slice(COLUMNS.join(",").as_bytes());
        buffer.push(b'\n');
        Self { out, buffer, time: TimeWriter::new(time) }
    }

    fn row(&mut self, candle: &Candle) {
        let out = &mut self.buffer;
        self.time.write(candle.open_time, out);
        for value in [candle.open, candle.high, candle.low, candle.close, candle.volume] {
            out.push(b',');
            write_trimmed(value, out);
        }
        cell(candle.quote_volume, out);
        out.push(b',');
        if let Some(count) = candle.trade_count {
            integer(count, out);
        }
        cell(candle.taker_buy_volume, out);
        cell(candle.taker_buy_quote_volume, out);
        out.push(b'\n');
    }
}

impl<W: Write> CandleWriter for CsvWriter<W> {
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

fn cell(value: Option<Decimal>, out: &mut Vec<u8>) {
    out.push(b',');
    if let Some(value) = value {
        write_trimmed(value, out);
    }
}
