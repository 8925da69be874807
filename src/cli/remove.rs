//! `remove`: stop recording symbols.

use super::args::Remove;
use super::{Context, Exit, output};
use crate::domain::series::Series;
use anyhow::bail;
use std::io::{self, BufRead as _, IsTerminal as _, Write as _};
use std::time::Duration;

/// Ends the recording; the data stays unless it is to be purged, which is asked for first.
pub async fn run(context: &Context, args: &Remove) -> anyhow::Result<Exit> {
    super::refuse_width(args.dataset, args.interval)?;
    let store = context.existing_store()?;
    let mut meant = Vec::new();
    for symbol in &args.symbols {
        meant.extend(context.find(&store, symbol, args.dataset, args.interval)?);
    }
    if args.purge && !args.yes {
        let names: Vec<String> = meant.iter().map(Series::name).collect();
        if !confirmed(&format!("delete {} with all recorded data?", names.join(", ")))? {
            output::tell("nothing was deleted");
            return Ok(Exit::Failed);
        }
    }
    for series in &meant {
        // Nothing is asked of it: one that was left out of the settings can be removed as well.
        let exchange = context.client(series.instrument.exchange)?;
        let registry = context.registry(&store, &exchange);
        if args.purge {
            registry.purge(series.id).await?;
            output::say(&format!("deleted {}", series.name()))?;
        } else if series.active {
            registry.remove(series.id).await?;
            output::say(&format!("stopped recording {}; its data stays", series.name()))?;
        } else {
            output::say(&format!("{} was not recorded any more; its data stays", series.name()))?;
        }
    }
    store.writer().close(Duration::from_secs(5));
    Ok(Exit::Done)
}

fn confirmed(question: &str) -> anyhow::Result<bool> {
    if !io::stdin().is_terminal() {
        bail!("--purge deletes data: say --yes where nobody can be asked");
    }
    let mut prompt = io::stderr().lock();
    write!(prompt, "{question} [y/N] ")?;
    prompt.flush()?;
    let mut answer = String::new();
    io::stdin().lock().read_line(&mut answer)?;
    Ok(matches!(answer.trim().to_lowercase().as_str(), "y" | "yes"))
}
