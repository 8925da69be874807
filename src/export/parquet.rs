//! Parquet: exact decimals, delta-packed integers without a dictionary, bounded row groups.

use super::layout::{DecimalColumn, DecimalLayout};
use super::{COLUMNS, CandleWriter, ExportError, Subject};
use crate::domain::candle::Candle;
use crate::domain::price::Decimal;
use parquet::basic::{Encoding, LogicalType, Repetition, TimeUnit, Type as PhysicalType};
use parquet::data_type::{ByteArray, FixedLenByteArray, FixedLenByteArrayType, Int64Type};
use parquet::errors::ParquetError;
use parquet::file::metadata::KeyValue;
use parquet::file::properties::WriterProperties;
use parquet::file::writer::{SerializedColumnWriter, SerializedFileWriter};
use parquet::schema::types::{ColumnPath, Type, TypePtr};
use std::io::{self, Write};
use std::sync::Arc;

/// Rows of a row group: it is gathered in memory, at about 100 bytes a row.
const GROUP_ROWS: usize = 131_072;
/// Bytes of a decimal wider than an INT64.
const WIDE_BYTES: usize = 16;

/// Writes Parquet.
pub struct ParquetWriter<W: Write + Send> {
    file: SerializedFileWriter<W>,
    columns: Vec<Column>,
    rows: u64,
}

impl<W: Write + Send> ParquetWriter<W> {
    /// Starts the file: `subject` goes into its key-value metadata.
    pub fn new(out: W, subject: &Subject, layout: DecimalLayout) -> Result<Self, ExportError> {
        let columns = columns(layout);
        let fields = columns.iter().map(Column::field).collect::<Result<Vec<_>, _>>().map_err(refused)?;
        let schema = Type::group_type_builder("candle").with_fields(fields).build().map_err(refused)?;
        let mut properties = WriterProperties::builder()
            .set_dictionary_enabled(false)
            .set_created_by(concat!("marketdata-tui ", env!("CARGO_PKG_VERSION")).to_owned())
            .set_key_value_metadata(Some(metadata(subject)));
        for column in &columns {
            properties = properties.set_column_encoding(ColumnPath::from(column.name), column.encoding());
        }
        let file = SerializedFileWriter::new(out, Arc::new(schema), Arc::new(properties.build())).map_err(refused)?;
        Ok(Self { file, columns, rows: 0 })
    }

    fn gather(&mut self, candle: &Candle) -> Result<(), ExportError> {
        let prices = [candle.open, candle.high, candle.low, candle.close, candle.volume].map(|value| Some(Cell::Decimal(value)));
        let cells = [
            Some(Cell::Integer(candle.open_time.ms())),
            prices[0],
            prices[1],
            prices[2],
            prices[3],
            prices[4],
            candle.quote_volume.map(Cell::Decimal),
            candle.trade_count.map(Cell::Integer),
            candle.taker_buy_volume.map(Cell::Decimal),
            candle.taker_buy_quote_volume.map(Cell::Decimal),
        ];
        self.rows += 1;
        for (column, cell) in self.columns.iter_mut().zip(cells) {
            column.push(cell, self.rows)?;
        }
        Ok(())
    }

    fn write_group(&mut self) -> Result<(), ExportError> {
        let mut group = self.file.next_row_group().map_err(refused)?;
        for column in &mut self.columns {
            let mut writer = group
                .next_column()
                .map_err(refused)?
                .ok_or_else(|| ExportError::Parquet("the schema has fewer columns than the candle".to_owned()))?;
            column.drain_into(&mut writer).map_err(refused)?;
            writer.close().map_err(refused)?;
        }
        group.close().map_err(refused)?;
        Ok(())
    }

    fn gathered(&self) -> usize {
        self.columns.first().map_or(0, |column| column.levels.len())
    }
}

impl<W: Write + Send> CandleWriter for ParquetWriter<W> {
    fn write(&mut self, candles: &[Candle]) -> Result<(), ExportError> {
        for candle in candles {
            self.gather(candle)?;
            if self.gathered() >= GROUP_ROWS {
                self.write_group()?;
            }
        }
        Ok(())
    }

    fn finish(mut self: Box<Self>) -> Result<(), ExportError> {
        if self.gathered() > 0 {
            self.write_group()?;
        }
        Ok(self.file.into_inner().map_err(refused)?.flush()?)
    }
}

/// One value of a row.
#[derive(Clone, Copy)]
enum Cell {
    Integer(i64),
    Decimal(Decimal),
}

/// What a column holds.
#[derive(Clone, Copy)]
enum Kind {
    Time,
    Count,
    Decimal(DecimalColumn),
}

/// A column of the row group that is being gathered.
struct Column {
    name: &'static str,
    kind: Kind,
    optional: bool,
    values: Values,
    /// One for each row: 1 where there is a value, 0 where not.
    levels: Vec<i16>,
}

enum Values {
    Integers(Vec<i64>),
    Wide(Vec<FixedLenByteArray>),
}

/// The columns of [`COLUMNS`].
fn columns(layout: DecimalLayout) -> Vec<Column> {
    let price = (Kind::Decimal(layout.price), false);
    let kinds = [
        (Kind::Time, false),
        price,
        price,
        price,
        price,
        (Kind::Decimal(layout.base), false),
        (Kind::Decimal(layout.quote), true),
        (Kind::Count, true),
        (Kind::Decimal(layout.base), true),
        (Kind::Decimal(layout.quote), true),
    ];
    let column = |(name, (kind, optional)): (&'static str, (Kind, bool))| Column {
        name,
        kind,
        optional,
        values: match kind {
            Kind::Decimal(shape) if shape.is_wide() => Values::Wide(Vec::new()),
            _ => Values::Integers(Vec::new()),
        },
        levels: Vec::new(),
    };
    COLUMNS.into_iter().zip(kinds).map(column).collect()
}

impl Column {
    fn field(&self) -> Result<TypePtr, ParquetError> {
        let physical = match self.values {
            Values::Integers(_) => PhysicalType::INT64,
            Values::Wide(_) => PhysicalType::FIXED_LEN_BYTE_ARRAY,
        };
        let repetition = if self.optional { Repetition::OPTIONAL } else { Repetition::REQUIRED };
        let builder = Type::primitive_type_builder(self.name, physical).with_repetition(repetition);
        let builder = match self.kind {
            Kind::Time => builder.with_logical_type(Some(LogicalType::timestamp(true, TimeUnit::MILLIS))),
            Kind::Count => builder,
            Kind::Decimal(shape) => {
                let (scale, precision) = (shape.scale() as i32, shape.precision() as i32);
                let length = if shape.is_wide() { WIDE_BYTES as i32 } else { -1 };
                builder
                    .with_logical_type(Some(LogicalType::decimal(scale, precision)))
                    .with_scale(scale)
                    .with_precision(precision)
                    .with_length(length)
            }
        };
        Ok(Arc::new(builder.build()?))
    }

    const fn encoding(&self) -> Encoding {
        match self.values {
            Values::Integers(_) => Encoding::DELTA_BINARY_PACKED,
            // Neighbours share their leading bytes.
            Values::Wide(_) => Encoding::DELTA_BYTE_ARRAY,
        }
    }

    fn push(&mut self, cell: Option<Cell>, row: u64) -> Result<(), ExportError> {
        self.levels.push(i16::from(cell.is_some()));
        let mantissa = match (cell, self.kind) {
            (None, _) => return Ok(()),
            (Some(Cell::Integer(value)), _) => i128::from(value),
            (Some(Cell::Decimal(value)), Kind::Decimal(shape)) => shape.mantissa(value).ok_or(ExportError::Unfit {
                row,
                column: self.name,
                value,
                precision: shape.precision(),
                scale: shape.scale(),
            })?,
            (Some(Cell::Decimal(_)), _) => return Err(ExportError::Parquet(format!("{} is no decimal column", self.name))),
        };
        match &mut self.values {
            // At most 18 digits, or an i64 from the start.
            Values::Integers(values) => values.push(mantissa as i64),
            Values::Wide(values) => values.push(ByteArray::from(mantissa.to_be_bytes().to_vec()).into()),
        }
        Ok(())
    }

    fn drain_into(&mut self, writer: &mut SerializedColumnWriter<'_>) -> Result<(), ParquetError> {
        let levels = self.optional.then_some(self.levels.as_slice());
        match &mut self.values {
            Values::Integers(values) => {
                writer.typed::<Int64Type>().write_batch(values, levels, None)?;
                values.clear();
            }
            Values::Wide(values) => {
                writer.typed::<FixedLenByteArrayType>().write_batch(values, levels, None)?;
                values.clear();
            }
        }
        self.levels.clear();
        Ok(())
    }
}

fn metadata(subject: &Subject) -> Vec<KeyValue> {
    [
        ("exchange", subject.exchange.to_string()),
        ("symbol", subject.symbol.to_string()),
        ("interval", subject.interval.to_string()),
        ("from", subject.range.from.iso()),
        ("to", subject.range.to.iso()),
    ]
    .into_iter()
    .map(|(key, value)| KeyValue::new(key.to_owned(), value))
    .collect()
}

/// A full disk or a closed pipe is told as what it is, not as a fault of Parquet.
fn refused(error: ParquetError) -> ExportError {
    match error {
        ParquetError::External(inner) => match inner.downcast::<io::Error>() {
            Ok(error) => ExportError::Output(*error),
            Err(other) => ExportError::Parquet(other.to_string()),
        },
        other => ExportError::Parquet(other.to_string()),
    }
}
