//! What was asked of the simulated exchange, and what it answered.

use super::json;
use crate::domain::time::Time;
use std::collections::{BTreeMap, VecDeque};
use std::fs::File;
use std::io::{self, Write as _};
use std::path::Path;
use std::time::Duration;

/// One request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestLog {
    /// The exchange's time.
    pub at: Time,
    /// Real time since the start.
    pub elapsed: Duration,
    /// Path and query as sent.
    pub target: String,
    /// Status of the answer; 0 where none was sent.
    pub status: u16,
    /// The fault that struck, in the words of a rule.
    pub fault: Option<String>,
    /// Request weight.
    pub weight: u32,
    /// Weight used in this minute, this request included.
    pub used_weight: u32,
}

impl RequestLog {
    /// The path without the query.
    pub fn path(&self) -> &str {
        self.target.split_once('?').map_or(self.target.as_str(), |(path, _)| path)
    }

    /// The value of a query parameter as sent.
    pub fn param(&self, name: &str) -> Option<&str> {
        let (_, query) = self.target.split_once('?')?;
        query.split('&').filter_map(|pair| pair.split_once('=')).find(|(given, _)| *given == name).map(|(_, value)| value)
    }

    fn write_json(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(b"{\"at\":");
        json::integer(out, self.at.ms());
        out.extend_from_slice(b",\"elapsed_ms\":");
        json::integer(out, i64::try_from(self.elapsed.as_millis()).unwrap_or(i64::MAX));
        out.extend_from_slice(b",\"target\":");
        json::string(out, &self.target);
        out.extend_from_slice(b",\"status\":");
        json::integer(out, self.status.into());
        out.extend_from_slice(b",\"fault\":");
        match &self.fault {
            Some(fault) => json::string(out, fault),
            None => out.extend_from_slice(b"null"),
        }
        out.extend_from_slice(b",\"weight\":");
        json::integer(out, self.weight.into());
        out.extend_from_slice(b",\"used_weight\":");
        json::integer(out, self.used_weight.into());
        out.extend_from_slice(b"}\n");
    }
}

/// The newest requests, counts of all of them, and the file they may also go to.
#[derive(Debug)]
pub(super) struct Requests {
    newest: VecDeque<RequestLog>,
    counts: BTreeMap<String, u64>,
    file: Option<File>,
}

/// How many requests are kept whole.
const KEPT: usize = 20_000;

impl Requests {
    pub(super) fn new(file: Option<&Path>) -> io::Result<Self> {
        Ok(Self { newest: VecDeque::new(), counts: BTreeMap::new(), file: file.map(File::create).transpose()? })
    }

    /// Keeps a request. A file that cannot be written any more is given up: the answer matters more.
    pub(super) fn push(&mut self, request: RequestLog) {
        if let Some(file) = &mut self.file {
            let mut line = Vec::with_capacity(256);
            request.write_json(&mut line);
            if file.write_all(&line).is_err() {
                self.file = None;
            }
        }
        // Unknown paths share one count, so that a stray client cannot grow the map.
        let path = if request.status == 404 { "" } else { request.path() };
        match self.counts.get_mut(path) {
            Some(count) => *count += 1,
            None => {
                self.counts.insert(path.to_owned(), 1);
            }
        }
        if self.newest.len() == KEPT {
            self.newest.pop_front();
        }
        self.newest.push_back(request);
    }

    pub(super) fn newest(&self) -> Vec<RequestLog> {
        self.newest.iter().cloned().collect()
    }

    pub(super) fn count(&self, path: &str) -> u64 {
        self.counts.get(path).copied().unwrap_or(0)
    }
}
