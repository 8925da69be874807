//! What is open above a screen.

use super::form::Form;
use super::list::Scroll;
use super::palette::Palette;
use crate::domain::alert::AlertId;
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
    /// The list of alerts.
    Alerts,
    /// What the last absence has cost.
    Away(Scroll),
    /// Everything that can be done, by name.
    Palette(Palette),
    /// The chart's indicators; which of them is selected.
    Studies(usize),
    /// The chart's intervals; which of them is selected.
    Intervals(usize),
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
    /// The command line that does the same, where there is one.
    pub(crate) line: Option<String>,
}

impl Confirm {
    /// Whether to stop recording.
    pub(crate) fn remove(series: SeriesId, name: &str) -> Self {
        Self {
            question: format!("Stop recording {name}?"),
            consequence: "What is stored stays; add it again to go on.".into(),
            command: Command::Remove { series },
            line: None,
        }
    }

    /// Whether to delete an alert.
    pub(crate) fn delete_alert(alert: AlertId, name: &str) -> Self {
        Self {
            question: "Delete this alert?".into(),
            consequence: format!("{name}; when it fired is forgotten too."),
            command: Command::DeleteAlert(alert),
            line: None,
        }
    }

    /// Whether to end a job.
    pub(crate) fn cancel(job: JobId, name: &str) -> Self {
        Self {
            question: format!("Cancel the backfill of {name}?"),
            consequence: "What is stored stays; the rest is no longer wanted.".into(),
            command: Command::Cancel(job),
            line: None,
        }
    }

    /// With the command line that does the same.
    #[must_use]
    pub(crate) fn with_line(mut self, line: String) -> Self {
        self.line = Some(line);
        self
    }
}
