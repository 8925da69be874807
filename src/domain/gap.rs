//! Missing candles: why, and on what evidence.

use super::page::Missing;
use super::range::{RangeSet, TimeRange};
use super::time::{DAY_MS, HOUR_MS, Time};

/// Why steps of a series are missing. The first six explain a gap; the others leave it queued.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum GapReason {
    /// The exchange has no candle there: two separate answers agree.
    NoCandle,
    /// The exchange's own row breaks the rules of candles, twice.
    BadRow,
    /// Before the first candle that the exchange has.
    BeforeListing,
    /// The instrument does not trade any more, or not now.
    NotTrading,
    /// The answer itself proves that nothing traded there.
    NoTrades,
    /// Beyond what the exchange still serves before anybody fetched it: gone for good.
    Lost,
    /// One answer lacked it; a second one is to confirm that.
    Unconfirmed,
    /// The request failed.
    FetchFailed,
    /// The recorder was not running.
    RecorderOff,
    /// Wanted and not asked for yet.
    NotFetched,
}

impl GapReason {
    /// Every reason.
    pub const ALL: [Self; 10] = [
        Self::NoCandle,
        Self::BadRow,
        Self::BeforeListing,
        Self::NotTrading,
        Self::NoTrades,
        Self::Lost,
        Self::Unconfirmed,
        Self::FetchFailed,
        Self::RecorderOff,
        Self::NotFetched,
    ];

    /// Its name in the store, in JSON and on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Self::NoCandle => "no_candle",
            Self::BadRow => "bad_row",
            Self::BeforeListing => "before_listing",
            Self::NotTrading => "not_trading",
            Self::NoTrades => "no_trades",
            Self::Lost => "lost",
            Self::Unconfirmed => "unconfirmed",
            Self::FetchFailed => "fetch_failed",
            Self::RecorderOff => "recorder_off",
            Self::NotFetched => "not_fetched",
        }
    }

    /// For people.
    pub const fn label(self) -> &'static str {
        match self {
            Self::NoCandle => "exchange has no candle",
            Self::BadRow => "exchange's row is invalid",
            Self::BeforeListing => "before listing",
            Self::NotTrading => "not trading",
            Self::NoTrades => "nothing traded",
            Self::Lost => "lost: out of the exchange's reach",
            Self::Unconfirmed => "to be confirmed",
            Self::FetchFailed => "request failed",
            Self::RecorderOff => "recorder was off",
            Self::NotFetched => "not fetched yet",
        }
    }

    /// The reason of this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|reason| reason.name() == name)
    }

    /// Whether nothing is owed: the exchange itself has no such candle, or none any more.
    pub const fn is_explained(self) -> bool {
        matches!(self, Self::NoCandle | Self::BadRow | Self::BeforeListing | Self::NotTrading | Self::NoTrades | Self::Lost)
    }
}

/// One question to an exchange and what came back: the evidence of a gap.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Evidence {
    /// Path and query, without the host.
    pub endpoint: String,
    /// When it was asked, by the local clock.
    pub asked_at: Time,
    /// What came: `empty`, `412 of 1000 rows`, an error, a rejected row.
    pub answer: String,
}

/// A range without candles.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gap {
    /// On the series' grid.
    pub range: TimeRange,
    /// Why.
    pub reason: GapReason,
    /// Separate requests that came back without it.
    pub asked_count: u32,
    /// When it was first asked for.
    pub first_asked_at: Option<Time>,
    /// When it is to be asked for again; explained gaps are left alone until then.
    pub next_ask_at: Option<Time>,
    /// The latest evidence.
    pub evidence: Option<Evidence>,
}

impl Gap {
    /// A gap that nobody has asked about.
    pub const fn unasked(range: TimeRange, reason: GapReason) -> Self {
        Self { range, reason, asked_count: 0, first_asked_at: None, next_ask_at: None, evidence: None }
    }

    fn over(&self, range: TimeRange) -> Self {
        Self { range, ..self.clone() }
    }
}

/// No explained gap waits longer for its next request.
const LONGEST_EXPLAINED_MS: i64 = 31 * DAY_MS;

/// No other gap does.
const LONGEST_OPEN_MS: i64 = HOUR_MS / 6;

/// Whether a gap is left alone at `now`. One that is to wait for longer than any gap does was noted by a local
/// clock that has been set back since, and its wait is over.
pub fn rests(is_explained: bool, next_ask_at: Option<Time>, now: Time) -> bool {
    let longest = if is_explained { LONGEST_EXPLAINED_MS } else { LONGEST_OPEN_MS };
    next_ask_at.map_or(is_explained, |due| now < due && due.since(now) <= longest)
}

/// How long after the n-th agreeing answer an explained gap is asked for again: exchanges do fill
/// holes later, though seldom, so the schedule thins out.
const ASK_AGAIN_MS: [i64; 5] = [HOUR_MS, 6 * HOUR_MS, DAY_MS, 7 * DAY_MS, 30 * DAY_MS];

fn next_ask(asked_at: Time, asked_count: u32) -> Time {
    let step = (asked_count.max(2) as usize - 2).min(ASK_AGAIN_MS.len() - 1);
    asked_at.plus_ms(ASK_AGAIN_MS[step])
}

/// The gaps after one more answer: what it held is cut out of `before`, what it lacked is noted,
/// and explained where a second, separate request agrees. What lies behind `not_trading_after`, the
/// end of the last candle of an instrument that does not trade any more, is no outage.
///
/// An answer that was asked for before a gap's `next_ask_at` says nothing new of it: two requests
/// within the same moment are one witness, and a heartbeat that passes by each minute must not use
/// up the schedule by which an explained gap is asked for again.
pub fn observe(
    before: &[Gap],
    held: &RangeSet,
    missing: &[Missing],
    asked: &Evidence,
    not_trading_after: Option<Time>,
) -> Vec<Gap> {
    let lacking: RangeSet = missing.iter().map(|missing| missing.range).collect();
    let mut after = Vec::new();
    for gap in before {
        let rest = RangeSet::from(gap.range).minus(held).minus(&lacking);
        after.extend(rest.ranges().iter().map(|range| gap.over(*range)));
    }
    for missing in missing {
        let mut unknown = RangeSet::from(missing.range);
        for gap in before.iter().filter(|gap| gap.range.overlaps(missing.range)) {
            let range = gap.range.intersect(missing.range);
            unknown.remove(range);
            after.push(judged(Some(gap), range, missing, asked, not_trading_after));
        }
        after.extend(unknown.ranges().iter().map(|range| judged(None, *range, missing, asked, not_trading_after)));
    }
    after.sort_by_key(|gap| gap.range);
    join_alike(after)
}

fn judged(known: Option<&Gap>, range: TimeRange, missing: &Missing, asked: &Evidence, not_trading_after: Option<Time>) -> Gap {
    // What is lost or proven to be quiet is not called into question by one more answer without it.
    let is_sure = |gap: &Gap| matches!(gap.reason, GapReason::Lost | GapReason::NoTrades);
    let is_early = |gap: &Gap| gap.next_ask_at.is_some() && rests(gap.reason.is_explained(), gap.next_ask_at, asked.asked_at);
    if let Some(gap) = known.filter(|gap| is_sure(gap) || is_early(gap)) {
        return gap.over(range);
    }
    let asked_count = known.map_or(0, |gap| gap.asked_count).saturating_add(1);
    let reason = if asked_count < 2 {
        GapReason::Unconfirmed
    } else if let Some(edge) =
        known.map(|gap| gap.reason).filter(|reason| matches!(reason, GapReason::BeforeListing | GapReason::NotTrading))
    {
        edge
    } else if missing.bad_row.is_some() {
        GapReason::BadRow
    } else if not_trading_after.is_some_and(|last| range.from >= last) {
        GapReason::NotTrading
    } else {
        GapReason::NoCandle
    };
    let evidence = Evidence { answer: missing.bad_row.clone().unwrap_or_else(|| asked.answer.clone()), ..asked.clone() };
    Gap {
        range,
        reason,
        asked_count,
        first_asked_at: known.and_then(|gap| gap.first_asked_at).or(Some(asked.asked_at)),
        next_ask_at: reason.is_explained().then(|| next_ask(asked.asked_at, asked_count)),
        evidence: Some(evidence),
    }
}

/// The gaps after an answer that itself proves that nothing traded in `quiet`: one proof is enough, and
/// stands as the evidence. `quiet` holds nothing that is stored.
pub fn quieten(gaps: Vec<Gap>, quiet: &[(TimeRange, String)], asked: &Evidence) -> Vec<Gap> {
    let silent: RangeSet = quiet.iter().map(|(range, _)| *range).collect();
    let known: RangeSet = gaps.iter().filter(|gap| gap.reason == GapReason::NoTrades).map(|gap| gap.range).collect();
    let mut after = Vec::new();
    for gap in gaps {
        if gap.reason == GapReason::NoTrades {
            after.push(gap);
        } else {
            let rest = RangeSet::from(gap.range).minus(&silent);
            after.extend(rest.ranges().iter().map(|range| gap.over(*range)));
        }
    }
    for (range, proof) in quiet {
        after.extend(RangeSet::from(*range).minus(&known).ranges().iter().map(|range| Gap {
            range: *range,
            reason: GapReason::NoTrades,
            asked_count: 1,
            first_asked_at: Some(asked.asked_at),
            next_ask_at: None,
            evidence: Some(Evidence { answer: proof.clone(), ..asked.clone() }),
        }));
    }
    after.sort_by_key(|gap| gap.range);
    join_alike(after)
}

/// Everything in `window` that is not stored, ascending: noted gaps, and [`GapReason::NotFetched`]
/// where nothing was noted.
pub fn ledger(window: TimeRange, stored: &RangeSet, noted: &[Gap]) -> Vec<Gap> {
    let mut unknown = RangeSet::from(window).minus(stored);
    let mut gaps = Vec::new();
    for gap in noted {
        let open = RangeSet::from(gap.range.intersect(window)).minus(stored);
        gaps.extend(open.ranges().iter().map(|range| gap.over(*range)));
        unknown.remove(gap.range);
    }
    gaps.extend(unknown.ranges().iter().map(|range| Gap::unasked(*range, GapReason::NotFetched)));
    gaps.sort_by_key(|gap| gap.range);
    gaps
}

/// Joins neighbours that say the same, so that a halt of a thousand minutes is one line.
fn join_alike(gaps: Vec<Gap>) -> Vec<Gap> {
    let mut joined: Vec<Gap> = Vec::with_capacity(gaps.len());
    for gap in gaps {
        match joined.last_mut() {
            Some(last) if last.range.to == gap.range.from && last.over(gap.range) == gap => last.range.to = gap.range.to,
            _ => joined.push(gap),
        }
    }
    joined
}

#[cfg(test)]
mod tests {
    use super::*;

    fn range(from: i64, to: i64) -> TimeRange {
        TimeRange::new(Time::from_ms(from), Time::from_ms(to))
    }

    fn asked(at: i64) -> Evidence {
        Evidence { endpoint: "/klines".into(), asked_at: Time::from_ms(at), answer: "empty".into() }
    }

    fn lack(from: i64, to: i64) -> Missing {
        Missing { range: range(from, to), bad_row: None }
    }

    fn shape(gaps: &[Gap]) -> Vec<(i64, i64, GapReason, u32)> {
        gaps.iter().map(|gap| (gap.range.from.ms(), gap.range.to.ms(), gap.reason, gap.asked_count)).collect()
    }

    #[test]
    fn one_answer_is_not_evidence_and_two_are() {
        let once = observe(&[], &RangeSet::new(), &[lack(0, 10)], &asked(1), None);
        assert_eq!(shape(&once), [(0, 10, GapReason::Unconfirmed, 1)]);
        assert_eq!(once[0].next_ask_at, None);
        let held = RangeSet::from(range(0, 4));
        let twice = observe(&once, &held, &[lack(4, 10)], &asked(5), None);
        assert_eq!(shape(&twice), [(4, 10, GapReason::NoCandle, 2)]);
        assert_eq!(twice[0].first_asked_at, Some(Time::from_ms(1)));
        assert_eq!(twice[0].next_ask_at, Some(Time::from_ms(5 + HOUR_MS)), "asked again after an hour");
    }

    #[test]
    fn the_schedule_thins_out() {
        let mut gaps = observe(&[], &RangeSet::new(), &[lack(0, 10)], &asked(0), None);
        let (mut waits, mut now) = (Vec::new(), 1);
        for _ in 0..7 {
            gaps = observe(&gaps, &RangeSet::new(), &[lack(0, 10)], &asked(now), None);
            let due = gaps[0].next_ask_at.unwrap().ms();
            waits.push(due - now);
            now = due;
        }
        assert!(waits.windows(2).all(|pair| pair[0] <= pair[1]));
        assert_eq!((waits[0], waits[6]), (HOUR_MS, 30 * DAY_MS));
    }

    #[test]
    fn answers_before_their_time_are_no_witnesses() {
        let mut once = observe(&[], &RangeSet::new(), &[lack(0, 10)], &asked(0), None);
        once[0].next_ask_at = Some(Time::from_ms(2_000));
        assert_eq!(observe(&once, &RangeSet::new(), &[lack(0, 10)], &asked(1_999), None), once);
        let twice = observe(&once, &RangeSet::new(), &[lack(0, 10)], &asked(2_000), None);
        assert_eq!(shape(&twice), [(0, 10, GapReason::NoCandle, 2)]);
        let mut each_minute = twice.clone();
        for minute in 1..60 {
            each_minute = observe(&each_minute, &RangeSet::new(), &[lack(0, 10)], &asked(2_000 + minute * 60_000), None);
        }
        assert_eq!(each_minute, twice, "a heartbeat that passes by leaves the hour's wait alone");
    }

    #[test]
    fn a_clock_that_was_set_back_ends_a_wait() {
        let year = 365 * DAY_MS;
        let mut ahead = observe(&[], &RangeSet::new(), &[lack(0, 10)], &asked(year), None);
        ahead[0].next_ask_at = Some(Time::from_ms(year + 2_000));
        let now = Time::from_ms(1_000);
        assert!(!rests(false, ahead[0].next_ask_at, now) && rests(false, ahead[0].next_ask_at, Time::from_ms(year)));
        let explained = observe(&ahead, &RangeSet::new(), &[lack(0, 10)], &asked(1_000), None);
        assert_eq!(shape(&explained), [(0, 10, GapReason::NoCandle, 2)]);
        assert_eq!(explained[0].next_ask_at, Some(now.plus_ms(HOUR_MS)));
        let long = observe(&explained, &RangeSet::new(), &[lack(0, 10)], &asked(-year), None);
        assert_eq!((long[0].asked_count, long[0].next_ask_at), (3, Some(Time::from_ms(6 * HOUR_MS - year))));
    }

    #[test]
    fn mended_parts_leave_the_ledger() {
        let before = [Gap::unasked(range(0, 100), GapReason::RecorderOff)];
        let after = observe(&before, &RangeSet::from(range(20, 40)), &[lack(40, 50)], &asked(1), None);
        assert_eq!(
            shape(&after),
            [(0, 20, GapReason::RecorderOff, 0), (40, 50, GapReason::Unconfirmed, 1), (50, 100, GapReason::RecorderOff, 0)]
        );
    }

    #[test]
    fn a_halted_instrument_is_told_apart_from_an_outage() {
        let once = observe(&[], &RangeSet::new(), &[lack(0, 10), lack(50, 60)], &asked(1), Some(Time::from_ms(40)));
        let twice = observe(&once, &RangeSet::new(), &[lack(0, 10), lack(50, 60)], &asked(2), Some(Time::from_ms(40)));
        assert_eq!(shape(&twice), [(0, 10, GapReason::NoCandle, 2), (50, 60, GapReason::NotTrading, 2)]);
    }

    #[test]
    fn a_proof_of_silence_needs_no_second_witness() {
        let before = observe(&[], &RangeSet::new(), &[lack(0, 30)], &asked(1), None);
        let quiet = [(range(10, 20), "trades 7 and 8 enclose it".to_owned())];
        let after = quieten(before, &quiet, &asked(5));
        assert_eq!(
            shape(&after),
            [(0, 10, GapReason::Unconfirmed, 1), (10, 20, GapReason::NoTrades, 1), (20, 30, GapReason::Unconfirmed, 1)]
        );
        assert_eq!(after[1].evidence.as_ref().unwrap().answer, "trades 7 and 8 enclose it");
        assert_eq!(after[1].next_ask_at, None);
        assert_eq!(quieten(after.clone(), &quiet, &asked(9)), after, "the first proof stays");
        let lost = [Gap::unasked(range(0, 10), GapReason::Lost), after[1].clone()];
        assert_eq!(
            observe(&lost, &RangeSet::new(), &[lack(0, 20)], &asked(11), None),
            lost,
            "an answer without it says nothing new"
        );
        assert_eq!(shape(&observe(&lost, &RangeSet::from(range(4, 20)), &[], &asked(12), None)), [(0, 4, GapReason::Lost, 0)]);
    }
}
