//! What is sent at fixed times, whether anything happened or not.

use super::feeds::{Feed, Said};
use super::pace::Pace;
use crate::domain::time::Time;

/// Writes a frame for this time.
pub(super) type WriteMoment = Box<dyn Fn(Time, &mut Vec<u8>) + Send>;

/// A frame at every instant of a pace.
pub(super) struct MomentFeed {
    pace: Pace,
    at_once: bool,
    due: Time,
    write: WriteMoment,
}

impl MomentFeed {
    pub(super) fn new(pace: Pace, at_once: bool, write: WriteMoment) -> Self {
        Self { pace, at_once, due: Time::EPOCH, write }
    }
}

impl Feed for MomentFeed {
    fn begin(&mut self, now: Time) {
        self.due = if self.at_once { now } else { self.pace.after(now) };
    }

    fn due(&self) -> Time {
        self.due
    }

    fn fire(&mut self, text: &mut Vec<u8>) -> Said {
        (self.write)(self.due, text);
        self.due = self.pace.after(self.due);
        if text.is_empty() { Said::Nothing } else { Said::Frame }
    }
}
