//! The exchange's clock, which it tells in whole seconds alone. Pure.

use crate::domain::time::{SECOND_MS, Time};

/// Within what the exchange's clock minus ours lies, by all measurements that agree: each one leaves
/// a second and the time on the way, and those taken at other parts of a second narrow it.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct ClockWindow(Option<(i64, i64)>);

impl ClockWindow {
    /// Adds a measurement: `second` was the exchange's time, cut to the second, at some moment between
    /// the other two. Returns the middle of what is left, and by how much it may be wrong. A
    /// measurement that contradicts the former ones replaces them: a clock was set.
    pub(super) fn narrow(&mut self, asked_at: Time, received_at: Time, second: Time) -> (i64, i64) {
        let fresh = (second.since(received_at.max(asked_at)), second.plus_ms(SECOND_MS).since(asked_at));
        let (low, high) = match self.0 {
            Some((low, high)) if low.max(fresh.0) <= high.min(fresh.1) => (low.max(fresh.0), high.min(fresh.1)),
            _ => fresh,
        };
        self.0 = Some((low, high));
        (low + (high - low) / 2, (high - low) / 2 + 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(ms: i64) -> Time {
        Time::from_ms(ms)
    }

    #[test]
    fn narrows_over_the_parts_of_a_second() {
        // The exchange is 130 ms ahead; an answer takes 40 ms and is read at its middle.
        let mut window = ClockWindow::default();
        let mut measure = |ms: i64| window.narrow(at(ms), at(ms + 40), at(ms + 20 + 130).floor_to(SECOND_MS));
        assert_eq!(measure(10_000), (480, 521));
        assert_eq!(measure(11_300), (330, 371));
        assert_eq!(measure(12_840), (60, 101));
        assert_eq!(measure(13_860), (130, 31));
    }

    #[test]
    fn a_clock_that_was_set_is_measured_anew() {
        let mut window = ClockWindow::default();
        window.narrow(at(10_000), at(10_000), at(10_000));
        assert_eq!(window.narrow(at(20_000), at(20_000), at(80_000)), (60_500, 501));
    }
}
