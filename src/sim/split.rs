//! How a minute's volume is split over its four prices and two sides, in closed form: the candle is
//! summed from it at the cost of a few products, and the trades that make it up are drawn only where
//! somebody asks for them.

/// What traded at one price of a minute.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Part {
    /// The price.
    pub(super) ticks: u64,
    /// How many trades, the buys among them included.
    pub(super) trades: u64,
    /// Their size in all; no trade is smaller than a lot.
    pub(super) lots: u64,
    /// Trades in which the taker bought.
    pub(super) buys: u64,
    /// Size of those.
    pub(super) buy_lots: u64,
}

/// The parts of a minute that saw trade.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Split {
    pub(super) open: Part,
    pub(super) high: Part,
    pub(super) low: Part,
    pub(super) close: Part,
}

/// The prices of a minute in ticks.
#[derive(Debug, Clone, Copy)]
pub(super) struct Prices {
    pub(super) open: u64,
    pub(super) high: u64,
    pub(super) low: u64,
    pub(super) close: u64,
}

impl Prices {
    fn has_upper_wick(self) -> bool {
        self.high > self.open.max(self.close)
    }

    fn has_lower_wick(self) -> bool {
        self.low < self.open.min(self.close)
    }

    /// A trade at the close is needed besides the one at the open.
    fn leaves_the_open(self) -> bool {
        self.close != self.open || self.has_upper_wick() || self.has_lower_wick()
    }

    /// The fewest trades that reach all four.
    pub(super) fn fewest_trades(self) -> u64 {
        1 + u64::from(self.leaves_the_open()) + u64::from(self.has_upper_wick()) + u64::from(self.has_lower_wick())
    }
}

impl Split {
    /// Splits `trades` (at least [`Prices::fewest_trades`]) of `lots` in all (at least one a trade).
    /// `lean` of 1024 are bought by takers; `chance` gives the shares.
    pub(super) fn new(prices: Prices, trades: u64, lots: u64, lean: u64, chance: u64) -> Self {
        // Shares in 256ths; together below 256, so that the close always gets something.
        let shares = [32 + (chance & 63), 16 + (chance >> 8 & 31), 16 + (chance >> 16 & 31)];
        let free = trades - prices.fewest_trades();
        let extra = lots - trades;
        let needed = [1, u64::from(prices.has_upper_wick()), u64::from(prices.has_lower_wick())];
        let mut counts: [u64; 4] = [0; 4];
        let mut sizes: [u64; 4] = [0; 4];
        for at in 0..3 {
            counts[at] = needed[at] + ((free * shares[at]) >> 8);
            if counts[at] > 0 {
                sizes[at] = counts[at] + share(extra, shares[at], 8);
            }
        }
        counts[3] = trades - counts[0] - counts[1] - counts[2];
        // Only a single trade leaves none for the close.
        if counts[3] == 0 {
            sizes[0] = lots - sizes[1] - sizes[2];
        } else {
            sizes[3] = lots - sizes[0] - sizes[1] - sizes[2];
        }
        let part = |at: usize, ticks: u64| Part::new(ticks, counts[at], sizes[at], lean, chance >> (24 + 10 * at));
        Self { open: part(0, prices.open), high: part(1, prices.high), low: part(2, prices.low), close: part(3, prices.close) }
    }

    pub(super) fn parts(&self) -> [Part; 4] {
        [self.open, self.high, self.low, self.close]
    }
}

impl Part {
    fn new(ticks: u64, trades: u64, lots: u64, lean: u64, chance: u64) -> Self {
        let (buys, buy_lots) = match trades {
            // One trade has one side.
            1 if chance & 1023 < lean => (1, lots),
            0 | 1 => (0, 0),
            _ => {
                let buys = ((trades * lean) >> 10).clamp(1, trades - 1);
                (buys, buys + share(lots - trades, lean, 10))
            }
        };
        Self { ticks, trades, lots, buys, buy_lots }
    }
}

/// `whole * part >> bits` without overflow; not more than `whole` where `part` is below `1 << bits`.
fn share(whole: u64, part: u64, bits: u32) -> u64 {
    ((u128::from(whole) * u128::from(part)) >> bits) as u64
}
