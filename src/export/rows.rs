//! Trades, funding and open interest as CSV: a header, then one row a line. No cell can hold a comma.

use super::time_form::{TimeForm, TimeWriter, integer};
use super::{BUFFER_BYTES, ExportError, ROW_BYTES};
use crate::domain::funding::Funding;
use crate::domain::open_interest::OpenInterest;
use crate::domain::price::{Decimal, write_trimmed};
use crate::domain::time::Time;
use crate::domain::trade::Trade;
use std::io::Write;

/// A row that has a line in CSV.
pub trait CsvRow {
    /// The header's names; the first of them is `time` or stands before it.
    const COLUMNS: &'static [&'static str];

    /// Appends the cells.
    fn cells(&self, out: &mut Vec<u8>, time: &mut TimeWriter);
}

impl CsvRow for Trade {
    const COLUMNS: &'static [&'static str] = &["trade_id", "time", "price", "size", "side", "fills"];

    fn cells(&self, out: &mut Vec<u8>, time: &mut TimeWriter) {
        integer(self.id, out);
        out.push(b',');
        time.write_exact(self.time, self.nanos, out);
        for amount in [self.price, self.size] {
            out.push(b',');
            write_trimmed(amount, out);
        }
        out.push(b',');
        out.extend_from_slice(self.side.name().as_bytes());
        out.push(b',');
        if let Some(fills) = self.fills {
            integer(fills, out);
        }
    }
}

impl CsvRow for Funding {
    const COLUMNS: &'static [&'static str] = &["time", "rate", "mark_price"];

    fn cells(&self, out: &mut Vec<u8>, time: &mut TimeWriter) {
        two(self.time, self.rate, self.mark_price, out, time);
    }
}

impl CsvRow for OpenInterest {
    const COLUMNS: &'static [&'static str] = &["time", "amount", "value"];

    fn cells(&self, out: &mut Vec<u8>, time: &mut TimeWriter) {
        two(self.time, self.amount, self.value, out, time);
    }
}

fn two(at: Time, first: Decimal, second: Option<Decimal>, out: &mut Vec<u8>, time: &mut TimeWriter) {
    time.write(at, out);
    out.push(b',');
    write_trimmed(first, out);
    out.push(b',');
    if let Some(second) = second {
        write_trimmed(second, out);
    }
}

/// Writes rows in the order in which they come.
#[derive(Debug)]
pub struct RowsWriter<W: Write> {
    out: W,
    buffer: Vec<u8>,
    time: TimeWriter,
}

impl<W: Write> RowsWriter<W> {
    /// Starts with the header of `T`.
    pub fn new<T: CsvRow>(out: W, time: TimeForm) -> Self {
        let mut buffer = Vec::with_capacity(BUFFER_BYTES + ROW_BYTES);
        buffer.extend_from_slice(T::COLUMNS.join(",").as_bytes());
        buffer.push(b'\n');
        Self { out, buffer, time: TimeWriter::new(time) }
    }

    /// Adds a row.
    ///
    /// # Errors
    /// When the output refuses; it is incomplete then.
    pub fn write<T: CsvRow>(&mut self, row: &T) -> Result<(), ExportError> {
        row.cells(&mut self.buffer, &mut self.time);
        self.buffer.push(b'\n');
        if self.buffer.len() >= BUFFER_BYTES {
            self.out.write_all(&self.buffer)?;
            self.buffer.clear();
        }
        Ok(())
    }

    /// Writes what is buffered and flushes the output.
    ///
    /// # Errors
    /// When the output refuses.
    pub fn finish(mut self) -> Result<(), ExportError> {
        self.out.write_all(&self.buffer)?;
        Ok(self.out.flush()?)
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::decimal;
    use super::*;
    use crate::domain::trade::Side;

    fn written<T: CsvRow>(rows: &[T], form: TimeForm) -> String {
        let mut bytes = Vec::new();
        let mut writer = RowsWriter::new::<T>(&mut bytes, form);
        for row in rows {
            writer.write(row).unwrap();
        }
        writer.finish().unwrap();
        String::from_utf8(bytes).unwrap()
    }

    #[test]
    fn rows_are_exact() {
        let trade = Trade {
            id: 7,
            time: Time::from_ms(1_738_324_800_250),
            nanos: Some(42),
            price: decimal("64000.10"),
            size: decimal("0.00000001"),
            side: Side::Sell,
            fills: None,
        };
        let other = Trade { nanos: None, fills: Some(3), side: Side::Buy, time: Time::from_ms(1_738_324_800_000), ..trade };
        assert_eq!(
            written(&[trade, other], TimeForm::Iso),
            "trade_id,time,price,size,side,fills\n\
             7,2025-01-31T12:00:00.250000042Z,64000.1,0.00000001,sell,\n\
             7,2025-01-31T12:00:00Z,64000.1,0.00000001,buy,3\n"
        );
        let seconds = written(&[trade], TimeForm::Seconds);
        assert!(seconds.ends_with("\n7,1738324800.250000042,64000.1,0.00000001,sell,\n"), "{seconds}");
        let ms = written(&[trade], TimeForm::Ms);
        assert!(ms.contains("\n7,1738324800250.000042,"), "{ms}");
        let funding = Funding { time: Time::from_ms(3), rate: decimal("-0.00001234"), mark_price: None };
        assert_eq!(written(&[funding], TimeForm::Ms), "time,rate,mark_price\n3,-0.00001234,\n");
        let row = OpenInterest { time: Time::from_ms(0), amount: decimal("81.5"), value: Some(decimal("5216000")) };
        assert_eq!(written(&[row], TimeForm::Iso), "time,amount,value\n1970-01-01T00:00:00Z,81.5,5216000\n");
    }
}
