//! Candles to files: CSV, JSON lines and Parquet, exact to the last digit. Other rows to CSV.
//!
//! Architecture invariant: imports `domain` alone; a writer takes candles in order and never sees
//! the store. Memory stays flat however long the export is.

pub mod csv;
pub mod file;
pub mod json;
pub mod layout;
pub mod parquet;
pub mod rows;
pub mod time_form;

pub use crate::domain::format::Format;

use crate::domain::candle::Candle;
use crate::domain::instrument::{ExchangeId, Symbol};
use crate::domain::interval::Interval;
use crate::domain::price::{self, Decimal};
use crate::domain::range::TimeRange;
use layout::DecimalLayout;
use std::io::{self, Write};
use time_form::TimeForm;

/// The columns of every format, in this order.
pub const COLUMNS: [&str; 10] = [
    "open_time",
    "open",
    "high",
    "low",
    "close",
    "volume",
    "quote_volume",
    "trade_count",
    "taker_buy_volume",
    "taker_buy_quote_volume",
];

/// What an export holds; Parquet keeps it in the file's metadata.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subject {
    /// Where it trades.
    pub exchange: ExchangeId,
    /// `BTC/USDT`.
    pub symbol: Symbol,
    /// Candle width.
    pub interval: Interval,
    /// What was asked for; it may hold gaps.
    pub range: TimeRange,
}

/// Everything that a writer needs to know beforehand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExportOptions {
    /// Which format.
    pub format: Format,
    /// How CSV and JSON write `open_time`; Parquet has a type for it.
    pub time: TimeForm,
    /// What is exported.
    pub subject: Subject,
    /// How Parquet stores decimals; CSV and JSON print any decimal.
    pub layout: DecimalLayout,
}

/// Takes candles in ascending order and writes them.
pub trait CandleWriter {
    /// Adds candles.
    ///
    /// # Errors
    /// When the output refuses, or a decimal does not fit the Parquet layout. The output is then
    /// incomplete and the writer of no further use.
    fn write(&mut self, candles: &[Candle]) -> Result<(), ExportError>;

    /// Writes what is buffered and the file's end, and flushes the output.
    fn finish(self: Box<Self>) -> Result<(), ExportError>;
}

/// Why an export failed.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// The output cannot be written.
    #[error("cannot write the export: {0}")]
    Output(#[from] io::Error),
    /// A value that the Parquet layout does not hold exactly. [`DecimalLayout::widen`] over all
    /// candles of the export gives a layout that does.
    #[error("row {row}: {column} {} does not fit DECIMAL({precision},{scale}) exactly", price::trimmed(*.value))]
    Unfit {
        /// Counted from 1.
        row: u64,
        /// One of [`COLUMNS`].
        column: &'static str,
        /// The value.
        value: Decimal,
        /// Digits of the column.
        precision: u32,
        /// Of these behind the point.
        scale: u32,
    },
    /// The Parquet library refused.
    #[error("cannot write Parquet: {0}")]
    Parquet(String),
}

/// A writer of `options.format` into `out`. It buffers by itself: hand it the bare output.
pub fn writer<'a, W: Write + Send + 'a>(
    out: W,
    options: &ExportOptions,
) -> Result<Box<dyn CandleWriter + Send + 'a>, ExportError> {
    Ok(match options.format {
        Format::Csv => Box::new(csv::CsvWriter::new(out, options.time)),
        Format::Json => Box::new(json::JsonWriter::new(out, options.time)),
        Format::Parquet => Box::new(parquet::ParquetWriter::new(out, &options.subject, options.layout)?),
    })
}

/// Bytes that text formats gather before they write: large enough that the system call is free.
const BUFFER_BYTES: usize = 1 << 20;

/// Longest row of a text format, with room to spare: ten cells of at most 60 bytes and their names.
const ROW_BYTES: usize = 1_024;

#[cfg(test)]
mod tests;
