//! The command line: arguments, and one file for each subcommand, over the same engine and store
//! as the terminal app.

pub mod add;
pub mod args;
pub mod backfill;
pub mod check;
pub mod config;
mod connect;
pub mod context;
pub mod doctor;
pub mod export;
pub mod gaps;
pub mod list;
mod losses;
mod output;
mod range;
pub mod record;
pub mod remove;
pub mod shell;
pub mod status;

pub use args::Args;
pub use context::Context;
pub use output::error_line;

use crate::config::{ConfigError, Origin};
use crate::domain::dataset::Dataset;
use crate::domain::interval::Interval;
use crate::domain::series::Series;
use args::{Command, ConfigWhat};
use std::path::PathBuf;

/// How a command ended. Scripts rely on the numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// Done.
    Done,
    /// It failed, or something is left to do.
    Failed,
    /// What was asked for cannot be right, whatever the store and the exchanges say.
    Misused,
    /// The data is incomplete.
    Incomplete,
    /// Ended by a signal.
    Interrupted,
}

impl Exit {
    /// 0, 1, 2, 3 or 130.
    pub const fn code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Failed => 1,
            // The argument parser's number as well.
            Self::Misused => 2,
            Self::Incomplete => 3,
            Self::Interrupted => 130,
        }
    }
}

/// Wrong usage that only shows once the arguments are read: [`Exit::Misused`].
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct Usage(pub String);

/// How a command ended that failed with `error`.
pub fn exit_of(error: &anyhow::Error) -> Exit {
    let is_flag = |error: &ConfigError| matches!(error, ConfigError::Value { origin: Origin::Flag(_), .. });
    if error.is::<Usage>() || error.downcast_ref::<ConfigError>().is_some_and(is_flag) { Exit::Misused } else { Exit::Failed }
}

/// Refuses a candle width for what has none.
fn refuse_width(dataset: Option<Dataset>, interval: Option<Interval>) -> anyhow::Result<()> {
    match dataset.filter(|dataset| *dataset != Dataset::Candles && interval.is_some()) {
        Some(Dataset::Trades) => Err(Usage("trades have no candle width: leave out --interval".into()).into()),
        Some(other) => Err(Usage(format!("{} has no candle width: leave out --interval", other.label())).into()),
        None => Ok(()),
    }
}

/// Whether a series is one of those asked for; a candle width leaves other datasets out.
fn is_meant(series: &Series, dataset: Option<Dataset>, interval: Option<Interval>) -> bool {
    dataset.is_none_or(|dataset| dataset == series.dataset)
        && interval.is_none_or(|interval| series.dataset == Dataset::Candles && interval == series.interval)
}

/// Carries out a subcommand that needs no settings: it works with a broken config file and without a home. `None`
/// where it needs them; `file` tells where the config file lies.
pub fn run_bare(command: &Command, file: impl FnOnce() -> Result<PathBuf, ConfigError>) -> Option<anyhow::Result<Exit>> {
    match command {
        Command::Completions { shell } => Some(shell::completions(*shell)),
        Command::Man => Some(shell::man()),
        Command::Config(args) if args.what != ConfigWhat::Show => {
            Some(file().map_err(anyhow::Error::from).and_then(|file| config::path_or_init(&file, args.what)))
        }
        _ => None,
    }
}

/// Carries out a subcommand.
pub async fn run(context: &Context, command: Command) -> anyhow::Result<Exit> {
    match command {
        Command::Add(args) => add::run(context, &args).await,
        Command::Remove(args) => remove::run(context, &args).await,
        Command::List(args) => list::run(context, args.json),
        Command::Backfill(args) => backfill::run(context, &args).await,
        Command::Gaps(args) => gaps::run(context, &args),
        Command::Export(args) => export::run(context, &args),
        Command::Check(args) => check::run(context, &args).await,
        Command::Status(args) => status::run(context, args.json),
        Command::Record => record::run(context).await,
        Command::Doctor => doctor::run(context).await,
        Command::Config(_) => config::show(context),
        // The composition root has done these: some need no settings, the other is the terminal app.
        Command::Completions { .. } | Command::Man | Command::Demo => Ok(Exit::Done),
    }
}
