//! Candles that someone recorded, read from a CSV file and served as they are.

use super::interval::KlineInterval;
use super::row::{DECIMALS, Row};
use crate::domain::time::Time;
use flate2::read::GzDecoder;
use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::Path;

/// Why a CSV file cannot be served.
#[derive(Debug, thiserror::Error)]
pub enum RecordedError {
    /// The file cannot be read.
    #[error("reading the CSV: {0}")]
    Io(#[from] io::Error),
    /// It is no CSV.
    #[error("reading the CSV: {0}")]
    Csv(#[from] csv::Error),
    /// A column that every candle needs is missing.
    #[error("the CSV has no column `{0}`")]
    Column(&'static str),
    /// A field is no number, no time, or has more than eight decimals.
    #[error("line {line}: `{text}` is no {what}")]
    Field {
        /// Line in the file, from 1.
        line: u64,
        /// The field.
        text: String,
        /// What it should have been.
        what: &'static str,
    },
    /// Rows run backwards.
    #[error("line {0}: rows do not ascend")]
    Order(u64),
    /// No row at all.
    #[error("the CSV holds no candle")]
    Empty,
}

/// Names under which the known layouts give each column, in the exchange's order.
const COLUMNS: [&[&str]; 11] = [
    &["open_time_ms", "open_time", "date"],
    &["open"],
    &["high"],
    &["low"],
    &["close"],
    &["volume"],
    &["close_time"],
    &["quote_volume", "quote_asset_volume"],
    &["trades", "number_of_trades", "count"],
    &["taker_buy_base", "taker_buy_base_asset_volume", "taker_buy_volume"],
    &["taker_buy_quote", "taker_buy_quote_asset_volume", "taker_buy_quote_volume"],
];

/// Reads a CSV or a gzip of one: with a header, or headerless in the twelve columns of the bulk
/// archives. Lines that start with `#` are comments. Times are epoch milliseconds, microseconds or
/// `YYYY-MM-DD HH:MM:SS`. What the file does not give is served as the format's zero.
pub(super) fn read(path: &Path, interval: KlineInterval) -> Result<Vec<Row>, RecordedError> {
    let file = BufReader::new(File::open(path)?);
    if path.extension().is_some_and(|extension| extension == "gz") {
        parse(GzDecoder::new(file), interval)
    } else {
        parse(file, interval)
    }
}

fn parse(input: impl Read, interval: KlineInterval) -> Result<Vec<Row>, RecordedError> {
    let mut reader = csv::ReaderBuilder::new().has_headers(false).comment(Some(b'#')).flexible(true).from_reader(input);
    let mut columns: Option<[Option<usize>; 11]> = None;
    let mut rows: Vec<Row> = Vec::new();
    let mut record = csv::StringRecord::new();
    while reader.read_record(&mut record)? {
        let layout = match columns {
            Some(layout) => layout,
            None if record.get(0).is_some_and(|first| first.starts_with(|c: char| c.is_ascii_digit())) => {
                *columns.insert(std::array::from_fn(Some))
            }
            None => {
                columns = Some(header(&record)?);
                continue;
            }
        };
        let row = row(&record, &layout, interval)?;
        if rows.last().is_some_and(|before| before.open_time >= row.open_time) {
            return Err(RecordedError::Order(line(&record)));
        }
        rows.push(row);
    }
    if rows.is_empty() {
        return Err(RecordedError::Empty);
    }
    rows.shrink_to_fit();
    Ok(rows)
}

fn header(record: &csv::StringRecord) -> Result<[Option<usize>; 11], RecordedError> {
    let layout = COLUMNS.map(|names| record.iter().position(|column| names.contains(&column.trim())));
    match layout.iter().take(6).position(Option::is_none) {
        Some(missing) => Err(RecordedError::Column(COLUMNS[missing][0])),
        None => Ok(layout),
    }
}

fn row(record: &csv::StringRecord, layout: &[Option<usize>; 11], interval: KlineInterval) -> Result<Row, RecordedError> {
    let text = |column: usize| layout[column].and_then(|at| record.get(at)).map(str::trim).filter(|text| !text.is_empty());
    let field = |column: usize, what: &'static str| RecordedError::Field {
        line: line(record),
        text: text(column).unwrap_or_default().to_owned(),
        what,
    };
    let price = |column: usize| {
        text(column).and_then(fixed8).and_then(|value| i64::try_from(value).ok()).ok_or_else(|| field(column, "price"))
    };
    let volume = |column: usize| text(column).map_or(Ok(0), |text| fixed8(text).ok_or_else(|| field(column, "volume")));
    let open_time = text(0).and_then(time).ok_or_else(|| field(0, "time"))?;
    let close_time = match text(6) {
        None => interval.next(Time::from_ms(open_time)).ms() - 1,
        Some(given) => close(given).ok_or_else(|| field(6, "time"))?,
    };
    let trades = text(8).map_or(Ok(0), |text| text.parse().map_err(|_| field(8, "count")))?;
    Ok(Row {
        open_time,
        close_time,
        open: price(1)?,
        high: price(2)?,
        low: price(3)?,
        close: price(4)?,
        volume: volume(5)?,
        quote_volume: volume(7)?,
        trades,
        taker_volume: volume(9)?,
        taker_quote_volume: volume(10)?,
    })
}

fn line(record: &csv::StringRecord) -> u64 {
    record.position().map_or(0, csv::Position::line)
}

/// Whole seconds of a close time stand for the last millisecond of that second.
fn close(text: &str) -> Option<i64> {
    time(text).map(|ms| if text.contains(':') && !text.contains('.') { ms + 999 } else { ms })
}

fn time(text: &str) -> Option<i64> {
    if let Ok(number) = text.parse::<i64>() {
        // Archives from 2025 on count microseconds.
        return Some(if number > 100_000_000_000_000 { number.div_euclid(1_000) } else { number });
    }
    Time::parse(&format!("{}Z", text.replacen(' ', "T", 1)), Time::EPOCH).ok().map(Time::ms)
}

/// A plain decimal as a count of 10^-8; digits beyond the eighth must be zeros.
fn fixed8(text: &str) -> Option<i128> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let (kept, rest) = fraction.split_at_checked(DECIMALS as usize).unwrap_or((fraction, ""));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || whole.len() > 20 || !digits(whole) || !digits(kept) || !rest.bytes().all(|byte| byte == b'0') {
        return None;
    }
    format!("{whole}{kept:0<8}").parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(csv: &str, expected: Result<Vec<[i128; 11]>, &str>) {
        let interval = KlineInterval::from_name("1m").unwrap();
        let got = parse(csv.as_bytes(), interval).map_err(|error| error.to_string()).map(|rows| {
            rows.iter()
                .map(|row| {
                    [
                        row.open_time.into(),
                        row.open.into(),
                        row.high.into(),
                        row.low.into(),
                        row.close.into(),
                        row.volume,
                        row.close_time.into(),
                        row.quote_volume,
                        row.trades.into(),
                        row.taker_volume,
                        row.taker_quote_volume,
                    ]
                })
                .collect()
        });
        assert_eq!(got, expected.map_err(str::to_owned), "{csv}");
    }

    #[test]
    fn layouts() {
        let bare = [60_000, 200_000_000, 300_000_000, 100_000_000, 250_000_000, 50_000_000, 119_999, 0, 0, 0, 0];
        check("open_time_ms,open,high,low,close,volume\n60000,2,3,1,2.5,0.5\n", Ok(vec![bare]));
        let full = [60_000, 200_000_000, 300_000_000, 100_000_000, 250_000_000, 50_000_000, 119_999, 1, 7, 2, 3];
        let values = "60000,2,3,1,2.5,0.5,119999,0.00000001,7,0.00000002,0.00000003";
        check(&format!("{values},0\n"), Ok(vec![full]));
        check(
            &format!(
                "open_time,open,high,low,close,volume,close_time,quote_volume,count,taker_buy_volume,taker_buy_quote_volume,ignore\n{values},0"
            ),
            Ok(vec![full]),
        );
        let dated = "# a comment\n#\ndate,open,high,low,close,volume,close_time,quote_asset_volume,number_of_trades,\
            taker_buy_base_asset_volume,taker_buy_quote_asset_volume\n\
            1970-01-01 00:01:00,2,3.0,1,2.5,0.5,1970-01-01 00:01:59,0.00000001,7,0.00000002,0.00000003\n";
        check(dated, Ok(vec![full]));
        check(
            "1735689600000000,1,1,1,1,0\n",
            Ok(vec![[1_735_689_600_000, 100_000_000, 100_000_000, 100_000_000, 100_000_000, 0, 1_735_689_659_999, 0, 0, 0, 0]]),
        );
    }

    #[test]
    fn refusals() {
        check("", Err("the CSV holds no candle"));
        check("open_time_ms,open,high,low,close\n", Err("the CSV has no column `volume`"));
        check("1,2,3,1,2.5,x\n", Err("line 1: `x` is no volume"));
        check("1,2,3,1,2.123456789,1\n", Err("line 1: `2.123456789` is no price"));
        check("2,1,1,1,1,1\n1,1,1,1,1,1\n", Err("line 2: rows do not ascend"));
    }
}
