//! What a fresh instrument list changes for what is recorded, in lines for the log. Pure.
//!
//! A market is known by the exchange's own spelling; its data stay with it whatever else of it changes.

use crate::domain::instrument::{Contract, Instrument, InstrumentKind};
use crate::domain::price::trimmed;
use std::collections::HashMap;

/// A line for each change of a market that both lists name, with the market's own spelling.
pub(super) fn changes(known: &[Instrument], list: &[Instrument]) -> Vec<(String, String)> {
    let known: HashMap<&str, &Instrument> = known.iter().map(|one| (one.native.as_str(), one)).collect();
    let mut told = Vec::new();
    for now in list {
        let Some(before) = known.get(now.native.as_str()) else { continue };
        if before.symbol != now.symbol {
            told.push((now.native.clone(), format!("{} is now called {}; its data stay with it", before.symbol, now.symbol)));
        }
        if let (Some(old), Some(new)) = (contract(before), contract(now))
            && old != new
        {
            let line = format!(
                "a contract of {} stands for {} now, for {} before: volumes before and after are not alike",
                now.symbol,
                amount(new, now),
                amount(old, before)
            );
            told.push((now.native.clone(), line));
        }
    }
    told
}

fn contract(instrument: &Instrument) -> Option<Contract> {
    match instrument.kind {
        InstrumentKind::Perpetual { contract, .. } => Some(contract),
        InstrumentKind::Spot => None,
    }
}

/// `0.01 BTC`.
fn amount(contract: Contract, instrument: &Instrument) -> String {
    let asset = match contract {
        Contract::Base(_) => &instrument.base,
        Contract::Quote(_) => &instrument.quote,
    };
    format!("{} {asset}", trimmed(contract.size()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::instrument::Symbol;
    use crate::domain::instrument::tests::instrument;
    use crate::domain::price::Decimal;

    fn swap(contract: Contract) -> Instrument {
        Instrument { kind: InstrumentKind::Perpetual { settle: "USDT".into(), contract }, ..instrument() }
    }

    #[test]
    fn names_and_contracts() {
        let check = |before: &Instrument, now: &Instrument, expected: &[&str]| {
            let told = changes(std::slice::from_ref(before), std::slice::from_ref(now));
            assert!(told.iter().all(|(native, _)| *native == now.native));
            assert_eq!(told.iter().map(|(_, line)| line.as_str()).collect::<Vec<_>>(), expected);
        };
        let renamed = Instrument { symbol: Symbol::spot("XBT", "USDT"), ..instrument() };
        check(&instrument(), &instrument(), &[]);
        check(&instrument(), &renamed, &["BTC/USDT is now called XBT/USDT; its data stay with it"]);
        let (cent, tenth) = (Contract::Base(Decimal::new(1, 2)), Contract::Base(Decimal::new(10, 2)));
        check(&swap(tenth), &swap(Contract::Base(Decimal::new(1, 1))), &[]);
        let told = "a contract of BTC/USDT stands for 0.1 BTC now, for 0.01 BTC before: volumes before and after are not alike";
        check(&swap(cent), &swap(tenth), &[told]);
        let told = "a contract of BTC/USDT stands for 100 USDT now, for 0.01 BTC before: volumes before and after are not alike";
        check(&swap(cent), &swap(Contract::Quote(Decimal::ONE_HUNDRED)), &[told]);
        let other = Instrument { native: "ETHUSDT".into(), ..renamed };
        check(&instrument(), &other, &[]);
    }
}
