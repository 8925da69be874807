//! JSON bytes written straight from integers: a page of a thousand candles costs microseconds.

use super::row::{ONE, Row};

/// Appends a plain integer.
pub(super) fn integer(out: &mut Vec<u8>, value: i64) {
    if value < 0 {
        out.push(b'-');
    }
    digits(out, value.unsigned_abs());
}

/// Appends a number of 10^-8 with exactly eight decimals in quotes, as Binance writes it.
pub(super) fn quoted8(out: &mut Vec<u8>, value: i128) {
    let Ok(small) = u64::try_from(value) else { return large8(out, value) };
    // Put together from the end: one copy into `out` instead of four.
    let mut text = *b"                    .00000000\"";
    let mut at = text.len() - 1;
    let (mut whole, mut fraction) = (small / ONE.unsigned_abs(), small % ONE.unsigned_abs());
    for _ in 0..4 {
        at -= 2;
        pair(&mut text, at, fraction % 100);
        fraction /= 100;
    }
    at -= 1;
    while whole >= 10 {
        at -= 2;
        pair(&mut text, at, whole % 100);
        whole /= 100;
    }
    if whole > 0 || text[at] == b'.' {
        at -= 1;
        text[at] = b'0' + whole as u8;
    }
    at -= 1;
    text[at] = b'"';
    out.extend_from_slice(&text[at..]);
}

/// The same for what is negative or beyond 64 bits.
fn large8(out: &mut Vec<u8>, value: i128) {
    let one = i128::from(ONE).unsigned_abs();
    let (sign, value) = (if value < 0 { "-" } else { "" }, value.unsigned_abs());
    out.extend_from_slice(format!("\"{sign}{}.{:08}\"", value / one, value % one).as_bytes());
}

fn pair(text: &mut [u8], at: usize, two: u64) {
    let two = two as usize * 2;
    text[at] = PAIRS[two];
    text[at + 1] = PAIRS[two + 1];
}

/// Appends a JSON string.
pub(super) fn string(out: &mut Vec<u8>, text: &str) {
    out.push(b'"');
    for byte in text.bytes() {
        match byte {
            b'"' | b'\\' => out.extend_from_slice(&[b'\\', byte]),
            0..0x20 => out.extend_from_slice(format!("\\u{byte:04x}").as_bytes()),
            _ => out.push(byte),
        }
    }
    out.push(b'"');
}

/// The twelve columns of a `klines` row; `odd` replaces the text of one column.
pub(super) fn kline(out: &mut Vec<u8>, row: &Row, odd: Option<(usize, &str)>) {
    out.push(b'[');
    for column in 0..12 {
        if column > 0 {
            out.push(b',');
        }
        if let Some((at, text)) = odd
            && at == column
        {
            out.extend_from_slice(text.as_bytes());
            continue;
        }
        match column {
            0 => integer(out, row.open_time),
            1 => quoted8(out, row.open.into()),
            2 => quoted8(out, row.high.into()),
            3 => quoted8(out, row.low.into()),
            4 => quoted8(out, row.close.into()),
            5 => quoted8(out, row.volume),
            6 => integer(out, row.close_time),
            7 => quoted8(out, row.quote_volume),
            8 => integer(out, row.trades),
            9 => quoted8(out, row.taker_volume),
            10 => quoted8(out, row.taker_quote_volume),
            _ => out.extend_from_slice(b"\"0\""),
        }
    }
    out.push(b']');
}

const PAIRS: [u8; 200] = {
    let mut pairs = [0; 200];
    let mut at = 0;
    while at < 100 {
        pairs[at * 2] = b'0' + (at / 10) as u8;
        pairs[at * 2 + 1] = b'0' + (at % 10) as u8;
        at += 1;
    }
    pairs
};

fn digits(out: &mut Vec<u8>, mut value: u64) {
    let mut text = [0; 20];
    let mut at = text.len();
    while value >= 10 {
        at -= 2;
        pair(&mut text, at, value % 100);
        value /= 100;
    }
    if value > 0 || at == text.len() {
        at -= 1;
        text[at] = b'0' + value as u8;
    }
    out.extend_from_slice(&text[at..]);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers() {
        let check = |value: i128, expected: &str| {
            let mut out = Vec::new();
            quoted8(&mut out, value);
            assert_eq!(String::from_utf8(out).unwrap(), format!("\"{expected}\""));
        };
        check(0, "0.00000000");
        check(734, "0.00000734");
        check(903_334_000_000, "9033.34000000");
        check(-150_000_000, "-1.50000000");
        check(100_000_000, "1.00000000");
        check(1_000_000_000, "10.00000000");
        check(u64::MAX.into(), "184467440737.09551615");
        check(171_632_038_498_741_000_000_001, "1716320384987410.00000001");
        for value in [0, 9, 10, 99, 100, 101, 1_234_567, i64::MAX, -42] {
            let mut out = Vec::new();
            integer(&mut out, value);
            assert_eq!(String::from_utf8(out).unwrap(), value.to_string());
        }
    }

    #[test]
    fn strings_are_escaped() {
        let mut out = Vec::new();
        string(&mut out, "a\"b\\c\n币");
        assert_eq!(serde_json::from_slice::<String>(&out).unwrap(), "a\"b\\c\n币");
    }
}
