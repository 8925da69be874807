//! Ordered silence: after HTTP 429 or 418 nothing is sent, by any lane, until the exchange's time
//! is over. Pure: "now" is passed in.

use super::error::ExchangeError;
use super::health::{Block, BlockKind};
use super::jitter::doubled;
use crate::domain::time::Time;
use std::time::Duration;

/// Added to every order, so that clocks read to the second or millisecond never make us early.
pub(super) const GUARD: Duration = Duration::from_millis(250);
/// First ban where the exchange does not say how long; Binance's bans grow from here.
const FIRST_BAN: Duration = Duration::from_secs(120);
/// Binance's longest ban.
const LONGEST_BAN: Duration = Duration::from_secs(3 * 86_400);
/// Nobody means more; keeps the arithmetic within bounds whatever a header says.
const LONGEST_ORDER: Duration = Duration::from_secs(30 * 86_400);

/// Months of HTTP dates.
const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// The silence that holds, if one does.
#[derive(Debug, Default)]
pub(super) struct Silence {
    block: Option<Block>,
    /// Bans in a row without a stated end.
    bans: u32,
}

impl Silence {
    /// The block that holds at `now`. One that lasts longer than any order was given before the local clock
    /// was set back, and nobody knows its end any more.
    pub(super) fn holds(&self, now: Time) -> Option<Block> {
        let longest = i64::try_from((LONGEST_ORDER + GUARD).as_millis()).unwrap_or(i64::MAX);
        self.block.filter(|block| now < block.until && block.until.since(now) <= longest)
    }

    /// The error that a call gets while it holds.
    pub(super) fn refusal(&self, now: Time) -> Option<ExchangeError> {
        self.holds(now).map(|block| refusal(block, now))
    }

    /// An order. `wait` is what the exchange said or the default for a limit; a ban without one
    /// doubles from two minutes. Several requests under way may each bring the same order: the
    /// latest end holds, a ban outranks a limit, and only a ban after the last has ended counts anew.
    pub(super) fn order(&mut self, kind: BlockKind, wait: Option<Duration>, now: Time) -> Block {
        let held = self.holds(now);
        let wait = wait.unwrap_or_else(|| {
            if held.is_none_or(|block| block.kind != BlockKind::Ban) {
                self.bans = self.bans.saturating_add(1);
            }
            doubled(FIRST_BAN, self.bans.saturating_sub(1), LONGEST_BAN)
        });
        let wait = wait.min(LONGEST_ORDER) + GUARD;
        self.hold(Block { until: now.plus_ms(i64::try_from(wait.as_millis()).unwrap_or(i64::MAX)), kind }, now)
    }

    /// Holds at least this block.
    pub(super) fn hold(&mut self, block: Block, now: Time) -> Block {
        let joined = match self.holds(now) {
            Some(held) => Block {
                until: held.until.max(block.until),
                kind: if held.kind == BlockKind::Ban { BlockKind::Ban } else { block.kind },
            },
            None => block,
        };
        self.block = Some(joined);
        joined
    }

    /// A sound answer: the next ban is the first again. Answers to requests that were under way
    /// when a ban began say nothing of it.
    pub(super) fn served(&mut self, now: Time) {
        if self.holds(now).is_none() {
            self.bans = 0;
        }
    }
}

/// A block as the error of a call that it stops.
pub(super) fn refusal(block: Block, now: Time) -> ExchangeError {
    let (until, wait) = (block.until, Duration::from_millis(block.until.since(now).max(0).unsigned_abs()));
    match block.kind {
        BlockKind::RateLimit => ExchangeError::RateLimited { until, wait },
        BlockKind::Ban => ExchangeError::Banned { until, wait },
    }
}

/// `Retry-After` in either form of RFC 9110: seconds, or a date, which counts from `now`.
pub fn parse_retry_after(text: &str, now: Time) -> Option<Duration> {
    let text = text.trim();
    if let Ok(seconds) = text.parse::<u64>() {
        return Some(Duration::from_secs(seconds).min(LONGEST_ORDER));
    }
    // `Sun, 06 Nov 1994 08:49:37 GMT`
    let mut words = text.split_ascii_whitespace().skip(1);
    let (day, month, year, clock) = (words.next()?, words.next()?, words.next()?, words.next()?);
    let month = MONTHS.iter().position(|name| name.eq_ignore_ascii_case(month))? + 1;
    let end = Time::parse(&format!("{year}-{month:02}-{day:0>2}T{clock}Z"), now).ok()?;
    Some(Duration::from_millis(end.since(now).max(0).unsigned_abs()).min(LONGEST_ORDER))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Time {
        Time::from_ms(seconds * 1_000)
    }

    #[test]
    fn a_clock_that_is_set_back_by_years_ends_a_silence() {
        let mut silence = Silence::default();
        let (now, year) = (at(100 * 365 * 86_400), 365 * 86_400);
        silence.order(BlockKind::Ban, Some(LONGEST_ORDER), now);
        assert!(silence.holds(now).is_some() && silence.refusal(now).is_some());
        assert_eq!(silence.holds(now.plus_ms(-year * 1_000)), None);
    }

    #[test]
    fn retry_after_in_both_forms() {
        let now = Time::parse("1994-11-06T08:49:00Z", Time::EPOCH).unwrap();
        let check = |text: &str, expected: Option<u64>| {
            assert_eq!(parse_retry_after(text, now), expected.map(Duration::from_secs), "{text}");
        };
        check("0", Some(0));
        check(" 23 ", Some(23));
        check("Sun, 06 Nov 1994 08:49:37 GMT", Some(37));
        check("Sun, 06 Nov 1994 08:00:00 GMT", Some(0));
        check("99999999999999", Some(30 * 86_400));
        for bad in ["", "-1", "soon", "1.5", "Sun, 06 Foo 1994 08:49:37 GMT", "Sun, 06 Nov 1994"] {
            check(bad, None);
        }
    }

    #[test]
    fn holds_to_the_end_and_a_guard() {
        let mut silence = Silence::default();
        silence.order(BlockKind::RateLimit, Some(Duration::from_secs(23)), at(0));
        assert_eq!(silence.holds(Time::from_ms(23_249)).map(|block| block.until), Some(Time::from_ms(23_250)));
        assert_eq!(silence.holds(Time::from_ms(23_250)), None);
        assert_eq!(
            silence.refusal(at(3)),
            Some(ExchangeError::RateLimited { until: Time::from_ms(23_250), wait: Duration::from_millis(20_250) })
        );
    }

    #[test]
    fn a_later_order_never_shortens_an_earlier_one() {
        let mut silence = Silence::default();
        silence.order(BlockKind::Ban, Some(Duration::from_secs(600)), at(0));
        let joined = silence.order(BlockKind::RateLimit, Some(Duration::from_secs(5)), at(1));
        assert_eq!(joined, Block { until: Time::from_ms(600_250), kind: BlockKind::Ban });
        let restored = silence.hold(Block { until: at(900), kind: BlockKind::RateLimit }, at(2));
        assert_eq!(restored, Block { until: at(900), kind: BlockKind::Ban });
    }

    #[test]
    fn bans_without_an_end_double_each_time_they_come_back() {
        let mut silence = Silence::default();
        let mut now = at(0);
        let mut lengths = Vec::new();
        for _ in 0..3 {
            let block = silence.order(BlockKind::Ban, None, now);
            let again = silence.order(BlockKind::Ban, None, now.plus_ms(5));
            assert_eq!(again.until, block.until.plus_ms(5), "32 requests under way are one ban");
            lengths.push(block.until.since(now) / 1_000);
            now = again.until;
        }
        assert_eq!(lengths, [120, 240, 480]);
        silence.served(now.plus_ms(-1));
        assert_eq!(silence.bans, 3, "while it holds");
        silence.served(now);
        assert_eq!(silence.order(BlockKind::Ban, None, now).until.since(now), 120_250);
    }
}
