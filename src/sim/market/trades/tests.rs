use super::super::super::generator::Character;
use super::super::super::markets::{OUTAGE, demo};
use super::super::super::noise::mix;
use super::*;
use crate::domain::candle::Candle;
use crate::domain::interval::Interval;
use std::ops::Range;

fn time(text: &str) -> Time {
    Time::parse(text, Time::EPOCH).unwrap()
}

fn find(base: &str) -> Market {
    demo(1).into_iter().find(|market| market.base == base).unwrap()
}

fn minute_at(at: Time) -> TimeRange {
    TimeRange::new(at, at.plus_ms(MINUTE_MS))
}

/// The candle that trades make.
fn fold(open_time: Time, trades: &[SimTrade]) -> Candle {
    let sum = |of: fn(&SimTrade) -> Decimal, all: bool| -> Decimal {
        trades.iter().filter(|trade| all || trade.taker_is_buyer).map(of).sum()
    };
    let prices = || trades.iter().map(|trade| trade.price);
    Candle {
        open_time,
        open: prices().next().unwrap(),
        high: prices().max().unwrap(),
        low: prices().min().unwrap(),
        close: prices().next_back().unwrap(),
        volume: sum(|trade| trade.size, true),
        quote_volume: Some(sum(|trade| trade.price * trade.size, true)),
        trade_count: Some(trades.len() as i64),
        taker_buy_volume: Some(sum(|trade| trade.size, false)),
        taker_buy_quote_volume: Some(sum(|trade| trade.price * trade.size, false)),
    }
}

#[test]
fn the_trades_of_a_minute_are_its_candle() {
    let days: Range<i64> = 19_500..20_400;
    let mut quiet = 0;
    for market in demo(3).into_iter().chain(demo(4)) {
        for draw in 0..40_i64 {
            let chance = mix(draw.cast_unsigned() ^ market.listed_at.ms().cast_unsigned());
            let minute = days.start * MINUTES_PER_DAY + (chance % (900 * 1_440)).cast_signed();
            let at = Time::from_ms(minute * MINUTE_MS);
            let trades = market.trades(minute_at(at));
            let Some(candle) = market.candle(Interval::M1, at) else {
                assert!(trades.is_empty());
                continue;
            };
            if candle.trade_count == Some(0) {
                assert!(trades.is_empty(), "a quiet minute");
                quiet += 1;
                continue;
            }
            assert_eq!(fold(at, &trades), candle, "{} {}", market.symbol(), at.iso());
            assert!(trades.is_sorted_by(|a, b| a.time_ns < b.time_ns && a.id + 1 == b.id));
            assert!(trades.iter().all(|trade| minute_at(at).contains(trade.time()) && trade.size > Decimal::ZERO));
        }
    }
    assert!(quiet > 20, "{quiet}");
}

#[test]
fn several_trades_share_a_millisecond() {
    let trades = find("BTC").trades(TimeRange::new(time("2025-03-05T14:00:00Z"), time("2025-03-05T14:10:00Z")));
    let shared = trades.windows(2).filter(|pair| pair[0].time() == pair[1].time()).count();
    assert!(trades.len() > 2_000 && shared > trades.len() / 4, "{shared} of {}", trades.len());
    assert!(trades.iter().any(|trade| trade.taker_is_buyer) && trades.iter().any(|trade| !trade.taker_is_buyer));
}

#[test]
fn ids_run_through_a_day_and_its_outage() {
    let market = find("OUT");
    let day = OUTAGE.from.floor_to(DAY_MS);
    let trades = market.trades(TimeRange::new(day, day.plus_ms(DAY_MS)));
    let first = (day.ms() / DAY_MS - market.listed_at().ms() / DAY_MS) * IDS_PER_DAY;
    assert_eq!(trades[0].id, first);
    assert!(trades.windows(2).all(|pair| pair[0].id + 1 == pair[1].id));
    assert!(trades.iter().all(|trade| !OUTAGE.contains(trade.time())));
    let next = market.trades(minute_at(day.plus_ms(DAY_MS)));
    assert_eq!(next[0].id, first + IDS_PER_DAY);
}

#[test]
fn pages_in_both_directions_meet() {
    for base in ["QUIET", "OUT"] {
        let market = find(base);
        let range = TimeRange::new(OUTAGE.from.plus_ms(-3 * MINUTE_MS), OUTAGE.to.plus_ms(9 * MINUTE_MS));
        let all = market.trades(range);
        assert!(all.len() > 20);
        let mut forward = Vec::new();
        let mut cursor = TradeCursor::Ns(all[0].time_ns);
        while forward.len() < all.len() {
            let page = market.trades_from(cursor, range.to, 7);
            cursor = TradeCursor::Id(page.last().unwrap().id + 1);
            forward.extend(page);
        }
        assert_eq!(forward, all);
        let mut backward: Vec<SimTrade> = Vec::new();
        let mut cursor = TradeCursor::Ns(i64::MAX);
        while backward.len() < all.len() {
            let mut page = market.trades_before(cursor, range.to, 7);
            cursor = TradeCursor::Id(page[0].id);
            page.append(&mut backward);
            backward = page;
        }
        assert_eq!(backward[backward.len() - all.len()..], all);
        let last = all.last().unwrap();
        let between_days = TradeCursor::Id(last.id.div_euclid(IDS_PER_DAY) * IDS_PER_DAY + IDS_PER_DAY - 1);
        let next_day = last.time().floor_to(DAY_MS).plus_ms(DAY_MS);
        assert!(market.trades_from(between_days, next_day.plus_ms(DAY_MS), 1)[0].time() >= next_day);
        assert_eq!(market.trades_from(TradeCursor::Id(i64::MAX), range.to, 1), []);
        assert_eq!(
            market.trades_from(TradeCursor::Id(0), range.to, 1)[0].id,
            market.trades_from(TradeCursor::Ns(0), range.to, 1)[0].id
        );
        assert_eq!(market.trades_before(TradeCursor::Ns(0), range.to, 1), []);
    }
}

#[test]
fn a_forming_candle_is_made_of_the_trades_so_far() {
    let market = find("ETH");
    let open = time("2025-03-05T12:34:00Z");
    for ms in [1, 700, 15_000, 31_234, 59_999] {
        let now = open.plus_ms(ms);
        let window = super::super::Window { start: Some(open), end: None, limit: 1 };
        let row = market.rows(super::super::KlineInterval::ALL[0], window, now)[0];
        let trades = market.trades(TimeRange::new(open, now));
        if trades.is_empty() {
            assert_eq!((row.volume, row.trades, row.high), (0, 0, row.low));
        } else {
            assert_eq!(row.candle(), Some(fold(open, &trades)), "{ms}");
        }
    }
}

#[test]
fn days_have_room_for_their_ids() {
    let busy = Character {
        price_decimals: 2,
        lot_decimals: 5,
        price_ticks: 6_400_000,
        volatility_ppm: 400,
        lots_per_minute: 900_000_000,
        lots_per_trade: 1,
        quiet_permille: 0,
    };
    let market = Market::generated(1, "BUSY", "USDT", Time::EPOCH, busy);
    let count = Tape::new(&market).unwrap().counts(20_000)[MINUTES_PER_DAY as usize];
    assert!((IDS_PER_DAY / 2..IDS_PER_DAY).contains(&count), "{count}");
}
