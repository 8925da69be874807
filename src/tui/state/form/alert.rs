//! The form of an alert: its fields follow its kind.

use super::read::{Wrong, wrong};
use super::{Field, Form, Purpose};
use crate::domain::alert::{AlertError, AlertId, Condition};
use crate::domain::price::{parse_decimal, trimmed};
use crate::domain::series::SeriesId;
use crate::domain::time::{parse_duration_ms, short_duration};
use crate::engine::command::Command;
use crate::engine::snapshot::{AlertView, SeriesView};
use crate::tui::format;

/// Kinds as they are offered, in the order of [`Condition::KINDS`].
const KINDS: [&str; 6] =
    ["price rises above", "price falls below", "price crosses", "price moves by", "feed is silent", "gap is found"];

/// What an alert's form is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Of {
    /// The alert that is changed; a new one where `None`.
    alert: Option<AlertId>,
    series: SeriesId,
    /// `BTC/USDT 1m`.
    name: String,
    active: bool,
    /// The last price, as a first proposal.
    last: String,
}

impl Of {
    pub(super) fn title(&self) -> String {
        let verb = if self.alert.is_some() { "Change the alert on" } else { "Alert on" };
        format!("{verb} {}", self.name)
    }

    pub(super) fn request(&self, form: &Form) -> Result<Command, Wrong> {
        let condition = condition(form)?;
        condition.check().map_err(|error| wrong(form, label_of(error), &error.to_string()))?;
        Ok(Command::PutAlert { alert: self.alert, series: self.series, condition, active: self.active })
    }
}

impl Form {
    /// Asks for a new alert on a series.
    pub(crate) fn alert(series: &SeriesView) -> Self {
        let last = series.ticker.as_ref().map_or_else(String::new, |(ticker, _)| trimmed(ticker.last));
        let name = series.name();
        Self::of_alert(Of { alert: None, series: series.id, name, active: true, last }, 0)
    }

    /// Asks for changes of an alert.
    pub(crate) fn change_alert(view: &AlertView) -> Self {
        let alert = &view.alert;
        let kind = Condition::KINDS.iter().position(|kind| *kind == alert.condition.kind()).unwrap_or(0);
        let (number, length_ms) = alert.condition.parts();
        let name = view.series.clone();
        let of = Of { alert: Some(alert.id), series: alert.series, name, active: alert.active, last: String::new() };
        let mut form = Self::of_alert(of, kind);
        for field in &mut form.fields {
            let text = match field.label {
                "Price" | "Percent" => number.map(trimmed),
                "Within" | "For" => length_ms.map(short_duration),
                _ => None,
            };
            if let Some(text) = text {
                *field = Field::text(field.label, &text, field.hint.clone());
            }
        }
        form
    }

    fn of_alert(of: Of, kind: usize) -> Self {
        let mut form = Self::new(Purpose::Alert(of), vec![Field::choice("When", KINDS.to_vec(), kind)]);
        form.refit_alert();
        form
    }

    /// After another kind was chosen: its fields; one that both kinds have keeps what was typed.
    pub(super) fn refit_alert(&mut self) {
        let Purpose::Alert(of) = &self.purpose else { return };
        let fields = match kind(self) {
            "rises_above" | "falls_below" | "crosses" => vec![Field::text("Price", &of.last, "such as 64000")],
            "moves" => vec![
                Field::text("Percent", "5", "up or down, from the lowest or highest price"),
                Field::text("Within", "1h", "15m, 1h; at most 24h"),
            ],
            "silent" => vec![Field::text("For", "5m", "90s, 5m, 1h: neither price nor candle")],
            _ => Vec::new(),
        };
        let mut kept = self.fields.split_off(1);
        for field in fields {
            let typed = kept.iter().position(|before| before.label == field.label).map(|at| kept.swap_remove(at));
            self.fields.push(typed.unwrap_or(field));
        }
    }
}

fn kind(form: &Form) -> &'static str {
    let chosen = form.field("When");
    KINDS.iter().position(|kind| *kind == chosen).map_or("gap_found", |at| Condition::KINDS[at])
}

fn condition(form: &Form) -> Result<Condition, Wrong> {
    let number = |label: &str, what: &str| {
        let text = form.field(label).trim_end_matches('%').trim_end();
        parse_decimal(text).map_err(|_| wrong(form, label, &format!("`{}` is not {what}", format::fit(text, 24))))
    };
    let length = |label: &str| parse_duration_ms(form.field(label)).map_err(|error| wrong(form, label, &error.to_string()));
    let kind = kind(form);
    let (amount, length_ms) = match kind {
        "rises_above" | "falls_below" | "crosses" => (Some(number("Price", "a price: use 64000 or 0.00000734")?), None),
        "moves" => (Some(number("Percent", "a percentage: use 5 or 2.5")?), Some(length("Within")?)),
        "silent" => (None, Some(length("For")?)),
        _ => (None, None),
    };
    Condition::from_parts(kind, amount, length_ms).ok_or_else(|| wrong(form, "When", "choose when to be told"))
}

const fn label_of(error: AlertError) -> &'static str {
    match error {
        AlertError::Level => "Price",
        AlertError::Percent => "Percent",
        AlertError::Window => "Within",
        AlertError::Silence => "For",
    }
}
