//! Alerts on screen: the selected one, what was told and seen of their firings, and how to be told.

use super::State;
use super::list::Selection;
use crate::domain::alert::AlertId;
use crate::engine::snapshot::AlertView;
use crate::tui::layout;
use crate::tui::notice::Desktop;

/// Alerts on screen.
#[derive(Debug, Clone)]
pub(crate) struct AlertTray {
    /// The selected alert.
    pub(crate) list: Selection<AlertId>,
    /// Whether the bell rings.
    pub(crate) bell: bool,
    /// How the desktop is told.
    pub(crate) desktop: Desktop,
    /// The newest firing that rang.
    pub(crate) told: i64,
    /// The newest firing that was in sight on the list.
    pub(crate) seen: i64,
}

impl AlertTray {
    /// What fired before, up to `newest`, does not ring.
    pub(crate) fn new(newest: i64) -> Self {
        Self { list: Selection::default(), bell: true, desktop: Desktop::Off, told: newest, seen: newest }
    }
}

impl State {
    /// The selected alert.
    pub(crate) fn alert(&self) -> Option<&AlertView> {
        self.snapshot.alerts.alerts.get(self.alerts.list.index)
    }

    /// Firings that nobody has looked at.
    pub(crate) fn unseen_alerts(&self) -> usize {
        self.snapshot.alerts.firings.iter().take_while(|firing| firing.id > self.alerts.seen).count()
    }

    /// Lines that the list of alerts takes at most, and of these those for the alerts.
    pub(crate) fn alert_lines(&self) -> (usize, usize) {
        let alerts = self.snapshot.alerts.alerts.len().max(1);
        let firings = self.snapshot.alerts.firings.len().min(FIRINGS);
        (alerts + if firings > 0 { firings + 2 } else { 0 } + 3, alerts)
    }

    /// Alerts that are visible at a time.
    pub(crate) fn alert_rows(&self) -> usize {
        let (lines, alerts) = self.alert_lines();
        let place = layout::alerts(self.area, lines);
        // Settings and keys stay; of the rest the alerts get what they need, the firings what is left.
        alerts.min(usize::from(layout::inner(place).height).saturating_sub(3)).max(1)
    }
}

/// Firings below the alerts, at most.
const FIRINGS: usize = 8;
