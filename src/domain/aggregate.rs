//! Folding candles into wider ones, exactly.

use super::candle::Candle;
use super::interval::Interval;
use super::price::{Decimal, exact_add};
use super::time::Time;

/// A wider candle and how many base candles went into it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Folded {
    /// First open, highest high, lowest low, last close, summed volumes.
    pub candle: Candle,
    /// Base candles inside; fewer than the width holds where minutes are missing.
    pub parts: i64,
}

/// Sums that 96 bits do not hold exactly.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("volumes in the candle of {} are too large to add exactly", .0.iso())]
pub struct FoldError(pub Time);

/// Puts ascending candles together into candles of `width`, fed one by one.
#[derive(Debug)]
pub struct Folder {
    width: Interval,
    current: Option<Folded>,
}

impl Folder {
    /// For candles of this width.
    pub const fn new(width: Interval) -> Self {
        Self { width, current: None }
    }

    /// Adds base candles that `next` stands for; returns the wider candle that this one ends, if any.
    pub fn push(&mut self, next: &Candle, parts: i64) -> Result<Option<Folded>, FoldError> {
        let open_time = self.width.floor(next.open_time);
        match &mut self.current {
            Some(folded) if folded.candle.open_time == open_time => {
                join(&mut folded.candle, next)?;
                folded.parts += parts;
                Ok(None)
            }
            current => Ok(current.replace(Folded { candle: Candle { open_time, ..*next }, parts })),
        }
    }

    /// The last, perhaps partial, candle.
    pub fn finish(self) -> Option<Folded> {
        self.current
    }
}

/// Folds a whole slice of ascending candles.
pub fn fold_all(width: Interval, candles: &[Candle]) -> Result<Vec<Folded>, FoldError> {
    let mut folder = Folder::new(width);
    let mut wide = Vec::new();
    for candle in candles {
        wide.extend(folder.push(candle, 1)?);
    }
    wide.extend(folder.finish());
    Ok(wide)
}

/// Joins `next` onto the end of `into`.
pub fn join(into: &mut Candle, next: &Candle) -> Result<(), FoldError> {
    let fail = FoldError(into.open_time);
    into.high = into.high.max(next.high);
    into.low = into.low.min(next.low);
    into.close = next.close;
    into.volume = exact_add(into.volume, next.volume).ok_or(fail)?;
    into.quote_volume = worth(into.quote_volume, next.quote_volume);
    into.trade_count = into.trade_count.zip(next.trade_count).and_then(|(a, b)| a.checked_add(b));
    into.taker_buy_volume =
        into.taker_buy_volume.zip(next.taker_buy_volume).map(|(a, b)| exact_add(a, b).ok_or(fail)).transpose()?;
    into.taker_buy_quote_volume = worth(into.taker_buy_quote_volume, next.taker_buy_quote_volume);
    Ok(())
}

/// The sum of two amounts of the quote asset, where both are known. One with very many decimals and a very
/// large one may have no exact sum: then it is not told.
fn worth(a: Option<Decimal>, b: Option<Decimal>) -> Option<Decimal> {
    exact_add(a?, b?)
}

#[cfg(test)]
mod tests {
    use super::super::candle::tests::candle;
    use super::super::price::trimmed;
    use super::*;

    #[test]
    fn folds_with_a_hole() {
        let minutes = [
            candle(0, ["1", "4", "1", "2", "1.5"]),
            candle(60_000, ["2", "3", "0.5", "2.5", "0.25"]),
            candle(240_000, ["2.5", "2.6", "2.4", "2.6", "1"]),
            candle(300_000, ["9", "9", "9", "9", "0"]),
        ];
        let wide = fold_all(Interval::M5, &minutes).unwrap();
        assert_eq!(wide.len(), 2);
        assert_eq!((wide[0].parts, wide[1].parts), (3, 1));
        let first = wide[0].candle;
        assert_eq!([first.open, first.high, first.low, first.close, first.volume].map(trimmed), ["1", "4", "0.5", "2.6", "2.75"]);
        assert_eq!(wide[1].candle.open_time.ms(), 300_000);
    }

    #[test]
    fn an_amount_without_an_exact_sum_is_not_told() {
        let of = |ms: i64, text: &str| {
            let quote_volume = Some(crate::domain::price::parse_decimal(text).unwrap());
            Candle { quote_volume, ..candle(ms, ["1", "1", "1", "1", "1"]) }
        };
        let told = |second: &str| {
            let wide = fold_all(Interval::M5, &[of(0, "70000000000000"), of(60_000, second)]).unwrap();
            (wide[0].candle.quote_volume.map(trimmed), trimmed(wide[0].candle.volume))
        };
        assert_eq!(told("0.12345678901"), (Some("70000000000000.12345678901".into()), "2".into()));
        assert_eq!(told("0.123456789012345678"), (None, "2".into()));
    }

    #[test]
    fn refuses_a_sum_it_cannot_hold() {
        let huge = "79228162514264337593543950335";
        let minutes = [candle(0, ["1", "1", "1", "1", huge]), candle(60_000, ["1", "1", "1", "1", "0.1"])];
        assert_eq!(fold_all(Interval::M5, &minutes), Err(FoldError(Time::EPOCH)));
    }
}
