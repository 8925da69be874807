//! Every format gives back exactly what went in.

use super::*;
use crate::domain::instrument::Scales;
use crate::domain::price::parse_decimal;
use crate::domain::time::{MINUTE_MS, Time};
use ::parquet::basic::{LogicalType, Type as PhysicalType};
use ::parquet::column::reader::{ColumnReader, get_typed_column_reader};
use ::parquet::data_type::{FixedLenByteArray, FixedLenByteArrayType, Int64Type};
use ::parquet::file::reader::{FileReader as _, SerializedFileReader};
use proptest::prelude::*;

pub(super) fn decimal(text: &str) -> Decimal {
    parse_decimal(text).unwrap()
}

fn full(ms: i64) -> Candle {
    Candle {
        open_time: Time::from_ms(ms),
        open: decimal("64000.12000000"),
        high: decimal("64100.5"),
        low: decimal("0.00000001"),
        close: decimal("64000"),
        volume: decimal("12.34567800"),
        quote_volume: Some(decimal("790123.4567")),
        trade_count: Some(1_234),
        taker_buy_volume: Some(decimal("0.00000000")),
        taker_buy_quote_volume: Some(decimal("10.1")),
    }
}

fn bare(ms: i64) -> Candle {
    Candle { quote_volume: None, trade_count: None, taker_buy_volume: None, taker_buy_quote_volume: None, ..full(ms) }
}

fn options(format: Format, time: TimeForm) -> ExportOptions {
    let range = TimeRange::new(Time::from_ms(0), Time::from_ms(1_738_324_800_000));
    ExportOptions {
        format,
        time,
        subject: Subject { exchange: ExchangeId::Binance, symbol: Symbol::spot("BTC", "USDT"), interval: Interval::M1, range },
        layout: DecimalLayout::compact(Scales { price: 8, base: 8, quote: 8 }),
    }
}

fn export(options: &ExportOptions, candles: &[Candle]) -> Result<Vec<u8>, ExportError> {
    let mut bytes = Vec::new();
    let mut writer = writer(&mut bytes, options)?;
    for page in candles.chunks(1_000) {
        writer.write(page)?;
    }
    writer.finish()?;
    Ok(bytes)
}

fn text(format: Format, time: TimeForm, candles: &[Candle]) -> String {
    String::from_utf8(export(&options(format, time), candles).unwrap()).unwrap()
}

#[test]
fn csv() {
    let header = "open_time,open,high,low,close,volume,quote_volume,trade_count,taker_buy_volume,taker_buy_quote_volume\n";
    assert_eq!(text(Format::Csv, TimeForm::Iso, &[]), header);
    assert_eq!(
        text(Format::Csv, TimeForm::Iso, &[full(1_738_324_800_000), bare(1_738_324_860_000)]),
        format!(
            "{header}2025-01-31T12:00:00Z,64000.12,64100.5,0.00000001,64000,12.345678,790123.4567,1234,0,10.1\n\
             2025-01-31T12:01:00Z,64000.12,64100.5,0.00000001,64000,12.345678,,,,\n"
        )
    );
    assert!(text(Format::Csv, TimeForm::Ms, &[full(60_000)]).contains("\n60000,64000.12,"));
    assert!(text(Format::Csv, TimeForm::Seconds, &[full(60_000)]).contains("\n60,64000.12,"));
}

#[test]
fn json_lines() {
    let lines = text(Format::Json, TimeForm::Iso, &[full(1_738_324_800_000), bare(1_738_324_860_000)]);
    let rows: Vec<serde_json::Value> = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let names: Vec<&str> = rows[0].as_object().unwrap().keys().map(String::as_str).collect();
    let mut columns = COLUMNS;
    columns.sort_unstable();
    assert_eq!(names, columns);
    assert_eq!(rows[0]["open_time"], "2025-01-31T12:00:00Z");
    assert_eq!(rows[0]["open"], "64000.12");
    assert_eq!(rows[0]["trade_count"], 1_234);
    assert_eq!(rows[0]["taker_buy_volume"], "0");
    assert_eq!(rows[1]["quote_volume"], serde_json::Value::Null);
    assert_eq!(rows[1]["trade_count"], serde_json::Value::Null);
    assert!(text(Format::Json, TimeForm::Ms, &[full(60_000)]).starts_with("{\"open_time\":60000,\"open\":\"64000.12\","));
}

type Row = [Option<Decimal>; 10];

/// A Parquet file read back by its columns' own types, and how many row groups it has.
fn read_parquet(bytes: &[u8]) -> (Vec<Row>, usize) {
    let reader = open(bytes);
    let metadata = reader.metadata();
    let mut rows: Vec<Row> = Vec::new();
    for at in 0..metadata.num_row_groups() {
        let group = reader.get_row_group(at).unwrap();
        let (start, count) = (rows.len(), group.metadata().num_rows() as usize);
        rows.resize(start + count, [None; 10]);
        for (column, descriptor) in metadata.file_metadata().schema_descr().columns().iter().enumerate() {
            let scale = match descriptor.logical_type_ref() {
                Some(LogicalType::Decimal(decimal)) => decimal.scale as u32,
                _ => 0,
            };
            let cells = read_column(group.get_column_reader(column).unwrap(), count, descriptor.max_def_level());
            assert_eq!(cells.len(), count);
            for (row, cell) in cells.into_iter().enumerate() {
                rows[start + row][column] = cell.map(|mantissa| shortest(mantissa, scale));
            }
        }
    }
    (rows, metadata.num_row_groups())
}

/// 38 digits are more than a `Decimal` takes, until the zeros at their end are gone.
fn shortest(mut mantissa: i128, mut scale: u32) -> Decimal {
    while scale > 0 && mantissa % 10 == 0 {
        mantissa /= 10;
        scale -= 1;
    }
    Decimal::try_from_i128_with_scale(mantissa, scale).unwrap()
}

fn open(bytes: &[u8]) -> SerializedFileReader<std::fs::File> {
    let mut file = tempfile::tempfile().unwrap();
    file.write_all(bytes).unwrap();
    SerializedFileReader::new(file).unwrap()
}

fn read_column(reader: ColumnReader, count: usize, most: i16) -> Vec<Option<i128>> {
    let mut levels = Vec::new();
    let mantissas: Vec<i128> = if let ColumnReader::Int64ColumnReader(_) = reader {
        let mut values: Vec<i64> = Vec::new();
        get_typed_column_reader::<Int64Type>(reader).read_records(count, Some(&mut levels), None, &mut values).unwrap();
        values.into_iter().map(i128::from).collect()
    } else {
        let mut values: Vec<FixedLenByteArray> = Vec::new();
        get_typed_column_reader::<FixedLenByteArrayType>(reader)
            .read_records(count, Some(&mut levels), None, &mut values)
            .unwrap();
        values.iter().map(|value| i128::from_be_bytes(value.data().try_into().unwrap())).collect()
    };
    let mut mantissas = mantissas.into_iter();
    if most == 0 {
        return mantissas.map(Some).collect();
    }
    levels.into_iter().map(|level| if level == most { mantissas.next() } else { None }).collect()
}

fn row(candle: &Candle) -> Row {
    [
        Some(Decimal::from(candle.open_time.ms())),
        Some(candle.open),
        Some(candle.high),
        Some(candle.low),
        Some(candle.close),
        Some(candle.volume),
        candle.quote_volume,
        candle.trade_count.map(Decimal::from),
        candle.taker_buy_volume,
        candle.taker_buy_quote_volume,
    ]
}

#[test]
fn parquet_round_trips_over_row_groups() {
    let candles: Vec<Candle> = (0..131_072 + 5)
        .map(|minute| if minute % 3 == 0 { bare(minute * MINUTE_MS) } else { full(minute * MINUTE_MS) })
        .collect();
    let bytes = export(&options(Format::Parquet, TimeForm::Iso), &candles).unwrap();
    let (rows, groups) = read_parquet(&bytes);
    assert_eq!(groups, 2);
    assert_eq!(rows, candles.iter().map(row).collect::<Vec<Row>>());
    assert_eq!(read_parquet(&export(&options(Format::Parquet, TimeForm::Iso), &[]).unwrap()), (Vec::new(), 0));
}

#[test]
fn parquet_describes_itself() {
    let reader = open(&export(&options(Format::Parquet, TimeForm::Iso), &[full(60_000)]).unwrap());
    let file = reader.metadata().file_metadata();
    let held = |key: &str| {
        file.key_value_metadata().unwrap().iter().find(|pair| pair.key == key).and_then(|pair| pair.value.clone()).unwrap()
    };
    let keys = ["exchange", "symbol", "interval", "from", "to"];
    assert_eq!(keys.map(held), ["binance", "BTC/USDT", "1m", "1970-01-01T00:00:00Z", "2025-01-31T12:00:00Z"]);
    let schema = file.schema_descr();
    assert_eq!(schema.columns().iter().map(|column| column.name()).collect::<Vec<_>>(), COLUMNS);
    assert_eq!(schema.column(0).logical_type_ref(), Some(&LogicalType::timestamp(true, ::parquet::basic::TimeUnit::MILLIS)));
    assert_eq!(schema.column(1).logical_type_ref(), Some(&LogicalType::decimal(8, 18)));
    assert_eq!(schema.column(1).physical_type(), PhysicalType::INT64);
}

#[test]
fn parquet_never_rounds() {
    let check = |change: fn(&mut Candle), expected: &str| {
        let mut odd = full(60_000);
        change(&mut odd);
        let candles = [full(0), odd];
        let mut options = options(Format::Parquet, TimeForm::Iso);
        let told = export(&options, &candles).unwrap_err();
        assert_eq!(told.to_string(), expected);
        options.layout.widen(&candles);
        let (rows, _) = read_parquet(&export(&options, &candles).unwrap());
        assert_eq!(rows, candles.iter().map(row).collect::<Vec<Row>>());
    };
    check(|candle| candle.low = decimal("0.0000000012"), "row 2: low 0.0000000012 does not fit DECIMAL(18,8) exactly");
    check(
        |candle| candle.quote_volume = Some(decimal("12345678901.5")),
        "row 2: quote_volume 12345678901.5 does not fit DECIMAL(18,8) exactly",
    );
    check(
        |candle| candle.volume = decimal("92233720368547758070"),
        "row 2: volume 92233720368547758070 does not fit DECIMAL(18,8) exactly",
    );
}

#[test]
fn a_full_disk_is_told_as_such() {
    struct Full;
    impl Write for Full {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(io::Error::from(io::ErrorKind::StorageFull))
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    for format in Format::ALL {
        let told = writer(Full, &options(format, TimeForm::Iso)).and_then(|mut writer| {
            writer.write(&[full(0)])?;
            writer.finish()
        });
        assert!(matches!(told, Err(ExportError::Output(error)) if error.kind() == io::ErrorKind::StorageFull), "{format}");
    }
}

fn any_decimal() -> impl Strategy<Value = Decimal> {
    let most = (1_i128 << 96) - 1;
    prop_oneof![(0..1_000_000_000_000_000_i128, 0_u32..=8), (0..=most, 0_u32..=28),]
        .prop_map(|(mantissa, scale)| Decimal::try_from_i128_with_scale(mantissa, scale).unwrap())
}

fn any_candle() -> impl Strategy<Value = Candle> {
    let optional = || prop::option::of(any_decimal());
    (
        -1_000_000_000_000_i64..4_000_000_000_000,
        prop::array::uniform5(any_decimal()),
        (optional(), prop::option::of(0..i64::MAX), optional(), optional()),
    )
        .prop_map(
            |(ms, [open, high, low, close, volume], (quote_volume, trade_count, taker_buy_volume, taker_buy_quote_volume))| {
                let open_time = Time::from_ms(ms);
                Candle {
                    open_time,
                    open,
                    high,
                    low,
                    close,
                    volume,
                    quote_volume,
                    trade_count,
                    taker_buy_volume,
                    taker_buy_quote_volume,
                }
            },
        )
}

proptest! {
    #[test]
    fn csv_round_trips(candles in prop::collection::vec(any_candle(), 0..20), form in prop::sample::select(TimeForm::ALL.to_vec())) {
        let written = text(Format::Csv, form, &candles);
        let mut lines = written.lines();
        prop_assert_eq!(lines.next().unwrap(), COLUMNS.join(","));
        for candle in &candles {
            let cells: Vec<&str> = lines.next().unwrap().split(',').collect();
            prop_assert_eq!(cells.len(), COLUMNS.len());
            let read: Vec<Option<Decimal>> = cells[1..].iter().map(|cell| (!cell.is_empty()).then(|| decimal(cell))).collect();
            prop_assert_eq!(&read[..], &row(candle)[1..]);
            let plain = cells[1..].iter().all(|cell| cell.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.') && !(cell.contains('.') && cell.ends_with('0')));
            prop_assert!(plain, "{:?}", cells);
            let time = match form {
                TimeForm::Iso => Time::parse(cells[0], Time::EPOCH).unwrap(),
                TimeForm::Ms => Time::from_ms(cells[0].parse().unwrap()),
                TimeForm::Seconds => Time::from_ms(price::to_mantissa(decimal(cells[0]), 3).unwrap()),
            };
            prop_assert_eq!(time, candle.open_time);
        }
        prop_assert_eq!(lines.next(), None);
    }

    #[test]
    fn parquet_is_exact_or_refuses(candles in prop::collection::vec(any_candle(), 1..8)) {
        let mut options = options(Format::Parquet, TimeForm::Iso);
        options.layout.widen(&candles);
        match export(&options, &candles) {
            Ok(bytes) => prop_assert_eq!(read_parquet(&bytes).0, candles.iter().map(row).collect::<Vec<Row>>()),
            Err(ExportError::Unfit { precision, .. }) => prop_assert_eq!(precision, layout::WIDE_DIGITS),
            Err(other) => prop_assert!(false, "{}", other),
        }
    }
}
