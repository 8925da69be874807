//! Rows of a dataset that were read, and which of them are in sight.

use crate::domain::funding::Funding;
use crate::domain::open_interest::OpenInterest;
use crate::domain::series::SeriesId;
use crate::domain::trade::Trade;
use crate::engine::query::RowsData;
use crate::engine::snapshot::SeriesView;
use crate::tui::action::Move;
use crate::tui::state::list::step;

/// A row with a key that stays its own while newer rows come.
pub(crate) trait Keyed {
    /// Grows with time.
    fn key(&self) -> i64;
}

impl Keyed for Trade {
    fn key(&self) -> i64 {
        self.id
    }
}

impl Keyed for Funding {
    fn key(&self) -> i64 {
        self.time.ms()
    }
}

impl Keyed for OpenInterest {
    fn key(&self) -> i64 {
        self.time.ms()
    }
}

/// Rows of one series, and where one has scrolled to.
#[derive(Debug, Clone)]
pub(crate) struct Rows<T> {
    /// Why the last read failed.
    pub(crate) error: Option<String>,
    data: Option<RowsData<T>>,
    /// The first row in sight; the newest one where `None`.
    anchor: Option<i64>,
    generation: u64,
    asked: Option<Asked>,
}

/// The last read.
#[derive(Debug, Clone, Copy)]
struct Asked {
    series: SeriesId,
    revision: u64,
    under_way: bool,
}

impl<T> Default for Rows<T> {
    fn default() -> Self {
        Self { error: None, data: None, anchor: None, generation: 0, asked: None }
    }
}

impl<T: Keyed> Rows<T> {
    /// What was read of this series, the newest first.
    pub(crate) fn newest_first(&self, series: SeriesId) -> impl Iterator<Item = &T> {
        self.data.iter().filter(move |data| data.series == series).flat_map(|data| data.rows.iter().rev())
    }

    /// Whether something of this series was read.
    pub(crate) fn is_read(&self, series: SeriesId) -> bool {
        self.data.as_ref().is_some_and(|data| data.series == series)
    }

    /// Whether there are older rows than those that were read.
    pub(crate) fn is_cut(&self) -> bool {
        self.data.as_ref().is_some_and(|data| data.is_cut)
    }

    /// Whether the newest row stays in sight as newer ones come.
    pub(crate) const fn is_following(&self) -> bool {
        self.anchor.is_none()
    }

    /// The first row in sight among rows of these keys, of which `rows` are visible.
    pub(crate) fn top(&self, keys: &[i64], rows: usize) -> usize {
        let at = self.anchor.and_then(|anchor| keys.iter().position(|key| *key <= anchor)).unwrap_or(0);
        at.min(keys.len().saturating_sub(rows))
    }

    /// Scrolls among rows of these keys. Back at the newest one it follows again.
    pub(crate) fn go(&mut self, to: Move, keys: &[i64], rows: usize) {
        let rows = rows.max(1);
        let end = keys.len().saturating_sub(rows);
        let top = step(self.top(keys, rows), to, end + 1, rows.saturating_sub(1).max(1));
        self.anchor = if top == 0 { None } else { keys.get(top).copied() };
    }

    /// Stays where it is, or follows again.
    pub(crate) fn toggle_follow(&mut self, keys: &[i64]) {
        self.anchor = if self.anchor.is_some() { None } else { keys.first().copied() };
    }

    /// The number of the read that is due: of another series, or after a change of this one. A frozen
    /// screen reads only what it has never shown.
    pub(super) fn wanted(&mut self, series: &SeriesView, frozen: bool) -> Option<u64> {
        let same = self.asked.filter(|asked| asked.series == series.id);
        let is_due = match same {
            None => true,
            Some(asked) => !asked.under_way && asked.revision != series.revision && !frozen,
        };
        if !is_due {
            return None;
        }
        if same.is_none() {
            self.anchor = None;
            self.error = None;
        }
        self.generation += 1;
        self.asked = Some(Asked { series: series.id, revision: series.revision, under_way: true });
        Some(self.generation)
    }

    /// A read came back; one that a newer one has overtaken is dropped.
    pub(crate) fn landed(&mut self, generation: u64, found: Result<RowsData<T>, String>) {
        if generation != self.generation {
            return;
        }
        if let Some(asked) = &mut self.asked {
            asked.under_way = false;
        }
        match found {
            Ok(data) => (self.data, self.error) = (Some(data), None),
            Err(error) => self.error = Some(error),
        }
    }

    /// The next look reads again.
    pub(super) const fn read_again(&mut self) {
        self.asked = None;
    }
}
