//! As much of HTTP/1.1 as a client of this exchange speaks: GET requests without a body.

use std::fmt::Write as _;

/// Longest head that is read.
const MAX_HEAD: usize = 16 * 1_024;

/// A request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Request {
    pub(super) method: String,
    /// Path and query as sent.
    pub(super) target: String,
    pub(super) accepts_gzip: bool,
    pub(super) keep_alive: bool,
    /// `Sec-WebSocket-Key` of a request that asks for a WebSocket.
    pub(super) websocket_key: Option<String>,
}

/// Bytes that are no request that this server reads: the status to answer before closing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct BadRequest(pub(super) u16);

/// Reads the request at the start of `buffer`, if it is all there, with the bytes that it takes.
pub(super) fn parse(buffer: &[u8]) -> Result<Option<(Request, usize)>, BadRequest> {
    let Some(end) = buffer.windows(4).position(|four| four == b"\r\n\r\n") else {
        return if buffer.len() > MAX_HEAD { Err(BadRequest(431)) } else { Ok(None) };
    };
    let head = std::str::from_utf8(&buffer[..end]).map_err(|_| BadRequest(400))?;
    let mut lines = head.split("\r\n");
    let mut first = lines.next().unwrap_or_default().split(' ');
    let (Some(method), Some(target), Some(version), None) = (first.next(), first.next(), first.next(), first.next()) else {
        return Err(BadRequest(400));
    };
    if !target.starts_with('/') || !version.starts_with("HTTP/1.") {
        return Err(BadRequest(400));
    }
    let mut request = Request {
        method: method.to_owned(),
        target: target.to_owned(),
        accepts_gzip: false,
        keep_alive: version == "HTTP/1.1",
        websocket_key: None,
    };
    let mut upgrades = false;
    for line in lines {
        let (name, value) = line.split_once(':').ok_or(BadRequest(400))?;
        let value = value.trim();
        if name.eq_ignore_ascii_case("connection") {
            request.keep_alive = if request.keep_alive { !has(value, "close") } else { has(value, "keep-alive") };
        } else if name.eq_ignore_ascii_case("accept-encoding") {
            request.accepts_gzip = has(value, "gzip");
        } else if name.eq_ignore_ascii_case("upgrade") {
            upgrades = has(value, "websocket");
        } else if name.eq_ignore_ascii_case("sec-websocket-key") {
            request.websocket_key = Some(value.to_owned());
        } else if name.eq_ignore_ascii_case("transfer-encoding") || (name.eq_ignore_ascii_case("content-length") && value != "0")
        {
            return Err(BadRequest(413));
        }
    }
    request.websocket_key.take_if(|_| !upgrades);
    Ok(Some((request, end + 4)))
}

fn has(list: &str, token: &str) -> bool {
    list.split(',').any(|item| item.split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case(token))
}

impl Request {
    pub(super) fn path(&self) -> &str {
        self.target.split_once('?').map_or(self.target.as_str(), |(path, _)| path)
    }

    /// Names and values of the query, decoded.
    pub(super) fn query(&self) -> Vec<(String, String)> {
        let query = self.target.split_once('?').map_or("", |(_, query)| query);
        let pairs = query.split('&').filter(|pair| !pair.is_empty());
        pairs.map(|pair| pair.split_once('=').unwrap_or((pair, ""))).map(|(name, value)| (decode(name), decode(value))).collect()
    }
}

/// Undoes percent encoding; bytes that are no UTF-8 stay visible as `%XX`, which no parameter allows.
fn decode(text: &str) -> String {
    if !text.contains(['%', '+']) {
        return text.to_owned();
    }
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&byte, tail)) = rest.split_first() {
        let hex = |at: usize| tail.get(at).and_then(|digit| char::from(*digit).to_digit(16));
        let (byte, after) = match (byte, hex(0), hex(1)) {
            (b'%', Some(high), Some(low)) => ((high * 16 + low) as u8, &tail[2..]),
            (b'+', ..) => (b' ', tail),
            _ => (byte, tail),
        };
        bytes.push(byte);
        rest = after;
    }
    String::from_utf8(bytes).unwrap_or_else(|error| {
        error.as_bytes().iter().fold(String::new(), |mut out, byte| {
            // Writing to a string cannot fail.
            let _ = write!(out, "%{byte:02X}");
            out
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_one_request_after_the_other() {
        let bytes = b"GET /api/v3/ping?a=1 HTTP/1.1\r\nHost: x\r\naccept-encoding: br, gzip;q=0.5\r\n\r\nGET / HTTP/1.0\r\n\r\n";
        let (first, taken) = parse(bytes).unwrap().unwrap();
        assert_eq!((first.path(), first.accepts_gzip, first.keep_alive), ("/api/v3/ping", true, true));
        let (second, rest) = parse(&bytes[taken..]).unwrap().unwrap();
        assert_eq!((second.path(), second.keep_alive, taken + rest), ("/", false, bytes.len()));
        for cut in 0..taken - 1 {
            assert_eq!(parse(&bytes[..cut]), Ok(None));
        }
    }

    #[test]
    fn a_websocket_has_a_key_and_asks_for_the_upgrade() {
        let key = |head: &str| parse(format!("GET /ws HTTP/1.1\r\n{head}\r\n").as_bytes()).unwrap().unwrap().0.websocket_key;
        assert_eq!(key("Upgrade: WebSocket\r\nSec-WebSocket-Key: abc=\r\n").as_deref(), Some("abc="));
        assert_eq!(key("Sec-WebSocket-Key: abc=\r\n"), None);
        assert_eq!(key("Upgrade: h2c\r\nSec-WebSocket-Key: abc=\r\n"), None);
        assert_eq!(key("Upgrade: websocket\r\n"), None);
    }

    #[test]
    fn refuses_what_it_cannot_read() {
        let check = |head: &str, status: u16| assert_eq!(parse(head.as_bytes()), Err(BadRequest(status)), "{head}");
        check("GET /\r\n\r\n", 400);
        check("GET x HTTP/1.1\r\n\r\n", 400);
        check("GET / HTTP/1.1\r\nnonsense\r\n\r\n", 400);
        check("POST / HTTP/1.1\r\ncontent-length: 5\r\n\r\nhello", 413);
        check(&"x".repeat(MAX_HEAD + 1), 431);
    }

    #[test]
    fn decodes_queries() {
        let query = |target: &str| parse(format!("GET {target} HTTP/1.1\r\n\r\n").as_bytes()).unwrap().unwrap().0.query();
        assert_eq!(
            query("/x?symbols=%5B%22A%22%2C%22B%22%5D&y=&z"),
            [("symbols".into(), "[\"A\",\"B\"]".into()), ("y".into(), String::new()), ("z".into(), String::new())]
        );
        assert_eq!(query("/x?s=%E5%B8%81"), [("s".to_owned(), "币".to_owned())]);
        assert_eq!(query("/x?s=%FF%4"), [("s".to_owned(), "%FF%25%34".to_owned())]);
    }
}
