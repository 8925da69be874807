//! Makes a picture of the terminal app: runs it in a pseudo terminal, types keys, and writes the
//! cells of the screen with their colours as an SVG.
//!
//! ```text
//! cargo build --release
//! cargo run --release --example screenshot -- --wait SIMULATED --keys "2 [ Left" --out chart.svg -- demo
//! ```
//!
//! Steps are done in the order in which they are given. What stands behind `--` is given to the program,
//! which is the one beside this example, or `--program`. It gets a home of its own, so that nobody's
//! store or settings are seen or touched.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a command-line tool speaks through both")]

mod keys;
mod shape;
mod svg;
mod terminal;

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;
use terminal::Terminal;

const USAGE: &str = "usage: screenshot [--size COLUMNSxROWS] [--program FILE] --out FILE [STEP..] [-- ARG..]
a step is one of
  --wait TEXT     until this text is on the screen
  --gone TEXT     until it is no longer there
  --keys KEYS     types them: words with blanks between, as in \"2 Left Ctrl-P theme Enter\"
  --rest SECONDS  lets the program run on";

type Failure = Box<dyn std::error::Error>;

enum Step {
    Wait(String),
    Gone(String),
    Keys(String),
    Rest(Duration),
}

struct Order {
    columns: u16,
    rows: u16,
    program: PathBuf,
    arguments: Vec<OsString>,
    steps: Vec<Step>,
    out: PathBuf,
}

fn main() -> ExitCode {
    let outcome = order(std::env::args_os().skip(1)).and_then(|order| take(&order));
    match outcome {
        Ok(said) => {
            println!("{said}");
            ExitCode::SUCCESS
        }
        Err(failure) => {
            eprintln!("screenshot: {failure}");
            ExitCode::FAILURE
        }
    }
}

fn take(order: &Order) -> Result<String, Failure> {
    let mut terminal = Terminal::start(&order.program, &order.arguments, order.columns, order.rows)?;
    for step in &order.steps {
        match step {
            Step::Wait(text) => terminal.wait(text, true)?,
            Step::Gone(text) => terminal.wait(text, false)?,
            Step::Keys(keys) => terminal.press(keys)?,
            Step::Rest(time) => terminal.rest(*time)?,
        }
    }
    let picture = svg::draw(terminal.screen());
    terminal.end()?;
    std::fs::write(&order.out, &picture).map_err(|error| format!("{}: {error}", order.out.display()))?;
    Ok(format!("{}: {}x{} cells, {} kB", order.out.display(), order.columns, order.rows, picture.len().div_ceil(1_000)))
}

fn order(mut words: impl Iterator<Item = OsString>) -> Result<Order, Failure> {
    let mut order =
        Order { columns: 120, rows: 36, program: beside()?, arguments: Vec::new(), steps: Vec::new(), out: PathBuf::new() };
    while let Some(option) = words.next() {
        if option == "--" {
            order.arguments.extend(words.by_ref());
            break;
        }
        let value = words.next().ok_or(USAGE)?;
        let text = || value.to_str().map(str::to_owned).ok_or_else(|| format!("{} is no text", value.display()));
        match option.to_str().unwrap_or_default() {
            "--size" => {
                let text = text()?;
                let (columns, rows) = text.split_once('x').ok_or(USAGE)?;
                (order.columns, order.rows) = (columns.parse()?, rows.parse()?);
            }
            "--program" => order.program = PathBuf::from(value),
            "--out" => order.out = PathBuf::from(value),
            "--wait" => order.steps.push(Step::Wait(text()?)),
            "--gone" => order.steps.push(Step::Gone(text()?)),
            "--keys" => order.steps.push(Step::Keys(text()?)),
            "--rest" => order.steps.push(Step::Rest(Duration::try_from_secs_f64(text()?.parse()?)?)),
            _ => return Err(USAGE.into()),
        }
    }
    if order.out.as_os_str().is_empty() {
        return Err(USAGE.into());
    }
    order.program = order.program.canonicalize().map_err(|error| {
        format!("{}: {error}; `cargo build --release` makes it, or name one with --program", order.program.display())
    })?;
    Ok(order)
}

/// The program of the same build: examples lie in a folder beside it.
fn beside() -> Result<PathBuf, Failure> {
    let examples = std::env::current_exe()?.parent().map(PathBuf::from).unwrap_or_default();
    Ok(examples.with_file_name("marketdata-tui"))
}
