//! A field of which any number of options is chosen.

use super::{Field, Form, Value};
use crate::domain::dataset::Dataset;
use crate::domain::instrument::ExchangeId;
use crate::tui::action::Edit;

/// Datasets of which some are chosen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Checks {
    /// Which are chosen, in the order of [`Dataset::ALL`].
    on: [bool; Dataset::ALL.len()],
    /// Whether perpetuals may be among the symbols: others have neither funding nor open interest.
    perpetuals: bool,
    /// The option under the cursor.
    at: usize,
}

impl Checks {
    /// Candles alone.
    pub(super) const fn of_datasets() -> Self {
        Self { on: [true, false, false, false], perpetuals: true, at: 0 }
    }

    /// Each option: its name, whether it is chosen, whether it is under the cursor. Those that the symbols
    /// cannot have are left out.
    pub(crate) fn options(&self) -> impl Iterator<Item = (Dataset, bool, bool)> {
        Dataset::ALL.into_iter().enumerate().filter(|(_, set)| self.has(*set)).map(|(n, set)| (set, self.on[n], n == self.at))
    }

    /// What is chosen.
    pub(crate) fn chosen(&self) -> Vec<Dataset> {
        self.options().filter(|(_, on, _)| *on).map(|(set, ..)| set).collect()
    }

    const fn has(&self, set: Dataset) -> bool {
        self.perpetuals || matches!(set, Dataset::Candles | Dataset::Trades)
    }

    /// A blank turns the option under the cursor, a letter the option that begins with it.
    pub(super) fn typed(&mut self, text: &str) {
        let Some(letter) = text.chars().next().map(|letter| letter.to_ascii_lowercase()) else { return };
        let at = Dataset::ALL.iter().position(|set| self.has(*set) && set.name().starts_with(letter));
        if letter == ' ' {
            self.on[self.at] = !self.on[self.at];
        } else if let Some(at) = at {
            self.at = at;
            self.on[at] = !self.on[at];
        }
    }

    /// Moves the cursor.
    pub(super) fn edit(&mut self, edit: Edit) {
        let len = self.options().count();
        self.at = match edit {
            Edit::Left | Edit::Less => (self.at + len - 1) % len,
            Edit::Right | Edit::More => (self.at + 1) % len,
            Edit::Start => 0,
            Edit::End => len - 1,
            _ => self.at,
        };
    }
}

impl Form {
    /// The datasets that are chosen.
    pub(super) fn datasets(&self) -> Option<(usize, Vec<Dataset>)> {
        let at = self.fields.iter().position(|field| matches!(field.value, Value::Checks(_)))?;
        let Value::Checks(checks) = &self.fields.get(at)?.value else { return None };
        Some((at, checks.chosen()))
    }

    /// Offers what the typed symbols can have: `BTC/USDT` is a spot symbol, `BTCUSDT` may be anything.
    pub(super) fn offer_datasets(&mut self) {
        if !self.is_add() {
            return;
        }
        let typed = self.field("Symbols");
        let mut words = typed.split([' ', ',']).filter(|word| !word.is_empty()).peekable();
        let unknown = words.peek().is_none();
        let perpetuals = unknown
            || words.any(|word| {
                // `okx:BTC/USDT` names its exchange before the colon.
                let symbol = word.split_once(':').filter(|(exchange, _)| !exchange.contains('/')).map_or(word, |(_, rest)| rest);
                !symbol.contains('/') || symbol.contains(':')
            });
        for field in &mut self.fields {
            if let Value::Checks(checks) = &mut field.value {
                checks.perpetuals = perpetuals;
                checks.at = if checks.has(Dataset::ALL[checks.at]) { checks.at } else { 0 };
            }
        }
    }

    /// Fills in a symbol and what is to be recorded of it.
    pub(crate) fn propose(&mut self, exchange: ExchangeId, symbol: &str, datasets: &[Dataset]) {
        let name = if exchange == self.meant() { symbol.to_owned() } else { format!("{exchange}:{symbol}") };
        let hint = self.fields.first().map_or_else(String::new, |field| field.hint.clone());
        if let Some(field) = self.fields.first_mut() {
            *field = Field::text("Symbols", &name, hint);
        }
        self.offer_datasets();
        for field in &mut self.fields {
            if let Value::Checks(checks) = &mut field.value {
                checks.on = Dataset::ALL.map(|set| datasets.contains(&set));
            }
        }
    }
}
