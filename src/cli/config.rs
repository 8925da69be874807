//! `config`: the config file.

use super::args::ConfigWhat;
use super::{Context, Exit, output};
use crate::config::default_file;
use anyhow::{Context as _, bail};
use std::fs::OpenOptions;
use std::io::{ErrorKind, Write as _};
use std::path::Path;

/// Prints what is in force.
pub fn show(context: &Context) -> anyhow::Result<Exit> {
    output::say(context.settings.show().trim_end())?;
    Ok(Exit::Done)
}

/// Prints the file's place, or writes the default file there.
pub fn path_or_init(path: &Path, what: ConfigWhat) -> anyhow::Result<Exit> {
    if what == ConfigWhat::Init {
        init(path)?;
        output::say(&format!("wrote {}", path.display()))?;
        return Ok(Exit::Done);
    }
    // The path alone goes to standard output: `$(marketdata-tui config path)` is to work.
    output::say(&path.display().to_string())?;
    if !path.exists() {
        output::tell("it is not there: `marketdata-tui config init` writes it");
    }
    Ok(Exit::Done)
}

/// Writes the file whole or not at all.
fn init(path: &Path) -> anyhow::Result<()> {
    let fail = || format!("cannot write {}", path.display());
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).with_context(|| format!("cannot create {}", folder.display()))?;
    }
    let mut file = match OpenOptions::new().write(true).create_new(true).open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {
            bail!("{} is there already; it was left as it is", path.display())
        }
        Err(error) => return Err(error).with_context(fail),
    };
    if let Err(error) = file.write_all(default_file().as_bytes()) {
        // Half of it would stand in the way of the next try.
        drop(file);
        let _ = std::fs::remove_file(path);
        return Err(error).with_context(fail);
    }
    Ok(())
}
