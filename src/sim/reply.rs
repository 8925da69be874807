//! An answer as bytes on the wire.

use super::fault::Fault;
use super::rest::Answer;
use crate::domain::time::Time;
use flate2::Compression;
use flate2::write::GzEncoder;
use std::io::Write as _;

/// An answer with everything its head needs.
#[derive(Debug)]
pub(super) struct Reply {
    pub(super) answer: Answer,
    pub(super) retry_after: Option<u64>,
    /// Told in the head, by the exchanges that do.
    pub(super) used_weight: Option<u32>,
    pub(super) now: Time,
    pub(super) gzip: bool,
    pub(super) keep_alive: bool,
    /// A fault in how it is sent.
    pub(super) fault: Option<Fault>,
}

impl Reply {
    /// Head and body in one buffer, with where the body starts.
    pub(super) fn bytes(mut self) -> (Vec<u8>, usize) {
        let mut encoding = "";
        match self.fault {
            Some(Fault::TruncatedJson) => self.answer.body.truncate(self.answer.body.len() * 2 / 3),
            Some(Fault::BadGzip) => {
                encoding = "content-encoding: gzip\r\n";
                self.answer.body = b"\x1f\x8bthis is no gzip stream at all".to_vec();
            }
            _ if self.gzip => {
                if let Some(packed) = pack(&self.answer.body) {
                    encoding = "content-encoding: gzip\r\n";
                    self.answer.body = packed;
                }
            }
            _ => {}
        }
        let length = match self.fault {
            Some(Fault::WrongLength) => self.answer.body.len() as u64 / 2,
            Some(Fault::HugeBody { bytes }) => bytes.max(self.answer.body.len() as u64),
            _ => self.answer.body.len() as u64,
        };
        let mut out = Vec::with_capacity(self.answer.body.len() + 512);
        let content_type = if self.answer.is_html { "text/html" } else { "application/json;charset=UTF-8" };
        let head = format!(
            "HTTP/1.1 {} {}\r\ncontent-type: {content_type}\r\ncontent-length: {length}\r\n{encoding}date: {}\r\n",
            self.answer.status,
            reason(self.answer.status),
            self.now.format("%a, %d %b %Y %H:%M:%S GMT"),
        );
        out.extend_from_slice(head.as_bytes());
        if let Some(weight) = self.used_weight {
            out.extend_from_slice(format!("x-mbx-used-weight: {weight}\r\nx-mbx-used-weight-1m: {weight}\r\n").as_bytes());
        }
        if let Some(seconds) = self.retry_after {
            out.extend_from_slice(format!("retry-after: {seconds}\r\n").as_bytes());
        }
        out.extend_from_slice(if self.keep_alive { b"connection: keep-alive\r\n\r\n" } else { b"connection: close\r\n\r\n" });
        let body_at = out.len();
        out.append(&mut self.answer.body);
        (out, body_at)
    }
}

/// `None` where compression fails, which writing to memory does not.
fn pack(body: &[u8]) -> Option<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::with_capacity(body.len() / 3), Compression::fast());
    encoder.write_all(body).ok()?;
    encoder.finish().ok()
}

fn reason(status: u16) -> &'static str {
    match status {
        200 => "OK",
        400 => "Bad Request",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        413 => "Content Too Large",
        418 => "I'm a teapot",
        429 => "Too Many Requests",
        431 => "Request Header Fields Too Large",
        451 => "Unavailable For Legal Reasons",
        500 => "Internal Server Error",
        502 => "Bad Gateway",
        503 => "Service Unavailable",
        504 => "Gateway Timeout",
        _ => "Unknown",
    }
}
