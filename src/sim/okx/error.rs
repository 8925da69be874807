//! Refusals in the exchange's own words, mostly with status 200.

use super::super::json;
use super::super::rest::Answer;

/// `{"code":"..","msg":"..","data":[]}`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct OkxError {
    code: &'static str,
    message: String,
}

impl OkxError {
    fn new(code: &'static str, message: impl Into<String>) -> Self {
        Self { code, message: message.into() }
    }

    pub(super) fn empty(name: &str) -> Self {
        Self::new("50014", format!("Parameter {name} can not be empty."))
    }

    pub(super) fn wrong(name: &str) -> Self {
        Self::new("51000", format!("Parameter {name} error"))
    }

    pub(super) fn no_before() -> Self {
        Self::new("50039", "This operation is not supported: before cannot be used when paging by timestamp.")
    }

    pub(super) fn no_instrument() -> Self {
        Self::new("51001", "Instrument ID, Instrument ID code, or Spread ID doesn't exist.")
    }

    pub(super) fn answer(&self) -> Answer {
        answer(200, self.code, &self.message)
    }
}

fn answer(status: u16, code: &str, message: &str) -> Answer {
    let mut body = b"{".to_vec();
    json::string_field(&mut body, "code", code);
    json::string_field(&mut body, "msg", message);
    body.extend_from_slice(b",\"data\":[]}");
    Answer::json(status, body)
}

/// The window is spent.
pub(in crate::sim) fn too_many_requests() -> Answer {
    answer(429, "50011", "Too Many Requests")
}

/// The region is not served.
pub(in crate::sim) fn restricted() -> Answer {
    answer(200, "50051", "The service is not available in your region.")
}

/// 500, 503 and 504; a timeout comes with status 400.
pub(in crate::sim) fn server_error(status: u16) -> Answer {
    match status {
        503 => answer(503, "50001", "Service temporarily unavailable. Try again later."),
        504 => answer(400, "50004", "API endpoint request timeout."),
        _ => answer(500, "50026", "System error. Try again later."),
    }
}
