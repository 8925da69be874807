//! Dialogs with fields, and what they make of what is typed.

mod alert;
mod calendar;
mod checks;
pub(crate) mod estimate;
mod paths;
mod read;
mod span;

use super::command_line::CommandLine;
use super::input::Input;
use crate::domain::dataset::Dataset;
use crate::domain::format::Format;
use crate::domain::instrument::ExchangeId;
use crate::domain::interval::Interval;
use crate::domain::range::TimeRange;
use crate::domain::series::SeriesId;
use crate::domain::time::{DAY_MS, Time};
use crate::engine::command::{Command, ExportRequest};
use crate::engine::query::InstrumentHit;
use crate::engine::snapshot::SeriesView;
use crate::tui::action::Edit;
use crate::tui::effect::RequestId;
use checks::Checks;
use span::Span;
use std::borrow::Cow;

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
    /// The search whose volumes were asked for last.
    pub(crate) priced: u64,
    /// The suggestion that Enter takes.
    pub(crate) picked: Option<usize>,
    /// Number of the newest search for suggestions.
    pub(crate) search: u64,
    /// How far it is.
    pub(crate) stage: Stage,
    /// The command line that does what was sent.
    pub(crate) equivalent: Option<String>,
    /// Rows that an export will have, as estimated when it was sent.
    pub(crate) expected: Option<u64>,
    /// Instruments that there are to choose from; nothing until it is known.
    pub(crate) listed: Option<u64>,
    /// The folder whose names are known, for the path that is typed.
    pub(crate) folder: paths::Folder,
}

/// What a form asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// Symbols to record; this exchange is meant where one names none.
    Add(ExchangeId),
    /// A range to fetch.
    Backfill(Subject),
    /// A range to write to a file.
    Export(Subject),
    /// When to be told.
    Alert(alert::Of),
    /// How the screens look.
    Settings,
    /// A date among these, to go to.
    Date(TimeRange),
}

/// The series that a form is about, as it was when the form was opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Subject {
    pub(crate) id: SeriesId,
    pub(crate) exchange: ExchangeId,
    pub(crate) symbol: String,
    pub(crate) dataset: Dataset,
    pub(crate) interval: Interval,
    /// What its chart shows, where there is one.
    pub(crate) visible: Option<TimeRange>,
    /// What is wanted of it.
    pub(crate) wanted: TimeRange,
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
    Choice(Vec<Cow<'static, str>>, usize),
    /// Any of several.
    Checks(Checks),
}

impl Field {
    fn text(label: &'static str, value: &str, hint: impl Into<String>) -> Self {
        Self { label, value: Value::Text(Input::offer(value)), hint: hint.into() }
    }

    fn choice<T: Into<Cow<'static, str>>>(label: &'static str, options: impl IntoIterator<Item = T>, chosen: usize) -> Self {
        let options = options.into_iter().map(Into::into).collect();
        Self { label, value: Value::Choice(options, chosen), hint: String::new() }
    }

    /// What it holds, trimmed.
    pub(crate) fn get(&self) -> &str {
        match &self.value {
            Value::Text(input) => input.text().trim(),
            Value::Choice(options, chosen) => options.get(*chosen).map_or("", Cow::as_ref),
            Value::Checks(_) => "",
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
            priced: 0,
            picked: None,
            search: 0,
            stage: Stage::Editing,
            equivalent: None,
            expected: None,
            listed: None,
            folder: paths::Folder::default(),
        }
    }

    /// Asks for symbols.
    pub(crate) fn add(backfill: &str, meant: ExchangeId) -> Self {
        let intervals = Interval::ALL.map(Interval::name);
        Self::new(
            Purpose::Add(meant),
            vec![
                Field::text("Symbols", "", "BTC/USDT, or several"),
                Field::choice("Interval", intervals, 0),
                Field::text("Backfill", backfill, "30d, 2025-01-31, listing; empty: from now on"),
                Field { label: "Datasets", value: Value::Checks(Checks::of_datasets()), hint: String::new() },
            ],
        )
    }

    /// Whether it adds symbols.
    pub(crate) const fn is_add(&self) -> bool {
        matches!(self.purpose, Purpose::Add(_))
    }

    /// The exchange that is meant where a typed symbol names none.
    pub(crate) const fn meant(&self) -> ExchangeId {
        if let Purpose::Add(meant) = self.purpose { meant } else { ExchangeId::Binance }
    }

    /// Asks for a range to fetch.
    pub(crate) fn backfill(series: &SeriesView) -> Self {
        Self::new(
            Purpose::Backfill(Subject::of(series, None)),
            vec![Field::text("From", "30d", "30d, 2025-01-31 or listing"), Field::text("To", "", "empty: now; or 2025-01-31")],
        )
    }

    /// Asks for a range to write; `chart` is what the series' chart shows, and at which width, where there is one.
    /// That width is proposed: what is seen is what one means to write.
    pub(crate) fn export(series: &SeriesView, chart: Option<(TimeRange, Interval)>, now: Time) -> Self {
        let intervals: Vec<Interval> =
            Interval::ALL.into_iter().filter(|interval| interval.folds_from(series.interval)).collect();
        let (visible, charted) = chart.unzip();
        let proposed = intervals.iter().position(|interval| Some(*interval) == charted).unwrap_or(0);
        let intervals = intervals.into_iter().map(Interval::name);
        let from = if series.wanted.is_empty() { now.plus_ms(-DAY_MS) } else { series.wanted.from };
        let mut subject = Subject::of(series, visible);
        subject.wanted.from = from;
        let ranges = Span::offered(visible.is_some()).map(Span::name);
        let mut form = Self::new(
            Purpose::Export(subject),
            vec![
                Field::choice("Range", ranges, 0),
                Field::text("From", &from.iso(), "2025-01-31, 2025-01-31T12:00:00Z or 30d"),
                Field::text("To", "", "empty: now"),
                Field::choice("Interval", intervals, proposed),
                Field::choice("Format", Format::ALL.map(Format::name), 0),
                Field::text("File", "", ""),
            ],
        );
        form.hint_file();
        form
    }

    /// Asks how the screens are to look; a choice holds at once.
    pub(crate) fn settings(themes: impl Iterator<Item = String>, theme: usize, red_up: bool, mouse: bool) -> Self {
        Self::new(
            Purpose::Settings,
            vec![
                Field::choice("Theme", themes, theme),
                Field::choice("Rising", ["green", "red"], red_up.into()),
                Field::choice("Mouse", ["the app's", "the terminal's"], (!mouse).into()),
            ],
        )
    }

    /// The chosen options of its choices, from top to bottom.
    pub(crate) fn chosen(&self) -> Vec<usize> {
        let at = |field: &Field| if let Value::Choice(_, at) = &field.value { *at } else { 0 };
        self.fields.iter().map(at).collect()
    }

    /// Asks for a date to go to.
    pub(crate) fn date(among: TimeRange) -> Self {
        let hint = "2025-01-31 [12:00], or 3d (ago)";
        Self::new(Purpose::Date(among), vec![Field::text("Date", "", hint)])
    }

    /// The heading.
    pub(crate) fn title(&self) -> String {
        match &self.purpose {
            Purpose::Add(_) => "Add symbols".into(),
            Purpose::Backfill(subject) => format!("Backfill {}", subject.name()),
            Purpose::Date(_) => "Go to a date (UTC)".into(),
            Purpose::Export(subject) => format!("Export {} {}", subject.symbol, subject.interval),
            Purpose::Alert(of) => of.title(),
            Purpose::Settings => "Settings".into(),
        }
    }

    /// Whether a command or an export of this number belongs to it.
    pub(crate) fn awaits(&self, id: RequestId) -> bool {
        matches!(self.stage, Stage::Busy(own, _) if own == id)
    }

    /// The word whose resemblances are suggested, where that field is typed in.
    pub(crate) fn needle(&self) -> Option<&str> {
        let first = self.fields.first().filter(|_| self.is_add() && self.focus == 0)?;
        let Value::Text(input) = &first.value else { return None };
        Some(input.word()).filter(|word| !word.is_empty())
    }

    /// Puts text into the field that is typed in.
    pub(crate) fn insert(&mut self, text: &str) {
        self.error = None;
        if let Some(Field { value: Value::Text(input), .. }) = self.fields.get_mut(self.focus) {
            input.insert(text);
            self.own_range();
            self.offer_datasets();
        } else if let Some(Field { value: Value::Checks(checks), .. }) = self.fields.get_mut(self.focus) {
            checks.typed(text);
        } else if text == " " {
            self.edit(Edit::Right, Time::EPOCH);
        }
    }

    /// Changes the field that is typed in; `now` is what an empty calendar starts from.
    pub(crate) fn edit(&mut self, edit: Edit, now: Time) {
        self.error = None;
        let dates = self.is_at_date();
        match self.fields.get_mut(self.focus).map(|field| &mut field.value) {
            Some(Value::Text(input)) if matches!(edit, Edit::More | Edit::Less) => {
                if dates && let Some(text) = calendar::turned(input.text(), input.cursor(), edit == Edit::More, now) {
                    input.replace(text);
                    self.own_range();
                }
            }
            Some(Value::Text(input)) => {
                let before = input.text().len();
                input.edit(edit);
                if input.text().len() != before {
                    self.own_range();
                    self.offer_datasets();
                }
            }
            Some(Value::Checks(checks)) => checks.edit(edit),
            Some(Value::Choice(options, chosen)) => {
                let len = options.len().max(1);
                *chosen = match edit {
                    Edit::Left | Edit::Less => (*chosen + len - 1) % len,
                    Edit::Right | Edit::More => (*chosen + 1) % len,
                    Edit::Start => 0,
                    Edit::End => len - 1,
                    _ => *chosen,
                };
                self.take_range();
                self.hint_file();
                self.refit_alert();
            }
            None => {}
        }
    }

    /// Whether a date or a length is typed.
    pub(crate) fn is_at_date(&self) -> bool {
        self.fields.get(self.focus).is_some_and(|field| ["From", "To", "Backfill"].contains(&field.label))
    }

    /// The next field; a picked suggestion is taken. A path is first completed as far as its
    /// folder allows.
    pub(crate) fn next_field(&mut self) {
        if self.picked.is_none() && self.complete_path() {
            return;
        }
        let of_path = self.path().is_some();
        if !(self.take_suggestion() && of_path) {
            self.step(1);
        }
    }

    /// The field before.
    pub(crate) fn previous_field(&mut self) {
        self.step(self.fields.len().saturating_sub(1));
    }

    /// The next suggestion where there are some, else the next field.
    pub(crate) fn next(&mut self) {
        let last = self.choices().saturating_sub(1);
        match self.picked {
            _ if self.choices() == 0 => self.step(1),
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

    /// New suggestions. One that was picked stays picked, and all in their places, where only more is
    /// known of the same ones.
    pub(crate) fn suggest(&mut self, hits: Vec<InstrumentHit>) {
        let picked = self.picked.and_then(|at| self.suggestions.get(at)).map(|hit| (hit.symbol.clone(), hit.exchange));
        if picked.is_some_and(|picked| hits.iter().any(|hit| (&hit.symbol, hit.exchange) == (&picked.0, picked.1))) {
            for hit in &mut self.suggestions {
                let newer = hits.iter().find(|newer| (&newer.symbol, newer.exchange) == (&hit.symbol, hit.exchange));
                hit.volume_24h = newer.map_or(hit.volume_24h, |newer| newer.volume_24h);
            }
        } else {
            self.suggestions = hits;
            self.picked = None;
        }
    }

    /// Takes the picked suggestion in the place of the word under the cursor, or of a path's last
    /// part; whether there was one.
    pub(crate) fn take_suggestion(&mut self) -> bool {
        let Some(at) = self.picked.take() else { return false };
        if self.path().is_some() {
            return self.take_path(at);
        }
        let Some(hit) = self.suggestions.get(at) else { return false };
        let symbol =
            if hit.exchange == self.meant().name() { hit.symbol.clone() } else { format!("{}:{}", hit.exchange, hit.symbol) };
        self.suggestions.clear();
        if let Some(Field { value: Value::Text(input), .. }) = self.fields.first_mut() {
            input.replace_word(&symbol);
        }
        self.offer_datasets();
        true
    }

    /// Puts the focus on a field.
    pub(crate) fn focus_on(&mut self, field: usize) {
        self.step((field + self.fields.len()).saturating_sub(self.focus));
    }

    /// Suggestions below the field that is typed in: symbols, or names in a folder.
    fn choices(&self) -> usize {
        self.suggestions.len().max(self.completions().len())
    }

    /// What is asked for, or one line on what is wrong and the field that it is about.
    pub(crate) fn request(&self, now: Time) -> Result<Request, (usize, String)> {
        read::request(self, now)
    }

    /// The command line that does the same, once everything is filled in soundly.
    pub(crate) fn line(&self, now: Time, lines: &CommandLine) -> Option<String> {
        if let Some(sent) = &self.equivalent {
            return Some(sent.clone());
        }
        if lines.simulated && matches!(self.purpose, Purpose::Add(_) | Purpose::Backfill(_)) {
            return None;
        }
        read::line(self, now, lines)
    }

    /// Whether no command line ever does what this form does.
    pub(crate) const fn has_no_line(&self) -> bool {
        matches!(self.purpose, Purpose::Date(_) | Purpose::Alert(_) | Purpose::Settings)
    }

    fn field(&self, label: &str) -> &str {
        self.fields.iter().find(|field| field.label == label).map_or("", Field::get)
    }
}

impl Subject {
    /// `BTC/USDT 1m`, `BTC/USDT trades`.
    fn name(&self) -> String {
        match self.dataset {
            Dataset::Candles => format!("{} {}", self.symbol, self.interval),
            dataset => format!("{} {}", self.symbol, dataset.label()),
        }
    }

    fn of(series: &SeriesView, visible: Option<TimeRange>) -> Self {
        Self {
            id: series.id,
            exchange: series.exchange,
            symbol: series.symbol.to_string(),
            dataset: series.dataset,
            interval: series.interval,
            visible,
            wanted: series.wanted,
        }
    }
}
