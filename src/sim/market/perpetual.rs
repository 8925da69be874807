//! Funding and open interest of a perpetual future.

use super::super::noise::{ONE_Q30, Octaves, exp_q40, hash};
use super::super::row::DECIMALS;
use super::super::venue::Venue;
use super::{Candles, KlineInterval, Market, Window};
use crate::domain::price::Decimal;
use crate::domain::range::TimeRange;
use crate::domain::time::{HOUR_MS, MINUTE_MS, Time};

/// One settlement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SimFunding {
    /// When it was settled. Binance is some milliseconds late, as ever.
    pub time: Time,
    /// Eight decimals; positive where longs pay.
    pub rate: Decimal,
    /// The mark price it was settled at.
    pub mark_price: Decimal,
}

/// Open interest at one moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SimOpenInterest {
    /// A multiple of five minutes.
    pub time: Time,
    /// In the base asset.
    pub amount: Decimal,
    /// In the quote asset.
    pub value: Decimal,
}

/// Between two values of open interest.
pub(in crate::sim) const OPEN_INTEREST_STEP_MS: i64 = 5 * MINUTE_MS;

impl Market {
    /// Every settlement whose time lies in `range`, oldest first, whatever the clock says. None where
    /// the market is no generated perpetual future.
    pub fn funding(&self, range: TimeRange) -> Vec<SimFunding> {
        let Some(step) = self.funding_step() else { return Vec::new() };
        let mut at = range.from.max(self.listed_at).floor_to(step);
        let mut settled = Vec::new();
        while at < range.to {
            let funding = self.funding_at(at);
            settled.extend(funding.filter(|funding| range.contains(funding.time) && at >= self.listed_at));
            at = at.plus_ms(step);
        }
        settled
    }

    /// Open interest of every five minutes in `range`, oldest first, whatever the clock says. None where
    /// the market is no generated perpetual future.
    pub fn open_interest(&self, range: TimeRange) -> Vec<SimOpenInterest> {
        let first = range.from.max(self.listed_at).plus_ms(OPEN_INTEREST_STEP_MS - 1).floor_to(OPEN_INTEREST_STEP_MS);
        let mut moments = Vec::new();
        let mut at = first;
        while at < range.to {
            let Some(moment) = self.open_interest_at(at) else { break };
            moments.push(moment);
            at = at.plus_ms(OPEN_INTEREST_STEP_MS);
        }
        moments
    }

    /// Milliseconds between settlements.
    pub(in crate::sim) fn funding_step(&self) -> Option<i64> {
        self.perpetual.map(|terms| terms.funding_hours.max(1) * HOUR_MS)
    }

    /// The settlement of a moment on the grid, past or to come.
    pub(in crate::sim) fn funding_at(&self, at: Time) -> Option<SimFunding> {
        let Candles::Generated { life, .. } = &self.candles else { return None };
        self.perpetual?;
        let minute = at.ms().div_euclid(MINUTE_MS);
        // Mostly a little above nothing, in waves of days.
        let wave = Octaves::new(life.trades ^ 0x00f0_4d16, ONE_Q30 / 512, 8, 14).at(minute);
        let rate = (6_000 + wave / 40_000).clamp(-300_000, 300_000);
        let late = if self.venue == Venue::BinanceUsdm { (hash(life.trades, minute) % 15).cast_signed() } else { 0 };
        Some(SimFunding {
            time: at.plus_ms(late),
            rate: Decimal::new(rate, DECIMALS),
            mark_price: self.price_at(at).unwrap_or_default(),
        })
    }

    /// Open interest since the last full five minutes.
    pub(in crate::sim) fn open_interest_at(&self, at: Time) -> Option<SimOpenInterest> {
        let Candles::Generated { life, character, .. } = &self.candles else { return None };
        self.perpetual?;
        let time = at.floor_to(OPEN_INTEREST_STEP_MS);
        let minute = time.ms().div_euclid(MINUTE_MS);
        let wave = exp_q40(Octaves::new(life.trades ^ 0x0001_a7e5, ONE_Q30 / 512, 2, 16).at(minute));
        let lots = (u128::from(character.lots_per_minute) * 400 * u128::from(wave)) >> 40;
        let amount = Decimal::new(i64::try_from(lots).unwrap_or(i64::MAX), self.lot_decimals);
        Some(SimOpenInterest { time, amount, value: amount * self.price_at(time).unwrap_or_default() })
    }

    /// The price at a moment: the last traded one before it.
    pub(in crate::sim) fn price_at(&self, at: Time) -> Option<Decimal> {
        let window = Window { start: None, end: Some(at.plus_ms(-1)), limit: 1 };
        let row = self.rows(KlineInterval::ALL[0], window, at).pop()?;
        Some(Decimal::new(row.close, DECIMALS))
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::markets::{okx, usdm};
    use super::*;

    fn time(text: &str) -> Time {
        Time::parse(text, Time::EPOCH).unwrap()
    }

    #[test]
    fn settlements_lie_on_the_grid() {
        let range = TimeRange::new(time("2025-03-01"), time("2025-03-11"));
        for (market, jitters) in usdm(1).into_iter().map(|market| (market, true)).chain(okx(1).into_iter().map(|m| (m, false))) {
            let settled = market.funding(range);
            let Some(step) = market.funding_step() else {
                assert!(settled.is_empty() && market.open_interest(range).is_empty());
                continue;
            };
            assert_eq!(settled.len() as i64, range.duration_ms() / step, "{}", market.native());
            assert!(settled.iter().all(|funding| funding.time.ms() % step < 15 && funding.rate.scale() == 8));
            assert_eq!(settled.iter().any(|funding| funding.time.ms() % step > 0), jitters);
            assert!(settled.iter().all(|funding| funding.mark_price > Decimal::ZERO && funding.rate.abs() <= Decimal::new(3, 3)));
            assert!(settled.windows(2).any(|pair| pair[0].rate != pair[1].rate));
            assert_eq!(market.funding(TimeRange::new(settled[3].time, settled[4].time)), settled[3..4]);
            let open = market.open_interest(TimeRange::new(range.from.plus_ms(1), range.from.plus_ms(HOUR_MS)));
            assert_eq!(open.len(), 11);
            assert!(open.iter().all(|moment| moment.amount > Decimal::ZERO && moment.value > Decimal::ZERO));
            assert!(open.windows(2).any(|pair| pair[0].amount != pair[1].amount));
            assert_eq!(market.open_interest_at(open[4].time.plus_ms(299_999)), Some(open[4]));
            let listed = market.listed_at();
            assert!(market.funding(TimeRange::new(Time::EPOCH, listed)).is_empty());
        }
    }
}
