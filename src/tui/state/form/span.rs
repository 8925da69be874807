//! Ranges of an export that need no typing.

use super::{Field, Form, Input, Purpose, Value};

impl Form {
    /// Takes the dates of the chosen range over.
    pub(super) fn take_range(&mut self) {
        let Purpose::Export(subject) = &self.purpose else { return };
        let Some(span) =
            self.fields.get(self.focus).filter(|field| field.label == "Range").and_then(|field| Span::of(field.get()))
        else {
            return;
        };
        let (from, to) = match (span, subject.visible) {
            (Span::Own, _) | (Span::Chart, None) => return,
            (Span::Everything, _) => (subject.wanted.from.iso(), String::new()),
            (Span::Chart, Some(visible)) => (visible.from.iso(), visible.to.iso()),
            (Span::Day, _) => ("1d".to_owned(), String::new()),
            (Span::Week, _) => ("7d".to_owned(), String::new()),
            (Span::Month, _) => ("30d".to_owned(), String::new()),
        };
        for (label, text) in [("From", from), ("To", to)] {
            if let Some(field) = self.fields.iter_mut().find(|field| field.label == label) {
                field.value = Value::Text(Input::of(text));
            }
        }
    }

    /// Dates were typed: they are a range of their own.
    pub(super) fn own_range(&mut self) {
        if self.fields.get(self.focus).is_some_and(|field| ["From", "To"].contains(&field.label))
            && let Some(Field { value: Value::Choice(options, chosen), .. }) =
                self.fields.iter_mut().find(|field| field.label == "Range")
        {
            *chosen = options.len().saturating_sub(1);
        }
    }
}

/// Ranges that one often wants.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Span {
    Everything,
    Chart,
    Day,
    Week,
    Month,
    Own,
}

impl Span {
    /// Those to choose from, with or without a chart to take one over from.
    pub(super) fn offered(chart: bool) -> impl Iterator<Item = Self> {
        Self::ALL.into_iter().filter(move |span| *span != Self::Chart || chart)
    }

    /// The own one last: it is chosen by typing.
    const ALL: [Self; 6] = [Self::Everything, Self::Chart, Self::Day, Self::Week, Self::Month, Self::Own];

    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Everything => "everything",
            Self::Chart => "visible on the chart",
            Self::Day => "last day",
            Self::Week => "last 7 days",
            Self::Month => "last 30 days",
            Self::Own => "these dates",
        }
    }

    fn of(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|span| span.name() == name)
    }
}
