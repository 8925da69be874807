//! Everything that can happen to the screens.

use super::ExportDone;
use super::effect::{RequestId, Slot};
use super::pointer::Pointer;
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
    /// What is stored, explained, queued.
    Coverage,
    /// Backfill jobs.
    Jobs,
    /// Ingest log.
    Log,
    /// Trades, funding and open interest of one symbol.
    Market,
}

impl Screen {
    /// In the order of the tabs.
    pub(crate) const ALL: [Self; 6] = [Self::Watch, Self::Chart, Self::Coverage, Self::Jobs, Self::Log, Self::Market];

    /// Its key.
    pub(crate) const fn number(self) -> u8 {
        match self {
            Self::Watch => 1,
            Self::Chart => 2,
            Self::Coverage => 3,
            Self::Jobs => 4,
            Self::Log => 5,
            Self::Market => 6,
        }
    }

    /// Its name on the tab.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Watch => "Watch",
            Self::Chart => "Chart",
            Self::Coverage => "Coverage",
            Self::Jobs => "Jobs",
            Self::Log => "Log",
            Self::Market => "Market",
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
    /// The calendar field under the cursor one further.
    More,
    /// The calendar field under the cursor one back.
    Less,
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

/// What the coverage map does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CoverageMove {
    /// One cell into the past.
    Earlier,
    /// One cell towards the present.
    Later,
    /// A screen into the past.
    ScreenEarlier,
    /// A screen towards the present.
    ScreenLater,
    /// To the first wanted cell of the selected series.
    First,
    /// To the newest cell.
    Last,
    /// Shorter cells.
    ZoomIn,
    /// Longer cells.
    ZoomOut,
    /// Days.
    ZoomReset,
    /// A line up in the panel.
    DetailUp,
    /// A line down in the panel.
    DetailDown,
}

/// What the log screen does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LogAction {
    /// Follow the newest line, or stay.
    Follow,
    /// Wrap long lines, or cut them.
    Wrap,
    /// Only louder lines; then all again.
    Level,
    /// Only the symbol of the selected line; then all again.
    Series,
    /// Only the component of the selected line; then all again.
    Component,
    /// Type a text that lines must hold.
    Search,
    /// Show or hide the whole record.
    Detail,
    /// A line up in the record.
    DetailUp,
    /// A line down in the record.
    DetailDown,
    /// Send the record to the terminal's clipboard.
    Copy,
}

/// What the watch table does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum WatchMove {
    /// Sort by the next column.
    Sort,
    /// The other way round.
    Reverse,
    /// Type a filter.
    Filter,
    /// The selected symbol to the top, or back.
    Favourite,
    /// Short cells, or rows.
    Compact,
    /// The focus to the next pane.
    NextPane,
}

/// What the market screen does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum MarketMove {
    /// The focus to the next pane.
    NextPane,
    /// The symbol below.
    NextSymbol,
    /// The symbol above.
    PreviousSymbol,
    /// Follow the newest row, or stay here.
    Follow,
    /// Only larger trades.
    Larger,
    /// Smaller trades too.
    Smaller,
    /// Trades of every size.
    AllSizes,
}

/// What the list of alerts does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum AlertMove {
    /// Open the list.
    Open,
    /// Ask for a new alert on the selected series.
    Add,
    /// Change the selected one.
    Edit,
    /// Ask whether to delete the selected one.
    Delete,
    /// Switch the selected one on or off.
    Toggle,
    /// Ring the bell, or not.
    Bell,
    /// The next way to notify the desktop, or none.
    Desktop,
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
    /// Show the command palette.
    Palette,
    /// Show the settings.
    Settings,
    /// The next theme.
    NextTheme,
    /// The theme of this number.
    Theme(usize),
    /// Swap the colours of rising and falling prices.
    SwapColors,
    /// Write times in UTC, or by the clock on the wall.
    ToggleZone,
    /// Take the mouse, or leave it to the terminal.
    ToggleMouse,
    /// The mouse did something.
    Mouse(Pointer),
    /// Put the command line that does the same on the clipboard.
    CopyLine,
    /// A folder was listed for the path that is typed.
    Listed {
        /// The number that the effect carried.
        generation: u64,
        /// Names in it, folders with a `/` at their end.
        names: Vec<String>,
    },
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
    /// The pane under focus for the whole screen, or back.
    Maximise,
    /// The newest lines of the log over the foot of the screen, or no more.
    Drawer,
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
    /// Pick the interval of the chart from a list.
    Intervals,
    /// Ask for a date that the chart shows.
    Date,
    /// The chart in pixels, or in cells.
    TogglePixels,
    /// Pixels of a cell, across and down, where the terminal tells.
    CellPixels(Option<(u16, u16)>),
    /// The chart could not be painted in pixels.
    PixelsFailed(String),
    /// Hold the selected job, or let it go on.
    TogglePause,
    /// Ask whether to end the selected job.
    Cancel,
    /// Put the selected job one place forward (`true`), or back.
    Reorder(bool),
    /// Try the selected job again.
    Retry,
    /// Within the coverage map.
    Coverage(CoverageMove),
    /// Show or hide what is known of a cell.
    CoverageDetail,
    /// Queue what is owed in a cell.
    CoverageQueue,
    /// Within the log.
    Log(LogAction),
    /// Confirm a dialog.
    Submit,
    /// The next field.
    NextField,
    /// The field before.
    PreviousField,
    /// Change the line that is typed.
    Edit(Edit),
    /// Within the watch table.
    Watch(WatchMove),
    /// Within the market screen.
    Market(MarketMove),
    /// Alerts.
    Alert(AlertMove),
    /// Show what the last absence has cost.
    Away,
}
