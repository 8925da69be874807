//! JSON objects written field by field, in the order of the exchange.

use crate::sim::json::{self, integer, string};

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

    /// A count of 10^-8 in quotes, with so many decimals.
    pub(super) fn quoted(mut self, name: &str, value: impl Into<i128>, decimals: u32) -> Self {
        json::fixed(self.name(name), value.into(), decimals);
        self
    }

    /// A count of 10^-8 as a JSON number with so many decimals.
    pub(super) fn number(mut self, name: &str, value: impl Into<i128>, decimals: u32) -> Self {
        let out = self.name(name);
        let at = out.len();
        json::fixed(out, value.into(), decimals);
        // Without the quotes.
        out.remove(at);
        out.pop();
        self
    }

    /// A count of 10^-8 in quotes, without zeros at its end.
    pub(super) fn short(mut self, name: &str, value: impl Into<i128>) -> Self {
        json::trimmed(self.name(name), value.into());
        self
    }

    pub(super) fn end(self) {
        self.out.push(b'}');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn objects_keep_their_order() {
        let mut out = Vec::new();
        let object = Object::new(&mut out).text("e", "kline").int("E", -5).flag("x", true).quoted("p", 150_000_000, 8);
        object.number("n", 150_000_000, 2).number("z", 0, 0).short("s", 150_000_000).end();
        assert_eq!(out, br#"{"e":"kline","E":-5,"x":true,"p":"1.50000000","n":1.50,"z":0,"s":"1.5"}"#);
    }
}
