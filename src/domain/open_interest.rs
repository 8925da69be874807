//! Open interest of perpetuals.

use super::price::Decimal;
use super::time::Time;

/// Open contracts at an instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OpenInterest {
    /// Of when; its key within an instrument.
    pub time: Time,
    /// In units of the base asset.
    pub amount: Decimal,
    /// Worth in the quote asset or US dollars, where the exchange tells it.
    pub value: Option<Decimal>,
}
