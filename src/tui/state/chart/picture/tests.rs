use super::super::study::Studies;
use super::*;
use crate::domain::candle::tests::candle;
use crate::domain::price::{Decimal, from_mantissa, trimmed};
use crate::domain::time::MINUTE_MS;
use proptest::prelude::*;

fn data(interval: Interval, candles: Vec<Candle>, minutes: i64) -> ChartData {
    let end = |last: &Candle| last.open_time.plus_ms(MINUTE_MS);
    let bounds = candles.first().zip(candles.last()).map(|(first, last)| TimeRange::new(first.open_time, end(last)));
    let range = TimeRange::new(Time::EPOCH, Time::from_ms(minutes * MINUTE_MS));
    ChartData { series: SeriesId(1), interval, range, candles, gaps: Vec::new(), bounds }
}

fn look(per_column: i64, kind: Kind) -> Look {
    Look { per_column, kind, studies: Studies::default() }
}

type Shown = (i64, [String; 5]);

fn shown(picture: &Picture) -> Vec<Shown> {
    let of = |bar: &Bar| {
        let candle = bar.candle;
        (candle.open_time.ms() / MINUTE_MS, [candle.open, candle.high, candle.low, candle.close, candle.volume].map(trimmed))
    };
    picture.bars(picture.data.range).iter().map(of).collect()
}

fn texts(minute: i64, values: [&str; 5]) -> Shown {
    (minute, values.map(ToOwned::to_owned))
}

fn three() -> Vec<Candle> {
    vec![
        candle(MINUTE_MS, ["2", "3", "1.5", "2.5", "0.1"]),
        candle(2 * MINUTE_MS, ["2.5", "4", "2", "3", "0.2"]),
        candle(3 * MINUTE_MS, ["3", "3", "1", "1", "0.4"]),
    ]
}

#[test]
fn columns_are_exact_folds() {
    let mut picture = Picture::new(data(Interval::M1, three(), 10));
    picture.prepare(look(1, Kind::Candles), &[]);
    assert_eq!(shown(&picture).len(), 3);
    picture.prepare(look(3, Kind::Candles), &[]);
    assert_eq!(shown(&picture), [texts(0, ["2", "4", "1.5", "3", "0.3"]), texts(3, ["3", "3", "1", "1", "0.4"])]);
}

#[test]
fn what_forms_is_joined_once() {
    let mut picture = Picture::new(data(Interval::M1, three(), 10));
    let live = [candle(3 * MINUTE_MS, ["3", "9", "1", "1", "0.3"]), candle(4 * MINUTE_MS, ["1", "5", "1", "4", "1"])];
    picture.prepare(look(3, Kind::Candles), &live);
    let expected = [texts(0, ["2", "4", "1.5", "3", "0.3"]), texts(3, ["3", "5", "1", "4", "1.4"])];
    assert_eq!(shown(&picture), expected, "the minute that is stored already is not counted twice");
    picture.prepare(look(3, Kind::HeikinAshi), &live);
    assert_eq!(shown(&picture), expected, "nor is it after another fold");
    assert!(picture.bars.last().is_some_and(|bar| bar.forming));
    picture.prepare(look(3, Kind::Candles), &[]);
    assert!(picture.bars.iter().all(|bar| !bar.forming));
}

#[test]
fn a_wide_candle_takes_in_the_minute_that_forms() {
    let stored = vec![candle(0, ["2", "3", "1.5", "2.5", "0.1"])];
    let mut picture = Picture::new(ChartData {
        // Three of its minutes are stored.
        bounds: Some(TimeRange::new(Time::EPOCH, Time::from_ms(3 * MINUTE_MS))),
        ..data(Interval::M5, stored, 10)
    });
    let live = [candle(3 * MINUTE_MS, ["2.5", "4", "1", "1", "0.2"])];
    let studies = {
        let mut studies = Studies::default();
        studies.toggle(Study::Vwap);
        studies
    };
    for _ in 0..2 {
        picture.prepare(Look { studies, ..look(1, Kind::Candles) }, &live);
        assert_eq!(shown(&picture), [texts(0, ["2", "4", "1", "1", "0.3"])]);
        assert_eq!(picture.floats.len(), 1);
        assert!((picture.floats[0].volume - 0.3).abs() < 1e-12);
        picture.prepare(look(2, Kind::Line), &live);
    }
}

#[test]
fn what_formed_and_was_lost_is_a_gap() {
    let live = [candle(4 * MINUTE_MS, ["1", "5", "1", "4", "1"])];
    let check = |reason: GapReason, expected: usize| {
        let lost = TimeRange::new(Time::from_ms(4 * MINUTE_MS), Time::from_ms(6 * MINUTE_MS));
        let mut picture = Picture::new(ChartData { gaps: vec![Gap::unasked(lost, reason)], ..data(Interval::M1, three(), 10) });
        picture.prepare(look(1, Kind::Candles), &live);
        assert_eq!(shown(&picture).len(), expected, "{reason:?}");
    };
    check(GapReason::NotFetched, 4);
    check(GapReason::FetchFailed, 3);
    check(GapReason::NoCandle, 3);
}

#[test]
fn steps_of_weeks_open_on_mondays() {
    let monday = Time::from_ms(1_499_040_000_000);
    assert_eq!(floor(Interval::W1, 1, monday.plus_ms(5)), monday);
    assert_eq!(ceil(Interval::W1, 1, monday), monday);
    assert!(Interval::W1.is_aligned(floor(Interval::W1, 3, monday)));
}

/// Minutes with any holes between them.
fn candles() -> impl Strategy<Value = Vec<Candle>> {
    let one = (1_i64..4, 1_i64..1_000, 1_i64..1_000, 0_i64..500, 0_i64..500, 0_i64..100_000);
    prop::collection::vec(one, 0..200).prop_map(|rows| {
        let mut minute = 0;
        let candle = |(step, open, close, up, down, volume): (i64, i64, i64, i64, i64, i64)| {
            minute += step;
            let price = |mantissa: i64| from_mantissa(mantissa.max(1), 2);
            Candle {
                open_time: Time::from_ms(minute * MINUTE_MS),
                open: price(open),
                high: price(open.max(close) + up),
                low: price(open.min(close) - down),
                close: price(close),
                volume: from_mantissa(volume, 3),
                quote_volume: None,
                trade_count: Some(volume),
                taker_buy_volume: None,
                taker_buy_quote_volume: None,
            }
        };
        rows.into_iter().map(candle).collect()
    })
}

/// The candles of one column, each value looked up by itself.
fn oracle(candles: &[Candle], from: i64, per_column: i64) -> Option<Shown> {
    let inside: Vec<&Candle> =
        candles.iter().filter(|candle| (from..from + per_column).contains(&(candle.open_time.ms() / MINUTE_MS))).collect();
    let (first, last) = (inside.first()?, inside.last()?);
    let high = inside.iter().map(|candle| candle.high).fold(Decimal::ZERO, Decimal::max);
    let low = inside.iter().map(|candle| candle.low).fold(high, Decimal::min);
    let volume = inside.iter().fold(Decimal::ZERO, |sum, candle| sum + candle.volume);
    Some((from, [first.open, high, low, last.close, volume].map(trimmed)))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn every_zoom_step_is_exact(candles in candles(), live in 0_usize..3) {
        let minutes = candles.last().map_or(1, |last| last.open_time.ms() / MINUTE_MS + 1);
        let (stored, live) = candles.split_at(candles.len().saturating_sub(live));
        let mut picture = Picture::new(data(Interval::M1, stored.to_vec(), minutes));
        for (_, per_column) in super::super::ZOOM {
            picture.prepare(look(per_column, Kind::Candles), live);
            let expected: Vec<Shown> =
                (0..minutes).step_by(per_column as usize).filter_map(|from| oracle(&candles, from, per_column)).collect();
            prop_assert_eq!(shown(&picture), expected);
        }
    }
}
