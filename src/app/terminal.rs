//! The terminal app over a recorder of its own, or over a store that another process records.

use crate::cli::Context;
use crate::cli::args::Color;
use crate::cli::export::ExportJob;
use crate::config::{self, Dirs};
use crate::domain::time::{MINUTE_MS, SECOND_MS, Time, short_duration};
use crate::engine::command::ExportRequest;
use crate::engine::handle::Handle;
use crate::engine::{Engine, observer};
use crate::export::time_form::TimeForm;
use crate::store::lock::{Lock, TakeLock};
use crate::store::{Store, View, series, settings};
use crate::tui::{self, Colors, ExportDone, Face, Glyphs, Graphics, KeyOverride, Look, Services, ThemeFile};
use anyhow::{Context as _, bail};
use chrono::TimeZone as _;
use std::io::{self, IsTerminal as _};
use std::sync::Arc;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// Opens the store, records while the screen is open, and ends both in order.
pub(super) async fn run(context: &Context, offer_demo: bool) -> anyhow::Result<tui::Exit> {
    run_with(context, offer_demo, |_| {}).await
}

/// The same; `ready` gets the recorder's handle once, before the first screen.
pub(super) async fn run_with(context: &Context, offer_demo: bool, ready: impl FnOnce(Handle)) -> anyhow::Result<tui::Exit> {
    // Before anything is recorded: what cannot be shown must not start what it then ends.
    if !(io::stdin().is_terminal() && io::stdout().is_terminal()) {
        // A store of the other sort is the wrong one on any terminal, so that is told first.
        if let Ok(view) = View::open(&context.settings.db_path) {
            view.readers().with(|connection| settings::suits(connection, context.simulated))?;
        }
        return Err(tui::TuiError::NotATerminal.into());
    }
    if std::env::var("TERM").is_ok_and(|term| term == "dumb") {
        bail!("the terminal calls itself dumb (TERM=dumb), and shows no screens: run `marketdata-tui record` instead");
    }
    let face = face(context)?;
    let store = context.open()?;
    match Lock::take(store.path())? {
        TakeLock::Taken(_lock) => {
            let exchanges = context.connect_all()?;
            let engine = Engine::start(store.clone(), exchanges, context.clock, context.engine_settings(true)).await?;
            ready(engine.handle());
            let exit = tui::run(engine.handle(), services(context, store, offer_demo, face)).await;
            // The terminal is given back already; now the recorder ends in its own time.
            engine.stop().await;
            Ok(exit?)
        }
        TakeLock::Held(pid) => {
            if context.simulated {
                // A demonstration shows nothing that was recorded.
                store.readers().with(|connection| settings::suits(connection, true))?;
            }
            let cancel = CancellationToken::new();
            let handle = observer::start(&store, context.clock, pid, cancel.clone()).context("the store cannot be shown")?;
            let exit = tui::run(handle, services(context, store.clone(), false, face)).await;
            cancel.cancel();
            store.writer().close(Duration::from_secs(1));
            Ok(exit?)
        }
    }
}

fn services(context: &Context, store: Store, offer_demo: bool, face: Face) -> Services {
    let clock = context.clock;
    let usual = Dirs::platform().is_ok_and(|dirs| dirs.store_file() == context.settings.db_path);
    let store_flag = (!usual).then(|| context.settings.db_path.display().to_string());
    Services {
        export: Arc::new(move |request, progress| export(&store, &request, progress).map_err(|error| format!("{error:#}"))),
        now: Arc::new(move || clock.now()),
        local_offset,
        offer_demo,
        default_backfill: match context.settings.backfill_minutes {
            0 => String::new(),
            minutes => short_duration(minutes * MINUTE_MS),
        },
        meant: context.exchange,
        usual: context.settings.exchanges.first().copied().unwrap_or(context.exchange),
        face,
        store_flag,
        glyphs: Glyphs::detect(|name| std::env::var(name).ok()),
        graphics: Graphics::detect(|name| std::env::var(name).ok()),
    }
}

/// What the system's time zone says of an instant; nothing where it is outside of the calendar.
fn local_offset(time: Time) -> i64 {
    let moment = chrono::Local.timestamp_millis_opt(time.ms()).single();
    moment.map_or(0, |moment| i64::from(moment.offset().local_minus_utc()) * SECOND_MS)
}

/// Keys and themes by the settings; an error names the file and the line.
fn face(context: &Context) -> Result<Face, tui::TuiError> {
    let ui = &context.settings.ui;
    let files = context.settings.file.0.parent().map_or_else(Vec::new, config::themes);
    let is_set = |key: &str| *context.settings.origin(key) != config::Origin::Default;
    let look = Look {
        colors: colors(context.color, |name| std::env::var(name).ok()),
        theme: ui.theme.clone(),
        red_up: ui.red_up,
        theme_is_set: is_set("ui.theme"),
        up_is_set: is_set("ui.up_color"),
        files: files
            .into_iter()
            .map(|theme| ThemeFile { name: theme.name, origin: theme.path.display().to_string(), entries: theme.entries })
            .collect(),
    };
    let key = |key: &config::KeyOverride| KeyOverride {
        action: key.action.clone(),
        chords: key.chords.clone(),
        origin: key.origin.clone(),
    };
    Face::new(&look, &ui.keys.iter().map(key).collect::<Vec<_>>())
}

fn colors(color: Color, env: impl Fn(&str) -> Option<String>) -> Colors {
    match color {
        Color::Never => Colors::Mono,
        Color::Auto => Colors::detect(env),
        Color::Always => Colors::detect(|name| env(name).filter(|_| name != "NO_COLOR")),
    }
}

fn export(store: &Store, request: &ExportRequest, progress: &dyn Fn(u64)) -> anyhow::Result<ExportDone> {
    let series = store.readers().with(|connection| series::get(connection, request.series))?.context("the series is gone")?;
    let job = ExportJob {
        store,
        series: &series,
        interval: request.interval,
        range: request.range,
        format: request.format,
        time: TimeForm::Iso,
    };
    let rows = job.to_file(&request.path, progress)?;
    Ok(ExportDone { rows, path: request.path.clone() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_flag_goes_before_the_environment() {
        let check = |color: Color, env: &[(&str, &str)], expected: Colors| {
            let env = |name: &str| env.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned());
            assert_eq!(colors(color, env), expected);
        };
        let rich = [("COLORTERM", "truecolor"), ("NO_COLOR", "1")];
        check(Color::Auto, &rich, Colors::Mono);
        check(Color::Always, &rich, Colors::Rgb);
        check(Color::Never, &rich[..1], Colors::Mono);
        check(Color::Auto, &[], Colors::Ansi16);
    }
}
