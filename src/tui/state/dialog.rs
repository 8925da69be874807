//! What is open above a screen.

use super::form::Form;
use super::list::Scroll;
use crate::domain::series::{JobId, SeriesId};
use crate::engine::command::Command;

/// What is open above a screen.
#[derive(Debug, Clone)]
pub(crate) enum Dialog {
    /// The keys.
    Help(Scroll),
    /// A question.
    Confirm(Confirm),
    /// Fields to fill in.
    Form(Form),
    /// The chart's indicators; which of them is selected.
    Studies(usize),
}

/// A question before something that one may regret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Confirm {
    /// The question.
    pub(crate) question: String,
    /// What follows from yes.
    pub(crate) consequence: String,
    /// What yes does.
    pub(crate) command: Command,
}

impl Confirm {
    /// Whether to stop recording.
    pub(crate) fn remove(series: SeriesId, name: &str) -> Self {
        Self {
            question: format!("Stop recording {name}?"),
            consequence: "What is stored stays; add it again to go on.".into(),
            command: Command::Remove { series },
        }
    }

    /// Whether to end a job.
    pub(crate) fn cancel(job: JobId, name: &str) -> Self {
        Self {
            question: format!("Cancel the backfill of {name}?"),
            consequence: "What is stored stays; the rest is no longer wanted.".into(),
            command: Command::Cancel(job),
        }
    }
}
