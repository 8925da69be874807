//! Refusals: a list of strings in an answer of status 200.

use super::super::rest::Answer;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum KrakenError {
    UnknownPair,
    UnknownAsset,
    Arguments,
}

impl KrakenError {
    pub(super) fn answer(self) -> Answer {
        match self {
            Self::UnknownPair => Answer::json(200, r#"{"error":["EQuery:Unknown asset pair"],"result":null}"#),
            Self::UnknownAsset => Answer::json(200, r#"{"error":["EQuery:Unknown asset"],"result":null}"#),
            Self::Arguments => refusal("EGeneral:Invalid arguments"),
        }
    }
}

fn refusal(text: &str) -> Answer {
    Answer::json(200, format!("{{\"error\":[\"{text}\"]}}"))
}

/// More than about one call a second.
pub(in crate::sim) fn too_many_requests() -> Answer {
    refusal("EAPI:Rate limit exceeded")
}

/// Who goes on regardless.
pub(in crate::sim) fn locked_out() -> Answer {
    refusal("EGeneral:Temporary lockout")
}

/// A path that is not there.
pub(in crate::sim) fn unknown_method() -> Answer {
    Answer { status: 404, ..refusal("EGeneral:Unknown method") }
}

/// What stands for 500, 503 and 504 elsewhere.
pub(in crate::sim) fn server_error(status: u16) -> Answer {
    match status {
        503 => refusal("EService:Unavailable"),
        504 => refusal("EService:Deadline elapsed"),
        _ => refusal("EGeneral:Internal error"),
    }
}
