//! Refusals in the exchange's own words.

use super::super::json;
use super::super::rest::Answer;
use crate::domain::time::Time;

/// `{"code":..,"msg":".."}` with a status.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::sim) struct ApiError {
    status: u16,
    code: i32,
    message: String,
}

impl ApiError {
    fn bad(code: i32, message: impl Into<String>) -> Self {
        Self { status: 400, code, message: message.into() }
    }

    pub(in crate::sim) fn illegal_characters(name: &str, legal: &str) -> Self {
        Self::bad(-1100, format!("Illegal characters found in parameter '{name}'; legal range is '{legal}'."))
    }

    pub(in crate::sim) fn duplicate_parameter() -> Self {
        Self::bad(-1101, "Duplicate values for a parameter detected.")
    }

    pub(in crate::sim) fn missing(name: &str) -> Self {
        Self::bad(-1102, format!("Mandatory parameter '{name}' was not sent, was empty/null, or malformed."))
    }

    pub(in crate::sim) fn unread(read: usize, sent: usize) -> Self {
        Self::bad(-1104, format!("Not all sent parameters were read; read '{read}' parameter(s) but was sent '{sent}'."))
    }

    pub(in crate::sim) fn empty(name: &str) -> Self {
        Self::bad(-1105, format!("Parameter '{name}' was empty."))
    }

    pub(in crate::sim) fn interval_too_long(message: &str) -> Self {
        Self::bad(-1127, message)
    }

    pub(in crate::sim) fn start_after_end() -> Self {
        Self::bad(-1023, "Start time is greater than end time.")
    }

    pub(in crate::sim) fn invalid_interval() -> Self {
        Self::bad(-1120, "Invalid interval.")
    }

    pub(in crate::sim) fn invalid_symbol() -> Self {
        Self::bad(-1121, "Invalid symbol.")
    }

    pub(in crate::sim) fn invalid_symbol_status() -> Self {
        Self::bad(-1122, "Invalid symbolStatus.")
    }

    pub(in crate::sim) fn bad_combination() -> Self {
        Self::bad(-1128, "Combination of optional parameters invalid.")
    }

    pub(in crate::sim) fn invalid(name: &str) -> Self {
        Self::bad(-1130, format!("Data sent for parameter '{name}' is not valid."))
    }

    pub(in crate::sim) fn repeated_symbol() -> Self {
        Self::bad(-1151, "Symbol is present multiple times in the list.")
    }

    pub(in crate::sim) fn status_mismatch(status: &str) -> Self {
        Self::bad(-1220, format!("The symbol's status does not match the requested symbolStatus '{status}'."))
    }

    pub(in crate::sim) fn answer(&self) -> Answer {
        let mut body = b"{\"code\":".to_vec();
        json::integer(&mut body, self.code.into());
        body.extend_from_slice(b",\"msg\":");
        json::string(&mut body, &self.message);
        body.push(b'}');
        Answer::json(self.status, body)
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

/// 500, 503 and 504.
pub(in crate::sim) fn server_error(status: u16) -> Answer {
    let (code, message) = match status {
        503 => (-1008, "Server is currently overloaded with other requests. Please try again in a few minutes."),
        504 => (-1007, "Timeout waiting for response from backend server. Send status unknown; execution status unknown."),
        _ => (-1000, "An unknown error occurred while processing the request."),
    };
    ApiError { status, code, message: message.to_owned() }.answer()
}
