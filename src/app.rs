//! The composition root: reads settings, starts the log, and hands over to a subcommand or to the
//! terminal app.

mod demo;
mod terminal;

use crate::cli::args::Command;
use crate::cli::{self, Args, Context, Exit};
use crate::config::{Dirs, Overrides, Settings};
use crate::domain::instrument::ExchangeId;
use crate::exchange::clock::Clock;
use crate::{telemetry, tui};
use anyhow::Context as _;
use clap::Parser as _;
use std::process::ExitCode;

/// Runs the program.
pub fn main() -> ExitCode {
    let args = Args::parse();
    match start(args) {
        Ok(exit) => ExitCode::from(exit.code()),
        Err(error) => {
            // One readable line; the chain says what was tried and why it failed.
            let line = format!("error: {error:#}");
            let _ = std::io::Write::write_all(&mut std::io::stderr().lock(), format!("{}\n", line.replace('\n', " ")).as_bytes());
            ExitCode::from(Exit::Failed.code())
        }
    }
}

fn start(args: Args) -> anyhow::Result<Exit> {
    // Only fails where a provider is installed already, which then serves as well.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let global = args.global;
    let own_db = global.db.is_some();
    let overrides = Overrides { config: global.config, db: global.db, log_level: global.log_level, patience: global.patience };
    let cwd = std::env::current_dir().context("the working directory is gone")?;
    let settings = Settings::load(overrides, |name| std::env::var(name).ok(), &cwd, &Dirs::platform()?)?;
    let _log = telemetry::start(&settings.log)?;
    let exchange = global.exchange.or(settings.exchanges.first().copied()).unwrap_or(ExchangeId::Binance);
    let context = Context { settings, exchange, simulated: false, color: global.color, clock: Clock::System };
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
