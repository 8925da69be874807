//! From what was typed to a request, or one clear line on what is wrong.

use super::{Form, Purpose, Request};
use crate::domain::dataset::Dataset;
use crate::domain::format::Format;
use crate::domain::instrument::ExchangeId;
use crate::domain::interval::Interval;
use crate::domain::range::TimeRange;
use crate::domain::time::{Time, parse_duration_ms};
use crate::engine::command::{Command, ExportRequest, Since};
use crate::tui::state::command_line::CommandLine;
use std::path::PathBuf;

pub(super) type Wrong = (usize, String);

pub(super) fn request(form: &Form, now: Time) -> Result<Request, Wrong> {
    match &form.purpose {
        Purpose::Settings => Err((0, "nothing is sent".into())),
        Purpose::Add(meant) => add(form, *meant, now).map(Request::Command),
        Purpose::Alert(of) => of.request(form).map(Request::Command),
        Purpose::Backfill(subject) => {
            let (since, to) = (since(form, "From", now)?, end(form, now)?);
            if start(since, now).is_some_and(|from| from >= to.unwrap_or(now)) {
                return Err(wrong(form, "From", "the range is empty: it ends before it starts"));
            }
            Ok(Request::Command(Command::Backfill { series: subject.id, since, to }))
        }
        Purpose::Date(among) => date(form, *among, now).map(Request::Show),
        Purpose::Export(subject) => {
            let since = since(form, "From", now)?;
            let to = end(form, now)?.unwrap_or(now);
            let from = start(since, now).ok_or_else(|| wrong(form, "From", "an export needs a date or a length such as 30d"))?;
            if from >= to {
                return Err(wrong(form, "From", "the range is empty: it ends before it starts"));
            }
            let interval = interval(form)?;
            let format = form.field("Format");
            let format = Format::ALL
                .into_iter()
                .find(|known| known.name() == format)
                .ok_or_else(|| wrong(form, "Format", "choose a format"))?;
            let typed = form.field("File");
            let path = if typed.is_empty() { form.default_file() } else { PathBuf::from(typed) };
            Ok(Request::Export(ExportRequest { series: subject.id, interval, range: TimeRange::new(from, to), format, path }))
        }
    }
}

/// The command line for what is filled in; nothing where it is not sound yet.
pub(super) fn line(form: &Form, now: Time, lines: &CommandLine) -> Option<String> {
    let request = request(form, now).ok()?;
    match (&form.purpose, request) {
        (_, Request::Command(Command::Add { symbols, exchange, datasets, interval, since })) => {
            // From a date on it would be a `backfill`, which registers candles alone.
            let candles = datasets == [Dataset::Candles];
            (candles || !matches!(since, Since::Time(_))).then(|| lines.add(&symbols, exchange, &datasets, interval, since))
        }
        (Purpose::Backfill(subject), Request::Command(Command::Backfill { since, to, .. })) => {
            let since = match (since, to) {
                // `--last` has no end but the present.
                (Since::Last(ms), Some(_)) => Since::Time(now.plus_ms(-ms)),
                (since, _) => since,
            };
            Some(lines.backfill(&subject.symbol, subject.exchange, (subject.dataset, subject.interval), since, to))
        }
        (Purpose::Export(subject), Request::Export(mut export)) => {
            // A length counts from the present: on the grid, the line does not change with each second.
            export.range.from = export.interval.floor(export.range.from);
            Some(lines.export(&subject.symbol, subject.exchange, &export, end(form, now).ok()?))
        }
        _ => None,
    }
}

pub(super) fn add(form: &Form, meant: ExchangeId, now: Time) -> Result<Command, Wrong> {
    let symbols: Vec<String> =
        form.field("Symbols").split([' ', ',']).filter(|word| !word.is_empty()).map(ToOwned::to_owned).collect();
    if symbols.is_empty() {
        return Err(wrong(form, "Symbols", "type a symbol such as BTC/USDT"));
    }
    let since = if form.field("Backfill").is_empty() { Since::Now } else { since(form, "Backfill", now)? };
    let datasets = match form.datasets() {
        Some((at, chosen)) if chosen.is_empty() => return Err((at, "choose a dataset: c, t, f or o, or Space".into())),
        Some((_, chosen)) => chosen,
        None => vec![Dataset::Candles],
    };
    Ok(Command::Add { symbols, exchange: meant, datasets, interval: interval(form)?, since })
}

fn interval(form: &Form) -> Result<Interval, Wrong> {
    form.field("Interval").parse().map_err(|_| wrong(form, "Interval", "choose an interval"))
}

/// A length, a date, `listing` or `now`.
pub(super) fn since(form: &Form, label: &str, now: Time) -> Result<Since, Wrong> {
    let text = form.field(label);
    if text.eq_ignore_ascii_case("listing") {
        return Ok(Since::Listing);
    }
    if text.eq_ignore_ascii_case("now") {
        return Ok(Since::Now);
    }
    if let Ok(ms) = parse_duration_ms(text) {
        return Ok(Since::Last(ms));
    }
    match Time::parse(text, now) {
        Ok(time) if time < now => Ok(Since::Time(time)),
        Ok(_) => Err(wrong(form, label, "that lies in the future")),
        Err(_) => Err(wrong(form, label, &format!("`{text}` is neither a length (30d, 12h) nor a date (2025-01-31)"))),
    }
}

/// A moment, in UTC, among those that can be shown.
fn date(form: &Form, among: TimeRange, now: Time) -> Result<Time, Wrong> {
    let text = form.field("Date");
    let minute = || Time::parse(&format!("{}:00Z", text.replacen(' ', "T", 1)), now);
    let time = match parse_duration_ms(text) {
        Ok(ms) => now.plus_ms(-ms),
        Err(_) => Time::parse(text, now)
            .or_else(|_| minute())
            .map_err(|_| wrong(form, "Date", &format!("`{text}` is not a date: use 2025-01-31, 2025-01-31 12:00 or 3d")))?,
    };
    if time < among.from {
        return Err(wrong(form, "Date", &format!("the first candle is of {}", among.from.format("%Y-%m-%d %H:%M"))));
    }
    if time > now {
        return Err(wrong(form, "Date", "that lies in the future"));
    }
    Ok(time)
}

/// The end of the range; nothing where it is the present.
pub(super) fn end(form: &Form, now: Time) -> Result<Option<Time>, Wrong> {
    let text = form.field("To");
    if text.is_empty() || text.eq_ignore_ascii_case("now") {
        return Ok(None);
    }
    Time::parse(text, now)
        .map(Some)
        .map_err(|_| wrong(form, "To", &format!("`{text}` is not a date: use 2025-01-31, 2025-01-31T12:00:00Z or now")))
}

pub(super) const fn start(since: Since, now: Time) -> Option<Time> {
    match since {
        Since::Now => Some(now),
        Since::Last(ms) => Some(now.plus_ms(-ms)),
        Since::Time(time) => Some(time),
        Since::Listing => None,
    }
}

pub(super) fn wrong(form: &Form, label: &str, text: &str) -> Wrong {
    (form.fields.iter().position(|field| field.label == label).unwrap_or(0), text.to_owned())
}
