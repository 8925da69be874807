//! Dialogs with fields, and what they make of what is typed.

mod read;

use super::input::Input;
use crate::domain::interval::Interval;
use crate::domain::range::TimeRange;
use crate::domain::series::SeriesId;
use crate::domain::time::{DAY_MS, Time};
use crate::engine::command::{Command, ExportFormat, ExportRequest};
use crate::engine::query::InstrumentHit;
use crate::engine::snapshot::SeriesView;
use crate::tui::action::Edit;
use crate::tui::effect::RequestId;
use std::path::PathBuf;

/// A dialog with fields.
#[derive(Debug, Clone)]
pub(crate) struct Form {
    /// What it asks for.
    pub(crate) purpose: Purpose,
    /// From top to bottom.
    pub(crate) fields: Vec<Field>,
    /// The field that is typed in.
    pub(crate) focus: usize,
    /// Why it could not be taken, in one line.
    pub(crate) error: Option<String>,
    /// Symbols that resemble what is typed, best first.
    pub(crate) suggestions: Vec<InstrumentHit>,
    /// The suggestion that Enter takes.
    pub(crate) picked: Option<usize>,
    /// Number of the newest search for suggestions.
    pub(crate) search: u64,
    /// How far it is.
    pub(crate) stage: Stage,
    /// The command line that does what was sent.
    pub(crate) equivalent: Option<String>,
}

/// What a form asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// Symbols to record.
    Add,
    /// A range to fetch.
    Backfill(Subject),
    /// A range to write to a file.
    Export(Subject),
    /// A date among these, to go to.
    Date(TimeRange),
}

/// The series that a form is about, as it was when the form was opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Subject {
    pub(crate) id: SeriesId,
    pub(crate) symbol: String,
    pub(crate) interval: Interval,
}

/// How far a form is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Stage {
    /// It is filled in.
    Editing,
    /// It was sent; what is happening.
    Busy(RequestId, String),
    /// It is done: lines to read.
    Done(Vec<String>),
}

/// A field.
#[derive(Debug, Clone)]
pub(crate) struct Field {
    /// Its name.
    pub(crate) label: &'static str,
    /// Its value.
    pub(crate) value: Value,
    /// What may be typed, or what an empty field stands for.
    pub(crate) hint: String,
}

/// A field's value.
#[derive(Debug, Clone)]
pub(crate) enum Value {
    /// Typed.
    Text(Input),
    /// One of several.
    Choice(Vec<&'static str>, usize),
}

impl Field {
    fn text(label: &'static str, value: &str, hint: impl Into<String>) -> Self {
        Self { label, value: Value::Text(Input::of(value)), hint: hint.into() }
    }

    fn choice(label: &'static str, options: Vec<&'static str>, chosen: usize) -> Self {
        Self { label, value: Value::Choice(options, chosen), hint: String::new() }
    }

    /// What it holds, trimmed.
    pub(crate) fn get(&self) -> &str {
        match &self.value {
            Value::Text(input) => input.text().trim(),
            Value::Choice(options, chosen) => options.get(*chosen).copied().unwrap_or_default(),
        }
    }
}

/// What a form that was filled in soundly asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Request {
    /// A command to the engine.
    Command(Command),
    /// A file to write.
    Export(ExportRequest),
    /// A time to show on the chart.
    Show(Time),
}

impl Form {
    fn new(purpose: Purpose, fields: Vec<Field>) -> Self {
        Self {
            purpose,
            fields,
            focus: 0,
            error: None,
            suggestions: Vec::new(),
            picked: None,
            search: 0,
            stage: Stage::Editing,
            equivalent: None,
        }
    }

    /// Asks for symbols.
    pub(crate) fn add(backfill: &str) -> Self {
        let intervals = Interval::ALL.map(Interval::name).to_vec();
        Self::new(
            Purpose::Add,
            vec![
                Field::text("Symbols", "", "BTC/USDT, or several"),
                Field::choice("Interval", intervals, 0),
                Field::text("Backfill", backfill, "30d, 2025-01-31, listing; empty: from now on"),
            ],
        )
    }

    /// Asks for a range to fetch.
    pub(crate) fn backfill(series: &SeriesView) -> Self {
        Self::new(
            Purpose::Backfill(Subject::of(series)),
            vec![Field::text("From", "30d", "30d, 2025-01-31 or listing"), Field::text("To", "", "empty: now; or 2025-01-31")],
        )
    }

    /// Asks for a range to write.
    pub(crate) fn export(series: &SeriesView, now: Time) -> Self {
        let intervals: Vec<&str> =
            Interval::ALL.into_iter().filter(|interval| interval.folds_from(series.interval)).map(Interval::name).collect();
        let from = if series.wanted.is_empty() { now.plus_ms(-DAY_MS) } else { series.wanted.from };
        let mut form = Self::new(
            Purpose::Export(Subject::of(series)),
            vec![
                Field::text("From", &from.iso(), "2025-01-31, 2025-01-31T12:00:00Z or 30d"),
                Field::text("To", "", "empty: now"),
                Field::choice("Interval", intervals, 0),
                Field::choice("Format", ExportFormat::ALL.map(ExportFormat::name).to_vec(), 0),
                Field::text("File", "", ""),
            ],
        );
        form.hint_file();
        form
    }

    /// Asks for a date to go to.
    pub(crate) fn date(among: TimeRange) -> Self {
        let hint = "2025-01-31 [12:00], or 3d (ago)";
        Self::new(Purpose::Date(among), vec![Field::text("Date", "", hint)])
    }

    /// The heading.
    pub(crate) fn title(&self) -> String {
        match &self.purpose {
            Purpose::Add => "Add symbols".into(),
            Purpose::Backfill(subject) => format!("Backfill {} {}", subject.symbol, subject.interval),
            Purpose::Date(_) => "Go to a date (UTC)".into(),
            Purpose::Export(subject) => format!("Export {} {}", subject.symbol, subject.interval),
        }
    }

    /// Whether a command or an export of this number belongs to it.
    pub(crate) fn awaits(&self, id: RequestId) -> bool {
        matches!(self.stage, Stage::Busy(own, _) if own == id)
    }

    /// The word whose resemblances are suggested, where that field is typed in.
    pub(crate) fn needle(&self) -> Option<&str> {
        let first = self.fields.first().filter(|_| self.purpose == Purpose::Add && self.focus == 0)?;
        first.get().rsplit([' ', ',']).next().filter(|word| !word.is_empty())
    }

    /// Puts text into the field that is typed in.
    pub(crate) fn insert(&mut self, text: &str) {
        self.error = None;
        if let Some(Field { value: Value::Text(input), .. }) = self.fields.get_mut(self.focus) {
            input.insert(text);
        } else if text == " " {
            self.edit(Edit::Right);
        }
    }

    /// Changes the field that is typed in.
    pub(crate) fn edit(&mut self, edit: Edit) {
        self.error = None;
        match self.fields.get_mut(self.focus).map(|field| &mut field.value) {
            Some(Value::Text(input)) => input.edit(edit),
            Some(Value::Choice(options, chosen)) => {
                let len = options.len().max(1);
                *chosen = match edit {
                    Edit::Left => (*chosen + len - 1) % len,
                    Edit::Right => (*chosen + 1) % len,
                    Edit::Start => 0,
                    Edit::End => len - 1,
                    _ => *chosen,
                };
                self.hint_file();
            }
            None => {}
        }
    }

    /// The next field; a picked suggestion is taken.
    pub(crate) fn next_field(&mut self) {
        self.take_suggestion();
        self.step(1);
    }

    /// The field before.
    pub(crate) fn previous_field(&mut self) {
        self.step(self.fields.len().saturating_sub(1));
    }

    /// The next suggestion where there are some, else the next field.
    pub(crate) fn next(&mut self) {
        let last = self.suggestions.len().saturating_sub(1);
        match self.picked {
            _ if self.suggestions.is_empty() => self.step(1),
            None => self.picked = Some(0),
            Some(at) if at < last => self.picked = Some(at + 1),
            Some(_) => self.step(1),
        }
    }

    /// The suggestion or the field before.
    pub(crate) fn previous(&mut self) {
        match self.picked {
            Some(at) => self.picked = at.checked_sub(1),
            None => self.step(self.fields.len().saturating_sub(1)),
        }
    }

    fn step(&mut self, fields: usize) {
        self.focus = (self.focus + fields) % self.fields.len().max(1);
        self.suggestions.clear();
        self.picked = None;
    }

    /// Takes the picked suggestion in the place of the word that was typed; whether there was one.
    pub(crate) fn take_suggestion(&mut self) -> bool {
        let Some(hit) = self.picked.take().and_then(|at| self.suggestions.get(at)) else { return false };
        let symbol = hit.symbol.clone();
        self.suggestions.clear();
        if let Some(Field { value: Value::Text(input), .. }) = self.fields.first_mut() {
            let typed = input.text().trim_end();
            let kept = typed.rfind([' ', ',']).map_or("", |at| &typed[..=at]);
            *input = Input::of(format!("{kept}{symbol}"));
        }
        true
    }

    /// What is asked for, or one line on what is wrong and the field that it is about.
    pub(crate) fn request(&self, now: Time) -> Result<Request, (usize, String)> {
        read::request(self, now)
    }

    /// The command line that does the same.
    pub(crate) fn command_line(&self, request: &ExportRequest) -> String {
        let symbol = match &self.purpose {
            Purpose::Export(subject) | Purpose::Backfill(subject) => subject.symbol.as_str(),
            Purpose::Add | Purpose::Date(_) => "",
        };
        read::command_line(symbol, request)
    }

    fn field(&self, label: &str) -> &str {
        self.fields.iter().find(|field| field.label == label).map_or("", Field::get)
    }

    /// An empty file field stands for a name that follows interval and format.
    fn hint_file(&mut self) {
        let default = self.default_file().display().to_string();
        if let Some(field) = self.fields.iter_mut().find(|field| field.label == "File") {
            field.hint = default;
        }
    }

    fn default_file(&self) -> PathBuf {
        let Purpose::Export(subject) = &self.purpose else { return PathBuf::new() };
        let symbol: String = subject.symbol.chars().map(|c| if c.is_alphanumeric() { c } else { '-' }).collect();
        PathBuf::from(format!("{symbol}-{}.{}", self.field("Interval"), self.field("Format")))
    }
}

impl Subject {
    fn of(series: &SeriesView) -> Self {
        Self { id: series.id, symbol: series.symbol.to_string(), interval: series.interval }
    }
}
