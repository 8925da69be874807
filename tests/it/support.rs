//! What the end-to-end tests share: a recorder on a simulated exchange, the program as a process,
//! time that stands still, an exchange in memory, and the recorded files.

pub(crate) mod account;
pub(crate) mod fake;
pub(crate) mod fixtures;
pub(crate) mod held_time;
pub(crate) mod program;
pub(crate) mod rig;
pub(crate) mod rows;
pub(crate) mod world;

use marketdata_tui::domain::range::TimeRange;
use marketdata_tui::domain::time::Time;
use marketdata_tui::store::{Store, check, series};
use std::path::PathBuf;

/// A time as people write it.
pub(crate) fn time(text: &str) -> Time {
    Time::parse(text, Time::EPOCH).unwrap()
}

/// `[from, to)`.
pub(crate) fn range(from: &str, to: &str) -> TimeRange {
    TimeRange::new(time(from), time(to))
}

/// A file or folder of what is shared next to the project, where it is.
pub(crate) fn shared(file: &str) -> Option<PathBuf> {
    let path = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../shared")).join(file);
    if !path.exists() {
        println!("skipped: {} is absent", path.display());
    }
    path.exists().then_some(path)
}

/// The faults that a check of the whole store finds.
pub(crate) fn faults(store: &Store, now: Time) -> Vec<String> {
    let check = |connection: &_| {
        let mut faults = check::integrity(connection)?;
        for series in series::all(connection)? {
            let report = check::check(connection, &series, now)?;
            if report.wanted_candles != report.stored + report.explained + report.queued {
                faults.push(format!("{report:?} does not add up"));
            }
            faults.extend(report.faults);
        }
        Ok(faults)
    };
    store.readers().with(check).unwrap()
}
