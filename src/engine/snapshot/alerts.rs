//! Alerts as a front end shows them.

use crate::domain::alert::{Alert, Firing};

/// Alerts and their newest firings.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct AlertsView {
    /// Every alert, oldest first.
    pub alerts: Vec<AlertView>,
    /// Newest first.
    pub firings: Vec<Firing>,
}

/// An alert with the name of its series.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AlertView {
    /// The alert.
    pub alert: Alert,
    /// `BTC/USDT 1m`.
    pub series: String,
}

impl AlertsView {
    /// The alert that fired, unless it was deleted since.
    pub fn of(&self, firing: &Firing) -> Option<&AlertView> {
        self.alerts.iter().find(|view| view.alert.id == firing.alert)
    }

    /// When an alert fired last.
    pub fn last(&self, view: &AlertView) -> Option<&Firing> {
        self.firings.iter().find(|firing| firing.alert == view.alert.id)
    }

    /// Key of the newest firing; 0 where there is none.
    pub fn newest(&self) -> i64 {
        self.firings.first().map_or(0, |firing| firing.id)
    }
}
