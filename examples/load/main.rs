//! How much the recorder takes while many symbols stream, and how fast it answers keys meanwhile.
//!
//! `load PROGRAM` starts a simulated exchange (`simulated_exchange`, built beside this program), adds generated
//! symbols to a store of its own, runs PROGRAM on it in a pseudo terminal and measures for a while: CPU time and
//! memory of either process, frames on the screen, frames of the streams, the lag that the recorder reports, and
//! the time from a key to its effect on the screen.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a command-line measurement speaks through both")]

mod figures;
mod process;
mod screen;

use clap::Parser;
use figures::{Figures, percentile};
use process::{Process, Usage};
use screen::Screen;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitCode, Stdio};
use std::time::{Duration, Instant};

type Failure = Box<dyn std::error::Error>;

/// Measures the recorder under load.
#[derive(Debug, Parser)]
struct Args {
    /// The program.
    program: PathBuf,
    /// Symbols that stream.
    #[arg(long, default_value_t = 200)]
    symbols: u16,
    /// Messages a second that each socket carries besides; the exchange's spot sockets take 200 subscriptions,
    /// two for each symbol.
    #[arg(long, default_value_t = 0)]
    burst: u32,
    /// Datasets, as `add` takes them.
    #[arg(long, default_value = "candles")]
    datasets: String,
    /// Measure `PROGRAM demo` instead.
    #[arg(long)]
    demo: bool,
    /// Type nothing.
    #[arg(long)]
    idle: bool,
    /// Seconds before the measurement.
    #[arg(long, default_value_t = 30)]
    warm_up: u64,
    /// Seconds of the measurement.
    #[arg(long, default_value_t = 60)]
    seconds: u64,
    /// Print a line for each second.
    #[arg(long)]
    verbose: bool,
}

fn main() -> ExitCode {
    match measure(&Args::parse()) {
        Ok(figures) => {
            println!("{figures}");
            ExitCode::SUCCESS
        }
        Err(failure) => {
            eprintln!("load: {failure}");
            ExitCode::FAILURE
        }
    }
}

/// Ends with what it was started for.
struct Exchange {
    child: Child,
    url: String,
}

impl Exchange {
    fn start(args: &Args) -> Result<Self, Failure> {
        let program = std::env::current_exe()?.with_file_name("simulated_exchange");
        let mut child = Command::new(&program)
            .args(["--markets", &args.symbols.to_string(), "--burst", &args.burst.to_string()])
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|error| format!("{}: {error}; build it with --example simulated_exchange", program.display()))?;
        let mut url = String::new();
        let out = child.stdout.take().ok_or("the exchange has no output")?;
        BufReader::new(out).read_line(&mut url)?;
        Ok(Self { child, url: url.trim().to_owned() })
    }
}

impl Drop for Exchange {
    fn drop(&mut self) {
        // It may have ended by itself already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Where the program lives while it is measured, and how it is spoken to.
struct Home {
    folder: tempfile::TempDir,
    program: PathBuf,
    environment: Vec<(&'static str, String)>,
}

impl Home {
    fn new(program: &Path, exchange: Option<&Exchange>) -> Result<Self, Failure> {
        let program = program.canonicalize().map_err(|error| format!("{}: {error}", program.display()))?;
        let folder = tempfile::tempdir()?;
        let below = |name: &str| folder.path().join(name).display().to_string();
        let mut environment: Vec<(&'static str, String)> = vec![
            ("HOME", below("")),
            ("XDG_CONFIG_HOME", below("config")),
            ("XDG_DATA_HOME", below("data")),
            ("XDG_STATE_HOME", below("state")),
            ("XDG_CACHE_HOME", below("cache")),
            ("DB_PATH", below("load.sqlite")),
        ];
        if let Some(exchange) = exchange {
            environment.push(("BINANCE_REST_URL", exchange.url.clone()));
            environment.push(("BINANCE_WS_URL", exchange.url.replace("http://", "ws://")));
        }
        Ok(Self { folder, program, environment })
    }

    /// What a command prints; its exit code is the caller's.
    fn ask(&self, words: &[String]) -> Result<(bool, String), Failure> {
        let mut command = Command::new(&self.program);
        command.args(words).envs(self.environment.clone()).current_dir(self.folder.path()).stdin(Stdio::null());
        let output = command.output()?;
        let text = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
        Ok((output.status.success(), text))
    }
}

fn measure(args: &Args) -> Result<Figures, Failure> {
    let exchange = if args.demo { None } else { Some(Exchange::start(args)?) };
    let home = Home::new(&args.program, exchange.as_ref())?;
    if exchange.is_some() {
        let mut words: Vec<String> = ["add", "--backfill", "0", "--datasets", &args.datasets].map(str::to_owned).into();
        words.extend((1..=args.symbols).map(|number| format!("G{number:03}/USDT")));
        let (added, text) = home.ask(&words)?;
        if !added {
            return Err(format!("the symbols were not added: {}", text.trim()).into());
        }
    }
    let arguments: &[&str] = if args.demo { &["demo"] } else { &[] };
    let mut screen = Screen::start(&home.program, arguments, home.folder.path(), &home.environment)?;
    let outcome = watch(args, &home, exchange.as_ref(), &mut screen);
    screen.leave();
    outcome
}

fn watch(args: &Args, home: &Home, exchange: Option<&Exchange>, screen: &mut Screen) -> Result<Figures, Failure> {
    screen.watch_for(Duration::from_secs(args.warm_up))?;
    let recorder = Process::new(screen.process_id()?);
    let simulator = exchange.map(|exchange| Process::new(exchange.child.id()));
    let (first, frames) = (recorder.usage()?, screen.frames());
    let simulated = simulator.map(Process::usage).transpose()?;
    let began = Instant::now();
    let mut keys = Vec::new();
    let mut memory = Vec::new();
    let mut second = first;
    for at in 0..args.seconds {
        if !args.idle {
            // At times that have nothing to do with those of the frames.
            screen.watch_for(Duration::from_millis(137 + at * 61 % 400))?;
            keys.push(screen.move_cursor(at % 20 < 10)?);
        }
        screen.watch_for(Duration::from_secs(at + 1).saturating_sub(began.elapsed()))?;
        let usage = recorder.usage()?;
        memory.push(usage.resident_kb);
        if args.verbose {
            let cpu = usage.cpu.saturating_sub(second.cpu).as_millis();
            eprintln!("{:>4} s: {cpu} ms CPU, {} MB resident", at + 1, usage.resident_kb / 1_024);
            second = usage;
        }
    }
    let elapsed = began.elapsed();
    let last = recorder.usage()?;
    let simulated = match (simulated, simulator) {
        (Some(before), Some(process)) => Some(share(&before, &process.usage()?, elapsed)),
        _ => None,
    };
    keys.sort_unstable();
    let (_, status) = if args.demo { (true, String::new()) } else { home.ask(&["status".into(), "--json".into()])? };
    Ok(Figures {
        seconds: elapsed.as_secs_f64(),
        cpu_percent: share(&first, &last, elapsed),
        simulator_percent: simulated,
        resident_kb: (memory.first().copied().unwrap_or(0), memory.iter().copied().max().unwrap_or(0), last.resident_kb),
        peak_kb: last.peak_kb,
        written_per_second: (last.written - first.written) as f64 / elapsed.as_secs_f64(),
        frames_per_second: (screen.frames() - frames) as f64 / elapsed.as_secs_f64(),
        keys: (keys.len(), percentile(&keys, 50), percentile(&keys, 95), keys.last().copied()),
        streams: serde_json::from_str::<serde_json::Value>(&status).ok().and_then(|status| figures::streams(&status)),
        load: process::machine_load(),
    })
}

/// Of one core, in percent.
fn share(before: &Usage, after: &Usage, elapsed: Duration) -> f64 {
    after.cpu.saturating_sub(before.cpu).as_secs_f64() / elapsed.as_secs_f64() * 100.0
}
