//! The arithmetic of one fixed window. Pure: the exchange's time is passed in.

use crate::domain::time::Time;

/// What became of a charge.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fate {
    /// The exchange answered: it has counted the request by now.
    Answered,
    /// Given up without an answer: the exchange may still count it.
    Abandoned,
    /// Never sent.
    Unused,
}

/// One fixed window of the exchange's clock and what is charged to it.
///
/// Why what is charged is never less than what the exchange has counted for us, as long as our
/// estimate of its clock errs by at most `guard`: the exchange counts a request at one instant
/// between our sending it and our having its answer. Seen by its own clock that instant lies in
/// `[sent - guard, answered + guard]` of our estimate, and a request is charged to every window that
/// this interval touches:
/// - to the window in which it is sent; ours opens `guard` late, so it is never charged to one that
///   the exchange has not begun;
/// - to the next one where it was still under way when ours opened, or was answered less than
///   `guard` before the exchange's boundary or after it (`tail`);
/// - and where no answer ever came it is charged to the next one in any case.
///
/// Charges are admitted only while they fit the limit, so the exchange's count fits as well.
#[derive(Debug)]
pub(super) struct Window {
    width_ms: i64,
    limit: u32,
    index: i64,
    used: u32,
    in_flight: u32,
    tail: u32,
    previous: u32,
}

impl Window {
    pub(super) const fn new(width_ms: i64, limit: u32) -> Self {
        Self { width_ms, limit, index: i64::MIN, used: 0, in_flight: 0, tail: 0, previous: 0 }
    }

    /// Steps to the window of `now`.
    pub(super) fn roll(&mut self, now: Time, guard_ms: i64) {
        let index = self.index_of(now.plus_ms(-guard_ms));
        if index == self.index {
            return;
        }
        if index < self.index {
            self.rebase(now, guard_ms);
            return;
        }
        let is_next = index.checked_sub(1) == Some(self.index);
        self.previous = if is_next { self.used } else { 0 };
        self.used = if is_next { self.in_flight.saturating_add(self.tail) } else { self.in_flight };
        self.tail = 0;
        self.index = index;
    }

    /// Our estimate of the exchange's clock has turned out wrong, or the clock was set back: nobody
    /// knows which of its windows the recent charges are in. All of them are charged to the window
    /// of `now` and to the next.
    pub(super) fn rebase(&mut self, now: Time, guard_ms: i64) {
        self.used = self.used.saturating_add(self.previous);
        self.previous = 0;
        self.tail = self.used.saturating_sub(self.in_flight);
        self.index = self.index_of(now.plus_ms(-guard_ms));
    }

    /// Whether `weight` fits, for a caller who may fill the window up to `allowance`. What is larger
    /// than the whole allowance goes alone through an empty window, or it would wait for ever.
    pub(super) const fn has_room(&self, weight: u32, allowance: u32) -> bool {
        self.used.saturating_add(weight) <= allowance || self.used == 0
    }

    pub(super) const fn charge(&mut self, weight: u32) {
        self.used = self.used.saturating_add(weight);
        self.in_flight = self.in_flight.saturating_add(weight);
    }

    pub(super) fn settle(&mut self, weight: u32, fate: Fate, now: Time, guard_ms: i64) {
        self.in_flight = self.in_flight.saturating_sub(weight);
        match fate {
            Fate::Unused => self.used = self.used.saturating_sub(weight),
            Fate::Answered if now.plus_ms(guard_ms) < self.end() => {}
            Fate::Answered | Fate::Abandoned => self.tail = self.tail.saturating_add(weight),
        }
    }

    /// The exchange's own count, from an answer to a request that was sent at `sent`. Where it is
    /// above ours somebody else uses the same address; then what is under way comes on top of it.
    /// A count that may be of another window is ignored.
    pub(super) fn observe(&mut self, counted: u32, sent: Time, now: Time, guard_ms: i64) {
        let certain = self.index_of(sent.plus_ms(-guard_ms)) == self.index && self.index_of(now.plus_ms(guard_ms)) == self.index;
        if certain && counted > self.used {
            self.used = counted.saturating_add(self.in_flight);
        }
    }

    pub(super) const fn set_limit(&mut self, limit: u32) {
        self.limit = limit;
    }

    pub(super) const fn limit(&self) -> u32 {
        self.limit
    }

    pub(super) const fn used(&self) -> u32 {
        self.used
    }

    /// When the next window opens, by our estimate of the exchange's clock.
    pub(super) fn opens_next(&self, guard_ms: i64) -> Time {
        self.end().plus_ms(guard_ms)
    }

    fn end(&self) -> Time {
        Time::from_ms(self.index.saturating_add(1).saturating_mul(self.width_ms))
    }

    const fn index_of(&self, time: Time) -> i64 {
        time.ms().div_euclid(self.width_ms)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GUARD: i64 = 250;

    fn at(ms: i64) -> Time {
        Time::from_ms(ms)
    }

    fn window(now: i64) -> Window {
        let mut window = Window::new(60_000, 100);
        window.roll(at(now), GUARD);
        window
    }

    #[test]
    fn a_new_window_opens_a_guard_late_and_carries_what_may_be_counted_in_it() {
        let mut window = window(1_000);
        for weight in [10, 20, 30, 5] {
            window.charge(weight);
        }
        window.settle(10, Fate::Answered, at(59_000), GUARD);
        window.settle(20, Fate::Answered, at(59_750), GUARD);
        window.settle(5, Fate::Abandoned, at(2_000), GUARD);
        window.roll(at(60_249), GUARD);
        assert_eq!((window.used(), window.opens_next(GUARD)), (65, at(60_250)));
        window.roll(at(60_250), GUARD);
        assert_eq!(window.used(), 30 + 20 + 5, "under way, answered at the boundary, without an answer");
        window.settle(30, Fate::Answered, at(61_000), GUARD);
        assert_eq!(window.used(), 55);
        window.roll(at(120_250), GUARD);
        assert_eq!(window.used(), 0);
    }

    #[test]
    fn idle_minutes_leave_only_what_is_under_way() {
        let mut window = window(1_000);
        window.charge(10);
        window.charge(20);
        window.settle(10, Fate::Abandoned, at(2_000), GUARD);
        window.roll(at(300_000), GUARD);
        assert_eq!(window.used(), 20);
    }

    #[test]
    fn a_clock_that_is_set_forgives_nothing() {
        let mut window = window(50_000);
        window.charge(70);
        window.settle(70, Fate::Answered, at(51_000), GUARD);
        window.roll(at(60_250), GUARD);
        window.charge(20);
        window.settle(20, Fate::Answered, at(60_300), GUARD);
        window.roll(at(60_200), GUARD);
        assert_eq!((window.used(), window.opens_next(GUARD)), (90, at(60_250)), "back in the minute before");
        window.roll(at(60_250), GUARD);
        assert_eq!(window.used(), 90, "once more in the next one");
        window.rebase(at(600_000), GUARD);
        window.roll(at(600_250), GUARD);
        assert!(window.used() >= 90);
        window.roll(at(660_250), GUARD);
        assert_eq!(window.used(), 0);
    }

    #[test]
    fn the_exchanges_count_wins_where_it_is_higher_and_certain() {
        let mut window = window(1_000);
        window.charge(10);
        window.observe(8, at(1_000), at(1_100), GUARD);
        assert_eq!(window.used(), 10, "a late count never lowers ours");
        window.observe(50, at(1_000), at(1_100), GUARD);
        assert_eq!(window.used(), 60, "ours may not be in it yet");
        window.observe(99, at(1_000), at(59_800), GUARD);
        assert_eq!(window.used(), 60, "may be of the next window");
    }

    #[test]
    fn room() {
        let mut window = window(1_000);
        assert!(window.has_room(500, 100), "alone through an empty window");
        window.charge(90);
        assert!(window.has_room(10, 100) && !window.has_room(11, 100) && !window.has_room(1, 90));
        window.settle(90, Fate::Unused, at(1_000), GUARD);
        assert_eq!(window.used(), 0);
    }
}
