//! JSON objects written field by field, in the order of the exchange.

use crate::sim::json::{integer, quoted8, string};
use crate::sim::row::DECIMALS;

/// An object that is being written.
#[derive(Debug)]
pub(super) struct Object<'a> {
    out: &'a mut Vec<u8>,
    empty: bool,
}

impl<'a> Object<'a> {
    pub(super) fn new(out: &'a mut Vec<u8>) -> Self {
        out.push(b'{');
        Self { out, empty: true }
    }

    /// The name of the next field; its value is up to the caller.
    pub(super) fn name(&mut self, name: &str) -> &mut Vec<u8> {
        if !std::mem::take(&mut self.empty) {
            self.out.push(b',');
        }
        self.out.push(b'"');
        self.out.extend_from_slice(name.as_bytes());
        self.out.extend_from_slice(b"\":");
        self.out
    }

    pub(super) fn raw(mut self, name: &str, json: &str) -> Self {
        self.name(name).extend_from_slice(json.as_bytes());
        self
    }

    pub(super) fn text(mut self, name: &str, value: &str) -> Self {
        string(self.name(name), value);
        self
    }

    pub(super) fn int(mut self, name: &str, value: i64) -> Self {
        integer(self.name(name), value);
        self
    }

    pub(super) fn flag(self, name: &str, value: bool) -> Self {
        self.raw(name, if value { "true" } else { "false" })
    }

    /// A count of 10^-8 in quotes: with eight decimals, or with as many as given.
    pub(super) fn quoted(mut self, name: &str, value: impl Into<i128>, decimals: Option<u32>) -> Self {
        let out = self.name(name);
        match decimals {
            None => quoted8(out, value.into()),
            Some(decimals) => {
                out.push(b'"');
                fixed(out, value.into(), decimals);
                out.push(b'"');
            }
        }
        self
    }

    pub(super) fn end(self) {
        self.out.push(b'}');
    }
}

/// Appends a count of 10^-8 with exactly so many decimals; further ones are cut off.
pub(super) fn fixed(out: &mut Vec<u8>, value: i128, decimals: u32) {
    let decimals = decimals.min(DECIMALS);
    if value < 0 {
        out.push(b'-');
    }
    let value = value.unsigned_abs() / 10_u128.pow(DECIMALS - decimals);
    let one = 10_u128.pow(decimals);
    out.extend_from_slice((value / one).to_string().as_bytes());
    if decimals > 0 {
        out.extend_from_slice(format!(".{:0width$}", value % one, width = decimals as usize).as_bytes());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_are_as_many_as_asked_for() {
        let check = |value: i128, decimals: u32, expected: &str| {
            let mut out = Vec::new();
            fixed(&mut out, value, decimals);
            assert_eq!(String::from_utf8(out).unwrap(), expected);
        };
        check(6_434_670_000_000, 2, "64346.70");
        check(145_800_000_000, 0, "1458");
        check(-5_020_000, 4, "-0.0502");
        check(1, 8, "0.00000001");
        check(i128::MAX, 8, "1701411834604692317316873037158.84105727");
    }

    #[test]
    fn objects_keep_their_order() {
        let mut out = Vec::new();
        Object::new(&mut out).text("e", "kline").int("E", -5).flag("x", true).quoted("p", 150_000_000, None).end();
        assert_eq!(out, br#"{"e":"kline","E":-5,"x":true,"p":"1.50000000"}"#);
    }
}
