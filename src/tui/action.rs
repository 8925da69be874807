//! Everything that can happen to the screens.

use super::ExportDone;
use super::effect::{RequestId, Slot};
use crate::domain::time::Time;
use crate::engine::command::Outcome;
use crate::engine::query::Reply;
use crate::engine::snapshot::Snapshot;
use std::sync::Arc;

/// A screen; its number is its key and stays its own as screens are added.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Screen {
    /// Symbols.
    Watch,
    /// One series.
    Chart,
    /// Backfill jobs.
    Jobs,
    /// Ingest log.
    Log,
}

impl Screen {
    /// In the order of the tabs.
    pub(crate) const ALL: [Self; 4] = [Self::Watch, Self::Chart, Self::Jobs, Self::Log];

    /// Its key.
    pub(crate) const fn number(self) -> u8 {
        match self {
            Self::Watch => 1,
            Self::Chart => 2,
            Self::Jobs => 4,
            Self::Log => 5,
        }
    }

    /// Its name on the tab.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Watch => "Watch",
            Self::Chart => "Chart",
            Self::Jobs => "Jobs",
            Self::Log => "Log",
        }
    }
}

/// Where a list or a text cursor goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Move {
    /// One up.
    Up,
    /// One down.
    Down,
    /// A page up.
    PageUp,
    /// A page down.
    PageDown,
    /// To the first.
    First,
    /// To the last.
    Last,
}

/// A change to the line that is typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Edit {
    /// Cursor left; the choice before.
    Left,
    /// Cursor right; the choice after.
    Right,
    /// Cursor to the start.
    Start,
    /// Cursor to the end.
    End,
    /// Delete before the cursor.
    Backspace,
    /// Delete under the cursor.
    Delete,
    /// Delete the word before the cursor.
    Word,
    /// Delete everything.
    Clear,
}

/// What the chart does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ChartMove {
    /// The crosshair to the candle before.
    Earlier,
    /// The crosshair to the next candle.
    Later,
    /// Half a screen into the past.
    PanLeft,
    /// Half a screen towards the present.
    PanRight,
    /// To the first candle.
    First,
    /// Back to the present.
    Live,
    /// Wider candles.
    ZoomIn,
    /// Narrower candles, then several in one column.
    ZoomOut,
    /// The zoom of the start.
    ZoomReset,
    /// The next shorter interval.
    Shorter,
    /// The next longer interval.
    Longer,
    /// Volume on, off.
    Volume,
    /// The next way of drawing candles.
    Kind,
    /// The next way of turning prices into heights.
    Scale,
    /// Measure from the crosshair on, or no more.
    Measure,
}

/// Something that happened.
#[derive(Debug, Clone)]
pub(crate) enum Action {
    /// The clock moved on.
    Tick(Time),
    /// A newer picture of the recorder.
    Snapshot(Arc<Snapshot>),
    /// The terminal's new size in columns and rows.
    Resize(u16, u16),
    /// A read came back.
    Loaded {
        /// Of which panel.
        slot: Slot,
        /// Which of its reads.
        generation: u64,
        /// What it found.
        reply: Result<Reply, String>,
    },
    /// A command was answered.
    Outcome(RequestId, Outcome),
    /// Rows that an export has written so far.
    ExportRows(RequestId, u64),
    /// An export ended.
    Exported(RequestId, Result<ExportDone, String>),
    /// A letter for the line that is typed.
    Type(char),
    /// Text from the clipboard.
    Paste(String),

    /// End the app.
    Quit,
    /// Show the keys.
    Help,
    /// Close, or go back.
    Back,
    /// Go to a screen.
    Show(Screen),
    /// The next screen.
    NextScreen,
    /// The screen before.
    PreviousScreen,
    /// Beat now, and paint the whole screen anew.
    Refresh,
    /// Hold the picture, or let it go.
    Freeze,
    /// Within a list.
    Go(Move),
    /// Open the chart of the selected series.
    Open,
    /// Ask for symbols to add.
    Add,
    /// Ask whether to stop recording.
    Remove,
    /// Ask for a range to fetch.
    Backfill,
    /// Ask for a range to write to a file.
    Export,
    /// Start anew on the simulation.
    Demo,
    /// Within the chart.
    Chart(ChartMove),
    /// Choose the chart's indicators.
    Studies,
    /// Ask for a date that the chart shows.
    Date,
    /// Hold the selected job, or let it go on.
    TogglePause,
    /// Ask whether to end the selected job.
    Cancel,
    /// Follow the newest log line, or stay.
    Follow,
    /// Confirm a dialog.
    Submit,
    /// The next field.
    NextField,
    /// The field before.
    PreviousField,
    /// Change the line that is typed.
    Edit(Edit),
}
