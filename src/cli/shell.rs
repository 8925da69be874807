//! `completions` and `man`.

use super::{Args, Exit, output};
use crate::config::KEYS;
use clap::CommandFactory as _;
use clap_mangen::Man;
use std::io::{self, Write as _};

/// What exit codes mean, for `--help` and the manual.
pub(super) const EXIT_CODES: [(u8, &str); 5] = [
    (0, "done; for status: healthy"),
    (1, "failed, or something is left to do; for status: not healthy; for check: something is wrong"),
    (2, "wrong usage"),
    (3, "data incomplete: check, export --require-complete; unlike its trades: check --deep"),
    (130, "backfill was interrupted"),
];

/// Prints a completion script.
pub fn completions(shell: clap_complete::Shell) -> anyhow::Result<Exit> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Args::command(), "marketdata-tui", &mut script);
    output::put(&script)?;
    Ok(Exit::Done)
}

/// Prints the manual: one page, with every subcommand in it.
pub fn man() -> anyhow::Result<Exit> {
    output::put(&page()?)?;
    Ok(Exit::Done)
}

fn page() -> io::Result<Vec<u8>> {
    // A page is read at the program's own name, and its exit codes have a section of their own.
    let root = Args::command().name("marketdata-tui").after_help(None::<&str>);
    let main = Man::new(root.clone());
    let mut page = Vec::new();
    main.render_title(&mut page)?;
    main.render_name_section(&mut page)?;
    main.render_synopsis_section(&mut page)?;
    main.render_description_section(&mut page)?;
    main.render_options_section(&mut page)?;
    page.write_all(b".SH SUBCOMMANDS\n")?;
    for command in root.get_subcommands() {
        page.write_all(subcommand(command)?.as_bytes())?;
    }
    page.write_all(b".SH EXIT STATUS\n")?;
    for (code, meaning) in EXIT_CODES {
        write!(page, ".TP\n{code}\n{}\n", escaped(meaning))?;
    }
    page.write_all(b".SH ENVIRONMENT\n")?;
    for key in KEYS {
        if let Some(variable) = key.variable {
            write!(page, ".TP\n{variable}\n{} of the config file\n", escaped(key.name))?;
        }
    }
    page.write_all(b".TP\nHTTPS_PROXY, ALL_PROXY, NO_PROXY\nproxies, for requests and streams\n")?;
    page.write_all(b".TP\nNO_COLOR\nwhere it is set, no colours\n")?;
    Ok(page)
}

/// A subcommand as a part of the page: how it is written, what it does, its own options.
fn subcommand(command: &clap::Command) -> io::Result<String> {
    let name = command.get_name().to_owned();
    let about = command.get_about().map(ToString::to_string).unwrap_or_default();
    let man = Man::new(command.clone().disable_help_flag(true).bin_name(format!("marketdata-tui {name}")));
    let mut parts = Vec::new();
    man.render_synopsis_section(&mut parts)?;
    parts.extend_from_slice(format!(".PP\n{}\n", escaped(&about)).as_bytes());
    if command.get_arguments().next().is_some() {
        man.render_options_section(&mut parts)?;
    }
    let body: String = String::from_utf8_lossy(&parts)
        .lines()
        // Headings and the preamble stand in the page already.
        .filter(|line| ![".SH ", ".ie ", ".el "].iter().any(|start| line.starts_with(start)))
        .flat_map(|line| [line, "\n"])
        .collect();
    Ok(format!(".SS {name}\n{body}"))
}

/// Text as roff takes it.
fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace('-', "\\-")
}
