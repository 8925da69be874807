//! What is known of one cell.

use crate::domain::gap::Gap;
use crate::domain::range::TimeRange;
use crate::domain::series::SeriesId;
use crate::engine::query::{FetchPlan, GapsData, Query};
use crate::engine::snapshot::{CoverageView, SeriesView};

/// Columns of what stands around an answer, and of a plan.
const ASKED: usize = 28;
const PLAN: usize = 70;

/// The panel with the gaps of the cell under the cursor, and the plan to mend them.
#[derive(Debug, Clone, Default)]
pub(crate) struct Detail {
    /// Whether the panel is open.
    pub(crate) is_open: bool,
    /// What was read last; stays until something newer lands.
    pub(crate) data: Option<GapsData>,
    /// Why the last read failed.
    pub(crate) error: Option<String>,
    /// The first visible line.
    pub(crate) top: usize,
    generation: u64,
    asked: Option<Asked>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Asked {
    series: SeriesId,
    range: TimeRange,
    of: (u64, CoverageView),
    under_way: bool,
}

impl Detail {
    /// What was read, if it is of this cell.
    pub(crate) fn of(&self, series: SeriesId, range: TimeRange) -> Option<&GapsData> {
        self.data.as_ref().filter(|data| data.series == series && data.range == range)
    }

    /// Rows that a panel of `columns` needs to tell all of it, about; what was read last holds until something
    /// newer lands, so that the panel does not jump with each step of the cursor.
    pub(crate) fn rows(&self, columns: u16) -> u16 {
        let columns = usize::from(columns.saturating_sub(8)).max(20);
        let lines_of = |gap: &Gap| {
            let told =
                gap.evidence.as_ref().map_or(0, |found| (found.endpoint.len() + found.answer.len() + ASKED).div_ceil(columns));
            2 + told
        };
        let gaps: usize = self.data.iter().flat_map(|data| &data.gaps).map(lines_of).sum();
        u16::try_from(gaps + 3 + usize::from(columns < PLAN)).unwrap_or(u16::MAX)
    }

    /// The plan for this cell, where there is something to fetch.
    pub(crate) fn plan(&self, series: SeriesId, range: TimeRange) -> Option<FetchPlan> {
        self.of(series, range).and_then(|data| data.plan)
    }

    /// A read that is needed to show the cell.
    pub(crate) fn wanted(&mut self, series: &SeriesView, range: TimeRange, frozen: bool) -> Option<(u64, Query)> {
        let of = (series.revision, series.coverage);
        if let Some(asked) = &self.asked {
            let same = (asked.series, asked.range) == (series.id, range);
            if same && (asked.under_way || frozen || asked.of == of) {
                return None;
            }
            if !same {
                self.top = 0;
            }
        }
        self.generation += 1;
        self.asked = Some(Asked { series: series.id, range, of, under_way: true });
        Some((self.generation, Query::Gaps { series: series.id, range }))
    }

    /// Reads anew, whatever was read before.
    pub(super) fn read_again(&mut self) {
        self.asked = None;
    }

    /// A read has come back; one that a newer one has overtaken is dropped.
    pub(crate) fn landed(&mut self, generation: u64, data: Result<GapsData, String>) {
        if generation != self.generation {
            return;
        }
        if let Some(asked) = &mut self.asked {
            asked.under_way = false;
        }
        match data {
            Ok(data) => (self.error, self.data) = (None, Some(data)),
            Err(error) => self.error = Some(error),
        }
    }
}
