//! The log screen: which entries are wanted, how far back has been read, and where the cursor stands.

use super::input::Input;
use super::list::step;
use crate::engine::query::{LogFilter, LogPage, Query};
use crate::engine::snapshot::LogEntry;
use crate::tui::action::Move;
use crate::tui::format;
use crate::tui::wrap::wrap;

/// Entries of one read.
const PAGE: usize = 500;
/// More than the store keeps: the read that goes to the very first entry.
const ALL: usize = 100_000;
/// From this width on, lines name the component.
pub(crate) const COMPONENT_FROM: u16 = 72;
/// Columns of a component's name.
pub(crate) const COMPONENT: usize = 9;

/// The log screen.
#[derive(Debug, Clone, Default)]
pub(crate) struct LogState {
    /// Which entries are shown.
    pub(crate) filter: LogFilter,
    /// The text filter while it is typed.
    pub(crate) search: Option<Input>,
    /// Whether long messages are wrapped.
    pub(crate) wrap: bool,
    /// Whether the whole record under the cursor is shown, and from which line on.
    pub(crate) detail: Option<usize>,
    /// The first visible entry.
    pub(crate) top: usize,
    /// Why the last read failed.
    pub(crate) error: Option<String>,
    /// The entry under the cursor; `None` follows the newest.
    cursor: Option<i64>,
    /// What was read from before the snapshot's entries, and what has fallen out of these since.
    older: Vec<LogEntry>,
    reach: Reach,
    /// On the way to the very first entry.
    rush: bool,
    generation: u64,
}

/// How far back has been read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Reach {
    /// There may be older entries.
    #[default]
    Part,
    /// A read is on its way.
    Reading,
    /// Nothing older is left.
    All,
}

impl Reach {
    /// After older entries were let go.
    const fn with_more(self) -> Self {
        match self {
            Self::All => Self::Part,
            other => other,
        }
    }
}

impl LogState {
    /// Whether the newest entry stays visible.
    pub(crate) const fn is_following(&self) -> bool {
        self.cursor.is_none()
    }

    /// Whether a read is on its way.
    pub(crate) const fn is_loading(&self) -> bool {
        matches!(self.reach, Reach::Reading)
    }

    /// Entries that the filter admits, oldest first: what was read, then the snapshot's.
    pub(crate) fn shown<'a>(&'a self, newest: &'a [LogEntry]) -> Vec<&'a LogEntry> {
        let last = self.older.last().map_or(i64::MIN, |entry| entry.id);
        let newest = newest.iter().filter(|entry| entry.id > last && self.filter.admits(entry));
        self.older.iter().chain(newest).collect()
    }

    /// The place of the cursor among `shown`; the last one while it follows.
    pub(crate) fn index(&self, shown: &[&LogEntry]) -> usize {
        let last = shown.len().saturating_sub(1);
        self.cursor.map_or(last, |id| shown.partition_point(|entry| entry.id < id).min(last))
    }

    /// The entry under the cursor.
    pub(crate) fn entry<'a>(&'a self, newest: &'a [LogEntry]) -> Option<&'a LogEntry> {
        let shown = self.shown(newest);
        shown.get(self.index(&shown)).copied()
    }

    /// Moves the cursor; going to the last entry, and nothing else, follows it from then on.
    pub(crate) fn go(&mut self, to: Move, newest: &[LogEntry], rows: usize) {
        self.error = None;
        let shown = self.shown(newest);
        let index = step(self.index(&shown), to, shown.len(), rows.saturating_sub(1).max(1));
        let cursor = shown.get(index).map(|entry| entry.id);
        self.cursor = if to == Move::Last { None } else { cursor };
        self.rush = to == Move::First;
        self.detail = self.detail.map(|_| 0);
    }

    /// Follows the newest entry, or stays.
    pub(crate) fn toggle_follow(&mut self, newest: &[LogEntry]) {
        self.rush = false;
        self.cursor = if self.is_following() { self.entry(newest).map(|entry| entry.id) } else { None };
    }

    /// Shows what another filter admits; what was read for the one before is forgotten. The cursor
    /// stays as near as it can.
    pub(crate) fn set_filter(&mut self, filter: LogFilter) {
        if filter != self.filter {
            self.filter = filter;
            self.forget();
        }
    }

    fn forget(&mut self) {
        self.older.clear();
        self.reach = Reach::Part;
        self.rush = false;
        self.generation += 1;
        self.error = None;
    }

    /// The snapshot's entries change: those that fall out stay, so that what is read stays in place.
    pub(crate) fn take(&mut self, before: &[LogEntry], after: &[LogEntry]) {
        let Some(first) = after.first() else {
            self.forget();
            return;
        };
        if before.last().is_some_and(|last| last.id < first.id) {
            // Entries in between were never seen.
            self.forget();
            return;
        }
        let gone = before.partition_point(|entry| entry.id < first.id);
        if gone > 0 && self.is_following() && self.older.is_empty() {
            self.reach = self.reach.with_more();
        } else if gone > 0 {
            let last = self.older.last().map_or(i64::MIN, |entry| entry.id);
            let kept = before[..gone].iter().filter(|entry| entry.id > last && self.filter.admits(entry)).cloned();
            self.older.extend(kept);
        }
    }

    /// After anything has changed: scrolls as little as needed to show the cursor in `rows` lines of
    /// `columns`; while it follows, the newest entry stands in the last line.
    pub(crate) fn reveal(&mut self, newest: &[LogEntry], rows: usize, columns: u16) {
        if self.is_following() && self.older.len() > PAGE + rows {
            // Memory stays flat however long it follows.
            self.older.drain(..self.older.len() - rows);
            self.reach = self.reach.with_more();
        }
        let shown = self.shown(newest);
        let height = |at: usize| if self.wrap { self.lines(shown[at], columns).len() } else { 1 };
        // The first entry from which on everything up to `last` fits.
        let fitting = |last: usize| {
            let (mut at, mut used) = (last, height(last));
            while at > 0 && used + height(at - 1) <= rows {
                at -= 1;
                used += height(at);
            }
            at
        };
        let top = match shown.len().checked_sub(1) {
            None => 0,
            Some(last) if self.is_following() => fitting(last),
            Some(last) => {
                let index = self.index(&shown);
                self.top.clamp(fitting(index), index).min(fitting(last))
            }
        };
        self.top = top;
    }

    /// The message in the lines that it takes beside its time, level, component and series.
    pub(crate) fn lines(&self, entry: &LogEntry, columns: u16) -> Vec<String> {
        let room = usize::from(columns).saturating_sub(indent(entry, columns) + 1);
        if self.wrap { wrap(&entry.message, room.max(12)) } else { vec![format::fit(&entry.message, room)] }
    }

    /// A read of older entries, where the cursor is near the first one or the screen is not full.
    pub(crate) fn wanted(&mut self, newest: &[LogEntry], rows: usize) -> Option<(u64, Query)> {
        if self.reach != Reach::Part || self.error.is_some() {
            return None;
        }
        let shown = self.shown(newest);
        let near = !self.is_following() && self.top < rows;
        if !near && shown.len() >= rows {
            return None;
        }
        let before = shown.first().copied().filter(|_| !self.older.is_empty()).or(newest.first())?.id;
        let limit = if self.rush { ALL } else { PAGE };
        self.generation += 1;
        self.reach = Reach::Reading;
        Some((self.generation, Query::Log { before: Some(before), limit, filter: self.filter.clone() }))
    }

    /// A read has come back; one that a newer one has overtaken is dropped.
    pub(crate) fn landed(&mut self, generation: u64, page: Result<LogPage, String>) {
        if generation != self.generation {
            return;
        }
        self.reach = Reach::Part;
        match page {
            Ok(page) => {
                self.error = None;
                if page.is_first {
                    self.reach = Reach::All;
                }
                self.top += page.entries.len();
                self.older.splice(0..0, page.entries);
                if self.rush && self.reach == Reach::All {
                    self.rush = false;
                    self.cursor = self.older.first().map(|entry| entry.id).or(self.cursor);
                }
            }
            Err(error) => self.error = Some(error),
        }
    }
}

/// Columns before the message.
pub(crate) fn indent(entry: &LogEntry, columns: u16) -> usize {
    let component = if columns >= COMPONENT_FROM { COMPONENT + 1 } else { 0 };
    10 + 6 + component + entry.series.as_ref().map_or(0, |series| format::width(series) + 2)
}
