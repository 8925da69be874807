//! The composition root: reads settings, starts the log, and hands over to a subcommand or to the
//! terminal app.

mod demo;
mod terminal;

use crate::cli::args::Command;
use crate::cli::{self, Args, Context, Exit};
use crate::config::{self, Dirs, Overrides, Settings};
use crate::domain::instrument::ExchangeId;
use crate::exchange::clock::Clock;
use crate::telemetry::{self, LogSettings};
use crate::tui;
use anyhow::{Context as _, bail};
use clap::Parser as _;
use std::process::ExitCode;

/// Runs the program.
pub fn main() -> ExitCode {
    let args = Args::parse();
    match start(args) {
        Ok(exit) => ExitCode::from(exit.code()),
        Err(error) => {
            let line = format!("{}\n", cli::error_line(&error));
            let _ = std::io::Write::write_all(&mut std::io::stderr().lock(), line.as_bytes());
            ExitCode::from(cli::exit_of(&error).code())
        }
    }
}

/// Starts the log of a command that keeps one, or of the terminal app. `doctor` tells why there can be none.
fn start_log(command: Option<&Command>, settings: &LogSettings) -> anyhow::Result<(Option<telemetry::Guard>, Option<String>)> {
    if command.is_some_and(|command| !command.keeps_a_log()) {
        return Ok((None, None));
    }
    match telemetry::start(settings) {
        Ok(guard) => Ok((Some(guard), None)),
        Err(error) if matches!(command, Some(Command::Doctor)) => Ok((None, Some(error.to_string()))),
        Err(error) => Err(error.into()),
    }
}

fn start(args: Args) -> anyhow::Result<Exit> {
    // Only fails where a provider is installed already, which then serves as well.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let global = args.global;
    let own_db = global.db.is_some();
    let cwd = std::env::current_dir().context("the working directory is gone")?;
    let config_file = || config::file_path(global.config.as_deref(), &cwd, Dirs::platform);
    if let Some(done) = args.command.as_ref().and_then(|command| cli::run_bare(command, config_file)) {
        return done;
    }
    if let Some(name) = config::unreadable_variable(|name| std::env::var_os(name)) {
        bail!("environment variable {name}: its value is not UTF-8 text");
    }
    let overrides = Overrides { config: global.config, db: global.db, log_level: global.log_level, patience: global.patience };
    let settings = Settings::load(overrides, |name| std::env::var(name).ok(), &cwd, &Dirs::platform()?)?;
    let (_log, log_fault) = start_log(args.command.as_ref(), &settings.log)?;
    let exchange = global.exchange.or(settings.exchanges.first().copied()).unwrap_or(ExchangeId::Binance);
    let context = Context { settings, exchange, simulated: false, color: global.color, clock: Clock::System, log_fault };
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().context("no runtime")?;
    let exit = runtime.block_on(async {
        match args.command {
            Some(Command::Demo) => demo::run(context, own_db).await,
            Some(command) => cli::run(&context, command).await,
            None => match terminal::run(&context, true).await? {
                tui::Exit::Demo => demo::run(context, own_db).await,
                tui::Exit::Quit => Ok(Exit::Done),
            },
        }
    });
    // A read that still runs on a blocking thread is not waited for.
    runtime.shutdown_background();
    exit
}
