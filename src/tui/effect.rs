//! What the reducer wants done outside: by the engine, the store or the terminal.

mod folder;
mod runner;

pub(crate) use runner::{Rest, Runner};

use super::Exit;
use super::notice::Notice;
use crate::domain::series::SeriesId;
use crate::engine::command::{Command, ExportRequest};
use crate::engine::query::Query;

/// A command or an export on its way; its answer carries the same number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct RequestId(pub(crate) u64);

/// A panel that reads. One read of each is under way at a time; the newest that waits is next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Slot {
    /// The chart screen.
    Chart,
    /// The chart beside the watch table.
    Preview,
    /// Symbols that resemble what is typed.
    Suggest,
    /// The coverage map.
    Coverage,
    /// The gaps of a cell of the map.
    Gaps,
    /// The log before the snapshot's.
    Log,
    /// What the app remembers of itself.
    Memory,
    /// How many instruments there are to choose from.
    Listing,
    /// The candle under the crosshair.
    Candle,
    /// The newest trades.
    Tape,
    /// Settled funding.
    Funding,
    /// Open interest.
    Interest,
}

impl Slot {
    /// How many there are.
    pub(crate) const COUNT: usize = 12;
}

/// Something to be done outside.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Effect {
    /// End the loop.
    Quit(Exit),
    /// Forget what the terminal shows and paint all of it.
    Repaint,
    /// For the engine.
    Command(RequestId, Command),
    /// A read.
    Query {
        /// For which panel.
        slot: Slot,
        /// Which of its reads.
        generation: u64,
        /// What.
        query: Query,
    },
    /// Look at the forming candle of this series; wants no answer.
    Watch(Option<SeriesId>),
    /// Write a file.
    Export(RequestId, ExportRequest),
    /// Ring, and tell the desktop.
    Notify(Notice),
    /// List the names in a folder, for the path that is typed.
    List {
        /// Which of these questions.
        generation: u64,
        /// As typed; empty is the working directory.
        folder: String,
    },
    /// Put text on the clipboard of the terminal's own machine.
    Copy(String),
    /// Take the mouse, or leave it to the terminal.
    CaptureMouse(bool),
}
