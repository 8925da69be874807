//! The program's own log: a file a day, never the terminal, which the screen owns.
//!
//! Every record carries its component, the module that spoke. What a person should see of it is
//! told on screen through the ingest log; these files are for finding out why.

mod daily_file;

use crate::domain::time::Time;
use daily_file::DailyFile;
use std::fmt;
use std::io;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::{SystemTime, UNIX_EPOCH};
use tracing::Subscriber;
use tracing::level_filters::LevelFilter;
use tracing_appender::non_blocking::{NonBlocking, NonBlockingBuilder, WorkerGuard};
use tracing_subscriber::Layer as _;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::fmt::layer;
use tracing_subscriber::layer::SubscriberExt as _;

/// How the program logs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogSettings {
    /// Folder of the files; created where it is missing, for its owner alone.
    pub dir: PathBuf,
    /// What is written.
    pub level: Verbosity,
    /// How it is written.
    pub format: LogFormat,
}

/// The least important record that is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Verbosity {
    /// What went wrong.
    Error,
    /// What may go wrong.
    Warn,
    /// What happened.
    #[default]
    Info,
    /// Each request and transaction.
    Debug,
    /// Everything.
    Trace,
}

impl Verbosity {
    /// Every level, quietest first.
    pub const ALL: [Self; 5] = [Self::Error, Self::Warn, Self::Info, Self::Debug, Self::Trace];

    /// Its name in settings.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warn => "warn",
            Self::Info => "info",
            Self::Debug => "debug",
            Self::Trace => "trace",
        }
    }

    const fn filter(self) -> LevelFilter {
        match self {
            Self::Error => LevelFilter::ERROR,
            Self::Warn => LevelFilter::WARN,
            Self::Info => LevelFilter::INFO,
            Self::Debug => LevelFilter::DEBUG,
            Self::Trace => LevelFilter::TRACE,
        }
    }
}

impl fmt::Display for Verbosity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// Text that names no level.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a log level: use error, warn, info, debug or trace")]
pub struct VerbosityParseError(pub String);

impl FromStr for Verbosity {
    type Err = VerbosityParseError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let named = text.trim();
        Self::ALL
            .into_iter()
            .find(|level| level.name().eq_ignore_ascii_case(named))
            .ok_or_else(|| VerbosityParseError(text.escape_debug().take(40).collect()))
    }
}

/// The form of a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum LogFormat {
    /// For people.
    #[default]
    Text,
    /// One JSON object a line, for machines.
    Json,
}

impl LogFormat {
    /// Its name in settings.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Json => "json",
        }
    }
}

impl fmt::Display for LogFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// Text that names no form.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a log format: use text or json")]
pub struct LogFormatParseError(pub String);

impl FromStr for LogFormat {
    type Err = LogFormatParseError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let named = text.trim();
        [Self::Text, Self::Json]
            .into_iter()
            .find(|format| format.name().eq_ignore_ascii_case(named))
            .ok_or_else(|| LogFormatParseError(text.escape_debug().take(40).collect()))
    }
}

/// Why logging could not start.
#[derive(Debug, thiserror::Error)]
pub enum TelemetryError {
    /// The folder or the file refuses.
    #[error("cannot write logs to {}: {error} (LOG_DIR names another folder)", dir.display())]
    Dir {
        /// The folder.
        dir: PathBuf,
        /// What the system said.
        error: io::Error,
    },
    /// It was started before in this process.
    #[error("logging runs already")]
    Running,
}

/// Keeps the log running; writes what is left when dropped. Hold it until the very end of `main`.
#[must_use = "logging stops when this is dropped"]
#[derive(Debug)]
pub struct Guard {
    _worker: WorkerGuard,
}

/// Starts logging for the whole process. The writing is done by a thread of its own: a slow disk
/// drops records rather than holding up the recorder.
pub fn start(settings: &LogSettings) -> Result<Guard, TelemetryError> {
    let (subscriber, guard) = subscriber(settings)?;
    tracing::subscriber::set_global_default(subscriber).map_err(|_| TelemetryError::Running)?;
    Ok(guard)
}

fn subscriber(settings: &LogSettings) -> Result<(impl Subscriber + Send + Sync + use<>, Guard), TelemetryError> {
    let file = DailyFile::open(&settings.dir, now()).map_err(|error| TelemetryError::Dir { dir: settings.dir.clone(), error })?;
    let (writer, worker): (NonBlocking, WorkerGuard) =
        NonBlockingBuilder::default().lossy(true).thread_name("log").finish(ByClock(file));
    // Libraries speak of every connection at `info` and below; their warnings are enough.
    let own = settings.level.filter();
    let filter = Targets::new().with_default(own.min(LevelFilter::WARN)).with_target(env!("CARGO_CRATE_NAME"), own);
    let records = match settings.format {
        LogFormat::Text => layer().with_writer(writer).with_ansi(false).with_target(true).boxed(),
        LogFormat::Json => layer().json().flatten_event(true).with_writer(writer).with_target(true).boxed(),
    };
    Ok((tracing_subscriber::registry().with(records.with_filter(filter)), Guard { _worker: worker }))
}

/// A [`DailyFile`] that reads the system's clock.
struct ByClock(DailyFile);

impl io::Write for ByClock {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write_at(now(), bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

fn now() -> Time {
    let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Time::from_ms(i64::try_from(since_epoch.as_millis()).unwrap_or(i64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use std::path::Path;

    fn logged(format: LogFormat, level: Verbosity, speak: impl FnOnce()) -> String {
        let dir = tempfile::tempdir().unwrap();
        let settings = LogSettings { dir: dir.path().join("a/b"), level, format };
        let (subscriber, guard) = subscriber(&settings).unwrap();
        tracing::subscriber::with_default(subscriber, speak);
        drop(guard);
        only_file(&settings.dir)
    }

    fn only_file(dir: &Path) -> String {
        let files: Vec<_> = fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path()).collect();
        assert_eq!(files.len(), 1);
        fs::read_to_string(&files[0]).unwrap()
    }

    #[test]
    fn text_names_level_and_component() {
        let text = logged(LogFormat::Text, Verbosity::Info, || {
            tracing::info!(pages = 3, "stored");
            tracing::debug!("quiet");
            tracing::info!(target: "hyper", "library");
            tracing::warn!(target: "hyper", "library warns");
        });
        assert!(text.contains("INFO marketdata_tui::telemetry::tests: stored pages=3"), "{text}");
        assert!(text.contains("WARN hyper: library warns"), "{text}");
        assert_eq!(text.lines().count(), 2, "{text}");
    }

    #[test]
    fn json_lines() {
        let text = logged(LogFormat::Json, Verbosity::Debug, || tracing::debug!(pages = 3, "stored"));
        assert_eq!(text.lines().count(), 1, "{text}");
        for part in
            [r#""level":"DEBUG""#, r#""target":"marketdata_tui::telemetry::tests""#, r#""message":"stored""#, r#""pages":3"#]
        {
            assert!(text.contains(part), "{text}");
        }
    }

    #[test]
    fn names() {
        for level in Verbosity::ALL {
            assert_eq!(level.name().to_uppercase().parse(), Ok(level));
        }
        let told = "loud\n".parse::<Verbosity>().unwrap_err().to_string();
        assert_eq!(told, "`loud\\n` is not a log level: use error, warn, info, debug or trace");
        assert!("xml".parse::<LogFormat>().is_err());
    }

    #[test]
    fn a_folder_that_cannot_be_is_told() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let settings = LogSettings { dir: file.path().join("logs"), level: Verbosity::default(), format: LogFormat::default() };
        let told = subscriber(&settings).err().unwrap().to_string();
        assert!(told.starts_with("cannot write logs to ") && told.contains("LOG_DIR"), "{told}");
    }
}
