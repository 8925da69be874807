//! What can go wrong with an answer, byte by byte and row by row.

pub(super) mod plan;
pub(super) mod rows;
mod rule;
mod socket;

pub use rule::{FaultParseError, FaultRule, When};
pub use socket::SocketFault;

use std::fmt;

/// One way for an answer to be wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// The right answer, late.
    Latency {
        /// How late.
        ms: u64,
    },
    /// 429 with code -1003.
    TooManyRequests {
        /// `Retry-After` in seconds; none where `None`.
        retry_after: Option<u64>,
    },
    /// 418 with code -1003 and "IP banned until".
    Banned {
        /// `Retry-After` in seconds, and the end that the message names.
        retry_after: u64,
    },
    /// 403 from the firewall, with an HTML body.
    Firewall,
    /// 451 with JSON of code 0: the location is blocked.
    Restricted,
    /// A server error: 500, 502 (HTML), 503 or 504.
    ServerError {
        /// The status.
        status: u16,
    },
    /// 200 with an HTML body.
    Html,
    /// Valid HTTP whose JSON stops in the middle.
    TruncatedJson,
    /// Half of the announced body, then the end of the connection.
    CutBody,
    /// Half of the announced body, then a reset of the connection.
    ResetBody,
    /// The connection is reset without an answer.
    Reset,
    /// The connection is closed without an answer.
    Close,
    /// Bytes that are no HTTP.
    NotHttp,
    /// No answer at all, until the client leaves or ten minutes are over.
    Stall,
    /// The right answer in small pieces.
    SlowDrip {
        /// Bytes in a piece.
        bytes: usize,
        /// Pause between pieces.
        ms: u64,
    },
    /// `Content-Length` says half of what is sent.
    WrongLength,
    /// The answer followed by blanks without end.
    HugeBody {
        /// Size of the body.
        bytes: u64,
    },
    /// Announced as gzip, and is none.
    BadGzip,
    /// The empty list.
    Empty,
    /// One row twice.
    DuplicateRows,
    /// One minute twice, with different values.
    ConflictingDuplicate,
    /// Rows in reverse.
    Reordered,
    /// One row missing.
    DroppedRows,
    /// All rows at a later time, values unchanged.
    ShiftedRows {
        /// By how much; one row's width where `None`.
        ms: Option<i64>,
    },
    /// One row some seconds off the grid.
    OffGrid,
    /// One row with `null` for its close.
    NullCells,
    /// One row with a negative low.
    NegativePrice,
    /// One row with high and low swapped.
    InvertedHighLow,
    /// One row with a volume of forty digits.
    OverflowingNumber,
    /// One row with another close and volume than it has: the exchange rewrote its history.
    RevisedRow,
    /// `serverTime` is off.
    ClockSkew {
        /// By how much; negative: behind.
        ms: i64,
    },
    /// Something about a WebSocket.
    Socket(SocketFault),
}

impl Fault {
    /// Every kind of fault of an answer with its usual arguments.
    pub const ALL: [Self; 35] = [
        Self::Latency { ms: 500 },
        Self::TooManyRequests { retry_after: Some(1) },
        Self::Banned { retry_after: 120 },
        Self::Firewall,
        Self::Restricted,
        Self::ServerError { status: 500 },
        Self::ServerError { status: 502 },
        Self::ServerError { status: 503 },
        Self::ServerError { status: 504 },
        Self::Html,
        Self::TruncatedJson,
        Self::CutBody,
        Self::ResetBody,
        Self::Reset,
        Self::Close,
        Self::NotHttp,
        Self::Stall,
        Self::SlowDrip { bytes: 16, ms: 100 },
        Self::WrongLength,
        Self::HugeBody { bytes: 300_000_000 },
        Self::BadGzip,
        Self::Empty,
        Self::DuplicateRows,
        Self::ConflictingDuplicate,
        Self::Reordered,
        Self::DroppedRows,
        Self::ShiftedRows { ms: None },
        Self::ShiftedRows { ms: Some(-86_400_000) },
        Self::OffGrid,
        Self::NullCells,
        Self::NegativePrice,
        Self::InvertedHighLow,
        Self::OverflowingNumber,
        Self::RevisedRow,
        Self::ClockSkew { ms: 90_000 },
    ];

    /// Its name in rules and in the request log.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Latency { .. } => "latency",
            Self::TooManyRequests { .. } => "429",
            Self::Banned { .. } => "418",
            Self::Firewall => "403",
            Self::Restricted => "451",
            Self::ServerError { status: 500 } => "500",
            Self::ServerError { status: 502 } => "502",
            Self::ServerError { status: 503 } => "503",
            Self::ServerError { .. } => "504",
            Self::Html => "html",
            Self::TruncatedJson => "truncated-json",
            Self::CutBody => "cut-body",
            Self::ResetBody => "reset-body",
            Self::Reset => "reset",
            Self::NotHttp => "not-http",
            Self::Close => "close",
            Self::Stall => "stall",
            Self::SlowDrip { .. } => "slow-drip",
            Self::WrongLength => "wrong-length",
            Self::HugeBody { .. } => "huge-body",
            Self::BadGzip => "bad-gzip",
            Self::Empty => "empty",
            Self::DuplicateRows => "duplicate-rows",
            Self::ConflictingDuplicate => "conflicting-duplicate",
            Self::Reordered => "reordered",
            Self::DroppedRows => "dropped-rows",
            Self::ShiftedRows { .. } => "shifted-rows",
            Self::OffGrid => "off-grid",
            Self::NullCells => "null-cells",
            Self::NegativePrice => "negative-price",
            Self::InvertedHighLow => "inverted-high-low",
            Self::OverflowingNumber => "overflowing-number",
            Self::RevisedRow => "revised-row",
            Self::ClockSkew { .. } => "clock-skew",
            Self::Socket(fault) => fault.name(),
        }
    }

    /// The kind of this name with its usual arguments.
    pub fn from_name(name: &str) -> Option<Self> {
        let answers = Self::ALL.into_iter().find(|fault| fault.name() == name);
        answers.or_else(|| SocketFault::from_name(name).map(Self::Socket))
    }

    /// Whether it changes the rows of `klines`, and nothing else.
    pub const fn is_about_rows(self) -> bool {
        matches!(
            self,
            Self::Empty
                | Self::DuplicateRows
                | Self::ConflictingDuplicate
                | Self::Reordered
                | Self::DroppedRows
                | Self::ShiftedRows { .. }
                | Self::OffGrid
                | Self::NullCells
                | Self::NegativePrice
                | Self::InvertedHighLow
                | Self::OverflowingNumber
                | Self::RevisedRow
        )
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Self::Socket(fault) = self {
            return fault.fmt(f);
        }
        f.write_str(self.name())?;
        match self {
            Self::Latency { ms } => write!(f, " ms={ms}"),
            Self::TooManyRequests { retry_after: Some(seconds) } | Self::Banned { retry_after: seconds } => {
                write!(f, " retry-after={seconds}")
            }
            Self::TooManyRequests { retry_after: None } => f.write_str(" retry-after=none"),
            Self::SlowDrip { bytes, ms } => write!(f, " bytes={bytes} ms={ms}"),
            Self::HugeBody { bytes } => write!(f, " bytes={bytes}"),
            Self::ShiftedRows { ms: Some(ms) } | Self::ClockSkew { ms } => write!(f, " ms={ms}"),
            _ => Ok(()),
        }
    }
}
