//! `config`: the config file.

use super::args::ConfigWhat;
use super::{Context, Exit, output};
use crate::config::default_file;
use anyhow::{Context as _, bail};
use std::fs::OpenOptions;
use std::io::{ErrorKind, Write as _};

/// Prints the file's place, what is in force, or writes the default file.
pub fn run(context: &Context, what: ConfigWhat) -> anyhow::Result<Exit> {
    let (path, exists) = &context.settings.file;
    match what {
        ConfigWhat::Path => {
            // The path alone goes to standard output: `$(marketdata-tui config path)` is to work.
            output::say(&path.display().to_string())?;
            if !exists {
                output::tell("it is not there: `marketdata-tui config init` writes it");
            }
        }
        ConfigWhat::Show => output::say(context.settings.show().trim_end())?,
        ConfigWhat::Init => {
            if let Some(folder) = path.parent() {
                std::fs::create_dir_all(folder).with_context(|| format!("cannot create {}", folder.display()))?;
            }
            let mut file = match OpenOptions::new().write(true).create_new(true).open(path) {
                Ok(file) => file,
                Err(error) if error.kind() == ErrorKind::AlreadyExists => {
                    bail!("{} is there already; it was left as it is", path.display())
                }
                Err(error) => return Err(error).with_context(|| format!("cannot write {}", path.display())),
            };
            file.write_all(default_file().as_bytes())?;
            output::say(&format!("wrote {}", path.display()))?;
        }
    }
    Ok(Exit::Done)
}
