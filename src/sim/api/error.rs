//! Refusals in the exchange's own words.

use super::super::json;
use super::Answer;
use crate::domain::time::Time;

/// `{"code":..,"msg":".."}` with a status.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ApiError {
    status: u16,
    code: i32,
    message: String,
}

impl ApiError {
    fn bad(code: i32, message: impl Into<String>) -> Self {
        Self { status: 400, code, message: message.into() }
    }

    pub(super) fn illegal_characters(name: &str, legal: &str) -> Self {
        Self::bad(-1100, format!("Illegal characters found in parameter '{name}'; legal range is '{legal}'."))
    }

    pub(super) fn duplicate_parameter() -> Self {
        Self::bad(-1101, "Duplicate values for a parameter detected.")
    }

    pub(super) fn missing(name: &str) -> Self {
        Self::bad(-1102, format!("Mandatory parameter '{name}' was not sent, was empty/null, or malformed."))
    }

    pub(super) fn unread(read: usize, sent: usize) -> Self {
        Self::bad(-1104, format!("Not all sent parameters were read; read '{read}' parameter(s) but was sent '{sent}'."))
    }

    pub(super) fn empty(name: &str) -> Self {
        Self::bad(-1105, format!("Parameter '{name}' was empty."))
    }

    pub(super) fn invalid_interval() -> Self {
        Self::bad(-1120, "Invalid interval.")
    }

    pub(super) fn invalid_symbol() -> Self {
        Self::bad(-1121, "Invalid symbol.")
    }

    pub(super) fn invalid_symbol_status() -> Self {
        Self::bad(-1122, "Invalid symbolStatus.")
    }

    pub(super) fn bad_combination() -> Self {
        Self::bad(-1128, "Combination of optional parameters invalid.")
    }

    pub(super) fn invalid(name: &str) -> Self {
        Self::bad(-1130, format!("Data sent for parameter '{name}' is not valid."))
    }

    pub(super) fn repeated_symbol() -> Self {
        Self::bad(-1151, "Symbol is present multiple times in the list.")
    }

    pub(super) fn status_mismatch(status: &str) -> Self {
        Self::bad(-1220, format!("The symbol's status does not match the requested symbolStatus '{status}'."))
    }

    pub(super) fn answer(&self) -> Answer {
        let mut body = b"{\"code\":".to_vec();
        json::integer(&mut body, self.code.into());
        body.extend_from_slice(b",\"msg\":");
        json::string(&mut body, &self.message);
        body.push(b'}');
        Answer { status: self.status, body, is_html: false }
    }
}

/// 429: the budget of the minute is spent.
pub(in crate::sim) fn too_many_requests(limit: u32) -> Answer {
    let message = format!(
        "Too much request weight used; current limit is {limit} request weight per 1 MINUTE. Please use WebSocket Streams for \
         live updates to avoid polling the API."
    );
    ApiError { status: 429, code: -1003, message }.answer()
}

/// 418: banned.
pub(in crate::sim) fn banned(until: Time) -> Answer {
    let message = format!(
        "Way too much request weight used; IP banned until {}. Please use WebSocket Streams for live updates to avoid bans.",
        until.ms()
    );
    ApiError { status: 418, code: -1003, message }.answer()
}

/// 451: the location is blocked; its code is the number 0.
pub(in crate::sim) fn restricted() -> Answer {
    let message = "Service unavailable from a restricted location according to 'b. Eligibility' in \
        https://www.binance.com/en/terms. Please contact customer service if you believe you received this message in error.";
    ApiError { status: 451, code: 0, message: message.to_owned() }.answer()
}

/// 403 and 5xx.
pub(in crate::sim) fn server_error(status: u16) -> Answer {
    let (code, message) = match status {
        500 => (-1000, "An unknown error occurred while processing the request."),
        503 => (-1008, "Server is currently overloaded with other requests. Please try again in a few minutes."),
        504 => (-1007, "Timeout waiting for response from backend server. Send status unknown; execution status unknown."),
        502 => return html(502, "Bad Gateway"),
        _ => return html(status, "Forbidden"),
    };
    ApiError { status, code, message: message.to_owned() }.answer()
}

/// 404.
pub(in crate::sim) fn not_found() -> Answer {
    html(404, "Not Found")
}

pub(super) fn html(status: u16, reason: &str) -> Answer {
    let body = format!(
        "<html>\r\n<head><title>{status} {reason}</title></head>\r\n<body>\r\n<center><h1>{status} {reason}</h1></center>\r\n\
         </body>\r\n</html>\r\n"
    );
    Answer { status, body: body.into_bytes(), is_html: true }
}
