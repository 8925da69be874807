//! The command line: arguments, and one file for each subcommand, over the same engine and store
//! as the terminal app.

pub mod add;
pub mod args;
pub mod backfill;
pub mod check;
pub mod config;
pub mod context;
pub mod doctor;
pub mod export;
pub mod gaps;
pub mod list;
mod output;
pub mod record;
pub mod remove;
pub mod shell;
pub mod status;

pub use args::Args;
pub use context::Context;

use crate::domain::dataset::Dataset;
use crate::domain::interval::Interval;
use crate::domain::series::Series;
use args::Command;

/// How a command ended. Scripts rely on the numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// Done.
    Done,
    /// It failed, or something is left to do.
    Failed,
    /// The data is incomplete.
    Incomplete,
    /// Ended by a signal.
    Interrupted,
}

impl Exit {
    /// 0, 1, 3 or 130. Wrong usage is 2, by the argument parser.
    pub const fn code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Failed => 1,
            Self::Incomplete => 3,
            Self::Interrupted => 130,
        }
    }
}

/// Whether a series is one of those asked for; a candle width leaves other datasets out.
fn is_meant(series: &Series, dataset: Option<Dataset>, interval: Option<Interval>) -> bool {
    dataset.is_none_or(|dataset| dataset == series.dataset)
        && interval.is_none_or(|interval| series.dataset == Dataset::Candles && interval == series.interval)
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
        Command::Config(args) => config::run(context, args.what),
        Command::Completions { shell } => shell::completions(shell),
        Command::Man => shell::man(),
        // The composition root starts the simulation and the terminal app.
        Command::Demo => Ok(Exit::Done),
    }
}
